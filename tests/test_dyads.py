"""Two actors over time: who counts as present, on whose ground, in which quarter, how silent."""

from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normlib import actors, dyads, load, timeline
from normlib.dossier import Dossier
from normlib.errors import RecipeError
from tests.tiny import Row, tiny_dossier

DAYS = ["1900-01-01", "1993-04-03", "2009-10-10", "2022-07-01", "latest"]

PEOPLE: list[Row] = [
    {"actor_id": "tur-mfa", "kind": "ministry", "country": "TUR", "member_of": "tur"},
    {"actor_id": "ayse", "country": "TUR", "member_of": "tur-mfa"},
    {"actor_id": "mehmet", "country": "TUR", "member_of": "tur"},
    {"actor_id": "ani", "country": "ARM", "member_of": "arm"},
    {"actor_id": "geo", "kind": "state", "country": "GEO"},
    {"actor_id": "nino", "country": "GEO", "member_of": "geo"},
    {"actor_id": "body", "kind": "organisation"},
    {"actor_id": "delegate", "member_of": "body"},
]
COUNTRIES = [{"iso_a3": "GEO", "name": "Georgia"}]
SITES = [
    {"site_id": "ankara", "country": "TUR"},
    {"site_id": "yerevan", "country": "ARM"},
    {"site_id": "tbilisi", "country": "GEO"},
    {"site_id": "gate", "country": "ARM", "kind": "border_crossing"},
    {"site_id": "halt", "country": "TUR", "kind": "railway_station"},
    {"site_id": "north-gate", "country": "ARM", "kind": "border_crossing"},
]
LINKS = [
    {"link_id": "south", "from_site": "yerevan", "via_sites": "gate;halt", "to_site": "ankara"},
    {"link_id": "north", "from_site": "yerevan", "via_sites": "north-gate", "to_site": "tbilisi"},
]


@cache
def _record() -> Dossier:
    return load()


@pytest.fixture
def record() -> Dossier:
    return _record()


def _tiny(folder: Path, *events: Row) -> Dossier:
    return tiny_dossier(
        folder, actors=PEOPLE, countries=COUNTRIES, sites=SITES, links=LINKS, events=events
    )


def _met(dossier: Dossier, a: str = "tur", b: str = "arm", **options: str) -> list[str]:
    return dyads.contacts(dossier, a, b, **options)["event_id"].tolist()


# Who took part


def test_a_state_meets_through_whoever_acts_for_it_and_a_person_alone(tmp_path: Path) -> None:
    dossier = _tiny(
        tmp_path,
        {"event_id": "2020-01-01-a", "actors": "ayse;ani"},
        {"event_id": "2020-02-01-b", "actors": "mehmet;ani"},
        {"event_id": "2020-03-01-c", "actors": "tur;arm"},
    )
    assert _met(dossier) == ["2020-01-01-a", "2020-02-01-b", "2020-03-01-c"]
    assert _met(dossier, "ayse", "ani") == ["2020-01-01-a"]
    assert _met(dossier, "tur-mfa", "arm") == ["2020-01-01-a"]
    assert _met(dossier, "ani", "tur") == _met(dossier)[:2]


def test_it_is_told_through_whom_either_took_part_and_who_else_did(tmp_path: Path) -> None:
    dossier = _tiny(
        tmp_path,
        {"event_id": "2020-01-01-a", "actors": "tur;ayse;tur-mfa;mehmet;ani;arm"},
        {"event_id": "2020-02-01-b", "actors": "tur;arm;nino;geo;delegate"},
    )
    met = dyads.contacts(dossier, "tur", "arm")
    assert met["by_a"].tolist() == [("ayse", "mehmet"), ("tur",)]
    assert met["by_b"].tolist() == [("ani",), ("arm",)]
    assert met["third_parties"].tolist() == [(), ("geo", "body")]
    assert met["multilateral"].tolist() == [False, True]


def test_nobody_meets_after_the_role_has_ended(tmp_path: Path) -> None:
    gone: Row = {"actor_id": "gone", "country": "ARM", "valid_to": "2019-12-31"}
    events = [{"event_id": f"{day}-a", "actors": "gone;ayse"} for day in ("2019-12-31", "2020-01")]
    dossier = tiny_dossier(tmp_path, actors=[*PEOPLE, gone], countries=COUNTRIES, events=events)
    assert _met(dossier) == _met(dossier, "gone", "ayse") == ["2019-12-31-a"]


def test_only_contacts_of_the_window_and_of_the_types_count(tmp_path: Path) -> None:
    dossier = _tiny(
        tmp_path,
        {"event_id": "2020-01-01-a"},
        {"event_id": "2020-02-01-b", "type": "phone_call"},
        {"event_id": "2020-03-01-c", "type": "statement"},
    )
    assert _met(dossier, start="2020-01-02") == _met(dossier, types="phone_call")
    assert _met(dossier, types="all", end="2020-02-29") == ["2020-01-01-a", "2020-02-01-b"]


@pytest.mark.parametrize("day", DAYS)
def test_contacts_and_silences_of_the_sides_are_those_of_the_timeline(
    record: Dossier, day: str
) -> None:
    view = record.as_of(day)
    met = dyads.contacts(view, *dyads.pair(view))
    assert set(met["event_id"]) == set(timeline.contacts(view)["event_id"])
    pd.testing.assert_frame_equal(
        dyads.silences(met, until=dyads.last_day(view)), timeline.silences(view)
    )


@pytest.mark.parametrize("level", ["actors", "states"])
def test_two_who_are_tied_in_the_network_have_the_events_of_their_tie(
    record: Dossier, level: str
) -> None:
    kinds = record.actors.set_index("actor_id")["kind"]
    ties = actors.ties(actors.participation_graph(record, level=level))
    wanted = "person" if level == "actors" else "state"
    ends = ties["actor_a"].map(kinds).eq(wanted) & ties["actor_b"].map(kinds).eq(wanted)
    assert ends.any()
    for tie in ties[ends].to_dict("records"):
        assert tuple(_met(record, tie["actor_a"], tie["actor_b"])) == tie["events"]


@settings(max_examples=15, deadline=None)
@given(st.dates(pd.Timestamp("1990-01-01").date(), pd.Timestamp("2026-06-01").date()))
def test_two_windows_that_follow_each_other_hold_every_contact_once(day: object) -> None:
    cut = pd.Timestamp(str(day))
    after = cut + pd.Timedelta(days=1)
    record, two = _record(), dyads.pair(_record())
    before = dyads.contacts(record, *two, end=cut)
    both = [*before["event_id"], *dyads.contacts(record, *two, start=after)["event_id"]]
    assert both == _met(record, *two)


# Where


@pytest.mark.parametrize(
    ("site", "a", "b", "ground"),
    [
        ("ankara", "tur", "arm", "a"),
        ("yerevan", "tur", "arm", "b"),
        ("tbilisi", "tur", "arm", "third"),
        ("gate", "tur", "arm", "border"),
        ("halt", "tur", "arm", "a"),
        ("north-gate", "tur", "arm", "b"),
        ("north-gate", "arm", "geo", "border"),
        ("ankara", "ani", "ayse", "b"),
        ("ankara", "ayse", "mehmet", "shared"),
        ("yerevan", "body", "arm", "b"),
        ("yerevan", "tur", "body", "third"),
        ("", "tur", "arm", "unknown"),
    ],
)
def test_the_ground_follows_from_the_place(
    tmp_path: Path, site: str, a: str, b: str, ground: str
) -> None:
    everybody = "ayse;mehmet;ani;nino;delegate"
    dossier = _tiny(tmp_path, {"event_id": "2020-01-01-x", "site_id": site, "actors": everybody})
    assert dyads.contacts(dossier, a, b)["ground"].tolist() == [ground]


def test_a_call_has_no_ground_and_a_crossing_of_third_states_is_not_their_border(
    tmp_path: Path,
) -> None:
    dossier = _tiny(
        tmp_path,
        {"event_id": "2020-01-01-x", "type": "phone_call"},
        {"event_id": "2020-01-02-y", "site_id": "gate", "actors": "tur;geo"},
    )
    assert dyads.contacts(dossier, "tur", "arm")["ground"].tolist() == ["telephone"]
    assert dyads.contacts(dossier, "tur", "geo")["ground"].tolist() == ["third"]


def test_whoever_is_named_first_the_ground_is_the_same(record: Dossier) -> None:
    one, other = dyads.pair(record)
    turned = {"a": "b", "b": "a"}
    first, second = dyads.contacts(record, one, other), dyads.contacts(record, other, one)
    assert first["ground"].replace(turned).tolist() == second["ground"].tolist()
    assert first["by_a"].tolist() == second["by_b"].tolist()


def test_every_contact_has_one_ground(record: Dossier) -> None:
    met = dyads.contacts(record, *dyads.pair(record))
    counted = dyads.grounds(met)
    events = [event for ids in counted["event_ids"] for event in ids]
    assert sorted(events) == sorted(met["event_id"])
    assert counted["contacts"].tolist() == [len(ids) for ids in counted["event_ids"]]
    assert counted["multilateral"].sum() == met["multilateral"].sum()
    assert set(counted["ground"]) <= set(dyads.GROUNDS)


# When


def test_quarters_without_contact_are_there_and_vague_dates_stay_apart(tmp_path: Path) -> None:
    dossier = _tiny(
        tmp_path,
        {"event_id": "2021-02-a"},
        {"event_id": "2021-12-01-b", "type": "visit"},
        {"event_id": "2021-x", "date": "2021"},
        {"event_id": "2021-y", "date": "2021-03/2021-04"},
    )
    met = dyads.contacts(dossier, "tur", "arm")
    counted = dyads.contact_quarters(met, until=pd.Timestamp("2022-01-01"))
    dated = counted.dropna(subset=["quarter"])
    assert dated.pivot(index="quarter", columns="type", values="contacts").to_dict("index") == {
        "2021-Q1": {"meeting": 1, "visit": 0},
        "2021-Q2": {"meeting": 0, "visit": 0},
        "2021-Q3": {"meeting": 0, "visit": 0},
        "2021-Q4": {"meeting": 0, "visit": 1},
        "2022-Q1": {"meeting": 0, "visit": 0},
    }
    vague = counted[counted["quarter"].isna()]
    assert vague["event_ids"].tolist() == [("2021-x", "2021-y")]
    assert vague["first_day"].isna().all()


def test_a_year_that_was_known_within_its_first_quarter_lies_in_it(tmp_path: Path) -> None:
    source = {"source_id": "page", "published": "2020-03-01"}
    event = {"event_id": "2020-a", "sources": "page"}
    dossier = tiny_dossier(tmp_path, sources=[source], events=[event])
    assert dyads.contacts(dossier, "tur", "arm")["quarter"].tolist() == ["2020-Q1"]


def test_the_quarters_of_the_record_hold_every_contact_once(record: Dossier) -> None:
    met = dyads.contacts(record, *dyads.pair(record))
    counted = dyads.contact_quarters(met, until=dyads.last_day(record))
    events = [event for ids in counted["event_ids"] for event in ids]
    assert sorted(events) == sorted(met["event_id"])
    assert not counted.duplicated(["quarter", "type"]).any()
    first = counted["first_day"].dropna().drop_duplicates()
    assert (first.diff().dropna().dt.days.between(90, 92)).all()


def test_a_silence_between_uncertain_dates_is_as_short_and_as_long_as_they_allow(
    tmp_path: Path,
) -> None:
    dossier = _tiny(
        tmp_path, {"event_id": "2021-01-a"}, {"event_id": "2021-03-b"}, {"event_id": "2021-12-31-c"}
    )
    met = dyads.contacts(dossier, "tur", "arm")
    found = dyads.silences(met, until=pd.Timestamp("2021-12-31"))
    assert found[["days", "days_max", "at_least"]].to_dict("list") == {
        "days": [275, 29],
        "days_max": [305, 89],
        "at_least": [True, True],
    }


@pytest.mark.parametrize("day", ["1900-01-01", "latest"])
def test_without_contacts_every_result_is_empty_and_has_its_columns(
    tmp_path: Path, day: str
) -> None:
    view = tiny_dossier(tmp_path).as_of(day)
    met = dyads.contacts(view, *dyads.pair(view))
    assert list(met) == dyads.CONTACT_COLUMNS
    assert met.empty
    quarters = dyads.contact_quarters(met, until=dyads.last_day(view))
    assert list(quarters) == dyads.QUARTER_COLUMNS
    assert quarters.empty
    assert list(dyads.grounds(met)) == dyads.GROUND_COLUMNS
    assert dyads.silences(met, until=dyads.last_day(view)).empty


# Which two


def test_the_sides_come_from_the_descriptor_in_their_order(tmp_path: Path) -> None:
    turned = tiny_dossier(tmp_path, descriptor={"process": {"sides": ["ARM", "TUR"]}})
    assert dyads.pair(turned) == dyads.pair(turned, "arm; tur") == ("arm", "tur")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tur", "does not name two actors"),
        ("tur;arm;geo", "does not name two actors"),
        ("ayse;anni", "no actor 'anni' as of .*Did you mean 'ani'"),
        ("Aysee;ani", "Did you mean 'ayse'"),
        ("tur;tur", "named twice"),
        ("ayse;tur-mfa", "'ayse' acts for 'tur-mfa'"),
        ("tur;ayse", "'ayse' acts for 'tur'"),
    ],
)
def test_a_pair_that_is_none_is_refused_with_what_to_write(
    tmp_path: Path, text: str, words: str
) -> None:
    with pytest.raises(RecipeError, match=words):
        dyads.pair(_tiny(tmp_path), text)


def test_contacts_of_somebody_unknown_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no actor 'ayshe'"):
        dyads.contacts(_tiny(tmp_path), "ayshe", "ani")
