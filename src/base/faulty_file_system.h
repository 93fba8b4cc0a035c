// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/forwarding_file_system.h"

namespace litmus {

// Test double: the real file system until the chosen moment, then a fault. Counters run over all
// files opened through it. Used by tests only.
class FaultyFileSystem final : public ForwardingFileSystem {
 public:
  enum class Operation { kWrite, kSync, kRename, kOpen, kSyncFolder };

  // The n-th such call from now on (0 = the next) fails, and every later one while `forever`.
  void fail_at(Operation operation, int n, bool forever = false);
  // The n-th write from now on stores only `bytes` of its data and reports an I/O error, as a
  // process or machine that dies in the middle of it would leave the file.
  void cut_write_at(int n, std::uint64_t bytes);
  // Writes fail with "no space" once this many bytes were written; space held by reserve() comes
  // back when its file is removed.
  void set_free_space(std::uint64_t bytes);
  void heal();
  void forbid_mapping() { may_map_ = false; }    // as on a network file system
  std::int64_t syncs() const { return syncs_; }  // of files, that succeeded

  std::unique_ptr<WritableFile> open_for_append(const std::string& path, Create create) override;
  std::unique_ptr<MappedFile> map_new(const std::string& path, std::uint64_t size) override;
  void rename(const std::string& from, const std::string& to) override;
  void rename_new(const std::string& from, const std::string& to) override;
  void remove(const std::string& path) override;
  void sync_folder(const std::string& folder) override;
  void reserve(const std::string& path, std::uint64_t size) override;

 private:
  friend class FaultyWritableFile;

  struct Fault {
    std::atomic<int> countdown{-1};
    std::atomic<bool> forever{false};
  };
  bool due(Operation operation);
  void check(Operation operation, const std::string& path);

  Fault faults_[5];
  std::atomic<std::int64_t> syncs_{0};
  std::atomic<int> cut_countdown_{-1};
  std::atomic<std::uint64_t> cut_bytes_{0};
  std::atomic<std::int64_t> free_space_{INT64_MAX};
  std::atomic<bool> may_map_{true};
  std::vector<std::pair<std::string, std::uint64_t>> reserved_;
};

}  // namespace litmus
