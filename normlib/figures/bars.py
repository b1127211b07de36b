"""Horizontal bars with their words above them, so that no width is lost to labels."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from normlib.figures.sketch import Sketch
from normlib.figures.theme import PAPER, STATE_STYLES

PATTERNS = {
    "open": "",
    "restricted": "/",
    "closed": "x",
    "disused": ".",
    "under_construction": "-",
    "planned": "|",
    "unknown": "",
}
"""Second channel of the bars: a pattern for each state."""

BELOW: Mapping[str, Any] = {
    "orientation": "h",
    "x": 0,
    "y": 0,
    "yref": "container",
    "yanchor": "bottom",
    "itemclick": False,
    "itemdoubleclick": False,
}
"""A legend at the lower edge of a figure."""


def add_bars(fig: Sketch, *, words: Iterable[str], keys: Iterable[str], **options: Any) -> None:
    """Add bars that say some words when they are pointed at, and lead to rows."""
    fig.add_bar(
        orientation="h",
        hovertext=list(words),
        hovertemplate="%{hovertext}<extra></extra>",
        customdata=[[key] for key in keys],
        **options,
    )


def state_marker(state: str) -> dict[str, Any]:
    """Return how a bar shows the state of a link: by colour and pattern."""
    colour = STATE_STYLES[state].colour
    look = {"shape": PATTERNS[state], "fillmode": "overlay", "size": 5, "solidity": 0.3}
    return {
        "color": colour if state != "unknown" else PAPER,
        "pattern": {**look, "fgcolor": PAPER},
        "line": {"color": colour, "width": 1},
    }


def times(rows: Iterable[Mapping[str, Any]], first: str, last: str) -> dict[str, list[Any]]:
    """Return where bars of an axis of days begin, and how long they are."""
    ends = [(row[first], row[last]) for row in rows]
    return {
        "base": [start.date().isoformat() for start, _ in ends],
        "x": [(end - start).total_seconds() * 1000 for start, end in ends],
    }


def lay_out_times(
    fig: Sketch, spans: pd.DataFrame, *, rows: Sequence[float], below: int, **legend: Any
) -> None:
    """Set an axis of days above the bars, from the first ``start`` to the last ``end``.

    Parameters
    ----------
    rows : range of the rows, the lowest first.
    below : pixels of the legend.
    """
    fig.update_layout(
        barmode="overlay",
        margin={"l": 10, "r": 14, "t": 76, "b": below},
        legend={**BELOW, "xanchor": "left", **legend},
    )
    ends = [day.date().isoformat() for day in (spans["start"].min(), spans["end"].max())]
    fig.update_xaxes(type="date", range=ends, side="top", showgrid=True)
    fig.update_yaxes(range=list(rows), visible=False)


def above(y: float, text: str, font: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Return words that begin at the left edge of the plot."""
    place = {"x": 0, "xref": "paper", "xanchor": "left", "y": y}
    return {**place, "text": text, "showarrow": False, "font": font, **more}
