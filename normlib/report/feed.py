"""The feed of changes beside the index: the rows that became public last, as Atom (RFC 4287).

A feed tells of the last day for which pages of its dataset stand in the folder. It is made from the
record alone, so unchanged data give the same bytes; ``updated`` of an entry is the day on which its
row became public. Addresses are relative, since nobody knows where the folder will be served.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pandas as pd

from normlib import changes
from normlib.dossier import Dossier
from normlib.figures.changes import NOUNS, level_state, state_words
from normlib.figures.words import capital, date_words, day_words
from normlib.report.edition import citable
from normlib.report.jobs import Source
from normlib.report.links import HOMES, anchor, safe_url
from normlib.report.project import slug
from normlib.report.record import RECORD, Entry, read_record
from normlib.report.shelf import Shelf

MOST = 100
"""Entries of a feed: the last ones."""

FEEDS = "feed-*.xml"
"""The places of feeds within a build; the star stands for the dataset."""

ATOM, XHTML = "http://www.w3.org/2005/Atom", "http://www.w3.org/1999/xhtml"
AUTHORITY = "normlib.invalid,2026"
"""Who hands out the ids (RFC 4151). No host is known that will always be ours, and a name below
``.invalid`` will never be anybody's (RFC 6761): an id says which row of which record, wherever the
folder is served."""

EVERYTHING, CHANGES = "index.html", "50-changes"
"""Where an entry leads whose row is at home on no page that stands."""

Row = Mapping[Any, Any]


def feed_place(dataset: str) -> str:
    """Return the place of the feed of a dataset within a build."""
    return FEEDS.replace("*", slug(dataset))


def write_feeds(shelf: Shelf, records: Iterable[Dossier]) -> None:
    """Write the feeds of some records; take away those of datasets that have no page any more."""
    pages = _pages(shelf)
    for record in records:
        if record.name in pages:
            day = max(page["day"] for page in pages[record.name])
            found = {
                page["name"]: page["place"] for page in pages[record.name] if page["day"] == day
            }
            shelf.put(feed_place(record.name), feed(record.as_of(day), found))
    kept = {feed_place(name) for name in pages}
    for file in sorted(shelf.folder.glob(FEEDS)):
        if file.name not in kept:
            shelf.take_away(file.name)


def feed(view: Dossier, pages: Mapping[str, str]) -> bytes:
    """Return the feed of a view.

    Parameters
    ----------
    view : the record as of the day of its last pages.
    pages : addresses of the pages that stand, by notebook.
    """
    top = ElementTree.Element("feed", {"xmlns": ATOM, "xml:lang": "en"})
    _add(top, "id", _tag(view.name))
    _add(top, "title", f"{view.title}: changes")
    _add(top, "subtitle", f"What became public last, as known on {day_words(view.day)}.")
    _add(top, "updated", _instant(view.day))
    for name in _authors(view):
        _add(_add(top, "author"), "name", name)
    place = feed_place(view.name)
    _add(top, "link", rel="self", type="application/atom+xml", href=place)
    _add(top, "link", rel="alternate", type="text/html", href=EVERYTHING)
    sources = citable(view)
    for row in changes.news(view, most=MOST).to_dict("records"):
        top.append(_entry(view, row, sources, pages))
    ElementTree.indent(top)
    content: bytes = ElementTree.tostring(top, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _entry(
    view: Dossier, row: Row, sources: Mapping[str, Source], pages: Mapping[str, str]
) -> ElementTree.Element:
    entry = ElementTree.Element("entry")
    _add(entry, "id", _tag(view.name, row["table"], row["key"]))
    _add(entry, "title", title_words(row))
    _add(entry, "updated", _instant(row["known_on"]))
    _add(entry, "link", rel="alternate", type="text/html", href=_address(row, pages))
    _add(entry, "category", term=row["table"], label=_noun(row))
    summary = _add(entry, "summary", type="xhtml")
    told = ElementTree.SubElement(summary, "div", {"xmlns": XHTML})
    for words in summary_words(row):
        _add(told, "p", words)
    told.append(_cited([sources[name] for name in row["sources"] if name in sources]))
    return entry


def title_words(row: Row) -> str:
    """Say in a line what a row of :func:`normlib.changes.news` is."""
    what, after = str(row["title"]), _after(row)
    if row["table"] in ("observations", "link_states"):
        return f"{what}: {after}"
    if row["table"] == "targets":
        return f"{what}: named for {after}"
    return what if row["table"] == "events" else f"{capital(_noun(row))}: {what}"


def summary_words(row: Row) -> Iterator[str]:
    """Yield sentences about a row of :func:`normlib.changes.news`: what, before, after, when."""
    detail = row["detail"]
    if isinstance(detail, str) and detail:
        yield detail
    before, after = _before(row), _after(row)
    if after:
        yield f"Unchanged: {after}." if before == after else f"Before: {before}. Now: {after}."
    when, known = date_words(row["when"]), day_words(row["known_on"])
    dated = f"dated {when}" if when else "undated"
    public = "public on that day" if when == known else f"public by {known}"
    yield f"{capital(_noun(row))}, {dated}, {public}."


def _before(row: Row) -> str:
    return _stood(row, "before") or "nothing on record"


def _after(row: Row) -> str:
    return _stood(row, "after")


def _stood(row: Row, side: str) -> str:
    """Write what stood on one side of a step; nothing where there is none."""
    target, state = row[f"target_{side}"], row[f"state_{side}"]
    if row["table"] == "targets":
        return date_words(target) or ("no date" if side == "after" else "")
    if not isinstance(state, str):
        return ""
    return level_state(row, side) if row["table"] == "observations" else state_words(state)


def _noun(row: Row) -> str:
    return NOUNS.get(row["table"], ("row",))[0]


def _cited(found: list[Source]) -> ElementTree.Element:
    """Return the paragraph that lists sources, each with the way to it."""
    listed = ElementTree.Element("p")
    listed.text = "Sources: " if found else "No source is named."
    for at, source in enumerate(found, start=1):
        url = safe_url(source.url)
        one = ElementTree.SubElement(listed, "a" if url else "span", {"href": url} if url else {})
        one.text = f"{source.publisher}, {source.title}"
        one.tail = f" ({source.published or 'undated'}){'.' if at == len(found) else '; '}"
    return listed


def _address(row: Row, pages: Mapping[str, str]) -> str:
    """Return the page on which what a row is about is at home, as far as it stands."""
    home = pages.get(HOMES.get(row["subject_table"], ""))
    if home is None:
        return pages.get(CHANGES, EVERYTHING)
    about = f"{row['subject_table']}/{row['subject']}"
    return f"{home}#{anchor(about)}"


def _pages(shelf: Shelf) -> Mapping[str, list[Entry]]:
    """Return the pages that stand, by dataset; the shortest address of a notebook comes last."""
    found: dict[str, list[Entry]] = {}
    for file in shelf.folder.glob(f"*/*/{RECORD}"):
        member = read_record(file)
        for name, report in member.get("reports", {}).items():
            place = f"{file.parent.parent.name}/{file.parent.name}/{name}.html"
            if report.get("sha256") and report.get("day"):
                page = {"name": name, "place": place, "day": report["day"]}
                found.setdefault(member["dataset"]["name"], []).append(page)
    return {
        dataset: sorted(pages, key=lambda page: (-len(page["place"]), page["place"]))
        for dataset, pages in found.items()
    }


def _authors(view: Dossier) -> list[str]:
    people = view.package.descriptor.get("contributors", [])
    return [str(one["title"]) for one in people if one.get("title")] or [view.title]


def _tag(*parts: str) -> str:
    return f"tag:{AUTHORITY}:{quote('/'.join(parts), safe='/')}"


def _instant(day: pd.Timestamp) -> str:
    return f"{day:%Y-%m-%d}T00:00:00Z"


def _add(
    parent: ElementTree.Element, name: str, text: str | None = None, **attributes: str
) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, name, attributes)
    child.text = text
    return child
