// SPDX-License-Identifier: Apache-2.0
#include "record/fork_guard.h"

#include <pthread.h>

#include <mutex>
#include <utility>
#include <vector>

#include "record/background.h"

namespace litmus::fork_guard {
namespace {

class Guard {
 public:
  static Guard& instance() {
    static auto* guard = new Guard;  // fork may come at any time, even while exiting
    return *guard;
  }

  void add(Entry entry) {
    const std::lock_guard lock(mutex_);
    entries_.push_back(std::move(entry));
  }

  void remove(const void* owner) {
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [owner](const Entry& entry) { return entry.owner == owner; });
  }

 private:
  Guard() {
    pthread_atfork([] { instance().lock(); }, [] { instance().unlock(); },
                   [] { instance().continue_in_child(); });
  }

  void lock() {
    mutex_.lock();
    for (const Entry& entry : entries_) entry.lock();
    background::lock_for_fork();
  }
  void unlock() {
    background::unlock_after_fork_in_parent();
    for (const Entry& entry : entries_) entry.unlock();
    mutex_.unlock();
  }
  void continue_in_child() {
    background::reset_after_fork_in_child();
    for (const Entry& entry : entries_) {
      entry.become_own_writer();
      entry.unlock();
    }
    mutex_.unlock();
  }

  std::mutex mutex_;
  std::vector<Entry> entries_;
};

}  // namespace

void add(Entry entry) { Guard::instance().add(std::move(entry)); }
void remove(const void* owner) { Guard::instance().remove(owner); }

}  // namespace litmus::fork_guard
