"""Two actors over time: a brick for each contact, by quarter and by the ground they met on."""

from collections.abc import Iterable, Iterator, Mapping
from textwrap import wrap
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.dossier import Dossier
from normlib.dyads import home, last_day
from normlib.figures import theme
from normlib.figures.actors import side_name, type_label
from normlib.figures.common import cited
from normlib.figures.rhythm import length_words
from normlib.figures.sketch import Sketch, Trace, bar, scatter
from normlib.figures.stack import hover_lines, legend
from normlib.figures.tables import Note, Number, Table
from normlib.figures.words import (
    count_words,
    date_words,
    day_words,
    list_words,
    quarter_words,
)
from normlib.rows import dicts

KINDS: Mapping[str, tuple[str, str]] = {
    "meeting": ("M", theme.BLUE),
    "phone_call": ("P", "#8a3f6d"),
    "visit": ("V", "#006b4e"),
    "agreement": ("A", "#8a5a00"),
    "crossing": ("C", "#a83a00"),
}
"""Letter and colour by type of event, dark enough for a white letter, on a grey print too."""

OTHER = ("O", theme.GREY)

YEARS, LINES = 7, 3
"""Years in a line of the calendar, and the most lines."""

QUARTERS = 4 * YEARS
BRICK, LOW, FOOT, ROUND, MARGIN = 14, 74, 36, 11, 8
"""Pixels: height of a brick, the least height of a line, what is below it, more for each number of
a round below a column, the outer margin."""

ACROSS, HEAD = 22, 24
"""Bricks in a line of a ground, and pixels of the words above it."""

TOP, NARROW_TOP = 84, 116
ROOM, UPWARDS = 9, 1.4
"""Quarters that a silence needs to be told across, and to be told upwards."""

MARKED, SHORTEST, HAIR = 5, 130, 0.08
"""How many silences are marked at most; the days that one must be longer than for its words to have
room; what stays free at its ends, in quarters."""

LATELY = 40
"""Of how many quarters it is said how many have no contact."""

Pair = tuple[str, str]


def dyad_figure(
    contacts: pd.DataFrame, silences: pd.DataFrame, *, pair: Pair, dossier: Dossier
) -> go.Figure:
    """Draw the contacts of two actors as bricks, a column a quarter, with the longest silences.

    Parameters
    ----------
    contacts, silences : as ``dyads.contacts`` and ``dyads.silences`` return them.
    pair : ids of the two.
    dossier : the view; gives names, day and release.
    """
    title = f"{pair_words(pair, dossier)}: contact by quarter"
    dated = contacts[contacts["quarter"].notna()]
    if dated.empty:
        reason = f"No contact of the two is dated to a quarter by {day_words(dossier.day)}."
        return theme.empty_figure(key="dyad", title=title, stamp=dossier.stamp, reason=reason)
    calendar = _Calendar(dated, last_day(dossier))
    shown, spans = calendar.shown, calendar.spans(silences)
    fig = Sketch([*_silence_lines(spans), *_bricks(shown, dossier), *_rounds(shown)])
    calendar.draw(fig)
    _mark_silences(fig, spans)
    _frame(fig, width=QUARTERS, height=calendar.total)
    return theme.finish(
        fig,
        key="dyad",
        title=title,
        stamp=dossier.stamp,
        caption=_dyad_caption(contacts, shown),
        alt=_dyad_alt(shown, spans),
        sources=cited(shown),
        table=dyad_table(contacts, pair=pair, dossier=dossier),
        **_size(title, calendar.total),
    )


def grounds_figure(
    contacts: pd.DataFrame, grounds: pd.DataFrame, *, pair: Pair, dossier: Dossier
) -> go.Figure:
    """Draw where two actors met: a brick for each contact, in the order of their days.

    Parameters
    ----------
    contacts, grounds : as ``dyads.contacts`` and ``dyads.grounds`` return them.
    pair, dossier : as in :func:`dyad_figure`.
    """
    title = f"{pair_words(pair, dossier)}: contact by place"
    if contacts.empty:
        reason = _nothing(dossier)
        return theme.empty_figure(key="grounds", title=title, stamp=dossier.stamp, reason=reason)
    words, parts, y = ground_words(pair, dossier), [], 0.0
    fig = Sketch()
    for row in dicts(grounds):
        own = contacts[contacts["ground"] == row["ground"]].reset_index(drop=True)
        _head(fig, f"{_start(words[row['ground']])} · <b>{len(own)}</b>", y + HEAD / 2)
        lines = pd.Series(own.index // ACROSS, dtype="float64")
        parts.append(own.assign(x=own.index % ACROSS, y=y + HEAD + (BRICK + 4) * (lines + 1)))
        y = float(parts[-1]["y"].max()) + 8
    fig.add_traces(_bricks(pd.concat(parts), dossier))
    _frame(fig, width=ACROSS, height=y)
    return theme.finish(
        fig,
        key="grounds",
        title=title,
        stamp=dossier.stamp,
        caption=(
            f"A brick is a contact, the earliest at the left; {_hollow(contacts)}. The place is "
            "that of the event and the country is today’s; at the border: at a crossing or bridge "
            "from which a link leads straight into the other’s country."
        ),
        alt=str(grounds_note(contacts, grounds, pair=pair, dossier=dossier)),
        sources=cited(contacts),
        table=_grounds_table(grounds, pair=pair, dossier=dossier),
        **_size(title, y),
    )


def dyad_note(
    contacts: pd.DataFrame, quarters: pd.DataFrame, *, pair: Pair, dossier: Dossier
) -> Note:
    """Say how often two actors met and how, in which quarter most, and how many have none.

    Parameters
    ----------
    contacts, quarters : as ``dyads.contacts`` and ``dyads.contact_quarters`` return them.
    pair, dossier : as in :func:`dyad_figure`.
    """
    if contacts.empty:
        return Note(_nothing(dossier))
    kinds = contacts["type"].value_counts().sort_index().sort_values(ascending=False, kind="stable")
    told = list_words(f"{type_label(str(kind), dossier)} ({n})" for kind, n in kinds.items())
    first, last = (date_words(contacts["date"].iloc[at]) for at in (0, -1))
    span = f"on {first}" if len(contacts) == 1 else f"{first} to {last}"
    return Note(
        f"{pair_words(pair, dossier)} have {count_words(len(contacts), 'contact')} on record, "
        f"{span}, by kind: {told}. {_by_quarter(quarters)}",
        cited(contacts),
        [Number("dyad-contacts", "Contacts of the two", len(contacts))],
    )


def grounds_note(
    contacts: pd.DataFrame, grounds: pd.DataFrame, *, pair: Pair, dossier: Dossier
) -> Note:
    """Say where two actors met, and how often with third parties."""
    if contacts.empty:
        return Note(_nothing(dossier))
    words = ground_words(pair, dossier)
    told = [f"{row['contacts']} {words[row['ground']]}" for row in dicts(grounds)]
    others = int(contacts["multilateral"].sum())
    return Note(
        f"Of {count_words(len(contacts), 'contact')}, {list_words(told)}. Third parties took part "
        f"in {others or 'none'} of them{_who_else(contacts, dossier)}.",
        cited(contacts),
    )


def dyad_table(contacts: pd.DataFrame, *, pair: Pair, dossier: Dossier) -> Table:
    """Return the contacts of two actors: when, what, where, and through whom either took part."""
    actors, words = dossier.labels("actors"), ground_words(pair, dossier)
    names = [party_words(name, dossier) for name in pair]
    shown = contacts.assign(
        when=[date_words(date) for date in contacts["date"]],
        kind=[type_label(kind, dossier) for kind in contacts["type"]],
        where=[words[ground] for ground in contacts["ground"]],
    )
    return Table(
        shown,
        columns={
            "when": "When",
            "quarter": "Quarter",
            "kind": "Kind",
            "round": "Round",
            "event_id": "Contact",
            "where": "Where",
            "site_id": "Place",
            "by_a": f"For {names[0]}",
            "by_b": f"For {names[1]}",
            "third_parties": "Third parties",
            "sources": "Sources",
        },
        caption=f"Contacts of {list_words(names)}. As of {day_words(dossier.day)}.",
        refs={
            "event_id": ("events", dossier.labels("events")),
            "site_id": ("sites", dossier.labels("sites")),
            **dict.fromkeys(("by_a", "by_b", "third_parties"), ("actors", actors)),
        },
    )


def pair_words(pair: Pair, dossier: Dossier) -> str:
    """Return the names of two actors as in a sentence."""
    return list_words(party_words(name, dossier) for name in pair)


def party_words(name: str, dossier: Dossier) -> str:
    """Return the name of an actor, or that of a side whose state the view does not know yet."""
    names = dossier.labels("actors")
    sides = {code.lower(): side for side, code in enumerate(dossier.sides)}
    return names[name] if name in names else side_name(sides[name], dossier)


def ground_words(pair: Pair, dossier: Dossier) -> dict[str, str]:
    """Return where two actors met, in words, by the word of ``dyads.GROUNDS``."""
    known = dossier.labels("countries")
    one, other = (known.get(home(dossier, name), "") for name in pair)
    return {
        "a": f"in {one}",
        "b": f"in {other}",
        "shared": f"in {one}",
        "border": f"at the border between {one} and {other}",
        "third": "in a third country",
        "telephone": "by telephone",
        "unknown": "at a place not on record",
    }


class _Calendar:
    """Lines of some years each, one below the other; a column is a quarter. It counts in pixels.

    ``shown`` holds the contacts of these years, with the column ``x`` and the place ``y`` of their
    brick and the ``foot`` of its line.
    """

    def __init__(self, dated: pd.DataFrame, until: pd.Timestamp) -> None:
        years = dated["earliest"].dt.year
        lines = min(LINES, (until.year - int(years.min())) // YEARS + 1)
        self.first = until.year + 1 - YEARS * lines
        self.until = until
        shown = self._in_columns(dated[years >= self.first])
        rounds = shown.dropna(subset=["round"]).groupby("quarter").cumcount()
        self.heights, self.ends, self.feet = [], [], []
        self.total = 0.0
        for line in range(lines):
            own = shown[shown["line"] == line]
            numbers = max([-1, *rounds.reindex(own.index).dropna()]) + 1
            self.heights.append(max([LOW, *(BRICK * (own["above"] + 1) + 4)]))
            self.feet.append(self.total + self.heights[-1])
            self.ends.append(self.feet[-1] + ROUND * numbers)
            self.total = self.ends[-1] + FOOT
        foot = shown["line"].map(dict(enumerate(self.feet))).astype("float64")
        self.shown = shown.assign(y=foot - BRICK * shown["above"], foot=foot)

    def _in_columns(self, shown: pd.DataFrame) -> pd.DataFrame:
        """Put the contacts of a quarter above each other, by type."""
        quarter = (shown["earliest"].dt.year - self.first) * 4 + shown["earliest"].dt.quarter - 1
        placed = shown.assign(
            x=quarter % QUARTERS, line=quarter // QUARTERS, order=shown["type"].map(_order)
        ).sort_values(["order", "earliest", "event_id"])
        return placed.assign(above=placed.groupby("quarter").cumcount())

    def spans(self, silences: pd.DataFrame) -> list[dict[str, Any]]:
        """Return the parts of the longest silences in each line, with their edges."""
        start = pd.Timestamp(year=self.first, month=1, day=1)
        told = silences["days"] > SHORTEST
        seen = silences[told & (silences["last_day"] > start)].head(MARKED)
        parts = []
        for row in dicts(seen):
            ends = [self._place(max(row[name], start)) for name in ("first_day", "last_day")]
            own = [
                {
                    **row,
                    "x0": max(ends[0] - QUARTERS * line + HAIR, 0.0),
                    "x1": min(ends[1] - QUARTERS * line - HAIR, float(QUARTERS)),
                    "y": self.feet[line],
                    "top": self.feet[line] - self.heights[line],
                    "told": False,
                }
                for line in range(len(self.feet))
                if ends[0] < QUARTERS * (line + 1) and ends[1] > QUARTERS * line
            ]
            max(own, key=lambda part: part["x1"] - part["x0"])["told"] = True
            parts += own
        return parts

    def draw(self, fig: Sketch) -> None:
        """Draw the foot of each line and the years below it."""
        end = self._place(self.until + pd.Timedelta(days=1))
        for line, foot in enumerate(self.feet):
            ink = {"color": theme.GREY, "width": 1}
            last = min(end - QUARTERS * line, QUARTERS)
            fig.add_shape(type="line", x0=0, x1=last, y0=foot, y1=foot, line=ink)
            for year in range(YEARS):
                x = 4 * year
                fig.add_shape(type="line", x0=x, x1=x, y0=foot, y1=foot + 5, line=ink)
                fig.add_annotation(
                    text=str(self.first + line * YEARS + year),
                    x=x,
                    y=self.ends[line] + 16,
                    xanchor="left",
                    xshift=-3,
                    showarrow=False,
                    font={"size": 11, "color": theme.GREY},
                )

    def _place(self, day: pd.Timestamp) -> float:
        """Return how many quarters a day lies after the first one."""
        quarter = day.to_period("Q")
        length = (quarter.end_time.normalize() - quarter.start_time).days + 1
        within = (day - quarter.start_time).days / length
        return float((day.year - self.first) * 4 + day.quarter - 1 + within)


def _order(kind: str) -> int:
    return [*KINDS, kind].index(kind)


def _bricks(shown: pd.DataFrame, dossier: Dossier) -> Iterator[Trace]:
    """Return the contacts as bricks, full or, with third parties, hollow; a trace for each type."""
    known = [(kind, shown[shown["type"] == kind], style) for kind, style in KINDS.items()]
    rest = shown[~shown["type"].isin(list(KINDS))]
    for kind, of_kind, style in [*known, ("other kinds", rest, OTHER)]:
        name = f"{style[0]} {type_label(kind, dossier)}"
        for hollow in (False, True):
            own = of_kind[of_kind["multilateral"] == hollow]
            if len(own):
                first = not hollow or of_kind["multilateral"].all()
                yield _brick_trace(own, style, hollow, dossier) | {
                    "name": name,
                    "legendgroup": kind,
                    "showlegend": bool(first),
                }


def _brick_trace(
    own: pd.DataFrame, style: tuple[str, str], hollow: bool, dossier: Dossier
) -> Trace:
    letter, colour = style
    return bar(
        x=[float(x) + 0.5 for x in own["x"]],
        y=[-(BRICK - 1.0)] * len(own),
        base=[float(y) for y in own["y"]],
        width=0.86,
        marker={
            "color": theme.PAPER if hollow else colour,
            "line": {"color": colour, "width": 1.5},
        },
        text=[letter] * len(own),
        textposition="inside",
        insidetextanchor="middle",
        insidetextfont={"size": 10, "color": theme.INK if hollow else theme.PAPER},
        textangle=0,
        constraintext="none",
        cliponaxis=False,
        customdata=[[f"events/{event}"] for event in own["event_id"]],
        hovertext=[_hover(row, dossier) for row in dicts(own)],
        hoverinfo="text",
    )


def _hover(row: Mapping[Any, Any], dossier: Dossier) -> str:
    others = [dossier.label("actors", name) for name in row["third_parties"]]
    return hover_lines(
        f"{date_words(row['date'])}, {type_label(row['type'], dossier)}",
        row["title"],
        f"With {list_words(others)}" if others else "",
    )


def _rounds(shown: pd.DataFrame) -> Iterator[Trace]:
    """Write the numbers of the rounds of each quarter below its column."""
    numbered = shown.dropna(subset=["round"]).sort_values("round")
    if numbered.empty:
        return
    columns = [own for _, own in numbered.groupby("quarter")]
    yield scatter(
        x=[float(own["x"].iloc[0]) + 0.5 for own in columns],
        y=[float(own["foot"].iloc[0]) + 2 for own in columns],
        text=[f"<b>{'<br>'.join(str(number) for number in own['round'])}</b>" for own in columns],
        mode="text",
        textposition="bottom center",
        textfont={"size": 10.5, "color": theme.INK},
        cliponaxis=False,
        customdata=[[f"events/{own['event_id'].iloc[0]}"] for own in columns],
        hovertext=[
            list_words(f"round {number}" for number in own["round"]).capitalize() for own in columns
        ],
        hoverinfo="text",
        showlegend=False,
    )


def _silence_lines(spans: Iterable[Mapping[str, Any]]) -> Iterator[Trace]:
    for part in spans:
        event = part["after_event"] if part["running"] else part["before_event"]
        words = f"{day_words(part['first_day'])} to {day_words(part['last_day'])}"
        yield scatter(
            x=[part["x0"], part["x1"]],
            y=[part["y"]] * 2,
            mode="lines",
            line={"color": theme.ACCENT, "width": 4},
            customdata=[[f"events/{event}"]] * 2,
            hovertext=[f"No contact on record: {words}, {length_words(part)}"] * 2,
            hoverinfo="text",
            showlegend=False,
        )


def _mark_silences(fig: Sketch, spans: Iterable[Mapping[str, Any]]) -> None:
    """Shade the silences, and write how long each was where it is widest."""
    for part in spans:
        fig.add_shape(
            type="rect",
            x0=part["x0"],
            x1=part["x1"],
            y0=part["top"],
            y1=part["y"],
            fillcolor="#eef1f3",
            line={"width": 0},
            layer="below",
        )
        if part["told"] and part["x1"] - part["x0"] > UPWARDS:
            across = part["x1"] - part["x0"] >= ROOM
            fig.add_annotation(
                text=length_words(part) if across else _short(part),
                x=(part["x0"] + part["x1"]) / 2,
                y=(part["y"] + part["top"]) / 2,
                textangle=0 if across else -90,
                showarrow=False,
                font={"size": 11, "color": theme.ACCENT},
            )


def _short(part: Mapping[str, Any]) -> str:
    """Return the length of a silence without its unit."""
    words = length_words(part).removesuffix(" days")
    return words.replace(" to ", "–").replace("about ", "≈ ")


def _head(fig: Sketch, words: str, y: float) -> None:
    fig.add_annotation(
        text=words, x=0, y=y, xanchor="left", xshift=-3, showarrow=False, font={"size": 12}
    )


def _frame(fig: Sketch, *, width: float, height: float) -> None:
    fig.update_xaxes(range=[0, width], visible=False, fixedrange=True)
    fig.update_yaxes(range=[height, 0], visible=False, fixedrange=True)
    fig.update_layout(barmode="overlay", legend=legend(6, height))
    fig.update_layout(margin={"l": MARGIN, "r": MARGIN, "t": TOP, "b": MARGIN})


def _size(title: str, height: float) -> dict[str, Any]:
    """Return the heights of a figure; a narrow one has more lines above the plot."""
    top = NARROW_TOP + 20 * len(wrap(title, 40))
    narrow = {"margin.t": top, "height": int(height + top + MARGIN)}
    return {"height": int(height + TOP + MARGIN), "narrow": narrow}


def _start(words: str) -> str:
    return words[:1].upper() + words[1:]


def _dyad_caption(contacts: pd.DataFrame, shown: pd.DataFrame) -> str:
    vague = int(contacts["quarter"].isna().sum())
    left = {" of earlier years": len(contacts) - vague - len(shown)}
    left[" whose date is too vague for one quarter"] = vague
    rest = list_words(f"{count_words(n, 'contact')}{why}" for why, n in left.items() if n)
    return (
        f"A brick is a contact, in the column of its quarter; {_hollow(contacts)}. Shaded: the "
        "longest spans without a recorded contact, in days. Bold numbers below the columns: rounds "
        f"of talks.{f' Not drawn: {rest}.' if rest else ''}"
    )


def _dyad_alt(shown: pd.DataFrame, spans: Iterable[Mapping[str, Any]]) -> str:
    years = shown["earliest"].dt.year.value_counts().sort_index()
    told = list_words(f"{n} in {year}" for year, n in years.items())
    silent = [
        f"{day_words(row['first_day'])} to {day_words(row['last_day'])}, {length_words(row)}"
        for row in spans
        if row["told"]
    ]
    words = f" The longest spans without one: {'; '.join(silent)}." if silent else ""
    return f"Contacts by year: {told}.{words}" if told else f"No contact in these years.{words}"


def _hollow(contacts: pd.DataFrame) -> str:
    number = int(contacts["multilateral"].sum())
    return f"hollow, where third parties took part ({number} of {len(contacts)})"


def _nothing(dossier: Dossier) -> str:
    return f"No contact of the two is recorded by {day_words(dossier.day)}."


def _by_quarter(quarters: pd.DataFrame) -> str:
    """Say which quarters have most contacts, how many have none, and what has no quarter."""
    vague = int(quarters.loc[quarters["quarter"].isna(), "contacts"].sum())
    rest = f"{count_words(vague, 'contact')} cannot be placed in one quarter." if vague else ""
    counts = quarters.groupby("quarter")["contacts"].sum()
    if counts.empty:
        return rest
    most = counts.index[counts == counts.max()].tolist()
    names = list_words(map(quarter_words, most)) if len(most) < 4 else f"{len(most)} quarters"
    latest = counts.tail(LATELY)
    start = f"Fullest is {names}" if len(most) == 1 else f"Fullest are {names}"
    return (
        f"{start}, with {count_words(int(counts.max()), 'contact')}"
        f"{'' if len(most) == 1 else ' each'}; {int((latest == 0).sum())} of the last "
        f"{count_words(len(latest), 'quarter')} have none. {rest}"
    ).strip()


def _who_else(contacts: pd.DataFrame, dossier: Dossier) -> str:
    """Name the third parties that took part most often."""
    named = contacts["third_parties"].explode().dropna()
    if named.empty:
        return ""
    counts = named.value_counts()
    most = sorted(counts[counts == counts.max()].index)
    names = dossier.labels("actors")
    return f", most often {list_words(names.get(name, name) for name in most)} ({counts.max()})"


def _grounds_table(grounds: pd.DataFrame, *, pair: Pair, dossier: Dossier) -> Table:
    words = ground_words(pair, dossier)
    days = dossier.events.set_index("event_id")["date"]
    names = {str(event): date_words(date) for event, date in days.items()}
    return Table(
        grounds.assign(where=[words[ground] for ground in grounds["ground"]]),
        columns={
            "where": "Where",
            "contacts": "Contacts",
            "multilateral": "with third parties",
            "event_ids": "When",
            "sources": "Sources",
        },
        caption=f"Contacts by place. As of {day_words(dossier.day)}.",
        refs={"event_ids": ("events", names)},
    )
