"""The whole life of one commitment: its chain of replacements, what is on record, what lies beside.

A commitment that a newer one replaced and the newer one are one story. Each function takes the
frames of :mod:`normlib.commitments` and returns a new one.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from normlib.dossier import Dossier
from normlib.errors import RecipeError, nearest
from normlib.promises import dates_seen
from normlib.rows import dicts

MADE, NAMED, OBSERVED = "made", "named", "observed"

LIFE = [
    *("commitment_id", "title", "date", "day", "kind", "words", "level", "state", "target"),
    *("actor_id", "event_id", "sources"),
]


def chosen(dossier: Dossier, ledger: pd.DataFrame, commitment: str) -> str:
    """Return the id of the commitment that is asked for, or '' if it was not made by the day.

    Parameters
    ----------
    dossier : says which commitments the record has.
    ledger : of :func:`normlib.commitments.ledger`.
    commitment : its id; '' takes the one for which dates were named most often.

    Raises
    ------
    RecipeError
        The record has no such commitment.
    """
    known = (dossier.record or dossier).commitments["commitment_id"]
    if commitment and commitment not in set(known):
        hint = nearest(commitment, known)
        raise RecipeError(f"the record has no commitment '{commitment}'. {hint}".strip())
    ids = [str(name) for name in ledger["commitment_id"]]
    if commitment or not ids:
        return commitment if commitment in ids else ""
    return ids[int(ledger["n_targets"].to_numpy().argmax())]


def in_stories(ledger: pd.DataFrame) -> pd.DataFrame:
    """Return a ledger with the story of each commitment.

    Reads ``commitment_id`` and ``superseded_by`` of :func:`normlib.commitments.ledger`.

    Returns
    -------
    The ledger, and ``story`` (the id of the newest commitment of the story) and ``back`` (0 for the
    newest, 1 for the one that it replaced, and so on).
    """
    newer = _newer(ledger)
    ways = [_way(name, newer) for name in ledger["commitment_id"]]
    return ledger.assign(
        story=pd.Series([way[-1] for way in ways], index=ledger.index, dtype="str"),
        back=pd.Series([len(way) - 1 for way in ways], index=ledger.index, dtype="int64"),
    )


def story(ledger: pd.DataFrame, commitment: str) -> pd.DataFrame:
    """Return the rows of a ledger that tell the story of one commitment, the oldest first.

    No rows if the ledger does not have it. Adds the columns of :func:`in_stories`.
    """
    rows = in_stories(ledger)
    own = rows.loc[rows["commitment_id"].eq(commitment), "story"]
    told = rows[rows["story"].isin(own)]
    return told.sort_values("back", ascending=False, kind="stable").reset_index(drop=True)


def life(dossier: Dossier, told: pd.DataFrame, stated: pd.DataFrame) -> pd.DataFrame:
    """Return all that is on record about the commitments of a story, in the order of its days.

    Parameters
    ----------
    dossier : reads commitments and observations, all of them.
    told : of :func:`story`.
    stated : of :func:`normlib.commitments.targets`.

    Returns
    -------
    ``commitment_id``, ``title``, ``date`` (EDTF text), ``day`` (on which it was surely so),
    ``kind`` (``made``, ``named``: a date was named for it, ``observed``), ``words`` (text, wording
    or note), ``level`` and ``state`` (of observations), ``target`` (the date named), ``actor_id``
    (who named it), ``event_id``, ``sources``.
    """
    ids = told["commitment_id"]
    seen = dossier.observations
    seen = seen.assign(observed_on=dates_seen(dossier, np.arange(len(seen))))
    parts = [
        _part(dossier.commitments, MADE, date="made_on", day="effective_on", words="text"),
        _part(stated, NAMED, date="stated_on", day="stated_day", words="wording"),
        _part(seen, OBSERVED, date="observed_on", day="effective_on", words="note"),
    ]
    found = pd.concat([part[part["commitment_id"].isin(ids)] for part in parts])
    found["title"] = found["commitment_id"].map(dossier.labels("commitments")).astype("str")
    found["level"] = found["level"].astype("Int64")
    order = {MADE: 0, NAMED: 1, OBSERVED: 2}
    found["rank"] = found["kind"].map(order)
    return found.sort_values(["day", "rank"], kind="stable").reset_index(drop=True)[LIFE]


def beside(ledger: pd.DataFrame, commitment: str) -> pd.DataFrame:
    """Return the other commitments about the same links, in the order in which they were made.

    Returns
    -------
    Rows of the ledger that are not of the same story, and ``shared`` (the links in common).
    """
    told = story(ledger, commitment)
    links = {link for ids in told["links"] for link in ids}
    shared = [tuple(link for link in ids if link in links) for ids in ledger["links"]]
    rows = ledger.assign(shared=pd.Series(shared, index=ledger.index, dtype="object"))
    common = rows["shared"].map(bool).astype(bool) & ~rows["commitment_id"].isin(
        told["commitment_id"]
    )
    return rows[common].reset_index(drop=True)


def rows_of(told: pd.DataFrame, life: pd.DataFrame) -> set[tuple[str, str]]:
    """Return the rows that a story rests on, as (table, id): commitments, events and links.

    ``told`` is that of :func:`story`, ``life`` of :func:`life`.
    """
    events = [*told["event_id"].dropna(), *life["event_id"].dropna()]
    ids = {"commitments": list(told["commitment_id"]), "events": events, "links": links_of(told)}
    return {(table, str(key)) for table, keys in ids.items() for key in keys}


def links_of(told: pd.DataFrame) -> list[str]:
    """Return the links that the commitments of a story are about, each once."""
    return list(dict.fromkeys(str(link) for ids in told["links"] for link in ids))


def _newer(ledger: pd.DataFrame) -> Mapping[str, str]:
    rows = dicts(ledger[["commitment_id", "superseded_by"]])
    return {
        row["commitment_id"]: row["superseded_by"]
        for row in rows
        if isinstance(row["superseded_by"], str)
    }


def _way(name: str, newer: Mapping[str, str]) -> list[str]:
    """Return a commitment and those that replaced it, one after the other."""
    way = [name]
    while (following := newer.get(way[-1])) is not None and following not in way:
        way.append(following)
    return way


def _part(rows: pd.DataFrame, kind: str, *, date: str, day: str, words: str) -> pd.DataFrame:
    blank = pd.Series(None, index=rows.index, dtype="str")
    return pd.DataFrame(
        {
            "commitment_id": rows["commitment_id"],
            "date": rows[date],
            "day": rows[day],
            "kind": pd.Series(kind, index=rows.index, dtype="str"),
            "words": rows[words],
            "level": rows.get("level", pd.Series(pd.NA, index=rows.index, dtype="Int64")),
            "state": rows.get("state", blank),
            "target": rows.get("target", blank),
            "actor_id": rows.get("stated_by", blank),
            "event_id": rows.get("event_id", blank),
            "sources": rows["sources"],
        }
    )
