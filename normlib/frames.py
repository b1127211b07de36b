"""Text cells to typed frames, and the day on which each row was public."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from normlib import edtf
from normlib.checks import Reading, items
from normlib.package import Field, RawTable, Resource

Days = tuple[pd.Timestamp, pd.Timestamp]
"""First and last possible day."""


def typed_frames(reading: Reading) -> dict[str, pd.DataFrame]:
    """Return every table as a frame, columns in the descriptor's order.

    Blank text is missing, lists are tuples (blank: empty), whole numbers are Int64, numbers
    float64. An EDTF column ``x`` keeps its text and gains ``x_earliest`` and ``x_latest``.
    """
    return {name: _frame(table) for name, table in reading.tables.items()}


def with_knowledge(
    frames: dict[str, pd.DataFrame], resources: dict[str, Resource], covers_until: pd.Timestamp
) -> dict[str, pd.DataFrame]:
    """Add ``known_on`` (and ``effective_on`` to dated rows) to every table that states facts.

    ``known_on``, the clock of knowledge, is the day on which a row was public: what its own column
    says; where that is blank, the earliest of the latest day of its date and the first page among
    its sources that is not older than its date; never after the end of the record's coverage.
    ``effective_on``, the clock of the world, is the day from which the row counts: never before it
    happened, nor before anybody could know of it where the date itself is vague; without a date,
    the day on which it was public. It is never after ``known_on``, so what was public by a day had
    happened by then. Rows of a table without sources (judgements) were reported by nobody.
    """
    published = _publication_days(frames["sources"])
    return {
        name: _with_knowledge(frame, resources[name], published, covers_until)
        for name, frame in frames.items()
    }


def _frame(table: RawTable) -> pd.DataFrame:
    columns: dict[str, pd.Series] = {}
    for name, field in table.resource.fields.items():
        columns[name] = _typed(table.column(name), field)
        if field.descriptor.get("rdfType") == edtf.URI:
            days = edtf.spans(columns[name])
            columns[f"{name}_earliest"] = days["earliest"]
            columns[f"{name}_latest"] = days["latest"]
    return pd.DataFrame(columns)


def _typed(texts: list[str], field: Field) -> pd.Series:
    if field.type == "list":
        return pd.Series([tuple(items(text)) for text in texts], dtype=object)
    if field.type == "integer":
        return pd.Series([int(text) if text else pd.NA for text in texts], dtype="Int64")
    if field.type == "number":
        return pd.Series([float(text) if text else np.nan for text in texts], dtype="float64")
    return pd.Series([text or np.nan for text in texts], dtype="str")


def _publication_days(sources: pd.DataFrame) -> dict[str, Days]:
    """First and last possible day by which each page was out; an undated one when it was read."""
    days = []
    for first, last, read in zip(
        sources["published_earliest"].tolist(),
        sources["published_latest"].tolist(),
        sources["accessed_latest"].tolist(),
        strict=True,
    ):
        if pd.isna(last):
            days.append((read, read))
        else:
            days.append((pd.Timestamp.min.as_unit("s") if pd.isna(first) else first, last))
    return dict(zip(sources["source_id"].tolist(), days, strict=True))


def _with_knowledge(
    frame: pd.DataFrame,
    resource: Resource,
    published: Mapping[str, Days],
    covers_until: pd.Timestamp,
) -> pd.DataFrame:
    when, stated = resource.when, resource.descriptor.get("knownSince")
    if when is None and "statesFacts" not in resource.descriptor:
        return frame
    earliest = frame[f"{when}_earliest"] if when else pd.Series(pd.NaT, index=frame.index)
    latest = frame[f"{when}_latest"] if when else pd.Series(pd.NaT, index=frame.index)
    reported = pd.Series(pd.NaT, index=frame.index)
    if "sources" in frame:
        reported = _first_reports(frame["sources"], earliest, published)
    candidates = pd.DataFrame({"date": latest, "reported": reported, "covered": covers_until})
    known = candidates.min(axis=1)
    if stated:
        disclosed = pd.DataFrame({"on": frame[f"{stated}_latest"], "covered": covers_until})
        known = disclosed.min(axis=1).where(disclosed["on"].notna(), known)
    added = frame.assign(known_on=known.astype("datetime64[s]"))
    if when is None:
        return added
    counts = pd.DataFrame({"date": latest, "known": known}).min(axis=1)
    return added.assign(effective_on=counts.astype("datetime64[s]"))


def _first_reports(
    sources: pd.Series, earliest: pd.Series, published: Mapping[str, Days]
) -> pd.Series:
    """Day by which the first page that can report the row was out; NaT where there is none."""
    days = []
    for ids, begins in zip(sources.tolist(), earliest.tolist(), strict=True):
        pages = [published[name] for name in ids if name in published]
        days.append(min((last for first, last in pages if not first < begins), default=pd.NaT))
    return pd.Series(days, index=sources.index, dtype="datetime64[s]")
