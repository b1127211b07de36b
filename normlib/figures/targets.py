"""The dates that were named for commitments, one line each, and what came of them."""

import textwrap
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.figures.common import cited
from normlib.figures.sketch import Sketch, Trace, scatter
from normlib.figures.stack import (
    FOOT,
    TOP,
    Record,
    Stack,
    add_headings,
    frame_axes,
    hover_lines,
    iso,
    legend,
    plain,
    stacked,
    words_trace,
)
from normlib.figures.tables import Link, Table
from normlib.figures.theme import BLUE, GREEN, GREY, INK, PAPER, VERMILION, empty_figure, finish
from normlib.figures.words import count_words, date_words, day_words
from normlib.rows import dicts

ROW = 36
LONG_MONTHS = ("January", "February", "August", "September", "October", "November", "December")
LABEL, MARK = -8, 8
WIDE_TOP, NARROW_TOP = TOP + 24, 172
NAME = 30
"""Characters of a speaker's name that fit beside the dates; the table has all."""

SPEAKERS = {
    "official": ("said by an official", "circle", INK),
    "company": ("said by a company", "square", INK),
    "other": ("said by others", "circle", PAPER),
}
"""Who named a date: words, symbol and filling."""

OUTCOMES = {
    "met": "met",
    "missed": "passed unfulfilled",
    "unseen": "passed, outcome not recorded",
    "ahead": "still ahead",
    "none": "no date",
}
"""What became of a date, in words."""


def targets_figure(
    stated: pd.DataFrame,
    ledger: pd.DataFrame,
    *,
    day: pd.Timestamp,
    stamp: str,
    key: str = "targets",
    title: str = "Dates named, and what came",
) -> go.Figure:
    """Draw each stated target as a line: when it was said, what date it named, what came.

    Parameters
    ----------
    stated : of :func:`normlib.commitments.targets`; its rows are those drawn, without those that
        name no date. Of a single commitment, the promise itself is the first line.
    ledger : of :func:`normlib.commitments.ledger`.
    day, stamp : of the dossier.
    key, title : name and title of the figure, where a page shows several.
    """
    rows = stated.dropna(subset=["target_latest"]).reset_index(drop=True)
    if rows.empty:
        reason = "No date had been named by this day."
        return empty_figure(key=key, title=title, stamp=stamp, reason=reason)
    rows = rows.assign(row=rows["commitment_id"] + "|" + rows["order"].astype(str))
    promise = ledger[ledger["commitment_id"].isin(rows["commitment_id"].unique())]
    promise = promise if len(promise) == 1 else promise[:0]
    stack = stacked(_groups(rows, promise), ROW)
    rows = rows.assign(y=rows["row"].map(stack.places()))
    start, end = _reach(rows, promise, day)
    edge = end - (end - start) * 0.02
    fig = Sketch([*_lines(rows, edge, day), *_symbols(rows, edge, end), _labels(rows, start)])
    _add_promise(fig, promise, stack, start, end, day)
    frame_axes(fig, stack, start, end)
    add_headings(fig, stack)
    _add_today(fig, day)
    height = int(stack.height + WIDE_TOP + FOOT)
    fig.update_layout(margin={"l": 4, "r": 52, "t": WIDE_TOP, "b": 8})
    fig.update_layout(legend=legend(24, stack.height))
    return finish(
        fig,
        key=key,
        title=title,
        stamp=stamp,
        caption=_caption(day),
        alt=_alt(rows, day),
        sources=cited(rows),
        table=targets_table(stated),
        height=height,
        narrow={
            "margin.t": NARROW_TOP,
            "height": height - WIDE_TOP + NARROW_TOP,
            "legend.entrywidth": 0.5,
            "legend.entrywidthmode": "fraction",
        },
    )


def targets_table(stated: pd.DataFrame) -> Table:
    """Return the stated targets as a table: who named which date when, and what came."""
    commitments = zip(stated["title"], stated["commitment_id"], strict=True)
    links: list[Any] = [Link(words, "commitments", name) for words, name in commitments]
    return Table(
        stated.assign(
            commitment=links,
            said=stated["stated_on"].map(date_words),
            named=[date_words(target) or "no date" for target in stated["target"]],
            became=stated["outcome"].map(OUTCOMES),
        ),
        columns={
            "commitment": "Commitment",
            "said": "Said on",
            "stated_by_name": "By",
            "named": "Date named",
            "wording": "In which words",
            "moved_days": "Moved by (days)",
            "became": "What came",
            "slippage_days": "Days past it",
            "sources": "Sources",
        },
        caption="Dates that were named for commitments, in the order in which they were stated",
    )


def _groups(rows: pd.DataFrame, promise: pd.DataFrame) -> dict[str, list[str]]:
    """Rows by commitment; a single commitment has a row of its own instead of a heading."""
    if len(promise):
        return {"": [*promise["commitment_id"], *rows["row"]]}
    groups = rows.groupby("commitment_id", sort=False)
    return {str(group["title"].iloc[0]): list(group["row"]) for _, group in groups}


def _reach(
    rows: pd.DataFrame, promise: pd.DataFrame, day: pd.Timestamp
) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First and last day of the axis; dates far ahead are cut off at its end."""
    begins = [rows["stated_day"], rows["target_latest"], promise["made_on_latest"]]
    first = pd.concat(begins).min()
    margin = max((day - first) * 0.02, pd.Timedelta(days=4))
    ahead = min(rows["target_latest"].max(), day + (day - first) * 0.12)
    return first - margin, max(day, ahead) + margin


def _add_promise(
    fig: Sketch,
    promise: pd.DataFrame,
    stack: Stack,
    start: pd.Timestamp,
    end: pd.Timestamp,
    day: pd.Timestamp,
) -> None:
    """Draw the promise as a line from its day to full implementation, or to the day."""
    for row in dicts(promise):
        key, y = f"commitments/{row['commitment_id']}", stack.places()[row["commitment_id"]]
        days = int(row["outstanding_days_high"])
        begin, until = row["made_on_latest"], row["made_on_latest"] + pd.Timedelta(days=days)
        words = f"<b>The promise</b>, {short_date(row['made_on'])}"
        fig.add_traces(
            [
                scatter(
                    x=[iso(begin), iso(min(until, day))],
                    y=[y + MARK] * 2,
                    mode="lines+markers",
                    line={"color": INK, "width": 3},
                    marker={"symbol": ["diamond", "line-ns-open"], "size": 10, "color": INK},
                    customdata=[[key]] * 2,
                    hovertext=hover_lines(row["title"], row["text"]),
                    hoverinfo="text",
                    showlegend=False,
                ),
                words_trace([words], [y + LABEL], x=iso(start), keys=[key]),
                _right([f"{days:,} d"], [y], end),
            ]
        )


def _lines(rows: pd.DataFrame, edge: pd.Timestamp, day: pd.Timestamp) -> list[Trace]:
    """Return the way from the word to the date named, the date's span, and the days past it."""
    last = _until(rows["target_latest"], edge)
    first = _until(rows["target_earliest"].fillna(last), edge)
    late = rows[rows["outcome"].isin(("missed", "unseen")) & (rows["target_latest"] < day)]
    until = late["came_on"].fillna(day)
    dates = {"color": BLUE, "width": 2}
    past = {"color": VERMILION, "width": 2, "dash": "dot"}
    spans = {"color": BLUE, "width": 8}
    return [
        _segments(rows, rows["stated_day"], last, line=dates, name="", shown=False),
        _segments(rows, first, last, line=spans, name="the span named", shown=True),
        _segments(late, late["target_latest"], until, line=past, name="days past it", shown=True),
    ]


def _until(days: pd.Series, edge: pd.Timestamp) -> pd.Series:
    return days.where(days <= edge, edge)


def _segments(
    rows: pd.DataFrame,
    start: pd.Series,
    end: pd.Series,
    *,
    line: dict[str, object],
    name: str,
    shown: bool,
) -> Trace:
    """One trace of separate lines, one for each row."""
    pairs = list(zip(start, end, rows["y"], rows["commitment_id"], strict=True))
    return scatter(
        x=[x for first, last, _, _ in pairs for x in (iso(first), iso(last), None)],
        y=[value for _, _, y, _ in pairs for value in (y + MARK, y + MARK, None)],
        customdata=[[f"commitments/{key}"] for *_, key in pairs for _ in range(3)],
        mode="lines",
        line=line,
        hoverinfo="skip",
        name=name,
        showlegend=shown,
    )


def _symbols(rows: pd.DataFrame, edge: pd.Timestamp, end: pd.Timestamp) -> list[Trace]:
    last = _until(rows["target_latest"], edge)
    came = rows[rows["came_on"].notna()]
    speakers = [
        _markers(said, said["stated_day"], symbol=symbol, colour=colour, name=words, size=8)
        for kind, (words, symbol, colour) in SPEAKERS.items()
        for said in [rows[rows["speaker"].eq(kind)]]
    ]
    return [
        _markers(
            rows, last, symbol="triangle-right", colour=BLUE, name="the last day named", size=11
        ),
        *speakers,
        _markers(
            came, came["came_on"], symbol="star", colour=GREEN, name="came into effect", size=12
        ),
        _days_past(rows, end),
    ]


def _markers(
    rows: pd.DataFrame, days: pd.Series, *, symbol: str, colour: str, name: str, size: int
) -> Trace:
    said = dicts(rows)
    return scatter(
        x=[iso(day) for day in days],
        y=[y + MARK for y in rows["y"]],
        mode="markers",
        marker={
            "symbol": symbol,
            "size": size,
            "color": colour,
            "line": {"width": 1.5, "color": INK if colour == PAPER else colour},
        },
        customdata=[[f"commitments/{key}"] for key in rows["commitment_id"]],
        hovertext=[hover_lines(_words(row), row["wording"]) for row in said],
        hoverinfo="text",
        cliponaxis=False,
        name=name,
    )


def _days_past(rows: pd.DataFrame, end: pd.Timestamp) -> Trace:
    """Write the days past each date at the right edge, or what else became of it."""
    words = [
        "ahead"
        if outcome == "ahead"
        else "met"
        if outcome == "met"
        else f"{int(days):,} d" + ("?" if outcome == "unseen" else "")
        for outcome, days in zip(rows["outcome"], rows["slippage_days"].fillna(0), strict=True)
    ]
    return _right(words, list(rows["y"]), end)


def _right(words: list[str], ys: list[float], end: pd.Timestamp) -> Trace:
    """Words at the right edge of the plot."""
    return scatter(
        x=[iso(end)] * len(words),
        y=[y + MARK for y in ys],
        mode="text",
        text=[f" {text}" for text in words],
        textposition="middle right",
        textfont={"size": 11.5, "color": INK},
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )


def _words(row: Record) -> str:
    return (
        f"{row['stated_by_name']}, {date_words(row['stated_on'])}: {date_words(row['target'])} "
        f"({OUTCOMES[str(row['outcome'])]})"
    )


def _labels(rows: pd.DataFrame, start: pd.Timestamp) -> Trace:
    said = zip(rows["stated_by_name"], rows["stated_on"], rows["target"], strict=True)
    return words_trace(
        [f"{_short(who)}, {short_date(on)} → <b>{short_date(what)}</b>" for who, on, what in said],
        [y + LABEL for y in rows["y"]],
        x=iso(start),
        keys=[f"commitments/{name}" for name in rows["commitment_id"]],
    )


def _short(name: str) -> str:
    bare = name.partition(" (")[0]
    return plain(textwrap.shorten(bare, NAME, placeholder=" …"))


def short_date(text: object) -> str:
    """Write a date in few letters.

    >>> short_date("2023-02-16"), short_date("2023-06/2023-08"), short_date("2022-07-01/2022-07-07")
    ('16 Feb 2023', 'June–Aug 2023', '1–7 July 2022')
    """
    start, to, end = date_words(text).partition(" to ")
    tail = end.split()
    while to and start and tail and start.split()[-1] == tail.pop():
        start = start.rpartition(" ")[0]
    joined = f"{start}–{end}" if to else start
    for month in LONG_MONTHS:
        joined = joined.replace(month, month[:3])
    return joined.replace("about ", "c. ")


def _add_today(fig: Sketch, day: pd.Timestamp) -> None:
    fig.add_shape(
        type="line",
        x0=iso(day),
        x1=iso(day),
        yref="paper",
        y0=0,
        y1=1,
        line={"color": GREY, "width": 1, "dash": "dash"},
        layer="below",
    )


def _caption(day: pd.Timestamp) -> str:
    return (
        "One line for each date that was named: from the day on which it was said to the last day "
        "that it allows, then dotted to the day on which it came, or to "
        f"{day_words(day)} (dashed upright line) if no full implementation is on record. At the "
        "right the days past it; with “?” where nothing is recorded since the date passed. A date "
        "in the press is not a promise of a government."
    )


def _alt(rows: pd.DataFrame, day: pd.Timestamp) -> str:
    outcomes = rows["outcome"].value_counts()
    counts = [f"{count} {OUTCOMES[str(name)]}" for name, count in outcomes.items()]
    lines = [_words(row) for row in dicts(rows)]
    return (
        f"{count_words(len(rows), 'date')} named for "
        f"{count_words(rows['commitment_id'].nunique(), 'commitment')}; on {day_words(day)} "
        f"{', '.join(counts)}. In order: {'; '.join(lines)}."
    )
