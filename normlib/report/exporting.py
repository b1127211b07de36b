"""Publish a view of a record as files that other programs open."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from normlib.dossier import covered, load
from normlib.errors import RecipeError, SurroundingsError, nearest
from normlib.exports.frames import Choice, World
from normlib.exports.kinds import KINDS, File, record_files
from normlib.exports.manifest import MARK, manifest
from normlib.exports.tables import NO_PARQUET, has_parquet
from normlib.package import DEFAULT, DESCRIPTOR, data_folder, folder_of
from normlib.report.parameters import Parameter, checked, parameters_of
from normlib.report.project import Project
from normlib.report.shelf import open_shelf

PARQUET = "parquet"
NAMES_ROWS = ("pairs", "open_links", "open_power", "close_links")
"""Parameters whose defaults name rows of the dataset that the notebooks name."""


@dataclass(frozen=True)
class Exported:
    """What was published: where, of which view, how much, and what had to be left out."""

    folder: Path
    stamp: str
    files: int
    size: int
    left_out: str = ""


def export(
    kinds: Sequence[str], given: Mapping[str, str], *, out: Path, project: Project
) -> Exported:
    """Publish files of some kinds (none named: all that can be made here) into a folder.

    Files of an earlier export that are not made again are removed; ``datapackage.json`` is the
    last to be put. What somebody else put into the folder stays.

    Parameters
    ----------
    given : texts by parameter, as the notebooks name them; the defaults are those of the notebooks.

    Raises
    ------
    RecipeError
        An unknown kind, parameter, day or dataset, or a folder that holds something else.
    DataError
        The data has errors.
    SurroundingsError
        The folder cannot be written, or Parquet is asked for and pyarrow is not installed.
    """
    wanted = _known(kinds) or [kind for kind in KINDS if kind != PARQUET or has_parquet()]
    if PARQUET in wanted and not has_parquet():
        raise SurroundingsError(NO_PARQUET)
    folder = out.absolute()
    old = _published(folder)
    world = _world(given, project)
    files = [*_made(world, wanted)]
    contents = {file.path: file.content for file in files} | manifest(world, files)
    with open_shelf(folder) as shelf:
        for path in sorted(old - contents.keys()):
            shelf.take_away(path)
            _remove_empty((folder / path).parent, folder)
        for path, content in contents.items():
            shelf.put(path, content)
    size = sum(map(len, contents.values()))
    left_out = "" if kinds or PARQUET in wanted else NO_PARQUET
    return Exported(folder, world.dossier.stamp, len(contents), size, left_out)


def _known(kinds: Sequence[str]) -> list[str]:
    for kind in kinds:
        if kind not in KINDS:
            hint = nearest(kind, KINDS) or "Nothing is close."
            raise RecipeError(f"There is no kind '{kind}'. {hint} Kinds: {', '.join(KINDS)}.")
    return [kind for kind in KINDS if kind in kinds]


def _made(world: World, kinds: Sequence[str]) -> Iterator[File]:
    for kind in kinds:
        yield from KINDS[kind](world)
    yield from record_files(world)


def _world(given: Mapping[str, str], project: Project) -> World:
    """Return the view and the choice that are asked for; the rest is as in the notebooks."""
    known = _parameters(project)
    chosen: dict[str, Any] = {one.name: one.default for one in known}
    home = (data_folder() / chosen["dataset"]).resolve()
    chosen |= checked(given, known, where="normlib export")
    if folder_of(chosen["dataset"]) != home:
        chosen |= {name: "" for name in NAMES_ROWS if name not in given}
    record = load(chosen["dataset"])
    dossier = record.as_of(covered(chosen["as_of"], "as_of", record))
    return World(dossier, Choice(**{one.name: chosen[one.name] for one in fields(Choice)}))


def _parameters(project: Project) -> list[Parameter]:
    """Return what may be varied: as the first notebook that takes it declares it, or as here."""
    defaults = {"dataset": DEFAULT, "as_of": "latest", **asdict(Choice())}
    found = {name: Parameter(name, type(it).__name__, it, "") for name, it in defaults.items()}
    for notebook in reversed(project.usual_names()):
        declared = parameters_of(project.notebook(notebook))
        found |= {one.name: one for one in declared if one.name in found}
    return list(found.values())


def _remove_empty(inner: Path, outer: Path) -> None:
    """Remove folders that nothing is left in, from the inside out."""
    while inner != outer and inner.is_dir() and not any(inner.iterdir()):
        inner.rmdir()
        inner = inner.parent


def _published(folder: Path) -> set[str]:
    """Return the files that an earlier export put into a folder, so that it may be replaced.

    Raises
    ------
    RecipeError
        The folder holds something, and it is no export.
    """
    if folder.is_file():
        raise RecipeError(f"{folder} is a file. Name a folder: --out.")
    if not folder.is_dir() or not any(one.name[:1] != "." for one in folder.iterdir()):
        return set()
    inside = folder.resolve()
    try:
        package = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8"))
        if MARK in package:
            paths = [str(one["path"]) for one in package["resources"]]
            return {path for path in paths if (folder / path).resolve().is_relative_to(inside)}
    except (OSError, ValueError, LookupError, TypeError):
        pass
    raise RecipeError(
        f"{folder} holds something, and it is no export, so it is left as it is. "
        "Name a new or an empty folder: --out."
    )
