"""What others have figured: published estimates of an opening's effect, and reported context.

Nothing is estimated here. A page that passes a figure on is told from the study that made it, so
that one study under several names does not look like several studies.
"""

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd

from normlib.dossier import Dossier
from normlib.memo import once

BRACKETS = r"\s*\([^)]*\)"
"""What a quantity says beside its name: ``GDP (up to)``."""

ESTIMATES = {
    **dict.fromkeys(("effect_id", "family", "restates"), "str"),
    "generation": "int64",
    **dict.fromkeys(("indicator", "quantity", "unit"), "str"),
    **dict.fromkeys(("value_low", "value_high"), "float64"),
    **dict.fromkeys(("bound", "assumption", "horizon", "study", "year"), "str"),
    **dict.fromkeys(("as_cited_by", "credited_to"), "str"),
    **dict.fromkeys(("value_differs", "assumption_differs", "credit_differs"), "bool"),
    "signed": "bool",
    "sources": "object",
}
REPORTED = {
    **dict.fromkeys(("fact_id", "link_id", "subject", "about", "quantity"), "str"),
    **dict.fromkeys(("value_low", "value_high"), "float64"),
    **dict.fromkeys(("bound", "unit", "year"), "str"),
    **dict.fromkeys(("year_earliest", "year_latest"), "datetime64[s]"),
    "note": "str",
    "sources": "object",
}
OF_A_STUDY = [
    *("effect_id", "study", "year", "assumption", "quantity", "value_low", "value_high"),
    *("bound", "unit", "signed", "sources"),
]
"""What :func:`genealogy` tells of both a restatement and its study."""


@once
def estimates(dossier: Dossier) -> pd.DataFrame:
    """Return every published estimate, restatements right after what they restate.

    Reads ``effects``. A restatement of something not yet known stands for itself.

    Returns
    -------
    One row per estimate: ``effect_id``; ``family``, the id of the oldest estimate that it goes back
    to, its own for a study; ``restates``; ``generation``, 0 for the study and 1 more for each
    restatement in between; ``indicator``, what changes, in the study's words without brackets;
    ``quantity`` as recorded; ``value_low`` and ``value_high`` in ``unit``, blank where open;
    ``bound`` (see :func:`_bounds`); ``assumption``, ``horizon``, ``study``, ``year`` (EDTF, of the
    study), ``as_cited_by``, ``credited_to``; against the study of the family: ``value_differs``,
    ``assumption_differs`` (the wording differs, which may or may not be the meaning) and
    ``credit_differs`` (a restatement names somebody else as author); ``signed``, whether any value
    in the unit is below zero, so that a rise needs its sign; ``sources``. Indicators with most
    estimates come first, in each the oldest study.
    """
    rows = dossier.effects.assign(bound=_bounds(dossier.effects))
    restates = dict(zip(rows["effect_id"], rows["restates"], strict=True))
    paths = [_path(name, restates) for name in rows["effect_id"]]
    rows = rows.assign(
        family=pd.Series([path[0] for path in paths], index=rows.index, dtype="str"),
        generation=pd.Series([len(path) - 1 for path in paths], index=rows.index, dtype="int64"),
    )
    roots = rows.set_index("effect_id").loc[rows["family"]].set_axis(rows.index)
    rows = rows.assign(
        indicator=roots["quantity"].str.replace(BRACKETS, "", regex=True),
        value_differs=_differs(rows, roots, "value_low") | _differs(rows, roots, "value_high"),
        assumption_differs=_differs(rows, roots, "assumption"),
        credit_differs=rows["generation"].gt(0) & rows["credited_to"].notna(),
        signed=_ends(rows).lt(0).any(axis=1).groupby(rows["unit"]).transform("any"),
        year_of_root=roots["year_earliest"],
        # A place in the tree: each ancestor with the day on which it was public.
        place=_places(paths, rows),
    )
    rows = rows.assign(size=rows.groupby(["indicator", "unit"])["effect_id"].transform("size"))
    order = ["size", "indicator", "unit", "year_of_root", "family", "place"]
    ascending = [False, *[True] * (len(order) - 1)]
    ordered = rows.sort_values(order, ascending=ascending, ignore_index=True)
    return ordered[list(ESTIMATES)].astype(ESTIMATES)


def genealogy(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return every restatement beside the study that it goes back to.

    ``estimates`` is that of :func:`estimates`.

    Returns
    -------
    Its rows with a generation of 1 or more, and of the study, marked by ``_root``: ``effect_id``,
    ``study``, ``year``, ``assumption``, ``quantity``, ``value_low``, ``value_high``, ``bound``,
    ``unit``, ``signed``, ``sources``. Families that were restated most come first.
    """
    is_root = estimates["generation"].eq(0)
    roots = estimates.loc[is_root, OF_A_STUDY].add_suffix("_root")
    found = estimates[~is_root].merge(roots, left_on="family", right_on="effect_id_root")
    size = found.groupby("family")["effect_id"].transform("size").rename("size")
    order = np.argsort(-size.to_numpy(), kind="stable")
    return found.iloc[order].reset_index(drop=True)


def reported(dossier: Dossier, links: Collection[str] | None = None) -> pd.DataFrame:
    """Return every reported figure by itself, beside the link that it speaks of.

    Reads ``context`` and ``links``. Figures are never joined: a queue in the news is not the usual
    queue, and the mean of two would be neither.

    Parameters
    ----------
    dossier : the record.
    links : ids of links; only what is said of these. None: everything.

    Returns
    -------
    One row per figure: ``fact_id``; ``link_id``, blank where the subject is no link; ``subject`` as
    recorded; ``about``, the link's name, else the subject; ``quantity``; ``value_low`` and
    ``value_high`` in ``unit``, blank where open; ``bound``; ``year`` (EDTF; blank: undated) with
    its first and last day; ``note``; ``sources``. Links by name, then other subjects; in each the
    oldest figure first and undated ones last.
    """
    rows, names = dossier.context, dossier.labels("links")
    link = rows["subject"].where(rows["subject"].isin(names))
    found = rows.assign(
        link_id=link,
        about=link.map(names).fillna(rows["subject"]),
        bound=_bounds(rows),
        is_other=link.isna(),
    )
    if links is not None:
        found = found[link.isin(links)]
    order = ["is_other", "about", "subject", "year_earliest", "year_latest", "fact_id"]
    return found.sort_values(order, ignore_index=True)[list(REPORTED)].astype(REPORTED)


def by_link(reported: pd.DataFrame) -> pd.DataFrame:
    """Count the figures on each link.

    ``reported`` is that of :func:`reported`.

    Returns
    -------
    ``link_id``, ``fact_id`` of the first figure, ``n_figures``, ``n_undated``, ``first_year`` and
    ``last_year`` (missing where none is dated); the links that any figure speaks of, in its order.
    """
    dated = reported.assign(
        first=reported["year_earliest"].fillna(reported["year_latest"]).dt.year,
        last=reported["year_latest"].dt.year,
    )
    found = dated.groupby("link_id", sort=False).agg(
        fact_id=("fact_id", "first"),
        n_figures=("fact_id", "size"),
        n_dated=("last", "count"),
        first_year=("first", "min"),
        last_year=("last", "max"),
    )
    found = found.assign(n_undated=found["n_figures"] - found["n_dated"])
    return found.reset_index()[list(BY_LINK)].astype(BY_LINK)


BY_LINK = {
    **dict.fromkeys(("link_id", "fact_id"), "str"),
    **dict.fromkeys(("n_figures", "n_undated"), "int64"),
    **dict.fromkeys(("first_year", "last_year"), "Int64"),
}


def _bounds(rows: pd.DataFrame) -> pd.Series:
    """Return how values are bounded: ``exact``, ``range``, ``above``, ``below`` or ``unstated``.

    A blank upper end says "more than", a blank lower end "up to"; equal ends are one figure.
    """
    low, high = rows["value_low"], rows["value_high"]
    cases = [low.isna() & high.isna(), low.isna(), high.isna(), low.eq(high)]
    found = np.select(cases, ["unstated", "below", "above", "exact"], "range")
    return pd.Series(found, index=rows.index, dtype="str")


def _ends(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[["value_low", "value_high"]]


def _path(name: str, restates: dict[str, Any]) -> list[str]:
    """Return the ids from the study to an estimate. A checked record has no circles."""
    path = [name]
    while isinstance(older := restates[path[0]], str):
        path.insert(0, older)
    return path


def _places(paths: list[list[str]], rows: pd.DataFrame) -> pd.Series:
    public = dict(zip(rows["effect_id"], rows["known_on"], strict=True))
    places = [tuple((public[name], name) for name in path) for path in paths]
    return pd.Series(places, index=rows.index, dtype="object")


def _differs(rows: pd.DataFrame, roots: pd.DataFrame, name: str) -> pd.Series:
    """Whether two columns differ; two blanks are alike."""
    return rows[name].ne(roots[name]) & ~(rows[name].isna() & roots[name].isna())
