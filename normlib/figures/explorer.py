"""Controls, a map and words for JupyterLab: choose a day, links and a pair, and see what follows.

The library does without the packages of JupyterLab; they are imported when an explorer is made.
"""

import gc
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from html import escape
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from normlib import choices
from normlib.choices import Answer, Choice
from normlib.dossier import Dossier
from normlib.errors import NormlibError, SurroundingsError
from normlib.figures.common import sources_table
from normlib.figures.linknotes import needs_note, trip_note
from normlib.figures.linkscene import Changes, Scene, patched
from normlib.figures.linktables import legs_table
from normlib.figures.linkwords import link_state_words, plain_name, sides_words
from normlib.figures.tables import Note, Table
from normlib.figures.theme import MODE_STYLES, STATE_STYLES
from normlib.figures.words import capital, count_words, day_words, list_words
from normlib.routes import TRAVEL_MODES
from normlib.rows import dicts

NEEDED = ("ipywidgets", "anywidget")

LOOK = """
.normlib-explorer .widget-checkbox { height: auto; margin-right: 10px; }
.normlib-explorer .widget-checkbox .widget-label-basic {
  width: auto; overflow: visible; align-items: baseline; line-height: 1.3; white-space: normal;
}
.normlib-explorer .widget-button { margin-left: 10px; }
.normlib-explorer select[multiple] { font-size: 12px; }
.normlib-explorer .widget-html-content { line-height: 1.4; }
.normlib-explorer .normlib-heading { margin-top: 10px; }
.normlib-explorer .normlib-said p { margin: 0 0 .5em; }
.normlib-explorer .normlib-said table { border-collapse: collapse; margin: .5em 0; }
.normlib-explorer .normlib-said caption { padding: .3em 0; text-align: left; }
.normlib-explorer .normlib-said :is(th, td) { padding: .1em .9em .1em 0; }
.normlib-explorer .normlib-said th { text-align: left; }
.normlib-explorer .normlib-said [role="alert"] {
  border-left: 4px solid #d55e00; padding: .2em .7em;
}
"""

KEYS = """
export default { render() {
  const keep = (event) => {
    if (event.target.matches(".normlib-explorer select"))
      event.target.setAttribute("data-lm-suppress-shortcuts", "true");
  };
  document.addEventListener("focusin", keep);
  return () => document.removeEventListener("focusin", keep);
} };
"""
"""Lets a list in focus have its arrow keys, with which JupyterLab would go to another cell."""

NAMED = 3
"""How many links with a new state are named; the others are counted."""


def links_explorer(dossier: Dossier) -> "LinksExplorer":
    """Return controls for JupyterLab that ask the map of links: which day, which links, which pair.

    The slider goes through the first day of every month and every day that told of a state, up to
    the day of the view; each shows ``dossier.as_of(day)``. Ticked modes are shown, and those of
    travel among them carry the trip. Ticked links are taken as opened, chosen ones as opened or
    closed, on all days on which they are not.

    Raises
    ------
    SurroundingsError
        The packages of JupyterLab are not installed.
    """
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        verb = "is" if len(missing) == 1 else "are"
        raise SurroundingsError(
            f"the explorer needs {list_words(missing)}, which {verb} not installed: run `make lab` "
            "or, in another environment, `pip install -e '.[lab]'`."
        )
    return LinksExplorer(dossier)


class LinksExplorer:
    """The explorer: its controls, its picture and its words. Made by :func:`links_explorer`.

    Attributes
    ----------
    choice : what is chosen now.
    day, start, end, modes, joining, others : the controls; ``modes`` and ``joining`` hold a check
        box by mode and by link.
    figure : the map.
    told, route, message : the words on the day, on the trip, and on what is wrong.
    box : all of it.
    """

    def __init__(self, dossier: Dossier) -> None:
        self._widgets: Any = import_module("ipywidgets")
        self._dossier = dossier
        self._scene = Scene(dossier)
        self._days, self._turns = choices.stops(dossier), choices.turns(dossier)
        self._offering = False
        self.choice: Choice = choices.first_choice(dossier)
        changes = self._scene.changes(dossier, self.choice.modes)
        self.figure: Any = go.FigureWidget(patched(self._scene.figure, changes))
        self._shown: Changes = changes
        self._make_controls()
        self.box: Any = self._arranged()
        self._redraw()

    def _repr_mimebundle_(self, **options: Any) -> Any:
        return self.box._repr_mimebundle_(**options)

    # Controls

    def _make_controls(self) -> None:
        make, choice = self._widgets, self.choice
        self.day = make.SelectionSlider(
            options=[(day_words(day), day) for day in self._days],
            value=choice.day,
            description="Day",
            readout=False,
            style={"description_width": "40px"},
            layout=make.Layout(flex="1 1 auto", width="auto"),
        )
        self.before = _button(make, "‹ change", "To the change before this day")
        self.after = _button(make, "change ›", "To the next change")
        self.start, self.end = _places(make, "From"), _places(make, "To")
        self.modes = {
            mode: _box(make, style.label, value=True)
            for mode, style in MODE_STYLES.items()
            if mode in choice.modes
        }
        links = choices.changeable(self._dossier, choice.modes)
        links = links[links["joins_sides"].astype(bool)]
        self.joining = {name: _box(make, name, value=False) for name in links["link_id"]}
        self.others = make.SelectMultiple(rows=10, layout=make.Layout(width="auto"))
        self.reset = _button(make, "Undo changes", "Take no link as opened or closed")
        self.told, self.route, self.message = make.HTML(), make.HTML(), make.HTML()
        self._listen()

    def _listen(self) -> None:
        self.day.observe(lambda change: self._choose(day=change["new"]), "value")
        self.start.observe(lambda change: self._choose(from_site=change["new"] or ""), "value")
        self.end.observe(lambda change: self._choose(to_site=change["new"] or ""), "value")
        for box in self.modes.values():
            box.observe(lambda _: self._choose(modes=_ticked(self.modes)), "value")
        for box in (*self.joining.values(), self.others):
            box.observe(lambda _: self._choose_links(), "value")
        self.before.on_click(lambda _: self._turn(back=True))
        self.after.on_click(lambda _: self._turn(back=False))
        self.reset.on_click(lambda _: self._choose(open_links=(), close_links=()))

    def _arranged(self) -> Any:
        make = self._widgets
        wrap = {"width": "100%", "flex_flow": "row wrap"}
        modes = make.Layout(align_items="baseline", **wrap)
        picture = make.Box([self.figure], layout=make.Layout(overflow="auto hidden"))
        said = make.VBox([self.message, self.route])
        said.add_class("normlib-said")
        side = make.VBox(
            [
                self.start,
                self.end,
                _heading(make, f"Take as open, between {sides_words(self._dossier)}"),
                *self.joining.values(),
                _heading(make, "Change other links (Ctrl or ⌘ for several)"),
                self.others,
                self.reset,
            ],
            layout=make.Layout(flex="1 1 280px", max_width="440px"),
        )
        left = make.Layout(flex="0 1 700px", min_width="0")
        box = make.VBox(
            [
                _manners(),
                make.HBox([self.day, self.before, self.after]),
                self.told,
                make.Box([make.Label("Modes"), *self.modes.values()], layout=modes),
                make.Box(
                    [make.VBox([picture, said], layout=left), side], layout=make.Layout(**wrap)
                ),
            ]
        )
        box.add_class("normlib-explorer")
        return box

    # What the reader does

    def _choose(self, **chosen: Any) -> None:
        """Take a part of the choice, and show what follows."""
        if not self._offering:
            self.choice = self.choice._replace(**chosen)
            self._redraw()

    def _choose_links(self) -> None:
        """Take what is ticked and selected; what is not on offer today stays as it was chosen."""
        if self._offering:
            return
        offered = {*self._open_on_offer, *self._closed_on_offer}
        selected = {*_ticked(self.joining), *self.others.value}
        self._choose(
            open_links=_updated(self.choice.open_links, offered, self._open_on_offer & selected),
            close_links=_updated(
                self.choice.close_links, offered, self._closed_on_offer & selected
            ),
        )

    def _turn(self, *, back: bool) -> None:
        """Go to the day on which a link entered another state, before or after the day shown."""
        at = bisect_left(self._turns, self.choice.day) - 1
        at = at if back else bisect_right(self._turns, self.choice.day)
        if 0 <= at < len(self._turns):
            self.day.value = self._turns[at]

    # What follows

    def _redraw(self) -> None:
        """Show what follows from the choice; an error is told to the reader, never swallowed."""
        try:
            with _collecting_later():
                self._show(self._dossier.as_of(self.choice.day))
        except Exception as error:
            self.message.value = _alert(f"{type(error).__name__}: {error}")
            raise

    def _show(self, dossier: Dossier) -> None:
        self._offer(dossier)
        answer, problem = self._answer(dossier)
        self._draw(self._scene.changes(dossier, self.choice.modes, answer))
        self.told.value = _told(dossier)
        self.route.value = _route(answer, dossier) if answer else ""
        self.message.value = _alert(problem) if problem else ""

    def _answer(self, dossier: Dossier) -> tuple[Answer | None, str]:
        """Return the answer, or why there is none."""
        try:
            return choices.answer(dossier, self.choice), ""
        except NormlibError as error:
            return None, str(error)

    def _draw(self, changes: Changes) -> None:
        """Tell the map what is different from what it shows."""
        shown, self._shown = self._shown, changes
        with self.figure.batch_update():
            for at, (old, new) in enumerate(zip(shown.traces, changes.traces, strict=True)):
                for path, value in _news(old, new):
                    self.figure.data[at][path] = value
            for path, value in _news(shown.layout, changes.layout):
                self.figure.layout[path] = value

    def _offer(self, dossier: Dossier) -> None:
        """Offer the places and links that the view knows."""
        self._offering = True
        try:
            self._offer_places(dossier)
            self._offer_links(choices.changeable(dossier, self.choice.modes))
        finally:
            self._offering = False

    def _offer_places(self, dossier: Dossier) -> None:
        names = dossier.labels("countries")
        found = choices.places(dossier)
        options = tuple(
            (f"{site['name']}, {names.get(site['country'], '')}", site["site_id"])
            for site in dicts(found)
        )
        known = set(found["site_id"])
        for control, site in ((self.start, self.choice.from_site), (self.end, self.choice.to_site)):
            if tuple(control.options) != options:
                control.options = options
            control.value = site if site in known else None

    def _offer_links(self, links: pd.DataFrame) -> None:
        rows = dicts(links)
        is_open = {link["link_id"]: link["state"] == "open" for link in rows}
        self._closed_on_offer = {name for name, opened in is_open.items() if opened}
        self._open_on_offer = set(is_open) - self._closed_on_offer
        for name, box in self.joining.items():
            box.layout.display = "" if name in self._open_on_offer else "none"
            box.value = name in self.choice.open_links and name in self._open_on_offer
        for link in rows:
            if link["link_id"] in self.joining:
                self.joining[link["link_id"]].description = link_state_words(link)
        options = tuple(_other(link) for link in rows if self._is_other(link))
        options = tuple(sorted(options, key=lambda option: option[0]))
        if tuple(self.others.options) != options:
            self.others.options = options
        chosen = {*(self._open_on_offer & set(self.choice.open_links))}
        chosen |= self._closed_on_offer & set(self.choice.close_links)
        self.others.value = tuple(name for _, name in options if name in chosen)

    def _is_other(self, link: Mapping[Any, Any]) -> bool:
        ticks = link["link_id"] in self.joining and link["state"] != "open"
        return link["mode"] in TRAVEL_MODES and not ticks


@contextmanager
def _collecting_later() -> Iterator[None]:
    """Let the search for garbage wait: a whole one takes longer than everything else here."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _news(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(path, value) for path, value in new.items() if path not in old or old[path] != value]


def _updated(chosen: Iterable[str], offered: set[str], now: set[str]) -> tuple[str, ...]:
    kept = [name for name in chosen if name not in offered or name in now]
    return tuple(dict.fromkeys([*kept, *sorted(now)]))


def _ticked(boxes: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(name for name, box in boxes.items() if box.value)


def _other(link: Mapping[Any, Any]) -> tuple[str, str]:
    verb = "close" if link["state"] == "open" else "open"
    return f"{verb}: {plain_name(link['name'])}", link["link_id"]


# Parts of controls and words


def _manners() -> Any:
    """Return a widget that shows nothing, and brings the looks and the keys."""
    base = import_module("anywidget").AnyWidget
    return type("Manners", (base,), {"_esm": KEYS, "_css": LOOK})()


def _button(make: Any, words: str, tooltip: str) -> Any:
    return make.Button(description=words, tooltip=tooltip, layout=make.Layout(width="auto"))


def _box(make: Any, words: str, *, value: bool) -> Any:
    layout = make.Layout(width="auto")
    return make.Checkbox(description=words, value=value, indent=False, layout=layout)


def _places(make: Any, words: str) -> Any:
    style, layout = {"description_width": "40px"}, make.Layout(width="auto")
    return make.Dropdown(description=words, style=style, layout=layout)


def _heading(make: Any, words: str) -> Any:
    heading = make.HTML(f"<b>{escape(words)}</b>")
    heading.add_class("normlib-heading")
    return heading


def _told(dossier: Dossier) -> str:
    """Return the day, and the links whose states are new; a vague date counts from its last day."""
    links = dicts(choices.entered(dossier))
    named = [f"{plain_name(one['name'])} {STATE_STYLES[one['state']].label}" for one in links]
    more = len(named) - NAMED
    if more > 1:
        named = [*named[:NAMED], f"{count_words(more, 'other link')}"]
    changed = f" New by this day: {escape(list_words(named))}." if named else ""
    return f"<b>{day_words(dossier.day)}.</b>{changed}"


def _route(answer: Answer, dossier: Dossier) -> str:
    """Return the sentences on the trip, its legs, and the pages that both rest on."""
    changed = bool(answer.opened or answer.closed)
    legs = answer.legs if changed else answer.legs[answer.legs["when"] == "before"]
    parts = [_html(_unsourced(trip_note(answer, dossier)))]
    parts.append(_html(_unsourced(needs_note(answer, dossier))))
    if len(legs):
        table = legs_table(legs.reset_index(drop=True), dossier)
        left_out = {"trip", "sources", *(() if changed else ("when",))}
        columns = {name: head for name, head in table.columns.items() if name not in left_out}
        caption = f"Legs of the shortest route. {table.caption.partition('. ')[2]}"
        parts.append(_html(replace(table, columns=columns, caption=caption)))
        sources = sources_table(dossier, legs)
        parts.append(
            f"<details><summary>{escape(sources.caption)}</summary>{_html(sources)}</details>"
        )
    return "".join(parts)


def _unsourced(note: Note) -> Note:
    return replace(note, sources=())


def _html(shown: Note | Table) -> str:
    return str(shown._repr_mimebundle_()["text/html"])


def _alert(text: str) -> str:
    return f'<p role="alert">{escape(capital(text))}</p>'
