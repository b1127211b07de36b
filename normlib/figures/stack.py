"""Rows of a tall chart, laid out in pixels, so that a long label has a line of its own.

Such a chart reads the same at every width: each row is a line of words with its marks beneath. The
vertical axis counts pixels from the top, and the figure's height follows from its rows.
"""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from statistics import fmean
from typing import Any

import pandas as pd

from normlib.figures.sketch import Sketch, Trace, scatter
from normlib.figures.theme import GREY, INK

Record = Mapping[Any, Any]
"""A row of a frame as a mapping."""

HEADING, TOP, TOP_NARROW, FOOT = 30, 84, 106, 34
"""Heights in pixels: a heading, the margins above (wide and narrow figures) and below."""


@dataclass(frozen=True)
class Row:
    """One line of a chart: the key of what it shows, and its middle in pixels from the top."""

    key: str
    y: float


@dataclass(frozen=True)
class Stack:
    """Rows under headings; ``headings`` are (words, y), ``height`` is that of all."""

    rows: Sequence[Row]
    headings: Sequence[tuple[str, float]]
    height: float

    def places(self) -> dict[str, float]:
        """Return the middle of each row by its key."""
        return {row.key: row.y for row in self.rows}


def stacked(groups: Mapping[str, Iterable[str]], row_height: float) -> Stack:
    """Lay out the rows of each group under the group's name; no name, no heading."""
    rows: list[Row] = []
    headings: list[tuple[str, float]] = []
    top = 0.0
    for name, keys in groups.items():
        if name:
            headings.append((name, top + HEADING / 2))
            top += HEADING
        for key in keys:
            rows.append(Row(key, top + row_height / 2))
            top += row_height
    return Stack(rows, headings, top)


def words_trace(
    words: Sequence[str], ys: Sequence[float], *, x: str, keys: Sequence[str], size: float = 11.5
) -> Trace:
    """Return words that begin at the left edge of the plot, each a way to its row."""
    return scatter(
        x=[x] * len(words),
        y=list(ys),
        text=list(words),
        customdata=[[key] for key in keys],
        mode="text",
        textposition="middle right",
        textfont={"size": size, "color": INK},
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )


def frame_axes(fig: Sketch, stack: Stack, start: pd.Timestamp, end: pd.Timestamp) -> None:
    """Set a time axis above the rows and the pixel axis beside them."""
    years = (end - start).days / 365.25
    step = "M3" if years < 1.5 else "M12" if years < 9 else "M24"
    fig.update_layout(
        xaxis={
            "type": "date",
            "range": [iso(start), iso(end)],
            "side": "top",
            "dtick": step,
            "tickformat": "%b %Y" if step == "M3" else "%Y",
            "tickfont": {"size": 11.5, "color": GREY},
            "ticklabeloverflow": "hide past div",
            "fixedrange": True,
        },
        yaxis={"range": [stack.height, 0], "visible": False, "fixedrange": True},
        barmode="overlay",
        bargap=0,
    )


def add_headings(fig: Sketch, stack: Stack) -> None:
    """Write each group's name over its rows, under a rule."""
    for words, y in stack.headings:
        rule = {"color": GREY, "width": 1}
        at = y - HEADING / 2
        fig.add_shape(type="line", xref="paper", x0=0, x1=1, y0=at, y1=at, line=rule)
        fig.add_annotation(
            text=f"<b>{plain(words)}</b>",
            xref="paper",
            x=0,
            y=y + 2,
            xanchor="left",
            xshift=-2,
            showarrow=False,
            font={"size": 12, "color": GREY},
        )


def iso(day: pd.Timestamp) -> str:
    """Write a day as plotly reads it."""
    return str(day.date().isoformat())


def missing(value: Any) -> bool:
    """Whether a single cell holds no value."""
    return bool(pd.isna(value))


def plain(text: object) -> str:
    """Return words of the record as plotly text: nothing in them is markup."""
    return escape(str(text), quote=False) if isinstance(text, str) else ""


def hover_lines(*texts: object, width: int = 52) -> str:
    """Return words for a hover label, one paragraph each, broken into short lines."""
    kept = [str(text) for text in texts if isinstance(text, str) and text]
    return "<br>".join("<br>".join(map(plain, textwrap.wrap(text, width))) for text in kept)


def legend(y_pixels: float, height: float, **more: Any) -> dict[str, Any]:
    """Return a legend in lines right above the plot, ``y_pixels`` over its upper edge."""
    return {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "y": 1 + y_pixels / height,
        "yanchor": "bottom",
        "font": {"size": 11.5},
        "itemclick": False,
        "itemdoubleclick": False,
        "traceorder": "normal",
        **more,
    }


def moved_apart(places: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Move rising places apart as little as possible, to no less than a gap, between two ends.

    Pools neighbours that would touch and centres them on the mean of their places (the pool
    adjacent violators algorithm of isotonic regression).
    """
    pools: list[list[float]] = []
    for at, place in enumerate(places):
        pools.append([place - at * gap])
        while len(pools) > 1 and fmean(pools[-2]) > fmean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    most = high - gap * (len(places) - 1)
    wanted = [max(min(fmean(pool), most), low) for pool in pools for _ in pool]
    return [place + at * gap for at, place in enumerate(wanted)]
