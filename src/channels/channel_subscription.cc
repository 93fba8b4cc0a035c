// SPDX-License-Identifier: Apache-2.0
#include "channels/channel_subscription.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>

#include <utility>

#include "litmus/error.h"
#include "results/table_cells.h"
#include "store/arrow_status.h"
#include "store/channel_rows.h"

namespace litmus {
namespace {

constexpr std::chrono::milliseconds kPatience{100};  // how long ending a subscription may take

}  // namespace

ChannelSubscription::Impl::Impl(std::unique_ptr<ChannelFollower> follower,
                                ChannelStore::OnSample on_sample,
                                std::function<void(const std::string& problem)> on_problem)
    : follower_(std::move(follower)),
      on_sample_(std::move(on_sample)),
      on_problem_(std::move(on_problem)),
      thread_([this] { run(); }) {}

ChannelSubscription::Impl::~Impl() {
  ended_ = true;
  thread_.join();
}

void ChannelSubscription::Impl::run() {
  while (!ended_) {
    try {
      follower_->read([this](const FollowedRows& found) { give(found.header, found.rows); },
                      kPatience);
    } catch (const std::exception& error) {
      on_problem_(std::string("channels cannot be followed: ") + error.what());
    }
  }
}

void ChannelSubscription::Impl::give(const ChannelSegmentHeader& header,
                                     const std::shared_ptr<arrow::RecordBatch>& rows) {
  const auto table = value_or_throw(arrow::Table::FromRecordBatches({rows}), "read samples");
  const ChannelColumns columns(table->num_columns());
  std::vector<CellColumn> cells;
  for (int i = 0; i < table->num_columns(); ++i) cells.emplace_back(*table, i);
  const auto cell = [&](int column) -> const CellColumn& {
    return cells[static_cast<std::size_t>(column)];
  };
  const bool is_struct = header.data_type == kStruct;
  for (std::int64_t row = 0; row < table->num_rows() && !ended_; ++row) {
    ChannelSample sample;
    sample.channel_id = header.channel_id;
    sample.session_id = header.session_id.to_string();
    sample.timestamp = cell(ChannelColumns::timestamp).time(row).value_or(Timestamp{});
    if (is_struct) {
      ValueMap map;
      for (int i = ChannelColumns::first_value; i < columns.value_end(); ++i) {
        map.set(table->field(i)->name(), cell(i).value(row));
      }
      sample.value = std::move(map);
    } else {
      sample.value = cell(ChannelColumns::first_value).value(row);
    }
    if (header.data_type == kWaveform) {
      sample.sample_interval = cell(ChannelColumns::first_value + 1).number(row);
    }
    if (const auto units = cell(columns.units).text(row)) sample.units = std::string(*units);
    sample.source_method = cell(columns.source_method).text(row).value_or("");
    sample.direction = cell(columns.direction).text(row).value_or("");
    try {
      on_sample_(sample);
    } catch (const std::exception& error) {
      on_problem_("a callback for channel " + header.channel_id + " has thrown: " + error.what());
    }
  }
}

ChannelSubscription::ChannelSubscription(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ChannelSubscription::ChannelSubscription(ChannelSubscription&&) noexcept = default;
ChannelSubscription& ChannelSubscription::operator=(ChannelSubscription&&) noexcept = default;
ChannelSubscription::~ChannelSubscription() = default;

}  // namespace litmus
