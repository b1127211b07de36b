"""What changed between two days of one record.

Three questions are kept apart, because they are not the same news: what *happened since*, what
*happened earlier* and was only *learned since*, and what *changed state*: levels of commitments,
states of links, stated targets. The world of the first day is the view of that day,
``dossier.as_of(since)``, so it holds what was known then and nothing that was learned later.

Levels, states and targets of a day are those of the other modules: their frames of both days are
handed in, so that every number here is the number there.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from normlib import edtf
from normlib.dossier import Dossier
from normlib.rows import dicts

HAPPENED = "happened since"
LEARNED = "happened earlier, learned since"
VAGUE = "dated too vaguely to tell"
CHANGED = "changed state"
KINDS = (HAPPENED, LEARNED, VAGUE, CHANGED)

OUTCOMES = ("implemented", "reversed", "abandoned")
"""States of a commitment that are an outcome."""

RULES = (*("joining link", "outcome", "round", "other link", "promise", "level", "event", "row"),)
"""What can have changed most, in their order."""

TELLING = ("agreement", "crossing", "flight", "meeting", "visit", "decision", "phone_call")
"""Types of events, the most telling first; rounds come before them, all others after."""

STEPS: Mapping[str, tuple[str, ...]] = {
    "link_states": ("state",),
    "observations": ("level", "state"),
    "targets": ("target",),
}
"""Columns of tables whose rows follow each other, each row another step of its subject."""

NEW_COLUMNS = [
    *("kind", "table", "key", "subject_table", "subject", "title", "detail", "when"),
    *("when_earliest", "when_latest", "known_on", "sources"),
]
NEWS_COLUMNS = [
    *NEW_COLUMNS[1:],
    *("level_before", "state_before", "level_after", "state_after"),
    *("target_before", "target_after"),
]
LEVEL_COLUMNS = [
    *("commitment_id", "title", "sector", "level_before", "state_before", "level_after"),
    *("state_after", "direction", "state_since", "observed_on", "observed_latest"),
    *("learned_late", "note", "sources"),
]
LINK_COLUMNS = [
    *("link_id", "title", "mode", "state_before", "state_after", "passed", "direction", "since"),
    *("since_latest", "learned_late", "note", "sources"),
]
TARGET_COLUMNS = [
    *("commitment_id", "target_before", "target_after", "moved_days", "stated_on", "stated_day"),
    *("stated_by", "stated_by_name", "speaker", "wording", "sources"),
]
ACTOR_COLUMNS = ["actor_id", "name", "kind", "role", "change", "when", "sources"]
CHANGE_COLUMNS = [
    *("kind", "family", "table", "key", "when", "when_latest", "what", "before", "after", "sources")
]
EVENT_COLUMNS = [
    *("event_id", "title", "type", "round", "tone", "kind", "rank", "n_sources", "date"),
    *("date_latest", "known_on", "sources"),
]
DUE_COLUMNS = [
    *("commitment_id", "title", "target", "target_earliest", "target_latest", "days", "status"),
    *("statements", "stated_by", "stated_by_name", "speaker", "stated_on", "wording", "sources"),
]
SILENT_COLUMNS = [
    "commitment_id",
    "title",
    "level",
    "state",
    "observed_on",
    "rated_on",
    "silence_days",
    "sources",
]
CONFLICT_COLUMNS = [
    *("conflict", "subject_table", "subject_id", "subject", "field", "matter", "accepted"),
    *("others", "resolved", "touched", "sources"),
]
LEAD_COLUMNS = [
    *("rule", "table", "key", "title", "when", "before", "after", "level_before", "level_after"),
    *("passed", "sources"),
]


# What is new


def new_rows(before: Dossier, after: Dossier) -> pd.DataFrame:
    """Return the dated rows of every table that the later view has and the earlier one lacks.

    Returns
    -------
    DataFrame
        ``kind``: ``happened since`` if every day that its date allows lies after the earlier day,
        ``happened earlier, learned since`` if none does, else ``dated too vaguely to tell``;
        ``table``, ``key``; ``subject_table``, ``subject``, ``title``: the row itself, or what it
        is about (an observation is about a commitment); ``detail``: the words of the row itself,
        blank where they are the title; ``when`` (EDTF), ``when_earliest``, ``when_latest``,
        ``known_on`` (days), ``sources``. In the order of their last possible days.
    """
    parts = [
        _new_in(before, after, name)
        for name, resource in after.package.tables.items()
        if resource.when is not None
    ]
    found = _joined(parts, NEW_COLUMNS)
    order = ["when_latest", "known_on", "table", "key"]
    return found.sort_values(order, kind="stable", ignore_index=True)


def new_events(
    before: Dossier, after: Dossier, *, between: Iterable[str] | None = None
) -> pd.DataFrame:
    """Return the new events, the most telling first.

    Numbered rounds come first, then agreements, crossings, flights, meetings, visits, decisions
    and telephone calls, then the rest; of one rank those with most sources, then the latest.

    Parameters
    ----------
    before, after : the two views.
    between : ids of events that concern both sides, of ``timeline.contacts`` say; if given, only
        those (and rounds) are ranked by their type, and all others come last.

    Returns
    -------
    DataFrame
        ``event_id``, ``title``, ``type``, ``round``, ``tone``, ``kind``,
        ``rank`` (0 for rounds, 9 for the rest), ``n_sources``, ``date`` (EDTF), ``date_latest``,
        ``known_on``, ``sources``.
    """
    rows = new_rows(before, after)
    kinds = rows[rows["table"] == "events"].set_index("key")["kind"]
    events = after.events[after.events["event_id"].isin(kinds.index)]
    order = {word: at for at, word in enumerate(TELLING, start=1)}
    telling = events["type"].isin(TELLING)
    if between is not None:
        telling &= events["event_id"].isin(list(between))
    rank = events["type"].map(order).where(telling, 9).mask(events["round"].notna(), 0)
    found = events.assign(
        kind=events["event_id"].map(kinds),
        rank=rank.astype("int64"),
        n_sources=events["sources"].map(len).astype("int64"),
    )
    return found.sort_values(
        ["rank", "n_sources", "date_latest", "event_id"],
        ascending=[True, False, False, True],
        ignore_index=True,
    )[EVENT_COLUMNS]


def news(dossier: Dossier, *, most: int = 100) -> pd.DataFrame:
    """Return the dated rows that became public last, each beside what stood before it.

    It depends on no day of comparison, so a row says the same as long as it is among the last ones
    and nothing older is learned about its subject. Rows whose day of becoming public is nothing but
    the last day that the data covers are left out: it moves with every release.

    Parameters
    ----------
    dossier : the view.
    most : how many rows at most.

    Returns
    -------
    DataFrame
        The columns of :func:`new_rows` without ``kind``; ``level_before``, ``level_after`` (0 to 3,
        blank: no evidence), ``state_before``, ``state_after`` of observations and states of links,
        ``target_before``, ``target_after`` (EDTF) of stated targets; blank before the first of a
        subject, and elsewhere. By ``known_on``, the last first; of one day by ``when_latest``, the
        last first, then by table and key.
    """
    known = [_known_for_itself(dossier, name) for name in _dated(dossier)]
    days = pd.concat([*known, pd.Series(dtype="datetime64[s]")]).nlargest(most)
    before = dossier.as_of(days.min() - pd.Timedelta(days=1)) if len(days) else dossier
    rows = new_rows(before, dossier)
    own = {name: set(days.index) for name, days in zip(_dated(dossier), known, strict=True)}
    keys = zip(rows["table"], rows["key"], strict=True)
    rows = rows[pd.Series([key in own[name] for name, key in keys], rows.index, dtype="bool")]
    steps = [_steps(dossier, name, columns) for name, columns in STEPS.items()]
    found = rows.merge(_joined(steps, ["table", "key", *NEWS_COLUMNS[-6:]]), "left")
    order = ["known_on", "when_latest", "table", "key"]
    found = found.sort_values(order, ascending=[False, False, True, True], ignore_index=True)
    return found.head(most)[NEWS_COLUMNS]


def telling_events(events: pd.DataFrame, *, most: int = 8) -> pd.DataFrame:
    """Return the few events that tell most, in the order in which they happened.

    All numbered rounds, and of each rank and type the one with most sources and the latest of the
    others.

    Parameters
    ----------
    events : of :func:`new_events`.
    most : how many at most.
    """
    kind = ["rank", "type"]
    first = ~events.duplicated(kind)
    others = events[~first].sort_values(["date_latest", "event_id"])
    latest = others.drop_duplicates(kind, keep="last").index
    wanted = first | events.index.isin(latest) | events["round"].notna()
    return events[wanted].head(most).sort_values(["date_latest", "event_id"], ignore_index=True)


def actors(before: Dossier, after: Dossier) -> pd.DataFrame:
    """Return people and bodies that are in the record only since, and terms that began or ended.

    Returns
    -------
    DataFrame
        ``actor_id``, ``name``, ``kind``, ``role``, ``change`` (``first seen``, ``term began``,
        ``term ended``), ``when`` (EDTF), ``sources`` of the row that names the actor first.
    """
    rows, first = after.actors, _first_mentions(after)
    seen = rows[~rows["actor_id"].isin(before.actors["actor_id"])].assign(change="first seen")
    parts = [seen.assign(when=seen["actor_id"].map(first["when"]))]
    for column, change in (("valid_from", "term began"), ("valid_to", "term ended")):
        inside = (rows[f"{column}_latest"] > before.day) & (rows[f"{column}_latest"] <= after.day)
        parts.append(rows[inside].assign(change=change, when=rows.loc[inside, column]))
    found = _joined(parts, [*rows.columns, "change", "when"])
    sources = found["actor_id"].map(first["sources"])
    listed = _objects(ids if isinstance(ids, tuple) else () for ids in sources)
    return found.assign(sources=listed)[ACTOR_COLUMNS]


# What changed its state


def levels(before: pd.DataFrame, after: pd.DataFrame, *, since: pd.Timestamp) -> pd.DataFrame:
    """Return the commitments whose level or state differs between two ledgers.

    Parameters
    ----------
    before, after : of ``commitments.ledger``, on the two days.
    since : the earlier day.

    Returns
    -------
    DataFrame
        ``commitment_id``, ``title``, ``sector``, ``level_before``, ``level_after`` (0 to 3, blank:
        no evidence), ``state_before``, ``state_after``, ``direction`` (``new``: made since;
        ``ended``, ``evidence ends``, ``first evidence``, ``up``, ``down``, ``same level``), and of
        the observation that decides: ``state_since``, ``observed_latest``, ``note``,
        ``sources`` (then those of the commitment), and ``learned_late``, whether it is of the
        earlier day or before.
    """
    old = before[["commitment_id", "level", "state"]]
    old = old.rename(columns={"level": "level_before", "state": "state_before"})
    now = after.rename(columns={"level": "level_after", "state": "state_after"})
    found = now.merge(old, on="commitment_id", how="left")
    moved = _differs(found["level_before"], found["level_after"]) | _differs(
        found["state_before"], found["state_after"]
    )
    found = found[moved].reset_index(drop=True)
    latest = edtf.spans(found["observed_on"])["latest"]
    found = found.assign(
        direction=_level_directions(found, set(before["commitment_id"])),
        observed_latest=latest,
        learned_late=latest <= since,
    )
    return found.sort_values(["observed_latest", "commitment_id"], ignore_index=True)[LEVEL_COLUMNS]


def links(before: pd.DataFrame, after: pd.DataFrame, *, since: pd.Timestamp) -> pd.DataFrame:
    """Return the links whose state changed between two days, for good or for a while.

    Parameters
    ----------
    before, after : of ``connectivity.state_spans``, on the two days.
    since : the earlier day.

    Returns
    -------
    DataFrame
        ``link_id``, ``title``, ``mode``, ``state_before`` (blank: none in the record then),
        ``state_after``, ``passed``: other states that it passed through on the way (tuple),
        ``direction`` (``new``, ``opened``, ``closed``, ``for a while``, ``other``), and of the
        span that holds: ``since`` (EDTF), ``since_latest``, ``note``, ``sources``,
        ``learned_late``, whether it began by the earlier day.
    """
    then = before.drop_duplicates("link_id", keep="last").set_index("link_id")["state"]
    found = after.drop_duplicates("link_id", keep="last").rename(
        columns={"name": "title", "state": "state_after"}
    )
    found = found.assign(state_before=found["link_id"].map(then), passed=_passed(after, since))
    found = found.assign(passed=_without_ends(found))
    moved = _differs(found["state_before"], found["state_after"]) | found["passed"].map(bool)
    found = found[moved].reset_index(drop=True)
    latest = edtf.spans(found["since"])["latest"]
    pairs = zip(found["state_before"], found["state_after"], strict=True)
    found = found.assign(
        direction=pd.Series([_turn(one, other) for one, other in pairs], dtype="str"),
        since_latest=latest,
        learned_late=latest <= since,
    )
    return found.sort_values(["since_latest", "link_id"], ignore_index=True)[LINK_COLUMNS]


def targets(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return the target dates that were stated since, beside the one that stood before.

    Parameters
    ----------
    before, after : of ``commitments.targets``, on the two days.

    Returns
    -------
    DataFrame
        ``commitment_id``, ``target_before`` (EDTF, the one stated last before; blank: none),
        ``target_after``, ``moved_days`` (between their last possible days), ``stated_on``,
        ``stated_day``, ``stated_by``, ``stated_by_name``, ``speaker``, ``wording``, ``sources``,
        in the order of the statements.
    """
    key = ["commitment_id", "stated_on", "target", "stated_by"]
    dated = after.dropna(subset=["target"])
    dated = dated.assign(target_before=dated.groupby("commitment_id")["target"].shift())
    known = pd.MultiIndex.from_frame(before[key])
    new = dated[~pd.MultiIndex.from_frame(dated[key]).isin(known)]
    new = new.rename(columns={"target": "target_after"})
    return new.sort_values("stated_day", kind="stable", ignore_index=True)[TARGET_COLUMNS]


# Everything together


def changes(
    rows: pd.DataFrame, moved: pd.DataFrame, shifted: pd.DataFrame, stated: pd.DataFrame
) -> pd.DataFrame:
    """Return everything that is different, in one frame.

    Parameters
    ----------
    rows : of :func:`new_rows`.
    moved : of :func:`links`.
    shifted : of :func:`levels`; new commitments are among the new rows and not repeated.
    stated : of :func:`targets`; a first target is a new row and not repeated.

    Returns
    -------
    DataFrame
        ``kind`` (see :data:`KINDS`), ``family`` (a table, or ``levels``, ``links``), ``table`` and
        ``key`` of what it is about, ``when`` (EDTF), ``when_latest``, ``what``, ``before``,
        ``after``, ``sources``.
    """
    titles = dict(zip(rows["subject"], rows["title"], strict=True))
    new = rows.rename(columns={"title": "what"}).assign(
        family=rows["table"], before="", after=rows["detail"]
    )
    restated = _as_change(stated[stated["target_before"].notna()], "commitments")
    parts = [
        new,
        _as_change(moved, "links").assign(family="links"),
        _as_change(shifted[shifted["direction"] != "new"], "commitments").assign(family="levels"),
        restated.assign(family="targets", what=restated["key"].map(titles)),
    ]
    for part in parts[1:]:
        part["kind"] = CHANGED
    return _joined(parts, CHANGE_COLUMNS)


def counts(changed: pd.DataFrame) -> pd.DataFrame:
    """Count the rows of :func:`changes`: ``kind``, ``family``, ``count``, the largest first."""
    found = changed.groupby(["kind", "family"], sort=False).size().rename("count").reset_index()
    found = found.assign(order=found["kind"].map({kind: at for at, kind in enumerate(KINDS)}))
    found = found.sort_values(["order", "count", "family"], ascending=[True, False, True])
    return found[["kind", "family", "count"]].reset_index(drop=True)


def lead(
    events: pd.DataFrame,
    rows: pd.DataFrame,
    moved: pd.DataFrame,
    shifted: pd.DataFrame,
    *,
    joining: Iterable[str] = (),
) -> pd.DataFrame:
    """Return what changed most, by a fixed order of precedence.

    The first of these that is not empty, latest first: links that join the sides came into regular
    use or went out of it (``open`` on one of the two days only; the date of the change must lie
    after the earlier day for sure); commitments were implemented, reversed or abandoned; numbered
    rounds took place; links that join the sides changed otherwise;
    commitments were made; levels rose or fell; events happened; other rows became public.

    Parameters
    ----------
    events : of :func:`new_events`.
    rows : of :func:`new_rows`.
    moved : of :func:`links`.
    shifted : of :func:`levels`.
    joining : ids of the links that join the sides.

    Returns
    -------
    DataFrame
        None or more rows: ``rule`` (:data:`RULES`), ``table``, ``key``, ``title``, ``when``
        (EDTF), ``before`` and ``after`` (states), ``level_before``, ``level_after``, ``passed``,
        ``sources``.
    """
    ranks = _ranks(events, rows, moved, shifted, frozenset(joining))
    rule, found = next(((rule, rows) for rule, rows in ranks if len(rows)), ("", rows.head(0)))
    found = found.assign(rule=rule).sort_values(
        ["when_latest", "key"], ascending=[False, True], kind="stable", ignore_index=True
    )
    return found.reindex(columns=LEAD_COLUMNS)


def tally(
    events: pd.DataFrame,
    rows: pd.DataFrame,
    moved: pd.DataFrame,
    shifted: pd.DataFrame,
    *,
    joining: Iterable[str] = (),
) -> dict[str, int]:
    """Count what :func:`lead` weighs; its parameters are the same.

    Returns
    -------
    dict
        ``joining``: links that join the sides and came into regular use or went out of it;
        ``undated``: those of which it is not certain that they did so after the earlier day;
        ``broken``: those in regular use on both days, though not all the time between;
        ``outcomes``, ``rounds``, ``promises`` (commitments made).
    """
    ranks = dict(_ranks(events, rows, moved, shifted, frozenset(joining)))
    names = {"joining": "joining link", "outcomes": "outcome", "rounds": "round"}
    found = {name: len(ranks[rule]) for name, rule in names.items()}
    own = moved[moved["link_id"].isin(frozenset(joining))]
    turned = int(((own["state_before"] == "open") != (own["state_after"] == "open")).sum())
    undated = turned - found["joining"]
    broken = int(((own["state_before"] == "open") & (own["state_after"] == "open")).sum())
    return {**found, "undated": undated, "broken": broken, "promises": len(ranks["promise"])}


# What lies ahead, what is silent, what is contradicted


def due(
    stated: pd.DataFrame, ledger: pd.DataFrame, *, day: pd.Timestamp, grace_days: int = 90
) -> pd.DataFrame:
    """Return stated targets of running commitments that lie ahead, or passed not long ago unmet.

    Passed ones are ``missed``, or ``unseen`` where nothing was observed since.

    Parameters
    ----------
    stated : of ``commitments.targets``.
    ledger : of ``commitments.ledger``.
    day : of both.
    grace_days : how many days after its last possible day a missed target is still listed.

    Returns
    -------
    DataFrame
        One row per commitment and target: ``commitment_id``, ``title``, ``target`` (EDTF),
        ``target_earliest``, ``target_latest``, ``days`` from the day to the target's last possible
        day (negative: passed), ``status`` (``ahead``, ``missed``, ``unseen``), ``statements``: how
        often this target was stated, and of the last statement ``stated_by``, ``stated_by_name``,
        ``speaker``, ``stated_on``, ``wording``, ``sources``. By last possible day.
    """
    pair = ["commitment_id", "target"]
    running = ledger.loc[ledger["standing"] == "running"].set_index("commitment_id")["title"]
    wanted = stated[stated["commitment_id"].isin(running.index) & stated["target"].notna()]
    wanted = wanted.assign(
        statements=wanted.groupby(pair)["wording"].transform("size"),
        days=(wanted["target_latest"] - day).dt.days.astype("Int64"),
        title=wanted["commitment_id"].map(running),
        status=wanted["outcome"],
    )
    listed = wanted["status"].isin(("ahead", "missed", "unseen")) & (wanted["days"] >= -grace_days)
    found = wanted[listed].drop_duplicates(pair, keep="last")
    return found.sort_values(["target_latest", *pair], ignore_index=True)[DUE_COLUMNS]


def silent(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return running commitments, those without an observation for longest first.

    Parameters
    ----------
    ledger : of ``commitments.ledger``.

    Returns
    -------
    DataFrame
        ``commitment_id``, ``title``, ``level``, ``state``, ``observed_on``, ``rated_on`` (date of
        the last observation that gives a level), ``silence_days`` since then, ``sources``.
    """
    running = ledger[(ledger["standing"] == "running") & ledger["silence_days"].notna()]
    order = ["silence_days", "commitment_id"]
    return running.sort_values(order, ascending=[False, True], ignore_index=True)[SILENT_COLUMNS]


def disputed(contradictions: pd.DataFrame, changed: pd.DataFrame) -> pd.DataFrame:
    """Return one row per contradiction, those about something that changed first.

    Parameters
    ----------
    contradictions : of ``claims.contradictions``.
    changed : of :func:`changes`.

    Returns
    -------
    DataFrame
        ``conflict``, ``subject_table``, ``subject_id``, ``subject``, ``field``, ``matter`` (it in
        words), ``accepted`` (the value that the record follows; blank: none), ``others`` (tuple of
        values), ``resolved``, ``touched`` (it is about something that changed), ``sources``. Of
        those that changed and of the others, unresolved ones come first, then those about events.
    """
    touched = set(zip(changed["table"], changed["key"], strict=True))
    groups: dict[str, list[Any]] = {}
    for claim in dicts(contradictions):
        groups.setdefault(claim["conflict"], []).append(claim)
    found = pd.DataFrame(
        [_conflict(name, rows, touched) for name, rows in groups.items()], columns=CONFLICT_COLUMNS
    )
    found = found.assign(rank=found["subject_table"].ne("events"))
    found = found.sort_values(
        ["touched", "resolved", "rank", "conflict"], ascending=[False, True, True, True]
    )
    return found[CONFLICT_COLUMNS].reset_index(drop=True)


# Below: parts of the above


def _dated(dossier: Dossier) -> list[str]:
    return [name for name, one in dossier.package.tables.items() if one.when is not None]


def _known_for_itself(dossier: Dossier, name: str) -> pd.Series:
    """Days on which rows of a table became public, by key; not those known only as covered."""
    rows, until = dossier.tables[name], dossier.covers_until
    dated = rows[f"{dossier.package.tables[name].when}_latest"] <= until
    known = pd.Series(rows["known_on"].to_numpy(), index=list(dossier.labels(name)))
    return known[(known < until) | dated.to_numpy()]


def _steps(dossier: Dossier, name: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return what each row of a table says of its subject, beside what the one before it said."""
    when, rows = str(dossier.package.tables[name].when), dossier.tables[name]
    subject = dossier.package.tables[name].key[0]
    rows = rows.assign(table=name, key=list(dossier.labels(name)))
    rows = rows.sort_values([f"{when}_latest", f"{when}_earliest"], kind="stable")
    before = rows.groupby(subject, sort=False)[list(columns)].shift()
    pairs = {
        f"{one}_{side}": frame[one]
        for one in columns
        for side, frame in (("before", before), ("after", rows))
    }
    return rows[["table", "key"]].assign(**pairs)


def _new_in(before: Dossier, after: Dossier, name: str) -> pd.DataFrame:
    when, known = str(after.package.tables[name].when), before.labels(name)
    own = after.labels(name)
    new = [key for key in own if key not in known]
    if not new:
        return pd.DataFrame(columns=NEW_COLUMNS)
    rows = after.tables[name][[key not in known for key in own]]
    subject_table, subjects = _subjects(after, name, rows, new)
    titles = after.labels(subject_table)
    return pd.DataFrame(
        {
            "kind": _kinds(rows[f"{when}_earliest"], rows[f"{when}_latest"], before.day),
            "table": name,
            "key": pd.Series(new, index=rows.index, dtype="object"),
            "subject_table": subject_table,
            "subject": pd.Series(subjects, index=rows.index, dtype="object"),
            "title": [titles[subject] for subject in subjects],
            "detail": "" if subject_table == name else [own[key] for key in new],
            "when": rows[when],
            "when_earliest": rows[f"{when}_earliest"],
            "when_latest": rows[f"{when}_latest"],
            "known_on": rows["known_on"],
            "sources": rows["sources"],
        }
    )


def _kinds(earliest: pd.Series, latest: pd.Series, since: pd.Timestamp) -> pd.Series:
    """Sort rows by whether their dates lie after the day, before it, or across it."""
    kinds = pd.Series(VAGUE, index=earliest.index, dtype="str")
    return kinds.mask(earliest > since, HAPPENED).mask(latest <= since, LEARNED)


def _subjects(
    dossier: Dossier, name: str, rows: pd.DataFrame, own: list[str]
) -> tuple[str, list[str]]:
    """Return what the rows are about: the row that the first key column refers to, else itself."""
    resource = dossier.package.tables[name]
    for columns, other, _ in resource.references:
        if columns == resource.key[:1]:
            return other, rows[columns[0]].tolist()
    return name, own


def _first_mentions(dossier: Dossier) -> pd.DataFrame:
    """Date and sources of the first row that names each actor; index: actor."""
    events = dossier.events.rename(columns={"date": "when"})
    promises = dossier.commitments.rename(columns={"made_on": "when", "obligated": "actors"})
    stated = dossier.targets.rename(columns={"stated_on": "when", "stated_by": "actors"})
    named = ["actors", "when", "effective_on", "sources"]
    rows = pd.concat([events[named], promises[named], stated[named]]).explode("actors")
    rows = rows.sort_values("effective_on", kind="stable").drop_duplicates("actors")
    return rows.set_index("actors")


def _level_directions(found: pd.DataFrame, known: set[str]) -> pd.Series:
    rows = found[["commitment_id", "level_before", "level_after", "state_after"]].to_numpy()
    steps = [_step(*row[1:], is_new=row[0] not in known) for row in rows]
    return pd.Series(steps, index=found.index, dtype="str")


def _step(level_before: Any, level_after: Any, state: Any, *, is_new: bool) -> str:
    if is_new:
        return "new"
    if state in ("abandoned", "superseded"):
        return "ended"
    if pd.isna(level_after):
        return "same level" if pd.isna(level_before) else "evidence ends"
    if pd.isna(level_before):
        return "first evidence"
    rise = int(level_after) - int(level_before)
    return "up" if rise > 0 else "down" if rise < 0 else "same level"


def _passed(spans: pd.DataFrame, since: pd.Timestamp) -> pd.Series:
    """States that the link of each span entered since, each once, in order."""
    new = spans[spans["start"] > since].groupby("link_id")["state"]
    entered = {link: tuple(dict.fromkeys(states)) for link, states in new}
    found = [entered.get(link, ()) for link in spans["link_id"]]
    return pd.Series(found, index=spans.index, dtype=object)


def _without_ends(found: pd.DataFrame) -> pd.Series:
    rows = zip(found["passed"], found["state_before"], found["state_after"], strict=True)
    kept = [tuple(state for state in passed if state not in ends) for passed, *ends in rows]
    return pd.Series(kept, index=found.index, dtype=object)


def _turn(then: Any, now: Any) -> str:
    if not isinstance(then, str):
        return "new"
    if then == now:
        return "for a while"
    if "open" in (then, now):
        return "opened" if now == "open" else "closed"
    return "other"


def _as_change(rows: pd.DataFrame, table: str) -> pd.DataFrame:
    """Give changed states the columns of a change: key, what, before, after, when."""
    names = {
        "commitment_id": "key",
        "link_id": "key",
        "title": "what",
        "state_before": "before",
        "state_after": "after",
        "target_before": "before",
        "target_after": "after",
        "since": "when",
        "observed_on": "when",
        "stated_on": "when",
        "since_latest": "when_latest",
        "observed_latest": "when_latest",
        "stated_day": "when_latest",
    }
    return rows.rename(columns=names).assign(table=table)


def _ranks(
    events: pd.DataFrame,
    rows: pd.DataFrame,
    moved: pd.DataFrame,
    shifted: pd.DataFrame,
    joining: frozenset[str],
) -> Iterator[tuple[str, pd.DataFrame]]:
    sure = moved[moved["link_id"].isin(joining)]
    sure = _titled(_as_change(sure[~sure["since"].str.startswith("../")], "links"))
    yield "joining link", sure[(sure["before"] == "open") != (sure["after"] == "open")]
    promises = _titled(_as_change(shifted, "commitments"))
    outcomes = promises[promises["after"].isin(OUTCOMES)]
    yield "outcome", outcomes.assign(when=outcomes["state_since"])
    happened = _titled(
        events[events["kind"] != LEARNED]
        .rename(columns={"event_id": "key", "date": "when", "date_latest": "when_latest"})
        .assign(table="events")
    )
    yield "round", happened[happened["round"].notna()]
    yield "other link", sure
    yield "promise", rows[rows["table"] == "commitments"]
    yield "level", promises[promises["direction"].isin(("up", "down"))]
    yield "event", happened
    yield "row", rows


def _titled(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.rename(columns={"what": "title"})


def _conflict(
    name: str, rows: Sequence[Mapping[Any, Any]], touched: set[tuple[str, str]]
) -> dict[str, Any]:
    first, accepted = rows[0], any(row["accepted"] for row in rows)
    subjects = ((row["subject_table"], row["subject_id"]) for row in rows)
    return {
        "conflict": name,
        "subject_table": first["subject_table"],
        "subject_id": first["subject_id"],
        "subject": first["subject"],
        "field": first["field"],
        "matter": first["matter"],
        "resolved": bool(first["resolved"]),
        "accepted": first["value"] if accepted else None,
        "others": tuple(row["value"] for row in rows if not row["accepted"]),
        "touched": not touched.isdisjoint(subjects),
        "sources": tuple(dict.fromkeys(source for row in rows for source in row["sources"])),
    }


def _differs(one: pd.Series, other: pd.Series) -> pd.Series:
    """Whether two columns differ; blank and blank are the same."""
    same = (one == other).fillna(False).astype(bool) | (one.isna() & other.isna())
    return ~same


def _objects(values: Iterable[Any]) -> pd.Series:
    return pd.Series(list(values), dtype=object)


def _joined(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    """Stack frames that have rows; without any, an empty frame with the columns."""
    filled = [part.reindex(columns=columns) for part in parts if len(part)]
    return pd.concat(filled, ignore_index=True) if filled else pd.DataFrame(columns=columns)
