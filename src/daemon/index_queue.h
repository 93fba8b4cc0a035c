// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace litmus {

class Index;

// Does the index's work on a thread of its own, in the order in which it was given, so that whoever
// reads events never waits for the database. Commits half a second after the first change that
// nobody asked to see, and at once for commit(). What fails is logged and left out. Thread-safe.
class IndexQueue {
 public:
  using Job = std::function<void(Index&)>;

  IndexQueue(Index& index, std::function<void(const std::string&)> log);
  // Does what was given with put(), not what waits in the background, and commits.
  ~IndexQueue();
  IndexQueue(const IndexQueue&) = delete;
  IndexQueue& operator=(const IndexQueue&) = delete;

  // `bytes` is what the job holds in memory: more than kMostBytes in all has to wait.
  void put(Job job, std::size_t bytes = 0);
  // Done one by one whenever there is nothing else to do.
  void put_background(Job job);
  // `done` is called when everything put before is committed: on the thread of the writer, or right
  // here if there is nothing to commit.
  void commit(std::function<void()> done);

  std::size_t waiting_bytes() const;
  std::size_t background_jobs() const;
  // A job failed: the index lacks something that only reading the files again brings back.
  bool incomplete() const;

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::size_t kMostBytes = std::size_t{256} << 20U;

  struct Entry {
    Job job;
    std::size_t bytes = 0;
    std::function<void()> after_commit;  // set: commit instead of a job
  };

  void loop();
  void run(const Job& job);
  void commit_now();

  Index& index_;
  const std::function<void(const std::string&)> log_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable room_;
  std::deque<Entry> jobs_;
  std::deque<Job> background_;
  std::size_t bytes_ = 0;
  bool busy_ = false;
  bool dirty_ = false;  // something is not committed
  bool incomplete_ = false;
  bool stop_ = false;
  Clock::time_point commit_due_;
  std::thread thread_;
};

}  // namespace litmus
