"""Estimates as a range chart, reported figures as a table, and how both read."""

from functools import cache
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import pytest

from normlib import connectivity, estimates, figures, load
from normlib.dossier import Dossier
from normlib.figures.estimates import KINDS, NARROW
from normlib.figures.theme import words_of
from normlib.figures.words import capital, range_words
from tests.tiny import tiny_dossier

NAN = float("nan")


@cache
def view(day: str = "latest") -> Dossier:
    return load().as_of(day)


@cache
def figure() -> go.Figure:
    return figures.estimates_figure(estimates.estimates(view()), view())


def marks(drawn: go.Figure, kind: str) -> dict[str, list[float]]:
    """Return the values at which the marks of a kind stand, by estimate."""
    found: dict[str, list[float]] = {}
    for trace in drawn.data:
        if trace.name == KINDS[kind][0]:
            for x, row in zip(trace.x, trace.customdata, strict=True):
                found.setdefault(row[0].removeprefix("effects/"), []).append(x)
    return found


def line(low: object, high: object, **more: object) -> dict[str, object]:
    return {
        "effect_id": "study",
        "study": "Salt & Sons",
        "year": "2001",
        "assumption": "a border open",
        "quantity": "output",
        "value_low": low,
        "value_high": high,
        **more,
    }


def tiny_figure(folder: Path, *rows: dict[str, object]) -> go.Figure:
    dossier = tiny_dossier(folder, effects=rows)
    return figures.estimates_figure(estimates.estimates(dossier), dossier)


@pytest.mark.parametrize(
    ("low", "high", "unit", "signed", "words"),
    [
        (30, 30, "%", True, "+30 %"),
        (0.67, 0.67, "", True, "+0.67"),
        (-25, -10, "%", True, "−25 to −10 %"),
        (100, NAN, "%", True, "more than +100 %"),
        (NAN, 38, "%", False, "up to 38 %"),
        (15_000_000, 15_000_000, "", False, "15,000,000"),
        (NAN, NAN, "%", True, "not stated"),
    ],
)
def test_a_range_is_written_with_its_open_ends(
    low: float, high: float, unit: str, signed: bool, words: str
) -> None:
    assert range_words(low, high, unit, signed=signed) == words


def test_a_capital_leaves_the_rest_of_the_words_alone() -> None:
    assert [capital(words) for words in ("exports of Atlantis", "GDP", "")] == [
        "Exports of Atlantis",
        "GDP",
        "",
    ]


# The chart


def test_the_chart_carries_its_words_its_sources_and_all_estimates_as_a_table() -> None:
    meta = words_of(figure())
    assert "nothing here is modelled" in "".join(part.get("t", "") for part in meta["caption"])
    assert "GDP of Armenia: +0.67 to +40 %" in meta["alt"]
    assert set(meta["sources"]) <= set(view().sources["source_id"])
    rows = [row["id"] for row in meta["table"]["rows"]]
    assert sorted(rows) == sorted(f"effects/{name}" for name in view().effects["effect_id"])


def test_every_mark_of_the_chart_leads_to_an_estimate() -> None:
    known = set(view().effects["effect_id"])
    rows = [row[0] for trace in figure().data for row in trace.customdata]
    assert rows
    assert {row.removeprefix("effects/") for row in rows} <= known


def test_the_chart_draws_every_estimate_of_the_unit_that_most_share_at_its_values() -> None:
    drawn = {name: xs for kind in KINDS for name, xs in marks(figure(), kind).items()}
    rows = view().effects[view().effects["unit"] == "percent_change"]
    assert set(drawn) == set(rows["effect_id"])
    for row in rows.to_dict("records"):
        ends = {row["value_low"], row["value_high"]}
        assert set(drawn[row["effect_id"]]) == {end for end in ends if end == end}


def test_studies_restatements_and_other_credits_are_told_apart_by_shape_and_filling() -> None:
    assert "polyakov-2001-gdp" in marks(figure(), "read")
    assert "aiprg-2007-gdp" in marks(figure(), "cited")
    assert "polyakov-2001-gdp-embassy" in marks(figure(), "restated")
    assert {"polyakov-2001-gdp-adb-credit", "kerobyan-2021-gdp"} <= set(marks(figure(), "credited"))
    looks = [(symbol, fill) for _, symbol, fill, _ in KINDS.values()]
    assert len(set(looks)) == len(looks)


def test_a_restatement_is_indented_and_marked_with_what_its_study_said(tmp_path: Path) -> None:
    passed_on = line(40, 40, effect_id="page", study="A page", restates="study")
    drawn = tiny_figure(tmp_path, line(30, 30), passed_on)
    (ticks,) = [trace for trace in drawn.data if trace.name == "what the study said"]
    assert list(ticks.x) == [30]
    assert list(ticks.y) == list(next(t for t in drawn.data if t.name == KINDS["restated"][0]).y)
    shifts = {note.text: note.xshift for note in drawn.layout.annotations}
    assert shifts["<b>40 %</b> · A page, 2001"] > shifts[next(t for t in shifts if "30" in t)]
    assert [shape.type for shape in drawn.layout.shapes].count("path") == 1


@pytest.mark.parametrize(
    ("low", "high", "symbol", "beyond"),
    [(100, None, "triangle-right", 1), (None, 38, "triangle-left", -1)],
)
def test_an_open_end_is_an_arrow_away_from_the_stated_value(
    tmp_path: Path, low: object, high: object, symbol: str, beyond: int
) -> None:
    drawn = tiny_figure(tmp_path, line(low, high))
    (arrow,) = [trace for trace in drawn.data if trace.marker.symbol == symbol]
    stated = low if low is not None else high
    at = list(arrow.marker.size).index(12)
    assert (arrow.x[at] - stated) * beyond > 0
    assert stated in arrow.x


def test_zero_is_always_on_the_axis_with_a_line_over_the_grid(tmp_path: Path) -> None:
    drawn = tiny_figure(tmp_path, line(30, 40))
    low, high = drawn.layout.xaxis.range
    assert low < 0 < 40 < high
    (zero,) = [one for one in drawn.layout.shapes if (one.x0, one.x1) == (0, 0)]
    assert zero.layer == "between"


def test_labels_hold_no_markup_of_the_record_and_fit_a_narrow_screen(tmp_path: Path) -> None:
    drawn = tiny_figure(tmp_path, line(30, 30, assumption="a border open and " * 12 + "peace"))
    notes = words_of(drawn)["narrow"]["annotations"]
    texts = [note["text"] for note in notes]
    assert any("Salt &amp; Sons, 2001" in text for text in texts)
    assert all(len(text) <= NARROW + 10 for text in texts if "border" in text)


def test_an_estimate_without_a_value_is_in_the_table_alone(tmp_path: Path) -> None:
    drawn = tiny_figure(tmp_path, line(30, 30), line(None, None, effect_id="words"))
    assert len(words_of(drawn)["table"]["rows"]) == 2
    assert "words" not in str(drawn.data)


def test_before_any_estimate_the_chart_and_the_sentences_say_so() -> None:
    empty = view("1990-01-01")
    none = estimates.estimates(empty)
    assert "No estimate" in words_of(figures.estimates_figure(none, empty))["alt"]
    assert (
        str(figures.estimates_note(none, empty)) == "No estimate was on record by 1 January 1990."
    )
    told = figures.genealogy_note(estimates.genealogy(none), empty)
    assert "No estimate on record is known to restate" in str(told)
    reported = estimates.reported(empty)
    assert "by 1 January 1990" in str(figures.reported_note(reported, empty))
    assert figures.reported_table(reported, empty).as_json()["rows"] == []
    assert figures.estimates_table(none, empty).as_json()["rows"] == []


# Sentences


def test_the_note_counts_what_is_restated_and_says_that_nothing_is_modelled() -> None:
    found = estimates.estimates(view())
    text = str(figures.estimates_note(found, view()))
    assert text.startswith(f"{len(found)} published estimates on record; 7 restate an older one")
    assert "no effect on output or trade is modelled" in text


def test_the_genealogy_tells_who_came_first_and_who_is_credited_later() -> None:
    told = figures.genealogy_note(estimates.genealogy(estimates.estimates(view())), view())
    first = str(told.notes[0])
    assert first.startswith("GDP of Armenia: first +30 % (World Bank WPS 2593 (Polyakov), 2001")
    assert "2 credited to others, 2 with another value" in first
    assert "+30 % (credited to Asian Development Bank; news-pravda.com 2025" in first
    assert first.index("Polyakov") < first.index("Eurasianet") < first.index("news-pravda")
    leads = {part["row"] for part in told.notes[0].as_json()["parts"] if "row" in part}
    assert "effects/polyakov-2001-gdp" in leads


def test_a_single_restatement_reads_as_one(tmp_path: Path) -> None:
    page = line(40, 40, effect_id="page", restates="study", credited_to="a bank")
    dossier = tiny_dossier(tmp_path, effects=[line(30, 30), page])
    told = figures.genealogy_note(estimates.genealogy(estimates.estimates(dossier)), dossier)
    assert "Restated once (credited to others and with another value): 40 % (credited to a" in str(
        told
    )


# Reported figures


def cells(table: dict[str, Any], label: str) -> list[list[dict[str, str]]]:
    at = [column["label"] for column in table["columns"]].index(label)
    return [row["cells"][at] for row in table["rows"]]


def test_each_reported_figure_leads_to_its_link_and_says_its_unit_in_words() -> None:
    found = estimates.reported(view())
    table = figures.reported_table(found, view()).as_json()
    leads = [cell[0].get("row") for cell in cells(table, "About")]
    assert leads == [f"links/{x}" if isinstance(x, str) else None for x in found["link_id"]]
    assert {cell[0]["t"] for cell in cells(table, "Unit")} >= {"Lorries a day", "Lari", "Days"}
    assert [cell[0]["t"] for cell in cells(table, "When")].count("undated") == int(
        found["year"].isna().sum()
    )


def test_the_note_on_reported_figures_counts_them_all() -> None:
    found = estimates.reported(view())
    note = figures.reported_note(found, view())
    assert str(note).startswith(f"{len(found)} reported figures")
    assert "none is averaged" in str(note)


def test_the_table_of_links_leads_to_the_first_figure_on_each() -> None:
    status = connectivity.link_status(view())
    counted = estimates.by_link(estimates.reported(view()))
    table = figures.links_table(status, view(), caption="Links", reported=counted).as_json()
    told = {cell[0]["t"]: cell[0].get("row") for cell in cells(table, "Reported")}
    assert told["10 figures, 2021–2026"] == "context/lars-queue-2021-01"
    assert told["1 figure, undated"].startswith("context/")
    assert told[""] is None


def test_the_table_of_links_has_no_such_column_unless_it_is_asked_for() -> None:
    table = figures.links_table(connectivity.link_status(view()), view(), caption="Links")
    assert "Reported" not in [column["label"] for column in table.as_json()["columns"]]
