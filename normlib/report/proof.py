"""Prove that every cell of a notebook ran, in order, to its end, and that its page is whole.

The executed notebook and the finished page are read themselves. Papermill's word is not taken:
after a dead kernel, a time-out or ``sys.exit(0)`` it calls cells completed that never ran.
"""

import ast
import contextlib
import re
import signal
from typing import Any

from normlib.errors import RecipeError
from normlib.report.jobs import Failure, Notebook, Page

Cell = dict[str, Any]

PLOTLY_MIME = "application/vnd.plotly.v1+json"

FORBIDDEN_TAGS = ("skip-execution", "raises-exception")
"""Cell tags with which a runner passes over cells or errors without a word."""

LARGEST_PAGE_MB = 16
"""Most that a browser may have to lay out; data of figures and rows that wait as text are not."""

WRONG_VALUE = "wrong-value"
"""The code of a failure that another value of a parameter mends, and nothing else."""

_PROGRAM = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL)
_WAITING = re.compile(r'<noscript class="rest">.*?</noscript>', re.DOTALL)
_ID = re.compile(r'\sid="([^"]+)"')
_LINK = re.compile(r'\shref="#([^"]+)"')
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_TAIL_LINES = 20


def unfit(notebook: Notebook) -> Failure | None:
    """Return why a notebook may not be run at all, or None."""
    for cell in code_cells(notebook):
        tags = set(cell.get("metadata", {}).get("tags", [])) & set(FORBIDDEN_TAGS)
        if tags:
            message = f"a cell has the tag '{tags.pop()}', which hides what does not run"
            return Failure("cell-skipped", message, "Take the tag off.", first_line(cell))
    return None


def unproved(notebook: Notebook) -> Failure | None:
    """Return why an executed notebook does not count as executed, or None.

    A cell did not run, or not after the one before it; or fewer figures are shown than the notebook
    calls functions for (named ``…_figure``), as when somebody let an error pass.
    """
    last = 0
    for cell in code_cells(notebook):
        failure = _cell_failure(cell, last)
        if failure is not None:
            return failure
        last = cell["execution_count"]
    called, shown = _figures_called(notebook), count_figures(notebook)
    if shown < called:
        message = f"the notebook calls {called} figure functions and shows {shown} figures"
        remedy = "Let no error pass in silence, and show every figure that is made."
        return Failure("figure-lost", message, remedy)
    return None


def count_figures(notebook: Notebook) -> int:
    """Count the plotly figures that the cells of a notebook put out."""
    return sum(
        PLOTLY_MIME in output.get("data", {})
        for cell in notebook["cells"]
        for output in cell.get("outputs", [])
    )


def death(code: int | None, cell: str = "", tail: str = "") -> Failure:
    """Return what it means that the process of a notebook ended before its notebook did.

    Parameters
    ----------
    code : its exit code, a signal as a negative number; None: not known.
    cell, tail : where it was, and what it had put out.
    """
    if code == 0:
        message = "a cell ended the process (exit code 0), so the cells after it never ran"
        return Failure("cell-skipped", message, "Take the exit out.", cell, tail)
    ended = "is gone" if code is None else f"ended by itself with exit code {code}"
    if code is not None and code < 0:
        ended = f"was killed by {signal.Signals(-code).name}"
    message = f"the process of the notebook {ended}"
    remedy = "Look at the cell. Is memory short? Then build with --jobs 1."
    return Failure("kernel-died", message, remedy, cell, tail)


def broken(page: Page) -> Failure | None:
    """Return why a finished page cannot be published, or None.

    A figure is missing, the page does not have exactly one title, an id stands twice, a link within
    the page leads nowhere, or the page is cut or too big.
    """
    markup = _PROGRAM.sub("", page.html)
    ids = _ID.findall(markup)
    known = set(ids)
    figures, titles = markup.count('<div class="plot"'), markup.count("<h1")
    laid_out = len(_WAITING.sub("", markup))
    astray = next((link for link in _LINK.findall(markup) if link not in known), "")
    for wrong, message in (
        (figures != page.figures, f"{figures} of {page.figures} figures are on the page"),
        (titles != 1, f"the page has {titles} titles"),
        (len(ids) != len(known), "an id stands twice on the page"),
        (astray, f"a link leads nowhere: #{astray}"),
        (not markup.rstrip().endswith("</html>"), "the page is cut"),
        (laid_out > LARGEST_PAGE_MB * 1_000_000, f"it is over {LARGEST_PAGE_MB} MB"),
    ):
        if wrong:
            return Failure("page-broken", message, "Please report this.")
    return None


def code_cells(notebook: Notebook) -> list[Cell]:
    """Return the code cells that are not blank."""
    return [
        cell for cell in notebook["cells"] if cell["cell_type"] == "code" and source(cell).strip()
    ]


def source(cell: Cell) -> str:
    """Return a cell's text."""
    return "".join(cell["source"])


def first_line(cell: Cell) -> str:
    """Return the first line of a cell that says something."""
    return next((line.strip() for line in source(cell).splitlines() if line.strip()), "")


def tail(cell: Cell) -> str:
    """Return the last lines that a cell put out."""
    parts = []
    for output in cell.get("outputs", []):
        if output["output_type"] == "error":
            parts.append("\n".join(output["traceback"]))
        elif output["output_type"] == "stream":
            parts.append("".join(output["text"]))
        else:
            parts.append("".join(output.get("data", {}).get("text/plain", "")))
    return last_lines("\n".join(parts))


def last_lines(text: str) -> str:
    """Return the last lines of a text, without terminal colours."""
    return "\n".join(_ANSI.sub("", text).rstrip().splitlines()[-_TAIL_LINES:])


def _figures_called(notebook: Notebook) -> int:
    """Count the calls of figure functions in cells that are plain Python."""
    count = 0
    for cell in code_cells(notebook):
        with contextlib.suppress(SyntaxError):  # a magic, or a top-level await: nothing to count
            nodes = ast.walk(ast.parse(source(cell)))
            calls = (ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call))
            count += sum(call.endswith("_figure") for call in calls)
    return count


def _cell_failure(cell: Cell, last: int) -> Failure | None:
    for output in cell.get("outputs", []):
        if output["output_type"] == "error":
            return _error(cell, output)
    count = cell.get("execution_count")
    if not isinstance(count, int) or count <= last:
        message = "a cell did not run, though nothing reported an error"
        return Failure("cell-skipped", message, "Run the notebook in JupyterLab.", first_line(cell))
    return None


def _error(cell: Cell, output: dict[str, Any]) -> Failure:
    name, value = output["ename"], output["evalue"]
    if name == "SystemExit":
        message = f"the cell ended the run (SystemExit {value}), so the cells after it never ran"
        return Failure("cell-skipped", message, "Take the exit out.", first_line(cell), tail(cell))
    if name == "MemoryError":
        message = f"the cell needed more memory than its report may take ({name})"
        remedy = "Raise limits.memory in the recipe, or ask the notebook for less."
        return Failure("memory", message, remedy, first_line(cell), tail(cell))
    if name == RecipeError.__name__:
        remedy = "Give the parameter another value: `normlib params` lists what the notebook takes."
        return Failure(WRONG_VALUE, value, remedy, first_line(cell), tail(cell))
    remedy = "Run the notebook in JupyterLab with the same parameters and mend the cell."
    return Failure("cell-error", f"{name}: {value}", remedy, first_line(cell), tail(cell))
