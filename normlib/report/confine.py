"""What a process that runs a notebook may not do, and what it took."""

import ctypes
import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

_REACHES_OUT = ("socket.connect", "socket.sendto", "socket.sendmsg")
_LOOKS_UP = ("socket.getaddrinfo", "socket.gethostbyname")
_PR_SET_PDEATHSIG = 1
_MB = 1_000_000


def refuse_network() -> None:
    """Refuse, from now on, every connection of this process that could leave this machine.

    This is a guard against accidents, not a prison; it cannot be taken off again.
    """
    sys.addaudithook(_refuse_network)


def limit_memory(megabytes: int) -> None:
    """Let this process have so much memory beyond what it has now, where the system can (Linux)."""
    if sys.platform == "linux":
        import resource

        most = _bytes("statm", 0) + megabytes * _MB
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def die_with_parent() -> None:
    """Have the system end this process when its parent ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def reset_seeds() -> None:
    """Start the generators that code uses without asking for one of its own, always alike."""
    import random

    import numpy as np

    random.seed(0)
    np.random.seed(0)


def memory_mb() -> float:
    """Return the memory that this process holds, in megabytes; 0: not known."""
    return _bytes("statm", 1) / _MB if sys.platform == "linux" else 0.0


def highest_memory_mb() -> float:
    """Return the most memory that this process has held, in megabytes; 0: not known."""
    if sys.platform != "linux":
        return 0.0
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / _MB


def _bytes(name: str, column: int) -> int:
    """Return a size of this process in bytes, as the system counts it in pages."""
    counts = Path(f"/proc/self/{name}").read_text(encoding="ascii").split()
    return int(counts[column]) * os.sysconf("SC_PAGE_SIZE")


def _refuse_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event in _LOOKS_UP or (
        event in _REACHES_OUT and arguments[0].family in (socket.AF_INET, socket.AF_INET6)
    ):
        raise PermissionError("a report is made from its data alone: no network in a batch")
