"""Do one job from its notebook to its page, in a process of its own."""

import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Mapping
from importlib import import_module
from multiprocessing.connection import Connection
from time import perf_counter
from types import FrameType

from normlib.report.jobs import Executed, Failure, Job, Notebook, Page, ReportFailure, Result
from normlib.report.page import make_page
from normlib.report.proof import unfit, unproved

Engine = Callable[[Job], Executed]

ENGINES: Mapping[str, str] = {"kernel": "normlib.report.engine"}
"""The modules whose ``execute`` takes a job and returns the executed notebook, by name."""


def do(job: Job) -> Result:
    """Execute a job's notebook, prove that it ran, and make its page. Never raises."""
    begun = perf_counter()
    page: Page | None = None
    warnings: tuple[str, ...] = ()
    failure = unfit(job.notebook)
    if failure is None:
        executed = _engine(job.engine)(job)
        failure = unproved(executed.notebook) if executed.failure is None else executed.failure
        warnings = _warnings(executed.notebook)
        if failure is None:
            page, failure = _page(job, executed.notebook)
    return Result(job.place, page, failure, perf_counter() - begun, warnings)


def serve(job: Job, answer: Connection) -> None:
    """Do a job in a child process and send its result; leave nothing behind when told to stop."""
    with contextlib.suppress(OSError, AttributeError):
        os.setsid()
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    with contextlib.suppress(BrokenPipeError):
        answer.send(do(job))


def _engine(name: str) -> Engine:
    engine: Engine = import_module(ENGINES[name]).execute
    return engine


def _page(job: Job, executed: Notebook) -> tuple[Page | None, Failure | None]:
    try:
        return make_page(job, executed), None
    except ReportFailure as failed:
        return None, failed.failure
    except Exception as error:
        message = f"the page could not be made: {type(error).__name__}: {error}"
        return None, Failure("page-error", message, "Look at what the notebook's cells put out.")


def _warnings(notebook: Notebook) -> tuple[str, ...]:
    """Return what cells wrote to standard error."""
    return tuple(
        "".join(output["text"]).strip()
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
        if output.get("name") == "stderr"
    )


def _stop(signum: int, frame: FrameType | None) -> None:
    _end()


def _stop_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        _end()


def _end() -> None:
    """End the kernel and this process at once."""
    from normlib.report import engine

    engine.end_all()
    os._exit(143)
