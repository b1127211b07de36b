"""The ledger of commitments, its index and what changed in it: tables, sentences and a figure."""

from typing import Any

import pandas as pd

from normlib.dossier import Dossier
from normlib.figures.agreement import agreement_note
from normlib.figures.indices import COUNT_HEADS
from normlib.figures.levels import level_words
from normlib.figures.stack import Record, missing
from normlib.figures.tables import Link, Note, Number, Table
from normlib.figures.targets import OUTCOMES
from normlib.figures.theme import LEVEL_STYLES
from normlib.figures.words import (
    count_words,
    date_words,
    day_words,
    list_words,
    number_words,
    signed_words,
    written_step,
)
from normlib.rows import dicts
from normlib.stories import in_stories

GROUPINGS = {
    "sector": ("Sector", "sector"),
    "side": ("Owed by", "the side that owes them"),
    "phase": ("Made in", "the phase in which they were made"),
}
"""What a grouping is called as the heading of a column and in a sentence."""

# The ledger


def ledger_table(dossier: Dossier, ledger: pd.DataFrame) -> Table:
    """Return the ledger as a table: those still running first, then implemented, then ended.

    A commitment that a newer one replaced stands below it: they are one story.
    """
    rows = _by_story(ledger)
    records = dicts(rows)
    now: list[Any] = [state_words(row) for row in records]
    names: list[Any] = [_told_name(row) for row in records]
    shown = rows.assign(
        name=names,
        made=rows["made_on"].map(date_words),
        level_words=level_words(rows["level"]),
        now=now,
        outstanding=[outstanding_words(row) for row in records],
        named=[_named_words(row) for row in records],
        past=[_past_words(row) for row in records],
        silent=[_silence_words(row) + _counted_from(row) for row in records],
    )
    return Table(
        shown,
        columns={
            "name": "Commitment",
            "level_words": "Level",
            "now": "State and last observation",
            "made": "Made",
            "outstanding": "Days open",
            "named": "Dates named",
            "past": "Days past first · last",
            "silent": "Days silent",
            "obligated": "Owed by",
            "sources": "Sources",
        },
        caption=f"Ledger of {count_words(len(rows), 'commitment')}. {dossier.stamp}",
        anchor=("commitments", "commitment_id"),
        refs={"obligated": ("actors", dossier.labels("actors"))},
    )


def _by_story(ledger: pd.DataFrame) -> pd.DataFrame:
    """Order a ledger by where each story stands; within one, the newest commitment first."""
    told = in_stories(ledger)
    ranks = {"running": 0, "implemented": 1, "ended": 2}
    newest = told[told["back"].eq(0)]
    place = {name: at for at, name in enumerate(newest["commitment_id"])}
    rank = dict(zip(newest["commitment_id"], newest["standing"].map(ranks), strict=True))
    told = told.assign(rank=told["story"].map(rank), place=told["story"].map(place))
    return told.sort_values(["rank", "place", "back"], ignore_index=True)


def _told_name(row: Record) -> Note:
    link = Link(row["title"], "commitments", row["commitment_id"])
    return Note(["↳ replaced: ", link] if row["back"] else [link])


def ledger_note(ledger: pd.DataFrame, *, day: pd.Timestamp) -> Note:
    """Say how many commitments are implemented, running and ended."""
    standing = ledger["standing"].value_counts()
    numbers = [
        Number("commitments", "Commitments on record", len(ledger)),
        Number("implemented", "Commitments implemented", standing.get("implemented", 0)),
        Number("running", "Commitments still running", standing.get("running", 0)),
    ]
    if ledger.empty:
        return Note(f"No commitment is on record by {day_words(day)}.", numbers=numbers)
    ended = ledger[ledger["standing"].eq("ended")]
    ways = [f"{count} {state}" for state, count in ended["state"].value_counts().items()]
    blank = int(ledger["level"].isna().sum())
    return Note(
        f"Of {count_words(len(ledger), 'commitment')} on record on {day_words(day)}, "
        f"{standing.get('implemented', 0)} are implemented, {standing.get('running', 0)} still run"
        + (f" and {len(ended)} have ended ({list_words(ways)})." if len(ended) else ".")
        + (f" For {blank} of them there is no evidence of the level either way." if blank else ""),
        numbers=numbers,
    )


def outstanding_note(ledger: pd.DataFrame, *, most: int = 3) -> Note:
    """Name the commitments that have been outstanding longest, of those still running."""
    running = ledger[ledger["standing"].eq("running")].dropna(subset=["outstanding_days_low"])
    longest = running.sort_values("outstanding_days_low", ascending=False, kind="stable").head(most)
    if longest.empty:
        return Note("No commitment is outstanding.")
    words: list[str | Link] = ["Longest outstanding, of those that still run: "]
    for row in dicts(longest):
        level = LEVEL_STYLES[_level(row)].label
        words += [_link(row), f" ({outstanding_words(row)} days, {level}); "]
    words[-1] = str(words[-1]).replace("); ", ").")
    return Note(words, [name for ids in longest["sources"] for name in ids])


def silence_note(ledger: pd.DataFrame) -> Note:
    """Name the running commitment of which nothing was heard for longest."""
    running = ledger[ledger["standing"].eq("running")].dropna(subset=["silence_days"])
    if running.empty:
        return Note("Nothing can be said about silence: no running commitment was ever observed.")
    row = running.sort_values("silence_days", ascending=False, kind="stable").iloc[0].to_dict()
    median = number_words(float(running["silence_days"].astype("float64").median()))
    return Note(
        [
            "Of those that still run, the longest without new evidence is ",
            _link(row),
            f": {_silence_words(row)} days, last level {LEVEL_STYLES[_level(row)].label}. The "
            f"median is {median} days.",
        ],
        row["sources"],
    )


# The index


def index_table(index: pd.DataFrame, *, by: str, stamp: str) -> Table:
    """Return the index of several groups, with the number and share at each level.

    ``by`` is the grouping: sector, side or phase.
    """
    shares = {
        name: [
            f"{int(count)} ({100 * share:.0f} %)" if count else "0"
            for count, share in zip(index[name], index[name.replace("n_", "share_")], strict=True)
        ]
        for name in ("n_3", "n_2", "n_1", "n_0", "n_none")
    }
    return Table(
        index.assign(
            group=_group_words(index, by),
            index=[number_words(value, decimals=2) for value in index["index"]],
            **shares,
        ),
        columns={
            "group": GROUPINGS[by][0],
            "n": "Counted",
            **COUNT_HEADS,
            "n_rated": "With a level",
            "index": "Index",
            "n_replaced": "Replaced",
        },
        caption=f"Levels and implementation index by {GROUPINGS[by][1]}. {stamp}",
    )


def index_note(index: pd.DataFrame) -> Note:
    """Read the index of one set: shares first, then the mean, and what it is not."""
    if index.empty or not int(index.iloc[0]["n"]):
        return Note("There is no commitment to count.")
    row = index.iloc[0]
    n, rated = int(row["n"]), int(row["n_rated"])
    full = (
        f"{int(row['n_3'])} of {count_words(n, 'counted commitment')} ({_percent(row['share_3'])})"
    )
    none = f"{int(row['n_0'])} ({_percent(row['share_0'])})"
    return Note(
        f"{full} are implemented in full, {none} are not initiated; the index over the {rated} "
        f"with a level is {number_words(row['index'], decimals=2)}. The scale is ordinal and the "
        "levels are one coder’s judgement, so the index orders and summarizes, it does not measure."
    )


def change_note(change: pd.DataFrame, *, since: pd.Timestamp, day: pd.Timestamp) -> Note:
    """Say how the index changed: raw, like-for-like and composition."""
    if change.empty or missing(change.iloc[0]["raw"]):
        return Note(
            f"The index of {day_words(since)} cannot be compared with that of {day_words(day)}: on "
            "one of the days no commitment had a level."
        )
    row = change.iloc[0]
    raw, like, composition = _steps(row)
    return Note(
        f"From {day_words(since)} to {day_words(day)} the index went from "
        f"{row['index_before']:.3f} ({row['n_before']} commitments with a level) to "
        f"{row['index_after']:.3f} ({row['n_after']}): {raw}, of which "
        f"{like} like-for-like, over the {row['n_common']} that have a "
        f"level on both days ({row['n_raised']} rose, {row['n_lowered']} fell), and "
        f"{composition} because the set itself changed."
    )


def change_table(change: pd.DataFrame, *, by: str, since: pd.Timestamp, day: pd.Timestamp) -> Table:
    """Return the change of the index by group, in its three parts."""
    numbers = ("index_before", "index_after")
    steps = ("raw", "like_for_like", "composition")
    words = {name: [number_words(value, decimals=3) for value in change[name]] for name in numbers}
    told = [_steps(row) for row in dicts(change)]
    signed = {name: [words[at] for words in told] for at, name in enumerate(steps)}
    return Table(
        change.assign(
            group=_group_words(change, by),
            **words,
            **signed,
        ),
        columns={
            "group": GROUPINGS[by][0],
            "n_before": "Rated before",
            "n_after": "Rated after",
            "n_common": "Rated on both days",
            "n_raised": "Rose",
            "n_lowered": "Fell",
            "index_before": "Index before",
            "index_after": "Index after",
            "raw": "Raw change",
            "like_for_like": "Like-for-like",
            "composition": "Composition",
        },
        caption=(
            f"Change of the index from {day_words(since)} to {day_words(day)}, by "
            f"{GROUPINGS[by][1]}: raw = like-for-like + composition. Rated: with a level"
        ),
    )


# Stated targets


def focus_note(stated: pd.DataFrame, ledger: pd.DataFrame, *, day: pd.Timestamp) -> Note:
    """Tell the story of the dates named for one commitment."""
    rows = stated.dropna(subset=["target_latest"])
    promise = ledger[ledger["commitment_id"].isin(rows["commitment_id"])]
    if rows.empty or promise.empty:
        return Note(f"No date had been named for a commitment by {day_words(day)}.")
    row, first = promise.iloc[0].to_dict(), rows.iloc[0]
    due = rows[rows["outcome"].isin(("met", "missed", "unseen"))]
    officials = int(rows["speaker"].eq("official").sum())
    met = int(due["outcome"].eq("met").sum())
    return Note(
        [
            "For ",
            _link(row),
            f" (promised {date_words(row['made_on'])}) {count_words(len(rows), 'date')} "
            f"{_were(len(rows))} named, {officials or 'none'} of them by "
            f"officials. By {day_words(day)} "
            f"{'all' if len(due) == len(rows) else len(due) or 'none'} of these had passed, "
            f"{met or 'none'} with full implementation on record. The first was "
            f"{date_words(first['target'])}{_ago(first)}. {life_words(row)}",
        ],
        [*row["sources"], *first["sources"], *rows.iloc[-1]["sources"]],
    )


def slippage_note(stated: pd.DataFrame, ledger: pd.DataFrame) -> Note:
    """Say for how many commitments dates were named, and what came of them."""
    rows = stated.dropna(subset=["target_latest"])
    if rows.empty:
        return Note(
            "No date has been named for any commitment. That is not zero delay: it is none."
        )
    counts = rows["outcome"].value_counts()
    told = [f"{counts[name]} {words}" for name, words in OUTCOMES.items() if name in counts]
    named = rows["commitment_id"].nunique()
    return Note(
        f"{count_words(len(rows), 'date')} {_were(len(rows))} named, for {named} of "
        f"{count_words(len(ledger), 'commitment')}: {list_words(told)}. For the other "
        f"{len(ledger) - named} no date was ever named, so they have no delay that could be "
        "counted, which is not the same as being on time."
    )


def scale_note(agreement: pd.DataFrame) -> Note:
    """Say what the levels are and what they are not, and how far coders agree on them.

    ``agreement`` is that of :func:`normlib.agreement.agreement`.
    """
    return Note(
        "Levels follow the scale of the Peace Accords Matrix (Joshi, Quinn and Regan 2015, "
        "doi 10.1177/0022343314567486): 0 not initiated, 1 minimum, 2 intermediate, 3 full. They "
        f"are judged by acts, not by words. {agreement_note(agreement)} "
        "The scale is ordinal: nothing says that the step from 0 to 1 is as large as that from 2 "
        "to 3. No evidence is not level 0."
    )


# Words for cells


def _group_words(rows: pd.DataFrame, by: str) -> list[str]:
    names = [str(name) for name in rows["group"]]
    return [name.capitalize() for name in names] if by == "sector" else names


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _level(row: Record) -> int | None:
    return None if missing(row["level"]) else int(str(row["level"]))


def _link(row: Record) -> Link:
    return Link(f"“{row['title']}”", "commitments", str(row["commitment_id"]))


def state_words(row: Record) -> Note | str:
    """Say in which state a row of the ledger is, since when, and what was seen last."""
    if not isinstance(row["state"], str):
        return "not observed yet"
    since = date_words(row["state_since"])
    begun = since if since.startswith("by ") else f"since {since}"
    words: list[str | Link] = [f"{row['state'].capitalize()} {begun}"]
    if isinstance(row["superseded_by"], str):
        words += [" (", Link("the newer promise", "commitments", row["superseded_by"]), ")"]
    return Note([*words, f". {row['note']}"])


def outstanding_words(row: Record) -> str:
    """Write the days for which a row of the ledger has been outstanding."""
    if row["standing"] == "ended":
        return "ended"
    low, high = row["outstanding_days_low"], row["outstanding_days_high"]
    if missing(high):
        return f"at least {int(str(low)):,}"
    return f"{int(str(low)):,}" if low == high else f"{int(str(low)):,}–{int(str(high)):,}"


def _named_words(row: Record) -> str:
    count = int(str(row["n_targets"]))
    if not count:
        return "none"
    first, last = date_words(row["first_target"]), date_words(row["last_target"])
    return first if count == 1 else f"{count}: first {first}, last {last}"


def _past_words(row: Record) -> str:
    if not int(str(row["n_targets"])):
        return ""
    if row["standing"] == "ended":
        return "ended"
    days = [row["slippage_first_days"], row["slippage_last_days"]]
    words = ["ahead" if missing(value) else _minus(f"{int(str(value)):,}") for value in days]
    return words[0] if row["n_targets"] == 1 else " · ".join(words)


def _silence_words(row: Record) -> str:
    if missing(row["silence_days"]) or row["standing"] != "running":
        return ""
    least = "at least " if str(row["observed_on"]).startswith("..") else ""
    return f"{least}{int(str(row['silence_days'])):,}"


def _counted_from(row: Record) -> str:
    """Name the day that a silence counts from where the last observation found nothing."""
    same = row["rated_on"] == row["observed_on"]
    return "" if same or not _silence_words(row) else f", from {date_words(row['rated_on'])}"


def life_words(row: Record) -> str:
    """Say how long a row of the ledger was outstanding, or how it ended."""
    if row["standing"] == "ended":
        return f"The promise ended: {row['state']} {date_words(row['state_since'])}."
    verb = "was" if row["standing"] == "implemented" else "has been"
    return f"The promise {verb} outstanding for {outstanding_words(row)} days."


def _ago(target: pd.Series) -> str:
    if missing(target["slippage_days"]) or target["slippage_days"] <= 0:
        return ""
    days = f"{int(target['slippage_days']):,} days"
    return f", {days} ago" if missing(target["came_on"]) else f", {days} before it came"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _steps(row: Record | pd.Series) -> tuple[str, str, str]:
    """Write the raw change of an index, like-for-like and composition, so that they add up."""
    raw = written_step(row["index_before"], row["index_after"])
    like = written_step(row["common_before"], row["common_after"])
    rest = None if raw is None or like is None else raw - like
    return signed_words(raw), signed_words(like), signed_words(rest)


def _minus(words: str) -> str:
    return words.replace("-", "−")


# Pieces of the index figure
