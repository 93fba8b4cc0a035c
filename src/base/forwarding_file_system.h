// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"

namespace litmus {

// Passes everything on; a test overrides the call in which it wants something to happen. Used by
// tests only.
class ForwardingFileSystem : public FileSystem {
 public:
  explicit ForwardingFileSystem(FileSystem& real = posix_file_system()) : real_(real) {}

  std::unique_ptr<WritableFile> open_for_append(const std::string& path, Create create) override {
    return real_.open_for_append(path, create);
  }
  std::unique_ptr<FileContent> read(const std::string& path) override { return real_.read(path); }
  std::unique_ptr<FileContent> read_from(const std::string& path, std::uint64_t offset) override {
    return real_.read_from(path, offset);
  }
  std::unique_ptr<FileContent> read_part(const std::string& path, std::uint64_t offset,
                                         std::uint64_t size) override {
    return real_.read_part(path, offset, size);
  }
  std::unique_ptr<MappedFile> map_new(const std::string& path, std::uint64_t size) override {
    return real_.map_new(path, size);
  }
  std::unique_ptr<ScratchFile> open_scratch() override { return real_.open_scratch(); }
  bool exists(const std::string& path) override { return real_.exists(path); }
  std::optional<FileStatus> status(const std::string& path) override { return real_.status(path); }
  bool is_writable(const std::string& folder) override { return real_.is_writable(folder); }
  std::vector<DirectoryEntry> list(const std::string& folder) override {
    return real_.list(folder);
  }
  void create_folders(const std::string& folder) override { real_.create_folders(folder); }
  void rename(const std::string& from, const std::string& to) override { real_.rename(from, to); }
  void rename_new(const std::string& from, const std::string& to) override {
    real_.rename_new(from, to);
  }
  void truncate(const std::string& path, std::uint64_t size) override {
    real_.truncate(path, size);
  }
  void remove(const std::string& path) override { real_.remove(path); }
  void remove_folder(const std::string& path) override { real_.remove_folder(path); }
  void sync_folder(const std::string& folder) override { real_.sync_folder(folder); }
  void sync_all(const std::string& folder) override { real_.sync_all(folder); }
  std::unique_ptr<FolderLock> lock_folder(const std::string& folder) override {
    return real_.lock_folder(folder);
  }
  void reserve(const std::string& path, std::uint64_t size) override { real_.reserve(path, size); }
  void link_or_copy(const std::string& from, const std::string& to) override {
    real_.link_or_copy(from, to);
  }

 private:
  FileSystem& real_;
};

}  // namespace litmus
