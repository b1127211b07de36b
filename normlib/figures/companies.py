"""Who met in what company in each phase, in a picture: a row an actor, a line a company."""

from collections.abc import Iterator, Mapping
from html import escape
from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.dossier import Dossier
from normlib.figures import theme
from normlib.figures.actors import (
    NOBODY,
    all_sources,
    gatherings_table,
    period_words,
    side_name,
)
from normlib.figures.network import INDENT, by_side, glyph, named, names_of, years
from normlib.figures.sketch import Sketch, Trace, scatter
from normlib.figures.words import count_words, day_words, list_words
from normlib.rows import dicts

MOST_LINES, NARROWEST = 80, 3
"""The most companies that one picture shows; width of a phase at least, in lines."""

LINE_ROW, LEAST_ROW, SHEET = 17, 12, 700
"""Pixels: a row of the picture, at most and at least; all rows, so as to fit a sheet."""


def contact_phases_figure(
    gatherings: pd.DataFrame,
    phases: pd.DataFrame,
    positions: pd.DataFrame,
    *,
    dossier: Dossier,
    most: int = MOST_LINES,
) -> go.Figure:
    """Draw who met in what company in each phase: a row an actor, a line a company.

    Every actor has one row in all phases. A line joins all who took part in the same event.

    Parameters
    ----------
    gatherings, phases, positions : what the functions ``gatherings``, ``by_phase`` and
        ``positions`` of ``normlib.actors`` return.
    most : how many companies are drawn at most: those who met most often, then the latest.
    """
    title = "Who met with whom, phase by phase"
    if gatherings.empty:
        reason = f"{NOBODY} by {day_words(dossier.day)}."
        return theme.empty_figure(key="phases", title=title, stamp=dossier.stamp, reason=reason)
    kept = gatherings["count"].sort_values(ascending=True, kind="stable").tail(most).index
    lines = contact_lines(gatherings.loc[kept.sort_values()], phases)
    dots = _dots(lines, positions, dossier)
    rows = dots.drop_duplicates("actor_id").sort_values("row")
    fig = Sketch([*_line_traces(dots), *(_dot_trace(own, side) for side, own in by_side(dots))])
    spans = [years(phase) for phase in dicts(phases)]
    titles = [
        f"{escape(name, quote=False)}<br>{span}"
        for name, span in zip(phases["title"], spans, strict=True)
    ]
    middles, edges = _blocks(lines, phases)
    pitch = min(max(SHEET / len(rows), LEAST_ROW), LINE_ROW)
    font = 12 if pitch > 14 else 10.5
    fig.update_xaxes(side="top", range=[edges[0], edges[-1]], tickvals=middles, ticks="")
    fig.update_xaxes(ticktext=titles, tickangle=-90, tickfont={"size": 10}, showgrid=False)
    fig.update_yaxes(range=[len(rows) - 0.4, -1.3], tickvals=rows["row"].tolist(), ticks="")
    fig.update_yaxes(ticktext=[_marked(row) for row in dicts(rows)], tickfont={"size": font})
    for edge in edges[1:-1]:
        line = {"color": theme.LIGHT, "width": 1}
        fig.add_shape(x0=edge, x1=edge, y0=0, y1=1, yref="paper", line=line, layer="below")
    _counts_above(fig, dots)
    longest = max(map(len, phases["title"]))
    fig.update_layout(
        showlegend=False, margin={"l": 20, "r": 8, "t": int(56 + 5.2 * longest), "b": 6}
    )
    return theme.finish(
        fig,
        key="phases",
        title=title,
        stamp=dossier.stamp,
        caption=_phases_caption(dots, len(gatherings) - len(lines), dossier),
        alt=_phases_alt(phases, dossier),
        sources=all_sources(lines),
        table=gatherings_table(gatherings, dossier=dossier),
        height=int(pitch * (len(rows) + 0.9) + fig.layout["margin"]["t"] + 6),
        narrow={
            "font.size": 11,
            "yaxis.tickfont.size": 9.5,
            "xaxis.ticktext": spans,
            "margin.t": 126,
            "margin.l": 5,
            "margin.r": 4,
            **{f"annotations[{at}].visible": False for at in range((lines["count"] > 1).sum())},
        },
        indent=INDENT,
    )


def contact_lines(gatherings: pd.DataFrame, phases: pd.DataFrame) -> pd.DataFrame:
    """Return the companies with the place ``at`` which each is drawn, phase beside phase."""
    order = {name: place for place, name in enumerate(phases["phase_id"])}
    lines = gatherings.assign(phase=gatherings["phase_id"].map(order))
    within = lines.groupby("phase").cumcount()
    sizes = lines["phase"].value_counts().reindex(range(len(order)), fill_value=0)
    widths = sizes.clip(lower=NARROWEST) + 1
    starts = widths.cumsum() - widths + (widths - 1 - sizes) / 2
    return lines.assign(at=within + lines["phase"].map(starts)).reset_index(drop=True)


def _blocks(lines: pd.DataFrame, phases: pd.DataFrame) -> tuple[list[float], list[float]]:
    """Return the middle of each phase, and where phases begin and end."""
    sizes = lines["phase_id"].value_counts().reindex(phases["phase_id"], fill_value=0)
    ends = (sizes.clip(lower=NARROWEST) + 1).cumsum().tolist()
    edges = [-1.0, *(float(end) - 1.0 for end in ends)]
    return [(a + b) / 2 for a, b in pairwise(edges)], edges


def _dots(lines: pd.DataFrame, positions: pd.DataFrame, dossier: Dossier) -> pd.DataFrame:
    """Return a row for every actor of every line, with the actor's row in the picture."""
    lines = lines.assign(words=[_company_words(line, dossier) for line in dicts(lines)])
    names = {"actors": "actor_id", "events": "events_of"}
    dots = lines.explode("actors").rename(columns=names)
    dots = dots.reset_index(names="line").merge(positions, on="actor_id")
    total = dots.groupby("actor_id")["count"].transform("sum")
    dots = named(dots.assign(events=total), dossier)
    return dots.assign(row=pd.factorize(dots["actor_id"])[0]).sort_values(["line", "row"])


def _company_words(line: Mapping[Any, Any], dossier: Dossier) -> str:
    names = list_words(escape(name) for name in names_of(line["actors"], dossier))
    return f"{names}<br>{count_words(int(line['count']), 'event')}, {period_words(line)}"


def _line_traces(dots: pd.DataFrame) -> Iterator[Trace]:
    """Join those of a line, thicker where they met more often."""
    for count in range(1, 5):
        own = dots[dots["count"].clip(upper=4) == count]
        ends = own.groupby("line", sort=False)["row"].agg(["min", "max"])
        first = own.drop_duplicates("line")
        xs = [x for at in first["at"] for x in (float(at), float(at), None)]
        ys = [y for low, high in ends.itertuples(index=False) for y in (int(low), int(high), None)]
        keys = [[f"events/{events[-1]}"] for events in first["events_of"] for _ in range(3)]
        yield scatter(
            x=xs,
            y=ys,
            mode="lines",
            line={"color": theme.GREY, "width": 0.7 + 0.5 * count},
            customdata=keys,
            hoverinfo="skip",
            showlegend=False,
        )


def _dot_trace(own: pd.DataFrame, side: int) -> Trace:
    style = theme.SIDE_STYLES[side]
    return scatter(
        x=[float(at) for at in own["at"]],
        y=[int(row) for row in own["row"]],
        mode="markers",
        marker={"symbol": style.symbol, "color": style.colour, "size": 5, "opacity": 1},
        cliponaxis=False,
        customdata=[
            [f"events/{events[-1]}", words]
            for events, words in zip(own["events_of"], own["words"], strict=True)
        ],
        hovertemplate="%{customdata[1]}<extra></extra>",
        showlegend=False,
    )


def _counts_above(fig: Sketch, dots: pd.DataFrame) -> None:
    """Write above a line how often its company met, where that was more than once."""
    tops = dots[dots["count"] > 1].drop_duplicates("line")
    for at, row, count in zip(tops["at"], tops["row"], tops["count"], strict=True):
        fig.add_annotation(
            text=str(count),
            x=float(at),
            y=int(row) - 0.75,
            showarrow=False,
            font={"size": 9},
            bgcolor=theme.PAPER,
            borderpad=0,
        )


def _marked(row: Mapping[Any, Any]) -> str:
    colour = theme.SIDE_STYLES[row["side"]].colour
    return f"{row['label']} <span style='color:{colour}'>{glyph(row['side'])}</span>"


def _phases_caption(dots: pd.DataFrame, left: int, dossier: Dossier) -> str:
    marks = [f"{glyph(side)} {side_name(side, dossier)}" for side, _ in by_side(dots)]
    rest = (
        f" {count_words(left, 'company', 'companies')} who took part less often are in the table."
        if left
        else ""
    )
    return (
        "A vertical line joins all who took part in one event; those who took part again in the "
        "same company in the same phase share a line, thicker, with the number of events above it "
        "(wide pictures). From left to right in the order of the events. Every actor has one row "
        "in all phases, in the order of the network; the number beside a name counts events. "
        f"{', '.join(marks)}. A phase ends the day before the next one begins.{rest}"
    )


def _phases_alt(phases: pd.DataFrame, dossier: Dossier) -> str:
    names = dossier.labels("actors")
    words = [
        f"{phase['title']}: {count_words(phase['events'], 'shared event')} of "
        f"{count_words(phase['nodes'], 'actor')}"
        + (f", most of all {list_words(names[a] for a in phase['most_connected'])}")
        for phase in dicts(phases[phases["events"] > 0])
    ]
    return f"{'; '.join(words)}."
