"""Who meets whom: the co-participation network, its measures and its stable positions.

Two actors are tied when they took part in the same event; the weight of their tie is the sum over
those events of 1/(participants - 1), so that a crowded summit does not outweigh a bilateral talk
(M. E. J. Newman, Physical Review E 64, 016132, 2001, doi 10.1103/PhysRevE.64.016132).

Who took part in what: see :mod:`normlib.participation`.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from math import fsum
from operator import itemgetter
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd

from normlib.dossier import Dossier
from normlib.errors import RecipeError, nearest
from normlib.memo import once
from normlib.participation import (
    ENDLESS,
    Day,
    events_by_day,
    participants,
    participations,
)
from normlib.placement import PLACE_COLUMNS, settled
from normlib.projection import Codes, project, together
from normlib.rows import dicts

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

KIND_ORDER = ("state", "person", "ministry", "agency", "organisation", "company")

TIE_COLUMNS = "actor_a actor_b weight count events first last sources".split()
TIE_DATA = TIE_COLUMNS[2:]
CENTRALITY_COLUMNS = "actor_id side events degree strength betweenness sources".split()
PRESENCE_COLUMNS = "phase_id actor_id side events sources".split()
ROSTER_COLUMNS = (
    "actor_id name kind side role valid_from valid_to member_of events contacts first last sources"
).split()
POSITION_COLUMNS = "actor_id side kind first_event x y".split()
RINGS = {"person": 0.88, "ministry": 0.94, "agency": 0.94}
"""How far from the middle of a picture an actor of a side stands; all other kinds: 1."""

PHASE_COLUMNS = (
    "phase_id title from_date to_date start end events nodes ties strongest strongest_share "
    "concentration most_connected most_events most_bridging most_betweenness entered left sources"
).split()
GATHERING_COLUMNS = "phase_id actors count events first last sources".split()
SHARED_COLUMNS = "event_id date type title tone participants weight sources".split()
SIGNS = {"cooperation": 1, "neutral": 0, "conflict": -1}
"""What an event counts for in a signed weight, by its tone."""


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


def two_mode_graph(
    dossier: Dossier,
    *,
    start: Day | None = None,
    end: Day | None = None,
    level: str = "actors",
    types: str | Iterable[str] = "contacts",
) -> "nx.Graph[str]":
    """Return who took part in what, as a graph of actors and events; see :func:`participations`.

    Returns
    -------
    Graph
        Two kinds of nodes, told apart by ``bipartite`` as networkx does: 0 for actors
        (``actors/ID``, with what :func:`participation_graph` says of them), 1 for events
        (``events/ID``, with ``date``, ``type``, ``tone``, ``title``, ``participants``,
        ``sources``). An edge has the ``weight`` of the event in the ties of those who met there.
    """
    rows = participations(dossier, start=start, end=end, level=level, types=types)
    graph: nx.Graph[str] = nx.Graph()
    for actor, data in _nodes(rows, dossier):
        graph.add_node(f"actors/{actor}", bipartite=0, **data)
    for event in dicts(_toned(rows.drop_duplicates("event_id"), dossier)[SHARED_COLUMNS]):
        facts = {name: event[name] for name in SHARED_COLUMNS[1:] if name != "weight"}
        graph.add_node(f"events/{event['event_id']}", bipartite=1, **facts)
    ends = zip(
        rows["actor_id"].tolist(), rows["event_id"].tolist(), rows["weight"].tolist(), strict=True
    )
    graph.add_weighted_edges_from((f"actors/{a}", f"events/{e}", w) for a, e, w in ends)
    return graph


def projection(rows: pd.DataFrame) -> pd.DataFrame:
    """Return who is tied to whom, by Newman's weights, without the events behind the ties.

    Parameters
    ----------
    rows : ``event_id``, ``actor_id``, as :func:`participations` returns them; the order of the
        rows does not matter.

    Returns
    -------
    DataFrame
        ``actor_a``, ``actor_b`` (in the order of their ids), ``weight``, ``count``; by ids.
    """
    actor, names = pd.factorize(rows["actor_id"], sort=True)
    event, _ = pd.factorize(rows["event_id"])
    found = project(event, actor)
    ends = {"actor_a": names.take(found.a), "actor_b": names.take(found.b)}
    return pd.DataFrame({**ends, "weight": found.weight, "count": found.events})


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


def signed(ties: pd.DataFrame, rows: pd.DataFrame, *, dossier: Dossier) -> pd.DataFrame:
    """Return ties with the tone of the events behind them: counts, and a signed weight.

    A signed sum can cancel out: a tie of one cooperative and one conflictual talk comes to 0 as
    if there were none (D. Schoch, Projecting signed two-mode networks, Journal of Mathematical
    Sociology 45(1), 37-50, 2021). So the three counts stand beside it, and the plain weight stays.

    Parameters
    ----------
    ties : as :func:`ties` returns them.
    rows : the :func:`participations` behind them.
    dossier : the view; gives ``tone`` of ``events``.

    Returns
    -------
    DataFrame
        The columns of the ties; ``cooperation``, ``neutral``, ``conflict`` (how many of the events
        have that tone) and ``signed_weight``, the weight with 1/(participants - 1) added,
        left out or subtracted by :data:`SIGNS`.
    """
    events = _toned(rows.drop_duplicates("event_id"), dossier).set_index("event_id")
    own, weight = events["tone"].to_dict(), events["weight"].to_dict()
    tones = [[own[event] for event in listed] for listed in ties["events"]]
    counts = {tone: [listed.count(tone) for listed in tones] for tone in SIGNS}
    sums = [fsum(SIGNS[own[event]] * weight[event] for event in each) for each in ties["events"]]
    types = {**dict.fromkeys(SIGNS, "int64"), "signed_weight": "float64"}
    return ties.assign(**counts, signed_weight=sums).astype(types)


def shared_events(rows: pd.DataFrame, *actor_ids: str, dossier: Dossier) -> pd.DataFrame:
    """Return the events that bind some actors: those in which all of them took part.

    Parameters
    ----------
    rows : as :func:`participations` returns them.
    actor_ids : two actors or more.

    Returns
    -------
    DataFrame
        ``event_id``, ``date``, ``type``, ``title``, ``tone``, ``participants``, ``weight`` (in
        their tie), ``sources``; by day.

    Raises
    ------
    RecipeError
        An actor of that id is not in the view.
    """
    known = dossier.actors["actor_id"].tolist()
    for name in actor_ids:
        if name not in known:
            raise RecipeError(f"There is no actor '{name}' in this view. {nearest(name, known)}")
    there = rows[rows["actor_id"].isin(actor_ids)].groupby("event_id")["actor_id"].nunique()
    both = rows["event_id"].map(there).eq(len(set(actor_ids)))
    found = rows[both].drop_duplicates("event_id").sort_values(["day", "event_id"])
    return _toned(found, dossier)[SHARED_COLUMNS].reset_index(drop=True)


def gatherings(
    dossier: Dossier, *, level: str = "actors", types: str | Iterable[str] = "contacts"
) -> pd.DataFrame:
    """Return who met in what company in each phase: events of the same participants together.

    These are the edges of the two-mode network read as a hypergraph. Phases as in
    :func:`by_phase`.

    Returns
    -------
    DataFrame
        ``phase_id``, ``actors`` (ids), ``count``, ``events`` (ids by day), ``first``, ``last``
        (EDTF dates of the first and last event), ``sources``; in the order of the first events.
    """
    rows, found = participations(dossier, level=level, types=types), []
    for phase in dicts(_phases(dossier)):
        met: dict[tuple[str, ...], list[dict[Hashable, Any]]] = {}
        for _, own in groupby(dicts(_inside(rows, phase)), key=itemgetter("event_id")):
            there = list(own)
            met.setdefault(tuple(one["actor_id"] for one in there), []).append(there[0])
        found += [
            (
                phase["phase_id"],
                who,
                len(events),
                tuple(event["event_id"] for event in events),
                events[0]["date"],
                events[-1]["date"],
                _once(event["sources"] for event in events),
            )
            for who, events in met.items()
        ]
    return pd.DataFrame(found, columns=GATHERING_COLUMNS).astype({"count": "int64"})


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
    return pd.DataFrame(_numbers(graph), columns=CENTRALITY_COLUMNS)


def company(
    ties: pd.DataFrame, centrality: pd.DataFrame, *, around: str = "", most: int = 40
) -> pd.DataFrame:
    """Return whom a picture of at most so many actors shows: everybody, or the company of some.

    The company of an actor is everybody to whom it is tied (its ego network). Where there are more
    than ``most`` actors, those most connected are taken with all of theirs, one after another, as
    long as no more than ``most`` are shown; of a company that is larger by itself, those whose
    ties to its middle are strongest.

    Parameters
    ----------
    ties, centrality : as the functions of these names return them, of one network.
    around : ids with ``;`` between: whose company is asked for; blank: see above.

    Returns
    -------
    DataFrame
        ``actor_id``, ``ego`` (whether its whole company is shown; all where everybody is); in the
        order of ``centrality``. None where nobody asked for has a tie.
    """
    ranked = centrality["actor_id"].tolist()
    near: dict[str, dict[str, float]] = {name: {} for name in ranked}
    for a, b, weight in zip(ties["actor_a"], ties["actor_b"], ties["weight"], strict=True):
        near[a][b] = near[b][a] = weight
    named = {name.strip() for name in around.split(";")}
    asked = [name for name in ranked if name in named]
    if not around:
        asked = ranked if len(ranked) <= most else _fitting(near, ranked, most)
    pull = {name: max((near[ego].get(name, 0.0) for ego in asked), default=0.0) for name in near}
    others = [name for name in ranked if name not in asked and pull[name] > 0]
    others.sort(key=lambda name: -pull[name])
    shown = {*asked, *others[: max(most - len(asked), 0)]}
    drawn = [name for name in ranked if name in shown]
    whole = [name in asked and near[name].keys() <= shown for name in drawn]
    columns = {"actor_id": pd.Series(drawn, dtype="str"), "ego": pd.Series(whole, dtype="bool")}
    return pd.DataFrame(columns)


def _fitting(near: Mapping[str, Iterable[str]], ranked: Sequence[str], most: int) -> list[str]:
    """Return the first actors who with all of theirs are no more than so many; at least one."""
    found, shown = ranked[:1], {*ranked[:1], *(near[ranked[0]] if ranked else ())}
    for name in ranked[1:]:
        shown |= {name, *near[name]}
        if len(shown) > most:
            break
        found = [*found, name]
    return list(found)


def adjacency(graph: "nx.Graph[str]") -> pd.DataFrame:
    """Return the weights as a square table, actors by side and id; not tied: 0.

    Returns
    -------
    DataFrame
        Index ``actor_id`` and one column per actor, in the same order.
    """
    sides = nx.get_node_attributes(graph, "side")
    order = sorted(graph, key=lambda actor: _place(actor, sides))
    weights = [[graph.get_edge_data(a, b, {"weight": 0.0})["weight"] for b in order] for a in order]
    index = pd.Index(order, name="actor_id", dtype="str")
    return pd.DataFrame(weights, index=index, columns=order, dtype="float64")


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
        (counts); ``strongest`` (ids of the two of the strongest tie, none where several are as
        strong), ``strongest_share`` (of the weight of all ties, 0 to 1) and ``concentration`` of
        contact: the sum of the squared shares that the ties have in all weight (Hirschman 1964,
        The Paternity of an Index, American Economic Review 54(5), 761), brought from 1/ties ... 1
        to 0 ... 1: 0 where all ties weigh alike, 1 where one pair has all contact; missing where
        nobody met; ``most_connected`` (ids of those who share most events) with ``most_events``;
        ``most_bridging`` (ids of the highest betweenness, none if it is 0) with
        ``most_betweenness``; ``entered`` and ``left``: ids of those whose first contact, or last
        one so far, lies in the phase (nobody is said to have left the phase that still runs);
        ``sources`` of the events.
    """
    rows = participations(dossier, level=level, types=types)
    found: list[dict[Hashable, Any]] = []
    for phase in dicts(_phases(dossier)):
        inside = _inside(rows, phase)
        graph = _graph(inside, dossier)
        found.append(phase | _of_network(graph, inside) | _came_and_went(rows, phase))
    return pd.DataFrame(found, columns=PHASE_COLUMNS)


def ties_by_phase(
    dossier: Dossier, *, level: str = "actors", types: str | Iterable[str] = "contacts"
) -> pd.DataFrame:
    """Return the ties of each phase, of its events alone; phases as in :func:`by_phase`.

    Returns
    -------
    DataFrame
        ``phase_id`` and the columns of :func:`ties`; by phase, the strongest of each first.
    """
    rows = participations(dossier, level=level, types=types)
    found = [
        ties(_graph(_inside(rows, phase), dossier)).assign(phase_id=phase["phase_id"])
        for phase in dicts(_phases(dossier))
    ]
    some = [own for own in found if len(own)]
    columns = ["phase_id", *TIE_COLUMNS]
    joined = pd.concat(some, ignore_index=True) if some else pd.DataFrame(columns=columns)
    return joined[columns]


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
    found = [
        (phase["phase_id"], actor, sides[actor], len(sources), _once(sources))
        for phase in dicts(_phases(dossier))
        for actor, sources in _listed(_inside(rows, phase), "sources").items()
    ]
    cells = {"phase_id": "str", "actor_id": "str", "side": "int64", "events": "int64"}
    return pd.DataFrame(found, columns=PRESENCE_COLUMNS).astype(cells)


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
    named, sides, met = _named(dossier), side_of(dossier), _listed(participations(dossier), "day")
    cited = dossier.events.set_index("event_id")["sources"].to_dict()
    rows = []
    for actor in dossier.actors["actor_id"].tolist():
        events = named.get(actor, [])
        ends = (*events[:1], *events[-1:])
        own = {"side": sides[actor], "events": len(events), "contacts": len(met.get(actor, ()))}
        first, last = ends or (None, None)
        rows.append(
            {**own, "first": first, "last": last, "sources": _once(cited[event] for event in ends)}
        )
    counts = dict.fromkeys(("side", "events", "contacts"), "int64")
    types = {**counts, "first": "str", "last": "str", "sources": "object"}
    found = dossier.actors.join(pd.DataFrame(rows, columns=list(types)).astype(types))
    keys = ["events", "contacts", "actor_id"]
    ordered = found.sort_values(keys, ascending=[False, False, True], ignore_index=True)
    return ordered[ROSTER_COLUMNS]


def _named(dossier: Dossier) -> dict[str, list[str]]:
    """Return the events that name each actor, by day."""
    events, found = events_by_day(dossier), dict[str, list[str]]()
    for event, listed in zip(events["event_id"].tolist(), events["actors"].tolist(), strict=True):
        for actor in dict.fromkeys(listed):
            found.setdefault(actor, []).append(event)
    return found


def positions(
    dossier: Dossier, *, level: str = "actors", types: str | Iterable[str] = "contacts"
) -> pd.DataFrame:
    """Return where each actor of the network stands, the same in every window and on every day.

    The first side stands left, the second right, third parties between them; people nearest to
    the middle, then public bodies, then all others. Where the record has a table ``positions``,
    places are those that stand there. Otherwise each stands where the event stands by which it
    first became known, the first one on top, so that those who first met each other face each
    other, and third parties below them; what becomes known later comes below. Either way a node
    keeps its place when others come or go.

    Returns
    -------
    DataFrame
        ``actor_id``, ``side`` (0, 1, ..., -1 for third parties), ``kind``, ``first_event``, ``x``
        (below 0: first side, above 0: second side, 0: third parties; see :data:`RINGS`), ``y``
        (rows from the top, 0, 1, ...).
    """
    placed = _placed(participations(dossier, level=level, types=types), dossier)
    if "positions" not in dossier.tables:
        return placed
    known = places(dossier).set_index("actor_id")
    spots = {name: known[name].reindex(placed["actor_id"]).to_numpy() for name in ("x", "y")}
    return placed.assign(**spots).sort_values(["y", "x"], ignore_index=True)


@once
def places(dossier: Dossier) -> pd.DataFrame:
    """Return a place for every actor in the view, whether it meets anybody or not.

    Who has one in the table ``positions`` keeps it, unless it turned out to belong to another side.
    Others take the free place nearest to those with whom they are first named, or else to who came
    before them; where nobody has a place yet, contacts are laid out first (:func:`positions`).

    Returns
    -------
    DataFrame
        ``actor_id``, ``x``, ``y``; by id.
    """
    sides, named = side_of(dossier), _named(dossier)
    people = dossier.actors[["actor_id", "kind"]]
    people = people.assign(side=people["actor_id"].map(sides))
    event = [next(iter(named.get(name, ())), "") for name in people["actor_id"]]
    days = events_by_day(dossier).set_index("event_id")["day"].to_dict()
    people = people.assign(
        x=_abscissas(people["side"], people["kind"]),
        event_id=event,
        day=[days.get(name, ENDLESS) for name in event],
        rank=people["kind"].map(KIND_ORDER.index),
    )
    there = people.drop(columns="x").merge(_kept(dossier), on="actor_id")
    there = there[np.sign(there["x"]) == _columns(there["side"])]
    rest = people[~people["actor_id"].isin(there["actor_id"])]
    rest = rest.sort_values(["day", "event_id", "rank", "actor_id"])
    return settled(there, rest).sort_values("actor_id", ignore_index=True)


def _kept(dossier: Dossier) -> pd.DataFrame:
    """Return the places that stand in the record or, where there are none, those of contacts."""
    rows = dossier.tables.get("positions")
    if rows is None or rows.empty:
        rows = _placed(participations(dossier), dossier)
    return rows[list(PLACE_COLUMNS)].astype(PLACE_COLUMNS)


def _abscissas(sides: pd.Series, kinds: pd.Series) -> pd.Series:
    rings = kinds.map(RINGS).astype("float64").fillna(1.0)
    return _columns(sides) * rings


def _columns(sides: pd.Series) -> pd.Series:
    """Return on which side of the middle each stands: -1 left, 1 right, 0 in the middle."""
    return sides.map({0: -1.0, 1: 1.0}).astype("float64").fillna(0.0)


def side_of(dossier: Dossier) -> dict[str, int]:
    """Return the side of each actor: its place among the sides of the process, -1 for others."""
    order, known = {code: place for place, code in enumerate(dossier.sides)}, participants(dossier)
    homes = {name: known.get(actor.state, actor).country for name, actor in known.items()}
    return {name: order.get(home, -1) for name, home in homes.items()}


def _graph(rows: pd.DataFrame, dossier: Dossier) -> "nx.Graph[str]":
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(_nodes(rows, dossier))
    graph.add_edges_from(_ties(rows))
    return graph


def _nodes(rows: pd.DataFrame, dossier: Dossier) -> Iterator[tuple[str, dict[str, Any]]]:
    sides, names, known = side_of(dossier), dossier.labels("actors"), participants(dossier)
    for actor, sources in sorted(_listed(rows, "sources").items()):
        yield (
            actor,
            {
                "name": names[actor],
                "kind": known[actor].kind,
                "side": sides[actor],
                "events": len(sources),
                "sources": _once(sources),
            },
        )


def _listed(rows: pd.DataFrame, column: str) -> dict[str, list[Any]]:
    """Return what stands in a column for each actor, in the order of the rows."""
    found: dict[str, list[Any]] = {}
    for actor, value in zip(rows["actor_id"].tolist(), rows[column].tolist(), strict=True):
        found.setdefault(actor, []).append(value)
    return found


def _ties(rows: pd.DataFrame) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Return every two actors who share events, with the events by day."""
    told = rows.sort_values(["day", "event_id"], kind="stable")
    event, _ = pd.factorize(told["event_id"])
    actor, names = pd.factorize(told["actor_id"], sort=True)
    found = project(event, actor)
    _, _, shared = together(event, actor)
    facts = dicts(told.drop_duplicates("event_id")[["event_id", "date", "sources"]])
    for a, b, weight, own in zip(*found[:3], _split(shared, found.events), strict=True):
        events = [facts[place] for place in own]
        data = {
            "weight": float(weight),
            "count": len(events),
            "events": tuple(event["event_id"] for event in events),
            "first": events[0]["date"],
            "last": events[-1]["date"],
            "sources": _once(event["sources"] for event in events),
        }
        yield names[a], names[b], data


def _split(values: Codes, counts: Codes) -> list[Codes]:
    return np.split(values, np.cumsum(counts)[:-1]) if len(counts) else []


def _toned(rows: pd.DataFrame, dossier: Dossier) -> pd.DataFrame:
    """Add the tone of each row's event."""
    tones = dossier.events.set_index("event_id")["tone"].to_dict()
    return rows.assign(tone=[tones[event] for event in rows["event_id"]])


def _once(lists: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for listed in lists for name in listed))


def _by_side(pair: Iterable[str], sides: Mapping[str, int]) -> list[str]:
    return sorted(pair, key=lambda actor: _place(actor, sides))


def _place(actor: str, sides: Mapping[str, int]) -> tuple[bool, int, str]:
    return sides[actor] < 0, sides[actor], actor


@once
def _phases(dossier: Dossier) -> pd.DataFrame:
    """Return the phases with the dates of the events that bound them, and first and last day."""
    dates = dossier.events.set_index("event_id")[["date", "date_earliest", "date_latest"]]
    dates = dates.assign(day=dates["date_earliest"].fillna(dates["date_latest"]))
    phases = dossier.phases
    first, after = (
        dates.reindex(phases[column]).set_axis(phases.index)
        for column in ("from_event", "to_event")
    )
    end = after["day"] - pd.Timedelta(days=1)
    return phases[["phase_id", "title"]].assign(
        from_date=first["date"],
        to_date=after["date"],
        start=first["day"],
        end=end,
        last=end.fillna(ENDLESS),
    )


def _inside(rows: pd.DataFrame, phase: Mapping[Hashable, Any]) -> pd.DataFrame:
    return rows[rows["day"].between(phase["start"], phase["last"])]


def _of_network(graph: "nx.Graph[str]", rows: pd.DataFrame) -> dict[Hashable, Any]:
    numbers = _numbers(graph)
    most = max((one["events"] for one in numbers), default=0)
    bridge = max((one["betweenness"] for one in numbers), default=0.0)
    bridging = [one["actor_id"] for one in numbers if one["betweenness"] == bridge > 0]
    return {
        "events": rows["event_id"].nunique(),
        "nodes": len(graph),
        **_of_ties(graph),
        "most_connected": tuple(one["actor_id"] for one in numbers if one["events"] == most),
        "most_events": most,
        "most_bridging": tuple(bridging),
        "most_betweenness": bridge,
        "sources": _once(rows["sources"]),
    }


def _of_ties(graph: "nx.Graph[str]") -> dict[Hashable, Any]:
    """Return how many ties there are, and how contact is spread over them."""
    weights = sorted(((data["weight"], a, b) for a, b, data in graph.edges(data=True)))
    total, number = fsum(weight for weight, *_ in weights), len(weights)
    if not number:
        return {"ties": 0, "strongest": (), "strongest_share": np.nan, "concentration": np.nan}
    most, *pair = weights[-1]
    alone = number == 1 or round(weights[-2][0], 9) < round(most, 9)
    squares = fsum((weight / total) ** 2 for weight, *_ in weights)
    even = 1 / number
    return {
        "ties": number,
        "strongest": tuple(_by_side(pair, nx.get_node_attributes(graph, "side"))) if alone else (),
        "strongest_share": most / total,
        "concentration": round((squares - even) / (1 - even), 12) if number > 1 else 1.0,
    }


def _numbers(graph: "nx.Graph[str]") -> list[dict[str, Any]]:
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
    return sorted(rows, key=lambda row: (-row["events"], -row["degree"], row["actor_id"]))


def _came_and_went(rows: pd.DataFrame, phase: Mapping[Hashable, Any]) -> dict[Hashable, Any]:
    days, over = sorted(_listed(rows, "day").items()), pd.notna(phase["end"])
    start, last = phase["start"], phase["last"]
    return {
        "entered": tuple(actor for actor, own in days if start <= own[0] <= last),
        "left": tuple(actor for actor, own in days if over and start <= own[-1] <= last),
    }


def _placed(rows: pd.DataFrame, dossier: Dossier) -> pd.DataFrame:
    """Give each actor a row below everybody who came with an event that was known before."""
    sides, kinds = side_of(dossier), dossier.actors.set_index("actor_id")["kind"]
    told = rows.sort_values(["known_on", "day", "event_id"], kind="stable")
    firsts = told.drop_duplicates("actor_id")
    placed = pd.DataFrame(
        {
            "actor_id": firsts["actor_id"],
            "side": firsts["actor_id"].map(sides).astype("int64"),
            "kind": firsts["actor_id"].map(kinds).astype(kinds.dtype),
            "first_event": firsts["event_id"],
            "block": pd.factorize(firsts["event_id"])[0],
        }
    )
    placed["x"] = _abscissas(placed["side"], placed["kind"])
    placed["column"] = np.sign(placed["x"])
    placed["rank"] = placed["kind"].map(KIND_ORDER.index)
    keys = ["block", "column", "rank", "actor_id"]
    placed = placed.sort_values(keys, ignore_index=True)
    placed["within"] = placed.groupby(["block", "column"]).cumcount()
    third = placed["column"] == 0
    facing = (placed["within"] + 1).mask(third, 0).groupby(placed["block"]).transform("max")
    placed["within"] += facing.where(third, 0)
    heights = placed.groupby("block")["within"].max() + 1
    above = heights.cumsum() - heights
    placed["y"] = (placed["block"].map(above) + placed["within"]).astype("int64")
    return placed[POSITION_COLUMNS]
