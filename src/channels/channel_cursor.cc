// SPDX-License-Identifier: Apache-2.0
#include "channels/channel_cursor.h"

#include "base/json_writer.h"
#include "litmus/error.h"

namespace litmus {
namespace {

[[noreturn]] void refuse() {
  throw Error(
      Code::kInvalidArgument,
      R"(cursor: expected {"from": time or null, "recordings": {name: seq}}, as the stream )"
      "before said it");
}

}  // namespace

std::string ChannelCursor::to_json() const {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  json.key("from");
  if (from) {
    json.value(*from);
  } else {
    json.null();
  }
  json.key("recordings");
  json.begin_object();
  for (const auto& [name, seq] : recordings) {
    json.key(name);
    json.value(seq);
  }
  json.end_object();
  json.end_object();
  return text;
}

ChannelCursor ChannelCursor::from_value(const Value& value) {
  const auto* map = value.get_if<ValueMap>();
  const Value* from = map == nullptr ? nullptr : map->find("from");
  const Value* seqs = map == nullptr ? nullptr : map->find("recordings");
  const auto* recordings = seqs == nullptr ? nullptr : seqs->get_if<ValueMap>();
  if (from == nullptr || recordings == nullptr) refuse();
  ChannelCursor cursor;
  if (const auto* time = from->get_if<std::string>()) {
    cursor.from = parse_iso8601(*time);
  } else if (!from->is_null()) {
    refuse();
  }
  for (const auto& [name, seq] : *recordings) {
    const auto* number = seq.get_if<std::int64_t>();
    if (number == nullptr) refuse();
    cursor.recordings.emplace(name, *number);
  }
  return cursor;
}

}  // namespace litmus
