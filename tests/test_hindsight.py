"""Texts of a past day do not tell what only later days knew."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlib.hindsight import WITHHELD, named_days, withhold

DAY = date(2022, 7, 1)
SENTENCES = ["Seen in 1993.", "Built in 2024.", "Open from 3 May 2023.", "It is."]
TEXTS = st.lists(st.sampled_from(SENTENCES)).map(" ".join)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("on 12 September 2025", [date(2025, 9, 12)]),
        ("in September 2025", [date(2025, 9, 1)]),
        ("since 2022", [date(2022, 1, 1)]),
        ("on 2025-09-12 and in 2023-05", [date(2025, 9, 12), date(2023, 5, 1)]),
        ("foreign minister (2004–07)", [date(2007, 1, 1)]),
        ("attested 2024-10 to 2025-08", [date(2024, 10, 1), date(2025, 8, 1)]),
        ("from 31 March to 1 May 2026", [date(2026, 5, 1)]),
        ("1,998 lorries, 2,025 tonnes", []),
        ("a bridge of 192 m, 154 kV, EUR 2025.50", []),
        ("the 31st of nothing", []),
        ("30 February 2025", []),
    ],
)
def test_spelt_out_dates_are_seen(text: str, days: list[date]) -> None:
    assert named_days(text) == days


def test_a_text_that_names_no_later_day_is_kept_to_the_letter() -> None:
    text = "Agreed on 1 July 2022;  closed since 1993."
    assert withhold(text, DAY) == text


def test_only_the_sentence_with_a_later_date_is_withheld() -> None:
    text = "Closed since 1993. Opened in March 2025. A bridge."
    assert withhold(text, DAY) == f"Closed since 1993. {WITHHELD} A bridge."


def test_several_withheld_sentences_are_said_once() -> None:
    text = "Planned for 2025. Put off to 2026. A bridge."
    assert withhold(text, DAY) == f"{WITHHELD} A bridge."


@pytest.mark.parametrize(
    "text",
    [
        "Closed again by summer 2025",
        "rebuilt 2023–25",
        "works (2024-10 to 2025-08)",
        "handed over on 12 September 2025, as planned",
    ],
)
def test_a_text_of_one_sentence_is_withheld_whole(text: str) -> None:
    assert withhold(text, DAY) == WITHHELD


@given(st.text(), st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_what_is_left_names_no_later_day(text: str, day: date) -> None:
    assert all(named <= day for named in named_days(withhold(text, day)))


@given(TEXTS)
def test_withholding_twice_is_withholding_once(text: str) -> None:
    once = withhold(text, DAY)
    assert withhold(once, DAY) == once


@given(
    TEXTS,
    st.dates(date(1990, 1, 1), date(2030, 1, 1)),
    st.dates(date(1990, 1, 1), date(2030, 1, 1)),
)
def test_a_later_view_withholds_no_more(text: str, one: date, other: date) -> None:
    earlier, later = sorted((one, other))
    said = [part for part in withhold(text, earlier).split(". ") if "withheld" not in part]
    assert all(part.rstrip(".") in withhold(text, later) for part in said)
