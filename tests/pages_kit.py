"""Small projects for tests of reports: notebooks of a few cells that put out what pages read.

The cells write the plain forms by hand, so that they need no library and start quickly.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from normlib.package import PROJECT
from normlib.report.jobs import Edition, Job, Limits, Setting, Sibling, Source
from normlib.report.project import Project
from tests.tiny import tiny_package

PARAMETERS = """\
dataset: str = "turkiye-armenia"  # the record
as_of: str = "latest"  # day of the view
since: str = "last-round"  # compared with this day
count: int = 3  # how many
share: float = 0.5
aloud: bool = False  # whether to shout
"""

SHOW = "from IPython.display import display\n"
TABLE_MIME = "application/vnd.normlib.table+json"
NOTE_MIME = "application/vnd.normlib.note+json"
PLOTLY_MIME = "application/vnd.plotly.v1+json"

Json = dict[str, Any]


def table(rows: list[Json] | None = None, caption: str = "Events of the record") -> Json:
    """A table of one event that cites one source."""
    first = {"id": "events/2022-07-01-talks", "cells": [[{"t": "Talks"}], [{"src": "s"}]]}
    columns = [
        {"key": "title", "label": "Event", "align": "left"},
        {"key": "sources", "label": "Sources", "align": "left"},
    ]
    return {
        "caption": caption,
        "kind": None,
        "columns": columns,
        "rows": [first] if rows is None else rows,
    }


def note(text: str = "One event is recorded.", **part: str) -> Json:
    """A sentence that cites one source."""
    return {"parts": [{"t": text, **part}, {"src": "s"}]}


def figure(key: str = "events", **words: Any) -> Json:
    """A figure with one mark, which belongs to a row."""
    about = {
        "key": key,
        "caption": [{"t": "One mark an event."}],
        "alt": "There is one event.",
        "sources": ["s"],
        "table": table(caption=f"Data of {key}"),
        "narrow": {"margin.l": 5},
        **words,
    }
    marks = {
        "type": "scatter",
        "mode": "markers",
        "x": ["2022-07-01"],
        "y": [1],
        "marker": {"size": 40},
        "customdata": [["events/2022-07-01-talks"]],
    }
    layout = {"title": {"text": "<b>Events</b><br>As of today"}, "height": 320}
    return {"data": [marks], "layout": {**layout, "meta": {"normlib": json.dumps(about)}}}


def chosen_figure(words: str = "Half open") -> Json:
    """A figure that always shows one mark, and of two more the one that is chosen."""
    options = [["One trip"], ["As it is", words]]
    views = [[{"show": [1], "words": "As it is."}, {"show": [2], "words": words}]]
    layouts = [{"xaxis.range": [0, 4], "yaxis.range": [0, 4]}]
    labels = ["Trip", "Links"]
    found = figure(
        "choice",
        choices={
            "labels": labels,
            "options": options,
            "first": [0, 0],
            "layouts": layouts,
            "views": views,
        },
    )
    marks = found["data"][0]
    found["data"] = [{**marks, "x": [x], "visible": x < 3} for x in (1, 2, 3)]
    return found


def shows(content: Json, mime: str) -> str:
    """The code of a cell that puts out some content."""
    return f"{SHOW}display({{{mime!r}: {content!r}, 'text/plain': 'shown'}}, raw=True)"


def code(source: str, *tags: str) -> Json:
    """A code cell."""
    empty: Json = {"outputs": [], "execution_count": None}
    return {"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source, **empty}


def words(source: str) -> Json:
    """A Markdown cell."""
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def notebook(
    *cells: Json, title: str = "# A page\n\nWhat has happened?", parameters: str = PARAMETERS
) -> Json:
    """A notebook with a title and parameters, and the cells of a test; its kernel is a stranger."""
    found = [words(title), code(parameters, "parameters"), *cells]
    named = [{**cell, "id": f"cell-{at}"} for at, cell in enumerate(found)]
    kernel = {"name": "nobody-has-this", "display_name": "X", "language": "python"}
    metadata = {"kernelspec": kernel}
    return {"cells": named, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def good_notebook() -> Json:
    """A notebook with a figure, a sentence and a table."""
    return notebook(
        words("## What happened?"),
        code(shows(figure(), PLOTLY_MIME)),
        code(shows(note(), NOTE_MIME), "headline"),
        code(shows(table(), TABLE_MIME)),
    )


def project(folder: Path, recipe: str = 'title = "All of it"\n', **notebooks: Json) -> Project:
    """A project with one recipe, ``baseline``, and notebooks by name (``_10_page`` → 10-page)."""
    found = Project(folder / "project")
    found.notebooks.mkdir(parents=True)
    found.recipes.mkdir(parents=True)
    (found.recipes / "baseline.toml").write_text(recipe, encoding="utf-8")
    for name, content in notebooks.items():
        file = found.notebooks / f"{name.strip('_').replace('_', '-')}.ipynb"
        file.write_text(json.dumps(content), encoding="utf-8")
    return found


def dataset(folder: Path) -> Path:
    """A record with two rounds of talks."""
    rounds = [
        {"event_id": "2022-01-14-first", "round": 1, "title": "First round"},
        {"event_id": "2022-07-01-talks", "round": 2, "title": "Second round"},
    ]
    until = {"coversUntil": "2023-01-01"}
    return tiny_package(folder, descriptor=until, events=rounds)


def shown(content: Json, mime: str, *tags: str) -> Json:
    """A code cell that has put out some content."""
    data = {mime: content, "text/plain": "shown"}
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    return {**code("show()", *tags), "outputs": [output]}


def executed(*cells: Json, title: str = "# A page\n\nWhat has happened?") -> Json:
    """A notebook as it is after its run: its code cells are numbered."""
    found = notebook(*cells, title=title)
    count = 0
    for cell in found["cells"]:
        if cell["cell_type"] == "code":
            count += 1
            cell["execution_count"] = count
    return found


def edition(**changes: Any) -> Edition:
    """What a page must know about a record with the sources ``s`` and ``later``."""
    source = Source("A paper", "A page", "1 January 2020", "https://example.org/a", "tr", "news")
    found = Edition(
        dataset="tiny",
        title="A record",
        version="2023-02-01",
        day="2022-12-31",
        covers_until="2023-01-01",
        last_known=False,
        rows=2,
        credits=("CC BY 4.0",),
        sources={"s": source, "t": replace(source, title="Another page", url="")},
    )
    return replace(found, **changes)


def job(content: Json, *, template: Path = PROJECT / "reports" / "template", **changes: Any) -> Job:
    """A job for the page ``10-page``, which has a sister page ``20-commitments``."""
    setting = Setting(
        recipe="baseline",
        recipe_title="All of it",
        description="",
        member="latest",
        member_title="All of it",
        siblings=(Sibling("10-page", "Page"), Sibling("20-commitments", "Commitments")),
        changed=(("Since", "2022-01-14"),),
        fingerprints={"data": "0123456789ab"},
    )
    found = Job("10-page", content, {}, "", edition(), setting, str(template), Limits())
    return replace(found, **changes)
