"""The commitments in the order in which they were made, and the observations that count of each.

Observations follow each other by the first day that they can mean; one whose date is vague counts
from the day on which it was surely so (``effective_on``), and one that a later observation had
overtaken by then never counts.

Everything is worked out on whole columns: a record of a million observations is read in little
more than the time in which it is sorted. Rows are told by their numbers, and -1 stands for none.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.extensions import ExtensionArray

from normlib.dossier import Dossier
from normlib.memo import once

FULL = 3
"""The level of a commitment that is implemented."""

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Days = npt.NDArray[np.datetime64]

NEVER = np.datetime64("NaT", "D")

CALENDAR = 2**23
"""More days than there are between any two that can be written."""


@dataclass(frozen=True, eq=False)
class Spans:
    """Observations that count at some time, by commitment and in their order.

    Attributes
    ----------
    place : row of the commitment in :func:`promises`.
    row : row of the observation in the record.
    start, end : the first day on which it counts, and on which a later one does (missing while it
        holds).
    level : 0 to 3; not a number where there is no evidence.
    """

    place: Numbers
    row: Numbers
    start: Days
    end: Days
    level: npt.NDArray[np.float64]

    def __post_init__(self) -> None:
        for cells in vars(self).values():
            cells.flags.writeable = False

    @property
    def full(self) -> Flags:
        """Whether the level is that of full implementation."""
        flags: Flags = self.level == FULL
        return flags


@once
def promises(dossier: Dossier) -> pd.DataFrame:
    """Return the commitments in the order in which they were made, with their side and phase.

    Reads commitments, events, phases and actors.

    Returns
    -------
    The columns of the table, ``side`` (the sides of the process among those who owe it, in words;
    ``others`` if none) and ``phase`` (title of that in which it was made; missing before the
    first).
    """
    rows = dossier.commitments
    made = (days_of(rows, "made_on_latest"), first_days(rows, "made_on", "made_on_latest"))
    ordered = rows.take(np.lexsort(made)).reset_index(drop=True)
    return ordered.assign(side=_sides(ordered, dossier), phase=_phases(ordered, dossier))


@once
def observed(dossier: Dossier) -> Spans:
    """Return the observations that count at some time, in their order.

    Reads commitments and observations.
    """
    seen = dossier.observations
    place = numbers(seen["commitment_id"], promises(dossier)["commitment_id"])
    start = days_of(seen, "effective_on")
    row = np.lexsort((start, first_days(seen, "observed_on", "effective_on"), place))
    counts = _counts(place[row], start[row])
    row = row[counts]
    place, start = place[row], start[row]
    end = np.full(len(row), NEVER)
    followed = np.flatnonzero(place[1:] == place[:-1])
    end[followed] = start[followed + 1]
    level = seen["level"].to_numpy(dtype="float64", na_value=np.nan)[row]
    return Spans(place, row, start, end, level)


def dates_seen(dossier: Dossier, at: Numbers) -> ExtensionArray:
    """Return the dates of observations, by their rows, as text.

    "Not later than" a day after the row was known ends on the day on which it was known.
    """
    seen = dossier.observations
    texts = cells(seen, "observed_on", at)
    earliest, latest, known = (
        days_of(seen, name, at)
        for name in ("observed_on_earliest", "observed_on_latest", "effective_on")
    )
    later = np.isnat(earliest) & (latest > known)
    if later.any():
        texts[later] = [f"../{day}" for day in known[later]]
    return texts


def first_facts(dossier: Dossier, at: Numbers) -> Days:
    """Return the first days on which what was observed can have been so, by rows of observations.

    An observation may be dated by a report; what it says goes back to the event that it rests on.
    """
    seen, events = dossier.observations, dossier.events
    rests_on = numbers(cells(seen, "event_id", at), events["event_id"])
    happened = days_of(events, "date_earliest", rests_on)
    return np.fmin(happened, first_days(seen, "observed_on", "effective_on", at))


def run_starts(place: Numbers, value: npt.NDArray[Any] | None = None) -> Numbers:
    """Return, for each row, the first of the rows of one place and equal value that lead to it."""
    goes_on = np.zeros(len(place), dtype=bool)
    goes_on[1:] = place[1:] == place[:-1]
    if value is not None:
        goes_on[1:] &= value[1:] == value[:-1]
    return np.maximum.accumulate(np.where(goes_on, 0, np.arange(len(place))))


def run_ends(starts: Numbers) -> Numbers:
    """Return the last row of each run, from what :func:`run_starts` gives."""
    return np.flatnonzero(np.append(starts, -1)[1:] != starts)


def last_rows(place: Numbers, n: int, at: Numbers | None = None) -> Numbers:
    """Return, for each of ``n`` places, the last of its rows (among ``at``); -1 if it has none."""
    rows = np.arange(len(place)) if at is None else at
    found = np.full(n, -1)
    found[place[rows]] = rows  # of several the last one stays
    return found


def by_place_and_day(place: Numbers, days: Days) -> Numbers:
    """Return numbers in the order of places and, within a place, of days; missing is the last."""
    known = np.where(np.isnat(days), CALENDAR // 2, days.astype(np.int64))
    return place * CALENDAR + known


def least_from_here(place: Numbers, days: Days) -> Days:
    """Return, for each row, the earliest day among it and those after it of the same place."""
    keys = by_place_and_day(place, days)  # any later place has greater ones
    least = np.minimum.accumulate(keys[::-1])[::-1]
    return (least - place * CALENDAR).astype("datetime64[D]")


def numbers(ids: pd.Series | ExtensionArray, known: pd.Series) -> Numbers:
    """Return the row that each id has among those that are known; -1 if it is none of them."""
    found: Numbers = pd.Index(known).get_indexer(pd.Index(ids))
    return found


def cells(rows: pd.DataFrame, name: str, at: Numbers) -> ExtensionArray:
    """Return cells of a column by their rows; those of row -1 are missing."""
    found: ExtensionArray = rows[name].array.take(at, allow_fill=True)
    return found


def days_of(rows: pd.DataFrame, name: str, at: Numbers | None = None) -> Days:
    """Return the days of a column, or of some of its rows; those of row -1 are missing."""
    days = rows[name].array if at is None else cells(rows, name, at)
    return np.asarray(days).astype("datetime64[D]")


def first_days(rows: pd.DataFrame, name: str, otherwise: str, at: Numbers | None = None) -> Days:
    """Return the first days that a date can mean, or another day where that is left open."""
    first = days_of(rows, f"{name}_earliest", at)
    return np.where(np.isnat(first), days_of(rows, otherwise, at), first)


def _counts(place: Numbers, start: Days) -> Flags:
    """Whether each of the sorted observations begins before all that follow it begin."""
    overtaken = np.zeros(len(place), dtype=bool)
    least = least_from_here(place, start)
    overtaken[:-1] = (place[:-1] == place[1:]) & (start[:-1] >= least[1:])
    return ~overtaken


def _sides(rows: pd.DataFrame, dossier: Dossier) -> ExtensionArray:
    country = dict(zip(dossier.actors["actor_id"], dossier.actors["country"], strict=True))
    names = dossier.labels("countries")
    words: dict[tuple[str, ...], str] = {}
    owing = rows["obligated"].tolist()
    for actors in dict.fromkeys(owing):
        codes = {country.get(actor) for actor in actors}
        sides = [names.get(code, code) for code in dossier.sides if code in codes]
        words[actors] = " and ".join(sides) or "others"
    return text([words[actors] for actors in owing])


def _phases(rows: pd.DataFrame, dossier: Dossier) -> ExtensionArray:
    events, phases = dossier.events, dossier.phases
    starts = days_of(events, "date_latest", numbers(phases["from_event"], events["event_id"]))
    order = np.argsort(starts, kind="stable")[: np.count_nonzero(~np.isnat(starts))]
    begun = np.searchsorted(starts[order], days_of(rows, "effective_on"), side="right")
    return cells(phases, "title", np.append(order, -1)[begun - 1])


def text(words: Any) -> ExtensionArray:
    """Return words as the cells of a column of text."""
    found: ExtensionArray = pd.array(words, dtype="str")
    return found
