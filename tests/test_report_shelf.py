"""A folder of pages belongs to one build at a time and only ever shows whole files."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from normlib.errors import SurroundingsError
from normlib.report.scratch import sweep
from normlib.report.shelf import STAGING, open_shelf


def test_a_file_is_put_into_its_place_and_nothing_else_is_left(tmp_path: Path) -> None:
    with open_shelf(tmp_path / "out") as shelf:
        shelf.put("a/b/page.html", b"whole")
    assert (tmp_path / "out/a/b/page.html").read_bytes() == b"whole"
    assert not (tmp_path / "out" / STAGING).exists()


def test_a_file_that_is_the_same_is_not_written_again(tmp_path: Path) -> None:
    with open_shelf(tmp_path) as shelf:
        shelf.put("page.html", b"same")
        before = (tmp_path / "page.html").stat().st_ino
        shelf.put("page.html", b"same")
        assert (tmp_path / "page.html").stat().st_ino == before
        shelf.put("page.html", b"other")
        assert (tmp_path / "page.html").stat().st_ino != before


def test_a_failing_disk_leaves_the_last_good_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_shelf(tmp_path) as shelf:
        shelf.put("page.html", b"good")

        def full(number: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(SurroundingsError, match="No space left"):
            shelf.put("page.html", b"better")
    assert (tmp_path / "page.html").read_bytes() == b"good"


@pytest.mark.parametrize("place", ["/proc/normlib", "a-file/out"])
def test_a_folder_that_cannot_be_written_is_refused_with_a_remedy(
    tmp_path: Path, place: str
) -> None:
    (tmp_path / "a-file").write_text("in the way")
    with pytest.raises(SurroundingsError, match="--out"), open_shelf(tmp_path / place):
        pass


def test_a_second_build_is_told_who_holds_the_folder(tmp_path: Path) -> None:
    holder = (
        "import sys, time; from pathlib import Path\n"
        "from normlib.report.shelf import open_shelf\n"
        "with open_shelf(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", holder, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with (
            pytest.raises(SurroundingsError, match=f"in use by process {process.pid}"),
            open_shelf(tmp_path),
        ):
            pass
        process.kill()
    with open_shelf(tmp_path) as shelf:
        shelf.put("page.html", b"free again")


def test_what_dead_processes_left_is_swept_and_what_living_ones_use_is_not(
    tmp_path: Path,
) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (tmp_path / f"normlib-{gone.pid}-left").mkdir()
    (tmp_path / f"normlib-{os.getpid()}-used").mkdir()
    (tmp_path / "normlib-notes").mkdir()
    sweep(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        f"normlib-{os.getpid()}-used",
        "normlib-notes",
    ]
