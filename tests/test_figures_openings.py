"""Rankings, sets, third countries and time: what is drawn of them, and how it reads."""

from functools import cache
from typing import Any

import plotly.graph_objects as go
import pytest

from normlib import connectivity, figures, load, openings
from normlib.dossier import Dossier
from normlib.figures.openings import MARK
from normlib.figures.theme import words_of

PAIRS = "yerevan>igdir;gyumri>kars;yerevan>kars:rail;yerevan>kars:road+rail;yerevan>tabriz:rail"
OPENED = "road-margara-alican;rail-kars-gyumri"
FIGURES = ("gains", "losses", "together", "history", "scenarios")


@cache
def view(day: str = "latest") -> Dossier:
    return load().as_of(day)


@cache
def results(day: str = "latest") -> dict[str, Any]:
    dossier = view(day)
    trips = connectivity.parse_trips(dossier, PAIRS, modes=["road"])
    opened = connectivity.parse_links(dossier, OPENED)
    singles = openings.single_changes(dossier, trips)
    gains = openings.rank_links(singles)
    sets = openings.telling_sets(
        *(openings.best_together(dossier, trips, size=size) for size in (2, 3))
    )
    scenarios = openings.prepared_scenarios(gains, sets, also=opened)
    return {
        "trips": trips,
        "singles": singles,
        "gains": gains,
        "losses": openings.rank_links(singles, change="loss"),
        "sets": sets,
        "needed": openings.dependence(dossier, trips, open_links=opened),
        "history": openings.trip_history(dossier, trips),
        "scenarios": scenarios,
        "routes": connectivity.scenario_routes(dossier, trips, scenarios),
        "ways": connectivity.scenario_legs(dossier, trips, scenarios),
    }


@cache
def figure(name: str, day: str = "latest") -> go.Figure:
    dossier, found = view(day), results(day)
    drawn = {
        "gains": lambda: figures.ranking_figure(found["gains"], dossier),
        "losses": lambda: figures.ranking_figure(found["losses"], dossier, change="loss"),
        "together": lambda: figures.together_figure(found["sets"], dossier),
        "history": lambda: figures.history_figure(found["history"], dossier),
        "scenarios": lambda: figures.scenarios_figure(found["ways"], found["routes"], dossier),
    }
    return drawn[name]()


def words(drawn: go.Figure) -> str:
    return " ".join(note.text for note in drawn.layout.annotations)


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_carries_its_words_and_its_table(name):
    told = words_of(figure(name))
    assert told["alt"]
    assert told["caption"]
    assert told["table"]["rows"]
    assert "2026-06-07" in figure(name).layout.title.text


@pytest.mark.parametrize("name", FIGURES)
def test_before_anything_is_recorded_a_titled_figure_says_so(name):
    drawn = figure(name, "1900-01-01")
    assert not drawn.data
    assert words(drawn)


@pytest.mark.parametrize("name", FIGURES)
@pytest.mark.parametrize("day", ["1993-04-03", "2009-10-10", "2022-07-01"])
def test_figures_of_a_past_day_draw(name, day):
    assert figure(name, day).layout.title.text


@pytest.mark.parametrize("name", ["gains", "losses", "together", "scenarios"])
def test_every_mark_leads_to_a_row_of_the_record(name):
    dossier = view()
    known = {*("links/" + dossier.links["link_id"]), *("sites/" + dossier.sites["site_id"])}
    marks = {
        row[0]
        for trace in figure(name).data
        for row in (trace.customdata if trace.customdata is not None else ())
        if row[0]
    }
    assert marks
    assert marks <= known


@pytest.mark.parametrize("name", FIGURES)
def test_a_narrow_screen_changes_the_layout_only(name):
    for path, value in words_of(figure(name))["narrow"].items():
        group, _, option = path.partition(".")
        go.Figure(layout={group: {option: value} if option else value})


# What is told


def test_the_bars_of_a_ranking_have_the_lengths_of_the_frame_in_its_order():
    telling = results()["gains"].query("trips_changed > 0").drop_duplicates("rank")
    (bars,) = figure("gains").data
    assert list(bars.x) == telling["saved_km"].round(1).tolist()
    assert words(figure("gains")).index("Margara–Alican") < words(figure("gains")).index("Akhurik")


def test_a_trip_that_is_cut_off_is_a_mark_and_no_length():
    assert f"{MARK} 1 trip cut off" in words(figure("losses"))


def test_links_of_the_same_rank_share_one_bar():
    told = words(figure("losses"))
    assert "each of them:" in told
    assert len(figure("losses").data[0].x) < len(results()["losses"].query("trips_changed > 0"))


def test_the_note_names_the_first_link_and_counts_those_that_change_nothing():
    told = str(figures.openings_note(results()["gains"], view()))
    gains = results()["gains"]
    assert f"Of {len(gains)} links that could be opened" in told
    assert "First: Margara–Alican road bridge" in told
    assert f"{(gains['trips_changed'] == 0).sum()} links would change none of them" in told


def test_the_note_on_losses_counts_the_trips_that_would_be_cut_off():
    told = str(figures.losses_note(results()["losses"], view()))
    assert "would leave a trip without any way" in told
    assert "Gyumri–Vanadzor–Ayrum–Tbilisi railway" in told


def test_two_links_that_make_one_way_are_told_from_two_that_stand_for_each_other():
    told = str(figures.together_note(results()["sets"], view()))
    assert "Julfa–Jolfa–Tabriz railway and Masis–Yeraskh–Nakhchivan–Julfa railway" in told
    assert "of which none by one of them alone" in told
    assert "less than each alone added up" in told


def test_the_grid_of_savings_has_a_column_for_each_trip():
    table = figures.savings_table(results()["singles"], results()["gains"], view()).as_json()
    assert len(table["columns"]) == 1 + len(results()["trips"])
    assert len(table["rows"]) == (results()["gains"]["trips_changed"] > 0).sum()


def test_dependence_is_told_for_each_country_before_and_after():
    told = str(figures.dependence_note(results()["needed"], view(), trips=5))
    assert "Georgia: as it is, 2 of 5 trips have no way without it" in told
    assert "with links changed, every trip that has a way has one without it" in told


def test_a_trip_without_a_third_country_is_said_to_need_none():
    empty = results("1900-01-01")["needed"]
    assert "None of the trips" in str(figures.dependence_note(empty, view(), trips=0))


def test_the_times_of_a_trip_are_drawn_one_after_the_other():
    history = results()["history"]
    drawn = sorted(base for trace in figure("history").data for base in trace.base)
    assert drawn == sorted(day.date().isoformat() for day in history["start"])


def test_every_choice_shows_its_routes_and_says_their_length():
    choices = words_of(figure("scenarios"))["choices"]
    trips, scenarios = choices["options"]
    routes = results()["routes"]
    assert len(scenarios) == 1 + len(results()["scenarios"])
    assert [len(row) for row in choices["views"]] == [len(scenarios)] * len(trips)
    for trip, row in zip(trips, choices["views"], strict=True):
        for km, seen in zip(routes.loc[routes["trip"] == trip, "km"], row, strict=True):
            assert trip in seen["words"]
            assert ("no route" if km != km else f"{km:,.0f} km") in seen["words"]


def test_the_picture_shows_the_first_choice_alone():
    drawn, choices = figure("scenarios"), words_of(figure("scenarios"))["choices"]
    trip, scenario = choices["first"]
    optional = {at for row in choices["views"] for view in row for at in view["show"]}
    shown = {at for at in optional if drawn.data[at].visible}
    assert shown == set(choices["views"][trip][scenario]["show"])


def test_every_table_copes_with_nothing():
    found, dossier = results("1900-01-01"), view("1900-01-01")
    tables = [
        figures.ranking_table(found["gains"], dossier),
        figures.savings_table(found["singles"], found["gains"], dossier),
        figures.together_table(found["sets"], dossier),
        figures.dependence_table(found["needed"], dossier),
        figures.history_table(found["history"], dossier),
        figures.scenarios_table(found["routes"], dossier),
    ]
    assert all(table.as_json()["rows"] == [] for table in tables)
    assert str(figures.openings_note(found["gains"], dossier))
    assert str(figures.losses_note(found["losses"], dossier))
    assert str(figures.together_note(found["sets"], dossier))
