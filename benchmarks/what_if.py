"""Time what-ifs over every single link and 100 pairs against a search for each.

The network is artificial: sites in the plane, joined to neighbours, two links for each site, one
in ten with a stop on the way and so of two legs; three of four links are usable. Each link in turn
is changed, closed if usable and opened if not, and every pair is measured anew.

The naive peer asks networkx for the length of the shortest path, once for each link and pair. The
nearer limit is ``scipy.sparse.csgraph.dijkstra``, once for each link, from all ends of pairs at
once. Where a peer would take hours it does a part, spread evenly over the links, and its time is
scaled; the values of that part must equal ours. As a floor, which no method that gives all answers
can beat, stands one search by scipy from each end on the network as it is.
"""

import argparse
from collections.abc import Callable
from itertools import pairwise
from time import perf_counter
from typing import Any

import networkx as nx
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import Delaunay
from timing import RUNS, heads, row, timed

from normlib import distances
from normlib.distances import Legs

SEED = 20250912
SIZES = (100, 1_000, 10_000)
PAIRS = 100
BUDGET = 40.0
"""Seconds that a peer may take; it does as many links as it can in them."""


# The artificial network


def artificial(links: int) -> tuple[Legs, np.ndarray, np.ndarray]:
    """Return legs, which links are usable, and the pairs of sites."""
    rng = np.random.default_rng(SEED)
    sites = links // 2
    place = rng.random((sites, 2)) * 1000
    corners = Delaunay(place).simplices
    ends = np.unique(np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]]])), axis=0)
    chosen = rng.permutation(ends)[:links]
    chosen = np.concatenate([chosen, chosen[: links - len(chosen)]])  # a few parallel ones
    legs = []
    for link, (start, end) in enumerate(chosen.tolist()):
        onward = chosen[(chosen[:, 0] == end), 1] if rng.random() < 0.1 else []
        way = [start, end, *onward[:1]]
        legs += [(a, b, link) for a, b in pairwise(way)]
    a, b, of = (np.array(column) for column in zip(*legs, strict=True))
    km = np.hypot(*(place[a] - place[b]).T) * rng.uniform(1, 1.5, len(a))
    pairs = np.array([rng.choice(sites, 2, replace=False) for _ in range(PAIRS)])
    return Legs(sites, links, a, b, km, of), rng.random(links) < 0.75, pairs


# The peers, for some links


def by_networkx(legs: Legs, usable: np.ndarray, pairs: np.ndarray, link: int) -> list[float]:
    """Change one link of a graph and search once for each pair."""
    graph: Any = nx.MultiGraph()
    graph.add_nodes_from(range(legs.sites))
    for leg in legs.there(usable ^ (np.arange(legs.links) == link)).tolist():
        graph.add_edge(int(legs.a[leg]), int(legs.b[leg]), km=float(legs.km[leg]))
    found = []
    for start, end in pairs.tolist():
        try:
            found.append(nx.dijkstra_path_length(graph, start, end, weight="km"))
        except nx.NetworkXNoPath:
            found.append(np.inf)
    return found


def by_scipy(legs: Legs, usable: np.ndarray, pairs: np.ndarray, link: int) -> np.ndarray:
    """Change one link of a matrix and search once from each first end of a pair."""
    graph = matrix(legs, legs.there(usable ^ (np.arange(legs.links) == link)))
    starts, at = np.unique(pairs[:, 0], return_inverse=True)
    return dijkstra(graph, directed=False, indices=starts)[at, pairs[:, 1]]


def matrix(legs: Legs, there: np.ndarray) -> Any:
    """Return the shortest leg between any two neighbours as a sparse matrix."""
    order = there[np.argsort(-legs.km[there])]
    ends = np.sort([legs.a[order], legs.b[order]], axis=0)
    key = ends[0] * legs.sites + ends[1]
    last = len(key) - 1 - np.unique(key[::-1], return_index=True)[1]
    shape = (legs.sites, legs.sites)
    return coo_array((legs.km[order][last], (ends[0][last], ends[1][last])), shape).tocsr()


# Measuring


def scaled(peer: Callable[[int], Any], links: int, expected: np.ndarray) -> tuple[float, int]:
    """Run a peer over links spread evenly until its budget is spent; return seconds for all."""
    order = np.random.default_rng(SEED).permutation(links)
    begin, done = perf_counter(), 0
    for link in order.tolist():
        np.testing.assert_allclose(expected[link], peer(link))
        done += 1
        if perf_counter() - begin > BUDGET and done > 2:
            break
    return (perf_counter() - begin) / done * links, done


def main() -> None:
    """Measure each size and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--links", type=int, nargs="+", default=SIZES)
    heads("links", "ours s", "networkx s", "times", "scipy s", "times", "floor s", "of floor")
    for links in parser.parse_args().links:
        measure(links)


def measure(links: int) -> None:
    """Measure one size and print its line."""
    legs, usable, pairs = artificial(links)
    ours, found = timed(lambda: distances.changed_alone(legs, usable, pairs), RUNS)
    naive, some = scaled(lambda link: by_networkx(legs, usable, pairs, link), links, found)
    limit, more = scaled(lambda link: by_scipy(legs, usable, pairs, link), links, found)
    ends, graph = np.unique(pairs), matrix(legs, legs.there(usable))
    floor, _ = timed(
        lambda: dijkstra(graph, directed=False, indices=ends, return_predecessors=True), RUNS
    )
    cells = (ours, naive, naive / ours, limit, limit / ours, floor, ours / floor)
    row(links, *cells, digits=3)
    if some < links:
        print(f"{'':>10}  networkx did {some}, scipy {more} of the links; scaled to all")


if __name__ == "__main__":
    main()
