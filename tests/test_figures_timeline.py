"""What the timeline and its companions draw, and the words that stand beside them."""

import json
from functools import cache
from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normlib import figures, load, timeline
from normlib.dossier import Dossier
from normlib.figures.lanes import (
    DEEPEST,
    MARK_SHARES,
    Panel,
    apart,
    lane_heights,
    panels,
    placed,
    wrapped,
    year_ticks,
)
from normlib.figures.theme import words_of
from normlib.figures.timeline import timeline_figure
from tests.tiny import tiny_dossier

DAYS = ["1921-10-13", "1993-04-03", "2009-10-10", "2022-01-14", "2022-07-01", "2025-09-12"]


@cache
def view(day: str = "latest") -> Dossier:
    return load().as_of(day)


def drawn(dossier: Dossier, *, lanes: pd.DataFrame | None = None, only: Any = None) -> go.Figure:
    return timeline_figure(
        timeline.lanes(dossier) if lanes is None else lanes,
        rounds=timeline.rounds(dossier),
        phases=timeline.phases(dossier),
        since=timeline.recent_from(dossier),
        until=timeline.last_day(dossier),
        stamp=dossier.stamp,
        only=only,
    )


def activity(dossier: Dossier) -> go.Figure:
    return figures.activity_figure(
        timeline.activity(dossier),
        since=timeline.recent_from(dossier),
        until=timeline.last_day(dossier),
        stamp=dossier.stamp,
    )


def silences(dossier: Dossier) -> go.Figure:
    return figures.silences_figure(timeline.silences(dossier), stamp=dossier.stamp)


def symbols(fig: go.Figure) -> list[tuple[list[str], str]]:
    """Return the rows and the symbol of every mark in a lane."""
    return [
        (list(keys), symbol)
        for trace in fig.data
        if isinstance(trace.marker.symbol, tuple)
        for keys, symbol in zip(trace.customdata, trace.marker.symbol, strict=True)
    ]


def about(fig: go.Figure) -> Any:
    return words_of(fig)


# The timeline


@pytest.mark.parametrize("day", [*DAYS, "latest"])
def test_every_event_is_drawn_once_whatever_the_day(day):
    keys = [key for keys, _ in symbols(drawn(view(day))) for key in keys]
    assert sorted(keys) == sorted("events/" + view(day).events["event_id"])


def test_an_exact_day_is_a_full_mark_and_a_vague_one_hollow():
    exact = timeline.lanes(view()).set_index("event_id")["exact"]
    alone = [(keys[0], symbol) for keys, symbol in symbols(drawn(view())) if len(keys) == 1]
    assert {symbol.endswith("-open") for _, symbol in alone} == {True, False}
    for key, symbol in alone:
        assert symbol.endswith("-open") != exact[key.removeprefix("events/")]


def test_a_month_is_drawn_as_wide_as_it_is(tmp_path):
    fig = drawn(
        tiny_dossier(tmp_path, events=[{"event_id": "2022-01-01-a"}, {"event_id": "2022-11-b"}])
    )
    bars = [trace for trace in fig.data if trace.name.endswith("possible days")]
    assert [bar[:10] for bar in bars[0].x if bar] == ["2022-11-01", "2022-11-30"]


def test_no_two_marks_of_a_lane_stand_on_the_same_place():
    fig = drawn(view())
    places = [
        (trace.xaxis, x, y)
        for trace in fig.data
        if isinstance(trace.marker.symbol, tuple)
        for x, y in zip(trace.x, trace.y, strict=True)
    ]
    assert len(set(places)) == len(places)


def test_the_rounds_carry_their_numbers_and_lead_to_their_events():
    rounds = next(trace for trace in drawn(view()).data if trace.name == "numbered rounds")
    assert list(rounds.text) == ["1", "2", "3", "4", "5", "6"]
    assert [key[0] for key in rounds.customdata] == [
        f"events/{name}" for name in timeline.rounds(view())["event_id"]
    ]


def test_the_days_between_the_rounds_are_written_between_them():
    notes = [note for note in drawn(view()).layout.annotations if note.name.startswith("gap")]
    assert [note.text for note in notes] == ["41", "68", "59", "760", "409", "268 so far"]


def test_every_phase_has_a_band_with_its_number():
    texts = [
        note.text for note in drawn(view()).layout.annotations if note.name.startswith("phase")
    ]
    numbers = timeline.phases(view())["number"]
    assert all(any(f"<b>{number}</b>" in text for text in texts) for number in numbers)


def test_lanes_are_named_in_the_words_of_the_descriptor():
    fields = view().package.tables["events"].fields
    labels = {word["label"] for word in fields["sectors"].categories.values()}
    named = {text.split(" <b>")[0] for text in drawn(view()).layout.yaxis.ticktext if "<b>" in text}
    assert named
    assert named <= labels


def test_narrow_the_panels_stand_one_above_the_other():
    fig = drawn(view())
    patch = about(fig)["narrow"]
    assert patch["xaxis.domain"] == patch["xaxis2.domain"] == [0, 1]
    assert patch["yaxis.domain"][1] < patch["yaxis2.domain"][0]
    assert patch["height"] > fig.layout.height


@pytest.mark.parametrize("figure", [drawn, activity, silences])
def test_without_events_a_titled_figure_says_so(figure):
    fig = figure(view("1900-01-01"))
    assert not fig.data
    assert "recorded yet" in fig.layout.annotations[0].text
    assert fig.layout.title.text


@pytest.mark.parametrize("figure", [drawn, activity, silences])
def test_a_figure_says_its_day_and_leads_every_mark_to_a_row(figure):
    fig = figure(view())
    assert "As of 2026-06-07" in fig.layout.title.text
    known = set(view().events["event_id"])
    keys = [
        key[0] for trace in fig.data if trace.customdata is not None for key in trace.customdata
    ]
    assert keys
    assert {key.removeprefix("events/") for key in keys} <= known
    assert about(fig)["alt"]
    assert set(about(fig)["sources"]) <= set(view().sources["source_id"])


@pytest.mark.parametrize("figure", [drawn, activity, silences])
def test_figures_are_plain_lists_and_the_same_each_time(figure):
    once, twice = (json.dumps(figure(view()).to_plotly_json(), default=str) for _ in range(2))
    assert once == twice
    assert "bdata" not in once
    assert "NaT" not in once


# Geometry


def marks(*days: str) -> pd.DataFrame:
    found = pd.to_datetime(pd.Series(days)).astype("datetime64[s]")
    return pd.DataFrame(
        {
            "event_id": [f"e{at}" for at in range(len(days))],
            "earliest": found,
            "known_by": found,
            "lane": "rail",
            "lane_label": "Rail",
            "lane_order": 0,
            "tone_order": 0,
        }
    )


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text).as_unit("s")


def test_events_before_the_wide_part_get_a_panel_of_their_own():
    early, recent = panels(
        marks("2000-01-01", "2010-01-01", "2022-01-01"),
        since=day("2021-01-01"),
        until=day("2023-01-01"),
    )
    assert (early.last, recent.first) == (day("2021-01-01"), day("2021-01-01"))


def test_one_event_long_before_all_others_does_not_stretch_the_axis():
    found = marks("1921-10-13", "2000-01-01", "2010-01-01")
    (panel,) = panels(found, since=day("1921-10-13"), until=day("2011-01-01"))
    assert panel.first == day("2000-01-01")
    assert placed(found, panel)["x"].iloc[0] == panel.outlier < panel.first


def test_marks_that_would_touch_take_rows_of_their_own():
    panel = Panel("recent", day("2020-01-01"), day("2026-01-01"))
    found = placed(marks("2022-01-01", "2022-01-05", "2024-01-01"), panel)
    assert found["row"].tolist() == [0, 1, 0]
    assert lane_heights([found])["events"].tolist() == [3]


def test_a_crowd_stands_as_one_mark_for_each_tone_with_its_number(tmp_path):
    rows = [{"event_id": f"2022-07-{day:02}-a"} for day in range(1, 13)]
    rows[0]["tone"] = "conflict"
    fig = drawn(tiny_dossier(tmp_path, events=rows))
    assert sorted(len(keys) for keys, _ in symbols(fig)) == [1, 11]
    texts = [text for trace in fig.data if trace.meta == "marks" for text in trace.text or ()]
    assert sorted(texts) == ["", "11"]


one_event = st.tuples(
    st.integers(0, 900),
    st.just(0) | st.integers(0, 90),
    st.integers(0, 2),
    st.sampled_from(["a", "b"]),
)
crowds = st.lists(one_event, max_size=10) | st.lists(one_event, min_size=40, max_size=90)


def crowd(found: list[tuple[int, int, int, str]]) -> pd.DataFrame:
    """Events from days after the first of 2021, possible for some days, of a tone, in a lane."""
    columns = ["start", "days", "tone_order", "lane"]
    rows = pd.DataFrame(found, columns=columns).astype({"start": "int64", "days": "int64"})
    first = (day("2021-01-01") + pd.to_timedelta(rows["start"], unit="D")).astype("datetime64[s]")
    last = (first + pd.to_timedelta(rows["days"], unit="D")).astype("datetime64[s]")
    names = [f"e{at}" for at in range(len(rows))]
    return rows.assign(event_id=names, earliest=first, known_by=last)


@settings(max_examples=60, deadline=None)
@given(crowds)
def test_folding_loses_no_event_and_no_two_marks_touch(found):
    shown = crowd(found)
    panel = Panel("recent", day("2021-01-01"), day("2026-01-01"))
    marks = placed(shown, panel)
    assert sorted(marks["event_id"]) == sorted(shown["event_id"])
    assert (marks["row"] <= DEEPEST - 1).all()
    width = MARK_SHARES["recent"] * (panel.last - panel.first)
    groups = marks[marks["fold"] >= 0].groupby(["lane", "fold"])
    assert (groups[["x", "row", "tone_order"]].nunique() == 1).all(axis=None)
    places = marks.drop_duplicates(["lane", "row", "x"]).sort_values(["lane", "row", "x"])
    apart_by = places.groupby(["lane", "row"])["x"].diff().dropna()
    assert (apart_by >= width - pd.Timedelta(seconds=2)).all()


def test_rounds_close_together_are_moved_apart_and_keep_their_order():
    panel = Panel("recent", day("2020-01-01"), day("2026-01-01"))
    close = [day("2022-01-14"), day("2022-02-24"), day("2022-05-03"), day("2025-09-12")]
    places = apart(close, panel, 0.1)
    step = 0.1 * (panel.last - panel.first)
    assert all(later - one >= step for one, later in pairwise(places))
    assert places[-1] <= panel.last - 0.9 * step


def test_a_day_with_room_around_it_stays_where_it_is():
    panel = Panel("recent", day("2020-01-01"), day("2026-01-01"))
    assert apart([day("2022-06-01")], panel, 0.1) == [day("2022-06-01")]


def test_words_that_do_not_fit_are_not_written():
    assert wrapped("Closed border", 100) == ["Closed border"]
    assert wrapped("Closed border", 60) == ["Closed", "border"]
    assert wrapped("Closed border", 30) == []


def test_years_are_marked_at_whole_steps():
    panel = Panel("early", day("1990-06-01"), day("2021-06-01"))
    assert [tick.year for tick in year_ticks(panel, most=4)] == [2000, 2010, 2020]


# What a page lays out anew


def test_a_page_is_told_every_event_once_with_all_that_can_be_asked_of_it():
    marks = about(drawn(view()))["marks"]
    lanes = timeline.lanes(view())
    assert marks["key"] == lanes["event_id"].tolist()
    sectors, kinds, tones, actors = (
        [tuple(column["options"][at] for at in have) for have in column["of"]]
        for column in marks["columns"]
    )
    assert list(map(set, sectors)) == list(map(set, lanes["sector_labels"]))
    assert [kind for (kind,) in kinds] == lanes["type_label"].tolist()
    assert {tone for (tone,) in tones} == {"cooperative", "neutral or both", "conflictual"}
    assert list(map(set, actors)) == list(map(set, lanes["actor_labels"]))


def test_letters_with_marks_stand_beside_those_without():
    options = about(drawn(view()))["marks"]["columns"][3]["options"]
    assert options.index("İbrahim Kalın") < options.index("Nikol Pashinyan")


def test_the_picture_and_a_sentence_tell_which_filter_is_on():
    wanted = timeline.read_wanted(view(), sectors="rail;road", actors="serdar-kilic")
    lanes = timeline.only(timeline.lanes(view()), wanted)
    only = timeline.wanted_words(view(), wanted)
    told = "sector Rail or Road; actor Serdar Kılıç"
    fig = drawn(view(), lanes=lanes, only=only)
    assert f"only {told}" in fig.layout.title.text
    text = str(figures.only_note(lanes, only=only, of=239))
    assert text.startswith(f"Only {told}: {len(lanes)} of 239 events.")
    assert str(figures.only_note(lanes, only={}, of=239)) == "No filter is on: 239 events."


def test_the_rounds_stay_where_a_filter_leaves_their_events_out():
    wanted = timeline.read_wanted(view(), sectors="road")
    lanes = timeline.only(timeline.lanes(view()), wanted)
    assert lanes["round"].isna().any()
    fig = drawn(view(), lanes=lanes[lanes["round"].isna()], only={"sector": ("Road",)})
    rounds = next(trace for trace in fig.data if trace.name == "numbered rounds")
    assert list(rounds.text) == ["1", "2", "3", "4", "5", "6"]
    assert "Round 4 · 1 July 2022" in rounds.hovertext[3]


def test_where_no_event_is_of_the_kind_asked_for_the_picture_says_so():
    lanes = timeline.lanes(view())
    fig = drawn(view(), lanes=lanes[:0], only={"sector": ("Rail",)})
    assert fig.layout.annotations[0].text == "No recorded event is of the kind asked for."
    assert "only sector Rail" in fig.layout.title.text


def test_a_long_title_leaves_room_for_what_stands_below_it_when_narrow():
    words = {"sector": ("Humanitarian",), "type": ("Appointment", "Agreement", "Visit")}
    usual, asked = (about(drawn(view(), only=one))["narrow"] for one in (None, words))
    more = asked["title.text"].count("<br>") - usual["title.text"].count("<br>")
    assert more == 1
    assert asked["margin.t"] - usual["margin.t"] == asked["height"] - usual["height"] > 15


def test_the_data_of_the_figure_says_who_took_part():
    table = about(drawn(view()))["table"]
    at = [column["key"] for column in table["columns"]].index("who")
    assert table["rows"][0]["cells"][at] == [{"t": "Türkiye, Armenia, Azerbaijan, Georgia"}]


def test_of_very_many_events_the_data_of_the_figure_are_counts(monkeypatch):
    monkeypatch.setattr("normlib.figures.timeline.MOST_ROWS", 100)
    rows = about(drawn(view()))["table"]["rows"]
    assert sum(int(row["cells"][-1][0]["t"]) for row in rows) == len(view().events)


# Rhythm


def test_bars_add_up_to_the_events_that_fit_a_quarter():
    shown = timeline.activity(view())
    since = timeline.recent_from(view()).to_period("Q").start_time
    expected = shown.loc[shown["first_day"] >= since, "events"].sum()
    assert sum(sum(bar.y) for bar in activity(view()).data) == expected


def test_the_caption_says_how_many_events_are_not_drawn():
    caption = about(activity(view()))["caption"][0]["t"]
    vague = timeline.activity(view()).query("first_day.isna()")["events"].sum()
    assert f"{vague} events whose date is too vague" in caption


def test_the_running_silence_is_hatched():
    rows = timeline.silences(view())
    shapes = silences(view()).data[0].marker.pattern.shape
    assert [shape == "/" for shape in shapes] == rows["running"].tolist()


# Words


def test_the_rounds_note_reads_the_gaps():
    text = str(figures.rounds_note(timeline.rounds(view())))
    assert "6 numbered rounds" in text
    assert "41, 68, 59, 760 and 409 days apart" in text
    assert "268 days before the last day covered" in text


def test_one_round_is_told_without_gaps():
    text = str(figures.rounds_note(timeline.rounds(view("2022-01-14"))))
    assert text == "One numbered round is recorded, on 14 January 2022, the last day covered."


def test_the_silences_note_names_contacts_without_a_close_date():
    text = str(figures.silences_note(timeline.silences(view())))
    assert "3,608 to 3,634 days, 14 June 1992 to 1 May 2002" in text
    assert "unless 1 contact without a close date came later" in text


def test_what_counts_as_a_contact_is_said_with_the_names_of_the_sides():
    text = str(figures.contact_note(view()))
    assert "meeting, phone call, visit, agreement and crossing" in text
    assert "(Türkiye and Armenia)" in text


def test_the_note_on_recent_events_counts_those_after_the_day():
    lanes, contacts = timeline.lanes(view()), timeline.contacts(view())
    since = day("2025-09-12")
    text = str(
        figures.recent_note(lanes, contacts=contacts, since=since, until=timeline.last_day(view()))
    )
    assert f"{(lanes['earliest'] > since).sum()} events" in text


def test_the_event_table_anchors_every_event_with_its_sources():
    table = figures.timeline_table(timeline.lanes(view()), dossier=view()).as_json()
    assert len(table["rows"]) == len(view().events)
    first = table["rows"][0]
    assert first["id"] == "events/1921-10-13-treaty-of-kars"
    assert first["cells"][2] == [{"src": name} for name in view().events["sources"].iloc[0]]


def test_the_table_of_phases_says_which_still_runs():
    rows = figures.phases_table(timeline.phases(view())).as_json()["rows"]
    assert rows[-1]["cells"][3] == [{"t": "still running on 7 June 2026"}]
    assert rows[0]["cells"][3][0]["row"] == "events/1993-04-03-border-closed"


def test_what_a_phase_counts_from_includes_the_day_itself() -> None:
    phases = timeline.phases(load())
    first = phases["first_day"].iloc[-1]
    note = str(figures.phases_note(phases))
    assert f"which began on {first.day} {first:%B %Y}: so far" in note
    assert "between the sides, that day included" in note
    assert figures.phases_table(phases).columns["contacts"] == "Contacts between the sides"
