"""What changed between two releases of a record: every difference, sorted by what news it is.

A row that an older release lacks need not be news: most often the fact was there and was learned
late. And a column of which nearly every cell changed is one decision, not thousands of corrections.
So differences are sorted into

- ``new``: rows about what happened, or first became public, after the older release's last day;
- ``late-learned``: rows that the older release could have held;
- ``undated``: added rows of which dates and sources do not say which of the two they are;
- ``withdrawn``: rows that are gone;
- ``renamed``: rows that are the same but for their key;
- ``recoded``: columns that changed in most of the rows that both releases share, and texts of a
  column that became another one in most of the rows that had them;
- ``corrected``: all other cells that changed;
- ``schema``: what the descriptor says: tables, columns, words, types, wording;
- ``maps``: features of the files that are no tables.

Cells are compared as text, before any typing, so that a difference makes the one release of the
other exactly: ``apply(diff(a, b), a)`` is ``b``, with its order of rows and columns. What changed
between two *days* of one release is another question: :mod:`normlib.changes`.

What rests on what, from below: ``reading`` (a release), ``matching`` (rows that are the same),
``cells`` (what changed in them) and ``news`` (rows that came or went), ``tables``, ``schema``,
``difference``.
"""

from normlib.releases.cells import (
    CELL_COLUMNS,
    CORRECTED,
    RECODED,
    RECODED_COLUMNS,
    RECODED_ROWS,
    RECODED_SHARE,
    RENAMED,
    ColumnChange,
    Texts,
)
from normlib.releases.difference import KINDS, Difference, apply, diff
from normlib.releases.matching import RENAMED_CELLS, Positions
from normlib.releases.news import ADDED_COLUMNS, LATE, NEW, UNDATED, WITHDRAWN, WITHDRAWN_COLUMNS
from normlib.releases.reading import CITED, Release, release
from normlib.releases.schema import MAP_COLUMNS, MAPS, SCHEMA, SCHEMA_COLUMNS
from normlib.releases.tables import TableChange

__all__ = [
    "ADDED_COLUMNS",
    "CELL_COLUMNS",
    "CITED",
    "CORRECTED",
    "KINDS",
    "LATE",
    "MAPS",
    "MAP_COLUMNS",
    "NEW",
    "RECODED",
    "RECODED_COLUMNS",
    "RECODED_ROWS",
    "RECODED_SHARE",
    "RENAMED",
    "RENAMED_CELLS",
    "SCHEMA",
    "SCHEMA_COLUMNS",
    "UNDATED",
    "WITHDRAWN",
    "WITHDRAWN_COLUMNS",
    "ColumnChange",
    "Difference",
    "Positions",
    "Release",
    "TableChange",
    "Texts",
    "apply",
    "diff",
    "release",
]
