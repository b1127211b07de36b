"""Follow a diplomatic normalization process with evidence.

Data: :func:`load`, :func:`check`, the module ``releases``. Model: :class:`Dossier`. Analysis: the
modules ``timeline``, ``commitments``, ``stories``, ``durations``, ``agreement``, ``actors``,
``dyads``, ``profiles``, ``connectivity``, ``openings``, ``power``, ``estimates``, ``changes``,
``movements``. Figures and tables: ``figures``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import normlib.actors as actors
    import normlib.agreement as agreement
    import normlib.changes as changes
    import normlib.claims as claims
    import normlib.commitments as commitments
    import normlib.connectivity as connectivity
    import normlib.durations as durations
    import normlib.dyads as dyads
    import normlib.estimates as estimates
    import normlib.figures as figures
    import normlib.movements as movements
    import normlib.openings as openings
    import normlib.power as power
    import normlib.profiles as profiles
    import normlib.releases as releases
    import normlib.stories as stories
    import normlib.timeline as timeline
    from normlib.dossier import Dossier, check, load
    from normlib.errors import DataError, NormlibError, RecipeError

__version__ = "0.1.0"

_HOMES = {
    "check": "dossier",
    "load": "dossier",
    "Dossier": "dossier",
    "NormlibError": "errors",
    "DataError": "errors",
    "RecipeError": "errors",
}
_MODULES = (
    *("timeline", "commitments", "stories", "durations", "agreement", "actors", "dyads"),
    *("profiles", "connectivity", "openings", "power", "estimates", "changes", "movements"),
    *("claims", "figures", "releases"),
)

__all__ = [
    "DataError",
    "Dossier",
    "NormlibError",
    "RecipeError",
    "actors",
    "agreement",
    "changes",
    "check",
    "claims",
    "commitments",
    "connectivity",
    "durations",
    "dyads",
    "estimates",
    "figures",
    "load",
    "movements",
    "openings",
    "power",
    "profiles",
    "releases",
    "stories",
    "timeline",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for, and nothing else: ``import normlib`` stays quick."""
    if name in _MODULES:
        return import_module(f"normlib.{name}")
    if name in _HOMES:
        return getattr(import_module(f"normlib.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'normlib' has no attribute '{name}'")


def __dir__() -> list[str]:
    """Return what there is for everybody, imported or not yet: what Tab offers."""
    return list(__all__)
