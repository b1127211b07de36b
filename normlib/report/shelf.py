"""The folder of published pages: locked, staged, verified, and changed by one rename a file."""

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path

from filelock import FileLock, Timeout

from normlib.errors import SurroundingsError
from normlib.report.jobs import Failure, Page, ReportFailure
from normlib.report.scratch import sweep

STAGING = ".staging"
LOCK = ".lock"
LARGEST_PAGE_MB = 16


@dataclass(frozen=True)
class Shelf:
    """An open folder of pages, for one process at a time."""

    folder: Path
    staging: Path

    def put(self, place: str, content: bytes) -> None:
        """Publish a file: write it aside, bring it to the disk, then rename it into its place.

        Raises
        ------
        SurroundingsError
            The disk is full, or the folder cannot be written.
        """
        target = self.folder / place
        try:
            if target.is_file() and target.read_bytes() == content:
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            aside = self.staging / place.replace("/", "--")
            with aside.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(target)
            _sync_folder(target.parent)
        except OSError as error:
            raise SurroundingsError(f"{target} cannot be written: {error.strerror}.") from None

    def take_away(self, place: str) -> None:
        """Remove a file, if it is there."""
        with contextlib.suppress(FileNotFoundError):
            (self.folder / place).unlink()

    def has(self, place: str) -> bool:
        """Whether a file is published."""
        return (self.folder / place).is_file()


@contextlib.contextmanager
def open_shelf(folder: Path) -> Iterator[Shelf]:
    """Open a folder for publishing, after proving that it can be written.

    Raises
    ------
    SurroundingsError
        The folder cannot be made or written, or another process is publishing into it.
    """
    _prove_writable(folder)
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise SurroundingsError(_in_use(folder)) from None
    try:
        _name_owner(folder)
        sweep(folder / STAGING)
        sweep(Path(tempfile.gettempdir()))
        staging = Path(tempfile.mkdtemp(prefix=f"normlib-{os.getpid()}-", dir=folder / STAGING))
        yield Shelf(folder, staging)
    finally:
        shutil.rmtree(folder / STAGING, ignore_errors=True)
        (folder / f"{LOCK}-owner").unlink(missing_ok=True)
        lock.release()


def verify(page: Page) -> None:
    """Read a page as a browser would and compare it with what it should hold.

    Raises
    ------
    ReportFailure
        A figure is missing, the page has not exactly one title, an id stands twice, a link within
        the page leads nowhere, or the page is too big.
    """
    seen = _Seen()
    seen.feed(page.html)
    for wrong, message in (
        (seen.figures != page.figures, f"{seen.figures} of {page.figures} figures are on the page"),
        (seen.titles != 1, f"the page has {seen.titles} titles"),
        (len(seen.ids) != len(set(seen.ids)), "an id stands twice on the page"),
        (seen.astray, f"a link leads nowhere: #{seen.astray}"),
        (len(page.html) > LARGEST_PAGE_MB * 1_000_000, f"it is over {LARGEST_PAGE_MB} MB"),
    ):
        if wrong:
            raise ReportFailure(Failure("page-broken", str(message), "Please report this."))


class _Seen(HTMLParser):
    """Counts what matters on a page."""

    def __init__(self) -> None:
        super().__init__()
        self.figures = 0
        self.titles = 0
        self.ids: list[str] = []
        self._links: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Count one element."""
        found = dict(attrs)
        self.figures += tag == "div" and found.get("class") == "plot"
        self.titles += tag == "h1"
        if found.get("id"):
            self.ids.append(str(found["id"]))
        if str(found.get("href")).startswith("#"):
            self._links.append(str(found["href"])[1:])

    @property
    def astray(self) -> str:
        """The first link within the page that leads nowhere."""
        known = set(self.ids)
        return next((link for link in self._links if link not in known), "")


def _prove_writable(folder: Path) -> None:
    try:
        (folder / STAGING).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder / STAGING) as file:
            file.write(b"normlib")
    except OSError as error:
        raise SurroundingsError(
            f"Pages cannot be written to {folder}: {error.strerror}. Choose another folder: --out."
        ) from None


def _name_owner(folder: Path) -> None:
    (folder / f"{LOCK}-owner").write_text(json.dumps({"process": os.getpid()}), encoding="utf-8")


def _in_use(folder: Path) -> str:
    with contextlib.suppress(OSError, ValueError):
        owner = json.loads((folder / f"{LOCK}-owner").read_text(encoding="utf-8"))["process"]
        return f"{folder} is in use by process {owner}. Wait for it, or choose another --out."
    return f"{folder} is in use by another process. Wait for it, or choose another --out."


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
