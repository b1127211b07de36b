"""The feed of changes: what RFC 4287 asks of it, what its ids promise, and when it is written."""

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from normlib import changes, load
from normlib.dossier import Dossier
from normlib.report.build import build
from normlib.report.feed import ATOM, AUTHORITY, MOST, XHTML, feed, feed_place
from normlib.report.jobs import Executed
from normlib.report.plan import Order
from normlib.report.project import Project
from tests.pages_kit import NOTE_MIME, dataset, executed, note, project, shown
from tests.test_report_build import DIED, Engine, Silent, engine_here
from tests.tiny import tiny_dossier

Element = ElementTree.Element

GOOD = executed(shown(note(), NOTE_MIME))
PAGES = {
    "10-timeline": "baseline/latest/10-timeline.html",
    "50-changes": "b/latest/50-changes.html",
}
UNTIL = {"coversUntil": "2023-01-01"}
TALKS = {"event_id": "2022-07-01-talks", "title": "Talks & more", "sources": "s"}
FEED = "feed-turkiye-armenia.xml"

DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
"""A date of RFC 3339, as RFC 4287 wants it: upper-case T and Z."""

TAG = re.compile(
    r"tag:(?P<name>[a-z0-9-]+(\.[a-z0-9-]+)+),\d{4}(-\d\d){0,2}:([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})*"
)
"""An id of RFC 4151: a name, the day on which it was held, and what it names."""


@cache
def record() -> Dossier:
    return load()


def read(content: bytes) -> Element:
    return ElementTree.fromstring(content)


def all_of(parent: Element, name: str) -> list[Element]:
    return parent.findall(f"{{{ATOM}}}{name}")


def text(parent: Element, name: str) -> str:
    """The text of the one element of a name."""
    (found,) = all_of(parent, name)
    return found.text or ""


def entries(content: bytes) -> dict[str, str]:
    """Entries as they are written, by id."""
    return {
        text(one, "id"): ElementTree.tostring(one, "unicode").strip()
        for one in all_of(read(content), "entry")
    }


def told(content: bytes) -> str:
    return " ".join("".join(read(content).itertext()).split())


def tiny(folder: Path, *events: dict[str, Any], **tables: Any) -> Dossier:
    return tiny_dossier(folder, descriptor=UNTIL, events=[*events], **tables)


# What the standards ask


@pytest.mark.parametrize("day", ["latest", "2022-07-01", "1900-01-01"])
def test_a_feed_has_what_rfc_4287_requires(day: str) -> None:
    top = read(feed(record().as_of(day), PAGES))
    assert top.tag == f"{{{ATOM}}}feed"
    assert TAG.fullmatch(text(top, "id"))
    assert text(top, "title")
    assert DATE.fullmatch(text(top, "updated"))
    assert all(text(author, "name") for author in all_of(top, "author"))
    assert all_of(top, "author")
    links = [(one.get("rel"), one.get("type")) for one in all_of(top, "link")]
    assert links == [("self", "application/atom+xml"), ("alternate", "text/html")]
    assert {one.tag.partition("}")[0].lstrip("{") for one in top.iter()} <= {ATOM, XHTML}


def test_an_entry_has_what_rfc_4287_requires() -> None:
    found = all_of(read(feed(record(), PAGES)), "entry")
    assert len(found) == MOST
    for entry in found:
        assert TAG.fullmatch(text(entry, "id"))
        assert text(entry, "title")
        assert DATE.fullmatch(text(entry, "updated"))
        (link,) = all_of(entry, "link")
        assert (link.get("rel"), bool(link.get("href"))) == ("alternate", True)
        (summary,) = all_of(entry, "summary")
        assert summary.get("type") == "xhtml"
        assert [child.tag for child in summary] == [f"{{{XHTML}}}div"]
        assert not (summary.text or "").strip()


def test_ids_are_unique_and_the_newest_entry_comes_first() -> None:
    top = read(feed(record(), PAGES))
    ids = [text(top, "id"), *(text(one, "id") for one in all_of(top, "entry"))]
    assert len(set(ids)) == len(ids)
    days = [text(one, "updated") for one in all_of(top, "entry")]
    assert days == sorted(days, reverse=True)
    assert text(top, "updated") >= days[0]


def test_an_id_names_record_table_and_row_under_a_name_that_is_nobodys(tmp_path: Path) -> None:
    content = feed(tiny(tmp_path, TALKS), PAGES)
    (found,) = entries(content)
    assert unquote(found) == f"tag:{AUTHORITY}:turkiye-armenia/events/2022-07-01-talks"
    assert AUTHORITY.partition(",")[0].endswith(".invalid")


# What a reader can rely on


def test_an_id_and_its_entry_stay_when_later_rows_are_added(tmp_path: Path) -> None:
    before = entries(feed(tiny(tmp_path / "a", TALKS), PAGES))
    later = {"event_id": "2022-09-01-call"}
    after = entries(feed(tiny(tmp_path / "b", TALKS, later), PAGES))
    assert before.items() <= after.items()
    assert len(after) == len(before) + 1


def test_entries_of_an_earlier_day_are_those_of_the_later_one() -> None:
    """What is said of them may grow: a source that was published later is withheld before."""

    def heads(view: Dossier) -> dict[str, tuple[str, ...]]:
        found = all_of(read(feed(view, PAGES)), "entry")
        return {
            text(one, "id"): tuple(text(one, name) for name in ("title", "updated"))
            for one in found
        }

    then, now = heads(record().as_of("2026-04-01")), heads(record())
    both = then.keys() & now.keys()
    assert len(both) > MOST // 2
    assert all(then[name] == now[name] for name in both)


def test_an_entry_tells_what_stood_before_and_after_when_and_by_whom(tmp_path: Path) -> None:
    states = [("1990-01-01", "closed"), ("2022-08-01", "open"), ("2022-09-01", "open")]
    sites = [{"site_id": "a"}, {"site_id": "b"}]
    road = {"link_id": "road", "name": "The road", "from_site": "a", "to_site": "b"}
    view = tiny(
        tmp_path,
        sites=sites,
        links=[road],
        link_states=[
            {"link_id": "road", "since": since, "state": state, "note": "As seen."}
            for since, state in states
        ],
    )
    last, opened, first = all_of(read(feed(view, PAGES)), "entry")
    words = " ".join("".join(opened.itertext()).split())
    assert text(opened, "title") == "The road: open"
    assert "As seen. Before: closed. Now: open. State of a link, dated 1 August 2022" in words
    assert "Sources: A paper, A page (1 January 2020)." in words
    assert "Unchanged: open." in "".join(last.itertext())
    assert "Before: nothing on record. Now: closed." in "".join(first.itertext())


def test_a_vague_date_is_not_sharpened(tmp_path: Path) -> None:
    event = {"event_id": "2022-02-offer", "date": "2022-02", "known_since": "2022-09-07"}
    assert "Event, dated February 2022, public by 7 September 2022." in told(
        feed(tiny(tmp_path, event), PAGES)
    )


def test_an_entry_leads_to_its_row_or_to_what_stands(tmp_path: Path) -> None:
    view = tiny(tmp_path, TALKS)

    def leads(pages: dict[str, str]) -> str:
        (entry,) = all_of(read(feed(view, pages)), "entry")
        return str(all_of(entry, "link")[0].get("href"))

    assert leads(PAGES) == "baseline/latest/10-timeline.html#events-2022-07-01-talks"
    assert leads({"50-changes": "x/y/50-changes.html"}) == "x/y/50-changes.html"
    assert leads({}) == "index.html"


def test_what_a_row_says_is_text_and_an_unsafe_address_no_link(tmp_path: Path) -> None:
    bad = {"source_id": "s", "url": "https://somebody@example.org/"}
    content = feed(tiny(tmp_path, TALKS, sources=[bad]), PAGES)
    assert "Talks & more" in told(content)
    assert b"somebody" not in content
    assert not read(content).findall(f".//{{{XHTML}}}a")


# When it is written


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[Engine], None]:
    return engine_here(monkeypatch)


@pytest.fixture
def place(tmp_path: Path, use: object) -> Project:
    dataset(tmp_path)
    return project(tmp_path, _10_timeline=GOOD, _50_changes=GOOD)


def built(place: Project, *recipes: str, name: str = "tiny", **changes: Any) -> bytes:
    """Build, and return the feed of the record."""
    order = Order(recipes or ("baseline",), dataset=str(place.folder.parent / name), **changes)
    build(order, place, Silent())
    file = place.build / FEED
    return file.read_bytes() if file.is_file() else b""


def test_a_build_puts_the_feed_beside_the_index_which_leads_to_it(place: Project) -> None:
    content = built(place)
    index = (place.build / "index.html").read_text(encoding="utf-8")
    assert f'type="application/atom+xml" title="{record().title}: changes" href="{FEED}"' in index
    assert (
        f'<p class="feeds"><a href="{FEED}" type="application/atom+xml">Feed of changes</a>'
        in index
    )
    for link in read(content).iter(f"{{{ATOM}}}link"):
        assert (place.build / str(link.get("href")).partition("#")[0]).is_file()
    found = json.loads((place.build / "report.json").read_text(encoding="utf-8"))
    assert FEED in found["files"]


def test_unchanged_data_give_the_same_feed_whatever_else_is_built(place: Project) -> None:
    content = built(place)
    assert built(place, force=True) == content
    (place.recipes / "brief.toml").write_text('title = "B"\nnotebooks = ["50-changes"]')
    assert built(place, "brief", parameters={"since": "last"}) == content


def test_a_page_of_a_past_day_takes_nothing_from_the_feed(place: Project) -> None:
    assert len(entries(built(place, parameters={"as_of": "2022-03-01"}))) == 1
    content = built(place)
    assert len(entries(content)) == 2
    assert built(place, parameters={"as_of": "2022-03-01"}) == content


def test_a_failed_build_does_not_advance_the_feed(
    place: Project, use: Callable[[Engine], None]
) -> None:
    use(lambda job: Executed(job.notebook, DIED))
    assert built(place) == b""
    use(lambda job: Executed(job.notebook))
    content = built(place, parameters={"as_of": "2022-03-01"})
    use(lambda job: Executed(job.notebook, DIED))
    assert built(place) == content


def test_a_feed_that_was_lost_or_touched_is_made_again(place: Project) -> None:
    content = built(place)
    (place.build / FEED).unlink()
    assert built(place) == content
    (place.build / FEED).write_text("touched")
    assert built(place) == content


def test_each_dataset_has_a_feed_until_its_pages_are_gone(place: Project) -> None:
    built(place)
    folder = place.folder.parent
    described = {"name": "other", "title": "Other"}
    tiny_dossier(folder / "b", descriptor=described).package.folder.rename(folder / "other")
    built(place, name="other")
    index = (place.build / "index.html").read_text(encoding="utf-8")
    assert index.count(">Feed of changes: ") == 2
    assert "Feed of changes: Other" in index
    for file in (place.build / "baseline").glob("*/report.json"):
        if json.loads(file.read_text(encoding="utf-8"))["dataset"]["name"] == "other":
            file.unlink()
    built(place, force=True)
    assert not (place.build / feed_place("other")).exists()
    assert (place.build / FEED).is_file()


def test_a_feed_holds_what_the_frame_of_news_holds() -> None:
    rows = changes.news(record(), most=MOST)
    wanted = [f"{row.table}/{row.key}" for row in rows.itertuples()]
    found = [
        unquote(name).split(":", 2)[2].partition("/")[2] for name in entries(feed(record(), {}))
    ]
    assert found == wanted
