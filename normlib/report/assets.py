"""What pages share: plotly.js as it comes with the plotly package, and hashes of scripts."""

import base64
import hashlib
import importlib.util
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from normlib.errors import SurroundingsError

_VERSION = re.compile(rb"plotly\.js v([0-9]+(?:\.[0-9]+)+)")


@dataclass(frozen=True)
class Asset:
    """A file that pages share: its name with its version, and its content."""

    name: str
    content: bytes


@lru_cache(maxsize=1)
def plotly_js() -> Asset:
    """Return plotly.js from the installed plotly package (which is not imported for it).

    Raises
    ------
    SurroundingsError
        plotly is not installed as expected.
    """
    spec = importlib.util.find_spec("plotly")
    folder = Path(spec.origin).parent if spec and spec.origin else Path()
    file = folder / "package_data" / "plotly.min.js"
    if not file.is_file():
        raise SurroundingsError("plotly.min.js is not found. Install plotly: pip install plotly.")
    content = file.read_bytes()
    found = _VERSION.search(content[:2000])
    version = found[1].decode() if found else sha256(content)[:12]
    return Asset(f"plotly-{version}.min.js", content)


def sha256(content: bytes) -> str:
    """Return a hash in hexadecimal digits, as records show it."""
    return hashlib.sha256(content).hexdigest()


def csp_hash(script: str) -> str:
    """Return a script's hash as a Content-Security-Policy names it."""
    digest = hashlib.sha256(script.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"
