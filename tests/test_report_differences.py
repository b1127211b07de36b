"""A difference of two releases is told as text, as JSON and as a page."""

import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from normlib import releases
from normlib.package import PROJECT, find
from normlib.releases import diff, release
from normlib.report.differences import (
    MOST_LINES,
    MOST_ROWS,
    TELLING,
    Told,
    as_json,
    excerpts,
    lines,
    page,
    recoded_words,
)
from tests.tiny import tiny_package

TEMPLATE = PROJECT / "reports" / "template"
HOSTILE = "<script>alert('x')</script> & Co"


def told(folder: Path, older: list[dict[str, Any]], newer: list[dict[str, Any]]) -> Told:
    first = {"coversUntil": "2020-12-31", "version": "2021-01-01"}
    a, b = (
        release(find(tiny_package(folder / side, descriptor=about, events=rows)))
        for side, about, rows in (("a", first, older), ("b", {}, newer))
    )
    return Told(diff(a, b), "v1", "v2")


def events(count: int, **cells: str) -> list[dict[str, Any]]:
    return [{"event_id": f"2020-01-{day:02}-talks", **cells} for day in range(1, count + 1)]


@pytest.fixture
def much(tmp_path: Path) -> Told:
    """Of every kind of difference something, except for maps and rows that were renamed."""
    older = [*events(25, type="talks"), {"event_id": "2019-gone", "title": HOSTILE}]
    newer = [
        *events(25, type="meeting"),
        {"event_id": "1999-late", "title": HOSTILE},
        {"event_id": "2021-02-01-new"},
        {"event_id": "2020-or-later", "date": "2020-06/2021"},
    ]
    newer[3] = {**newer[3], "title": "Mended"}
    return told(tmp_path, older, newer)


def test_the_text_begins_with_what_matters_most(much: Told) -> None:
    text = list(lines(much))
    assert "v1  release 2021-01-01, covers until 31 December 2020" in text[1]
    assert (
        text[4]
        == "Of 3 added rows, 1 (33 %) was learned late: the older release could have held it."
    )
    counts = {
        line.split()[1]: int(line.split()[0])
        for line in text[5 : text.index("     none  renamed, maps")]
    }
    assert counts == {kind: count for kind, count in much.difference.counts.items() if count}


def test_a_recoded_column_is_one_line(much: Told) -> None:
    assert "  events.type: talks → meeting in 25 of 25 rows" in list(lines(much))
    assert sum("talks → meeting" in line for line in lines(much)) == 1


def test_a_row_is_named_by_its_table_and_key_and_says_why_it_is_of_its_kind(much: Told) -> None:
    text = "\n".join(lines(much))
    assert re.search(r"New\n  events/2021-02-01-new  2021-02-01  .*\[dated later\]", text)
    assert re.search(r"Late-learned\n  events/1999-late  1999  .*\[dated by then\]", text)
    assert re.search(
        r"Undated\n  events/2020-or-later  2020-06/2021  .*\[dated too vaguely\]", text
    )


def test_the_text_lists_a_few_and_counts_the_rest(tmp_path: Path) -> None:
    text = list(lines(told(tmp_path, [], events(MOST_LINES + 7))))
    assert "  … and 7 more: see --out or --json" in text
    assert sum("events/2020" in line for line in text) == MOST_LINES


def test_lines_are_not_too_long_whatever_the_texts(tmp_path: Path) -> None:
    older = [{"event_id": "2020-x", "title": "word " * 100, "summary": "s" * 500}]
    newer = [
        {**older[0], "title": "other " * 100, "summary": "t" * 500},
        *events(1, title="y" * 500),
    ]
    assert max(map(len, lines(told(tmp_path, older, newer)))) < 260


def test_releases_that_are_the_same_are_said_to_be_the_same(tmp_path: Path) -> None:
    a = release(find(tiny_package(tmp_path)))
    text = list(lines(Told(diff(a, a), "v1", "v2")))
    assert text[-1] == "The two releases are the same, cell by cell."
    assert "The two releases are the same" in page(Told(diff(a, a), "v1", "v2"), TEMPLATE).decode()


def test_json_holds_every_difference(much: Told) -> None:
    found = json.loads(json.dumps(as_json(much), allow_nan=False))
    assert found["older"] == {"name": "v1", "version": "2021-01-01", "coversUntil": "2020-12-31"}
    assert set(found) == {"older", "newer", "counts", *releases.KINDS}
    for kind in releases.KINDS:
        assert len(found[kind]) == found["counts"][kind]
    assert found["recoded"][0]["pairs"] == [{"before": "talks", "after": "meeting", "rows": 25}]
    assert found["late-learned"][0]["title"] == HOSTILE


def test_the_page_stands_alone_and_runs_nothing(much: Told) -> None:
    html = page(much, TEMPLATE).decode("utf-8")
    assert "default-src &#39;none&#39;" in html
    assert "<script" not in html
    assert "&lt;script&gt;alert" in html
    assert not re.search(r'(?:src|href)="(?!#)', html)
    assert html.count("<h1") == 1
    assert 'lang="en"' in html


def test_the_page_has_a_section_for_each_kind_that_there_is(much: Told) -> None:
    html = page(much, TEMPLATE).decode("utf-8")
    for kind, count in much.difference.counts.items():
        assert (f">{TELLING[kind].question}</h2>" in html) == (count > 0)


def test_the_page_lists_many_and_says_how_many_there_are(tmp_path: Path) -> None:
    many = [{"event_id": f"2020-x{at}", "date": "2020"} for at in range(MOST_ROWS + 5)]
    html = page(told(tmp_path, [], many), TEMPLATE).decode("utf-8")
    assert "Late-learned: 1,005 rows; the first 1,000 of them." in html
    assert len(set(re.findall(r"2020-x\d+", html))) == MOST_ROWS


def test_the_same_difference_gives_the_same_page(much: Told) -> None:
    assert page(much, TEMPLATE) == page(much, TEMPLATE)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("", "yes", ("(blank)", "yes")),
        ("35", "36", ("35", "36")),
        ("tur;arm", "tur;geo;arm", ("tur;arm", "tur;geo;arm")),
        (
            "The crossing was open to lorries only, said the ministry of transport",
            "The crossing was open to all lorries, said the ministry of transport",
            (
                "…crossing was open to lorries only, said the ministry of…",
                "…crossing was open to all lorries, said the ministry of…",
            ),
        ),
    ],
)
def test_of_two_texts_what_differs_is_shown_in_whole_words(
    before: str, after: str, told: tuple[str, str]
) -> None:
    assert excerpts(before, after) == told


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        ([("a", "x", 12)], "a → x in 12 of 30 rows; 3 rows keep an old text"),
        (
            [("a", "x", 7), ("b", "y", 5)],
            "a → x (7), b → y (5); in 12 of 30 rows; 3 rows keep an old text",
        ),
        (
            [("a", "x", 7), ("a", "y", 5)],
            "a → x (7), a → y (5); in 12 of 30 rows, one text in several ways; "
            "3 rows keep an old text",
        ),
        (
            [(str(at), f"{at}.0", 1) for at in range(12)],
            "changed in 12 of 30 rows, mostly each in its own way, such as 0 → 0.0; "
            "3 rows keep an old text",
        ),
    ],
)
def test_a_recoded_column_says_what_became_what(pairs: list[Any], words: str) -> None:
    frame = pd.DataFrame(pairs, columns=["before", "after", "rows"])
    row = {
        "scope": "column",
        "changed": 12,
        "rows": 30,
        "kept": 3,
        "is_function": frame["before"].is_unique,
        "pairs": frame,
    }
    assert recoded_words(row) == words
