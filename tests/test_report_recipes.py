"""Recipes are checked when they are read, and fan out over any table of the record."""

from pathlib import Path
from typing import Any

import pytest

from normlib.dossier import Dossier, load
from normlib.errors import RecipeError
from normlib.package import PROJECT
from normlib.report.plan import Order, Plan, Records, Task
from normlib.report.project import Project
from normlib.report.recipes import read_recipe
from normlib.report.sweeps import homes_of, members
from tests.pages_kit import dataset, good_notebook, project

FAN_OUT = """
title = "Rounds"
[fan_out]
table = "events"
where = "round"
name = "{date}"
title = "{title}"
[fan_out.parameters]
as_of = "{date}"
since = "{previous.date}"
"""


EVERY_EVENT = 'title = "x"\n[fan_out]\ntable = "events"\nname = "{event_id}"\ntitle = "x"\n'


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Dossier:
    return load(dataset(tmp_path_factory.mktemp("record")))


def made(folder: Path, recipe: str) -> Project:
    return project(folder, recipe, _10_page=good_notebook(), _20_other=good_notebook())


def tasks(place: Project, record: Dossier, **order: Any) -> list[Task]:
    """The tasks of an order about one record."""
    folder = str(record.package.folder)
    plan = Plan(Order(**{"dataset": folder, **order}), place)
    records = Records({folder: record})
    return list(plan.tasks(plan.places(records), records))


def test_a_recipe_builds_all_notebooks_unless_it_names_some(tmp_path: Path) -> None:
    found = made(tmp_path, 'title = "All"')
    assert read_recipe(found, "baseline").notebooks == ("10-page", "20-other")
    (found.recipes / "few.toml").write_text('title = "Few"\nnotebooks = ["20-other"]')
    assert read_recipe(found, "few").notebooks == ("20-other",)


def test_interactive_notebooks_are_never_run_in_a_batch(tmp_path: Path) -> None:
    found = project(tmp_path, _00_explore=good_notebook(), _10_page=good_notebook())
    assert read_recipe(found, "baseline").notebooks == ("10-page",)


@pytest.mark.parametrize(
    ("recipe", "telling"),
    [
        ("title = ", "is not TOML"),
        ("", "'title' is missing"),
        ("title = 5", "title: needs text"),
        ('titel = "x"', "no key 'titel'. Did you mean 'title'"),
        ('title = "x"\nnotebooks = ["10-pag"]', "notebooks: there is no notebook '10-pag'"),
        ('title = "x"\nnotebooks = ["../etc"]', "needs a list of names"),
        ('title = "x"\n[parameters]\nas_of = [1]', "parameters, as_of|as_of: needs text"),
        ('title = "x"\n[limits]\ncell = 0', "limits, cell: needs a whole number"),
        ('title = "x"\n[fan_out]\ntable = "events"', "fan_out: key 'name' is missing"),
        ('title = "x"\n[fan_out]\ntabel = "events"', "no key 'tabel'"),
        (f"{EVERY_EVENT}least = 3", "least: needs a table"),
        (f"{EVERY_EVENT}least = {{ actors = 0 }}", "least, actors: needs a whole number"),
        (f'{EVERY_EVENT}least = {{ actors = "3" }}', "least, actors: needs a whole number"),
        ('title = "x"\n[fan_out]\ndays = ["2022-01-01"]\nleast = { actors = 3 }', "key 'least'"),
        ('title = "x"\ntitle = "y"', "is not TOML"),
    ],
)
def test_a_wrong_recipe_is_refused_with_its_key(tmp_path: Path, recipe: str, telling: str) -> None:
    with pytest.raises(RecipeError, match=telling) as refused:
        read_recipe(made(tmp_path, recipe), "baseline")
    assert "baseline.toml" in str(refused.value)


def test_an_unknown_recipe_brings_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"no recipe 'basline'. Did you mean 'baseline'\?"):
        read_recipe(made(tmp_path, 'title = "x"'), "basline")


def test_a_fan_out_has_a_member_a_row_each_compared_with_the_row_before(
    tmp_path: Path, record: Dossier
) -> None:
    recipe = read_recipe(made(tmp_path, FAN_OUT), "baseline")
    first, second = members(recipe, record, {})
    assert (first.name, first.title) == ("2022-01-14", "First round")
    assert first.parameters == {"as_of": "2022-01-14"}
    assert second.parameters == {"as_of": "2022-07-01", "since": "2022-01-14"}


def test_a_fan_out_stops_at_the_day_that_is_asked_for(tmp_path: Path, record: Dossier) -> None:
    recipe = read_recipe(made(tmp_path, FAN_OUT), "baseline")
    assert [one.name for one in members(recipe, record, {"as_of": "2022-03-01"})] == ["2022-01-14"]
    assert members(recipe, record, {"as_of": "1900-01-01"}) == []


LEAST = """
title = "Actors"
[fan_out]
table = "actors"
least = { events = 2 }
name = "{actor_id}"
title = "{name}"
[fan_out.parameters]
count = "2"
"""


def test_a_fan_out_keeps_rows_to_which_enough_others_belong(
    tmp_path: Path, record: Dossier
) -> None:
    recipe = read_recipe(made(tmp_path, LEAST), "baseline")
    assert [one.name for one in members(recipe, record, {})] == ["tur", "arm"]
    assert members(recipe, record, {"as_of": "2022-03-01"}) == []  # one event was known by then
    (tmp_path / "project" / "reports" / "recipes" / "baseline.toml").write_text(
        LEAST.replace("{ events", "{ event"), encoding="utf-8"
    )
    recipe = read_recipe(Project(tmp_path / "project"), "baseline")
    with pytest.raises(RecipeError, match=r"least: there is no table 'event'.*'events'"):
        members(recipe, record, {})


@pytest.mark.parametrize("day", ["latest", "2022-07-01", "1900-01-01"])
def test_every_actor_with_at_least_three_events_has_a_page_and_nobody_else(day: str) -> None:
    found = load()
    view = found.as_of(day)
    named = view.events["actors"].explode().value_counts()
    asked = {} if day == "latest" else {"as_of": day}
    suffix = "" if day == "latest" else f"-as-of-{day}"
    recipe = read_recipe(Project(PROJECT), "actors")
    pages = {one.name for one in members(recipe, found, asked)}
    assert pages == {f"{name}{suffix}" for name, count in named.items() if count >= 3}
    homes = homes_of(recipe, found, asked)
    assert {name: home for name, home in homes.items() if "/" in name} == {
        f"actors/{name}": f"{{row}}{suffix}" for name, count in named.items() if count >= 3
    }


def test_what_a_fan_out_sets_itself_cannot_be_asked_for(tmp_path: Path, record: Dossier) -> None:
    recipe = read_recipe(made(tmp_path, FAN_OUT), "baseline")
    with pytest.raises(RecipeError, match="sets 'since' for each"):
        members(recipe, record, {"since": "2021-01-01"})


@pytest.mark.parametrize(
    ("old", "new", "telling"),
    [
        ('"events"', '"event"', "no table 'event'. Did you mean 'events'"),
        ('"round"', '"rounds"', "no column 'rounds'. Did you mean 'round'"),
        ('"{title}"', '"{titel}"', "no column 'titel'. Did you mean 'title'"),
        ('as_of = "{date}"', 'as_of = "{title}"', "full day"),
    ],
)
def test_a_fan_out_over_what_is_not_there_is_refused(
    tmp_path: Path, record: Dossier, old: str, new: str, telling: str
) -> None:
    recipe = read_recipe(made(tmp_path, FAN_OUT.replace(old, new)), "baseline")
    with pytest.raises(RecipeError, match=telling):
        members(recipe, record, {})


def test_pages_of_another_question_get_a_folder_of_their_own(
    tmp_path: Path, record: Dossier
) -> None:
    recipe = read_recipe(made(tmp_path, 'title = "x"'), "baseline")
    asked = {"as_of": "2022-07-01", "dataset": "/some/where/tiny", "count": "5"}
    assert [one.name for one in members(recipe, record, {})] == ["latest"]
    (member,) = members(recipe, record, asked)
    assert member.name == "2022-07-01-count-5-tiny"
    assert member.title == "count 5; dataset tiny"


def test_long_names_stay_apart(tmp_path: Path, record: Dossier) -> None:
    recipe = read_recipe(made(tmp_path, 'title = "x"'), "baseline")
    asked = [{"open_links": "rail-kars-gyumri;" * 9 + end} for end in ("one", "two")]
    names = {members(recipe, record, each)[0].name for each in asked}
    assert len(names) == 2
    assert max(map(len, names)) <= 64


def test_a_parameter_goes_to_the_notebooks_that_take_it(tmp_path: Path, record: Dossier) -> None:
    plain = good_notebook()
    plain["cells"][1]["source"] = 'as_of: str = "latest"'
    found = project(tmp_path, _10_page=good_notebook(), _20_other=plain)
    folder = str(record.package.folder)
    given = {
        task.job.name: dict(task.job.parameters)
        for task in tasks(found, record, parameters={"count": "5", "as_of": "2022-07-01"})
    }
    assert given["10-page"] == {"count": 5, "as_of": "2022-07-01", "dataset": folder}
    assert given["20-other"] == {"as_of": "2022-07-01"}


def test_a_parameter_that_no_notebook_takes_is_refused(tmp_path: Path) -> None:
    found = made(tmp_path, 'title = "x"\n[parameters]\ncuont = 5')
    with pytest.raises(RecipeError, match=r"baseline.toml.*'cuont'.*Did you mean 'count'"):
        Plan(Order(), found)


def test_a_comparison_with_a_later_day_is_refused(tmp_path: Path, record: Dossier) -> None:
    days = {"as_of": "2022-02-01", "since": "2022-07-01"}
    with pytest.raises(RecipeError, match="lies after"):
        tasks(made(tmp_path, 'title = "x"'), record, parameters=days)


def test_only_one_notebook_is_built_but_its_page_knows_its_sisters(
    tmp_path: Path, record: Dossier
) -> None:
    (task,) = tasks(made(tmp_path, 'title = "x"'), record, only="20-other")
    assert task.job.name == "20-other"
    assert [one.name for one in task.job.setting.siblings] == ["10-page", "20-other"]


@pytest.mark.parametrize("name", ["baseline", "rounds"])
def test_the_recipes_of_the_project_can_be_read(name: str) -> None:
    assert read_recipe(Project(PROJECT), name).title
