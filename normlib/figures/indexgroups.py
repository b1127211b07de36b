"""Levels over time of several sets of commitments, one panel for each."""

import pandas as pd
import plotly.graph_objects as go

from normlib.figures.levels import LEVELS
from normlib.figures.sketch import Sketch, Trace, scatter
from normlib.figures.stack import iso, missing
from normlib.figures.tables import Table
from normlib.figures.theme import GREY, INK, LEVEL_STYLES, LIGHT, empty_figure, finish
from normlib.figures.words import count_words, day_words, number_words

WHAT = {"sector": "sector", "side": "side that owes them", "phase": "phase in which they were made"}
"""What a grouping is called in a title."""

PANEL, HEADING, TOP, TOP_NARROW, FOOT = 96, 24, 92, 136, 30
"""Heights in pixels: of a panel with its heading, of the heading, above and below all panels."""


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
    key, title = f"index-{by}", f"Levels over time, by the {WHAT[by]}"
    groups = list(dict.fromkeys(over_time["group"]))
    if not groups:
        reason = "No commitment is recorded by this day."
        return empty_figure(key=key, title=title, stamp=stamp, reason=reason)
    height = TOP + FOOT + PANEL * len(groups)
    fig = Sketch()
    most = int(over_time["n"].max())
    _set_axes(fig, over_time, len(groups), most, day)
    for at, group in enumerate(groups, start=1):
        rows = over_time[over_time["group"] == group]
        fig.add_traces([_area(rows, level, at) for level in LEVELS])
        _add_heading(fig, rows.iloc[-1], at, len(groups))
    return finish(
        fig,
        key=key,
        title=title,
        stamp=stamp,
        caption=(
            "One panel for each group, all on one scale: how many commitments stood at each level "
            "from day to day. Beside the name the last number counted, the share implemented in "
            "full, and the index (sum of levels over three times the number with a level), which "
            "summarizes an ordinal scale. Each level and its sources stand in the ledger."
        ),
        alt=_alt(over_time, groups, day),
        table=_table(over_time),
        height=height,
        narrow={"margin.t": TOP_NARROW, "height": height + TOP_NARROW - TOP},
    )


def _area(rows: pd.DataFrame, level: int | None, at: int) -> Trace:
    style = LEVEL_STYLES[level]
    return scatter(
        x=[iso(day) for day in rows["day"]],
        y=[int(count) for count in rows[_count(level)]],
        name=style.label,
        stackgroup=f"levels{at}",
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
        showlegend=at == 1,
        xaxis="x",
        yaxis=_axis(at),
    )


def _set_axes(
    fig: Sketch, over_time: pd.DataFrame, panels: int, most: int, day: pd.Timestamp
) -> None:
    start = over_time["day"].min()
    axes = {
        f"yaxis{at if at > 1 else ''}": {
            "domain": _domain(at, panels),
            "range": [0, most * 1.05],
            "nticks": 3,
            "tickformat": "d",
            "fixedrange": True,
            "gridcolor": LIGHT,
            "tickfont": {"size": 10, "color": GREY},
        }
        for at in range(1, panels + 1)
    }
    fig.update_layout(
        margin={"l": 28, "r": 12, "t": TOP, "b": FOOT},
        xaxis={
            "type": "date",
            "range": [iso(start), iso(max(day, start + pd.Timedelta(days=1)))],
            "anchor": _axis(panels),
            "dtick": "M12" if (day - start).days < 9 * 365 else "M48",
            "tickformat": "%Y",
            "fixedrange": True,
        },
        legend={
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "traceorder": "normal",
            "itemclick": False,
            "itemdoubleclick": False,
            "font": {"size": 11.5},
        },
        **axes,
    )
    fig.layout["legend"]["y"] = 1 - 46 / (TOP + FOOT + PANEL * panels)


def _domain(at: int, panels: int) -> list[float]:
    """Return where a panel stands, counted from the top."""
    return [(panels - at) / panels, (panels - at + 1 - HEADING / PANEL) / panels]


def _axis(at: int) -> str:
    return "y" if at == 1 else f"y{at}"


def _add_heading(fig: Sketch, last: pd.Series, at: int, panels: int) -> None:
    fig.add_annotation(
        text=f"<b>{_name(last)}</b>  {_standing(last)}",
        xref="paper",
        yref="paper",
        x=0,
        y=_domain(at, panels)[1],
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


def _count(level: int | None) -> str:
    return "n_none" if level is None else f"n_{level}"


def _alt(over_time: pd.DataFrame, groups: list[str], day: pd.Timestamp) -> str:
    lasts = [over_time[over_time["group"] == group].iloc[-1] for group in groups]
    told = "; ".join(f"{_name(last)}: {_standing(last)}" for last in lasts)
    return f"{count_words(len(groups), 'group')} on {day_words(day)}. {told}."


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
