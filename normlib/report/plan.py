"""From what a person asks for to the jobs to do, everything checked before anything runs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import normlib
from normlib.dossier import DEFAULT, Dossier
from normlib.errors import RecipeError
from normlib.report.edition import Edition, edition_of
from normlib.report.jobs import Job, Setting, Sibling
from normlib.report.parameters import (
    Parameter,
    Value,
    checked,
    parameters_of,
    read_notebook,
    unknown,
)
from normlib.report.project import Project
from normlib.report.recipes import Member, Recipe, members, read_recipe
from normlib.report.record import data_hash, files_hash, library_hash, template_hash


@dataclass(frozen=True)
class Order:
    """What a person asks for.

    Attributes
    ----------
    recipes : names of recipes.
    parameters : texts by parameter name, ``as_of`` and ``since`` among them where given.
    dataset : name or folder of the dataset.
    out : folder to publish into; None for the project's own.
    only : one notebook's name; None for all of each recipe.
    at_once : how many reports are made at the same time; None for one a processor.
    single_file : whether each page holds plotly.js itself.
    """

    recipes: tuple[str, ...] = ("baseline",)
    parameters: Mapping[str, str] = field(default_factory=dict)
    dataset: str = DEFAULT
    out: Path | None = None
    only: str | None = None
    at_once: int | None = None
    single_file: bool = False


@dataclass(frozen=True)
class Task:
    """A job, hashes of all that goes into it, and its member's place in the recipe."""

    job: Job
    hashes: Mapping[str, str]
    order: int


class Plan:
    """An order that was checked as far as it can be without the data.

    Raises
    ------
    RecipeError
        An unknown recipe, notebook or parameter, or a text that is no value.
    """

    def __init__(self, order: Order, project: Project) -> None:
        self.order = order
        self.project = project
        self.recipes = [read_recipe(project, name) for name in dict.fromkeys(order.recipes)]
        self.takes = {name: parameters_of(project.notebook(name)) for name in self._names()}
        self._check_given(order.parameters, "The notebooks of this build")
        for recipe in self.recipes:
            self._check_given(recipe.parameters, f"{recipe.name}.toml, parameters: the recipe")

    def tasks(self, record: Dossier) -> list[Task]:
        """Return all jobs of the order.

        Raises
        ------
        RecipeError
            A day that the record cannot compare, a table or column that it does not have.
        """
        shared = {
            "data": data_hash(record.package),
            "library": library_hash(),
            "template": template_hash(self.project.template),
        }
        return [
            Task(self._job(recipe, member, name, edition, hashes), hashes, at)
            for recipe in self.recipes
            for at, member in enumerate(members(recipe, record, self._asked(record)))
            for edition in [_edition(record, member)]
            for name in self._chosen(recipe)
            for hashes in [{**shared, "notebook": self._hashes[name]}]
        ]

    def _job(
        self,
        recipe: Recipe,
        member: Member,
        name: str,
        edition: Edition,
        hashes: Mapping[str, str],
    ) -> Job:
        values = self._values(member, name)
        return Job(
            name=name,
            notebook=read_notebook(self.project.notebook(name)),
            parameters=values,
            edition=edition,
            setting=Setting(
                recipe=recipe.name,
                recipe_title=recipe.title,
                description=recipe.description,
                member=member.name,
                member_title=member.title,
                siblings=tuple(Sibling(other, _short(other)) for other in recipe.notebooks),
                changed=tuple(_changed(values, self.takes[name])),
                fingerprints={
                    "normlib": normlib.__version__,
                    "data": hashes["data"][:12],
                    "notebook": hashes["notebook"][:12],
                },
                single_file=self.order.single_file,
            ),
            template=str(self.project.template),
            limits=recipe.limits,
        )

    def _values(self, member: Member, name: str) -> dict[str, Value]:
        """Return what one notebook is given, of all that its member sets."""
        known = {parameter.name for parameter in self.takes[name]}
        given = {key: text for key, text in member.parameters.items() if key in known}
        return checked(given, self.takes[name], where=f"Notebook {name}")

    def _asked(self, record: Dossier) -> dict[str, str]:
        """Return what was asked for, with a dataset that a kernel finds from any folder."""
        if self.order.dataset == DEFAULT:
            return dict(self.order.parameters)
        return {**self.order.parameters, "dataset": str(record.package.folder)}

    def _chosen(self, recipe: Recipe) -> Sequence[str]:
        if self.order.only is None:
            return recipe.notebooks
        name = self.project.notebook(self.order.only).stem
        if name not in recipe.notebooks:
            raise RecipeError(
                f"Recipe '{recipe.name}' has no notebook '{name}'. "
                f"It has: {', '.join(recipe.notebooks)}."
            )
        return (name,)

    def _names(self) -> list[str]:
        return list(dict.fromkeys(name for each in self.recipes for name in self._chosen(each)))

    def _check_given(self, given: Mapping[str, str], where: str) -> None:
        """Refuse names that no notebook takes, and texts that one of them cannot read."""
        known = list(dict.fromkeys(one.name for takes in self.takes.values() for one in takes))
        for name in given:
            if name not in known:
                raise RecipeError(unknown(name, known, where=where))
        for name, takes in self.takes.items():
            names = {one.name for one in takes}
            own = {key: text for key, text in given.items() if key in names}
            checked(own, takes, where=f"Notebook {name}")

    @cached_property
    def _hashes(self) -> dict[str, str]:
        files = {name: self.project.notebook(name) for name in self.takes}
        return {name: files_hash(file.parent, [file]) for name, file in files.items()}


def _edition(record: Dossier, member: Member) -> Edition:
    """Return what the pages of a member say of the record; its days must fit together."""
    view = record.as_of(member.parameters.get("as_of", "latest"))
    view.resolve_since(member.parameters.get("since", "last-round"))
    return edition_of(view)


def _changed(values: Mapping[str, Value], takes: Sequence[Parameter]) -> Iterator[tuple[str, str]]:
    """Yield the parameters that differ from their defaults, but those shown at the top anyway."""
    for parameter in takes:
        value = values.get(parameter.name, parameter.default)
        if value != parameter.default and parameter.name not in ("as_of", "dataset"):
            yield parameter.name.replace("_", " ").capitalize(), str(value)


def _short(name: str) -> str:
    """Return a notebook's name as a word: ``10-timeline`` → ``Timeline``."""
    return name.lstrip("0123456789-").replace("-", " ").capitalize() or name
