"""The small networks of the phases: everybody in one place, all who met, nothing overlaps."""

import json
from functools import cache
from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlib import actors, figures, load
from normlib.dossier import Dossier
from normlib.figures import networkphases
from normlib.figures.actors import last_names
from normlib.figures.stack import moved_apart
from normlib.figures.theme import words_of

DAYS = ["1993-04-03", "2009-10-10", "2022-07-01", "latest"]


@cache
def _view(day: str) -> Dossier:
    return load().as_of(day)


@cache
def _found(day: str) -> dict[str, pd.DataFrame]:
    dossier = _view(day)
    return {
        "presence": actors.presence(dossier),
        "ties": actors.ties_by_phase(dossier),
        "phases": actors.by_phase(dossier),
        "positions": actors.positions(dossier),
    }


@cache
def _figure(day: str) -> go.Figure:
    return figures.network_phases_figure(**_found(day), dossier=_view(day))


def _marks(day: str) -> pd.DataFrame:
    found = {name: rows for name, rows in _found(day).items() if name != "ties"}
    return networkphases.phase_marks(**found, dossier=_view(day))


def _panels(day: str) -> dict[str, list[Any]]:
    """The traces of each phase."""
    panels: dict[str, list[Any]] = {}
    for trace in _figure(day).data:
        panels.setdefault(trace.xaxis or "x", []).append(trace)
    return dict(zip(_found(day)["phases"]["phase_id"], panels.values(), strict=True))


def _points(traces: list[Any]) -> list[tuple[str, float, float]]:
    """Row, x and y of every mark."""
    return [
        (row[0], x, y)
        for trace in traces
        if trace.mode == "markers"
        for row, x, y in zip(trace.customdata, trace.x, trace.y, strict=True)
    ]


@pytest.mark.parametrize("day", DAYS)
def test_everybody_is_one_mark_in_every_panel_and_always_at_the_same_place(day: str) -> None:
    rows = _found(day)["positions"]
    told = zip(rows["actor_id"], rows["x"], rows["y"], strict=True)
    wanted = sorted((f"actors/{actor}", x, y) for actor, x, y in told)
    for traces in _panels(day).values():
        assert sorted(_points(traces)) == wanted


@pytest.mark.parametrize("day", DAYS)
def test_those_who_met_in_a_phase_are_told_from_those_who_did_not(day: str) -> None:
    found = _found(day)["presence"]
    for phase, traces in _panels(day).items():
        faint, *solid = (trace for trace in traces if trace.mode == "markers")
        there = set(found.loc[found["phase_id"] == phase, "actor_id"])
        assert {row for row, *_ in _points(solid)} == {f"actors/{actor}" for actor in there}
        assert faint.marker.opacity < 0.5
        assert all(trace.marker.opacity == 1 for trace in solid)


@pytest.mark.parametrize("day", DAYS)
def test_every_tie_of_a_phase_is_a_line_that_leads_to_its_last_event(day: str) -> None:
    ties = _found(day)["ties"]
    for phase, traces in _panels(day).items():
        lines = [trace for trace in traces if trace.mode == "lines" and trace.customdata]
        own = ties.loc[ties["phase_id"] == phase, "events"]
        assert sorted(trace.customdata[0][0] for trace in lines) == sorted(
            f"events/{events[-1]}" for events in own
        )


def test_a_heavier_tie_is_nowhere_thinner_than_a_lighter_one_of_another_phase() -> None:
    lines = [trace for trace in _figure("latest").data if trace.mode == "lines"]
    width = {
        trace.hovertemplate.partition("weight ")[2]: trace.line.width
        for trace in lines
        if trace.hovertemplate
    }
    ordered = sorted(width, key=lambda words: float(words.partition("<")[0]))
    assert [width[words] for words in ordered] == sorted(width.values())


@pytest.mark.parametrize("day", DAYS)
def test_first_and_last_shared_events_show_without_colour(day: str) -> None:
    phases, marks = _found(day)["phases"].set_index("phase_id"), _marks(day)
    for phase, own in marks.groupby("phase_id"):
        for column in ("entered", "left"):
            told = set(own.loc[own[column], "actor_id"])
            assert told == set(phases.at[phase, column])
    for phase, traces in _panels(day).items():
        hollow = {
            row[0].removeprefix("actors/")
            for trace in traces
            if trace.mode == "markers" and not isinstance(trace.marker.color, str)
            for row, fill in zip(trace.customdata, trace.marker.color, strict=True)
            if fill == "#ffffff"
        }
        assert hollow == set(phases.at[phase, "left"])
        named = {
            (row[0].removeprefix("actors/"), text.startswith(("<b>", "\u00a0<b>")))
            for trace in traces
            if trace.mode == "text"
            for row, text in zip(trace.customdata, trace.text, strict=True)
        }
        assert all(bold == (actor in phases.at[phase, "entered"]) for actor, bold in named)


@pytest.mark.parametrize("day", DAYS)
def test_everybody_who_met_is_named_and_no_name_touches_another(day: str) -> None:
    marks, positions = _marks(day), _found(day)["positions"]
    assert marks["label"].ne("").all()
    rows = positions["y"].max() - positions["y"].min() + 1
    pixels = networkphases._height(positions) / rows
    for _, own in marks.groupby(["phase_id", "side"]):
        places = sorted(own["label_y"] * pixels)
        assert all(b - a >= networkphases.APART - 1e-6 for a, b in pairwise(places))
        assert own.sort_values("y")["label_y"].is_monotonic_increasing


@pytest.mark.parametrize("layout", ["wide", "middle", "narrow"])
def test_names_fit_beside_every_panel_and_no_panel_meets_another(layout: str) -> None:
    columns, width = networkphases.LAYOUTS[layout]
    fig, marks = _figure("latest"), _marks("latest")
    plain = {} if layout == "wide" else words_of(fig)[layout]
    boxes = []
    for at in range(len(_found("latest")["phases"])):
        x, y = (f"{axis}axis{at + 1 if at else ''}" for axis in "xy")
        across = plain.get(f"{x}.domain", fig.layout[x].domain)
        ends = plain.get(f"{x}.range", fig.layout[x].range)
        boxes.append((*across, *plain.get(f"{y}.domain", fig.layout[y].domain)))
        pixel = (across[1] - across[0]) * (width - 8) / (ends[1] - ends[0])
        for side, room in ((0, -networkphases.NAMES - ends[0]), (1, ends[1] - networkphases.NAMES)):
            assert room * pixel >= 5.5 * marks.loc[marks["side"] == side, "label"].map(len).max()
        assert 2 * networkphases.NAMES * pixel >= 90
    apart = [
        a[1] <= b[0] or b[1] <= a[0] or a[3] < b[2] or b[3] < a[2]
        for at, a in enumerate(boxes)
        for b in boxes[:at]
    ]
    assert all(apart)
    assert len({box[0] for box in boxes}) == columns


def test_the_words_around_a_panel_give_the_numbers_of_its_phase() -> None:
    found, notes = _found("latest"), _figure("latest").layout.annotations
    names = last_names(_view("latest"), found["positions"]["actor_id"])
    for at, phase in enumerate(found["phases"].to_dict("records"), start=1):
        frame = f"x{at if at > 1 else ''} domain"
        told = "<br>".join(note.text for note in notes if note.xref == frame)
        told = told.replace("<br>", " ").replace("\u00a0", " ")
        assert f"{phase['events']} shared event" in told
        assert f"{phase['nodes']} actor" in told
        assert f"concentration {phase['concentration']:.2f}" in told
        assert all(names[actor] in told for actor in phase["most_bridging"])
        for words, column in (("irst time", "entered"), ("ast so far", "left")):
            listed = phase[column]
            assert (f"{words}: " in told) == bool(listed)
            if len(listed) > networkphases.NAMED:
                assert f"{words}: {len(listed)}" in told
            assert len(listed) > networkphases.NAMED or all(names[one] in told for one in listed)


def test_the_words_instead_of_the_picture_name_all_who_came_and_went() -> None:
    alt, names = words_of(_figure("latest"))["alt"], _view("latest").labels("actors")
    for phase in _found("latest")["phases"].to_dict("records"):
        words = alt.partition(f"{phase['title']}: ")[2].partition("concentration")[0]
        assert all(names[actor] in words for actor in (*phase["entered"], *phase["left"]))


def test_a_phase_without_a_shared_event_says_so_and_shows_everybody_faintly() -> None:
    found, dossier = _found("latest"), _view("latest")
    phase = found["phases"]["phase_id"].iloc[3]
    phases = found["phases"].copy()
    nothing = {"events": 0, "nodes": 0, "ties": 0, "entered": (), "left": (), "most_bridging": ()}
    for column, value in nothing.items():
        phases.at[3, column] = value
    rest = {name: found[name][found[name]["phase_id"] != phase] for name in ("presence", "ties")}
    fig = figures.network_phases_figure(
        **rest, phases=phases, positions=found["positions"], dossier=dossier
    )
    assert sum("no shared event on record" in note.text for note in fig.layout.annotations) == 1
    own = [trace for trace in fig.data if trace.xaxis == "x4"]
    assert len(_points(own)) == len(found["positions"])
    assert not [trace for trace in own if trace.mode == "text"]
    assert f"{phases['title'].iloc[3]}: no shared event on record." in words_of(fig)["alt"]


def test_where_names_do_not_fit_newcomers_and_bridges_keep_theirs() -> None:
    """Forty people of one side meet one of the other; one of them for the first time."""
    dossier, many = _view("latest"), 40
    ids = dossier.actors["actor_id"].tolist()[: many + 1]
    positions = pd.DataFrame(
        {"actor_id": ids, "x": [-0.88] * many + [0.88], "y": [*range(many), 0]}
    )
    positions = positions.assign(side=[0] * many + [1], kind="person")
    presence = positions[["actor_id", "side"]].assign(
        phase_id="p", events=2, sources=[()] * len(ids)
    )
    presence.loc[7, "events"] = 1
    phases = pd.DataFrame(
        {"phase_id": ["p"], "entered": [(ids[7],)], "left": [()], "most_bridging": [(ids[9],)]}
    )
    marks = networkphases.phase_marks(presence, phases, positions, dossier=dossier)
    marks = marks.set_index("actor_id")
    left = marks.loc[marks["side"] == 0]
    assert 0 < left["label"].ne("").sum() < many
    assert marks.loc[[ids[7], ids[9], ids[many]], "label"].ne("").all()


def test_nothing_to_draw_is_said() -> None:
    fig = _figure("1900-01-01")
    assert not fig.data
    assert "No event shared" in fig.layout.annotations[0].text


@pytest.mark.parametrize("day", DAYS)
def test_an_earlier_picture_names_nobody_who_came_later(day: str) -> None:
    words = json.dumps(_figure(day).to_plotly_json(), ensure_ascii=False, default=str)
    later = set(load().actors["name"]) - set(_view(day).actors["name"])
    assert not [name for name in later if name in words]


def test_the_last_names_tell_everybody_of_the_network_apart() -> None:
    ids = _found("latest")["positions"]["actor_id"]
    names = last_names(_view("latest"), ids)
    assert set(names) == set(ids)
    assert len(set(names.values())) == len(ids)
    assert (names["recep-tayyip-erdogan"], names["levon-ter-petrosyan"], names["bsec"]) == (
        "Erdoğan",
        "Ter-Petrosyan",
        "BSEC",
    )


@given(st.lists(st.integers(0, 100), max_size=8), st.integers(1, 12))
def test_places_are_moved_apart_between_the_ends_and_only_where_they_must(
    places: list[int], gap: int
) -> None:
    wanted = sorted(float(place) for place in places)
    moved = moved_apart(wanted, gap=gap, low=0, high=100)
    assert all(b - a >= gap - 1e-9 for a, b in pairwise(moved))
    assert all(-1e-9 <= place <= 100 + 1e-9 for place in moved)
    if all(b - a >= gap for a, b in pairwise(wanted)):
        assert moved == pytest.approx(wanted)
