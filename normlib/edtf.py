"""EDTF text to the earliest and the latest day that it allows.

A subset of ISO 8601-2:2019 (Extended Date/Time Format): a day, month or year, approximate (``~``)
or uncertain (``?``); an interval of two of them; and "not later than" (``../DATE``). The subset is
what the record needs. Everything else is refused with the reason, so no date is ever guessed.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import pandas as pd

URI = "http://id.loc.gov/datatypes/edtf"
"""What a field's ``rdfType`` says when its text is EDTF."""

ALLOWED = "2022-07-01, 2022-11, 2026, each with ~ or ?; DATE/DATE; ../DATE"

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)

_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?([~?]?)", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})", re.ASCII)


class EdtfError(ValueError):
    """The text is no date of the subset.

    ``code`` tells how: ``date-format``, ``date-impossible`` or ``interval-reversed``.
    """

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True)
class Interval:
    """The days that an EDTF text allows.

    Attributes
    ----------
    text : the EDTF text as written.
    earliest : first possible day; None where the text says only "not later than".
    latest : last possible day.
    approximate, uncertain : whether ``~`` or ``?`` stands in the text. Neither widens the days.
    """

    text: str
    earliest: date | None
    latest: date
    approximate: bool = False
    uncertain: bool = False

    @property
    def exact(self) -> bool:
        """Whether the text names one single day without reserve."""
        return self.earliest == self.latest and not (self.approximate or self.uncertain)


@lru_cache(maxsize=100_000)
def parse(text: str) -> Interval:
    """Read one EDTF text.

    Raises
    ------
    EdtfError
        With its code and a message that says what is wrong.

    >>> parse("2022-11").latest
    datetime.date(2022, 11, 30)
    >>> parse("../2022-08").earliest is None
    True
    """
    start, slash, end = text.partition("/")
    if _DAY_FIRST.fullmatch(text) or (slash and "/" in end):
        raise EdtfError("date-format", _readings(text))
    if not slash:
        first, last = _single(text)
        return Interval(text, first, last, "~" in text, "?" in text)
    _, last = _single(end)
    first_of_all = None if start == ".." else _single(start)[0]
    if first_of_all is not None and first_of_all > last:
        raise EdtfError("interval-reversed", f"'{text}' ends before it begins")
    return Interval(text, first_of_all, last, "~" in text, "?" in text)


def spans(texts: pd.Series) -> pd.DataFrame:
    """Return columns ``earliest`` and ``latest`` (datetime64, NaT where the text is blank).

    The texts must be EDTF; ``earliest`` is NaT for "not later than".
    """
    read = [parse(text) if isinstance(text, str) else None for text in texts]
    columns = {
        "earliest": [span.earliest if span else None for span in read],
        "latest": [span.latest if span else None for span in read],
    }
    return pd.DataFrame(
        {name: np.array(days, dtype="datetime64[s]") for name, days in columns.items()},
        index=texts.index,
    )


def _single(text: str) -> tuple[date, date]:
    match = _DATE.fullmatch(text)
    if match is None:
        raise EdtfError("date-format", _readings(text))
    year, month, day = (int(part) if part else None for part in match.groups()[:3])
    if not year:
        raise EdtfError("date-impossible", "there is no year 0000")
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if not 1 <= month <= 12:
        raise EdtfError("date-impossible", f"'{text}' names month {month}; a year has 12")
    days = calendar.monthrange(year, month)[1]
    if day is None:
        return date(year, month, 1), date(year, month, days)
    if not 1 <= day <= days:
        name = f"{MONTHS[month - 1]} {year}"
        raise EdtfError("date-impossible", f"'{text}' is no day: {name} has {days} days")
    return date(year, month, day), date(year, month, day)


def _readings(text: str) -> str:
    """Say what a day-first text could mean, instead of guessing."""
    match = _DAY_FIRST.fullmatch(text)
    if match is None:
        return f"'{text}' is no date of the form used here"
    first, second, year = (int(part) for part in match.groups())
    pairs = [(second, first)] + ([(first, second)] if first != second else [])
    days = [f"{year}-{month:02}-{day:02}" for month, day in pairs if month <= 12 and day <= 31]
    return f"'{text}' could mean {' or '.join(days) or 'no day at all'}"
