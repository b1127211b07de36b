"""What a build publishes, keeps and records. Jobs are done in this process, without kernels."""

import contextlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from normlib import figures, load, timeline
from normlib.errors import DataError
from normlib.report import build as building
from normlib.report import inputs, worker
from normlib.report.build import Outcome, build
from normlib.report.clerk import Verdict
from normlib.report.jobs import Executed, Failure, Job, Result, Work
from normlib.report.plan import Order, Plan
from normlib.report.project import Project
from tests.pages_kit import (
    NOTE_MIME,
    PLOTLY_MIME,
    TABLE_MIME,
    Json,
    dataset,
    executed,
    figure,
    note,
    project,
    shown,
    table,
)
from tests.tiny import tiny_package

GOOD = executed(
    shown(figure(), PLOTLY_MIME), shown(note(), NOTE_MIME, "headline"), shown(table(), TABLE_MIME)
)
Engine = Callable[[Job], Executed]

DIED = Failure("kernel-died", "the kernel was killed by SIGKILL", "Look at the cell.", "x = 1")


class Silent:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.total = 0
        self.heard: list[Verdict] = []
        self.remarks: list[str] = []

    def begin(self, total: int) -> None:
        self.total = total

    def done(self, verdict: Verdict) -> None:
        self.heard.append(verdict)

    def remark(self, words: str) -> None:
        self.remarks.append(words)


class Here:
    """Does jobs in this process."""

    def results(self, jobs: Iterable[Work]) -> Iterator[Result]:
        return map(worker.do, jobs)


def engine_here(monkeypatch: pytest.MonkeyPatch) -> Callable[[Engine], None]:
    """Let an engine of the test execute, in this process; first one that executes nothing."""

    def use(engine: Engine) -> None:
        monkeypatch.setattr(worker, "_engine", lambda name: lambda job, tell: engine(job))
        monkeypatch.setattr(building, "_workers", lambda plan: contextlib.nullcontext(Here()))

    use(lambda job: Executed(job.notebook))
    return use


@pytest.fixture
def at_hand(monkeypatch: pytest.MonkeyPatch) -> Callable[[Engine], None]:
    return engine_here(monkeypatch)


@pytest.fixture
def place(tmp_path: Path) -> Project:
    dataset(tmp_path)
    return project(tmp_path, _10_page=GOOD, _20_other=GOOD, _30_third=GOOD)


def built(place: Project, **changes: Any) -> Outcome:
    folder = str(place.folder.parent / "tiny")
    return build(Order(**{"dataset": folder, **changes}), place, Silent())


def member(place: Project) -> Path:
    return place.build / "baseline" / "latest-tiny"


def record(place: Project) -> Json:
    found: Json = json.loads((member(place) / "report.json").read_text(encoding="utf-8"))
    return found


@pytest.mark.usefixtures("at_hand")
def test_pages_indexes_and_the_record_are_published(place: Project) -> None:
    outcome = built(place)
    assert outcome.failed == []
    assert sorted(file.name for file in member(place).iterdir()) == [
        "10-page.html",
        "20-other.html",
        "30-third.html",
        "index.html",
        "report.json",
    ]
    assert (place.build / "baseline" / "index.html").is_file()
    assert outcome.index == place.build / "index.html"
    assert "One event is recorded." in outcome.index.read_text(encoding="utf-8")
    assert len(list((place.build / "assets").iterdir())) == 1


@pytest.mark.usefixtures("at_hand")
def test_the_record_tells_inputs_parameters_and_seconds(place: Project) -> None:
    built(place, parameters={"count": "5"}, only="10-page")
    found = json.loads(next(place.build.glob("baseline/*/report.json")).read_text())
    report = found["reports"]["10-page"]
    assert report["status"] == "built"
    assert report["parameters"] == {"count": 5, "dataset": "tiny"}
    assert set(report["inputs"]) == {
        *("data", "environment", "library", "notebook", "parameters", "setting", "template")
    }
    assert report["seconds"] >= 0
    assert report["versions"]["papermill"]
    assert str(place.folder) not in json.dumps(found)


@pytest.mark.usefixtures("at_hand")
def test_two_builds_give_the_same_bytes_in_every_page(place: Project, tmp_path: Path) -> None:
    built(place, out=tmp_path / "one")
    built(place, out=tmp_path / "two")
    first = {
        file.relative_to(tmp_path / "one"): file for file in (tmp_path / "one").rglob("*.html")
    }
    assert len(first) == 6
    for name, file in first.items():
        assert file.read_bytes() == (tmp_path / "two" / name).read_bytes(), name


def test_one_failed_report_of_three_leaves_two_published(
    place: Project, at_hand: Callable[[Engine], None]
) -> None:
    at_hand(lambda job: Executed(job.notebook, DIED if job.name == "20-other" else None))
    outcome = built(place)
    assert [result.place for result in outcome.failed] == ["baseline/latest-tiny/20-other"]
    assert (member(place) / "10-page.html").is_file()
    assert not (member(place) / "20-other.html").exists()
    assert "killed by SIGKILL" in (member(place) / "20-other.failed.html").read_text()
    index = (place.build / "baseline" / "index.html").read_text(encoding="utf-8")
    assert "not built" in index
    assert "latest-tiny/20-other.html" not in index


def test_a_failed_report_keeps_its_last_good_page_and_the_index_says_so(
    place: Project, at_hand: Callable[[Engine], None]
) -> None:
    built(place)
    good = (member(place) / "10-page.html").read_bytes()
    at_hand(lambda job: Executed(job.notebook, DIED))
    outcome = built(place, only="10-page", force=True)
    assert [(one.place, one.kept) for one in outcome.failed] == [
        ("baseline/latest-tiny/10-page", True)
    ]
    assert (member(place) / "10-page.html").read_bytes() == good
    reports = record(place)["reports"]
    assert (reports["10-page"]["status"], reports["20-other"]["status"]) == ("kept", "built")
    index = (place.build / "baseline" / "index.html").read_text(encoding="utf-8")
    assert "kept from an earlier build" in index
    assert "killed by SIGKILL" in index
    at_hand(lambda job: Executed(job.notebook))
    built(place, only="10-page")
    assert not (member(place) / "10-page.failed.html").exists()
    assert "kept from" not in (place.build / "baseline" / "index.html").read_text(encoding="utf-8")


def test_data_that_changes_while_a_report_is_made_is_noticed(
    place: Project, at_hand: Callable[[Engine], None]
) -> None:
    def meddle(job: Job) -> Executed:
        with (place.folder.parent / "tiny" / "events.csv").open("a") as file:
            file.write("\n")
        return Executed(job.notebook)

    at_hand(meddle)
    codes = {result.failure.code for result in built(place).failed if result.failure}
    assert codes == {"stale"}


@pytest.mark.usefixtures("at_hand")
@pytest.mark.usefixtures("at_hand")
def test_data_that_changes_while_a_build_begins_is_noticed(
    place: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextlib.contextmanager
    def slow_to_begin(plan: Plan) -> Iterator[Here]:
        events = place.folder.parent / "tiny" / "events.csv"
        events.write_text(events.read_text().replace("Second round", "Another title"))
        yield Here()

    monkeypatch.setattr(building, "_workers", slow_to_begin)
    failed = built(place).failed
    assert {one.failure.code for one in failed if one.failure} == {"stale"}
    assert len(failed) == 3


def test_data_with_errors_is_refused_and_the_last_good_pages_stay(place: Project) -> None:
    built(place)
    before = {file: file.read_bytes() for file in place.build.rglob("*") if file.is_file()}
    events = place.folder.parent / "tiny" / "events.csv"
    events.write_text(events.read_text().replace("2022-07-01,", "2023-02-30,"))
    with pytest.raises(DataError, match="February 2023 has 28 days"):
        built(place)
    assert {file: file.read_bytes() for file in before} == before


@pytest.mark.usefixtures("at_hand")
def test_a_day_before_the_record_builds_pages_that_say_so(place: Project) -> None:
    silent = {"cells": executed()["cells"], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (place.notebooks / "10-page.ipynb").write_text(json.dumps(silent))
    outcome = built(place, only="10-page", parameters={"as_of": "1900-01-01"})
    assert outcome.failed == []
    page = place.build / "baseline" / "1900-01-01-tiny" / "10-page.html"
    assert "Nothing is recorded yet" in page.read_text(encoding="utf-8")


@pytest.mark.usefixtures("at_hand")
def test_a_fan_out_without_rows_builds_nothing_and_says_so(place: Project) -> None:
    recipe = """
        title = "Rounds"
        fan_out = {table = "events", where = "round", name = "{date}", title = "{title}"}
    """
    (place.recipes / "baseline.toml").write_text(recipe)
    outcome = built(place, parameters={"as_of": "1900-01-01"})
    assert outcome.verdicts == ()
    assert "Nothing has been built yet" in outcome.index.read_text(encoding="utf-8")


def test_a_broken_figure_is_a_failed_report(
    place: Project, at_hand: Callable[[Engine], None]
) -> None:
    bare = figure()
    del bare["layout"]["meta"]
    at_hand(lambda job: Executed(executed(shown(bare, PLOTLY_MIME))))
    codes = {result.failure.code for result in built(place).failed if result.failure}
    assert codes == {"figure-bare"}


def test_a_defect_of_the_page_maker_is_a_failed_report_too(
    place: Project, at_hand: Callable[[Engine], None]
) -> None:
    at_hand(lambda job: Executed(executed(shown({"rows": [{}]}, TABLE_MIME))))
    codes = {result.failure.code for result in built(place).failed if result.failure}
    assert codes == {"page-error"}


# Only what changed


def statuses(outcome: Outcome) -> dict[str, str]:
    """What became of each report, by notebook."""
    return {verdict.place.rpartition("/")[2]: verdict.status for verdict in outcome.verdicts}


def everything(place: Project) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in place.build.rglob("*") if file.is_file()}


@pytest.mark.usefixtures("at_hand")
def test_a_second_build_without_a_change_does_nothing(
    place: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(place)
    before = everything(place)
    monkeypatch.setattr(building, "_build", None)  # whoever calls it fails
    again = built(place)
    assert set(statuses(again).values()) == {"unchanged"}
    assert len(again.verdicts) == 3
    assert everything(place) == before


@pytest.mark.usefixtures("at_hand")
def test_everything_is_built_again_on_demand(place: Project) -> None:
    built(place)
    assert set(statuses(built(place, force=True)).values()) == {"built"}


@pytest.mark.usefixtures("at_hand")
def test_a_changed_notebook_is_built_alone(place: Project) -> None:
    built(place)
    other = executed(shown(note("Two events are recorded."), NOTE_MIME))
    (place.notebooks / "20-other.ipynb").write_text(json.dumps(other))
    assert statuses(built(place)) == {
        "10-page": "unchanged",
        "20-other": "built",
        "30-third": "unchanged",
    }
    assert "Two events" in (member(place) / "20-other.html").read_text(encoding="utf-8")


@pytest.mark.usefixtures("at_hand")
@pytest.mark.parametrize("spoil", [Path.unlink, lambda file: file.write_text("<h1>Mine</h1>")])
def test_a_page_that_is_not_as_it_was_left_is_built_again(
    place: Project, spoil: Callable[[Path], None]
) -> None:
    built(place)
    good = (member(place) / "10-page.html").read_bytes()
    spoil(member(place) / "10-page.html")
    assert statuses(built(place))["10-page"] == "built"
    assert (member(place) / "10-page.html").read_bytes() == good


@pytest.mark.usefixtures("at_hand")
@pytest.mark.parametrize("name", ["index.html", "baseline/index.html", "assets"])
def test_an_index_or_asset_that_is_lost_is_put_back_without_building_pages(
    place: Project, name: str
) -> None:
    built(place)
    before = everything(place)
    lost = place.build / name
    for file in [lost] if lost.is_file() else lost.iterdir():
        file.unlink()
    assert set(statuses(built(place)).values()) == {"unchanged"}
    after = everything(place)
    assert {file: text for file, text in after.items() if file.name != "report.json"} == {
        file: text for file, text in before.items() if file.name != "report.json"
    }


def test_a_report_that_failed_is_tried_again_though_nothing_changed(
    place: Project, at_hand: Callable[[Engine], None]
) -> None:
    at_hand(lambda job: Executed(job.notebook, DIED if job.name == "20-other" else None))
    built(place)
    at_hand(lambda job: Executed(job.notebook))
    assert statuses(built(place)) == {
        "10-page": "unchanged",
        "20-other": "built",
        "30-third": "unchanged",
    }


@pytest.mark.usefixtures("at_hand")
@pytest.mark.parametrize(
    "change", [{"single_file": True}, {"engine": "kernel"}, {"parameters": {"count": "5"}}]
)
def test_another_order_is_built(place: Project, change: dict[str, Any]) -> None:
    built(place)
    assert set(statuses(built(place, **change)).values()) == {"built"}


@pytest.mark.usefixtures("at_hand")
def test_a_change_of_template_or_library_concerns_every_page(
    place: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    built(place)
    template = place.folder / "reports" / "template"
    shutil.copytree(place.template, template)
    assert set(statuses(built(place)).values()) == {"unchanged"}
    with (template / "page.css").open("a") as file:
        file.write("\n")
    assert set(statuses(built(place)).values()) == {"built"}
    monkeypatch.setattr(inputs, "library_hash", lambda: "another")
    assert set(statuses(built(place)).values()) == {"built"}


@pytest.mark.usefixtures("at_hand")
def test_a_later_row_leaves_the_page_of_an_earlier_day_alone(place: Project) -> None:
    earlier = {"parameters": {"as_of": "2022-03-01"}}
    built(place, **earlier)
    built(place)
    events = place.folder.parent / "tiny" / "events.csv"
    events.write_text(events.read_text().replace("Second round", "Another title"))
    assert set(statuses(built(place, **earlier)).values()) == {"unchanged"}
    assert set(statuses(built(place)).values()) == {"built"}
    events.write_text(events.read_text().replace("First round", "Yet another"))
    assert set(statuses(built(place, **earlier)).values()) == {"built"}


def of_the_record(job: Job) -> Executed:
    """What a notebook puts out about the record as of the day of its page."""
    view = load(job.dataset).as_of(job.edition.day)
    lanes = timeline.lanes(view)
    drawn = figures.timeline_figure(
        lanes,
        rounds=timeline.rounds(view),
        phases=timeline.phases(view),
        since=pd.Timestamp("2022-01-01"),
        until=view.day,
        stamp=view.stamp,
    )
    told = (
        (figures.coverage_note(view).as_json(), NOTE_MIME),
        (json.loads(drawn.to_json()), PLOTLY_MIME),
        (figures.sources_table(view, lanes).as_json(), TABLE_MIME),
    )
    return Executed(executed(*(shown(content, mime) for content, mime in told)))


def test_a_page_of_an_earlier_day_is_the_same_bytes_whatever_came_later(
    place: Project, at_hand: Callable[[Engine], None]
) -> None:
    """What happened later, what was disclosed later, and who and what came with it."""
    at_hand(of_the_record)
    day = {"parameters": {"as_of": "2022-03-01"}}
    built(place, only="10-page", **day)
    (page,) = place.build.rglob("10-page.html")
    before = page.read_bytes()
    assert b"First round" in before
    tiny_package(
        place.folder.parent,
        descriptor={"coversUntil": "2023-01-01"},
        sources=[{"source_id": "new", "published": "2022-12-01", "title": "A later page"}],
        sites=[{"site_id": "later-place", "sources": "new"}],
        actors=[{"actor_id": "newcomer", "name": "A newcomer"}],
        events=[
            {"event_id": "2022-01-14-first", "round": 1, "title": "First round"},
            {"event_id": "2022-01-20-secret", "known_since": "2022-12-01", "sources": "new"},
            {"event_id": "2022-07-01-talks", "round": 2, "title": "Second round"},
            {"event_id": "2022-12-02-later", "actors": "newcomer", "site_id": "later-place"},
        ],
    )
    built(place, only="10-page", force=True, **day)
    assert page.read_bytes() == before


@pytest.mark.usefixtures("at_hand")
def test_a_build_that_was_cut_short_goes_on_where_it_stopped(
    place: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Tired(Here):
        def results(self, jobs: Iterable[Work]) -> Iterator[Result]:
            yield next(super().results(jobs))
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(building, "_workers", lambda plan: contextlib.nullcontext(Tired()))
        with pytest.raises(KeyboardInterrupt):
            built(place)
    assert "10-page" in (place.build / "baseline" / "index.html").read_text(encoding="utf-8")
    assert statuses(built(place)) == {
        "10-page": "unchanged",
        "20-other": "built",
        "30-third": "built",
    }


@pytest.mark.usefixtures("at_hand")
def test_nothing_of_a_page_is_kept_once_it_is_published(place: Project) -> None:
    outcome = built(place)
    assert all(len(str(verdict)) < 500 for verdict in outcome.verdicts)
    assert all(len(str(vars(verdict))) < 500 for verdict in outcome.verdicts)
