"""When things happened: events in lanes, rounds and their gaps, activity, silences, phases.

Each function takes a :class:`~normlib.dossier.Dossier` and returns a new frame. An uncertain date
stays a span: its first possible day is ``earliest``, its last one ``known_by`` (the day by which
the event was public, where that is before the last day that its date allows).
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from normlib import edtf
from normlib.affiliation import CONTACT_TYPES, countries
from normlib.dossier import Dossier
from normlib.errors import RecipeError, nearest
from normlib.memo import once
from normlib.rows import dicts
from normlib.spans import last_day as last_day
from normlib.spans import longest, spans
from normlib.trips import expect

GROUPS = ("tone", "lane", "type")


@once
def lanes(dossier: Dossier) -> pd.DataFrame:
    """Return the events in the lanes of their sectors, in the order of their days.

    An event of several sectors stands in the lane of the first one named; ``sectors`` keeps all.

    Parameters
    ----------
    dossier : reads ``events``, and the labels of sectors and types from the descriptor.

    Returns
    -------
    DataFrame
        ``event_id``, ``date`` (EDTF text), ``title``, ``summary``, ``lane``, ``lane_label``,
        ``lane_order`` (as in the vocabulary), ``sectors``, ``sector_labels``, ``type``,
        ``type_label``, ``tone``, ``round``, ``site_id``, ``actors``, ``links``, ``earliest`` (NaT
        for "not later than"), ``latest``, ``known_by``, ``exact`` (the date is one day, without
        reserve), ``sources``, ``actor_labels``.
    """
    events = dossier.events
    sectors = _labels(dossier, "events", "sectors")
    order = {word: at for at, word in enumerate(sectors)}
    names = dossier.labels("actors")
    lane = events["sectors"].str[0].astype("str")
    kept = ["event_id", "date", "title", "summary", "sectors", "type", "tone", "round", "site_id"]
    found = events[[*kept, "actors", "links", "sources"]].assign(
        lane=lane,
        lane_label=lane.map(sectors).astype("str"),
        lane_order=lane.map(order).astype("Int64"),
        sector_labels=events["sectors"].map(lambda words: tuple(sectors[word] for word in words)),
        type_label=events["type"].map(_labels(dossier, "events", "type")).astype("str"),
        earliest=events["date_earliest"],
        latest=events["date_latest"],
        known_by=events["effective_on"],
        exact=events["date"].map(lambda text: edtf.parse(text).exact).astype(bool),
        actor_labels=events["actors"].map(lambda ids: tuple(names.get(one, one) for one in ids)),
    )
    return _in_order(found)


@dataclass(frozen=True)
class Wanted:
    """Which events a reader wants to see: ids of each kind; none of a kind stands for all.

    An event is wanted if it has *one* of the sectors, types and tones, and *all* of the actors:
    two actors ask who met whom.
    """

    sectors: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()
    tones: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any((self.sectors, self.types, self.actors, self.tones))


def read_wanted(
    dossier: Dossier, *, sectors: str = "", types: str = "", actors: str = "", tones: str = ""
) -> Wanted:
    """Read a filter from text: ids separated by ``;``, blank for all.

    Parameters
    ----------
    dossier : reads the vocabularies of ``events``, and the actors of the whole record: one that
        was not known on the day of the view is no mistake, it has no event yet.
    sectors, types, tones : words of the vocabularies.
    actors : ids of actors.

    Raises
    ------
    RecipeError
        An unknown word or actor; names the nearest one.
    """
    record = dossier.record or dossier
    return Wanted(
        sectors=_listed(sectors, _labels(dossier, "events", "sectors"), "sector"),
        types=_listed(types, _labels(dossier, "events", "type"), "type of event"),
        actors=_listed(actors, record.actors["actor_id"], "actor"),
        tones=_listed(tones, _labels(dossier, "events", "tone"), "tone"),
    )


def only(lanes: pd.DataFrame, wanted: Wanted) -> pd.DataFrame:
    """Return the rows of :func:`lanes` that are wanted, in their order."""
    kept = pd.Series(True, index=lanes.index)
    if wanted.sectors:
        kept &= lanes["sectors"].map(lambda have: not set(wanted.sectors).isdisjoint(have))
    if wanted.actors:
        kept &= lanes["actors"].map(lambda have: set(wanted.actors) <= set(have))
    for column, words in (("type", wanted.types), ("tone", wanted.tones)):
        if words:
            kept &= lanes[column].isin(words)
    return lanes[kept.astype(bool)].reset_index(drop=True)


def wanted_words(dossier: Dossier, wanted: Wanted) -> dict[str, tuple[str, ...]]:
    """Return what is asked for in the words of the record, by kind; kinds not asked for are out."""
    record = dossier.record or dossier
    labels: dict[str, Mapping[str, str]] = {
        "sector": _labels(dossier, "events", "sectors"),
        "type": _labels(dossier, "events", "type"),
        "actor": record.labels("actors"),
        "tone": _labels(dossier, "events", "tone"),
    }
    asked = (wanted.sectors, wanted.types, wanted.actors, wanted.tones)
    return {
        kind: tuple(labels[kind][word] for word in words)
        for kind, words in zip(labels, asked, strict=True)
        if words
    }


def rounds(dossier: Dossier) -> pd.DataFrame:
    """Return the numbered rounds, each with the days that had passed since the one before.

    Returns
    -------
    DataFrame
        ``round``, ``event_id``, ``date``, ``title``, ``site_id``, ``earliest``, ``latest``,
        ``gap_min`` and ``gap_max`` (days since the round before; two values where a date is
        vague), ``gap_days`` (the one value where they agree), ``days_since`` (days from the round
        to the last day that the view covers), ``sources``.
    """
    shown = lanes(dossier).dropna(subset=["round"]).sort_values("round").reset_index(drop=True)
    shortest = (shown["earliest"] - shown["latest"].shift()).dt.days.clip(lower=0)
    longest = (shown["latest"] - shown["earliest"].shift()).dt.days
    since = (last_day(dossier) - shown["latest"]).dt.days
    kept = ["round", "event_id", "date", "title", "site_id", "earliest", "latest", "sources"]
    return shown[kept].assign(
        gap_min=shortest.astype("Int64"),
        gap_max=longest.astype("Int64"),
        gap_days=longest.where(shortest == longest).astype("Int64"),
        days_since=since.astype("Int64"),
    )


def activity(dossier: Dossier, *, by: str = "tone") -> pd.DataFrame:
    """Count the events of each quarter by tone, lane or type.

    An event whose possible days do not all lie in one quarter is not spread over several: it is
    counted in a row without a quarter. Quarters without an event have no row. The counts measure
    what is on record, not how much was achieved.

    Returns
    -------
    DataFrame
        ``quarter`` (``2022-Q3``, or missing), ``first_day`` of the quarter (or NaT), ``group``,
        ``events`` (how many), ``event_ids``, ``sources``.

    Raises
    ------
    RecipeError
        ``by`` is none of tone, lane, type.
    """
    if by not in GROUPS:
        raise RecipeError(f"by '{by}' is not one of {', '.join(GROUPS)}. {nearest(by, GROUPS)}")
    shown = lanes(dossier)
    quarter = shown["earliest"].dt.to_period("Q")
    quarter = quarter.where(quarter == shown["known_by"].dt.to_period("Q"))
    counted = shown.assign(first_day=quarter.dt.to_timestamp(), group=shown[by])
    grouped = counted.groupby(["first_day", "group"], dropna=False, sort=True)
    found = grouped.agg(
        events=("event_id", "size"), event_ids=("event_id", tuple), sources=("sources", _union)
    ).reset_index()
    names = found["first_day"].dt.to_period("Q").dt.strftime("%Y-Q%q")
    found.insert(0, "quarter", names.astype("str"))
    return found


def contacts(dossier: Dossier, *, types: Collection[str] = CONTACT_TYPES) -> pd.DataFrame:
    """Return the events that are a contact between the sides.

    A contact is an event of one of the given types (meetings, telephone calls, visits, agreements
    and crossings) in whose list of actors both sides stand, or persons or bodies that act for
    them: an actor counts for the state in its ``country``, or else in that of the actor that it
    is a member of. Third parties may have been there too. The list names also those who were
    addressed or plainly concerned, so a contact need not be a talk face to face.

    Parameters
    ----------
    dossier : reads ``events``, ``actors`` and ``dossier.sides``.
    types : types of events that can be a contact.

    Returns
    -------
    DataFrame
        The rows of :func:`lanes` that are contacts.
    """
    states = countries(dossier.actors)
    sides = set(dossier.sides)
    shown = lanes(dossier)
    both = [
        len(sides) > 1 and sides <= {states.get(name) for name in names}
        for names in shown["actors"]
    ]
    met = pd.Series(both, index=shown.index, dtype=bool)
    return shown[met & shown["type"].isin(list(types))].reset_index(drop=True)


def silences(
    dossier: Dossier, *, years: int = 40, count: int = 10, types: Collection[str] = CONTACT_TYPES
) -> pd.DataFrame:
    """Return the longest spans without a recorded contact between the sides, longest first.

    A contact is what :func:`contacts` returns. A span runs from the last possible day of one
    contact to the first possible day of the next, so none is longer than the dates bear out.
    Contacts whose date is vaguer than a quarter bound no span; where one of them may have fallen
    into a span, the span names it. The span that was still running on the last day that the view
    covers is always among the rows.

    Parameters
    ----------
    dossier : as for :func:`contacts`.
    years : only spans that began at most so many years before the day of the view.
    count : how many spans at most, beside the running one.
    types : types of events that can be a contact.

    Returns
    -------
    DataFrame
        As :func:`normlib.spans.longest` returns them.
    """
    found = spans(contacts(dossier, types=types), until=last_day(dossier))
    return longest(found, until=last_day(dossier), years=years, count=count)


@once
def phases(dossier: Dossier) -> pd.DataFrame:
    """Return the phases with their first and last days and the events in them.

    A phase runs from the event that begins it up to, and without, the day of the event that ends
    it; a phase that still runs ends on the last day that the view covers, which belongs to it.

    Returns
    -------
    DataFrame
        ``number``, ``phase_id``, ``title``, ``summary``, ``from_event``, ``to_event``,
        ``first_day``, ``last_day``, ``running``, ``days``, ``events`` (all possible days in the
        phase), ``events_perhaps`` (further ones, of which only some possible days are),
        ``contacts`` (those of ``events`` that are contacts between the sides), ``sources``.
    """
    rows, shown = dossier.phases, lanes(dossier)
    running = rows["to_event"].isna()
    first = _days(rows["from_event"], shown)
    last = _days(rows["to_event"], shown).fillna(last_day(dossier))
    found = rows.assign(
        number=pd.Series(range(1, len(rows) + 1), index=rows.index, dtype="Int64"),
        first_day=first,
        last_day=last,
        running=running,
        days=(last - first).dt.days.astype("Int64"),
    )
    met = contacts(dossier)
    counts = [_counts(phase, shown, met) for phase in dicts(found)]
    names = ["events", "events_perhaps", "contacts"]
    counted = pd.DataFrame(counts, columns=names, index=found.index).astype("Int64")
    return found.join(counted)


def recent_from(dossier: Dossier, *, share: float = 0.25) -> pd.Timestamp:
    """Return the first day of the part of the record that deserves the most room.

    It is the latest beginning of a phase after which at least this share of the events lies, and
    which is not after the first numbered round; without such a phase the day of the first event.
    """
    shown = lanes(dossier)
    if shown.empty:
        return last_day(dossier)
    first = shown["earliest"].fillna(shown["known_by"])
    numbered = shown.loc[shown["round"].notna(), "latest"]
    day: pd.Timestamp = first.min()
    for begins in phases(dossier)["first_day"]:
        if (numbered >= begins).all() and (first >= begins).mean() >= share:
            day = max(day, begins)
    return day


def _labels(dossier: Dossier, table: str, column: str) -> dict[str, str]:
    """Words of a vocabulary with their labels, in the descriptor's order."""
    words = dossier.package.tables[table].fields[column].categories
    return {value: str(word.get("label", value)) for value, word in words.items()}


def _listed(text: str, allowed: Collection[str], noun: str) -> tuple[str, ...]:
    """Read words separated by ``;``, each once; one that is not allowed is refused."""
    words = tuple(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))
    for word in words:
        expect(word, allowed, noun)
    return words


def _in_order(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort by the first, then by the last possible day; "not later than" comes first."""
    columns = ["earliest", "latest"]
    ordered = rows.sort_values(columns, na_position="first", kind="stable")
    return ordered.reset_index(drop=True)


def _union(lists: pd.Series) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for names in lists for name in names))


_Row = Mapping[Any, Any]


def _days(events: pd.Series, shown: pd.DataFrame) -> pd.Series:
    """First possible day of each of some events; NaT where there is none."""
    days = shown["earliest"].fillna(shown["known_by"]).set_axis(shown["event_id"])
    return pd.Series(days.reindex(events).to_numpy(), index=events.index)


def _counts(phase: _Row, shown: pd.DataFrame, met: pd.DataFrame) -> tuple[int, int, int]:
    """Events surely in a phase, further ones perhaps in it, and contacts surely in it."""
    inside, touching = _inside(phase, shown)
    return int(inside.sum()), int((touching & ~inside).sum()), int(_inside(phase, met)[0].sum())


def _inside(phase: _Row, shown: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Whether all, and whether any, possible days of each event lie in a phase."""
    first, last = shown["earliest"], shown["known_by"]
    ends = last <= phase["last_day"] if phase["running"] else last < phase["last_day"]
    begins = first <= phase["last_day"] if phase["running"] else first < phase["last_day"]
    after = last >= phase["first_day"]
    return (first >= phase["first_day"]) & ends, (begins | first.isna()) & after
