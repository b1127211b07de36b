"""Maps, bars, tables and sentences on links: what is drawn, from which rows, and how it reads."""

import json
from functools import cache
from itertools import combinations, pairwise
from typing import Any

import plotly.graph_objects as go
import pytest

from normlib import connectivity, figures, load
from normlib.dossier import Dossier
from normlib.figures import maplabels, routemaps, theme
from normlib.figures.linkwords import link_state_words, short_name, since_words
from normlib.figures.theme import STATE_STYLES, words_of

TRIPS = "yerevan>igdir:road;yerevan>kars:rail"
OPENED = "road-margara-alican;rail-kars-gyumri"
FIGURES = ("strip", "map", "states", "within", "what_if", "route")


@cache
def view(day: str) -> Dossier:
    return load().as_of(day)


@cache
def results(day: str) -> dict[str, Any]:
    dossier = view(day)
    trips = connectivity.parse_trips(dossier, TRIPS)
    opened = connectivity.parse_links(dossier, OPENED)
    return {
        "status": connectivity.link_status(dossier),
        "spans": connectivity.state_spans(dossier),
        "opened": opened,
        "changes": connectivity.what_if(dossier, trips, open_links=opened),
        "legs": connectivity.route_legs(dossier, trips, open_links=opened),
    }


@cache
def figure(name: str, day: str = "latest") -> go.Figure:
    dossier, found = view(day), results(day)
    joining = connectivity.joining_links(found["status"])
    if name == "strip":
        return figures.border_strip_figure(found["status"], dossier)
    if name == "map":
        return figures.connectivity_figure(found["status"], dossier)
    if name == "states":
        return figures.states_figure(found["spans"], joining, dossier, key="states", title="States")
    if name == "within":
        within = connectivity.domestic_links(found["status"])
        moved = connectivity.not_open_throughout(within, found["spans"])
        return figures.states_figure(found["spans"], moved, dossier, key="within", title="Within")
    if name == "what_if":
        return figures.what_if_figure(found["changes"], dossier)
    return figures.route_maps_figure(found["legs"], found["changes"], dossier)


def words(drawn: go.Figure) -> str:
    return " ".join(note.text for note in drawn.layout.annotations)


def marked_links(drawn: go.Figure) -> set[str]:
    """Return the links that a shape on a map stands for."""
    return {
        row[0].removeprefix("links/")
        for trace in drawn.data
        if trace.type == "scatter" and trace.mode == "markers" and trace.customdata
        for row in trace.customdata
        if row[0].startswith("links/")
    }


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_fetches_nothing_and_carries_its_words(name):
    drawn = figure(name)
    assert {trace.type for trace in drawn.data} <= {"scatter", "bar"}
    meta = words_of(drawn)
    assert meta["alt"]
    assert meta["caption"]
    assert meta["sources"]
    assert meta["table"]["rows"]
    assert "2026-06-07" in drawn.layout.title.text


@pytest.mark.parametrize("name", FIGURES)
def test_traces_hold_plain_lists_and_no_packed_arrays(name):
    assert "bdata" not in figure(name).to_json()


@pytest.mark.parametrize("name", FIGURES)
def test_every_mark_leads_to_a_row_of_the_record(name):
    dossier = view("latest")
    states = dossier.link_states["link_id"] + "|" + dossier.link_states["since"]
    known = {"links": set(dossier.links["link_id"]), "sites": set(dossier.sites["site_id"])}
    known["link_states"] = set(states)
    rows = [
        row[0]
        for trace in figure(name).data
        if trace.customdata is not None
        for row in trace.customdata
        if row[0] is not None
    ]
    assert rows
    for row in rows:
        table, _, key = row.partition("/")
        assert key in known[table], row


@pytest.mark.parametrize("name", FIGURES)
def test_a_narrow_screen_changes_the_layout_only(name):
    drawn = figure(name)
    for path, value in words_of(drawn)["narrow"].items():
        group, _, option = path.partition(".")
        go.Figure(layout={group: {option: value} if option else value})
        assert path.split(".")[0] in drawn.layout, path


@pytest.mark.parametrize("name", FIGURES)
def test_before_anything_is_recorded_a_titled_figure_says_so(name):
    drawn = figure(name, "1900-01-01")
    assert not drawn.data
    assert "1 January 1900" in words(drawn)
    assert drawn.layout.title.text


@pytest.mark.parametrize("day", ["1993-04-03", "2009-10-10", "2022-07-01"])
@pytest.mark.parametrize("name", FIGURES)
def test_figures_of_a_past_day_draw(name, day):
    assert figure(name, day).data


@pytest.mark.parametrize("name", ["strip", "map", "route"])
def test_a_map_credits_the_makers_of_its_lines_in_the_picture(name):
    drawn = figure(name)
    narrow = json.dumps(words_of(drawn)["narrow"], ensure_ascii=False)
    for told in (words(drawn), narrow):
        assert "© OpenStreetMap contributors" in told
        assert "Natural Earth, a backdrop, no statement on borders" in told.replace("<br>", " ")


def test_the_strip_names_every_land_link_between_the_sides_with_its_state():
    status = connectivity.joining_links(results("latest")["status"])
    land = status[status["mode"].ne("air")]
    told, narrow = words(figure("strip")), words_of(figure("strip"))["narrow"]
    listed = " ".join(note["text"] for note in narrow["annotations"])
    assert len(land) == 5
    for link in land.to_dict("records"):
        name, _, state = link_state_words(link).partition(": ")
        for text in (told, listed):
            assert name in text
            assert state in text


def test_the_map_marks_every_link_in_its_window_and_no_permission():
    marked = marked_links(figure("map"))
    status = results("latest")["status"].set_index("link_id")
    assert set(status.index[status["joins_sides"] & ~status["is_symbol"]]) <= marked
    assert not marked & set(status.index[status["is_symbol"]])
    assert len(marked) > 60


def test_a_line_has_the_colour_and_the_dash_of_its_state():
    looks = {style.label: (style.colour, style.dash) for style in STATE_STYLES.values()}
    lines = [trace for trace in figure("map").data if trace.mode == "lines" and trace.name in looks]
    assert {trace.name for trace in lines} >= {"open", "closed", "planned", "under construction"}
    for trace in lines:
        assert (trace.line.color, trace.line.dash) == looks[trace.name]


def test_a_line_in_straight_legs_is_thinner_than_one_along_its_course_and_the_key_says_so():
    quality = results("latest")["status"].set_index("link_id")["geometry_quality"]
    joins = results("latest")["status"].set_index("link_id")["joins_sides"]
    drawn = {
        row[0].removeprefix("links/"): trace.line.width
        for trace in figure("map").data
        if trace.mode == "lines" and trace.customdata
        for row in trace.customdata
        if row[0]
    }
    assert drawn.keys() >= set(quality.index[joins & (quality == "approximate")])
    for wanted in (True, False):
        widths: dict[bool, set[float]] = {True: set(), False: set()}
        for link, width in drawn.items():
            if joins[link] == wanted and not link.startswith("air"):
                widths[quality[link] == "schematic"].add(width)
        assert max(widths[True]) < min(widths[False])
    assert {"along its course", "straight legs"} <= {trace.name for trace in figure("map").data}


def test_a_shape_tells_what_is_known_of_its_link():
    told = [
        text
        for trace in figure("strip").data
        if trace.mode == "markers" and trace.hovertext
        for text in trace.hovertext
    ]
    (rail,) = [text for text in told if text.startswith("Kars–Gyumri railway")]
    row = results("latest")["status"].set_index("link_id").loc["rail-kars-gyumri"]
    assert rail.startswith("Kars–Gyumri railway: closed since July 1993<br>")
    assert f"{row['length_km']:,.0f} km" in rail
    assert " / ".join(map(str, row["gauge_mm"])) + " mm" in rail


def test_flights_between_the_sides_are_numbered_on_the_map_and_listed_below():
    status = connectivity.joining_links(results("latest")["status"])
    flights = status[status["mode"].eq("air") & ~status["is_symbol"]]
    narrow = words_of(figure("map"))["narrow"]["annotations"]
    for told in (words(figure("map")), " ".join(note["text"] for note in narrow)):
        for at, link in enumerate(flights.to_dict("records"), 1):
            name, _, state = link_state_words(link).partition(": ")
            assert f"<b>{at} {name}</b>" in told
            assert f"<b>{at}</b>" in told
            assert state in told


def test_a_map_without_links_on_land_between_the_sides_has_no_frame():
    found = results("latest")["status"]
    air = found[found["mode"] == "air"].reset_index(drop=True)
    drawn = figures.connectivity_figure(air, view("latest"))
    assert [shape.type for shape in drawn.layout.shapes] == ["line"]
    assert [shape.type for shape in figure("map").layout.shapes] == ["line", "rect"]


def test_places_beyond_the_window_are_named_at_its_edge():
    assert "← Ankara" in words(figure("map"))
    assert "Baku →" in words(figure("map"))


def test_exceptional_openings_are_marked_on_their_days():
    (uses,) = [trace for trace in figure("states").data if trace.name == "single permitted use"]
    assert list(uses.x) == ["2023-02-11", "2025-03-21", "2025-09-12"]


def test_exceptional_openings_are_labelled_with_their_months_in_both_widths():
    narrow = words_of(figure("states"))["narrow"]["annotations"]
    for told in (words(figure("states")), " ".join(note["text"] for note in narrow)):
        assert "◆ February 2023 · March 2025 · September 2025" in told


def test_bars_are_grouped_by_mode_and_countries_in_the_order_of_the_modes():
    others = connectivity.other_crossings(results("latest")["status"])
    drawn = figures.states_figure(
        results("latest")["spans"], others, view("latest"), key="others", title="Others"
    )
    notes = sorted(drawn.layout.annotations, key=lambda note: note.y)
    headings = [note.text for note in notes if note.font.color == theme.GREY]
    assert headings[:2] == ["road · Armenia–Georgia", "road · Armenia–Iran"]
    assert "railway · Armenia–Azerbaijan" in headings
    assert len(headings) == len(set(headings))
    modes = [heading.partition(" · ")[0] for heading in headings]
    order = [style.label for style in theme.MODE_STYLES.values()]
    assert modes == sorted(modes, key=order.index)


def test_a_bar_stands_alone_in_its_row():
    for name in ("states", "within"):
        found: dict[float, set[str]] = {}
        for trace in figure(name).data:
            if trace.type == "bar":
                for y, row in zip(trace.y, trace.customdata, strict=True):
                    found.setdefault(y, set()).add(row[0].partition("|")[0])
        assert all(len(links) == 1 for links in found.values())
        rows = sorted(found)
        assert all(later - row > 0.99 for row, later in pairwise(rows))


def test_bars_of_all_figures_begin_where_the_record_does():
    first = results("latest")["spans"]["start"].min().date().isoformat()
    for name in ("states", "within"):
        assert figure(name).layout.xaxis.range[0] == first


@pytest.mark.parametrize("day", ["1993-04-03", "2009-10-10", "latest"])
def test_every_link_has_a_bar_or_is_named_as_open_throughout(day):
    status, spans = results(day)["status"], results(day)["spans"]
    within = connectivity.domestic_links(status)
    sets = (
        connectivity.joining_links(status),
        connectivity.other_crossings(status),
        connectivity.not_open_throughout(within, spans),
    )
    barred = [
        row[0].removeprefix("link_states/").partition("|")[0]
        for links in sets
        for trace in figures.states_figure(spans, links, view(day), key="k", title="t").data
        if trace.type == "bar"
        for row in trace.customdata
    ]
    note = figures.steady_note(status, spans, view(day)).as_json()["parts"]
    named = [part["row"].removeprefix("links/") for part in note if "row" in part]
    assert set(barred) | set(named) == set(status["link_id"])
    assert not set(barred) & set(named)
    assert len(named) == len(set(named))


def test_links_open_throughout_are_counted_and_named_by_mode_and_country():
    found = results("latest")
    within = connectivity.domestic_links(found["status"])
    steady = connectivity.open_throughout(within, found["spans"])
    note = str(figures.steady_note(found["status"], found["spans"], view("latest")))
    assert f"Of {len(within)} links within one country" in note
    assert f"{len(steady)} are open throughout, as far as is recorded: " in note
    assert "road, Armenia: " in note


def test_bars_of_a_link_cover_its_history_without_gaps():
    spans = results("latest")["spans"]
    own = spans[spans["link_id"] == "rail-kars-gyumri"]
    drawn = [
        (base, width / 86_400_000)
        for trace in figure("states").data
        if trace.type == "bar"
        for base, width, row in zip(trace.base, trace.x, trace.customdata, strict=True)
        if "rail-kars-gyumri" in row[0] and trace.width > 0.3
    ]
    expected = [
        (start.date().isoformat(), (end - start).days)
        for start, end in zip(own["start"], own["end"], strict=True)
    ]
    assert sorted(drawn) == expected


def test_an_uncertain_beginning_is_drawn_as_a_thinner_piece():
    thin = [
        base
        for trace in figure("states").data
        if trace.type == "bar" and trace.width < 0.3
        for base in trace.base
    ]
    assert "1995-01-01" in thin


def test_the_comparison_draws_both_lengths_of_every_trip():
    before, after = figure("what_if").data
    changes = results("latest")["changes"]
    assert list(before.x) == changes["km_before"].round(1).tolist()
    assert list(after.x) == changes["km_after"].round(1).tolist()
    assert all("no third country" in text for text in after.text)


def test_every_trip_has_a_map_of_its_own_with_both_lengths():
    drawn, changes = figure("route"), results("latest")["changes"]
    axes = {trace.xaxis or "x" for trace in drawn.data}
    assert len(axes) == len(changes)
    told = words(drawn)
    for row in changes.to_dict("records"):
        assert f"<b>{row['trip']}</b>" in told
        assert f"{row['km_before']:,.0f} km" in told
        assert f"{row['km_after']:,.0f} km" in told
    assert [trace.name for trace in drawn.data if trace.showlegend] == [
        "with links changed",
        "as it is",
    ]


def test_maps_of_a_grid_keep_clear_of_each_other_in_columns_and_below_each_other():
    for columns in (1, 2):
        seats = [routemaps._seat(at, 5, columns, (250, 60)) for at in range(5)]
        for a, b in combinations(seats, 2):
            beside = a["x"][1] < b["x"][0] or b["x"][1] < a["x"][0]
            above = a["y"][0] > b["y"][1] or b["y"][0] > a["y"][1]
            assert beside or above


# Sentences and tables


def test_the_headline_counts_open_links_and_names_the_closed_ones_on_land():
    note = str(figures.links_note(results("latest")["status"], view("latest")))
    assert "Of 9 links between Türkiye and Armenia on record, 2 are open" in note
    assert "Kars–Gyumri railway, closed since July 1993" in note
    assert "Margara–Alican road bridge, closed since 3 April 1993, 3 exceptions" in note


def test_the_comparison_reads_its_numbers_from_the_result():
    found = results("latest")
    note = str(figures.what_if_note(found["changes"], view("latest"), open_links=found["opened"]))
    row = found["changes"].iloc[0]
    assert f"from {row['km_before']:,.0f} km to {row['km_after']:,.0f} km" in note
    assert "2 of 2 trips would no longer need a third country" in note


def test_single_uses_are_named_with_their_days():
    note = str(figures.exceptions_note(results("latest")["spans"], view("latest")))
    assert note.startswith("3 times a closed crossing was used by permission")
    assert "21 March 2025, 11 days" in note


def test_links_that_changed_since_a_day_are_named():
    dossier = view("latest")
    since = dossier.resolve_since("2026-03-01")
    note = str(figures.since_note(results("latest")["spans"], dossier, since=since))
    assert "Yerevan–Istanbul main airport flights open (11 March 2026)" in note


def test_the_table_of_links_has_a_row_for_every_link_that_marks_can_lead_to():
    dossier = view("latest")
    table = figures.links_table(results("latest")["status"], dossier, caption="Links").as_json()
    assert [row["id"] for row in table["rows"]] == [
        f"links/{one}" for one in dossier.links["link_id"]
    ]


def test_the_table_of_states_has_a_row_for_every_recorded_state():
    table = figures.link_states_table(view("latest")).as_json()
    assert len({row["id"] for row in table["rows"]}) == len(view("latest").link_states)


def test_every_table_and_sentence_copes_with_nothing():
    dossier, found = view("1900-01-01"), results("1900-01-01")
    tables = [
        figures.links_table(found["status"], dossier, caption="Links"),
        figures.spans_table(found["spans"], caption="States"),
        figures.routes_table(found["changes"], dossier),
        figures.legs_table(found["legs"], dossier),
        figures.transfers_table(connectivity.transfers(dossier), dossier),
        figures.sites_table(dossier),
        figures.bridges_table(connectivity.bridges(dossier), dossier),
        figures.link_states_table(dossier),
    ]
    assert all(table.as_json()["rows"] == [] for table in tables)
    notes = [
        figures.links_note(found["status"], dossier),
        figures.permissions_note(found["status"], dossier),
        figures.context_note(found["status"], dossier),
        figures.exceptions_note(found["spans"], dossier),
        figures.since_note(found["spans"], dossier, since=dossier.day),
        figures.steady_note(found["status"], found["spans"], dossier),
        figures.what_if_note(found["changes"], dossier),
        figures.redundancy_note(found["changes"], dossier),
    ]
    assert all(str(note) for note in notes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1993-07", "since July 1993"),
        ("../2022-08", "by August 2022"),
        (None, ""),
    ],
)
def test_since_words_never_claim_more_than_is_known(text, expected):
    assert since_words(text) == expected


def test_a_place_is_called_by_its_name_without_its_kind():
    dossier = view("latest")
    names = {
        key: short_name(dossier.row("sites", key), dossier) for key in ("kars", "kars-station")
    }
    assert names == {"kars": "Kars", "kars-station": "Kars"}
    assert short_name(dossier.row("sites", "margara-bcp"), dossier) == "Margara"
    assert short_name(dossier.row("sites", "akhurik-bcp"), dossier) == "Akhurik"


def test_widths_at_which_labels_are_placed_cover_phone_and_desk():
    assert min(maplabels.NARROW) <= 330
    assert max(maplabels.NARROW) < 600 <= min(maplabels.WIDE)
