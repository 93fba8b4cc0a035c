// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "channels/channel_cursor.h"
#include "litmus/channel_store.h"
#include "litmus/value.h"

namespace litmus {

// What a client may ask with DoGet (docs/formats/flight.md).
struct SqlRequest {
  std::string statement;
};
struct NamedQueryRequest {
  std::string name;
  ValueMap parameters;
};
struct RunRowsRequest {
  std::string run_id_or_prefix;
};
struct SubscribeRequest {
  ValueMap filter;
};
struct ChannelHistoryRequest {
  ChannelQuery query;
};
struct ChannelFollowRequest {
  ChannelSelection selection;
  std::optional<ChannelCursor> after;  // absent: what comes from now on
};
using FlightRequest = std::variant<SqlRequest, NamedQueryRequest, RunRowsRequest, SubscribeRequest,
                                   ChannelHistoryRequest, ChannelFollowRequest>;

// Error(kInvalidArgument) for what is none of them.
FlightRequest parse_flight_ticket(std::string_view ticket);

}  // namespace litmus
