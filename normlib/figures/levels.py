"""The level of every commitment over time, as bars under their titles."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.figures.sketch import Sketch, Trace, bar, scatter
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
    missing,
    plain,
    stacked,
    words_trace,
)
from normlib.figures.tables import Link, Table
from normlib.figures.theme import (
    GREY,
    INK,
    LEVEL_STYLES,
    PAPER,
    VERMILION,
    empty_figure,
    finish,
)
from normlib.figures.words import count_words, date_words, day_words
from normlib.rows import dicts

ROW, BAR = 43, 15
LABEL, MARK = -11, 7
"""Where words and marks of a row stand, in pixels from its middle."""
NARROW_TOP = 150

LEVELS: tuple[int | None, ...] = (3, 2, 1, 0, None)


def levels_figure(
    history: pd.DataFrame,
    ledger: pd.DataFrame,
    stated: pd.DataFrame,
    *,
    day: pd.Timestamp,
    stamp: str,
    key: str = "levels",
    title: str = "Level by level",
) -> go.Figure:
    """Draw the level of each commitment of a ledger over time, grouped by sector.

    Parameters
    ----------
    history : of :func:`normlib.commitments.level_history`.
    ledger : of :func:`normlib.commitments.ledger`; its rows are the commitments drawn.
    stated : of :func:`normlib.commitments.targets`; dates named are drawn as ticks.
    day, stamp : of the dossier.
    key, title : name and title of the figure, where a page shows several.
    """
    spans = _spans(history, ledger, day)
    if spans.empty:
        reason = "No commitment of this kind is recorded by this day."
        return empty_figure(key=key, title=title, stamp=stamp, reason=reason)
    stack = stacked(_groups(ledger), ROW)
    start = spans["start"].min() - pd.Timedelta(days=3)
    fig = Sketch([_bars(spans, level, stack) for level in LEVELS])
    fig.add_traces([_ticks(stated, ledger, stack, start, day), _labels(ledger, stack, start)])
    fig.add_traces([_now(ledger, stack, spans["until"].max())])
    frame_axes(fig, stack, start, spans["until"].max())
    add_headings(fig, stack)
    _add_ends(fig, spans, ledger, stack)
    height = int(stack.height + TOP + FOOT)
    fig.update_layout(margin={"l": 4, "r": 26, "t": TOP + 26, "b": 8})
    fig.update_layout(legend=legend(22, stack.height))
    return finish(
        fig,
        key=key,
        title=title,
        stamp=stamp,
        caption=_caption(day),
        alt=_alt(ledger, day),
        table=_table(history, ledger),
        height=height,
        narrow={"margin.t": NARROW_TOP, "height": height - TOP - 26 + NARROW_TOP},
    )


def _spans(history: pd.DataFrame, ledger: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Spans of equal level, joined, of the commitments of a ledger; at least a sliver wide."""
    rows = history[history["commitment_id"].isin(ledger["commitment_id"])]
    if rows.empty:
        return rows.assign(until=rows["end"])
    rows = rows[~rows["commitment_id"].isin(_ended(ledger)) | rows["end"].notna()]
    level = rows["level"].astype("object").where(rows["level"].notna(), -1)
    new = level.ne(level.shift()) | rows["commitment_id"].ne(rows["commitment_id"].shift())
    runs = rows.groupby(new.cumsum().to_numpy(), as_index=False)
    first, last = runs.first(), runs["end"].agg(lambda ends: ends.iloc[-1])
    sliver = max((day - rows["start"].min()) / 90, pd.Timedelta(days=1))
    until = last["end"].fillna(day + sliver)
    return first.assign(until=until.astype(rows["start"].dtype))


def _ended(ledger: pd.DataFrame) -> dict[str, str]:
    """End states of the commitments that have one."""
    rows = ledger[ledger["standing"].eq("ended")]
    return dict(zip(rows["commitment_id"], rows["state"], strict=True))


def _groups(ledger: pd.DataFrame) -> dict[str, list[str]]:
    groups = ledger.groupby("sector", sort=False)["commitment_id"]
    return {str(name).capitalize(): list(ids) for name, ids in groups}


def _bars(spans: pd.DataFrame, level: int | None, stack: Stack) -> Trace:
    style = LEVEL_STYLES[level]
    rows = spans[spans["level"].isna() if level is None else spans["level"].eq(level).fillna(False)]
    places = stack.places()
    widths = [(end - begin).days for begin, end in zip(rows["start"], rows["until"], strict=True)]
    shown = (spans["until"].max() - spans["start"].min()).days * 0.045
    digit = "" if level is None else str(level)
    return bar(
        orientation="h",
        base=[iso(begin) for begin in rows["start"]],
        x=[width * 86_400_000 for width in widths],
        y=[places[name] + MARK for name in rows["commitment_id"]],
        width=BAR,
        marker={
            "color": style.colour,
            "line": {"color": INK if level is None else "#4d5a63", "width": 0.6},
            "pattern": {
                "shape": "/" if level is None else "",
                "fgcolor": GREY,
                "bgcolor": style.colour,
                "size": 5,
                "solidity": 0.25,
            },
        },
        text=[digit if width > shown else "" for width in widths],
        textposition="inside",
        insidetextanchor="start",
        textangle=0,
        constraintext="none",
        textfont={"size": 10.5, "color": PAPER if level == 3 else INK},
        customdata=[[f"commitments/{name}"] for name in rows["commitment_id"]],
        hovertext=[_hover(row) for row in dicts(rows)],
        hoverinfo="text",
        name=style.label,
    )


def _hover(row: Record) -> str:
    begin = pd.Timestamp(str(row["start"]))
    note = row["note"] if isinstance(row["note"], str) else "No observation yet."
    level = None if missing(row["level"]) else int(str(row["level"]))
    return hover_lines(f"{LEVEL_STYLES[level].label}, from {day_words(begin)}", note)


def _ticks(
    stated: pd.DataFrame, ledger: pd.DataFrame, stack: Stack, start: pd.Timestamp, day: pd.Timestamp
) -> Trace:
    inside = stated["target_latest"].between(start, day)
    rows = stated[inside & stated["commitment_id"].isin(ledger["commitment_id"])]
    places = stack.places()
    said = zip(rows["stated_by_name"], rows["stated_on"], rows["target"], strict=True)
    return scatter(
        x=[iso(last) for last in rows["target_latest"]],
        y=[places[name] + MARK for name in rows["commitment_id"]],
        mode="markers",
        marker={
            "symbol": "line-ns-open",
            "size": BAR + 3,
            "color": VERMILION,
            "line": {"width": 2, "color": VERMILION},
        },
        customdata=[[f"commitments/{name}"] for name in rows["commitment_id"]],
        hovertext=[
            hover_lines(f"{date_words(target)}, named by {name}, {date_words(on)}")
            for name, on, target in said
        ],
        hoverinfo="text",
        name="a date named for it",
    )


def _labels(ledger: pd.DataFrame, stack: Stack, start: pd.Timestamp) -> Trace:
    titles = dict(zip(ledger["commitment_id"], ledger["title"], strict=True))
    return words_trace(
        [plain(titles[row.key]) for row in stack.rows],
        [row.y + LABEL for row in stack.rows],
        x=iso(start),
        keys=[f"commitments/{row.key}" for row in stack.rows],
    )


def _now(ledger: pd.DataFrame, stack: Stack, end: pd.Timestamp) -> Trace:
    """Digit of the level on the day, at the right of each bar; a dash where there is none."""
    levels = dict(zip(ledger["commitment_id"], ledger["level"], strict=True))
    now = ["–" if missing(levels[row.key]) else str(levels[row.key]) for row in stack.rows]
    return scatter(
        x=[iso(end)] * len(now),
        y=[row.y + MARK for row in stack.rows],
        mode="text",
        text=[f"<b> {digit}</b>" for digit in now],
        textposition="middle right",
        textfont={"size": 12.5, "color": INK},
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )


def _add_ends(fig: Sketch, spans: pd.DataFrame, ledger: pd.DataFrame, stack: Stack) -> None:
    """Write the end state where a bar ends, on the side where there is room."""
    places, ended = stack.places(), _ended(ledger)
    begin, end = spans["start"].min(), spans["until"].max()
    rows = spans[spans["commitment_id"].isin(ended)].drop_duplicates("commitment_id", keep="last")
    last = zip(rows["commitment_id"], rows["until"], rows["level"].eq(3).fillna(False), strict=True)
    for name, until, full in last:
        late = (until - begin) / (end - begin) > 0.55
        fig.add_annotation(
            text=f" {ended[name]} {until.year} ",
            x=iso(until),
            y=places[name] + MARK,
            xanchor="right" if late else "left",
            xshift=-3 if late else 3,
            showarrow=False,
            font={"size": 10.5, "color": PAPER if full and late else INK},
        )


def _caption(day: pd.Timestamp) -> str:
    return (
        "Each bar begins on the day of the promise; its colour and digit are the level from one "
        f"observation to the next, the digit at the right is that of {day_words(day)} (– no "
        "evidence). A bar ends where the promise was given up or replaced. A tick is the last day "
        "of a date that somebody named. The levels are ordinal, and one coder’s judgement."
    )


def _alt(ledger: pd.DataFrame, day: pd.Timestamp) -> str:
    levels = ledger["level"]
    counts = [
        f"{int(levels.eq(level).sum())} at level {LEVEL_STYLES[level].label}"
        for level in (3, 2, 1, 0)
    ]
    return (
        f"Bars of {count_words(len(ledger), 'commitment')} by sector. On {day_words(day)}: "
        f"{', '.join(counts)}, and {int(levels.isna().sum())} without evidence."
    )


def _table(history: pd.DataFrame, ledger: pd.DataFrame) -> Table:
    titles = dict(zip(ledger["commitment_id"], ledger["title"], strict=True))
    rows = history[history["commitment_id"].isin(ledger["commitment_id"])]
    links: list[Any] = [Link(titles[key], "commitments", key) for key in rows["commitment_id"]]
    return Table(
        rows.assign(
            commitment=links,
            level_words=level_words(rows["level"]),
            note=rows["note"].fillna("No observation yet."),
        ),
        columns={
            "commitment": "Commitment",
            "start": "From",
            "end": "Until",
            "level_words": "Level",
            "state": "State",
            "note": "Why",
            "sources": "Sources",
        },
        caption="Levels over time, one row for each observation",
    )


def level_words(levels: pd.Series) -> Sequence[str]:
    """Write each level as number and word."""
    return [LEVEL_STYLES[None if missing(level) else int(level)].label for level in levels]
