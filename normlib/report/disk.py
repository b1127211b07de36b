"""Change files so that a reader sees the old one or the new one, whatever happens in between.

Every call that touches the disk is one of ``os.open``, ``write``, ``fsync``, ``replace``,
``unlink`` and ``mkdir``, so that tests can let each of them fail.
"""

import os
from pathlib import Path


def write_whole(target: Path, content: bytes, *, aside: Path) -> None:
    """Write a file aside, bring it to the disk, and put it into its place by one rename.

    After a return the file is there even if the power fails.

    Raises
    ------
    OSError
        It cannot be done; the file that was there before still is.
    """
    make_folder(target.parent)
    file = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        rest = memoryview(content)
        while rest:
            rest = rest[os.write(file, rest) :]
        os.fsync(file)
    finally:
        os.close(file)
    os.replace(aside, target)  # noqa: PTH105 - one name for each call that may fail
    sync_folder(target.parent)


def remove(target: Path) -> None:
    """Remove a file, if it is there.

    Raises
    ------
    OSError
        It cannot be done.
    """
    try:
        os.unlink(target)  # noqa: PTH108
    except FileNotFoundError:
        return
    sync_folder(target.parent)


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, as far as they are not there.

    Raises
    ------
    OSError
        It cannot be done.
    """
    if not folder.is_dir():
        make_folder(folder.parent)
        os.mkdir(folder)  # noqa: PTH102
        sync_folder(folder.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system can.

    Raises
    ------
    OSError
        It cannot be done.
    """
    if os.name == "posix":
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)
