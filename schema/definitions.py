# SPDX-License-Identifier: Apache-2.0
"""Reads the definitions in schema/*.toml and refuses those that make no sense."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

SCALAR_TYPES = ("str", "int", "float", "bool", "uuid", "datetime", "outcome", "comparator", "any")
COLLECTION_TYPES = ("map", "map[str,int]", "list[str]", "list[map]")
LIST_COLUMN_TYPES = ("list<string>", "list<bool>")
COLUMN_TYPES = ("string", "int64", "int32", "float64", "timestamp", "bool", *LIST_COLUMN_TYPES)
OWNERS = ("row", "run", "step", "attempt", "measurement", "instrument")

Presence = Literal["required", "nullable", "default"]
Default = str | int | float | bool | None


class SchemaError(Exception):
    """A definition that cannot be used; the text says which one and why."""


@dataclass(frozen=True)
class Outcome:
    name: str
    severity: int
    meaning: str
    rig: str


@dataclass(frozen=True)
class Comparator:
    code: str
    bounds: tuple[str, ...]
    passes: str


@dataclass(frozen=True)
class Field:
    name: str
    type: str  # without the question mark
    presence: Presence
    default: Default  # None: empty, for maps and lists
    doc: str

    @property
    def is_collection(self) -> bool:
        return self.type in COLLECTION_TYPES


@dataclass(frozen=True)
class Event:
    tag: str
    class_name: str
    session_only: bool
    emitted_by: str
    doc: str
    fields: tuple[Field, ...]


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    rows: str
    owner: str
    doc: str


@dataclass(frozen=True)
class Definitions:
    outcomes: tuple[Outcome, ...]  # the mildest first
    comparators: tuple[Comparator, ...]
    default_comparator: str
    events: tuple[Event, ...]
    fixed_columns: tuple[Column, ...]
    added_columns: tuple[Column, ...]
    instrument_columns: tuple[Column, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        return self.fixed_columns + self.added_columns


def _field(entry: dict[str, Any], where: str) -> Field:
    unknown = entry.keys() - {"name", "type", "required", "default", "doc"}
    if unknown:
        raise SchemaError(f"{where}: unknown keys {sorted(unknown)}")
    kind = str(entry["type"]).removesuffix("?")
    if kind not in SCALAR_TYPES + COLLECTION_TYPES:
        raise SchemaError(f"{where}.{entry['name']}: unknown type {kind}")
    said = [
        key
        for key, present in (
            ("nullable", entry["type"].endswith("?")),
            ("required", entry.get("required", False)),
            ("default", "default" in entry),
        )
        if present
    ]
    if not said and kind in COLLECTION_TYPES:
        said = ["default"]
    if len(said) != 1:
        raise SchemaError(
            f"{where}.{entry['name']}: say one of `?`, required, default; found {said or 'none'}"
        )
    presence: Presence = said[0]  # type: ignore[assignment]
    return Field(entry["name"], kind, presence, entry.get("default"), entry["doc"])


def _event(entry: dict[str, Any], groups: dict[str, list[dict[str, Any]]]) -> Event:
    fields: list[Field] = []
    for item in entry["fields"]:
        members = groups[item["group"]] if "group" in item else [item]
        fields += [_field(member, entry["tag"]) for member in members]
    names = [field.name for field in fields]
    repeated = {name for name in names if names.count(name) > 1}
    if repeated:
        raise SchemaError(f"{entry['tag']}: fields given twice: {sorted(repeated)}")
    return Event(
        tag=entry["tag"],
        class_name=entry["class"],
        session_only=entry.get("session_only", False),
        emitted_by=entry["emitted_by"],
        doc=entry["doc"],
        fields=tuple(fields),
    )


def _columns(entries: list[dict[str, Any]]) -> tuple[Column, ...]:
    columns = tuple(Column(**entry) for entry in entries)
    for column in columns:
        if column.type not in COLUMN_TYPES or column.owner not in OWNERS:
            raise SchemaError(f"{column.name}: unknown type or owner")
        if column.rows not in ("R", "S", "M", "RS", "SM", "RSM"):
            raise SchemaError(f"{column.name}: rows must be some of RSM, found {column.rows}")
    return columns


def load(folder: Path) -> Definitions:
    """All definitions of the folder; raises SchemaError or KeyError naming what is wrong."""

    def read(name: str) -> dict[str, Any]:
        return tomllib.loads((folder / name).read_text(encoding="utf-8"))

    outcomes = tuple(Outcome(**entry) for entry in read("outcomes.toml")["outcome"])
    if [outcome.severity for outcome in outcomes] != list(range(1, len(outcomes) + 1)):
        raise SchemaError("outcomes.toml: severities must count up from 1")
    comparators = read("comparators.toml")
    events = read("events.toml")
    columns = read("run_columns.toml")
    return Definitions(
        outcomes=outcomes,
        comparators=tuple(
            Comparator(entry["code"], tuple(entry["bounds"]), entry["passes"])
            for entry in comparators["comparator"]
        ),
        default_comparator=comparators["default"],
        events=tuple(_event(entry, events["group"]) for entry in events["event"]),
        fixed_columns=_columns(columns["fixed"]),
        added_columns=_columns(columns["added"]),
        instrument_columns=_columns(columns["instruments"]),
    )
