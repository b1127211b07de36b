"""Pages as readers open them: from the file system, in a browser, without a network."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import example, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page, sync_playwright

from normlib import timeline
from normlib.figures import lanes
from normlib.figures.timeline import legend, timeline_figure, timeline_table
from normlib.package import PROJECT
from normlib.report.assets import plotly_js
from normlib.report.index import write_indexes, write_member_indexes
from normlib.report.jobs import Failure, Result
from normlib.report.jobs import Page as PageMade
from normlib.report.page import make_page
from normlib.report.record import as_bytes, entry, member_record
from normlib.report.shelf import open_shelf
from tests.pages_kit import (
    NOTE_MIME,
    PLOTLY_MIME,
    TABLE_MIME,
    Json,
    chosen_figure,
    edition,
    executed,
    figure,
    job,
    note,
    shown,
    table,
    words,
)
from tests.tiny import tiny_dossier

EVIL = "</script><script>window.ran=1</script><img src=x onerror='window.ran=1'>"
WIDTHS = (360, 390, 768, 1440)


@dataclass
class Watched:
    """A page in the browser, with all that it asked for and complained about."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def drawn(self) -> "Watched":
        """Wait until all figures are drawn. (Evaluated from outside: the page forbids ``eval``.)"""
        for _ in range(600):
            if self.page.evaluate("document.documentElement.dataset.drawn !== undefined"):
                return self
            self.page.wait_for_timeout(100)
        raise AssertionError(f"not drawn: {self.complaints}")

    def active(self) -> str:
        """Return the id of the element that has the focus."""
        return str(self.page.evaluate("document.activeElement.id"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    assert found, "These tests need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def watched(browser: Browser) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, offline=True)
    found = Watched(context.new_page())
    found.page.on("request", lambda request: found.requests.append(request.url))
    found.page.on("console", lambda message: found.complaints.append(message.text))
    found.page.on("pageerror", lambda error: found.complaints.append(str(error)))
    yield found
    context.close()


def content() -> Json:
    long = {"id": "events/long", "cells": [[{"t": "A long text. " * 40}], [{"src": "t"}]]}
    away = figure("away")
    away["data"][0]["customdata"] = [["commitments/air-cargo"]]
    several = [{**long, "id": f"events/{at}"} for at in range(40)]
    return executed(
        words("## What happened?\n\nİ ı ş ğ · Երևան և Գյումրի · Москва"),
        shown(figure(), PLOTLY_MIME),
        shown(note(), NOTE_MIME),
        shown(chosen_figure(), PLOTLY_MIME),
        words("## What else?"),
        shown(away, PLOTLY_MIME),
        shown(table(several, caption="Many"), TABLE_MIME),
        words("## Sources"),
    )


def events() -> list[Json]:
    """Twelve events of July 2022, of which one is a conflict, and four of other years."""
    crowd = [{"event_id": f"2022-07-{day:02}-crowd", "sectors": "rail"} for day in range(1, 13)]
    crowd[0]["tone"] = "conflict"
    first = {"event_id": "2021-03-01-first", "round": 1, "sectors": "air;rail"}
    second = {"event_id": "2023-05-02-second", "round": 2, "sectors": "air", "actors": "tur"}
    month = {"event_id": "2024-11-month", "sectors": "border", "actors": "arm"}
    return [*crowd, first, second, month, {"event_id": "2025-01-01-last", "type": "statement"}]


def timeline_content(folder: Path) -> Json:
    """The timeline of these events with its table, as a notebook shows them."""
    phase = {"phase_id": "p", "title": "Talks", "from_event": "2022-07-01-crowd"}
    phase["to_event"] = "2023-05-02-second"
    view = tiny_dossier(folder, events=events(), phases=[phase]).as_of("2025-06-01")
    lanes = timeline.lanes(view)
    drawn = timeline_figure(
        lanes,
        rounds=timeline.rounds(view),
        phases=timeline.phases(view),
        since=timeline.recent_from(view),
        until=timeline.last_day(view),
        stamp=view.stamp,
    )
    return executed(
        words("## What happened?"),
        shown(drawn.to_plotly_json(), PLOTLY_MIME),
        shown(timeline_table(lanes, dossier=view).as_json(), TABLE_MIME),
    )


def long_content() -> Json:
    """A table of 1,200 rows beside a figure."""
    cells = [[{"t": f"Row {at}"}] for at in range(1200)]
    rows = [{"id": f"events/row-{at}", "cells": [cell, []]} for at, cell in enumerate(cells)]
    away = figure("away")
    away["data"][0]["customdata"] = [["events/row-1150"]]
    return executed(
        words("## What happened?"),
        shown(away, PLOTLY_MIME),
        shown(table(rows, caption="Very many"), TABLE_MIME),
    )


def panels_figure() -> Json:
    """A figure with a layout of its own between the narrow and the wide one."""
    layouts = {
        "narrow": {"xaxis.domain": [0, 0.25], "height": 900},
        "middle": {"xaxis.domain": [0, 0.5], "height": 640},
    }
    return figure("panels", **layouts)


def low_figure() -> Json:
    """A low figure whose legend is one line where it is wide, and higher than it where narrow."""
    found = figure("low", narrow={"height": 300, "margin.b": 130})
    marks = found["data"][0]
    found["data"] = [
        {**marks, "name": f"what mark {at} means in words", "showlegend": True} for at in "abcde"
    ]
    layout = {"height": 160, "margin": {"t": 84, "b": 40, "l": 20, "r": 8}, "legend": legend()}
    found["layout"].update(layout, yaxis={"automargin": True})
    return found


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A shelf with a page, one that is hostile, one that stands alone, and a neighbour."""
    folder = tmp_path_factory.mktemp("shelf")
    source = replace(
        edition().sources["s"], publisher=EVIL, title=EVIL, url=f"https://e.org/{EVIL}"
    )
    hostile = figure(caption=EVIL, alt=EVIL, table=table(caption=EVIL))
    hostile["data"][0].update(text=[EVIL], mode="markers+text")
    hostile["layout"]["title"]["text"] = EVIL
    alone = replace(job({}).setting, single_file=True)
    low = executed(words("## What?"), shown(low_figure(), PLOTLY_MIME), shown(note(), NOTE_MIME))
    panels = executed(words("## What?"), shown(panels_figure(), PLOTLY_MIME))
    evil = executed(
        words(f"## {EVIL}"),
        shown(hostile, PLOTLY_MIME),
        shown(chosen_figure(EVIL), PLOTLY_MIME),
        shown(note(EVIL), NOTE_MIME),
    )
    lanes = timeline_content(tmp_path_factory.mktemp("timeline"))
    pages = {
        "timeline": make_page(job(lanes), lanes),
        "long": make_page(job(long_content()), long_content()),
        "10-page": make_page(job(content()), content()),
        "20-commitments": make_page(job(content()), content()),
        "low": make_page(job(low), low),
        "panels": make_page(job(panels), panels),
        "hostile": make_page(job(evil, edition=edition(title=EVIL, sources={"s": source})), evil),
        "alone": make_page(job(content(), setting=alone), content()),
    }
    record = member_record(job({}), 0, records(pages["10-page"]))
    with open_shelf(folder) as opened:
        opened.put(f"assets/{plotly_js().name}", plotly_js().content)
        for name, page in pages.items():
            opened.put(f"baseline/latest/{name}.html", page.html.encode())
        opened.put("baseline/latest/report.json", as_bytes(record))
        write_member_indexes(opened, PROJECT / "reports" / "template")
        write_indexes(opened, PROJECT / "reports" / "template")
    return folder / "baseline" / "latest"


def records(page: PageMade) -> Json:
    """The record of one good report, one kept and one failed."""
    failed = Result("", None, Failure("kernel-died", "the kernel died", "Look."), 1)
    good = entry(job({}), Result("", page, None, 1), {}, {}, began="")
    return {
        "10-page": good,
        "20-commitments": entry(job({}), failed, {}, good, began=""),
        "30-actors": entry(job({}), failed, {}, {}, began=""),
    }


def opened(watched: Watched, shelf: Path, name: str) -> Watched:
    watched.page.goto((shelf / f"{name}.html").as_uri())
    return watched.drawn()


@pytest.mark.parametrize("name", ["10-page", "alone"])
def test_a_page_draws_offline_without_a_complaint(watched: Watched, shelf: Path, name: str) -> None:
    opened(watched, shelf, name)
    assert watched.page.locator(".plot .main-svg").count() >= 2
    assert watched.page.locator(".plot .points path").count() >= 2
    assert [url for url in watched.requests if not url.startswith("file:")] == []
    assert watched.complaints == []


def test_text_of_the_record_never_runs(watched: Watched, shelf: Path) -> None:
    opened(watched, shelf, "hostile")
    assert watched.page.evaluate("window.ran") is None
    assert watched.page.locator("img").count() == 0
    assert [url for url in watched.requests if not url.startswith("file:")] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(watched: Watched, shelf: Path, width: int) -> None:
    watched.page.set_viewport_size({"width": width, "height": 800})
    opened(watched, shelf, "10-page")
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    widths = watched.page.evaluate(
        "[...document.querySelectorAll('.plot')].map(one => "
        "[one.clientWidth, one.querySelector('.main-svg').clientWidth])"
    )
    assert all(drawn == room for room, drawn in widths)


def test_a_low_figure_whose_legend_needs_more_room_where_it_is_narrow_is_drawn(
    watched: Watched, shelf: Path
) -> None:
    watched.page.set_viewport_size({"width": 390, "height": 800})
    opened(watched, shelf, "low")
    assert watched.complaints == []
    watched.page.set_viewport_size({"width": 1440, "height": 800})
    watched.page.wait_for_timeout(1500)
    height = "document.querySelector('.plot')._fullLayout.height"
    assert watched.page.evaluate(height) == 160
    watched.page.set_viewport_size({"width": 390, "height": 800})
    watched.page.wait_for_timeout(1500)
    assert watched.page.evaluate(height) == 300
    assert watched.complaints == []


def test_a_figure_follows_the_window_and_takes_its_narrow_layout(
    watched: Watched, shelf: Path
) -> None:
    opened(watched, shelf, "10-page")
    margin = "document.querySelector('.plot')._fullLayout.margin.l"
    wide = watched.page.evaluate(margin)
    watched.page.set_viewport_size({"width": 390, "height": 800})
    watched.page.wait_for_timeout(1500)
    assert watched.page.evaluate(margin) == 5 < wide
    watched.page.set_viewport_size({"width": 1440, "height": 800})
    watched.page.wait_for_timeout(1500)
    assert watched.page.evaluate(margin) == wide


def test_a_figure_takes_its_middle_layout_between_the_others_and_is_printed_wide(
    watched: Watched, shelf: Path
) -> None:
    opened(watched, shelf, "panels")
    said = "(([plot]) => [plot._fullLayout.xaxis.domain[1], plot._fullLayout.height])"
    drawn = f"{said}(document.querySelectorAll('.plot'))"
    seen = {}
    for width in (1440, 768, 390, 1440):
        watched.page.set_viewport_size({"width": width, "height": 800})
        watched.page.wait_for_timeout(1500)
        seen[width] = watched.page.evaluate(drawn)
    assert seen == {1440: [1, 320], 768: [0.5, 640], 390: [0.25, 900]}
    watched.page.set_viewport_size({"width": 768, "height": 800})
    watched.page.wait_for_timeout(1500)
    assert watched.page.evaluate(drawn) == seen[768]
    watched.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    for _ in range(100):  # a function that polls in the page would break the page's own policy
        if watched.page.evaluate(drawn) == [1, 320]:
            break
        watched.page.wait_for_timeout(100)
    assert watched.page.evaluate(drawn) == [1, 320]
    assert watched.complaints == []


def test_a_figure_a_little_higher_than_a_sheet_is_printed_smaller(
    watched: Watched, shelf: Path
) -> None:
    opened(watched, shelf, "panels")
    watched.page.emulate_media(media="print")
    zoom = "parseFloat(getComputedStyle(document.querySelector('.plot')).zoom)"
    style = "document.querySelector('.plot').classList.remove('broad')"
    seen = {}
    for width in (1440, 390):
        watched.page.set_viewport_size({"width": width, "height": 800})
        watched.page.wait_for_timeout(1500)
        watched.page.evaluate(style)  # what is printed wide has a zoom of its own
        seen[width] = watched.page.evaluate(zoom)
    assert seen[1440] == 1
    assert 0.7 < seen[390] < 1


def test_a_table_that_is_cut_has_a_shadow_there_but_not_on_paper(
    watched: Watched, shelf: Path
) -> None:
    opened(watched, shelf, "10-page")
    drawn = "getComputedStyle(document.querySelector('.table')).backgroundImage"
    assert watched.page.evaluate(drawn).count("linear-gradient") == 4
    watched.page.emulate_media(media="print")
    assert watched.page.evaluate(drawn) == "none"


def test_a_reader_chooses_by_keyboard_what_a_figure_shows_and_is_told_in_words(
    watched: Watched, shelf: Path
) -> None:
    opened(watched, shelf, "10-page")
    seen = "document.getElementById('figure-choice-plot').data.map((trace) => trace.visible)"
    said = watched.page.locator("#figure-choice [role=status]")
    assert watched.page.evaluate(seen) == [True, True, False]
    assert said.inner_text() == "As it is."
    watched.page.get_by_label("Links").focus()
    watched.page.keyboard.press("ArrowDown")
    watched.page.wait_for_timeout(300)
    assert watched.page.evaluate(seen) == [True, False, True]
    assert said.inner_text() == "Half open"
    watched.page.set_viewport_size({"width": 390, "height": 800})
    watched.page.wait_for_timeout(1500)
    assert watched.page.evaluate(seen) == [True, False, True]
    assert not watched.complaints


# The timeline

MARKS = """document.getElementById('figure-timeline-plot').data.flatMap((trace) =>
  (trace.mode || '').startsWith('markers') && trace.customdata
    ? trace.customdata.map((one, at) => [trace.name, (trace.text || [])[at] || '1']) : [])"""
ROWS = "[...document.querySelectorAll('section > .table tbody tr')].filter((row) => !row.hidden)"
FIRST_CELLS = f"{ROWS}.map((row) => row.id)"


def told(watched: Watched) -> str:
    """What the timeline says of what it shows, when it has been drawn."""
    watched.page.wait_for_timeout(400)
    return watched.page.locator("#figure-timeline [role=status]").inner_text()


def events_drawn(watched: Watched) -> int:
    """How many events the marks in the lanes stand for."""
    marks = watched.page.evaluate(MARKS)
    return sum(
        int(number)
        for name, number in marks
        if name in {"cooperative", "conflictual"} | {"neutral or both"}
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_every_event_is_in_the_timeline_whatever_the_width(
    watched: Watched, shelf: Path, width: int
) -> None:
    watched.page.set_viewport_size({"width": width, "height": 800})
    opened(watched, shelf, "timeline")
    assert events_drawn(watched) == len(events())
    assert watched.page.evaluate("document.documentElement.scrollWidth") <= width
    assert not watched.complaints


def test_a_choice_by_keyboard_filters_marks_and_rows_alike_and_is_told(
    watched: Watched, shelf: Path
) -> None:
    opened(watched, shelf, "timeline")
    assert told(watched) == "All 16 events."
    watched.page.locator("select[name=Sector]").focus()
    watched.page.keyboard.press("ArrowDown")
    assert told(watched) == "2 of 16 events (Sector: Air)."
    assert events_drawn(watched) == 2
    rows = ["events-2021-03-01-first", "events-2023-05-02-second"]
    assert watched.page.evaluate(FIRST_CELLS) == rows
    captions = watched.page.locator("caption", has_text="Shown: 2 of 16 events (Sector: Air).")
    assert captions.count() == 2
    watched.page.locator("select[name=Actor]").select_option(label="Armenia (15)")
    assert told(watched) == "1 of 16 events (Sector: Air; Actor: Armenia)."
    assert watched.page.evaluate(FIRST_CELLS) == rows[:1]
    watched.page.get_by_role("button", name="Show all").press("Enter")
    assert told(watched) == "All 16 events."
    assert events_drawn(watched) == len(watched.page.evaluate(FIRST_CELLS)) == 16
    assert not watched.complaints


def test_two_actors_together_are_those_who_met(watched: Watched, shelf: Path) -> None:
    opened(watched, shelf, "timeline")
    watched.page.locator("select[name=Actor]").select_option(label="Armenia (15)")
    watched.page.locator("select[name='Together with']").select_option(label="Türkiye (15)")
    assert told(watched).startswith("14 of 16 events")
    assert events_drawn(watched) == 14


@pytest.mark.parametrize("width", [390, 1440])
def test_coming_closer_unfolds_a_crowd_and_loses_nobody(
    watched: Watched, shelf: Path, width: int
) -> None:
    watched.page.set_viewport_size({"width": width, "height": 800})
    opened(watched, shelf, "timeline")
    assert ["neutral or both", "11"] in watched.page.evaluate(MARKS)
    watched.page.locator("#figure-timeline-plot .textpoint text", has_text="11").first.wait_for()
    watched.page.locator("select[name=Period]").select_option(label="Phase 1: Talks")
    assert told(watched) == "All 16 events. From 1 July 2022 to 2 May 2023: 13."
    assert events_drawn(watched) == 13
    for name in ("Closer", "Earlier", "Closer", "Earlier", "Closer", "Earlier"):
        watched.page.get_by_role("button", name=name).press("Enter")
        told(watched)
    assert told(watched) == "All 16 events. From 1 July 2022 to 9 August 2022: 12."
    marks = watched.page.evaluate(MARKS)
    assert events_drawn(watched) == len(marks) == 12
    watched.page.get_by_role("button", name="Show all").press("Enter")
    assert told(watched) == "All 16 events."
    assert events_drawn(watched) == 16
    assert not watched.complaints


def test_a_click_on_a_crowd_brings_its_events_closer_until_each_leads_to_its_row(
    watched: Watched, shelf: Path
) -> None:
    opened(watched, shelf, "timeline")
    place = """(() => { const texts = [...document.querySelectorAll('.spread .textpoint text')];
      const box = texts.find((one) => one.textContent === '11').getBoundingClientRect();
      return [box.x - 6, box.y + box.height / 2]; })()"""
    watched.page.locator("#figure-timeline").scroll_into_view_if_needed()
    x, y = watched.page.evaluate(place)
    watched.page.mouse.move(x, y)
    watched.page.mouse.down()
    watched.page.mouse.up()
    assert told(watched) == "All 16 events. From 30 June 2022 to 14 July 2022: 12."
    marks = watched.page.evaluate(MARKS)
    assert [number for _, number in marks] == ["1"] * len(marks)
    assert events_drawn(watched) == 12


def test_a_row_that_a_filter_hides_is_shown_when_a_link_leads_to_it(
    watched: Watched, shelf: Path
) -> None:
    opened(watched, shelf, "timeline")
    watched.page.locator("select[name=Sector]").select_option(label="Air (2)")
    told(watched)
    watched.page.evaluate("location.hash = '#events-2024-11-month'")
    assert told(watched) == "All 16 events."
    assert watched.page.locator("#events-2024-11-month").is_visible()


def test_on_paper_the_timeline_says_what_was_chosen(watched: Watched, shelf: Path) -> None:
    opened(watched, shelf, "timeline")
    watched.page.locator("select[name=Sector]").select_option(label="Air (2)")
    told(watched)
    watched.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    watched.page.emulate_media(media="print")
    assert told(watched) == "2 of 16 events (Sector: Air)."
    assert not watched.page.locator("select[name=Sector]").is_visible()
    assert not watched.page.get_by_role("button", name="Closer").is_visible()
    assert watched.page.evaluate(f"{ROWS}.length") == 2
    widths = "(() => { const box = document.querySelector('.spread'); return "
    widths += "[box.getBoundingClientRect().width, box.parentElement.clientWidth]; })()"
    drawn, room = watched.page.evaluate(widths)
    assert drawn <= room


@pytest.fixture(scope="module")
def laid_out(browser: Browser, shelf: Path) -> Iterator[Page]:
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto((shelf / "timeline.html").as_uri())
    Watched(page).drawn()
    yield page
    page.close()


LAY_OUT = """([from, to, lane, tone, kept, panel]) => {
  const lanes = [{bottom: 0, height: 68}, {bottom: 68, height: 28}];
  const sizes = {mark: 8, row: 10, pad: 8, deepest: 6, step: 1.5};
  const events = {from, to, lane, tone, lanes, sizes};
  return Lanes.marks(events, kept, panel).map((mark) =>
    ({x: mark.x, y: mark.y, lane: lane[mark.items[0].at], ats: mark.items.map((item) => item.at),
      tones: [...new Set(mark.items.map((item) => tone[item.at]))]})); }"""

Event = tuple[int, int, bool, int, int]
"""First day, further possible days, whether the first is not known, lane, tone."""

number = st.integers
one_event = st.tuples(
    number(0, 300), st.just(0) | number(0, 60), st.booleans(), number(0, 1), number(0, 2)
)
some_events = st.lists(one_event, max_size=10) | st.lists(one_event, min_size=40, max_size=90)


def lay_out(page: Page, found: list[Event], first: int, last: int) -> Json:
    """Lay some events out in a period of days; return the marks, and the events to be expected."""
    begins = [None if open_ else start for start, _, open_, _, _ in found]
    ends = [start + days for start, days, _, _, _ in found]
    panel = {"first": first, "last": last, "left": first, "right": last, "outlier": None}
    panel |= {"whole": False, "scale": 800 / (last - first)}
    lanes, tones = [one[3] for one in found], [one[4] for one in found]
    marks = page.evaluate(LAY_OUT, [begins, ends, lanes, tones, [*range(len(found))], panel])
    whole = zip(begins, ends, strict=True)
    inside = [
        at
        for at, (start, end) in enumerate(whole)
        if end >= first and (end if start is None else start) <= last
    ]
    return {"marks": marks, "inside": inside}


@settings(max_examples=60, deadline=None)
@example([*[(50, 0, False, 0, 0)] * 8, (51, 0, False, 0, 0)], 10, 80)
@given(some_events, st.integers(0, 200), st.integers(14, 1100))
def test_laying_out_conserves_the_events_of_a_period_and_no_two_marks_touch_nor_their_numbers(
    laid_out: Page, found: list[Event], first: int, days: int
) -> None:
    done = lay_out(laid_out, found, first, first + days)
    marks = done["marks"]
    assert sorted(at for mark in marks for at in mark["ats"]) == done["inside"]
    assert all(len(mark["tones"]) == 1 for mark in marks)
    for lane in (0, 1):
        own = sorted((one["y"], one["x"], len(one["ats"])) for one in marks if one["lane"] == lane)
        for (height, left, count), (other, right, _) in pairwise(own):
            room = 8 + 6.5 * len(str(count)) * (count > 1)
            assert height != other or right - left >= room - 1e-6
        assert all(68 * lane < height < (68, 96)[lane] for height, _, _ in own)


FIRST = pd.Timestamp("2020-01-01")

Layout = set[tuple[frozenset[int], float, float]]
"""Which events stand as one mark, how far from the left edge in pixels, and in which row."""


def laid_out_by_the_library(found: list[Event], span: int) -> Layout:
    """Lay events out as the library does in a panel of so many days, in pixels of a page."""
    day = pd.Timedelta(days=1)
    ends = [FIRST + (start + days) * day for start, days, _, _, _ in found]
    begins = [pd.NaT if open_ else FIRST + start * day for start, _, open_, _, _ in found]
    shown = pd.DataFrame({"earliest": pd.Series(begins, dtype="datetime64[s]"), "known_by": ends})
    shown = shown.assign(lane=[str(one[3]) for one in found], tone_order=[one[4] for one in found])
    marks = lanes.placed(shown, lanes.Panel("recent", FIRST, FIRST + span * day))
    pixels = lanes.MARK / (lanes.MARK_SHARES["recent"] * span)
    alone = [f"event {at}" for at in marks.index]
    groups = marks["fold"].astype(str).where(marks["fold"] >= 0, alone)
    groups = marks["lane"] + groups
    return {
        (frozenset(group.index), round((group["x"].iloc[0] - FIRST) / day * pixels, 2), row)
        for _, group in marks.groupby(groups)
        for row in [group["row"].iloc[0]]
    }


@settings(max_examples=60, deadline=None)
@example([*[(50, 0, False, 0, 0)] * 8, (51, 0, False, 0, 0)], 200)
@given(some_events.filter(len), st.sampled_from((100, 200, 400, 800)))
def test_a_page_lays_marks_out_as_the_library_does(
    laid_out: Page, found: list[Event], span: int
) -> None:
    begins = [None if open_ else start for start, _, open_, _, _ in found]
    ends = [start + days for start, days, _, _, _ in found]
    panel = {"first": 0, "last": span, "left": 0, "right": span, "outlier": None}
    scale = lanes.MARK / (lanes.MARK_SHARES["recent"] * span)
    panel |= {"whole": True, "early": False, "scale": scale}
    lane, tones = [one[3] for one in found], [one[4] for one in found]
    drawn = laid_out.evaluate(
        LAY_OUT.replace("height: 28", "height: 68"),
        [begins, ends, lane, tones, [*range(len(found))], panel],
    )
    marks = {
        (
            frozenset(mark["ats"]),
            round(mark["x"], 2),
            (mark["y"] - 4 - 68 * mark["lane"]) / 10 - 0.5,
        )
        for mark in drawn
    }
    assert marks == laid_out_by_the_library(found, span)


# Long tables


def test_of_a_very_long_table_the_first_rows_are_laid_out_and_all_can_be_asked_for(
    watched: Watched, shelf: Path
) -> None:
    opened(watched, shelf, "long")
    rows = watched.page.locator("section > .table tbody tr")
    assert rows.count() == 1000
    more = watched.page.get_by_role("button", name="Show all 1,200 rows")
    more.press("Enter")
    assert rows.count() == 1200
    assert watched.page.locator("#events-row-1199").inner_text().strip() == "Row 1199"
    assert not more.is_visible()


def test_a_mark_leads_to_a_row_that_was_not_laid_out(watched: Watched, shelf: Path) -> None:
    opened(watched, shelf, "long")
    watched.page.locator("#figure-away-plot .points path").first.hover(force=True)
    watched.page.mouse.down()
    watched.page.mouse.up()
    watched.page.wait_for_timeout(500)
    assert watched.active() == "events-row-1150"


def test_without_scripts_every_row_of_a_very_long_table_is_there(
    browser: Browser, shelf: Path
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((shelf / "long.html").as_uri())
    assert page.locator("section > .table tbody tr").count() == 1200
    assert page.locator("#events-row-1199").is_visible()
    context.close()


# Ways to rows


def test_a_click_on_a_mark_leads_to_its_row_and_opens_what_hides_it(
    watched: Watched, shelf: Path
) -> None:
    opened(watched, shelf, "10-page")
    watched.page.locator("#figure-events-plot .points path").first.hover(force=True)
    watched.page.mouse.down()
    watched.page.mouse.up()
    watched.page.wait_for_timeout(500)
    assert watched.active() == "events-2022-07-01-talks"
    assert watched.page.locator("#events-2022-07-01-talks").is_visible()
    assert watched.page.url.endswith("#events-2022-07-01-talks")


def test_a_click_on_a_mark_of_another_page_leads_there(watched: Watched, shelf: Path) -> None:
    opened(watched, shelf, "10-page")
    watched.page.locator("#figure-away-plot .points path").first.hover(force=True)
    watched.page.mouse.down()
    watched.page.mouse.up()
    watched.page.wait_for_url("**/20-commitments.html#commitments-air-cargo")


def test_a_row_named_in_the_address_is_shown_though_it_is_in_a_disclosure(
    watched: Watched, shelf: Path
) -> None:
    page = (shelf / "10-page.html").as_uri()
    watched.page.goto(f"{page}#events-2022-07-01-talks")
    watched.drawn().page.wait_for_timeout(300)
    assert watched.page.locator("#events-2022-07-01-talks").is_visible()


@pytest.mark.parametrize("name", ["10-page", "timeline", "long", "../index", "../../index"])
def test_a_reader_with_a_screen_reader_meets_no_obstacle(
    watched: Watched, shelf: Path, name: str
) -> None:
    watched.page.goto((shelf / f"{name}.html").resolve().as_uri())
    if "index" not in name:
        watched.drawn()
        watched.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = Axe().run(watched.page)
    assert found.violations_count == 0, found.generate_report()


def test_the_first_key_leads_past_the_head(watched: Watched, shelf: Path) -> None:
    opened(watched, shelf, "10-page")
    watched.page.keyboard.press("Tab")
    watched.page.keyboard.press("Enter")
    assert watched.active() == "main"


def test_without_scripts_words_and_data_can_be_read(browser: Browser, shelf: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((shelf / "10-page.html").as_uri())
    assert page.get_by_text("The picture is drawn by a script").first.is_visible()
    page.locator("summary", has_text="In words").first.click()
    assert page.get_by_text("There is one event.").first.is_visible()
    context.close()


def test_on_paper_every_disclosure_is_open_but_the_code(watched: Watched, shelf: Path) -> None:
    opened(watched, shelf, "10-page")
    watched.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    closed = "document.querySelectorAll('details:not([open])').length"
    assert watched.page.evaluate(closed) == 1
    watched.page.emulate_media(media="print")
    assert not watched.page.locator("details.code").is_visible()
    assert watched.page.locator("figure table").first.is_visible()
    watched.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert watched.page.evaluate(closed) > 1
    assert re.match(rb"%PDF-1", watched.page.pdf())
