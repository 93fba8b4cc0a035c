// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace litmus {

// Something happened to an entry of a watched folder, or may have.
struct FolderChange {
  enum class Kind {
    kAppeared,   // a new name: created, linked, or moved here (also over another file)
    kWritten,    // the content changed
    kGone,       // removed or moved away
    kLookAgain,  // changes of this folder may have gone unnoticed; `name` is empty
  };
  Kind kind = Kind::kLookAgain;
  bool is_directory = false;
  std::string folder;
  std::string name;

  bool operator==(const FolderChange&) const = default;
};

// Tells what any process of this machine does in folders, in the order in which it was done. A
// change can be read before the call that made it returns, so who reads after a write has returned
// misses nothing. Where others cannot be watched (network file systems, too many watches) the
// folder has to be looked through again each second: read() says so. One owner, one thread.
class FolderWatcher {
 public:
  FolderWatcher();
  ~FolderWatcher();
  FolderWatcher(const FolderWatcher&) = delete;
  FolderWatcher& operator=(const FolderWatcher&) = delete;

  // Everything that happens from now on is told; what is there already is up to the caller, to be
  // listed afterwards. A folder that does not exist, or no more, is polled until it does or is
  // removed. Adding again changes nothing.
  void add(const std::string& folder);
  void remove(const std::string& folder);

  // What happened since the last call. Does not wait. Folders that are polled are told at most once
  // a second, or now if `poll_now`.
  std::vector<FolderChange> read(bool poll_now = false);

  // Readable when read() has something to tell; never for polled folders.
  int descriptor() const { return descriptor_; }
  bool polls() const { return !polled_.empty(); }

 private:
  void read_pending(std::vector<FolderChange>& changes);
  bool watch(const std::string& folder);

  int descriptor_ = -1;
  std::unordered_map<int, std::string> folders_;  // by watch
  std::unordered_map<std::string, int> watches_;
  std::unordered_set<std::string> polled_;
  std::chrono::steady_clock::time_point next_poll_;
};

}  // namespace litmus
