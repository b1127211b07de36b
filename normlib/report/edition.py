"""What a page says of the record at its top, and the sources that it can cite."""

from collections.abc import Mapping
from types import MappingProxyType

from normlib.dossier import Dossier
from normlib.figures.words import date_words
from normlib.memo import once
from normlib.report.jobs import Edition, Source


def edition_of(view: Dossier) -> Edition:
    """Return what the top of every page about a view says. ``rows`` counts its dated facts."""
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
    )


@once
def citable(view: Dossier) -> Mapping[str, Source]:
    """Return the sources of a view as pages list them, by id."""
    rows = view.sources
    columns = list(Source.__dataclass_fields__)
    worded = rows.assign(published=rows["published"].map(date_words))
    cells = worded[["source_id", *columns]].astype("object")
    texts = cells.where(cells.notna(), "").to_dict("records")
    found = {
        str(row["source_id"]): Source(**{name: str(row[name]) for name in columns}) for row in texts
    }
    return MappingProxyType(found)
