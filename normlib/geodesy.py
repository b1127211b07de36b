"""Distances on the earth."""

from collections.abc import Mapping
from functools import lru_cache
from math import inf
from typing import Any

from geographiclib.geodesic import Geodesic

KM_PER_LATITUDE = 110.5
"""Less than any degree of latitude on the ellipsoid is long, to pass over what is far away."""


@lru_cache(maxsize=100_000)
def geodesic_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Geodesic distance on the WGS 84 ellipsoid (Karney 2013, doi 10.1007/s00190-012-0578-z)."""
    found = Geodesic.WGS84.Inverse(lat, lon, other_lat, other_lon, Geodesic.DISTANCE)
    return float(found["s12"]) / 1000


def apart_km(a: Mapping[Any, Any], b: Mapping[Any, Any], at_most: float = inf) -> float:
    """Return how far two sites are apart; infinity where latitudes alone exceed ``at_most``."""
    if abs(a["lat"] - b["lat"]) * KM_PER_LATITUDE > at_most:
        return inf
    return geodesic_km(a["lat"], a["lon"], b["lat"], b["lon"])
