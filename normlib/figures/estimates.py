"""Published estimates as a range chart: one line each, restatements under their study.

Figures take the frame of :func:`normlib.estimates.estimates`; its tables and sentences are in
:mod:`normlib.figures.studies`.
"""

import textwrap
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.dossier import Dossier
from normlib.figures.common import cited
from normlib.figures.sketch import Sketch, Trace, scatter
from normlib.figures.stack import (
    FOOT,
    TOP,
    Record,
    add_headings,
    hover_lines,
    legend,
    missing,
    plain,
    stacked,
)
from normlib.figures.studies import (
    changed_words,
    estimates_table,
    study_words,
    units_of,
    value_words,
)
from normlib.figures.theme import BLUE, GREY, INK, LIGHT, PAPER, VERMILION, empty_figure, finish
from normlib.figures.words import capital, count_words, day_words
from normlib.rows import dicts

ROW, MARK = 55, 16
"""Height of a line, and how far below its middle its mark stands, in pixels."""

WIDE_TOP, NARROW_TOP = TOP + 64, 220
INDENT = 15
WIDE, NARROW = 92, 44
"""Characters of a line of words that fit; the table has all."""

OPEN_END = 0.07
"""Length of the arrow at an open end, as a share of the axis: it says no more than a direction."""

KINDS = {
    "read": ("study, read itself", "circle", BLUE, BLUE),
    "cited": ("study, known from those who cite it", "circle", PAPER, BLUE),
    "restated": ("restated", "diamond", PAPER, INK),
    "credited": ("restated, and credited to others", "diamond", VERMILION, VERMILION),
}
"""How an estimate is drawn: words, symbol, filling and edge."""


def estimates_figure(estimates: pd.DataFrame, dossier: Dossier) -> go.Figure:
    """Draw published estimates as marks and ranges, grouped by what changes.

    Only those in the unit that most of them share are drawn; the table holds them all.

    Parameters
    ----------
    estimates : see :func:`normlib.estimates.estimates`.
    """
    key, title = "estimates", "What studies said an opening would change"
    known = estimates[estimates["bound"].ne("unstated")]
    if known.empty:
        reason = f"No estimate was on record by {day_words(dossier.day)}."
        return empty_figure(key=key, title=title, stamp=dossier.stamp, reason=reason)
    unit = known["unit"].mode()[0]
    rows = known[known["unit"].eq(unit)]
    stack = stacked(_groups(rows), ROW)
    rows = rows.assign(y=rows["effect_id"].map(stack.places()))
    low, high = _reach(rows)
    arrow = (high - low) * OPEN_END
    fig = Sketch([*_shifts(rows), *_ranges(rows, arrow), *_marks(rows, dossier)])
    _add_axes(fig, stack.height, (low, high), units_of(dossier)[unit])
    _add_branches(fig, rows)
    add_headings(fig, stack)
    headings = fig.layout["annotations"]
    lines = {chars: [*headings, *_labels(rows, dossier, chars)] for chars in (WIDE, NARROW)}
    fig.update_layout(
        annotations=lines[WIDE],
        margin={"l": 8, "r": 14, "t": WIDE_TOP, "b": 8},
        legend=legend(26, stack.height),
    )
    height = int(stack.height + WIDE_TOP + FOOT)
    return finish(
        fig,
        key=key,
        title=title,
        stamp=dossier.stamp,
        caption=_caption(rows, estimates, units_of(dossier)[unit]["label"]),
        alt=_alt(rows, dossier),
        sources=cited(rows),
        table=estimates_table(estimates, dossier),
        height=height,
        narrow={
            "margin.t": NARROW_TOP,
            "height": height - WIDE_TOP + NARROW_TOP,
            "annotations": lines[NARROW],
        },
    )


def _groups(rows: pd.DataFrame) -> dict[str, list[str]]:
    """Return the estimates of each indicator, under its name with a capital."""
    groups = rows.groupby("indicator", sort=False)["effect_id"]
    return {capital(str(name)): ids.tolist() for name, ids in groups}


def _reach(rows: pd.DataFrame) -> tuple[float, float]:
    """First and last value of the axis, zero and a margin included."""
    ends = [0.0, *rows["value_low"].dropna(), *rows["value_high"].dropna()]
    margin = max(max(ends) - min(ends), 1) * 0.06
    return min(ends) - margin, max(ends) + margin


def _kind(row: Record) -> str:
    if row["generation"]:
        return "credited" if row["credit_differs"] else "restated"
    return "cited" if isinstance(row["as_cited_by"], str) else "read"


def _ends(row: Record) -> tuple[float, ...]:
    """Return the values of an estimate that are stated: one, or the two ends of a range."""
    ends = (row["value_low"], row["value_high"])
    return tuple(dict.fromkeys(end for end in ends if not missing(end)))


def _marks(rows: pd.DataFrame, dossier: Dossier) -> list[Trace]:
    """Return the marks at the values, a trace for each kind, so that a legend names it."""
    return [
        _marks_of(kind, [row for row in dicts(rows) if _kind(row) == kind], dossier)
        for kind in KINDS
        if any(_kind(row) == kind for row in dicts(rows))
    ]


def _marks_of(kind: str, rows: list[dict[Any, Any]], dossier: Dossier) -> Trace:
    name, symbol, fill, edge = KINDS[kind]
    points = [(value, row) for row in rows for value in _ends(row)]
    return scatter(
        x=[value for value, _ in points],
        y=[row["y"] + MARK for _, row in points],
        mode="markers",
        marker={"symbol": symbol, "size": 10, "color": fill, "line": {"width": 2, "color": edge}},
        customdata=[[f"effects/{row['effect_id']}"] for _, row in points],
        hovertext=[_hover(row, dossier) for _, row in points],
        hoverinfo="text",
        cliponaxis=False,
        name=name,
    )


def _ranges(rows: pd.DataFrame, arrow: float) -> list[Trace]:
    """Return the lines between two ends, and the arrows at open ones."""
    return [_range(row, arrow) for row in dicts(rows) if row["bound"] != "exact"]


def _range(row: Record, arrow: float) -> Trace:
    first = row["value_low"] if row["bound"] != "below" else row["value_high"] - arrow
    last = row["value_high"] if row["bound"] != "above" else row["value_low"] + arrow
    tips = {"below": ("triangle-left", 0), "above": ("triangle-right", 1)}
    symbol, at = tips.get(row["bound"], ("circle", 0))
    edge = KINDS[_kind(row)][3]
    sizes = [0, 0]
    sizes[at] = 12 if row["bound"] in tips else 0
    return scatter(
        x=[first, last],
        y=[row["y"] + MARK] * 2,
        mode="lines+markers",
        line={"color": edge, "width": 3},
        marker={"symbol": symbol, "size": sizes, "color": edge, "opacity": 1},
        customdata=[[f"effects/{row['effect_id']}"]] * 2,
        hoverinfo="skip",
        cliponaxis=False,
        showlegend=False,
    )


def _shifts(rows: pd.DataFrame) -> list[Trace]:
    """Return, in the line of each restatement, ticks at what its study said."""
    studies = {row["effect_id"]: row for row in dicts(rows)}
    points = [
        (value, row["y"] + MARK, row["family"])
        for row in dicts(rows)
        if row["generation"] and row["family"] in studies
        for value in _ends(studies[row["family"]])
    ]
    if not points:
        return []
    return [
        scatter(
            x=[value for value, *_ in points],
            y=[y for _, y, _ in points],
            mode="markers",
            marker={"symbol": "line-ns", "size": 11, "line": {"width": 2, "color": BLUE}},
            customdata=[[f"effects/{family}"] for *_, family in points],
            hoverinfo="skip",
            name="what the study said",
            legendrank=2000,
        )
    ]


def _add_axes(fig: Sketch, height: float, reach: tuple[float, float], unit: Any) -> None:
    symbol = unit.get("symbol")
    fig.update_layout(
        xaxis={
            "range": list(reach),
            "side": "top",
            "ticksuffix": f" {symbol}" if symbol else "",
            "tickfont": {"size": 11.5, "color": GREY},
            "nticks": 7,
            "fixedrange": True,
        },
        yaxis={"range": [height, 0], "visible": False, "fixedrange": True},
    )
    zero = {"color": GREY, "width": 1}
    fig.add_shape(type="line", x0=0, x1=0, y0=0, y1=height, line=zero, layer="between")


def _add_branches(fig: Sketch, rows: pd.DataFrame) -> None:
    """Draw a branch at the left from each estimate to what restates it."""
    lines = {row["effect_id"]: row for row in dicts(rows)}
    for row in lines.values():
        older = lines.get(row["restates"])
        if older:
            x = 4 + INDENT * older["generation"]
            fig.add_shape(
                type="path",
                path=f"M{x},{older['y'] + 2} V{row['y'] - 19} H{x + INDENT - 6}",
                xref="paper",
                xsizemode="pixel",
                xanchor=0,
                line={"color": LIGHT, "width": 2},
            )


def _labels(rows: pd.DataFrame, dossier: Dossier, chars: int) -> list[dict[str, Any]]:
    """Write value and study over each mark, and beneath them what is assumed."""
    units = units_of(dossier)
    return [
        _label(row, line, size, shift)
        for row in dicts(rows)
        for line, size, shift in (
            (_first_line(row, value_words(row, units), chars), 12, -19),
            (plain(textwrap.shorten(_second_line(row), chars + 10, placeholder=" …")), 11, -3),
        )
    ]


def _label(row: Record, text: str, size: float, shift: float) -> dict[str, Any]:
    return {
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "xshift": INDENT * row["generation"],
        "y": row["y"] + shift,
        "yanchor": "middle",
        "text": text,
        "showarrow": False,
        "bgcolor": PAPER,
        "borderpad": 0,
        "font": {"size": size, "color": INK if size > 11 else GREY},
    }


def _first_line(row: Record, value: str, chars: int) -> str:
    rest = textwrap.shorten(study_words(row), chars - len(value), placeholder=" …")
    return f"<b>{plain(value)}</b> · {plain(rest)}"


def _second_line(row: Record) -> str:
    by = row["as_cited_by"] if row["generation"] else None
    told = [f"by {by.partition(';')[0]}"] if isinstance(by, str) else []
    told += [row["assumption"], *([row["horizon"]] if isinstance(row["horizon"], str) else [])]
    return " · ".join(told)


def _hover(row: Record, dossier: Dossier) -> str:
    within = f"within: {row['horizon']}" if isinstance(row["horizon"], str) else None
    cited_by = f"as cited by {row['as_cited_by']}" if isinstance(row["as_cited_by"], str) else None
    return hover_lines(
        f"{row['quantity']}: {value_words(row, units_of(dossier))}",
        study_words(row),
        f"assuming: {row['assumption']}",
        within,
        cited_by,
        changed_words(row),
    )


def _caption(rows: pd.DataFrame, estimates: pd.DataFrame, unit: str) -> str:
    left = len(estimates) - len(rows)
    others = f" The table holds {left} more in other units." if left else ""
    return (
        f"One line for each estimate in {unit.lower()}, with what it assumes and its time span. "
        "Restatements are indented under the study that they go back to; a tick marks what that "
        "study said. Two marks joined by a line are the ends of a range, an arrow is an open end. "
        "Estimates under different assumptions are not comparable, and nothing here is modelled."
        f"{others}"
    )


def _alt(rows: pd.DataFrame, dossier: Dossier) -> str:
    units = units_of(dossier)
    told = []
    for name, group in rows.groupby("indicator", sort=False):
        ends = pd.concat([group["value_low"], group["value_high"]])
        row = {**dicts(group)[0], "value_low": ends.min(), "value_high": ends.max()}
        restated = int(group["generation"].gt(0).sum())
        among = f", {restated} of them restated" if restated else ""
        told.append(
            f"{name}: {value_words(row, units)} ({count_words(len(group), 'estimate')}{among})"
        )
    return f"{count_words(len(rows), 'estimate')} as marks over a line at zero. {'; '.join(told)}."
