"""How long commitments take, and how they end: survival curves and incidences of endings.

A commitment is followed from the day it was made to its ending, or to the day of the view if it is
open then (right-censored: how long it will take is not known, only that it took longer than this).
Where a date is uncertain, the number of days is an interval.

``survival`` is the estimate of Kaplan and Meier (1958, doi 10.1080/01621459.1958.10501452), as
scipy computes it; ``incidence`` that of Aalen and Johansen (1978), in exact fractions. Commitments
whose ending and censoring share a day are counted in the order ending, censoring, as both define.
"""

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import nan
from operator import itemgetter
from typing import Any

import pandas as pd

from normlib import edtf
from normlib.errors import RecipeError, nearest
from normlib.rows import dicts

FEWEST = 5
"""Fewer commitments than this get no curve."""

IMPLEMENTED, OPEN = "implemented", "open"
ALL = "all"
"""Name of the only group where there is no grouping."""

YEAR = 365
"""Days of a year on the axes and in the sentences."""

HALF = 0.5 + 1e-12
"""A median is reached at one half; scipy's products can miss it by a rounding."""

Record = Mapping[Any, Any]
Life = tuple[int, int, bool]
"""Fewest and most days that the dates of a commitment allow, and whether it was implemented."""

DURATIONS = {
    **dict.fromkeys(("commitment_id", "title", "phase", "made_on"), "str"),
    "made_on_latest": "datetime64[s]",
    **dict.fromkeys(("days_low", "days_high"), "Int64"),
    **dict.fromkeys(("ending", "ended_on"), "str"),
    "sources": "object",
}
"""The columns of :func:`durations`, and their types."""

SURVIVAL = {
    "group": "str",
    **dict.fromkeys(("days", "at_risk_low", "at_risk_high"), "int64"),
    **dict.fromkeys(("implemented_low", "implemented_high"), "int64"),
    **dict.fromkeys(("survival_low", "survival_high"), "float64"),
    **dict.fromkeys(("confidence_low", "confidence_high"), "float64"),
    **dict.fromkeys(("commitment_ids", "sources"), "object"),
}
"""The columns of :func:`survival`, and their types."""

INCIDENCE = {
    "group": "str",
    "days": "int64",
    "ending": "str",
    **dict.fromkeys(("at_risk", "events"), "int64"),
    **dict.fromkeys(("incidence", "survival"), "float64"),
    **dict.fromkeys(("commitment_ids", "sources"), "object"),
}
"""The columns of :func:`incidence`, and their types."""

SUMMARY = {
    "group": "str",
    **dict.fromkeys(("n", "n_implemented", "n_ended", "n_open", "n_undated"), "int64"),
    "has_curve": "bool",
    **dict.fromkeys(("median_days_low", "median_days_high", "longest_days"), "Int64"),
    "sources": "object",
}
"""The columns of :func:`summary`, and their types."""

BATCHES = {
    **dict.fromkeys(("made_on", "ended_on", "ending"), "str"),
    "n": "int64",
    **dict.fromkeys(("commitment_ids", "sources"), "object"),
}
"""The columns of :func:`batches`, and their types."""

AT_RISK = ("at_risk", "at_risk_low", "at_risk_high")
"""Columns that say how many are followed just before a day."""


# The commitments


def durations(ledger: pd.DataFrame, *, day: pd.Timestamp) -> pd.DataFrame:
    """Return how long each commitment was followed, and how it ended.

    Parameters
    ----------
    ledger : of :func:`normlib.commitments.ledger`.
    day : the day of that ledger's view.

    Returns
    -------
    ``commitment_id``, ``title``, ``phase``, ``made_on`` (text), ``made_on_latest``;

    ``ending``: ``implemented`` if it is at level 3 on the day, whatever its state is called; else
    its end state (such as ``abandoned`` or ``superseded``); else ``open``. A commitment that was
    implemented and then reversed is open, or ended, as in the ledger: its time runs from its
    beginning as if the implementation had not been;

    ``days_low``, ``days_high``: fewest and most days from when it was made to ``ended_on``, or to
    the day if it is open. The end of an end state is the date of the first observation of it. One
    that is known only as "not later than" may lie as early as the beginning; one whose date allows
    days after the view ends with the view; none is before the promise, so days are never negative.
    ``days_high`` is missing where the beginning is left open, and the commitment is in no curve;

    ``ended_on`` (text, missing while open), ``sources``.
    """
    rows = [{**row, **_life(row, day)} for row in dicts(ledger)]
    return pd.DataFrame(rows, columns=list(DURATIONS)).astype(DURATIONS)


def periods(durations: pd.DataFrame, *, year: int) -> pd.DataFrame:
    """Return the durations with a column ``period``: made before a year, or in it or later.

    Reads ``made_on_latest``.
    """
    since = durations["made_on_latest"].dt.year >= year
    words = since.map({True: f"made since {year}", False: f"made before {year}"})
    return durations.assign(period=words.astype("str"))


def batches(durations: pd.DataFrame) -> pd.DataFrame:
    """Return the commitments that were made on one date and ended on one date in the same way.

    They are often the articles of one text, and then no independent evidence.

    Returns
    -------
    ``made_on``, ``ended_on``, ``ending``, ``n`` (two or more), ``commitment_ids``, ``sources``;
    the largest first.
    """
    ended = durations[durations["ending"].ne(OPEN)]
    rows = [
        {
            **dict(zip(list(BATCHES)[:3], key, strict=True)),
            "n": len(group),
            **_evidence(_records(group)),
        }
        for key, group in ended.groupby(list(BATCHES)[:3])
        if len(group) > 1
    ]
    found = pd.DataFrame(rows, columns=list(BATCHES)).astype(BATCHES)
    return found.sort_values(["n", "made_on"], ascending=[False, True], ignore_index=True)


def ended_since(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the durations of the commitments that had ended later, and not in the same way before.

    Parameters
    ----------
    before, after : of :func:`durations`, for the views of two days.

    Returns
    -------
    Rows of ``after``, the shortest first.
    """
    known = zip(before["commitment_id"], before["ending"], strict=True)
    same = pd.Series(list(zip(after["commitment_id"], after["ending"], strict=True)), dtype=object)
    new = ~same.isin(set(known)) & after["ending"].ne(OPEN).reset_index(drop=True)
    found = after[new.to_numpy(dtype=bool)]
    return found.sort_values(["days_low", "commitment_id"], ignore_index=True)


# The curves


def survival(durations: pd.DataFrame, *, by: str | None = None) -> pd.DataFrame:
    """Return the share of commitments not yet implemented, by days since they were made.

    Kaplan–Meier: what ended otherwise leaves the count on its day, as does what is open on the day
    of the view. So the curve says what would be if nothing but implementation could end a
    commitment; what became of all of them is said by :func:`incidence`.

    Where dates are uncertain, ``survival_low`` and ``survival_high`` are the least and the greatest
    value that any choice of days allows. They are not the curves of all fewest and of all most
    days, which can cross those of other choices: for the least value on a day, what left the count
    did so as early as it can have, and what was implemented by then as late as it can have.

    Parameters
    ----------
    durations : of :func:`durations`; reads ``days_low``, ``days_high``, ``ending``,
        ``commitment_id``, ``sources`` and the column of ``by``.
    by : a column whose values are the groups, such as ``"phase"`` or ``"period"``.

    Returns
    -------
    One row for each group and each day on which its curve can change, from 0; none for a group of
    fewer than ``FEWEST``. ``group``, ``days``;

    ``at_risk_low``, ``at_risk_high``: commitments still followed just before that day, surely and
    perhaps; ``implemented_low``, ``implemented_high``: implemented by then, surely and perhaps;

    ``survival_low``, ``survival_high`` (0 to 1); ``confidence_low``, ``confidence_high``: the
    95 % interval on the log-log scale (Kalbfleisch and Prentice) of the least and of the greatest
    value; missing where the formula has none, at 0 and at 1;

    ``commitment_ids`` and ``sources`` of those that ended or left on the day.

    Raises
    ------
    RecipeError
        There is no such column.
    """
    rows = [
        {"group": name, **point}
        for name, group in _groups(durations, by)
        if len(group) >= FEWEST
        for point in _survival(group)
    ]
    return pd.DataFrame(rows, columns=list(SURVIVAL)).astype(SURVIVAL)


def incidence(
    durations: pd.DataFrame, *, by: str | None = None, dates: str = "low"
) -> pd.DataFrame:
    """Return the share of commitments that had ended in each way, by days since they were made.

    Aalen–Johansen: each way of ending is a competing risk, and only what is open on the day of the
    view is censored. ``survival`` is the share that had not ended in any way; on every day the
    incidences of all endings and ``survival`` add up to 1.

    Parameters
    ----------
    durations, by : as in :func:`survival`.
    dates : where dates are uncertain, ``"low"`` takes the fewest days that they allow, ``"high"``
        the most. Neither bounds the other: compare both.

    Returns
    -------
    One row for each group, each day of an ending or a censoring, from 0, and each ending (first
    ``implemented``); none for a group of fewer than ``FEWEST``. ``group``, ``days``, ``ending``,
    ``at_risk`` (followed just before that day), ``events`` (that ended so on the day),
    ``incidence``, ``survival``, ``commitment_ids`` and ``sources`` of those events.

    Raises
    ------
    RecipeError
        There is no such column, or no such choice of dates.
    """
    if dates not in ("low", "high"):
        raise RecipeError(f"dates is 'low' or 'high', not '{dates}'. {nearest(dates, ['low'])}")
    rows = [
        {"group": name, **point}
        for name, group in _groups(durations, by)
        if len(group) >= FEWEST
        for point in _incidence(group, f"days_{dates}")
    ]
    return pd.DataFrame(rows, columns=list(INCIDENCE)).astype(INCIDENCE)


@dataclass(frozen=True)
class Step:
    """What the estimate of Aalen and Johansen is from a day on.

    Attributes
    ----------
    days : since the beginning.
    at_risk : followed just before.
    events : number that ended on the day, by ending.
    incidence : share that had ended by then, by ending.
    survival : share that had not ended.
    """

    days: int
    at_risk: int
    events: Mapping[str, int]
    incidence: Mapping[str, Fraction]
    survival: Fraction


def aalen_johansen(days: Sequence[int], endings: Sequence[str | None]) -> list[Step]:
    """Return the cumulative incidence of each ending, in exact fractions.

    Aalen and Johansen 1978, Scandinavian Journal of Statistics 5, 141–150.

    Parameters
    ----------
    days : how long each was followed; in any order.
    endings : how each ended; None: censored.

    Returns
    -------
    One step for each day on which something ended or was censored.

    >>> last = aalen_johansen([1, 2, 3, 4, 5, 6], [None, "a", "a", "b", "b", None])[-1]
    >>> last.incidence["a"], last.incidence["b"], last.survival
    (Fraction(2, 5), Fraction(2, 5), Fraction(1, 5))
    """
    at_risk, survival = len(days), Fraction(1)
    shares = {ending: Fraction(0) for ending in sorted({name for name in endings if name})}
    leaving: dict[int, list[str | None]] = {}
    for day, ending in zip(days, endings, strict=True):
        leaving.setdefault(day, []).append(ending)
    steps = []
    for day in sorted(leaving):
        events = Counter(ending for ending in leaving[day] if ending)
        shares = {
            name: share + survival * Fraction(events[name], at_risk)
            for name, share in shares.items()
        }
        survival *= 1 - Fraction(events.total(), at_risk)
        steps.append(Step(day, at_risk, events, shares, survival))
        at_risk -= len(leaving[day])
    return steps


def at(curve: pd.DataFrame, *, days: Sequence[int]) -> pd.DataFrame:
    """Return a curve as it stands on some days, whatever days it has rows for.

    Parameters
    ----------
    curve : of :func:`survival` or :func:`incidence`.
    days : since the commitments were made, in the order wanted; none below 0.

    Returns
    -------
    The columns of the curve but ``events``, ``commitment_ids`` and ``sources``; one row for each
    group, ending and day. Shares are missing after the last day on which anybody was followed,
    unless none was left: nothing is known there. Numbers at risk are those just before the day.
    """
    keys = [name for name in ("group", "ending") if name in curve]
    dropped = [name for name in ("events", "commitment_ids", "sources") if name in curve]
    read = curve.drop(columns=dropped)
    rows = [_read(dicts(steps), day) for _, steps in read.groupby(keys, sort=False) for day in days]
    return pd.DataFrame(rows, columns=list(read)).astype(read.dtypes.to_dict())


def summary(durations: pd.DataFrame, *, by: str | None = None) -> pd.DataFrame:
    """Return how many commitments of each group ended how, and the median time to implementation.

    Parameters
    ----------
    durations, by : as in :func:`survival`.

    Returns
    -------
    One row for each group, also those too small for a curve. ``group``, ``n``,
    ``n_implemented``, ``n_ended`` (in another way), ``n_open``, ``n_undated`` (whose beginning is
    left open: among ``n``, in no curve), ``has_curve``;

    ``median_days_low``, ``median_days_high``: days after which half are implemented, an interval
    where dates are uncertain, missing if that is not reached (:func:`survival`);
    ``longest_days`` (that any was followed), ``sources``.
    """
    curves = dict(list(survival(durations, by=by).groupby("group", sort=False)))
    rows = [
        {"group": name, **_summary(group, curves.get(name))}
        for name, group in _groups(durations, by, timed=False)
    ]
    return pd.DataFrame(rows, columns=list(SUMMARY)).astype(SUMMARY)


# One commitment


def _life(row: Record, day: pd.Timestamp) -> dict[str, Any]:
    """Return ending and days of a commitment: those of the ledger, less those after its end."""
    ending, ended_on, since, until = OPEN, None, 0, 0
    if isinstance(row["implemented_on"], str):
        ending, ended_on = IMPLEMENTED, row["implemented_on"]
    elif row["standing"] == "ended":
        ending, ended_on = row["state"], row["state_since"]
        span = edtf.parse(ended_on)
        until = max((day.date() - span.latest).days, 0)
        since = (day.date() - span.earliest).days if span.earliest else row["outstanding_days_low"]
    low = max(row["outstanding_days_low"] - since, 0)
    most = row["outstanding_days_high"]
    high = None if most is None else max(most - until, low)
    return {"ending": ending, "ended_on": ended_on, "days_low": low, "days_high": high}


# One group


def _groups(
    durations: pd.DataFrame, by: str | None, *, timed: bool = True
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Return the groups by name, in the order in which their first commitments were made."""
    if by is not None and by not in durations:
        known = ", ".join(map(str, durations))
        raise RecipeError(
            f"durations have no column '{by}' to group by; they have {known}. "
            f"{nearest(by, map(str, durations))}".strip()
        )
    rows = durations.dropna(subset=["days_high"]) if timed else durations
    ordered = rows.sort_values(["made_on_latest", "commitment_id"], kind="stable")
    names = ordered[by].fillna("not known") if by else pd.Series(ALL, index=ordered.index)
    for name, group in ordered.groupby(names, sort=False):
        yield str(name), group


def _survival(group: pd.DataFrame) -> Iterator[Record]:
    rows = _records(group)
    lives = [(row["days_low"], row["days_high"], row["ending"] == IMPLEMENTED) for row in rows]
    for day in _days_of_change(lives):
        low, confidence_low, _ = _kaplan_meier(_least(lives, day), day)
        high, _, confidence_high = _kaplan_meier(_greatest(lives, day), day)
        here = [row for row in rows if day in (row["days_low"], row["days_high"])]
        yield {
            "days": day,
            "at_risk_low": sum(least >= day for least, _, _ in lives),
            "at_risk_high": sum(most >= day for _, most, _ in lives),
            "implemented_low": sum(done and most <= day for _, most, done in lives),
            "implemented_high": sum(done and least <= day for least, _, done in lives),
            "survival_low": low,
            "survival_high": high,
            "confidence_low": confidence_low,
            "confidence_high": confidence_high,
            **_evidence(here),
        }


def _days_of_change(lives: Sequence[Life]) -> list[int]:
    """Return the days on which a bound of the curve can change.

    Those of the dates; and the day after somebody left the count, where an implementation may have
    been before or after that.
    """
    ends = {day for low, high, _ in lives for day in (low, high)}
    left = {low for low, _, done in lives if not done}
    after = {day + 1 for day in left for low, high, done in lives if done and low <= day < high}
    return sorted({0} | ends | after)


def _least(lives: Sequence[Life], day: int) -> Iterator[tuple[int, bool]]:
    """Choose the days that make the share not implemented by a day least.

    Of what is implemented by then, the later the more it weighs: fewer are left beside it.
    """
    for low, high, done in lives:
        yield (min(high, day) if done and low <= day else low), done


def _greatest(lives: Sequence[Life], day: int) -> Iterator[tuple[int, bool]]:
    """Choose the days that make the share not implemented by a day greatest."""
    for low, high, done in lives:
        yield (low if done and high <= day else high), done


def _kaplan_meier(lives: Iterator[tuple[int, bool]], day: int) -> tuple[float, float, float]:
    """Return the estimate on a day, and its interval."""
    chosen = list(lives)
    done = [days for days, is_done in chosen if is_done]
    left = [days for days, is_done in chosen if not is_done]
    from scipy import stats  # takes most of a second, and few pages need it

    curve = stats.ecdf(stats.CensoredData(uncensored=done, right=left)).sf
    share = float(curve.evaluate(day))
    if not 0 < share < 1:
        return share, nan, nan
    with warnings.catch_warnings():  # about the days at 0 and 1, which are not read
        warnings.simplefilter("ignore", RuntimeWarning)
        interval = curve.confidence_interval(0.95, method="log-log")
    return share, float(interval.low.evaluate(day)), float(interval.high.evaluate(day))


def _incidence(group: pd.DataFrame, days: str) -> Iterator[Record]:
    rows = _records(group)
    endings = [None if row["ending"] == OPEN else row["ending"] for row in rows]
    others = sorted({ending for ending in endings if ending} - {IMPLEMENTED})
    steps = aalen_johansen([row[days] for row in rows], endings)
    if steps[0].days > 0:
        steps.insert(0, Step(0, len(rows), {}, {}, Fraction(1)))
    for step in steps:
        for ending in (IMPLEMENTED, *others):
            here = [row for row in rows if (row[days], row["ending"]) == (step.days, ending)]
            yield {
                "days": step.days,
                "ending": ending,
                "at_risk": step.at_risk,
                "events": step.events.get(ending, 0),
                "incidence": float(step.incidence.get(ending, 0)),
                "survival": float(step.survival),
                **_evidence(here),
            }


def _records(rows: pd.DataFrame) -> list[dict[Any, Any]]:
    """Return commitments as dicts, in the order of their ids."""
    return sorted(dicts(rows), key=itemgetter("commitment_id"))


def _evidence(rows: Sequence[Record]) -> dict[str, tuple[Any, ...]]:
    """Return the ids and the sources of some commitments."""
    cited = (name for row in rows for name in row["sources"])
    return {
        "commitment_ids": tuple(row["commitment_id"] for row in rows),
        "sources": tuple(dict.fromkeys(cited)),
    }


def _read(steps: Sequence[Record], day: int) -> Record:
    """Return the row of a curve that holds on a day."""
    holds = next(step for step in reversed(steps) if step["days"] <= day)
    later = next((step for step in steps if step["days"] >= day), None)
    risks = {name: later[name] if later else 0 for name in holds if name in AT_RISK}
    left = max(share for name, share in holds.items() if name in ("survival", "survival_high"))
    unknown = later is None and left > 0
    shares = {name: nan for name, value in holds.items() if unknown and isinstance(value, float)}
    return {**holds, **risks, **shares, "days": day}


def _summary(group: pd.DataFrame, curve: pd.DataFrame | None) -> Record:
    counts = group["ending"].value_counts()
    done, running = int(counts.get(IMPLEMENTED, 0)), int(counts.get(OPEN, 0))
    return {
        "n": len(group),
        "n_implemented": done,
        "n_open": running,
        "n_ended": len(group) - done - running,
        "n_undated": int(group["days_high"].isna().sum()),
        "has_curve": curve is not None,
        "median_days_low": _median(curve, "survival_low"),
        "median_days_high": _median(curve, "survival_high"),
        "longest_days": group["days_high"].max(),
        "sources": _evidence(_records(group))["sources"],
    }


def _median(curve: pd.DataFrame | None, column: str) -> int | None:
    reached = [] if curve is None else curve.loc[curve[column] <= HALF, "days"].tolist()
    return min(reached, default=None)


__all__ = [
    "ALL",
    "FEWEST",
    "IMPLEMENTED",
    "OPEN",
    "YEAR",
    "Step",
    "aalen_johansen",
    "at",
    "batches",
    "durations",
    "ended_since",
    "incidence",
    "periods",
    "summary",
    "survival",
]
