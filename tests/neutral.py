"""Words that take a side: they may stand in quotations and in proper names, never in narration."""

import re
from html import unescape

_TERMS = (
    *("aggress", "annex", "atrocit", "barbar", "blockade", "brutal", "butcher", "colonial"),
    *("concession to", "criminal", "crusade", "denial", "dictator", "enemy", "enemies"),
    *("ethnic cleansing", "evil", "fanatic", "fascist", "genocide(?! Convention)", "hostile"),
    *("humiliat", "illegal", "infidel", "invade", "invasion", "invader", "irredentis", "jihad"),
    *("junta", "legitimate", "liberat", "massacre", "militant", "occupation", "occupied"),
    *("occupier", "pogrom", "propaganda", "provocat", "puppet", "regime", "rogue", "separatis"),
    *("so-called", "surrender", "terroris", "traitor", "treason", "tyran", "usurp", "victorious"),
)

LOADED = re.compile("|".join(rf"\b{term}" for term in _TERMS), re.IGNORECASE)

REPORTED = (
    "what he called the occupation",
    "what he called its hostile",
    "crossing regime",
    "the regime was still missing",
    "rather than a regime",
)
"""Words of the record that report what somebody said, or mean the rules of a crossing."""


def narrated(html: str) -> str:
    """Return what a page says itself: its text without quotations and titles of sources."""
    html = re.sub(r'<ol class="sources">.*?</ol>', " ", html, flags=re.S)
    html = re.sub(r"<(script|style)\b.*?</\1>", " ", html, flags=re.S)
    text = " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())
    return re.sub(r"“[^”]*”", " ", text)
