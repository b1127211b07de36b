"""A Dask cluster does the same jobs; what is lost with a worker is done by another.

Scheduler and workers are processes of their own, in folders of their own, as they would be on
machines of their own.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from normlib.errors import SurroundingsError
from normlib.package import PROJECT
from normlib.report import cluster
from normlib.report.build import Outcome, build
from normlib.report.clerk import Verdict
from normlib.report.cluster import bundle_of, do_there
from normlib.report.plan import Order
from normlib.report.project import Project
from tests.pages_kit import (
    NOTE_MIME,
    PLOTLY_MIME,
    Json,
    code,
    dataset,
    figure,
    job,
    note,
    notebook,
    project,
    shows,
)
from tests.test_report_build import Silent


@dataclass
class Machines:
    """A scheduler and two workers, each in a folder of its own."""

    address: str
    workers: list["subprocess.Popen[bytes]"]
    folders: list[Path]


def started(folder: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    """Start a part of Dask in its own folder, with next to nothing of this environment."""
    (folder / "tmp").mkdir(parents=True)
    own = {"TMPDIR": str(folder / "tmp"), "PYTHONPATH": str(PROJECT), "HOME": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-m", "dask", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], **own},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def awaited(file: Path) -> Json:
    """Return what a file of JSON says once it is there."""
    for _ in range(600):
        try:
            return dict(json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            time.sleep(0.1)
    raise AssertionError(f"{file} never came")


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    folder = tmp_path_factory.mktemp("machines")
    told = folder / "scheduler" / "where.json"
    scheduler = started(
        folder / "scheduler", "scheduler", "--host", "127.0.0.1", "--port", "0",
        "--dashboard-address", ":0", "--no-dashboard", "--scheduler-file", str(told),
    )  # fmt: skip
    address = str(awaited(told)["address"])
    folders = [folder / "one", folder / "two"]
    workers = [
        started(each, "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        for each in folders
    ]
    yield Machines(address, workers, folders)
    for process in (*workers, scheduler):
        process.kill()
        process.wait()


@pytest.fixture
def place(tmp_path: Path) -> Project:
    """Six notebooks that take a moment, and draw."""
    dataset(tmp_path)
    cells = [
        code("import time; time.sleep(0.7)"),
        code(shows(figure(), PLOTLY_MIME)),
        code(shows(note(), NOTE_MIME), "headline"),
    ]
    names = {f"_{at}0_page": notebook(*cells) for at in range(1, 7)}
    return project(tmp_path, **names)


def built(place: Project, out: str, heard: Silent | None = None, **changes: str) -> Outcome:
    folder = str(place.folder.parent / "tiny")
    order = Order(dataset=folder, out=place.folder.parent / out, **changes)  # type: ignore[arg-type]
    return build(order, place, heard or Silent())


def pages(outcome: Outcome) -> dict[str, bytes]:
    folder = outcome.index.parent
    found = [*folder.rglob("*.html"), *folder.rglob("assets/*")]
    return {str(file.relative_to(folder)): file.read_bytes() for file in found}


def test_a_cluster_gives_the_same_bytes(place: Project, machines: Machines) -> None:
    there = built(place, "there", dask=machines.address)
    here = built(place, "here")
    assert there.failed == here.failed == []
    assert len(pages(there)) == 6 + 3 + 1
    assert pages(there) == pages(here)


def test_a_sweep_is_compared_on_the_cluster_too(place: Project, machines: Machines) -> None:
    recipe = 'title = "S"\nnotebooks = ["10-page"]\n[fan_out]\ndays = ["2022-02-01", "2022-07-01"]'
    (place.recipes / "baseline.toml").write_text(recipe)
    there = built(place, "there", dask=machines.address)
    assert [one.failure for one in there.failed] == []
    assert pages(there) == pages(built(place, "here"))
    assert b"2 sets of pages" in pages(there)["baseline/index.html"]


def test_a_report_that_fails_there_is_told_as_here(place: Project, machines: Machines) -> None:
    dead = notebook(code("print('last words', flush=True)\nimport os; os.kill(os.getpid(), 9)"))
    (place.notebooks / "20-page.ipynb").write_text(json.dumps(dead))
    (failed,) = built(place, "there", dask=machines.address).failed
    assert failed.failure is not None
    assert failed.failure.code == "kernel-died"
    assert failed.failure.tail == "last words"


def test_what_is_lost_with_a_worker_is_done_by_the_other(
    place: Project, machines: Machines
) -> None:
    """The worker is killed when the first report is done, in the middle of its own."""

    class Killer(Silent):
        def done(self, verdict: Verdict) -> None:
            if not self.heard:
                machines.workers[0].send_signal(signal.SIGKILL)
            super().done(verdict)

    there = built(place, "there", Killer(), dask=machines.address)
    assert machines.workers[0].wait(10) == -signal.SIGKILL
    assert [one.failure for one in there.failed] == []
    assert len(there.of("built")) == 6
    assert pages(there) == pages(built(place, "here"))
    left = machines.folders[0] / "tmp"
    until = time.monotonic() + 10
    while list(left.glob("normlib-*")) and time.monotonic() < until:
        time.sleep(0.1)
    assert list(left.glob("normlib-*")) == []


def test_a_worker_of_another_release_refuses(place: Project) -> None:
    bundle = bundle_of([str(place.folder.parent / "tiny")], place.template)
    result = do_there(replace(bundle, library="another"), job(notebook()))
    assert result.failure is not None
    assert result.failure.code == "worker-differs"


def test_a_cluster_that_is_not_there_is_told_with_a_remedy(place: Project) -> None:
    with pytest.raises(SurroundingsError, match=r"No Dask scheduler answers at tcp://127.0.0.1:1"):
        built(place, "there", dask="tcp://127.0.0.1:1")


def test_a_cluster_without_workers_is_told_with_a_remedy(
    place: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 3)
    told = tmp_path / "alone" / "where.json"
    scheduler = started(
        tmp_path / "alone", "scheduler", "--host", "127.0.0.1", "--port", "0",
        "--dashboard-address", ":0", "--no-dashboard", "--scheduler-file", str(told),
    )  # fmt: skip
    try:
        with pytest.raises(SurroundingsError, match=r"has no worker. Start one: dask worker"):
            built(place, "there", dask=str(awaited(told)["address"]))
    finally:
        scheduler.kill()
        scheduler.wait()
