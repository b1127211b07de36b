"""Which rows of two releases are the same row under another key."""

from pathlib import Path

from tests.releases_kit import two


def test_a_row_that_is_alike_but_for_its_key_was_renamed(tmp_path: Path) -> None:
    before = {"event_id": "2020-02-01-x", "title": "Talks in Vienna", "summary": "They met."}
    after = {**before, "event_id": "2020-02-01-vienna", "date": "2020-02-01"}
    found = two(tmp_path, {"events": [before]}, {"events": [after]})
    (cell,) = found.cells.to_dict("records")
    assert (cell["kind"], cell["column"]) == ("renamed", "event_id")
    assert (cell["before"], cell["after"]) == ("2020-02-01-x", "2020-02-01-vienna")
    assert (found.counts["withdrawn"], len(found.added)) == (0, 0)


def test_rows_that_are_like_several_others_are_not_called_renamed(tmp_path: Path) -> None:
    same = {"title": "Talks", "summary": "They met.", "date": "2020"}
    before = [{"event_id": name, **same} for name in ("a", "b")]
    after = [{"event_id": name, **same} for name in ("c", "d")]
    found = two(tmp_path, {"events": before}, {"events": after})
    assert (found.counts["renamed"], found.counts["withdrawn"]) == (0, 2)
    assert found.counts["late-learned"] == 2


def test_rows_of_which_two_parts_of_the_key_differ_are_not_called_renamed(tmp_path: Path) -> None:
    promises = {"commitments": [{"commitment_id": name} for name in ("p", "q")]}
    seen = {"note": "Seen by us", "state": "announced"}
    before = [{"commitment_id": "p", "observed_on": "2021-01-01", **seen}]
    other = [{"commitment_id": "q", "observed_on": "2021-02-01", **seen}]
    date = [{"commitment_id": "p", "observed_on": "2021-02-01", **seen}]
    both = two(tmp_path, {**promises, "observations": before}, {**promises, "observations": other})
    one = two(tmp_path, {**promises, "observations": before}, {**promises, "observations": date})
    assert (both.counts["renamed"], both.counts["withdrawn"]) == (0, 1)
    assert (one.counts["renamed"], one.counts["withdrawn"]) == (1, 0)
