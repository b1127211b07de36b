"""The record in `data/turkiye-armenia`: what its descriptor promises, and that it keeps it."""

from __future__ import annotations

import csv
import importlib.util
import json
import re
import shutil
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from frictionless import Package

ROOT = Path(__file__).resolve().parents[1]
RECORD = ROOT / "data" / "turkiye-armenia"
CREDIT = "© OpenStreetMap contributors"

# A release that adds or withdraws rows changes these numbers, so that the change is seen in review.
ROWS = {
    "sources": 785,
    "actors": 124,
    "events": 239,
    "commitments": 46,
    "targets": 55,
    "observations": 173,
    "sites": 118,
    "links": 72,
    "link_states": 159,
    "claims": 103,
    "context": 54,
    "effects": 31,
    "phases": 9,
    "countries": 18,
}
FEATURES = {"routes": 72, "outlines": 8, "border-arm-tur": 1}

# file, cell before, cell after, the fault that frictionless must report
DAMAGES = [
    ("events.csv", ",1993-04-03,", ",03/04/1993,", "constraint-error"),
    ("events.csv", ",meeting,2,", ",meeting,1,", "unique-error"),
    ("sites.csv", ",TUR,37.76441", ",XXX,37.76441", "foreign-key"),
    ("sites.csv", ",ARM,38.86506", ",ARM,95", "constraint-error"),
    ("links.csv", ",air,zvartnots", ",plane,zvartnots", "constraint-error"),
    ("links.csv", "1435;1520", "1435;broad", "type-error"),
    ("observations.csv", "2023-01-10,2", "2023-01-06,2", "primary-key"),
]

Json = dict[str, Any]


def descriptor() -> Json:
    loaded: Json = json.loads((RECORD / "datapackage.json").read_text(encoding="utf-8"))
    return loaded


def resources() -> dict[str, Json]:
    return {resource["name"]: resource for resource in descriptor()["resources"]}


def fields_of(resource: Json) -> list[Json]:
    fields: list[Json] = resource.get("schema", {}).get("fields", [])
    return fields or resource.get("featureProperties", [])


def fields() -> Iterator[tuple[str, Json]]:
    for name, resource in resources().items():
        for field in fields_of(resource):
            yield f"{name}.{field['name']}", field


def words_of(field: Json) -> list[Json]:
    words: list[Json] = field.get("categories", []) + field.get("itemCategories", [])
    return words


def table(name: str) -> list[dict[str, str]]:
    with (RECORD / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def features(name: str) -> list[Json]:
    found: list[Json] = json.loads((RECORD / f"{name}.geojson").read_text("utf-8"))["features"]
    return found


def ids(name: str) -> set[str]:
    return {next(iter(row.values())) for row in table(name)}


def problems(folder: Path) -> set[tuple[str, str]]:
    report = Package(str(folder / "datapackage.json")).validate()
    return {(task.name, error.type) for task in report.tasks for error in task.errors}


def spoil(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture(scope="module")
def problems_of_a_damaged_copy(tmp_path_factory: pytest.TempPathFactory) -> set[tuple[str, str]]:
    copy = tmp_path_factory.mktemp("damaged") / "record"
    shutil.copytree(RECORD, copy)
    for file, old, new, _ in DAMAGES:
        spoil(copy / file, old, new)
    return problems(copy)


@pytest.fixture(scope="module")
def data_dictionary() -> ModuleType:
    path = ROOT / "tools" / "data_dictionary.py"
    spec = importlib.util.spec_from_file_location("data_dictionary", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_frictionless_finds_no_fault_in_the_record() -> None:
    assert problems(RECORD) == set()


@pytest.mark.parametrize(("file", "fault"), [(damage[0], damage[3]) for damage in DAMAGES])
def test_frictionless_rejects_a_damaged_copy(
    problems_of_a_damaged_copy: set[tuple[str, str]], file: str, fault: str
) -> None:
    assert (file.removesuffix(".csv"), fault) in problems_of_a_damaged_copy


def test_every_row_and_every_feature_is_there() -> None:
    assert {name: len(table(name)) for name in ROWS} == ROWS
    assert {name: len(features(name)) for name in FEATURES} == FEATURES


def test_the_folder_holds_the_described_files_and_no_others() -> None:
    described = {resource["path"] for resource in resources().values()} | {"datapackage.json"}
    assert {path.name for path in RECORD.iterdir()} == described


def test_every_file_is_plain_utf_8_with_unix_line_ends() -> None:
    for path in RECORD.iterdir():
        text = path.read_bytes().decode("utf-8")
        assert "\r" not in text, path.name
        assert text.endswith("\n"), path.name
        assert not text.startswith("\ufeff"), path.name
        assert unicodedata.is_normalized("NFC", text), path.name


def test_the_headers_are_those_of_the_descriptor_in_its_order() -> None:
    for name in ROWS:
        columns = [field["name"] for field in fields_of(resources()[name])]
        assert list(table(name)[0]) == columns, name


def test_every_table_and_every_field_has_a_title_and_a_description() -> None:
    described = [*resources().items(), *fields()]
    assert [where for where, item in described if not item.get("title")] == []
    assert [where for where, item in described if not item.get("description")] == []


def test_every_word_of_a_vocabulary_has_a_label_and_a_definition() -> None:
    for where, field in fields():
        words = words_of(field)
        values = [word["value"] for word in words]
        assert all(word["label"] and word["description"] for word in words), where
        assert len(values) == len(set(values)), where
        if field["type"] != "list":
            assert field.get("constraints", {}).get("enum", []) == values, where


def test_every_word_of_a_list_cell_is_in_its_vocabulary() -> None:
    allowed = {word["value"] for word in words_of(dict(fields())["events.sectors"])}
    used = {word for row in table("events") for word in row["sectors"].split(";")}
    assert used == allowed


def test_two_columns_of_sectors_know_the_same_words() -> None:
    by_place = dict(fields())
    sector, sectors = by_place["commitments.sector"], by_place["events.sectors"]
    assert sector["categories"] == sectors["itemCategories"]


def test_every_item_of_a_list_cell_refers_to_a_row() -> None:
    for where, field in fields():
        if "itemReference" in field:
            name, column = where.split(".")
            known = ids(field["itemReference"]["resource"])
            used = {item for row in table(name) for item in row[column].split(";") if item}
            assert used <= known, where


def test_every_claim_is_about_a_row() -> None:
    by_table = {name: ids(name) for name in {row["subject_table"] for row in table("claims")}}
    lost = [
        row for row in table("claims") if row["subject_id"] not in by_table[row["subject_table"]]
    ]
    assert lost == []


def test_every_conflict_has_two_claims_or_more_and_at_most_one_is_accepted() -> None:
    conflicts: dict[str, list[str]] = {}
    for row in table("claims"):
        conflicts.setdefault(re.sub(r"-\d+$", "", row["claim_id"]), []).append(row["accepted"])
    assert all(len(accepted) > 1 for accepted in conflicts.values())
    assert all(accepted.count("yes") <= 1 for accepted in conflicts.values())


def test_every_level_is_one_that_its_state_allows() -> None:
    words = words_of(dict(fields())["observations.state"])
    allowed = {word["value"]: word["allowedLevels"] for word in words}
    for row in table("observations"):
        level = int(row["level"]) if row["level"] else None
        assert level in allowed[row["state"]], row


def test_every_feature_is_that_of_a_row() -> None:
    for name, resource in resources().items():
        if "idReference" in resource:
            found = {feature["id"] for feature in features(name)}
            assert found <= ids(resource["idReference"]["resource"]), name
    assert {feature["id"] for feature in features("routes")} == ids("links")


def test_phases_follow_each_other_without_a_gap() -> None:
    phases = table("phases")
    assert [phase["to_event"] for phase in phases[:-1]] == [
        phase["from_event"] for phase in phases[1:]
    ]
    assert phases[-1]["to_event"] == ""


def test_phases_are_bounded_by_dated_events_in_order() -> None:
    dates = {row["event_id"]: row["date"] for row in table("events")}
    starts = [dates[phase["from_event"]] for phase in table("phases")]
    assert starts == sorted(set(starts))
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", start) for start in starts)
    assert table("phases")[0]["from_event"] == table("events")[0]["event_id"]


def test_a_phase_has_the_sources_of_the_event_that_begins_it() -> None:
    sources = {row["event_id"]: row["sources"] for row in table("events")}
    assert all(phase["sources"] == sources[phase["from_event"]] for phase in table("phases"))


def test_every_site_lies_in_the_box_of_its_country() -> None:
    boxes = {row["iso_a3"]: row for row in table("countries")}
    for site in table("sites"):
        box = boxes[site["country"]]
        assert float(box["south"]) <= float(site["lat"]) <= float(box["north"]), site["site_id"]
        assert float(box["west"]) <= float(site["lon"]) <= float(box["east"]), site["site_id"]


def test_every_country_with_a_box_is_used() -> None:
    used = {row["country"] for name in ("sites", "actors") for row in table(name)} - {""}
    assert ids("countries") == used | {feature["id"] for feature in features("outlines")}


def test_every_file_has_a_licence_and_the_tables_are_cc_by() -> None:
    licences = {
        name: [licence["name"] for licence in resource["licenses"]]
        for name, resource in resources().items()
    }
    assert all(licences[name] == ["CC-BY-4.0"] for name in ROWS)
    assert licences["routes"] == licences["border-arm-tur"] == ["ODbL-1.0"]
    assert licences["outlines"] == ["other-pd"]


def test_files_made_from_openstreetmap_name_the_credit() -> None:
    credited = {name for name, resource in resources().items() if "attribution" in resource}
    assert credited == {"routes", "border-arm-tur"}
    assert all(resources()[name]["attribution"] == CREDIT for name in credited)
    assert CREDIT in (ROOT / "LICENSE-DATA").read_text(encoding="utf-8")


def test_the_release_and_the_last_day_covered_are_days() -> None:
    package = descriptor()
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", package["version"])
    assert package["coversUntil"] <= package["version"]
    assert package["coversUntil"] == max(
        row["date"] for row in table("events") if re.fullmatch(r"\d{4}-\d\d-\d\d", row["date"])
    )


def test_the_dictionary_in_the_readme_is_in_step(data_dictionary: ModuleType) -> None:
    readme = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    optional = json.loads((ROOT / "data" / "codings.json").read_text(encoding="utf-8"))
    section = data_dictionary.dictionary(descriptor(), optional)
    assert readme == data_dictionary.replaced(readme, section)


def test_the_dictionary_names_every_column_and_every_word(data_dictionary: ModuleType) -> None:
    section = data_dictionary.dictionary(descriptor())
    for where, field in fields():
        assert f"`{field['name']}`" in section, where
        assert all(f"- `{word['value']}`" in section for word in words_of(field)), where


def test_a_readme_without_markers_is_refused(data_dictionary: ModuleType) -> None:
    with pytest.raises(ValueError, match="dictionary:start"):
        data_dictionary.replaced("no markers here", "section")


def test_the_notes_name_only_rows_that_exist() -> None:
    notes = (ROOT / "data" / "NOTES.md").read_text(encoding="utf-8")
    conflicts = {re.sub(r"-\d+$", "", claim) for claim in ids("claims")}
    known = conflicts.union(*(ids(name) for name in ROWS))
    named = set(re.findall(r"`([a-z0-9]+(?:-[a-z0-9]+){2,})`", notes))
    assert named <= known
