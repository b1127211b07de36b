"""What links, places, states and trips are called, the same in every map, bar and sentence."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from normlib.dossier import Dossier
from normlib.figures.theme import STATE_STYLES
from normlib.figures.words import count_words, date_words, list_words

WORLDS = {"before": "as it is", "after": "with links changed"}
"""How the two worlds of a comparison are called; the change is an opening or a closing."""

Row = Mapping[Any, Any]


def sides_words(dossier: Dossier) -> str:
    """Return the names of the two sides: ``A and B``."""
    names = dossier.labels("countries")
    return list_words(names.get(side, side) for side in dossier.sides)


def pair_words(link: Row, names: Mapping[str, str]) -> str:
    """Return the countries that a link joins, in the order of their names: ``Aland–Beland``."""
    return "–".join(sorted(names.get(code, code) for code in link["countries"]))


def since_words(text: object) -> str:
    """Return since when a state holds: ``since July 1993``, ``by August 2022``; blank: nothing."""
    words = date_words(text)
    return words if not words or words.startswith("by ") else f"since {words}"


def link_state_words(link: Row) -> str:
    """Return a link and its state: ``Old bridge: planned since 2023``.

    Reads ``name``, ``state``, ``lasting_since`` and ``exceptions``.
    """
    state = " ".join([STATE_STYLES[link["state"]].label, since_words(link["lasting_since"])])
    uses = int(link["exceptions"])
    apart = f", {count_words(uses, 'exception')}" if uses else ""
    return f"{plain_name(link['name'])}: {state.strip()}{apart}"


def plain_name(name: str) -> str:
    """Return a name without what stands in brackets."""
    return re.sub(r"\s*\([^)]*\)", "", name)


def short_name(site: Row, dossier: Dossier) -> str:
    """Return a site's name without the words for its kind: ``Aton railway station`` is ``Aton``."""
    field = dossier.package.resources["sites"].fields["kind"]
    labels = {one["value"]: one["label"] for one in field.descriptor.get("categories", [])}
    kind = {*labels.get(site["kind"], "").lower().split(), *_EXTRA.get(site["kind"], ())}
    words = plain_name(site["name"]).split(",")[0].split()
    cut = next((at for at, word in enumerate(words) if at and word.lower() in kind), len(words))
    return " ".join(words[:cut])


_EXTRA = {"airport": ("international",), "substation": ("hvdc", "220", "400", "power", "plant")}


def state_counts(status: pd.DataFrame) -> str:
    """Return how many links are in each state: ``3 open and 1 closed``."""
    counts = status["state"].value_counts()
    told = [
        f"{counts[state]} {style.label}" for state, style in STATE_STYLES.items() if state in counts
    ]
    return list_words(told) or "none"


def length_words(row: Row, when: str, names: Mapping[str, str]) -> str:
    """Return the length of a trip and the third countries on it, before or after."""
    if not row[f"reachable_{when}"]:
        return "no route"
    through = [names.get(code, code) for code in row[f"third_countries_{when}"]]
    via = f" through {list_words(through)}" if through else ", no third country"
    return f"{row[f'km_{when}']:,.0f} km{via}"


def trip_words(row: Row, dossier: Dossier) -> str:
    """Return one comparison as a sentence. Reads a row of :func:`what_if`."""
    names = dossier.labels("countries")
    before = length_words(row, "before", names)
    after = length_words(row, "after", names)
    if not row["reachable_after"]:
        return f"{row['trip']}: no route in either case."
    if not row["reachable_before"]:
        return f"{row['trip']}: no route as it is, {after} with links changed."
    if row["km_after"] == row["km_before"]:
        return f"{row['trip']}: {before}; the changed links make no difference."
    return f"{row['trip']}: {before} as it is, {after} with links changed."
