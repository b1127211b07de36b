"""Read recipes: which notebooks, with which parameters, once or once for each of many members."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from normlib.errors import RecipeError, nearest
from normlib.package import datasets
from normlib.report.jobs import Limits
from normlib.report.project import NAME, Project

EVERY = ("month", "quarter", "half-year", "year")
"""How long a period of a sweep may be."""

ALL = "all"


@dataclass(frozen=True)
class FanOut:
    """Once for each member of a list: rows of a table, days, periods, or values of a parameter.

    ``name``, ``title`` and the parameters may hold ``{word}``, a word of the member, and
    ``{previous.word}``, that of the member before. A parameter that comes out blank, or needs a
    member before where there is none, is left to the notebook's default.

    Attributes
    ----------
    table, where : rows of a table whose column ``where`` is not blank, in its order (no column:
        all rows, in the order of the table). Words: the columns, and ``{column.other}``, columns of
        the row that an id leads to.
    least : only rows to which at least so many rows of other tables belong, by table.
    days : full days. Word: ``day``.
    every, start, until : periods from the one of ``start`` to the one of ``until`` (blank: of the
        last day that the data covers). Words: ``period``, ``start``, ``end``, ``before`` (the last
        day before it).
    parameter, values : values of one parameter. Word: ``value``.
    """

    name: str
    title: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    table: str = ""
    where: str = ""
    least: Mapping[str, int] = field(default_factory=dict)
    days: tuple[str, ...] = ()
    every: str = ""
    start: str = ""
    until: str = ""
    parameter: str = ""
    values: tuple[str, ...] = ()


KINDS: Mapping[str, tuple[tuple[str, ...], Mapping[str, Any]]] = {
    "table": (("table", "where", "least"), {}),
    "days": (
        ("days",),
        {
            "name": "{day}",
            "title": "{title}",
            "parameters": {"as_of": "{day}", "since": "{previous.day}"},
        },
    ),
    "every": (
        ("every", "start", "until"),
        {
            "name": "{period}",
            "title": "{title}",
            "parameters": {"as_of": "{end}", "since": "{before}"},
        },
    ),
    "parameter": (("parameter", "values"), {"name": "{value}", "title": "{value}"}),
}
"""Keys of each kind of fan-out, told by its first key, and what stands where a key is left out."""


@dataclass(frozen=True)
class Recipe:
    """What to build, under one name.

    Attributes
    ----------
    datasets : names; none: the one that is asked for.
    leads_to : recipes whose pages are the homes of rows that have none in this one; they are built
        along with it.
    """

    name: str
    title: str
    description: str
    notebooks: tuple[str, ...]
    parameters: Mapping[str, str] = field(default_factory=dict)
    datasets: tuple[str, ...] = ()
    leads_to: tuple[str, ...] = ()
    fan_out: FanOut | None = None
    limits: Limits = field(default_factory=Limits)

    @property
    def is_sweep(self) -> bool:
        """Whether its members are to be seen side by side."""
        return self.fan_out is not None or len(self.datasets) > 1


def read_recipe(project: Project, name: str) -> Recipe:
    """Read and check one recipe of the project.

    Raises
    ------
    RecipeError
        An unknown recipe, key or notebook, or a value of the wrong kind, with file and key.
    """
    file = project.recipe(name)
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise RecipeError(f"{file.name} is not TOML: {error}.") from None
    read = _Reader(file.name, content)
    read.only(
        *("title", "description", "notebooks", "parameters", "datasets", "leads_to"),
        *("fan_out", "limits"),
    )
    return Recipe(
        name=file.stem,
        title=read.text("title"),
        description=read.text("description", ""),
        notebooks=_notebooks(file, read, project),
        parameters=read.texts("parameters"),
        datasets=_datasets(read),
        leads_to=_recipes(read, project),
        fan_out=_fan_out(read.table("fan_out")) if "fan_out" in content else None,
        limits=_limits(read.table("limits")),
    )


def _notebooks(file: Path, read: "_Reader", project: Project) -> tuple[str, ...]:
    known = project.batch_names()
    names = read.names("notebooks") or project.usual_names()
    for name in names:
        if name not in known:
            raise RecipeError(no_such(f"{file.name}, notebooks", "notebook", name, known))
    return tuple(names)


def _datasets(read: "_Reader") -> tuple[str, ...]:
    known = datasets()
    if read.content.get("datasets") == ALL:
        return tuple(known)
    names = read.names("datasets")
    for name in names:
        if name not in known:
            raise RecipeError(no_such(f"{read.place}, datasets", "dataset", name, known))
    return tuple(names)


def _recipes(read: "_Reader", project: Project) -> tuple[str, ...]:
    known, names = project.recipe_names(), read.names("leads_to")
    for name in names:
        if name not in known:
            raise RecipeError(no_such(f"{read.place}, leads_to", "recipe", name, known))
    return tuple(names)


def _fan_out(read: "_Reader") -> FanOut:
    every_key = [key for keys, _ in KINDS.values() for key in keys]
    read.only("name", "title", "parameters", *every_key)
    kinds = [kind for kind in KINDS if kind in read.content]
    if len(kinds) != 1:
        raise RecipeError(f"{read.place}: needs one of these keys: {', '.join(KINDS)}.")
    keys, usual = KINDS[kinds[0]]
    read.only("name", "title", "parameters", *keys)
    found = FanOut(
        name=read.text("name", usual.get("name")),
        title=read.text("title", usual.get("title")),
        parameters=read.texts("parameters") or usual.get("parameters", {}),
        table=read.text("table", ""),
        where=read.text("where", ""),
        least=read.counts("least", "rows"),
        days=tuple(read.listed("days")),
        every=read.text("every", ""),
        start=read.text("start", "") if kinds != ["every"] else read.text("start"),
        until=read.text("until", ""),
        parameter=read.text("parameter", ""),
        values=tuple(read.listed("values")),
    )
    if found.every and found.every not in EVERY:
        raise RecipeError(no_such(f"{read.place}, every", "period", found.every, EVERY))
    return found


def _limits(read: "_Reader") -> Limits:
    usual = Limits()
    read.only("cell", "notebook", "memory")
    return Limits(
        cell=read.count("cell", usual.cell, "seconds"),
        notebook=read.count("notebook", usual.notebook, "seconds"),
        memory=read.count("memory", usual.memory, "megabytes"),
    )


def no_such(where: str, what: str, name: str, known: Sequence[str]) -> str:
    """Say that something a recipe names is not there, what is, and what may have been meant."""
    hint = nearest(name, known) or "Nothing is close."
    return f"{where}: there is no {what} '{name}'. {hint} Known: {', '.join(known) or 'none'}."


class _Reader:
    """A table of a recipe, read with the place in every complaint."""

    def __init__(self, place: str, content: Mapping[str, Any]) -> None:
        self.place = place
        self.content = content

    def only(self, *keys: str) -> None:
        for key in self.content:
            if key not in keys:
                raise RecipeError(no_such(self.place, "key", key, keys))

    def table(self, key: str) -> "_Reader":
        found = self._typed(key, dict, "a table", {})
        return _Reader(f"{self.place}, {key}", found)

    def text(self, key: str, default: str | None = None) -> str:
        return str(self._typed(key, str, "text in quotation marks", default))

    def count(self, key: str, default: int, unit: str) -> int:
        found = self._typed(key, int, f"a whole number of {unit}", default)
        if isinstance(found, bool) or found < 1:
            raise RecipeError(f"{self.place}, {key}: needs a whole number of {unit} from 1.")
        return int(found)

    def counts(self, key: str, unit: str) -> dict[str, int]:
        found = self.table(key)
        return {name: found.count(name, 0, unit) for name in found.content}

    def names(self, key: str) -> list[str]:
        found = self._typed(key, list, "a list of names", [])
        if not all(isinstance(name, str) and NAME.fullmatch(name) for name in found):
            raise RecipeError(f"{self.place}, {key}: needs a list of names.")
        return list(found)

    def listed(self, key: str) -> list[str]:
        found = self._typed(key, list, "a list", [])
        return [self._scalar(key, value) for value in found]

    def texts(self, key: str) -> dict[str, str]:
        found = self._typed(key, dict, "a table", {})
        return {name: self._scalar(f"{key}.{name}", value) for name, value in found.items()}

    def _scalar(self, key: str, value: Any) -> str:
        match value:
            case bool():
                return str(value).lower()
            case str() | int() | float():
                return str(value)
            case date():
                return value.isoformat()
        raise RecipeError(f"{self.place}, {key}: needs text, a number, true or false, or a day.")

    def _typed(self, key: str, kind: type, words: str, default: Any) -> Any:
        found = self.content.get(key, default)
        if found is None:
            raise RecipeError(f"{self.place}: key '{key}' is missing; it needs {words}.")
        if not isinstance(found, kind):
            raise RecipeError(f"{self.place}, {key}: needs {words}, not {found!r}.")
        return found
