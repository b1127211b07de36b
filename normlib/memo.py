"""Results that are computed once for each dossier.

A dossier never changes, so neither does what follows from it. A notebook asks for the same ledger,
the same spans and the same states of links again and again, by way of other functions.
"""

from collections.abc import Callable, Hashable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

import pandas as pd

from normlib.dossier import Dossier

Choice = ParamSpec("Choice")
Result = TypeVar("Result")

_RESULTS: WeakKeyDictionary[Dossier, dict[Hashable, Any]] = WeakKeyDictionary()
"""What is known of each dossier. A dossier is told from others by identity, and its results go
with it; they must not refer to it."""


def once(
    function: Callable[Concatenate[Dossier, Choice], Result],
) -> Callable[Concatenate[Dossier, Choice], Result]:
    """Compute the result of a function once for each dossier and choice of parameters.

    A frame is handed out as a copy of its own, which costs next to nothing: pandas copies a column
    when somebody changes it. Anything else must be immutable, for it is handed out as it is.

    Parameters
    ----------
    function : pure; takes a dossier and hashable parameters.

    Returns
    -------
    The function that remembers.
    """

    @wraps(function)
    def remembering(dossier: Dossier, /, *choice: Choice.args, **named: Choice.kwargs) -> Result:
        known = _RESULTS.setdefault(dossier, {})
        key = (function, choice, *named.items())
        if key not in known:
            known[key] = function(dossier, *choice, **named)
        result: Result = known[key]
        return result.copy(deep=False) if isinstance(result, pd.DataFrame) else result

    return remembering
