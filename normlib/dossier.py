"""The record of a process as one joined, frozen whole, and its view on any day."""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from normlib import edtf, views
from normlib.checks import cell_problems, read
from normlib.errors import DataError, Problem, RecipeError, nearest
from normlib.frames import typed_frames, with_knowledge
from normlib.geometry import Geometry, read_geometries
from normlib.package import DEFAULT, Package, Resource, find, folder_of
from normlib.rules import rule_problems

FULL_DAY = "Write a full day such as 2022-07-01."
NO_LAST = (
    "since: 'last' is the day of the page that was published last, which only `normlib report` "
    "knows. Here write a full day such as 2022-07-01, or 'last-round'; or run "
    "`normlib report --since last`."
)
HORIZON = "NORMLIB_HORIZON"
LATELY = 8
"""How many views of a record are kept for those who ask again."""

_KEPT: dict[Path, "Dossier"] = {}


def check(name_or_path: str | Path = DEFAULT) -> list[Problem]:
    """Check a dataset and return every problem found, sorted by place; none: an empty list.

    Raises
    ------
    RecipeError
        There is no such dataset.
    DataError
        The descriptor itself cannot be read.
    """
    return _examine(find(name_or_path))[0]


def load(name_or_path: str | Path = DEFAULT) -> "Dossier":
    """Load a dataset by name or folder, checked as a whole.

    In a batch, where ``NORMLIB_HORIZON`` names the day of the report, what is loaded is the view of
    that day: no report can depend on what became known later.

    Raises
    ------
    RecipeError
        There is no such dataset.
    DataError
        Something is wrong with the data; nothing is loaded.
    """
    dossier = _KEPT.get(folder_of(name_or_path)) or loaded(find(name_or_path))
    horizon = os.environ.get(HORIZON)
    return dossier.as_of(horizon) if horizon else dossier


def loaded(package: Package) -> "Dossier":
    """Return the whole record of a package, checked; :func:`load` is the usual door.

    Raises
    ------
    DataError
        Something is wrong with the data.
    """
    problems, dossier = _examine(package)
    if dossier is None:
        raise DataError(problem for problem in problems if problem.severity == "error")
    return dossier


def keep(name_or_path: str | Path, *, most: int = 1) -> None:
    """Load a dataset now, for whoever loads it later in this process or in one forked from it.

    Changes of its files are not seen from then on. ``most`` are kept; the first one goes first.

    Raises
    ------
    RecipeError, DataError
        As in :func:`load`.
    """
    package = find(name_or_path)
    kept = _KEPT[package.folder] = loaded(package)
    kept.as_of(kept.day - pd.Timedelta(days=1))  # finds what every view of a past day asks for
    while len(_KEPT) > most:
        del _KEPT[next(iter(_KEPT))]


def is_kept(name_or_path: str | Path) -> bool:
    """Whether a dataset is kept at hand."""
    return folder_of(name_or_path) in _KEPT


@dataclass(frozen=True, eq=False)
class Dossier:
    """A record, or its view on a day: frozen tables, their joins and their sources.

    Attributes
    ----------
    package : the data package that it was read from.
    day : the day of the world; what had not happened by then is not in the view.
    known : the day of knowledge; what was not public by then is not in the view.
    tables : frames by table name; also attributes, ``dossier.events``.
    geometries : GeoJSON collections by name; ``routes`` holds the visible links only.
    """

    package: Package
    day: pd.Timestamp
    known: pd.Timestamp
    tables: Mapping[str, pd.DataFrame]
    geometries: Mapping[str, Geometry]
    record: "Dossier | None" = None

    def __getattr__(self, name: str) -> pd.DataFrame:
        tables: Mapping[str, pd.DataFrame] = self.__dict__.get("tables", {})
        if name in tables:
            return tables[name]
        raise AttributeError(f"the record has no table '{name}'; it has: {', '.join(tables)}")

    def __dir__(self) -> list[str]:
        """Return what there is for everybody, the tables among it: what Tab offers."""
        return [name for name in {*super().__dir__(), *self.tables} if not name.startswith("_")]

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(frame)} {name}" for name, frame in self.tables.items())
        return f"<Dossier {self.name} as of {self._days_words}: {sizes}>"

    @property
    def name(self) -> str:
        """The dataset's name."""
        return str(self.package.descriptor.get("name", self.package.folder.name))

    @property
    def title(self) -> str:
        """The dataset's title."""
        return str(self.package.descriptor.get("title", self.name))

    @property
    def version(self) -> str:
        """The release of the data, a day."""
        return str(self.package.descriptor.get("version", "unversioned"))

    @property
    def covers_until(self) -> pd.Timestamp:
        """The last day that the data covers."""
        return _covers_until(self.package)

    @property
    def is_latest(self) -> bool:
        """Whether both clocks reach the end of coverage, so that states are the last known ones."""
        return min(self.day, self.known) >= self.covers_until

    @property
    def stamp(self) -> str:
        """Days and release in one line, for titles: what a picture shows, as of when."""
        last_known = ", last known states" if self.is_latest else ""
        return f"As of {self._days_words}{last_known} · {self.title}, release {self.version}"

    @property
    def sides(self) -> tuple[str, ...]:
        """ISO codes of the states whose relations the record follows."""
        return tuple(self.package.descriptor.get("process", {}).get("sides", ()))

    def as_of(
        self, day: str | date | pd.Timestamp, known: str | date | pd.Timestamp | None = None
    ) -> "Dossier":
        """Return the world as it stood on a day, told with what was public by another day.

        ``as_of("2021-12-31")`` is what could be known on that day; ``as_of("2021-12-31",
        known="latest")`` is what is known of that day by now. What had not happened by ``day``, or
        was not public by ``known``, is not in the view: docs/decisions/0011 says what decides.

        Parameters
        ----------
        day : of the world. ``"latest"``: the last day that the data covers.
        known : of knowledge; if not given, the same day. ``"latest"`` as above: nothing is
            withheld. If it lies before ``day``, the rows are those that were known then, and
            states are the last known ones.

        A view never learns: asked for a later day than its own, by either clock, it keeps its own,
        which is also its ``"latest"``.

        Raises
        ------
        RecipeError
            The text is no day of the form 2022-07-01.
        """
        days = self._days(day, known)
        return self if days == (self.day, self.known) else (self.record or self)._view(*days)

    def glance(
        self, day: str | date | pd.Timestamp, known: str | date | pd.Timestamp | None = None
    ) -> views.Glance:
        """Return what can be told of a view without making it; the days are those of :meth:`as_of`.

        Raises
        ------
        RecipeError
            The text is no day of the form 2022-07-01.
        """
        return views.glance((self.record or self)._whole, *self._days(day, known))

    def resolve_since(self, since: str | date | pd.Timestamp = "last-round") -> pd.Timestamp:
        """Return the first day of a comparison.

        ``"last-round"`` is the day of the last numbered round before the day of the view, or,
        before any round, the day of the first dated event.

        Raises
        ------
        RecipeError
            No day, a day after the view's, or ``last``, which only a build of pages knows.
        """
        if since == "last-round":
            return self._last_round()
        if since == "last":
            raise RecipeError(NO_LAST)
        return day_since(since, self.day)

    def row(self, table: str, key: str) -> pd.Series:
        """Return one row by its key (a key of several columns is joined by ``|``).

        Raises
        ------
        KeyError
            There is no such table or row in the view; the nearest name is told.
        """
        rows = self._table(table)
        keys = views.joined_key(rows, self._resource(table).key)
        found = rows[keys == key]
        if found.empty:
            hint = self._hint(table, key, keys)
            raise KeyError(f"no row '{key}' in {table} as of {self._days_words}. {hint}".strip())
        return found.iloc[0]

    def label(self, table: str, key: str) -> str:
        """Return the words that name a row to a reader, or the key if it is not in the view.

        Raises
        ------
        KeyError
            There is no such table.
        """
        return self._labelled(table).get(key, key)

    def labels(self, table: str) -> dict[str, str]:
        """Return the words that name the rows of a table, by key.

        Raises
        ------
        KeyError
            There is no such table.
        """
        return dict(self._labelled(table))

    def sources_of(self, table: str, key: str) -> pd.DataFrame:
        """Return the rows of ``sources`` that a row rests on, in the order in which it names them.

        A row without sources of its own (an actor, say) rests on those of the rows that name it.
        """
        row = self.row(table, key)
        if "sources" in row.index:
            ids = list(row["sources"])
        else:
            ids = [
                source
                for other in ("events", "commitments", "targets")
                for listed in self.related(table, key, to=other)["sources"]
                for source in listed
            ]
        by_id = self.tables["sources"].set_index("source_id", drop=False)
        return by_id.loc[[name for name in dict.fromkeys(ids) if name in by_id.index]].reset_index(
            drop=True
        )

    def related(self, table: str, key: str, *, to: str) -> pd.DataFrame:
        """Return the rows of another table that belong to a row.

        Rows that refer to it or that it refers to; where the two tables know nothing of each
        other, rows joined through one table between them (an actor and a link, through events
        and commitments).

        Raises
        ------
        KeyError
            There is no such table or row in the view.
        """
        self.row(table, key)
        keys = self._neighbours(table, {key}, to)
        if not self._linked(table, to):
            between = [name for name in self.tables if self._linked(table, name)]
            for name in between:
                if name not in ("sources", "countries") and self._linked(name, to):
                    keys |= self._neighbours(name, self._neighbours(table, {key}, name), to)
        rows = self._table(to)
        wanted = views.joined_key(rows, self._resource(to).key).isin(keys)
        return rows[wanted].reset_index(drop=True)

    def _table(self, name: str) -> pd.DataFrame:
        if name not in self.tables:
            hint = nearest(name, self.tables)
            raise KeyError(f"the record has no table '{name}'. {hint}".strip())
        return self.tables[name]

    def _hint(self, table: str, key: str, keys: Iterable[str]) -> str:
        """Say where a row is that a view does not hold, or which key may have been meant."""
        if self.record is not None and key in self.record._labelled(table):
            return "The record has it; this view does not."
        return nearest(key, keys)

    def _resource(self, name: str) -> Resource:
        return self.package.resources[name]

    def _last_round(self) -> pd.Timestamp:
        rounds = self.tables["events"].dropna(subset=["round"])
        before = rounds.loc[rounds["date_latest"] < self.day, "date_latest"]
        days = before if not before.empty else self.tables["events"]["date_latest"].head(1)
        return pd.Timestamp(days.max()) if len(days) else self.day

    @property
    def _days_words(self) -> str:
        known = "" if self.known == self.day else f", as known on {self.known.date()}"
        return f"{self.day.date()}{known}"

    def _days(
        self, day: str | date | pd.Timestamp, known: str | date | pd.Timestamp | None
    ) -> tuple[pd.Timestamp, pd.Timestamp]:
        """Return the days of both clocks that are asked for; those of a view do not go on."""
        return (
            self._reached(day, self.day, "as_of"),
            self._reached(day if known is None else known, self.known, "known"),
        )

    def _reached(
        self, day: str | date | pd.Timestamp, own: pd.Timestamp, name: str
    ) -> pd.Timestamp:
        wanted = own if day == "latest" else parse_day(day, name)
        return wanted if self.record is None else min(wanted, own)

    def _view(self, *days: pd.Timestamp) -> "Dossier":
        """Return the view of the days of both clocks, the one made before if that was lately."""
        if days not in self._views:
            if len(self._views) == LATELY:
                del self._views[next(iter(self._views))]
            day, known = days
            tables, geometries = map(_frozen, views.view(self._whole, day, known))
            self._views[days] = replace(
                self, day=day, known=known, tables=tables, geometries=geometries, record=self
            )
        return self._views[days]

    @cached_property
    def _views(self) -> dict[tuple[pd.Timestamp, ...], "Dossier"]:
        return {}

    @cached_property
    def _whole(self) -> views.Whole:
        return views.Whole(self.package, self.tables, self.geometries, self.day)

    @cached_property
    def _labels(self) -> dict[str, dict[str, str]]:
        return {}

    def _labelled(self, table: str) -> dict[str, str]:
        """Words by key of a table, found when they are asked for."""
        if table not in self._labels:
            rows, resource = self._table(table), self._resource(table)
            keys = views.keys_of(rows, resource.key)
            words = rows[resource.label].astype(str).tolist()
            self._labels[table] = dict(zip(keys, words, strict=True))
        return self._labels[table]

    @cached_property
    def _joins(self) -> dict[tuple[str, str], dict[str, set[str]]]:
        """Keys that belong together, for every two tables of which one refers to the other."""
        found: dict[tuple[str, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for name, other, targets in views.references(self.package, self.tables):
            for key, ids in targets.items():
                found[name, other][key].update(ids)
                for target in ids:
                    found[other, name][target].add(key)
        return found

    def _linked(self, table: str, other: str) -> bool:
        return (table, other) in self._joins

    def _neighbours(self, table: str, keys: set[str], other: str) -> set[str]:
        joins = self._joins.get((table, other), {})
        return {near for key in keys & joins.keys() for near in joins[key]}


def day_since(since: str | date | pd.Timestamp, day: pd.Timestamp) -> pd.Timestamp:
    """Return the first day of a comparison that ends on ``day``.

    Raises
    ------
    RecipeError
        No day, or a later one.
    """
    first = parse_day(since, "since")
    if first > day:
        raise RecipeError(f"since ({first.date()}) lies after as_of ({day.date()}).")
    return first


def covered(day: str, name: str, record: Dossier) -> str:
    """Return a day that a person asks for, or refuse one of which the record tells nothing yet.

    Parameters
    ----------
    day : a full day, or ``latest``.
    name : what it is asked as, for the message.

    Raises
    ------
    RecipeError
        No day, or one after the last day that the record covers.
    """
    until = record.covers_until
    if day != "latest" and parse_day(day, name) > until:
        word = "'latest', or " if name == "as_of" else ""
        raise RecipeError(
            f"{name}: {day} lies after the last day that the record covers ({until.date()}). "
            f"Write {word}a day up to it."
        )
    return day


def parse_day(day: str | date | pd.Timestamp, name: str) -> pd.Timestamp:
    """Return a full day, or refuse with what is allowed.

    Raises
    ------
    RecipeError
        The text is no day of the form 2022-07-01, or it is neither text nor a day: a number, say.
    """
    if isinstance(day, str):
        try:
            found = edtf.parse(day.strip())
        except edtf.EdtfError as error:
            raise RecipeError(f"{name}: {error}. {FULL_DAY}") from None
        if not found.exact:
            raise RecipeError(f"{name}: '{day}' is not one day. {FULL_DAY}")
        return pd.Timestamp(found.latest).as_unit("s")
    other: object = day
    if not isinstance(other, date | np.datetime64) or pd.isna(other):
        raise RecipeError(f"{name}: {day!r} is neither text, a date nor a timestamp. {FULL_DAY}")
    return pd.Timestamp(day).normalize().as_unit("s")


def _covers_until(package: Package) -> pd.Timestamp:
    return parse_day(str(package.descriptor["coversUntil"]), "coversUntil")


def _examine(package: Package) -> tuple[list[Problem], Dossier | None]:
    """Check a package; return its problems, and the dossier if none of them is an error."""
    reading = read(package)
    geometries, problems = read_geometries(package, reading)
    problems += [*reading.problems, *cell_problems(reading), *rule_problems(reading)]
    if any(problem.severity == "error" for problem in problems):
        return sorted(problems), None
    until = _covers_until(package)
    frames = with_knowledge(typed_frames(reading), package.resources, until)
    return sorted(problems), Dossier(package, until, until, _frozen(frames), _frozen(geometries))


def _frozen(values: Mapping[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(values))
