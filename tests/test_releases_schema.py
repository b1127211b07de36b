"""What changed in descriptors, orders and maps."""

import json
from pathlib import Path

from normlib.package import find
from normlib.releases import apply, diff, release
from tests.releases_kit import assert_same, events, two
from tests.tiny import tiny_package


def test_rows_in_another_order_are_one_change_and_added_rows_are_none(tmp_path: Path) -> None:
    first, second, third = events(3)
    assert "rows stand in another order" in set(
        two(tmp_path, {"events": [first, second]}, {"events": [second, first]}).schema["what"]
    )
    inserted = two(tmp_path, {"events": [first, third]}, {"events": [first, second, third]})
    assert "rows stand in another order" not in set(inserted.schema["what"])


def test_a_new_column_is_one_change_that_says_how_far_it_is_filled(tmp_path: Path) -> None:
    a = tiny_package(tmp_path / "a", events=events(3))
    b = tiny_package(tmp_path / "b", events=events(3))
    file, table = b / "datapackage.json", b / "events.csv"
    about = json.loads(file.read_text("utf-8"))
    (entry,) = [one for one in about["resources"] if one["name"] == "events"]
    entry["schema"]["fields"].append(
        {"name": "mood", "type": "string", "description": "How it felt."}
    )
    file.write_text(json.dumps(about), encoding="utf-8")
    head, *lines = table.read_text("utf-8").splitlines()
    moods = ["good", "", "bad"]
    more = [f"{line},{mood}" for line, mood in zip(lines, moods, strict=True)]
    table.write_text("\n".join([f"{head},mood", *more, ""]), encoding="utf-8")
    older, newer = release(find(a)), release(find(b))
    found = diff(older, newer)
    assert_same(apply(found, older), newer)
    (row,) = found.schema.to_dict("records")
    assert (row["table"], row["column"], row["after"]) == ("events", "mood", "How it felt.")
    assert row["what"] == "column added, filled in 2 of 3 shared rows"
    assert sum(found.counts.values()) == 1
    back = diff(newer, older)
    assert list(back.schema["what"]) == ["column removed"]
    assert_same(apply(back, newer), older)


def test_a_new_table_and_its_rows_are_told_apart(tmp_path: Path) -> None:
    promise = [{"commitment_id": "p", "made_on": "2020-01-01"}]
    coding = [{"commitment_id": "p", "day": "2021-01-01", "coder": "anna", "level": "1"}]
    # the newer descriptor gains the table; the older one lacks it
    found = two(tmp_path, {"commitments": promise}, {"commitments": promise, "codings": coding})
    assert "table or file added" in set(found.schema["what"])
    assert found.counts["undated"] + found.counts["late-learned"] + found.counts["new"] == 1


def test_features_of_a_map_are_told_by_their_id(tmp_path: Path) -> None:
    sites = [{"site_id": "a"}, {"site_id": "b"}]
    one, other = ({"link_id": name, "from_site": "a", "to_site": "b"} for name in ("x", "y"))
    found = two(tmp_path, {"sites": sites, "links": [one]}, {"sites": sites, "links": [one, other]})
    assert found.maps.to_numpy().tolist() == [["added", "routes", "y"]]
