"""Rows that two releases share: those with the same key, and those that were renamed."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from normlib.releases.reading import Release

RENAMED_CELLS = 2
"""Filled cells beside the key that it takes to call two rows the same."""

Positions = npt.NDArray[np.intp]


def key_of(name: str, older: Release, newer: Release) -> list[str]:
    """Return the columns that name a row in both releases: a key, or else all that both have."""
    both = [side for side in (newer, older) if name in side.tables]
    columns = [[str(column) for column in side.tables[name]] for side in both]
    common = [column for column in columns[0] if column in columns[-1]]
    keys = [side.resources[name].key for side in both]
    return next((key for key in keys if key and set(key) <= set(common)), common)


def matched(a: pd.DataFrame, b: pd.DataFrame, key: list[str]) -> tuple[Positions, Positions]:
    """Return the places in both tables of the rows that they share, in the order of the older."""
    if not (key and len(a) and len(b)):
        return np.empty(0, dtype=np.intp), np.empty(0, dtype=np.intp)
    in_a, in_b = _equal(_told_apart(_codes(a, b, key), len(a)), len(a))
    other = [str(name) for name in a if name in b and name not in key]
    rest_a = np.setdiff1d(np.arange(len(a)), in_a, assume_unique=True)
    rest_b = np.setdiff1d(np.arange(len(b)), in_b, assume_unique=True)
    if not (other and len(rest_a) and len(rest_b)):
        return in_a, in_b
    same_a, same_b = _renamed(a.iloc[rest_a], b.iloc[rest_b], key, other)
    in_a = np.concatenate([in_a, rest_a[same_a]])
    in_b = np.concatenate([in_b, rest_b[same_b]])
    order = np.argsort(in_a)
    return in_a[order], in_b[order]


def _renamed(
    a: pd.DataFrame, b: pd.DataFrame, key: list[str], other: list[str]
) -> tuple[Positions, Positions]:
    """Return the places of rows that are alike, as no others are, but for one cell of the key."""
    codes = _codes(a, b, other)
    counts = [np.bincount(side, minlength=codes.max() + 1) for side in np.split(codes, [len(a)])]
    is_one = (counts[0] == 1) & (counts[1] == 1)
    in_a, in_b = _equal(codes, len(a))
    cells = a.iloc[in_a]
    filled = sum((cells[name].to_numpy() != "" for name in other), np.zeros(len(in_a), dtype=int))
    apart = sum(
        (cells[name].to_numpy() != b[name].to_numpy()[in_b] for name in key),
        np.zeros(len(in_a), dtype=int),
    )
    is_sure = is_one[codes[in_a]] & (filled >= RENAMED_CELLS) & (apart == 1)
    return in_a[is_sure], in_b[is_sure]


def _codes(a: pd.DataFrame, b: pd.DataFrame, columns: list[str]) -> Positions:
    """Return a number for each row of both tables, the same where all the cells are the same."""
    codes: Positions = np.zeros(len(a) + len(b), dtype=np.intp)
    for at, name in enumerate(columns):
        found, texts = pd.factorize(np.concatenate([a[name].to_numpy(), b[name].to_numpy()]))
        codes = pd.factorize(codes * len(texts) + found)[0] if at else found
    return codes


def _equal(codes: Positions, length: int) -> tuple[Positions, Positions]:
    """Match the first ``length`` codes with the others; return the places of both."""
    place = np.full(codes.max() + 1, -1, dtype=np.intp)
    place[codes[length:]] = np.arange(len(codes) - length)
    found = place[codes[:length]]
    in_a = np.flatnonzero(found >= 0)
    return in_a, found[in_a]


def _told_apart(codes: Positions, length: int) -> Positions:
    """Tell rows with one key, which a checked table has not, apart by their order."""
    sides = np.split(codes, [length])
    if all(np.bincount(side).max() == 1 for side in sides):
        return codes
    nth = np.concatenate([pd.Series(side).groupby(side).cumcount() for side in sides])
    apart: Positions = pd.factorize(codes * (nth.max() + 1) + nth)[0]
    return apart
