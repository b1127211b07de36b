"""Cut the record to the world of one day, told with what was known on one day.

Rows that state facts (they carry ``known_on``) come first: those that had happened by the day of
the world and were public by the day of knowledge. States, persons, places and links are then shown
as far as visible rows mention them, and sources as far as visible rows cite them. Rows that are
parts of a row of another table (``partOf``) are shown with it. Ends of terms follow the world;
texts and pages follow what was known.
Which rows are in a view is told by the sets of their keys; then each table is cut once.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd

from normlib.geometry import Geometry
from normlib.hindsight import WITHHELD, withhold
from normlib.package import Package, Resource

Tables = Mapping[str, pd.DataFrame]
Targets = dict[str, tuple[str, ...]]
"""Keys that the rows of a table refer to, by the key of the row."""

Keys = dict[str, set[str]]
"""The keys of the rows that are in a view, by table."""

Rule = Callable[[Any], Any]
"""What becomes of a cell in a view."""

_END = "\x1e"
"""Stands between rows where they are hashed; no cell of a checked record holds such a character."""

ALWAYS = pd.Timestamp(date.max).as_unit("s")
"""The day of a clock that has reached the end of the record: nothing is later."""

LATER_PAGE = "[title withheld]"
"""For the title of a page that is undated or was out later than what is known in a view."""


def joined_key(rows: pd.DataFrame, key: list[str]) -> pd.Series:
    """Return the key of each row as one text, columns joined by ``|``; a blank part is empty."""
    joined = rows[key[0]].astype("object")
    for name in key[1:]:
        joined = joined + "|" + rows[name].astype("object").fillna("")
    return joined


def keys_of(rows: pd.DataFrame, key: list[str]) -> list[str]:
    """Return the key of each row as one text, in their order."""
    if len(key) == 1:
        return rows[key[0]].tolist()
    return joined_key(rows, key).tolist()


def references(package: Package, tables: Tables) -> Iterator[tuple[str, str, Targets]]:
    """Yield (table, table it refers to, keys referred to by key of the row), column by column."""
    for name, resource in package.tables.items():
        names = keys_of(tables[name], resource.key)
        for column, other in _columns(resource):
            cells = zip(names, tables[name][column].tolist(), strict=True)
            yield name, other, {key: targets for key, cell in cells if (targets := _ids(cell))}


@dataclass(frozen=True, eq=False)
class Whole:
    """A whole record, and what every view of it asks for, found once.

    Attributes
    ----------
    package, tables, geometries : of the record.
    until : its last day; a view of that day or a later one shows everything.
    """

    package: Package
    tables: Tables
    geometries: Mapping[str, Geometry]
    until: pd.Timestamp

    @cached_property
    def resources(self) -> dict[str, Resource]:
        """The descriptions of the tables, by name."""
        return self.package.tables

    @cached_property
    def keys(self) -> dict[str, list[str]]:
        """The keys of the rows in their order, by table."""
        return {name: keys_of(rows, self.resources[name].key) for name, rows in self.tables.items()}

    @cached_property
    def references(self) -> list[tuple[str, str, Targets]]:
        """What refers to what, but for sources: see :func:`references`. Parts mention nothing."""
        found = references(self.package, self.tables)
        return [entry for entry in found if entry[1] != "sources" and entry[0] not in self.parts]

    @cached_property
    def parts(self) -> dict[str, str]:
        """Tables whose rows are parts of a row of another one, which has the same key."""
        found = {name: entry.descriptor.get("partOf") for name, entry in self.resources.items()}
        return {name: str(other) for name, other in found.items() if other}

    @cached_property
    def belongs_to(self) -> list[tuple[str, str, str, dict[str, str]]]:
        """Columns whose cell must name a fact: (table, fact's table, its column, cell by key)."""
        return [
            (name, other, targets[0], dict(zip(self.keys[name], rows, strict=True)))
            for name, resource in self.resources.items()
            for columns, other, targets in resource.references
            if self.states_facts(other) and resource.fields[columns[0]].constraints.get("required")
            for rows in [self.tables[name][columns[0]].tolist()]
        ]

    @cached_property
    def digests(self) -> dict[str, dict[str, bytes]]:
        """A hash of each row by its key, by table."""
        return {
            name: dict(zip(self.keys[name], _row_digests(rows), strict=True))
            for name, rows in self.tables.items()
        }

    @cached_property
    def feature_digests(self) -> dict[str, list[tuple[Any, bytes]]]:
        """The id and a hash of each feature, by geometry; the first stands for all the rest."""
        return {
            name: [
                (None, _digest({key: part for key, part in found.items() if key != "features"})),
                *((one.get("id"), _digest(one)) for one in found["features"]),
            ]
            for name, found in self.geometries.items()
        }

    @cached_property
    def descriptor_digest(self) -> bytes:
        """A hash of what the record says of itself."""
        return _digest(self.package.descriptor)

    @cached_property
    def cites(self) -> dict[str, dict[str, tuple[str, ...]]]:
        """The sources of each row by its key, for tables whose rows have sources."""
        return {
            name: dict(zip(self.keys[name], rows["sources"].tolist(), strict=True))
            for name, rows in self.tables.items()
            if "sources" in rows
        }

    def states_facts(self, name: str) -> bool:
        """Whether the rows of a table have a day on which they were public."""
        return "known_on" in self.tables[name]

    def clocks(self, day: pd.Timestamp, known: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp]:
        """Return the days up to which rows had happened and were public, or :data:`ALWAYS`."""
        return (
            ALWAYS if day >= self.until else day,
            ALWAYS if known >= self.until else known,
        )

    def world_clock(self, name: str) -> str | None:
        """Return the column with the day from which the rows of a table of facts count.

        A dated row counts from its date (``effective_on``), a judgement without a date from the day
        that it judges (``known_on``, by ``knownSince``). A claim has no day of its own: None.
        """
        if "effective_on" in self.tables[name]:
            return "effective_on"
        return "known_on" if "knownSince" in self.resources[name].descriptor else None

    def cut(self, name: str, keys: set[str]) -> pd.DataFrame:
        """Return the rows of a table with some keys, in their order."""
        kept = np.array([key in keys for key in self.keys[name]], dtype=bool)
        return self.tables[name][kept].reset_index(drop=True)


def view(
    whole: Whole, day: pd.Timestamp, known: pd.Timestamp
) -> tuple[Mapping[str, pd.DataFrame], Mapping[str, Geometry]]:
    """Return tables and geometries of a record: the world of a day, as known on a day."""
    world, told = whole.clocks(day, known)
    if world == told == ALWAYS:
        return whole.tables, whole.geometries
    shown = _shown(whole, world, told)
    cut = {name: whole.cut(name, keys) for name, keys in shown.items()}
    ids = {name: set(rows.iloc[:, 0].tolist()) for name, rows in cut.items()}
    sources = whole.tables["sources"]
    later = set(sources.loc[sources["published_latest"] > told, "source_id"])
    for name, resource in whole.resources.items():
        cells = _with_cells(cut[name], _rules(resource, ids, later, told.date()))
        cut[name] = _without_ends(resource, cells, min(world, told))
    cut["sources"] = _cited_pages(whole.package, cut, told)
    return cut, {name: _drawn(whole, name, shown) for name in whole.geometries}


@dataclass(frozen=True)
class Glance:
    """What can be told of a view without making it.

    Attributes
    ----------
    facts : how many dated facts it holds.
    digest : one hash of all rows and places that it is made from. It changes whenever the view
        does; it may also change when the view does not, as when a sentence is mended that the
        view withholds.
    """

    facts: int
    digest: str


def glance(whole: Whole, day: pd.Timestamp, known: pd.Timestamp) -> Glance:
    """Return what can be told of a view without making it."""
    world, told = whole.clocks(day, known)
    if min(world, told) < ALWAYS:
        shown = _shown(whole, world, told)
        cited = {
            source
            for name, cites in whole.cites.items()
            for key in shown[name]
            for source in cites[key]
        }
        shown["sources"] = shown["sources"] & cited
    else:
        shown = {name: set(keys) for name, keys in whole.keys.items()}
    days = f"{day.date()}" if day == known else f"{day.date()} known {known.date()}"
    digest = hashlib.sha256(f"{days}\n".encode() + whole.descriptor_digest)
    for name, digests in whole.digests.items():
        kept = shown[name]
        rows = b"".join(row for key, row in digests.items() if key in kept)
        digest.update(f"\n{name}\n".encode() + rows)
    for name, features in whole.feature_digests.items():
        ids = _drawn_ids(whole, name, shown)
        drawn = [one for key, one in features if ids is None or key is None or key in ids]
        digest.update(f"\n{name}\n".encode() + b"".join(drawn))
    facts = sum(len(shown[name]) for name in shown if whole.states_facts(name))
    return Glance(facts, digest.hexdigest())


def _shown(whole: Whole, world: pd.Timestamp, told: pd.Timestamp) -> Keys:
    """Return the keys of the rows that are in a view; sources are all in."""
    shown = _in_time(whole, world, told)
    _drop_orphans(whole, shown)
    _add_mentioned(whole, shown)
    for name, other in whole.parts.items():
        shown[name] &= shown[other]
    shown["claims"] = _about_visible_rows(whole, shown, told.date())
    return shown


def _row_digests(rows: pd.DataFrame) -> list[bytes]:
    """Return a hash of all cells of each row."""
    lines = rows.to_csv(index=False, header=False, lineterminator=_END).split(_END)[:-1]
    return [hashlib.sha256(line.encode("utf-8")).digest() for line in lines]


def _digest(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode("utf-8")).digest()


def _ids(cell: object) -> tuple[str, ...]:
    """Return the ids in a cell, be it a list or a single id; blank: none."""
    if isinstance(cell, tuple):
        return cell
    return (cell,) if isinstance(cell, str) else ()


def _columns(resource: Resource) -> Iterator[tuple[str, str]]:
    """Columns that refer to another table, single ids and lists alike."""
    for columns, other, _ in resource.references:
        if len(columns) == 1:
            yield columns[0], other
    for column, field in resource.fields.items():
        if field.item_reference:
            yield column, field.item_reference[0]


def _in_time(whole: Whole, world: pd.Timestamp, told: pd.Timestamp) -> Keys:
    """Return the keys of facts that had happened and were public, and of everything else."""
    shown = {}
    for name, rows in whole.tables.items():
        keys = whole.keys[name]
        if whole.states_facts(name):
            there, clock = rows["known_on"] <= told, whole.world_clock(name)
            if clock is not None:
                there &= rows[clock] <= world
            keys = [key for key, is_there in zip(keys, there, strict=True) if is_there]
        shown[name] = set(keys)
    return shown


def _drop_orphans(whole: Whole, shown: Keys) -> None:
    """Drop rows that belong to a fact not yet known: a target of a later commitment, say."""
    for name, other, column, cells in whole.belongs_to:
        cut = zip(whole.keys[other], whole.tables[other][column], strict=True)
        known = {value for key, value in cut if key in shown[other]}
        shown[name] = {key for key in shown[name] if cells[key] in known}


def _add_mentioned(whole: Whole, shown: Keys) -> None:
    """Keep actors, links, sites and countries that a visible fact mentions, directly or not."""
    entities = {other for _, other, _ in whole.references if not whole.states_facts(other)}
    shown.update((name, set()) for name in entities)
    leading_there = [entry for entry in whole.references if entry[1] in entities]
    grown = True
    while grown:
        grown = False
        for name, other, targets in leading_there:
            rows = shown[name] & targets.keys()
            new = {key for row in rows for key in targets[row]} - shown[other]
            shown[other] |= new
            grown = grown or bool(new)


def _about_visible_rows(whole: Whole, shown: Keys, day: date) -> set[str]:
    """Return the claims whose subject is in the view, unless they name a later day.

    A claim has no date of its own: what it names is all that tells its time.
    """
    subjects = {
        name: shown[name] | {key.partition("|")[0] for key in shown[name]} for name in shown
    }
    claims = whole.tables["claims"]
    told = zip(
        whole.keys["claims"],
        *(claims[column].tolist() for column in ("subject_table", "subject_id", "value")),
        strict=True,
    )
    return {
        key
        for key, table, subject, value in told
        if key in shown["claims"]
        and subject in subjects.get(table, ())
        and withhold(value, day) == value
    }


def _rules(resource: Resource, ids: Keys, later: set[str], day: date) -> dict[str, Rule]:
    """Return what becomes of the cells of a table, by column.

    References to rows that are not in the view are blanked, pages that were out later are not
    cited beside others, and sentences that name later days are withheld.
    """
    prose = [name for name, field in resource.fields.items() if field.descriptor.get("prose")]
    rules: dict[str, Rule] = dict.fromkeys(prose, partial(_untold, day=day))
    for column, other in _columns(resource):
        if other == "sources":
            rules[column] = partial(_pages, later=later)
        elif resource.fields[column].type == "list":
            rules[column] = partial(_those_in, known=ids[other])
        else:
            rules[column] = partial(_if_in, known=ids[other])
    return rules


def _untold(text: Any, *, day: date) -> Any:
    return withhold(text, day) if isinstance(text, str) else text


def _pages(ids: tuple[str, ...], *, later: set[str]) -> tuple[str, ...]:
    return ids if later.isdisjoint(ids) else tuple(name for name in ids if name not in later) or ids


def _those_in(names: tuple[str, ...], *, known: set[str]) -> tuple[str, ...]:
    return names if known.issuperset(names) else tuple(name for name in names if name in known)


def _if_in(name: Any, *, known: set[str]) -> Any:
    return name if name in known else np.nan


def _with_cells(rows: pd.DataFrame, rules: Mapping[str, Rule]) -> pd.DataFrame:
    """Return the rows with a rule applied to the cells of some columns; types stay."""
    changed = {}
    for name, rule in rules.items():
        before = rows[name].tolist()
        after = [rule(cell) for cell in before]
        if after != before:  # mostly nothing changes, and a column is not built again
            changed[name] = pd.Series(after, index=rows.index, dtype=rows[name].dtype)
    return rows.assign(**changed) if changed else rows


def _without_ends(resource: Resource, rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Blank the ends of terms that had not come."""
    for name, field in resource.fields.items():
        if field.descriptor.get("term"):
            ahead = rows[f"{name}_latest"] > day
            dates = (name, f"{name}_earliest", f"{name}_latest")
            rows = rows.assign(**{column: rows[column].mask(ahead) for column in dates})
    return rows


def _cited_pages(package: Package, cut: Tables, told: pd.Timestamp) -> pd.DataFrame:
    """Return the pages that visible rows cite; later and undated ones do not show their titles."""
    citing = [rows["sources"].tolist() for rows in cut.values() if "sources" in rows]
    cited = {name for column in citing for ids in column for name in ids}
    sources = cut["sources"]
    pages = sources[sources["source_id"].isin(cited)].reset_index(drop=True)
    if told == ALWAYS:
        return pages
    is_later = pages["published_latest"] > told
    kinds = package.tables["sources"].fields["kind"].categories
    timeless = [name for name, word in kinds.items() if word.get("timeless")]
    untold = pages["published"].isna() & ~pages["kind"].isin(timeless)
    days = ("published", "published_earliest", "published_latest")
    blanked = {name: pages[name].mask(is_later) for name in days}
    names_later = pages["title"].str.contains(WITHHELD, regex=False)
    title = pages["title"].mask(is_later | untold | names_later, LATER_PAGE)
    return pages.assign(title=title, **blanked)


def _drawn(whole: Whole, name: str, shown: Keys) -> Geometry:
    """Keep the features of visible rows, for files whose features are rows of a table."""
    found, known = whole.geometries[name], _drawn_ids(whole, name, shown)
    if known is None:
        return found
    return {**found, "features": [one for one in found["features"] if one.get("id") in known]}


def _drawn_ids(whole: Whole, name: str, shown: Keys) -> set[Any] | None:
    """Return the ids of the features that are in a view; None where all are."""
    target = whole.package.geometries[name].descriptor.get("idReference")
    if not target:
        return None
    table = target["resource"]
    cells = zip(whole.keys[table], whole.tables[table][target["field"]].tolist(), strict=True)
    return {cell for key, cell in cells if key in shown[table]}
