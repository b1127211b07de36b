"""The environment in which every notebook runs, so that the same inputs give the same outputs."""

import os
from collections.abc import Mapping
from pathlib import Path

from normlib.package import PROJECT, data_folder

STEADY = {
    "PYTHONHASHSEED": "0",
    "PYTHONUTF8": "1",
    "PYTHONWARNINGS": "default",
    "TZ": "UTC",
    "LC_ALL": "C.UTF-8",
    "COLUMNS": "80",
    "LINES": "24",
    "PLOTLY_RENDERER": "plotly_mimetype",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
}
"""The last one: where pyarrow is installed, its own allocator would take a gigabyte of addresses,
which count against the memory that a report may have."""


def steady_environment(
    more: Mapping[str, str] | None = None, *, data: Path | None = None
) -> dict[str, str]:
    """Return the environment of a process that runs notebooks, with whatever it needs beside.

    ``data`` is the folder in which datasets are found by name; None: the usual one.
    """
    paths = [str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]
    datasets = str((data or data_folder()).resolve())
    fixed = {"PYTHONPATH": os.pathsep.join(paths), "NORMLIB_DATA": datasets}
    return {**os.environ, **STEADY, **fixed, **(more or {})}
