"""All that differs in one table, and the newer table made of the older one."""

from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from normlib.releases.cells import ColumnChange, Texts, changed_cells, filled_cells
from normlib.releases.matching import Positions, key_of, matched
from normlib.releases.news import listed, listed_added
from normlib.releases.reading import Release


@dataclass(frozen=True, eq=False)
class TableChange:
    """All that differs in one table.

    Attributes
    ----------
    columns : columns of the newer table in their order; None if there is no such table.
    shared : how many rows both releases have.
    cells : changed cells of shared rows, by column.
    filled : cells that a new column has in the rows of the older table, by column.
    added : rows that are not in the older table, in the newer order.
    order : rows of the newer table: place in the older table or, from its length on, in ``added``.
    is_arranged_anew : whether shared rows stand in another order.
    listed_added, listed_withdrawn : those rows as a reader is told of them.
    """

    columns: tuple[str, ...] | None
    shared: int
    cells: Mapping[str, Sequence[ColumnChange]]
    filled: Mapping[str, Texts]
    added: pd.DataFrame
    order: Positions
    is_arranged_anew: bool
    listed_added: pd.DataFrame
    listed_withdrawn: pd.DataFrame

    @property
    def is_empty(self) -> bool:
        """Whether no row, cell or order differs; a column that is gone is told by the schema."""
        parts: tuple[Sized, ...] = (self.cells, self.filled, self.added, self.listed_withdrawn)
        return not (self.is_arranged_anew or any(map(len, parts)))

    def applied_to(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of the newer table, made of those of the older one."""
        columns = {}
        for name in self.columns or ():
            cells = rows[name].to_numpy().copy() if name in rows else self.filled[name]
            for change in self.cells.get(name, ()):
                cells[change.rows] = change.after
            columns[name] = np.concatenate([cells, self.added[name].to_numpy()])[self.order]
        return pd.DataFrame(columns, dtype=object)


def table_change(name: str, older: Release, newer: Release) -> TableChange:
    """Return all that differs in the table of this name; one that a release lacks is empty."""
    a, b = older.tables.get(name, pd.DataFrame()), newer.tables.get(name, pd.DataFrame())
    key = key_of(name, older, newer)
    in_a, in_b = matched(a, b, key)
    order = np.full(len(b), -1, dtype=np.intp)
    order[in_b] = in_a
    is_added, is_gone = order < 0, np.ones(len(a), dtype=bool)
    is_gone[in_a] = False
    order[is_added] = len(a) + np.arange(is_added.sum())
    added = b[is_added].reset_index(drop=True)
    kept = order[~is_added]
    return TableChange(
        columns=tuple(b.columns) if name in newer.tables else None,
        shared=len(in_a),
        cells=MappingProxyType(changed_cells(a, b, in_a, in_b, key)),
        filled=MappingProxyType(filled_cells(a, b, in_a, in_b)),
        added=added,
        order=order,
        is_arranged_anew=bool((kept[1:] < kept[:-1]).any()),
        listed_added=listed_added(name, added, older, newer),
        listed_withdrawn=listed(name, a[is_gone], older),
    )
