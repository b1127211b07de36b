"""Sentences that read the results of :mod:`normlib.connectivity`."""

from collections.abc import Iterable

import pandas as pd

from normlib.choices import Answer
from normlib.dossier import Dossier
from normlib.figures.common import cited
from normlib.figures.linkwords import (
    WORLDS,
    length_words,
    link_state_words,
    pair_words,
    plain_name,
    sides_words,
)
from normlib.figures.tables import Link, Note, Notes, Number
from normlib.figures.theme import MODE_STYLES, STATE_STYLES
from normlib.figures.words import count_words, date_words, day_words, list_words, number_words
from normlib.links import domestic_links, open_throughout
from normlib.routes import AIRPORT_KM, TRANSFER_KM
from normlib.rows import dicts


def links_note(status: pd.DataFrame, dossier: Dossier) -> Note:
    """Say which of the links that join the sides are open, and which are not."""
    joining = status[status["joins_sides"].astype(bool) & ~status["is_symbol"].astype(bool)]
    if joining.empty:
        return Note(f"No link that joins the two sides was on record by {day_words(dossier.day)}.")
    is_open, is_air = joining["state"].eq("open"), joining["mode"].eq("air")
    pieces: list[str | Link] = [
        f"Of {count_words(len(joining), 'link')} between {sides_words(dossier)} on record, "
        f"{_are(int(is_open.sum()))} open on {day_words(dossier.day)}"
    ]
    if is_open.any():
        pieces += [" (by air)" if is_air[is_open].all() else "", ": ", *_listed(joining[is_open])]
    pieces.append(". ")
    on_land = joining[~is_air & ~is_open]
    if len(on_land):
        pieces += ["Not open on land: ", *_listed(on_land, with_state=True), "."]
    shown = pd.concat([joining[is_open], on_land])
    numbers = [
        Number("links", "Links between the sides", len(joining)),
        Number("open-links", "Open links between the sides", int(is_open.sum())),
    ]
    return Note(pieces, _state_sources(shown), numbers)


def permissions_note(status: pd.DataFrame, dossier: Dossier) -> Note:
    """Say what is permitted between the sides without being a route."""
    symbols = status[status["is_symbol"].astype(bool)]
    if symbols.empty:
        return Note(f"No permission apart from links was on record by {day_words(dossier.day)}.")
    pieces = _listed(symbols, with_state=True)
    lead = "Permissions that are no routes, so that no map shows them and no route uses them: "
    return Note([lead, *pieces, "."], _state_sources(symbols))


def context_note(status: pd.DataFrame, dossier: Dossier) -> Note:
    """Say how the neighbours' crossings stand beside those that join the sides."""
    crossing = status[
        status["crosses_border"].astype(bool)
        & ~status["joins_sides"].astype(bool)
        & ~status["mode"].eq("air")
    ]
    if crossing.empty:
        return Note("No other link across a border is on record yet.")
    names = dossier.labels("countries")
    pairs = crossing.assign(pair=[pair_words(link, names) for link in dicts(crossing)])
    open_by_pair = pairs["state"].eq("open").groupby(pairs["pair"]).agg(["sum", "size"])
    told = [f"{pair} {row['sum']} of {row['size']}" for pair, row in open_by_pair.iterrows()]
    return Note(
        f"Around them, {pairs['state'].eq('open').sum()} of "
        f"{count_words(len(pairs), 'other land link')} across a border are open: {'; '.join(told)}."
    )


def exceptions_note(spans: pd.DataFrame, dossier: Dossier) -> Note:
    """Name the single permitted uses of closed crossings."""
    uses = spans[spans["exceptional"].astype(bool)]
    if uses.empty:
        return Note(
            "No single permitted use of a closed crossing is on record by "
            f"{day_words(dossier.day)}."
        )
    pieces: list[str | Link] = [
        f"{count_words(len(uses), 'time')} a closed crossing was used by permission, and closed "
        "again: "
    ]
    for at, row in enumerate(dicts(uses)):
        days = (row["end"] - row["start"]).days
        pieces += [
            "; " if at else "",
            Link(plain_name(row["name"]), "link_states", row["key"]),
            f", {date_words(row['since'])}, {count_words(days, 'day')} ({row['note']})",
        ]
    return Note([*pieces, "."], cited(uses))


def steady_note(status: pd.DataFrame, spans: pd.DataFrame, dossier: Dossier) -> Note:
    """Name the links that need no bar over time, so that every link is accounted for.

    These are the links within one country that were open throughout, and all links without any
    recorded state.

    Parameters
    ----------
    status : all links.
    spans : see :func:`normlib.connectivity.state_spans`.
    """
    if status.empty:
        return Note(f"No link was on record by {day_words(dossier.day)}.")
    unknown = status[~status["link_id"].isin(spans["link_id"])]
    within = domestic_links(status)
    steady = open_throughout(within, spans)
    moved = len(within) - len(steady) - int(within["link_id"].isin(unknown["link_id"]).sum())
    pieces: list[str | Link] = [
        f"Of {count_words(len(within), 'link')} within one country, {moved} "
        f"{'has a bar: it was' if moved == 1 else 'have bars: they were'} not open throughout. "
    ]
    if len(steady):
        count = f"{len(steady)} {'is' if len(steady) == 1 else 'are'}"
        pieces += [f"{count} open throughout, as far as is recorded: "]
        pieces += [*_by_group(steady, dossier), "."]
    if len(unknown):
        count = count_words(len(unknown), "link")
        pieces += [f" No state is on record for {count}: ", *_by_group(unknown, dossier), "."]
    return Note(pieces, _state_sources(steady))


def _by_group(links: pd.DataFrame, dossier: Dossier) -> list[str | Link]:
    """Return links by mode and countries."""
    names = dossier.labels("countries")
    groups: dict[str, list[Link]] = {}
    for mode, style in MODE_STYLES.items():
        for link in dicts(links[links["mode"] == mode].sort_values("name")):
            group = f"{style.label}, {pair_words(link, names)}"
            groups.setdefault(group, []).append(
                Link(plain_name(link["name"]), "links", link["link_id"])
            )
    pieces: list[str | Link] = []
    for at, (group, found) in enumerate(groups.items()):
        pieces += ["; " if at else "", f"{group}: "]
        for number, named in enumerate(found):
            pieces += [", " if number else "", named]
    return pieces


def since_note(spans: pd.DataFrame, dossier: Dossier, *, since: pd.Timestamp) -> Note:
    """Name the links that entered another state since a day."""
    entered = spans[(spans["start"] > since) & spans.duplicated("link_id", keep="first")]
    if entered.empty:
        return Note(f"No link entered another state between {day_words(since)} and the day.")
    pieces: list[str | Link] = [f"Since {day_words(since)}, links entered another state: "]
    for at, row in enumerate(dicts(entered)):
        pieces += [
            "; " if at else "",
            Link(plain_name(row["name"]), "link_states", row["key"]),
            f" {STATE_STYLES[row['state']].label} ({date_words(row['since'])})",
        ]
    return Note([*pieces, "."], cited(entered))


def what_if_note(
    changes: pd.DataFrame, dossier: Dossier, *, open_links: Iterable[str] = ()
) -> Note:
    """Say what the opened links change, the most telling trip first."""
    names = _link_names(open_links, dossier)
    if changes.empty or not names:
        return Note("No link is opened here, or no trip can be computed yet.")
    gains = changes[changes["reachable_after"].astype(bool)]
    factor = gains["times_shorter"].astype("float64")
    pieces: list[str | Link] = ["With ", *_between(names), " open, "]
    told = []
    if factor.notna().any():
        best = gains[factor == factor.max()].iloc[0]
        told.append(
            f"{best['trip']} would shrink from {number_words(best['km_before'], 'km')} to "
            f"{number_words(best['km_after'], 'km')}, by a factor of {best['times_shorter']:.1f}"
        )
    new = gains[~gains["reachable_before"].astype(bool)]
    if len(new):
        told.append(f"{list_words(new['trip'])} would become possible at all")
    freed = gains[
        gains["third_countries_before"].map(len).gt(0)
        & gains["third_countries_after"].map(len).eq(0)
    ]
    told.append(
        f"{len(freed)} of {count_words(len(changes), 'trip')} would no longer need a third country"
    )
    return Note([*pieces, "; ".join(told), "."], cited(changes))


def redundancy_note(changes: pd.DataFrame, dossier: Dossier) -> Note:
    """Say which trips hang on one link, before and after."""
    if changes.empty:
        return Note("No trip can be computed yet.")
    told = []
    for when, word in WORLDS.items():
        alone = changes[changes[f"disjoint_{when}"].astype(int) == 1]
        several = int((changes[f"disjoint_{when}"].astype(int) > 1).sum())
        told.append(
            f"{word}, {count_words(len(alone), 'trip')} of {len(changes)} "
            f"{'hangs' if len(alone) == 1 else 'hang'} on one single leg somewhere and {several} "
            f"{'has' if several == 1 else 'have'} two routes or more that share none"
        )
    return Note(f"{'; '.join(told)}.".capitalize(), cited(changes))


def trip_note(answer: Answer, dossier: Dossier) -> Note:
    """Say how far the trip of a choice is as it is, and with the chosen links changed."""
    row, names = answer.changes.iloc[0].to_dict(), dossier.labels("countries")
    before, after = (length_words(row, when, names) for when in WORLDS)
    changed = _changed(answer, dossier)
    if not changed:
        return Note(f"{row['trip']}: {before}.", row["sources"])
    pieces: list[str | Link] = [f"{row['trip']}: {before} as it is; with ", *changed]
    if row["km_after"] == row["km_before"] or not (
        row["reachable_before"] | row["reachable_after"]
    ):
        pieces.append(" it is the same")
    else:
        pieces.append(f": {after}")
    unused = [name for name in answer.opened if name not in row["uses"]]
    if unused and row["uses"]:
        pieces += [". Not on the way: ", *_between(_link_names(unused, dossier))]
    return Note([*pieces, "."], row["sources"])


def needs_note(answer: Answer, dossier: Dossier) -> Note:
    """Say without which links there is no way at all, as it is and with links changed."""
    row = answer.changes.iloc[0].to_dict()
    worlds = list(WORLDS) if answer.opened or answer.closed else ["before"]
    told: dict[tuple[str, ...], list[str]] = {}
    for when in worlds:
        if row[f"reachable_{when}"]:
            told.setdefault(row[f"depends_on_{when}"], []).append(WORLDS[when])
    if not told:
        return Note("There is no way that could depend on a link.")
    pieces: list[str | Link] = []
    for needed, cases in told.items():
        pieces.append(f"{'; ' if pieces else ''}{list_words(cases)}, ")
        names = _between(_link_names(needed, dossier))
        pieces += ["there is no way without ", *names] if names else [ROUND]
    first = str(pieces[0])
    return Note([first[0].upper() + first[1:], *pieces[1:], "."], row["sources"])


ROUND = "every link on the way has a way round it"


def transfers_note(transfers: pd.DataFrame) -> Notes:
    """Say by which rules a journey may change between sites."""
    counts = transfers["rule"].value_counts()
    return Notes(
        [
            Note(
                "A journey changes from one mode to another at a site that both share, or by a "
                f"transfer. {count_words(int(counts.get('same place', 0)), 'transfer')} join two "
                f"sites of one country at most {TRANSFER_KM:.0f} km apart that are served by "
                "different modes; "
                f"{count_words(int(counts.get('airport', 0)), 'transfer')} join an airport with "
                f"the best-connected town or port of its country within {AIRPORT_KM:.0f} km."
            ),
            Note("Transfers are straight lines, count in a trip's length, and cross no border."),
        ]
    )


def _state_sources(links: pd.DataFrame) -> list[str]:
    """Return the sources of the last rows on the states of links."""
    return list(dict.fromkeys(name for ids in links["state_sources"] for name in ids))


def _are(number: int) -> str:
    return f"{number or 'none'} {'is' if number <= 1 else 'are'}"


def _listed(links: pd.DataFrame, *, with_state: bool = False) -> list[str | Link]:
    pieces: list[str | Link] = []
    for at, link in enumerate(dicts(links)):
        name, _, state = link_state_words(link).partition(": ")
        pieces += ["; " if at else "", Link(name, "links", link["link_id"])]
        pieces += [f", {state}"] if with_state else []
    return pieces


def _changed(answer: Answer, dossier: Dossier) -> list[str | Link]:
    """Name the links that are taken as open and as closed; nothing where none is."""
    pieces: list[str | Link] = []
    for names, word in ((answer.opened, "open"), (answer.closed, "closed")):
        if names:
            joint = [" and "] if pieces else []
            pieces += [*joint, *_between(_link_names(names, dossier)), f" {word}"]
    return pieces


def _link_names(names: Iterable[str], dossier: Dossier) -> list[Link]:
    return [Link(plain_name(dossier.label("links", name)), "links", name) for name in names]


def _between(names: list[Link]) -> list[str | Link]:
    pieces: list[str | Link] = []
    for at, name in enumerate(names):
        pieces += ["" if at == 0 else " and " if at == len(names) - 1 else ", ", name]
    return pieces
