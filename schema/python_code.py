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
ENVELOPE = [
    "id: UUID | None = None,\n",
    "occurred_at: datetime | None = None,\n",
    "received_at: datetime | None = None,\n",
    "session_id: UUID | None = None,\n",
    "run_id: UUID | None = None,\n",
]


def docstring(text: str, indent: str) -> str:
    """The text as a sentence in triple quotes, on several lines where it is long."""
    text = text if text.endswith(".") else text + "."
    text = text if text.startswith("`") else text[0].upper() + text[1:]
    if len(indent) + len(text) + 6 <= WIDTH:
        return f'{indent}"""{text}"""\n'
    lines = textwrap.wrap(text, WIDTH - len(indent) - 3)
    return f'{indent}"""' + f"\n{indent}".join(lines) + f'\n{indent}"""\n'


def _type(field: Field) -> str:
    kind = TYPES[field.type]
    return f"{kind} | None" if field.presence == "nullable" and field.type != "any" else kind


def _is_made(field: Field) -> bool:
    """Its default is a new object for each event."""
    return field.presence == "default" and (field.default == "now" or field.is_collection)


def _parameter(field: Field) -> str:
    if field.presence == "required":
        return f"{field.name}: {_type(field)},\n"
    if _is_made(field):
        return f"{field.name}: {_type(field)} | None = None,\n"
    if field.presence == "nullable":
        return f"{field.name}: {_type(field)} = None,\n"
    default = json.dumps(field.default) if isinstance(field.default, str) else repr(field.default)
    return f"{field.name}: {_type(field)} = {default},\n"


def _assignment(field: Field) -> str:
    value = field.name
    if _is_made(field):
        made = "datetime.now(UTC)" if field.default == "now" else "[]"
        made = "{}" if field.type.startswith("map") else made
        value = f"{made} if {field.name} is None else {field.name}"
    return f"self.{field.name} = {value}\n"


def _slots(names: list[str]) -> str:
    if not names:
        return "    __slots__ = ()\n"
    line = "    __slots__ = (" + ", ".join(json.dumps(name) for name in names)
    line += ",)\n" if len(names) == 1 else ")\n"
    if len(line) <= WIDTH + 1:
        return line
    return "    __slots__ = (\n" + "".join(f"        {json.dumps(n)},\n" for n in names) + "    )\n"


def _class(event: Event) -> str:
    base = "SessionEvent" if event.session_only else "EventBase"
    members = "".join(
        f"    {field.name}: {_type(field)}\n" + docstring(field.doc, "    ")
        for field in event.fields
    )
    parameters = [*(_parameter(field) for field in event.fields), *ENVELOPE]
    statements = [_assignment(field) for field in event.fields]
    statements += [
        f"self.{line.partition(':')[0]} = {line.partition(':')[0]}\n" for line in ENVELOPE
    ]
    statements += ["self._require_no_run()\n"] if event.session_only else []
    init = "    def __init__(\n        self,\n        *,\n"
    init += "".join(f"        {line}" for line in parameters) + "    ) -> None:\n"
    init += "".join(f"        {line}" for line in statements)
    return f"""\
@dataclass(init=False, repr=False, eq=False)
class {event.class_name}({base}):
{docstring(event.doc, "    ")}
{_slots([field.name for field in event.fields])}
    event_type: ClassVar[str] = {json.dumps(event.tag)}

{members}{chr(10) if members else ""}{init}"""


def events_module(definitions: Definitions) -> str:
    classes = "\n\n".join(_class(event) for event in definitions.events)
    names = [line.partition(":")[0] for line in ENVELOPE]
    envelope_parameters = "".join(f"        {line}" for line in ENVELOPE)
    envelope_assignments = "".join(f"        self.{name} = {name}\n" for name in names)
    registry = "".join(f"        {event.class_name},\n" for event in definitions.events)
    return f'''\
# SPDX-License-Identifier: Apache-2.0
# Generated from schema/events.toml by schema/generate.py.
# ruff: noqa: A002, RUF023
"""The types of events. They are plain data: `emit` checks, stamps and stores them.

Their methods stand here in full: every program that records imports this module, and having
`dataclass` make them at each start costs ten times as much.
"""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID

from litmus.data.outcomes import Comparator, Outcome


@dataclass(init=False, repr=False, eq=False)
class EventBase:
    """What all events have. None where `emit` is to fill it in."""

    __slots__ = ("id", "occurred_at", "received_at", "run_id", "session_id")

    event_type: ClassVar[str] = ""

    id: UUID | None
    """Id of the event."""
    occurred_at: datetime | None
    """When it happened, by the producer's clock."""
    received_at: datetime | None
    """When the log took it."""
    session_id: UUID | None
    """Session that it belongs to."""
    run_id: UUID | None
    """Run that it belongs to, if it belongs to one."""

    __hash__ = None  # type: ignore[assignment]  # events can be changed

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return all(getattr(self, each.name) == getattr(other, each.name) for each in fields(self))

    def __repr__(self) -> str:
        content = ", ".join(f"{{each.name}}={{getattr(self, each.name)!r}}" for each in fields(self))
        return f"{{type(self).__qualname__}}({{content}})"


@dataclass(init=False, repr=False, eq=False)
class SessionEvent(EventBase):
    """An event of the session as a whole: it must not carry a run id."""

    __slots__ = ()

    def _require_no_run(self) -> None:
        if self.run_id is not None:
            raise ValueError(f"{{self.event_type}} belongs to no run: leave run_id out")


@dataclass(init=False, repr=False, eq=False)
class UnknownEvent(EventBase):
    """An event whose type, or whose content, this version does not know: kept whole."""

    __slots__ = ("event_type", "fields")

    event_type: str  # type: ignore[misc]  # here it differs from object to object
    """Its tag."""
    fields: dict[str, Any]
    """Everything beyond the envelope."""

    def __init__(
        self,
        *,
        event_type: str,
        fields: dict[str, Any] | None = None,
{envelope_parameters}    ) -> None:
        self.event_type = event_type
        self.fields = {{}} if fields is None else fields
{envelope_assignments}

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
