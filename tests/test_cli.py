"""The command answers every mistake with one message and its exit status, never a traceback."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from normlib import cli
from normlib.package import PROJECT
from normlib.report import build as building
from normlib.report.project import Project
from normlib.report.shelf import STAGING, open_shelf
from tests.pages_kit import PARAMETERS, code, dataset, good_notebook, notebook, project

COMMAND = [sys.executable, "-m", "normlib.cli"]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project and a record, found from any folder; whoever starts a kernel fails the test."""

    class Never:
        def results(self, jobs: object) -> Iterator[None]:
            raise AssertionError("something was run")

    dataset(tmp_path)
    found = project(tmp_path, _10_page=good_notebook(), _20_other=good_notebook())
    monkeypatch.setenv("NORMLIB_PROJECT", str(found.folder))
    monkeypatch.setenv("NORMLIB_DATA", str(tmp_path))
    monkeypatch.chdir("/")
    monkeypatch.setattr(building, "_workers", lambda plan: contextlib.nullcontext(Never()))
    return found


def status_and_words(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = cli.run(arguments)
    captured = capsys.readouterr()
    return status, captured.out + captured.err


def test_help_reads_like_a_manual_page_on_one_screen(capsys: pytest.CaptureFixture[str]) -> None:
    status, words = status_and_words(capsys, "--help")
    assert status == 0
    assert len(words.splitlines()) <= 28
    for telling in ("Examples:", "Exit status:", "report", "check", "export", "params", "doctor"):
        assert telling in words


@pytest.mark.parametrize(
    ("arguments", "telling"),
    [
        (["report", "-p", "as_off=2022-07-01"], "Did you mean 'as_of'?"),
        (["report", "-p", "__class__=x"], "Nothing is close."),
        (["report", "-p", "as_of"], "NAME=VALUE"),
        (["report", "-p", "count=1", "-p", "count=2"], "'count' is given twice"),
        (["report", "-p", "count=many"], "a whole number"),
        (["report", "--as-of", "2023-02-30"], "February 2023 has 28 days"),
        (["report", "--as-of", "12/09/2025"], "2025-09-12 or 2025-12-09"),
        (["report", "--as-of", "2022-02-01", "--since", "2022-07-01"], "lies after"),
        (["report", "--as-of", "2023-01-02"], "the record covers (2023-01-01). Write 'latest', or"),
        (["report", "-p", "as_of=2030-01-01"], "lies after the last day that the record covers"),
        (["report", "--since", "2023-01-02"], "since: 2023-01-02 lies after the last day"),
        (["report", "--member", "lates-tiny"], "Did you mean 'latest-tiny'?"),
        (["export", "csv", "--out", "x", "--as-of", "2023-01-02"], "Write 'latest', or a day"),
        (["report", "--only", "10-pag"], "Did you mean '10-page'?"),
        (["report", "basline"], "Did you mean 'baseline'?"),
        (["report", "--dataset", "tini"], "Did you mean 'tiny'?"),
        (["report", "--jobs", "0"], "--jobs"),
        (["report", "--colour"], "--colour"),
        (["params", "../../etc/passwd"], "no notebook"),
        (["check", "nowhere"], "no dataset 'nowhere'"),
        (["export", "gexff", "--out", "x"], "Did you mean 'gexf'?"),
        (["export", "csv", "--out", "x", "-p", "paris=a>b"], "Did you mean 'pairs'?"),
        (["export", "csv", "--out", "x", "--as-of", "2022-13-01"], "a year has 12"),
        (["export", "csv", "--out", "/"], "it is no export"),
        (["export"], "--out"),
        (["reprot"], "reprot"),
    ],
)
def test_wrong_use_is_answered_before_anything_runs(
    place: Project, capsys: pytest.CaptureFixture[str], arguments: Sequence[str], telling: str
) -> None:
    first, *rest = arguments
    named = ["--dataset", "tiny"] if first in ("report", "export") else []
    status, words = status_and_words(capsys, first, *named, *rest)
    assert status == 2
    assert telling in words
    assert "Traceback" not in words
    assert not (place.build / "baseline").exists()


@pytest.mark.usefixtures("place")
def test_a_folder_that_cannot_be_written_is_a_matter_of_the_surroundings(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status, words = status_and_words(capsys, "report", "--dataset", "tiny", "--out", "/proc/x")
    assert status == 3
    assert "Choose another folder: --out." in words


def test_a_folder_in_use_is_a_matter_of_the_surroundings(
    place: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_shelf(place.build):
        status, words = status_and_words(capsys, "report", "--dataset", "tiny")
    assert status == 3
    assert f"in use by process {os.getpid()}" in words


def test_errors_in_the_data_are_listed_with_their_places(
    place: Project, capsys: pytest.CaptureFixture[str]
) -> None:
    events = place.folder.parent / "tiny" / "events.csv"
    wrong = events.read_text().replace("2022-07-01,", "2023-02-30,").replace("tur;arm", "tur;amr")
    events.write_text(wrong)
    status, words = status_and_words(capsys, "report", "--dataset", "tiny")
    assert status == 1
    assert "events.csv:3:" in words
    assert "February 2023 has 28 days" in words
    status, words = status_and_words(capsys, "check", "tiny", "--format", "json")
    assert status == 1
    assert {problem["file"] for problem in json.loads(words)} == {"events.csv"}


def test_good_data_is_said_to_be_good(place: Project, capsys: pytest.CaptureFixture[str]) -> None:
    status, words = status_and_words(capsys, "check", str(place.folder.parent / "tiny"))
    assert status == 0
    assert "no errors" in words


@pytest.mark.usefixtures("place")
def test_an_export_says_what_it_wrote_and_where(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "files"
    arguments = ["export", "timeline", "--dataset", "tiny", "--as-of", "2022-07-02"]
    status, words = status_and_words(capsys, *arguments, "--out", str(out))
    assert status == 0
    assert "As of 2022-07-02" in words
    assert re.search(r"\d+ files, \d+\.\d MB", words)
    assert f"Open {out / 'README.md'}" in words
    assert (out / "timeline.json").is_file()


@pytest.mark.usefixtures("place")
def test_params_lists_name_type_default_and_meaning(capsys: pytest.CaptureFixture[str]) -> None:
    status, words = status_and_words(capsys, "params", "10-page")
    assert status == 0
    lines = words.splitlines()
    assert lines[0].split() == ["name", "type", "default", "meaning"]
    assert len(lines) == 1 + len(PARAMETERS.splitlines())
    assert lines[2].split(maxsplit=3) == ["as_of", "str", '"latest"', "day of the view"]
    assert lines[3].endswith("`normlib report` also takes 'last', the day published last")


@pytest.mark.usefixtures("place")
def test_a_defect_is_named_as_one_and_shown_only_on_demand(
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["report", "--dataset", "tiny"]
    status, words = status_and_words(capsys, *arguments)
    assert status == 4
    assert "a defect of normlib" in words
    assert "Traceback" not in words
    with pytest.raises(AssertionError, match="something was run"):
        cli.run([*arguments, "--debug"])


def environment(place: Project, **changes: str) -> dict[str, str]:
    paths = {"NORMLIB_PROJECT": str(place.folder), "NORMLIB_DATA": str(place.folder.parent)}
    return {**os.environ, **paths, "PYTHONPATH": str(PROJECT), **changes}


def test_a_build_from_anywhere_publishes_what_is_good(place: Project, tmp_path: Path) -> None:
    """Three reports, one of which kills its kernel; then one again elsewhere: the same bytes."""
    killed = notebook(code("import os; os.kill(os.getpid(), 9)"))
    (place.notebooks / "20-other.ipynb").write_text(json.dumps(killed))
    (place.notebooks / "30-third.ipynb").write_text(json.dumps(good_notebook()))
    command = [*COMMAND, "report", "--dataset", "tiny", "--out"]
    here = {"cwd": "/", "capture_output": True, "text": True}
    done = subprocess.run([*command, "one"], **{**here, "cwd": tmp_path}, env=environment(place))
    assert done.returncode == 1, done.stderr
    assert re.search(r"built +2\n +unchanged +0\n +failed +1\n", done.stdout)
    assert "next: normlib report baseline --only 20-other --dataset tiny" in done.stdout
    assert f"Open {tmp_path / 'one' / 'index.html'}" in done.stdout
    assert "kernel-died: the process of the notebook was killed by SIGKILL" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    odd = environment(place, TZ="Asia/Yerevan", LC_ALL="tr_TR.UTF-8", PYTHONHASHSEED="7")
    elsewhere = tmp_path / "two ş"
    again = [*command, str(elsewhere), "--only", "10-page", "--jobs", "1"]
    assert subprocess.run(again, **here, env=odd).returncode == 0
    pages = [
        folder / "baseline/latest-tiny/10-page.html" for folder in (tmp_path / "one", elsewhere)
    ]
    assert pages[0].read_bytes() == pages[1].read_bytes()
    assert 'id="figure-events-plot"' in pages[0].read_text(encoding="utf-8")


@pytest.mark.parametrize(("sent", "status"), [("SIGINT", 130), ("SIGTERM", 130), ("SIGKILL", -9)])
def test_a_build_that_is_ended_leaves_no_kernel_and_no_half_page(
    place: Project, tmp_path: Path, sent: str, status: int
) -> None:
    marker = tmp_path / "kernel"
    wait = f"import os, time, pathlib; pathlib.Path({str(marker)!r}).write_text(str(os.getpid()))"
    (place.notebooks / "10-page.ipynb").write_text(
        json.dumps(notebook(code(f"{wait}; time.sleep(600)")))
    )
    command = [*COMMAND, "report", "--dataset", "tiny", "--only", "10-page"]
    with subprocess.Popen(command, env=environment(place), stderr=subprocess.PIPE) as process:
        kernel = int(awaited(marker))
        process.send_signal(getattr(signal, sent))
        assert process.wait(30) == status
    assert gone(kernel)
    with open_shelf(place.build):
        assert len(list((place.build / STAGING).iterdir())) == 1
    assert not (place.build / "baseline").exists()


def awaited(file: Path) -> str:
    """Return the text of a file once it is there."""
    for _ in range(1200):
        if file.exists() and file.read_text():
            return file.read_text()
        time.sleep(0.1)
    raise AssertionError(f"{file} never came")


def gone(process: int) -> bool:
    """Whether a process ends within some seconds."""
    for _ in range(100):
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.fixture
def two_folders(place: Project, tmp_path: Path) -> tuple[str, str]:
    """The record, and a newer one with another title of one event."""
    older = tmp_path / "tiny"
    newer = tmp_path / "newer"
    shutil.copytree(older, newer)
    events = newer / "events.csv"
    events.write_text(
        events.read_text("utf-8").replace("Second round", "Second talks"), encoding="utf-8"
    )
    return str(older), str(newer)


def test_two_folders_are_compared_as_text_and_as_json(
    two_folders: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    status, words = status_and_words(capsys, "changes", *two_folders)
    assert (status, "Second round → Second talks" in words) == (0, True)
    status, words = status_and_words(capsys, "changes", *two_folders, "--json")
    assert status == 0
    assert json.loads(words)["counts"]["corrected"] == 1


def test_without_a_second_release_the_first_is_compared_with_the_dataset_as_it_stands(
    two_folders: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    status, words = status_and_words(capsys, "changes", two_folders[1], "--dataset", "tiny")
    assert (status, "Second talks → Second round" in words) == (0, True)


def test_the_page_of_changes_goes_into_a_folder(
    two_folders: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "folder"
    status, words = status_and_words(capsys, "changes", *two_folders, "--out", str(out))
    assert (status, f"Open {out}/changes.html" in words) == (0, True)
    assert "Second talks" in (out / "changes.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "status", "telling"),
    [
        (["tiny", "nowhere"], 2, "'nowhere' is no dataset"),
        (["tiny", "tiny", "--dataset", "tini"], 0, "the same, cell by cell"),
        ([], 2, "Missing argument 'A'"),
        (["tiny", "tiny", "--out", "/proc/x"], 3, "Choose another folder: --out."),
    ],
)
@pytest.mark.usefixtures("place")
def test_a_comparison_that_cannot_be_made_says_why(
    capsys: pytest.CaptureFixture[str], arguments: Sequence[str], status: int, telling: str
) -> None:
    found, words = status_and_words(capsys, "changes", *arguments)
    assert (found, telling in words) == (status, True), words


def test_a_release_with_faults_is_named_with_them(
    two_folders: tuple[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    (Path(two_folders[1]) / "events.csv").write_text("event_id\n", encoding="utf-8")
    status, words = status_and_words(capsys, "changes", *two_folders)
    assert (status, "newer: events.csv:1:" in words) == (1, True)
