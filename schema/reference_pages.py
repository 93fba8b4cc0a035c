# SPDX-License-Identifier: Apache-2.0
"""The pages of docs/reference."""

import json
from collections.abc import Iterable
from itertools import groupby

from definitions import Column, Definitions, Event, Field

HEAD = "<!-- Generated from schema/ by schema/generate.py. -->\n"

TYPE_NAMES = {
    "str": "text",
    "int": "integer",
    "float": "number",
    "bool": "boolean",
    "uuid": "UUID",
    "datetime": "time",
    "outcome": "[outcome](outcomes.md)",
    "comparator": "[comparator](outcomes.md#comparators)",
    "any": "any",
    "map": "map",
    "map[str,int]": "map of integers",
    "list[str]": "list of texts",
    "list[map]": "list of maps",
}


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _absent(field: Field) -> str:
    if field.presence == "required":
        return "required"
    if field.presence == "nullable":
        return "null"
    if field.default == "now":
        return "now"
    if field.default is None:
        return "empty"
    return f"`{json.dumps(field.default)}`"


def _event_section(event: Event) -> str:
    rows = [
        (f"`{field.name}`", TYPE_NAMES[field.type], _absent(field), field.doc)
        for field in event.fields
    ]
    session = " It must not carry a `run_id`." if event.session_only else ""
    return (
        f"### `{event.tag}`\n\n{event.doc}{session} Class `{event.class_name}`, "
        f"emitted by: {event.emitted_by}.\n\n"
        + table(("Field", "Type", "When absent", "Meaning"), rows)
    )


def events_page(definitions: Definitions) -> str:
    def category(event: Event) -> str:
        prefix = event.tag.partition(".")[0]
        return "slot" if prefix == "sync" else prefix

    sections = []
    for name, events in groupby(definitions.events, key=category):
        sections.append(f"## {name.capitalize()}\n\n" + "\n".join(map(_event_section, events)))
    envelope = table(
        ("Field", "Type", "Meaning"),
        [
            ("`id`", "UUID", "id of the event, version 4"),
            ("`event_type`", "text", "one of the tags below"),
            ("`occurred_at`", "time", "when it happened, by the producer's clock"),
            ("`received_at`", "time or null", "when the log took it"),
            ("`session_id`", "UUID", "session that it belongs to"),
            ("`run_id`", "UUID or null", "run that it belongs to"),
        ],
    )
    return f"""{HEAD}
# Events

{len(definitions.events)} types. An event is one JSON object: the envelope, then the fields in the order
given here. Nulls and empty maps and lists are left out. Times are UTC,
`2026-03-10T14:30:22.123456+00:00`. Numbers that are not finite are the texts `"NaN"`, `"Infinity"`
and `"-Infinity"`. Readers ignore fields that they do not know, and keep events that they do not
know.

## Envelope

{envelope}
""" + "\n".join(sections)


def _column_rows(columns: tuple[Column, ...], first: int) -> list[tuple[str, ...]]:
    return [
        (
            str(number),
            f"`{column.name}`",
            column.type,
            *("x" if letter in column.rows else "" for letter in "RSM"),
            column.doc,
        )
        for number, column in enumerate(columns, first)
    ]


def columns_page(definitions: Definitions) -> str:
    head = ("#", "Column", "Type", "R", "S", "M", "Meaning")
    instruments = table(
        ("Column", "Type", "Meaning"),
        [
            (f"`step_instruments_{column.name}`", column.type, column.doc)
            for column in definitions.instrument_columns
        ],
    )
    return f"""{HEAD}
# Columns of a run file

A run file is one Parquet file with three kinds of rows, told apart by `record_type`: one `run` row,
one `step` row per (`step_path`, `vector_index`), one `measurement` row per measurement. R, S and M
mark the rows that a column is filled on; on the others it is null. Times are
`timestamp[us, tz=UTC]`.

## Fixed columns

{table(head, _column_rows(definitions.fixed_columns, 1))}
## Added columns

They follow the fixed ones. New ones are only ever put at the end.

{table(head, _column_rows(definitions.added_columns, len(definitions.fixed_columns) + 1))}
## Instruments

Lists of equal length, one entry per instrument: on the run row all instruments of the run, on the
other rows those that the step used. They are in every file, among the columns that depend on the
test, which follow the added ones, sorted by name: `in_*` (commanded values), `out_*` (observations),
`custom_*` (the user's own facts).

{instruments}"""


def outcomes_page(definitions: Definitions) -> str:
    outcomes = table(
        ("Outcome", "Severity", "Meaning", "State of the rig"),
        [
            (f"`{outcome.name}`", str(outcome.severity), outcome.meaning, outcome.rig)
            for outcome in reversed(definitions.outcomes)
        ],
    )
    comparators = table(
        ("Code", "Passes when", "Looks at"),
        [
            (
                f"`{comparator.code}`"
                + (" (default)" if comparator.code == definitions.default_comparator else ""),
                f"`{comparator.passes}`",
                ", ".join(comparator.bounds),
            )
            for comparator in definitions.comparators
        ],
    )
    return f"""{HEAD}
# Outcomes and comparators

## Outcomes

{outcomes}
No outcome, null, means "not judged" and ranks below all of them; on a finished run it means "never
ran". When outcomes are combined the higher severity wins.

## Comparators

{comparators}
A missing low or high bound is open. A value is judged when at least one bound that its comparator
looks at is given; otherwise its outcome is `done`. A value that would be judged and is missing or
not a number is `errored`, and so is one with a bound that is not a number. Infinities compare like
any number. Booleans and texts are compared with `EQ` and `NE` only, each with a nominal of its own
kind.
"""
