"""Hashes of all that goes into a report, so that only what changed is built again.

A page depends on the record *as it could see it*, on its notebook and parameters, on the library,
the template and the packages, and on what it says about itself. Nothing else: no clock, no folder.
"""

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import normlib
from normlib.package import DESCRIPTOR, PROJECT, Package
from normlib.report.jobs import Job

PACKAGES = (
    *("ipykernel", "ipython", "nbclient", "networkx", "numpy", "pandas", "papermill", "plotly"),
    "scipy",
)
"""Packages whose releases may change a page."""

Signature = tuple[tuple[str, int, int], ...]


def job_inputs(job: Job, shared: Mapping[str, str], *, data: str, notebook: str) -> dict[str, str]:
    """Return one hash for each kind of thing that a page is made from.

    Parameters
    ----------
    job : what is to be done.
    shared : the hashes that all jobs of a build have in common.
    data : that of the view, by ``Dossier.glance``.
    notebook : that of the notebook's file.
    """
    return {
        **shared,
        "data": data,
        "notebook": notebook,
        "parameters": json_hash(portable(job.parameters)),
        "setting": json_hash([asdict(job.setting), asdict(job.edition), job.engine]),
    }


def shared_inputs(template: Path) -> dict[str, str]:
    """Return the hashes that all jobs of a build have in common."""
    return {
        "environment": json_hash(versions()),
        "library": library_hash(),
        "template": folder_hash(template, "*"),
    }


def data_hash(package: Package) -> str:
    """Return one hash of the descriptor and all files of a data package."""
    return files_hash(package.folder, data_files(package))


def data_files(package: Package) -> list[Path]:
    """Return the files of a data package."""
    names = {DESCRIPTOR, *(found.path for found in package.resources.values())}
    return [package.folder / name for name in sorted(names)]


@lru_cache(maxsize=1)
def library_hash() -> str:
    """Return one hash of the library's code, as it was when first asked for."""
    return folder_hash(PROJECT / "normlib", "**/*.py")


@lru_cache(maxsize=1)
def versions() -> dict[str, str]:
    """Return the releases of Python, of normlib and of the packages that may change a page."""
    found = {"python": platform.python_version(), "normlib": normlib.__version__}
    return found | {name: _version(name) for name in PACKAGES}


def folder_hash(folder: Path, pattern: str) -> str:
    """Return one hash of the files of a folder whose names match a pattern."""
    return files_hash(folder, folder.glob(pattern))


def files_hash(folder: Path, files: Iterable[Path]) -> str:
    """Return one hash of the names and contents of files below a folder."""
    named = {file.relative_to(folder).as_posix(): file for file in files if file.is_file()}
    lines = [f"{sha256(named[name].read_bytes())}  {name}\n" for name in sorted(named)]
    return sha256("".join(lines).encode("utf-8"))


def signature(files: Iterable[Path]) -> Signature:
    """Return sizes and times of files: while these stay, nobody has written to them."""
    stats = ((str(file), file.stat()) for file in sorted(files) if file.is_file())
    return tuple((name, found.st_size, found.st_mtime_ns) for name, found in stats)


def portable(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters without the place of a folder on this machine."""
    return {
        name: Path(value).name if name == "dataset" else value for name, value in parameters.items()
    }


def json_hash(value: Any) -> str:
    """Return one hash of plain values."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode("utf-8"))


def sha256(content: bytes) -> str:
    """Return a hash in hexadecimal digits, as records show it."""
    return hashlib.sha256(content).hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
