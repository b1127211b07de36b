"""Time a batch against papermill and nbconvert, and against its own limit; then let it grow.

    python benchmarks/batch.py [--json FILE] [--only WAY ...] [--work WORK ...] [--python PYTHON]

The reports, 24 each time: ``yardstick``, one plain notebook as of 24 days, which reads three tables
of 200 rows, draws four figures, shows two tables and measures a network three times in twelve
cells; ``own``, the notebooks of the project as of three days, which take several times as long
(some three figures and nine tables each). The ways:

- ``commands``  papermill and nbconvert as commands, one report after the other (the peer)
- ``api``       papermill's and nbconvert's Python functions in one process
- ``ours1``     normlib report --jobs 1, its start included
- ``ours2``     normlib report --jobs 2, its start included
- ``start``     normlib report of one report, less the time of that report itself
- ``plain``     the same calls as plain code, with the same pages, in one warm process (the limit)
- ``again``     normlib report when nothing has changed
- ``help``      normlib --help
- ``growth``    24, 240 and 720 reports of 1, 10 and 30 copies of the record, two at a time
- ``dask``      240 reports on two Dask workers of this machine

Processor time and memory are the system's own account of each way's processes, memory that of the
largest. ``--python`` names another environment for ours, such as that of `make reports` alone.
"""

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from normlib.package import PROJECT, data_folder
from normlib.report.project import find_project

THREE = ("2022-07-01", "2024-07-30", "2025-09-12")
MONTHS = tuple(str(date(2024 + at // 12, at % 12 + 1, 1)) for at in range(24))
COPIES = (1, 10, 30)
MB = 1_000_000

RECIPE = 'title = "Benchmark"\n{datasets}\n[fan_out]\ndays = {days}\n'

API = """
import sys, nbconvert, papermill
for job in sys.argv[1:]:
    source, day, out = job.split("|")
    papermill.execute_notebook(source, out, parameters={"as_of": day}, progress_bar=False)
    html, _ = nbconvert.HTMLExporter().from_filename(out)
    open(out.replace(".ipynb", ".html"), "w").write(html)
"""


@dataclass(frozen=True)
class Measured:
    """What a way took. Memory is that of its largest process, and of a report beyond its parent."""

    way: str
    pages: int
    wall_s: float
    cpu_s: float
    peak_mb: float
    child_mb: float = 0.0

    @property
    def per_page_s(self) -> float:
        """Wall time of one page."""
        return self.wall_s / max(self.pages, 1)

    def __add__(self, other: "Measured") -> "Measured":
        """Return what both took, one after the other."""
        return replace(
            self,
            pages=self.pages + other.pages,
            wall_s=self.wall_s + other.wall_s,
            cpu_s=self.cpu_s + other.cpu_s,
            peak_mb=max(self.peak_mb, other.peak_mb),
        )


@dataclass(frozen=True)
class Run:
    """A finished command: what it took, and what it printed."""

    took: Measured
    said: str


def run(command: Sequence[str], **options: Any) -> Run:
    """Run a command that must succeed, and read the system's account of it and of its children."""
    begun = perf_counter()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(command, stdout=out, stderr=errors, **options)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        errors.seek(0)
        if process.returncode != 0:
            raise SystemExit(f"{' '.join(command)} failed:\n{out.read()}{errors.read()}")
        wall, cpu = perf_counter() - begun, usage.ru_utime + usage.ru_stime
        return Run(Measured("", 0, wall, cpu, usage.ru_maxrss * 1024 / MB), out.read())


class Bench:
    """A folder with a project of its own: the notebooks of a work, and recipes for them."""

    def __init__(self, folder: Path, work: str, python: str) -> None:
        self.folder = folder
        self.python = python
        self.days = THREE if work == "own" else MONTHS
        self.notebooks = (
            [find_project().notebook(name) for name in find_project().usual_names()]
            if work == "own"
            else [Path(__file__).with_name("yardstick.ipynb")]
        )
        (folder / "notebooks").mkdir(parents=True)
        for file in self.notebooks:
            shutil.copy(file, folder / "notebooks")
        (folder / "reports" / "recipes").mkdir(parents=True)
        for count in (0, *COPIES):
            self._recipe(f"copies-{count}", count, self.days)
        self._recipe("one", 0, self.days[-1:])

    def _recipe(self, name: str, copies: int, days: Sequence[str]) -> None:
        """Write a recipe for some copies of the record; no copies: the record itself."""
        names = [f"process-{at:02}" for at in range(1, copies + 1)]
        for each in names:
            target = self.folder / "data" / each
            if not target.exists():
                shutil.copytree(data_folder() / "turkiye-armenia", target)
        datasets = f"datasets = {json.dumps(names)}" if names else ""
        text = RECIPE.format(datasets=datasets, days=json.dumps(days))
        (self.folder / "reports" / "recipes" / f"{name}.toml").write_text(text)

    def environment(self, *, copies: bool = False) -> dict[str, str]:
        """The environment of our command."""
        data = self.folder / "data" if copies else data_folder()
        named = {"NORMLIB_PROJECT": str(self.folder), "NORMLIB_DATA": str(data.resolve())}
        return {**os.environ, **named, "PYTHONPATH": str(PROJECT)}

    def jobs(self) -> Iterator[tuple[str, str, str]]:
        """Yield notebook, day and output of each of the 24 reports."""
        for day in self.days:
            for file in self.notebooks:
                yield str(file), day, f"{file.stem}-{day}.ipynb"

    def ours(self, way: str, recipe: str, out: Path, *more: str, copies: bool = False) -> Measured:
        """Run our command, and count the pages that are there afterwards."""
        command = [self.python, "-m", "normlib.cli", "report", recipe, "--json", "--out", str(out)]
        done = run([*command, *more], env=self.environment(copies=copies))
        counts = json.loads(done.said)["counts"]
        records = [json.loads(file.read_text()) for file in out.glob("*/*/report.json")]
        children = [one["memory_mb"] for record in records for one in record["reports"].values()]
        pages = counts["built"] + counts["unchanged"]
        return replace(done.took, way=way, pages=pages, child_mb=max(children))


def commands(bench: Bench, out: Path) -> Iterator[Measured]:
    """The papermill command, then the nbconvert command, for one report after the other."""
    total = Measured("commands", 0, 0.0, 0.0, 0.0)
    for source, day, name in bench.jobs():
        execute = ["papermill", "--no-progress-bar", source, str(out / name), "-p", "as_of", day]
        convert = ["nbconvert", "--to", "html", str(out / name)]
        for command in (execute, convert):
            total += run([sys.executable, "-m", *command], cwd=out).took
        total = replace(total, pages=total.pages + 1)
    yield total


def api(bench: Bench, out: Path) -> Iterator[Measured]:
    """The functions behind the commands, in one process."""
    given = [f"{source}|{day}|{out / name}" for source, day, name in bench.jobs()]
    took = run([sys.executable, "-c", API, *given]).took
    yield replace(took, way="api", pages=len(given))


def ours1(bench: Bench, out: Path) -> Iterator[Measured]:
    """One report at a time."""
    yield bench.ours("ours1", "copies-0", out, "--jobs", "1")


def ours2(bench: Bench, out: Path) -> Iterator[Measured]:
    """Two reports at a time."""
    yield bench.ours("ours2", "copies-0", out, "--jobs", "2")


def start(bench: Bench, out: Path) -> Iterator[Measured]:
    """What a build takes before its first report begins, and after its last one has ended."""
    only = ["--only", bench.notebooks[0].stem]
    took = bench.ours("start", "one", out, *only)
    record = json.loads(next(out.glob("*/*/report.json")).read_text())
    (report,) = record["reports"].values()
    yield replace(took, wall_s=took.wall_s - report["seconds"], pages=0)


def plain(bench: Bench, out: Path) -> Iterator[Measured]:
    """The same calls without notebooks and processes."""
    program = str(Path(__file__).with_name("plain.py"))
    done = run([bench.python, program, "copies-0", str(out)], env=bench.environment())
    counted = json.loads(done.said)
    pages, wall, cpu = (counted[key] for key in ("pages", "wall", "cpu"))
    yield replace(done.took, way="plain", pages=pages, wall_s=wall, cpu_s=cpu)


def again(bench: Bench, out: Path) -> Iterator[Measured]:
    """A build that has nothing to do."""
    bench.ours("", "copies-0", out)
    yield bench.ours("again", "copies-0", out)


def about(bench: Bench, out: Path) -> Iterator[Measured]:
    """The help of the command."""
    took = run([bench.python, "-m", "normlib.cli", "--help"], env=bench.environment()).took
    yield replace(took, way="help")


def growth(bench: Bench, out: Path) -> Iterator[Measured]:
    """More and more reports, two at a time."""
    for count in COPIES:
        yield bench.ours(
            f"growth {24 * count}",
            f"copies-{count}",
            out / str(count),
            *("--jobs", "2"),
            copies=True,
        )


def dask(bench: Bench, out: Path) -> Iterator[Measured]:
    """Two workers on this machine, started before the clock; the processor time is ours alone."""
    told = out / "scheduler.json"
    alone = ["--no-dashboard", "--scheduler-file", str(told)]
    scheduler = [sys.executable, "-m", "dask", "scheduler", "--host", "127.0.0.1", "--port", "0"]
    worker = [sys.executable, "-m", "dask", "worker", "--nthreads", "1", "--no-nanny", *alone]
    quiet: dict[str, Any] = {
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
        "cwd": out,
        "env": {**os.environ, "PYTHONPATH": str(PROJECT)},
    }
    parts = [subprocess.Popen([*scheduler, "--dashboard-address", ":0", *alone], **quiet)]
    try:
        while not told.exists():
            sleep(0.1)
        parts += [subprocess.Popen(worker, **quiet) for _ in range(2)]
        sleep(5)
        address = json.loads(told.read_text())["address"]
        here = Bench(out / "project", "own", sys.executable)  # the same packages as the workers
        yield here.ours("dask 240", "copies-10", out / "there", "--dask", address, copies=True)
    finally:
        for part in parts:
            part.kill()
            part.wait()


WAYS: dict[str, Callable[[Bench, Path], Iterator[Measured]]] = {
    "commands": commands,
    "api": api,
    "ours1": ours1,
    "ours2": ours2,
    "start": start,
    "plain": plain,
    "again": again,
    "help": about,
    "growth": growth,
    "dask": dask,
}
WORKS = ("yardstick", "own")
OWN_ONLY = ("help", "growth", "dask")


def table(found: Sequence[Measured]) -> Iterator[str]:
    """Yield a line for each way, with its ratios to the peer and to the limit."""
    by_way = {one.way: one for one in found}
    peer, limit = by_way.get("commands"), by_way.get("plain")
    heads = ("wall s", "CPU s", "peak MB", "child MB", "s a page", "x faster", "x limit")
    yield f"{'way':<14}{'pages':>6}" + "".join(f"{head:>10}" for head in heads)
    for one in found:
        counts = one.pages and one.way != "again"
        faster = f"{peer.per_page_s / one.per_page_s:>10.1f}" if peer and counts else ""
        above = f"{one.per_page_s / limit.per_page_s:>10.2f}" if limit and counts else ""
        yield (
            f"{one.way:<14}{one.pages:>6}{one.wall_s:>10.2f}{one.cpu_s:>10.2f}{one.peak_mb:>10.0f}"
            f"{one.child_mb:>10.0f}{one.per_page_s if counts else 0:>10.3f}{faster:>10}{above:>10}"
        )


def claims(found: Sequence[Measured]) -> Iterator[str]:
    """Yield the ratios that we claim, as far as they were measured."""
    by_way = {one.way: one for one in found}
    if {"commands", "ours2"} <= by_way.keys():
        ratio = by_way["commands"].wall_s / by_way["ours2"].wall_s
        yield f"two at a time, start included, to the commands: {ratio:.1f} times faster"
    if {"ours1", "start", "plain"} <= by_way.keys():
        own = (by_way["ours1"].wall_s - by_way["start"].wall_s) / by_way["ours1"].pages
        yield f"one at a time, a report to the limit: {own / by_way['plain'].per_page_s:.2f} times"
    grown = [one for one in found if one.way.startswith("growth")]
    if len(grown) == len(COPIES):
        small, middle, large = grown
        first = (middle.wall_s - small.wall_s) / (middle.pages - small.pages)
        second = (large.wall_s - middle.wall_s) / (large.pages - middle.pages)
        yield f"a further report from 240 to 720, to one from 24 to 240: {second / first:.2f} times"
        yield f"memory at 720 reports to that at 24: {large.peak_mb / small.peak_mb:.2f} times"


def main() -> None:
    """Measure the ways that were asked for, print tables, and write them as JSON."""
    read = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    read.add_argument("--json", type=Path, default=Path("benchmarks/build/batch.json"))
    read.add_argument("--only", nargs="*", choices=WAYS, default=list(WAYS))
    read.add_argument("--work", nargs="*", choices=WORKS, default=WORKS)
    read.add_argument("--python", default=sys.executable)
    asked = read.parse_args()
    result: dict[str, Any] = {"python": platform.python_version(), "cores": os.cpu_count()}
    for work in asked.work:
        found: list[Measured] = []
        with tempfile.TemporaryDirectory(prefix="normbench") as folder:
            bench = Bench(Path(folder) / "project", work, asked.python)
            for name in asked.only:
                if work == "own" or name not in OWN_ONLY:
                    (Path(folder) / name).mkdir()
                    found += WAYS[name](bench, Path(folder) / name)
        print("\n".join([f"\n{work}", *table(found), *claims(found)]), flush=True)
        rows = [{**asdict(one), "per_page_s": one.per_page_s} for one in found]
        result[work] = {"ways": rows, "claims": list(claims(found))}
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    asked.json.write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
