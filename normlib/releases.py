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
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from itertools import chain
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from normlib import edtf
from normlib.checks import items, read
from normlib.descriptors import MISSING, ORDER, PropertyChange, compare, patched
from normlib.edtf import Interval
from normlib.errors import DataError, Problem, RecipeError
from normlib.package import Descriptor, Package, Resource, read_text
from normlib.views import keys_of

NEW, LATE, UNDATED = "new", "late-learned", "undated"
RENAMED, RECODED, CORRECTED = "renamed", "recoded", "corrected"
WITHDRAWN, SCHEMA, MAPS = "withdrawn", "schema", "maps"
KINDS = (NEW, LATE, UNDATED, WITHDRAWN, RENAMED, RECODED, CORRECTED, SCHEMA, MAPS)

RECODED_SHARE, RECODED_ROWS = 0.5, 10
"""What was recoded changed in more than this share of its rows, and in this many or more."""

CITED = "sources"
"""Table of pages, and the column of every other table that names them."""

RENAMED_CELLS = 2
"""Filled cells beside the key that it takes to call two rows the same."""

ADDED_COLUMNS = ["kind", "basis", "table", "key", "title", "when"]
WITHDRAWN_COLUMNS = ["table", "key", "title", "when"]
CELL_COLUMNS = ["kind", "table", "key", "column", "before", "after"]
RECODED_COLUMNS = ["table", "column", "scope", "changed", "rows", "kept", "is_function", "pairs"]
SCHEMA_COLUMNS = ["table", "column", "what", "before", "after"]
MAP_COLUMNS = ["what", "file", "feature"]

Texts = npt.NDArray[np.object_]
Positions = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Release:
    """A data package as text.

    Attributes
    ----------
    descriptor : the whole of it.
    tables : frames of text cells by table, rows and columns in the order of the file.
    files : the text of every resource that is no table, by name.
    """

    descriptor: Descriptor
    tables: Mapping[str, pd.DataFrame]
    files: Mapping[str, str]

    @cached_property
    def resources(self) -> dict[str, Resource]:
        """What the descriptor says of its tables and files, by name."""
        return {entry["name"]: Resource(entry) for entry in self.descriptor["resources"]}

    @cached_property
    def published(self) -> dict[str, Interval | None]:
        """When each page came out, by its id; None where the record does not say."""
        pages = self.tables.get(CITED)
        if pages is None or not {"source_id", "published"} <= set(pages):
            return {}
        days = map(_interval, pages["published"])
        return dict(zip(pages["source_id"], days, strict=True))

    @property
    def name(self) -> str:
        """The name of the process."""
        return str(self.descriptor.get("name", ""))

    @property
    def covers_until(self) -> date | None:
        """The last day that the release covers; None where it does not say."""
        until = _interval(str(self.descriptor.get("coversUntil", "")))
        return until.latest if until else None


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
        found = (
            pd.DataFrame(
                {
                    "kind": change.kind,
                    "table": name,
                    "key": change.keys,
                    "column": change.column,
                    "before": change.before,
                    "after": change.after,
                }
            )
            for name, change in self._column_changes()
            if change.kind != RECODED
        )
        return _stacked(found, CELL_COLUMNS)

    @cached_property
    def recoded(self) -> pd.DataFrame:
        """Columns of which all or some words were recoded.

        Columns: ``table``, ``column``, ``scope`` (column, words), ``changed``: in how many rows,
        ``rows``: of how many (shared rows, or those that had the words), ``kept``: how many of them
        keep a text which changed elsewhere, ``is_function``: whether each old text became one new
        text, ``pairs``: a frame of ``before``, ``after``, ``rows``, the most frequent first.
        """
        found = []
        for name, change in self._column_changes():
            if change.kind == RECODED:
                pairs = _pairs(change)
                counts = (len(change.rows), change.total, change.kept)
                is_function = pairs["before"].is_unique
                found.append((name, change.column, change.scope, *counts, is_function, pairs))
        return pd.DataFrame(found, columns=RECODED_COLUMNS)

    @cached_property
    def schema(self) -> pd.DataFrame:
        """What changed in descriptor and order: ``table``, ``column``, ``what``, two texts."""
        changes = sorted(filter(_is_told, self.properties), key=_rank)
        rows = [_told(change, self.tables) for change in changes]
        rows += [
            (name, "", "rows stand in another order", "", "")
            for name, found in self.tables.items()
            if found.is_arranged_anew
        ]
        return pd.DataFrame(rows, columns=SCHEMA_COLUMNS, dtype=object)

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
        return not (self.properties or self.files or any(map(_has_changed, self.tables.values())))

    def _column_changes(self) -> Iterator[tuple[str, ColumnChange]]:
        for name, found in self.tables.items():
            for change in chain.from_iterable(found.cells.values()):
                yield name, change


def release(package: Package, *, title: str = "") -> Release:
    """Read a package as it stands.

    Parameters
    ----------
    title : what an error calls the package.

    Raises
    ------
    DataError
        A file cannot be read, or a table has not the columns that the descriptor says.
    """
    reading, problems, files = read(package), [], {}
    for name, resource in package.geometries.items():
        text, found = read_text(package, resource)
        problems += found
        files[name] = text or ""
    wrong = [one for one in [*reading.problems, *problems] if one.severity == "error"]
    if wrong:
        raise DataError(_of(title, one) for one in wrong)
    tables = {
        name: pd.DataFrame(table.rows, columns=table.header, dtype=object)
        for name, table in reading.tables.items()
    }
    return Release(package.descriptor, MappingProxyType(tables), MappingProxyType(files))


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
        tables=MappingProxyType({name: _table_change(name, older, newer) for name in names}),
        files=MappingProxyType(changed),
        maps=pd.DataFrame(
            [row for name in changed for row in _redrawn(name, older, newer)], columns=MAP_COLUMNS
        ),
    )


def apply(difference: Difference, older: Release) -> Release:
    """Make the newer release of the older one: the same cells, rows and columns in their order."""
    tables = {
        name: _changed(older.tables.get(name, pd.DataFrame()), found)
        for name, found in difference.tables.items()
        if found.columns is not None
    }
    files = {**older.files, **difference.files}
    return Release(
        patched(older.descriptor, list(difference.properties)),
        MappingProxyType(tables),
        MappingProxyType({name: text for name, text in files.items() if text is not None}),
    )


# Tables


def _table_change(name: str, older: Release, newer: Release) -> TableChange:
    a, b = older.tables.get(name, pd.DataFrame()), newer.tables.get(name, pd.DataFrame())
    key = _key(name, older, newer)
    in_a, in_b = _matched(a, b, key)
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
        cells=MappingProxyType(_cells(a, b, in_a, in_b, key)),
        filled=MappingProxyType(_filled(a, b, in_a, in_b)),
        added=added,
        order=order,
        is_arranged_anew=bool((kept[1:] < kept[:-1]).any()),
        listed_added=_listed_added(name, added, older, newer),
        listed_withdrawn=_listed(name, a[is_gone], older),
    )


def _has_changed(found: TableChange) -> bool:
    return bool(
        found.cells
        or found.filled
        or len(found.added)
        or len(found.listed_withdrawn)
        or found.is_arranged_anew
    )


def _changed(a: pd.DataFrame, found: TableChange) -> pd.DataFrame:
    columns = {}
    for name in found.columns or ():
        cells = a[name].to_numpy().copy() if name in a else found.filled[name]
        for change in found.cells.get(name, ()):
            cells[change.rows] = change.after
        columns[name] = np.concatenate([cells, found.added[name].to_numpy()])[found.order]
    return pd.DataFrame(columns, dtype=object)


def _key(name: str, older: Release, newer: Release) -> list[str]:
    """Return the columns that name a row in both releases: a key, or else all that both have."""
    both = [side for side in (newer, older) if name in side.tables]
    columns = [[str(column) for column in side.tables[name]] for side in both]
    common = [column for column in columns[0] if column in columns[-1]]
    keys = [side.resources[name].key for side in both]
    return next((key for key in keys if key and set(key) <= set(common)), common)


def _matched(a: pd.DataFrame, b: pd.DataFrame, key: list[str]) -> tuple[Positions, Positions]:
    """Return the places in both tables of the rows that they share, in the order of the older."""
    if not (key and len(a) and len(b)):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    in_a, in_b = _equal(_told_apart(_codes(a, b, key), len(a)), len(a))
    other = [str(name) for name in a if name in b and name not in key]
    rest_a = np.setdiff1d(np.arange(len(a)), in_a, assume_unique=True)
    rest_b = np.setdiff1d(np.arange(len(b)), in_b, assume_unique=True)
    if not (other and len(rest_a) and len(rest_b)):
        return in_a, in_b
    same_a, same_b = _renamed(a.iloc[rest_a], b.iloc[rest_b], key, other)
    in_a = np.concatenate([in_a, rest_a[same_a]])
    in_b = np.concatenate([in_b, rest_b[same_b]])
    order = np.argsort(in_a)
    return in_a[order], in_b[order]


def _renamed(
    a: pd.DataFrame, b: pd.DataFrame, key: list[str], other: list[str]
) -> tuple[Positions, Positions]:
    """Return the places of rows that are alike, as no others are, but for one cell of the key."""
    codes = _codes(a, b, other)
    counts = [np.bincount(side, minlength=codes.max() + 1) for side in np.split(codes, [len(a)])]
    is_one = (counts[0] == 1) & (counts[1] == 1)
    in_a, in_b = _equal(codes, len(a))
    cells = a.iloc[in_a]
    filled = sum((cells[name].to_numpy() != "" for name in other), np.zeros(len(in_a), dtype=int))
    apart = sum(
        (cells[name].to_numpy() != b[name].to_numpy()[in_b] for name in key),
        np.zeros(len(in_a), dtype=int),
    )
    is_sure = is_one[codes[in_a]] & (filled >= RENAMED_CELLS) & (apart == 1)
    return in_a[is_sure], in_b[is_sure]


def _codes(a: pd.DataFrame, b: pd.DataFrame, columns: list[str]) -> Positions:
    """Return a number for each row of both tables, the same where all the cells are the same."""
    codes: Positions = np.zeros(len(a) + len(b), dtype=np.intp)
    for at, name in enumerate(columns):
        found, texts = pd.factorize(np.concatenate([a[name].to_numpy(), b[name].to_numpy()]))
        codes = pd.factorize(codes * len(texts) + found)[0] if at else found
    return codes


def _equal(codes: Positions, length: int) -> tuple[Positions, Positions]:
    """Match the first ``length`` codes with the others; return the places of both."""
    place = np.full(codes.max() + 1, -1, dtype=np.intp)
    place[codes[length:]] = np.arange(len(codes) - length)
    found = place[codes[:length]]
    in_a = np.flatnonzero(found >= 0)
    return in_a, found[in_a]


def _told_apart(codes: Positions, length: int) -> Positions:
    """Tell rows with one key, which a checked table has not, apart by their order."""
    sides = np.split(codes, [length])
    if all(np.bincount(side).max() == 1 for side in sides):
        return codes
    nth = np.concatenate([pd.Series(side).groupby(side).cumcount() for side in sides])
    apart: Positions = pd.factorize(codes * (nth.max() + 1) + nth)[0]
    return apart


def _cells(
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


def _filled(a: pd.DataFrame, b: pd.DataFrame, in_a: Positions, in_b: Positions) -> dict[str, Texts]:
    found = {}
    for name in b.columns.difference(a.columns, sort=False):
        found[name] = np.full(len(a), "", dtype=object)
        found[name][in_a] = b[name].to_numpy()[in_b]
    return found


def _pairs(change: ColumnChange) -> pd.DataFrame:
    """Return which text became which in how many rows, the most frequent first."""
    pairs = pd.DataFrame({"before": change.before, "after": change.after}, dtype=object)
    counted = pairs.groupby(["before", "after"], sort=False).size().rename("rows").reset_index()
    return counted.sort_values(
        ["rows", "before", "after"], ascending=[False, True, True], ignore_index=True
    )


# Added and withdrawn rows


def _listed(name: str, rows: pd.DataFrame, side: Release) -> pd.DataFrame:
    """Return rows as a reader is told of them: table, key, title, date."""
    if rows.empty:
        return pd.DataFrame(columns=WITHDRAWN_COLUMNS)
    resource = side.resources[name]
    key = [column for column in resource.key if column in rows] or list(rows.columns[:1])
    label = resource.descriptor.get("label") or key[0]
    return pd.DataFrame(
        {
            "table": name,
            "key": keys_of(rows, key),
            "title": _column(rows, label),
            "when": _column(rows, _when(resource)),
        },
        dtype=object,
    )


def _listed_added(name: str, rows: pd.DataFrame, older: Release, newer: Release) -> pd.DataFrame:
    """Return added rows as a reader is told of them, each with its kind and why."""
    listed = _listed(name, rows, newer)
    if listed.empty:
        return pd.DataFrame(columns=ADDED_COLUMNS)
    known_since = _column(rows, newer.resources[name].descriptor.get("knownSince"))
    pages = [[newer.published.get(page) for page in items(text)] for text in _column(rows, CITED)]
    found = [
        _placed(_interval(when), _interval(known), published, older.covers_until)
        for when, known, published in zip(listed["when"], known_since, pages, strict=True)
    ]
    kinds, reasons = zip(*found, strict=True)
    return listed.assign(kind=kinds, basis=reasons)[ADDED_COLUMNS]


def _placed(
    when: Interval | None,
    known: Interval | None,
    published: Sequence[Interval | None],
    until: date | None,
) -> tuple[str, str]:
    """Say whether a row could have stood in a release that ends on ``until``, and what tells so.

    The rule is that of the two clocks: a row is public when its column says so, else on its date,
    and one whose date is vague as soon as a page that is not older than it reports it.
    """
    if until is None:
        return UNDATED, "the older release does not say its last day"
    if when and when.earliest and when.earliest > until:
        return NEW, "dated later"
    if known and (known.earliest or known.latest) > until:
        return NEW, "disclosed later"
    if when and when.latest <= until:
        return LATE, "dated by then"
    if known and known.latest <= until:
        return LATE, "disclosed by then"
    first = when.earliest if when and when.earliest else date.min
    pages = [page for page in published if page]
    if any(page.latest <= until and (page.earliest or page.latest) >= first for page in pages):
        return LATE, "reported by then"
    if pages and all(page and (page.earliest or page.latest) > until for page in published):
        return NEW, "reported later"
    return UNDATED, "dated too vaguely" if when else "no date"


def _when(resource: Resource) -> str | None:
    """Return the column that dates a row; a page is dated by its publication."""
    return resource.when or ("published" if resource.name == CITED else None)


def _column(rows: pd.DataFrame, name: str | None) -> list[str]:
    return rows[name].tolist() if name in rows else [""] * len(rows)


def _interval(text: str) -> Interval | None:
    try:
        return edtf.parse(text) if text else None
    except edtf.EdtfError:
        return None


# Descriptor and maps

_WORDS = ("categories", "itemCategories")
_NOUNS = {"resources": "tables", "fields": "columns", **dict.fromkeys(_WORDS, "words")}


def _is_told(change: PropertyChange) -> bool:
    """Whether a reader is told: that a list grew is told by what was added."""
    return not change.is_order or change.is_arranged_anew


def _told(change: PropertyChange, tables: Mapping[str, TableChange]) -> tuple[str, ...]:
    """Return a change of the descriptor as table, column, what, and two texts."""
    table, column, rest = _place(change.path)
    verb = "changed"
    if change.before is MISSING or change.after is MISSING:
        verb = "added" if change.before is MISSING else "removed"
    if change.is_order:
        where = change.path[-2]
        return table, column, f"{_NOUNS.get(str(where), where)} stand in another order", "", ""
    what = f"{_thing(column, rest)} {verb}"
    found = tables.get(table)
    if column and not rest and found and column in found.filled:
        filled = int((found.filled[column] != "").sum())
        what += f", filled in {filled:,} of {found.shared:,} shared rows"
    return table, column, what, *_both(change)


def _rank(change: PropertyChange) -> int:
    """Return what comes first: tables and columns, then words, then the rest."""
    _, _, rest = _place(change.path)
    is_word = len(rest) == 2 and rest[0] in _WORDS
    return 0 if not rest else 1 if is_word else 2


def _place(path: Sequence[str | int]) -> tuple[str, str, list[str]]:
    """Split a path into table, column and what remains."""
    steps = [str(step) for step in path]
    if steps[0] != "resources" or len(steps) == 1 or path[1] == ORDER:
        return "", "", steps
    if steps[2:4] == ["schema", "fields"] and len(steps) > 4 and path[4] != ORDER:
        return steps[1], steps[4], steps[5:]
    return steps[1], "", steps[2:]


def _thing(column: str, rest: Sequence[str]) -> str:
    """Name what a path leads to within a table or column."""
    match list(rest):
        case []:
            return "column" if column else "table or file"
        case [list_of, word, *deeper] if list_of in _WORDS:
            return f"word '{word}'{': ' if deeper else ''}{'.'.join(deeper)}"
        case steps:
            return ".".join(_NOUNS.get(step, step) for step in steps)


def _both(change: PropertyChange) -> tuple[str, str]:
    return _brief(change.before, change.after), _brief(change.after, change.before)


def _brief(value: Any, other: Any) -> str:
    """Write a property's value: of a list what the other has not, of an object what it means."""
    if value is MISSING or isinstance(value, str):
        return "" if value is MISSING else str(value)
    if isinstance(value, Mapping):
        told = (value.get(name) for name in ("description", "label", "title"))
        return next((str(text) for text in told if text), _json(value))
    if isinstance(value, list):
        rest = [part for part in value if not isinstance(other, list) or part not in other]
        return ", ".join(_brief(part, MISSING) for part in rest)
    return _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _redrawn(name: str, older: Release, newer: Release) -> list[tuple[str, str, str]]:
    """Return the features of a file that changed, by id; without ids, the file."""
    before, after = (_features(side.files.get(name)) for side in (older, newer))
    if before is None or after is None:
        return [("redrawn", name, "")]
    kinds = {
        "added": [key for key in after if key not in before],
        "withdrawn": [key for key in before if key not in after],
        "redrawn": [key for key in after if key in before and before[key] != after[key]],
    }
    found = [(kind, name, key) for kind, keys in kinds.items() for key in keys]
    return found or [("written anew", name, "")]


def _features(text: str | None) -> dict[str, Any] | None:
    """Return the features of a collection by id; None if they have none of their own."""
    if text is None:
        return {}
    try:
        features = json.loads(text)["features"]
        found = {str(feature["id"]): feature for feature in features}
    except (ValueError, LookupError, TypeError):
        return None
    return found if len(found) == len(features) else None


def _of(title: str, problem: Problem) -> Problem:
    return replace(problem, file=f"{title}: {problem.file}") if title else problem


def _stacked(frames: Iterable[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    filled = [frame for frame in frames if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)
