"""Who meets whom, in pictures: two sides facing each other, and who met in what company when."""

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.actors import company
from normlib.dossier import Dossier
from normlib.figures import theme
from normlib.figures.actors import (
    NOBODY,
    all_sources,
    gatherings_table,
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

MOST_LINES, NARROWEST = 80, 3
"""The most companies that one picture shows; width of a phase at least, in lines."""

LINE_ROW, LEAST_ROW, SHEET = 17, 12, 700
"""Pixels: a row of the picture by phase, at most and at least; all rows, so as to fit a sheet."""
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
        whom = " of " + list_words(_names(around.split(";"), dossier)) if around else ""
        reason = f"{NOBODY if not whom else 'No contact'}{whom} by {day_words(dossier.day)}."
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
    return _named(positions.merge(events, on="actor_id"), dossier)


def _named(rows: pd.DataFrame, dossier: Dossier) -> pd.DataFrame:
    """Add name, label and year of the first contact to rows of positions, by row."""
    short, people = short_names(dossier), bool((rows["kind"] != "state").any())
    labels = [_label(row, short, people=people) for row in dicts(rows)]
    days = dossier.events.set_index("event_id")[["date_earliest", "date_latest"]]
    years = days["date_earliest"].fillna(days["date_latest"]).dt.year
    named = rows.assign(
        name=_names(rows["actor_id"], dossier),
        label=pd.Series(labels, index=rows.index, dtype=object),
        year=rows["first_event"].map(years),
    )
    return named.sort_values(["y", "x"], ignore_index=True)


def _names(actors: Iterable[str], dossier: Dossier) -> list[str]:
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
    dots = _named(dots.assign(events=total), dossier)
    return dots.assign(row=pd.factorize(dots["actor_id"])[0]).sort_values(["line", "row"])


def _company_words(line: Mapping[Any, Any], dossier: Dossier) -> str:
    names = list_words(escape(name) for name in _names(line["actors"], dossier))
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
            customdata=[[f"ties/{tie_key(tie)}", words]] * len(tie["xs"]),
            hovertemplate="%{customdata[1]}<extra></extra>",
            showlegend=False,
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


def _marked(row: Mapping[Any, Any]) -> str:
    colour = theme.SIDE_STYLES[row["side"]].colour
    return f"{row['label']} <span style='color:{colour}'>{glyph(row['side'])}</span>"


def _network_caption(
    nodes: pd.DataFrame, centrality: pd.DataFrame, curves: pd.DataFrame, dossier: Dossier
) -> str:
    return (
        "A line joins two who took part in the same event; its width is the weight of their tie, "
        "the sum over these events of 1/(participants − 1). Solid: between the sides; dashed: "
        "within one side; dotted: with third parties. A number counts the events of an actor who "
        "has several. People stand nearest to the middle, then ministries and agencies, then all "
        "others. Everybody keeps this place in every picture, mostly in the order of the first "
        "contact (wide pictures give the year). “Unnamed” is a side for which nobody is named. "
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
        f"They are {who} and all whom they met" if len(whole) else "They have the strongest ties"
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


def _phases_caption(dots: pd.DataFrame, left: int, dossier: Dossier) -> str:
    marks = [f"{glyph(side)} {side_name(side, dossier)}" for side, _ in by_side(dots)]
    rest = (
        f" {count_words(left, 'company', 'companies')} who met less often are in the table."
        if left
        else ""
    )
    return (
        "A vertical line joins all who took part in one event; those who met again in the same "
        "company in the same phase share a line, thicker, with the number of events above it "
        "(wide pictures). From left to right in the order of the events. Every actor has one row "
        "in all phases, in the order of the network; the number beside a name counts events. "
        f"{', '.join(marks)}. A phase ends the day before the next one begins.{rest}"
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


def years(phase: Mapping[Any, Any]) -> str:
    """Write from which year to which a phase ran."""
    start, end = phase["start"].year, phase["end"]
    if pd.isna(end):
        return f"{start}–"
    return f"{start}–{end.year}" if end.year != start else f"{start}"
