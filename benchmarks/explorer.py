"""Time a redraw of the explorer of links against drawing the map anew for each choice.

Measured are seconds of the processor, in a process of its own: from setting a control until the
explorer has told the front end everything. What a front end then does is no part of it.
"""

import argparse
import random
from collections.abc import Callable, Iterator
from statistics import median
from time import process_time

import plotly.graph_objects as go
from timing import timed

from normlib import choices, connectivity, figures, load
from normlib.choices import Choice
from normlib.dossier import Dossier
from normlib.figures.explorer import LinksExplorer

SEED = 20250912
LIMIT = 0.2

Act = Callable[[], None]


def slider(made: LinksExplorer, draw: random.Random) -> Iterator[Act]:
    """Go to any other day."""
    while True:
        at = draw.randrange(len(made.day.options))
        yield lambda at=at: setattr(made.day, "index", at)


def boxes(made: LinksExplorer, draw: random.Random) -> Iterator[Act]:
    """Tick a mode or a link, or untick it."""
    while True:
        box = draw.choice([*made.modes.values(), *made.joining.values()])
        yield lambda box=box: setattr(box, "value", not box.value)


def pair(made: LinksExplorer, draw: random.Random) -> Iterator[Act]:
    """Choose another place."""
    while True:
        control = draw.choice([made.start, made.end])
        at = draw.randrange(len(control.options))
        yield lambda control=control, at=at: setattr(control, "index", at)


KINDS = {"slider": slider, "check box": boxes, "pair": pair}


def seconds(act: Act) -> float:
    """Return the processor time of a call."""
    return timed(act, clock=process_time)[0]


def anew(record: Dossier, choice: Choice) -> None:
    """Answer a choice and draw its map from nothing, as a notebook without the explorer would."""
    view = record.as_of(choice.day)
    status = connectivity.link_status(view)
    if choice.from_site != choice.to_site and {"road", "rail", "air"} & set(choice.modes):
        choices.answer(view, choice)
    shown = status[status["mode"].isin(choice.modes)].reset_index(drop=True)
    go.FigureWidget(figures.connectivity_figure(shown, view))


def main() -> None:
    """Print median and worst of both by what the reader does, and the ratio of the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--redraws", type=int, default=200)
    redraws = parser.parse_args().redraws
    made, record = figures.links_explorer(load()), load()
    heads = "".join(f"{head:>10}" for head in ("median", "worst", "anew", "worst"))
    print(f"{'CPU ms of a redraw':<20}{heads}{'ratio':>8}")
    for name, kind in KINDS.items():
        acts = kind(made, random.Random(SEED))
        ours, theirs = [], []
        for _ in range(redraws):
            ours.append(seconds(next(acts)))
            choice = made.choice
            theirs.append(seconds(lambda choice=choice: anew(record, choice)))
        told = [1000 * value for times in (ours, theirs) for value in (median(times), max(times))]
        ratio = median(ours) / median(theirs)
        print(f"{name:<20}" + "".join(f"{value:>10.0f}" for value in told) + f"{ratio:>8.2f}")
        slow = sum(value > LIMIT for value in ours)
        print(f"  over {1000 * LIMIT:.0f} ms: {slow} of {redraws}")


if __name__ == "__main__":
    main()
