"""What an export says about itself: ``datapackage.json`` for programs, ``README.md`` for people."""

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from normlib.dossier import Dossier
from normlib.exports.frames import World
from normlib.exports.kinds import File, attribution
from normlib.package import DESCRIPTOR

Json = dict[str, Any]

README = "README.md"
HEADINGS = {
    "record/": "The record",
    "csv/": "Frames behind figures and tables",
    "parquet/": "Frames behind figures and tables",
    "": "For other programs",
}
"""Headings by what stands in a path; the first that fits."""

MARK = "exportedBy"
"""The property by which a folder is known to be an export, that may be replaced."""


def manifest(world: World, files: Sequence[File]) -> dict[str, bytes]:
    """Return the two files that describe the others, by path."""
    from normlib import __version__

    dossier = world.dossier
    used = dict.fromkeys(name for file in files for name in file.resources)
    package = {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": f"{dossier.name}-export",
        "title": dossier.title,
        "description": dossier.stamp,
        "version": dossier.version,
        "asOf": str(dossier.day.date()),
        "coversUntil": str(dossier.covers_until.date()),
        MARK: f"normlib {__version__}",
        "parameters": asdict(world.choice),
        "licenses": licences(dossier, used),
        "attribution": attribution(dossier, used),
        "sources": [_here(one) for one in dossier.package.descriptor.get("sources", [])],
        "resources": [_resource(dossier, file) for file in files],
    }
    text = json.dumps(package, ensure_ascii=False, indent=1) + "\n"
    return {README: _readme(package).encode("utf-8"), DESCRIPTOR: text.encode("utf-8")}


def licences(dossier: Dossier, names: Iterable[str]) -> list[Json]:
    """Return the licences of what was used, each once."""
    resources = [dossier.package.resources.get(name) for name in names]
    found = [one for entry in resources if entry for one in entry.descriptor.get("licenses", [])]
    return [dict(one) for at, one in enumerate(found) if one not in found[:at]]


def _here(source: Json) -> Json:
    """Return where a source of the record stands, seen from the folder of the export."""
    path = str(source.get("path", ""))
    return {**source, "path": path if "://" in path else f"record/{path}"}


def _resource(dossier: Dossier, file: File) -> Json:
    kind = {"type": "table" if "schema" in file.more else "file"}
    return {
        "name": _name(file.path),
        "path": file.path,
        **kind,
        "title": file.title,
        "description": file.description,
        "format": file.path.rpartition(".")[2],
        "mediatype": file.mediatype,
        **({"encoding": "utf-8"} if "schema" in file.more else {}),
        "bytes": len(file.content),
        "hash": f"sha256:{hashlib.sha256(file.content).hexdigest()}",
        "licenses": licences(dossier, file.resources),
        **file.more,
    }


def _name(path: str) -> str:
    """Return the name of a file in the descriptor; tables of the record keep theirs."""
    table = re.fullmatch(r"record/(.+)\.csv", path)
    return table[1] if table else re.sub(r"[/_.]", "-", path)


def _readme(package: Json) -> str:
    lines = [
        f"# {package['title']}",
        "",
        f"{package['description']}. Made by {package[MARK]} from the release {package['version']} "
        f"of the data, which covers events until {package['coversUntil']}. Rows that were not "
        f"public on {package['asOf']} are not in these files.",
        "",
        "Dates of the record are EDTF text: a month is not made a day. A blank means unknown or "
        "none, never zero or no. Items of a list in CSV have `;` between them. Every id leads to "
        f"a row below `record/`. `{DESCRIPTOR}` describes each file and its columns.",
        "",
        "Parameters: " + "; ".join(f"{k} = {v}" for k, v in package["parameters"].items()) + ".",
    ]
    for heading, listed in _sections(package["resources"]).items():
        lines += ["", f"## {heading}", "", "| holds | in |", "| --- | --- |"]
        lines += [f"| {title} | {', '.join(paths)} |" for title, paths in listed.items()]
    lines += ["", "## Licences and credits", ""]
    lines += [f"- [{one['title']}]({one['path']})" for one in package["licenses"]]
    lines += [
        "",
        "`datapackage.json` names the licence of each file. The record was made from:",
        "",
    ]
    lines += [f"- [{one['title']}]({one['path']})" for one in package["sources"]]
    if package["attribution"]:
        lines += ["", f"Beside a map of the links: {package['attribution']}."]
    return "\n".join(lines) + "\n"


def _sections(resources: Iterable[Json]) -> dict[str, dict[str, list[str]]]:
    """Return links to the files by what they hold, below the heading that they belong to."""
    found: dict[str, dict[str, list[str]]] = {}
    for one in resources:
        path = str(one["path"])
        heading = next(words for part, words in HEADINGS.items() if part in path)
        found.setdefault(heading, {}).setdefault(one["title"], []).append(f"[{path}]({path})")
    return found
