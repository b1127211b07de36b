"""Private folders with short paths for kernels' sockets, and sweeping of those left behind."""

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

_NAME = re.compile(r"normlib-([0-9]+)-.*")


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """Give an empty folder for this user alone (a socket's whole path may have 108 bytes)."""
    folder = Path(tempfile.mkdtemp(prefix=f"normlib-{os.getpid()}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(folder: Path) -> None:
    """Remove what processes that are no more have left in a folder."""
    for left in folder.glob("normlib-*"):
        match = _NAME.fullmatch(left.name)
        with contextlib.suppress(OSError):
            if match and left.is_dir() and _is_ours(left) and not is_alive(int(match[1])):
                shutil.rmtree(left, ignore_errors=True)


def is_alive(process: int) -> bool:
    """Whether a process with this number exists."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _is_ours(folder: Path) -> bool:
    return not hasattr(os, "getuid") or folder.lstat().st_uid == os.getuid()
