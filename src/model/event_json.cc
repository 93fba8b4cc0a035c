// SPDX-License-Identifier: Apache-2.0
#include "model/event_json.h"

#include <limits>

#include "base/json_writer.h"
#include "litmus/error.h"
#include "model/event_fields.h"
#include "model/json_dom.h"

namespace litmus {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

void write_value(JsonWriter& json, Outcome outcome) { json.value(to_string(outcome)); }
void write_value(JsonWriter& json, Comparator comparator) { json.value(to_string(comparator)); }

template <class T>
void write_value(JsonWriter& json, const std::vector<T>& list) {
  json.begin_array();
  for (const T& item : list) json.value(item);
  json.end_array();
}

template <class T>
void write_value(JsonWriter& json, const T& value) {
  json.value(value);
}

template <class T>
void write_field(JsonWriter& json, EventField field, const T& member) {
  if constexpr (requires { member.empty(); } && !std::is_same_v<T, std::string>) {
    if (member.empty() && field.presence != Presence::kRequired) return;
  } else if constexpr (std::is_same_v<T, Value>) {
    if (member.is_null() && field.presence == Presence::kNullable) return;
  }
  json.key(field.name);
  write_value(json, member);
}

template <class T>
void write_field(JsonWriter& json, EventField field, const std::optional<T>& member) {
  if (!member) return;
  json.key(field.name);
  write_value(json, *member);
}

void write_envelope(JsonWriter& json, const Envelope& envelope, std::string_view tag) {
  for_each_field(envelope, [&](EventField field, const auto& member) {
    write_field(json, field, member);
    if (field.name == "id") {
      json.key("event_type");
      json.value(tag);
    }
  });
}

// Each read() is false when the element is not of the type.

bool read(element from, std::string& to) {
  std::string_view text;
  if (from.get(text) != simdjson::SUCCESS) return false;
  to = text;
  return true;
}

bool read(element from, std::int64_t& to) { return from.get(to) == simdjson::SUCCESS; }
bool read(element from, bool& to) { return from.get(to) == simdjson::SUCCESS; }

bool read(element from, double& to) {
  if (from.get(to) == simdjson::SUCCESS) return true;  // integers too
  std::string_view text;
  if (from.get(text) != simdjson::SUCCESS) return false;
  if (text == "NaN") {
    to = std::numeric_limits<double>::quiet_NaN();
  } else if (text == "Infinity") {
    to = std::numeric_limits<double>::infinity();
  } else if (text == "-Infinity") {
    to = -std::numeric_limits<double>::infinity();
  } else {
    return false;
  }
  return true;
}

// By a parser of text that throws Error(kInvalidArgument).
template <class T>
bool read_text(element from, T& to, T (*parse)(std::string_view)) {
  std::string_view text;
  if (from.get(text) != simdjson::SUCCESS) return false;
  try {
    to = parse(text);
  } catch (const Error&) {
    return false;
  }
  return true;
}

bool read(element from, Uuid& to) { return read_text(from, to, Uuid::parse); }
bool read(element from, Timestamp& to) { return read_text(from, to, parse_iso8601); }
bool read(element from, Outcome& to) { return read_text(from, to, parse_outcome); }
bool read(element from, Comparator& to) { return read_text(from, to, parse_comparator); }

bool read(element from, Value& to) {
  to = to_value(from);
  return true;
}

bool read(element from, ValueMap& to) {
  object map;
  if (from.get(map) != simdjson::SUCCESS) return false;
  to = to_map(map);
  return true;
}

template <class T>
bool read(element from, std::vector<T>& to) {
  simdjson::dom::array array;
  if (from.get(array) != simdjson::SUCCESS) return false;
  to.reserve(array.size());
  for (const element item : array) {
    if (!read(item, to.emplace_back())) return false;
  }
  return true;
}

template <class T>
bool read(element from, std::optional<T>& to) {
  return from.is_null() || read(from, to.emplace());
}

// Looks fields up by name. Those that are asked for in the order in which they stand in the object,
// as in all events that we wrote, are found at once.
class Lookup {
 public:
  explicit Lookup(object fields) : fields_(fields), next_(fields.begin()) {}

  std::optional<element> find(std::string_view name) {
    const auto end = fields_.end();
    if (next_ != end && next_.key() == name) return take(next_);
    for (auto field = fields_.begin(); field != end; ++field) {
      if (field.key() == name) return take(field);
    }
    return std::nullopt;
  }

 private:
  element take(object::iterator at) {
    const element found = at.value();
    next_ = ++at;
    return found;
  }

  object fields_;
  object::iterator next_;
};

template <class E>
bool read_fields(object from, E& event) {
  Lookup lookup(from);
  bool fits = true;
  for_each_field(event, [&]<class T>(EventField field, T& member) {
    if (!fits) return;
    if (const auto found = lookup.find(field.name)) {
      fits = read(*found, member);
    } else if (field.presence == Presence::kRequired) {
      fits = false;
    } else if constexpr (std::is_base_of_v<Envelope, E> && std::is_same_v<T, Timestamp>) {
      member = event.occurred_at;  // the default is the time of writing, not of reading
    }
  });
  return fits;
}

template <class E>
bool read_event(object from, const Envelope& envelope, Event& to) {
  E event;
  static_cast<Envelope&>(event) = envelope;
  if (!read_fields(from, event)) return false;
  to = std::move(event);
  return true;
}

struct EventReader {
  std::string_view tag;
  bool (*read)(object, const Envelope&, Event&);
};

constexpr EventReader kReaders[] = {
#define LITMUS_READER(E) {E::kTag, read_event<E>},
    LITMUS_EACH_EVENT(LITMUS_READER)
#undef LITMUS_READER
};

bool is_envelope_field(std::string_view name) {
  bool found = name == "event_type";
  const Envelope envelope;
  for_each_field(envelope, [&](EventField field, const auto&) { found |= field.name == name; });
  return found;
}

}  // namespace

template <class E>
void append_json(std::string& out, const E& event) {
  JsonWriter json(out);
  json.begin_object();
  write_envelope(json, event, E::kTag);
  for_each_field(
      event, [&json](EventField field, const auto& member) { write_field(json, field, member); });
  json.end_object();
}

#define LITMUS_WRITER(E) template void append_json(std::string& out, const E& event);
LITMUS_EACH_EVENT(LITMUS_WRITER)
#undef LITMUS_WRITER

void append_json(std::string& out, const UnknownEvent& event) {
  JsonWriter json(out);
  json.begin_object();
  write_envelope(json, event, event.event_type);
  for (const auto& [name, value] : event.fields) {
    json.key(name);
    json.value(value);
  }
  json.end_object();
}

void append_json(std::string& out, const Event& event) {
  std::visit([&out](const auto& known) { append_json(out, known); }, event);
}

Event parse_event(std::string_view json) {
  object fields;
  if (parse_dom(json).get(fields) != simdjson::SUCCESS) {
    throw Error(Code::kCorrupt,
                "an event must be a JSON object, found " + std::string(json.substr(0, 80)));
  }
  Envelope envelope;
  std::string_view tag;
  if (!read_fields(fields, envelope) || fields["event_type"].get(tag) != simdjson::SUCCESS) {
    throw Error(Code::kCorrupt,
                "an event needs id, event_type, occurred_at and session_id, each of its own form; "
                "found " +
                    std::string(json.substr(0, 400)));
  }
  Event event;
  for (const EventReader& reader : kReaders) {
    if (reader.tag == tag && reader.read(fields, envelope, event)) return event;
  }
  UnknownEvent unknown;
  static_cast<Envelope&>(unknown) = envelope;
  unknown.event_type = tag;
  for (const auto [name, value] : fields) {
    if (!is_envelope_field(name)) unknown.fields.set(name, to_value(value));
  }
  return unknown;
}

}  // namespace litmus
