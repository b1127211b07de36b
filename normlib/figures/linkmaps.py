"""Maps of links and routes: state by colour and dash, mode by the shape on each line.

Figures take the frames of :mod:`normlib.connectivity`, and of the dossier the geometries, names
and stamp.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.dossier import Dossier
from normlib.figures import maps
from normlib.figures.common import cited
from normlib.figures.linktables import brief_links_table, facts_words, links_table
from normlib.figures.linkwords import (
    link_state_words,
    sides_words,
    state_counts,
)
from normlib.figures.maplabels import (
    CREDIT,
    CREDIT_NARROW,
    LISTED,
    LISTED_NARROW,
    NARROW,
    WIDE,
    Annotations,
    Row,
    close_up_labels,
    credit,
    credit_label,
    quality_words,
    region_labels,
    small_labels,
)
from normlib.figures.maps import Extent, Point
from normlib.figures.sketch import Sketch
from normlib.figures.theme import (
    GREY,
    INK,
    MODE_STYLES,
    PAPER,
    STATE_STYLES,
    empty_figure,
    finish,
    legend_pixels,
)
from normlib.figures.words import count_words, day_words
from normlib.rows import dicts

LAND_MODES = ("road", "rail", "power", "bridge", "gas")
TOP, TOP_NARROW = 58, 84
AROUND, FLIGHTS, JOINING = (1.8, 0.9), (2.2, 0.9), (5.0, 2.4)
"""Widths in pixels of a line that follows its course, and of one in straight legs."""
REGION, REGION_NARROW = 520, 400
"""Heights in pixels of the map of the region."""
TOP_SMALL, SMALL = 50, 180
"""Heights in pixels of the head of the small map, and of what it draws."""
MARGIN_KM = 34
"""How much of the land around the links on land their close-up shows."""


def border_strip_figure(status: pd.DataFrame, dossier: Dossier) -> go.Figure:
    """Draw the strip along the two sides' border: every land link between them, named, with state.

    Reads ``status`` (:func:`normlib.connectivity.link_status`).
    """
    key, title = "border-strip", f"Links on land between {sides_words(dossier)}"
    joining = _land_joining(status)
    if joining.empty:
        return nothing_drawn(key, title, dossier)
    between = sides_words(dossier)
    return _close_up(
        joining,
        status[status["mode"].isin(LAND_MODES)],
        dossier,
        key=key,
        title=title,
        caption=f"The {count_words(len(joining), 'link')} on land between {between} and what they "
        "join on to.",
    )


def links_figure(links: pd.DataFrame, status: pd.DataFrame, dossier: Dossier) -> go.Figure:
    """Draw some links close up, named, with their states, among the links around them.

    Parameters
    ----------
    links : those to name; rows of ``status``.
    status : see :func:`normlib.connectivity.link_status`.
    """
    key, title = "links", "Where the links run"
    if links.empty:
        return nothing_drawn(key, title, dossier)
    flies = bool(links["mode"].eq("air").any())  # then the window is wide, and others a blot
    around = status["mode"].isin(() if flies else LAND_MODES)
    around |= status["link_id"].isin(links["link_id"])
    noun = "link" if len(links) == 1 else count_words(len(links), "link")
    caption = f"The {noun} that the page is about, named{'' if flies else ', and those around'}."
    return _close_up(links, status[around], dossier, key=key, title=title, caption=caption)


def _close_up(
    named: pd.DataFrame,
    status: pd.DataFrame,
    dossier: Dossier,
    *,
    key: str,
    title: str,
    caption: str,
) -> go.Figure:
    """Draw a window around some links, which are named with their states."""
    view = Extent.of(_ends(named, dossier), margin_km=MARGIN_KM)
    close = Extent.of(_ends(named, dossier), margin_km=13)
    lines = _lines(status, dossier, view, close)
    fig = Sketch()
    borders = maps.border_courses(dossier.geometries)
    maps.backdrop(fig, dossier.geometries["outlines"], view, borders=borders)
    places = _places(lines, dossier, view)
    _draw(fig, lines, places)
    high = round(view.pixels(WIDE[0], least=220, most=490))
    low = round(close.pixels(358, least=180, most=380))
    wide, narrow = close_up_labels(named, lines, places, dossier, ((view, high), (close, low)))
    height = _finish_map(fig, view, [*wide, credit_label(dossier)], map_pixels=high)
    sentences = " ".join(f"{link_state_words(link)}." for link in dicts(named))
    listed = sum(link["link_id"] in set(named["link_id"]) for link in lines)
    return finish(
        fig,
        key=key,
        title=title,
        stamp=dossier.stamp,
        caption=f"{caption} {_reading(lines)} The broad grey line is the border. "
        f"{quality_words(named)} {credit(dossier)}.",
        alt=f"Map. {sentences}",
        sources=cited(named),
        table=links_table(named, dossier, caption=f"{title}, as of {day_words(dossier.day)}"),
        height=height,
        narrow=_narrow(
            close, fig, low, [*narrow, credit_label(dossier, wide=False)], listed=listed
        ),
    )


def small_map_figure(status: pd.DataFrame, dossier: Dossier) -> go.Figure:
    """Draw the land links between the sides small, numbered as :func:`land_numbers` tells.

    Reads ``status`` (:func:`normlib.connectivity.link_status`).
    """
    key, title = "small-map", f"Links on land on {day_words(dossier.day)}"
    joining = _land_joining(status)
    if joining.empty:
        return nothing_drawn(key, title, dossier)
    view = Extent.of(_ends(joining, dossier), margin_km=13)
    lines = _lines(joining, dossier, view, view)
    fig = Sketch()
    borders = maps.border_courses(dossier.geometries)
    maps.backdrop(fig, dossier.geometries["outlines"], view, borders=borders)
    towns = dossier.sites[dossier.sites["kind"].eq("city")]
    places = [*(projected(site, view) for site in dicts(towns)), *_places(lines, dossier, view)]
    places = list({place["site_id"]: place for place in places}.values())
    _draw(fig, lines, places, keys=("state",))
    words = small_labels(joining, lines, places, dossier, view, high=SMALL)
    keys = legend_pixels(fig, NARROW[0], size=10)
    height = TOP_SMALL + SMALL + keys
    maps.frame(fig, view)
    bar, length = maps.scale_bar(view, view.bar_km)
    legend = {**_legend(keys, height), "font": {"size": 10}, "itemwidth": 30}
    margin = {"l": 0, "r": 0, "t": TOP_SMALL, "b": keys}
    fig.update_layout(annotations=[*words, length], shapes=[bar], margin=margin, legend=legend)
    thin = any(link["in_legs"] for link in lines)
    legs = " A thin line is a straight leg, not the course." if thin else ""
    return finish(
        fig,
        key=key,
        title=title,
        stamp="numbered as in the table",
        caption=f"The broad grey line is the border.{legs} {credit(dossier)}.",
        alt="Map. " + " ".join(f"{link_state_words(link)}." for link in dicts(joining)),
        sources=cited(joining.assign(sources=[ids[:1] for ids in joining["sources"]])),
        height=height,
        narrow={"title.font.size": 13},
    )


def land_numbers(status: pd.DataFrame, dossier: Dossier) -> dict[str, int]:
    """Return the number of each land link that :func:`small_map_figure` draws, by its id."""
    drawings = drawings_of(dossier)
    drawn = (link for link in _land_joining(status)["link_id"] if drawings.get(link))
    return {link: number for number, link in enumerate(drawn, 1)}


def connectivity_figure(
    status: pd.DataFrame,
    dossier: Dossier,
    *,
    half_width_km: float = 345,
    half_height_km: float = 262,
    narrow_half_km: float = 175,
) -> go.Figure:
    """Draw all links of the region around the links that join the sides.

    Parameters
    ----------
    status : see :func:`normlib.connectivity.link_status`.
    half_width_km, half_height_km : from the middle of the map to its edges.
    narrow_half_km : the same on narrow screens, both ways.
    """
    key, title = "links-map", f"Links around {sides_words(dossier)} by state"
    if status.empty:
        return nothing_drawn(key, title, dossier)
    centre = _centre(status, dossier)
    view = Extent.around(*centre, half_width_km=half_width_km, half_height_km=half_height_km)
    close = Extent.around(*centre, half_width_km=narrow_half_km, half_height_km=narrow_half_km)
    lines = _lines(status[~status["is_symbol"].astype(bool)], dossier, view, close)
    places = _places(lines, dossier, view)
    fig = Sketch()
    maps.backdrop(fig, dossier.geometries["outlines"], view)
    _draw(fig, lines, places)
    land, joining = _land_joining(status), status[status["joins_sides"].astype(bool)]
    frame = None if land.empty else Extent.of(_ends(land, dossier), margin_km=MARGIN_KM)
    flights = joining[joining["mode"] == "air"]
    wide, narrow = region_labels(
        flights, lines, places, dossier, ((view, REGION), (close, REGION_NARROW)), frame
    )
    shapes = [] if frame is None else [_frame_shape(frame, view)]
    listed = sum(link["link_id"] in set(flights["link_id"]) for link in lines)
    wide += [credit_label(dossier)]
    height = _finish_map(fig, view, wide, map_pixels=REGION, listed=listed, shapes=shapes)
    framed = "" if frame is None else " The frame is the window of the close-up."
    return finish(
        fig,
        key=key,
        title=title,
        stamp=dossier.stamp,
        caption=f"Links with a white edge and flights in thicker lines join "
        f"{sides_words(dossier)}; the others are the links around them.{framed} "
        f"{_reading(lines)} Arrows at the edge name places beyond it. {quality_words(status)} "
        f"{credit(dossier)}.",
        alt=f"Map of {count_words(len(status), 'link')}: {state_counts(status)}. Of the "
        f"{len(joining)} that join {sides_words(dossier)}: {state_counts(joining)}.",
        sources=cited(status),
        table=brief_links_table(
            status, dossier, caption=f"{title}, as of {day_words(dossier.day)}"
        ),
        height=height,
        narrow=_narrow(
            close,
            fig,
            REGION_NARROW,
            [*narrow, credit_label(dossier, wide=False)],
            listed=listed,
            shapes=shapes,
        ),
    )


def _reading(lines: Sequence[Row]) -> str:
    """Say how to read the lines of a map."""
    legs = any(link["in_legs"] for link in lines)
    thin = " A thin line is a straight leg between known places, not the course." if legs else ""
    return f"Colour and dash show the state, the shape on a line what it carries.{thin}"


# Frames of drawn things


def nothing_drawn(key: str, title: str, dossier: Dossier) -> go.Figure:
    """Return a figure that says that there is nothing to draw."""
    reason = f"Nothing to draw was recorded by {day_words(dossier.day)}."
    return empty_figure(key=key, title=title, stamp=dossier.stamp, reason=reason)


def _land_joining(status: pd.DataFrame) -> pd.DataFrame:
    joins = status["joins_sides"].astype(bool) & status["mode"].isin(LAND_MODES)
    return status[joins].reset_index(drop=True)


def _ends(links: pd.DataFrame, dossier: Dossier) -> list[Point]:
    sites = dossier.sites.set_index("site_id")
    ends = sites.loc[[*links["from_site"], *links["to_site"]]]
    return list(zip(ends["lon"].tolist(), ends["lat"].tolist(), strict=True))


def _centre(status: pd.DataFrame, dossier: Dossier) -> Point:
    """Return the middle of the land links that join the sides, or of all links."""
    joining = _land_joining(status)
    lons, lats = zip(*_ends(status if joining.empty else joining, dossier), strict=True)
    return (min(lons) + max(lons)) / 2, (min(lats) + max(lats)) / 2


def drawings_of(dossier: Dossier) -> dict[str, list[Point]]:
    """Return the drawn line of each link in degrees."""
    features = dossier.geometries.get("routes", {}).get("features", [])
    return {
        one["id"]: [(point[0], point[1]) for point in one["geometry"]["coordinates"]]
        for one in features
    }


def _lines(status: pd.DataFrame, dossier: Dossier, view: Extent, close: Extent) -> list[Row]:
    """Return the links that the window shows, with their drawing.

    Added are ``course`` and ``seen`` (all of it and the longest part in the window, in degrees),
    ``points`` (projected), ``seat`` (where its shape stands: in the middle of ``seen``, on flights
    further out), ``near`` (where its number stands on narrow screens, in the ``close`` window),
    ``in_legs`` (the drawing does not follow the course) and ``facts`` (what its shape tells).
    """
    drawings, shares = drawings_of(dossier), _air_shares(status)
    rows = []
    for link, facts in zip(dicts(status), facts_words(status, dossier), strict=True):
        course = drawings.get(link["link_id"], [])
        share = shares.get(link["link_id"], 0.5)
        seen = maps.visible_part(course, view)
        seat = maps.part_way(seen, view, share=share)
        if seat:
            drawn = {"course": course, "seen": seen, "seat": view.xy(*seat), "near": view.xy(*seat)}
            nearer = maps.visible_part(course, close) if link["joins_sides"] else []
            if nearer and not close.holds(*seat):
                drawn["near"] = view.xy(*(maps.part_way(nearer, view, share=share) or seat))
            flat = [view.xy(*point) for point in course]
            in_legs = link["geometry_quality"] == "schematic" and link["mode"] != "air"
            rows.append({**link, **drawn, "points": flat, "in_legs": in_legs, "facts": facts})
    return rows


def _air_shares(status: pd.DataFrame) -> dict[str, float]:
    """Return how far along its line the shape of each flight stands, so that shapes keep apart.

    They stand in the outer part, away from the crowd at the middle of the map.
    """
    flights = list(status.loc[status["mode"] == "air", "link_id"])
    return {name: 0.65 + 0.3 * (at + 0.5) / len(flights) for at, name in enumerate(flights)}


def _places(lines: Sequence[Row], dossier: Dossier, view: Extent) -> list[Row]:
    """Return the sites of the drawn links, the telling ones first.

    Towns and ports come before posts and stations; within each, sites of many links, those that
    join the sides counting more.
    """
    weight: dict[str, int] = {}
    for link in lines:
        for site in (link["from_site"], *link["via_sites"], link["to_site"]):
            weight[site] = weight.get(site, 0) + (4 if link["joins_sides"] else 1)
    sites = dicts(dossier.sites[dossier.sites["site_id"].isin(weight)])
    sites.sort(
        key=lambda site: (
            site["kind"] not in ("city", "port"),
            -weight[site["site_id"]],
            site["site_id"],
        )
    )
    return [projected(site, view) for site in sites]


def projected(site: Row, view: Extent) -> Row:
    """Return a site with ``x`` and ``y`` in a window."""
    x, y = view.xy(site["lon"], site["lat"])
    return {**site, "x": x, "y": y}


# Drawing


def _draw(
    fig: Sketch,
    lines: Sequence[Row],
    places: Sequence[Row],
    keys: Sequence[str] = ("state", "mode", "in_legs"),
) -> None:
    """Draw context first, then the links that join the sides, then places and shapes."""
    context, joining = (
        [link for link in lines if link["joins_sides"] is joins] for joins in (False, True)
    )
    flights = [link for link in joining if link["mode"] == "air"]
    land = [link for link in joining if link["mode"] != "air"]
    _add_lines(fig, context, AROUND)
    _add_lines(fig, flights, FLIGHTS)
    _add_edge(fig, land)
    _add_lines(fig, land, JOINING)
    add_places(fig, places)
    for part, size in ((context, 6.5), (flights, 10), (land, 13)):
        if part:
            _add_shapes(fig, part, size)
    _add_key(fig, lines, keys)


def _add_lines(fig: Sketch, links: Sequence[Row], widths: tuple[float, float]) -> None:
    """Draw lines by state, those in straight legs thinner."""
    for state, style in STATE_STYLES.items():
        for in_legs, width in zip((False, True), widths, strict=True):
            part = [one for one in links if one["state"] == state and one["in_legs"] is in_legs]
            if part:
                keys = [f"links/{link['link_id']}" for link in part]
                xs, ys, rows = joined_lines([link["points"] for link in part], keys)
                fig.add_scatter(
                    x=xs,
                    y=ys,
                    mode="lines",
                    line={"color": style.colour, "dash": style.dash, "width": width},
                    customdata=rows,
                    hoverinfo="skip",
                    name=style.label,
                    showlegend=False,
                )


def _add_edge(fig: Sketch, links: Sequence[Row]) -> None:
    """Lift lines off what they cross by a white edge."""
    if links:
        xs, ys = maps.with_gaps([link["points"] for link in links])
        line = {"color": PAPER, "width": JOINING[0] + 4}
        fig.add_scatter(x=xs, y=ys, mode="lines", line=line, hoverinfo="skip", showlegend=False)


def _frame_shape(frame: Extent, view: Extent) -> dict[str, Any]:
    (x0, y0), (x1, y1) = view.xy(frame.west, frame.south), view.xy(frame.east, frame.north)
    line = {"color": GREY, "width": 1, "dash": "2px,3px"}
    return {"type": "rect", "x0": x0, "x1": x1, "y0": y0, "y1": y1, "line": line}


def joined_lines(
    lines: Iterable[Sequence[Point]], keys: Iterable[str]
) -> tuple[list[float | None], list[float | None], list[list[str | None]]]:
    """Return lines as one trace's coordinates with gaps, and the row of each point."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    rows: list[list[str | None]] = []
    for points, key in zip(lines, keys, strict=True):
        xs += [*(x for x, _ in points), None]
        ys += [*(y for _, y in points), None]
        rows += [[key]] * len(points)
        rows.append([None])
    return xs, ys, rows


def _add_shapes(fig: Sketch, links: Sequence[Row], size: float) -> None:
    """Put the shape of its mode on each line, in the colour of its state."""
    fig.add_scatter(
        x=[link["seat"][0] for link in links],
        y=[link["seat"][1] for link in links],
        mode="markers",
        marker={
            "symbol": [MODE_STYLES[link["mode"]].symbol for link in links],
            "color": [STATE_STYLES[link["state"]].colour for link in links],
            "size": size,
            "line": {"color": PAPER if size < 10 else INK, "width": 1},
        },
        customdata=[[f"links/{link['link_id']}"] for link in links],
        hovertext=[link["facts"] for link in links],
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )


def _add_key(fig: Sketch, lines: Sequence[Row], told: Sequence[str]) -> None:
    """Add what the legend shows: states, modes, and how lines are drawn where that differs."""
    states, modes, drawn = (
        {link[name] for link in lines if name in told} for name in ("state", "mode", "in_legs")
    )
    keys: list[tuple[str, dict[str, Any]]] = [
        (style.label, {"line": {"color": style.colour, "dash": style.dash, "width": 2.5}})
        for state, style in STATE_STYLES.items()
        if state in states
    ]
    keys += [
        (style.label, {"marker": {"symbol": style.symbol, "color": INK, "size": 9}})
        for mode, style in MODE_STYLES.items()
        if mode in modes
    ]
    courses = zip((False, True), ("along its course", "straight legs"), (3, 1), strict=True)
    keys += [
        (words, {"line": {"color": INK, "width": width}})
        for in_legs, words, width in courses
        if len(drawn) == 2 and in_legs in drawn
    ]
    for words, look in keys:
        kind = "markers" if "marker" in look else "lines"
        fig.add_scatter(x=[None], y=[None], mode=kind, name=words, hoverinfo="skip", **look)


def add_places(fig: Sketch, places: Sequence[Row]) -> None:
    """Add places as small rings that lead to their rows."""
    fig.add_scatter(
        x=[place["x"] for place in places],
        y=[place["y"] for place in places],
        mode="markers",
        marker={"symbol": "circle", "color": PAPER, "size": 5, "line": {"color": INK, "width": 1}},
        customdata=[[f"sites/{place['site_id']}"] for place in places],
        hovertext=[place["name"] for place in places],
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )


def _finish_map(
    fig: Sketch,
    view: Extent,
    words: Annotations,
    *,
    map_pixels: int,
    listed: int = 0,
    shapes: Sequence[dict[str, Any]] = (),
) -> int:
    """Set window, scale, words and legend; return the height with all that stands below."""
    maps.frame(fig, view)
    bar, length = maps.scale_bar(view, view.bar_km)
    key = legend_pixels(fig, WIDE[0], item=42)
    below = CREDIT + LISTED * listed + key
    height = TOP + map_pixels + below
    fig.update_layout(
        annotations=[*words, length],
        shapes=[bar, *shapes],
        margin={"l": 0, "r": 0, "t": TOP, "b": below},
        legend=_legend(key, height),
    )
    return height


def _legend(key: int, height: int) -> dict[str, Any]:
    """Return a legend of some height at the foot of a figure."""
    return {
        "orientation": "h",
        "x": 0,
        "y": round(key / height, 4),
        "yref": "container",
        "xanchor": "left",
        "yanchor": "top",
        "font": {"size": 12},
        "itemwidth": 42,
        "itemclick": False,
        "itemdoubleclick": False,
    }


def _narrow(
    close: Extent,
    fig: Sketch,
    map_pixels: int,
    words: Annotations,
    *,
    listed: int = 0,
    shapes: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Return the layout of a map on narrow screens: nearer, with room below for list and key."""
    key = legend_pixels(fig, NARROW[0], size=10)
    below = CREDIT_NARROW + LISTED_NARROW * listed + key
    height = TOP_NARROW + map_pixels + below
    bar, length = maps.scale_bar(close, close.bar_km)
    return {
        "annotations": [*words, length],
        "height": height,
        "margin.t": TOP_NARROW,
        "margin.b": below,
        "xaxis.range": close.ranges[0],
        "yaxis.range": close.ranges[1],
        "shapes": [bar, *shapes],
        "legend.y": round(key / height, 4),
        "legend.font.size": 10,
        "legend.itemwidth": 30,
        "title.font.size": 13,
    }
