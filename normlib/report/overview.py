"""The page on top of a sweep: how the headline numbers of its members differ, and the way to each.

An overview is a job like any other: data in, a page out, made in a process that can draw.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from normlib.report.jobs import Limits
from normlib.report.plan import Plan
from normlib.report.record import RECORD, Entry, read_record
from normlib.report.shelf import Shelf

FEWEST = 2
"""Members that it takes to compare any."""

INDEX = "index"


@dataclass(frozen=True)
class Overview:
    """A recipe, its members with what is on record of them, and how the page is made."""

    recipe: str
    title: str
    description: str
    members: tuple[Mapping[str, Any], ...]
    template: str
    single_file: bool
    engine: str
    limits: Limits

    @property
    def dataset(self) -> str:
        """No record is read: everything is here."""
        return ""

    @property
    def day(self) -> str:
        """No view is read."""
        return ""

    @property
    def name(self) -> str:
        """What the page is called."""
        return INDEX

    @property
    def place(self) -> str:
        """The page within the build, without ending."""
        return f"{self.recipe}/{INDEX}"


def overviews(plan: Plan, shelf: Shelf) -> Iterator[Overview]:
    """Yield the overview of each sweep of a plan that has members to compare."""
    for recipe in plan.recipes:
        members = member_records(shelf, recipe.name)
        if recipe.is_sweep and len(members) >= FEWEST:
            yield Overview(
                recipe=recipe.name,
                title=recipe.title,
                description=recipe.description,
                members=tuple(_told(member) for member in members),
                template=str(plan.project.template),
                single_file=plan.order.single_file,
                engine=plan.order.engine,
                limits=recipe.limits,
            )


def member_records(shelf: Shelf, recipe: str) -> list[Entry]:
    """Return the records of a recipe's members, in their order."""
    found = [read_record(file) for file in sorted(shelf.folder.glob(f"{recipe}/*/{RECORD}"))]
    return sorted(filter(None, found), key=lambda record: (record["order"], record["member"]))


def _told(record: Entry) -> Entry:
    """Return what an overview tells of a member: what it is, and its reports' numbers."""
    return {
        **{name: record[name] for name in ("member", "member_title", "day", "dataset")},
        "reports": [
            {
                "name": name,
                "title": report.get("title") or name,
                "status": report["status"],
                "numbers": report.get("numbers", []),
            }
            for name, report in record["reports"].items()
        ],
    }
