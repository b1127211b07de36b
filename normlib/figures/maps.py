"""Small maps from the record's own outlines, and labels that keep clear of each other.

Maps are plain scatter traces: nothing is fetched, and no map service draws a border for us. The
projection is equirectangular: longitudes shrunk by the cosine of the middle latitude.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from math import cos, hypot, inf, radians
from operator import itemgetter
from typing import Any

from normlib.figures.sketch import Sketch
from normlib.figures.theme import GREY, INK

KM_PER_DEGREE = 111.2
GAPS = (6, 10, 16, 24, 38, 54, 72, 94, 120)
"""Distances in pixels at which a label is tried, the nearest first."""
LAND, SHORE = "#f5f3ee", "#bfb9ab"

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


@dataclass(frozen=True)
class Label:
    """Words to be placed near a point.

    Attributes
    ----------
    lines : set below each other.
    x, y : the point, projected.
    size : of the letters, in pixels.
    reach : how far from the point the words may stand, in pixels.
    must : rather cover a mark than be dropped.
    leader_from : distance in pixels from which a thin line leads back to the point.
    centred : the words may stand on the point, and need no line to it.
    """

    lines: tuple[str, ...]
    x: float
    y: float
    size: int = 11
    colour: str = INK
    bold_first: bool = False
    italic: bool = False
    reach: int = 22
    must: bool = False
    leader_from: int = 12
    centred: bool = False

    @cached_property
    def width(self) -> float:
        """Width in pixels, on the safe side."""
        share = 0.63 if self.bold_first else 0.57
        return max(len(line) for line in self.lines) * self.size * share + 4

    @cached_property
    def height(self) -> float:
        """Height in pixels."""
        return len(self.lines) * self.size * 1.28 + 3


@dataclass(frozen=True)
class Placed:
    """A label with the shift of its middle from its point, in pixels; y points up."""

    label: Label
    dx: float
    dy: float

    def annotation(self) -> dict[str, Any]:
        """Return the label as a plotly annotation, with a thin leader where it stands off."""
        label = self.label
        first = f"<b>{label.lines[0]}</b>" if label.bold_first else label.lines[0]
        text = "<br>".join([first, *label.lines[1:]])
        stands_off = hypot(
            max(abs(self.dx) - label.width / 2, 0), max(abs(self.dy) - label.height / 2, 0)
        )
        leader = {
            "showarrow": True,
            "arrowhead": 0,
            "arrowwidth": 1,
            "arrowcolor": label.colour,
            "standoff": 5,
            "ax": round(self.dx, 1),
            "ay": round(-self.dy, 1),
        }
        shift = {"showarrow": False, "xshift": round(self.dx, 1), "yshift": round(self.dy, 1)}
        return {
            "x": label.x,
            "y": label.y,
            "text": f"<i>{text}</i>" if label.italic else text,
            "font": {"size": label.size, "color": label.colour},
            "align": "left" if label.bold_first else "center",
            "xanchor": "center",
            "yanchor": "middle",
            "bgcolor": "rgba(245,243,238,0.78)",
            "borderpad": 0,
            **(leader if stands_off > label.leader_from and not label.centred else shift),
        }


def place_labels(
    labels: Iterable[Label],
    *,
    extent: Extent,
    scales: Sequence[float],
    marks: Iterable[Point],
    lines: Iterable[Point] = (),
    mark_size: float = 6,
) -> list[Placed]:
    """Place labels, the first ones first, where they are free of each other; drop what finds none.

    A place counts as free when it is free at every one of the ``scales`` (pixels for a degree), so
    that one placing serves figures of many widths. Same input, same places.

    Parameters
    ----------
    marks : projected points that a label may not cover.
    lines : projected points along lines that a label should not cover; they matter less, and are
        given up where nothing else is free.
    """
    marks, lines = list(marks), list(lines)
    distinct = sorted({round(scale) for scale in scales})
    sheets = [_Sheet(extent, scale, mark_size) for scale in distinct]
    crowds = (
        [sheet.crowd([*marks, *lines]) for sheet in sheets],
        [sheet.crowd(marks) for sheet in sheets],
    )
    nobody = [sheet.crowd([]) for sheet in sheets]
    placed: list[Placed] = []
    for label in labels:
        for crowd in (*crowds, *([nobody] if label.must else [])):
            pairs = list(zip(sheets, crowd, strict=True))
            found = next(
                (
                    candidate
                    for candidate in _candidates(label)
                    if all(sheet.is_free(candidate, obstacles) for sheet, obstacles in pairs)
                ),
                None,
            )
            if found:
                placed.append(found)
                for sheet in sheets:
                    sheet.boxes.append(_box(found, sheet.scale))
                break
    return placed


class _Sheet:
    """One width of a figure: its edges, and the boxes of the labels placed so far, in pixels."""

    def __init__(self, extent: Extent, scale: float, mark_size: float) -> None:
        x, y = extent.ranges
        self.scale, self.half = scale, mark_size / 2
        self.edges = (x[0] * scale, y[0] * scale, x[1] * scale, y[1] * scale)
        self.boxes: list[Box] = []

    def crowd(self, points: Iterable[Point]) -> list[tuple[float, float, Point]]:
        """Return points in pixels from left to right, each with the place that it comes from."""
        return sorted((x * self.scale, y * self.scale, (x, y)) for x, y in points)

    def is_free(self, candidate: Placed, crowd: Sequence[tuple[float, float, Point]]) -> bool:
        """Whether a label would lie within the edges, and on no other label and no point."""
        left, bottom, right, top = box = _box(candidate, self.scale)
        west, south, east, north = self.edges
        if left < west or right > east or bottom < south or top > north:
            return False
        for other in self.boxes:
            if _overlap(box, other):
                return False
        half, own = self.half, (candidate.label.x, candidate.label.y)
        first = bisect_right(crowd, left - half, key=itemgetter(0))
        last = bisect_left(crowd, right + half, lo=first, key=itemgetter(0))
        return not any(
            bottom - half < y < top + half and point != own for _, y, point in crowd[first:last]
        )


def _candidates(label: Label) -> Iterator[Placed]:
    """Right, left, above, below, then the corners; then the same further off."""
    if label.centred:
        yield Placed(label, 0, 0)
    for gap in (gap for gap in GAPS if gap <= label.reach):
        dx, dy = label.width / 2 + gap, label.height / 2 + gap
        slant = label.height / 2 + gap / 2
        for x, y in ((dx, 0), (-dx, 0), (0, dy), (0, -dy)):
            yield Placed(label, x, y)
        for x, y in ((dx, slant), (dx, -slant), (-dx, slant), (-dx, -slant)):
            yield Placed(label, x, y)


def _box(placed: Placed, scale: float) -> Box:
    label = placed.label
    x, y = label.x * scale + placed.dx, label.y * scale + placed.dy
    half_width, half_height = label.width / 2, label.height / 2
    return x - half_width, y - half_height, x + half_width, y + half_height


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def backdrop(
    fig: Sketch, outlines: Mapping[str, Any], extent: Extent, *, margin: float = 1
) -> None:
    """Draw country outlines as a quiet backdrop, cut at the window with a margin.

    ``margin`` is a share of the window's size: wide figures show more than the window.
    """
    xs: list[float | None] = []
    ys: list[float | None] = []
    for feature in outlines.get("features", []):
        for ring in _rings(feature["geometry"]):
            for lon, lat in _clipped(ring, extent, margin=margin):
                x, y = extent.xy(lon, lat)
                xs.append(x)
                ys.append(y)
            xs.append(None)
            ys.append(None)
    fig.add_scatter(
        x=xs,
        y=ys,
        mode="lines",
        fill="toself",
        fillcolor=LAND,
        line={"color": SHORE, "width": 1},
        hoverinfo="skip",
        showlegend=False,
    )


def border_lines(fig: Sketch, border: Mapping[str, Any], extent: Extent) -> None:
    """Draw border lines of a GeoJSON collection of lines, wide and grey below everything else."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for feature in border.get("features", []):
        for line in _lines(feature["geometry"]):
            for lon, lat, *_ in line:
                x, y = extent.xy(lon, lat)
                xs.append(x)
                ys.append(y)
            xs.append(None)
            ys.append(None)
    fig.add_scatter(
        x=xs,
        y=ys,
        mode="lines",
        line={"color": "#a39d8f", "width": 4},
        hoverinfo="skip",
        showlegend=False,
    )


def frame(fig: Sketch, extent: Extent) -> None:
    """Set the axes to the window; the picture keeps its proportions at every width."""
    x, y = extent.ranges
    fig.update_xaxes(range=x, visible=False, constrain="range")
    fig.update_yaxes(range=y, visible=False, scaleanchor="x", scaleratio=1, constrain="range")


def country_labels(
    outlines: Mapping[str, Any], names: Mapping[str, str], extent: Extent
) -> list[Label]:
    """Return the names of the countries in view, each in the open middle of its visible part."""
    found = []
    for feature in outlines.get("features", []):
        rings = [_clipped(ring, extent, margin=0) for ring in _rings(feature["geometry"])]
        seat = _seat([ring for ring in rings if len(ring) > 3], extent)
        if seat and feature["id"] in names:
            x, y = extent.xy(*seat)
            name = names[feature["id"]]
            found.append(
                Label((name,), x, y, size=14, colour="#6f6a5e", italic=True, reach=72, centred=True)
            )
    return found


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


def _seat(rings: Sequence[Sequence[Point]], extent: Extent) -> Point | None:
    """Return the grid point of the window inside the rings that is farthest from every edge."""
    flat = [[extent.xy(*point) for point in ring] for ring in rings]
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
    "Label",
    "Placed",
    "backdrop",
    "between",
    "border_lines",
    "country_labels",
    "frame",
    "part_way",
    "place_labels",
    "sampled",
    "scale_bar",
    "visible_part",
]
