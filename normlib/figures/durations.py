"""How long commitments take and how they end: curves, the numbers behind them, and sentences."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.durations import ALL, FEWEST, IMPLEMENTED, OPEN, YEAR, at
from normlib.figures.common import cited
from normlib.figures.sketch import Sketch, Trace, scatter
from normlib.figures.stack import Record, hover_lines, legend, missing, plain
from normlib.figures.tables import Link, Note, Number, Table
from normlib.figures.theme import (
    ACCENT,
    GREY,
    INK,
    LEVEL_STYLES,
    ORANGE,
    PAPER,
    PURPLE,
    SKY,
    VERMILION,
    Style,
    empty_figure,
    finish,
)
from normlib.figures.words import are, count_words, date_words, day_words, list_words
from normlib.rows import dicts

PLOT, TICKS, RISK, HEAD, FOOT = 270, 34, 17, 20, 6
"""Heights in pixels: the curves, the words of their axis, a line of numbers, its heading, below."""
WIDE_TOP, NARROW_TOP = 92, 164
STEPS = (1, 2, 5, 10, 20, 50, 100, YEAR, 2 * YEAR, 5 * YEAR, 10 * YEAR)
MOST_TICKS = 6
QUARTERS = (0, 25, 50, 75, 100)

GROUP_STYLES = (
    Style("first group", ACCENT, "solid"),
    Style("second group", VERMILION, "dash"),
    Style("third group", PURPLE, "dot"),
    Style("fourth group", SKY, "dashdot"),
)
ENDING_STYLES: Mapping[str, Style] = {
    IMPLEMENTED: Style("implemented", LEVEL_STYLES[3].colour, symbol=""),
    "abandoned": Style("abandoned", VERMILION, symbol="/"),
    "superseded": Style("superseded", PURPLE, symbol="x"),
    OPEN: Style("not ended", "#eceff1", symbol=""),
}
"""Ways to end; ``symbol`` is the pattern of a surface."""
OTHER_STYLES = (Style("", ORANGE, symbol="."), Style("", SKY, symbol="|"), Style("", GREY))

LEAVING: Mapping[str, Style] = {
    IMPLEMENTED: Style("implemented", INK, symbol="circle"),
    "ended": Style("ended otherwise", INK, symbol="x-thin-open"),
    OPEN: Style("still open", INK, symbol="line-ns-open"),
}
"""How a commitment leaves the count, and its mark on a curve."""

CENSORED = (
    "A commitment that ended in another way, or is still open, leaves the count on that day: the "
    "curve says what would be if nothing but implementation could end a promise."
)
BAND = (
    "The pale surface is the 95 % interval, as if the commitments were independent of each other, "
    "which they are not; there is none before the first implementation."
)
UNSURE = (
    "Where dates are uncertain, the curve is two lines: the least and the greatest share that they "
    "allow."
)


# How long


def durations_figure(
    curve: pd.DataFrame,
    durations: pd.DataFrame,
    *,
    stamp: str,
    key: str = "durations",
    title: str = "Share of promises not yet implemented",
) -> go.Figure:
    """Draw the share not yet implemented by days since the promise, and how many are followed.

    Parameters
    ----------
    curve : of :func:`normlib.durations.survival`, ungrouped.
    durations : of :func:`normlib.durations.durations`, those of the curve.
    stamp : of the dossier.
    key, title : name and title of the figure, where a page shows several.
    """
    if curve.empty:
        return _no_curve(key, title, stamp, {ALL: len(durations)})
    fig = Sketch([*_curve(curve, GROUP_STYLES[0], ""), *_marks([curve], durations)])
    caption = f"{CENSORED} {BAND} {UNSURE} {_followed_words()}"
    alt = str(shares_note(curve))
    return _finished(fig, [curve], key, title, stamp, caption, alt, _curve_table(curve, durations))


def comparison_figure(
    curves: pd.DataFrame,
    durations: pd.DataFrame,
    *,
    by: str,
    stamp: str,
    key: str = "comparison",
    title: str = "Share not yet implemented, by when the promise was made",
) -> go.Figure:
    """Draw the share not yet implemented for several groups.

    Parameters
    ----------
    curves : of :func:`normlib.durations.survival`, grouped.
    durations : of :func:`normlib.durations.durations`, with the column that groups them.
    by : that column.
    stamp : of the dossier.
    key, title : name and title of the figure, where a page shows several.
    """
    sizes = durations.groupby(by)["commitment_id"].count().to_dict()
    if curves.empty:
        return _no_curve(key, title, stamp, sizes)
    groups = dict(list(curves.groupby("group", sort=False)))
    fig = Sketch()
    for at_row, (name, curve) in enumerate(groups.items()):
        fig.add_traces(_curve(curve, GROUP_STYLES[at_row % len(GROUP_STYLES)], str(name)))
    fig.add_traces(_marks(list(groups.values()), durations))
    small = {name: size for name, size in sizes.items() if name not in groups}
    caption = f"{CENSORED} {BAND} {UNSURE} {_followed_words()} {_too_few(small)}".strip()
    alt = " ".join(str(shares_note(curve, name=str(name))) for name, curve in groups.items())
    table = _curve_table(curves, durations)
    return _finished(fig, list(groups.values()), key, title, stamp, caption, alt, table)


def shares_note(
    curve: pd.DataFrame, *, days: Sequence[int] = (YEAR, 2 * YEAR, 3 * YEAR), name: str = ""
) -> Note:
    """Say which share of a group was implemented after some years, and of how many.

    ``curve`` is that of one group of :func:`normlib.durations.survival`.
    """
    if curve.empty:
        return Note(f"No share is told: that takes at least {FEWEST} commitments.")
    told = [_share_words(row) for row in dicts(at(curve, days=days))]
    whom = f"Of the promises {name}, " if name else ""
    start = f"{whom}implemented " if name else "Implemented "
    return Note(
        f"{start}within {'; within '.join(told)}. These shares are estimates for promises that "
        "nothing but implementation ends.",
        cited(curve),
    )


def durations_note(durations: pd.DataFrame, summary: pd.DataFrame, *, day: pd.Timestamp) -> Note:
    """Say how the commitments ended, how many are open, and the median time to implementation.

    ``summary`` is that of :func:`normlib.durations.summary` for all of them.
    """
    if summary.empty:
        return Note(f"No commitment is on record by {day_words(day)}.", numbers=_numbers(None))
    row = summary.iloc[0].to_dict()
    counts = durations["ending"].value_counts()
    ways = [f"{counts[name]} {name}" for name in _endings(durations) if name != IMPLEMENTED]
    ended = f"{row['n_ended']} ended in another way" + (f" ({list_words(ways)})" if ways else "")
    return Note(
        f"Of {count_words(row['n'], 'commitment')} on record on {day_words(day)}, "
        f"{row['n_implemented']} were implemented, {ended} and {row['n_open']} are still open. "
        f"{_median_words(row)}{_undated_words(row)}",
        row["sources"] if row["has_curve"] else (),
        _numbers(row),
    )


def durations_table(durations: pd.DataFrame, *, stamp: str) -> Table:
    """Return how long each commitment was followed and how it ended, the shortest first."""
    ordered = durations.sort_values(["days_low", "commitment_id"], ignore_index=True)
    return Table(
        ordered.assign(
            commitment=_links(ordered),
            made=ordered["made_on"].map(date_words),
            length=[_length_words(row) for row in dicts(ordered)],
            ended=[_ending_words(row) for row in dicts(ordered)],
        ),
        columns={
            "commitment": "Commitment",
            "phase": "Made in",
            "made": "Made",
            "length": "Days followed",
            "ended": "How it ended",
            "sources": "Sources",
        },
        caption=f"How long each promise was followed, and how it ended. {stamp}",
        counts=("length",),
    )


def ended_since_note(ended: pd.DataFrame, *, since: pd.Timestamp, day: pd.Timestamp) -> Note:
    """Name the commitments that ended between two days, with the days that each took.

    ``ended`` is that of :func:`normlib.durations.ended_since`.
    """
    span = f"between {day_words(since)} and {day_words(day)}"
    if ended.empty:
        return Note(f"No promise is recorded as implemented, or as ended otherwise, {span}.")
    words: list[str | Link] = [f"{count_words(len(ended), 'promise')} came to an end {span}: "]
    for row, link in zip(dicts(ended), _links(ended), strict=True):
        words += [link, f" ({row['ending']} after {_length_words(row)} days); "]
    words[-1] = str(words[-1]).replace("); ", ").")
    return Note(words, cited(ended))


# How they end


def endings_figure(
    incidence: pd.DataFrame,
    durations: pd.DataFrame,
    *,
    stamp: str,
    key: str = "endings",
    title: str = "How promises ended, by time since they were made",
) -> go.Figure:
    """Draw the shares that had ended in each way, one on top of the other.

    Parameters
    ----------
    incidence : of :func:`normlib.durations.incidence`, ungrouped.
    durations : of :func:`normlib.durations.durations`, those of the incidence.
    stamp : of the dossier.
    key, title : name and title of the figure, where a page shows several.
    """
    if incidence.empty:
        return _no_curve(key, title, stamp, {ALL: len(durations)})
    steps = {str(name): rows for name, rows in incidence.groupby("ending", sort=False)}
    first = steps[IMPLEMENTED]
    styles = _ending_styles(steps)
    fig = Sketch([_surface(rows, "incidence", styles[name]) for name, rows in steps.items()])
    fig.add_traces([_surface(first, "survival", styles[OPEN])])
    caption = (
        "Each surface is the share that had ended in one way by that time; together they fill the "
        "whole. What is still open leaves the count on the day of the view, and its further course "
        f"is estimated from those followed longer. {_followed_words()} Where dates are uncertain, "
        "the fewest days that they allow are taken."
    )
    table = _endings_table(incidence, durations)
    alt = str(endings_note(incidence, incidence))
    return _finished(fig, [first], key, title, stamp, caption, alt, table)


def endings_note(low: pd.DataFrame, high: pd.DataFrame, *, days: int = 2 * YEAR) -> Note:
    """Say which share had ended how after some days, and in the end, and how sure the dates are.

    ``low`` and ``high`` are those of :func:`normlib.durations.incidence` for the fewest and for the
    most days that the dates allow.
    """
    if low.empty:
        return Note(f"No share is told: that takes at least {FEWEST} commitments.")
    last = int(low["days"].max())
    when = [min(days, last), *([last] if days < last else [])]
    told = [_endings_words(at(low, days=[day])) for day in when]
    return Note(
        f"Every way of ending counted, {'; '.join(told)}. {_apart_words(low, high, when)}",
        cited(low),
    )


def batches_note(batches: pd.DataFrame, durations: pd.DataFrame) -> Note:
    """Say which commitments began and ended together, so that they are hardly several cases.

    ``batches`` is that of :func:`normlib.durations.batches`.
    """
    if batches.empty:
        return Note("No two commitments were made on one date and ended on one date.")
    row = batches.iloc[0].to_dict()
    titles = dict(zip(durations["commitment_id"], durations["title"], strict=True))
    words: list[str | Link] = [
        f"{count_words(row['n'], 'commitment')} made on {date_words(row['made_on'])} are on record "
        f"as {row['ending']} on one date, {date_words(row['ended_on'])}, among them "
    ]
    first = row["commitment_ids"][0]
    words += [Link(f"“{titles[first]}”", "commitments", first)]
    words += [
        ": for a curve they are many cases, but they may be one decision. No interval on this page "
        "allows for that."
    ]
    return Note(words, row["sources"])


# Groups beside each other


def comparison_table(
    summary: pd.DataFrame,
    curves: pd.DataFrame,
    *,
    heading: str,
    stamp: str,
    years: Sequence[int] = (1, 2, 3),
) -> Table:
    """Return for each group how its commitments ended, and the share implemented after years.

    Parameters
    ----------
    summary : of :func:`normlib.durations.summary`, grouped.
    curves : of :func:`normlib.durations.survival`, grouped likewise.
    heading : of the column that names the groups.
    stamp : of the dossier.
    years : after which the shares are told, with the number followed until then.
    """
    after = at(curves, days=[YEAR * year for year in years])
    cells = {(row["group"], row["days"]): _cell_words(row) for row in dicts(after)}
    columns = {f"after_{year}": f"Within {count_words(year, 'year')}" for year in years}
    few = f"fewer than {FEWEST}"
    shares = {
        f"after_{year}": [cells.get((name, YEAR * year), few) for name in summary["group"]]
        for year in years
    }
    medians = [_median_cell(row) for row in dicts(summary)]
    return Table(
        summary.assign(group=_capitals(summary["group"]), median=medians, **shares),
        columns={
            "group": heading,
            "n": "Commitments",
            "n_implemented": "Implemented",
            "n_ended": "Ended in another way",
            "n_open": "Still open",
            "median": "Days until half are implemented",
            **columns,
            "sources": "Sources",
        },
        caption=(
            f"By {heading.lower()}: how promises ended, and the estimated share implemented within "
            f"some years; in brackets how many were followed for so long. {stamp}"
        ),
    )


def comparison_note(summary: pd.DataFrame) -> Note:
    """Compare the groups in counts, and say what such a comparison cannot show.

    ``summary`` is that of :func:`normlib.durations.summary`, grouped.
    """
    if summary.empty:
        return Note("There is no commitment to compare.")
    if len(summary) == 1:
        name, n = str(summary.iloc[0]["group"]), int(summary.iloc[0]["n"])
        return Note(
            f"There is nothing to compare: {_all_words(n)} {name}.", summary.iloc[0]["sources"]
        )
    told = [_group_words(row) for row in dicts(summary)]
    return Note(
        f"{'; '.join(told)}. The groups are small, differ in what was promised, and were followed "
        "for different times; a difference between them is a description of this record, not a "
        "test of a cause.",
        cited(summary),
    )


# Words


def _numbers(row: Record | None) -> list[Number]:
    median = row["median_days_low"] if row else None
    done, ended = (row["n_implemented"], row["n_ended"]) if row else (0, 0)
    return [
        Number("followed", "Commitments followed", row["n"] if row else 0),
        Number("implemented", "Commitments implemented", done),
        Number("ended-otherwise", "Commitments ended in another way", ended),
        Number("median-days", "Days until half are implemented", median, "days"),
    ]


def _median_words(row: Record) -> str:
    if not row["has_curve"]:
        return f"Fewer than {FEWEST} get no curve, and no median."
    if missing(row["median_days_low"]):
        longest = f"{int(row['longest_days']):,} days, the longest that any was followed"
        return f"The time after which half are implemented is not reached within {longest}."
    return f"Half are estimated to be implemented after {_median_cell(row)} days."


def _median_cell(row: Record) -> str:
    low, high = row["median_days_low"], row["median_days_high"]
    if not row["has_curve"]:
        return f"fewer than {FEWEST}"
    if missing(low):
        return "not reached"
    if missing(high):
        return f"{int(low):,} or more"
    return f"{int(low):,}" if low == high else f"{int(low):,}–{int(high):,}"


def _undated_words(row: Record) -> str:
    count = int(row["n_undated"])
    return f" {count_words(count, 'commitment')} of unknown beginning stand in no curve." * (
        count > 0
    )


def _share_words(row: Record) -> str:
    years = _days_words(row["days"])
    if missing(row["survival_low"]):
        return f"{years} not known (none was followed for so long)"
    return f"{years} {_percents(row)}{_interval_words(row)}, {_risk(row)} followed for so long"


def _cell_words(row: Record) -> str:
    return "not known" if missing(row["survival_low"]) else f"{_percents(row)} ({_risk(row)})"


def _percents(row: Record) -> str:
    """Share implemented, as an interval where dates are uncertain."""
    low, high = (_percent(1 - row[name]) for name in ("survival_high", "survival_low"))
    return f"{low} %" if low == high else f"{low}–{high} %"


def _interval_words(row: Record) -> str:
    low, high = row["confidence_low"], row["confidence_high"]
    if missing(low) or missing(high):
        return ""
    return f" (95 % interval {_percent(1 - high)}–{_percent(1 - low)} %)"


def _percent(share: float) -> str:
    return f"{100 * share:.0f}"


def _risk(row: Record) -> str:
    if "at_risk" in row:
        return f"{row['at_risk']:,}"
    low, high = row["at_risk_low"], row["at_risk_high"]
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def _days_words(days: int) -> str:
    """Write days as years where they are whole ones.

    >>> _days_words(730), _days_words(100)
    ('2 years', '100 days')
    """
    years, rest = divmod(days, YEAR)
    return count_words(days, "day") if rest or not years else count_words(years, "year")


def _endings_words(rows: pd.DataFrame) -> str:
    """Say which share had ended how on one day of a reading."""
    first = rows.iloc[0]
    parts = [
        f"{_percent(share)} % {name}"
        for name, share in zip(rows["ending"], rows["incidence"], strict=True)
    ]
    left = f"{_percent(first['survival'])} % not ended"
    followed = f"({first['at_risk']:,} followed for so long)"
    return f"after {_days_words(int(first['days']))} {', '.join(parts)} and {left} {followed}"


def _apart_words(low: pd.DataFrame, high: pd.DataFrame, days: Sequence[int]) -> str:
    """Say how much the shares differ between the two choices of dates."""
    shares = [at(frame, days=days)["incidence"] for frame in (low, high)]
    most = float((shares[0] - shares[1]).abs().max())
    if most * 100 < 0.5:
        return "Uncertain dates change none of these shares by as much as half a percentage point."
    return f"Uncertain dates change these shares by up to {100 * most:.0f} percentage points."


def _group_words(row: Record) -> str:
    done = f"{row['n_implemented']} of {row['n']} promises {row['group']} were implemented"
    longest = (
        "" if missing(row["longest_days"]) else f", followed for up to {row['longest_days']:,} days"
    )
    few = "" if row["has_curve"] else f" (no curve: fewer than {FEWEST})"
    return (
        f"{done}, {row['n_ended']} ended in another way and {row['n_open']} are open{longest}{few}"
    )


def _all_words(count: int) -> str:
    return "the only promise was" if count == 1 else f"all {count:,} promises were"


def _length_words(row: Record) -> str:
    low, high = row["days_low"], row["days_high"]
    if missing(high):
        return f"at least {low:,}"
    return f"{low:,}" if low == high else f"{low:,}–{high:,}"


def _ending_words(row: Record) -> str:
    if row["ending"] == OPEN:
        return "Still open"
    return f"{row['ending'].capitalize()} {date_words(row['ended_on'])}"


def _followed_words() -> str:
    return f"Below: how many were still followed at that time. A year is {YEAR} days."


def _too_few(sizes: Mapping[Any, int]) -> str:
    """Say which groups have no curve, and why."""
    told = [f"{count_words(size, 'promise')} {name}" for name, size in sizes.items()]
    return f"No curve for {list_words(told)}: fewer than {FEWEST}." if told else ""


def _capitals(names: Iterable[str]) -> list[str]:
    return [name[:1].upper() + name[1:] for name in names]


def _links(rows: pd.DataFrame) -> list[Any]:
    pairs = zip(rows["title"], rows["commitment_id"], strict=True)
    return [Link(words, "commitments", name) for words, name in pairs]


def _endings(durations: pd.DataFrame) -> list[str]:
    """Ways in which commitments ended, first ``implemented``."""
    return [IMPLEMENTED, *sorted(set(durations["ending"]) - {IMPLEMENTED, OPEN})]


# Pieces of the figures


def _no_curve(key: str, title: str, stamp: str, sizes: Mapping[Any, int]) -> go.Figure:
    count = sum(sizes.values())
    reason = f"No curve: {count_words(count, 'commitment')}, fewer than {FEWEST} in any group."
    if len(sizes) < 2:
        reason = f"No curve below {FEWEST} commitments; there {are(count)} {count or 'none'}."
    return empty_figure(key=key, title=title, stamp=stamp, reason=reason)


def _curve(curve: pd.DataFrame, style: Style, name: str) -> list[Trace]:
    """Return the interval, the span of uncertain dates, and the two lines around it."""
    line = {"color": style.colour, "width": 2.2, "dash": style.dash, "shape": "hv"}
    days = curve["days"].tolist()
    lines = [
        scatter(
            x=days,
            y=[100 * share for share in curve[column]],
            mode="lines",
            line=line,
            name=name,
            showlegend=bool(name) and column == "survival_low",
            customdata=[[_row_of(ids)] for ids in curve["commitment_ids"]],
            hoverinfo="skip",
        )
        for column in ("survival_low", "survival_high")
    ]
    return [
        _band(curve, "confidence", style.colour, 0.12, "" if name else "95 % interval"),
        _band(curve, "survival", style.colour, 0.35, ""),
        *lines,
    ]


def _band(curve: pd.DataFrame, column: str, colour: str, opacity: float, name: str) -> Trace:
    """Return the surface between two steps, from the first day with both to the last."""
    above: list[tuple[int, float]] = []
    below: list[tuple[int, float]] = []
    for row, later in pairwise(dicts(curve)):
        low, high = row[f"{column}_low"], row[f"{column}_high"]
        if not (missing(low) or missing(high)):
            above += [(row["days"], 100 * high), (later["days"], 100 * high)]
            below += [(row["days"], 100 * low), (later["days"], 100 * low)]
    outline = [*above, *below[::-1]]
    return scatter(
        x=[days for days, _ in outline],
        y=[share for _, share in outline],
        mode="lines",
        line={"width": 0, "color": colour},
        fill="toself",
        fillcolor=_pale(colour, opacity),
        hoverinfo="skip",
        name=name,
        showlegend=bool(name) and bool(outline),
    )


def _pale(colour: str, opacity: float) -> str:
    red, green, blue = (int(colour[at_digit : at_digit + 2], 16) for at_digit in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def _marks(curves: Sequence[pd.DataFrame], durations: pd.DataFrame) -> list[Trace]:
    """Return a mark for each commitment where it leaves the count."""
    heights = {
        (name, days): 100 * share
        for curve in curves
        for days, share, ids in zip(
            curve["days"], curve["survival_low"], curve["commitment_ids"], strict=True
        )
        for name in ids
    }
    places = zip(durations["commitment_id"], durations["days_low"], strict=True)
    found: list[Any] = [heights.get(place) for place in places]
    drawn = durations.assign(height=found)
    drawn = drawn.dropna(subset=["height"])
    kinds = drawn["ending"].where(drawn["ending"].isin((IMPLEMENTED, OPEN)), "ended")
    return [_mark(drawn[kinds.eq(kind)], style) for kind, style in LEAVING.items()]


def _mark(rows: pd.DataFrame, style: Style) -> Trace:
    filled = style.symbol == "circle"
    return scatter(
        x=rows["days_low"].tolist(),
        y=rows["height"].tolist(),
        mode="markers",
        marker={
            "symbol": style.symbol,
            "size": 6 if filled else 9,
            "color": style.colour,
            "line": {"width": 1.5, "color": PAPER if filled else style.colour},
        },
        customdata=[[f"commitments/{name}"] for name in rows["commitment_id"]],
        hovertext=[
            hover_lines(row["title"], f"{_length_words(row)} days. {_ending_words(row)}")
            for row in dicts(rows)
        ],
        hoverinfo="text",
        cliponaxis=False,
        name=style.label,
        showlegend=len(rows) > 0,
    )


def _ending_styles(endings: Iterable[str]) -> dict[str, Style]:
    """Return a style for each ending; words that have none of their own get one in turn."""
    others = [name for name in endings if name not in ENDING_STYLES]
    turn = {name: OTHER_STYLES[at_name % len(OTHER_STYLES)] for at_name, name in enumerate(others)}
    found = {name: Style(name, style.colour, symbol=style.symbol) for name, style in turn.items()}
    return {**ENDING_STYLES, **found}


def _surface(rows: pd.DataFrame, column: str, style: Style) -> Trace:
    """Return the surface of a share; where none is left, its last value goes on to the edge."""
    days, shares = rows["days"].tolist(), [100 * share for share in rows[column]]
    keys: list[Any] = [[_row_of(ids)] for ids in rows["commitment_ids"]]
    if not rows["survival"].iloc[-1]:
        days, shares, keys = [*days, _edge(days[-1])], [*shares, shares[-1]], [*keys, keys[-1]]
    return scatter(
        x=days,
        y=shares,
        name=f"{style.label} {shares[-1]:.0f} %",
        stackgroup="endings",
        mode="lines",
        line={"width": 0.8, "color": INK, "shape": "hv"},
        fillcolor=style.colour,
        fillpattern={
            "shape": style.symbol,
            "fgcolor": PAPER,
            "bgcolor": style.colour,
            "size": 7,
            "solidity": 0.2,
        },
        customdata=keys,
        hovertemplate=f"after %{{x:,}} days: %{{y:.0f}} % {plain(style.label)}<extra></extra>",
    )


def _edge(longest: int) -> float:
    """Return the right end of the axis, a little after the last day."""
    return max(longest, 1) * 1.03


def _row_of(ids: Sequence[str]) -> str | None:
    return f"commitments/{ids[0]}" if ids else None


def _finished(
    fig: Sketch,
    curves: Sequence[pd.DataFrame],
    key: str,
    title: str,
    stamp: str,
    caption: str,
    alt: str,
    table: Table,
) -> go.Figure:
    """Set the axes, print the numbers at risk below them, and finish the figure.

    The numbers at risk are those of ``curves``, the sources those of the rows of ``table``.
    """
    named = len(curves) > 1 or curves[0]["group"].iloc[0] != ALL
    below = HEAD + RISK * len(curves) * (2 if named else 1)
    whole = PLOT + TICKS + below
    longest = max(int(curve["days"].max()) for curve in curves)
    ticks = list(_ticks(longest))
    fig.add_traces(_at_risk(curves, ticks, below, named))
    fig.update_layout(
        margin={"l": 46, "r": 16, "t": WIDE_TOP, "b": FOOT},
        xaxis={
            "range": [0, _edge(longest)],
            "tickvals": ticks,
            "ticktext": ["0", *(_days_words(day) for day in ticks[1:])],
            "tickfont": {"size": 11.5, "color": GREY},
            "anchor": "y",
            "fixedrange": True,
        },
        yaxis={
            "domain": [1 - PLOT / whole, 1],
            "range": [0, 103],
            "tickvals": list(QUARTERS),
            "ticktext": [f"{share} %" for share in QUARTERS],
            "tickfont": {"size": 11, "color": GREY},
            "fixedrange": True,
        },
        yaxis2={
            "domain": [0, below / whole],
            "range": [below, 0],
            "anchor": "x",
            "visible": False,
            "fixedrange": True,
        },
        legend=legend(8, whole),
    )
    return finish(
        fig,
        key=key,
        title=title,
        stamp=stamp,
        caption=caption,
        alt=alt,
        sources=cited(table.frame),
        table=table,
        height=WIDE_TOP + whole + FOOT,
        narrow={
            "margin.t": NARROW_TOP,
            "height": NARROW_TOP + whole + FOOT,
            "legend.entrywidth": 0.5,
            "legend.entrywidthmode": "fraction",
        },
    )


def _ticks(longest: int) -> Iterator[int]:
    """Return days at regular distances, few enough for a narrow page.

    >>> list(_ticks(1100)), list(_ticks(16))
    ([0, 365, 730, 1095], [0, 5, 10, 15])
    """
    fitting = (step for step in STEPS if longest / step <= MOST_TICKS)
    yield from range(0, longest + 1, next(fitting, -(-longest // MOST_TICKS)))


def _at_risk(
    curves: Sequence[pd.DataFrame], ticks: Sequence[int], below: int, named: bool
) -> list[Trace]:
    """Return the numbers still followed at each tick, one line for each curve."""
    words = [_line(["<b>Still followed (number at risk)</b>"], [0], HEAD / 2, GREY, "left")]
    y = HEAD + RISK / 2
    for curve in curves:
        if named:
            words.append(_line([plain(curve["group"].iloc[0])], [0], y, INK, "left"))
            y += RISK
        seen = dicts(at(curve, days=ticks).drop_duplicates("days"))
        words.append(_line([_risk(row) for row in seen], ticks, y, INK, "center"))
        y += RISK
    return words


def _line(texts: Sequence[str], days: Sequence[int], y: float, colour: str, side: str) -> Trace:
    return scatter(
        x=list(days),
        y=[y] * len(days),
        yaxis="y2",
        mode="text",
        text=list(texts),
        textposition="middle right" if side == "left" else "middle center",
        textfont={"size": 11.5, "color": colour},
        cliponaxis=False,
        hoverinfo="skip",
        showlegend=False,
    )


def _curve_table(curve: pd.DataFrame, durations: pd.DataFrame) -> Table:
    rows = dicts(curve)
    shown = curve.assign(
        group=_capitals(curve["group"]),
        followed=[_risk(row) for row in rows],
        share=[_percents(row) for row in rows],
        interval=[_interval_words(row).strip(" ()").removeprefix("95 % interval ") for row in rows],
    )
    grouped = {} if curve["group"].eq(ALL).all() else {"group": "Group"}
    return Table(
        shown,
        columns={
            **grouped,
            "days": "Days",
            "followed": "Still followed",
            "share": "Implemented by then",
            "interval": "95 % interval",
            "commitment_ids": "Ended or left the count on the day",
            "sources": "Sources",
        },
        caption="The curve, one row for each day on which it or the number followed can change",
        refs={"commitment_ids": ("commitments", _titles(durations))},
        counts=("followed", "share", "interval"),
    )


def _endings_table(incidence: pd.DataFrame, durations: pd.DataFrame) -> Table:
    happened = incidence[incidence["events"] > 0]
    return Table(
        happened.assign(
            share=[f"{_percent(share)} %" for share in happened["incidence"]],
            left=[f"{_percent(share)} %" for share in happened["survival"]],
        ),
        columns={
            "days": "Days",
            "at_risk": "Still followed",
            "ending": "Ending",
            "events": "Ended so on the day",
            "share": "Ended so by then",
            "left": "Not ended",
            "commitment_ids": "Which",
            "sources": "Sources",
        },
        caption="Endings, one row for each day and way",
        refs={"commitment_ids": ("commitments", _titles(durations))},
        counts=("share", "left"),
    )


def _titles(durations: pd.DataFrame) -> dict[str, str]:
    return dict(zip(durations["commitment_id"], durations["title"], strict=True))
