// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "daemon/event_sink.h"
#include "litmus/ids.h"

namespace arrow {
class Table;
}

namespace litmus {

class Index;

struct FeedState {
  bool caught_up = false;           // everything that was on disk at the start is in the index
  std::int64_t files_to_index = 0;  // run and event files that still wait
  std::int64_t files_indexed = 0;   // since the start
  std::int64_t broken_files = 0;
  std::int64_t running_runs = 0;
  std::int64_t writers = 0;        // event files that are being written
  std::int64_t local_writers = 0;  // those of living processes of this host
  std::int64_t last_event_number = 0;
  bool index_incomplete = false;  // something could not be written into it
};

// Follows the files of a data directory and keeps the index and the subscribers up to date: tails
// event files, holds the accumulator of each run that is not sealed, notices run files that appear
// or disappear, finalises and seals the runs of dead processes (of this user and host only), and
// indexes what was written while no daemon was there. Owns its threads. Files are the truth: it can
// be killed at any moment.
class Feed {
 public:
  struct Options {
    std::string data_dir;
    FileSystem* files = nullptr;  // nullptr: the real one
    std::function<void(const std::string& line)> log;
    bool seal = true;  // false: never write into the data directory (it is read-only)
  };

  // `sink` gets each event that is read from now on; may be null.
  Feed(Options options, Index& index, EventSink* sink);
  ~Feed();  // ends the threads; what is committed stays
  Feed(const Feed&) = delete;
  Feed& operator=(const Feed&) = delete;

  // Everything that any process has written before the call can be seen by queries when it returns,
  // except what belongs to a catch-up after the start that is still going on (state().caught_up).
  void sync();

  FeedState state() const;

  // All rows of a run that is not sealed, in the columns and order of a run file; null if it is not
  // known as such. Thread-safe.
  std::shared_ptr<arrow::Table> live_rows(const Uuid& run_id);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace litmus
