"""What a report page needs to lay the marks of a timeline out anew.

A page draws the marks for its own width, for the period and for the events that its reader chooses,
by the rules of :mod:`normlib.figures.lanes` (``reports/template/lanes.js``). Here its data is put
together: every event once, with the numbers of the options that it answers to. Days are whole ones
since 1970-01-01.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from normlib.figures import theme
from normlib.figures.lanes import DEEPEST, FOLD_STEP, LANE_PAD, MARK, ROW, Panel
from normlib.figures.words import date_words
from normlib.rows import dicts

MARKS, ROUNDS = "marks", "rounds"
"""In the ``meta`` of a trace: a page draws it anew always, or when only a period is shown."""

LISTS = (("Sector", 0), ("Kind", 1), ("Tone", 2), ("Actor", 3), ("Together with", 3))
"""The lists that a reader chooses from, and the column of options that each offers."""

_EPOCH = pd.Timestamp(1970, 1, 1)


def marks_of(
    lanes: pd.DataFrame, *, heights: pd.DataFrame, panels: Sequence[Panel]
) -> dict[str, Any]:
    """Return the events, what can be asked of them, and where their lanes and panels lie.

    Parameters
    ----------
    lanes : events as :func:`normlib.timeline.lanes` returns them, with ``tone_order``.
    heights : what :func:`normlib.figures.lanes.lane_heights` returns.
    panels : those of the whole record.
    """
    rows = dicts(lanes)
    at = {order: number for number, order in enumerate(heights["lane_order"])}
    return {
        "table": "events",
        "noun": ["event", "events"],
        "sizes": {
            "mark": MARK,
            "row": ROW,
            "pad": LANE_PAD,
            "deepest": DEEPEST,
            "step": FOLD_STEP,
        },
        "ink": theme.INK,
        "paper": theme.PAPER,
        "tones": [
            {"label": style.label, "colour": style.colour, "symbol": style.symbol}
            for style in theme.TONE_STYLES.values()
        ],
        "lanes": [
            {"label": row["label"], "bottom": row["bottom"], "height": row["height"]}
            for row in dicts(heights)
        ],
        "panels": [_panel(panel) for panel in panels],
        "lists": [list(entry) for entry in LISTS],
        "columns": [
            _options(row["sector_labels"] for row in rows),
            _options((row["type_label"],) for row in rows),
            _options((theme.TONE_STYLES[row["tone"]].label,) for row in rows),
            _options(row["actor_labels"] for row in rows),
        ],
        "key": [row["event_id"] for row in rows],
        "title": [row["title"] for row in rows],
        "when": [date_words(row["date"]) for row in rows],
        "from": [None if pd.isna(row["earliest"]) else _day(row["earliest"]) for row in rows],
        "to": [_day(row["known_by"]) for row in rows],
        "lane": [at[row["lane_order"]] for row in rows],
        "tone": [row["tone_order"] for row in rows],
        "vague": [number for number, row in enumerate(rows) if not row["exact"]],
        "round": {
            number: row["round"] for number, row in enumerate(rows) if row["round"] is not None
        },
    }


def periods_of(phases: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the phases as periods that a reader can choose."""
    return [
        {
            "number": row["number"],
            "title": row["title"],
            "first": _day(row["first_day"]),
            "last": None if row["running"] else _day(row["last_day"]),
        }
        for row in dicts(phases)
    ]


def rounds_of(rounds: pd.DataFrame, gaps: Sequence[str]) -> list[dict[str, Any]]:
    """Return the rounds with the words for the days that follow each of them."""
    return [
        {"round": row["round"], "key": row["event_id"], "day": _day(row["latest"]), "gap": gap}
        for row, gap in zip(dicts(rounds), gaps, strict=True)
    ]


def _panel(panel: Panel) -> dict[str, Any]:
    x, y = panel.axes
    days = {name: _day(getattr(panel, name)) for name in ("first", "last", "left", "right")}
    outlier = None if panel.outlier is None else _day(panel.outlier)
    return {"x": x, "y": y, "early": panel.name == "early", **days, "outlier": outlier}


def _options(labels: Iterable[Sequence[str]]) -> Mapping[str, Any]:
    """Return the labels in the order of the alphabet, how often each occurs, and who has which."""
    held = [tuple(dict.fromkeys(have)) for have in labels]
    counts = Counter(label for have in held for label in have)
    options = sorted(counts, key=_letters)
    at = {label: number for number, label in enumerate(options)}
    return {
        "options": options,
        "counts": [counts[label] for label in options],
        "of": [[at[label] for label in have] for have in held],
    }


def _letters(label: str) -> str:
    """Return a label as it is sorted: letters with marks beside those without."""
    return unicodedata.normalize("NFKD", label).casefold()


def _day(day: pd.Timestamp) -> int:
    return int((day - _EPOCH).days)
