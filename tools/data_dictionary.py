"""Write the dictionary of a data package into a README, between two markers.

    python tools/data_dictionary.py            rewrite the section
    python tools/data_dictionary.py --check    exit 1 if the section is out of step

The descriptor (`datapackage.json`) is the one truth about tables, columns and words; this
script only says it in prose. It needs nothing but the standard library.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "data" / "turkiye-armenia" / "datapackage.json"
OPTIONAL = ROOT / "data" / "codings.json"
README = ROOT / "data" / "README.md"
START = "<!-- dictionary:start -->"
END = "<!-- dictionary:end -->"
EDTF = "http://id.loc.gov/datatypes/edtf"

Json = Mapping[str, Any]


def dictionary(descriptor: Json, *optional: Json) -> str:
    """Return the dictionary of all resources as Markdown, without the markers.

    Tables that a dataset may do without come last.
    """
    seen: dict[str, str] = {}
    resources = [*descriptor["resources"], *optional]
    sections = [_resource(resource, seen) for resource in resources]
    head = (
        f"Made from `datapackage.json`, version {descriptor['version']}; the record covers events"
        f" until {descriptor['coversUntil']}. Change the descriptor, not this section."
    )
    return "\n\n".join([head, *sections])


def replaced(text: str, section: str) -> str:
    """Return `text` with what stands between the markers replaced by `section`.

    Raises
    ------
    ValueError
        If a marker is missing, doubled, or the two stand in the wrong order.
    """
    if text.count(START) != 1 or text.count(END) != 1 or text.index(START) > text.index(END):
        raise ValueError(f"The text needs one {START} and, below it, one {END}.")
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    return f"{before}{START}\n\n{section}\n\n{END}{after}"


def _resource(resource: Json, seen: dict[str, str]) -> str:
    fields = resource["schema"]["fields"] if "schema" in resource else _properties(resource)
    references = _references(resource)
    rows = [_row(field, references) for field in fields]
    table = ["| column | type | content |", "| --- | --- | --- |", *rows]
    words = [_words(resource["name"], field, seen) for field in fields]
    parts = [f"### {resource['title']} (`{resource['path']}`)", _about(resource)]
    return "\n\n".join([*parts, "\n".join(table), *filter(None, words)])


def _properties(resource: Json) -> list[Json]:
    return list(resource.get("featureProperties", []))


def _about(resource: Json) -> str:
    licences = ", ".join(licence["name"] for licence in resource["licenses"])
    facts = [resource["description"] + _caution(resource), *_keys(resource)]
    credit = f", credit: {resource['attribution']}" if "attribution" in resource else ""
    return " ".join([*facts, f"Licence: {licences}{credit}."])


def _keys(resource: Json) -> Iterator[str]:
    if "schema" in resource:
        key = " + ".join(f"`{name}`" for name in resource["schema"]["primaryKey"])
        yield f"Key: {key}."
    if "when" in resource:
        yield f"Principal date: `{resource['when']}`."
    if "partOf" in resource:
        yield f"Its rows are shown with those of `{resource['partOf']}`."
    if "idReference" in resource:
        yield f"Feature id: {_target(resource['idReference'])}."


def _references(resource: Json) -> dict[str, str]:
    keys = resource.get("schema", {}).get("foreignKeys", [])
    targets = {key["fields"][0]: key["reference"] for key in keys}
    return {
        name: f"`{target['resource']}.{target['fields'][0]}`" for name, target in targets.items()
    }


def _target(reference: Json) -> str:
    return f"`{reference['resource']}.{reference['field']}`"


def _row(field: Json, references: Mapping[str, str]) -> str:
    content = [field["description"] + _caution(field), *_points(field, references)]
    return f"| `{field['name']}` | {_type(field)} | {_cell(' '.join(content))} |"


def _type(field: Json) -> str:
    name = "date (EDTF)" if field.get("rdfType") == EDTF else field["type"]
    items = f" of {field['itemType']}" if field["type"] == "list" else ""
    unit = f", {field['unit']}" if "unit" in field else ""
    needed = field.get("constraints", {}).get("required", False)
    return f"{name}{items}{unit}" + (", required" if needed else "")


def _points(field: Json, references: Mapping[str, str]) -> Iterator[str]:
    if field["name"] in references:
        yield f"→ {references[field['name']]}"
    if "itemReference" in field:
        yield f"→ {_target(field['itemReference'])}"
    if "mayReference" in field:
        yield f"→ {_target(field['mayReference'])}, if it is an id"
    if "referenceTable" in field:
        yield f"→ the table named in `{field['referenceTable']}`"
    if "unitField" in field:
        yield f"Unit in `{field['unitField']}`."


def _words(table: str, field: Json, seen: dict[str, str]) -> str:
    categories = field.get("categories") or field.get("itemCategories") or []
    if not categories:
        return ""
    here = f"`{table}.{field['name']}`"
    items = "\n".join(_word(category) for category in categories)
    first = seen.setdefault(items, here)
    return f"{here}: the words of {first}." if first != here else f"{here}:\n\n{items}"


def _word(category: Json) -> str:
    levels = _levels(category["allowedLevels"]) if "allowedLevels" in category else ""
    text = category["description"].rstrip(".")
    return f"- `{category['value']}` *{category['label']}*: {text}.{levels}{_caution(category)}"


def _levels(levels: list[int | None]) -> str:
    names = ["blank" if level is None else str(level) for level in levels]
    return f" Allowed level: {', '.join(names)}."


def _caution(item: Json) -> str:
    return f" *Does not mean:* {item['doesNotMean']}." if "doesNotMean" in item else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def main(arguments: list[str] | None = None) -> int:
    """Rewrite the section, or with `--check` only compare; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if out of step")
    options = parser.parse_args(arguments)
    before = README.read_text(encoding="utf-8")
    found = [json.loads(path.read_text(encoding="utf-8")) for path in (PACKAGE, OPTIONAL)]
    after = replaced(before, dictionary(*found))
    if options.check and before != after:
        print("data/README.md is out of step. Run: python tools/data_dictionary.py")
        return 1
    if not options.check:
        README.write_text(after, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
