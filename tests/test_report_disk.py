"""Publishing survives a failure, or the end of its process, at every call that touches the disk."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from normlib.package import PROJECT
from normlib.report import disk
from tests.pages_kit import Json


def counts(folder: Path, mode: str) -> Json:
    """Run the crash kit in a process of its own (it forks) and return what it counted."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash_kit", str(folder), mode],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: Json = json.loads(done.stdout)
    return found


def test_each_call_may_fail_with_each_error(tmp_path: Path) -> None:
    """No space, an error of the device, no permission, an interruption, a short write."""
    found = counts(tmp_path, "failures")
    assert found["wrong"] == []
    assert found["calls"] > 30
    assert found["faults"] == found["met"] == 5 * found["calls"]


def test_a_second_call_may_fail_while_the_first_failure_is_cleaned_up(tmp_path: Path) -> None:
    found = counts(tmp_path, "pairs")
    assert found["wrong"] == []
    assert found["faults"] == found["calls"] * (found["calls"] - 1) / 2
    assert found["met"] > 100


def test_a_process_may_be_killed_before_and_after_each_call(tmp_path: Path) -> None:
    found = counts(tmp_path, "kills")
    assert found["wrong"] == []
    assert found["kills"] >= 2 * found["calls"] - 4


def test_a_reader_never_meets_a_cut_or_a_mixed_report_while_500_builds_are_killed(
    tmp_path: Path,
) -> None:
    found = counts(tmp_path, "storm")
    assert found["bad"] == []
    assert found["wrong"] == []
    assert found["kills"] == 500
    assert found["files"] > 10_000


def test_the_power_may_fail_at_each_call(tmp_path: Path) -> None:
    """Whether the disk then holds the new names with the old contents, or neither."""
    found = counts(tmp_path, "power")
    assert found["wrong"] == []
    assert found["states"] == 2 * (found["calls"] - 1)


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "a" / "b" / "page.html"
    disk.write_whole(target, b"one", aside=tmp_path / "aside")
    disk.write_whole(target, b"two", aside=tmp_path / "aside")
    assert target.read_bytes() == b"two"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]


def test_what_is_not_there_can_be_removed(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("x")
    disk.remove(tmp_path / "there")
    disk.remove(tmp_path / "there")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("size", [0, 1, 5_000_000])
def test_a_file_of_any_size_is_written(tmp_path: Path, size: int) -> None:
    disk.write_whole(tmp_path / "file", b"x" * size, aside=tmp_path / "aside")
    assert (tmp_path / "file").stat().st_size == size
