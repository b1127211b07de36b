"""Which link matters most, how links interact, and how trips depend on third countries.

Figures take the frames of :mod:`normlib.openings`.
"""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.dossier import Dossier
from normlib.figures.bars import BELOW, above, add_bars, lay_out_times, times
from normlib.figures.common import cited
from normlib.figures.linkwords import WORLDS, Row, plain_name, since_words
from normlib.figures.sketch import Sketch
from normlib.figures.tables import Link, Note, Notes, Number, Table
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
)
from normlib.figures.words import count_words, day_words, list_words, number_words
from normlib.rows import dicts

MOST = 8
"""Ranks that a figure shows; the table holds all."""
MARK = "■"
"""One for each trip that becomes possible, or is cut off."""
COLOURS = {"opening": ("#d6e6ec", ACCENT), "loss": ("#fbe3d2", VERMILION)}
TITLES = {
    "opening": "What opening one link alone would save",
    "loss": "What losing one open link would cost",
}
LINE = 46
"""Pixels of a row of the history."""
CASES = {"alone": "each alone, added up", "together": "together"}


def ranking_figure(ranks: pd.DataFrame, dossier: Dossier, *, change: str = "opening") -> go.Figure:
    """Draw the links whose change alone does most, the most telling first.

    Parameters
    ----------
    ranks : see :func:`normlib.openings.rank_links`.
    change : ``opening`` or ``loss``, as the links were ranked.
    """
    key, title = f"ranking-{change}", TITLES[change]
    telling = ranks[ranks["trips_changed"] > 0]
    telling = telling[telling["rank"].isin(list(dict.fromkeys(telling["rank"]))[:MOST])]
    if telling.empty:
        reason = f"No single link changes any of the trips as of {day_words(dossier.day)}."
        return empty_figure(key=key, title=title, stamp=dossier.stamp, reason=reason)
    alike = [dicts(part) for _, part in telling.groupby("rank", sort=True)]
    rows = [part[0] for part in alike]
    fig = Sketch()
    _bars(
        fig,
        [abs(row["saved_km"]) for row in rows],
        [_rank_words(row) for row in rows],
        keys=[f"links/{row['link_id']}" for row in rows],
        colours=COLOURS[change],
    )
    hidden = len(ranks) - len(telling)
    becomes = "becomes possible" if change == "opening" else "has no way any more"
    rest = f" Not drawn: {count_words(hidden, 'link')} of less effect or none." if hidden else ""
    return _finished(
        fig,
        [
            ("; ".join(plain_name(row["name"]) for row in part), _alike_words(part))
            for part in alike
        ],
        dossier,
        words={
            "key": key,
            "title": title,
            "caption": f"Kilometres, added up over trips that go by the link's mode "
            f"({int(ranks['trips'].max())} at most), each link alone. {MARK} one trip that "
            f"{becomes}; it has no length to compare, and comes first in the order.{rest}",
            "alt": " ".join(
                f"{row['rank']}. {plain_name(row['name'])}: {_rank_words(row)}."
                for part in alike
                for row in part
            ),
            "sources": cited(telling),
            "table": ranking_table(ranks, dossier, change=change),
        },
    )


def _alike_words(links: Sequence[Row]) -> str:
    """Say what each of some links of the same rank changes, and what it is if there is one."""
    words = _rank_words(links[0])
    return f"{words} · {_kind(links[0])}" if len(links) == 1 else f"each of them: {words}"


def _kind(row: Row) -> str:
    state = STATE_STYLES[row["state"]].label
    return f"{MODE_STYLES[row['mode']].label}, {state} {since_words(row['since'])}".strip()


def _rank_words(row: Row) -> str:
    """Say what one link changes: ``■ 1 trip possible, 871 km shorter on 5 of 8 trips``."""
    told = []
    for name, words in (("made_possible", "possible"), ("cut_off", "cut off")):
        if row[name]:
            told.append(f"{MARK * row[name]} {count_words(row[name], 'trip')} {words}")
    measured = row["trips_changed"] - row["made_possible"] - row["cut_off"]
    if measured:
        kind = "shorter" if row["saved_km"] > 0 else "longer"
        told.append(
            f"{number_words(abs(row['saved_km']), 'km')} {kind} on {count_words(measured, 'trip')}"
        )
    return ", ".join(told) or "no trip changes"


def ranking_table(ranks: pd.DataFrame, dossier: Dossier, *, change: str = "opening") -> Table:
    """Return the ranking of all links, those that change nothing included."""
    rows = ranks.assign(
        mode_words=[MODE_STYLES[mode].label for mode in ranks["mode"]],
        state_words=[STATE_STYLES[state].label for state in ranks["state"]],
        since_words=[since_words(since) for since in ranks["since"]],
        km=[number_words(abs(km)) for km in ranks["saved_km"]],
        most=[
            f"{trip}: {number_words(abs(km), 'km')}" if isinstance(trip, str) else ""
            for trip, km in zip(ranks["most_on"], ranks["most_km"], strict=True)
        ],
    )
    opening = change == "opening"
    return Table(
        rows,
        columns={
            "rank": "Rank",
            "link_id": "Link",
            "mode_words": "Carries",
            "state_words": "State",
            "since_words": "Since",
            "made_possible" if opening else "cut_off": "Trips made possible"
            if opening
            else "Trips cut off",
            "km": "km saved" if opening else "km longer",
            "trips_changed": "Trips changed",
            "trips": "Trips by this mode",
            "most": "Most on",
            "sources": "Sources",
        },
        caption=f"{TITLES[change]}, as of {day_words(dossier.day)}. Kilometres count trips with a "
        "way in both cases; equal links share a rank",
        refs={"link_id": ("links", dossier.labels("links"))},
    )


def savings_table(
    singles: pd.DataFrame, ranks: pd.DataFrame, dossier: Dossier, *, change: str = "opening"
) -> Table:
    """Return what each link does to each trip, one column for each trip.

    Links that change no trip are left out; the others stand in the order of their ranks.

    Parameters
    ----------
    singles : see :func:`normlib.openings.single_changes`.
    ranks : see :func:`normlib.openings.rank_links`.
    """
    telling = ranks.loc[ranks["trips_changed"] > 0, "link_id"]
    part = singles[(singles["change"] == change) & singles["link_id"].isin(telling)]
    part = part.assign(words=[_change_words(row) for row in dicts(part)])
    trips = list(dict.fromkeys(singles["trip"]))
    columns = {f"trip_{at}": trip for at, trip in enumerate(trips)}
    grid = part.pivot(index="link_id", columns="trip", values="words")
    grid = grid.reindex(index=telling.tolist(), columns=trips).fillna("")
    grid = grid.set_axis(list(columns), axis=1).reset_index()
    return Table(
        grid,
        columns={"link_id": "Link", **columns},
        caption=f"{TITLES[change]}, trip by trip, in km, as of {day_words(dossier.day)}. Blank: no "
        "difference, or another mode",
        refs={"link_id": ("links", dossier.labels("links"))},
    )


def _change_words(row: Row) -> str:
    if row["possible_before"] != row["possible_after"]:
        return f"possible, {number_words(row['km_after'])}" if row["possible_after"] else "cut off"
    changed = abs(row["saved_km"])
    return number_words(changed) if changed > 0 else ""


def openings_note(ranks: pd.DataFrame, dossier: Dossier) -> Note:
    """Say which link would change most if it alone were opened, and how many change nothing."""
    if ranks.empty:
        return Note(f"No link that is not open was on record by {day_words(dossier.day)}.")
    telling = ranks[ranks["trips_changed"] > 0]
    pieces: list[str | Link] = [
        f"Of {count_words(len(ranks), 'link')} that could be opened for these trips, "
        f"{len(telling) or 'none'} would change a trip if opened alone"
    ]
    if len(telling):
        pieces += [". First: ", *_told(telling.iloc[0])]
    rest = ranks[ranks["trips_changed"] == 0]
    if len(rest):
        pieces += [f". On their own, {count_words(len(rest), 'link')} would change none of them: "]
        for at, row in enumerate(dicts(rest)):
            pieces += ["; " if at else "", Link(plain_name(row["name"]), "links", row["link_id"])]
    numbers = [Number("telling-openings", "Links that change a trip alone", len(telling))]
    return Note([*pieces, "."], cited(telling.head(1)), numbers)


def losses_note(ranks: pd.DataFrame, dossier: Dossier) -> Note:
    """Say which open links these trips cannot do without."""
    if ranks.empty:
        return Note(f"No open link serves these trips as of {day_words(dossier.day)}.")
    needed = ranks[ranks["cut_off"] > 0]
    pieces: list[str | Link] = [
        f"Of {count_words(len(ranks), 'open link')} that serve these trips, the loss of "
        f"{str(len(needed)) if len(needed) else 'none'} alone would leave a trip without any way"
    ]
    if len(needed):
        pieces.append(": ")
        for at, row in enumerate(dicts(needed)):
            name = Link(plain_name(row["name"]), "links", row["link_id"])
            pieces += ["; " if at else "", name, f" ({count_words(row['cut_off'], 'trip')})"]
    dearer = ranks[(ranks["cut_off"] == 0) & (ranks["saved_km"] < 0)]
    if len(dearer):
        pieces += [". Of the others, the dearest loss: ", *_told(dearer.iloc[0])]
    return Note([*pieces, "."], cited(needed, dearer.head(1)))


def _told(row: Any) -> list[str | Link]:
    return [Link(plain_name(row["name"]), "links", row["link_id"]), f", {_rank_words(row)}"]


# Links together


def together_figure(sets: pd.DataFrame, dossier: Dossier) -> go.Figure:
    """Draw what links save together beside the sum of what each saves alone.

    Parameters
    ----------
    sets : see :func:`normlib.openings.telling_sets`.
    """
    key, title = "together", "Links opened together, and each alone"
    if sets.empty:
        reason = f"No two links together change any of the trips, as of {day_words(dossier.day)}."
        return empty_figure(key=key, title=title, stamp=dossier.stamp, reason=reason)
    rows = dicts(sets)
    fig = Sketch()
    for case, colours in (("alone", ("#eceff1", GREY)), ("together", (ACCENT, ACCENT))):
        _bars(
            fig,
            [row["alone_km" if case == "alone" else "saved_km"] for row in rows],
            [_set_words(row, case) for row in rows],
            keys=[f"links/{row['link_ids'][0]}" for row in rows],
            colours=colours,
            name=CASES[case],
        )
    return _finished(
        fig,
        [
            (
                " + ".join(map(plain_name, row["names"])),
                f"{row['why'].capitalize()} · {CASES['together']}: {_set_words(row, 'together')}",
                f"{CASES['alone']}: {_set_words(row, 'alone')}",
            )
            for row in rows
        ],
        dossier,
        words={
            "key": key,
            "title": title,
            "caption": "Kilometres saved, added up over all trips that have a way as it is. Where "
            "the two bars differ, the links act on each other: links that make one way need each "
            f"other, links that lead to the same place stand for each other. {MARK} one trip that "
            "becomes possible.",
            "alt": " ".join(
                f"{row['why'].capitalize()}: {list_words(map(plain_name, row['names']))}; together "
                f"{_set_words(row, 'together')}, each alone and added up "
                f"{_set_words(row, 'alone')}."
                for row in rows
            ),
            "sources": cited(sets),
            "table": together_table(sets, dossier),
        },
        bars=2,
    )


def _set_words(row: Row, case: str) -> str:
    km, possible = (
        (row["alone_km"], row["alone_possible"])
        if case == "alone"
        else (row["saved_km"], row["made_possible"])
    )
    told = [f"{MARK * possible} {count_words(possible, 'trip')} possible"] if possible else []
    if km or not possible:
        told.append(f"{number_words(km, 'km')} shorter")
    return ", ".join(told)


def together_table(sets: pd.DataFrame, dossier: Dossier) -> Table:
    """Return sets of links with what they do together, alone, and by acting on each other."""
    rows = sets.assign(
        why_words=sets["why"].str.capitalize() if "why" in sets else sets["rank"],
        together=[number_words(km) for km in sets["saved_km"]],
        alone=[number_words(km) for km in sets["alone_km"]],
        between=[f"{km:+,.0f}" if km else "0" for km in sets["interaction_km"]],
        between_trips=[f"{count:+d}" if count else "0" for count in sets["interaction_possible"]],
    )
    return Table(
        rows,
        columns={
            "why_words": "Set" if "why" in sets else "Rank",
            "link_ids": "Links",
            "made_possible": "Trips made possible",
            "between_trips": "of that, by acting together",
            "together": "km saved together",
            "alone": "km, each alone, added up",
            "between": "Difference",
            "sources": "Sources",
        },
        caption="Links opened together. A difference below zero: they stand for each other; above: "
        "they need each other",
        refs={"link_ids": ("links", dossier.labels("links"))},
    )


def together_note(sets: pd.DataFrame, dossier: Dossier) -> Note:
    """Say which links do most together, and how they act on each other."""
    if sets.empty:
        return Note("No two links together change any of the trips.")
    pieces: list[str | Link] = []
    for row in dicts(sets):
        pieces += [f"The {row['why']}: ", *_set_links(row)]
        pieces.append(f": {_set_words(row, 'together')}{_interaction_words(row)}")
    if not sets["size"].gt(2).any():
        pieces.append("No third link adds anything.")
    return Note(pieces, cited(sets))


def _set_links(row: Row) -> list[str | Link]:
    names = dict(zip(row["link_ids"], row["names"], strict=True))
    pieces: list[str | Link] = []
    for at, link in enumerate(row["link_ids"]):
        last = at == len(row["link_ids"]) - 1
        pieces += ["" if at == 0 else " and " if last else ", "]
        pieces.append(Link(plain_name(names[link]), "links", link))
    return pieces


def _interaction_words(row: Row) -> str:
    if row["interaction_possible"] > 0:
        alone = row["alone_possible"]
        return f", of which {alone or 'none'} by one of them alone. "
    if row["interaction_km"] < 0:
        return f", {number_words(-row['interaction_km'], 'km')} less than each alone added up. "
    if row["interaction_km"] > 0:
        return f", {number_words(row['interaction_km'], 'km')} more than each alone added up. "
    return ", just what each saves alone. "


# Third countries


def dependence_table(found: pd.DataFrame, dossier: Dossier) -> Table:
    """Return what trips would be without each third country, as it is and with links changed.

    Parameters
    ----------
    found : see :func:`normlib.openings.dependence`.
    """
    words = found.assign(words=[_without_words(row) for row in dicts(found)])
    wide = words.pivot(index=["trip", "country"], columns="when", values="words")
    wide = wide.reindex(columns=list(WORLDS)).loc[
        list(dict.fromkeys(zip(words["trip"], words["country"], strict=True)))
    ]
    return Table(
        wide.reset_index(),
        columns={
            "trip": "Trip",
            "country": "Without",
            "before": f"{WORLDS['before']}".capitalize(),
            "after": f"{WORLDS['after']}".capitalize(),
        },
        caption="What becomes of a trip that has to avoid a country. Countries that no trip would "
        "miss are left out",
        refs={"country": ("countries", dossier.labels("countries"))},
    )


def _without_words(row: Row) -> str:
    if not row["possible"]:
        return "no way in any case"
    if row["depends"]:
        return "no way"
    return f"{number_words(row['extra_km'], 'km')} longer" if row["extra_km"] else "no difference"


def dependence_note(found: pd.DataFrame, dossier: Dossier, *, trips: int) -> Notes:
    """Say how many trips cannot do without each third country, as it is and with links changed.

    Parameters
    ----------
    trips : how many were asked for.
    """
    names = dossier.labels("countries")
    if found.empty:
        return Notes([Note("None of the trips needs a third country.")])
    return Notes(
        [
            _country_note(found[found["country"] == code], names.get(code, code), trips)
            for code in sorted(set(found["country"]))
        ]
    )


def _country_note(part: pd.DataFrame, name: str, trips: int) -> Note:
    told = []
    for when, world in WORLDS.items():
        case = part[part["when"] == when]
        bound = int(case["depends"].sum())
        longer = case[~case["depends"] & case["extra_km"].gt(0)]
        has = "has" if bound == 1 else "have"
        words = f"{world}, {bound} of {count_words(trips, 'trip')} {has} no way without it"
        words = words if bound else f"{world}, every trip that has a way has one without it"
        if len(longer):
            most = longer.sort_values("extra_km", ascending=False, kind="stable").iloc[0]
            words += (
                f", {len(longer)} would be longer, at most by "
                f"{number_words(most['extra_km'], 'km')} ({most['trip']})"
            )
        told.append(words)
    return Note(f"{name}: {'; '.join(told)}.")


# Over time


def history_figure(history: pd.DataFrame, dossier: Dossier) -> go.Figure:
    """Draw how long each trip was over time, and when it had no way.

    Parameters
    ----------
    history : see :func:`normlib.openings.trip_history`.
    """
    key, title = "trip-history", "Shortest routes over time"
    if history.empty:
        reason = f"No trip can be followed with what was known on {day_words(dossier.day)}."
        return empty_figure(key=key, title=title, stamp=dossier.stamp, reason=reason)
    trips = list(dict.fromkeys(history["trip"]))
    place = {trip: at for at, trip in enumerate(trips)}
    fig = Sketch()
    for possible, name, colours in (
        (True, "a way over open links, km", ("#d6e6ec", ACCENT)),
        (False, "no way", (VERMILION, VERMILION)),
    ):
        _add_times(fig, history[history["possible"] == possible], place, name, colours)
    lay_out_times(fig, history, rows=[len(trips) - 0.5, -0.75], below=40)
    fig.update_layout(
        uniformtext={"mode": "hide", "minsize": 10},
        annotations=[
            above(at - 0.42, f"<b>{trip}</b>", {"size": 12}, yanchor="middle")
            for at, trip in enumerate(trips)
        ],
    )
    return finish(
        fig,
        key=key,
        title=title,
        stamp=dossier.stamp,
        caption="Length in kilometres of the shortest route over links that were open at the time, "
        "as the record of the day has it. Single permitted uses and restricted links are no way.",
        alt=" ".join(_history_words(part) for _, part in history.groupby("trip", sort=False)),
        table=history_table(history, dossier),
        height=130 + LINE * len(trips),
        narrow={"margin.t": 100, "height": 154 + LINE * len(trips), "title.font.size": 13},
    )


def _add_times(
    fig: Sketch,
    part: pd.DataFrame,
    place: Mapping[str, int],
    name: str,
    colours: tuple[str, str],
) -> None:
    rows, (fill, line) = dicts(part), colours
    if not rows:
        return
    fig.add_bar(
        **times(rows, "start", "end"),
        y=[place[row["trip"]] for row in rows],
        width=0.42,
        orientation="h",
        marker={
            "color": fill,
            "line": {"color": line, "width": 1},
            "pattern": {
                "shape": "" if line == ACCENT else "x",
                "fgcolor": PAPER,
                "size": 5,
                "solidity": 0.3,
                "fillmode": "overlay",
            },
        },
        text=[f"{row['km']:,.0f}" if row["possible"] else "" for row in rows],
        textposition="inside",
        insidetextanchor="middle",
        insidetextfont={"color": INK, "size": 11},
        textangle=0,
        hovertext=[_time_words(row) for row in rows],
        hovertemplate="%{hovertext}<extra></extra>",
        name=name,
    )


def _time_words(row: Row) -> str:
    what = number_words(row["km"], "km") if row["possible"] else "no way"
    return f"{row['trip']}: {what}, {day_words(row['start'])} to {day_words(row['end'])}"


def _history_words(part: pd.DataFrame) -> str:
    told = [
        f"{number_words(row['km'], 'km') if row['possible'] else 'no way'} from "
        f"{day_words(row['start'])}"
        for row in dicts(part)
    ]
    return f"{part['trip'].iloc[0]}: {', '.join(told)}."


def history_table(history: pd.DataFrame, dossier: Dossier) -> Table:
    """Return the lengths of trips over time."""
    rows = history.assign(
        start_words=history["start"].map(day_words),
        end_words=history["end"].map(day_words),
        km_words=[
            number_words(row["km"]) if row["possible"] else "no way" for row in dicts(history)
        ],
    )
    return Table(
        rows,
        columns={
            "trip": "Trip",
            "start_words": "From",
            "end_words": "To",
            "km_words": "Shortest route, km",
        },
        caption=f"Shortest routes over time, by the record as of {day_words(dossier.day)}",
    )


# Drawing


def _bars(
    fig: Sketch,
    lengths: Sequence[float],
    words: Sequence[str],
    *,
    keys: Sequence[str],
    colours: tuple[str, str],
    name: str | None = None,
) -> None:
    """Add bars that say in or beside them what they stand for."""
    fill, line = colours
    add_bars(
        fig,
        words=words,
        keys=keys,
        x=[round(length, 1) for length in lengths],
        y=list(range(len(lengths))),
        marker={"color": fill, "line": {"color": line, "width": 1.5}},
        name=name,
        showlegend=name is not None,
    )


def _finished(
    fig: Sketch,
    texts: Sequence[Sequence[str]],
    dossier: Dossier,
    *,
    words: Mapping[str, Any],
    bars: int = 1,
) -> go.Figure:
    """Lay out rows of words with their bars below, and finish the figure.

    Parameters
    ----------
    texts : of each row, its lines; the first is its head.
    words : for :func:`normlib.figures.theme.finish`.
    bars : how many each row has.
    """
    wide = [_lines(lines, 120) for lines in texts]
    narrow = [_lines(lines, 46) for lines in texts]
    longest = max([max(trace["x"], default=0) for trace in fig.traces], default=0)
    keyed = 34 if bars > 1 else 8
    heights = [52 + keyed + len(texts) * _row(lines, bars) for lines in (wide, narrow)]
    fig.update_layout(
        barmode="group",
        bargap=1 - _share(wide, bars),
        bargroupgap=0.16,
        margin={"l": 10, "r": 10, "t": 52, "b": keyed},
        legend={**BELOW, "xanchor": "left"},
        annotations=_notes(wide, 12.5, bars),
    )
    fig.update_xaxes(range=[0, max(longest, 1) * 1.02], visible=False)
    fig.update_yaxes(range=_span(wide, bars), visible=False)
    return finish(
        fig,
        **words,
        stamp=dossier.stamp,
        height=heights[0],
        narrow={
            "title.font.size": 13,
            "margin.t": 84,
            "height": heights[1] + 32,
            "bargap": 1 - _share(narrow, bars),
            "yaxis.range": _span(narrow, bars),
            "annotations": _notes(narrow, 11.5, bars),
        },
    )


def _lines(lines: Sequence[str], width: int) -> list[str]:
    """Break lines that are too long for the figure; the first is the head."""
    head, *rest = (textwrap.wrap(line, width) for line in lines)
    return [*(f"<b>{part}</b>" for part in head), *(part for line in rest for part in line)]


def _row(texts: Sequence[Sequence[str]], bars: int) -> int:
    """Return the height of a row in pixels: its words, its bars, and room below."""
    return 16 * max(map(len, texts)) + 20 * bars + 16


def _share(texts: Sequence[Sequence[str]], bars: int) -> float:
    """Return how much of a row's height its bars take."""
    return 20 * bars / _row(texts, bars)


def _span(texts: Sequence[Sequence[str]], bars: int) -> list[float]:
    """Return the range of rows, moved up so that the words of the first have room."""
    up = (8 * max(map(len, texts)) - 4) / _row(texts, bars)
    return [len(texts) - 0.5 - up, -0.5 - up]


def _notes(texts: Sequence[Sequence[str]], size: float, bars: int) -> list[dict[str, Any]]:
    """Write the lines of each row above its bars, which stand in the middle of the row."""
    half, look = _share(texts, bars) / 2, {"yshift": 2, "align": "left", "yanchor": "bottom"}
    return [
        above(at - half, "<br>".join(lines), {"size": size}, **look)
        for at, lines in enumerate(texts)
    ]
