"""What a page must know about the record: its release, its day, and its sources."""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from normlib.dossier import Dossier
from normlib.figures.words import date_words


@dataclass(frozen=True)
class Source:
    """One source as a page lists it; blank text where nothing is known."""

    publisher: str
    title: str
    published: str
    url: str
    language: str
    kind: str


@dataclass(frozen=True)
class Edition:
    """A view of a record, reduced to what its pages say at the top and at the foot."""

    dataset: str
    title: str
    version: str
    day: str
    covers_until: str
    last_known: bool
    rows: int
    credits: tuple[str, ...]
    sources: Mapping[str, Source]


def edition_of(view: Dossier) -> Edition:
    """Return what pages about a view need. ``rows`` counts dated facts that it holds."""
    dated = [name for name, frame in view.tables.items() if "known_on" in frame]
    return Edition(
        dataset=view.name,
        title=view.title,
        version=view.version,
        day=str(view.day.date()),
        covers_until=str(view.covers_until.date()),
        last_known=view.is_latest,
        rows=sum(len(view.tables[name]) for name in dated),
        credits=tuple(
            str(licence.get("title") or licence["name"])
            for licence in view.package.descriptor.get("licenses", [])
        ),
        sources=_sources(view.tables["sources"]),
    )


def _sources(rows: pd.DataFrame) -> dict[str, Source]:
    columns = list(Source.__dataclass_fields__)
    worded = rows.assign(published=rows["published"].map(date_words))
    cells = worded[["source_id", *columns]].astype("object")
    texts = cells.where(cells.notna(), "").to_dict("records")
    return {
        str(row["source_id"]): Source(**{name: str(row[name]) for name in columns}) for row in texts
    }
