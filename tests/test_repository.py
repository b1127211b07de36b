"""The repository keeps its own house rules."""

import ast
import copy
import json
import re
import subprocess
import tomllib
from dataclasses import fields
from functools import cache
from pathlib import Path

import pytest
import yaml

import normlib
from normlib.cli import cli
from normlib.report.jobs import Limits
from normlib.report.recipes import KINDS, FanOut, Recipe
from tools import check_notebooks

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))

TOP = {
    ".ci",
    ".gitattributes",
    ".github",
    ".gitignore",
    ".pre-commit-config.yaml",
    "CHANGELOG.md",
    "CITATION.cff",
    "CONTRIBUTING.md",
    "LICENSE",
    "LICENSE-DATA",
    "Makefile",
    "README.md",
    "benchmarks",
    "data",
    "docs",
    "environment.yml",
    "normlib",
    "notebooks",
    "pyproject.toml",
    "reports",
    "requirements-cluster.lock",
    "requirements-dev.lock",
    "requirements-lab.lock",
    "requirements.lock",
    "tests",
    "tools",
}

INDEX = re.compile(
    r"pypi\.org|pythonhosted\.org|anaconda\.(?:org|com)|npmjs\.(?:org|com)|index[-_]url",
    re.IGNORECASE,
)
MACHINE = re.compile(r"(?<![\w.~-])(?:/(?:work|tmp|home|root|Users)|[A-Z]:\\Users)[/\\]\w")
LINK = re.compile(r"\]\(([^()\s]+)\)")
CODE = re.compile(r"^```.*?^```|`[^`\n]*`", re.DOTALL | re.MULTILINE)


@cache
def files() -> tuple[Path, ...]:
    """Return the files of the project: those in git, and new ones that git does not ignore."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        text=True,
        encoding="utf-8",
    ).stdout
    paths = [ROOT / name for name in listed.split("\0") if name]
    return tuple(path for path in paths if path.is_file())


@cache
def texts() -> dict[str, str]:
    """Return the text of every file that is text, by its path in the project."""
    raw = {path.relative_to(ROOT).as_posix(): path.read_bytes() for path in files()}
    return {name: data.decode("utf-8") for name, data in raw.items() if b"\0" not in data}


def found(pattern: re.Pattern[str]) -> list[str]:
    """Return each place where a pattern matches, as file:line: text."""
    return [
        f"{name}:{number}: {line[:120]}"
        for name, text in texts().items()
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


def anchors(markdown: str) -> set[str]:
    """Return the anchors that the headings of a Markdown text get."""
    headings = re.findall(r"^#+ +(.+)$", CODE.sub("", markdown), flags=re.MULTILINE)
    words = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings]
    return {word.strip().replace(" ", "-") for word in words}


def broken_links(name: str) -> list[str]:
    """Return the links of a Markdown file that lead nowhere inside the project."""
    here = ROOT / name
    broken = []
    for target in LINK.findall(CODE.sub("", texts()[name])):
        path, _, anchor = target.partition("#")
        goal = (here.parent / path).resolve() if path else here
        if re.match(r"[a-z]+:", target):
            continue
        if not goal.exists() or (anchor and anchor not in anchors(goal.read_text("utf-8"))):
            broken.append(target)
    return broken


def make_targets() -> set[str]:
    """Return the targets that the Makefile documents."""
    return set(re.findall(r"^([a-z]+):.*## ", texts()["Makefile"], flags=re.MULTILINE))


@pytest.fixture(scope="module")
def notebook():
    """Return a notebook that keeps every rule."""
    parameters = (
        'dataset: str = "tiny"  # which record\n'
        'as_of: str = "latest"  # the day\n'
        'since: str = "last-round"  # compare with\n'
        "days: int = -1  # a number\n"
    )
    return {
        "cells": [
            {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# What is it?"},
            code("parameters", parameters, tags=["parameters"]),
            code("load", "from normlib import load\n\ndossier = load(dataset).as_of(as_of)\n"),
        ],
        "metadata": {"kernelspec": {"display_name": "Python 3", "name": "python3"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def code(cell_id, source, **metadata):
    return {
        "cell_type": "code",
        "id": cell_id,
        "metadata": metadata,
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def test_only_the_expected_entries_stand_at_the_top():
    assert {path.relative_to(ROOT).parts[0] for path in files()} == TOP


def test_no_file_names_a_package_index():
    assert found(INDEX) == []


def test_no_file_names_a_folder_of_one_machine():
    assert found(MACHINE) == []


@pytest.mark.parametrize("folder", ["home", "tmp", "root", "Users"])
def test_a_folder_of_one_machine_is_recognized(folder):
    assert MACHINE.search(f"see /{folder}/ada")
    assert MACHINE.search(f"file:///{folder}/ada")


@pytest.mark.parametrize("good", ["https://example.org/home/page", "../tmp/a", "reports/work/a"])
def test_an_address_is_not_taken_for_a_folder(good):
    assert not MACHINE.search(good)


def test_every_text_is_utf_8_with_plain_line_ends_and_a_last_one():
    wrong = [n for n, t in texts().items() if "\r" in t or t[-1:] not in ("", "\n")]
    assert wrong == []


@pytest.mark.parametrize("name", sorted(name for name in texts() if name.endswith(".md")))
def test_links_inside_the_project_lead_somewhere(name):
    assert broken_links(name) == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "data/README.md"])
def test_every_make_target_that_a_page_names_exists(name):
    named = re.findall(r"`make ([a-z]+)|^make ([a-z]+)", texts()[name], flags=re.MULTILINE)
    assert {first or second for first, second in named} <= make_targets()


def test_every_code_of_a_failed_report_is_explained():
    code = "\n".join(text for name, text in texts().items() if name.startswith("normlib/report/"))
    codes = set(re.findall(r"Failure\(\s*\"([a-z-]+)\"", code))
    assert len(codes) > 10
    assert codes <= set(re.findall(r"`([a-z-]+)`", texts()["reports/README.md"]))


def test_every_key_of_a_recipe_is_explained():
    keys = {key for kind, _ in KINDS.values() for key in kind}
    keys |= {field.name for each in (Recipe, FanOut, Limits) for field in fields(each)} - {"name"}
    page = texts()["reports/README.md"]
    assert [key for key in keys if not re.search(rf"`(\[[a-z_.]*)?{key}[`\] ]", page)] == []


@pytest.mark.parametrize("name", ["README.md", "reports/README.md"])
def test_every_option_that_a_page_names_exists(name):
    named = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", texts()[name]))
    options = {
        option for each in cli.commands.values() for one in each.params for option in one.opts
    }
    assert named - {"--help", "--nthreads"} <= options


def test_make_alone_lists_the_doors():
    assert ".DEFAULT_GOAL := help" in texts()["Makefile"]
    assert {"help", "reports", "test", "lab", "check", "doctor"} <= make_targets()


def test_the_release_is_the_same_everywhere():
    version = tomllib.loads(texts()["pyproject.toml"])["project"]["version"]
    assert normlib.__version__ == version
    assert yaml.safe_load(texts()["CITATION.cff"])["version"] == version
    assert re.search(rf"^## {re.escape(version)}\b", texts()["CHANGELOG.md"], flags=re.MULTILINE)


def test_the_changelog_speaks_of_data_library_and_reports():
    headings = re.findall(r"^### (.+)$", texts()["CHANGELOG.md"], flags=re.MULTILINE)
    assert set(headings) == {"Data", "Library", "Reports"}


def test_the_workflow_may_only_read():
    workflow = yaml.safe_load(texts()[".github/workflows/ci.yml"])
    assert workflow["permissions"] == {"contents": "read"}
    assert not any("permissions" in job for job in workflow["jobs"].values())
    assert "secrets." not in texts()[".github/workflows/ci.yml"]


def test_no_test_is_skipped_or_expected_to_fail():
    skip = re.compile(r"pytest\.(mark\.)?(skip|skipif|xfail|importorskip)")
    used = [
        f"{name}:{node.lineno}"
        for name, text in texts().items()
        if name.startswith("tests/") and name.endswith(".py")
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and skip.fullmatch(ast.unparse(node))
    ]
    assert used == []


def test_there_are_notebooks():
    assert len(NOTEBOOKS) >= 6


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_a_notebook_holds_questions_and_neither_outputs_nor_logic(path):
    assert check_notebooks.problems(json.loads(path.read_text(encoding="utf-8"))) == []


def test_a_notebook_that_keeps_the_rules_passes(notebook):
    assert check_notebooks.problems(notebook) == []


def spoil_cell(**change):
    return lambda notebook: notebook["cells"][2].update(change)


def spoil_metadata(**change):
    return lambda notebook: notebook["metadata"].update(change)


@pytest.mark.parametrize(
    ("spoil", "telling"),
    [
        (spoil_cell(outputs=[{"output_type": "stream", "name": "stdout", "text": ""}]), "outputs"),
        (spoil_cell(execution_count=1), "execution count"),
        (spoil_cell(metadata={"papermill": {}}), "papermill"),
        (spoil_cell(metadata={"tags": ["skip-execution"]}), "skip-execution"),
        (spoil_cell(metadata={"tags": ["raises-exception"]}), "raises-exception"),
        (spoil_cell(metadata={"tags": ["parameters"]}), "has 2"),
        (spoil_cell(source="def f():\n    return 1\n"), "FunctionDef"),
        (spoil_cell(source="class A:\n    pass\n"), "ClassDef"),
        (spoil_cell(source="for row in rows:\n    row\n"), "For"),
        (spoil_cell(source="[row for row in rows]"), "comprehension"),
        (spoil_cell(source="try:\n    a\nexcept KeyError:\n    b\n"), "Try"),
        (spoil_cell(source="%matplotlib inline"), "magics"),
        (spoil_metadata(papermill={}), "papermill"),
        (spoil_metadata(kernelspec={"display_name": "mine", "name": "mine"}), "python3"),
        (spoil_metadata(language_info={"name": "python", "version": "3.11.7"}), "version"),
        (lambda notebook: notebook.update(nbformat_minor=4), "4.5"),
        (lambda notebook: notebook["cells"][1].update(source="days: int = 1  # x"), "'as_of'"),
        (lambda notebook: notebook["cells"][1].update(source="day = 1  # x"), "default"),
        (lambda notebook: notebook["cells"][1].update(source="day: int = 1"), "help"),
        (lambda notebook: notebook["cells"][0].update(source="What?"), "title"),
    ],
)
def test_a_notebook_that_breaks_a_rule_is_told_which(notebook, spoil, telling):
    spoiled = copy.deepcopy(notebook)
    spoil(spoiled)
    assert any(telling in problem for problem in check_notebooks.problems(spoiled))


def test_a_cleared_notebook_has_nothing_left_to_clear(notebook):
    used = copy.deepcopy(notebook)
    used["metadata"] |= {"papermill": {}, "language_info": {"name": "python", "version": "3.11.7"}}
    used["cells"][1] |= {"execution_count": 1}
    used["cells"][2]["metadata"] = {"papermill": {"status": "completed"}}
    clean = check_notebooks.cleared(used)
    assert check_notebooks.problems(clean) == []
    assert [cell["source"] for cell in clean["cells"]] == [c["source"] for c in used["cells"]]
    assert check_notebooks.cleared(clean) == clean
