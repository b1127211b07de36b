"""How long nothing happened, as far as uncertain dates can tell."""

from itertools import pairwise, product

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from normlib.spans import longest, spans

DAY = pd.Timestamp("2022-01-01")
UNTIL = DAY + pd.Timedelta(days=40)


def _events(ranges: list[tuple[int, int]]) -> pd.DataFrame:
    """Events by the first and the last day that their dates allow, counted from a day."""
    first, last = ([DAY + pd.Timedelta(days=ends[at]) for ends in ranges] for at in (0, 1))
    days = {"earliest": first, "known_by": last}
    frame = pd.DataFrame(days, dtype="datetime64[s]").assign(
        event_id=[f"e{at}" for at in range(len(ranges))],
        exact=[a == b for a, b in ranges],
    )
    return frame.assign(sources=pd.Series([("s",)] * len(ranges), frame.index, dtype=object))


Ranges = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 5)).map(lambda at: (at[0], sum(at))),
    min_size=1,
    max_size=5,
)


@given(Ranges)
def test_a_span_lasts_between_what_all_days_that_the_dates_allow_say(
    ranges: list[tuple[int, int]],
) -> None:
    """Place every event on every day that it may have had, and measure the span each time."""
    found = spans(_events(ranges), until=UNTIL)
    placed = list(product(*(range(first, last + 1) for first, last in ranges)))
    for row in found.to_dict("records"):
        middle = (row["first_day"] - DAY).days + row["days"] / 2
        lengths = []
        for days in placed:
            before = max(day for day in days if day < middle)
            after = min((day for day in days if day > middle), default=40)
            lengths.append(after - before)
        assert (min(lengths), max(lengths)) == (row["days"], row["days_max"])


@given(Ranges)
def test_spans_and_possible_days_fill_the_time_from_the_first_event_on(
    ranges: list[tuple[int, int]],
) -> None:
    found = spans(_events(ranges), until=UNTIL)
    silent = [
        set(range((row.first_day - DAY).days + 1, (row.last_day - DAY).days))
        for row in found.itertuples()
    ]
    possible = {day for first, last in ranges for day in range(first, last + 1)}
    assert all(not days & possible for days in silent)
    begun = range(min(first for first, _ in ranges), 40)
    rest = set(begun) - possible
    assert rest == set().union(*silent)


@given(Ranges)
def test_the_longest_come_first_and_the_running_one_is_always_there(
    ranges: list[tuple[int, int]],
) -> None:
    found = longest(spans(_events(ranges), until=UNTIL), until=UNTIL, count=1)
    assert found["running"].sum() == 1
    assert len(found) <= 2
    assert all(one >= other for one, other in pairwise(found["days"]))


def test_a_date_vaguer_than_a_quarter_bounds_no_span_and_is_named() -> None:
    found = spans(_events([(0, 0), (-50, 60), (30, 30)]), until=UNTIL)
    assert found["days"].tolist() == [30, 10]
    assert found["unless"].tolist() == [("e1",), ("e1",)]


def test_without_events_there_is_no_span() -> None:
    assert spans(_events([]), until=UNTIL).empty
