"""Write the indexes of a shelf from the records that stand on it."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from markupsafe import Markup

from normlib.figures.words import count_words, day_words, value_words
from normlib.report.feed import feed_place
from normlib.report.overview import member_records
from normlib.report.page import environment
from normlib.report.record import RECORD, Entry, read_record
from normlib.report.shelf import Shelf

BADGES = {"built": "built", "kept": "kept from an earlier build", "failed": "not built"}
TITLE = "Reports"
LATEST = "latest"
"""The member of a recipe for the last day that the data covers."""

MOST_LISTED = 12
"""Members of a sweep that the index on top lists one by one."""


def write_member_indexes(shelf: Shelf, template: Path) -> None:
    """Write the index of each member."""
    for name, found in _recipes(shelf).items():
        for record in found:
            page = _page(template, _member_page(record))
            shelf.put(f"{name}/{record['member']}/index.html", page)


def write_indexes(shelf: Shelf, template: Path) -> None:
    """Write the index of each recipe without an overview, and the one on top."""
    recipes = _recipes(shelf)
    for name, found in recipes.items():
        if not _has_overview(shelf, name):
            shelf.put(f"{name}/index.html", _page(template, _recipe_page(found)))
    groups = [_recipe(name, found) for name, found in recipes.items()]
    top = {"title": TITLE, "description": _datasets(recipes), "trail": [], "groups": groups}
    top["feeds"] = _feeds(shelf, recipes)
    foot = "How to read and how to cite these pages: reports/README.md."
    shelf.put("index.html", _page(template, {**top, "foot": foot}))


def _recipes(shelf: Shelf) -> dict[str, list[Entry]]:
    """Return the records of a shelf by recipe, what is read first on top."""
    names = sorted({file.parent.parent.name for file in shelf.folder.glob(f"*/*/{RECORD}")})
    found = {name: sorted(member_records(shelf, name), key=_place) for name in names}
    ranked = sorted((name for name in names if found[name]), key=lambda name: _rank(found[name]))
    return {name: found[name] for name in ranked}


def _rank(records: list[Entry]) -> tuple[bool, bool, str]:
    """Return the order of a recipe: no sweep, one over days, one over rows; then by notebook."""
    sweep = any(record["sweep"] for record in records)
    return sweep, sweep and not _over_days(records), min(records[0]["reports"], default="")


def _over_days(records: list[Entry]) -> bool:
    return len({record["day"] for record in records}) > 1


def _has_overview(shelf: Shelf, recipe: str) -> bool:
    found = read_record(shelf.folder / recipe / RECORD)
    return "sha256" in found and shelf.stands(f"{recipe}/index.html", found["sha256"])


def _place(record: Entry) -> tuple[int, bool, str]:
    """Return the order of a member: as its recipe has it, the last day of the data first."""
    return record["order"], record["member"] != LATEST, record["member"]


def _recipe_page(records: list[Entry]) -> Entry:
    last = records[-1]
    return {
        "title": last["recipe_title"],
        "description": last["description"],
        "trail": [("All reports", "../index.html")],
        "groups": [_member(record, prefix=f"{record['member']}/") for record in records],
        "foot": f"Record: {last['dataset']['title']}.",
    }


def _member_page(record: Entry) -> Entry:
    group = _member(record, prefix="")
    return {
        "title": _title(record),
        "description": f"{record['recipe_title']}. As of {_day(record['day'])}.",
        "trail": [("All reports", "../../index.html"), (record["recipe_title"], "../index.html")],
        "groups": [{**group, "title": "Reports", "href": "", "note": ""}],
        "foot": f"Record: {record['dataset']['title']}.",
    }


def _recipe(name: str, records: list[Entry]) -> Entry:
    """Return what the top index says of a recipe: the reports of the last day, other members."""
    first, *others = records
    full = first["member"] == LATEST or not others
    reports = _member(first, prefix=f"{name}/{first['member']}/")["reports"] if full else []
    rest = others if full else records
    listed = rest if len(rest) <= MOST_LISTED else rest[-1:] if _over_days(rest) else []
    reports += [_summary(name, record) for record in listed]
    sets = count_words(len(rest), "set of pages", "sets of pages")
    note = f"As of {_day(first['day'])}" if full else first["description"]
    left = "" if len(listed) == len(rest) else f"{sets}; the last:" if listed else f"{sets}."
    return {
        "id": name,
        "title": first["recipe_title"],
        "href": f"{name}/index.html",
        "note": f"{note} {left}".strip(),
        "reports": reports,
    }


def _summary(recipe: str, record: Entry) -> Entry:
    statuses = [report["status"] for report in record["reports"].values()]
    worst = next((word for word in ("failed", "kept") if word in statuses), "built")
    built, count = statuses.count("built"), count_words(len(statuses), "report")
    return {
        "title": _title(record),
        "href": f"{recipe}/{record['member']}/index.html",
        "status": worst,
        "badge": count if worst == "built" else f"{built} of {count} built",
        "question": "" if _title(record).startswith("As of") else f"As of {_day(record['day'])}",
        "headlines": _last_headlines(record),
        "reason": "",
        "failure_href": "",
    }


def _member(record: Entry, *, prefix: str) -> Entry:
    day = f"As of {_day(record['day'])}"
    return {
        "id": record["member"],
        "title": _title(record),
        "href": f"{prefix}index.html",
        "note": "" if _title(record) == day else day,
        "reports": [
            _report(name, report, record, prefix) for name, report in record["reports"].items()
        ],
    }


def _last_headlines(record: Entry) -> list[str]:
    """Return the headlines of the last report that has some: the brief, where there is one."""
    found = [report.get("headlines") for report in record["reports"].values()]
    return next((headlines for headlines in reversed(found) if headlines), [])


def _title(record: Entry) -> str:
    """Return what tells a member from the others of its recipe: its title, or else its day."""
    alone = record["member_title"] == record["recipe_title"]
    return f"As of {_day(record['day'])}" if alone else str(record["member_title"])


def _report(name: str, report: Mapping[str, Any], record: Entry, prefix: str) -> Entry:
    status = report["status"]
    return {
        "title": report.get("title") or name,
        "href": f"{prefix}{name}.html" if report.get("sha256") else "",
        "status": status,
        "badge": BADGES[status],
        "question": f"{report.get('question', '')}{_compared(report)}".strip(),
        "headlines": report.get("headlines", []),
        "reason": _reason(report),
        "failure_href": f"{prefix}{name}.failed.html" if status != "built" else "",
    }


def _compared(report: Mapping[str, Any]) -> str:
    """Name the day of comparison of a report for which one was asked."""
    since = str(report.get("parameters", {}).get("since", ""))
    words = value_words(since)
    return f" Compared with {words}." if words != since else ""


def _reason(report: Mapping[str, Any]) -> str:
    failure = report.get("failure")
    if not failure:
        return ""
    kept = (
        f"This page is of data release {report['data_release']}. " if report.get("sha256") else ""
    )
    return f"{kept}The last build failed: {failure['message']}."


def _datasets(recipes: Mapping[str, Iterable[Entry]]) -> str:
    titles = {record["dataset"]["title"] for records in recipes.values() for record in records}
    return "; ".join(sorted(titles))


def _feeds(shelf: Shelf, recipes: Mapping[str, Iterable[Entry]]) -> list[Entry]:
    """Return the feeds that stand, in the order of their datasets."""
    names = {
        record["dataset"]["name"]: record["dataset"]["title"]
        for records in recipes.values()
        for record in records
    }
    found = [{"title": title, "href": feed_place(name)} for name, title in names.items()]
    return sorted(
        (feed for feed in found if (shelf.folder / feed["href"]).is_file()),
        key=lambda feed: feed["title"],
    )


def _day(text: str) -> str:
    return day_words(date.fromisoformat(text))


def _page(template: Path, view: Entry) -> bytes:
    style = Markup((template / "page.css").read_text(encoding="utf-8"))
    text = (
        environment(template)
        .get_template("index.html")
        .render(style=style, **{"feeds": [], **view})
    )
    return text.encode("utf-8")
