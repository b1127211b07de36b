"""Run jobs in processes of their own, a few at a time; what one does never harms another."""

import contextlib
import os
import signal
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Protocol

from normlib.errors import SurroundingsError
from normlib.package import data_folder
from normlib.report.engines import WARM, can_fork
from normlib.report.jobs import Failure, Result, Work
from normlib.report.proof import death, last_lines
from normlib.report.scratch import scratch
from normlib.report.spawn import Spawner
from normlib.report.warm import Warm

GRACE_SECONDS = 2.0
"""How long a process that was asked to stop may take before it is asked less kindly."""

KERNEL_SECONDS = 90
"""How much longer a process may live that watches a kernel, which has the same limits itself."""

KINDLY_TO_FIRMLY = ("SIGINT", "SIGTERM", "SIGKILL")


class Child(Protocol):
    """A process that waits for a job on its line."""

    @property
    def folder(self) -> Path:
        """Its own working folder."""

    @property
    def line(self) -> Connection:
        """The line to it."""

    def signal(self, number: int) -> None:
        """Send a signal to the process and to all that it has started."""

    def reap(self) -> int:
        """End whatever is left of it, and return its exit code."""


class Nursery(Protocol):
    """Where processes come from."""

    def fork(self, dataset: str, day: str) -> Child:
        """Start one, which has the view of a day at hand."""

    def alive(self) -> bool:
        """Whether more can be started."""

    def close(self) -> None:
        """End them all."""


@dataclass
class _Running:
    """A job in its process: which cell it is in, since when, and how often it was told to stop."""

    job: Work
    child: Child
    begun: float = 0.0
    cell: str = ""
    cell_begun: float = 0.0
    told: int = 0
    told_at: float = 0.0
    overdue: Failure | None = None
    code: int | None = None

    def begin(self) -> None:
        """Give the job to the process."""
        self.begun = time.monotonic()
        with contextlib.suppress(BrokenPipeError):  # it has died: seen when its line ends
            self.child.line.send(self.job)

    def enter(self, cell: str) -> None:
        """Note that a cell begins (or, for no cell, that the last one has ended)."""
        self.cell, self.cell_begun = cell, time.monotonic()

    def next_deadline(self) -> float:
        """Return when this process has to be looked at again at the latest."""
        if self.told:
            return self.told_at + GRACE_SECONDS
        limits = self.job.limits
        slack = 0 if self.job.engine == WARM else KERNEL_SECONDS
        whole = self.begun + limits.notebook + slack
        return min(whole, self.cell_begun + limits.cell + slack) if self.cell else whole

    def stop(self) -> None:
        """Tell the process to stop, each time in a firmer way."""
        self.overdue = self.overdue or self._failure()
        first = 0 if self.job.engine == WARM else 1
        number = min(first + self.told, len(KINDLY_TO_FIRMLY) - 1)
        self.child.signal(getattr(signal, KINDLY_TO_FIRMLY[number]))
        self.told, self.told_at = self.told + 1, time.monotonic()

    def reap(self) -> int:
        """End whatever is left of the process, and return its exit code; once is enough."""
        if self.code is None:
            self.code = self.child.reap()
        return self.code

    def tail(self) -> str:
        """Return the last lines that were written before the process died."""
        words = [
            (self.child.folder / name).read_text(encoding="utf-8", errors="replace")
            for name in ("stdout", "stderr")
            if (self.child.folder / name).is_file()
        ]
        return last_lines("\n".join(words))

    def _failure(self) -> Failure:
        limits = self.job.limits
        if self.cell and time.monotonic() >= self.cell_begun + limits.cell:
            message = f"a cell took more than {limits.cell} seconds and was ended"
            return Failure("cell-timeout", message, "Raise limits.cell in the recipe.", self.cell)
        message = f"the notebook took more than {limits.notebook} seconds and was ended"
        return Failure(
            "notebook-timeout", message, "Raise limits.notebook in the recipe.", self.cell
        )


class Crew:
    """Processes for the jobs of one build, at most so many at a time.

    Entering starts what has to be prepared, and does not wait for it; leaving ends every process.

    Parameters
    ----------
    at_once : how many run at the same time.
    datasets : folders of the records that they read.
    template : folder of the page template.
    imports : packages that their notebooks import.
    folder : for their working folders, and removed with them; None: a temporary one.
    data : folder in which notebooks find datasets by name; None: the usual one.
    """

    def __init__(
        self,
        at_once: int,
        datasets: Sequence[str],
        template: str,
        *,
        imports: Sequence[str] = (),
        folder: Path | None = None,
        data: Path | None = None,
    ) -> None:
        self._at_once = at_once
        self._given_folder = folder
        self._data = data or data_folder()
        self._prepares = datasets, template, imports
        self._running: list[_Running] = []
        self._ahead: _Running | None = None
        self._again: deque[Work] = deque()
        self._replaced = False
        self._rest = contextlib.ExitStack()
        self._nursery: Nursery

    def __enter__(self) -> "Crew":
        self._folder = self._given_folder or self._rest.enter_context(scratch())
        self._nursery = self._new_nursery()
        return self

    def __exit__(self, *_: object) -> None:
        left = [*self._running, *filter(None, [self._ahead])]
        for one in left:
            one.child.signal(signal.SIGTERM)
        with contextlib.suppress(SurroundingsError):
            for one in left:
                one.reap()
        self._nursery.close()
        self._rest.close()

    def results(self, jobs: Iterable[Work]) -> Iterator[Result]:
        """Yield the result of each job as it is done.

        Jobs are taken one by one, when there is room for one; the process of the next one is
        ready by then. A process that dies without a result or does not stop at its limit is a
        failed result.

        Raises
        ------
        SurroundingsError
            No process can be started.
        """
        waiting = iter(jobs)
        self._fill(waiting)
        while self._running:
            for one, result in self._done():
                self._fill(waiting)  # so that nobody is idle while this one is tidied up
                one.reap()
                yield result
            self._fill(waiting)

    def _fill(self, waiting: Iterator[Work]) -> None:
        """Start jobs until there is no more room or none is left; prepare the one after them."""
        while len(self._running) < self._at_once:
            one = self._ahead or self._prepared(waiting)
            self._ahead = None
            if one is None:
                return
            one.begin()
            self._running.append(one)
        self._ahead = self._ahead or self._prepared(waiting)

    def _prepared(self, waiting: Iterator[Work]) -> _Running | None:
        """Return the next job with a process that waits for it."""
        job = self._again.popleft() if self._again else next(waiting, None)
        if job is None:
            return None
        return _Running(job, self._nursery.fork(job.dataset, job.day))

    def _new_nursery(self) -> Nursery:
        if can_fork():
            return Warm(*self._prepares, self._folder, self._data)
        return Spawner(self._folder, self._data)

    def _done(self) -> Iterator[tuple[_Running, Result]]:
        """Wait until something happens; yield what is done, and stop what takes too long."""
        deadline = min(one.next_deadline() for one in self._running)
        ready = wait(
            [one.child.line for one in self._running], max(0.0, deadline - time.monotonic())
        )
        if not self._nursery.alive():
            self._replace_nursery()
            return
        for one in list(self._running):
            if one.child.line in ready:
                result = self._heard(one)
                if result is not None:
                    self._running.remove(one)
                    yield one, result
            elif time.monotonic() >= one.next_deadline():
                one.stop()

    def _heard(self, one: _Running) -> Result | None:
        """Return the result of a process that has said something, if it was its last word."""
        try:
            word = one.child.line.recv()
        except (EOFError, OSError):
            return self._died(one)
        if isinstance(word, str):
            one.enter(word)
            return None
        result: Result = word
        if one.overdue is None or result.page is not None:
            return result
        tail = result.failure.tail if result.failure else ""
        return replace(result, failure=replace(one.overdue, tail=tail))

    def _died(self, one: _Running) -> Result:
        tail = one.tail()
        code = one.reap()
        failure = replace(one.overdue, tail=tail) if one.overdue else death(code, one.cell, tail)
        return Result(one.job.place, None, failure, time.monotonic() - one.begun)

    def _replace_nursery(self) -> None:
        """Begin again, once, with what was under way: the prepared process was killed."""
        if self._replaced:
            raise SurroundingsError(
                "The process from which reports are forked was killed twice. Is memory short? "
                "Try --jobs 1."
            )
        self._replaced = True
        for one in [*self._running, *filter(None, [self._ahead])]:
            self._again.append(one.job)
            one.child.line.close()
        self._running.clear()
        self._ahead = None
        self._nursery.close()
        self._nursery = self._new_nursery()


def cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
