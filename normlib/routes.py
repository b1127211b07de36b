"""The network of links on a day, and routes over it.

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

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, groupby, pairwise
from typing import Any, NamedTuple

import networkx as nx
import pandas as pd
from networkx.algorithms.flow import edmonds_karp

from normlib.dossier import Dossier
from normlib.errors import RecipeError, nearest
from normlib.geodesy import apart_km, geodesic_km
from normlib.links import link_status
from normlib.memo import once
from normlib.rows import dicts
from normlib.trips import expect, known_modes

TRAVEL_MODES = ("road", "rail", "air")
"""Modes between which people and goods can change; current and gas never do."""

TRANSFER = "transfer"
TRANSFER_KM = 5.0
AIRPORT_KM = 40.0

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
    "gauge_mm",
]


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
    network = network_of(dossier)
    usable = usable_links(dossier, network.status, include_restricted, open_links, close_links)
    return network.graph(known_modes(dossier, modes), usable)


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


class Network(NamedTuple):
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
def network_of(dossier: Dossier) -> Network:
    """Return all that the networks of a dossier have in common."""
    status, changes = link_status(dossier), dicts(transfers(dossier))
    attributes = ["name", "country", "kind", "lat", "lon"]
    nodes = zip(dossier.sites["site_id"].tolist(), dicts(dossier.sites[attributes]), strict=True)
    return Network(
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
    straight = [geodesic_km(*at[a].values(), *at[b].values()) for a, b in stretches]
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
            km = apart_km(a, b, within_km)
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
            and (km := apart_km(airport, town, airport_km)) <= airport_km
        ]
        if near:
            _, km, _, town = min(near)
            yield airport, town, km, "airport"


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
                "gauge_mm": tuple(dict.fromkeys(mm for *_, e in part for mm in e["gauge_mm"])),
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


def usable_links(
    dossier: Dossier,
    status: pd.DataFrame,
    include_restricted: bool,
    open_links: Iterable[str],
    close_links: Iterable[str],
) -> set[str]:
    """Return the links that can be used, with some taken as opened or closed."""
    opened, closed = set(open_links), set(close_links)
    for name in sorted(opened | closed):
        expect(name, dossier.links["link_id"], "link")
    for name in sorted(opened & closed):
        raise RecipeError(f"link '{name}' is both opened and closed; name it once.")
    states = ("open", "restricted") if include_restricted else ("open",)
    return (set(status.loc[status["state"].isin(states), "link_id"]) | opened) - closed
