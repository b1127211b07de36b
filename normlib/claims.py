"""Contradictions: the values that compete for one and the same fact, side by side."""

import re
from collections.abc import Collection
from typing import Any

import pandas as pd

from normlib import views
from normlib.dossier import Dossier
from normlib.edtf import MONTHS
from normlib.rows import dicts

COLUMNS = [
    *("conflict", "claim_id", "subject_table", "subject_id", "subject", "field", "matter", "value"),
    *("accepted", "resolved", "reason", "sources"),
]


def contradictions(
    dossier: Dossier,
    *,
    table: str | None = None,
    around: str | None = None,
    about: Collection[tuple[str, str]] | None = None,
) -> pd.DataFrame:
    """Return the competing values, one row each; those of a conflict follow each other.

    Only conflicts of which at least two values were known on the view's day.

    Parameters
    ----------
    dossier : reads ``claims`` and the rows that they are about.
    table : only conflicts about a row of this table.
    around : only conflicts about a row of this table, or about one that it refers to: for
        ``"commitments"`` also their events, links and parties.
    about : only conflicts about one of these rows, each as (table, id).

    Returns
    -------
    ``conflict`` (its name), ``claim_id``, ``subject_table``, ``subject_id``, ``subject`` (in
    words), ``field``, ``matter`` (the field in words, with the unit of its value where the row has
    one), ``value``, ``accepted`` (the tables follow this value), ``resolved`` (some
    value of the conflict is accepted), ``reason``, ``sources``. The accepted value comes first.
    """
    claims = dossier.claims.assign(
        conflict=dossier.claims["claim_id"].str.replace(r"-\d+$", "", regex=True),
        accepted=dossier.claims["accepted"].eq("yes"),
        subject=_subjects(dossier),
        matter=_matters(dossier),
        value=_values(dossier),
        reason=dossier.claims["note"],
    )
    by_conflict = claims.groupby("conflict")["accepted"]
    claims = claims.assign(resolved=by_conflict.transform("any"))
    wanted = _concerns(dossier, claims, table, around, about)
    kept = claims[(by_conflict.transform("size") > 1) & wanted]
    ordered = kept.sort_values(["conflict", "accepted"], ascending=[True, False], kind="stable")
    return ordered[COLUMNS].reset_index(drop=True)


def register(contradictions: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each conflict, its values side by side; those left open come first.

    ``contradictions`` is that of :func:`contradictions`.

    Returns
    -------
    ``conflict``, ``subject_table``, ``subject_id``, ``subject``, ``field``, ``matter``,
    ``resolved``, ``accepted`` and ``others`` (tuples of (value, reason, sources); the reason is
    blank where there is none), ``n_values``, ``sources``.
    """
    found: dict[str, list[dict[Any, Any]]] = {}
    for row in dicts(contradictions):
        found.setdefault(row["conflict"], []).append(row)
    rows = [
        {
            **{name: values[0][name] for name in REGISTER[:7]},
            "accepted": tuple(_said(row) for row in values if row["accepted"]),
            "others": tuple(_said(row) for row in values if not row["accepted"]),
            "n_values": len(values),
            "sources": tuple(dict.fromkeys(name for row in values for name in row["sources"])),
        }
        for values in found.values()
    ]
    frame = pd.DataFrame(rows, columns=REGISTER).astype({"n_values": "int64", "resolved": "bool"})
    return frame.sort_values("resolved", kind="stable", ignore_index=True)


REGISTER = [
    *("conflict", "subject_table", "subject_id", "subject", "field", "matter", "resolved"),
    *("accepted", "others", "n_values", "sources"),
]


def _said(row: dict[Any, Any]) -> tuple[str, str, tuple[str, ...]]:
    """Return a value with what was noted about it, beyond that it is left open."""
    reason = row["reason"] if isinstance(row["reason"], str) else ""
    return row["value"], _OPEN.sub("", reason), row["sources"]


_OPEN = re.compile(r"(^|; )unresolved(; |$)")
"""A note that says no more than that a conflict is left open, which its place says already."""


def _subjects(dossier: Dossier) -> pd.Series:
    rows = dossier.claims
    pairs = zip(rows["subject_table"], rows["subject_id"], strict=True)
    names = [dossier.label(table, key) for table, key in pairs]
    return pd.Series(names, index=rows.index, dtype="str")


def _values(dossier: Dossier) -> pd.Series:
    """Return what each source says; the key of another row as the words that name that row."""
    rows = dossier.claims
    said = []
    for table, field, value in zip(
        rows["subject_table"], rows["field"], rows["value"], strict=True
    ):
        references = dossier.package.tables[table].references
        other = next((other for columns, other, _ in references if columns == [field]), None)
        said.append(dossier.label(other, value) if other else value)
    return pd.Series(said, index=rows.index, dtype="str")


def _matters(dossier: Dossier) -> pd.Series:
    """Return what each claim is about in words: the title of a column, or the short name given."""
    rows = dossier.claims
    told = zip(rows["subject_table"], rows["subject_id"], rows["field"], strict=True)
    return pd.Series([_matter(dossier, *claim) for claim in told], index=rows.index, dtype="str")


def _matter(dossier: Dossier, table: str, key: str, name: str) -> str:
    fields = dossier.package.tables[table].fields
    if name not in fields:
        return " ".join(_month(word) for word in name.split("_"))
    words = _lower(str(fields[name].descriptor.get("title", name)))
    if fields[name].type == "number" and "unit" in fields:
        units = {one["value"]: one["label"] for one in fields["unit"].descriptor["categories"]}
        words += f", {_lower(units[dossier.row(table, key)['unit']])}"
    return words


def _lower(words: str) -> str:
    return words[0].lower() + words[1:]


def _month(word: str) -> str:
    return word.capitalize() if word.capitalize() in MONTHS else word


def _concerns(
    dossier: Dossier,
    claims: pd.DataFrame,
    table: str | None,
    around: str | None,
    about: Collection[tuple[str, str]] | None,
) -> pd.Series:
    """Whether some value of each claim's conflict is about the wanted rows."""
    wanted = pd.Series(True, index=claims.index)
    if table is not None:
        wanted &= claims["subject_table"].eq(table)
    near = None if around is None else _near(dossier, around)
    for rows in (near, about):
        if rows is not None:
            pairs = zip(claims["subject_table"], claims["subject_id"], strict=True)
            wanted &= pd.Series([pair in rows for pair in pairs], index=claims.index, dtype=bool)
    return wanted.groupby(claims["conflict"]).transform("any").astype(bool)


def _near(dossier: Dossier, table: str) -> set[tuple[str, str]]:
    """Rows of a table and those that it refers to, as (table, key)."""
    rows = dossier.tables[table]
    found = {(table, key) for key in views.joined_key(rows, dossier.package.tables[table].key)}
    for name, other, targets in views.references(dossier.package, dossier.tables):
        if name == table:
            found |= {(other, key) for ids in targets.values() for key in ids}
    return found
