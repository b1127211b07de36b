"""Who meets whom, in tables and sentences: ties, partners, measures, phases, everybody named."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from normlib import actors
from normlib.affiliation import CONTACT_TYPES
from normlib.dossier import Dossier
from normlib.figures.tables import Link, Note, Number, Table
from normlib.figures.words import count_words, date_words, day_words, list_words
from normlib.rows import dicts

LONGEST = 24
"""Letters of the longest label; longer names of bodies give way to a short one."""

NOBODY = "No event shared by two or more named participants is recorded"


def ties_table(ties: pd.DataFrame, *, dossier: Dossier, least: int = 1) -> Table:
    """Return the ties with the events behind them, the strongest first.

    Parameters
    ----------
    ties : as ``actors.ties`` or, with the tones of their events, ``actors.signed`` returns them.
    least : leave out ties of fewer events.
    """
    shown = ties[ties["count"] >= least].reset_index(drop=True)
    names, dates = dossier.labels("actors"), _dates(dossier)
    few = f" of {count_words(least, 'event')} or more" if least > 1 else ""
    signed = "signed_weight" in shown
    tones = (
        " Signed weight: what cooperative events add to the weight, less what conflictual ones do; "
        "it can cancel out, so read it with the counts."
        if signed
        else ""
    )
    keys = pd.Series([tie_key(row) for row in dicts(shown)], index=shown.index, dtype=object)
    return Table(
        shown.assign(weight=shown["weight"].round(2), tie=keys),
        columns={
            "actor_a": "Actor",
            "actor_b": "Together with",
            "count": "Events",
            **(_tone_labels(dossier) if signed else {}),
            "weight": "Weight",
            **({"signed_weight": "Signed weight"} if signed else {}),
            "events": "When, and which event",
            "sources": "Sources",
        },
        caption=f"{count_words(len(shown), 'tie')}{few}, by weight.{tones} {_as_of(dossier)}",
        anchor=("ties", "tie"),
        refs={
            "actor_a": ("actors", names),
            "actor_b": ("actors", names),
            "events": ("events", dates),
        },
    )


def tie_key(tie: Mapping[Any, Any]) -> str:
    """Return the key of a tie's row in tables: the ids of both actors."""
    return f"{tie['actor_a']}|{tie['actor_b']}"


def _tone_labels(dossier: Dossier) -> dict[str, str]:
    """Return headings for the counts by tone, in the words of the vocabulary."""
    words = dossier.package.resources["events"].fields["tone"].categories
    return {tone: str(words[tone]["label"]) for tone in actors.SIGNS}


def gatherings_table(gatherings: pd.DataFrame, *, dossier: Dossier) -> Table:
    """Return who met in what company in each phase, and in which events."""
    return Table(
        gatherings,
        columns={
            "phase_id": "Phase",
            "actors": "Who",
            "count": "Events",
            "events": "When, and which event",
            "sources": "Sources",
        },
        caption=f"Who took part in what company, phase by phase. {_as_of(dossier)}",
        refs={
            "phase_id": ("phases", dossier.labels("phases")),
            "actors": ("actors", dossier.labels("actors")),
            "events": ("events", _dates(dossier)),
        },
    )


def partners_table(ties: pd.DataFrame, centrality: pd.DataFrame, *, dossier: Dossier) -> Table:
    """Return the network as a list: each actor with everybody it met, and how often."""
    turned = ties.rename(columns={"actor_a": "actor_b", "actor_b": "actor_a"})
    both = pd.concat([ties, turned])
    both = both.sort_values(["weight", "actor_b"], ascending=[False, True])
    names = dossier.labels("actors")
    met = {str(actor): _partners(own, names) for actor, own in both.groupby("actor_a")}
    shown = centrality[["actor_id", "events"]].assign(partners=centrality["actor_id"].map(met))
    return Table(
        shown,
        columns={
            "actor_id": "Actor",
            "events": "Events",
            "partners": "Together with: events (weight)",
        },
        caption=f"The network without a picture: who took part with whom. {_as_of(dossier)}",
        refs={"actor_id": ("actors", names)},
    )


def adjacency_table(adjacency: pd.DataFrame, *, dossier: Dossier) -> Table:
    """Return the weights as a square table; not tied: a blank."""
    short = short_names(dossier)
    names = {name: short[name] for name in adjacency.columns}
    cells = {
        name: [two_decimals(weight) if weight else "" for weight in adjacency[name]]
        for name in names
    }
    return Table(
        pd.DataFrame({"actor_id": list(adjacency.index), **cells}),
        columns={"actor_id": "Actor", **names},
        caption=f"Weights of the ties between all actors of the network. {_as_of(dossier)}",
        refs={"actor_id": ("actors", dossier.labels("actors"))},
    )


def centrality_table(centrality: pd.DataFrame, *, dossier: Dossier, most: int = 15) -> Table:
    """Return the most connected actors with each measure, and the definition of each."""
    shown = centrality.head(most)
    shown = shown.assign(
        side=[side_name(side, dossier) for side in shown["side"]],
        bridging=[f"{100 * share:.1f} %" for share in shown["betweenness"]],
    )
    head = f"Actors by events shared: the first {len(shown)} of {len(centrality)}."
    return Table(
        shown,
        columns={
            "actor_id": "Actor",
            "side": "Side",
            "events": "Events (= strength)",
            "degree": "Partners",
            "bridging": "Bridging",
            "sources": "Sources",
        },
        caption=f"{head} {_as_of(dossier)}",
        refs={"actor_id": ("actors", dossier.labels("actors"))},
    )


def measures_table(centrality: pd.DataFrame, *, dossier: Dossier) -> Table:
    """Return each measure with its definition, its highest value and who has it."""
    rows = [
        {
            "measure": name,
            "definition": definition,
            "highest": _most(centrality, column) if len(centrality) else "",
            "actors": tuple(_highest(centrality, column)["actor_id"]),
        }
        for name, column, definition in _definitions()
    ]
    return Table(
        pd.DataFrame(rows),
        columns={
            "measure": "Measure",
            "highest": "Highest",
            "actors": "of",
            "definition": "Definition",
        },
        caption=f"What each number means, and who has most of it. {_as_of(dossier)}",
        refs={"actors": ("actors", dossier.labels("actors"))},
    )


def contact_phases_table(phases: pd.DataFrame, *, dossier: Dossier) -> Table:
    """Return the network of each phase in numbers and names."""
    names = dossier.labels("actors")
    refs = ("most_connected", "most_bridging", "entered", "left")
    cells = {
        "phase": [_phase_words(phase) for phase in dicts(phases)],
        "pair": [_pair_words(phase, names) for phase in dicts(phases)],
    }
    words = {
        name: pd.Series(cell, index=phases.index, dtype=object) for name, cell in cells.items()
    }
    return Table(
        phases.assign(**words, concentration=phases["concentration"].round(2)),
        columns={
            "phase": "Phase",
            "events": "Shared events",
            "nodes": "Actors",
            "ties": "Ties",
            "pair": "Strongest pair",
            "concentration": "Concentration",
            "most_connected": "Most connected",
            "most_bridging": "Most bridging",
            "entered": "There for the first time",
            "left": "For the last time so far",
            "sources": "Sources",
        },
        caption=(
            "The network of each phase. Beside the strongest pair: its share in the weight of all "
            "ties. Concentration: 0 where all ties weigh alike, 1 where one pair has all weight "
            "(the sum of squared shares, brought to this range). Bridging: betweenness, see above. "
            f"{_as_of(dossier)}"
        ),
        refs=dict.fromkeys(refs, ("actors", names)),
    )


def roster_table(roster: pd.DataFrame, *, dossier: Dossier) -> Table:
    """Return everybody whom the record names, with role and term; the home of each actor's row."""
    names, dates = dossier.labels("actors"), _dates(dossier)
    links: list[Any] = [Link(row["name"], "actors", row["actor_id"]) for row in dicts(roster)]
    return Table(
        roster.assign(term=[_term(row) for row in dicts(roster)], named=links),
        columns={
            "named": "Actor",
            "role": "Role",
            "term": "In the role",
            "member_of": "Acts for",
            "events": "Events named in",
            "contacts": "Shared events",
            "first": "First",
            "last": "Last",
            "sources": "Sources of first and last",
        },
        caption=f"{count_words(len(roster), 'actor')} named in the record. {_as_of(dossier)}",
        anchor=("actors", "actor_id"),
        refs={
            "member_of": ("actors", names),
            "first": ("events", dates),
            "last": ("events", dates),
        },
    )


def participation_note(participations: pd.DataFrame, *, dossier: Dossier) -> Note:
    """Say what counts as a shared event, and how many there are."""
    if dossier.events.empty:
        return Note(f"No event is recorded by {day_words(dossier.day)}.")
    dealing = dossier.events["type"].isin(CONTACT_TYPES).sum()
    words = list_words(f"{type_label(name, dossier)}" for name in CONTACT_TYPES)
    used = participations["event_id"].nunique()
    return Note(
        f"Of {count_words(len(dossier.events), 'event')} on record, {dealing:,} are of a kind in "
        f"which people deal with each other ({words}); here {count_words(used, 'shared event')} "
        f"{'counts' if used == 1 else 'count'}, in which at least two named people or bodies took "
        f"part, {participations['actor_id'].nunique():,} in all. A contact between the sides is "
        "counted otherwise: both sides must be named in it, by whomever."
    )


def network_note(ties: pd.DataFrame, centrality: pd.DataFrame, *, dossier: Dossier) -> Note:
    """Say which two actors of the two sides met most, and how thin the rest is."""
    if ties.empty:
        return Note(f"{NOBODY} by {day_words(dossier.day)}.")
    names, top = dossier.labels("actors"), ties.iloc[0]
    once = int((centrality["events"] == 1).sum())
    return Note(
        [
            Link(names[top["actor_a"]], "actors", top["actor_a"]),
            " and ",
            Link(names[top["actor_b"]], "actors", top["actor_b"]),
            f" have the strongest tie: {count_words(int(top['count']), 'event')}, "
            f"{period_words(top)}, weight {two_decimals(top['weight'])}"
            f"{_second(ties, names)}. {once} of {count_words(len(centrality), 'actor')} "
            f"{'is' if once == 1 else 'are'} in one event only.",
        ],
        top["sources"],
        [Number("actors", "Actors in shared events", len(centrality))],
    )


def centrality_note(centrality: pd.DataFrame, *, dossier: Dossier) -> Note:
    """Say who is most connected and who bridges most."""
    if centrality.empty:
        return Note(f"{NOBODY} by {day_words(dossier.day)}.")
    names = dossier.labels("actors")
    most, bridge = _highest(centrality, "events"), _highest(centrality, "betweenness")
    pieces = [*_linked(most["actor_id"], names), f" shared most events ({_most(most, 'events')})"]
    if len(bridge):
        share = f"standing between {_most(bridge, 'betweenness')} of all pairs of other actors"
        same = list(most["actor_id"]) == list(bridge["actor_id"])
        who = [" and"] if same else ["; ", *_linked(bridge["actor_id"], names)]
        pieces += [*who, f" bridged most, {share}"]
    return Note([*pieces, "."], all_sources(pd.concat([most, bridge])))


def contact_phases_note(phases: pd.DataFrame, *, dossier: Dossier) -> Note:
    """Say in which phase most actors shared events, and how the last phase compares."""
    met = phases[phases["events"] > 0]
    if met.empty:
        return Note(f"{NOBODY} by {day_words(dossier.day)}.")
    widest, last = met.sort_values("nodes", kind="stable").iloc[-1], met.iloc[-1]
    text = (
        f"Most actors shared events in “{widest['title']}”: {widest['nodes']}, in "
        f"{count_words(int(widest['events']), 'shared event')}"
    )
    if last["phase_id"] != widest["phase_id"]:
        text += (
            f"; in “{last['title']}” it was {last['nodes']}, in "
            f"{count_words(int(last['events']), 'shared event')}, "
            f"{len(last['entered']) or 'none'} of them for the first time"
        )
    closest = met.sort_values("concentration", kind="stable").iloc[-1]
    names, pair = dossier.labels("actors"), closest["strongest"]
    held = (
        f" Ties were most concentrated in “{closest['title']}”: "
        f"{list_words(names[name] for name in pair)} had {100 * closest['strongest_share']:.0f} % "
        "of the weight of all ties."
        if len(pair)
        else ""
    )
    cited = [*widest["sources"], *last["sources"], *(closest["sources"] if held else ())]
    return Note(f"{text}.{held}", dict.fromkeys(cited))


def states_network_note(ties: pd.DataFrame, *, dossier: Dossier) -> Note:
    """Say which states and international bodies share most events with the two sides."""
    if ties.empty:
        return Note(f"{NOBODY} by {day_words(dossier.day)}.")
    names, top = dossier.labels("actors"), ties.iloc[0]
    pair = {top["actor_a"], top["actor_b"]}
    rest = ties[~(ties["actor_a"].isin(pair) & ties["actor_b"].isin(pair))].head(3)
    others = [
        f"{names[row['actor_a']]} and {names[row['actor_b']]} ({two_decimals(row['weight'])})"
        for row in dicts(rest)
    ]
    then = f"; next come {list_words(others)}" if others else ""
    return Note(
        f"Folded into states, {names[top['actor_a']]} and {names[top['actor_b']]} share "
        f"{count_words(int(top['count']), 'event')}, weight {two_decimals(top['weight'])}{then}.",
        top["sources"],
    )


def contacts_since_note(ties: pd.DataFrame, *, dossier: Dossier, since: pd.Timestamp) -> Note:
    """Say who took part together from a day on."""
    span = f"From {day_words(since)}, that day included, to {day_words(dossier.day)}"
    if ties.empty:
        return Note(f"{span}, no event shared by two or more named participants is recorded.")
    events = {event for listed in ties["events"] for event in listed}
    names, top = dossier.labels("actors"), ties.iloc[0]
    verb = "ties" if len(events) == 1 else "tie"
    return Note(
        [
            f"{span}, {count_words(len(events), 'shared event')} {verb} "
            f"{count_words(len(ties), 'pair')} of actors; most often ",
            Link(names[top["actor_a"]], "actors", top["actor_a"]),
            " and ",
            Link(names[top["actor_b"]], "actors", top["actor_b"]),
            f" ({count_words(int(top['count']), 'event')}).",
        ],
        all_sources(ties),
    )


def short_names(dossier: Dossier, *, longest: int = LONGEST) -> dict[str, str]:
    """Return names that fit a label: of a body with a long name, the alias most like it."""
    rows = dicts(dossier.actors[["actor_id", "name", "kind", "aliases"]])
    return {str(row["actor_id"]): _short_name(row, longest) for row in rows}


def last_names(dossier: Dossier, among: Iterable[str], *, longest: int = LONGEST) -> dict[str, str]:
    """Return names of some actors for small labels: of a person the word that tells who it is.

    That is an alias which is a word of the name, or else its last word; where several of these
    people have it in common, the short name.
    """
    wanted, rows = set(among), dossier.actors
    people = rows[rows["kind"].eq("person") & rows["actor_id"].isin(wanted)]
    words = {str(row["actor_id"]): _last_name(row) for row in dicts(people)}
    shared = Counter(words.values())
    own = {
        actor: word if len(word) <= longest else f"{word[:longest]}…"
        for actor, word in words.items()
        if shared[word] == 1
    }
    short = short_names(dossier, longest=longest)
    return {actor: own.get(actor, name) for actor, name in short.items() if actor in wanted}


def _last_name(row: Mapping[Any, Any]) -> str:
    words = str(row["name"]).split()
    return next((word for word in words if word in row["aliases"]), words[-1])


def _short_name(row: Mapping[Any, Any], longest: int) -> str:
    name = str(row["name"])
    if len(name) <= longest:
        return name
    fitting = [text for text in row["aliases"] if len(text) <= longest]
    if row["kind"] != "person" and fitting:
        return str(max(fitting, key=lambda text: _likeness(text, name)))
    return f"{name[:longest]}…"


def _likeness(alias: str, name: str) -> float:
    """Return the share of an alias's words that are words of a name, or initials of its words."""
    words = name.split()
    initials = "".join(word[0] for word in words if word[0].isupper())
    known = [
        word in initials or any(word.lower().startswith(other.lower()) for other in words)
        for word in alias.split()
    ]
    return sum(known) / len(known)


def side_name(side: int, dossier: Dossier) -> str:
    """Return the name of a side, that of its state where the view has it."""
    if side < 0:
        return "third parties"
    code = dossier.sides[side]
    actors = dossier.actors
    states = zip(actors["country"].tolist(), actors["kind"].tolist(), actors["name"], strict=True)
    return next((str(name) for home, kind, name in states if (home, kind) == (code, "state")), code)


def _definitions() -> list[tuple[str, str, str]]:
    """Return heading, column and definition of each measure; strength is the number of events."""
    events = f"{actors.MEASURES['events']}. Equal to strength: {actors.MEASURES['strength']}"
    return [
        ("Events (= strength)", "events", events),
        ("Partners (degree)", "degree", actors.MEASURES["degree"]),
        ("Bridging (betweenness)", "betweenness", actors.MEASURES["betweenness"]),
    ]


def _highest(centrality: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the rows with the highest value; none if it is 0."""
    values = centrality[column]
    return centrality[values.eq(values.max()) & values.gt(0)].reset_index(drop=True)


def _most(centrality: pd.DataFrame, column: str) -> str:
    return _value(column, centrality[column].max())


def _value(column: str, value: float) -> str:
    return f"{100 * value:.1f} %" if column == "betweenness" else f"{int(value):,}"


def _partners(own: pd.DataFrame, names: Mapping[str, str]) -> Note:
    pieces: list[str | Link] = []
    for row in dicts(own):
        name = str(row["actor_b"])
        pieces += ["; "] if pieces else []
        pieces += [
            Link(names[name], "actors", name),
            f" {row['count']} ({two_decimals(row['weight'])})",
        ]
    return Note(pieces)


def _linked(ids: Iterable[str], names: Mapping[str, str]) -> list[str | Link]:
    """Return names that lead to their rows, joined as in a sentence."""
    listed = list(ids)
    pieces: list[str | Link] = []
    for place, name in enumerate(listed):
        joint = "" if not place else " and " if place == len(listed) - 1 else ", "
        pieces += [joint, Link(names[name], "actors", name)]
    return pieces


def _second(ties: pd.DataFrame, names: Mapping[str, str]) -> str:
    if len(ties) < 2:
        return ""
    row = ties.iloc[1]
    return (
        f"; next come {names[row['actor_a']]} and {names[row['actor_b']]} "
        f"({count_words(int(row['count']), 'event')}, weight {two_decimals(row['weight'])})"
    )


def period_words(tie: Mapping[Any, Any] | pd.Series) -> str:
    """Write the dates of the first and the last event of a tie."""
    first, last = date_words(tie["first"]), date_words(tie["last"])
    return first if tie["count"] == 1 else f"{first} to {last}"


def _phase_words(phase: Mapping[Any, Any]) -> Note:
    """Write a phase with the dates that bound it."""
    start, end = date_words(phase["from_date"]), date_words(phase["to_date"])
    span = f", {start} to {end}" if end else f", since {start}"
    return Note([Link(str(phase["title"]), "phases", str(phase["phase_id"])), span])


def _pair_words(phase: Mapping[Any, Any], names: Mapping[str, str]) -> Note:
    """Name the two of the strongest tie of a phase, with its share in the weight of all."""
    if pd.isna(phase["strongest_share"]):
        return Note("")
    who = _linked(phase["strongest"], names) or ["several"]
    return Note([*who, f", {100 * phase['strongest_share']:.0f}\u00a0%"])


def _term(row: Mapping[Any, Any]) -> str:
    start, end = date_words(row["valid_from"]), date_words(row["valid_to"])
    if start and end:
        return f"{start} to {end}"
    return f"from {start}" if start else f"until {end}" if end else ""


def _dates(dossier: Dossier) -> dict[str, str]:
    days = dossier.events.set_index("event_id")["date"]
    return {str(event): date_words(day) for event, day in days.items()}


def type_label(name: str, dossier: Dossier) -> str:
    """Return the word of the vocabulary for a type of event."""
    field = dossier.package.resources["events"].fields["type"]
    labels = {entry["value"]: entry["label"] for entry in field.descriptor.get("categories", ())}
    return str(labels.get(name, name)).lower()


def all_sources(rows: pd.DataFrame) -> list[str]:
    """Return the source ids of some rows, each once, in order."""
    return list(dict.fromkeys(name for listed in rows["sources"] for name in listed))


def two_decimals(weight: float) -> str:
    """Write a weight: ``10.20``."""
    return f"{weight:.2f}"


def _as_of(dossier: Dossier) -> str:
    return f"As of {day_words(dossier.day)}."
