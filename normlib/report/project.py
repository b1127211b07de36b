"""Where the notebooks, recipes and templates stand, and what they are called."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from normlib.errors import RecipeError, nearest
from normlib.package import PROJECT

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
"""What notebooks, recipes, members and pages may be called: safe as a file name everywhere."""

INTERACTIVE = "00-"
"""Notebooks whose name starts so are for people at a screen and are never run in a batch."""


@dataclass(frozen=True)
class Project:
    """The folder that holds ``notebooks/`` and ``reports/``."""

    folder: Path

    @property
    def notebooks(self) -> Path:
        """The folder of the notebooks."""
        return self.folder / "notebooks"

    @property
    def recipes(self) -> Path:
        """The folder of the recipes."""
        return self.folder / "reports" / "recipes"

    @property
    def template(self) -> Path:
        """The folder of the page template; that of normlib where the project has none."""
        own = self.folder / "reports" / "template"
        return own if own.is_dir() else PROJECT / "reports" / "template"

    @property
    def build(self) -> Path:
        """The folder into which pages are published unless another one is asked for."""
        return self.folder / "reports" / "build"

    def notebook_names(self) -> list[str]:
        """Return the names of all notebooks, in order."""
        return _names(self.notebooks, ".ipynb")

    def batch_names(self) -> list[str]:
        """Return the names of the notebooks that make pages, in order."""
        return [name for name in self.notebook_names() if not name.startswith(INTERACTIVE)]

    def usual_names(self) -> list[str]:
        """Return the notebooks of a recipe that names none: all about the whole record."""
        return [name for name in self.batch_names() if not is_about_one(name)]

    def recipe_names(self) -> list[str]:
        """Return the names of all recipes, in order."""
        return _names(self.recipes, ".toml")

    def notebook(self, name: str) -> Path:
        """Return the file of a notebook.

        Raises
        ------
        RecipeError
            There is no notebook of that name.
        """
        return self.notebooks / f"{_known('notebook', name, self.notebook_names(), '.ipynb')}.ipynb"

    def recipe(self, name: str) -> Path:
        """Return the file of a recipe.

        Raises
        ------
        RecipeError
            There is no recipe of that name.
        """
        return self.recipes / f"{_known('recipe', name, self.recipe_names(), '.toml')}.toml"


def is_about_one(name: str) -> bool:
    """Whether a notebook is about one row: its number is not one of the tens."""
    return re.match(r"\d[1-9]-", name) is not None


def find_project() -> Project:
    """Return the project beside the library, or the folder that ``NORMLIB_PROJECT`` names."""
    return Project(Path(os.environ.get("NORMLIB_PROJECT") or PROJECT).resolve())


def slug(text: str) -> str:
    """Return text as a name: lower-case ASCII letters, digits and single hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def _names(folder: Path, ending: str) -> list[str]:
    found = sorted(file.name.removesuffix(ending) for file in folder.glob(f"*{ending}"))
    return [name for name in found if NAME.fullmatch(name)]


def _known(what: str, name: str, known: list[str], ending: str) -> str:
    bare = name.removesuffix(ending)
    if bare in known:
        return bare
    hint = nearest(bare, known) or "Nothing is close."
    listing = ", ".join(known) or "none"
    raise RecipeError(f"There is no {what} '{name}'. {hint} Known: {listing}.")
