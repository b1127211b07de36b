"""What goes into making a page and what comes out, as plain data that any process can hold."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

Value = str | int | float | bool
"""What a parameter of a notebook can be."""

Notebook = dict[str, Any]
"""A notebook as JSON values (nbformat 4)."""

Tell = Callable[[str], None]
"""Whoever wants to hear which cell begins: its first line; nothing when the last one has ended."""


def unheard(line: str) -> None:
    """Hear nothing: the usual listener where nobody cares which cell begins."""


@dataclass(frozen=True)
class Limits:
    """How much a report may take.

    Attributes
    ----------
    cell, notebook : seconds of the clock for one cell, and for a whole notebook with its page.
    memory : megabytes beyond those with which its process starts.
    """

    cell: int = 120
    notebook: int = 600
    memory: int = 2048


@dataclass(frozen=True)
class Source:
    """One source as a page lists it; blank text where nothing is known."""

    publisher: str
    title: str
    published: str
    url: str
    language: str
    kind: str


@dataclass(frozen=True)
class Edition:
    """A view of a record, reduced to what its pages say at the top and at the foot.

    ``sources`` is filled where the page is made; it is too large to send about.
    """

    dataset: str
    title: str
    version: str
    day: str
    covers_until: str
    last_known: bool
    rows: int
    credits: tuple[str, ...]
    sources: Mapping[str, Source] = field(default_factory=dict)


@dataclass(frozen=True)
class Sibling:
    """A page of the same member, for navigation."""

    name: str
    title: str


@dataclass(frozen=True)
class Setting:
    """What a page says about itself beyond its notebook.

    ``homes`` are pages of other recipes on which rows of a table are at home, see ``links.homes``.
    """

    recipe: str
    recipe_title: str
    description: str
    member: str
    member_title: str
    siblings: tuple[Sibling, ...]
    changed: tuple[tuple[str, str], ...]
    fingerprints: Mapping[str, str]
    homes: Mapping[str, str] = field(default_factory=dict)
    single_file: bool = False
    sweep: bool = False


@dataclass(frozen=True)
class Job:
    """One notebook, its parameters, and all that its page needs but the record itself.

    ``dataset`` is the folder of the record; blank where the job brings its sources with it.
    """

    name: str
    notebook: Notebook
    parameters: Mapping[str, Value]
    dataset: str
    edition: Edition
    setting: Setting
    template: str
    limits: Limits = field(default_factory=Limits)
    engine: str = "warm"

    @property
    def day(self) -> str:
        """The day of the view that it is about."""
        return self.edition.day

    @property
    def place(self) -> str:
        """The page within the build, without ending: ``baseline/latest/10-timeline``."""
        return f"{self.setting.recipe}/{self.setting.member}/{self.name}"


class Work(Protocol):
    """What a process can be given to do."""

    @property
    def place(self) -> str:
        """The page within the build, without ending."""

    @property
    def dataset(self) -> str:
        """The folder of the record that it reads; blank: none."""

    @property
    def day(self) -> str:
        """The day of the view that it reads; blank: none."""

    @property
    def engine(self) -> str:
        """How notebooks are executed."""

    @property
    def limits(self) -> Limits:
        """How much it may take."""


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
    numbers: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True)
class Result:
    """The outcome of one job: a page or a failure, and what was noticed on the way.

    ``memory_mb`` is the highest that the process held beyond what it started with; 0: not known.
    """

    place: str
    page: Page | None
    failure: Failure | None
    seconds: float
    warnings: tuple[str, ...] = ()
    memory_mb: float = 0.0
