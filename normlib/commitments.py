"""What was promised, how far it came, and which dates were named for it, as of a day.

The level of a commitment on a day is that of its last observation (0 not initiated, 1 minimum,
2 intermediate, 3 full; Joshi, Quinn and Regan 2015, doi 10.1177/0022343314567486). A blank level is
no evidence, which is not 0. Observations follow each other by the first day that they can mean; one
whose date is vague counts from the day on which it was surely so (``effective_on``), and one that a
later observation had overtaken by then never counts.
"""

from collections.abc import Collection, Hashable
from fractions import Fraction
from typing import Any

import pandas as pd

from normlib.affiliation import superiors
from normlib.dossier import Dossier
from normlib.errors import RecipeError, nearest
from normlib.memo import once

LEVELS = (0, 1, 2, 3)
FULL = 3
REPLACED = "superseded"
"""The state of a commitment that a newer one took the place of."""

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
    promises = _promises(dossier).set_index("commitment_id", drop=False)
    spans = _spans(dossier)
    parts: list[pd.DataFrame | pd.Series] = [
        *(_last_observed(spans), _last_rated(spans), _implemented(spans)),
        _target_summary(targets(dossier)),
    ]
    joined = promises.join(parts).reset_index(drop=True)
    found = _with_durations(joined, dossier.day).assign(
        standing=_standing(joined, _end_states(dossier)),
        superseded_by=joined["commitment_id"].map(_successors(promises)),
        sources=_joint_sources(joined["sources"], joined["observed_sources"]),
        n_targets=joined["n_targets"].fillna(0).astype("Int64"),
    )
    return found[LEDGER]


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
    spans = _spans(dossier)
    columns = [*HISTORY[:3], "level", "state", "note", "observed_on", "event_id", "sources"]
    found = pd.concat([_unobserved(dossier.commitments, spans), spans])[columns]
    order = _promises(dossier)["commitment_id"]
    rank = pd.Series(range(len(order)), index=order, dtype="int64")
    ranked = found.assign(rank=found["commitment_id"].map(rank))
    return ranked.sort_values(["rank", "start"], kind="stable")[HISTORY].reset_index(drop=True)


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
    stated = _stated_in_order(dossier.targets)
    spans = _spans(dossier)
    came, last = _came_on(stated, spans), stated["target_latest"]
    dated = stated.assign(
        title=stated["commitment_id"].map(dossier.labels("commitments")).astype("str"),
        stated_by_name=stated["stated_by"].map(dossier.labels("actors")).astype("str"),
        order=stated.groupby("commitment_id").cumcount() + 1,
        stated_day=stated["effective_on"],
        speaker=_speakers(stated["stated_by"], dossier.actors),
        moved_days=_days(last - _last_named(stated)),
        came_on=came,
        outcome=_outcome(last, came, _seen_until(stated, spans), dossier.day),
    )
    until = came.where(came.notna(), dossier.day)
    slippage = _days(until - last).where(came.notna() | (last < dossier.day))
    return dated.assign(slippage_days=slippage)[TARGETS]


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
    groups = _groups(ledger, by)
    replaced = ledger["state"].eq(REPLACED).fillna(False).astype(bool)
    flags = _level_flags(ledger["level"]).mul((~replaced).astype(int), axis=0)
    counts = flags.assign(n_replaced=replaced.astype(int)).groupby(groups, sort=False).sum()
    return _with_shares(counts.rename_axis("group").reset_index())[["group", *INDEX, "n_replaced"]]


INDEX = [
    *("n", *COUNTS, *(name.replace("n_", "share_") for name in COUNTS)),
    *("n_rated", "level_sum", "index"),
]
"""What an implementation index consists of."""


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
    flags = _level_flags(history["level"])
    flags = flags[history["state"].ne(REPLACED).fillna(True)]
    begins = flags.groupby(history["start"]).sum()
    ends = flags.groupby(history["end"]).sum()
    counts = begins.sub(ends, fill_value=0).sort_index().cumsum().astype("int64")
    if not counts.empty and counts.index[-1] < dossier.day:
        counts.loc[dossier.day] = counts.iloc[-1]
    return _with_shares(counts.rename_axis("day").reset_index())[["day", *INDEX]]


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
    both = _rated(before, by).merge(_rated(after, by), on="commitment_id", how="outer", sort=False)
    groups = both["group_y"].fillna(both["group_x"])
    rows = [_change(str(name), rows) for name, rows in both.groupby(groups, sort=False)]
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
    country = dossier.actors.set_index("actor_id")["country"].to_dict()
    names = dossier.labels("countries")
    found = []
    for owing in promises["obligated"]:
        codes = {country.get(actor) for actor in owing}
        sides = [names.get(code, code) for code in dossier.sides if code in codes]
        found.append(" and ".join(sides) or "others")
    return pd.Series(found, index=promises.index, dtype="str")


def _phases(promises: pd.DataFrame, dossier: Dossier) -> pd.Series:
    """Title of the phase in which each promise was made; missing before the first."""
    begins = dossier.events.set_index("event_id")["date_latest"]
    phases = dossier.phases.assign(start=_looked_up(dossier.phases["from_event"], begins))
    starts = phases[["start", "title"]].dropna().sort_values("start", kind="stable")
    made = promises[["effective_on"]].sort_values("effective_on", kind="stable")
    starts = starts.astype({"start": made["effective_on"].dtype})
    joined = pd.merge_asof(made, starts, left_on="effective_on", right_on="start")
    return joined["title"].set_axis(made.index).reindex(promises.index)


def _end_states(dossier: Dossier) -> list[str]:
    words = dossier.package.resources["observations"].fields["state"].categories
    return [value for value, word in words.items() if word.get("final")]


def _standing(rows: pd.DataFrame, end_states: list[str]) -> pd.Series:
    standing = pd.Series("running", index=rows.index, dtype="str")
    standing = standing.mask(rows["level"].eq(FULL).fillna(False).astype(bool), "implemented")
    return standing.mask(rows["state"].isin(end_states), "ended")


def _successors(promises: pd.DataFrame) -> dict[str, str]:
    newer = promises.dropna(subset=["supersedes"])
    return dict(zip(newer["supersedes"], newer["commitment_id"], strict=True))


def _joint_sources(first: pd.Series, second: pd.Series) -> pd.Series:
    pairs = zip(first, second, strict=True)
    joint = [
        tuple(dict.fromkeys((*one, *(two if isinstance(two, tuple) else ())))) for one, two in pairs
    ]
    return pd.Series(joint, index=first.index, dtype=object)


# Observations in their order


@once
def _spans(dossier: Dossier) -> pd.DataFrame:
    """Observations that count at some time, in order, with ``start``, ``end`` and ``fact_low``.

    ``end`` is the first day from which a later observation counts; missing while it holds.
    ``fact_low`` is the first day on which what was observed can have been so.
    """
    observations = dossier.observations
    first = observations["observed_on_earliest"].fillna(observations["effective_on"])
    ordered = observations.assign(
        first=first, start=observations["effective_on"], observed_on=_observed_by(observations)
    )
    ordered = ordered.sort_values(["commitment_id", "first", "start"], kind="stable")
    next_start = ordered[::-1].groupby("commitment_id")["start"].cummin()[::-1]
    end = next_start.groupby(ordered["commitment_id"]).shift(-1)
    counts = end.isna() | (ordered["start"] < end)
    found = ordered.assign(end=end)[counts].reset_index(drop=True)
    events = dossier.events.set_index("event_id")["date_earliest"]
    rests_on = _looked_up(found["event_id"], events)
    return found.assign(fact_low=found["first"].where(~(rests_on < found["first"]), rests_on))


def _observed_by(observations: pd.DataFrame) -> pd.Series:
    """Dates as text; "not later than" a day after the row was known ends on that day."""
    known = observations["effective_on"]
    open_date = observations["observed_on_earliest"].isna()
    later = open_date & (observations["observed_on_latest"] > known)
    return observations["observed_on"].mask(later, "../" + known.dt.strftime("%Y-%m-%d"))


def _unobserved(promises: pd.DataFrame, spans: pd.DataFrame) -> pd.DataFrame:
    """Spans from the day of each promise to its first observation."""
    first = spans.groupby("commitment_id")["start"].min()
    rows = promises[["commitment_id", "sources"]].assign(
        start=promises["effective_on"], end=_looked_up(promises["commitment_id"], first)
    )
    rows = rows.reindex(
        columns=[*rows.columns, "level", "state", "note", "observed_on", "event_id"]
    )
    rows = rows.astype({"level": "Int64", "end": spans["start"].dtype})
    return rows[rows["end"].isna() | (rows["start"] < rows["end"])]


def _last_run(spans: pd.DataFrame, values: pd.Series) -> pd.DataFrame:
    """First span of the run of equal values that holds at the end, by commitment."""
    ids = spans["commitment_id"]
    previous = values.groupby(ids).shift()
    begins = spans[values.ne(previous).fillna(True) | ids.ne(ids.shift())]
    return begins.drop_duplicates("commitment_id", keep="last").set_index("commitment_id")


def _last_observed(spans: pd.DataFrame) -> pd.DataFrame:
    last = spans.drop_duplicates("commitment_id", keep="last").set_index("commitment_id")
    found = last[["level", "state", "observed_on", "note"]].assign(observed_sources=last["sources"])
    return found.assign(state_since=_last_run(spans, spans["state"])["observed_on"])


def _last_rated(spans: pd.DataFrame) -> pd.DataFrame:
    """Day of the last observation with a level: one without says that nothing was found."""
    rated = spans[spans["level"].notna()].drop_duplicates("commitment_id", keep="last")
    return rated.set_index("commitment_id")[["start"]].rename(columns={"start": "rated_on"})


def _implemented(spans: pd.DataFrame) -> pd.DataFrame:
    """When level 3, as it holds at the end, began: text and days, by commitment."""
    full = spans["level"].eq(FULL).fillna(False).astype(bool)
    runs = _last_run(spans, full)
    runs = runs[runs["level"].eq(FULL).fillna(False).astype(bool)]
    names = {"observed_on": "implemented_on", "fact_low": "done_low", "start": "done_high"}
    return runs.rename(columns=names)[list(names.values())]


def _with_durations(rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Add outstanding and silent days; a date that is left open ends where it was known."""
    done = rows["done_high"].notna()
    first_end = rows["done_low"].where(done, day)
    last_end = rows["done_high"].where(done, day)
    return rows.assign(
        outstanding_days_low=_days(first_end - rows["effective_on"]).clip(lower=0),
        outstanding_days_high=_days(last_end - rows["made_on_earliest"]),
        silence_days=_days(day - rows["rated_on"]),
    )


# Stated targets


def _stated_in_order(rows: pd.DataFrame) -> pd.DataFrame:
    first = rows["stated_on_earliest"].fillna(rows["effective_on"])
    keys = ["commitment_id", "first", "effective_on", "target_latest"]
    return rows.assign(first=first).sort_values(keys, kind="stable").reset_index(drop=True)


def _last_named(stated: pd.DataFrame) -> pd.Series:
    """Last day of the date named before each, skipping statements without a date."""
    named = stated.groupby("commitment_id")["target_latest"].ffill()
    return named.groupby(stated["commitment_id"]).shift()


def _came_on(stated: pd.DataFrame, spans: pd.DataFrame) -> pd.Series:
    """First day of the first time at full level that had not ended when a target was stated."""
    full = spans["level"].eq(FULL).fillna(False).astype(bool)
    ids = spans["commitment_id"]
    begins = spans.loc[full & ~(full.shift(fill_value=False) & ids.eq(ids.shift()))]
    ends = spans.loc[full & ~(full.shift(-1, fill_value=False) & ids.eq(ids.shift(-1))), "end"]
    runs = begins[["commitment_id", "fact_low"]].assign(end=ends.to_numpy())
    joined = stated[["commitment_id", "effective_on"]].reset_index().merge(runs, on="commitment_id")
    open_then = joined[joined["end"].isna() | (joined["end"] > joined["effective_on"])]
    return open_then.groupby("index")["fact_low"].min().reindex(stated.index)


def _seen_until(stated: pd.DataFrame, spans: pd.DataFrame) -> pd.Series:
    """Day of the last observation with a level of the commitment of each target."""
    return _looked_up(stated["commitment_id"], _last_rated(spans)["rated_on"])


def _outcome(
    last: pd.Series, came: pd.Series, seen_until: pd.Series, day: pd.Timestamp
) -> pd.Series:
    outcome = pd.Series("missed", index=last.index, dtype="str")
    outcome = outcome.mask(came.isna() & ~(seen_until > last), "unseen")
    outcome = outcome.mask(came.isna() & (last >= day), "ahead")
    return outcome.mask(came <= last, "met").mask(last.isna(), "none")


def _speakers(stated_by: pd.Series, actors: pd.DataFrame) -> pd.Series:
    """Whom each speaker speaks for: a state or several (``official``), a company, others."""
    tops = {actor: (actor, *above)[-1] for actor, above in superiors(actors).items()}
    known = actors.set_index("actor_id")[["kind", "country"]].to_dict("index")
    words = {name: _speaker(known.get(tops.get(name, ""))) for name in stated_by.unique()}
    return stated_by.map(words).astype("str")


def _speaker(top: dict[Hashable, Any] | None) -> str:
    """Return the kind of speaker by the actor on whose behalf it speaks in the end."""
    if top is None:
        return "other"
    if top["kind"] in ("state", "ministry", "agency") or not isinstance(top["country"], str):
        return "official"
    return "company" if top["kind"] == "company" else "other"


def _target_summary(stated: pd.DataFrame) -> pd.DataFrame:
    """Return number, first and last of the dates named, by commitment."""
    named = stated.dropna(subset=["target_latest"]).groupby("commitment_id")
    counts = named.size().astype("Int64")
    return pd.DataFrame(
        {
            "n_targets": counts,
            "first_target": named["target"].nth(0).set_axis(counts.index),
            "last_target": named["target"].nth(-1).set_axis(counts.index),
            "slippage_first_days": named["slippage_days"].nth(0).set_axis(counts.index),
            "slippage_last_days": named["slippage_days"].nth(-1).set_axis(counts.index),
            "restated": counts - 1,
        }
    )


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


def _level_flags(levels: pd.Series) -> pd.DataFrame:
    """One column of 0 and 1 for each level, the last for no evidence, and the level itself."""
    flags = {f"n_{level}": levels.eq(level).fillna(False).astype(int) for level in LEVELS}
    flags["n_none"] = levels.isna().astype(int)
    return pd.DataFrame({**flags, "level_sum": levels.fillna(0).astype(int)}, index=levels.index)


def _with_shares(counts: pd.DataFrame) -> pd.DataFrame:
    n = counts[COUNTS].sum(axis=1)
    rated = n - counts["n_none"]
    shares = {name.replace("n_", "share_"): counts[name] / n.where(n > 0) for name in COUNTS}
    mean = counts["level_sum"] / (FULL * rated.where(rated > 0))
    return counts.assign(n=n, n_rated=rated, index=mean.astype("float64"), **shares)


def _rated(rows: pd.DataFrame, by: str | None) -> pd.DataFrame:
    """Return the counted commitments with a level, and their group."""
    counted = rows["state"].ne(REPLACED).fillna(True) & rows["level"].notna()
    found = rows.loc[counted, ["commitment_id", "level"]]
    return found.assign(group=_groups(rows, by)[counted])


def _change(group: str, rows: pd.DataFrame) -> dict[str, object]:
    before, after = rows["level_x"], rows["level_y"]
    common = before.notna() & after.notna()
    first, last = _mean(before), _mean(after)
    common_first, common_last = _mean(before[common]), _mean(after[common])
    raw, like = _difference(last, first), _difference(common_last, common_first)
    steps = (after - before)[common]
    return {
        "group": group,
        "n_before": int(before.notna().sum()),
        "n_after": int(after.notna().sum()),
        "n_common": int(common.sum()),
        "n_raised": int((steps > 0).sum()),
        "n_lowered": int((steps < 0).sum()),
        "index_before": _number(first),
        "index_after": _number(last),
        "common_before": _number(common_first),
        "common_after": _number(common_last),
        "raw": _number(raw),
        "like_for_like": _number(like),
        "composition": _number(_difference(raw, like)),
    }


def _mean(levels: pd.Series) -> Fraction | None:
    known = levels.dropna()
    return Fraction(int(known.sum()), FULL * len(known)) if len(known) else None


def _difference(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else one - other


def _number(value: Fraction | None) -> float:
    return float("nan") if value is None else float(value)


def _looked_up(keys: pd.Series, values: pd.Series) -> pd.Series:
    """Values by key, of the values' type even where there is no key at all."""
    found: pd.Series = values.reindex(keys).set_axis(keys.index)
    return found


def _days(durations: pd.Series) -> pd.Series:
    days: pd.Series = durations.dt.days.astype("Int64")
    return days
