"""Read recipes: which notebooks, with which parameters, once or once for each row of a table."""

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from normlib.dossier import Dossier
from normlib.errors import RecipeError, nearest
from normlib.report.parameters import DAYS, day_text
from normlib.report.project import NAME, Project, slug

_PLACEHOLDER = re.compile(r"\{([a-z_.]+)\}")
_PREVIOUS = "previous."

LONGEST_NAME = 64


@dataclass(frozen=True)
class Limits:
    """How many seconds of the clock a cell and a notebook may take."""

    cell: int = 120
    notebook: int = 600


@dataclass(frozen=True)
class FanOut:
    """Once for each row of a table whose column ``where`` is not blank, in order of that column.

    ``name``, ``title`` and the parameters may hold ``{column}`` of the row and
    ``{previous.column}`` of the row before; a parameter that needs a row before is left to the
    notebook's default where there is none.
    """

    table: str
    where: str
    name: str
    title: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """What to build, under one name."""

    name: str
    title: str
    description: str
    notebooks: tuple[str, ...]
    parameters: Mapping[str, str] = field(default_factory=dict)
    fan_out: FanOut | None = None
    limits: Limits = Limits()


@dataclass(frozen=True)
class Member:
    """One set of pages of a recipe: its folder, its title and what its notebooks are given."""

    name: str
    title: str
    parameters: Mapping[str, str]


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
    read.only("title", "description", "notebooks", "parameters", "fan_out", "limits")
    return Recipe(
        name=file.stem,
        title=read.text("title"),
        description=read.text("description", ""),
        notebooks=_notebooks(file, read, project),
        parameters=read.texts("parameters"),
        fan_out=_fan_out(read.table("fan_out")) if "fan_out" in content else None,
        limits=_limits(read.table("limits")),
    )


def members(recipe: Recipe, record: Dossier, asked: Mapping[str, str]) -> list[Member]:
    """Return the sets of pages that a recipe asks for.

    Parameters
    ----------
    recipe : the recipe.
    record : the dataset that it is about.
    asked : parameters given by the person, as texts; ``dataset`` among them where it differs.
        In a fan-out ``as_of`` is the day up to which rows count.

    Raises
    ------
    RecipeError
        A table or column that is not there, a day that is none, a parameter set twice.
    """
    if recipe.fan_out is None:
        given = {**recipe.parameters, **asked}
        return [Member(_single_name(given), _single_title(recipe, given), given)]
    return list(_rows(recipe, recipe.fan_out, record, asked))


def _rows(
    recipe: Recipe, fan_out: FanOut, record: Dossier, asked: Mapping[str, str]
) -> Iterator[Member]:
    taken = sorted(set(asked) & set(fan_out.parameters) - {"as_of"})
    if taken:
        raise RecipeError(f"Recipe '{recipe.name}' sets '{taken[0]}' for each of its members.")
    view = record.as_of(asked.get("as_of", "latest"))
    beyond = {name: text for name, text in asked.items() if name not in fan_out.parameters}
    previous: dict[str, str] = {}
    for row in _texts(recipe, fan_out, view):
        words = {**row, **{_PREVIOUS + name: text for name, text in previous.items()}}
        parameters = _filled_parameters(recipe, fan_out, words)
        name = "-".join([slug(_filled(recipe, fan_out.name, words)), *_differences(beyond)])
        title = _filled(recipe, fan_out.title, words)
        yield Member(_short(name), title, {**recipe.parameters, **beyond, **parameters})
        previous = row


def _texts(recipe: Recipe, fan_out: FanOut, view: Dossier) -> list[dict[str, str]]:
    """Return the rows of a fan-out as texts by column, in order."""
    where = f"{recipe.name}.toml, fan_out"
    if fan_out.table not in view.tables:
        raise RecipeError(_no_such(f"{where}.table", "table", fan_out.table, list(view.tables)))
    rows = view.tables[fan_out.table]
    if fan_out.where not in rows:
        raise RecipeError(_no_such(f"{where}.where", "column", fan_out.where, list(rows.columns)))
    chosen = rows.dropna(subset=[fan_out.where]).sort_values(fan_out.where, kind="stable")
    return [
        {str(column): _as_text(cell) for column, cell in row.items()}
        for row in chosen.to_dict("records")
    ]


def _filled_parameters(recipe: Recipe, fan_out: FanOut, words: Mapping[str, str]) -> dict[str, str]:
    filled = {}
    for name, pattern in fan_out.parameters.items():
        first = not any(word.startswith(_PREVIOUS) for word in words)
        if first and "{" + _PREVIOUS in pattern:
            continue
        text = _filled(recipe, pattern, words)
        filled[name] = day_text(name, text) if name in DAYS else text
    return filled


def _filled(recipe: Recipe, pattern: str, words: Mapping[str, str]) -> str:
    def word(match: re.Match[str]) -> str:
        if match[1] not in words:
            message = _no_such(f"{recipe.name}.toml, fan_out", "column", match[1], list(words))
            raise RecipeError(message)
        return words[match[1]]

    return _PLACEHOLDER.sub(word, pattern)


def _as_text(cell: Any) -> str:
    if isinstance(cell, tuple):
        return ";".join(cell)
    if pd.isna(cell):
        return ""
    return str(cell.date()) if isinstance(cell, pd.Timestamp) else str(cell)


def _single_name(given: Mapping[str, str]) -> str:
    """Name the one set of pages by its day, and by whatever else was asked for."""
    rest = {name: text for name, text in given.items() if name != "as_of"}
    return _short("-".join([given.get("as_of", "latest"), *_differences(rest)]))


def _single_title(recipe: Recipe, given: Mapping[str, str]) -> str:
    """Return the recipe's title, or, where more than a day was asked for, what was asked for."""
    rest = [
        f"{name.replace('_', ' ')} {Path(text).name if name == 'dataset' else text}"
        for name, text in sorted(given.items())
        if name != "as_of"
    ]
    return "; ".join(rest) or recipe.title


def _differences(given: Mapping[str, str]) -> list[str]:
    return [
        slug(Path(text).name if name == "dataset" else f"{name} {text}")
        for name, text in sorted(given.items())
    ]


def _short(name: str) -> str:
    """Return a name that is no longer than a name may be, and still like no other."""
    if len(name) <= LONGEST_NAME:
        return name.rstrip("-")
    mark = hashlib.sha256(name.encode("utf-8")).hexdigest()[:8]
    return f"{name[: LONGEST_NAME - 9].rstrip('-')}-{mark}"


def _notebooks(file: Path, read: "_Reader", project: Project) -> tuple[str, ...]:
    known = project.batch_names()
    names = read.names("notebooks") or known
    for name in names:
        if name not in known:
            raise RecipeError(_no_such(f"{file.name}, notebooks", "notebook", name, known))
    return tuple(names)


def _fan_out(read: "_Reader") -> FanOut:
    read.only("table", "where", "name", "title", "parameters")
    return FanOut(
        table=read.text("table"),
        where=read.text("where"),
        name=read.text("name"),
        title=read.text("title"),
        parameters=read.texts("parameters"),
    )


def _limits(read: "_Reader") -> Limits:
    read.only("cell", "notebook")
    return Limits(read.seconds("cell", Limits.cell), read.seconds("notebook", Limits.notebook))


def _no_such(where: str, what: str, name: str, known: Sequence[str]) -> str:
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
                raise RecipeError(_no_such(self.place, "key", key, keys))

    def table(self, key: str) -> "_Reader":
        found = self._typed(key, dict, "a table", {})
        return _Reader(f"{self.place}, {key}", found)

    def text(self, key: str, default: str | None = None) -> str:
        return str(self._typed(key, str, "text in quotation marks", default))

    def seconds(self, key: str, default: int) -> int:
        found = self._typed(key, int, "a whole number of seconds", default)
        if isinstance(found, bool) or found < 1:
            raise RecipeError(f"{self.place}, {key}: needs a whole number of seconds from 1.")
        return int(found)

    def names(self, key: str) -> list[str]:
        found = self._typed(key, list, "a list of names", [])
        if not all(isinstance(name, str) and NAME.fullmatch(name) for name in found):
            raise RecipeError(f"{self.place}, {key}: needs a list of names.")
        return list(found)

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
