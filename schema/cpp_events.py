# SPDX-License-Identifier: Apache-2.0
"""The C++ headers of the events and of their fields."""

import json

from cpp_text import HEAD, quoted
from definitions import Definitions, Event, Field

TYPES = {
    "str": "std::string",
    "int": "std::int64_t",
    "float": "double",
    "bool": "bool",
    "uuid": "Uuid",
    "datetime": "Timestamp",
    "outcome": "Outcome",
    "comparator": "Comparator",
    "any": "Value",
    "map": "ValueMap",
    "map[str,int]": "ValueMap",
    "list[str]": "std::vector<std::string>",
    "list[map]": "std::vector<ValueMap>",
}
# What a required member holds until it is given: always something that can be written.
REQUIRED_UNTIL_GIVEN = {
    "int": " = 0",
    "float": " = 0",
    "bool": " = false",
    "datetime": "{}",
    "outcome": " = Outcome::kErrored",
    "comparator": " = kDefaultComparator",
}


def _member(field: Field) -> str:
    kind = TYPES[field.type]
    if field.presence == "nullable":
        kind = kind if field.type == "any" else f"std::optional<{kind}>"
        initial = ""
    elif field.default == "now":
        initial = " = now()"
    elif isinstance(field.default, str):
        initial = f" = {quoted(field.default)}" if field.default else ""
    elif field.default is not None:
        initial = f" = {json.dumps(field.default)}"
    else:
        initial = REQUIRED_UNTIL_GIVEN.get(field.type, "")
    return f"  {kind} {field.name}{initial};  // {field.doc}"


def _struct(event: Event) -> str:
    members = "".join(_member(field) + "\n" for field in event.fields)
    return f"""\
// {event.doc}
struct {event.class_name} : Envelope {{
  static constexpr std::string_view kTag = {quoted(event.tag)};
  static constexpr bool kSessionOnly = {json.dumps(event.session_only)};
{members}}};
"""


def events_header(definitions: Definitions) -> str:
    structs = "\n".join(_struct(event) for event in definitions.events)
    names = "".join(f"    {event.class_name},\n" for event in definitions.events)
    return f"""{HEAD}
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "litmus/ids.h"
#include "litmus/outcome.h"
#include "litmus/time.h"
#include "litmus/value.h"

namespace litmus {{

// What all events have. A nil id and a zero occurred_at mean "not given": emit() fills them, and
// received_at.
struct Envelope {{
  Uuid id;
  Timestamp occurred_at{{}};
  std::optional<Timestamp> received_at;
  Uuid session_id;
  std::optional<Uuid> run_id;
}};

{structs}
// An event whose type, or whose content, this version does not know: kept whole.
struct UnknownEvent : Envelope {{
  static constexpr bool kSessionOnly = false;
  std::string event_type;
  ValueMap fields;  // everything beyond the envelope
}};

using Event = std::variant<
{names}    UnknownEvent>;

}}  // namespace litmus
"""


def _visits(event: Event) -> str:
    presences = {"required": "kRequired", "nullable": "kNullable", "default": "kDefault"}
    visits = "".join(
        f"    visit(EventField{{{quoted(field.name)}, Presence::{presences[field.presence]}}}, "
        f"event.{field.name});\n"
        for field in event.fields
    )
    return f"""\
template <>
struct FieldsOf<{event.class_name}> {{
  static void each(auto& event, auto& visit) {{
{visits}  }}
}};
"""


def event_fields_header(definitions: Definitions) -> str:
    visitors = "\n".join(_visits(event) for event in definitions.events)
    names = " \\\n".join(f"  X({event.class_name})" for event in definitions.events)
    return f"""{HEAD}
#include <string_view>
#include <type_traits>

#include "litmus/events.h"

namespace litmus {{

enum class Presence {{
  kRequired,  // an event without the field is not of this type
  kNullable,  // absent is null: the member is a std::optional, or a null Value
  kDefault,   // absent is what a new struct has
}};

struct EventField {{
  std::string_view name;
  Presence presence;
}};

template <class E>
struct FieldsOf;

// Calls visit(EventField, member) for each field in the order of the schema: of an event those
// beyond the envelope, of an Envelope those of the envelope (event_type is no member).
template <class E, class Visitor>
void for_each_field(E& event, Visitor&& visit) {{
  FieldsOf<std::remove_const_t<E>>::each(event, visit);
}}

template <>
struct FieldsOf<Envelope> {{
  static void each(auto& event, auto& visit) {{
    visit(EventField{{"id", Presence::kRequired}}, event.id);
    visit(EventField{{"occurred_at", Presence::kRequired}}, event.occurred_at);
    visit(EventField{{"received_at", Presence::kNullable}}, event.received_at);
    visit(EventField{{"session_id", Presence::kRequired}}, event.session_id);
    visit(EventField{{"run_id", Presence::kNullable}}, event.run_id);
  }}
}};

{visitors}
}}  // namespace litmus

// X(SessionStarted) X(SessionEnded) ...: all types but UnknownEvent.
#define LITMUS_EACH_EVENT(X) \\
{names}
"""
