"""The events as JSON for TimelineJS 3 (https://timeline.knightlab.com/docs/json-format.html).

A date is as exact as its source: a month has no day. What TimelineJS cannot say by numbers, "about"
and "by", stands in the words beside them.
"""

import json
from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd

from normlib.dossier import Dossier
from normlib.figures.words import date_words, day_words
from normlib.rows import dicts
from normlib.timeline import lanes, last_day, phases

Json = dict[str, Any]


def timeline_json(dossier: Dossier) -> bytes:
    """Return a slide for each event, in the group of its lane, and an era for each phase."""
    cited = {row["source_id"]: _credit(row) for row in dicts(dossier.sources)}
    events = dossier.events
    dates = dict(zip(events["event_id"].tolist(), events["date"].tolist(), strict=True))
    found = {
        "scale": "human",
        "title": {"unique_id": "title", "text": _text(dossier.title, escape(dossier.stamp))},
        "events": [_slide(row, cited) for row in dicts(lanes(dossier))],
        "eras": [_era(row, dates, last_day(dossier)) for row in dicts(phases(dossier))],
    }
    return (json.dumps(found, ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def _slide(row: Mapping[Any, Any], cited: Mapping[str, str]) -> Json:
    sources = "; ".join(cited[name] for name in row["sources"] if name in cited)
    return {
        "unique_id": row["event_id"],
        **_dates(row["date"]),
        "display_date": date_words(row["date"]),
        "group": row["lane_label"],
        "text": _text(row["title"], _words(row["summary"]), f"<small>Sources: {sources}</small>"),
        "autolink": False,
    }


def _era(row: Mapping[Any, Any], dates: Mapping[str, str], last: pd.Timestamp) -> Json:
    """Return a phase; one that still runs ends where the view does, and says so."""
    first, end = dates[row["from_event"]], dates.get(row["to_event"])
    headline = row["title"] if end else f"{row['title']} (still running on {day_words(last)})"
    return {
        "start_date": _dates(first)["start_date"],
        "end_date": _date(end.rpartition("/")[2] if end else str(last.date())),
        "text": _text(headline, _words(row["summary"])),
    }


def _dates(text: str) -> Json:
    """Return start and end of an EDTF date; of "not later than" only the end is known."""
    first, slash, last = text.partition("/")
    if first == "..":
        return {"start_date": _date(last)}
    return {"start_date": _date(first)} | ({"end_date": _date(last)} if slash else {})


def _date(text: str) -> dict[str, int]:
    parts = zip(("year", "month", "day"), text.rstrip("~?").split("-"), strict=False)
    return {name: int(number) for name, number in parts}


def _text(headline: str, *paragraphs: str) -> dict[str, str]:
    words = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs if paragraph)
    return {"headline": escape(headline), "text": words}


def _words(text: object) -> str:
    return escape(text) if isinstance(text, str) else ""


def _credit(source: Mapping[Any, Any]) -> str:
    """Return a source as it is cited: publisher, title with its address, and date."""
    title, url = escape(source["title"]), source["url"]
    if isinstance(url, str):
        title = f'<a href="{escape(url)}">{title}</a>'
    published = date_words(source["published"])
    return ", ".join(part for part in (escape(source["publisher"]), title, published) if part)
