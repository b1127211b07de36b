"""Read what a notebook takes, and check what somebody gives, before a kernel starts.

A notebook declares its parameters in one tagged cell, one a line: ``name: type = default  # help``
What a person or a recipe gives arrives as text and is read once, by the declared type.
"""

import ast
import io
import json
import math
import re
import tokenize
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from normlib.errors import RecipeError, nearest
from normlib.report.jobs import Value

TAG = "parameters"
LAST = "last"
"""Stands for the day for which a page was published last: see :mod:`normlib.report.history`."""

DAYS = {"as_of": ("latest",), "since": ("last-round", LAST)}
"""Parameters that are days, each with the words that may stand instead of a day."""

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_DECIMAL = re.compile(r"[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,3})?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LONGEST = 2000


@dataclass(frozen=True)
class Parameter:
    """One thing that a notebook can be asked to vary."""

    name: str
    type: str
    default: Value
    help: str


def parameters_of(file: Path) -> tuple[Parameter, ...]:
    """Return the parameters of a notebook, as its tagged cell declares them.

    Raises
    ------
    RecipeError
        The file is no notebook, has no such cell, or a line of the cell is no plain declaration.
    """
    sources = [
        "".join(cell.get("source", ""))
        for cell in read_notebook(file)["cells"]
        if TAG in cell.get("metadata", {}).get("tags", [])
    ]
    if len(sources) != 1:
        raise RecipeError(
            f"{file.name} has {len(sources)} cells with the tag '{TAG}'; it needs exactly one."
        )
    return tuple(_declared(file.name, sources[0]))


def meaning(parameter: Parameter) -> str:
    """Return what a parameter means, with the word that only a build of pages knows."""
    if LAST not in DAYS.get(parameter.name, ()):
        return parameter.help
    return f"{parameter.help}; `normlib report` also takes '{LAST}', the day published last"


def read_notebook(file: Path) -> dict[str, Any]:
    """Read a notebook as plain JSON values.

    Raises
    ------
    RecipeError
        The file is no notebook.
    """
    try:
        notebook = json.loads(file.read_text(encoding="utf-8"))
        notebook["cells"][0]["cell_type"]
    except (ValueError, TypeError, LookupError) as error:
        message = f"{file.name} is not a Jupyter notebook: {error}. Open and save it in JupyterLab."
        raise RecipeError(message) from None
    return dict(notebook)


def checked(
    given: Mapping[str, str], parameters: Sequence[Parameter], *, where: str
) -> dict[str, Value]:
    """Return given texts as values of the declared types.

    Parameters
    ----------
    given : texts by parameter name.
    parameters : what is taken.
    where : what takes it, for messages: ``"Notebook 10-timeline"``.

    Raises
    ------
    RecipeError
        An unknown name (with the nearest one) or a text that is no value of the type.
    """
    known = {parameter.name: parameter for parameter in parameters}
    values = {}
    for name, text in given.items():
        if name not in known:
            raise RecipeError(unknown(name, list(known), where=where))
        values[name] = value_of(known[name], text)
    return values


def value_of(parameter: Parameter, text: str) -> Value:
    """Read one text by its parameter's type.

    Raises
    ------
    RecipeError
        The text is no value of the type; the message says what is allowed.
    """
    if _CONTROL.search(text):
        raise RecipeError(f"Parameter '{parameter.name}': {text!r} holds a control character.")
    if len(text) > _LONGEST:
        raise RecipeError(
            f"Parameter '{parameter.name}' has {len(text)} characters; at most {_LONGEST}."
        )
    return (
        day_text(parameter.name, text)
        if parameter.name in DAYS
        else _READERS[parameter.type](parameter, text)
    )


def day_text(name: str, text: str) -> str:
    """Return a day as it is written, once it is proved to be one (or a word that is allowed).

    Raises
    ------
    RecipeError
        ``2023-02-30``, ``12/09/2025``, ``2025-09``, and whatever else is no full day.
    """
    from normlib.dossier import parse_day

    if text in DAYS[name]:
        return text
    try:
        return str(parse_day(text, f"Parameter '{name}'").date())
    except RecipeError as error:
        words = " or ".join(f"'{word}'" for word in DAYS[name])
        raise RecipeError(f"{error} Or {words}.") from None


def unknown(name: str, known: Sequence[str], *, where: str) -> str:
    """Say that a parameter is not known, which are, and which one may have been meant."""
    takes = ", ".join(known) or "none"
    hint = nearest(name, known) or "Nothing is close."
    return f"{where} has no parameter '{name}'. It takes: {takes}. {hint}"


def _declared(file: str, source: str) -> list[Parameter]:
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        raise RecipeError(_no_declaration(file, source, error.lineno or 1)) from None
    comments = _comments(source)
    return [_parameter(file, source, statement, comments) for statement in statements]


def _parameter(
    file: str, source: str, statement: ast.stmt, comments: Mapping[int, str]
) -> Parameter:
    match statement:
        case ast.AnnAssign(
            target=ast.Name(id=name), annotation=ast.Name(id=kind), value=ast.expr() as value
        ) if kind in _READERS:
            default = _literal(value)
            if type(default).__name__ == kind:
                return Parameter(name, kind, default, comments.get(statement.end_lineno or 0, ""))
    raise RecipeError(_no_declaration(file, source, statement.lineno))


def _literal(expression: ast.expr) -> Any:
    try:
        return ast.literal_eval(expression)
    except ValueError:
        return None


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        token.start[0]: token.string.lstrip("# ").rstrip()
        for token in tokens
        if token.type == tokenize.COMMENT
    }


def _no_declaration(file: str, source: str, line: int) -> str:
    text = source.splitlines()[line - 1].strip()
    return (
        f"{file}, parameters cell, line {line}: '{text}' is no declaration. "
        "Write `name: type = default  # help` with a plain str, int, float or bool, as in "
        '`as_of: str = "latest"  # day of the view`.'
    )


def _text(parameter: Parameter, text: str) -> str:
    return text


def _whole(parameter: Parameter, text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise RecipeError(_wrong(parameter, text, "a whole number such as 12"))
    return int(text)


def _decimal(parameter: Parameter, text: str) -> float:
    if not _DECIMAL.fullmatch(text) or not math.isfinite(float(text)):
        raise RecipeError(_wrong(parameter, text, "a number such as 0.5, with a point"))
    return float(text)


def _truth(parameter: Parameter, text: str) -> bool:
    if text not in ("true", "false"):
        raise RecipeError(_wrong(parameter, text, "true or false"))
    return text == "true"


_READERS: Mapping[str, Callable[[Parameter, str], Value]] = {
    "str": _text,
    "int": _whole,
    "float": _decimal,
    "bool": _truth,
}


def _wrong(parameter: Parameter, text: str, allowed: str) -> str:
    return f"Parameter '{parameter.name}' takes {allowed}, not '{text}'."
