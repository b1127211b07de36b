"""What readers are told about the agreement of coders: one sentence."""

import pandas as pd

from normlib.agreement import NOBODY
from normlib.figures.stack import missing
from normlib.figures.tables import Note
from normlib.figures.words import count_words, number_words

CUSTOM = (
    (0.8, "enough to rely on"),
    (0.667, "enough for tentative conclusions only"),
)
"""What an alpha is customarily worth, from each threshold on (Krippendorff 2004, Content Analysis,
2nd edition, p. 241)."""

TOO_LITTLE = "too little to draw conclusions from"


def agreement_note(agreement: pd.DataFrame) -> Note:
    """Say how far coders agree on the levels, and what that is worth; or why that is not known.

    ``agreement`` is that of :func:`normlib.agreement.agreement`. The thresholds are customs
    (Krippendorff 2004), so the sentence says whether the interval crosses one.
    """
    row = agreement.iloc[0]
    if not missing(row["refusal"]):
        split = "" if row["refusal"] == NOBODY else _split_words(int(row["n_split"]))
        return Note(f"The levels are one coder’s reading; {row['refusal']}.{split}")
    return Note(
        f"The levels are one coder’s reading; where {count_words(int(row['n_coders']), 'coder')} "
        f"judged levels anew ({count_words(int(row['n_units']), 'unit')}, each a commitment on a "
        f"day), Krippendorff’s alpha ({row['metric']}) is {_number(row['alpha'])} "
        f"({_interval_words(row)}). By custom this is {_worth_words(row)} (0.800 is asked for, or "
        "0.667 for tentative conclusions: Krippendorff 2004, Content Analysis, 2nd edition, "
        "p. 241)."
        f"{_split_words(int(row['n_split']))}"
    )


def _interval_words(row: pd.Series) -> str:
    if row["alpha"] == 1:
        return "no two coders differed, so there is no interval"
    return f"95 % interval {_number(row['low'])} to {_number(row['high'])}"


def _worth_words(row: pd.Series) -> str:
    worth, at_least = _custom(row["alpha"]), _custom(row["low"])
    if worth == at_least:
        return worth
    return f"{worth}, though the interval reaches down to what is {at_least}"


def _custom(alpha: float) -> str:
    return next((words for least, words in CUSTOM if alpha >= least), TOO_LITTLE)


def _split_words(count: int) -> str:
    if not count:
        return ""
    return (
        f" For {count_words(count, 'unit')} one coder found no evidence and another gave a level, "
        "which alpha cannot count."
    )


def _number(value: float) -> str:
    return number_words(value, decimals=3)
