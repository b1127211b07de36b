"""Which words stand on maps of links: links, places, countries, scale and credits."""

import textwrap
from collections.abc import Sequence
from typing import Any

import pandas as pd

from normlib.dossier import Dossier
from normlib.figures import maps
from normlib.figures.labels import Label, Placed, country_labels, place_labels
from normlib.figures.linkwords import link_state_words, short_name, state_counts
from normlib.figures.maps import Extent, Point
from normlib.figures.theme import GREY, INK
from normlib.figures.words import count_words, list_words

WIDE = (600, 1240)
"""Least and largest width in pixels for which wide labels are placed; they fit all between."""
NARROW = (286, 599)
"""The same for narrow figures, which have places of their own."""
CREDIT, CREDIT_NARROW = 24, 48
"""Pixels below a map for its credits."""
LISTED, LISTED_NARROW = 18, 37
"""Pixels for each entry of the list below a map."""
FOREMOST = 6
"""How many places are named in any case within a frame of which there is a close-up."""
SAMPLE = 8
"""Pixels between the points of a line that labels keep clear of."""

Row = dict[Any, Any]
Annotations = list[dict[str, Any]]


def close_up_labels(
    named: pd.DataFrame,
    lines: Sequence[Row],
    places: Sequence[Row],
    dossier: Dossier,
    views: tuple[tuple[Extent, float], tuple[Extent, float]],
) -> tuple[Annotations, Annotations]:
    """Return the labels for wide figures, and for narrow ones numbers with a list below.

    ``views`` are the windows with their heights in pixels.
    """
    (view, high), (close, low) = views
    links = _named(lines, named)
    towns = _place_names(_inside(places, view), dossier)
    marks = _seats(lines, places)
    courses = _courses(lines, strong=maps.border_courses(dossier.geometries))
    wide = place_labels(
        [*map(_link_label, links), *_countries(dossier, view), *towns],
        extent=view,
        **_obstacles(courses, view, marks, (WIDE, high)),
        mark_size=12,
    )
    small = place_labels(
        [*_numbers(links, near=True), *_countries(dossier, close), *towns[:14]],
        extent=close,
        **_obstacles(courses, close, marks, (NARROW, low)),
        mark_size=10,
    )
    return _notes(wide), [*_notes(small), *_numbered(links)]


def small_labels(
    named: pd.DataFrame,
    lines: Sequence[Row],
    places: Sequence[Row],
    dossier: Dossier,
    view: Extent,
    *,
    high: float,
) -> Annotations:
    """Return numbers for links, and names of countries and places, for a map of some height."""
    courses = _courses(lines, strong=maps.border_courses(dossier.geometries))
    towns = _place_names(_inside(places, view), dossier)
    labels = [*_numbers(_named(lines, named), near=True), *_countries(dossier, view), *towns[:14]]
    marks = _seats(lines, places)
    return _notes(
        place_labels(
            labels, extent=view, **_obstacles(courses, view, marks, (NARROW, high)), mark_size=10
        )
    )


def region_labels(
    status: pd.DataFrame,
    lines: Sequence[Row],
    places: Sequence[Row],
    dossier: Dossier,
    views: tuple[tuple[Extent, float], tuple[Extent, float]],
    frame: Extent | None,
) -> tuple[Annotations, Annotations]:
    """Return the labels of the region for wide and for narrow figures, with a list below.

    Numbered and listed are the links of ``status``. Within ``frame``, of which there is a
    close-up, most places are named only where they find room beside all lines.
    """
    (view, high), (close, low) = views
    links = _named(lines, status)
    others = [link for link in lines if link not in links]
    marks = _seats(lines, _inside(places, view))
    courses = _courses(lines, faint=[] if frame is None else [frame.edge])
    names = _place_names(_inside(places, view), dossier, frame=frame)
    framed = [] if frame is None else [_frame_label(lines, frame, view)]
    wide = place_labels(
        [
            *_numbers(links, near=False),
            *_countries(dossier, view),
            *_beyond(others, dossier, view),
            *names[:60],
        ],
        extent=view,
        **_obstacles(courses, view, marks, (WIDE, high), framed),
    )
    near = _place_names(_inside(places, close), dossier, frame=frame)
    small = place_labels(
        [*_numbers(links, near=True), *_countries(dossier, close), *near[:24]],
        extent=close,
        **_obstacles(courses, close, marks, (NARROW, low)),
    )
    return [*_notes([*framed, *wide]), *_numbered(links, wide=True)], [
        *_notes(small),
        *_numbered(links),
    ]


def route_labels(
    places: Sequence[Row],
    legs: pd.DataFrame,
    dossier: Dossier,
    view: Extent,
    *,
    widths: tuple[float, float],
    shape: float,
) -> Annotations:
    """Return the labels of a map of routes: their ends first, then countries, then stops.

    ``widths`` are the least and the largest in pixels, ``shape`` is width over height.
    """
    names = _place_names(places, dossier)
    step = (view.north - view.south) / 80
    labels = place_labels(
        [*names[:2], *_countries(dossier, view), *names[2:]],
        extent=view,
        scales=[view.scale(width, width / shape) for width in widths],
        marks=[(place["x"], place["y"]) for place in places],
        lines=[point for line in legs["points"] for point in maps.sampled(line, view, step=step)],
    )
    return _notes(labels)


def quality_words(status: pd.DataFrame) -> str:
    """Say how good the drawn lines are; flights follow no line on the ground."""
    counts = status.loc[status["mode"] != "air", "geometry_quality"].value_counts()
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
    return f"Of the lines on the ground, {list_words(told)}." if told else ""


def credit(dossier: Dossier) -> str:
    """Return the credits that the licences of the drawn files ask for, from the descriptor."""
    resources = dossier.package.descriptor.get("resources", [])
    credits = [one["attribution"] for one in resources if one.get("attribution")]
    outlines: Row = next((one for one in resources if one.get("name") == "outlines"), {})
    makers = [str(one.get("title", "")).partition(" (")[0] for one in outlines.get("sources", [])]
    backdrop = f"outlines: {list_words(makers)}, a backdrop, no statement on borders"
    return "; ".join([*dict.fromkeys(credits), backdrop])


def credit_label(dossier: Dossier, *, wide: bool = True) -> dict[str, Any]:
    """Return the credits as words below a map."""
    parts = credit(dossier).split("; ")
    narrow = [line for part in parts for line in textwrap.wrap(part, 48)]
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
        "text": " · ".join(parts) if wide else "<br>".join(narrow),
        "font": {"size": 10, "color": GREY},
    }


def _notes(placed: Sequence[Placed]) -> Annotations:
    return [label.annotation() for label in placed]


def _courses(
    lines: Sequence[Row],
    *,
    strong: Sequence[Sequence[Point]] = (),
    faint: Sequence[Sequence[Point]] = (),
) -> tuple[list[Sequence[Point]], list[Sequence[Point]]]:
    """Return what labels keep off in degrees: lines that matter with ``strong``, and the others."""
    joining, around = (
        [line["course"] for line in lines if line["joins_sides"] is joins]
        for joins in (True, False)
    )
    return [*joining, *strong], [*around, *faint]


def _obstacles(
    courses: tuple[Sequence[Sequence[Point]], Sequence[Sequence[Point]]],
    view: Extent,
    marks: Sequence[Point],
    size: tuple[tuple[int, int], float],
    taken: Sequence[Placed] = (),
) -> dict[str, Any]:
    """Return what labels of a window keep clear of: marks, the scale, lines of both kinds.

    ``size`` holds the least and the largest width, and the height.
    """
    (least, most), height = size
    scales = [view.scale(width, height) for width in (least, most)]
    bar, length = maps.scale_bar(view, view.bar_km)
    words = Label((length["text"],), length["x"], length["y"], size=10)
    along = [(bar["x0"] + (bar["x1"] - bar["x0"]) * at / 12, bar["y0"]) for at in range(13)]
    step = SAMPLE / max(scales)
    strong, faint = (
        {
            (round(x / step) * step, round(y / step) * step)
            for course in kind
            for x, y in maps.sampled(maps.visible_part(course, view), view, step=step)
        }
        for kind in courses
    )
    return {
        "scales": scales,
        "plot": (least, height),
        "marks": [*marks, *along],
        "lines": sorted(strong),
        "faint": sorted(faint),
        "taken": [Placed(words, words.width / 2, words.height / 2), *taken],
    }


def _seats(lines: Sequence[Row], places: Sequence[Row]) -> list[Point]:
    return [link["seat"] for link in lines] + [(place["x"], place["y"]) for place in places]


def _inside(places: Sequence[Row], view: Extent) -> list[Row]:
    return [place for place in places if view.holds(place["lon"], place["lat"])]


def _named(lines: Sequence[Row], links: pd.DataFrame) -> list[Row]:
    wanted = set(links["link_id"])
    return [link for link in lines if link["link_id"] in wanted]


def _link_label(link: Row) -> Label:
    name, _, state = link_state_words(link).partition(": ")
    (x, y), lines = link["seat"], (name, state)
    return Label(lines, x, y, size=12, bold=1, reach=120, leader_from=4, must=True)


def _number(at: int, link: Row, *, near: bool) -> Label:
    """Return the number of a link: beside its shape, or on its line where the shape is far off."""
    x, y = link["near" if near else "seat"]
    far = near and link["near"] != link["seat"]
    return Label((str(at),), x, y, size=13, bold=1, reach=54, must=True, centred=far)


def _numbers(links: Sequence[Row], *, near: bool) -> list[Label]:
    return [_number(at, link, near=near) for at, link in enumerate(links, 1)]


def _frame_label(lines: Sequence[Row], frame: Extent, view: Extent) -> Placed:
    """Return how many links the close-up names, and their states, left of its frame."""
    land = pd.DataFrame([link for link in lines if link["joins_sides"] and link["mode"] != "air"])
    words = (f"{count_words(len(land), 'link')} on land (close-up)", state_counts(land))
    x, y = view.xy(frame.west, frame.south)
    label = Label(words, x, y, size=11, bold=1, centred=True)
    return Placed(label, -label.width / 2 - 4, label.height / 2)


def _numbered(links: Sequence[Row], *, wide: bool = False) -> Annotations:
    """Return the list below a map, one entry for each number, of two lines in narrow figures."""
    top, step = (CREDIT, LISTED) if wide else (CREDIT_NARROW, LISTED_NARROW)
    found = []
    for at, link in enumerate(links, 1):
        name, _, state = link_state_words(link).partition(": ")
        found.append(
            {
                "xref": "paper",
                "yref": "paper",
                "x": 0,
                "y": 0,
                "yshift": -top - step * (at - 1),
                "xanchor": "left",
                "yanchor": "top",
                "align": "left",
                "showarrow": False,
                "text": f"<b>{at} {name}</b>{': ' if wide else '<br>    '}{state}",
                "font": {"size": 12 if wide else 11.5, "color": INK},
            }
        )
    return found


def _place_names(
    places: Sequence[Row], dossier: Dossier, *, frame: Extent | None = None
) -> list[Label]:
    """Return one label for each name; a station named like its town adds none.

    Within ``frame``, of which there is a close-up, only towns are named, and all but the foremost
    rather not at all than over a line.
    """
    found: dict[str, Label] = {}
    framed = 0
    for place in places:
        name, is_town = short_name(place, dossier), place["kind"] in ("city", "port")
        inside = frame is not None and frame.holds(place["lon"], place["lat"])
        if name in found or (inside and not is_town):
            continue
        framed += inside
        size, colour = (12, INK) if is_town else (10, GREY)
        foremost = inside and framed <= FOREMOST
        found[name] = Label(
            (name,),
            place["x"],
            place["y"],
            size=size,
            colour=colour,
            reach=54 if foremost else 22,
            shy=not foremost and (inside or not (is_town or frame is None)),
        )
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


def _countries(dossier: Dossier, view: Extent) -> list[Label]:
    names = dict(zip(dossier.countries["iso_a3"], dossier.countries["name"], strict=True))
    return country_labels(dossier.geometries["outlines"], names, view, must=dossier.sides)
