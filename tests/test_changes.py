"""What changed between two days: happened, learned late, in another state."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normlib import changes, claims, commitments, connectivity, load, views
from normlib.dossier import Dossier
from tests.tiny import tiny_dossier

DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2026, 6, 30))
UNTIL = {"coversUntil": "2026-06-07"}
SITES = [{"site_id": "a"}, {"site_id": "b"}]
ROAD = {"link_id": "road", "name": "The road", "from_site": "a", "to_site": "b"}

Row = dict[str, Any]


@cache
def record() -> Dossier:
    return load()


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


# New rows


def kinds(folder: Path, since: str, *events: Row, **tables: list[Row]) -> dict[str, str]:
    dossier = tiny_dossier(folder, descriptor=UNTIL, events=list(events), **tables)
    rows = changes.new_rows(dossier.as_of(since), dossier)
    return dict(zip(rows["key"], rows["kind"], strict=True))


def test_what_lies_after_the_day_happened_since(tmp_path: Path) -> None:
    found = kinds(tmp_path, "2022-07-01", {"event_id": "2022-07-02-talks"})
    assert found == {"2022-07-02-talks": changes.HAPPENED}


def test_what_lies_on_the_day_is_no_change(tmp_path: Path) -> None:
    assert kinds(tmp_path, "2022-07-01", {"event_id": "2022-07-01-talks"}) == {}


def test_what_lies_before_and_was_disclosed_after_was_learned_since(tmp_path: Path) -> None:
    event = {"event_id": "2022-02-offer", "known_since": "2022-09-07"}
    assert kinds(tmp_path, "2022-07-01", event) == {"2022-02-offer": changes.LEARNED}


def test_what_was_disclosed_before_the_day_is_no_change(tmp_path: Path) -> None:
    event = {"event_id": "2022-02-offer", "known_since": "2022-06-07"}
    assert kinds(tmp_path, "2022-07-01", event) == {}


@pytest.mark.parametrize("text", ["2022-07", "2022", "../2022-12-01"])
def test_a_date_across_the_day_is_not_forced_to_either_side(tmp_path: Path, text: str) -> None:
    event = {"event_id": "2022-talks", "date": text, "sources": "late"}
    late = {"source_id": "late", "published": "2022-11-01"}
    found = kinds(tmp_path, "2022-07-15", event, sources=[late])
    assert found == {"2022-talks": changes.VAGUE}


def test_a_row_about_another_is_named_after_it(tmp_path: Path) -> None:
    promise = {"commitment_id": "bridge", "event_id": "2022-07-01-talks", "title": "Mend it"}
    dossier = tiny_dossier(
        tmp_path,
        events=[{"event_id": "2022-07-01-talks"}],
        commitments=[{**promise, "made_on": "2022-07-01"}],
        observations=[{"commitment_id": "bridge", "observed_on": "2022-08-01", "note": "Begun."}],
    )
    row = changes.new_rows(dossier.as_of("2022-07-01"), dossier).iloc[0]
    assert (row["subject_table"], row["subject"]) == ("commitments", "bridge")
    assert (row["title"], row["detail"]) == ("Mend it", "Begun.")


@settings(max_examples=15, deadline=None)
@given(DAYS, DAYS)
def test_new_rows_are_exactly_what_one_view_has_and_the_other_lacks(one: date, other: date) -> None:
    before, after = (record().as_of(moment) for moment in sorted((one, other)))
    rows = changes.new_rows(before, after)
    for name, resource in record().package.tables.items():
        if resource.when is not None:
            there, then = (
                set(views.joined_key(view.tables[name], resource.key)) for view in (after, before)
            )
            assert set(rows.loc[rows["table"] == name, "key"]) == there - then


@settings(max_examples=15, deadline=None)
@given(DAYS, DAYS, DAYS)
def test_new_rows_of_two_spans_are_those_of_both_together(a: date, b: date, c: date) -> None:
    first, middle, last = (record().as_of(moment) for moment in sorted((a, b, c)))

    def found(before: Dossier, after: Dossier) -> set[tuple[str, str]]:
        rows = changes.new_rows(before, after)
        return set(zip(rows["table"], rows["key"], strict=True))

    assert found(first, middle) | found(middle, last) == found(first, last)
    assert found(first, middle) & found(middle, last) == set()


@settings(max_examples=15, deadline=None)
@given(DAYS)
def test_nothing_is_new_against_the_same_day(moment: date) -> None:
    view = record().as_of(moment)
    assert changes.new_rows(view, view).empty
    assert changes.new_events(view, view).empty


# News


def news(folder: Path, **tables: list[Row]) -> list[Row]:
    dossier = tiny_dossier(folder, descriptor=UNTIL, **tables)
    return [
        {str(name): it for name, it in row.items()}
        for row in changes.news(dossier).to_dict("records")
    ]


def test_the_state_of_a_link_stands_beside_the_one_before(tmp_path: Path) -> None:
    states = [("1990-01-01", "closed"), ("2023-02-11", "restricted"), ("2023-02-14", "closed")]
    rows = news(
        tmp_path,
        sites=SITES,
        links=[ROAD],
        link_states=[
            {"link_id": "road", "since": since, "state": state} for since, state in states
        ],
    )
    assert [(row["state_before"], row["state_after"]) for row in rows[:2]] == [
        ("restricted", "closed"),
        ("closed", "restricted"),
    ]
    assert pd.isna(rows[2]["state_before"])


def test_levels_and_targets_stand_beside_those_of_the_same_promise_only(tmp_path: Path) -> None:
    promises = [
        {"commitment_id": name, "made_on": "2022-07-01", "event_id": "2022-07-01-talks"}
        for name in ("air", "rail")
    ]
    seen = [("air", "2022-08-01", 1), ("rail", "2022-08-02", 2), ("air", "2022-08-03", 2)]
    rows = news(
        tmp_path,
        events=[{"event_id": "2022-07-01-talks"}],
        commitments=promises,
        observations=[
            {"commitment_id": name, "observed_on": on, "level": level, "state": "partial"}
            for name, on, level in seen
        ],
        targets=[
            {"commitment_id": "air", "stated_on": on, "target": to, "stated_by": "tur"}
            for on, to in (("2022-07-02", "2022-09"), ("2022-07-03", "2023"))
        ],
    )
    levels = {
        row["key"]: (row["level_before"], row["level_after"])
        for row in rows
        if row["table"] == "observations"
    }
    assert levels["air|2022-08-03"] == (1, 2)
    assert pd.isna(levels["rail|2022-08-02"][0])
    restated = next(row for row in rows if row["table"] == "targets")
    assert (restated["target_before"], restated["target_after"]) == ("2022-09", "2023")


def test_a_row_that_is_public_only_because_the_data_ends_there_is_no_news(tmp_path: Path) -> None:
    undated = {"source_id": "undated", "published": "", "accessed": "2026-11-23"}
    rows = news(
        tmp_path,
        sources=[undated],
        events=[
            {"event_id": "2026-someday", "date": "2026?", "sources": "undated"},
            {"event_id": "2026-06-07-vote"},
        ],
    )
    assert [row["key"] for row in rows] == ["2026-06-07-vote"]


def test_where_nothing_is_known_there_is_no_news() -> None:
    found = changes.news(record().as_of("1900-01-01"))
    assert found.empty
    assert list(found) == changes.NEWS_COLUMNS


@settings(max_examples=15, deadline=None)
@given(DAYS, st.integers(1, 60))
def test_news_are_the_last_rows_of_a_view_the_last_first(moment: date, most: int) -> None:
    view = record().as_of(moment)
    found, every = changes.news(view, most=most), changes.news(view, most=10_000)
    assert len(found) == min(most, len(every))
    assert found["key"].tolist() == every["key"].tolist()[:most]
    assert every["known_on"].is_monotonic_decreasing
    assert every["known_on"].max() <= view.day or every.empty
    dated = [name for name, one in view.package.tables.items() if one.when is not None]
    if view.day < record().day:
        assert len(every) == sum(len(view.tables[name]) for name in dated)


# Events


def test_rounds_come_first_then_agreements_then_the_rest(tmp_path: Path) -> None:
    dossier = tiny_dossier(
        tmp_path,
        events=[
            {"event_id": "2022-01-01-said", "type": "statement"},
            {"event_id": "2022-01-02-agreed", "type": "agreement"},
            {"event_id": "2022-01-03-round", "type": "meeting", "round": 1},
        ],
    )
    events = changes.new_events(dossier.as_of("2021-01-01"), dossier)
    assert events["type"].tolist() == ["meeting", "agreement", "statement"]


def test_what_does_not_concern_both_sides_comes_last(tmp_path: Path) -> None:
    dossier = tiny_dossier(
        tmp_path,
        events=[
            {"event_id": "2022-01-02-others", "type": "agreement"},
            {"event_id": "2022-01-03-call", "type": "phone_call"},
        ],
    )
    before = dossier.as_of("2021-01-01")
    events = changes.new_events(before, dossier, between=["2022-01-03-call"])
    assert events["event_id"].tolist() == ["2022-01-03-call", "2022-01-02-others"]


def test_few_of_a_kind_are_told_but_every_round_and_in_their_order() -> None:
    events = changes.new_events(record().as_of("2021-12-01"), record().as_of("2022-07-01"))
    told = changes.telling_events(events)
    assert told["round"].dropna().tolist() == [1, 2, 3, 4]
    assert told["date_latest"].is_monotonic_increasing
    assert len(told) == 8
    others = told[told["round"].isna()]
    assert others["type"].value_counts().max() <= 2


# Levels


def ledger(*rows: Row) -> pd.DataFrame:
    usual = {"title": "A promise", "sector": "border", "note": "", "sources": ("s",)}
    columns = ["commitment_id", "level", "state", "state_since", "observed_on", *usual]
    full = [{"state_since": "2022-08-01", "observed_on": "2022-08-01", **usual, **r} for r in rows]
    return pd.DataFrame(full, columns=columns).astype({"level": "Int64"})


@pytest.mark.parametrize(
    ("then", "now", "direction"),
    [
        ((0, "announced"), (2, "partial"), "up"),
        ((3, "implemented"), (0, "reversed"), "down"),
        ((1, "preparing"), (1, "stalled"), "same level"),
        ((None, "announced"), (1, "preparing"), "first evidence"),
        ((1, "preparing"), (None, "preparing"), "evidence ends"),
        ((1, "preparing"), (1, "abandoned"), "ended"),
        ((None, "announced"), (None, "stalled"), "same level"),
    ],
)
def test_the_way_that_a_commitment_went(then: Any, now: Any, direction: str) -> None:
    before = ledger({"commitment_id": "x", "level": then[0], "state": then[1]})
    after = ledger({"commitment_id": "x", "level": now[0], "state": now[1]})
    moved = changes.levels(before, after, since=day("2022-07-01"))
    assert moved["direction"].tolist() == [direction]


def test_a_commitment_as_it_was_is_no_change() -> None:
    same = ledger({"commitment_id": "x", "level": None, "state": "announced"})
    assert changes.levels(same, same, since=day("2022-07-01")).empty


def test_a_commitment_made_since_is_new() -> None:
    after = ledger({"commitment_id": "x", "level": 0, "state": "announced"})
    moved = changes.levels(ledger(), after, since=day("2022-07-01"))
    assert moved["direction"].tolist() == ["new"]
    assert moved["state_before"].isna().all()


def test_a_level_that_was_learned_late_says_so() -> None:
    before = ledger({"commitment_id": "x", "level": 0, "state": "announced"})
    after = ledger(
        {"commitment_id": "x", "level": 1, "state": "preparing", "observed_on": "2022-06-30"}
    )
    moved = changes.levels(before, after, since=day("2022-07-01"))
    assert moved["learned_late"].tolist() == [True]


@settings(max_examples=8, deadline=None)
@given(DAYS, DAYS)
def test_levels_before_and_after_are_those_of_the_ledgers(one: date, other: date) -> None:
    before, after = (record().as_of(moment) for moment in sorted((one, other)))
    was, now = commitments.ledger(before), commitments.ledger(after)
    moved = changes.levels(was, now, since=before.day)
    states = [dict(zip(rows["commitment_id"], rows["state"], strict=True)) for rows in (was, now)]
    for row in moved.to_dict("records"):
        assert row["state_after"] == states[1][row["commitment_id"]]
        known = states[0].get(row["commitment_id"])
        assert known is None or row["state_before"] == known
    still = set(now["commitment_id"]) - set(moved["commitment_id"])
    assert all(states[0][name] == states[1][name] for name in still)


# Links


def turned(folder: Path, since: str, *states: tuple[str, str]) -> list[Row]:
    rows = [{"link_id": "road", "since": begin, "state": state} for begin, state in states]
    dossier = tiny_dossier(folder, descriptor=UNTIL, sites=SITES, links=[ROAD], link_states=rows)
    before = dossier.as_of(since)
    spans = connectivity.state_spans(before), connectivity.state_spans(dossier)
    return list(changes.links(*spans, since=before.day).to_dict("records"))


def test_a_link_that_opened(tmp_path: Path) -> None:
    found = turned(tmp_path, "2022-07-01", ("1993-04-03", "closed"), ("2023-01-01", "open"))
    assert [(row["state_before"], row["state_after"]) for row in found] == [("closed", "open")]
    assert found[0]["direction"] == "opened"


def test_a_link_that_opened_for_a_while_only(tmp_path: Path) -> None:
    states = ("1993-04-03", "closed"), ("2023-02-11", "restricted"), ("2023-02-15", "closed")
    (row,) = turned(tmp_path, "2022-07-01", *states)
    assert (row["direction"], row["passed"]) == ("for a while", ("restricted",))


def test_a_state_that_is_confirmed_is_no_change(tmp_path: Path) -> None:
    states = ("1993-04-03", "closed"), ("2023-05-13", "closed")
    assert turned(tmp_path, "2022-07-01", *states) == []


def test_a_link_of_which_nothing_was_known_is_new(tmp_path: Path) -> None:
    (row,) = turned(tmp_path, "2022-07-01", ("2023-01-01", "planned"))
    assert row["direction"] == "new"


# Targets, actors


def test_a_date_named_anew_stands_beside_the_one_before() -> None:
    before, after = record().as_of("2025-09-12"), record()
    stated = changes.targets(commitments.targets(before), commitments.targets(after))
    row = stated[stated["stated_on"] == "2025-12-03"].iloc[0]
    assert (row["target_before"], row["target_after"]) == ("2025-03-01", "../2026-06-03")
    assert row["moved_days"] == 459
    assert set(stated["stated_by"]) <= set(after.actors["actor_id"])


def test_a_first_date_has_none_before() -> None:
    stated = commitments.targets(record().as_of("2025-09-12"))
    new = changes.targets(stated.head(0), stated)
    assert new["target_before"].isna().sum() == new["commitment_id"].nunique()
    assert new["moved_days"].isna().equals(new["target_before"].isna())


def test_actors_are_first_seen_and_terms_begin_and_end() -> None:
    found = changes.actors(record().as_of("2022-07-01"), record().as_of("2024-07-30"))
    terms = found[found["change"] != "first seen"]
    told = set(zip(terms["actor_id"], terms["change"], terms["when"], strict=True))
    assert ("hakan-fidan", "term began", "2023-06") in told
    assert ("mevlut-cavusoglu", "term ended", "2023-06") in told


@settings(max_examples=8, deadline=None)
@given(DAYS, DAYS)
def test_actors_first_seen_are_those_that_the_earlier_view_lacks(one: date, other: date) -> None:
    before, after = (record().as_of(moment) for moment in sorted((one, other)))
    found = changes.actors(before, after)
    seen = set(found.loc[found["change"] == "first seen", "actor_id"])
    assert seen == set(after.actors["actor_id"]) - set(before.actors["actor_id"])


# Everything together, and what changed most


@cache
def compared(since: str, until: str) -> dict[str, Any]:
    before, after = record().as_of(since), record().as_of(until)
    ledgers = commitments.ledger(before), commitments.ledger(after)
    spans = connectivity.state_spans(before), connectivity.state_spans(after)
    stated = commitments.targets(before), commitments.targets(after)
    status = connectivity.link_status(after)
    rows = changes.new_rows(before, after)
    moved = changes.links(*spans, since=before.day)
    shifted = changes.levels(*ledgers, since=before.day)
    parts = changes.new_events(before, after), rows, moved, shifted
    joining = status.loc[status["joins_sides"].astype(bool), "link_id"]
    return {
        "lead": changes.lead(*parts, joining=joining),
        "tally": changes.tally(*parts, joining=joining),
        "changes": changes.changes(rows, moved, shifted, changes.targets(*stated)),
        "due": changes.due(stated[1], ledgers[1], day=after.day),
        "silent": changes.silent(ledgers[1]),
        "claims": claims.contradictions(after),
        "rows": rows,
        "moved": moved,
        "shifted": shifted,
    }


def test_counts_add_up_to_what_changed() -> None:
    found = compared("2024-07-30", "2025-09-12")
    counts = changes.counts(found["changes"])
    new = counts[counts["kind"] != changes.CHANGED]
    assert new["count"].sum() == len(found["rows"])
    family = counts.set_index(["kind", "family"])["count"]
    assert family[changes.CHANGED, "links"] == len(found["moved"])
    expected = (found["shifted"]["direction"] != "new").sum()
    assert family[changes.CHANGED, "levels"] == expected


@pytest.mark.parametrize(
    ("since", "until", "rule"),
    [
        ("2021-12-01", "2022-07-01", "joining link"),
        ("2024-07-30", "2025-09-12", "outcome"),
        ("2025-09-12", "2026-06-07", "outcome"),
        ("2022-01-15", "2022-02-24", "joining link"),
        ("2022-02-24", "2022-05-03", "round"),
        ("1993-04-03", "2008-09-06", "other link"),
        ("2008-09-06", "2009-10-10", "promise"),
        ("2024-07-30", "2024-09-10", "event"),
        ("2022-07-13", "2022-07-20", "row"),
    ],
)
def test_what_changed_most_follows_the_stated_order(since: str, until: str, rule: str) -> None:
    lead = compared(since, until)["lead"]
    assert set(lead["rule"]) == {rule}
    assert lead["sources"].map(len).all()


def test_a_change_dated_not_later_than_some_day_does_not_lead() -> None:
    lead = compared("2024-07-30", "2025-09-12")["lead"]
    assert "air-overflight-tur" not in set(lead["key"])
    assert compared("2024-07-30", "2025-09-12")["tally"]["undated"] == 1


def test_nothing_leads_where_nothing_changed() -> None:
    found = compared("2018-09-20", "2018-09-25")
    assert found["lead"].empty
    assert found["changes"].empty
    assert changes.counts(found["changes"]).empty
    assert set(found["tally"].values()) == {0}


def test_the_tally_counts_what_the_lead_weighs() -> None:
    assert compared("2025-09-12", "2026-06-07")["tally"] == {
        "joining": 0,
        "undated": 0,
        "broken": 1,
        "outcomes": 4,
        "rounds": 0,
        "promises": 10,
    }


# Due, silent, contradicted


def test_what_is_due_lies_ahead_or_passed_at_most_ninety_days_ago_unmet() -> None:
    due = compared("2024-07-30", "2025-09-12")["due"]
    assert (due["days"] >= -90).all()
    assert set(due["status"]) <= {"ahead", "missed", "unseen"}
    assert due["target_latest"].is_monotonic_increasing
    assert due.loc[due["status"] == "ahead", "days"].ge(0).all()


def test_a_promise_that_is_kept_is_not_due() -> None:
    due = compared("2025-09-12", "2026-06-07")["due"]
    assert "turkish-airlines-yerevan" not in set(due["commitment_id"])
    assert "turkish-airlines-14-weekly" in set(due["commitment_id"])


def test_a_date_stated_twice_is_due_once() -> None:
    due = compared("2025-09-12", "2026-06-07")["due"]
    row = due[due["target"] == "2026-06-15"].iloc[0]
    assert (row["statements"], row["stated_on"]) == (2, "2026-03-11")


def test_the_longest_silence_comes_first_and_kept_promises_are_not_silent() -> None:
    silent = compared("2025-09-12", "2026-06-07")["silent"]
    assert silent["silence_days"].is_monotonic_decreasing
    assert not silent["state"].isin(("implemented", "abandoned", "superseded")).any()


def test_contradictions_about_what_changed_come_first() -> None:
    found = compared("2024-07-30", "2025-09-12")
    disputed = changes.disputed(found["claims"], found["changes"])
    assert disputed["touched"].is_monotonic_decreasing
    aid = disputed[disputed["conflict"] == "syria-aid-crossing-date"].iloc[0]
    assert aid["touched"]
    assert aid["others"] == ("2024-03",)


@pytest.mark.parametrize("until", ["1900-01-01", "1993-04-03"])
def test_an_empty_view_gives_empty_frames_with_their_columns(until: str) -> None:
    found = compared("1900-01-01", until)
    assert list(found["lead"].columns) == changes.LEAD_COLUMNS
    assert list(found["due"].columns) == changes.DUE_COLUMNS
    assert list(found["silent"].columns) == changes.SILENT_COLUMNS
    assert list(found["changes"].columns) == changes.CHANGE_COLUMNS
    disputed = changes.disputed(found["claims"], found["changes"])
    assert list(disputed.columns) == changes.CONFLICT_COLUMNS
