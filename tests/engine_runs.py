"""Run notebooks with one engine in a process like that of a batch; print what their cells put out.

Usage: python -m tests.engine_runs ENGINE < JOBS, where JOBS is a JSON list of {notebook,
parameters}; prints a JSON list of executed notebooks.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import replace
from importlib import import_module
from typing import Any

from normlib.package import PROJECT
from normlib.report.engines import MODULES
from normlib.report.steady import steady_environment
from tests.pages_kit import Json, job


def executed(engine: str, jobs: list[Json]) -> list[Json]:
    """Return the executed notebooks of some jobs."""
    with tempfile.TemporaryDirectory(prefix="n") as folder:
        paths = {"IPYTHONDIR": folder, "TMPDIR": folder}
        done = subprocess.run(
            [sys.executable, "-m", "tests.engine_runs", engine],
            input=json.dumps(jobs),
            capture_output=True,
            text=True,
            cwd=folder,
            env=steady_environment({**paths, "PYTHONPATH": str(PROJECT)}),
            check=False,
        )
    assert done.returncode == 0, done.stderr
    found: list[Json] = json.loads(done.stdout)
    return found


def outputs(notebook: Json) -> list[list[Json]]:
    """Return what each cell put out, without the addresses of objects and files in memory."""
    return [cell["outputs"] for cell in notebook["cells"] if cell["cell_type"] == "code"]


def main() -> None:
    execute = import_module(MODULES[sys.argv[1]]).execute
    result: list[Any] = []
    keep = os.dup(1)
    for given in json.load(sys.stdin):
        found = execute(replace(job(given["notebook"]), parameters=given["parameters"]))
        result.append({**found.notebook, "failure": found.failure and found.failure.code})
    with os.fdopen(keep, "w", encoding="utf-8") as out:
        json.dump(result, out, default=dict)


if __name__ == "__main__":
    main()
