"""Time the projection of many events against the loop over pairs and against a sparse product.

An event has two to four of 5,000 actors; its rows come in any order, as codes. All three give the
weight of every tie; the loop and ours also the number of its events, which would cost the sparse
matrices a second product. The limit is the bare product BᵀB of matrices that are already there,
whose result is not yet a list of ties. All are held to equal values.

The last column is ``actors.projection``, frame in, frame out: most of its time goes into the codes
of the ids.
"""

import argparse
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array, csr_array, triu
from timing import heads, row, timed

from normlib import actors
from normlib.projection import Ties, project

SEED = 20250912
SIZES = (1_000, 10_000, 100_000, 1_000_000)
ACTORS = 5_000
RUNS = 7


def artificial(events: int) -> tuple[np.ndarray, np.ndarray]:
    """Return event and actor of each participation, in random order."""
    rng = np.random.default_rng(SEED)
    size = rng.integers(2, 5, events)
    # of four different actors for each event, the first few
    chosen = rng.integers(0, ACTORS - 3, (events, 4))
    chosen = np.sort(chosen, axis=1) + np.arange(4)
    chosen = rng.permuted(chosen, axis=1)
    there = np.arange(4) < size[:, None]
    event, place = np.nonzero(there)
    order = rng.permutation(len(event))
    return event[order], chosen[event, place][order]


def by_loop(event: list[int], actor: list[int]) -> tuple[dict[Any, float], dict[Any, int]]:
    """Add up event by event and pair by pair, as the definition reads."""
    there: dict[int, list[int]] = {}
    for at, who in zip(event, actor, strict=True):
        there.setdefault(at, []).append(who)
    weights: dict[Any, float] = {}
    counts: dict[Any, int] = {}
    for names in there.values():
        for pair in combinations(sorted(names), 2):
            weights[pair] = weights.get(pair, 0.0) + 1 / (len(names) - 1)
            counts[pair] = counts.get(pair, 0) + 1
    return weights, counts


def by_scipy(event: np.ndarray, actor: np.ndarray) -> Any:
    """Multiply the matrix of events and actors by itself, weighted, and keep each pair once."""
    there = matrix(event, actor)
    size = np.diff(there.indptr)
    weighted = there.copy()
    weighted.data /= np.repeat(size - 1, size)
    return triu(there.T @ weighted, k=1, format="csr")


def matrix(event: np.ndarray, actor: np.ndarray) -> Any:
    """Return events by actors, 1 where one took part."""
    return csr_array((np.ones(len(event)), (event, actor)), (event.max() + 1, ACTORS))


def hold_equal(ties: Ties, loop: tuple[dict[Any, float], dict[Any, int]], product: Any) -> None:
    """Refuse to compare times of what is not the same."""
    pairs = list(zip(ties.a.tolist(), ties.b.tolist(), strict=True))
    assert len(pairs) == len(loop[0]) == product.nnz
    np.testing.assert_allclose(ties.weight, [loop[0][pair] for pair in pairs])
    assert ties.events.tolist() == [loop[1][pair] for pair in pairs]
    ours = coo_array((ties.weight, (ties.a, ties.b)), product.shape).tocsr()
    assert abs(ours - product).max() < 1e-9


def measure(events: int) -> None:
    """Measure one size and print its line."""
    event, actor = artificial(events)
    rows = event.tolist(), actor.tolist()
    there = matrix(event, actor)
    ours, ties = timed(lambda: project(event, actor), RUNS)
    loop, by_hand = timed(lambda: by_loop(*rows), 1 if events > 100_000 else 3)
    sparse, product = timed(lambda: by_scipy(event, actor), RUNS)
    bare, _ = timed(lambda: there.T @ there, RUNS)
    hold_equal(ties, by_hand, product)
    del by_hand, product, ties
    ids = {"event_id": pd.Series(event).map("e{:07}".format)}
    ids["actor_id"] = pd.Series(actor).map("a{:04}".format)
    frame, _ = timed(lambda: actors.projection(pd.DataFrame(ids)), 3)
    cells = (1000 * ours, 1000 * loop, loop / ours, 1000 * sparse, ours / sparse, 1000 * bare)
    row(events, *cells, ours / bare, 1000 * frame, digits=2)


def main() -> None:
    """Measure each size and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=SIZES)
    names = ("events", "ours ms", "loop ms", "times", "scipy ms", "of scipy", "BᵀB ms", "of BᵀB")
    heads(*names, "frames ms")
    for events in parser.parse_args().events:
        measure(events)


if __name__ == "__main__":
    main()
