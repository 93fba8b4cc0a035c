// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace litmus::python {

// What went wrong while recording. Told on any thread, without the GIL; taken by the next Python
// call, which warns. Shared by the recorder that tells and the builder that asks; shared in C++, as
// the last one may let go on a thread and at a time without an interpreter.
class Problems : public std::enable_shared_from_this<Problems> {
 public:
  void add(std::string problem) {
    const std::lock_guard lock(mutex_);
    problems_.push_back(std::move(problem));
    waiting_ = true;
  }
  bool waiting() const { return waiting_.load(std::memory_order_relaxed); }
  std::vector<std::string> take() {
    const std::lock_guard lock(mutex_);
    waiting_ = false;
    return std::exchange(problems_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> problems_;
  std::atomic<bool> waiting_ = false;
};

}  // namespace litmus::python
