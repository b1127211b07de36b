"""Who is tied to whom by the events that they share, as arrays.

The weight of a tie is the sum over the shared events of 1/(participants - 1) (M. E. J. Newman,
Physical Review E 64, 016132, 2001, doi 10.1103/PhysRevE.64.016132). It is the product BᵀWB of the
matrix B of events and actors, without its diagonal. Here it is found by sorting one number for each
pair of each event, which holds the pair and the size of the event: sorting numbers is cheap.
"""

from collections.abc import Iterator
from itertools import combinations
from math import lcm
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int64]
EXACT = 2**53
"""Up to here every whole number is a floating-point number."""


class Ties(NamedTuple):
    """Arrays of one length: both actors of each tie (``a < b``), its weight, how many events."""

    a: Codes
    b: Codes
    weight: npt.NDArray[np.float64]
    events: Codes


def project(event: Codes, actor: Codes) -> Ties:
    """Return the ties of actors who share events, by ``a`` and ``b``.

    Weights are the floating-point numbers nearest to the true sums, unless the sizes of the events
    have no small common multiple; then they may be off in the last places. Either way they do not
    depend on the order of the rows. Time and space: those of sorting the pairs of all events.

    Parameters
    ----------
    event, actor : codes from 0 on, one place for each participation, each participation once, in
        any order.
    """
    people = int(actor.max(initial=0)) + 1
    sizes, groups = _by_size(event, actor, people)
    if not groups:
        return Ties(*(np.empty(0, kind) for kind in (int, int, float, int)))
    kinds = len(sizes)
    kind: Any = np.uint32 if people**2 * kinds < 2**32 else np.int64  # half as long to sort
    key = np.concatenate(
        [
            (one.astype(kind) * kind(people) + other.astype(kind)) * kind(kinds) + kind(place)
            for place, (columns, _) in enumerate(groups)
            for one, other in combinations(columns, 2)
        ]
    )
    key.sort()
    starts, repeats = _runs(key)
    pair, place = np.divmod(key[starts], kind(kinds))
    scale = _scale(sizes, len(key))
    shares = repeats * (scale / (sizes - 1.0))[place]
    starts, _ = _runs(pair)
    one, other = np.divmod(pair[starts].astype(np.int64), people)
    weight = np.add.reduceat(shares, starts) / scale
    return Ties(one, other, weight, np.add.reduceat(repeats, starts))


def together(event: Codes, actor: Codes) -> tuple[Codes, Codes, Codes]:
    """Return every two actors of every event: ``a``, ``b`` (``a < b``), and the event.

    By ``a``, ``b`` and event, so that the events of a tie stand together, in the order of
    :func:`project`. Parameters as there.
    """
    _, groups = _by_size(event, actor, int(actor.max(initial=0)) + 1)
    pairs = [
        np.array([one, other, events])
        for columns, events in groups
        for one, other in combinations(columns, 2)
    ]
    found = np.concatenate([np.empty((3, 0), np.int64), *pairs], axis=1)
    one, other, events = found[:, np.lexsort(found[::-1])]
    return one, other, events


def _by_size(
    event: Codes, actor: Codes, people: int
) -> tuple[Codes, list[tuple[list[Codes], Codes]]]:
    """Return the sizes of events, from 2 on, and for each its events.

    Those of one size: their first actors, their second ones and so on, and the events.
    """
    rows = event * people + actor
    rows.sort()
    event = rows // people
    actor = rows - event * people
    starts, size = _runs(event)
    sizes = np.flatnonzero(np.bincount(size, minlength=2)[2:]) + 2
    return sizes, list(_groups(event, actor, starts, size, sizes))


def _groups(
    event: Codes, actor: Codes, starts: Codes, size: Codes, sizes: Codes
) -> Iterator[tuple[list[Codes], Codes]]:
    for number in sizes.tolist():
        first = starts[size == number]
        yield [actor[first + place] for place in range(number)], event[first]


def _runs(values: npt.NDArray[Any]) -> tuple[Codes, Codes]:
    """Return where equal values begin, and how many there are of them."""
    begins = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=begins[1:])
    starts = np.flatnonzero(begins)
    return starts, np.diff(starts, append=len(values))


def _scale(sizes: Codes, most: int) -> int:
    """Return a number of which every 1/(size - 1) is a whole part, or 1 if it were too large."""
    scale = lcm(*(size - 1 for size in sizes.tolist()))
    return scale if scale * most < EXACT else 1
