"""What is new since the last time: the days that were published, and what remembers them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from normlib.errors import RecipeError
from normlib.figures.words import value_words
from normlib.report.build import Outcome, build
from normlib.report.exporting import export
from normlib.report.jobs import Executed
from normlib.report.plan import Order
from normlib.report.project import Project
from normlib.report.record import MOST_DAYS
from tests.pages_kit import NOTE_MIME, Json, dataset, executed, note, project, shown
from tests.test_report_build import DIED, Engine, Silent, engine_here

GOOD = executed(shown(note(), NOTE_MIME))
ROUND, FIRST, SECOND, THIRD = "2022-01-14", "2022-02-07", "2022-02-14", "2022-02-21"
DAYS = """
title = "Day by day"
[fan_out]
days = ["2022-02-01", "2022-03-01"]
"""


class Desk:
    """A reader who builds the same pages again and again, and looks what they compare with."""

    def __init__(self, place: Project) -> None:
        self.place = place
        self.remarks: list[str] = []

    def build(self, day: str, recipe: str = "baseline", **changes: Any) -> Outcome:
        listener = Silent()
        given = {"since": "last", **({"as_of": day} if day else {}), **changes.pop("given", {})}
        order = Order((recipe,), given, str(self.place.folder.parent / "tiny"), **changes)
        outcome = build(order, self.place, listener)
        self.remarks = listener.remarks
        return outcome

    def since(self, day: str, name: str = "10-page", **changes: Any) -> str:
        """Build a day and return the day with which one of its pages is compared."""
        self.build(day, **changes)
        return str(self.entry(day, name)["parameters"]["since"])

    def entry(self, day: str, name: str = "10-page") -> Json:
        found: Json = json.loads((self.folder(day) / "report.json").read_text(encoding="utf-8"))
        return dict(found["reports"][name])

    def folder(self, day: str) -> Path:
        return self.place.build / "baseline" / f"{day or 'latest'}-tiny-since-last"


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Engine], None]:
    return engine_here(monkeypatch)


@pytest.fixture
def desk(tmp_path: Path, use: Callable[[Engine], None]) -> Desk:
    dataset(tmp_path)
    return Desk(project(tmp_path, _10_page=GOOD, _20_other=GOOD))


def test_the_first_time_it_is_the_last_round_and_one_line_says_so(desk: Desk) -> None:
    assert desk.since(FIRST) == ROUND
    assert desk.remarks == [
        "since last: no day before 7 February 2022 was published here; 2 pages compared with "
        "14 January 2022, as by last-round"
    ]


def test_the_next_time_it_is_the_day_published_before(desk: Desk) -> None:
    desk.build(FIRST)
    assert desk.since(SECOND) == FIRST
    assert desk.remarks == []
    assert desk.since(THIRD) == SECOND


def test_pages_of_the_last_day_go_on_in_one_place(desk: Desk) -> None:
    record = desk.place.folder.parent / "tiny"
    descriptor, events = record / "datapackage.json", record / "events.csv"
    rows = events.read_text(encoding="utf-8").splitlines(keepends=True)
    events.write_text("".join(rows[:2]), encoding="utf-8")  # a later round is not covered yet
    for before, until in ((ROUND, FIRST), (FIRST, SECOND), (SECOND, THIRD)):
        found = json.loads(descriptor.read_text(encoding="utf-8"))
        descriptor.write_text(json.dumps({**found, "coversUntil": until}), encoding="utf-8")
        assert desk.since("") == before
    assert desk.entry("")["published"] == [FIRST, SECOND]


def test_the_same_day_again_is_compared_with_the_day_before_it_and_not_built(desk: Desk) -> None:
    desk.build(FIRST)
    desk.build(SECOND)
    page = (desk.folder(SECOND) / "10-page.html").read_bytes()
    assert len(desk.build(SECOND).of("unchanged")) == 2
    assert desk.remarks == [
        "since last: the record still ends on 14 February 2022, which was published before; "
        "nothing newer is there, 2 pages compared with 7 February 2022 as before"
    ]
    desk.build(SECOND, force=True)
    assert (desk.folder(SECOND) / "10-page.html").read_bytes() == page
    assert desk.since(THIRD) == SECOND


def test_a_page_says_the_day_itself(desk: Desk) -> None:
    desk.build(FIRST)
    desk.build(SECOND)
    page = (desk.folder(SECOND) / "10-page.html").read_text(encoding="utf-8")
    assert f"<dd>{value_words(FIRST)}</dd>" in page


def test_a_report_that_failed_advances_nothing(desk: Desk, use: Callable[[Engine], None]) -> None:
    desk.build(FIRST)
    use(lambda job: Executed(job.notebook, DIED if job.name == "20-other" else None))
    desk.build(SECOND)
    use(lambda job: Executed(job.notebook))
    assert desk.since(THIRD) == SECOND
    assert desk.entry(THIRD, "20-other")["parameters"]["since"] == FIRST


def test_a_page_that_never_came_advances_nothing(desk: Desk) -> None:
    """The record is written before the page: a build that was killed between the two."""
    desk.build(SECOND)
    page, record = desk.folder(SECOND) / "10-page.html", desk.folder(SECOND) / "report.json"
    found = json.loads(record.read_text(encoding="utf-8"))
    entry = found["reports"]["10-page"]
    later = {"day": THIRD, "sha256": "0" * 64, "replaces": entry["sha256"]}
    found["reports"]["10-page"] = {**entry, **later, "published": [FIRST, SECOND]}
    record.write_text(json.dumps(found), encoding="utf-8")
    assert page.is_file()
    assert desk.since("2023-01-01") == SECOND


def test_a_failure_after_that_keeps_the_day_of_the_page_that_stands(
    desk: Desk, use: Callable[[Engine], None]
) -> None:
    test_a_page_that_never_came_advances_nothing(desk)
    use(lambda job: Executed(job.notebook, DIED))
    desk.build(SECOND, force=True)
    assert desk.entry(SECOND)["day"] == SECOND


def test_pages_that_ask_something_else_do_not_count(desk: Desk) -> None:
    desk.build(FIRST, given={"count": "5"})
    desk.build(FIRST, only="20-other")
    assert desk.since(SECOND) == ROUND
    assert desk.entry(SECOND, "20-other")["parameters"]["since"] == FIRST


def test_pages_compared_with_a_given_day_count(desk: Desk) -> None:
    desk.build(FIRST, given={"since": "2022-01-01"})
    assert desk.since(SECOND) == FIRST


def test_pages_elsewhere_do_not_count(desk: Desk, tmp_path: Path) -> None:
    desk.build(FIRST, out=tmp_path / "elsewhere")
    (desk.place.recipes / "other.toml").write_text('title = "Other"', encoding="utf-8")
    desk.build(FIRST, recipe="other")
    assert desk.since(SECOND) == ROUND


def test_a_record_does_not_grow_for_ever(desk: Desk) -> None:
    desk.build("")
    record = desk.folder("") / "report.json"
    found = json.loads(record.read_text(encoding="utf-8"))
    many = [f"19{year}-01-01" for year in range(10, 10 + MOST_DAYS)]
    found["reports"]["10-page"]["published"] = many
    record.write_text(json.dumps(found), encoding="utf-8")
    desk.build("", force=True)
    assert desk.entry("")["published"] == [*many[1:], desk.entry("")["day"]]


def test_a_recipe_may_ask_for_it(desk: Desk) -> None:
    recipe = desk.place.recipes / "watch.toml"
    recipe.write_text('title = "Watch"\n[parameters]\nsince = "last"\n', encoding="utf-8")
    folder = str(desk.place.folder.parent / "tiny")
    for day in (FIRST, SECOND):
        build(Order(("watch",), {"as_of": day}, folder), desk.place, Silent())
    pages = [*(desk.place.build / "watch").glob(f"{SECOND}*/10-page.html")]
    assert f"<dd>{value_words(FIRST)}</dd>" in pages[0].read_text(encoding="utf-8")


def test_a_sweep_over_days_refuses_it(desk: Desk) -> None:
    (desk.place.recipes / "days.toml").write_text(DAYS, encoding="utf-8")
    with pytest.raises(RecipeError, match="sets 'since' for each of its members"):
        desk.build("", recipe="days")


def test_a_sweep_over_days_cannot_set_it_either(desk: Desk) -> None:
    own = f'{DAYS}[fan_out.parameters]\nas_of = "{{day}}"\nsince = "last"\n'
    (desk.place.recipes / "days.toml").write_text(own, encoding="utf-8")
    with pytest.raises(RecipeError, match="members of different days"):
        build(Order(("days",), {}, str(desk.place.folder.parent / "tiny")), desk.place, Silent())


def test_a_sweep_over_values_takes_it_member_by_member(desk: Desk) -> None:
    sweep = 'title = "Counts"\n[fan_out]\nparameter = "count"\nvalues = ["1", "2"]\n'
    (desk.place.recipes / "counts.toml").write_text(sweep, encoding="utf-8")
    desk.build(FIRST, recipe="counts", member=f"1-as-of-{FIRST}-tiny-since-last")
    desk.build(SECOND, recipe="counts")
    found = [
        json.loads(file.read_text(encoding="utf-8"))["reports"]["10-page"]["parameters"]
        for file in sorted(desk.place.build.glob(f"counts/*{SECOND}*/report.json"))
    ]
    assert [(one["count"], one["since"]) for one in found] == [(1, FIRST), (2, ROUND)]


def test_an_export_refuses_it(desk: Desk, tmp_path: Path) -> None:
    given = {"dataset": str(tmp_path / "tiny"), "since": "last"}
    with pytest.raises(RecipeError, match="normlib report"):
        export(("csv",), given, out=tmp_path / "files", project=desk.place)
    assert not (tmp_path / "files").exists()
