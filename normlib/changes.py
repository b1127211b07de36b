"""What changed between two days of one record.

Three questions are kept apart, because they are not the same news: what *happened since*, what
*happened earlier* and was only *learned since*, and what *changed state*: levels of commitments,
states of links, stated targets, people and bodies. The world of the first day is the view of that
day, ``dossier.as_of(since)``, so it holds what was known then and nothing that was learned later.
"""

from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from normlib import views
from normlib.dossier import Dossier

HAPPENED = "happened since"
LEARNED = "happened earlier, learned since"
VAGUE = "dated too vaguely to tell"
CHANGED = "changed state"
KINDS = (HAPPENED, LEARNED, VAGUE, CHANGED)

ENDED = ("implemented", "abandoned", "superseded")
"""States of a commitment after which nothing more is due."""

NEW_COLUMNS = [
    "kind",
    "table",
    "key",
    "subject_table",
    "subject",
    "title",
    "detail",
    "when",
    "when_earliest",
    "when_latest",
    "known_on",
    "sources",
]
LEVEL_COLUMNS = [
    "commitment_id",
    "title",
    "sector",
    "level_before",
    "state_before",
    "level_after",
    "state_after",
    "direction",
    "observed_on",
    "effective_on",
    "learned_late",
    "note",
    "sources",
]
LINK_COLUMNS = [
    "link_id",
    "title",
    "mode",
    "state_before",
    "state_after",
    "passed",
    "direction",
    "since",
    "effective_on",
    "learned_late",
    "note",
    "sources",
]
TARGET_COLUMNS = [
    "commitment_id",
    "title",
    "target_before",
    "target_after",
    "shift_days",
    "stated_on",
    "effective_on",
    "stated_by",
    "wording",
    "sources",
]
ACTOR_COLUMNS = ["actor_id", "name", "kind", "role", "change", "when", "sources"]
CHANGE_COLUMNS = [
    "kind",
    "family",
    "table",
    "key",
    "when",
    "effective_on",
    "what",
    "before",
    "after",
    "sources",
]
DUE_COLUMNS = [
    "commitment_id",
    "title",
    "target",
    "target_earliest",
    "target_latest",
    "days",
    "status",
    "statements",
    "stated_by",
    "stated_on",
    "wording",
    "sources",
]
SILENT_COLUMNS = [
    "commitment_id",
    "title",
    "state",
    "level",
    "observed_on",
    "silence_days",
    "sources",
]
CLAIM_COLUMNS = [
    "conflict",
    "subject_table",
    "subject_id",
    "title",
    "field",
    "accepted",
    "rejected",
    "resolved",
    "is_new",
    "sources",
]
LEAD_COLUMNS = ["rule", "table", "key", "title", "when", "before", "after", "passed", "sources"]


def new_rows(before: Dossier, after: Dossier) -> pd.DataFrame:
    """Return the dated rows of every table that the later view has and the earlier one lacks.

    Returns
    -------
    DataFrame
        ``kind``: ``happened since`` if no day that its date allows is on or before the earlier
        day, ``happened earlier, learned since`` if every day is, else ``dated too vaguely to
        tell``; ``table``, ``key``; ``subject_table``, ``subject``, ``title``: the row itself, or
        what it is about (an observation is about a commitment); ``detail``: the words of the row
        itself, blank where they are the title; ``when`` (EDTF), ``when_earliest``,
        ``when_latest``, ``known_on`` (days), ``sources``. By first day on which it counts.
    """
    parts = [
        _new_in(before, after, name)
        for name, resource in after.package.tables.items()
        if resource.when is not None
    ]
    found = _joined([part for part in parts if len(part)], NEW_COLUMNS)
    order = ["when_latest", "known_on", "table", "key"]
    return found.sort_values(order, kind="stable", ignore_index=True)


def levels(before: Dossier, after: Dossier) -> pd.DataFrame:
    """Return the commitments whose level or state differs between two views.

    The level on a day is that of the last observation that counts by then; blank is no evidence.

    Returns
    -------
    DataFrame
        ``commitment_id``, ``title``, ``sector``, ``level_before``, ``level_after`` (0 to 3),
        ``state_before``, ``state_after``, ``direction`` (``new``: made since; ``first evidence``,
        ``up``, ``down``, ``ended``, ``same level``, ``evidence ends``), and of the observation
        that decides: ``observed_on``, ``effective_on``, ``note``, ``sources``, and
        ``learned_late``, whether it counts from a day that the earlier view had already reached.
    """
    then = _last(before.observations, "commitment_id")
    now = _last(after.observations, "commitment_id")
    promises = after.commitments[["commitment_id", "title", "sector"]]
    old = then[["commitment_id", "level", "state"]]
    found = promises.merge(
        old.rename(columns={"level": "level_before", "state": "state_before"}), how="left"
    ).merge(now.rename(columns={"level": "level_after", "state": "state_after"}), how="inner")
    found = found.assign(learned_late=found["effective_on"] <= before.day)
    found = found.assign(
        direction=_level_direction(found, set(before.commitments["commitment_id"]))
    )
    moved = _differs(found["level_before"], found["level_after"]) | _differs(
        found["state_before"], found["state_after"]
    )
    return _sorted(found[moved], LEVEL_COLUMNS, "commitment_id")


def links(before: Dossier, after: Dossier) -> pd.DataFrame:
    """Return the links whose state changed between two views, for good or for a while.

    Returns
    -------
    DataFrame
        ``link_id``, ``title``, ``mode``, ``state_before`` (blank: not in the record then),
        ``state_after``, ``passed``: the other states that it passed through on the way,
        ``direction`` (``new``, ``opened``, ``closed``, ``for a while``, ``other``), and of the row
        that decides: ``since`` (EDTF), ``effective_on``, ``note``, ``sources``, ``learned_late``.
    """
    then = _last(before.link_states, "link_id")[["link_id", "state"]]
    now = _last(after.link_states, "link_id").rename(columns={"state": "state_after"})
    named = after.links[["link_id", "name", "mode"]].rename(columns={"name": "title"})
    found = named.merge(then.rename(columns={"state": "state_before"}), how="left").merge(now)
    passed = _passed_through(before, after)
    found = found.assign(
        passed=_tuples(
            tuple(state for state in passed.get(link, ()) if state not in ends)
            for link, *ends in found[["link_id", "state_before", "state_after"]].to_numpy()
        ),
        learned_late=found["effective_on"] <= before.day,
    )
    found = found.assign(direction=_link_direction(found))
    moved = _differs(found["state_before"], found["state_after"]) | found["passed"].map(bool)
    return _sorted(found[moved], LINK_COLUMNS, "link_id")


def targets(before: Dossier, after: Dossier) -> pd.DataFrame:
    """Return the target dates that were stated since, beside the one that stood before.

    Returns
    -------
    DataFrame
        One row per commitment and new target: ``commitment_id``, ``title``, ``target_before``
        (EDTF, the last one stated before; blank: none), ``target_after``, ``shift_days`` (between
        their latest days; blank without an earlier one), ``stated_on``, ``effective_on``,
        ``stated_by``, ``wording``, ``sources``; by the day of the statement.
    """
    stated = after.targets.sort_values("effective_on", kind="stable").dropna(subset=["target"])
    stated = stated.assign(
        target_before=stated.groupby("commitment_id")["target"].shift(),
        days_before=stated.groupby("commitment_id")["target_latest"].shift(),
    )
    new = stated[~_keys(after, "targets", stated).isin(_keys(before, "targets"))]
    titles = after.labels("commitments")
    found = new.rename(columns={"target": "target_after"}).assign(
        title=new["commitment_id"].map(titles),
        shift_days=(new["target_latest"] - new["days_before"]).dt.days.astype("Int64"),
    )
    return _sorted(found, TARGET_COLUMNS, "commitment_id")


def actors(before: Dossier, after: Dossier) -> pd.DataFrame:
    """Return people and bodies that are in the record only since, and terms that began or ended.

    Returns
    -------
    DataFrame
        ``actor_id``, ``name``, ``kind``, ``role``, ``change`` (``first seen``, ``term began``,
        ``term ended``), ``when`` (EDTF), ``sources`` of the rows that name the actor first.
    """
    rows = after.actors
    first = _first_mentions(after)
    seen = rows[~rows["actor_id"].isin(before.actors["actor_id"])].assign(change="first seen")
    seen = seen.assign(when=seen["actor_id"].map(first["when"]))
    parts = [seen]
    for column, change in (("valid_from", "term began"), ("valid_to", "term ended")):
        inside = (rows[f"{column}_latest"] > before.day) & (rows[f"{column}_latest"] <= after.day)
        parts.append(rows[inside].assign(change=change, when=rows.loc[inside, column]))
    found = _joined([part for part in parts if len(part)], [*rows.columns, "change", "when"])
    sources = found["actor_id"].map(first["sources"])
    found = found.assign(sources=_tuples(ids if isinstance(ids, tuple) else () for ids in sources))
    return found[ACTOR_COLUMNS].reset_index(drop=True)


def changes(before: Dossier, after: Dossier) -> pd.DataFrame:
    """Return everything that is different, in one frame.

    Returns
    -------
    DataFrame
        ``kind`` (see :data:`KINDS`), ``family`` (table of new rows; ``levels``, ``links``,
        ``targets`` of changed states), ``table`` and ``key`` of what it is about, ``when`` (EDTF),
        ``effective_on``, ``what``, ``before``, ``after``, ``sources``.
    """
    rows = new_rows(before, after)
    rows = rows.rename(columns={"title": "what", "when_latest": "effective_on"}).assign(
        family=rows["table"], before="", after=rows["detail"]
    )
    states = [rows, *_state_changes(before, after)]
    return _joined([part[CHANGE_COLUMNS] for part in states if len(part)], CHANGE_COLUMNS)


def counts(changed: pd.DataFrame) -> pd.DataFrame:
    """Count the rows of :func:`changes`: columns ``kind``, ``family``, ``count``, largest first."""
    found = changed.groupby(["kind", "family"], sort=False).size().rename("count").reset_index()
    return found.sort_values(
        ["kind", "count", "family"],
        key=lambda column: column.map(KINDS.index) if column.name == "kind" else column,
        ascending=[True, False, True],
        ignore_index=True,
    )


def due(dossier: Dossier, *, grace_days: int = 90) -> pd.DataFrame:
    """Return stated targets of unfinished commitments that lie ahead, or passed not long ago.

    Parameters
    ----------
    dossier : the view.
    grace_days : how many days after its last possible day a passed target is still listed.

    Returns
    -------
    DataFrame
        One row per commitment and target: ``commitment_id``, ``title``, ``target`` (EDTF),
        ``target_earliest``, ``target_latest``, ``days`` from the view's day to the target's last
        possible day (negative: passed), ``status`` (``ahead``, ``passed``), ``statements``: how
        often this target was stated, and of the last statement ``stated_by``, ``stated_on``,
        ``wording``, ``sources``. By last possible day.
    """
    stated = dossier.targets.dropna(subset=["target"])
    stated = stated[stated["commitment_id"].isin(_unfinished(dossier)["commitment_id"])]
    pair = ["commitment_id", "target"]
    stated = stated.sort_values("effective_on", kind="stable")
    stated = stated.assign(statements=stated.groupby(pair)["wording"].transform("size"))
    last = stated.drop_duplicates(pair, keep="last")
    days = (last["target_latest"] - dossier.day).dt.days
    found = last.assign(
        title=last["commitment_id"].map(dossier.labels("commitments")),
        days=days.astype("Int64"),
        status=days.ge(0).map({True: "ahead", False: "passed"}),
    )[days >= -grace_days]
    return found.sort_values(["target_latest", *pair], kind="stable", ignore_index=True)[
        DUE_COLUMNS
    ]


def silent(dossier: Dossier) -> pd.DataFrame:
    """Return unfinished commitments, those without an observation for longest first.

    Returns
    -------
    DataFrame
        ``commitment_id``, ``title``, and of the last observation ``state``, ``level``,
        ``observed_on``, ``sources``; ``silence_days`` since it.
    """
    last = _unfinished(dossier)
    found = last.assign(
        title=last["commitment_id"].map(dossier.labels("commitments")),
        silence_days=(dossier.day - last["effective_on"]).dt.days.astype("Int64"),
    )
    order = ["silence_days", "commitment_id"]
    return found.sort_values(order, ascending=[False, True], ignore_index=True)[SILENT_COLUMNS]


def contradictions(before: Dossier, after: Dossier) -> pd.DataFrame:
    """Return the conflicts of sources, those first that are about something new or changed.

    Claims whose ids differ only in their last number compete.

    Returns
    -------
    DataFrame
        ``conflict``, ``subject_table``, ``subject_id``, ``title`` of the subject, ``field``,
        ``accepted`` and ``rejected`` values (tuples), ``resolved``: whether one is accepted,
        ``is_new``: whether a value or its subject is known only since, ``sources``.
    """
    claims = after.claims.assign(conflict=after.claims["claim_id"].str.rsplit("-", n=1).str[0])
    known = set(before.claims["claim_id"])
    rows = [_conflict(after, name, group, known) for name, group in claims.groupby("conflict")]
    found = _joined([pd.DataFrame(rows)] if rows else [], CLAIM_COLUMNS)
    return found.sort_values(
        ["is_new", "resolved", "conflict"], ascending=[False, True, True], ignore_index=True
    )


def lead(before: Dossier, after: Dossier, *, joining: Iterable[str] = ()) -> pd.DataFrame:
    """Return what changed most, by a fixed order of precedence.

    The first rank that is not empty, latest first: 1. links that join the sides came into regular
    use or went out of it (``open`` on one of the two days only); 2. commitments that were
    implemented, reversed or abandoned; 3. numbered rounds; 4. other changes of links that join the
    sides; 5. other changes of levels; 6. new commitments; 7. events that happened; 8. rows learned
    late.

    Parameters
    ----------
    before, after : the two views.
    joining : ids of the links that join the sides.

    Returns
    -------
    DataFrame
        None or more rows: ``rule``, ``table``, ``key``, ``title``, ``when`` (EDTF), ``before``,
        ``after``, ``passed``, ``sources``.
    """
    ranks = _ranks(before, after, frozenset(joining))
    rule, found = next(((rule, rows) for rule, rows in ranks if len(rows)), ("", None))
    if found is None:
        return pd.DataFrame(columns=LEAD_COLUMNS)
    found = found.assign(rule=rule).sort_values(
        ["effective_on", "key"], ascending=[False, True], kind="stable", ignore_index=True
    )
    return found.reindex(columns=LEAD_COLUMNS)


def _ranks(
    before: Dossier, after: Dossier, joining: frozenset[str]
) -> Iterator[tuple[str, pd.DataFrame]]:
    moved = _about(links(before, after), "links")
    moved = moved[moved["key"].isin(joining)]
    regular = (moved["before"] == "open") != (moved["after"] == "open")
    known = moved["before"].notna()
    yield "joining link", moved[regular & known]
    shifted = _about(levels(before, after), "commitments")
    yield "outcome", shifted[shifted["after"].isin(("implemented", "reversed", "abandoned"))]
    rows = new_rows(before, after).rename(columns={"when_latest": "effective_on"})
    events = rows[rows["table"] == "events"]
    numbered = after.events.loc[after.events["round"].notna(), "event_id"]
    yield "round", events[events["key"].isin(numbered) & (events["kind"] != LEARNED)]
    yield "other link", moved
    yield "level", shifted[shifted["direction"].isin(("up", "down"))]
    yield "promise", rows[rows["table"] == "commitments"]
    yield "event", events[events["kind"] != LEARNED]
    yield "learned", rows


def _about(rows: pd.DataFrame, table: str) -> pd.DataFrame:
    """Give changed states the columns of a lead: key, before, after, when."""
    when = "since" if table == "links" else "observed_on"
    names = {
        rows.columns[0]: "key",
        "state_before": "before",
        "state_after": "after",
        when: "when",
    }
    return rows.rename(columns=names).assign(table=table)


def _new_in(before: Dossier, after: Dossier, name: str) -> pd.DataFrame:
    when = str(after.package.tables[name].when)
    rows = after.tables[name]
    keys = _keys(after, name)
    new = ~keys.isin(_keys(before, name))
    rows, keys = rows[new], keys[new]
    subjects, subject_table = _subjects(after, name, rows)
    detail = keys.map(after.labels(name))
    found = pd.DataFrame(
        {
            "kind": _kind(rows[f"{when}_earliest"], rows[f"{when}_latest"], before.day),
            "table": name,
            "key": keys,
            "subject_table": subject_table,
            "subject": subjects,
            "title": subjects.map(after.labels(subject_table)),
            "detail": "" if subject_table == name else detail,
            "when": rows[when],
            "when_earliest": rows[f"{when}_earliest"],
            "when_latest": rows[f"{when}_latest"],
            "known_on": rows["known_on"],
            "sources": rows["sources"],
        }
    )
    return found[NEW_COLUMNS]


def _kind(earliest: pd.Series, latest: pd.Series, since: pd.Timestamp) -> pd.Series:
    """Sort rows by whether their dates lie after the day, before it, or across it."""
    kinds = pd.Series(VAGUE, index=earliest.index, dtype="object")
    return kinds.mask(earliest > since, HAPPENED).mask(latest <= since, LEARNED)


def _subjects(dossier: Dossier, name: str, rows: pd.DataFrame) -> tuple[pd.Series, str]:
    """Return what the rows are about: the row that the first key column refers to, else itself."""
    resource = dossier.package.tables[name]
    for columns, other, _ in resource.references:
        if columns == resource.key[:1]:
            return rows[columns[0]].astype("object"), other
    return _keys(dossier, name, rows), name


def _last(rows: pd.DataFrame, key: str) -> pd.DataFrame:
    """Return the row of each key that counts last."""
    ordered = rows.sort_values("effective_on", kind="stable")
    return ordered.drop_duplicates(key, keep="last").drop(columns=["event_id"], errors="ignore")


def _passed_through(before: Dossier, after: Dossier) -> dict[str, tuple[str, ...]]:
    """States that each link entered since, each once, in order."""
    new = after.link_states[
        ~_keys(after, "link_states").isin(_keys(before, "link_states"))
    ].sort_values("effective_on", kind="stable")
    new = new[new["effective_on"] > before.day]
    return {str(link): tuple(dict.fromkeys(rows)) for link, rows in new.groupby("link_id")["state"]}


def _level_direction(found: pd.DataFrame, known: set[str]) -> list[str]:
    rows = found[["commitment_id", "level_before", "level_after", "state_after"]]
    return [_step(*row[1:], is_new=row[0] not in known) for row in rows.itertuples(index=False)]


def _step(level_before: Any, level_after: Any, state: Any, *, is_new: bool) -> str:
    if is_new:
        return "new"
    if state in ("abandoned", "superseded"):
        return "ended"
    if pd.isna(level_after):
        return "evidence ends"
    if pd.isna(level_before):
        return "first evidence"
    rise = int(level_after) - int(level_before)
    return "up" if rise > 0 else "down" if rise < 0 else "same level"


def _link_direction(found: pd.DataFrame) -> list[str]:
    pairs = found[["state_before", "state_after"]].itertuples(index=False)
    return [_turn(then, now) for then, now in pairs]


def _turn(then: object, now: object) -> str:
    if not isinstance(then, str):
        return "new"
    if then == now:
        return "for a while"
    if "open" in (then, now):
        return "opened" if now == "open" else "closed"
    return "other"


def _first_mentions(dossier: Dossier) -> pd.DataFrame:
    """Date and sources of the first row that names each actor; index: actor."""
    events = dossier.events.rename(columns={"date": "when"})
    promises = dossier.commitments.rename(columns={"made_on": "when", "obligated": "actors"})
    stated = dossier.targets.rename(columns={"stated_on": "when", "stated_by": "actors"})
    named = ["actors", "when", "effective_on", "sources"]
    rows = pd.concat([events[named], promises[named], stated[named]]).explode("actors")
    rows = rows.sort_values("effective_on", kind="stable").drop_duplicates("actors")
    return rows.set_index("actors")


def _state_changes(before: Dossier, after: Dossier) -> Iterator[pd.DataFrame]:
    """Yield changed states with the columns of :func:`changes`."""
    moved = _about(links(before, after), "links")
    yield moved.rename(columns={"title": "what"}).assign(kind=CHANGED, family="links")
    shifted = _about(levels(before, after), "commitments")
    shifted = shifted[shifted["direction"] != "new"]
    yield shifted.rename(columns={"title": "what"}).assign(kind=CHANGED, family="levels")
    stated = targets(before, after).rename(
        columns={
            "commitment_id": "key",
            "title": "what",
            "stated_on": "when",
            "target_before": "before",
            "target_after": "after",
        }
    )
    yield stated.assign(kind=CHANGED, family="targets", table="commitments")


def _unfinished(dossier: Dossier) -> pd.DataFrame:
    """Last observation of the commitments that are neither implemented nor ended."""
    last = dossier.commitments[["commitment_id"]].merge(
        _last(dossier.observations, "commitment_id"), how="inner"
    )
    return last[~last["state"].isin(ENDED)]


def _conflict(
    dossier: Dossier, name: object, rows: pd.DataFrame, known: set[str]
) -> dict[str, object]:
    first = rows.iloc[0]
    table, subject = str(first["subject_table"]), str(first["subject_id"])
    accepted = rows["accepted"] == "yes"
    return {
        "conflict": name,
        "subject_table": table,
        "subject_id": subject,
        "title": dossier.label(table, subject),
        "field": first["field"],
        "accepted": tuple(rows.loc[accepted, "value"]),
        "rejected": tuple(rows.loc[~accepted, "value"]),
        "resolved": bool(accepted.any()),
        "is_new": not set(rows["claim_id"]) <= known,
        "sources": tuple(dict.fromkeys(name for ids in rows["sources"] for name in ids)),
    }


def _keys(dossier: Dossier, name: str, rows: pd.DataFrame | None = None) -> pd.Series:
    found = dossier.tables[name] if rows is None else rows
    return views.joined_key(found, dossier.package.tables[name].key)


def _differs(one: pd.Series, other: pd.Series) -> pd.Series:
    """Whether two columns differ; blank and blank are the same."""
    same = (one == other).fillna(False).astype(bool) | (one.isna() & other.isna())
    return ~same


def _tuples(values: Iterable[tuple[str, ...]]) -> pd.Series:
    return pd.Series(list(values), dtype=object)


def _joined(parts: list[pd.DataFrame], columns: list[str]) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame(columns=columns)
    return pd.concat(parts, ignore_index=True).reindex(columns=columns)


def _sorted(rows: pd.DataFrame, columns: list[str], key: str) -> pd.DataFrame:
    return rows.sort_values(["effective_on", key], kind="stable", ignore_index=True)[columns]
