"""Bad data is refused with file, line, column, value, rule and remedy, all of it in one pass."""

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import normlib
from normlib import actors
from normlib.errors import DataError, Problem, RecipeError
from normlib.package import data_folder
from tests.tiny import tiny_package

RECORD = data_folder() / "turkiye-armenia"


@pytest.fixture
def record(tmp_path: Path) -> Path:
    """Return a copy of the real record that a test may spoil."""
    return Path(shutil.copytree(RECORD, tmp_path / "record"))


def spoil(record: Path, file: str, old: str, new: str) -> int:
    """Replace one text in one file, where it must be, and return its line."""
    path = record / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is no longer in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return text[: text.index(old)].count("\n") + 1


def line_of(file: str, start: str) -> int:
    """Return the line on which a row of the good record begins."""
    lines = (RECORD / file).read_text(encoding="utf-8").split("\n")
    return next(number for number, line in enumerate(lines, 1) if line.startswith(start))


def errors(record: Path) -> list[Problem]:
    """Return the errors found in a folder."""
    return [problem for problem in normlib.check(record) if problem.severity == "error"]


def test_the_real_record_has_no_problem() -> None:
    assert normlib.check("turkiye-armenia") == []


MARGARA = "2025-03-21-margara-syria-aid"

CELLS = [
    pytest.param(
        "links.csv",
        "air-cargo,Direct air freight Yerevan–Istanbul,air,",
        "air-cargo,Direct air freight Yerevan–Istanbul,airway,",
        ("constraint-error", 3, "airway"),
        ["not one of", "Did you mean 'air'?", "datapackage.json"],
        id="a word outside the vocabulary",
    ),
    pytest.param(
        "events.csv",
        f"{MARGARA},2025-03-21,",
        f"{MARGARA},2023-02-30,",
        ("date-impossible", 2, "2023-02-30"),
        ["February 2023 has 28 days", "2022-07-01"],
        id="a day that does not exist",
    ),
    pytest.param(
        "events.csv",
        f"{MARGARA},2025-03-21,",
        f"{MARGARA},12/09/2025,",
        ("date-format", 2, "12/09/2025"),
        ["2025-09-12 or 2025-12-09"],
        id="a day-first date, with both readings",
    ),
    pytest.param(
        "events.csv",
        f"{MARGARA},2025-03-21,",
        f"{MARGARA},2025-3-21,",
        ("date-format", 2, "2025-3-21"),
        ["no date of the form used here"],
        id="a date without leading zero",
    ),
    pytest.param(
        "events.csv",
        f"{MARGARA},2025-03-21,",
        f"{MARGARA},2025-04/2025-03,",
        ("interval-reversed", 2, "2025-04/2025-03"),
        ["ends before it begins"],
        id="an interval that ends before it begins",
    ),
    pytest.param(
        "sites.csv",
        "yerevan,Yerevan,city,ARM,40.",
        "yerevan,Yerevan,city,ARM,95.",
        ("constraint-error", 5, None),
        ["outside -90 to 90"],
        id="a latitude that does not exist",
    ),
    pytest.param(
        "sites.csv",
        "kars,Kars,city,TUR,",
        "kars,Kars,city,ARM,",
        ("outside-region", 5, None),
        ["outside ARM"],
        id="a place outside its country",
    ),
    pytest.param(
        "links.csv",
        "air-cargo,Direct air freight Yerevan–Istanbul,air,zvartnots,",
        "air-cargo,Direct air freight Yerevan–Istanbul,air,zvartnotz,",
        ("foreign-key", 4, "zvartnotz"),
        ["Did you mean 'zvartnots'?", "sites.csv"],
        id="a reference to a place that is not there",
    ),
    pytest.param(
        "links.csv",
        "air-cargo,Direct air freight Yerevan–Istanbul,air,zvartnots,istanbul-ist,",
        "air-cargo,Direct air freight Yerevan–Istanbul,air,zvartnots,zvartnots,",
        ("self-loop", 5, "zvartnots"),
        ["to itself"],
        id="a link from a place to itself",
    ),
    pytest.param(
        "observations.csv",
        "air-cargo,2022-07-01,0,announced,",
        "air-cargo,2022-07-01,3,announced,",
        ("level-state", 3, "3"),
        ["does not go with state 'announced'"],
        id="a level that its state does not allow",
    ),
    pytest.param(
        "observations.csv",
        "air-cargo,2022-07-01,0,announced,",
        "air-cargo,2021-07-01,0,announced,",
        ("observation-before-promise", 2, "2021-07-01"),
        ["before it was made (2022-07-01)"],
        id="an observation before its promise",
    ),
    pytest.param(
        "observations.csv",
        "air-cargo,2022-07-01,0,announced,",
        "air-cargo,2022-07-01,0,abandoned,",
        ("state-order", 2, "2023-01-06"),
        ["end state 'abandoned'"],
        id="an observation after an end state",
    ),
    pytest.param(
        "link_states.csv",
        "air-evn-ist,2019-11-26,",
        "air-evn-ist,2024-11-26,",
        ("state-order", 2, "2022-02-02"),
        ["told after 2024-11-26"],
        id="states of a link out of order",
    ),
    pytest.param(
        "events.csv",
        "2024-02-turkiye-ani-proposal,2024-02,2024-09-07,",
        "2024-02-turkiye-ani-proposal,2024-02,2024-01-31,",
        ("known-before", 3, "2024-01-31"),
        ["before it happened (2024-02)"],
        id="a fact that was known before it happened",
    ),
    pytest.param(
        "events.csv",
        "2024-02-turkiye-ani-proposal,2024-02,2024-09-07,",
        "2024-02-turkiye-ani-proposal,2024-02,2099-09-07,",
        ("not-covered", 3, "2099-09-07"),
        ["after the last day covered", "coversUntil"],
        id="a fact that became public after the last day covered",
    ),
    pytest.param(
        "link_states.csv",
        "air-evn-ist,2026-03-11,",
        "air-evn-ist,2099-03-11,",
        ("not-covered", 2, "2099-03-11"),
        ["after the last day covered"],
        id="a state that begins after the last day covered",
    ),
    pytest.param(
        "sources.csv",
        ",https://archive.168.am/en/articles/6014,",
        ",javascript:alert(1),",
        ("constraint-error", 5, "javascript:alert(1)"),
        ["does not have the form"],
        id="an address that runs",
    ),
    pytest.param(
        "events.csv",
        "Armenian aid for Syria crosses Margara",
        "=HYPERLINK(1)",
        ("formula-start", 6, "=HYPERLINK(1)"),
        ["spreadsheet"],
        id="a text that a spreadsheet would run",
    ),
    pytest.param(
        "events.csv",
        "Armenian aid for Syria crosses Margara",
        "<img src=x onerror=alert(1)>",
        ("markup", 6, None),
        ["plain text"],
        id="markup in a text",
    ),
    pytest.param(
        "events.csv",
        "Armenian aid for Syria crosses Margara",
        "Armenian aid \u202efor Syria",
        ("hidden-character", 6, None),
        ["U+202E"],
        id="a character that turns the text",
    ),
    pytest.param(
        "events.csv",
        "Armenian aid for Syria crosses Margara",
        "Armenian aid for Syria crosses Margara ",
        ("whitespace", 6, None),
        ["stray spaces"],
        id="a space at the end",
    ),
    pytest.param(
        "events.csv",
        "Armenian aid for Syria crosses Margara",
        "N/A",
        ("placeholder", 6, "N/A"),
        ["Leave the cell blank"],
        id="a placeholder",
    ),
    pytest.param(
        "actors.csv",
        "serdar-kilic,Serdar Kılıç,",
        "serdar-kilic,Serdar Kılıc\u0327,",
        ("not-nfc", 2, None),
        ["NFC"],
        id="a letter in two parts",
    ),
    pytest.param(
        "links.csv",
        ",78,,220,",
        ',"78,5",,220,',
        ("type-error", 7, "78,5"),
        ["is no number", "point for decimals"],
        id="a decimal comma",
    ),
    pytest.param(
        "events.csv",
        "Armenian aid for Syria crosses Margara",
        "",
        ("required-value", 6, ""),
        ["title is blank"],
        id="a blank where a value is needed",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "expected", "words"), CELLS)
def test_a_bad_cell_is_named_with_its_place(
    record: Path,
    file: str,
    old: str,
    new: str,
    expected: tuple[str, int, str | None],
    words: list[str],
) -> None:
    code, column, value = expected
    line = spoil(record, file, old, new)
    (problem,) = errors(record)
    next_row = 1 if code == "state-order" else 0
    assert (problem.code, problem.file, problem.column) == (code, file, column)
    assert problem.line == line + next_row
    assert value is None or problem.value == value
    for word in words:
        assert word in str(problem)


def test_a_dangling_id_inside_a_list_cell_is_found(record: Path) -> None:
    spoil(record, "events.csv", "serdar-kilic;ruben-rubinyan", "serdar-kilik;ruben-rubinyan")
    (problem,) = errors(record)
    assert problem.code == "foreign-key"
    assert "'serdar-kilik' is not in actors.csv" in problem.message
    assert problem.remedy == "Did you mean 'serdar-kilic'?"


def test_an_id_of_another_table_is_recognized(record: Path) -> None:
    spoil(record, "events.csv", "serdar-kilic;ruben-rubinyan", "rail-kars-gyumri;ruben-rubinyan")
    (problem,) = errors(record)
    assert "it is an id of links.csv" in problem.message


def test_a_duplicate_id_is_reported_once_with_the_first_place(record: Path) -> None:
    row = "bern,Bern,city,CHE,46.94809,7.44744,Seat,ds-geonames\n"
    with (record / "sites.csv").open("a", encoding="utf-8") as file:
        file.write(row)
    (problem,) = errors(record)
    assert (problem.code, problem.value) == ("primary-key", "bern")
    assert f"line {line_of('sites.csv', 'bern,')}" in problem.message


def test_a_missing_table_is_one_problem_about_the_file(record: Path) -> None:
    (record / "effects.csv").unlink()
    found = [problem for problem in errors(record) if problem.file == "effects.csv"]
    assert [(problem.code, problem.message) for problem in found] == [
        ("source-error", "the file is missing")
    ]


def test_an_empty_table_file_is_refused(record: Path) -> None:
    (record / "effects.csv").write_text("")
    assert ("source-error", "effects.csv") in {(p.code, p.file) for p in errors(record)}


def test_a_typo_in_the_header_names_the_nearest_column(record: Path) -> None:
    spoil(record, "sites.csv", "site_id,name,kind", "site_id,name,kindd")
    found = {problem.code: problem for problem in errors(record)}
    assert found["extra-label"].column == 3
    assert found["extra-label"].remedy == "Did you mean 'kind'?"
    assert found["missing-label"].value == "kind"


def test_columns_in_another_order_load_with_a_warning(record: Path) -> None:
    path = record / "phases.csv"
    with path.open(encoding="utf-8", newline="") as file:
        table = list(csv.reader(file))
    turned = [[*row[1:], row[0]] for row in table]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(turned)
    found = normlib.check(record)
    assert [(problem.code, problem.severity) for problem in found] == [
        ("incorrect-label", "warning")
    ]
    assert list(normlib.load(record).phases["phase_id"]) == list(normlib.load().phases["phase_id"])


def test_an_office_holder_who_acts_after_leaving_is_remarked_on_and_loads(record: Path) -> None:
    """The minister until June 2023 is put into a meeting of September 2025."""
    target = "mevlut-cavusoglu"
    rows = (record / "events.csv").read_text(encoding="utf-8")
    line = next(row for row in rows.splitlines() if row.startswith("2025-09-12-envoys-yerevan,"))
    spoil(record, "events.csv", line, line.replace("serdar-kilic", f"serdar-kilic;{target}"))
    found = normlib.check(record)
    assert [(one.code, one.severity) for one in found] == [("out-of-office", "warning")]
    assert f"'{target}' is named on 2025-09-12" in found[0].message
    assert "(2023-06)" in found[0].message
    assert found[0].line == rows[: rows.index(line)].count("\n") + 1
    took_part = actors.participations(normlib.load(record))
    assert target not in set(took_part.loc[took_part["day"] >= "2025-01-01", "actor_id"])


def test_a_statement_may_name_a_former_office_holder(tmp_path: Path) -> None:
    former = {"actor_id": "ayse", "country": "TUR", "member_of": "tur", "valid_to": "2019-12"}
    private = {"actor_id": "ani", "country": "ARM", "valid_to": "2019-12"}
    named = {"actors": "ayse;ani", "date": "2020-01-01"}
    events = [
        {"event_id": "2020-01-01-words", "type": "statement", **named},
        {"event_id": "2020-01-01-talks", "type": "meeting", **named},
        {"event_id": "2019-12-talks", "type": "meeting", **named, "date": "2019-12"},
    ]
    folder = tiny_package(tmp_path, actors=[former, private], events=events)
    found = [(one.code, one.line) for one in normlib.check(folder)]
    assert found == [("out-of-office", 3)]


def test_an_actor_without_a_place_is_remarked_on_with_the_command_that_gives_one(
    record: Path,
) -> None:
    path = record / "positions.csv"
    kept = [
        row for row in path.read_text("utf-8").splitlines() if not row.startswith("hakan-fidan,")
    ]
    path.write_text("\n".join([*kept, ""]), encoding="utf-8", newline="\n")
    (found,) = normlib.check(record)
    assert (found.file, found.line) == ("actors.csv", line_of("actors.csv", "hakan-fidan,"))
    assert (found.code, found.severity) == ("no-position", "warning")
    assert "normlib positions record" in found.remedy
    assert len(normlib.load(record).positions) == len(kept) - 1


def test_a_windows_1254_file_is_refused_at_the_first_bad_byte(record: Path) -> None:
    path = record / "actors.csv"
    text = path.read_text(encoding="utf-8")
    path.write_bytes(text.encode("cp1254", errors="replace"))
    (problem,) = [p for p in errors(record) if p.file == "actors.csv"]
    assert problem.code == "encoding-error"
    assert "Windows-1254" in problem.message
    first = next(n for n, line in enumerate(text.split("\n"), 1) if not line.isascii())
    assert problem.line == first


def test_a_utf_16_file_is_refused(record: Path) -> None:
    path = record / "phases.csv"
    path.write_bytes(path.read_text(encoding="utf-8").encode("utf-16"))
    assert "the file is UTF-16" in {problem.message for problem in errors(record)}


def test_a_byte_order_mark_is_a_warning_and_loads(record: Path) -> None:
    path = record / "phases.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert [problem.code for problem in normlib.check(record)] == ["bom"]
    assert len(normlib.load(record).phases) == len(normlib.load().phases)


def test_semicolons_instead_of_commas_are_recognized(record: Path) -> None:
    path = record / "phases.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",", ";"), encoding="utf-8")
    assert "wrong-delimiter" in {problem.code for problem in errors(record)}


def test_an_unclosed_quote_is_placed_where_its_row_begins(record: Path) -> None:
    path = record / "sites.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[4] = lines[4].replace(",", ',"', 1)
    path.write_text("\n".join(lines), encoding="utf-8")
    (problem,) = [p for p in errors(record) if p.code == "unclosed-quote"]
    assert (problem.file, problem.line) == ("sites.csv", 5)


@pytest.mark.parametrize(("cells", "code"), [(-1, "missing-cell"), (1, "extra-cell")])
def test_a_row_of_another_length_is_refused(record: Path, cells: int, code: str) -> None:
    path = record / "link_states.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    lines[3] = lines[3].rsplit(",", 1)[0] if cells < 0 else lines[3] + ",more"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert (code, 4) in {(problem.code, problem.line) for problem in errors(record)}


def test_replacement_in_a_circle_is_refused_with_the_whole_path(record: Path) -> None:
    old = ",tur;arm,,verelq-2023-02-15-ani"
    spoil(record, "commitments.csv", old, old.replace(",,", ",ani-bridge-restoration,"))
    found = [problem for problem in errors(record) if problem.code == "cycle"]
    assert found
    assert "ani-bridge-restoration > ani-bridge-restoration-2023" in found[0].message


def test_a_claim_about_nothing_is_refused(record: Path) -> None:
    row = "air-cargo-traffic-1,links,air-carg"
    spoil(record, "claims.csv", f"{row}o,", f"{row},")
    assert ("foreign-key", "air-carg") in {(p.code, p.value) for p in errors(record)}


def edit(record: Path, file: str, change: Callable[[Any], None]) -> None:
    """Change a JSON file of the record."""
    path = record / file
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def test_a_point_off_the_earth_is_refused(record: Path) -> None:
    def change(routes: Any) -> None:
        routes["features"][0]["geometry"]["coordinates"][0] = [44.4, 95]

    edit(record, "routes.geojson", change)
    (problem,) = errors(record)
    assert (problem.code, problem.file, problem.value) == (
        "coordinate-range",
        "routes.geojson",
        "air-cargo",
    )
    assert problem.line == 1


def test_a_drawing_without_link_and_a_link_without_drawing_are_refused(record: Path) -> None:
    def change(routes: Any) -> None:
        routes["features"][0]["id"] = "air-cargoo"

    edit(record, "routes.geojson", change)
    assert {problem.code for problem in errors(record)} == {"foreign-key", "missing-feature"}


def test_a_geojson_file_that_is_no_json_is_refused_at_the_place(record: Path) -> None:
    path = record / "outlines.geojson"
    path.write_text(path.read_text(encoding="utf-8")[:-20], encoding="utf-8")
    (problem,) = errors(record)
    assert problem.code == "json-error"
    assert problem.line > 1


def test_not_a_number_in_geojson_is_refused(record: Path) -> None:
    path = record / "routes.geojson"
    path.write_text(path.read_text(encoding="utf-8").replace("44.3959", "NaN", 1))
    assert "NaN is no JSON number" in {problem.message for problem in errors(record)}


def test_all_problems_of_all_files_come_in_one_pass_and_nothing_is_loaded(record: Path) -> None:
    spoil(record, "events.csv", f"{MARGARA},2025-03-21,", f"{MARGARA},2025-02-30,")
    spoil(record, "sites.csv", "yerevan,Yerevan,city,ARM,40.", "yerevan,Yerevan,city,ARM,95.")
    spoil(record, "observations.csv", "air-cargo,2022-07-01,0,", "air-cargo,2022-07-01,7,")
    (record / "effects.csv").unlink()
    with pytest.raises(DataError) as caught:
        normlib.load(record)
    files = {problem.file for problem in caught.value.problems}
    assert {"events.csv", "sites.csv", "observations.csv", "effects.csv"} <= files
    assert "nothing was loaded" in str(caught.value)


def test_a_descriptor_that_is_no_json_is_refused_at_the_place(record: Path) -> None:
    (record / "datapackage.json").write_text('{\n  "name": }\n')
    with pytest.raises(DataError, match=r"datapackage.json:2:\d+  json-error"):
        normlib.check(record)


def test_a_resource_outside_the_package_is_refused(record: Path) -> None:
    def change(descriptor: Any) -> None:
        descriptor["resources"][0]["path"] = "../sources.csv"

    edit(record, "datapackage.json", change)
    with pytest.raises(DataError, match="points outside the package"):
        normlib.load(record)


def test_an_unknown_dataset_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(RecipeError, match="Did you mean 'turkiye-armenia'"):
        normlib.load("turkiye-armenai")
