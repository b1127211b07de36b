"""What changed between two releases: exact to the cell, and each difference of one kind."""

import json
from collections.abc import Mapping, Sequence
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


@pytest.fixture
def two(tmp_path: Path) -> Any:
    """Makes a difference of the rows of an older release and those of a newer one."""

    def made(older: Mapping[str, Rows], newer: Mapping[str, Rows], **about: Any) -> Difference:
        a, b = (
            release(
                find(tiny_package(tmp_path / side, descriptor=words, **{"sources": PAGES, **rows}))
            )
            for side, words, rows in (
                ("a", {"coversUntil": UNTIL, "version": "2023-01-01"}, older),
                ("b", {**LATER, **about}, newer),
            )
        )
        found = diff(a, b)
        assert_same(apply(found, a), b)
        return found

    return made


def events(count: int, **cells: str) -> list[dict[str, Any]]:
    return [{"event_id": f"2020-01-{day:02}-talks", **cells} for day in range(1, count + 1)]


def kinds_of(found: Difference) -> dict[str, tuple[str, str]]:
    rows = found.added[["key", "kind", "basis"]].itertuples(index=False)
    return {key: (kind, basis) for key, kind, basis in rows}


@pytest.mark.parametrize(
    ("cells", "kind", "basis"),
    [
        ({"date": "2023-01-01"}, "new", "dated later"),
        ({"date": "2022-12-31"}, "late-learned", "dated by then"),
        ({"date": "1993"}, "late-learned", "dated by then"),
        ({"date": "../2022-12"}, "late-learned", "dated by then"),
        ({"date": "1993", "known_since": "2023-05-01"}, "new", "disclosed later"),
        ({"date": "1993", "known_since": "2022-05-01"}, "late-learned", "dated by then"),
        ({"date": "2022/2023", "known_since": "2022-05-01"}, "late-learned", "disclosed by then"),
        ({"date": "2022/2023", "sources": "early"}, "late-learned", "reported by then"),
        ({"date": "2022-06/2023", "sources": "early"}, "undated", "dated too vaguely"),
        ({"date": "2022/2023", "sources": "late"}, "new", "reported later"),
        ({"date": "2022/2023", "sources": "late;undated"}, "undated", "dated too vaguely"),
        ({"date": "2022/2023", "sources": "undated"}, "undated", "dated too vaguely"),
        ({"date": "../2023-06", "sources": "late"}, "new", "reported later"),
    ],
)
def test_an_added_row_is_news_only_if_nobody_could_know_it_by_the_last_day_of_the_older_release(
    two: Any, cells: Mapping[str, str], kind: str, basis: str
) -> None:
    found = two({}, {"events": [{"event_id": "x", **cells}]})
    assert kinds_of(found) == {"x": (kind, basis)}
    assert found.counts[kind] == 1


@pytest.mark.parametrize(
    ("sources", "kind"),
    [("early;late", "late-learned"), ("late", "new"), ("late;undated", "undated")],
)
def test_a_row_without_a_date_is_dated_by_the_first_page_that_tells_of_it(
    two: Any, sources: str, kind: str
) -> None:
    found = two({}, {"sites": [{"site_id": "gyumri", "sources": sources}]})
    assert kinds_of(found)["gyumri"][0] == kind


def test_a_page_is_dated_by_its_publication(two: Any) -> None:
    more = [{"source_id": "old", "published": "2019"}, {"source_id": "new", "published": "2024"}]
    found = two({}, {"sources": [*PAGES, *more]})
    assert {key: kind for key, (kind, _) in kinds_of(found).items()} == {
        "old": "late-learned",
        "new": "new",
    }


def test_a_row_without_date_and_sources_is_undated(two: Any) -> None:
    found = two({}, {"actors": [{"actor_id": "osce", "name": "OSCE", "kind": "body"}]})
    assert kinds_of(found) == {"osce": ("undated", "no date")}


def test_without_a_last_day_of_the_older_release_nothing_is_called_late(tmp_path: Path) -> None:
    a = release(find(tiny_package(tmp_path / "a", descriptor={"coversUntil": ""})))
    b = release(find(tiny_package(tmp_path / "b", events=events(2))))
    assert diff(a, b).counts["undated"] == 2


def test_a_word_that_became_another_one_throughout_is_one_line(two: Any) -> None:
    rest = [{"event_id": f"2021-{month:02}-visit", "type": "visit"} for month in range(1, 13)]
    found = two(
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
    two: Any,
) -> None:
    def rows(word: str, *, odd: str) -> list[dict[str, Any]]:
        many = [{"event_id": f"2021-x{at}", "date": "2021", "type": "visit"} for at in range(40)]
        some = [{**row, "type": word} for row in events(12)]
        return [*many, *some[:-1], {**some[-1], "type": odd}]

    found = two({"events": rows("talks", odd="talks")}, {"events": rows("meeting", odd="visit")})
    (row,) = found.recoded.to_dict("records")
    assert (row["scope"], row["changed"], row["rows"], row["kept"]) == ("words", 11, 12, 0)
    (cell,) = found.cells.to_dict("records")
    assert (cell["kind"], cell["key"]) == ("corrected", "2020-01-12-talks")
    assert (cell["before"], cell["after"]) == ("talks", "visit")


@pytest.mark.parametrize(("changed", "recoded"), [(9, 0), (10, 0), (11, 1)])
def test_a_column_is_recoded_only_if_more_than_half_of_its_rows_changed(
    two: Any, changed: int, recoded: int
) -> None:
    before = events(20)
    after = [
        {**row, "title": f"Title {at}"} if at < changed else row for at, row in enumerate(before)
    ]
    found = two({"events": before}, {"events": after})
    assert found.counts["recoded"] == recoded
    assert found.counts["corrected"] == (0 if recoded else changed)


def test_a_few_rows_are_corrected_even_if_they_are_most(two: Any) -> None:
    found = two({"events": events(9)}, {"events": events(9, title="Other")})
    assert (found.counts["recoded"], found.counts["corrected"]) == (0, 9)


def test_a_row_that_is_alike_but_for_its_key_was_renamed(two: Any) -> None:
    before = {"event_id": "2020-02-01-x", "title": "Talks in Vienna", "summary": "They met."}
    after = {**before, "event_id": "2020-02-01-vienna", "date": "2020-02-01"}
    found = two({"events": [before]}, {"events": [after]})
    (cell,) = found.cells.to_dict("records")
    assert (cell["kind"], cell["column"]) == ("renamed", "event_id")
    assert (cell["before"], cell["after"]) == ("2020-02-01-x", "2020-02-01-vienna")
    assert (found.counts["withdrawn"], len(found.added)) == (0, 0)


def test_rows_that_are_like_several_others_are_not_called_renamed(two: Any) -> None:
    same = {"title": "Talks", "summary": "They met.", "date": "2020"}
    before = [{"event_id": name, **same} for name in ("a", "b")]
    after = [{"event_id": name, **same} for name in ("c", "d")]
    found = two({"events": before}, {"events": after})
    assert (found.counts["renamed"], found.counts["withdrawn"]) == (0, 2)
    assert found.counts["late-learned"] == 2


def test_rows_of_which_two_parts_of_the_key_differ_are_not_called_renamed(two: Any) -> None:
    promises = {"commitments": [{"commitment_id": name} for name in ("p", "q")]}
    seen = {"note": "Seen by us", "state": "announced"}
    before = [{"commitment_id": "p", "observed_on": "2021-01-01", **seen}]
    other = [{"commitment_id": "q", "observed_on": "2021-02-01", **seen}]
    date = [{"commitment_id": "p", "observed_on": "2021-02-01", **seen}]
    both = two({**promises, "observations": before}, {**promises, "observations": other})
    one = two({**promises, "observations": before}, {**promises, "observations": date})
    assert (both.counts["renamed"], both.counts["withdrawn"]) == (0, 1)
    assert (one.counts["renamed"], one.counts["withdrawn"]) == (1, 0)


def test_a_withdrawn_row_is_named_with_its_title_and_date(two: Any) -> None:
    found = two({"events": [{"event_id": "2020-02-01-x", "title": "Talks"}]}, {})
    assert found.withdrawn.to_numpy().tolist() == [
        ["events", "2020-02-01-x", "Talks", "2020-02-01"]
    ]


def test_rows_in_another_order_are_one_change_and_added_rows_are_none(two: Any) -> None:
    first, second, third = events(3)
    assert "rows stand in another order" in set(
        two({"events": [first, second]}, {"events": [second, first]}).schema["what"]
    )
    inserted = two({"events": [first, third]}, {"events": [first, second, third]})
    assert "rows stand in another order" not in set(inserted.schema["what"])


def test_a_new_column_is_one_change_that_says_how_far_it_is_filled(tmp_path: Path) -> None:
    a = tiny_package(tmp_path / "a", events=events(3))
    b = tiny_package(tmp_path / "b", events=events(3))
    file, table = b / "datapackage.json", b / "events.csv"
    about = json.loads(file.read_text("utf-8"))
    (entry,) = [one for one in about["resources"] if one["name"] == "events"]
    entry["schema"]["fields"].append(
        {"name": "mood", "type": "string", "description": "How it felt."}
    )
    file.write_text(json.dumps(about), encoding="utf-8")
    head, *lines = table.read_text("utf-8").splitlines()
    moods = ["good", "", "bad"]
    more = [f"{line},{mood}" for line, mood in zip(lines, moods, strict=True)]
    table.write_text("\n".join([f"{head},mood", *more, ""]), encoding="utf-8")
    older, newer = release(find(a)), release(find(b))
    found = diff(older, newer)
    assert_same(apply(found, older), newer)
    (row,) = found.schema.to_dict("records")
    assert (row["table"], row["column"], row["after"]) == ("events", "mood", "How it felt.")
    assert row["what"] == "column added, filled in 2 of 3 shared rows"
    assert sum(found.counts.values()) == 1
    back = diff(newer, older)
    assert list(back.schema["what"]) == ["column removed"]
    assert_same(apply(back, newer), older)


def test_a_new_table_and_its_rows_are_told_apart(two: Any) -> None:
    promise = [{"commitment_id": "p", "made_on": "2020-01-01"}]
    coding = [{"commitment_id": "p", "day": "2021-01-01", "coder": "anna", "level": "1"}]
    # the newer descriptor gains the table; the older one lacks it
    found = two({"commitments": promise}, {"commitments": promise, "codings": coding})
    assert "table or file added" in set(found.schema["what"])
    assert found.counts["undated"] + found.counts["late-learned"] + found.counts["new"] == 1


def test_features_of_a_map_are_told_by_their_id(two: Any) -> None:
    sites = [{"site_id": "a"}, {"site_id": "b"}]
    one, other = ({"link_id": name, "from_site": "a", "to_site": "b"} for name in ("x", "y"))
    found = two({"sites": sites, "links": [one]}, {"sites": sites, "links": [one, other]})
    assert found.maps.to_numpy().tolist() == [["added", "routes", "y"]]


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
