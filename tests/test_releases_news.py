"""Whether a row that one release lacks is news, or was learned late."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from normlib.package import find
from normlib.releases import Difference, diff, release
from tests.releases_kit import PAGES, events, two
from tests.tiny import tiny_package


def kinds_of(found: Difference) -> dict[str, tuple[str, str]]:
    rows = found.added[["key", "kind", "basis"]].itertuples(index=False)
    return {key: (kind, basis) for key, kind, basis in rows}


@pytest.mark.parametrize(
    ("cells", "kind", "basis"),
    [
        ({"date": "2023-01-01"}, "new", "dated later"),
        ({"date": "2022-12-31"}, "late-learned", "dated by then"),
        ({"date": "1993"}, "late-learned", "dated by then"),
        ({"date": "../2022-12"}, "late-learned", "dated by then"),
        ({"date": "1993", "known_since": "2023-05-01"}, "new", "disclosed later"),
        ({"date": "1993", "known_since": "2022-05-01"}, "late-learned", "dated by then"),
        ({"date": "2022/2023", "known_since": "2022-05-01"}, "late-learned", "disclosed by then"),
        ({"date": "2022/2023", "sources": "early"}, "late-learned", "reported by then"),
        ({"date": "2022-06/2023", "sources": "early"}, "undated", "dated too vaguely"),
        ({"date": "2022/2023", "sources": "late"}, "new", "reported later"),
        ({"date": "2022/2023", "sources": "late;undated"}, "undated", "dated too vaguely"),
        ({"date": "2022/2023", "sources": "undated"}, "undated", "dated too vaguely"),
        ({"date": "../2023-06", "sources": "late"}, "new", "reported later"),
    ],
)
def test_an_added_row_is_news_only_if_nobody_could_know_it_by_the_last_day_of_the_older_release(
    tmp_path: Path, cells: Mapping[str, str], kind: str, basis: str
) -> None:
    found = two(tmp_path, {}, {"events": [{"event_id": "x", **cells}]})
    assert kinds_of(found) == {"x": (kind, basis)}
    assert found.counts[kind] == 1


@pytest.mark.parametrize(
    ("sources", "kind"),
    [("early;late", "late-learned"), ("late", "new"), ("late;undated", "undated")],
)
def test_a_row_without_a_date_is_dated_by_the_first_page_that_tells_of_it(
    tmp_path: Path, sources: str, kind: str
) -> None:
    found = two(tmp_path, {}, {"sites": [{"site_id": "gyumri", "sources": sources}]})
    assert kinds_of(found)["gyumri"][0] == kind


def test_a_page_is_dated_by_its_publication(tmp_path: Path) -> None:
    more = [{"source_id": "old", "published": "2019"}, {"source_id": "new", "published": "2024"}]
    found = two(tmp_path, {}, {"sources": [*PAGES, *more]})
    assert {key: kind for key, (kind, _) in kinds_of(found).items()} == {
        "old": "late-learned",
        "new": "new",
    }


def test_a_row_without_date_and_sources_is_undated(tmp_path: Path) -> None:
    found = two(tmp_path, {}, {"actors": [{"actor_id": "osce", "name": "OSCE", "kind": "body"}]})
    assert kinds_of(found) == {"osce": ("undated", "no date")}


def test_without_a_last_day_of_the_older_release_nothing_is_called_late(tmp_path: Path) -> None:
    a = release(find(tiny_package(tmp_path / "a", descriptor={"coversUntil": ""})))
    b = release(find(tiny_package(tmp_path / "b", events=events(2))))
    assert diff(a, b).counts["undated"] == 2


def test_a_withdrawn_row_is_named_with_its_title_and_date(tmp_path: Path) -> None:
    found = two(tmp_path, {"events": [{"event_id": "2020-02-01-x", "title": "Talks"}]}, {})
    assert found.withdrawn.to_numpy().tolist() == [
        ["events", "2020-02-01-x", "Talks", "2020-02-01"]
    ]
