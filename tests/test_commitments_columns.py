"""What is worked out on whole columns, against a slow and plain reading row by row."""

from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from normlib import commitments, load, promises
from normlib.dossier import Dossier

MADE = 4
"""The day by which the promises were surely made; the first day may have been the one."""

BEGIN = pd.Timestamp("2021-01-01").as_unit("s")
DAY = BEGIN + pd.Timedelta(days=40)
EVENT = "2021-01-03-opening"
IDS = ("gate", "bridge", "line")


class Seen(NamedTuple):
    """One observation: days from the beginning, and whether its date names a first day."""

    of: str
    first: int
    width: int
    delay: int
    is_open: bool
    level: int | None
    state: str
    rests: bool


class Aim(NamedTuple):
    """One date that was named: days from the beginning."""

    of: str
    stated: int
    target: int | None


SEEN = st.builds(
    Seen,
    of=st.sampled_from(IDS[:2]),
    first=st.integers(0, 25),
    width=st.integers(0, 6),
    delay=st.integers(-3, 3),
    is_open=st.booleans(),
    level=st.sampled_from([None, 0, 2, 3, 3]),
    state=st.sampled_from(["partial", "stalled", "abandoned"]),
    rests=st.booleans(),
)
AIM = st.builds(
    Aim,
    st.sampled_from(IDS),
    st.sampled_from([0, 4, 12, 25]),
    st.one_of(st.none(), st.integers(0, 60)),
)


SEVERAL = st.lists(SEEN, max_size=14)


def day(number: int | None) -> pd.Timestamp:
    return pd.NaT if number is None else BEGIN + pd.Timedelta(days=number)


def words(number: int) -> str:
    return str(day(number).date())


@cache
def record() -> Dossier:
    return load()


def column(values: list[object], dtype: str) -> pd.Series:
    return pd.Series(values, dtype=dtype)


def dated(name: str, text: list[str | float], spans: list[tuple[object, object, object]]) -> dict:
    keys = (f"{name}_earliest", f"{name}_latest", "effective_on")
    days = {key: column([row[at] for row in spans], "datetime64[s]") for at, key in enumerate(keys)}
    return {name: column(text, "str"), **days}


def text_of(row: Seen) -> str:
    last = words(row.first + row.width)
    return f"../{last}" if row.is_open else f"{words(row.first)}/{last}"


def start_of(row: Seen) -> int:
    return row.first + row.width + min(row.delay, 0)


def small(seen: list[Seen], aims: list[Aim]) -> Dossier:
    """A record of three promises of the first days, with one event on the third."""
    days = [(day(0), day(MADE), day(MADE))] * len(IDS)
    promised = {
        "commitment_id": column(list(IDS), "str"),
        **dated("made_on", [f"{words(0)}/{words(MADE)}"] * len(IDS), days),
        **{name: column(["x"] * len(IDS), "str") for name in ("event_id", "title", "text")},
        "sector": column(["road", "road", "rail"], "str"),
        "supersedes": column([np.nan] * len(IDS), "str"),
        **{name: column([("x",)] * len(IDS), "object") for name in ("links", "obligated")},
        "sources": column([("own",)] * len(IDS), "object"),
    }
    spans = [
        (day(None if row.is_open else row.first), day(row.first + row.width), day(start_of(row)))
        for row in seen
    ]
    observed = {
        "commitment_id": column([row.of for row in seen], "str"),
        **dated("observed_on", [text_of(row) for row in seen], spans),
        "level": column([row.level for row in seen], "Int64"),
        "state": column([row.state for row in seen], "str"),
        "note": column([str(at) for at in range(len(seen))], "str"),
        "event_id": column([EVENT if row.rests else np.nan for row in seen], "str"),
        "sources": column([(str(at),) for at in range(len(seen))], "object"),
    }
    named = [np.nan if aim.target is None else words(aim.target) for aim in aims]
    until = [(day(aim.target),) * 2 for aim in aims]
    stated = {
        "commitment_id": column([aim.of for aim in aims], "str"),
        **dated("target", named, [(*days, days[0]) for days in until]),
        **dated(
            "stated_on",
            [words(aim.stated) for aim in aims],
            [(day(aim.stated),) * 3 for aim in aims],
        ),
        **{name: column(["x"] * len(aims), "str") for name in ("stated_by", "wording")},
        "event_id": column([np.nan] * len(aims), "str"),
        "sources": column([("x",)] * len(aims), "object"),
    }
    event = record().events.head(1).assign(event_id=EVENT, date_earliest=day(2), date_latest=day(2))
    frames = {"commitments": promised, "observations": observed, "targets": stated}
    tables = {name: pd.DataFrame(cells) for name, cells in frames.items()}
    return replace(record(), day=DAY, tables={**record().tables, **tables, "events": event})


# The plain reading


def first_of(row: Seen) -> int:
    return start_of(row) if row.is_open else row.first


def in_force(seen: list[Seen], of: str) -> list[Seen]:
    """In order; one that begins no earlier than a later one was overtaken."""
    own = sorted(
        (row for row in seen if row.of == of), key=lambda row: (first_of(row), start_of(row))
    )
    return [
        row
        for at, row in enumerate(own)
        if all(start_of(row) < start_of(later) for later in own[at + 1 :])
    ]


def fact_of(row: Seen) -> int:
    return min(2, first_of(row)) if row.rests else first_of(row)


def latest_run(rows: list[Seen], what: str) -> Seen:
    """The first of the rows at the end that agree."""
    found = rows[-1]
    for row in reversed(rows):
        if getattr(row, what) != getattr(rows[-1], what):
            break
        found = row
    return found


def date_of(row: Seen) -> str:
    return f"../{words(start_of(row))}" if row.is_open else text_of(row)


def read_plainly(rows: list[Seen]) -> dict[str, object]:
    if not rows:
        return {
            "outstanding_days_low": 40 - MADE,
            "outstanding_days_high": 40,
            "standing": "running",
        }
    last, rated = rows[-1], [row for row in rows if row.level is not None]
    found: dict[str, object] = {
        "level": last.level,
        "state": last.state,
        "observed_on": date_of(last),
        "state_since": date_of(latest_run(rows, "state")),
        "silence_days": 40 - start_of(rated[-1]) if rated else None,
        "outstanding_days_low": 40 - MADE,
        "outstanding_days_high": 40,
    }
    if last.level == 3:
        done = latest_run(rows, "level")
        found["implemented_on"] = date_of(done)
        found["outstanding_days_low"] = max(fact_of(done) - MADE, 0)
        found["outstanding_days_high"] = start_of(done)
    ended = last.state == "abandoned"
    return {
        **found,
        "standing": "ended" if ended else "implemented" if last.level == 3 else "running",
    }


def came_on(rows: list[Seen], stated: int) -> int | None:
    """First possible day of all times at full level that had not ended when it was stated."""
    found = []
    for at, row in enumerate(rows):
        begins = row.level == 3 and (at == 0 or rows[at - 1].level != 3)
        ends = [start_of(later) for later in rows[at:] if later.level != 3]
        if begins and (not ends or ends[0] > stated):
            found.append(fact_of(row))
    return min(found, default=None)


def outcome_of(target: int | None, full: int | None, rows: list[Seen]) -> str:
    if target is None:
        return "none"
    if full is not None:
        return "met" if full <= target else "missed"
    if target >= 40:
        return "ahead"
    later = [row for row in rows if row.level is not None and start_of(row) > target]
    return "missed" if later else "unseen"


def same(found: object, expected: object) -> bool:
    return bool(pd.isna(found)) if expected is None else found == expected


@settings(max_examples=60)
@given(SEVERAL)
def test_the_ledger_is_what_a_plain_reading_gives(seen: list[Seen]) -> None:
    ledger = commitments.ledger(small(seen, [])).set_index("commitment_id")
    columns = ["level", "state", "observed_on", "state_since", "silence_days", "implemented_on"]
    columns += ["outstanding_days_low", "outstanding_days_high", "standing"]
    for of in IDS:
        expected = read_plainly(in_force(seen, of))
        for name in columns:
            assert same(ledger.at[of, name], expected.get(name)), (of, name)


@settings(max_examples=60)
@given(SEVERAL)
def test_the_history_is_that_of_the_observations_that_count(seen: list[Seen]) -> None:
    history = commitments.level_history(small(seen, []))
    for of in IDS:
        rows, spans = in_force(seen, of), history[history["commitment_id"] == of]
        starts = [start_of(row) for row in rows]
        waits = not rows or starts[0] > MADE
        assert spans["start"].tolist() == [day(at) for at in [MADE] * waits + starts]
        assert spans["end"].iloc[:-1].tolist() == spans["start"].iloc[1:].tolist()
        levels = [None] * waits + [row.level for row in rows]
        assert [None if pd.isna(at) else at for at in spans["level"]] == levels


@settings(max_examples=120)
@given(SEVERAL, st.lists(AIM, max_size=8))
def test_the_named_dates_are_what_a_plain_reading_gives(seen: list[Seen], aims: list[Aim]) -> None:
    dossier = small(seen, aims)
    stated = commitments.targets(dossier)
    ledger = commitments.ledger(dossier).set_index("commitment_id")
    for of in IDS:
        own = sorted(
            (aim for aim in aims if aim.of == of),
            key=lambda aim: (aim.stated, 99 if aim.target is None else aim.target),
        )
        found = stated[stated["commitment_id"] == of].to_dict("records")
        came = [came_on(in_force(seen, of), aim.stated) for aim in own]
        dates = [aim.target for aim in own if aim.target is not None]
        slips = []
        for row, aim, full in zip(found, own, came, strict=True):
            assert same(row["came_on"], None if full is None else day(full))
            assert same(row["target_latest"], None if aim.target is None else day(aim.target))
            assert row["outcome"] == outcome_of(aim.target, full, in_force(seen, of))
            until = full if full is not None else 40
            open_date = aim.target is None or (full is None and aim.target >= 40)
            slips.append(None if open_date else until - (aim.target or 0))
            assert same(row["slippage_days"], slips[-1])
        moved = [int(row["moved_days"]) for row in found if not pd.isna(row["moved_days"])]
        assert moved == [after - before for before, after in pairwise(dates)]
        assert [row["order"] for row in found] == list(range(1, len(own) + 1))
        dated_slips = [slip for slip, aim in zip(slips, own, strict=True) if aim.target is not None]
        assert ledger.at[of, "n_targets"] == len(dates)
        assert same(ledger.at[of, "restated"], len(dates) - 1 if dates else None)
        for name, at in (("first", 0), ("last", -1)):
            assert same(ledger.at[of, f"{name}_target"], words(dates[at]) if dates else None)
            slip = dated_slips[at] if dates else None
            assert same(ledger.at[of, f"slippage_{name}_days"], slip)


def test_spans_are_not_to_be_written_on() -> None:
    spans = promises.observed(record())
    assert not any(cells.flags.writeable for cells in vars(spans).values())
