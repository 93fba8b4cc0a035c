// SPDX-License-Identifier: Apache-2.0
#include "daemon/query_slots.h"

#include <chrono>

#include "litmus/error.h"

namespace litmus {
namespace {

constexpr auto kLongestWait = std::chrono::seconds(60);
constexpr auto kLook = std::chrono::milliseconds(100);  // for a client that has left

}  // namespace

QuerySlots::Slot QuerySlots::take(const std::function<bool()>& is_cancelled) {
  const auto end = std::chrono::steady_clock::now() + kLongestWait;
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kLook, [this] { return free_ > 0; })) {
    if (is_cancelled()) throw Error(Code::kUnavailable, "the query was cancelled");
    if (std::chrono::steady_clock::now() > end) {
      throw Error(Code::kBusy, "the daemon has been busy with other queries for too long");
    }
  }
  --free_;
  return Slot(*this);
}

void QuerySlots::release() {
  const std::scoped_lock lock(mutex_);
  ++free_;
  changed_.notify_one();
}

}  // namespace litmus
