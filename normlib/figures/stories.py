"""The page of one commitment: its title, what is on record about it, its dates and its links."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.dossier import Dossier
from normlib.figures.commitments import life_words, state_words
from normlib.figures.common import cited
from normlib.figures.levels import level_words
from normlib.figures.linkmaps import links_figure
from normlib.figures.stack import Record, missing
from normlib.figures.tables import Link, Note, Number, Source, Table, Title
from normlib.figures.targets import targets_figure
from normlib.figures.theme import LEVEL_STYLES
from normlib.figures.words import count_words, date_words, day_words, list_words
from normlib.rows import dicts

KINDS = {"made": "Promised", "named": "Date named", "observed": "Observed"}
"""What the parts of a life are called."""

NOUNS = {
    "made": ("commitment made", "commitments made"),
    "named": ("date named", "dates named"),
    "observed": ("observation", "observations"),
}


def story_title(told: pd.DataFrame) -> Title:
    """Return the title of the page: the newest commitment of a story."""
    return Title("Commitment" if told.empty else str(told["title"].iloc[-1]))


def story_note(told: pd.DataFrame, *, day: pd.Timestamp) -> Note:
    """Say where a commitment stands: level, state, days outstanding, dates named, silence."""
    if told.empty:
        return Note(f"By {day_words(day)} this commitment is not on record.")
    row = dicts(told)[-1]
    level = None if missing(row["level"]) else int(row["level"])
    numbers = [
        Number("level", "Level", row["level"]),
        Number("outstanding", "Days outstanding", _open_days(row), "days"),
        Number("dates", "Dates named", row["n_targets"]),
    ]
    since = "" if missing(row["state"]) else f" ({row['state']} {_since(row['state_since'])})"
    named = count_words(int(row["n_targets"]), "date") if row["n_targets"] else "no date"
    were = "were" if row["n_targets"] > 1 else "was"
    return Note(
        f"Promised {date_words(row['made_on'])}; on {day_words(day)} its level is "
        f"{LEVEL_STYLES[level].label}{since}. {life_words(row)} "
        f"{named.capitalize()} {were} named for it.",
        row["sources"],
        numbers,
    )


def facts_table(told: pd.DataFrame, dossier: Dossier) -> Table:
    """Return the words of each commitment of a story, who owes it, and what it is about."""
    made: list[Any] = [_made(row, dossier) for row in dicts(told)]
    return Table(
        told.assign(made=made),
        columns={
            "title": "Commitment",
            "text": "In which words",
            "made": "Made",
            "obligated": "Owed by",
            "links": "Links",
            "sources": "Sources",
        },
        caption=f"What was promised. {dossier.stamp}",
        anchor=("commitments", "commitment_id"),
        refs={
            "obligated": ("actors", dossier.labels("actors")),
            "links": ("links", dossier.labels("links")),
        },
    )


def chain_note(told: pd.DataFrame) -> Note:
    """Say what a commitment replaced, or that it stands alone."""
    if len(told) < 2:
        return Note("It replaced no earlier commitment, and none has replaced it.")
    words: list[str | Link | Source] = [
        "One story of several commitments, each of which replaced the last:"
    ]
    for row in dicts(told):
        link = Link(f"“{row['title']}”", "commitments", row["commitment_id"])
        words += [" ", link, f" ({date_words(row['made_on'])});"]
    words[-1] = str(words[-1]).removesuffix(";") + "."
    return Note(words, [name for ids in told["sources"] for name in ids])


def life_table(life: pd.DataFrame, dossier: Dossier, *, several: bool = False) -> Table:
    """Return all that is on record about a commitment, in the order of its days.

    ``life`` is that of :func:`normlib.stories.life`; ``several`` names the commitment of each row.
    """
    rows = dicts(life)
    names = dossier.labels("actors")
    links: list[Any] = [Link(row["title"], "commitments", row["commitment_id"]) for row in rows]
    what: list[Any] = [_what(row, names) for row in rows]
    return Table(
        life.assign(when=life["date"].map(date_words), what=what, commitment=links),
        columns={
            "when": "Date",
            "what": "What",
            "words": "In which words",
            "event_id": "Event",
            **({"commitment": "Commitment"} if several else {}),
            "sources": "Sources",
        },
        caption=f"Everything on record about it, in order ({count_words(len(life), 'row')})",
        refs={"event_id": ("events", dossier.labels("events"))},
    )


def life_since_note(life: pd.DataFrame, *, since: pd.Timestamp) -> Note:
    """Say how much was added to a life after a day."""
    new = life[life["day"] > since]
    if new.empty:
        return Note(f"Nothing dated after {day_words(since)} is on record about it.")
    counts = new["kind"].value_counts()
    told = [count_words(int(counts[kind]), *NOUNS[kind]) for kind in KINDS if kind in counts]
    return Note(f"Since {day_words(since)}: {list_words(told)}.", cited(new))


def dates_named(
    stated: pd.DataFrame, told: pd.DataFrame, *, day: pd.Timestamp, stamp: str
) -> go.Figure | Note:
    """Draw the dates that were named for a story, or say that there are none.

    ``stated`` is that of :func:`normlib.commitments.targets`, ``told`` of
    :func:`normlib.stories.story`.
    """
    own = stated[stated["commitment_id"].isin(told["commitment_id"])].dropna(
        subset=["target_latest"]
    )
    if own.empty:
        return Note(
            "No date was named for it, so it has no delay that could be counted: that is none, not "
            "zero."
        )
    return targets_figure(own, told, day=day, stamp=stamp, title="Dates named, and what came")


def links_map(status: pd.DataFrame, links: Sequence[str], dossier: Dossier) -> go.Figure | Note:
    """Draw the links that a commitment is about, or say that it names none.

    ``status`` is that of :func:`normlib.connectivity.link_status`, ``links`` of
    :func:`normlib.stories.links_of`.
    """
    own = status[status["link_id"].isin(links)].reset_index(drop=True)
    if own.empty:
        return Note("It names no physical link of the record.")
    return links_figure(own, status, dossier)


def promised_beside(beside: pd.DataFrame, dossier: Dossier) -> Table | Note:
    """Return what else was promised about the same links: of :func:`normlib.stories.beside`."""
    if beside.empty:
        return Note("Nothing else was promised about the same links.")
    rows = dicts(beside)
    links: list[Any] = [Link(row["title"], "commitments", row["commitment_id"]) for row in rows]
    now: list[Any] = [state_words(row) for row in rows]
    return Table(
        beside.assign(
            commitment=links,
            made=beside["made_on"].map(date_words),
            level_shown=level_words(beside["level"]),
            now=now,
        ),
        columns={
            "commitment": "Commitment",
            "shared": "Links in common",
            "made": "Made",
            "level_shown": "Level",
            "now": "State and last observation",
            "obligated": "Owed by",
            "sources": "Sources",
        },
        caption=f"What else was promised about the same links. {dossier.stamp}",
        refs={
            "shared": ("links", dossier.labels("links")),
            "obligated": ("actors", dossier.labels("actors")),
        },
    )


def _open_days(row: Record) -> Any:
    return None if row["standing"] == "ended" else row["outstanding_days_high"]


def _since(text: str) -> str:
    words = date_words(text)
    return words if words.startswith("by ") else f"since {words}"


def _made(row: Record, dossier: Dossier) -> Note:
    words: list[str | Link | Source] = [date_words(row["made_on"])]
    if isinstance(row["event_id"], str):
        event = dossier.labels("events").get(row["event_id"], row["event_id"])
        words += [": ", Link(event, "events", row["event_id"])]
    return Note(words)


def _what(row: Record, names: Mapping[str, str]) -> Note | str:
    if row["kind"] == "observed":
        level = LEVEL_STYLES[None if missing(row["level"]) else int(row["level"])].label
        return f"{KINDS['observed']}: {row['state']}, level {level}"
    if row["kind"] == "made":
        return KINDS["made"]
    who = Link(names.get(row["actor_id"], row["actor_id"]), "actors", row["actor_id"])
    return Note([f"{KINDS['named']}: {date_words(row['target']) or 'none'}, by ", who])
