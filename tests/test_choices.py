"""What a reader may choose of links and trips on a day, and the frames that answer it."""

from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normlib import choices, connectivity, load
from normlib.dossier import Dossier
from normlib.errors import RecipeError
from tests.tiny import tiny_dossier

MARGARA = "road-margara-alican"


@cache
def record() -> Dossier:
    return load()


@cache
def stops() -> list[pd.Timestamp]:
    return choices.stops(record())


def states(day: pd.Timestamp) -> dict[str, str]:
    status = connectivity.link_status(record().as_of(day))
    return dict(zip(status["link_id"], status["state"], strict=True))


def chosen(day: str = "latest", **parts: object) -> choices.Choice:
    view = record().as_of(day)
    first = choices.Choice(view.day, "yerevan", "igdir", ("road", "rail"))
    return first._replace(**parts)


def test_the_stops_begin_with_the_record_and_end_with_the_day_of_the_view():
    assert stops()[0] == pd.Timestamp("1990-01-01")
    assert stops()[-1] == record().day
    assert stops() == sorted(set(stops()))
    assert choices.stops(record().as_of("2022-07-10"))[-1] == pd.Timestamp("2022-07-10")


def test_every_first_day_of_a_month_is_a_stop():
    months = pd.date_range("1990-01-01", record().day, freq="MS")
    assert set(months) <= set(stops())


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_no_state_changes_between_two_stops(data):
    at = data.draw(st.integers(1, len(stops()) - 1))
    eve = stops()[at] - pd.Timedelta(days=1)
    assert states(eve) == states(stops()[at - 1])


def test_a_link_entered_its_state_on_every_turn():
    turns = choices.turns(record())
    assert set(turns) <= set(stops())
    for day in turns[1::6]:
        entered = choices.entered(record().as_of(day))
        assert len(entered), day
        before = states(day - pd.Timedelta(days=1))
        for name, state in zip(entered["link_id"], entered["state"], strict=True):
            assert before.get(name) != state


def test_without_states_the_only_stop_is_the_day(tmp_path: Path):
    dossier = tiny_dossier(tmp_path)
    assert choices.stops(dossier) == [dossier.day]
    assert choices.turns(dossier) == []
    assert choices.places(dossier).empty
    assert choices.first_choice(dossier)[1:4] == ("", "", ())


@pytest.mark.parametrize("day", ["1990-01-01", "2010-05-01", "latest"])
def test_places_are_towns_and_stations_that_a_trip_can_reach(day):
    view = record().as_of(day)
    found = choices.places(view)
    assert set(found["kind"]) <= {"city", "port", "railway_station"}
    assert set(found["site_id"]) <= set(view.sites["site_id"])
    assert {"yerevan", "igdir", "kars-station"} <= set(found["site_id"])


def test_a_town_that_only_its_airport_joins_is_a_place_and_a_venue_is_none():
    found = set(choices.places(record())["site_id"])
    assert "istanbul" in found
    assert "bern" not in found


def test_one_begins_on_each_side_with_all_modes():
    first = choices.first_choice(record())
    country = record().sites.set_index("site_id")["country"]
    assert (country[first.from_site], country[first.to_site]) == record().sides
    assert set(first.modes) == set(record().links["mode"])


@pytest.mark.parametrize("day", ["1993-01-01", "2008-09-06", "2024-05-03", "latest"])
@pytest.mark.parametrize("pair", [("yerevan", "igdir"), ("gyumri", "kars"), ("tbilisi", "kars")])
def test_an_answer_is_that_of_the_comparison_as_of_the_day(day, pair):
    view = record().as_of(day)
    choice = chosen(day, from_site=pair[0], to_site=pair[1], open_links=(MARGARA,))
    found = choices.answer(view, choice)
    trips = connectivity.parse_trips(view, ">".join(pair), modes=("road", "rail"))
    apart = {} if states(view.day)[MARGARA] == "open" else {"open_links": (MARGARA,)}
    pd.testing.assert_frame_equal(found.changes, connectivity.what_if(view, trips, **apart))
    pd.testing.assert_frame_equal(found.legs, connectivity.route_legs(view, trips, **apart))


def test_only_links_in_another_state_are_opened_or_closed():
    open_then, unknown_then = "road-bavra-ninotsminda", "gas-igdir-nakhchivan"
    names = (MARGARA, open_then, unknown_then)
    choice = chosen("2010-05-01", open_links=names, close_links=names)
    found = choices.answer(record().as_of("2010-05-01"), choice)
    assert found.opened == (MARGARA,)
    assert found.closed == (open_then,)


def test_a_link_of_another_mode_is_left_as_it_is():
    view = record().as_of("latest")
    found = choices.answer(view, chosen(modes=("rail",), open_links=(MARGARA,)))
    assert found.opened == ()
    assert found.changes["modes"].tolist() == [("rail",)]


@pytest.mark.parametrize(
    ("parts", "telling"),
    [
        ({"modes": ("power", "gas")}, "one of these modes: road, rail, air"),
        ({"to_site": "yerevan"}, "choose two different places"),
        ({"to_site": ""}, "choose two places"),
        ({"to_site": "nowhere"}, "nowhere is not on record by 2026-06-07"),
    ],
)
def test_what_cannot_be_routed_is_told(parts, telling):
    with pytest.raises(RecipeError, match=telling):
        choices.answer(record(), chosen(**parts))


def test_a_place_is_named_though_the_day_does_not_know_it():
    day = record().as_of("1990-01-01")
    later = sorted(set(choices.places(record())["site_id"]) - set(day.sites["site_id"]))
    name = record().label("sites", later[0])
    with pytest.raises(RecipeError, match="is not on record by 1990-01-01") as told:
        choices.answer(day, chosen("1990-01-01", to_site=later[0]))
    assert name in str(told.value)
