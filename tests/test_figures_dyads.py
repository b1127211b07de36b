"""The pictures and sentences on two actors show what the analysis found."""

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from normlib import dyads, figures, load
from normlib.dossier import Dossier
from normlib.figures.dyads import KINDS, OTHER, QUARTERS, ground_words
from normlib.figures.theme import words_of
from tests.tiny import tiny_dossier

DAYS = ["2009-10-10", "2022-07-01", "latest"]


@cache
def _record() -> Dossier:
    return load()


def _view(day: str) -> Dossier:
    return _record().as_of(day)


@cache
def _results(day: str, types: str = "contacts", named: str = "sides") -> dict[str, Any]:
    view = _view(day)
    pair = dyads.pair(view, named)
    met, until = dyads.contacts(view, *pair, types=types), dyads.last_day(view)
    return {
        "pair": pair,
        "contacts": met,
        "silences": dyads.silences(met, until=until),
        "quarters": dyads.contact_quarters(met, until=until),
        "grounds": dyads.grounds(met),
    }


def _told(day: str, *names: str, **options: str) -> dict[str, Any]:
    found = _results(day, **options)
    return {name: found[name] for name in ("contacts", "pair", *names)} | {"dossier": _view(day)}


def _calendar(day: str, **options: str) -> go.Figure:
    return figures.dyad_figure(**_told(day, "silences", **options))


def _places(day: str, **options: str) -> go.Figure:
    return figures.grounds_figure(**_told(day, "grounds", **options))


def _bricks(fig: go.Figure) -> list[tuple[str, float, float]]:
    """Row, column and foot of each brick."""
    return [
        (row[0], x, base)
        for trace in fig.data
        if trace.type == "bar"
        for row, x, base in zip(trace.customdata, trace.x, trace.base, strict=True)
    ]


def _caption(fig: go.Figure) -> str:
    return str(words_of(fig)["caption"][0]["t"])


@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("types", ["contacts", "all"])
def test_every_contact_with_a_quarter_is_a_brick_or_is_said_to_be_earlier(
    day: str, types: str
) -> None:
    met, fig = _results(day, types)["contacts"], _calendar(day, types=types)
    dated, drawn = met[met["quarter"].notna()], {row for row, _, _ in _bricks(fig)}
    assert drawn <= {f"events/{event}" for event in dated["event_id"]}
    left = len(dated) - len(drawn)
    assert (f"{left} contact" in _caption(fig)) == bool(left)
    newest = dated.loc[dated["earliest"].idxmax(), "event_id"]
    assert f"events/{newest}" in drawn


@pytest.mark.parametrize("day", DAYS)
def test_every_contact_is_a_brick_on_its_ground(day: str) -> None:
    met = _results(day)["contacts"]
    assert sorted(row for row, _, _ in _bricks(_places(day))) == sorted("events/" + met["event_id"])


@pytest.mark.parametrize("figure", [_calendar, _places])
@pytest.mark.parametrize("types", ["contacts", "all"])
def test_no_brick_lies_on_another(figure: Any, types: str) -> None:
    bricks = _bricks(figure("latest", types=types))
    assert len({(x, foot) for _, x, foot in bricks}) == len(bricks)


def test_bricks_of_one_column_are_contacts_of_one_quarter() -> None:
    quarter = _results("latest")["contacts"].set_index("event_id")["quarter"]
    columns: dict[tuple[float, int], set[str]] = {}
    feet = sorted({shape.y0 for shape in _calendar("latest").layout.shapes if shape.x0 == 0})
    for row, x, base in _bricks(_calendar("latest")):
        line = sum(foot < base for foot in feet)
        columns.setdefault((x, line), set()).add(quarter[row.removeprefix("events/")])
    assert all(len(quarters) == 1 for quarters in columns.values())
    assert all(0 < x < QUARTERS for x, _ in columns)


def test_kinds_differ_by_a_letter_and_company_by_a_hollow_brick() -> None:
    met = _results("latest", "all")["contacts"].set_index("event_id")
    for trace in _calendar("latest", types="all").data:
        if trace.type == "bar":
            own = [row[0].removeprefix("events/") for row in trace.customdata]
            letters = {KINDS.get(kind, ("O",))[0] for kind in met.loc[own, "type"]}
            assert letters == set(trace.text)
            assert set(met.loc[own, "multilateral"]) == {trace.marker.color == "#ffffff"}
    letters = [letter for letter, _ in KINDS.values()]
    assert len(set(letters)) == len(letters)


def test_marked_silences_say_how_long_they_were_and_lead_to_the_contact_after() -> None:
    fig, silences = _calendar("latest"), _results("latest")["silences"]
    lines = [trace for trace in fig.data if trace.type == "scatter" and trace.mode == "lines"]
    assert lines
    lengths = {note.text.removesuffix(" days") for note in fig.layout.annotations}
    for trace in lines:
        row = silences[silences["before_event"] == trace.customdata[0][0].removeprefix("events/")]
        assert f"{row['days'].item():,}" in lengths


def test_every_round_stands_below_its_column() -> None:
    met = _results("latest")["contacts"].dropna(subset=["round"])
    traces = [trace for trace in _calendar("latest").data if trace.type == "scatter"]
    written = [text for trace in traces if trace.mode == "text" for text in trace.text]
    numbers = [number for text in written for number in text[3:-4].split("<br>")]
    assert sorted(map(int, numbers)) == sorted(met["round"])


@pytest.mark.parametrize("figure", [_calendar, _places])
@pytest.mark.parametrize("day", DAYS)
def test_a_picture_says_who_when_and_from_which_sources(figure: Any, day: str) -> None:
    fig = figure(day)
    words = words_of(fig)
    assert fig.layout.title.text.startswith("<b>Türkiye and Armenia: contact by ")
    assert _view(day).stamp in fig.layout.title.text
    assert words["alt"]
    assert words["table"]["rows"]
    assert set(words["sources"]) <= set(_view(day).sources["source_id"])


def test_two_people_are_named_in_the_title_and_third_parties_in_the_sentence() -> None:
    pair = "recep-tayyip-erdogan;nikol-pashinyan"
    title = _calendar("latest", named=pair).layout.title.text
    assert title.startswith("<b>Recep Tayyip Erdoğan and Nikol Pashinyan: contact by quarter")
    note = str(figures.grounds_note(**_told("latest", "grounds")))
    assert "22 in Türkiye, 8 in Armenia, 9 at the border between Türkiye and Armenia" in note
    assert "Third parties took part in 14 of them, most often Azerbaijan" in note


def test_the_note_counts_contacts_kinds_and_quarters() -> None:
    told = _told("latest", "quarters")
    text = str(figures.dyad_note(**told))
    quarters = told["quarters"].groupby("quarter")["contacts"].sum()
    assert f"{len(told['contacts'])} contacts on record" in text
    assert f"with {quarters.max()} contacts" in text
    assert f"{(quarters.tail(40) == 0).sum()} of the last 40 quarters have none" in text
    assert "1 contact cannot be placed in one quarter" in text


def test_the_table_tells_when_where_and_through_whom() -> None:
    table = figures.dyad_table(**_told("2022-07-01")).as_json()
    assert [column["label"] for column in table["columns"]][7:9] == ["For Türkiye", "For Armenia"]
    cells = ["".join(part.get("t", "") for part in cell) for cell in table["rows"][-1]["cells"]]
    assert cells[:4] == ["1 July 2022", "2022-Q3", "agreement", "4"]
    assert cells[5:8] == ["in a third country", "Vienna", "Serdar Kılıç"]


def test_every_ground_has_words() -> None:
    words = ground_words(_results("latest")["pair"], _record())
    assert set(words) == set(dyads.GROUNDS)
    assert all(words.values())


@pytest.mark.parametrize("day", ["1900-01-01", "latest"])
def test_without_contacts_pictures_and_sentences_say_so(tmp_path: Path, day: str) -> None:
    view = tiny_dossier(tmp_path).as_of(day)
    pair = dyads.pair(view)
    met = dyads.contacts(view, *pair)
    silences = dyads.silences(met, until=dyads.last_day(view))
    told = {"pair": pair, "dossier": view}
    for fig in (
        figures.dyad_figure(met, silences, **told),
        figures.grounds_figure(met, dyads.grounds(met), **told),
    ):
        assert "No contact of the two" in _caption(fig)
    quarters = dyads.contact_quarters(met, until=dyads.last_day(view))
    assert "No contact of the two" in str(figures.dyad_note(met, quarters, **told))
    assert "No contact of the two" in str(figures.grounds_note(met, dyads.grounds(met), **told))


def test_contacts_of_long_ago_leave_a_calendar_of_silence(tmp_path: Path) -> None:
    view = tiny_dossier(tmp_path, events=[{"event_id": "1950-01-01-a"}, {"event_id": "1950-b"}])
    met = dyads.contacts(view, *dyads.pair(view))
    silences = dyads.silences(met, until=dyads.last_day(view), years=200)
    fig = figures.dyad_figure(met, silences, pair=dyads.pair(view), dossier=view)
    assert _bricks(fig) == []
    assert "1 contact of earlier years and 1 contact whose date is too vague" in _caption(fig)
    assert pd.Series([trace.mode for trace in fig.data]).eq("lines").all()


def test_a_white_letter_can_be_read_on_every_full_brick_in_grey_too() -> None:
    """A grey print keeps the luminance, so the contrast of WCAG holds there as well."""
    for _, colour in (*KINDS.values(), OTHER):
        parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        linear = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        ]
        luminance = sum(
            share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True)
        )
        assert 1.05 / (luminance + 0.05) >= 4.5, colour
    for trace in _calendar("latest", types="all").data:
        if trace.type == "bar":
            full = trace.marker.color != "#ffffff"
            assert (trace.insidetextfont.color == "#ffffff") == full
