"""The explorer shows what the record knew on the day, and what follows from the choice."""

import json
import re
import subprocess
import sys
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normlib import choices, connectivity, figures, load
from normlib.dossier import Dossier
from normlib.errors import RecipeError, SurroundingsError
from normlib.figures import explorer
from normlib.figures.explorer import LinksExplorer
from normlib.figures.linknotes import needs_note, trip_note
from normlib.figures.linkscene import Scene, patched
from normlib.figures.theme import STATE_STYLES
from normlib.package import PROJECT
from tests.engine_runs import executed, outputs
from tests.tiny import tiny_dossier

MARGARA, KARS_GYUMRI = "road-margara-alican", "rail-kars-gyumri"
DAYS = ("1990-01-01", "1993-05-01", "2008-09-06", "2022-07-01", "2025-09-30", "2026-06-07")
MODES = ("road", "rail", "power", "air", "bridge", "gas")


@cache
def record() -> Dossier:
    return load()


@cache
def scene() -> Scene:
    return Scene(record())


def drawn(day: str, modes: tuple[str, ...] = MODES, answer: Any = None) -> go.Figure:
    return patched(scene().figure, scene().changes(record().as_of(day), modes, answer))


def asked(day: str, **parts: Any) -> choices.Answer:
    view = record().as_of(day)
    choice = choices.Choice(view.day, "yerevan", "igdir", ("road",))
    return choices.answer(view, choice._replace(**parts))


def shapes(figure: go.Figure, table: str) -> dict[str, tuple[Any, ...]]:
    """Return colour, symbol and words of the marks that lead to rows of a table, by row."""
    found = {}
    for trace in figure.data:
        rows = trace.customdata if trace.mode == "markers" else None
        if rows and trace.meta not in ("sign opened", "sign closed"):
            names = [row[0] for row in rows]
            colours, symbols = trace.marker.color, trace.marker.symbol
            each = len(names) if isinstance(symbols, str) else 0
            looks = zip(
                [colours] * each or colours,
                [symbols] * each or symbols,
                trace.hovertext,
                strict=True,
            )
            found.update(zip(names, looks, strict=True))
    return {name: look for name, look in found.items() if name.startswith(f"{table}/")}


def lines(figure: go.Figure) -> dict[str, tuple[Any, ...]]:
    """Return colour, dash and width of the lines of links, by row."""
    found = {}
    for trace in figure.data:
        rows = trace.customdata if trace.mode == "lines" and trace.visible is not False else None
        if rows and not str(trace.meta).startswith("route"):
            line = (trace.line.color, trace.line.dash, trace.line.width, trace.opacity)
            found.update({row[0]: line for row in rows if row[0]})
    return found


def visible(figure: go.Figure, kind: str) -> bool:
    return next(trace.visible for trace in figure.data if trace.meta == kind)


def names(figure: go.Figure) -> set[str]:
    return {note.text for note in figure.layout.annotations if note.visible is not False}


# The map


@pytest.mark.parametrize("day", DAYS)
def test_the_map_shows_what_the_map_of_a_page_shows_on_that_day(day):
    view = record().as_of(day)
    page = figures.connectivity_figure(connectivity.link_status(view), view)
    found = drawn(day)
    assert lines(found) == lines(page)
    assert shapes(found, "links") == shapes(page, "links")
    assert shapes(found, "sites") == shapes(page, "sites")
    assert found.layout.title.text == page.layout.title.text


@pytest.mark.parametrize("day", DAYS)
def test_no_name_is_shown_that_the_page_of_the_day_could_not_show(day):
    view = record().as_of(day)
    known = {*view.sites["name"], *view.countries["name"]}
    told = [re.sub(r"<[^>]*>|[←↑↓→]", "", text).strip() for text in names(drawn(day))]
    places = [name for name in told if not re.search(r"\d km|OpenStreetMap", name)]
    assert len(places) > 20
    for name in places:
        assert any(one.startswith(name) for one in known), name


def test_what_a_page_tells_of_the_states_of_one_day_is_not_told_of_another():
    page = figures.connectivity_figure(connectivity.link_status(record()), record())
    assert "close-up" in " ".join(names(page))
    told = " ".join(names(drawn("1993-05-01")))
    assert not any(word in told for word in ("close-up", "since", "<b>"))
    assert len(scene().figure.layout.shapes) == 1


def test_the_edge_of_a_line_goes_with_it():
    white = [trace for trace in scene().figure.data if str(trace.meta).startswith("edge ")]
    joins = connectivity.joining_links(connectivity.link_status(record()))
    on_land = joins.loc[~joins["mode"].isin(["air"]), "link_id"]
    assert {trace.meta.removeprefix("edge links/") for trace in white} == set(on_land)
    found = drawn("2026-06-07", modes=("rail",))
    assert [name for name in on_land if visible(found, f"edge links/{name}")] == [KARS_GYUMRI]


@pytest.mark.parametrize("day", DAYS)
def test_the_key_names_the_states_that_are_shown(day):
    found = drawn(day)
    colours = {look[:2] for look in lines(found).values()}
    for state, style in STATE_STYLES.items():
        assert visible(found, f"state {state}") == ((style.colour, style.dash) in colours), state


def test_modes_that_are_not_ticked_leave_the_map_with_their_places():
    found = drawn("2026-06-07", modes=("rail",))
    rails = record().links.loc[record().links["mode"] == "rail", "link_id"]
    assert set(lines(found)) == {f"links/{name}" for name in rails}
    assert "sites/margara-bcp" not in shapes(found, "sites")
    assert "Margara" not in " ".join(names(found))
    assert visible(found, "mode rail")
    assert not visible(found, "mode road")


def test_what_a_scene_shows_does_not_depend_on_what_it_showed_before():
    first = drawn("1993-05-01")
    drawn("2026-06-07", answer=asked("2026-06-07", open_links=(MARGARA,)))
    assert drawn("1993-05-01") == first


def test_a_route_runs_from_its_first_place_to_its_last():
    answer = asked("2026-06-07", open_links=(MARGARA,))
    found = drawn("2026-06-07", answer=answer)
    seats = {
        row[0]: (x, y)
        for trace in found.data
        if trace.meta == "sites"
        for row, x, y in zip(trace.customdata, trace.x, trace.y, strict=True)
    }
    for when in ("before", "after"):
        route = next(trace for trace in found.data if trace.meta == f"route {when}")
        ends = [(route.x[0], route.y[0]), (route.x[-2], route.y[-2])]
        assert ends == [seats["sites/yerevan"], seats["sites/igdir"]]
        links = {row[0] for row in route.customdata} - {None}
        legs = answer.legs.loc[answer.legs["when"] == when, "link_id"].dropna()
        assert {f"links/{name}" for name in legs} == {row for row in links if row[:5] == "links"}


def test_one_route_is_drawn_as_long_as_nothing_is_changed():
    found = drawn("2026-06-07", answer=asked("2026-06-07"))
    assert visible(found, "route before")
    assert not visible(found, "route after")
    assert not visible(found, "sign opened")


def test_links_taken_as_open_or_closed_carry_a_sign():
    changed = {"open_links": (MARGARA,), "close_links": ("road-bavra-ninotsminda",)}
    found = drawn("2026-06-07", answer=asked("2026-06-07", **changed))
    signs = {trace.meta: trace.customdata for trace in found.data if "sign" in str(trace.meta)}
    assert [list(row) for row in signs["sign opened"]] == [[f"links/{MARGARA}"]]
    assert [list(row) for row in signs["sign closed"]] == [["links/road-bavra-ninotsminda"]]


# Sentences


def test_the_sentence_tells_both_lengths_and_names_what_is_changed():
    answer = asked("2026-06-07", open_links=(MARGARA,), close_links=("road-bavra-ninotsminda",))
    row = answer.changes.iloc[0]
    told = str(trip_note(answer, record()))
    assert f"{row['km_before']:,.0f} km" in told
    assert f"{row['km_after']:,.0f} km" in told
    assert "Margara–Alican road bridge open and Bavra–Ninotsminda crossing closed" in told


def test_the_sentence_says_when_a_change_makes_no_difference():
    told = str(trip_note(asked("2026-06-07", open_links=("road-akhurik-akyaka",)), record()))
    assert "with Akhurik–Akyaka road open it is the same" in told


def test_the_sentence_names_opened_links_that_are_not_on_the_way():
    opened = (MARGARA, "road-akhurik-akyaka")
    told = str(trip_note(asked("2026-06-07", open_links=opened), record()))
    assert told.endswith("Not on the way: Akhurik–Akyaka road.")


def test_a_trip_without_a_way_says_so():
    answer = asked("2026-06-07", from_site="gyumri", to_site="trabzon-port", modes=("rail",))
    assert "no route" in str(trip_note(answer, record()))
    assert str(needs_note(answer, record())).startswith("There is no way")


def test_links_without_which_there_is_no_way_are_named():
    closed = ("road-bagratashen-sadakhlo", "road-bavra-ninotsminda")
    answer = asked("2026-06-07", close_links=closed)
    now, then = (answer.changes[f"depends_on_{when}"].iloc[0] for when in ("before", "after"))
    told = str(needs_note(answer, record()))
    assert set(then) > set(now)
    for name in then:
        assert record().label("links", name).partition(" (")[0] in told.partition("; ")[2]


# The controls


def shown_by(made: LinksExplorer) -> go.Figure:
    return go.Figure(made.figure.to_plotly_json())


def fresh(choice: choices.Choice) -> go.Figure:
    """Return the picture of a choice, made at once."""
    view = record().as_of(choice.day)
    try:
        answer = choices.answer(view, choice)
    except RecipeError:
        answer = None
    return patched(scene().figure, scene().changes(view, choice.modes, answer))


def same(one: go.Figure, other: go.Figure) -> bool:
    """Whether two figures look the same; what a hidden trace holds is nobody's business."""
    plain = [json.loads(figure.to_json()) for figure in (one, other)]
    for each in plain:
        each["data"] = [trace for trace in each["data"] if trace.get("visible") is not False]
        for trace in each["data"]:
            trace.pop("uid", None)
    return plain[0] == plain[1]


@pytest.fixture(scope="module")
def made() -> LinksExplorer:
    return figures.links_explorer(record())


@pytest.fixture(autouse=True)
def at_rest(request: pytest.FixtureRequest) -> None:
    """Put the shared explorer back to where it began."""
    if "made" in request.fixturenames:
        made: LinksExplorer = request.getfixturevalue("made")
        made.day.value = record().day
        for mode, box in made.modes.items():
            box.value = mode in ("road", "rail", "power")
        made.reset.click()
        made.start.value, made.end.value = "yerevan", "igdir"


@pytest.mark.parametrize("day", DAYS)
def test_the_explorer_agrees_with_the_view_of_the_day(made, day):
    made.day.value = pd.Timestamp(day)
    view = record().as_of(day)
    status = connectivity.link_status(view).set_index("link_id")
    colours = {
        row.removeprefix("links/"): look[0] for row, look in shapes(shown_by(made), "links").items()
    }
    assert set(colours) == set(status[status["mode"].isin(["road", "rail", "power"])].index)
    for name, colour in colours.items():
        assert colour == STATE_STYLES[status["state"][name]].colour
    trip = connectivity.parse_trips(view, "yerevan>igdir:road+rail")
    row = connectivity.what_if(view, trip).iloc[0]
    told = f"{row['km_before']:,.0f} km" if row["reachable_before"] else "no route"
    assert f"{row['trip']}: {told}" in unescape(made.route.value)
    assert view.stamp in made.figure.layout.title.text


def test_a_ticked_link_is_taken_as_open(made):
    made.joining[MARGARA].value = True
    trip = connectivity.parse_trips(record(), "yerevan>igdir:road+rail")
    row = connectivity.what_if(record(), trip, open_links=(MARGARA,)).iloc[0]
    assert f"with Margara–Alican road bridge open: {row['km_after']:,.0f} km" in made.route.value
    assert visible(shown_by(made), "sign opened")
    assert "then" in made.route.value
    made.reset.click()
    assert not made.joining[MARGARA].value
    assert not visible(shown_by(made), "sign opened")


def test_any_other_link_can_be_closed_or_opened(made):
    offered = dict(made.others.options)
    assert offered["close: Bavra–Ninotsminda crossing"] == "road-bavra-ninotsminda"
    assert all(name != MARGARA for name in offered.values())
    made.others.value = ("road-bavra-ninotsminda",)
    assert made.choice.close_links == ("road-bavra-ninotsminda",)
    assert "with Bavra–Ninotsminda crossing closed" in made.route.value


def test_a_choice_outlives_days_on_which_it_does_not_apply(made):
    made.joining[KARS_GYUMRI].value = True
    made.day.value = pd.Timestamp("1990-01-01")
    assert made.joining[KARS_GYUMRI].layout.display == "none"
    assert not visible(shown_by(made), "sign opened")
    made.day.value = record().day
    assert made.joining[KARS_GYUMRI].value
    assert visible(shown_by(made), "sign opened")


def test_only_places_and_links_that_the_day_knows_are_on_offer(made):
    made.day.value = pd.Timestamp("1990-01-01")
    view = record().as_of("1990-01-01")
    assert {site for _, site in made.start.options} <= set(view.sites["site_id"])
    assert {name for _, name in made.others.options} <= set(view.links["link_id"])
    for name, box in made.joining.items():
        assert box.layout.display == "none" or name in set(view.links["link_id"])


def test_an_impossible_pair_is_told_and_the_map_stays(made):
    made.end.value = "yerevan"
    assert "choose two different places" in made.message.value
    assert made.route.value == ""
    assert lines(shown_by(made))
    made.end.value = "igdir"
    assert made.message.value == ""
    assert "km" in made.route.value


def test_without_a_mode_of_travel_the_reader_is_told_which_there_are(made):
    made.modes["road"].value = made.modes["rail"].value = False
    assert "road, rail, air" in made.message.value


def test_an_error_that_nobody_expects_is_told_and_raised(made, monkeypatch):
    def broken(*_: Any) -> None:
        raise ValueError("<broken>")

    with monkeypatch.context() as patch:
        patch.setattr(choices, "answer", broken)
        with pytest.raises(ValueError, match="broken"):
            made.end.value = "kars"
    assert "ValueError: &lt;broken&gt;" in made.message.value


def test_the_buttons_lead_from_change_to_change(made):
    turns = choices.turns(record())
    made.before.click()
    assert made.choice.day == made.day.value == max(day for day in turns if day < record().day)
    made.before.click()
    made.after.click()
    assert made.choice.day == max(day for day in turns if day < record().day)
    assert "New by this day:" in made.told.value


def test_before_the_first_change_and_after_the_last_the_day_stays(made):
    made.day.index = 0
    made.before.click()
    assert made.day.index == 0
    made.day.value = record().day
    made.after.click()
    assert made.day.value == record().day


def test_every_day_of_the_slider_is_told_in_words(made):
    labels = [words for words, _ in made.day.options]
    assert labels[0] == "1 January 1990"
    assert labels[-1] == "7 June 2026"
    assert len(labels) == len(set(labels))


ACTIONS = st.one_of(
    st.tuples(st.just("day"), st.integers(0, 500)),
    st.tuples(st.just("mode"), st.sampled_from(MODES)),
    st.tuples(st.just("join"), st.integers(0, 20)),
    st.tuples(st.just("other"), st.lists(st.integers(0, 60), max_size=3)),
    st.tuples(st.sampled_from(["start", "end"]), st.integers(0, 60)),
)


def do(made: LinksExplorer, kind: str, which: Any) -> None:
    if kind == "day":
        made.day.index = which
    elif kind == "mode":
        made.modes[which].value ^= True
    elif kind == "join":
        box = list(made.joining.values())[which % len(made.joining)]
        box.value ^= box.layout.display != "none"
    elif kind == "other":
        options = made.others.options
        made.others.index = tuple({at % len(options) for at in which}) if options else ()
    else:
        control = getattr(made, kind)
        control.index = which % len(control.options)


@settings(max_examples=15, deadline=None)
@given(st.lists(ACTIONS, max_size=8))
def test_whatever_was_done_before_the_picture_is_that_of_the_choice(made, actions):
    for action in actions:
        do(made, *action)
    assert same(shown_by(made), fresh(made.choice))


def test_a_record_without_links_makes_an_explorer_that_says_so(tmp_path: Path):
    made = figures.links_explorer(tiny_dossier(tmp_path))
    assert "Nothing to draw" in made.figure.layout.annotations[0].text
    assert "one of these modes" in made.message.value


# Where it runs


@pytest.mark.parametrize("absent", [{"ipywidgets"}, {"ipywidgets", "anywidget"}])
def test_without_the_packages_of_jupyterlab_one_sentence_says_what_to_do(monkeypatch, absent):
    monkeypatch.setattr(explorer, "find_spec", lambda name: None if name in absent else name)
    with pytest.raises(SurroundingsError, match="make lab") as told:
        figures.links_explorer(record())
    assert all(name in str(told.value) for name in absent)
    assert str(told.value).count(". ") == 0


def test_the_library_imports_no_widgets_until_an_explorer_is_made():
    code = (
        "import sys, normlib.figures.explorer; print({'ipywidgets', 'anywidget'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=PROJECT
    )
    assert done.stdout.strip() == "set()"


def test_the_notebook_runs_without_anybody_who_looks():
    notebook = json.loads((PROJECT / "notebooks" / "00-explore.ipynb").read_text("utf-8"))
    (found,) = executed("warm", [{"notebook": notebook, "parameters": {"as_of": "2025-09-12"}}])
    assert found["failure"] is None
    shown = outputs(found)[-1]
    assert "application/vnd.jupyter.widget-view+json" in shown[0]["data"]
