"""The command in hostile surroundings: it does its work, or leaves with one sentence and a status.

Whatever happens, the last good pages stay, and no process or temporary file is left behind.
"""

import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from normlib.package import PROJECT
from tests.pages_kit import NOTE_MIME, Json, code, dataset, note, notebook, project, shows
from tests.test_report_pool import LONG, gone

GOOD = notebook(code(shows(note(), NOTE_MIME)))


@dataclass
class Place:
    """A project, its record, and a command that builds it with a temporary folder of its own."""

    folder: Path
    temporary: Path

    @property
    def build(self) -> Path:
        return self.folder / "project" / "reports" / "build"

    def write(self, name: str, content: Json) -> None:
        """Write a notebook."""
        file = self.folder / "project" / "notebooks" / f"{name}.ipynb"
        file.write_text(json.dumps(content), encoding="utf-8")

    def start(self, *arguments: str, **more: Any) -> "subprocess.Popen[str]":
        """Start the command."""
        given = {
            "NORMLIB_PROJECT": str(self.folder / "project"),
            "NORMLIB_DATA": str(self.folder),
            "PYTHONPATH": str(PROJECT),
            "TMPDIR": str(self.temporary),
        }
        environment = {**os.environ, **given, **more.pop("environment", {})}
        environment = {name: text for name, text in environment.items() if text is not None}
        usual = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        command = [sys.executable, "-m", "normlib.cli", "report", "--dataset", "tiny", *arguments]
        return subprocess.Popen(command, env=environment, cwd="/", **{**usual, **more})

    def run(self, *arguments: str, **more: Any) -> tuple[int, str]:
        """Run the command; return its status and all that it said."""
        with self.start(*arguments, **more) as process:
            said = process.communicate(timeout=120)
        return process.returncode, "".join(filter(None, said))

    def pages(self) -> dict[str, bytes]:
        """All published pages, without the traces of failures and the indexes that tell of them."""
        found = self.build.glob("baseline/*/[0-9]*.html")
        return {file.name: file.read_bytes() for file in found if "failed" not in file.name}


@pytest.fixture
def place(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """A good build of two pages; nothing temporary may be left after the test."""
    dataset(tmp_path)
    project(tmp_path, _10_page=GOOD, _20_other=GOOD)
    found = Place(tmp_path, tmp_path_factory.mktemp("t"))
    status, said = found.run()
    assert status == 0, said
    yield found
    assert list(found.temporary.iterdir()) == []
    assert not (found.build / ".staging").exists()


def marked(folder: Path) -> tuple[Path, Json]:
    """A file that tells the number of a process, and a slow notebook that writes it."""
    file = folder / "number"
    write = f"import os, pathlib\npathlib.Path({str(file)!r}).write_text(str(os.getpid()))"
    return file, notebook(code(f"{write}\n{LONG}"))


def awaited(file: Path) -> int:
    for _ in range(1200):
        if file.exists() and file.read_text():
            return int(file.read_text())
        time.sleep(0.05)
    raise AssertionError(f"{file} never came")


@pytest.mark.parametrize("engine", ["warm", "kernel"])
@pytest.mark.parametrize(("sent", "status"), [("SIGINT", 130), ("SIGTERM", 130), ("SIGKILL", -9)])
def test_a_command_that_is_ended_leaves_nothing_behind(
    place: Place, sent: str, status: int, engine: str
) -> None:
    before = place.pages()
    file, slow = marked(place.folder)
    place.write("10-page", slow)
    with place.start("--engine", engine) as process:
        number = awaited(file)
        process.send_signal(getattr(signal, sent))
        process.communicate(timeout=60)
    assert process.returncode == status
    assert gone(number)
    assert place.pages().items() >= {"20-other.html": before["20-other.html"]}.items()
    assert place.pages()["10-page.html"] == before["10-page.html"]
    place.write("10-page", GOOD)
    assert place.run("--engine", "warm")[0] == 0


def test_a_second_build_into_the_same_folder_is_told_who_holds_it(place: Place) -> None:
    file, slow = marked(place.folder)
    place.write("10-page", slow)
    with place.start() as process:
        awaited(file)
        status, said = place.run()
        process.send_signal(signal.SIGTERM)
    assert status == 3
    assert re.search(rf"in use by process {process.pid} on \S+ since \d\d:\d\d:\d\d", said)


def small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (9_000, 9_000))


def test_a_page_that_the_disk_does_not_take_leaves_the_last_good_one(place: Place) -> None:
    before = place.pages()
    long = notebook(code(shows(note("Many words. " * 2000), NOTE_MIME)))
    place.write("10-page", long)
    status, said = place.run(preexec_fn=small_files)
    assert status == 3, said
    assert "cannot be written: File too large" in said
    assert "Traceback" not in said
    assert place.pages() == before
    assert place.run()[0] == 0
    assert place.pages() != before


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_log_that_nobody_can_write_stops_no_build(place: Place, stream: str) -> None:
    place.write("10-page", notebook(code(shows(note("Another sentence."), NOTE_MIME))))
    with Path("/dev/full").open("w") as full:
        status, said = place.run(**{stream: full})
    assert b"Another sentence." in place.pages()["10-page.html"]
    assert status == (3 if stream == "stdout" else 0)
    assert "Traceback" not in said


def test_a_reader_who_leaves_early_stops_no_build(place: Place) -> None:
    place.write("10-page", notebook(code(shows(note("Another sentence."), NOTE_MIME))))
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as broken:
        status, said = place.run(stdout=broken)
    assert b"Another sentence." in place.pages()["10-page.html"]
    assert status == 1
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "strange",
    [
        {"environment": {"HOME": None}},
        {"environment": {"HOME": "/proc"}},
        {"environment": {"TERM": None, "LANG": None, "LC_ALL": "C"}},
        {"environment": {"TZ": "Pacific/Apia", "LC_ALL": "tr_TR.UTF-8"}},
        {"environment": {"PLOTLY_RENDERER": "browser", "PYTHONSTARTUP": "/nowhere"}},
        {"stdin": None, "preexec_fn": lambda: os.close(0)},
    ],
    ids=lambda value: next(iter(value.get("environment", {"stdin": ""}))),
)
def test_strange_surroundings_change_nothing(place: Place, strange: dict[str, Any]) -> None:
    before = place.pages()
    status, said = place.run("--force", **strange)
    assert status == 0, said
    assert place.pages() == before


def few_files() -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (10, 10))


def test_ten_open_files_are_enough(place: Place) -> None:
    before = place.pages()
    status, said = place.run("--force", "--jobs", "2", preexec_fn=few_files)
    assert status == 0, said
    assert place.pages() == before


def test_a_folder_that_is_a_link_is_refused(place: Place) -> None:
    link = place.folder / "link"
    link.symlink_to(place.folder / "elsewhere")
    (place.folder / "elsewhere").mkdir()
    status, said = place.run("--out", str(link))
    assert (status, "is a link to" in said) == (3, True)
    assert list((place.folder / "elsewhere").iterdir()) == []


def test_a_link_within_the_folder_is_not_followed(place: Place) -> None:
    (place.folder / "elsewhere").mkdir()
    (place.folder / "out").mkdir()
    (place.folder / "out" / "baseline").symlink_to(place.folder / "elsewhere")
    status, said = place.run("--out", str(place.folder / "out"))
    assert (status, "leads out of" in said) == (3, True)
    assert list((place.folder / "elsewhere").iterdir()) == []


def shadow(folder: Path, name: str, text: str) -> dict[str, dict[str, str]]:
    """Put a package in the place of another."""
    (folder / "shadow" / name).mkdir(parents=True)
    (folder / "shadow" / name / "__init__.py").write_text(text)
    path = os.pathsep.join([str(folder / "shadow"), str(PROJECT)])
    return {"environment": {"PYTHONPATH": path}}


def test_a_missing_kernel_is_a_failed_report_with_a_remedy(place: Place) -> None:
    before = place.pages()
    missing = shadow(place.folder, "ipykernel", "raise ImportError('not installed')")
    status, said = place.run("--engine", "kernel", "--only", "10-page", **missing)
    assert status == 1
    assert "kernel-missing" in said
    assert "normlib doctor" in said
    assert place.pages() == before


def test_a_missing_package_is_told_before_anything_is_published(place: Place) -> None:
    before = place.pages()
    missing = shadow(place.folder, "papermill", "raise ImportError('not installed')")
    status, said = place.run("--force", **missing)
    assert status == 3
    assert "not installed" in said
    assert "Traceback" not in said
    assert place.pages() == before


def test_of_eight_reports_two_fail_and_six_are_published(place: Place) -> None:
    (place.folder / "project" / "reports" / "recipes" / "baseline.toml").write_text(
        'title = "All"\nlimits = {cell = 2}\n'
    )
    for at in range(3, 9):
        place.write(f"{at}0-page", GOOD)
    place.write("30-page", notebook(code("import os; os.kill(os.getpid(), 9)")))
    place.write("50-page", notebook(code(LONG)))
    status, said = place.run()
    assert status == 1
    assert len(place.pages()) == 6
    assert re.search(r"failed +2", said)
    for name, telling in (("30-page", "kernel-died"), ("50-page", "cell-timeout")):
        assert f"not built: baseline/latest-tiny/{name} ({telling}); there is no page" in said
        assert f"next: normlib report baseline --only {name} --dataset tiny" in said
    failure = (place.build / "baseline/latest-tiny/50-page.failed.html").read_text()
    assert "normlib report baseline --only 50-page --dataset tiny" in failure
    again, said = place.run()
    assert again == 1
    assert re.search(r"unchanged +6", said)


def test_data_that_changes_during_the_build_fails_it_as_stale(place: Place) -> None:
    file, _ = marked(place.folder)
    write = f"import os, pathlib\npathlib.Path({str(file)!r}).write_text(str(os.getpid()))"
    slow = notebook(code(f"{write}\nimport time; time.sleep(2)"), code(shows(note(), NOTE_MIME)))
    place.write("10-page", slow)
    events = place.folder / "tiny" / "events.csv"
    with place.start() as process:
        awaited(file)
        events.write_text(events.read_text().replace("Second round", "Another title"))
        said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "stale" in "".join(said)
