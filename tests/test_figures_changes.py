"""Sentences, tables and the picture of what changed."""

from __future__ import annotations

from functools import cache
from typing import Any

import pandas as pd
import pytest

from normlib import changes, commitments, connectivity, figures, load
from normlib.dossier import Dossier
from normlib.figures.tables import Note, Table
from normlib.figures.theme import words_of
from normlib.figures.words import date_words

SPANS = [
    ("2024-07-30", "2025-09-12"),
    ("2025-09-12", "2026-06-07"),
    ("1993-04-03", "2008-09-06"),
    ("2018-09-20", "2018-09-25"),
    ("1900-01-01", "1900-01-01"),
]


@cache
def record() -> Dossier:
    return load()


@cache
def compared(since: str, until: str) -> dict[str, Any]:
    before, after = record().as_of(since), record().as_of(until)
    ledger, stated = commitments.ledger(after), commitments.targets(after)
    spans = connectivity.state_spans(before), connectivity.state_spans(after)
    found = {
        "rows": changes.new_rows(before, after),
        "events": changes.new_events(before, after),
        "levels": changes.levels(commitments.ledger(before), ledger, since=before.day),
        "links": changes.links(*spans, since=before.day),
        "targets": changes.targets(commitments.targets(before), stated),
        "actors": changes.actors(before, after),
        "due": changes.due(stated, ledger, day=after.day),
        "silent": changes.silent(ledger),
    }
    changed = changes.changes(found["rows"], found["links"], found["levels"], found["targets"])
    return {
        **found,
        "counts": changes.counts(changed),
        "titles": after.labels("commitments"),
        "since": before.day,
        "day": after.day,
        "stamp": after.stamp,
        "view": after,
        "known": set(after.sources["source_id"]),
    }


def notes_of(found: dict[str, Any]) -> list[Note]:
    since, day = found["since"], found["day"]
    return [
        figures.changes_note(found["counts"], since=since, day=day),
        figures.happened_note(found["events"], since=since, day=day),
        figures.learned_note(found["rows"], since=since),
        figures.moved_levels_note(found["levels"], since=since),
        figures.moved_links_note(found["links"], since=since),
        figures.restated_note(found["targets"], since=since),
        figures.newcomers_note(found["actors"], since=since),
        figures.due_note(found["due"], day=day),
    ]


def tables_of(found: dict[str, Any]) -> list[Table]:
    days = {"since": found["since"], "stamp": found["stamp"]}
    return [
        figures.happened_table(found["events"], **days),
        figures.learned_table(found["rows"], found["view"], **days),
        figures.evidence_table(found["rows"], found["view"], **days),
        figures.moved_levels_table(found["levels"], **days),
        figures.moved_links_table(found["links"], **days),
        figures.restated_table(found["targets"], found["titles"], **days),
        figures.newcomers_table(found["actors"], **days),
        figures.due_table(found["due"], stamp=found["stamp"]),
        figures.silent_table(found["silent"], stamp=found["stamp"]),
    ]


@pytest.mark.parametrize("span", SPANS)
def test_every_sentence_ends_as_one_and_cites_only_the_view(span: tuple[str, str]) -> None:
    found = compared(*span)
    for note in notes_of(found):
        text = str(note)
        assert text.endswith("."), text
        assert "  " not in text
        assert "nan" not in text.split()
        parts = note.as_json()["parts"]
        assert {part["src"] for part in parts if "src" in part} <= found["known"]


@pytest.mark.parametrize("span", SPANS)
def test_every_table_has_a_cell_for_every_column_and_its_day(span: tuple[str, str]) -> None:
    for table in tables_of(compared(*span)):
        json = table.as_json()
        assert span[1] in json["caption"]
        assert all(len(row["cells"]) == len(json["columns"]) for row in json["rows"])


def test_every_row_of_a_table_leads_to_its_row_and_has_a_source() -> None:
    found = compared("2025-09-12", "2026-06-07")
    for table in tables_of(found):
        for row in table.as_json()["rows"]:
            parts = [part for cell in row["cells"] for part in cell]
            assert any("row" in part for part in parts), table.caption
            assert any("src" in part for part in parts), table.caption


def test_the_picture_draws_a_ring_before_and_a_disc_after() -> None:
    found = compared("2025-09-12", "2026-06-07")
    moved = found["levels"]
    fig = figures.moved_levels_figure(moved, since=found["since"], stamp=found["stamp"])
    ring, disc, words = fig.data[:3]
    assert len(ring.x) == moved["state_before"].notna().sum()
    assert len(disc.x) == len(words.text) == len(moved)
    places = {data[0]: x for data, x in zip(disc.customdata, disc.x, strict=True)}
    for row in moved.to_dict("records"):
        drawn = places[f"commitments/{row['commitment_id']}"]
        assert drawn == (-1 if pd.isna(row["level_after"]) else row["level_after"])


def test_an_arrow_joins_two_levels_only_where_they_differ() -> None:
    found = compared("2025-09-12", "2026-06-07")
    moved = found["levels"]
    fig = figures.moved_levels_figure(moved, since=found["since"], stamp=found["stamp"])
    arrows = [note for note in fig.layout.annotations if note.showarrow]
    then, now = moved["level_before"].fillna(-1), moved["level_after"].fillna(-1)
    assert len(arrows) == (moved["state_before"].notna() & (then != now)).sum()


def test_the_picture_names_its_day_and_its_table() -> None:
    found = compared("2025-09-12", "2026-06-07")
    fig = figures.moved_levels_figure(found["levels"], since=found["since"], stamp=found["stamp"])
    said = words_of(fig)
    assert "2026-06-07" in fig.layout.title.text
    assert len(said["table"]["rows"]) == len(found["levels"])
    assert said["alt"].startswith("Since 12 September 2025, 20 commitments moved")
    assert set(said["sources"]) <= found["known"]


def test_without_a_change_the_picture_and_the_sentences_say_so() -> None:
    found = compared("2018-09-20", "2018-09-25")
    fig = figures.moved_levels_figure(found["levels"], since=found["since"], stamp=found["stamp"])
    assert "No commitment changed" in fig.layout.annotations[0].text
    first = str(notes_of(found)[0])
    assert first == "No change is recorded between 20 September 2018 and 25 September 2018."


def test_what_was_learned_late_is_told_apart_from_what_happened() -> None:
    found = compared("2024-07-30", "2025-09-12")
    offer = "2024-02-turkiye-ani-proposal"
    days = {"since": found["since"], "stamp": found["stamp"]}
    happened = figures.happened_table(found["events"], **days).as_json()["rows"]
    learned = figures.learned_table(found["rows"], found["view"], **days).as_json()["rows"]

    def named(rows: list[dict[str, Any]]) -> set[str]:
        parts = (part for row in rows for cell in row["cells"] for part in cell)
        return {part["row"] for part in parts if "row" in part}

    assert f"events/{offer}" in named(learned)
    assert f"events/{offer}" not in named(happened)


def test_every_kind_of_row_and_event_has_its_words() -> None:
    from normlib.figures import changes as words

    tables = record().package.tables
    dated = {name for name, resource in tables.items() if resource.when}
    assert dated <= set(words.NOUNS)
    assert set(tables["events"].fields["type"].categories) == set(words.TYPES)
    assert set(words.KIND_WORDS) | {words.CHANGED} == set(changes.KINDS)


def test_figures_learned_since_say_their_value_with_its_unit_and_what_they_are_about() -> None:
    found = compared("2025-09-12", "latest")
    days = {"since": found["since"], "stamp": found["stamp"]}
    table = figures.learned_table(found["rows"], found["view"], **days)
    told = cells(table, "detail")
    assert all(told)
    view = found["view"]
    context = view.context.set_index("fact_id")
    for (_, row), words in zip(table.frame.iterrows(), told, strict=True):
        if row["table"] == "context":
            own = context.loc[row["key"]]
            assert f"{own['value_high']:,.10g}" in words
            assert view.labels("links").get(own["subject"], own["subject"]) in words
        if row["table"] == "effects":
            own = view.effects.set_index("effect_id").loc[row["key"]]
            assert own["study"] in words
            assert own["assumption"] in words


def test_a_silence_stands_beside_the_day_that_it_counts_from() -> None:
    found = compared("2025-09-12", "latest")
    table = figures.silent_table(found["silent"], stamp=found["stamp"])
    rows = found["silent"].head(10)
    assert cells(table, "evidence") == [date_words(text) for text in rows["rated_on"]]
    assert rows["rated_on"].ne(rows["observed_on"]).any()
    ledger = commitments.ledger(found["view"])
    later = ledger["rated_on"].ne(ledger["observed_on"]) & ledger["standing"].eq("running")
    shown = figures.ledger_table(found["view"], ledger)
    for row in ledger[later & ledger["silence_days"].notna()].to_dict("records"):
        words = f"{row['silence_days']:,}, from {date_words(row['rated_on'])}"
        assert any(str(cell).endswith(words) for cell in cells(shown, "silent"))


def cells(table: Table, column: str) -> list[str]:
    return [str(cell) for cell in table.frame[column]]
