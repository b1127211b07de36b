"""Where actors stand in a picture: a place once given stays, a newcomer takes a free one.

Nothing here draws lots: the same rows give the same places, whatever their order was.
"""

from collections.abc import Hashable, Iterable, Mapping
from itertools import count
from typing import Any

import numpy as np
import pandas as pd

PLACE_COLUMNS = {"actor_id": "str", "x": "float64", "y": "int64"}


def settled(places: pd.DataFrame, newcomers: pd.DataFrame) -> pd.DataFrame:
    """Return the places of all, those who had one first.

    Columns of a picture are told by the sign of ``x``; no two actors of a column share a row, and
    those in the middle (0) share theirs with nobody, so that there is room for their names.

    Parameters
    ----------
    places : ``actor_id``, ``x``, ``y`` (rows from the top) of those who have a place; and ``day``
        and ``event_id``, by which they came.
    newcomers : ``actor_id``, ``x``, ``day``, ``event_id``, in the order in which they take a place:
        the free one nearest to those who came by the same event, or else to the last who came
        before; the lower one of two.

    Returns
    -------
    DataFrame
        ``actor_id``, ``x``, ``y``.
    """
    there = places[["actor_id", "x", "y", "day", "event_id"]].to_dict("records")
    taken = {(int(np.sign(one["x"])), one["y"]) for one in there}
    for new in newcomers[["actor_id", "x", "day", "event_id"]].to_dict("records"):
        near, column = _row_of(new, there), int(np.sign(new["x"]))
        tried = (near + step for way in count() for step in (way, -way) if near + step >= 0)
        beside = (column, 0) if column else (-1, 0, 1)
        row = next(row for row in tried if taken.isdisjoint((at, row) for at in beside))
        taken.add((column, row))
        there.append({**new, "y": row})
    return pd.DataFrame(there, columns=list(PLACE_COLUMNS)).astype(PLACE_COLUMNS)


def _row_of(new: Mapping[Hashable, Any], there: Iterable[Mapping[Hashable, Any]]) -> int:
    """Return the row where somebody should stand."""
    together = [one["y"] for one in there if one["event_id"] == new["event_id"]]
    before = [(one["day"], one["y"]) for one in there if one["day"] <= new["day"]]
    return int(min(together, default=max(before, default=(None, 0))[1]))
