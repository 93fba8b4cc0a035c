# SPDX-License-Identifier: Apache-2.0
"""The reference page of configuration files, from the JSON Schemas in schema/config."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from reference_pages import HEAD, table

FILES = (
    "project",
    "profile",
    "sidecar",
    "product",
    "fixture",
    "station",
    "station_type",
    "instrument_asset",
    "catalog",
)

Schema = dict[str, Any]


def load_schemas(folder: Path) -> dict[str, Schema]:
    """By name, in the order of the page."""
    return {name: json.loads((folder / f"{name}.json").read_text()) for name in FILES}


def configuration_page(schemas: dict[str, Schema]) -> str:
    """One section for each kind of file, in the order given."""
    sections = [
        f"## {schema['title'].split(': ')[1]}\n\n"
        + table(("Key", "Type", "When absent", "Meaning"), _Section(name, schemas).rows())
        for name, schema in schemas.items()
    ]
    return (
        HEAD
        + "# Configuration\n\nYAML 1.2; keys that are not listed are errors, and every error names "
        "file, line, what was expected and what was found.\nWhere a list is expected a generator may "
        "stand: `{linspace: [first, last, count]}`, `{arange: [first, end, step]}`,\n"
        "`{logspace: [first, last, count]}`, `{geomspace: [first, last, count]}`, "
        "`{repeat: [value, count]}`, `{range: [first, end, step]}`.\nThe JSON Schemas in "
        "`schema/config` say the same to editors (`litmus schema export`).\n\n"
        + "\n".join(sections)
    )


class _Section:
    """The keys of one kind of file. What another kind of file describes is named, not repeated, and
    so is what contains itself."""

    def __init__(self, name: str, schemas: dict[str, Schema]) -> None:
        self._name = name
        self._schemas = schemas

    def rows(self) -> Iterable[tuple[str, ...]]:
        rules, _ = self._resolved(self._schemas[self._name])
        return self._keys(rules, "", frozenset({"test"} if self._name == "sidecar" else set()))

    def _keys(self, schema: Schema, path: str, around: frozenset[str]) -> Iterable[tuple[str, ...]]:
        required = schema.get("required", [])
        for key, given in schema.get("properties", {}).items():
            rules, name = self._resolved(given)
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
            elsewhere = self._elsewhere(given)
            yield (f"`{path}{key}`", _type_text(rules), absent, meaning + elsewhere)
            if not elsewhere and name not in around:
                yield from self._below(rules, f"{path}{key}", around | {name})

    def _below(self, rules: Schema, path: str, around: frozenset[str]) -> Iterable[tuple[str, ...]]:
        yield from self._keys(rules, f"{path}.", around)
        for mark, entry in (("*", rules.get("additionalProperties")), ("[]", rules.get("items"))):
            if not isinstance(entry, dict):
                continue
            for alternative in entry.get("anyOf", [entry]):
                below, name = self._resolved(alternative)
                if name in around or self._elsewhere(alternative):
                    continue
                separator = "." if mark == "*" else ""
                yield from self._keys(below, f"{path}{separator}{mark}.", around | {name})

    def _resolved(self, rules: Schema) -> tuple[Schema, str]:
        """What a $ref stands for, and its name."""
        if "$ref" not in rules:
            return rules, ""
        file, _, name = rules["$ref"].partition("#/$defs/")
        home = self._schemas[file.removesuffix(".json") if file else self._name]
        return dict(home["$defs"][name]), name

    def _elsewhere(self, rules: Schema) -> str:
        """Where another section describes it."""
        file, _, name = rules.get("$ref", "").partition("#/$defs/")
        if not file:
            return ""
        home = self._schemas[file.removesuffix(".json")]
        if (
            "properties" not in home["$defs"][name]
            and "additionalProperties" not in home["$defs"][name]
        ):
            return ""
        return f" (see {home['title'].split(': ')[1]})"


def _type_text(rules: Schema) -> str:
    alternatives = rules.get("anyOf", [rules])
    types: list[str] = []
    for alternative in alternatives:
        given = alternative.get("type", [])
        types += [given] if isinstance(given, str) else given
    return " or ".join(_SCHEMA_TYPES[name] for name in types) or "any"


_SCHEMA_TYPES = {
    "string": "text",
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
    "array": "list",
    "object": "map",
}
