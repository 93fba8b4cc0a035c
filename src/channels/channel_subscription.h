// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "channels/channel_follower.h"
#include "litmus/channel_store.h"

namespace litmus {

// The thread that gives what the follower finds to the callback.
class ChannelSubscription::Impl {
 public:
  Impl(std::unique_ptr<ChannelFollower> follower, ChannelStore::OnSample on_sample,
       std::function<void(const std::string& problem)> on_problem);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

 private:
  void run();
  void give(const ChannelSegmentHeader& header, const std::shared_ptr<arrow::RecordBatch>& rows);

  std::unique_ptr<ChannelFollower> follower_;
  ChannelStore::OnSample on_sample_;
  std::function<void(const std::string& problem)> on_problem_;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

}  // namespace litmus
