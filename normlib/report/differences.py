"""Tell what changed between two releases: as text, as JSON, and as a page.

Counts come first, then each kind of difference. Text lists a few of each kind, the page many, JSON
all.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from normlib import releases
from normlib.figures.tables import Note, Table
from normlib.figures.words import capital, count_words, date_words, day_words
from normlib.package import Descriptor
from normlib.releases import Difference
from normlib.report.blocks import Block, Heading, Sentence, TableBlock
from normlib.report.page import Composer, environment
from normlib.rows import dicts

PAGE = "changes.html"
TITLE = "What changed between two releases"
MOST_LINES, MOST_ROWS = 12, 1000
"""How many differences of a kind text and page list one by one."""

MOST_PAIRS = 6
"""Of how many texts of a recoded column it is said what became of them."""

AROUND, LONGEST, WIDEST = 24, 90, 110
"""Letters that are shown around a change, of the change itself, and of a line of text."""

Row = dict[Any, Any]


@dataclass(frozen=True)
class Told:
    """A difference, and what its two releases are called."""

    difference: Difference
    older: str
    newer: str

    @property
    def record(self) -> str:
        """The title of the process."""
        newer = self.difference.newer
        return str(newer.get("title") or newer.get("name", ""))

    def sides(self) -> list[tuple[str, str, Descriptor]]:
        """Return the two releases: which of the two, what it is called, its descriptor."""
        found = self.difference
        return [("older", self.older, found.older), ("newer", self.newer, found.newer)]

    def frames(self) -> dict[str, pd.DataFrame]:
        """Return the rows of each kind of difference, in the order of telling."""
        found, added, cells = self.difference, self.difference.added, self.difference.cells
        whole = {
            releases.WITHDRAWN: found.withdrawn,
            releases.RECODED: found.recoded,
            releases.SCHEMA: found.schema,
            releases.MAPS: found.maps,
        }
        for kind in (releases.NEW, releases.LATE, releases.UNDATED):
            whole[kind] = added[added["kind"] == kind].drop(columns="kind")
        for kind in (releases.RENAMED, releases.CORRECTED):
            whole[kind] = cells[cells["kind"] == kind].drop(columns="kind")
        return {kind: whole[kind] for kind in releases.KINDS}

    def verdict(self) -> str:
        """Say in a sentence what matters most: how many of the added rows are no news."""
        added, late = len(self.difference.added), self.difference.counts[releases.LATE]
        if self.difference.is_empty:
            return "The two releases are the same, cell by cell."
        if not added:
            return "No row was added."
        share = f"{late:,} ({100 * late / added:.0f} %)" if late else "none"
        was, it = ("was", "it") if late == 1 else ("were", "them")
        rows = count_words(added, "added row")
        return f"Of {rows}, {share} {was} learned late: the older release could have held {it}."


def excerpts(before: str, after: str) -> tuple[str, str]:
    """Return what differs in two texts, whole words, each with a little of what surrounds it.

    >>> excerpts("trade;transit", "trade;energy;transit"), excerpts("", "yes")
    (('trade;transit', 'trade;energy;transit'), ('(blank)', 'yes'))
    """
    head = _whole_words(_common_head(before, after))
    rest = [text[len(head) :] for text in (before, after)]
    tail = _last_words(_common_head(*(text[::-1] for text in rest))[::-1])
    lead = head if len(head) <= AROUND else f"…{_last_words(head[-AROUND:]).lstrip()}"
    close = tail if len(tail) <= AROUND else f"{_whole_words(tail[:AROUND]).rstrip()}…"
    middles = [_cut(text[: len(text) - len(tail)], LONGEST) for text in rest]
    old, new = [f"{lead}{middle}{close}" or "(blank)" for middle in middles]
    return old, new


def recoded_words(row: Row) -> str:
    """Say of a recoded column what became what, in one line."""
    had = " that had it" if row["scope"] == "words" else ""
    of, pairs = f"{row['changed']:,} of {row['rows']:,} rows{had}", row["pairs"]
    first = _became(pairs.loc[0, "before"], pairs.loc[0, "after"])
    if len(pairs) == 1:
        words = f"{first} in {of}"
    elif len(pairs) > row["changed"] / 2:
        words = f"changed in {of}, mostly each in its own way, such as {first}"
    else:
        listed = dicts(pairs.head(MOST_PAIRS))
        named = [f"{_became(one['before'], one['after'])} ({one['rows']:,})" for one in listed]
        rest = len(pairs) - len(named)
        way = "" if row["is_function"] else ", one text in several ways"
        words = f"{', '.join(named)}{f' and {rest:,} more' if rest else ''}; in {of}{way}"
    kept = count_words(row["kept"], "row keeps", "rows keep")
    return f"{words}; {kept} an old text" if row["kept"] and not had else words


def _became(before: str, after: str) -> str:
    return " → ".join(excerpts(before, after))


def _common_head(one: str, other: str) -> str:
    letters = enumerate(zip(one, other, strict=False))
    return one[: next((at for at, (a, b) in letters if a != b), min(len(one), len(other)))]


def _whole_words(text: str) -> str:
    """Return a text up to its last boundary of words."""
    return text[: max((match.end() for match in re.finditer(r"[\s;,]", text)), default=0)]


def _last_words(text: str) -> str:
    """Return a text from its first boundary of words."""
    return _whole_words(text[::-1])[::-1]


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…"


def _release(descriptor: Descriptor) -> str:
    until = str(descriptor.get("coversUntil", ""))
    covers = f"covers until {_day(until)}" if until else "does not say its last day"
    return f"release {descriptor.get('version', 'unversioned')}, {covers}"


def _day(text: str) -> str:
    try:
        return day_words(date.fromisoformat(text))
    except ValueError:
        return text


# What is told of each kind


@dataclass(frozen=True)
class Kind:
    """How a kind of difference is told.

    Attributes
    ----------
    meaning : which differences they are.
    question : the heading of its section.
    noun : what is counted.
    heads : columns of the page's table and their headings.
    line : one difference as a line of text.
    """

    meaning: str
    question: str
    noun: str
    heads: Mapping[str, str]
    line: Callable[[Row], str]


def _place(row: Row) -> str:
    """Name a row, a cell, a column or a feature."""
    parts = [row.get(name) for name in ("table", "file", "key", "feature")]
    path = "/".join(filter(None, parts)) or "package"
    if not row.get("column"):
        return path
    return f"{path}{' · ' if 'key' in row else '.'}{row['column']}"


def _row_line(row: Row) -> str:
    when = f"{row['when']}  " if row["when"] else ""
    basis = f"  [{row['basis']}]" if "basis" in row else ""
    return _cut(f"{_place(row)}  {when}{row['title']}", WIDEST - len(basis)) + basis


def _cell_line(row: Row) -> str:
    return f"{_place(row)}: {_became(row['before'], row['after'])}"


def _recoded_line(row: Row) -> str:
    return f"{_place(row)}: {recoded_words(row)}"


def _schema_line(row: Row) -> str:
    values = " → ".join(filter(None, _values(row["before"], row["after"])))
    return _cut(f"{_place(row)}: {row['what']}{f': {values}' if values else ''}", WIDEST)


def _map_line(row: Row) -> str:
    return f"{_place(row)}: {row['what']}"


def _values(before: str, after: str) -> tuple[str, str]:
    """Return the two texts of a property; one that was added or removed has only one."""
    return excerpts(before, after) if before and after else (before, after)


_ROWS = {"place": "Row", "title": "Title", "when": "Date"}
_ADDED = {**_ROWS, "basis": "Because"}
_CELLS = {"place": "Cell", "before": "Was", "after": "Is"}
_WHATS = {"place": "Where", "what": "What", "before": "Was", "after": "Is"}

TELLING = {
    releases.NEW: Kind(
        "rows about what happened, or became public, after the older release’s last day",
        *("What is new?", "row", _ADDED, _row_line),
    ),
    releases.LATE: Kind(
        "rows that the older release could have held: public by its last day",
        *("What was learned late?", "row", _ADDED, _row_line),
    ),
    releases.UNDATED: Kind(
        "added rows of which neither dates nor sources say which of the two they are",
        *("What was added undated?", "row", _ADDED, _row_line),
    ),
    releases.WITHDRAWN: Kind("rows that are gone", "What was withdrawn?", "row", _ROWS, _row_line),
    releases.RENAMED: Kind(
        "rows with another key and otherwise the same",
        *("What was renamed?", "row", _CELLS, _cell_line),
    ),
    releases.RECODED: Kind(
        "columns, or words of a column, that changed in most of their rows",
        *("Which columns were recoded?", "column"),
        {"place": "Column", "words": "What became what"},
        _recoded_line,
    ),
    releases.CORRECTED: Kind(
        "other cells that changed", "What was corrected?", "cell", _CELLS, _cell_line
    ),
    releases.SCHEMA: Kind(
        "what the descriptor says: tables, columns, words, wording; and orders",
        *("What changed in the descriptor?", "change", _WHATS, _schema_line),
    ),
    releases.MAPS: Kind(
        "features of the map files",
        *("What was drawn anew?", "feature"),
        {"place": "Feature", "what": "What"},
        _map_line,
    ),
}


# Text


def lines(told: Told) -> Iterator[str]:
    """Yield the lines of the text."""
    counts, frames = told.difference.counts, told.frames()
    yield told.record
    width = max(len(name) for _, name, _ in told.sides())
    for word, name, descriptor in told.sides():
        yield f"  {word}  {name:<{width}}  {_release(descriptor)}"
    yield ""
    yield told.verdict()
    if told.difference.is_empty:
        return
    yield from (
        f"{count:>9,}  {kind:<12}  {TELLING[kind].meaning}"
        for kind, count in counts.items()
        if count
    )
    if not all(counts.values()):
        yield f"     none  {', '.join(kind for kind, count in counts.items() if not count)}"
    for kind, rows in frames.items():
        if len(rows):
            yield from ["", f"{capital(kind)}{_spread(rows)}"]
            yield from (f"  {TELLING[kind].line(row)}" for row in dicts(rows.head(MOST_LINES)))
        if len(rows) > MOST_LINES:
            yield f"  … and {len(rows) - MOST_LINES:,} more: see --out or --json"


def _spread(rows: pd.DataFrame) -> str:
    """Say how many rows are where, if there are more than are listed."""
    if "table" not in rows or len(rows) <= MOST_LINES:
        return ""
    columns = rows["column"] if "column" in rows else [""] * len(rows)
    places = map(".".join, zip(rows["table"], columns, strict=True))
    counts = Counter(place.strip(".") or "package" for place in places).most_common()
    named = ", ".join(f"{place} {count:,}" for place, count in counts[:MOST_LINES])
    return f": {named}{', …' if len(counts) > MOST_LINES else ''}"


# JSON


def as_json(told: Told) -> dict[str, Any]:
    """Return the difference as plain values: counts, then every single one of each kind."""
    sides = {
        word: {"name": name, **{key: about.get(key) for key in ("version", "coversUntil")}}
        for word, name, about in told.sides()
    }
    kinds = {kind: dicts(rows) for kind, rows in told.frames().items()}
    for row in kinds[releases.RECODED]:
        row["pairs"] = dicts(row["pairs"])
    return {**sides, "counts": told.difference.counts, **kinds}


# Page


def page(told: Told, template: Path) -> bytes:
    """Return the page: one file that needs no other."""
    blocks = list(_blocks(told))
    text = (
        environment(template)
        .get_template("changes.html")
        .render(
            style=Markup((template / "page.css").read_text(encoding="utf-8")),
            title=TITLE,
            record=told.record,
            sides=[(capital(word), name, _release(about)) for word, name, about in told.sides()],
            verdict=told.verdict(),
            sections=Composer({}, {}, blocks).sections(blocks),
            sources=[],
            script="",
        )
    )
    return text.encode("utf-8")


def _blocks(told: Told) -> Iterator[Block]:
    counts = told.difference.counts
    kinds = [(f"{capital(kind)}: {TELLING[kind].meaning}", count) for kind, count in counts.items()]
    frame = pd.DataFrame(kinds, columns=["kind", "count"])
    heads = {"kind": "Kind", "count": "Count"}
    yield Heading(2, "How many differences are there?")
    yield TableBlock(Table(frame, heads, "Differences by kind; each is counted once.").as_json())
    for kind, rows in told.frames().items():
        if len(rows):
            yield from _section(kind, rows)


def _section(kind: str, rows: pd.DataFrame) -> Iterator[Block]:
    telling, listed = TELLING[kind], rows.head(MOST_ROWS)
    yield Heading(2, telling.question)
    if kind == releases.RECODED:
        least = f"and in {releases.RECODED_ROWS} or more"
        column = f"more than half of the rows that both releases have, {least}"
        word = f"became one other word in more than half of the rows that had it, {least}"
        note = Note(f"Recoded is a column that changed in {column}, and a word that {word}.")
        yield Sentence(note.as_json()["parts"], headline=False)
    rest = f"; the first {len(listed):,} of them" if len(listed) < len(rows) else ""
    caption = f"{capital(kind)}: {count_words(len(rows), telling.noun)}{rest}."
    yield TableBlock(Table(_readable(kind, listed), telling.heads, caption).as_json())


def _readable(kind: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with dates in words, and of long texts what differs."""
    rows = rows.assign(place=list(map(_place, dicts(rows))))
    if "when" in rows:
        return rows.assign(when=[date_words(text) for text in rows["when"]])
    if kind == releases.RECODED:
        return rows.assign(words=list(map(recoded_words, dicts(rows))))
    if "before" in rows:
        show = _values if kind == releases.SCHEMA else excerpts
        pairs = [show(*pair) for pair in zip(rows["before"], rows["after"], strict=True)]
        return rows.assign(before=[old for old, _ in pairs], after=[new for _, new in pairs])
    return rows
