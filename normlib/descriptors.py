"""What changed in a descriptor, property by property, and the same change made again.

Lists of objects that have a name (tables, columns, words of a vocabulary) are compared by that
name, not by their place, so that a column that is added in the middle is one change.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Json = Any
Path = tuple[str | int, ...]

ORDER = 0
"""Ends the path to the order of a list of named objects; no JSON object has a number as key."""

NAMED_BY = ("name", "value", "title")
"""Properties that can name the objects of a list, the first that tells them all apart."""


class _Missing:
    def __repr__(self) -> str:
        return "nothing"


MISSING = _Missing()
"""Stands for the value of a property that is not there."""


@dataclass(frozen=True)
class PropertyChange:
    """A property that was added, removed or changed.

    Attributes
    ----------
    path : keys and names that lead to it: ``("resources", "events", "title")``.
    before, after : its values; :data:`MISSING` where it is not there.
    """

    path: Path
    before: Json
    after: Json

    @property
    def is_order(self) -> bool:
        """Whether it is the order of a list of named objects, and not what the list holds."""
        return self.path[-1] == ORDER

    @property
    def is_arranged_anew(self) -> bool:
        """Whether objects that were there before stand in another order."""
        common = set(self.before) & set(self.after)
        kept = ([name for name in names if name in common] for names in (self.before, self.after))
        return next(kept) != next(kept)


def compare(before: Mapping[str, Json], after: Mapping[str, Json]) -> list[PropertyChange]:
    """Return every difference between two descriptors, each at the place where it begins."""
    return list(_compared((), _tree(before), _tree(after)))


def patched(descriptor: Mapping[str, Json], changes: list[PropertyChange]) -> dict[str, Json]:
    """Return a descriptor with changes made: those of ``compare(a, b)`` make ``b`` of ``a``."""
    tree = _tree(descriptor)
    for change in changes:
        *way, last = change.path
        place = tree
        for step in way:
            place = place[step]
        if change.after is MISSING:
            del place[last]
        else:
            place[last] = _tree(change.after) if not change.is_order else change.after
    found: dict[str, Json] = _untree(tree)
    return found


def _tree(value: Json) -> Json:
    """Return nested dicts: lists of named objects become dicts by name, with their order."""
    if isinstance(value, Mapping):
        return {key: _tree(part) for key, part in value.items()}
    names = _names(value)
    if not names:
        return value
    return {ORDER: tuple(names)} | {
        name: _tree(part) for name, part in zip(names, value, strict=True)
    }


def _untree(tree: Json) -> Json:
    if not isinstance(tree, dict):
        return tree
    if ORDER in tree:
        return [_untree(tree[name]) for name in tree[ORDER]]
    return {key: _untree(part) for key, part in tree.items()}


def _names(value: Json) -> list[str]:
    """Return the names of a list of objects; none if it is no such list."""
    if not isinstance(value, list) or not all(isinstance(part, Mapping) for part in value):
        return []
    for key in NAMED_BY:
        names = [part.get(key) for part in value]
        if all(isinstance(name, str) for name in names) and len(set(names)) == len(names):
            return names
    return []


def _compared(path: Path, before: Json, after: Json) -> Iterator[PropertyChange]:
    both = isinstance(before, dict) and isinstance(after, dict)
    if both and (ORDER in before) == (ORDER in after):
        for key in {**before, **after}:
            pair = before.get(key, MISSING), after.get(key, MISSING)
            yield from _compared((*path, key), *pair)
    elif not _same(before, after):
        yield PropertyChange(path, *(_plain(value, path) for value in (before, after)))


def _plain(value: Json, path: Path) -> Json:
    return value if path[-1:] == (ORDER,) else _untree(value)


def _same(one: Json, other: Json) -> bool:
    """Whether two values are the same JSON: true is not 1, and 1 is not 1.0."""
    if one is MISSING or other is MISSING:
        return one is other
    return json.dumps(_untree(one), sort_keys=True) == json.dumps(_untree(other), sort_keys=True)
