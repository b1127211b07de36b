"""What the page of one commitment says and draws."""

import plotly.graph_objects as go
import pytest

from normlib import claims, commitments, connectivity, figures, load, stories
from normlib.dossier import Dossier
from normlib.figures.tables import Note, Table
from normlib.figures.theme import words_of

RECORD = load()
SIXTH = RECORD.as_of("2025-09-12")
BORDER, ANI, FLIGHTS = "border-third-country-citizens", "ani-bridge-restoration", "scholarships"


class Told:
    """The frames of one commitment."""

    def __init__(self, name: str, dossier: Dossier = SIXTH) -> None:
        self.dossier = dossier
        self.ledger, self.stated = commitments.ledger(dossier), commitments.targets(dossier)
        self.rows = stories.story(self.ledger, name)
        self.life = stories.life(dossier, self.rows, self.stated)
        self.beside = stories.beside(self.ledger, name)

    def dates(self) -> go.Figure | Note:
        day, stamp = self.dossier.day, self.dossier.stamp
        return figures.dates_named(self.stated, self.rows, day=day, stamp=stamp)

    def links(self) -> go.Figure | Note:
        status = connectivity.link_status(self.dossier)
        return figures.links_map(status, stories.links_of(self.rows), self.dossier)


def test_the_title_is_that_of_the_newest_commitment() -> None:
    assert figures.story_title(Told(ANI).rows).text == Told(ANI).rows["title"].iloc[-1]
    assert figures.story_title(Told("").rows).text == "Commitment"


def test_the_first_sentence_gives_level_days_and_dates_with_sources() -> None:
    note = figures.story_note(Told(BORDER).rows, day=SIXTH.day)
    assert "outstanding for 1,169 days" in str(note)
    assert "8 dates were named" in str(note)
    numbers = {one["key"]: one["value"] for one in note.as_json()["numbers"]}
    assert numbers == {"level": 1.0, "outstanding": 1169.0, "dates": 8.0}
    assert any("src" in part for part in note.as_json()["parts"])


def test_a_commitment_that_was_not_made_yet_is_told_so() -> None:
    early = Told("", RECORD.as_of("1900-01-01"))
    assert "not on record" in str(figures.story_note(early.rows, day=early.dossier.day))
    assert figures.facts_table(early.rows, early.dossier).as_json()["rows"] == []
    assert figures.life_table(early.life, early.dossier).as_json()["rows"] == []
    assert isinstance(early.dates(), Note)
    assert isinstance(early.links(), Note)


def test_a_chain_is_told_as_one_story_with_a_link_to_each() -> None:
    parts = figures.chain_note(Told(ANI).rows).as_json()["parts"]
    assert [part["row"] for part in parts if "row" in part] == [
        "commitments/ani-bridge-restoration-2023",
        "commitments/ani-bridge-restoration",
    ]
    assert "replaced no earlier" in str(figures.chain_note(Told(BORDER).rows))


def test_every_row_of_a_life_has_words_and_sources() -> None:
    told = Told(BORDER)
    table = figures.life_table(told.life, SIXTH).as_json()
    assert len(table["rows"]) == len(told.life)
    for row in table["rows"]:
        when, what, words, _, sources = row["cells"]
        assert when[0]["t"]
        assert what[0]["t"].startswith(("Promised", "Date named: ", "Observed: "))
        assert words[0]["t"]
        assert all("src" in part for part in sources)
        assert sources


def test_a_life_of_several_commitments_names_them() -> None:
    tables = [
        figures.life_table(told.life, SIXTH, several=several).as_json()
        for told, several in ((Told(ANI), True), (Told(BORDER), False))
    ]
    labels = [[column["label"] for column in table["columns"]] for table in tables]
    assert ["Commitment" in one for one in labels] == [True, False]


def test_what_was_added_since_a_day_is_counted() -> None:
    told = Told(BORDER)
    since = SIXTH.day.replace(year=2024, month=7, day=30)
    note = str(figures.life_since_note(told.life, since=since))
    new = told.life[told.life["day"] > since]["kind"].value_counts()
    assert f"{new['observed']} observation" in note
    assert "Nothing dated after" in str(figures.life_since_note(told.life, since=SIXTH.day))


def test_dates_and_links_are_drawn_where_there_are_any_and_a_sentence_says_so_where_not() -> None:
    assert words_of(Told(BORDER).dates())["table"]["rows"]
    assert "none, not zero" in str(Told(ANI).dates())
    assert words_of(Told(ANI).links())["alt"].startswith("Map. Ani bridge")
    assert "no physical link" in str(Told(FLIGHTS).links())


@pytest.mark.parametrize("name", list(SIXTH.commitments["commitment_id"]))
def test_every_commitment_can_be_drawn(name: str) -> None:
    told = Told(name)
    for shown in (told.dates(), told.links()):
        assert isinstance(shown, go.Figure | Note)
    beside = figures.promised_beside(told.beside, SIXTH)
    assert isinstance(beside, Note) == told.beside.empty
    if isinstance(beside, Table):
        links = [row["cells"][0][0]["row"] for row in beside.as_json()["rows"]]
        assert f"commitments/{name}" not in links


def test_replaced_commitments_stand_below_the_one_that_replaced_them() -> None:
    rows = figures.ledger_table(RECORD, commitments.ledger(RECORD)).as_json()["rows"]
    ids = [row["id"].partition("/")[2] for row in rows]
    at = ids.index(ANI)
    assert ids[at + 1] == "ani-bridge-restoration-2023"
    assert rows[at + 1]["cells"][0][0]["t"] == "↳ replaced: "
    assert sorted(ids) == sorted(RECORD.commitments["commitment_id"])


def test_the_register_sets_values_side_by_side_with_their_sources() -> None:
    register = claims.register(claims.contradictions(RECORD))
    table = figures.register_table(register, stamp=RECORD.stamp).as_json()
    for row, settled in zip(table["rows"], register["resolved"], strict=True):
        used, others = row["cells"][2], row["cells"][3]
        assert (used == [{"t": "left open"}]) != settled
        assert any("src" in part for part in others)
        assert not settled or any("src" in part for part in used)


def test_the_register_says_how_many_are_open_and_what_is_new() -> None:
    register = claims.register(claims.contradictions(RECORD))
    before = claims.register(claims.contradictions(SIXTH))
    left = int((~register["resolved"]).sum())
    assert f"{left} of them are left open" in str(figures.register_note(register))
    new = len(register) - len(before)
    note = str(figures.register_since_note(register, before, since=SIXTH.day))
    assert note.startswith(f"{new} of them became known after 12 September 2025")
    few = register.drop(index=range(3, len(register)))
    named = figures.register_since_note(few, before[:0], since=SIXTH.day).as_json()["parts"]
    assert sum("row" in part for part in named) == 3
    assert "None of them" in str(figures.register_since_note(register, register, since=SIXTH.day))
    assert "No contradiction" in str(figures.register_note(register[:0]))
