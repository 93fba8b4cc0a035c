// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arrow/status.h>

#include <exception>

#include "litmus/error.h"

namespace litmus {

// The status that makes Flight clients raise what comes nearest: in pyarrow ArrowInvalid,
// ArrowKeyError, FlightUnavailableError, FlightUnauthorizedError, else FlightServerError.
// src/reader/flight_error.h gets the Error back from it.
arrow::Status to_flight_status(const Error& error);

// Runs something that returns a Status; what it throws becomes one.
template <class Action>
arrow::Status as_flight_status(const Action& action) noexcept {
  try {
    return action();
  } catch (const Error& error) {
    return to_flight_status(error);
  } catch (const std::exception& error) {
    return arrow::Status::UnknownError("the daemon failed: ", error.what());
  }
}

}  // namespace litmus
