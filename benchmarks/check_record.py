"""Time the check of the whole record against frictionless on the same package."""

from statistics import median
from time import perf_counter
from typing import Any

from frictionless import Package

import normlib
from normlib.package import DESCRIPTOR, data_folder

RUNS = 5
RECORD = data_folder() / "turkiye-armenia"


def seconds(call: Any) -> float:
    """Return the median wall time of a call, after one that is not counted."""
    call()
    times = []
    for _ in range(RUNS):
        begun = perf_counter()
        call()
        times.append(perf_counter() - begun)
    return median(times)


def main() -> None:
    """Print both times, the rows, and the ratio."""
    rows = sum(len(frame) for frame in normlib.load(RECORD).tables.values())
    ours = seconds(lambda: normlib.check(RECORD))
    theirs = seconds(lambda: Package(str(RECORD / DESCRIPTOR)).validate())
    print(f"{'rows':<28}{rows:>10,}")
    print(f"{'normlib check':<28}{ours:>10.3f} s   {1000 * ours / rows:.3f} s per 1,000 rows")
    print(f"{'frictionless validate':<28}{theirs:>10.3f} s")
    print(f"{'ratio':<28}{ours / theirs:>10.2f}")


if __name__ == "__main__":
    main()
