"""Pages as readers open them: from the file system, in a browser, without a network."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from normlib.figures.timeline import legend
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
    evil = executed(
        words(f"## {EVIL}"),
        shown(hostile, PLOTLY_MIME),
        shown(chosen_figure(EVIL), PLOTLY_MIME),
        shown(note(EVIL), NOTE_MIME),
    )
    pages = {
        "10-page": make_page(job(content()), content()),
        "20-commitments": make_page(job(content()), content()),
        "low": make_page(job(low), low),
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


@pytest.mark.parametrize("name", ["10-page", "../index", "../../index"])
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
