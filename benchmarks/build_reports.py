"""Time a build of the baseline against the papermill command in a loop, and a kernel's start."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from normlib.report.project import find_project

EMPTY = {
    "cells": [
        {
            "cell_type": "code",
            "id": "only",
            "metadata": {"tags": ["parameters"]},
            "source": "x = 1",
            "outputs": [],
            "execution_count": None,
        }
    ],
    "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def seconds(*command: str) -> float:
    """Return the wall time of a command that must succeed."""
    begun = perf_counter()
    subprocess.run([sys.executable, "-m", *command], check=True, capture_output=True)
    return perf_counter() - begun


def main() -> None:
    """Print the times, the ratio to the peer, and the share of kernel starts."""
    project = find_project()
    names = project.batch_names()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        blank = out / "blank.ipynb"
        blank.write_text(json.dumps(EMPTY), encoding="utf-8")
        start = seconds("papermill", str(blank), str(out / "x.ipynb"))
        one = seconds("normlib.cli", "report", "--jobs", "1", "--out", str(out / "one"))
        two = seconds("normlib.cli", "report", "--jobs", "2", "--out", str(out / "two"))
        loop = sum(
            seconds("papermill", str(project.notebook(name)), str(out / f"{name}.ipynb"))
            for name in names
        )
    print(f"{'pages':<44}{len(names):>8}")
    print(f"{'papermill command in a loop, no pages made':<44}{loop:>8.1f} s")
    print(f"{'normlib report, one job':<44}{one:>8.1f} s   ratio {one / loop:.2f}")
    print(f"{'normlib report, two jobs':<44}{two:>8.1f} s   ratio {two / loop:.2f}")
    share = start * len(names) / loop
    print(f"{'papermill command, empty notebook':<44}{start:>8.1f} s   {share:.0%} of the loop")


if __name__ == "__main__":
    main()
