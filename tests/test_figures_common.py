"""Words, tables and sentences: what they say, and that nothing in them is markup."""

import pandas as pd
import plotly.graph_objects as go
import pytest

import normlib
from normlib.figures.common import cited, coverage_note, sources_table
from normlib.figures.tables import NOTE_MIME, TABLE_MIME, Link, Note, Notes, Table, parts_of
from normlib.figures.theme import empty_figure, finish, words_of
from normlib.figures.words import count_words, date_words, day_words, list_words, number_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2022-07-01", "1 July 2022"),
        ("2022-11", "November 2022"),
        ("2026", "2026"),
        ("2022-04~", "about April 2022"),
        ("2026?", "2026 (uncertain)"),
        ("../2022-08", "by August 2022"),
        ("2022-07-01/2022-07-07", "1 July 2022 to 7 July 2022"),
        (float("nan"), ""),
    ],
)
def test_a_date_is_written_with_the_precision_it_has(text: object, words: str) -> None:
    assert date_words(text) == words


def test_counts_lists_and_numbers_read_as_in_a_sentence() -> None:
    assert count_words(1, "event") == "1 event"
    assert count_words(1204, "country", "countries") == "1,204 countries"
    assert list_words(["a"]) == "a"
    assert list_words(["a", "b", "c"]) == "a, b and c"
    assert list_words([]) == ""
    assert number_words(1234.5, "km", 1) == "1,234.5 km"
    assert number_words(None) == "–"
    assert day_words(pd.Timestamp("2025-09-12")) == "12 September 2025"


def test_a_note_is_one_sentence_with_links_and_sources_each_once() -> None:
    note = Note(["See ", Link("the bridge", "links", "bridge-ani"), "."], sources=["a", "b", "a"])
    assert str(note) == "See the bridge."
    assert note.as_json()["parts"] == [
        {"t": "See "},
        {"t": "the bridge", "row": "links/bridge-ani"},
        {"t": "."},
        {"src": "a"},
        {"src": "b"},
    ]


@pytest.mark.parametrize(("count", "seen"), [(1, "s0"), (3, "s0, s1, s2"), (42, "42 sources")])
def test_a_notebook_shows_few_sources_by_their_ids_and_many_by_their_number(
    count: int, seen: str
) -> None:
    ids = [f"s{at}" for at in range(count)]
    note = Note("A sentence.", sources=ids)
    table = Table(pd.DataFrame({"sources": [tuple(ids)]}), {"sources": "Sources"}, caption="C")
    for one in (note, Notes([note]), table):
        html = one._repr_mimebundle_()["text/html"]
        assert f">[{seen}]</small>" in html
        assert (f'title="{", ".join(ids)}"' in html) == (count > 3)
    assert repr(note) == repr(Notes([note])) == f"A sentence. [{seen}]"
    assert note._repr_mimebundle_()["text/plain"] == repr(note)
    assert repr(table) == "C (1 rows)"


def test_a_page_gets_every_source_of_a_sentence_and_of_a_cell() -> None:
    ids = [f"s{at}" for at in range(42)]
    parts = [{"src": name} for name in ids]
    note = Note("A sentence.", sources=ids)._repr_mimebundle_()
    frame = pd.DataFrame({"sources": [tuple(ids)]})
    table = Table(frame, {"sources": "Sources"}, caption="C")._repr_mimebundle_()
    assert note[NOTE_MIME]["parts"] == [{"t": "A sentence."}, *parts]
    assert table[TABLE_MIME]["rows"][0]["cells"] == [parts]


def test_text_in_notes_and_tables_is_never_markup() -> None:
    evil = "<img src=x onerror=alert(1)>"
    note = Note(evil)._repr_mimebundle_()
    table = Table(pd.DataFrame({"a": [evil]}), {"a": evil}, caption=evil)._repr_mimebundle_()
    notes = Notes([Note(evil, sources=[f'">{evil}{at}' for at in range(9)])])._repr_mimebundle_()
    for bundle in (note, table, notes):
        assert "<img" not in bundle["text/html"]
    assert note[NOTE_MIME]["parts"] == [{"t": evil}]
    assert table[TABLE_MIME]["caption"] == evil


def test_a_table_names_its_rows_its_references_and_its_sources() -> None:
    events = pd.DataFrame(
        {"event_id": ["e"], "n": [1234], "actors": [("x", "y")], "sources": [("s", "t")]}
    )
    json = Table(
        events,
        {"n": "Number", "actors": "Actors", "sources": "Sources"},
        caption="Events",
        anchor=("events", "event_id"),
        refs={"actors": ("actors", {"x": "Mr X"})},
    ).as_json()
    assert [column["align"] for column in json["columns"]] == ["right", "left", "left"]
    (row,) = json["rows"]
    assert row["id"] == "events/e"
    assert row["cells"] == [
        [{"t": "1,234"}],
        [{"t": "Mr X", "row": "actors/x"}, {"t": "; "}, {"t": "y", "row": "actors/y"}],
        [{"src": "s"}, {"src": "t"}],
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (pd.NaT, ""),
        (pd.NA, ""),
        (0, "0"),
        (2.0, "2"),
        (2.345, "2.35"),
        (True, "yes"),
        (pd.Timestamp("2025-09-12"), "2025-09-12"),
        (("under_construction", "open"), "under construction, open"),
    ],
)
def test_a_cell_shows_missing_as_blank_and_never_as_zero(value: object, text: str) -> None:
    assert parts_of(value) == [{"t": text}]


def test_a_finished_figure_carries_what_a_page_needs() -> None:
    fig = finish(
        go.Figure(),
        key="k",
        title="What",
        stamp="As of 2025-09-12",
        caption="How to read it.",
        alt="What it shows.",
        sources=["a", "a", "b"],
    )
    meta = words_of(fig)
    assert meta["sources"] == ["a", "b"]
    assert meta["caption"] == [{"t": "How to read it."}]
    assert "What" in fig.layout.title.text
    assert "As of 2025-09-12" in fig.layout.title.text


def test_an_empty_figure_says_why() -> None:
    fig = empty_figure(key="k", title="What", stamp="today", reason="Nothing is recorded yet.")
    assert fig.layout.annotations[0].text == "Nothing is recorded yet."


def test_the_coverage_note_counts_what_the_view_holds() -> None:
    dossier = normlib.load()
    text = str(coverage_note(dossier))
    assert f"{len(dossier.events)} events" in text
    assert "7 June 2026" in text
    assert "last known" in text
    past = str(coverage_note(dossier.as_of("2022-07-01")))
    assert "left out" in past
    assert "2026" not in past.replace(dossier.version, "")


def test_the_coverage_note_of_an_empty_view_says_so() -> None:
    assert "nothing is recorded yet" in str(coverage_note(normlib.load().as_of("1900-01-01")))


def test_the_sources_table_lists_each_cited_page_once() -> None:
    dossier = normlib.load()
    events = dossier.events.head(5)
    listed = sources_table(dossier, events, events)
    assert set(listed.frame["source_id"]) == set(cited(events))
    assert listed.as_json()["kind"] == "sources"
