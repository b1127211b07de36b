"""Keep texts from telling a past day what only later days knew.

Rows have a day on which they became public; the sentences in them were written later and may name
later days. In a view of a past day such sentences are withheld, whole and visibly. The rule sees
dates that are spelt out, nothing subtler: docs/decisions/0004 says what that leaves.
"""

import re
from datetime import date
from functools import lru_cache

from normlib.edtf import MONTHS

WITHHELD = "[A sentence that names a later date is withheld.]"

_MONTH = "|".join(MONTHS)
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_NAMED = re.compile(
    rf"\b(?P<iso>{_YEAR}-(?P<month>\d\d)(?:-(?P<day>\d\d))?)\b"
    rf"|\b(?:(?P<d>\d{{1,2}}) )?(?P<m>{_MONTH}) (?P<y>(?:19|20)\d\d)\b"
    r"|\b(?P<from>(?:19|20)\d\d)[–/-](?P<to>\d\d)\b"
    r"|(?<![\d.,])(?P<only>(?:19|20)\d\d)(?![\d,.]\d|\d)"
)
_SENTENCES = re.compile(r"(?<=[.;!?])\s+")


def named_days(text: str) -> list[date]:
    """Return the first possible day of every date that a text spells out.

    >>> named_days("Opened on 12 September 2025, planned since 2022.")
    [datetime.date(2025, 9, 12), datetime.date(2022, 1, 1)]
    """
    if "19" not in text and "20" not in text:  # every form has a year; most texts have none
        return []
    return [day for match in _NAMED.finditer(text) if (day := _first_day(match)) is not None]


def withhold(text: str, day: date) -> str:
    """Return the text without the sentences that name a day after ``day``.

    >>> withhold("A ruin. To be restored from 2026.", date(2022, 7, 1))
    'A ruin. [A sentence that names a later date is withheld.]'
    """
    if _last_named(text) <= day:
        return text
    kept = [
        sentence if _last_named(sentence) <= day else WITHHELD
        for sentence in _SENTENCES.split(text)
    ]
    once = [part for at, part in enumerate(kept) if part != WITHHELD or at == kept.index(WITHHELD)]
    return " ".join(once)


@lru_cache(maxsize=100_000)
def _last_named(text: str) -> date:
    """Return the last of the days that a text names; the first of all days if it names none."""
    return max(named_days(text), default=date.min)


def _first_day(match: re.Match[str]) -> date | None:
    part = match.groupdict()
    if part["iso"]:
        numbers = (part["year"], part["month"], part["day"] or 1)
    elif part["m"]:
        numbers = (part["y"], MONTHS.index(part["m"]) + 1, part["d"] or 1)
    elif part["from"]:
        return _range_end(part["from"], part["to"])
    else:
        numbers = (part["only"], 1, 1)
    try:
        return date(*(int(number) for number in numbers))
    except ValueError:
        return None


def _range_end(start: str, end: str) -> date:
    """Read ``2004–07`` as up to 2007, and ``2004-13`` as no month but a year range."""
    return date(max(int(start), int(start[:2] + end)), 1, 1)
