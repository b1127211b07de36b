"""Rows of frames as plain Python."""

from __future__ import annotations

import numpy as np
import pandas as pd

from normlib import load
from normlib.rows import dicts

KINDS = pd.DataFrame(
    {
        "text": pd.Series(["a", np.nan], dtype="str"),
        "whole": pd.Series([1, pd.NA], dtype="Int64"),
        "number": [1.5, np.nan],
        "day": pd.to_datetime(["2022-07-01", None]).as_unit("s"),
        "flag": [True, False],
        "count": [1, 2],
        "listed": [("a", "b"), ()],
    }
)


def test_rows_are_those_that_pandas_gives() -> None:
    assert str(dicts(KINDS)) == str(KINDS.to_dict("records"))
    for rows in load().tables.values():
        assert str(dicts(rows)) == str(rows.to_dict("records"))


def test_cells_are_python_values() -> None:
    first, second = dicts(KINDS)
    kinds = {name: type(value) for name, value in first.items()}
    assert kinds == {
        "text": str,
        "whole": int,
        "number": float,
        "day": pd.Timestamp,
        "flag": bool,
        "count": int,
        "listed": tuple,
    }
    assert second["whole"] is None
    assert second["day"] is pd.NaT


def test_a_frame_without_rows_has_none() -> None:
    assert dicts(KINDS.head(0)) == []
