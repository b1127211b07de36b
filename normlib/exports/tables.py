"""Frames as tidy files that other programs read: CSV and Parquet, with nothing lost.

A cell is a text (a date of the record stays EDTF text), a whole number, a number, true or false, a
day, or a list of texts; a missing cell is blank in CSV and null in Parquet.
"""

import csv
import io
import math
from collections.abc import Mapping
from importlib.util import find_spec
from typing import Any

import pandas as pd
from pandas.api import types

from normlib.errors import SurroundingsError

SEPARATOR = ";"
NO_PARQUET = (
    "Parquet needs the package pyarrow, which is not here. Install it with `make lab` or "
    "`pip install pyarrow`, or ask for other kinds; CSV holds the same frames."
)


def columns(frame: pd.DataFrame) -> dict[str, str]:
    """Return the type of each column, by the names of Table Schema.

    Raises
    ------
    TypeError
        A column holds what neither CSV nor Parquet can say plainly.
    """
    return {str(name): _type_of(frame[name]) for name in frame}


def fields(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the columns as fields of a Table Schema."""
    listed = {"delimiter": SEPARATOR, "itemType": "string"}
    return [
        {"name": name, "type": kind, **(listed if kind == "list" else {})}
        for name, kind in columns(frame).items()
    ]


def plain(column: pd.Series) -> list[Any]:
    """Return the cells of a column as plain values: days as dates, tuples as lists; blank: None."""
    return [_cell(cell) for cell in column.tolist()]


def csv_bytes(frame: pd.DataFrame) -> bytes:
    """Return a frame as CSV (RFC 4180, UTF-8, LF); items of a list have ``;`` between them.

    Raises
    ------
    TypeError, ValueError
        Something cannot be said plainly: a cell of another type, or ``;`` within an item.
    """
    columns(frame)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(frame.columns)
    cells = [[_text(cell) for cell in plain(frame[name])] for name in frame]
    writer.writerows(zip(*cells, strict=True))
    return out.getvalue().encode("utf-8")


def has_parquet() -> bool:
    """Whether Parquet can be written here."""
    return find_spec("pyarrow") is not None


def parquet_bytes(frame: pd.DataFrame, *, about: Mapping[str, str]) -> bytes:
    """Return a frame as Parquet: days as ``date32``, lists as ``list<string>``.

    Parameters
    ----------
    about : texts for the metadata of the file.

    Raises
    ------
    SurroundingsError
        pyarrow is not installed.
    TypeError
        A column holds what cannot be said plainly.
    """
    if not has_parquet():
        raise SurroundingsError(NO_PARQUET)
    import pyarrow as pa
    from pyarrow import parquet

    arrow = {
        "string": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "list": pa.list_(pa.string()),
    }
    schema = pa.schema([(name, arrow[kind]) for name, kind in columns(frame).items()], about)
    cells = [plain(frame[name]) for name in frame]
    arrays = [pa.array(one, field.type) for one, field in zip(cells, schema, strict=True)]
    out = io.BytesIO()
    parquet.write_table(pa.Table.from_arrays(arrays, schema=schema), out)
    return out.getvalue()


def _type_of(column: pd.Series) -> str:
    if types.is_datetime64_any_dtype(column.dtype):
        return "date"
    if types.is_bool_dtype(column.dtype):
        return "boolean"
    if types.is_integer_dtype(column.dtype):
        return "integer"
    if types.is_float_dtype(column.dtype):
        return "number"
    cells = [cell for cell in plain(column) if cell is not None]
    found = {type(cell) for cell in cells}
    if found <= {str}:
        return "string"
    if found == {list}:
        found = {type(item) for cell in cells for item in cell}
        if found <= {str}:
            return "list"
    names = ", ".join(sorted(kind.__name__ for kind in found))
    raise TypeError(f"column '{column.name}' holds {names}")


def _cell(cell: Any) -> Any:
    if isinstance(cell, tuple):
        return list(cell)
    if cell is None or pd.isna(cell) or cell == "":
        return None
    return cell.date() if isinstance(cell, pd.Timestamp) else cell


def _text(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case float() if math.isinf(cell):
            return "INF" if cell > 0 else "-INF"
        case list():
            if any(SEPARATOR in item for item in cell):
                raise ValueError(f"an item of {cell} holds '{SEPARATOR}'")
            return SEPARATOR.join(cell)
    return str(cell)
