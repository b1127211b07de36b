"""Links on a day, the network they make, and what opening one of them changes."""

from collections.abc import Iterable
from functools import cache
from itertools import combinations
from math import isnan

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normlib import connectivity, geodesy, links, load, routes
from normlib.connectivity import Trip
from normlib.dossier import Dossier
from normlib.errors import RecipeError
from tests.tiny import tiny_dossier

SQUARE = {
    "a": {"site_id": "a", "country": "TUR", "lat": 40, "lon": 43},
    "b": {"site_id": "b", "country": "ARM", "lat": 40, "lon": 44},
    "c": {"site_id": "c", "country": "GEO", "lat": 41, "lon": 44},
    "d": {"site_id": "d", "country": "ARM", "lat": 41, "lon": 45},
}
GEORGIA = [{"iso_a3": "GEO", "name": "Georgia"}]


def road(link_id: str, ends: str, km: float | None = 10, **more: object) -> dict[str, object]:
    from_site, to_site = ends
    length = {} if km is None else {"length_km": km}
    return {"link_id": link_id, "from_site": from_site, "to_site": to_site, **length, **more}


def state(link_id: str, word: str = "open", since: str = "2020-01-01") -> dict[str, str]:
    return {"link_id": link_id, "since": since, "state": word}


@pytest.fixture
def square(tmp_path):
    """a–b closed and short; a–c–b open and long; b–d under restriction."""
    return tiny_dossier(
        tmp_path,
        countries=GEORGIA,
        sites=list(SQUARE.values()),
        links=[
            road("ab", "ab", 100),
            road("ac", "ac", 150),
            road("bd", "bd"),
            road("cb", "cb", 150),
        ],
        link_states=[
            state("ab", "closed"),
            state("ac"),
            state("bd", "restricted"),
            state("cb"),
        ],
    )


@cache
def record(day: str = "latest") -> Dossier:
    return load().as_of(day)


def route(dossier: Dossier, from_site: str, to_site: str, **options: object) -> connectivity.Route:
    graph = connectivity.transport_graph(dossier, **options)
    return connectivity.shortest_route(graph, from_site, to_site)


# States


def test_a_link_is_in_its_last_recorded_state_and_a_link_without_one_is_unknown(tmp_path):
    dossier = tiny_dossier(
        tmp_path,
        sites=[SQUARE["a"], SQUARE["b"]],
        links=[road("ab", "ab"), road("ab-2", "ab")],
        link_states=[state("ab"), state("ab", "closed", "2020-05-01")],
    )
    status = connectivity.link_status(dossier).set_index("link_id")
    assert status.loc["ab", "state"] == "closed"
    assert status.loc["ab", "since"] == "2020-05-01"
    assert status.loc["ab-2", "state"] == "unknown"
    assert pd.isna(status.loc["ab-2", "since"])


def test_a_repeated_state_confirms_the_first_and_starts_nothing(tmp_path):
    dossier = tiny_dossier(
        tmp_path,
        sites=[SQUARE["a"], SQUARE["b"]],
        links=[road("ab", "ab")],
        link_states=[state("ab", "closed"), state("ab", "closed", "2020-06")],
    )
    (span,) = connectivity.state_spans(dossier).to_dict("records")
    assert (span["since"], span["confirmed"]) == ("2020-01-01", "2020-06")


def test_a_single_use_of_a_closed_link_is_exceptional_and_does_not_end_the_closure(tmp_path):
    words = ["restricted", "closed", "restricted", "closed"]
    dossier = tiny_dossier(
        tmp_path,
        sites=[SQUARE["a"], SQUARE["b"]],
        links=[road("ab", "ab")],
        link_states=[state("ab", word, f"2020-0{at}-01") for at, word in enumerate(words, 1)],
    )
    spans = connectivity.state_spans(dossier)
    assert list(spans["exceptional"]) == [False, False, True, False]
    (link,) = connectivity.link_status(dossier).to_dict("records")
    assert (link["since"], link["lasting_since"]) == ("2020-04-01", "2020-02-01")
    assert link["exceptions"] == 1


def test_spans_of_a_link_follow_each_other_and_end_on_the_day():
    dossier = record()
    spans = connectivity.state_spans(dossier)
    assert (spans["start"] <= spans["end"]).all()
    for _, own in spans.groupby("link_id"):
        assert list(own["end"])[:-1] == list(own["start"])[1:]
        assert own["end"].iloc[-1] == dossier.day
        assert (own["state"] != own["state"].shift()).all()


def test_a_length_that_no_source_gives_is_that_of_the_drawing_and_marked(tmp_path):
    dossier = tiny_dossier(
        tmp_path,
        sites=[SQUARE["a"], SQUARE["b"]],
        links=[road("ab", "ab", 25), road("ab-2", "ab", None)],
    )
    status = connectivity.link_status(dossier).set_index("link_id")
    assert status.loc["ab", "length_km"] == 25
    assert not status.loc["ab", "length_is_approximate"]
    assert status.loc["ab-2", "length_km"] == pytest.approx(14.0, abs=0.1)
    assert status.loc["ab-2", "length_is_approximate"]


def test_a_link_joins_the_sides_when_its_ends_lie_in_the_two(square):
    status = connectivity.link_status(square).set_index("link_id")
    assert list(status.index[status["joins_sides"]]) == ["ab"]
    assert list(status.index[status["crosses_border"]]) == ["ab", "ac", "cb"]


def test_a_link_crosses_a_border_when_a_stop_on_the_way_lies_in_another_country(tmp_path):
    dossier = tiny_dossier(
        tmp_path,
        sites=[SQUARE["a"], SQUARE["b"], {**SQUARE["a"], "site_id": "a2"}],
        links=[
            {"link_id": "aba", "from_site": "a", "to_site": "a2", "via_sites": "b"},
            {"link_id": "aa", "from_site": "a", "to_site": "a2"},
        ],
    )
    status = connectivity.link_status(dossier).set_index("link_id")
    assert status.loc["aba", "countries"] == ("ARM", "TUR")
    assert status["crosses_border"].to_dict() == {"aba": True, "aa": False}
    assert not status["joins_sides"].any()


def test_links_are_in_one_set_each_joining_crossing_elsewhere_or_domestic():
    status = connectivity.link_status(record())
    parts = (
        connectivity.joining_links(status),
        connectivity.other_crossings(status),
        connectivity.domestic_links(status),
    )
    assert sorted(name for part in parts for name in part["link_id"]) == sorted(status["link_id"])


def test_open_throughout_means_open_when_the_record_begins_and_never_otherwise(tmp_path):
    rows = {
        "always": [("open", "../1990-01-01")],
        "begun": [("open", "1995-05")],
        "paused": [("open", "../1990-01-01"), ("closed", "1999"), ("open", "2000")],
        "shut": [("closed", "../1990-01-01")],
    }
    dossier = tiny_dossier(
        tmp_path,
        sites=[SQUARE["b"], SQUARE["d"]],
        links=[road(name, "bd") for name in sorted([*rows, "untold"])],
        link_states=[
            state(name, word, since) for name, told in rows.items() for word, since in told
        ],
    )
    status, spans = connectivity.link_status(dossier), connectivity.state_spans(dossier)
    steady = connectivity.open_throughout(status, spans)
    others = connectivity.not_open_throughout(status, spans)
    assert list(steady["link_id"]) == ["always"]
    assert list(others["link_id"]) == ["begun", "paused", "shut", "untold"]


def test_every_link_of_the_record_has_one_row_with_a_length_and_sources():
    dossier = record()
    status = connectivity.link_status(dossier)
    assert list(status["link_id"]) == list(dossier.links["link_id"])
    assert status["length_km"].notna().all()
    assert status["sources"].map(len).gt(0).all()
    assert list(status.columns) == links.STATUS_COLUMNS


def test_before_anything_is_recorded_all_frames_are_empty_and_have_their_columns():
    dossier = record("1900-01-01")
    assert list(connectivity.link_status(dossier).columns) == links.STATUS_COLUMNS
    assert list(connectivity.state_spans(dossier).columns) == links.SPAN_COLUMNS
    trips = connectivity.parse_trips(dossier, "yerevan>kars")
    changes = connectivity.what_if(dossier, trips)
    assert changes.empty
    assert list(changes.columns) == connectivity.WHAT_IF_COLUMNS
    assert connectivity.route_legs(dossier, trips).empty


# The network


def test_only_open_links_are_usable_and_restricted_ones_when_asked(square):
    assert not route(square, "b", "d").reachable
    assert route(square, "b", "d", include_restricted=True).km == 10
    assert route(square, "b", "d", open_links=["bd"]).km == 10


def test_a_route_names_its_legs_its_length_and_the_countries_it_crosses(square):
    way = route(square, "a", "b")
    assert list(way.legs["link_id"]) == ["ac", "cb"]
    assert (way.km, way.borders, way.third_countries) == (300, 2, ("GEO",))
    short = route(square, "a", "b", open_links=["ab"])
    assert (short.km, short.borders, short.third_countries) == (100, 1, ())


def test_without_a_route_there_is_no_length(square):
    way = route(square, "a", "b", close_links=["ac"])
    assert not way.reachable
    assert isnan(way.km)
    assert way.legs.empty


def test_links_of_other_modes_are_left_out(square):
    assert not route(square, "a", "b", modes=["rail"]).reachable


def test_a_link_can_be_left_on_the_way_and_its_legs_add_up(tmp_path):
    sites = [SQUARE["a"], SQUARE["b"], {"site_id": "m", "lat": 40, "lon": 43.25}]
    dossier = tiny_dossier(
        tmp_path,
        sites=sites,
        links=[road("ab", "ab", 100, via_sites="m")],
        link_states=[state("ab")],
    )
    first, second = route(dossier, "a", "m"), route(dossier, "m", "b")
    assert first.km == pytest.approx(25, abs=0.1)
    assert first.km + second.km == pytest.approx(100)
    assert first.is_approximate
    whole = route(dossier, "a", "b")
    assert list(whole.legs["link_id"]) == ["ab"]
    assert not whole.is_approximate


def test_a_leg_that_two_links_share_counts_once_and_parallel_links_twice(tmp_path):
    sites = [*SQUARE.values(), {"site_id": "m", "lat": 40.5, "lon": 43.5}]
    links = [
        road("am", "am", 30),
        road("amb", "ab", 100, via_sites="m"),
        road("cd", "cd"),
        road("cd-2", "cd"),
    ]
    dossier = tiny_dossier(
        tmp_path,
        countries=GEORGIA,
        sites=sites,
        links=links,
        link_states=[state(str(link["link_id"])) for link in links],
    )
    graph = connectivity.transport_graph(dossier)
    assert connectivity.disjoint_routes(graph, "a", "m") == 1
    assert connectivity.disjoint_routes(graph, "c", "d") == 2
    assert connectivity.shortest_route(graph, "a", "m").km == 30


def test_a_line_that_is_drawn_as_a_symbol_is_no_route(tmp_path):
    dossier = tiny_dossier(
        tmp_path,
        sites=[SQUARE["a"], SQUARE["b"]],
        links=[road("ab", "ab", 10, note="Drawn to the capital only as a symbol.")],
        link_states=[state("ab")],
    )
    assert connectivity.link_status(dossier)["is_symbol"].all()
    assert not route(dossier, "a", "b").reachable


def test_the_symbols_of_the_record_are_the_two_permissions():
    status = connectivity.link_status(record())
    assert set(status.loc[status["is_symbol"], "link_id"]) == {"air-cargo", "air-overflight-tur"}


@pytest.mark.parametrize(
    ("station", "joined"),
    [
        ({"lat": 40.01, "lon": 43}, True),
        ({"lat": 40.2, "lon": 43}, False),
        ({"lat": 40.01, "lon": 43, "country": "ARM"}, False),
    ],
    ids=["near by", "too far", "beyond the border"],
)
def test_a_transfer_joins_a_town_and_its_station_only(tmp_path, station, joined):
    dossier = tiny_dossier(
        tmp_path,
        sites=[SQUARE["a"], SQUARE["b"], {"site_id": "s", "kind": "railway_station", **station}],
        links=[road("ab", "ab"), road("sb", "sb", mode="rail")],
        link_states=[state("ab"), state("sb")],
    )
    assert len(connectivity.transfers(dossier)) == joined
    assert route(dossier, "a", "b", modes=["rail"]).reachable == joined


def test_sites_of_one_mode_are_never_joined_by_a_transfer(tmp_path):
    near = {"site_id": "n", "lat": 40.01, "lon": 43}
    dossier = tiny_dossier(
        tmp_path,
        sites=[SQUARE["a"], SQUARE["b"], near],
        links=[road("ab", "ab"), road("nb", "nb")],
    )
    assert connectivity.transfers(dossier).empty


def test_an_airport_is_joined_to_the_town_of_most_links_near_by(tmp_path):
    sites = [
        {**SQUARE["a"], "lat": 40.2},
        {"site_id": "village", "lat": 40.01, "lon": 43},
        {"site_id": "airport", "kind": "airport", "lat": 40, "lon": 43},
        SQUARE["b"],
    ]
    links = [
        road("ab", "ab"),
        road("ab-2", "ab"),
        {**road("vb", "ab"), "from_site": "village"},
        {**road("fly", "ab", mode="air"), "from_site": "airport"},
    ]
    dossier = tiny_dossier(tmp_path, sites=sites, links=links)
    (transfer,) = connectivity.transfers(dossier).to_dict("records")
    assert (transfer["from_site"], transfer["to_site"]) == ("airport", "a")


def test_transfers_cross_no_border():
    dossier = record()
    country = dossier.sites.set_index("site_id")["country"]
    transfers = connectivity.transfers(dossier)
    assert len(transfers) > 0
    ends = [transfers[name].map(country) for name in ("from_site", "to_site")]
    assert (ends[0] == ends[1]).all()


def test_a_break_of_gauge_is_counted_within_a_link_and_between_links():
    before, after = (
        route(record(), "yerevan", "kars", modes=["rail"], open_links=links)
        for links in ((), ["rail-kars-gyumri"])
    )
    assert (before.gauge_breaks, after.gauge_breaks) == (1, 1)
    assert route(record(), "yerevan", "tbilisi", modes=["rail"]).gauge_breaks == 0


@settings(max_examples=60, deadline=None)
@given(st.sets(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=20))
def test_disjoint_routes_are_as_many_as_the_smallest_cut(pairs):
    graph = nx.MultiGraph()
    graph.add_nodes_from(map(str, range(7)))
    plain = nx.Graph()
    plain.add_nodes_from(graph)
    for a, b in pairs:
        if a < b:
            graph.add_edge(str(a), str(b), key=f"{a}{b}", mode="road")
            plain.add_edge(str(a), str(b))
    cut = len(nx.minimum_edge_cut(plain, "0", "6")) if nx.has_path(plain, "0", "6") else 0
    assert connectivity.disjoint_routes(graph, "0", "6") == cut


def test_no_site_within_reach_is_passed_over() -> None:
    sites = record().sites.to_dict("records")
    for a, b in combinations(sites, 2):
        whole, near = geodesy.apart_km(a, b), geodesy.apart_km(a, b, 40)
        assert near == whole if whole <= 40 else near > 40


@cache
def network() -> routes.Network:
    return routes.network_of(record())


def graph_with(opened: Iterable[str], closed: Iterable[str]) -> "nx.MultiGraph[str]":
    status = network().status
    usable = set(status.loc[status["state"] == "open", "link_id"])
    return network().graph(("road", "rail", "air"), (usable | set(opened)) - set(closed))


ENDS = ("yerevan", "gyumri", "kars", "igdir", "tbilisi", "batumi", "erzurum", "nakhchivan", "baku")


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_opening_never_lengthens_and_closing_never_shortens(data):
    links = st.sampled_from(sorted(record().links["link_id"]))
    opened = data.draw(st.sets(links, max_size=5))
    closed = data.draw(st.sets(links, max_size=5)) - opened
    ends = data.draw(st.lists(st.sampled_from(ENDS), min_size=2, max_size=2, unique=True))
    now, more, less = (
        connectivity.shortest_route(graph_with(some, others), *ends)
        for some, others in (((), ()), (opened, ()), ((), closed))
    )
    if now.reachable:
        assert more.km <= now.km + 1e-6
    if less.reachable:
        assert less.km >= now.km - 1e-6


def test_a_bridge_is_a_link_whose_loss_cuts_sites_off(square):
    found = connectivity.bridges(square, modes=["road"], include_restricted=True)
    by_link = found.set_index("link_id")
    assert set(by_link.index) == {"ac", "bd", "cb"}
    assert by_link.loc["bd", "cut_off"] == ("d",)
    assert by_link.loc["cb", "cut_off"] == ("a", "c")
    both = connectivity.bridges(square, modes=["road"], include_restricted=True, open_links=["ab"])
    assert list(both["link_id"]) == ["bd"]


def test_removing_a_bridge_disconnects_and_removing_another_link_does_not():
    modes = ("road", "rail")
    graph = connectivity.transport_graph(record(), modes=modes)
    whole = nx.number_connected_components(graph)
    named = set(connectivity.bridges(record(), modes=modes)["link_id"])
    used = {link for *_, edge in graph.edges(data=True) for link in edge["link_ids"]}
    assert named < used
    for link in used:
        rest = connectivity.transport_graph(record(), modes=modes, close_links=[link])
        assert (nx.number_connected_components(rest) > whole) == (link in named)


# What if


def test_what_if_compares_both_worlds(square):
    changes = connectivity.what_if(square, [Trip("a", "b", ("road",))], open_links=["ab"])
    (row,) = changes.to_dict("records")
    assert (row["km_before"], row["km_after"], row["saved_km"]) == (300, 100, 200)
    assert row["times_shorter"] == 3
    assert (row["disjoint_before"], row["disjoint_after"]) == (1, 2)
    assert (row["depends_on_before"], row["depends_on_after"]) == (("ac", "cb"), ())
    assert row["uses"] == ("ab",)
    assert row["detour_after"] == pytest.approx(100 / row["great_circle_km"])
    assert row["great_circle_km"] == pytest.approx(85.4, abs=0.1)


def test_route_legs_tell_the_way_before_and_after(square):
    legs = connectivity.route_legs(square, [Trip("a", "b", ("road",))], open_links=["ab"])
    told = list(zip(legs["when"], legs["step"], legs["link_id"], strict=True))
    assert told == [("before", 1, "ac"), ("before", 2, "cb"), ("after", 1, "ab")]


def test_a_link_cannot_be_both_opened_and_closed(square):
    with pytest.raises(RecipeError, match="both opened and closed"):
        connectivity.transport_graph(square, open_links=["ab"], close_links=["ab"])


def test_trips_are_read_with_their_modes():
    dossier = record()
    trips = connectivity.parse_trips(dossier, "yerevan>kars:rail; gyumri>kars", modes=["road"])
    assert trips == (Trip("yerevan", "kars", ("rail",)), Trip("gyumri", "kars", ("road",)))
    assert connectivity.trip_name(dossier, trips[0]) == "Yerevan–Kars by rail"
    assert connectivity.parse_trips(dossier, "") == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("yerevn>kars", "Did you mean 'yerevan'"),
        ("yerevan-kars", "is no trip"),
        ("kars>kars", "to itself"),
        ("yerevan>kars:raill", "Did you mean 'rail'"),
    ],
)
def test_a_trip_that_cannot_be_read_is_refused_with_a_hint(text, words):
    with pytest.raises(RecipeError, match=words):
        connectivity.parse_trips(record(), text)


def test_an_unknown_link_is_refused_with_the_nearest_name():
    with pytest.raises(RecipeError, match="Did you mean 'rail-kars-gyumri'"):
        connectivity.parse_links(record(), "rail-kars-gumri")


def test_a_link_that_the_view_does_not_know_yet_is_left_out():
    assert connectivity.parse_links(record("1993-04-03"), "air-gyumri-istanbul") == ()


# The real record


def test_no_railway_leads_from_one_side_to_the_other_in_2005():
    assert not route(record("2005-06-01"), "yerevan", "kars", modes=["rail"]).reachable


def test_a_railway_leads_through_georgia_from_the_day_that_baku_tbilisi_kars_opens():
    assert not route(record("2017-10-29"), "yerevan", "kars", modes=["rail"]).reachable
    way = route(record("2017-10-30"), "yerevan", "kars", modes=["rail"])
    assert way.reachable
    assert way.third_countries == ("GEO",)


def test_kars_gyumri_adds_a_railway_that_needs_no_third_country():
    trips = [Trip("gyumri", "kars", ("rail",))]
    changes = connectivity.what_if(record(), trips, open_links=["rail-kars-gyumri"])
    (row,) = changes.to_dict("records")
    assert row["third_countries_before"] == ("GEO",)
    assert row["third_countries_after"] == ()
    assert (row["disjoint_before"], row["disjoint_after"]) == (1, 2)


def test_yerevan_igdir_by_road_shrinks_several_fold_with_margara_alican_open():
    trips = [Trip("yerevan", "igdir", ("road",))]
    changes = connectivity.what_if(record(), trips, open_links=["road-margara-alican"])
    (row,) = changes.to_dict("records")
    assert row["times_shorter"] > 5
    assert 50 < row["km_after"] < 70
    assert row["third_countries_after"] == ()


def test_the_train_to_akyaka_runs_while_the_crossing_is_closed_and_is_not_counted_twice():
    way = route(record(), "kars-station", "akyaka-station", modes=["rail"])
    assert list(way.legs["link_id"]) == ["rail-kars-akyaka"]
    round_about = route(record(), "akyaka-station", "gyumri-station", modes=["rail"])
    assert round_about.third_countries == ("GEO",)
    graph = connectivity.transport_graph(record(), modes=["rail"], open_links=["rail-kars-gyumri"])
    assert graph.number_of_edges("kars-station", "akyaka-station") == 1


def test_the_exceptional_openings_of_margara_are_three():
    spans = connectivity.state_spans(record())
    uses = spans[spans["exceptional"]]
    assert list(uses["link_id"].unique()) == ["road-margara-alican"]
    assert list(uses["since"]) == ["2023-02-11", "2025-03-21", "2025-09-12"]
