"""The table of codings, which a dataset may have or not: how it is checked, loaded and viewed."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from frictionless import Package as Frictionless

import normlib
from normlib import agreement, changes, load
from normlib.agreement import UNITS
from normlib.dossier import Dossier
from tests.tiny import tiny_dossier, tiny_package

TALKS = {"event_id": "2021-01-01-talks"}
LATER = {"event_id": "2021-06-01-talks"}
GATE = {"commitment_id": "gate", "made_on": "2021-01-01", "event_id": "2021-01-01-talks"}
ROAD = {"commitment_id": "road", "made_on": "2021-06-01", "event_id": "2021-06-01-talks"}
RECORD = {
    "descriptor": {"coversUntil": "2022-12-31"},
    "events": [TALKS, LATER],
    "commitments": [GATE, ROAD],
}


def coding(coder: str = "ada", day: str = "2021-02-01", **cells: object) -> dict[str, object]:
    return {"commitment_id": "gate", "day": day, "coder": coder, "level": 1, **cells}


def dossier_with(folder: Path, *codings: dict[str, object]) -> Dossier:
    return tiny_dossier(folder, **RECORD, codings=codings)


def the_problem(folder: Path, *codings: dict[str, object]) -> Any:
    (problem,) = normlib.check(tiny_package(folder, **RECORD, codings=codings))
    assert problem.file == "codings.csv"
    return problem


# Absence


def test_a_record_without_the_table_has_no_units_but_their_columns(tmp_path: Path) -> None:
    dossier = tiny_dossier(tmp_path, **RECORD)
    assert "codings" not in dossier.tables
    found = agreement.units(dossier)
    assert found.empty
    assert found.dtypes.astype(str).to_dict() == UNITS


def test_a_table_without_rows_is_the_same_as_none(tmp_path: Path) -> None:
    pd.testing.assert_frame_equal(
        agreement.units(dossier_with(tmp_path / "empty")),
        agreement.units(tiny_dossier(tmp_path / "none", **RECORD)),
    )


def test_nobody_has_coded_the_record_of_this_project_a_second_time() -> None:
    assert agreement.units(load()).empty


def test_a_declared_table_whose_file_is_missing_is_told(tmp_path: Path) -> None:
    folder = tiny_package(tmp_path, **RECORD, codings=[])
    (folder / "codings.csv").unlink()
    (problem,) = normlib.check(folder)
    assert (problem.file, problem.code) == ("codings.csv", "source-error")


# Loading


def test_codings_come_as_units_in_order_with_a_blank_level_as_missing(tmp_path: Path) -> None:
    dossier = dossier_with(
        tmp_path,
        coding("bea", level=""),
        coding("ada", day="2021-03-01", level=3),
        coding("ada", level=0),
    )
    found = agreement.units(dossier)
    assert found["coder"].tolist() == ["ada", "bea", "ada"]
    assert found["level"].tolist() == [0, pd.NA, 3]
    assert found.dtypes.astype(str).to_dict() == UNITS


def test_a_second_opinion_finds_no_fault_in_good_codings(tmp_path: Path) -> None:
    folder = tiny_package(tmp_path, **RECORD, codings=[coding("ada"), coding("bea", level="")])
    report = Frictionless(str(folder / "datapackage.json")).get_resource("codings").validate()
    assert report.valid


# Checks


@pytest.mark.parametrize(
    ("cells", "code", "telling"),
    [
        ({"level": 4}, "constraint-error", "outside 0 to 3"),
        ({"level": "2.5"}, "type-error", "no whole number"),
        ({"commitment_id": "gat"}, "foreign-key", "'gat' is not in commitments.csv"),
        ({"day": "2021-02"}, "constraint-error", "does not have the form"),
        ({"day": "2021-02-30"}, "date-impossible", "28 days"),
        ({"day": ""}, "required-value", "day is blank"),
        ({"day": "2020-12-31"}, "coding-day", "before it was made (2021-01-01)"),
        ({"day": "2023-01-01"}, "coding-day", "after the last day covered (2022-12-31)"),
        ({"coder": ""}, "required-value", "coder is blank"),
        ({"coder": "Ada L."}, "constraint-error", "does not have the form"),
    ],
)
def test_a_wrong_cell_is_refused_with_its_place(
    tmp_path: Path, cells: dict[str, object], code: str, telling: str
) -> None:
    problem = the_problem(tmp_path, coding("bea"), coding(**cells))
    assert (problem.line, problem.code, problem.severity) == (3, code, "error")
    assert problem.column == 1 + list(coding()).index(*cells)
    assert telling in problem.message
    assert problem.remedy


def test_a_coder_judges_a_commitment_once_for_each_day(tmp_path: Path) -> None:
    problem = the_problem(tmp_path, coding("ada"), coding("bea"), coding("ada", level=2))
    assert (problem.line, problem.code) == (4, "primary-key")
    assert "'gate + 2021-02-01 + ada' stands already in line 2" in problem.message


# Views


def test_a_view_knows_the_codings_for_days_up_to_its_own(tmp_path: Path) -> None:
    whole = dossier_with(tmp_path, coding(), coding(day="2022-02-01"))
    for day, days in (("2021-01-31", 0), ("2021-02-01", 1), ("2022-01-31", 1), ("2022-02-01", 2)):
        view = whole.as_of(day)
        assert len(agreement.units(view)) == len(view.codings) == days, day


def test_a_view_knows_the_codings_of_its_commitments_only(tmp_path: Path) -> None:
    """A promise of some day in 2021 is public at the end of the year only."""
    given = {**RECORD, "commitments": [GATE, {**ROAD, "made_on": "2021"}]}
    rows = [coding(), coding(commitment_id="road")]
    whole = tiny_dossier(tmp_path, **given, codings=rows)
    assert agreement.units(whole)["commitment_id"].tolist() == ["gate", "road"]
    assert agreement.units(whole.as_of("2021-08-01"))["commitment_id"].tolist() == ["gate"]


def test_a_coding_changes_the_glance_of_the_views_that_know_it_and_of_no_other(
    tmp_path: Path,
) -> None:
    one = dossier_with(tmp_path / "one", coding(), coding(day="2022-02-01"))
    two = dossier_with(tmp_path / "two", coding(), coding(day="2022-02-01", level=3))
    assert one.glance("2022-01-31").digest == two.glance("2022-01-31").digest
    assert one.glance("2022-02-01").digest != two.glance("2022-02-01").digest


def test_a_coding_is_no_news_of_the_process(tmp_path: Path) -> None:
    whole = dossier_with(tmp_path, coding(day="2022-02-01"))
    assert changes.new_rows(whole.as_of("2022-01-01"), whole).empty


def test_a_coding_rests_on_the_sources_of_its_commitment(tmp_path: Path) -> None:
    whole = dossier_with(tmp_path, coding())
    assert whole.related("codings", "gate|2021-02-01|ada", to="commitments")["title"].notna().all()
    assert whole.sources_of("codings", "gate|2021-02-01|ada")["source_id"].tolist() == ["s"]
