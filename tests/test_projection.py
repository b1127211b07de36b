"""Ties as arrays: equal to the definition to the last bit, whatever the order of the rows."""

from collections import Counter
from fractions import Fraction
from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from normlib.projection import Ties, project, together

Pair = tuple[int, int]
EventSets = st.lists(st.sets(st.integers(0, 8), min_size=1, max_size=7), max_size=30)


def _rows(sets: list[set[int]]) -> np.ndarray:
    """A row for each participation: event and actor."""
    rows = [(at, name) for at, names in enumerate(sets) for name in sorted(names)]
    return np.array(rows, dtype=np.int64).reshape(-1, 2)


def _ties(rows: np.ndarray) -> Ties:
    return project(rows[:, 0], rows[:, 1])


def _by_hand(sets: list[set[int]]) -> dict[Pair, Fraction]:
    """The definition word for word: over events, over pairs, 1/(participants - 1)."""
    found: Counter[Pair] = Counter()
    for names in sets:
        for pair in combinations(sorted(names), 2):
            found[pair] += Fraction(1, len(names) - 1)
    return dict(found)


@given(EventSets)
def test_every_weight_is_the_number_nearest_to_the_true_sum(sets: list[set[int]]) -> None:
    ties = _ties(_rows(sets))
    pairs = zip(ties.a.tolist(), ties.b.tolist(), strict=True)
    expected = {pair: float(weight) for pair, weight in _by_hand(sets).items()}
    assert dict(zip(pairs, ties.weight.tolist(), strict=True)) == expected


@given(EventSets)
def test_pairs_come_once_in_their_order_with_the_number_of_their_events(
    sets: list[set[int]],
) -> None:
    ties = _ties(_rows(sets))
    shared = Counter(pair for names in sets for pair in combinations(sorted(names), 2))
    pairs = list(zip(ties.a.tolist(), ties.b.tolist(), strict=True))
    assert pairs == sorted(shared)
    assert ties.events.tolist() == [shared[pair] for pair in pairs]


@given(EventSets, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_never_matters(sets: list[set[int]], random: object) -> None:
    rows = _rows(sets)
    order = list(range(len(rows)))
    random.shuffle(order)  # type: ignore[attr-defined]
    for one, other in zip(_ties(rows), _ties(rows[order]), strict=True):
        assert one.tolist() == other.tolist()


@given(EventSets)
def test_the_events_behind_the_ties_are_those_that_both_took_part_in(
    sets: list[set[int]],
) -> None:
    rows = _rows(sets)
    found = np.array(together(rows[:, 0], rows[:, 1])).T.tolist()
    expected = [
        (*pair, at) for at, names in enumerate(sets) for pair in combinations(sorted(names), 2)
    ]
    assert list(map(tuple, found)) == sorted(expected)


@given(EventSets, st.integers(0, 30))
def test_the_ties_of_two_windows_that_follow_each_other_add_up(
    sets: list[set[int]], cut: int
) -> None:
    totals: Counter[Pair] = Counter()
    for window in (sets[:cut], sets[cut:]):
        ties = _ties(_rows(window))
        for a, b, events in zip(ties.a.tolist(), ties.b.tolist(), ties.events, strict=True):
            totals[a, b] += int(events)
    whole = _ties(_rows(sets))
    pairs = zip(whole.a.tolist(), whole.b.tolist(), strict=True)
    assert totals == dict(zip(pairs, whole.events.tolist(), strict=True))


def test_thirty_thousand_thirds_are_ten_thousand() -> None:
    event, actor = np.divmod(np.arange(120_000), 4)
    assert project(event, actor).weight.tolist() == [10_000.0] * 6


def test_events_so_large_that_no_common_part_is_exact_still_add_up() -> None:
    """The least common multiple of 1 to 59 is no exact floating-point number."""
    sets = [set(range(size)) for size in range(2, 61)]
    weight = _ties(_rows(sets)).weight
    np.testing.assert_allclose(weight[0], float(_by_hand(sets)[0, 1]), rtol=1e-15)
    np.testing.assert_allclose(weight.sum(), sum(range(2, 61)) / 2, rtol=1e-12)


def test_many_actors_do_not_overflow_the_keys() -> None:
    ties = project(np.array([0, 0, 1, 1]), np.array([7, 2_000_000, 2_000_000, 7]))
    assert [part.tolist() for part in ties] == [[7], [2_000_000], [2.0], [2]]
