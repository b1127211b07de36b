"""The co-participation network as files for Gephi and other programs: GEXF and GraphML.

Start and end of a tie are the first and the last day that the dates of its events allow: no vague
date is made a day, it widens the span. EDTF texts stand beside them.

Formats: GEXF 1.3 (https://gexf.net/), GraphML (http://graphml.graphdrawing.org/).
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import pandas as pd

from normlib.actors import centrality, side_of
from normlib.exports.frames import World
from normlib.exports.tables import SEPARATOR
from normlib.participation import participations
from normlib.rows import dicts

Row = Mapping[str, Any]
Days = tuple[str, str]

GEXF = "http://gexf.net/1.3"
GRAPHML = "http://graphml.graphdrawing.org/xmlns"

OWN = ("id", "label", "source", "target")
"""What both formats say by attributes of their own; GEXF also weight, start and end."""

TYPES = {bool: "boolean", int: "long", float: "double", str: "string"}


class Network(NamedTuple):
    """A graph as rows.

    Attributes
    ----------
    nodes : ``id``, ``label``, ``start``, ``end`` and whatever else; missing: None.
    edges : ``source``, ``target``, ``start``, ``end`` and whatever else.
    """

    nodes: Sequence[Row]
    edges: Sequence[Row]


def one_mode(world: World) -> Network:
    """Return the actors, tied where they took part in the same event (Newman's weights)."""
    graph, days, rows = world.graph(), _days(world), _participations(world)
    theirs = _events(rows)
    nodes = [
        {
            "id": row["actor_id"],
            "label": graph.nodes[row["actor_id"]]["name"],
            "kind": graph.nodes[row["actor_id"]]["kind"],
            "side": _side(world, row["side"]),
            **_span(days, theirs[row["actor_id"]]),
            **{name: row[name] for name in ("events", "degree", "strength", "betweenness")},
            "sources": row["sources"],
        }
        for row in dicts(centrality(graph))
    ]
    edges = [
        {
            "source": row["actor_a"],
            "target": row["actor_b"],
            "weight": row["weight"],
            **_span(days, row["events"]),
            **{name: row[name] for name in ("count", "events", "first", "last", "sources")},
        }
        for row in dicts(world.ties())
    ]
    return Network(nodes, edges)


def two_mode(world: World) -> Network:
    """Return actors and events, tied where the actor took part in the event."""
    days, rows, sides = _days(world), _participations(world), side_of(world.dossier)
    names = world.dossier.labels("actors")
    kinds = dict(zip(*(world.dossier.actors[name] for name in ("actor_id", "kind")), strict=True))
    actors = [
        {
            "id": f"actors/{actor}",
            "label": names[actor],
            "mode": "actor",
            "bipartite": 0,
            "kind": kinds[actor],
            "side": _side(world, sides[actor]),
            **_span(days, events),
        }
        for actor, events in _events(rows).items()
    ]
    events = [
        {
            "id": f"events/{row['event_id']}",
            "label": row["title"],
            "mode": "event",
            "bipartite": 1,
            "kind": row["type"],
            "side": None,
            **_span(days, [row["event_id"]]),
            "date": row["date"],
            "sources": row["sources"],
        }
        for row in dicts(rows.drop_duplicates("event_id"))
    ]
    edges = [
        {
            "source": f"actors/{row['actor_id']}",
            "target": f"events/{row['event_id']}",
            **_span(days, [row["event_id"]]),
            "date": row["date"],
        }
        for row in dicts(rows)
    ]
    return Network([*actors, *events], edges)


def gexf(network: Network, *, day: str, creator: str, description: str) -> bytes:
    """Return a network as dynamic GEXF 1.3; ``day`` stands where others write today's date."""
    root = ET.Element("gexf", {"xmlns": GEXF, "version": "1.3"})
    meta = ET.SubElement(root, "meta", {"lastmodifieddate": day})
    ET.SubElement(meta, "creator").text = creator
    ET.SubElement(meta, "description").text = description
    about = {"defaultedgetype": "undirected", "mode": "dynamic", "timeformat": "date"}
    graph = ET.SubElement(root, "graph", {**about, "timerepresentation": "interval"})
    own = (*OWN, "weight", "start", "end")
    keys = {of: _keys(rows, own) for of, rows in (("node", network.nodes), ("edge", network.edges))}
    for of, names in keys.items():
        declared = ET.SubElement(graph, "attributes", {"class": of})
        for at, (name, kind) in enumerate(names.items()):
            ET.SubElement(declared, "attribute", {"id": f"{at}", "title": name, "type": kind})
    for of, rows in (("node", network.nodes), ("edge", network.edges)):
        listed = ET.SubElement(graph, f"{of}s")
        for at, row in enumerate(rows):
            ids = {"id": str(at)} | {name: row[name] for name in own if _has(row, name)}
            element = ET.SubElement(listed, of, {name: _text(ids[name]) for name in ids})
            values = ET.SubElement(element, "attvalues")
            for key, name in enumerate(keys[of]):
                if _has(row, name):
                    ET.SubElement(values, "attvalue", {"for": f"{key}", "value": _text(row[name])})
    return _bytes(root)


def graphml(network: Network, *, description: str) -> bytes:
    """Return a network as GraphML; start and end are attributes, for the format knows no time."""
    root = ET.Element("graphml", {"xmlns": GRAPHML})
    ends = ("id", "source", "target")
    keys = {
        of: _keys(rows, ends) for of, rows in (("node", network.nodes), ("edge", network.edges))
    }
    for of, names in keys.items():
        for name, kind in names.items():
            about = {"id": f"{of}-{name}", "for": of, "attr.name": name, "attr.type": kind}
            ET.SubElement(root, "key", about)
    graph = ET.SubElement(root, "graph", {"edgedefault": "undirected"})
    ET.SubElement(graph, "desc").text = description
    for of, rows in (("node", network.nodes), ("edge", network.edges)):
        for row in rows:
            element = ET.SubElement(graph, of, {key: row[key] for key in ends if key in row})
            for name in keys[of]:
                if _has(row, name):
                    ET.SubElement(element, "data", {"key": f"{of}-{name}"}).text = _text(row[name])
    return _bytes(root)


def _participations(world: World) -> pd.DataFrame:
    return participations(world.dossier, types=world.choice.types)


def _events(rows: pd.DataFrame) -> dict[str, list[str]]:
    """Return the events that each actor took part in."""
    return {str(actor): found.tolist() for actor, found in rows.groupby("actor_id")["event_id"]}


def _side(world: World, side: int) -> str:
    return world.dossier.sides[side] if side >= 0 else "third party"


def _days(world: World) -> dict[str, Days]:
    """Return the first and last day that each event can have been on.

    It was public on the day from which it counts, so it was not later than that.
    """
    events = world.dossier.events
    first = events["date_earliest"].fillna(events["effective_on"])
    spans = zip(_iso(first), _iso(events["effective_on"]), strict=True)
    return dict(zip(events["event_id"].tolist(), spans, strict=True))


def _iso(days: pd.Series) -> list[str]:
    return [str(day.date()) for day in days]


def _span(days: Mapping[str, Days], events: Iterable[str]) -> dict[str, str]:
    spans = [days[event] for event in events]
    return {"start": min(first for first, _ in spans), "end": max(last for _, last in spans)}


def _keys(rows: Sequence[Row], left_out: Iterable[str]) -> dict[str, str]:
    """Return what the rows say beside what is left out, with its type."""
    found: dict[str, str] = {}
    for row in rows:
        for name, value in row.items():
            if name not in left_out and name not in found and value is not None:
                found[name] = TYPES.get(type(value), "string")
    return found


def _has(row: Row, name: str) -> bool:
    return row.get(name) is not None


def _text(value: Any) -> str:
    return SEPARATOR.join(value) if isinstance(value, tuple) else str(value)


def _bytes(root: ET.Element) -> bytes:
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"
