// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arrow/type_fwd.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "daemon/flight_ticket.h"

namespace arrow::flight {
class FlightDataStream;
}

namespace litmus {

// The channel stores of all processes as Flight streams, read from their files; nothing is stored
// anew. Any thread.
class ChannelFlights {
 public:
  ChannelFlights(FileSystem& files, std::string data_dir)
      : files_(files), data_dir_(std::move(data_dir)) {}

  struct Answer {
    std::shared_ptr<arrow::Table> table;
    std::vector<std::string> damages;
  };
  Answer history(const ChannelQuery& query);

  // Samples of all channels that are wanted, in the columns of SampleBatch; the metadata of its
  // schema has `litmus.cursor`, where it begins. Ends soon after `is_cancelled` or close().
  std::unique_ptr<arrow::flight::FlightDataStream> follow(const ChannelFollowRequest& request,
                                                          std::function<bool()> is_cancelled);
  std::int64_t subscriber_count() const { return subscribers_; }
  void close() { closed_ = true; }

  struct Channel {
    ChannelDescriptor descriptor;
    std::shared_ptr<arrow::Schema> schema;  // of its history
  };
  std::vector<Channel> list();

 private:
  class LiveReader;

  FileSystem& files_;
  const std::string data_dir_;
  std::atomic<std::int64_t> subscribers_ = 0;
  std::atomic<bool> closed_ = false;
};

}  // namespace litmus
