"""Read an executed notebook as a sequence of blocks: headings, prose, sentences, tables, figures.

Only content that normlib understands is taken over. HTML that a cell put out never is; a picture
that could not be shown is a failure, not a gap.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from normlib.figures.tables import NOTE_MIME, TABLE_MIME, TITLE_MIME
from normlib.figures.theme import words_of
from normlib.report.jobs import Failure, Notebook, ReportFailure
from normlib.report.links import safe_url
from normlib.report.proof import PLOTLY_MIME, Cell, first_line, source

HEADLINE_TAG = "headline"

ONLINE = ("geo", "choropleth", "map", "densitymap", "mapbox")
"""Ends or beginnings of trace types that fetch something when they are looked at."""

Parts = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Heading:
    """A heading of the notebook; level 1 is its title."""

    level: int
    text: str


@dataclass(frozen=True)
class Title:
    """A title that a cell put out: it takes the place of the notebook's own."""

    text: str


@dataclass(frozen=True)
class Prose:
    """Markdown of the notebook as HTML."""

    html: str


@dataclass(frozen=True)
class Sentence:
    """A note: one sentence read from a result, with its sources."""

    parts: Parts
    headline: bool
    numbers: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True)
class Lines:
    """Plain text that a cell put out."""

    text: str


@dataclass(frozen=True)
class TableBlock:
    """A table as plain data."""

    content: Mapping[str, Any]


@dataclass(frozen=True)
class FigureBlock:
    """A plotly figure as plain data, and what normlib says about it."""

    figure: Mapping[str, Any]
    words: Mapping[str, Any]


Block = Heading | Title | Prose | Sentence | Lines | TableBlock | FigureBlock


def blocks_of(notebook: Notebook) -> list[Block]:
    """Return all that a notebook shows, in order.

    Raises
    ------
    ReportFailure
        A cell put out something that a page cannot show.
    """
    found: list[Block] = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            found += _markdown(source(cell))
        elif cell["cell_type"] == "code":
            found += _outputs(cell)
    return found


def _markdown(text: str) -> Iterator[Block]:
    """Yield headings of level 1 and 2, and the prose between them."""
    tokens = _MARKDOWN.parse(text)
    prose: list[Token] = []
    at = 0
    while at < len(tokens):
        if tokens[at].type == "heading_open" and tokens[at].tag in ("h1", "h2"):
            yield from _prose(prose)
            prose = []
            yield Heading(int(tokens[at].tag[1]), _plain(tokens[at + 1]))
            at += 3
        else:
            prose.append(tokens[at])
            at += 1
    yield from _prose(prose)


def _prose(tokens: list[Token]) -> Iterator[Prose]:
    if tokens:
        yield Prose(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))


def _plain(inline: Token) -> str:
    return "".join(child.content for child in inline.children or [] if not child.nesting)


def _outputs(cell: Cell) -> Iterator[Block]:
    headline = HEADLINE_TAG in cell.get("metadata", {}).get("tags", [])
    for output in cell.get("outputs", []):
        if output["output_type"] == "stream":
            if output["name"] == "stdout":
                yield Lines("".join(output["text"]))
        elif output["output_type"] in ("display_data", "execute_result"):
            yield from _shown(cell, output["data"], headline)


def _shown(cell: Cell, data: Mapping[str, Any], headline: bool) -> Iterator[Block]:
    if PLOTLY_MIME in data:
        yield _figure(cell, data[PLOTLY_MIME])
    elif TABLE_MIME in data:
        yield TableBlock(data[TABLE_MIME])
    elif TITLE_MIME in data:
        yield Title(data[TITLE_MIME]["title"])
    elif NOTE_MIME in data:
        for note in data[NOTE_MIME].get("notes") or [data[NOTE_MIME]]:
            yield Sentence(note.get("parts", []), headline, note.get("numbers", []))
    elif "text/plain" not in data or any(kind.startswith("image/") for kind in data):
        message = f"a cell shows {' and '.join(sorted(data)) or 'nothing'}, which a page cannot"
        remedy = "Show a plotly figure, or a Table or Note of normlib.figures.tables."
        raise ReportFailure(Failure("figure-lost", message, remedy, first_line(cell)))
    elif "".join(data["text/plain"]) != "None":
        yield Lines("".join(data["text/plain"]))


def _figure(cell: Cell, figure: Mapping[str, Any]) -> FigureBlock:
    for trace in figure.get("data", []):
        kind = str(trace.get("type", "scatter"))
        if kind.endswith(ONLINE) or kind.startswith(ONLINE):
            message = f"a figure draws with '{kind}', which fetches maps from other hosts"
            remedy = "Draw maps with plain scatter traces from the record's own outlines."
            raise ReportFailure(Failure("figure-online", message, remedy, first_line(cell)))
    words = words_of(figure)
    if not words:
        message = "a figure has no caption, text alternative and sources"
        remedy = "Pass it through normlib.figures.theme.finish."
        raise ReportFailure(Failure("figure-bare", message, remedy, first_line(cell)))
    return FigureBlock(figure, words)


def _markdown_reader() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    reader.validateLink = lambda url: url.startswith("#") or safe_url(url) is not None  # type: ignore[method-assign]
    return reader


_MARKDOWN = _markdown_reader()
