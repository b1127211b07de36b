"""Who meets whom in each phase: small networks, everybody at the same place in all of them."""

import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.dossier import Dossier
from normlib.figures import theme
from normlib.figures.actors import (
    NOBODY,
    all_sources,
    contact_phases_table,
    last_names,
    side_name,
    two_decimals,
)
from normlib.figures.network import by_side, glyph, network_curves, tie_trace, tie_words, years
from normlib.figures.sketch import Sketch, Trace, scatter
from normlib.figures.stack import moved_apart
from normlib.figures.words import capital, count_words, day_words, list_words
from normlib.rows import dicts

PITCH, LOWEST, HIGHEST = 5.2, 96.0, 300.0
"""Pixels: a row of a small network; height of one at least and at most."""

LINE, GAP, GUTTER, MARGIN, TOP, NARROW_TOP = 14, 8, 16, 4, 86, 122
"""Pixels: a line of words, between it and a panel, between panels, beside and above all, above
all that is narrow."""

SIZE, LETTER, APART = 10, 5.8, 12.0
"""Pixels: the letters of a name, the width of one, from one name to the next below it."""

LONGEST, NAMED, FOOT_LETTERS, HEAD_LETTERS = 14, 3, 54, 38
"""Most letters of a name; most names in a list; letters of a line below and above a panel."""

STEPS, NAMES = 4, 1.1
"""Pieces of a curve; how far from the middle the names of the two sides begin."""

LAYOUTS = {"wide": (3, 900), "middle": (2, 600), "narrow": (1, 328)}
"""Of each layout the panels side by side, and the least width of the picture in pixels."""


def network_phases_figure(
    presence: pd.DataFrame,
    ties: pd.DataFrame,
    phases: pd.DataFrame,
    positions: pd.DataFrame,
    *,
    dossier: Dossier,
) -> go.Figure:
    """Draw who met whom in each phase: a small network each, everybody at one place in all.

    Whoever shared no event in a phase is a faint dot there.

    Parameters
    ----------
    presence, ties, phases, positions : what the functions ``presence``, ``ties_by_phase``,
        ``by_phase`` and ``positions`` of ``normlib.actors`` return.
    dossier : the view; gives names, sides, day and release.
    """
    key, title = "phase-networks", "The network of each phase"
    if presence.empty:
        reason = f"{NOBODY} by {day_words(dossier.day)}."
        return theme.empty_figure(key=key, title=title, stamp=dossier.stamp, reason=reason)
    marks = phase_marks(presence, phases, positions, dossier=dossier)
    curves, rows = network_curves(ties, positions, steps=STEPS), dicts(phases)
    names = last_names(dossier, positions["actor_id"])
    words = [(_head(row), _foot(row, names)) for row in rows]
    fig = Sketch()
    _add_key(fig, marks, dossier)
    for at, row in enumerate(rows):
        own, drawn = (part[part["phase_id"] == row["phase_id"]] for part in (marks, curves))
        _add_panel(fig, at, _traces(own, drawn, positions, dossier.labels("actors")))
        _add_words(fig, at, *words[at], own)
    lines = [max(map(len, told)) for told in zip(*words, strict=True)]
    layouts = {
        name: _layout(marks, positions, lines, len(rows), *of) for name, of in LAYOUTS.items()
    }
    layouts["narrow"] |= {"margin.t": NARROW_TOP, "annotations[0].text": _key(marks, dossier, 3)}
    layouts["narrow"]["height"] += NARROW_TOP - TOP
    fig.update_layout(
        showlegend=False,
        margin={"l": MARGIN, "r": MARGIN, "t": TOP, "b": 0},
        **_nested(layouts["wide"]),
    )
    fig.update_xaxes(visible=False, fixedrange=True)
    fig.update_yaxes(visible=False, fixedrange=True, range=_window(positions))
    return theme.finish(
        fig,
        key=key,
        title=title,
        stamp=dossier.stamp,
        caption=_caption(),
        alt=_alt(phases, dossier),
        sources=all_sources(ties),
        table=contact_phases_table(phases, dossier=dossier),
        height=layouts["wide"]["height"],
        narrow=layouts["narrow"],
        middle=layouts["middle"],
        indent=MARGIN,
    )


def phase_marks(
    presence: pd.DataFrame, phases: pd.DataFrame, positions: pd.DataFrame, *, dossier: Dossier
) -> pd.DataFrame:
    """Return the actors of each phase with their places and names; parameters as above.

    Names of a column stand apart. Where there is no room for all, those of newcomers and of who
    bridges most go first, then those of most events.

    Returns
    -------
    DataFrame
        ``phase_id``, ``actor_id``, ``side``, ``events``, ``x``, ``y``; ``entered`` and ``left``:
        whether the first shared event, or the last one so far, lies in the phase; ``label`` (blank:
        no room) and ``label_y``, where it stands, in rows; in the order of phases and rows.
    """
    order = {name: place for place, name in enumerate(phases["phase_id"])}
    marks = presence.drop(columns="sources").merge(positions[["actor_id", "x", "y"]], on="actor_id")
    marks = marks.assign(place=marks["phase_id"].map(order))
    marks = marks.sort_values(["place", "y", "x"], ignore_index=True)
    pairs = list(zip(marks["place"], marks["actor_id"], strict=True))
    entered, left, bridging = (
        [actor in phases[column].iloc[place] for place, actor in pairs]
        for column in ("entered", "left", "most_bridging")
    )
    names = last_names(dossier, positions["actor_id"], longest=LONGEST)
    marks = marks.assign(
        entered=entered,
        left=left,
        label=[names[actor] for actor in marks["actor_id"]],
        label_y=marks["y"].astype("float64"),
        first=[new or bridge for new, bridge in zip(entered, bridging, strict=True)],
    )
    (top, bottom), height = _rows(positions), _height(positions)
    gap, most = APART * (bottom - top) / height, max(int(height // APART), 1)
    for _, own in marks.groupby(["place", "side"]):
        ranked = own.sort_values(["first", "events"], ascending=False, kind="stable").index
        marks.loc[ranked[most:], "label"] = ""
        named = ranked[:most].sort_values()
        wanted = own.loc[named, "y"].astype(float).tolist()
        marks.loc[named, "label_y"] = moved_apart(wanted, gap=gap, low=top + 0.5, high=bottom - 0.5)
    return marks.drop(columns=["place", "first"])


def _rows(positions: pd.DataFrame) -> tuple[float, float]:
    """Return where the first row begins and the last one ends."""
    return float(positions["y"].min()) - 0.5, float(positions["y"].max()) + 0.5


def _height(positions: pd.DataFrame) -> float:
    top, bottom = _rows(positions)
    return min(max(PITCH * (bottom - top), LOWEST), HIGHEST)


def _window(positions: pd.DataFrame) -> list[float]:
    return list(reversed(_rows(positions)))


# Layouts


def _layout(
    marks: pd.DataFrame,
    positions: pd.DataFrame,
    lines: Sequence[int],
    count: int,
    columns: int,
    width: int,
) -> dict[str, Any]:
    """Return the places of panels, and how much of them names take, as a layout patch."""
    head, foot = LINE * lines[0] + GAP, LINE * lines[1] + GAP + GUTTER
    height, share = _height(positions), GUTTER / (width - 2 * MARGIN)
    cell, wide = head + height + foot, (1 - share * (columns - 1)) / columns
    total = cell * -(-count // columns)
    window = _abscissas(marks, wide * (width - 2 * MARGIN))
    patch: dict[str, Any] = {"height": round(TOP + total)}
    for at in range(count):
        row, column = divmod(at, columns)
        left, bottom = column * (wide + share), 1 - (row * cell + head + height) / total
        patch[f"xaxis{_number(at)}.domain"] = [round(left, 4), round(left + wide, 4)]
        patch[f"yaxis{_number(at)}.domain"] = [round(bottom, 4), round(bottom + height / total, 4)]
        patch[f"xaxis{_number(at)}.range"] = window
    return patch


def _abscissas(marks: pd.DataFrame, width: float) -> list[float]:
    """Return the ends of the horizontal axis, so that names fit at both sides of a panel."""
    room = [
        LETTER * marks.loc[marks["side"] == side, "label"].map(len).max() + 6
        if marks["side"].eq(side).any()
        else 6
        for side in (0, 1)
    ]
    pixel = 2 * NAMES / max(width - sum(room), width / 4)
    return [round(-NAMES - room[0] * pixel, 3), round(NAMES + room[1] * pixel, 3)]


def _nested(patch: Mapping[str, Any]) -> dict[str, Any]:
    """Return a patch of axes as a layout."""
    found: dict[str, Any] = {}
    for path, value in patch.items():
        group, _, name = path.partition(".")
        if name:
            found.setdefault(group, {})[name] = value
    return found


def _number(at: int) -> str:
    return str(at + 1) if at else ""


# Marks


def _add_panel(fig: Sketch, at: int, traces: Iterable[Trace]) -> None:
    number = _number(at)
    own = {"xaxis": f"x{number}", "yaxis": f"y{number}", "showlegend": False}
    fig.add_traces({**trace, **own} for trace in traces)
    fig.update_layout(
        **{
            f"xaxis{number}": {"anchor": f"y{number}"},
            f"yaxis{number}": {"anchor": f"x{number}"},
        }
    )


def _traces(
    own: pd.DataFrame, curves: pd.DataFrame, positions: pd.DataFrame, names: Mapping[str, str]
) -> Iterator[Trace]:
    absent = positions[~positions["actor_id"].isin(own["actor_id"])]
    yield _dots(absent, names, symbol="circle", size=2.5, color=theme.GREY, opacity=0.45)
    yield from (_tie(tie, names) for tie in dicts(curves))
    beside = own[own["side"].isin((0, 1)) & own["label"].ne("")]
    yield _leaders(beside)
    for side, some in by_side(own):
        style = theme.SIDE_STYLES[side]
        fill = [theme.PAPER if gone else style.colour for gone in some["left"]]
        edge = {"color": style.colour, "width": 1.5}
        yield _dots(some, names, symbol=style.symbol, color=fill, size=6.5, line=edge)
    for side, some in by_side(beside):
        yield _names(some, side)


def _dots(actors: pd.DataFrame, names: Mapping[str, str], **marker: Any) -> Trace:
    events = actors["events"] if "events" in actors else [0] * len(actors)
    told = zip(actors["actor_id"], events, strict=True)
    return scatter(
        x=[float(x) for x in actors["x"]],
        y=[int(y) for y in actors["y"]],
        mode="markers",
        marker={"opacity": 1, **marker},
        cliponaxis=False,
        customdata=[[f"actors/{actor}"] for actor in actors["actor_id"]],
        hovertext=[
            escape(names[actor]) + (f": {count_words(int(number), 'event')}" if number else "")
            for actor, number in told
        ],
        hoverinfo="text",
    )


def _tie(tie: Mapping[Any, Any], names: Mapping[str, str]) -> Trace:
    return tie_trace(
        tie,
        [f"events/{tie['events'][-1]}"],
        width=round(tie["width"], 2),
        opacity=0.6,
        hovertemplate=f"{tie_words(tie, names)}<extra></extra>",
    )


def _leaders(named: pd.DataFrame) -> Trace:
    """Join marks with names that had to give way to others."""
    moved = named[(named["y"] - named["label_y"]).abs() > 0.2]
    ends = zip(moved["side"], moved["x"], moved["y"], moved["label_y"], strict=True)
    points = [((x, y), (NAMES if side else -NAMES, at)) for side, x, y, at in ends]
    return scatter(
        x=[x for (a, _), (b, _) in points for x in (float(a), float(b), None)],
        y=[y for (_, a), (_, b) in points for y in (float(a), float(b), None)],
        mode="lines",
        line={"color": theme.GREY, "width": 0.5},
        cliponaxis=False,
        hoverinfo="skip",
    )


def _names(named: pd.DataFrame, side: int) -> Trace:
    return scatter(
        x=[NAMES if side else -NAMES] * len(named),
        y=[round(float(y), 3) for y in named["label_y"]],
        mode="text",
        text=[f"\u00a0{_label(row)}" if side else f"{_label(row)}\u00a0" for row in dicts(named)],
        textposition="middle right" if side else "middle left",
        textfont={"size": SIZE},
        cliponaxis=False,
        customdata=[[f"actors/{actor}"] for actor in named["actor_id"]],
        hoverinfo="skip",
    )


def _label(row: Mapping[Any, Any]) -> str:
    words = escape(row["label"], quote=False)
    return f"<b>{words}</b>" if row["entered"] else words


# Words


def _add_words(
    fig: Sketch, at: int, head: Sequence[str], foot: Sequence[str], own: pd.DataFrame
) -> None:
    number = _number(at)
    frame = {"xref": f"x{number} domain", "yref": f"y{number} domain", "showarrow": False}
    left = {**frame, "x": 0, "xanchor": "left", "align": "left", "borderpad": 0}
    size = {"size": 10.5}
    fig.add_annotation(text="<br>".join(head), y=1, yanchor="bottom", yshift=GAP, font=size, **left)
    grey = {**size, "color": theme.GREY}
    fig.add_annotation(text="<br>".join(foot), y=0, yanchor="top", yshift=-GAP, font=grey, **left)
    for row in dicts(own[~own["side"].isin((0, 1)) & own["label"].ne("")]):
        fig.add_annotation(
            text=f"{'◇' if row['left'] else glyph(-1)} {_label(row)}",
            x=float(row["x"]),
            y=round(float(row["label_y"]), 3),
            xref=f"x{number}",
            yref=f"y{number}",
            showarrow=False,
            font={"size": SIZE},
            bgcolor=theme.PAPER,
            borderpad=0,
        )


def _head(phase: Mapping[Any, Any]) -> list[str]:
    """Return the lines above a panel: what phase it is, and when."""
    title = textwrap.wrap(phase["title"], HEAD_LETTERS)
    counts = (
        f"{count_words(phase['events'], 'shared event')}, {count_words(phase['nodes'], 'actor')}"
        if phase["events"]
        else "no shared event on record"
    )
    told = [f"<b>{escape(line, quote=False)}</b>" for line in title]
    span = f"since {phase['start'].year}" if pd.isna(phase["end"]) else years(phase)
    return [*told, f"{span} · {counts}"]


def _foot(phase: Mapping[Any, Any], names: Mapping[str, str]) -> list[str]:
    """Return the lines below a panel: who came, who was last there, who bridges, how spread."""
    if not phase["events"]:
        return []
    parts = [
        f"{words}: {_listed([names[actor] for actor in phase[column]])}"
        for words, column in (("first time", "entered"), ("last so far", "left"))
        if phase[column]
    ]
    bridge = [names[actor] for actor in phase["most_bridging"]]
    if bridge:
        share = f"{100 * phase['most_betweenness']:.1f}\u00a0%"
        parts.append(f"bridge: {_listed(bridge)}, {share}")
    parts.append(f"concentration\u00a0{two_decimals(phase['concentration'])}")
    words = capital("; ".join(parts))
    return [
        escape(line, quote=False)
        for line in textwrap.wrap(words, FOOT_LETTERS, break_on_hyphens=False)
    ]


def _listed(names: Sequence[str]) -> str:
    return list_words(names) if len(names) <= NAMED else f"{len(names)}"


def _add_key(fig: Sketch, marks: pd.DataFrame, dossier: Dossier) -> None:
    """Say above all panels what marks and letters mean."""
    fig.add_annotation(
        text=_key(marks, dossier, 5),
        x=0,
        y=1,
        xref="paper",
        yref="paper",
        xanchor="left",
        yanchor="bottom",
        yshift=8,
        align="left",
        showarrow=False,
        font={"size": 11},
    )


def _key(marks: pd.DataFrame, dossier: Dossier, most: int) -> str:
    """Return the meaning of marks, so many in a line."""
    parts = [
        f"<span style='color:{theme.SIDE_STYLES[side].colour}'>{glyph(side)}</span> "
        f"{escape(side_name(side, dossier), quote=False)}"
        for side, _ in by_side(marks)
    ]
    parts += ["<b>bold</b>: first time", "◇ hollow: last time so far"]
    lines = [parts[at : at + most] for at in range(0, len(parts), most)]
    return "<br>".join("\u2003".join(line) for line in lines)


def _caption() -> str:
    return (
        "A panel for each phase. Everybody stands at the same place in all of them and in “Who "
        "meets whom”; a faint dot is somebody without a shared event in it. A line joins two who "
        "took part in the same event of the phase; its width is the weight of their tie, on one "
        "scale for all panels. Solid: between the sides; dashed: within one side; dotted: with "
        "third parties. Bold names had their first shared event in the phase, hollow marks their "
        "last one so far (none in the phase that still runs). Names that would touch are moved "
        "apart. The name of a state is a side without a named person. Bridge: whose betweenness is "
        "highest. Concentration: 0 where all ties weigh alike, 1 where one pair has all weight. "
        "Who shares an event need not be of both sides: contacts between the sides are counted in "
        "the timeline."
    )


def _alt(phases: pd.DataFrame, dossier: Dossier) -> str:
    names = dossier.labels("actors")
    return " ".join(_phase_alt(phase, names) for phase in dicts(phases))


def _phase_alt(phase: Mapping[Any, Any], names: Mapping[str, str]) -> str:
    if not phase["events"]:
        return f"{phase['title']}: no shared event on record."
    parts = [
        f"{words}: {list_words(names[actor] for actor in phase[column])}"
        for words, column in (
            ("first shared event", "entered"),
            ("last shared event so far", "left"),
            ("bridging most", "most_bridging"),
        )
        if phase[column]
    ]
    counts = (
        f"{count_words(phase['nodes'], 'actor')}, {count_words(phase['events'], 'shared event')}"
    )
    spread = f"concentration {two_decimals(phase['concentration'])}"
    return f"{phase['title']}: {'; '.join([counts, *parts, spread])}."
