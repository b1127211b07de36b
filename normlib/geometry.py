"""Read the GeoJSON files of a package and check them (RFC 7946, and ids that the tables know)."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from normlib.checks import Reading
from normlib.errors import Problem
from normlib.package import Package, Resource, json_problem, read_text, strict_json

Feature = dict[str, Any]
Geometry = dict[str, Any]

DEPTH = {"Point": 0, "LineString": 1, "MultiPoint": 1, "Polygon": 2, "MultiLineString": 2}
DEPTH["MultiPolygon"] = 3


def read_geometries(
    package: Package, reading: Reading
) -> tuple[dict[str, Geometry], list[Problem]]:
    """Read every GeoJSON resource, with all problems found."""
    geometries: dict[str, Geometry] = {}
    problems: list[Problem] = []
    for name, resource in package.geometries.items():
        text, found = read_text(package, resource)
        problems += found
        if text is None:
            continue
        try:
            collection = strict_json(text)
        except json.JSONDecodeError as error:
            problems.append(json_problem(resource.path, error))
        except ValueError as error:
            problems.append(_problem(resource, text, "", "json-error", str(error)))
        else:
            problems += _collection(resource, text, collection, reading)
            geometries[name] = collection
    return geometries, problems


def _collection(resource: Resource, text: str, found: Any, reading: Reading) -> Iterator[Problem]:
    if not isinstance(found, dict) or found.get("type") != "FeatureCollection":
        yield _problem(resource, text, "", "geojson-shape", "not a FeatureCollection")
        return
    if "crs" in found:
        yield _problem(resource, text, "crs", "crs-member", "RFC 7946 knows WGS 84 only, no 'crs'")
    ids = Counter(str(feature.get("id", "")) for feature in found.get("features", []))
    for name, times in ids.items():
        if not name or times > 1:
            message = f"id '{name}' stands {times} times" if name else "a feature has no id"
            yield _problem(resource, text, name, "primary-key", message)
    for feature in found.get("features", []):
        for code, message in _feature(feature):
            yield _problem(resource, text, str(feature.get("id", "")), code, message)
    yield from _references(resource, text, set(ids), reading)


def _feature(feature: Feature) -> Iterator[tuple[str, str]]:
    name, geometry = feature.get("id", ""), feature.get("geometry") or {}
    kind = geometry.get("type")
    if kind not in DEPTH:
        yield "geojson-shape", f"'{name}' has geometry type {kind!r}; allowed: {', '.join(DEPTH)}"
        return
    try:
        points = list(_points(geometry["coordinates"], DEPTH[kind]))
        bad = next((p for p in points if not _is_on_earth(*p[:2])), None)
    except (KeyError, TypeError, IndexError):
        yield "geojson-shape", f"'{name}' has coordinates that do not fit a {kind}"
        return
    if bad:
        yield "coordinate-range", f"'{name}' has the point {bad}, which is not on earth"
    if kind == "LineString" and len({tuple(p) for p in points}) < 2 and name:
        yield "geometry-invalid", f"'{name}' is a line of fewer than two different points"


def _points(coordinates: Any, depth: int) -> Iterator[list[float]]:
    if depth == 0:
        longitude, latitude = coordinates[0], coordinates[1]
        yield [float(longitude + 0), float(latitude + 0)]
        return
    for part in coordinates:
        yield from _points(part, depth - 1)


def _is_on_earth(longitude: float, latitude: float) -> bool:
    return -180 <= longitude <= 180 and -90 <= latitude <= 90


def _references(
    resource: Resource, text: str, ids: set[str], reading: Reading
) -> Iterator[Problem]:
    """Features of a file with ``idReference`` and rows of that table must match one to one."""
    target = resource.descriptor.get("idReference")
    if not target or target["resource"] not in reading.tables:
        return
    known = set(reading.tables[target["resource"]].column(target["field"]))
    for name in sorted(ids - known):
        yield _problem(resource, text, name, "foreign-key", f"'{name}' is no {target['field']}")
    for name in sorted(known - ids if target.get("complete") else ()):
        yield _problem(resource, text, "", "missing-feature", f"'{name}' has no drawing")


def _problem(resource: Resource, text: str, anchor: str, code: str, message: str) -> Problem:
    """Place a problem at the line and column where the feature's id stands."""
    at = text.find(f'"{anchor}"') if anchor else -1
    line = text.count("\n", 0, at) + 1 if at >= 0 else 0
    column = at - text.rfind("\n", 0, at) if at >= 0 else 0
    remedy = "Correct the file; positions are [longitude, latitude] in degrees, WGS 84."
    return Problem(resource.path, line, column, code, anchor, message, remedy)
