"""Write parts of sentences as HTML: text, words that lead to a row, numbered sources.

This is the one place where text from the record becomes markup, and all of it is escaped here.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby

from markupsafe import Markup, escape

from normlib.report.jobs import Failure, ReportFailure, Source
from normlib.report.links import ROW, anchor, page_of

Part = Mapping[str, str]

_PAGE = re.compile(r"([a-z0-9][a-z0-9-]*/){0,2}[a-z0-9][a-z0-9-]*[.]html(#[A-Za-z0-9-]+)?")


class Citations:
    """The numbers of the sources of one page, in the order in which they are first cited."""

    def __init__(self, sources: Mapping[str, Source]) -> None:
        self._sources = sources
        self._numbers: dict[str, int] = {}

    def number(self, name: str) -> int:
        """Return a source's number, a new one at its first mention.

        Raises
        ------
        ReportFailure
            The record, as of the page's day, has no such source.
        """
        if name not in self._sources:
            message = f"the page cites source '{name}', which this view of the record does not have"
            remedy = "Cite only sources of the dossier that the notebook loaded."
            raise ReportFailure(Failure("source-missing", message, remedy))
        return self._numbers.setdefault(name, len(self._numbers) + 1)

    def listed(self) -> list[tuple[int, Source]]:
        """Return all sources cited so far, by number."""
        return [(number, self._sources[name]) for name, number in self._numbers.items()]


class Rows:
    """Where the rows of the record stand.

    Parameters
    ----------
    here : places on this page.
    homes : the page on which the rows of a table, or one row, are at home; with ``{row}`` in it
        each row has its own, and is looked for there first.
    own : the address of this page as homes write it.
    """

    def __init__(self, here: Collection[str], homes: Mapping[str, str], own: str = "") -> None:
        self._here = here
        self._homes = homes
        self._own = own

    def address(self, row: str) -> str | None:
        """Return the link to a row, or None where the member has no page for it."""
        place, table = anchor(row), row.partition("/")[0]
        home = self._homes.get(row) or self._homes.get(table, "")
        if ROW in home and (page := page_of(row, home)) != self._own:
            return page
        if place in self._here:
            return f"#{place}"
        return f"{home}#{place}" if home and ROW not in home else None


class Writer:
    """Writes parts as HTML with the numbers and addresses of one page."""

    def __init__(self, citations: Citations, rows: Rows) -> None:
        self._citations = citations
        self._rows = rows

    def sentence(self, parts: Iterable[Part]) -> Markup:
        """Write a sentence; its sources become raised numbers."""
        return Markup(self._written(parts, '<sup class="refs">{}</sup>'))

    def cell(self, parts: Iterable[Part]) -> Markup:
        """Write a table's cell; its sources become plain numbers."""
        return Markup(self._written(parts, "{}"))

    def numbers(self, names: Iterable[str]) -> Markup:
        """Write source numbers in rising order, runs of three or more as a span."""
        found = sorted({self._citations.number(name) for name in names})
        runs = [
            [number for _, number in run]
            for _, run in groupby(enumerate(found), key=lambda pair: pair[1] - pair[0])
        ]
        return Markup(", ".join(map(_run, runs)))

    def _written(self, parts: Iterable[Part], cited: str) -> str:
        """Write parts; those that follow each other and cite become one list of numbers."""
        return "".join(
            cited.format(self.numbers([part["src"] for part in group]))
            if cites
            else "".join(map(self._words, group))
            for cites, group in groupby(parts, key=_cites)
        )

    def _words(self, part: Part) -> str:
        words = escape(part.get("t", ""))
        address = self._rows.address(part["row"]) if "row" in part else _page(part.get("page", ""))
        return f'<a href="{escape(address)}">{words}</a>' if address else words


def _cites(part: Part) -> bool:
    return "src" in part


def _page(address: str) -> str | None:
    """Return the address of another page of the build, if it is one."""
    return address if _PAGE.fullmatch(address) else None


def plain(parts: Iterable[Part]) -> str:
    """Return the words of a sentence alone."""
    return "".join(part.get("t", "") for part in parts).strip()


def _run(numbers: Sequence[int]) -> str:
    if len(numbers) > 2:
        return f"{_numbered(numbers[0])}–{_numbered(numbers[-1])}"
    return ", ".join(map(_numbered, numbers))


def _numbered(number: int) -> str:
    return f'<a href="#source-{number}" aria-label="source {number}">{number}</a>'
