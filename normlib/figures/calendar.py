"""Events in a calendar: a row for each year that has any, its months across.

Few events take little room, many are stacked, and a gap of decades costs one dotted line. One unit
of the vertical axis is one pixel from the top, one of the horizontal axis a month.
"""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.edtf import MONTHS
from normlib.figures import theme
from normlib.figures.common import cited
from normlib.figures.sketch import Sketch, Trace, scatter
from normlib.figures.tables import Link, Table
from normlib.figures.timeline import legend
from normlib.figures.words import count_words, date_words, list_words
from normlib.profiles import CONTACT
from normlib.rows import dicts

STEP, PAD, SKIP = 13, 9, 8
"""Pixels: height of a row of marks, free space of a year, and of years that are left out."""

MARK = 0.5
"""Months that a mark needs in the narrowest picture."""

TOP, NARROW_TOP, FOOT = 84, 104, 10
NARROW, WIDE = 270.0, 600.0
"""Widths in pixels of the narrowest picture of either kind, for the legend."""

GAP = 0.1
"""Months between two marks of a row, so that bars of two months in turn do not look like one."""

DAY = 1.2 / 28
"""Months that one day is at most, with something to spare."""

RINGED, PLAIN = 11, 8
"""Sizes of the marks of shared events and of others, in pixels."""

ROLE = theme.Style("role begins or ends", theme.INK, symbol="line-ns")

_Row = Mapping[Any, Any]


def calendar_figure(
    events: pd.DataFrame, facts: pd.DataFrame, terms: pd.DataFrame, *, stamp: str
) -> go.Figure:
    """Draw events in the rows of their years.

    Parameters
    ----------
    events : ``event_id``, ``date``, ``title``, ``tone``, ``part``, ``exact``, ``earliest``,
        ``known_by``, ``sources``, as :func:`normlib.profiles.events` returns them.
    facts : of :func:`normlib.profiles.facts`: whose events they are.
    terms : of :func:`normlib.profiles.terms`: when a role began and ended.
    stamp : day and release, ``dossier.stamp``.
    """
    name = "".join(facts["name"])
    title = f"{name}: events year by year"
    if events.empty:
        reason = "No event on record."
        return theme.empty_figure(key="calendar", title=title, stamp=stamp, reason=reason)
    marks = _marks(events, terms)
    pieces = placed(marks)
    years = year_rows(pieces.assign(event=marks["tone"].ne("").reindex(pieces["place"]).to_numpy()))
    drawn = pieces.join(marks, on="place").merge(years[["year", "top"]], on="year")
    drawn = drawn.assign(y=drawn["top"] + PAD / 2 + (drawn["row"] + 0.5) * STEP)
    fig = Sketch([*_spans(drawn), *_symbols(drawn), *_key(marks)])
    _frame(fig, years)
    bottom = int(theme.legend_pixels(fig, WIDE)) + FOOT
    narrow_bottom = int(theme.legend_pixels(fig, NARROW)) + FOOT
    height = int(years["bottom"].max())
    fig.update_layout(legend=legend(), margin={"t": TOP, "b": bottom, "l": 20, "r": 8})
    return theme.finish(
        fig,
        key="calendar",
        title=title,
        stamp=stamp,
        caption=_caption(marks, years),
        alt=_alt(events, name),
        sources=cited(events),
        table=_table(events),
        height=height + TOP + bottom,
        narrow={
            "height": height + NARROW_TOP + narrow_bottom,
            "margin.t": NARROW_TOP,
            "margin.b": narrow_bottom,
            "xaxis.ticktext": [month[0] for month in MONTHS],
        },
        indent=4,
    )


def placed(marks: pd.DataFrame) -> pd.DataFrame:
    """Return where marks stand: a piece for each year in which a mark may lie.

    Parameters
    ----------
    marks : ``earliest`` (NaT: not later than) and ``known_by``, numbered from 0.

    Returns
    -------
    ``place`` (number of the mark), ``year``, ``x0``, ``x1`` (first and last possible day, in months
    from the beginning of the year), ``x`` (where the symbol stands; missing in all years but one),
    ``row`` (within its year, from 0), so that no two pieces of a year lie on each other.
    """
    days = zip(marks["earliest"], marks["known_by"], strict=True)
    found = [piece for at, (start, end) in enumerate(days) for piece in _pieces(at, start, end)]
    rows = pd.DataFrame(found, columns=["place", "year", "x0", "x1", "x"])
    return rows.assign(row=_stacked(rows)).astype({"x": "float64"})


def year_rows(pieces: pd.DataFrame) -> pd.DataFrame:
    """Return the years that have pieces, from the top, in pixels.

    Parameters
    ----------
    pieces : of :func:`placed`, and ``event``: whether a piece is one of an event.

    Returns
    -------
    ``year``, ``events`` (symbols of events in it), ``skipped`` (years left out before it), ``top``,
    ``bottom``.
    """
    shown = pieces.assign(counts=pieces["event"] & pieces["x"].notna())
    years = shown.groupby("year", as_index=False).agg(events=("counts", "sum"), rows=("row", "max"))
    skipped = years["year"].diff().fillna(1).astype("int64") - 1
    height = (years["rows"] + 1) * STEP + PAD
    bottom = (height + SKIP * skipped.gt(0)).cumsum()
    return years[["year", "events"]].assign(skipped=skipped, top=bottom - height, bottom=bottom)


def _pieces(at: int, start: Any, end: pd.Timestamp) -> Iterator[tuple[Any, ...]]:
    open_start = pd.isna(start)
    first = pd.Timestamp(end.year, 1, 1) if open_start else min(start, end)
    middle = end if open_start else first + (end - first) / 2
    for year in range(first.year, end.year + 1):
        x0 = _months(first, 0) if year == first.year else 0.0
        x1 = _months(end, 1) if year == end.year else 12.0
        inside = _months(middle, 1 if open_start else 0.5)
        x = (x0 + x1) / 2 if first.year == end.year and not open_start else inside
        yield at, year, x0, x1, x if year == middle.year else None


def _months(day: pd.Timestamp, share: float) -> float:
    """Return how many months of its year have passed at some share of a day."""
    return float(day.month - 1 + (day.day - 1 + share) / day.days_in_month)


def _stacked(pieces: pd.DataFrame) -> pd.Series:
    """Give each piece the lowest row of its year that is free."""
    middle = pieces["x"].astype("float64").fillna((pieces["x0"] + pieces["x1"]) / 2)
    left = pieces["x0"].where(pieces["x0"] < middle - MARK / 2, middle - MARK / 2)
    right = pieces["x1"].where(pieces["x1"] > middle + MARK / 2, middle + MARK / 2)
    order = sorted(zip(pieces["year"], left, right, pieces.index, strict=True))
    free: dict[int, list[float]] = {}
    rows = {}
    for year, start, end, at in order:
        taken = free.setdefault(year, [])
        row = next((number for number, edge in enumerate(taken) if edge <= start), len(taken))
        taken[row : row + 1] = [end + GAP]
        rows[at] = row
    return pd.Series(rows, index=pieces.index, dtype="int64")


def _marks(events: pd.DataFrame, terms: pd.DataFrame) -> pd.DataFrame:
    """Return events and the ends of roles as marks: what each leads to, says and looks like."""
    own = events.assign(
        leads="events/" + events["event_id"],
        words=[_hover(row) for row in dicts(events)],
        ringed=events["part"].eq(CONTACT),
    )
    ends = terms.assign(
        leads="actors/" + terms["actor_id"],
        words=[f"role {row['change']} {date_words(row['date'])}" for row in dicts(terms)],
        tone="",
        exact=True,
        ringed=False,
    )
    columns = ["leads", "words", "earliest", "known_by", "tone", "exact", "ringed"]
    return pd.concat([part[columns] for part in (ends, own) if len(part)], ignore_index=True)


def _hover(row: _Row) -> str:
    took_part = " · shared event" if row["part"] == CONTACT else ""
    tone = theme.TONE_STYLES[row["tone"]].label
    return f"<b>{escape(row['title'])}</b><br>{date_words(row['date'])} · {tone}{took_part}"


def _styles(marks: pd.DataFrame) -> Iterator[tuple[theme.Style, Sequence[_Row]]]:
    for word, style in {**theme.TONE_STYLES, "": ROLE}.items():
        own = marks[marks["tone"].eq(word)]
        if len(own):
            yield style, dicts(own)


def _spans(drawn: pd.DataFrame) -> Iterator[Trace]:
    """Draw a thin bar from the first to the last possible day where that is not one day."""
    for style, rows in _styles(drawn[drawn["x1"] - drawn["x0"] > DAY]):
        points = [(x, row) for row in rows for x in (row["x0"], row["x1"], None)]
        yield scatter(
            x=[x for x, _ in points],
            y=[row["y"] for _, row in points],
            customdata=[[row["leads"]] for _, row in points],
            mode="lines",
            line={"color": style.colour, "width": 2.5},
            name=f"{style.label}: possible days",
            hoverinfo="skip",
            showlegend=False,
        )


def _symbols(drawn: pd.DataFrame) -> Iterator[Trace]:
    """Draw a symbol for each mark: full for an exact day, else hollow; ringed if shared."""
    for style, rows in _styles(drawn.dropna(subset=["x"])):
        yield scatter(
            x=[row["x"] for row in rows],
            y=[row["y"] for row in rows],
            customdata=[[row["leads"]] for row in rows],
            mode="markers",
            cliponaxis=False,
            marker={
                "symbol": [_symbol(style, row) for row in rows],
                "size": [RINGED if row["ringed"] or style is ROLE else PLAIN for row in rows],
                "color": style.colour,
                "opacity": 1,
                "line": {
                    "width": [2.5 if row["ringed"] or style is ROLE else 1.2 for row in rows],
                    "color": [theme.INK if row["ringed"] else style.colour for row in rows],
                },
            },
            name=style.label,
            hovertext=[row["words"] for row in rows],
            hovertemplate="%{hovertext}<extra></extra>",
            showlegend=False,
        )


def _symbol(style: theme.Style, row: _Row) -> str:
    return style.symbol if row["exact"] else f"{style.symbol}-open"


def _key(marks: pd.DataFrame) -> Iterator[Trace]:
    """Say what the symbols mean, as far as there are any."""
    looks = [(style.label, style.symbol, style.colour, 1.0) for style, _ in _styles(marks)]
    if marks["ringed"].any():
        looks.append(("ringed: shared event", "circle-open", theme.INK, 2.5))
    if not marks["exact"].all():
        looks.append(("hollow: day not exact", "circle-open", theme.GREY, 1.0))
    for label, symbol, colour, width in looks:
        line = {"width": 2.5 if symbol == ROLE.symbol else width, "color": colour}
        yield scatter(
            x=[None],
            y=[None],
            mode="markers",
            marker={"symbol": symbol, "size": 9, "color": colour, "line": line},
            name=label,
            hoverinfo="skip",
        )


def _frame(fig: Sketch, years: pd.DataFrame) -> None:
    rows = dicts(years)
    end = {"type": "line", "xref": "x", "yref": "y", "layer": "below"}
    lines = [
        {**end, "x0": 0, "x1": 12, "y0": row["top"], "y1": row["top"], "line": _rule(row)}
        for row in rows
    ]
    bottom = float(years["bottom"].max())
    quarters = [
        {**end, "x0": month, "x1": month, "y0": 0, "y1": bottom, "line": _rule({"skipped": 0})}
        for month in (0, 3, 6, 9, 12)
    ]
    fig.update_layout(shapes=[*lines, *quarters])
    fig.update_xaxes(range=[-0.2, 12.2], side="top", showgrid=False, fixedrange=True)
    fig.update_xaxes(tickvals=[month + 0.5 for month in range(12)], tickangle=0)
    fig.update_xaxes(ticktext=[month[:3] for month in MONTHS])
    fig.update_yaxes(range=[bottom, 0], showgrid=False, showline=False, fixedrange=True)
    fig.update_yaxes(tickvals=[row["top"] + (PAD + STEP) / 2 for row in rows])
    fig.update_yaxes(ticktext=[f"{row['year']} <b>{row['events'] or '–'}</b>" for row in rows])


def _rule(row: _Row) -> dict[str, Any]:
    """Return the line above a year, dotted where years without events are left out."""
    return (
        {"width": 1, "color": theme.GREY, "dash": "dot"}
        if row["skipped"]
        else {"width": 1, "color": theme.LIGHT}
    )


def _caption(marks: pd.DataFrame, years: pd.DataFrame) -> str:
    text = "A row is a year; beside it stands the number of its events. A mark is an event"
    if marks["ringed"].any():
        text += (
            ", ringed where they took part in it with somebody else who is named (a shared event)"
        )
    text += "."
    if not marks["exact"].all():
        text += (
            " Where the day is not known the mark is hollow, and a bar runs from the first to the "
            "last possible day."
        )
    if years["skipped"].any():
        text += " Above a dotted line years without an event are left out."
    return text


def _alt(events: pd.DataFrame, name: str) -> str:
    years = events["known_by"].dt.year.value_counts()
    most = list_words(str(year) for year in sorted(years[years == years.max()].index))
    met = int(events["part"].eq(CONTACT).sum())
    return (
        f"{count_words(len(events), 'event')} of {name}, {met or 'none'} of them "
        f"shared with others; most of them in {most} ({years.max()})."
    )


def _table(events: pd.DataFrame) -> Table:
    what: list[Any] = [Link(row["title"], "events", row["event_id"]) for row in dicts(events)]
    rows = events.assign(
        when=events["date"].map(date_words),
        what=what,
        tones=events["tone"].map(lambda word: theme.TONE_STYLES[word].label),
        met=["yes" if part == CONTACT else "" for part in events["part"]],
    )
    columns = {"when": "Date", "what": "Event", "tones": "Tone", "met": "Shared event"}
    return Table(rows, {**columns, "sources": "Sources"}, "Events drawn in the calendar")
