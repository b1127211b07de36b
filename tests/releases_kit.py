"""Releases for tests: any two of them, small ones on disk, and their difference."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from hypothesis import strategies as st

from normlib.package import find
from normlib.releases import Difference, Release, apply, diff, release
from tests.tiny import tiny_package

Rows = Sequence[Mapping[str, Any]]

UNTIL = "2022-12-31"
LATER = {"coversUntil": "2024-12-31", "version": "2025-01-01"}
PAGES = [
    {"source_id": "early", "published": "2022-03-01"},
    {"source_id": "late", "published": "2023-03-01"},
    {"source_id": "undated", "published": ""},
]


# Any two packages


@st.composite
def packages(draw: st.DrawFn, *, keys_once: bool = False) -> Release:
    """A release with up to two tables of any columns, rows, keys and words."""
    names = draw(st.lists(st.sampled_from(["events", "links"]), unique=True))
    tables = {name: draw(_table(keys_once=keys_once)) for name in names}
    resources = [draw(_resource(name, frame)) for name, frame in tables.items()]
    files = draw(st.dictionaries(st.sampled_from(["routes", "outlines"]), _MAPS, max_size=2))
    resources += [{"name": name, "path": f"{name}.geojson"} for name in files]
    until = draw(st.sampled_from(["2022-06-30", "2023-01-01", "", "soon"]))
    about = {"name": "p", "coversUntil": until, "resources": resources}
    title = draw(st.sampled_from([{}, {"title": "A"}, {"title": "B"}]))
    return Release({**about, **title}, tables, files)


_CELLS = st.sampled_from(["", "a", "b", "c;d", "2022-05", "2024-01-01", "nan"])
_FEATURES = st.dictionaries(st.sampled_from("xyz"), st.integers(0, 1), max_size=3)
_MAPS = st.sampled_from(["", "{}", "no JSON"]) | _FEATURES.map(
    lambda found: json.dumps({"features": [{"id": name, "at": at} for name, at in found.items()]})
)


@st.composite
def _table(draw: st.DrawFn, *, keys_once: bool) -> pd.DataFrame:
    columns = draw(st.permutations(["id", "part", "date", "word", "note"]))
    columns = columns[: draw(st.integers(1, 5))]
    length = draw(st.sampled_from([0, 3, 14, 25]))
    ids = draw(st.lists(st.integers(0, 40), min_size=length, max_size=length, unique=keys_once))
    if keys_once and "id" not in columns:
        columns = ["id", *columns]
    cells = {
        name: [str(number) for number in ids]
        if name == "id"
        else draw(st.lists(_CELLS, min_size=length, max_size=length))
        for name in columns
    }
    return pd.DataFrame(cells, dtype=object)


@st.composite
def _resource(draw: st.DrawFn, name: str, frame: pd.DataFrame) -> dict[str, Any]:
    words = [{"value": word} for word in draw(st.lists(st.sampled_from("abc"), unique=True))]
    fields = [{"name": column, "categories": words} for column in frame]
    key = draw(st.sampled_from([["id"], ["id"], ["id", "part"], []]))
    schema = {"fields": fields, "primaryKey": [part for part in key if part in frame]}
    when = {"when": "date"} if "date" in frame else {}
    return {"name": name, "path": f"{name}.csv", "schema": schema, **when}


@st.composite
def pairs(draw: st.DrawFn, *, keys_once: bool = False) -> tuple[Release, Release]:
    """Two releases that have nothing to do with each other, or one and an edited copy of it."""
    a = draw(packages(keys_once=keys_once))
    if draw(st.integers(0, 2)) == 2:
        return a, draw(packages(keys_once=keys_once))
    tables = {name: draw(_edited(frame)) for name, frame in a.tables.items()}
    return a, Release(a.descriptor, tables, a.files)


@st.composite
def _edited(draw: st.DrawFn, frame: pd.DataFrame) -> pd.DataFrame:
    """Rename keys, recode a word or a column, mend cells, withdraw rows and move them."""
    rows = frame.copy()
    for name in draw(st.lists(st.sampled_from(list(frame)), max_size=2)):
        if name != "id":
            words = draw(st.dictionaries(_CELLS, _CELLS, min_size=1))
            rows[name] = [words.get(word, word) for word in rows[name]]
    for at in draw(st.lists(st.integers(0, len(rows) - 1), max_size=4)) if len(rows) else []:
        name = draw(st.sampled_from(list(frame)))
        rows.loc[at, name] = f"new {at}" if name == "id" else draw(_CELLS)
    order = draw(st.just(range(len(rows))) | st.permutations(range(len(rows))))
    most = draw(st.sampled_from([30, 12, 0]))
    return rows.iloc[list(order)[:most]].reset_index(drop=True).astype(object)


def assert_same(one: Release, other: Release) -> None:
    assert json.dumps(one.descriptor, sort_keys=True) == json.dumps(
        other.descriptor, sort_keys=True
    )
    assert list(one.files.items()) == list(other.files.items()) or dict(one.files) == other.files
    assert set(one.tables) == set(other.tables)
    for name, frame in other.tables.items():
        pd.testing.assert_frame_equal(one.tables[name], frame, check_column_type=False)


# Packages on disk


def two(folder: Path, older: Mapping[str, Rows], newer: Mapping[str, Rows]) -> Difference:
    """Return the difference of two small packages with these rows; the newer tells of two years."""
    a, b = (
        release(find(tiny_package(folder / side, descriptor=words, **{"sources": PAGES, **rows})))
        for side, words, rows in (
            ("a", {"coversUntil": UNTIL, "version": "2023-01-01"}, older),
            ("b", LATER, newer),
        )
    )
    found = diff(a, b)
    assert_same(apply(found, a), b)
    return found


def events(count: int, **cells: str) -> list[dict[str, Any]]:
    return [{"event_id": f"2020-01-{day:02}-talks", **cells} for day in range(1, count + 1)]
