"""The timeline: events in lanes by sector, phases behind them, numbered rounds above."""

from collections.abc import Mapping, Sequence
from html import escape
from textwrap import shorten, wrap
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.dossier import Dossier
from normlib.figures import theme
from normlib.figures.common import cited
from normlib.figures.lanes import (
    HEADER,
    LANE_PAD,
    ROW,
    STRIP,
    Panel,
    apart,
    heights_of,
    lane_heights,
    panels,
    placed,
    wrapped,
    year_ticks,
)
from normlib.figures.sketch import Sketch
from normlib.figures.tables import Link, Note, Number, Table
from normlib.figures.unfold import MARKS, ROUNDS, marks_of, periods_of, rounds_of
from normlib.figures.words import count_words, date_words, day_words, list_words
from normlib.rows import dicts

NOTHING = "No event is recorded yet."
NO_MATCH = "No recorded event is of the kind asked for."
TITLE = "Events by sector, phases and numbered rounds"

MOST_ROWS = 2000
"""Most events that the data of the figure lists one by one; the table of events has all of them."""

_BANDS = ("#f1f3f5", "#ffffff")
_PLOTS = {"early": 162.0, "recent": 400.0, "narrow": 200.0}
"""Widths of the panels in the narrowest figure of each drawing, in pixels: names must fit."""

_EARLY, _RECENT = (0.0, 0.28), (0.31, 1.0)
_MARGIN = {"t": 50, "b": 62, "l": 122, "r": 20}
_NARROW_TOP, _NARROW_AXIS, _NARROW_FOOT = 80, 40, 118

_Row = Mapping[Any, Any]


def timeline_figure(
    lanes: pd.DataFrame,
    *,
    rounds: pd.DataFrame,
    phases: pd.DataFrame,
    since: pd.Timestamp,
    until: pd.Timestamp,
    stamp: str,
    only: Mapping[str, Sequence[str]] | None = None,
) -> go.Figure:
    """Draw events in the lanes of their sectors, phases behind them and rounds above.

    On a report page its reader chooses events and the period; see :mod:`normlib.figures.unfold`.

    Parameters
    ----------
    lanes, rounds, phases : what the functions of those names in :mod:`normlib.timeline` return.
    since : first day of the wide panel; everything before stands in a compressed one.
    until : last day drawn.
    stamp : day and release, ``dossier.stamp``.
    only : the filter that ``lanes`` have passed, in words
        (:func:`normlib.timeline.wanted_words`); it is told in the picture.
    """
    told = shorten(_only_words(only), 60, placeholder=" …") if only else ""
    title = f"Events by sector, only {told}" if only else TITLE
    if lanes.empty:
        reason = NO_MATCH if only else NOTHING
        return theme.empty_figure(key="timeline", title=title, stamp=stamp, reason=reason)
    order = {tone: at for at, tone in enumerate(theme.TONE_STYLES)}
    lanes = lanes.assign(tone_order=lanes["tone"].map(order))
    sheet = _Sheet(lanes, rounds, phases, since, until)
    fig = Sketch()
    for panel in sheet.panels:
        _draw_phases(sheet, panel)
        _draw_rules(sheet, panel)
        _draw_spans(fig, sheet.marks[panel.name], panel)
        _draw_marks(fig, sheet.marks[panel.name], panel)
    _draw_rounds(fig, sheet)
    _draw_key(fig, sheet.panels[-1])
    _set_axes(fig, sheet)
    return theme.finish(
        fig,
        key="timeline",
        title=title,
        stamp=stamp,
        caption=_caption(sheet),
        alt=f"{timeline_note(lanes)} {rounds_note(rounds)}",
        sources=cited(lanes),
        table=_marks_table(lanes),
        height=int(sheet.full + _MARGIN["t"] + _MARGIN["b"]),
        narrow=_narrow(sheet, head=_NARROW_TOP + 19 * max(len(wrap(title, 40)) - 2, 0)),
        indent=8,
        marks=_marks(sheet, lanes),
    )


def timeline_note(lanes: pd.DataFrame) -> Note:
    """Say which lanes are fullest, how the tones are shared, and how many dates are not exact."""
    if lanes.empty:
        return Note(NOTHING)
    counts = lanes["lane_label"].value_counts().head(3).to_dict()
    fullest = [f"{str(label).lower()} ({count:,})" for label, count in counts.items()]
    tones = lanes["tone"].value_counts()
    shared = [
        f"{int(tones[word]):,} {style.label}"
        for word, style in theme.TONE_STYLES.items()
        if word in tones
    ]
    vague = int((~lanes["exact"]).sum())
    dates = f"{vague:,} of the dates are not exact" if vague else "every date is exact"
    return Note(
        f"Of {count_words(len(lanes), 'event')}, {list_words(shared)}, the fullest lanes are "
        f"{list_words(fullest)}; {dates}."
    )


def only_note(lanes: pd.DataFrame, *, only: Mapping[str, Sequence[str]], of: int) -> Note:
    """Say which filter is on and how many events have passed it, of how many.

    Parameters
    ----------
    lanes : the events that have passed.
    only : the filter in words (:func:`normlib.timeline.wanted_words`).
    of : how many events there were.
    """
    if not only:
        return Note(f"No filter is on: {count_words(of, 'event')}.")
    return Note(
        f"Only {_only_words(only)}: {len(lanes):,} of {count_words(of, 'event')}. The timeline and "
        "the table of events hold these; all else on this page is about the whole record."
    )


def _only_words(only: Mapping[str, Sequence[str]]) -> str:
    """Return a filter in words; actors must all take part, of the rest one is enough."""
    joined = {
        kind: " and ".join(words) if kind == "actor" else " or ".join(words)
        for kind, words in only.items()
    }
    return "; ".join(f"{kind} {words}" for kind, words in joined.items())


def timeline_table(lanes: pd.DataFrame, *, dossier: Dossier) -> Table:
    """Return every event: what happened, its kind, who is named, links, place and sources."""
    rows = lanes.assign(
        when=lanes["date"].map(date_words),
        what=lanes["title"] + ". " + lanes["summary"],
        kind=_each(lanes, _kind_and_sectors),
    )
    return Table(
        rows,
        columns={
            "when": "Date",
            "what": "Event",
            "sources": "Sources",
            "kind": "Kind, tone, sectors",
            "actors": "Actors named",
            "links": "Links",
            "site_id": "Place",
        },
        caption=f"Events in the order of their dates ({count_words(len(rows), 'event')})",
        anchor=("events", "event_id"),
        refs={
            "actors": ("actors", dossier.labels("actors")),
            "links": ("links", dossier.labels("links")),
            "site_id": ("sites", dossier.labels("sites")),
        },
    )


def rounds_note(rounds: pd.DataFrame) -> Note:
    """Say how many rounds there were, the gaps between them, and how long ago the last was."""
    if rounds.empty:
        return Note("No numbered round is recorded yet.", numbers=[_rounds_number(rounds)])
    first, last = rounds.iloc[0], rounds.iloc[-1]
    days = int(last["days_since"])
    ago = (
        f"{count_words(days, 'day')} before the last day covered"
        if days
        else "the last day covered"
    )
    if len(rounds) == 1:
        when = date_words(first["date"])
        text = f"One numbered round is recorded, on {when}, {ago}."
        return Note(text, cited(rounds), [_rounds_number(rounds)])
    gaps = list_words(_gap_words(row) for row in dicts(rounds.iloc[1:]))
    return Note(
        f"{count_words(len(rounds), 'numbered round')} are recorded, {gaps} days apart, from "
        f"{date_words(first['date'])} to {date_words(last['date'])}, {ago}.",
        cited(rounds),
        [_rounds_number(rounds)],
    )


def _rounds_number(rounds: pd.DataFrame) -> Number:
    return Number("rounds", "Numbered rounds", len(rounds))


def rounds_table(rounds: pd.DataFrame, *, dossier: Dossier) -> Table:
    """Return the rounds with their dates, places and the days between them."""
    rows = rounds.assign(
        when=rounds["date"].map(date_words),
        what=_each(rounds, _event_link),
        gap=_each(rounds, _gap_words),
    )
    return Table(
        rows,
        columns={
            "round": "Round",
            "when": "Date",
            "what": "Event",
            "site_id": "Place",
            "gap": "Days since the round before",
            "sources": "Sources",
        },
        caption="Numbered rounds and the days between them",
        refs={"site_id": ("sites", dossier.labels("sites"))},
    )


def phases_table(phases: pd.DataFrame) -> Table:
    """Return the phases with their days and the numbers of events and contacts in them."""
    rows = phases.assign(
        what=phases["title"] + ". " + phases["summary"],
        begins=_each(phases, _phase_begin),
        ends=_each(phases, _phase_end),
    )
    return Table(
        rows,
        columns={
            "number": "No.",
            "what": "Phase",
            "begins": "From",
            "ends": "Until",
            "days": "Days",
            "events": "Events",
            "events_perhaps": "Perhaps also",
            "contacts": "Contacts between the sides",
            "sources": "Sources",
        },
        caption=(
            "Phases of the process, each from the day of one event up to the day of another; "
            "“perhaps also” counts events of which only some possible days lie in the phase"
        ),
        anchor=("phases", "phase_id"),
    )


def phases_note(phases: pd.DataFrame) -> Note:
    """Say which phase the last day lies in and how it compares with the one before."""
    if phases.empty:
        return Note("No phase has begun yet.")
    *earlier, last = dicts(phases)
    text = (
        f"The last day covered lies in phase {last['number']}, “{last['title']}”, which began on "
        f"{day_words(last['first_day'])}: so far {_phase_words(last)}, that day included"
    )
    if earlier:
        text += f"; phase {earlier[-1]['number']} before it had {_phase_words(earlier[-1])}"
    return Note(f"{text}.", last["sources"])


class _Sheet:
    """What is drawn and where: the panels, their marks, the lanes, and the heights in pixels.

    Shapes and notes are collected here and handed to the figure at once, since plotly checks all
    of them again with each one that is added.
    """

    def __init__(
        self,
        lanes: pd.DataFrame,
        rounds: pd.DataFrame,
        phases: pd.DataFrame,
        since: pd.Timestamp,
        until: pd.Timestamp,
    ) -> None:
        self.phases = phases
        self.panels = panels(lanes, since=since, until=until)
        self.rounds = rounds[rounds["latest"] >= self.panels[-1].first]
        found = {panel.name: placed(lanes, panel) for panel in self.panels}
        self.lanes = lane_heights(list(found.values()))
        self.marks = {
            name: marks.assign(y=heights_of(marks, self.lanes)) for name, marks in found.items()
        }
        self.top = float(self.lanes["height"].sum())
        self.shapes: list[dict[str, Any]] = []
        self.notes: list[dict[str, Any]] = []
        self.header = HEADER if len(phases) else 0
        self.strip = STRIP if len(self.rounds) else 0

    @property
    def bands(self) -> float:
        """Height up to which the bands of the phases reach."""
        return self.top + self.header

    @property
    def full(self) -> float:
        """Height of lanes, names of phases, and rounds."""
        return self.bands + self.strip

    def add_shape(self, **shape: Any) -> None:
        """Add a rectangle or a line behind the marks."""
        self.shapes.append({**shape, "layer": "below"})

    def add_note(self, **note: Any) -> None:
        """Add words in the picture, without arrow."""
        self.notes.append({**note, "showarrow": False})

    def visible_phases(self, panel: Panel) -> list[tuple[_Row, pd.Timestamp, pd.Timestamp]]:
        """Phases that reach into a panel, cut to it."""
        found: list[tuple[_Row, pd.Timestamp, pd.Timestamp]] = []
        for phase in dicts(self.phases):
            edge = panel.left if panel.outlier else panel.first
            first = max(phase["first_day"], edge)
            last = panel.right if phase["running"] else min(phase["last_day"], panel.last)
            if first < last:
                found.append((phase, first, last))
        return found


def _draw_phases(sheet: _Sheet, panel: Panel) -> None:
    """Draw the bands behind the lanes, with number and name above."""
    x, y = panel.axes
    for phase, first, last in sheet.visible_phases(panel):
        band = {"xref": x, "yref": y, "y0": 0, "y1": sheet.bands}
        fill = _BANDS[int(phase["number"]) % 2]
        ends = {"x0": _iso(first), "x1": _iso(last)}
        sheet.add_shape(type="rect", **band, **ends, fillcolor=fill, line={"width": 0})
        edge = {"x0": _iso(first), "x1": _iso(first), "line": {"width": 1, "color": theme.LIGHT}}
        sheet.add_shape(type="line", **band, **edge)
        sheet.add_note(
            name=_phase_name(phase, panel),
            text=_phase_text(phase, panel.share(first, last) * _PLOTS[panel.name]),
            x=_iso(first + (last - first) / 2),
            y=sheet.top + HEADER / 2,
            xref=x,
            yref=y,
            font={"size": 11, "color": theme.GREY},
        )


def _phase_name(phase: _Row, panel: Panel) -> str:
    return f"phase-{panel.name}-{phase['phase_id']}"


def _phase_text(phase: _Row, width: float) -> str:
    """Return number and name of a phase, or the number alone where the name does not fit."""
    first, *more = wrapped(f"{phase['number']} {phase['title']}", width - 6) or [
        str(phase["number"])
    ]
    number, _, words = first.partition(" ")
    return "<br>".join([f"<b>{number}</b> {escape(words)}".strip(), *map(escape, more)])


def _draw_rules(sheet: _Sheet, panel: Panel) -> None:
    """Draw the thin lines between lanes, and the break before which events stand together."""
    x, y = panel.axes
    rule = {"type": "line", "xref": x, "yref": y}
    for bottom in [*sheet.lanes["bottom"].tolist(), sheet.top]:
        sheet.add_shape(
            **rule,
            x0=_iso(panel.left),
            x1=_iso(panel.right),
            y0=float(bottom),
            y1=float(bottom),
            line={"width": 1, "color": theme.LIGHT},
        )
    if panel.outlier is not None:
        at = _iso(panel.outlier + (panel.first - panel.outlier) / 2)
        dots = {"width": 1.5, "color": theme.GREY, "dash": "dot"}
        sheet.add_shape(**rule, x0=at, x1=at, y0=0, y1=sheet.top, line=dots)


def _draw_spans(fig: Sketch, marks: pd.DataFrame, panel: Panel) -> None:
    """Draw a thin bar from the first to the last possible day where a date is not one day."""
    wide = marks[(marks["x0"] < marks["x1"]) & (marks["fold"] < 0)]
    for word, style in theme.TONE_STYLES.items():
        rows = dicts(wide[wide["tone"] == word])
        if rows:
            _draw_lines(
                fig,
                panel,
                [(row["event_id"], [(row["x0"], row["y"]), (row["x1"], row["y"])]) for row in rows],
                name=f"{style.label}: possible days",
                line={"color": style.colour, "width": 2.5},
                meta=MARKS,
            )


def _draw_lines(
    fig: Sketch,
    panel: Panel,
    paths: list[tuple[str, list[tuple[pd.Timestamp, float]]]],
    *,
    name: str,
    line: Mapping[str, Any],
    meta: str,
) -> None:
    """Draw lines of events as one trace, a gap after each."""
    x, y = panel.axes
    points = [(day, height, key) for key, path in paths for day, height in [*path, (None, None)]]
    fig.add_scatter(
        x=[_iso(day) if day is not None else None for day, _, _ in points],
        y=[height for _, height, _ in points],
        customdata=[[f"events/{key}"] for _, _, key in points],
        mode="lines",
        line=dict(line),
        name=name,
        meta=meta,
        xaxis=x,
        yaxis=y,
        hoverinfo="skip",
        showlegend=False,
    )


def _draw_marks(fig: Sketch, marks: pd.DataFrame, panel: Panel) -> None:
    """Draw a symbol for each event: full for an exact day, hollow otherwise, ringed for a round.

    Where it is too crowded, one symbol stands for events of one tone, with their number beside it.
    """
    x, y = panel.axes
    for word, style in theme.TONE_STYLES.items():
        shown = marks[marks["tone"] == word]
        if shown.empty:
            continue
        groups = _groups(shown)
        looks = [_look(group, style) for group in groups]
        fig.add_scatter(
            x=[_iso(group[0]["x"]) for group in groups],
            y=[group[0]["y"] for group in groups],
            customdata=[[f"events/{row['event_id']}" for row in group] for group in groups],
            mode="markers+text",
            cliponaxis=False,
            marker={
                "symbol": [look["symbol"] for look in looks],
                "size": [look["size"] for look in looks],
                "color": style.colour,
                "opacity": 1,
                "line": {
                    "width": [look["width"] for look in looks],
                    "color": [look["color"] for look in looks],
                },
            },
            text=[f"{len(group):,}" if len(group) > 1 else "" for group in groups],
            textposition="middle right",
            textfont={"size": 11, "color": theme.INK},
            name=style.label,
            meta=MARKS,
            xaxis=x,
            yaxis=y,
            hovertext=[_group_hover(group) for group in groups],
            hovertemplate="%{hovertext}<extra></extra>",
            showlegend=False,
        )


def _groups(marks: pd.DataFrame) -> list[list[_Row]]:
    """Return the events of each mark: those of one fold together, every other one alone."""
    rows = dicts(marks)
    found: dict[tuple[str, Any], list[_Row]] = {}
    for at, row in enumerate(rows):
        name = ("fold", row["fold"]) if row["fold"] >= 0 else ("alone", at)
        found.setdefault(name, []).append(row)
    return list(found.values())


def _look(group: Sequence[_Row], style: theme.Style) -> dict[str, Any]:
    """Return symbol and size of a mark, and the width and colour of its edge."""
    if len(group) > 1:
        return {"symbol": style.symbol, "size": 10, "width": 1.2, "color": style.colour}
    (row,) = group
    numbered = row["round"] is not None
    return {
        "symbol": _symbol(style, exact=row["exact"]),
        "size": 11 if numbered else 8,
        "width": 2.5 if numbered else 1.2,
        "color": theme.INK if numbered else style.colour,
    }


def _group_hover(group: Sequence[_Row]) -> str:
    if len(group) == 1:
        return _hover(group[0])
    style = theme.TONE_STYLES[group[0]["tone"]]
    titles = [escape(row["title"]) for row in group[:4]]
    more = [f"and {len(group) - 4:,} more"] if len(group) > 4 else []
    count = count_words(len(group), f"{style.label} event")
    return "<br>".join([f"<b>{count}</b>", *titles, *more])


def _symbol(style: theme.Style, *, exact: bool) -> str:
    return style.symbol if exact else f"{style.symbol}-open"


def _draw_key(fig: Sketch, panel: Panel) -> None:
    """Say in four entries what the symbols mean."""
    x, y = panel.axes
    styles = [(style.label, style.colour, style.symbol) for style in theme.TONE_STYLES.values()]
    for label, colour, symbol in [*styles, ("hollow: day not exact", theme.GREY, "circle-open")]:
        fig.add_scatter(
            x=[None],
            y=[None],
            mode="markers",
            marker={"symbol": symbol, "size": 9, "color": colour},
            name=label,
            xaxis=x,
            yaxis=y,
            hoverinfo="skip",
        )


def _draw_rounds(fig: Sketch, sheet: _Sheet) -> None:
    """Draw the rounds above the lanes, numbered, each joined to its day, days between them."""
    if sheet.rounds.empty:
        return
    panel = sheet.panels[-1]
    x, y = panel.axes
    rounds = dicts(sheet.rounds)
    places = apart([row["latest"] for row in rounds], panel, 0.1)
    height = sheet.bands + 26
    _draw_threads(fig, sheet, places, height)
    fig.add_scatter(
        x=[_iso(place) for place in places],
        y=[height] * len(places),
        customdata=[[f"events/{row['event_id']}"] for row in rounds],
        mode="markers+text",
        marker={"symbol": "circle", "size": 19, "color": theme.INK},
        text=[str(row["round"]) for row in rounds],
        textfont={"color": theme.PAPER, "size": 12},
        name="numbered rounds",
        meta=ROUNDS,
        xaxis=x,
        yaxis=y,
        hovertext=[_round_hover(row) for row in rounds],
        hovertemplate="%{hovertext}<extra></extra>",
        showlegend=False,
    )
    _write_gaps(sheet, rounds, [*places, panel.right], height + 20)


def _draw_threads(fig: Sketch, sheet: _Sheet, places: list[pd.Timestamp], height: float) -> None:
    """Join the rounds with each other, with their days, and through the lanes."""
    panel = sheet.panels[-1]
    x, y = panel.axes
    names, days = sheet.rounds["event_id"].tolist(), sheet.rounds["latest"].tolist()
    paths = [
        (name, [(place, height), (day, sheet.bands + 1)])
        for name, place, day in zip(names, places, days, strict=True)
    ]
    thin = {"color": theme.INK, "width": 1}
    _draw_lines(fig, panel, paths, name="rounds and their days", line=thin, meta=ROUNDS)
    line = [(names[-1], [(places[0], height), (panel.right, height)])]
    thick = {**thin, "width": 1.5}
    _draw_lines(fig, panel, line, name="line of the rounds", line=thick, meta=ROUNDS)
    for day in days:
        sheet.add_shape(
            type="line",
            xref=x,
            yref=y,
            x0=_iso(day),
            x1=_iso(day),
            y0=0,
            y1=sheet.top,
            line={"color": theme.GREY, "width": 1, "dash": "dot"},
        )


def _write_gaps(
    sheet: _Sheet, rounds: Sequence[_Row], places: list[pd.Timestamp], height: float
) -> None:
    """Write the days between rounds between their marks, and those since the last one."""
    panel = sheet.panels[-1]
    x, y = panel.axes
    words = [_gap_words(row) for row in rounds[1:]]
    words.append(_since_words(rounds[-1]))
    for at, text in enumerate(words):
        last = at == len(words) - 1
        middle = places[at] + (places[at + 1] - places[at]) / 2
        sheet.add_note(
            name="gap-last" if last else f"gap-{at}",
            text=text,
            x=_iso(panel.right if last else middle),
            y=height,
            xref=x,
            yref=y,
            xanchor="right" if last else "center",
            font={"size": 12, "color": theme.INK},
        )


def _set_axes(fig: Sketch, sheet: _Sheet) -> None:
    """Set the axes of the panels side by side, with the lanes at the same height."""
    for panel in sheet.panels:
        x, y = panel.axes
        alone = len(sheet.panels) == 1
        domain = _EARLY if panel.name == "early" else ((0.0, 1.0) if alone else _RECENT)
        fig.update_layout(
            **{
                f"xaxis{x[1:]}": {
                    "domain": domain,
                    "range": [_iso(panel.left), _iso(panel.right)],
                    "anchor": y,
                    "type": "date",
                    "showgrid": False,
                    "tickangle": 0,
                    "ticklabeloverflow": "allow",
                    "fixedrange": True,
                    **_time_ticks(sheet, panel),
                },
                f"yaxis{y[1:]}": {
                    "domain": [0, 1],
                    "range": [0, sheet.full],
                    "anchor": x,
                    "showgrid": False,
                    "showline": False,
                    "ticklen": 0,
                    "fixedrange": True,
                    "showticklabels": panel is sheet.panels[0],
                    **_lane_ticks(sheet),
                },
            }
        )
    fig.update_layout(margin=_MARGIN, legend=legend(), shapes=sheet.shapes, annotations=sheet.notes)


def _time_ticks(sheet: _Sheet, panel: Panel) -> dict[str, Any]:
    """Mark years; the events long before the others get the years that they are from."""
    most = 4 if panel.name == "early" else 7
    days = year_ticks(panel, most=most - (panel.outlier is not None))
    labels = [str(day.year) for day in days]
    if panel.outlier is not None:
        marks = sheet.marks[panel.name]
        years = marks.loc[marks["known_by"] < panel.first, "known_by"].dt.year
        ends = dict.fromkeys((int(years.min()), int(years.max())))
        days, labels = [panel.outlier, *days], ["–".join(map(str, ends)), *labels]
    if not days:
        return {"nticks": 2 if panel.name == "early" else 4}
    return {"tickvals": [_iso(day) for day in days], "ticktext": labels}


def _lane_ticks(sheet: _Sheet) -> dict[str, list[Any]]:
    """Name the lanes, with their counts, at their lowest row, and the strips above them."""
    names = [(row["bottom"] + (LANE_PAD + ROW) / 2, _lane_words(row)) for row in _lanes_of(sheet)]
    if sheet.header:
        names.append((sheet.top + HEADER / 2, "Phases"))
    if sheet.strip:
        names.append((sheet.bands + 32, "Rounds, days<br>between them"))
    return {"tickvals": [float(y) for y, _ in names], "ticktext": [words for _, words in names]}


def _marks(sheet: _Sheet, lanes: pd.DataFrame) -> dict[str, Any]:
    """Return what a page needs to show some of the events, and a period instead of all of it."""
    rounds = dicts(sheet.rounds)
    gaps = [*map(_gap_words, rounds[1:]), _since_words(rounds[-1])] if rounds else []
    hidden = {"xaxis.visible": False, "yaxis.visible": False}
    return {
        **marks_of(lanes, heights=sheet.lanes, panels=sheet.panels),
        "phases": periods_of(sheet.phases),
        "rounds": rounds_of(sheet.rounds, gaps),
        "top": sheet.top,
        "bands": sheet.bands,
        "alone": {**hidden, "xaxis2.domain": [0, 1], "yaxis2.showticklabels": True},
        "full": sheet.full,
    }


def _since_words(round_: _Row) -> str:
    return f"{int(round_['days_since']):,} so far"


def _lanes_of(sheet: _Sheet) -> Sequence[_Row]:
    return dicts(sheet.lanes)


def _lane_words(lane: _Row) -> str:
    return f"{escape(lane['label'])} <b>{lane['events']:,}</b>"


def _narrow(sheet: _Sheet, *, head: int) -> dict[str, Any]:
    """Put the panels one above the other, below the title, and break the names of phases anew."""
    patch: dict[str, Any] = {"margin.t": head, "margin.b": _NARROW_FOOT, "margin.l": 100}
    patch |= {"yaxis.tickfont.size": 11, "yaxis2.tickfont.size": 11}
    patch |= _narrow_names(sheet)
    if len(sheet.panels) == 1:
        return {**patch, "height": int(sheet.full + head + _NARROW_FOOT)}
    total = sheet.full + _NARROW_AXIS + sheet.bands
    return {
        **patch,
        "height": int(total + head + _NARROW_FOOT),
        "xaxis.domain": [0, 1],
        "xaxis2.domain": [0, 1],
        "yaxis.domain": [0, sheet.bands / total],
        "yaxis.range": [0, sheet.bands],
        "yaxis2.domain": [1 - sheet.full / total, 1],
        "yaxis2.showticklabels": True,
    }


def _narrow_names(sheet: _Sheet) -> dict[str, str]:
    """Return the texts of the notes in a narrow figure, by their place in the layout."""
    texts = {
        _phase_name(phase, panel): _phase_text(phase, panel.share(first, last) * _PLOTS["narrow"])
        for panel in sheet.panels
        for phase, first, last in sheet.visible_phases(panel)
    }
    if len(sheet.rounds):
        texts["gap-last"] = f"{int(sheet.rounds.iloc[-1]['days_since']):,}+"
    return {
        f"annotations[{at}].text": texts[note["name"]]
        for at, note in enumerate(sheet.notes)
        if note["name"] in texts
    }


def legend() -> dict[str, Any]:
    """Return a legend in one line at the foot of a figure, without switches."""
    return {
        "orientation": "h",
        "x": 0,
        "xanchor": "left",
        "xref": "container",
        "y": 0,
        "yanchor": "bottom",
        "yref": "container",
        "font": {"size": 12},
        "itemclick": False,
        "itemdoubleclick": False,
        "traceorder": "normal",
    }


def _caption(sheet: _Sheet) -> str:
    text = (
        "Each mark is an event, in the lane of the first sector that it touches; beside the name "
        "of a lane stands the number of its events. A full mark is an exact day. Where the day is "
        "not known the mark is hollow, and a bar runs from the first to the last possible day. "
        "Where it is too crowded, a mark stands for as many events of one tone as the number "
        "beside it says; closer, it unfolds."
    )
    if len(sheet.panels) > 1:
        text += f" The panel up to {day_words(sheet.panels[0].last)} is compressed."
    if any(panel.outlier for panel in sheet.panels):
        text += " What lies left of the dotted line is not to scale."
    if len(sheet.phases):
        text += " Bands are phases, numbered as in the table of phases."
    if len(sheet.rounds):
        text += (
            " Black circles are numbered rounds, moved apart and joined to their days; between "
            "them stand the days that passed, and last the days since."
        )
    return text


def _marks_table(lanes: pd.DataFrame) -> Table:
    """Return the events drawn, or how many they are where they are very many."""
    if len(lanes) > MOST_ROWS:
        return _counts_table(lanes)
    rows = lanes.assign(
        when=lanes["date"].map(date_words),
        what=_each(lanes, _event_link),
        who=lanes["actor_labels"].map(", ".join),
        tone_label=lanes["tone"].map(lambda word: theme.TONE_STYLES[word].label),
    )
    columns = {"when": "Date", "what": "Event", "who": "Actors named"}
    columns |= {"lane_label": "Lane", "tone_label": "Tone", "sources": "Sources"}
    return Table(rows, columns, "Events drawn in the timeline")


def _counts_table(lanes: pd.DataFrame) -> Table:
    years = (lanes["earliest"].fillna(lanes["known_by"])).dt.year.rename("year")
    tones = {word: style.label for word, style in theme.TONE_STYLES.items()}
    counts = lanes.groupby(["lane_order", "lane_label", years])["tone"].value_counts()
    rows = counts.unstack("tone", fill_value=0).reindex(columns=list(tones), fill_value=0)
    rows = rows.assign(total=rows.sum(axis=1)).reset_index()
    rows["year"] = rows["year"].astype(str)
    columns = {"lane_label": "Lane", "year": "First possible year", **tones, "total": "All"}
    return Table(rows, columns, "Events drawn in the timeline, counted; each stands in the table")


def _each(rows: pd.DataFrame, words: Any) -> pd.Series:
    """Return what a function says of each row."""
    return pd.Series([words(row) for row in dicts(rows)], rows.index, dtype=object)


def _event_link(row: _Row) -> Link:
    return Link(row["title"], "events", row["event_id"])


def _hover(row: _Row) -> str:
    number = f"Round {row['round']} · " if isinstance(row["round"], int) else ""
    kind, sectors = escape(_kind(row)), escape(", ".join(row["sector_labels"]))
    when = f"{number}{date_words(row['date'])} · {kind}"
    return f"<b>{escape(row['title'])}</b><br>{when}<br>{sectors}"


def _round_hover(row: _Row) -> str:
    return f"<b>{escape(row['title'])}</b><br>Round {row['round']} · {date_words(row['date'])}"


def _kind(row: _Row) -> str:
    return f"{row['type_label']}, {theme.TONE_STYLES[row['tone']].label}"


def _kind_and_sectors(row: _Row) -> str:
    return f"{_kind(row)}; {', '.join(row['sector_labels']).lower()}"


def _gap_words(row: _Row) -> str:
    """Return the days since the round before: one number, a range, or a dash."""
    least, most = row["gap_min"], row["gap_max"]
    if not (isinstance(least, int) and isinstance(most, int)):
        return "–"
    return f"{most:,}" if least == most else f"{least:,}–{most:,}"


def _phase_begin(row: _Row) -> Link:
    return Link(day_words(row["first_day"]), "events", row["from_event"])


def _phase_end(row: _Row) -> Link | str:
    if row["running"]:
        return f"still running on {day_words(row['last_day'])}"
    return Link(day_words(row["last_day"]), "events", row["to_event"])


def _phase_words(row: _Row) -> str:
    counts = [(row["days"], "day"), (row["events"], "event"), (row["contacts"], "contact")]
    words = [count_words(int(number), noun) for number, noun in counts]
    return f"{list_words(words)} between the sides"


def _iso(day: pd.Timestamp) -> str:
    return str(day.isoformat())
