"""The calendar of an actor: a row for each year, marks that never lie on each other."""

from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlib import actors, figures, load, profiles
from normlib.dossier import Dossier
from normlib.figures.calendar import GAP, placed, year_rows
from normlib.figures.theme import words_of
from normlib.rows import dicts
from tests.tiny import tiny_dossier

RECORD = load()
days = st.dates(pd.Timestamp("2019-01-01").date(), pd.Timestamp("2022-12-31").date())


def frame(*spans: tuple[str | None, str]) -> pd.DataFrame:
    starts = pd.to_datetime(pd.Series([start for start, _ in spans], dtype="object"))
    return pd.DataFrame({"earliest": starts, "known_by": pd.to_datetime([end for _, end in spans])})


def drawn(dossier: Dossier, name: str) -> dict[str, object]:
    facts = profiles.facts(dossier, name)
    events = profiles.events(dossier, facts, actors.participations(dossier))
    fig = figures.calendar_figure(events, facts, profiles.terms(facts), stamp=dossier.stamp)
    return dict(fig.to_plotly_json()) | {"words": words_of(fig), "events": events}


def test_a_day_stands_in_its_month_and_a_month_fills_it() -> None:
    day, month = dicts(placed(frame(("2022-11-16", "2022-11-16"), ("2022-02-01", "2022-02-28"))))
    assert 10.5 <= day["x0"] < day["x"] < day["x1"] <= 10.54
    assert (month["x0"], month["x"], month["x1"]) == (1, 1.5, 2)


def test_a_span_over_two_years_is_drawn_in_both_with_one_symbol() -> None:
    pieces = placed(frame(("2021-12-01", "2022-03-31")))
    assert list(pieces["year"]) == [2021, 2022]
    assert pieces["x"].notna().sum() == 1
    assert list(zip(pieces["x0"], pieces["x1"], strict=True)) == [(11, 12), (0, 3)]


def test_not_later_than_a_day_runs_from_the_edge_and_its_symbol_stands_at_the_end() -> None:
    (piece,) = dicts(placed(frame((None, "2022-08-31"))))
    assert (piece["x0"], piece["x"], piece["x1"]) == (0, 8, 8)


@given(st.lists(st.tuples(days, days).map(sorted), min_size=1, max_size=40))
def test_no_two_marks_of_a_year_lie_on_each_other(spans: list[list[object]]) -> None:
    pieces = placed(frame(*((str(start), str(end)) for start, end in spans)))
    for _, row in pieces.groupby(["year", "row"]):
        for one, other in combinations(dicts(row.sort_values("x0")), 2):
            assert one["x1"] + GAP <= other["x0"] + 1e-9
    assert pieces.dropna(subset=["x"])["place"].tolist() == list(range(len(spans)))


def test_years_follow_each_other_downwards_and_say_what_is_left_out() -> None:
    pieces = placed(frame(("1921-10-13", "1921-10-13"), ("1988-12-07", "1988-12-07")))
    years = year_rows(pieces.assign(event=[True, False]))
    assert list(years["year"]) == [1921, 1988]
    assert list(years["skipped"]) == [0, 66]
    assert list(years["events"]) == [1, 0]
    assert years["top"].iloc[1] > years["bottom"].iloc[0]


@pytest.mark.parametrize("name", ["arm", "serdar-kilic", "mfa-tur", "hakan-fidan", "atlasglobal"])
def test_every_event_has_a_mark_that_leads_to_it(name: str) -> None:
    found = drawn(RECORD, name)
    marks = [
        row[0]
        for trace in found["data"]
        if trace["mode"] == "markers" and "customdata" in trace
        for row in trace["customdata"]
    ]
    events = [f"events/{event}" for event in found["events"]["event_id"]]
    terms = profiles.terms(profiles.facts(RECORD, name))
    assert sorted(marks) == sorted([*events, *[f"actors/{name}"] * len(terms)])
    assert len(found["words"]["table"]["rows"]) == len(events)


def test_tone_is_told_by_colour_and_symbol_and_a_contact_by_a_ring() -> None:
    found = drawn(RECORD, "arm")
    traces = [one for one in found["data"] if one["mode"] == "markers" and "customdata" in one]
    symbols = [{text.removesuffix("-open") for text in one["marker"]["symbol"]} for one in traces]
    assert all(len(one) == 1 for one in symbols)
    assert len(set.union(*symbols)) == len({one["marker"]["color"] for one in traces}) == 3
    rings = sum(width > 2 for one in traces for width in one["marker"]["line"]["width"])
    assert rings == found["events"]["part"].eq("contact").sum()


def test_without_events_the_calendar_says_so(tmp_path: Path) -> None:
    assert "No event" in drawn(tiny_dossier(tmp_path), "")["words"]["alt"]
