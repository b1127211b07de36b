"""For whom actors act."""

import pandas as pd

import normlib
from normlib.affiliation import CONTACT_TYPES, countries, superiors

ACTORS = pd.DataFrame(
    [
        ("state", None, "AAA"),
        ("ministry", "state", "AAA"),
        ("envoy", "ministry", None),
        ("council", None, None),
        ("chair", "council", None),
        ("left", "right", None),
        ("right", "left", "BBB"),
    ],
    columns=["actor_id", "member_of", "country"],
)


def test_those_above_come_nearest_first() -> None:
    assert superiors(ACTORS)["envoy"] == ("ministry", "state")
    assert superiors(ACTORS)["state"] == ()


def test_a_circle_is_walked_once() -> None:
    assert superiors(ACTORS)["left"] == ("right",)


def test_a_country_is_ones_own_or_that_of_the_nearest_above() -> None:
    found = countries(ACTORS)
    assert found["envoy"] == "AAA"
    assert found["left"] == "BBB"
    assert "chair" not in found


def test_actors_without_rows_give_nothing() -> None:
    assert countries(ACTORS.head(0)) == {}


def test_contacts_are_types_that_the_record_knows() -> None:
    events = normlib.load().package.tables["events"]
    assert set(CONTACT_TYPES) < set(events.fields["type"].categories)
