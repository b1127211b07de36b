"""Cut the record to what was known on a day.

Rows that state facts (they carry ``known_on``) come first; states, persons, places and links are
then shown as far as visible rows mention them, and sources as far as visible rows cite them.
"""

from collections.abc import Iterator, Mapping

import pandas as pd

from normlib.geometry import Geometry
from normlib.hindsight import withhold
from normlib.package import Package, Resource

Tables = Mapping[str, pd.DataFrame]
Targets = dict[str, tuple[str, ...]]
"""Keys that the rows of a table refer to, by the key of the row."""

LATER_PAGE = "[title withheld: the page is undated, or later than the day of this view]"


def joined_key(rows: pd.DataFrame, key: list[str]) -> pd.Series:
    """Return the key of each row as one text, columns joined by ``|``; a blank part is empty."""
    joined = rows[key[0]].astype("object")
    for name in key[1:]:
        joined = joined + "|" + rows[name].astype("object").fillna("")
    return joined


def references(package: Package, tables: Tables) -> Iterator[tuple[str, str, Targets]]:
    """Yield (table, table it refers to, keys referred to by key of the row), column by column."""
    for name, resource in package.tables.items():
        keys = joined_key(tables[name], resource.key)
        for column, other in _columns(resource):
            cells = zip(keys, tables[name][column], strict=True)
            yield name, other, {key: targets for key, cell in cells if (targets := _ids(cell))}


def view(
    package: Package,
    tables: Tables,
    geometries: Mapping[str, Geometry],
    day: pd.Timestamp,
    covers_until: pd.Timestamp,
) -> tuple[dict[str, pd.DataFrame], dict[str, Geometry]]:
    """Return tables and geometries as they could be known on a day."""
    if day >= covers_until:
        return dict(tables), dict(geometries)
    cut = {name: _known(rows, day) for name, rows in tables.items()}
    cut = _without_orphans(package, cut)
    cut = _mentioned(package, cut)
    cut = {name: _references_visible(package.tables[name], rows, cut) for name, rows in cut.items()}
    cut["claims"] = _about_visible_rows(package, cut, day)
    cut = _with_pages_of_the_day(package, cut, day)
    cut = {name: _without_hindsight(package.tables[name], rows, day) for name, rows in cut.items()}
    return cut, {name: _drawn(package, name, found, cut) for name, found in geometries.items()}


def _ids(cell: object) -> tuple[str, ...]:
    """Return the ids in a cell, be it a list or a single id; blank: none."""
    if isinstance(cell, tuple):
        return cell
    return (cell,) if isinstance(cell, str) else ()


def _columns(resource: Resource) -> Iterator[tuple[str, str]]:
    """Columns that refer to another table, single ids and lists alike."""
    for columns, other, _ in resource.references:
        if len(columns) == 1:
            yield columns[0], other
    for column, field in resource.fields.items():
        if field.item_reference:
            yield column, field.item_reference[0]


def _known(rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    if "known_on" not in rows:
        return rows
    return rows[rows["known_on"] <= day].reset_index(drop=True)


def _without_orphans(package: Package, cut: Tables) -> dict[str, pd.DataFrame]:
    """Drop rows that belong to a fact not yet known: a target of a later commitment, say."""
    kept = dict(cut)
    for name, resource in package.tables.items():
        for columns, other, targets in resource.references:
            if "known_on" in cut[other] and resource.fields[columns[0]].constraints.get("required"):
                known = kept[name][columns[0]].isin(kept[other][targets[0]])
                kept[name] = kept[name][known].reset_index(drop=True)
    return kept


def _mentioned(package: Package, cut: Tables) -> dict[str, pd.DataFrame]:
    """Keep actors, links, sites and countries that a visible fact mentions, directly or not."""
    found = [entry for entry in references(package, cut) if entry[1] != "sources"]
    entities = {other for _, other, _ in found if "known_on" not in cut[other]}
    reached = {
        name: set() if name in entities else set(joined_key(rows, package.tables[name].key))
        for name, rows in cut.items()
    }
    _spread(reached, [entry for entry in found if entry[1] in entities])
    return {
        name: _with_keys(rows, package.tables[name], reached[name]) if name in entities else rows
        for name, rows in cut.items()
    }


def _spread(reached: dict[str, set[str]], found: list[tuple[str, str, Targets]]) -> None:
    """Follow references until nothing new is reached; ``reached`` grows in place."""
    grown = True
    while grown:
        grown = False
        for name, other, targets in found:
            rows = reached[name] & targets.keys()
            new = {key for row in rows for key in targets[row]} - reached[other]
            reached[other] |= new
            grown = grown or bool(new)


def _with_keys(rows: pd.DataFrame, resource: Resource, keys: set[str]) -> pd.DataFrame:
    return rows[joined_key(rows, resource.key).isin(keys)].reset_index(drop=True)


def _references_visible(resource: Resource, rows: pd.DataFrame, cut: Tables) -> pd.DataFrame:
    """Blank references to rows that are not in the view."""
    changed = {}
    for column, other in _columns(resource):
        if other == "sources":
            continue
        known = set(cut[other].iloc[:, 0])
        if resource.fields[column].type == "list":
            changed[column] = rows[column].map(lambda ids, known=known: _those_in(ids, known))
        else:
            changed[column] = rows[column].where(rows[column].isin(known))
    return rows.assign(**changed)


def _those_in(ids: tuple[str, ...], known: set[str]) -> tuple[str, ...]:
    return tuple(name for name in ids if name in known)


def _about_visible_rows(package: Package, cut: Tables, day: pd.Timestamp) -> pd.DataFrame:
    """Keep claims whose subject is in the view, unless they name a later day.

    A claim has no date of its own: what it names is all that tells its time.
    """
    claims = cut["claims"]
    known = {
        name: set(joined_key(rows, package.tables[name].key))
        | set(rows[package.tables[name].key[0]])
        for name, rows in cut.items()
    }
    subjects = zip(claims["subject_table"], claims["subject_id"], claims["value"], strict=True)
    visible = [
        subject in known.get(table, ()) and withhold(value, day.date()) == value
        for table, subject, value in subjects
    ]
    return claims.loc[visible].reset_index(drop=True)


def _with_pages_of_the_day(
    package: Package, cut: Tables, day: pd.Timestamp
) -> dict[str, pd.DataFrame]:
    """Cite pages that were out by the day; where a row has none, say that its pages are later."""
    sources = cut["sources"]
    later = set(sources.loc[sources["published_latest"] > day, "source_id"])
    kept = {
        name: rows.assign(sources=rows["sources"].map(lambda ids: _pages(ids, later)))
        if "sources" in rows
        else rows
        for name, rows in cut.items()
    }
    citing = [rows["sources"] for rows in kept.values() if "sources" in rows]
    cited = {name for column in citing for ids in column for name in ids}
    pages = sources[sources["source_id"].isin(cited)].reset_index(drop=True)
    is_later = pages["source_id"].isin(later)
    kinds = package.tables["sources"].fields["kind"].categories
    timeless = [name for name, word in kinds.items() if word.get("timeless")]
    untold = pages["published"].isna() & ~pages["kind"].isin(timeless)
    days = ("published", "published_earliest", "published_latest")
    blanked = {name: pages[name].mask(is_later) for name in days}
    title = pages["title"].mask(is_later | untold, LATER_PAGE)
    return {**kept, "sources": pages.assign(title=title, **blanked)}


def _pages(ids: tuple[str, ...], later: set[str]) -> tuple[str, ...]:
    return tuple(name for name in ids if name not in later) or ids


def _without_hindsight(resource: Resource, rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Withhold sentences that name later days, and ends of terms that had not come."""
    changed = {}
    for name, field in resource.fields.items():
        if field.descriptor.get("prose"):
            changed[name] = rows[name].map(
                lambda text: withhold(text, day.date()) if isinstance(text, str) else text
            )
        elif field.descriptor.get("term"):
            ahead = rows[f"{name}_latest"] > day
            for column in (name, f"{name}_earliest", f"{name}_latest"):
                changed[column] = rows[column].mask(ahead)
    return rows.assign(**changed)


def _drawn(package: Package, name: str, found: Geometry, cut: Tables) -> Geometry:
    """Keep the features of visible rows, for files whose features are rows of a table."""
    target = package.geometries[name].descriptor.get("idReference")
    if not target:
        return found
    known = set(cut[target["resource"]][target["field"]])
    return {**found, "features": [one for one in found["features"] if one.get("id") in known]}
