"""Make a page from an executed notebook: what it shows, in one template, with numbered sources."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from normlib.figures.words import day_words, value_words
from normlib.report.assets import csp_hash, plotly_js
from normlib.report.blocks import (
    Block,
    FigureBlock,
    Heading,
    Lines,
    Parts,
    Prose,
    Sentence,
    TableBlock,
    Title,
    blocks_of,
)
from normlib.report.jobs import Failure, Job, Notebook, Page, ReportFailure, Source
from normlib.report.links import ROW, anchor, homes, safe_url
from normlib.report.parameters import TAG
from normlib.report.parts import Citations, Rows, Writer, plain
from normlib.report.project import slug
from normlib.report.proof import code_cells, count_figures, source
from normlib.views import LATER_PAGE

View = dict[str, Any]

SOURCES = "sources"
SHORT_TEXT, LONG_TEXT = 18, 70
"""Longest cell of a column that is kept on one line, and of one that needs no room for text."""

BRIEF_TAG = "brief"
"""A cell with this tag says that the page is for paper: printed without data tables."""

_TAGS = re.compile(r"<[^>]*>")
_POLICY = (
    "default-src 'none'; script-src {scripts}; style-src 'unsafe-inline'; img-src data: blob:; "
    "font-src data:; base-uri 'none'; form-action 'none'"
)


def make_page(job: Job, notebook: Notebook) -> Page:
    """Return the page of an executed notebook.

    Raises
    ------
    ReportFailure
        The notebook shows what a page cannot, cites an unknown source, or a figure got lost.
    """
    blocks = blocks_of(notebook)
    title = _title(blocks)
    pages = {sibling.name: f"{sibling.name}.html" for sibling in job.setting.siblings}
    found = {**job.setting.homes, **homes(pages)} | _pages_of_rows(job.setting.homes)
    composer = Composer(job.edition.sources, found, blocks, own=f"../../{job.place}.html")
    sections = composer.sections(blocks)
    figures = sum(isinstance(block, FigureBlock) for block in blocks)
    html = _html(job, notebook, title, sections, composer, figures > 0)
    came, went = count_figures(notebook), html.count('<div class="plot"')
    if not figures == came == went:
        message = f"{came} figures came in, {went} went out"
        raise ReportFailure(Failure("figure-lost", message, "Please report this."))
    return Page(
        html=html,
        title=title,
        question=_question(blocks),
        headlines=tuple(_headlines(blocks)),
        figures=figures,
        tables=sum(isinstance(block, TableBlock) for block in blocks),
        sources=len(composer.citations.listed()),
        numbers=tuple(_numbers(blocks)),
    )


@lru_cache(maxsize=4)
def environment(template: str | Path) -> Environment:
    """Return the environment of all templates: everything escaped, nothing undefined."""
    found = Environment(
        loader=FileSystemLoader(template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters["words"] = value_words
    found.filters["day"] = lambda text: day_words(date.fromisoformat(text))
    found.filters["safe_url"] = lambda url: safe_url(url) or ""
    return found


class Composer:
    """Turns blocks into what a template prints, in the order of the page.

    Parameters
    ----------
    sources : those that the page can cite, by id.
    homes : the page on which the rows of a table are at home, by table.
    blocks : all that the page shows.
    own : the address of the page, as homes write it.
    """

    def __init__(
        self,
        sources: Mapping[str, Source],
        homes: Mapping[str, str],
        blocks: Sequence[Block],
        own: str = "",
    ) -> None:
        self.owners = _owners(blocks)
        self.citations = Citations(sources)
        self.homes = homes
        self.writer = Writer(self.citations, Rows(self.owners, self.homes, own))
        self.used: set[str] = set()

    def sections(self, blocks: Sequence[Block]) -> list[View]:
        """Return the page's sections; the first has no heading, the last lists the sources."""
        sections: list[View] = [{"id": "", "title": "", "blocks": []}]
        for block in blocks:
            if isinstance(block, Heading) and block.level == 2:
                section = {"id": self._id(slug(block.text) or "section"), "title": block.text}
                sections.append({**section, "blocks": []})
            elif not isinstance(block, Heading | Title):
                sections[-1]["blocks"].append(self._view(block))
        views = [view for section in sections for view in section["blocks"]]
        if self.citations.listed() and not any(view["kind"] == SOURCES for view in views):
            last = {"id": self._id("sources"), "title": "Sources", "blocks": [{"kind": SOURCES}]}
            sections.append(last)
        return sections

    def _view(self, block: Block) -> View:
        match block:
            case Prose(html):
                return {"kind": "prose", "html": Markup(html)}
            case Lines(text):
                return {"kind": "lines", "text": text}
            case Sentence(parts):
                return {"kind": "sentence", "html": self.writer.sentence(parts)}
            case TableBlock(content) if content.get("kind") == SOURCES:
                return {"kind": SOURCES}
            case TableBlock(content):
                return self._table(content)
            case FigureBlock(figure, words):
                return self._figure(figure, words)
        raise TypeError(f"no view of {block!r}")

    def _table(self, content: Mapping[str, Any]) -> View:
        rows = [
            {
                "id": self._row_id(row.get("id"), content),
                "cells": [self.writer.cell(cell) for cell in row["cells"]],
            }
            for row in content["rows"]
        ]
        name = self._id(f"table-{slug(content['caption'])[:48].strip('-')}")
        columns = [
            {
                **column,
                "style": _column_style(column, [row["cells"][at] for row in content["rows"]]),
            }
            for at, column in enumerate(content["columns"])
        ]
        return {**content, "kind": "table", "id": name, "columns": columns, "rows": rows}

    def _row_id(self, row: str | None, content: Mapping[str, Any]) -> str:
        return anchor(row) if row and self.owners.get(anchor(row)) is content else ""

    def _figure(self, figure: Mapping[str, Any], words: Mapping[str, Any]) -> View:
        layout = dict(figure.get("layout", {}))
        layout.pop("meta", None)
        title = layout.get("title") or {}
        text = title.get("text", "") if isinstance(title, dict) else str(title)
        caption = words.get("caption") or []
        table = words.get("table")
        offered = {name: words[name] for name in ("middle", "choices", "marks") if words.get(name)}
        kept = [trace for trace in figure["data"] if not _drawn_anew(trace, offered)]
        drawn = {"data": kept, "layout": layout, "narrow": words.get("narrow") or {}, **offered}
        return {
            "kind": "figure",
            "id": self._id(f"figure-{slug(words['key'])}"),
            "title": _TAGS.sub("", str(text).partition("<br>")[0]),
            "height": layout.get("height", 450),
            "json": json_script(drawn),
            "lanes": "marks" in offered,
            "alt": words.get("alt") or "",
            "caption": self.writer.sentence(
                [{"t": caption}] if isinstance(caption, str) else caption
            ),
            "sources": self.writer.numbers(words.get("sources") or []),
            "table": self._table(table) if table else None,
        }

    def _id(self, wanted: str) -> str:
        """Return an id that the page does not have yet."""
        name, count = wanted, 1
        while name in self.used or name in self.owners:
            count += 1
            name = f"{wanted}-{count}"
        self.used.add(name)
        return name


def _drawn_anew(trace: Mapping[str, Any], offered: Mapping[str, Any]) -> bool:
    """Whether the page draws a trace itself, from marks that it lays out."""
    return "marks" in offered and trace.get("meta") == "marks"


def _owners(blocks: Sequence[Block]) -> dict[str, Mapping[str, Any]]:
    """Return for each row's place the table that has it: the page's own tables come first."""
    tables = [block.content for block in blocks if isinstance(block, TableBlock)]
    tables += [
        block.words["table"]
        for block in blocks
        if isinstance(block, FigureBlock) and block.words.get("table")
    ]
    owners: dict[str, Mapping[str, Any]] = {}
    for table in tables:
        for row in table["rows"]:
            if row.get("id") and table.get("kind") != SOURCES:
                owners.setdefault(anchor(row["id"]), table)
    return owners


def _column_style(column: Mapping[str, Any], cells: Sequence[Parts]) -> str:
    """Return how a column is set: as numbers, as words that stay on one line, or as text."""
    longest = max((len(plain(cell)) for cell in cells), default=0)
    if column.get("align") == "right":
        return "number"
    if longest > LONG_TEXT:
        return "long"
    return "short" if 0 < longest <= SHORT_TEXT else "words"


def _pages_of_rows(homes: Mapping[str, str]) -> dict[str, str]:
    """Return the homes of rows that have a page each."""
    return {table: home for table, home in homes.items() if ROW in home}


def _title(blocks: Sequence[Block]) -> str:
    found = [block.text for block in blocks if isinstance(block, Title)]
    if found:
        return found[0]
    titles = [block.text for block in blocks if isinstance(block, Heading) and block.level == 1]
    if len(titles) != 1:
        message = f"the notebook has {len(titles)} headings of the first level"
        raise ReportFailure(Failure("untitled", message, "Give it exactly one: `# Title`."))
    return titles[0]


def _question(blocks: Sequence[Block]) -> str:
    first = next((block.html for block in blocks if isinstance(block, Prose)), "")
    return str(Markup(first).striptags())


def _headlines(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        if isinstance(block, Sentence) and block.headline:
            yield plain(block.parts)


def _numbers(blocks: Sequence[Block]) -> Iterator[Mapping[str, Any]]:
    for block in blocks:
        if isinstance(block, Sentence) and block.headline:
            yield from block.numbers


def _html(
    job: Job,
    notebook: Notebook,
    title: str,
    sections: list[View],
    composer: Composer,
    draws: bool,
) -> str:
    cited = composer.citations.listed()
    lanes = any(view.get("lanes") for section in sections for view in section["blocks"])
    look = Look(Path(job.template), draws, job.setting.single_file, "../../assets", lanes)
    return (
        environment(job.template)
        .get_template("page.html")
        .render(
            title=title,
            sections=sections,
            sources=cited,
            withheld=any(found.title == LATER_PAGE for _, found in cited),
            homes=json_script(composer.homes),
            setting=job.setting,
            edition=job.edition,
            name=job.name,
            code=[source(cell) for cell in code_cells(notebook) if not _is_parameters(cell)],
            print_brief=any(BRIEF_TAG in _tags(cell) for cell in notebook["cells"]),
            **look.words(),
        )
    )


@dataclass(frozen=True)
class Look:
    """Style and scripts of a page, and what it may run.

    ``assets`` is the way from the page to the folder of what pages share; ``lanes`` says whether a
    figure lays its marks out on the page.
    """

    template: Path
    draws: bool
    single_file: bool
    assets: str
    lanes: bool = False

    def words(self) -> View:
        """Return what a template prints of it."""
        draws, alone = self.draws, self.draws and self.single_file
        files = [*["lanes.js"] * self.lanes, "page.js"] if draws else []
        script = "".join((self.template / name).read_text(encoding="utf-8") for name in files)
        inlined = plotly_js().content.decode("utf-8") if alone else ""
        return {
            "policy": _policy(script, inlined),
            "style": Markup((self.template / "page.css").read_text(encoding="utf-8")),
            "script": Markup(script),
            "plotly": Markup(inlined),
            "plotly_file": f"{self.assets}/{plotly_js().name}" if draws and not alone else "",
        }


def _policy(script: str, inlined: str) -> str:
    """Say what may run: our script by its hash, and what that script loads; else nothing."""
    if not script:
        return _POLICY.format(scripts="'none'")
    if inlined:
        return _POLICY.format(scripts=f"{csp_hash(inlined)} {csp_hash(script)}")
    return _POLICY.format(scripts=f"'self' {csp_hash(script)} 'strict-dynamic'")


def _is_parameters(cell: Mapping[str, Any]) -> bool:
    return f"injected-{TAG}" in _tags(cell)


def _tags(cell: Mapping[str, Any]) -> Sequence[str]:
    return list(cell.get("metadata", {}).get("tags", []))


def json_script(value: Any) -> Markup:
    """Write JSON so that it cannot end the script element that holds it."""
    try:
        text = json.dumps(
            value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
        )
    except ValueError:
        message = "a figure holds a number that is not finite"
        raise ReportFailure(Failure("figure-lost", message, "Leave such values out.")) from None
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)
