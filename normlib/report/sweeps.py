"""The members of a recipe: one set of pages, or one for each row, day, period, value or dataset."""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd

from normlib.dossier import Dossier, parse_day
from normlib.edtf import MONTHS
from normlib.errors import RecipeError
from normlib.figures.words import day_words
from normlib.report.inputs import portable
from normlib.report.links import ROW
from normlib.report.parameters import DAYS, LAST, day_text
from normlib.report.project import is_about_one, slug
from normlib.report.recipes import FanOut, Recipe, no_such
from normlib.views import joined_key

_PLACEHOLDER = re.compile(r"\{([a-z_.]+)\}")
_PREVIOUS = "previous."

LONGEST_NAME = 64

NEWS = "What is new since the last time"
"""The title of pages that are compared with those published last."""

Words = Mapping[str, str]


@dataclass(frozen=True)
class Member:
    """One set of pages of a recipe: its folder, its title and what its notebooks are given.

    ``id`` is its name as the recipe makes it, before what else was asked for is added: what a
    person calls it.
    """

    name: str
    title: str
    parameters: Mapping[str, str]
    id: str


def members(recipe: Recipe, record: Dossier, asked: Mapping[str, str]) -> list[Member]:
    """Return the sets of pages that a recipe asks for of one dataset.

    Parameters
    ----------
    recipe : the recipe.
    record : the dataset that it is about.
    asked : parameters given by the person, as texts; ``dataset`` among them where it differs.
        In a fan-out ``as_of`` is the day up to which members count.

    Raises
    ------
    RecipeError
        A table or column that is not there, a day that is none, a parameter set twice, or two
        members of one name.
    """
    if recipe.fan_out is None:
        given = {**recipe.parameters, **asked}
        name = _single_name(given)
        found = [Member(name, _single_title(recipe, given), given, name)]
    else:
        found = list(_fanned(recipe, recipe.fan_out, record, asked))
    names = [member.name for member in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise RecipeError(f"{recipe.name}.toml, fan_out.name: two members are called '{twice}'.")
    return found


def homes_of(recipe: Recipe, record: Dossier, asked: Mapping[str, str]) -> dict[str, str]:
    """Return the members of a recipe that are homes, by what is at home there.

    Where each row has a page of its own this is a table, or, if only some of its rows have one,
    rows (``actors/somebody``); the name of the member has ``{row}`` in the place of the row. A
    recipe with one member only is the home of all tables: '' stands for these. Nothing where
    members are no homes.

    Parameters
    ----------
    recipe, record, asked : as in :func:`members`.
    """
    fan_out = recipe.fan_out
    if recipe.datasets:
        return {}
    if fan_out is None:
        return {"": _single_name({**recipe.parameters, **asked})}
    key = record.package.resources[fan_out.table].key if fan_out.table in record.tables else []
    about_rows = all(map(is_about_one, recipe.notebooks)) and len(key) == 1
    if not about_rows or fan_out.name != f"{{{key[0]}}}":
        return {}
    name = "-".join([ROW, *_differences(_beyond(fan_out, asked))])
    view = record.as_of(asked.get("as_of", "latest"))
    rows = _chosen_rows(recipe, fan_out, view)[key[0]]
    if len(rows) == len(view.tables[fan_out.table]):
        return {fan_out.table: name}
    return {f"{fan_out.table}/{row}": name for row in rows}


def of_dataset(member: Member, record: Dossier, folder: str) -> Member:
    """Return a member as one among those of several datasets."""
    name = slug(Path(folder).name)
    return Member(
        _short(f"{name}-{member.name}"),
        f"{record.title}: {member.title}",
        {**member.parameters, "dataset": folder},
        f"{name}-{member.id}",
    )


def _fanned(
    recipe: Recipe, fan_out: FanOut, record: Dossier, asked: Mapping[str, str]
) -> Iterator[Member]:
    sets = _sets(fan_out)
    taken = sorted(set(asked) & sets - {"as_of"})
    if taken:
        raise RecipeError(f"Recipe '{recipe.name}' sets '{taken[0]}' for each of its members.")
    _refuse_last(recipe, fan_out, {**recipe.parameters, **asked, **fan_out.parameters})
    view = record.as_of(asked.get("as_of", "latest"))
    beyond = _beyond(fan_out, asked)
    previous: Words = {}
    for row in _lists(fan_out)(recipe, fan_out, view):
        words = {**row, **{_PREVIOUS + name: text for name, text in previous.items()}}
        parameters = _filled_parameters(recipe, fan_out, words, view.day)
        own = slug(_filled(recipe, fan_out.name, words))
        name = "-".join([own, *_differences(beyond)])
        title = _filled(recipe, fan_out.title, words)
        yield Member(_short(name), title, {**recipe.parameters, **beyond, **parameters}, own)
        previous = row


def _refuse_last(recipe: Recipe, fan_out: FanOut, given: Mapping[str, str]) -> None:
    """Refuse ``last`` where members are days: it would depend on which was published first."""
    if given.get("since") == LAST and ("as_of" in _sets(fan_out) or "since" in _sets(fan_out)):
        raise RecipeError(
            f"Recipe '{recipe.name}' has members of different days; since = '{LAST}' would depend "
            "on which of them was published last. Use a day, or {previous.…} of the member before."
        )


def _sets(fan_out: FanOut) -> set[str]:
    """Return the parameters that each member has for itself."""
    return {*fan_out.parameters, *filter(None, [fan_out.parameter])}


def _beyond(fan_out: FanOut, asked: Mapping[str, str]) -> dict[str, str]:
    """Return what was asked for beyond the list of members, and beyond what is usual."""
    usual = {"as_of": "latest"}
    return {
        name: text
        for name, text in asked.items()
        if name not in _sets(fan_out) and usual.get(name) != text
    }


def _lists(fan_out: FanOut) -> Callable[[Recipe, FanOut, Dossier], Iterator[Words]]:
    if fan_out.table:
        return _rows
    if fan_out.days:
        return _days
    return _periods if fan_out.every else _values


def _rows(recipe: Recipe, fan_out: FanOut, view: Dossier) -> Iterator[Words]:
    """Yield the rows of a table as texts by column, with those of the rows that they lead to."""
    for row in _chosen_rows(recipe, fan_out, view).to_dict("records"):
        yield {str(name): _as_text(cell) for name, cell in row.items()} | _led_to(
            view, fan_out.table, row
        )


def _chosen_rows(recipe: Recipe, fan_out: FanOut, view: Dossier) -> pd.DataFrame:
    """Return the rows of a table that a fan-out asks for, in its order."""
    where = f"{recipe.name}.toml, fan_out"
    if fan_out.table not in view.tables:
        raise RecipeError(no_such(f"{where}.table", "table", fan_out.table, list(view.tables)))
    rows = view.tables[fan_out.table]
    if fan_out.where:
        if fan_out.where not in rows:
            known = list(rows.columns)
            raise RecipeError(no_such(f"{where}.where", "column", fan_out.where, known))
        rows = rows.dropna(subset=[fan_out.where]).sort_values(fan_out.where, kind="stable")
    for other, least in fan_out.least.items():
        if other not in view.tables:
            raise RecipeError(no_such(f"{where}.least", "table", other, list(view.tables)))
        keys = joined_key(rows, view.package.resources[fan_out.table].key)
        counts = [len(view.related(fan_out.table, key, to=other)) for key in keys]
        rows = rows[pd.Series(counts, rows.index, dtype="int64") >= least]
    return rows


def _led_to(view: Dossier, table: str, row: Mapping[Any, Any]) -> dict[str, str]:
    """Return ``column.other`` for every column that holds the id of another row."""
    found = {}
    for columns, other, targets in view.package.resources[table].references:
        if len(columns) == 1:
            rows = view.tables[other]
            match = rows[rows[targets[0]] == row[columns[0]]]
            for name in rows.columns:
                text = _as_text(match[name].iloc[0]) if len(match) else ""
                found[f"{columns[0]}.{name}"] = text
    return found


def _days(recipe: Recipe, fan_out: FanOut, view: Dossier) -> Iterator[Words]:
    days = [parse_day(text, f"{recipe.name}.toml, fan_out.days") for text in fan_out.days]
    for day in sorted(set(days)):
        if day <= view.day:
            yield {"day": str(day.date()), "title": day_words(day)}


def _periods(recipe: Recipe, fan_out: FanOut, view: Dossier) -> Iterator[Words]:
    """Yield periods, the last of which ends on the day of the view at the latest."""
    where = f"{recipe.name}.toml, fan_out"
    first = parse_day(fan_out.start, f"{where}.start").date()
    last = view.day.date()
    if fan_out.until:
        last = min(last, parse_day(fan_out.until, f"{where}.until").date())
    months = _MONTHS[fan_out.every]
    start = date(first.year, (first.month - 1) // months * months + 1, 1)
    while start <= last:
        following = _months_later(start, months)
        yield {
            **_named(start, fan_out.every),
            "start": str(start),
            "end": str(min(following - timedelta(days=1), last)),
            "before": str(start - timedelta(days=1)),
        }
        start = following


_MONTHS = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
_ORDINALS = ("First", "Second", "Third", "Fourth")


def _named(start: date, every: str) -> dict[str, str]:
    """Return the short and the long name of a period."""
    number = (start.month - 1) // _MONTHS[every]
    short, long = {
        "month": (f"-{start.month:02}", f"{MONTHS[start.month - 1]} "),
        "quarter": (f"-q{number + 1}", f"{_ORDINALS[number % 4]} quarter of "),
        "half-year": (f"-h{number + 1}", f"{_ORDINALS[number % 4]} half of "),
        "year": ("", ""),
    }[every]
    return {"period": f"{start.year}{short}", "title": f"{long}{start.year}"}


def _months_later(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _values(recipe: Recipe, fan_out: FanOut, view: Dossier) -> Iterator[Words]:
    return ({"value": value} for value in fan_out.values)


def _filled_parameters(
    recipe: Recipe, fan_out: FanOut, words: Words, until: pd.Timestamp
) -> dict[str, str]:
    filled = {}
    own = {fan_out.parameter: "{value}"} if fan_out.parameter else {}
    first = not any(word.startswith(_PREVIOUS) for word in words)
    for name, pattern in {**own, **fan_out.parameters}.items():
        if first and "{" + _PREVIOUS in pattern:
            continue
        text = _filled(recipe, pattern, words)
        if text and name in DAYS:
            text = day_text(name, text)
            if fan_out.table and "{" in pattern:  # a vague date of a row may end after the view
                text = min(text, str(until.date()))
        if text:
            filled[name] = text
    return filled


def _filled(recipe: Recipe, pattern: str, words: Words) -> str:
    def word(match: re.Match[str]) -> str:
        if match[1] not in words:
            message = no_such(f"{recipe.name}.toml, fan_out", "column", match[1], list(words))
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
        NEWS if (name, text) == ("since", LAST) else f"{name.replace('_', ' ')} {text}"
        for name, text in sorted(portable(given).items())
        if name != "as_of"
    ]
    return "; ".join(rest) or recipe.title


def _differences(given: Mapping[str, str]) -> list[str]:
    return [
        slug(text if name == "dataset" else f"{name} {text}")
        for name, text in sorted(portable(given).items())
    ]


def _short(name: str) -> str:
    """Return a name that is no longer than a name may be, and still like no other."""
    if len(name) <= LONGEST_NAME:
        return name.rstrip("-")
    mark = hashlib.sha256(name.encode("utf-8")).hexdigest()[:8]
    return f"{name[: LONGEST_NAME - 9].rstrip('-')}-{mark}"
