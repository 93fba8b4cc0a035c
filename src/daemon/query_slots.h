// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>

namespace litmus {

// So many queries at a time; more of them would only take memory and be slower together. Any
// thread.
class QuerySlots {
 public:
  class Slot {
   public:
    explicit Slot(QuerySlots& slots) : slots_(slots) {}
    Slot(const Slot&) = delete;
    Slot& operator=(const Slot&) = delete;
    ~Slot() { slots_.release(); }

   private:
    QuerySlots& slots_;
  };

  explicit QuerySlots(int count) : free_(count) {}

  // Waits for a free one. Error(kBusy) if none comes free, Error(kUnavailable) if `is_cancelled`.
  Slot take(const std::function<bool()>& is_cancelled);

 private:
  void release();

  std::mutex mutex_;
  std::condition_variable changed_;
  int free_;
};

}  // namespace litmus
