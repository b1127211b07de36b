"""Tell a person how a build goes: one line that changes on a terminal, plain lines elsewhere."""

import sys
from typing import TextIO

from normlib.report.jobs import Result


class Teller:
    """Writes progress to a stream (standard error), and each failure with its reason."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._total = 0
        self._count = 0

    def begin(self, total: int) -> None:
        """Say how much there is to do."""
        self._total = total
        self._line(f"Building {total} report{'s' * (total != 1)}", fleeting=True)

    def done(self, result: Result) -> None:
        """Say what became of one report."""
        self._count += 1
        counted = f"[{self._count:>{len(str(self._total))}}/{self._total}]"
        if result.failure is None:
            self._line(f"{counted} {result.place}  {result.seconds:.1f} s", fleeting=True)
        else:
            self._line(f"{counted} {result.place}  FAILED\n{_reason(result)}", fleeting=False)
        if self._live and self._count == self._total:
            self._write("\r\x1b[K")

    def _line(self, text: str, *, fleeting: bool) -> None:
        if self._live:
            self._write(f"\r\x1b[K{text}{'' if fleeting else chr(10)}")
        else:
            self._write(f"{text}\n")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def _reason(result: Result) -> str:
    failure = result.failure
    if failure is None:
        return ""
    lines = [f"{failure.code}: {failure.message}"]
    if failure.cell:
        lines.append(f"in the cell that begins: {failure.cell}")
    return "\n".join(f"    {line}" for line in [*lines, failure.remedy])
