"""Maps of links and routes: state by colour and dash, mode by the shape on each line.

Figures take the frames of :mod:`normlib.connectivity`, and of the dossier the geometries, names
and stamp.
"""

from collections.abc import Iterable, Sequence
from math import ceil
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.dossier import Dossier
from normlib.figures import maps
from normlib.figures.common import cited
from normlib.figures.linktables import (
    links_table,
)
from normlib.figures.linkwords import (
    link_state_words,
    short_name,
    sides_words,
    state_counts,
)
from normlib.figures.maps import Extent, Label, Point
from normlib.figures.sketch import Sketch
from normlib.figures.theme import (
    GREY,
    INK,
    MODE_STYLES,
    PAPER,
    STATE_STYLES,
    empty_figure,
    finish,
)
from normlib.figures.words import count_words, day_words, list_words
from normlib.rows import dicts

LAND_MODES = ("road", "rail", "power", "bridge", "gas")
WIDE = (600, 660, 720, 800, 880, 960, 1040, 1240)
"""Widths in pixels at which labels are kept apart; the narrow ones have places of their own."""
NARROW = (320, 358, 400, 460, 520, 599)
TOP_NARROW, CREDIT_NARROW, BELOW, CREDIT = 84, 40, 112, 22
SAMPLE = 0.03
"""Degrees between the points of a line that labels keep clear of."""

Row = dict[Any, Any]
Annotations = list[dict[str, Any]]


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
    view = Extent.of(_ends(named, dossier), margin_km=34)
    close = Extent.of(_ends(named, dossier), margin_km=13)
    lines = _lines(status, dossier, view)
    fig = Sketch()
    maps.backdrop(fig, dossier.geometries["outlines"], view)
    for name, collection in dossier.geometries.items():
        if name not in ("routes", "outlines"):
            maps.border_lines(fig, collection, view)
    places = _places(lines, dossier, view)
    _draw(fig, lines, places)
    high = view.pixels(WIDE[0], least=220, most=490)
    low = close.pixels(NARROW[1], least=180, most=380)
    height = round(high) + 170
    wide, narrow = _strip_labels(named, lines, places, dossier, ((view, high), (close, low)))
    _finish_map(fig, view, [*wide, credit_label(dossier)], km=view.bar_km, height=height)
    sentences = " ".join(f"{link_state_words(link)}." for link in dicts(named))
    listed = sum(link["link_id"] in set(named["link_id"]) for link in lines)
    return finish(
        fig,
        key=key,
        title=title,
        stamp=dossier.stamp,
        caption=f"{caption} Colour and dash show the state, the shape on a line what it carries; "
        f"the broad grey line is the border. {_quality_words(named)} {credit(dossier)}.",
        alt=f"Map. {sentences}",
        sources=cited(named),
        table=links_table(named, dossier, caption=f"{title}, as of {day_words(dossier.day)}"),
        height=height,
        narrow={
            **_narrow(close, fig, round(low), km=close.bar_km, listed=37 * listed),
            "annotations": [
                *narrow,
                *maps.scale_bar(close, close.bar_km)[1:],
                credit_label(dossier, wide=False),
            ],
        },
    )


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
    lines = _lines(status[~status["is_symbol"].astype(bool)], dossier, view)
    places = _places(lines, dossier, view)
    fig = Sketch()
    maps.backdrop(fig, dossier.geometries["outlines"], view)
    _draw(fig, lines, places)
    wide = _region_labels(lines, places, dossier, view, [_scale(view, w, 520) for w in WIDE])
    narrow = _region_labels(
        lines, places, dossier, close, [_scale(close, w, 400) for w in NARROW], most=16
    )
    _finish_map(fig, view, [*wide, credit_label(dossier)], km=100, height=690)
    joining = status[status["joins_sides"].astype(bool)]
    return finish(
        fig,
        key=key,
        title=title,
        stamp=dossier.stamp,
        caption=f"Thick lines join {sides_words(dossier)}, thin ones are the links around them. "
        "Colour and dash show the state, the shape on a line what it carries; arrows at the edge "
        f"name places beyond it. {_quality_words(status)} {credit(dossier)}.",
        alt=f"Map of {count_words(len(status), 'link')}: {state_counts(status)}. Of the "
        f"{len(joining)} that join {sides_words(dossier)}: {state_counts(joining)}.",
        sources=cited(status),
        table=links_table(status, dossier, caption=f"{title}, as of {day_words(dossier.day)}"),
        height=690,
        narrow={
            **_narrow(close, fig, 400, km=50),
            "annotations": [
                *narrow,
                *maps.scale_bar(close, 50)[1:],
                credit_label(dossier, wide=False),
            ],
        },
    )


def _narrow(
    close: Extent, fig: Sketch, map_pixels: int, *, km: int, listed: int = 0
) -> dict[str, Any]:
    """Return the layout of a map on narrow screens: nearer, with room below for list and key."""
    entries = sum(trace.get("showlegend") is not False for trace in fig.traces)
    key = 28 * ceil(entries / 2.4)
    below = CREDIT_NARROW + listed + key
    height = map_pixels + below + TOP_NARROW
    return {
        "height": height,
        "margin.t": TOP_NARROW,
        "margin.b": below,
        "xaxis.range": close.ranges[0],
        "yaxis.range": close.ranges[1],
        "shapes": [maps.scale_bar(close, km)[0]],
        "legend.y": round(key / height, 4),
        "legend.font.size": 11,
        "legend.itemwidth": 32,
        "title.font.size": 13,
    }


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


def _lines(status: pd.DataFrame, dossier: Dossier, view: Extent) -> list[Row]:
    """Return the links that the window shows, with their drawing.

    Added are ``points`` and ``seat`` (projected; the shape stands in the middle of the longest
    part that can be seen, on flights spread out) and ``seen`` (that part, in degrees).
    """
    drawings, shares = drawings_of(dossier), _air_shares(status)
    rows = []
    for link in dicts(status):
        points = drawings.get(link["link_id"], [])
        seen = maps.visible_part(points, view)
        seat = maps.part_way(seen, view, share=shares.get(link["link_id"], 0.5))
        if seat:
            flat = [view.xy(*point) for point in points]
            rows.append({**link, "points": flat, "seen": seen, "seat": view.xy(*seat)})
    return rows


def _air_shares(status: pd.DataFrame) -> dict[str, float]:
    """Return how far along its line the shape of each flight stands, so that shapes keep apart."""
    flights = list(status.loc[status["mode"] == "air", "link_id"])
    return {name: 0.25 + 0.5 * (at + 0.5) / len(flights) for at, name in enumerate(flights)}


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


def _draw(fig: Sketch, lines: Sequence[Row], places: Sequence[Row]) -> None:
    """Draw context first, then the links that join the sides, then places and shapes."""
    context, joining = (
        [link for link in lines if link["joins_sides"] is joins] for joins in (False, True)
    )
    looks = (
        (context, 1.3, 7),
        ([link for link in joining if link["mode"] == "air"], 2.2, 10),
        ([link for link in joining if link["mode"] != "air"], 4.5, 13),
    )
    in_key: set[str] = set()
    for part, width, _ in looks:
        for state in STATE_STYLES:
            links = [link for link in part if link["state"] == state]
            if links:
                _add_lines(fig, links, state, width, show_key=state not in in_key)
                in_key.add(state)
    add_places(fig, places)
    for part, _, size in looks:
        if part:
            _add_shapes(fig, part, size)
    _add_mode_key(fig, {link["mode"] for link in lines})


def _add_lines(
    fig: Sketch, links: Sequence[Row], state: str, width: float, *, show_key: bool
) -> None:
    style = STATE_STYLES[state]
    keys = [f"links/{link['link_id']}" for link in links]
    xs, ys, rows = joined_lines([link["points"] for link in links], keys)
    fig.add_scatter(
        x=xs,
        y=ys,
        mode="lines",
        line={"color": style.colour, "dash": style.dash, "width": width},
        opacity=1 if width >= 2 else 0.85,
        customdata=rows,
        hoverinfo="skip",
        name=style.label,
        legendgroup=style.label,
        showlegend=show_key,
    )


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
        hovertext=[link_state_words(link) for link in links],
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )


def _add_mode_key(fig: Sketch, modes: set[str]) -> None:
    for mode, style in MODE_STYLES.items():
        if mode in modes:
            fig.add_scatter(
                x=[None],
                y=[None],
                mode="markers",
                marker={"symbol": style.symbol, "color": INK, "size": 9},
                name=style.label,
                hoverinfo="skip",
            )


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


def _finish_map(fig: Sketch, view: Extent, words: Annotations, *, km: int, height: int) -> None:
    maps.frame(fig, view)
    bar, length = maps.scale_bar(view, km)
    fig.update_layout(
        annotations=[*words, length],
        shapes=[bar],
        margin={"l": 0, "r": 0, "t": 58, "b": BELOW},
        legend={
            "orientation": "h",
            "x": 0,
            "y": round((BELOW - CREDIT) / height, 4),
            "yref": "container",
            "xanchor": "left",
            "yanchor": "top",
            "font": {"size": 12},
            "itemwidth": 42,
            "itemclick": False,
            "itemdoubleclick": False,
        },
    )


# Labels


def _strip_labels(
    joining: pd.DataFrame,
    lines: Sequence[Row],
    places: Sequence[Row],
    dossier: Dossier,
    views: tuple[tuple[Extent, float], tuple[Extent, float]],
) -> tuple[Annotations, Annotations]:
    """Return the labels for wide figures, and for narrow ones numbers with a list below.

    ``views`` are the windows with their heights in pixels.
    """
    (view, high), (close, low) = views
    wanted = set(joining["link_id"])
    links = [link for link in lines if link["link_id"] in wanted]
    marks = [link["seat"] for link in lines]
    marks += [(place["x"], place["y"]) for place in places]
    along = _along(lines, view)
    named = [_link_label(link) for link in links]
    countries = maps.country_labels(dossier.geometries["outlines"], country_names(dossier), view)
    towns = place_names(_inside(places, view), dossier)
    wide = maps.place_labels(
        [*named, *countries, *towns],
        extent=view,
        scales=[_scale(view, width, high) for width in WIDE],
        marks=marks,
        lines=along,
        mark_size=12,
    )
    near = maps.country_labels(dossier.geometries["outlines"], country_names(dossier), close)
    small = maps.place_labels(
        [*(_number(at, link) for at, link in enumerate(links, 1)), *near, *towns[:14]],
        extent=close,
        scales=[_scale(close, width, low) for width in NARROW],
        marks=marks,
        lines=along,
        mark_size=10,
    )
    return (
        [label.annotation() for label in wide],
        [*(label.annotation() for label in small), *_numbered(links)],
    )


def _region_labels(
    lines: Sequence[Row],
    places: Sequence[Row],
    dossier: Dossier,
    view: Extent,
    scales: Sequence[float],
    *,
    most: int = 60,
) -> Annotations:
    inside = _inside(places, view)
    marks = [link["seat"] for link in lines]
    marks += [(place["x"], place["y"]) for place in inside]
    countries = maps.country_labels(dossier.geometries["outlines"], country_names(dossier), view)
    labels = maps.place_labels(
        [*countries, *_beyond(lines, dossier, view), *place_names(inside, dossier)[:most]],
        extent=view,
        scales=scales,
        marks=marks,
        lines=_along(lines, view),
    )
    return [label.annotation() for label in labels]


def _inside(places: Sequence[Row], view: Extent) -> list[Row]:
    return [place for place in places if view.holds(place["lon"], place["lat"])]


def _along(lines: Sequence[Row], view: Extent) -> list[Point]:
    """Return points along the links that join the sides."""
    seen = [link["seen"] for link in lines if link["joins_sides"]]
    return [point for line in seen for point in maps.sampled(line, view, step=SAMPLE)]


def _link_label(link: Row) -> Label:
    name, _, state = link_state_words(link).partition(": ")
    x, y = link["seat"]
    lines = (name, state)
    return Label(lines, x, y, size=12, bold_first=True, reach=120, leader_from=4, must=True)


def _number(at: int, link: Row) -> Label:
    return Label(
        (str(at),), link["seat"][0], link["seat"][1], size=13, bold_first=True, reach=38, must=True
    )


def _numbered(links: Sequence[Row]) -> Annotations:
    """Return the list below a narrow map, one entry of two lines for each number."""
    found = []
    for at, link in enumerate(links, 1):
        name, _, state = link_state_words(link).partition(": ")
        found.append(
            {
                "xref": "paper",
                "yref": "paper",
                "x": 0,
                "y": 0,
                "yshift": 37 - CREDIT_NARROW - 16 - 37 * at,
                "xanchor": "left",
                "yanchor": "middle",
                "align": "left",
                "showarrow": False,
                "text": f"<b>{at} {name}</b><br>    {state}",
                "font": {"size": 11.5, "color": INK},
            }
        )
    return found


def place_names(places: Sequence[Row], dossier: Dossier) -> list[Label]:
    """Return one label for each name; a station named like its town adds none."""
    found: dict[str, Label] = {}
    for place in places:
        name = short_name(place, dossier)
        if name not in found:
            is_town = place["kind"] in ("city", "port")
            size, colour = (12, INK) if is_town else (10, GREY)
            found[name] = Label((name,), place["x"], place["y"], size=size, colour=colour)
    return list(found.values())


def _beyond(lines: Sequence[Row], dossier: Dossier, view: Extent) -> list[Label]:
    """Return an arrow and a name where links leave the window, each name once."""
    sites = dossier.sites.set_index("site_id", drop=False).to_dict("index")
    found: dict[str, Label] = {}
    for link in lines:
        for end in (link["from_site"], link["to_site"]):
            site = sites[end]
            if view.holds(site["lon"], site["lat"]):
                continue
            name = short_name(site, dossier)
            lon, lat = _edge(link["seen"], site)
            if name not in found and view.holds(lon, lat):
                arrow = _arrow(site, view)
                words = f"{arrow} {name}" if arrow in "←↑↓" else f"{name} {arrow}"
                found[name] = Label((words,), *view.xy(lon, lat), size=11, colour=GREY, italic=True)
    return list(found.values())


def _edge(seen: Sequence[Point], site: Row) -> Point:
    """Return the end of the visible part that is nearer to a site beyond."""
    return min(
        (seen[0], seen[-1]),
        key=lambda point: (point[0] - site["lon"]) ** 2 + (point[1] - site["lat"]) ** 2,
    )


def _arrow(site: Row, view: Extent) -> str:
    if site["lon"] < view.west:
        return "←"
    if site["lon"] > view.east:
        return "→"
    return "↓" if site["lat"] < view.south else "↑"


def _scale(view: Extent, width: float, plot_height: float) -> float:
    return view.scale(width, plot_height)


def country_names(dossier: Dossier) -> dict[str, str]:
    """Return the name of each country by its code."""
    return dict(zip(dossier.countries["iso_a3"], dossier.countries["name"], strict=True))


def _quality_words(status: pd.DataFrame) -> str:
    """Say how good the drawn lines are."""
    counts = status["geometry_quality"].value_counts()
    phrases = {
        "surveyed": ("follows mapped tracks", "follow mapped tracks"),
        "approximate": (
            "runs through known places on the way",
            "run through known places on the way",
        ),
        "schematic": ("is a straight leg", "are straight legs"),
    }
    told = [
        f"{counts[word]} {one if counts[word] == 1 else several}"
        for word, (one, several) in phrases.items()
        if word in counts
    ]
    return f"Of the lines drawn, {list_words(told)}." if told else ""


def credit(dossier: Dossier) -> str:
    """Return the credits that the licences of the drawn files ask for, from the descriptor."""
    resources = dossier.package.descriptor.get("resources", [])
    credits = [one["attribution"] for one in resources if one.get("attribution")]
    outlines: Row = next((one for one in resources if one.get("name") == "outlines"), {})
    makers = [str(one.get("title", "")).partition(" (")[0] for one in outlines.get("sources", [])]
    backdrop = f"outlines: {list_words(makers)}, a backdrop, no statement on borders"
    return "; ".join([*dict.fromkeys(credits), backdrop])


def credit_label(dossier: Dossier, *, wide: bool = True) -> dict[str, Any]:
    """Return the credits as a line below the map, on narrow screens as several."""
    return {
        "xref": "paper",
        "yref": "paper",
        "x": 0,
        "y": 0,
        "yshift": -2,
        "xanchor": "left",
        "yanchor": "top",
        "align": "left",
        "showarrow": False,
        "text": credit(dossier).replace("; ", " · " if wide else "<br>"),
        "font": {"size": 10, "color": GREY},
    }
