# SPDX-License-Identifier: Apache-2.0
"""The Python modules litmus.data.events and litmus.data.outcomes."""

import json
import textwrap

from definitions import Definitions, Event, Field

TYPES = {
    "str": "str",
    "int": "int",
    "float": "float",
    "bool": "bool",
    "uuid": "UUID",
    "datetime": "datetime",
    "outcome": "Outcome",
    "comparator": "Comparator",
    "any": "Any",
    "map": "dict[str, Any]",
    "map[str,int]": "dict[str, int]",
    "list[str]": "list[str]",
    "list[map]": "list[dict[str, Any]]",
}
WIDTH = 100


def docstring(text: str, indent: str) -> str:
    """The text as a sentence in triple quotes, on several lines where it is long."""
    text = text if text.endswith(".") else text + "."
    text = text if text.startswith("`") else text[0].upper() + text[1:]
    if len(indent) + len(text) + 6 <= WIDTH:
        return f'{indent}"""{text}"""\n'
    lines = textwrap.wrap(text, WIDTH - len(indent) - 3)
    return f'{indent}"""' + f"\n{indent}".join(lines) + f'\n{indent}"""\n'


def _annotation(field: Field) -> str:
    kind = TYPES[field.type]
    if field.presence == "required":
        return kind
    if field.presence == "nullable":
        return f"{kind} = None" if field.type == "any" else f"{kind} | None = None"
    if field.default == "now":
        return f"{kind} = field(default_factory=lambda: datetime.now(UTC))"
    if field.is_collection:
        factory = "dict" if field.type.startswith("map") else "list"
        return f"{kind} = field(default_factory={factory})"
    if isinstance(field.default, str):
        return f"{kind} = {json.dumps(field.default)}"
    return f"{kind} = {field.default!r}"


def _class(event: Event) -> str:
    base = "SessionEvent" if event.session_only else "EventBase"
    members = "".join(
        f"    {field.name}: {_annotation(field)}\n" + docstring(field.doc, "    ")
        for field in event.fields
    )
    return f"""\
@dataclass(slots=True, kw_only=True)
class {event.class_name}({base}):
{docstring(event.doc, "    ")}
    event_type: ClassVar[str] = {json.dumps(event.tag)}

{members}"""


def events_module(definitions: Definitions) -> str:
    classes = "\n\n".join(_class(event) for event in definitions.events)
    registry = "".join(f"        {event.class_name},\n" for event in definitions.events)
    return f'''\
# SPDX-License-Identifier: Apache-2.0
# Generated from schema/events.toml by schema/generate.py.
"""The types of events. They are plain data: `emit` checks, stamps and stores them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from litmus.data.outcomes import Comparator, Outcome


@dataclass(slots=True, kw_only=True)
class EventBase:
    """What all events have. None where `emit` is to fill it in."""

    event_type: ClassVar[str] = ""

    id: UUID | None = None
    """Id of the event."""
    occurred_at: datetime | None = None
    """When it happened, by the producer's clock."""
    received_at: datetime | None = None
    """When the log took it."""
    session_id: UUID | None = None
    """Session that it belongs to."""
    run_id: UUID | None = None
    """Run that it belongs to, if it belongs to one."""


@dataclass(slots=True, kw_only=True)
class SessionEvent(EventBase):
    """An event of the session as a whole: it must not carry a run id."""

    def __post_init__(self) -> None:
        if self.run_id is not None:
            raise ValueError(f"{{self.event_type}} belongs to no run: leave run_id out")


@dataclass(slots=True, kw_only=True)
class UnknownEvent(EventBase):
    """An event whose type, or whose content, this version does not know: kept whole."""

    event_type: str  # type: ignore[misc]  # here it differs from object to object
    """Its tag."""
    fields: dict[str, Any] = field(default_factory=dict)
    """Everything beyond the envelope."""


{classes}

EVENT_TYPES: dict[str, type[EventBase]] = {{
    event_class.event_type: event_class
    for event_class in (
{registry}    )
}}
"""The class of each event type."""
'''


def outcomes_module(definitions: Definitions) -> str:
    outcomes = "".join(
        f"    {outcome.name.upper()} = {json.dumps(outcome.name)}\n"
        + docstring(outcome.meaning, "    ")
        for outcome in definitions.outcomes
    )
    severities = "".join(
        f"    Outcome.{outcome.name.upper()}: {outcome.severity},\n"
        for outcome in definitions.outcomes
    )
    comparators = "".join(
        f"    {comparator.code} = {json.dumps(comparator.code)}\n"
        + docstring(f"Passes when `{comparator.passes}`", "    ")
        for comparator in definitions.comparators
    )
    return f'''\
# SPDX-License-Identifier: Apache-2.0
# Generated from schema/outcomes.toml and schema/comparators.toml by schema/generate.py.
"""Outcomes and comparators. No outcome, None, means "not judged" and is below all of them."""

from enum import StrEnum


class Outcome(StrEnum):
    """What a measurement, vector, step, run or session ended as."""

{outcomes}
    @property
    def severity(self) -> int:
        """The higher one wins when outcomes are combined."""
        return _SEVERITIES[self]


_SEVERITIES = {{
{severities}}}


def escalate_outcome(current: Outcome | None, incoming: Outcome | None) -> Outcome | None:
    """The worse of the two; any outcome is worse than none."""
    if current is None or incoming is None:
        return current or incoming
    return incoming if incoming.severity > current.severity else current


class Comparator(StrEnum):
    """How a value v is held against its limits."""

{comparators}

DEFAULT_COMPARATOR = Comparator.{definitions.default_comparator}
'''
