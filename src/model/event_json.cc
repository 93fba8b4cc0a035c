// SPDX-License-Identifier: Apache-2.0
#include "model/event_json.h"

#include <limits>

#include "base/json_writer.h"
#include "litmus/error.h"
#include "model/event_fields.h"
#include "model/json_dom.h"

namespace litmus {
namespace {

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

// Each read() is false when the node is not of the type.

bool read(const JsonNode& from, std::string& to) {
  if (!from.IsString()) return false;
  to = text_of(from);
  return true;
}

bool read(const JsonNode& from, std::int64_t& to) {
  if (!from.IsInt64()) return false;
  to = from.GetInt64();
  return true;
}

bool read(const JsonNode& from, bool& to) {
  if (!from.IsBool()) return false;
  to = from.GetBool();
  return true;
}

bool read(const JsonNode& from, double& to) {
  if (from.IsNumber()) {
    to = from.GetDouble();
    return true;
  }
  if (!from.IsString()) return false;
  const std::string_view text = text_of(from);
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
bool read_text(const JsonNode& from, T& to, T (*parse)(std::string_view)) {
  if (!from.IsString()) return false;
  try {
    to = parse(text_of(from));
  } catch (const Error&) {
    return false;
  }
  return true;
}

bool read(const JsonNode& from, Uuid& to) { return read_text(from, to, Uuid::parse); }
bool read(const JsonNode& from, Timestamp& to) { return read_text(from, to, parse_iso8601); }
bool read(const JsonNode& from, Outcome& to) { return read_text(from, to, parse_outcome); }
bool read(const JsonNode& from, Comparator& to) { return read_text(from, to, parse_comparator); }

bool read(const JsonNode& from, Value& to) {
  to = to_value(from);
  return true;
}

bool read(const JsonNode& from, ValueMap& to) {
  if (!from.IsObject()) return false;
  to = to_map(from);
  return true;
}

template <class T>
bool read(const JsonNode& from, std::vector<T>& to) {
  if (!from.IsArray()) return false;
  to.reserve(from.Size());
  for (const JsonNode& item : from.GetArray()) {
    if (!read(item, to.emplace_back())) return false;
  }
  return true;
}

template <class T>
bool read(const JsonNode& from, std::optional<T>& to) {
  return from.IsNull() || read(from, to.emplace());
}

// Looks fields up by name. Those that are asked for in the order in which they stand in the object,
// as in all events that we wrote, are found at once; most of those that are absent, by their mark.
class Lookup {
 public:
  explicit Lookup(const JsonNode& fields) : fields_(fields), next_(fields.MemberBegin()) {
    for (const auto& field : fields.GetObject()) marks_ |= mark_of(text_of(field.name));
  }

  const JsonNode* find(std::string_view name) {
    const auto end = fields_.MemberEnd();
    if (next_ != end && text_of(next_->name) == name) return take(next_);
    if ((marks_ & mark_of(name)) == 0) return nullptr;
    for (auto field = fields_.MemberBegin(); field != end; ++field) {
      if (text_of(field->name) == name) return take(field);
    }
    return nullptr;
  }

 private:
  // One of 64 bits, so that a set of names is a word.
  static std::uint64_t mark_of(std::string_view name) {
    const std::size_t hash = name.empty()
                                 ? 0
                                 : name.size() * 7 + static_cast<unsigned char>(name.front()) +
                                       static_cast<unsigned char>(name.back()) * 3U;
    return std::uint64_t{1} << (hash % 64);
  }

  const JsonNode* take(JsonNode::ConstMemberIterator at) {
    next_ = at + 1;
    return &at->value;
  }

  const JsonNode& fields_;
  JsonNode::ConstMemberIterator next_;
  std::uint64_t marks_ = 0;
};

template <class E>
bool read_fields(const JsonNode& from, E& event) {
  Lookup lookup(from);
  bool fits = true;
  for_each_field(event, [&]<class T>(EventField field, T& member) {
    if (!fits) return;
    if (const JsonNode* found = lookup.find(field.name)) {
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
bool read_event(const JsonNode& from, const Envelope& envelope, Event& to) {
  E event;
  static_cast<Envelope&>(event) = envelope;
  if (!read_fields(from, event)) return false;
  to = std::move(event);
  return true;
}

struct EventReader {
  std::string_view tag;
  bool (*read)(const JsonNode&, const Envelope&, Event&);
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
  const JsonNode& fields = parse_dom(json);
  if (!fields.IsObject()) {
    throw Error(Code::kCorrupt,
                "an event must be a JSON object, found " + std::string(json.substr(0, 80)));
  }
  Envelope envelope;
  const JsonNode* tag = Lookup(fields).find("event_type");
  if (!read_fields(fields, envelope) || tag == nullptr || !tag->IsString()) {
    throw Error(Code::kCorrupt,
                "an event needs id, event_type, occurred_at and session_id, each of its own form; "
                "found " +
                    std::string(json.substr(0, 400)));
  }
  Event event;
  for (const EventReader& reader : kReaders) {
    if (reader.tag == text_of(*tag) && reader.read(fields, envelope, event)) return event;
  }
  UnknownEvent unknown;
  static_cast<Envelope&>(unknown) = envelope;
  unknown.event_type = text_of(*tag);
  for (const auto& field : fields.GetObject()) {
    const std::string_view name = text_of(field.name);
    if (!is_envelope_field(name)) unknown.fields.set(name, to_value(field.value));
  }
  return unknown;
}

}  // namespace litmus
