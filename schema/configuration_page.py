# SPDX-License-Identifier: Apache-2.0
"""The reference page of configuration files, from the JSON Schemas in schema/config."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from reference_pages import HEAD, table

FILES = ("project", "station", "station_type", "instrument_asset")


def load_schemas(folder: Path) -> dict[str, dict[str, Any]]:
    """By name, in the order of the page."""
    return {name: json.loads((folder / f"{name}.json").read_text()) for name in FILES}


def configuration_page(schemas: dict[str, dict[str, Any]]) -> str:
    """One section for each kind of file, in the order given."""
    sections = [
        f"## {schema['title'].split(': ')[1]}\n\n"
        + table(("Key", "Type", "When absent", "Meaning"), _keys(schema, schema, schemas, ""))
        for schema in schemas.values()
    ]
    return (
        HEAD
        + "# Configuration\n\nYAML 1.2; keys that are not listed are errors, and every error names "
        "file, line, what was expected and what was found.\nThe JSON Schemas in `schema/config` say "
        "the same to editors.\n\n" + "\n".join(sections)
    )


def _keys(
    schema: dict[str, Any],
    root: dict[str, Any],
    schemas: dict[str, dict[str, Any]],
    path: str,
) -> Iterable[tuple[str, ...]]:
    required = schema.get("required", [])
    for key, given in schema.get("properties", {}).items():
        rules = _resolved(given, root, schemas)
        if key in required:
            absent = "required"
        elif "x-file-stem" in rules:
            absent = "name of the file"
        else:
            absent = f"`{json.dumps(rules['default'])}`" if "default" in rules else ""
        words = rules.get("enum") or rules.get("x-known") or []
        meaning = rules["description"] + (
            ": " + ", ".join(f"`{w}`" for w in words) if words else ""
        )
        yield (f"`{path}{key}`", _SCHEMA_TYPES[rules["type"]], absent, meaning)
        yield from _keys(rules, root, schemas, f"{path}{key}.")
        entry = rules.get("additionalProperties")
        if isinstance(entry, dict):
            for alternative in entry.get("anyOf", [entry]):
                below = _resolved(alternative, root, schemas)
                yield from _keys(below, root, schemas, f"{path}{key}.*.")


def _resolved(
    rules: dict[str, Any], root: dict[str, Any], schemas: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    if "$ref" not in rules:
        return rules
    file, _, name = rules["$ref"].partition("#/$defs/")
    home = schemas[file.removesuffix(".json")] if file else root
    return dict(home["$defs"][name])


_SCHEMA_TYPES = {
    "string": "text",
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
    "array": "list",
    "object": "map",
}
