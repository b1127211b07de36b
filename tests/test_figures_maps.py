"""Small maps: projection, cutting at the window, outlines and borders."""

import pytest

from normlib.figures import maps
from normlib.figures.maps import Extent
from normlib.figures.sketch import Sketch

WINDOW = Extent(43, 39, 46, 41)


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


def test_the_coarser_outline_is_left_out_beside_a_border_line():
    square = [[[43, 39], [44, 39], [44, 41], [43, 41], [43, 39]]]
    outlines = {"features": [{"id": "AAA", "geometry": {"type": "Polygon", "coordinates": square}}]}
    fig = Sketch()
    border = [(44.01, 39 + step / 50) for step in range(101)]
    maps.backdrop(fig, outlines, WINDOW, borders=[border])
    fill, outline, line = fig.traces
    edge = WINDOW.xy(44, 40)[0]
    assert (fill["line"]["width"], line["x"][0]) == (0, WINDOW.xy(44.01, 39)[0])
    assert edge in fill["x"]
    assert edge not in outline["x"]


def test_border_lines_are_all_collections_but_routes_and_outlines():
    line = {"features": [{"geometry": {"type": "LineString", "coordinates": [[43, 40], [44, 40]]}}]}
    found = maps.border_courses({"routes": line, "outlines": line, "border": line})
    assert found == [[(43, 40), (44, 40)]]
