"""Who can trade electricity with whom, over which lines, and what an amount of energy means.

Current does not travel as a lorry does, so these rules turn power lines into trade:

* The recorded stations of a country count as one grid. Which stations a way uses is told, because
  an exclave is a country's station and not its main grid.
* A line in island mode (see ``links.coupling``) feeds a part of one grid that is cut off from the
  rest. Two countries can trade over it; it leads no further, so it is no way to a third one.
* Every other usable line joins its two grids, over converters or in step. Where no source says
  how, it counts as joining, and the conversions on the way are not known.
* Nothing is known here of what flows, of prices, or of what each grid can spare.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations, pairwise
from typing import Any

import networkx as nx
import pandas as pd

from normlib.claims import contradictions
from normlib.dossier import Dossier
from normlib.links import each_once, link_status
from normlib.memo import once
from normlib.routes import transport_graph
from normlib.rows import dicts

POWER = ("power",)
ISLAND, CONVERTER = "island", "converter"
ENERGY_UNIT, CAPACITY_UNIT = "twh_per_year", "mw"
HOURS_PER_YEAR = 8760

SURGE_IMPEDANCE_OHM = {230: 380, 345: 285, 500: 250}
"""Typical surge impedance of overhead lines by nominal voltage in kV: P. Kundur, *Power System
Stability and Control*, McGraw-Hill 1994, table 6.1."""

DISPUTED = ("voltage_kv", "capacity", "coupling")
LINE_COLUMNS = [
    *("link_id", "name", "state", "since", "from_site", "to_site", "from_country", "to_country"),
    *("crosses_border", "joins_sides", "voltage_kv", "coupling", "capacity_mw"),
    *(f"{field}_claims" for field in DISPUTED),
    *("note", "sources"),
]
_MEASURES = ("open_lines", "joined", "in_island", "through", "uses", "stations", "conversions")
TRADE_COLUMNS = [
    *("from_country", "to_country", "lines", "joins_sides"),
    *(f"{measure}_{when}" for measure in _MEASURES for when in ("before", "after")),
    "sources",
]
LOAD_COLUMNS = [
    *("fact_id", "link_id", "name", "quantity", "twh_per_year", "average_mw", "capacity_mw"),
    "sources",
]
NATURAL_COLUMNS = [
    *("link_id", "name", "claimed_kv", "accepted", "voltage_kv", "class_kv"),
    *("surge_impedance_ohm", "natural_load_mw", "sources"),
]


@once
def power_lines(dossier: Dossier) -> pd.DataFrame:
    """Return the power lines with their state on the day, and all that sources claim of them.

    Reads ``links``, ``link_states``, ``sites`` and ``claims``.

    Returns
    -------
    Columns ``LINE_COLUMNS``: lines between the sides first, then others across a border, then
    those within a country; by name. ``voltage_kv``, ``capacity_mw`` (NaN: not on record) and
    ``coupling`` are the values that the record follows; ``…_claims`` hold every value where sources
    disagree, as tuples of (value, accepted, sources), else nothing. ``sources`` includes those of
    the claims.
    """
    status = link_status(dossier)
    lines = status[status["mode"].isin(POWER) & ~status["is_symbol"]]
    claims = _claims(dossier, lines["link_id"])
    is_mw = lines["capacity_unit"].eq(CAPACITY_UNIT)
    said = {
        f"{field}_claims": pd.Series(
            [claims.get((link, field), ()) for link in lines["link_id"]],
            index=lines.index,
            dtype="object",
        )
        for field in DISPUTED
    }
    told = [
        each_once([row, *(one[2] for field in DISPUTED for one in claims.get((link, field), ()))])
        for link, row in zip(lines["link_id"], lines["sources"], strict=True)
    ]
    found = lines.assign(
        capacity_mw=lines["capacity"].where(is_mw),
        sources=pd.Series(told, index=lines.index, dtype="object"),
        **said,
    )
    ranked = found.sort_values(
        ["joins_sides", "crosses_border", "name"], ascending=[False, False, True]
    )
    return ranked[LINE_COLUMNS].reset_index(drop=True)


def power_trade(
    dossier: Dossier,
    *,
    open_links: Iterable[str] = (),
    close_links: Iterable[str] = (),
    include_restricted: bool = False,
) -> pd.DataFrame:
    """Return which countries can trade electricity, as it is and with some lines opened or closed.

    Every pair of the countries that a recorded line across a border reaches, the two sides first.
    Between two countries the direct line counts, one that joins the grids before one in island
    mode; without any, the way over the fewest countries, then the fewest conversions.

    Returns
    -------
    Columns ``TRADE_COLUMNS``. ``lines``: direct lines on record, usable or not. Then, before and
    after: ``open_lines``, the usable ones of them; ``joined``, whether there is a way;
    ``in_island``, whether only by a line in island mode; ``through``, the countries between;
    ``uses`` and ``stations``, the lines on the way and the sites at their ends; ``conversions``,
    lines with converters among them (blank without a way, or where a coupling is not on record).
    ``sources`` are those of all these lines.

    Raises
    ------
    RecipeError
        An unknown link, or one both opened and closed.
    """
    lines = power_lines(dossier)
    opened, closed = tuple(open_links), tuple(close_links)
    grids = {
        "before": _grids(dossier, lines, (), (), include_restricted),
        "after": _grids(dossier, lines, opened, closed, include_restricted),
    }
    source = dict(zip(lines["link_id"], lines["sources"], strict=True))
    rows = []
    for pair in _pairs(dossier, lines):
        direct = _between(lines, pair)
        found = {
            f"{measure}_{when}": value
            for when, graph in grids.items()
            for measure, value in _way(graph, pair).items()
        }
        named = each_once([direct, found["uses_before"], found["uses_after"]])
        rows.append(
            {
                "from_country": pair[0],
                "to_country": pair[1],
                "lines": direct,
                "joins_sides": set(pair) == set(dossier.sides),
                **found,
                "sources": each_once(source[name] for name in named),
            }
        )
    counts = {f"conversions_{when}": "Int64" for when in grids}
    return pd.DataFrame(rows, columns=TRADE_COLUMNS).astype(counts)


def contract_load(dossier: Dossier) -> pd.DataFrame:
    """Return amounts of energy a year on power lines, as average power.

    Reads the rows of ``context`` in terawatt-hours a year whose subject is a power line. The
    average is over all 8,760 hours of a year: deliveries in fewer hours need more.

    Returns
    -------
    Columns ``LOAD_COLUMNS``, smallest first; ``capacity_mw`` is that of the line, NaN where it is
    not on record.
    """
    lines = power_lines(dossier).set_index("link_id")
    facts = dossier.context
    rows = facts[facts["unit"].eq(ENERGY_UNIT) & facts["subject"].isin(lines.index)]
    found = rows.assign(
        link_id=rows["subject"],
        name=rows["subject"].map(lines["name"]),
        twh_per_year=rows["value_low"],
        average_mw=rows["value_low"] * 1e6 / HOURS_PER_YEAR,
        capacity_mw=rows["subject"].map(lines["capacity_mw"]),
    )
    return found.sort_values("twh_per_year", kind="stable")[LOAD_COLUMNS].reset_index(drop=True)


def natural_load(dossier: Dossier) -> pd.DataFrame:
    """Return the natural load of power lines at every voltage that a source gives.

    The natural load, or surge impedance loading, is V²/Zc for one circuit. Zc is that of the
    nearest class of ``SURGE_IMPEDANCE_OHM``, so the load is about right at best. It is a yardstick
    and no rating: a short line can carry more.

    Returns
    -------
    Columns ``NATURAL_COLUMNS``, one row for each voltage; ``claimed_kv`` is the text of the claim,
    which can name two (``380/400``), ``accepted`` whether the record follows it.
    """
    lines = power_lines(dossier)
    rows = [
        {
            "link_id": line["link_id"],
            "name": line["name"],
            "claimed_kv": claimed,
            "accepted": accepted,
            "voltage_kv": voltage,
            "class_kv": _class_of(voltage),
            "surge_impedance_ohm": SURGE_IMPEDANCE_OHM[_class_of(voltage)],
            "natural_load_mw": voltage**2 / SURGE_IMPEDANCE_OHM[_class_of(voltage)],
            "sources": sources,
        }
        for line in dicts(lines)
        for claimed, accepted, sources in _voltages(line)
        for voltage in numbers_in(claimed)
    ]
    return pd.DataFrame(rows, columns=NATURAL_COLUMNS)


def numbers_in(text: str) -> tuple[float, ...]:
    """Return the numbers that a claimed value names.

    >>> numbers_in("380/400"), numbers_in("not known")
    ((380.0, 400.0), ())
    """
    return tuple(float(found) for found in re.findall(r"\d+(?:\.\d+)?", text))


Claim = tuple[str, bool, tuple[str, ...]]


def _claims(dossier: Dossier, links: Iterable[str]) -> dict[tuple[str, str], tuple[Claim, ...]]:
    """Return the competing values by line and field, the accepted one first."""
    found: dict[tuple[str, str], tuple[Claim, ...]] = {}
    about = {("links", link) for link in links}
    for claim in dicts(contradictions(dossier, about=about)):
        key = (claim["subject_id"], claim["field"])
        one = (claim["value"], bool(claim["accepted"]), tuple(claim["sources"]))
        found[key] = (*found.get(key, ()), one)
    return found


def _voltages(line: dict[Any, Any]) -> tuple[Claim, ...]:
    """Return the voltages that are claimed, or the one on record where nothing competes."""
    if line["voltage_kv_claims"] or line["voltage_kv"] is None:
        return tuple(line["voltage_kv_claims"])
    return ((str(line["voltage_kv"]), True, line["sources"]),)


def _class_of(voltage: float) -> int:
    return min(SURGE_IMPEDANCE_OHM, key=lambda kv: abs(kv - voltage))


# Trade


def _pairs(dossier: Dossier, lines: pd.DataFrame) -> Iterator[tuple[str, str]]:
    across = lines[lines["crosses_border"]]
    reached = {*across["from_country"], *across["to_country"]}
    sides = [side for side in dossier.sides if side in reached]
    yield from combinations([*sides, *sorted(reached - set(sides))], 2)


def _between(lines: pd.DataFrame, pair: tuple[str, str]) -> tuple[str, ...]:
    ends = zip(lines["link_id"], lines["from_country"], lines["to_country"], strict=True)
    return tuple(link for link, *countries in ends if set(countries) == set(pair))


def _grids(
    dossier: Dossier,
    lines: pd.DataFrame,
    opened: tuple[str, ...],
    closed: tuple[str, ...],
    include_restricted: bool,
) -> "nx.MultiGraph[str]":
    """Return countries, joined by the usable lines that cross a border."""
    usable = transport_graph(
        dossier,
        modes=POWER,
        include_restricted=include_restricted,
        open_links=opened,
        close_links=closed,
    )
    coupling = dict(zip(lines["link_id"], lines["coupling"], strict=True))
    grids: nx.MultiGraph[str] = nx.MultiGraph()
    for a, b, edge in usable.edges(data=True):
        here, there = usable.nodes[a]["country"], usable.nodes[b]["country"]
        for link in edge["link_ids"] if here != there else ():
            grids.add_edge(here, there, key=link, site={here: a, there: b}, coupling=coupling[link])
    return grids


def _way(grids: "nx.MultiGraph[str]", pair: tuple[str, str]) -> dict[str, Any]:
    """Return how two countries are joined, if they are."""
    a, b = pair
    direct = tuple(sorted(grids[a][b])) if grids.has_edge(a, b) else ()
    path = list(pair) if direct else _path(grids, pair)
    borders = list(pairwise(path))
    steps = [_best(grids[here][there]) for here, there in borders]
    edges = [grids[a][b][link] for (a, b), link in zip(borders, steps, strict=True)]
    stations = [
        edge["site"][country]
        for border, edge in zip(borders, edges, strict=True)
        for country in border
    ]
    return {
        "open_lines": direct,
        "joined": bool(path),
        "in_island": any(edge["coupling"] == ISLAND for edge in edges),
        "through": tuple(path[1:-1]),
        "uses": tuple(steps),
        "stations": tuple(dict.fromkeys(stations)),
        "conversions": _conversions([edge["coupling"] for edge in edges]),
    }


def _conversions(couplings: list[object]) -> int | None:
    """Return how often the way goes over converters; unknown where a coupling is not on record."""
    known = bool(couplings) and all(isinstance(one, str) for one in couplings)
    return couplings.count(CONVERTER) if known else None


def _path(grids: "nx.MultiGraph[str]", pair: tuple[str, str]) -> list[str]:
    """Return the countries on the best way over lines that join whole grids, ends included."""
    whole: nx.Graph[str] = nx.Graph()
    for a, b in {tuple(sorted(edge[:2])) for edge in grids.edges}:
        rank = _rank(grids[a][b][_best(grids[a][b])])
        if rank < _LAST:
            whole.add_edge(a, b, cost=1 + rank / 1000)  # conversions only break ties
    if not (pair[0] in whole and pair[1] in whole and nx.has_path(whole, *pair)):
        return []
    ways = nx.all_shortest_paths(whole, *pair, weight="cost")
    return min(ways)


_LAST = 2


def _rank(edge: Mapping[str, Any]) -> int:
    return {ISLAND: _LAST, CONVERTER: 1}.get(edge["coupling"], 0)


def _best(lines: Mapping[str, Any]) -> str:
    """Return the line to take: one that joins grids before one in island mode, then by name."""
    return min(lines, key=lambda link: (_rank(lines[link]), link))
