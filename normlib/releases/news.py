"""Rows that one release lacks, as a reader is told of them: whether they are news."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from normlib.checks import items
from normlib.edtf import Interval
from normlib.package import Resource
from normlib.releases.reading import CITED, Release, interval
from normlib.views import keys_of

NEW, LATE, UNDATED = "new", "late-learned", "undated"
WITHDRAWN = "withdrawn"

ADDED_COLUMNS = ["kind", "basis", "table", "key", "title", "when"]
WITHDRAWN_COLUMNS = ["table", "key", "title", "when"]


def listed(name: str, rows: pd.DataFrame, side: Release) -> pd.DataFrame:
    """Return rows as a reader is told of them: table, key, title, date."""
    if rows.empty:
        return pd.DataFrame(columns=WITHDRAWN_COLUMNS)
    resource = side.resources[name]
    key = [column for column in resource.key if column in rows] or list(rows.columns[:1])
    label = resource.descriptor.get("label") or key[0]
    return pd.DataFrame(
        {
            "table": name,
            "key": keys_of(rows, key),
            "title": _column(rows, label),
            "when": _column(rows, _when(resource)),
        },
        dtype=object,
    )


def listed_added(name: str, rows: pd.DataFrame, older: Release, newer: Release) -> pd.DataFrame:
    """Return added rows as a reader is told of them, each with its kind and why."""
    told = listed(name, rows, newer)
    if told.empty:
        return pd.DataFrame(columns=ADDED_COLUMNS)
    known_since = _column(rows, newer.resources[name].descriptor.get("knownSince"))
    pages = [[newer.published.get(page) for page in items(text)] for text in _column(rows, CITED)]
    found = [
        _placed(interval(when), interval(known), published, older.covers_until)
        for when, known, published in zip(told["when"], known_since, pages, strict=True)
    ]
    kinds, reasons = zip(*found, strict=True)
    return told.assign(kind=kinds, basis=reasons)[ADDED_COLUMNS]


def _placed(
    when: Interval | None,
    known: Interval | None,
    published: Sequence[Interval | None],
    until: date | None,
) -> tuple[str, str]:
    """Say whether a row could have stood in a release that ends on ``until``, and what tells so.

    The rule is that of the two clocks: a row is public when its column says so, else on its date,
    and one whose date is vague as soon as a page that is not older than it reports it.
    """
    if until is None:
        return UNDATED, "the older release does not say its last day"
    if when and when.earliest and when.earliest > until:
        return NEW, "dated later"
    if known and (known.earliest or known.latest) > until:
        return NEW, "disclosed later"
    if when and when.latest <= until:
        return LATE, "dated by then"
    if known and known.latest <= until:
        return LATE, "disclosed by then"
    first = when.earliest if when and when.earliest else date.min
    pages = [page for page in published if page]
    if any(page.latest <= until and (page.earliest or page.latest) >= first for page in pages):
        return LATE, "reported by then"
    if pages and all(page and (page.earliest or page.latest) > until for page in published):
        return NEW, "reported later"
    return UNDATED, "dated too vaguely" if when else "no date"


def _when(resource: Resource) -> str | None:
    """Return the column that dates a row; a page is dated by its publication."""
    return resource.when or ("published" if resource.name == CITED else None)


def _column(rows: pd.DataFrame, name: str | None) -> list[str]:
    return rows[name].tolist() if name in rows else [""] * len(rows)
