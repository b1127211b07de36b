"""Everything on record about one actor: its events, partners and commitments, and whom it acts for.

An event is an actor's if it names the actor, or somebody who acts for it (see
:mod:`normlib.affiliation`) and whose role had not ended before the event. Each function takes a
view, or frames of the other analysis modules, and returns a new frame.
"""

import pandas as pd

from normlib import edtf
from normlib.affiliation import superiors
from normlib.dossier import Dossier
from normlib.errors import RecipeError, nearest
from normlib.rows import dicts

CONTACT, NAMED = "contact", "named"
"""How an actor is in an event: it took part in a contact, or it is only named."""

BEFORE, AFTER = "before", "after"
"""When an event that names an actor lies outside its role."""

ITSELF, BELOW, ABOVE = "itself", "below", "above"
"""Who owes a commitment: the actor, somebody who acts for it, or whom it acts for."""

FACTS = [
    *("actor_id", "name", "kind", "country", "role", "valid_from", "valid_to"),
    *("valid_from_earliest", "valid_from_latest", "valid_to_earliest", "valid_to_latest"),
    *("aliases", "above", "below"),
]
EVENTS = [
    *("event_id", "date", "title", "type", "tone", "earliest", "known_by", "exact"),
    *("by", "part", "term", "sources"),
]
PARTNERS = ["actor_id", "count", "weight", "events", "first", "last", "sources"]


def chosen(dossier: Dossier, actor: str) -> str:
    """Return the id of the actor that is asked for, or '' if the view does not name it.

    Parameters
    ----------
    dossier : reads ``actors`` and ``events``.
    actor : its id; '' takes the person whom most events name.

    Raises
    ------
    RecipeError
        The record has no such actor.
    """
    record = (dossier.record or dossier).actors["actor_id"]
    if actor and actor not in set(record):
        raise RecipeError(f"the record has no actor '{actor}'. {nearest(actor, record)}".strip())
    known = dossier.actors
    if actor:
        return actor if actor in set(known["actor_id"]) else ""
    people = known.loc[known["kind"].eq("person"), "actor_id"]
    counts = dossier.events["actors"].explode().value_counts()
    ranked = sorted(people, key=lambda name: (-int(counts.get(name, 0)), name))
    return ranked[0] if ranked else ""


def facts(dossier: Dossier, actor: str) -> pd.DataFrame:
    """Return what the record says of an actor: one row, none if the view does not have it.

    Returns
    -------
    ``actor_id``, ``name``, ``kind``, ``country``, ``role``, ``valid_from``, ``valid_to`` (EDTF
    text, and days), ``aliases``; ``above``: whom it acts for, the nearest first; ``below``: who
    acts for it, directly or through others, by id.
    """
    chains = superiors(dossier.actors)
    rows = dossier.actors[dossier.actors["actor_id"].eq(actor)].reset_index(drop=True)
    below = tuple(sorted(name for name, chain in chains.items() if actor in chain))
    lists = {"above": [chains[name] for name in rows["actor_id"]], "below": [below] * len(rows)}
    columns = {name: pd.Series(found, rows.index, dtype="object") for name, found in lists.items()}
    return rows.assign(**columns)[FACTS]


def events(dossier: Dossier, facts: pd.DataFrame, took_part: pd.DataFrame) -> pd.DataFrame:
    """Return the events of an actor in the order of their days.

    Parameters
    ----------
    dossier : reads ``events`` and the terms of ``actors``.
    facts : of :func:`facts`.
    took_part : of :func:`normlib.actors.participations`: who took part in which contact.

    Returns
    -------
    ``event_id``, ``date`` (EDTF text), ``title``, ``type``, ``tone``, ``earliest`` (NaT for "not
    later than"), ``known_by``, ``exact`` (one day, without reserve), ``by`` (who of the actor and
    those who act for it is named, the actor first), ``part`` (``contact``: one of them took part in
    a contact; ``named``: they spoke, acted, were addressed or concerned, which the record does not
    tell apart), ``term`` (``before`` or ``after`` its role, where the actor itself is named and
    that is certain; else blank), ``sources``.
    """
    there = set(zip(took_part["event_id"], took_part["actor_id"], strict=True))
    by = pd.Series(_named(dossier, facts), dossier.events.index, dtype="object")
    rows = dossier.events.assign(by=by)[by.map(bool).astype(bool)]
    met = [
        CONTACT if any((event, name) in there for name in names) else NAMED
        for event, names in zip(rows["event_id"], rows["by"], strict=True)
    ]
    found = rows.assign(
        earliest=rows["date_earliest"],
        known_by=rows["effective_on"],
        exact=rows["date"].map(lambda text: edtf.parse(text).exact).astype(bool),
        part=pd.Series(met, rows.index, dtype="str"),
        term=_terms(rows, facts),
        day=_days(rows),
    )
    ordered = found.sort_values(["day", "known_by", "event_id"], ignore_index=True)
    return ordered[EVENTS]


def terms(facts: pd.DataFrame) -> pd.DataFrame:
    """Return when the role of an actor began and ended, as far as a source says.

    ``facts`` is that of :func:`facts`.

    Returns
    -------
    ``actor_id``, ``change`` (``begins`` or ``ends``), ``date`` (EDTF text), ``earliest``,
    ``known_by`` (first and last day that it allows).
    """
    columns = {"begins": "valid_from", "ends": "valid_to"}
    parts = [
        pd.DataFrame(
            {
                "actor_id": facts["actor_id"],
                "change": pd.Series(change, facts.index, dtype="str"),
                "date": facts[name],
                "earliest": facts[f"{name}_earliest"],
                "known_by": facts[f"{name}_latest"],
            }
        )
        for change, name in columns.items()
    ]
    return pd.concat([part.dropna(subset=["date"]) for part in parts], ignore_index=True)


def partners(facts: pd.DataFrame, took_part: pd.DataFrame) -> pd.DataFrame:
    """Return with whom an actor took part in contacts, the strongest tie first.

    Those who act for the actor count as the actor, so that a ministry meets whom its minister
    meets. For an actor for whom nobody acts these are the ties of
    :func:`normlib.actors.ties`. The weight of a tie is the sum over the shared events of 1/(others
    who took part) (Newman 2001, doi 10.1103/PhysRevE.64.016132).

    Parameters
    ----------
    facts : of :func:`facts`.
    took_part : of :func:`normlib.actors.participations`.

    Returns
    -------
    ``actor_id``, ``count`` (events shared), ``weight``, ``events`` (ids by day), ``first``,
    ``last`` (EDTF dates of the first and the last of them), ``sources``.
    """
    own = took_part["actor_id"].isin(_circle(facts))
    inside = took_part[took_part["event_id"].isin(took_part.loc[own, "event_id"])]
    others = inside[~own.reindex(inside.index)].sort_values(["day", "event_id"], kind="stable")
    size = others.groupby("event_id")["actor_id"].transform("size")
    found = [
        {
            "actor_id": name,
            "count": len(rows),
            "weight": float(rows["share"].sum()),
            "events": tuple(rows["event_id"]),
            "first": rows["date"].iloc[0],
            "last": rows["date"].iloc[-1],
            "sources": tuple(dict.fromkeys(one for ids in rows["sources"] for one in ids)),
        }
        for name, rows in others.assign(share=1.0 / size).groupby("actor_id")
    ]
    rows = pd.DataFrame(found, columns=PARTNERS).astype({"count": "int64", "weight": "float64"})
    rounded = rows.assign(order=rows["weight"].round(9))
    keys = ["order", "count", "actor_id"]
    return rounded.sort_values(keys, ascending=[False, False, True], ignore_index=True)[PARTNERS]


def circle(ties: pd.DataFrame, actor: str, *, most: int = 25) -> pd.DataFrame:
    """Return the ties of an actor with its closest partners, and of these with each other.

    Parameters
    ----------
    ties : of :func:`normlib.actors.ties`.
    actor : id of the actor.
    most : how many partners at most: those of the strongest ties.
    """
    near = ties[ties["actor_a"].eq(actor) | ties["actor_b"].eq(actor)].head(most)
    kept = {*near["actor_a"], *near["actor_b"]}
    inside = ties["actor_a"].isin(kept) & ties["actor_b"].isin(kept)
    return ties[inside].reset_index(drop=True)


def commitments(ledger: pd.DataFrame, facts: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Return the commitments that an actor owes, or that were made in an event of its own.

    Parameters
    ----------
    ledger : of :func:`normlib.commitments.ledger`.
    facts : of :func:`facts`.
    events : of :func:`events`.

    Returns
    -------
    Rows of the ledger, in its order; ``owed`` (``itself``, ``below``: only somebody who acts for it
    owes it, ``above``: only somebody for whom it acts; else blank), ``owed_by`` (those of them who
    owe it, the actor alone if it does) and ``present`` (``contact`` or ``named``: its part in the
    event in which the commitment was made; else blank).
    """
    parts = dict(zip(events["event_id"], events["part"], strict=True))
    owing = [_owed(set(ids), facts) for ids in ledger["obligated"]]
    words = {
        "owed": [how for how, _ in owing],
        "owed_by": [who for _, who in owing],
        "present": [parts.get(event, "") for event in ledger["event_id"]],
    }
    types = {"owed": "str", "owed_by": "object", "present": "str"}
    found = {name: pd.Series(words[name], ledger.index, dtype=types[name]) for name in words}
    rows = ledger.assign(**found)
    return rows[rows["owed"].ne("") | rows["present"].ne("")].reset_index(drop=True)


def stated(targets: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """Return the dates that an actor, or somebody who acts for it, named for commitments.

    ``targets`` are those of :func:`normlib.commitments.targets`.
    """
    return targets[targets["stated_by"].isin(_circle(facts))].reset_index(drop=True)


def rows_of(
    facts: pd.DataFrame, events: pd.DataFrame, commitments: pd.DataFrame
) -> set[tuple[str, str]]:
    """Return the rows that a profile rests on, as (table, id).

    The actor, the events that name the actor itself, and the commitments that it owes itself.
    """
    ids = set(facts["actor_id"])
    own = [bool(ids & set(by)) for by in events["by"]]
    keys = {
        "actors": facts["actor_id"],
        "events": events.loc[own, "event_id"],
        "commitments": commitments.loc[commitments["owed"].eq(ITSELF), "commitment_id"],
    }
    return {(table, str(key)) for table, found in keys.items() for key in found}


def _circle(facts: pd.DataFrame) -> list[str]:
    """Return the actor and those who act for it."""
    return [*facts["actor_id"], *(name for below in facts["below"] for name in below)]


def _named(dossier: Dossier, facts: pd.DataFrame) -> list[tuple[str, ...]]:
    """Return for each event who is named of an actor and those who act for it on its day."""
    own, circle = set(facts["actor_id"]), set(_circle(facts))
    until = dossier.actors.set_index("actor_id")["valid_to_latest"].to_dict()
    events = dossier.events
    found = []
    for listed, day in zip(events["actors"].tolist(), _days(events).tolist(), strict=True):
        named = circle.intersection(listed)
        acting = [name for name in named if name in own or not until[name] < day]
        found.append(tuple(sorted(acting, key=lambda name: (name not in own, name))))
    return found


def _days(events: pd.DataFrame) -> pd.Series:
    """Return the first day that the date of each event allows, or else the last one."""
    return events["date_earliest"].fillna(events["date_latest"])


def _terms(events: pd.DataFrame, facts: pd.DataFrame) -> pd.Series:
    """Tell which events that name the actor itself surely lie outside its role."""
    words = pd.Series("", events.index, dtype="str")
    for own in dicts(facts):
        itself = events["by"].str[0].eq(own["actor_id"])
        early = events["date_latest"] < own["valid_from_earliest"]
        late = events["date_earliest"] > own["valid_to_latest"]
        words = words.mask(itself & early, BEFORE).mask(itself & late, AFTER)
    return words


def _owed(obligated: set[str], facts: pd.DataFrame) -> tuple[str, tuple[str, ...]]:
    for row in dicts(facts):
        for how, ids in ((ITSELF, [row["actor_id"]]), (BELOW, row["below"]), (ABOVE, row["above"])):
            if who := tuple(name for name in ids if name in obligated):
                return how, who
    return "", ()
