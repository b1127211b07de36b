"""Links and sites as GeoJSON (RFC 7946) for QGIS and other programs."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from normlib.connectivity import link_status
from normlib.dossier import Dossier
from normlib.exports.tables import plain

Json = dict[str, Any]


def links(dossier: Dossier, **about: str) -> bytes:
    """Return the links with their state on the day of the view; properties as in link_status."""
    routes = dossier.geometries.get("routes", {}).get("features", [])
    drawn = {feature["id"]: feature["geometry"] for feature in routes}
    rows = _rows(link_status(dossier))
    return _collection(
        [_feature(row["link_id"], drawn, row) for row in rows], name="links", **about
    )


def sites(dossier: Dossier, **about: str) -> bytes:
    """Return the sites as points, with the name of their country."""
    rows, countries = _rows(dossier.sites), dossier.labels("countries")
    points = {
        row["site_id"]: {"type": "Point", "coordinates": [row.pop("lon"), row.pop("lat")]}
        for row in rows
    }
    named = [{**row, "country_name": countries.get(row["country"])} for row in rows]
    features = [_feature(row["site_id"], points, row) for row in named]
    return _collection(features, name="sites", **about)


def _rows(frame: pd.DataFrame) -> list[Json]:
    """Return the rows; an empty list is null, or GDAL takes the column as JSON, not as lists."""
    cells = [[None if cell == [] else cell for cell in plain(frame[name])] for name in frame]
    return [dict(zip(frame.columns, row, strict=True)) for row in zip(*cells, strict=True)]


def _feature(name: str, shapes: Mapping[str, Json], properties: Json) -> Json:
    shape = shapes.get(name)
    return {"type": "Feature", "id": name, "properties": properties, "geometry": shape}


def _collection(features: Iterable[Json], **about: str) -> bytes:
    found = {"type": "FeatureCollection", **about, "features": list(features)}
    return (json.dumps(found, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")
