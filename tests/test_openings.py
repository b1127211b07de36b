"""Which link matters most, on a network of ten sites that is solved by hand, and on the record.

    a ==6== b --3-- c          ==  closed, planned or restricted
    |       |       :          --  open
    4       5       9          :   a railway
    |       |       :
    d --2-- e ==1== f --2-- g ==2== h      i --8-- j

Sites a, d lie on the first side, b, c, e, f on the second, g, h and i, j in a third country.
"""

from functools import cache
from itertools import combinations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normlib import connectivity, load, openings
from normlib.connectivity import Trip
from normlib.dossier import Dossier
from normlib.errors import RecipeError
from tests.tiny import tiny_dossier

COUNTRY = dict(zip("abcdefghij", "TUR ARM ARM TUR ARM ARM GEO GEO GEO GEO".split(), strict=True))
LINKS = {  # ends, km, state, mode
    "ab": ("ab", 6, "closed", "road"),
    "bc": ("bc", 3, "open", "road"),
    "ad": ("ad", 4, "open", "road"),
    "be": ("be", 5, "open", "road"),
    "cf": ("cf", 9, "open", "rail"),
    "de": ("de", 2, "open", "road"),
    "ef": ("ef", 1, "planned", "road"),
    "fg": ("fg", 2, "open", "road"),
    "gh": ("gh", 2, "restricted", "road"),
    "ij": ("ij", 8, "open", "road"),
}
ROAD = ("road",)


@pytest.fixture
def ten(tmp_path) -> Dossier:
    return tiny_dossier(
        tmp_path,
        countries=[{"iso_a3": "GEO", "name": "Georgia"}],
        sites=[
            {"site_id": site, "name": site, "country": code, "lat": 40 + at, "lon": 40}
            for at, (site, code) in enumerate(COUNTRY.items())
        ],
        links=[
            {"link_id": name, "from_site": a, "to_site": b, "length_km": km, "mode": mode}
            for name, ((a, b), km, _, mode) in LINKS.items()
        ],
        link_states=[
            {"link_id": name, "since": "2020-01-01", "state": state}
            for name, (_, _, state, _) in LINKS.items()
        ],
    )


def trips(*ends: str, modes: tuple[str, ...] = ROAD) -> list[Trip]:
    return [Trip(a, b, modes) for a, b in ends]


def ranked(dossier: Dossier, wanted: list[Trip], change: str = "opening") -> pd.DataFrame:
    singles = openings.single_changes(dossier, wanted)
    return openings.rank_links(singles, change=change).set_index("link_id")


@cache
def record(day: str = "latest") -> Dossier:
    return load().as_of(day)


PAIRS = "yerevan>igdir;yerevan>kars:road+rail;gyumri>kars;yerevan>kars:rail;yerevan>tabriz:rail"


@cache
def asked() -> tuple[Trip, ...]:
    return connectivity.parse_trips(record(), PAIRS, modes=["road"])


# Ten sites, by hand


def test_a_closed_link_is_ranked_by_what_it_saves_on_all_trips(ten):
    found = ranked(ten, trips("ab", "ac"))
    assert found.loc["ab", "saved_km"] == (11 - 6) + (14 - 9)
    assert found.loc["ab", "rank"] == 1
    assert (found.loc["ab", "most_km"], found.loc["ab", "trips_changed"]) == (5, 2)
    assert list(found.loc[["ef", "gh"], "rank"]) == [2, 2]


def test_a_link_that_makes_a_trip_possible_comes_before_one_that_saves_much(ten):
    found = ranked(ten, trips("ab", "af"))
    assert found.loc["ef", "made_possible"] == 1
    assert (found.loc["ef", "rank"], found.loc["ab", "rank"]) == (1, 2)
    assert found.loc["ef", "saved_km"] == 0


def test_an_open_link_is_ranked_by_what_losing_it_costs(ten):
    found = ranked(ten, trips("ab", "cf", "eb"), change="loss")
    assert found.loc["be", "cut_off"] == 2  # of ab and eb; there is no way from c to f by road
    assert found.loc["de", "cut_off"] == 1
    assert found.loc["bc", "trips_changed"] == 0
    assert found.loc["be", "rank"] == 1


def test_a_trip_by_another_mode_is_no_matter_of_a_link(ten):
    singles = openings.single_changes(ten, trips("ab") + trips("cf", modes=("rail",)))
    by_link = singles.groupby("link_id")["modes"].agg(set)
    assert by_link["cf"] == {("rail",)}
    assert by_link["ab"] == {ROAD}


def test_links_that_make_one_way_need_each_other(ten):
    found = openings.best_together(ten, trips("ah"), size=2).set_index("link_ids")
    both = found.loc[[("ef", "gh")]].iloc[0]
    assert (both["made_possible"], both["alone_possible"], both["interaction_possible"]) == (
        1,
        0,
        1,
    )
    assert both["rank"] == 1


def test_links_that_matter_to_different_trips_add_up(ten):
    found = openings.best_together(ten, trips("ac", "ab"), size=2, close_links=["bc"])
    together = found.set_index("link_ids").loc[[("ab", "bc")]].iloc[0]
    assert (together["saved_km"], together["alone_km"], together["interaction_km"]) == (5, 5, 0)
    assert (together["made_possible"], together["alone_possible"]) == (1, 1)


def test_a_loss_is_measured_from_the_links_that_are_taken_as_open(ten):
    shut = {"close_links": ["be"], "open_links": ["ef", "ab"]}
    wanted = trips("bg", modes=("road", "rail"))
    alone = openings.single_changes(ten, wanted, **shut).set_index("link_id")
    assert alone.loc["be", "km_before"] == 3 + 9 + 2
    assert alone.loc["be", "km_after"] == 5 + 1 + 2
    assert alone.loc["ef", "change"] == "loss"


def test_a_trip_depends_on_a_third_country_that_every_way_passes(ten):
    wanted = trips("eb")
    found = openings.dependence(ten, wanted, close_links=["be"], open_links=["ab"])
    assert dict(zip(found["when"], found["km_without"].fillna(0), strict=True)) == {
        "before": 5,
        "after": 0,
    }
    assert list(found["country"].unique()) == ["TUR"]
    assert list(found["depends"]) == [False, True]


def test_no_site_in_a_third_country_is_passed_where_a_trip_avoids_it(ten):
    assert openings.dependence(ten, trips("bc")).empty


# Properties


def test_every_change_equals_a_search_of_its_own_on_the_record():
    singles = openings.single_changes(record(), asked())
    assert set(singles["change"]) == {"opening", "loss"}
    for link, part in singles.groupby("link_id"):
        choice = {"open_links" if part["change"].iloc[0] == "opening" else "close_links": [link]}
        by_name = connectivity.what_if(record(), asked(), **choice).set_index("trip")
        expected = by_name.loc[part["trip"], ["km_before", "km_after"]]
        assert part[["km_before", "km_after"]].to_numpy() == pytest.approx(
            expected.to_numpy(dtype=float), nan_ok=True
        )


@pytest.mark.parametrize("size", [2, 3])
def test_every_set_of_links_equals_a_search_of_its_own_on_the_record(size):
    found = openings.best_together(record(), asked(), size=size)
    for row in found.iloc[:: max(len(found) // 12, 1)].to_dict("records"):
        changes = connectivity.what_if(record(), asked(), open_links=row["link_ids"])
        both = changes["reachable_before"]
        assert row["saved_km"] == pytest.approx(changes.loc[both, "saved_km"].sum())
        assert row["made_possible"] == (changes["reachable_after"] & ~both).sum()


@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_links_opened_together_never_save_less_than_the_best_of_them_alone(data):
    size = data.draw(st.sampled_from([2, 3]))
    alone = ranked(record(), list(asked()))
    found = openings.best_together(record(), asked(), size=size)
    row = found.iloc[data.draw(st.integers(0, len(found) - 1))]
    best = alone.loc[list(row["link_ids"])]
    assert row["saved_km"] >= best["saved_km"].max() - 1e-6
    assert row["made_possible"] >= best["made_possible"].max()


def test_ranks_do_not_depend_on_the_order_of_trips():
    one, other = (ranked(record(), list(each)) for each in (asked(), asked()[::-1]))
    pd.testing.assert_frame_equal(
        one[["rank", "made_possible", "saved_km"]], other[["rank", "made_possible", "saved_km"]]
    )


# The record


def test_the_best_single_link_for_yerevan_igdir_is_margara_alican():
    found = ranked(record(), list(asked()[:1]))
    assert found["rank"].idxmin() == "road-margara-alican"


def test_links_that_stand_for_each_other_save_less_together_than_added_up():
    sets = openings.best_together(record(), asked()[:2], size=2).set_index("link_ids")
    both = sets.loc[[("rail-kars-gyumri", "road-margara-alican")]].iloc[0]
    assert both["interaction_km"] < -100


def test_no_single_link_but_two_together_open_a_railway_from_yerevan_to_tabriz():
    wanted = asked()[-1:]
    assert ranked(record(), list(wanted))["made_possible"].sum() == 0
    best = openings.best_together(record(), wanted, size=2).iloc[0]
    assert best["link_ids"] == ("rail-julfa-tabriz", "rail-yerevan-nakhchivan")
    assert best["interaction_possible"] == 1


def test_no_railway_leads_to_kars_without_georgia_until_kars_gyumri_opens():
    wanted = asked()[3:4]
    found = openings.dependence(record(), wanted, open_links=["rail-kars-gyumri"])
    assert list(found["country"].unique()) == ["GEO"]
    assert dict(zip(found["when"], found["depends"], strict=True)) == {
        "before": True,
        "after": False,
    }


def test_yerevan_kars_by_rail_was_possible_until_1993_and_again_from_2017():
    found = openings.trip_history(record(), asked()[3:4])
    assert found["possible"].tolist()[:3] == [True, False, True]
    assert str(found["start"].iloc[1].date()) == "1993-04-03"
    assert str(found["start"].iloc[2].date()) == "2017-10-30"


def test_the_history_of_a_trip_ends_with_what_holds_on_the_day_and_has_no_gap():
    found = openings.trip_history(record(), asked())
    now = connectivity.what_if(record(), asked()).set_index("trip")["km_before"]
    for trip, part in found.groupby("trip"):
        assert part["end"].iloc[-1] == record().day
        assert part["km"].iloc[-1] == pytest.approx(now[trip], nan_ok=True)
        assert (part["end"].iloc[:-1].to_numpy() == part["start"].iloc[1:].to_numpy()).all()


def test_before_anything_is_recorded_all_frames_are_empty_and_have_their_columns():
    old = record("1900-01-01")
    singles = openings.single_changes(old, asked())
    assert list(singles.columns) == openings.SINGLE_COLUMNS
    assert list(openings.rank_links(singles).columns) == openings.RANK_COLUMNS
    together = openings.best_together(old, asked(), size=2)
    assert list(together.columns) == openings.TOGETHER_COLUMNS
    assert list(openings.dependence(old, asked()).columns) == openings.DEPENDENCE_COLUMNS
    assert list(openings.trip_history(old, asked()).columns) == openings.HISTORY_COLUMNS
    assert singles.empty


def test_an_unknown_link_is_refused_with_the_nearest_name():
    with pytest.raises(RecipeError, match="Did you mean 'rail-kars-gyumri'"):
        openings.single_changes(record(), asked(), open_links=["rail-kars-gumri"])


def test_all_sets_of_links_of_a_size_are_ranked(ten):
    found = openings.best_together(ten, trips("ab"), size=2)
    assert set(found["link_ids"]) == set(combinations(("ab", "ef", "gh"), 2))
