"""Everything on record about one actor: events and its part in them, partners, commitments."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import normlib
from normlib import actors, commitments, profiles
from normlib.dossier import Dossier
from normlib.errors import RecipeError
from normlib.rows import dicts
from tests.tiny import tiny_dossier

RECORD = normlib.load()
NAMES = sorted(RECORD.actors["actor_id"])
days = st.dates(date(1991, 1, 1), date(2026, 6, 7))


class Told:
    """The frames of one actor."""

    def __init__(self, name: str, dossier: Dossier = RECORD) -> None:
        self.dossier = dossier
        self.took_part = actors.participations(dossier)
        self.facts = profiles.facts(dossier, name)
        self.events = profiles.events(dossier, self.facts, self.took_part)
        self.partners = profiles.partners(self.facts, self.took_part)
        self.ledger = commitments.ledger(dossier)
        self.commitments = profiles.commitments(self.ledger, self.facts, self.events)

    def part(self) -> dict[str, str]:
        return dict(zip(self.events["event_id"], self.events["part"], strict=True))


@pytest.fixture
def small(tmp_path: Path) -> Dossier:
    """A minister with a term, the ministry, another side's envoy, and five events."""
    return tiny_dossier(
        tmp_path,
        actors=[
            {"actor_id": "ministry", "kind": "ministry", "country": "ARM", "member_of": "arm"},
            {
                "actor_id": "minister",
                "name": "Նախարար",
                "member_of": "ministry",
                "valid_from": "2020-02",
                "valid_to": "2020-06",
                "aliases": "Bakan;министр",
            },
            {"actor_id": "envoy", "member_of": "tur"},
            {"actor_id": "guest"},
        ],
        events=[
            {"event_id": "2020-01-01-early", "actors": "minister;envoy"},
            {"event_id": "2020-03-01-talks", "actors": "minister;envoy;guest"},
            {"event_id": "2020-04-01-words", "actors": "ministry;envoy", "type": "statement"},
            {"event_id": "2020-05-01-guest", "actors": "guest;envoy"},
            {"event_id": "2020-08-01-late", "actors": "minister;envoy"},
        ],
        commitments=[
            {"commitment_id": "own", "made_on": "2020-03-01", "event_id": "2020-03-01-talks"}
            | {"obligated": "minister;tur"},
            {"commitment_id": "state", "made_on": "2020-04-01", "event_id": "2020-04-01-words"}
            | {"obligated": "arm"},
            {"commitment_id": "other", "made_on": "2020-05-01", "event_id": "2020-05-01-guest"}
            | {"obligated": "envoy"},
        ],
        targets=[
            {"commitment_id": "own", "stated_on": "2020-03-02", "stated_by": "minister"},
            {"commitment_id": "other", "stated_on": "2020-05-02", "stated_by": "envoy"},
        ],
    )


def test_an_actor_has_its_names_its_role_and_those_above_and_below(small: Dossier) -> None:
    (ministry,) = dicts(profiles.facts(small, "ministry"))
    assert (ministry["above"], ministry["below"]) == (("arm",), ("minister",))
    (minister,) = dicts(profiles.facts(small, "minister"))
    assert minister["name"] == "Նախարար"
    assert minister["aliases"] == ("Bakan", "министр")
    assert (minister["above"], minister["below"]) == (("ministry", "arm"), ())
    assert profiles.facts(small, "").empty


def test_a_person_took_part_or_is_only_named(small: Dossier) -> None:
    assert Told("minister", small).part() == {
        "2020-01-01-early": "contact",
        "2020-03-01-talks": "contact",
        "2020-08-01-late": "named",  # after the end of the role nobody counts as taking part
    }


def test_events_outside_the_days_of_a_role_are_told(small: Dossier) -> None:
    events = Told("minister", small).events
    assert list(events["term"]) == ["before", "", "after"]
    assert Told("ministry", small).events["term"].eq("").all()


def test_a_body_counts_through_those_who_act_for_it_while_they_do(small: Dossier) -> None:
    told = Told("ministry", small)
    assert list(zip(told.events["event_id"], told.events["by"], strict=True)) == [
        ("2020-01-01-early", ("minister",)),
        ("2020-03-01-talks", ("minister",)),
        ("2020-04-01-words", ("ministry",)),
    ]
    assert list(told.events["part"]) == ["contact", "contact", "named"]
    assert set(Told("arm", small).events["event_id"]) == set(told.events["event_id"])


def test_the_ends_of_a_role_are_as_vague_as_their_source(small: Dossier) -> None:
    terms = profiles.terms(profiles.facts(small, "minister"))
    assert list(terms["change"]) == ["begins", "ends"]
    assert list(terms["date"]) == ["2020-02", "2020-06"]
    assert terms["earliest"].iloc[0] == pd.Timestamp("2020-02-01")
    assert terms["known_by"].iloc[1] == pd.Timestamp("2020-06-30")
    assert profiles.terms(profiles.facts(small, "guest")).empty


def test_partners_share_events_and_a_crowd_weighs_less(small: Dossier) -> None:
    partners = Told("minister", small).partners
    assert list(partners["actor_id"]) == ["envoy", "guest"]
    assert list(partners["count"]) == [2, 1]
    assert list(partners["weight"]) == [1.5, 0.5]
    assert partners["events"].iloc[0] == ("2020-01-01-early", "2020-03-01-talks")
    assert list(Told("ministry", small).partners["weight"]) == [1.5, 0.5]


def test_what_is_owed_and_what_was_promised_in_presence_are_told_apart(small: Dossier) -> None:
    def told(name: str) -> dict[str, tuple[str, str]]:
        rows = dicts(Told(name, small).commitments)
        return {row["commitment_id"]: (row["owed"], row["present"]) for row in rows}

    assert told("minister") == {"own": ("itself", "contact"), "state": ("above", "")}
    assert told("ministry") == {"own": ("below", "contact"), "state": ("above", "named")}
    assert told("arm") == {"own": ("below", "contact"), "state": ("itself", "named")}
    assert told("guest") == {"own": ("", "contact"), "other": ("", "contact")}
    owed_by = Told("minister", small).commitments["owed_by"]
    assert list(owed_by) == [("minister",), ("arm",)]


def test_dates_are_named_by_an_actor_or_by_who_acts_for_it(small: Dossier) -> None:
    stated = commitments.targets(small)
    for name, ids in {"arm": ["own"], "minister": ["own"], "envoy": ["other"], "guest": []}.items():
        found = profiles.stated(stated, profiles.facts(small, name))
        assert list(found["commitment_id"]) == ids


def test_a_profile_rests_on_the_rows_that_are_about_the_actor_itself(small: Dossier) -> None:
    told = Told("ministry", small)
    assert profiles.rows_of(told.facts, told.events, told.commitments) == {
        ("actors", "ministry"),
        ("events", "2020-04-01-words"),
    }


def test_who_is_unknown_is_refused_and_who_is_not_known_yet_is_empty(small: Dossier) -> None:
    with pytest.raises(RecipeError, match=r"no actor 'ministr'.*minist"):
        profiles.chosen(small, "ministr")
    early = small.as_of("2020-01-15")
    assert profiles.chosen(early, "guest") == ""
    assert profiles.chosen(early, "minister") == "minister"
    assert profiles.chosen(small, "") == "envoy"
    nothing = Told(profiles.chosen(early, "guest"), early)
    frames = (nothing.facts, nothing.events, nothing.partners, nothing.commitments)
    assert all(frame.empty for frame in frames)
    assert profiles.rows_of(nothing.facts, nothing.events, nothing.commitments) == set()


@given(st.sampled_from(NAMES), days)
def test_the_events_of_an_actor_are_the_rows_that_name_it_or_who_acts_for_it(
    name: str, day: date
) -> None:
    view = RECORD.as_of(day)
    told = Told(name, view)
    below = {one for ids in told.facts["below"] for one in ids}
    until = view.actors.set_index("actor_id")["valid_to_latest"]
    wanted = []
    for row in dicts(view.events):
        first = row["date_latest"] if pd.isna(row["date_earliest"]) else row["date_earliest"]
        acting = [one for one in row["actors"] if one in below and not until[one] < first]
        if name in row["actors"] or acting:
            wanted.append(row["event_id"])
    assert sorted(told.events["event_id"]) == sorted(wanted)
    assert (told.events["known_by"] <= pd.Timestamp(day)).all()
    there = set(zip(told.took_part["event_id"], told.took_part["actor_id"], strict=True))
    for row in dicts(told.events):
        took_part = any((row["event_id"], one) in there for one in row["by"])
        assert (row["part"] == "contact") == took_part


@given(st.sampled_from(NAMES))
def test_partners_are_the_ties_of_the_network_where_nobody_acts_for_the_actor(name: str) -> None:
    told = Told(name)
    ties = actors.ties(actors.participation_graph(RECORD))
    own = ties[ties["actor_a"].eq(name) | ties["actor_b"].eq(name)]
    others = own["actor_b"].where(own["actor_a"].eq(name), own["actor_a"])
    if not any(told.facts["below"]):
        found = told.partners.set_index("actor_id")
        assert set(found.index) == set(others)
        for other, tie in zip(others, dicts(own), strict=True):
            assert found.loc[other, "events"] == tie["events"]
            assert found.loc[other, "weight"] == pytest.approx(tie["weight"])
    assert told.partners["weight"].sum() == pytest.approx(
        told.events["part"].eq("contact").sum() - _alone(told)
    )


def _alone(told: Told) -> int:
    """Contacts in which only people of the actor itself took part."""
    own = {*told.facts["actor_id"], *(one for ids in told.facts["below"] for one in ids)}
    rows = told.took_part.groupby("event_id")["actor_id"]
    return sum(set(names) <= own for _, names in rows)


@given(st.sampled_from(NAMES))
def test_owed_and_present_are_what_the_rows_say(name: str) -> None:
    told = Told(name)
    (facts,) = dicts(told.facts)
    parts = told.part()
    circles = {"itself": {name}, "below": set(facts["below"]), "above": set(facts["above"])}
    listed = set(told.commitments["commitment_id"])
    for row in dicts(told.commitments):
        assert row["present"] == parts.get(row["event_id"], "")
        if row["owed"]:
            assert set(row["owed_by"]) == circles[row["owed"]] & set(row["obligated"])
            assert row["owed_by"]
    for row in dicts(told.ledger):
        concerned = set.union(*circles.values()) & set(row["obligated"])
        assert (row["commitment_id"] in listed) == bool(concerned or row["event_id"] in parts)


def test_a_circle_has_the_closest_partners_and_the_ties_between_them() -> None:
    ties = actors.ties(actors.participation_graph(RECORD))
    whole = profiles.circle(ties, "nikol-pashinyan", most=100)
    few = profiles.circle(ties, "nikol-pashinyan", most=3)
    met = {*few["actor_a"], *few["actor_b"]} - {"nikol-pashinyan"}
    assert met == set(Told("nikol-pashinyan").partners["actor_id"].head(3))
    assert len(few) < len(whole)
    assert profiles.circle(ties, "").empty


def test_nobody_of_the_record_is_in_an_event_that_the_record_puts_after_their_role() -> None:
    late = {
        (name, event)
        for name in NAMES
        for event, term in Told(name).events[["event_id", "term"]].itertuples(index=False)
        if term == "after"
    }
    # named as concerned: a funeral, and a monument that an earlier mayor had ordered
    assert late == {
        ("hrant-dink", "2007-01-23-dink-funeral-contact"),
        ("naif-alibeyoglu", "2011-04-26-kars-monument-demolished"),
    }
