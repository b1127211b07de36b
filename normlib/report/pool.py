"""Run jobs in processes of their own, a few at a time; what one does never harms another."""

import contextlib
import multiprocessing
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess

from normlib.report.jobs import Failure, Job, Result

GRACE_SECONDS = 90
"""How much longer than its notebook's limit a process may live: two starts, and the page."""

STOP_SECONDS = 3.0


@dataclass
class _Running:
    job: Job
    process: BaseProcess
    answer: Connection
    begun: float

    @property
    def overdue(self) -> bool:
        return time.monotonic() - self.begun > self.job.limits.notebook + GRACE_SECONDS


def results(jobs: Iterable[Job], at_once: int) -> Iterator[Result]:
    """Yield the result of each job as it is done; at most ``at_once`` run at the same time.

    A process that dies without an answer, or takes much too long, is a failed result. When the
    caller stops iterating, all processes are ended.
    """
    context = _context()
    waiting = deque(jobs)
    running: list[_Running] = []
    try:
        while waiting or running:
            while waiting and len(running) < at_once:
                running.append(_start(context, waiting.popleft()))
            ready = wait([one.answer for one in running], timeout=1)
            for one in [one for one in running if one.answer in ready or one.overdue]:
                running.remove(one)
                yield _finish(one)
    finally:
        _stop(running)


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _context() -> BaseContext:
    """Children come from a server that has imported the tools once and runs nothing itself."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["normlib.report.worker", "normlib.report.engine"])
    return context


def _start(context: BaseContext, job: Job) -> _Running:
    from normlib.report.worker import serve

    answer, other_end = context.Pipe(duplex=False)
    process = context.Process(target=serve, args=(job, other_end), name=job.place)  # type: ignore[attr-defined]
    process.start()
    other_end.close()
    return _Running(job, process, answer, time.monotonic())


def _finish(one: _Running) -> Result:
    result: Result | None = None
    with contextlib.suppress(EOFError, OSError):
        result = one.answer.recv() if one.answer.poll() else None
    if result is None:
        _stop([one])
        result = Result(one.job.place, None, _lost(one), time.monotonic() - one.begun)
    one.process.join()
    one.answer.close()
    return result


def _lost(one: _Running) -> Failure:
    if one.overdue:
        message = "the process of this report took much too long and was ended"
        return Failure("notebook-timeout", message, "Raise limits.notebook in the recipe.")
    message = f"the process of this report ended with code {one.process.exitcode}"
    return Failure("worker-died", message, "Is memory short? Try --jobs 1.")


def _stop(running: list[_Running]) -> None:
    """End processes: first asked, so that they end their kernels; then without asking."""
    for one in running:
        one.process.terminate()
    until = time.monotonic() + STOP_SECONDS
    for one in running:
        one.process.join(max(0.0, until - time.monotonic()))
        if one.process.is_alive():
            one.process.kill()
            one.process.join()
