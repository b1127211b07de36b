"""The sentences of the brief: neutral templates over the results of the other modules.

Every sentence is built from a result that stands on another page, and cites the rows that it reads,
one or two sources each, so that the whole stays on two printed pages.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from normlib import edtf
from normlib.changes import LEARNED
from normlib.dossier import Dossier
from normlib.figures.changes import level_state
from normlib.figures.linkmaps import land_numbers
from normlib.figures.linkwords import plain_name, sides_words, since_words
from normlib.figures.tables import Link, Note, Notes, Table
from normlib.figures.theme import LEVEL_STYLES, STATE_STYLES
from normlib.figures.words import (
    are,
    capital,
    count_words,
    date_words,
    day_words,
    list_words,
    value_words,
)
from normlib.hindsight import WITHHELD
from normlib.rows import dicts

NUMBERS = "no one two three four five six seven eight nine ten eleven twelve".split()
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
CITED = 2
"""Sources that a brief cites of a row, in long lists one; other pages have all of them."""

LONGEST = 500
"""Letters that contradictions may take, all together."""

MOST = 8
"""Rows that the first sentence cites."""

Piece = str | Link
Row = Mapping[Any, Any]


# The first sentences


def brief_lead(lead: pd.DataFrame, dossier: Dossier, *, since: pd.Timestamp) -> Note:
    """Say what changed most.

    Parameters
    ----------
    lead : of :func:`normlib.changes.lead`.
    dossier : the later view.
    since : the earlier day.
    """
    day = dossier.day
    if since >= day:
        return Note(f"Both days are {day_words(day)}, so there is nothing to compare.")
    if lead.empty:
        return Note(f"No change is recorded between {day_words(since)} and {day_words(day)}.")
    rows = dicts(_witnessed(lead, "when", dossier))
    words = _LEADS[rows[0]["rule"]](rows, sides_words(dossier))
    return Note([f"Since {day_words(since)}, ", *words], _sources(rows[:MOST]))


def brief_rest(
    lead: pd.DataFrame, counts: Mapping[str, int], status: pd.DataFrame, dossier: Dossier
) -> Note:
    """Say in one sentence what did and did not happen beside what changed most.

    Parameters
    ----------
    lead : of :func:`normlib.changes.lead`; what it tells is not told again.
    counts : of :func:`normlib.changes.tally`.
    status : of :func:`normlib.connectivity.link_status`.
    dossier : the later view.
    """
    if lead.empty:
        return Note("Nothing happened that is on record, and nothing older was learned.")
    sides = sides_words(dossier)
    told = set(lead["rule"]) | ({"joining link"} if "other link" in set(lead["rule"]) else set())
    clauses = {
        "round": f"{_count(counts['rounds'], 'numbered round')} took place",
        "promise": f"{_count(counts['promises'], 'commitment')} {_was(counts['promises'])} made",
        "outcome": f"{_count(counts['outcomes'], 'commitment')} {_was(counts['outcomes'])} "
        "fulfilled, taken back or given up",
        "joining link": _turns(counts, status, sides),
    }
    kept = [words for rule, words in clauses.items() if rule not in told]
    return Note(f"In the same time {', '.join(kept[:-1])}, and {kept[-1]}.")


def _turns(counts: Mapping[str, int], status: pd.DataFrame, sides: str) -> str:
    """Say how many links came into use or went out of it, or that none did."""
    sure, undated = counts["joining"], counts["undated"]
    if sure:
        return f"{_count(sure, 'link')} between {sides} came into regular use or went out of it"
    if undated:
        start = f"{_count(undated, 'link')} between {sides} came into regular use or went out of it"
        return f"{start}, on {'a day that is' if undated == 1 else 'days that are'} not certain"
    routes = status["joins_sides"].astype(bool) & ~status["is_symbol"].astype(bool)
    if status.loc[routes, "state"].eq("open").any():
        broken = counts["broken"]
        gap = f", though {_number(broken)} of them not all the time" if broken else ""
        return f"the same links between {sides} were in regular use on both days{gap}"
    return f"no link between {sides} was in regular use on either day"


def _link_lead(rows: Sequence[Row], sides: str) -> list[Piece]:
    opened = [row for row in rows if row["after"] == "open"]
    shut = [row for row in rows if row["after"] != "open"]
    words: list[Piece] = []
    for some, verb in ((opened, "came into regular use"), (shut, "went out of regular use")):
        if some:
            noun, nouns = f" link between {sides}", f" links between {sides}"
            start = f"; {_number(len(some))}" if words else _number(len(some))
            noun = "" if words else noun if len(some) == 1 else nouns
            words += [f"{start}{noun} {verb}: ", *_listed(some, _turned)]
    return [*words, "."]


def _outcome_lead(rows: Sequence[Row], sides: str) -> list[Piece]:
    verbs = {
        "implemented": "{was} fulfilled",
        "reversed": "{was} taken back",
        "abandoned": "{was} given up",
    }
    words: list[Piece] = []
    for state, verb in verbs.items():
        some = [row for row in rows if row["after"] == state]
        if some:
            count = _count(len(some), "commitment")
            joint = ", and " if words else ""
            words += [f"{joint}{count} {verb.format(was=_was(len(some)))}: "]
            words += _listed(some, lambda row: f"observed {_on(row['when'])}")
    return [*words, "."]


def _round_lead(rows: Sequence[Row], sides: str) -> list[Piece]:
    count = _count(len(rows), "numbered round")
    return [f"{count} took place: ", *_listed(rows, lambda row: date_words(row["when"])), "."]


def _other_link_lead(rows: Sequence[Row], sides: str) -> list[Piece]:
    one = len(rows) == 1
    text = f"{_count(len(rows), 'link')} between {sides} changed {'its' if one else 'their'} state"
    if all(row["after"] != "open" for row in rows):
        text += " and is not in regular use" if one else ", and none of them is in regular use"
    return [f"{text}: ", *_listed(rows, _turned), "."]


def _level_lead(rows: Sequence[Row], sides: str) -> list[Piece]:
    count = _count(len(rows), "commitment")
    return [f"{count} moved by level: ", *_listed(rows, _stepped), "."]


def _promise_lead(rows: Sequence[Row], sides: str) -> list[Piece]:
    count = _count(len(rows), "commitment")
    listed = _listed(rows, lambda row: date_words(row["when"]))
    return [f"{count} {_was(len(rows))} made: ", *listed, "."]


def _event_lead(rows: Sequence[Row], sides: str) -> list[Piece]:
    start = f"{_count(len(rows), 'event')} happened and no level rose or fell"
    latest = "; the latest: " if len(rows) > 1 else ": "
    return [start + latest, *_listed(rows[:1], lambda row: date_words(row["when"])), "."]


def _row_lead(rows: Sequence[Row], sides: str) -> list[Piece]:
    start = f"no event is on record and no level rose or fell; {_count(len(rows), 'row')} of "
    start += f"other kinds became public, {'the latest ' if len(rows) > 1 else ''}about "
    return [start, *_listed(rows[:1], lambda row: date_words(row["when"])), "."]


_LEADS = {
    "joining link": _link_lead,
    "outcome": _outcome_lead,
    "round": _round_lead,
    "other link": _other_link_lead,
    "level": _level_lead,
    "promise": _promise_lead,
    "event": _event_lead,
    "row": _row_lead,
}


def _turned(row: Row) -> str:
    """Write a change of state: ``open since 2 February 2022, closed before``."""
    now, before = STATE_STYLES[row["after"]].label, row["before"]
    since = since_words(row["when"])
    passed = [state for state in row["passed"] if state != "unknown"]
    between = list_words(STATE_STYLES[state].label for state in passed)
    if before == row["after"]:
        return _flat(f"{between} for a while, {now} again {since}")
    then = f", {STATE_STYLES[before].label} before" if before in STATE_STYLES else ""
    return _flat(f"{now} {since}{then}{f', {between} in between' if between else ''}")


def _stepped(row: Row) -> str:
    before, after = (_level(row[f"level_{when}"]) for when in ("before", "after"))
    return f"from {before} to {after}"


# What happened


def brief_events_note(
    chosen: pd.DataFrame,
    events: pd.DataFrame,
    rounds: pd.DataFrame,
    *,
    since: pd.Timestamp,
    day: pd.Timestamp,
) -> Note:
    """Say how many events happened, how many are told, and when the last round was.

    Parameters
    ----------
    chosen : of :func:`normlib.changes.telling_events`.
    events : of :func:`normlib.changes.new_events`.
    rounds : of :func:`normlib.timeline.rounds`.
    since, day : the two days.
    """
    return Note(
        [*_event_count(chosen, events, since, day), *_round_words(rounds)], _cited(rounds.tail(1))
    )


def brief_events_table(chosen: pd.DataFrame, dossier: Dossier) -> Table:
    """Return the few events that are told, a line each."""
    links = [
        Link(title, "events", key)
        for title, key in zip(chosen["title"], chosen["event_id"], strict=True)
    ]
    return Table(
        chosen.assign(
            when=chosen["date"].map(date_words),
            what=pd.Series(links, index=chosen.index, dtype=object),
            sources=_few(_witnessed(chosen, "date", dossier)),
        ),
        columns={"when": "Date", "what": "Event", "sources": "Sources"},
        caption="Rounds, and of each other kind two at most, in the order in which they happened.",
    )


def _event_count(
    chosen: pd.DataFrame, events: pd.DataFrame, since: pd.Timestamp, day: pd.Timestamp
) -> list[Piece]:
    if events.empty:
        return [f"No event is recorded between {day_words(since)} and {day_words(day)}. "]
    older = int((events["kind"] == LEARNED).sum())
    count = _count(len(events) - older, "event") if older < len(events) else "no event"
    words = f"{capital(count)} {are(len(events) - older)} on record in that time"
    words += f", and {_count(older, 'older one')} became public" if older else ""
    if len(chosen) == len(events):
        return [f"{words}. "]
    told = f"{_number(len(chosen))} of them {are(len(chosen))} told here"
    return [f"{words}; {told}, rounds and agreements first. "]


def _round_words(rounds: pd.DataFrame) -> list[Piece]:
    if rounds.empty:
        return ["No numbered round has taken place yet."]
    row = rounds.iloc[-1].to_dict()
    name = Link(_ordinal(int(row["round"])), "events", row["event_id"])
    gap = row["gap_days"]
    after = "" if pd.isna(gap) else f", {count_words(int(gap), 'day')} after the one before"
    ago = int(row["days_since"])
    past = f"; that is {count_words(ago, 'day')} ago" if ago else ""
    return [
        "The last numbered round was the ",
        name,
        f", on {date_words(row['date'])}{after}{past}.",
    ]


def _ordinal(number: int) -> str:
    return ORDINALS[number - 1] if number <= len(ORDINALS) else f"{number}th"


# Where the promises stand


def brief_promises_note(
    index: pd.DataFrame, change: pd.DataFrame, *, since: pd.Timestamp, day: pd.Timestamp
) -> Note:
    """Say how many commitments stand at which level, and how the index moved.

    Parameters
    ----------
    index : of :func:`normlib.commitments.index`, of the later day.
    change : of :func:`normlib.commitments.index_change`.
    since, day : the two days.
    """
    if index.empty or not int(index.iloc[0]["n"]):
        return Note(f"No commitment was on record by {day_words(day)}.")
    row = index.iloc[0].to_dict()
    shares = [
        f"{_number(int(row[f'n_{level}']))} {words}"
        for level, words in (
            (3, "fulfilled"),
            (2, "at level 2"),
            (1, "at level 1"),
            (0, "at level 0"),
            ("none", "without evidence"),
        )
        if int(row[f"n_{level}"])
    ]
    start = f"{capital(_count(int(row['n']), 'commitment'))} {are(int(row['n']))} counted on "
    told = list_words(shares) if int(row["n"]) > 1 else shares[0].removeprefix("one ")
    return Note(
        f"{start}{day_words(day)}: {told}. {_index_words(row)}{_moved_words(change, since)}"
    )


def _index_words(row: Row) -> str:
    if not row["n_rated"]:
        return "No level is known, so there is no implementation index."
    return (
        f"The implementation index, the sum of levels over the highest possible sum, is "
        f"{row['index']:.2f} ({int(row['level_sum'])} of {3 * int(row['n_rated'])})"
    )


def _moved_words(change: pd.DataFrame, since: pd.Timestamp) -> str:
    if change.empty or not int(change.iloc[0]["n_after"]):
        return ""
    row = change.iloc[0].to_dict()
    if not row["n_before"]:
        return f"; on {day_words(since)} there was none to compare it with."
    then, now = f"{row['index_before']:.2f}", f"{row['index_after']:.2f}"
    if row["raw"] == row["like_for_like"] == 0:
        return f", as on {day_words(since)}."
    text = f", as on {day_words(since)}" if then == now else f", after {then} on {day_words(since)}"
    if not row["n_common"]:
        return f"{text}."
    first, last = f"{row['common_before']:.2f}", f"{row['common_after']:.2f}"
    moved = f"stayed at {last}" if first == last else f"went from {first} to {last}"
    return f"{text}; over the {_number(int(row['n_common']))} with a level on both days it {moved}."


def brief_ledger_table(
    levels: pd.DataFrame, dossier: Dossier, *, since: pd.Timestamp, most: int = 7
) -> Table:
    """Return a small ledger: the commitments that moved most, at most so many.

    ``levels`` is that of :func:`normlib.changes.levels`.
    """
    order = {"up": 0, "down": 0, "first evidence": 1, "new": 2, "ended": 3}
    rank = levels["direction"].map(order).fillna(4).mask(levels["state_after"] == "implemented", -1)
    ranked = levels.assign(rank=rank, level=levels["level_after"].fillna(-1))
    ranked = ranked.sort_values(["rank", "level", "title"], ascending=[True, False, True])
    rows = ranked.head(most).reset_index(drop=True)
    records = dicts(rows)
    links = [Link(row["title"], "commitments", row["commitment_id"]) for row in records]
    left = len(levels) - len(rows)
    more = f" {count_words(left, 'more')} on the page of changes." if left else ""
    more = more.replace("mores", "more")
    return Table(
        rows.assign(
            what=pd.Series(links, index=rows.index, dtype=object),
            before=[level_state(row, "before") for row in records],
            after=[level_state(row, "after") for row in records],
            sources=_few(_witnessed(rows, "state_since", dossier)),
        ),
        columns={
            "what": "Commitment",
            "before": day_words(since),
            "after": day_words(dossier.day),
            "sources": "Sources",
        },
        caption=f"Commitments whose level or state changed, outcomes first.{more}",
    )


# What is open, and what is not


def brief_links_note(status: pd.DataFrame, dossier: Dossier) -> Note:
    """Say how many of the links that join the sides are open on the day.

    ``status`` is that of :func:`normlib.connectivity.link_status`.
    """
    joining = status[status["joins_sides"].astype(bool) & ~status["is_symbol"].astype(bool)]
    if joining.empty:
        return Note(f"No link that joins the sides was on record by {day_words(dossier.day)}.")
    states = joining["state"]
    unknown = int((states == "unknown").sum())
    rest = int((~states.isin(("open", "restricted", "unknown"))).sum())
    counts = [
        f"{_number(n) if n else 'none'} {are(n)} {words}"
        for n, words, always in (
            (int((states == "open").sum()), "known to be open" if unknown else "open", True),
            (int((states == "restricted").sum()), "restricted", False),
            (rest, "not open", False),
            (unknown, "in a state that is not known", False),
        )
        if n or always
    ]
    on_land = joining[joining["mode"] != "air"]
    usable = int((on_land["state"] == "open").sum())
    land = f"; on land {_number(usable) if usable else 'none'} {are(usable)} open"
    return Note(
        f"Of {_count(len(joining), 'link')} between {sides_words(dossier)} on record, "
        f"{list_words(counts)}{land if len(on_land) else ''}."
    )


def brief_links_table(status: pd.DataFrame, dossier: Dossier) -> Table:
    """Return the links that join the sides, with the numbers of the small map.

    Open ones come first, and permissions, which are no routes, last. ``status`` is that of
    :func:`normlib.connectivity.link_status`.
    """
    numbers = land_numbers(status, dossier)
    joining = status[status["joins_sides"].astype(bool)]
    symbol = joining["is_symbol"].astype(bool)
    rank = joining["state"].map({"open": 0, "restricted": 1}).fillna(2).mask(symbol, 3)
    number = joining["link_id"].map(numbers)
    ranked = joining.assign(rank=rank, number=number.fillna(0)).sort_values(
        ["rank", "number", "link_id"], ignore_index=True
    )
    records = dicts(ranked)
    links = [Link(plain_name(row["name"]), "links", row["link_id"]) for row in records]
    return Table(
        ranked.assign(
            at=[str(numbers.get(row["link_id"], "")) for row in records],
            what=pd.Series(links, index=ranked.index, dtype=object),
            standing=[_standing(row) for row in records],
            sources=_few(_witnessed(ranked, "lasting_since", dossier)),
        ),
        columns={"at": "No.", "what": "Link", "standing": "State", "sources": "Sources"},
        caption="Open ones first, permissions last; the numbers are those of the map.",
    )


def _standing(row: Row) -> str:
    label = "not known" if row["state"] == "unknown" else STATE_STYLES[row["state"]].label
    uses = int(row["exceptions"])
    apart = f", but for {_count(uses, 'single use')}" if uses else ""
    words = _flat(f"{label} {since_words(row['lasting_since'])}".strip()) + apart
    return f"permission {words}" if row["is_symbol"] else words


# What is due, silent, contradicted


def brief_due_notes(due: pd.DataFrame, *, day: pd.Timestamp, most: int = 3) -> Notes:
    """Name the next dates that were stated, and those that passed lately unmet.

    ``due`` is that of :func:`normlib.changes.due`.
    """
    ahead, past = due[due["status"] == "ahead"], due[due["status"] != "ahead"]
    shown = pd.concat([ahead.head(most), past.tail(2)])
    if shown.empty:
        return Notes([Note(f"No date named for a running commitment lies after {day_words(day)}.")])
    return Notes([_due_note(row) for row in dicts(shown)])


def _due_note(row: Row) -> Note:
    days = int(row["days"])
    name = _named({**row, "table": "commitments"})
    press = ", not an official" if row["speaker"] == "other" else ""
    wording = row["wording"] if isinstance(row["wording"], str) else WITHHELD
    told = "" if WITHHELD in wording else f": {wording.rstrip('.')}"
    said = f" ({row['stated_by_name']}{press}, {_flat(date_words(row['stated_on']))}{told})"
    if row["status"] == "ahead":
        left = f"in {count_words(days, 'day')}" if days else "on the day of this brief"
        at_most = "" if row["target_earliest"] == row["target_latest"] else " at the latest"
        start = f"{capital(_by(row['target']))}, {left}{at_most}: "
        return Note([start, *name, f"{said}."], row["sources"][:1])
    tail = "it is not fulfilled" if row["status"] == "missed" else "nothing was observed since"
    return Note([f"Passed ({_by(row['target'])}): ", *name, f"{said}; {tail}."], row["sources"][:1])


def _on(date: str) -> str:
    """Write when something was said: ``on 3 May 2022``, ``in May 2022``, ``about 3 May 2022``."""
    words = _by(date)
    if words.startswith(("about", "by", "between")):
        return words
    return f"on {words}" if words.count(" ") > 1 and words[0].isdigit() else f"in {words}"


def _by(target: str) -> str:
    """Write a stated date: ``between January and June 2026``, ``by 3 June 2026``."""
    words = date_words(target)
    first, to, last = words.partition(" to ")
    if not to:
        return _flat(words)
    same = first.rsplit(" ", 1)[-1] == last.rsplit(" ", 1)[-1]
    return f"between {first.rsplit(' ', 1)[0] if same else first} and {last}"


def brief_silence_note(silent: pd.DataFrame, *, day: pd.Timestamp, most: int = 3) -> Note:
    """Name the running commitments without evidence of their level for longest.

    ``silent`` is that of :func:`normlib.changes.silent`.
    """
    if silent.empty:
        return Note(f"No commitment was running on {day_words(day)}.")
    rows = dicts(silent.head(most))
    if len(silent) == 1:
        days = int(rows[0]["silence_days"])
        age = f"{count_words(days, 'day')} old" if days else "of that day"
        told = [f"One commitment was running on {day_words(day)}: ", *_named(rows[0])]
        return Note([*told, f"; the last evidence of its level is {age}."], _sources(rows))
    listed = _listed(rows, lambda row: count_words(int(row["silence_days"]), "day"))
    old = int((silent["silence_days"] > 365).sum())
    start = f"{capital(_number(old)) if old else 'None'} of {_number(len(silent))} running "
    start += f"commitments {'has' if old < 2 else 'have'} gone more than a year without "
    start += "evidence of a level. "
    return Note([start, "The longest silences: ", *listed, "."], _sources(rows))


def brief_contradictions_notes(disputed: pd.DataFrame, *, most: int = 3) -> Notes:
    """Name the contradictions of sources about what changed, unresolved ones first.

    ``disputed`` is that of :func:`normlib.changes.disputed`.
    """
    if disputed.empty:
        return Notes([Note("No contradiction between sources is on record yet.")])
    touched = disputed[disputed["touched"].astype(bool)]
    unresolved = int((~disputed["resolved"].astype(bool)).sum())
    start = Note(
        f"The sources contradict each other on {_count(len(disputed), 'point')}, "
        f"{_number(unresolved) if unresolved else 'none'} of which {are(unresolved)} unresolved; "
        f"{_number(len(touched)) if len(touched) else 'none'} {are(len(touched))} about something "
        "that changed."
    )
    told = [_conflict_note(row) for row in dicts(touched.head(most))]
    while len(told) > 1 and sum(len(str(note)) for note in told) > LONGEST:
        told.pop()
    return Notes([start, *told])


def _conflict_note(row: Row) -> Note:
    others = list_words(f"“{value_words(value)}”" for value in row["others"])
    if isinstance(row["accepted"], str):
        text = f": the record follows “{value_words(row['accepted'])}”, against {others}."
    else:
        text = f": {others}; none is accepted."
    named = {"table": row["subject_table"], "key": row["subject_id"], "title": row["subject"]}
    pieces = ["On ", *_named(named), f" ({row['matter']})", text]
    return Note(pieces, row["sources"][:CITED])


# Words


def _listed(rows: Sequence[Row], words: Any, most: int = 4) -> list[Piece]:
    """Return rows as a list in words, each leading to its row, with something in brackets."""
    kept = rows if len(rows) <= most + 1 else rows[:most]
    pieces: list[Piece] = []
    for at, row in enumerate(kept):
        last = at == len(kept) - 1 and len(kept) == len(rows)
        joint = "" if at == 0 else " and " if last else ", "
        told = words(row)
        pieces += [joint, *_named(row), f" ({told})" if told else ""]
    left = len(rows) - len(kept)
    return [*pieces, f" and {NUMBERS[left] if left < 13 else left} more"] if left else pieces


def _named(row: Row) -> list[Piece]:
    table = row.get("table") or ("links" if "link_id" in row else "commitments")
    key = row.get("key") or row.get("link_id") or row.get("commitment_id")
    title = row.get("title") or row.get("name")
    if table == "links":
        return [Link(plain_name(str(title)), table, str(key))]
    return ["“", Link(str(title), table, str(key)), "”"]


def _sources(rows: Sequence[Row]) -> list[str]:
    """Return the first sources of each row, one each in a long list."""
    each = CITED if len(rows) <= CITED else 1
    return list(dict.fromkeys(source for row in rows for source in row["sources"][:each]))


def _cited(frame: pd.DataFrame) -> list[str]:
    return _sources(dicts(frame))


def _few(frame: pd.DataFrame) -> pd.Series:
    return pd.Series([ids[:1] for ids in frame["sources"]], index=frame.index, dtype=object)


def _witnessed(frame: pd.DataFrame, when: str, dossier: Dossier) -> pd.DataFrame:
    """Return rows whose sources begin with those that can report what a column dates.

    A page that is older than the day told of is the last one, and one without a date before it.
    """
    pages = dossier.sources
    out = dict(zip(pages["source_id"], pages["published_latest"], strict=True))
    begins = edtf.spans(frame[when])["earliest"]

    def rank(source: str, first: Any) -> int:
        day = out.get(source)
        return 1 if pd.isna(day) else 2 if not pd.isna(first) and day < first else 0

    ordered = [
        tuple(sorted(ids, key=lambda source: rank(source, first)))
        for ids, first in zip(frame["sources"], begins, strict=True)
    ]
    return frame.assign(sources=pd.Series(ordered, index=frame.index, dtype=object))


def _number(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else f"{number:,}"


def _count(number: int, noun: str, plural: str | None = None) -> str:
    return f"{_number(number)} {noun if number < 2 else plural or noun + 's'}"


def _was(number: int) -> str:
    return "was" if number < 2 else "were"


def _flat(words: str) -> str:
    """Take the brackets off what will stand in brackets."""
    return words.replace(" (uncertain)", ", uncertain")


def _level(level: Any) -> str:
    return LEVEL_STYLES[None if pd.isna(level) else int(level)].label
