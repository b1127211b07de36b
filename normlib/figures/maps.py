"""Small maps from the record's own outlines; labels are in :mod:`normlib.figures.labels`.

Maps are plain scatter traces: nothing is fetched, and no map service draws a border for us. The
projection is equirectangular: longitudes shrunk by the cosine of the middle latitude.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import cos, hypot, inf, radians
from typing import Any

from normlib.figures.sketch import Sketch
from normlib.figures.theme import GREY

KM_PER_DEGREE = 111.2
LAND, SHORE, BORDER = "#f5f3ee", "#bfb9ab", "#a39d8f"
NEAR = 0.03
"""Degrees within which an outline and a border line of another source are taken for the same."""

Point = tuple[float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Extent:
    """A window on the earth in degrees, and its projection.

    ``true_at`` is the latitude that the projection is true to, the middle when left out.
    """

    west: float
    south: float
    east: float
    north: float
    true_at: float | None = None

    @classmethod
    def around(
        cls, lon: float, lat: float, *, half_width_km: float, half_height_km: float
    ) -> "Extent":
        """Return the window around a point."""
        dy = half_height_km / KM_PER_DEGREE
        dx = half_width_km / KM_PER_DEGREE / cos(radians(lat))
        return cls(lon - dx, lat - dy, lon + dx, lat + dy)

    @classmethod
    def of(cls, points: Iterable[Point], *, margin_km: float) -> "Extent":
        """Return the smallest window with a margin that holds all points."""
        lons, lats = zip(*points, strict=True)
        dy = margin_km / KM_PER_DEGREE
        dx = dy / cos(radians((min(lats) + max(lats)) / 2))
        return cls(min(lons) - dx, min(lats) - dy, max(lons) + dx, max(lats) + dy)

    @property
    def middle(self) -> float:
        """The latitude that the projection is true to."""
        return (self.south + self.north) / 2 if self.true_at is None else self.true_at

    @cached_property
    def stretch(self) -> float:
        """How wide a degree of longitude is drawn, in degrees of latitude."""
        return cos(radians(self.middle))

    @cached_property
    def ranges(self) -> tuple[list[float], list[float]]:
        """Ranges of the two axes."""
        x = [self.west * self.stretch, self.east * self.stretch]
        return [round(v, 4) for v in x], [round(self.south, 4), round(self.north, 4)]

    def xy(self, lon: float, lat: float) -> Point:
        """Project a point."""
        return round(lon * self.stretch, 4), round(lat, 4)

    def holds(self, lon: float, lat: float) -> bool:
        """Whether a point lies in the window."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north

    @property
    def edge(self) -> list[Point]:
        """The corners of the window in order, the first again at the end."""
        west, south, east, north = self.west, self.south, self.east, self.north
        return [(west, south), (east, south), (east, north), (west, north), (west, south)]

    def pixels(self, width: float, *, least: float, most: float) -> float:
        """Return the height at which a plot of that width shows the window without blank edges."""
        x, y = self.ranges
        return min(max(width * (y[1] - y[0]) / (x[1] - x[0]), least), most)

    @property
    def bar_km(self) -> int:
        """A round length that takes up to a fifth of the window's width."""
        x, _ = self.ranges
        most = (x[1] - x[0]) * KM_PER_DEGREE / 5
        return max((km for km in BARS if km <= most), default=BARS[0])

    def scale(self, width: float, height: float) -> float:
        """Return pixels for each degree of latitude in a plot of that size."""
        x, y = self.ranges
        return min(width / (x[1] - x[0]), height / (y[1] - y[0]))


BARS = (2, 5, 10, 20, 50, 100, 200, 500)
"""Lengths of scale bars in kilometres."""


def backdrop(
    fig: Sketch,
    outlines: Mapping[str, Any],
    extent: Extent,
    *,
    borders: Iterable[Sequence[Point]] = (),
    margin: float = 1,
) -> None:
    """Draw country outlines as a quiet backdrop, and border lines of a better source broad on top.

    Outlines are cut at the window with a margin, a share of its size: wide figures show more.

    Where a border line (see :func:`border_courses`) is drawn, the coarser outline beside it is left
    out.
    """
    rings = [
        [extent.xy(*point) for point in _clipped(ring, extent, margin=margin)]
        for feature in outlines.get("features", [])
        for ring in _rings(feature["geometry"])
    ]
    lines = [[extent.xy(*point) for point in course] for course in borders]
    xs, ys = with_gaps(rings)
    quiet = {"mode": "lines", "hoverinfo": "skip", "showlegend": False}
    shore = {"color": SHORE, "width": 0 if lines else 1}
    fig.add_scatter(x=xs, y=ys, fill="toself", fillcolor=LAND, line=shore, **quiet)
    if lines:
        xs, ys = with_gaps(_away_from(rings, lines))
        fig.add_scatter(x=xs, y=ys, line={"color": SHORE, "width": 1}, **quiet)
        xs, ys = with_gaps(lines)
        fig.add_scatter(x=xs, y=ys, line={"color": BORDER, "width": 4}, **quiet)


def border_courses(geometries: Mapping[str, Any]) -> list[list[Point]]:
    """Return the lines of all collections but the links' drawings and the outlines, in degrees."""
    return [
        [(point[0], point[1]) for point in line]
        for name, collection in geometries.items()
        if name not in ("routes", "outlines")
        for feature in collection.get("features", [])
        for line in _lines(feature["geometry"])
    ]


def with_gaps(
    lines: Iterable[Sequence[Point]],
) -> tuple[list[float | None], list[float | None]]:
    """Return lines as the coordinates of one trace, with a gap after each."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for line in lines:
        xs += [*(x for x, _ in line), None]
        ys += [*(y for _, y in line), None]
    return xs, ys


def _away_from(
    rings: Iterable[Sequence[Point]], lines: Iterable[Sequence[Point]]
) -> list[list[Point]]:
    """Return what is left of rings without the parts close to some lines."""
    near = {
        (round(x / NEAR) + dx, round(y / NEAR) + dy)
        for line in lines
        for x, y in line
        for dx in (-1, 0, 1)
        for dy in (-1, 0, 1)
    }
    runs: list[list[Point]] = []
    for ring in rings:
        runs.append([])
        for x, y in ring:
            if (round(x / NEAR), round(y / NEAR)) not in near:
                runs[-1].append((x, y))
            elif runs[-1]:
                runs.append([])
    return [run for run in runs if len(run) > 1]


def frame(fig: Sketch, extent: Extent) -> None:
    """Set the axes to the window; the picture keeps its proportions at every width."""
    x, y = extent.ranges
    fig.update_xaxes(range=x, visible=False, constrain="range")
    fig.update_yaxes(range=y, visible=False, scaleanchor="x", scaleratio=1, constrain="range")


def scale_bar(extent: Extent, km: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a shape and an annotation: a bar of some kilometres in the lower left corner."""
    x, y = extent.ranges
    left, bottom = x[0] + (x[1] - x[0]) * 0.02, y[0] + (y[1] - y[0]) * 0.09
    right = round(left + km / KM_PER_DEGREE, 4)
    line = {"type": "line", "x0": left, "x1": right, "y0": bottom, "y1": bottom}
    words = {"x": left, "y": bottom, "text": f"{km} km", "xanchor": "left", "yanchor": "bottom"}
    shape = {**line, "line": {"color": GREY, "width": 2}}
    return shape, {**words, "showarrow": False, "font": {"size": 10, "color": GREY}}


def visible_part(points: Sequence[Sequence[float]], extent: Extent) -> list[Point]:
    """Return the longest run of a line in the window, cut at its edge."""
    runs: list[list[Point]] = [[]]
    for a, b in pairwise(points):
        cut = _segment((a[0], a[1]), (b[0], b[1]), extent)
        if cut is None:
            runs.append([])
        elif runs[-1] and runs[-1][-1] == cut[0]:
            runs[-1].append(cut[1])
        else:
            runs.append([*cut])
    return max(runs, key=lambda run: _length(run, extent))


def part_way(points: Sequence[Point], extent: Extent, *, share: float = 0.5) -> Point | None:
    """Return the point half-way along a line, or at another share of its length."""
    if not points:
        return None
    left = _length(points, extent) * share
    for a, b in pairwise(points):
        step = _length([a, b], extent)
        if step >= left and step > 0:
            part = left / step
            return a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part
        left -= step
    return points[-1]


def between(points: Sequence[Point], start: Point, end: Point) -> list[Point]:
    """Return the part of a line from its point nearest to ``start`` to that nearest to ``end``."""
    first, last = (
        min(range(len(points)), key=lambda at: hypot(points[at][0] - x, points[at][1] - y))
        for x, y in (start, end)
    )
    part = points[first : last + 1] if first <= last else points[last : first + 1][::-1]
    return [start, *part, end] if part else [start, end]


def sampled(points: Sequence[Point], extent: Extent, *, step: float) -> list[Point]:
    """Return projected points along a line, at most ``step`` degrees apart."""
    found = []
    for a, b in pairwise(points):
        count = max(int(_length([a, b], extent) / step), 1)
        for at in range(count):
            share = at / count
            found.append(extent.xy(a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share))
    return found


def _length(points: Sequence[Point], extent: Extent) -> float:
    flat = [extent.xy(*point) for point in points]
    return sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(flat))


def _segment(a: Point, b: Point, extent: Extent) -> tuple[Point, Point] | None:
    """Cut a segment at the window (Liang and Barsky 1984, doi 10.1145/357332.357333)."""
    start, end = 0.0, 1.0
    dx, dy = b[0] - a[0], b[1] - a[1]
    sides = (
        (-dx, a[0] - extent.west),
        (dx, extent.east - a[0]),
        (-dy, a[1] - extent.south),
        (dy, extent.north - a[1]),
    )
    for step, room in sides:
        if step == 0:
            if room < 0:
                return None
        elif step < 0:
            start = max(start, room / step)
        else:
            end = min(end, room / step)
    if start > end:
        return None
    return (a[0] + dx * start, a[1] + dy * start), (a[0] + dx * end, a[1] + dy * end)


def _rings(geometry: Mapping[str, Any]) -> list[list[Point]]:
    coordinates = geometry["coordinates"]
    polygons = [coordinates] if geometry["type"] == "Polygon" else coordinates
    return [[(p[0], p[1]) for p in ring] for polygon in polygons for ring in polygon]


def _lines(geometry: Mapping[str, Any]) -> list[list[list[float]]]:
    coordinates = geometry["coordinates"]
    return [coordinates] if geometry["type"] == "LineString" else list(coordinates)


def _clipped(ring: Sequence[Point], extent: Extent, *, margin: float) -> list[Point]:
    """Cut a ring at a window widened by shares of its size (Sutherland and Hodgman 1974)."""
    dx, dy = (extent.east - extent.west) * margin, (extent.north - extent.south) * margin
    sides = (
        (0, 1, extent.west - dx),
        (0, -1, -extent.east - dx),
        (1, 1, extent.south - dy),
        (1, -1, -extent.north - dy),
    )
    points = list(ring)
    for axis, sign, limit in sides:
        across = [sign * point[axis] for point in points]
        if not points or max(across) < limit:
            return []
        if min(across) < limit:
            points = list(_half_plane(points, across, axis, sign, limit))
    return points


def _half_plane(
    points: Sequence[Point], across: Sequence[float], axis: int, sign: int, limit: float
) -> Iterator[Point]:
    """Cut a ring at one side of a window; ``across`` says how far in each point lies."""
    inside = [far >= limit for far in across]
    for a, b, a_in, b_in in zip(
        points, [*points[1:], points[0]], inside, [*inside[1:], inside[0]], strict=True
    ):
        if a_in:
            yield a
        if a_in != b_in:
            share = (limit * sign - a[axis]) / (b[axis] - a[axis])
            yield a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def open_seat(geometry: Mapping[str, Any], extent: Extent) -> Point | None:
    """Return the grid point of the window inside an outline that is farthest from every edge."""
    rings = [_clipped(ring, extent, margin=0) for ring in _rings(geometry)]
    flat = [[extent.xy(*point) for point in ring] for ring in rings if len(ring) > 3]
    x, y = extent.ranges
    best, widest = None, 0.0
    for row in range(1, 16):
        py = y[0] + (y[1] - y[0]) * row / 16
        crossings = _crossings(py, flat)
        for column in range(1, 16):
            px = x[0] + (x[1] - x[0]) * column / 16
            room = min(px - x[0], x[1] - px, py - y[0], y[1] - py)
            if room > widest and sum(px < at for at in crossings) % 2:
                room = min(room, _nearest(px, py, flat))
                if room > widest:
                    best, widest = (px / extent.stretch, py), room
    return best


def _crossings(y: float, rings: Iterable[Sequence[Point]]) -> list[float]:
    """Return where a level line crosses rings: an odd number of them right of a point inside."""
    return [
        a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
        for ring in rings
        for a, b in zip(ring, [*ring[1:], ring[0]], strict=True)
        if (a[1] > y) != (b[1] > y)
    ]


def _nearest(x: float, y: float, rings: Iterable[Sequence[Point]]) -> float:
    return min([hypot(px - x, py - y) for ring in rings for px, py in ring], default=inf)


__all__ = [
    "Extent",
    "backdrop",
    "between",
    "border_courses",
    "frame",
    "open_seat",
    "part_way",
    "sampled",
    "scale_bar",
    "visible_part",
    "with_gaps",
]
