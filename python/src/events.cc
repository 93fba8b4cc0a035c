// SPDX-License-Identifier: Apache-2.0
#include "events.h"

#include <string>
#include <unordered_map>
#include <vector>

#include "imported.h"
#include "litmus/error.h"
#include "model/event.h"
#include "model/event_fields.h"
#include "scalars.h"
#include "values.h"

namespace litmus::python {
namespace {

Imported event_types("litmus.data.events", "EVENT_TYPES");
Imported event_base("litmus.data.events", "EventBase");
Imported unknown_event("litmus.data.events", "UnknownEvent");

void read(nb::handle from, std::string& to, std::string_view what) {
  if (!PyUnicode_Check(from.ptr())) refuse(what, "a text", from);
  to = to_text(from);
}
void read(nb::handle from, bool& to, std::string_view what) {
  if (!is_bool(from)) refuse(what, "True or False", from);
  to = PyObject_IsTrue(from.ptr()) == 1;
}
void read(nb::handle from, std::int64_t& to, std::string_view what) {
  const nb::object integer = is_bool(from) ? nb::object() : nb::steal(PyNumber_Index(from.ptr()));
  if (integer.is_valid()) to = PyLong_AsLongLong(integer.ptr());
  if (!integer.is_valid() || PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    refuse(what, "an integer of at most 64 bits", from);
  }
}
void read(nb::handle from, double& to, std::string_view what) {
  if (!is_number(from)) refuse(what, "a number", from);
  to = to_number(from);
}
void read(nb::handle from, Timestamp& to, std::string_view) { to = to_timestamp(from); }
void read(nb::handle from, Uuid& to, std::string_view) { to = to_uuid(from); }
void read(nb::handle from, Outcome& to, std::string_view) { to = to_outcome(from); }
void read(nb::handle from, Comparator& to, std::string_view) { to = to_comparator(from); }
void read(nb::handle from, Value& to, std::string_view) { to = to_value(from); }
void read(nb::handle from, ValueMap& to, std::string_view what) { to = to_value_map(from, what); }

template <class T>
void read(nb::handle from, std::vector<T>& to, std::string_view what) {
  if (!PyList_Check(from.ptr()) && !PyTuple_Check(from.ptr())) refuse(what, "a list", from);
  for (const nb::handle element : nb::iter(from)) read(element, to.emplace_back(), what);
}
template <class T>
void read(nb::handle from, std::optional<T>& to, std::string_view what) {
  read(from, to.emplace(), what);
}

template <class T>
nb::object write(const T& from) {
  return nb::cast(from);
}
nb::object write(const std::string& from) { return from_text(from); }
nb::object write(const Timestamp& from) { return from_timestamp(from); }
nb::object write(const Uuid& from) { return from_uuid(from); }
nb::object write(const Outcome& from) { return from_outcome(from); }
nb::object write(const Comparator& from) { return from_comparator(from); }
nb::object write(const Value& from) { return from_value(from); }
nb::object write(const ValueMap& from) { return from_value_map(from); }
template <class T>
nb::object write(const std::vector<T>& from) {
  nb::list list;
  for (const T& element : from) list.append(write(element));
  return list;
}
template <class T>
nb::object write(const std::optional<T>& from) {
  return from ? write(*from) : nb::none();
}

// None stands for what is not given: emit fills the envelope, a default stays.
template <class E>
void read_fields(nb::handle object, E& fields, bool may_be_absent) {
  for_each_field(fields, [&](const EventField& field, auto& member) {
    const nb::object value = object.attr(nb::str(field.name.data(), field.name.size()));
    if (!value.is_none()) {
      read(value, member, field.name);
    } else if (field.presence == Presence::kRequired && !may_be_absent &&
               !std::is_same_v<std::decay_t<decltype(member)>, Value>) {
      refuse(field.name, "a value", value);
    }
  });
}

template <class E>
Event read_event(nb::handle object) {
  E event;
  read_fields<Envelope>(object, event, true);
  read_fields(object, event, false);
  return event;
}

Event read_unknown(nb::handle object) {
  UnknownEvent event;
  read_fields<Envelope>(object, event, true);
  read(object.attr("event_type"), event.event_type, "event_type");
  const nb::object fields = object.attr("fields");
  const Value all = to_value(fields);
  if (all.get_if<ValueMap>() == nullptr) refuse("fields", "a mapping", fields);
  event.fields = *all.get_if<ValueMap>();
  return event;
}

using Readers = std::unordered_map<std::string_view, Event (*)(nb::handle)>;

template <class E>
void add_reader(Readers& readers) {
  if constexpr (!std::is_same_v<E, UnknownEvent>) readers.emplace(E::kTag, &read_event<E>);
}
template <class... E>
Readers all_readers(const std::variant<E...>*) {
  Readers readers;
  (add_reader<E>(readers), ...);
  return readers;
}

}  // namespace

Event to_event(nb::handle event) {
  static const Readers readers = all_readers(static_cast<const Event*>(nullptr));
  if (!nb::isinstance(event, event_base.get())) refuse("emit", "an event", event);
  if (nb::isinstance(event, unknown_event.get())) return read_unknown(event);
  const std::string type = to_text(event.attr("event_type"));
  const auto reader = readers.find(type);
  if (reader == readers.end()) refuse("event_type", "a known event type", event);
  try {
    return reader->second(event);
  } catch (const Error& error) {
    throw Error(error.code(), type + ": " + error.what());
  }
}

nb::object from_event(const Event& event) {
  nb::dict fields;
  const auto add = [&fields](const EventField& field, const auto& member) {
    fields[field.name.data()] = write(member);
  };
  return std::visit(
      [&](const auto& any) -> nb::object {
        using E = std::decay_t<decltype(any)>;
        for_each_field(static_cast<const Envelope&>(any), add);
        if constexpr (std::is_same_v<E, UnknownEvent>) {
          fields["event_type"] = from_text(any.event_type);
          fields["fields"] = from_value_map(any.fields);
          return unknown_event.get()(**fields);
        } else {
          for_each_field(any, add);
          return event_types.get()[from_text(E::kTag)](**fields);
        }
      },
      event);
}

}  // namespace litmus::python
