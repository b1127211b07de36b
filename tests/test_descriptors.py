"""What changed in a descriptor is told where it begins, and can be made again."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from normlib.descriptors import MISSING, compare, patched

LEAVES = st.none() | st.booleans() | st.integers(-2, 2) | st.floats(-1, 1) | st.sampled_from("ab")
KEYS = st.sampled_from(["name", "value", "fields", "x", ""])
OBJECTS = st.dictionaries(KEYS, LEAVES, max_size=2)
TREES = st.recursive(
    LEAVES,
    lambda parts: (
        st.lists(parts, max_size=3)
        | st.dictionaries(KEYS, parts, max_size=3)
        | st.lists(
            st.builds(lambda name, rest: {**rest, "name": name}, st.sampled_from("abc"), OBJECTS),
            max_size=3,
        )
    ),
    max_leaves=12,
)
DESCRIPTORS = st.dictionaries(KEYS, TREES, max_size=4)


def text(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


@given(DESCRIPTORS, DESCRIPTORS)
def test_the_changes_from_one_to_another_make_the_other_of_the_one(
    before: dict[str, Any], after: dict[str, Any]
) -> None:
    untouched = text(before)
    assert text(patched(before, compare(before, after))) == text(after)
    assert text(before) == untouched


@given(DESCRIPTORS)
def test_a_descriptor_does_not_differ_from_itself(descriptor: dict[str, Any]) -> None:
    assert compare(descriptor, json.loads(text(descriptor))) == []


def test_a_column_that_is_put_between_others_is_one_change() -> None:
    before = {"fields": [{"name": "a"}, {"name": "c"}]}
    after = {"fields": [{"name": "a"}, {"name": "b", "type": "string"}, {"name": "c"}]}
    told = [change for change in compare(before, after) if not change.is_order]
    assert [(change.path, change.before) for change in told] == [(("fields", "b"), MISSING)]


def test_an_order_is_arranged_anew_only_where_those_that_stay_change_places() -> None:
    def order(*names: str) -> dict[str, Any]:
        return {"fields": [{"name": name} for name in names]}

    def is_arranged_anew(before: dict[str, Any], after: dict[str, Any]) -> bool:
        return any(one.is_order and one.is_arranged_anew for one in compare(before, after))

    assert is_arranged_anew(order("a", "b"), order("b", "a"))
    assert is_arranged_anew(order("a", "b"), order("b", "x", "a"))
    assert not is_arranged_anew(order("a", "b"), order("x", "a", "b"))
    assert not is_arranged_anew(order("a", "b", "c"), order("a", "c"))


def test_true_is_not_one_and_one_is_not_one_point_nought() -> None:
    assert len(compare({"x": True, "y": 1}, {"x": 1, "y": 1.0})) == 2
