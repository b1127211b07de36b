"""The difference of two releases, sorted, and what it makes of the older one."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from types import MappingProxyType

import pandas as pd

from normlib.descriptors import PropertyChange, compare, patched
from normlib.errors import RecipeError
from normlib.package import Descriptor
from normlib.releases.cells import (
    CELL_COLUMNS,
    CORRECTED,
    RECODED,
    RECODED_COLUMNS,
    RENAMED,
    ColumnChange,
    recoding,
    single,
)
from normlib.releases.news import ADDED_COLUMNS, LATE, NEW, UNDATED, WITHDRAWN, WITHDRAWN_COLUMNS
from normlib.releases.reading import Release
from normlib.releases.schema import MAPS, SCHEMA, map_changes, schema_changes
from normlib.releases.tables import TableChange, table_change

KINDS = (NEW, LATE, UNDATED, WITHDRAWN, RENAMED, RECODED, CORRECTED, SCHEMA, MAPS)


@dataclass(frozen=True, eq=False)
class Difference:
    """All that differs between two releases, sorted. Rows are named by their keys in the newer one.

    Attributes
    ----------
    older, newer : descriptors of the two.
    properties : what differs in them.
    tables : what differs in each table.
    files : the newer text of each file that is no table and changed; None: it is gone.
    maps : the features that changed: ``what`` (``added``, ``withdrawn``, ``redrawn``), ``file``,
        ``feature``.
    """

    older: Descriptor
    newer: Descriptor
    properties: Sequence[PropertyChange]
    tables: Mapping[str, TableChange]
    files: Mapping[str, str | None]
    maps: pd.DataFrame

    @cached_property
    def added(self) -> pd.DataFrame:
        """Rows that the older release lacks.

        Columns: ``kind`` (new, late-learned, undated), ``basis`` of that, ``table``, ``key``,
        ``title``, ``when`` (EDTF; blank without a date).
        """
        return _stacked((found.listed_added for found in self.tables.values()), ADDED_COLUMNS)

    @cached_property
    def withdrawn(self) -> pd.DataFrame:
        """Rows that the newer release lacks: ``table``, ``key``, ``title``, ``when``."""
        found = (found.listed_withdrawn for found in self.tables.values())
        return _stacked(found, WITHDRAWN_COLUMNS)

    @cached_property
    def cells(self) -> pd.DataFrame:
        """Single cells that changed.

        Columns: ``kind`` (renamed, corrected), ``table``, ``key``, ``column``, ``before``,
        ``after``.
        """
        changes = self._column_changes()
        found = (single(name, change) for name, change in changes if change.kind != RECODED)
        return _stacked(found, CELL_COLUMNS)

    @cached_property
    def recoded(self) -> pd.DataFrame:
        """Columns of which all or some words were recoded.

        Columns: ``table``, ``column``, ``scope`` (column, words), ``changed``: in how many rows,
        ``rows``: of how many (shared rows, or those that had the words), ``kept``: how many of them
        keep a text which changed elsewhere, ``is_function``: whether each old text became one new
        text, ``pairs``: a frame of ``before``, ``after``, ``rows``, the most frequent first.
        """
        changes = self._column_changes()
        found = [recoding(name, change) for name, change in changes if change.kind == RECODED]
        return pd.DataFrame(found, columns=RECODED_COLUMNS)

    @cached_property
    def schema(self) -> pd.DataFrame:
        """What changed in descriptor and order: ``table``, ``column``, ``what``, two texts."""
        return schema_changes(self.properties, self.tables)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many rows, columns (recoded), cells (corrected), lines or features, by kind."""
        kinds = [*self.added["kind"], *self.cells["kind"]]
        whole = {
            WITHDRAWN: len(self.withdrawn),
            RECODED: len(self.recoded),
            SCHEMA: len(self.schema),
            MAPS: len(self.maps),
        }
        return {kind: whole.get(kind, kinds.count(kind)) for kind in KINDS}

    @property
    def is_empty(self) -> bool:
        """Whether the two releases are the same, cell by cell and in every order."""
        is_same = all(found.is_empty for found in self.tables.values())
        return is_same and not self.properties and not self.files

    def _column_changes(self) -> Iterator[tuple[str, ColumnChange]]:
        for name, found in self.tables.items():
            for change in chain.from_iterable(found.cells.values()):
                yield name, change


def diff(older: Release, newer: Release) -> Difference:
    """Return all that differs between two releases of one process.

    Rows are the same when their keys are or, where the releases have no key in common, when all of
    their cells are. Rows that are alike in every cell but one of the key, as no others are, were
    renamed. A column was recoded if more than :data:`RECODED_SHARE` of the shared rows changed, and
    :data:`RECODED_ROWS` or more; a word of a column if it became the same other word in as large a
    share of the rows that had it, and in as many.

    Raises
    ------
    RecipeError
        The two are about different processes.
    """
    if older.name != newer.name:
        raise RecipeError(
            f"'{older.name}' and '{newer.name}' are two processes, not two releases of one: "
            "'name' in their descriptors differs."
        )
    names = dict.fromkeys([*newer.tables, *older.tables])
    files = dict.fromkeys([*newer.files, *older.files])
    changed = {
        name: newer.files.get(name)
        for name in files
        if newer.files.get(name) != older.files.get(name)
    }
    return Difference(
        older=older.descriptor,
        newer=newer.descriptor,
        properties=tuple(compare(older.descriptor, newer.descriptor)),
        tables=MappingProxyType({name: table_change(name, older, newer) for name in names}),
        files=MappingProxyType(changed),
        maps=map_changes(changed, older, newer),
    )


def apply(difference: Difference, older: Release) -> Release:
    """Make the newer release of the older one: the same cells, rows and columns in their order."""
    tables = {
        name: found.applied_to(older.tables.get(name, pd.DataFrame()))
        for name, found in difference.tables.items()
        if found.columns is not None
    }
    files = {**older.files, **difference.files}
    return Release(
        patched(older.descriptor, list(difference.properties)),
        MappingProxyType(tables),
        MappingProxyType({name: text for name, text in files.items() if text is not None}),
    )


def _stacked(frames: Iterable[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)
