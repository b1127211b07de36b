"""Levels over time, one panel for each group of commitments."""

import pytest

from normlib import commitments, figures, load
from normlib.dossier import Dossier
from normlib.figures.theme import words_of

SIXTH = load().as_of("2025-09-12")


def drawn(by: str, dossier: Dossier = SIXTH) -> object:
    rows = commitments.index_over_time(dossier, by=by)
    return figures.index_groups_figure(rows, by=by, day=dossier.day, stamp=dossier.stamp)


@pytest.mark.parametrize("by", ["sector", "side", "phase"])
def test_each_group_has_a_panel_that_ends_with_its_counts(by: str) -> None:
    fig = drawn(by)
    index = commitments.index(commitments.ledger(SIXTH), by=by)
    counted = index[index["n"] > 0]
    names = [one["text"] for one in fig.layout.annotations if one["text"].startswith("<b>")]
    assert len(names) == len(counted)
    for row, words in zip(counted.itertuples(), names, strict=True):
        assert row.group.lower() in words.lower()
        assert f"{row.n_3} of {row.n} full" in words
    ends = [trace.y[-1] for trace in fig.data]
    assert sum(ends) == counted["n"].sum()


def test_one_commitment_is_as_high_in_every_panel() -> None:
    fig = drawn("sector")
    axes = [fig.layout[name] for name in fig.layout if name.startswith("yaxis")]
    heights = {
        round((axis.domain[1] - axis.domain[0]) / axis.range[1], 6)
        for axis in axes
        if axis.domain is not None
    }
    assert len(heights) == 1
    assert all(0 <= axis.domain[0] < axis.domain[1] <= 1 for axis in axes)


def test_the_table_holds_what_is_drawn_and_the_words_tell_the_last_day() -> None:
    words = words_of(drawn("side"))
    rows = commitments.index_over_time(SIXTH, by="side")
    assert len(words["table"]["rows"]) == len(rows)
    assert "12 September 2025" in words["alt"]
    assert "full" in words["alt"]


def test_before_the_first_commitment_the_figure_says_so() -> None:
    empty = drawn("sector", SIXTH.as_of("1900-01-01"))
    assert "No commitment is recorded" in words_of(empty)["alt"]
