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
    member_of = actors.dropna(subset=["member_of"]).set_index("actor_id")["member_of"].to_dict()
    found = {}
    for actor in actors["actor_id"]:
        chain: list[str] = []
        at = member_of.get(actor)
        while at is not None and at not in (actor, *chain):
            chain.append(str(at))
            at = member_of.get(at)
        found[str(actor)] = tuple(chain)
    return found


def countries(actors: pd.DataFrame) -> dict[str, str]:
    """Return the country of each actor: its own, or else that of the nearest above that has one.

    Reads the columns ``actor_id``, ``member_of`` and ``country``. Actors without any are left out.
    """
    own = actors.dropna(subset=["country"]).set_index("actor_id")["country"].to_dict()
    chains = {actor: (actor, *above) for actor, above in superiors(actors).items()}
    homes = {actor: [own[up] for up in chain if up in own] for actor, chain in chains.items()}
    return {actor: str(home[0]) for actor, home in homes.items() if home}
