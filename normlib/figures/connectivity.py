"""States of links over time, and what opening links would change, as bars.

Figures take the frames of :mod:`normlib.connectivity`; maps are in :mod:`normlib.figures.linkmaps`.
"""

import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.dossier import Dossier
from normlib.figures.bars import above, add_bars, lay_out_times, state_marker, times
from normlib.figures.common import cited
from normlib.figures.linktables import (
    routes_table,
    spans_table,
)
from normlib.figures.linkwords import (
    WORLDS,
    Row,
    length_words,
    pair_words,
    plain_name,
    since_words,
    state_counts,
    trip_words,
)
from normlib.figures.sketch import Sketch
from normlib.figures.theme import (
    ACCENT,
    GREY,
    INK,
    MODE_STYLES,
    PAPER,
    STATE_STYLES,
    VERMILION,
    empty_figure,
    finish,
    legend_pixels,
)
from normlib.figures.words import count_words, date_words, day_words
from normlib.rows import dicts

ROW_PIXELS = 34
HEADING, MONTHS = 0.62, 0.42
"""Rows that the heading of a group takes, and the months of single uses."""
BOLD, PLAIN = 0.64, 0.56
"""Width of a letter in ems, on the safe side."""
NARROWEST, WIDE = 286, 600
"""Least widths in pixels of narrow and of wide figures: words and legends fit there."""
PALE = "#fbe3d2"


def states_figure(
    spans: pd.DataFrame, status: pd.DataFrame, dossier: Dossier, *, key: str, title: str
) -> go.Figure:
    """Draw the states of links as bars, one for each link, by mode and pair of countries.

    The axis begins where the record does, so that figures of several sets of links compare.

    Parameters
    ----------
    spans : see :func:`normlib.connectivity.state_spans`; links that are not in ``status`` are left
        out.
    status : the links to draw, see :func:`normlib.connectivity.link_status`.
    key, title : of the figure; a notebook may show several.
    """
    listed = _grouped(status[status["link_id"].isin(spans["link_id"])], dossier)
    if listed.empty:
        reason = f"No states were known by {day_words(dossier.day)}."
        return empty_figure(key=key, title=title, stamp=dossier.stamp, reason=reason)
    own = spans[spans["link_id"].isin(listed["link_id"])]
    uses = own[own["exceptional"].astype(bool)]
    places, rows = _bar_places(listed, set(uses["link_id"]))
    bars = own.assign(y=own["link_id"].map(places))
    fig = Sketch()
    known, vague = dicts(bars), dicts(_vague(bars))
    for state in STATE_STYLES:
        _add_bars(fig, known, state, ("start", "end"), pixels=13, show_key=True)
    for state in STATE_STYLES:
        _add_bars(fig, vague, state, ("start_earliest", "start"), pixels=6, show_key=False)
    _add_exceptions(fig, bars[bars["exceptional"].astype(bool)])
    height = _bar_layout(fig, rows, spans)
    fig.update_layout(annotations=_bar_words(listed, places, uses, size=11.5, room=WIDE))
    key_narrow = legend_pixels(fig, NARROWEST, size=10)
    top = 74 + 18 * len(textwrap.wrap(title, 40))
    singles = " Diamonds mark single permitted uses of a closed crossing." if len(uses) else ""
    return finish(
        fig,
        key=key,
        title=title,
        stamp=dossier.stamp,
        caption="One bar for each link, with its state on the day above it. Colour and pattern "
        "show the state; a state begins on the day from which it is known to hold, and a thinner "
        f"piece before it shows how much earlier it may have begun.{singles}",
        alt=f"Bars for {count_words(len(listed), 'link')} from {bars['start'].min().year} to "
        f"{dossier.day.year}. On the last day: {state_counts(listed)}. {_exception_words(bars)}",
        sources=cited(bars),
        table=spans_table(bars, caption=f"{title}, as of {day_words(dossier.day)}"),
        height=height,
        narrow={
            "height": round(top + ROW_PIXELS * rows) + key_narrow,
            "margin.t": top,
            "margin.b": key_narrow,
            "margin.r": 8,
            "annotations": _bar_words(listed, places, uses, size=10, room=NARROWEST - 16),
            "title.font.size": 13,
            "legend.font.size": 10,
        },
    )


def _grouped(links: pd.DataFrame, dossier: Dossier) -> pd.DataFrame:
    """Return links in the order of the bars with their ``group``: mode and countries."""
    order = {mode: at for at, mode in enumerate(MODE_STYLES)}
    names = dossier.labels("countries")
    countries = [pair_words(link, names) for link in dicts(links)]
    modes = [MODE_STYLES[mode].label for mode in links["mode"]]
    groups = [" · ".join(pair) for pair in zip(modes, countries, strict=True)]
    ranked = links.assign(rank=links["mode"].map(order), group=groups)
    return ranked.sort_values(["rank", "group", "name"]).reset_index(drop=True)


def _bar_places(listed: pd.DataFrame, used: set[str]) -> tuple[dict[str, float], float]:
    """Return where the bar of each link stands, in rows from the top, and how many rows there are.

    A group begins with its heading; below the bar of a link with single uses stand their months.
    """
    places: dict[str, float] = {}
    top, group = 0.0, None
    for link in dicts(listed):
        top += 0 if link["group"] == group else HEADING
        places[link["link_id"]] = round(top + 0.7, 2)
        top += 1 + (MONTHS if link["link_id"] in used else 0)
        group = link["group"]
    return places, top


def _add_bars(
    fig: Sketch,
    spans: Sequence[Row],
    state: str,
    ends: tuple[str, str],
    *,
    pixels: int,
    show_key: bool,
) -> None:
    pieces = [span for span in spans if span["state"] == state]
    if not pieces:
        return
    add_bars(
        fig,
        words=map(_span_words, pieces),
        keys=[f"link_states/{piece['key']}" for piece in pieces],
        **times(pieces, *ends),
        y=[float(piece["y"]) for piece in pieces],
        width=pixels / ROW_PIXELS,
        marker=state_marker(state),
        name=STATE_STYLES[state].label,
        showlegend=show_key,
    )


def _span_words(span: Row) -> str:
    label = STATE_STYLES[span["state"]].label
    return f"{span['name']}: {label} {since_words(span['since'])}<br>{_wrapped(span['note'])}"


def _vague(part: pd.DataFrame) -> pd.DataFrame:
    """Return the spans whose first day is not exact."""
    return part[part["start_earliest"].notna() & (part["start_earliest"] < part["start"])]


def _add_exceptions(fig: Sketch, uses: pd.DataFrame) -> None:
    if uses.empty:
        return
    fig.add_scatter(
        x=[day.date().isoformat() for day in uses["start"]],
        y=uses["y"].astype(float).tolist(),
        mode="markers",
        marker={
            "symbol": "diamond-tall",
            "size": 14,
            "color": STATE_STYLES["restricted"].colour,
            "line": {"color": INK, "width": 1.2},
        },
        customdata=[[f"link_states/{key}"] for key in uses["key"]],
        hovertext=[
            f"{date_words(since)}: {note}"
            for since, note in zip(uses["since"], uses["note"].map(_wrapped), strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
        name="single permitted use",
    )


def _bar_words(
    listed: pd.DataFrame,
    places: Mapping[str, float],
    uses: pd.DataFrame,
    *,
    size: float,
    room: float,
) -> list[dict[str, Any]]:
    """Write each link's name and state above its bar, so that no width is lost to labels.

    Groups have a heading above, single uses their months below the bar.
    """
    found, group = [], None
    for link in dicts(listed):
        y = places[link["link_id"]]
        if link["group"] != group:
            group, font = link["group"], {"size": size, "color": GREY}
            found.append(above(round(y - 0.4 - HEADING + 0.1, 2), group, font))
        told = _name_words(link, room=room / size)
        found.append(above(round(y - 0.4, 2), told, {"size": size}))
        months = _months(uses.loc[uses["link_id"] == link["link_id"], "since"], room=room / size)
        if months:
            y, font = round(y + 0.2 + MONTHS / 2, 2), {"size": size - 1, "color": INK}
            found.append(above(y, f"◆ {months}", font, x=1, xanchor="right"))
    return [{**note, "yanchor": "middle"} for note in found]


def _name_words(link: Row, *, room: float) -> str:
    """Return a link, its state and since when, as much as fits; ``room`` in widths of an em."""
    name, state = plain_name(link["name"]), STATE_STYLES[link["state"]].label
    begins = link["lasting_since"]
    begun = isinstance(begins, str) and not begins.startswith("..")  # else it was always so
    full = f"{state} {since_words(begins)}" if begun else state
    words = full if BOLD * len(name) + PLAIN * len(full) <= room else state
    most = int((room - PLAIN * len(words)) / BOLD)
    return f"<b>{textwrap.shorten(name, most, placeholder=' …')}</b> · {words}"


def _months(dates: Iterable[str], *, room: float) -> str:
    """Return the months of single uses, the last ones where there is no room for all."""
    months = list(dict.fromkeys(date_words(day[:7]) for day in dates))
    while PLAIN * len(" · ".join(months)) > room:
        months = ["…", *months[2:]]
    return " · ".join(months)


def _bar_layout(fig: Sketch, rows: float, spans: pd.DataFrame) -> int:
    """Set axes, margins and legend; return the height."""
    key = legend_pixels(fig, WIDE)
    lay_out_times(fig, spans, rows=[rows, 0], below=key, font={"size": 12})
    return round(76 + ROW_PIXELS * rows) + key


def _wrapped(text: str) -> str:
    return re.sub(r"(.{60,80}?) ", r"\1<br>", text)


def _exception_words(bars: pd.DataFrame) -> str:
    uses = bars[bars["exceptional"].astype(bool)]
    if uses.empty:
        return "No single permitted use of a closed crossing is on record."
    told = [
        f"{plain_name(name)}, {date_words(since)}"
        for name, since in zip(uses["name"], uses["since"], strict=True)
    ]
    return f"Single permitted uses of a closed crossing: {'; '.join(told)}."


def what_if_figure(changes: pd.DataFrame, dossier: Dossier) -> go.Figure:
    """Draw the length of each trip as it is and with the links opened.

    Parameters
    ----------
    changes : see :func:`normlib.connectivity.what_if`.
    """
    key, title = "what-if", "Shortest routes, as it is and with links changed"
    if changes.empty:
        reason = f"No trip can be computed with what was known on {day_words(dossier.day)}."
        return empty_figure(key=key, title=title, stamp=dossier.stamp, reason=reason)
    fig = Sketch()
    names = dossier.labels("countries")
    _add_lengths(fig, changes, "before", VERMILION, PALE, names)
    _add_lengths(fig, changes, "after", ACCENT, ACCENT, names)
    longest = max(changes[["km_before", "km_after"]].max().max(), 1)
    trips, font = changes["trip"].tolist(), {"size": 12}
    fig.update_layout(
        barmode="group",
        bargap=0.42,
        bargroupgap=0.12,
        margin={"l": 10, "r": 10, "t": 60, "b": 36},
        legend={"orientation": "h", "x": 0, "y": -0.02, "yanchor": "top", "itemclick": False},
        annotations=[
            above(at - 0.43, f"<b>{trip}</b> · straight line {km:,.0f} km", font, yanchor="middle")
            for at, (trip, km) in enumerate(zip(trips, changes["great_circle_km"], strict=True))
        ],
    )
    fig.update_xaxes(range=[0, longest * 1.02], showgrid=False, visible=False)
    fig.update_yaxes(range=[len(trips) - 0.45, -0.65], visible=False)
    return finish(
        fig,
        key=key,
        title=title,
        stamp=dossier.stamp,
        caption="Length of the shortest route over usable links in kilometres, with the third "
        "countries that it crosses. Lengths that are not sourced are measured from the drawing.",
        alt=" ".join(trip_words(row, dossier) for row in dicts(changes)),
        sources=cited(changes),
        table=routes_table(changes, dossier),
        height=110 + 78 * len(trips),
        narrow={"title.font.size": 13, "margin.t": 92, "height": 142 + 78 * len(trips)},
    )


def _add_lengths(
    fig: Sketch,
    changes: pd.DataFrame,
    when: str,
    colour: str,
    fill: str,
    names: Mapping[str, str],
) -> None:
    lengths = changes[f"km_{when}"]
    longest = max(changes[["km_before", "km_after"]].max().max(), 1)
    words = [length_words(row, when, names) for row in dicts(changes)]
    fig.add_bar(
        x=[0 if pd.isna(km) else round(km, 1) for km in lengths],
        y=list(range(len(changes))),
        orientation="h",
        marker={"color": fill, "line": {"color": colour, "width": 1.5}},
        text=words,
        textposition=["inside" if km > 0.55 * longest else "outside" for km in lengths.fillna(0)],
        insidetextanchor="start",
        textfont={"size": 12},
        insidetextfont={"color": PAPER if fill == colour else INK},
        outsidetextfont={"color": INK},
        cliponaxis=False,
        constraintext="none",
        customdata=[
            [f"links/{(*depends, *uses, '')[0]}"]
            for depends, uses in zip(changes[f"depends_on_{when}"], changes["uses"], strict=True)
        ],
        hoverinfo="skip",
        name=WORLDS[when],
    )
