"""Two clocks: the world as it stood on a day, told with what was public by a day."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from normlib import RecipeError, choices, load, views
from normlib.dossier import Dossier
from normlib.figures.common import coverage_note
from normlib.hindsight import WITHHELD
from normlib.spans import last_day
from tests.clock_kit import LAST, Clocks, Rows, later_keys, records, without
from tests.tiny import tiny_dossier

ANI = "2024-02-turkiye-ani-proposal"
"""Happened in February 2024, disclosed on 7 September."""


@cache
def record() -> Dossier:
    return load()


@cache
def turns() -> list[date]:
    """Days on which a row of the record happened or became public, and the days before."""
    columns = [rows[name] for rows in record().tables.values() for name in CLOCKS if name in rows]
    found = {day.date() for day in pd.concat(columns)}
    return sorted(found | {day - timedelta(days=1) for day in found})


CLOCKS = ("known_on", "effective_on")
DAYS = st.deferred(
    lambda: st.one_of(st.sampled_from(turns()), st.dates(date(1980, 1, 1), date(2027, 12, 31)))
)
PAIRS = st.one_of(st.builds(Clocks, DAYS, DAYS), DAYS.map(lambda day: Clocks(day, day)))
SOON = st.dates(date(2018, 12, 1), date(2023, 1, 31))
SOON_PAIRS = st.builds(Clocks, SOON, SOON)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Dossier]:
    """Writes the rows of a record and loads it."""
    folder, number = tmp_path_factory.mktemp("records"), count()

    def write(rows: Rows, until: date = LAST) -> Dossier:
        about = {"coversUntil": str(until)}
        return tiny_dossier(folder / str(next(number)), descriptor=about, **rows)

    return write


def as_bytes(dossier: Dossier) -> dict[str, bytes]:
    """Every table with its types, and every map."""
    tables = {
        name: f"{rows.dtypes.to_dict()}\n{rows.to_csv(index=False)}".encode()
        for name, rows in dossier.tables.items()
    }
    drawn = {name: json.dumps(part).encode() for name, part in dossier.geometries.items()}
    return {**tables, **drawn}


def keys(dossier: Dossier) -> set[tuple[str, str]]:
    return {
        (name, key)
        for name, rows in dossier.tables.items()
        if name != "sources"  # of a row, pages that were out by the day replace later ones
        for key in views.keys_of(rows, dossier.package.tables[name].key)
    }


def recut(view: Dossier) -> Dossier:
    """A record that holds nothing but what a view shows."""
    whole = view.record or view
    return replace(whole, tables=view.tables, geometries=view.geometries)


# What the two clocks rest on


def assert_no_row_is_public_before_it_counts(dossier: Dossier) -> None:
    for name, rows in dossier.tables.items():
        if "effective_on" in rows:
            earliest = rows[f"{dossier.package.tables[name].when}_earliest"]
            assert (rows["effective_on"] <= rows["known_on"]).all(), name
            assert not (rows["effective_on"] < earliest).any(), name
            assert (rows["known_on"] <= dossier.covers_until).all(), name


def test_no_row_of_the_record_is_public_before_it_counts_nor_counts_before_it_happened() -> None:
    assert_no_row_is_public_before_it_counts(record())


@settings(max_examples=20, deadline=None)
@given(rows=records())
def test_no_row_at_all_is_public_before_it_counts_nor_counts_before_it_happened(
    written: Callable[..., Dossier], rows: Rows
) -> None:
    assert_no_row_is_public_before_it_counts(written(rows))


# One clock is a case of two


@settings(max_examples=20, deadline=None)
@given(DAYS)
def test_one_day_is_that_day_by_both_clocks(day: date) -> None:
    one, two = replace(record()).as_of(day), replace(record()).as_of(day, known=day)
    assert as_bytes(one) == as_bytes(two)
    assert one.known == one.day
    assert (one.stamp, repr(one)) == (two.stamp, repr(two))
    assert record().glance(day) == record().glance(day, known=day)
    assert "as known" not in one.stamp + repr(one)


@settings(max_examples=20, deadline=None)
@given(DAYS)
def test_by_one_clock_a_fact_is_there_from_the_day_on_which_it_was_public(day: date) -> None:
    """Facts that belong to no other fact and name no later day are there, then and only then."""
    whole, view = record(), record().as_of(day)
    for name in ("events", "commitments", "link_states", "context", "effects"):
        rows = whole.tables[name]
        key = whole.package.tables[name].key
        public = rows["known_on"] <= pd.Timestamp(day)
        assert views.keys_of(view.tables[name], key) == views.keys_of(rows[public], key)


# The laws


@settings(max_examples=20, deadline=None)
@given(PAIRS)
def test_what_a_view_shows_had_happened_and_was_public(clocks: Clocks) -> None:
    later, view = later_keys(record(), clocks), record().as_of(*clocks)
    for name, gone in later.items():
        if min(clocks) < record().covers_until.date():
            shown = views.keys_of(view.tables[name], record().package.tables[name].key)
            assert gone.isdisjoint(shown), name


@settings(max_examples=20, deadline=None)
@given(PAIRS)
def test_a_view_of_its_own_days_is_itself(clocks: Clocks) -> None:
    view = record().as_of(*clocks)
    assert view.as_of(*clocks) is view
    assert view.as_of("latest") is view
    assert view.as_of(clocks.day, known="latest") is view
    assert as_bytes(recut(view).as_of(*clocks)) == as_bytes(view)


@settings(max_examples=20, deadline=None)
@given(PAIRS, PAIRS)
def test_a_view_never_learns_by_either_clock(one: Clocks, other: Clocks) -> None:
    both = Clocks(*map(min, zip(one, other, strict=True)))
    again = record().as_of(*one).as_of(*other)
    assert (again.day, again.known) == tuple(map(pd.Timestamp, both))
    assert as_bytes(again) == as_bytes(record().as_of(*both))
    assert record().as_of(*one).glance(*other) == record().glance(*both)


@settings(max_examples=20, deadline=None)
@given(PAIRS, PAIRS)
def test_rows_only_grow_with_either_clock(one: Clocks, other: Clocks) -> None:
    least = Clocks(*map(min, zip(one, other, strict=True)))
    assert keys(record().as_of(*least)) <= keys(record().as_of(*one))


def assert_clocks_commute(whole: Dossier, clocks: Clocks) -> None:
    """Each cut is made by itself, on a record that holds what the other one left."""
    both = as_bytes(whole.as_of(*clocks))
    world_first = recut(whole.as_of(clocks.day, known="latest"))
    assert as_bytes(world_first.as_of("latest", known=clocks.known)) == both
    known_first = recut(whole.as_of("latest", known=clocks.known))
    assert as_bytes(known_first.as_of(clocks.day, known="latest")) == both


@settings(max_examples=20, deadline=None)
@given(PAIRS)
def test_the_clocks_commute_on_the_record(clocks: Clocks) -> None:
    assert_clocks_commute(record(), clocks)


@settings(max_examples=25, deadline=None)
@given(records(), SOON_PAIRS, SOON_PAIRS)
def test_the_laws_hold_for_any_record(
    written: Callable[..., Dossier], rows: Rows, one: Clocks, other: Clocks
) -> None:
    whole, least = written(rows), Clocks(*map(min, zip(one, other, strict=True)))
    view, smaller = whole.as_of(*one), whole.as_of(*least)
    assert as_bytes(recut(view).as_of(*one)) == as_bytes(view)
    assert keys(recut(view).as_of(*other)) == keys(smaller) <= keys(view)
    same_knowledge = whole.as_of(least.day, known=one.known)
    assert as_bytes(recut(view).as_of(other.day, known="latest")) == as_bytes(same_knowledge)
    assert_clocks_commute(whole, one)


@settings(max_examples=20, deadline=None)
@given(PAIRS, st.integers(min_value=0, max_value=10_000))
def test_later_rows_of_the_record_change_nothing_in_an_earlier_view(
    clocks: Clocks, seed: int
) -> None:
    """Rows that came later by either clock, and whoever and whatever no earlier row names."""
    whole, random = record(), Random(seed)
    view, later = whole.as_of(*clocks), later_keys(whole, clocks)
    tables = {}
    for name, rows in whole.tables.items():
        key = whole.package.tables[name].key
        shown = set(views.keys_of(view.tables[name], key))
        kept = [
            (one not in later[name] if name in later else one in shown) or random.random() < 0.5
            for one in views.keys_of(rows, key)
        ]
        tables[name] = rows[kept].reset_index(drop=True)
    citing = [rows["sources"].explode() for name, rows in tables.items() if "sources" in rows]
    cited = whole.sources["source_id"].isin(pd.concat(citing))
    tables["sources"] = whole.sources[cited].reset_index(drop=True)
    left = set(tables["links"]["link_id"])
    routes = whole.geometries["routes"]
    drawn = {**routes, "features": [one for one in routes["features"] if one["id"] in left]}
    fewer = replace(whole, tables=tables, geometries={**whole.geometries, "routes": drawn})
    assert as_bytes(fewer.as_of(*clocks)) == as_bytes(view)
    assert fewer.glance(*clocks) == whole.glance(*clocks)


@settings(max_examples=40, deadline=None)
@given(records(), SOON_PAIRS, st.booleans(), st.data())
def test_a_record_that_grows_tells_the_same_of_an_earlier_day(
    written: Callable[..., Dossier], rows: Rows, clocks: Clocks, shorter: bool, data: Any
) -> None:
    """Both are read from files: with later rows and coverage, and as it was before them."""
    assume(min(clocks) < LAST)
    grown = written(rows)
    later = later_keys(grown, clocks)
    until = LAST
    if shorter and max(clocks) < LAST:
        until = max(clocks) + timedelta(days=1)
    else:
        later = {
            name: {key for key in sorted(found) if data.draw(st.booleans())}
            for name, found in later.items()
        }
    key = {name: resource.key for name, resource in grown.package.tables.items()}
    before = without(rows, later, key)
    then = written(before, until)
    assert as_bytes(then.as_of(*clocks)) == as_bytes(grown.as_of(*clocks))
    whole = all(row in rows[name] for name, listed in before.items() for row in listed)
    if until == LAST and whole:  # a cell that was filled later makes another row to a glance
        assert then.glance(*clocks) == grown.glance(*clocks)


# What a reader sees


def test_what_was_disclosed_late_is_told_of_the_day_on_which_it_had_happened() -> None:
    def told(day: str, known: str | None = None) -> bool:
        return ANI in set(record().as_of(day, known=known).events["event_id"])

    assert told("2024-02-29", "latest")
    assert told("2024-02-29", "2024-09-07")
    assert not told("2024-02-29", "2024-09-06")
    assert not told("2024-02-29")
    assert not told("2024-02-28", "latest")


def test_the_days_of_both_clocks_stand_on_a_view_where_they_differ() -> None:
    view = record().as_of("2021-12-31", known="2025-12-31")
    assert view.stamp.startswith("As of 2021-12-31, as known on 2025-12-31 · ")
    assert " as of 2021-12-31, as known on 2025-12-31: " in repr(view)
    assert (str(view.day.date()), str(view.known.date())) == ("2021-12-31", "2025-12-31")
    assert record().as_of("2021-12-31", known="latest").known == record().covers_until
    with pytest.raises(KeyError, match="as of 2021-12-31, as known on 2025-12-31"):
        view.row("events", ANI)


def test_the_coverage_note_tells_both_days_where_they_differ() -> None:
    hindsight = str(coverage_note(record().as_of("2021-12-31", known="2025-12-31")))
    assert "As of 31 December 2021, as known on 31 December 2025, the record" in hindsight
    assert "after 31 December 2021 or became public after 31 December 2025 is left" in hindsight
    empty = str(coverage_note(record().as_of("1900-01-01", known="2025-12-31")))
    assert "holds nothing that was known of 1 January 1900 on 31 December 2025" in empty


def test_a_day_of_knowledge_that_is_no_day_is_refused_by_its_name() -> None:
    with pytest.raises(RecipeError, match="known: '2025-12' is not one day"):
        record().as_of("2021-12-31", known="2025-12")


def test_glances_of_two_clocks_differ_from_those_of_one() -> None:
    pairs = [("2021-12-31", known) for known in ("2021-12-31", "2023-12-31", "latest")]
    assert len({record().glance(*pair).digest for pair in pairs}) == len(pairs)


@given(clocks=PAIRS)
@settings(max_examples=20, deadline=None)
def test_a_glance_counts_the_dated_facts_of_a_view_by_both_clocks(clocks: Clocks) -> None:
    tables = record().as_of(*clocks).tables.values()
    facts = sum(len(rows) for rows in tables if "known_on" in rows)
    assert record().glance(*clocks).facts == facts


def test_knowing_less_than_the_day_leaves_the_rows_of_then_and_the_last_known_states() -> None:
    view, then = record().as_of("2025-12-31", known="2021-12-31"), record().as_of("2021-12-31")
    assert as_bytes(view) == as_bytes(then)
    assert str(view.day.date()) == "2025-12-31"
    assert last_day(view) == then.day
    assert not record().as_of("latest", known="2021-12-31").is_latest
    assert not record().as_of("2021-12-31", known="latest").is_latest


def test_the_stops_of_a_view_do_not_go_beyond_its_day() -> None:
    view = record().as_of("2021-12-31", known="latest")
    assert choices.stops(view)[-1] == view.day


@pytest.fixture
def reign(tmp_path: Path) -> Dossier:
    """A minister until 2022, a promise of 2021 told of by a page of 2023, and what was coded."""
    return tiny_dossier(
        tmp_path,
        descriptor={"coversUntil": "2024-12-31"},
        sources=[
            {"source_id": "then", "published": "2021-05-01", "title": "Of then"},
            {"source_id": "now", "published": "2023-05-01", "title": "Of now"},
            {"source_id": "undated", "published": "", "title": "Of some day"},
        ],
        actors=[{"actor_id": "minister", "valid_to": "2022-06"}],
        events=[
            {
                "event_id": "2021-05-01-talks",
                "actors": "minister",
                "summary": "They met. They met again in 2023.",
                "sources": "then;now;undated",
            },
        ],
        commitments=[
            {
                "commitment_id": "gate",
                "event_id": "2021-05-01-talks",
                "made_on": "2021-05-01",
                "sources": "now",
            }
        ],
        codings=[
            {"commitment_id": "gate", "day": day, "coder": "ada", "level": 1}
            for day in ("2021-06-01", "2023-06-01")
        ],
        claims=[
            {
                "claim_id": "length-1",
                "subject_table": "events",
                "subject_id": "2021-05-01-talks",
                "value": "lasted until 1 January 2023",
                "sources": "now",
            }
        ],
    )


def test_ends_of_terms_follow_the_earlier_of_the_two_clocks(reign: Dossier) -> None:
    def end(day: str, known: str) -> Any:
        return reign.as_of(day, known=known).row("actors", "minister")["valid_to"]

    assert pd.isna(end("2022-06-29", "latest"))
    assert end("2022-06-30", "latest") == "2022-06"
    assert pd.isna(end("latest", "2022-06-29"))


def test_sentences_and_pages_follow_what_was_known(reign: Dossier) -> None:
    day = "2021-12-31"
    then, now = reign.as_of(day), reign.as_of(day, known="2023-12-31")
    talks = "2021-05-01-talks"
    assert then.row("events", talks)["summary"] == f"They met. {WITHHELD}"
    assert now.row("events", talks)["summary"] == "They met. They met again in 2023."
    assert then.row("events", talks)["sources"] == ("then", "undated")
    assert now.row("events", talks)["sources"] == ("then", "now", "undated")
    titles = [view.sources.set_index("source_id")["title"] for view in (then, now)]
    assert (titles[0]["now"], titles[1]["now"]) == (views.LATER_PAGE, "Of now")
    latest = reign.as_of(day, known="latest").sources.set_index("source_id")["title"]
    assert (titles[1]["undated"], latest["undated"]) == (views.LATER_PAGE, "Of some day")


def test_claims_follow_what_was_known_of_a_row_that_is_there(reign: Dossier) -> None:
    assert reign.as_of("2021-12-31").claims.empty
    assert len(reign.as_of("2021-12-31", known="2023-12-31").claims) == 1
    assert reign.as_of("2021-04-30", known="latest").claims.empty


def test_a_judgement_counts_from_the_day_that_it_judges(reign: Dossier) -> None:
    found = reign.as_of("2021-12-31", known="latest").tables["codings"]
    assert found["day"].tolist() == ["2021-06-01"]
