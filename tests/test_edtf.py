"""EDTF text to days: the subset that the record uses, and what it refuses."""

from __future__ import annotations

import calendar
from datetime import date

import edtf as reference
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from normlib import edtf, load

YEARS = st.integers(min_value=1000, max_value=2999)
DAYS = st.dates(min_value=date(1000, 1, 1), max_value=date(2999, 12, 31))
MARKS = st.sampled_from(["", "~", "?"])


@st.composite
def singles(draw: st.DrawFn) -> str:
    """A year, month or day, perhaps approximate or uncertain."""
    day = draw(DAYS)
    text = day.isoformat()[: draw(st.sampled_from([4, 7, 10]))]
    return text + draw(MARKS)


@st.composite
def texts(draw: st.DrawFn) -> str:
    """Any text of the subset."""
    form = draw(st.sampled_from(["single", "interval", "not later than"]))
    end = draw(singles())
    if form == "single":
        return end
    if form == "not later than":
        return f"../{end}"
    start = draw(singles())
    assume(edtf.parse(start).earliest <= edtf.parse(end).latest)  # type: ignore[operator]
    return f"{start}/{end}"


def as_days(parsed: object) -> tuple[date | None, date]:
    first, last = parsed.lower_strict(), parsed.upper_strict()  # type: ignore[attr-defined]
    earliest = None if isinstance(first, float) else date(*first[:3])
    return earliest, date(*last[:3])


@given(texts())
def test_the_days_are_those_of_the_edtf_package(text: str) -> None:
    span = edtf.parse(text)
    assert (span.earliest, span.latest) == as_days(reference.parse_edtf(text))


def test_every_date_of_the_record_reads_as_the_edtf_package_reads_it() -> None:
    tables = load().tables
    written = {
        text
        for rows in tables.values()
        for name in rows.columns
        if f"{name}_earliest" in rows
        for text in rows[name].dropna()
    }
    assert len(written) > 300
    for text in written:
        span = edtf.parse(text)
        assert (span.earliest, span.latest) == as_days(reference.parse_edtf(text)), text


@given(texts())
def test_no_date_ends_before_it_begins(text: str) -> None:
    span = edtf.parse(text)
    assert span.earliest is None or span.earliest <= span.latest


@given(DAYS)
def test_a_day_is_itself_and_exact(day: date) -> None:
    span = edtf.parse(day.isoformat())
    assert (span.earliest, span.latest, span.exact) == (day, day, True)


@given(DAYS, st.sampled_from(["~", "?"]))
def test_a_reserve_widens_nothing_but_is_not_exact(day: date, mark: str) -> None:
    span = edtf.parse(day.isoformat() + mark)
    assert (span.earliest, span.latest, span.exact) == (day, day, False)
    assert (span.approximate, span.uncertain) == (mark == "~", mark == "?")


@given(YEARS, st.integers(min_value=1, max_value=12))
def test_a_month_is_all_its_days_and_never_one(year: int, month: int) -> None:
    span = edtf.parse(f"{year}-{month:02}")
    assert span.earliest == date(year, month, 1)
    assert span.latest == date(year, month, calendar.monthrange(year, month)[1])


def test_not_later_than_leaves_the_beginning_open() -> None:
    span = edtf.parse("../2022-08")
    assert (span.earliest, span.latest) == (None, date(2022, 8, 31))


@pytest.mark.parametrize(
    ("text", "code", "telling"),
    [
        ("2023-02-30", "date-impossible", "28 days"),
        ("2022-13", "date-impossible", "month 13"),
        ("2022-00", "date-impossible", "month 0"),
        ("0000", "date-impossible", "year 0000"),
        ("2023/2022", "interval-reversed", "before it begins"),
        ("2025-9-2", "date-format", "2025-9-2"),
        ("2025-XX", "date-format", "2025-XX"),
        ("2025/..", "date-format", ".."),
        ("2025-09-12T10:00", "date-format", "T10:00"),
        (" 2025", "date-format", "no date"),
        ("٢٠٢٥-٠٩-١٢", "date-format", "no date"),
        ("", "date-format", "no date"),
        ("2025~?", "date-format", "no date"),
        ("2021/2022/2023", "date-format", "no date"),
    ],
)
def test_other_texts_are_refused_with_their_reason(text: str, code: str, telling: str) -> None:
    with pytest.raises(edtf.EdtfError, match=telling.replace(".", r"\.")) as refused:
        edtf.parse(text)
    assert refused.value.code == code


def test_a_day_first_date_is_told_both_of_its_readings() -> None:
    with pytest.raises(edtf.EdtfError, match="2025-09-12 or 2025-12-09"):
        edtf.parse("12/09/2025")
    with pytest.raises(edtf.EdtfError, match=r"could mean 2025-09-13$"):
        edtf.parse("13.09.2025")


@given(st.text(alphabet="0123456789-/.~? TXU", max_size=14))
def test_a_text_is_read_only_if_the_year_that_it_ends_in_stands_in_it(text: str) -> None:
    span = read(text)
    assert span is None or f"{span.latest.year:04}" in text


def read(text: str) -> edtf.Interval | None:
    try:
        return edtf.parse(text)
    except edtf.EdtfError:
        return None


def test_spans_keep_the_index_and_leave_blanks_blank() -> None:
    rows = edtf.spans(pd.Series(["2022-11", None, "../2022"], index=[5, 6, 9]))
    assert list(rows.index) == [5, 6, 9]
    assert rows["earliest"].isna().tolist() == [False, True, True]
    assert rows["latest"].dt.date.tolist()[::2] == [date(2022, 11, 30), date(2022, 12, 31)]
