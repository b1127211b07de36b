"""Every frame behind a figure or a table of the pages, listed once, with what makes it."""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import pandas as pd

from normlib import (
    actors,
    agreement,
    changes,
    claims,
    commitments,
    connectivity,
    durations,
    dyads,
    estimates,
    movements,
    openings,
    participation,
    power,
    stories,
    timeline,
)
from normlib.dossier import Dossier

Make = Callable[["World"], pd.DataFrame]

DRAWN = (
    "normlib.links",
    "normlib.routes",
    "normlib.connectivity",
    "normlib.openings",
    "normlib.power",
)
"""Modules whose frames hold lengths that may be measured along the drawn lines."""


@dataclass(frozen=True)
class Choice:
    """What may be varied, by the names that the notebooks give it.

    Attributes
    ----------
    since : first day of a comparison, or ``last-round``.
    years : how many years back to look for silences.
    recent_from : commitments made in this year or later are compared with older ones.
    types : types of events that count as contact.
    pair : two actors over time: ``sides``, or two ids.
    modes, pairs, open_links, open_power, close_links, include_restricted : trips, and links taken
        as open or closed.
    """

    since: str = "last-round"
    years: int = 40
    recent_from: int = 2000
    types: str = "contacts"
    pair: str = "sides"
    modes: str = "road"
    pairs: str = ""
    open_links: str = ""
    open_power: str = ""
    close_links: str = ""
    include_restricted: bool = False


@dataclass(frozen=True)
class World:
    """A view and a choice, and what several frames are made from."""

    dossier: Dossier
    choice: Choice

    @cached_property
    def since(self) -> pd.Timestamp:
        """The first day of a comparison."""
        return self.dossier.resolve_since(self.choice.since)

    @cached_property
    def before(self) -> Dossier:
        """The view of that day."""
        return self.dossier.as_of(self.since)

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """The ledger of the view."""
        return commitments.ledger(self.dossier)

    @cached_property
    def ledger_before(self) -> pd.DataFrame:
        """The ledger of the earlier view."""
        return commitments.ledger(self.before)

    @cached_property
    def lives(self) -> pd.DataFrame:
        """How long each commitment was followed."""
        found = durations.durations(self.ledger, day=self.dossier.day)
        return durations.periods(found, year=self.choice.recent_from)

    @cached_property
    def dyad(self) -> pd.DataFrame:
        """The contacts of two actors."""
        two = dyads.pair(self.dossier, self.choice.pair)
        return dyads.contacts(self.dossier, *two, types=self.choice.types)

    @cached_property
    def trips(self) -> tuple[connectivity.Trip, ...]:
        """The trips that are asked for."""
        usual = connectivity.parse_modes(self.dossier, self.choice.modes)
        return connectivity.parse_trips(self.dossier, self.choice.pairs, modes=usual)

    @cached_property
    def taken(self) -> dict[str, Any]:
        """What is taken as open or closed."""
        return {
            "open_links": connectivity.parse_links(self.dossier, self.choice.open_links),
            "close_links": connectivity.parse_links(self.dossier, self.choice.close_links),
            "include_restricted": self.choice.include_restricted,
        }

    @cached_property
    def new_rows(self) -> pd.DataFrame:
        """Rows that only the later view has."""
        return changes.new_rows(self.before, self.dossier)

    @cached_property
    def moved_levels(self) -> pd.DataFrame:
        """Commitments whose level or state differs."""
        return changes.levels(self.ledger_before, self.ledger, since=self.since)

    @cached_property
    def moved_links(self) -> pd.DataFrame:
        """Links whose state changed."""
        earlier, later = map(connectivity.state_spans, (self.before, self.dossier))
        return changes.links(earlier, later, since=self.since)

    @cached_property
    def restated(self) -> pd.DataFrame:
        """Target dates stated since."""
        return changes.targets(*map(commitments.targets, (self.before, self.dossier)))

    @cached_property
    def changed(self) -> pd.DataFrame:
        """Everything that is different."""
        return changes.changes(self.new_rows, self.moved_links, self.moved_levels, self.restated)

    @cached_property
    def movements(self) -> pd.DataFrame:
        """Why each headline number differs."""
        hindsight = self.dossier.as_of(self.since, known=self.dossier.day)
        views = (self.before, hindsight, self.dossier)
        return movements.movements(
            map(commitments.ledger, views),
            map(connectivity.link_status, views),
            map(timeline.contacts, views),
            since=self.since,
        )

    @cached_property
    def single_changes(self) -> pd.DataFrame:
        """What each link, changed alone, does to each trip."""
        return openings.single_changes(self.dossier, self.trips, **self.restricted)

    @cached_property
    def telling_sets(self) -> pd.DataFrame:
        """Sets of links that tell most of how links interact."""
        return openings.telling_sets(*(self.together(size) for size in (2, 3)))

    @cached_property
    def scenarios(self) -> Mapping[str, tuple[str, ...]]:
        """Links to open, by a name that says which."""
        ranks = openings.rank_links(self.single_changes)
        return openings.prepared_scenarios(ranks, self.telling_sets, self.taken["open_links"])

    @property
    def restricted(self) -> dict[str, Any]:
        """Whether links in restricted use count."""
        return {"include_restricted": self.choice.include_restricted}

    def together(self, size: int) -> pd.DataFrame:
        """Return the sets of links of a size that could be opened together."""
        return openings.best_together(self.dossier, self.trips, size=size, **self.restricted)

    def ties(self, **window: Any) -> pd.DataFrame:
        """Return who is tied to whom."""
        return actors.ties(self.graph(**window))

    def graph(self, **window: Any) -> Any:
        """Return the co-participation network."""
        return actors.participation_graph(self.dossier, types=self.choice.types, **window)


@dataclass(frozen=True)
class Frame:
    """One frame: its name, the function that documents it, and how it is made.

    Attributes
    ----------
    part : which part of what the function can tell; blank: all of it.
    """

    name: str
    function: Callable[..., Any]
    make: Make
    part: str = ""

    @property
    def title(self) -> str:
        """What the frame holds, in one line."""
        line = re.split(r"[;:.]( |$)", _plain(_doc(self.function).partition("\n\n")[0]))[0]
        words = re.sub(r"^(Return|Count) ", lambda verb: _NOUN[verb[1]], line)
        words = f"{words[:1].upper()}{words[1:]}"
        return f"{words} ({self.part})" if self.part else words

    @property
    def description(self) -> str:
        """What its columns mean, as its function says."""
        found = re.search(r"\nReturns\n-+\n(.*?)(?:\n\n\w+\n-+\n|\Z)", _doc(self.function), re.S)
        words = inspect.cleandoc(found[1]) if found else _doc(self.function)
        return _plain(re.sub(r"\ADataFrame\n +", "", words))

    @property
    def is_drawn(self) -> bool:
        """Whether it may hold lengths measured along the drawn lines."""
        return self.function.__module__ in DRAWN


_NOUN = {"Return": "", "Count": "Count of "}


def _doc(function: Callable[..., Any]) -> str:
    return inspect.getdoc(function) or ""


def _plain(text: str) -> str:
    """Return a docstring's words without its markup and line breaks."""
    text = re.sub(r"\bColumns ``[A-Z_]+``", "Columns as listed", text)
    text = re.sub(r":\w+:`~?([^`]+)`", r"`\1`", text).replace("``", "`")
    return " ".join(text.split())


def _of_view(function: Callable[..., pd.DataFrame], name: str = "", **fixed: Any) -> Frame:
    """Return the frame of a function that takes a dossier."""
    part = ", ".join(f"{key} {value}" for key, value in fixed.items())
    made = partial(function, **fixed)
    return Frame(name or function.__name__, function, lambda world: made(world.dossier), part)


def _by(
    name: str, function: Callable[..., pd.DataFrame], source: Callable[[World], Any], *columns: str
) -> list[Frame]:
    """Return the frames of a function that can group by a column: of all, and by each column."""

    def made(by: str | None) -> Make:
        return lambda world: function(*source(world), by=by)

    whole = Frame(name, function, made(None))
    grouped = [Frame(f"{name}_by_{by}", function, made(by), f"by {by}") for by in columns]
    return [whole, *grouped]


_ELSEWHERE = "without competing values, which stand in contradictions"


def _endings(dates: str) -> Make:
    return lambda world: durations.incidence(world.lives, dates=dates)


def _in_scenarios(function: Callable[..., pd.DataFrame]) -> Make:
    return lambda world: function(world.dossier, world.trips, world.scenarios, **world.restricted)


def _ranks(change: str) -> Make:
    return lambda world: openings.rank_links(world.single_changes, change=change)


_EARLY = {"low": "so that durations are short", "high": "so that durations are long"}

FRAMES: tuple[Frame, ...] = (
    _of_view(timeline.lanes, "timeline_lanes"),
    _of_view(timeline.rounds),
    _of_view(timeline.phases),
    _of_view(timeline.activity),
    _of_view(timeline.activity, "activity_by_lane", by="lane"),
    _of_view(timeline.contacts),
    Frame(
        "silences",
        timeline.silences,
        lambda world: timeline.silences(world.dossier, years=world.choice.years),
    ),
    _of_view(commitments.ledger),
    _of_view(commitments.level_history),
    _of_view(commitments.targets),
    *_by("index", commitments.index, lambda world: [world.ledger], "sector", "side", "phase"),
    *_by(
        "index_over_time",
        commitments.index_over_time,
        lambda world: [world.dossier],
        "sector",
        "side",
    ),
    *_by(
        "index_change",
        commitments.index_change,
        lambda world: [world.ledger_before, world.ledger],
        "sector",
    ),
    Frame("stories", stories.in_stories, lambda world: stories.in_stories(world.ledger)),
    Frame("durations", durations.durations, lambda world: world.lives),
    Frame("duration_batches", durations.batches, lambda world: durations.batches(world.lives)),
    *_by("survival", durations.survival, lambda world: [world.lives], "period", "phase"),
    *(
        Frame(
            f"endings_{dates}",
            durations.incidence,
            _endings(dates),
            f"uncertain dates taken {_EARLY[dates]}",
        )
        for dates in _EARLY
    ),
    *_by("durations_summary", durations.summary, lambda world: [world.lives], "period", "phase"),
    Frame(
        "durations_ended_since",
        durations.ended_since,
        lambda world: durations.ended_since(
            durations.durations(world.ledger_before, day=world.since), world.lives
        ),
    ),
    _of_view(agreement.units, "coder_levels"),
    Frame(
        "coder_agreement",
        agreement.agreement,
        lambda world: agreement.agreement(agreement.units(world.dossier)),
    ),
    Frame(
        "participations",
        participation.participations,
        lambda world: participation.participations(world.dossier, types=world.choice.types),
    ),
    Frame("actor_ties", actors.ties, lambda world: world.ties()),
    Frame(
        "actor_ties_since",
        actors.ties,
        lambda world: world.ties(start=world.since),
        "since the first day of the comparison",
    ),
    Frame(
        "state_ties",
        actors.ties,
        lambda world: world.ties(level="states"),
        "everybody folded into states",
    ),
    Frame(
        "actor_ties_signed",
        actors.signed,
        lambda world: actors.signed(
            world.ties(),
            participation.participations(world.dossier, types=world.choice.types),
            dossier=world.dossier,
        ),
    ),
    Frame(
        "actor_gatherings",
        actors.gatherings,
        lambda world: actors.gatherings(world.dossier, types=world.choice.types),
    ),
    Frame("actor_measures", actors.centrality, lambda world: actors.centrality(world.graph())),
    Frame(
        "actor_positions",
        actors.positions,
        lambda world: actors.positions(world.dossier, types=world.choice.types),
    ),
    Frame(
        "contact_phases",
        actors.by_phase,
        lambda world: actors.by_phase(world.dossier, types=world.choice.types),
    ),
    Frame(
        "contact_phase_ties",
        actors.ties_by_phase,
        lambda world: actors.ties_by_phase(world.dossier, types=world.choice.types),
    ),
    Frame(
        "contact_presence",
        actors.presence,
        lambda world: actors.presence(world.dossier, types=world.choice.types),
    ),
    _of_view(actors.roster),
    Frame("dyad_contacts", dyads.contacts, lambda world: world.dyad),
    Frame(
        "dyad_quarters",
        dyads.contact_quarters,
        lambda world: dyads.contact_quarters(world.dyad, until=dyads.last_day(world.dossier)),
    ),
    Frame(
        "dyad_silences",
        dyads.silences,
        lambda world: dyads.silences(world.dyad, until=dyads.last_day(world.dossier)),
    ),
    Frame("dyad_grounds", dyads.grounds, lambda world: dyads.grounds(world.dyad)),
    _of_view(connectivity.link_status),
    _of_view(connectivity.state_spans),
    _of_view(connectivity.transfers),
    Frame(
        "what_if",
        connectivity.what_if,
        lambda world: connectivity.what_if(world.dossier, world.trips, **world.taken),
    ),
    Frame(
        "route_legs",
        connectivity.route_legs,
        lambda world: connectivity.route_legs(world.dossier, world.trips, **world.taken),
    ),
    Frame("single_changes", openings.single_changes, lambda world: world.single_changes),
    *(
        Frame(
            f"link_ranks_{change}",
            openings.rank_links,
            _ranks(change),
            change,
        )
        for change in (openings.OPENING, openings.LOSS)
    ),
    _of_view(connectivity.bridges),
    Frame("link_pairs", openings.best_together, lambda world: world.together(2), "two links"),
    Frame("link_triples", openings.best_together, lambda world: world.together(3), "three links"),
    Frame("telling_sets", openings.telling_sets, lambda world: world.telling_sets),
    *(
        Frame(function.__name__, function, _in_scenarios(function))
        for function in (connectivity.scenario_routes, connectivity.scenario_legs)
    ),
    Frame(
        "dependence",
        openings.dependence,
        lambda world: openings.dependence(world.dossier, world.trips, **world.taken),
    ),
    Frame(
        "trip_history",
        openings.trip_history,
        lambda world: openings.trip_history(world.dossier, world.trips),
    ),
    Frame(
        "power_lines",
        power.power_lines,
        lambda world: power.power_lines(world.dossier).drop(
            columns=[f"{name}_claims" for name in power.DISPUTED]
        ),
        _ELSEWHERE,
    ),
    Frame(
        "power_trade",
        power.power_trade,
        lambda world: power.power_trade(
            world.dossier,
            **world.taken
            | {"open_links": connectivity.parse_links(world.dossier, world.choice.open_power)},
        ),
    ),
    _of_view(power.contract_load),
    _of_view(power.natural_load),
    _of_view(estimates.estimates),
    Frame(
        "genealogy",
        estimates.genealogy,
        lambda world: estimates.genealogy(estimates.estimates(world.dossier)),
    ),
    _of_view(estimates.reported),
    Frame(
        "reported_by_link",
        estimates.by_link,
        lambda world: estimates.by_link(estimates.reported(world.dossier)),
    ),
    Frame("new_rows", changes.new_rows, lambda world: world.new_rows),
    Frame(
        "new_events",
        changes.new_events,
        lambda world: changes.new_events(world.before, world.dossier),
    ),
    Frame("new_actors", changes.actors, lambda world: changes.actors(world.before, world.dossier)),
    Frame("moved_levels", changes.levels, lambda world: world.moved_levels),
    Frame("moved_links", changes.links, lambda world: world.moved_links),
    Frame("restated_targets", changes.targets, lambda world: world.restated),
    Frame("movements", movements.movements, lambda world: world.movements),
    Frame("changes", changes.changes, lambda world: world.changed),
    Frame("changes_counts", changes.counts, lambda world: changes.counts(world.changed)),
    Frame(
        "due",
        changes.due,
        lambda world: changes.due(
            commitments.targets(world.dossier), world.ledger, day=world.dossier.day
        ),
    ),
    Frame("silent", changes.silent, lambda world: changes.silent(world.ledger)),
    _of_view(claims.contradictions),
    Frame(
        "contradictions_touched",
        changes.disputed,
        lambda world: changes.disputed(claims.contradictions(world.dossier), world.changed).drop(
            columns="others"
        ),
        _ELSEWHERE,
    ),
)
"""Every frame, in the order of the pages."""
