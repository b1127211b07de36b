"""The days of the record that were published in a folder, so that a page tells what is new since.

``since = "last"`` stands for the last day, before the day of the page, for which the same page was
published in the same folder. The same: of one recipe and notebook, with the same parameters, days
apart. A day counts when its page stands, so a report that failed or was killed advances nothing,
and a page that is built twice for one day is compared with the day before both times.

The records beside the pages remember: each entry has the ``day`` of its page, and in ``published``
the days of those that stood in its place before.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from normlib.report.inputs import json_hash, portable
from normlib.report.parameters import DAYS
from normlib.report.record import RECORD, Entry, days_before, read_record
from normlib.report.shelf import Shelf

if TYPE_CHECKING:
    from normlib.dossier import Dossier


class History:
    """What was published in a folder before a build, as far as somebody asks for it.

    A recipe is read when it is first asked for, before any of its reports is done, so that no
    report depends on which others were done first.

    Parameters
    ----------
    shelf : the folder; None: nothing was published.
    """

    def __init__(self, shelf: Shelf | None = None) -> None:
        self._shelf = shelf
        self._read: dict[str, Mapping[str, set[str]]] = {}
        self._told: dict[tuple[str, str, bool, bool], int] = defaultdict(int)

    def since(
        self,
        recipe: str,
        name: str,
        values: Mapping[str, Any],
        *,
        day: str,
        record: "Dossier",
    ) -> str:
        """Return the day that ``last`` stands for; at the first time, that of the last round.

        Parameters
        ----------
        recipe, name, values : the report: its recipe, notebook and parameters.
        day : that of its page.
        record : what the page is about.
        """
        if recipe not in self._read:
            self._read[recipe] = self._published(recipe)
        days = self._read[recipe].get(_question(name, values), set())
        last = max((one for one in days if one < day), default="")
        found = last or str(record.as_of(day).resolve_since().date())
        self._told[day, found, not last, day in days] += 1
        return found

    def remarks(self) -> Iterator[str]:
        """Yield what a reader should know of the days that were found, a line each."""
        from normlib.figures.words import count_words, day_words

        for (until, found, is_first, again), number in self._told.items():
            day, last = (day_words(date.fromisoformat(text)) for text in (until, found))
            compared = f"{count_words(number, 'page')} compared with {last}"
            if is_first:
                yield (
                    f"since last: no day before {day} was published here; {compared}, as by "
                    "last-round"
                )
            elif again:
                yield (
                    f"since last: the record still ends on {day}, which was published before; "
                    f"nothing newer is there, {compared} as before"
                )

    def _published(self, recipe: str) -> Mapping[str, set[str]]:
        """Return the days for which reports of a recipe were published, by report."""
        found: dict[str, set[str]] = defaultdict(set)
        for place, name, report in self._reports(recipe):
            stands = self._digest(f"{place}.html") == report["sha256"]
            days = [*days_before(report), *([report["day"]] if stands else [])]
            found[_question(name, report["parameters"])].update(days)
        return found

    def _reports(self, recipe: str) -> Iterator[tuple[str, str, Entry]]:
        files: Sequence[Any] = ()
        if self._shelf is not None:
            files = sorted(self._shelf.folder.glob(f"{recipe}/*/{RECORD}"))
        for file in files:
            for name, report in read_record(file).get("reports", {}).items():
                if report.get("sha256"):
                    yield f"{recipe}/{file.parent.name}/{name}", name, report

    def _digest(self, place: str) -> str:
        return self._shelf.digest(place) if self._shelf is not None else ""


def _question(name: str, values: Mapping[str, Any]) -> str:
    """Return what a report asks, whatever its days."""
    return json_hash([name, {key: it for key, it in portable(values).items() if key not in DAYS}])
