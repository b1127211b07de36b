"""The two ways to execute a notebook, by name. Both are real Papermill runs.

``warm``: in an IPython shell of a process that was forked from a prepared one; POSIX.
``kernel``: in a Jupyter kernel of its own, with Papermill's own engine; everywhere, and slow.
"""

import os
import socket
from collections.abc import Mapping
from importlib import import_module
from typing import Any

WARM, KERNEL = "warm", "kernel"

MODULES: Mapping[str, str] = {WARM: "normlib.report.shell", KERNEL: "normlib.report.kernels"}
"""The modules whose ``execute(job, tell)`` returns the executed notebook."""


def can_fork() -> bool:
    """Whether this system can fork a prepared process."""
    return hasattr(os, "fork") and hasattr(socket, "send_fds")


def usual() -> str:
    """Return the engine that is used unless another one is asked for."""
    return WARM if can_fork() else KERNEL


class Named:
    """An object of a module that is imported when something is first asked of it.

    Papermill loads its entry points while it is being imported itself, so an engine that builds on
    Papermill cannot be loaded at that moment.
    """

    def __init__(self, module: str, name: str) -> None:
        self._place = module, name

    def __getattr__(self, name: str) -> Any:
        module, found = self._place
        return getattr(getattr(import_module(module), found), name)


shell_engine = Named("normlib.report.shell", "ShellEngine")
"""What the entry point ``papermill.engine`` of normlib names."""
