"""The table of positions: newcomers get a place, nobody moves, the same rows give the same file."""

import csv
import shutil
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import normlib
from normlib import cli
from normlib.errors import DataError, RecipeError
from normlib.package import PROJECT
from normlib.placement import settled
from normlib.report.placing import place
from tests.tiny import tiny_package

EVENTS = [
    {"event_id": "2020-01-01-a", "actors": "ayse;ani"},
    {"event_id": "2020-02-01-b", "actors": "mehmet;delegate"},
]
PEOPLE = [
    {"actor_id": "ani", "country": "ARM"},
    {"actor_id": "ayse", "country": "TUR"},
    {"actor_id": "delegate"},
    {"actor_id": "mehmet", "country": "TUR"},
]

Cast = st.lists(
    st.tuples(st.sampled_from([-1.0, -0.88, 0.0, 0.88, 1.0]), st.integers(0, 6), st.booleans()),
    max_size=25,
)


def _rows(folder: Path) -> dict[str, tuple[str, str]]:
    with (folder / "positions.csv").open(encoding="utf-8", newline="") as file:
        return {row["actor_id"]: (row["x"], row["y"]) for row in csv.DictReader(file)}


def test_the_table_of_the_record_is_up_to_date_and_is_left_as_it_is(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(PROJECT / "data" / "turkiye-armenia", tmp_path / "copy"))
    before = (copy / "positions.csv").read_bytes()
    done = place(copy)
    assert (done.new, done.gone, done.changed) == (0, 0, False)
    assert done.all == len(normlib.load().actors)
    assert (copy / "positions.csv").read_bytes() == before


def test_the_same_record_gives_the_same_bytes_whatever_the_order_of_its_rows(
    tmp_path: Path,
) -> None:
    written = []
    for turn, actors in (("a", PEOPLE), ("b", PEOPLE[::-1])):
        folder = tiny_package(tmp_path / turn, actors=actors, events=EVENTS, positions=[])
        (folder / "positions.csv").unlink()
        place(folder)
        written.append((folder / "positions.csv").read_bytes())
    assert written[0] == written[1]


def test_newcomers_get_a_place_and_all_others_keep_theirs_to_the_letter(tmp_path: Path) -> None:
    some = tiny_package(tmp_path / "a", actors=PEOPLE[:2], events=EVENTS[:1], positions=[])
    place(some)
    before = _rows(some)
    more = tiny_package(tmp_path / "b", actors=PEOPLE, events=EVENTS, positions=[])
    shutil.copy(some / "positions.csv", more / "positions.csv")
    done = place(more)
    after = _rows(more)
    assert (done.new, done.gone) == (2, 0)
    assert {name: after[name] for name in before} == before
    assert list(after) == sorted(after)


def test_who_is_taken_out_of_the_record_loses_the_place(tmp_path: Path) -> None:
    rows = [{"actor_id": name, "x": 0.88, "y": y} for y, name in enumerate(["ani", "nobody"])]
    folder = tiny_package(tmp_path, actors=PEOPLE[:1], positions=rows)
    with pytest.raises(DataError, match=r"'nobody' is not in actors\.csv"):
        normlib.load(folder)
    done = place(folder)
    assert (done.gone, done.all) == (1, 3)
    assert _rows(folder)["ani"] == ("0.88", "0")


def test_a_damaged_table_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    folder = tiny_package(tmp_path, positions=[])
    file = folder / "positions.csv"
    file.write_text("actor_id,x,y\ntur,-1\narm,1,0\n", encoding="utf-8")
    before = file.read_bytes()
    with pytest.raises(DataError, match="the row has 2 cells"):
        place(folder)
    assert file.read_bytes() == before


def test_a_dataset_that_does_not_describe_the_table_is_told_how(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="Copy the object"):
        place(tiny_package(tmp_path))


def test_the_command_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tiny_package(tmp_path, actors=PEOPLE, events=EVENTS, positions=[])
    assert cli.run(["positions", str(folder)]) == 0
    assert "6 actors have a place; 6 new, 0 taken out" in capsys.readouterr().out
    assert cli.run(["positions", str(folder)]) == 0
    assert "Nothing has changed" in capsys.readouterr().out
    assert normlib.check(folder) == []


@given(Cast)
def test_nobody_stands_where_somebody_stands(cast: list[tuple[float, int, bool]]) -> None:
    rows = pd.DataFrame(
        [(f"a{at}", x, f"e{group}", group, old) for at, (x, group, old) in enumerate(cast)],
        columns=["actor_id", "x", "event_id", "day", "old"],
    ).astype({"actor_id": "str", "x": "float64", "event_id": "str", "old": "bool"})
    first = settled(rows[:0].assign(y=0), rows[rows["old"]])
    there = first.merge(rows.drop(columns="x"), on="actor_id")
    after = settled(there, rows[~rows["old"]])
    pd.testing.assert_frame_equal(after.head(len(first)), first)
    assert set(after["actor_id"]) == set(rows["actor_id"])
    signs = after["x"].gt(0).astype(int) - after["x"].lt(0)
    assert not pd.DataFrame({"sign": signs, "y": after["y"]}).duplicated().any()
    middle = set(after.loc[signs == 0, "y"])
    assert middle.isdisjoint(after.loc[signs != 0, "y"])
    assert after["y"].ge(0).all()
