"""What the benchmarks share: to time a call, and to print what it took."""

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

RUNS = 5


def timed(
    call: Callable[[], Any], runs: int = 1, clock: Callable[[], float] = perf_counter
) -> tuple[float, Any]:
    """Return the median time of some runs in seconds, and what the last one gave."""
    took, result = [], None
    for _ in range(runs):
        result = None  # nothing of the last run is kept, or let go on the clock
        begun = clock()
        result = call()
        took.append(clock() - begun)
    return median(took), result


def seconds(call: Callable[[], Any]) -> float:
    """Return the median wall time of a call, after one that is not counted."""
    call()
    return timed(call, RUNS)[0]


def tell(name: str, value: float, form: str = ",", after: str = "") -> None:
    """Print a line: a name, a number, and what comes after it."""
    print(f"{name:<28}{value:>12{form}}{after}")


def heads(*names: str) -> None:
    """Print the heads of a table's columns."""
    print("  ".join(f"{name:>10}" for name in names))


def row(size: int, *cells: float, digits: int) -> None:
    """Print a row of a table: how much there was, and what was measured."""
    print("  ".join([f"{size:>10,}", *(f"{cell:>10,.{digits}f}" for cell in cells)]))
