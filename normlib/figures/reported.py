"""Figures that others reported on links: waiting times, queues, fees, traffic, one by one."""

from typing import Any

import pandas as pd

from normlib.dossier import Dossier
from normlib.figures.tables import Link, Note, Number, Table
from normlib.figures.words import count_words, date_words, day_words, range_words
from normlib.rows import dicts


def reported_table(reported: pd.DataFrame, dossier: Dossier) -> Table:
    """Return every reported figure with its year, each with the way to its link.

    ``reported`` is that of :func:`normlib.estimates.reported`.
    """
    units = dossier.package.resources["context"].fields["unit"].categories
    found = dicts(reported)
    about: list[Any] = [
        Link(row["about"], "links", row["link_id"])
        if isinstance(row["link_id"], str)
        else row["about"]
        for row in found
    ]
    return Table(
        reported.assign(
            about_words=pd.Series(about, index=reported.index, dtype="object"),
            value=[range_words(row["value_low"], row["value_high"]) for row in found],
            unit_words=[units[row["unit"]]["label"] for row in found],
            when=[date_words(row["year"]) or "undated" for row in found],
        ),
        columns={
            "about_words": "About",
            "when": "When",
            "quantity": "What",
            "value": "Value",
            "unit_words": "Unit",
            "note": "What the page adds",
            "sources": "Sources",
        },
        caption="Reported figures, each as its page gives it: links by name, then other subjects. "
        f"As of {day_words(dossier.day)}",
        anchor=("context", "fact_id"),
        counts=("value",),
    )


def reported_note(reported: pd.DataFrame, dossier: Dossier) -> Note:
    """Say how many figures are on record, about how many links, and how to take them.

    ``reported`` is that of :func:`normlib.estimates.reported`.
    """
    numbers = [Number("reported", "Reported figures", len(reported))]
    if reported.empty:
        day = day_words(dossier.day)
        return Note(f"No figure on traffic, waiting or fees was on record by {day}.", (), numbers)
    on_links = reported.dropna(subset=["link_id"])
    undated = int(reported["year"].isna().sum())
    pieces: list[Any] = [
        f"{count_words(len(reported), 'reported figure')} on traffic, waiting times, queues, fees "
        f"and distances: {len(on_links)} about "
        f"{count_words(on_links['link_id'].nunique(), 'link')}, "
        f"{len(reported) - len(on_links)} about other subjects; {undated or 'none'} undated. "
    ]
    if len(on_links):
        most = str(on_links["link_id"].value_counts().idxmax())
        rows = on_links[on_links["link_id"] == most]
        name = Link(rows["about"].iloc[0], "links", most)
        pieces += ["The link with most: ", name, f" ({len(rows)}). "]
    pieces.append(
        "Each is a single report, often of a peak, and stands by itself with its date: none is "
        "averaged, and a queue in the news is not the usual queue."
    )
    return Note(pieces, (), numbers)
