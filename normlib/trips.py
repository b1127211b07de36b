"""Trips, and the words in which a reader asks for them: ``a>b:road;b>c:road+rail``."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from normlib.dossier import Dossier
from normlib.errors import RecipeError, nearest


class Trip(NamedTuple):
    """A wish to get from one site to another by some modes."""

    from_site: str
    to_site: str
    modes: tuple[str, ...]


def trip_name(dossier: Dossier, trip: Trip) -> str:
    """Return a trip in words: ``A–B by road``."""
    ends = [dossier.label("sites", site) for site in (trip.from_site, trip.to_site)]
    return f"{'–'.join(ends)} by {' or '.join(trip.modes)}"


def parse_trips(
    dossier: Dossier, text: str, *, modes: Iterable[str] = ("road", "rail")
) -> tuple[Trip, ...]:
    """Read trips: ``a>b:road;b>c:road+rail``; without modes, those given.

    Raises
    ------
    RecipeError
        No trip of that form, an unknown site or mode; names the nearest one.
    """
    usual = known_modes(dossier, modes)
    return tuple(_trip(dossier, part.strip(), usual) for part in text.split(";") if part.strip())


def parse_links(dossier: Dossier, text: str) -> tuple[str, ...]:
    """Read link ids separated by ``;``; those that the view does not know yet are left out.

    Raises
    ------
    RecipeError
        The record has no such link; names the nearest one.
    """
    names = [part.strip() for part in text.split(";") if part.strip()]
    record = dossier.record or dossier
    for name in names:
        expect(name, record.links["link_id"], "link")
    visible = set(dossier.links["link_id"])
    return tuple(name for name in dict.fromkeys(names) if name in visible)


def parse_modes(dossier: Dossier, text: str) -> tuple[str, ...]:
    """Read modes separated by ``;``.

    Raises
    ------
    RecipeError
        The vocabulary has no such mode; names the nearest one.
    """
    return known_modes(dossier, [part.strip() for part in text.split(";") if part.strip()])


def known_modes(dossier: Dossier, modes: Iterable[str]) -> tuple[str, ...]:
    """Return modes, each once; one that the vocabulary does not have is refused."""
    allowed = dossier.package.resources["links"].fields["mode"].constraints["enum"]
    wanted = tuple(dict.fromkeys(modes))
    for mode in wanted:
        expect(mode, allowed, "mode")
    return wanted


def _trip(dossier: Dossier, text: str, usual: tuple[str, ...]) -> Trip:
    found = re.fullmatch(r"([^>:]+)>([^>:]+)(?::([^>:]+))?", text)
    if not found:
        raise RecipeError(f"'{text}' is no trip. Write from>to or from>to:mode+mode, ids of sites.")
    record = dossier.record or dossier
    ends = [part.strip() for part in found.groups()[:2]]
    for site in ends:
        expect(site, record.sites["site_id"], "site")
    if ends[0] == ends[1]:
        raise RecipeError(f"'{text}' leads from a site to itself.")
    modes = [part.strip() for part in found[3].split("+")] if found[3] else usual
    return Trip(ends[0], ends[1], known_modes(dossier, modes))


def expect(name: str, allowed: Iterable[str], noun: str) -> None:
    """Refuse a name that is not allowed, with the nearest that is."""
    known = list(allowed)
    if name not in known:
        hint = nearest(name, known) or f"The table has {len(known)}; see its ids."
        raise RecipeError(f"there is no {noun} '{name}' in the record. {hint}")
