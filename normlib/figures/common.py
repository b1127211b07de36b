"""What every notebook shows: what the data covers, and the sources of what was shown."""

from collections.abc import Iterable

import pandas as pd

from normlib.dossier import Dossier
from normlib.figures.tables import Note, Table
from normlib.figures.words import count_words, date_words, day_words


def coverage_note(dossier: Dossier) -> Note:
    """Say what the view holds, from when to when, and what it does not know."""
    events, day, known = dossier.events, day_words(dossier.day), day_words(dossier.known)
    if events.empty:
        return Note(
            f"The record “{dossier.title}” (release {dossier.version}) holds nothing that was "
            f"known {f'on {day}' if day == known else f'of {day} on {known}'}; nothing is recorded "
            "yet."
        )
    last = events[events["effective_on"] == events["effective_on"].max()].iloc[-1]
    sizes = [(events, "event"), (dossier.commitments, "commitment"), (dossier.sources, "source")]
    counts = ", ".join(count_words(len(rows), noun) for rows, noun in sizes)
    end = (
        f" The data covers the process until {day_words(dossier.covers_until)}; nothing is known "
        "about later days, and states are the last known ones."
        if dossier.is_latest
        else " What happened or became public later is left out."
        if day == known
        else f" What happened after {day} or became public after {known} is left out."
    )
    return Note(
        f"As of {day}{'' if day == known else f', as known on {known},'} the record "
        f"“{dossier.title}” (release {dossier.version}) "
        f"holds {counts}, from {date_words(events.iloc[0]['date'])} to "
        f"{date_words(last['date'])}.{end} A blank is not evidence that something did not happen."
    )


def sources_table(dossier: Dossier, *frames: pd.DataFrame) -> Table:
    """Return the sources that the rows of some frames cite, in the order of their ids.

    Each frame needs a column ``sources``.
    """
    cited = {name for frame in frames if len(frame) for ids in frame["sources"] for name in ids}
    sources = dossier.sources
    rows = sources[sources["source_id"].isin(cited)].reset_index(drop=True)
    return Table(
        rows.assign(published_words=rows["published"].map(date_words)),
        columns={
            "source_id": "Id",
            "publisher": "Publisher",
            "title": "Title",
            "published_words": "Published",
            "language": "Language",
            "url": "Address",
        },
        caption=f"Sources of what is shown ({count_words(len(rows), 'page')})",
        kind="sources",
    )


def cited(*frames: pd.DataFrame) -> list[str]:
    """Return the source ids that some frames cite, each once, in order."""
    found: Iterable[str] = (name for frame in frames for ids in frame["sources"] for name in ids)
    return list(dict.fromkeys(found))
