"""Cells that run in a shell put out what they would put out in a kernel."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from normlib.report.parameters import read_notebook
from normlib.report.project import find_project
from normlib.report.proof import unproved
from tests.engine_runs import executed, outputs
from tests.pages_kit import Json, code, notebook

DAY = "2025-09-12"

ZOO = {
    "lines": "print('one'); print('two')",
    "both streams": "import sys; print('out'); print('err', file=sys.stderr)",
    "a value": "1 + 1",
    "a quiet value": "'quiet';",
    "a wide frame": (
        "import pandas as pd\npd.DataFrame({'a': range(3), 'b': ['x' * 50] * 3, 'c': 'y' * 60})"
    ),
    "rich things between lines": (
        "from IPython.display import HTML, Markdown, display, update_display, clear_output\n"
        "print('before'); display(HTML('<b>x</b>'), metadata={'k': 1})\n"
        "print('then'); Markdown('m')"
    ),
    "something named": "shown = display('first', display_id='named')",
    "a replacement": "update_display('second', display_id='named')",
    "cleared": "print('gone'); clear_output(); print('kept')",
    "cleared later": "print('gone later'); clear_output(wait=True); print('kept')",
    "a figure": ("import plotly.graph_objects as go\ngo.Figure(go.Scatter(x=[1, 2], y=[3, 4.5]))"),
    "awaited": "import asyncio; await asyncio.sleep(0); 'awaited'",
    "a parameter": "count, as_of, _",
    "chance": "import random, numpy as np; random.random(), float(np.random.rand())",
    "where it is": "__name__, get_ipython().execution_count",
    "its own looks": (
        "class Shown:\n    def _repr_html_(self): return '<i>h</i>'\n"
        "    def __repr__(self): return 'r'\nShown()"
    ),
    "a picture": (
        "from IPython.display import Image\n"
        "Image(bytes.fromhex('89504e470d0a1a0a0000000d49484452'), format='png')"
    ),
    "nothing": "None",
    "other scripts": "İstanbul = 'Երևան'; İstanbul",
    "a blank cell": "  \n",
}
"""Cells whose outputs are of every kind."""

SILENT = 4
"""Cells that put out nothing: a quiet value, a replacement elsewhere, nothing, and a blank one."""


@pytest.fixture(scope="module")
def both() -> dict[str, list[Json]]:
    """The zoo and all notebooks of the project, run by both engines."""
    project = find_project()
    zoo = {"notebook": notebook(*map(code, ZOO.values())), "parameters": {"count": 7}}
    real = [
        {"notebook": read_notebook(project.notebook(name)), "parameters": {"as_of": DAY}}
        for name in project.batch_names()
    ]
    return {engine: executed(engine, [zoo, *real]) for engine in ("warm", "kernel")}


@pytest.mark.parametrize(("at", "name"), list(enumerate(ZOO)), ids=lambda value: str(value))
def test_a_cell_puts_out_what_it_puts_out_in_a_kernel(
    both: dict[str, list[Json]], at: int, name: str
) -> None:
    warm, kernel = (outputs(both[engine][0])[at + 2] for engine in ("warm", "kernel"))
    assert warm == kernel, name


def test_the_zoo_ran_to_its_end_in_both(both: dict[str, list[Json]]) -> None:
    for engine, runs in both.items():
        assert unproved(runs[0]) is None, engine
        assert sum(map(bool, outputs(runs[0]))) == len(ZOO) - SILENT


@pytest.mark.parametrize(
    ("at", "name"), list(enumerate(find_project().batch_names(), start=1)), ids=str
)
def test_a_notebook_of_the_project_puts_out_the_same_in_both(
    both: dict[str, list[Json]], at: int, name: str
) -> None:
    warm, kernel = (both[engine][at] for engine in ("warm", "kernel"))
    assert unproved(warm) is None, name
    assert outputs(warm) == outputs(kernel)
    assert sum(map(len, outputs(warm))) > 5


def test_cells_that_write_past_python_are_heard() -> None:
    """A child process, and C code, in the order in which they wrote between displays."""
    (found,) = executed(
        "warm",
        [
            {
                "notebook": notebook(
                    code(
                        "import os, subprocess\nfrom IPython.display import display\n"
                        "print('python'); subprocess.run(['echo', 'child'], check=True)\n"
                        "display('shown'); os.write(1, b'raw\\n'); print('last')"
                    )
                ),
                "parameters": {},
            }
        ],
    )
    kinds = [output.get("text") or output["data"]["text/plain"] for output in outputs(found)[-1]]
    assert kinds == ["python\nchild\n", "'shown'", "raw\nlast\n"]


def failed(*cells: str) -> Json:
    (found,) = executed("warm", [{"notebook": notebook(*map(code, cells)), "parameters": {}}])
    return found


@pytest.mark.parametrize(
    ("source", "name", "value"),
    [
        ("1 / 0", "ZeroDivisionError", "division by zero"),
        ("this is no Python", "SyntaxError", "invalid syntax"),
        ("%nothing", "UsageError", "Line magic function `%nothing` not found."),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", ""),
        ("import sys; sys.exit(0)", "SystemExit", "0"),
        ("quit()", "SystemExit", ""),
    ],
)
def test_an_error_ends_the_run_and_stands_in_its_cell(source: str, name: str, value: str) -> None:
    found = failed("print('first')", source, "print('never')")
    first, second, third = outputs(found)[-3:]
    assert first[0]["text"] == "first\n"
    error = next(output for output in second if output["output_type"] == "error")
    assert (error["ename"], error["evalue"].partition(" (")[0]) == (name, value)
    assert third == []
    assert unproved(found) is not None


def test_plain_papermill_knows_the_engine_by_its_name(tmp_path: Path) -> None:
    source, target = tmp_path / "in.ipynb", tmp_path / "out.ipynb"
    content = notebook(code("print(count)\ncount + 1"))
    source.write_text(json.dumps(content), encoding="utf-8")
    command = ["papermill", str(source), str(target), "--engine", "normlib", "-k", "python3"]
    done = subprocess.run(
        [sys.executable, "-m", *command, "--no-progress-bar", "-p", "count", "41"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    cells: list[Any] = nbformat.read(target, as_version=4)["cells"]
    assert [output.get("text", "") for output in cells[-1]["outputs"]] == ["41\n", ""]
    assert cells[-1]["outputs"][1]["data"]["text/plain"] == "42"
