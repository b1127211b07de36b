"""What was promised, how far it came, and which dates were named for it, as of a day.

The level of a commitment on a day is that of its last observation (0 not initiated, 1 minimum,
2 intermediate, 3 full; Joshi, Quinn and Regan 2015, doi 10.1177/0022343314567486). A blank level is
no evidence, which is not 0. Observations follow each other by the first day that they can mean; one
whose date is vague counts from the day on which it was surely so (``effective_on``), and one that a
later observation had overtaken by then never counts.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction
from itertools import groupby
from math import nan
from operator import itemgetter
from types import MappingProxyType
from typing import Any

import pandas as pd

from normlib.affiliation import superiors
from normlib.dossier import Dossier
from normlib.errors import RecipeError, nearest
from normlib.memo import once
from normlib.rows import dicts

LEVELS = (0, 1, 2, 3)
FULL = 3
REPLACED = "superseded"
"""The state of a commitment that a newer one took the place of."""

Record = Mapping[Any, Any]

Day = Any
"""A Timestamp, or NaT where there is none: the types of pandas do not tell them apart."""

GROUPS = ("sector", "side", "phase")
COUNTS = [*(f"n_{level}" for level in LEVELS), "n_none"]


@once
def ledger(dossier: Dossier) -> pd.DataFrame:
    """Return one row per commitment as of the view's day, in the order in which they were made.

    Reads commitments, observations, targets, phases and the actors who owe.

    Returns
    -------
    ``commitment_id``, ``title``, ``text``, ``sector``, ``made_on`` (text and days), ``event_id``,
    ``obligated``, ``side`` (the sides of the process among those who owe it, in words), ``phase``
    (in which it was made), ``links``;

    ``level`` (0 to 3, missing: no evidence), ``state``, ``state_since`` (date of the first of the
    latest observations that agree on the state), ``standing`` (``running``, ``implemented``, or
    ``ended`` by an end state), ``observed_on``, ``note``, ``silence_days`` (since the last
    observation that gives a level, at least; missing if there is none);

    ``implemented_on`` (date of the observation with which level 3, as it holds on the day, began;
    else missing); ``outstanding_days_low``, ``outstanding_days_high``: days from ``made_on`` to
    full implementation, or to the day, as an interval where a date is uncertain. An observation may
    be dated by its report, so full implementation may go back to the event that it rests on. The
    days are counted to the day for ended commitments too: ``standing`` tells those;

    ``n_targets`` (dates named), ``first_target``, ``last_target`` (by the day of stating),
    ``slippage_first_days``, ``slippage_last_days`` (see :func:`targets`), ``restated`` (dates named
    after the first); all missing, and ``n_targets`` 0, where no date was named;

    ``superseded_by`` and ``sources`` (those of the commitment and of its last observation).
    """
    promises, spans = _promises(dossier), _spans_of(dossier)
    dates, newer = _dates_named(targets(dossier)), _successors(promises)
    end_states = _end_states(dossier)
    rows = []
    read = ["commitment_id", "effective_on", "made_on_earliest", "sources"]
    for promise in dicts(promises[read]):
        name = promise["commitment_id"]
        seen = _observed(spans.get(name, ()))
        rows.append(
            {
                **seen,
                **_durations(promise, seen, dossier.day),
                **_summary(dates.get(name, ())),
                "standing": _standing(seen, end_states),
                "superseded_by": newer.get(name),
                "sources": tuple(dict.fromkeys((*promise["sources"], *seen["sources"]))),
            }
        )
    found = pd.DataFrame(rows, columns=list(FOUND)).astype(FOUND)
    return promises.drop(columns="sources").join(found)[LEDGER]


FOUND = {
    **dict.fromkeys(("level", "silence_days", "n_targets", "restated"), "Int64"),
    **dict.fromkeys(("outstanding_days_low", "outstanding_days_high"), "Int64"),
    **dict.fromkeys(("slippage_first_days", "slippage_last_days"), "Int64"),
    **dict.fromkeys(("state", "state_since", "standing", "observed_on", "note"), "str"),
    **dict.fromkeys(("implemented_on", "first_target", "last_target", "superseded_by"), "str"),
    "sources": "object",
}
"""What the ledger adds to a commitment, and its types."""

LEDGER = [
    *("commitment_id", "title", "text", "sector", "made_on", "made_on_earliest", "made_on_latest"),
    *("event_id", "obligated", "side", "phase", "links", "level", "state", "state_since"),
    *("standing", "observed_on", "note", "silence_days", "implemented_on"),
    *("outstanding_days_low", "outstanding_days_high", "n_targets", "first_target", "last_target"),
    *("slippage_first_days", "slippage_last_days", "restated", "superseded_by", "sources"),
]
"""The columns of the ledger."""


@once
def level_history(dossier: Dossier) -> pd.DataFrame:
    """Return the level of each commitment over time, one row per span in which nothing changed.

    Reads commitments and observations. The first span of a commitment runs from the day it was made
    to its first observation, without a level.

    Returns
    -------
    ``commitment_id``, ``start``, ``end`` (first day of the next span; missing while it holds),
    ``level`` (missing: no evidence), ``state``, ``note``, ``observed_on``, ``event_id``,
    ``sources``.
    """
    spans = _spans_of(dossier)
    rows: list[Record] = []
    for promise in dicts(_promises(dossier)[["commitment_id", "effective_on", "sources"]]):
        own = spans.get(promise["commitment_id"], ())
        start, end = promise["effective_on"], own[0]["start"] if own else pd.NaT
        if not own or start < end:
            rows.append({**promise, "start": start, "end": end})
        rows += own
    types = {
        **dict.fromkeys(("commitment_id", "state", "note", "observed_on", "event_id"), "str"),
        **dict.fromkeys(("start", "end"), "datetime64[s]"),
        "level": "Int64",
        "sources": "object",
    }
    return pd.DataFrame(rows, columns=HISTORY).astype(types)


HISTORY = [
    *("commitment_id", "start", "end", "level", "state", "note", "observed_on", "event_id"),
    "sources",
]
"""The columns of the history of levels."""


@once
def targets(dossier: Dossier) -> pd.DataFrame:
    """Return the dates that were named for commitments, in the order in which they were stated.

    Reads targets, observations and the actors who stated them.

    Returns
    -------
    ``commitment_id``, ``title`` (of the commitment), ``order`` (1 for the first), ``stated_on`` and
    ``stated_day`` (by which it was surely said), ``stated_by``, ``stated_by_name``, ``speaker``
    (``official``: for a state or for several;
    ``company``; ``other``: the press and others), ``target`` (text, ``target_earliest``,
    ``target_latest``; blank where it hangs on an event that never came), ``wording``,
    ``moved_days`` (days by which its last day differs from that of the date named before it),
    ``came_on`` (first day that full implementation, from then on, can mean), ``outcome``,
    ``slippage_days``, ``event_id``, ``sources``.

    ``outcome`` is ``met`` (implemented by the last day that the target allows), ``missed``,
    ``unseen`` (that day has passed, and no observation since then gives a level), ``ahead`` (it has
    not passed) or ``none`` (no date was named).

    ``slippage_days`` runs from the last day that the target allows to ``came_on`` (negative if that
    was earlier), or to the day of the view. It is missing, not zero, while the target lies ahead
    and where no date was named.
    """
    stated, spans = _stated_in_order(dossier.targets), _spans_of(dossier)
    speakers = _speakers(dossier.actors)
    named_before: dict[str, list[Day]] = {}
    rows = []
    for target in dicts(stated):
        own = spans.get(target["commitment_id"], ())
        before = named_before.setdefault(target["commitment_id"], [])
        came, last = _came_on(own, target["effective_on"]), target["target_latest"]
        rows.append(
            {
                "speaker": speakers.get(target["stated_by"], "other"),
                "moved_days": _days(last - before[-1]) if before else None,
                "came_on": came,
                "outcome": _outcome(last, came, _rated_on(own), dossier.day),
                "slippage_days": _slippage(last, came, dossier.day),
            }
        )
        before += [last] if _known(last) else []
    found = pd.DataFrame(rows, columns=list(ADDED)).astype(ADDED)
    titles, names = dossier.labels("commitments"), dossier.labels("actors")
    return stated.join(found).assign(
        order=stated.groupby("commitment_id").cumcount() + 1,
        title=stated["commitment_id"].map(titles).astype("str"),
        stated_by_name=stated["stated_by"].map(names).astype("str"),
        stated_day=stated["effective_on"],
    )[TARGETS]


ADDED = {
    "speaker": "str",
    "moved_days": "Int64",
    "came_on": "datetime64[s]",
    "outcome": "str",
    "slippage_days": "Int64",
}
"""What is found out about a stated target, and its types."""

TARGETS = [
    *("commitment_id", "title", "order", "stated_on", "stated_day", "stated_by", "stated_by_name"),
    *("speaker", "target", "target_earliest", "target_latest", "wording", "moved_days", "came_on"),
    *("outcome", "slippage_days", "event_id", "sources"),
]
"""The columns of the stated targets."""


def focus_targets(dossier: Dossier, stated: pd.DataFrame, *, focus: str = "") -> pd.DataFrame:
    """Return the rows of :func:`targets` of one commitment.

    ``focus`` is its id; '' takes the one for which dates were named most often. A commitment that
    was not made by the view's day has no rows.

    Raises
    ------
    RecipeError
        The record has no such commitment.
    """
    known = (dossier.record or dossier).commitments["commitment_id"]
    if focus and focus not in set(known):
        raise RecipeError(
            f"the record has no commitment '{focus}'. {nearest(focus, known)}".strip()
        )
    wanted = focus or most_restated(stated)
    return stated[stated["commitment_id"] == wanted].reset_index(drop=True)


def most_restated(stated: pd.DataFrame) -> str:
    """Return the commitment for which dates were named most often, or '' if none was.

    Reads ``commitment_id`` and ``target_latest`` of :func:`targets`. Of several, the one for which
    a date was named first.
    """
    counts = stated.dropna(subset=["target_latest"]).groupby("commitment_id", sort=False).size()
    return "" if counts.empty else str(counts.idxmax())


def index(ledger: pd.DataFrame, *, by: str | None = None) -> pd.DataFrame:
    """Return the implementation index of a set of commitments, with its counts.

    Counted is every commitment but those that a newer one replaced (their state is
    ``superseded``; the newer one is in the set). One that was given up stays in the set with its
    last level. The index is the sum of levels / (3 x the number of commitments with a level); one
    without evidence has a share of the set, but no part in the index.

    Parameters
    ----------
    ledger : of :func:`ledger`; reads ``level``, ``state`` and the column of ``by``.
    by : ``"sector"``, ``"side"`` or ``"phase"``: one row for each group, in the order of first
        appearance.

    Returns
    -------
    ``group``, ``n``, ``n_0`` to ``n_3`` and ``n_none``, ``share_0`` to ``share_3`` and
    ``share_none`` (of ``n``), ``n_rated`` (with a level), ``level_sum``, ``index`` (0 to 1, missing
    if nothing is rated), ``n_replaced`` (left out).

    Raises
    ------
    RecipeError
        There is no such grouping.
    """
    counts: dict[str, Counts] = {}
    cells = (_groups(ledger, by), ledger["level"], ledger["state"])
    for group, level, state in zip(*(cell.tolist() for cell in cells), strict=True):
        row = counts.setdefault(group, {**NOTHING, "n_replaced": 0})
        if state == REPLACED:
            row["n_replaced"] += 1
        else:
            _count(row, level)
    rows = [{"group": group, **_with_shares(row)} for group, row in counts.items()]
    types = {"group": "str", **INDEX_TYPES, "n_replaced": "int64"}
    return pd.DataFrame(rows, columns=list(types)).astype(types)


INDEX = [
    *("n", *COUNTS, *(name.replace("n_", "share_") for name in COUNTS)),
    *("n_rated", "level_sum", "index"),
]
"""What an implementation index consists of."""

INDEX_TYPES = {
    name: "float64" if name.startswith("share_") or name == "index" else "int64" for name in INDEX
}

Counts = dict[str, int]
"""How many commitments stand at each level (``n_0``, ..., ``n_none``), and the ``level_sum``."""

NOTHING: Mapping[str, int] = dict.fromkeys((*COUNTS, "level_sum"), 0)


def index_over_time(dossier: Dossier, *, among: Collection[str] | None = None) -> pd.DataFrame:
    """Return the implementation index at the end of every day on which a level could change.

    Reads commitments and observations; the set is that of :func:`index`, or of those ids that
    ``among`` names. Holds from each ``day`` to the next; the last row is that of the view's day.

    Returns
    -------
    ``day`` and the columns of :func:`index` but ``group`` and ``n_replaced``.
    """
    history = level_history(dossier)
    if among is not None:
        history = history[history["commitment_id"].isin(list(among))]
    steps: dict[Day, Counts] = {}
    for span in dicts(history[["start", "end", "level", "state"]]):
        if span["state"] != REPLACED:
            _count(steps.setdefault(span["start"], dict(NOTHING)), span["level"])
            if _known(span["end"]):
                _count(steps.setdefault(span["end"], dict(NOTHING)), span["level"], -1)
    rows, now = [], dict(NOTHING)
    for day in sorted(steps):
        now = {name: now[name] + steps[day][name] for name in now}
        rows.append({"day": day, **_with_shares(now)})
    if rows and rows[-1]["day"] < dossier.day:
        rows.append({**rows[-1], "day": dossier.day})
    types = {"day": "datetime64[s]", **INDEX_TYPES}
    return pd.DataFrame(rows, columns=list(types)).astype(types)


def index_change(
    before: pd.DataFrame, after: pd.DataFrame, *, by: str | None = None
) -> pd.DataFrame:
    """Return the change of the index between two ledgers, three ways.

    Raw: the difference of the two indices. Like-for-like: the change over the commitments that are
    counted and have a level in both. Composition: what came with commitments that entered or left
    the set, or gained or lost evidence. Raw = like-for-like + composition, exactly.

    Parameters
    ----------
    before, after : of :func:`ledger`; read are ``commitment_id``, ``level``, ``state`` and the
        column of ``by``.
    by : as in :func:`index`.

    Returns
    -------
    ``group``, ``n_before``, ``n_after`` (with a level), ``n_common``, ``n_raised``, ``n_lowered``
    (among those), ``index_before``, ``index_after``, ``common_before``, ``common_after``, ``raw``,
    ``like_for_like``, ``composition``; a number is missing where there is nothing to count.
    """
    first, last = _rated(before, by), _rated(after, by)
    pairs: dict[str, list[tuple[int | None, int | None]]] = {}
    for name in sorted(first | last):
        old, new = first.get(name), last.get(name)
        group = (new or old or ("", 0))[0]
        pairs.setdefault(group, []).append((old and old[1], new and new[1]))
    rows = [_change(group, levels) for group, levels in pairs.items()]
    return pd.DataFrame(rows, columns=CHANGE)


CHANGE = [
    *("group", "n_before", "n_after", "n_common", "n_raised", "n_lowered"),
    *("index_before", "index_after", "common_before", "common_after"),
    *("raw", "like_for_like", "composition"),
]
"""What a change of the index consists of."""


# The promises and who owes them


@once
def _promises(dossier: Dossier) -> pd.DataFrame:
    """Put commitments in the order in which they were made, with their side and phase."""
    rows = dossier.commitments
    first = rows["made_on_earliest"].fillna(rows["made_on_latest"])
    ordered = rows.assign(first=first).sort_values(["first", "made_on_latest"], kind="stable")
    ordered = ordered.drop(columns="first").reset_index(drop=True)
    return ordered.assign(side=_sides(ordered, dossier), phase=_phases(ordered, dossier))


def _sides(promises: pd.DataFrame, dossier: Dossier) -> pd.Series:
    """Sides of the process among those who owe each promise, in words; 'others' if none."""
    country = dict(zip(dossier.actors["actor_id"], dossier.actors["country"], strict=True))
    names = dossier.labels("countries")
    found = []
    for owing in promises["obligated"]:
        codes = {country.get(actor) for actor in owing}
        sides = [names.get(code, code) for code in dossier.sides if code in codes]
        found.append(" and ".join(sides) or "others")
    return pd.Series(found, index=promises.index, dtype="str")


def _phases(promises: pd.DataFrame, dossier: Dossier) -> pd.Series:
    """Title of the phase in which each promise was made; missing before the first."""
    begins = dict(zip(dossier.events["event_id"], dossier.events["date_latest"], strict=True))
    phases = zip(dossier.phases["from_event"], dossier.phases["title"], strict=True)
    starts = [(begins[event], title) for event, title in phases if event in begins]
    starts.sort(key=itemgetter(0))
    found = []
    for made in promises["effective_on"]:
        begun = bisect_right(starts, made, key=itemgetter(0))
        found.append(starts[begun - 1][1] if begun else None)
    return pd.Series(found, index=promises.index, dtype="str")


def _end_states(dossier: Dossier) -> list[str]:
    words = dossier.package.resources["observations"].fields["state"].categories
    return [value for value, word in words.items() if word.get("final")]


def _successors(promises: pd.DataFrame) -> dict[str, str]:
    newer = promises.dropna(subset=["supersedes"])
    return dict(zip(newer["supersedes"], newer["commitment_id"], strict=True))


# Observations in their order


@once
def _spans_of(dossier: Dossier) -> Mapping[str, Sequence[Record]]:
    """Observations that count at some time, in order, by commitment.

    Added are ``start``, ``end`` (the first day from which a later observation counts; missing while
    it holds) and ``fact_low`` (the first day on which what was observed can have been so).
    """
    events = dossier.events
    happened = dict(zip(events["event_id"].tolist(), events["date_earliest"], strict=True))
    found: dict[str, list[Record]] = {}
    for row in dicts(dossier.observations):
        earliest, known = row["observed_on_earliest"], row["effective_on"]
        first = earliest if _known(earliest) else known
        rests_on = happened.get(row["event_id"], pd.NaT)
        span = {
            **row,
            "first": first,
            "start": known,
            "observed_on": _observed_by(row),
            "fact_low": rests_on if rests_on < first else first,
        }
        found.setdefault(row["commitment_id"], []).append(span)
    return MappingProxyType({name: _that_count(spans) for name, spans in found.items()})


def _that_count(spans: Sequence[Record]) -> Sequence[Record]:
    """Return spans in order with their ends, without those that others had overtaken."""
    found: list[Record] = []
    end: Day = pd.NaT
    for span in sorted(spans, key=itemgetter("first", "start"))[::-1]:
        if not _known(end) or span["start"] < end:
            found.append({**span, "end": end})
            end = span["start"]
    return found[::-1]


def _observed_by(row: Record) -> str:
    """Date as text; "not later than" a day after the row was known ends on that day."""
    known, open_date = row["effective_on"], not _known(row["observed_on_earliest"])
    later = open_date and row["observed_on_latest"] > known
    return f"../{known.date()}" if later else row["observed_on"]


def _observed(spans: Sequence[Record]) -> dict[str, Any]:
    """Return what the last observation says, and since when it is so."""
    if not spans:
        return {"level": None, "state": None, "rated_on": pd.NaT, "done": None, "sources": ()}
    last, run = spans[-1], _last_run(spans, _is_full)
    done = run if _is_full(run) else None
    return {
        **{name: last[name] for name in ("level", "state", "observed_on", "note", "sources")},
        "state_since": _last_run(spans, itemgetter("state"))["observed_on"],
        "rated_on": _rated_on(spans),
        "done": done,
        "implemented_on": done["observed_on"] if done else None,
    }


def _is_full(span: Record) -> bool:
    return _known(span["level"]) and span["level"] == FULL


def _last_run(spans: Sequence[Record], value: Callable[[Record], Any]) -> Record:
    """Return the first of the spans of equal value that hold at the end."""
    first = spans[0]
    for span in spans:
        if value(span) != value(first):
            first = span
    return first


def _rated_on(spans: Sequence[Record]) -> Day:
    """Day of the last observation with a level: one without says that nothing was found."""
    rated = [span["start"] for span in spans if _known(span["level"])]
    return rated[-1] if rated else pd.NaT


def _durations(promise: Record, seen: Record, day: pd.Timestamp) -> dict[str, Any]:
    """Return outstanding and silent days; a date that is left open ends where it was known."""
    done = seen["done"]
    first_end, last_end = (done["fact_low"], done["start"]) if done else (day, day)
    return {
        "outstanding_days_low": max(_days(first_end - promise["effective_on"]) or 0, 0),
        "outstanding_days_high": _days(last_end - promise["made_on_earliest"]),
        "silence_days": _days(day - seen["rated_on"]),
    }


def _standing(seen: Record, end_states: Collection[str]) -> str:
    if seen["state"] in end_states:
        return "ended"
    return "implemented" if _known(seen["level"]) and seen["level"] == FULL else "running"


# Stated targets


def _stated_in_order(rows: pd.DataFrame) -> pd.DataFrame:
    first = rows["stated_on_earliest"].fillna(rows["effective_on"])
    keys = ["commitment_id", "first", "effective_on", "target_latest"]
    return rows.assign(first=first).sort_values(keys, kind="stable").reset_index(drop=True)


def _came_on(spans: Sequence[Record], stated: Day) -> Day:
    """First day of the first time at full level that had not ended when a target was stated."""
    runs = [list(run) for full, run in groupby(spans, key=_is_full) if full]
    open_then = [run for run in runs if not _known(run[-1]["end"]) or run[-1]["end"] > stated]
    return min((run[0]["fact_low"] for run in open_then), default=pd.NaT)


def _outcome(last: Day, came: Day, seen_until: Day, day: Day) -> str:
    if not _known(last):
        return "none"
    if _known(came):
        return "met" if came <= last else "missed"
    if last >= day:
        return "ahead"
    return "missed" if seen_until > last else "unseen"


def _slippage(last: Day, came: Day, day: Day) -> int | None:
    if _known(came):
        return _days(came - last)
    return _days(day - last) if last < day else None


def _days(duration: Any) -> int | None:
    return int(duration.days) if _known(duration) else None


def _speakers(actors: pd.DataFrame) -> dict[str, str]:
    """Whom each actor speaks for: a state or several (``official``), a company, others."""
    tops = {actor: (actor, *above)[-1] for actor, above in superiors(actors).items()}
    rows = dicts(actors[["actor_id", "kind", "country"]])
    known = {row["actor_id"]: row for row in rows}
    return {actor: _speaker(known.get(top)) for actor, top in tops.items()}


def _speaker(top: Record | None) -> str:
    """Return the kind of speaker by the actor on whose behalf it speaks in the end."""
    if top is None:
        return "other"
    if top["kind"] in ("state", "ministry", "agency") or not isinstance(top["country"], str):
        return "official"
    return "company" if top["kind"] == "company" else "other"


def _dates_named(stated: pd.DataFrame) -> dict[str, list[Record]]:
    """Return the targets with a date, by commitment."""
    found: dict[str, list[Record]] = {}
    for target in dicts(stated[["commitment_id", "target", "target_latest", "slippage_days"]]):
        if _known(target["target_latest"]):
            found.setdefault(target["commitment_id"], []).append(target)
    return found


def _summary(named: Sequence[Record]) -> dict[str, Any]:
    """Return number, first and last of the dates named."""
    if not named:
        return {"n_targets": 0}
    first, last = named[0], named[-1]
    return {
        "n_targets": len(named),
        "first_target": first["target"],
        "last_target": last["target"],
        "slippage_first_days": first["slippage_days"],
        "slippage_last_days": last["slippage_days"],
        "restated": len(named) - 1,
    }


# The index


def _groups(rows: pd.DataFrame, by: str | None) -> pd.Series:
    if by is None:
        return pd.Series("all", index=rows.index, dtype="str")
    if by not in GROUPS:
        allowed = ", ".join(GROUPS)
        raise RecipeError(
            f"there is no grouping '{by}'; it is one of {allowed}. {nearest(by, GROUPS)}"
        )
    return rows[by].fillna("not known")


def _count(row: Counts, level: int | None, times: int = 1) -> None:
    """Count a commitment at its level; a missing one is no evidence."""
    if _known(level):
        row[f"n_{level}"] += times
        row["level_sum"] += times * int(level or 0)
    else:
        row["n_none"] += times


def _with_shares(row: Counts) -> dict[str, float]:
    """Return the counts with their number, their shares of it, and the index."""
    n = sum(row[name] for name in COUNTS)
    rated = n - row["n_none"]
    shares = {name.replace("n_", "share_"): row[name] / n if n else nan for name in COUNTS}
    index = row["level_sum"] / (FULL * rated) if rated else nan
    return {"n": n, **row, **shares, "n_rated": rated, "index": index}


def _rated(rows: pd.DataFrame, by: str | None) -> dict[str, tuple[str, int]]:
    """Return group and level of the counted commitments that have a level."""
    cells = (rows["commitment_id"], rows["state"], _groups(rows, by), rows["level"])
    return {
        name: (group, level)
        for name, state, group, level in zip(*(cell.tolist() for cell in cells), strict=True)
        if state != REPLACED and _known(level)
    }


def _change(group: str, levels: Sequence[tuple[int | None, int | None]]) -> dict[str, object]:
    before = [old for old, _ in levels if old is not None]
    after = [new for _, new in levels if new is not None]
    common = [(old, new) for old, new in levels if old is not None and new is not None]
    first, last = _mean(before), _mean(after)
    common_first, common_last = _mean([old for old, _ in common]), _mean([new for _, new in common])
    raw, like = _difference(last, first), _difference(common_last, common_first)
    return {
        "group": group,
        "n_before": len(before),
        "n_after": len(after),
        "n_common": len(common),
        "n_raised": sum(new > old for old, new in common),
        "n_lowered": sum(new < old for old, new in common),
        "index_before": _number(first),
        "index_after": _number(last),
        "common_before": _number(common_first),
        "common_after": _number(common_last),
        "raw": _number(raw),
        "like_for_like": _number(like),
        "composition": _number(_difference(raw, like)),
    }


def _mean(levels: Sequence[int]) -> Fraction | None:
    return Fraction(sum(levels), FULL * len(levels)) if levels else None


def _difference(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else one - other


def _number(value: Fraction | None) -> float:
    return nan if value is None else float(value)


def _known(value: Any) -> bool:
    return not bool(pd.isna(value))
