"""What a reader who looks around may choose of links and trips, and the frames that answer it.

A choice is a day, modes, a pair of places, and links taken as opened or closed. What is asked is
asked of the view of the day: :meth:`normlib.dossier.Dossier.as_of`.
"""

from collections.abc import Iterable
from typing import NamedTuple

import pandas as pd

from normlib.connectivity import route_legs, what_if
from normlib.dossier import Dossier
from normlib.errors import RecipeError
from normlib.links import link_status, state_spans
from normlib.memo import once
from normlib.routes import TRAVEL_MODES, transfers
from normlib.rows import dicts
from normlib.trips import Trip

PLACES = ("city", "port", "railway_station")
"""Kinds of sites where a trip may begin or end."""


class Choice(NamedTuple):
    """What a reader chose.

    Attributes
    ----------
    day : the day of the view.
    from_site, to_site : the pair to route; blank: not chosen yet.
    modes : those to look at; a trip takes the modes of travel among them.
    open_links, close_links : links to take as opened or closed on days when they are not.
    """

    day: pd.Timestamp
    from_site: str
    to_site: str
    modes: tuple[str, ...]
    open_links: tuple[str, ...] = ()
    close_links: tuple[str, ...] = ()


class Answer(NamedTuple):
    """The trip of a choice as it is and with links changed.

    Attributes
    ----------
    opened, closed : the links of the choice that the view knows in another state.
    changes : see :func:`normlib.connectivity.what_if`; one row.
    legs : see :func:`normlib.connectivity.route_legs`.
    """

    opened: tuple[str, ...]
    closed: tuple[str, ...]
    changes: pd.DataFrame
    legs: pd.DataFrame


def stops(dossier: Dossier) -> list[pd.Timestamp]:
    """Return the days worth a look: first days of months, and every day that told of a state.

    They begin with the record (the first day of which a state says that it held before) and end
    with the day of the view; between two of them no state changes.
    """
    states = dossier.link_states
    states = states[states["known_on"] <= dossier.day]  # each stop shows what was known by then
    if states.empty:
        return [dossier.day]
    held_before = states.loc[states["since_earliest"].isna(), "since_latest"]
    first = (states["known_on"] if held_before.empty else held_before).min()
    months = pd.date_range(first, dossier.day, freq="MS", unit="s")
    told = states.loc[states["known_on"] >= first, "known_on"]
    return sorted({first, *months, *told, dossier.day})


def turns(dossier: Dossier) -> list[pd.Timestamp]:
    """Return the stops that told of a state in which the link had not been before."""
    states, spans = dossier.link_states, state_spans(dossier)
    begins = (states["link_id"] + "|" + states["since"]).isin(spans["key"])
    return sorted(set(states.loc[begins, "known_on"]) & set(stops(dossier)))


def entered(dossier: Dossier) -> pd.DataFrame:
    """Return the links whose state counts from the very day of the view; see link_status."""
    spans, status = state_spans(dossier), link_status(dossier)
    new = spans.loc[spans["start"] == dossier.day, "link_id"]
    return status[status["link_id"].isin(new)].reset_index(drop=True)


@once
def places(dossier: Dossier) -> pd.DataFrame:
    """Return the towns, ports and stations that a trip can reach at all, rows of ``sites``."""
    links = link_status(dossier)
    links = links[links["mode"].isin(TRAVEL_MODES) & ~links["is_symbol"]]
    served = {site for link in dicts(links) for site in (*_ends(link), *link["via_sites"])}
    served.update(site for change in dicts(transfers(dossier)) for site in _ends(change))
    sites = dossier.sites
    wanted = sites["kind"].isin(PLACES) & sites["site_id"].isin(served)
    return sites[wanted].sort_values(["name", "site_id"]).reset_index(drop=True)


def changeable(dossier: Dossier, modes: Iterable[str]) -> pd.DataFrame:
    """Return the links of some modes that can be taken as opened or closed; see link_status."""
    status = link_status(dossier)
    wanted = status["mode"].isin(list(modes)) & ~status["is_symbol"]
    return status[wanted].reset_index(drop=True)


def first_choice(dossier: Dossier) -> Choice:
    """Return what to begin with: all modes, and of each side the place that has the most links."""
    status = link_status(dossier)
    modes = tuple(dict.fromkeys(status["mode"]))
    ends = [*status["from_site"], *status["to_site"], *status["via_sites"].explode().dropna()]
    found = places(dossier)
    found = found.assign(links=found["site_id"].map(pd.Series(ends, dtype="str").value_counts()))
    found = found.sort_values("links", ascending=False, kind="stable")
    sides = [found.loc[found["country"] == side, "site_id"] for side in dossier.sides]
    pair = [*(next(iter(sites), "") for sites in sides), "", ""]
    return Choice(dossier.day, pair[0], pair[1], modes)


def answer(dossier: Dossier, choice: Choice) -> Answer:
    """Route the pair of a choice in the view of its day, as it is and with links changed.

    Parameters
    ----------
    dossier : the view of ``choice.day``.

    Raises
    ------
    RecipeError
        No mode of travel, no pair, or a place that the view does not know.
    """
    trip = _trip(dossier, choice)
    known = changeable(dossier, choice.modes)
    is_open = dict(zip(known["link_id"], known["state"].eq("open"), strict=True))
    opened = tuple(name for name in choice.open_links if is_open.get(name) is False)
    closed = tuple(name for name in choice.close_links if is_open.get(name) is True)
    return Answer(
        opened,
        closed,
        what_if(dossier, [trip], open_links=opened, close_links=closed),
        route_legs(dossier, [trip], open_links=opened, close_links=closed),
    )


def _trip(dossier: Dossier, choice: Choice) -> Trip:
    pair = (choice.from_site, choice.to_site)
    modes = tuple(mode for mode in TRAVEL_MODES if mode in choice.modes)
    if not modes:
        raise RecipeError(f"a trip needs one of these modes: {', '.join(TRAVEL_MODES)}.")
    if not all(pair):
        raise RecipeError("choose two places, where the trip begins and where it ends.")
    if pair[0] == pair[1]:
        raise RecipeError("the trip ends where it begins; choose two different places.")
    for site in pair:
        if site not in dossier.labels("sites"):
            name = (dossier.record or dossier).label("sites", site)
            raise RecipeError(f"{name} is not on record by {dossier.day.date()}.")
    return Trip(*pair, modes)


def _ends(row: dict[str, str]) -> tuple[str, str]:
    return row["from_site"], row["to_site"]
