// SPDX-License-Identifier: Apache-2.0
#include "record/background.h"

#include <condition_variable>
#include <cstdlib>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

#include "store/event_file_rewrite.h"

namespace litmus::background {
namespace {

using Clock = std::chrono::steady_clock;

class Worker {
 public:
  void run_after(std::chrono::milliseconds delay, std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    tasks_.emplace(Clock::now() + delay, std::move(task));
    if (!started_) {
      started_ = true;
      std::thread([this] { loop(); }).detach();
    }
    wake_.notify_one();
  }

  void drain() {
    std::unique_lock lock(mutex_);
    draining_ = true;
    wake_.notify_one();
    idle_.wait(lock, [this] { return tasks_.empty() && !busy_; });
    draining_ = false;
  }

  // What comes later, from destructors of static objects, would use what is destroyed already.
  void drain_for_good() {
    drain();
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }

  std::mutex& mutex() { return mutex_; }

 private:
  void loop() {
    std::unique_lock lock(mutex_);
    while (true) {
      if (tasks_.empty()) {
        idle_.notify_all();
        wake_.wait(lock);
        continue;
      }
      const auto first = tasks_.begin();
      if (!draining_ && first->first > Clock::now()) {
        wake_.wait_until(lock, first->first);
        continue;
      }
      const auto task = std::move(first->second);
      tasks_.erase(first);
      busy_ = true;
      lock.unlock();
      task();
      lock.lock();
      busy_ = false;
    }
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable idle_;
  std::multimap<Clock::time_point, std::function<void()>> tasks_;
  bool started_ = false;
  bool busy_ = false;
  bool draining_ = false;
  bool ended_ = false;
};

// Never destroyed: its thread runs until the process is gone.
Worker*& current() {
  static auto* worker = [] {
    // Exit handlers run in reverse order: what exists now lives until the last task is done.
    prepare_sealing();
    std::atexit([] { current()->drain_for_good(); });
    return new Worker;
  }();
  return worker;
}

}  // namespace

void run_after(std::chrono::milliseconds delay, std::function<void()> task) {
  current()->run_after(delay, std::move(task));
}
void drain() { current()->drain(); }

void lock_for_fork() { current()->mutex().lock(); }
void unlock_after_fork_in_parent() { current()->mutex().unlock(); }

// The parent's worker has no thread here, and its list is the parent's business.
void reset_after_fork_in_child() { current() = new Worker; }

}  // namespace litmus::background
