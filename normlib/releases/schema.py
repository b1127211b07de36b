"""What differs in descriptors and in maps, in words."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

from normlib.descriptors import MISSING, ORDER, PropertyChange
from normlib.releases.reading import Release
from normlib.releases.tables import TableChange

SCHEMA, MAPS = "schema", "maps"

SCHEMA_COLUMNS = ["table", "column", "what", "before", "after"]
MAP_COLUMNS = ["what", "file", "feature"]

_WORDS = ("categories", "itemCategories")
_NOUNS = {"resources": "tables", "fields": "columns", **dict.fromkeys(_WORDS, "words")}


def schema_changes(
    properties: Iterable[PropertyChange], tables: Mapping[str, TableChange]
) -> pd.DataFrame:
    """Return what changed in descriptor and order: columns ``SCHEMA_COLUMNS``."""
    rows = [_told(change, tables) for change in sorted(filter(_is_told, properties), key=_rank)]
    rows += [
        (name, "", "rows stand in another order", "", "")
        for name, found in tables.items()
        if found.is_arranged_anew
    ]
    return pd.DataFrame(rows, columns=SCHEMA_COLUMNS, dtype=object)


def map_changes(files: Iterable[str], older: Release, newer: Release) -> pd.DataFrame:
    """Return the features that changed in these files: columns ``MAP_COLUMNS``."""
    rows = [row for name in files for row in _redrawn(name, older, newer)]
    return pd.DataFrame(rows, columns=MAP_COLUMNS)


def _is_told(change: PropertyChange) -> bool:
    """Whether a reader is told: that a list grew is told by what was added."""
    return not change.is_order or change.is_arranged_anew


def _told(change: PropertyChange, tables: Mapping[str, TableChange]) -> tuple[str, ...]:
    """Return a change of the descriptor as table, column, what, and two texts."""
    table, column, rest = _place(change.path)
    verb = "changed"
    if change.before is MISSING or change.after is MISSING:
        verb = "added" if change.before is MISSING else "removed"
    if change.is_order:
        where = change.path[-2]
        return table, column, f"{_NOUNS.get(str(where), where)} stand in another order", "", ""
    what = f"{_thing(column, rest)} {verb}"
    found = tables.get(table)
    if column and not rest and found and column in found.filled:
        filled = int((found.filled[column] != "").sum())
        what += f", filled in {filled:,} of {found.shared:,} shared rows"
    return table, column, what, *_both(change)


def _rank(change: PropertyChange) -> int:
    """Return what comes first: tables and columns, then words, then the rest."""
    _, _, rest = _place(change.path)
    is_word = len(rest) == 2 and rest[0] in _WORDS
    return 0 if not rest else 1 if is_word else 2


def _place(path: Sequence[str | int]) -> tuple[str, str, list[str]]:
    """Split a path into table, column and what remains."""
    steps = [str(step) for step in path]
    if steps[0] != "resources" or len(steps) == 1 or path[1] == ORDER:
        return "", "", steps
    if steps[2:4] == ["schema", "fields"] and len(steps) > 4 and path[4] != ORDER:
        return steps[1], steps[4], steps[5:]
    return steps[1], "", steps[2:]


def _thing(column: str, rest: Sequence[str]) -> str:
    """Name what a path leads to within a table or column."""
    match list(rest):
        case []:
            return "column" if column else "table or file"
        case [list_of, word, *deeper] if list_of in _WORDS:
            return f"word '{word}'{': ' if deeper else ''}{'.'.join(deeper)}"
        case steps:
            return ".".join(_NOUNS.get(step, step) for step in steps)


def _both(change: PropertyChange) -> tuple[str, str]:
    return _brief(change.before, change.after), _brief(change.after, change.before)


def _brief(value: Any, other: Any) -> str:
    """Write a property's value: of a list what the other has not, of an object what it means."""
    if value is MISSING or isinstance(value, str):
        return "" if value is MISSING else str(value)
    if isinstance(value, Mapping):
        told = (value.get(name) for name in ("description", "label", "title"))
        return next((str(text) for text in told if text), _json(value))
    if isinstance(value, list):
        rest = [part for part in value if not isinstance(other, list) or part not in other]
        return ", ".join(_brief(part, MISSING) for part in rest)
    return _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _redrawn(name: str, older: Release, newer: Release) -> list[tuple[str, str, str]]:
    """Return the features of a file that changed, by id; without ids, the file."""
    before, after = (_features(side.files.get(name)) for side in (older, newer))
    if before is None or after is None:
        return [("redrawn", name, "")]
    kinds = {
        "added": [key for key in after if key not in before],
        "withdrawn": [key for key in before if key not in after],
        "redrawn": [key for key in after if key in before and before[key] != after[key]],
    }
    found = [(kind, name, key) for kind, keys in kinds.items() for key in keys]
    return found or [("written anew", name, "")]


def _features(text: str | None) -> dict[str, Any] | None:
    """Return the features of a collection by id; None if they have none of their own."""
    if text is None:
        return {}
    try:
        features = json.loads(text)["features"]
        found = {str(feature["id"]): feature for feature in features}
    except (ValueError, LookupError, TypeError):
        return None
    return found if len(found) == len(features) else None
