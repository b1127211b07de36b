"""What changed between two releases: exact to the cell, and each difference of one kind."""

from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normlib.errors import DataError, RecipeError
from normlib.package import find
from normlib.releases import Difference, Release, apply, diff, release
from tests.releases_kit import assert_same, events, packages, pairs
from tests.tiny import tiny_package


@given(pairs())
def test_a_difference_makes_the_newer_release_of_the_older_one(
    two_releases: tuple[Release, Release],
) -> None:
    a, b = two_releases
    before = deepcopy(dict(a.tables))
    assert_same(apply(diff(a, b), a), b)
    for name, frame in before.items():
        pd.testing.assert_frame_equal(a.tables[name], frame)


@given(packages())
def test_a_release_does_not_differ_from_itself(a: Release) -> None:
    found = diff(a, deepcopy(a))
    assert found.is_empty
    assert not any(found.counts.values())


@given(pairs())
def test_only_a_difference_without_anything_is_empty(
    two_releases: tuple[Release, Release],
) -> None:
    a, b = two_releases
    try:
        assert_same(a, b)
    except AssertionError:
        assert not diff(a, b).is_empty
    else:
        assert diff(a, b).is_empty


@given(pairs(keys_once=True), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_change_what_kind_a_difference_is(
    two_releases: tuple[Release, Release], chance: Any
) -> None:
    a, b = two_releases

    def told(found: Difference) -> list[list[Any]]:
        frames = [found.added, found.withdrawn, found.cells, found.recoded.drop(columns="pairs")]
        return [sorted(map(repr, frame.to_numpy().tolist())) for frame in frames]

    def shuffled(side: Release) -> Release:
        tables = {}
        for name, frame in side.tables.items():
            order = list(range(len(frame)))
            chance.shuffle(order)
            tables[name] = frame.iloc[order].reset_index(drop=True)
        return Release(side.descriptor, tables, side.files)

    assert told(diff(a, b)) == told(diff(shuffled(a), shuffled(b)))
    assert told(diff(a, b)) == told(diff(a, b))


@given(pairs(keys_once=True))
def test_every_row_and_every_cell_is_counted_once(two_releases: tuple[Release, Release]) -> None:
    a, b = two_releases
    found = diff(a, b)
    for name, table in found.tables.items():
        older, newer = (side.tables.get(name, pd.DataFrame()) for side in (a, b))
        assert table.shared + len(table.listed_withdrawn) == len(older)
        assert table.shared + len(table.added) == len(newer)
        is_kept = table.order < len(older)
        at, newer = table.order[is_kept], newer[is_kept]
        apart = {
            (row, column)
            for column in older.columns.intersection(newer.columns)
            for row, was, now in zip(at, older[column].iloc[at], newer[column], strict=True)
            if was != now
        }
        told = [
            (row, change.column)
            for changes in table.cells.values()
            for change in changes
            for row in change.rows
        ]
        assert len(told) == len(set(told))
        assert set(told) == apart
    single = sum(found.counts[kind] for kind in ("renamed", "corrected"))
    changed = sum(
        len(one.rows) for t in found.tables.values() for c in t.cells.values() for one in c
    )
    assert single + found.recoded["changed"].sum() == changed
    added = sum(found.counts[kind] for kind in ("new", "late-learned", "undated"))
    assert added == sum(len(table.added) for table in found.tables.values())


# Packages on disk

TITLES = st.text(st.sampled_from('aé,;"\n '), max_size=6)
DOSSIERS = st.dictionaries(
    st.integers(1, 28), st.tuples(TITLES, st.sampled_from(["", "2020-03-01", "2024"])), max_size=12
)


@settings(max_examples=12)
@given(DOSSIERS, DOSSIERS)
def test_what_is_read_from_two_folders_is_made_of_each_other(
    older: dict[int, tuple[str, str]], newer: dict[int, tuple[str, str]]
) -> None:
    sides = []
    for days in (older, newer):
        rows = [
            {"event_id": f"2020-01-{day:02}-talks", "title": title, "known_since": known}
            for day, (title, known) in days.items()
        ]
        with TemporaryDirectory() as folder:
            sides.append(release(find(tiny_package(Path(folder), events=rows))))
    a, b = sides
    assert_same(apply(diff(a, b), a), b)
    assert diff(a, b).counts["late-learned"] <= len(set(newer) - set(older))
    assert len(diff(a, b).added) + diff(a, b).counts["renamed"] == len(set(newer) - set(older))


def test_two_processes_are_not_compared(tmp_path: Path) -> None:
    a = release(find(tiny_package(tmp_path / "a")))
    b = release(find(tiny_package(tmp_path / "b", descriptor={"name": "other"})))
    with pytest.raises(RecipeError, match="two processes, not two releases"):
        diff(a, b)


def test_a_package_that_cannot_be_read_is_named_with_its_faults(tmp_path: Path) -> None:
    folder = tiny_package(tmp_path, events=events(1))
    (folder / "events.csv").write_text("event_id,date\nx\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"v1: events.csv:2:.*missing-cell"):
        release(find(folder), title="v1")


def test_the_record_of_the_project_does_not_differ_from_itself() -> None:
    assert diff(release(find("turkiye-armenia")), release(find("turkiye-armenia"))).is_empty
