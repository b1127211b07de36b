"""Power lines, who can trade over them, and what an amount of energy a year means for a line.

Figures, tables and sentences take the frames of :mod:`normlib.power`.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import isnan
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.dossier import Dossier
from normlib.figures.bars import BELOW, above, add_bars, state_marker
from normlib.figures.common import cited
from normlib.figures.linkwords import WORLDS, Row, plain_name, sides_words, since_words
from normlib.figures.sketch import Sketch
from normlib.figures.tables import Link, Note, Notes, Number, Source, Table
from normlib.figures.theme import INK, PAPER, STATE_STYLES, empty_figure, finish
from normlib.figures.words import count_words, date_words, day_words, list_words, number_words
from normlib.power import ISLAND, numbers_in
from normlib.rows import dicts

KEY = "power"
ROW_PIXELS = 46

Pieces = list[str | Link | Source]


# The picture


def power_figure(
    lines: pd.DataFrame, load: pd.DataFrame, natural: pd.DataFrame, dossier: Dossier
) -> go.Figure:
    """Draw the capacity of each line as a bar, and the average power of contracts across them.

    Parameters
    ----------
    lines : see :func:`normlib.power.power_lines`.
    load : see :func:`normlib.power.contract_load`.
    natural : see :func:`normlib.power.natural_load`; drawn for the lines that ``load`` is about.
    """
    title = (
        f"Power lines and their capacity{'' if load.empty else ', and what a contract would need'}"
    )
    if lines.empty:
        reason = f"No power line was on record by {day_words(dossier.day)}."
        return empty_figure(key=KEY, title=title, stamp=dossier.stamp, reason=reason)
    yard = natural[natural["link_id"].isin(load["link_id"])]
    rows, depth = _places(lines, set(yard["link_id"]))
    placed = lines.assign(y=lines["link_id"].map(rows), most=_most(lines))
    fig = Sketch()
    for state in STATE_STYLES:
        known = placed["state"].eq(state) & placed["capacity_mw"].notna()
        _add_bars(fig, dicts(placed[known]), state)
    _add_other_values(fig, dicts(placed))
    _add_natural(fig, dicts(yard), rows)
    _add_loads(fig, dicts(load), depth)
    widest = max([*placed["most"].dropna(), *load["average_mw"], *yard["natural_load_mw"], 1])
    fig.update_layout(
        barmode="overlay",
        margin={"l": 10, "r": 14, "t": 84, "b": 52},
        annotations=_labels(placed, load, yard, rows, dossier, 12),
        legend=BELOW,
    )
    fig.update_xaxes(range=[0, widest * 1.46], showgrid=False, visible=False)
    fig.update_yaxes(range=[depth, -0.75], visible=False)
    height = 136 + round(ROW_PIXELS * depth)
    return finish(
        fig,
        key=KEY,
        title=title,
        stamp=dossier.stamp,
        caption="Bars: planned or nominal capacity of each line; a thin extension ends at another "
        "value that a source gives. Vertical lines: energy a year of a contract, spread evenly "
        "over all hours. Diamonds: natural load (V²/Zc) at each voltage that a source "
        "gives, one circuit, with typical Zc of the nearest class (Kundur 1994, table 6.1); about "
        "right, a yardstick and no rating: a short line can carry more.",
        alt=" ".join([*map(_line_words, dicts(placed)), *map(_load_words, dicts(load))]),
        sources=cited(lines, load),
        table=power_table(lines, dossier),
        height=height,
        narrow={
            "height": height + 92,
            "margin.t": 116,
            "margin.b": 112,
            "annotations": _labels(placed, load, yard, rows, dossier, 10),
            "title.font.size": 13,
            "legend.font.size": 11,
        },
    )


def _places(lines: pd.DataFrame, deep: set[str]) -> tuple[dict[str, float], float]:
    """Return the height of each line's bar, and where the last row ends."""
    order = {state: at for at, state in enumerate(STATE_STYLES)}
    ranked = lines.assign(rank=lines["state"].map(order)).sort_values(
        ["joins_sides", "rank", "capacity_mw", "name"], ascending=[False, True, False, True]
    )
    places, at = {}, 0.0
    for link in ranked["link_id"]:
        places[link] = at
        at += 1.9 if link in deep else 1
    return places, at - 0.5


def _most(lines: pd.DataFrame) -> list[float]:
    return [max(_values(line), default=float("nan")) for line in dicts(lines)]


def _values(line: Row) -> list[float]:
    """Return the capacities that sources give, the one that the record follows first."""
    if line["capacity_claims"]:
        return [mw for value, *_ in line["capacity_claims"] for mw in numbers_in(value)]
    return [] if isnan(line["capacity_mw"]) else [line["capacity_mw"]]


def _add_bars(fig: Sketch, lines: Sequence[Row], state: str) -> None:
    if not lines:
        return
    add_bars(
        fig,
        words=map(_line_words, lines),
        keys=[f"links/{line['link_id']}" for line in lines],
        x=[line["capacity_mw"] for line in lines],
        y=[line["y"] for line in lines],
        width=16 / ROW_PIXELS,
        marker=state_marker(state),
        name=STATE_STYLES[state].label,
    )


def _add_other_values(fig: Sketch, lines: Iterable[Row]) -> None:
    for line in lines:
        values = _values(line)
        if len(values) > 1:
            fig.add_scatter(
                x=[values[0], line["most"]],
                y=[line["y"], line["y"]],
                mode="lines+markers",
                line={"color": INK, "width": 1.5},
                marker={"symbol": "line-ns-open", "size": [0, 12], "color": INK},
                customdata=[[f"links/{line['link_id']}"]] * 2,
                hoverinfo="skip",
                showlegend=False,
            )


def _add_natural(fig: Sketch, yard: Sequence[Row], rows: Mapping[str, float]) -> None:
    if not yard:
        return
    fig.add_scatter(
        x=[round(row["natural_load_mw"], 1) for row in yard],
        y=[rows[row["link_id"]] for row in yard],
        mode="markers",
        marker={"symbol": "diamond-open", "size": 10, "color": INK, "line": {"width": 1.6}},
        customdata=[[f"links/{row['link_id']}"] for row in yard],
        hovertext=[f"natural load at {row['voltage_kv']:g} kV" for row in yard],
        hovertemplate="%{hovertext}: about %{x:.0f} MW<extra></extra>",
        name="natural load, a yardstick",
    )


def _add_loads(fig: Sketch, load: Sequence[Row], depth: float) -> None:
    for row in load:
        fig.add_scatter(
            x=[round(row["average_mw"], 1)] * 2,
            y=[-0.7, depth],
            mode="lines",
            line={"color": INK, "width": 1.2},
            customdata=[[f"context/{row['fact_id']}"]] * 2,
            hovertext=[_load_words(row)] * 2,
            hovertemplate="%{hovertext}<extra></extra>",
            showlegend=False,
        )


def _labels(
    lines: pd.DataFrame,
    load: pd.DataFrame,
    yard: pd.DataFrame,
    rows: Mapping[str, float],
    dossier: Dossier,
    size: float,
) -> list[dict[str, Any]]:
    """Return all words in the picture; paper behind them, so that no line strikes them through."""
    look = {"showarrow": False, "bgcolor": PAPER, "borderpad": 1, "font": {"size": size}}
    crowded = set(yard["link_id"])  # diamonds stand where the words on a capacity would
    names = [
        above(line["y"] - 0.4, text, {"size": size})
        for line in dicts(lines)
        for kind in [_kind_words(line, dossier, with_capacity=line["link_id"] in crowded)]
        for text in [f"<b>{plain_name(line['name'])}</b> · {kind}"]
    ]
    values = [
        {"y": line["y"], "text": _capacity_words(line), "xanchor": "left", "xshift": 6}
        | {"x": line["most"] if _values(line) else 0}
        for line in dicts(lines)
        if line["link_id"] not in crowded
    ]

    ticks = [
        {"x": row["average_mw"], "y": -0.7, "yanchor": "bottom", "xanchor": anchor}
        | {"text": f"{row['twh_per_year']:g} TWh<br><b>{row['average_mw']:,.0f} MW</b>"}
        for at, row in enumerate(dicts(load))
        for anchor in ["left" if at else "center"]  # room between two on a phone
    ]
    yards = [
        {"x": float(same["natural_load_mw"].mean()), "y": rows[str(link)] + 0.3, "yanchor": "top"}
        | {"text": f"{claimed} kV<br>~{_span(same['natural_load_mw'])} MW"}
        for (link, claimed), same in yard.groupby(["link_id", "claimed_kv"], sort=False)
    ]
    return [{**look, **note} for note in (*names, *values, *ticks, *yards)]


def _kind_words(line: Row, dossier: Dossier, *, with_capacity: bool) -> str:
    told = [STATE_STYLES[line["state"]].label, _coupling_words(line["coupling"], dossier)]
    told += [_capacity_words(line)] if with_capacity else []
    return " · ".join(filter(None, told))


def _coupling_words(coupling: Any, dossier: Dossier) -> str:
    field = dossier.package.resources["links"].fields["coupling"]
    labels: dict[Any, str] = {
        one["value"]: one["label"].lower() for one in field.descriptor["categories"]
    }
    return labels.get(coupling, "")


def _capacity_words(line: Row) -> str:
    values = [f"{mw:,.0f}" for mw in _values(line)]
    return f"{' or '.join(values)} MW" if values else "capacity not on record"


def _span(loads: Iterable[float]) -> str:
    found = [f"{mw:,.0f}" for mw in sorted(loads)]
    return "–".join(dict.fromkeys([found[0], found[-1]]))


def _line_words(line: Row) -> str:
    state = f"{STATE_STYLES[line['state']].label} {since_words(line['since'])}".strip()
    return f"{plain_name(line['name'])}: {state}, {_capacity_words(line)}."


def _load_words(row: Row) -> str:
    return (
        f"{row['twh_per_year']:g} TWh a year ({row['quantity']}) is {row['average_mw']:,.0f} MW on "
        "average."
    )


# Tables


def power_table(lines: pd.DataFrame, dossier: Dossier) -> Table:
    """Return the power lines, every disputed value with who says so."""
    told = dicts(lines)
    ends: list[Any] = [(line["from_site"], line["to_site"]) for line in told]
    values: dict[str, list[Any]] = {
        field: [_value_note(line, field, dossier) for line in told]
        for field in ("voltage_kv", "coupling", "capacity")
    }
    return Table(
        lines.assign(
            ends=ends,
            state_words=[STATE_STYLES[line["state"]].label for line in told],
            since_words=lines["since"].map(date_words),
            **{f"{field}_words": notes for field, notes in values.items()},
        ),
        columns={
            "name": "Line",
            "ends": "Between",
            "state_words": "State",
            "since_words": "Since",
            "voltage_kv_words": "kV",
            "coupling_words": "Coupling",
            "capacity_words": "MW",
            "sources": "Sources",
        },
        caption=f"Power lines on record on {day_words(dossier.day)}. Where sources disagree, the "
        "value that the record follows comes first. Blank: not on record.",
        anchor=("links", "link_id"),
        refs={"ends": ("sites", dossier.labels("sites"))},
        counts=("voltage_kv_words", "capacity_words"),
    )


def _value_note(line: Row, field: str, dossier: Dossier) -> Note:
    """Return the value on record, or each that is claimed with those who claim it."""
    pieces: Pieces = []
    for value, _, sources in line[f"{field}_claims"]:
        words = _coupling_words(value, dossier) if field == "coupling" else ""
        lead = "; or " if pieces else ""
        pieces += [f"{lead}{words or value} (", *map(Source, sources), ")"]
    if pieces:
        return Note(pieces)
    value = line["capacity_mw" if field == "capacity" else field]
    if field == "coupling":
        return Note(_coupling_words(value, dossier))
    return Note("" if value is None or pd.isna(value) else f"{value:,.10g}")


def power_trade_table(trade: pd.DataFrame, dossier: Dossier) -> Table:
    """Return for each pair of countries how power can pass between them, before and after."""
    names = dossier.labels("countries")
    return Table(
        trade.assign(
            pair=[_pair_words(row, names) for row in dicts(trade)],
            **{
                f"way_{when}": [_way_words(row, when, names) for row in dicts(trade)]
                for when in WORLDS
            },
        ),
        columns={
            "pair": "Between",
            "lines": "Lines on record",
            "way_before": WORLDS["before"].capitalize(),
            "stations_before": "Stations on the way",
            "way_after": WORLDS["after"].capitalize(),
            "sources": "Sources",
        },
        caption="Between which countries the lines on record could carry power, on "
        f"{day_words(dossier.day)}. The recorded stations of a country count as one grid; the "
        "stations show where a line really ends, an exclave for instance. Other lines may exist.",
        refs={
            "lines": ("links", dossier.labels("links")),
            "stations_before": ("sites", dossier.labels("sites")),
        },
    )


def contract_table(load: pd.DataFrame, natural: pd.DataFrame, dossier: Dossier) -> Table:
    """Return energy a year as average power, beside the capacity and the natural load."""
    times: list[Any] = [_times_note(row, natural) for row in dicts(load)]
    return Table(
        load.assign(
            twh=[f"{twh:g}" for twh in load["twh_per_year"]],
            mw=[number_words(mw) for mw in load["average_mw"]],
            capacity=[number_words(mw) for mw in load["capacity_mw"]],
            times=times,
        ),
        columns={
            "quantity": "What",
            "link_id": "Line",
            "twh": "TWh a year",
            "mw": "MW on average",
            "capacity": "Capacity, MW",
            "times": "Times the natural load",
            "sources": "Sources",
        },
        caption="Energy a year as average power over all 8,760 hours. –: not on record. Natural "
        "load: about right, a yardstick and no rating.",
        anchor=("context", "fact_id"),
        refs={"link_id": ("links", dossier.labels("links"))},
        counts=("twh", "mw", "capacity"),
    )


def _times_note(row: Row, natural: pd.DataFrame) -> Note:
    pieces: Pieces = []
    own = natural[natural["link_id"].eq(row["link_id"])]
    for claimed, same in own.groupby("claimed_kv", sort=False):
        times = sorted(f"{row['average_mw'] / mw:.1f}" for mw in same["natural_load_mw"])
        span = "–".join(dict.fromkeys([times[0], times[-1]]))
        pieces += ["; " if pieces else "", f"{span} at {claimed} kV"]
    return Note(pieces)


# Sentences


def power_trade_note(trade: pd.DataFrame, lines: pd.DataFrame, dossier: Dossier) -> Notes:
    """Say who can trade power with whom, what this rests on, and what opened lines would change."""
    if trade.empty:
        reason = f"No power line across a border was on record by {day_words(dossier.day)}."
        return Notes([Note(reason)])
    names = dossier.labels("countries")
    notes = [_sides_note(trade, lines, dossier, names), _partners_note(trade, lines, names)]
    notes += [*_doubt_notes(trade, lines, dossier), *_change_notes(trade, names)]
    return Notes(notes)


def _sides_note(
    trade: pd.DataFrame, lines: pd.DataFrame, dossier: Dossier, names: Mapping[str, str]
) -> Note:
    joining = lines[lines["joins_sides"]]
    usable = {name for row in dicts(trade) for name in row["open_lines_before"]}
    n_open = int(joining["link_id"].isin(usable).sum())
    pieces: Pieces = [
        f"Of {count_words(len(joining), 'power line')} between {sides_words(dossier)} on record, "
        f"{n_open or 'none'} {'is' if n_open <= 1 else 'are'} in use on {day_words(dossier.day)}"
    ]
    for at, line in enumerate(dicts(joining)):
        state = f"{STATE_STYLES[line['state']].label} {since_words(line['since'])}".strip()
        link = Link(plain_name(line["name"]), "links", line["link_id"])
        pieces += ["; " if at else ": ", link, f", {state}"]
    pieces.append(".")
    for row in dicts(trade[trade["joins_sides"] & ~trade["open_lines_before"].map(bool)]):
        pieces += _detour(row, lines, names)
    numbers = [Number("power-lines", "Power lines in use between the sides", n_open)]
    return Note(pieces, cited(trade[trade["joins_sides"]]), numbers)


def _detour(row: Row, lines: pd.DataFrame, names: Mapping[str, str]) -> Pieces:
    """Say how the grids of the sides are joined over other countries, line by line."""
    if not row["joined_before"]:
        return [" Nothing else on record joins the two grids."]
    way = _way_words(row, "before", names)
    return [f" The two grids are joined {way}: ", *_linked(row["uses_before"], lines), "."]


def _linked(links: Iterable[str], lines: pd.DataFrame) -> Pieces:
    called = dict(zip(lines["link_id"], lines["name"], strict=True))
    pieces: Pieces = []
    for link in links:
        pieces += ["; " if pieces else "", Link(plain_name(called[link]), "links", link)]
    return pieces


def _partners_note(trade: pd.DataFrame, lines: pd.DataFrame, names: Mapping[str, str]) -> Note:
    """Name who trades directly with whom, and the lines that serve a part of one grid only."""
    direct = trade[trade["open_lines_before"].map(bool)]
    usable = {link for links in direct["open_lines_before"] for link in links}
    islands = lines[lines["link_id"].isin(usable) & lines["coupling"].eq(ISLAND)]
    untold = lines[lines["link_id"].isin(usable) & lines["coupling"].isna()]
    sure = direct[direct["conversions_before"].notna() & ~direct["in_island_before"].astype(bool)]
    whole = [_pair_words(row, names) for row in dicts(sure)]
    pieces: Pieces = [f"Lines in use join whole grids: {list_words(whole) or 'none'}."]
    if len(islands):
        lead = "feeds" if len(islands) == 1 else "feed"
        pieces += [
            f" {count_words(len(islands), 'line')} in use {lead} only a part of one grid that is "
            "cut off from the rest meanwhile, so that nothing passes on to a third country: ",
            *_linked(islands["link_id"], lines),
            ".",
        ]
    if len(untold):
        pieces.append(" How a line joins its grids is not on record: ")
        pieces += [*_linked(untold["link_id"], lines), "."]
    return Note(pieces, cited(direct))


def _doubt_notes(trade: pd.DataFrame, lines: pd.DataFrame, dossier: Dossier) -> Iterable[Note]:
    """Say on which lines of the ways sources disagree how they join two grids."""
    used = {name for row in dicts(trade) for name in row["uses_before"]}
    for line in dicts(lines[lines["link_id"].isin(used)]):
        if line["coupling_claims"]:
            said: Pieces = []
            for value, _, sources in line["coupling_claims"]:
                words = _coupling_words(value, dossier) or value
                said += [" or " if said else "", words, *map(Source, sources)]
            link = Link(plain_name(line["name"]), "links", line["link_id"])
            lead = "Sources disagree on how a line joins its grids: "
            yield Note([lead, link, ", ", *said, ". Every way over it hangs on that."])


def _change_notes(trade: pd.DataFrame, names: Mapping[str, str]) -> Iterable[Note]:
    """Say what opened lines would change for the sides; for how many other pairs, if any."""
    changed = trade[trade["uses_before"].ne(trade["uses_after"])]
    if changed.empty:
        return
    own, others = changed[changed["joins_sides"]], changed[~changed["joins_sides"]]
    told = [f"{_pair_words(row, names)} {_way_words(row, 'after', names)}" for row in dicts(own)]
    if len(others):
        told.append(f"another way for {count_words(len(others), 'more pair')} of countries")
    yield Note(f"{WORLDS['after'].capitalize()}: {'; '.join(told)}.", cited(changed))


def _pair_words(row: Row, names: Mapping[str, str]) -> str:
    return "–".join(names.get(row[end], row[end]) for end in ("from_country", "to_country"))


def _way_words(row: Row, when: str, names: Mapping[str, str]) -> str:
    """Return how power passes between two countries: ``through Iran, 1 conversion``."""
    if not row[f"joined_{when}"]:
        return "no way on record"
    if row[f"in_island_{when}"]:
        return "directly, a part of one grid only"
    through = [names.get(code, code) for code in row[f"through_{when}"]]
    way = f"through {list_words(through)}" if through else "directly"
    number = row[f"conversions_{when}"]
    if number is None:
        return f"{way}, with a line whose coupling is not on record"
    return f"{way}, with {count_words(int(number), 'conversion') if number else 'no conversion'}"


def contract_note(
    load: pd.DataFrame, natural: pd.DataFrame, lines: pd.DataFrame, dossier: Dossier
) -> Notes:
    """Say what energy a year means as average power, beside what lines can carry."""
    if load.empty:
        reason = "No amount of energy to be sold over a power line was on record by"
        return Notes([Note(f"{reason} {day_words(dossier.day)}.")])
    return Notes([_average_note(load), *_yardstick_notes(load, natural), _others_note(load, lines)])


def _average_note(load: pd.DataFrame) -> Note:
    pieces: Pieces = ["Spread evenly over all hours of a year, "]
    for at, row in enumerate(dicts(load)):
        fact = Link(f"{row['twh_per_year']:g} TWh a year", "context", row["fact_id"])
        pieces += ["; " if at else "", fact, f" ({row['quantity']}) is {row['average_mw']:,.0f} MW"]
    numbers = [
        Number(
            f"{row['fact_id']}-mw", f"{row['twh_per_year']:g} TWh a year", row["average_mw"], "MW"
        )
        for row in dicts(load)
    ]
    return Note([*pieces, ". Deliveries in fewer hours would need more."], cited(load), numbers)


def _yardstick_notes(load: pd.DataFrame, natural: pd.DataFrame) -> Iterable[Note]:
    for link, own in natural[natural["link_id"].isin(load["link_id"])].groupby("link_id"):
        facts = load[load["link_id"].eq(link)]
        known = facts["capacity_mw"].iloc[0]
        has = "Not on record is" if pd.isna(known) else f"At {known:,.0f} MW stands"
        pieces: Pieces = [f"{has} the capacity of ", Link(own["name"].iloc[0], "links", str(link))]
        pieces.append(". Its natural load would be about ")
        for at, (claimed, same) in enumerate(own.groupby("claimed_kv", sort=False)):
            words = f"{_span(same['natural_load_mw'])} MW at {claimed} kV"
            pieces += [" or " if at else "", words, *map(Source, cited(same))]
        yield Note([*pieces, ": a yardstick and no rating, and a short line can carry more."])


def _others_note(load: pd.DataFrame, lines: pd.DataFrame) -> Note:
    """Say which other lines could carry the amounts, by their capacity on record."""
    known = lines[lines["capacity_mw"].notna() & ~lines["link_id"].isin(load["link_id"])]
    in_use = known[known["state"].eq("open")].sort_values("capacity_mw", ascending=False)
    if in_use.empty:
        return Note("No capacity of another line in use is on record.")
    pieces: Pieces = ["For comparison, capacities on record of other lines in use: "]
    for at, line in enumerate(dicts(in_use)):
        link = Link(plain_name(line["name"]), "links", line["link_id"])
        pieces += ["; " if at else "", link, f" {_capacity_words(line)}"]
    return Note([*pieces, "."], cited(in_use))
