"""From what a person asks for to the jobs to do, everything checked before anything runs."""

import ast
import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import normlib
from normlib.errors import RecipeError, nearest, some
from normlib.package import DEFAULT, find, folder_of
from normlib.report.engines import WARM
from normlib.report.history import History
from normlib.report.inputs import (
    Signature,
    data_files,
    data_hash,
    files_hash,
    folder_hash,
    job_inputs,
    json_hash,
    shared_inputs,
    signature,
)
from normlib.report.jobs import Job, Setting, Sibling, Value
from normlib.report.links import homes
from normlib.report.parameters import (
    DAYS,
    LAST,
    Parameter,
    checked,
    parameters_of,
    read_notebook,
    unknown,
)
from normlib.report.project import Project, slug
from normlib.report.recipes import Recipe, read_recipe

if TYPE_CHECKING:
    from normlib.dossier import Dossier
    from normlib.report.sweeps import Member


class Records(dict[str, "Dossier"]):
    """The records of a build by folder, read when they are asked for; the last few are kept."""

    MOST = 3

    def __missing__(self, folder: str) -> "Dossier":
        from normlib.dossier import load

        while len(self) >= self.MOST:
            del self[next(iter(self))]
        self[folder] = load(folder)
        return self[folder]


@dataclass(frozen=True)
class Order:
    """What a person asks for.

    Attributes
    ----------
    recipes : names of recipes.
    parameters : texts by parameter name, ``as_of`` and ``since`` among them where given.
    dataset : name or folder of the dataset; None for what the recipe says, or else the usual one.
    out : folder to publish into; None for the project's own.
    only : one notebook's name; None for all of each recipe.
    member : one member's name; None for all of each recipe.
    at_once : how many reports are made at the same time; None for one a processor.
    single_file : whether each page holds plotly.js itself.
    engine : how notebooks are executed, ``warm`` or ``kernel``.
    dask : address of a Dask cluster that does the work; None: this machine.
    force : whether to build what has not changed, too.
    """

    recipes: tuple[str, ...] = ("baseline",)
    parameters: Mapping[str, str] = field(default_factory=dict)
    dataset: str | None = None
    out: Path | None = None
    only: str | None = None
    member: str | None = None
    at_once: int | None = None
    single_file: bool = False
    engine: str = WARM
    dask: str | None = None
    force: bool = False


@dataclass(frozen=True)
class Task:
    """A job, the hashes of all that goes into it, and its member's place in the recipe."""

    job: Job
    inputs: Mapping[str, str]
    order: int


@dataclass(frozen=True)
class Place:
    """A member of a recipe, of one dataset, and its place in the order of members."""

    recipe: Recipe
    member: "Member"
    folder: str
    order: int


class Plan:
    """An order that was checked as far as it can be without the data.

    Raises
    ------
    RecipeError
        An unknown recipe, notebook, parameter or dataset, or a text that is no value.
    """

    def __init__(self, order: Order, project: Project) -> None:
        self.order = order
        self.project = project
        self._notebooks: dict[str, dict[str, Any]] = {}
        self._read: dict[str, Recipe] = {}
        self._others: dict[str, Sequence[Parameter]] = {}
        self._homes_found: dict[tuple[str, str], Mapping[str, str]] = {}
        self.recipes = list(self._with_those_led_to(order.recipes))
        self.takes = {name: parameters_of(project.notebook(name)) for name in self._names()}
        self._check_given(order.parameters, "The notebooks of this build")
        for recipe in self.recipes:
            self._check_given(recipe.parameters, f"{recipe.name}.toml, parameters: the recipe")
            if order.dataset and recipe.datasets:
                raise RecipeError(f"Recipe '{recipe.name}' names its datasets itself.")

    @cached_property
    def folders(self) -> tuple[str, ...]:
        """The folders of all datasets of this build."""
        named = [name for recipe in self.recipes for name in self._datasets(recipe)]
        return tuple(dict.fromkeys(str(folder_of(name)) for name in named))

    @cached_property
    def imports(self) -> tuple[str, ...]:
        """The packages and modules of normlib that the notebooks of this build import."""
        found = {
            module
            for name in self.takes
            for cell in self._notebook(name)["cells"]
            if cell["cell_type"] == "code"
            for module in _imported("".join(cell["source"]))
        }
        return tuple(sorted(found))

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """The files that this build rests on, but those of the library."""
        data = [file for folder in self.folders for file in data_files(find(folder))]
        notebooks = [self.project.notebook(name) for name in self.takes]
        recipes = [self.project.recipe(recipe.name) for recipe in self.recipes]
        return (*data, *notebooks, *recipes, *self.project.template.iterdir())

    @cached_property
    def key(self) -> str:
        """One hash of the order and of the contents of all that it rests on.

        While it is the same, and every page stands where it was put, there is nothing to do; it is
        found without reading the record.
        """
        asked = asdict(replace(self.order, out=None, at_once=None, dask=None, force=False))
        contents = {
            "data": [data_hash(find(folder)) for folder in self.folders],
            "notebooks": self._hashes,
            "recipes": folder_hash(self.project.recipes, "*.toml"),
            "takes": sorted(self.project.batch_names()),
            "shared": self.shared,
        }
        return json_hash([asked, contents])

    @cached_property
    def looks_back(self) -> bool:
        """Whether what it makes depends on what was published before."""
        texts = [self.order.parameters, *(recipe.parameters for recipe in self.recipes)]
        return any(given.get("since") == LAST for given in texts)

    @cached_property
    def shared(self) -> dict[str, str]:
        """The hashes that all jobs of this build have in common."""
        return shared_inputs(self.project.template)

    def signature(self) -> Signature:
        """Return sizes and times of the files that this build rests on."""
        return signature(self.files)

    def places(self, records: Records) -> list[Place]:
        """Return all members of all recipes of the order.

        Raises
        ------
        RecipeError
            A day that the record does not cover or cannot compare, a table or column that it does
            not have, or an unknown member.
        """
        from normlib.dossier import covered
        from normlib.report.sweeps import members, of_dataset

        found: list[Place] = []
        for recipe in self.recipes:
            datasets = self._datasets(recipe)
            for name in datasets:
                folder = str(folder_of(name))
                record = records[folder]
                asked = self._asked(folder, recipe)
                covered(asked.get("as_of", "latest"), "as_of", record)
                for member in members(recipe, record, asked):
                    _check_days(record, member)
                    if recipe.datasets:
                        member = of_dataset(member, record, folder)
                    found.append(Place(recipe, member, folder, len(found)))
        return self._chosen_members(found)

    def count(self, places: Sequence[Place]) -> int:
        """Return how many reports some members have."""
        return sum(len(self.chosen(place.recipe)) for place in places)

    def tasks(
        self, places: Sequence[Place], records: Records, history: History | None = None
    ) -> Iterator[Task]:
        """Yield the jobs of some members, one member after the other.

        ``history`` is what was published before, for those who compare with it; None: nothing.
        """
        from normlib.report.edition import edition_of

        history = history or History()

        for place in places:
            record, day = records[place.folder], place.member.parameters.get("as_of", "latest")
            glance = record.glance(day)
            homes = self._homes(place, record)
            edition, data = edition_of(record, day, glance.facts), glance.digest
            for name in self.chosen(place.recipe):
                values = self._values(place.member, name)
                if values.get("since") == LAST:
                    values["since"] = history.since(
                        place.recipe.name,
                        name,
                        values,
                        day=edition.day,
                        record=record,
                    )
                job = Job(
                    name=name,
                    notebook=self._notebook(name),
                    parameters=values,
                    dataset=place.folder,
                    edition=edition,
                    setting=self._setting(place, name, values, data, homes),
                    template=str(self.project.template),
                    limits=place.recipe.limits,
                    engine=self.order.engine,
                )
                inputs = job_inputs(job, self.shared, data=data, notebook=self._hashes[name])
                yield Task(job, inputs, place.order)

    def chosen(self, recipe: Recipe) -> Sequence[str]:
        """Return the notebooks of a recipe that are to be built.

        Raises
        ------
        RecipeError
            The recipe does not have the one that was asked for.
        """
        if self.order.only is None:
            return recipe.notebooks
        name = self.project.notebook(self.order.only).stem
        if name not in recipe.notebooks:
            raise RecipeError(
                f"Recipe '{recipe.name}' has no notebook '{name}'. "
                f"It has: {', '.join(recipe.notebooks)}."
            )
        return (name,)

    def _setting(
        self,
        place: Place,
        name: str,
        values: Mapping[str, Value],
        data: str,
        homes: Mapping[str, str],
    ) -> Setting:
        recipe, member = place.recipe, place.member
        return Setting(
            recipe=recipe.name,
            recipe_title=recipe.title,
            description=recipe.description,
            member=member.name,
            member_title=member.title,
            siblings=tuple(Sibling(other, _short(other)) for other in recipe.notebooks),
            changed=tuple(_changed(values, self.takes[name], member.id)),
            fingerprints={
                "normlib": normlib.__version__,
                "data": data[:12],
                "notebook": self._hashes[name][:12],
            },
            homes=homes,
            single_file=self.order.single_file,
            sweep=recipe.is_sweep,
        )

    def _values(self, member: "Member", name: str) -> dict[str, Value]:
        """Return what one notebook is given, of all that its member sets."""
        known = {parameter.name for parameter in self.takes[name]}
        given = {key: text for key, text in member.parameters.items() if key in known}
        return checked(given, self.takes[name], where=f"Notebook {name}")

    def _datasets(self, recipe: Recipe) -> tuple[str, ...]:
        return recipe.datasets or (self.order.dataset or DEFAULT,)

    def _asked(self, folder: str, recipe: Recipe) -> dict[str, str]:
        """Return what was asked for and concerns a recipe; a dataset is found from any folder."""
        takes = {one.name for name in recipe.notebooks for one in self._takes(name)}
        asked = {name: text for name, text in self.order.parameters.items() if name in takes}
        named = self.order.dataset not in (None, DEFAULT)
        return {**asked, **({"dataset": folder} if named else {})}

    def _takes(self, name: str) -> Sequence[Parameter]:
        """Return the parameters of a notebook, whether it is built or only led to."""
        if name not in self._others:
            self._others[name] = self.takes.get(name) or parameters_of(self.project.notebook(name))
        return self._others[name]

    def _homes(self, place: Place, record: "Dossier") -> dict[str, str]:
        """Return the pages of other members on which rows are at home, by table or by row."""
        whole: dict[str, str] = {}
        own: dict[str, str] = {}
        for name in dict.fromkeys((*place.recipe.leads_to, place.recipe.name)):
            recipe = self._recipe(name)
            for rows, member in self._homes_in(recipe, place.folder, record).items():
                pages = {one: f"../../{name}/{member}/{one}.html" for one in recipe.notebooks}
                if rows:
                    own[rows] = pages[recipe.notebooks[0]]
                elif name != place.recipe.name:
                    whole |= homes(pages)
        return {**whole, **own}

    def _homes_in(self, recipe: Recipe, folder: str, record: "Dossier") -> Mapping[str, str]:
        """Return the members of a recipe that are homes; all members of a dataset ask for them."""
        from normlib.report.sweeps import homes_of

        if (folder, recipe.name) not in self._homes_found:
            found = homes_of(recipe, record, self._asked(folder, recipe))
            self._homes_found[folder, recipe.name] = found
        return self._homes_found[folder, recipe.name]

    def _recipe(self, name: str) -> Recipe:
        if name not in self._read:
            self._read[name] = read_recipe(self.project, name)
        return self._read[name]

    def _with_those_led_to(self, names: Sequence[str]) -> Iterator[Recipe]:
        """Yield some recipes, and if they are built as a whole, those that their pages lead to."""
        waiting = list(dict.fromkeys(names))
        for name in waiting:  # it grows meanwhile
            recipe = self._recipe(name)
            yield recipe
            if self.order.only is None and self.order.member is None:
                waiting += [other for other in recipe.leads_to if other not in waiting]

    def _chosen_members(self, found: list[Place]) -> list[Place]:
        name = self.order.member
        if name is None:
            return found
        chosen = [place for place in found if slug(name) in (place.member.name, place.member.id)]
        if not chosen:
            known = [place.member.id for place in found]
            hint = nearest(slug(name), known) or "Nothing is close."
            raise RecipeError(f"There is no member '{name}'. {hint} Known: {some(known)}.")
        return chosen

    def _names(self) -> list[str]:
        return list(dict.fromkeys(name for each in self.recipes for name in self.chosen(each)))

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

    def _notebook(self, name: str) -> dict[str, Any]:
        if name not in self._notebooks:
            self._notebooks[name] = read_notebook(self.project.notebook(name))
        return self._notebooks[name]

    @cached_property
    def _hashes(self) -> dict[str, str]:
        files = {name: self.project.notebook(name) for name in self.takes}
        return {name: files_hash(file.parent, [file]) for name, file in files.items()}


def _imported(source: str) -> Iterator[str]:
    """Yield what a cell imports: packages, and modules of this library with their full names."""
    with contextlib.suppress(SyntaxError):  # a magic: it imports nothing that matters here
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                yield from (alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield node.module.partition(".")[0]
                yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _check_days(record: "Dossier", member: "Member") -> None:
    """Refuse a day that is not covered, or a comparison that begins after the day of the view."""
    from normlib.dossier import covered, day_since, parse_day

    until = covered(member.parameters.get("as_of", "latest"), "as_of", record)
    day = record.day if until == "latest" else parse_day(until, "as_of")
    since = member.parameters.get("since")
    if since is not None and since not in DAYS["since"]:
        day_since(covered(since, "since", record), day)


def _changed(
    values: Mapping[str, Value], takes: Sequence[Parameter], member: str
) -> Iterator[tuple[str, str]]:
    """Yield the parameters that differ from their defaults, but those shown at the top anyway.

    So is the row that a page is about, whose key is the name of its member.
    """
    for parameter in takes:
        value = values.get(parameter.name, parameter.default)
        shown = parameter.name in ("as_of", "dataset") or value == member
        if value != parameter.default and not shown:
            yield parameter.name.replace("_", " ").capitalize(), str(value)


def _short(name: str) -> str:
    """Return a notebook's name as a word: ``10-timeline`` → ``Timeline``."""
    return name.lstrip("0123456789-").replace("-", " ").capitalize() or name
