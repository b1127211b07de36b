"""The levels of a set of commitments over time, as a whole and group by group."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.figures.levels import LEVELS
from normlib.figures.sketch import Sketch, Trace, scatter
from normlib.figures.stack import iso, missing, plain
from normlib.figures.tables import Table
from normlib.figures.theme import ACCENT, GREY, INK, LEVEL_STYLES, LIGHT, empty_figure, finish
from normlib.figures.words import count_words, day_words, number_words

COUNTED = (
    "Counted is every commitment but those that a newer one replaced; those that were given up "
    "stay in the set with their last level."
)
COUNT_HEADS = {
    "n_3": "3 full",
    "n_2": "2 intermediate",
    "n_1": "1 minimum",
    "n_0": "0 not initiated",
    "n_none": "No evidence",
}
"""Headings of the columns that count commitments at each level."""

NOTHING = "No commitment is recorded by this day."

HEADING, UNIT, TOP, TOP_NARROW, FOOT = 28, 7, 78, 150, 30
"""Heights in pixels: above a panel, of one commitment, above and below all panels."""


@dataclass(frozen=True)
class _Panel:
    """A group, its rows, and where its panel stands as shares of the plot."""

    at: int
    group: str
    rows: pd.DataFrame
    domain: tuple[float, float]

    @property
    def axis(self) -> str:
        return "y" if self.at == 1 else f"y{self.at}"

    @property
    def last(self) -> pd.Series:
        return self.rows.iloc[-1]


def index_figure(
    over_time: pd.DataFrame,
    *,
    day: pd.Timestamp,
    stamp: str,
    key: str = "index",
    title: str = "Levels of all commitments over time",
) -> go.Figure:
    """Draw the share of commitments at each level over time, their index and their number.

    Parameters
    ----------
    over_time : of :func:`normlib.commitments.index_over_time`.
    day, stamp : of the dossier.
    key, title : name and title of the figure, where a page shows several.
    """
    if over_time.empty:
        return empty_figure(key=key, title=title, stamp=stamp, reason=NOTHING)
    fig = Sketch([_area(over_time, level) for level in LEVELS])
    fig.add_traces([_step(over_time, "index", "y2"), _step(over_time, "n", "y3")])
    last = over_time.iloc[-1]
    _set_panels(fig, over_time, day)
    narrow = _add_end_labels(fig, last)
    return finish(
        fig,
        key=key,
        title=title,
        stamp=stamp,
        caption=(
            f"Each strip is the share at one level from day to day. {COUNTED} The index is the sum "
            "of levels over three times the number of commitments with a level; the scale is "
            "ordinal, so read the shares first. Each level and its sources stand in the ledger."
        ),
        alt=_index_alt(over_time, day),
        table=_over_time_table(over_time),
        height=560,
        narrow={**narrow, "margin.r": 92, "margin.t": 96},
    )


def index_groups_figure(
    over_time: pd.DataFrame, *, by: str, day: pd.Timestamp, stamp: str
) -> go.Figure:
    """Draw how many commitments of each group stood at each level over time.

    Parameters
    ----------
    over_time : of :func:`normlib.commitments.index_over_time`, by ``by``.
    by : the grouping: sector, side or phase.
    day, stamp : of the dossier.
    """
    key, title = f"index-{by}", f"Levels over time by {by}"
    panels, plot = _panels(over_time)
    if not panels:
        reason = "No commitment is recorded by this day."
        return empty_figure(key=key, title=title, stamp=stamp, reason=reason)
    height = round(TOP + FOOT + plot)
    fig = Sketch()
    _set_group_axes(fig, over_time, panels, day)
    for panel in panels:
        fig.add_traces([_group_area(panel, level) for level in LEVELS])
        _add_heading(fig, panel)
    fig.update_layout(legend={**LEGEND, "y": 1 - 46 / height})
    narrow = height - TOP + TOP_NARROW
    return finish(
        fig,
        key=key,
        title=title,
        stamp=stamp,
        caption=(
            "One panel for each group, all on one scale: how many commitments stood at each level "
            f"from day to day. {COUNTED} Beside the name how many of the counted are implemented "
            "in full, and the index (sum of levels over three times the number with a level), "
            "which summarizes an ordinal scale. Each level and its sources stand in the ledger."
        ),
        alt=_groups_alt(panels, day),
        table=_groups_table(over_time),
        height=height,
        narrow={"margin.t": TOP_NARROW, "height": narrow, "legend.y": 1 - 68 / narrow},
    )


# One set


def _area(over_time: pd.DataFrame, level: int | None) -> Trace:
    shares = [100 * float(share) for share in over_time[f"share_{_name(level)}"].fillna(0)]
    return _strip(over_time, level, shares, "%{y:.0f} %")


def _strip(rows: pd.DataFrame, level: int | None, values: list[Any], words: str) -> Trace:
    """Return the surface of one level, stacked on those of the levels below."""
    style = LEVEL_STYLES[level]
    return scatter(
        x=[iso(day) for day in rows["day"]],
        y=values,
        name=style.label,
        stackgroup="levels",
        mode="lines",
        line={"width": 0.8, "color": "#4d5a63", "shape": "hv"},
        fillcolor=style.colour,
        fillpattern={
            "shape": "/" if level is None else "",
            "fgcolor": GREY,
            "bgcolor": style.colour,
            "size": 6,
            "solidity": 0.25,
        },
        hovertemplate=f"%{{x|%Y-%m-%d}}: {words} {style.label}<extra></extra>",
        showlegend=False,
    )


def _step(over_time: pd.DataFrame, column: str, axis: str) -> Trace:
    values = [None if missing(value) else float(value) for value in over_time[column]]
    return scatter(
        x=[iso(day) for day in over_time["day"]],
        y=values,
        yaxis=axis,
        mode="lines",
        line={"width": 2, "color": ACCENT if column == "index" else INK, "shape": "hv"},
        hovertemplate="%{x|%Y-%m-%d}: %{y:.3~f}<extra></extra>",
        showlegend=False,
    )


def _set_panels(fig: Sketch, over_time: pd.DataFrame, day: pd.Timestamp) -> None:
    start = over_time["day"].min()
    years = (day - start).days / 365.25
    fig.update_layout(
        margin={"l": 40, "r": 150, "t": 84, "b": 30},
        xaxis={
            "type": "date",
            "range": [iso(start), iso(max(day, start + pd.Timedelta(days=1)))],
            "anchor": "y3",
            "dtick": "M12" if years < 9 else "M48",
            "tickformat": "%Y",
            "fixedrange": True,
        },
        yaxis={"domain": [0.44, 1], "range": [0, 100], "dtick": 25, "ticksuffix": " %"},
        yaxis2={"domain": [0.22, 0.36], "range": [0, 1], "dtick": 0.5},
        yaxis3={"domain": [0, 0.14], "rangemode": "tozero", "nticks": 3},
    )
    fig.update_yaxes(fixedrange=True, tickfont={"size": 11, "color": GREY})
    panels = {"Share at each level": 1, "Index: mean level / 3": 0.36, "Commitments counted": 0.14}
    for words, y in panels.items():
        fig.add_annotation(
            text=words,
            xref="paper",
            yref="paper",
            x=0,
            y=y,
            xanchor="left",
            yanchor="bottom",
            showarrow=False,
            font={"size": 12, "color": GREY},
        )


def _add_end_labels(fig: Sketch, last: pd.Series) -> dict[str, str]:
    """Write each strip's level, number and share beside its end; return the short forms."""
    middles, below = [], 0.0
    shown = [level for level in LEVELS if last[f"n_{_name(level)}"]]
    for level in shown:
        share = 100 * float(last[f"share_{_name(level)}"])
        middles.append(below + share / 2)
        below += share
    for level, y in zip(shown, _apart(middles, 7.0), strict=True):
        _add_label(fig, _end_words(last, level), y, "y")
    if not missing(last["index"]):
        _add_label(fig, f"<b>{last['index']:.2f}</b>", float(last["index"]), "y2")
    _add_label(fig, f"<b>{int(last['n'])}</b>", float(last["n"]), "y3")
    before = len(fig.layout["annotations"]) - len(shown) - 1 - int(not missing(last["index"]))
    return {
        f"annotations[{before + at}].text": _end_words(last, level, short=True)
        for at, level in enumerate(shown)
    }


def _end_words(last: pd.Series, level: int | None, *, short: bool = False) -> str:
    label = LEVEL_STYLES[level].label
    name = ("none" if level is None else str(level)) if short else label
    share = 100 * float(last[f"share_{_name(level)}"])
    return f"{name}: <b>{int(last[f'n_{_name(level)}'])}</b> ({share:.0f} %)"


def _add_label(fig: Sketch, text: str, y: float, axis: str) -> None:
    fig.add_annotation(
        text=text,
        xref="paper",
        x=1,
        y=y,
        yref=axis,
        xanchor="left",
        xshift=4,
        showarrow=False,
        font={"size": 12, "color": INK},
    )


def _apart(middles: Sequence[float], gap: float) -> list[float]:
    """Move rising values up where they are closer than a gap, then all down below 100."""
    moved = list(middles)
    for at, (low, high) in enumerate(pairwise(range(len(moved))), start=1):
        moved[at] = max(moved[high], moved[low] + gap)
    over = max(0.0, moved[-1] + gap / 2 - 100) if moved else 0.0
    for at in reversed(range(len(moved))):
        ceiling = moved[at + 1] - gap if at + 1 < len(moved) else moved[at] - over
        moved[at] = min(moved[at], ceiling)
    return moved


def _index_alt(over_time: pd.DataFrame, day: pd.Timestamp) -> str:
    first, last = over_time.iloc[0], over_time.iloc[-1]
    now = ", ".join(
        f"{int(last[f'n_{_name(level)}'])} at {LEVEL_STYLES[level].label}"
        for level in LEVELS
        if last[f"n_{_name(level)}"]
    )
    return (
        f"The set grew from {count_words(int(first['n']), 'commitment')} on "
        f"{day_words(first['day'])} to {int(last['n'])} on {day_words(day)}, then: {now}; index "
        f"{number_words(last['index'], decimals=2)} over {int(last['n_rated'])} with a level."
    )


def _over_time_table(over_time: pd.DataFrame) -> Table:
    return Table(
        over_time.assign(index=[number_words(value, decimals=3) for value in over_time["index"]]),
        columns={
            "day": "From",
            "n": "Counted",
            **COUNT_HEADS,
            "index": "Index",
        },
        caption="Commitments at each level, one row for each day on which a level could change",
    )


def _name(level: int | None) -> str:
    return "none" if level is None else str(level)


# Groups


def _panels(over_time: pd.DataFrame) -> tuple[list[_Panel], float]:
    """Return the groups with their places, and the height of the plot in pixels."""
    groups = {str(name): rows for name, rows in over_time.groupby("group", sort=False)}
    heights = [UNIT * float(rows["n"].max()) for rows in groups.values()]
    plot = sum(heights) + HEADING * len(heights)
    found, top = [], 1.0
    for at, ((group, rows), high) in enumerate(zip(groups.items(), heights, strict=True), start=1):
        upper = top - HEADING / plot
        top = upper - high / plot
        found.append(_Panel(at, group, rows, (max(top, 0.0), upper)))
    return found, plot


def _group_area(panel: _Panel, level: int | None) -> Trace:
    counts = [int(count) for count in panel.rows[f"n_{_name(level)}"]]
    return {
        **_strip(panel.rows, level, counts, "%{y}"),
        "stackgroup": f"levels{panel.at}",
        "legendgroup": LEVEL_STYLES[level].label,
        "showlegend": panel.at == 1,
        "yaxis": panel.axis,
    }


LEGEND = {
    "orientation": "h",
    "x": 0,
    "xanchor": "left",
    "yref": "container",
    "yanchor": "top",
    "traceorder": "normal",
    "itemclick": False,
    "itemdoubleclick": False,
    "font": {"size": 11.5},
}


def _set_group_axes(
    fig: Sketch, over_time: pd.DataFrame, panels: Sequence[_Panel], day: pd.Timestamp
) -> None:
    start = over_time["day"].min()
    axes = {
        f"yaxis{panel.axis[1:]}": {
            "domain": list(panel.domain),
            "range": [0, int(panel.rows["n"].max())],
            "dtick": 10,
            "tickformat": "d",
            "fixedrange": True,
            "gridcolor": LIGHT,
            "tickfont": {"size": 10, "color": GREY},
        }
        for panel in panels
    }
    fig.update_layout(
        margin={"l": 28, "r": 12, "t": TOP, "b": FOOT},
        xaxis={
            "type": "date",
            "range": [iso(start), iso(max(day, start + pd.Timedelta(days=1)))],
            "anchor": panels[-1].axis,
            "dtick": "M12" if (day - start).days < 9 * 365 else "M48",
            "tickformat": "%Y",
            "fixedrange": True,
        },
        **axes,
    )


def _add_heading(fig: Sketch, panel: _Panel) -> None:
    fig.add_annotation(
        text=f"<b>{plain(_group_name(panel.last))}</b>  {_standing(panel.last)}",
        xref="paper",
        yref="paper",
        x=0,
        y=panel.domain[1],
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
        font={"size": 12, "color": INK},
    )


def _group_name(last: pd.Series) -> str:
    name = str(last["group"])
    return name[:1].upper() + name[1:]


def _standing(last: pd.Series) -> str:
    full = f"{int(last['n_3'])} of {int(last['n'])} full"
    if missing(last["index"]):
        return f"{full}, none with a level"
    return f"{full}, index {number_words(last['index'], decimals=2)}"


def _groups_alt(panels: Sequence[_Panel], day: pd.Timestamp) -> str:
    told = "; ".join(f"{_group_name(panel.last)}: {_standing(panel.last)}" for panel in panels)
    return f"{count_words(len(panels), 'group')} on {day_words(day)}. {told}."


def _groups_table(over_time: pd.DataFrame) -> Table:
    return Table(
        over_time.assign(
            name=[str(group) for group in over_time["group"]],
            index=[number_words(value, decimals=3) for value in over_time["index"]],
        ),
        columns={
            "name": "Group",
            "day": "From",
            "n": "Counted",
            **COUNT_HEADS,
            "index": "Index",
        },
        caption="Commitments of each group at each level, one row a day on which one could change",
    )
