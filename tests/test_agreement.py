"""How far coders agree: Krippendorff's alpha, its interval, and when neither is told."""

from collections import Counter
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from normlib.agreement import AGREEMENT, FEWEST, METRICS, UNITS, agreement
from normlib.errors import RecipeError

# Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", example C: 4 coders, 12 units.
EXAMPLE = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)

Level = int | None
Matrix = list[list[Level]]
"""One list for each coder, with the level of each unit."""


def codings(matrix: Matrix) -> pd.DataFrame:
    """The frame of a matrix; each unit is a commitment of its own."""
    day = pd.Timestamp("2021-01-01")
    rows = [
        (f"promise-{unit:03}", day, f"coder-{coder}", level)
        for coder, levels in enumerate(matrix)
        for unit, level in enumerate(levels)
    ]
    return pd.DataFrame(rows, columns=list(UNITS)).astype(UNITS)


def example() -> pd.DataFrame:
    return codings([[None if v == "." else int(v) for v in row.split()] for row in EXAMPLE])


def the_row(frame: pd.DataFrame, **choice: object) -> pd.Series:
    found = agreement(frame, **{"fewest": 1, "draws": 200, **choice})
    assert len(found) == 1
    return found.iloc[0]


def study(seed: int, n_units: int) -> pd.DataFrame:
    """Two coders who see the true level of four units in five, else a neighbouring one."""
    rng = np.random.default_rng(seed)
    true = rng.choice(4, size=n_units, p=[0.4, 0.3, 0.2, 0.1])
    step = rng.choice([-1, 0, 1], p=[0.1, 0.8, 0.1], size=(2, n_units))
    return codings(np.clip(true + step, 0, 3).tolist())


def by_hand(matrix: Matrix, metric: str) -> float | None:
    """Alpha as it is defined, pair by pair; None where it is not."""
    by_unit = [[v for v in column if v is not None] for column in zip(*matrix, strict=True)]
    by_unit = [values for values in by_unit if len(values) > 1]
    everything = [v for values in by_unit for v in values]
    counts = Counter(everything)

    def apart(c: int, k: int) -> float:
        if metric == "ordinal":
            between = sum(counts[g] for g in range(min(c, k), max(c, k) + 1))
            return (between - (counts[c] + counts[k]) / 2) ** 2
        if metric == "ratio":
            return ((c - k) / (c + k)) ** 2 if c != k else 0
        return float(c != k) if metric == "nominal" else (c - k) ** 2

    n = len(everything)
    observed = sum(
        apart(c, k) / (len(values) - 1) for values in by_unit for c, k in permutations(values, 2)
    )
    by_chance = sum(apart(c, k) for c, k in permutations(everything, 2))
    return 1 - (n - 1) * observed / by_chance if by_chance else None


@st.composite
def matrices(draw: st.DrawFn) -> Matrix:
    n_units = draw(st.integers(2, 8))
    levels = st.lists(st.sampled_from([None, 0, 1, 2, 3]), min_size=n_units, max_size=n_units)
    return draw(st.lists(levels, min_size=2, max_size=4))


# The coefficient


@pytest.mark.parametrize(
    ("metric", "alpha"),
    [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)],
)
def test_the_worked_example_of_krippendorff_comes_out_for_all_metrics(
    metric: str, alpha: float
) -> None:
    row = the_row(example(), metric=metric)
    assert row["alpha"] == pytest.approx(alpha, abs=0.0005)
    assert row["metric"] == metric
    assert (row["n_units"], row["n_coders"], row["n_values"]) == (11, 4, 40)


@given(matrices(), st.sampled_from(list(METRICS)))
def test_alpha_is_what_its_definition_says_pair_by_pair(matrix: Matrix, metric: str) -> None:
    expected = by_hand(matrix, metric)
    row = the_row(codings(matrix), metric=metric, draws=50)
    assert pd.isna(row["alpha"]) == (expected is None)
    if expected is not None:
        assert row["alpha"] == pytest.approx(expected)


@given(matrices(), st.randoms(use_true_random=False))
def test_names_of_coders_and_order_of_rows_change_nothing(matrix: Matrix, chance: object) -> None:
    frame = codings(matrix)
    names = sorted(frame["coder"].unique())
    others = [f"other-{at}" for at in range(len(names))]
    chance.shuffle(others)
    order = list(range(len(frame)))
    chance.shuffle(order)
    renamed = frame.assign(coder=frame["coder"].map(dict(zip(names, others, strict=True))))
    pd.testing.assert_frame_equal(
        agreement(frame, fewest=1, draws=50),
        agreement(renamed.astype(UNITS).iloc[order], fewest=1, draws=50),
    )


@given(st.lists(st.integers(0, 3), min_size=2, max_size=12), st.sampled_from(list(METRICS)))
def test_coders_who_agree_on_different_levels_agree_throughout(
    levels: list[int], metric: str
) -> None:
    assume(len(set(levels)) > 1)
    row = the_row(codings([levels, levels, levels]), metric=metric)
    assert (row["alpha"], row["low"], row["high"]) == (1, 1, 1)


@given(matrices(), st.integers(0, 3))
def test_a_unit_with_a_single_level_changes_nothing(matrix: Matrix, level: int) -> None:
    first, *others = matrix
    more = [[*first, level], *([*row, None] for row in others)]
    told = ["alpha", "low", "high", "n_units", "n_coders", "n_values"]
    pd.testing.assert_series_equal(
        the_row(codings(matrix), draws=50)[told], the_row(codings(more), draws=50)[told]
    )


def test_levels_that_never_match_are_worse_than_chance() -> None:
    assert the_row(codings([[0, 3] * 5, [3, 0] * 5]))["alpha"] < 0


# The interval


def test_the_same_seed_gives_the_same_interval_and_another_seed_another() -> None:
    frame = study(1, 30)
    ends = [tuple(the_row(frame, seed=seed)[["low", "high"]]) for seed in (7, 7, 8)]
    assert ends[0] == ends[1] != ends[2]


@given(st.integers(0, 10_000))
def test_the_interval_holds_the_alpha_of_its_own_sample(seed: int) -> None:
    row = the_row(study(seed, 40))
    assert row["low"] < row["alpha"] < row["high"] <= 1


def test_at_the_fewest_units_the_interval_holds_the_true_alpha_in_nine_samples_of_ten() -> None:
    true = the_row(study(0, 20_000), draws=1)["alpha"]
    rows = [the_row(study(seed, FEWEST)) for seed in range(1, 201)]
    held = sum(row["low"] <= true <= row["high"] for row in rows)
    assert 0.87 <= held / len(rows) <= 0.99


def test_more_units_make_a_narrower_interval() -> None:
    few, many = the_row(study(3, 20)), the_row(study(3, 400))
    assert many["high"] - many["low"] < (few["high"] - few["low"]) / 2


# Why there is none


def test_without_codings_it_says_that_nobody_coded_a_second_time() -> None:
    row = agreement(codings([])).iloc[0]
    assert row["refusal"] == "nobody has coded them a second time"
    assert row[["alpha", "low", "high"]].isna().all()
    assert (row["n_units"], row["n_coders"], row["n_values"], row["n_split"]) == (0, 0, 0, 0)


def test_one_coder_agrees_with_nobody() -> None:
    assert "only one coder" in the_row(codings([[0, 1, 2, 3] * 6]))["refusal"]


@pytest.mark.parametrize(("n_units", "is_told"), [(FEWEST - 1, False), (FEWEST, True)])
def test_agreement_is_told_from_the_fewest_units_on(n_units: int, is_told: bool) -> None:
    row = agreement(study(5, n_units)).iloc[0]
    assert pd.isna(row["refusal"]) == is_told == pd.notna(row["alpha"])
    assert is_told or f"{FEWEST - 1} of them" in row["refusal"]


def test_coders_who_never_judged_the_same_unit_have_no_unit_in_common() -> None:
    row = the_row(codings([[0, 1, None, None], [None, None, 2, 3]]))
    assert (row["n_units"], row["n_coders"], row["n_split"]) == (0, 0, 4)
    assert "0 of them" in row["refusal"]


def test_one_level_throughout_cannot_be_told_from_chance() -> None:
    row = agreement(codings([[2] * 30, [2] * 30])).iloc[0]
    assert "are 2" in row["refusal"]
    assert pd.isna(row["alpha"])


def test_units_where_one_coder_alone_found_evidence_are_counted_apart() -> None:
    row = the_row(codings([[0, 1, 2, None, None], [0, 1, 3, 3, None]]))
    assert (row["n_units"], row["n_split"]) == (3, 1)


def test_the_row_has_the_same_columns_and_types_whether_or_not_it_is_told() -> None:
    told, refused = agreement(study(1, 30)), agreement(codings([]))
    assert list(told.columns) == list(AGREEMENT)
    pd.testing.assert_series_equal(told.dtypes, refused.dtypes)


def test_a_misspelt_metric_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(RecipeError, match=r"no metric 'ordnal'\. Did you mean 'ordinal'"):
        agreement(example(), metric="ordnal")
