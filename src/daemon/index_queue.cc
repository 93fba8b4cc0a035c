// SPDX-License-Identifier: Apache-2.0
#include "daemon/index_queue.h"

#include <exception>
#include <utility>

#include "index/index.h"

namespace litmus {
namespace {

constexpr auto kCommitPace = std::chrono::milliseconds(500);

}  // namespace

IndexQueue::IndexQueue(Index& index, std::function<void(const std::string&)> log)
    : index_(index), log_(std::move(log)), thread_([this] { loop(); }) {}

IndexQueue::~IndexQueue() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    background_.clear();
  }
  wake_.notify_one();
  thread_.join();
}

void IndexQueue::put(Job job, std::size_t bytes) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [this] { return bytes_ <= kMostBytes; });
  jobs_.push_back({std::move(job), bytes, {}});
  bytes_ += bytes;
  lock.unlock();
  wake_.notify_one();
}

void IndexQueue::put_background(Job job) {
  {
    const std::lock_guard lock(mutex_);
    background_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void IndexQueue::commit(std::function<void()> done) {
  {
    const std::lock_guard lock(mutex_);
    if (busy_ || dirty_ || !jobs_.empty()) {
      jobs_.push_back({{}, 0, std::move(done)});
      done = nullptr;
    }
  }
  if (done) return done();
  wake_.notify_one();
}

std::size_t IndexQueue::waiting_bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::size_t IndexQueue::background_jobs() const {
  const std::lock_guard lock(mutex_);
  return background_.size();
}

bool IndexQueue::incomplete() const {
  const std::lock_guard lock(mutex_);
  return incomplete_;
}

void IndexQueue::loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (dirty_ && Clock::now() >= commit_due_) {
      lock.unlock();
      commit_now();
      lock.lock();
      continue;
    }
    if (jobs_.empty() && background_.empty()) {
      if (stop_) break;
      if (dirty_) {
        wake_.wait_until(lock, commit_due_);
      } else {
        wake_.wait(lock);
      }
      continue;
    }
    Entry entry;
    if (!jobs_.empty()) {
      entry = std::move(jobs_.front());
      jobs_.pop_front();
    } else {
      entry.job = std::move(background_.front());
      background_.pop_front();
    }
    busy_ = true;
    lock.unlock();
    if (entry.job) {
      run(entry.job);
    } else {
      commit_now();
      entry.after_commit();
    }
    entry.job = nullptr;  // its memory goes before its bytes do
    lock.lock();
    busy_ = false;
    bytes_ -= entry.bytes;
    room_.notify_all();
  }
  lock.unlock();
  if (dirty_) commit_now();
}

void IndexQueue::run(const Job& job) {
  bool failed = false;
  try {
    job(index_);
  } catch (const std::exception& error) {
    failed = true;
    log_(std::string("the index could not take everything: ") + error.what());
  }
  const std::lock_guard lock(mutex_);
  incomplete_ = incomplete_ || failed;
  if (!dirty_) commit_due_ = Clock::now() + kCommitPace;
  dirty_ = true;
}

void IndexQueue::commit_now() {
  {
    const std::lock_guard lock(mutex_);
    dirty_ = false;
  }
  try {
    index_.commit();
  } catch (const std::exception& error) {
    log_(std::string("the index could not be written: ") + error.what());
    const std::lock_guard lock(mutex_);
    incomplete_ = true;
  }
}

}  // namespace litmus
