// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

namespace arrow::flight {
class FlightClient;
class FlightCallOptions;
}  // namespace arrow::flight

namespace litmus {

// Error(kUnavailable) if the address cannot be used; that nobody answers shows at the first call.
std::shared_ptr<arrow::flight::FlightClient> connect_flight(const std::string& address);

// What is received stands in memory where the processor wants it: on the wire it need not.
arrow::flight::FlightCallOptions aligned_reading();

}  // namespace litmus
