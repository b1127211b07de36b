"""Do one job from its notebook to its page, in a process of its own."""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from multiprocessing.connection import Connection
from time import perf_counter
from types import FrameType

from normlib.dossier import HORIZON, load
from normlib.report import confine
from normlib.report.edition import citable
from normlib.report.engines import MODULES, WARM
from normlib.report.jobs import (
    Executed,
    Failure,
    Job,
    Notebook,
    Page,
    ReportFailure,
    Result,
    Source,
    Tell,
    Work,
    unheard,
)
from normlib.report.overview import Overview
from normlib.report.page import make_page
from normlib.report.proof import broken, last_lines, unfit, unproved

Engine = Callable[[Job, Tell], Executed]


def do(work: Work, tell: Tell = unheard) -> Result:
    """Do what is to be done, and return the page or why there is none. Never raises."""
    if isinstance(work, Overview):
        return _overview(work)
    assert isinstance(work, Job)
    return _report(work, tell)


def _report(job: Job, tell: Tell) -> Result:
    """Execute a job's notebook, prove that it ran, and make its page."""
    begun = perf_counter()
    page: Page | None = None
    warnings: tuple[str, ...] = ()
    failure = unfit(job.notebook)
    if failure is None:
        executed = _engine(job.engine)(job, tell)
        tell("")
        failure = executed.failure or unproved(executed.notebook)
        warnings = _warnings(executed.notebook)
        if failure is None:
            page, failure = _made(lambda: make_page(with_sources(job), executed.notebook))
    return Result(job.place, page, failure, perf_counter() - begun, warnings)


def _overview(overview: Overview) -> Result:
    from normlib.report.sweep import make_overview

    begun = perf_counter()
    page, failure = _made(lambda: make_overview(overview))
    return Result(overview.place, page, failure, perf_counter() - begun)


def serve_one(line: Connection) -> None:
    """Receive a job, tell which cell begins, send the result: the life of a child process."""
    before = confine.memory_mb()
    work: Work = line.recv()
    if isinstance(work, Job):
        os.environ[HORIZON] = work.edition.day
    if work.engine == WARM:
        confine.limit_memory(work.limits.memory)
        confine.refuse_network()
    else:
        signal.signal(signal.SIGTERM, _end_kernel)
    with contextlib.suppress(BrokenPipeError):
        result = do(work, line.send)
        line.send(replace(result, memory_mb=round(confine.highest_memory_mb() - before, 1)))


def _end_kernel(signum: int, frame: FrameType | None) -> None:
    """End the kernel and this process at once."""
    from normlib.report import kernels

    kernels.end_all()
    os._exit(128 + signum)


def _engine(name: str) -> Engine:
    engine: Engine = import_module(MODULES[name]).execute
    return engine


def _made(make: Callable[[], Page]) -> tuple[Page | None, Failure | None]:
    """Return a page that is whole, or why there is none; nothing that happens ends the batch."""
    try:
        page = make()
        failure = broken(page)
        return (page, None) if failure is None else (None, failure)
    except ReportFailure as failed:
        return None, failed.failure
    except Exception as error:
        first = next(iter(str(error).strip().splitlines()), "")
        message = f"the page could not be made: {type(error).__name__}: {first}"
        remedy = "Look at what the notebook's cells put out."
        return None, Failure("page-error", message, remedy, tail=last_lines(str(error)))


def with_sources(job: Job) -> Job:
    """Return a job with the sources of its view, unless it brings its own."""
    if not job.dataset:
        return job
    return replace(job, edition=replace(job.edition, sources=_Sources(job)))


class _Sources(Mapping[str, Source]):
    """The sources of a job's view, looked up when the first one is cited: some pages cite none."""

    def __init__(self, job: Job) -> None:
        self._job = job

    @cached_property
    def _found(self) -> Mapping[str, Source]:
        return citable(load(self._job.dataset).as_of(self._job.edition.day))

    def __getitem__(self, name: str) -> Source:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


def _warnings(notebook: Notebook) -> tuple[str, ...]:
    """Return what cells wrote to standard error."""
    return tuple(
        "".join(output["text"]).strip()
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if output.get("name") == "stderr"
    )
