"""What was promised, how far it came, and which dates were named for it, as of a day.

The level of a commitment on a day is that of its last observation (0 not initiated, 1 minimum,
2 intermediate, 3 full; Joshi, Quinn and Regan 2015, doi 10.1177/0022343314567486). A blank level is
no evidence, which is not 0. Which observations count, and from when, is told in
:mod:`normlib.promises`.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import nan
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.extensions import ExtensionArray

from normlib.affiliation import superiors
from normlib.dossier import Dossier
from normlib.errors import RecipeError, nearest
from normlib.memo import once
from normlib.promises import (
    FULL,
    NEVER,
    Days,
    Numbers,
    Spans,
    by_place_and_day,
    cells,
    dates_seen,
    days_of,
    first_days,
    first_facts,
    last_rows,
    least_from_here,
    numbers,
    observed,
    promises,
    run_ends,
    run_starts,
    text,
)
from normlib.rows import dicts

LEVELS = (0, 1, 2, 3)
REPLACED = "superseded"
"""The state of a commitment that a newer one took the place of."""

Spells = npt.NDArray[np.timedelta64]

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
    ``ended`` by an end state), ``observed_on``, ``note``, ``rated_on`` (date of the last
    observation that gives a level), ``silence_days`` (since then, at least; both missing if there
    is none: an observation that found nothing ends no silence);

    ``implemented_on`` (date of the observation with which level 3, as it holds on the day, began;
    else missing); ``outstanding_days_low``, ``outstanding_days_high``: days from ``made_on`` to
    full implementation, or to the day, as an interval where a date is uncertain. An observation may
    be dated by its report, so full implementation may go back to the event that it rests on. The
    days are counted to the day for ended commitments too: ``standing`` tells those;

    ``n_targets`` (dates named), ``first_target``, ``last_target`` (by the day of stating),
    ``slippage_first_days``, ``slippage_last_days`` (see :func:`targets`), ``restated`` (dates named
    after the first); all missing, and ``n_targets`` 0, where no date was named;

    ``superseded_by`` and ``sources`` (those of the last observation, then those of the commitment).
    """
    rows, stated = promises(dossier), targets(dossier)
    last = _last_seen(dossier)
    found: dict[str, Any] = {
        **{name: rows[name].array for name in LEDGER if name in rows},
        **{name: cells(dossier.observations, name, last.row) for name in SEEN},
        "state_since": dates_seen(dossier, last.state_row),
        "standing": _standing(dossier, last),
        "observed_on": dates_seen(dossier, last.row),
        "rated_on": dates_seen(dossier, last.rated_row),
        "implemented_on": dates_seen(dossier, last.full_row),
        **_durations(dossier, last),
        **_summary(stated, numbers(stated["commitment_id"], rows["commitment_id"]), len(rows)),
        "superseded_by": _successors(rows),
        "sources": _cited(rows, dossier.observations, last.row),
    }
    return pd.DataFrame({name: found[name] for name in LEDGER})


SEEN = ("level", "state", "note")
"""What the ledger shows of the last observation as it stands."""

LEDGER = [
    *("commitment_id", "title", "text", "sector", "made_on", "made_on_earliest", "made_on_latest"),
    *("event_id", "obligated", "side", "phase", "links", "level", "state", "state_since"),
    *("standing", "observed_on", "note", "rated_on", "silence_days"),
    "implemented_on",
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
    rows, seen, spans = promises(dossier), dossier.observations, observed(dossier)
    made, first = days_of(rows, "effective_on"), np.full(len(rows), NEVER)
    first[spans.place[::-1]] = spans.start[::-1]  # of several the first one stays
    unseen = np.flatnonzero(np.isnat(first) | (made < first))
    order = np.argsort(np.append(unseen, spans.place), kind="stable")
    place = np.append(unseen, spans.place)[order]
    row = np.append(np.full(len(unseen), -1), spans.row)[order]
    own, cited = rows["sources"].tolist(), seen["sources"].tolist()
    found = {
        **{name: cells(seen, name, row) for name in ("level", "state", "note", "event_id")},
        "commitment_id": cells(rows, "commitment_id", place),
        "start": _dates(np.append(made[unseen], spans.start)[order]),
        "end": _dates(np.append(first[unseen], spans.end)[order]),
        "observed_on": dates_seen(dossier, row),
        "sources": _lists(
            cited[at] if at >= 0 else own[of]
            for at, of in zip(row.tolist(), place.tolist(), strict=True)
        ),
    }
    return pd.DataFrame({name: found[name] for name in HISTORY})


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
    stated, rows, spans = _stated_in_order(dossier.targets), promises(dossier), observed(dossier)
    place = numbers(stated["commitment_id"], rows["commitment_id"])
    last, day = days_of(stated, "target_latest"), _day(dossier)
    came = _came_on(dossier, spans, place, days_of(stated, "effective_on"))
    rated = np.append(spans.start, NEVER)[_last_rated(spans, len(rows))][place]
    speakers, names = _speakers(dossier.actors), dossier.labels("actors")
    said_by = stated["stated_by"].tolist()
    found = {
        **{name: stated[name].array for name in TARGETS if name in stated},
        "title": cells(rows, "title", place),
        "order": np.arange(len(stated)) - run_starts(place) + 1,
        "stated_day": stated["effective_on"].array,
        "stated_by_name": text([names.get(name, nan) for name in said_by]),
        "speaker": text([speakers.get(name, "other") for name in said_by]),
        "moved_days": _whole(_moved(place, last)),
        "came_on": _dates(came),
        "outcome": text(_outcome(last, came, rated, day)),
        "slippage_days": _whole(_slippage(last, came, day)),
    }
    return pd.DataFrame({name: found[name] for name in TARGETS})


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
    group, names = pd.factorize(_groups(ledger, by))
    replaced = ledger["state"].eq(REPLACED).to_numpy()
    counts = np.zeros((len(names), len(COUNTS)), dtype=np.int64)
    np.add.at(counts, (group[~replaced], _column(ledger)[~replaced]), 1)
    left_out = np.bincount(group[replaced], minlength=len(names))
    return pd.DataFrame(
        {"group": text(names), **_with_shares(counts), "n_replaced": left_out.astype("int64")}
    )


INDEX = [
    *("n", *COUNTS, *(name.replace("n_", "share_") for name in COUNTS)),
    *("n_rated", "level_sum", "index"),
]
"""What an implementation index consists of."""


def index_over_time(
    dossier: Dossier, *, among: Collection[str] | None = None, by: str | None = None
) -> pd.DataFrame:
    """Return the implementation index at the end of every day on which a level could change.

    Reads commitments and observations; the set is that of :func:`index`, or of those ids that
    ``among`` names. Holds from each ``day`` to the next; the last row is that of the view's day.

    Parameters
    ----------
    by : as in :func:`index`. Each group has rows of its own, from the day of its first commitment
        to the view's day.

    Returns
    -------
    ``day`` and the columns of :func:`index` but ``group`` and ``n_replaced``; with ``by``, first
    of all ``group``, in the order of first appearance.

    Raises
    ------
    RecipeError
        There is no such grouping.
    """
    history, day = level_history(dossier), _day(dossier)
    if among is not None:
        history = history[history["commitment_id"].isin(list(among))]
    if by is None:
        return _over_time(history, day)
    rows = promises(dossier)
    groups = dict(zip(rows["commitment_id"], _groups(rows, by), strict=True))
    group = history["commitment_id"].map(groups).astype("str")
    parts = [(name, _over_time(history[group == name], day)) for name in group.unique()]
    empty = ("", _over_time(history.head(0), day))
    found = [part.assign(group=text([name] * len(part))) for name, part in parts or [empty]]
    return pd.concat(found, ignore_index=True)[["group", "day", *INDEX]]


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


# What the last observations say


@dataclass(frozen=True)
class _Last:
    """What counts on the day, for each commitment: rows of observations, -1 where there is none.

    Attributes
    ----------
    row : the last one.
    state_row : the first of the latest that agree on the state.
    full_row : the one with which level 3, as it holds on the day, began.
    rated_row : the last one with a level.
    rated_on : its day (missing if there is none).
    """

    row: Numbers
    state_row: Numbers
    full_row: Numbers
    rated_row: Numbers
    rated_on: Days


def _last_seen(dossier: Dossier) -> _Last:
    n, spans = len(promises(dossier)), observed(dossier)
    last = last_rows(spans.place, n)
    state = dossier.observations["state"].to_numpy()[spans.row]
    agreed = spans.row[run_starts(spans.place, state)]
    begun = np.where(spans.full, spans.row[run_starts(spans.place, spans.full)], -1)
    # What is put at the end is what row -1 finds.
    row, state_row, full_row = (np.append(found, -1)[last] for found in (spans.row, agreed, begun))
    rated = _last_rated(spans, n)
    rated_row, rated_on = np.append(spans.row, -1)[rated], np.append(spans.start, NEVER)[rated]
    return _Last(row, state_row, full_row, rated_row, rated_on)


def _last_rated(spans: Spans, n: int) -> Numbers:
    """Place of the last observation with a level: one without says that nothing was found."""
    return last_rows(spans.place, n, np.flatnonzero(~np.isnan(spans.level)))


def _durations(dossier: Dossier, last: _Last) -> dict[str, ExtensionArray]:
    """Return outstanding and silent days; a date that is left open ends where it was known."""
    rows, day = promises(dossier), _day(dossier)
    first_end, last_end = (np.full(len(rows), day) for _ in range(2))
    done = np.flatnonzero(last.full_row >= 0)
    kept = last.full_row[done]
    first_end[done] = first_facts(dossier, kept)
    last_end[done] = days_of(dossier.observations, "effective_on", kept)
    least = first_end - days_of(rows, "effective_on")
    return {
        "outstanding_days_low": _whole(np.maximum(least, np.timedelta64(0, "D"))),
        "outstanding_days_high": _whole(last_end - days_of(rows, "made_on_earliest")),
        "silence_days": _whole(day - last.rated_on),
    }


def _standing(dossier: Dossier, last: _Last) -> ExtensionArray:
    words = dossier.package.resources["observations"].fields["state"].categories
    ends = [value for value, word in words.items() if word.get("final")]
    ended = np.isin(np.asarray(cells(dossier.observations, "state", last.row)), ends)
    return text(np.select([ended, last.full_row >= 0], ["ended", "implemented"], "running"))


def _successors(rows: pd.DataFrame) -> ExtensionArray:
    """Return the commitment that took the place of each."""
    names = rows["commitment_id"].tolist()
    newer = dict(zip(rows["supersedes"].tolist(), names, strict=True))  # nobody asks for a blank
    return text([newer.get(name, nan) for name in names])


def _cited(rows: pd.DataFrame, seen: pd.DataFrame, last: Numbers) -> pd.Series:
    """Return the sources of the last observation of each commitment, then its own, each once."""
    pages = [*seen["sources"].tolist(), ()]  # row -1 finds the last, which is none
    both = zip(rows["sources"].tolist(), last.tolist(), strict=True)
    return _lists(tuple(dict.fromkeys((*pages[at], *own))) for own, at in both)


# Stated targets


def _stated_in_order(rows: pd.DataFrame) -> pd.DataFrame:
    _, name = np.unique(rows["commitment_id"].to_numpy(dtype=object), return_inverse=True)
    latest, known = days_of(rows, "target_latest"), days_of(rows, "effective_on")
    first = first_days(rows, "stated_on", "effective_on")
    return rows.take(np.lexsort((latest, known, first, name))).reset_index(drop=True)


def _came_on(dossier: Dossier, spans: Spans, place: Numbers, stated: Days) -> Days:
    """First day of the first time at full level that had not ended when a target was stated."""
    starts = run_starts(spans.place, spans.full)
    ends = run_ends(starts)
    ends = ends[spans.full[ends]]
    of = spans.place[ends]
    came = least_from_here(of, first_facts(dossier, spans.row[starts[ends]]))
    then = np.searchsorted(
        by_place_and_day(of, spans.end[ends]), by_place_and_day(place, stated), side="right"
    )
    return np.where(np.append(of, -1)[then] == place, np.append(came, NEVER)[then], NEVER)


def _moved(place: Numbers, last: Days) -> Spells:
    """Return by how many days each date differs from the one named before it."""
    found = np.full(len(last), NEVER - NEVER)
    dated = np.flatnonzero(~np.isnat(last))
    again = np.flatnonzero(place[dated[1:]] == place[dated[:-1]])
    now, before = dated[again + 1], dated[again]
    found[now] = last[now] - last[before]
    return found


def _outcome(last: Days, came: Days, seen_until: Days, day: np.datetime64) -> npt.NDArray[Any]:
    """Return the first of the words that holds; nothing holds of a missing day."""
    return np.select(
        [np.isnat(last), came <= last, came > last, last >= day, seen_until > last],
        ["none", "met", "missed", "ahead", "missed"],
        "unseen",
    )


def _slippage(last: Days, came: Days, day: np.datetime64) -> Spells:
    until = np.where(np.isnat(came) & (last < day), day, came)
    return until - last


def _speakers(actors: pd.DataFrame) -> dict[str, str]:
    """Whom each actor speaks for: a state or several (``official``), a company, others."""
    tops = {actor: (actor, *above)[-1] for actor, above in superiors(actors).items()}
    rows = dicts(actors[["actor_id", "kind", "country"]])
    known = {row["actor_id"]: row for row in rows}
    return {actor: _speaker(known.get(top)) for actor, top in tops.items()}


def _speaker(top: dict[Any, Any] | None) -> str:
    """Return the kind of speaker by the actor on whose behalf it speaks in the end."""
    if top is None:
        return "other"
    if top["kind"] in ("state", "ministry", "agency") or not isinstance(top["country"], str):
        return "official"
    return "company" if top["kind"] == "company" else "other"


def _summary(stated: pd.DataFrame, place: Numbers, n: int) -> dict[str, ExtensionArray]:
    """Return number, first and last of the dates named for each of ``n`` commitments."""
    dated = np.flatnonzero(stated["target_latest"].notna())
    last = last_rows(place, n, dated)
    first = last_rows(place, n, dated[::-1])
    times = np.bincount(place[dated], minlength=n)
    return {
        "n_targets": pd.array(times, dtype="Int64"),
        "first_target": cells(stated, "target", first),
        "last_target": cells(stated, "target", last),
        "slippage_first_days": cells(stated, "slippage_days", first),
        "slippage_last_days": cells(stated, "slippage_days", last),
        "restated": pd.arrays.IntegerArray(times - 1, times == 0),
    }


# Days and lists as cells


def _day(dossier: Dossier) -> np.datetime64:
    return np.datetime64(dossier.day, "D")


def _dates(days: Days) -> ExtensionArray:
    return pd.array(days, dtype="datetime64[s]")


def _whole(spells: Spells) -> ExtensionArray:
    """Return durations as whole numbers of days."""
    return pd.arrays.IntegerArray(spells.astype(np.int64), np.isnat(spells))


def _lists(values: Iterable[Sequence[str]]) -> pd.Series:
    return pd.Series(list(values), dtype=object)


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


def _column(rows: pd.DataFrame) -> Numbers:
    """Return at which of the counts each row stands; a missing level is no evidence."""
    level = rows["level"].to_numpy(dtype="float64", na_value=np.nan)
    return np.where(np.isnan(level), len(LEVELS), level).astype(np.int64)


def _with_shares(counts: Numbers) -> dict[str, npt.NDArray[Any]]:
    """Return counts (a column for each of ``COUNTS``), their shares, and the index."""
    n = counts.sum(axis=1)
    rated, level_sum = n - counts[:, -1], counts[:, :-1] @ LEVELS
    shares = {f"share_{name[2:]}": _ratio(counts[:, at], n) for at, name in enumerate(COUNTS)}
    return {
        "n": n,
        **dict(zip(COUNTS, counts.T, strict=True)),
        **shares,
        "n_rated": rated,
        "level_sum": level_sum,
        "index": _ratio(level_sum, FULL * rated),
    }


def _ratio(part: Numbers, whole: Numbers) -> npt.NDArray[np.float64]:
    """Return the ratio, missing where there is nothing to divide by."""
    return part / np.where(whole == 0, nan, whole)


def _over_time(history: pd.DataFrame, day: np.datetime64) -> pd.DataFrame:
    """Return the index of these spans at the end of every day on which one begins or ends."""
    spans = history[history["state"] != REPLACED]
    starts, ends, column = days_of(spans, "start"), days_of(spans, "end"), _column(spans)
    over = ~np.isnat(ends)
    days, step = np.unique(np.append(starts, ends[over]), return_inverse=True)
    counts = np.zeros((len(days), len(COUNTS)), dtype=np.int64)
    np.add.at(counts, (step[: len(starts)], column), 1)
    np.add.at(counts, (step[len(starts) :], column[over]), -1)
    counts = counts.cumsum(axis=0)
    if len(days) and days[-1] < day:
        days, counts = np.append(days, day), np.append(counts, counts[-1:], axis=0)
    return pd.DataFrame({"day": _dates(days), **_with_shares(counts)})


def _rated(rows: pd.DataFrame, by: str | None) -> dict[str, tuple[str, int]]:
    """Return group and level of the counted commitments that have a level."""
    columns = (rows["commitment_id"], rows["state"], _groups(rows, by), rows["level"])
    return {
        name: (group, level)
        for name, state, group, level in zip(*(column.tolist() for column in columns), strict=True)
        if state != REPLACED and not pd.isna(level)
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
