"""Who meets whom: the co-participation network, its measures and its stable positions.

Two actors are tied when they took part in the same event; the weight of their tie is the sum over
those events of 1/(participants - 1), so that a crowded summit does not outweigh a bilateral talk
(M. E. J. Newman, Physical Review E 64, 016132, 2001, doi 10.1103/PhysRevE.64.016132).

Who took part is read from ``events.actors``, which names all who took part, were addressed or are
plainly concerned. So, unless asked otherwise, only events count that are contacts by their type,
and of those who are named:

- nobody counts whose role had ended before the event;
- a body does not count beside those who act for it, nor a public body beside a person who acts for
  the same state: they are how it takes part;
- a state counts only where nobody else is named at all: a state is not somebody who meets.

Folded into states, everybody counts as the state of their country, or else of the body that they
act for; international bodies stay themselves.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import networkx as nx
import numpy as np
import numpy.typing as npt
import pandas as pd

from normlib.affiliation import CONTACT_TYPES, superiors
from normlib.dossier import Dossier, parse_day
from normlib.errors import RecipeError, nearest
from normlib.rows import dicts

Day = str | date | pd.Timestamp
Codes = npt.NDArray[np.int64]


LEVELS = ("actors", "states")

MEASURES = {
    "events": "number of events that the actor shared with somebody",
    "degree": "number of actors with whom at least one event was shared",
    "strength": "sum of the weights of the actor's ties; each shared event adds exactly 1 to it",
    "betweenness": (
        "share of the pairs of other actors whose shortest chains of ties run through the actor, "
        "chains of equal length in equal parts; ties count alike, whatever their weight"
    ),
}
"""The definition of each number of :func:`centrality`."""

PUBLIC_BODIES = ("ministry", "agency")
KIND_ORDER = ("state", "person", "ministry", "agency", "organisation", "company")

PARTICIPATION_COLUMNS = (
    "event_id actor_id day date type title participants weight known_on sources"
).split()
TIE_COLUMNS = "actor_a actor_b weight count events first last sources".split()
BEGINNING, ENDLESS = pd.Timestamp.min.as_unit("s"), pd.Timestamp.max.as_unit("s")
TIE_DATA = TIE_COLUMNS[2:]
CENTRALITY_COLUMNS = "actor_id side events degree strength betweenness sources".split()
PRESENCE_COLUMNS = "phase_id actor_id side events sources".split()
ROSTER_COLUMNS = (
    "actor_id name kind side role valid_from valid_to member_of events contacts first last sources"
).split()
POSITION_COLUMNS = "actor_id side kind first_event x y".split()
PHASE_COLUMNS = (
    "phase_id title from_date to_date start end events nodes ties most_connected most_events "
    "most_bridging most_betweenness entered left sources"
).split()


def participations(
    dossier: Dossier,
    *,
    start: Day | None = None,
    end: Day | None = None,
    level: str = "actors",
    types: str | Iterable[str] = "contacts",
) -> pd.DataFrame:
    """Return who took part in what: one row per actor and event with at least two participants.

    Parameters
    ----------
    dossier : reads ``events`` (``event_id``, ``date``, ``type``, ``title``, ``actors``,
        ``known_on``, ``sources``) and ``actors`` (``actor_id``, ``kind``, ``country``,
        ``member_of``, ``valid_to_latest``).
    start, end : first and last day of the window, both inside it; blank: no limit. An event of
        vague date stands on the first day that its date allows, so that windows that follow each
        other share no event.
    level : ``"actors"`` for people and bodies, ``"states"`` for everyone folded into states.
    types : ``"contacts"`` (meetings, calls, visits, agreements, crossings), ``"all"``, or types
        of events (``;`` between them).

    Returns
    -------
    DataFrame
        ``event_id``, ``actor_id``; ``day``, ``date`` (EDTF), ``type``, ``title``, ``known_on`` and
        ``sources`` of the event; ``participants``, how many took part; ``weight``, 1/(participants
        - 1). By day, event, actor.

    Raises
    ------
    RecipeError
        An unknown level or type, a day that is none, or a window that ends before it starts.
    """
    events = _in_window(_of_types(dossier, types), start, end)
    named = events.rename(columns={"actors": "actor_id"}).explode("actor_id")
    named = named.dropna(subset=["actor_id"]).drop_duplicates(["event_id", "actor_id"])
    named = named.merge(_actors(dossier.actors), on="actor_id", sort=False)
    return _shared(_fold(_in_their_role(named), level))


def participation_graph(
    dossier: Dossier,
    *,
    start: Day | None = None,
    end: Day | None = None,
    level: str = "actors",
    types: str | Iterable[str] = "contacts",
) -> "nx.Graph[str]":
    """Return the network of a window; parameters and errors as in :func:`participations`.

    Returns
    -------
    Graph
        Nodes are actor ids with ``name``, ``kind``, ``side`` (0, 1, ... for the sides of the
        process, -1 for third parties), ``events`` (how many) and ``sources``. Edges carry
        ``weight``, ``count``, ``events`` (ids by day), ``first``, ``last`` (EDTF dates of the
        first and last of them) and ``sources``.
    """
    rows = participations(dossier, start=start, end=end, level=level, types=types)
    return _graph(rows, dossier)


def projection(rows: pd.DataFrame) -> pd.DataFrame:
    """Return who is tied to whom, by Newman's weights, without the events behind the ties.

    Quick on large records: arrays throughout, in time and space of the number of pairs.

    Parameters
    ----------
    rows : ``event_id``, ``actor_id``, ``weight``, as :func:`participations` returns them; the
        order of the rows does not matter.

    Returns
    -------
    DataFrame
        ``actor_a``, ``actor_b`` (in the order of their ids), ``weight``, ``count``; by ids.
    """
    actor, names = pd.factorize(rows["actor_id"], sort=True)
    event, _ = pd.factorize(rows["event_id"], sort=True)
    size = max(len(names), 1)
    order = np.argsort(event * size + actor, kind="stable")
    first, second = _pairs(event[order])
    pair = actor[order][first] * size + actor[order][second]
    together = np.argsort(pair, kind="stable")
    pairs, starts, count = np.unique(pair[together], return_index=True, return_counts=True)
    weights = rows["weight"].to_numpy(dtype=float)[order][first][together]
    return pd.DataFrame(
        {
            "actor_a": names.take(pairs // size),
            "actor_b": names.take(pairs % size),
            "weight": np.add.reduceat(weights, starts) if len(starts) else weights,
            "count": count,
        }
    )


def ties(graph: "nx.Graph[str]") -> pd.DataFrame:
    """Return the edges of a network, the strongest first, with the events behind them.

    Returns
    -------
    DataFrame
        ``actor_a``, ``actor_b`` (first side before second side before third parties, else by id),
        ``weight``, ``count``, ``events``, ``first``, ``last``, ``sources``.
    """
    sides = nx.get_node_attributes(graph, "side")
    rows = [
        {**data, **dict(zip(("actor_a", "actor_b"), _by_side(pair, sides), strict=True))}
        for *pair, data in graph.edges(data=True)
    ]
    found = pd.DataFrame(rows, columns=TIE_COLUMNS)
    keys = ["weight", "count", "actor_a", "actor_b"]
    return found.sort_values(keys, ascending=[False, False, True, True], ignore_index=True)


def centrality(graph: "nx.Graph[str]") -> pd.DataFrame:
    """Return how central each actor is, the strongest first; :data:`MEASURES` defines the numbers.

    Betweenness costs time in proportion to nodes times ties (Brandes 2001,
    doi 10.1080/0022250X.2001.9990249).

    Returns
    -------
    DataFrame
        ``actor_id``, ``side``, ``events``, ``degree``, ``strength``, ``betweenness`` (0 to 1),
        ``sources``.
    """
    between = nx.betweenness_centrality(graph, normalized=True)
    rows = [
        {
            "actor_id": actor,
            "side": data["side"],
            "events": data["events"],
            "degree": graph.degree(actor),
            "strength": float(graph.degree(actor, weight="weight")),
            "betweenness": round(float(between[actor]), 12),
            "sources": data["sources"],
        }
        for actor, data in graph.nodes(data=True)
    ]
    found = pd.DataFrame(rows, columns=CENTRALITY_COLUMNS)
    keys = ["events", "degree", "actor_id"]
    return found.sort_values(keys, ascending=[False, False, True], ignore_index=True)


def adjacency(graph: "nx.Graph[str]") -> pd.DataFrame:
    """Return the weights as a square table, actors by side and id; not tied: 0.

    Returns
    -------
    DataFrame
        Index ``actor_id`` and one column per actor, in the same order.
    """
    sides = nx.get_node_attributes(graph, "side")
    order = sorted(graph, key=lambda actor: _place(actor, sides))
    table = pd.DataFrame(0.0, index=pd.Index(order, name="actor_id", dtype="str"), columns=order)
    for a, b, data in graph.edges(data=True):
        table.loc[a, b] = table.loc[b, a] = data["weight"]
    return table


def by_phase(
    dossier: Dossier, *, level: str = "actors", types: str | Iterable[str] = "contacts"
) -> pd.DataFrame:
    """Return the network of each phase of the process in numbers.

    A phase runs from the day of the event that begins it to the day before the next one begins.

    Returns
    -------
    DataFrame
        ``phase_id``, ``title``; ``from_date``, ``to_date`` (EDTF dates of the events that bound
        it; blank: still running), ``start``, ``end`` (days); ``events``, ``nodes``, ``ties``
        (counts); ``most_connected`` (ids of those who share most events) with ``most_events``;
        ``most_bridging`` (ids of the highest betweenness, none if it is 0) with
        ``most_betweenness``; ``entered`` and ``left``: ids of those whose first contact, or last
        one so far, lies in the phase (nobody is said to have left the phase that still runs);
        ``sources`` of the events.
    """
    rows = participations(dossier, level=level, types=types)
    found: list[dict[Hashable, Any]] = []
    for phase in dicts(_phases(dossier)):
        inside = rows[rows["day"].between(phase["start"], phase["last"])]
        graph = _graph(inside, dossier)
        found.append(phase | _of_network(graph, inside) | _came_and_went(rows, phase))
    return pd.DataFrame(found, columns=PHASE_COLUMNS)


def presence(
    dossier: Dossier, *, level: str = "actors", types: str | Iterable[str] = "contacts"
) -> pd.DataFrame:
    """Return how many events each actor shared with others in each phase; phases as in by_phase.

    Returns
    -------
    DataFrame
        ``phase_id``, ``actor_id``, ``side``, ``events``, ``sources``; no row where there are none.
    """
    rows, sides = participations(dossier, level=level, types=types), side_of(dossier)
    inside = [
        rows[rows["day"].between(phase["start"], phase["last"])].assign(phase_id=phase["phase_id"])
        for phase in dicts(_phases(dossier))
    ]
    met = pd.concat([rows.head(0).assign(phase_id=""), *inside])
    groups = met.groupby(["phase_id", "actor_id"], sort=False)
    found = groups.agg(events=("event_id", "size"), sources=("sources", _once)).reset_index()
    return found.assign(side=found["actor_id"].map(sides))[PRESENCE_COLUMNS]


def roster(dossier: Dossier) -> pd.DataFrame:
    """Return everybody whom the view names, those named most often first.

    Returns
    -------
    DataFrame
        ``actor_id``, ``name``, ``kind``, ``side``, ``role``, ``valid_from``, ``valid_to`` (EDTF),
        ``member_of``; ``events``: in how many events of any type it is named; ``contacts``: in how
        many of :func:`participations` it took part; ``first``, ``last``: ids of the first and last
        event that names it; ``sources`` of these two.
    """
    events = _in_window(dossier.events, None, None).rename(columns={"actors": "actor_id"})
    groups = events.explode("actor_id").groupby("actor_id", sort=True)
    named = groups["event_id"].agg(events="nunique", first="first", last="last")
    contacts = participations(dossier)["actor_id"].value_counts().rename("contacts")
    joined = dossier.actors.join(named, on="actor_id").join(contacts, on="actor_id")
    counts = joined[["events", "contacts"]].fillna(0).astype("int64")
    listed = events.set_index("event_id")["sources"].to_dict()
    ends = zip(joined["first"], joined["last"], strict=True)
    sources = [_once(listed[event] for event in pair if event in listed) for pair in ends]
    found = joined.assign(
        side=joined["actor_id"].map(side_of(dossier)),
        sources=pd.Series(sources, index=joined.index, dtype=object),
        **counts,
    )
    keys = ["events", "contacts", "actor_id"]
    return found.sort_values(keys, ascending=[False, False, True], ignore_index=True)[
        ROSTER_COLUMNS
    ]


def positions(
    dossier: Dossier, *, level: str = "actors", types: str | Iterable[str] = "contacts"
) -> pd.DataFrame:
    """Return where each actor of the network stands, the same in every window and on every day.

    The first side stands left, the second right, third parties between them; each where the first
    event stands in which the actor took part, the oldest on top, so that those who first met each
    other face each other. Places come from the whole record, so a node keeps its place when others
    come or go; only those are returned who are in the network of the view.

    Returns
    -------
    DataFrame
        ``actor_id``, ``side`` (0, 1, ..., -1 for third parties), ``kind``, ``first_event``, ``x``
        (-1 first side, 1 second side, 0 third parties), ``y`` (rows from the top, 0, 1, ...).
    """
    record = dossier.record or dossier
    rows = participations(record, level=level, types=types)
    placed = _placed(rows, record)
    visible = set(participations(dossier, level=level, types=types)["actor_id"])
    return placed[placed["actor_id"].isin(visible)].reset_index(drop=True)


def side_of(dossier: Dossier) -> dict[str, int]:
    """Return the side of each actor: its place among the sides of the process, -1 for others."""
    countries = _texts(dossier.actors.set_index("actor_id")["country"])
    states = _texts(_actors(dossier.actors).set_index("actor_id")["state"])
    order = {code: place for place, code in enumerate(dossier.sides)}
    return {actor: order.get(countries.get(state, ""), -1) for actor, state in states.items()}


def _of_types(dossier: Dossier, types: str | Iterable[str]) -> pd.DataFrame:
    events = dossier.events
    if types == "all":
        return events
    allowed = dossier.package.resources["events"].fields["type"].constraints["enum"]
    texts = types.split(";") if isinstance(types, str) else types
    wanted = CONTACT_TYPES if types == "contacts" else [text.strip() for text in texts]
    for word in wanted:
        if word not in allowed:
            listed = ", ".join(["contacts", "all", *allowed])
            hint = nearest(word, ["contacts", "all", *allowed])
            raise RecipeError(f"types: '{word}' is none of {listed}. {hint}".strip())
    return events[events["type"].isin(wanted)]


def _in_window(events: pd.DataFrame, start: Day | None, end: Day | None) -> pd.DataFrame:
    """Add ``day`` and keep the events of a window, by day and id."""
    first, last = _bound(start, "start", BEGINNING), _bound(end, "end", ENDLESS)
    if last < first:
        raise RecipeError(f"end ({last.date()}) lies before start ({first.date()}).")
    rows = events.assign(day=events["date_earliest"].fillna(events["date_latest"]))
    rows = rows[rows["day"].between(first, last)]
    kept = ["event_id", "day", "date_latest", "date", "type", "title", "actors", "known_on"]
    return rows.sort_values(["day", "date_latest", "event_id"])[[*kept, "sources"]]


def _bound(day: Day | None, name: str, otherwise: pd.Timestamp) -> pd.Timestamp:
    return otherwise if day is None or day == "" else parse_day(day, name)


def _actors(actors: pd.DataFrame) -> pd.DataFrame:
    """Return what is needed of each actor to tell for whom it takes part.

    Columns: ``actor_id``, ``kind``, ``until`` (last day in the role), ``above`` (ids of those on
    whose behalf it acts, the nearest first), ``acts_for`` (the last of them, or itself) and
    ``state`` (that of its country, else of the nearest above that has one; else ``acts_for``).
    """
    known = actors.set_index("actor_id")
    chains = [(actor, *above) for actor, above in superiors(actors).items()]
    states = _texts(
        known[known["kind"] == "state"].reset_index("actor_id").set_index("country")["actor_id"]
    )
    home = {name: states[code] for name, code in _texts(known["country"]).items() if code in states}
    return pd.DataFrame(
        {
            "actor_id": known.index,
            "kind": known["kind"].to_numpy(),
            "until": known["valid_to_latest"].to_numpy(),
            "above": [chain[1:] for chain in chains],
            "acts_for": [chain[-1] for chain in chains],
            "state": [
                next((home[up] for up in chain if up in home), chain[-1]) for chain in chains
            ],
        }
    )


def _texts(column: pd.Series) -> dict[str, str]:
    return {str(name): str(text) for name, text in column.dropna().items()}


def _in_their_role(named: pd.DataFrame) -> pd.DataFrame:
    """Leave out those whose role had ended before the first day of the event."""
    return named[~(named["until"] < named["day"])]


def _fold(named: pd.DataFrame, level: str) -> pd.DataFrame:
    if level == "actors":
        return _present(named)
    if level == "states":
        folded = named.assign(actor_id=named["state"])
        return folded.drop_duplicates(["event_id", "actor_id"])
    raise RecipeError(f"level: '{level}' is none of {', '.join(LEVELS)}. {nearest(level, LEVELS)}")


def _present(named: pd.DataFrame) -> pd.DataFrame:
    """Leave out bodies beside those who act for them, and states beside anybody else."""
    persons, states = named["kind"] == "person", named["kind"] == "state"
    public = named["kind"].isin(PUBLIC_BODIES)
    stood_for = _keys(named, "actor_id").isin(_keys(named.explode("above"), "above"))
    spoken_for = _keys(named, "acts_for").isin(_keys(named[persons], "acts_for"))
    with_others = named["event_id"].isin(named.loc[~states, "event_id"])
    return named[~(stood_for | (public & spoken_for) | (states & with_others))]


def _keys(rows: pd.DataFrame, column: str) -> pd.MultiIndex:
    return pd.MultiIndex.from_arrays([rows["event_id"], rows[column].astype("object")])


def _shared(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep events with at least two participants; add their number and the weight of a pair."""
    number = rows.groupby("event_id")["actor_id"].transform("size").astype("int64")
    counted = rows.assign(participants=number)[number >= 2]
    counted = counted.assign(weight=1.0 / (counted["participants"] - 1))
    keys = ["day", "date_latest", "event_id", "actor_id"]
    return counted.sort_values(keys, ignore_index=True)[PARTICIPATION_COLUMNS]


def _pairs(event: Codes) -> tuple[Codes, Codes]:
    """Return the places of every two rows of the same event; rows of an event stand together."""
    first, second = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    lag = 1
    while len(same := np.flatnonzero(event[lag:] == event[:-lag])):
        first.append(same)
        second.append(same + lag)
        lag += 1
    return np.concatenate(first), np.concatenate(second)


def _graph(rows: pd.DataFrame, dossier: Dossier) -> "nx.Graph[str]":
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(_nodes(rows, dossier))
    for tie in dicts(_ties(rows)):
        graph.add_edge(tie["actor_a"], tie["actor_b"], **{name: tie[name] for name in TIE_DATA})
    return graph


def _nodes(rows: pd.DataFrame, dossier: Dossier) -> Iterator[tuple[str, dict[str, Any]]]:
    sides, names = side_of(dossier), dossier.labels("actors")
    kinds = _texts(dossier.actors.set_index("actor_id")["kind"])
    for actor, own in rows.groupby("actor_id", sort=True):
        name = str(actor)
        yield (
            name,
            {
                "name": names[name],
                "kind": kinds[name],
                "side": sides[name],
                "events": len(own),
                "sources": _once(own["sources"]),
            },
        )


def _ties(rows: pd.DataFrame) -> pd.DataFrame:
    """Return every two actors who share events, with the events by day."""
    first, second = _pairs(pd.factorize(rows["event_id"])[0].astype(np.int64))
    pairs = rows.iloc[first].reset_index(drop=True)
    pairs = pairs.assign(actor_a=pairs["actor_id"], actor_b=rows["actor_id"].iloc[second].array)
    pairs = pairs.sort_values(["day", "event_id"], kind="stable")
    groups = pairs.groupby(["actor_a", "actor_b"], sort=True)
    return groups.agg(
        weight=("weight", "sum"),
        count=("event_id", "size"),
        events=("event_id", tuple),
        first=("date", "first"),
        last=("date", "last"),
        sources=("sources", _once),
    ).reset_index()


def _once(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for listed in lists for name in listed))


def _by_side(pair: Iterable[str], sides: Mapping[str, int]) -> list[str]:
    return sorted(pair, key=lambda actor: _place(actor, sides))


def _place(actor: str, sides: Mapping[str, int]) -> tuple[bool, int, str]:
    return sides[actor] < 0, sides[actor], actor


def _phases(dossier: Dossier) -> pd.DataFrame:
    """Return the phases with the dates of the events that bound them, and first and last day."""
    dates = dossier.events.set_index("event_id")[["date", "date_earliest", "date_latest"]]
    begins = dates["date_earliest"].fillna(dates["date_latest"])
    phases = dossier.phases
    first, after = phases[["from_event"]], phases[["to_event"]]
    start = first.join(begins.rename("day"), on="from_event")["day"]
    end = after.join(begins.rename("day"), on="to_event")["day"] - pd.Timedelta(days=1)
    return phases[["phase_id", "title"]].assign(
        from_date=first.join(dates["date"], on="from_event")["date"],
        to_date=after.join(dates["date"], on="to_event")["date"],
        start=start,
        end=end,
        last=end.fillna(ENDLESS),
    )


def _of_network(graph: "nx.Graph[str]", rows: pd.DataFrame) -> dict[Hashable, Any]:
    numbers = centrality(graph)
    most, bridge = numbers["events"].max(), numbers["betweenness"].max()
    bridging = numbers[(numbers["betweenness"] == bridge) & (numbers["betweenness"] > 0)]
    return {
        "events": rows["event_id"].nunique(),
        "nodes": len(graph),
        "ties": graph.number_of_edges(),
        "most_connected": tuple(numbers.loc[numbers["events"] == most, "actor_id"]),
        "most_events": 0 if numbers.empty else most,
        "most_bridging": tuple(bridging["actor_id"]),
        "most_betweenness": 0.0 if numbers.empty else float(bridge),
        "sources": _once(rows["sources"]),
    }


def _came_and_went(rows: pd.DataFrame, phase: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
    spans = rows.groupby("actor_id")["day"].agg(["min", "max"])
    entered = spans["min"].between(phase["start"], phase["last"])
    left = spans["max"].between(phase["start"], phase["last"]) & pd.notna(phase["end"])
    return {"entered": tuple(spans.index[entered]), "left": tuple(spans.index[left])}


def _placed(rows: pd.DataFrame, record: Dossier) -> pd.DataFrame:
    """Give each actor a row below everybody who came with an earlier event."""
    sides, kinds = side_of(record), record.actors.set_index("actor_id")["kind"]
    firsts = rows.drop_duplicates("actor_id")
    placed = pd.DataFrame(
        {
            "actor_id": firsts["actor_id"],
            "side": firsts["actor_id"].map(sides),
            "kind": firsts["actor_id"].map(kinds),
            "first_event": firsts["event_id"],
            "block": pd.factorize(firsts["event_id"])[0],
        }
    )
    placed["x"] = placed["side"].map({0: -1.0, 1: 1.0}).fillna(0.0)
    placed["rank"] = placed["kind"].map(KIND_ORDER.index)
    placed = placed.sort_values(["block", "x", "rank", "actor_id"], ignore_index=True)
    within = placed.groupby(["block", "x"]).cumcount()
    heights = within.groupby(placed["block"]).max() + 1
    above = heights.cumsum() - heights
    placed["y"] = (placed["block"].map(above) + within).astype("int64")
    return placed[POSITION_COLUMNS]
