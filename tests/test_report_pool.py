"""Jobs run in processes of their own; whatever one does, the others and this one go on."""

import os
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from normlib.errors import SurroundingsError
from normlib.package import PROJECT
from normlib.report import pool
from normlib.report.jobs import Job, Limits, Result
from normlib.report.pool import Crew
from normlib.report.spawn import Spawner
from normlib.report.warm import KEPT, Warm
from tests.pages_kit import (
    NOTE_MIME,
    PLOTLY_MIME,
    Json,
    code,
    dataset,
    figure,
    job,
    note,
    notebook,
    shows,
)
from tests.tiny import tiny_package

TEMPLATE = str(PROJECT / "reports" / "template")
LONG = "import time\nfor second in range(600): time.sleep(1)"


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A folder for everything temporary, short enough for sockets, looked at in the end."""
    before = tempfile.tempdir
    with tempfile.TemporaryDirectory(prefix="n") as name:
        tempfile.tempdir = name
        yield Path(name)
        tempfile.tempdir = before


@pytest.fixture(scope="module")
def crew(folder: Path) -> Iterator[Crew]:
    """Two processes at once, prepared for a small record; nothing of them is left."""
    with tempfile.TemporaryDirectory(prefix="r") as place:
        record = dataset(Path(place))
        with Crew(2, [str(record)], TEMPLATE) as found:
            yield found
    assert list(folder.iterdir()) == []


def cells(*sources: str, name: str = "10-page", **limits: int) -> Job:
    """A job whose notebook has some cells of code, and a sentence to show."""
    content = notebook(*map(code, sources), code(shows(note(), NOTE_MIME)))
    return replace(job(content), name=name, limits=Limits(**limits))


def run(crew: Crew, *jobs: Job) -> dict[str, Result]:
    return {result.place.rpartition("/")[2]: result for result in crew.results(jobs)}


def only(crew: Crew, *sources: str, **limits: int) -> Result:
    (result,) = run(crew, cells(*sources, **limits)).values()
    return result


def said(result: Result) -> list[str]:
    """What the cells of a job complained of on standard error: a way to hear from a child."""
    return [line for text in result.warnings for line in text.splitlines()]


def gone(process: int, seconds: float = 10) -> bool:
    """Whether a process ends within some seconds (one that waits for its parent has ended)."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_a_job_gives_a_page(crew: Crew) -> None:
    content = notebook(code(shows(figure(), PLOTLY_MIME)))
    (result,) = crew.results([job(content)])
    assert result.failure is None
    assert result.page is not None
    assert result.page.figures == 1
    assert "What has happened?" in result.page.html


def test_the_prepared_process_has_one_thread(crew: Crew) -> None:
    only(crew, "1")
    nursery = crew._nursery
    assert isinstance(nursery, Warm)
    assert len(list(Path(f"/proc/{nursery.pid}/task").iterdir())) == 1


def test_a_job_runs_apart_from_everything(crew: Crew) -> None:
    """In a process group and an empty folder of its own, with steady settings and no network."""
    reach = "import urllib.request\ntry: urllib.request.urlopen('http://example.org')\n"
    result = only(
        crew,
        "import os, sys, tempfile\n"
        "tell = lambda *words: print(*words, file=sys.stderr)\n"
        "tell(os.getpgid(0) == os.getpid(), sorted(os.listdir('.')),"
        " os.getcwd() == tempfile.gettempdir())",
        "tell(os.environ['PYTHONHASHSEED'], os.environ['TZ'], os.environ['PLOTLY_RENDERER'])",
        f"{reach}except OSError as error: tell(error)",
        "try: input('?')\nexcept EOFError as error: tell('nobody answers')",
    )
    assert result.failure is None
    lines = said(result)
    assert lines[0] == "True ['stderr', 'stdout'] True"
    assert lines[1] == "0 UTC plotly_mimetype"
    assert "no network in a batch" in lines[2]
    assert lines[3] == "nobody answers"


def test_nothing_of_one_job_is_seen_by_the_next(crew: Crew) -> None:
    first = only(crew, "import json, os\njson.left = 1\nos.environ['LEFT'] = '1'\nleft = 1")
    second = only(
        crew,
        "import json, os, sys\n"
        "print(hasattr(json, 'left'), 'LEFT' in os.environ, 'left' in dir(), file=sys.stderr)",
    )
    assert first.failure is None
    assert said(second) == ["False False False"]


def test_chance_comes_out_the_same_in_every_job(crew: Crew) -> None:
    draw = (
        "import random, sys, numpy as np\nprint(random.random(), np.random.rand(), file=sys.stderr)"
    )
    jobs = [cells(draw, name=f"{at}0-page") for at in range(1, 4)]
    assert len({tuple(said(result)) for result in run(crew, *jobs).values()}) == 1


def test_a_killed_process_is_a_failure_with_its_cell_and_last_lines(crew: Crew) -> None:
    result = only(crew, "print('still here')\nimport os; os.kill(os.getpid(), 9)", "2")
    assert result.failure is not None
    assert result.failure.code == "kernel-died"
    assert "SIGKILL" in result.failure.message
    assert result.failure.cell == "print('still here')"
    assert result.failure.tail == "still here"


def test_a_crash_of_the_interpreter_is_a_failure(crew: Crew) -> None:
    result = only(crew, "import ctypes; ctypes.string_at(0)")
    assert result.failure is not None
    assert (result.failure.code, "SIGSEGV" in result.failure.message) == ("kernel-died", True)


def test_a_cell_that_takes_too_much_memory_is_told_so(crew: Crew) -> None:
    result = only(crew, "x = bytearray(10 ** 9)", memory=300)
    assert result.failure is not None
    assert result.failure.code == "memory"
    assert "limits.memory" in result.failure.remedy
    assert only(crew, "x = bytearray(10 ** 8)", memory=300).failure is None


def test_an_endless_cell_is_ended_at_its_limit_with_its_last_lines(crew: Crew) -> None:
    result = only(crew, f"import os; print(os.getpid())\n{LONG}", cell=1)
    assert result.failure is not None
    assert result.failure.code == "cell-timeout"
    assert "1 seconds" in result.failure.message
    assert result.failure.cell == "import os; print(os.getpid())"
    assert gone(int(result.failure.tail.splitlines()[0]))


STUBBORN = """
import os, signal, time
print(os.getpid(), flush=True)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
    try: time.sleep(60)
    except KeyboardInterrupt: pass
"""


def test_a_cell_that_will_not_be_asked_is_ended_without_asking(
    crew: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "GRACE_SECONDS", 0.5)
    result = only(crew, STUBBORN, cell=1)
    assert result.failure is not None
    assert result.failure.code == "cell-timeout"
    assert gone(int(result.failure.tail.splitlines()[-1]))


def test_a_notebook_is_ended_at_its_limit_whatever_its_cells_do(crew: Crew) -> None:
    result = only(crew, LONG, cell=60, notebook=1)
    assert result.failure is not None
    assert result.failure.code == "notebook-timeout"


@pytest.mark.parametrize("leave", ["import sys; sys.exit(0)", "import os; os._exit(0)", "quit()"])
def test_a_cell_that_ends_the_run_quietly_is_no_success(crew: Crew, leave: str) -> None:
    result = only(crew, leave, "2")
    assert result.failure is not None
    assert result.failure.code == "cell-skipped"
    assert "never ran" in result.failure.message
    assert result.page is None


def test_an_error_is_told_with_its_cell(crew: Crew) -> None:
    result = only(crew, "1 / 0")
    assert result.failure is not None
    assert (result.failure.code, result.failure.cell) == ("cell-error", "1 / 0")
    assert result.failure.message == "ZeroDivisionError: division by zero"
    assert "ZeroDivisionError" in result.failure.tail


def test_what_a_cell_has_started_ends_with_it(crew: Crew) -> None:
    result = only(
        crew,
        "import subprocess, sys\nprint(subprocess.Popen(['sleep', '600']).pid, file=sys.stderr)",
    )
    assert result.failure is None
    assert gone(int(said(result)[-1]))


def test_of_eight_reports_one_killed_and_one_too_slow_leave_six(crew: Crew) -> None:
    jobs = [cells("1", name=f"{at}0-page") for at in range(1, 9)]
    jobs[2] = cells("import os; os.kill(os.getpid(), 9)", name="30-page")
    jobs[4] = cells(LONG, name="50-page", cell=1)
    results = run(crew, *jobs)
    failed = {name: result.failure.code for name, result in results.items() if result.failure}
    assert failed == {"30-page": "kernel-died", "50-page": "cell-timeout"}
    assert sum(result.page is not None for result in results.values()) == 6


def test_a_hundred_reports_at_four_at_once_all_come_out(folder: Path) -> None:
    jobs = [cells("1", name=f"{at}-page") for at in range(100)]
    with Crew(4, [], TEMPLATE) as crew:
        results = run(crew, *jobs)
        assert len(results) == 100
        assert [result.failure for result in results.values() if result.failure] == []
        left = [entry.name for entry in crew._folder.iterdir() if entry.is_dir()]
        assert [name for name in left if name.isdigit()] == []


def test_jobs_are_taken_only_when_there_is_room_and_one_ahead(crew: Crew) -> None:
    taken = []

    def jobs() -> Iterator[Job]:
        for at in range(6):
            taken.append(at)
            yield cells("1", name=f"{at}0-page")

    results = crew.results(jobs())
    next(results)
    at_first = len(taken)
    assert len(list(results)) == 5
    assert at_first == 1 + 2 + 1


def test_each_job_has_its_own_record_at_hand_whichever_came_before(folder: Path) -> None:
    """More records than are kept at the same time; a child reads the one that its job names."""
    count = (
        "import sys\nfrom normlib import dossier, load\nfrom pathlib import Path\n"
        "print(len(load(dataset).events), dossier.is_kept(dataset), len(dossier._KEPT),"
        " file=sys.stderr)"
    )
    with tempfile.TemporaryDirectory(prefix="r") as place:
        sizes = {}
        for size in (1, 2, 3):
            rows = [{"event_id": f"2021-01-0{at}-talks"} for at in range(1, size + 1)]
            until = {"coversUntil": "2023-01-01"}
            found = tiny_package(Path(place) / str(size), descriptor=until, events=rows)
            sizes[str(found)] = size
        with Crew(1, list(sizes), TEMPLATE) as crew:
            jobs = [
                replace(cells(count, name=f"{at}-page"), dataset=name, parameters={"dataset": name})
                for at, name in enumerate([*sizes, *sizes])
            ]
            results = run(crew, *jobs)
    lines = [said(results[f"{at}-page"])[-1].split() for at in range(6)]
    assert [int(line[0]) for line in lines] == [1, 2, 3, 1, 2, 3]
    assert {line[1] for line in lines} == {"True"}
    assert max(int(line[2]) for line in lines) == KEPT


def test_the_memory_of_a_job_is_told(crew: Crew) -> None:
    small, large = (only(crew, f"x = b'1' * {size} * 10 ** 6").memory_mb for size in (1, 100))
    assert 80 < large - small < 130


def test_a_prepared_process_that_is_killed_is_replaced_and_nothing_is_lost(folder: Path) -> None:
    with Crew(2, [], TEMPLATE) as crew:
        only(crew, "1")
        nursery = crew._nursery
        assert isinstance(nursery, Warm)
        jobs = [cells("import time; time.sleep(2)", name=f"{at}0-page") for at in range(1, 4)]
        timer = threading.Timer(0.5, os.kill, (nursery.pid, signal.SIGKILL))
        timer.start()
        results = run(crew, *jobs)
        assert crew._nursery is not nursery
    assert sorted(results) == ["10-page", "20-page", "30-page"]
    assert all(result.failure is None for result in results.values())


@pytest.mark.usefixtures("folder")
def test_a_prepared_process_that_cannot_be_made_is_told_with_its_last_words() -> None:
    with (
        Crew(1, ["nowhere"], TEMPLATE) as crew,
        pytest.raises(SurroundingsError, match=r"no dataset.*--engine kernel"),
    ):
        only(crew, "1")


def test_leaving_in_the_middle_ends_every_process(folder: Path) -> None:
    marker = folder / "pid"
    write = f"import os, pathlib; pathlib.Path({str(marker)!r}).write_text(str(os.getpid()))"
    with Crew(2, [], TEMPLATE) as crew:
        jobs = [cells("1", name="10-page"), cells(f"{write}\n{LONG}", name="20-page")]
        results = crew.results(jobs)
        assert next(results).place.endswith("10-page")
        while not marker.exists() or not marker.read_text():
            time.sleep(0.05)
    assert gone(int(marker.read_text()))
    marker.unlink()


def test_without_a_fork_processes_are_started_anew(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    """With real kernels, as on systems that cannot fork."""
    monkeypatch.setattr(pool, "can_fork", lambda: False)
    good = replace(cells("1"), engine="kernel")
    dead = replace(cells("import os; os._exit(3)", name="20-page"), engine="kernel")
    with Crew(2, [], TEMPLATE) as crew:
        assert isinstance(crew._nursery, Spawner)
        results = run(crew, good, dead)
    assert results["10-page"].failure is None
    failure = results["20-page"].failure
    assert failure is not None
    assert (failure.code, "exit code 3" in failure.message) == ("kernel-died", True)


def test_a_kernel_in_a_process_is_ended_with_it(crew: Crew) -> None:
    stubborn: Json = notebook(code(f"import os; print(os.getpid(), flush=True)\n{LONG}"))
    slow = replace(job(stubborn), engine="kernel", limits=Limits(cell=1))
    (result,) = crew.results([slow])
    assert result.failure is not None
    assert result.failure.code == "cell-timeout"
    assert gone(int(result.failure.tail.splitlines()[0]))
