"""The co-participation network: exact on small examples, and true to its definition on any."""

from dataclasses import replace
from functools import cache
from itertools import combinations
from pathlib import Path
from types import MappingProxyType

import networkx as nx
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normlib import actors, load, participation
from normlib.dossier import Dossier
from normlib.errors import RecipeError
from normlib.placement import settled
from tests.tiny import tiny_dossier

DAYS = ["1900-01-01", "1993-04-03", "2009-10-10", "2022-07-01", "2025-09-12", "latest"]

PEOPLE = [
    {"actor_id": "tur-mfa", "kind": "ministry", "country": "TUR", "member_of": "tur"},
    {"actor_id": "ayse", "country": "TUR", "member_of": "tur-mfa"},
    {"actor_id": "mehmet", "country": "TUR", "member_of": "tur"},
    {"actor_id": "arm-mfa", "kind": "ministry", "country": "ARM", "member_of": "arm"},
    {"actor_id": "ani", "country": "ARM", "member_of": "arm"},
    {"actor_id": "body", "kind": "organisation"},
    {"actor_id": "delegate", "member_of": "body"},
    {"actor_id": "firm", "kind": "company", "country": "TUR"},
]

EventSets = st.lists(
    st.sets(st.sampled_from("abcdefg"), min_size=2, max_size=5), min_size=0, max_size=25
)


@cache
def _record() -> Dossier:
    return load()


@pytest.fixture
def record() -> Dossier:
    return _record()


def _tiny(folder: Path, *events: tuple[str, str], **more: list[dict[str, str]]) -> Dossier:
    """A record with one meeting for each pair of id and actors."""
    rows = [{"event_id": name, "actors": names} for name, names in events]
    return tiny_dossier(folder, actors=PEOPLE, events=rows, **more)


def _rows(sets: list[set[str]]) -> pd.DataFrame:
    """Events as rows of an actor and an event, with Newman's weight."""
    pairs = [(f"e{at:03}", name, len(names)) for at, names in enumerate(sets) for name in names]
    found = pd.DataFrame(pairs, columns=["event_id", "actor_id", "participants"])
    return found.assign(weight=1 / (found["participants"].astype(float) - 1))


def _by_hand(rows: pd.DataFrame) -> dict[tuple[str, str], float]:
    """The definition, word for word: over events, over pairs, 1/(participants - 1)."""
    found: dict[tuple[str, str], float] = {}
    for _, names in rows.groupby("event_id")["actor_id"]:
        for pair in combinations(sorted(names), 2):
            found[pair] = found.get(pair, 0.0) + 1 / (len(names) - 1)
    return found


def _weights(pairs: pd.DataFrame) -> dict[tuple[str, str], float]:
    ends = zip(pairs["actor_a"], pairs["actor_b"], strict=True)
    return {
        (min(a, b), max(a, b)): float(w) for (a, b), w in zip(ends, pairs["weight"], strict=True)
    }


def _named(dossier: Dossier, **options: str) -> dict[str, set[str]]:
    rows = actors.participations(dossier, **options)
    return {str(event): set(own) for event, own in rows.groupby("event_id")["actor_id"]}


# Weights


def test_a_talk_of_two_weighs_1_and_a_meeting_of_three_a_half_for_each_pair(
    tmp_path: Path,
) -> None:
    dossier = _tiny(
        tmp_path, ("2020-01-01-two", "ayse;ani"), ("2020-02-01-three", "ayse;ani;delegate")
    )
    ties = actors.ties(actors.participation_graph(dossier))
    assert _weights(ties) == {
        ("ani", "ayse"): 1.5,
        ("ani", "delegate"): 0.5,
        ("ayse", "delegate"): 0.5,
    }
    assert list(ties["count"]) == [2, 1, 1]
    assert ties["events"].iloc[0] == ("2020-01-01-two", "2020-02-01-three")
    assert tuple(ties.loc[0, ["actor_a", "actor_b", "first", "last"]]) == (
        "ayse",
        "ani",
        "2020-01-01",
        "2020-02-01",
    )


@given(EventSets)
def test_the_projection_is_what_the_definition_says(sets: list[set[str]]) -> None:
    rows = _rows(sets)
    assert _weights(actors.projection(rows)) == pytest.approx(_by_hand(rows))


@given(EventSets, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_never_matters(sets: list[set[str]], random: object) -> None:
    rows = _rows(sets)
    order = list(rows.index)
    random.shuffle(order)  # type: ignore[attr-defined]
    pd.testing.assert_frame_equal(
        actors.projection(rows), actors.projection(rows.loc[order].reset_index(drop=True))
    )


@given(EventSets)
def test_the_weights_of_an_event_add_up_to_half_its_participants(sets: list[set[str]]) -> None:
    total = sum(len(names) for names in sets) / 2
    assert actors.projection(_rows(sets))["weight"].sum() == pytest.approx(total)


@given(EventSets)
def test_merging_two_ids_costs_weight_only_in_the_events_that_named_both(
    sets: list[set[str]],
) -> None:
    """An event of n participants weighs n/2 in all, and one with a single participant nothing.

    So where both ids were named, the event comes to (n - 1)/2, or from 1 to 0 if nobody else was
    there; where one was named, all ties stay, and those of both ids to a third add up.
    """
    before, after = (_weights(actors.projection(_rows(one))) for one in (sets, _merged(sets)))
    both = [len(names) for names in sets if {"a", "b"} <= names]
    lost = sum(1.0 if size == 2 else 0.5 for size in both)
    assert sum(after.values()) == pytest.approx(sum(before.values()) - lost)


@given(EventSets)
def test_two_ids_that_never_met_are_merged_without_loss_and_their_ties_add_up(
    sets: list[set[str]],
) -> None:
    apart = [names - {"b"} if {"a", "b"} < names else names for names in sets]
    apart = [names for names in apart if names != {"a", "b"}]
    before, after = (actors.projection(_rows(one)) for one in (apart, _merged(apart)))
    added: dict[tuple[str, str], float] = {}
    for (one, other), weight in _weights(before).items():
        pair = ("a" if one == "b" else one, "a" if other == "b" else other)
        key = (min(pair), max(pair))
        added[key] = added.get(key, 0.0) + weight
    assert _weights(after) == pytest.approx(added)
    assert after["weight"].sum() == pytest.approx(before["weight"].sum())
    assert after["count"].sum() == before["count"].sum()


def _merged(sets: list[set[str]]) -> list[set[str]]:
    """Let ``b`` be another id of ``a``; an event of one participant ties nobody."""
    return [{"a" if name == "b" else name for name in names} for names in sets]


def test_graph_and_projection_of_the_record_agree(record: Dossier) -> None:
    for types in ("contacts", "all"):
        rows = actors.participations(record, types=types)
        found = actors.ties(actors.participation_graph(record, types=types))
        assert _weights(found) == pytest.approx(_weights(actors.projection(rows)))
        assert _weights(found) == pytest.approx(_by_hand(rows))


def test_the_order_of_the_events_never_matters(record: Dossier) -> None:
    turned = record.events.iloc[::-1].reset_index(drop=True)
    upside_down = replace(record, tables=MappingProxyType({**record.tables, "events": turned}))
    results = (
        actors.participations,
        actors.by_phase,
        actors.ties_by_phase,
        actors.gatherings,
        actors.positions,
        actors.presence,
    )
    for result in results:
        pd.testing.assert_frame_equal(result(upside_down), result(record))
    graphs = [actors.participation_graph(one) for one in (record, upside_down)]
    for measure in (actors.ties, actors.centrality, actors.adjacency):
        pd.testing.assert_frame_equal(measure(graphs[0]), measure(graphs[1]))


def test_many_events_are_projected_to_every_pair_of_their_actors() -> None:
    many = 20_000
    names = [f"n{(at * 7919 + add * 104_729) % 500}" for at in range(many) for add in range(3)]
    events = [at for at in range(many) for _ in range(3)]
    rows = pd.DataFrame({"event_id": events, "actor_id": names}).drop_duplicates()
    rows = rows.assign(weight=0.5)
    assert actors.projection(rows)["count"].sum() == sum(
        n * (n - 1) // 2 for n in rows.groupby("event_id").size()
    )


# Who took part


def test_only_contacts_count_unless_all_types_are_asked_for(tmp_path: Path) -> None:
    events = [
        {"event_id": "2020-01-01-talks", "actors": "ayse;ani"},
        {"event_id": "2020-01-02-words", "type": "statement", "actors": "ayse;ani"},
    ]
    dossier = tiny_dossier(tmp_path, actors=PEOPLE, events=events)
    assert set(_named(dossier)) == {"2020-01-01-talks"}
    assert set(_named(dossier, types="all")) == {"2020-01-01-talks", "2020-01-02-words"}
    assert set(_named(dossier, types="statement; visit")) == {"2020-01-02-words"}


@pytest.mark.parametrize(
    ("listed", "counted"),
    [
        ("ayse;tur-mfa;ani", {"ayse", "ani"}),
        ("mehmet;tur-mfa;arm-mfa", {"mehmet", "arm-mfa"}),
        ("tur;arm;ayse;ani", {"ayse", "ani"}),
        ("tur;arm", {"tur", "arm"}),
        ("tur-mfa;arm-mfa;tur;arm", {"tur-mfa", "arm-mfa"}),
        ("delegate;body;ani", {"delegate", "ani"}),
        ("firm;mehmet;ani", {"firm", "mehmet", "ani"}),
    ],
)
def test_a_body_is_there_through_its_people_and_a_state_through_anybody(
    tmp_path: Path, listed: str, counted: set[str]
) -> None:
    assert _named(_tiny(tmp_path, ("2020-01-01-x", listed))) == {"2020-01-01-x": counted}


def test_an_event_with_one_participant_left_ties_nobody(tmp_path: Path) -> None:
    assert _named(_tiny(tmp_path, ("2020-01-01-visit", "ayse;tur;arm"))) == {}


def test_nobody_meets_after_the_role_has_ended(tmp_path: Path) -> None:
    late = [*PEOPLE, {"actor_id": "gone", "country": "ARM", "valid_to": "2019-12-31"}]
    events = [
        {"event_id": "2019-12-31-last", "actors": "gone;ayse"},
        {"event_id": "2020-01-01-after", "actors": "gone;ayse;ani"},
    ]
    dossier = tiny_dossier(tmp_path, actors=late, events=events)
    assert _named(dossier)["2019-12-31-last"] == {"gone", "ayse"}
    assert _named(dossier)["2020-01-01-after"] == {"ayse", "ani"}


def test_people_fold_into_their_state_and_international_bodies_stay_themselves(
    tmp_path: Path,
) -> None:
    dossier = _tiny(
        tmp_path,
        ("2020-01-01-x", "ayse;mehmet;ani;delegate;firm"),
        ("2020-01-02-one-side", "ayse;mehmet;firm"),
    )
    assert _named(dossier, level="states") == {"2020-01-01-x": {"tur", "arm", "body"}}


def test_the_sides_come_from_the_descriptor(tmp_path: Path) -> None:
    turned = tiny_dossier(
        tmp_path,
        descriptor={"process": {"sides": ["ARM", "TUR"]}},
        actors=PEOPLE,
        events=[{"event_id": "2020-01-01-x", "actors": "ayse;ani;delegate"}],
    )
    sides = actors.side_of(turned)
    assert (sides["ani"], sides["ayse"], sides["delegate"]) == (0, 1, -1)
    places = actors.positions(turned).set_index("actor_id")["x"]
    assert places.to_dict() == {"ani": -0.88, "ayse": 0.88, "delegate": 0.0}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"level": "state"}, "Did you mean 'states'"),
        ({"types": "meetings"}, "Did you mean 'meeting'"),
        ({"start": "2022-13-01"}, "start"),
        ({"start": "2022-02-01", "end": "2022-01-31"}, "before start"),
    ],
)
def test_a_wrong_order_is_refused_with_what_is_allowed(
    record: Dossier, options: dict[str, str], words: str
) -> None:
    with pytest.raises(RecipeError, match=words):
        actors.participations(record, **options)  # type: ignore[arg-type]


# Windows and phases


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000), st.integers(-1, 1))
def test_the_weights_of_two_windows_that_follow_each_other_add_up(place: int, beside: int) -> None:
    """The first window ends on the day of a contact, the day before or the day after."""
    record = _record()
    days = actors.participations(record)["day"]
    cut = days.iloc[place % len(days)] + pd.Timedelta(days=beside)
    parts = [
        actors.projection(actors.participations(record, end=cut)),
        actors.projection(actors.participations(record, start=cut + pd.Timedelta(days=1))),
    ]
    added: dict[tuple[str, str], float] = {}
    for part in parts:
        for pair, weight in _weights(part).items():
            added[pair] = added.get(pair, 0.0) + weight
    assert added == pytest.approx(_weights(actors.projection(actors.participations(record))))


def test_every_tie_has_its_events_inside_the_window(record: Dossier) -> None:
    start, end = pd.Timestamp("2009-01-01"), pd.Timestamp("2022-12-31")
    found = actors.ties(actors.participation_graph(record, start=start, end=end))
    days = record.events.set_index("event_id")["date_earliest"]
    assert len(found)
    assert all(start <= days[event] <= end for events in found["events"] for event in events)
    assert list(found["count"]) == [len(events) for events in found["events"]]


def test_every_tie_of_a_phase_has_its_events_inside_the_phase(record: Dossier) -> None:
    days = record.events.set_index("event_id")["date_earliest"]
    for phase in actors.by_phase(record).to_dict("records"):
        end = record.day if pd.isna(phase["end"]) else phase["end"]
        graph = actors.participation_graph(record, start=phase["start"], end=end)
        assert graph.number_of_edges() == phase["ties"]
        for events in actors.ties(graph)["events"]:
            assert all(phase["start"] <= days[event] <= end for event in events)


@settings(max_examples=25, deadline=None)
@given(st.sets(st.integers(0, 10_000), min_size=1, max_size=9))
def test_however_phases_are_cut_every_tie_has_its_events_inside_its_phase(places: set[int]) -> None:
    """And the ties of phases that leave no gap add up to those since the first of them began."""
    events = participation.events_by_day(_record())
    rows = sorted({place % len(events) for place in places})
    cuts = events.iloc[rows].drop_duplicates("day")
    record = _with_phases(_record(), cuts["event_id"].tolist())
    days, found = events.set_index("event_id")["day"], actors.ties_by_phase(record)
    ends = dict(zip(cuts["event_id"], [*cuts["day"].iloc[1:], participation.ENDLESS], strict=True))
    for phase, listed in zip(found["phase_id"], found["events"], strict=True):
        assert all(days[phase] <= days[event] < ends[phase] for event in listed)
    whole = actors.participation_graph(record, start=cuts["day"].iloc[0])
    added: dict[tuple[str, str], float] = {}
    for _, own in found.groupby("phase_id"):
        for pair, weight in _weights(own).items():
            added[pair] = added.get(pair, 0.0) + weight
    assert added == pytest.approx(_weights(actors.ties(whole)))


def _with_phases(record: Dossier, cuts: list[str]) -> Dossier:
    """Let a phase begin with each of some events."""
    ends = [*cuts[1:], None]
    phases = pd.DataFrame({"phase_id": cuts, "title": cuts, "from_event": cuts, "to_event": ends})
    return replace(record, tables=MappingProxyType({**record.tables, "phases": phases}))


def test_the_ties_of_a_phase_are_as_many_as_its_numbers_say(record: Dossier) -> None:
    phases, found = actors.by_phase(record), actors.ties_by_phase(record)
    counts = found["phase_id"].value_counts().reindex(phases["phase_id"], fill_value=0)
    assert counts.tolist() == phases["ties"].tolist()
    for phase in phases.to_dict("records"):
        own = found[found["phase_id"] == phase["phase_id"]]
        if phase["strongest"]:
            assert set(own.iloc[0][["actor_a", "actor_b"]]) == set(phase["strongest"])
            share = own["weight"].iloc[0] / own["weight"].sum()
            assert share == pytest.approx(phase["strongest_share"])


def test_every_contact_lies_in_exactly_one_phase(record: Dossier) -> None:
    phases = actors.by_phase(record)
    assert phases["events"].sum() == actors.participations(record)["event_id"].nunique()
    assert (
        phases["start"].iloc[1:].array == (phases["end"] + pd.Timedelta(days=1))[:-1].array
    ).all()


def test_the_numbers_of_a_phase_are_those_of_its_window(record: Dossier) -> None:
    for phase in actors.by_phase(record).to_dict("records"):
        end = None if pd.isna(phase["end"]) else phase["end"]
        graph = actors.participation_graph(record, start=phase["start"], end=end)
        assert (phase["nodes"], phase["ties"]) == (len(graph), graph.number_of_edges())


def test_everybody_enters_once_and_nobody_has_left_the_phase_that_runs(record: Dossier) -> None:
    phases = actors.by_phase(record)
    everybody = set(actors.participations(record)["actor_id"])
    entered = [actor for listed in phases["entered"] for actor in listed]
    left = [actor for listed in phases["left"] for actor in listed]
    assert (len(entered), set(entered)) == (len(everybody), everybody)
    assert len(left) == len(set(left)) < len(everybody)
    assert phases["left"].iloc[-1] == ()


def test_presence_counts_the_events_of_each_phase(record: Dossier) -> None:
    shared = actors.centrality(actors.participation_graph(record))
    there = actors.presence(record).groupby("actor_id")["events"].sum()
    assert there.to_dict() == shared.set_index("actor_id")["events"].to_dict()


def test_every_company_of_a_phase_has_its_events_inside_the_phase(record: Dossier) -> None:
    days = actors.participations(record).drop_duplicates("event_id").set_index("event_id")["day"]
    met, phases = actors.gatherings(record), actors.by_phase(record).set_index("phase_id")
    for phase_id, events in zip(met["phase_id"], met["events"], strict=True):
        start, end = phases.loc[phase_id, ["start", "end"]]
        assert all(start <= days[event] and not days[event] > end for event in events)


def test_companies_hold_every_contact_once_with_all_who_took_part(record: Dossier) -> None:
    met, named = actors.gatherings(record), _named(record)
    events = [event for listed in met["events"] for event in listed]
    assert sorted(events) == sorted(named)
    assert list(met["count"]) == [len(listed) for listed in met["events"]]
    assert not met.duplicated(["phase_id", "actors"]).any()
    for who, listed in zip(met["actors"], met["events"], strict=True):
        assert all(named[event] == set(who) for event in listed)


def test_contact_is_concentrated_from_0_where_all_ties_weigh_alike_to_1(tmp_path: Path) -> None:
    """Weights of 3 and 1: shares of 3/4 and 1/4, squares that add up to 5/8, of 1/2 to 1: 1/4."""
    phase = [{"phase_id": "p", "from_event": "2020-01-01-a"}]
    even = [("2020-01-01-a", "ayse;ani"), ("2020-01-02-b", "mehmet;ani")]
    uneven = [*even, ("2020-01-03-c", "mehmet;ani"), ("2020-01-04-d", "mehmet;ani")]
    found = [
        actors.by_phase(_tiny(tmp_path / name, *events, phases=phase)).iloc[0]
        for name, events in (("one", even[:1]), ("even", even), ("uneven", uneven))
    ]
    assert [row["concentration"] for row in found] == [1.0, 0.0, 0.25]
    assert [row["strongest_share"] for row in found] == [1.0, 0.5, 0.75]
    assert [row["strongest"] for row in found] == [("ayse", "ani"), (), ("mehmet", "ani")]


# Two modes, tones, companies


def test_the_two_mode_graph_holds_every_participation_and_nothing_else(record: Dossier) -> None:
    for options in ({}, {"types": "all"}, {"level": "states"}, {"start": "2022-01-01"}):
        rows, graph = (
            actors.participations(record, **options),
            actors.two_mode_graph(record, **options),
        )
        assert nx.is_bipartite(graph)
        ends = zip(rows["actor_id"], rows["event_id"], rows["weight"], strict=True)
        wanted = {(f"actors/{a}", f"events/{e}"): w for a, e, w in ends}
        assert {(a, e): w for a, e, w in graph.edges(data="weight")} == wanted
        kinds = {name.partition("/")[0]: data["bipartite"] for name, data in graph.nodes.items()}
        assert kinds == {"actors": 0, "events": 1}


def test_an_event_of_the_two_mode_graph_has_its_date_type_and_tone(record: Dossier) -> None:
    graph = actors.two_mode_graph(record)
    for event in record.events.to_dict("records"):
        if f"events/{event['event_id']}" in graph:
            node = graph.nodes[f"events/{event['event_id']}"]
            wanted = {name: event[name] for name in ("date", "type", "tone", "title")}
            assert {name: node[name] for name in wanted} == wanted
            assert node["participants"] == graph.degree(f"events/{event['event_id']}")


def _toned(folder: Path, *events: tuple[str, str, str]) -> Dossier:
    rows = [
        {"event_id": name, "actors": names, "tone": tone, "type": "meeting"}
        for name, names, tone in events
    ]
    return tiny_dossier(folder, actors=PEOPLE, events=rows)


def test_a_signed_weight_may_cancel_out_and_the_counts_beside_it_say_so(tmp_path: Path) -> None:
    dossier = _toned(
        tmp_path,
        ("2020-01-01-a", "ayse;ani", "cooperation"),
        ("2020-01-02-b", "ayse;ani;delegate", "conflict"),
        ("2020-01-03-c", "ayse;ani;delegate", "conflict"),
        ("2020-01-04-d", "ayse;ani", "neutral"),
    )
    plain = actors.ties(actors.participation_graph(dossier))
    found = actors.signed(plain, actors.participations(dossier), dossier=dossier)
    pd.testing.assert_frame_equal(found[plain.columns], plain)
    top = found.iloc[0]
    assert (top["cooperation"], top["neutral"], top["conflict"]) == (1, 1, 2)
    assert (top["weight"], top["signed_weight"]) == (3.0, 0.0)


def test_tones_of_a_tie_add_up_to_its_events_and_bound_its_sign(record: Dossier) -> None:
    for types in ("contacts", "all"):
        ties = actors.ties(actors.participation_graph(record, types=types))
        rows = actors.participations(record, types=types)
        found = actors.signed(ties, rows, dossier=record)
        assert found[list(actors.SIGNS)].sum(axis=1).equals(found["count"])
        assert (found["signed_weight"].abs() <= found["weight"] + 1e-9).all()
        only = found[found["cooperation"] == found["count"]]
        assert only["signed_weight"].to_list() == pytest.approx(only["weight"].to_list())


def test_one_call_says_which_events_bind_two_actors(record: Dossier) -> None:
    rows = actors.participations(record)
    ties = actors.ties(actors.participation_graph(record))
    for tie in ties.head(20).to_dict("records"):
        shared = actors.shared_events(rows, tie["actor_a"], tie["actor_b"], dossier=record)
        assert tuple(shared["event_id"]) == tie["events"]
        assert shared["weight"].sum() == pytest.approx(tie["weight"])
    with pytest.raises(RecipeError, match="Did you mean 'serdar-kilic'"):
        actors.shared_events(rows, "serdar-kilik", "ruben-rubinyan", dossier=record)


Networks = st.lists(st.sets(st.sampled_from("abcdefghij"), min_size=2, max_size=4), max_size=25)


@given(Networks, st.integers(3, 10))
def test_no_more_actors_are_shown_than_fit_and_of_each_ego_everybody(
    sets: list[set[str]], most: int
) -> None:
    ties, ranked = _network(sets)
    shown = actors.company(ties, ranked, most=most)
    names = set(shown["actor_id"])
    assert len(names) <= most
    assert len(names) == len(ranked) or len(ranked) > most
    for ego in shown.loc[shown["ego"], "actor_id"]:
        assert _partners(ties, ego) <= names


@given(Networks, st.sampled_from("abcdefghij"))
def test_the_company_of_an_actor_is_everybody_it_met(sets: list[set[str]], ego: str) -> None:
    ties, ranked = _network(sets)
    shown = actors.company(ties, ranked, around=ego)
    met = _partners(ties, ego)
    assert set(shown["actor_id"]) == (met | {ego} if met else set())
    assert shown.loc[shown["ego"], "actor_id"].tolist() == [ego] * bool(met)


def _network(sets: list[set[str]]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ties, and actors by the number of their partners."""
    ties = actors.projection(_rows(sets))
    ends = pd.concat([ties["actor_a"], ties["actor_b"]])
    return ties, ends.value_counts().rename_axis("actor_id").reset_index(name="degree")


def _partners(ties: pd.DataFrame, actor: str) -> set[str]:
    own = ties[(ties["actor_a"] == actor) | (ties["actor_b"] == actor)]
    return (set(own["actor_a"]) | set(own["actor_b"])) - {actor}


# Measures


def test_strength_is_the_number_of_events_shared(record: Dossier) -> None:
    measures = actors.centrality(actors.participation_graph(record))
    assert measures["strength"].to_list() == pytest.approx(measures["events"].to_list())


def test_the_one_in_the_middle_of_a_chain_bridges_every_pair(tmp_path: Path) -> None:
    dossier = _tiny(tmp_path, ("2020-01-01-a", "ayse;ani"), ("2020-01-02-b", "ani;delegate"))
    measures = actors.centrality(actors.participation_graph(dossier)).set_index("actor_id")
    assert measures["betweenness"].to_dict() == {"ani": 1.0, "ayse": 0.0, "delegate": 0.0}
    assert measures["degree"].to_dict() == {"ani": 2, "ayse": 1, "delegate": 1}


def test_every_measure_is_defined() -> None:
    assert set(actors.MEASURES) <= set(actors.CENTRALITY_COLUMNS)


def test_the_adjacency_is_symmetric_and_holds_every_tie(record: Dossier) -> None:
    graph = actors.participation_graph(record, level="states")
    table = actors.adjacency(graph)
    assert (table.to_numpy() == table.to_numpy().T).all()
    assert list(table.index[:2]) == ["tur", "arm"]
    for tie in actors.ties(graph).to_dict("records"):
        assert table.loc[tie["actor_a"], tie["actor_b"]] == tie["weight"]
    assert (table.to_numpy() > 0).sum() == 2 * graph.number_of_edges()


def test_without_events_every_result_is_empty_and_has_its_columns(tmp_path: Path) -> None:
    dossier = tiny_dossier(tmp_path)
    graph = actors.participation_graph(dossier)
    assert list(actors.participations(dossier)) == participation.PARTICIPATION_COLUMNS
    assert list(actors.projection(actors.participations(dossier))) == actors.TIE_COLUMNS[:4]
    assert list(actors.ties(graph)) == actors.TIE_COLUMNS
    assert list(actors.centrality(graph)) == actors.CENTRALITY_COLUMNS
    assert list(actors.by_phase(dossier)) == actors.PHASE_COLUMNS
    assert list(actors.ties_by_phase(dossier)) == ["phase_id", *actors.TIE_COLUMNS]
    assert list(actors.presence(dossier)) == actors.PRESENCE_COLUMNS
    assert list(actors.gatherings(dossier)) == actors.GATHERING_COLUMNS
    assert not len(actors.two_mode_graph(dossier))
    assert actors.company(actors.ties(graph), actors.centrality(graph)).empty
    assert list(actors.positions(dossier)) == actors.POSITION_COLUMNS
    assert actors.adjacency(graph).empty


# Positions and views


@pytest.mark.parametrize("day", DAYS)
def test_an_actor_keeps_its_place_on_every_day(record: Dossier, day: str) -> None:
    always = actors.positions(record).set_index("actor_id")
    then = actors.positions(record.as_of(day)).set_index("actor_id")
    pd.testing.assert_frame_equal(then, always.loc[then.index])


def test_a_contact_that_is_disclosed_late_moves_nobody(tmp_path: Path) -> None:
    """Somebody whose first meeting became known two years later comes below the others."""
    events = [
        {"event_id": "2020-01-01-a", "actors": "ayse;mehmet"},
        {"event_id": "2019-01-01-late", "actors": "ani;delegate", "known_since": "2021-01-01"},
    ]
    known, later = (
        tiny_dossier(tmp_path / name, events=rows, actors=PEOPLE)
        for name, rows in (("a", events[:1]), ("b", events))
    )
    before = actors.positions(known)
    pd.testing.assert_frame_equal(actors.positions(later.as_of("2020-06-01")), before)
    after = actors.positions(later).set_index("actor_id")["y"]
    assert after.to_dict() == {"ayse": 0, "mehmet": 1, "ani": 2, "delegate": 3}


def test_an_actor_keeps_its_place_at_every_level_and_for_every_type(record: Dossier) -> None:
    always = actors.places(record).set_index("actor_id")[["x", "y"]]
    for options in ({"types": "all"}, {"types": "meeting"}, {"level": "states"}):
        some = actors.positions(record, **options).set_index("actor_id")[["x", "y"]]
        pd.testing.assert_frame_equal(some, always.loc[some.index], check_names=False)


@pytest.mark.parametrize("day", DAYS)
def test_a_view_holds_the_places_of_those_whom_it_knows(record: Dossier, day: str) -> None:
    view = record.as_of(day)
    assert set(view.positions["actor_id"]) == set(view.actors["actor_id"])


def test_the_sides_stand_apart_and_roles_in_rings(record: Dossier) -> None:
    places = actors.positions(record, types="all")
    assert {side: set(own) for side, own in places.groupby("side")["x"]} == {
        -1: {0.0},
        0: {-1.0, -0.94, -0.88},
        1: {0.88, 0.94, 1.0},
    }
    people = places[places["side"].ge(0) & places["kind"].eq("person")]
    assert people["x"].abs().max() < places.loc[places["kind"] == "ministry", "x"].abs().min()


def test_names_in_the_middle_have_a_row_of_their_own(record: Dossier) -> None:
    for places in (actors.places(record), actors.positions(_without_positions(record))):
        middle = places.loc[places["x"] == 0, "y"]
        assert middle.is_unique
        assert set(middle).isdisjoint(places.loc[places["x"] != 0, "y"])


def _without_positions(record: Dossier) -> Dossier:
    tables = {name: rows for name, rows in record.tables.items() if name != "positions"}
    return replace(record, tables=MappingProxyType(tables))


def test_a_newcomer_takes_a_free_place_and_moves_nobody(tmp_path: Path) -> None:
    """Whoever comes late stands beside those of its event if there is room, else near them."""
    there = [("tur", -1, 5), ("arm", 1, 0), ("ayse", -0.88, 0), ("ani", 0.88, 7)]
    rows = [dict(zip(("actor_id", "x", "y"), one, strict=True)) for one in there]
    dossier = _tiny(
        tmp_path,
        ("2020-01-01-a", "ayse;ani"),
        ("2020-02-01-b", "mehmet;ani"),
        ("2020-03-01-c", "delegate;ani"),
        positions=rows,
    )
    found = actors.places(dossier).set_index("actor_id")
    before = pd.DataFrame(rows).set_index("actor_id").sort_index().astype({"x": "float64"})
    pd.testing.assert_frame_equal(found.loc[before.index], before)
    assert tuple(found.loc["mehmet"]) == (-0.88, 7)
    assert tuple(found.loc["delegate"]) == (0.0, 8)


Comers = st.lists(
    st.tuples(st.sampled_from([-1.0, -0.88, 0.0, 0.88, 1.0]), st.integers(0, 4)), max_size=14
)


@given(Comers, st.integers(0, 14))
def test_whoever_comes_later_moves_nobody_and_shares_no_place(
    comers: list[tuple[float, int]], later: int
) -> None:
    rows = [
        {
            "actor_id": f"a{at:02}",
            "x": x,
            "day": pd.Timestamp(2020, 1, 1 + day),
            "event_id": f"{day}",
        }
        for at, (x, day) in enumerate(comers)
    ]
    columns = ["actor_id", "x", "y", "day", "event_id"]
    nobody = pd.DataFrame([], columns=columns)
    new = pd.DataFrame(rows, columns=["actor_id", "x", "day", "event_id"])
    first, whole = settled(nobody, new.iloc[:later]), settled(nobody, new)
    pd.testing.assert_frame_equal(whole.iloc[: len(first)], first)
    there = first.merge(new[["actor_id", "day", "event_id"]], on="actor_id")
    pd.testing.assert_frame_equal(settled(there, new.iloc[later:]), whole)
    taken = whole.assign(column=whole["x"].gt(0).astype(int) - whole["x"].lt(0))
    assert not taken.duplicated(["column", "y"]).any()
    middle = set(whole.loc[whole["x"] == 0, "y"])
    assert middle.isdisjoint(whole.loc[whole["x"] != 0, "y"])


def test_who_turns_out_to_belong_to_another_side_moves_there(tmp_path: Path) -> None:
    rows = [{"actor_id": "ayse", "x": 0.88, "y": 3}, {"actor_id": "ani", "x": 0.88, "y": 4}]
    dossier = _tiny(tmp_path, ("2020-01-01-a", "ayse;ani"), positions=rows)
    found = actors.places(dossier).set_index("actor_id")
    assert tuple(found.loc["ayse"]) == (-0.88, 4)
    assert tuple(found.loc["ani"]) == (0.88, 4)


def test_no_two_actors_stand_at_the_same_place(record: Dossier) -> None:
    for level in participation.LEVELS:
        for places in (actors.places(record), actors.positions(record, level=level)):
            columns = places.assign(column=places["x"].gt(0).astype(int) - places["x"].lt(0))
            assert not columns.duplicated(["column", "y"]).any()


def test_those_who_first_met_each_other_face_each_other(tmp_path: Path) -> None:
    dossier = _tiny(
        tmp_path, ("2020-01-01-a", "ayse;mehmet;ani"), ("2020-02-01-b", "firm;delegate")
    )
    places = actors.positions(dossier).set_index("actor_id")["y"]
    assert places.to_dict() == {"ayse": 0, "mehmet": 1, "ani": 0, "firm": 2, "delegate": 3}


@pytest.mark.parametrize("day", DAYS)
def test_a_view_shows_nobody_and_nothing_of_later(record: Dossier, day: str) -> None:
    view = record.as_of(day)
    known = set(view.actors["actor_id"])
    assert set(actors.positions(view)["actor_id"]) <= known
    assert set(actors.participations(view)["actor_id"]) <= known
    assert (actors.participations(view)["known_on"] <= view.day).all()


def test_the_roster_names_everybody_in_the_view(record: Dossier) -> None:
    view = record.as_of("2022-07-01")
    roster = actors.roster(view)
    assert set(roster["actor_id"]) == set(view.actors["actor_id"])
    assert roster["contacts"].le(roster["events"]).all()
    assert set(roster["last"].dropna()) <= set(view.events["event_id"])
