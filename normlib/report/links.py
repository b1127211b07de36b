"""Where words on a page may lead: to rows, to sources, and to addresses that are safe."""

import re
import unicodedata
from collections.abc import Mapping
from urllib.parse import urlsplit

HOMES = {
    "events": "10-timeline",
    "phases": "10-timeline",
    "claims": "70-contradictions",
    "commitments": "20-commitments",
    "targets": "20-commitments",
    "observations": "20-commitments",
    "actors": "30-actors",
    "links": "40-connectivity",
    "link_states": "40-connectivity",
    "sites": "40-connectivity",
    "context": "40-connectivity",
    "effects": "40-connectivity",
}
"""The page of a member on which the rows of a table are at home."""

_UNSAFE = re.compile(r"[\x00-\x20\x7f-\x9f\"'<>\\^`{|}\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


def safe_url(url: str) -> str | None:
    """Return an address that may stand in a link, or None.

    Only http and https with a host; no user name, no blanks, quotes or control characters. A host
    name that is not ASCII is written in punycode, so that look-alike letters are seen.

    >>> safe_url("https://example.org/a"), safe_url("javascript:alert(1)")
    ('https://example.org/a', None)
    """
    if _UNSAFE.search(url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
            return None
        if host.isascii():
            return url
        coded = unicodedata.normalize("NFKC", host).encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    return parts._replace(netloc=coded + port).geturl()


def anchor(row: str) -> str:
    """Return the id of a row's place on a page: ``events/2022-07-01-x`` → ``events-2022-07-01-x``.

    >>> anchor("targets/air-cargo|2022-07-01")
    'targets-air-cargo-2022-07-01'
    """
    return re.sub(r"[^A-Za-z0-9]+", "-", row).strip("-")


ROW = "{row}"
"""Stands in the address of a home for the row: such rows have a page each."""


def homes(pages: Mapping[str, str]) -> dict[str, str]:
    """Return the page of each table's rows, as far as it is among some pages by notebook."""
    return {table: pages[name] for table, name in HOMES.items() if name in pages}


def page_of(row: str, home: str) -> str:
    """Return the address of the page that a row has for itself.

    >>> page_of("commitments/Air_cargo", "../../commitments/{row}/25-commitment.html")
    '../../commitments/air-cargo/25-commitment.html'
    """
    return home.replace(ROW, anchor(row.partition("/")[2]).lower())
