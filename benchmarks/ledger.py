"""Time the ledger of a large artificial record against the same columns by plain group-by.

Measured is the call of ``ledger`` alone, on a dossier that remembers nothing yet and holds what was
known on the day; to cut a record to a day (``as_of``) is not part of it. The ledger also finds
sides, phases, successors and sources, which the plain code leaves out.
"""

import argparse
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from timing import seconds, tell

import normlib
from normlib import commitments, promises
from normlib.dossier import Dossier

SEED = 20250912
FIRST, DAY = np.datetime64("2008-01-01"), np.datetime64("2025-09-12")
STATES = np.array(["announced", "preparing", "partial", "implemented", "stalled", "reversed"])
ENDS = np.array(["abandoned", "superseded"])

COMPARED = [
    *("level", "state", "state_since", "standing", "observed_on", "silence_days"),
    *("implemented_on", "outstanding_days_low", "outstanding_days_high", "n_targets"),
    *("first_target", "last_target", "slippage_first_days", "slippage_last_days", "restated"),
]


# The artificial record


def artificial(record: Dossier, promised: int, observed: int) -> Dossier:
    """Return a record of random commitments, observations and targets as of a day.

    Events, actors and phases are those of ``record``.
    """
    rng = np.random.default_rng(SEED)
    ids = pd.Series([f"promise-{at}" for at in rng.permutation(promised)], dtype="str")
    made = FIRST + rng.integers(0, 5000, promised)
    tables = {
        **record.tables,
        "commitments": _commitments(rng, record, ids, made),
        "observations": _observations(rng, record, ids, made, observed),
        "targets": _targets(rng, record, ids, made),
    }
    return replace(record, day=pd.Timestamp(DAY).as_unit("s"), tables=tables, record=None)


def _commitments(
    rng: np.random.Generator, record: Dossier, ids: pd.Series, made: np.ndarray
) -> pd.DataFrame:
    n = len(ids)
    return pd.DataFrame(
        {
            "commitment_id": ids,
            **_dated(rng, "made_on", made),
            "event_id": _picked(rng, record.events["event_id"], n),
            "title": "Open " + ids,
            "text": "A promise",
            "sector": _picked(rng, record.commitments["sector"], n),
            "links": _picked(rng, record.commitments["links"], n),
            "obligated": _picked(rng, record.commitments["obligated"], n),
            "supersedes": ids.shift().where(rng.random(n) < 0.02),
            "sources": _picked(rng, record.commitments["sources"], n),
        }
    )


def _observations(
    rng: np.random.Generator, record: Dossier, ids: pd.Series, made: np.ndarray, n: int
) -> pd.DataFrame:
    """Observations in any order; of most commitments some, of a few none."""
    of = rng.integers(0, len(ids), n)
    on = np.minimum(made[of] + rng.integers(0, 700, n), DAY - 40)
    level = pd.Series(rng.choice([0, 1, 2, 3], n), dtype="Int64").mask(rng.random(n) < 0.15)
    state = np.where(level.eq(3).fillna(False), "implemented", rng.choice(np.delete(STATES, 3), n))
    last = pd.Series(on).groupby(of).idxmax().to_numpy()
    ended = rng.choice(last, len(last) // 20, replace=False)
    state[ended] = rng.choice(ENDS, len(ended))
    return pd.DataFrame(
        {
            "commitment_id": ids.take(of).array,
            **_dated(rng, "observed_on", on),
            "level": level,
            "state": pd.Series(state, dtype="str"),
            "note": "Seen",
            "event_id": _picked(rng, record.events["event_id"], n).where(rng.random(n) < 0.3),
            "sources": _picked(rng, record.observations["sources"], n),
        }
    )


def _targets(
    rng: np.random.Generator, record: Dossier, ids: pd.Series, made: np.ndarray
) -> pd.DataFrame:
    """Up to four dates for a third of the commitments; some without a date."""
    n = len(ids)
    of = np.repeat(np.arange(n), np.where(rng.random(n) < 0.33, rng.integers(1, 5, n), 0))
    stated = made[of] + rng.integers(0, 600, len(of))
    aims = _dated(rng, "target", stated + rng.integers(10, 1500, len(of)))
    blank = rng.random(len(of)) < 0.1
    return pd.DataFrame(
        {
            "commitment_id": ids.take(of).array,
            **_dated(rng, "stated_on", stated),
            **{name: aims[name].mask(blank) for name in list(aims)[:3]},
            "stated_by": _picked(rng, record.actors["actor_id"], len(of)),
            "wording": "by then",
            "event_id": np.nan,
            "sources": _picked(rng, record.targets["sources"], len(of)),
        }
    )


def _picked(rng: np.random.Generator, column: pd.Series, n: int) -> pd.Series:
    return column.take(rng.integers(0, len(column), n)).reset_index(drop=True)


def _dated(rng: np.random.Generator, name: str, days: np.ndarray) -> dict[str, pd.Series]:
    """Columns of a date: a day, a month, or "not later than", some of which were known before."""
    kind = rng.choice(["day", "month", "until"], len(days), p=[0.7, 0.2, 0.1])
    month = days.astype("datetime64[M]")
    first, end = month.astype("datetime64[D]"), (month + 1).astype("datetime64[D]") - 1
    latest = np.where(kind == "month", end, days)
    known = np.where((kind == "until") & (rng.random(len(days)) < 0.5), latest - 3, latest)
    texts = pd.Series(days.astype("str"), dtype="str")
    texts = texts.where(kind != "month", texts.str[:7]).where(kind != "until", "../" + texts)
    stamps = {
        f"{name}_earliest": np.where(kind == "month", first, days),
        f"{name}_latest": latest,
        "known_on": known,
        "effective_on": known,
    }
    columns = {key: pd.Series(value.astype("datetime64[s]")) for key, value in stamps.items()}
    open_date = pd.Series(kind == "until")
    columns[f"{name}_earliest"] = columns[f"{name}_earliest"].mask(open_date)
    return {name: texts, **columns}


# The same by plain group-by


def plain(tables: dict[str, pd.DataFrame], day: pd.Timestamp) -> pd.DataFrame:
    """Return the compared columns, by commitment."""
    seen = _in_force(tables["observations"])
    runs = _full_runs(seen, tables["events"])
    found = tables["commitments"].set_index("commitment_id")[["effective_on", "made_on_earliest"]]
    last = seen.drop_duplicates("commitment_id", keep="last").set_index("commitment_id")
    found = found.join(last[["level", "state", "observed_on"]])
    changed = seen[
        seen["state"] != seen.groupby("commitment_id", sort=False, observed=True)["state"].shift()
    ]
    since = changed.drop_duplicates("commitment_id", keep="last").set_index("commitment_id")
    rated = seen.dropna(subset=["level"]).drop_duplicates("commitment_id", keep="last")
    done = runs[runs["end"].isna()].set_index("commitment_id")
    low = done["fact_low"].reindex(found.index).fillna(day) - found["effective_on"]
    high = done["start"].reindex(found.index).fillna(day) - found["made_on_earliest"]
    found = found.assign(
        state_since=since["observed_on"],
        standing=np.select(
            [found["state"].isin(ENDS), found["level"].eq(3).fillna(False)],
            ["ended", "implemented"],
            "running",
        ),
        silence_days=(day - rated.set_index("commitment_id")["effective_on"]).dt.days,
        implemented_on=done["observed_on"],
        outstanding_days_low=low.dt.days.clip(lower=0),
        outstanding_days_high=high.dt.days,
    )
    found = found.join(_dates_named(tables["targets"], runs, day))
    return found.assign(n_targets=found["n_targets"].fillna(0))[COMPARED]


def _in_force(seen: pd.DataFrame) -> pd.DataFrame:
    """Observations in their order, without those that were overtaken."""
    seen = seen.assign(
        commitment_id=seen["commitment_id"].astype("category"),  # quicker to sort and to group
        first=seen["observed_on_earliest"].fillna(seen["effective_on"]),
    )
    seen = seen.sort_values(["commitment_id", "first", "effective_on"], kind="stable")
    backwards = seen[::-1]
    least = backwards.groupby("commitment_id", sort=False, observed=True)["effective_on"].cummin()
    later = least.groupby(backwards["commitment_id"], sort=False, observed=True).shift()
    seen = seen.assign(end=later)
    seen = seen[seen["end"].isna() | (seen["effective_on"] < seen["end"])]
    until = seen["observed_on_earliest"].isna() & (
        seen["observed_on_latest"] > seen["effective_on"]
    )
    known = "../" + seen.loc[until, "effective_on"].dt.strftime("%Y-%m-%d")
    return seen.assign(observed_on=seen["observed_on"].mask(until, known))


def _full_runs(seen: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Times at full level: first observation, its first possible day, and the end."""
    full = seen["level"].eq(3).fillna(False).astype(bool)
    before = full.groupby(seen["commitment_id"], sort=False, observed=True).shift(fill_value=False)
    rows = seen[full].assign(run=(full & ~before).cumsum()[full])
    runs = rows.drop_duplicates("run").set_index("run")
    runs["end"] = rows.drop_duplicates("run", keep="last").set_index("run")["end"]
    rests_on = runs["event_id"].map(events.set_index("event_id")["date_earliest"])
    runs["fact_low"] = runs["first"].where(~(rests_on < runs["first"]), rests_on)
    return runs.rename(columns={"effective_on": "start"})


def _dates_named(targets: pd.DataFrame, runs: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    """Number, first and last of the dates named for each commitment, with their slippage."""
    first = targets["stated_on_earliest"].fillna(targets["effective_on"])
    keys = ["commitment_id", "first", "effective_on", "target_latest"]
    named = targets.assign(first=first).sort_values(keys, kind="stable")
    named = named.dropna(subset=["target_latest"]).reset_index(drop=True)
    both = named.reset_index().merge(runs[["commitment_id", "fact_low", "end"]], on="commitment_id")
    both = both[both["end"].isna() | (both["end"] > both["effective_on"])]
    came = both.groupby("index")["fact_low"].min().reindex(named.index)
    until = came.fillna(day).where(came.notna() | (named["target_latest"] < day))
    named["slippage"] = (until - named["target_latest"]).dt.days
    by = named.groupby("commitment_id", sort=False, observed=True)
    first, last = by.nth(0).set_index("commitment_id"), by.nth(-1).set_index("commitment_id")
    count = by.size()
    return pd.DataFrame(
        {
            "n_targets": count,
            "first_target": first["target"],
            "last_target": last["target"],
            "slippage_first_days": first["slippage"],
            "slippage_last_days": last["slippage"],
            "restated": count - 1,
        }
    )


# The comparison


def assert_equal(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    """Fail unless the compared columns hold the same values."""
    ours = ours.set_index("commitment_id")
    theirs = theirs.reindex(ours.index)
    for name in COMPARED:
        kind = "str" if pd.api.types.is_string_dtype(ours[name]) else "Int64"
        pd.testing.assert_series_equal(ours[name].astype(kind), theirs[name].astype(kind))


def megabytes(call: Callable[[], Any]) -> float:
    """Return the most memory that a call held at a time, beside what was there."""
    tracemalloc.start()
    call()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 1e6


def main() -> None:
    """Compare the results, and print rows, both times, the memory and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--commitments", type=int, default=10**5)
    parser.add_argument("--observations", type=int, default=10**6)
    sizes = parser.parse_args()
    dossier = artificial(normlib.load(), sizes.commitments, sizes.observations)
    tables, day = dict(dossier.tables), dossier.day

    def ours() -> pd.DataFrame:
        return commitments.ledger(replace(dossier))  # a new one remembers nothing

    def theirs() -> pd.DataFrame:
        return plain(tables, day)

    assert_equal(ours(), theirs())
    for name in ("commitments", "observations", "targets"):
        tell(name, len(tables[name]))
    tell("that count at some time", len(promises.observed(dossier).row))
    took = {"normlib ledger": ours, "plain group-by": theirs}
    times = {name: seconds(call) for name, call in took.items()}
    for name, call in took.items():
        tell(name, times[name], ".3f", f" s   {megabytes(call):,.0f} MB at most")
    tell("ratio", times["normlib ledger"] / times["plain group-by"], ".2f")


if __name__ == "__main__":
    main()
