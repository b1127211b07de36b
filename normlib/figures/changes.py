"""What changed between two days: sentences, tables, and one picture of the levels that moved."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.dossier import Dossier
from normlib.figures.common import cited
from normlib.figures.sketch import Sketch, Trace, scatter
from normlib.figures.stack import TOP, Stack, plain, stacked
from normlib.figures.tables import Link, Note, Number, Table
from normlib.figures.theme import (
    BLUE,
    GREY,
    INK,
    LEVEL_STYLES,
    LIGHT,
    PAPER,
    STATE_STYLES,
    VERMILION,
    empty_figure,
    finish,
)
from normlib.figures.words import (
    are,
    count_words,
    date_words,
    day_words,
    list_words,
    range_words,
)
from normlib.rows import dicts

NOUNS: Mapping[str, tuple[str, str]] = {
    "events": ("event", "events"),
    "commitments": ("commitment", "commitments"),
    "targets": ("stated date", "stated dates"),
    "observations": ("observation of a commitment", "observations of commitments"),
    "link_states": ("state of a link", "states of links"),
    "context": ("figure on traffic", "figures on traffic"),
    "effects": ("published estimate", "published estimates"),
    "levels": ("commitment", "commitments"),
    "links": ("link", "links"),
}
TYPES: Mapping[str, tuple[str, str]] = {
    "meeting": ("meeting", "meetings"),
    "phone_call": ("telephone call", "telephone calls"),
    "statement": ("statement", "statements"),
    "agreement": ("agreement", "agreements"),
    "appointment": ("appointment", "appointments"),
    "decision": ("decision", "decisions"),
    "crossing": ("crossing", "crossings"),
    "flight": ("start or end of flights", "starts or ends of flights"),
    "works": ("piece of works", "pieces of works"),
    "visit": ("visit", "visits"),
    "incident": ("incident", "incidents"),
    "legislation": ("act of legislation", "acts of legislation"),
    "other": ("event of another kind", "events of another kind"),
}
FIGURES: Mapping[str, tuple[str, ...]] = {
    "context": ("subject",),
    "effects": ("assumption", "study"),
}
"""Tables of figures, with the columns that say what a figure is about."""

HAPPENED, LEARNED, VAGUE, CHANGED = (
    "happened since",
    "happened earlier, learned since",
    "dated too vaguely to tell",
    "changed state",
)
"""The kinds of :mod:`normlib.changes`."""

KIND_WORDS: Mapping[str, str] = {
    HAPPENED: "Happened since:",
    LEARNED: "Happened earlier, and learned only since:",
    VAGUE: "Dated too vaguely to tell before from after:",
}

DIRECTIONS: Mapping[str, str] = {
    "new": "new",
    "up": "higher level",
    "down": "lower level",
    "same level": "same level, other state",
    "first evidence": "first evidence",
    "evidence ends": "no evidence any more",
    "ended": "ended",
    "opened": "opened",
    "closed": "out of regular use",
    "for a while": "changed for a while",
    "other": "other state",
}
ROW, LABEL, MARK = 46, -12, 8
TICKS = ["no<br>evidence", "0 not<br>initiated", "1<br>minimum", "2 inter-<br>mediate", "3<br>full"]
NO_EVIDENCE = -1.0
"""Where a level without evidence stands on the scale."""


# Everything together


def changes_note(counts: pd.DataFrame, *, since: pd.Timestamp, day: pd.Timestamp) -> Note:
    """Say in one sentence how much changed, and of which kind.

    ``counts`` is that of :func:`normlib.changes.counts`.
    """
    span = _span(since, day)
    if counts.empty:
        return Note(f"No change is recorded {span}.")
    by_kind = {kind: _counted(counts[counts["kind"] == kind]) for kind in counts["kind"].unique()}
    told = [f"{words} {by_kind[kind]}." for kind, words in KIND_WORDS.items() if kind in by_kind]
    moved = counts[(counts["kind"] == CHANGED) & counts["family"].isin(("levels", "links"))]
    if len(moved):
        told.append(f"In another level or state on the later day: {_counted(moved)}.")
    return Note(f"The record grew and changed {span}. " + " ".join(told))


def _span(since: pd.Timestamp, day: pd.Timestamp) -> str:
    return f"between {day_words(since)} and {day_words(day)}"


def _counted(rows: pd.DataFrame) -> str:
    pairs = zip(rows["family"], rows["count"], strict=True)
    return list_words(count_words(int(count), *NOUNS[name]) for name, count in pairs)


# What happened, and what was learned


def happened_note(rows: pd.DataFrame, *, since: pd.Timestamp, day: pd.Timestamp) -> Note:
    """Say how many events happened since, and of which types most.

    ``rows`` is that of :func:`normlib.changes.new_events`.
    """
    events = rows[rows["kind"] == HAPPENED]
    if events.empty:
        return Note(f"No event is on record {_span(since, day)}.")
    types = events["type"].value_counts().head(3)
    told = [count_words(int(count), *TYPES[str(word)]) for word, count in types.items()]
    return Note(
        f"{count_words(len(events), 'event')} "
        f"{'is' if len(events) == 1 else 'are'} on record {_span(since, day)}, "
        f"among them {list_words(told)}. The number measures what was reported, not what was "
        "achieved.",
    )


def happened_table(rows: pd.DataFrame, *, since: pd.Timestamp, stamp: str) -> Table:
    """Return the events that happened since, in the order in which they happened."""
    events = rows[rows["kind"] == HAPPENED].sort_values(["date_latest", "event_id"])
    return _events_table(events, f"Events since {day_words(since)}. {stamp}")


def learned_note(rows: pd.DataFrame, *, since: pd.Timestamp) -> Note:
    """Say how many rows are news only in that they were learned late.

    ``rows`` is that of :func:`normlib.changes.new_rows`.
    """
    late, vague = rows[rows["kind"] == LEARNED], rows[rows["kind"] == VAGUE]
    if late.empty and vague.empty:
        return Note(
            f"Nothing of the days up to {day_words(since)} was learned only afterwards: all that "
            "is new also happened since."
        )
    return Note(
        f"{_none_or_count(len(late), 'row')} of the record {are(len(late))} of {day_words(since)} "
        f"or earlier and became public only afterwards; {count_words(len(vague), 'row')} "
        f"{are(len(vague))} dated too vaguely to say on which side of that day they lie."
    )


def learned_table(
    rows: pd.DataFrame, dossier: Dossier, *, since: pd.Timestamp, stamp: str
) -> Table:
    """Return the rows that were learned late, or are too vague to tell, with both dates."""
    late = rows[rows["kind"].isin((LEARNED, VAGUE))]
    return Table(
        _new(late, dossier),
        columns={
            "when": "Date of the fact",
            "known": "Public on",
            "what": "What",
            "detail": "In words",
            "family": "Kind of row",
            "kind": "Before or after",
            "sources": "Sources",
        },
        caption=f"Learned since {day_words(since)}, though perhaps older. {stamp}",
    )


def evidence_table(
    rows: pd.DataFrame, dossier: Dossier, *, since: pd.Timestamp, stamp: str
) -> Table:
    """Return all other rows that happened since: observations, states, dates named, figures."""
    others = rows[(rows["kind"] == HAPPENED) & (rows["table"] != "events")]
    return Table(
        _new(others, dossier),
        columns={
            "when": "Date",
            "family": "Kind of row",
            "what": "About",
            "detail": "In words",
            "sources": "Sources",
        },
        caption=f"Commitments, observations, states and figures since {day_words(since)}. {stamp}",
    )


def _events_table(events: pd.DataFrame, caption: str) -> Table:
    return Table(
        events.assign(
            when=events["date"].map(date_words),
            what=_links(events["title"], "events", events["event_id"]),
            type=events["type"].str.replace("_", " "),
        ),
        columns={"when": "Date", "what": "Event", "type": "Type", "sources": "Sources"},
        caption=caption,
    )


def _new(rows: pd.DataFrame, dossier: Dossier) -> pd.DataFrame:
    values = {name: _values(name, dossier) for name in FIGURES if (rows["table"] == name).any()}
    own = zip(rows["table"], rows["key"], rows["detail"], strict=True)
    return rows.assign(
        detail=[values[name][key] if name in values else words for name, key, words in own],
        when=rows["when"].map(date_words),
        known=rows["known_on"].map(day_words),
        family=[NOUNS[name][0] for name in rows["table"]],
        what=_links(rows["title"], rows["subject_table"], rows["subject"]),
    )


def _values(table: str, dossier: Dossier) -> dict[str, str]:
    """Write the values of figures with their units and what they are about, by key."""
    rows, links = dossier.tables[table], dossier.labels("links")
    units = dossier.package.resources[table].fields["unit"].categories
    told = {}
    for key, row in zip(dossier.labels(table), dicts(rows), strict=True):
        unit = units[row["unit"]]["label"]
        value = range_words(row["value_low"], row["value_high"], f"{unit[0].lower()}{unit[1:]}")
        about = [links.get(row[name], row[name]) for name in FIGURES[table]]
        told[key] = "; ".join([value, *(words for words in about if isinstance(words, str))])
    return told


# Levels


def moved_levels_figure(moved: pd.DataFrame, *, since: pd.Timestamp, stamp: str) -> go.Figure:
    """Draw the level of each commitment that changed, before and after.

    ``moved`` is that of :func:`normlib.changes.levels`. A ring is the level before, a disc the
    level after; a commitment made since has only a disc.
    """
    key, title = "moved-levels", f"Levels since {day_words(since)}"
    if moved.empty:
        reason = f"No commitment changed its level or state since {day_words(since)}."
        return empty_figure(key=key, title=title, stamp=stamp, reason=reason)
    stack = stacked(_groups(moved), ROW)
    fig = Sketch([_before(moved, stack), _after(moved, stack), _titles(moved, stack)])
    _add_steps(fig, moved, stack)
    _add_groups(fig, stack)
    height = int(stack.height + TOP + 8)
    fig.update_layout(
        xaxis={
            "range": [NO_EVIDENCE - 0.35, 4.35],
            "tickvals": [NO_EVIDENCE, 0, 1, 2, 3],
            "ticktext": TICKS,
            "tickfont": {"size": 11.5, "color": GREY},
            "side": "top",
            "fixedrange": True,
        },
        yaxis={"range": [stack.height, 0], "visible": False, "fixedrange": True},
        margin={"l": 4, "r": 8, "t": TOP + 14, "b": 8},
        showlegend=False,
    )
    return finish(
        fig,
        key=key,
        title=title,
        stamp=stamp,
        caption=(
            "Each line is a commitment. Ring: level before; disc: level now, with the state in "
            "words. Without a ring: made since. The scale is ordinal: steps are not equal."
        ),
        alt=str(moved_levels_note(moved, since=since)),
        sources=cited(moved),
        table=moved_levels_table(moved, since=since, stamp=stamp),
        height=height + 14,
    )


def moved_levels_note(moved: pd.DataFrame, *, since: pd.Timestamp) -> Note:
    """Say how many commitments moved, which way, and name those with an outcome."""
    counts = moved["direction"].value_counts()
    rose = Number("rose", "Commitments that rose", counts.get("up", 0))
    if moved.empty:
        text = f"No commitment changed its level or state since {day_words(since)}."
        return Note(text, numbers=[rose])
    phrases = {
        "up": "rose",
        "down": "fell",
        "new": "were made" if counts.get("new") != 1 else "was made",
        "first evidence": "got a first level",
        "ended": "ended",
        "same level": "changed state at the same level",
        "evidence ends": "lost its evidence" if counts.get("evidence ends") == 1 else "lost theirs",
    }
    told = [f"{counts[name]} {words}" for name, words in phrases.items() if name in counts]
    pieces: list[str | Link] = [
        f"Since {day_words(since)}, {count_words(len(moved), 'commitment')} moved: "
        f"{list_words(told)}."
    ]
    full = moved[moved["state_after"] == "implemented"]
    if len(full):
        pieces += [" Now in effect: ", *links_in_words(full, "commitments", "commitment_id"), "."]
    return Note(pieces, cited(full), [rose])


def moved_levels_table(moved: pd.DataFrame, *, since: pd.Timestamp, stamp: str) -> Table:
    """Return the commitments that changed, with level and state before and after."""
    rows = dicts(moved)
    return Table(
        moved.assign(
            what=_links(moved["title"], "commitments", moved["commitment_id"]),
            before=[level_state(row, "before") for row in rows],
            after=[level_state(row, "after") for row in rows],
            when=moved["observed_on"].map(date_words),
            way=moved["direction"].map(DIRECTIONS),
        ),
        columns={
            "what": "Commitment",
            "before": f"On {day_words(since)}",
            "after": "Now",
            "way": "Change",
            "when": "Observed",
            "note": "Reason for the level",
            "sources": "Sources",
        },
        caption=f"Commitments whose level or state changed since {day_words(since)}. {stamp}",
    )


def level_state(row: Mapping[Any, Any], when: str) -> str:
    """Write level and state: ``2 intermediate, partial``; not made by then: an en dash."""
    state = row[f"state_{when}"]
    if not isinstance(state, str):
        return "–"
    level = row[f"level_{when}"]
    return f"{LEVEL_STYLES[None if pd.isna(level) else int(level)].label}, {state}"


def links_in_words(rows: pd.DataFrame, table: str, key: str) -> list[str | Link]:
    """Return the titles of rows as a list in words, each leading to its row."""
    names = [Link(title, table, name) for title, name in zip(rows["title"], rows[key], strict=True)]
    joined: list[str | Link] = []
    for at, name in enumerate(names):
        joined += [("" if at == 0 else " and " if at == len(names) - 1 else ", "), "“", name, "”"]
    return joined


def _groups(moved: pd.DataFrame) -> dict[str, list[str]]:
    named = {
        "Rose": ("up", "first evidence"),
        "Fell, ended, or without evidence": ("down", "ended", "evidence ends"),
        "Same level, other state": ("same level",),
        "Made since": ("new",),
    }
    groups = {
        words: list(moved.loc[moved["direction"].isin(ways), "commitment_id"])
        for words, ways in named.items()
    }
    return {words: keys for words, keys in groups.items() if keys}


def _place(level: Any) -> float:
    return NO_EVIDENCE if pd.isna(level) else float(level)


def _before(moved: pd.DataFrame, stack: Stack) -> Trace:
    rows = moved[moved["state_before"].notna()]
    marker = {"symbol": "circle-open", "size": 13, "color": GREY, "line": {"width": 2}}
    return _marks(rows, "before", stack, marker)


def _after(moved: pd.DataFrame, stack: Stack) -> Trace:
    levels = [None if pd.isna(level) else int(level) for level in moved["level_after"]]
    marker = {
        "symbol": ["circle-open-dot" if level is None else "circle" for level in levels],
        "size": 13,
        "color": [INK if level is None else LEVEL_STYLES[level].colour for level in levels],
        "line": {"width": 1.5, "color": INK},
    }
    return _marks(moved, "after", stack, marker)


def _marks(rows: pd.DataFrame, when: str, stack: Stack, marker: Mapping[str, Any]) -> Trace:
    places = stack.places()
    records = dicts(rows)
    return scatter(
        x=[_place(level) for level in rows[f"level_{when}"]],
        y=[places[name] + MARK for name in rows["commitment_id"]],
        mode="markers",
        marker=dict(marker),
        customdata=[[f"commitments/{name}"] for name in rows["commitment_id"]],
        hovertext=[f"{when}: {level_state(row, when)}" for row in records],
        hoverinfo="text",
        cliponaxis=False,
        name=when,
    )


def _titles(moved: pd.DataFrame, stack: Stack) -> Trace:
    """Titles over the marks, with the state before and after in words."""
    rows = moved.set_index("commitment_id")
    return scatter(
        x=[NO_EVIDENCE - 0.35] * len(stack.rows),
        y=[row.y + LABEL for row in stack.rows],
        mode="text",
        text=[plain(rows.at[row.key, "title"]) for row in stack.rows],
        textposition="middle right",
        textfont={"size": 11.5, "color": INK},
        customdata=[[f"commitments/{row.key}"] for row in stack.rows],
        hoverinfo="skip",
        cliponaxis=False,
    )


def _add_steps(fig: Sketch, moved: pd.DataFrame, stack: Stack) -> None:
    """Draw an arrow from the level before to that after, and write the state after."""
    places = stack.places()
    for row in dicts(moved):
        y = places[row["commitment_id"]] + MARK
        now, then = _place(row["level_after"]), _place(row["level_before"])
        if isinstance(row["state_before"], str) and now != then:
            fig.add_annotation(
                x=now,
                y=y,
                ax=then,
                ay=y,
                xref="x",
                yref="y",
                axref="x",
                ayref="y",
                text="",
                showarrow=True,
                arrowhead=2,
                standoff=8,
                startstandoff=8,
                arrowwidth=1.6,
                arrowcolor=BLUE if now > then else VERMILION,
            )
        fig.add_annotation(
            text=plain(row["state_after"]),
            x=max(now, then) if isinstance(row["state_before"], str) else now,
            y=y,
            xanchor="left",
            xshift=10,
            showarrow=False,
            font={"size": 11, "color": GREY},
            bgcolor=PAPER,
            borderpad=1,
        )


def _add_groups(fig: Sketch, stack: Stack) -> None:
    for words, y in stack.headings:
        fig.add_annotation(
            text=f"<b>{words}</b>",
            x=0,
            xref="paper",
            y=y + 2,
            xanchor="left",
            showarrow=False,
            font={"size": 12, "color": GREY},
        )
        fig.add_shape(
            type="line",
            xref="paper",
            x0=0,
            x1=1,
            y0=y - 15,
            y1=y - 15,
            line={"color": LIGHT, "width": 1},
        )


# Links


def moved_links_note(moved: pd.DataFrame, *, since: pd.Timestamp) -> Note:
    """Say how many links changed their state and name those that opened or went out of use."""
    if moved.empty:
        return Note(f"No link changed its state since {day_words(since)}.")
    parts: list[str | Link] = [
        f"Since {day_words(since)}, {count_words(len(moved), 'link')} changed "
        f"{'its' if len(moved) == 1 else 'their'} state."
    ]
    told = {"opened": "Opened for regular use: ", "closed": "Went out of regular use: "}
    shown = moved[moved["direction"].isin(list(told))]
    for way, words in told.items():
        rows = moved[moved["direction"] == way]
        if len(rows):
            parts += [f" {words}", *links_in_words(rows, "links", "link_id"), "."]
    return Note(parts, cited(shown))


def moved_links_table(moved: pd.DataFrame, *, since: pd.Timestamp, stamp: str) -> Table:
    """Return the links that changed, with the states before, between and after."""
    rows = dicts(moved)
    return Table(
        moved.assign(
            what=_links(moved["title"], "links", moved["link_id"]),
            before=[state_words(row["state_before"]) for row in rows],
            between=[", ".join(state_words(state) for state in row["passed"]) for row in rows],
            after=[state_words(row["state_after"]) for row in rows],
            when=moved["since"].map(date_words),
        ),
        columns={
            "what": "Link",
            "mode": "Mode",
            "before": f"On {day_words(since)}",
            "between": "Between",
            "after": "Now",
            "when": "Since",
            "note": "Reason",
            "sources": "Sources",
        },
        caption=f"Links whose state changed since {day_words(since)}. {stamp}",
    )


def state_words(state: Any) -> str:
    """Write the state of a link as the record's readers know it; none: an en dash."""
    return STATE_STYLES[state].label if state in STATE_STYLES else "–"


# Stated dates, people and bodies


def restated_note(stated: pd.DataFrame, *, since: pd.Timestamp) -> Note:
    """Say how many dates were named since, how many moved an earlier one, and how far."""
    if stated.empty:
        return Note(f"No date was named for a commitment since {day_words(since)}.")
    moved = stated["moved_days"].dropna()
    later, sooner = int((moved > 0).sum()), int((moved < 0).sum())
    text = (
        f"Since {day_words(since)}, {count_words(len(stated), 'date')} "
        f"{'was' if len(stated) == 1 else 'were'} named for "
        f"{count_words(stated['commitment_id'].nunique(), 'commitment')}; "
    )
    if moved.empty:
        return Note(text + "none replaced a date that had been named before.", cited(stated))
    text += (
        f"against the date named last before, {later} lie later, {sooner} earlier and "
        f"{len(moved) - later - sooner} the same."
    )
    return Note(text, cited(stated))


def restated_table(
    stated: pd.DataFrame, titles: Mapping[str, str], *, since: pd.Timestamp, stamp: str
) -> Table:
    """Return the dates that were named since. ``titles`` are those of commitments, by id."""
    return Table(
        stated.assign(
            said=stated["stated_on"].map(date_words),
            before=[date_words(text) or "–" for text in stated["target_before"]],
            after=stated["target_after"].map(date_words),
            moved=[_signed_days(days) for days in stated["moved_days"]],
        ),
        columns={
            "commitment_id": "Commitment",
            "said": "Stated",
            "stated_by_name": "By",
            "before": "Date before",
            "after": "Date named",
            "moved": "Moved by (days)",
            "wording": "Words",
            "sources": "Sources",
        },
        caption=f"Dates named for commitments since {day_words(since)}. {stamp}",
        refs={"commitment_id": ("commitments", titles)},
    )


def newcomers_note(actors: pd.DataFrame, *, since: pd.Timestamp) -> Note:
    """Say how many people and bodies are new to the record, and whose term began or ended."""
    counts = actors["change"].value_counts()
    if actors.empty:
        return Note(
            f"Nobody is new to the record since {day_words(since)}, and no term is known to "
            "have begun or ended."
        )
    terms = actors[actors["change"] != "first seen"]
    parts: list[str | Link] = [
        f"{count_words(int(counts.get('first seen', 0)), 'person or body', 'persons and bodies')} "
        f"{'is' if counts.get('first seen', 0) == 1 else 'are'} first seen in the record since "
        f"{day_words(since)}; "
    ]
    if terms.empty:
        parts.append("no term is known to have begun or ended.")
        return Note(parts, cited(actors))
    for row in dicts(terms):
        name = Link(row["name"], "actors", row["actor_id"])
        parts += [name, f": {row['change']} {date_words(row['when'])}; "]
    parts[-1] = str(parts[-1]).rstrip("; ") + "."
    return Note(parts, cited(actors))


def newcomers_table(actors: pd.DataFrame, *, since: pd.Timestamp, stamp: str) -> Table:
    """Return people and bodies first seen since, and terms that began or ended."""
    return Table(
        actors.assign(
            who=_links(actors["name"], "actors", actors["actor_id"]),
            when=actors["when"].map(date_words),
        ),
        columns={
            "who": "Person or body",
            "role": "Role",
            "change": "Change",
            "when": "When",
            "sources": "Sources",
        },
        caption=f"People and bodies: first seen, begun, ended since {day_words(since)}. {stamp}",
    )


# What lies ahead, and what is silent


def due_note(due: pd.DataFrame, *, day: pd.Timestamp) -> Note:
    """Name the next date that somebody stated, and say how many passed lately unmet."""
    ahead, past = due[due["status"] == "ahead"], due[due["status"] != "ahead"]
    if due.empty:
        return Note(
            f"No stated date of a running commitment lies after {day_words(day)}, and none passed "
            "in the 90 days before."
        )
    parts: list[str | Link] = []
    if len(ahead):
        row = ahead.iloc[0].to_dict()
        parts += ["Next: ", Link(row["title"], "commitments", row["commitment_id"])]
        parts += [f", {date_words(row['target'])}, named by {row['stated_by_name']}. "]
    else:
        parts.append(f"No stated date of a running commitment lies after {day_words(day)}. ")
    parts.append(
        f"{count_words(len(past), 'date')} passed in the 90 days before without full "
        "implementation on record."
    )
    return Note(parts, cited(ahead.head(1), past))


def due_table(due: pd.DataFrame, *, stamp: str) -> Table:
    """Return the stated dates ahead, and those that passed within the last 90 days unmet."""
    words = {
        "ahead": "ahead",
        "missed": "passed, not in effect",
        "unseen": "passed, nothing seen since",
    }
    return Table(
        due.assign(
            what=_links(due["title"], "commitments", due["commitment_id"]),
            by=due["target"].map(date_words),
            left=[_signed_days(days) for days in due["days"]],
            standing=due["status"].map(words),
            said=due["stated_on"].map(date_words),
        ),
        columns={
            "what": "Commitment",
            "by": "Date named",
            "left": "Days left",
            "standing": "Standing",
            "stated_by_name": "Named by",
            "said": "on",
            "wording": "Words",
            "sources": "Sources",
        },
        caption=f"Dates named for running commitments. {stamp}",
    )


def silent_table(silent: pd.DataFrame, *, stamp: str, most: int = 10) -> Table:
    """Return the running commitments that have gone longest without evidence."""
    rows = silent.head(most)
    records = dicts(rows)
    return Table(
        rows.assign(
            what=_links(rows["title"], "commitments", rows["commitment_id"]),
            last=[_last_words(row) for row in records],
            evidence=rows["rated_on"].map(date_words),
            seen=rows["observed_on"].map(date_words),
            days=rows["silence_days"],
        ),
        columns={
            "what": "Commitment",
            "last": "Last level and state",
            "seen": "Last looked at",
            "evidence": "Last evidence",
            "days": "Days since",
            "sources": "Sources",
        },
        caption="Running commitments without evidence of a level for longest. An observation that "
        f"found nothing ends no silence. {stamp}",
    )


def _last_words(row: Mapping[Any, Any]) -> str:
    return level_state({"level_now": row["level"], "state_now": row["state"]}, "now")


def _links(titles: pd.Series, table: pd.Series | str, keys: pd.Series) -> pd.Series:
    """Return titles as links to the rows that they name."""
    tables = [table] * len(keys) if isinstance(table, str) else table
    named = [Link(*words) for words in zip(titles, tables, keys, strict=True)]
    return pd.Series(named, index=keys.index, dtype=object)


def _none_or_count(number: int, noun: str) -> str:
    return count_words(number, noun) if number else f"No {noun}"


def _signed_days(days: Any) -> str:
    return "–" if pd.isna(days) else f"{int(days):+,}" if days else "0"
