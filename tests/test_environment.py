"""The ways to install the project agree: pyproject.toml, the four locks, environment.yml."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from rattler import MatchSpec

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))

EXPORT = PYPROJECT["project"]["optional-dependencies"]["export"]

BATCH, LAB, DEV = "requirements.lock", "requirements-lab.lock", "requirements-dev.lock"
CLUSTER = "requirements-cluster.lock"
LOCKS = (BATCH, LAB, CLUSTER, DEV)
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def requirements(lines: list[str]) -> dict[str, Requirement]:
    """Requirements by their canonical name."""
    parsed = [Requirement(line) for line in lines]
    return {canonicalize_name(requirement.name): requirement for requirement in parsed}


def declared(lock: str) -> dict[str, Requirement]:
    """What pyproject.toml asks a lock to hold."""
    project, groups = PYPROJECT["project"], PYPROJECT["dependency-groups"]
    lines = [*project["dependencies"], *groups["build"]]
    if lock in (LAB, DEV):
        lines += [*project["optional-dependencies"]["lab"], *EXPORT]
    if lock in (CLUSTER, DEV):
        lines += project["optional-dependencies"]["cluster"]
    if lock == DEV:
        lines += [line for line in groups["dev"] if isinstance(line, str)]
    return requirements(lines)


def blocks(lock: str) -> list[str]:
    """Each pinned distribution of a lock with its hashes, as one line."""
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def pins(lock: str) -> dict[str, Version]:
    """Version by canonical name."""
    pinned = re.compile(r"([A-Za-z0-9._-]+)==([^\s;]+)")
    found = [pinned.match(block) for block in blocks(lock)]
    return {canonicalize_name(match[1]): Version(match[2]) for match in found if match}


def hashes(lock: str) -> dict[str, frozenset[str]]:
    """Hashes of the files that a lock allows, by what it pins."""
    return {block.split()[0]: frozenset(HASH.findall(block)) for block in blocks(lock)}


def conda_specs() -> dict[str, MatchSpec]:
    """The match specifications of environment.yml by name, without python and pip."""
    specs = [MatchSpec(line) for line in CONDA["dependencies"] if isinstance(line, str)]
    named = {canonicalize_name(spec.name.normalized): spec for spec in specs}
    return {name: spec for name, spec in named.items() if name not in ("python", "pip")}


def imported(folder: str) -> Iterator[str]:
    """Top names that the modules below a folder import, the standard library's left out."""
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                yield node.module.partition(".")[0]


def bare(version_range: object) -> str:
    """A version range without blanks, so that both notations compare."""
    return str(version_range).replace(" ", "")


@pytest.mark.parametrize(("folder", "lock"), [("normlib", CLUSTER), ("tools", DEV), ("tests", DEV)])
def test_what_is_imported_is_declared(folder, lock):
    ours = {"normlib", "tests", "tools", *sys.stdlib_module_names}
    names = set(imported(folder)) - ours
    homes = packages_distributions()
    distributions = {home for name in names for home in homes[name]}
    allowed = declared(lock) | requirements(EXPORT)
    assert {canonicalize_name(name) for name in distributions} <= set(allowed)


def test_conda_and_pip_ask_for_the_same_packages():
    assert set(conda_specs()) == set(declared(LAB)) - {"flit-core"}


@pytest.mark.parametrize("name", sorted(conda_specs()))
def test_conda_and_pip_ask_for_the_same_versions(name):
    assert bare(conda_specs()[name].version) == bare(declared(LAB)[name].specifier)


def test_conda_and_pip_ask_for_the_same_python():
    python = next(MatchSpec(line) for line in CONDA["dependencies"] if line.startswith("python "))
    assert bare(python.version) == bare(PYPROJECT["project"]["requires-python"])


def test_conda_takes_everything_from_one_channel_and_normlib_from_the_clone():
    assert CONDA["name"] == "normlib"
    assert CONDA["channels"] == ["conda-forge"]
    assert CONDA["dependencies"][-1] == {"pip": ["-e ."]}


@pytest.mark.parametrize(
    ("name", "floor"),
    [("jupyterlab", "4.6.2"), ("jupyter-server", "2.20.0"), ("nbconvert", "7.17.1")],
)
def test_releases_with_known_holes_are_refused(name, floor):
    assert bare(declared(LAB)[name].specifier) == f">={floor}"
    assert pins(LAB)[name] >= Version(floor)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_everything_declared_in_the_declared_range(lock):
    wrong = {
        name: str(pins(lock).get(name))
        for name, requirement in declared(lock).items()
        if name not in pins(lock) or pins(lock)[name] not in requirement.specifier
    }
    assert not wrong, f"{lock} is older than pyproject.toml: run `make lock`"


@pytest.mark.parametrize("lock", LOCKS)
def test_every_distribution_of_a_lock_is_pinned_once_with_hashes(lock):
    lines = blocks(lock)
    assert len(lines) == len(pins(lock))
    assert [line for line in lines if not HASH.search(line)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_says_what_but_never_from_where(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^\s*-", text.replace("    --hash=", ""), flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("smaller", "larger"), [(BATCH, LAB), (BATCH, CLUSTER), (LAB, DEV), (CLUSTER, DEV)]
)
def test_a_larger_lock_holds_the_smaller_one_unchanged(smaller, larger):
    assert pins(smaller).items() <= pins(larger).items()
    assert hashes(smaller).items() <= hashes(larger).items()


def test_a_batch_brings_no_pyarrow_which_pandas_would_import_in_every_process():
    assert "pyarrow" in pins(LAB)
    assert not {"pyarrow"} & (set(pins(BATCH)) | set(pins(CLUSTER)))


def test_a_batch_brings_no_jupyterlab_and_no_server():
    brought = {"jupyterlab", "jupyter-server", "jupyter-events", "rfc3987-syntax", "nbconvert"}
    assert brought <= set(pins(LAB))
    assert not brought & set(pins(BATCH))
