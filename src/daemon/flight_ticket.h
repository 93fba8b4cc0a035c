// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <variant>

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
using FlightRequest = std::variant<SqlRequest, NamedQueryRequest, RunRowsRequest, SubscribeRequest>;

// Error(kInvalidArgument) for what is none of them.
FlightRequest parse_flight_ticket(std::string_view ticket);

}  // namespace litmus
