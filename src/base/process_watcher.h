// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "base/process.h"

namespace litmus {

// Learns at once when processes of this host end. One owner, one thread.
class ProcessWatcher {
 public:
  ProcessWatcher();
  ~ProcessWatcher();
  ProcessWatcher(const ProcessWatcher&) = delete;
  ProcessWatcher& operator=(const ProcessWatcher&) = delete;

  // Adding one again changes nothing. One that has ended already is told by take_ended(). False:
  // it cannot be watched (another host, no rights, old kernel); liveness_of tells what is known.
  bool add(const ProcessIdentity& process);

  // Those that ended since the last call, each once. Does not wait.
  std::vector<ProcessIdentity> take_ended();

  // Readable when a watched process has ended; not told of those that had ended when added.
  int descriptor() const { return descriptor_; }

 private:
  using Key = std::pair<std::int64_t, std::optional<Timestamp>>;

  int descriptor_ = -1;  // epoll
  std::map<Key, int> watched_;
  std::map<int, ProcessIdentity> processes_;  // by descriptor
  std::vector<ProcessIdentity> ended_;
};

}  // namespace litmus
