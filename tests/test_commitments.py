"""Commitments: the ledger on a day, levels over time, the index, and the dates that were named."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normlib import claims, commitments, load
from normlib.dossier import Dossier
from normlib.errors import RecipeError
from tests.tiny import tiny_dossier

RECORD = load()
BORDER = "border-third-country-citizens"
MADE = {"commitment_id": "gate", "made_on": "2021-01-01", "event_id": "2021-01-01-talks"}
TALKS = {"event_id": "2021-01-01-talks"}


def tiny(folder: Path, observations: list[dict[str, object]], **tables: object) -> Dossier:
    """A record with one promise of 1 January 2021, known until 31 December 2022."""
    rows = [{"commitment_id": "gate", **row} for row in observations]
    until = {"coversUntil": "2022-12-31"}
    given = {"events": [TALKS], "commitments": [MADE], "observations": rows, **tables}
    return tiny_dossier(folder, descriptor=until, **given)


def the_row(dossier: Dossier, key: str = "gate") -> pd.Series:
    return commitments.ledger(dossier).set_index("commitment_id").loc[key]


def ledger_of(levels: list[int | None], ids: list[str] | None = None) -> pd.DataFrame:
    """A ledger made by hand: ids, levels and states."""
    names = ids if ids is not None else [f"c{at}" for at in range(len(levels))]
    return pd.DataFrame(
        {
            "commitment_id": pd.Series(names, dtype="str"),
            "level": pd.Series(levels, dtype="Int64"),
            "state": pd.Series(["partial"] * len(levels), dtype="str"),
            "sector": pd.Series(["rail"] * len(levels), dtype="str"),
        }
    )


LEVELS = st.lists(st.one_of(st.none(), st.integers(0, 3)), max_size=12)
RATED = st.lists(st.integers(0, 3), min_size=1, max_size=12)
DAYS = st.dates(
    min_value=pd.Timestamp("2008-01-01").date(), max_value=RECORD.covers_until.date()
).map(pd.Timestamp)


# The ledger


def test_the_land_border_was_1169_days_outstanding_on_the_day_of_the_sixth_round() -> None:
    row = the_row(RECORD.as_of("2025-09-12"), BORDER)
    assert (row["outstanding_days_low"], row["outstanding_days_high"]) == (1169, 1169)
    assert (row["level"], row["state"], row["standing"]) == (1, "preparing", "running")


def test_every_commitment_has_one_row_in_the_order_in_which_it_was_made() -> None:
    ledger = commitments.ledger(RECORD)
    assert ledger["commitment_id"].is_unique
    assert set(ledger["commitment_id"]) == set(RECORD.commitments["commitment_id"])
    assert ledger["made_on_earliest"].is_monotonic_increasing


def test_before_its_first_observation_a_commitment_has_no_level(tmp_path: Path) -> None:
    row = the_row(tiny(tmp_path, []))
    assert pd.isna(row["level"])
    assert pd.isna(row["state"])
    assert pd.isna(row["silence_days"])
    assert row["outstanding_days_high"] == 729


def test_the_last_observation_gives_the_level_even_if_it_gives_none(tmp_path: Path) -> None:
    seen = [
        {"observed_on": "2021-02-01", "level": 1, "state": "preparing"},
        {"observed_on": "2021-03-01", "level": "", "state": "preparing"},
    ]
    row = the_row(tiny(tmp_path, seen))
    assert pd.isna(row["level"])
    assert row["state_since"] == "2021-02-01"


def test_an_observation_without_a_level_does_not_break_the_silence(tmp_path: Path) -> None:
    seen = [
        {"observed_on": "2021-12-31", "level": 1, "state": "preparing"},
        {"observed_on": "2022-12-01", "level": "", "state": "preparing"},
    ]
    row = the_row(tiny(tmp_path, seen))
    assert (row["observed_on"], row["rated_on"]) == ("2022-12-01", "2021-12-31")
    assert row["silence_days"] == 365


def test_a_vague_observation_is_overtaken_by_an_exact_one_of_the_same_month() -> None:
    """A ban of 29 April stands, though “April” was surely over only a day later."""
    row = the_row(RECORD.as_of("2023-05-01"), "overflight-access")
    assert (row["level"], row["state"]) == (0, "reversed")


def test_an_observation_not_later_than_a_day_counts_from_when_it_was_known() -> None:
    row = the_row(RECORD, "ani-bridge-restoration")
    assert row["level"] == 1
    assert row["state_since"] == f"../{RECORD.covers_until.date()}"


def test_an_observation_not_later_than_a_month_known_at_its_end_keeps_its_words(
    tmp_path: Path,
) -> None:
    page = {"source_id": "s", "published": "2021-03-31"}
    seen = [{"observed_on": "../2021-03", "level": 1, "state": "preparing"}]
    row = the_row(tiny(tmp_path, seen, sources=[page]))
    assert (row["observed_on"], row["silence_days"]) == ("../2021-03", 640)


def test_uncertain_dates_make_the_outstanding_days_an_interval(tmp_path: Path) -> None:
    made = {**MADE, "made_on": "2021-01"}
    seen = [{"observed_on": "2021-03", "level": 3, "state": "implemented"}]
    row = the_row(tiny(tmp_path, seen, commitments=[made]))
    assert (row["outstanding_days_low"], row["outstanding_days_high"]) == (29, 89)
    assert row["implemented_on"] == "2021-03"


def test_implementation_may_go_back_to_the_event_that_a_report_rests_on(tmp_path: Path) -> None:
    opening = {"event_id": "2021-02-01-opening"}
    report = {"observed_on": "2021-02-15", "level": 3, "state": "implemented"}
    seen = [{**report, "event_id": "2021-02-01-opening"}]
    aim = {"commitment_id": "gate", "stated_on": "2021-01-05", "target": "2021-02-01"}
    dossier = tiny(tmp_path, seen, events=[TALKS, opening], targets=[aim])
    row = the_row(dossier)
    assert (row["outstanding_days_low"], row["outstanding_days_high"]) == (31, 45)
    assert commitments.targets(dossier)["outcome"].tolist() == ["met"]


def test_a_promise_taken_back_is_outstanding_again_from_its_beginning(tmp_path: Path) -> None:
    seen = [
        {"observed_on": "2021-01-11", "level": 3, "state": "implemented"},
        {"observed_on": "2021-06-01", "level": 0, "state": "reversed"},
    ]
    dossier = tiny(tmp_path, seen)
    assert the_row(dossier.as_of("2021-05-31"))["outstanding_days_high"] == 10
    assert the_row(dossier.as_of("2021-06-01"))["outstanding_days_high"] == 151
    assert pd.isna(the_row(dossier)["implemented_on"])


def test_a_replaced_promise_names_its_successor_and_has_ended() -> None:
    row = the_row(RECORD, "ani-bridge-restoration-2023")
    assert row["superseded_by"] == "ani-bridge-restoration"
    assert row["standing"] == "ended"


def test_sides_are_those_of_the_process_among_the_parties() -> None:
    sides = commitments.ledger(RECORD).set_index("commitment_id")["side"]
    assert sides["akhurik-track"] == "Armenia"
    assert sides["turkish-airlines-yerevan"] == "Türkiye"
    assert sides[BORDER] == "Türkiye and Armenia"


def test_the_phase_of_a_promise_is_the_last_that_had_begun() -> None:
    begins = RECORD.events.set_index("event_id")["date_latest"]
    starts = sorted(zip(begins[RECORD.phases["from_event"]], RECORD.phases["title"], strict=True))
    found = commitments.ledger(RECORD).merge(RECORD.commitments[["commitment_id", "effective_on"]])
    for phase, made in zip(found["phase"], found["effective_on"], strict=True):
        assert phase == [title for start, title in starts if start <= made][-1]


def test_a_promise_of_before_the_first_phase_has_none(tmp_path: Path) -> None:
    phase = {"phase_id": "talks", "title": "Talks", "from_event": "2021-02-01-talks"}
    events = [TALKS, {"event_id": "2021-02-01-talks"}]
    later = {**MADE, "commitment_id": "bridge", "made_on": "2021-02-01"}
    dossier = tiny(tmp_path, [], events=events, phases=[phase], commitments=[MADE, later])
    phases = commitments.ledger(dossier)["phase"]
    assert phases.isna().tolist() == [True, False]
    assert phases[1] == "Talks"


def test_a_row_cites_its_promise_and_its_last_observation() -> None:
    row = the_row(RECORD.as_of("2025-09-12"), BORDER)
    assert {"mfa-am-2022-07-01-fourth", "seed-2025-09-12"} <= set(row["sources"])


@pytest.mark.parametrize("day", ["1900-01-01", "1993-04-03"])
def test_before_the_first_promise_every_result_is_empty_with_its_columns(day: str) -> None:
    dossier = RECORD.as_of(day)
    ledger = commitments.ledger(dossier)
    assert (len(ledger), list(ledger)) == (0, commitments.LEDGER)
    assert list(commitments.level_history(dossier)) == commitments.HISTORY
    assert list(commitments.targets(dossier)) == commitments.TARGETS
    assert commitments.index_over_time(dossier).empty
    assert commitments.index(ledger).empty
    assert commitments.index_change(ledger, ledger).empty


@settings(max_examples=8)
@given(st.tuples(DAYS, DAYS).map(sorted))
def test_outstanding_days_never_fall_while_a_promise_is_not_kept(days: list[pd.Timestamp]) -> None:
    first, later = (
        commitments.ledger(RECORD.as_of(day)).set_index("commitment_id") for day in days
    )
    both = first.merge(later, left_index=True, right_index=True, suffixes=("", "_later"))
    both = both[both["implemented_on"].isna() & both["implemented_on_later"].isna()]
    for bound in ("outstanding_days_low", "outstanding_days_high"):
        assert (both[f"{bound}_later"] >= both[bound]).all()


@settings(max_examples=8)
@given(DAYS)
def test_the_ledger_agrees_with_the_observations_read_one_by_one(day: pd.Timestamp) -> None:
    """A slow and plain reading of the definition, against the quick one."""
    view = RECORD.as_of(day)
    for row in commitments.ledger(view).to_dict("records"):
        seen = view.observations[view.observations["commitment_id"] == row["commitment_id"]]
        keys = seen["observed_on_earliest"].fillna(seen["effective_on"])
        last = seen.loc[keys.sort_values(kind="stable").index[-1:]]
        expected = last["level"].iloc[0] if len(last) else pd.NA
        assert pd.isna(row["level"]) if pd.isna(expected) else row["level"] == expected


# Levels over time


def test_the_spans_of_a_commitment_follow_each_other_without_a_gap() -> None:
    history = commitments.level_history(RECORD)
    for _, spans in history.groupby("commitment_id"):
        assert spans["start"].iloc[1:].tolist() == spans["end"].iloc[:-1].tolist()
        assert spans["end"].isna().tolist() == [False] * (len(spans) - 1) + [True]


def test_the_first_span_runs_without_a_level_from_the_promise(tmp_path: Path) -> None:
    seen = [{"observed_on": "2021-02-01", "level": 1, "state": "preparing"}]
    history = commitments.level_history(tiny(tmp_path, seen))
    assert history["start"].dt.strftime("%Y-%m-%d").tolist() == ["2021-01-01", "2021-02-01"]
    assert history["level"].isna().tolist() == [True, False]
    assert history["sources"].tolist() == [("s",), ("s",)]


# The index


def test_four_of_seventeen_agreements_are_23_and_a_half_percent() -> None:
    """The BIG DEAL report of April 2015 on the dialogue of Kosovo and Serbia."""
    found = commitments.index(ledger_of([3] * 4 + [1] * 9 + [0] * 4)).iloc[0]
    assert (found["n"], found["n_3"]) == (17, 4)
    assert round(100 * found["share_3"], 1) == 23.5


def test_no_evidence_has_a_share_but_no_part_in_the_index() -> None:
    found = commitments.index(ledger_of([3, 0, None])).iloc[0]
    assert (found["n"], found["n_rated"], found["n_none"]) == (3, 2, 1)
    assert found["index"] == 0.5
    assert found["share_none"] == pytest.approx(1 / 3)


def test_replaced_promises_are_not_counted_but_told() -> None:
    ledger = ledger_of([3, 1]).assign(state=["implemented", "superseded"])
    found = commitments.index(ledger).iloc[0]
    assert (found["n"], found["n_replaced"], found["index"]) == (1, 1, 1.0)


def test_promises_given_up_stay_in_the_set() -> None:
    ledger = ledger_of([3, 0]).assign(state=["implemented", "abandoned"])
    assert commitments.index(ledger).iloc[0]["index"] == 0.5


def test_groups_divide_the_whole() -> None:
    ledger = commitments.ledger(RECORD)
    whole = commitments.index(ledger).iloc[0]
    for by in commitments.GROUPS:
        groups = commitments.index(ledger, by=by)
        assert groups[["n", "level_sum", "n_replaced"]].sum().tolist() == [
            whole["n"],
            whole["level_sum"],
            whole["n_replaced"],
        ]


def test_an_unknown_grouping_is_refused_with_the_nearest() -> None:
    with pytest.raises(RecipeError, match="sector"):
        commitments.index(ledger_of([1]), by="sectors")


@given(RATED, RATED)
def test_the_index_of_a_union_lies_between_those_of_its_parts(
    one: list[int], other: list[int]
) -> None:
    parts = sorted(commitments.index(ledger_of(levels)).iloc[0]["index"] for levels in (one, other))
    union = commitments.index(ledger_of(one + other)).iloc[0]["index"]
    assert parts[0] - 1e-12 <= union <= parts[1] + 1e-12


@settings(max_examples=8)
@given(DAYS)
def test_the_index_over_time_is_that_of_a_view_of_each_day(day: pd.Timestamp) -> None:
    over_time = commitments.index_over_time(RECORD)
    until_then = over_time[over_time["day"] <= day]
    viewed = commitments.index(commitments.ledger(RECORD.as_of(day)))
    if viewed.empty:
        assert until_then.empty
    else:
        assert until_then.iloc[-1][commitments.INDEX].tolist() == pytest.approx(
            viewed.iloc[0][commitments.INDEX].tolist(), nan_ok=True
        )


def test_the_index_over_time_can_be_that_of_some(tmp_path: Path) -> None:
    dossier = tiny(tmp_path, [{"observed_on": "2021-02-01", "level": 1, "state": "preparing"}])
    assert commitments.index_over_time(dossier, among=[]).empty
    assert commitments.index_over_time(dossier, among=["gate"])["n"].tolist() == [1, 1, 1]


@settings(max_examples=8)
@given(DAYS, st.sampled_from(commitments.GROUPS))
def test_groups_divide_the_index_over_time_on_every_day(view: pd.Timestamp, by: str) -> None:
    dossier = RECORD.as_of(max(view, RECORD.commitments["known_on"].min()))
    whole = commitments.index_over_time(dossier).set_index("day")
    groups = commitments.index_over_time(dossier, by=by).set_index(["day", "group"])
    held = {name: groups[name].unstack().reindex(whole.index).ffill() for name in groups}
    for name in ("n", *commitments.COUNTS, "n_rated", "level_sum"):
        assert held[name].sum(axis=1).tolist() == whole[name].tolist()
    rated = whole["index"].dropna()
    parts = held["index"].where(held["n_rated"] > 0).loc[rated.index]
    assert (parts.min(axis=1) <= rated + 1e-12).all()
    assert (rated <= parts.max(axis=1) + 1e-12).all()


def test_each_group_runs_from_its_first_promise_to_the_day_of_the_view() -> None:
    dossier = RECORD.as_of("2025-09-12")
    promised = commitments.ledger(dossier).merge(
        dossier.commitments[["commitment_id", "effective_on"]], on="commitment_id"
    )
    for by in commitments.GROUPS:
        over_time = commitments.index_over_time(dossier, by=by)
        assert over_time["group"].unique().tolist() == promised[by].unique().tolist()
        days = over_time.groupby("group", sort=False)["day"]
        begun = promised.groupby(by, sort=False)["effective_on"].min()
        assert days.first().tolist() == begun.tolist()
        assert set(days.last()) == {dossier.day}
        assert days.is_monotonic_increasing.all()
        ends = over_time.drop_duplicates("group", keep="last")[["group", *commitments.INDEX]]
        now = commitments.index(commitments.ledger(dossier), by=by)[list(ends)]
        pd.testing.assert_frame_equal(ends.reset_index(drop=True), now)


def test_a_group_over_time_is_that_of_its_members_alone() -> None:
    ledger = commitments.ledger(RECORD)
    rail = ledger.loc[ledger["sector"] == "rail", "commitment_id"]
    found = commitments.index_over_time(RECORD, by="sector")
    alone = commitments.index_over_time(RECORD, among=list(rail))
    rows = found[found["group"] == "rail"].drop(columns="group").reset_index(drop=True)
    pd.testing.assert_frame_equal(rows, alone)


def test_an_empty_index_over_time_keeps_its_columns_and_types() -> None:
    full, none = (commitments.index_over_time(RECORD, among=ids) for ids in (None, []))
    assert none.empty
    assert none.dtypes.tolist() == full.dtypes.tolist()
    grouped = commitments.index_over_time(RECORD, among=[], by="side")
    assert grouped.empty
    assert grouped.dtypes.equals(commitments.index_over_time(RECORD, by="side").dtypes)


def test_an_unknown_grouping_over_time_is_refused_with_the_nearest() -> None:
    with pytest.raises(RecipeError, match="sector"):
        commitments.index_over_time(RECORD, by="sectors")


# Change of the index


def test_a_rise_of_one_point_was_a_third_of_a_point_like_for_like() -> None:
    """Candidate Check, February to May 2023: a withdrawn item made most of the rise."""
    before = ledger_of([2, 7, 7, 6, 2, 9, 8])
    after = ledger_of([2, 8, 8, 6, None, 9, 8])
    change = commitments.index_change(before, after).iloc[0]
    points = {name: round(3 * change[name], 3) for name in commitments.CHANGE[6:]}
    assert (points["index_before"], points["index_after"]) == (5.857, 6.833)
    assert (points["common_before"], points["common_after"]) == (6.5, 6.833)
    assert (points["raw"], points["like_for_like"], points["composition"]) == (0.976, 0.333, 0.643)
    assert (change["n_common"], change["n_raised"]) == (6, 2)


@given(RATED, LEVELS)
def test_raw_change_is_like_for_like_and_composition(
    before: list[int], after: list[int | None]
) -> None:
    change = commitments.index_change(ledger_of(before), ledger_of(after)).iloc[0]
    if change["n_common"]:
        parts = change["like_for_like"] + change["composition"]
        assert change["raw"] == pytest.approx(parts, abs=1e-15)
        ends = change["index_after"] - change["index_before"]
        assert change["raw"] == pytest.approx(ends, abs=1e-15)


@given(RATED, st.integers(0, 3))
def test_a_new_or_a_dropped_item_never_changes_like_for_like(levels: list[int], extra: int) -> None:
    first, second = ledger_of(levels), ledger_of(levels[::-1])
    wider = ledger_of([*levels[::-1], extra])
    expected = commitments.index_change(first, second).iloc[0]["like_for_like"]
    assert commitments.index_change(first, wider).iloc[0]["like_for_like"] == expected
    assert commitments.index_change(wider, first).iloc[0]["like_for_like"] == -expected


def test_a_change_from_nothing_is_missing_not_zero() -> None:
    change = commitments.index_change(ledger_of([]), ledger_of([2])).iloc[0]
    assert change[["raw", "like_for_like", "composition"]].isna().all()
    assert change["index_after"] == pytest.approx(2 / 3)


# Dates that were named


def test_slippage_of_a_promise_never_dated_is_missing_not_zero() -> None:
    ledger = commitments.ledger(RECORD)
    never = ledger[ledger["n_targets"] == 0]
    assert len(never) > 0
    dated = ["first_target", "slippage_first_days", "slippage_last_days", "restated"]
    assert never[dated].isna().all().all()


def test_a_deadline_that_hangs_on_an_event_is_no_date() -> None:
    stated = commitments.targets(RECORD)
    blank = stated[stated["target"].isna()]
    assert blank["outcome"].eq("none").all()
    assert blank["slippage_days"].isna().all()


def test_the_land_border_was_dated_again_and_again() -> None:
    row = the_row(RECORD.as_of("2025-09-12"), BORDER)
    assert (row["n_targets"], row["restated"]) == (8, 7)
    assert (row["first_target"], row["slippage_first_days"]) == ("../2022-08", 1108)
    assert commitments.most_restated(commitments.targets(RECORD)) == BORDER


@pytest.mark.parametrize(
    ("target", "observed", "outcome", "slippage"),
    [
        ("2021-02", "2021-02-10", "met", -18),
        ("2021-02-01", "2021-02-11", "missed", 10),
        ("2023-06", None, "ahead", None),
        ("2022-12-31", None, "ahead", None),
        ("2022-12-01", None, "unseen", 30),
    ],
)
def test_a_date_is_met_missed_ahead_or_unseen(
    tmp_path: Path, target: str, observed: str | None, outcome: str, slippage: int | None
) -> None:
    seen = [{"observed_on": "2021-01-02", "level": 1, "state": "preparing"}]
    if observed:
        seen.append({"observed_on": observed, "level": 3, "state": "implemented"})
    aim = {"commitment_id": "gate", "stated_on": "2021-01-05", "target": target}
    found = commitments.targets(tiny(tmp_path, seen, targets=[aim])).iloc[0]
    assert found["outcome"] == outcome
    assert (
        pd.isna(found["slippage_days"]) if slippage is None else found["slippage_days"] == slippage
    )


def test_a_date_is_missed_once_a_later_observation_shows_less(tmp_path: Path) -> None:
    seen = [{"observed_on": "2022-12-02", "level": 2, "state": "stalled"}]
    aim = {"commitment_id": "gate", "stated_on": "2021-01-05", "target": "2022-12-01"}
    found = commitments.targets(tiny(tmp_path, seen, targets=[aim])).iloc[0]
    assert found["outcome"] == "missed"


def test_what_was_named_came_when_its_first_time_at_full_level_began(tmp_path: Path) -> None:
    seen = [
        {"observed_on": "2021-02-01", "level": 3, "state": "implemented"},
        {"observed_on": "2021-03-01", "level": 3, "state": "implemented"},
    ]
    aim = {"commitment_id": "gate", "stated_on": "2021-01-05", "target": "2021-02-15"}
    found = commitments.targets(tiny(tmp_path, seen, targets=[aim])).iloc[0]
    assert (found["outcome"], found["came_on"]) == ("met", pd.Timestamp("2021-02-01"))


def test_a_later_time_at_full_level_may_go_back_further_than_the_first(tmp_path: Path) -> None:
    opening = {"event_id": "2021-01-10-opening"}
    seen = [
        {"observed_on": "2021-02-01", "level": 3, "state": "implemented"},
        {"observed_on": "2021-03-01", "level": 2, "state": "reversed"},
        {"observed_on": "2021-04-01", "level": 3, "state": "implemented", **opening},
    ]
    aim = {"commitment_id": "gate", "stated_on": "2021-01-05", "target": "2021-02-15"}
    dossier = tiny(tmp_path, seen, events=[TALKS, opening], targets=[aim])
    assert commitments.targets(dossier)["came_on"].tolist() == [pd.Timestamp("2021-01-10")]


def test_a_date_once_met_stays_met_when_the_promise_is_taken_back() -> None:
    stated = commitments.targets(RECORD).set_index("commitment_id")
    assert stated.loc["overflight-access", "outcome"] == "met"


def test_a_date_moves_against_the_one_named_before_it(tmp_path: Path) -> None:
    aims = [
        {"commitment_id": "gate", "stated_on": f"2021-0{at}-01", "target": target}
        for at, target in enumerate(["2021-06", "2021-07", "2021-05"], start=1)
    ]
    stated = commitments.targets(tiny(tmp_path, [], targets=aims))
    assert stated["order"].tolist() == [1, 2, 3]
    assert stated["moved_days"].fillna(-1).tolist() == [-1, 31, -61]


def test_speakers_are_told_apart() -> None:
    stated = commitments.targets(RECORD).drop_duplicates("stated_by").set_index("stated_by")
    speakers = stated["speaker"]
    assert speakers["ararat-mirzoyan"] == speakers["tur-arm-joint"] == "official"
    assert speakers["aram-ananyan"] == speakers["turkish-airlines"] == "company"
    assert speakers["press-arm"] == speakers["bloomberg"] == "other"


def test_a_focus_that_is_no_commitment_is_refused_with_the_nearest() -> None:
    stated = commitments.targets(RECORD)
    with pytest.raises(RecipeError, match=BORDER):
        commitments.focus_targets(RECORD, stated, focus="border-third-country-citizen")


def test_a_focus_that_was_not_made_yet_has_no_dates() -> None:
    early = RECORD.as_of("2009-10-10")
    stated = commitments.targets(early)
    assert commitments.focus_targets(early, stated, focus=BORDER).empty


# Contradictions


def test_competing_values_stand_side_by_side_with_the_accepted_first() -> None:
    rows = claims.contradictions(RECORD, table="events").set_index("conflict")
    aid = rows.loc["syria-aid-crossing-date"]
    assert aid["value"].tolist() == ["2025-03-21", "2024-03"]
    assert aid["accepted"].tolist() == [True, False]
    assert aid["resolved"].all()


def test_a_single_visible_value_is_no_contradiction() -> None:
    rows = claims.contradictions(RECORD.as_of("2024-12-31"))
    assert "syria-aid-crossing-date" not in set(rows["conflict"])
    assert rows.groupby("conflict").size().min() >= 2


def test_around_commitments_lie_their_events_links_and_parties() -> None:
    rows = claims.contradictions(RECORD, around="commitments")
    assert {"commitments", "events", "links", "actors"} <= set(rows["subject_table"])
    assert "syria-aid-crossing-date" not in set(rows["conflict"])


def test_an_open_contradiction_says_so() -> None:
    rows = claims.contradictions(RECORD, table="links").set_index("conflict")
    assert not rows.loc["margara-regular-use", "resolved"].any()


def test_an_early_view_has_no_contradictions_but_their_columns() -> None:
    rows = claims.contradictions(RECORD.as_of("1900-01-01"), around="commitments")
    assert (len(rows), list(rows)) == (0, claims.COLUMNS)
