"""What the figures, tables and sentences of durations draw and say."""

import json
from itertools import pairwise

import pandas as pd
import plotly.graph_objects as go
import pytest

from normlib import commitments, durations, figures, load
from normlib.dossier import Dossier
from normlib.figures.durations import MOST_TICKS, _ending_styles, _ticks
from normlib.figures.theme import words_of

RECORD = load()
EARLY = RECORD.as_of("1900-01-01")


def lives(dossier: Dossier = RECORD) -> pd.DataFrame:
    rows = durations.durations(commitments.ledger(dossier), day=dossier.day)
    return durations.periods(rows, year=2020)


def how_long(rows: pd.DataFrame) -> go.Figure:
    return figures.durations_figure(durations.survival(rows), rows, stamp=RECORD.stamp)


def endings(rows: pd.DataFrame) -> go.Figure:
    return figures.endings_figure(durations.incidence(rows), rows, stamp=RECORD.stamp)


def comparison(rows: pd.DataFrame) -> go.Figure:
    curves = durations.survival(rows, by="period")
    return figures.comparison_figure(curves, rows, by="period", stamp=RECORD.stamp)


def texts(fig: go.Figure) -> list[str]:
    return [text for trace in fig.data for text in (trace.text or ())]


DRAWN = [how_long, endings, comparison]


@pytest.mark.parametrize("draw", DRAWN)
def test_a_figure_says_what_it_is_as_of_when_and_what_it_finds(draw: object) -> None:
    fig = draw(lives())
    words = words_of(fig)
    assert str(RECORD.day.date()) in fig.layout.title.text
    assert str(RECORD.day.date()) in words["narrow"]["title.text"]
    assert words["caption"][0]["t"]
    assert "%" in words["alt"]
    assert words["sources"]
    assert words["table"]["rows"]


@pytest.mark.parametrize("draw", DRAWN)
@pytest.mark.parametrize("count", [0, 1, 4])
def test_below_five_nothing_is_drawn_and_the_figure_says_why(draw: object, count: int) -> None:
    fig = draw(lives().head(count))
    assert len(fig.data) == 0
    assert "No curve" in fig.layout.annotations[0].text
    assert "5" in fig.layout.annotations[0].text


@pytest.mark.parametrize("draw", DRAWN)
def test_a_figure_holds_plain_lists_only(draw: object) -> None:
    text = draw(lives()).to_json()
    assert "bdata" not in text
    assert "NaN" not in text


@pytest.mark.parametrize("draw", DRAWN)
def test_the_numbers_at_risk_are_printed_at_each_tick(draw: object) -> None:
    rows = lives()
    fig = draw(rows)
    below = [trace for trace in fig.data if trace.yaxis == "y2" and len(trace.x) > 1]
    assert below
    for trace in below:
        assert list(trace.x) == list(fig.layout.xaxis.tickvals)
    starts = sum(int(trace.text[0]) for trace in below)
    assert starts == len(rows)


def test_the_numbers_at_risk_are_those_followed_so_long() -> None:
    rows = lives()
    line = next(trace for trace in how_long(rows).data if trace.yaxis == "y2" and len(trace.x) > 1)
    for day, text in zip(line.x, line.text, strict=True):
        low, high = (int((rows[name] >= day).sum()) for name in ("days_low", "days_high"))
        assert text == (f"{low}" if low == high else f"{low}–{high}")


def test_every_commitment_is_marked_where_it_leaves_the_count() -> None:
    fig = how_long(lives())
    marked = [data[0] for trace in fig.data if trace.mode == "markers" for data in trace.customdata]
    assert sorted(marked) == sorted(f"commitments/{key}" for key in lives()["commitment_id"])


def test_ways_to_leave_the_count_have_marks_of_their_own() -> None:
    marks = [trace for trace in how_long(lives()).data if trace.mode == "markers"]
    assert len({trace.marker.symbol for trace in marks}) == len(marks) == 3
    assert all(trace.showlegend for trace in marks)


def test_the_surfaces_of_the_endings_fill_the_whole() -> None:
    areas = [trace for trace in endings(lives()).data if trace.stackgroup]
    totals = [sum(values) for values in zip(*(trace.y for trace in areas), strict=True)]
    assert totals == pytest.approx([100.0] * len(totals))


def test_a_figure_cites_the_sources_of_every_ending_that_it_draws() -> None:
    rows = lives()
    ended = rows[rows["ending"].ne("open")]
    assert set(words_of(endings(rows))["sources"]) == {s for ids in ended["sources"] for s in ids}
    assert set(words_of(how_long(rows))["sources"]) == {s for ids in rows["sources"] for s in ids}


def test_endings_are_told_apart_by_more_than_colour() -> None:
    areas = [trace for trace in endings(lives()).data if trace.stackgroup]
    looks = {(trace.fillcolor, trace.fillpattern.shape) for trace in areas}
    patterns = [trace.fillpattern.shape for trace in areas if trace.fillpattern.shape]
    assert len(looks) == len(areas)
    assert len(set(patterns)) == len(patterns) == 2


def test_an_end_state_of_another_record_gets_a_style_and_its_name() -> None:
    styles = _ending_styles(["implemented", "lapsed", "withdrawn"])
    assert styles["lapsed"].label == "lapsed"
    assert styles["lapsed"].colour != styles["withdrawn"].colour


def test_groups_are_told_apart_by_colour_and_dash() -> None:
    lines = [trace for trace in comparison(lives()).data if trace.name and trace.mode == "lines"]
    named = {trace.name: trace.line for trace in lines if trace.showlegend}
    assert list(named) == ["made before 2020", "made since 2020"]
    assert len({line.color for line in named.values()}) == 2
    assert len({line.dash for line in named.values()}) == 2


def test_a_group_too_small_is_named_in_the_caption_with_its_size() -> None:
    rows = lives()
    small = rows[rows["period"].eq("made since 2020")].head(3)
    both = pd.concat([rows[rows["period"].eq("made before 2020")], small], ignore_index=True)
    caption = words_of(comparison(both))["caption"][0]["t"]
    assert "No curve for 3 promises made since 2020: fewer than 5." in caption


@pytest.mark.parametrize("longest", [0, 1, 16, 364, 365, 1095, 3104, 40_000])
def test_ticks_are_regular_and_few_enough_for_a_narrow_page(longest: int) -> None:
    ticks = list(_ticks(longest))
    assert ticks[0] == 0
    assert len(ticks) <= MOST_TICKS + 1
    assert len({later - earlier for earlier, later in pairwise(ticks)}) <= 1


def test_the_data_of_a_curve_lead_to_its_commitments() -> None:
    rows = words_of(how_long(lives()))["table"]["rows"]
    led = {part["row"] for row in rows for cell in row["cells"] for part in cell if "row" in part}
    assert led == {f"commitments/{key}" for key in lives()["commitment_id"]}


def test_the_note_tells_counts_and_an_unreached_median() -> None:
    rows = lives()
    note = figures.durations_note(rows, durations.summary(rows), day=RECORD.day)
    assert "Of 46 commitments" in str(note)
    assert "9 were implemented" in str(note)
    assert "16 abandoned and 2 superseded" in str(note)
    assert "not reached within 3,104 days" in str(note)
    numbers = {number["key"]: number["value"] for number in note.as_json()["numbers"]}
    assert numbers == {
        "followed": 46,
        "implemented": 9,
        "ended-otherwise": 18,
        "median-days": None,
    }


def test_a_reached_median_is_told_with_its_days() -> None:
    rows = lives()
    kept = rows[rows["ending"].eq("implemented")]
    note = figures.durations_note(kept, durations.summary(kept), day=RECORD.day)
    assert "Half are estimated to be implemented after 90 days." in str(note)


def test_shares_after_years_stand_with_interval_and_number_followed() -> None:
    text = str(figures.shares_note(durations.survival(lives())))
    assert "within 1 year 13 % (95 % interval 6–27 %), 27 followed for so long" in text
    assert "within 3 years 23 %" in text


def test_a_share_after_the_last_day_followed_is_not_known() -> None:
    note = figures.shares_note(durations.survival(lives()), days=[36_500])
    assert "100 years not known (none was followed for so long)" in str(note)


def test_the_shares_of_endings_are_told_with_what_uncertain_dates_change() -> None:
    rows = lives()
    low, high = (durations.incidence(rows, dates=dates) for dates in ("low", "high"))
    text = str(figures.endings_note(low, high))
    assert "23 % implemented, 3 % abandoned, 0 % superseded and 74 % not ended" in text
    assert "Uncertain dates change none of these shares" in text
    moved = high.assign(incidence=high["incidence"] + 0.03)
    assert "by up to 3 percentage points" in str(figures.endings_note(low, moved))


def test_articles_that_ended_together_are_told_and_led_to() -> None:
    rows = lives()
    note = figures.batches_note(durations.batches(rows), rows)
    assert "14 commitments made on 10 October 2009" in str(note)
    assert any("row" in part for part in note.as_json()["parts"])


def test_groups_are_compared_in_counts_and_with_caution() -> None:
    text = str(figures.comparison_note(durations.summary(lives(), by="period")))
    assert "0 of 16 promises made before 2020 were implemented" in text
    assert "9 of 30 promises made since 2020 were implemented" in text
    assert "not a test of a cause" in text


def test_one_group_alone_is_not_compared() -> None:
    older = durations.periods(lives(), year=2100)
    text = str(figures.comparison_note(durations.summary(older, by="period")))
    assert text == "There is nothing to compare: all 46 promises were made before 2100."


def test_the_comparison_shows_shares_only_from_five_on() -> None:
    found, curves = (
        function(lives(), by="phase") for function in (durations.summary, durations.survival)
    )
    table = figures.comparison_table(found, curves, heading="Phase", stamp=RECORD.stamp).as_json()
    shown = {
        row["cells"][0][0]["t"]: [cell[0]["t"] for cell in row["cells"][:-1]]
        for row in table["rows"]
    }
    assert all("src" in row["cells"][-1][0] for row in table["rows"])
    assert shown["After the 2020 war"][-3:] == ["fewer than 5"] * 3
    assert shown["After the July 2022 understandings"][-2] == "29 % (5)"
    assert shown["After the sixth round"][-3:] == ["not known"] * 3


def test_the_table_of_durations_shows_intervals_and_endings_with_sources() -> None:
    table = figures.durations_table(lives(), stamp=RECORD.stamp).as_json()
    shown = {row["cells"][0][0]["row"]: row["cells"] for row in table["rows"]}
    cells = shown["commitments/free-e-visa"]
    assert cells[3] == [{"t": "3–16"}]
    assert cells[4] == [{"t": "Implemented 14 January 2026"}]
    assert all(row["cells"][-1] for row in table["rows"])


def test_what_ended_since_a_day_is_named_with_its_days() -> None:
    since = pd.Timestamp("2025-09-12")
    ended = durations.ended_since(lives(RECORD.as_of(since)), lives())
    note = figures.ended_since_note(ended, since=since, day=RECORD.day)
    assert "(implemented after 162 days)" in str(note)
    assert str(note).endswith(").")


def test_sentences_about_nothing_are_still_sentences() -> None:
    rows = lives(EARLY)
    notes = [
        figures.durations_note(rows, durations.summary(rows), day=EARLY.day),
        figures.shares_note(durations.survival(rows)),
        figures.endings_note(durations.incidence(rows), durations.incidence(rows, dates="high")),
        figures.batches_note(durations.batches(rows), rows),
        figures.comparison_note(durations.summary(rows, by="period")),
        figures.ended_since_note(rows, since=EARLY.day, day=EARLY.day),
    ]
    assert all(str(note).endswith(".") for note in notes)
    table = figures.comparison_table(
        durations.summary(rows, by="phase"),
        durations.survival(rows, by="phase"),
        heading="Phase",
        stamp=EARLY.stamp,
    )
    assert json.loads(json.dumps(table.as_json()))["rows"] == []
    assert figures.durations_table(rows, stamp=EARLY.stamp).as_json()["rows"] == []
