"""Contradictions between sources, side by side."""

from collections.abc import Sequence
from typing import Any

import pandas as pd

from normlib.figures.common import cited
from normlib.figures.tables import Link, Note, Number, Source, Table
from normlib.figures.words import are, count_words, day_words, list_words, value_words
from normlib.rows import dicts

MOST_NAMED = 6
"""Contradictions that a sentence names one by one."""

VERDICTS = {True: "accepted", False: "not accepted"}


def contradictions_table(contradictions: pd.DataFrame, stamp: str) -> Table:
    """Return competing values side by side, the accepted one first.

    ``contradictions`` is that of :func:`normlib.claims.contradictions`.
    """
    rows = contradictions
    subjects = zip(rows["subject"], rows["subject_table"], rows["subject_id"], strict=True)
    about: list[Any] = [Link(words, table, key) for words, table, key in subjects]
    verdicts = zip(rows["accepted"], rows["resolved"], strict=True)
    return Table(
        rows.assign(
            about=about,
            what=rows["matter"],
            value=rows["value"].map(value_words),
            verdict=[VERDICTS[bool(yes)] if settled else "unresolved" for yes, settled in verdicts],
        ),
        columns={
            "about": "About",
            "what": "What",
            "value": "Value",
            "verdict": "In this record",
            "reason": "Reason",
            "sources": "Sources",
        },
        caption=f"Values that compete, with the reason for the one that is used. {stamp}",
        anchor=("claims", "claim_id"),
    )


def register_table(register: pd.DataFrame, *, stamp: str) -> Table:
    """Return contradictions with their values side by side, those left open first.

    ``register`` is that of :func:`normlib.claims.register`.
    """
    rows = register
    subjects = zip(rows["subject"], rows["subject_table"], rows["subject_id"], strict=True)
    about: list[Any] = [Link(words, table, key) for words, table, key in subjects]
    used: list[Any] = [_values(values) or "left open" for values in rows["accepted"]]
    others: list[Any] = [_values(values) for values in rows["others"]]
    return Table(
        rows.assign(about=about, what=rows["matter"], used=used, other=others),
        columns={
            "about": "About",
            "what": "What",
            "used": "In this record, and why",
            "other": "Other values, with notes",
        },
        caption=f"Contradictions of sources, their values side by side. {stamp}",
    )


def register_note(register: pd.DataFrame) -> Note:
    """Say how many contradictions there are, how many are left open, and what they are about."""
    left = int((~register["resolved"].astype(bool)).sum())
    numbers = [
        Number("contradictions", "Contradictions", len(register)),
        Number("open", "Contradictions left open", left),
    ]
    if register.empty:
        return Note("No contradiction between sources is on record.", numbers=numbers)
    kinds = register["subject_table"].str.replace("_", " ").value_counts()
    told = [f"{count} about {kind}" for kind, count in kinds.items()]
    return Note(
        f"On {count_words(len(register), 'point')} the sources contradict each other "
        f"({list_words(told)}); {left or 'none'} of them {are(left)} left open. "
        "A value that is not taken is no verdict on its source.",
        numbers=numbers,
    )


def register_since_note(
    register: pd.DataFrame, before: pd.DataFrame, *, since: pd.Timestamp
) -> Note:
    """Name the contradictions that became known after a day.

    ``before`` is the register as of that day.
    """
    new = register[~register["conflict"].isin(before["conflict"])]
    if new.empty:
        return Note(f"None of them became known after {day_words(since)}.")
    first = f"{len(new)} of them became known after {day_words(since)}"
    if len(new) > MOST_NAMED:
        return Note(f"{first}.", cited(new))
    pieces: list[str | Link | Source] = [f"{first}:"]
    for row in dicts(new):
        link = Link(row["subject"], row["subject_table"], row["subject_id"])
        pieces += [" ", link, f" ({row['matter']});"]
    pieces[-1] = str(pieces[-1]).removesuffix(";") + "."
    return Note(pieces, cited(new))


def _values(values: Sequence[tuple[str, str, Sequence[str]]]) -> Note | None:
    """Write values with their reasons and sources; nothing where there are none."""
    pieces: list[str | Link | Source] = []
    for value, reason, sources in values:
        why = f" ({reason})" if reason else ""
        pieces += ["; " if pieces else "", f"{value_words(value)}{why} ", *map(Source, sources)]
    return Note(pieces) if values else None


def contradictions_note(contradictions: pd.DataFrame) -> Note:
    """Say how many contradictions there are, and how many are left open."""
    if contradictions.empty:
        return Note("No contradiction between sources is on record for these rows.")
    conflicts = contradictions.drop_duplicates("conflict")
    unresolved = int((~conflicts["resolved"].astype(bool)).sum())
    left = f"{unresolved or 'none'} of them {are(unresolved)} left open"
    return Note(
        f"On {count_words(len(conflicts), 'point')} the sources contradict each other "
        f"({count_words(len(contradictions), 'value')} in all); {left}. A value that is not "
        "accepted is no verdict on its source."
    )
