"""Say what must be done, publish what was done, and keep the records of both."""

import contextlib
import platform
import shlex
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from time import perf_counter
from typing import Protocol

from normlib.errors import NormlibError
from normlib.package import DEFAULT
from normlib.report.assets import sha256
from normlib.report.inputs import Signature, json_hash, versions
from normlib.report.jobs import Failure, Job, Result
from normlib.report.overview import Overview, overviews
from normlib.report.plan import Order, Plan, Records, Task
from normlib.report.record import (
    RECORD,
    Entry,
    as_bytes,
    entry,
    member_record,
    read_record,
    unlike,
)
from normlib.report.shelf import Shelf

BUILT, UNCHANGED, FAILED = "built", "unchanged", "failed"

CHANGED = "changed while the build began"
"""Stands for the hash of all that a build rests on where some of it may be old and some new."""


@dataclass(frozen=True)
class Verdict:
    """What became of one report.

    Attributes
    ----------
    place : the page within the build, without ending.
    status : ``built``, ``unchanged`` or ``failed``.
    seconds : how long it took; 0 where nothing was done.
    failure : why it was not made.
    kept : whether a page stands in its place, this one or an earlier one.
    again : the command that builds this report alone; blank where nothing is left to do.
    """

    place: str
    status: str
    seconds: float = 0.0
    failure: Failure | None = None
    kept: bool = True
    again: str = ""

    def as_dict(self) -> Entry:
        """Return the verdict as plain values."""
        return {**asdict(self), "seconds": round(self.seconds, 3)}


class Progress(Protocol):
    """Whoever wants to know how a build goes."""

    def begin(self, total: int) -> None:
        """Hear how many reports there are."""

    def done(self, verdict: Verdict) -> None:
        """Hear of one report."""

    def remark(self, words: str) -> None:
        """Hear what is worth knowing and no failure."""


def is_whole(last: Entry, key: str, shelf: Shelf) -> bool:
    """Whether the last build was of the same things, went well, and stands as it was left."""
    return (
        last.get("key") == key
        and last.get("complete") is True
        and all(report["status"] != FAILED for report in last["reports"].values())
        and all(shelf.stands(place, digest) for place, digest in last["files"].items())
    )


class Clerk:
    """Says what must be done, publishes what was, and keeps the records.

    Nothing of a page is kept once it is published: a build of a thousand takes no more memory than
    ten.

    Parameters
    ----------
    plan, shelf, progress : what is asked for, where pages stand, and who is told.
    signature : that of the plan, taken before anybody began to read what it rests on.
    """

    def __init__(self, plan: Plan, shelf: Shelf, progress: Progress, signature: Signature) -> None:
        self.verdicts: list[Verdict] = []
        self.complete = False
        self._plan = plan
        self._shelf = shelf
        self._progress = progress
        self._began = datetime.now(tz=UTC).isoformat(timespec="seconds")
        self._begun = perf_counter()
        self._key = plan.key if plan.signature() == signature else CHANGED
        self._signature = signature
        self._tasks: dict[str, Task] = {}
        self._indexed = False
        self._looked_at: dict[str, Overview] = {}

    def must_do(self, task: Task) -> bool:
        """Whether a report must be made: something that it is made from has changed."""
        place, reports = task.job.place, self._reports(task.job)
        found = reports.get(task.job.name, {})
        if (
            not self._plan.order.force
            and found.get("status") == BUILT
            and found.get("inputs") == task.inputs
            and self._shelf.stands(f"{place}.html", found["sha256"])
        ):
            self._write_record(task, reports)
            self._note(Verdict(place, UNCHANGED))
            return False
        self._tasks[place] = task
        return True

    def publish(self, result: Result) -> None:
        """Put a good page in its place, or say why the old one stays."""
        task = self._tasks.pop(result.place)
        result = self._judged(result)
        place, again = task.job.place, again_line(self._plan.order, task.job)
        reports = self._reports(task.job)
        earlier = self._standing(f"{place}.html", reports.get(task.job.name, {}))
        made = entry(task.job, result, task.inputs, earlier, began=self._began)
        if result.page is None:
            page = failure_page(self._plan, task.job, result, again, kept=bool(earlier))
            self._shelf.put(f"{place}.failed.html", page)
        self._write_record(task, {**reports, task.job.name: made})
        if result.page is not None:
            self._shelf.put(f"{place}.html", result.page.html.encode("utf-8"))
            self._shelf.take_away(f"{place}.failed.html")
        status = FAILED if result.failure else BUILT
        kept = result.page is not None or bool(earlier)
        self._note(Verdict(place, status, result.seconds, result.failure, kept, again))

    def overviews(self) -> Iterator[Overview]:
        """Yield the overview pages that must be made, now that their members are there.

        When no more is asked for, the first are under way, and there is time for other indexes.
        """
        for overview in overviews(self._plan, self._shelf):
            if self._must_look(overview):
                self._looked_at[overview.place] = overview
                yield overview
        self._write_member_indexes()

    def publish_overview(self, result: Result) -> None:
        """Put an overview in its place, or leave it to the plain index."""
        overview = self._looked_at[result.place]
        if result.page is None:
            self._note(Verdict(result.place, FAILED, result.seconds, result.failure, kept=False))
            return
        content = result.page.html.encode("utf-8")
        record = {"inputs": self._look(overview), "sha256": sha256(content), "reports": {}}
        self._shelf.put(f"{overview.recipe}/{RECORD}", as_bytes(record))
        self._shelf.put(f"{overview.place}.html", content)

    def publish_feeds(self, records: Records) -> None:
        """Put the feeds of changes in their places, now that the pages to which they lead stand."""
        from normlib.report.feed import write_feeds

        write_feeds(self._shelf, (records[folder] for folder in self._plan.folders))

    def close(self) -> None:
        """Write the indexes and the record of this build."""
        from normlib.report.index import write_indexes

        self._write_member_indexes()
        write_indexes(self._shelf, self._plan.project.template)
        self._shelf.put(RECORD, as_bytes(self._record()))

    def _write_member_indexes(self) -> None:
        from normlib.report.index import write_member_indexes

        if not self._indexed:
            write_member_indexes(self._shelf, self._plan.project.template)
            self._indexed = True

    def _look(self, overview: Overview) -> str:
        return json_hash([asdict(overview), self._plan.shared])

    def _must_look(self, overview: Overview) -> bool:
        found = read_record(self._shelf.folder / overview.recipe / RECORD)
        return found.get("inputs") != self._look(overview) or not self._shelf.stands(
            f"{overview.place}.html", found["sha256"]
        )

    def _record(self) -> Entry:
        return {
            "began": self._began,
            "seconds": round(perf_counter() - self._begun, 3),
            "key": self._key,
            "complete": self.complete,
            "files": dict(sorted(self._shelf.seen.items())),
            "reports": {verdict.place: verdict.as_dict() for verdict in self.verdicts},
            "versions": versions(),
            "platform": platform.platform(),
        }

    def _note(self, verdict: Verdict) -> None:
        self.verdicts.append(verdict)
        self._progress.done(verdict)

    def _judged(self, result: Result) -> Result:
        """Return the result, failed if what it was made from has changed meanwhile."""
        if result.page is None or not self._is_stale():
            return result
        message = "the data, a notebook or the template changed while it was made"
        return replace(result, page=None, failure=Failure("stale", message, "Build once more."))

    def _is_stale(self) -> bool:
        now = self._plan.signature()
        if now == self._signature:
            return False
        with contextlib.suppress(NormlibError, OSError):
            if Plan(self._plan.order, self._plan.project).key == self._key:
                self._signature = now
                return False
        return True

    def _standing(self, place: str, found: Entry) -> Entry:
        """Return what is on record of the page that stands in a place; nothing if there is none.

        A build that was killed may have written a record whose page never came. Then the page that
        stands there is an earlier one, of which the record knows no more than its hash and its day.
        """
        digest = self._shelf.digest(place)
        if not digest:
            return {}
        return found if found.get("sha256") == digest else unlike(found, digest)

    def _reports(self, job: Job) -> dict[str, Entry]:
        """Return what is on record of the reports beside a job's, its own included."""
        file = self._shelf.folder / _record_place(job)
        known = {sibling.name for sibling in job.setting.siblings}
        found = read_record(file).get("reports", {})
        return {name: report for name, report in found.items() if name in known}

    def _write_record(self, task: Task, reports: dict[str, Entry]) -> None:
        record = member_record(task.job, task.order, reports)
        self._shelf.put(_record_place(task.job), as_bytes(record))


def again_line(order: Order, job: Job) -> str:
    """Return the command that builds one report alone, in the same way."""
    words = ["normlib", "report", job.setting.recipe]
    if job.setting.sweep:
        words += ["--member", job.setting.member]
    words += ["--only", job.name]
    if order.dataset not in (None, DEFAULT):
        words += ["--dataset", str(order.dataset)]
    for name, text in order.parameters.items():
        words += ["-p", f"{name}={text}"]
    if order.out is not None:
        words += ["--out", str(order.out)]
    return shlex.join(words)


def failure_page(plan: Plan, job: Job, result: Result, again: str, *, kept: bool) -> bytes:
    """Return the page that says why another page was not made."""
    from markupsafe import Markup

    from normlib.report.page import environment

    template = plan.project.template
    text = (
        environment(template)
        .get_template("failure.html")
        .render(
            name=job.name,
            setting=job.setting,
            failure=result.failure,
            kept=kept,
            again=again,
            style=Markup((template / "page.css").read_text(encoding="utf-8")),
        )
    )
    return text.encode("utf-8")


def _record_place(job: Job) -> str:
    return f"{job.setting.recipe}/{job.setting.member}/{RECORD}"
