"""Tables and sentences that know their sources, for JupyterLab and for report pages.

Each object shows itself as HTML in JupyterLab and carries its content as plain data beside it, from
which a report page is made. Text is escaped here, in one place; nothing in the data is markup.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from typing import Any

import pandas as pd

from normlib.rows import dicts

NOTE_MIME = "application/vnd.normlib.note+json"
TABLE_MIME = "application/vnd.normlib.table+json"
TITLE_MIME = "application/vnd.normlib.title+json"

Part = dict[str, str]

MOST_SOURCES = 3
"""So many sources stand by their ids where a notebook shows them; of more, their number."""


@dataclass(frozen=True)
class Link:
    """Words that lead to a row: ``Link("Ani bridge", "links", "bridge-ani")``."""

    words: str
    table: str
    key: str

    def part(self) -> Part:
        """Return the part that a page makes a link from."""
        return {"t": self.words, "row": f"{self.table}/{self.key}"}


@dataclass(frozen=True)
class PageLink:
    """Words that lead to another page of a build: ``PageLink("Timeline", "10-timeline.html")``."""

    words: str
    page: str

    def part(self) -> Part:
        """Return the part that a page makes a link from."""
        return {"t": self.words, "page": self.page}


@dataclass(frozen=True)
class Source:
    """A source in the middle of a sentence: a page shows its number."""

    name: str

    def part(self) -> Part:
        """Return the part that a page makes a number from."""
        return {"src": self.name}


@dataclass(frozen=True)
class Number:
    """A number that a sentence states, named so that it can be compared across pages.

    Attributes
    ----------
    key : its name among all numbers of a notebook; it never changes.
    label : what it counts, as a short heading.
    value : the number; missing where there is none.
    unit : its unit in a word, such as ``days``; blank for a plain count.
    """

    key: str
    label: str
    value: float | None
    unit: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the number as plain data."""
        missing = self.value is None or pd.isna(self.value)
        return {
            "key": self.key,
            "label": self.label,
            "value": None if missing else float(self.value or 0),
            "unit": self.unit,
        }


@dataclass(frozen=True)
class Note:
    """One sentence that reads a result, with the sources that it rests on.

    ``text`` is a string, or a sequence of strings, :class:`Link` and :class:`Source` that read as
    one sentence.
    ``numbers`` are those it states that are worth comparing across pages.
    """

    text: str | Sequence[str | Link | Source]
    sources: Iterable[str] = ()
    numbers: Iterable[Number] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the sentence as parts."""
        pieces = [self.text] if isinstance(self.text, str) else list(self.text)
        parts = [{"t": piece} if isinstance(piece, str) else piece.part() for piece in pieces]
        found = {"parts": [*parts, *({"src": name} for name in dict.fromkeys(self.sources))]}
        numbers = [number.as_json() for number in self.numbers]
        return {**found, "numbers": numbers} if numbers else found

    def __str__(self) -> str:
        return "".join(part.get("t", "") for part in self.as_json()["parts"])

    def __repr__(self) -> str:
        names = list(dict.fromkeys(self.sources))
        return f"{self} [{_few(names)}]" if names else str(self)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        json = self.as_json()
        html = f"<p>{_html(json['parts'])}</p>"
        return {NOTE_MIME: json, "text/html": html, "text/plain": repr(self)}


@dataclass(frozen=True)
class Title:
    """The title of a page that is about one thing: it takes the place of the notebook's."""

    text: str

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        html = f"<h1>{escape(self.text)}</h1>"
        return {TITLE_MIME: {"title": self.text}, "text/html": html, "text/plain": self.text}


@dataclass(frozen=True)
class Notes:
    """Several sentences, one paragraph each."""

    notes: Sequence[Note]

    def as_json(self) -> dict[str, Any]:
        """Return the sentences as a list."""
        return {"notes": [note.as_json() for note in self.notes]}

    def __str__(self) -> str:
        return "\n".join(str(note) for note in self.notes)

    def __repr__(self) -> str:
        return "\n".join(map(repr, self.notes))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        paragraphs = "".join(f"<p>{_html(note.as_json()['parts'])}</p>" for note in self.notes)
        return {NOTE_MIME: self.as_json(), "text/html": paragraphs, "text/plain": repr(self)}


@dataclass(frozen=True)
class Table:
    """A frame as a readable table.

    Parameters
    ----------
    frame : one row per line; a column ``sources`` of source ids becomes numbered references.
    columns : column to heading, in the order shown.
    caption : what the table shows, as of when.
    anchor : table and key column of the rows, so that marks and mentions can lead to them.
    refs : columns of ids (or tuples of ids) shown as names; column to (table, names by id).
    kind : ``"sources"`` for the list at the foot of a page.
    counts : columns that hold numbers as links or words, set like numbers.
    """

    frame: pd.DataFrame
    columns: Mapping[str, str]
    caption: str
    anchor: tuple[str, str] | None = None
    refs: Mapping[str, tuple[str, Mapping[str, str]]] = field(default_factory=dict)
    kind: str | None = None
    counts: Collection[str] = ()

    def as_json(self) -> dict[str, Any]:
        """Return caption, columns and rows as plain data."""
        return {
            "caption": self.caption,
            "kind": self.kind,
            "columns": self._columns(),
            "rows": [self._row(row) for row in dicts(self.frame)],
        }

    def __repr__(self) -> str:
        return f"{self.caption} ({len(self.frame)} rows)"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        json = self.as_json()
        return {TABLE_MIME: json, "text/html": _table_html(json), "text/plain": repr(self)}

    def _columns(self) -> list[dict[str, str]]:
        types = dict(self.frame.dtypes)
        numeric = {name for name in types if pd.api.types.is_numeric_dtype(types[name])}
        numeric.update(self.counts)
        return [
            {"key": name, "label": label, "align": "right" if name in numeric else "left"}
            for name, label in self.columns.items()
        ]

    def _row(self, row: Mapping[Any, Any]) -> dict[str, Any]:
        name = f"{self.anchor[0]}/{row[self.anchor[1]]}" if self.anchor else None
        return {"id": name, "cells": [self._cell(row[column], column) for column in self.columns]}

    def _cell(self, value: Any, column: str) -> list[Part]:
        if column == "sources":
            return [{"src": name} for name in value]
        if column in self.refs:
            return self._references(value, *self.refs[column])
        return parts_of(value)

    def _references(self, value: Any, table: str, names: Mapping[str, str]) -> list[Part]:
        listed = value if isinstance(value, tuple | list) else [value]
        ids = [name for name in listed if isinstance(name, str)]
        parts: list[Part] = []
        for name in ids:
            separator: list[Part] = [{"t": "; "}] if parts else []
            parts += [*separator, Link(names.get(name, name), table, name).part()]
        return parts


def parts_of(value: Any) -> list[Part]:
    """Return a cell's value as parts: text, numbers with thousands separated, links, lists."""
    if isinstance(value, Link | PageLink):
        return [value.part()]
    if isinstance(value, Note):
        return list(value.as_json()["parts"])
    if isinstance(value, tuple | list):
        return [{"t": ", ".join(str(item).replace("_", " ") for item in value)}]
    return [{"t": "" if value is None or pd.isna(value) else _plain(value)}]


def _plain(value: Any) -> str:
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:,.0f}" if value.is_integer() else f"{value:,.2f}"
    return str(value)


def _html(parts: Iterable[Part]) -> str:
    """Return parts for JupyterLab, which has no list of sources that a number could lead to."""
    texts = []
    for cites, together in groupby(parts, lambda part: "src" in part):
        if cites:
            texts.append(_sources_html([part["src"] for part in together]))
        else:
            texts += [escape(part["t"]) for part in together]
    return "".join(texts)


def _sources_html(names: Sequence[str]) -> str:
    """Return ids of sources, or their number, with the ids under the pointer."""
    hidden = f' title="{escape(", ".join(names))}"' if len(names) > MOST_SOURCES else ""
    return f" <small{hidden}>[{escape(_few(names))}]</small>"


def _few(names: Sequence[str]) -> str:
    return ", ".join(names) if len(names) <= MOST_SOURCES else f"{len(names)} sources"


def _table_html(json: Mapping[str, Any]) -> str:
    """Return the table for JupyterLab."""
    styles = [f'style="text-align:{column["align"]}"' for column in json["columns"]]
    labels = [escape(column["label"]) for column in json["columns"]]
    heads = "".join(
        f'<th scope="col" {style}>{label}</th>' for style, label in zip(styles, labels, strict=True)
    )
    starts = [f"<td {style}>" for style in styles]
    lines = [
        [start + _html(cell) for start, cell in zip(starts, row["cells"], strict=True)]
        for row in json["rows"]
    ]
    rows = "".join([f"<tr>{'</td>'.join([*line, ''])}</tr>" for line in lines])
    caption = f"<caption>{escape(json['caption'])}</caption>"
    return f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"
