"""What follows from a dossier is found once, and belongs to whoever asks for it."""

from __future__ import annotations

import gc
import weakref
from collections import Counter
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from normlib import actors, commitments, connectivity, load, memo, timeline
from normlib.dossier import Dossier
from tests.tiny import tiny_dossier

CALLS: Counter[str] = Counter()


@memo.once
def titles(dossier: Dossier, ending: str = "", *, upper: bool = False) -> pd.DataFrame:
    """Return the titles of the events, as an example."""
    CALLS["titles"] += 1
    rows = dossier.events[["event_id", "title"]].reset_index(drop=True)
    words = rows["title"].str.upper() if upper else rows["title"]
    return rows.assign(title=words + ending)


@pytest.fixture(autouse=True)
def _count_anew() -> None:
    CALLS.clear()


@cache
def record() -> Dossier:
    return load()


def tiny(folder: Path) -> Dossier:
    return tiny_dossier(folder, events=[{"event_id": "2020-01-01-talks", "title": "Talks"}])


def test_the_same_dossier_is_asked_once_and_gives_equal_frames(tmp_path: Path) -> None:
    dossier = tiny(tmp_path)
    pd.testing.assert_frame_equal(titles(dossier), titles(dossier))
    assert CALLS["titles"] == 1


def test_another_choice_is_computed_for_itself(tmp_path: Path) -> None:
    dossier = tiny(tmp_path)
    found = [titles(dossier), titles(dossier, "!"), titles(dossier, upper=True)]
    assert [frame["title"].item() for frame in found] == ["Talks", "Talks!", "TALKS"]
    assert CALLS["titles"] == 3


def test_another_dossier_is_computed_anew_though_it_holds_the_same(tmp_path: Path) -> None:
    one, other = tiny(tmp_path / "one"), tiny(tmp_path / "other")
    pd.testing.assert_frame_equal(titles(one), titles(other))
    assert CALLS["titles"] == 2


def test_changing_what_was_handed_out_changes_nothing_for_others(tmp_path: Path) -> None:
    dossier = tiny(tmp_path)
    untouched = titles(dossier).copy(deep=True)
    mine = titles(dossier)
    mine.loc[0, "title"] = "Changed"
    mine["more"] = 1
    mine.index = pd.Index(["a"], name="name")
    mine.columns = mine.columns.rename("columns")
    pd.testing.assert_frame_equal(titles(dossier), untouched)


def test_an_error_is_not_remembered(tmp_path: Path) -> None:
    @memo.once
    def fails_once(dossier: Dossier) -> pd.DataFrame:
        CALLS["fails"] += 1
        if CALLS["fails"] == 1:
            raise ValueError("not yet")
        return dossier.events

    dossier = tiny(tmp_path)
    with pytest.raises(ValueError, match="not yet"):
        fails_once(dossier)
    assert len(fails_once(dossier)) == 1


def test_a_dropped_dossier_is_freed_with_its_views_and_results(tmp_path: Path) -> None:
    dossier = tiny(tmp_path)
    view = dossier.as_of("2020-06-01")
    for one in (dossier, view):
        titles(one)
        commitments.ledger(one)
        actors.positions(one)
        connectivity.link_status(one)
    gone = [weakref.ref(dossier), weakref.ref(view), weakref.ref(titles(view))]
    del dossier, view, one
    gc.collect()
    assert [ref() for ref in gone] == [None] * 3


@pytest.mark.parametrize(
    "function",
    [
        actors.participations,
        commitments.ledger,
        commitments.level_history,
        commitments.targets,
        connectivity.link_status,
        connectivity.state_spans,
        timeline.lanes,
        timeline.phases,
    ],
    ids=lambda function: function.__name__,
)
def test_no_caller_sees_what_another_did_to_a_result(function) -> None:
    dossier = record().as_of("2025-09-12")
    untouched = function(dossier).copy(deep=True)
    spoilt = function(dossier)
    for name in list(spoilt):
        spoilt[name] = None
    pd.testing.assert_frame_equal(function(dossier), untouched)
