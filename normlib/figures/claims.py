"""Contradictions between sources, side by side."""

from typing import Any

import pandas as pd

from normlib.figures.tables import Link, Note, Table
from normlib.figures.words import count_words

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
            what=rows["field"].str.replace("_", " "),
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


def contradictions_note(contradictions: pd.DataFrame) -> Note:
    """Say how many contradictions there are, and how many are left open."""
    if contradictions.empty:
        return Note("No contradiction between sources is on record for these rows.")
    conflicts = contradictions.drop_duplicates("conflict")
    unresolved = int((~conflicts["resolved"].astype(bool)).sum())
    left = f"{unresolved} of them are left open" if unresolved else "none is left open"
    return Note(
        f"On {count_words(len(conflicts), 'point')} the sources contradict each other "
        f"({count_words(len(contradictions), 'value')} in all); {left}. A value that is not "
        "accepted is no verdict on its source."
    )
