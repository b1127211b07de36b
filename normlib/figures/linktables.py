"""Tables of links, their states, routes, transfers and places."""

import textwrap
from collections.abc import Mapping
from typing import Any

import pandas as pd

from normlib.dossier import Dossier
from normlib.figures.linkwords import Row, link_state_words
from normlib.figures.tables import Link, Table
from normlib.figures.theme import (
    MODE_STYLES,
    STATE_STYLES,
)
from normlib.figures.words import count_words, date_words, day_words, list_words, number_words
from normlib.rows import dicts


def links_table(
    status: pd.DataFrame,
    dossier: Dossier,
    *,
    caption: str,
    reported: pd.DataFrame | None = None,
) -> Table:
    """Return the links with state, since, length and what else is known of them.

    ``reported`` is that of :func:`normlib.estimates.by_link`; each count leads to the first figure.
    """
    names = dossier.labels("sites")
    ends: list[Any] = [*zip(status["from_site"], status["to_site"], strict=True)]
    rows = status.assign(
        mode_words=[MODE_STYLES[mode].label for mode in status["mode"]],
        state_words=[STATE_STYLES[state].label for state in status["state"]],
        since_words=status["lasting_since"].map(date_words),
        confirmed_words=status["confirmed"].map(date_words),
        length_words=_lengths(status),
        gauge_words=status["gauge_mm"].map(lambda gauges: " / ".join(map(str, gauges))),
        capacity_words=_capacities(status, dossier),
        ends=ends,
        reported=_reported(status, reported),
    )
    return Table(
        rows,
        columns={
            "name": "Link",
            "mode_words": "Carries",
            "state_words": "State",
            "since_words": "Since",
            "exceptions": "Single uses",
            "confirmed_words": "Last confirmed",
            "state_note": "What is known of the state",
            "length_words": "km",
            "gauge_words": "Gauge, mm",
            "voltage_kv": "kV",
            "capacity_words": "Nominal capacity",
            **({} if reported is None else {"reported": "Reported"}),
            "geometry_quality": "Drawing",
            "ends": "Between",
            "note": "Note",
            "sources": "Sources",
        },
        caption=f"{caption}. ~ measured from the drawing. Since: start of the state, single "
        "permitted uses left aside. Blank: not known.",
        anchor=("links", "link_id"),
        refs={"ends": ("sites", names)},
    )


def brief_links_table(status: pd.DataFrame, dossier: Dossier, *, caption: str) -> Table:
    """Return the links with their states in a few columns; each leads to all that is known."""
    rows = status.assign(
        mode_words=[MODE_STYLES[mode].label for mode in status["mode"]],
        state_words=[STATE_STYLES[state].label for state in status["state"]],
        since_words=status["lasting_since"].map(date_words),
        length_words=_lengths(status),
    )
    return Table(
        rows,
        columns={
            "link_id": "Link",
            "mode_words": "Carries",
            "state_words": "State",
            "since_words": "Since",
            "length_words": "km",
            "geometry_quality": "Drawing",
        },
        caption=f"{caption}. ~ measured from the drawing. A name leads to all that is on record",
        refs={"link_id": ("links", dossier.labels("links"))},
    )


def facts_words(status: pd.DataFrame, dossier: Dossier) -> list[str]:
    """Return for each link what a mark of it tells: state, length, gauge, voltage, capacity, note.

    Lines are parted by ``<br>``; the note is cut short, its table has all of it.
    """
    facts = zip(
        [f"{km} km" for km in _lengths(status)],
        [f"{' / '.join(map(str, gauges))} mm" if gauges else "" for gauges in status["gauge_mm"]],
        ["" if pd.isna(kv) else f"{kv} kV" for kv in status["voltage_kv"]],
        _capacities(status, dossier),
        strict=True,
    )
    told = []
    for link, known in zip(dicts(status), facts, strict=True):
        note = link["note"] if isinstance(link["note"], str) else ""
        short = textwrap.wrap(textwrap.shorten(note, 180, placeholder=" …"), 60)
        lines = [link_state_words(link), " · ".join(fact for fact in known if fact), *short]
        told.append("<br>".join(lines))
    return told


def _lengths(status: pd.DataFrame) -> list[str]:
    return [
        f"{'~' if approximate else ''}{number_words(km, decimals=1 if km < 10 else 0)}"
        for km, approximate in zip(
            status["length_km"], status["length_is_approximate"], strict=True
        )
    ]


def _capacities(status: pd.DataFrame, dossier: Dossier) -> list[str]:
    """Write capacities with the unit as the descriptor words it."""
    field = dossier.package.resources["links"].fields["capacity_unit"]
    units = {one["value"]: one["label"] for one in field.descriptor.get("categories", [])}
    return [
        "" if pd.isna(amount) else f"{amount:,.10g} · {units.get(unit, unit)}"
        for amount, unit in zip(status["capacity"], status["capacity_unit"], strict=True)
    ]


def _reported(status: pd.DataFrame, reported: pd.DataFrame | None) -> list[Any]:
    """Write how many figures are on record for each link, and of which years."""
    found = {} if reported is None else {row["link_id"]: row for row in dicts(reported)}
    rows = [found.get(link) for link in status["link_id"]]
    return [Link(_figures_words(row), "context", row["fact_id"]) if row else "" for row in rows]


def _figures_words(row: Row) -> str:
    first, last = row["first_year"], row["last_year"]
    years = "undated" if last is None else f"{first}" if first == last else f"{first}–{last}"
    return f"{count_words(row['n_figures'], 'figure')}, {years}"


def spans_table(spans: pd.DataFrame, *, caption: str) -> Table:
    """Return states over time as a table, one row for each state that a link entered."""
    rows = spans.assign(
        state_words=[STATE_STYLES[state].label for state in spans["state"]],
        since_words=spans["since"].map(date_words),
        confirmed_words=spans["confirmed"].map(date_words),
        exceptional_words=spans["exceptional"].map({True: "single use", False: ""}),
    )
    return Table(
        rows,
        columns={
            "name": "Link",
            "since_words": "Since",
            "state_words": "State",
            "exceptional_words": "Exception",
            "confirmed_words": "Last confirmed",
            "note": "Note",
            "sources": "Sources",
        },
        caption=caption,
        anchor=("link_states", "key"),
    )


def routes_table(changes: pd.DataFrame, dossier: Dossier) -> Table:
    """Return trips before and after as a table."""
    names = dossier.labels("countries")
    rows = changes.assign(
        **{
            f"{measure}_{when}_words": [words(row, when, names) for row in dicts(changes)]
            for measure, words in _ROUTE_WORDS.items()
            for when in ("before", "after")
        },
        direct=[number_words(km) for km in changes["great_circle_km"]],
    )
    columns = {"trip": "Trip", "direct": "Straight line, km"}
    labels = {
        "km": "km",
        "detour": "detour factor",
        "borders": "borders",
        "third": "third countries",
        "disjoint": "routes sharing no leg",
        "gauge": "changes of gauge",
    }
    for measure, label in labels.items():
        for when, word in (("before", "now"), ("after", "then")):
            columns[f"{measure}_{when}_words"] = f"{label}, {word}"
    return Table(
        rows,
        columns={
            **columns,
            "depends_on_before": "Depends now on",
            "depends_on_after": "Depends then on",
            "uses": "Opened links used",
            "sources": "Sources",
        },
        caption="Shortest routes now, and then: with links opened or closed. ~ a part is measured "
        "from the drawing or shared out among stops. Detour factor: length over straight line.",
        refs={
            name: ("links", dossier.labels("links"))
            for name in ("depends_on_before", "depends_on_after", "uses")
        },
    )


def _km_words(row: Row, when: str, names: Mapping[str, str]) -> str:
    mark = "~" if row[f"is_approximate_{when}"] else ""
    return mark + number_words(row[f"km_{when}"]) if row[f"reachable_{when}"] else "no route"


def _detour_words(row: Row, when: str, names: Mapping[str, str]) -> str:
    return number_words(row[f"detour_{when}"], decimals=1)


def _third_words(row: Row, when: str, names: Mapping[str, str]) -> str:
    if not row[f"reachable_{when}"]:
        return "–"
    return list_words(names.get(code, code) for code in row[f"third_countries_{when}"]) or "none"


def _count_of(measure: str) -> Any:
    def words(row: Row, when: str, names: Mapping[str, str]) -> str:
        reachable = row[f"reachable_{when}"] or measure == "disjoint"
        return str(row[f"{measure}_{when}"]) if reachable else "–"

    return words


_ROUTE_WORDS: dict[str, Any] = {
    "km": _km_words,
    "detour": _detour_words,
    "borders": _count_of("borders"),
    "third": _third_words,
    "disjoint": _count_of("disjoint"),
    "gauge": _count_of("gauge_breaks"),
}


def legs_table(legs: pd.DataFrame, dossier: Dossier) -> Table:
    """Return the legs of routes, in order."""
    names = dossier.labels("links")
    links = [
        Link(names.get(link, link), "links", link) if isinstance(link, str) else "transfer"
        for link in legs["link_id"]
    ]
    lengths = [
        f"{'~' if approximate else ''}{number_words(km, decimals=1 if km < 10 else 0)}"
        for km, approximate in zip(legs["length_km"], legs["is_approximate"], strict=True)
    ]
    rows = legs.assign(
        when=legs["when"].map({"before": "now", "after": "then"}),
        link=pd.Series(links, index=legs.index, dtype="object"),
        km=lengths,
        gauge=legs["gauge_mm"].map(_gauge_words),
    )
    sites = ("sites", dossier.labels("sites"))
    return Table(
        rows,
        columns={
            "trip": "Trip",
            "when": "When",
            "step": "Leg",
            "from_site": "From",
            "to_site": "To",
            "link": "Over",
            "km": "km",
            "gauge": "Gauge, mm",
            "sources": "Sources",
        },
        caption="Legs of the shortest routes now, and then: with links opened or closed. ~ not a "
        "sourced length: measured from the drawing, or a link's length shared out among its stops.",
        refs={"from_site": sites, "to_site": sites},
    )


def _gauge_words(gauges: tuple[int, ...]) -> str:
    """Write gauges; where they change on the way, goods are moved to other wagons."""
    words = " / ".join(map(str, gauges))
    return f"{words}, changed on the way" if len(gauges) > 1 else words


def bridges_table(bridges: pd.DataFrame, dossier: Dossier) -> Table:
    """Return the links whose loss cuts places off, with these places.

    Parameters
    ----------
    bridges : see :func:`normlib.connectivity.bridges`.
    """
    return Table(
        bridges.assign(mode_words=[MODE_STYLES[mode].label for mode in bridges["mode"]]),
        columns={
            "link_id": "Link",
            "mode_words": "Carries",
            "cut_off": "Would cut off",
            "left_with": "From places",
            "sources": "Sources",
        },
        caption="Bridges of the network, its modes taken together: open links whose loss would cut "
        f"places of the record off from the others, as of {day_words(dossier.day)}",
        refs={
            "link_id": ("links", dossier.labels("links")),
            "cut_off": ("sites", dossier.labels("sites")),
        },
    )


def transfers_table(transfers: pd.DataFrame, dossier: Dossier) -> Table:
    """Return the places where a journey may change between two sites."""
    sites = ("sites", dossier.labels("sites"))
    rows = transfers.assign(km=[number_words(km, decimals=1) for km in transfers["length_km"]])
    return Table(
        rows,
        columns={
            "from_site": "Between",
            "to_site": "and",
            "km": "km, straight",
            "rule": "Rule",
            "sources": "Sources",
        },
        caption="Transfers: changes between sites that no link joins",
        refs={"from_site": sites, "to_site": sites},
    )


def sites_table(dossier: Dossier) -> Table:
    """Return the sites of the view."""
    return Table(
        dossier.sites.assign(kind_words=dossier.sites["kind"].str.replace("_", " ")),
        columns={
            "name": "Place",
            "kind_words": "Kind",
            "country": "Country",
            "lat": "Latitude",
            "lon": "Longitude",
            "note": "What the point stands for",
            "sources": "Sources",
        },
        caption=f"Places known by {day_words(dossier.day)}",
        anchor=("sites", "site_id"),
        refs={"country": ("countries", dossier.labels("countries"))},
    )


def link_states_table(dossier: Dossier) -> Table:
    """Return every recorded state of every link, repeated confirmations included."""
    states = dossier.link_states
    rows = states.assign(
        key=states["link_id"] + "|" + states["since"],
        state_words=[STATE_STYLES[state].label for state in states["state"]],
        since_words=states["since"].map(date_words),
    )
    return Table(
        rows,
        columns={
            "link_id": "Link",
            "since_words": "Since",
            "state_words": "State",
            "note": "Note",
            "sources": "Sources",
        },
        caption=f"Recorded states of links, as of {day_words(dossier.day)}",
        anchor=("link_states", "key"),
        refs={"link_id": ("links", dossier.labels("links"))},
    )
