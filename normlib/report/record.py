"""The records of runs: what was built from what, by what, how long it took, what went wrong.

Pages hold no times; the ``report.json`` beside them does, one entry a report, each with all that it
was made from, since the pages of a folder need not come from the same run. Indexes are written from
these records. The ``report.json`` on top is the record of the last build.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from normlib.report.inputs import portable, sha256, versions
from normlib.report.jobs import Job, Page, Result

RECORD = "report.json"

MOST_DAYS = 60
"""Days of earlier pages that an entry remembers: more than a year of Mondays."""

Entry = dict[str, Any]


def member_record(job: Job, order: int, reports: Mapping[str, Entry]) -> Entry:
    """Return the record of one member of a recipe."""
    setting, edition = job.setting, job.edition
    return {
        "recipe": setting.recipe,
        "recipe_title": setting.recipe_title,
        "description": setting.description,
        "member": setting.member,
        "member_title": setting.member_title,
        "order": order,
        "sweep": setting.sweep,
        "day": edition.day,
        "dataset": {"name": edition.dataset, "title": edition.title},
        "reports": dict(sorted(reports.items())),
    }


def entry(
    job: Job, result: Result, inputs: Mapping[str, str], earlier: Entry, *, began: str
) -> Entry:
    """Return what the record says about one report; a failed one keeps what stood there before.

    ``replaces`` is the hash of the page that stands in its place until the new one is there: the
    record is written first, so that no page is ever without its record. ``published`` are the days
    of all pages that stood there before.
    """
    tried = {
        "began": began,
        "seconds": round(result.seconds, 3),
        "memory_mb": result.memory_mb,
        "warnings": list(result.warnings),
    }
    if result.page is not None:
        made = _made(job, result.page, inputs)
        made |= {"replaces": earlier.get("sha256", ""), "published": _with_its_day(earlier)}
        return {"status": "built", **made, **tried, "failure": None}
    failure = asdict(result.failure) if result.failure else None
    status = "kept" if earlier.get("sha256") else "failed"
    return {**earlier, "status": status, **tried, "failure": failure}


def days_before(found: Entry) -> list[str]:
    """Return the days of the pages that stood in the place of a page before it, in that order."""
    return list(found.get("published", []))


def unlike(found: Entry, digest: str) -> Entry:
    """Return what is known of a page that is not the one on record: an earlier one, by its hash."""
    day = next(iter(reversed(days_before(found))), "")
    return {**found, "sha256": digest, "inputs": {}, "day": day}


def read_record(file: Path) -> Entry:
    """Return a record, or nothing where there is none that can be read."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and "reports" in found else {}


def as_bytes(record: Entry) -> bytes:
    """Return a record as it is written."""
    return (json.dumps(record, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode("utf-8")


def _with_its_day(earlier: Entry) -> list[str]:
    """Return the days on record of an earlier page, its own the last; each once."""
    own = earlier.get("day", "")
    days = [day for day in days_before(earlier) if day != own]
    return [*days, *filter(None, [own])][-MOST_DAYS:]


def _made(job: Job, page: Page, inputs: Mapping[str, str]) -> Entry:
    content = page.html.encode("utf-8")
    return {
        "title": page.title,
        "question": page.question,
        "headlines": list(page.headlines),
        "numbers": [dict(number) for number in page.numbers],
        "figures": page.figures,
        "tables": page.tables,
        "sources": page.sources,
        "bytes": len(content),
        "sha256": sha256(content),
        "data_release": job.edition.version,
        "day": job.edition.day,
        "inputs": dict(inputs),
        "versions": versions(),
        "parameters": portable(job.parameters),
        "engine": job.engine,
    }
