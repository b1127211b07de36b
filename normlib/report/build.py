"""Run the jobs of an order and publish each page as it is done."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from markupsafe import Markup

from normlib.dossier import Dossier, load
from normlib.report.assets import plotly_js
from normlib.report.index import write_indexes
from normlib.report.jobs import Failure, Job, ReportFailure, Result
from normlib.report.page import environment
from normlib.report.plan import Order, Plan, Task
from normlib.report.pool import cores, results
from normlib.report.project import Project
from normlib.report.record import RECORD, as_bytes, data_hash, entry, read_record, run_record
from normlib.report.shelf import Shelf, open_shelf, verify


class Progress(Protocol):
    """Whoever wants to know how a build goes."""

    def begin(self, total: int) -> None:
        """Hear how many reports will be made."""

    def done(self, result: Result) -> None:
        """Hear of one report that was made, or was not."""


@dataclass(frozen=True)
class Outcome:
    """What became of an order: the index on top, each result, and the places that have a page."""

    index: Path
    results: tuple[Result, ...]
    published: frozenset[str]

    @property
    def failed(self) -> list[Result]:
        """The reports that could not be made."""
        return [result for result in self.results if result.failure]


def build(order: Order, project: Project, progress: Progress) -> Outcome:
    """Build an order's pages and publish those that are good.

    Raises
    ------
    RecipeError
        Something that was asked for does not exist; nothing was run.
    DataError
        The data has errors; nothing was run.
    SurroundingsError
        The folder cannot be written or is in use, or the disk is full.
    """
    plan = Plan(order, project)
    folder = (order.out or project.build).resolve()
    with open_shelf(folder) as shelf:
        record = load(order.dataset)
        tasks = {task.job.place: task for task in plan.tasks(record)}
        if tasks and not order.single_file:
            shelf.put(f"assets/{plotly_js().name}", plotly_js().content)
        clerk = _Clerk(shelf, record, project.template)
        progress.begin(len(tasks))
        try:
            for result in results((task.job for task in tasks.values()), order.at_once or cores()):
                progress.done(clerk.publish(tasks[result.place], result))
        finally:
            clerk.close()
        return clerk.outcome()


class _Clerk:
    """Publishes results and keeps the records of the members that they belong to."""

    def __init__(self, shelf: Shelf, record: Dossier, template: Path) -> None:
        self._shelf = shelf
        self._package = record.package
        self._template = template
        self._began = datetime.now(tz=UTC).isoformat(timespec="seconds")
        self._records: dict[str, dict[str, Any]] = {}
        self._results: list[Result] = []

    def publish(self, task: Task, result: Result) -> Result:
        """Put a good page in its place, or say why the old one stays."""
        result = self._judged(result, task.hashes)
        place = task.job.place
        if result.page is not None:
            self._shelf.put(f"{place}.html", result.page.html.encode("utf-8"))
            self._shelf.take_away(f"{place}.failed.html")
        else:
            self._shelf.put(f"{place}.failed.html", self._failure_page(task.job, result))
        self._note(task, result)
        return result

    def close(self) -> None:
        """Write the records and the indexes."""
        for place, record in self._records.items():
            self._shelf.put(f"{place}/{RECORD}", as_bytes(record))
        write_indexes(self._shelf, self._template)

    def outcome(self) -> Outcome:
        """Return what was done."""
        pages = [result.place for result in self._results if self._has_page(result.place)]
        return Outcome(self._shelf.folder / "index.html", tuple(self._results), frozenset(pages))

    def _judged(self, result: Result, hashes: Mapping[str, str]) -> Result:
        """Return the result, failed if its page is broken or the data has changed meanwhile."""
        if result.page is None:
            return result
        try:
            verify(result.page)
            if data_hash(self._package) != hashes["data"]:
                message = "the data changed while the report was made"
                raise ReportFailure(Failure("stale", message, "Build once more."))
        except ReportFailure as failed:
            return replace(result, page=None, failure=failed.failure)
        return result

    def _note(self, task: Task, result: Result) -> None:
        self._results.append(result)
        setting = task.job.setting
        member = f"{setting.recipe}/{setting.member}"
        if member not in self._records:
            known = {sibling.name for sibling in setting.siblings}
            found = read_record(self._shelf.folder / member / RECORD).get("reports", {})
            earlier = {name: report for name, report in found.items() if name in known}
            self._records[member] = run_record(task.job, self._began, earlier, task.order)
        reports = self._records[member]["reports"]
        before = reports.get(task.job.name, {}) if self._has_page(task.job.place) else {}
        reports[task.job.name] = entry(task.job, result, task.hashes, before)

    def _failure_page(self, job: Job, result: Result) -> bytes:
        style = (self._template / "page.css").read_text(encoding="utf-8")
        text = (
            environment(self._template)
            .get_template("failure.html")
            .render(
                name=job.name,
                setting=job.setting,
                failure=result.failure,
                kept=self._has_page(job.place),
                style=Markup(style),
            )
        )
        return text.encode("utf-8")

    def _has_page(self, place: str) -> bool:
        return self._shelf.has(f"{place}.html")
