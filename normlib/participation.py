"""Who took part in what: people and bodies, or everyone folded into states.

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

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import NamedTuple

import pandas as pd

from normlib.affiliation import CONTACT_TYPES, superiors
from normlib.dossier import Dossier, parse_day
from normlib.errors import RecipeError, nearest
from normlib.memo import once

Day = str | date | pd.Timestamp

LEVELS = ("actors", "states")
PUBLIC_BODIES = ("ministry", "agency")
BEGINNING, ENDLESS = pd.Timestamp.min.as_unit("s"), pd.Timestamp.max.as_unit("s")
PARTICIPATION_COLUMNS = (
    "event_id actor_id day date type title participants weight known_on sources"
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
    if level not in LEVELS:
        raise RecipeError(
            f"level: '{level}' is none of {', '.join(LEVELS)}. {nearest(level, LEVELS)}"
        )
    return _took_part(dossier, _wanted_types(dossier, types), _window(start, end), level)


def attendance(
    dossier: Dossier,
    *,
    start: Day | None = None,
    end: Day | None = None,
    types: str | Iterable[str] = "contacts",
) -> pd.DataFrame:
    """Return the events of a window, with all who are named there and were in their role.

    Parameters and errors as in :func:`participations`.

    Returns
    -------
    DataFrame
        The columns of ``events``; ``day`` (the first that the date allows) and ``there`` (a tuple
        of :class:`Participant`, in the order of ``actors``). By day and id.
    """
    return _attendance(dossier, _wanted_types(dossier, types), _window(start, end))


@once
def _attendance(
    dossier: Dossier, types: tuple[str, ...], window: tuple[pd.Timestamp, pd.Timestamp]
) -> pd.DataFrame:
    known, events = participants(dossier), events_by_day(dossier)
    events = events[events["type"].isin(types) & events["day"].between(*window)]
    days = zip(events["actors"].tolist(), events["day"].tolist(), strict=True)
    there = [
        tuple(known[name] for name in listed if _in_role(known.get(name), day))
        for listed, day in days
    ]
    return events.assign(there=pd.Series(there, events.index, dtype=object))


@once
def _took_part(
    dossier: Dossier,
    types: tuple[str, ...],
    window: tuple[pd.Timestamp, pd.Timestamp],
    level: str,
) -> pd.DataFrame:
    """Return the participations in events of some types, see :func:`participations`."""
    events = _attendance(dossier, types, window)
    met = [
        _present(there) if level == "actors" else {actor.state for actor in there}
        for there in events["there"]
    ]
    cells = [
        (place, name, len(names))
        for place, names in enumerate(met)
        if len(names) > 1
        for name in sorted(names)
    ]
    types_of_cells = {"place": "int64", "actor_id": "str", "participants": "int64"}
    part = pd.DataFrame(cells, columns=list(types_of_cells)).astype(types_of_cells)
    of_event = events.take(part["place"].to_numpy()).reset_index(drop=True)
    weight = 1.0 / (part["participants"] - 1)
    return of_event.join(part).assign(weight=weight)[PARTICIPATION_COLUMNS]


def _wanted_types(dossier: Dossier, types: str | Iterable[str]) -> tuple[str, ...]:
    allowed = dossier.package.resources["events"].fields["type"].constraints["enum"]
    if types == "all":
        return tuple(allowed)
    texts = types.split(";") if isinstance(types, str) else types
    wanted = CONTACT_TYPES if types == "contacts" else tuple(text.strip() for text in texts)
    for word in wanted:
        if word not in allowed:
            listed = ", ".join(["contacts", "all", *allowed])
            hint = nearest(word, ["contacts", "all", *allowed])
            raise RecipeError(f"types: '{word}' is none of {listed}. {hint}".strip())
    return wanted


def _window(start: Day | None, end: Day | None) -> tuple[pd.Timestamp, pd.Timestamp]:
    first, last = _bound(start, "start", BEGINNING), _bound(end, "end", ENDLESS)
    if last < first:
        raise RecipeError(f"end ({last.date()}) lies before start ({first.date()}).")
    return first, last


def _bound(day: Day | None, name: str, otherwise: pd.Timestamp) -> pd.Timestamp:
    return otherwise if day is None or day == "" else parse_day(day, name)


@once
def events_by_day(dossier: Dossier) -> pd.DataFrame:
    """Return the events by ``day``, the first that their date allows, and by id."""
    events = dossier.events
    rows = events.assign(day=events["date_earliest"].fillna(events["date_latest"]))
    return rows.sort_values(["day", "date_latest", "event_id"], ignore_index=True)


class Participant(NamedTuple):
    """What must be known of an actor to tell for whom it takes part.

    ``until``: last day in the role. ``above``: ids of those on whose behalf it acts, the nearest
    first. ``acts_for``: the last of them, or itself. ``state``: that of its country, else of the
    nearest above that has one; else ``acts_for``.
    """

    name: str
    kind: str
    country: str
    until: pd.Timestamp
    above: tuple[str, ...]
    acts_for: str
    state: str


@once
def participants(dossier: Dossier) -> Mapping[str, Participant]:
    """Return everybody in the view by id; reads the columns of ``actors``."""
    rows = dossier.actors
    country = rows.dropna(subset=["country"]).set_index("actor_id")["country"].to_dict()
    is_state = rows["kind"].eq("state")
    states = {country[name]: name for name in rows.loc[is_state, "actor_id"] if name in country}
    home = {name: states[code] for name, code in country.items() if code in states}
    above = superiors(rows)
    found = {}
    columns = (rows[name].tolist() for name in ("actor_id", "kind", "valid_to_latest"))
    for name, kind, until in zip(*columns, strict=True):
        chain = (name, *above[name])
        state = next((home[up] for up in chain if up in home), chain[-1])
        found[name] = Participant(
            name, kind, country.get(name, ""), until, chain[1:], chain[-1], state
        )
    return MappingProxyType(found)


def _in_role(actor: Participant | None, day: pd.Timestamp) -> bool:
    """Whether somebody is known whose role had not ended before the day."""
    return actor is not None and not actor.until < day


def _present(there: Sequence[Participant]) -> set[str]:
    """Leave out bodies beside those who act for them, and states beside anybody else."""
    stood_for = {name for actor in there for name in actor.above}
    spoken_for = {actor.acts_for for actor in there if actor.kind == "person"}
    with_others = any(actor.kind != "state" for actor in there)
    return {
        actor.name
        for actor in there
        if not (
            actor.name in stood_for
            or (actor.kind in PUBLIC_BODIES and actor.acts_for in spoken_for)
            or (actor.kind == "state" and with_others)
        )
    }
