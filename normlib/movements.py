"""Why the headline numbers of two days differ: parts that add up, exactly.

A number is taken three times: as it could be known on the earlier day, as that day is known on the
later one, and on the later day. What lies between the first two was *learned since*; what lies
between the last two *happened since*. Each of these falls into parts: commitments that rose and
fell, links that opened and closed, contacts by kind. Between two neighbouring rows nothing is lost
or rounded: every number is a fraction until it is written down.

What counts on a day is what the other modules count: their frames of the three views are handed in.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from math import nan
from typing import Any

import pandas as pd

from normlib import edtf
from normlib.rows import dicts

LEARNED, HAPPENED = "happened earlier, learned since", "happened since"
CAUSES = (LEARNED, HAPPENED)
"""Why a number differs, in the order in which the causes are taken."""

ALL = "all"
"""The part of a row that stands for all parts of a cause."""

LEFT, FALLEN, RISEN = "left", "fallen", "risen"
ENTERED, EXCHANGED = "entered", "exchanged"
MADE, IMPLEMENTED, ENDED, AGAIN = "made", "implemented", "ended", "running again"
OPENED, FIRST, CLOSED = "opened", "first recorded", "closed"
GONE = "no longer on record"

NUMBERS = ("index", "outstanding", "joining links", "contacts")
"""The numbers, in the order of :func:`movements`."""

COLUMNS = [
    *("number", "unit", "cause", "part", "before", "after", "amount", "exact", "count"),
    *("table", "keys", "across", "sources"),
]
TYPES = {
    **dict.fromkeys(("number", "unit", "cause", "part", "exact", "table"), "str"),
    **dict.fromkeys(("before", "after", "amount"), "float64"),
    "count": "int64",
    **dict.fromkeys(("keys", "across", "sources"), "object"),
}

FULL = 3
"""The highest level of a commitment."""

REPLACED = "superseded"
"""The state of a commitment that a newer one took the place of."""

PARTS = (
    *(LEFT, FALLEN, RISEN, ENTERED, EXCHANGED),
    *(MADE, IMPLEMENTED, ENDED, AGAIN),
    *(OPENED, FIRST, CLOSED, GONE),
)
"""The parts in their order; those of contacts are their kinds."""

Views = Iterable[pd.DataFrame]
"""One frame in three views: of the earlier day, of that day with hindsight, of the later day."""

Rows = Mapping[str, Mapping[Any, Any]]
"""The rows of a view by their keys."""

Turn = tuple[str, int]
"""A part that a row is counted in, and what it adds to the number."""

Turns = Callable[[Any, Any], Iterator[Turn]]
"""What the cells of a row before and after say; a row that there is not has none."""


def movements(
    ledgers: Views, statuses: Views, contacts: Views, *, since: pd.Timestamp
) -> pd.DataFrame:
    """Return why each headline number differs between two days, in parts that add up exactly.

    Parameters
    ----------
    ledgers : of ``commitments.ledger``, in three views: ``dossier.as_of(since)``,
        ``dossier.as_of(since, known=dossier.day)`` and ``dossier``.
    statuses : of ``connectivity.link_status``, in the same views.
    contacts : of ``timeline.contacts``, in the same views.
    since : the earlier day.

    Returns
    -------
    DataFrame
        ``number``: ``index`` (implementation index), ``outstanding`` (commitments still running),
        ``joining links`` (open ones between the sides, without permissions), ``contacts``;
        ``unit``; ``cause``: first ``happened earlier, learned since``, then
        ``happened since``; ``part`` of the cause: ``all`` for the cause as a whole, then the parts
        that it falls into, however small;

        ``before``, ``after``: the number on either side of the row, for parts as they follow each
        other; ``amount``, the difference, and ``exact``, the same as a fraction in text (a missing
        number has none of these); ``count``: how many rows make up the part, of which ``table``,
        with which ``keys`` (tuple); ``across``: those of them whose date lies on both sides of the
        earlier day, and which count from the day by which they were surely so; ``sources``.

    Notes
    -----
    An index moves in four steps: commitments ``left`` the set (they were replaced, or lost their
    evidence), those in it on both days have ``fallen`` or ``risen`` (together: like-for-like), and
    others ``entered`` it. Where no commitment is in both, all of it is ``exchanged``.
    """
    ledgers, statuses = tuple(ledgers), tuple(statuses)
    parts = [
        index(ledgers, since=since),
        outstanding(ledgers, since=since),
        joining_links(statuses, since=since),
        meetings(contacts, since=since),
    ]
    return pd.concat(parts, ignore_index=True)


def index(ledgers: Views, *, since: pd.Timestamp) -> pd.DataFrame:
    """Return why the implementation index differs; rows as in :func:`movements`.

    Reads ``commitment_id``, ``level``, ``state``, ``observed_on`` and ``sources`` of the ledgers.
    """
    views = _by_key(ledgers, "commitment_id")
    levels = [
        {key: int(level) for key, row in rows.items() if (level := _counted_level(row)) is not None}
        for rows in views
    ]
    number = _Number("index", "level / highest level", "commitments", since, "observed_on")
    steps = [list(_index_steps(old, new)) for old, new in pairwise(levels)]
    return number.frame(views, [_mean(found.values()) for found in levels], steps)


def outstanding(ledgers: Views, *, since: pd.Timestamp) -> pd.DataFrame:
    """Return why the number of running commitments differs; rows as in :func:`movements`.

    Reads ``commitment_id``, ``standing``, ``made_on``, ``observed_on`` and ``sources``.
    """
    number = _Number(
        "outstanding", "commitments", "commitments", since, "observed_on", {MADE: "made_on"}
    )
    views = _by_key(ledgers, "commitment_id")
    return number.counted(views, "standing", ("running",), _standing_turns)


def joining_links(statuses: Views, *, since: pd.Timestamp) -> pd.DataFrame:
    """Return why the number of open links between the sides differs; rows as in :func:`movements`.

    Links that stand for a permission are left out. Reads ``link_id``, ``state``, ``since``,
    ``joins_sides``, ``is_symbol`` and ``sources``.
    """
    views = [rows[rows["joins_sides"] & ~rows["is_symbol"]] for rows in statuses]
    number = _Number("joining links", "links", "links", since, "since")
    return number.counted(_by_key(views, "link_id"), "state", ("open",), _state_turns)


def meetings(contacts: Views, *, since: pd.Timestamp) -> pd.DataFrame:
    """Return why the number of contacts differs, by their kinds; rows as in :func:`movements`.

    Reads ``event_id``, ``type``, ``date`` and ``sources``.
    """
    number = _Number("contacts", "contacts", "events", since, "date")
    views = _by_key(contacts, "event_id")
    kinds = sorted({row["type"] for rows in views for row in rows.values()})
    return number.counted(views, "type", kinds, _kind_turns)


# One number


@dataclass(frozen=True)
class _Step:
    """A part of a cause: what it adds to the number, and the rows that do."""

    part: str
    amount: Fraction | None
    keys: tuple[str, ...]


@dataclass(frozen=True)
class _Number:
    """A headline number, and how its movement is told.

    Attributes
    ----------
    name, unit : what it is called and counted in.
    table : of the rows that move it.
    since : the earlier day.
    when : column with the date that decides when a row moved it.
    whens : the same for parts that another date decides.
    """

    name: str
    unit: str
    table: str
    since: pd.Timestamp
    when: str
    whens: Mapping[str, str] = field(default_factory=dict)

    def counted(
        self, views: Sequence[Rows], column: str, counts: Collection[str], turns: Turns
    ) -> pd.DataFrame:
        """Return the rows of a number that counts the rows with certain cells in a column."""
        cells = [{key: row[column] for key, row in rows.items()} for rows in views]
        values = [Fraction(sum(cell in counts for cell in found.values())) for found in cells]
        steps = [list(_count_steps(old, new, turns)) for old, new in pairwise(cells)]
        return self.frame(views, values, steps)

    def frame(
        self,
        views: Sequence[Rows],
        values: Sequence[Fraction | None],
        steps: Sequence[Sequence[_Step]],
    ) -> pd.DataFrame:
        """Return a row for each cause, and below it one for each of its parts."""
        found: list[dict[str, Any]] = []
        for at, (cause, parts) in enumerate(zip(CAUSES, steps, strict=True)):
            rows = {**views[at], **views[at + 1]}
            told = [self._part(step, rows) for step in parts]
            whole = {name: _each_once(told, name) for name in ("keys", "across", "sources")}
            ends = _between(values[at], values[at + 1])
            found.append({"cause": cause, "part": ALL, **ends, **whole})
            reached = values[at]
            for step, cells in zip(parts, told, strict=True):
                start, reached = reached, _sum(reached, step.amount)
                found.append({"cause": cause, **cells, **_between(start, reached)})
        table = pd.DataFrame(found).assign(number=self.name, unit=self.unit, table=self.table)
        return table.assign(count=table["keys"].map(len))[COLUMNS].astype(TYPES)

    def _part(self, step: _Step, rows: Rows) -> dict[str, Any]:
        when = self.whens.get(step.part, self.when)
        named = [rows[key] for key in step.keys]
        across = _across([row[when] for row in named], self.since)
        return {
            "part": step.part,
            "keys": step.keys,
            "across": tuple(key for key, vague in zip(step.keys, across, strict=True) if vague),
            "sources": tuple(dict.fromkeys(name for row in named for name in row["sources"])),
        }


def _by_key(views: Views, key: str) -> list[Rows]:
    return [{row[key]: row for row in dicts(rows)} for rows in views]


def _across(dates: Sequence[Any], day: pd.Timestamp) -> list[bool]:
    """Whether the days that a date allows lie on both sides of the end of a day."""
    spans = edtf.spans(pd.Series(dates, dtype="str"))
    begun = spans["earliest"].isna() | (spans["earliest"] <= day)
    return (begun & (spans["latest"] > day)).tolist()


def _each_once(told: Sequence[Mapping[str, Any]], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for cells in told for key in cells[name]))


# The parts of a count


def _count_steps(old: Mapping[str, Any], new: Mapping[str, Any], turns: Turns) -> Iterator[_Step]:
    """Yield what each part adds to a count; a part that no row makes up is left out."""
    signs: dict[str, dict[str, int]] = {}
    for key in dict.fromkeys((*old, *new)):
        for part, sign in turns(old.get(key), new.get(key)):
            signs.setdefault(part, {})[key] = sign
    for part in sorted(signs, key=_place):
        yield _Step(part, Fraction(sum(signs[part].values())), tuple(signs[part]))


def _place(part: str) -> tuple[int, str]:
    return (PARTS.index(part) if part in PARTS else -1), part


def _standing_turns(old: str | None, new: str | None) -> Iterator[Turn]:
    """Yield what a commitment did; one that was made and ended in one span did both."""
    if old is None:
        yield MADE, 1
    ran, runs = old in (None, "running"), new == "running"
    if ran and not runs:
        yield new or GONE, -1
    if runs and not ran:
        yield AGAIN, 1


def _state_turns(old: str | None, new: str | None) -> Iterator[Turn]:
    if new == "open" and old != "open":
        yield (FIRST if old in (None, "unknown") else OPENED), 1
    if old == "open" and new != "open":
        yield (GONE if new is None else CLOSED), -1


def _kind_turns(old: str | None, new: str | None) -> Iterator[Turn]:
    if old != new:
        yield from [(kind, sign) for kind, sign in ((old, -1), (new, 1)) if kind is not None]


# The parts of an index


def _index_steps(old: Mapping[str, int], new: Mapping[str, int]) -> Iterator[_Step]:
    """Yield what commitments that left, fell, rose and entered do to an index."""
    both, gone, come = _sorted_out(old, new)
    before, after = _mean(old.values()), _mean(new.values())
    first, last = (_mean([levels[key] for key in both]) for levels in (old, new))
    if gone and come and not both:
        yield _Step(EXCHANGED, _difference(after, before), (*gone, *come))
        return
    rise = {key: new[key] - old[key] for key in both}
    fallen = sorted((key for key in both if rise[key] < 0), key=rise.__getitem__)
    risen = sorted((key for key in both if rise[key] > 0), key=rise.__getitem__, reverse=True)
    for part, amount, keys in (
        (LEFT, _difference(first, before), gone),
        (FALLEN, _share(sum(map(rise.__getitem__, fallen)), len(both)), fallen),
        (RISEN, _share(sum(map(rise.__getitem__, risen)), len(both)), risen),
        (ENTERED, _difference(after, last), come),
    ):
        if keys:
            yield _Step(part, amount, tuple(keys))


def _sorted_out(
    old: Mapping[str, int], new: Mapping[str, int]
) -> tuple[list[str], list[str], list[str]]:
    """Return the keys that are in both, in the first only, and in the second only."""
    both, gone = [key for key in old if key in new], [key for key in old if key not in new]
    return both, gone, [key for key in new if key not in old]


def _counted_level(row: Mapping[Any, Any]) -> int | None:
    level: int | None = row["level"]
    return None if row["state"] == REPLACED else level


def _mean(levels: Collection[int]) -> Fraction | None:
    return _share(sum(levels), len(levels))


def _share(points: int, of: int) -> Fraction | None:
    return Fraction(points, FULL * of) if of else None


# Numbers that may be missing


def _difference(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else one - other


def _sum(one: Fraction | None, other: Fraction | None) -> Fraction | None:
    return None if one is None or other is None else one + other


def _between(before: Fraction | None, after: Fraction | None) -> dict[str, Any]:
    """Return a row's ends, and what lies between them."""
    amount = _difference(after, before)
    return {
        "before": _float(before),
        "after": _float(after),
        "amount": _float(amount),
        "exact": nan if amount is None else str(amount),
    }


def _float(value: Fraction | None) -> float:
    return nan if value is None else float(value)
