"""The picture, tables and sentences on power lines: what they show, and from which rows."""

from functools import cache
from typing import Any

import plotly.graph_objects as go
import pytest

from normlib import figures, load, power
from normlib.dossier import Dossier
from normlib.figures.tables import Table
from normlib.figures.theme import words_of
from tests.tiny import tiny_dossier

OPENED = ("power-gyumri-kars",)


@cache
def view(day: str = "latest") -> Dossier:
    return load().as_of(day)


@cache
def results(day: str = "latest") -> dict[str, Any]:
    dossier = view(day)
    opened = [link for link in OPENED if link in set(dossier.links["link_id"])]
    return {
        "lines": power.power_lines(dossier),
        "trade": power.power_trade(dossier, open_links=opened),
        "load": power.contract_load(dossier),
        "natural": power.natural_load(dossier),
    }


@cache
def figure(day: str = "latest") -> go.Figure:
    found = results(day)
    return figures.power_figure(found["lines"], found["load"], found["natural"], view(day))


def trade_note(day: str = "latest") -> str:
    found = results(day)
    return str(figures.power_trade_note(found["trade"], found["lines"], view(day)))


def contract_note(day: str = "latest") -> str:
    found = results(day)
    return str(figures.contract_note(found["load"], found["natural"], found["lines"], view(day)))


def words(drawn: go.Figure) -> str:
    return " ".join(note.text for note in drawn.layout.annotations)


def cells(table: Table, heading: str) -> list[str]:
    json = table.as_json()
    at = [column["label"] for column in json["columns"]].index(heading)
    return ["".join(part.get("t", "#") for part in row["cells"][at]) for row in json["rows"]]


def test_the_figure_carries_its_words_its_sources_and_its_table():
    told = words_of(figure())
    assert told["alt"]
    assert told["caption"]
    assert told["sources"]
    assert len(told["table"]["rows"]) == len(results()["lines"])
    assert "2026-06-07" in figure().layout.title.text


def test_every_mark_leads_to_a_row_of_the_record():
    dossier = view()
    known = {
        *("links/" + dossier.links["link_id"]),
        *("context/" + dossier.context["fact_id"]),
    }
    marks = [row[0] for trace in figure().data for row in trace.customdata]
    assert marks
    assert set(marks) <= known


def test_each_line_with_a_capacity_has_a_bar_and_each_line_a_name():
    lines = results()["lines"]
    bars = [row[0] for trace in figure().data if trace.type == "bar" for row in trace.customdata]
    known = lines[lines["capacity_mw"].notna()]
    assert sorted(bars) == sorted("links/" + known["link_id"])
    for name in lines["name"]:
        assert name.split(" (")[0] in words(figure())


def test_the_contract_stands_across_the_bars_in_megawatts():
    drawn = figure()
    across = [trace.x[0] for trace in drawn.data if trace.customdata[0][0].startswith("context/")]
    assert [round(x) for x in across] == [171, 400]
    narrow = " ".join(note["text"] for note in words_of(drawn)["narrow"]["annotations"])
    for told in (words(drawn), narrow):
        assert "1.5 TWh<br><b>171 MW</b>" in told
        assert "3.5 TWh<br><b>400 MW</b>" in told


def test_both_voltages_are_shown_with_their_natural_load_and_their_sources():
    assert "220 kV<br>~127 MW" in words(figure())
    assert "380/400 kV<br>~507–561 MW" in words(figure())
    voltages = cells(figures.power_table(results()["lines"], view()), "kV")
    assert "220 (#); or 380/400 (#)" in voltages


def test_a_narrow_screen_changes_the_layout_only():
    for path, value in words_of(figure())["narrow"].items():
        go.Figure(layout={path.replace(".", "_"): value})
        assert path.split(".")[0] in figure().layout, path


@pytest.mark.parametrize("day", ["2008-09-05", "2009-10-10", "2014-05-01"])
def test_a_past_day_draws_and_reads(day):
    assert figure(day).layout.title.text
    assert trade_note(day)
    assert contract_note(day)


def test_before_the_contract_nothing_is_said_of_it():
    assert "contract" not in figure("2008-09-05").layout.title.text
    assert "No amount of energy" in contract_note("2008-09-05")


def test_before_anything_is_recorded_a_titled_figure_and_notes_say_so():
    drawn = figure("1900-01-01")
    assert not drawn.data
    assert "1 January 1900" in words(drawn)
    assert "No power line across a border" in trade_note("1900-01-01")
    assert "No amount of energy" in contract_note("1900-01-01")


def test_the_note_names_the_line_between_the_sides_and_the_way_around_it():
    told = trade_note()
    assert "Of 1 power line between Türkiye and Armenia on record, none is in use" in told
    assert "Gyumri-2–Kars overhead line, planned since 12 September 2025" in told
    assert "Nothing else on record joins the two grids" in told


def test_the_note_says_what_opening_would_change():
    told = trade_note()
    assert "With links changed: Türkiye–Armenia directly, with a line whose coupling" in told


def test_a_line_whose_coupling_is_disputed_is_named_with_both_accounts(tmp_path):
    dossier = tiny_dossier(
        tmp_path,
        sites=[{"site_id": "a", "country": "TUR"}, {"site_id": "b", "country": "ARM"}],
        links=[
            {
                "link_id": "ab",
                "name": "A–B",
                "mode": "power",
                "from_site": "a",
                "to_site": "b",
                "coupling": "synchronous",
            }
        ],
        link_states=[{"link_id": "ab", "since": "2020-01-01", "state": "open"}],
        claims=[
            {
                "claim_id": f"ab-coupling-{at}",
                "subject_table": "links",
                "subject_id": "ab",
                "field": "coupling",
                "value": value,
                "accepted": accepted,
            }
            for at, (value, accepted) in enumerate([("synchronous", "yes"), ("in parts", "no")])
        ],
    )
    lines, trade = power.power_lines(dossier), power.power_trade(dossier)
    told = str(figures.power_trade_note(trade, lines, dossier))
    assert "Sources disagree on how a line joins its grids: A–B, synchronous or in parts" in told


def test_lines_that_feed_a_part_of_a_grid_are_named_as_no_way_through():
    told = trade_note().split("only a part of one grid")[1]
    assert "nothing passes on to a third country" in told
    assert "Alaverdi–Gardabani" in told


def test_the_trade_table_names_stations_and_says_where_no_way_is_on_record():
    table = figures.power_trade_table(results()["trade"], view())
    pairs = cells(table, "Between")
    ways = dict(zip(pairs, cells(table, "As it is"), strict=True))
    stations = dict(zip(pairs, cells(table, "Stations on the way"), strict=True))
    assert ways["Armenia–Georgia"] == "directly, a part of one grid only"
    assert ways["Armenia–Azerbaijan"] == "no way on record"
    assert "Nakhchivan" in stations["Türkiye–Azerbaijan"]


def test_the_contract_is_set_beside_what_lines_can_carry():
    told = contract_note()
    assert (
        "1.5 TWh a year (electricity to be sold, first two years of the contract) is 171 MW" in told
    )
    assert "Not on record is the capacity of Gyumri-2–Kars overhead line" in told
    assert "about 127 MW at 220 kV or 507–561 MW at 380/400 kV" in told
    assert "Akhaltsikhe–Borçka 400 kV line 700 MW" in told
    table = figures.contract_table(results()["load"], results()["natural"], view())
    assert cells(table, "Times the natural load") == [
        "1.3 at 220 kV; 0.3 at 380/400 kV",
        "3.1 at 220 kV; 0.7–0.8 at 380/400 kV",
    ]
