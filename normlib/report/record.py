"""The record of a run: what was built from what, by what, how long it took, what went wrong.

Pages hold no times; ``report.json`` beside them does. The indexes are written from these records.
"""

import json
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import normlib
from normlib.package import PROJECT, Package
from normlib.report.assets import sha256
from normlib.report.jobs import Job, Page, Result

RECORD = "report.json"
PACKAGES = ("ipykernel", "nbclient", "networkx", "numpy", "pandas", "papermill", "plotly", "scipy")

Entry = dict[str, Any]


def data_hash(package: Package) -> str:
    """Return one hash of the descriptor and all files of a data package."""
    names = {"datapackage.json", *(found.path for found in package.resources.values())}
    return files_hash(package.folder, [package.folder / name for name in names])


def library_hash() -> str:
    """Return one hash of the library's code."""
    folder = PROJECT / "normlib"
    return files_hash(folder, folder.rglob("*.py"))


def template_hash(folder: Path) -> str:
    """Return one hash of a template's files."""
    return files_hash(folder, (file for file in folder.iterdir() if file.is_file()))


def files_hash(folder: Path, files: Iterable[Path]) -> str:
    """Return one hash of the names and contents of files below a folder."""
    named = {file.relative_to(folder).as_posix(): file for file in files if file.is_file()}
    lines = [f"{sha256(named[name].read_bytes())}  {name}\n" for name in sorted(named)]
    return sha256("".join(lines).encode("utf-8"))


def entry(job: Job, result: Result, hashes: Mapping[str, str], earlier: Entry) -> Entry:
    """Return what the record says about one report; a failed one keeps what stood there before."""
    tried = {"seconds": round(result.seconds, 3), "warnings": list(result.warnings)}
    if result.page is not None:
        return {"status": "built", **_made(job, result.page, hashes), **tried, "failure": None}
    failure = asdict(result.failure) if result.failure else None
    status = "kept" if earlier.get("sha256") else "failed"
    return {**earlier, "status": status, **tried, "failure": failure}


def run_record(job: Job, began: str, reports: Mapping[str, Entry], order: int) -> Entry:
    """Return the record of one member of a recipe."""
    return {
        "recipe": job.setting.recipe,
        "recipe_title": job.setting.recipe_title,
        "description": job.setting.description,
        "member": job.setting.member,
        "member_title": job.setting.member_title,
        "order": order,
        "day": job.edition.day,
        "dataset": {"name": job.edition.dataset, "title": job.edition.title},
        "began": began,
        "normlib": normlib.__version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: _version(name) for name in PACKAGES},
        "reports": dict(sorted(reports.items())),
    }


def read_record(file: Path) -> Entry:
    """Return a record, or nothing where there is none that can be read."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and "reports" in found else {}


def as_bytes(record: Entry) -> bytes:
    """Return a record as it is written."""
    return (json.dumps(record, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode("utf-8")


def _made(job: Job, page: Page, hashes: Mapping[str, str]) -> Entry:
    content = page.html.encode("utf-8")
    return {
        "title": page.title,
        "question": page.question,
        "headlines": list(page.headlines),
        "figures": page.figures,
        "tables": page.tables,
        "sources": page.sources,
        "bytes": len(content),
        "sha256": sha256(content),
        "data_release": job.edition.version,
        "day": job.edition.day,
        "inputs": dict(hashes),
        "parameters": _portable(job.parameters),
        "engine": job.engine,
    }


def _portable(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters without the place of a folder on this machine."""
    return {
        name: Path(value).name if name == "dataset" else value for name, value in parameters.items()
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
