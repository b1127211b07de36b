"""Levels over time of several sets of commitments, one panel for each."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from normlib.figures.commitments import COUNTED
from normlib.figures.levels import LEVELS
from normlib.figures.sketch import Sketch, Trace, scatter
from normlib.figures.stack import iso, missing, plain
from normlib.figures.tables import Table
from normlib.figures.theme import GREY, INK, LEVEL_STYLES, LIGHT, empty_figure, finish
from normlib.figures.words import count_words, day_words, number_words

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
    _set_axes(fig, over_time, panels, day)
    for panel in panels:
        fig.add_traces([_area(panel, level) for level in LEVELS])
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
        alt=_alt(panels, day),
        table=_table(over_time),
        height=height,
        narrow={"margin.t": TOP_NARROW, "height": narrow, "legend.y": 1 - 68 / narrow},
    )


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


def _area(panel: _Panel, level: int | None) -> Trace:
    style = LEVEL_STYLES[level]
    return scatter(
        x=[iso(day) for day in panel.rows["day"]],
        y=[int(count) for count in panel.rows["n_none" if level is None else f"n_{level}"]],
        name=style.label,
        stackgroup=f"levels{panel.at}",
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
        hovertemplate=f"%{{x|%Y-%m-%d}}: %{{y}} {style.label}<extra></extra>",
        legendgroup=style.label,
        showlegend=panel.at == 1,
        xaxis="x",
        yaxis=panel.axis,
    )


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


def _set_axes(
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
        text=f"<b>{plain(_name(panel.last))}</b>  {_standing(panel.last)}",
        xref="paper",
        yref="paper",
        x=0,
        y=panel.domain[1],
        xanchor="left",
        yanchor="bottom",
        showarrow=False,
        font={"size": 12, "color": INK},
    )


def _name(last: pd.Series) -> str:
    name = str(last["group"])
    return name[:1].upper() + name[1:]


def _standing(last: pd.Series) -> str:
    full = f"{int(last['n_3'])} of {int(last['n'])} full"
    if missing(last["index"]):
        return f"{full}, none with a level"
    return f"{full}, index {number_words(last['index'], decimals=2)}"


def _alt(panels: Sequence[_Panel], day: pd.Timestamp) -> str:
    told = "; ".join(f"{_name(panel.last)}: {_standing(panel.last)}" for panel in panels)
    return f"{count_words(len(panels), 'group')} on {day_words(day)}. {told}."


def _table(over_time: pd.DataFrame) -> Table:
    return Table(
        over_time.assign(
            name=[str(group) for group in over_time["group"]],
            index=[number_words(value, decimals=3) for value in over_time["index"]],
        ),
        columns={
            "name": "Group",
            "day": "From",
            "n": "Counted",
            "n_3": "3 full",
            "n_2": "2 intermediate",
            "n_1": "1 minimum",
            "n_0": "0 not initiated",
            "n_none": "No evidence",
            "index": "Index",
        },
        caption="Commitments of each group at each level, one row a day on which one could change",
    )
