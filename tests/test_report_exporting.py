"""An export is published whole, replaces only another export, and is the same everywhere."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from normlib.errors import RecipeError, SurroundingsError
from normlib.exports import tables
from normlib.exports.kinds import KINDS
from normlib.package import DESCRIPTOR, PROJECT
from normlib.report.exporting import PARQUET, Exported, export
from normlib.report.project import find_project
from tests.pages_kit import dataset

WITHOUT_PYARROW = """
import sys
sys.modules["pyarrow"] = None
from normlib.cli import run
sys.exit(run(sys.argv[1:]))
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return dataset(tmp_path)


def done(record: Path, out: Path, *kinds: str, **given: str) -> Exported:
    return export(kinds, {"dataset": str(record), **given}, out=out, project=find_project())


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.name[0] != "."]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_the_same_inputs_give_the_same_bytes_on_a_machine_that_differs(tmp_path: Path) -> None:
    """Another zone, language and order of hashes, and no pyarrow, which pandas would use too."""
    one, other = tmp_path / "one", tmp_path / "other"
    export((), {}, out=one, project=find_project())
    odd = {"TZ": "Asia/Yerevan", "LC_ALL": "tr_TR.UTF-8", "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-c", WITHOUT_PYARROW, "export", "--out", str(other)]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), **odd}
    found = subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True)
    assert found.returncode == 0, found.stderr
    assert tables.NO_PARQUET in found.stdout
    ours, theirs = contents(one), contents(other)
    assert {path for path in ours if path not in theirs} == {
        path for path in ours if path.startswith("parquet/")
    }
    lists = {"README.md", DESCRIPTOR}
    assert {path for path in theirs if ours[path] != theirs[path]} == lists


def test_parquet_comes_out_the_same_twice(tiny: Path, tmp_path: Path) -> None:
    done(tiny, tmp_path / "one", PARQUET)
    done(tiny, tmp_path / "two", PARQUET)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_parquet_without_pyarrow_says_what_to_do(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(SurroundingsError, match="make lab"):
        done(tiny, tmp_path / "out", PARQUET)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_alone_comes_with_the_record(tiny: Path, tmp_path: Path, kind: str) -> None:
    outcome = done(tiny, tmp_path / "out", kind)
    found = contents(tmp_path / "out")
    assert outcome.files == len(found)
    assert outcome.size == sum(map(len, found.values()))
    others = {path for path in found if not path.startswith("record/")} - {"README.md", DESCRIPTOR}
    ending = {"timeline": "json"}.get(kind, kind)
    assert others
    assert {path.rpartition(".")[2] for path in others} == {ending}
    assert "record/sources.csv" in found


def test_an_unknown_kind_is_answered_with_the_nearest(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="Did you mean 'geojson'"):
        done(tiny, tmp_path / "out", "geojsn")
    assert not (tmp_path / "out").exists()


def test_an_unknown_parameter_is_answered_with_the_nearest(tiny: Path, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="Did you mean 'pairs'"):
        done(tiny, tmp_path / "out", "csv", paris="a>b")


def test_an_export_replaces_an_older_one_and_nothing_else(tiny: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done(tiny, out)
    (out / "mine.txt").write_text("mine")
    done(tiny, out, "gexf")
    assert not (out / "csv").exists()
    assert {path for path in contents(out) if "/" not in path} == {
        *("README.md", DESCRIPTOR, "actors.gexf", "actors-events.gexf", "mine.txt")
    }


def test_a_folder_that_holds_something_else_is_left_as_it_is(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for out in (tmp_path / "mine", tiny, tmp_path / "file"):
        before = contents(out) if out.is_dir() else out.read_bytes()
        with pytest.raises(RecipeError, match="--out"):
            done(tiny, out)
        assert (contents(out) if out.is_dir() else out.read_bytes()) == before


def test_a_description_that_leads_out_of_the_folder_removes_nothing(
    tiny: Path, tmp_path: Path
) -> None:
    out, outside = tmp_path / "out", tmp_path / "precious.csv"
    outside.write_text("mine")
    done(tiny, out, "timeline")
    package = json.loads((out / DESCRIPTOR).read_text())
    package["resources"] += [{"path": "../precious.csv"}, {"path": str(outside)}]
    (out / DESCRIPTOR).write_text(json.dumps(package))
    done(tiny, out, "timeline")
    assert outside.read_text() == "mine"


def test_rows_that_the_notebooks_name_are_asked_of_their_own_dataset_only(
    tiny: Path, tmp_path: Path
) -> None:
    done(tiny, tmp_path / "other", "timeline")
    export(("timeline",), {"years": "7"}, out=tmp_path / "own", project=find_project())
    other, own = (
        json.loads((tmp_path / name / DESCRIPTOR).read_text())["parameters"]
        for name in ("other", "own")
    )
    assert (other["pairs"], other["open_links"]) == ("", "")
    assert own["pairs"]
    assert own["years"] == 7
