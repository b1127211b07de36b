"""A view of a day: what was public by then, and nothing that only later days knew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from types import MappingProxyType
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normlib import load, views
from normlib.dossier import LATELY, Dossier
from normlib.hindsight import WITHHELD

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2027, 12, 31))
ROUNDS = ["2022-01-14", "2022-02-24", "2022-05-03", "2022-07-01", "2024-07-30", "2025-09-12"]
MOMENTS = ["1900-01-01", "1993-04-03", "2009-10-10", *ROUNDS, "2026-06-06", "latest"]


@cache
def record() -> Dossier:
    return load()


def keys(dossier: Dossier, table: str) -> set[str]:
    key = dossier.package.tables[table].key
    return set(views.joined_key(dossier.tables[table], key))


def stated_facts(dossier: Dossier) -> list[str]:
    return [name for name, rows in dossier.tables.items() if "known_on" in rows]


def assert_same(one: Dossier, other: Dossier) -> None:
    assert one.day == other.day
    for name, rows in one.tables.items():
        pd.testing.assert_frame_equal(rows, other.tables[name], obj=name)
    assert one.geometries == other.geometries


@settings(max_examples=25, deadline=None)
@given(DAYS)
def test_a_view_of_a_view_of_the_same_day_is_that_view(day: date) -> None:
    view = record().as_of(day)
    assert_same(view, view.as_of(day))
    assert_same(view, view.as_of("latest"))


def test_a_view_of_its_own_day_is_itself() -> None:
    view = record().as_of("2022-07-01")
    assert view.as_of("2022-07-01") is view
    assert view.as_of("latest") is view
    assert view.as_of("2023-07-01") is view
    assert record().as_of("latest") is record()


def test_a_view_that_was_made_lately_is_given_back_and_an_older_one_is_made_anew() -> None:
    whole = replace(record())
    first = whole.as_of("2022-07-01")
    assert whole.as_of("2024-07-30").as_of("2022-07-01") is first
    for day in range(1, LATELY + 1):
        whole.as_of(f"2023-01-{day:02}")
    again = whole.as_of("2022-07-01")
    assert again is not first
    assert_same(again, first)


@settings(max_examples=25, deadline=None)
@given(DAYS)
def test_nothing_in_a_view_was_public_only_later(day: date) -> None:
    view = record().as_of(day)
    for name in stated_facts(view):
        assert (view.tables[name]["known_on"] <= view.day).all(), name


@settings(max_examples=25, deadline=None)
@given(DAYS)
def test_every_reference_of_a_view_points_into_the_view(day: date) -> None:
    view = record().as_of(day)
    for name, other, targets in views.references(view.package, view.tables):
        named = {key for ids in targets.values() for key in ids}
        assert named <= keys(view, other), f"{name} refers to {other}"


@settings(max_examples=25, deadline=None)
@given(DAYS)
def test_every_drawn_route_is_a_link_of_the_view(day: date) -> None:
    view = record().as_of(day)
    drawn = {feature["id"] for feature in view.geometries["routes"]["features"]}
    assert drawn == set(view.links["link_id"])


@pytest.mark.parametrize("day", MOMENTS)
def test_every_table_keeps_its_columns_and_their_types(day: str) -> None:
    view = record().as_of(day)
    for name, rows in record().tables.items():
        assert list(view.tables[name].columns) == list(rows.columns), name
        if len(view.tables[name]):
            assert view.tables[name].dtypes.equals(rows.dtypes), name


@pytest.mark.parametrize("day", MOMENTS)
def test_every_source_of_a_view_is_cited_and_every_cited_one_is_there(day: str) -> None:
    view = record().as_of(day)
    cited = {
        source
        for rows in view.tables.values()
        if "sources" in rows
        for ids in rows["sources"]
        for source in ids
    }
    there = set(view.sources["source_id"])
    assert cited <= there
    if not view.is_latest:
        assert there == cited


@pytest.mark.parametrize("day", [moment for moment in MOMENTS if moment != "latest"])
def test_no_page_of_a_later_day_shows_its_title_or_date(day: str) -> None:
    view = record().as_of(day)
    assert not (view.sources["published_latest"] > view.day).any()
    whole = record().sources.set_index("source_id")
    later = whole.index[whole["published_latest"] > view.day]
    shown = view.sources.loc[view.sources["source_id"].isin(later), "title"]
    assert set(shown) <= {views.LATER_PAGE}


def test_a_title_that_names_a_later_day_is_withheld_whole() -> None:
    titles = [title for day in MOMENTS for title in record().as_of(day).sources["title"]]
    assert [title for title in titles if WITHHELD in title] == []


def test_before_the_record_begins_there_is_nothing() -> None:
    view = record().as_of("1900-01-01")
    assert {name: len(rows) for name, rows in view.tables.items() if len(rows)} == {}


def test_a_day_after_coverage_shows_the_whole_record() -> None:
    whole = record()
    view = whole.as_of("2030-01-01")
    assert all(len(rows) == len(whole.tables[name]) for name, rows in view.tables.items())


def test_what_was_learned_late_is_missing_until_it_was_learned() -> None:
    event = "2024-02-turkiye-ani-proposal"
    assert event not in set(record().as_of("2024-09-06").events["event_id"])
    assert event in set(record().as_of("2024-09-07").events["event_id"])


def test_a_term_that_had_not_ended_is_open() -> None:
    view = record().as_of("2022-07-01")
    actors = view.actors.set_index("actor_id")
    assert pd.isna(actors.loc["mevlut-cavusoglu", "valid_to"])
    assert record().as_of("2023-07-01").row("actors", "mevlut-cavusoglu")["valid_to"] == "2023-06"


# What can be told of a view without making it

SEEN = ("1993-04-03", "2010-04-22", "2022-07-01", "2025-09-12")


@pytest.mark.parametrize("day", [*SEEN, "1900-01-01", "latest"])
def test_a_glance_counts_the_dated_facts_of_the_view(day: str) -> None:
    view = record().as_of(day)
    facts = sum(len(rows) for rows in view.tables.values() if "known_on" in rows)
    assert record().glance(day).facts == facts


def changed(table: str, key: str, column: str) -> Dossier:
    """The real record with another text in one cell."""
    rows = record().tables[table]
    hit = views.joined_key(rows, record().package.tables[table].key) == key
    assert hit.sum() == 1
    text = rows[column].where(~hit, "Another text.")
    tables = {**record().tables, table: rows.assign(**{column: text})}
    return replace(record(), tables=MappingProxyType(tables))


TEXTS = {
    "events": "title",
    "commitments": "title",
    "targets": "wording",
    "observations": "note",
    "actors": "role",
    "links": "name",
    "link_states": "note",
    "claims": "note",
    "sites": "name",
    "sources": "publisher",
    "phases": "summary",
}


@given(data=st.data())
def test_a_glance_changes_with_every_row_of_the_view_and_with_no_other(data: Any) -> None:
    """A view is made from the rows that it shows; what becomes known later leaves it alone."""
    day = data.draw(st.sampled_from(SEEN))
    table = data.draw(st.sampled_from(sorted(TEXTS)))
    view, rows = record().as_of(day), record().tables[table]
    key = record().package.tables[table].key
    chosen = data.draw(st.sampled_from(views.keys_of(rows, key)))
    in_view = chosen in set(views.keys_of(view.tables[table], key))
    other = changed(table, chosen, TEXTS[table])
    same = record().glance(day) == other.glance(day)
    if in_view:
        assert not same
    elif table != "sources":  # a page that was not out by then may still be named by its row
        assert same
    if same:
        for name, frame in other.as_of(day).tables.items():
            pd.testing.assert_frame_equal(frame, view.tables[name])


@pytest.mark.parametrize("moment", MOMENTS)
def test_parts_of_a_row_are_in_a_view_with_it_and_bring_nobody_in(moment: str) -> None:
    """A place in the pictures belongs to its actor: it mentions no actor by itself."""
    whole, view = record(), record().as_of(moment)
    without = {name: rows for name, rows in whole.tables.items() if name != "positions"}
    resources = [
        entry for entry in whole.package.descriptor["resources"] if entry["name"] != "positions"
    ]
    package = replace(
        whole.package, descriptor={**whole.package.descriptor, "resources": resources}
    )
    bare = replace(whole, package=package, tables=MappingProxyType(without)).as_of(moment)
    assert keys(view, "positions") == keys(view, "actors") == keys(bare, "actors")


def test_a_glance_of_another_day_or_descriptor_is_another() -> None:
    digests = {record().glance(day).digest for day in [*SEEN, "latest"]}
    assert len(digests) == len(SEEN) + 1
    package = replace(record().package, descriptor={**record().package.descriptor, "version": "x"})
    assert replace(record(), package=package).glance(SEEN[0]).digest not in digests
