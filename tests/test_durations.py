"""How long commitments take and how they end: days, survival, incidence, medians."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from random import Random

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normlib import commitments, durations, load
from normlib.errors import RecipeError
from tests.tiny import tiny_dossier

RECORD = load()
DAY = pd.Timestamp("2022-12-31")
MADE = {"commitment_id": "gate", "made_on": "2021-01-01", "event_id": "2021-01-01-talks"}

YARDSTICK = [1, 2, 3, 4, 5, 6], [None, "a", "a", "b", "b", None]


def lives(*rows: tuple[int, int | None, str], group: str = "g") -> pd.DataFrame:
    """Durations made by hand: fewest and most days, and the ending."""
    names = [f"c{at:02}" for at in range(len(rows))]
    frame = pd.DataFrame(
        {
            "commitment_id": names,
            "title": [name.upper() for name in names],
            "phase": group,
            "made_on": "2021-01-01",
            "made_on_latest": pd.Timestamp("2021-01-01").as_unit("s"),
            "days_low": [low for low, _, _ in rows],
            "days_high": [high for _, high, _ in rows],
            "ending": [ending for _, _, ending in rows],
            "ended_on": None,
            "sources": [(f"s-{name}",) for name in names],
        },
        columns=list(durations.durations(commitments.ledger(RECORD), day=RECORD.day)),
    )
    return frame.astype({"days_low": "Int64", "days_high": "Int64"})


def exact(*rows: tuple[int, str]) -> pd.DataFrame:
    return lives(*((days, days, ending) for days, ending in rows))


def the_life(folder: Path, seen: Sequence[dict[str, object]], made: object = None) -> pd.Series:
    """The duration of one promise of 1 January 2021, seen until 31 December 2022."""
    dossier = tiny_dossier(
        folder,
        descriptor={"coversUntil": "2022-12-31"},
        sources=[{"source_id": "late", "published": "2021-02-01"}],
        events=[{"event_id": "2021-01-01-talks"}, {"event_id": "2020-12-01-opening"}],
        commitments=[{**MADE, **({"made_on": made} if made else {})}],
        observations=[{"commitment_id": "gate", **row} for row in seen],
    )
    return durations.durations(commitments.ledger(dossier), day=dossier.day).iloc[0]


ENDINGS = st.sampled_from(["implemented", "abandoned", "superseded", "open"])
EXACT = st.lists(st.tuples(st.integers(0, 9), ENDINGS), min_size=5, max_size=14)
SPANS = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 5), ENDINGS).map(
        lambda row: (row[0], row[0] + row[1], row[2])
    ),
    min_size=5,
    max_size=9,
)


# One commitment


def test_an_open_promise_is_followed_to_the_day(tmp_path: Path) -> None:
    row = the_life(tmp_path, [])
    assert (row["ending"], row["days_low"], row["days_high"]) == ("open", 729, 729)
    assert pd.isna(row["ended_on"])


def test_an_implemented_promise_took_the_days_of_the_ledger(tmp_path: Path) -> None:
    seen = [{"observed_on": "2021-03", "level": 3, "state": "implemented"}]
    row = the_life(tmp_path, seen, made="2021-01")
    assert (row["ending"], row["days_low"], row["days_high"]) == ("implemented", 29, 89)
    assert row["ended_on"] == "2021-03"


def test_a_promise_that_was_given_up_was_followed_until_then(tmp_path: Path) -> None:
    seen = [
        {"observed_on": "2021-01-05", "level": 1, "state": "preparing"},
        {"observed_on": "2021-01-11", "level": 1, "state": "abandoned"},
    ]
    row = the_life(tmp_path, seen)
    assert (row["ending"], row["days_low"], row["days_high"]) == ("abandoned", 10, 10)


def test_a_vague_end_makes_the_days_an_interval(tmp_path: Path) -> None:
    seen = [{"observed_on": "2021-02", "level": 0, "state": "abandoned"}]
    row = the_life(tmp_path, seen)
    assert (row["days_low"], row["days_high"]) == (31, 58)


def test_an_end_known_only_as_not_later_can_be_as_early_as_the_promise(tmp_path: Path) -> None:
    page = {"observed_on": "../2021-02-01", "level": 0, "state": "abandoned", "sources": "late"}
    row = the_life(tmp_path, [page])
    assert (row["days_low"], row["days_high"]) == (0, 31)


def test_what_rests_on_an_event_before_the_promise_may_have_taken_no_day(tmp_path: Path) -> None:
    report = {"observed_on": "2021-01-11", "level": 3, "state": "implemented"}
    row = the_life(tmp_path, [{**report, "event_id": "2020-12-01-opening"}])
    assert (row["ending"], row["days_low"], row["days_high"]) == ("implemented", 0, 10)


def test_an_end_known_before_the_promise_took_no_day(tmp_path: Path) -> None:
    seen = [{"observed_on": "../2021-02-01", "level": 0, "state": "abandoned"}]
    row = the_life(tmp_path, seen)
    assert (row["days_low"], row["days_high"]) == (0, 0)


def test_a_promise_kept_and_taken_back_is_open_from_its_beginning(tmp_path: Path) -> None:
    seen = [
        {"observed_on": "2021-01-11", "level": 3, "state": "implemented"},
        {"observed_on": "2021-06-01", "level": 0, "state": "reversed"},
    ]
    row = the_life(tmp_path, seen)
    assert (row["ending"], row["days_high"]) == ("open", 729)


def test_what_is_fully_implemented_counts_so_though_its_state_has_ended(tmp_path: Path) -> None:
    seen = [
        {"observed_on": "2021-01-11", "level": 3, "state": "implemented"},
        {"observed_on": "2021-06-01", "level": 3, "state": "superseded"},
    ]
    row = the_life(tmp_path, seen)
    assert (row["ending"], row["days_high"]) == ("implemented", 10)


def test_a_beginning_left_open_has_no_most_days_and_no_curve(tmp_path: Path) -> None:
    row = the_life(tmp_path, [], made="../2021-01-01")
    assert pd.isna(row["days_high"])
    undated = lives(*[(3, 3, "implemented")] * 4, (3, None, "open"))
    assert durations.survival(undated).empty
    found = durations.summary(undated).iloc[0]
    assert (found["n"], found["n_undated"], found["has_curve"]) == (5, 1, False)


def test_the_articles_of_the_protocols_ended_after_3064_days() -> None:
    rows = durations.durations(commitments.ledger(RECORD), day=RECORD.day)
    row = rows.set_index("commitment_id").loc["protocols-2009-open-border"]
    ended = (pd.Timestamp("2018-03-01") - pd.Timestamp("2009-10-10")).days
    assert (row["ending"], row["days_low"], row["days_high"]) == ("abandoned", ended, ended)


def test_every_commitment_of_the_record_has_its_days_and_sources() -> None:
    ledger = commitments.ledger(RECORD)
    rows = durations.durations(ledger, day=RECORD.day)
    assert rows["commitment_id"].tolist() == ledger["commitment_id"].tolist()
    assert (rows["days_low"] <= rows["days_high"]).all()
    assert (rows["days_high"] <= ledger["outstanding_days_high"]).all()
    assert rows["sources"].map(len).min() > 0


# Kaplan–Meier


def test_a_curve_worked_out_by_hand() -> None:
    """3, 5+, 7, 7, 9+: four fifths, then a third of that."""
    rows = exact(
        (3, "implemented"), (5, "open"), (7, "implemented"), (7, "implemented"), (9, "open")
    )
    curve = durations.survival(rows).set_index("days")
    assert curve["survival_low"].to_dict() == pytest.approx(
        {0: 1, 3: 4 / 5, 5: 4 / 5, 7: 4 / 15, 9: 4 / 15}
    )
    assert curve["at_risk_low"].tolist() == [5, 5, 4, 3, 1]
    assert curve["implemented_low"].tolist() == [0, 1, 1, 3, 3]
    assert curve["commitment_ids"].tolist() == [(), ("c00",), ("c01",), ("c02", "c03"), ("c04",)]


def test_the_interval_is_that_of_the_log_log_scale() -> None:
    """By hand at 4/5 of five: exp(-exp(ln(-ln S) ± 1.96 s / ln S)), Greenwood's s² = 1/20."""
    rows = exact((3, "implemented"), *[(9, "open")] * 4)
    row = durations.survival(rows).set_index("days").loc[3]
    assert (row["confidence_low"], row["confidence_high"]) == pytest.approx((0.2038, 0.9692), 1e-3)


def test_there_is_no_interval_at_one_and_at_zero() -> None:
    curve = durations.survival(exact(*[(day, "implemented") for day in range(1, 6)]))
    edges = curve[curve["days"].isin((0, 5))]
    assert edges["survival_low"].tolist() == [1, 0]
    assert edges[["confidence_low", "confidence_high"]].isna().all().all()


def test_what_leaves_on_the_day_of_an_implementation_is_still_counted_then() -> None:
    rows = exact((3, "open"), (3, "implemented"), (4, "open"), (4, "open"), (4, "open"))
    assert durations.survival(rows).set_index("days").loc[3, "survival_low"] == 4 / 5


def test_endings_other_than_implementation_leave_the_count() -> None:
    given_up = exact((1, "abandoned"), (2, "implemented"), *[(3, "open")] * 3)
    left = exact((1, "open"), (2, "implemented"), *[(3, "open")] * 3)
    shares = ["days", "survival_low", "survival_high"]
    pd.testing.assert_frame_equal(
        durations.survival(given_up)[shares], durations.survival(left)[shares]
    )


@settings(max_examples=40)
@given(EXACT, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[int, str]], chance: Random) -> None:
    frame = exact(*rows)
    mixed = frame.iloc[chance.sample(range(len(frame)), len(frame))]
    pd.testing.assert_frame_equal(durations.survival(frame), durations.survival(mixed))
    pd.testing.assert_frame_equal(durations.incidence(frame), durations.incidence(mixed))
    pd.testing.assert_frame_equal(durations.summary(frame), durations.summary(mixed))


@given(EXACT)
def test_exact_dates_leave_one_curve_which_never_rises(rows: list[tuple[int, str]]) -> None:
    curve = durations.survival(exact(*rows))
    assert curve["survival_low"].tolist() == curve["survival_high"].tolist()
    assert curve["survival_low"].is_monotonic_decreasing


@settings(max_examples=60)
@given(SPANS, st.data())
def test_the_band_contains_the_curve_of_any_choice_of_dates(
    rows: list[tuple[int, int, str]], data: st.DataObject
) -> None:
    chosen = [(data.draw(st.integers(low, high)), ending) for low, high, ending in rows]
    band, curve = durations.survival(lives(*rows)), durations.survival(exact(*chosen))
    shares = [durations.at(frame, days=range(15)) for frame in (band, curve)]
    both = shares[0].merge(shares[1], on="days", suffixes=("", "_chosen"))
    both = both.dropna(subset=["survival_low", "survival_low_chosen"])
    assert both["days"].max() >= max(days for days, _ in chosen)
    assert (both["survival_low_chosen"] >= both["survival_low"] - 1e-12).all()
    assert (both["survival_low_chosen"] <= both["survival_high"] + 1e-12).all()


def test_the_band_is_wider_than_the_curves_of_fewest_and_of_most_days() -> None:
    """One promise left on day 2; another was kept on day 1, 2 or 3: after that it weighs more."""
    rows = lives((1, 3, "implemented"), (2, 2, "open"), *[(9, 9, "open")] * 3)
    curve = durations.survival(rows).set_index("days")
    assert curve.loc[2, ["survival_low", "survival_high"]].tolist() == [4 / 5, 1]
    assert curve.loc[3, ["survival_low", "survival_high"]].tolist() == [3 / 4, 4 / 5]


def test_the_band_steps_down_the_day_after_somebody_may_have_left_before() -> None:
    rows = lives((1, 5, "implemented"), (2, 2, "open"), *[(9, 9, "open")] * 3)
    read = durations.at(durations.survival(rows), days=[2, 3, 4])
    assert read["survival_low"].tolist() == [4 / 5, 3 / 4, 3 / 4]


# Aalen–Johansen


def test_two_causes_in_six_times_are_two_fifths_each() -> None:
    last = durations.aalen_johansen(*YARDSTICK)[-1]
    assert last.days == 6
    assert last.incidence == {"a": Fraction(2, 5), "b": Fraction(2, 5)}
    assert last.survival == Fraction(1, 5)


@pytest.mark.parametrize("grid", [[6], [0, 6], [0, 3, 6], [6, 5, 4], range(7), [6, 6]])
def test_the_yardstick_is_the_same_on_any_grid(grid: Sequence[int]) -> None:
    words = {None: "open", "a": "implemented", "b": "abandoned"}
    rows = exact(*[(day, words[code]) for day, code in zip(*YARDSTICK, strict=True)])
    read = durations.at(durations.incidence(rows), days=grid)
    found = read[read["days"].eq(6)]
    assert found["incidence"].tolist() == pytest.approx([0.4] * len(found))
    assert set(found["survival"]) == {0.2}
    assert set(found["ending"]) == {"implemented", "abandoned"}
    assert found["at_risk"].eq(1).all()


def test_ties_between_causes_are_shared_out_at_once() -> None:
    steps = durations.aalen_johansen([2, 2, 2, 2, 2, 5], ["a", "b", "b", None, None, "a"])
    assert steps[0].incidence == {"a": Fraction(1, 6), "b": Fraction(1, 3)}
    assert steps[1].incidence == {"a": Fraction(2, 3), "b": Fraction(1, 3)}
    assert steps[1].survival == 0


@given(EXACT)
def test_incidences_and_survival_are_the_whole_at_every_time(rows: list[tuple[int, str]]) -> None:
    days = [day for day, _ in rows]
    endings = [None if ending == "open" else ending for _, ending in rows]
    for step in durations.aalen_johansen(days, endings):
        assert sum(step.incidence.values()) + step.survival == 1


@given(EXACT)
def test_the_frame_adds_up_on_every_day_too(rows: list[tuple[int, str]]) -> None:
    found = durations.incidence(exact(*rows))
    whole = found.groupby("days")["incidence"].sum() + found.groupby("days")["survival"].first()
    assert whole.tolist() == pytest.approx([1.0] * len(whole), abs=1e-14)
    assert found["incidence"].between(0, 1).all()
    assert found["events"].sum() == sum(ending != "open" for _, ending in rows)


@given(EXACT)
def test_with_one_cause_both_estimates_agree(rows: list[tuple[int, str]]) -> None:
    only = exact(*[(day, end if end == "implemented" else "open") for day, end in rows])
    kept = durations.survival(only)["survival_low"].tolist()
    assert durations.incidence(only)["survival"].tolist() == pytest.approx(kept)


@given(EXACT)
def test_what_competes_can_only_lower_the_share_implemented(rows: list[tuple[int, str]]) -> None:
    frame = exact(*rows)
    share = durations.incidence(frame).query("ending == 'implemented'")["incidence"].to_numpy()
    alone = 1 - durations.survival(frame)["survival_low"].to_numpy()
    assert (share <= alone + 1e-12).all()


def test_either_bound_of_the_dates_can_be_counted_and_no_other() -> None:
    rows = lives((1, 4, "implemented"), *[(9, 9, "open")] * 4)
    happened = [
        durations.incidence(rows, dates=dates).query("events > 0")["days"].tolist()
        for dates in ("low", "high")
    ]
    assert happened == [[1], [4]]
    with pytest.raises(RecipeError, match="'low' or 'high'"):
        durations.incidence(rows, dates="lows")


# Reading a curve


def test_after_the_last_day_followed_nothing_is_known() -> None:
    rows = exact((2, "implemented"), *[(4, "open")] * 4)
    read = durations.at(durations.survival(rows), days=[3, 4, 5]).set_index("days")
    assert read["survival_low"].tolist()[:2] == [4 / 5, 4 / 5]
    assert pd.isna(read.loc[5, "survival_low"])
    assert read["at_risk_low"].tolist() == [4, 4, 0]


def test_after_the_last_implementation_the_share_left_stays_zero() -> None:
    rows = exact(*[(2, "implemented")] * 5)
    assert durations.at(durations.survival(rows), days=[99])["survival_high"].tolist() == [0]
    assert durations.at(durations.incidence(rows), days=[99])["incidence"].tolist() == [1]


@given(EXACT, st.lists(st.integers(0, 20), min_size=1, max_size=6))
def test_a_reading_counts_those_followed_for_so_long(
    rows: list[tuple[int, str]], grid: list[int]
) -> None:
    read = durations.at(durations.incidence(exact(*rows)), days=grid)
    expected = [sum(days >= day for days, _ in rows) for day in grid]
    assert read.query("ending == 'implemented'")["at_risk"].tolist() == expected


# Groups


def test_below_five_there_is_no_curve_but_a_count() -> None:
    few = lives(*[(3, 3, "implemented")] * 4, group="few")
    enough = lives(*[(3, 3, "implemented")] * 5, group="enough")
    rows = pd.concat([few, enough], ignore_index=True)
    assert set(durations.survival(rows, by="phase")["group"]) == {"enough"}
    assert set(durations.incidence(rows, by="phase")["group"]) == {"enough"}
    found = durations.summary(rows, by="phase").set_index("group")
    assert found["n"].to_dict() == {"few": 4, "enough": 5}
    assert found["has_curve"].to_dict() == {"few": False, "enough": True}
    assert found.loc["enough", "median_days_low"] == 3
    assert pd.isna(found.loc["few", "median_days_low"])


def test_a_group_is_computed_as_if_it_were_alone() -> None:
    ledger = commitments.ledger(RECORD)
    rows = durations.periods(durations.durations(ledger, day=RECORD.day), year=2020)
    for name, group in rows.groupby("period"):
        both = durations.survival(rows, by="period").query("group == @name")
        alone = durations.survival(group).assign(group=name)
        pd.testing.assert_frame_equal(both.reset_index(drop=True), alone, check_dtype=False)


def test_the_protocols_are_told_from_the_promises_since_2020() -> None:
    rows = durations.durations(commitments.ledger(RECORD), day=RECORD.day)
    periods = durations.periods(rows, year=2020)
    older = periods[periods["period"].eq("made before 2020")]
    assert set(older["phase"]) == {"Football diplomacy"}
    found = durations.summary(periods, by="period")
    assert found["group"].tolist() == ["made before 2020", "made since 2020"]
    assert found["n_implemented"].tolist() == [0, 9]


def test_a_column_that_there_is_not_is_refused_with_the_nearest() -> None:
    with pytest.raises(RecipeError, match="Did you mean 'phase'"):
        durations.survival(exact((1, "open")), by="phas")


def test_a_commitment_without_a_group_is_told_as_not_known() -> None:
    rows = lives(*[(3, 3, "open")] * 5).assign(phase=pd.Series([None] * 5, dtype="str"))
    assert durations.summary(rows, by="phase")["group"].tolist() == ["not known"]


# Medians, batches, what ended since


def test_the_median_is_the_first_day_on_which_half_are_implemented() -> None:
    rows = exact(*[(day, "implemented") for day in (1, 2, 3, 4, 5, 6)])
    found = durations.summary(rows).iloc[0]
    assert (found["median_days_low"], found["median_days_high"]) == (3, 3)


def test_the_median_of_uncertain_dates_is_an_interval() -> None:
    rows = lives(*[(day, day + 2, "implemented") for day in (1, 2, 3, 4, 5)])
    found = durations.summary(rows).iloc[0]
    assert (found["median_days_low"], found["median_days_high"]) == (3, 5)


def test_a_median_that_is_not_reached_is_missing() -> None:
    found = durations.summary(exact((1, "implemented"), *[(9, "open")] * 4)).iloc[0]
    assert pd.isna(found["median_days_low"])
    assert found["longest_days"] == 9


def test_the_articles_that_ended_together_are_one_batch() -> None:
    rows = durations.durations(commitments.ledger(RECORD), day=RECORD.day)
    largest = durations.batches(rows).iloc[0]
    assert (largest["made_on"], largest["ended_on"]) == ("2009-10-10", "2018-03-01")
    assert largest["n"] == len(largest["commitment_ids"]) == 14


def test_open_promises_are_no_batch() -> None:
    assert durations.batches(exact((9, "open"), (9, "open"))).empty


def test_what_ended_between_two_days_is_told_once() -> None:
    before, after = (
        durations.durations(commitments.ledger(RECORD.as_of(day)), day=pd.Timestamp(day))
        for day in ("2022-01-31", "2022-02-02")
    )
    ended = durations.ended_since(before, after)
    assert ended["commitment_id"].tolist() == ["istanbul-yerevan-flights"]
    assert durations.ended_since(after, after).empty


# Nothing


def test_an_empty_ledger_gives_empty_frames_with_their_columns_and_types() -> None:
    early = RECORD.as_of("1900-01-01")
    rows = durations.durations(commitments.ledger(early), day=early.day)
    full = durations.durations(commitments.ledger(RECORD), day=RECORD.day)
    for function in (durations.survival, durations.incidence, durations.summary, durations.batches):
        empty, filled = function(rows), function(full)
        assert len(empty) == 0
        assert empty.dtypes.to_dict() == filled.dtypes.to_dict()
    assert rows.dtypes.to_dict() == full.dtypes.to_dict()
    curve = durations.survival(rows)
    assert durations.at(curve, days=[1]).empty
    assert durations.periods(rows, year=2020)["period"].tolist() == []
    assert durations.ended_since(rows, rows).empty
