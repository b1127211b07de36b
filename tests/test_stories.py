"""The life of one commitment: its story, what is on record, what lies beside."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import normlib
from normlib import claims, commitments, stories
from normlib.dossier import Dossier
from normlib.errors import RecipeError
from tests.tiny import tiny_dossier

RECORD = normlib.load()
DAYS = ("2020-01-01", "2020-01-15", "2020-02-01", "2020-03-01")
days = st.dates(date(2019, 1, 1), date(2026, 6, 7))


def made(name: str, day: str, **more: str) -> dict[str, object]:
    return {"commitment_id": name, "made_on": day, "event_id": f"{day}-talks", **more}


def seen(name: str, day: str, level: int, state: str) -> dict[str, object]:
    return {"commitment_id": name, "observed_on": day, "level": level, "state": state}


@pytest.fixture
def chain(tmp_path: Path) -> Dossier:
    """Three commitments, each of which replaces the one before, and one beside them."""
    return tiny_dossier(
        tmp_path,
        links=[{"link_id": "road", "from_site": "x", "to_site": "y"}],
        sites=[{"site_id": "x"}, {"site_id": "y"}],
        events=[{"event_id": f"{day}-talks", "date": day} for day in DAYS],
        commitments=[
            made("first", "2020-01-01", links="road"),
            made("second", "2020-02-01", supersedes="first"),
            made("third", "2020-03-01", supersedes="second"),
            made("other", "2020-01-15", links="road"),
            made("far", "2020-01-15"),
        ],
        observations=[
            seen("first", "2020-01-20", 1, "preparing"),
            seen("first", "2020-02-01", 1, "superseded"),
            seen("third", "2020-03-02", 2, "partial"),
        ],
        targets=[{"commitment_id": "third", "stated_on": "2020-03-02", "target": "2020-06"}],
    )


def test_commitments_that_replaced_each_other_are_one_story_the_oldest_first(
    chain: Dossier,
) -> None:
    ledger = commitments.ledger(chain)
    for name in ("first", "second", "third"):
        told = stories.story(ledger, name)
        assert list(told["commitment_id"]) == ["first", "second", "third"]
        assert list(told["back"]) == [2, 1, 0]
    assert list(stories.story(ledger, "far")["commitment_id"]) == ["far"]


def test_a_story_that_had_not_gone_on_yet_ends_earlier(chain: Dossier) -> None:
    ledger = commitments.ledger(chain.as_of("2020-02-15"))
    assert list(stories.story(ledger, "first")["commitment_id"]) == ["first", "second"]


def test_a_life_holds_everything_on_record_in_order(chain: Dossier) -> None:
    ledger, stated = commitments.ledger(chain), commitments.targets(chain)
    life = stories.life(chain, stories.story(ledger, "third"), stated)
    assert list(zip(life["commitment_id"], life["kind"], strict=True)) == [
        ("first", "made"),
        ("first", "observed"),
        ("second", "made"),
        ("first", "observed"),
        ("third", "made"),
        ("third", "named"),
        ("third", "observed"),
    ]
    assert life["target"].dropna().tolist() == ["2020-06"]
    assert life["level"].dropna().tolist() == [1, 1, 2]


def test_beside_a_story_stand_others_about_the_same_links(chain: Dossier) -> None:
    ledger = commitments.ledger(chain)
    assert list(stories.beside(ledger, "third")["commitment_id"]) == ["other"]
    assert list(stories.beside(ledger, "third")["shared"]) == [("road",)]
    assert list(stories.beside(ledger, "other")["commitment_id"]) == ["first"]
    assert stories.beside(ledger, "far").empty


def test_what_was_not_made_yet_has_no_story_and_what_never_was_is_refused(chain: Dossier) -> None:
    early = chain.as_of("2020-01-10")
    ledger = commitments.ledger(early)
    assert stories.chosen(early, ledger, "third") == ""
    assert stories.story(ledger, "").empty
    assert stories.beside(ledger, "").empty
    assert stories.life(early, stories.story(ledger, ""), commitments.targets(early)).empty
    with pytest.raises(RecipeError, match=r"no commitment 'fist'.*first"):
        stories.chosen(early, ledger, "fist")


def test_left_blank_the_commitment_with_the_most_dates_is_chosen(chain: Dossier) -> None:
    assert stories.chosen(chain, commitments.ledger(chain), "") == "third"
    nothing = chain.as_of("2019-01-01")
    assert stories.chosen(nothing, commitments.ledger(nothing), "") == ""


@given(days)
def test_each_commitment_has_one_story_and_each_story_one_newest(day: date) -> None:
    ledger = commitments.ledger(RECORD.as_of(day))
    told = stories.in_stories(ledger)
    assert list(told["commitment_id"]) == list(ledger["commitment_id"])
    newest = told[told["back"].eq(0)]
    assert set(newest["story"]) == set(told["story"])
    assert newest["commitment_id"].equals(newest["story"])


@given(days, st.sampled_from(list(RECORD.commitments["commitment_id"])))
def test_a_life_never_tells_what_its_day_did_not_know(day: date, name: str) -> None:
    view = RECORD.as_of(day)
    told = stories.story(commitments.ledger(view), name)
    life = stories.life(view, told, commitments.targets(view))
    assert (life["day"] <= pd.Timestamp(day)).all()
    assert life["day"].is_monotonic_increasing
    assert set(life["commitment_id"]) == set(told["commitment_id"])
    sources = {one for ids in life["sources"] for one in ids}
    assert sources <= set(view.sources["source_id"])


def test_contradictions_about_a_commitment_are_those_of_its_rows() -> None:
    ledger, stated = commitments.ledger(RECORD), commitments.targets(RECORD)
    told = stories.story(ledger, "border-third-country-citizens")
    rows = stories.rows_of(told, stories.life(RECORD, told, stated))
    found = claims.contradictions(RECORD, about=rows)
    assert {("commitments", "border-third-country-citizens")} <= rows
    assert set(zip(found["subject_table"], found["subject_id"], strict=True)) <= rows
    assert "commitments" in set(found["subject_table"])


def test_the_register_has_each_contradiction_once_with_all_its_values() -> None:
    found = claims.contradictions(RECORD)
    register = claims.register(found)
    assert register["conflict"].is_unique
    assert set(register["conflict"]) == set(found["conflict"])
    assert register["n_values"].sum() == len(found)
    assert register["resolved"].is_monotonic_increasing
    for row in register.itertuples():
        assert len(row.accepted) + len(row.others) == row.n_values
        assert bool(row.accepted) == row.resolved
        values = [*row.accepted, *row.others]
        assert {name for _, _, names in values for name in names} == set(row.sources)
        assert all(sources for _, _, sources in values)
        assert not any("unresolved" in reason for _, reason, _ in values)


def test_without_contradictions_the_register_is_empty(tmp_path: Path) -> None:
    register = claims.register(claims.contradictions(tiny_dossier(tmp_path)))
    assert register.empty
    assert register[~register["resolved"]].empty
