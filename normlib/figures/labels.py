"""Labels of maps that keep clear of each other, of their leaders, of marks and of lines.

A label stands some pixels from its point, whatever the width of the figure, while points move
apart as the figure grows. Whether two things ever meet between the smallest and the largest scale
is an interval of scales, and is decided exactly, not for some sampled widths.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import compress
from math import hypot
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from normlib.figures import maps
from normlib.figures.maps import Box, Extent, Point
from normlib.figures.theme import INK

GAPS = (6, 10, 16, 24, 38, 54, 72, 94, 120)
"""Distances in pixels at which a label is tried, the nearest first."""
CENTRED = (0.0, 12.0, 24.0)
"""How far in pixels words that may stand on their point are moved off it."""
STANDOFF = 5
"""Pixels between a point and the leader that comes from its label."""
LEADER_STEP, LEADER_HALF = 5.0, 3.0
"""A leader is taken as a chain of squares: their distance, and half their side, in pixels."""

Things = NDArray[np.float64]
"""Boxes, one a row: point (projected), middle from the point and half sizes (pixels)."""
Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Label:
    """Words to be placed near a point.

    Attributes
    ----------
    lines : set below each other; the first ``bold`` of them in bold.
    x, y : the point, projected.
    size : of the letters, in pixels.
    reach : how far from the point the words may stand, in pixels.
    must : rather cover a mark than be dropped.
    shy : rather be dropped than cover a line.
    leader_from : distance in pixels from which a thin line leads back to the point.
    centred : the words may stand on the point, and need no line to it.
    """

    lines: tuple[str, ...]
    x: float
    y: float
    size: int = 11
    colour: str = INK
    bold: int = 0
    italic: bool = False
    reach: int = 22
    must: bool = False
    shy: bool = False
    leader_from: int = 12
    centred: bool = False

    @cached_property
    def width(self) -> float:
        """Width in pixels, on the safe side."""
        shares = (0.62 if at < self.bold else 0.56 for at in range(len(self.lines)))
        widths = (len(line) * share for line, share in zip(self.lines, shares, strict=True))
        return max(widths) * self.size + 4

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

    def box(self, scale: float) -> Box:
        """Return left, bottom, right and top in pixels, at a scale of pixels for a degree."""
        x, y = self.label.x * scale + self.dx, self.label.y * scale + self.dy
        half_width, half_height = self.label.width / 2, self.label.height / 2
        return x - half_width, y - half_height, x + half_width, y + half_height

    @cached_property
    def has_leader(self) -> bool:
        """Whether the words stand so far off that a thin line leads back to the point."""
        return self.off > self.label.leader_from and not self.label.centred

    @cached_property
    def off(self) -> float:
        """How far the words stand from the point, in pixels."""
        aside = abs(self.dx) - self.label.width / 2, abs(self.dy) - self.label.height / 2
        return hypot(max(aside[0], 0), max(aside[1], 0))

    @cached_property
    def leader_end(self) -> Point:
        """Where the leader meets the words, in pixels from the point."""
        across = self.label.width / 2 / abs(self.dx) if self.dx else 1.0
        along = self.label.height / 2 / abs(self.dy) if self.dy else 1.0
        share = 1 - min(across, along, 1.0)
        return self.dx * share, self.dy * share

    def annotation(self) -> dict[str, Any]:
        """Return the label as a plotly annotation, with a thin leader where it stands off."""
        label = self.label
        bold = [f"<b>{line}</b>" for line in label.lines[: label.bold]]
        text = "<br>".join([*bold, *label.lines[label.bold :]])
        leader = {
            "showarrow": True,
            "arrowhead": 0,
            "arrowwidth": 1,
            "arrowcolor": label.colour,
            "standoff": STANDOFF,
            "ax": round(self.dx, 1),
            "ay": round(-self.dy, 1),
        }
        shift = {"showarrow": False, "xshift": round(self.dx, 1), "yshift": round(self.dy, 1)}
        return {
            "x": label.x,
            "y": label.y,
            "text": f"<i>{text}</i>" if label.italic else text,
            "font": {"size": label.size, "color": label.colour},
            "align": "left" if label.bold else "center",
            "xanchor": "center",
            "yanchor": "middle",
            "bgcolor": "rgba(245,243,238,0.78)",
            "borderpad": 0,
            **(leader if self.has_leader else shift),
        }


def place_labels(
    labels: Iterable[Label],
    *,
    extent: Extent,
    scales: Sequence[float],
    marks: Iterable[Point],
    lines: Iterable[Point] = (),
    faint: Iterable[Point] = (),
    mark_size: float = 6,
    taken: Iterable[Placed] = (),
    plot: Point | None = None,
) -> list[Placed]:
    """Place labels where they are free of each other; drop what finds no place.

    Labels that must be shown go first, in the order in which they cover least; the others follow
    in their own order.

    A place counts as free when it is free at every scale (pixels for a degree) from the least to
    the most of ``scales``, so that one placing serves figures of many widths. No label and no
    leader ever meets another. Same input, same places.

    Parameters
    ----------
    marks : projected points that a label may not cover, and its leader should not cross.
    lines, faint : projected points along lines that a label should not cover; they matter less
        than marks, the faint ones least, and are given up where nothing else is free.
    taken : labels that stand already.
    plot : least width, and height, of the plot in pixels: it may show more than the window.
    """
    around = _Around(
        _squares(marks, mark_size / 2),
        _squares(lines, mark_size / 2),
        _squares(faint, mark_size / 2),
    )
    sheet = _Sheet(extent, (min(scales), max(scales)), around, plot or (0, 0))
    labels, settled = [*labels], [*taken]
    first = _best_order(sheet, [label for label in labels if label.must], settled)
    rest, _ = _in_order(sheet, [label for label in labels if not label.must], settled + first)
    return first + rest


def country_labels(
    outlines: Mapping[str, Any],
    names: Mapping[str, str],
    extent: Extent,
    *,
    must: Collection[str] = (),
) -> list[Label]:
    """Return the names of the countries in view, each in the open middle of its visible part.

    Those of ``must`` are named in any case.
    """
    found = []
    for feature in outlines.get("features", []):
        seat = maps.open_seat(feature["geometry"], extent) if feature["id"] in names else None
        if seat:
            name, (x, y) = names[feature["id"]], extent.xy(*seat)
            look = Label((name,), x, y, size=14, colour="#6f6a5e", italic=True, centred=True)
            found.append(replace(look, reach=0, must=feature["id"] in must))
    return found


class _Around(NamedTuple):
    """What labels keep clear of beside each other."""

    marks: Things
    lines: Things
    faint: Things


class _Sheet(NamedTuple):
    """What stays the same while labels are placed."""

    extent: Extent
    scales: tuple[float, float]
    around: _Around
    plot: Point


OVER_FAINT, OVER_LINE, LEADER_OVER_MARK, OVER_MARK, LEFT_OUT = 20, 45, 90, 300, 1000
"""What a place costs, in pixels that a label would rather stand further off."""


def _best_order(sheet: _Sheet, labels: list[Label], settled: list[Placed]) -> list[Placed]:
    """Place labels in a good order: who fares worst goes first in the next of a few rounds.

    This is squeaky wheel optimization (Joslin and Clements 1999, doi 10.1613/jair.561).
    """
    best: list[Placed] = []
    least, worst = float("inf"), -1
    for _ in labels:
        placed, costs = _in_order(sheet, labels, settled)
        if sum(costs) < least:
            best, least = placed, sum(costs)
        worst = costs.index(max(costs))
        if worst == 0 or costs[worst] < OVER_FAINT:
            break
        labels = [labels[worst], *labels[:worst], *labels[worst + 1 :]]
    return best


def _in_order(
    sheet: _Sheet, labels: Sequence[Label], settled: Sequence[Placed]
) -> tuple[list[Placed], list[float]]:
    """Place labels one after the other; return them, and what was paid for each."""
    others = [_boxes(settled), _leaders(settled)[0]]
    placed, costs = [], []
    for label in labels:
        found, cost = _cheapest(sheet, [*_candidates(label)], np.vstack(others))
        costs.append(cost)
        if found:
            placed.append(found)
            others += [_boxes([found]), _leaders([found])[0]]
    return placed, costs


def _cheapest(
    sheet: _Sheet, candidates: Sequence[Placed], others: Things
) -> tuple[Placed | None, float]:
    """Return the cheapest candidate, the first of them where several are, and its cost."""
    boxes = _boxes(candidates)
    fits = _inside(boxes, sheet) & ~_meet(boxes, others, sheet.scales, own=False)
    candidates = [*compress(candidates, fits)]
    if not candidates:
        return None, LEFT_OUT
    boxes, (chains, owners) = boxes[fits], _leaders(candidates)
    label, around = candidates[0].label, sheet.around

    def clear_of(things: Things, still: Flags) -> Flags:
        found = still.copy()
        found[still] = ~_meet(boxes[still], things, sheet.scales, own=True)
        return found

    def uncrossed(things: Things, still: Flags, *, own: bool) -> Flags:
        asked = still[owners]
        found = still.copy()
        found[owners[asked][_meet(chains[asked], things, sheet.scales, own=own)]] = False
        return found

    free = uncrossed(others, np.ones(len(candidates), dtype=np.bool_), own=False)
    clear = clear_of(around.marks, free)
    straight = uncrossed(around.marks, clear, own=True)
    off_lines = clear_of(around.lines, straight)
    steps: list[tuple[Flags, float]] = [(clear_of(around.faint, off_lines), 0)]
    if not label.shy:
        steps += [(off_lines, OVER_FAINT), (straight, OVER_LINE), (clear, LEADER_OVER_MARK)]
    if label.must:
        steps += [(free, OVER_MARK)]
    costs = np.full(len(candidates), np.inf)
    for found, cost in reversed(steps):
        costs[found] = cost
    costs += [candidate.off for candidate in candidates]
    at = int(costs.argmin())
    return (candidates[at], float(costs[at])) if costs[at] < np.inf else (None, LEFT_OUT)


def _candidates(label: Label) -> Iterator[Placed]:
    """Right, left, above, below, the corners, then pushed sideways; then the same further off."""
    for off in CENTRED if label.centred else ():
        for x, y in ((0.0, off), (0.0, -off), (off, 0.0), (-off, 0.0)):
            yield Placed(label, x, y)
    for gap in (gap for gap in GAPS if gap <= label.reach):
        dx, dy = label.width / 2 + gap, label.height / 2 + gap
        slant, quarter, half = label.height / 2 + gap / 2, label.width / 4, label.width / 2
        for x, y in ((dx, 0.0), (-dx, 0.0), (0.0, dy), (0.0, -dy)):
            yield Placed(label, x, y)
        for far, high in ((dx, slant), (quarter, dy), (half, dy)):
            for x, y in ((far, high), (far, -high), (-far, high), (-far, -high)):
                yield Placed(label, x, y)


def _squares(points: Iterable[Point], half: float) -> Things:
    """Return points as squares around them."""
    rows = [(x, y, 0.0, 0.0, half, half) for x, y in points]
    return np.array(rows, dtype=np.float64).reshape(-1, 6)


def _boxes(placed: Iterable[Placed]) -> Things:
    rows = [
        (at.label.x, at.label.y, at.dx, at.dy, at.label.width / 2, at.label.height / 2)
        for at in placed
    ]
    return np.array(rows, dtype=np.float64).reshape(-1, 6)


def _leaders(placed: Sequence[Placed]) -> tuple[Things, NDArray[np.int64]]:
    """Return leaders as chains of squares, and to which label each square belongs."""
    rows, owners = [], []
    for owner, at in enumerate(placed):
        if at.has_leader:
            x, y = at.leader_end
            length = hypot(x, y)
            count = max(int((length - STANDOFF) / LEADER_STEP), 1)
            for step in range(count + 1):
                share = 1 - step / count * (1 - STANDOFF / length)
                middle = (x * share, y * share)
                rows.append((at.label.x, at.label.y, *middle, LEADER_HALF, LEADER_HALF))
                owners.append(owner)
    return np.array(rows, dtype=np.float64).reshape(-1, 6), np.array(owners, dtype=np.int64)


def _inside(boxes: Things, sheet: _Sheet) -> Flags:
    """Whether labels lie within the plot: at both ends of the scales, so also between."""
    found: Flags = np.ones(len(boxes), dtype=np.bool_)
    for axis, (low, high) in enumerate(sheet.extent.ranges):
        span, least = high - low, sheet.plot[axis]
        for scale in sheet.scales:
            # Where the plot is wider than the window at every scale, it can be made use of.
            room = max(span * scale, least if least > span * sheet.scales[1] else 0) / 2
            middle = (boxes[:, axis] - (low + high) / 2) * scale + boxes[:, axis + 2]
            found &= np.abs(middle) + boxes[:, axis + 4] <= room
    return found


def _meet(ones: Things, others: Things, scales: tuple[float, float], *, own: bool) -> Flags:
    """Whether each of some boxes meets any of others at some scale.

    With ``own``, what stands on the very point that a box belongs to is passed over.
    """
    others = _near(ones, others, scales[0]) if len(ones) else others
    found: Flags = np.zeros(len(ones), dtype=np.bool_)
    if not len(ones) or not len(others):
        return found
    first, last = scales
    same: Flags = np.ones((len(ones), len(others)), dtype=np.bool_)
    starts, stops = [], []
    for axis in (0, 1):
        apart = ones[:, None, axis] - others[None, :, axis]
        shift = ones[:, None, axis + 2] - others[None, :, axis + 2]
        room = ones[:, None, axis + 4] + others[None, :, axis + 4]
        still = apart == 0  # then they keep their distance at every scale
        with np.errstate(divide="ignore", invalid="ignore"):
            one, other = (-shift - room) / apart, (room - shift) / apart
        starts.append(
            np.where(still, np.where(abs(shift) < room, -np.inf, np.inf), np.minimum(one, other))
        )
        stops.append(np.where(still, np.inf, np.maximum(one, other)))
        same &= still
    meets = np.maximum(np.maximum(*starts), first) <= np.minimum(np.minimum(*stops), last)
    found |= (meets & ~(same & own)).any(axis=1)
    return found


def _near(ones: Things, others: Things, least: float) -> Things:
    """Return those of the others that may come near: at the least scale all are closest."""
    reach = (np.abs(ones[:, 2:4]) + ones[:, 4:6]).max(axis=0)
    low, high = ones[:, 0:2].min(axis=0), ones[:, 0:2].max(axis=0)
    gap = np.maximum(np.maximum(low - others[:, 0:2], others[:, 0:2] - high), 0) * least
    near: Flags = (gap <= reach + np.abs(others[:, 2:4]) + others[:, 4:6]).all(axis=1)
    return np.asarray(others[near], dtype=np.float64)


__all__ = ["Label", "Placed", "country_labels", "place_labels"]
