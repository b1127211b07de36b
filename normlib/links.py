"""Links and their states: on a day, and over time."""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from normlib.dossier import Dossier
from normlib.geodesy import geodesic_km
from normlib.memo import once
from normlib.rows import dicts

SPAN_COLUMNS = [
    "key",
    "link_id",
    "name",
    "mode",
    "state",
    "since",
    "start_earliest",
    "start",
    "end",
    "confirmed",
    "exceptional",
    "note",
    "latest_note",
    "latest_sources",
    "sources",
]
STATUS_COLUMNS = [
    "link_id",
    "name",
    "mode",
    "state",
    "since",
    "confirmed",
    "lasting_since",
    "exceptions",
    "state_note",
    "state_sources",
    "from_site",
    "to_site",
    "via_sites",
    "from_country",
    "to_country",
    "countries",
    "crosses_border",
    "joins_sides",
    "is_symbol",
    "length_km",
    "length_is_approximate",
    "gauge_mm",
    "voltage_kv",
    "coupling",
    "capacity",
    "capacity_unit",
    "geometry_quality",
    "note",
    "sources",
]
STATUS_TYPES = {
    **dict.fromkeys(("state", "since", "confirmed", "state_note", "lasting_since"), "str"),
    **dict.fromkeys(("from_country", "to_country", "geometry_quality"), "str"),
    **dict.fromkeys(("crosses_border", "joins_sides"), "bool"),
    **dict.fromkeys(("length_is_approximate", "is_symbol"), "bool"),
    **dict.fromkeys(("state_sources", "sources_of_state", "countries"), "object"),
    "exceptions": "int64",
    "length_km": "float64",
}
"""What is found out for each link, and its type."""


@once
def state_spans(dossier: Dossier) -> pd.DataFrame:
    """Return the states of each link over time, one row for each state that it entered.

    Rows of ``link_states`` that repeat the state before them are joined to it; ``confirmed`` is
    the date of the last such row. A span starts on the day from which its first row counts
    (``start``) and, where its date is not exact, possibly from ``start_earliest``; it ends with the
    next one or on the day of the view. ``exceptional`` marks single permitted uses: ``restricted``
    between two spans of ``closed``.

    Returns
    -------
    Columns ``SPAN_COLUMNS``, in the order of links and time; ``key`` is that of the first row.
    """
    runs = _runs(dossier.link_states)
    if runs.empty:
        return pd.DataFrame(columns=SPAN_COLUMNS)
    link = runs.groupby("link_id", sort=False)
    around = link["state"].shift(1).eq("closed") & link["state"].shift(-1).eq("closed")
    ends = link["effective_on"].shift(-1).fillna(dossier.day)
    spans = runs.assign(
        key=runs["link_id"] + "|" + runs["since"],
        start=runs["effective_on"],
        start_earliest=runs["since_earliest"],
        end=ends.where(ends > runs["effective_on"], runs["effective_on"]),
        exceptional=around & runs["state"].eq("restricted"),
    )
    named = spans.merge(dossier.links[["link_id", "name", "mode"]], on="link_id", how="left")
    return named[SPAN_COLUMNS]


@once
def link_status(dossier: Dossier) -> pd.DataFrame:
    """Return every link with its state on the day of the view; no state known: ``unknown``.

    Reads ``links``, ``link_states``, ``sites`` and the geometry ``routes``.

    Returns
    -------
    Columns ``STATUS_COLUMNS``. ``since`` and ``lasting_since`` are EDTF text: the start of the
    state, and its start when exceptional uses (counted in ``exceptions``) are left aside.
    ``length_km`` is the sourced length, else that of the drawing on the WGS 84 ellipsoid
    (``length_is_approximate``). ``state_note`` and ``state_sources`` are those of the last row on
    the state; ``sources`` holds all of its state, then those of the link. ``countries``: those of
    its stops, sorted, each once; with more than one it ``crosses_border``, even if it ends where it
    began. ``joins_sides``: its ends lie in the two sides of the process. ``is_symbol``: the line
    stands for a permission and is no route.
    """
    links, spans = dossier.links, _spans_by_link(dossier)
    drawn = {one["id"]: one for one in dossier.geometries.get("routes", {}).get("features", [])}
    country = dict(zip(dossier.sites["site_id"], dossier.sites["country"], strict=True))
    rows = [
        {
            **_state_of(spans.get(link["link_id"], [])),
            **_ends_of(link, country, set(dossier.sides)),
            **_shape_of(link, drawn.get(link["link_id"])),
        }
        for link in dicts(links)
    ]
    found = pd.DataFrame(rows, index=links.index, columns=list(STATUS_TYPES)).astype(STATUS_TYPES)
    of_state = found["sources_of_state"]
    joined = [each_once(pair) for pair in zip(of_state, links["sources"], strict=True)]
    sources = pd.Series(joined, index=links.index, dtype="object")
    known = links.drop(columns=[name for name in links if name in STATUS_TYPES])
    return known.join(found).assign(sources=sources)[STATUS_COLUMNS]


def _spans_by_link(dossier: Dossier) -> dict[str, list[Mapping[Any, Any]]]:
    found: dict[str, list[Mapping[Any, Any]]] = {}
    for span in dicts(state_spans(dossier)):
        found.setdefault(span["link_id"], []).append(span)
    return found


def _state_of(spans: Sequence[Mapping[Any, Any]]) -> dict[str, Any]:
    """Return what holds of a link now, and since when but for exceptional uses."""
    now = spans[-1] if spans else {"state": "unknown"}
    lasting: Mapping[Any, Any] = {}
    for span in spans:
        if not span["exceptional"] and span["state"] != lasting.get("state"):
            lasting = span
    later = [span for span in spans if lasting and span["start"] >= lasting["start"]]
    return {
        "state": now["state"],
        "since": now.get("since"),
        "confirmed": now.get("confirmed"),
        "state_note": now.get("latest_note"),
        "state_sources": now.get("latest_sources", ()),
        "sources_of_state": now.get("sources", ()),
        "lasting_since": lasting.get("since"),
        "exceptions": sum(span["exceptional"] for span in later),
    }


def _ends_of(
    link: Mapping[Any, Any], country: Mapping[str, str], sides: set[str]
) -> dict[str, Any]:
    ends = [country.get(link["from_site"]), country.get(link["to_site"])]
    stops = [*ends, *map(country.get, link["via_sites"])]
    countries = tuple(sorted({name for name in stops if name}))
    return {
        "from_country": ends[0],
        "to_country": ends[1],
        "countries": countries,
        "crosses_border": len(countries) > 1,
        "joins_sides": set(ends) == sides,
    }


def _shape_of(link: Mapping[Any, Any], drawn: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the length of a link, and what is known of its drawing."""
    unsourced = bool(pd.isna(link["length_km"]))
    return {
        "length_km": _drawn_km(drawn) if unsourced and drawn else link["length_km"],
        "length_is_approximate": unsourced,
        "geometry_quality": drawn["properties"].get("geometry_quality") if drawn else None,
        "is_symbol": _is_symbol(link["note"]),
    }


def joining_links(status: pd.DataFrame) -> pd.DataFrame:
    """Return the links of a status frame whose ends lie in the two sides of the process."""
    return status[status["joins_sides"].astype(bool)].reset_index(drop=True)


def joining_routes(status: pd.DataFrame) -> list[str]:
    """Return the ids of the links that join the sides and can be travelled: no permissions."""
    routes = status["joins_sides"].astype(bool) & ~status["is_symbol"].astype(bool)
    return status.loc[routes, "link_id"].tolist()


def other_crossings(status: pd.DataFrame) -> pd.DataFrame:
    """Return the links of a status frame that cross a border elsewhere."""
    crosses = status["crosses_border"].astype(bool) & ~status["joins_sides"].astype(bool)
    return status[crosses].reset_index(drop=True)


def domestic_links(status: pd.DataFrame) -> pd.DataFrame:
    """Return the links of a status frame that lie in one country."""
    return status[~status["crosses_border"].astype(bool)].reset_index(drop=True)


def open_throughout(status: pd.DataFrame, spans: pd.DataFrame) -> pd.DataFrame:
    """Return the links that were open already when the record begins, and in no other state since.

    Reads ``spans`` (:func:`state_spans`); returns rows of ``status``.
    """
    return status[_is_steady(status, spans)].reset_index(drop=True)


def not_open_throughout(status: pd.DataFrame, spans: pd.DataFrame) -> pd.DataFrame:
    """Return the links that :func:`open_throughout` does not."""
    return status[~_is_steady(status, spans)].reset_index(drop=True)


def _is_steady(status: pd.DataFrame, spans: pd.DataFrame) -> pd.Series:
    other = spans["state"].ne("open") | spans["start_earliest"].notna()
    ever_other = set(spans.loc[other, "link_id"])
    return status["link_id"].isin(spans["link_id"]) & ~status["link_id"].isin(ever_other)


def _runs(states: pd.DataFrame) -> pd.DataFrame:
    """Join rows that repeat the state before them; the last one's date confirms the first."""
    if states.empty:
        return states.assign(latest_note="", latest_sources="", confirmed="")
    before = states[["link_id", "state"]].shift()
    begins = states[["link_id", "state"]].ne(before).any(axis=1)
    first = states[begins].reset_index(drop=True)
    last = states[begins.shift(-1, fill_value=True)].reset_index(drop=True)
    starts = np.flatnonzero(begins).tolist()
    listed, ends = states["sources"].tolist(), [*starts[1:], len(states)]
    runs = list(zip(starts, ends, strict=True))
    repeats = pd.Series([end - start > 1 for start, end in runs])
    sources = [each_once(listed[start:end]) for start, end in runs]
    return first.assign(
        latest_note=last["note"],
        latest_sources=last["sources"],
        confirmed=last["since"].where(repeats),
        sources=pd.Series(sources, dtype="object"),
    )


def each_once(listed: Iterable[Iterable[str]]) -> tuple[str, ...]:
    """Return names of several lists in their order, each once."""
    return tuple(dict.fromkeys(name for ids in listed for name in ids))


def _is_symbol(note: object) -> bool:
    """Whether a link's note says that its line is drawn as a symbol."""
    return isinstance(note, str) and re.search(r"\bas a symbol\b", note) is not None


def _drawn_km(feature: Mapping[str, Any]) -> float:
    points = feature["geometry"]["coordinates"]
    return sum(geodesic_km(a[1], a[0], b[1], b[0]) for a, b in pairwise(points))
