// SPDX-License-Identifier: Apache-2.0
#include "daemon/channel_ticket.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "litmus/error.h"
#include "store/channel_name.h"

namespace litmus {
namespace {

constexpr std::string_view kHistoryKeys =
    "session_id, start, end, last_n, max_points, mode, order, expand, columns, limit, cursor";
constexpr std::string_view kFollowKeys = "channel_id, role, session_id, with_stored, cursor";

[[noreturn]] void refuse(std::string_view key, std::string_view expected, std::string_view found) {
  throw Error(Code::kInvalidArgument,
              fmt::format("ticket: {}: expected {}, found {}", key, expected, found));
}

std::string_view id_part(std::string_view ticket) { return ticket.substr(0, ticket.find('?')); }

std::int64_t to_integer(std::string_view key, std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) {
    refuse(key, "a whole number", text);
  }
  return number;
}

// True for the second of the two.
bool is_second(std::string_view key, std::string_view text, std::string_view first,
               std::string_view second) {
  if (text != first && text != second) refuse(key, fmt::format("{} or {}", first, second), text);
  return text == second;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    parts.emplace_back(part);
  }
  return parts;
}

void set(ChannelQuery& query, std::string_view key, const std::string& value) {
  if (key == "session_id") {
    query.session_id = value;
  } else if (key == "start") {
    query.start = parse_iso8601(value);
  } else if (key == "end") {
    query.end = parse_iso8601(value);
  } else if (key == "last_n") {
    query.last_n = to_integer(key, value);
  } else if (key == "max_points") {
    query.max_points = to_integer(key, value);
  } else if (key == "mode") {
    const bool extremes = is_second(key, value, "lttb", "minmax");
    query.thinning = extremes ? ChannelQuery::Thinning::kMinMax : ChannelQuery::Thinning::kLttb;
  } else if (key == "order") {
    query.descending = is_second(key, value, "asc", "desc");
  } else if (key == "expand") {
    query.expand = is_second(key, value, "false", "true");
  } else if (key == "columns") {
    query.columns = split(value);
  } else if (key == "limit") {
    query.limit = to_integer(key, value);
  } else if (key == "cursor") {
    query.cursor = value;
  } else {
    refuse("key", kHistoryKeys, key);
  }
}

std::string text_of(std::string_view key, const Value& value) {
  const auto* text = value.get_if<std::string>();
  if (text == nullptr) refuse(key, "a text", "another value");
  return *text;
}

}  // namespace

bool is_channel_ticket(std::string_view ticket) {
  std::string_view id = id_part(ticket);
  if (id == "*") return true;
  if (id.ends_with('*')) id.remove_suffix(1);
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-~%:[]";
  return !id.empty() && id.find_first_not_of(kPlain) == std::string_view::npos;
}

ChannelHistoryRequest parse_channel_history(std::string_view ticket) {
  const std::string_view id = id_part(ticket);
  if (id.ends_with('*')) {
    refuse("channel", "one channel before the ?", id);
  }
  ChannelQuery query;
  query.channel_id = percent_decoded(id);
  check_channel_id(query.channel_id);
  std::string_view rest = ticket.substr(id.size() + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    const auto equals = pair.find('=');
    if (equals == std::string_view::npos) refuse("key", "key=value", pair);
    set(query, pair.substr(0, equals), percent_decoded(pair.substr(equals + 1)));
  }
  return {std::move(query)};
}

std::string history_ticket(std::string_view channel_id) {
  return percent_encoded(channel_id, "._-~") + '?';
}

ChannelFollowRequest parse_channel_follow(const ValueMap& request) {
  ChannelFollowRequest follow;
  for (const auto& [key, value] : request) {
    if (key == "channel_id") {
      follow.selection.channel_id = percent_decoded(text_of(key, value));
    } else if (key == "role") {
      follow.selection.role = text_of(key, value);
    } else if (key == "session_id") {
      follow.selection.session_id = text_of(key, value);
    } else if (key == "with_stored") {
      const bool* stored = value.get_if<bool>();
      if (stored == nullptr) refuse(key, "true or false", "another value");
      if (*stored && !follow.after) follow.after.emplace();
    } else if (key == "cursor") {
      follow.after = ChannelCursor::from_value(value);
    } else {
      refuse("key", kFollowKeys, key);
    }
  }
  return follow;
}

}  // namespace litmus
