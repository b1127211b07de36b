"""Time a batch against papermill and nbconvert, and against its own limit; then let it grow.

    python benchmarks/batch.py [--json FILE] [--only WAY ...] [--python PYTHON]

The 24 reports are the six notebooks of the project as of four days. Ways:

- ``commands``  papermill and nbconvert as commands, one report after the other (the peer)
- ``api``       papermill's and nbconvert's Python functions in one process
- ``ours1``     normlib report --jobs 1, its start included
- ``ours2``     normlib report --jobs 2, its start included
- ``plain``     the same calls as plain code, with the same pages, in one warm process (the limit)
- ``again``     normlib report when nothing has changed
- ``growth``    24, 240 and 720 reports of 1, 10 and 30 copies of the record, two at a time
- ``dask``      240 reports on two Dask workers of this machine

Each way is a process of its own; processor time and memory are the system's own account of it and
of all its children. ``--python`` names another environment for ours, such as the batch alone.
"""

import argparse
import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

from normlib.package import PROJECT, data_folder
from normlib.report.project import find_project

DAYS = ("2022-07-01", "2024-07-30", "2025-09-12", "2026-06-01")
COPIES = (1, 10, 30)
WAYS = ("commands", "api", "ours1", "ours2", "plain", "again", "growth", "dask")
MB = 1_000_000

RECIPE = """
title = "Benchmark"
{datasets}
[fan_out]
days = {days}
"""

API = """
import sys, nbconvert, papermill
for job in sys.argv[1:]:
    source, day, out = job.split("|")
    papermill.execute_notebook(source, out, parameters={"as_of": day}, progress_bar=False)
    html, _ = nbconvert.HTMLExporter().from_filename(out)
    open(out.replace(".ipynb", ".html"), "w").write(html)
"""


@dataclass
class Measured:
    """What a way took. Memory is that of its largest process."""

    way: str
    pages: int
    wall_s: float
    cpu_s: float
    peak_mb: float
    child_mb: float = 0.0

    @property
    def per_page_s(self) -> float:
        """Wall time of one page."""
        return self.wall_s / self.pages


@dataclass(frozen=True)
class Bench:
    """A folder with a project of its own: the notebooks, and recipes for the benchmark."""

    folder: Path
    python: str

    def __post_init__(self) -> None:
        shutil.copytree(PROJECT / "notebooks", self.folder / "notebooks")
        (self.folder / "reports" / "recipes").mkdir(parents=True)
        for count in (0, *COPIES):
            self._recipe(count)

    def _recipe(self, count: int) -> None:
        """Write a recipe for some copies of the record; no copies: the record itself."""
        names = [f"process-{at:02}" for at in range(1, count + 1)]
        for name in names:
            target = self.folder / "data" / name
            if not target.exists():
                shutil.copytree(data_folder() / "turkiye-armenia", target)
        datasets = f"datasets = {json.dumps(names)}" if names else ""
        text = RECIPE.format(datasets=datasets, days=json.dumps(DAYS))
        (self.folder / "reports" / "recipes" / f"copies-{count}.toml").write_text(text)

    def environment(self, *, copies: bool = False) -> dict[str, str]:
        """The environment of the command."""
        data = self.folder / "data" if copies else data_folder()
        named = {"NORMLIB_PROJECT": str(self.folder), "NORMLIB_DATA": str(data.resolve())}
        return {**os.environ, **named, "PYTHONPATH": str(PROJECT)}

    def jobs(self) -> Iterator[tuple[Path, str, Path]]:
        """Yield notebook, day and output of each of the 24 reports."""
        for day in DAYS:
            for name in find_project().batch_names():
                yield self.folder / "notebooks" / f"{name}.ipynb", day, Path(f"{name}-{day}.ipynb")

    def ours(self, recipe: str, out: Path, *more: str, copies: bool = False) -> Any:
        """Run the command and return its outcome."""
        command = [self.python, "-m", "normlib.cli", "report", recipe, "--json", "--out", str(out)]
        done = subprocess.run(
            [*command, *more],
            env=self.environment(copies=copies),
            capture_output=True,
            text=True,
            check=True,
        )
        return json.loads(done.stdout)


@contextmanager
def measured(way: str, into: list[Measured]) -> Iterator[Measured]:
    """Measure what runs inside, by the system's account of this process's children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = perf_counter()
    found = Measured(way, 0, 0.0, 0.0, 0.0)
    yield found
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    found.wall_s = found.wall_s or perf_counter() - begun
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    found.cpu_s = found.cpu_s or spent
    found.peak_mb = after.ru_maxrss * 1024 / MB
    into.append(found)


def commands(bench: Bench, out: Path, into: list[Measured]) -> None:
    """The papermill command, then the nbconvert command, for one report after the other."""
    with measured("commands", into) as found:
        for source, day, name in bench.jobs():
            run = [sys.executable, "-m", "papermill", "--no-progress-bar", str(source)]
            quiet = {"check": True, "capture_output": True, "cwd": out}
            subprocess.run([*run, str(out / name), "-p", "as_of", day], **quiet)
            convert = [sys.executable, "-m", "nbconvert", "--to", "html", str(out / name)]
            subprocess.run(convert, **quiet)
            found.pages += 1


def api(bench: Bench, out: Path, into: list[Measured]) -> None:
    """The functions behind the commands, in one process."""
    given = [f"{source}|{day}|{out / name}" for source, day, name in bench.jobs()]
    with measured("api", into) as found:
        subprocess.run([sys.executable, "-c", API, *given], check=True, capture_output=True)
        found.pages = len(given)


def ours(jobs: int) -> Callable[[Bench, Path, list[Measured]], None]:
    """Return the way that builds with some jobs at a time."""

    def way(bench: Bench, out: Path, into: list[Measured]) -> None:
        with measured(f"ours{jobs}", into) as found:
            outcome = bench.ours("copies-0", out, "--jobs", str(jobs))
            found.pages = outcome["counts"]["built"]
        found.child_mb = _largest_child(out)

    return way


def plain(bench: Bench, out: Path, into: list[Measured]) -> None:
    """The same calls without notebooks and processes."""
    with measured("plain", into) as found:
        done = subprocess.run(
            [bench.python, str(Path(__file__).with_name("plain.py")), "copies-0", str(out)],
            env=bench.environment(),
            capture_output=True,
            text=True,
            check=True,
        )
        counted = json.loads(done.stdout)
        found.pages, found.wall_s, found.cpu_s = (counted[key] for key in ("pages", "wall", "cpu"))


def again(bench: Bench, out: Path, into: list[Measured]) -> None:
    """A build that has nothing to do."""
    bench.ours("copies-0", out)
    with measured("again", into) as found:
        found.pages = bench.ours("copies-0", out)["counts"]["unchanged"]


def growth(bench: Bench, out: Path, into: list[Measured]) -> None:
    """More and more reports, two at a time."""
    for count in COPIES:
        with measured(f"growth {24 * count}", into) as found:
            place = out / str(count)
            outcome = bench.ours(f"copies-{count}", place, "--jobs", "2", copies=True)
            found.pages = outcome["counts"]["built"]
        found.child_mb = _largest_child(place)


def dask(bench: Bench, out: Path, into: list[Measured]) -> None:
    """Two workers on this machine, started before the clock."""
    told = out / "scheduler.json"
    alone = ["--no-dashboard", "--scheduler-file", str(told)]
    scheduler = [sys.executable, "-m", "dask", "scheduler", "--host", "127.0.0.1", "--port", "0"]
    worker = [sys.executable, "-m", "dask", "worker", "--nthreads", "1", "--no-nanny", *alone]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": out}
    parts = [subprocess.Popen([*scheduler, "--dashboard-address", ":0", *alone], **quiet)]
    try:
        while not told.exists():
            sleep(0.1)
        parts += [subprocess.Popen(worker, **quiet) for _ in range(2)]
        address = json.loads(told.read_text())["address"]
        sleep(5)
        with measured("dask, 2 workers", into) as found:
            outcome = bench.ours("copies-10", out / "there", "--dask", address, copies=True)
            found.pages = outcome["counts"]["built"]
        found.child_mb = _largest_child(out / "there")
    finally:
        for part in parts:
            part.kill()
            part.wait()


def _largest_child(out: Path) -> float:
    """Return the most memory of a report's process beyond that of the one it was forked from."""
    records = [json.loads(file.read_text()) for file in out.glob("*/*/report.json")]
    return max(entry["memory_mb"] for record in records for entry in record["reports"].values())


def table(found: Sequence[Measured]) -> Iterator[str]:
    """Yield the table and the ratios that are claimed."""
    by_way = {one.way: one for one in found}
    peer, limit = by_way.get("commands"), by_way.get("plain")
    heads = ("wall s", "CPU s", "peak MB", "child MB", "s a page", "x peer", "x limit")
    yield f"{'way':<16}{'pages':>6}" + "".join(f"{head:>10}" for head in heads)
    for one in found:
        versus = f"{peer.per_page_s / one.per_page_s:>10.1f}" if peer else f"{'':>10}"
        above = f"{one.per_page_s / limit.per_page_s:>10.2f}" if limit else f"{'':>10}"
        yield (
            f"{one.way:<16}{one.pages:>6}{one.wall_s:>10.2f}{one.cpu_s:>10.2f}{one.peak_mb:>10.0f}"
            f"{one.child_mb:>10.0f}{one.per_page_s:>10.3f}{versus}{above}"
        )


def main() -> None:
    """Measure the ways that were asked for, print a table, and write it as JSON."""
    read = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    read.add_argument("--json", type=Path, default=Path("benchmarks/build/batch.json"))
    read.add_argument("--only", nargs="*", choices=WAYS, default=WAYS)
    read.add_argument("--python", default=sys.executable)
    asked = read.parse_args()
    ways = {
        "commands": commands,
        "api": api,
        "ours1": ours(1),
        "ours2": ours(2),
        "plain": plain,
        "again": again,
        "growth": growth,
        "dask": dask,
    }
    found: list[Measured] = []
    with tempfile.TemporaryDirectory(prefix="normbench") as folder:
        bench = Bench(Path(folder) / "project", asked.python)
        for name in asked.only:
            out = Path(folder) / name
            out.mkdir()
            ways[name](bench, out, found)
            print(f"  {found[-1].way}: {found[-1].wall_s:.1f} s", file=sys.stderr, flush=True)
    print("\n".join(table(found)))
    asked.json.parent.mkdir(parents=True, exist_ok=True)
    machine = {"python": platform.python_version(), "cores": os.cpu_count()}
    rows = [{**asdict(one), "per_page_s": one.per_page_s} for one in found]
    asked.json.write_text(json.dumps({"machine": machine, "ways": rows}, indent=2) + "\n")


if __name__ == "__main__":
    main()
