// SPDX-License-Identifier: Apache-2.0
#include "model/event_subscription.h"

#include <array>
#include <string_view>
#include <utility>

#include "base/json_writer.h"
#include "litmus/error.h"
#include "model/value_json.h"

namespace litmus {
namespace {

constexpr std::int64_t kCursorVersion = 1;

constexpr std::array kReplays{
    std::pair{Replay::kMatching, std::string_view("matching")},
    std::pair{Replay::kUnmaterializedRuns, std::string_view("unmaterialized_runs")},
    std::pair{Replay::kNone, std::string_view("none")},
};

[[noreturn]] void reject(std::string_view key, std::string_view expected, const Value& found) {
  std::string text =
      "subscription: " + std::string(key) + ": expected " + std::string(expected) + ", found ";
  JsonWriter(text).value(found);
  throw Error(Code::kInvalidArgument, text);
}

const std::string& text_of(std::string_view key, const Value& value) {
  if (const auto* text = value.get_if<std::string>()) return *text;
  reject(key, "a text", value);
}

Timestamp time_of(std::string_view key, const Value& value) {
  try {
    return parse_iso8601(text_of(key, value));
  } catch (const Error&) {
    reject(key, "a time in ISO 8601", value);
  }
}

std::vector<std::string> texts_of(std::string_view key, const Value& value) {
  const auto* list = value.get_if<ValueList>();
  if (list == nullptr) return {text_of(key, value)};
  std::vector<std::string> texts;
  for (const Value& item : *list) texts.push_back(text_of(key, item));
  return texts;
}

Replay replay_of(const Value& value) {
  for (const auto& [replay, name] : kReplays) {
    if (const auto* text = value.get_if<std::string>(); text != nullptr && *text == name) {
      return replay;
    }
  }
  reject("replay", "matching, unmaterialized_runs or none", value);
}

EventCursor cursor_of(const Value& value) {
  const auto* map = value.get_if<ValueMap>();
  const auto* version = map != nullptr ? map->find("version") : nullptr;
  const auto* writers = map != nullptr ? map->find("writers") : nullptr;
  if (version == nullptr || *version != Value(kCursorVersion) || writers == nullptr ||
      writers->get_if<ValueMap>() == nullptr) {
    reject("cursor", R"({"version": 1, "from": TIME or null, "writers": {WRITER_ID: SEQ}})", value);
  }
  EventCursor cursor;
  if (const auto* from = map->find("from"); from != nullptr && !from->is_null()) {
    cursor.from = time_of("cursor.from", *from);
  }
  for (const auto& [writer, seq] : *writers->get_if<ValueMap>()) {
    const auto* number = seq.get_if<std::int64_t>();
    if (number == nullptr) reject("cursor.writers." + writer, "a whole number", seq);
    cursor.writers[Uuid::parse(writer)] = *number;
  }
  return cursor;
}

void write(JsonWriter& writer, const EventCursor& cursor) {
  writer.begin_object();
  writer.key("version");
  writer.value(kCursorVersion);
  writer.key("from");
  if (cursor.from) {
    writer.value(*cursor.from);
  } else {
    writer.null();
  }
  writer.key("writers");
  writer.begin_object();
  for (const auto& [id, seq] : cursor.writers) {
    writer.key(id.to_string());
    writer.value(seq);
  }
  writer.end_object();
  writer.end_object();
}

}  // namespace

bool EventCursor::has(const Uuid& writer_id, std::int64_t seq, Timestamp received_at) const {
  const auto known = writers.find(writer_id);
  if (known != writers.end()) return seq <= known->second;
  return from && received_at < *from;
}

std::string EventCursor::to_json() const {
  std::string out;
  JsonWriter writer(out);
  write(writer, *this);
  return out;
}

EventCursor EventCursor::from_json(std::string_view json) {
  try {
    return cursor_of(parse_value(json));
  } catch (const Error& error) {
    throw Error(Code::kInvalidArgument, error.what());
  }
}

std::string to_json(const EventSubscription& subscription) {
  const EventSelection& selection = subscription.selection;
  std::string out;
  JsonWriter writer(out);
  writer.begin_object();
  if (!selection.event_types.empty()) {
    writer.key("event_type");
    writer.begin_array();
    for (const std::string& type : selection.event_types) writer.value(type);
    writer.end_array();
  }
  for (const auto& [key, text] :
       {std::pair{"role", &selection.role}, std::pair{"session_id", &selection.session_id},
        std::pair{"run_id", &selection.run_id}}) {
    if (text->empty()) continue;
    writer.key(key);
    writer.value(*text);
  }
  if (selection.since) {
    writer.key("since");
    writer.value(*selection.since);
  }
  for (const auto& [replay, name] : kReplays) {
    if (replay != subscription.replay) continue;
    writer.key("replay");
    writer.value(name);
  }
  if (subscription.cursor) {
    writer.key("cursor");
    write(writer, *subscription.cursor);
  }
  writer.end_object();
  return out;
}

EventSubscription parse_subscription(const ValueMap& request) {
  EventSubscription subscription;
  EventSelection& selection = subscription.selection;
  for (const auto& [key, value] : request) {
    if (value.is_null()) continue;
    if (key == "event_type") {
      selection.event_types = texts_of(key, value);
    } else if (key == "role") {
      selection.role = text_of(key, value);
    } else if (key == "session_id") {
      selection.session_id = text_of(key, value);
    } else if (key == "run_id") {
      selection.run_id = text_of(key, value);
    } else if (key == "since") {
      selection.since = time_of(key, value);
    } else if (key == "replay") {
      subscription.replay = replay_of(value);
    } else if (key == "cursor") {
      subscription.cursor = cursor_of(value);
    } else {
      reject(key, "event_type, role, session_id, run_id, since, replay or cursor", value);
    }
  }
  return subscription;
}

}  // namespace litmus
