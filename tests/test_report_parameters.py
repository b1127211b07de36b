"""What a notebook takes is read from its cell; what a person gives is checked first."""

import json
from pathlib import Path

import pytest

from normlib.errors import RecipeError
from normlib.report.parameters import Parameter, checked, parameters_of, value_of
from tests.pages_kit import PARAMETERS, code

TAKES = (
    Parameter("as_of", "str", "latest", ""),
    Parameter("since", "str", "last-round", ""),
    Parameter("count", "int", 3, ""),
    Parameter("share", "float", 0.5, ""),
    Parameter("aloud", "bool", False, ""),
    Parameter("name", "str", "", ""),
)


def file_with(folder: Path, *cells: dict[str, object]) -> Path:
    file = folder / "10-page.ipynb"
    file.write_text(json.dumps({"cells": list(cells)}), encoding="utf-8")
    return file


def test_name_type_default_and_help_are_read_from_the_tagged_cell(tmp_path: Path) -> None:
    file = file_with(tmp_path, code(PARAMETERS, "parameters"))
    found = {one.name: one for one in parameters_of(file)}
    assert list(found) == ["dataset", "as_of", "since", "count", "share", "aloud"]
    assert found["as_of"] == Parameter("as_of", "str", "latest", "day of the view")
    assert found["count"] == Parameter("count", "int", 3, "how many")
    assert found["share"].help == ""


@pytest.mark.parametrize(
    "line",
    [
        "as_of = 'latest'",
        "as_of: datetime.date = None",
        "as_of: str = 5",
        "as_of: str = open('x').read()",
        "import os",
        "count: int = 1 +",
        "count: int",
    ],
)
def test_a_line_that_is_no_plain_declaration_is_refused_with_its_number(
    tmp_path: Path, line: str
) -> None:
    file = file_with(tmp_path, code(f"since: str = 'last-round'\n{line}", "parameters"))
    with pytest.raises(RecipeError, match="line 2") as refused:
        parameters_of(file)
    assert "name: type = default" in str(refused.value)


def test_a_notebook_needs_exactly_one_parameters_cell(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="has 0 cells"):
        parameters_of(file_with(tmp_path, code("x = 1")))
    twice = [code("a: int = 1", "parameters"), code("b: int = 1", "parameters")]
    with pytest.raises(RecipeError, match="has 2 cells"):
        parameters_of(file_with(tmp_path, *twice))


@pytest.mark.parametrize("content", ["", "[]", "{}", "not JSON", '{"cells": []}'])
def test_a_file_that_is_no_notebook_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "10-page.ipynb"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(RecipeError, match="not a Jupyter notebook"):
        parameters_of(file)


def test_a_misspelt_name_brings_the_nearest_one() -> None:
    with pytest.raises(RecipeError) as refused:
        checked({"as_off": "latest"}, TAKES, where="Notebook 10-page")
    assert "no parameter 'as_off'" in str(refused.value)
    assert "Did you mean 'as_of'?" in str(refused.value)
    assert "It takes: as_of, since, count" in str(refused.value)


def test_a_name_that_is_near_nothing_says_so() -> None:
    with pytest.raises(RecipeError, match="Nothing is close"):
        checked({"__class__": "x"}, TAKES, where="Notebook 10-page")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("count", "007", 7),
        ("count", "-12", -12),
        ("share", "1e5", 100000.0),
        ("share", ".5", 0.5),
        ("aloud", "true", True),
        ("name", "007", "007"),
        ("name", "NO", "NO"),
        ("name", "1:30", "1:30"),
        ("name", "", ""),
        ("name", "a{b}; rm -rf /", "a{b}; rm -rf /"),
        ("as_of", "2022-07-01", "2022-07-01"),
        ("as_of", "latest", "latest"),
        ("since", "last-round", "last-round"),
        ("since", "last", "last"),
    ],
)
def test_text_is_read_once_by_the_declared_type(name: str, text: str, value: object) -> None:
    found = checked({name: text}, TAKES, where="Notebook 10-page")[name]
    assert (found, type(found)) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "text", "telling"),
    [
        ("count", "1_000", "whole number"),
        ("count", "١٢", "whole number"),
        ("count", " 12", "whole number"),
        ("count", "1.0", "whole number"),
        ("share", "nan", "a number"),
        ("share", "1e999", "a number"),
        ("share", "0,5", "a number"),
        ("aloud", "on", "true or false"),
        ("name", "a\nb", "control character"),
        ("name", "a\u202eb", "control character"),
        ("name", "x" * 3000, "3000 characters"),
        ("as_of", "2023-02-30", "February 2023 has 28 days"),
        ("as_of", "12/09/2025", "2025-09-12 or 2025-12-09"),
        ("as_of", "2025-09", "full day"),
        ("as_of", "yesterday", "full day"),
        ("as_of", "last-round", "'latest'"),
        ("as_of", "last", "'latest'"),
        ("since", "latest", "'last-round' or 'last'"),
    ],
)
def test_text_of_another_kind_is_refused_with_what_is_allowed(
    name: str, text: str, telling: str
) -> None:
    parameter = next(one for one in TAKES if one.name == name)
    with pytest.raises(RecipeError, match=telling):
        value_of(parameter, text)
