"""Time the difference of two large releases against the same findings by plain pandas.

Both begin with the same frames of text in memory; reading the files is not part of it. Of the added
rows, ours also says which are new and which were learned late; and ours can make the newer release
of the older one, which the benchmark proves.
"""

import argparse
from dataclasses import dataclass

import numpy as np
import pandas as pd
from timing import seconds, tell

from normlib import releases
from normlib.releases import Difference, Release

SEED = 20250912
UNTIL = "2025-09-12"
KEY = "event_id"
TEXT = {"type": "string"}
RECODED = ("conflict", "dispute")


# Two artificial releases


def artificial(shared: int) -> tuple[Release, Release]:
    """Return two releases: a thousandth of the rows withdrawn and added, as many cells corrected.

    One column is recoded in nearly all rows. The rows of both stand in the order of their dates.
    """
    rng = np.random.default_rng(SEED)
    few = max(shared // 1000, 10)
    whole = _events(rng, shared + 2 * few).sort_values("date", kind="stable", ignore_index=True)
    where = rng.permutation(len(whole))
    is_gone, is_added = np.isin(where, np.arange(few)), np.isin(where, np.arange(few, 2 * few))
    older, newer = whole[~is_added].reset_index(drop=True), whole[~is_gone].reset_index(drop=True)
    is_old = newer["type"] == RECODED[0]
    newer["type"] = newer["type"].mask(is_old, RECODED[1])
    corrected = rng.choice(np.flatnonzero(newer[KEY].isin(older[KEY])), few, replace=False)
    newer.loc[corrected, "title"] = newer.loc[corrected, "title"] + ", corrected"
    return _release(older), _release(newer)


def _events(rng: np.random.Generator, n: int) -> pd.DataFrame:
    day = (np.datetime64("2008-01-01") + rng.integers(0, 6800, n)).astype("str")
    actors = np.array(["tur;arm", "arm;tur;usa", "tur", "arm", "geo;arm"], dtype=object)
    columns = {
        KEY: [f"{when}-event-{at}" for when, at in zip(day, rng.permutation(n), strict=True)],
        "date": day,
        "type": np.where(rng.random(n) < 0.99, RECODED[0], "visit"),
        "title": [f"Meeting number {at} of the delegations" for at in rng.integers(0, n, n)],
        "actors": rng.choice(actors, n),
        "round": rng.integers(1, 9, n).astype("str"),
        "note": np.where(rng.random(n) < 0.5, "", "Reported on the day"),
    }
    return pd.DataFrame(columns, dtype=object)


def _release(events: pd.DataFrame) -> Release:
    """Return a release of one table; its texts are its own, as if read from a file."""
    fields = [{"name": name, **TEXT} for name in events]
    schema = {"fields": fields, "primaryKey": [KEY]}
    table = {"name": "events", "path": "events.csv", "when": "date", "schema": schema}
    descriptor = {"name": "artificial", "coversUntil": UNTIL, "resources": [table]}
    own = events.map(lambda text: f" {text}"[1:]).astype(object)
    return Release(descriptor, {"events": own}, {})


# The same by plain pandas


@dataclass(frozen=True)
class Found:
    """What the peer finds: keys of rows, cells by column, and of recoded columns what became what.

    Rows are matched by their key; a column counts as recoded when most of its cells changed.
    """

    added: set[str]
    withdrawn: set[str]
    cells: dict[str, pd.DataFrame]
    recoded: dict[str, pd.Series]


def plain(older: pd.DataFrame, newer: pd.DataFrame) -> Found:
    """Return the same findings with ``merge(indicator=True)`` and ``compare``."""
    keys = older[[KEY]].merge(newer[[KEY]], on=KEY, how="outer", indicator=True)
    shared = keys.loc[keys["_merge"] == "both", KEY]
    a, b = (side.set_index(KEY).loc[shared] for side in (older, newer))
    apart = a.compare(b, result_names=("before", "after"))
    columns = apart.columns.get_level_values(0).unique()
    cells = {str(name): apart[name].dropna() for name in columns}
    recoded = {
        name: found.groupby(["before", "after"]).size()
        for name, found in cells.items()
        if len(found) > releases.RECODED_SHARE * len(shared)
    }
    return Found(
        added=set(keys.loc[keys["_merge"] == "right_only", KEY]),
        withdrawn=set(keys.loc[keys["_merge"] == "left_only", KEY]),
        cells={name: found for name, found in cells.items() if name not in recoded},
        recoded=recoded,
    )


# The comparison


def ours(older: Release, newer: Release) -> Difference:
    """Return the difference, all of its frames made."""
    found = releases.diff(older, newer)
    assert sum(found.counts.values())
    return found


def assert_equal(found: Difference, theirs: Found) -> None:
    """Fail unless both found the same rows, cells and recoded columns."""
    assert set(found.added["key"]) == theirs.added
    assert set(found.withdrawn["key"]) == theirs.withdrawn
    for name, cells in theirs.cells.items():
        own = found.cells[found.cells["column"] == name].set_index("key")[["before", "after"]]
        assert own.sort_index().to_dict() == cells.sort_index().to_dict()
    for name, pairs in theirs.recoded.items():
        (own,) = found.recoded.loc[found.recoded["column"] == name, "pairs"]
        assert own.set_index(["before", "after"])["rows"].to_dict() == pairs.to_dict()
    assert len(found.cells) == sum(map(len, theirs.cells.values()))
    assert len(found.recoded) == len(theirs.recoded)


def main() -> None:
    """Print both times, the ratio, and what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows that both releases have")
    older, newer = artificial(parser.parse_args().rows)
    tables = older.tables["events"], newer.tables["events"]
    found = ours(older, newer)
    assert_equal(found, plain(*tables))
    made = releases.apply(found, older).tables["events"]
    pd.testing.assert_frame_equal(made, tables[1])
    mine, theirs = seconds(lambda: ours(older, newer)), seconds(lambda: plain(*tables))
    again = seconds(lambda: releases.apply(found, older))
    tell("shared rows", found.tables["events"].shared)
    for kind, count in found.counts.items():
        tell(kind, count)
    tell("releases.diff", mine, ".2f", " s")
    tell("merge and compare", theirs, ".2f", " s")
    tell("ratio", mine / theirs, ".2f")
    tell("releases.apply", again, ".2f", " s")


if __name__ == "__main__":
    main()
