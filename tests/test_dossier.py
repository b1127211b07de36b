"""The record as one joined whole: days, rows, their names, their sources and their kin."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from normlib import DataError, RecipeError, check, load, views
from normlib.dossier import Dossier
from tests.tiny import tiny_dossier

UNTIL = {"coversUntil": "2026-06-07"}


@cache
def record() -> Dossier:
    return load()


def page(name: str, published: str = "") -> dict[str, Any]:
    return {"source_id": name, "published": published}


def day_known(folder: Path, event: dict[str, Any], *pages: dict[str, Any]) -> pd.Series:
    dossier = tiny_dossier(folder, descriptor=UNTIL, sources=list(pages), events=[event])
    return dossier.events.iloc[0]


# On which day a row was public


def test_a_dated_event_is_public_on_its_day_whatever_the_age_of_its_page(tmp_path: Path) -> None:
    event = {"event_id": "2022-07-01-talks", "sources": "late"}
    row = day_known(tmp_path, event, page("late", "2025-01-01"))
    assert str(row["known_on"].date()) == "2022-07-01"


def test_an_event_disclosed_later_is_public_when_its_column_says(tmp_path: Path) -> None:
    event = {"event_id": "2024-02-offer", "known_since": "2024-09-07", "sources": "p"}
    row = day_known(tmp_path, event, page("p", "2024-03-01"))
    assert str(row["known_on"].date()) == "2024-09-07"
    assert str(row["effective_on"].date()) == "2024-02-29"


def test_an_imprecise_event_is_public_as_soon_as_a_page_reports_it(tmp_path: Path) -> None:
    event = {"event_id": "2022-11-talks", "sources": "second;first"}
    pages = page("first", "2022-11-14"), page("second", "2022-11-20")
    assert str(day_known(tmp_path, event, *pages)["known_on"].date()) == "2022-11-14"


def test_a_row_that_no_dated_page_speaks_of_is_public_from_when_a_page_was_read(
    tmp_path: Path,
) -> None:
    pages = {**page("undated"), "accessed": "2026-03-09"}
    event = {"event_id": "2026-signing", "date": "2026?", "sources": "undated"}
    assert str(day_known(tmp_path, event, pages)["known_on"].date()) == "2026-03-09"


def test_rows_do_not_come_up_again_when_the_record_reaches_further(tmp_path: Path) -> None:
    pages = [{**page("undated"), "accessed": "2026-03-09"}]
    event = {"event_id": "2026-signing", "date": "2026?", "sources": "undated"}
    known = [
        tiny_dossier(
            tmp_path / until, descriptor={"coversUntil": until}, sources=pages, events=[event]
        ).events["known_on"]
        for until in ("2026-03-09", "2026-06-07", "2026-09-01")
    ]
    assert all(days.equals(known[0]) for days in known)


def test_an_imprecise_event_that_nobody_reported_is_public_when_its_span_ends(
    tmp_path: Path,
) -> None:
    event = {"event_id": "2022-11-talks", "sources": "undated;later"}
    row = day_known(tmp_path, event, page("undated"), page("later", "2023-05-01"))
    assert str(row["known_on"].date()) == "2022-11-30"


def test_a_page_older_than_the_event_does_not_report_it(tmp_path: Path) -> None:
    event = {"event_id": "2022-11-talks", "sources": "older;newer"}
    pages = page("older", "2022-10-31"), page("newer", "2022-11-20")
    assert str(day_known(tmp_path, event, *pages)["known_on"].date()) == "2022-11-20"


def test_a_page_of_a_month_is_out_when_the_month_is(tmp_path: Path) -> None:
    event = {"event_id": "2022-talks", "date": "2022", "sources": "p"}
    row = day_known(tmp_path, event, page("p", "2022-05"))
    assert str(row["known_on"].date()) == "2022-05-31"


def test_a_date_that_outlasts_the_record_is_known_when_its_coverage_ends(tmp_path: Path) -> None:
    event = {"event_id": "2026-talks", "date": "2026?", "sources": "undated"}
    row = day_known(tmp_path, event, {**page("undated"), "accessed": "2026-07-01"})
    assert str(row["known_on"].date()) == "2026-06-07"


def test_not_later_than_is_known_with_the_first_page_of_any_age(tmp_path: Path) -> None:
    dossier = tiny_dossier(
        tmp_path,
        descriptor=UNTIL,
        sources=[page("p", "2021-03-01")],
        sites=[{"site_id": "a"}, {"site_id": "b"}],
        links=[{"link_id": "road", "from_site": "a", "to_site": "b"}],
        link_states=[{"link_id": "road", "since": "../2022-07-01", "sources": "p"}],
    )
    row = dossier.link_states.iloc[0]
    assert str(row["known_on"].date()) == "2021-03-01"
    assert row["effective_on"] == row["known_on"]


def test_a_row_counts_from_its_day_or_from_when_it_was_known_whichever_is_first() -> None:
    for name in ("events", "commitments", "targets", "observations", "link_states"):
        rows = record().tables[name]
        when = record().package.tables[name].when
        both = rows[[f"{when}_latest", "known_on"]].min(axis=1)
        assert (rows["effective_on"] == both).all(), name


# Days


def test_latest_is_the_last_day_of_coverage_and_never_todays_clock() -> None:
    assert record().as_of("latest").day == record().covers_until == record().day


@pytest.mark.parametrize(
    "text", ["2023-02-30", "2022-07", "12/09/2025", "", "tomorrow", "2022-07-01~"]
)
def test_what_is_no_full_day_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(RecipeError, match="such as 2022-07-01"):
        record().as_of(text)


@pytest.mark.parametrize("value", [2021, 2021.5, True, None, pd.NaT, ["2021-12-31"]])
def test_what_is_neither_text_nor_a_day_is_no_day_either(value: Any) -> None:
    with pytest.raises(RecipeError, match=r"neither text, a date nor a timestamp.*2022-07-01"):
        record().as_of(value)
    with pytest.raises(RecipeError, match=r"since: .* is neither text"):
        record().resolve_since(value)


def test_a_day_is_taken_in_every_form_that_names_one() -> None:
    day = date(2021, 12, 31)
    forms = [day, datetime(2021, 12, 31, 18), pd.Timestamp(day), np.datetime64(day)]
    assert {record().as_of(form).day for form in ["2021-12-31", *forms]} == {pd.Timestamp(day)}


def test_the_last_round_is_the_last_one_before_the_day() -> None:
    def since(day: str) -> str:
        return str(record().as_of(day).resolve_since("last-round").date())

    assert since("2025-09-12") == "2024-07-30"
    assert since("2025-09-13") == "2025-09-12"
    assert since("2022-02-24") == "2022-01-14"


def test_the_last_published_day_is_refused_where_nothing_is_published() -> None:
    with pytest.raises(RecipeError, match="normlib report --since last"):
        record().resolve_since("last")


def test_before_any_round_the_comparison_begins_with_the_record() -> None:
    assert str(record().as_of("2009-10-10").resolve_since().date()) == "1921-10-13"


def test_before_the_record_the_comparison_is_with_the_day_itself() -> None:
    view = record().as_of("1900-01-01")
    assert view.resolve_since() == view.day


def test_a_comparison_cannot_begin_after_its_end() -> None:
    with pytest.raises(RecipeError, match="lies after as_of"):
        record().as_of("2022-07-01").resolve_since("2022-07-02")


# Rows, names, sources


@pytest.mark.parametrize("day", ["1993-04-03", "2022-07-01", "latest"])
def test_every_row_is_found_by_its_key_and_has_a_name(day: str) -> None:
    view = record().as_of(day)
    for name, rows in view.tables.items():
        resource = view.package.tables[name]
        for key in views.joined_key(rows, resource.key).head(20):
            found = view.row(name, key)
            parts = ["" if pd.isna(found[part]) else str(found[part]) for part in resource.key]
            assert "|".join(parts) == key
            assert view.label(name, key) == str(found[resource.label])


def test_a_row_that_is_not_in_the_view_is_said_to_be_missing_as_of_the_day() -> None:
    with pytest.raises(KeyError, match=r"no row '2025-09-12-envoys-yerevan'.*2022-07-01"):
        record().as_of("2022-07-01").row("events", "2025-09-12-envoys-yerevan")


def test_a_later_row_is_told_from_a_misspelt_one() -> None:
    view = record().as_of("2022-07-01")
    with pytest.raises(KeyError, match="The record has it"):
        view.row("events", "2025-09-12-envoys-yerevan")
    for ask in (view.row, view.sources_of, lambda *it: view.related(*it, to="events")):
        with pytest.raises(KeyError, match="Did you mean 'serdar-kilic'"):
            ask("actors", "serdar-kilik")


def test_an_unknown_table_is_told_its_nearest_name() -> None:
    for ask in (record().row, record().label, lambda name, _: record().labels(name)):
        with pytest.raises(KeyError, match="Did you mean 'events'"):
            ask("event", "x")
    with pytest.raises(AttributeError, match="no table 'evnts'"):
        record().evnts  # noqa: B018


def test_a_name_that_is_not_in_the_view_stays_its_key() -> None:
    assert record().label("actors", "nobody") == "nobody"


def test_the_sources_of_a_row_come_in_the_order_in_which_it_names_them() -> None:
    for table, key in [("events", "2025-09-12-envoys-yerevan"), ("links", "bridge-ani")]:
        named = record().row(table, key)["sources"]
        assert tuple(record().sources_of(table, key)["source_id"]) == named


def test_a_row_without_sources_rests_on_those_of_the_rows_that_name_it() -> None:
    named = set(record().related("actors", "serdar-kilic", to="events")["event_id"])
    found = set(record().sources_of("actors", "serdar-kilic")["source_id"])
    events = record().events
    cited = {source for ids in events[events["event_id"].isin(named)]["sources"] for source in ids}
    assert cited <= found


def test_every_actor_has_a_source() -> None:
    for actor in record().actors["actor_id"]:
        assert len(record().sources_of("actors", actor)), actor


# Joins


def related(table: str, key: str, to: str) -> set[str]:
    rows = record().related(table, key, to=to)
    return set(views.joined_key(rows, record().package.tables[to].key))


def test_from_any_row_every_other_kind_is_one_call_away() -> None:
    assert "air-cargo" in related("events", "2022-07-01-envoys-vienna-4", "commitments")
    assert "2022-07-01-envoys-vienna-4" in related("commitments", "air-cargo", "events")
    assert "air-cargo" in related("commitments", "air-cargo", "links")
    assert "air-cargo|2023-01-06" in related("commitments", "air-cargo", "observations")
    assert "serdar-kilic" in related("events", "2025-09-12-envoys-yerevan", "actors")
    assert "margara" in "".join(related("links", "road-margara-alican", "sites"))


def test_rows_that_know_nothing_of_each_other_are_joined_through_one_table() -> None:
    assert "road-margara-alican" in related("actors", "serdar-kilic", "links")
    assert "serdar-kilic" in related("links", "road-margara-alican", "actors")


def test_joins_are_the_same_from_either_side() -> None:
    view = record().as_of("2023-02-28")
    pairs = [("events", "actors"), ("commitments", "links"), ("events", "commitments")]
    for one, other in pairs:
        there, back = view.package.tables[one].key[0], view.package.tables[other].key[0]
        for key in view.tables[one][there].head(15):
            for found in view.related(one, key, to=other)[back]:
                assert key in set(view.related(other, found, to=one)[there]), (one, key, other)


def test_a_view_joins_only_what_it_holds() -> None:
    view = record().as_of("2022-07-01")
    observations = view.related("commitments", "air-cargo", to="observations")
    assert observations["observed_on"].tolist() == ["2022-07-01"]


# The whole


def test_the_record_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        record().day = pd.Timestamp("2020-01-01")  # type: ignore[misc]
    with pytest.raises(TypeError):
        record().tables["events"] = pd.DataFrame()  # type: ignore[index]


def test_the_record_has_no_errors_and_its_check_agrees() -> None:
    assert [str(problem) for problem in check() if problem.severity == "error"] == []


def test_an_unknown_dataset_is_told_its_nearest_name() -> None:
    with pytest.raises(RecipeError, match="turkiye-armenia"):
        load("turkiye-armenai")


def test_a_wrong_record_is_not_loaded_and_says_where_it_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"events\.csv:2:.*2023-02-30") as refused:
        tiny_dossier(tmp_path, events=[{"event_id": "2023-02-30-talks"}])
    assert {problem.code for problem in refused.value.problems} == {"date-impossible"}


def test_another_process_needs_no_code(tmp_path: Path) -> None:
    dossier = tiny_dossier(
        tmp_path,
        descriptor={"process": {"sides": ["XXA", "XXB"], "title": "Another process"}},
        countries=[{"iso_a3": "XXA", "name": "Aland"}, {"iso_a3": "XXB", "name": "Beland"}],
        events=[{"event_id": "2022-07-01-talks"}],
    )
    assert dossier.sides == ("XXA", "XXB")
    assert repr(dossier).startswith("<Dossier")
