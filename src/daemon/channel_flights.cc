// SPDX-License-Identifier: Apache-2.0
#include "daemon/channel_flights.h"

#include <arrow/flight/server.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/util/key_value_metadata.h>

#include <map>

#include "channels/channel_follower.h"
#include "channels/channel_query.h"
#include "channels/sample_batch.h"
#include "daemon/flight_status.h"
#include "store/channel_registry.h"

namespace litmus {
namespace {

// How long a subscriber that has left may go unnoticed.
constexpr std::chrono::milliseconds kPatience{250};

}  // namespace

class ChannelFlights::LiveReader final : public arrow::RecordBatchReader {
 public:
  LiveReader(ChannelFlights& flights, const ChannelFollowRequest& request,
             std::function<bool()> is_cancelled)
      : flights_(flights),
        is_cancelled_(std::move(is_cancelled)),
        follower_(flights.files_, flights.data_dir_, request.selection, request.after),
        schema_(SampleBatch::schema()->WithMetadata(
            arrow::key_value_metadata({{"litmus.cursor", follower_.start().to_json()}}))) {
    ++flights_.subscribers_;
  }
  LiveReader(const LiveReader&) = delete;
  LiveReader& operator=(const LiveReader&) = delete;
  ~LiveReader() override { --flights_.subscribers_; }

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    return as_flight_status([&] {
      *batch = nullptr;  // the end
      while (!is_cancelled_() && !flights_.closed_) {
        follower_.read([this](const FollowedRows& found) { samples_.add(found); }, kPatience);
        if (samples_.is_empty()) continue;
        *batch = samples_.finish();
        break;
      }
      return arrow::Status::OK();
    });
  }

 private:
  ChannelFlights& flights_;
  const std::function<bool()> is_cancelled_;
  ChannelFollower follower_;
  SampleBatch samples_;
  const std::shared_ptr<arrow::Schema> schema_;
};

ChannelFlights::Answer ChannelFlights::history(const ChannelQuery& query) {
  auto found = query_channel(files_, data_dir_, query);
  return {std::move(found.table), std::move(found.damages)};
}

std::unique_ptr<arrow::flight::FlightDataStream> ChannelFlights::follow(
    const ChannelFollowRequest& request, std::function<bool()> is_cancelled) {
  return std::make_unique<arrow::flight::RecordBatchStream>(
      std::make_shared<LiveReader>(*this, request, std::move(is_cancelled)));
}

std::vector<ChannelFlights::Channel> ChannelFlights::list() {
  std::map<std::string, std::vector<std::shared_ptr<arrow::Schema>>> schemas;
  for (const ChannelSegmentPath& segment : find_channel_segments(files_, data_dir_)) {
    const auto head = read_channel_head(files_, segment.path);
    if (head) schemas[head->header.channel_id].push_back(head->schema);
  }
  std::vector<Channel> channels;
  for (auto& [id, descriptor] : known_channels(files_, data_dir_)) {
    channels.push_back({std::move(descriptor), channel_query_schema(schemas[id])});
  }
  return channels;
}

}  // namespace litmus
