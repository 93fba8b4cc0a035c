// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "litmus/channel_store.h"

namespace arrow::flight {
class FlightMessageReader;
class FlightMetadataWriter;
}  // namespace arrow::flight

namespace litmus {

// Stores the samples of writers that cannot write into the data directory (DoPut with a channel id
// as command). Any thread.
class ChannelIntake {
 public:
  ChannelIntake(std::string data_dir, std::function<void(const std::string&)> log)
      : data_dir_(std::move(data_dir)), log_(std::move(log)) {}

  // Reads batches until the writer ends the stream; each is acknowledged, when its samples survive
  // the death of every process, with the reference of its first row.
  void take_samples(const std::string& channel_id, arrow::flight::FlightMessageReader& reader,
                    arrow::flight::FlightMetadataWriter& writer);

 private:
  std::shared_ptr<ChannelStore> store_of(const Uuid& session_id);

  const std::string data_dir_;
  const std::function<void(const std::string&)> log_;
  std::mutex mutex_;
  std::map<Uuid, std::weak_ptr<ChannelStore>> stores_;  // of the streams that are going on
};

}  // namespace litmus
