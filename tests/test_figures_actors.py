"""The pictures, tables and sentences on who meets whom show what the analysis found."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from normlib import actors, figures, load
from normlib.dossier import Dossier
from normlib.figures import companies, network
from normlib.figures.actors import short_names
from normlib.figures.theme import words_of
from tests.tiny import tiny_dossier

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
    return figures.contact_phases_figure(**_met(day), dossier=_view(day))


@cache
def _met(day: str) -> dict[str, pd.DataFrame]:
    dossier = _view(day)
    found = {"gatherings": actors.gatherings(dossier), "phases": actors.by_phase(dossier)}
    return {**found, "positions": actors.positions(dossier)}


def _json(fig: go.Figure) -> str:
    return str(fig.to_json())


# The network


@pytest.mark.parametrize("day", DAYS)
def test_at_most_forty_actors_are_drawn_and_the_caption_says_how_many_are_not(day: str) -> None:
    nodes, everybody = _nodes(day), _results(day)["centrality"]
    assert 0 < len(nodes) <= network.MOST
    left = len(everybody) - len(nodes)
    caption = words_of(_network(day))["caption"][0]["t"]
    assert (f"the other {left} are in the picture by phase" in caption) == bool(left)


def test_a_picture_of_more_than_forty_actors_shows_whole_companies() -> None:
    nodes, ties = _nodes("latest"), _results("latest")["ties"]
    whole, drawn = nodes[nodes["ego"]], set(nodes["actor_id"])
    assert 0 < len(whole) < len(nodes)
    ends = list(zip(ties["actor_a"], ties["actor_b"], strict=True))
    assert all({a, b} <= drawn for a, b in ends if {a, b} & set(whole["actor_id"]))
    sizes = {
        point[0].partition("/")[2]: size
        for trace in _network("latest").data
        if trace.mode == "markers"
        for point, size in zip(trace.customdata, trace.marker.size, strict=True)
    }
    small = {name: size for name, size in sizes.items() if name not in set(whole["actor_id"])}
    assert max(small.values()) < min(size for name, size in sizes.items() if name not in small)


def test_a_crowd_of_strangers_becomes_the_company_of_one(tmp_path: Path) -> None:
    """Sixty who each met one and the same: the picture holds forty, the caption says so."""
    crowd = [{"actor_id": f"p{at:02}", "country": "ARM", "member_of": "arm"} for at in range(60)]
    host = {"actor_id": "host", "name": "The host", "country": "TUR", "member_of": "tur"}
    events = [
        {"event_id": f"2020-{1 + at // 28:02}-{1 + at % 28:02}-e{at}", "actors": f"host;p{at:02}"}
        for at in range(60)
    ]
    dossier = tiny_dossier(tmp_path, actors=[host, *crowd], events=events)
    graph = actors.participation_graph(dossier)
    results = {"ties": actors.ties(graph), "centrality": actors.centrality(graph)}
    results["positions"] = actors.positions(dossier)
    nodes = figures.network_nodes(**results, dossier=dossier)
    assert len(nodes) == network.MOST
    assert "host" in set(nodes["actor_id"])
    caption = words_of(figures.network_figure(**results, dossier=dossier))["caption"][0]["t"]
    assert "the other 21 are in the picture by phase" in caption


def test_the_company_of_two_is_drawn_where_it_is_asked_for() -> None:
    two = ("serdar-kilic", "ruben-rubinyan")
    nodes = figures.network_nodes(
        **_results("latest"), dossier=_view("latest"), around=";".join(two)
    )
    ties = _results("latest")["ties"]
    ends = zip(ties["actor_a"], ties["actor_b"], strict=True)
    met = {name for pair in ends if set(pair) & set(two) for name in pair}
    assert set(nodes["actor_id"]) == met
    assert set(nodes.loc[nodes["ego"], "actor_id"]) == set(two)


def test_who_met_nobody_has_no_company_and_the_picture_says_so() -> None:
    fig = figures.network_figure(**_results("latest"), dossier=_view("latest"), around="press-tur")
    assert not fig.data
    assert "No shared event of Turkish press (unnamed sources)" in fig.layout.annotations[0].text


@pytest.mark.parametrize("day", DAYS)
def test_a_click_on_a_tie_leads_to_all_events_behind_it(day: str) -> None:
    drawn, fig = set(_nodes(day)["actor_id"]), _network(day)
    ties = {
        f"ties/{row['actor_a']}|{row['actor_b']}": row["events"]
        for row in _results(day)["ties"].to_dict("records")
        if {row["actor_a"], row["actor_b"]} <= drawn
    }
    lines = [trace for trace in fig.data if trace.mode == "lines"]
    assert sorted(trace.customdata[0][0] for trace in lines) == sorted(ties)
    table = words_of(fig)["table"]
    place = [column["key"] for column in table["columns"]].index("events")
    for row in table["rows"]:
        if row["id"] in ties:
            linked = [part["row"] for part in row["cells"][place] if "row" in part]
            assert linked == [f"events/{event}" for event in ties[row["id"]]]


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
        if trace.mode == "markers"
        for point in trace.customdata
    ]
    assert sorted(rows) == sorted(f"actors/{name}" for name in _nodes(day)["actor_id"])


@pytest.mark.parametrize("day", DAYS)
def test_labels_of_a_column_stand_a_row_apart_and_fit_beside_it(day: str) -> None:
    nodes, layout = _nodes(day), _network(day).layout
    heights = layout.height - layout.margin.t - layout.margin.b
    rows = layout.yaxis.range[0] - layout.yaxis.range[1]
    assert not nodes.duplicated(["side", "y"]).any()
    middle = nodes["side"] < 0
    assert set(nodes.loc[middle, "y"]).isdisjoint(nodes.loc[~middle, "y"])
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


def test_without_shared_events_the_pictures_say_so() -> None:
    for fig in (_network("1900-01-01"), _phases("1900-01-01")):
        assert not fig.data
        assert "No event shared" in fig.layout.annotations[0].text


# Phase by phase


@pytest.mark.parametrize("day", DAYS)
def test_every_contact_is_a_line_that_joins_all_who_took_part(day: str) -> None:
    met = _met(day)["gatherings"]
    fig, labels = _phases(day), _row_of(day)
    dots: dict[float, set[int]] = {}
    for trace in fig.data:
        if trace.mode == "markers":
            for x, y in zip(trace.x, trace.y, strict=True):
                dots.setdefault(x, set()).add(y)
    wanted = [{labels[actor] for actor in who} for who in met["actors"]]
    assert [dots[x] for x in sorted(dots)] == wanted
    spans = {
        x: (low, high)
        for trace in fig.data
        if trace.mode == "lines"
        for x, low, high in zip(trace.x[::3], trace.y[::3], trace.y[1::3], strict=True)
    }
    assert spans == {x: (min(rows), max(rows)) for x, rows in dots.items()}


def _row_of(day: str) -> dict[str, int]:
    """The row of each actor: those who met, in the order of their places."""
    met = _met(day)
    there = {actor for who in met["gatherings"]["actors"] for actor in who}
    placed = met["positions"].sort_values(["y", "x"])["actor_id"]
    return {name: row for row, name in enumerate(name for name in placed if name in there)}


@pytest.mark.parametrize("day", DAYS)
def test_lines_of_a_phase_stand_in_its_column_and_apart(day: str) -> None:
    met = _met(day)
    lines = companies.contact_lines(met["gatherings"], met["phases"])
    edges = companies._blocks(lines, met["phases"])[1]
    order = list(met["phases"]["phase_id"])
    assert (lines["at"].diff().dropna() >= 1).all()
    for at, phase in zip(lines["at"], lines["phase_id"], strict=True):
        place = order.index(phase)
        assert edges[place] < at < edges[place + 1]


def test_a_picture_of_very_many_companies_shows_those_who_met_most_often() -> None:
    met = _met("latest")
    fig = figures.contact_phases_figure(**met, dossier=_view("latest"), most=7)
    shown = {x for trace in fig.data if trace.mode == "markers" for x in trace.x}
    counts = met["gatherings"]["count"].sort_values(ascending=False)
    assert len(shown) == 7
    above = [int(note.text) for note in fig.layout.annotations]
    assert sorted(above) == sorted(count for count in counts.head(7) if count > 1)
    caption = words_of(fig)["caption"][0]["t"]
    assert f"{len(counts) - 7} companies" in caption


def test_every_mark_of_the_phases_leads_to_an_event_of_its_company() -> None:
    last = {f"events/{events[-1]}" for events in _met("latest")["gatherings"]["events"]}
    for trace in _phases("latest").data:
        assert {point[0] for point in trace.customdata} <= last


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


def test_signed_ties_show_plain_counts_beside_every_sign() -> None:
    dossier = _view("latest")
    rows = actors.participations(dossier)
    ties = actors.signed(_results("latest")["ties"], rows, dossier=dossier)
    table = figures.ties_table(ties, dossier=dossier).as_json()
    heads = [column["label"] for column in table["columns"]]
    assert heads[2:8] == [
        "Events",
        *("Cooperation", "Neutral", "Conflict"),
        *("Weight", "Signed weight"),
    ]


def test_each_phase_tells_its_strongest_pair_and_how_concentrated_it_is() -> None:
    phases, dossier = _met("latest")["phases"], _view("latest")
    table = figures.contact_phases_table(phases, dossier=dossier).as_json()
    keys = [column["key"] for column in table["columns"]]
    names = dossier.labels("actors")
    for row, phase in zip(table["rows"], phases.to_dict("records"), strict=True):
        words = "".join(part["t"] for part in row["cells"][keys.index("pair")])
        assert words.endswith(f"{100 * phase['strongest_share']:.0f}\u00a0%")
        assert all(names[actor] in words for actor in phase["strongest"])


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
    headings = [
        figures.ties_table(results["ties"], dossier=dossier).columns["actor_b"],
        figures.partners_table(results["ties"], results["centrality"], dossier=dossier).columns[
            "partners"
        ],
    ]
    assert all("together with" in words.lower() for words in headings)  # a signature is no meeting
    rows = actors.participations(dossier)
    scope = str(figures.participation_note(rows, dossier=dossier))
    assert f"{rows['event_id'].nunique()} shared events count" in scope


@pytest.mark.parametrize("day", ["1900-01-01", "1921-10-13", *DAYS])
def test_every_table_and_sentence_can_be_made_on_every_day(day: str) -> None:
    dossier, results = _view(day), _results(day)
    ties, measures = results["ties"], results["centrality"]
    phases = actors.by_phase(dossier)
    folded = actors.participation_graph(dossier, level="states")
    shown = [
        figures.ties_table(ties, dossier=dossier),
        figures.gatherings_table(actors.gatherings(dossier), dossier=dossier),
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
