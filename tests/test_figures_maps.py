"""Small maps: projection, cutting at the window, and labels that keep clear of each other."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normlib.figures import maps
from normlib.figures.maps import Extent, Label

WINDOW = Extent(43, 39, 46, 41)
SCALES = (100.0, 180.0, 260.0)

points = st.tuples(
    st.floats(WINDOW.west * WINDOW.stretch, WINDOW.east * WINDOW.stretch),
    st.floats(WINDOW.south, WINDOW.north),
)


def boxes(placed: list[maps.Placed], scale: float) -> list[maps.Box]:
    return [maps._box(label, scale) for label in placed]


@settings(max_examples=40, deadline=None)
@given(st.lists(points, min_size=2, max_size=14, unique=True))
def test_labels_never_overlap_at_any_width_and_stay_in_the_window(seats):
    labels = [Label((f"Place {at}",), x, y) for at, (x, y) in enumerate(seats)]
    placed = maps.place_labels(labels, extent=WINDOW, scales=SCALES, marks=seats)
    x, y = WINDOW.ranges
    for scale in SCALES:
        for one, other in combinations(boxes(placed, scale), 2):
            assert not maps._overlap(one, other)
        for left, bottom, right, top in boxes(placed, scale):
            assert x[0] * scale <= left < right <= x[1] * scale
            assert y[0] * scale <= bottom < top <= y[1] * scale


@settings(max_examples=25, deadline=None)
@given(st.lists(points, min_size=2, max_size=10, unique=True))
def test_a_label_covers_no_mark_but_its_own(seats):
    labels = [Label((f"Place {at}",), x, y) for at, (x, y) in enumerate(seats)]
    for placed in maps.place_labels(labels, extent=WINDOW, scales=[200], marks=seats):
        left, bottom, right, top = maps._box(placed, 200)
        for x, y in seats:
            if (x, y) != (placed.label.x, placed.label.y):
                assert not (left < x * 200 < right and bottom < y * 200 < top)


def test_the_first_label_goes_first_and_what_finds_no_room_is_dropped():
    seat = (44 * WINDOW.stretch, 40.0)
    labels = [Label(("x" * 20,), *seat, 12, reach=6), Label(("y" * 20,), *seat, 12, reach=6)]
    placed = maps.place_labels(labels * 4, extent=WINDOW, scales=[180], marks=[seat])
    assert placed[0].label == labels[0]
    assert len(placed) < 8


def test_a_label_that_must_be_shown_rather_covers_a_mark():
    seat = (44 * WINDOW.stretch, 40.0)
    crowd = [
        (seat[0] + dx / 200, seat[1] + dy / 200)
        for dx in range(-90, 91, 6)
        for dy in range(-90, 91, 6)
    ]
    kept, dropped = (
        maps.place_labels(
            [Label(("1",), *seat, must=must)], extent=WINDOW, scales=[200], marks=crowd
        )
        for must in (True, False)
    )
    assert (len(kept), len(dropped)) == (1, 0)


def test_a_label_that_stands_off_has_a_line_to_its_point():
    label = Label(("Place",), 34, 40)
    assert maps.Placed(label, label.width / 2 + 30, 0).annotation()["showarrow"]
    assert not maps.Placed(label, label.width / 2 + 6, 0).annotation()["showarrow"]


def test_a_line_is_cut_at_the_edge_of_the_window():
    seen = maps.visible_part([(40, 40), (44, 40), (45, 40)], WINDOW)
    assert seen == [(43, 40), (44, 40), (45, 40)]
    assert maps.visible_part([(30, 40), (31, 40)], WINDOW) == []


def test_the_middle_of_a_line_lies_half_way_along_it():
    assert maps.part_way([(43, 40), (44, 40), (45, 40)], WINDOW) == pytest.approx(
        (44, 40), abs=1e-3
    )
    assert maps.part_way([], WINDOW) is None


def test_a_part_of_a_line_runs_from_stop_to_stop_in_either_direction():
    line = [(43.0, 40.0), (44.0, 40.0), (45.0, 40.0)]
    assert maps.between(line, (45.0, 40.1), (44.0, 40.1))[1:-1] == [(45.0, 40.0), (44.0, 40.0)]


def test_a_window_around_a_point_is_as_wide_in_kilometres_as_asked():
    window = Extent.around(44, 40, half_width_km=111.2, half_height_km=55.6)
    x, y = window.ranges
    assert x[1] - x[0] == pytest.approx(2, abs=0.01)
    assert y[1] - y[0] == pytest.approx(1, abs=0.01)


def test_a_country_is_named_inside_its_visible_part():
    square = [[[43, 39], [44, 39], [44, 41], [43, 41], [43, 39]]]
    outlines = {"features": [{"id": "AAA", "geometry": {"type": "Polygon", "coordinates": square}}]}
    (label,) = maps.country_labels(outlines, {"AAA": "Aland"}, WINDOW)
    assert 43 < label.x / WINDOW.stretch < 44
    assert label.lines == ("Aland",)
