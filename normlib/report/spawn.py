"""Processes that are started from nothing, one for each job: for systems that cannot fork."""

import contextlib
import multiprocessing
import os
import shutil
import signal
import tempfile
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from normlib.report.steady import steady_environment


@dataclass(frozen=True)
class Spawned:
    """A process that was started from nothing."""

    folder: Path
    line: Connection
    process: BaseProcess

    def signal(self, number: int) -> None:
        """Stop the process; here every signal that is not yet the last asks for it alike."""
        if number == getattr(signal, "SIGKILL", None):
            self.process.kill()
        else:
            self.process.terminate()

    def reap(self) -> int:
        """End whatever is left of it, and return its exit code."""
        self.line.close()
        self.process.join(1)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        shutil.rmtree(self.folder, ignore_errors=True)
        return self.process.exitcode or 0


class Spawner:
    """Starts processes, each of which imports everything anew."""

    def __init__(self, folder: Path, data: Path) -> None:
        self._folder = folder
        self._data = data
        self._context = multiprocessing.get_context("spawn")

    def fork(self, dataset: str, day: str) -> Spawned:
        """Start a process, which reads its dataset itself; it waits for its job on its line."""
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_serve, args=(theirs, folder, self._data))
        process.start()
        theirs.close()
        return Spawned(folder, ours, process)

    def alive(self) -> bool:
        """Whether more can be started: always."""
        return True

    def close(self) -> None:
        """End nothing: every process is reaped by itself."""


def _serve(line: Connection, folder: Path, data: Path) -> None:
    os.environ.update(steady_environment(data=data))
    os.chdir(folder)
    tempfile.tempdir = os.environ["TMPDIR"] = str(folder)
    from normlib.report.worker import serve_one

    with contextlib.suppress(KeyboardInterrupt):
        serve_one(line)
