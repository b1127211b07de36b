"""Tell a person how a build goes: a bar on a terminal, a line for each report elsewhere."""

import contextlib
import sys
from collections.abc import Iterator
from typing import Any, TextIO

from tqdm import tqdm

from normlib.report.build import Outcome
from normlib.report.clerk import BUILT, FAILED, UNCHANGED, Verdict
from normlib.report.proof import WRONG_VALUE
from normlib.report.record import Entry

WIDEST = 46
"""Letters of a report's name beside the bar."""


class Teller:
    """Writes progress to a stream (standard error), and each failure with its reason."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._bar: Any = None
        self._total = 0
        self._count = 0

    def begin(self, total: int) -> None:
        """Say how much there is to do."""
        self._total = total
        if self._quiet:
            return
        if self._stream.isatty():
            self._bar = tqdm(total=total, file=self._stream, unit="report", leave=False)
        else:
            self._line(f"{total} report{'s' * (total != 1)} to look at")

    def done(self, verdict: Verdict) -> None:
        """Say what became of one report."""
        self._count += 1
        self._total = max(self._total, self._count)
        if verdict.failure is not None:
            self._line(f"{self._counted()} {verdict.place}  FAILED\n{_reason(verdict)}")
        elif verdict.status == BUILT and self._bar is None and not self._quiet:
            self._line(f"{self._counted()} {verdict.place}  {verdict.seconds:.1f} s")
        if self._bar is not None:
            words = f"{verdict.place[-WIDEST:]} {verdict.seconds:.1f} s"
            self._bar.set_postfix_str(words, refresh=False)
            self._bar.update()
            self._bar.refresh()

    def remark(self, words: str) -> None:
        """Say what is worth knowing and no failure."""
        if not self._quiet:
            self._line(words)

    def end(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.close()

    def _counted(self) -> str:
        return f"[{self._count:>{len(str(self._total))}}/{self._total}]"

    def _line(self, text: str) -> None:
        """Write a line, if it can be: no build stops because nobody hears how it goes."""
        with contextlib.suppress(OSError):
            if self._bar is not None:
                self._bar.write(text, file=self._stream)
            else:
                self._stream.write(f"{text}\n")
                self._stream.flush()


def summary(outcome: Outcome) -> Iterator[str]:
    """Yield the lines of the table at the end: counts, each failure, and what to type next."""
    counts = [(status, len(outcome.of(status))) for status in (BUILT, UNCHANGED, FAILED)]
    for status, count in counts:
        yield f"  {status:<10}{count:>7,}"
    yield f"  {'seconds':<10}{outcome.seconds:>7.1f}"
    for verdict in outcome.failed:
        failure = verdict.failure
        fate = "the last good page stays" if verdict.kept else "there is no page"
        yield f"not built: {verdict.place} ({failure.code if failure else '?'}); {fate}"
        if verdict.again:
            change = "with another value, " if failure and failure.code == WRONG_VALUE else ""
            yield f"  next: {change}{verdict.again}"
    yield f"Open {outcome.index}"


def as_json(outcome: Outcome) -> Entry:
    """Return an outcome as plain values."""
    return {
        "index": str(outcome.index),
        "seconds": round(outcome.seconds, 3),
        "counts": {status: len(outcome.of(status)) for status in (BUILT, UNCHANGED, FAILED)},
        "reports": [verdict.as_dict() for verdict in outcome.verdicts],
    }


def _reason(verdict: Verdict) -> str:
    failure = verdict.failure
    if failure is None:
        return ""
    lines = [f"{failure.code}: {failure.message}"]
    if failure.cell:
        lines.append(f"in the cell that begins: {failure.cell}")
    return "\n".join(f"    {line}" for line in [*lines, failure.remedy])
