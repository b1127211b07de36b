"""Links on a day: their states, the routes they allow, and what opening one of them would change.

Sites are nodes and links are edges of one multigraph keyed by ``link_id``. A link is usable when
its state is ``open``; ``restricted`` counts only when asked. These rules turn the record into a
network, and none of them knows a place:

* A link can be left at each of the sites that it names on the way, so it becomes several *legs*.
  Its length is shared among them in proportion to the straight distances between the sites.
* Two links that share a leg (one is a part of the other, or both use one road) share one edge, so
  that nothing is counted twice; the shorter of the two lengths holds.
* A line that stands for a permission and says so in its note ("drawn as a symbol") is no route.
* From one mode to another leads a site that both share, or a *transfer*: see :func:`transfers`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, groupby, pairwise
from math import inf
from typing import Any, NamedTuple

import networkx as nx
import numpy as np
import pandas as pd
from geographiclib.geodesic import Geodesic
from networkx.algorithms.flow import edmonds_karp

from normlib.dossier import Dossier
from normlib.errors import RecipeError, nearest
from normlib.memo import once
from normlib.rows import dicts

TRAVEL_MODES = ("road", "rail", "air")
"""Modes between which people and goods can change; current and gas never do."""

TRANSFER = "transfer"
TRANSFER_KM = 5.0
AIRPORT_KM = 40.0
KM_PER_LATITUDE = 110.5
"""Less than any degree of latitude on the ellipsoid is long, to pass over what is far away."""

SPAN_COLUMNS = [
    "key",
    "link_id",
    "name",
    "mode",
    "state",
    "since",
    "start_earliest",
    "start",
    "end",
    "confirmed",
    "exceptional",
    "note",
    "latest_note",
    "latest_sources",
    "sources",
]
STATUS_COLUMNS = [
    "link_id",
    "name",
    "mode",
    "state",
    "since",
    "confirmed",
    "lasting_since",
    "exceptions",
    "state_note",
    "state_sources",
    "from_site",
    "to_site",
    "via_sites",
    "from_country",
    "to_country",
    "crosses_border",
    "joins_sides",
    "is_symbol",
    "length_km",
    "length_is_approximate",
    "gauge_mm",
    "voltage_kv",
    "capacity",
    "capacity_unit",
    "geometry_quality",
    "note",
    "sources",
]
STATUS_TYPES = {
    **dict.fromkeys(("state", "since", "confirmed", "state_note", "lasting_since"), "str"),
    **dict.fromkeys(("from_country", "to_country", "geometry_quality"), "str"),
    **dict.fromkeys(("crosses_border", "joins_sides"), "bool"),
    **dict.fromkeys(("length_is_approximate", "is_symbol"), "bool"),
    **dict.fromkeys(("state_sources", "sources_of_state"), "object"),
    "exceptions": "int64",
    "length_km": "float64",
}
"""What is found out for each link, and its type."""
TRANSFER_COLUMNS = ["from_site", "to_site", "length_km", "rule", "sources"]
LEG_COLUMNS = [
    "from_site",
    "to_site",
    "from_country",
    "to_country",
    "link_id",
    "mode",
    "length_km",
    "is_approximate",
]
WHAT_IF_COLUMNS = [
    "trip",
    "from_site",
    "to_site",
    "modes",
    "great_circle_km",
    *(
        f"{measure}_{when}"
        for measure in (
            "reachable",
            "km",
            "transfer_km",
            "detour",
            "borders",
            "third_countries",
            "gauge_breaks",
            "disjoint",
            "depends_on",
            "is_approximate",
        )
        for when in ("before", "after")
    ),
    "saved_km",
    "times_shorter",
    "uses",
    "sources",
]
ROUTE_LEG_COLUMNS = ["trip", "when", "step", *LEG_COLUMNS, "sources"]


class Trip(NamedTuple):
    """A wish to get from one site to another by some modes."""

    from_site: str
    to_site: str
    modes: tuple[str, ...]


@dataclass(frozen=True)
class Route:
    """The shortest way between two sites; without one, ``reachable`` is False and legs are empty.

    Attributes
    ----------
    legs : one row for each stretch of one link or transfer, in order; see ``LEG_COLUMNS``.
    km : whole length, transfers included; NaN without a route.
    transfer_km : of that, straight distances of transfers.
    borders : how often the route crosses from one country into another.
    third_countries : countries on the way that are neither the first nor the last.
    gauge_breaks : how often goods on rails meet another gauge.
    is_approximate : whether a length on the way is measured from the drawing.
    """

    legs: pd.DataFrame
    reachable: bool
    km: float
    transfer_km: float
    borders: int
    third_countries: tuple[str, ...]
    gauge_breaks: int
    is_approximate: bool


# States of links


@once
def state_spans(dossier: Dossier) -> pd.DataFrame:
    """Return the states of each link over time, one row for each state that it entered.

    Rows of ``link_states`` that repeat the state before them are joined to it; ``confirmed`` is
    the date of the last such row. A span starts on the day from which its first row counts
    (``start``) and, where its date is not exact, possibly from ``start_earliest``; it ends with the
    next one or on the day of the view. ``exceptional`` marks single permitted uses: ``restricted``
    between two spans of ``closed``.

    Returns
    -------
    Columns ``SPAN_COLUMNS``, in the order of links and time; ``key`` is that of the first row.
    """
    runs = _runs(dossier.link_states)
    if runs.empty:
        return pd.DataFrame(columns=SPAN_COLUMNS)
    link = runs.groupby("link_id", sort=False)
    around = link["state"].shift(1).eq("closed") & link["state"].shift(-1).eq("closed")
    ends = link["effective_on"].shift(-1).fillna(dossier.day)
    spans = runs.assign(
        key=runs["link_id"] + "|" + runs["since"],
        start=runs["effective_on"],
        start_earliest=runs["since_earliest"],
        end=ends.where(ends > runs["effective_on"], runs["effective_on"]),
        exceptional=around & runs["state"].eq("restricted"),
    )
    named = spans.merge(dossier.links[["link_id", "name", "mode"]], on="link_id", how="left")
    return named[SPAN_COLUMNS]


@once
def link_status(dossier: Dossier) -> pd.DataFrame:
    """Return every link with its state on the day of the view; no state known: ``unknown``.

    Reads ``links``, ``link_states``, ``sites`` and the geometry ``routes``.

    Returns
    -------
    Columns ``STATUS_COLUMNS``. ``since`` and ``lasting_since`` are EDTF text: the start of the
    state, and its start when exceptional uses (counted in ``exceptions``) are left aside.
    ``length_km`` is the sourced length, else that of the drawing on the WGS 84 ellipsoid
    (``length_is_approximate``). ``state_note`` and ``state_sources`` are those of the last row on
    the state; ``sources`` holds all of the link and of its state. ``joins_sides``: its ends lie
    in the two sides of the process. ``is_symbol``: the line stands for a permission and is no
    route.
    """
    links, spans = dossier.links, _spans_by_link(dossier)
    drawn = {one["id"]: one for one in dossier.geometries.get("routes", {}).get("features", [])}
    country = dict(zip(dossier.sites["site_id"], dossier.sites["country"], strict=True))
    rows = [
        {
            **_state_of(spans.get(link["link_id"], [])),
            **_ends_of(link, country, set(dossier.sides)),
            **_shape_of(link, drawn.get(link["link_id"])),
        }
        for link in dicts(links)
    ]
    found = pd.DataFrame(rows, index=links.index, columns=list(STATUS_TYPES)).astype(STATUS_TYPES)
    of_state = found["sources_of_state"]
    joined = [_each_once(pair) for pair in zip(links["sources"], of_state, strict=True)]
    sources = pd.Series(joined, index=links.index, dtype="object")
    known = links.drop(columns=[name for name in links if name in STATUS_TYPES])
    return known.join(found).assign(sources=sources)[STATUS_COLUMNS]


def _spans_by_link(dossier: Dossier) -> dict[str, list[Mapping[Any, Any]]]:
    found: dict[str, list[Mapping[Any, Any]]] = {}
    for span in dicts(state_spans(dossier)):
        found.setdefault(span["link_id"], []).append(span)
    return found


def _state_of(spans: Sequence[Mapping[Any, Any]]) -> dict[str, Any]:
    """Return what holds of a link now, and since when but for exceptional uses."""
    now = spans[-1] if spans else {"state": "unknown"}
    lasting: Mapping[Any, Any] = {}
    for span in spans:
        if not span["exceptional"] and span["state"] != lasting.get("state"):
            lasting = span
    later = [span for span in spans if lasting and span["start"] >= lasting["start"]]
    return {
        "state": now["state"],
        "since": now.get("since"),
        "confirmed": now.get("confirmed"),
        "state_note": now.get("latest_note"),
        "state_sources": now.get("latest_sources", ()),
        "sources_of_state": now.get("sources", ()),
        "lasting_since": lasting.get("since"),
        "exceptions": sum(span["exceptional"] for span in later),
    }


def _ends_of(
    link: Mapping[Any, Any], country: Mapping[str, str], sides: set[str]
) -> dict[str, Any]:
    ends = [country.get(link["from_site"]), country.get(link["to_site"])]
    return {
        "from_country": ends[0],
        "to_country": ends[1],
        "crosses_border": ends[0] != ends[1],
        "joins_sides": set(ends) == sides,
    }


def _shape_of(link: Mapping[Any, Any], drawn: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the length of a link, and what is known of its drawing."""
    unsourced = bool(pd.isna(link["length_km"]))
    return {
        "length_km": _drawn_km(drawn) if unsourced and drawn else link["length_km"],
        "length_is_approximate": unsourced,
        "geometry_quality": drawn["properties"].get("geometry_quality") if drawn else None,
        "is_symbol": _is_symbol(link["note"]),
    }


def joining_links(status: pd.DataFrame) -> pd.DataFrame:
    """Return the links of a status frame whose ends lie in the two sides of the process."""
    return status[status["joins_sides"].astype(bool)].reset_index(drop=True)


def other_crossings(status: pd.DataFrame) -> pd.DataFrame:
    """Return the links of a status frame that cross a border elsewhere."""
    crosses = status["crosses_border"].astype(bool) & ~status["joins_sides"].astype(bool)
    return status[crosses].reset_index(drop=True)


def _runs(states: pd.DataFrame) -> pd.DataFrame:
    """Join rows that repeat the state before them; the last one's date confirms the first."""
    if states.empty:
        return states.assign(latest_note="", latest_sources="", confirmed="")
    before = states[["link_id", "state"]].shift()
    begins = states[["link_id", "state"]].ne(before).any(axis=1)
    first = states[begins].reset_index(drop=True)
    last = states[begins.shift(-1, fill_value=True)].reset_index(drop=True)
    starts = np.flatnonzero(begins).tolist()
    listed, ends = states["sources"].tolist(), [*starts[1:], len(states)]
    runs = list(zip(starts, ends, strict=True))
    repeats = pd.Series([end - start > 1 for start, end in runs])
    sources = [_each_once(listed[start:end]) for start, end in runs]
    return first.assign(
        latest_note=last["note"],
        latest_sources=last["sources"],
        confirmed=last["since"].where(repeats),
        sources=pd.Series(sources, dtype="object"),
    )


def _each_once(listed: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for ids in listed for name in ids))


def _is_symbol(note: object) -> bool:
    """Whether a link's note says that its line is drawn as a symbol."""
    return isinstance(note, str) and re.search(r"\bas a symbol\b", note) is not None


def _drawn_km(feature: Mapping[str, Any]) -> float:
    points = feature["geometry"]["coordinates"]
    return sum(_km(a[1], a[0], b[1], b[0]) for a, b in pairwise(points))


@lru_cache(maxsize=100_000)
def _km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Geodesic distance on the WGS 84 ellipsoid (Karney 2013, doi 10.1007/s00190-012-0578-z)."""
    found = Geodesic.WGS84.Inverse(lat, lon, other_lat, other_lon, Geodesic.DISTANCE)
    return float(found["s12"]) / 1000


# The network


def transport_graph(
    dossier: Dossier,
    *,
    modes: Iterable[str] = ("road", "rail"),
    include_restricted: bool = False,
    open_links: Iterable[str] = (),
    close_links: Iterable[str] = (),
) -> "nx.MultiGraph[str]":
    """Return the usable links of some modes as a multigraph keyed by ``link_id``.

    Nodes are all sites of the view (``name``, ``country``, ``kind``, ``lat``, ``lon``). Edges carry
    ``link_ids`` (more than one where links share the leg), ``mode``, ``length_km``,
    ``is_approximate`` and ``gauge_mm``. Transfers are edges of mode and key ``transfer``.

    Parameters
    ----------
    modes : words of the vocabulary of ``links.mode``.
    include_restricted : whether links in restricted use count.
    open_links, close_links : links taken as usable, or not, whatever their state.

    Raises
    ------
    RecipeError
        An unknown mode or link, or one link both opened and closed.
    """
    network = _network(dossier)
    usable = _usable(dossier, network.status, include_restricted, open_links, close_links)
    return network.graph(_known_modes(dossier, modes), usable)


def transfers(
    dossier: Dossier, *, within_km: float = TRANSFER_KM, airport_km: float = AIRPORT_KM
) -> pd.DataFrame:
    """Return the places where a journey may change between sites, by two rules.

    *same place*: two sites of one country at most ``within_km`` apart that are served by different
    modes of travel, none in common (a town and its station).
    *airport*: an airport and the one city or port of its country within ``airport_km`` that has the
    most links, the nearest of several.

    Returns
    -------
    Columns ``TRANSFER_COLUMNS``; ``length_km`` is the geodesic distance, ``sources`` those of the
    two points.
    """
    served = _modes_by_site(dossier.links)
    sites = dicts(dossier.sites.sort_values("site_id"))
    found = [*_same_places(sites, served, within_km), *_airport_places(sites, served, airport_km)]
    rows = [
        (a["site_id"], b["site_id"], km, rule, tuple(dict.fromkeys((*a["sources"], *b["sources"]))))
        for a, b, km, rule in found
    ]
    return pd.DataFrame(rows, columns=TRANSFER_COLUMNS)


def link_legs(status: pd.DataFrame, sites: pd.DataFrame) -> pd.DataFrame:
    """Return the stretches of each link between the sites that it names.

    Reads ``status`` (see :func:`link_status`) and the columns ``site_id``, ``lat`` and ``lon`` of
    ``sites``.

    Returns
    -------
    Columns ``link_id``, ``mode``, ``from_site``, ``to_site``, ``length_km``, ``is_approximate``,
    ``gauge_mm`` and ``share`` (of the link's length, 0 to 1; the shares of a link add up to 1).
    """
    at = sites.set_index("site_id")[["lat", "lon"]].to_dict("index")
    columns = ["link_id", "mode", "from_site", "to_site", "length_km", "is_approximate"]
    rows = [leg for link in dicts(status) for leg in _legs_of(link, at)]
    return pd.DataFrame(rows, columns=[*columns, "gauge_mm", "share"])


def disjoint_routes(graph: "nx.MultiGraph[str]", from_site: str, to_site: str) -> int:
    """Return how many routes there are that share no leg (the minimum cut, by Menger's theorem).

    A transfer is no leg: any number of routes may use it.
    """
    if from_site not in graph or to_site not in graph or from_site == to_site:
        return 0
    unlimited = graph.number_of_edges() + 1
    flows: nx.Graph[str] = nx.Graph()
    flows.add_nodes_from(graph)
    for a, b, edge in graph.edges(data=True):
        room = unlimited if edge["mode"] == TRANSFER else 1
        flows.add_edge(a, b, room=flows.get_edge_data(a, b, {"room": 0})["room"] + room)
    quick = edmonds_karp  # where flows are small
    return int(nx.maximum_flow_value(flows, from_site, to_site, "room", flow_func=quick))


def shortest_route(graph: "nx.MultiGraph[str]", from_site: str, to_site: str) -> Route:
    """Return the shortest route in kilometres between two sites of a graph.

    Raises
    ------
    RecipeError
        A site is not in the graph.
    """
    for site in (from_site, to_site):
        if site not in graph:
            raise RecipeError(f"there is no site '{site}' here. {nearest(site, graph)}".strip())
    try:
        path = nx.dijkstra_path(graph, from_site, to_site, weight="length_km")
    except nx.NetworkXNoPath:
        return _no_route()
    edges = [min(graph[a][b].items(), key=_by_length) for a, b in pairwise(path)]
    names = _link_names([edge["link_ids"] for _, edge in edges])
    steps = list(zip(path, path[1:], names, [edge for _, edge in edges], strict=False))
    return _route(graph, _legs(graph, steps), path, [edge for _, edge in edges], names)


class _Network(NamedTuple):
    """What does not depend on the choice of modes and links, made once for many graphs."""

    status: pd.DataFrame
    legs: tuple[Mapping[Any, Any], ...]
    transfers: tuple[tuple[str, str, float], ...]
    sites: tuple[tuple[str, Mapping[str, Any]], ...]

    def graph(self, modes: Sequence[str], usable: Iterable[str]) -> "nx.MultiGraph[str]":
        """Return the graph of the usable links of some modes."""
        graph: nx.MultiGraph[str] = nx.MultiGraph()
        graph.add_nodes_from((site, dict(attributes)) for site, attributes in self.sites)
        wanted = set(usable)
        chosen = (leg for leg in self.legs if leg["mode"] in modes and leg["link_id"] in wanted)
        for leg in _shared_once(chosen):
            graph.add_edge(leg.pop("from_site"), leg.pop("to_site"), **leg)
        if set(modes) & set(TRAVEL_MODES):
            for a, b, km in self.transfers:
                graph.add_edge(a, b, key=TRANSFER, mode=TRANSFER, length_km=km, **_NO_LINK)
        return graph


@once
def _network(dossier: Dossier) -> _Network:
    status, changes = link_status(dossier), dicts(transfers(dossier))
    attributes = ["name", "country", "kind", "lat", "lon"]
    nodes = zip(dossier.sites["site_id"].tolist(), dicts(dossier.sites[attributes]), strict=True)
    return _Network(
        status,
        legs=tuple(dicts(link_legs(status[~status["is_symbol"]], dossier.sites))),
        transfers=tuple(
            (each["from_site"], each["to_site"], each["length_km"]) for each in changes
        ),
        sites=tuple(nodes),
    )


_NO_LINK = {"link_ids": (), "is_approximate": True, "gauge_mm": (), "share": 1.0}


def _shared_once(legs: Iterable[Mapping[Any, Any]]) -> Iterator[dict[str, Any]]:
    """Yield one edge for each leg; the same leg of several links becomes one, the shortest.

    Two whole links between the same two sites are two: parallel roads, say.
    """
    together: dict[tuple[Any, ...], list[Mapping[Any, Any]]] = {}
    for leg in legs:
        stretch = (leg["mode"], *sorted((leg["from_site"], leg["to_site"])))
        together.setdefault(stretch, []).append(leg)
    for same in together.values():
        shared = len(same) > 1 and any(leg["share"] < 1 for leg in same)
        for group in [same] if shared else [[leg] for leg in same]:
            best = min(group, key=lambda leg: (leg["length_km"], leg["link_id"]))
            kept = {name: best[name] for name in (*_EDGE, "from_site", "to_site")}
            yield {**kept, "key": best["link_id"], "link_ids": tuple(x["link_id"] for x in group)}


_EDGE = ("mode", "length_km", "is_approximate", "gauge_mm", "share")


def _legs_of(
    link: Mapping[Any, Any], at: Mapping[Any, Mapping[Any, float]]
) -> Iterator[tuple[Any, ...]]:
    stops = [link["from_site"], *link["via_sites"], link["to_site"]]
    stretches = list(pairwise(stops))
    straight = [_km(*at[a].values(), *at[b].values()) for a, b in stretches]
    whole = sum(straight)
    shares = [km / whole if whole else 1 / len(straight) for km in straight]
    for (a, b), share in zip(stretches, shares, strict=True):
        yield (
            link["link_id"],
            link["mode"],
            a,
            b,
            float(link["length_km"]) * share,
            bool(link["length_is_approximate"]),
            link["gauge_mm"],
            share,
        )


def _modes_by_site(links: pd.DataFrame) -> dict[str, list[str]]:
    """Return the modes of travel that serve each site, one entry for each link."""
    served: dict[str, list[str]] = {}
    for link in dicts(links):
        if link["mode"] in TRAVEL_MODES:
            for site in (link["from_site"], *link["via_sites"], link["to_site"]):
                served.setdefault(site, []).append(link["mode"])
    return served


_Place = tuple[dict[Any, Any], dict[Any, Any], float, str]


def _same_places(
    sites: Sequence[dict[Any, Any]], served: Mapping[str, list[str]], within_km: float
) -> Iterator[_Place]:
    stops = [site for site in sites if site["kind"] != "airport" and site["site_id"] in served]
    modes = {site["site_id"]: set(served[site["site_id"]]) for site in stops}
    for a, b in combinations(stops, 2):
        if a["country"] == b["country"] and not modes[a["site_id"]] & modes[b["site_id"]]:
            km = _apart(a, b, within_km)
            if km <= within_km:
                yield a, b, km, "same place"


def _airport_places(
    sites: Sequence[dict[Any, Any]], served: Mapping[str, list[str]], airport_km: float
) -> Iterator[_Place]:
    towns = [site for site in sites if site["kind"] in ("city", "port")]
    for airport in sites:
        if airport["kind"] != "airport" or airport["site_id"] not in served:
            continue
        near = [
            (-len(served.get(town["site_id"], ())), km, town["site_id"], town)
            for town in towns
            if town["country"] == airport["country"]
            and (km := _apart(airport, town, airport_km)) <= airport_km
        ]
        if near:
            _, km, _, town = min(near)
            yield airport, town, km, "airport"


def _apart(a: Mapping[Any, Any], b: Mapping[Any, Any], at_most: float = inf) -> float:
    """Return how far two sites are apart; infinity where latitudes alone exceed ``at_most``."""
    if abs(a["lat"] - b["lat"]) * KM_PER_LATITUDE > at_most:
        return inf
    return _km(a["lat"], a["lon"], b["lat"], b["lon"])


def _by_length(edge: tuple[Any, Mapping[str, Any]]) -> tuple[float, str]:
    return edge[1]["length_km"], str(edge[0])


def _link_names(choices: Sequence[tuple[str, ...]]) -> list[str | None]:
    """Name a link for each step; a shared leg takes the name of the link before or after it."""
    names: list[str | None] = []
    for at, links in enumerate(choices):
        after = choices[at + 1] if at + 1 < len(choices) else ()
        likely = [name for name in links if names and name == names[-1]]
        likely += [name for name in links if name in after]
        names.append([*likely, *links, None][0])
    return names


_Step = tuple[str, str, str | None, Mapping[str, Any]]


def _legs(graph: "nx.MultiGraph[str]", steps: Sequence[_Step]) -> pd.DataFrame:
    """Join the steps along one link to one leg."""
    rows = []
    for _, group in groupby(enumerate(steps), key=lambda step: step[1][2] or step[0]):
        part = [step for _, step in group]
        first, last = part[0][0], part[-1][1]
        rows.append(
            {
                "from_site": first,
                "to_site": last,
                "from_country": graph.nodes[first]["country"],
                "to_country": graph.nodes[last]["country"],
                "link_id": part[0][2],
                "mode": part[0][3]["mode"],
                "length_km": sum(edge["length_km"] for *_, edge in part),
                "is_approximate": _is_approximate([edge for *_, edge in part]),
            }
        )
    return pd.DataFrame(rows, columns=LEG_COLUMNS)


def _is_approximate(edges: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a length is measured from the drawing, or a part of a link's whole length."""
    whole = sum(edge["share"] for edge in edges) > 1 - 1e-9
    return not whole or any(edge["is_approximate"] for edge in edges)


def _route(
    graph: "nx.MultiGraph[str]",
    legs: pd.DataFrame,
    path: Sequence[str],
    edges: Sequence[Mapping[str, Any]],
    names: Sequence[str | None],
) -> Route:
    countries = [graph.nodes[site]["country"] for site in path]
    passed = dict.fromkeys(name for name in countries if name not in (countries[0], countries[-1]))
    is_transfer = legs["mode"].eq(TRANSFER)
    return Route(
        legs=legs,
        reachable=True,
        km=float(legs["length_km"].sum()),
        transfer_km=float(legs.loc[is_transfer, "length_km"].sum()),
        borders=sum(a != b for a, b in pairwise(countries)),
        third_countries=tuple(passed),
        gauge_breaks=_gauge_breaks(edges, names),
        is_approximate=bool(legs.loc[~is_transfer, "is_approximate"].any()),
    )


def _gauge_breaks(edges: Sequence[Mapping[str, Any]], names: Sequence[str | None]) -> int:
    """Count links on the way with two gauges, and sites where the next rails have another one."""
    by_link = [
        set(edge["gauge_mm"])
        for at, edge in enumerate(edges)
        if edge["gauge_mm"] and (at == 0 or names[at] != names[at - 1])
    ]
    within = sum(len(gauges) - 1 for gauges in by_link)
    return within + sum(not (a & b) for a, b in pairwise(by_link))


def _no_route() -> Route:
    legs = pd.DataFrame(columns=LEG_COLUMNS)
    nan = float("nan")
    return Route(legs, False, nan, nan, 0, (), 0, False)


# What if


def what_if(
    dossier: Dossier,
    trips: Iterable[Trip],
    *,
    open_links: Iterable[str] = (),
    close_links: Iterable[str] = (),
    include_restricted: bool = False,
) -> pd.DataFrame:
    """Compare trips as they are on the day and with some links opened or closed.

    Trips to sites that the view does not know yet are left out.

    Returns
    -------
    Columns ``WHAT_IF_COLUMNS``, one row for each trip. ``km`` holds the shortest route, transfers
    included (NaN: none); ``detour`` is ``km`` over the great circle; ``disjoint`` counts routes
    that share no leg; ``depends_on`` names links without any one of which there is no route;
    ``uses`` the opened links on the new route; ``sources`` those of all links on either route.

    Raises
    ------
    RecipeError
        An unknown mode or link, or one link both opened and closed.
    """
    rows = []
    for trip, before, after in _compared(
        dossier, tuple(trips), tuple(open_links), tuple(close_links), include_restricted
    ):
        at = before.graph.nodes
        direct = _apart(at[trip.from_site], at[trip.to_site])
        rows.append(
            {
                "trip": trip_name(dossier, trip),
                **trip._asdict(),
                "great_circle_km": direct,
                **_measures(before, trip, direct, "before"),
                **_measures(after, trip, direct, "after"),
                "saved_km": before.route.km - after.route.km,
                "times_shorter": before.route.km / after.route.km,
                "uses": _used(after.route, open_links),
                "sources": _route_sources(before, after),
            }
        )
    return pd.DataFrame(rows, columns=WHAT_IF_COLUMNS)


def route_legs(
    dossier: Dossier,
    trips: Iterable[Trip],
    *,
    open_links: Iterable[str] = (),
    close_links: Iterable[str] = (),
    include_restricted: bool = False,
) -> pd.DataFrame:
    """Return the legs of the shortest routes before and after, as :func:`what_if` compares them.

    Returns
    -------
    Columns ``ROUTE_LEG_COLUMNS``; ``when`` is ``before`` or ``after``, ``step`` counts from 1.
    """
    frames = []
    for trip, *cases in _compared(
        dossier, tuple(trips), tuple(open_links), tuple(close_links), include_restricted
    ):
        for when, case in zip(("before", "after"), cases, strict=True):
            of_link = dict(zip(case.status["link_id"], case.status["sources"], strict=True))
            legs = case.route.legs
            sources = legs["link_id"].map(lambda name, known=of_link: known.get(name, ()))
            frames.append(
                legs.assign(
                    trip=trip_name(dossier, trip),
                    when=when,
                    step=range(1, len(legs) + 1),
                    sources=sources,
                )
            )
    kept = [frame for frame in frames if len(frame)]
    if not kept:
        return pd.DataFrame(columns=ROUTE_LEG_COLUMNS)
    return pd.concat(kept, ignore_index=True)[ROUTE_LEG_COLUMNS]


def trip_name(dossier: Dossier, trip: Trip) -> str:
    """Return a trip in words: ``A–B by road``."""
    ends = [dossier.label("sites", site) for site in (trip.from_site, trip.to_site)]
    return f"{'–'.join(ends)} by {' or '.join(trip.modes)}"


def parse_trips(
    dossier: Dossier, text: str, *, modes: Iterable[str] = ("road", "rail")
) -> tuple[Trip, ...]:
    """Read trips: ``a>b:road;b>c:road+rail``; without modes, those given.

    Raises
    ------
    RecipeError
        No trip of that form, an unknown site or mode; names the nearest one.
    """
    usual = _known_modes(dossier, modes)
    return tuple(_trip(dossier, part.strip(), usual) for part in text.split(";") if part.strip())


def parse_links(dossier: Dossier, text: str) -> tuple[str, ...]:
    """Read link ids separated by ``;``; those that the view does not know yet are left out.

    Raises
    ------
    RecipeError
        The record has no such link; names the nearest one.
    """
    names = [part.strip() for part in text.split(";") if part.strip()]
    record = dossier.record or dossier
    for name in names:
        _expect(name, record.links["link_id"], "link")
    visible = set(dossier.links["link_id"])
    return tuple(name for name in dict.fromkeys(names) if name in visible)


def parse_modes(dossier: Dossier, text: str) -> tuple[str, ...]:
    """Read modes separated by ``;``.

    Raises
    ------
    RecipeError
        The vocabulary has no such mode; names the nearest one.
    """
    return _known_modes(dossier, [part.strip() for part in text.split(";") if part.strip()])


class _Case(NamedTuple):
    """One trip in one state of the world."""

    status: pd.DataFrame
    graph: "nx.MultiGraph[str]"
    route: Route


@once
def _compared(
    dossier: Dossier,
    trips: tuple[Trip, ...],
    open_links: tuple[str, ...],
    close_links: tuple[str, ...],
    include_restricted: bool,
) -> tuple[tuple[Trip, _Case, _Case], ...]:
    network = _network(dossier)
    now = _usable(dossier, network.status, include_restricted, (), ())
    then = _usable(dossier, network.status, include_restricted, open_links, close_links)
    known = {site for site, _ in network.sites}
    return tuple(
        (trip, _case(network, trip, now), _case(network, trip, then))
        for trip in trips
        if {trip.from_site, trip.to_site} <= known
    )


def _case(network: _Network, trip: Trip, usable: set[str]) -> _Case:
    graph = network.graph(trip.modes, usable)
    return _Case(network.status, graph, shortest_route(graph, trip.from_site, trip.to_site))


def _measures(case: _Case, trip: Trip, direct: float, when: str) -> dict[str, Any]:
    route = case.route
    measures = {
        "reachable": route.reachable,
        "km": route.km,
        "transfer_km": route.transfer_km,
        "detour": route.km / direct if direct else float("nan"),
        "borders": route.borders,
        "third_countries": route.third_countries,
        "gauge_breaks": route.gauge_breaks,
        "disjoint": disjoint_routes(case.graph, trip.from_site, trip.to_site),
        "depends_on": _depends_on(case, trip),
        "is_approximate": route.is_approximate,
    }
    return {f"{name}_{when}": value for name, value in measures.items()}


def _depends_on(case: _Case, trip: Trip) -> tuple[str, ...]:
    """Return the links on the route without which there is no other way."""
    names: list[str] = case.route.legs["link_id"].dropna().unique().tolist()
    ends = (trip.from_site, trip.to_site)
    return tuple(name for name in names if not nx.has_path(_without(case.graph, name), *ends))


def _without(graph: "nx.MultiGraph[str]", link: str) -> "nx.Graph[str]":
    """Return which sites are still neighbours without a link."""
    rest: nx.Graph[str] = nx.Graph()
    rest.add_nodes_from(graph)
    rest.add_edges_from(
        (a, b) for a, b, edge in graph.edges(data=True) if link not in edge["link_ids"]
    )
    return rest


def _used(route: Route, open_links: Iterable[str]) -> tuple[str, ...]:
    travelled = set(route.legs["link_id"].dropna())
    return tuple(name for name in open_links if name in travelled)


def _route_sources(before: _Case, after: _Case) -> tuple[str, ...]:
    travelled = {*before.route.legs["link_id"], *after.route.legs["link_id"]}
    rows = before.status[before.status["link_id"].isin(travelled)]
    return _each_once(rows["sources"])


def _usable(
    dossier: Dossier,
    status: pd.DataFrame,
    include_restricted: bool,
    open_links: Iterable[str],
    close_links: Iterable[str],
) -> set[str]:
    opened, closed = set(open_links), set(close_links)
    for name in sorted(opened | closed):
        _expect(name, dossier.links["link_id"], "link")
    for name in sorted(opened & closed):
        raise RecipeError(f"link '{name}' is both opened and closed; name it once.")
    states = ("open", "restricted") if include_restricted else ("open",)
    return (set(status.loc[status["state"].isin(states), "link_id"]) | opened) - closed


def _known_modes(dossier: Dossier, modes: Iterable[str]) -> tuple[str, ...]:
    allowed = dossier.package.resources["links"].fields["mode"].constraints["enum"]
    wanted = tuple(dict.fromkeys(modes))
    for mode in wanted:
        _expect(mode, allowed, "mode")
    return wanted


def _trip(dossier: Dossier, text: str, usual: tuple[str, ...]) -> Trip:
    found = re.fullmatch(r"([^>:]+)>([^>:]+)(?::([^>:]+))?", text)
    if not found:
        raise RecipeError(f"'{text}' is no trip. Write from>to or from>to:mode+mode, ids of sites.")
    record = dossier.record or dossier
    ends = [part.strip() for part in found.groups()[:2]]
    for site in ends:
        _expect(site, record.sites["site_id"], "site")
    if ends[0] == ends[1]:
        raise RecipeError(f"'{text}' leads from a site to itself.")
    modes = [part.strip() for part in found[3].split("+")] if found[3] else usual
    return Trip(ends[0], ends[1], _known_modes(dossier, modes))


def _expect(name: str, allowed: Iterable[str], noun: str) -> None:
    known = list(allowed)
    if name not in known:
        hint = nearest(name, known) or f"The table has {len(known)}; see its ids."
        raise RecipeError(f"there is no {noun} '{name}' in the record. {hint}")
