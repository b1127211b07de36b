"""Bars: each state has a look of its own, and times are as long as they were."""

import pandas as pd

from normlib.figures.bars import state_marker, times
from normlib.figures.theme import STATE_STYLES


def test_no_two_states_of_a_link_have_the_same_bar() -> None:
    looks = [(look["color"], look["pattern"]["shape"]) for look in map(state_marker, STATE_STYLES)]
    assert len(set(looks)) == len(STATE_STYLES)


def test_a_bar_over_time_begins_on_its_first_day_and_ends_on_its_last() -> None:
    first, last = pd.Timestamp("2022-07-01"), pd.Timestamp("2024-07-30")
    found = times([{"since": first, "until": last}], "since", "until")
    assert found["base"] == ["2022-07-01"]
    assert first + pd.Timedelta(milliseconds=found["x"][0]) == last
