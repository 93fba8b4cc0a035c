// SPDX-License-Identifier: Apache-2.0
#include "daemon/flight_ticket.h"

#include "base/utf8.h"
#include "daemon/channel_ticket.h"
#include "litmus/error.h"
#include "model/value_json.h"

namespace litmus {
namespace {

[[noreturn]] void fail(const std::string& problem) {
  throw Error(
      Code::kInvalidArgument,
      "ticket: " + problem +
          R"(; expected SQL, or a JSON object with "query", "run_rows", "subscribe" or "follow", )"
          "or a channel, alone or with ?key=value behind it");
}

template <class T>
T member(const ValueMap& map, const char* key, const char* kind) {
  const T* value = map.find(key)->get_if<T>();
  if (value == nullptr) fail(std::string("\"") + key + "\" is not " + kind);
  return *value;
}

ValueMap parse_object(std::string_view ticket) {
  try {
    const Value value = parse_value(ticket);
    if (const auto* map = value.get_if<ValueMap>()) return *map;
  } catch (const Error& error) {
    fail(error.what());
  }
  fail("not an object");
}

void allow_only(const ValueMap& map, std::string_view first, std::string_view second = "") {
  for (const auto& [key, value] : map) {
    if (key != first && key != second) fail("unexpected key \"" + key + "\"");
  }
}

}  // namespace

FlightRequest parse_flight_ticket(std::string_view ticket) {
  if (!is_valid_utf8(ticket)) fail("not UTF-8");  // DuckDB ends the process over it
  if (is_channel_ticket(ticket)) {
    if (ticket.find('?') != std::string_view::npos) return parse_channel_history(ticket);
    return parse_channel_follow({{"channel_id", ticket}});
  }
  if (!ticket.starts_with('{')) return SqlRequest{std::string(ticket)};
  const ValueMap map = parse_object(ticket);
  if (map.find("query") != nullptr) {
    allow_only(map, "query", "parameters");
    NamedQueryRequest request{member<std::string>(map, "query", "a text"), {}};
    if (map.find("parameters") != nullptr) {
      request.parameters = member<ValueMap>(map, "parameters", "an object");
    }
    return request;
  }
  if (map.find("run_rows") != nullptr) {
    allow_only(map, "run_rows");
    return RunRowsRequest{member<std::string>(map, "run_rows", "a text")};
  }
  if (map.find("subscribe") != nullptr) {
    allow_only(map, "subscribe");
    return SubscribeRequest{member<ValueMap>(map, "subscribe", "an object")};
  }
  if (map.find("follow") != nullptr) {
    allow_only(map, "follow");
    return parse_channel_follow(member<ValueMap>(map, "follow", "an object"));
  }
  fail("no known key");
}

}  // namespace litmus
