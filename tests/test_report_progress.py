"""A person hears how a build goes: by a bar, by lines, by the table at the end, or as data."""

import io
import json
import os
import pty
import re
import subprocess
import sys
import termios
from dataclasses import replace
from pathlib import Path

import pytest

from normlib.package import PROJECT
from normlib.report.build import Outcome
from normlib.report.clerk import Verdict
from normlib.report.jobs import Failure
from normlib.report.progress import Teller, as_json, summary
from tests.pages_kit import NOTE_MIME, code, dataset, note, notebook, project, shows

BUILT = Verdict("baseline/latest/10-page", "built", 1.25)
SAME = Verdict("baseline/latest/20-other", "unchanged")
DEAD = Verdict(
    "baseline/latest/30-third",
    "failed",
    2.0,
    Failure("kernel-died", "the process was killed by SIGKILL", "Look at the cell.", "x = 1"),
    kept=False,
    again="normlib report baseline --only 30-third",
)
ALL = (BUILT, SAME, DEAD)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(stream: io.StringIO, *, quiet: bool = False) -> str:
    teller = Teller(stream, quiet=quiet)
    teller.begin(3)
    for verdict in ALL:
        teller.done(verdict)
    teller.end()
    return stream.getvalue()


def test_away_from_a_terminal_every_report_that_was_made_has_a_line() -> None:
    lines = told(io.StringIO()).splitlines()
    assert lines[0] == "3 reports to look at"
    assert lines[1] == "[1/3] baseline/latest/10-page  1.2 s"
    assert lines[2] == "[3/3] baseline/latest/30-third  FAILED"
    assert lines[3].strip() == "kernel-died: the process was killed by SIGKILL"
    assert lines[4].strip() == "in the cell that begins: x = 1"
    assert lines[5].strip() == "Look at the cell."


def test_who_wants_quiet_hears_of_failures_only() -> None:
    text = told(io.StringIO(), quiet=True)
    assert "30-third  FAILED" in text
    assert "10-page" not in text


def test_on_a_terminal_a_bar_goes_and_failures_stay() -> None:
    text = told(Terminal())
    assert "30-third  FAILED" in text
    assert "1/3" in text
    assert "baseline/latest/10-page 1.2 s" in text
    assert re.search(r"\r +\r$", text)


def test_the_table_at_the_end_counts_and_says_what_to_type_next() -> None:
    lines = list(summary(Outcome(Path("index.html"), ALL, 12.34)))
    assert [line.split() for line in lines[:4]] == [
        ["built", "1"],
        ["unchanged", "1"],
        ["failed", "1"],
        ["seconds", "12.3"],
    ]
    assert lines[4] == "not built: baseline/latest/30-third (kernel-died); there is no page"
    assert lines[5] == "  next: normlib report baseline --only 30-third"
    assert lines[6] == "Open index.html"


def test_after_a_wrong_value_nobody_is_told_to_type_the_same_again() -> None:
    failed = ALL[2]
    assert failed.failure is not None
    wrong = replace(failed, failure=replace(failed.failure, code="wrong-value"))
    lines = list(summary(Outcome(Path("index.html"), (wrong,), 1.0)))
    assert "  next: with another value, normlib report baseline --only 30-third" in lines


def test_the_outcome_as_data_holds_every_report_with_its_reason() -> None:
    found = json.loads(json.dumps(as_json(Outcome(Path("index.html"), ALL, 12.34))))
    assert found["counts"] == {"built": 1, "unchanged": 1, "failed": 1}
    assert found["reports"][2]["failure"]["code"] == "kernel-died"
    assert found["reports"][2]["again"] == "normlib report baseline --only 30-third"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    dataset(tmp_path)
    good = notebook(code(shows(note(), NOTE_MIME)))
    found = project(tmp_path, _10_page=good, _20_other=good)
    given = {"NORMLIB_PROJECT": str(found.folder), "NORMLIB_DATA": str(tmp_path)}
    return {**os.environ, **given, "PYTHONPATH": str(PROJECT)}


COMMAND = [sys.executable, "-m", "normlib.cli", "report", "--dataset", "tiny"]


def test_the_command_can_speak_json_and_nothing_else(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [*COMMAND, "--json"], env=environment, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["counts"] == {"built": 2, "unchanged": 0, "failed": 0}
    assert done.stderr == ""


def test_the_command_can_say_nothing_at_all(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [*COMMAND, "--quiet"], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout + done.stderr == ""


def test_on_a_real_terminal_the_bar_names_reports_and_seconds(
    environment: dict[str, str],
) -> None:
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 120))
    with subprocess.Popen(COMMAND, env=environment, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        said = b""
        while True:
            try:
                part = os.read(ours, 1 << 12)
            except OSError:
                break
            if not part:
                break
            said += part
    os.close(ours)
    assert process.returncode == 0
    text = said.decode()
    assert "Open " in text
    assert re.search(r"built +2", text)
    assert re.search(r"1/2 .*(10-page|20-other) \d+\.\d s", text)
    assert re.search(r"2/2 .*(10-page|20-other) \d+\.\d s", text)


def test_help_imports_nothing_that_takes_long() -> None:
    program = (
        "import sys\nfrom normlib.cli import run\nrun(['--help'])\n"
        "heavy = {'pandas', 'numpy', 'plotly', 'papermill', 'jinja2', 'IPython', 'tqdm'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stderr.strip() == "[]"


def test_a_build_that_has_nothing_to_do_does_not_read_the_record(
    environment: dict[str, str],
) -> None:
    subprocess.run([*COMMAND, "--quiet"], env=environment, check=True)
    program = (
        "import sys\nfrom normlib.cli import run\n"
        "status = run(['report', '--dataset', 'tiny'])\n"
        "print(status, sorted({'pandas', 'plotly', 'papermill'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, text=True
    )
    assert done.stdout.splitlines()[-1] == "0 []"
    assert re.search(r"unchanged +2", done.stdout)
