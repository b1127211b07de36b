"""Sentences on why numbers differ: a reader who adds them up finds them right."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normlib import commitments, connectivity, figures, load, movements, timeline
from normlib.dossier import Dossier
from normlib.figures.tables import Note, Table
from normlib.figures.words import signed_words, written_step
from tests.test_movements import ledger, met, status

DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2026, 6, 30))
SINCE = pd.Timestamp("2022-07-15")
SPANS = [
    ("2024-07-30", "2025-09-12"),
    ("2025-09-12", "latest"),
    ("1993-04-03", "2008-09-06"),
    ("2022-07-01", "2024-07-30"),
    ("2025-09-12", "2025-09-13"),
    ("2025-09-12", "2025-09-12"),
    ("1900-01-01", "1900-02-01"),
]
SIGNED = r"[+−]?\d\.\d{3}"


@cache
def record() -> Dossier:
    return load()


def told(since: object, until: object = "latest") -> tuple[list[Note], Table]:
    """The sentences and the table on the record between two days."""
    after = record().as_of(until)  # type: ignore[arg-type]
    first = after.resolve_since(since)  # type: ignore[arg-type]
    three = [after.as_of(first), after.as_of(first, known=after.day), after]
    found = movements.movements(
        map(commitments.ledger, three),
        map(connectivity.link_status, three),
        map(timeline.contacts, three),
        since=first,
    )
    notes = figures.movements_notes(found, after, since=first)
    return list(notes.notes), figures.movements_table(found, after, since=first, stamp=after.stamp)


def say(
    ledgers: list[dict[str, Any]] | None = None,
    statuses: list[dict[str, Any]] | None = None,
    contacts: list[dict[str, str]] | None = None,
) -> list[str]:
    """The sentences on three made-up views, none of which the record knows."""
    found = movements.movements(
        [ledger(rows) for rows in ledgers or [{}] * 3],
        [status(rows) for rows in statuses or [{}] * 3],
        [met(rows) for rows in contacts or [{}] * 3],
        since=SINCE,
    )
    return [str(note) for note in figures.movements_notes(found, record(), since=SINCE).notes]


def number(text: str) -> Decimal:
    return Decimal(text.replace("−", "-").replace(",", ""))


def runs(level: int | None, day: str = "2023-02-01") -> tuple[Any, ...]:
    return (level, "announced", "running", day)


# What is written adds up


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=6), st.integers(0, 4))
def test_written_steps_add_up_and_never_point_the_other_way(
    values: list[float], decimals: int
) -> None:
    steps = [written_step(one, other, decimals) for one, other in pairwise(values)]
    assert sum(filter(None, steps), Decimal(0)) == written_step(values[0], values[-1], decimals)
    for step, (one, other) in zip(steps, pairwise(values), strict=True):
        assert step is not None
        assert (other - one) * float(step) >= 0
        assert abs(float(step) - (other - one)) <= 10**-decimals * (1 + 1e-9)


def test_a_step_to_or_from_nothing_is_none() -> None:
    assert written_step(float("nan"), 1.0) is None
    assert signed_words(None) == "–"


@settings(max_examples=10, deadline=None)
@given(DAYS, DAYS)
def test_whoever_adds_up_the_index_sentence_finds_it_right(one: date, other: date) -> None:
    since, until = sorted((one, other))
    text = str(told(since, until)[0][0])
    found = re.search(r"stands at (0\.\d{3}), (0\.\d{3}) (higher|lower) than on [^:]+: (.*)", text)
    if found is None:
        assert re.search(r"no implementation index|, as on|nothing to compare|differs", text), text
        return
    whole = number(found[2]) * (1 if found[3] == "higher" else -1)
    kinds = re.findall(rf"({SIGNED}) (?:like-for-like|because)", found[4])
    assert sum(map(number, kinds)) == whole
    details = re.split(rf"{SIGNED} (?:like-for-like|because)", found[4])[1:]
    for kind, detail in zip(kinds, details, strict=True):
        inner = re.findall(rf"\(({SIGNED}): ", detail)
        assert not inner or sum(map(number, inner)) == number(kind)


@settings(max_examples=10, deadline=None)
@given(DAYS, DAYS)
def test_the_steps_of_the_table_lead_from_the_first_number_to_the_last(
    one: date, other: date
) -> None:
    since, until = sorted((one, other))
    table = told(since, until)[1].as_json()
    names = [column["key"] for column in table["columns"]]
    rows = [
        dict(
            zip(
                names, ("".join(p.get("t", "") for p in cell) for cell in row["cells"]), strict=True
            )
        )
        for row in table["rows"]
    ]
    assert len({row["name"] for row in rows}) == len(movements.NUMBERS)
    for name in {row["name"] for row in rows}:
        mine = [row for row in rows if row["name"] == name and row["by"] != "–"]
        ends = [tuple(map(number, row["ends"].split(" → "))) for row in mine]
        for row, (start, end) in zip(mine, ends, strict=True):
            assert start + number(row["by"].partition(" ")[0]) == end
        assert [start for start, _ in ends[1:]] == [end for _, end in ends[:-1]]


# Sentences


@pytest.mark.parametrize("span", SPANS)
def test_every_sentence_ends_as_one_and_leads_to_rows_of_the_view(span: tuple[str, str]) -> None:
    view = record().as_of(span[1])
    notes, table = told(*span)
    for note in notes:
        text = str(note)
        assert text.endswith("."), text
        assert text[0].isupper() or text[0].isdigit(), text
        assert not re.search(r"  |\bnan\b|\(\)|\.\.|None\b(?! of)| ,", text), text
        parts = note.as_json()["parts"]
        assert {part["src"] for part in parts if "src" in part} <= set(view.sources["source_id"])
        for part in parts:
            if "row" in part:
                name, _, key = part["row"].partition("/")
                assert key in view.labels(name)
    assert all(len(row["cells"]) == 6 for row in table.as_json()["rows"])


def test_every_row_of_a_movement_is_in_the_table_with_its_sources() -> None:
    table = told("2022-07-01")[1].as_json()
    moved = [row for row in table["rows"] if row["cells"][1] != [{"t": "no change"}]]
    assert len(moved) > 8
    for row in moved:
        assert all("row" in part or part["t"] in ("; ", "") for part in row["cells"][4])
        assert any("src" in part for part in row["cells"][5])


def test_a_day_with_itself_and_days_without_news_are_one_sentence_each() -> None:
    assert [str(note) for note in told("2025-09-12", "2025-09-12")[0]] == [
        "Both days are 12 September 2025: no number differs."
    ]
    (same,) = map(str, told("2025-09-12", "2025-09-13")[0])
    assert same.startswith("No headline number differs from that of 12 September 2025: the ")


def test_hindsight_is_denied_only_where_there_is_none() -> None:
    happened = [{}, {}, {"x": "visit"}]
    learned = [{}, {"x": "visit"}, {"x": "visit"}]
    denied = "No number moved because something older was learned since."
    assert denied in say(contacts=happened)
    assert denied not in say(contacts=learned)


@pytest.mark.parametrize(
    ("contacts", "words"),
    [
        (
            [{}, {}, {"x": "visit"}],
            "1 contact between the sides is on record, 1 more than on 15 July 2022: 1 visit.",
        ),
        (
            [{}, {"x": "visit"}, {"x": "visit"}],
            "1 contact between the sides is on record, 1 more than on 15 July 2022: all of earlier "
            "days and learned only since, 1 visit.",
        ),
        (
            [{}, {"x": "visit"}, {"x": "visit", "y": "meeting", "z": "meeting"}],
            "3 contacts between the sides are on record, 3 more than on 15 July 2022: 2 meetings; "
            "of earlier days and learned only since, 1 visit.",
        ),
    ],
)
def test_contacts_are_told_by_kind_and_cause(contacts: list[Any], words: str) -> None:
    assert say(contacts=contacts)[3] == words


def test_counts_are_told_of_none_one_and_many() -> None:
    gone = [{"x": ("open", True, False)}] * 2 + [{"x": ("closed", True, False)}]
    texts = say(statuses=gone)
    assert texts[2] == (
        "No link between the sides is open, 1 fewer than on 15 July 2022: 1 went out of regular "
        "use (x)."
    )
    many = {key: runs(1) for key in "abcde"}
    assert say(ledgers=[{}, {}, many])[1] == (
        "5 commitments are outstanding, 5 more than on 15 July 2022: 5 were made (a; b; 3 others)."
    )


def test_what_cancels_out_is_not_told_as_nothing() -> None:
    swapped = [{"a": runs(1)}] * 2 + [
        {"a": (3, "implemented", "implemented", "2023"), "b": runs(0)}
    ]
    assert say(ledgers=swapped)[1] == (
        "1 commitment is outstanding, as many as on 15 July 2022, though not for want of change: 1 "
        "was made (b) and 1 was implemented (a)."
    )


def test_an_index_that_moved_too_little_to_be_written_says_so() -> None:
    before = {f"k{at}": runs(1) for at in range(900)}
    after = {**before, "k0": runs(2)}
    assert "stands at 0.334, 0.001 higher" in say(ledgers=[before, before, after])[0]
    before = {f"k{at}": runs(0) for at in range(900)}
    after = {**before, "k0": runs(1)}
    text = say(ledgers=[before, before, after])[0]
    assert "stands at 0.000, within 0.001 of where it stood on 15 July 2022: 0.000 like" in text


@pytest.mark.parametrize(
    ("ledgers", "words"),
    [
        (
            [{}, {}, {"a": runs(1)}],
            "stands at 0.333; on 15 July 2022 no commitment had a level yet",
        ),
        ([{"a": runs(1)}] * 2 + [{"a": runs(None)}], "index; on 15 July 2022 it stood at 0.333."),
        ([{"a": runs(None)}] * 2 + [{"b": runs(None)}], "no implementation index, as on 15 July"),
        ([{}, {"a": runs(1)}, {"a": runs(2)}], "but with what was learned since, it was 0.333:"),
        (
            [{"a": runs(1)}] * 2 + [{"a": (1, "superseded", "ended", "2023"), "b": runs(2)}],
            "+0.334 because the set itself changed, as 2 commitments entered the count or left it",
        ),
        (
            [{"a": runs(1)}] * 2 + [{"a": runs(1), "b": runs(0)}],
            "1 commitment entered the count, below the rest (b).",
        ),
        (
            [{"a": runs(1)}] * 2 + [{"a": runs(1), "b": runs(0), "c": runs(2)}],
            "2 commitments entered the count, on average level with the rest (b; c).",
        ),
    ],
)
def test_the_index_is_told_where_days_or_sets_differ(ledgers: list[Any], words: str) -> None:
    assert words in say(ledgers=ledgers)[0]


def test_a_date_across_the_day_is_told_after_the_parts() -> None:
    across = [{"a": runs(1)}] * 2 + [{"a": runs(2, "2022-07")}]
    assert say(ledgers=across)[0].endswith(
        " Of these, dated too vaguely to tell before from after that day: a."
    )
