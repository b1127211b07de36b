"""The brief: sentences that could be printed as they are."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import pandas as pd
import pytest

from normlib import changes, claims, commitments, connectivity, edtf, figures, load, timeline
from normlib.dossier import Dossier
from normlib.figures.tables import Note, Notes, Table
from tests.neutral import LOADED

SPANS = [
    ("2024-07-30", "2025-09-12"),
    ("2025-09-12", "2026-06-07"),
    ("1993-04-03", "2008-09-06"),
    ("2018-09-20", "2018-09-25"),
    ("1900-01-01", "1900-01-01"),
    ("2022-07-01", "2024-07-30"),
    ("2021-12-01", "2022-07-01"),
    ("2008-09-06", "2009-10-10"),
    ("2009-10-10", "2010-06-01"),
    ("2024-07-30", "2024-09-10"),
    ("2022-07-13", "2022-07-20"),
    ("2023-02-10", "2023-03-01"),
]


@cache
def record() -> Dossier:
    return load()


@cache
def brief(since: str, until: str) -> dict[str, Any]:
    """Everything that the notebook of the brief shows, by name."""
    before, after = record().as_of(since), record().as_of(until)
    days = {"since": before.day, "day": after.day}
    between = timeline.contacts(after, types=changes.TELLING)["event_id"]
    events = changes.new_events(before, after, between=between)
    told = changes.telling_events(events)
    earlier, ledger = commitments.ledger(before), commitments.ledger(after)
    stated = commitments.targets(after)
    rows = changes.new_rows(before, after)
    moved = changes.levels(earlier, ledger, since=before.day)
    spans = connectivity.state_spans(before), connectivity.state_spans(after)
    turned = changes.links(*spans, since=before.day)
    status = connectivity.link_status(after)
    joining = connectivity.joining_routes(status)
    lead = changes.lead(events, rows, turned, moved, joining=joining)
    tally = changes.tally(events, rows, turned, moved, joining=joining)
    index, change = commitments.index(ledger), commitments.index_change(earlier, ledger)
    restated = changes.targets(commitments.targets(before), stated)
    changed = changes.changes(rows, turned, moved, restated)
    disputed = changes.disputed(claims.contradictions(after), changed)
    due = changes.due(stated, ledger, day=after.day)
    rounds = timeline.rounds(after)
    silent = changes.silent(ledger)
    return {
        "lead": figures.brief_lead(lead, after, since=before.day),
        "rest": figures.brief_rest(lead, tally, status, after),
        "events": figures.brief_events_note(told, events, rounds, **days),
        "told": figures.brief_events_table(told, after),
        "promises": figures.brief_promises_note(index, change, **days),
        "ledger": figures.brief_ledger_table(moved, after, since=before.day),
        "links": figures.brief_links_note(status, after),
        "links table": figures.brief_links_table(status, after),
        "due": figures.brief_due_notes(due, day=after.day),
        "silence": figures.brief_silence_note(silent, day=after.day),
        "contradictions": figures.brief_contradictions_notes(disputed),
        "frames": {
            "told": told,
            "lead": lead,
            "index": index,
            "change": change,
            "status": status,
            "rounds": rounds,
        },
        "known": set(after.sources["source_id"]),
    }


def sentences(found: dict[str, Any]) -> list[Note]:
    shown = [part for part in found.values() if isinstance(part, Note | Notes)]
    return [note for part in shown for note in ([part] if isinstance(part, Note) else part.notes)]


def cells(found: dict[str, Any]) -> list[str]:
    tables = [part.as_json() for part in found.values() if isinstance(part, Table)]
    rows = [row for table in tables for row in table["rows"]]
    return [part["t"] for row in rows for cell in row["cells"] for part in cell if "t" in part]


@pytest.mark.parametrize("span", SPANS)
def test_sentences_read_as_sentences(span: tuple[str, str]) -> None:
    for note in sentences(brief(*span)):
        text = str(note)
        assert text[0].isupper() or text[0].isdigit(), text
        assert text.endswith("."), text
        for fault in ("  ", " ,", " .", "..", "()", "((", "“”", " nan", "None,", "NaT", "_"):
            assert fault not in text, text
        assert text.count("“") == text.count("”"), text
        assert text.count("(") == text.count(")"), text
        assert not re.search(r"\bone \w+s\b (were|are|have)|\b1 \w+s\b", text), text


@pytest.mark.parametrize("span", SPANS)
def test_narration_holds_no_loaded_term(span: tuple[str, str]) -> None:
    found = brief(*span)
    narrated = [re.sub(r"“[^”]*”", "", str(note)) for note in sentences(found)]
    for text in (*narrated, *cells(found)):
        assert not LOADED.search(text), text


@pytest.mark.parametrize("span", SPANS)
def test_every_source_that_is_cited_is_in_the_view(span: tuple[str, str]) -> None:
    found = brief(*span)
    for note in sentences(found):
        cited = {part["src"] for part in note.as_json()["parts"] if "src" in part}
        assert cited <= found["known"]


@pytest.mark.parametrize("span", SPANS)
def test_every_sentence_that_names_a_row_cites_a_source(span: tuple[str, str]) -> None:
    for note in sentences(brief(*span)):
        parts = note.as_json()["parts"]
        if any("row" in part for part in parts):
            assert any("src" in part for part in parts), str(note)


@pytest.mark.parametrize("span", SPANS)
def test_nothing_later_than_its_day_is_told_as_past(span: tuple[str, str]) -> None:
    found = brief(*span)
    year = int(span[1][:4])
    told = [
        note for name in ("lead", "rest", "events", "promises", "silence") for note in [found[name]]
    ]
    for note in (*told, found["links"]):
        words = re.sub(r"“[^”]*”", "", str(note))
        assert all(int(named) <= year for named in re.findall(r"\b(?:19|20)\d\d\b", words)), words


def test_the_first_sentence_says_what_changed_most() -> None:
    text = str(brief("2025-09-12", "2026-06-07")["lead"])
    assert text.startswith(
        "Since 12 September 2025, four commitments were fulfilled: “Allow direct"
    )


def test_links_that_opened_and_shut_are_told_in_one_sentence() -> None:
    shut, opened = (
        brief(*span)["frames"]["lead"]
        for span in (("2019-01-01", "2020-12-31"), ("2025-09-30", "2026-06-07"))
    )
    both = pd.concat([shut, opened], ignore_index=True)
    text = str(figures.brief_lead(both, record(), since=record().as_of("2019-01-01").day))
    assert "one link between Türkiye and Armenia came into regular use: Yerevan–Istanbul" in text
    assert "; one went out of regular use: Yerevan–Istanbul main airport flights (closed" in text


def test_a_use_for_a_while_is_told_as_such() -> None:
    text = str(brief("2023-02-10", "2023-03-01")["lead"])
    assert "restricted for a while, closed again since about 15 February 2023" in text


def test_two_days_with_nothing_between_them() -> None:
    found = brief("2018-09-20", "2018-09-25")
    expected = "No change is recorded between 20 September 2018 and 25 September 2018."
    assert str(found["lead"]) == expected
    assert "No event is recorded between" in str(found["events"])


def test_a_day_before_the_record() -> None:
    found = brief("1900-01-01", "1900-01-01")
    assert "nothing to compare" in str(found["lead"])
    assert str(found["promises"]) == "No commitment was on record by 1 January 1900."


def test_what_the_lead_tells_the_second_sentence_does_not_repeat() -> None:
    assert "fulfilled" not in str(brief("2025-09-12", "2026-06-07")["rest"])
    assert "round" not in str(brief("2022-02-24", "2022-05-03")["rest"])
    assert "regular use" not in str(brief("1993-04-03", "2008-09-06")["rest"])


def test_that_no_link_came_into_use_is_said_only_where_it_is_so() -> None:
    then = "one link between Türkiye and Armenia came into regular use or went out of it, on a day"
    assert then in str(brief("2009-10-10", "2010-06-01")["rest"])
    same = "the same links between Türkiye and Armenia were in regular use on both days"
    assert same in str(brief("2025-09-12", "2026-06-07")["rest"])
    assert "no link between Türkiye and Armenia was in regular use on either day" in str(
        brief("2008-09-06", "2009-03-31")["rest"]
    )


@pytest.mark.parametrize("span", SPANS[:3])
def test_the_numbers_are_those_of_the_other_pages(span: tuple[str, str]) -> None:
    found = brief(*span)
    index, change = found["frames"]["index"].iloc[0], found["frames"]["change"].iloc[0]
    text = str(found["promises"])
    assert f"{index['index']:.2f} ({index['level_sum']} of {3 * index['n_rated']})" in text
    if change["n_common"]:
        assert f"from {change['common_before']:.2f} to {change['common_after']:.2f}" in text
    for round_ in found["frames"]["rounds"].tail(1).to_dict("records"):
        assert f"{round_['gap_days']} days after" in str(found["events"])


@pytest.mark.parametrize("span", SPANS)
def test_every_link_between_the_sides_is_told_once(span: tuple[str, str]) -> None:
    found = brief(*span)
    status = found["frames"]["status"]
    joining = set(status.loc[status["joins_sides"].astype(bool), "link_id"])
    rows = found["links table"].as_json()["rows"]
    parts = [part for row in rows for cell in row["cells"] for part in cell]
    named = [part["row"].removeprefix("links/") for part in parts if "row" in part]
    assert sorted(named) == sorted(joining)


@pytest.mark.parametrize("span", SPANS)
def test_the_counts_of_links_are_those_of_the_table(span: tuple[str, str]) -> None:
    found = brief(*span)
    status = found["frames"]["status"]
    routes = status[status["link_id"].isin(connectivity.joining_routes(status))]
    states = routes["state"]
    if states.empty:
        assert "No link" in str(found["links"])
        return
    words = "none one two three four five six seven eight nine ten eleven twelve".split()
    told = str(found["links"])
    assert f"Of {words[len(states)]} " in told
    assert re.search(rf"{words[(states == 'open').sum()]} (is|are) open", told)


def test_the_small_map_numbers_the_links_as_the_table_does() -> None:
    status = brief("2025-09-12", "2026-06-07")["frames"]["status"]
    drawn = figures.small_map_figure(status, record())
    rows = brief("2025-09-12", "2026-06-07")["links table"].as_json()["rows"]
    first = ["".join(part.get("t", "") for part in row["cells"][0]) for row in rows]
    shown = {note["text"] for note in drawn.to_dict()["layout"]["annotations"]}
    numbers = [number for number in first if number]
    assert numbers == [str(at) for at in range(1, len(numbers) + 1)]
    assert {f"<b>{number}</b>" for number in numbers} <= shown


@pytest.mark.parametrize("span", SPANS)
def test_no_page_is_cited_for_what_happened_after_it_was_out_if_another_can_be(
    span: tuple[str, str],
) -> None:
    found, published = brief(*span), record().sources.set_index("source_id")["published_latest"]
    dated = {"told": ("events", "date"), "links table": ("links", "lasting_since")}
    frames = {"told": found["frames"]["told"], "links table": found["frames"]["status"]}
    for part, (table, when) in dated.items():
        rows = frames[part].set_index({"events": "event_id", "links": "link_id"}[table])
        begins = edtf.spans(rows[when])["earliest"]
        for row in found[part].as_json()["rows"]:
            pieces = [piece for cell in row["cells"] for piece in cell]
            key = next(piece["row"] for piece in pieces if "row" in piece).partition("/")[2]
            days = published.reindex(list(rows.loc[key, "sources"]))
            cited = published[next(piece["src"] for piece in pieces if "src" in piece)]
            assert not (cited < begins[key]) or not (days >= begins[key]).any(), key


@pytest.mark.parametrize("span", SPANS)
def test_a_brief_is_brief(span: tuple[str, str]) -> None:
    found = brief(*span)
    assert sum(len(str(note)) for note in sentences(found)) < 6_000
    assert len(found["told"].as_json()["rows"]) <= 8
    assert len(found["ledger"].as_json()["rows"]) <= 7
    shown = (*sentences(found), *(part for part in found.values() if isinstance(part, Table)))
    assert len({source for part in shown for source in _cited(part)}) <= 48


def _cited(part: Note | Table) -> set[str]:
    json = part.as_json()
    rows = json.get("rows")
    if rows is None:
        return {piece["src"] for piece in json["parts"] if "src" in piece}
    pieces = (piece for row in rows for cell in row["cells"] for piece in cell)
    return {piece["src"] for piece in pieces if "src" in piece}
