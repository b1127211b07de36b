"""Two actors over time: when they met, on whose ground, and when they fell silent.

An actor takes part itself or through those who act for it: a state through everybody who counts as
it when people are folded into states, a body through those below it, a person alone. Who is named
in an event: see :mod:`normlib.participation`.

Where they met follows from the place of the event. The border between two states is where their
crossings are: a site that is a border crossing or a bridge, and from which a link leads straight
to a site in the other's country.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pandas as pd

from normlib import edtf
from normlib.affiliation import countries
from normlib.dossier import Dossier
from normlib.errors import RecipeError, nearest
from normlib.memo import once
from normlib.participation import Day, Participant, attendance, participants
from normlib.rows import dicts
from normlib.spans import last_day as last_day
from normlib.spans import longest, spans

SIDES = "sides"
BORDER_KINDS = ("border_crossing", "bridge")
TELEPHONE = "phone_call"

GROUNDS = ("a", "b", "shared", "border", "third", "telephone", "unknown")
"""Where two actors met: in the country of the first; of the second; in the one that they share; at
the border between the two; in a third country; nowhere, by telephone; not known."""

CONTACT_COLUMNS = (
    "event_id date title type round site_id ground quarter earliest latest known_by exact by_a "
    "by_b third_parties multilateral sources"
).split()
QUARTER_COLUMNS = "quarter first_day type contacts event_ids sources".split()
GROUND_COLUMNS = "ground multilateral contacts event_ids sources".split()


def pair(dossier: Dossier, text: str = SIDES) -> tuple[str, str]:
    """Return the ids of the two actors that a parameter names.

    Parameters
    ----------
    dossier : reads ``actors`` and ``dossier.sides``.
    text : ``"sides"`` for the states of the two sides of the process, or two ids of actors with
        ``;`` between them.

    Raises
    ------
    RecipeError
        Not two actors, an actor that the view does not know, or two of whom one acts for the other.
    """
    if text.strip() == SIDES:
        return _side_states(dossier)
    named = [name.strip() for name in text.split(";")]
    if len(named) != 2:
        raise RecipeError(f"pair: '{text}' does not name two actors. Write ID;ID, or {SIDES}.")
    _check(dossier, *named)
    return named[0], named[1]


def contacts(
    dossier: Dossier,
    a: str,
    b: str,
    *,
    start: Day | None = None,
    end: Day | None = None,
    types: str | Iterable[str] = "contacts",
) -> pd.DataFrame:
    """Return the events in which two actors both took part, by day.

    Parameters
    ----------
    dossier : reads ``events``, ``actors``, ``sites`` (``site_id``, ``kind``, ``country``) and
        ``links`` (``from_site``, ``via_sites``, ``to_site``).
    a, b : ids of actors: states, bodies or people.
    start, end, types : as in :func:`normlib.participation.participations`.

    Returns
    -------
    DataFrame
        ``event_id``, ``date`` (EDTF), ``title``, ``type``, ``round``, ``site_id`` of the event;
        ``ground``, one of :data:`GROUNDS`; ``quarter`` (``2022-Q3``; missing where the possible
        days do not all lie in one); ``earliest``, ``latest``, ``known_by``, ``exact`` as in
        ``timeline.lanes``; ``by_a``, ``by_b``, ids of those through whom either took part;
        ``third_parties``, ids of the states and international bodies that took part beside those
        of the two, and ``multilateral``, whether there are any; ``sources``.

    Raises
    ------
    RecipeError
        As in :func:`pair`, and as in ``participations``.
    """
    _check(dossier, a, b)
    rows = attendance(dossier, start=start, end=end, types=types)
    parties = [_parties(there, a, b, dossier) for there in rows["there"]]
    names = ["by_a", "by_b", "third_parties"]
    rows = rows.join(pd.DataFrame(parties, columns=names, index=rows.index, dtype=object))
    rows = rows[rows["by_a"].astype(bool) & rows["by_b"].astype(bool)]
    quarter = rows["date_earliest"].dt.to_period("Q")
    quarter = quarter.where(quarter == rows["effective_on"].dt.to_period("Q"))
    found = rows.assign(
        ground=_grounds(rows, a, b, dossier),
        quarter=quarter.dt.strftime("%Y-Q%q").astype("str"),
        earliest=rows["date_earliest"],
        latest=rows["date_latest"],
        known_by=rows["effective_on"],
        exact=[edtf.parse(text).exact for text in rows["date"]],
        multilateral=rows["third_parties"].astype(bool),
    )
    return found[CONTACT_COLUMNS].astype({"ground": "str", "exact": "bool"}).reset_index(drop=True)


def contact_quarters(contacts: pd.DataFrame, *, until: pd.Timestamp) -> pd.DataFrame:
    """Count the contacts of each quarter by type, from the first quarter with one on.

    Contacts without a quarter stay apart, in rows without one; nothing is spread or rounded.

    Parameters
    ----------
    contacts : as :func:`contacts` returns them.
    until : day whose quarter is the last one, such as :func:`last_day` of the view.

    Returns
    -------
    DataFrame
        ``quarter``, ``first_day`` of the quarter, ``type``, ``contacts`` (how many, also 0),
        ``event_ids``, ``sources``. Every quarter with every type that occurs; last, where there
        are any, those without a quarter.
    """
    groups: dict[tuple[str | None, str], list[dict[Any, Any]]] = {}
    for row in dicts(contacts):
        quarter = row["quarter"] if isinstance(row["quarter"], str) else None
        groups.setdefault((quarter, row["type"]), []).append(row)
    known = contacts["quarter"].dropna()
    days = pd.period_range(known.min(), until, freq="Q") if len(known) else pd.PeriodIndex([], "Q")
    places = dict(zip(days.strftime("%Y-Q%q").tolist(), days.to_timestamp(), strict=True))
    wanted = [(quarter, kind) for quarter in places for kind in sorted(set(contacts["type"]))]
    wanted += sorted(key for key in groups if key[0] is None)
    rows = [
        (quarter, places.get(quarter, pd.NaT), kind, *_counted(groups.get((quarter, kind), [])))
        for quarter, kind in wanted
    ]
    cells = {"quarter": "str", "first_day": "datetime64[s]", "type": "str", "contacts": "int64"}
    return pd.DataFrame(rows, columns=QUARTER_COLUMNS).astype(cells)


def silences(
    contacts: pd.DataFrame, *, until: pd.Timestamp, years: int = 40, count: int = 10
) -> pd.DataFrame:
    """Return the longest spans between two contacts that follow each other, longest first.

    Parameters
    ----------
    contacts : as :func:`contacts` returns them.
    until, years, count : as in :func:`normlib.spans.longest`.

    Returns
    -------
    DataFrame
        As :func:`normlib.spans.longest` returns them: ``days`` and ``days_max`` are what uncertain
        dates allow.
    """
    return longest(spans(contacts, until=until), until=until, years=years, count=count)


def grounds(contacts: pd.DataFrame) -> pd.DataFrame:
    """Count the contacts by where they were.

    Returns
    -------
    DataFrame
        ``ground`` (each of :data:`GROUNDS` that occurs, in their order), ``multilateral``
        (how many contacts with third parties), ``contacts`` (how many in all), ``event_ids``,
        ``sources``.
    """
    own = {name: dicts(contacts[contacts["ground"] == name]) for name in GROUNDS}
    rows = [
        (name, sum(row["multilateral"] for row in rows), *_counted(rows))
        for name, rows in own.items()
        if rows
    ]
    cells = {"ground": "str", "contacts": "int64", "multilateral": "int64"}
    return pd.DataFrame(rows, columns=GROUND_COLUMNS).astype(cells)


def home(dossier: Dossier, actor: str) -> str:
    """Return the country of an actor, or else of those it acts for; none: an empty text."""
    return countries(dossier.actors).get(actor, "")


def _side_states(dossier: Dossier) -> tuple[str, str]:
    """Return the states of the two sides; where the view has none yet, their ids to be."""
    known = participants(dossier).values()
    states = {actor.country: actor.name for actor in known if actor.kind == "state"}
    first, second, *_ = (states.get(code, code.lower()) for code in (*dossier.sides, "", ""))
    return first, second


def _check(dossier: Dossier, *pair: str) -> None:
    """Refuse actors that are not known, or of whom one acts for the other."""
    known = participants(dossier)
    for name in pair:
        if name not in known and name not in _side_states(dossier):
            hint = nearest(name.lower().replace(" ", "-"), known) or "See the ids of the actors."
            day = dossier.day.date()
            raise RecipeError(f"pair: the record knows no actor '{name}' as of {day}. {hint}")
    if pair[0] == pair[1]:
        raise RecipeError(f"pair: '{pair[0]}' is named twice. Name two actors.")
    for one, other in (pair, pair[::-1]):
        if one in known and _acts_for(known[one], other, dossier):
            raise RecipeError(
                f"pair: '{one}' acts for '{other}', so the two do not meet. Name two others."
            )


def _acts_for(actor: Participant, name: str, dossier: Dossier) -> bool:
    """Whether somebody counts as an actor: a state's people, those below a body, or itself."""
    other = participants(dossier).get(name)
    if other is not None and other.kind == "state":
        return actor.state == name
    return name in (actor.name, *actor.above)


def _parties(
    there: Iterable[Participant], a: str, b: str, dossier: Dossier
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return through whom either took part, and who else did."""
    by_a, by_b = (
        _foremost([actor for actor in there if _acts_for(actor, name, dossier)]) for name in (a, b)
    )
    known = participants(dossier)
    own = {known[name].state for name in (a, b) if name in known}
    return (
        by_a,
        by_b,
        tuple(dict.fromkeys(actor.state for actor in there if actor.state not in own)),
    )


def _foremost(actors: list[Participant]) -> tuple[str, ...]:
    """Leave out bodies and states beside those who act for them."""
    stood_for = {name for actor in actors for name in (*actor.above, actor.state)}
    alone = [actor.name for actor in actors if actor.name not in stood_for]
    return tuple(alone or [actor.name for actor in actors])


def _grounds(rows: pd.DataFrame, a: str, b: str, dossier: Dossier) -> list[str]:
    homes = home(dossier, a), home(dossier, b)
    country = dossier.sites.set_index("site_id")["country"].to_dict()
    border = _border_sites(dossier, *homes)
    places = zip(rows["site_id"].tolist(), rows["type"].tolist(), strict=True)
    return [
        "border" if site in border else _ground(country.get(site), kind, homes)
        for site, kind in places
    ]


def _ground(country: Any, kind: str, homes: tuple[str, str]) -> str:
    if not isinstance(country, str):
        return "telephone" if kind == TELEPHONE else "unknown"
    if country not in homes:
        return "third"
    return "shared" if homes[0] == homes[1] else "ab"[homes.index(country)]


@once
def _border_sites(dossier: Dossier, one: str, other: str) -> frozenset[str]:
    """Return the crossings and bridges from which a link leads straight to the other country."""
    sites = {site["site_id"]: site for site in dicts(dossier.sites)}
    found = set()
    for link in dicts(dossier.links):
        way = [sites.get(at) for at in (link["from_site"], *link["via_sites"], link["to_site"])]
        for ends in pairwise(way):
            if {end["country"] for end in ends if end} == {one, other} and one != other:
                found |= {end["site_id"] for end in ends if end and end["kind"] in BORDER_KINDS}
    return frozenset(found)


def _counted(rows: list[dict[Any, Any]]) -> tuple[int, tuple[str, ...], tuple[str, ...]]:
    """Return how many rows there are, their events and their sources."""
    sources = dict.fromkeys(name for row in rows for name in row["sources"])
    return len(rows), tuple(row["event_id"] for row in rows), tuple(sources)
