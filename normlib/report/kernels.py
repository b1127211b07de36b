"""Execute one notebook with Papermill's own engine, in a kernel of this very interpreter.

Slower than a shell in a prepared process (``shell``), and independent of it: for systems that
cannot fork, for doubt, and for debugging.

The kernel is reached over IPC sockets in a private folder: no port is opened. It does not matter
which kernel the notebook's metadata names. Whatever happens is returned as data.
"""

import contextlib
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from time import perf_counter
from typing import Any

import nbformat
import papermill
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.engines import NBClientEngine, papermill_engines
from papermill.exceptions import PapermillExecutionError

from normlib.report.jobs import Executed, Failure, Job, Limits, Tell, Value, unheard
from normlib.report.kernel import MEMORY
from normlib.report.proof import death, first_line, tail
from normlib.report.scratch import scratch
from normlib.report.steady import steady_environment

START_SECONDS = 60
ENGINE = "normlib-kernel"


class Run:
    """What is known of a run while it goes on: its notebook, its cell, its process."""

    def __init__(self, tell: Tell = unheard) -> None:
        self._tell = tell
        self.notebook: Any = None
        self.cell: Any = None
        self.process: subprocess.Popen[bytes] | None = None
        self.overdue = False

    def enter(self, cell: Any, cell_index: int) -> None:
        """Note which cell is being executed."""
        self.cell = cell
        self._tell(first_line(cell))

    def kill(self) -> None:
        """End the kernel and what it started, whatever it does."""
        if self.process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()

    def kill_overdue(self) -> None:
        """End the kernel because its notebook took too long."""
        self.overdue = True
        self.kill()


_CURRENT: list[tuple[Run, Path]] = []


class WatchedEngine(NBClientEngine):  # type: ignore[misc]
    """Papermill's own engine, which lets us keep the notebook when Papermill loses it."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, *, run: Run, **options: Any
    ) -> Any:
        """Execute as Papermill does, with the notebook noted in ``run``."""
        run.notebook = nb_man.nb
        return super().execute_managed_notebook(nb_man, kernel_name, **options)


papermill_engines.register(ENGINE, WatchedEngine)
logging.getLogger("papermill").setLevel(logging.CRITICAL)
logging.getLogger("traitlets").setLevel(logging.CRITICAL)


def execute(job: Job, tell: Tell = unheard) -> Executed:
    """Execute a job's notebook in a fresh kernel and return it, with what went wrong, if anything.

    A kernel that does not start is tried once more.
    """
    executed = _attempt(job, tell)
    if executed.failure is not None and executed.failure.code == "kernel-missing":
        executed = _attempt(job, tell)
    return executed


def try_kernel() -> str:
    """Start a kernel, run one line in it, and say how long that took.

    Raises
    ------
    RuntimeError
        It cannot be done.
    """
    cell = nbformat.v4.new_code_cell("1 + 1")
    began = perf_counter()
    run = Run()
    with scratch() as folder, _watched(run, folder, START_SECONDS):
        _papermill(nbformat.v4.new_notebook(cells=[cell]), {}, Limits(), run, folder)
    return f"starts and runs in {perf_counter() - began:.1f} s"


def end_all() -> None:
    """End the kernel of this process, if one runs, and remove its folder."""
    for run, folder in _CURRENT:
        run.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _attempt(job: Job, tell: Tell) -> Executed:
    run = Run(tell)
    failure = None
    with scratch() as folder, _watched(run, folder, job.limits.notebook):
        try:
            notebook = nbformat.from_dict(deepcopy(job.notebook))
            _papermill(notebook, job.parameters, job.limits, run, folder)
        except PapermillExecutionError:
            failure = None  # the error stands in the cell's output, where the proof finds it
        except Exception as error:
            failure = _failure(error, run, job)
    return Executed(_joined(_plain(run.notebook or job.notebook)), failure)


def _papermill(
    notebook: Any, parameters: Mapping[str, Value], limits: Limits, run: Run, folder: Path
) -> None:
    papermill.execute_notebook(
        notebook,
        None,
        parameters=dict(parameters),
        engine_name=ENGINE,
        kernel_name="python3",
        language="python",
        progress_bar=False,
        request_save_on_cell_execute=False,
        start_timeout=START_SECONDS,
        execution_timeout=limits.cell,
        kernel_manager_class=_manager_class(run, folder, limits.memory),
        resources={"metadata": {"path": str(folder)}},
        shutdown_kernel="immediate",
        shell_timeout_interval=1,
        on_cell_execute=run.enter,
        run=run,
    )


def _manager_class(run: Run, folder: Path, memory: int) -> type[AsyncKernelManager]:
    """Return a manager whose kernel is this interpreter's, spoken to through ``folder``."""

    class BatchKernelManager(AsyncKernelManager):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self._kernel_spec = _kernel_spec(folder, memory)
            self.connection_file = str(folder / "kernel.json")
            if os.name == "posix":
                self.transport, self.ip = "ipc", str(folder / "k")

        async def _async_launch_kernel(self, kernel_cmd: list[str], **options: Any) -> None:
            await super()._async_launch_kernel(kernel_cmd, **options)
            run.process = getattr(self.provisioner, "process", None)

    return BatchKernelManager


def _kernel_spec(folder: Path, memory: int) -> KernelSpec:
    return KernelSpec(
        argv=[sys.executable, "-m", "normlib.report.kernel", "-f", "{connection_file}"],
        display_name="normlib",
        language="python",
        env=steady_environment({"IPYTHONDIR": str(folder), MEMORY: str(memory)}),
    )


@contextlib.contextmanager
def _watched(run: Run, folder: Path, seconds: int) -> Iterator[None]:
    """Limit a run by the clock, and let ``end_all`` end it."""
    timer = threading.Timer(seconds, run.kill_overdue)
    timer.daemon = True
    _CURRENT.append((run, folder))
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        _CURRENT.remove((run, folder))
        run.kill()


def _failure(error: Exception, run: Run, job: Job) -> Failure:
    place = (first_line(run.cell), tail(run.cell)) if run.cell is not None else ("", "")
    if run.overdue:
        message = f"the notebook took more than {job.limits.notebook} seconds and was ended"
        return Failure("notebook-timeout", message, "Raise limits.notebook in the recipe.", *place)
    if isinstance(error, CellTimeoutError):
        message = f"a cell took more than {job.limits.cell} seconds and was ended"
        return Failure("cell-timeout", message, "Raise limits.cell in the recipe.", *place)
    if isinstance(error, DeadKernelError):
        return death(run.process.poll() if run.process is not None else None, *place)
    if run.cell is None:
        message = f"no kernel could be started: {error}"
        return Failure("kernel-missing", message, "Run `normlib doctor`.")
    return Failure("internal", f"{type(error).__name__}: {error}", "Please report this.", *place)


def _joined(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return a notebook whose texts are whole: a kernel sends them in pieces, by the clock."""
    return {**notebook, "cells": [_with_whole_texts(cell) for cell in notebook["cells"]]}


def _with_whole_texts(cell: dict[str, Any]) -> dict[str, Any]:
    if cell["cell_type"] != "code":
        return cell
    whole: list[dict[str, Any]] = []
    for output in cell["outputs"]:
        last = whole[-1] if whole else {}
        if output["output_type"] == "stream" and last.get("name") == output["name"]:
            whole[-1] = {**last, "text": last["text"] + output["text"]}
        else:
            whole.append(output)
    return {**cell, "outputs": whole}


def _plain(notebook: Any) -> dict[str, Any]:
    """Return a notebook as plain values, whatever classes the tools use."""
    if isinstance(notebook, dict):
        return {key: _plain(value) for key, value in notebook.items()}
    if isinstance(notebook, list):
        return [_plain(value) for value in notebook]  # type: ignore[return-value]
    return notebook  # type: ignore[no-any-return]
