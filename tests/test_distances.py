"""Distances with single links opened or closed, against a search for each on its own."""

from itertools import combinations, pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normlib import distances
from normlib.distances import ALWAYS, Legs

SITES = 9


@st.composite
def networks(draw):
    """Links of one to four legs between nine sites, some with a leg in common, and transfers."""
    legs = []
    count = draw(st.integers(1, 12))
    for link in range(count):
        stops = draw(st.lists(st.integers(0, SITES - 1), min_size=2, max_size=5, unique=True))
        for a, b in pairwise(stops):
            legs.append((a, b, draw(st.integers(0, 9)), link))
    for _ in range(draw(st.integers(0, 2))):
        a, b = draw(st.lists(st.integers(0, SITES - 1), min_size=2, max_size=2, unique=True))
        legs.append((a, b, draw(st.integers(0, 3)), ALWAYS))
    a, b, km, link = (np.array(column) for column in zip(*legs, strict=True))
    usable = np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)))
    return Legs(SITES, count, a, b, km.astype(float), link), usable


PAIRS = np.array([*combinations(range(0, SITES, 2), 2), (3, 1), (4, 4)])


def searched(legs: Legs, usable: np.ndarray) -> list[float]:
    """The distances of the pairs by networkx, one search each."""
    graph = nx.MultiGraph()
    graph.add_nodes_from(range(legs.sites))
    for leg in legs.there(usable):
        graph.add_edge(int(legs.a[leg]), int(legs.b[leg]), km=float(legs.km[leg]))
    found = []
    for start, end in PAIRS.tolist():
        try:
            found.append(nx.dijkstra_path_length(graph, start, end, weight="km"))
        except nx.NetworkXNoPath:
            found.append(np.inf)
    return found


def flipped(usable: np.ndarray, *links: int) -> np.ndarray:
    other = usable.copy()
    other[list(links)] = ~other[list(links)]
    return other


@settings(max_examples=150, deadline=None)
@given(network=networks())
def test_every_link_changed_alone_gives_what_a_search_of_its_own_gives(network):
    legs, usable = network
    found = distances.changed_alone(legs, usable, PAIRS)
    expected = [searched(legs, flipped(usable, link)) for link in range(legs.links)]
    np.testing.assert_allclose(found, expected)
    np.testing.assert_allclose(distances.shortest(legs, usable, PAIRS), searched(legs, usable))


@settings(max_examples=60, deadline=None)
@given(network=networks())
def test_links_opened_together_give_what_a_search_of_its_own_gives(network):
    legs, usable = network
    shut = np.flatnonzero(~usable).tolist()
    sets = [*combinations(shut, 2), *combinations(shut, 3)][:25]
    if sets:
        found = distances.opened_together(legs, usable, PAIRS, sets)
        expected = [searched(legs, flipped(usable, *links)) for links in sets]
        np.testing.assert_allclose(found, expected)


@settings(max_examples=60, deadline=None)
@given(network=networks())
def test_opening_one_link_never_lengthens_a_way_and_closing_one_never_shortens_it(network):
    legs, usable = network
    as_is = distances.shortest(legs, usable, PAIRS)
    changed = distances.changed_alone(legs, usable, PAIRS)
    assert (changed[~usable] <= as_is).all()
    assert (changed[usable] >= as_is).all()


@settings(max_examples=60, deadline=None)
@given(network=networks(), seed=st.integers(0, 9))
def test_the_order_of_legs_never_matters(network, seed):
    legs, usable = network
    order = np.random.default_rng(seed).permutation(len(legs.km))
    mixed = Legs(SITES, legs.links, *(part[order] for part in (legs.a, legs.b, legs.km, legs.link)))
    np.testing.assert_allclose(
        distances.changed_alone(mixed, usable, PAIRS), distances.changed_alone(legs, usable, PAIRS)
    )


@pytest.mark.parametrize("seed", range(3))
def test_a_larger_network_of_roads_agrees_as_well(seed):
    chance = np.random.default_rng(seed)
    a = chance.integers(0, 60, 130)
    b = (a + chance.integers(1, 12, 130)) % 60
    legs = Legs(60, 100, a, b, chance.integers(1, 50, 130).astype(float), np.arange(130) % 100)
    usable = chance.random(100) < 0.6
    found = distances.changed_alone(legs, usable, PAIRS)
    expected = [searched(legs, flipped(usable, link)) for link in range(100)]
    np.testing.assert_allclose(found, expected)
