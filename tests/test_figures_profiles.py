"""What the page of one actor says and draws."""

import pandas as pd
import plotly.graph_objects as go
import pytest

from normlib import actors, commitments, figures, load, profiles
from normlib.dossier import Dossier
from normlib.figures.tables import Note, Table
from normlib.figures.theme import words_of

RECORD = load()
SIXTH = RECORD.as_of("2025-09-12")
STATE, ENVOY, BODY, COMPANY = "arm", "serdar-kilic", "epc", "flyone-armenia"
SHOWN = [
    name
    for name in RECORD.actors["actor_id"]
    if len(RECORD.related("actors", name, to="events")) >= 3
]


class Page:
    """The frames of one actor, and what is made from them."""

    def __init__(self, name: str, dossier: Dossier = RECORD) -> None:
        self.dossier = dossier
        took_part = actors.participations(dossier)
        self.facts = profiles.facts(dossier, name)
        self.events = profiles.events(dossier, self.facts, took_part)
        self.partners = profiles.partners(self.facts, took_part)
        ledger = commitments.ledger(dossier)
        self.commitments = profiles.commitments(ledger, self.facts, self.events)
        self.stated = profiles.stated(commitments.targets(dossier), self.facts)
        graph = actors.participation_graph(dossier)
        self.circle = profiles.circle(actors.ties(graph), name)
        self.network = (actors.centrality(graph), actors.positions(dossier))

    def note(self) -> Note:
        frames = (self.facts, self.events, self.partners, self.commitments)
        return figures.profile_note(*frames, day=self.dossier.day)

    def picture(self) -> go.Figure | Note:
        return figures.partners_network(
            self.circle, *self.network, self.facts, dossier=self.dossier
        )

    def all(self) -> list[object]:
        """Everything that the notebook shows of these frames."""
        return [
            figures.profile_title(self.facts),
            self.note(),
            figures.profile_table(self.facts, self.dossier),
            figures.term_note(self.facts, self.events),
            figures.profile_events(self.events, self.facts, self.dossier),
            figures.profile_since_note(self.events, since=self.dossier.resolve_since()),
            figures.profile_partners(self.partners, self.dossier),
            figures.partners_note(self.partners, self.dossier),
            self.picture(),
            figures.profile_commitments(self.commitments, self.dossier),
            figures.owed_note(self.commitments, self.dossier),
            figures.dates_stated(self.stated),
        ]


def cells(table: Table, column: int) -> list[str]:
    rows = table.as_json()["rows"]
    return ["".join(part.get("t", "") for part in row["cells"][column]) for row in rows]


def test_the_title_is_the_name() -> None:
    assert figures.profile_title(Page(ENVOY).facts).text == "Serdar Kılıç"
    assert figures.profile_title(Page("").facts).text == "Actor"


@pytest.mark.parametrize("name", [STATE, ENVOY, BODY, COMPANY])
def test_the_first_sentence_gives_the_numbers_of_the_frames_with_sources(name: str) -> None:
    page = Page(name)
    note = page.note()
    numbers = {one["key"]: one["value"] for one in note.as_json()["numbers"]}
    assert numbers == {
        "events": len(page.events),
        "shared-events": page.events["part"].eq("contact").sum(),
        "partners": len(page.partners),
        "owed": page.commitments["owed"].eq("itself").sum(),
    }
    assert f"in {len(page.events)} events on record" in str(note)
    shared = numbers["shared-events"]
    assert f"; {shared:.0f} of these are shared events" in str(note) or shared < 2
    assert "contact" not in str(note)
    assert ("through its people and bodies" in str(note)) == any(page.facts["below"])
    assert list(note.sources)


def test_all_spellings_are_shown_in_their_own_letters() -> None:
    for name in (ENVOY, STATE, "tur"):
        page = Page(name)
        said = figures.profile_table(page.facts, RECORD)
        words = dict(zip(cells(said, 0), cells(said, 1), strict=True))
        assert words["Other names"].split(" · ") == list(page.facts["aliases"].iloc[0])
    assert "Քըլըչ" in str(figures.profile_table(Page(ENVOY).facts, RECORD).as_json())


def test_what_is_not_on_record_has_no_line() -> None:
    said = cells(figures.profile_table(Page(STATE).facts, RECORD), 0)
    assert "Acts for" not in said
    assert "Role from" not in said
    assert "Acts through" in said


def test_events_outside_a_role_are_named_one_by_one() -> None:
    page = Page(COMPANY)
    note = figures.term_note(page.facts, page.events)
    rows = [part["row"] for part in note.as_json()["parts"] if "row" in part]
    early = page.events[page.events["term"].eq("before")]
    assert rows == [f"events/{event}" for event in early["event_id"]]
    assert "before the role began" in str(note)
    envoy = Page(ENVOY)
    assert "No event" in str(figures.term_note(envoy.facts, envoy.events))
    assert "gives no day" in str(figures.term_note(Page(STATE).facts, page.events))


def test_the_table_of_events_names_who_is_named_only_where_that_may_be_somebody_else() -> None:
    tables = {
        name: figures.profile_events(Page(name).events, Page(name).facts, RECORD)
        for name in ("mfa-tur", ENVOY)
    }
    assert ["by" in table.columns for table in tables.values()] == [True, False]
    assert set(cells(tables[ENVOY], 3)) == {"took part", "named"}
    for row in tables[ENVOY].as_json()["rows"]:
        assert row["cells"][1][0]["row"].startswith("events/")
        assert row["cells"][-1]


def test_partners_stand_with_the_events_that_bind_them() -> None:
    page = Page(ENVOY)
    table = figures.profile_partners(page.partners, RECORD)
    first = table.as_json()["rows"][0]["cells"]
    assert first[0][0]["row"] == "actors/ruben-rubinyan"
    links = [part["row"] for part in first[4] if "row" in part]
    assert links == [f"events/{event}" for event in page.partners["events"].iloc[0]]
    assert "Ruben Rubinyan" in str(figures.partners_note(page.partners, RECORD))


def test_the_picture_leaves_each_in_its_place_and_makes_other_ties_pale() -> None:
    page = Page(ENVOY)
    fig = page.picture()
    assert isinstance(fig, go.Figure)
    places = page.network[1].set_index("actor_id")
    for trace in fig.data:
        if trace.mode and "markers" in trace.mode:
            for row, x, y in zip(trace.customdata, trace.x, trace.y, strict=True):
                place = places.loc[row[0].removeprefix("actors/")]
                assert (x, y) == (place["x"], place["y"])
    lines = [one for one in fig.data if one.mode == "lines"]
    own = [one for one in lines if "Serdar Kılıç" in one.customdata[0][1]]
    assert 0 < len(own) < len(lines)
    assert not {one.line.color for one in own} & {one.line.color for one in lines if one not in own}
    assert "ties without Serdar Kılıç" in str(words_of(fig)["caption"])


def test_who_acts_through_others_has_no_picture_of_its_own() -> None:
    assert isinstance(Page("mfa-tur").picture(), Note)
    assert isinstance(Page("usa").picture(), Note)


def test_what_is_owed_in_its_own_name_is_told_apart_from_what_its_state_owes() -> None:
    page = Page(ENVOY)
    note = figures.owed_note(page.commitments, RECORD)
    owed = page.commitments["owed"].value_counts()
    assert f"in their own name: {owed['itself']} (" in str(note)
    assert f"and not by them: {owed['above']} (" in str(note)
    assert {"row": "actors/tur", "t": "Türkiye"} in note.as_json()["parts"]
    table = figures.profile_commitments(page.commitments, RECORD)
    assert isinstance(table, Table)
    for row, made in zip(table.as_json()["rows"], cells(table, 1), strict=True):
        owing = {part.get("row") for part in row["cells"][3]}
        assert "actors/serdar-kilic" in owing or "they took part" in made or "names them" in made


def test_levels_are_those_of_the_day() -> None:
    for dossier in (RECORD, SIXTH):
        page = Page(ENVOY, dossier)
        table = figures.profile_commitments(page.commitments, dossier)
        levels = dict(zip(cells(table, 0), cells(table, 2), strict=True))
        ledger = commitments.ledger(dossier).set_index("title")["level"]
        for title, words in levels.items():
            level = ledger[title]
            assert words.startswith("no evidence" if level is pd.NA else str(level))


def test_what_came_since_a_day_is_counted() -> None:
    page = Page(ENVOY)
    new = page.events[page.events["known_by"] > SIXTH.day]
    note = str(figures.profile_since_note(page.events, since=SIXTH.day))
    assert f"{len(new)} event" in note
    assert "Nothing dated after" in str(figures.profile_since_note(page.events, since=RECORD.day))


@pytest.mark.parametrize("name", [*SHOWN, ""])
def test_a_page_of_every_actor_that_has_one_can_be_made(name: str) -> None:
    for dossier in (RECORD, SIXTH):
        there = name if name in set(dossier.actors["actor_id"]) else ""
        for one in Page(there, dossier).all():
            assert one._repr_mimebundle_() if not isinstance(one, go.Figure) else words_of(one)


def test_somebody_who_is_not_known_yet_is_told_so() -> None:
    page = Page("", RECORD.as_of("1900-01-01"))
    assert "No event known" in str(page.note())
    assert len(page.all()) == 12
