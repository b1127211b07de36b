"""The kinds of files, and what is in each."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from normlib.actors import MEASURES
from normlib.dossier import Dossier
from normlib.exports import maps, networks
from normlib.exports.frames import FRAMES, World
from normlib.exports.tables import csv_bytes, fields, parquet_bytes
from normlib.exports.timelinejs import timeline_json

Json = dict[str, Any]


@dataclass(frozen=True)
class File:
    """One file of an export.

    Attributes
    ----------
    path : below the folder of the export.
    title, description : what it holds.
    resources : names of the resources of the record that it is made from.
    more : further properties of its entry in ``datapackage.json``.
    """

    path: str
    content: bytes = field(repr=False)
    title: str
    description: str
    mediatype: str
    resources: tuple[str, ...]
    more: Json = field(default_factory=dict)


def record_files(world: World) -> Iterator[File]:
    """Yield the tables of the record as of the day: every id in any other file leads to them."""
    for name, resource in world.dossier.package.tables.items():
        frame, described = world.dossier.tables[name], resource.descriptor
        known = {column: dict(one.descriptor) for column, one in resource.fields.items()}
        schema = {**described["schema"], "fields": [known.get(f["name"], f) for f in fields(frame)]}
        yield File(
            f"record/{name}.csv",
            csv_bytes(frame),
            str(described.get("title", name)),
            str(described.get("description", "")),
            "text/csv",
            (name,),
            {"schema": schema},
        )


def gexf_files(world: World) -> Iterator[File]:
    """Yield the networks for Gephi."""
    from normlib import __version__

    for name, title, network in _networks(world):
        content = networks.gexf(
            network,
            day=str(world.dossier.day.date()),
            creator=f"normlib {__version__}",
            description=f"{title}. {world.dossier.stamp}",
        )
        yield _network_file(f"{name}.gexf", content, title, "application/gexf+xml")


def graphml_files(world: World) -> Iterator[File]:
    """Yield the networks for other programs."""
    for name, title, network in _networks(world):
        content = networks.graphml(network, description=f"{title}. {world.dossier.stamp}")
        yield _network_file(f"{name}.graphml", content, title, "application/graphml+xml")


def geojson_files(world: World) -> Iterator[File]:
    """Yield links and sites for QGIS."""
    dossier = world.dossier
    drawn = {"links": ("links", "link_states", "routes"), "sites": ("sites", "countries")}
    for name, write in (("links", maps.links), ("sites", maps.sites)):
        about = {"description": dossier.stamp, "attribution": attribution(dossier, drawn[name])}
        content = write(dossier, **{key: words for key, words in about.items() if words})
        title = f"{name.capitalize()} of the record on the day"
        kind = "application/geo+json"
        yield File(f"{name}.geojson", content, title, _GEOJSON[name], kind, drawn[name])


def timeline_files(world: World) -> Iterator[File]:
    """Yield the events for TimelineJS."""
    content, used = timeline_json(world.dossier), ("events", "phases", "sources")
    title, words = "Events and phases for TimelineJS 3", "Dates are as exact as their sources."
    yield File("timeline.json", content, title, words, "application/json", used)


def csv_files(world: World) -> Iterator[File]:
    """Yield every frame behind a figure as CSV."""
    for name, title, words, frame, used in _frames(world):
        content = csv_bytes(frame)
        yield File(f"csv/{name}.csv", content, title, words, "text/csv", used, _schema(frame))


def parquet_files(world: World) -> Iterator[File]:
    """Yield every frame behind a figure, and every table of the record, as Parquet."""
    kind = "application/vnd.apache.parquet"
    tables = world.dossier.package.tables.items()
    record = [
        (f"record/{name}", str(one.descriptor.get("title", name)), "", frame, (name,))
        for name, one in tables
        for frame in [world.dossier.tables[name]]
    ]
    for name, title, words, frame, used in [*_frames(world), *record]:
        content = parquet_bytes(frame, about={"title": title, "view": world.dossier.stamp})
        yield File(f"parquet/{name}.parquet", content, title, words, kind, used)


KINDS: dict[str, Callable[[World], Iterator[File]]] = {
    "gexf": gexf_files,
    "graphml": graphml_files,
    "geojson": geojson_files,
    "timeline": timeline_files,
    "csv": csv_files,
    "parquet": parquet_files,
}
"""What can be asked for, by name."""


def attribution(dossier: Dossier, names: Iterable[str]) -> str:
    """Return the credits that resources of a record ask for."""
    resources = [dossier.package.resources.get(name) for name in names]
    credits = [str(one.descriptor.get("attribution", "")) for one in resources if one]
    return "; ".join(dict.fromkeys(credit for credit in credits if credit))


_GEOJSON = {
    "links": "Lines with the properties of the frame `link_status`; a line may be schematic: "
    "`geometry_quality` and `is_symbol` say so.",
    "sites": "Points; not surveyed.",
}
_SPAN = "`start` and `end` are the first and the last day that the dates of the events allow."
_DEFINED = "; ".join(f"{name}: {meaning}" for name, meaning in MEASURES.items())


def _networks(world: World) -> Iterator[tuple[str, str, networks.Network]]:
    one = "Actors, tied where they took part in the same event, by Newman's weights"
    two = "Actors and events, tied where the actor took part"
    yield "actors", one, networks.one_mode(world)
    yield "actors-events", two, networks.two_mode(world)


def _network_file(path: str, content: bytes, title: str, kind: str) -> File:
    return File(path, content, title, f"{_SPAN} {_DEFINED}.", kind, ("actors", "events"))


def _schema(frame: pd.DataFrame) -> Json:
    return {"schema": {"fields": fields(frame), "missingValues": [""]}}


def _frames(world: World) -> Iterator[tuple[str, str, str, pd.DataFrame, tuple[str, ...]]]:
    tables = tuple(world.dossier.package.tables)
    for one in FRAMES:
        used = (*tables, "routes") if one.is_drawn else tables
        yield one.name, one.title, one.description, one.make(world), used
