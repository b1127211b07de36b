"""A small record for tests: the real descriptor, and only the rows that a test gives.

    dossier = tiny_dossier(tmp_path, events=[{"event_id": "2022-07-01-talks", "round": 4}])

Cells that a test leaves out are filled where the descriptor requires them and blank otherwise; a
date that is left out is the one that the row's id begins with. The two sides are there as actors
``tur`` and ``arm``, with their countries, and one source ``s`` of 1 January 2020. The table
``codings`` and ``positions``, which a dataset may do without, are there only where a test gives
them.
"""

import csv
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from normlib import load
from normlib.dossier import Dossier
from normlib.package import DESCRIPTOR, PROJECT, Resource

REAL = PROJECT / "data" / "turkiye-armenia" / DESCRIPTOR
CODINGS = PROJECT / "data" / "codings.json"
DAY = "2021-01-01"
OPTIONAL = ("codings", "positions")

Row = Mapping[str, Any]

ALWAYS: dict[str, list[Row]] = {
    "sources": [{"source_id": "s"}],
    "countries": [{"iso_a3": "TUR", "name": "Türkiye"}, {"iso_a3": "ARM", "name": "Armenia"}],
    "actors": [
        {"actor_id": "tur", "name": "Türkiye", "kind": "state", "country": "TUR"},
        {"actor_id": "arm", "name": "Armenia", "kind": "state", "country": "ARM"},
    ],
}

USUAL: dict[str, Row] = {
    "sources": {
        "publisher": "A paper",
        "title": "A page",
        "published": "2020-01-01",
        "language": "en",
        "kind": "news",
        "accessed": "2026-06-01",
    },
    "countries": {"west": -180, "south": -90, "east": 180, "north": 90},
    "actors": {"kind": "person", "role": "a role"},
    "events": {"type": "meeting", "actors": "tur;arm", "sectors": "diplomatic", "tone": "neutral"},
    "commitments": {"sector": "border", "obligated": "tur;arm"},
    "targets": {"stated_by": "tur"},
    "observations": {"state": "announced"},
    "sites": {"kind": "city", "country": "TUR", "lat": 40, "lon": 44},
    "links": {"mode": "road"},
    "link_states": {"state": "open"},
    "claims": {"accepted": "yes", "field": "date"},
    "context": {"value_low": 1, "unit": "km"},
    "effects": {"unit": "percent_change"},
}


def tiny_dossier(
    folder: Path, *, descriptor: Mapping[str, Any] | None = None, **tables: Sequence[Row]
) -> Dossier:
    """Write a small data package below a folder and load it.

    ``descriptor`` replaces properties of the package (``coversUntil``, ``process``, ``version``).
    A row of ``sources``, ``countries`` or ``actors`` is added to those that are always there, or
    takes the place of the one with its id.
    """
    return load(tiny_package(folder, descriptor=descriptor, **tables))


def tiny_package(
    folder: Path, *, descriptor: Mapping[str, Any] | None = None, **tables: Sequence[Row]
) -> Path:
    """Write a small data package below a folder and return its folder."""
    package = {**json.loads(REAL.read_text(encoding="utf-8")), **(descriptor or {})}
    described = [*package["resources"], json.loads(CODINGS.read_text("utf-8"))]
    package["resources"] = [
        entry for entry in described if entry["name"] not in OPTIONAL or entry["name"] in tables
    ]
    names = {entry["name"] for entry in package["resources"]}
    assert set(tables) <= names, f"no such table: {sorted(set(tables) - names)}"
    target = folder / "tiny"
    target.mkdir(parents=True, exist_ok=True)
    (target / DESCRIPTOR).write_text(json.dumps(package, ensure_ascii=False), encoding="utf-8")
    for entry in package["resources"]:
        resource = Resource(entry)
        if resource.is_table:
            _write_table(target, resource, _with_always(resource, tables.get(resource.name, ())))
        else:
            _write_geometry(target, resource, tables)
    return target


def _with_always(resource: Resource, rows: Sequence[Row]) -> list[Row]:
    given = {row.get(resource.key[0]) for row in rows}
    always = ALWAYS.get(resource.name, [])
    return [row for row in always if row[resource.key[0]] not in given] + list(rows)


def _write_table(target: Path, resource: Resource, rows: Sequence[Row]) -> None:
    with (target / resource.path).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(resource.fields), lineterminator="\n")
        writer.writeheader()
        writer.writerows(_complete(resource, row) for row in rows)


def _complete(resource: Resource, row: Row) -> dict[str, str]:
    """Return a row with every required cell filled; a column that there is not is refused."""
    key = str(row.get(resource.key[0], "row"))
    filled: dict[str, Any] = {**USUAL.get(resource.name, {}), **row}
    for name, field in resource.fields.items():
        if field.constraints.get("required") and name not in filled:
            filled[name] = _date_of(key) if name == resource.when else _filling(name, key)
    return {name: _text(value) for name, value in filled.items()}


def _date_of(key: str) -> str:
    found = re.match(r"\d{4}(-\d{2}){0,2}(?=-|$)", key)
    return found.group() if found else DAY


def _filling(name: str, key: str) -> str:
    return "s" if name == "sources" else key


def _text(value: Any) -> str:
    if isinstance(value, tuple | list):
        return ";".join(map(str, value))
    return "" if value is None else str(value)


def _write_geometry(target: Path, resource: Resource, tables: Mapping[str, Sequence[Row]]) -> None:
    """Write a file without features, or with a line for each row that must have one."""
    reference = resource.descriptor.get("idReference", {})
    complete = reference.get("complete") or False
    rows = tables.get(reference.get("resource", ""), ()) if complete else ()
    features = [_feature(reference["field"], row[reference["field"]]) for row in rows]
    collection = {"type": "FeatureCollection", "features": features}
    (target / resource.path).write_text(json.dumps(collection), encoding="utf-8")


def _feature(field: str, name: str) -> dict[str, Any]:
    line = {"type": "LineString", "coordinates": [[44.0, 40.0], [44.1, 40.1]]}
    return {"type": "Feature", "id": name, "properties": {field: name}, "geometry": line}
