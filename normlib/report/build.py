"""Run the jobs of an order and publish each page as it is done."""

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Protocol

from normlib.report.assets import plotly_js
from normlib.report.clerk import FAILED, UNCHANGED, Clerk, Progress, Verdict, is_whole
from normlib.report.history import History
from normlib.report.jobs import Result, Work
from normlib.report.plan import Order, Plan, Records
from normlib.report.project import Project
from normlib.report.record import RECORD, read_record
from normlib.report.shelf import Shelf, open_shelf


class Workers(Protocol):
    """Whoever does jobs."""

    def results(self, jobs: Iterable[Work]) -> Iterator[Result]:
        """Yield the result of each job as it is done."""


@dataclass(frozen=True)
class Outcome:
    """What became of an order: the index on top, and each report."""

    index: Path
    verdicts: tuple[Verdict, ...]
    seconds: float

    @property
    def failed(self) -> list[Verdict]:
        """The reports that could not be made."""
        return self.of(FAILED)

    def of(self, status: str) -> list[Verdict]:
        """Return the reports of which one thing became."""
        return [verdict for verdict in self.verdicts if verdict.status == status]


def build(order: Order, project: Project, progress: Progress) -> Outcome:
    """Build what has changed of an order's pages, and publish those that are good.

    Raises
    ------
    RecipeError
        Something that was asked for does not exist; nothing was run.
    DataError
        The data has errors; nothing was run.
    SurroundingsError
        The folder cannot be written or is in use, or the disk is full.
    """
    begun = perf_counter()
    plan = Plan(order, project)
    with open_shelf((order.out or project.build).absolute()) as shelf:
        last = read_record(shelf.folder / RECORD)
        if not (order.force or plan.looks_back) and is_whole(last, plan.key, shelf):
            verdicts = [Verdict(place, UNCHANGED) for place in last["reports"]]
            progress.begin(len(verdicts))
            for verdict in verdicts:
                progress.done(verdict)
        else:
            verdicts = _build(plan, shelf, progress)
        return Outcome(shelf.folder / "index.html", tuple(verdicts), perf_counter() - begun)


def _build(plan: Plan, shelf: Shelf, progress: Progress) -> list[Verdict]:
    order, begun = plan.order, plan.signature()
    with _workers(plan) as workers:  # they prepare themselves, and there is time for what is slow
        from normlib.report import index  # noqa: F401 - needed last

        clerk = Clerk(plan, shelf, progress, begun)
        records = Records()
        places = plan.places(records)
        progress.begin(plan.count(places))
        if places and not order.single_file:
            shelf.put(f"assets/{plotly_js().name}", plotly_js().content)
        try:
            history = History(shelf)
            tasks = plan.tasks(places, records, history)
            for result in workers.results(task.job for task in tasks if clerk.must_do(task)):
                clerk.publish(result)
            for result in workers.results(clerk.overviews()):
                clerk.publish_overview(result)
            clerk.publish_feeds(records)
            for words in history.remarks():
                progress.remark(words)
            clerk.complete = True
        finally:
            clerk.close()
    return clerk.verdicts


@contextlib.contextmanager
def _workers(plan: Plan) -> Iterator[Workers]:
    """Give whoever does the jobs of a plan: processes here, or a cluster."""
    order = plan.order
    if order.dask is not None:
        from normlib.report.cluster import Cluster

        with Cluster(order.dask, plan.folders, plan.project.template, plan.imports) as cluster:
            yield cluster
    else:
        from normlib.report.pool import Crew, cores

        at_once = order.at_once or cores()
        template = str(plan.project.template)
        with Crew(at_once, plan.folders, template, imports=plan.imports) as crew:
            yield crew
