"""Check that notebooks hold questions, not outputs and not logic; or clear what was left in them.

Usage: python tools/check_notebooks.py [--clear] NOTEBOOK...
"""

import ast
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import nbformat

Json = dict[str, Any]

EVERYWHERE = ("dataset", "as_of", "since")
"""Parameters that every notebook takes."""

TYPES = ("str", "int", "float", "bool")
FORBIDDEN_TAGS = frozenset({"skip-execution", "raises-exception"})
LOGIC = (
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.Lambda,
    ast.ClassDef,
    ast.Try,
    ast.TryStar,
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.comprehension,
)


def problems(notebook: Json) -> list[str]:
    """Say what in a notebook (format 4.5, as a dict) breaks the rules; nothing is an empty list."""
    return [
        *_format_problems(notebook),
        *_metadata_problems(notebook),
        *_parameter_problems(notebook),
        *(problem for cell in code_cells(notebook) for problem in _cell_problems(cell)),
    ]


def cleared(notebook: Json) -> Json:
    """Return the notebook without outputs, counts and whatever tools left in the metadata."""
    return {
        **notebook,
        "cells": [_cleared_cell(cell) for cell in notebook["cells"]],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
    }


def code_cells(notebook: Json) -> list[Json]:
    """Return the code cells in their order."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def source_of(cell: Json) -> str:
    """Return the text of a cell, which a file may keep as a list of lines."""
    return "".join(cell["source"])


def _format_problems(notebook: Json) -> Iterator[str]:
    if (notebook.get("nbformat"), notebook.get("nbformat_minor")) != (4, 5):
        yield "is not in notebook format 4.5"
    try:
        nbformat.validate(notebook)
    except nbformat.ValidationError as error:
        yield f"is no valid notebook: {error.message}"
    titles = [line for line in _markdown_lines(notebook) if line.startswith("# ")]
    if len(titles) != 1 or not source_of(notebook["cells"][0]).startswith("# "):
        yield "needs one title (# …), in its first cell"


def _markdown_lines(notebook: Json) -> Iterator[str]:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            yield from source_of(cell).splitlines()


def _metadata_problems(notebook: Json) -> Iterator[str]:
    metadata = notebook["metadata"]
    if metadata.get("kernelspec", {}).get("name") != "python3":
        yield "must use the kernel python3, which every environment has"
    if left := sorted(set(metadata) - {"kernelspec", "language_info"}):
        yield f"carries metadata of a tool: {', '.join(left)}"
    if left := sorted(set(metadata.get("language_info", {})) - {"name"}):
        yield f"carries details of one machine's Python: {', '.join(left)}"


def _parameter_problems(notebook: Json) -> Iterator[str]:
    tagged = [cell for cell in code_cells(notebook) if "parameters" in _tags(cell)]
    if len(tagged) != 1:
        yield f"needs one cell tagged 'parameters', and has {len(tagged)}"
        return
    text = source_of(tagged[0])
    names = [line.partition(":")[0] for line in text.splitlines()]
    yield from (f"needs the parameter '{name}'" for name in EVERYWHERE if name not in names)
    for line in text.splitlines():
        if not _is_parameter(line):
            yield f"parameter is not 'name: type = default  # help': {line}"


def _is_parameter(line: str) -> bool:
    statements = _parsed(line)
    if statements is None or len(statements) != 1 or "  # " not in line:
        return False
    statement = statements[0]
    return (
        isinstance(statement, ast.AnnAssign)
        and isinstance(statement.annotation, ast.Name)
        and statement.annotation.id in TYPES
        and _is_literal(statement.value)
    )


def _is_literal(value: ast.expr | None) -> bool:
    if isinstance(value, ast.UnaryOp):
        value = value.operand
    return isinstance(value, ast.Constant)


def _cell_problems(cell: Json) -> Iterator[str]:
    place = f"cell '{cell.get('id', '?')}'"
    if cell["outputs"]:
        yield f"{place} has outputs"
    if cell["execution_count"] is not None:
        yield f"{place} has an execution count"
    if left := sorted(set(cell["metadata"]) - {"tags"}):
        yield f"{place} carries metadata of a tool: {', '.join(left)}"
    if tags := sorted(FORBIDDEN_TAGS & set(_tags(cell))):
        yield f"{place} has a tag that hides failures: {', '.join(tags)}"
    yield from (f"{place} {problem}" for problem in _logic_problems(source_of(cell)))


def _logic_problems(source: str) -> Iterator[str]:
    statements = _parsed(source)
    if statements is None:
        yield "is not plain Python (no magics, no shell)"
        return
    nodes = (node for statement in statements for node in ast.walk(statement))
    for kind in sorted({type(node).__name__ for node in nodes if isinstance(node, LOGIC)}):
        yield f"has logic that belongs in normlib: {kind}"


def _parsed(source: str) -> list[ast.stmt] | None:
    try:
        return ast.parse(source).body
    except SyntaxError:
        return None


def _tags(cell: Json) -> list[str]:
    return list(cell["metadata"].get("tags", []))


def _cleared_cell(cell: Json) -> Json:
    tags = _tags(cell)
    bare = {**cell, "metadata": {"tags": tags} if tags else {}}
    return bare | {"outputs": [], "execution_count": None} if "outputs" in cell else bare


def _read(path: Path) -> Json:
    notebook: Json = json.loads(path.read_text(encoding="utf-8"))
    return notebook


def _clear(paths: Iterable[Path]) -> None:
    for path in paths:
        notebook = _read(path)
        if cleared(notebook) != notebook:
            text = json.dumps(cleared(notebook), ensure_ascii=False, indent=1)
            path.write_text(text + "\n", encoding="utf-8")
            print(f"{path.name}  cleared")


def main(arguments: list[str]) -> int:
    """Check (or with ``--clear`` first clear) the notebooks; return the exit code."""
    paths = [Path(argument) for argument in arguments if argument != "--clear"]
    if "--clear" in arguments:
        _clear(paths)
    found = [f"{path.name}  {problem}" for path in paths for problem in problems(_read(path))]
    print("\n".join(found), end="\n" if found else "")
    if found:
        print("Clear outputs and metadata with: make tidy")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
