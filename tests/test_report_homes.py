"""Rows that have a page each: which recipe makes it, and what leads there."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from normlib.errors import RecipeError
from normlib.figures.tables import TITLE_MIME
from normlib.report.links import homes, page_of
from normlib.report.page import make_page
from normlib.report.parts import Rows
from normlib.report.plan import Order, Plan, Records
from normlib.report.project import Project
from tests.pages_kit import (
    NOTE_MIME,
    PARAMETERS,
    Json,
    code,
    dataset,
    executed,
    job,
    note,
    notebook,
    project,
    shown,
)

EACH = """
title = "Event by event"
notebooks = ["15-event"]
leads_to = ["baseline"]
[fan_out]
table = "events"
name = "{event_id}"
title = "{title}"
[fan_out.parameters]
event = "{event_id}"
"""

ONE = notebook(code("1"), parameters=f'{PARAMETERS}\nevent: str = ""  # id')
HOME = "../../each/{row}/15-event.html"


@pytest.fixture
def place(tmp_path: Path) -> Project:
    dataset(tmp_path)
    whole = notebook(code("1"))
    found = project(
        tmp_path,
        'title = "All"\nleads_to = ["each"]\n',
        _10_timeline=whole,
        _15_event=ONE,
        _20_commitments=whole,
    )
    (found.recipes / "each.toml").write_text(EACH, encoding="utf-8")
    return found


def tasks(place: Project, **order: Any) -> dict[str, Json]:
    """Homes by place of every task of an order."""
    folder = str(place.folder.parent / "tiny")
    plan = Plan(Order(**{"dataset": folder, **order}), place)
    records = Records()
    found = plan.tasks(plan.places(records), records)
    return {task.job.place: dict(task.job.setting.homes) for task in found}


def test_a_recipe_brings_those_that_its_pages_lead_to(place: Project) -> None:
    assert sorted(tasks(place)) == [
        "baseline/latest-tiny/10-timeline",
        "baseline/latest-tiny/20-commitments",
        "each/2022-01-14-first-tiny/15-event",
        "each/2022-07-01-talks-tiny/15-event",
    ]


def test_a_single_page_or_member_is_built_alone(place: Project) -> None:
    assert list(tasks(place, only="10-timeline")) == ["baseline/latest-tiny/10-timeline"]
    alone = {"recipes": ("each",), "member": "2022-07-01-talks-tiny"}
    assert list(tasks(place, **alone)) == ["each/2022-07-01-talks-tiny/15-event"]


@pytest.mark.parametrize("more", [{}, {"only": "10-timeline"}])
def test_pages_lead_to_the_pages_that_rows_have(place: Project, more: Json) -> None:
    homes = tasks(place, **more)["baseline/latest-tiny/10-timeline"]
    assert homes == {"events": "../../each/{row}-tiny/15-event.html"}


def test_a_page_about_one_row_leads_back_to_the_whole(place: Project) -> None:
    homes = tasks(place)["each/2022-07-01-talks-tiny/15-event"]
    assert homes["commitments"] == "../../baseline/latest-tiny/20-commitments.html"
    assert homes["events"] == "../../each/{row}-tiny/15-event.html"


def test_what_was_asked_for_is_in_the_names_of_both(place: Project) -> None:
    found = tasks(place, parameters={"as_of": "2022-03-01"})
    assert found["baseline/2022-03-01-tiny/10-timeline"] == {
        "events": "../../each/{row}-as-of-2022-03-01-tiny/15-event.html"
    }
    assert "each/2022-01-14-first-as-of-2022-03-01-tiny/15-event" in found
    assert not any("talks" in place for place in found)


def test_an_unknown_recipe_to_lead_to_brings_the_nearest(place: Project) -> None:
    (place.recipes / "baseline.toml").write_text('title = "A"\nleads_to = ["eahc"]\n')
    with pytest.raises(RecipeError, match=r"no recipe 'eahc'.*each"):
        tasks(place)


def test_a_row_with_a_page_of_its_own_is_looked_for_there_first() -> None:
    rows = Rows({"events-talks", "links-road"}, {"events": HOME, "sites": "40-x.html"})
    assert rows.address("events/talks") == "../../each/talks/15-event.html"
    assert rows.address("links/road") == "#links-road"
    assert rows.address("sites/kars") == "40-x.html#sites-kars"
    assert rows.address("actors/somebody") is None


def test_a_page_does_not_lead_to_itself() -> None:
    own = page_of("events/talks", HOME)
    assert Rows({"events-talks"}, {"events": HOME}, own).address("events/talks") == "#events-talks"
    assert Rows((), {"events": HOME}, own).address("events/talks") is None


def test_figures_of_others_are_at_home_where_links_are() -> None:
    found = homes({"40-connectivity": "40-connectivity.html"})
    assert found["context"] == found["effects"] == found["links"]


def test_a_cell_can_give_the_page_its_title() -> None:
    name = shown({"title": "Open the <border>"}, TITLE_MIME)
    page = make_page(job({}), executed(name, shown(note(), NOTE_MIME)))
    assert page.title == "Open the <border>"
    assert "<h1>Open the &lt;border&gt;</h1>" in page.html
    assert page.html.count("<h1>") == 1


def some(place: Project, more: str) -> dict[str, Json]:
    """Homes of the tasks of a project in which only some events have a page."""
    recipe = EACH.replace('table = "events"', f'table = "events"\n{more}')
    (place.recipes / "each.toml").write_text(recipe, encoding="utf-8")
    return tasks(place)


def test_where_only_some_rows_have_a_page_the_others_stay_at_home(tmp_path: Path) -> None:
    folder = dataset(tmp_path)
    rows = (folder / "events.csv").read_text("utf-8")
    (folder / "events.csv").write_text(rows.replace(",2,Second", ",,Second"), "utf-8")
    whole = notebook(code("1"))
    place = project(
        tmp_path, 'title = "All"\nleads_to = ["each"]\n', _10_timeline=whole, _15_event=ONE
    )
    homes = some(place, 'where = "round"')
    page = "../../each/{row}-tiny/15-event.html"
    assert homes["baseline/latest-tiny/10-timeline"] == {"events/2022-01-14-first": page}
    (own,) = (found for name, found in homes.items() if name.startswith("each/"))
    assert own == {
        **dict.fromkeys(("events", "phases"), "../../baseline/latest-tiny/10-timeline.html"),
        "events/2022-01-14-first": page,
    }
    rows_of_page = Rows({"events-2022-07-01-talks"}, own)
    assert rows_of_page.address("events/2022-01-14-first") == (
        "../../each/2022-01-14-first-tiny/15-event.html"
    )
    assert rows_of_page.address("events/2022-07-01-talks") == "#events-2022-07-01-talks"
    assert Rows((), own).address("events/2022-07-01-talks") == (
        "../../baseline/latest-tiny/10-timeline.html#events-2022-07-01-talks"
    )


def test_the_order_of_those_led_to_does_not_matter(place: Project) -> None:
    both = []
    for order in ('"baseline", "each"', '"each", "baseline"'):
        other = EACH.replace('"events"', '"sources"').replace("event_id", "source_id")
        other = other.replace('leads_to = ["baseline"]', f"leads_to = [{order}]")
        (place.recipes / "other.toml").write_text(other, encoding="utf-8")
        both.append(tasks(place, recipes=("other",))["other/s-tiny/15-event"])
    assert both[0] == both[1]
    assert both[0]["events"] == HOME.replace("{row}", "{row}-tiny")


def test_a_page_keeps_the_homes_of_single_rows() -> None:
    homes = {"commitments/air": "../../each/{row}/25-c.html"}
    told = shown(note("Air cargo", row="commitments/air"), NOTE_MIME)
    other = shown(note("Rail", row="commitments/rail"), NOTE_MIME)
    found = job({})
    page = make_page(
        replace(found, setting=replace(found.setting, homes=homes)), executed(told, other)
    )
    assert 'href="../../each/air/25-c.html"' in page.html
    assert 'href="20-commitments.html#commitments-rail"' in page.html
