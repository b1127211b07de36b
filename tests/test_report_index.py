"""The index on top of a shelf: what is read first, and what tells pages apart."""

import re
from pathlib import Path
from typing import Any

from normlib.report.index import write_indexes
from normlib.report.record import RECORD, as_bytes
from normlib.report.shelf import open_shelf

TEMPLATE = Path(__file__).parents[1] / "reports" / "template"


def member(recipe: str, name: str, notebook: str, *, day: str, **more: Any) -> dict[str, Any]:
    """The record of one member with one report."""
    parameters = more.pop("parameters", {})
    report = {"status": "built", "sha256": "0", "title": notebook, "parameters": parameters}
    return {
        "recipe": recipe,
        "recipe_title": recipe.capitalize(),
        "description": "",
        "member": name,
        "member_title": name.capitalize(),
        "order": 0,
        "sweep": True,
        "day": day,
        "dataset": {"name": "tiny", "title": "A record"},
        "reports": {notebook: report},
        **more,
    }


def index(folder: Path, *members: dict[str, Any]) -> str:
    """The index of a shelf on which these members stand."""
    with open_shelf(folder) as shelf:
        for one in members:
            shelf.put(f"{one['recipe']}/{one['member']}/{RECORD}", as_bytes(one))
        write_indexes(shelf, TEMPLATE)
    return (folder / "index.html").read_text(encoding="utf-8")


def test_the_whole_record_comes_first_then_days_then_rows(tmp_path: Path) -> None:
    day, alone = "2022-07-01", {"sweep": False}
    text = index(
        tmp_path,
        *(member("actors", name, "35-actor", day=day) for name in ("ann", "bob")),
        *(member("promises", name, "25-commitment", day=day) for name in ("one", "two")),
        *(member("rounds", on, "10-timeline", day=on) for on in ("2022-01-14", day)),
        member("news", "latest", "50-changes", day=day, **alone),
        member("whole", "latest", "10-timeline", day=day, **alone),
    )
    found = re.findall(r'<h2 id="(\w+)">', text)
    assert found == ["whole", "news", "rounds", "promises", "actors"]


def test_many_rows_are_counted_and_many_days_show_the_last(tmp_path: Path) -> None:
    days = [f"2022-07-{day:02}" for day in range(1, 15)]
    text = index(
        tmp_path,
        *(member("actors", f"one-{day}", "35-actor", day=days[0]) for day in days),
        *(member("rounds", day, "10-timeline", day=day, member_title="Rounds") for day in days),
    )
    assert text.count("the last:") == 1
    assert "14 sets of pages." in text
    assert f"rounds/{days[-1]}/" in text
    assert "actors/one" not in text


def test_pages_that_were_compared_with_a_day_say_with_which(tmp_path: Path) -> None:
    asked = [{"since": "2022-03-01"}, {"since": "last-round"}, {}]
    for at, parameters in enumerate(asked):
        one = member("whole", "latest", "50-changes", day="2022-07-01", parameters=parameters)
        text = index(tmp_path / str(at), {**one, "sweep": False})
        assert ("Compared with 1 March 2022." in text) == (at == 0)
        assert ("Compared with" in text) == (at == 0)
