"""The map of links as it changes with a choice: drawn once, then told what is different.

The map is that of :func:`normlib.figures.linkmaps.connectivity_figure` for all that is known,
taken apart by the rows that its marks lead to. What a choice shows are values for some of its
traces and notes; nothing is drawn or placed again.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import plotly.graph_objects as go

from normlib.choices import Answer
from normlib.dossier import Dossier
from normlib.figures import maps
from normlib.figures.linkmaps import connectivity_figure, joined_lines
from normlib.figures.linktables import facts_words
from normlib.figures.linkwords import short_name
from normlib.figures.maplabels import CREDIT
from normlib.figures.maps import Point
from normlib.figures.sketch import Sketch, Trace, scatter
from normlib.figures.theme import ACCENT, INK, MODE_STYLES, STATE_STYLES, legend_pixels
from normlib.links import link_status
from normlib.rows import dicts

ROUTES: Mapping[str, dict[str, Any]] = {
    "after": {"name": "route then", "line": {"color": ACCENT, "width": 7}, "opacity": 0.75},
    "before": {"name": "route now", "line": {"color": INK, "width": 2.5, "dash": "dash"}},
}
"""Routes from below to above: where both run, the dashes of the second lie on the first."""
SIGNS: Mapping[str, tuple[str, dict[str, Any]]] = {
    "opened": ("taken as open", {"symbol": "circle-open", "size": 24, "color": ACCENT}),
    "closed": ("taken as closed", {"symbol": "x-thin-open", "size": 15, "color": INK}),
}
WIDTH_PX, MAP_PX = 660, 470
"""Size of the map: smaller than on a page, for controls and words share the screen with it."""
KEY = {"size": 11, "item": 42}
"""Pixels of the letters of the legend, and of the sample before each name."""

Patch = dict[str, Any]
"""New values of a trace or layout by the path to each, ``{"line.color": "#000"}``."""


class Changes(NamedTuple):
    """What a picture of the scene holds: a patch for each trace in order, and one for the layout.

    An empty patch belongs to a trace that never changes.
    """

    traces: list[Patch]
    layout: Patch


class Scene:
    """The map of all links known on the day of a view, for pictures of that day and earlier ones.

    Attributes
    ----------
    figure : the map with nothing changed.
    """

    def __init__(self, dossier: Dossier) -> None:
        base = connectivity_figure(link_status(dossier), dossier)
        sketch = Sketch.of(base)
        self._dossier, self._title = dossier, str(base.layout.title.text)
        self._traces = sketch.traces = _with_own(list(_apart(sketch.traces)))
        self._lines = _by_row(self._traces, "lines")
        marks = _by_row(self._traces, "markers")
        self._seats = {row: points[0] for row, points in marks.items()}
        self._names = _names(dossier)
        notes = [note for note in sketch.layout.get("annotations", ()) if not _tells(note)]
        self._notes = [_bare(note["text"]) for note in notes]
        sketch.update_layout(annotations=notes, dragmode="pan", meta=None)
        if self._traces:
            _fit(sketch, base)
        self.figure: go.Figure = sketch.figure()

    def changes(
        self, dossier: Dossier, modes: Collection[str], answer: Answer | None = None
    ) -> Changes:
        """Return what the map of a view holds.

        Parameters
        ----------
        dossier : the view of a day, of the record of the scene.
        modes : of the links to show.
        answer : the routes to show, and the links to mark as changed.
        """
        status = link_status(dossier)
        told = status.assign(facts=facts_words(status, dossier))
        links = {f"links/{link['link_id']}": link for link in dicts(told)}
        drawn = self._lines.keys() & links.keys()
        shown = {row: links[row] for row in drawn if links[row]["mode"] in modes}
        sites = {site for link in shown.values() for site in _stops(link)}
        states = {link["state"] for link in shown.values()}
        own = {
            **{f"edge {row}": {"visible": row in shown} for row in self._lines},
            **{f"state {name}": {"visible": name in states} for name in STATE_STYLES},
            **{f"mode {mode}": {"visible": mode in modes} for mode in MODE_STYLES},
            **{f"route {when}": self._route(answer, when) for when in ROUTES},
            **{f"sign {kind}": self._sign(answer, kind) for kind in SIGNS},
        }
        traces = [self._trace(trace, shown, sites, own) for trace in self._traces]
        return Changes(traces, self._layout(dossier, sites))

    def _trace(
        self,
        trace: Trace,
        shown: Mapping[str, Mapping[Any, Any]],
        sites: set[str],
        own: Mapping[str, Patch],
    ) -> Patch:
        kind = str(trace.get("meta"))
        if kind in own:
            return own[kind]
        if kind in self._lines:
            return _line(shown.get(kind))
        if kind == "links":
            return _shapes(trace, shown)
        if kind == "sites":
            return _kept(trace, [row[0][6:] in sites for row in trace["customdata"]])
        return {}

    def _layout(self, dossier: Dossier, sites: set[str]) -> Patch:
        """Show the names of the places that the map shows, and the day."""
        countries = set(dossier.countries["name"])
        hidden = {
            name
            for name, rows in self._names.items()
            if name not in countries and rows.isdisjoint(sites)
        }
        notes = {
            f"annotations[{at}].visible": text not in hidden for at, text in enumerate(self._notes)
        }
        return {"title.text": self._title.replace(self._dossier.stamp, dossier.stamp), **notes}

    def _route(self, answer: Answer | None, when: str) -> Patch:
        """Return a route; the one with links changed only where some are."""
        if answer is None or (when == "after" and not (answer.opened or answer.closed)):
            return {"visible": False}
        legs = answer.legs[answer.legs["when"] == when]
        keys = [
            f"links/{leg['link_id']}"
            if isinstance(leg["link_id"], str)
            else f"sites/{leg['from_site']}"
            for leg in dicts(legs)
        ]
        xs, ys, rows = joined_lines(map(self._leg, dicts(legs)), keys)
        return {"visible": bool(len(legs)), "x": xs, "y": ys, "customdata": rows}

    def _leg(self, leg: Mapping[Any, Any]) -> Sequence[Point]:
        """Return the drawing of a leg; nothing where it lies outside of the map."""
        ends = [self._seats.get(f"sites/{leg[side]}") for side in ("from_site", "to_site")]
        if ends[0] is None or ends[1] is None:
            return ()
        drawing = self._lines.get(f"links/{leg['link_id']}", [])
        return maps.between(drawing, ends[0], ends[1]) if drawing else (ends[0], ends[1])

    def _sign(self, answer: Answer | None, kind: str) -> Patch:
        rows = [f"links/{name}" for name in (getattr(answer, kind) if answer else ())]
        seats = {row: self._seats[row] for row in rows if row in self._seats}
        return {
            "visible": bool(seats),
            "x": [x for x, _ in seats.values()],
            "y": [y for _, y in seats.values()],
            "customdata": [[row] for row in seats],
        }


def _fit(sketch: Sketch, page: go.Figure) -> None:
    """Give the map its size, with room below for the credits and the longest key."""
    below = CREDIT + legend_pixels(sketch, WIDTH_PX, **KEY)
    height = page.layout.margin.t + MAP_PX + below
    sketch.update_layout(
        width=WIDTH_PX,
        height=height,
        margin={"b": below},
        shapes=sketch.layout["shapes"][:1],  # the scale; the close-up that is framed is not here
        legend={
            "y": round((below - CREDIT) / height, 4),
            "font": {"size": KEY["size"]},
            "itemwidth": KEY["item"],
        },
    )


def _tells(note: Mapping[str, Any]) -> bool:
    """Whether a note is about links and their states, which the explorer tells beside the map."""
    return "<b>" in note["text"]


# Taking the map apart


def _apart(traces: Sequence[Trace]) -> Iterable[Trace]:
    """Yield a trace for each line of a link and its edge, and the others but for the states' key.

    ``meta`` says what each stands for.
    """
    courses: dict[tuple[Any, ...], str] = {}
    for trace in traces:
        courses.update((_course(part), part["meta"]) for part in _split(trace))
    for trace in traces:
        if parts := [*_split(trace), *_edges(trace, courses)]:
            yield from parts
        elif trace.get("name") not in _STATES:
            tables = {str(row[0]).partition("/")[0] for row in trace.get("customdata") or ()}
            yield {**trace, "meta": next(iter(tables), None) or _MODES.get(str(trace.get("name")))}


def _split(trace: Trace) -> list[Trace]:
    """Return a trace for each link of a trace of lines that lead to links."""
    if trace["mode"] != "lines" or not trace.get("customdata"):
        return []
    rows = [row[0] for row in trace["customdata"]]
    return [
        _part(trace, row, [at for at, name in enumerate(rows) if name == row])
        for row in dict.fromkeys(rows)
        if row
    ]


def _edges(trace: Trace, courses: Mapping[tuple[Any, ...], str]) -> list[Trace]:
    """Return a trace for each line that runs below one of a link, and leads to no row itself."""
    if trace["mode"] != "lines" or trace.get("customdata"):
        return []
    gaps = [-1, *(at for at, x in enumerate(trace["x"]) if x is None), len(trace["x"])]
    parts = [_part(trace, "", range(a + 1, b)) for a, b in pairwise(gaps) if b > a + 1]
    rows = [courses.get(_course(part)) for part in parts]
    if not all(rows):
        return []
    return [{**part, "meta": f"edge {row}"} for part, row in zip(parts, rows, strict=True)]


def _part(trace: Trace, row: str, own: Iterable[int]) -> Trace:
    lists = [name for name in ("x", "y", "customdata") if name in trace]
    cut: Trace = {name: [trace[name][at] for at in own] for name in lists}
    return {**trace, **cut, "meta": row, "showlegend": False}


def _course(part: Trace) -> tuple[Any, ...]:
    return *part["x"], *part["y"]


_STATES = {style.label for style in STATE_STYLES.values()}
_MODES = {style.label: f"mode {mode}" for mode, style in MODE_STYLES.items()}


def _with_own(traces: list[Trace]) -> list[Trace]:
    """Add a key of the states, routes above the lines, and signs on changed links on top."""
    last = max((at for at, trace in enumerate(traces) if _is_link(trace)), default=None)
    if last is None:
        return traces
    blank: dict[str, Any] = {"x": [None], "y": [None], "hoverinfo": "skip", "visible": False}
    states = [
        scatter(
            **blank,
            meta=f"state {state}",
            mode="lines",
            name=style.label,
            line={"color": style.colour, "dash": style.dash, "width": 2.5},
        )
        for state, style in STATE_STYLES.items()
    ]
    routes = [
        scatter(**blank, meta=f"route {when}", mode="lines", **look)
        for when, look in ROUTES.items()
    ]
    signs = [
        scatter(
            **blank,
            meta=f"sign {kind}",
            mode="markers",
            name=name,
            marker={**look, "line": {"color": look["color"], "width": 3}},
        )
        for kind, (name, look) in SIGNS.items()
    ]
    return [*traces[: last + 1], *states, *routes, *traces[last + 1 :], *signs]


def _is_link(trace: Trace) -> bool:
    return trace["mode"] == "lines" and str(trace.get("meta")).startswith("links/")


def _by_row(traces: Iterable[Trace], mode: str) -> dict[str, list[Point]]:
    """Return the points of the traces of a mode by the row that they lead to."""
    found: dict[str, list[Point]] = {}
    for trace in traces:
        if trace["mode"] == mode and trace.get("customdata"):
            for x, y, row in zip(trace["x"], trace["y"], trace["customdata"], strict=True):
                found.setdefault(row[0], []).append((x, y))
    return found


def _names(dossier: Dossier) -> dict[str, set[str]]:
    """Return the places that each name on the map may stand for; countries stand for none."""
    found: dict[str, set[str]] = {name: set() for name in dossier.countries["name"]}
    for site in dicts(dossier.sites):
        found.setdefault(short_name(site, dossier), set()).add(site["site_id"])
    return found


def _bare(text: str) -> str:
    """Return the words of a note without marks of type and arrows."""
    return re.sub(r"<[^>]*>|[←↑↓→]", "", text).strip()


# Patches


def _stops(link: Mapping[Any, Any]) -> tuple[str, ...]:
    return link["from_site"], *link["via_sites"], link["to_site"]


def _line(link: Mapping[Any, Any] | None) -> Patch:
    if link is None:
        return {"visible": False}
    style = STATE_STYLES[link["state"]]
    return {"visible": True, "line.color": style.colour, "line.dash": style.dash}


def _shapes(trace: Trace, shown: Mapping[str, Mapping[Any, Any]]) -> Patch:
    links = [shown.get(row[0]) for row in trace["customdata"]]
    known = [link for link in links if link is not None]
    return {
        **_kept(trace, [link is not None for link in links]),
        "marker.symbol": _where(trace["marker"]["symbol"], links),
        "marker.color": [STATE_STYLES[link["state"]].colour for link in known],
        "hovertext": [link["facts"] for link in known],
    }


def _kept(trace: Trace, keep: Sequence[bool]) -> Patch:
    lists = [name for name in ("x", "y", "customdata", "hovertext") if name in trace]
    return {name: _where(trace[name], keep) for name in lists}


def _where(values: Iterable[Any], keep: Iterable[Any]) -> list[Any]:
    return [value for value, wanted in zip(values, keep, strict=True) if wanted]


def patched(figure: go.Figure, changes: Changes) -> go.Figure:
    """Return a picture of the scene as a figure of its own."""
    found = go.Figure(figure)
    for trace, patch in zip(found.data, changes.traces, strict=True):
        for path, value in patch.items():
            trace[path] = value
    for path, value in changes.layout.items():
        found.layout[path] = value
    return found
