"""Maps of routes: each trip as it is and with links changed, and a choice of prepared scenarios.

Figures take the frames of :mod:`normlib.connectivity`.
"""

from collections.abc import Mapping, Sequence
from math import ceil, cos, radians
from typing import Any, NamedTuple

import pandas as pd
import plotly.graph_objects as go

from normlib.dossier import Dossier
from normlib.figures import maps
from normlib.figures.common import cited
from normlib.figures.linkmaps import (
    add_places,
    drawings_of,
    joined_lines,
    nothing_drawn,
    projected,
)
from normlib.figures.linktables import legs_table
from normlib.figures.linkwords import WORLDS, length_words, plain_name, trip_words
from normlib.figures.maplabels import credit, credit_label, route_labels
from normlib.figures.maps import Extent, Point
from normlib.figures.sketch import Sketch
from normlib.figures.tables import Table
from normlib.figures.theme import ACCENT, INK, VERMILION, finish
from normlib.figures.words import list_words, number_words
from normlib.rows import dicts

Row = dict[Any, Any]

LOOKS = {"after": (ACCENT, "solid", 4.5), "before": (VERMILION, "dash", 2.5)}
"""Colour, dash and width of a route; the one as it is lies on top, so that both are seen."""
COLUMNS = 2
MAP_WIDE, MAP_NARROW = 270, 250
"""Height of one map in pixels."""
HEAD_WIDE, HEAD_NARROW = 62, 62
TOP, TOP_NARROW, BELOW = 52, 84, 74
PANELS = (280, 590)
"""Least and largest width of one map in pixels; labels are kept apart at all between."""
WHOLE = (330, 680)
"""The same of the map of scenarios, as far as its height lets it be used."""
SHAPE = 1.6
"""Width of a map over its height; a window that is higher is widened."""


class _Panel(NamedTuple):
    """One trip: its comparison, its legs with their lines, its window and its labelled places."""

    row: Row
    legs: pd.DataFrame
    view: Extent
    places: list[Row]


def route_maps_figure(legs: pd.DataFrame, changes: pd.DataFrame, dossier: Dossier) -> go.Figure:
    """Draw the shortest route of every trip as it is, and with links changed, one map for each.

    Parameters
    ----------
    legs : see :func:`normlib.connectivity.route_legs`.
    changes : see :func:`normlib.connectivity.what_if`.
    """
    key, title = "route-maps", "Shortest routes, as it is and with links changed"
    found = changes[changes["trip"].isin(legs["trip"])]
    if found.empty:
        return nothing_drawn(key, title, dossier)
    drawn = with_lines(legs, dossier)
    panels = [_panel(row, drawn, dossier) for row in dicts(found)]
    fig = Sketch()
    words: list[dict[str, Any]] = []
    for at, panel in enumerate(panels):
        words += _draw_panel(fig, panel, at, dossier)
    rows = ceil(len(panels) / COLUMNS)
    missing = changes.loc[~changes["trip"].isin(legs["trip"]), "trip"]
    without = f" Without a route in either case: {list_words(missing)}." if len(missing) else ""
    fig.update_layout(
        **_layout(panels),
        annotations=[*words, *_heads(panels, COLUMNS, dossier), credit_label(dossier)],
        margin={"l": 0, "r": 0, "t": TOP, "b": BELOW},
        legend={**_LEGEND, "y": 0.0, "yref": "container", "yanchor": "bottom"},
    )
    return finish(
        fig,
        key=key,
        title=title,
        stamp=dossier.stamp,
        caption=f"Each map shows one trip over usable links: dashed {WORLDS['before']}, solid "
        f"{WORLDS['after']}. Lines follow the links' drawings.{without} {credit(dossier)}.",
        alt=" ".join(trip_words(row, dossier) for row in dicts(changes)),
        sources=cited(legs),
        table=legs_table(legs, dossier),
        height=TOP + BELOW + rows * (MAP_WIDE + HEAD_WIDE),
        narrow={
            **_narrow_axes(panels),
            "annotations": [
                *words,
                *_heads(panels, 1, dossier),
                credit_label(dossier, wide=False),
            ],
            "height": TOP_NARROW + BELOW + 20 + len(panels) * (MAP_NARROW + HEAD_NARROW),
            "margin.t": TOP_NARROW,
            "margin.b": BELOW + 20,
            "title.font.size": 13,
        },
    )


def with_lines(legs: pd.DataFrame, dossier: Dossier) -> pd.DataFrame:
    """Return the legs with ``points`` in degrees: the link's drawing between its two stops."""
    drawings = drawings_of(dossier)
    sites = dossier.sites.set_index("site_id")
    points = []
    for leg in dicts(legs):
        stops = (leg["from_site"], leg["to_site"])
        ends = [(float(sites["lon"][at]), float(sites["lat"][at])) for at in stops]
        drawing = drawings.get(leg["link_id"], []) if isinstance(leg["link_id"], str) else []
        points.append(maps.between(drawing, *ends) if drawing else ends)
    return legs.assign(points=pd.Series(points, index=legs.index, dtype="object"))


class _Trip(NamedTuple):
    """One trip in all scenarios: its window, its places and its distinct routes."""

    name: str
    legs: pd.DataFrame
    view: Extent
    places: list[Row]


def scenarios_figure(legs: pd.DataFrame, routes: pd.DataFrame, dossier: Dossier) -> go.Figure:
    """Draw one trip in one scenario; a page lets its reader choose both.

    Parameters
    ----------
    legs : see :func:`normlib.connectivity.scenario_legs`.
    routes : see :func:`normlib.connectivity.scenario_routes`.
    """
    key, title = "scenarios", "Choose a trip and the links to open"
    if legs.empty:
        return nothing_drawn(key, title, dossier)
    drawn = with_lines(legs, dossier)
    whole = Extent.of([point for line in drawn["points"] for point in line], margin_km=8)
    trips = [
        _trip(name, drawn, whole, dossier)
        for name in dict.fromkeys(routes["trip"])
        if name in set(legs["trip"])
    ]
    fig = Sketch()
    maps.backdrop(fig, dossier.geometries["outlines"], whole)
    first = routes[routes["trip"] == trips[0].name].reset_index(drop=True)
    best = int(
        first["km"].fillna(float("inf")).to_numpy().argmin()
    )  # the most telling choice to begin with
    views = [
        _draw_trip(fig, trip, routes, dossier, shown=best if at == 0 else None)
        for at, trip in enumerate(trips)
    ]
    layouts = [_trip_layout(trip, dossier) for trip in trips]
    x, y = layouts[0]["xaxis.range"], layouts[0]["yaxis.range"]
    hidden = {"visible": False, "constrain": "range"}
    fig.update_layout(
        xaxis={**hidden, "range": x},
        yaxis={**hidden, "range": y, "scaleanchor": "x", "scaleratio": 1},
        annotations=layouts[0]["annotations"],
        shapes=layouts[0]["shapes"],
        margin={"l": 0, "r": 0, "t": TOP, "b": BELOW},
        legend={**_LEGEND, "y": 0.0, "yref": "container", "yanchor": "bottom"},
    )
    scenarios = [_opened(name) for name in dict.fromkeys(routes["scenario"])]
    return finish(
        fig,
        key=key,
        title=title,
        stamp=dossier.stamp,
        caption=f"Dashed: the shortest route {WORLDS['before']}; solid: with the chosen links "
        f"open. The table holds every choice. "
        f"{credit(dossier)}.",
        alt=" ".join(f"{view['words']}" for row in views for view in row),
        sources=cited(routes),
        table=scenarios_table(routes, dossier),
        height=TOP + BELOW + 420,
        narrow={"height": TOP_NARROW + BELOW + 250, "margin.t": TOP_NARROW, "title.font.size": 13},
        choices={
            "labels": ["Trip", "Links taken as open"],
            "options": [[trip.name for trip in trips], scenarios],
            "first": [0, best],
            "layouts": layouts,
            "views": views,
        },
    )


def scenarios_table(routes: pd.DataFrame, dossier: Dossier) -> Table:
    """Return every trip in every scenario, one row for each scenario."""
    names = dossier.labels("countries")
    rows = routes.assign(
        words=[_km_words(row, names) for row in dicts(routes)],
        scenario=routes["scenario"].map(_opened),
    )
    trips = list(dict.fromkeys(rows["trip"]))
    columns = {f"trip_{at}": trip for at, trip in enumerate(trips)}
    wide = rows.pivot(index="scenario", columns="trip", values="words")
    wide = wide.reindex(index=list(dict.fromkeys(rows["scenario"])), columns=trips)
    return Table(
        wide.set_axis(list(columns), axis=1).reset_index(),
        columns={"scenario": "Links taken as open", **columns},
        caption="Shortest routes in km, and the third countries that they cross, by scenario",
    )


def _km_words(row: Row, names: Mapping[str, str]) -> str:
    through = list_words(names.get(code, code) for code in row["third_countries"])
    km = number_words(row["km"])
    return f"{km} ({through})" if through else km if row["reachable"] else "no route"


def _trip(name: str, drawn: pd.DataFrame, whole: Extent, dossier: Dossier) -> _Trip:
    legs = drawn[drawn["trip"] == name].reset_index(drop=True)
    view = _window([point for line in legs["points"] for point in line], middle=whole.middle)
    ends = {"from_site": legs["from_site"].iloc[0], "to_site": legs["to_site"].iloc[-1]}
    return _Trip(name, legs, view, _stops(legs, ends, dossier, view))


def _trip_layout(trip: _Trip, dossier: Dossier) -> dict[str, Any]:
    """Return the window on a trip, with its words."""
    bar, length = maps.scale_bar(trip.view, trip.view.bar_km)
    labels = route_labels(trip.places, trip.legs, dossier, trip.view, widths=WHOLE, shape=SHAPE)
    x, y = trip.view.ranges
    return {
        "xaxis.range": x,
        "yaxis.range": y,
        "annotations": [*labels, length, credit_label(dossier, wide=False)],
        "shapes": [bar],
    }


def _draw_trip(
    fig: Sketch, trip: _Trip, routes: pd.DataFrame, dossier: Dossier, *, shown: int | None
) -> list[dict[str, Any]]:
    """Draw all routes of a trip; return for each scenario which of them to show, and its words."""
    first = len(fig.traces)
    add_places(fig, trip.places)
    own = routes[routes["trip"] == trip.name]
    drawn: dict[tuple[str, ...], int] = {}
    views: list[dict[str, Any]] = []
    for row in dicts(own):
        legs = trip.legs[trip.legs["scenario"] == row["scenario"]]
        way = tuple(legs["from_site"] + legs["to_site"] + legs["link_id"].fillna(""))
        if way not in drawn:
            drawn[way] = len(fig.traces)
            add_route(fig, legs, "after", trip.view, name="with the chosen links open")
        views.append({"show": [first, drawn[way]], "words": _scenario_words(row, own, dossier)})
    as_is = len(fig.traces)
    legs = trip.legs[trip.legs["scenario"] == own["scenario"].iloc[0]]
    add_route(fig, legs, "before", trip.view, name=WORLDS["before"])
    for view in views:
        view["show"].append(as_is)
    visible = set(views[shown]["show"]) if shown is not None else set()
    for at in range(first, len(fig.traces)):
        fig.traces[at]["visible"] = at in visible
    return views


def _scenario_words(row: Row, own: pd.DataFrame, dossier: Dossier) -> str:
    """Say how long a trip is in a scenario, and how long it is as it is."""
    names = dossier.labels("countries")
    first = dicts(own)[0]
    now, then = (_route_words(each, names) for each in (first, row))
    if row["scenario"] == first["scenario"]:
        return f"{row['trip']} {row['scenario']}: {then}."
    told = f"{row['trip']} with {_opened(row['scenario'])} open: {then}"
    return f"{told}, the same as now." if now == then else f"{told}; {first['scenario']} {now}."


def _opened(scenario: str) -> str:
    """Return the links of a scenario without what stands in brackets."""
    return list_words(plain_name(name) for name in scenario.split(" + "))


def _route_words(row: Row, names: Mapping[str, str]) -> str:
    return length_words({f"{name}_then": value for name, value in row.items()}, "then", names)


# One map


def _panel(row: Row, drawn: pd.DataFrame, dossier: Dossier) -> _Panel:
    legs = drawn[drawn["trip"] == row["trip"]].reset_index(drop=True)
    view = _window([point for line in legs["points"] for point in line])
    return _Panel(row, legs, view, _stops(legs, row, dossier, view))


def _window(points: Sequence[Point], middle: float | None = None) -> Extent:
    """Return a window around points that is as wide as a map, with room for names.

    ``middle`` is the latitude that the projection is true to, where several windows share one.
    """
    view = Extent.of(points, margin_km=8)
    middle = (view.south + view.north) / 2 if middle is None else middle
    shrunk = cos(radians(middle))
    high = (view.north - view.south) * 1.24
    wide = (view.east - view.west) * shrunk * 1.16
    wide, high = max(wide, high * SHAPE), max(high, wide / SHAPE)
    half = wide / 2 / shrunk
    lon, lat = (view.west + view.east) / 2, (view.south + view.north) / 2
    return Extent(lon - half, lat - high / 2, lon + half, lat + high / 2, middle)


def _stops(legs: pd.DataFrame, row: Row, dossier: Dossier, view: Extent) -> list[Row]:
    """Return the sites along a route: its ends first, then towns, then the rest."""
    stops = list(dict.fromkeys([*legs["from_site"], *legs["to_site"]]))
    ends = (row["from_site"], row["to_site"])
    sites = dicts(dossier.sites.set_index("site_id", drop=False).loc[stops])
    sites.sort(key=lambda site: (site["site_id"] not in ends, site["kind"] not in ("city", "port")))
    return [projected(site, view) for site in sites]


def _draw_panel(fig: Sketch, panel: _Panel, at: int, dossier: Dossier) -> list[dict[str, Any]]:
    """Draw one map on axes of its own and return its words."""
    axes = _axes(at)
    start = len(fig.traces)
    maps.backdrop(fig, dossier.geometries["outlines"], panel.view, margin=0.6)
    for when in LOOKS:
        add_route(fig, panel.legs, when, panel.view, name=WORLDS[when], show_key=at == 0)
    add_places(fig, panel.places)
    for trace in fig.traces[start:]:
        trace.update(axes)
    bar, length = maps.scale_bar(panel.view, panel.view.bar_km)
    on = {"xref": axes["xaxis"], "yref": axes["yaxis"]}
    fig.add_shape(**{**bar, **on})
    labels = route_labels(panel.places, panel.legs, dossier, panel.view, widths=PANELS, shape=SHAPE)
    return [{**note, **on} for note in (*labels, length)]


def _axes(at: int) -> dict[str, str]:
    number = "" if at == 0 else str(at + 1)
    return {"xaxis": f"x{number}", "yaxis": f"y{number}"}


def add_route(
    fig: Sketch,
    legs: pd.DataFrame,
    when: str,
    view: Extent,
    *,
    name: str,
    show_key: bool = True,
) -> None:
    """Add the route of one trip before or after as a line that leads to its links."""
    colour, dash, width = LOOKS[when]
    part = legs[legs["when"] == when]
    keys = [
        f"links/{link}" if isinstance(link, str) else f"sites/{site}"
        for link, site in zip(part["link_id"], part["from_site"], strict=True)
    ]
    lines = [[view.xy(*point) for point in points] for points in part["points"]]
    xs, ys, rows = joined_lines(lines, keys)
    fig.add_scatter(
        x=xs or [None],
        y=ys or [None],
        mode="lines",
        line={"color": colour, "dash": dash, "width": width},
        customdata=rows,
        hoverinfo="skip",
        name=name,
        legendgroup=when,
        showlegend=show_key,
    )


# The grid


_LEGEND: Mapping[str, Any] = {
    "orientation": "h",
    "x": 0,
    "xanchor": "left",
    "itemclick": False,
    "itemdoubleclick": False,
    "itemwidth": 42,
}


def _seat(at: int, count: int, columns: int, heights: tuple[int, int]) -> dict[str, list[float]]:
    """Return where a map stands in the grid: the domains of its axes, below its head."""
    high, head = heights
    row, column = divmod(at, columns)
    rows = ceil(count / columns)
    gap = 0.03 if columns > 1 else 0.0
    width = (1 - gap * (columns - 1)) / columns
    left = column * (width + gap)
    top = 1 - (row + head / (high + head)) / rows
    bottom = 1 - (row + 1) / rows
    return {"x": [round(left, 4), round(left + width, 4)], "y": [round(bottom, 4), round(top, 4)]}


def _layout(panels: Sequence[_Panel]) -> dict[str, dict[str, Any]]:
    """Return the axes of all maps, in columns."""
    found = {}
    for at, panel in enumerate(panels):
        axes, seat = _axes(at), _seat(at, len(panels), COLUMNS, (MAP_WIDE, HEAD_WIDE))
        x, y = panel.view.ranges
        hidden = {"visible": False, "constrain": "range"}
        found[_long(axes["xaxis"])] = {
            **hidden,
            "range": x,
            "domain": seat["x"],
            "anchor": axes["yaxis"],
        }
        found[_long(axes["yaxis"])] = {
            **hidden,
            "range": y,
            "domain": seat["y"],
            "anchor": axes["xaxis"],
            "scaleanchor": axes["xaxis"],
            "scaleratio": 1,
        }
    return found


def _narrow_axes(panels: Sequence[_Panel]) -> dict[str, list[float]]:
    """Return where maps stand below each other; windows grow with the space, so they start anew."""
    found = {}
    for at, panel in enumerate(panels):
        seat = _seat(at, len(panels), 1, (MAP_NARROW, HEAD_NARROW))
        for (name, axis), window in zip(_axes(at).items(), panel.view.ranges, strict=True):
            found[f"{_long(axis)}.domain"] = seat[name[0]]
            found[f"{_long(axis)}.range"] = window
    return found


def _long(axis: str) -> str:
    """Return the name of an axis in a layout: ``x2`` is ``xaxis2``."""
    return f"{axis[0]}axis{axis[1:]}"


def _heads(panels: Sequence[_Panel], columns: int, dossier: Dossier) -> list[dict[str, Any]]:
    """Return the head of each map: its trip, and both lengths behind a piece of their lines."""
    heights = (MAP_WIDE, HEAD_WIDE) if columns > 1 else (MAP_NARROW, HEAD_NARROW)
    names = dossier.labels("countries")
    found = []
    for at, panel in enumerate(panels):
        seat = _seat(at, len(panels), columns, heights)
        found.append(
            {
                "x": seat["x"][0],
                "y": seat["y"][1],
                "xref": "paper",
                "yref": "paper",
                "yshift": 3,
                "text": f"<b>{panel.row['trip']}</b><br>{_both(panel.row, names)}",
                "align": "left",
                "xanchor": "left",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 12, "color": INK},
            }
        )
    return found


def _both(row: Row, names: Mapping[str, str]) -> str:
    before, after = (length_words(row, when, names) for when in WORLDS)
    return f"┅ {before}<br>━ {after}"
