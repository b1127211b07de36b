"""The look of every figure: colours with one fixed meaning each, always with a second channel.

Colours are those of Okabe and Ito (https://jfly.uni-koeln.de/color/), without the yellow, which is
too light for lines on white.
"""

import json
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go
from plotly.utils import PlotlyJSONEncoder

from normlib.figures.sketch import Sketch
from normlib.figures.tables import Note, Table

BLACK, GREY, LIGHT = "#1b1b1b", "#5f6368", "#d7dade"
ORANGE, SKY, GREEN = "#e69f00", "#56b4e9", "#009e73"
BLUE, VERMILION, PURPLE = "#0072b2", "#d55e00", "#cc79a7"
PAPER, INK, ACCENT = "#ffffff", "#1b1b1b", "#0b5a73"

META = "normlib"
"""Where in a figure's ``layout.meta`` stands, as JSON, what a page needs to present it."""

FONT = (
    "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Noto Sans Armenian', "
    "'DejaVu Sans', sans-serif"
)

LOOK: Mapping[str, Any] = {
    "template": "none",
    "font": {"family": FONT, "size": 13, "color": INK},
    "paper_bgcolor": PAPER,
    "plot_bgcolor": PAPER,
    "hoverlabel": {"bgcolor": PAPER, "bordercolor": GREY, "font": {"family": FONT, "size": 12}},
    "hovermode": "closest",
}
"""The layout that all figures share."""

TITLE: Mapping[str, Any] = {
    "x": 0,
    "xref": "container",
    "xanchor": "left",
    "y": 1,
    "yref": "container",
    "yanchor": "top",
    "font": {"size": 15},
}
AXES: Mapping[str, Any] = {"gridcolor": "#eceff1", "linecolor": LIGHT, "zeroline": False}


@dataclass(frozen=True)
class Style:
    """How a word of a vocabulary is drawn: colour, and dash, symbol and label beside it."""

    label: str
    colour: str
    dash: str = "solid"
    symbol: str = "circle"


STATE_STYLES: Mapping[str, Style] = {
    "open": Style("open", GREEN, "solid", "circle"),
    "restricted": Style("restricted", ORANGE, "dashdot", "diamond"),
    "closed": Style("closed", VERMILION, "dot", "x"),
    "disused": Style("disused", GREY, "2px,8px", "x-thin-open"),
    "under_construction": Style("under construction", BLUE, "dash", "square"),
    "planned": Style("planned", PURPLE, "longdash", "square-open"),
    "unknown": Style("not known", GREY, "longdashdot", "circle-open"),
}

MODE_STYLES: Mapping[str, Style] = {
    "road": Style("road", BLACK, "solid", "square"),
    "rail": Style("railway", BLUE, "dash", "diamond"),
    "power": Style("power line", ORANGE, "dashdot", "triangle-up"),
    "air": Style("flights", SKY, "dot", "star-triangle-up"),
    "bridge": Style("bridge", PURPLE, "solid", "hourglass"),
    "gas": Style("gas pipeline", GREEN, "longdash", "hexagon"),
}

TONE_STYLES: Mapping[str, Style] = {
    "cooperation": Style("cooperative", BLUE, "solid", "circle"),
    "neutral": Style("neutral or both", GREY, "solid", "diamond"),
    "conflict": Style("conflictual", VERMILION, "solid", "triangle-down"),
}

LEVEL_STYLES: Mapping[int | None, Style] = {
    None: Style("no evidence", "#ffffff", "dot", "circle-open"),
    0: Style("0 not initiated", "#d9d9d9", "solid", "circle"),
    1: Style("1 minimum", "#9ecae1", "solid", "circle"),
    2: Style("2 intermediate", "#4292c6", "solid", "circle"),
    3: Style("3 full", "#08306b", "solid", "circle"),
}

SIDE_STYLES: tuple[Style, ...] = (
    Style("first side", BLUE, "solid", "square"),
    Style("second side", VERMILION, "solid", "circle"),
    Style("third parties", GREY, "solid", "diamond"),
)


def finish(
    picture: Sketch | go.Figure,
    *,
    key: str,
    title: str,
    stamp: str,
    caption: str,
    alt: str,
    sources: Iterable[str] = (),
    table: Table | None = None,
    height: int = 420,
    narrow: Mapping[str, Any] | None = None,
    middle: Mapping[str, Any] | None = None,
    indent: int | None = None,
    choices: Mapping[str, Any] | None = None,
    marks: Mapping[str, Any] | None = None,
) -> go.Figure:
    """Return the figure with its look, its title with the day, and what a page needs to present it.

    Parameters
    ----------
    picture : what is drawn, as a sketch, or as a plotly figure, which is left as it is.
    key : short name, unique on a page; becomes the figure's anchor.
    title : what is shown, in a few words; stands in the picture.
    stamp : day and release, ``dossier.stamp``; stands in the picture.
    caption : one or two sentences on what is shown and how to read it.
    alt : the finding in words, written from the numbers, for readers who cannot see the picture.
    sources : ids of the sources of everything drawn.
    table : the drawn data.
    height : in pixels.
    narrow : layout patch for figures under 600 pixels wide, ``{"margin.l": 10}``.
    middle : the same for figures of 600 to 900 pixels; such a figure is printed in its wide layout.
    indent : how far from the left edge the title begins, in pixels.
    choices : what a reader of the page may choose: ``labels`` and ``options`` of two lists, the
        number of the ``first`` option of each, ``layouts`` (a layout patch for each option of the
        first list), and ``views``: for each option of the first and of the second list the numbers
        of the traces to ``show`` and the ``words`` to say. Traces that no view shows always stay.
    marks : what a page needs to lay marks in lanes out anew for its reader, see
        :mod:`normlib.figures.unfold`. The page draws traces whose ``meta`` is ``marks`` from it.
    """
    sketch = Sketch.of(picture) if isinstance(picture, go.Figure) else picture
    patch = {"title.text": _heading(title, stamp, narrow=True), **(narrow or {})}
    more = {"middle": middle, "choices": choices, "marks": marks}
    sketch.update_layout(
        **LOOK,
        title={**TITLE, "text": _heading(title, stamp), "pad": {"t": 12, "b": 8, "l": indent}},
        height=height,
        meta={META: _words(key, caption, alt, sources, table, patch, more)},
    )
    sketch.update_xaxes(**AXES, ticks="outside", ticklen=4)
    sketch.update_yaxes(**AXES, automargin=True)
    return sketch.figure()


def words_of(fig: go.Figure | Mapping[str, Any]) -> dict[str, Any]:
    """Return what :func:`finish` says of a figure, or nothing where there is nothing.

    ``key``, ``caption`` (parts), ``alt``, ``sources``, ``table`` (as plain data), ``narrow`` and,
    where there are any, ``middle``, ``choices`` and ``marks``.
    """
    meta = fig.layout.meta if isinstance(fig, go.Figure) else fig.get("layout", {}).get("meta")
    text = meta.get(META) if isinstance(meta, Mapping) else None
    return dict(json.loads(text)) if isinstance(text, str) else {}


def legend_pixels(fig: Sketch, width: float, *, item: float = 30, size: float = 12) -> int:
    """Return the height in pixels of a horizontal legend in a figure of at least some width.

    Plotly sets entries that do not fit in one row in columns as wide as the widest. ``item`` is
    the width of the sample before each name, ``size`` that of the letters.
    """
    names = [trace["name"] for trace in fig.traces if trace.get("showlegend") is not False]
    needs = [item + 22 + 0.5 * size * len(name) for name in names]
    columns = len(names) if sum(needs) <= width else max(int(width // max(needs)), 1)
    return 19 * -(-len(names) // columns) + 10 if names else 0


def empty_figure(*, key: str, title: str, stamp: str, reason: str) -> go.Figure:
    """Return a titled figure that says why there is nothing to draw."""
    fig = Sketch()
    fig.add_annotation(
        text=reason, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font={"color": GREY}
    )
    fig.update_xaxes(visible=False)
    fig.update_yaxes(visible=False)
    return finish(fig, key=key, title=title, stamp=stamp, caption=reason, alt=reason, height=220)


def _heading(title: str, stamp: str, *, narrow: bool = False) -> str:
    """Return title and stamp as marked-up text, broken into lines for a narrow figure."""
    first = textwrap.wrap(title, 40) if narrow else [title]
    second = textwrap.wrap(stamp, 54) if narrow else [stamp]
    size = 11 if narrow else 12
    small = f"<span style='font-size:{size}px;color:{GREY}'>{'<br>'.join(second)}</span>"
    return f"<b>{'<br>'.join(first)}</b><br>{small}"


def _words(
    key: str,
    caption: str,
    alt: str,
    sources: Iterable[str],
    table: Table | None,
    narrow: Mapping[str, Any] | None,
    more: Mapping[str, Mapping[str, Any] | None],
) -> str:
    """Return what is said of a figure as text: plotly copies all that is no text several times."""
    words = {
        "key": key,
        "caption": Note(caption).as_json()["parts"],
        "alt": alt,
        "sources": list(dict.fromkeys(sources)),
        "table": table.as_json() if table is not None else None,
        "narrow": dict(narrow or {}),
        **{name: dict(value) for name, value in more.items() if value},
    }
    return json.dumps(words, ensure_ascii=False, cls=PlotlyJSONEncoder)


__all__ = [
    "LEVEL_STYLES",
    "MODE_STYLES",
    "SIDE_STYLES",
    "STATE_STYLES",
    "TONE_STYLES",
    "Style",
    "empty_figure",
    "finish",
    "legend_pixels",
    "words_of",
]
