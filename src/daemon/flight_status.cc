// SPDX-License-Identifier: Apache-2.0
#include "daemon/flight_status.h"

#include <arrow/flight/types.h>

#include "base/error_codes.h"

namespace litmus {

arrow::Status to_flight_status(const Error& error) {
  using arrow::flight::FlightStatusCode;
  // The other codes have no status of Arrow that travels; their name does, beside Flight's.
  const auto named = [&](FlightStatusCode code) {
    return arrow::flight::MakeFlightError(code, error.what(),
                                          std::string(mapping_of(error.code()).name));
  };
  switch (error.code()) {
    case Code::kInvalidArgument: return arrow::Status::Invalid(error.what());
    case Code::kNotFound: return arrow::Status::KeyError(error.what());
    case Code::kUnavailable:
    case Code::kBusy: return named(FlightStatusCode::Unavailable);
    case Code::kUnauthorized: return named(FlightStatusCode::Unauthorized);
    case Code::kConflict:
    case Code::kCorrupt:
    case Code::kIo: break;
  }
  return named(FlightStatusCode::Failed);
}

}  // namespace litmus
