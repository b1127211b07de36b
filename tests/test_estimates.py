"""Published estimates with their genealogy, and reported figures, which are never joined."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import normlib
from normlib import estimates
from normlib.dossier import Dossier
from normlib.errors import DataError
from tests.tiny import tiny_dossier

RECORD = normlib.load()
PEACE = {"assumption": "peace; two borders open", "quantity": "output of Atlantis"}


def figured(name: str, low: object = 30, high: object = 30, **more: object) -> dict[str, object]:
    return {"effect_id": name, "value_low": low, "value_high": high, **PEACE, **more}


@pytest.fixture
def chain(tmp_path: Path) -> Dossier:
    """A study, a page that restates it, a page that restates the page, and a study beside them."""
    return tiny_dossier(
        tmp_path,
        effects=[
            figured("again", assumption="a border open", restates="once", credited_to="a bank"),
            figured("beside", 2, 3, year="2005"),
            figured("once", None, 38, quantity="output of Atlantis (up to)", restates="study"),
            figured("study", year="2001"),
            figured("trade", -20, -10, quantity="trade of Atlantis"),
        ],
    )


def by_id(frame: pd.DataFrame, key: str = "effect_id") -> dict[str, Mapping[Any, Any]]:
    return {row[key]: row for row in frame.to_dict("records")}


def test_a_restatement_belongs_to_the_study_at_the_root_also_by_way_of_another(
    chain: Dossier,
) -> None:
    found = by_id(estimates.estimates(chain))
    assert {name: row["family"] for name, row in found.items()} == {
        **dict.fromkeys(("study", "once", "again"), "study"),
        "beside": "beside",
        "trade": "trade",
    }
    assert [found[name]["generation"] for name in ("study", "once", "again")] == [0, 1, 2]


def test_restatements_follow_what_they_restate_and_the_oldest_study_comes_first(
    chain: Dossier,
) -> None:
    order = estimates.estimates(chain)["effect_id"].tolist()
    assert order == ["study", "once", "again", "beside", "trade"]


def test_what_a_restatement_changed_is_told_against_the_study(chain: Dossier) -> None:
    found = by_id(estimates.estimates(chain))
    flags = ("value_differs", "assumption_differs", "credit_differs")
    assert [found["once"][flag] for flag in flags] == [True, False, False]
    assert [found["again"][flag] for flag in flags] == [False, True, True]
    assert [found["study"][flag] for flag in flags] == [False, False, False]


def test_a_study_whose_author_is_only_credited_changed_nothing(tmp_path: Path) -> None:
    dossier = tiny_dossier(tmp_path, effects=[figured("alone", credited_to="a bank")])
    assert not estimates.estimates(dossier)["credit_differs"].any()


def test_a_quantity_is_told_without_what_stands_in_brackets(chain: Dossier) -> None:
    found = by_id(estimates.estimates(chain))
    assert found["once"]["indicator"] == "output of Atlantis"
    assert found["once"]["quantity"] == "output of Atlantis (up to)"


@pytest.mark.parametrize(
    ("low", "high", "bound"),
    [
        (30, 30, "exact"),
        (10, 25, "range"),
        (100, None, "above"),
        (None, 38, "below"),
        (None, None, "unstated"),
    ],
)
def test_a_blank_end_is_open_and_equal_ends_are_one_figure(
    tmp_path: Path, low: object, high: object, bound: str
) -> None:
    dossier = tiny_dossier(tmp_path, effects=[figured("one", low, high)])
    assert estimates.estimates(dossier)["bound"].tolist() == [bound]


def test_a_rise_needs_its_sign_where_the_unit_knows_a_fall(tmp_path: Path) -> None:
    share = figured("share", 12, 12, unit="percent_of_total")
    dossier = tiny_dossier(tmp_path, effects=[figured("up"), figured("down", -20, -10), share])
    found = by_id(estimates.estimates(dossier))
    assert {name: bool(row["signed"]) for name, row in found.items()} == {
        "up": True,
        "down": True,
        "share": False,
    }


@pytest.mark.parametrize(
    "restates",
    [{"one": "one"}, {"one": "two", "two": "one"}, {"one": "two", "two": "three", "three": "one"}],
)
def test_a_restatement_that_runs_in_a_circle_is_refused(
    tmp_path: Path, restates: dict[str, str]
) -> None:
    rows = [figured(name, restates=older) for name, older in restates.items()]
    with pytest.raises(DataError, match="restatement runs in a circle: one > "):
        tiny_dossier(tmp_path, effects=rows)


def test_a_restatement_of_something_unknown_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"'nothing' is not in effects\.csv"):
        tiny_dossier(tmp_path, effects=[figured("one", restates="nothing")])


def test_a_restatement_stands_for_itself_until_its_study_is_known(tmp_path: Path) -> None:
    pages = [
        {"source_id": "early", "published": "2020-01-01"},
        {"source_id": "late", "published": "2021-01-01"},
    ]
    effects = [
        figured("page", restates="study", sources="early", credited_to="a bank"),
        figured("study", sources="late"),
    ]
    whole = tiny_dossier(tmp_path, sources=pages, effects=effects)
    (row,) = estimates.estimates(whole.as_of("2020-06-01")).to_dict("records")
    assert (row["family"], row["generation"], row["credit_differs"]) == ("page", 0, False)
    assert len(estimates.genealogy(estimates.estimates(whole))) == 1


def test_a_genealogy_sets_each_restatement_beside_its_study(chain: Dossier) -> None:
    told = estimates.genealogy(estimates.estimates(chain))
    assert told["effect_id"].tolist() == ["once", "again"]
    assert told["effect_id_root"].tolist() == ["study", "study"]
    assert told["assumption_root"].tolist() == [PEACE["assumption"]] * 2
    assert told["value_high"].tolist() == [38, 30]


@st.composite
def forests(draw: st.DrawFn) -> list[int | None]:
    """For each row, the earlier row that it restates, or none."""
    size = draw(st.integers(1, 7))
    return [draw(st.sampled_from([None, *range(at)])) for at in range(size)]


@settings(max_examples=30)
@given(forests())
def test_every_estimate_is_told_once_and_every_family_stands_together(
    older: Sequence[int | None],
) -> None:
    rows = [
        figured(f"e{at}", at, at, **({} if up is None else {"restates": f"e{up}"}))
        for at, up in enumerate(older)
    ]
    with TemporaryDirectory() as folder:
        found = estimates.estimates(tiny_dossier(Path(folder), effects=rows))
    assert sorted(found["effect_id"]) == sorted(str(row["effect_id"]) for row in rows)
    known = by_id(found)
    for name, row in known.items():
        up = older[int(name[1:])]
        parent = known.get(f"e{up}")
        assert row["family"] == (parent["family"] if parent else name)
        assert row["generation"] == (parent["generation"] + 1 if parent else 0)
    runs = (found["family"] != found["family"].shift()).sum()
    assert runs == found["family"].nunique()
    place = {name: at for at, name in enumerate(found["effect_id"])}
    assert all(place[f"e{up}"] < place[f"e{at}"] for at, up in enumerate(older) if up is not None)


# Reported figures

ROADS = {
    "links": [
        {"link_id": "a-road", "name": "Z road", "from_site": "x", "to_site": "y"},
        {"link_id": "b-road", "name": "A road", "from_site": "x", "to_site": "y"},
    ],
    "sites": [{"site_id": "x"}, {"site_id": "y"}],
    "link_states": [{"link_id": name, "since": "2019-01-01"} for name in ("a-road", "b-road")],
}


@pytest.fixture
def roads(tmp_path: Path) -> Dossier:
    return tiny_dossier(
        tmp_path,
        **ROADS,
        context=[
            {"fact_id": "alike-1", "subject": "a-road", "quantity": "queue", "year": "2020"},
            {"fact_id": "alike-2", "subject": "a-road", "quantity": "queue", "year": "2020"},
            {"fact_id": "old", "subject": "a-road", "year": "2019-05", "value_high": 3},
            {"fact_id": "other", "subject": "A road of no record", "year": "2018"},
            {"fact_id": "other-road", "subject": "b-road", "year": "2019~"},
            {"fact_id": "undated", "subject": "a-road"},
        ],
    )


def test_figures_stand_by_link_then_by_year_and_subjects_without_a_link_come_last(
    roads: Dossier,
) -> None:
    found = estimates.reported(roads)
    order = ["other-road", "old", "alike-1", "alike-2", "undated", "other"]
    assert found["fact_id"].tolist() == order
    assert found["about"].tolist() == ["A road", *["Z road"] * 4, "A road of no record"]
    assert found["link_id"].isna().tolist() == [False] * 5 + [True]


def test_a_year_stays_as_vague_as_it_was(roads: Dossier) -> None:
    found = by_id(estimates.reported(roads), "fact_id")
    assert found["other-road"]["year"] == "2019~"
    assert found["old"]["year"] == "2019-05"
    assert pd.isna(found["undated"]["year"])


def test_figures_of_some_links_leave_out_all_others(roads: Dossier) -> None:
    assert estimates.reported(roads, links=["b-road"])["fact_id"].tolist() == ["other-road"]
    assert estimates.reported(roads, links=[]).empty


def test_the_figures_on_a_link_are_counted_with_their_years(roads: Dossier) -> None:
    found = by_id(estimates.by_link(estimates.reported(roads)), "link_id")
    assert set(found) == {"a-road", "b-road"}
    road = found["a-road"]
    assert (road["fact_id"], road["n_figures"], road["n_undated"]) == ("old", 4, 1)
    assert (road["first_year"], road["last_year"]) == (2019, 2020)


facts = st.fixed_dictionaries(
    {
        "subject": st.sampled_from(["a-road", "b-road", "a port"]),
        "quantity": st.sampled_from(["queue", "fee"]),
        "value_low": st.integers(0, 2),
        "year": st.sampled_from(["", "2019", "2020-02", "2018~"]),
    }
)


@settings(max_examples=30)
@given(st.lists(facts, max_size=8))
def test_as_many_figures_come_out_as_went_in_each_with_its_own_value(
    rows: list[dict[str, Any]],
) -> None:
    context = [{**row, "fact_id": f"f{at}"} for at, row in enumerate(rows)]
    with TemporaryDirectory() as folder:
        dossier = tiny_dossier(Path(folder), **ROADS, context=context)
        found = estimates.reported(dossier)
    assert len(found) == len(rows)
    values = {row["fact_id"]: row["value_low"] for row in context}
    assert dict(zip(found["fact_id"], found["value_low"], strict=True)) == values
    counted = estimates.by_link(found)
    assert counted["n_figures"].sum() == found["link_id"].notna().sum()


# The record


def test_the_figure_of_thirty_percent_was_credited_to_somebody_else() -> None:
    told = estimates.genealogy(estimates.estimates(RECORD))
    family = told[told["family"] == "polyakov-2001-gdp"]
    others = family[family["credit_differs"]]
    assert set(others["credited_to"]) == {
        "Asian Development Bank",
        "World Bank and Asian Development Bank",
    }
    assert (others["value_low"] == others["value_low_root"]).all()
    assert others["assumption_differs"].all()
    assert set(family.loc[family["value_differs"], "value_high"]) == {38, 40}


def test_every_restatement_of_the_record_rests_on_its_own_name_or_on_a_claim() -> None:
    found = estimates.estimates(RECORD)
    claims = RECORD.claims[RECORD.claims["subject_table"].eq("effects")]
    claimed = {name for ids in claims["sources"] for name in ids}
    for row in found[found["generation"] > 0].to_dict("records"):
        named = row["effect_id"].startswith(row["family"].rpartition("-")[0])
        assert named or not claimed.isdisjoint(row["sources"]), row["effect_id"]


def test_a_restatement_is_in_no_view_of_a_day_before_it_was_made() -> None:
    found = estimates.estimates(RECORD.as_of("2003-01-01"))
    assert "polyakov-2001-gdp" in set(found["effect_id"])
    assert found["generation"].eq(0).all()
    later = estimates.estimates(RECORD.as_of("2006-01-01"))
    assert "polyakov-2001-gdp-eurasianet" in set(later["effect_id"])
    assert "polyakov-2001-gdp-embassy" not in set(later["effect_id"])


def test_equal_numbers_alone_make_no_restatement() -> None:
    found = by_id(estimates.estimates(RECORD))
    assert found["armenian-analysts-2009-imports"]["value_low"] == 13
    assert found["aeplac-2005-imports-five-years"]["value_low"] == 13
    assert found["armenian-analysts-2009-imports"]["generation"] == 0


def test_every_figure_of_the_record_is_reported_by_itself() -> None:
    found = estimates.reported(RECORD)
    assert sorted(found["fact_id"]) == sorted(RECORD.context["fact_id"])
    assert set(found["link_id"].dropna()) <= set(RECORD.links["link_id"])


def test_before_anything_is_recorded_frames_are_empty_with_their_columns_and_types() -> None:
    empty = RECORD.as_of("1990-01-01")
    pairs = [
        (estimates.estimates(empty), estimates.estimates(RECORD)),
        (
            estimates.genealogy(estimates.estimates(empty)),
            estimates.genealogy(estimates.estimates(RECORD)),
        ),
        (estimates.reported(empty), estimates.reported(RECORD)),
        (
            estimates.by_link(estimates.reported(empty)),
            estimates.by_link(estimates.reported(RECORD)),
        ),
    ]
    for none, all_of_it in pairs:
        assert none.empty
        assert none.dtypes.equals(all_of_it.dtypes)
