"""Look at the surroundings: is everything there that a build needs, and if not, what to do."""

import importlib.util
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

from normlib.errors import NormlibError
from normlib.report.assets import plotly_js
from normlib.report.inputs import PACKAGES
from normlib.report.project import Project

OLDEST = (3, 11)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: its state, and what to do if it is bad."""

    what: str
    state: str
    remedy: str = ""

    @property
    def good(self) -> bool:
        """Whether nothing needs to be done."""
        return not self.remedy


def examine(project: Project) -> Iterator[Finding]:
    """Yield one finding after the other, good or bad; none stops the next."""
    yield _python()
    yield from map(_package, PACKAGES)
    for what, remedy, look in (
        (
            "project",
            "Install from a checkout: pip install -e . (or set NORMLIB_PROJECT).",
            _project,
        ),
        ("plotly.js", "Install plotly again: pip install --force-reinstall plotly", _plotly),
        ("data", "Run `normlib check`.", _data),
        ("kernel", "Install ipykernel: pip install ipykernel", _kernel),
        ("output folder", "Choose a folder that you may write: --out.", _output),
    ):
        yield _looked(what, remedy, project, look)


def _looked(what: str, remedy: str, project: Project, look: Callable[[Project], str]) -> Finding:
    try:
        return Finding(what, look(project))
    except (NormlibError, OSError, RuntimeError) as error:
        return Finding(what, str(error), remedy)


def _python() -> Finding:
    state = f"{platform.python_version()} at {sys.executable}"
    old = sys.version_info < OLDEST
    return Finding("Python", state, "normlib needs Python 3.11 or newer." if old else "")


def _package(name: str) -> Finding:
    try:
        return Finding(name, version(name))
    except PackageNotFoundError:
        return Finding(name, "not installed", f"pip install {name}")


def _project(project: Project) -> str:
    names, pages = project.notebook_names(), len(project.batch_names())
    if not pages or not project.recipe_names():
        raise RuntimeError(f"no notebooks or no recipes below {project.folder}")
    recipes = ", ".join(project.recipe_names())
    return f"{project.folder}: {len(names)} notebooks, {pages} of them for pages, recipes {recipes}"


def _plotly(project: Project) -> str:
    return f"{plotly_js().name}, {len(plotly_js().content) / 1e6:.1f} MB, renderer plotly_mimetype"


def _data(project: Project) -> str:
    from normlib.dossier import load

    record = load()
    rows = sum(map(len, record.tables.values()))
    until = record.covers_until.date()
    return f"{record.name}, release {record.version}, {rows} rows, covers until {until}"


def _kernel(project: Project) -> str:
    """Start a kernel as a build does, and have it run one line."""
    if importlib.util.find_spec("ipykernel") is None:
        raise RuntimeError("ipykernel is not installed")
    from normlib.report.kernels import try_kernel

    return try_kernel()


def _output(project: Project) -> str:
    project.build.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=project.build):
        return f"{project.build} can be written"
