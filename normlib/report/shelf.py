"""The folder of published pages: locked, staged, and changed by one rename a file."""

import contextlib
import json
import os
import platform
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from normlib.errors import SurroundingsError
from normlib.report import disk
from normlib.report.assets import sha256
from normlib.report.scratch import sweep

STAGING = ".staging"
LOCK = ".lock"


@dataclass(frozen=True)
class Shelf:
    """An open folder of pages, for one process at a time."""

    folder: Path
    staging: Path
    seen: dict[str, str] = field(default_factory=dict)
    """Hashes of what was put here or found as it should be."""

    def put(self, place: str, content: bytes) -> None:
        """Publish a file: write it aside, bring it to the disk, then rename it into its place.

        Raises
        ------
        SurroundingsError
            The disk is full, or the folder cannot be written.
        """
        target = self.folder / place
        self.seen[place] = sha256(content)
        with self._told(target):
            if target.is_file() and target.read_bytes() == content:
                return
            self._refuse_detour(target)
            disk.write_whole(
                target, content, aside=self.staging / f"{place.replace('/', '--')}.new"
            )

    def take_away(self, place: str) -> None:
        """Remove a file, if it is there.

        Raises
        ------
        SurroundingsError
            The folder cannot be written.
        """
        self.seen.pop(place, None)
        with self._told(self.folder / place):
            disk.remove(self.folder / place)

    def stands(self, place: str, digest: str) -> bool:
        """Whether a published file still has the hash that it was given."""
        whole = self.digest(place) == digest
        if whole:
            self.seen[place] = digest
        return whole

    def digest(self, place: str) -> str:
        """Return the hash of a published file; blank where there is none."""
        file = self.folder / place
        return sha256(file.read_bytes()) if file.is_file() else ""

    def _refuse_detour(self, target: Path) -> None:
        if not target.parent.resolve().is_relative_to(self.folder):
            raise SurroundingsError(
                f"{target.parent} leads out of {self.folder}, so nothing is written there. "
                "Remove the link, or choose another folder: --out."
            )

    @contextlib.contextmanager
    def _told(self, target: Path) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise SurroundingsError(f"{target} cannot be written: {error.strerror}.") from None


@contextlib.contextmanager
def open_shelf(folder: Path) -> Iterator[Shelf]:
    """Open a folder for publishing, after proving that it can be written.

    Raises
    ------
    SurroundingsError
        The folder cannot be made or written, or another process is publishing into it.
    """
    _refuse_link(folder)
    with _writable(folder):
        (folder / STAGING).mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            raise SurroundingsError(_in_use(folder)) from None
    try:
        with _writable(folder):
            _owner(folder).write_text(json.dumps(_this_process()), encoding="utf-8")
            sweep(folder / STAGING)
            sweep(Path(tempfile.gettempdir()))
            name = tempfile.mkdtemp(prefix=f"normlib-{os.getpid()}-", dir=folder / STAGING)
        yield Shelf(folder, Path(name))
    finally:
        shutil.rmtree(folder / STAGING, ignore_errors=True)
        with contextlib.suppress(OSError):
            _owner(folder).unlink(missing_ok=True)
        lock.release()


def _refuse_link(folder: Path) -> None:
    if folder.is_symlink():
        raise SurroundingsError(
            f"{folder} is a link to {folder.resolve()}. Name that folder itself: --out."
        )


@contextlib.contextmanager
def _writable(folder: Path) -> Iterator[None]:
    """Say what to do if a folder turns out not to be writable."""
    try:
        yield
    except OSError as error:
        raise SurroundingsError(
            f"Nothing can be written to {folder}: {error.strerror}. Choose another folder: --out."
        ) from None


def _owner(folder: Path) -> Path:
    return folder / f"{LOCK}-owner"


def _this_process() -> dict[str, Any]:
    return {"process": os.getpid(), "host": platform.node(), "since": time.time()}


def _in_use(folder: Path) -> str:
    """Say who holds a folder; the system frees it when that process ends, however it ends."""
    remedy = "Wait for it, or choose another folder: --out."
    try:
        found: dict[str, Any] = json.loads(_owner(folder).read_text(encoding="utf-8"))
        since = time.strftime("%H:%M:%S", time.localtime(found["since"]))
        age = max(0, round(time.time() - found["since"]))
        holder = f"process {found['process']} on {found['host']} since {since} ({age} s)"
    except (OSError, ValueError, LookupError, TypeError):
        holder = "another process"
    return f"{folder} is in use by {holder}. {remedy}"
