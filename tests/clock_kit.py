"""Random small records, whole and as they were before something happened or became public."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

import pandas as pd
from hypothesis import strategies as st

from normlib import edtf, views
from normlib.dossier import Dossier

FIRST, LAST = date(2019, 1, 1), date(2022, 12, 31)
DAYS = st.dates(FIRST, LAST)

Row = dict[str, Any]
Rows = dict[str, list[Row]]
Draw = Callable[..., Any]

PARTS = {
    "commitments": ("event_id", "events"),
    "phases": ("from_event", "events"),
    "claims": ("subject_id", "events"),
    "targets": ("commitment_id", "commitments"),
    "observations": ("commitment_id", "commitments"),
    "codings": ("commitment_id", "commitments"),
}
"""Tables whose rows belong to a fact: the column that names it, and its table."""

NAMED = {"phases": "to_event", "targets": "event_id", "observations": "event_id"}
"""Columns that may name an event."""


class Clocks(NamedTuple):
    """A day of the world and a day of knowledge."""

    day: date
    known: date


@st.composite
def dates(draw: Draw) -> str:
    """EDTF texts of every form, of days that are covered."""
    day = draw(DAYS)
    later = min(day + timedelta(days=draw(st.integers(1, 200))), LAST)
    forms = (f"{day}", f"{day}", f"{day:%Y-%m}", f"{day.year}", f"../{day}", f"{day}/{later}")
    return draw(st.sampled_from(forms)) + draw(st.sampled_from(["", "", "~", "?"]))


@st.composite
def records(draw: Draw) -> Rows:
    """The rows of a record by table; it covers the days until :data:`LAST`."""

    def some(names: Iterable[str], least: int = 0) -> list[str]:
        return draw(st.lists(st.sampled_from(list(names)), min_size=least, max_size=3, unique=True))

    def maybe(values: st.SearchStrategy[str]) -> str:
        return draw(st.one_of(st.just(""), values))

    def several(make: Callable[[int], Row], most: int) -> list[Row]:
        return [make(at) for at in range(draw(st.integers(0, most)))]

    def told(what: str) -> str:
        return f"{what}. It changed on {draw(DAYS)}."

    pages, people, sites, links = (tuple(f"{name}{at}" for at in range(3)) for name in "qpzl")
    rows: Rows = {
        "sources": [{"source_id": name, "published": maybe(dates())} for name in pages],
        "actors": [
            {"actor_id": name, "role": told("A role"), "valid_to": maybe(dates())}
            for name in people
        ],
        "positions": [{"actor_id": name, "x": 0.5, "y": at} for at, name in enumerate(people)],
        "sites": [{"site_id": name, "sources": some(pages, 1)} for name in sites],
        "links": [
            {"link_id": name, "from_site": sites[at], "to_site": sites[at - 1], "sources": ["q0"]}
            for at, name in enumerate(links)
        ],
    }
    rows["events"] = several(
        lambda at: {
            "event_id": f"2019-e{at}",
            "date": (when := draw(dates())),
            "known_since": draw(st.sampled_from(["", str(draw(st.dates(begins(when), LAST)))])),
            "actors": some(people, 1),
            "links": some(links),
            "site_id": maybe(st.sampled_from(sites)),
            "summary": told("Talks"),
            "sources": some(pages, 1),
        },
        5,
    )
    events = [row["event_id"] for row in rows["events"]]
    rows["commitments"] = several(
        lambda at: {
            "commitment_id": f"c{at}",
            "made_on": draw(dates()),
            "event_id": draw(st.sampled_from(events)),
            "obligated": some(people, 1),
            "links": some(links),
            "sources": some(pages, 1),
        },
        3 if rows["events"] else 0,
    )
    rows["phases"] = several(
        lambda at: {
            "phase_id": f"f{at}",
            "summary": told("A phase"),
            "from_event": draw(st.sampled_from(events)),
            "to_event": draw(st.sampled_from([*events, ""])),
            "sources": some(pages, 1),
        },
        2 if rows["events"] else 0,
    )
    rows["claims"] = several(
        lambda at: {
            "claim_id": f"k-{at}",
            "subject_table": "events",
            "subject_id": draw(st.sampled_from(events)),
            "value": draw(dates()),
            "sources": some(pages, 1),
        },
        3 if rows["events"] else 0,
    )
    rows["context"] = several(
        lambda at: {
            "fact_id": f"x{at}",
            "subject": draw(st.sampled_from(links)),
            "year": maybe(dates()),
            "sources": some(pages, 1),
        },
        2,
    )
    rows["link_states"] = several(
        lambda at: {
            "link_id": draw(st.sampled_from(links)),
            "since": draw(dates()),
            "state": draw(st.sampled_from(["open", "closed"])),
            "note": told("A state"),
            "sources": some(pages, 1),
        },
        4,
    )
    promises = [row["commitment_id"] for row in rows["commitments"]]
    for name, column, more in (
        ("targets", "stated_on", {"target": "2023", "stated_by": "p1"}),
        ("observations", "observed_on", {"note": "Seen."}),
        ("codings", "day", {"coder": "ada", "level": 1}),
    ):
        days = DAYS.map(str) if name == "codings" else dates()
        rows[name] = several(
            lambda at, column=column, more=more, days=days, name=name: {
                "commitment_id": draw(st.sampled_from(promises)),
                column: draw(days),
                **more,
                **(
                    {} if name == "codings" else {"event_id": maybe(st.sampled_from(["", *events]))}
                ),
                **({} if name == "codings" else {"sources": some(pages, 1)}),
            },
            4 if promises else 0,
        )
    return checked(rows)


def checked(rows: Rows) -> Rows:
    """Return the rows that the rules of the record allow."""
    made = {row["commitment_id"]: edtf.parse(row["made_on"]) for row in rows["commitments"]}
    for name, column in (("observations", "observed_on"), ("codings", "day")):
        rows[name] = [
            row
            for row in rows[name]
            if ends(row[column]) >= (made[row["commitment_id"]].earliest or FIRST)
        ]
    rows["link_states"].sort(key=lambda row: begins(row["since"]))
    for name, key in (
        ("targets", ("commitment_id", "stated_on")),
        ("observations", ("commitment_id", "observed_on")),
        ("codings", ("commitment_id", "day")),
        ("link_states", ("link_id", "since")),
    ):
        rows[name] = list({tuple(row[part] for part in key): row for row in rows[name]}.values())
    return rows


def begins(text: str) -> date:
    """The first day that a text allows, or the only one that it names."""
    span = edtf.parse(text)
    return span.earliest or span.latest


def ends(text: str) -> date:
    """The last day that a text allows, within what is covered."""
    return min(edtf.parse(text).latest, LAST)


def later_keys(dossier: Dossier, clocks: Clocks) -> dict[str, set[str]]:
    """The keys of facts that had not happened by the day, or were not public by the other."""
    day, known = map(pd.Timestamp, clocks)
    found = {}
    for name, rows in dossier.tables.items():
        if "known_on" in rows:
            later = rows["known_on"] > known
            if name != "claims":  # a claim is about a row, and has no day of its own
                later |= rows["known_on" if name == "codings" else "effective_on"] > day
            keys = views.joined_key(rows, dossier.package.tables[name].key)
            found[name] = set(keys[later])
    return found


def without(rows: Rows, gone: Mapping[str, set[str]], keys: Mapping[str, list[str]]) -> Rows:
    """The rows that there were before some facts, with nobody and no page that came with them.

    ``keys`` are those of the tables. Rows of a fact that is gone are gone, and cells that name it
    are blank.
    """

    def key(name: str, row: Row) -> str:
        return "|".join(str(row.get(part, "")) for part in keys[name])

    kept = {
        name: [row for row in listed if key(name, row) not in gone.get(name, ())]
        for name, listed in rows.items()
    }
    for name, (column, other) in PARTS.items():
        there = {row[keys[other][0]] for row in kept[other]}
        kept[name] = [row for row in kept[name] if row[column] in there]
    events = {row["event_id"] for row in kept["events"]}
    for name, column in NAMED.items():
        kept[name] = [row if row[column] in events else {**row, column: ""} for row in kept[name]]
    for name, column in (("links", "link_id"), ("sites", "site_id"), ("actors", "actor_id")):
        naming = [listed for other, listed in kept.items() if other not in (name, "positions")]
        cells = (cell for listed in naming for row in listed for cell in row.values())
        named = {word for cell in cells for word in (cell if isinstance(cell, list) else [cell])}
        kept[name] = [row for row in kept[name] if row[column] in named]
    there = {row["actor_id"] for row in kept["actors"]}
    kept["positions"] = [row for row in kept["positions"] if row["actor_id"] in there]
    cited = {page for listed in kept.values() for row in listed for page in row.get("sources", ())}
    kept["sources"] = [row for row in kept["sources"] if row["source_id"] in cited]
    return kept
