"""Which link matters most: what opening each link would save, and what losing it would cost.

Trips, usable links and lengths are those of :mod:`normlib.routes`. A trip that has no way cannot
save kilometres: it is counted as *made possible*, or *cut off*, beside the sums.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from normlib import distances
from normlib.distances import ALWAYS, Bools, Floats, Ints, Legs
from normlib.dossier import Dossier
from normlib.links import each_once, state_spans
from normlib.memo import once
from normlib.routes import TRAVEL_MODES, network_of, usable_links
from normlib.trips import Trip, trip_name

OPENING, LOSS = "opening", "loss"

SINGLE_COLUMNS = [
    *("link_id", "name", "mode", "state", "since", "joins_sides", "change"),
    *("trip", "from_site", "to_site", "modes", "km_before", "km_after", "saved_km"),
    *("possible_before", "possible_after", "sources"),
]
RANK_COLUMNS = [
    *("rank", "link_id", "name", "mode", "state", "since", "joins_sides", "trips"),
    *("trips_changed", "made_possible", "cut_off", "saved_km", "most_on", "most_km", "sources"),
]
TOGETHER_COLUMNS = [
    *("rank", "size", "link_ids", "names", "made_possible", "saved_km"),
    *("alone_possible", "alone_km", "interaction_km", "interaction_possible", "sources"),
]
DEPENDENCE_COLUMNS = [
    *("trip", "country", "when", "possible", "km", "possible_without", "km_without", "extra_km"),
    "depends",
]
HISTORY_COLUMNS = ["trip", "start", "end", "possible", "km"]


def single_changes(
    dossier: Dossier,
    trips: Iterable[Trip],
    *,
    open_links: Iterable[str] = (),
    close_links: Iterable[str] = (),
    include_restricted: bool = False,
) -> pd.DataFrame:
    """Return what each link, changed alone, does to each trip that goes by its mode.

    A link that is not usable is opened (``change`` is ``opening``), one that is usable is lost
    (``loss``). Permissions that are no routes are left out, and trips to sites that the view does
    not know.

    Parameters
    ----------
    open_links, close_links : links taken as open or closed to begin with.

    Returns
    -------
    Columns ``SINGLE_COLUMNS``, one row for each link and trip. ``km_before`` and ``km_after`` are
    NaN without a way, and so is ``saved_km`` unless there is a way in both cases; a loss saves a
    negative length. ``since`` is EDTF text, single permitted uses of the link left aside.

    Raises
    ------
    RecipeError
        An unknown mode or link, or one link both opened and closed.
    """
    choice = (tuple(open_links), tuple(close_links), include_restricted)
    return _single_changes(dossier, tuple(trips), *choice)


def rank_links(singles: pd.DataFrame, *, change: str = OPENING) -> pd.DataFrame:
    """Rank links by what their change alone does to all trips together.

    An opening comes first that makes most trips possible, a loss that cuts most off; then the one
    that changes the sum of lengths most, over trips with a way before and after.

    Parameters
    ----------
    singles : see :func:`single_changes`.
    change : ``opening`` or ``loss``.

    Returns
    -------
    Columns ``RANK_COLUMNS``: ``trips`` counts those that go by the link's mode, ``most_on`` names
    the trip with a way in both cases whose length changes most, by ``most_km``. Links that change
    nothing come last, with the same rank.
    """
    part = singles[singles["change"] == change]
    rows = [_ranked(group) for _, group in part.groupby("link_id", sort=True)]
    found = pd.DataFrame(rows, columns=RANK_COLUMNS[1:])
    order = ["made_possible", "cut_off", "saved_km", "link_id"]
    keys = found.assign(saved_km=found["saved_km"].abs())
    found = found.loc[keys.sort_values(order, ascending=[False, False, False, True]).index]
    found = found.reset_index(drop=True)
    return found.assign(rank=_ranks(found, order[:3]))[RANK_COLUMNS]


def best_together(
    dossier: Dossier,
    trips: Iterable[Trip],
    *,
    size: int,
    open_links: Iterable[str] = (),
    close_links: Iterable[str] = (),
    include_restricted: bool = False,
) -> pd.DataFrame:
    """Rank all sets of links of one size that could be opened together.

    Links interact. Two that make one way need each other: together they save more than the sum of
    each alone. Two that stand for each other save less.

    Parameters
    ----------
    size : how many links open together.

    Returns
    -------
    Columns ``TOGETHER_COLUMNS``, the best first, in the order of :func:`rank_links`. ``alone_km``
    and ``alone_possible`` are sums over the links opened alone, ``interaction_km`` and
    ``interaction_possible`` what opening together adds to them. Kilometres count trips that have a
    way as it is.
    """
    choice = (tuple(open_links), tuple(close_links), include_restricted)
    return _best_together(dossier, tuple(trips), size, *choice)


def telling_sets(pairs: pd.DataFrame, triples: pd.DataFrame) -> pd.DataFrame:
    """Return the sets of links that tell most of how links interact.

    The pair and the triple that save most kilometres; those that make most trips possible; and the
    pair whose links stand for each other most, so that together they save less than added up. A
    triple is named only where it does better than the pair.

    Parameters
    ----------
    pairs, triples : see :func:`best_together`.

    Returns
    -------
    Columns ``why``, in words, and those of ``TOGETHER_COLUMNS``. A set is named once, by its first
    reason.
    """
    found = []
    for measure, words in (
        ("saved_km", "saves most kilometres"),
        ("made_possible", "makes most trips possible"),
    ):
        most = 0.0
        for sets, noun in ((pairs, "pair"), (triples, "triple")):
            if len(sets) and sets[measure].max() > most:
                most = sets[measure].max()
                best = sets[sets[measure] == most].head(1)
                found.append(best.assign(why=f"{noun} that {words}"))
    apart = pairs.sort_values(["interaction_km", "rank"], kind="stable").head(1)
    apart = apart[apart["interaction_km"] < 0]
    found.append(apart.assign(why="pair whose links stand for each other most"))
    told = pd.DataFrame(pd.concat(found)).drop_duplicates("link_ids")
    return told.reset_index(drop=True)[["why", *TOGETHER_COLUMNS]]


def prepared_scenarios(
    ranks: pd.DataFrame, sets: pd.DataFrame, also: Iterable[str] = ()
) -> dict[str, tuple[str, ...]]:
    """Return links to open, by a name that says which: those that change a trip, alone and in sets.

    Parameters
    ----------
    ranks : see :func:`rank_links`, of openings.
    sets : see :func:`telling_sets`.
    also : links to open all together, last.
    """
    names = dict(zip(ranks["link_id"], ranks["name"], strict=True))
    telling = ranks.loc[ranks["trips_changed"] > 0, "link_id"]
    chosen = [*((link,) for link in telling), *sets["link_ids"]]
    last = tuple(link for link in also if link in names)
    chosen += [last] if last and set(last) not in map(set, chosen) else []
    return {" + ".join(names[link] for link in links): tuple(links) for links in chosen}


def dependence(
    dossier: Dossier,
    trips: Iterable[Trip],
    *,
    open_links: Iterable[str] = (),
    close_links: Iterable[str] = (),
    include_restricted: bool = False,
) -> pd.DataFrame:
    """Return how far trips depend on third countries, as it is and with links changed.

    Returns
    -------
    Columns ``DEPENDENCE_COLUMNS``, one row for each trip, country and case (``when``: ``before``
    or ``after``), for the countries without which the trip would be longer or impossible in one of
    the cases; its own two are none of them. ``km_without`` is the shortest way that avoids the
    country, NaN without one; a trip ``depends`` on a country when it has a way, but none that
    avoids it.
    """
    status = network_of(dossier).status
    now = usable_links(dossier, status, include_restricted, (), ())
    then = usable_links(dossier, status, include_restricted, open_links, close_links)
    frames = [
        _avoiding(dossier, net, part, {"before": now, "after": then})
        for net, part in _by_modes(dossier, trips)
    ]
    return _in_order(frames, dossier, trips, DEPENDENCE_COLUMNS)


@once
def trip_history(dossier: Dossier, trips: tuple[Trip, ...]) -> pd.DataFrame:
    """Return how long the shortest way of each trip was over time, by the record of the view.

    Returns
    -------
    Columns ``HISTORY_COLUMNS``, one row for each trip and time in which its length stayed the
    same; ``km`` is NaN where there was no way. Time begins with the day on which the record of most
    links does.
    """
    spans = state_spans(dossier)
    if spans.empty:
        return pd.DataFrame(columns=HISTORY_COLUMNS)
    begin = spans.drop_duplicates("link_id")["start"].mode().iloc[0]
    days = sorted({day for day in spans["start"] if day >= begin})
    last = ~spans.duplicated("link_id", keep="last")
    open_spans = spans.assign(is_last=last)[spans["state"] == "open"]
    frames = []
    for net, part in _by_modes(dossier, trips):
        pairs = net.pairs(part)
        table = [
            distances.shortest(net.legs, net.usable(_open_on(open_spans, day)), pairs)
            for day in days
        ]
        for trip, lengths in zip(part, np.transpose(table), strict=True):
            frames.append(_times(trip_name(dossier, trip), days, lengths, dossier.day))
    return _in_order(frames, dossier, trips, HISTORY_COLUMNS)


# Networks as arrays


class _Net(NamedTuple):
    """The network of some modes with numbers for sites and links."""

    legs: Legs
    links: tuple[str, ...]
    sites: Mapping[str, int]
    country: tuple[str, ...]

    def pairs(self, trips: Iterable[Trip]) -> Ints:
        """Return the ends of trips, two columns."""
        return np.array([[self.sites[trip.from_site], self.sites[trip.to_site]] for trip in trips])

    def usable(self, links: Collection[str]) -> Bools:
        """Return whether each link is among some."""
        return np.array([link in links for link in self.links], dtype=bool)

    def avoiding(self, country: str) -> Legs:
        """Return the legs that touch no site of a country."""
        outside = np.array([code != country for code in self.country])
        keep = outside[self.legs.a] & outside[self.legs.b]
        legs = self.legs
        return replace(legs, a=legs.a[keep], b=legs.b[keep], km=legs.km[keep], link=legs.link[keep])


@once
def _net(dossier: Dossier, modes: tuple[str, ...]) -> _Net:
    network = network_of(dossier)
    sites = {site: at for at, (site, _) in enumerate(network.sites)}
    chosen = [leg for leg in network.legs if leg["mode"] in modes]
    links = tuple(dict.fromkeys(leg["link_id"] for leg in chosen))
    number = {link: at for at, link in enumerate(links)}
    rows = [
        (sites[leg["from_site"]], sites[leg["to_site"]], leg["length_km"], number[leg["link_id"]])
        for leg in chosen
    ]
    if set(modes) & set(TRAVEL_MODES):
        rows += [(sites[a], sites[b], km, ALWAYS) for a, b, km in network.transfers]
    table = np.array(rows, dtype=float).reshape(-1, 4)
    a, b, link = (table[:, at].astype(np.int64) for at in (0, 1, 3))
    country = tuple(str(site["country"]) for _, site in network.sites)
    legs = Legs(len(sites), len(links), a, b, table[:, 2], link)
    return _Net(legs, links, MappingProxyType(sites), country)


def _by_modes(dossier: Dossier, trips: Iterable[Trip]) -> Iterator[tuple[_Net, list[Trip]]]:
    """Yield the trips between known sites that go by the same modes, with their network."""
    known = set(dossier.sites["site_id"])
    together: dict[tuple[str, ...], list[Trip]] = {}
    for trip in trips:
        if {trip.from_site, trip.to_site} <= known:
            together.setdefault(trip.modes, []).append(trip)
    for modes, part in together.items():
        yield _net(dossier, modes), part


def _in_order(
    frames: Sequence[pd.DataFrame], dossier: Dossier, trips: Iterable[Trip], columns: list[str]
) -> pd.DataFrame:
    """Join frames in the order in which trips were asked for."""
    if not any(len(frame) for frame in frames):
        return pd.DataFrame(columns=columns)
    place = {trip_name(dossier, trip): at for at, trip in enumerate(trips)}
    found = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    order = found["trip"].map(place).argsort(kind="stable")
    return found.iloc[order].reset_index(drop=True)[columns]


def _km(lengths: Floats) -> Floats:
    """Return lengths with NaN where there is no way."""
    return np.where(np.isfinite(lengths), lengths, np.nan)


def _without_noise(differences: Any) -> Any:
    """Return differences of lengths without what comes of adding in another order."""
    return np.round(differences, 6) + 0.0


# Single links


@once
def _single_changes(
    dossier: Dossier,
    trips: tuple[Trip, ...],
    open_links: tuple[str, ...],
    close_links: tuple[str, ...],
    include_restricted: bool,
) -> pd.DataFrame:
    status = network_of(dossier).status.set_index("link_id", drop=False)
    choice = (include_restricted, open_links, close_links)
    usable = usable_links(dossier, status, *choice)
    frames = [
        _of_one_network(dossier, net, part, usable) for net, part in _by_modes(dossier, trips)
    ]
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return pd.DataFrame(columns=SINGLE_COLUMNS)
    found = pd.concat(frames, ignore_index=True)
    of_link = status[["name", "mode", "state", "lasting_since", "joins_sides", "sources"]]
    found = found.join(of_link.rename(columns={"lasting_since": "since"}), on="link_id")
    found["change"] = found["link_id"].isin(usable).map({True: LOSS, False: OPENING})
    place = {trip_name(dossier, trip): at for at, trip in enumerate(trips)}
    order = found.assign(at=found["trip"].map(place)).sort_values(["link_id", "at"]).index
    return found.loc[order].reset_index(drop=True)[SINGLE_COLUMNS]


def _of_one_network(
    dossier: Dossier, net: _Net, trips: Sequence[Trip], usable: set[str]
) -> pd.DataFrame:
    here, pairs = net.usable(usable), net.pairs(trips)
    before = _km(distances.shortest(net.legs, here, pairs))
    after = _km(distances.changed_alone(net.legs, here, pairs))
    links, count = len(net.links), len(trips)
    found = pd.DataFrame(
        {
            "link_id": np.repeat(np.array(net.links, dtype=object), count),
            "trip": [trip_name(dossier, trip) for trip in trips] * links,
            "from_site": [trip.from_site for trip in trips] * links,
            "to_site": [trip.to_site for trip in trips] * links,
            "modes": [trip.modes for trip in trips] * links,
            "km_before": np.tile(before, links),
            "km_after": after.ravel(),
        }
    )
    return found.assign(
        saved_km=_without_noise(found["km_before"] - found["km_after"]),
        possible_before=found["km_before"].notna(),
        possible_after=found["km_after"].notna(),
    )


def _ranked(link: pd.DataFrame) -> dict[str, Any]:
    """Return one link's row of a ranking, but for its rank."""
    before, after = link["possible_before"], link["possible_after"]
    saved = link["saved_km"].fillna(0.0)
    made, cut = int((~before & after).sum()), int((before & ~after).sum())
    most = int(saved.abs().to_numpy().argmax())
    kept = ("link_id", "name", "mode", "state", "since", "joins_sides", "sources")
    return {
        **{name: link[name].iloc[0] for name in kept},
        "made_possible": made,
        "cut_off": cut,
        "trips": len(link),
        "trips_changed": made + cut + int(saved.ne(0).sum()),
        "saved_km": float(saved.sum()),
        "most_on": link["trip"].iloc[most] if saved.iloc[most] else None,
        "most_km": float(saved.iloc[most]),
    }


def _ranks(found: pd.DataFrame, by: Sequence[str]) -> list[int]:
    """Return ranks of sorted rows; rows that are equal in all of some columns share one."""
    same = found[list(by)].eq(found[list(by)].shift()).all(axis=1)
    place = pd.Series(range(1, len(found) + 1), index=found.index)
    return place.where(~same).ffill().astype(int).tolist()


# Several links


@once
def _best_together(
    dossier: Dossier,
    trips: tuple[Trip, ...],
    size: int,
    open_links: tuple[str, ...],
    close_links: tuple[str, ...],
    include_restricted: bool,
) -> pd.DataFrame:
    singles = _single_changes(dossier, trips, open_links, close_links, include_restricted)
    alone = rank_links(singles).set_index("link_id")
    sets = list(combinations(sorted(alone.index), size))
    if not sets:
        return pd.DataFrame(columns=TOGETHER_COLUMNS)
    status = network_of(dossier).status
    usable = usable_links(dossier, status, include_restricted, open_links, close_links)
    possible, saved = np.zeros(len(sets), dtype=int), np.zeros(len(sets))
    for net, part in _by_modes(dossier, trips):
        here, pairs = net.usable(usable), net.pairs(part)
        before = distances.shortest(net.legs, here, pairs)
        after = _after_each(net, here, pairs, sets, before)
        possible += (np.isinf(before) & np.isfinite(after)).sum(axis=1)
        both = np.isfinite(before)
        saved += _without_noise(before[both] - after[:, both]).sum(axis=1)
    found = pd.DataFrame({"link_ids": sets, "made_possible": possible, "saved_km": saved})
    return _with_interaction(found, alone)


def _after_each(
    net: _Net, here: Bools, pairs: Ints, sets: Sequence[tuple[str, ...]], before: Floats
) -> Floats:
    """Return the lengths with each set opened; links of other modes change nothing here."""
    number = {link: at for at, link in enumerate(net.links)}
    numbered = [[number[link] for link in links if link in number] for links in sets]
    each = list(dict.fromkeys(tuple(links) for links in numbered if links))
    lengths = dict(
        zip(each, distances.opened_together(net.legs, here, pairs, each), strict=True)
        if each
        else ()
    )
    return np.array([lengths.get(tuple(links), before) for links in numbered])


def _with_interaction(found: pd.DataFrame, alone: pd.DataFrame) -> pd.DataFrame:
    km, possible = alone["saved_km"].to_dict(), alone["made_possible"].to_dict()
    names, sources = alone["name"].to_dict(), alone["sources"].to_dict()
    each = found["link_ids"]
    found = found.assign(
        size=each.map(len),
        names=_column(tuple(names[link] for link in links) for links in each),
        alone_possible=[sum(possible[link] for link in links) for links in each],
        alone_km=_without_noise([sum(km[link] for link in links) for links in each]),
        sources=_column(each_once(sources[link] for link in links) for links in each),
    )
    found["interaction_km"] = _without_noise(found["saved_km"] - found["alone_km"])
    found["interaction_possible"] = found["made_possible"] - found["alone_possible"]
    exact = found.assign(saved_km=found["saved_km"].round(6))
    order = exact.sort_values(
        ["made_possible", "saved_km", "link_ids"], ascending=[False, False, True]
    )
    found = found.loc[order.index].reset_index(drop=True)
    return found.assign(rank=_ranks(found, ["made_possible", "saved_km"]))[TOGETHER_COLUMNS]


def _column(values: Iterable[tuple[str, ...]]) -> pd.Series:
    return pd.Series(list(values), dtype="object")


# Third countries


def _avoiding(
    dossier: Dossier, net: _Net, trips: Sequence[Trip], cases: Mapping[str, set[str]]
) -> pd.DataFrame:
    pairs, rows = net.pairs(trips), []
    countries = sorted(set(net.country))
    for when, links in cases.items():
        usable = net.usable(links)
        as_is = _km(distances.shortest(net.legs, usable, pairs))
        for code in countries:
            without = _km(distances.shortest(net.avoiding(code), usable, pairs))
            for trip, ends, km, around in zip(trips, pairs, as_is, without, strict=True):
                if code not in (net.country[ends[0]], net.country[ends[1]]):
                    rows.append((trip_name(dossier, trip), code, when, km, around))
    found = pd.DataFrame(rows, columns=["trip", "country", "when", "km", "km_without"])
    found = found.assign(
        possible=found["km"].notna(),
        possible_without=found["km_without"].notna(),
        extra_km=_without_noise(found["km_without"] - found["km"]),
    )
    found["depends"] = found["possible"] & ~found["possible_without"]
    matters = found["depends"] | found["extra_km"].gt(0)
    kept = matters.groupby([found["trip"], found["country"]]).transform("any")
    return found[kept]


# Over time


def _open_on(open_spans: pd.DataFrame, day: pd.Timestamp) -> set[str]:
    holds = (open_spans["start"] <= day) & ((open_spans["end"] > day) | open_spans["is_last"])
    return set(open_spans.loc[holds, "link_id"])


def _times(
    trip: str, days: Sequence[pd.Timestamp], lengths: Floats, last: pd.Timestamp
) -> pd.DataFrame:
    """Join days of the same length to times."""
    found = pd.DataFrame({"trip": trip, "start": days, "km": _km(lengths)})
    same = found["km"].round(6).fillna(-1)
    found = found[same.ne(same.shift())]
    return found.assign(end=found["start"].shift(-1).fillna(last), possible=found["km"].notna())
