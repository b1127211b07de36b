"""Write the table of positions: where each actor stands in the pictures of who meets whom."""

import csv
import io
from dataclasses import dataclass, replace
from pathlib import Path

from normlib.actors import places
from normlib.checks import read
from normlib.dossier import loaded
from normlib.errors import DataError, RecipeError
from normlib.package import DESCRIPTOR, Package, find
from normlib.placement import PLACE_COLUMNS
from normlib.rows import dicts

TABLE = "positions"


@dataclass(frozen=True)
class Placed:
    """What was done: ``all`` places, how many of them ``new``, how many old ones are ``gone``."""

    file: Path
    all: int
    new: int
    gone: int
    changed: bool


def place(name_or_path: str | Path) -> Placed:
    """Write the places of all actors of a dataset; who has one keeps it to the letter.

    The table may be missing or behind the record, as when an actor was taken out: it is read for
    itself, and the record without it.

    Raises
    ------
    RecipeError
        There is no such dataset, or its descriptor does not describe the table.
    DataError
        Something is wrong with the rest of the data, or with the table itself.
    """
    package = find(name_or_path)
    if TABLE not in package.resources:
        raise RecipeError(
            f"{package.folder / DESCRIPTOR} does not describe a table '{TABLE}'. Copy the object "
            f"of that name from data/turkiye-armenia/{DESCRIPTOR} into its resources."
        )
    file = package.folder / package.resources[TABLE].path
    before = file.read_text(encoding="utf-8") if file.exists() else ""
    known = loaded(_without(package, TABLE)).actors["actor_id"].tolist()
    old = _old_rows(package) if before else {}
    _write(file, [row for actor, row in old.items() if actor in known])
    found = places(loaded(package))
    cells = {str(row["actor_id"]): [f"{row['x']:g}", str(row["y"])] for row in dicts(found)}
    after = _write(file, [[actor, *spot] for actor, spot in cells.items()])
    new, gone = set(cells) - set(old), set(old) - set(cells)
    return Placed(file, len(cells), len(new), len(gone), after != before)


def _without(package: Package, table: str) -> Package:
    """Return the package as if it had no such table."""
    kept = [entry for entry in package.descriptor["resources"] if entry["name"] != table]
    return replace(package, descriptor={**package.descriptor, "resources": kept})


def _old_rows(package: Package) -> dict[str, list[str]]:
    reading = read(package)
    table = reading.tables[TABLE]
    faults = [one for one in reading.problems if one.file == table.resource.path]
    if faults:
        raise DataError(faults)
    columns = [table.column(name) for name in PLACE_COLUMNS]
    return {row[0]: list(row) for row in zip(*columns, strict=True)}


def _write(file: Path, rows: list[list[str]]) -> str:
    """Write the table by one rename, and return its text."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([list(PLACE_COLUMNS), *rows])
    staged = file.with_name(f"{file.name}.new")
    staged.write_text(text.getvalue(), encoding="utf-8", newline="\n")
    staged.replace(file)
    return text.getvalue()
