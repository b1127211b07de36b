"""The page of one actor: who it is, its events, its partners, and what was promised.

The frames are those of :mod:`normlib.profiles`.
"""

from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.affiliation import countries
from normlib.dossier import Dossier
from normlib.figures.actors import period_words, two_decimals
from normlib.figures.commitments import state_words
from normlib.figures.common import cited
from normlib.figures.levels import level_words
from normlib.figures.network import network_figure
from normlib.figures.stack import Record
from normlib.figures.tables import Link, Note, Number, Source, Table, Title
from normlib.figures.targets import targets_table
from normlib.figures.theme import LEVEL_STYLES, TONE_STYLES
from normlib.figures.words import count_words, date_words, day_words, list_words
from normlib.profiles import ABOVE, AFTER, BEFORE, BELOW, CONTACT, ITSELF, NAMED
from normlib.rows import dicts

PARTS = {CONTACT: "took part", NAMED: "named"}
"""What the parts of an actor in an event are called."""

TERMS = {BEFORE: "before the role began", AFTER: "after the role ended"}

PLACES = {CONTACT: "in an event in which they took part", NAMED: "in an event that names them"}

Words = list[str | Link | Source]


def profile_title(facts: pd.DataFrame) -> Title:
    """Return the title of the page: the name of the actor."""
    return Title(_name(facts))


def profile_note(
    facts: pd.DataFrame,
    events: pd.DataFrame,
    partners: pd.DataFrame,
    commitments: pd.DataFrame,
    *,
    day: pd.Timestamp,
) -> Note:
    """Say how often an actor is named, how often it took part, with how many, and what it owes."""
    met = int(events["part"].eq(CONTACT).sum())
    owed = int(commitments["owed"].eq(ITSELF).sum())
    numbers = [
        Number("events", "Events", len(events)),
        Number("shared-events", "Shared events", met),
        Number("partners", "Partners", len(partners)),
        Number("owed", "Commitments owed", owed),
    ]
    if events.empty:
        return Note(f"No event known on {day_words(day)} names {_name(facts)}.", numbers=numbers)
    ends = events.iloc[[0, -1]]
    span = list(dict.fromkeys(ends["date"].map(date_words)))
    acting = ", itself or through its people and bodies," if _acted_for(facts) else ""
    part = _shared(met)
    others = f", with {count_words(len(partners), 'partner')}" if len(partners) else ""
    return Note(
        f"{_name(facts)} is named{acting} in {count_words(len(events), 'event')} on record, "
        f"{' to '.join(span)}; {part}{others}. Commitments owed in their own name: "
        f"{owed or 'none'}.",
        cited(ends),
        numbers,
    )


def profile_table(facts: pd.DataFrame, dossier: Dossier) -> Table:
    """Return what the record says of an actor, a line for each thing that it says."""
    lines = [line for row in dicts(facts) for line in _lines(row, dossier)]
    known = [line for line in lines if str(line["said"])]
    return Table(
        pd.DataFrame(known, columns=["what", "said"], dtype="object"),
        columns={"what": "What", "said": "On record"},
        caption=f"What the record says of them. {dossier.stamp}",
    )


def term_note(facts: pd.DataFrame, events: pd.DataFrame) -> Note:
    """Say whether an event names an actor outside the role that the record gives it."""
    if facts[["valid_from", "valid_to"]].isna().all(axis=None):
        return Note("The record gives no day on which the role began or ended.")
    outside = events[events["term"].ne("")]
    if outside.empty:
        return Note("No event on record that names them lies outside the days given for the role.")
    words: Words = ["Events that name them outside the days given for the role:"]
    for row in dicts(outside):
        link = Link(row["title"], "events", row["event_id"])
        words += [" ", link, f" ({date_words(row['date'])}, {TERMS[row['term']]});"]
    words[-1] = str(words[-1]).removesuffix(";") + "."
    return Note(words, cited(outside))


def profile_events(events: pd.DataFrame, facts: pd.DataFrame, dossier: Dossier) -> Table:
    """Return the events of an actor in the order of their days, with its part in each."""
    rows = dicts(events)
    links: list[Any] = [Link(row["title"], "events", row["event_id"]) for row in rows]
    several = {"by": "Who is named"} if _acted_for(facts) else {}
    return Table(
        events.assign(
            when=events["date"].map(date_words),
            what=links,
            kind=[_kind(row, dossier) for row in rows],
            how=[_part(row) for row in rows],
        ),
        columns={
            "when": "Date",
            "what": "Event",
            "kind": "Kind and tone",
            "how": "Part",
            **several,
            "sources": "Sources",
        },
        caption=f"Everything that names them, in order ({count_words(len(events), 'event')})",
        refs={"by": ("actors", dossier.labels("actors"))},
    )


def profile_since_note(events: pd.DataFrame, *, since: pd.Timestamp) -> Note:
    """Say how many events of an actor came after a day."""
    new = events[events["known_by"] > since]
    if new.empty:
        return Note(f"Nothing dated after {day_words(since)} names them.")
    met = int(new["part"].eq(CONTACT).sum())
    name = "names" if len(new) == 1 else "name"
    part = _shared(met)
    return Note(
        f"After {day_words(since)}, {count_words(len(new), 'event')} {name} them; {part}.",
        cited(new),
    )


def profile_partners(partners: pd.DataFrame, dossier: Dossier) -> Table | Note:
    """Return with whom an actor shared events, and which."""
    if partners.empty:
        return Note("No event on record is shared by them and somebody else who is named.")
    homes, labels = countries(dossier.actors), dossier.labels("countries")
    dates = dossier.events.set_index("event_id")["date"].map(date_words).to_dict()
    return Table(
        partners.assign(
            weight=partners["weight"].round(2),
            home=[labels.get(homes.get(name, ""), "") for name in partners["actor_id"]],
        ),
        columns={
            "actor_id": "Partner",
            "home": "For",
            "count": "Events",
            "weight": "Weight",
            "events": "When, and which event",
            "sources": "Sources",
        },
        caption=f"{count_words(len(partners), 'partner')}, by weight. {dossier.stamp}",
        refs={
            "actor_id": ("actors", dossier.labels("actors")),
            "events": ("events", {str(event): words for event, words in dates.items()}),
        },
    )


def partners_note(partners: pd.DataFrame, dossier: Dossier) -> Note:
    """Say with whom an actor has the strongest tie, and how many partners it met once only."""
    if partners.empty:
        return Note("Without a shared event there is no tie.")
    names, top = dossier.labels("actors"), dicts(partners)[0]
    once = int(partners["count"].eq(1).sum())
    return Note(
        [
            "The strongest tie is with ",
            Link(names[top["actor_id"]], "actors", top["actor_id"]),
            f": {count_words(top['count'], 'event')}, {period_words(top)}, weight "
            f"{two_decimals(top['weight'])}. {once or 'None'} of "
            f"{count_words(len(partners), 'partner')} {'are' if once > 1 else 'is'} in one shared "
            "event only.",
        ],
        top["sources"],
    )


def partners_network(
    circle: pd.DataFrame,
    centrality: pd.DataFrame,
    positions: pd.DataFrame,
    facts: pd.DataFrame,
    *,
    dossier: Dossier,
) -> go.Figure | Note:
    """Draw an actor among its closest partners, each where the large network has it.

    Parameters
    ----------
    circle : of :func:`normlib.profiles.circle`.
    centrality, positions : of the whole network, see :mod:`normlib.actors`.
    """
    if _acted_for(facts):
        return Note("In the network those who act for them stand in their place.")
    if circle.empty:
        return Note("The network has no tie of theirs that could be drawn.")
    inside = centrality["actor_id"].isin({*circle["actor_a"], *circle["actor_b"]})
    shown = centrality[inside].reset_index(drop=True)
    title = f"{_name(facts)} and closest partners"
    (focus,) = facts["actor_id"]
    return network_figure(
        circle, shown, positions, dossier=dossier, most=len(shown), title=title, focus=focus
    )


def profile_commitments(commitments: pd.DataFrame, dossier: Dossier) -> Table | Note:
    """Return what an actor, or who acts for it, owes, and what was promised where it was named."""
    own = commitments[commitments["owed"].isin((ITSELF, BELOW)) | commitments["present"].ne("")]
    if own.empty:
        return Note("No commitment is owed by them or was made in an event that names them.")
    rows = dicts(own)
    links: list[Any] = [Link(row["title"], "commitments", row["commitment_id"]) for row in rows]
    now: list[Any] = [_now(row) for row in rows]
    return Table(
        own.assign(
            commitment=links,
            made=[_made(row) for row in rows],
            now=now,
        ),
        columns={
            "commitment": "Commitment",
            "made": "Made",
            "now": "Level, state and last observation",
            "obligated": "Owed by",
            "sources": "Sources",
        },
        caption=f"{count_words(len(own), 'commitment')} that concern them. {dossier.stamp}",
        refs={"obligated": ("actors", dossier.labels("actors"))},
    )


def owed_note(commitments: pd.DataFrame, dossier: Dossier) -> Note:
    """Tell apart what an actor owes itself and what those owe whom it acts for, with the levels."""
    own = commitments[commitments["owed"].eq(ITSELF)]
    words: Words = [f"Owed in their own name: {_levels(own)}."]
    below = commitments[commitments["owed"].eq(BELOW)]
    if len(below):
        words += [f" Owed by those only who act for it: {_levels(below)}."]
    above = commitments[commitments["owed"].eq(ABOVE)]
    if len(above):
        who = dict.fromkeys(one for ids in above["owed_by"] for one in ids)
        labels = dossier.labels("actors")
        words += [" Owed by "]
        for place, one in enumerate(who):
            words += [" or " if place else "", Link(labels[one], "actors", one)]
        met = int(above["present"].eq(CONTACT).sum())
        words += [
            f", for whom they act, and not by them: {_levels(above)}; {met or 'none'} of these "
            f"{'were' if met > 1 else 'was'} made in an event in which they took part."
        ]
    return Note(words)


def dates_stated(stated: pd.DataFrame) -> Table | Note:
    """Return the dates that an actor named for commitments: of :func:`normlib.profiles.stated`."""
    if stated.empty:
        return Note("They named no date for a commitment, as far as is on record.")
    return targets_table(stated)


def _name(facts: pd.DataFrame) -> str:
    return "Actor" if facts.empty else str(facts["name"].iloc[0])


def _shared(met: int) -> str:
    """Say how many of the events just told are shared with somebody else who is named."""
    words = "is a shared event" if met < 2 else "are shared events"
    return f"{met or 'none'} of these {words}"


def _acted_for(facts: pd.DataFrame) -> bool:
    """Whether somebody acts for the actor."""
    return any(facts["below"])


def _kind(row: Record, dossier: Dossier) -> str:
    types = dossier.package.tables["events"].fields["type"].categories
    return f"{types[row['type']]['label']}, {TONE_STYLES[row['tone']].label}"


def _part(row: Record) -> str:
    return ", ".join(filter(None, (PARTS[row["part"]], TERMS.get(row["term"]))))


def _lines(row: Record, dossier: Dossier) -> list[dict[str, Any]]:
    kinds = dossier.package.tables["actors"].fields["kind"].categories
    said = {
        "Kind": kinds[row["kind"]]["label"],
        "Country": dossier.labels("countries").get(row["country"], ""),
        "Role": row["role"],
        "Role from": date_words(row["valid_from"]),
        "Role until": date_words(row["valid_to"]),
        "Acts for": _linked(row["above"], dossier),
        "Acts through": _linked(row["below"], dossier),
        "Other names": " · ".join(row["aliases"]),
    }
    return [{"what": what, "said": words} for what, words in said.items()]


def _linked(ids: tuple[str, ...], dossier: Dossier) -> Note:
    names, words = dossier.labels("actors"), Words()
    for place, name in enumerate(ids):
        words += ["; " if place else "", Link(names[name], "actors", name)]
    return Note(words)


def _made(row: Record) -> str:
    return ", ".join(filter(None, (date_words(row["made_on"]), PLACES.get(row["present"]))))


def _now(row: Record) -> Note:
    (level,) = level_words(pd.Series([row["level"]], dtype="Int64"))
    state = state_words(row)
    said = [state] if isinstance(state, str) else list(state.text)
    return Note([f"{level}. ", *said])


def _levels(commitments: pd.DataFrame) -> str:
    """Count commitments by their level on the day."""
    if commitments.empty:
        return "none"
    counts = commitments["level"].value_counts(dropna=False)
    told = [
        f"{int(counts.get(pd.NA if level is None else level, 0))} at “{style.label}”"
        for level, style in LEVEL_STYLES.items()
    ]
    return f"{len(commitments)} ({list_words(one for one in told if not one.startswith('0 at'))})"
