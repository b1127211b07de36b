"""Tables and sentences on published estimates: who said what, on which assumption, after whom."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from normlib.dossier import Dossier
from normlib.figures.tables import Link, Note, Notes, Number, Source, Table
from normlib.figures.words import (
    capital,
    count_words,
    date_words,
    day_words,
    list_words,
    range_words,
)
from normlib.rows import dicts

Row = Mapping[Any, Any]

NOT_OURS = (
    "None of them is computed here, and no effect on output or trade is modelled: they say what "
    "their authors said. They rest on different assumptions and methods, so that two of them are "
    "not two measurements of one thing."
)


def units_of(dossier: Dossier) -> Mapping[str, Mapping[str, Any]]:
    """Return what the descriptor says of the units of estimates, by unit."""
    return dossier.package.resources["effects"].fields["unit"].categories


def value_words(row: Row, units: Mapping[str, Mapping[str, Any]], end: str = "") -> str:
    """Return an estimate's value with the sign of its unit: ``+30 %``, ``more than +100 %``.

    ``end`` marks the columns of another estimate in the same row, as in ``value_low_root``.
    """
    low, high = row[f"value_low{end}"], row[f"value_high{end}"]
    symbol = str(units[row[f"unit{end}"]].get("symbol", ""))
    return range_words(low, high, symbol, signed=row[f"signed{end}"])


def study_words(row: Row, end: str = "") -> str:
    """Return the study with its year, unless its name holds the year already."""
    study, year = row[f"study{end}"], date_words(row[f"year{end}"])
    return study if not year or year in study else f"{study}, {year}"


def estimates_table(estimates: pd.DataFrame, dossier: Dossier) -> Table:
    """Return every published estimate, restatements right after the study they go back to.

    ``estimates`` is that of :func:`normlib.estimates.estimates`.
    """
    units, found = units_of(dossier), dicts(estimates)
    studies = {row["effect_id"]: study_words(row) for row in found}
    older: list[Any] = [
        Link(studies[row["restates"]], "effects", row["restates"]) if row["generation"] else ""
        for row in found
    ]
    return Table(
        estimates.assign(
            study_words=list(studies.values()),
            value=[
                range_words(row["value_low"], row["value_high"], signed=row["signed"])
                for row in found
            ],
            unit_words=[units[row["unit"]]["label"] for row in found],
            older=pd.Series(older, index=estimates.index, dtype="object"),
            changed=[changed_words(row) for row in found],
        ),
        columns={
            "quantity": "What changes",
            "value": "Value",
            "unit_words": "Unit",
            "study_words": "Study, or whom the page credits",
            "assumption": "Assuming",
            "horizon": "Within",
            "as_cited_by": "As cited by",
            "older": "Restates",
            "changed": "Against the study",
            "sources": "Sources",
        },
        caption=f"Published estimates, restatements right after the study that they go back to. "
        f"As of {day_words(dossier.day)}",
        anchor=("effects", "effect_id"),
        counts=("value",),
    )


def changed_words(row: Row) -> str:
    """Return what a restatement changed: ``other value; credited to a bank``; a study: nothing."""
    if not row["generation"]:
        return ""
    told = ["other value" if row["value_differs"] else "same value"]
    told += ["assumption in other words"] if row["assumption_differs"] else []
    told += [f"credited to {row['credited_to']}"] if row["credit_differs"] else []
    return "; ".join(told)


def estimates_note(estimates: pd.DataFrame, dossier: Dossier) -> Note:
    """Say how many estimates there are, how many only pass one on, and what they are not.

    ``estimates`` is that of :func:`normlib.estimates.estimates`.
    """
    restated = int(estimates["generation"].gt(0).sum())
    numbers = [
        Number("estimates", "Published estimates", len(estimates)),
        Number("restatements", "Estimates that restate an older one", restated),
    ]
    if estimates.empty:
        return Note(f"No estimate was on record by {day_words(dossier.day)}.", (), numbers)
    second = int((estimates["generation"].eq(0) & estimates["as_cited_by"].notna()).sum())
    return Note(
        f"{count_words(len(estimates), 'published estimate')} on record; {restated or 'none'} "
        f"{'restates' if restated == 1 else 'restate'} an older one, and of the others "
        f"{second or 'none'} {'is' if second == 1 else 'are'} known only from those who cite them. "
        f"{NOT_OURS}",
        (),
        numbers,
    )


def genealogy_note(genealogy: pd.DataFrame, dossier: Dossier) -> Notes:
    """Tell of each study that was restated: what it said, and what became of it on the way.

    ``genealogy`` is that of :func:`normlib.estimates.genealogy`.
    """
    if genealogy.empty:
        return Notes([Note("No estimate on record is known to restate an older one.")])
    units = units_of(dossier)
    families = genealogy.groupby("family", sort=False)
    return Notes([_family_note(dicts(family), units) for _, family in families])


def _family_note(rows: list[dict[Any, Any]], units: Mapping[str, Mapping[str, Any]]) -> Note:
    root = rows[0]
    pieces: list[str | Link | Source] = [
        f"{capital(root['indicator'])}: first ",
        Link(value_words(root, units, "_root"), "effects", root["family"]),
        f" ({study_words(root, '_root')}; assumption “{root['assumption_root']}”) ",
        *map(Source, root["sources_root"]),
        f". Restated {'once' if len(rows) == 1 else count_words(len(rows), 'time')}"
        f"{_changes_words(rows)}",
    ]
    for row in rows:
        told = [f"credited to {row['credited_to']}"] if row["credit_differs"] else []
        told += [row["as_cited_by"]] if isinstance(row["as_cited_by"], str) else []
        told += [f"assumption “{row['assumption']}”"]
        pieces += [
            ": " if row is root else "; ",
            Link(value_words(row, units), "effects", row["effect_id"]),
            f" ({'; '.join(told)}) ",
            *map(Source, row["sources"]),
        ]
    return Note([*pieces, "."])


CHANGES = {
    "credit_differs": "credited to others",
    "value_differs": "with another value",
    "assumption_differs": "with the assumption worded otherwise",
}
"""What a restatement may change."""


def _changes_words(rows: list[dict[Any, Any]]) -> str:
    """Say how many of some restatements changed what: ``2 with another value``, in brackets."""
    counts = {words: sum(row[column] for row in rows) for column, words in CHANGES.items()}
    told = [
        f"{count} {words}" if len(rows) > 1 else words for words, count in counts.items() if count
    ]
    return f" ({list_words(told)})" if told else ""
