"""What readers are told about the agreement of coders."""

import numpy as np
import pandas as pd
import pytest

from normlib import agreement, figures, load
from normlib.agreement import AGREEMENT
from tests.test_agreement import codings, study

RECORD = load()


def result(**cells: object) -> pd.DataFrame:
    """A result made by hand."""
    usual = {
        "metric": "ordinal",
        "alpha": 0.9,
        "low": 0.85,
        "high": 0.95,
        "n_units": 30,
        "n_coders": 2,
        "n_values": 60,
        "n_split": 0,
        "refusal": None,
    }
    return pd.DataFrame([{**usual, **cells}], columns=list(AGREEMENT)).astype(AGREEMENT)


def test_the_note_says_that_nobody_coded_the_record_a_second_time() -> None:
    found = agreement.agreement(agreement.units(RECORD))
    assert str(figures.agreement_note(found)) == (
        "The levels are one coder’s reading; nobody has coded them a second time."
    )


def test_the_note_tells_the_number_with_interval_units_and_coders() -> None:
    found = agreement.agreement(study(2, 60))
    row, text = found.iloc[0], str(figures.agreement_note(found))
    for value in row[["alpha", "low", "high"]]:
        assert f"{value:.3f}" in text
    assert "2 coders" in text
    assert "60 units" in text
    assert "Krippendorff 2004" in text


@pytest.mark.parametrize(
    ("alpha", "low", "told"),
    [
        (0.9, 0.85, "enough to rely on (0.800"),
        (0.8, 0.8, "enough to rely on (0.800"),
        (0.9, 0.7, "rely on, though the interval reaches down to what is enough for"),
        (0.9, 0.5, "rely on, though the interval reaches down to what is too little"),
        (0.75, 0.7, "enough for tentative conclusions only (0.800"),
        (0.667, 0.6, "tentative conclusions only, though the interval reaches down"),
        (0.5, 0.2, "too little to draw conclusions from (0.800"),
        (-1.0, -1.0, "too little to draw conclusions from (0.800"),
    ],
)
def test_the_worth_of_a_number_is_told_by_custom_and_with_its_interval(
    alpha: float, low: float, told: str
) -> None:
    assert told in str(figures.agreement_note(result(alpha=alpha, low=low)))


def test_coders_who_agree_throughout_are_given_no_interval() -> None:
    found = agreement.agreement(codings([[0, 1, 2, 3] * 6] * 2))
    text = str(figures.agreement_note(found))
    assert "is 1.000 (no two coders differed, so there is no interval)" in text


def test_units_where_one_coder_alone_found_evidence_are_told() -> None:
    assert "For 3 units one coder found no evidence" in str(
        figures.agreement_note(result(n_split=3))
    )
    assert "found no evidence" not in str(figures.agreement_note(result()))


def test_a_refusal_is_told_instead_of_a_number() -> None:
    text = str(figures.agreement_note(agreement.agreement(study(1, 7))))
    assert "7 of them anew" in text
    assert "alpha" not in text
    assert not any(f"{number}" in text for number in (np.nan, None))


def test_the_note_on_the_scale_follows_from_the_codings() -> None:
    nobody = str(figures.scale_note(agreement.agreement(agreement.units(RECORD))))
    somebody = str(figures.scale_note(result()))
    assert "nobody has coded them a second time" in nobody
    assert "nobody" not in somebody
    assert "alpha (ordinal) is 0.900" in somebody
    assert all("The scale is ordinal" in text for text in (nobody, somebody))
