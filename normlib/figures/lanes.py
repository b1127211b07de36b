"""Where marks go on the timeline: panels of time, rows in lanes, crowds folded, rounds moved apart.

Plain geometry on days and pixels, without drawing. One unit of the y axes is one pixel. A report
page lays the marks out anew for its width, its period and what its reader chose, by the same rules
(``reports/template/lanes.js``).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Any

import pandas as pd

from normlib.figures.stack import moved_apart

ROW, LANE_PAD = 10, 8
"""Height of one row of marks, and the free space of a lane, in pixels."""

HEADER, STRIP = 58, 60
"""Heights of the names of the phases and of the rounds above the lanes, in pixels."""

MARK = 8
"""Width that a mark needs, in pixels."""

MARK_SHARES = {"early": 0.048, "recent": 0.04}
"""The same as a share of the narrowest drawing of its panel."""

DEEPEST = 6
"""Most rows of a lane: where marks would stand deeper, those of a tone stand as one, counted."""

FOLD_STEP = 1.5
"""Rows from one counted mark to the next above it."""

GUTTER = 0.16
"""Share of a panel's days kept at its left for events long before all others."""

Row = Mapping[Any, Any]


@dataclass(frozen=True)
class Panel:
    """One stretch of time with its axes: ``x`` and ``y`` for early, ``x2`` and ``y2`` for recent.

    ``outlier`` is where events long before ``first`` stand; None where there are none.
    """

    name: str
    first: pd.Timestamp
    last: pd.Timestamp
    outlier: pd.Timestamp | None = None

    @property
    def axes(self) -> tuple[str, str]:
        """The names of the panel's axes."""
        return ("x2", "y2") if self.name == "recent" else ("x", "y")

    @property
    def left(self) -> pd.Timestamp:
        """The left end of the axis, the gutter included."""
        edge = 0.04 if self.name == "early" else 0.02
        return self.first - (GUTTER if self.outlier else edge) * (self.last - self.first)

    @property
    def right(self) -> pd.Timestamp:
        """The right end of the axis."""
        return self.last + 0.03 * (self.last - self.first)

    def share(self, first: pd.Timestamp, last: pd.Timestamp) -> float:
        """Return how much of the axis lies between two days."""
        return float((last - first) / (self.right - self.left))


def panels(shown: pd.DataFrame, *, since: pd.Timestamp, until: pd.Timestamp) -> list[Panel]:
    """Return the panel of the recent events, and before it that of earlier ones if there are any.

    ``shown`` needs ``earliest`` and ``known_by``.
    """
    begins = _begins(shown)
    early = begins[begins < since]
    if early.empty:
        return [_panel("recent", begins, until)]
    return [_panel("early", early, since), Panel("recent", since, _not_before(since, until))]


def placed(shown: pd.DataFrame, panel: Panel) -> pd.DataFrame:
    """Return the events of a panel with their places.

    Adds ``x0`` and ``x1`` (first and last possible day, within the panel), ``x`` (where the symbol
    stands), ``row`` (its row in the lane, from 0 below) and ``fold``: in a crowd, events of one
    number stand as one mark; -1 where there is room. No two marks lie on each other.

    Parameters
    ----------
    shown : reads ``earliest``, ``known_by``, ``lane`` and ``tone_order``.
    panel : which events, and where.
    """
    rows = shown[_inside(_begins(shown), panel)]
    start = _between(rows["earliest"].fillna(panel.left), panel.first, panel.last)
    end = _between(rows["known_by"], panel.first, panel.last)
    if panel.outlier is not None:
        far = rows["known_by"] < panel.first
        start, end = start.mask(far, panel.outlier), end.mask(far, panel.outlier)
    middle = (start + (end - start) / 2).where(rows["earliest"].notna(), end)
    found = rows.assign(x0=start, x1=end, x=middle)
    return _stacked(found, MARK_SHARES[panel.name] * (panel.last - panel.first), panel)


def lane_heights(marks: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the lanes from below with ``bottom`` and ``height`` in pixels, and their ``events``.

    The first word of the vocabulary stands on top. Each lane is as high as its fullest panel.
    """
    grouped = pd.concat(list(marks)).groupby("lane_order", as_index=False)
    found = grouped.agg(
        label=("lane_label", "first"), rows=("row", "max"), events=("event_id", "size")
    )
    found = found.sort_values("lane_order", ascending=False).reset_index(drop=True)
    height = ((found["rows"] + 1) * ROW + LANE_PAD).clip(lower=2 * ROW + LANE_PAD / 2)
    return found.assign(height=height, bottom=height.cumsum() - height)


def heights_of(marks: pd.DataFrame, lanes: pd.DataFrame) -> pd.Series:
    """Return the height of each mark in pixels: its row in its lane."""
    bottom = marks["lane_order"].map(lanes.set_index("lane_order")["bottom"])
    return (bottom + LANE_PAD / 2 + (marks["row"] + 0.5) * ROW).astype(float)


def apart(days: Sequence[pd.Timestamp], panel: Panel, share: float) -> list[pd.Timestamp]:
    """Move days apart as little as possible, so that each has a share of the panel to itself.

    After the last one as much stays free, for what is written there.
    """
    span = panel.last - panel.first
    step = min(share, 1 / (len(days) + 1))
    places = [(day - panel.first) / span for day in days]
    moved = moved_apart(places, gap=step, low=step / 3, high=1 - step)
    return [panel.first + place * span for place in moved]


def wrapped(words: str, width: float, *, lines: int = 4, letter: float = 5.7) -> list[str]:
    """Break words into lines of a width in pixels; nothing where they do not fit."""
    room = int(width // letter)
    found: list[str] = []
    for word in words.split():
        if found and len(found[-1]) + 1 + len(word) <= room:
            found[-1] += f" {word}"
        else:
            found.append(word)
    fits = len(found) <= lines and all(len(line) <= room for line in found)
    return found if fits else []


def year_ticks(panel: Panel, *, most: int) -> list[pd.Timestamp]:
    """Return the beginnings of years to mark on an axis; nothing where there are fewer than two.

    None stands so close to the mark of events long before the others that labels would touch.
    """
    gap = 0.2 * (panel.last - panel.first)
    begins = panel.first if panel.outlier is None else max(panel.first, panel.outlier + gap)
    for step in (1, 2, 5, 10, 20, 50, 100):
        years = [year for year in range(panel.first.year, panel.last.year + 1) if not year % step]
        days = [pd.Timestamp(year, 1, 1) for year in years]
        ticks = [day for day in days if begins <= day <= panel.last]
        if len(ticks) <= most:
            break
    return ticks if len(ticks) > 1 or panel.outlier is not None else []


def _begins(shown: pd.DataFrame) -> pd.Series:
    return shown["earliest"].fillna(shown["known_by"])


def _inside(begins: pd.Series, panel: Panel) -> pd.Series:
    """Whether events that begin on some days belong to a panel: the early one ends before last."""
    if panel.name == "early":
        return begins < panel.last
    return begins.notna() if panel.outlier else begins >= panel.first


def _between(days: pd.Series, first: pd.Timestamp, last: pd.Timestamp) -> pd.Series:
    return days.mask(days < first, first).mask(days > last, last)


def _not_before(first: pd.Timestamp, last: pd.Timestamp) -> pd.Timestamp:
    """Return the end of a panel, which is at least a month wide."""
    return max(last, first + pd.Timedelta(days=30))


def _panel(name: str, begins: pd.Series, until: pd.Timestamp) -> Panel:
    """Begin after the widest gap if that gap alone would fill more than half of the panel."""
    days = sorted(set(begins))
    gaps = [later - day for day, later in pairwise(days)]
    if gaps and max(gaps) > (_not_before(days[0], until) - days[0]) / 2:
        first = days[gaps.index(max(gaps)) + 1]
        last = _not_before(first, until)
        return Panel(name, first, last, first - 0.75 * GUTTER * (last - first))
    return Panel(name, days[0], _not_before(days[0], until))


@dataclass(frozen=True)
class _Item:
    """A mark on its way to a place: its ends and its symbol in days, its tone, its number."""

    left: float
    right: float
    x: float
    tone: int
    at: int


def _stacked(marks: pd.DataFrame, width: pd.Timedelta, panel: Panel) -> pd.DataFrame:
    """Give marks that would touch rows of their own, and fold those that stand too deep."""
    day = pd.Timedelta(days=1)
    wide = width / day
    found: list[tuple[int, float, float, int]] = []
    for lane in _items(marks, panel.first, wide).values():
        for heap, rows in _heaps(sorted(lane, key=lambda one: (one.left, one.at)), wide):
            if len(rows) == len(heap):
                found += [(item.at, item.x, row, -1) for item, row in zip(heap, rows, strict=True)]
                continue
            for x, row, group in _folded(heap, wide):
                found += [(item.at, x, row, group[0].at) for item in group]
    places = pd.DataFrame(sorted(found), columns=["at", "x", "row", "fold"])
    moved = pd.Series(places["x"].to_numpy(float), marks.index)
    days = (panel.first + pd.to_timedelta(moved, unit="D")).dt.as_unit("s")
    return marks.assign(
        x=marks["x"].where(moved == (marks["x"] - panel.first) / day, days),
        row=places["row"].to_numpy(float),
        fold=places["fold"].to_numpy("int64"),
    )


def _items(marks: pd.DataFrame, origin: pd.Timestamp, wide: float) -> Mapping[str, list[_Item]]:
    """Return the marks of each lane, measured in days from an origin."""
    x0, x1, x = ((marks[name] - origin) / pd.Timedelta(days=1) for name in ("x0", "x1", "x"))
    columns = zip(marks["lane"], x0, x1, x, marks["tone_order"], strict=True)
    items: dict[str, list[_Item]] = {}
    for at, (lane, first, last, middle, tone) in enumerate(columns):
        left, right = min(first, middle - wide / 2), max(last, middle + wide / 2)
        items.setdefault(lane, []).append(_Item(left, right, middle, tone, at))
    return items


def _heaps(items: Sequence[_Item], wide: float) -> Iterator[tuple[list[_Item], list[int]]]:
    """Part marks, in the order of their left ends, where nothing stands.

    Each heap comes with the row of every mark, or with fewer rows than marks where it is too deep;
    then the next heap leaves room for the counts.
    """
    heap: list[_Item] = []
    rows: list[int] = []
    free: list[float] = []
    edge = last = -inf
    for item in items:
        if heap and item.left >= edge:
            yield heap, rows
            heap, rows, free, last = [], [], [], -inf
        heap.append(item)
        edge, last = max(edge, item.right), max(last, item.x)
        row = next((number for number, end in enumerate(free) if end <= item.left), len(free))
        if row < DEEPEST and len(rows) == len(heap) - 1:
            free[row : row + 1] = [item.right]
            rows.append(row)
        else:
            edge = max(edge, last - wide / 2 + _room(len(heap), wide))
    if heap:
        yield heap, rows


def _folded(heap: Sequence[_Item], wide: float) -> Iterator[tuple[float, float, list[_Item]]]:
    """Cut a heap into pieces as wide as a counted mark: place, row and members by tone.

    Each piece stands at its middle event, unless the next one needs the room.
    """
    ordered = sorted(heap, key=lambda one: (one.x, one.at))
    room, begins = _room(len(heap), wide), ordered[0].x
    pieces: list[list[_Item]] = [[]]
    for item in ordered:
        if item.x >= begins + room:
            pieces.append([])
            begins = item.x
        pieces[-1].append(item)
    limit = inf
    for piece in reversed(pieces):
        place = min(piece[len(piece) // 2].x, limit)
        limit = place - room
        tones = sorted({item.tone for item in piece}, reverse=True)
        for row, tone in enumerate(tones):
            group = [item for item in piece if item.tone == tone]
            alone = min(max(group[0].x, place), place + room - wide)
            yield place if len(group) > 1 else alone, row * FOLD_STEP, group


def _room(count: int, wide: float) -> float:
    """Return what a mark needs with a count at its right, in days."""
    return wide / MARK * (MARK + 8 + 6.5 * len(f"{count:,}"))
