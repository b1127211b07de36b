"""For whom an actor acts: those above it, and the country that they share.

Contacts are told by these and by the type of an event, the same in every analysis.
"""

import pandas as pd

CONTACT_TYPES = ("meeting", "phone_call", "visit", "agreement", "crossing")
"""Types of events in which actors deal with each other, rather than speak of each other."""


def superiors(actors: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return the ids of those above each actor, the nearest first; a circle is walked once.

    Reads the columns ``actor_id`` and ``member_of``.
    """
    member_of = _texts(actors, "member_of")
    found = {}
    for actor in actors["actor_id"].tolist():
        chain: list[str] = []
        at = member_of.get(actor)
        while at is not None and at not in (actor, *chain):
            chain.append(at)
            at = member_of.get(at)
        found[actor] = tuple(chain)
    return found


def countries(actors: pd.DataFrame) -> dict[str, str]:
    """Return the country of each actor: its own, or else that of the nearest above that has one.

    Reads the columns ``actor_id``, ``member_of`` and ``country``. Actors without any are left out.
    """
    own = _texts(actors, "country")
    chains = {actor: (actor, *above) for actor, above in superiors(actors).items()}
    homes = {actor: [own[up] for up in chain if up in own] for actor, chain in chains.items()}
    return {actor: home[0] for actor, home in homes.items() if home}


def _texts(actors: pd.DataFrame, column: str) -> dict[str, str]:
    """Return what stands in a column, by actor; blank cells are left out."""
    pairs = zip(actors["actor_id"].tolist(), actors[column].tolist(), strict=True)
    return {actor: text for actor, text in pairs if isinstance(text, str)}
