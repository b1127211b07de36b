"""What goes into making a page and what comes out, as plain data that any process can hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from normlib.report.edition import Edition
from normlib.report.parameters import Value
from normlib.report.recipes import Limits

Notebook = dict[str, Any]
"""A notebook as JSON values (nbformat 4)."""


@dataclass(frozen=True)
class Sibling:
    """A page of the same member, for navigation."""

    name: str
    title: str


@dataclass(frozen=True)
class Setting:
    """What a page says about itself beyond its notebook."""

    recipe: str
    recipe_title: str
    description: str
    member: str
    member_title: str
    siblings: tuple[Sibling, ...]
    changed: tuple[tuple[str, str], ...]
    fingerprints: Mapping[str, str]
    single_file: bool = False


@dataclass(frozen=True)
class Job:
    """One notebook, its parameters, and all that its page needs."""

    name: str
    notebook: Notebook
    parameters: Mapping[str, Value]
    edition: Edition
    setting: Setting
    template: str
    limits: Limits
    engine: str = "kernel"

    @property
    def place(self) -> str:
        """The page within the build, without ending: ``baseline/latest/10-timeline``."""
        return f"{self.setting.recipe}/{self.setting.member}/{self.name}"


@dataclass(frozen=True)
class Failure:
    """Why a page was not made.

    Attributes
    ----------
    code : one word for machines, such as ``cell-error``.
    message : what happened.
    remedy : what to try.
    cell : first line of the cell in which it happened, if it was in one.
    tail : the last lines of what the cell had put out.
    """

    code: str
    message: str
    remedy: str
    cell: str = ""
    tail: str = ""


class ReportFailure(Exception):  # noqa: N818 - a report that failed, not a defect of the code
    """Carries a failure from the place where it is seen to the place where it is told."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


@dataclass(frozen=True)
class Executed:
    """A notebook after its run, however it went."""

    notebook: Notebook
    failure: Failure | None = None


@dataclass(frozen=True)
class Page:
    """A finished page and what an index says about it."""

    html: str
    title: str
    question: str
    headlines: tuple[str, ...]
    figures: int
    tables: int
    sources: int
    anchors: frozenset[str]


@dataclass(frozen=True)
class Result:
    """The outcome of one job: a page or a failure, and what was noticed on the way."""

    place: str
    page: Page | None
    failure: Failure | None
    seconds: float
    warnings: tuple[str, ...] = field(default=())
