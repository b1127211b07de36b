"""Labels of maps keep clear of each other, of leaders, marks and lines, at every width."""

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from normlib.figures.labels import (
    STANDOFF,
    Label,
    Placed,
    country_labels,
    place_labels,
)
from normlib.figures.maps import Box, Extent, Point

WINDOW = Extent(43, 39, 46, 41)
LEAST, MOST = 100.0, 260.0

points = st.tuples(
    st.floats(WINDOW.west * WINDOW.stretch, WINDOW.east * WINDOW.stretch),
    st.floats(WINDOW.south, WINDOW.north),
)
seats = st.lists(points, min_size=2, max_size=14, unique=True)
scales = st.floats(LEAST, MOST)


def overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def leader(placed: Placed, scale: float) -> tuple[Point, Point]:
    """Return the two ends of a leader in pixels."""
    x, y = placed.label.x * scale, placed.label.y * scale
    dx, dy = placed.leader_end
    far = (dx**2 + dy**2) ** 0.5
    near = min(STANDOFF / far, 1.0)
    return (x + dx * near, y + dy * near), (x + dx, y + dy)


def side(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def cross(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    (a, b), (c, d) = one, other
    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def runs_through(line: tuple[Point, Point], box: Box) -> bool:
    left, bottom, right, top = box
    within = any(left < x < right and bottom < y < top for x, y in line)
    diagonals = (((left, bottom), (right, top)), ((left, top), (right, bottom)))
    return within or any(cross(line, diagonal) for diagonal in diagonals)


def wordy(at: int, seat: Point, reach: int) -> Label:
    must = at % 3 == 0
    return Label((f"Place {at}", "and its state"), *seat, reach=reach, must=must, leader_from=4)


@settings(max_examples=40, deadline=None)
@given(seats, scales)
def test_labels_overlap_at_no_width_between_the_least_and_the_largest(found, scale):
    labels = [Label((f"Place {at}",), *seat) for at, seat in enumerate(found)]
    placed = place_labels(labels, extent=WINDOW, scales=(LEAST, MOST), marks=found)
    x, y = WINDOW.ranges
    for one, other in combinations(placed, 2):
        assert not overlap(one.box(scale), other.box(scale))
    for left, bottom, right, top in (label.box(scale) for label in placed):
        assert x[0] * scale <= left < right <= x[1] * scale
        assert y[0] * scale <= bottom < top <= y[1] * scale


@settings(max_examples=40, deadline=None)
@given(seats, scales)
def test_no_leader_runs_through_a_label_or_another_leader_at_any_width(found, scale):
    labels = [wordy(at, seat, reach=120) for at, seat in enumerate(found)]
    placed = place_labels(labels, extent=WINDOW, scales=(LEAST, MOST), marks=found)
    led = [label for label in placed if label.has_leader]
    for one, other in combinations(led, 2):
        assert not cross(leader(one, scale), leader(other, scale))
    for one in led:
        for other in placed:
            if other is not one:
                assert not runs_through(leader(one, scale), other.box(scale))


@settings(max_examples=25, deadline=None)
@given(seats, scales)
def test_a_label_covers_no_mark_but_its_own(found, scale):
    labels = [Label((f"Place {at}",), *seat) for at, seat in enumerate(found)]
    for placed in place_labels(labels, extent=WINDOW, scales=(LEAST, MOST), marks=found):
        left, bottom, right, top = placed.box(scale)
        for x, y in found:
            if (x, y) != (placed.label.x, placed.label.y):
                assert not (left < x * scale < right and bottom < y * scale < top)


def test_a_leader_goes_round_a_mark_where_there_is_room():
    seat, near = (34.0, 40.0), (34.0, 40.12)
    wall = [(34 + at / 20, 40.0 + up / 20) for at in range(-3, 4) for up in (1, -1)]
    label = Label(("Place",), *seat, reach=120, must=True, leader_from=4)
    (placed,) = place_labels([label], extent=WINDOW, scales=[200], marks=[seat, near])
    assert not runs_through(leader(placed, 200), box_around(near))
    (kept,) = place_labels([label], extent=WINDOW, scales=[200], marks=[seat, *wall])
    assert kept.label == label


def box_around(point: Point, half: float = 3) -> Box:
    x, y = point[0] * 200, point[1] * 200
    return x - half, y - half, x + half, y + half


def test_labels_that_must_be_shown_go_first_and_the_others_in_their_order():
    seat = (44 * WINDOW.stretch, 40.0)
    plain = [Label((letter * 20,), *seat, reach=6) for letter in "abcdefghijkl"]
    must = Label(("m" * 20,), *seat, reach=6, must=True)
    placed = place_labels([*plain, must], extent=WINDOW, scales=[180], marks=[seat])
    assert [label.label for label in placed[:2]] == [must, plain[0]]
    assert len(placed) < len(plain)


def test_who_fares_worst_goes_first_so_that_both_stand_free():
    """The first label may stand right or left, the other only where the first would stand."""
    free, held = (34.0, 40.0), (34.4, 40.0)
    first = Label(("first",), *free, reach=6, must=True)
    other = Label(("other",), *held, reach=6, must=True)
    gap = (held[0] - free[0]) * 200  # pixels between the points: room for one label only
    assert first.width + 6 < gap < first.width + other.width + 12
    blocked = Placed(other, other.width / 2 + 6, 0)
    wall = [
        (held[0] + dx / 200, held[1] + dy / 200)
        for dx in range(-60, 61, 4)
        for dy in range(-60, 61, 4)
        if (abs(dy) > other.height / 2 + 2 or dx > 8) and dx > -gap / 2
    ]
    assert any(overlap(box_around(mark), blocked.box(200)) for mark in wall)
    placed = place_labels([first, other], extent=WINDOW, scales=[200], marks=[free, held, *wall])
    by_name = {label.label.lines[0]: label for label in placed}
    assert by_name["other"].dx < 0
    assert by_name["first"].dx < 0
    for mark in wall:
        assert not overlap(box_around(mark, 1), by_name["other"].box(200))


def test_a_shy_label_is_rather_left_out_than_laid_over_a_line():
    seat = (34.0, 40.0)
    lines = [
        (seat[0] + dx / 40, seat[1] + dy / 40) for dx in range(-20, 21) for dy in range(-20, 21)
    ]
    kept, dropped = (
        place_labels(
            [Label(("Place",), *seat, shy=shy)],
            extent=WINDOW,
            scales=[200],
            marks=[seat],
            faint=lines,
        )
        for shy in (False, True)
    )
    assert (len(kept), len(dropped)) == (1, 0)


def test_a_label_that_must_be_shown_rather_covers_a_mark():
    seat = (44 * WINDOW.stretch, 40.0)
    crowd = [
        (seat[0] + dx / 200, seat[1] + dy / 200)
        for dx in range(-90, 91, 6)
        for dy in range(-90, 91, 6)
    ]
    kept, dropped = (
        place_labels([Label(("1",), *seat, must=must)], extent=WINDOW, scales=[200], marks=crowd)
        for must in (True, False)
    )
    assert (len(kept), len(dropped)) == (1, 0)


def test_a_label_may_use_what_a_plot_shows_beyond_the_window():
    south = (34.0, 39.0)
    label = Label(("Place",), *south, reach=6, must=True)
    blocked = [Placed(label, dx, dy) for dx in (-25, 25) for dy in (6, 24)]
    wanted = {"extent": WINDOW, "scales": (100, 200), "marks": [], "taken": blocked}
    assert place_labels([label], **wanted) == []
    (below,) = place_labels([label], **wanted, plot=(0, 480))
    assert below.dy < 0
    assert place_labels([label], **wanted, plot=(0, 300)) == []


def test_a_name_that_may_stand_on_its_point_stays_close_to_it():
    seat = (34.0, 40.0)
    label = Label(("Country",), *seat, centred=True, reach=0)
    marks = [(seat[0], seat[1] + 0.01)]
    (placed,) = place_labels([label], extent=WINDOW, scales=[200], marks=marks)
    assert 0 < abs(placed.dx) + abs(placed.dy) <= 24
    assert not placed.has_leader


def test_what_stands_already_is_kept_clear_of():
    seat = (34.0, 40.0)
    label = Label(("Place",), *seat, reach=6)
    right = Placed(label, label.width / 2 + 6, 0)
    (free,) = place_labels([label], extent=WINDOW, scales=[200], marks=[])
    (moved,) = place_labels([label], extent=WINDOW, scales=[200], marks=[], taken=[free])
    assert free == right
    assert not overlap(moved.box(200), free.box(200))


def test_a_label_that_stands_off_has_a_line_to_its_point():
    label = Label(("Place",), 34, 40)
    assert Placed(label, label.width / 2 + 30, 0).annotation()["showarrow"]
    assert not Placed(label, label.width / 2 + 6, 0).annotation()["showarrow"]


def test_a_country_is_named_inside_its_visible_part():
    square = [[[43, 39], [44, 39], [44, 41], [43, 41], [43, 39]]]
    outlines = {"features": [{"id": "AAA", "geometry": {"type": "Polygon", "coordinates": square}}]}
    (label,) = country_labels(outlines, {"AAA": "Aland"}, WINDOW)
    assert 43 < label.x / WINDOW.stretch < 44
    assert label.lines == ("Aland",)
