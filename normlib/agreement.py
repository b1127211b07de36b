"""How far coders agree on the levels of commitments, where several have judged the same ones.

A dataset may have a table ``codings`` (``data/codings.json`` describes it): the level that a coder
gave a commitment as of a day. A commitment on a day is a *unit*. Agreement is Krippendorff's alpha
(Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability"): 1 is agreement throughout, 0 what
chance would bring. A blank level is a missing value, as no evidence has no place on the scale.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from normlib.dossier import Dossier
from normlib.errors import RecipeError, nearest

FEWEST = 20
"""Under so many units no agreement is told: with ten, the interval holds the true value in as few
as three samples of four instead of nineteen of twenty (docs/decisions/0008)."""

NOBODY = "nobody has coded them a second time"

UNIT = ["commitment_id", "day"]
UNITS = {"commitment_id": "str", "day": "datetime64[s]", "coder": "str", "level": "Int64"}
AGREEMENT = {
    "metric": "str",
    **dict.fromkeys(("alpha", "low", "high"), "float64"),
    **dict.fromkeys(("n_units", "n_coders", "n_values", "n_split"), "int64"),
    "refusal": "str",
}

Floats = NDArray[np.float64]
Distance = Callable[[Floats, Floats], Floats]
"""Squared differences of all pairs of values, from the values and how often each occurs."""


def units(dossier: Dossier) -> pd.DataFrame:
    """Return the levels that coders gave, one row per commitment, day and coder.

    Reads codings, where the record has them: those of commitments that the view knows, as of days
    up to its own.

    Returns
    -------
    ``commitment_id``, ``day``, ``coder``, ``level`` (0 to 3, missing: the coder found no evidence),
    in this order of rows; no row where nobody coded.
    """
    rows = dossier.tables.get("codings")
    if rows is None:
        rows = pd.DataFrame(columns=["commitment_id", "day_latest", "coder", "level"])
    found = rows.assign(day=rows["day_latest"])[list(UNITS)].astype(UNITS)
    return found.sort_values([*UNIT, "coder"], ignore_index=True)


def agreement(
    codings: pd.DataFrame,
    *,
    metric: str = "ordinal",
    fewest: int = FEWEST,
    draws: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Return how far coders agree, with an interval, or the reason why that cannot be told.

    The interval holds the middle 95 % of the alphas of ``draws`` samples of as many units, drawn
    with replacement: each unit with all its values, and with the disagreement that chance would
    bring computed anew (Zapf et al. 2016, doi 10.1186/s12874-016-0200-9). The bootstrap of Hayes
    and Krippendorff 2007 (doi 10.1080/19312450709336664) draws pairs of values instead and keeps
    that disagreement as it is; there its intervals held the true value far too seldom. A sample
    without two different values has no alpha and is left out. Units count as independent, though
    days of one commitment are not quite, so the interval is rather too narrow than too wide; where
    all agree it is a point, which says nothing of other units.

    Parameters
    ----------
    codings : of :func:`units`.
    metric : ``nominal``, ``ordinal``, ``interval`` or ``ratio``: how the difference between two
        levels is measured. The scale of the levels is ordinal.
    fewest : units that it takes, at least 1.
    draws, seed : of the bootstrap; the same seed gives the same interval.

    Returns
    -------
    One row: ``metric``, ``alpha``, ``low``, ``high``; ``n_units`` (with levels by two coders or
    more), ``n_coders`` and ``n_values`` (the coders and levels of these), ``n_split`` (units for
    which a coder found no evidence and another gave a level: alpha cannot see these);
    ``refusal``: why there is no alpha, missing where there is one.

    There is none without codings, with one coder, under the fewest units, and where all levels are
    equal, for then chance would agree as well.

    Raises
    ------
    RecipeError
        There is no such metric.
    """
    distance = _distance(metric)
    rated = codings["level"].notna()
    of_unit = rated.groupby([codings[name] for name in UNIT])
    levels, coders = of_unit.transform("sum"), of_unit.transform("size")
    paired, split = codings[rated & levels.gt(1)], codings[levels.gt(0) & levels.lt(coders)]
    n_units = len(paired[UNIT].drop_duplicates())
    found = {
        "metric": metric,
        "n_units": n_units,
        "n_coders": paired["coder"].nunique(),
        "n_values": len(paired),
        "n_split": len(split[UNIT].drop_duplicates()),
        "refusal": _refusal(codings, paired, n_units, fewest),
    }
    if found["refusal"] is None:
        found |= _alpha_with_interval(paired, distance, draws, seed)
    return pd.DataFrame([found], columns=list(AGREEMENT)).astype(AGREEMENT)


def _refusal(codings: pd.DataFrame, paired: pd.DataFrame, n_units: int, fewest: int) -> str | None:
    """Say why agreement cannot be told, as the second half of a sentence; None if it can."""
    if codings.empty:
        return NOBODY
    if codings["coder"].nunique() == 1:
        return "only one coder has judged them anew, and agreement takes two"
    if n_units < fewest:
        return (
            f"two coders or more have judged {n_units} of them anew, and agreement is told from "
            f"{fewest} on"
        )
    if paired["level"].nunique() == 1:
        return (
            f"all that two coders or more have judged anew are {paired['level'].iloc[0]}, so that "
            "agreement cannot be told from chance"
        )
    return None


def _alpha_with_interval(
    paired: pd.DataFrame, distance: Distance, draws: int, seed: int
) -> dict[str, float]:
    table = pd.crosstab([paired[name] for name in UNIT], paired["level"])
    values = table.columns.to_numpy(dtype="float64")
    by_unit = _coincidences(table.to_numpy(dtype="float64"))
    n_units = len(by_unit)
    times = np.random.default_rng(seed).multinomial(
        n_units, np.full(n_units, 1 / n_units), size=draws
    )
    drawn = _alpha(np.tensordot(times, by_unit, axes=1), values, distance)
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    alpha = _alpha(by_unit.sum(axis=0), values, distance)
    return {"alpha": float(alpha), "low": float(low), "high": float(high)}


def _coincidences(counts: Floats) -> Floats:
    """Return how often each two values meet in each unit (units x values x values).

    ``counts``: how many coders gave a unit each value. Every value meets those of the other coders;
    a unit weighs as much as it has values.
    """
    pairs = counts[:, :, None] * counts[:, None, :]
    pairs -= counts[:, :, None] * np.eye(counts.shape[1])  # no value meets itself
    return np.asarray(pairs / (counts.sum(axis=1) - 1)[:, None, None])


def _alpha(coincidences: Floats, values: Floats, distance: Distance) -> Floats:
    """Return 1 - observed / expected disagreement; NaN where all values are equal.

    The last two axes of ``coincidences`` are those of the values; there may be others before them.
    """
    totals = coincidences.sum(axis=-1)
    apart = distance(values, totals)
    observed = (coincidences * apart).sum(axis=(-2, -1))
    by_chance = (totals[..., :, None] * totals[..., None, :] * apart).sum(axis=(-2, -1))
    with np.errstate(invalid="ignore"):  # 0 / 0 is the missing value that is meant
        return np.asarray(1 - (totals.sum(axis=-1) - 1) * observed / by_chance)


def _nominal(values: Floats, totals: Floats) -> Floats:
    return np.asarray(values[:, None] != values, dtype="float64")


def _ordinal(values: Floats, totals: Floats) -> Floats:
    """Count the values from the middle of one rank to the middle of the other."""
    middles = totals.cumsum(axis=-1) - totals / 2
    return np.asarray((middles[..., :, None] - middles[..., None, :]) ** 2)


def _interval(values: Floats, totals: Floats) -> Floats:
    return np.asarray((values[:, None] - values) ** 2)


def _ratio(values: Floats, totals: Floats) -> Floats:
    sums = values[:, None] + values
    return np.asarray(((values[:, None] - values) / np.where(sums == 0, 1, sums)) ** 2)


METRICS: dict[str, Distance] = {
    "nominal": _nominal,
    "ordinal": _ordinal,
    "interval": _interval,
    "ratio": _ratio,
}


def _distance(metric: str) -> Distance:
    if metric not in METRICS:
        hint = nearest(metric, METRICS) or f"Allowed: {', '.join(METRICS)}."
        raise RecipeError(f"there is no metric '{metric}'. {hint}")
    return METRICS[metric]
