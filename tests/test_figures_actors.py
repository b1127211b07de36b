"""The pictures, tables and sentences on who meets whom show what the analysis found."""

import json
from functools import cache
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from normlib import actors, figures, load
from normlib.dossier import Dossier
from normlib.figures import network
from normlib.figures.actors import short_names
from normlib.figures.theme import words_of

DAYS = ["1993-04-03", "2009-10-10", "2022-07-01", "latest"]


@cache
def _record() -> Dossier:
    return load()


@cache
def _view(day: str) -> Dossier:
    return _record().as_of(day)


@cache
def _results(day: str) -> dict[str, Any]:
    dossier = _view(day)
    graph = actors.participation_graph(dossier)
    found = {"ties": actors.ties(graph), "centrality": actors.centrality(graph)}
    return {**found, "positions": actors.positions(dossier)}


@cache
def _network(day: str) -> go.Figure:
    return figures.network_figure(**_results(day), dossier=_view(day))


def _nodes(day: str, **options: int) -> pd.DataFrame:
    return figures.network_nodes(**_results(day), dossier=_view(day), **options)


def _phases(day: str) -> go.Figure:
    dossier = _view(day)
    return figures.contact_phases_figure(
        actors.presence(dossier), actors.by_phase(dossier), _nodes(day), dossier=dossier
    )


def _json(fig: go.Figure) -> str:
    return str(fig.to_json())


# The network


@pytest.mark.parametrize("day", DAYS)
def test_at_most_forty_actors_are_drawn_and_the_caption_says_how_many_are_not(day: str) -> None:
    nodes, everybody = _nodes(day), _results(day)["centrality"]
    assert 0 < len(nodes) <= network.MOST
    left = len(everybody) - len(nodes)
    caption = words_of(_network(day))["caption"][0]["t"]
    assert (f"{left} actor" in caption) == bool(left)


def test_equals_are_drawn_together_or_not_at_all() -> None:
    drawn, everybody = _nodes("latest"), _nodes("latest", most=1000)
    left = everybody[~everybody["actor_id"].isin(drawn["actor_id"])]
    ranks = drawn[["events", "strongest"]].apply(tuple, axis=1)
    assert len(left)
    assert left[["events", "strongest"]].apply(tuple, axis=1).max() < ranks.min()


@pytest.mark.parametrize("day", DAYS)
def test_every_tie_between_drawn_actors_is_a_line_that_leads_to_one_of_its_events(
    day: str,
) -> None:
    drawn = set(_nodes(day)["actor_id"])
    ties = _results(day)["ties"]
    wanted = {
        f"events/{row['events'][-1]}"
        for row in ties.to_dict("records")
        if {row["actor_a"], row["actor_b"]} <= drawn
    }
    lines = [trace for trace in _network(day).data if trace.mode == "lines"]
    assert {trace.customdata[0][0] for trace in lines} == wanted
    assert len(lines) == sum(
        {a, b} <= drawn for a, b in zip(ties["actor_a"], ties["actor_b"], strict=True)
    )


def test_a_heavier_tie_is_never_thinner() -> None:
    curves = network.network_curves(_results("latest")["ties"], _nodes("latest"))
    ordered = curves.sort_values("weight")
    assert ordered["width"].is_monotonic_increasing
    assert ordered["width"].between(network.THINNEST, network.WIDEST).all()


def test_sides_and_ties_differ_by_more_than_colour() -> None:
    traces = _network("latest").data
    marks = [(trace.marker.symbol, trace.marker.color) for trace in traces if trace.marker.symbol]
    assert len({symbol for symbol, _ in marks}) == len(marks) == 3
    assert {trace.line.dash for trace in traces if trace.mode == "lines"} == {
        "solid",
        "dash",
        "dot",
    }


@pytest.mark.parametrize("day", DAYS)
def test_every_drawn_actor_is_one_mark_that_leads_to_its_row(day: str) -> None:
    rows = [
        point[0]
        for trace in _network(day).data
        if trace.mode != "lines"
        for point in trace.customdata
    ]
    assert sorted(rows) == sorted(f"actors/{name}" for name in _nodes(day)["actor_id"])


@pytest.mark.parametrize("day", DAYS)
def test_labels_of_a_column_stand_a_row_apart_and_fit_beside_it(day: str) -> None:
    nodes, layout = _nodes(day), _network(day).layout
    heights = layout.height - layout.margin.t - layout.margin.b
    rows = layout.yaxis.range[0] - layout.yaxis.range[1]
    assert not nodes.duplicated(["x", "y"]).any()
    assert heights / rows >= 1.3 * 13
    for side, margin in ((0, layout.margin.l), (1, layout.margin.r)):
        longest = nodes.loc[nodes["side"] == side, "label"].map(len).max()
        assert pd.isna(longest) or margin >= 6.5 * longest


def test_on_a_narrow_screen_the_two_columns_leave_room_for_ties() -> None:
    patch = words_of(_network("latest"))["narrow"]
    assert patch["margin.l"] + patch["margin.r"] <= 358 - 90


def test_an_earlier_picture_names_nobody_who_came_later() -> None:
    words = _json(_network("2009-10-10")) + _json(_phases("2009-10-10"))
    known = set(_view("2009-10-10").actors["name"])
    later = set(_record().actors["name"]) - known
    assert "Serzh Sargsyan" in words
    assert "Nikol Pashinyan" in later
    assert not [name for name in later if name in words]


@pytest.mark.parametrize("day", DAYS)
def test_figures_carry_plain_lists_and_what_a_page_needs(day: str) -> None:
    for fig in (_network(day), _phases(day)):
        meta = words_of(fig)
        assert "bdata" not in _json(fig)
        assert meta["caption"]
        assert meta["alt"]
        assert meta["sources"]
        assert meta["table"]["rows"]
        assert _view(day).stamp in json.loads(_json(fig))["layout"]["title"]["text"]


def test_without_contacts_the_pictures_say_so() -> None:
    for fig in (_network("1900-01-01"), _phases("1900-01-01")):
        assert not fig.data
        assert "No contact" in fig.layout.annotations[0].text


# Phase by phase


def test_every_mark_of_the_phases_is_a_presence() -> None:
    drawn = set(_nodes("latest")["actor_id"])
    there = actors.presence(_view("latest"))
    marks = [trace for trace in _phases("latest").data if trace.mode != "lines"]
    assert sum(len(trace.x) for trace in marks) == there["actor_id"].isin(drawn).sum()
    numbers = sum(int(text) if text else 1 for trace in marks for text in trace.text)
    assert numbers == there.loc[there["actor_id"].isin(drawn), "events"].sum()


# Names


def test_long_names_of_bodies_give_way_to_an_alias_that_resembles_them() -> None:
    names = short_names(_view("latest"))
    assert all(len(name) <= 25 for name in names.values())
    assert (names["bsec"], names["mfa-arm"], names["mfa-tur"]) == (
        "BSEC",
        "Armenian MFA",
        "Turkish MFA",
    )
    assert names["recep-tayyip-erdogan"] == "Recep Tayyip Erdoğan"


# Tables and sentences


def test_each_tie_names_the_events_behind_it() -> None:
    ties = _results("latest")["ties"]
    table = figures.ties_table(ties, dossier=_view("latest"), least=2).as_json()
    assert len(table["rows"]) == (ties["count"] >= 2).sum()
    place = [column["key"] for column in table["columns"]].index("events")
    linked = [part["row"] for part in table["rows"][0]["cells"][place] if "row" in part]
    assert linked == [f"events/{event}" for event in ties["events"].iloc[0]]


def test_the_list_of_partners_names_every_tie_from_both_ends() -> None:
    results = _results("latest")
    table = figures.partners_table(
        results["ties"], results["centrality"], dossier=_view("latest")
    ).as_json()
    partners = [part for row in table["rows"] for part in row["cells"][-1] if "row" in part]
    assert len(partners) == 2 * len(results["ties"])


def test_the_matrix_shows_a_weight_or_a_blank() -> None:
    matrix = actors.adjacency(actors.participation_graph(_view("latest"), level="states"))
    table = figures.adjacency_table(matrix, dossier=_view("latest")).as_json()
    assert table["rows"][0]["cells"][1] == [{"t": ""}]
    assert table["rows"][0]["cells"][2] == [{"t": f"{matrix.loc['tur', 'arm']:.2f}"}]


def test_every_number_of_the_measures_stands_beside_its_definition() -> None:
    results = _results("latest")
    table = figures.measures_table(results["centrality"], dossier=_view("latest")).as_json()
    words = json.dumps(table, ensure_ascii=False)
    assert all(definition in words for definition in actors.MEASURES.values())
    assert str(results["centrality"]["events"].max()) in words


def test_the_roster_is_the_home_of_every_actor() -> None:
    view = _view("2022-07-01")
    table = figures.roster_table(actors.roster(view), dossier=view).as_json()
    assert {row["id"] for row in table["rows"]} == {f"actors/{a}" for a in view.actors["actor_id"]}


def test_the_sentences_give_the_numbers_of_the_frames() -> None:
    results, dossier = _results("latest"), _view("latest")
    top = results["ties"].iloc[0]
    note = figures.network_note(results["ties"], results["centrality"], dossier=dossier)
    assert f"{top['count']} events" in str(note)
    assert f"weight {top['weight']:.2f}" in str(note)
    assert set(top["sources"]) <= set(note.sources)
    most = results["centrality"]["events"].max()
    assert f"({most})" in str(figures.centrality_note(results["centrality"], dossier=dossier))
    rows = actors.participations(dossier)
    scope = str(figures.participation_note(rows, dossier=dossier))
    assert f"{rows['event_id'].nunique()} events count" in scope


@pytest.mark.parametrize("day", ["1900-01-01", "1921-10-13", *DAYS])
def test_every_table_and_sentence_can_be_made_on_every_day(day: str) -> None:
    dossier, results = _view(day), _results(day)
    ties, measures = results["ties"], results["centrality"]
    phases = actors.by_phase(dossier)
    folded = actors.participation_graph(dossier, level="states")
    shown = [
        figures.ties_table(ties, dossier=dossier),
        figures.partners_table(ties, measures, dossier=dossier),
        figures.centrality_table(measures, dossier=dossier),
        figures.measures_table(measures, dossier=dossier),
        figures.contact_phases_table(phases, dossier=dossier),
        figures.adjacency_table(actors.adjacency(folded), dossier=dossier),
        figures.roster_table(actors.roster(dossier), dossier=dossier),
        figures.participation_note(actors.participations(dossier), dossier=dossier),
        figures.network_note(ties, measures, dossier=dossier),
        figures.centrality_note(measures, dossier=dossier),
        figures.contact_phases_note(phases, dossier=dossier),
        figures.states_network_note(actors.ties(folded), dossier=dossier),
        figures.contacts_since_note(ties, dossier=dossier, since=dossier.day),
    ]
    assert all(json.dumps(part.as_json()) for part in shown)
