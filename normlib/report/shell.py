"""Papermill's engine without a kernel: cells run in an IPython shell of this very process.

A kernel costs a process, its imports and a conversation over sockets; a process that was forked
from a prepared one needs none of them. What a cell puts out is kept just as a kernel reports it.
"""

import base64
import contextlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import papermill
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from nbformat import NotebookNode
from papermill.engines import Engine, papermill_engines
from papermill.exceptions import PapermillExecutionError
from traitlets import Type
from traitlets.config import Config

from normlib.report.confine import reset_seeds
from normlib.report.jobs import Executed, Job, Notebook, Tell, unheard
from normlib.report.proof import first_line

ENGINE = "normlib"
"""The name under which Papermill knows this engine."""

COLUMNS = 20
"""What pandas shows of a frame in a notebook; without a kernel it takes itself for a terminal."""

STREAMS = {1: "stdout", 2: "stderr"}

Json = dict[str, Any]

logging.getLogger("papermill").setLevel(logging.CRITICAL)
logging.getLogger("traitlets").setLevel(logging.CRITICAL)


class Outputs:
    """What the cells of a notebook put out, in order."""

    def __init__(self, folder: Path) -> None:
        self._streams = [_Stream(number, name, folder) for number, name in STREAMS.items()]
        self._cell: list[Json] = []
        self._named: dict[str, list[Json]] = {}
        self._clear_next = False

    def begin(self) -> None:
        """Begin another cell."""
        self._cell = []
        self._clear_next = False
        for stream in self._streams:
            stream.rewind()

    def end(self, error: BaseException | None) -> list[Json]:
        """Return what the cell has put out; an error that was not shown is among it."""
        self._take_streams()
        if error is not None and not any(one["output_type"] == "error" for one in self._cell):
            self.fail(type(error).__name__, str(error), [])
        return self._cell

    def show(
        self, kind: str, data: Json, metadata: Json, *, name: str | None = None, **more: Any
    ) -> None:
        """Take a bundle of representations; under a ``name`` it can be replaced later."""
        self._take_streams()
        shown = {"data": {mime: _portable(content) for mime, content in data.items()}}
        shown["metadata"] = dict(metadata)
        self._append({"output_type": kind, **shown, **more})
        if name is not None:
            self._named.setdefault(name, []).append(self._cell[-1])

    def replace(self, name: str, data: Json, metadata: Json) -> None:
        """Replace whatever was shown under a name, in whichever cell."""
        for shown in self._named.get(name, []):
            shown.update(data=dict(data), metadata=dict(metadata))

    def fail(self, name: str, value: str, traceback: list[str]) -> None:
        """Take an error."""
        self._take_streams()
        self._append(
            {"output_type": "error", "ename": name, "evalue": value, "traceback": traceback}
        )

    def clear(self, *, wait: bool) -> None:
        """Forget what the cell has put out, now or when the next output comes."""
        self._take_streams()
        if wait:
            self._clear_next = True
        else:
            self._cell.clear()

    def close(self) -> None:
        """Give the standard streams back."""
        for stream in self._streams:
            stream.close()

    def _append(self, output: Json) -> None:
        if self._clear_next:
            self._cell.clear()
            self._clear_next = False
        self._cell.append(output)

    def _take_streams(self) -> None:
        for stream in self._streams:
            text = stream.new_text()
            last = self._cell[-1] if self._cell and not self._clear_next else {}
            if text and last.get("name") == stream.name:
                last["text"] += text
            elif text:
                self._append({"output_type": "stream", "name": stream.name, "text": text})


class _Stream:
    """One of the standard streams, led into a file: what Python, C code and children write.

    The file is outside the process, so that whoever finds the process dead can read the last lines.
    """

    def __init__(self, number: int, name: str, folder: Path) -> None:
        self.name = name
        self._number = number
        self._python = getattr(sys, name)
        self._python.flush()
        self._before = os.dup(number)
        self._file = (folder / name).open("w+b", buffering=0)
        self._read = 0
        os.dup2(self._file.fileno(), number)
        writer = open(  # noqa: SIM115 - it lives as long as the stream
            number, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False
        )
        setattr(sys, name, writer)

    def rewind(self) -> None:
        """Forget all that was written."""
        getattr(sys, self.name).flush()
        os.ftruncate(self._number, 0)
        os.lseek(self._number, 0, os.SEEK_SET)
        self._read = 0

    def new_text(self) -> str:
        """Return what was written since the last call."""
        with contextlib.suppress(ValueError, AttributeError):
            getattr(sys, self.name).flush()
        found = b""
        while part := os.pread(self._file.fileno(), 1 << 16, self._read):
            found += part
            self._read += len(part)
        return found.decode("utf-8", errors="replace")

    def close(self) -> None:
        """Give the stream back as it was."""
        setattr(sys, self.name, self._python)
        os.dup2(self._before, self._number)
        os.close(self._before)
        self._file.close()


class _Publisher(DisplayPublisher):
    """Takes what ``display`` shows."""

    def publish(
        self,
        data: Json,
        metadata: Json | None = None,
        source: object = None,
        *,
        transient: Mapping[str, Any] | None = None,
        update: bool = False,
        **_: object,
    ) -> None:
        name = (transient or {}).get("display_id")
        if update and name is not None:
            self.shell.outputs.replace(name, data, metadata or {})
        else:
            self.shell.outputs.show("display_data", data, metadata or {}, name=name)

    def clear_output(self, wait: bool = False) -> None:
        self.shell.outputs.clear(wait=wait)


class _Hook(DisplayHook):
    """Takes the value of a cell's last expression."""

    shell: "Shell"

    def write_output_prompt(self) -> None:
        """Write no prompt: the number stands in the output."""

    def write_format_data(self, format_dict: Json, md_dict: Json | None = None) -> None:
        count = self.prompt_count
        self.shell.outputs.show("execute_result", format_dict, md_dict or {}, execution_count=count)

    def finish_displayhook(self) -> None:
        """End no line."""

    def flush(self) -> None:
        """Forget the last values. The base class collects garbage here, of the whole process."""
        self._ = self.__ = self.___ = ""


class Shell(InteractiveShell):
    """IPython without a terminal, a history, or anything beside the cells that it is given."""

    displayhook_class = Type(_Hook)
    display_pub_class = Type(_Publisher)
    outputs: Outputs

    def renew(self) -> None:
        """Forget everything."""
        super().reset(new_session=True)  # type: ignore[no-untyped-call]

    def run(self, source: str) -> BaseException | None:
        """Run a cell and return the error that ended it, if one did."""
        result = super().run_cell(source, store_history=True)  # type: ignore[no-untyped-call]
        error: BaseException | None = result.error_before_exec or result.error_in_exec
        return error

    def ask_exit(self) -> None:
        """End the run, as ``quit()`` asks; the proof sees that later cells never ran."""
        raise SystemExit

    def _showtraceback(self, etype: type, evalue: object, stb: list[str]) -> None:
        self.outputs.fail(etype.__name__, str(evalue), stb)


class Keeper:
    """Holds a notebook while Papermill runs it."""

    notebook: NotebookNode | None = None

    def left(self, cell: NotebookNode, outputs: list[Json], errors: list[Json]) -> list[Json]:
        """Return what a cell keeps of its outputs: all."""
        return [nbformat.from_dict(output) for output in outputs]


class Aside(Keeper):
    """Keeps outputs out of the notebook until its run is over.

    Papermill copies, checks and writes a notebook at its end even if nobody wants a file, and does
    not return one whose cell failed.
    """

    def __init__(self) -> None:
        self._kept: list[tuple[NotebookNode, list[Json]]] = []

    def left(self, cell: NotebookNode, outputs: list[Json], errors: list[Json]) -> list[Json]:
        """Return what a cell keeps of its outputs: errors, which Papermill looks for."""
        self._kept.append((cell, outputs))
        return [nbformat.from_dict(output) for output in errors]

    def whole(self) -> Notebook:
        """Return the notebook with all that its cells put out."""
        for cell, outputs in self._kept:
            cell["outputs"] = outputs
        return self.notebook or {}


class ShellEngine(Engine):  # type: ignore[misc]
    """Runs the cells of a notebook in this process, until one of them fails."""

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        *,
        tell: Tell = unheard,
        keeper: "Keeper | None" = None,
        folder: Path | None = None,
        **_: object,
    ) -> None:
        """Run what Papermill manages.

        Parameters
        ----------
        nb_man : Papermill's manager of the run.
        kernel_name : not used; cells run in this interpreter.
        tell : hears the first line of each cell before it runs.
        keeper : takes the notebook, and what its cells put out, out of Papermill's way.
        folder : for the files behind the standard streams; None: a temporary one.
        """
        shell = prepared_shell()
        keeper = keeper or Keeper()
        keeper.notebook = nb_man.nb
        with _outputs(folder) as shell.outputs:
            for index, cell in enumerate(nb_man.nb.cells):
                tell(first_line(cell))
                nb_man.cell_start(cell, index)
                outputs = _run(shell, cell)
                errors = [output for output in outputs if output["output_type"] == "error"]
                if cell.cell_type == "code":
                    cell.outputs = keeper.left(cell, outputs, errors)
                if errors:
                    nb_man.cell_exception(cell, index)
                nb_man.cell_complete(cell, index)
                if errors:
                    break


def prepared_shell() -> Shell:
    """Return the shell of this process, as good as new: nothing defined, nothing counted."""
    if not Shell.initialized():
        Shell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell: Shell = Shell.instance()
    if shell.execution_count > 1:
        shell.renew()
    pd.set_option("display.max_columns", COLUMNS)
    return shell


def execute(job: Job, tell: Tell = unheard) -> Executed:
    """Execute a job's notebook in this process and return it, however it went.

    The working folder takes the files behind the standard streams.
    """
    reset_seeds()
    keeper = Aside()
    with contextlib.suppress(PapermillExecutionError):  # it stands in the cell that failed
        papermill.execute_notebook(
            nbformat.from_dict(deepcopy(job.notebook)),
            None,
            parameters=dict(job.parameters),
            engine_name=ENGINE,
            kernel_name="python3",
            language="python",
            progress_bar=False,
            request_save_on_cell_execute=False,
            tell=tell,
            keeper=keeper,
            folder=Path.cwd(),
        )
    return Executed(keeper.whole())


@contextlib.contextmanager
def _outputs(folder: Path | None) -> Iterator[Outputs]:
    with contextlib.ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        outputs = Outputs(place)
        stack.callback(outputs.close)
        yield outputs


def _run(shell: Shell, cell: NotebookNode) -> list[Json]:
    """Run one cell, if there is anything to run, and return what it put out."""
    if cell.cell_type != "code" or not cell.source.strip():
        return []
    shell.outputs.begin()
    cell.execution_count = shell.execution_count
    return shell.outputs.end(shell.run(cell.source))


def _portable(content: Any) -> Any:
    """Return a representation as JSON can hold it: pictures as text."""
    return base64.b64encode(content).decode("ascii") if isinstance(content, bytes) else content


papermill_engines.register(ENGINE, ShellEngine)
