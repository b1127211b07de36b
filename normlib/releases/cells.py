"""Cells that changed in the rows that two releases share: renamed, recoded, corrected."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from normlib.releases.matching import Positions
from normlib.views import keys_of

RENAMED, RECODED, CORRECTED = "renamed", "recoded", "corrected"

RECODED_SHARE, RECODED_ROWS = 0.5, 10
"""What was recoded changed in more than this share of its rows, and in this many or more."""

CELL_COLUMNS = ["kind", "table", "key", "column", "before", "after"]
RECODED_COLUMNS = ["table", "column", "scope", "changed", "rows", "kept", "is_function", "pairs"]

Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class ColumnChange:
    """Cells of one column that changed in rows that both releases share.

    Attributes
    ----------
    kind : ``recoded``, ``corrected``, or ``renamed`` where the column is part of the key.
    rows : their places in the older table.
    before, after : their texts.
    keys : keys of the rows in the newer release; none where recoded.
    scope : what was recoded: the ``column``, or ``words``, some of its texts.
    total : of how many rows these cells are counted: all that are shared, or that had the words.
    kept : how many of them keep a text which changed elsewhere.
    """

    column: str
    kind: str
    rows: Positions
    before: Texts
    after: Texts
    keys: Sequence[str] = ()
    scope: str = ""
    total: int = 0
    kept: int = 0


def changed_cells(
    a: pd.DataFrame, b: pd.DataFrame, in_a: Positions, in_b: Positions, key: list[str]
) -> dict[str, list[ColumnChange]]:
    """Return what changed in the rows at these places, by column that both tables have."""
    found = {}
    for name in a.columns.intersection(b.columns, sort=False):
        before, after = a[name].to_numpy()[in_a], b[name].to_numpy()[in_b]
        at = np.flatnonzero(before != after)
        if not len(at):
            continue
        recoded, rest = _recoded(name, before, after, at)
        found[name] = [replace(one, rows=in_a[one.rows]) for one in recoded]
        if len(rest):
            kind, keys = RENAMED if name in key else CORRECTED, keys_of(b.iloc[in_b[rest]], key)
            change = ColumnChange(name, kind, in_a[rest], before[rest], after[rest], keys)
            found[name].append(change)
    return found


def _recoded(
    name: str, before: Texts, after: Texts, at: Positions
) -> tuple[list[ColumnChange], Positions]:
    """Return what was recoded in a column that differs at some places, and the other places."""
    whole = len(at) > RECODED_SHARE * len(before)
    counts = np.full(len(at), len(at)) if whole else _same_changes(before[at], after[at])
    if not (counts >= RECODED_ROWS).any():  # the usual case: nothing else need be counted
        return [], at
    codes, _ = pd.factorize(before)
    sizes, differing, of = np.bincount(codes), np.bincount(codes[at]), codes[at]
    is_recoded = (counts >= RECODED_ROWS) & (whole | (counts > RECODED_SHARE * sizes[of]))
    if not is_recoded.any():
        return [], at
    old, rows = np.unique(of[is_recoded]), at[is_recoded]
    had = int(sizes[old].sum())
    change = ColumnChange(
        *(name, RECODED, rows, before[rows], after[rows]),
        scope="column" if whole else "words",
        total=len(before) if whole else had,
        kept=had - int(differing[old].sum()),
    )
    return [change], at[~is_recoded]


def _same_changes(before: Texts, after: Texts) -> npt.NDArray[np.intp]:
    """Return for each change how many changed from the same text to the same text."""
    (old, _), (new, texts) = pd.factorize(before), pd.factorize(after)
    pairs, _ = pd.factorize(old * len(texts) + new)
    return np.bincount(pairs)[pairs]


def filled_cells(
    a: pd.DataFrame, b: pd.DataFrame, in_a: Positions, in_b: Positions
) -> dict[str, Texts]:
    """Return the cells that columns which only ``b`` has hold in the rows of ``a``."""
    found = {}
    for name in b.columns.difference(a.columns, sort=False):
        found[name] = np.full(len(a), "", dtype=object)
        found[name][in_a] = b[name].to_numpy()[in_b]
    return found


def single(table: str, change: ColumnChange) -> pd.DataFrame:
    """Return each cell of a change of a table's column: columns ``CELL_COLUMNS``."""
    return pd.DataFrame(
        {
            "kind": change.kind,
            "table": table,
            "key": change.keys,
            "column": change.column,
            "before": change.before,
            "after": change.after,
        }
    )


def recoding(table: str, change: ColumnChange) -> tuple[Any, ...]:
    """Return what was recoded in a table's column: values of ``RECODED_COLUMNS``."""
    pairs = _pairs(change)
    counts = (len(change.rows), change.total, change.kept)
    return table, change.column, change.scope, *counts, pairs["before"].is_unique, pairs


def _pairs(change: ColumnChange) -> pd.DataFrame:
    """Return which text became which in how many rows, the most frequent first."""
    pairs = pd.DataFrame({"before": change.before, "after": change.after}, dtype=object)
    counted = pairs.groupby(["before", "after"], sort=False).size().rename("rows").reset_index()
    return counted.sort_values(
        ["rows", "before", "after"], ascending=[False, True, True], ignore_index=True
    )
