// SPDX-License-Identifier: Apache-2.0
#include "model/event.h"

#include <string>

#include "litmus/error.h"
#include "model/event_fields.h"

namespace litmus {

const Envelope& envelope_of(const Event& event) {
  return std::visit([](const auto& known) -> const Envelope& { return known; }, event);
}

Envelope& envelope_of(Event& event) {
  return std::visit([](auto& known) -> Envelope& { return known; }, event);
}

std::string_view tag_of(const Event& event) {
  return std::visit(
      []<class E>(const E& known) -> std::string_view {
        if constexpr (std::is_same_v<E, UnknownEvent>) {
          return known.event_type;
        } else {
          return E::kTag;
        }
      },
      event);
}

void check_storable(const Event& event) {
  const Envelope& envelope = envelope_of(event);
  const bool session_only = std::visit([]<class E>(const E&) { return E::kSessionOnly; }, event);
  if (session_only && envelope.run_id) {
    throw Error(Code::kInvalidArgument, std::string(tag_of(event)) +
                                            " belongs to the session, but carries run_id " +
                                            envelope.run_id->to_string() + ": leave run_id out");
  }
  const auto* unknown = std::get_if<UnknownEvent>(&event);
  if (unknown == nullptr) return;
  if (unknown->event_type.empty()) {
    throw Error(Code::kInvalidArgument, "an event needs an event_type, found an empty one");
  }
  const auto refuse = [&](std::string_view name) {
    if (unknown->fields.find(name) == nullptr) return;
    throw Error(Code::kInvalidArgument, "event " + unknown->event_type + " has a field '" +
                                            std::string(name) +
                                            "', which belongs to the envelope: rename it");
  };
  refuse("event_type");
  for_each_field(envelope, [&](EventField field, const auto&) { refuse(field.name); });
}

}  // namespace litmus
