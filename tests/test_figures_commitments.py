"""What the figures, tables and sentences of the commitments draw and say."""

import json
import re
from decimal import Decimal
from itertools import pairwise

import pandas as pd
import plotly.graph_objects as go
import pytest

from normlib import claims, commitments, figures, load
from normlib.figures.indices import _apart
from normlib.figures.stack import hover_lines, stacked
from normlib.figures.targets import short_date
from normlib.figures.theme import words_of

RECORD = load()
SIXTH = RECORD.as_of("2025-09-12")
BORDER = "border-third-country-citizens"
EARLY = RECORD.as_of("1900-01-01")


def levels(dossier: object = SIXTH) -> go.Figure:
    return figures.levels_figure(
        commitments.level_history(dossier),
        commitments.ledger(dossier),
        commitments.targets(dossier),
        day=dossier.day,
        stamp=dossier.stamp,
    )


def focus(dossier: object = SIXTH) -> go.Figure:
    stated = commitments.targets(dossier)
    return figures.targets_figure(
        commitments.focus_targets(dossier, stated),
        commitments.ledger(dossier),
        day=dossier.day,
        stamp=dossier.stamp,
    )


def over_time(dossier: object = SIXTH) -> go.Figure:
    found = commitments.index_over_time(dossier)
    return figures.index_figure(found, day=dossier.day, stamp=dossier.stamp)


DRAWN = [levels, focus, over_time]


@pytest.mark.parametrize("draw", DRAWN)
def test_a_figure_says_what_it_is_as_of_when_and_what_it_finds(draw: object) -> None:
    fig = draw()
    words = words_of(fig)
    assert "2025-09-12" in fig.layout.title.text
    assert "2025-09-12" in words["narrow"]["title.text"]
    assert words["caption"][0]["t"]
    assert "12 September 2025" in words["alt"]
    assert words["table"]["rows"]


@pytest.mark.parametrize("draw", DRAWN)
def test_a_figure_with_nothing_to_draw_says_so(draw: object) -> None:
    fig = draw(EARLY)
    assert len(fig.data) == 0
    assert "by this day" in fig.layout.annotations[0].text


@pytest.mark.parametrize("draw", DRAWN)
def test_a_figure_holds_plain_lists_only(draw: object) -> None:
    text = draw().to_json()
    assert "bdata" not in text
    assert "NaT" not in text


def test_every_bar_and_tick_leads_to_its_commitment() -> None:
    known = {f"commitments/{key}" for key in SIXTH.commitments["commitment_id"]}
    drawn = {data[0] for trace in levels().data if trace.customdata for data in trace.customdata}
    assert drawn == known


def test_a_level_is_drawn_in_its_own_bar_and_no_evidence_is_hatched() -> None:
    bars = {trace.name: trace for trace in levels().data if trace.type == "bar"}
    assert list(bars) == [
        "3 full",
        "2 intermediate",
        "1 minimum",
        "0 not initiated",
        "no evidence",
    ]
    assert bars["no evidence"].marker.pattern.shape == "/"
    assert len(bars["3 full"].base) > 0


def test_a_bar_ends_where_a_promise_was_replaced() -> None:
    ends = [note.text for note in levels().layout.annotations]
    assert sum("superseded 2025" in text for text in ends) == 2


def test_a_label_never_sits_on_the_bar_of_another_row() -> None:
    stack = stacked({"A": ["a", "b"], "B": ["c"]}, 43)
    middles = [row.y for row in stack.rows]
    assert all(later - earlier >= 43 for earlier, later in pairwise(middles))
    assert stack.height == 3 * 43 + 2 * 30


def test_the_promise_is_the_first_line_above_the_dates_named_for_it() -> None:
    fig = focus()
    texts = [text for trace in fig.data for text in (trace.text or ())]
    assert any("The promise" in text for text in texts)
    assert " 1,169 d" in texts
    assert " 1,108 d" in texts


def test_a_date_still_ahead_has_no_days_past_it() -> None:
    stated = commitments.targets(RECORD)
    rows = stated[stated["commitment_id"] == "kars-gyumri-railway-technical-work"]
    ledger = commitments.ledger(RECORD)
    fig = figures.targets_figure(rows, ledger, day=RECORD.day, stamp=RECORD.stamp)
    past = next(trace for trace in fig.data if trace.name == "days past it")
    assert len(past.x) == 0


def test_the_strips_of_the_index_figure_fill_the_whole() -> None:
    areas = [trace for trace in over_time().data if trace.stackgroup]
    totals = [sum(values) for values in zip(*(trace.y for trace in areas), strict=True)]
    assert totals == pytest.approx([100.0] * len(totals))


def test_labels_beside_thin_strips_keep_their_distance() -> None:
    moved = _apart([1.0, 2.0, 3.0, 98.0, 99.0], 7.0)
    assert all(high - low >= 7.0 - 1e-9 for low, high in pairwise(moved))
    assert moved[-1] <= 100


def test_the_ledger_shows_levels_in_words_and_leads_to_its_rows() -> None:
    table = figures.ledger_table(SIXTH, commitments.ledger(SIXTH)).as_json()
    row = next(row for row in table["rows"] if row["id"] == f"commitments/{BORDER}")
    words = ["".join(part.get("t", "") for part in cell) for cell in row["cells"]]
    assert words[:2] == ["Open the land border to third-country citizens", "1 minimum"]
    assert "1,169" in words
    assert {"src": "seed-2025-09-12"} in row["cells"][-1]


def test_ended_promises_are_not_shown_as_outstanding() -> None:
    table = figures.ledger_table(RECORD, commitments.ledger(RECORD)).as_json()
    row = next(row for row in table["rows"] if row["id"] == "commitments/power-export-2008")
    assert row["cells"][4] == [{"t": "ended"}]


def test_the_focus_note_tells_the_story_of_the_land_border() -> None:
    stated = commitments.focus_targets(SIXTH, commitments.targets(SIXTH))
    text = str(figures.focus_note(stated, commitments.ledger(SIXTH), day=SIXTH.day))
    assert "8 dates were named" in text
    assert "all of these had passed, none with full implementation on record" in text
    assert "outstanding for 1,169 days" in text


def test_the_change_is_told_in_three_parts_that_add_up_as_they_are_written() -> None:
    before = commitments.ledger(RECORD.as_of("2025-09-12"))
    change = commitments.index_change(before, commitments.ledger(RECORD))
    since, day = pd.Timestamp("2025-09-12"), RECORD.day
    text = str(figures.change_note(change, since=since, day=day))
    assert "like-for-like" in text
    first, last, *steps = (
        Decimal(found.replace("−", "-")) for found in re.findall(r"[+−]?\d\.\d{3}", text)
    )
    raw, like, rest = steps
    assert raw == last - first == like + rest
    assert abs(float(raw) - change.iloc[0]["raw"]) < 0.001


def test_an_index_is_never_told_without_its_counts_and_its_caution() -> None:
    text = str(figures.index_note(commitments.index(commitments.ledger(RECORD))))
    assert "counted commitments" in text
    assert "ordinal" in text
    assert "one coder" in text


@pytest.mark.parametrize("by", commitments.GROUPS)
def test_the_index_of_groups_shows_number_and_share(by: str) -> None:
    found = commitments.index(commitments.ledger(RECORD), by=by)
    table = figures.index_table(found, by=by, stamp=RECORD.stamp).as_json()
    assert len(table["rows"]) == len(found)
    assert "%" in json.dumps(table)


def test_sentences_about_nothing_are_still_sentences() -> None:
    ledger, stated = commitments.ledger(EARLY), commitments.targets(EARLY)
    change = commitments.index_change(ledger, ledger)
    notes = [
        figures.ledger_note(ledger, day=EARLY.day),
        figures.outstanding_note(ledger),
        figures.silence_note(ledger),
        figures.index_note(commitments.index(ledger)),
        figures.change_note(change, since=EARLY.day, day=EARLY.day),
        figures.focus_note(stated, ledger, day=EARLY.day),
        figures.slippage_note(stated, ledger),
        figures.contradictions_note(claims.contradictions(EARLY)),
    ]
    assert all(str(note).endswith(".") for note in notes)


def test_contradictions_are_shown_with_verdict_reason_and_sources() -> None:
    rows = claims.contradictions(RECORD, table="events")
    table = figures.contradictions_table(rows, RECORD.stamp).as_json()
    aid = [row for row in table["rows"] if row["id"].startswith("claims/syria-aid")]
    verdicts = [row["cells"][3][0]["t"] for row in aid]
    assert verdicts == ["accepted", "not accepted"]
    assert aid[1]["cells"][2] == [{"t": "March 2024"}]
    assert all(row["cells"][-1] for row in aid)


def test_words_of_the_record_are_never_markup() -> None:
    assert hover_lines("<b>x</b> & y") == "&lt;b&gt;x&lt;/b&gt; &amp; y"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2023-02-16", "16 Feb 2023"),
        ("2023-06/2023-08", "June–Aug 2023"),
        ("2022-07-01/2022-07-07", "1–7 July 2022"),
        ("2025-12-28/2026-01-03", "28 Dec 2025–3 Jan 2026"),
        ("../2022-08", "by Aug 2022"),
        ("2026-01~", "c. Jan 2026"),
    ],
)
def test_short_dates_keep_their_precision(text: str, words: str) -> None:
    assert short_date(text) == words


def test_one_contradiction_left_open_is_told_as_one() -> None:
    rows = claims.contradictions(RECORD)
    settled, left = (rows[rows["resolved"].astype(bool).eq(value)] for value in (True, False))
    one = left[left["conflict"].eq(left["conflict"].iloc[0])]
    assert "1 of them is left open" in str(figures.contradictions_note(pd.concat([settled, one])))
    assert "none of them is left open" in str(figures.contradictions_note(settled))
    many = left["conflict"].nunique()
    assert f"{many} of them are left open" in str(figures.contradictions_note(left))
