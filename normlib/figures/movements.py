"""Why the headline numbers of two days differ: a sentence for each, and every part in a table.

Shares are written with three decimals, and a step from one to the next is the difference of what is
written. So the parts of a sentence add up for whoever adds them up, and each lies less than 0.001
from its exact value, which the table has as a fraction.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from normlib.dossier import Dossier
from normlib.figures.changes import TYPES
from normlib.figures.linkwords import plain_name
from normlib.figures.stack import missing
from normlib.figures.tables import Link, Note, Notes, Table
from normlib.figures.words import (
    capital,
    count_words,
    day_words,
    signed_words,
    written_step,
)
from normlib.movements import ALL, HAPPENED, LEARNED
from normlib.rows import dicts

Row = Mapping[Any, Any]
Piece = str | Link

MOST = 2
"""How many rows of a part a sentence names where there are more than one more."""

INDEX, CONTACTS = "index", "contacts"

NAMES: Mapping[str, str] = {
    INDEX: "Implementation index",
    "outstanding": "Commitments outstanding",
    "joining links": "Open links between the sides",
    CONTACTS: "Contacts between the sides",
}
STANDS: Mapping[str, tuple[str, str]] = {
    "outstanding": ("commitment is outstanding", "commitments are outstanding"),
    "joining links": ("link between the sides is open", "links between the sides are open"),
    CONTACTS: (
        "contact between the sides is on record",
        "contacts between the sides are on record",
    ),
}
"""What follows a count of one and of many."""

DID: Mapping[str, tuple[str, str]] = {
    "made": ("was made", "were made"),
    "implemented": ("was implemented", "were implemented"),
    "ended": ("ended without being implemented", "ended without being implemented"),
    "running again": ("is running again", "are running again"),
    "opened": ("opened", "opened"),
    "first recorded": ("is first recorded, as open", "are first recorded, as open"),
    "closed": ("went out of regular use", "went out of regular use"),
    "no longer on record": ("is no longer on record", "are no longer on record"),
}
"""What the rows of a part of a count did, one and many."""

SHIFTED: Mapping[str, str] = {
    "risen": "rose",
    "fallen": "fell",
    "entered": "entered the count",
    "left": "left the count",
    "exchanged": "entered the count or left it, and none was in it on both days",
}
"""What the commitments of a part of the index did."""

KINDS: Mapping[str, tuple[str, ...]] = {
    "like-for-like": ("risen", "fallen"),
    "because the set itself changed": ("entered", "left", "exchanged"),
}
"""The two ways in which an index moves."""


def movements_notes(moves: pd.DataFrame, dossier: Dossier, *, since: pd.Timestamp) -> Notes:
    """Say of each headline number where it stands, how it moved and why, in parts that add up.

    Parameters
    ----------
    moves : of :func:`normlib.movements.movements`.
    dossier : of the later day.
    since : the earlier day.
    """
    day = day_words(since)
    if since == dossier.day:
        return Notes([Note(f"Both days are {day}: no number differs.")])
    by_number = [dicts(moves[moves["number"].eq(name)]) for name in NAMES]
    if not moves["count"].any():
        stands = "; ".join(_stands(rows) for rows in by_number)
        return Notes([Note(f"No headline number differs from that of {day}: {stands}.")])
    notes = [_note(rows, dossier, day) for rows in by_number]
    if not moves.loc[moves["cause"].eq(LEARNED), "count"].any():
        notes.append(Note("No number moved because something older was learned since."))
    return Notes(notes)


def movements_table(
    moves: pd.DataFrame, dossier: Dossier, *, since: pd.Timestamp, stamp: str
) -> Table:
    """Return every part of every movement, as they follow each other, with the rows that made it.

    Parameters
    ----------
    moves : of :func:`normlib.movements.movements`.
    dossier : of the later day.
    since : the earlier day.
    stamp : of the dossier.
    """
    idle = moves.groupby("number")["count"].transform("sum").eq(0) & moves["cause"].eq(HAPPENED)
    told = moves[moves["part"].ne(ALL) | idle].reset_index(drop=True)
    rows = dicts(told)
    which = [Note(_listed(row["keys"], row["table"], dossier, most=row["count"])) for row in rows]
    return Table(
        told.assign(
            name=[NAMES[row["number"]] for row in rows],
            part=[_part_words(row) for row in rows],
            ends=[f"{_written(row, 'before')} → {_written(row, 'after')}" for row in rows],
            by=[signed_words(_step(row)) + _fraction(row) for row in rows],
            which=pd.Series(which, dtype=object),
        ),
        columns={
            "name": "Number",
            "part": "What moved it",
            "ends": "From and to",
            "by": "By",
            "which": "Which",
            "sources": "Sources",
        },
        caption=f"What moved each number since {day_words(since)}, step by step. The index is "
        "written with three decimals, and a step is the difference of what is written; its exact "
        "value follows as a fraction. Unless a row says learned "
        f"since, it happened since. {stamp}",
        counts=("ends", "by"),
    )


# One sentence


def _note(rows: Sequence[Row], dossier: Dossier, day: str) -> Note:
    whole = _whole(rows)
    ends = (whole[LEARNED]["before"], whole[LEARNED]["after"], whole[HAPPENED]["after"])
    tell = {INDEX: _index_parts, CONTACTS: _contact_parts}.get(rows[0]["number"], _count_parts)
    parts = [row for row in rows if row["part"] != ALL and not missing(row["amount"])]
    happened, learned = (
        tell([row for row in parts if row["cause"] == cause], dossier)
        for cause in (HAPPENED, LEARNED)
    )
    pieces: list[Piece] = [capital(_stands(rows)), _against(rows, *ends, day=day)]
    if parts and ends[0] == ends[-1]:
        pieces.append(", though not for want of change")
    late = "of earlier days and learned only since, "
    if happened:
        pieces += [": ", *happened]
    if learned:
        pieces += ["; " if happened else ": all ", late, *learned]
    few = [row for row in parts if row["count"] <= MOST and row["number"] != CONTACTS]
    cited = [name for row in few for name in row["sources"]]
    return Note([*pieces, ".", *_vague(whole[HAPPENED], dossier)], cited)


def _whole(rows: Sequence[Row]) -> dict[str, Row]:
    return {row["cause"]: row for row in rows if row["part"] == ALL}


def _stands(rows: Sequence[Row]) -> str:
    """Write where a number stands on the later day."""
    name, value = rows[0]["number"], _whole(rows)[HAPPENED]["after"]
    if name == INDEX:
        if missing(value):
            return "no commitment that counts has a level, so there is no implementation index"
        return f"the implementation index stands at {value:.3f}"
    one, many = STANDS[name]
    return f"{f'{value:,.0f}' if value else 'no'} {many if value > 1 else one}"


def _against(rows: Sequence[Row], before: float, known: float, after: float, *, day: str) -> str:
    """Write how far a number lies from where it stood on the earlier day."""
    if rows[0]["number"] != INDEX:
        moved = int(after - before)
        if not moved:
            return f", as {'many as ' if after else ''}on {day}"
        return f", {abs(moved):,} {'more' if moved > 0 else 'fewer'} than on {day}"
    step = written_step(before, after)
    if step is None:
        return _without_index(before, known, after, day)
    if before == after:
        return f", as on {day}"
    if not step:
        return f", within 0.001 of where it stood on {day}"
    return f", {abs(step)} {'higher' if step > 0 else 'lower'} than on {day}"


def _without_index(before: float, known: float, after: float, day: str) -> str:
    """Write what can be said where one of the days has no index."""
    if not missing(before):
        return f"; on {day} it stood at {before:.3f}"
    if missing(after):
        return f", as on {day}"
    if missing(known):
        return f"; on {day} no commitment had a level yet, so there is nothing to compare it with"
    return f"; on {day} no level was known yet, but with what was learned since, it was {known:.3f}"


# Its parts


def _index_parts(parts: Sequence[Row], dossier: Dossier) -> list[Piece]:
    """Tell how an index moved like-for-like, and how by what is counted."""
    told = []
    for kind, names in KINDS.items():
        rows = [row for name in names for row in parts if row["part"] == name]
        steps = [step for row in rows if (step := _step(row)) is not None]
        many = len(rows) > 1
        if rows:
            listed = _joined([_shifted(row, dossier, alone=not many) for row in rows])
            told.append([f"{signed_words(sum(steps, Decimal(0)))} {kind}, as ", *listed])
    return _joined(told, last=", and ")


def _shifted(row: Row, dossier: Dossier, *, alone: bool) -> list[Piece]:
    by = "" if alone else f"{signed_words(_step(row))}: "
    names = _listed(row["keys"], row["table"], dossier)
    who = count_words(row["count"], "commitment")
    return [f"{who} {SHIFTED[row['part']]}{_beside(row)} (", by, *names, ")"]


def _beside(row: Row) -> str:
    """Say whether commitments that come or go stand above or below the others."""
    if row["part"] not in ("left", "entered"):
        return ""
    mean = "" if row["count"] == 1 else "on average "
    rise = row["amount"] if row["part"] == "entered" else -row["amount"]
    where = "level with" if not rise else "above" if rise > 0 else "below"
    return f", {mean}{where} the rest"


def _count_parts(parts: Sequence[Row], dossier: Dossier) -> list[Piece]:
    return _joined(
        [
            [
                f"{row['count']:,} {DID[row['part']][row['count'] > 1]} (",
                *_listed(row["keys"], row["table"], dossier),
                ")",
            ]
            for row in parts
        ]
    )


def _contact_parts(parts: Sequence[Row], dossier: Dossier) -> list[Piece]:
    told = []
    for row in parts:
        kind = count_words(row["count"], *TYPES[row["part"]])
        other = "" if row["amount"] == row["count"] else f", told otherwise ({row['amount']:+.0f})"
        told.append([f"{kind}{other}".replace("-", "−")])
    return _joined(told)


def _vague(row: Row, dossier: Dossier) -> list[Piece]:
    """Name what is dated across the earlier day."""
    if not row["across"]:
        return []
    names = _listed(row["across"], row["table"], dossier)
    return [" Of these, dated too vaguely to tell before from after that day: ", *names, "."]


def _joined(parts: Sequence[Sequence[Piece]], *, last: str = " and ") -> list[Piece]:
    """Join parts as in a sentence."""
    told: list[Piece] = []
    for at, pieces in enumerate(parts):
        told += [*([last if at == len(parts) - 1 else ", "] if at else []), *pieces]
    return told


def _listed(keys: Sequence[str], table: str, dossier: Dossier, *, most: int = MOST) -> list[Piece]:
    """Name rows, at most so many, or all where only one more would be left."""
    titles = dossier.labels(table)
    shown = keys if len(keys) <= most + 1 else keys[:most]
    pieces: list[Piece] = []
    for key in shown:
        pieces += ["; "] if pieces else []
        pieces.append(Link(plain_name(titles.get(key, key)), table, key))
    left = len(keys) - len(shown)
    return [*pieces, f"; {count_words(left, 'other')}"] if left else pieces


# Numbers as they are written


def _step(row: Row) -> Decimal | int | None:
    """Return what a part adds, so that the parts add up to what is written of the whole."""
    if row["number"] == INDEX:
        return written_step(row["before"], row["after"])
    return int(row["amount"])


def _written(row: Row, end: str) -> str:
    if missing(row[end]):
        return "–"
    return f"{row[end]:.3f}" if row["number"] == INDEX else f"{row[end]:,.0f}"


def _fraction(row: Row) -> str:
    """Write the exact value of what is rounded."""
    if row["number"] != INDEX or missing(row["exact"]):
        return ""
    return f" ({row['exact']})".replace("-", "−")


def _part_words(row: Row) -> str:
    """Name a part in a cell; what is not said to be learned since has happened since."""
    if row["part"] == ALL:
        return "no change"
    part = TYPES[row["part"]][1] if row["number"] == CONTACTS else str(row["part"])
    return f"{part}, learned since" if row["cause"] == LEARNED else part
