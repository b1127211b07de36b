"""Power lines, who can trade over them, and energy a year as power."""

from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normlib import connectivity, load, power
from normlib.dossier import Dossier
from normlib.errors import RecipeError
from tests.tiny import tiny_dossier

COUNTRIES = [{"iso_a3": code, "name": code} for code in ("GEO", "IRN", "AZE")]
SITES = {
    name: {"site_id": name, "country": country, "lat": 40, "lon": 43 + at}
    for at, (name, country) in enumerate(
        {"t": "TUR", "t2": "TUR", "a": "ARM", "g": "GEO", "i": "IRN", "z": "AZE"}.items()
    )
}


def line(
    link_id: str, coupling: str = "", state: str = "open", **more: object
) -> dict[str, object]:
    a, b = link_id.split("-")[:2]
    return {"link_id": link_id, "mode": "power", "from_site": a, "to_site": b} | {
        "coupling": coupling,
        "state": state,
        **more,
    }


def grid(folder: Path, *lines: dict[str, object], **tables: list[dict[str, object]]) -> Dossier:
    """Lines between sites that are named by the first letter of their country."""
    return tiny_dossier(
        folder,
        countries=COUNTRIES,
        sites=list(SITES.values()),
        links=[{key: cell for key, cell in one.items() if key != "state"} for one in lines],
        link_states=[
            {"link_id": one["link_id"], "since": "2020-01-01", "state": one["state"]}
            for one in lines
        ],
        **tables,
    )


def way(dossier: Dossier, pair: str, when: str = "before", **choice: object) -> dict[str, object]:
    """What is told of two countries, named by their first letters."""
    rows = power.power_trade(dossier, **choice).to_dict("records")
    (found,) = (row for row in rows if {row["from_country"][0], row["to_country"][0]} == set(pair))
    ending = f"_{when}"
    return {
        name.removesuffix(ending): value for name, value in found.items() if name.endswith(ending)
    }


@cache
def record(day: str = "latest") -> Dossier:
    return load().as_of(day)


# Lines


def test_a_line_carries_every_voltage_that_a_source_claims_the_accepted_one_first(tmp_path):
    claims = [
        {"claim_id": f"kv-{at}", "subject_table": "links", "subject_id": "t-a"}
        | {"field": "voltage_kv", "value": value, "accepted": accepted}
        for at, (value, accepted) in enumerate([("380/400", "no"), ("220", "yes")], 1)
    ]
    dossier = grid(tmp_path, line("t-a", voltage_kv=220), claims=claims)
    (found,) = power.power_lines(dossier).to_dict("records")
    assert found["voltage_kv"] == 220
    assert found["voltage_kv_claims"] == (("220", True, ("s",)), ("380/400", False, ("s",)))


def test_only_a_capacity_in_megawatts_is_one_of_power(tmp_path):
    dossier = grid(
        tmp_path,
        line("t-a", capacity=500, capacity_unit="mw"),
        line("t-g", capacity=9, capacity_unit="bcm_per_year"),
    )
    capacity = power.power_lines(dossier).set_index("link_id")["capacity_mw"]
    assert capacity["t-a"] == 500
    assert pd.isna(capacity["t-g"])


def test_lines_between_the_sides_come_first_and_other_modes_not_at_all(tmp_path):
    dossier = grid(tmp_path, line("t-t2"), line("g-i"), line("t-a"), line("a-g", mode="road"))
    assert list(power.power_lines(dossier)["link_id"]) == ["t-a", "g-i", "t-t2"]


# Trade


def test_a_way_leads_through_a_third_country_and_counts_the_conversions(tmp_path):
    dossier = grid(tmp_path, line("t-g", "converter"), line("g-a", "synchronous"))
    found = way(dossier, "TA")
    assert found["joined"]
    assert found["through"] == ("GEO",)
    assert found["uses"] == ("t-g", "g-a")
    assert found["stations"] == ("t", "g", "a")
    assert found["conversions"] == 1


def test_stations_of_one_country_count_as_one_grid(tmp_path):
    dossier = grid(tmp_path, line("a-t", "converter"), line("t2-g", "converter"))
    found = way(dossier, "AG")
    assert found["through"] == ("TUR",)
    assert found["stations"] == ("a", "t", "t2", "g")
    assert found["conversions"] == 2


def test_a_line_in_island_mode_serves_its_two_countries_and_no_third(tmp_path):
    dossier = grid(tmp_path, line("t-g", "converter"), line("g-a", "island"))
    assert way(dossier, "GA")["in_island"]
    assert way(dossier, "GA")["joined"]
    assert not way(dossier, "TA")["joined"]
    assert way(dossier, "TA")["uses"] == ()
    assert pd.isna(way(dossier, "TA")["conversions"])


def test_a_line_that_joins_grids_goes_before_one_in_island_mode(tmp_path):
    dossier = grid(tmp_path, line("t-a-1", "island"), line("t-a-2", "converter"))
    found = way(dossier, "TA")
    assert found["open_lines"] == ("t-a-1", "t-a-2")
    assert found["uses"] == ("t-a-2",)
    assert not found["in_island"]


def test_of_two_ways_over_as_many_countries_the_one_with_fewer_conversions_is_taken(tmp_path):
    dossier = grid(
        tmp_path,
        line("t-g", "converter"),
        line("g-a", "converter"),
        line("t-i", "converter"),
        line("i-a", "synchronous"),
    )
    assert way(dossier, "TA")["through"] == ("IRN",)
    assert way(dossier, "TA")["conversions"] == 1


def test_conversions_are_unknown_where_a_coupling_is_not_on_record(tmp_path):
    dossier = grid(tmp_path, line("t-g", "converter"), line("g-a"))
    assert way(dossier, "TA")["joined"]
    assert pd.isna(way(dossier, "TA")["conversions"])


def test_opening_a_line_changes_what_is_after_and_not_what_is_before(tmp_path):
    dossier = grid(tmp_path, line("t-a", "converter", "planned"), line("a-g", "synchronous"))
    opened = {"open_links": ["t-a"]}
    assert not way(dossier, "TG", **opened)["joined"]
    assert way(dossier, "TG", "after", **opened)["through"] == ("ARM",)
    closed = {"close_links": ["a-g"]}
    assert way(dossier, "AG", **closed)["joined"]
    assert not way(dossier, "AG", "after", **closed)["joined"]


def test_a_line_in_restricted_use_counts_only_when_asked(tmp_path):
    dossier = grid(tmp_path, line("t-a", "converter", "restricted"))
    assert not way(dossier, "TA")["joined"]
    assert way(dossier, "TA", include_restricted=True)["joined"]


def test_an_unknown_line_is_refused(tmp_path):
    with pytest.raises(RecipeError, match="no link 'x'"):
        power.power_trade(grid(tmp_path, line("t-a")), open_links=["x"])


PAIRS = ["t-a", "t-g", "t-i", "a-g", "a-i", "g-i", "g-z", "t-z"]


@settings(max_examples=25, deadline=None)
@given(st.dictionaries(st.sampled_from(PAIRS), st.sampled_from(["synchronous", "converter"])))
def test_what_is_joined_to_one_is_joined_to_all_that_it_joins(tmp_path_factory, chosen):
    dossier = grid(tmp_path_factory.mktemp("grid"), *(line(*one) for one in chosen.items()))
    trade = power.power_trade(dossier)
    joined = trade[trade["joined_before"].astype(bool)]
    near = {frozenset(pair) for pair in joined[["from_country", "to_country"]].to_numpy()}
    for first in near:
        for second in near:
            if len(first & second) == 1:
                assert first ^ second in near
    for row in joined.to_dict("records"):
        assert len(row["uses_before"]) == len(row["through_before"]) + 1
        assert row["conversions_before"] <= len(row["uses_before"])


# Energy and power


def test_energy_a_year_is_spread_over_all_its_hours(tmp_path):
    facts = [
        {"fact_id": name, "subject": subject, "value_low": twh, "unit": unit}
        for name, subject, twh, unit in [
            ("later", "t-a", 17.52, "twh_per_year"),
            ("first", "t-a", 8.76, "twh_per_year"),
            ("elsewhere", "a grid", 8.76, "twh_per_year"),
            ("other", "t-a", 8.76, "km"),
        ]
    ]
    found = power.contract_load(
        grid(tmp_path, line("t-a", capacity=1500, capacity_unit="mw"), context=facts)
    )
    assert list(found["fact_id"]) == ["first", "later"]
    assert list(found["average_mw"]) == pytest.approx([1000, 2000])
    assert list(found["capacity_mw"]) == [1500, 1500]


@pytest.mark.parametrize(("kv", "megawatts"), [(230, 139), (345, 418), (500, 1000)])
def test_the_natural_load_of_a_class_is_that_of_the_table(tmp_path, kv, megawatts):
    dossier = grid(tmp_path, line("t-a", voltage_kv=kv))
    (found,) = power.natural_load(dossier).to_dict("records")
    assert round(found["natural_load_mw"]) == megawatts


# The record


def test_the_contract_of_2008_means_171_and_400_megawatts_on_average():
    found = power.contract_load(record()).set_index("twh_per_year")["average_mw"]
    assert {twh: round(mw) for twh, mw in found.items()} == {1.5: 171, 3.5: 400}


def test_the_line_between_the_sides_has_a_natural_load_for_each_disputed_voltage():
    found = power.natural_load(record())
    own = found[found["link_id"].eq("power-gyumri-kars")]
    assert dict(zip(own["voltage_kv"], own["accepted"], strict=True)) == {
        220: True,
        380: False,
        400: False,
    }
    assert [round(mw) for mw in own["natural_load_mw"]] == [127, 507, 561]


def test_no_line_between_the_sides_is_in_use_and_nothing_else_joins_their_grids():
    trade = power.power_trade(record(), open_links=["power-gyumri-kars"])
    (sides,) = trade[trade["joins_sides"]].to_dict("records")
    assert sides["lines"] == ("power-gyumri-kars",)
    assert sides["open_lines_before"] == ()
    assert not sides["joined_before"]  # the line to Georgia feeds a part of a grid only
    assert sides["joined_after"]
    assert sides["conversions_after"] is None  # no source says how the line would be coupled


def test_the_line_to_georgia_is_in_island_mode_and_no_way_through():
    rows = power.power_trade(record()).set_index(["from_country", "to_country"])
    georgia = rows.loc[("ARM", "GEO")]
    assert georgia["open_lines_before"] == ("power-arm-geo-alaverdi",)
    assert georgia["in_island_before"]


def test_the_line_to_the_exclave_is_told_by_its_end_and_leads_no_further():
    rows = power.power_trade(record()).set_index(["from_country", "to_country"])
    assert "nakhchivan" in rows.loc[("TUR", "AZE"), "stations_before"]
    assert not rows.loc[("ARM", "AZE"), "joined_before"]


def test_every_coupling_on_record_is_that_of_a_power_line():
    links = record().links
    assert set(links.loc[links["coupling"].notna(), "mode"]) == {"power"}


def test_before_anything_was_recorded_frames_are_empty_with_their_columns():
    dossier = record("1900-01-01")
    opened = connectivity.parse_links(dossier, "power-gyumri-kars")
    for found, columns in (
        (power.power_lines(dossier), power.LINE_COLUMNS),
        (power.power_trade(dossier, open_links=opened), power.TRADE_COLUMNS),
        (power.contract_load(dossier), power.LOAD_COLUMNS),
        (power.natural_load(dossier), power.NATURAL_COLUMNS),
    ):
        assert found.empty
        assert list(found) == columns


def test_what_was_learned_later_is_in_no_view_of_an_earlier_day():
    assert power.contract_load(record("2008-09-05")).empty
    lines = power.power_lines(record("2010-01-01")).set_index("link_id")
    assert lines.loc["power-gyumri-kars", "state"] == "planned"
    assert lines.loc["power-gyumri-kars", "voltage_kv_claims"] == ()
