"""Make the overview page of a sweep from what is on record of its members."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from normlib.figures.sweep import sweep_figure, sweep_note, sweep_table
from normlib.figures.theme import words_of
from normlib.figures.words import count_words
from normlib.report.blocks import Block, FigureBlock, Sentence, TableBlock
from normlib.report.jobs import Page
from normlib.report.overview import Overview
from normlib.report.page import Composer, Look, environment, json_script

NUMBERS = "member number label unit value page".split()
MEMBERS = "member title day dataset page state".split()
STATES = {"kept": "{} kept from an earlier build", "failed": "{} not built"}


def make_overview(overview: Overview) -> Page:
    """Return the overview page of a sweep."""
    numbers, members = numbers_of(overview), members_of(overview)
    blocks = _blocks(overview, numbers, members)
    composer = Composer({}, {}, blocks)
    (section,) = composer.sections(blocks)
    look = Look(Path(overview.template), True, overview.single_file, assets="../assets")
    html = (
        environment(overview.template)
        .get_template("overview.html")
        .render(
            title=overview.title,
            description=overview.description,
            blocks=section["blocks"],
            sources=[],
            homes=json_script({}),
            records="; ".join(dict.fromkeys(members["dataset"])),
            **look.words(),
        )
    )
    return Page(html, overview.title, overview.description, (), figures=1, tables=1, sources=0)


def numbers_of(overview: Overview) -> pd.DataFrame:
    """Return every headline number of every member, report by report: ``NUMBERS``."""
    rows = [
        (
            report["name"],
            member["member"],
            f"{report['name']}-{number['key']}",
            *(number["label"], number["unit"], number["value"]),
            f"{member['member']}/{report['name']}.html",
        )
        for member in overview.members
        for report in member["reports"]
        if report["status"] != "failed"
        for number in report["numbers"]
    ]
    found = pd.DataFrame(rows, columns=["report", *NUMBERS]).astype({"value": "float64"})
    return found.sort_values("report", kind="stable", ignore_index=True)[NUMBERS]


def members_of(overview: Overview) -> pd.DataFrame:
    """Return the members in their order: the columns of ``MEMBERS``."""
    rows = [
        (
            *(member["member"], member["member_title"], pd.Timestamp(member["day"])),
            member["dataset"]["title"],
            f"{member['member']}/{_entrance(member)}.html",
            _state([report["status"] for report in member["reports"]]),
        )
        for member in overview.members
    ]
    return pd.DataFrame(rows, columns=MEMBERS)


def _entrance(member: Mapping[str, Any]) -> str:
    """Return the page of a member: its index, or the report if it has only one that stands."""
    reports = member["reports"]
    alone = len(reports) == 1 and reports[0]["status"] != "failed"
    return str(reports[0]["name"]) if alone else "index"


def _state(statuses: list[str]) -> str:
    bad = [
        words.format(statuses.count(status))
        for status, words in STATES.items()
        if status in statuses
    ]
    return ", ".join([str(len(statuses)), *bad])


def _blocks(overview: Overview, numbers: pd.DataFrame, members: pd.DataFrame) -> list[Block]:
    stamp = " · ".join(
        [
            count_words(len(members), "set of pages", "sets of pages"),
            *dict.fromkeys(members["dataset"]),
        ]
    )
    fig = sweep_figure(numbers, members, title="Headline numbers, set by set", stamp=stamp)
    drawn = json.loads(fig.to_json())
    table = sweep_table(numbers, members, caption=f"{overview.title}: every set of pages")
    return [
        Sentence(sweep_note(numbers, members).as_json()["parts"], headline=False),
        FigureBlock(drawn, words_of(drawn)),
        TableBlock(table.as_json()),
    ]
