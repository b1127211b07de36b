"""What a page says of the record at its top, and the sources that it can cite."""

from collections.abc import Mapping
from types import MappingProxyType

from normlib.dossier import Dossier, parse_day
from normlib.figures.words import date_words
from normlib.memo import once
from normlib.report.jobs import Edition, Source


def edition_of(record: Dossier, day: str, facts: int) -> Edition:
    """Return what the top of every page about a view says.

    Parameters
    ----------
    record : the record.
    day : the day of the view, or ``latest``.
    facts : how many dated facts the view holds.
    """
    on = record.day if day == "latest" else parse_day(day, "as_of")
    return Edition(
        dataset=record.name,
        title=record.title,
        version=record.version,
        day=str(on.date()),
        covers_until=str(record.covers_until.date()),
        last_known=on >= record.covers_until,
        rows=facts,
        credits=tuple(
            str(licence.get("title") or licence["name"])
            for licence in record.package.descriptor.get("licenses", [])
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
