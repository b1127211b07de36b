"""Lanes, rounds, activity, silences and phases."""

from datetime import date, timedelta
from functools import cache

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from normlib import load, timeline
from normlib.dossier import Dossier
from normlib.errors import RecipeError
from tests.tiny import tiny_dossier


@cache
def record() -> Dossier:
    return load()


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


# Lanes


def test_an_event_of_several_sectors_stands_in_the_lane_of_the_first(tmp_path):
    dossier = tiny_dossier(tmp_path, events=[{"event_id": "2022-07-01-a", "sectors": "rail;air"}])
    event = timeline.lanes(dossier).iloc[0]
    assert (event["lane"], event["lane_label"]) == ("rail", "Rail")
    assert event["sectors"] == ("rail", "air")
    assert event["sector_labels"] == ("Rail", "Air")


def test_a_month_stays_a_span_and_is_not_exact(tmp_path):
    dossier = tiny_dossier(tmp_path, events=[{"event_id": "2022-11-a"}])
    event = timeline.lanes(dossier).iloc[0]
    assert (event["earliest"], event["latest"]) == (day("2022-11-01"), day("2022-11-30"))
    assert not event["exact"]


def test_about_a_day_is_not_exact(tmp_path):
    rows = [{"event_id": "2022-11-05-a", "date": "2022-11-05~"}, {"event_id": "2022-11-06-b"}]
    assert timeline.lanes(tiny_dossier(tmp_path, events=rows))["exact"].tolist() == [False, True]


def test_an_event_not_later_than_a_day_comes_first_and_has_no_first_day(tmp_path):
    rows = [{"event_id": "1990-01-01-a"}, {"event_id": "2000-b", "date": "../2000-05"}]
    shown = timeline.lanes(tiny_dossier(tmp_path, events=rows))
    assert shown["event_id"].tolist() == ["2000-b", "1990-01-01-a"]
    assert pd.isna(shown["earliest"].iloc[0])
    assert shown["latest"].iloc[0] == day("2000-05-31")


def test_an_event_cannot_lie_after_the_day_on_which_it_was_public(tmp_path):
    sources = [{"source_id": "page", "published": "2022-03-10"}]
    rows = [{"event_id": "2022-a", "sources": "page"}]
    shown = timeline.lanes(tiny_dossier(tmp_path, sources=sources, events=rows))
    assert shown["known_by"].iloc[0] == day("2022-03-10")


def test_events_are_ordered_by_first_then_by_last_possible_day(tmp_path):
    rows = [{"event_id": "2022-a"}, {"event_id": "2022-01-b"}, {"event_id": "2021-12-31-c"}]
    shown = timeline.lanes(tiny_dossier(tmp_path, events=rows))
    assert shown["event_id"].tolist() == ["2021-12-31-c", "2022-01-b", "2022-a"]


def test_every_event_of_the_record_has_one_lane_with_a_name():
    shown = timeline.lanes(record())
    assert sorted(shown["event_id"]) == sorted(record().events["event_id"])
    assert shown["lane_label"].notna().all()


@pytest.mark.parametrize(
    "result", [timeline.lanes, timeline.rounds, timeline.activity, timeline.contacts]
)
def test_an_empty_record_gives_empty_frames_with_the_same_columns(tmp_path, result):
    empty = result(tiny_dossier(tmp_path))
    assert empty.empty
    assert list(empty.columns) == list(result(record()).columns)


@pytest.mark.parametrize("result", [timeline.silences, timeline.phases])
def test_an_empty_record_has_no_silence_and_no_phase(tmp_path, result):
    empty = result(tiny_dossier(tmp_path))
    assert empty.empty
    assert list(empty.columns) == list(result(record()).columns)


# Only some events

SECTORS, TONES = ("rail", "air", "border"), ("cooperation", "neutral", "conflict")
TYPES, ACTORS = ("meeting", "statement"), ("tur", "arm", "guest")


def test_without_a_filter_every_event_is_kept():
    shown = timeline.lanes(record())
    wanted = timeline.read_wanted(record())
    assert not wanted
    assert timeline.only(shown, wanted).equals(shown)


def test_two_actors_ask_who_met_whom_and_two_sectors_for_either():
    shown = timeline.lanes(record())
    wanted = timeline.read_wanted(
        record(), actors="serdar-kilic; ruben-rubinyan", sectors="air;rail"
    )
    met = timeline.only(shown, timeline.Wanted(actors=wanted.actors))
    assert set(timeline.rounds(record())["event_id"]) <= set(met["event_id"])
    moved = timeline.only(shown, timeline.Wanted(sectors=wanted.sectors))
    assert {"air", "rail"} < {sector for sectors in moved["sectors"] for sector in sectors}


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ({"sectors": "rial"}, "no sector 'rial'.*Did you mean 'rail'"),
        ({"types": "meetings"}, "no type of event 'meetings'.*Did you mean 'meeting'"),
        ({"tones": "conflicts"}, "no tone 'conflicts'.*Did you mean 'conflict'"),
        ({"actors": "tur;serdar-kilik"}, "no actor 'serdar-kilik'.*Did you mean 'serdar-kilic'"),
    ],
)
def test_an_unknown_name_is_refused_with_the_nearest_one(asked, hint):
    with pytest.raises(RecipeError, match=hint):
        timeline.read_wanted(record(), **asked)


def test_an_actor_who_was_not_yet_known_is_no_mistake_and_has_no_event():
    before = record().as_of("2000-01-01")
    wanted = timeline.read_wanted(before, actors="ruben-rubinyan")
    assert timeline.only(timeline.lanes(before), wanted).empty
    assert timeline.wanted_words(before, wanted) == {"actor": ("Ruben Rubinyan",)}


def some(words):
    return st.lists(st.sampled_from(words), min_size=1, unique=True).map(tuple)


def perhaps(words):
    return st.lists(st.sampled_from(words), max_size=2, unique=True).map(tuple)


kinds = st.tuples(some(SECTORS), st.sampled_from(TYPES), some(ACTORS), st.sampled_from(TONES))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(kinds, max_size=8),
    st.builds(timeline.Wanted, perhaps(SECTORS), perhaps(TYPES), perhaps(ACTORS), perhaps(TONES)),
)
def test_a_filter_keeps_what_matches_and_nothing_else(tmp_path, found, wanted):
    rows = [
        {"event_id": f"2022-01-01-{at}", "sectors": one[0], "type": one[1], "actors": one[2]}
        | {"tone": one[3]}
        for at, one in enumerate(found)
    ]
    dossier = tiny_dossier(tmp_path, actors=[{"actor_id": "guest"}], events=rows)
    matching = [
        row["event_id"]
        for row in rows
        if (not wanted.sectors or set(wanted.sectors) & set(row["sectors"]))
        and (not wanted.types or row["type"] in wanted.types)
        and set(wanted.actors) <= set(row["actors"])
        and (not wanted.tones or row["tone"] in wanted.tones)
    ]
    assert timeline.only(timeline.lanes(dossier), wanted)["event_id"].tolist() == matching


# Rounds


def test_the_gaps_between_the_six_rounds_are_those_of_the_calendar():
    rounds = timeline.rounds(record())
    assert rounds["round"].tolist() == [1, 2, 3, 4, 5, 6]
    assert rounds["gap_days"].tolist()[1:] == [41, 68, 59, 760, 409]
    assert rounds["days_since"].tolist()[-1] == 268


def test_the_first_round_has_no_gap(tmp_path):
    dossier = tiny_dossier(tmp_path, events=[{"event_id": "2022-01-14-a", "round": 1}])
    assert timeline.rounds(dossier)["gap_days"].isna().all()


def test_the_gap_to_a_round_of_which_only_the_month_is_known_is_a_range(tmp_path):
    rows = [{"event_id": "2022-01-31-a", "round": 1}, {"event_id": "2022-03-b", "round": 2}]
    last = timeline.rounds(tiny_dossier(tmp_path, events=rows)).iloc[-1]
    assert (last["gap_min"], last["gap_max"]) == (29, 59)
    assert pd.isna(last["gap_days"])


def test_rounds_are_in_the_order_of_their_numbers(tmp_path):
    rows = [{"event_id": "2022-05-01-a", "round": 2}, {"event_id": "2022-01-01-b", "round": 1}]
    assert timeline.rounds(tiny_dossier(tmp_path, events=rows))["gap_days"].tolist()[1:] == [120]


def test_days_since_the_last_round_end_with_coverage():
    later = timeline.rounds(record().as_of("2030-01-01"))
    assert later["days_since"].tolist() == timeline.rounds(record())["days_since"].tolist()


# Activity


def test_an_event_is_counted_in_its_quarter(tmp_path):
    rows = [{"event_id": "2022-07-01-a"}, {"event_id": "2022-09-30-b"}, {"event_id": "2022-10-c"}]
    activity = timeline.activity(tiny_dossier(tmp_path, events=rows))
    assert activity["quarter"].tolist() == ["2022-Q3", "2022-Q4"]
    assert activity["events"].tolist() == [2, 1]


@pytest.mark.parametrize("text", ["2022", "2022-03/2022-04", "../2022-01-31"])
def test_a_date_vaguer_than_a_quarter_is_counted_apart(tmp_path, text):
    rows = [{"event_id": "2022-a", "date": text}, {"event_id": "2022-02-01-b"}]
    activity = timeline.activity(tiny_dossier(tmp_path, events=rows))
    assert activity["events"].tolist() == [1, 1]
    assert activity["first_day"].isna().tolist() == [False, True]


def test_the_counts_of_the_record_add_up_to_its_events():
    for group in timeline.GROUPS:
        assert timeline.activity(record(), by=group)["events"].sum() == len(record().events)


def test_an_unknown_grouping_is_refused_with_the_nearest_one():
    with pytest.raises(RecipeError, match="Did you mean 'tone'"):
        timeline.activity(record(), by="tones")


# Contacts and silences


def test_a_meeting_of_both_sides_is_a_contact(tmp_path):
    dossier = tiny_dossier(tmp_path, events=[{"event_id": "2022-07-01-a"}])
    assert len(timeline.contacts(dossier)) == 1


def test_a_statement_about_the_other_side_is_no_contact(tmp_path):
    dossier = tiny_dossier(tmp_path, events=[{"event_id": "2022-07-01-a", "type": "statement"}])
    assert timeline.contacts(dossier).empty


def test_a_meeting_with_a_third_party_alone_is_no_contact(tmp_path):
    actors = [{"actor_id": "guest", "country": ""}]
    rows = [{"event_id": "2022-07-01-a", "actors": "tur;guest"}]
    assert timeline.contacts(tiny_dossier(tmp_path, actors=actors, events=rows)).empty


def test_people_count_for_the_state_of_what_they_are_members_of(tmp_path):
    actors = [
        {"actor_id": "ministry", "member_of": "tur"},
        {"actor_id": "minister", "member_of": "ministry"},
        {"actor_id": "envoy", "country": "ARM"},
    ]
    rows = [{"event_id": "2022-07-01-a", "actors": "minister;envoy"}]
    assert len(timeline.contacts(tiny_dossier(tmp_path, actors=actors, events=rows))) == 1


def test_actors_that_are_members_of_each_other_do_not_hang(tmp_path):
    actors = [{"actor_id": "one", "member_of": "two"}, {"actor_id": "two", "member_of": "one"}]
    rows = [{"event_id": "2022-07-01-a", "actors": "one;arm"}]
    assert timeline.contacts(tiny_dossier(tmp_path, actors=actors, events=rows)).empty


def test_the_sides_come_from_the_descriptor(tmp_path):
    countries = [{"iso_a3": "GEO"}]
    actors = [{"actor_id": "geo", "kind": "state", "country": "GEO"}]
    rows = [{"event_id": "2022-07-01-a", "actors": "geo;arm"}]
    sides = {"process": {"title": "Another process", "sides": ["GEO", "ARM"]}}
    dossier = tiny_dossier(
        tmp_path, descriptor=sides, countries=countries, actors=actors, events=rows
    )
    assert len(timeline.contacts(dossier)) == 1


def test_a_silence_runs_from_one_contact_to_the_next(tmp_path):
    rows = [{"event_id": "2022-07-01-a"}, {"event_id": "2022-07-11-b"}]
    silences = timeline.silences(tiny_dossier(tmp_path, events=rows).as_of("2022-07-15"))
    assert silences["days"].tolist() == [10, 4]
    assert silences["running"].tolist() == [False, True]
    assert silences["after_event"].tolist() == ["2022-07-01-a", "2022-07-11-b"]


def test_there_is_no_running_silence_on_the_day_of_a_contact(tmp_path):
    dossier = tiny_dossier(tmp_path, events=[{"event_id": "2022-07-01-a"}])
    assert timeline.silences(dossier.as_of("2022-07-01")).empty


def test_a_running_silence_ends_with_coverage(tmp_path):
    dossier = tiny_dossier(tmp_path, events=[{"event_id": "2026-06-01-a"}])
    silence = timeline.silences(dossier.as_of("2031-01-01")).iloc[0]
    assert (silence["days"], silence["last_day"]) == (6, dossier.covers_until)


def test_a_silence_beside_a_vague_contact_is_the_least_that_the_dates_bear_out(tmp_path):
    rows = [{"event_id": "2022-05-a"}, {"event_id": "2022-07-11-b"}]
    silence = timeline.silences(tiny_dossier(tmp_path, events=rows)).iloc[-1]
    assert silence["days"] == (date(2022, 7, 11) - date(2022, 5, 31)).days
    assert silence["at_least"]


def test_a_contact_known_only_by_its_year_is_named_and_does_not_end_a_silence(tmp_path):
    rows = [{"event_id": "2022-02-01-a"}, {"event_id": "2022-b"}, {"event_id": "2022-03-01-c"}]
    silences = timeline.silences(tiny_dossier(tmp_path, events=rows).as_of("2023-06-30"))
    assert silences["unless"].tolist() == [("2022-b",), ("2022-b",)]
    assert set(silences["days"]) == {28, (date(2023, 6, 30) - date(2022, 3, 1)).days}


def test_the_running_silence_is_shown_however_short(tmp_path):
    rows = [{"event_id": f"2022-{month:02}-01-a"} for month in range(1, 13)]
    dossier = tiny_dossier(tmp_path, events=rows).as_of("2022-12-02")
    silences = timeline.silences(dossier, count=2)
    assert silences["running"].tolist() == [False, False, True]
    assert silences["rank"].iloc[-1] == 12


def test_a_span_that_began_too_long_ago_is_left_out(tmp_path):
    rows = [{"event_id": "1921-10-13-a"}, {"event_id": "2022-07-01-b"}]
    dossier = tiny_dossier(tmp_path, events=rows)
    assert timeline.silences(dossier, years=40)["running"].tolist() == [True]
    assert len(timeline.silences(dossier, years=200)) == 2


def test_the_longest_silences_of_the_record():
    silences = timeline.silences(record())
    assert silences["days"].tolist()[:3] == [3608, 2696, 1180]
    assert silences["running"].sum() == 1


days = st.dates(date(1995, 1, 1), date(2025, 12, 31))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(days, min_size=1, max_size=8, unique=True), st.integers(0, 200))
def test_silences_between_exact_contacts_tile_the_time_since_the_first(tmp_path, found, later):
    rows = [{"event_id": f"{when}-a"} for when in found]
    end = min(date(2026, 6, 7), max(found) + timedelta(days=later))
    dossier = tiny_dossier(tmp_path, events=rows).as_of(end)
    silences = timeline.silences(dossier, count=99)
    assert silences["days"].sum() == (end - min(found)).days
    assert silences["days"].is_monotonic_decreasing


# Phases


def test_a_phase_ends_before_the_day_of_the_event_that_ends_it(tmp_path):
    rows = [
        {"event_id": "2022-01-01-a"},
        {"event_id": "2022-02-01-b"},
        {"event_id": "2022-03-01-c"},
    ]
    phases = [
        {"phase_id": "one", "from_event": "2022-01-01-a", "to_event": "2022-02-01-b"},
        {"phase_id": "two", "from_event": "2022-02-01-b"},
    ]
    found = timeline.phases(tiny_dossier(tmp_path, events=rows, phases=phases))
    assert found["events"].tolist() == [1, 2]
    assert found["days"].tolist()[0] == 31
    assert found["running"].tolist() == [False, True]


def test_a_running_phase_ends_on_the_day_of_the_view(tmp_path):
    phases = [{"phase_id": "one", "from_event": "2022-01-01-a"}]
    dossier = tiny_dossier(tmp_path, events=[{"event_id": "2022-01-01-a"}], phases=phases)
    assert timeline.phases(dossier.as_of("2022-01-11"))["days"].tolist() == [10]


def test_a_phase_still_runs_while_the_event_that_ends_it_is_not_known():
    phases = timeline.phases(record().as_of("2010-01-01"))
    assert phases["running"].tolist() == [False, False, True]


def test_an_event_that_may_lie_in_either_of_two_phases_is_counted_apart(tmp_path):
    rows = [{"event_id": "2022-01-01-a"}, {"event_id": "2022-02-15-b"}, {"event_id": "2022-02-c"}]
    phases = [
        {"phase_id": "one", "from_event": "2022-01-01-a", "to_event": "2022-02-15-b"},
        {"phase_id": "two", "from_event": "2022-02-15-b"},
    ]
    found = timeline.phases(tiny_dossier(tmp_path, events=rows, phases=phases))
    assert found["events"].tolist() == [1, 1]
    assert found["events_perhaps"].tolist() == [1, 1]


def test_the_phases_of_the_record_follow_each_other_without_gap():
    phases = timeline.phases(record())
    assert phases["first_day"].tolist()[1:] == phases["last_day"].tolist()[:-1]
    assert phases["last_day"].iloc[-1] == record().covers_until


def test_the_wide_part_begins_with_a_phase_and_before_the_first_round():
    begins = timeline.recent_from(record())
    assert begins in timeline.phases(record())["first_day"].tolist()
    assert begins <= timeline.rounds(record())["earliest"].min()


def test_without_phases_the_wide_part_begins_with_the_first_event(tmp_path):
    dossier = tiny_dossier(tmp_path, events=[{"event_id": "2022-07-01-a"}])
    assert timeline.recent_from(dossier) == day("2022-07-01")
