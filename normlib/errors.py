"""One small tree of errors: the evidence is wrong, the order is wrong, or the surroundings are."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong with the data, where it is, and what to do about it.

    ``line`` and ``column`` count from 1; ``column`` is the number of the cell in its row. Zero
    means the whole file (line) or the whole row (column).
    """

    file: str
    line: int
    column: int
    code: str
    value: str
    message: str
    remedy: str
    severity: str = "error"

    def __str__(self) -> str:
        mark = "" if self.severity == "error" else f" ({self.severity})"
        return (
            f"{self.file}:{self.line}:{self.column}  {self.code}{mark}  {self.message}\n"
            f"    {self.remedy}"
        )

    def as_dict(self) -> dict[str, str | int]:
        """Return the problem as plain values, for JSON."""
        return asdict(self)


class NormlibError(Exception):
    """Base of all errors that normlib raises on purpose; ``exit_code`` is that of the command."""

    exit_code = 1


class DataError(NormlibError):
    """The evidence is wrong: every problem found in one pass, none hidden."""

    exit_code = 1

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: Sequence[Problem] = tuple(sorted(problems))
        count = len(self.problems)
        listing = "\n".join(str(problem) for problem in self.problems)
        super().__init__(f"{listing}\n{count} problem{'s' * (count != 1)}; nothing was loaded.")


class RecipeError(NormlibError):
    """The order is wrong: an unknown name, a parameter of the wrong kind, a day that is none."""

    exit_code = 2


class SurroundingsError(NormlibError):
    """The surroundings are wrong: no kernel, no disk space, no permission, somebody else's lock."""

    exit_code = 3


def nearest(word: str, allowed: Iterable[str]) -> str:
    """Return ``Did you mean 'x'?`` for the closest allowed word, or an empty text.

    >>> nearest("as_off", ["as_of", "since"])
    "Did you mean 'as_of'?"
    """
    close = get_close_matches(word, list(allowed), n=1, cutoff=0.6)
    return f"Did you mean '{close[0]}'?" if close else ""


def some(names: Sequence[str], *, most: int = 8) -> str:
    """Return names as a list for a message, of many only the first.

    >>> some(["a", "b", "c", "d"], most=2), some([])
    ('a, b and 2 more', 'none')
    """
    if len(names) <= most:
        return ", ".join(names) or "none"
    return f"{', '.join(names[:most])} and {len(names) - most} more"
