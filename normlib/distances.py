"""Shortest distances over legs of links, and how they change when single links come or go.

Sites, links and pairs are numbers here, and everything is an array, so that every link can be
tried for many pairs at once: one search from each end of a pair answers for all links.

* A link that opens can only be used by going to one of its sites, along it, and on from another:
  the distances from the ends to those sites are enough.
* A link that closes matters only to pairs whose way it lies on. Of a way's detours round one leg,
  each crosses over once from what hangs before the leg to what hangs behind it (Malik, Mittal and
  Gupta 1989, doi 10.1016/0167-6377(89)90065-5), so all legs of a way are answered together. A link
  of several legs is left out and searched anew, from the ends that it matters to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from typing import Any, TypeAlias

import numpy as np

Floats: TypeAlias = np.ndarray[Any, np.dtype[np.float64]]
Ints: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]
Bools: TypeAlias = np.ndarray[Any, np.dtype[np.bool_]]

ALWAYS = -1
"""The link of a leg that is always there, such as a transfer."""


@dataclass(frozen=True, eq=False)
class Legs:
    """Legs of links between numbered sites, passable both ways.

    Attributes
    ----------
    sites, links : how many there are.
    a, b : the sites that each leg joins.
    km : its length, not negative.
    link : the link that it is a part of, or ``ALWAYS``.
    """

    sites: int
    links: int
    a: Ints
    b: Ints
    km: Floats
    link: Ints

    @cached_property
    def of_link(self) -> tuple[Ints, ...]:
        """The legs of each link."""
        order = np.argsort(self.link, kind="stable")
        bounds = np.searchsorted(self.link[order], np.arange(self.links + 1))
        return tuple(order[start:end] for start, end in pairwise(bounds))

    def there(self, usable: Bools) -> Ints:
        """Return the legs that can be used when some links can."""
        return np.flatnonzero((self.link == ALWAYS) | usable[self.link])


def shortest(legs: Legs, usable: Bools, pairs: Ints) -> Floats:
    """Return the shortest distance of each pair of sites in kilometres; infinity without a way.

    Parameters
    ----------
    usable : whether each link can be used.
    pairs : sites, two columns.
    """
    starts, at = np.unique(pairs[:, 0], return_inverse=True)
    found = _search(legs, legs.there(usable), starts)
    return np.asarray(found[at, pairs[:, 1]])


def changed_alone(legs: Legs, usable: Bools, pairs: Ints) -> Floats:
    """Return the distances with one link at a time changed: closed if usable, else opened.

    Returns
    -------
    Kilometres, one row for each link and one column for each pair; infinity without a way.
    """
    there = legs.there(usable)
    ends = np.unique(pairs)
    km, before = _trees(legs, there, ends)
    first, last = np.searchsorted(ends, pairs.T)
    found = np.tile(km[first, pairs[:, 1]], (legs.links, 1))
    _open_each(legs, usable, km, (first, last), found)
    _close_each(legs, usable, there, (km, before), (ends, pairs), found)
    return found


def opened_together(
    legs: Legs, usable: Bools, pairs: Ints, sets: Sequence[Sequence[int]]
) -> Floats:
    """Return the distances with each of some sets of links opened, one row for each set."""
    added = [np.concatenate([legs.of_link[link] for link in links]) for links in sets]
    named = np.unique(np.concatenate([[0], *(legs.a[part] for part in added)]))
    named = np.union1d(named, np.concatenate([[0], *(legs.b[part] for part in added)])).astype(int)
    ends = np.union1d(named, pairs)
    km = _search(legs, legs.there(usable), ends)
    first, last = np.searchsorted(ends, pairs.T)
    as_is = km[first, pairs[:, 1]]
    found = np.empty((len(sets), len(pairs)))
    for row, part in enumerate(added):
        sites = np.union1d(legs.a[part], legs.b[part])
        known = km[np.searchsorted(ends, sites)[:, None], sites]
        found[row] = np.minimum(as_is, _by_way_of(legs, part, sites, known, km, (first, last)))
    return found


# Opening


def _open_each(
    legs: Legs, usable: Bools, km: Floats, rows: tuple[Ints, Ints], found: Floats
) -> None:
    counts = np.array([len(part) for part in legs.of_link])
    single = np.flatnonzero(~usable & (counts == 1))
    if len(single):
        leg = np.array([legs.of_link[link][0] for link in single])
        a, b, length = legs.a[leg], legs.b[leg], legs.km[leg][:, None]
        for one, other in ((a, b), (b, a)):
            way = km[rows[0]][:, one].T + length + km[rows[1]][:, other].T
            found[single] = np.minimum(found[single], way)
    several = np.flatnonzero(~usable & (counts > 1))
    far = [int(link) for link in several if counts[link] > 2]  # may be left and joined again
    between = _between(legs, usable, far)
    for link in several:
        part = legs.of_link[link]
        sites = np.union1d(legs.a[part], legs.b[part])
        known = between.get(int(link), np.full((len(sites), len(sites)), np.inf))
        way = _by_way_of(legs, part, sites, known, km, rows)
        found[link] = np.minimum(found[link], way)


def _between(legs: Legs, usable: Bools, links: Sequence[int]) -> dict[int, Floats]:
    """Return the distances among the sites of some links as it is."""
    if not len(links):
        return {}
    parts = [legs.of_link[link] for link in links]
    named = [np.union1d(legs.a[part], legs.b[part]) for part in parts]
    starts = np.unique(np.concatenate(named))
    km = _search(legs, legs.there(usable), starts)
    return {
        int(link): km[np.searchsorted(starts, sites)[:, None], sites]
        for link, sites in zip(links, named, strict=True)
    }


def _by_way_of(
    legs: Legs, added: Ints, sites: Ints, known: Floats, km: Floats, rows: tuple[Ints, Ints]
) -> Floats:
    """Return the distances of pairs by way of added legs; ``known`` are those among their sites."""
    from scipy.sparse.csgraph import csgraph_from_dense, floyd_warshall  # slow to import

    among = known.copy()
    a, b = np.searchsorted(sites, legs.a[added]), np.searchsorted(sites, legs.b[added])
    np.minimum.at(among, (a, b), legs.km[added])
    np.minimum.at(among, (b, a), legs.km[added])
    np.fill_diagonal(among, 0)
    among = floyd_warshall(csgraph_from_dense(among, null_value=np.inf), directed=False)
    there, back = km[rows[0]][:, sites], km[rows[1]][:, sites]
    onward = np.min(there[:, :, None] + among[None], axis=1)
    return np.asarray(np.min(onward + back, axis=1))


# Closing


def _close_each(
    legs: Legs,
    usable: Bools,
    there: Ints,
    trees: tuple[Floats, Ints],
    trips: tuple[Ints, Ints],
    found: Floats,
) -> None:
    (km, before), (ends, pairs) = trees, trips
    own = _owners(legs, there)
    concerned: list[tuple[int, int, int]] = []
    for column, (start, end) in enumerate(pairs):
        row, back = np.searchsorted(ends, (start, end))
        if start == end or not np.isfinite(km[row, end]):
            continue
        path = _path(before[row], start, end)
        on_way = own.legs(path)
        around = _around_each(legs, there, (km[row], before[row], km[back]), path, on_way)
        links = legs.link[on_way]
        for at in np.flatnonzero(links != ALWAYS):
            link = int(links[at])
            if len(legs.of_link[link]) == 1:
                found[link, column] = around[at]
            else:
                concerned.append((link, int(start), column))
    _search_anew(legs, usable, pairs, sorted(set(concerned)), found)


def _search_anew(
    legs: Legs,
    usable: Bools,
    pairs: Ints,
    concerned: Iterable[tuple[int, int, int]],
    found: Floats,
) -> None:
    for link, group in groupby(concerned, key=lambda each: each[0]):
        part = list(group)
        rest = usable.copy()
        rest[link] = False
        starts = np.unique([start for _, start, _ in part])
        km = _search(legs, legs.there(rest), starts)
        for _, start, column in part:
            found[link, column] = km[np.searchsorted(starts, start), pairs[column, 1]]


def _path(before: Ints, start: int, end: int) -> Ints:
    """Return the sites on the way from the start of a tree of shortest ways to a site."""
    found = [end]
    while found[-1] != start:
        found.append(int(before[found[-1]]))
    return np.array(found[::-1])


def _around_each(
    legs: Legs, there: Ints, ways: tuple[Floats, Ints, Floats], path: Ints, on_way: Ints
) -> Floats:
    """Return the shortest distance from end to end without each leg of the way."""
    out, before, back = ways
    hangs = _hangs_from(before, path)
    low, high = hangs[legs.a[there]], hangs[legs.b[there]]
    crosses = (low != high) & (low >= 0) & (high >= 0) & ~np.isin(there, on_way)
    leg, low, high = there[crosses], low[crosses], high[crosses]
    turned = low > high
    near = np.where(turned, legs.b[leg], legs.a[leg])
    far = np.where(turned, legs.a[leg], legs.b[leg])
    km = out[near] + legs.km[leg] + back[far]
    return _least_over(len(path) - 1, np.minimum(low, high), np.maximum(low, high), km)


def _hangs_from(before: Ints, path: Ints) -> Ints:
    """Return the place on the way where each site's own way leaves it; -1: out of reach."""
    root = np.where(before >= 0, before, np.arange(len(before)))
    root[path] = path
    while not np.array_equal(further := root[root], root):
        root = further
    place = np.full(len(before), -1)
    place[path] = np.arange(len(path))
    return np.asarray(place[root])


def _least_over(places: int, low: Ints, high: Ints, values: Floats) -> Floats:
    """Return the least value at each place, of values that hold from ``low`` to before ``high``.

    Every stretch is covered by two of a power of two; the least of each is handed down by halves.
    """
    levels = max(places, 1).bit_length()
    least = np.full((levels, places), np.inf)
    level = np.frexp(high - low)[1] - 1
    np.minimum.at(least, (level, low), values)
    np.minimum.at(least, (level, high - (1 << level)), values)
    for upper in range(levels - 1, 0, -1):
        half = 1 << (upper - 1)
        least[upper - 1] = np.minimum(least[upper - 1], least[upper])
        least[upper - 1, half:] = np.minimum(least[upper - 1, half:], least[upper, :-half])
    return np.asarray(least[0])


# Searching


@dataclass(frozen=True, eq=False)
class _Owners:
    """The shortest leg between any two neighbours."""

    sites: int
    keys: Ints
    owner: Ints

    def legs(self, path: Ints) -> Ints:
        """Return the legs along a way."""
        a, b = path[:-1], path[1:]
        key = np.minimum(a, b) * self.sites + np.maximum(a, b)
        return np.asarray(self.owner[np.searchsorted(self.keys, key)])


def _owners(legs: Legs, there: Ints) -> _Owners:
    a, b = legs.a[there], legs.b[there]
    key = np.minimum(a, b) * legs.sites + np.maximum(a, b)
    order = np.lexsort((there, legs.km[there], key))
    keys, first = np.unique(key[order], return_index=True)
    return _Owners(legs.sites, keys, there[order][first])


def _search(legs: Legs, there: Ints, starts: Ints) -> Floats:
    """Return the distances from some sites to all, one row for each start."""
    return _trees(legs, there, starts)[0]


def _trees(legs: Legs, there: Ints, starts: Ints) -> tuple[Floats, Ints]:
    """Return the distances from some sites to all, and the site before each on the way there."""
    from scipy.sparse import csr_array  # slow to import
    from scipy.sparse.csgraph import dijkstra

    own = _owners(legs, there)
    neighbours = np.divmod(own.keys, legs.sites)
    graph = csr_array((legs.km[own.owner], neighbours), shape=(legs.sites, legs.sites))
    km, before = dijkstra(graph, directed=False, indices=starts, return_predecessors=True)
    return km, before.astype(np.int64)
