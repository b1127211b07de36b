"""Spans without an event: how long nothing happened, as far as uncertain dates can tell."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd

from normlib.dossier import Dossier
from normlib.rows import dicts

QUARTER = 92
"""Days of the longest quarter of a year."""

SPAN_TYPES = {
    "days": "int64",
    "days_max": "int64",
    "first_day": "datetime64[s]",
    "last_day": "datetime64[s]",
    "after_event": "str",
    "before_event": "str",
    "running": "bool",
    "at_least": "bool",
    "sources": "object",
}

_Row = Mapping[Any, Any]


def last_day(dossier: Dossier) -> pd.Timestamp:
    """Return the last day about which the view can tell: its own ones, or the end of coverage."""
    return min(dossier.day, dossier.known, dossier.covers_until)


def spans(events: pd.DataFrame, *, until: pd.Timestamp) -> pd.DataFrame:
    """Return the spans between events, by day.

    A span runs from the last possible day of one event to the first possible day of the next, so
    none is longer than the dates bear out. Events whose date is vaguer than a quarter bound no
    span; where one of them may have fallen into a span, the span names it.

    Parameters
    ----------
    events : ``event_id``, ``earliest``, ``known_by``, ``exact``, ``sources``.
    until : the day on which the last span ends, or rather is still running.

    Returns
    -------
    DataFrame
        ``days``; ``days_max``, how many there would be if the dates at both ends lay as far apart
        as they can; ``first_day``, ``last_day``; ``after_event`` and ``before_event`` (the events
        at its ends; the latter missing where the span was still running); ``running``;
        ``at_least`` (a date at an end is not exact); ``sources``; ``unless`` (ids of vaguely dated
        events that may have broken it).
    """
    dated = (events["known_by"] - events["earliest"]).dt.days < QUARTER
    bounds = _bounds(events[dated])
    found = [_span(one, other) for one, other in pairwise(bounds)]
    if bounds:
        found.append(_running(bounds[-1], until))
    rows = pd.DataFrame(found, columns=list(SPAN_TYPES)).astype(SPAN_TYPES)
    rows = rows[rows["days"] > 0].reset_index(drop=True)
    ends = zip(rows["first_day"], rows["last_day"], strict=True)
    unless = [_possible(events[~dated], first, last) for first, last in ends]
    return rows.assign(unless=pd.Series(unless, index=rows.index, dtype=object))


def longest(
    spans: pd.DataFrame, *, until: pd.Timestamp, years: int = 40, count: int = 10
) -> pd.DataFrame:
    """Return the longest spans, and the one that was still running, with their ``rank``.

    Parameters
    ----------
    spans : as :func:`spans` returns them.
    until : as there; only spans that began at most so many ``years`` before it.
    count : how many spans at most, beside the running one.
    """
    recent = spans["first_day"] >= until - pd.DateOffset(years=years)
    found = spans[recent].sort_values("days", ascending=False, kind="stable")
    found.insert(0, "rank", range(1, len(found) + 1))
    return found[(found["rank"] <= count) | found["running"]].reset_index(drop=True)


def _bounds(events: pd.DataFrame) -> Sequence[_Row]:
    """Events that end later than all that began before them: spans lie between these.

    ``soonest`` is the first day by which one of the event and all later ones must have happened,
    ``begun`` the last day on which one of the earlier ones may have begun, ``last_begun`` that of
    all.
    """
    ordered = events.sort_values(["earliest", "known_by"], kind="stable")
    ordered = ordered.assign(
        soonest=ordered["known_by"][::-1].cummin()[::-1],
        begun=ordered["earliest"].shift(),
        last_begun=ordered["earliest"].max(),
    )
    last = ordered["known_by"].cummax().shift()
    return dicts(ordered[~(ordered["known_by"] <= last)])


def _span(before: _Row, after: _Row) -> _Row:
    return {
        "days": (after["earliest"] - before["known_by"]).days,
        "days_max": (after["soonest"] - after["begun"]).days,
        "first_day": before["known_by"],
        "last_day": after["earliest"],
        "after_event": before["event_id"],
        "before_event": after["event_id"],
        "running": False,
        "at_least": not (before["exact"] and after["exact"]),
        "sources": tuple(dict.fromkeys([*before["sources"], *after["sources"]])),
    }


def _running(before: _Row, end: pd.Timestamp) -> _Row:
    until = {"event_id": None, "exact": True, "sources": (), "begun": before["last_begun"]}
    return {**_span(before, {**until, "earliest": end, "soonest": end}), "running": True}


def _possible(vague: pd.DataFrame, first: pd.Timestamp, last: pd.Timestamp) -> tuple[str, ...]:
    """Events of which some possible day lies in a span; both its ends are outside it."""
    begins_before = vague["earliest"].isna() | (vague["earliest"] < last)
    return tuple(vague.loc[begins_before & (vague["known_by"] > first), "event_id"])
