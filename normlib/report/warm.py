"""A process that has imported what reports need and read the record, and forks a child for each.

Started as ``python -m normlib.report.warm SOCKET FOLDER TEMPLATE IMPORTS DATASET...``; it has one
thread and lives as long as whoever started it. Each child is alone: its own process group and
working folder, limits of memory, seeds, no network; it does one job and ends.

Python's own fork server would nearly do. It leaves a folder behind when its owner is killed, cannot
be used from a worker of a cluster, and tells the number of a child before the child has a group of
its own, so that a signal could go astray.
"""

import contextlib
import gc
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NoReturn

from normlib.errors import SurroundingsError
from normlib.report.confine import die_with_parent
from normlib.report.steady import steady_environment

SINGLE = {
    **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
"""No threads of libraries: a process with threads cannot be forked safely. (pandas imports pyarrow
where it is installed, and the allocator of pyarrow would start one.)"""

FORK, REAP = b"f", b"r"
NONE = -1
"""No dataset."""

KEPT = 2
"""Records at hand at the same time: a build of many datasets takes them one after the other."""

_ASK, _ANSWER = struct.Struct("=ci10s"), struct.Struct("=i")


@dataclass(frozen=True)
class Forked:
    """A child: its number (that of its group too), its folder, the line to it, and its origin."""

    pid: int
    folder: Path
    line: Connection
    warm: "Warm"

    def signal(self, number: int) -> None:
        """Send a signal to the process and to all that it has started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, number)

    def reap(self) -> int:
        """End whatever is left of it, and return its exit code (a signal: its negative).

        Raises
        ------
        SurroundingsError
            The prepared process is gone.
        """
        self.line.close()
        self.signal(signal.SIGKILL)
        code = self.warm.code_of(self.pid)
        shutil.rmtree(self.folder, ignore_errors=True)
        return code


class Warm:
    """The prepared process, as seen by its owner. It prepares itself while the owner goes on."""

    def __init__(
        self,
        datasets: Sequence[str],
        template: str,
        imports: Sequence[str],
        folder: Path,
        data: Path,
    ) -> None:
        ours, theirs = socket.socketpair()
        self._control = ours
        self._datasets = list(datasets)
        self._folder = folder
        self._log = folder / "warm.log"
        what = [template, ",".join(imports), *datasets]
        program = [sys.executable, "-m", "normlib.report.warm"]
        with theirs, self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [*program, str(theirs.fileno()), str(folder), *what],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=steady_environment({"IPYTHONDIR": str(folder), **SINGLE}, data=data),
                cwd=folder,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The number of the prepared process."""
        return self._process.pid

    def fork(self, dataset: str, day: str) -> Forked:
        """Start a child that has the view of a day at hand; it waits for its job on its line.

        Parameters
        ----------
        dataset : folder of the record; blank: none.
        day : the day of the view.

        Raises
        ------
        SurroundingsError
            The prepared process is gone, with its last words.
        """
        ours, theirs = socket.socketpair()
        with ours, theirs, self._expected():
            wanted = self._datasets.index(dataset) if dataset in self._datasets else NONE
            ask = _ASK.pack(FORK, wanted, day.encode())
            socket.send_fds(self._control, [ask], [theirs.fileno()])
            pid = self._answer()
            return Forked(pid, self._folder / str(pid), Connection(ours.detach()), self)
        raise AssertionError("unreachable")

    def code_of(self, pid: int) -> int:
        """Wait for a child to end, and return its exit code.

        Raises
        ------
        SurroundingsError
            The prepared process is gone.
        """
        with self._expected():
            self._control.sendall(_ASK.pack(REAP, pid, b""))
            return self._answer()
        raise AssertionError("unreachable")

    def alive(self) -> bool:
        """Whether the prepared process still exists."""
        return self._process.poll() is None

    def close(self) -> None:
        """End the prepared process and all of its children."""
        self._control.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _answer(self) -> int:
        answer = self._control.recv(_ANSWER.size, socket.MSG_WAITALL)
        if len(answer) < _ANSWER.size:
            raise ConnectionResetError
        return int(_ANSWER.unpack(answer)[0])

    @contextlib.contextmanager
    def _expected(self) -> Iterator[None]:
        """Say what became of the prepared process if it does not answer."""
        try:
            yield
        except (ConnectionError, TimeoutError):
            self._process.wait()
            words = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
            raise SurroundingsError(
                "The process from which reports are forked has ended: "
                f"{words[-1] if words else f'exit code {self._process.returncode}'}. "
                "Try --engine kernel, and `normlib doctor`."
            ) from None


def prepare(template: str, imports: Sequence[str], datasets: Sequence[str]) -> None:
    """Import what notebooks and pages need, read the first record, and do everything once."""
    from normlib import dossier
    from normlib.report import sweep, worker  # noqa: F401 - what children do, and the overview
    from normlib.report.rehearsal import rehearse

    for name in datasets[:1]:
        dossier.keep(name)
    rehearse(template, imports)


def _take(dataset: str) -> None:
    """Have a record at hand, and let go of the one that was taken first."""
    from normlib import dossier

    if not dossier.is_kept(dataset):
        dossier.keep(dataset, most=KEPT)
        gc.unfreeze()  # so that the record that was let go is collected
        gc.collect()
        gc.freeze()  # what is shared stays shared: no collection touches it


def _view(dataset: str, day: str) -> None:
    """Have the view of a day and its sources at hand."""
    from normlib.dossier import load
    from normlib.report.edition import citable

    citable(load(dataset).as_of(day))


def serve(control: socket.socket, folder: Path, datasets: Sequence[str]) -> None:
    """Fork and reap as told, until the owner is gone; then end everything that is left."""
    children: set[int] = set()
    before = ("", "")
    try:
        while True:
            message, lines, _, _ = socket.recv_fds(control, _ASK.size, 1)
            if not message:
                return
            order, number, day = _ASK.unpack(message)
            if order == FORK:
                if number != NONE:
                    wanted = (datasets[number], day.decode())
                    _take(wanted[0])
                    if wanted == before:  # there are more reports of this day: see it once for all
                        _view(*wanted)
                    before = wanted
                number = _forked(control, folder, lines[0])
                children.add(number)
                os.close(lines[0])
                control.sendall(_ANSWER.pack(number))
            else:
                children.discard(number)
                control.sendall(_ANSWER.pack(_code_of(number)))
    finally:
        for child in children:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child, signal.SIGKILL)
        for child in children:
            _code_of(child)
        shutil.rmtree(folder, ignore_errors=True)


def _forked(control: socket.socket, folder: Path, line: int) -> int:
    pid = os.fork()
    if pid == 0:
        control.close()
        _be_child(folder, line)
    with contextlib.suppress(PermissionError):  # it has done so itself already
        os.setpgid(pid, pid)
    return pid


def _code_of(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def _be_child(folder: Path, line: int) -> NoReturn:
    """Do one job and end, without the goodbyes of the process that was forked."""
    code = 1
    try:
        os.setpgid(0, 0)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        die_with_parent()
        own = folder / str(os.getpid())
        own.mkdir()
        os.chdir(own)
        tempfile.tempdir = os.environ["TMPDIR"] = str(own)
        from normlib.report.worker import serve_one

        serve_one(Connection(line))
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def main() -> None:
    """Be the prepared process."""
    gc.disable()  # nothing of what is prepared is garbage
    template, imports, *datasets = sys.argv[3:]
    code = 0
    try:
        with socket.socket(fileno=int(sys.argv[1])) as control:
            prepare(template, imports.split(","), datasets)
            gc.freeze()
            gc.enable()
            serve(control, Path(sys.argv[2]), datasets)
    except Exception as error:
        traceback.print_exc()
        sys.stderr.write(f"{type(error).__name__}: {error}\n")  # the last words, for the owner
        code = 1
    sys.stderr.flush()
    os._exit(code)  # what was prepared need not be taken apart


if __name__ == "__main__":
    main()
