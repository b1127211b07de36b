"""Who meets whom, in pictures: two sides facing each other, and who was in contact when."""

from collections.abc import Iterator, Mapping
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
    period_words,
    short_names,
    side_name,
    ties_table,
    two_decimals,
)
from normlib.figures.sketch import Sketch, Trace, scatter
from normlib.figures.words import count_words, day_words, list_words
from normlib.rows import dicts

MOST = 40
"""The most actors that one picture shows."""

ROW, PER_WEIGHT, WIDEST, THINNEST = 21, 1.2, 13.0, 0.9
"""Pixels: height of a row of the picture; width of a tie per unit of weight, at most, at least."""

BESIDE = "beside"
DASHES = {"between": "solid", "within": "dash", "third": "dot", BESIDE: "solid"}
COLOURS = {"between": theme.ACCENT, "within": theme.GREY, "third": theme.GREY, BESIDE: theme.LIGHT}
INDENT = 4
STEPS, YEARS_WIDE = 14, 34
THIRD, YEAR = "third party", "year"
ENDS = ("actor_a", "actor_b")

Spot = tuple[float, float]


def network_figure(
    ties: pd.DataFrame,
    centrality: pd.DataFrame,
    positions: pd.DataFrame,
    *,
    dossier: Dossier,
    most: int = MOST,
    title: str = "Who meets whom",
    focus: str = "",
) -> go.Figure:
    """Draw who meets whom: one side left, the other right, third parties between them.

    Parameters
    ----------
    ties, centrality, positions : what the functions of these names in ``normlib.actors`` return,
        of one network; ``positions`` may hold more actors.
    dossier : the view; gives names, sides, day and release.
    most : how many actors are drawn at most: those who shared most events.
    title : what is shown, in a few words.
    focus : an actor whose ties stand out from those of the others with each other.
    """
    if ties.empty:
        reason = f"{NOBODY} by {day_words(dossier.day)}."
        return theme.empty_figure(key="network", title=title, stamp=dossier.stamp, reason=reason)
    nodes = network_nodes(ties, centrality, positions, dossier=dossier, most=most)
    curves = network_curves(ties, nodes, focus=focus)
    fig = Sketch([*_curve_traces(curves, dossier), *_node_traces(nodes)])
    _frame(fig, nodes)
    _third_party_labels(fig, nodes)
    _side_headings(fig, nodes, dossier)
    _years_at_left(fig, nodes)
    return theme.finish(
        fig,
        key="network",
        title=title,
        stamp=dossier.stamp,
        caption=_network_caption(nodes, centrality, curves) + _focus_caption(focus, dossier),
        alt=_network_alt(ties, centrality, dossier),
        sources=all_sources(ties),
        table=ties_table(ties, dossier=dossier),
        height=int(ROW * (nodes["y"].max() - nodes["y"].min() + 1) + 130),
        narrow={
            "font.size": 10.5,
            "xaxis.range": [-1.04, 1.04],
            **_margins(nodes, 5.55),
            **_narrow_annotations(fig),
        },
        indent=INDENT,
    )


def network_nodes(
    ties: pd.DataFrame,
    centrality: pd.DataFrame,
    positions: pd.DataFrame,
    *,
    dossier: Dossier,
    most: int = MOST,
) -> pd.DataFrame:
    """Return the actors to draw: those who shared most events, at most so many.

    Among those with as many events, who met in smaller company comes first; those who are equal in
    both are drawn together or not at all.

    Returns
    -------
    DataFrame
        ``actor_id``, ``side``, ``kind``, ``x``, ``y``, ``events``, ``strongest`` (weight of the
        strongest tie), ``name``, ``label``, ``year`` of the first contact.
    """
    ranked = positions[["actor_id", "side", "kind", "first_event", "x", "y"]].merge(
        centrality[["actor_id", "events"]], on="actor_id"
    )
    ranked = ranked.assign(strongest=ranked["actor_id"].map(_strongest(ties)))
    ranked = ranked.sort_values(["events", "strongest"], ascending=False, kind="stable")
    place = ranked.groupby(["events", "strongest"], sort=False).ngroup()
    filled = place.map(place.value_counts().sort_index().cumsum())
    kept = ranked[filled <= most] if (filled <= most).any() else ranked.head(most)
    named = kept.assign(name=kept["actor_id"].map(dossier.labels("actors")))
    short, people = short_names(dossier), bool((named["kind"] != "state").any())
    labels = [_label(row, short, people=people) for row in dicts(named)]
    days = dossier.events.set_index("event_id")[["date_earliest", "date_latest"]]
    years = days["date_earliest"].fillna(days["date_latest"]).dt.year
    named = named.assign(label=labels, year=named["first_event"].map(years))
    return named.sort_values(["y", "x"], ignore_index=True)


def network_curves(ties: pd.DataFrame, nodes: pd.DataFrame, *, focus: str = "") -> pd.DataFrame:
    """Return the ties between drawn actors as curves, those in front last, the thickest first.

    ``focus`` is an actor beside whose ties all others are thin and pale.

    Returns
    -------
    DataFrame
        The columns of ``ties``; ``role`` (``between`` the sides, ``within`` a side, with a
        ``third`` party, ``beside`` the focus), ``width`` (pixels), ``xs``, ``ys`` (points of the
        curve).
    """
    spots = nodes.set_index("actor_id")[["side", "x", "y"]].itertuples()
    places = {str(at): (int(side), float(x), float(y)) for at, side, x, y in spots}
    drawn = ties[ties["actor_a"].isin(places) & ties["actor_b"].isin(places)]
    pairs = list(zip(drawn["actor_a"], drawn["actor_b"], strict=True))
    ends = [(places[a], places[b]) for a, b in pairs]
    scale = min(PER_WEIGHT, WIDEST / max(drawn["weight"].max(), 1)) if len(drawn) else PER_WEIGHT
    points = [_curve(a[1:], b[1:]) for a, b in ends]
    beside = [bool(focus) and focus not in pair for pair in pairs]
    curves = drawn.assign(
        role=[
            BESIDE if pale else _role(a[0], b[0]) for (a, b), pale in zip(ends, beside, strict=True)
        ],
        width=[
            THINNEST if pale else max(THINNEST, weight * scale)
            for weight, pale in zip(drawn["weight"], beside, strict=True)
        ],
        xs=pd.Series([xs for xs, _ in points], index=drawn.index, dtype=object),
        ys=pd.Series([ys for _, ys in points], index=drawn.index, dtype=object),
    )
    ordered = curves.assign(pale=beside).sort_values(
        ["pale", "width"], ascending=False, kind="stable", ignore_index=True
    )
    return ordered.drop(columns="pale")


def contact_phases_figure(
    presence: pd.DataFrame,
    phases: pd.DataFrame,
    nodes: pd.DataFrame,
    *,
    dossier: Dossier,
) -> go.Figure:
    """Draw in which phase each actor was in contact, a line an actor and a column a phase.

    Parameters
    ----------
    presence, phases : what ``actors.presence`` and ``actors.by_phase`` return.
    nodes : the actors to draw, as :func:`network_nodes` returns them.
    """
    title = "In contact, phase by phase"
    drawn = presence.merge(nodes[["actor_id", "y", "name", "label"]], on="actor_id")
    if drawn.empty:
        reason = f"{NOBODY} by {day_words(dossier.day)}."
        return theme.empty_figure(key="phases", title=title, stamp=dossier.stamp, reason=reason)
    columns = {name: place for place, name in enumerate(phases["phase_id"])}
    lines = {name: place for place, name in enumerate(nodes["actor_id"])}
    drawn = drawn.assign(column=drawn["phase_id"].map(columns), line=drawn["actor_id"].map(lines))
    fig = Sketch(
        [*_span_traces(drawn), *(_presence_trace(own, side) for side, own in _by_side(drawn))]
    )
    years = [_years(phase) for phase in dicts(phases)]
    titles = [
        f"{_wrapped(name)}<br>{span}" for name, span in zip(phases["title"], years, strict=True)
    ]
    fig.update_xaxes(
        side="top", range=[-0.5, len(columns) - 0.5], tickvals=list(range(len(columns)))
    )
    fig.update_xaxes(ticktext=titles, tickangle=0, tickfont={"size": 11}, showgrid=False)
    fig.update_yaxes(range=[len(lines) - 0.4, -0.6], tickvals=list(lines.values()), showgrid=False)
    fig.update_yaxes(ticktext=[_marked(row) for row in dicts(nodes)], ticks="")
    fig.update_layout(showlegend=False, margin={"l": 20, "r": 20, "t": 135, "b": 12})
    return theme.finish(
        fig,
        key="phases",
        title=title,
        stamp=dossier.stamp,
        caption=_phases_caption(nodes, dossier),
        alt=_phases_alt(phases, dossier),
        sources=all_sources(drawn),
        table=contact_phases_table(phases, dossier=dossier),
        height=int(ROW * len(lines) + 180),
        narrow={
            "font.size": 11,
            "xaxis.ticktext": years,
            "xaxis.tickangle": -90,
            "margin.t": 132,
            "margin.l": 5,
            "margin.r": 12,
        },
        indent=INDENT,
    )


def _curve_traces(curves: pd.DataFrame, dossier: Dossier) -> Iterator[Trace]:
    names = dossier.labels("actors")
    for tie in dicts(curves):
        events = f"{count_words(int(tie['count']), 'event')}, {period_words(tie)}"
        words = (
            f"{escape(names[tie['actor_a']])} – {escape(names[tie['actor_b']])}<br>"
            f"{events}, weight {two_decimals(tie['weight'])}"
        )
        role = str(tie["role"])
        yield scatter(
            x=tie["xs"],
            y=tie["ys"],
            mode="lines",
            line={
                "color": COLOURS[role],
                "width": tie["width"],
                "dash": DASHES[role],
                "shape": "spline",
            },
            opacity=0.55,
            customdata=[[f"events/{tie['events'][-1]}", words]] * len(tie["xs"]),
            hovertemplate="%{customdata[1]}<extra></extra>",
            showlegend=False,
        )


def _node_traces(nodes: pd.DataFrame) -> Iterator[Trace]:
    for side, own in _by_side(nodes):
        third = side == -1
        yield scatter(
            x=[float(x) for x in own["x"]],
            y=[float(y) for y in own["y"]],
            mode="markers" if third else "markers+text",
            marker={
                "symbol": theme.SIDE_STYLES[side].symbol,
                "color": theme.SIDE_STYLES[side].colour,
                "size": 9,
                "line": {"color": theme.PAPER, "width": 1},
            },
            text=list(own["label"]),
            textposition="middle left" if side == 0 else "middle right",
            cliponaxis=False,
            customdata=[[f"actors/{actor}"] for actor in own["actor_id"]],
            hovertext=[
                f"{escape(name)}: {count_words(int(number), 'event')}"
                for name, number in zip(own["name"], own["events"], strict=True)
            ],
            hoverinfo="text",
            showlegend=False,
        )


def _third_party_labels(fig: Sketch, nodes: pd.DataFrame) -> None:
    """Write the names of third parties on the ties that pass behind them."""
    for row in dicts(nodes[nodes["side"] < 0]):
        fig.add_annotation(
            name=THIRD,
            text=f"{_glyph(-1)} {row['label']}",
            x=float(row["x"]),
            y=float(row["y"]),
            showarrow=False,
            bgcolor=theme.PAPER,
            borderpad=1,
        )


def _years_at_left(fig: Sketch, nodes: pd.DataFrame) -> None:
    """Write the year of the first contact beside the first row of each year."""
    firsts = nodes.drop_duplicates("year")
    for year, y in zip(firsts["year"], firsts["y"], strict=True):
        fig.add_annotation(
            name=YEAR,
            text=str(year),
            x=0,
            xref="paper",
            xanchor="left",
            xshift=4 - fig.layout["margin"]["l"],
            y=float(y),
            showarrow=False,
            font={"color": theme.GREY, "size": 11},
        )


def _narrow_annotations(fig: Sketch) -> dict[str, Any]:
    """Make the names between the columns smaller, and leave the years out."""
    patch: dict[str, Any] = {}
    for at, annotation in enumerate(fig.layout["annotations"]):
        if annotation.get("name") == THIRD:
            patch[f"annotations[{at}].font.size"] = 10
            patch[f"annotations[{at}].text"] = annotation["text"].partition(" ")[2]
        elif annotation.get("name") == YEAR:
            patch[f"annotations[{at}].visible"] = False
    return patch


def _side_headings(fig: Sketch, nodes: pd.DataFrame, dossier: Dossier) -> None:
    """Name the columns above them, in the colour and with the mark of the side."""
    top = float(nodes["y"].min()) - 1.4
    for side, x, anchor in ((0, -1.0, "right"), (-1, 0.0, "center"), (1, 1.0, "left")):
        if side in set(nodes["side"]):
            name = escape(side_name(side, dossier))
            words = f"{name} {_glyph(side)}" if side == 0 else f"{_glyph(side)} {name}"
            fig.add_annotation(
                text=f"<b>{words}</b>",
                x=x,
                y=top,
                xanchor=anchor,
                xshift={"right": 6, "left": -6, "center": 0}[anchor],
                showarrow=False,
                font={"color": theme.SIDE_STYLES[side].colour},
            )


def _frame(fig: Sketch, nodes: pd.DataFrame) -> None:
    bottom, top = float(nodes["y"].max()) + 0.7, float(nodes["y"].min()) - 2.0
    fig.update_xaxes(range=[-1.2, 1.2], visible=False, fixedrange=True)
    fig.update_yaxes(range=[bottom, top], visible=False, fixedrange=True)
    margin = {name.partition(".")[2]: size for name, size in _margins(nodes, 6.9).items()}
    margin["l"] += YEARS_WIDE
    fig.update_layout(showlegend=False, margin={**margin, "t": 64, "b": 12})


def _margins(nodes: pd.DataFrame, per_letter: float) -> dict[str, int]:
    """Leave room for the longest label on either side, in pixels."""
    longest = {
        side: max((len(label) for label in nodes.loc[nodes["side"] == side, "label"]), default=6)
        for side in (0, 1)
    }
    return {
        f"margin.{at}": int(11 + per_letter * longest[side]) for side, at in ((0, "l"), (1, "r"))
    }


def _curve(a: Spot, b: Spot) -> tuple[list[float], list[float]]:
    """Return a smooth curve: level at both ends, or bent inwards between two of one column."""
    (xa, ya), (xb, yb) = a, b
    bend = min(0.1 + 0.045 * abs(yb - ya), 0.6) * (-1.0 if xa > 0 else 1.0)
    middle = (xa + bend) if xa == xb else (xa + xb) / 2
    steps = [step / STEPS for step in range(STEPS + 1)]
    return (
        [_bezier(s, xa, middle, middle, xb) for s in steps],
        [_bezier(s, ya, ya, yb, yb) for s in steps],
    )


def _bezier(s: float, p: float, q: float, r: float, t: float) -> float:
    value = (1 - s) ** 3 * p + 3 * (1 - s) ** 2 * s * q + 3 * (1 - s) * s**2 * r + s**3 * t
    return round(value, 4)


def _role(a: int, b: int) -> str:
    if a < 0 or b < 0:
        return "third"
    return "within" if a == b else "between"


def _span_traces(drawn: pd.DataFrame) -> Iterator[Trace]:
    """Draw a thin line from the first to the last phase of each actor."""
    for actor, own in drawn.groupby("actor_id", sort=False):
        ends = [float(own["column"].min()), float(own["column"].max())]
        yield scatter(
            x=ends,
            y=[float(own["line"].iloc[0])] * 2,
            mode="lines",
            line={"color": theme.LIGHT, "width": 2},
            customdata=[[f"actors/{actor}"]] * 2,
            hoverinfo="skip",
            showlegend=False,
        )


def _presence_trace(own: pd.DataFrame, side: int) -> Trace:
    style = theme.SIDE_STYLES[side]
    return scatter(
        x=[float(column) for column in own["column"]],
        y=[float(line) for line in own["line"]],
        mode="markers+text",
        marker={
            "symbol": style.symbol,
            "color": style.colour,
            "size": [7 + min(int(number), 7) for number in own["events"]],
            "opacity": 1,
            "line": {"color": theme.PAPER, "width": 1},
        },
        text=["" if number == 1 else str(number) for number in own["events"]],
        textposition="middle right",
        textfont={"size": 11},
        cliponaxis=False,
        customdata=[[f"actors/{actor}"] for actor in own["actor_id"]],
        hovertext=[
            f"{escape(name)}: {count_words(int(number), 'event')}"
            for name, number in zip(own["name"], own["events"], strict=True)
        ],
        hoverinfo="text",
        showlegend=False,
    )


def _by_side(rows: pd.DataFrame) -> Iterator[tuple[int, pd.DataFrame]]:
    for side in (0, 1, -1):
        own = rows[rows["side"] == side]
        if len(own):
            yield side, own


def _strongest(ties: pd.DataFrame) -> dict[str, float]:
    """Return the weight of the strongest tie of each actor."""
    ends = pd.concat(
        [ties[[end, "weight"]].set_axis(["actor_id", "weight"], axis=1) for end in ENDS]
    )
    most = ends.groupby("actor_id")["weight"].max()
    return {str(actor): round(float(weight), 9) for actor, weight in most.items()}


def _label(row: Mapping[Any, Any], short: Mapping[str, str], *, people: bool) -> str:
    """Name an actor, with the number of its events where it has several."""
    unnamed = " (unnamed)" if people and row["kind"] == "state" and row["side"] >= 0 else ""
    number = f" {row['events']}" if row["events"] > 1 else ""
    return f"{escape(short[row['actor_id']], quote=False)}{unnamed}{number}"


def _glyph(side: int) -> str:
    return {"square": "■", "circle": "●", "diamond": "◆"}[theme.SIDE_STYLES[side].symbol]


def _marked(row: Mapping[Any, Any]) -> str:
    colour = theme.SIDE_STYLES[row["side"]].colour
    return f"{row['label']} <span style='color:{colour}'>{_glyph(row['side'])}</span>"


def _network_caption(nodes: pd.DataFrame, centrality: pd.DataFrame, curves: pd.DataFrame) -> str:
    left = len(centrality) - len(nodes)
    rest = (
        f" {count_words(left, 'actor')} with fewer events, or in larger company, "
        f"{'is' if left == 1 else 'are'} in the tables only."
        if left
        else ""
    )
    return (
        "A line joins two who took part in the same event; its width is the weight of their tie, "
        "the sum over these events of 1/(participants − 1). Solid: between the sides; dashed: "
        "within one side; dotted: with third parties. A number counts the events of an actor who "
        "has several. Each stands in the row of the first contact on record, the earliest on "
        "top (wide pictures give the year). "
        f"“Unnamed” is a side for which nobody is named. {len(nodes)} actors and "
        f"{count_words(len(curves), 'tie')} are drawn.{rest}"
    )


def _focus_caption(focus: str, dossier: Dossier) -> str:
    name = dossier.labels("actors").get(focus)
    return f" Pale lines, all of one width: ties without {name}." if name else ""


def _network_alt(ties: pd.DataFrame, centrality: pd.DataFrame, dossier: Dossier) -> str:
    names = dossier.labels("actors")
    pairs = [
        f"{names[tie['actor_a']]} and {names[tie['actor_b']]} "
        f"({count_words(int(tie['count']), 'event')}, weight {two_decimals(tie['weight'])})"
        for tie in dicts(ties.head(6))
    ]
    return (
        f"Network of {count_words(len(centrality), 'actor')} and {count_words(len(ties), 'tie')}. "
        f"The strongest ties: {list_words(pairs)}."
    )


def _phases_caption(nodes: pd.DataFrame, dossier: Dossier) -> str:
    marks = [f"{_glyph(side)} {side_name(side, dossier)}" for side, _ in _by_side(nodes)]
    return (
        "A mark: at least one event shared with somebody in that phase; a number: how many, where "
        "more than one. The grey line runs from an actor's first phase to the last. Same order as "
        f"in the network. {', '.join(marks)}. A phase ends the day before the next one begins."
    )


def _phases_alt(phases: pd.DataFrame, dossier: Dossier) -> str:
    names = dossier.labels("actors")
    words = [
        f"{phase['title']}: {count_words(phase['events'], 'contact')} between "
        f"{count_words(phase['nodes'], 'actor')}"
        + (f", most of all {list_words(names[a] for a in phase['most_connected'])}")
        for phase in dicts(phases[phases["events"] > 0])
    ]
    return f"{'; '.join(words)}."


def _years(phase: Mapping[Any, Any]) -> str:
    start, end = phase["start"].year, phase["end"]
    if pd.isna(end):
        return f"{start}–"
    return f"{start}–{end.year}" if end.year != start else f"{start}"


def _wrapped(words: str, width: int = 13) -> str:
    """Break a title into lines of about so many letters."""
    lines = [""]
    for word in words.split():
        if lines[-1] and len(lines[-1]) + len(word) >= width:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(escape(line, quote=False) for line in lines)
