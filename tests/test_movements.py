"""Why headline numbers differ: parts that add up to the movement, to the last fraction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normlib import changes, commitments, connectivity, dyads, figures, load, movements, timeline
from normlib.dossier import Dossier
from normlib.errors import RecipeError
from tests.tiny import tiny_dossier

DAYS = st.dates(min_value=date(1990, 1, 1), max_value=date(2026, 6, 30))
SINCE = pd.Timestamp("2022-07-15")
SITES = [{"site_id": "a"}, {"site_id": "b", "country": "ARM"}]
ROAD = {"link_id": "road", "name": "The road", "from_site": "a", "to_site": "b"}
KEYS = ("a", "b", "c", "d", "e")
DATES = ("2022-01-01", "2022-07", "../2023", "2023-02-01")

Views = list[pd.DataFrame]


@cache
def record() -> Dossier:
    return load()


def views(since: object, until: object = "latest", of: Dossier | None = None) -> list[Dossier]:
    after = (of or record()).as_of(until)  # type: ignore[arg-type]
    first = after.resolve_since(since)  # type: ignore[arg-type]
    return [after.as_of(first), after.as_of(first, known=after.day), after]


def moves(three: list[Dossier]) -> pd.DataFrame:
    return movements.movements(
        map(commitments.ledger, three),
        map(connectivity.link_status, three),
        map(timeline.contacts, three),
        since=three[0].day,
    )


def causes(found: pd.DataFrame, number: str) -> dict[str, Fraction | None]:
    """The exact amount of each cause of a number."""
    whole = found[found["number"].eq(number) & found["part"].eq(movements.ALL)]
    return {
        cause: None if pd.isna(exact) else Fraction(exact)
        for cause, exact in zip(whole["cause"], whole["exact"], strict=True)
    }


def parts(found: pd.DataFrame, cause: str = movements.HAPPENED) -> dict[str, Fraction]:
    rows = found[found["cause"].eq(cause) & found["part"].ne(movements.ALL)]
    return {row["part"]: Fraction(row["exact"]) for row in rows.to_dict("records")}


def ends(found: pd.DataFrame, number: str) -> tuple[float, float]:
    whole = found[found["number"].eq(number) & found["part"].eq(movements.ALL)]
    return whole["before"].iloc[0], whole["after"].iloc[-1]


def assert_adds_up(found: pd.DataFrame) -> None:
    """Every cause is the sum of its parts, which lead from its start to its end."""
    for _, rows in found.groupby(["number", "cause"], sort=False):
        whole, steps = rows.iloc[0], rows.iloc[1:]
        assert whole["part"] == movements.ALL
        if pd.isna(whole["exact"]):
            continue
        exact = [Fraction(text) for text in steps["exact"]]
        assert sum(exact, Fraction(0)) == Fraction(whole["exact"])
        assert float(Fraction(whole["exact"])) == whole["amount"]
        assert [*steps["before"], whole["after"]] == [whole["before"], *steps["after"]]
        assert set(whole["keys"]) == {key for keys in steps["keys"] for key in keys}
        assert (steps["count"] > 0).all()


# Random views: whatever they hold, the parts add up

LEDGERS = st.lists(
    st.dictionaries(
        st.sampled_from(KEYS),
        st.tuples(
            st.sampled_from([None, 0, 1, 2, 3]),
            st.sampled_from(["announced", "superseded"]),
            st.sampled_from(["running", "implemented", "ended"]),
            st.sampled_from(DATES),
        ),
    ),
    min_size=3,
    max_size=3,
)
STATES = st.sampled_from(["open", "closed", "unknown", "restricted"])
STATUSES = st.lists(
    st.dictionaries(st.sampled_from(KEYS), st.tuples(STATES, st.booleans(), st.booleans())),
    min_size=3,
    max_size=3,
)
MEETINGS = st.lists(
    st.dictionaries(st.sampled_from(KEYS), st.sampled_from(["visit", "meeting"])),
    min_size=3,
    max_size=3,
)


def ledger(rows: Mapping[str, tuple[Any, ...]]) -> pd.DataFrame:
    columns = ["level", "state", "standing", "observed_on"]
    found = pd.DataFrame.from_dict(dict(rows), orient="index", columns=columns)
    return found.assign(
        commitment_id=found.index,
        made_on=found["observed_on"],
        level=found["level"].astype("Int64"),
        sources=[(f"s-{key}",) for key in found.index],
    ).reset_index(drop=True)


def status(rows: Mapping[str, tuple[Any, ...]]) -> pd.DataFrame:
    columns = ["state", "joins_sides", "is_symbol"]
    found = pd.DataFrame.from_dict(dict(rows), orient="index", columns=columns)
    return found.assign(
        link_id=found.index,
        since="2022-08",
        joins_sides=found["joins_sides"].astype(bool),
        is_symbol=found["is_symbol"].astype(bool),
        sources=[("s",) for _ in found.index],
    ).reset_index(drop=True)


def met(rows: Mapping[str, str]) -> pd.DataFrame:
    keys = list(rows)
    texts = {"event_id": keys, "type": list(rows.values()), "date": ["2022-08-01"] * len(keys)}
    return pd.DataFrame(texts, dtype="str").assign(sources=[("s",) for _ in keys])


def mean(rows: pd.DataFrame) -> Fraction | None:
    """The index of a ledger, computed by itself."""
    row = commitments.index(rows)
    if row.empty or not row["n_rated"].iloc[0]:
        return None
    return Fraction(int(row["level_sum"].iloc[0]), 3 * int(row["n_rated"].iloc[0]))


@given(LEDGERS)
def test_the_causes_of_an_index_add_up_to_its_movement_exactly(rows: list[Any]) -> None:
    ledgers = [ledger(found) for found in rows]
    found = movements.index(ledgers, since=SINCE)
    assert_adds_up(found)
    first, known, last = (mean(one) for one in ledgers)
    if first is not None and known is not None and last is not None:
        told = causes(found, "index")
        assert told == {movements.LEARNED: known - first, movements.HAPPENED: last - known}


@given(LEDGERS)
def test_what_happened_to_an_index_is_its_change_like_for_like_and_by_composition(
    rows: list[Any],
) -> None:
    first, _, last = (ledger(found) for found in rows)
    change = commitments.index_change(first, last)
    found = parts(movements.index([first, first, last], since=SINCE).dropna(subset=["exact"]))
    if change.empty or pd.isna(change["like_for_like"].iloc[0]):
        assert not {movements.RISEN, movements.FALLEN} & set(found)
        return
    row = change.iloc[0]
    like = found.get(movements.RISEN, 0) + found.get(movements.FALLEN, 0)
    rest = found.get(movements.ENTERED, 0) + found.get(movements.LEFT, 0)
    assert (float(like), float(rest)) == (row["like_for_like"], row["composition"])
    assert found.get(movements.RISEN, 0) >= 0 >= found.get(movements.FALLEN, 0)


@given(LEDGERS)
def test_the_causes_of_what_is_outstanding_add_up(rows: list[Any]) -> None:
    ledgers = [ledger(found) for found in rows]
    found = movements.outstanding(ledgers, since=SINCE)
    assert_adds_up(found)
    first, known, last = (int(one["standing"].eq("running").sum()) for one in ledgers)
    told = causes(found, "outstanding")
    assert told == {movements.LEARNED: known - first, movements.HAPPENED: last - known}


@given(STATUSES)
def test_the_causes_of_open_links_between_the_sides_add_up(rows: list[Any]) -> None:
    statuses = [status(found) for found in rows]
    found = movements.joining_links(statuses, since=SINCE)
    assert_adds_up(found)
    first, known, last = (
        sum(state == "open" and joins and not symbol for state, joins, symbol in one.values())
        for one in rows
    )
    told = causes(found, "joining links")
    assert told == {movements.LEARNED: known - first, movements.HAPPENED: last - known}


@given(MEETINGS)
def test_the_causes_of_contacts_add_up(rows: list[Any]) -> None:
    found = movements.meetings([met(one) for one in rows], since=SINCE)
    assert_adds_up(found)
    first, known, last = map(len, rows)
    told = causes(found, "contacts")
    assert told == {movements.LEARNED: known - first, movements.HAPPENED: last - known}


@given(LEDGERS, STATUSES, MEETINGS)
def test_backwards_every_cause_is_the_same_with_the_other_sign(
    ledgers: list[Any], statuses: list[Any], contacts: list[Any]
) -> None:
    three = [
        [make(one) for one in rows]
        for make, rows in ((ledger, ledgers), (status, statuses), (met, contacts))
    ]
    on = movements.movements(*three, since=SINCE)
    back = movements.movements(*(rows[::-1] for rows in three), since=SINCE)
    for number in movements.NUMBERS:
        forth, again = list(causes(on, number).values()), list(causes(back, number).values())
        assert again == [None if one is None else -one for one in forth[::-1]]


@given(LEDGERS, STATUSES, MEETINGS)
def test_nothing_moves_between_a_view_and_itself(
    ledgers: list[Any], statuses: list[Any], contacts: list[Any]
) -> None:
    found = movements.movements(
        [ledger(ledgers[0])] * 3, [status(statuses[0])] * 3, [met(contacts[0])] * 3, since=SINCE
    )
    assert len(found) == len(movements.NUMBERS) * len(movements.CAUSES)
    assert not found["count"].any()
    assert not found["amount"].fillna(0).any()


# The record: numbers start and end where the other pages have them


@settings(max_examples=12, deadline=None)
@given(DAYS, DAYS)
def test_every_number_starts_and_ends_where_its_own_page_has_it(one: date, other: date) -> None:
    since, until = sorted((one, other))
    three = views(since, until)
    found = moves(three)
    assert_adds_up(found)
    for at, view in ((0, three[0]), (1, three[2])):
        told = {number: ends(found, number)[at] for number in movements.NUMBERS}
        pages = on_pages(view)
        assert {name: told[name] for name in pages} == pages


def on_pages(view: Dossier) -> dict[str, float]:
    """The headline numbers as the other notebooks tell them; one that a page has not is absent."""
    rows, links = commitments.ledger(view), connectivity.link_status(view)
    met = dyads.contacts(view, *dyads.pair(view))
    quarters = dyads.contact_quarters(met, until=dyads.last_day(view))
    notes = [
        figures.ledger_note(rows, day=view.day),
        figures.links_note(links, view),
        figures.dyad_note(met, quarters, pair=dyads.pair(view), dossier=view),
    ]
    found = {
        number["key"]: number["value"]
        for note in notes
        for number in note.as_json().get("numbers", [])
    }
    names = {"running": "outstanding", "open-links": "joining links", "dyad-contacts": "contacts"}
    pages = {name: found[key] for key, name in names.items() if key in found}
    index = commitments.index(rows)["index"]
    return {**pages, **({"index": index.iloc[0]} if index.notna().any() else {})}


def test_the_pages_have_all_numbers_on_the_last_day() -> None:
    assert set(on_pages(record())) == set(movements.NUMBERS)


@settings(max_examples=12, deadline=None)
@given(DAYS, DAYS, DAYS)
def test_two_movements_that_follow_each_other_are_the_one_over_both(
    a: date, b: date, c: date
) -> None:
    first, middle, last = sorted((a, b, c))
    whole, *both = (
        moves(views(*pair)) for pair in ((first, last), (first, middle), (middle, last))
    )
    for number in movements.NUMBERS:
        amounts = [list(causes(found, number).values()) for found in (whole, *both)]
        if not any(None in one for one in amounts):
            total, early, late = (sum(one, Fraction(0)) for one in amounts)
            assert total == early + late


def test_every_row_of_a_part_is_a_row_of_the_record_with_sources() -> None:
    found = moves(views("2022-07-01"))
    steps = found[found["part"].ne(movements.ALL)]
    assert len(steps) > 8
    for row in steps.to_dict("records"):
        assert set(row["keys"]) <= set(record().labels(row["table"]))
        assert set(row["across"]) <= set(row["keys"])
        assert row["sources"]
        assert set(row["sources"]) <= set(record().sources["source_id"])


def test_a_later_day_first_is_refused() -> None:
    with pytest.raises(RecipeError, match="lies after"):
        views("2025-09-12", "2022-07-01")


def test_causes_are_called_what_changes_are_called() -> None:
    assert set(movements.CAUSES) <= set(changes.KINDS)


# What counts as which cause


def test_a_meeting_that_was_disclosed_late_was_learned_since(tmp_path: Path) -> None:
    dossier = tiny_dossier(
        tmp_path,
        events=[
            {"event_id": "2022-02-01-secret", "known_since": "2022-09-07"},
            {"event_id": "2022-08-01-visit", "type": "visit"},
        ],
    )
    found = moves(views("2022-07-15", of=dossier))
    contacts = found[found["number"].eq("contacts")]
    assert causes(contacts, "contacts") == {movements.LEARNED: 1, movements.HAPPENED: 1}
    assert parts(contacts, movements.LEARNED) == {"meeting": 1}
    assert parts(contacts) == {"visit": 1}


def promise(name: str, made_on: str, *levels: tuple[str, int | None, str]) -> dict[str, Any]:
    made = {"commitment_id": name, "event_id": f"{made_on}-talks", "made_on": made_on}
    seen = [
        {"commitment_id": name, "observed_on": day, "level": level, "state": state}
        for day, level, state in levels
    ]
    return {"made": made, "seen": seen, "event": {"event_id": f"{made_on}-talks"}}


def promised(folder: Path, *rows: dict[str, Any], late: str = "") -> Dossier:
    events = [
        {
            **row["event"],
            **({"known_since": "2022-09-07"} if row["made"]["commitment_id"] == late else {}),
        }
        for row in rows
    ]
    return tiny_dossier(
        folder,
        events=events,
        commitments=[row["made"] for row in rows],
        observations=[seen for row in rows for seen in row["seen"]],
    )


def test_a_promise_of_a_secret_meeting_moves_the_index_as_learned_since(tmp_path: Path) -> None:
    dossier = promised(
        tmp_path,
        promise("bridge", "2021-01-01", ("2021-02-01", 0, "announced")),
        promise("secret", "2021-03-01", ("2021-04-01", 2, "partial")),
        late="secret",
    )
    found = moves(views("2022-07-15", of=dossier))
    assert causes(found, "index") == {movements.LEARNED: Fraction(1, 3), movements.HAPPENED: 0}
    entered = movements.ENTERED
    assert parts(found[found["number"].eq("index")], movements.LEARNED) == {entered: Fraction(1, 3)}


def test_a_promise_that_rises_and_one_that_comes_are_told_apart(tmp_path: Path) -> None:
    dossier = promised(
        tmp_path,
        promise(
            "bridge", "2021-01-01", ("2021-02-01", 0, "announced"), ("2022-08-01", 3, "implemented")
        ),
        promise("gate", "2022-09-01", ("2022-10-01", 1, "partial")),
    )
    found = moves(views("2022-07-15", of=dossier))
    index = found[found["number"].eq("index")]
    assert parts(index) == {movements.RISEN: 1, movements.ENTERED: Fraction(-1, 3)}
    outstanding = found[found["number"].eq("outstanding")]
    assert parts(outstanding) == {movements.MADE: 1, movements.IMPLEMENTED: -1}


def test_where_no_promise_is_in_both_sets_all_is_exchanged() -> None:
    before = ledger({"a": (0, "announced", "running", "2022-01-01")})
    after = ledger(
        {
            "a": (0, "superseded", "ended", "2023-02-01"),
            "b": (1, "announced", "running", "2023-02-01"),
        }
    )
    found = movements.index([before, before, after], since=SINCE)
    assert parts(found) == {movements.EXCHANGED: Fraction(1, 3)}
    assert found["keys"].iloc[-1] == ("a", "b")


def test_a_day_without_levels_has_no_index_to_compare() -> None:
    after = ledger({"a": (1, "announced", "running", "2023-02-01")})
    found = movements.index([after.head(0), after.head(0), after], since=SINCE)
    assert causes(found, "index") == {movements.LEARNED: None, movements.HAPPENED: None}
    assert found["after"].tolist()[1] == pytest.approx(1 / 3)
    assert found["part"].tolist()[-1] == movements.ENTERED


def test_a_promise_made_and_kept_in_between_is_both(tmp_path: Path) -> None:
    dossier = promised(tmp_path, promise("visa", "2022-08-01", ("2022-09-01", 3, "implemented")))
    found = moves(views("2022-07-15", of=dossier))
    outstanding = found[found["number"].eq("outstanding")]
    assert parts(outstanding) == {movements.MADE: 1, movements.IMPLEMENTED: -1}
    assert causes(found, "outstanding")[movements.HAPPENED] == 0


def test_a_link_that_opened_is_not_one_that_is_first_recorded_as_open(tmp_path: Path) -> None:
    rail = {**ROAD, "link_id": "rail", "mode": "rail"}
    dossier = tiny_dossier(
        tmp_path,
        sites=SITES,
        links=[ROAD, rail],
        link_states=[
            {"link_id": "road", "since": "2020-01-01", "state": "closed"},
            {"link_id": "road", "since": "2022-08-01", "state": "open"},
            {"link_id": "rail", "since": "2022-09-01", "state": "open"},
        ],
    )
    found = moves(views("2022-07-15", of=dossier))
    told = parts(found[found["number"].eq("joining links")])
    assert told == {movements.OPENED: 1, movements.FIRST: 1}


@pytest.mark.parametrize(
    ("since", "across"),
    [("2022-08", ()), ("2022-07-16", ()), ("2022-07", ("road",)), ("../2022-08", ("road",))],
)
def test_a_date_that_lies_across_the_day_is_named_as_such(
    tmp_path: Path, since: str, across: tuple[str, ...]
) -> None:
    dossier = tiny_dossier(
        tmp_path,
        sources=[{"source_id": "late", "published": "2022-09-01"}],
        sites=SITES,
        links=[ROAD],
        link_states=[
            {"link_id": "road", "since": "2020-01-01", "state": "closed"},
            {"link_id": "road", "since": since, "state": "open", "sources": "late"},
        ],
    )
    found = moves(views("2022-07-15", of=dossier))
    row = found[found["number"].eq("joining links") & found["part"].eq(movements.OPENED)].iloc[0]
    assert (row["keys"], row["across"]) == (("road",), across)


def test_an_empty_view_has_all_numbers_and_no_movement() -> None:
    found = moves(views("1900-01-01", "1900-02-01"))
    assert found["number"].unique().tolist() == list(movements.NUMBERS)
    assert list(found) == movements.COLUMNS
    assert not found["count"].any()
