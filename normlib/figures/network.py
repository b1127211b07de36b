"""Who meets whom, in a picture: two sides facing each other, third parties between them."""

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.actors import company
from normlib.dossier import Dossier
from normlib.figures import theme
from normlib.figures.actors import (
    NOBODY,
    all_sources,
    period_words,
    short_names,
    side_name,
    tie_key,
    ties_table,
    two_decimals,
)
from normlib.figures.sketch import Sketch, Trace, scatter
from normlib.figures.words import count_words, day_words, list_words
from normlib.rows import dicts

MOST = 40
"""The most actors that one picture shows."""

ROW, PER_WEIGHT, WIDEST, THINNEST = 18, 1.2, 13.0, 0.9
"""Pixels: height of a row of the picture; width of a tie per unit of weight, at most, at least."""

BESIDE = "beside"
DASHES = {"between": "solid", "within": "dash", "third": "dot", BESIDE: "solid"}
COLOURS = {"between": theme.ACCENT, "within": theme.GREY, "third": theme.GREY, BESIDE: theme.LIGHT}
INDENT = 4
STEPS, YEARS_WIDE = 14, 34
LABELS = 1.0
"""Where the names of the two sides stand: beside the outermost ring."""

THIRD, YEAR = "third party", "year"
ENDS = ("actor_a", "actor_b")

Spot = tuple[float, float]


def network_figure(
    ties: pd.DataFrame,
    centrality: pd.DataFrame,
    positions: pd.DataFrame,
    *,
    dossier: Dossier,
    around: str = "",
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
    around, most : who is drawn, see ``actors.company``: everybody, or the company of some.
    title : what is shown, in a few words.
    focus : an actor whose ties stand out from those of the others with each other.
    """
    nodes = network_nodes(ties, centrality, positions, dossier=dossier, around=around, most=most)
    if nodes.empty:
        whom = " of " + list_words(names_of(around.split(";"), dossier)) if around else ""
        reason = f"{NOBODY if not whom else 'No shared event'}{whom} by {day_words(dossier.day)}."
        return theme.empty_figure(key="network", title=title, stamp=dossier.stamp, reason=reason)
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
        caption=_network_caption(nodes, centrality, curves, dossier)
        + _focus_caption(focus, dossier),
        alt=_network_alt(ties, centrality, dossier),
        sources=all_sources(ties),
        table=ties_table(ties, dossier=dossier),
        height=int(ROW * (nodes["y"].max() - nodes["y"].min() + 1) + 130),
        narrow={
            "font.size": 10,
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
    around: str = "",
    most: int = MOST,
) -> pd.DataFrame:
    """Return the actors to draw; parameters as in :func:`network_figure`.

    Returns
    -------
    DataFrame
        ``actor_id``, ``side``, ``kind``, ``x``, ``y``, ``events``, ``ego`` (whether everybody whom
        the actor met is drawn), ``name``, ``label``, ``year`` of the first contact; by row.
    """
    shown = company(ties, centrality, around=around, most=most)
    events = shown.merge(centrality[["actor_id", "events"]], on="actor_id")
    return named(positions.merge(events, on="actor_id"), dossier)


def named(rows: pd.DataFrame, dossier: Dossier) -> pd.DataFrame:
    """Add name, label and year of the first contact to rows of positions, by row."""
    short, people = short_names(dossier), bool((rows["kind"] != "state").any())
    labels = [_label(row, short, people=people) for row in dicts(rows)]
    days = dossier.events.set_index("event_id")[["date_earliest", "date_latest"]]
    years = days["date_earliest"].fillna(days["date_latest"]).dt.year
    found = rows.assign(
        name=names_of(rows["actor_id"], dossier),
        label=pd.Series(labels, index=rows.index, dtype=object),
        year=rows["first_event"].map(years),
    )
    return found.sort_values(["y", "x"], ignore_index=True)


def names_of(actors: Iterable[str], dossier: Dossier) -> list[str]:
    """Return the names of actors; of one who is not in the view its id."""
    names = dossier.labels("actors")
    return [names.get(actor.strip(), actor.strip()) for actor in actors]


def network_curves(
    ties: pd.DataFrame, nodes: pd.DataFrame, *, focus: str = "", steps: int = STEPS
) -> pd.DataFrame:
    """Return the ties between drawn actors as curves, those in front last, the thickest first.

    ``focus`` is an actor beside whose ties all others are thin and pale; ``steps`` is of how many
    pieces a curve is made.

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
    points = [_curve(a[1:], b[1:], bent=a[0] == b[0], steps=steps) for a, b in ends]
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


def _curve_traces(curves: pd.DataFrame, dossier: Dossier) -> Iterator[Trace]:
    names = dossier.labels("actors")
    for tie in dicts(curves):
        row = [f"ties/{tie_key(tie)}", tie_words(tie, names)]
        yield tie_trace(
            tie,
            row,
            width=tie["width"],
            opacity=0.55,
            hovertemplate="%{customdata[1]}<extra></extra>",
            showlegend=False,
        )


def tie_words(tie: Mapping[Any, Any], names: Mapping[str, str]) -> str:
    """Return whom a tie joins, in how many events, when, and its weight."""
    return (
        f"{escape(names[tie['actor_a']])} – {escape(names[tie['actor_b']])}<br>"
        f"{count_words(int(tie['count']), 'event')}, {period_words(tie)}, "
        f"weight {two_decimals(tie['weight'])}"
    )


def tie_trace(tie: Mapping[Any, Any], row: list[str], *, width: float, **options: Any) -> Trace:
    """Return the curve of a tie, which leads to a row; see :func:`network_curves`."""
    role = str(tie["role"])
    return scatter(
        x=tie["xs"],
        y=tie["ys"],
        mode="lines",
        line={
            "color": COLOURS[role],
            "width": width,
            "dash": DASHES[role],
            "shape": "spline",
        },
        customdata=[row] * len(tie["xs"]),
        **options,
    )


def _node_traces(nodes: pd.DataFrame) -> Iterator[Trace]:
    for side, own in by_side(nodes):
        style, rows = theme.SIDE_STYLES[side], [[f"actors/{actor}"] for actor in own["actor_id"]]
        ys, large = [float(y) for y in own["y"]], not nodes["ego"].all()
        yield scatter(
            x=[float(x) for x in own["x"]],
            y=ys,
            mode="markers",
            marker={
                "symbol": style.symbol,
                "color": style.colour,
                "size": [11 if large and ego else 8 for ego in own["ego"]],
                "opacity": 1,
                "line": {"color": theme.PAPER, "width": 1},
            },
            cliponaxis=False,
            customdata=rows,
            hovertext=[
                f"{escape(name)}: {count_words(int(number), 'event')}"
                for name, number in zip(own["name"], own["events"], strict=True)
            ],
            hoverinfo="text",
            showlegend=False,
        )
        if side in (0, 1):
            yield scatter(
                x=[-LABELS if side == 0 else LABELS] * len(own),
                y=ys,
                mode="text",
                text=[f"{label}  " if side == 0 else f"  {label}" for label in own["label"]],
                textposition="middle left" if side == 0 else "middle right",
                cliponaxis=False,
                customdata=rows,
                hoverinfo="skip",
                showlegend=False,
            )


def _third_party_labels(fig: Sketch, nodes: pd.DataFrame) -> None:
    """Write the names of third parties on the ties that pass behind them."""
    for row in dicts(nodes[nodes["side"] < 0]):
        fig.add_annotation(
            name=THIRD,
            text=f"{glyph(-1)} {row['label']}",
            x=float(row["x"]),
            y=float(row["y"]),
            showarrow=False,
            bgcolor=theme.PAPER,
            borderpad=1,
        )


def _years_at_left(fig: Sketch, nodes: pd.DataFrame) -> None:
    """Write the year of the first contact beside the first row of each year, the earliest on top.

    Who was added later may stand beside older contacts: such a row has no year.
    """
    latest = nodes.groupby("y")["year"].min().astype("int64").cummax()
    firsts = latest.drop_duplicates()
    for y, year in zip(firsts.index.tolist(), firsts.tolist(), strict=True):
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
            mark, words = glyph(side), f"<b>{name}</b>"
            fig.add_annotation(
                name=THIRD if side < 0 else None,
                text=f"{words} {mark}" if side == 0 else f"{mark} {words}",
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
        f"margin.{at}": int(14 + per_letter * longest[side]) for side, at in ((0, "l"), (1, "r"))
    }


def _curve(a: Spot, b: Spot, *, bent: bool, steps: int) -> tuple[list[float], list[float]]:
    """Return a smooth curve: level at both ends, or bent inwards between two of one column."""
    (xa, ya), (xb, yb) = a, b
    bend = min(0.1 + 0.045 * abs(yb - ya), 0.6) * (-1.0 if xa > 0 else 1.0)
    middle = (xa + xb) / 2 + (bend if bent else 0.0)
    shares = [step / steps for step in range(steps + 1)]
    return (
        [_bezier(s, xa, middle, middle, xb) for s in shares],
        [_bezier(s, ya, ya, yb, yb) for s in shares],
    )


def _bezier(s: float, p: float, q: float, r: float, t: float) -> float:
    value = (1 - s) ** 3 * p + 3 * (1 - s) ** 2 * s * q + 3 * (1 - s) * s**2 * r + s**3 * t
    return round(value, 4)


def _role(a: int, b: int) -> str:
    if a < 0 or b < 0:
        return "third"
    return "within" if a == b else "between"


def by_side(rows: pd.DataFrame) -> Iterator[tuple[int, pd.DataFrame]]:
    """Return the rows of each side that has any, third parties last."""
    for side in (0, 1, -1):
        own = rows[rows["side"] == side]
        if len(own):
            yield side, own


def _label(row: Mapping[Any, Any], short: Mapping[str, str], *, people: bool) -> str:
    """Name an actor, with the number of its events where it has several."""
    unnamed = " (unnamed)" if people and row["kind"] == "state" and row["side"] >= 0 else ""
    number = f" {row['events']}" if row["events"] > 1 else ""
    return f"{escape(short[row['actor_id']], quote=False)}{unnamed}{number}"


def glyph(side: int) -> str:
    """Return the mark of a side as a letter."""
    return {"square": "■", "circle": "●", "diamond": "◆"}[theme.SIDE_STYLES[side].symbol]


def _network_caption(
    nodes: pd.DataFrame, centrality: pd.DataFrame, curves: pd.DataFrame, dossier: Dossier
) -> str:
    return (
        "A line joins two who took part in the same event; its width is the weight of their tie, "
        "the sum over these events of 1/(participants − 1). Solid: between the sides; dashed: "
        "within one side; dotted: with third parties. A number counts the events of an actor who "
        "has several. People stand nearest to the middle, then ministries and agencies, then all "
        "others. Everybody keeps this place in every picture, mostly in the order of their first "
        "shared events (wide pictures give the year). “Unnamed” is a side without a named person. "
        f"{count_words(len(nodes), 'actor')} and {count_words(len(curves), 'tie')} are drawn."
        f"{_left_out(nodes, centrality)}"
    )


def _left_out(nodes: pd.DataFrame, centrality: pd.DataFrame) -> str:
    """Say whose company is drawn where not everybody is, and where the others are found."""
    left, whole = len(centrality) - len(nodes), nodes[nodes["ego"]]
    if not left:
        return ""
    who = (
        list_words(escape(name, quote=False) for name in whole["name"])
        if len(whole) < 4
        else f"the {len(whole)} most connected (larger marks)"
    )
    shown = (
        f"They are {who} and all with whom they took part"
        if len(whole)
        else "They have the strongest ties"
    )
    return f" {shown}; the other {left} are in the picture by phase and in the tables."


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


def years(phase: Mapping[Any, Any]) -> str:
    """Write from which year to which a phase ran."""
    start, end = phase["start"].year, phase["end"]
    if pd.isna(end):
        return f"{start}–"
    return f"{start}–{end.year}" if end.year != start else f"{start}"
