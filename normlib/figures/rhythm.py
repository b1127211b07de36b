"""The rhythm of a record: events in each quarter, and the longest silences between the sides."""

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.affiliation import CONTACT_TYPES
from normlib.dossier import Dossier
from normlib.figures import theme
from normlib.figures.common import cited
from normlib.figures.sketch import Sketch
from normlib.figures.tables import Note, Number, Table
from normlib.figures.timeline import NOTHING, legend
from normlib.figures.words import count_words, day_words, list_words, quarter_words
from normlib.rows import dicts

NO_SPAN = "No contact is recorded yet after which there could be a silence."

_PATTERNS = {"circle": "", "diamond": "/", "triangle-down": "x"}
"""Pattern of a bar by the symbol of its tone, so that colour is not the only difference."""

_BAR, _LABEL = 14, 44
"""Heights of a bar and of the row that holds it with its words, in pixels."""

_MOST, _MOST_NUMBERED = 40, 24
"""How many quarters there is room for, and how many whose bars can carry a number."""

_Row = Mapping[Any, Any]


def activity_figure(
    activity: pd.DataFrame, *, since: pd.Timestamp, until: pd.Timestamp, stamp: str
) -> go.Figure:
    """Draw the number of events in each quarter as bars, stacked by tone.

    Parameters
    ----------
    activity : what :func:`normlib.timeline.activity` returns, by tone.
    since, until : days whose quarters are the first and the last one drawn, or the last forty.
    stamp : day and release, ``dossier.stamp``.
    """
    title = "Events recorded in each quarter, by tone"
    quarters = pd.period_range(since.to_period("Q"), until.to_period("Q"))[-_MOST:]
    shown = activity[activity["first_day"] >= quarters[0].start_time]
    if shown.empty:
        return theme.empty_figure(key="activity", title=title, stamp=stamp, reason=NOTHING)
    fig = Sketch()
    for word, style in theme.TONE_STYLES.items():
        _draw_bars(fig, shown[shown["group"] == word], style)
    if len(quarters) <= _MOST_NUMBERED:
        fig.update_layout(annotations=_totals(shown))
    _set_quarters(fig, [f"{quarter.year:04d}-Q{quarter.quarter}" for quarter in quarters])
    fig.update_yaxes(rangemode="tozero", nticks=5, title={"text": "events", "font": {"size": 12}})
    fig.update_layout(barmode="stack", bargap=0.18, legend=legend())
    fig.update_layout(margin={"t": 72, "b": 84, "l": 48, "r": 8})
    return theme.finish(
        fig,
        key="activity",
        title=title,
        stamp=stamp,
        caption=_activity_caption(activity, quarters[0].start_time),
        alt=str(activity_note(activity)),
        sources=cited(shown),
        table=_activity_table(shown),
        height=370,
        narrow={"margin.t": 84, "margin.b": 90, "height": 390},
    )


def activity_note(activity: pd.DataFrame) -> Note:
    """Say which quarter is the fullest, and that counting events measures reporting."""
    dated = activity.dropna(subset=["first_day"])
    if dated.empty:
        return Note(NOTHING)
    totals = dated.groupby("quarter")["events"].sum()
    fullest = totals[totals == totals.max()].index.tolist()
    vague = int(activity.loc[activity["first_day"].isna(), "events"].sum())
    start = "quarter on record is" if len(fullest) == 1 else "quarters on record are"
    return Note(
        f"The fullest {start} {list_words(map(quarter_words, fullest))}, with "
        f"{count_words(int(totals.max()), 'event')}; {vague:,} of "
        f"{count_words(int(activity['events'].sum()), 'event')} cannot be placed in one quarter "
        "and are not counted in any. Counting events measures what was reported, not progress.",
        cited(dated[dated["quarter"].isin(fullest)]),
    )


def silences_figure(silences: pd.DataFrame, *, stamp: str) -> go.Figure:
    """Draw the longest spans without a recorded contact between the sides as bars."""
    title = "Longest spans without a recorded contact"
    if silences.empty:
        return theme.empty_figure(key="silences", title=title, stamp=stamp, reason=NO_SPAN)
    rows = dicts(silences)
    fig = Sketch()
    fig.add_bar(
        x=[row["days"] for row in rows],
        y=[-place for place in range(len(rows))],
        customdata=[[f"events/{_contact_at_end(row)}"] for row in rows],
        orientation="h",
        width=_BAR / _LABEL,
        marker={
            "color": theme.ACCENT,
            "pattern": {
                "shape": ["/" if row["running"] else "" for row in rows],
                "bgcolor": theme.PAPER,
                "fgcolor": theme.ACCENT,
                "size": 5,
            },
            "line": {"color": theme.ACCENT, "width": 1},
        },
        hovertext=[f"{_span_words(row)}: {length_words(row)}" for row in rows],
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )
    fig.update_layout(annotations=[_span_note(row, -place) for place, row in enumerate(rows)])
    fig.update_xaxes(rangemode="tozero", title={"text": "days", "font": {"size": 12}}, nticks=6)
    fig.update_xaxes(tickformat=",d")
    fig.update_yaxes(visible=False, range=[-len(rows) + 0.5, 0.75])
    fig.update_layout(margin={"t": 60, "b": 48, "l": 10, "r": 16})
    return theme.finish(
        fig,
        key="silences",
        title=title,
        stamp=stamp,
        caption=(
            "Days from one recorded contact to the next, longest first; a hatched bar was still "
            "running on the last day covered. Where the date at one end is not exact, the bar is "
            "as long as the span was at least, and the words say how long at most."
        ),
        alt=str(silences_note(silences)),
        sources=cited(silences),
        table=_spans_table(silences),
        height=108 + _LABEL * len(rows),
        narrow={"margin.t": 86, "height": 134 + _LABEL * len(rows)},
    )


def silences_note(silences: pd.DataFrame) -> Note:
    """Say which silence was the longest, and how long there has been none on the last day."""
    if silences.empty:
        return Note(NO_SPAN)
    rows = dicts(silences)
    longest, now = rows[0], next((row for row in rows if row["running"]), None)
    text = (
        f"The longest span without a recorded contact is {length_words(longest)}, "
        f"{_span_words(longest)}"
    )
    numbers = [
        Number("longest-silence", "Longest span without contact", longest["days"], "days"),
        Number(
            "running-silence", "Days since last dated contact", now["days"] if now else None, "days"
        ),
    ]
    if now is None or now is longest:
        return Note(f"{text}.", longest["sources"], numbers)
    text += (
        f"; on the last day covered, {length_words(now)} had passed since the last closely dated "
        f"one, of {day_words(now['first_day'])}{_unless_words(now)}"
    )
    return Note(f"{text}.", [*longest["sources"], *now["sources"]], numbers)


def silences_table(silences: pd.DataFrame, *, dossier: Dossier) -> Table:
    """Return the silences with the contacts at their ends."""
    names = dossier.labels("events")
    rows = silences.assign(
        span=[_span_words(row) for row in dicts(silences)],
        length=[length_words(row) for row in dicts(silences)],
    )
    return Table(
        rows,
        columns={
            "rank": "Rank",
            "length": "Length",
            "span": "From and until",
            "after_event": "Contact before",
            "before_event": "Contact after",
            "unless": "Shorter if this was later",
            "sources": "Sources",
        },
        caption="Longest spans without a recorded contact, with the contacts at their ends",
        refs=dict.fromkeys(("after_event", "before_event", "unless"), ("events", names)),
    )


def contact_note(dossier: Dossier, *, types: Collection[str] = CONTACT_TYPES) -> Note:
    """Say what counts as a contact, in the words of the record."""
    words = dossier.package.tables["events"].fields["type"].categories
    kinds = [str(words[word].get("label", word)).lower() for word in types if word in words]
    countries = dossier.labels("countries")
    sides = list_words(countries.get(side, side) for side in dossier.sides)
    return Note(
        f"A contact is an event of one of the kinds {list_words(kinds)} in whose list of actors "
        f"both sides ({sides}) stand, or people and bodies that act for them; third parties may "
        "have been there too. The list also names who was addressed or plainly concerned, so a "
        "contact need not be a talk face to face; and a silence of the record is no proof that "
        "nobody met."
    )


def recent_note(
    lanes: pd.DataFrame, *, contacts: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp
) -> Note:
    """Say how many events and contacts are recorded after a day; a vague date must lie after it."""
    later = lanes[lanes["earliest"] > since]
    days = f"After {day_words(since)}, up to {day_words(until)},"
    if later.empty:
        return Note(f"{days} no event is recorded.")
    met = int((contacts["earliest"] > since).sum())
    against = int((later["tone"] == "conflict").sum())
    return Note(
        f"{days} the record has {count_words(len(later), 'event')}, among them "
        f"{count_words(met, 'contact')} between the sides and {count_words(against, 'event')} that "
        f"{'is' if against == 1 else 'are'} {theme.TONE_STYLES['conflict'].label}.",
        cited(later),
    )


def _draw_bars(fig: Sketch, rows: pd.DataFrame, style: theme.Style) -> None:
    fig.add_bar(
        x=rows["quarter"].tolist(),
        y=rows["events"].tolist(),
        customdata=[[f"events/{names[0]}"] for names in rows["event_ids"]],
        name=style.label,
        marker={
            "color": style.colour,
            "pattern": {
                "shape": _PATTERNS.get(style.symbol, ""),
                "bgcolor": style.colour,
                "fgcolor": theme.PAPER,
                "size": 6,
                "solidity": 0.25,
            },
            "line": {"color": style.colour, "width": 1},
        },
        hovertemplate="%{x}: %{y} " + style.label + "<extra></extra>",
    )


def _totals(shown: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the number of events of each quarter as a note above its bar."""
    totals = shown.groupby("quarter")["events"].sum()
    return [
        {
            "x": str(quarter),
            "y": int(total),
            "text": f"{total}",
            "yshift": 9,
            "showarrow": False,
            "font": {"size": 11, "color": theme.INK},
        }
        for quarter, total in totals.items()
    ]


def _set_quarters(fig: Sketch, names: list[str]) -> None:
    """Give every quarter its place, also those without events, and name the first ones of years."""
    years = [name for name in names if name.endswith("Q1")]
    step = -(-len(years) // 6) or 1
    ticks = years[::step] if len(years) > 1 else names[:: -(-len(names) // 5)]
    labels = [name[:4] if len(years) > 1 else name.replace("-", "<br>") for name in ticks]
    fig.update_xaxes(
        type="category",
        categoryorder="array",
        categoryarray=names,
        range=[-0.6, len(names) - 0.4],
        tickvals=ticks,
        ticktext=labels,
        tickangle=0,
        showgrid=False,
    )


def _activity_caption(activity: pd.DataFrame, first_day: pd.Timestamp) -> str:
    before = activity[activity["first_day"] < first_day]
    vague = activity[activity["first_day"].isna()]
    return (
        "Number of events in each quarter, by their tone; a year stands under its first quarter. "
        f"Not drawn: {count_words(int(before['events'].sum()), 'event')} of earlier quarters, and "
        f"{count_words(int(vague['events'].sum()), 'event')} whose date is too vague for one."
    )


def _activity_table(shown: pd.DataFrame) -> Table:
    counts = shown.pivot_table(
        index="quarter", columns="group", values="events", aggfunc="sum", fill_value=0
    )
    counts = counts.reindex(columns=list(theme.TONE_STYLES), fill_value=0).astype("int64")
    cells = [cited(shown[shown["quarter"] == quarter]) for quarter in counts.index]
    sources = pd.Series([tuple(ids) for ids in cells], counts.index, dtype=object)
    rows = counts.assign(total=counts.sum(axis=1), sources=sources).reset_index()
    labels = {word: style.label for word, style in theme.TONE_STYLES.items()}
    headings = {"quarter": "Quarter", **labels, "total": "All", "sources": "Sources"}
    return Table(rows, headings, "Events in each quarter that has any")


def _spans_table(silences: pd.DataFrame) -> Table:
    rows = silences.assign(span=[_span_words(row) for row in dicts(silences)])
    columns = {"rank": "Rank", "days": "Days", "span": "From and until", "sources": "Sources"}
    return Table(rows, columns, "Spans drawn")


def _span_note(row: _Row, y: int) -> dict[str, Any]:
    """Return what a bar spans and how long that is, as a note above it."""
    return {
        "text": f"{_span_words(row)} · <b>{length_words(row)}</b>",
        "x": 0,
        "y": y,
        "xanchor": "left",
        "xshift": -4,
        "yshift": _BAR / 2 + 9,
        "showarrow": False,
        "font": {"size": 12, "color": theme.INK},
    }


def _span_words(row: _Row) -> str:
    """Return both ends of a span in words."""
    words = f"{day_words(row['first_day'])} to {day_words(row['last_day'])}"
    return f"{words}, still running" if row["running"] else words


def length_words(row: _Row) -> str:
    """Return how long a span was, as far as the dates at its ends tell.

    Parameters
    ----------
    row : of ``days``, ``days_max`` and ``at_least``, as ``spans.longest`` returns them.
    """
    if row["days"] < row["days_max"]:
        return f"{row['days']:,} to {count_words(int(row['days_max']), 'day')}"
    words = count_words(int(row["days"]), "day")
    return f"about {words}" if row["at_least"] else words


def _unless_words(row: _Row) -> str:
    number = len(row["unless"])
    if not number:
        return ""
    return f", unless {count_words(number, 'contact')} without a close date came later"


def _contact_at_end(row: _Row) -> str:
    """Return the contact that ended a span, or the last one where none has yet."""
    return str(row["after_event"] if row["running"] else row["before_event"])
