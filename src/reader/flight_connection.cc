// SPDX-License-Identifier: Apache-2.0
#include "reader/flight_connection.h"

#include <arrow/flight/client.h>

#include "reader/flight_error.h"

namespace litmus {

namespace fl = arrow::flight;

std::shared_ptr<fl::FlightClient> connect_flight(const std::string& address) {
  auto options = fl::FlightClientOptions::Defaults();
  // Else gRPC remembers, for the whole process, that the socket was dead a moment ago.
  options.generic_options.emplace_back("grpc.use_local_subchannel_pool", 1);
  const auto location = fl::Location::Parse(address);
  if (!location.ok()) throw to_error(location.status());
  auto client = fl::FlightClient::Connect(*location, options);
  if (!client.ok()) throw to_error(client.status());
  return std::move(*client);
}

arrow::flight::FlightCallOptions aligned_reading() {
  arrow::flight::FlightCallOptions options;
  options.read_options.ensure_alignment = arrow::ipc::Alignment::kDataTypeSpecificAlignment;
  return options;
}

}  // namespace litmus
