"""A release as text, as it is read from a package."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from types import MappingProxyType

import pandas as pd

from normlib import edtf
from normlib.checks import read
from normlib.edtf import Interval
from normlib.errors import DataError, Problem
from normlib.package import Descriptor, Package, Resource, read_text

CITED = "sources"
"""Table of pages, and the column of every other table that names them."""


@dataclass(frozen=True, eq=False)
class Release:
    """A data package as text.

    Attributes
    ----------
    descriptor : the whole of it.
    tables : frames of text cells by table, rows and columns in the order of the file.
    files : the text of every resource that is no table, by name.
    """

    descriptor: Descriptor
    tables: Mapping[str, pd.DataFrame]
    files: Mapping[str, str]

    @cached_property
    def resources(self) -> dict[str, Resource]:
        """What the descriptor says of its tables and files, by name."""
        return {entry["name"]: Resource(entry) for entry in self.descriptor["resources"]}

    @cached_property
    def published(self) -> dict[str, Interval | None]:
        """When each page came out, by its id; None where the record does not say."""
        pages = self.tables.get(CITED)
        if pages is None or not {"source_id", "published"} <= set(pages):
            return {}
        days = map(interval, pages["published"])
        return dict(zip(pages["source_id"], days, strict=True))

    @property
    def name(self) -> str:
        """The name of the process."""
        return str(self.descriptor.get("name", ""))

    @property
    def covers_until(self) -> date | None:
        """The last day that the release covers; None where it does not say."""
        until = interval(str(self.descriptor.get("coversUntil", "")))
        return until.latest if until else None


def release(package: Package, *, title: str = "") -> Release:
    """Read a package as it stands.

    Parameters
    ----------
    title : what an error calls the package.

    Raises
    ------
    DataError
        A file cannot be read, or a table has not the columns that the descriptor says.
    """
    reading, problems, files = read(package), [], {}
    for name, resource in package.geometries.items():
        text, found = read_text(package, resource)
        problems += found
        files[name] = text or ""
    wrong = [one for one in [*reading.problems, *problems] if one.severity == "error"]
    if wrong:
        raise DataError(_of(title, one) for one in wrong)
    tables = {
        name: pd.DataFrame(table.rows, columns=table.header, dtype=object)
        for name, table in reading.tables.items()
    }
    return Release(package.descriptor, MappingProxyType(tables), MappingProxyType(files))


def interval(text: str) -> Interval | None:
    """Read a date; None where there is none, or it is none."""
    try:
        return edtf.parse(text) if text else None
    except edtf.EdtfError:
        return None


def _of(title: str, problem: Problem) -> Problem:
    return replace(problem, file=f"{title}: {problem.file}") if title else problem
