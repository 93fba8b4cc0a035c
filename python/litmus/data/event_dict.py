# SPDX-License-Identifier: Apache-2.0
"""Events as plain dicts."""

from dataclasses import fields
from typing import Any

from litmus.data.events import EventBase


def event_as_dict(event: EventBase) -> dict[str, Any]:
    """Its fields by name, `event_type` first; ids and times are UUIDs and datetimes."""
    content = {field.name: getattr(event, field.name) for field in fields(event)}
    return {"event_type": event.event_type} | content
