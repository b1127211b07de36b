"""Find a data package as it stands in a folder, or as it stood in a git revision."""

import contextlib
import io
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from normlib.errors import RecipeError, SurroundingsError, nearest
from normlib.package import DEFAULT, DESCRIPTOR, Package, datasets, find, folder_of


@contextlib.contextmanager
def open_package(name: str, *, dataset: str = DEFAULT) -> Iterator[Package]:
    """Open a data package by the name of a dataset, by a folder, or as it stood in a revision.

    Parameters
    ----------
    name : a dataset's name; a folder; ``REV:PATH``, a folder in a git revision; or ``REV`` alone,
        the dataset in that revision of the repository that holds it. The first that there is.
    dataset : whose revision is meant where ``name`` is one.

    Raises
    ------
    RecipeError
        There is no such dataset, folder or revision, or no data package in it.
    SurroundingsError
        git is not installed.
    DataError
        The descriptor cannot be read.
    """
    if _is_package(name):
        yield find(name)
        return
    revision, colon, path = name.partition(":")
    if colon:
        top, _ = _repository(Path(), name)
    else:
        top, path = _repository(_folder(dataset, name), name)
    commit = _commit(top, revision, name)
    try:
        archive = _git(top, "archive", "--format=tar", f"{commit}:{path}")
    except _GitError:
        raise RecipeError(f"There is no folder '{path}' in revision '{revision}'.") from None
    with tempfile.TemporaryDirectory(prefix="normlib-") as folder:
        with tarfile.open(fileobj=io.BytesIO(archive)) as packed:
            packed.extractall(folder, filter="data")
        if not (Path(folder) / DESCRIPTOR).is_file():
            raise RecipeError(
                f"'{path}' in revision '{revision}' is no data package: it has no {DESCRIPTOR}."
            )
        yield find(folder)


class _GitError(Exception):
    """git refused."""


def _is_package(name: str) -> bool:
    try:
        folder_of(name)
    except RecipeError:
        return False
    return True


def _folder(dataset: str, name: str) -> Path:
    try:
        return folder_of(dataset)
    except RecipeError as error:
        raise RecipeError(f"{_nothing(name)} of '{dataset}': {error}") from None


def _repository(folder: Path, name: str) -> tuple[Path, str]:
    """Return the top of the repository that holds a folder, and the way from there."""
    try:
        found = _git(folder, "rev-parse", "--show-toplevel", "--show-prefix").decode()
    except _GitError as error:
        place = folder.absolute()
        raise RecipeError(f"{_nothing(name)}: in {place}, git says '{error}'.") from None
    top, prefix = found.splitlines()
    return Path(top), prefix.rstrip("/")


def _commit(top: Path, revision: str, name: str) -> str:
    """Return the full name of a revision's commit."""
    arguments = ("--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    try:
        return _git(top, "rev-parse", *arguments).decode().strip()
    except _GitError:
        known = datasets()
        hint = nearest(name, known) or "Nothing is close."
        listing = ", ".join(known) or "none"
        raise RecipeError(
            f"{_nothing(name)} of {top}. {hint} Known datasets: {listing}; revisions: git log."
        ) from None


def _nothing(name: str) -> str:
    return f"'{name}' is no dataset, no folder with {DESCRIPTOR}, and no git revision"


def _git(place: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(place), *arguments]
    try:
        return subprocess.run(command, check=True, capture_output=True).stdout
    except subprocess.CalledProcessError as error:
        raise _GitError(error.stderr.decode(errors="replace").strip()) from None
    except FileNotFoundError:
        raise SurroundingsError("git is not installed, and a revision was asked for.") from None
