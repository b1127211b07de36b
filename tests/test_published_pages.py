"""The pages about the real record, built as they are published, read as a reader does."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from html import unescape
from pathlib import Path

import pandas as pd
import pytest
from playwright.sync_api import Browser, sync_playwright

import normlib
from normlib.dossier import Dossier
from normlib.hindsight import named_days
from normlib.package import PROJECT, data_folder
from normlib.report.project import find_project
from tests.neutral import LOADED, REPORTED, narrated

NOTEBOOKS = find_project().usual_names()
PAST, EMPTY, SIXTH_ROUND = "2022-07-01", "1900-01-01", "2025-09-12"
DAYS = ("latest", SIXTH_ROUND, PAST, EMPTY)

ADDRESS = re.compile(r'<span class="address">.*?</span>', re.S)
"""Addresses of pages may name any day."""

PRINTS = re.compile(r'<p class="prints">.*?</p>', re.S)
"""Fingerprints are digits by chance, and may look like any year."""

COORDINATES = re.compile(r'"(?:range|x|x0|x1)":(?:\[[^\]]*\]|"[^"]*")')
"""Places in a figure: a label may stand right of the last day. Marks are told by their rows."""


@dataclass(frozen=True)
class Read:
    """A published page and what its reader sees."""

    html: str

    @cached_property
    def words(self) -> str:
        """All text of the page, figures' own text included, addresses and fingerprints not."""
        html = PRINTS.sub(" ", ADDRESS.sub(" ", self.html))
        text = re.sub(r"<style.*?</style>", " ", html, flags=re.S)
        text = re.sub(r'<script(?! type="application/json").*?</script>', " ", text, flags=re.S)
        return unescape(re.sub(r"<[^>]*>", " ", text))


def run(out: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Call the command as a person would, from another folder."""
    return subprocess.run(
        [sys.executable, "-m", "normlib.cli", "report", *arguments, "--out", str(out)],
        cwd=out.parent,
        env={**os.environ, "PYTHONPATH": str(PROJECT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole baseline, as of several days, each in a folder of its own."""
    folder = tmp_path_factory.mktemp("published")
    for day in DAYS:
        done = run(folder / day, "baseline", "--as-of", day)
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


def pages(built: Path, day: str) -> dict[str, Read]:
    """The pages of a day by notebook; those about one row by its member."""
    found = sorted((built / day).rglob("[0-9][0-9]-*.html"))
    names = [file.stem if file.stem in NOTEBOOKS else file.parent.name for file in found]
    texts = [file.read_text(encoding="utf-8") for file in found]
    return dict(zip(names, map(Read, texts), strict=True))


@pytest.fixture(scope="module")
def record() -> Dossier:
    return normlib.load()


@pytest.mark.parametrize("day", DAYS)
def test_every_notebook_makes_a_page(built: Path, day: str) -> None:
    assert [name for name in pages(built, day) if name in NOTEBOOKS] == NOTEBOOKS


@pytest.mark.parametrize("day", DAYS)
def test_every_commitment_of_a_day_has_a_page_to_which_every_mention_of_it_leads(
    built: Path, record: Dossier, day: str
) -> None:
    known = set(record.as_of(day).commitments["commitment_id"])
    suffix = "" if day == "latest" else f"-as-of-{day}"
    folder = built / day / "commitments"
    assert {one.parent.name for one in folder.glob("*/25-*.html")} == {
        f"{name}{suffix}" for name in known
    }
    for file in (built / day / "baseline").rglob("[0-9][0-9]-*.html"):
        html = file.read_text(encoding="utf-8")
        assert 'href="#commitments-' not in html, file.name
        for place in re.findall(r'href="([^"]*25-commitment.html)"', html):
            assert (file.parent / place).is_file(), f"{file.name} leads to {place}"


def test_the_page_of_a_commitment_tells_its_whole_life(built: Path, record: Dossier) -> None:
    page = pages(built, SIXTH_ROUND)[f"border-third-country-citizens-as-of-{SIXTH_ROUND}"]
    assert "<h1>Open the land border to third-country citizens</h1>" in page.html
    assert "outstanding for 1,169 days" in page.words
    view = record.as_of(SIXTH_ROUND)
    for table, column in (("observations", "note"), ("targets", "wording")):
        rows = view.tables[table]
        for words in rows.loc[rows["commitment_id"].eq("border-third-country-citizens"), column]:
            assert words in page.words, words


@pytest.mark.parametrize("day", DAYS)
def test_every_mention_of_an_actor_leads_to_its_page_or_else_to_the_roster(
    built: Path, record: Dossier, day: str
) -> None:
    named = record.as_of(day).events["actors"].explode().value_counts()
    often = {name for name, count in named.items() if count >= 3}
    suffix = "" if day == "latest" else f"-as-of-{day}"
    assert {one.parent.name for one in (built / day).glob("actors/*/35-actor.html")} == {
        f"{name}{suffix}" for name in often
    }
    for file in (built / day).rglob("[0-9][0-9]-*.html"):
        html = file.read_text(encoding="utf-8")
        for place in re.findall(r'href="([^"]*35-actor.html)"', html):
            assert (file.parent / place).is_file(), f"{file.name} leads to {place}"
        roster = set(re.findall(r'href="[^"]*#actors-([a-z0-9-]+)"', html))
        assert not roster & often, file


def test_the_pages_of_a_state_an_envoy_and_an_organisation_tell_all_that_names_them(
    built: Path, record: Dossier
) -> None:
    found = pages(built, "latest")
    for name in ("arm", "serdar-kilic", "epc"):
        row, page = record.row("actors", name), found[name]
        assert f"<h1>{row['name']}</h1>" in page.html
        for words in (*row["aliases"], *record.related("actors", name, to="events")["title"]):
            assert words in page.words, words


def test_a_page_about_a_row_shows_its_name_and_not_its_key(built: Path) -> None:
    page = pages(built, "latest")["nikol-pashinyan"]
    facts = re.findall(r'<dl class="facts">(.*?)</dl>', page.html, flags=re.S)
    assert "<h1>Nikol Pashinyan</h1>" in page.html
    assert len(facts) == 1
    assert "nikol-pashinyan" not in facts[0]


@pytest.mark.parametrize("day", DAYS)
def test_every_figure_has_words_and_data_beside_it(built: Path, day: str) -> None:
    for name, page in pages(built, day).items():
        for figure in re.findall(r"<figure.*?</figure>", page.html, flags=re.S):
            assert "<figcaption" in figure, name
            assert "In words" in figure, name


def test_the_same_order_gives_the_same_bytes_elsewhere(built: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "bir yer ş"
    elsewhere.mkdir()
    odd = {"TZ": "Asia/Yerevan", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    done = run(elsewhere / PAST, "baseline", "--as-of", PAST, "--jobs", "1", **odd)
    assert done.returncode == 0, done.stdout + done.stderr
    for name, page in pages(elsewhere, PAST).items():
        assert page.html == pages(built, PAST)[name].html, name


def test_a_changed_event_rebuilds_the_rounds_that_had_seen_it_and_no_others(
    record: Dossier, tmp_path: Path
) -> None:
    copied = shutil.copytree(data_folder() / record.package.folder.name, tmp_path / "d" / "copy")
    rounds = record.events.dropna(subset="round")
    title = rounds["title"].iloc[-3]
    first = ["rounds", "--only", "10-timeline", "--dataset", str(copied), "--json"]
    run(tmp_path / "out", *first)
    events = copied / "events.csv"
    events.write_text(events.read_text("utf-8").replace(title, f"{title} (corrected)"), "utf-8")
    again = json.loads(run(tmp_path / "out", *first).stdout)
    status = {one["place"].split("/")[1][:10]: one["status"] for one in again["reports"]}
    seen = ["unchanged"] * (len(rounds) - 3) + ["built"] * 3
    assert status == dict(zip(rounds["date"], seen, strict=True))


def test_a_day_before_the_record_says_that_nothing_is_recorded(built: Path) -> None:
    for name, page in pages(built, EMPTY).items():
        assert "nothing is recorded yet" in page.words.lower(), name


def later_rows(record: Dossier, day: str) -> Iterator[tuple[str, str, str]]:
    """Table, id and name of every row that is in the record and not in the view of a day."""
    view = record.as_of(day)
    for table in ("events", "commitments", "actors", "links", "sites", "phases"):
        known = view.labels(table)
        for key, name in record.labels(table).items():
            if key not in known:
                yield table, key, "" if name in known.values() else name


@pytest.mark.parametrize("day", [PAST, SIXTH_ROUND])
def test_nothing_that_came_later_is_named_anywhere(built: Path, record: Dossier, day: str) -> None:
    for name, page in pages(built, day).items():
        for table, key, title in later_rows(record, day):
            assert f'"{table}/{key}"' not in page.html, f"{name} leads to {key}"
            assert f'id="{table}-{key}"' not in page.html, f"{name} holds {key}"
            if len(title) > 12:
                assert title not in page.words, f"{name} names “{title}”"


def plans(view: Dossier) -> set[date]:
    """Days that were named ahead, in public, by the day of a view."""
    stated = (view.commitments["title"], view.events["title"], view.targets["wording"])
    titles = " . ".join(text for column in stated for text in column)
    targets = view.targets[["target_earliest", "target_latest"]].stack().dropna()
    return {*(day.date() for day in targets), *named_days(titles)}


@pytest.mark.parametrize("day", [PAST, SIXTH_ROUND])
def test_no_later_day_is_spelt_out_except_plans_of_then(
    built: Path, record: Dossier, day: str
) -> None:
    view = record.as_of(day)
    planned = {(plan.year, plan.month) for plan in plans(view)} | {
        (plan.year, 1) for plan in plans(view)
    }
    for name, page in pages(built, day).items():
        text = COORDINATES.sub(" ", page.words).replace(record.version, "")
        found = {one for one in named_days(text) if pd.Timestamp(one) > view.day}
        unplanned = {one for one in found if (one.year, one.month) not in planned}
        assert not unplanned, f"{name} names {sorted(unplanned)}"


STATEMENTS = {
    "10-timeline": [
        "events/2025-09-12-envoys-yerevan",
        "events/2022-07-01-envoys-vienna-4",
        "events/1993-04-03-border-closed",
        "events/2021-12-15-kilic-appointed",
        "events/2021-12-18-rubinyan-appointed",
        "events/2023-02-11-margara-first-convoy",
        "events/2025-03-21-margara-syria-aid",
        "events/2024-01-12-margara-renovated",
    ],
    "20-commitments": [
        "commitments/full-normalization",
        "commitments/border-process-faster-2025",
        "commitments/border-third-country-citizens",
        "commitments/kars-gyumri-railway-technical-work",
        "commitments/electricity-interconnector-technical-work",
        "commitments/scholarships",
        "commitments/ani-bridge-restoration",
        "commitments/more-airlines",
        "commitments/margara-renovation",
    ],
    "40-connectivity": [
        "links/road-margara-alican",
        "links/rail-kars-gyumri",
        "links/power-gyumri-kars",
        "links/bridge-ani",
    ],
}
"""Where each statement of the article of 12 September 2025 stands (data/NOTES.md)."""


def test_the_statements_of_the_first_article_are_all_found(built: Path) -> None:
    found = pages(built, SIXTH_ROUND)
    for name, rows in STATEMENTS.items():
        for row in rows:
            anchor = row.replace("/", "-", 1)
            assert f'id="{anchor}"' in found[name].html, f"{name} lacks {row}"


def test_the_date_of_the_aid_for_syria_is_shown_as_contradicted(built: Path) -> None:
    words = " ".join(pages(built, SIXTH_ROUND)["10-timeline"].words.split())
    assert "March 2024" in words
    assert "21 March 2025" in words or "2025-03-21" in words


@pytest.mark.parametrize("day", DAYS)
def test_no_page_uses_a_loaded_term_outside_quotations(built: Path, day: str) -> None:
    for name, page in pages(built, day).items():
        text = narrated(page.html)
        assert text, name
        for reported in REPORTED:
            text = text.replace(reported, "")
        found = LOADED.search(text)
        assert not found, f"{name}: {text[found.start() - 60 : found.end() + 60]}"


def test_what_is_let_pass_as_reported_speech_is_in_the_pages(built: Path) -> None:
    told = " ".join(narrated(page.html) for page in pages(built, "latest").values())
    assert [words for words in REPORTED if words not in told] == []


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        path = os.environ.get("CHROMIUM", "/usr/bin/chromium")
        assert Path(path).exists(), "These tests need Chromium: apt-get install chromium"
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.parametrize("width", [390, 1440])
def test_pages_open_from_the_file_system_and_fit(built: Path, browser: Browser, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, offline=True)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda one: one.url.startswith("file:") or complaints.append(one.url))
    for file in sorted((built / "latest").rglob("*.html")):
        page.goto(file.as_uri())
        if page.query_selector(".plot"):  # a function that polls would break the page's own policy
            page.wait_for_selector("html[data-drawn]", state="attached")
        assert not complaints, f"{file.name}: {complaints}"
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{file.name} is {wide} pixels wide"
    context.close()


NUMBERS = "none one two three four five six seven eight nine ten eleven twelve".split()
ORDINALS = "none first second third fourth fifth sixth seventh eighth ninth tenth".split()

SAME = [
    (r"([\w,]+) commitments? (?:is|are) counted", "20-commitments", r"of ([\d,]+) counted"),
    (r"[:,] (\w+) fulfilled", "20-commitments", r"([\d,]+) of [\d,]+ counted"),
    (r"possible sum, is (\d+\.\d+)", "20-commitments", r"with a level is (\d+\.\d+)"),
    (r"\(\d+ of (\d+)\)", "20-commitments", r"the index over the (\d+) with a level", 3),
    (r"of ([\w]+) running commitments", "20-commitments", r"implemented, ([\d,]+) still run"),
    (
        r"silences: “[^”]*” \(([\d,]+) days",
        "20-commitments",
        r": (?:at least )?([\d,]+) days, last",
    ),
    (
        r"([\w,]+) events? (?:is|are) on record in",
        "50-changes",
        r"([\d,]+) events are on record between",
    ),
    (r"(\w+) commitments were made", "50-changes", r"([\d,]+) were made"),
    (r"numbered round was the (\w+),", "10-timeline", r"([\d,]+) numbered rounds are recorded"),
    (r"([\d,]+) days after the one before", "10-timeline", r"and ([\d,]+) days apart"),
    (r"that is ([\d,]+) days ago", "10-timeline", r", ([\d,]+) days before the last day"),
    (r"Of (\w+) links between", "40-connectivity", r"Of ([\d,]+) links between"),
    (r"on record, (\w+) (?:is|are) open", "40-connectivity", r"record, (\w+) (?:is|are) open on"),
    (r"contradict each other on ([\w,]+) point", "70-contradictions", r"On ([\d,]+) points? the"),
    (
        r"(\w+) of which (?:is|are) unres",
        "70-contradictions",
        r"; (\w+) of them (?:is|are) left open",
    ),
]
"""What the brief says, the page that it comes from, what that says, and how often it counts."""


def number(word: str) -> float:
    """Return a number that stands in digits or in words."""
    word = word.lower().replace(",", "")
    for words in (NUMBERS, ORDINALS):
        if word in words:
            return words.index(word)
    return float(word)


@pytest.mark.parametrize("day", ["latest", SIXTH_ROUND])
def test_every_number_of_the_brief_is_that_of_the_page_it_comes_from(built: Path, day: str) -> None:
    found = {name: sentences_of(page.html) for name, page in pages(built, day).items()}
    compared = 0
    for told, source, there, *times in SAME:
        here, page = re.search(told, found["90-brief"]), re.search(there, found[source])
        if here and here.group(1):
            assert page, f"{source} says nothing like {there}"
            assert number(here.group(1)) == number(page.group(1)) * (times or [1])[0], told
            compared += 1
    assert compared >= len(SAME) - 2


def sentences_of(html: str) -> str:
    """Return the findings of a page, without the numbers of their sources."""
    notes = " ".join(re.findall(r'<p class="finding[^>]*>(.*?)</p>', html, flags=re.S))
    return unescape(re.sub(r"<[^>]*>", "", re.sub(r"<sup.*?</sup>", "", notes, flags=re.S)))


PAIRS = [
    ("2024-07-30", "2025-09-12"),
    ("2025-09-12", "latest"),
    ("1993-04-03", "2008-09-06"),
    ("2018-09-20", "2018-09-25"),
    ("2023-04-11", "2025-12-31"),
    ("2024-07-30", "latest"),
    ("1900-01-01", "1900-01-01"),
]


@pytest.fixture(scope="module")
def briefs(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Path]:
    """The brief of several pairs of days; among them are the longest that were found."""
    folder = tmp_path_factory.mktemp("briefs")
    found = {}
    for since, day in PAIRS:
        out = folder / f"{since}-{day}"
        done = run(out, "baseline", "--only", "90-brief", "--since", since, "--as-of", day)
        assert done.returncode == 0, done.stdout + done.stderr
        [found[since, day]] = out.rglob("90-brief.html")
    return found


@pytest.mark.parametrize("pair", PAIRS)
def test_a_brief_is_two_printed_pages(
    briefs: dict[tuple[str, str], Path], browser: Browser, pair: tuple[str, str]
) -> None:
    page = browser.new_page()
    page.goto(briefs[pair].as_uri())
    page.wait_for_selector("html[data-drawn]", state="attached")
    page.emulate_media(media="print")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    page.close()
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 2
