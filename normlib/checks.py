"""Check a data package: everything its descriptor says, row by row, all problems in one pass.

Codes are those of the Frictionless standard where the meaning is the same. What no descriptor can
say (order of states, level against state, places inside their country) is in :mod:`rules`.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from normlib import edtf
from normlib.errors import Problem, nearest
from normlib.package import Field, Package, RawTable, read_table

INTEGER = re.compile(r"-?\d+", re.ASCII)
NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
HIDDEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
MARKUP = re.compile(r"<[A-Za-z/!]")
PLACEHOLDERS = {"n/a", "na", "null", "none", "nan", "tbd", "?", "-", "–"}
FORMULA = ("=", "+", "@", "\t")


@dataclass(frozen=True)
class Cell:
    """One cell with its place, so that a problem can be told in one line."""

    table: RawTable
    row: int
    name: str
    text: str

    @property
    def field(self) -> Field:
        """The cell's column as described."""
        return self.table.resource.fields[self.name]

    def problem(self, code: str, message: str, remedy: str, severity: str = "error") -> Problem:
        """Return a problem at this cell."""
        column = self.table.header.index(self.name) + 1
        line = self.table.lines[self.row]
        file = self.table.resource.path
        return Problem(file, line, column, code, self.text, message, remedy, severity)


@dataclass(frozen=True)
class Reading:
    """A package read as text, with the problems of bytes and shape."""

    package: Package
    tables: dict[str, RawTable]
    problems: list[Problem]

    @cached_property
    def ids(self) -> dict[tuple[str, str], set[str]]:
        """Values of every column that something refers to."""
        return {
            (name, field): set(self.tables[name].column(field))
            for name, field in set(_targets(self.package))
            if name in self.tables
        }

    def home(self, value: str) -> str | None:
        """Return the table in which a value is an id, if any."""
        return next((name for (name, _), known in self.ids.items() if value in known), None)


def read(package: Package) -> Reading:
    """Read every table of a package as text."""
    tables, problems = {}, []
    for name, resource in package.tables.items():
        tables[name], found = read_table(package, resource)
        problems += found + list(_shape(tables[name]))
        _make_rectangular(tables[name])
    return Reading(package, tables, problems)


def cell_problems(reading: Reading) -> Iterator[Problem]:
    """Yield what is wrong with single cells, keys and references."""
    for table in reading.tables.values():
        for cell in cells(table):
            yield from _cell(cell)
        yield from _keys(table)
        yield from _foreign_keys(reading, table)
        yield from _item_references(reading, table)


def cells(table: RawTable) -> Iterator[Cell]:
    """Yield the cells of all described columns."""
    known = [(at, name) for at, name in enumerate(table.header) if name in table.resource.fields]
    for number, row in enumerate(table.rows):
        for at, name in known:
            yield Cell(table, number, name, row[at])


def items(text: str) -> list[str]:
    """Split a list cell."""
    return text.split(";") if text else []


# Shape


def _shape(table: RawTable) -> Iterator[Problem]:
    if not table.header:
        return
    file, labels = table.resource.path, list(table.resource.fields)
    if len(table.header) == 1 < len(labels) and re.search(r"[;\t]", table.header[0]):
        message = "cells are not separated by commas"
        yield Problem(file, 1, 1, "wrong-delimiter", "", message, "Save it with commas.")
        return
    yield from _labels(file, table.header, labels)
    for line, row in zip(table.lines, table.rows, strict=True):
        if len(row) != len(table.header):
            yield _row_length(file, line, len(row), len(table.header))


def _labels(file: str, header: list[str], labels: list[str]) -> Iterator[Problem]:
    for at, label in enumerate(header, start=1):
        if not label.strip():
            yield Problem(file, 1, at, "blank-label", "", "a column has no name", "Name it.")
        elif label not in labels:
            missing = [known for known in labels if known not in header]
            hint = nearest(label, missing) or f"Allowed: {', '.join(labels)}."
            message = f"column '{label}' is not described"
            yield Problem(file, 1, at, "extra-label", label, message, hint)
        elif header.index(label) + 1 < at:
            message = f"column '{label}' stands twice"
            yield Problem(file, 1, at, "duplicate-label", label, message, "Take one out.")
    for label in labels:
        if label not in header:
            message = f"column '{label}' is missing"
            remedy = "Add it to the header, with a cell in every row."
            yield Problem(file, 1, 0, "missing-label", label, message, remedy)
    if sorted(header) == sorted(labels) and header != labels:
        message = "the columns stand in another order than described"
        remedy = f"Expected: {', '.join(labels)}."
        yield Problem(file, 1, 0, "incorrect-label", "", message, remedy, "warning")


def _row_length(file: str, line: int, found: int, expected: int) -> Problem:
    code = "missing-cell" if found < expected else "extra-cell"
    message = f"the row has {found} cells, the header {expected}"
    remedy = "Check commas and quotation marks; a text with a comma needs quotation marks."
    return Problem(file, line, min(found, expected) + 1, code, "", message, remedy)


def _make_rectangular(table: RawTable) -> None:
    """Pad or cut rows (already reported), so that later checks can go on."""
    width = len(table.header)
    table.rows = [row[:width] + [""] * (width - len(row)) for row in table.rows]


# Cells


def _cell(cell: Cell) -> Iterator[Problem]:
    if not cell.text:
        if cell.field.constraints.get("required"):
            remedy = "Fill it in; a row without it has no place in the record."
            yield cell.problem("required-value", f"{cell.name} is blank", remedy)
        return
    yield from _text(cell)
    if cell.field.type == "list":
        yield from _items(cell)
    elif cell.field.descriptor.get("rdfType") == edtf.URI:
        yield from _date(cell)
    elif cell.field.type in ("integer", "number"):
        yield from _number(cell)
    else:
        yield from _word(cell, cell.text)


def _text(cell: Cell) -> Iterator[Problem]:
    text = cell.text
    hidden = HIDDEN.search(text) or CONTROL.search(text)
    if text != text.strip() or "\u00a0" in text:
        yield cell.problem("whitespace", f"{text!r} has stray spaces", "Take the spaces out.")
    if hidden:
        name = f"U+{ord(hidden.group()):04X}"
        yield cell.problem("hidden-character", f"{cell.name} holds {name}", "Take it out.")
    if not unicodedata.is_normalized("NFC", text):
        yield cell.problem("not-nfc", f"'{text}' is not in Unicode NFC", "Type it anew.")
    if text.casefold() in PLACEHOLDERS:
        yield cell.problem("placeholder", f"'{text}' stands for nothing", "Leave the cell blank.")
    if text.startswith(FORMULA):
        remedy = "A spreadsheet would run it; begin with another character."
        yield cell.problem("formula-start", f"{cell.name} begins with {text[0]!r}", remedy)
    if MARKUP.search(text):
        yield cell.problem("markup", f"{cell.name} holds markup", "Write plain text.")


def _items(cell: Cell) -> Iterator[Problem]:
    found = items(cell.text)
    for item, times in Counter(found).items():
        if not item or item != item.strip():
            remedy = "Separate items by ';' without spaces, none at the end."
            yield cell.problem("list-item", f"an item of {cell.name} is blank or spaced", remedy)
        elif times > 1:
            yield cell.problem("list-item", f"'{item}' stands {times} times", "Name it once.")
        elif cell.field.descriptor.get("itemType") == "integer" and not INTEGER.fullmatch(item):
            yield cell.problem("type-error", f"'{item}' is no whole number", "Write digits only.")
        else:
            yield from _word(cell, item)


def _word(cell: Cell, word: str) -> Iterator[Problem]:
    field = cell.field
    if field.categories and word not in field.categories:
        allowed = ", ".join(field.categories)
        message = f"{cell.name} '{word}' is not one of {allowed}"
        hint = nearest(word, field.categories)
        remedy = f"{hint} Correct the cell, or add the word to datapackage.json.".strip()
        yield cell.problem("constraint-error", message, remedy)
    pattern = field.constraints.get("pattern")
    if pattern and field.type == "string" and not re.fullmatch(pattern, word):
        code = "url-scheme" if field.descriptor.get("format") == "uri" else "constraint-error"
        message = f"{cell.name} '{word}' does not have the form {pattern}"
        yield cell.problem(code, message, "Correct the cell.")
    longest = field.constraints.get("maxLength")
    if longest and field.type == "string" and len(word) > longest:
        message = f"{cell.name} has {len(word)} characters; at most {longest} are allowed"
        yield cell.problem("constraint-error", message, "Shorten it.")


def _date(cell: Cell) -> Iterator[Problem]:
    try:
        edtf.parse(cell.text)
    except edtf.EdtfError as error:
        yield cell.problem(error.code, str(error), f"Write EDTF: {edtf.ALLOWED}.")
    else:
        yield from _word(cell, cell.text)  # a column may allow full days only


def _number(cell: Cell) -> Iterator[Problem]:
    whole = cell.field.type == "integer"
    if not (INTEGER if whole else NUMBER).fullmatch(cell.text):
        kind = "whole number" if whole else "number"
        remedy = "Write digits, with a point for decimals and nothing between thousands."
        yield cell.problem("type-error", f"{cell.name} '{cell.text}' is no {kind}", remedy)
        return
    value, limits = float(cell.text), cell.field.constraints
    lowest, highest = limits.get("minimum"), limits.get("maximum")
    if (lowest is not None and value < lowest) or (highest is not None and value > highest):
        low = "any" if lowest is None else lowest
        high = "any" if highest is None else highest
        message = f"{cell.name} {cell.text} is outside {low} to {high}"
        yield cell.problem("constraint-error", message, "Correct the number.")


# Keys and references


def _keys(table: RawTable) -> Iterator[Problem]:
    unique = [
        [name]
        for name, field in table.resource.fields.items()
        if field.constraints.get("unique") and [name] != table.resource.key
    ]
    for columns in [table.resource.key, *unique]:
        if columns and set(columns) <= set(table.header):
            yield from _repeats(table, columns)


def _repeats(table: RawTable, columns: list[str]) -> Iterator[Problem]:
    first: dict[tuple[str, ...], int] = {}
    rows = zip(*(table.column(name) for name in columns), strict=True)
    for number, key in enumerate(rows):
        if not any(key):
            continue
        if key in first:
            cell = Cell(table, number, columns[0], " + ".join(key))
            code = "primary-key" if columns == table.resource.key else "unique-error"
            place = f"line {table.lines[first[key]]}"
            message = f"'{cell.text}' stands already in {place}"
            yield cell.problem(code, message, "Give the row its own id, or merge the two.")
        first.setdefault(key, number)


def _foreign_keys(reading: Reading, table: RawTable) -> Iterator[Problem]:
    for columns, other, targets in table.resource.references:
        if len(columns) != 1 or columns[0] not in table.header:
            continue
        known = reading.ids.get((other, targets[0]), set())
        for number, value in enumerate(table.column(columns[0])):
            if value and value not in known:
                cell = Cell(table, number, columns[0], value)
                yield _dangling(reading, cell, value, other, known)


def _item_references(reading: Reading, table: RawTable) -> Iterator[Problem]:
    for name, field in table.resource.fields.items():
        if field.item_reference is None or name not in table.header:
            continue
        other, target = field.item_reference
        known = reading.ids.get((other, target), set())
        for number, text in enumerate(table.column(name)):
            for item in items(text):
                if item and item not in known:
                    yield _dangling(reading, Cell(table, number, name, text), item, other, known)


def _dangling(reading: Reading, cell: Cell, value: str, other: str, known: set[str]) -> Problem:
    home = reading.home(value)
    file = reading.package.resources[other].path
    remedy = nearest(value, known) or f"Add the row to {file} first, or correct the id."
    message = f"'{value}' is not in {file}"
    if home and home != other:
        message += f" (it is an id of {reading.package.resources[home].path})"
    return cell.problem("foreign-key", message, remedy)


def _targets(package: Package) -> Iterator[tuple[str, str]]:
    for resource in package.tables.values():
        single = ((other, to[0]) for _, other, to in resource.references if len(to) == 1)
        listed = (field.item_reference for field in resource.fields.values())
        yield from chain(single, (target for target in listed if target))
