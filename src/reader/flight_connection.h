// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

namespace arrow::flight {
class FlightClient;
}

namespace litmus {

// Error(kUnavailable) if the address cannot be used; that nobody answers shows at the first call.
std::shared_ptr<arrow::flight::FlightClient> connect_flight(const std::string& address);

}  // namespace litmus
