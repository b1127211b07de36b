"""Recipes fan out over days, periods, values, datasets and rows; an overview compares members."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from normlib.dossier import Dossier, load
from normlib.errors import RecipeError
from normlib.package import PROJECT
from normlib.report import sweep
from normlib.report.jobs import Limits, Page
from normlib.report.overview import Overview
from normlib.report.plan import Order, Plan, Records
from normlib.report.project import Project
from normlib.report.proof import broken
from normlib.report.recipes import EVERY, FanOut, Recipe, read_recipe
from normlib.report.sweeps import Member, members
from tests.pages_kit import Json, dataset, good_notebook, project
from tests.tiny import tiny_package

EVERY_YEAR = 'every = "year"\nstart = "2021-01-01"\nuntil = "2099-01-01"'


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Dossier:
    return load(dataset(tmp_path_factory.mktemp("record")))


def made(folder: Path, recipe: str) -> Project:
    return project(folder, recipe, _10_page=good_notebook())


def fanned(folder: Path, record: Dossier, fan_out: str, **asked: str) -> list[Member]:
    place = made(folder, f'title = "Sweep"\n[fan_out]\n{fan_out}')
    return members(read_recipe(place, "baseline"), record, asked)


def test_days_are_members_in_their_order_each_compared_with_the_one_before(
    tmp_path: Path, record: Dossier
) -> None:
    found = fanned(tmp_path, record, 'days = ["2022-07-01", 2022-02-01, "2099-01-01"]')
    assert [(one.name, one.title) for one in found] == [
        ("2022-02-01", "1 February 2022"),
        ("2022-07-01", "1 July 2022"),
    ]
    assert [dict(one.parameters) for one in found] == [
        {"as_of": "2022-02-01"},
        {"as_of": "2022-07-01", "since": "2022-02-01"},
    ]


@pytest.mark.parametrize(
    ("every", "names", "titles"),
    [
        ("month", ["2022-11", "2022-12", "2023-01"], ["November 2022", "December 2022"]),
        ("quarter", ["2022-q4", "2023-q1"], ["Fourth quarter of 2022", "First quarter of 2023"]),
        ("half-year", ["2022-h2", "2023-h1"], ["Second half of 2022", "First half of 2023"]),
        ("year", ["2022", "2023"], ["2022", "2023"]),
    ],
)
def test_periods_run_from_the_first_to_the_end_of_what_is_covered(
    tmp_path: Path, record: Dossier, every: str, names: list[str], titles: list[str]
) -> None:
    found = fanned(tmp_path, record, f'every = "{every}"\nstart = "2022-11-15"')
    assert [one.name for one in found] == names
    assert [one.title for one in found][:2] == titles
    assert found[-1].parameters["as_of"] == "2023-01-01"
    assert found[1].parameters["since"] < found[1].parameters["as_of"]


def test_periods_stop_where_they_are_told_to(tmp_path: Path, record: Dossier) -> None:
    found = fanned(tmp_path, record, 'every = "month"\nstart = "2022-01-01"\nuntil = "2022-02-10"')
    assert [one.parameters for one in found] == [
        {"as_of": "2022-01-31", "since": "2021-12-31"},
        {"as_of": "2022-02-10", "since": "2022-01-31"},
    ]


@given(every=st.sampled_from(EVERY), start=st.dates().filter(lambda day: 1900 < day.year < 2023))
def test_periods_follow_each_other_without_a_gap(record: Dossier, every: str, start: Any) -> None:
    fan_out = FanOut("{period}", "{title}", {"as_of": "{end}", "since": "{before}"})
    recipe = Recipe("r", "R", "", ("x",), fan_out=replaced(fan_out, every=every, start=str(start)))
    found = members(recipe, record, {})
    for before, after in pairwise(found):
        assert after.parameters["since"] == before.parameters["as_of"]
    assert len({one.name for one in found}) == len(found)
    assert all(one.parameters["since"] < one.parameters["as_of"] for one in found)


def replaced(fan_out: FanOut, **changes: Any) -> FanOut:
    return FanOut(**{**vars(fan_out), **changes})


def test_values_of_a_parameter_are_members(tmp_path: Path, record: Dossier) -> None:
    found = fanned(
        tmp_path, record, 'parameter = "count"\nvalues = [1, 5]\ntitle = "Count {value}"'
    )
    assert [(one.name, one.title, dict(one.parameters)) for one in found] == [
        ("1", "Count 1", {"count": "1"}),
        ("5", "Count 5", {"count": "5"}),
    ]
    with pytest.raises(RecipeError, match="sets 'count' for each"):
        fanned(tmp_path / "b", record, 'parameter = "count"\nvalues = [1]', count="2")


def test_rows_know_the_columns_of_the_rows_that_they_lead_to(tmp_path: Path) -> None:
    folder = tiny_package(
        tmp_path,
        events=[{"event_id": "2021-02-03-first"}, {"event_id": "2022-07-01-talks"}],
        phases=[
            {
                "phase_id": "early",
                "from_event": "2021-02-03-first",
                "to_event": "2022-07-01-talks",
            },
            {"phase_id": "late", "from_event": "2022-07-01-talks"},
        ],
    )
    found = fanned(
        tmp_path,
        load(folder),
        'table = "phases"\nname = "{phase_id}"\ntitle = "{phase_id}"\n'
        '[fan_out.parameters]\nas_of = "{to_event.date}"\nsince = "{from_event.date}"',
    )
    assert [dict(one.parameters) for one in found] == [
        {"as_of": "2022-07-01", "since": "2021-02-03"},
        {"since": "2022-07-01"},
    ]


def test_a_row_of_a_vague_date_is_seen_on_the_last_day_at_the_latest(tmp_path: Path) -> None:
    until = {"coversUntil": "2022-06-07"}
    event = {"event_id": "2022-talks", "date": "2022?"}
    recipe = """title = "S"
[fan_out]
table = "events"
name = "{event_id}"
title = "{title}"
[fan_out.parameters]
as_of = "{date_latest}"
"""
    place = made(tmp_path, recipe)
    folder = tiny_package(tmp_path, descriptor=until, events=[event])
    (found,) = Plan(Order(dataset=str(folder)), place).places(Records())
    assert found.member.parameters["as_of"] == "2022-06-07"


@pytest.mark.parametrize("fan_out", ['days = ["2022-02-01", "2099-01-01"]', EVERY_YEAR])
def test_a_sweep_leaves_out_what_is_not_covered_and_refuses_to_be_asked_for_it(
    two: Path, fan_out: str
) -> None:
    place = made(two, f'title = "S"\n[fan_out]\n{fan_out}')
    order = Order(dataset="one-process")
    days = [one.member.parameters["as_of"] for one in Plan(order, place).places(Records())]
    assert days
    assert max(days) <= "2023-01-01"
    late = replace(order, parameters={"as_of": "2023-01-02"})
    with pytest.raises(RecipeError, match=r"as_of: 2023-01-02 lies after .*\(2023-01-01\)"):
        Plan(late, place).places(Records())


def test_a_value_of_a_recipe_that_is_not_covered_is_refused(two: Path) -> None:
    recipe = 'title = "S"\n[fan_out]\nparameter = "as_of"\nvalues = ["2022-07-01", "2030-01-01"]'
    with pytest.raises(RecipeError, match="as_of: 2030-01-01 lies after the last day"):
        Plan(Order(dataset="one-process"), made(two, recipe)).places(Records())


def test_two_members_of_one_name_are_refused(tmp_path: Path, record: Dossier) -> None:
    with pytest.raises(RecipeError, match="two members are called 'same'"):
        fanned(tmp_path, record, 'table = "events"\nname = "same"\ntitle = "{title}"')


@pytest.mark.parametrize(
    ("fan_out", "telling"),
    [
        ('name = "x"', "needs one of these keys: table, days, every, parameter"),
        ('days = ["2022-01-01"]\nevery = "month"', "needs one of these keys"),
        ('days = ["2022-01"]', "not one day"),
        ('every = "week"\nstart = "2022-01-01"', "no period 'week'"),
        ('every = "month"', "key 'start' is missing"),
        ('days = ["2022-01-01"]\nvalues = ["x"]', "no key 'values'"),
    ],
)
def test_a_wrong_fan_out_is_refused_with_its_place(
    tmp_path: Path, record: Dossier, fan_out: str, telling: str
) -> None:
    with pytest.raises(RecipeError, match=telling) as refused:
        fanned(tmp_path, record, fan_out)
    assert "baseline.toml" in str(refused.value)


@pytest.fixture
def two(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with two datasets."""
    for name in ("one", "two"):
        dataset(tmp_path / name).rename(tmp_path / f"{name}-process")
    monkeypatch.setenv("NORMLIB_DATA", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("named", ['"all"', '["one-process", "two-process"]'])
def test_datasets_multiply_members(two: Path, named: str) -> None:
    recipe = f'title = "S"\ndatasets = {named}\n[fan_out]\ndays = ["2022-02-01", "2022-07-01"]'
    plan = Plan(Order(), made(two, recipe))
    records = Records()
    places = plan.places(records)
    assert [place.member.name for place in places] == [
        "one-process-2022-02-01",
        "one-process-2022-07-01",
        "two-process-2022-02-01",
        "two-process-2022-07-01",
    ]
    tasks = list(plan.tasks(places, records))
    assert [Path(str(task.job.parameters["dataset"])).name for task in tasks] == [
        *("one-process", "one-process", "two-process", "two-process")
    ]
    assert plan.count(places) == 4


def test_a_recipe_that_names_its_datasets_takes_no_other(two: Path) -> None:
    place = made(two, 'title = "S"\ndatasets = "all"')
    with pytest.raises(RecipeError, match="names its datasets itself"):
        Plan(Order(dataset="one-process"), place)


def test_an_unknown_dataset_of_a_recipe_brings_the_nearest(two: Path) -> None:
    with pytest.raises(RecipeError, match=r"no dataset 'one-proces'. Did you mean 'one-process'"):
        read_recipe(made(two, 'title = "S"\ndatasets = ["one-proces"]'), "baseline")


def test_one_member_can_be_asked_for(two: Path) -> None:
    recipe = 'title = "S"\n[fan_out]\ndays = ["2022-02-01", "2022-07-01"]'
    place = made(two, recipe)
    records = Records()
    known = Plan(Order(dataset="one-process"), place).places(records)
    name = known[1].member.name
    chosen = Plan(Order(dataset="one-process", member=name), place).places(records)
    assert [found.member.name for found in chosen] == [name]
    with pytest.raises(RecipeError, match=r"no member '2022-07-10'. Did you mean '2022-07-01'\?"):
        Plan(Order(dataset="one-process", member="2022-07-10"), place).places(records)


def test_a_member_is_called_as_the_recipe_calls_it_whatever_else_is_asked_for(two: Path) -> None:
    recipe = """title = "S"
[fan_out]
table = "events"
name = "{event_id}"
title = "{title}"
"""
    asked = Order(dataset="one-process", parameters={"since": "2022-01-14"})
    plan = Plan(replace(asked, member="2022-07-01-talks"), made(two, recipe))
    (found,) = plan.places(Records())
    assert found.member.name.startswith("2022-07-01-talks-")
    assert found.member.name.endswith("-since-2022-01-14")


def test_of_many_members_only_some_are_listed(two: Path) -> None:
    values = ", ".join(f'"{number}"' for number in range(100, 130))
    place = made(two, f'title = "S"\n[fan_out]\nparameter = "count"\nvalues = [{values}]')
    with pytest.raises(RecipeError, match=r"Known: 100, .*, 107 and 22 more\."):
        Plan(Order(dataset="one-process", member="xyz"), place).places(Records())


# The overview


def told(name: str, day: str, values: list[float | None], **changes: Any) -> Json:
    labels = ("Meetings", "Days of silence")
    numbers = [
        {"key": f"n{at}", "label": labels[at], "unit": "days" if at else "", "value": value}
        for at, value in enumerate(values)
    ]
    report = {"name": "10-page", "title": "Page", "status": "built", "numbers": numbers}
    return {
        "member": name,
        "member_title": f"Member {name}",
        "day": day,
        "dataset": {"name": "tiny", "title": "A record"},
        "reports": [report],
        **changes,
    }


def overview(*members: Json) -> Overview:
    template = str(PROJECT / "reports" / "template")
    return Overview("sweep", "A sweep", "Words.", members, template, False, "warm", Limits())


THREE = (
    told("a", "2020-01-01", [1, 10]),
    told("b", "2021-01-01", [2, None]),
    told("c", "2022-01-01", [4, 30.5]),
)


def figure_of(page: Page) -> Json:
    text = page.html.partition('id="figure-sweep-data">')[2].partition("</script>")[0]
    return dict(json.loads(text))


def test_every_number_has_a_panel_and_every_member_a_mark() -> None:
    page = sweep.make_overview(overview(*THREE))
    assert broken(page) is None
    figure = figure_of(page)
    assert [trace["y"] for trace in figure["data"]] == [[1.0, 2.0, 4.0], [10.0, 30.5]]
    assert figure["data"][1]["x"] == ["2020-01-01", "2022-01-01"]
    assert figure["data"][0]["customdata"] == [["members/a"], ["members/b"], ["members/c"]]
    titles = [one["text"] for one in figure["layout"]["annotations"]]
    assert titles == ["<b>Meetings</b>", "<b>Days of silence (days)</b>"]
    assert figure["data"][1]["text"][-1] == "30.50 days"


def test_every_number_of_the_table_leads_to_its_page_and_every_mark_to_its_row() -> None:
    html = sweep.make_overview(overview(*THREE)).html
    for name in "abc":
        assert f'id="members-{name}"' in html
        assert f'<a href="{name}/10-page.html">Member {name}</a>' in html
        assert f'href="{name}/10-page.html"' in html
    assert '<a href="c/10-page.html">30.50</a>' in html


def test_words_tell_what_the_picture_shows() -> None:
    html = sweep.make_overview(overview(*THREE)).html
    assert "From “Member a” to “Member c”: meetings from 1 to 4" in html
    assert "Meetings: 1 in “Member a”, 4 in “Member c”; lowest 1, highest 4." in html


def test_members_that_do_not_differ_by_their_days_stand_side_by_side() -> None:
    same = (told("a", "2020-01-01", [1]), told("b", "2020-01-01", [2]))
    figure = figure_of(sweep.make_overview(overview(*same)))
    assert figure["data"][0]["type"] == "bar"
    assert figure["data"][0]["x"] == [1, 2]
    html = sweep.make_overview(overview(*same)).html
    assert "Across 2 pages: meetings from 1 to 2." in html


def test_datasets_are_lines_of_their_own() -> None:
    other = {"name": "other", "title": "Another record"}
    both = (*THREE, *(dict(one, member=f"{one['member']}2", dataset=other) for one in THREE))
    figure = figure_of(sweep.make_overview(overview(*both)))
    names = [trace["name"] for trace in figure["data"]]
    assert names == ["A record", "Another record"] * 2
    dashes = {trace["name"]: trace["line"]["dash"] for trace in figure["data"]}
    assert len(set(dashes.values())) == 2


def test_a_report_that_was_not_built_tells_no_number_and_its_member_says_so() -> None:
    failed = {**THREE[1]["reports"][0], "status": "failed"}
    page = sweep.make_overview(overview(THREE[0], {**THREE[1], "reports": [failed]}, THREE[2]))
    assert figure_of(page)["data"][0]["y"] == [1.0, 4.0]
    assert "1 not built" in page.html


def test_a_sweep_without_numbers_says_so() -> None:
    page = sweep.make_overview(overview(told("a", "2020-01-01", []), told("b", "2021-01-01", [])))
    assert "No page of this sweep states a headline number." in page.html


@pytest.mark.parametrize("name", ["phases", "quarters"])
def test_the_sweeps_of_the_project_have_members(name: str) -> None:
    recipe = read_recipe(Project(PROJECT), name)
    found = members(recipe, load(), {})
    assert len(found) >= 9
    assert recipe.is_sweep
