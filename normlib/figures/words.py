"""Dates, counts and lists in plain English, the same in every caption, sentence and table."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from math import isnan

import pandas as pd

from normlib import edtf
from normlib.edtf import MONTHS


def day_words(day: date | pd.Timestamp) -> str:
    """Write a day: ``12 September 2025``."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


_DATE = re.compile(r"(\.\./)?\d{4}(-\d\d){0,2}[~?]?(/\d{4}(-\d\d){0,2}[~?]?)?")


def date_words(text: object) -> str:
    """Write an EDTF date without adding or losing precision; blank stays blank.

    >>> date_words("2022-11"), date_words("../2022-08"), date_words("2025-04-11~")
    ('November 2022', 'by August 2022', 'about 11 April 2025')
    """
    if not isinstance(text, str):
        return ""
    start, slash, end = text.partition("/")
    if not slash:
        return _single(text)
    return f"by {_single(end)}" if start == ".." else f"{_single(start)} to {_single(end)}"


def value_words(value: str) -> str:
    """Write a value that a source claims: a date in words, everything else as it stands.

    >>> value_words("2010-12"), value_words("about 70 km"), value_words("220")
    ('December 2010', 'about 70 km', '220')
    """
    return date_words(value) if _DATE.fullmatch(value) else value


def count_words(number: int, noun: str, plural: str | None = None) -> str:
    """Write a count with its noun: ``1 event``, ``1,204 events``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def quarter_words(quarter: str) -> str:
    """Write a quarter.

    >>> quarter_words("2022-Q3")
    'the third quarter of 2022'
    """
    year, _, number = quarter.partition("-Q")
    return f"the {('first', 'second', 'third', 'fourth')[int(number) - 1]} quarter of {year}"


def list_words(words: Iterable[str]) -> str:
    """Join words as in a sentence: ``a, b and c``."""
    *most, last = list(words) or [""]
    return f"{', '.join(most)} and {last}" if most else last


def capital(words: str) -> str:
    """Write words with a capital at their head, and leave the rest as it is.

    >>> capital("exports of Atlantis")
    'Exports of Atlantis'
    """
    return words[:1].upper() + words[1:]


def number_words(value: float | None, unit: str = "", decimals: int = 0) -> str:
    """Write a number with thousands separated and its unit; missing is an en dash."""
    if value is None or pd.isna(value):
        return "–"
    return f"{value:,.{decimals}f} {unit}".strip()


def written_step(before: float, after: float, decimals: int = 3) -> Decimal | None:
    """Return the difference of two numbers as they are written, so that a reader finds it right.

    Steps that follow each other add up to the step from the first number to the last. Each lies
    less than one unit of the last decimal from its exact value, and never on the other side of 0.
    Missing if a number is.

    >>> written_step(0.2333, 0.2976), written_step(0.2976, 0.2976)
    (Decimal('0.065'), Decimal('0.000'))
    """
    if isnan(before) or isnan(after):
        return None
    first, last = (Decimal(f"{value:.{decimals}f}") for value in (before, after))
    return last - first


def signed_words(value: Decimal | int | None) -> str:
    """Write a difference with its sign; missing is an en dash.

    >>> signed_words(Decimal("-0.007")), signed_words(1200), signed_words(Decimal("0.000"))
    ('−0.007', '+1,200', '0.000')
    """
    if value is None:
        return "–"
    return f"{value:+,}".replace("-", "−") if value else f"{value}"


def range_words(
    low: float | None, high: float | None, unit: str = "", *, signed: bool = False
) -> str:
    """Write a value that a source gives as a range; a blank end is open.

    >>> range_words(30, 30, "%", signed=True), range_words(-25, -10), range_words(100, float("nan"))
    ('+30 %', '−25 to −10', 'more than 100')
    """
    pattern = "{:+,.10g}" if signed else "{:,.10g}"
    ends = ["" if pd.isna(end) else pattern.format(end).replace("-", "−") for end in (low, high)]
    if not any(ends):
        return "not stated"
    lead = "" if all(ends) else "more than " if ends[0] else "up to "
    told = " to ".join(dict.fromkeys(end for end in ends if end))
    return f"{lead}{told} {unit}".strip()


def _single(text: str) -> str:
    plain = text.rstrip("~?")
    year, month, day = (*plain.split("-"), None, None)[:3]
    words = " ".join(
        part for part in (day and str(int(day)), month and MONTHS[int(month) - 1], year) if part
    )
    if text.endswith("~"):
        return f"about {words}"
    return f"{words} (uncertain)" if text.endswith("?") else words


def is_exact(text: object) -> bool:
    """Whether a date names one day without reserve."""
    return isinstance(text, str) and edtf.parse(text).exact
