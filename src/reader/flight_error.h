// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arrow/status.h>

#include "litmus/error.h"

namespace litmus {

// What the daemon threw (the inverse of src/daemon/flight_status.h), without what Flight adds to
// the text. Error(kUnavailable) where the call did not get through.
Error to_error(const arrow::Status& status);

// Whether the call may have met no daemon, or one that ends: worth another try with a new one.
bool is_connection_failure(const arrow::Status& status);

}  // namespace litmus
