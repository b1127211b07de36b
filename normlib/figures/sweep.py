"""Small multiples: one panel for each headline number, one mark for each member of a sweep."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib.figures.tables import Note, PageLink, Table
from normlib.figures.theme import (
    BLUE,
    GREEN,
    GREY,
    LIGHT,
    ORANGE,
    PURPLE,
    VERMILION,
    Style,
    empty_figure,
    finish,
)
from normlib.figures.words import list_words, number_words

COLUMNS = 3
PANEL, PANEL_NARROW = 170, 165
"""Heights of a panel in pixels, on a wide and on a narrow page."""

HEAD, FOOT, FOOT_PLAIN = 52, 44, 8
"""Heights above all panels, below them with a legend, and without."""

LINES: tuple[Style, ...] = (
    Style("", BLUE, "solid", "circle"),
    Style("", VERMILION, "dash", "square"),
    Style("", GREEN, "dot", "diamond"),
    Style("", PURPLE, "dashdot", "triangle-up"),
    Style("", ORANGE, "longdash", "cross"),
    Style("", GREY, "longdashdot", "x"),
)
"""Lines of datasets; more than these share the last one and are told apart by the table."""


@dataclass(frozen=True)
class _Place:
    """Where a panel stands in the picture, as shares of its plotting area."""

    x: tuple[float, float]
    y: tuple[float, float]


def sweep_figure(
    numbers: pd.DataFrame, members: pd.DataFrame, *, title: str, stamp: str
) -> go.Figure:
    """Draw each headline number across the members of a sweep.

    Parameters
    ----------
    numbers : ``member``, ``number`` (unique name), ``label``, ``unit``, ``value`` (missing where a
        member has none); one row a number of a member.
    members : ``member``, ``title``, ``day`` (datetime), ``dataset`` (title), in their order.
    title, stamp : what the picture says above its panels.
    """
    panels = _panels(numbers)
    if not panels:
        reason = "No page of this sweep states a headline number."
        return empty_figure(key="sweep", title=title, stamp=stamp, reason=reason)
    fig = go.Figure(list(_traces(numbers, members, panels)), layout=_layout(panels, members))
    height = HEAD + _foot(members) + PANEL * math.ceil(len(panels) / COLUMNS)
    return finish(
        fig,
        key="sweep",
        title=title,
        stamp=stamp,
        caption=(
            "One panel for each headline number, one mark for each set of pages"
            f"{'' if _by_day(members) else ', in the order of the table and with its numbers'}. "
            "A mark leads to its row in the table of sets, from which each number leads to the "
            "page that states it, with its sources."
        ),
        alt=" ".join(_panel_words(numbers, members, panels)),
        height=height,
        narrow=_narrow(panels, _foot(members)),
    )


def sweep_note(numbers: pd.DataFrame, members: pd.DataFrame) -> Note:
    """Say how the headline numbers differ between the first and the last member."""
    panels = _panels(numbers)
    if len(members) < 2 or not panels:
        return Note("There is nothing to compare yet.")
    if not _by_day(members):
        return _range_note(numbers, members, panels)
    first, last = members.iloc[0], members.iloc[-1]
    moved = [
        f"{panel['label'].lower()} from {_words(a, panel)} to {_words(b, panel)}"
        for panel in panels
        for a, b in [(_value(numbers, panel, first), _value(numbers, panel, last))]
        if a is not None and b is not None and a != b
    ]
    told = f"{list_words(moved)}" if moved else "no headline number differs"
    return Note(f"From “{first['title']}” to “{last['title']}”: {told}.")


def _range_note(
    numbers: pd.DataFrame, members: pd.DataFrame, panels: Sequence[dict[str, Any]]
) -> Note:
    """Say between which values the numbers of members lie that do not follow each other."""
    told = [
        f"{panel['label'].lower()} from {_words(low, panel)} to {_words(high, panel)}"
        for panel in panels
        for values in [numbers.loc[numbers["number"].eq(panel["number"]), "value"].dropna()]
        for low, high in [(values.min(), values.max())]
    ]
    return Note(f"Across {len(members)} pages: {list_words(told)}.")


def sweep_table(numbers: pd.DataFrame, members: pd.DataFrame, *, caption: str) -> Table:
    """Return the members with their numbers, each of which leads to the page that states it.

    Parameters
    ----------
    numbers : as in :func:`sweep_figure`, and ``page``, the page that states the number.
    members : as in :func:`sweep_figure`, and ``page``, the member's index, and ``state``.
    caption : what the table shows.
    """
    panels = _panels(numbers)
    cells = {
        (row["member"], row["number"]): PageLink(
            number_words(row["value"], decimals=_decimals(row["value"])), row["page"]
        )
        for row in numbers.dropna(subset=["value"]).to_dict("records")
    }
    columns: dict[str, Any] = {
        panel["number"]: [cells.get((name, panel["number"]), "") for name in members["member"]]
        for panel in panels
    }
    columns["what"] = [PageLink(row["title"], row["page"]) for row in members.to_dict("records")]
    columns["when"] = [day.date().isoformat() for day in members["day"]]
    rows = members.assign(**columns, place=range(1, len(members) + 1))
    heads = {panel["number"]: _heading(panel) for panel in panels}
    several = {name: members[name].nunique() > 1 for name in ("day", "state")}
    return Table(
        rows,
        {
            **({} if _by_day(members) else {"place": "No."}),
            "what": "Page" if _is_one(members) else "Set of pages",
            **({"when": "As of"} if several["day"] else {}),
            **({"state": "Reports"} if several["state"] or not _is_one(members) else {}),
            **heads,
        },
        caption=caption,
        anchor=("members", "member"),
        counts=list(heads),
    )


def _panels(numbers: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the numbers that any member has, each once, in the order in which they come."""
    stated = numbers.dropna(subset=["value"])
    once = stated.drop_duplicates("number")[["number", "label", "unit"]]
    return [{str(name): cell for name, cell in row.items()} for row in once.to_dict("records")]


def _traces(
    numbers: pd.DataFrame, members: pd.DataFrame, panels: list[dict[str, Any]]
) -> Iterator[go.Scatter]:
    by_day = _by_day(members)
    members = members.assign(place=range(1, len(members) + 1))
    datasets = list(dict.fromkeys(members["dataset"]))
    for at, panel in enumerate(panels, start=1):
        found = members.merge(numbers[numbers["number"] == panel["number"]], on="member")
        found = found.dropna(subset=["value"])
        for line, dataset in enumerate(datasets):
            rows = found[found["dataset"] == dataset]
            if rows.empty:
                continue
            style = LINES[min(line, len(LINES) - 1)]
            values = list(rows["value"])
            shared: dict[str, Any] = {
                "y": values,
                "name": dataset,
                "legendgroup": dataset,
                "showlegend": len(datasets) > 1 and at == 1,
                "customdata": [[f"members/{name}"] for name in rows["member"]],
                "hovertext": [
                    f"{title}<br>{_words(value, panel)}"
                    for title, value in zip(rows["title"], values, strict=True)
                ],
                "hoverinfo": "text",
                "xaxis": _axis("x", at),
                "yaxis": _axis("y", at),
            }
            if not by_day:
                yield go.Bar(x=list(rows["place"]), marker={"color": style.colour}, **shared)
                continue
            yield go.Scatter(
                x=[str(day.date()) for day in rows["day"]],
                mode="lines+markers+text",
                line={"color": style.colour, "dash": style.dash, "width": 1.6},
                marker={"symbol": style.symbol, "size": 6 if len(rows) <= 40 else 3},
                text=[*[""] * (len(values) - 1), _words(values[-1], panel)],
                textposition="top left" if len(values) > 1 else "top center",
                textfont={"size": 12, "color": style.colour},
                cliponaxis=False,
                **shared,
            )


def _layout(panels: list[dict[str, Any]], members: pd.DataFrame) -> dict[str, Any]:
    layout: dict[str, Any] = {
        "margin": {"l": 44, "r": 16, "t": HEAD, "b": _foot(members)},
        "annotations": [],
        "legend": {"orientation": "h", "x": 0, "y": 0, "yref": "container", "yanchor": "bottom"},
    }
    by_day = _by_day(members)
    for at, place in enumerate(_grid(len(panels), COLUMNS), start=1):
        panel = panels[at - 1]
        layout[f"xaxis{at if at > 1 else ''}"] = {
            "domain": place.x,
            "anchor": _axis("y", at),
            "type": "date" if by_day else "linear",
            "nticks": 4 if by_day else 6,
            "tickformat": "" if by_day else "d",
            "tickfont": {"size": 11},
            "showgrid": False,
            "fixedrange": True,
            "layer": "below traces",
            "matches": "x" if at > 1 else None,
        }
        layout[f"yaxis{at if at > 1 else ''}"] = {
            "domain": place.y,
            "anchor": _axis("x", at),
            "rangemode": "tozero",
            "nticks": 4,
            "tickfont": {"size": 11},
            "gridcolor": LIGHT,
            "separatethousands": True,
            "fixedrange": True,
            "layer": "below traces",
        }
        layout["annotations"].append(
            {
                "text": f"<b>{_heading(panel)}</b>",
                "x": place.x[0],
                "y": place.y[1],
                "yshift": 16,
                "xref": "paper",
                "yref": "paper",
                "xanchor": "left",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 12},
            }
        )
    return layout


def _foot(members: pd.DataFrame) -> int:
    """Return the height below all panels: only several datasets need a legend."""
    return FOOT if members["dataset"].nunique() > 1 else FOOT_PLAIN


def _narrow(panels: list[dict[str, Any]], foot: int) -> dict[str, Any]:
    """Return the layout of a narrow page: one panel below the other."""
    patch: dict[str, Any] = {
        "height": HEAD + foot + 20 + PANEL_NARROW * len(panels),
        "margin.t": HEAD + 20,
    }
    for at, place in enumerate(_grid(len(panels), 1), start=1):
        number = at if at > 1 else ""
        patch[f"xaxis{number}.domain"] = list(place.x)
        patch[f"yaxis{number}.domain"] = list(place.y)
        patch[f"annotations[{at - 1}].x"] = place.x[0]
        patch[f"annotations[{at - 1}].y"] = place.y[1]
    return patch


def _grid(count: int, columns: int) -> list[_Place]:
    """Return the places of panels, row by row from the top left."""
    columns = min(columns, count)
    rows = math.ceil(count / columns)
    wide, high, gap = 1 / columns, 1 / rows, 0.06 if columns > 1 else 0.0
    return [
        _Place(
            x=(column * wide + gap / 2 * bool(column), (column + 1) * wide - gap / 2),
            y=(1 - (row + 1) * high + high * 0.18, 1 - row * high - high * 0.24),
        )
        for at in range(count)
        for row, column in [divmod(at, columns)]
    ]


def _panel_words(
    numbers: pd.DataFrame, members: pd.DataFrame, panels: list[dict[str, Any]]
) -> Iterator[str]:
    names = members.set_index("member")["title"]
    for panel in panels:
        rows = numbers[numbers["number"] == panel["number"]].dropna(subset=["value"])
        rows = rows[rows["member"].isin(names.index)]
        first, last = rows.iloc[0], rows.iloc[-1]
        low, high = rows.loc[rows["value"].idxmin()], rows.loc[rows["value"].idxmax()]
        yield (
            f"{panel['label']}: {_words(first['value'], panel)} in “{names[first['member']]}”, "
            f"{_words(last['value'], panel)} in “{names[last['member']]}”; lowest "
            f"{_words(low['value'], panel)}, highest {_words(high['value'], panel)}."
        )


def _by_day(members: pd.DataFrame) -> bool:
    """Whether the members of each dataset differ by their days, in order."""
    return all(
        days.is_monotonic_increasing and days.is_unique and len(days) > 1
        for _, days in members.groupby("dataset", sort=False)["day"]
    )


def _is_one(members: pd.DataFrame) -> bool:
    """Whether each member is one report that was built."""
    return bool(members["state"].eq("1").all())


def _value(numbers: pd.DataFrame, panel: dict[str, Any], member: pd.Series) -> float | None:
    found = numbers[
        (numbers["number"] == panel["number"]) & (numbers["member"] == member["member"])
    ]["value"].dropna()
    return float(found.iloc[0]) if len(found) else None


def _heading(panel: dict[str, Any]) -> str:
    return f"{panel['label']} ({panel['unit']})" if panel["unit"] else str(panel["label"])


def _words(value: float, panel: dict[str, Any]) -> str:
    return number_words(value, panel["unit"], decimals=_decimals(value))


def _decimals(value: float) -> int:
    return 0 if math.isnan(value) or value.is_integer() else 2


def _axis(letter: str, at: int) -> str:
    return letter if at == 1 else f"{letter}{at}"
