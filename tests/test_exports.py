"""Each file of an export is opened by a reader that is not ours, and says what the record says."""

import csv
import inspect
import io
import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import pyogrio
import pytest
from frictionless import Package
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

import normlib
from normlib import actors, connectivity, edtf, load, timeline
from normlib.dossier import Dossier
from normlib.exports import timelinejs
from normlib.exports.frames import FRAMES, Choice, World
from normlib.exports.kinds import KINDS
from normlib.exports.manifest import README
from normlib.exports.tables import columns, csv_bytes, parquet_bytes
from normlib.figures.words import date_words
from normlib.package import DESCRIPTOR
from normlib.report.exporting import export
from normlib.report.project import find_project
from tests.tiny import tiny_dossier

Json = dict[str, Any]
Export = tuple[Path, World]

PAST = "2021-12-01"

LEFT_OUT = {
    "actors.adjacency": "a square table of what actor_ties tells tidily",
    "actors.company": "some rows of actor_measures",
    "actors.places": "actor_positions of everybody in the table",
    "actors.projection": "actor_ties without the events",
    "actors.shared_events": "some rows of participations",
    "changes.news": "the rows that became public last, as the feed tells them",
    "changes.lead": "the first rows of changes, in words",
    "changes.telling_events": "the first rows of new_events",
    "claims.register": "contradictions, side by side",
    "commitments.focus_targets": "some rows of targets",
    "connectivity.domestic_links": "some rows of link_status",
    "connectivity.joining_links": "some rows of link_status",
    "connectivity.link_legs": "what route_legs are made from",
    "connectivity.not_open_throughout": "some rows of link_status",
    "connectivity.open_throughout": "some rows of link_status",
    "connectivity.other_crossings": "some rows of link_status",
    "durations.at": "some rows of survival and endings",
    "durations.periods": "durations",
    "movements.index": "some rows of movements",
    "movements.meetings": "some rows of movements",
    "movements.outstanding": "some rows of movements",
    "movements.joining_links": "some rows of movements",
    "profiles.circle": "some rows of actor_ties",
    "profiles.commitments": "some rows of ledger",
    "profiles.events": "some rows of events",
    "profiles.facts": "a row of actors",
    "profiles.partners": "some rows of actor_ties",
    "profiles.stated": "some rows of targets",
    "profiles.terms": "a row of actors",
    "stories.beside": "some rows of ledger",
    "timeline.only": "some rows of timeline_lanes",
    "stories.life": "some rows of targets, observations and events",
    "stories.story": "some rows of ledger",
}
"""Frames of the analysis that are not exported, and where their rows are."""


def exported(folder: Path, *kinds: str, **parameters: str) -> Export:
    """Export the record with the parameters of the notebooks; return the folder and the view."""
    export(kinds, parameters, out=folder, project=find_project())
    package = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8"))
    dossier = load().as_of(parameters.get("as_of", "latest"))
    return folder, World(dossier, Choice(**package["parameters"]))


@pytest.fixture(scope="module", params=["latest", PAST])
def files(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Export:
    """Everything that there is to export, on the last day and on a past one."""
    return exported(tmp_path_factory.mktemp("export"), as_of=request.param)


def small(dossier: Dossier, kind: str, name: str) -> bytes:
    """Return one file of a small record."""
    made = {file.path: file.content for file in KINDS[kind](World(dossier, Choice()))}
    return made[name]


# --- networks ------------------------------------------------------------------------------------


def networks(folder: Path, name: str) -> Iterator["nx.Graph[str]"]:
    yield nx.read_gexf(folder / f"{name}.gexf", version="1.3")
    yield nx.read_graphml(folder / f"{name}.graphml")


def test_networkx_reads_the_ties_with_their_weights_events_start_and_end(files: Export) -> None:
    folder, world = files
    graph = actors.participation_graph(world.dossier)
    dates = world.dossier.events.set_index("event_id")
    for read in networks(folder, "actors"):
        assert set(read) == set(graph)
        assert set(map(frozenset, read.edges)) == set(map(frozenset, graph.edges))
        for one, other, edge in read.edges(data=True):
            ours = graph.edges[one, other]
            assert edge["weight"] == ours["weight"]
            assert edge["count"] == ours["count"]
            assert tuple(edge["events"].split(";")) == ours["events"]
            assert (edge["first"], edge["last"]) == (ours["first"], ours["last"])
            between = dates.loc[list(ours["events"])]
            assert edge["start"] <= str(between["date_earliest"].min().date())
            assert edge["end"] >= str(between["effective_on"].max().date())
            assert edge["start"] <= edge["end"] <= str(world.dossier.day.date())


def test_networkx_reads_who_the_actors_are_and_how_central(files: Export) -> None:
    folder, world = files
    measures = actors.centrality(actors.participation_graph(world.dossier)).set_index("actor_id")
    names, sides = world.dossier.labels("actors"), world.dossier.sides
    for read in networks(folder, "actors"):
        for actor, node in read.nodes(data=True):
            ours = measures.loc[actor]
            assert node["label"] == names[actor]
            assert node["side"] == (sides[ours["side"]] if ours["side"] >= 0 else "third party")
            for name in ("events", "degree", "strength", "betweenness"):
                assert node[name] == ours[name]


def test_the_two_mode_network_ties_each_actor_to_its_events(files: Export) -> None:
    folder, world = files
    rows = actors.participations(world.dossier)
    pairs = zip(rows["actor_id"], rows["event_id"], strict=True)
    expected = {(f"actors/{actor}", f"events/{event}") for actor, event in pairs}
    for read in networks(folder, "actors-events"):
        part = nx.get_node_attributes(read, "bipartite")
        assert {tuple(sorted(pair, key=part.__getitem__)) for pair in read.edges} == expected


def test_a_vague_date_widens_the_span_of_a_tie_and_is_never_made_a_day(tmp_path: Path) -> None:
    people = [
        {"actor_id": "a", "name": "A", "country": "TUR", "member_of": "tur"},
        {"actor_id": "b", "name": "B", "country": "ARM", "member_of": "arm"},
    ]
    met = [
        {"event_id": "2021-one", "date": "2021-02", "actors": "a;b"},
        {"event_id": "2021-two", "date": "2021-05~", "actors": "a;b"},
    ]
    dossier = tiny_dossier(tmp_path, actors=people, events=met)
    for kind in ("gexf", "graphml"):
        text = io.BytesIO(small(dossier, kind, f"actors.{kind}"))
        read = nx.read_gexf(text, version="1.3") if kind == "gexf" else nx.read_graphml(text)
        edge = read.edges["a", "b"]
        assert (edge["start"], edge["end"]) == ("2021-02-01", "2021-05-31")
        assert (edge["first"], edge["last"]) == ("2021-02", "2021-05~")
        assert edge["weight"] == 2


def test_gexf_is_dynamic_and_bears_the_day_of_the_view_instead_of_todays(files: Export) -> None:
    folder, world = files
    head = (folder / "actors.gexf").read_text(encoding="utf-8")[:600]
    assert f'lastmodifieddate="{world.dossier.day.date()}"' in head
    assert 'mode="dynamic" timeformat="date"' in head


# --- maps ----------------------------------------------------------------------------------------


def table(file: Path) -> tuple[Json, pd.DataFrame]:
    """Read a map with GDAL."""
    about, _, shapes, cells = pyogrio.raw.read(file)
    return about, pd.DataFrame(dict(zip(about["fields"], cells, strict=True))).assign(shape=shapes)


def test_gdal_reads_the_links_with_state_since_sources_and_quality(files: Export) -> None:
    folder, world = files
    about, read = table(folder / "links.geojson")
    status = connectivity.link_status(world.dossier)
    assert (about["crs"], len(read)) == ("EPSG:4326", len(status))
    assert about["geometry_type"] == "LineString"
    for name in ("link_id", "name", "mode", "state", "since", "geometry_quality"):
        assert read[name].tolist() == [None if pd.isna(it) else it for it in status[name]]
    assert [tuple(names) for names in read["sources"]] == status["sources"].tolist()
    np.testing.assert_allclose(read["length_km"].astype(float), status["length_km"])


def test_gdal_reads_the_sites_with_their_names_where_they_are(files: Export) -> None:
    folder, world = files
    about, read = table(folder / "sites.geojson")
    sites = world.dossier.sites
    assert (about["crs"], about["geometry_type"]) == ("EPSG:4326", "Point")
    assert read["name"].tolist() == sites["name"].tolist()
    points = [np.frombuffer(shape[5:21], "<f8") for shape in read["shape"]]
    np.testing.assert_allclose(points, sites[["lon", "lat"]].to_numpy())


def test_a_map_keeps_to_rfc_7946_and_credits_who_drew_it(files: Export) -> None:
    folder, world = files
    for name in ("links", "sites"):
        found = json.loads((folder / f"{name}.geojson").read_text(encoding="utf-8"))
        assert found["type"] == "FeatureCollection"
        assert "crs" not in found
        assert found["description"] == world.dossier.stamp
        assert {tuple(one) for one in found["features"]} == {
            ("type", "id", "properties", "geometry")
        }
    links = json.loads((folder / "links.geojson").read_text(encoding="utf-8"))
    routes = world.dossier.package.resources["routes"].descriptor
    assert links["attribution"] == routes["attribution"]


# --- TimelineJS ----------------------------------------------------------------------------------

# The documented properties, by object, and whether each is required:
# https://timeline.knightlab.com/docs/json-format.html
TIMELINE = {"events": True, "title": False, "eras": False, "scale": False}
SLIDE = {"start_date": True} | dict.fromkeys(
    "end_date text media group display_date background autolink unique_id".split(), False
)
ERA = {"start_date": True, "end_date": True, "text": False}
DATE = {"year": True} | dict.fromkeys(
    "month day hour minute second millisecond display_date format".split(), False
)
TEXT = {"headline": False, "text": False}


def faults(found: Json, schema: dict[str, bool]) -> set[str]:
    return (found.keys() - schema.keys()) | {name for name in schema if schema[name]} - found.keys()


def moments(found: Json) -> list[Json]:
    return [found[name] for name in ("start_date", "end_date") if name in found]


def test_timelinejs_finds_what_its_documentation_requires_and_nothing_else(files: Export) -> None:
    found = json.loads((files[0] / "timeline.json").read_text(encoding="utf-8"))
    assert faults(found, TIMELINE) == set()
    assert found["scale"] in ("human", "cosmological")
    slides, eras = [*found["events"]], found["eras"]
    assert [faults(one, SLIDE) for one in slides if faults(one, SLIDE)] == []
    assert [faults(one, ERA) for one in eras if faults(one, ERA)] == []
    for one in [*slides, *eras]:
        assert faults(one["text"], TEXT) == set()
        for moment in moments(one):
            assert faults(moment, DATE) == set()
            assert all(isinstance(number, int) for number in moment.values())
            date(moment["year"], moment.get("month", 1), moment.get("day", 1))
    ids = [one["unique_id"] for one in slides]
    assert len(set(ids)) == len(ids)


def test_each_event_is_a_slide_with_its_words_lane_and_sources(files: Export) -> None:
    folder, world = files
    slides = json.loads((folder / "timeline.json").read_text(encoding="utf-8"))["events"]
    lanes = timeline.lanes(world.dossier)
    sources = world.dossier.sources.set_index("source_id")
    assert [one["unique_id"] for one in slides] == lanes["event_id"].tolist()
    for slide, event in zip(slides, lanes.to_dict("records"), strict=True):
        assert slide["group"] == event["lane_label"]
        assert slide["display_date"] == date_words(event["date"])
        words = text_of(slide["text"]["headline"])
        assert words == event["title"]
        told = text_of(slide["text"]["text"])
        assert all(sources.loc[name, "publisher"] in told for name in event["sources"])


def text_of(markup: str) -> str:
    """Return what a browser shows of a piece of HTML."""
    shown: list[str] = []
    parser = HTMLParser()
    parser.handle_data = shown.append  # type: ignore[method-assign]
    parser.feed(markup)
    parser.close()
    return "".join(shown)


def test_a_phase_that_still_runs_ends_with_the_view_and_says_so(files: Export) -> None:
    folder, world = files
    eras = json.loads((folder / "timeline.json").read_text(encoding="utf-8"))["eras"]
    phases = timeline.phases(world.dossier)
    running = [era for era, runs in zip(eras, phases["running"], strict=True) if runs]
    day = timeline.last_day(world.dossier)
    assert len(running) == 1
    assert running[0]["end_date"] == {"year": day.year, "month": day.month, "day": day.day}
    assert "still running" in running[0]["text"]["headline"]


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("2022-07-01", [(2022, 7, 1)]),
        ("2022-11", [(2022, 11)]),
        ("2026?", [(2026,)]),
        ("2025-04-11~", [(2025, 4, 11)]),
        ("2023-06/2023-08", [(2023, 6), (2023, 8)]),
        ("../2022-08", [(2022, 8)]),
    ],
)
def test_a_date_is_never_more_exact_than_its_source(
    tmp_path: Path, text: str, dates: list[tuple[int, ...]]
) -> None:
    dossier = tiny_dossier(
        tmp_path, events=[{"event_id": "2026-e", "date": text, "title": "Q & A"}]
    )
    [slide] = json.loads(timelinejs.timeline_json(dossier))["events"]
    assert [tuple(moment.values()) for moment in moments(slide)] == dates
    assert slide["display_date"] == date_words(text)
    assert slide["text"]["headline"] == "Q &amp; A"


def test_a_source_is_cited_with_its_address_its_date_and_no_stray_markup(tmp_path: Path) -> None:
    url = "https://example.org/?a=1&b=2"
    source = {"source_id": "s", "title": "T & T", "url": url, "published": "2021-02"}
    dossier = tiny_dossier(tmp_path, sources=[source], events=[{"event_id": "2021-03-01-e"}])
    [slide] = json.loads(timelinejs.timeline_json(dossier))["events"]
    assert 'href="https://example.org/?a=1&amp;b=2">T &amp; T</a>' in slide["text"]["text"]
    assert text_of(slide["text"]["text"]).endswith("Sources: A paper, T & T, February 2021")


# --- tables --------------------------------------------------------------------------------------


def resources(folder: Path, ending: str) -> dict[str, Json]:
    package = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8"))
    return {one["path"]: one for one in package["resources"] if one["path"].endswith(ending)}


def read_csv(content: bytes, fields: list[Json]) -> dict[str, list[Any]]:
    """Read CSV by its declared types, with nothing of ours."""
    rows = list(csv.reader(io.StringIO(content.decode("utf-8"), newline="")))
    assert rows[0] == [field["name"] for field in fields]
    readers = {
        "string": str,
        "integer": int,
        "number": float,
        "boolean": {"true": True, "false": False}.__getitem__,
        "date": date.fromisoformat,
        "list": lambda text: text.split(";"),
    }
    return {
        field["name"]: [readers[field["type"]](row[at]) if row[at] else None for row in rows[1:]]  # type: ignore[operator]
        for at, field in enumerate(fields)
    }


def expected(frame: pd.DataFrame) -> dict[str, list[Any]]:
    """Return the cells of a frame as a reader should see them; an empty list is blank."""

    def seen(cell: Any) -> Any:
        if isinstance(cell, tuple):
            return list(cell) or None
        if pd.isna(cell) or cell == "":
            return None
        return cell.date() if isinstance(cell, pd.Timestamp) else cell

    return {str(name): [seen(cell) for cell in frame[name]] for name in frame}


def frame_of(path: str, world: World) -> pd.DataFrame:
    """Return the frame that a file is made from."""
    table = re.search(r"record/(\w+)\.", path)
    if table:
        return world.dossier.tables[table[1]]
    name = Path(path).stem
    return next(one for one in FRAMES if one.name == name).make(world)


def test_a_table_read_back_by_its_description_is_the_frame_that_was_written(
    files: Export,
) -> None:
    folder, world = files
    found = resources(folder, ".csv")
    assert len(found) == len(FRAMES) + len(world.dossier.tables)
    for path, one in found.items():
        read = read_csv((folder / path).read_bytes(), one["schema"]["fields"])
        assert read == expected(frame_of(path, world)), path


def test_pyarrow_reads_every_frame_with_its_days_and_lists(files: Export) -> None:
    folder, world = files
    found = resources(folder, ".parquet")
    assert len(found) == len(FRAMES) + len(world.dossier.tables)
    for path in found:
        read, frame = parquet.read_table(folder / path), frame_of(path, world)
        cells = {
            name: [cell or None if cell == [] else cell for cell in column]
            for name, column in read.to_pydict().items()
        }
        assert cells == expected(frame), path
        kinds = columns(frame)
        types = dict(zip(read.schema.names, map(str, read.schema.types), strict=True))
        assert {types[name] for name, kind in kinds.items() if kind == "date"} <= {"date32[day]"}
        lists = {types[name].split("<")[0] for name, kind in kinds.items() if kind == "list"}
        assert lists <= {"list"}
        assert read.schema.metadata[b"view"].decode() == world.dossier.stamp


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters=";\r\x00"), min_size=1)
COLUMNS = {
    "text": st.none() | TEXTS,
    "whole": st.none() | st.integers(-(2**62), 2**62),
    "number": st.floats(allow_nan=False),
    "truth": st.booleans(),
    "day": st.none() | st.dates(date(1700, 1, 1), date(2200, 1, 1)),
    "names": st.lists(TEXTS, min_size=1).map(tuple),
}


@given(st.lists(st.fixed_dictionaries(COLUMNS), min_size=1, max_size=6))
def test_no_cell_is_lost_on_the_way_through_csv_and_parquet(rows: list[Json]) -> None:
    types = {"text": "str", "whole": "Int64", "day": "datetime64[s]", "names": "object"}
    frame = pd.DataFrame(
        {name: pd.Series([row[name] for row in rows], dtype=types.get(name)) for name in COLUMNS}
    )
    fields = [{"name": name, "type": kind} for name, kind in columns(frame).items()]
    cells = {name: [row[name] for row in rows] for name in COLUMNS}
    cells["names"] = [list(names) for names in cells["names"]]
    assert read_csv(csv_bytes(frame), fields) == cells
    read = parquet.read_table(io.BytesIO(parquet_bytes(frame, about={})))
    assert read.to_pydict() == cells


@pytest.mark.parametrize("cell", [{"a": 1}, (("a",),), b"a", [1]])
def test_a_cell_that_cannot_be_said_plainly_is_refused(cell: object) -> None:
    frame = pd.DataFrame({"odd": pd.Series([cell], dtype="object")})
    with pytest.raises((TypeError, ValueError)):
        csv_bytes(frame)


def test_a_separator_within_an_item_is_refused_rather_than_made_two_items() -> None:
    frame = pd.DataFrame({"names": pd.Series([("a;b",)], dtype="object")})
    with pytest.raises(ValueError, match="holds ';'"):
        csv_bytes(frame)


def test_every_frame_of_the_analysis_is_exported_or_left_out_for_a_reason() -> None:
    modules = [getattr(normlib, name) for name in normlib._MODULES if name != "figures"]
    found = {
        f"{module.__name__.removeprefix('normlib.')}.{name}": function
        for module in modules
        for name in vars(module)
        if not name.startswith("_") and inspect.isfunction(function := getattr(module, name))
        if inspect.signature(function).return_annotation in (pd.DataFrame, "pd.DataFrame")
        and (function.__module__ == module.__name__ or name in getattr(module, "__all__", ()))
    }
    used = {one.function for one in FRAMES}
    assert {name for name, function in found.items() if function not in used} == set(LEFT_OUT)


def test_each_frame_has_one_name_and_says_what_it_is() -> None:
    names = [one.name for one in FRAMES]
    assert len(set(names)) == len(names)
    assert len({one.title for one in FRAMES}) == len(names)
    for one in FRAMES:
        assert len(one.description) > 30, one.name
        assert not re.search(r"``|:func:|Return ", one.title + one.description), one.name


# --- the whole -----------------------------------------------------------------------------------


def test_frictionless_finds_no_fault_and_no_id_that_leads_nowhere(files: Export) -> None:
    report = Package(str(files[0] / DESCRIPTOR)).validate()
    assert [(task.name, error.note) for task in report.tasks for error in task.errors] == []
    assert report.valid


def test_every_source_and_event_that_a_table_names_is_a_row_of_the_record(files: Export) -> None:
    folder, world = files
    homes = {"sources": "sources", "event_id": "events", "commitment_id": "commitments"}
    homes |= {"actor_id": "actors", "link_id": "links", "commitment_ids": "commitments"}
    keys = {
        name: set(world.dossier.tables[name].iloc[:, 0]) for name in dict.fromkeys(homes.values())
    }
    for path, one in resources(folder, ".csv").items():
        read = read_csv((folder / path).read_bytes(), one["schema"]["fields"])
        for name in homes.keys() & read.keys():
            cells = [cell if isinstance(cell, list) else [cell] for cell in read[name] if cell]
            assert {item for cell in cells for item in cell} <= keys[homes[name]], (path, name)


def test_the_folder_says_of_which_day_and_release_it_is_and_what_is_in_it(files: Export) -> None:
    folder, world = files
    package = json.loads((folder / DESCRIPTOR).read_text(encoding="utf-8"))
    assert package["asOf"] == str(world.dossier.day.date())
    assert package["version"] == world.dossier.version
    assert package["parameters"] == asdict(world.choice)
    there = {
        path.relative_to(folder).as_posix() for path in folder.rglob("[!.]*") if path.is_file()
    }
    assert {one["path"] for one in package["resources"]} == there - {README, DESCRIPTOR}
    words = (folder / README).read_text(encoding="utf-8")
    assert world.dossier.stamp in words
    linked = {path for path in re.findall(r"\]\(([^)]+)\)", words) if "://" not in path}
    assert linked == there - {README, DESCRIPTOR}
    assert all(len(one["title"]) > 4 for one in package["resources"])


def test_what_derives_from_drawn_lines_bears_their_licence(files: Export) -> None:
    found = resources(files[0], "")
    odbl = {path for path, one in found.items() if "ODbL" in json.dumps(one["licenses"])}
    assert {"links.geojson", "csv/link_status.csv", "csv/what_if.csv"} <= odbl
    assert not {"sites.geojson", "timeline.json", "csv/ledger.csv", "record/links.csv"} & odbl
    assert all(one["licenses"] for one in found.values())


def test_what_became_public_later_is_in_no_file_of_a_past_day(tmp_path: Path) -> None:
    folder, world = exported(tmp_path / "past", as_of=PAST)
    later = set(load().events["event_id"]) - set(world.dossier.events["event_id"])
    texts = [path.read_text("utf-8") for path in folder.rglob("*.*") if path.suffix != ".parquet"]
    named = {name for text in texts for name in re.findall(r"\d{4}-[\w-]+", text)}
    assert len(later) > 100
    assert later & named == set()


def test_an_empty_record_is_exported_as_well(tmp_path: Path) -> None:
    tiny = tiny_dossier(tmp_path)
    folder = tmp_path / "out"
    export((), {"dataset": str(tiny.package.folder)}, out=folder, project=find_project())
    assert Package(str(folder / DESCRIPTOR)).validate().valid
    assert json.loads((folder / "timeline.json").read_text())["events"] == []
    assert len(nx.read_gexf(folder / "actors.gexf", version="1.3")) == 0


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)), st.sampled_from([4, 7, 10]))
def test_a_timeline_date_holds_what_the_text_holds(day: date, length: int) -> None:
    text = day.isoformat()[:length]
    found = timelinejs._date(text)
    assert "-".join(f"{number:02d}" for number in found.values()) == text
    assert edtf.parse(text).earliest == date(*(*found.values(), 1, 1)[:3])
