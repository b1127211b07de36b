"""Cells that changed: recoded by one decision, or corrected one by one."""

from pathlib import Path
from typing import Any

import pytest

from tests.releases_kit import events, two


def test_a_word_that_became_another_one_throughout_is_one_line(tmp_path: Path) -> None:
    rest = [{"event_id": f"2021-{month:02}-visit", "type": "visit"} for month in range(1, 13)]
    found = two(
        tmp_path,
        {"events": [*events(30, type="talks"), *rest]},
        {"events": [*events(30, type="meeting"), *rest]},
    )
    assert found.counts["recoded"] == 1
    assert found.counts["corrected"] == 0
    (row,) = found.recoded.to_dict("records")
    assert (row["table"], row["column"], row["scope"]) == ("events", "type", "column")
    assert (row["changed"], row["rows"], row["kept"], row["is_function"]) == (30, 42, 0, True)
    assert row["pairs"].to_numpy().tolist() == [["talks", "meeting", 30]]


def test_a_word_of_few_rows_is_recoded_too_and_other_cells_of_its_column_are_corrected(
    tmp_path: Path,
) -> None:
    def rows(word: str, *, odd: str) -> list[dict[str, Any]]:
        many = [{"event_id": f"2021-x{at}", "date": "2021", "type": "visit"} for at in range(40)]
        some = [{**row, "type": word} for row in events(12)]
        return [*many, *some[:-1], {**some[-1], "type": odd}]

    found = two(
        tmp_path, {"events": rows("talks", odd="talks")}, {"events": rows("meeting", odd="visit")}
    )
    (row,) = found.recoded.to_dict("records")
    assert (row["scope"], row["changed"], row["rows"], row["kept"]) == ("words", 11, 12, 0)
    (cell,) = found.cells.to_dict("records")
    assert (cell["kind"], cell["key"]) == ("corrected", "2020-01-12-talks")
    assert (cell["before"], cell["after"]) == ("talks", "visit")


@pytest.mark.parametrize(("changed", "recoded"), [(9, 0), (10, 0), (11, 1)])
def test_a_column_is_recoded_only_if_more_than_half_of_its_rows_changed(
    tmp_path: Path, changed: int, recoded: int
) -> None:
    before = events(20)
    after = [
        {**row, "title": f"Title {at}"} if at < changed else row for at, row in enumerate(before)
    ]
    found = two(tmp_path, {"events": before}, {"events": after})
    assert found.counts["recoded"] == recoded
    assert found.counts["corrected"] == (0 if recoded else changed)


def test_a_few_rows_are_corrected_even_if_they_are_most(tmp_path: Path) -> None:
    found = two(tmp_path, {"events": events(9)}, {"events": events(9, title="Other")})
    assert (found.counts["recoded"], found.counts["corrected"]) == (0, 9)
