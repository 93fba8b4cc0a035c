// SPDX-License-Identifier: Apache-2.0
#include "daemon/event_matching.h"

#include <algorithm>

#include "litmus/error.h"
#include "model/value_json.h"

namespace litmus {

bool type_matches(std::string_view type, std::string_view wanted) {
  if (wanted.ends_with('*')) return type.starts_with(wanted.substr(0, wanted.size() - 1));
  return type == wanted;
}

bool role_matches(std::string_view json, const std::string& role) {
  if (json.find(role) == std::string_view::npos) return false;  // parsing costs more than looking
  Value value;
  try {
    value = parse_value(json);
  } catch (const Error&) {  // written by somebody else
    return false;
  }
  const auto* event = value.get_if<ValueMap>();
  if (event == nullptr) return false;
  for (const char* key : {"role", "instrument_role"}) {
    if (const auto* found = event->find(key); found != nullptr && *found == Value(role)) {
      return true;
    }
  }
  const auto* channel = event->find("channel_id");
  const auto* text = channel != nullptr ? channel->get_if<std::string>() : nullptr;
  return text != nullptr && text->starts_with(role + ".");
}

bool matches(const EventSelection& selection, const StreamedEvent& event) {
  if (selection.since && event.received_at < *selection.since) return false;
  if (!selection.session_id.empty() && event.session_id != selection.session_id) return false;
  if (!selection.run_id.empty() && event.run_id != selection.run_id) return false;
  if (!selection.event_types.empty() &&
      std::ranges::none_of(selection.event_types, [&](const std::string& wanted) {
        return type_matches(event.event_type, wanted);
      })) {
    return false;
  }
  return selection.role.empty() || role_matches(event.json, selection.role);
}

}  // namespace litmus
