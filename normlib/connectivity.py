"""What opening or closing links would change for a set of trips.

The one door to links and routes: states are in :mod:`normlib.links`, the network in
:mod:`normlib.routes`, trips in :mod:`normlib.trips`; all of their public names are here, too.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import networkx as nx
import pandas as pd

from normlib.dossier import Dossier
from normlib.geodesy import apart_km
from normlib.links import (
    domestic_links,
    each_once,
    joining_links,
    joining_routes,
    link_status,
    not_open_throughout,
    open_throughout,
    other_crossings,
    state_spans,
)
from normlib.memo import once
from normlib.routes import (
    LEG_COLUMNS,
    Network,
    Route,
    disjoint_routes,
    link_legs,
    network_of,
    shortest_route,
    transfers,
    transport_graph,
    usable_links,
)
from normlib.trips import Trip, parse_links, parse_modes, parse_trips, trip_name

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
AS_IT_IS = "as it is"
SCENARIO_COLUMNS = [
    *("scenario", "open_links", "trip", "from_site", "to_site", "modes", "reachable", "km"),
    *("borders", "third_countries", "gauge_breaks", "sources"),
]
BRIDGE_COLUMNS = ["link_id", "name", "mode", "cut_off", "left_with", "sources"]
SCENARIO_LEG_COLUMNS = ["scenario", "trip", "when", "step", *LEG_COLUMNS, "sources"]
ROUTE_LEG_COLUMNS = ["trip", "when", "step", *LEG_COLUMNS, "sources"]


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
        direct = apart_km(at[trip.from_site], at[trip.to_site])
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
    frames = [
        _told_legs(dossier, trip, case, when)
        for trip, *cases in _compared(
            dossier, tuple(trips), tuple(open_links), tuple(close_links), include_restricted
        )
        for when, case in zip(("before", "after"), cases, strict=True)
    ]
    kept = [frame for frame in frames if len(frame)]
    if not kept:
        return pd.DataFrame(columns=ROUTE_LEG_COLUMNS)
    return pd.concat(kept, ignore_index=True)[ROUTE_LEG_COLUMNS]


def bridges(
    dossier: Dossier,
    *,
    modes: Iterable[str] = ("road", "rail"),
    include_restricted: bool = False,
    open_links: Iterable[str] = (),
    close_links: Iterable[str] = (),
) -> pd.DataFrame:
    """Return the usable links whose loss would cut some sites off from others.

    Parameters as in :func:`normlib.routes.transport_graph`; modes are taken together, so that a
    railway is no bridge where a road leads to the same sites.

    Returns
    -------
    Columns ``BRIDGE_COLUMNS``: ``cut_off`` names the sites of the smaller part (of parts of one
    size that with the first name), ``left_with`` counts those of the larger.
    """
    graph = transport_graph(
        dossier,
        modes=modes,
        include_restricted=include_restricted,
        open_links=open_links,
        close_links=close_links,
    )
    status = link_status(dossier)
    used = {link for *_, edge in graph.edges(data=True) for link in edge["link_ids"]}
    rows = []
    for link in status.loc[status["link_id"].isin(used), "link_id"]:
        ends = [(a, b) for a, b, edge in graph.edges(data=True) if edge["link_ids"] == (link,)]
        rest = _without(graph, link)
        parts = sorted({_part(rest, site) for pair in ends for site in pair}, key=_size)
        whole = {_part(graph, site) for pair in ends for site in pair}
        if len(parts) > len(whole):
            *cut, kept = parts
            rows.append((link, tuple(sorted(site for part in cut for site in part)), len(kept)))
    found = pd.DataFrame(rows, columns=["link_id", "cut_off", "left_with"])
    return found.merge(status[["link_id", "name", "mode", "sources"]])[BRIDGE_COLUMNS]


def _part(graph: "nx.Graph[str]", site: str) -> tuple[str, ...]:
    return tuple(sorted(nx.node_connected_component(graph, site)))


def _size(part: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    return len(part), part


def scenario_routes(
    dossier: Dossier,
    trips: Iterable[Trip],
    scenarios: Mapping[str, Iterable[str]],
    *,
    include_restricted: bool = False,
) -> pd.DataFrame:
    """Return the shortest route of each trip in each scenario, the first of them as it is.

    Parameters
    ----------
    scenarios : the links that each takes as open, by its name.

    Returns
    -------
    Columns ``SCENARIO_COLUMNS``; measures as in :func:`what_if`, ``sources`` those of the links on
    the route.
    """
    rows = [
        {
            "scenario": name,
            "open_links": opened,
            "trip": trip_name(dossier, trip),
            **trip._asdict(),
            **{
                measure: getattr(case.route, measure)
                for measure in ("reachable", "km", "borders", "third_countries", "gauge_breaks")
            },
            "sources": _route_sources(case, case),
        }
        for name, opened, trip, case in _in_scenarios(dossier, trips, scenarios, include_restricted)
    ]
    return pd.DataFrame(rows, columns=SCENARIO_COLUMNS)


def scenario_legs(
    dossier: Dossier,
    trips: Iterable[Trip],
    scenarios: Mapping[str, Iterable[str]],
    *,
    include_restricted: bool = False,
) -> pd.DataFrame:
    """Return the legs of the routes of :func:`scenario_routes`.

    Returns
    -------
    Columns ``SCENARIO_LEG_COLUMNS``; ``when`` is ``before`` as it is, else ``after``.
    """
    frames = [
        _told_legs(dossier, trip, case, "before" if name == AS_IT_IS else "after").assign(
            scenario=name
        )
        for name, _, trip, case in _in_scenarios(dossier, trips, scenarios, include_restricted)
        if case.route.reachable
    ]
    if not frames:
        return pd.DataFrame(columns=SCENARIO_LEG_COLUMNS)
    return pd.concat(frames, ignore_index=True)[SCENARIO_LEG_COLUMNS]


def _in_scenarios(
    dossier: Dossier,
    trips: Iterable[Trip],
    scenarios: Mapping[str, Iterable[str]],
    include_restricted: bool,
) -> Iterator[tuple[str, tuple[str, ...], Trip, "_Case"]]:
    wanted = tuple(trips)
    for name, links in {AS_IT_IS: (), **scenarios}.items():
        opened = tuple(links)
        for trip, _, case in _compared(dossier, wanted, opened, (), include_restricted):
            yield name, opened, trip, case


def _told_legs(dossier: Dossier, trip: Trip, case: "_Case", when: str) -> pd.DataFrame:
    """Return the legs of one route with their trip, their order and the sources of their links."""
    of_link = dict(zip(case.status["link_id"], case.status["sources"], strict=True))
    legs = case.route.legs
    return legs.assign(
        trip=trip_name(dossier, trip),
        when=when,
        step=range(1, len(legs) + 1),
        sources=legs["link_id"].map(lambda name: of_link.get(name, ())),
    )


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
    network = network_of(dossier)
    now = usable_links(dossier, network.status, include_restricted, (), ())
    then = usable_links(dossier, network.status, include_restricted, open_links, close_links)
    known = {site for site, _ in network.sites}
    return tuple(
        (trip, _case(network, trip, now), _case(network, trip, then))
        for trip in trips
        if {trip.from_site, trip.to_site} <= known
    )


def _case(network: Network, trip: Trip, usable: set[str]) -> _Case:
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
    return each_once(rows["sources"])


__all__ = [
    "Route",
    "Trip",
    "bridges",
    "disjoint_routes",
    "domestic_links",
    "joining_links",
    "joining_routes",
    "link_legs",
    "link_status",
    "not_open_throughout",
    "open_throughout",
    "other_crossings",
    "parse_links",
    "parse_modes",
    "parse_trips",
    "route_legs",
    "scenario_legs",
    "scenario_routes",
    "shortest_route",
    "state_spans",
    "transfers",
    "transport_graph",
    "trip_name",
    "what_if",
]
