"""A kernel runs a notebook as it should, and nothing that it does goes unnoticed. Real kernels."""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from normlib.report.jobs import Executed, Limits
from normlib.report.kernels import execute
from normlib.report.proof import unproved
from tests.pages_kit import code, job, notebook


@pytest.fixture(autouse=True)
def short_path(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give each test a temporary folder of its own, short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="n") as folder:
        monkeypatch.setattr(tempfile, "tempdir", folder)
        yield Path(folder)


def ran(*cells: str, **changes: object) -> Executed:
    content = notebook(*map(code, cells))
    return execute(replace(job(content), **changes))


def printed(executed: Executed) -> list[str]:
    return [
        line
        for cell in executed.notebook["cells"]
        for output in cell.get("outputs", [])
        if output.get("name") == "stdout"
        for line in output["text"].splitlines()
    ]


def exists(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_notebook_runs_in_this_interpreter_apart_from_everything(short_path: Path) -> None:
    """Whatever kernel it names; in an empty folder, with steady settings and no network."""
    reach = "import urllib.request\ntry: urllib.request.urlopen('http://example.org')\n"
    executed = ran(
        "import os, sys, socket; print(sys.executable)",
        "print(count, as_of)",
        "print(os.environ['PYTHONHASHSEED'], os.environ['TZ'], os.environ['PLOTLY_RENDERER'])",
        "print(os.path.dirname(os.getcwd()))",
        f"{reach}except OSError as error: print(error)",
        parameters={"count": 5},
    )
    assert executed.failure is None
    assert unproved(executed.notebook) is None
    lines = printed(executed)
    assert Path(lines[0]).samefile(os.sys.executable)  # type: ignore[attr-defined]
    assert lines[1:4] == ["5 latest", "0 UTC plotly_mimetype", str(short_path)]
    assert "no network in a batch" in lines[4]
    assert list(short_path.iterdir()) == []


def test_a_killed_kernel_is_a_failure_with_its_cell_and_last_lines(short_path: Path) -> None:
    executed = ran("print('still here', flush=True)\nimport os; os.kill(os.getpid(), 9)", "2")
    assert executed.failure is not None
    assert executed.failure.code == "kernel-died"
    assert "SIGKILL" in executed.failure.message
    assert executed.failure.cell == "print('still here', flush=True)"
    assert list(short_path.iterdir()) == []


def test_a_kernel_that_leaves_with_status_zero_is_a_failure() -> None:
    executed = ran("import os; os._exit(0)", "2")
    assert executed.failure is not None
    assert executed.failure.code == "cell-skipped"


def test_a_cell_that_ends_the_run_quietly_is_seen_in_the_notebook() -> None:
    executed = ran("import sys; sys.exit(0)", "2")
    failure = executed.failure or unproved(executed.notebook)
    assert failure is not None
    assert failure.code == "cell-skipped"


def test_a_cell_that_will_not_be_interrupted_is_ended_at_its_limit() -> None:
    stubborn = """
import os, time
print(os.getpid(), flush=True)
while True:
    try: time.sleep(60)
    except KeyboardInterrupt: pass
"""
    executed = ran(stubborn, limits=Limits(cell=2, notebook=60))
    assert executed.failure is not None
    assert executed.failure.code == "cell-timeout"
    assert "2 seconds" in executed.failure.message
    assert not exists(int(printed(executed)[0]))


def test_a_notebook_is_ended_at_its_limit_whatever_its_cells_do() -> None:
    executed = ran("import time; time.sleep(60)", limits=Limits(cell=60, notebook=1))
    assert executed.failure is not None
    assert executed.failure.code == "notebook-timeout"
