"""Find a data package, read its descriptor and its files, with every place kept.

A data package is a folder with ``datapackage.json`` (Data Package v2). The descriptor is the one
truth about tables, columns, words, units and keys; nothing here knows a table by name.
"""

import csv
import io
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from normlib.errors import DataError, Problem, RecipeError, nearest

PROJECT = Path(__file__).resolve().parent.parent
"""The folder that holds data/, notebooks/ and reports/ beside this library."""

DEFAULT = "turkiye-armenia"
DESCRIPTOR = "datapackage.json"
LARGEST_FILE_MB = 64

Json = Any
Descriptor = Mapping[str, Json]


@dataclass(frozen=True)
class Field:
    """One column as the descriptor describes it."""

    descriptor: Descriptor

    @property
    def name(self) -> str:
        """The column's label in the header row."""
        return str(self.descriptor["name"])

    @cached_property
    def type(self) -> str:
        """The Table Schema type: string, integer, number or list."""
        return str(self.descriptor.get("type", "string"))

    @cached_property
    def constraints(self) -> Descriptor:
        """The Table Schema constraints."""
        return dict(self.descriptor.get("constraints", {}))

    @cached_property
    def categories(self) -> Mapping[str, Descriptor]:
        """The words of the column's vocabulary (of its items, for a list), by value."""
        words = self.descriptor.get("itemCategories") or self.descriptor.get("categories") or []
        return {str(word["value"]): word for word in words}

    @property
    def item_reference(self) -> tuple[str, str] | None:
        """The table and column that the items of a list cell refer to."""
        target = self.descriptor.get("itemReference")
        return (target["resource"], target["field"]) if target else None


@dataclass(frozen=True)
class Resource:
    """One file of the package as the descriptor describes it."""

    descriptor: Descriptor

    @property
    def name(self) -> str:
        """The resource's name: that of the table in code."""
        return str(self.descriptor["name"])

    @property
    def path(self) -> str:
        """The file, relative to the package."""
        return str(self.descriptor["path"])

    @property
    def is_table(self) -> bool:
        """Whether the resource is a table with a schema."""
        return "schema" in self.descriptor

    @cached_property
    def fields(self) -> dict[str, Field]:
        """The columns by name, in the descriptor's order."""
        found = self.descriptor["schema"]["fields"]
        return {entry["name"]: Field(entry) for entry in found}

    @property
    def key(self) -> list[str]:
        """The columns of the primary key."""
        return list(self.descriptor["schema"].get("primaryKey", []))

    @property
    def when(self) -> str | None:
        """The column with the date of the fact, for tables whose rows are dated."""
        return self.descriptor.get("when")

    @property
    def label(self) -> str:
        """The column that names a row to a reader."""
        return str(self.descriptor.get("label") or self.key[0])

    @property
    def references(self) -> Iterator[tuple[list[str], str, list[str]]]:
        """Foreign keys as (own columns, other table, its columns); list items are not here."""
        for entry in self.descriptor["schema"].get("foreignKeys", []):
            target = entry["reference"]
            yield list(entry["fields"]), target.get("resource", self.name), list(target["fields"])


@dataclass
class RawTable:
    """A table as text: header, rows, and the line on which each row begins."""

    resource: Resource
    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)

    def column(self, name: str) -> list[str]:
        """Return the cells of one column, or nothing where the header lacks it."""
        if name not in self.header:
            return []
        at = self.header.index(name)
        return [row[at] for row in self.rows]


@dataclass(frozen=True)
class Package:
    """A found data package: its folder and its descriptor."""

    folder: Path
    descriptor: Descriptor

    @cached_property
    def resources(self) -> dict[str, Resource]:
        """All resources by name."""
        return {entry["name"]: Resource(entry) for entry in self.descriptor["resources"]}

    @property
    def tables(self) -> dict[str, Resource]:
        """The resources that are tables."""
        return {name: entry for name, entry in self.resources.items() if entry.is_table}

    @property
    def geometries(self) -> dict[str, Resource]:
        """The resources that are GeoJSON files."""
        return {name: entry for name, entry in self.resources.items() if not entry.is_table}


def data_folder() -> Path:
    """Return the folder in which datasets are looked up by name (``NORMLIB_DATA`` overrides it)."""
    return Path(os.environ.get("NORMLIB_DATA") or PROJECT / "data")


def datasets() -> list[str]:
    """Return the names of the datasets that come with the project."""
    return sorted(file.parent.name for file in data_folder().glob(f"*/{DESCRIPTOR}"))


def folder_of(name_or_path: str | Path) -> Path:
    """Return the folder of a dataset, found by name or by path.

    Raises
    ------
    RecipeError
        There is no such dataset.
    """
    given = Path(name_or_path).expanduser()
    for folder in (data_folder() / given, given):
        if (folder / DESCRIPTOR).is_file():
            return folder.resolve()
    names = datasets()
    hint = nearest(str(name_or_path), names) or "Nothing is close."
    raise RecipeError(
        f"There is no dataset '{name_or_path}', and no folder of that name with {DESCRIPTOR}. "
        f"{hint} Known datasets: {', '.join(names) or 'none'}."
    )


def find(name_or_path: str | Path) -> Package:
    """Find a data package by the name of a dataset or by a folder.

    Raises
    ------
    RecipeError
        No such dataset or folder.
    DataError
        The descriptor cannot be read.
    """
    folder = folder_of(name_or_path)
    file = folder / DESCRIPTOR
    text, problems = decode(file.read_bytes(), DESCRIPTOR)
    try:
        descriptor = strict_json(text)
        names = [(entry["name"], entry["path"]) for entry in descriptor["resources"]]
    except json.JSONDecodeError as error:
        problems.append(json_problem(DESCRIPTOR, error))
    except (KeyError, TypeError, ValueError) as error:
        message = f"the descriptor is not a Data Package: {error}"
        remedy = "It needs 'resources', a list of objects with 'name' and 'path'."
        problems.append(Problem(DESCRIPTOR, 0, 0, "descriptor-error", "", message, remedy))
    else:
        problems += [_outside(name, path) for name, path in names if not _inside(path)]
    if any(problem.severity == "error" for problem in problems):
        raise DataError(problems)
    return Package(folder, descriptor)


def read_table(package: Package, resource: Resource) -> tuple[RawTable, list[Problem]]:
    """Read one CSV file into text cells, and tell what is wrong with its bytes and its shape."""
    table = RawTable(resource)
    text, problems = read_text(package, resource)
    if text is None:
        return table, problems
    if not text.strip():
        return table, [*problems, source_problem(resource, "the file is empty")]
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    begins = 1
    try:
        for row in reader:
            if row and not table.header:
                table.header = row
            elif row:
                table.rows.append(row)
                table.lines.append(begins)
            else:
                problems.append(_blank_row(resource, begins))
            begins = reader.line_num + 1
    except csv.Error as error:
        problems.append(_quote_problem(resource, begins, error))
    return table, problems


def read_text(package: Package, resource: Resource) -> tuple[str | None, list[Problem]]:
    """Return a file's text, or None with the problem that prevents it."""
    file = package.folder / resource.path
    try:
        size = file.stat().st_size
        if size > LARGEST_FILE_MB * 1_000_000:
            return None, [_too_big(resource, size)]
        text, problems = decode(file.read_bytes(), resource.path)
    except FileNotFoundError:
        return None, [source_problem(resource, "the file is missing")]
    except OSError as error:
        return None, [source_problem(resource, f"the file cannot be read: {error.strerror}")]
    return (text if not problems or problems[0].severity != "error" else None), problems


def decode(content: bytes, file: str) -> tuple[str, list[Problem]]:
    """Decode UTF-8, or say at which line and byte it stops being UTF-8 and what it may be."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "", [_encoding(file, 1, 1, "", "the file is UTF-16")]
    problems = []
    if content.startswith(b"\xef\xbb\xbf"):
        message = "the file starts with a byte order mark"
        problems = [
            Problem(file, 1, 1, "bom", "", message, "Save it as UTF-8 without mark.", "warning")
        ]
    try:
        return content.decode("utf-8-sig"), problems
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line = before.count(b"\n") + 1
        column = error.start - (before.rfind(b"\n") + 1) + 1
        byte = error.object[error.start]
        guess = bytes([byte]).decode("cp1254", errors="replace")
        message = f"byte 0x{byte:02X} is not UTF-8 (in Windows-1254 it would be '{guess}')"
        return "", [_encoding(file, line, column, f"0x{byte:02X}", message)]


def strict_json(text: str) -> Json:
    """Read JSON, refusing NaN, Infinity and objects that name a key twice."""

    def once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        keys = [key for key, _ in pairs]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise ValueError(f"key '{twice[0]}' stands twice in one object")
        return dict(pairs)

    def never(constant: str) -> Json:
        raise ValueError(f"{constant} is no JSON number")

    return json.loads(text, object_pairs_hook=once, parse_constant=never)


def json_problem(file: str, error: json.JSONDecodeError) -> Problem:
    """Say where a file stops being JSON."""
    message = f"not JSON: {error.msg}"
    return Problem(
        file, error.lineno, error.colno, "json-error", "", message, "Mend the JSON there."
    )


def source_problem(resource: Resource, message: str) -> Problem:
    """Say that a file of the package is missing, empty or unreadable."""
    remedy = f"{DESCRIPTOR} names this file; put it back, or take the resource out."
    return Problem(resource.path, 0, 0, "source-error", "", message, remedy)


def _inside(path: str) -> bool:
    return not Path(path).is_absolute() and ".." not in Path(path).parts


def _outside(name: str, path: str) -> Problem:
    message = f"resource '{name}' points outside the package: '{path}'"
    return Problem(DESCRIPTOR, 0, 0, "path-unsafe", path, message, "Use a file of this folder.")


def _encoding(file: str, line: int, column: int, value: str, message: str) -> Problem:
    return Problem(file, line, column, "encoding-error", value, message, "Save the file as UTF-8.")


def _too_big(resource: Resource, size: int) -> Problem:
    message = f"the file has {size / 1e6:.0f} MB; at most {LARGEST_FILE_MB} MB are read"
    return Problem(resource.path, 0, 0, "file-too-big", "", message, "Split or simplify it.")


def _blank_row(resource: Resource, line: int) -> Problem:
    return Problem(
        resource.path, line, 0, "blank-row", "", "the row is blank", "Take it out.", "warning"
    )


def _quote_problem(resource: Resource, line: int, error: csv.Error) -> Problem:
    message = f"the row that begins here does not end: {error}"
    remedy = 'Close the quotation mark; a mark inside a cell is written "".'
    return Problem(resource.path, line, 0, "unclosed-quote", "", message, remedy)
