// SPDX-License-Identifier: Apache-2.0
#include "base/faulty_file_system.h"

#include <algorithm>
#include <utility>

#include "litmus/error.h"

namespace litmus {

class FaultyWritableFile final : public WritableFile {
 public:
  FaultyWritableFile(FaultyFileSystem& system, std::unique_ptr<WritableFile> real)
      : system_(system), real_(std::move(real)) {}

  void append(Bytes bytes) override {
    system_.check(FaultyFileSystem::Operation::kWrite, path());
    int countdown = system_.cut_countdown_.load();
    if (countdown >= 0) {
      system_.cut_countdown_ = countdown - 1;
      if (countdown == 0) {
        real_->append(bytes.first(std::min<std::size_t>(bytes.size(), system_.cut_bytes_.load())));
        throw Error(Code::kIo, "cannot write " + path() + ": cut by the test");
      }
    }
    const auto size = static_cast<std::int64_t>(bytes.size());
    if (system_.free_space_.load() < size) {
      throw Error(Code::kIo,
                  "cannot write " + path() + ": No space left on device; free some space");
    }
    real_->append(bytes);
    system_.free_space_ -= size;
  }
  void sync() override {
    system_.check(FaultyFileSystem::Operation::kSync, path());
    real_->sync();
    ++system_.syncs_;
  }
  void close() override { real_->close(); }
  std::uint64_t size() const override { return real_->size(); }
  const std::string& path() const override { return real_->path(); }

 private:
  FaultyFileSystem& system_;
  std::unique_ptr<WritableFile> real_;
};

void FaultyFileSystem::fail_at(Operation operation, int n, bool forever) {
  Fault& fault = faults_[static_cast<int>(operation)];
  fault.forever = forever;
  fault.countdown = n;
}

void FaultyFileSystem::cut_write_at(int n, std::uint64_t bytes) {
  cut_bytes_ = bytes;
  cut_countdown_ = n;
}

void FaultyFileSystem::set_free_space(std::uint64_t bytes) {
  free_space_ = static_cast<std::int64_t>(bytes);
}

void FaultyFileSystem::heal() {
  for (Fault& fault : faults_) fault.countdown = -1;
  cut_countdown_ = -1;
  free_space_ = INT64_MAX;
}

bool FaultyFileSystem::due(Operation operation) {
  Fault& fault = faults_[static_cast<int>(operation)];
  const int countdown = fault.countdown.load();
  if (countdown < 0) return false;
  if (countdown > 0) {
    fault.countdown = countdown - 1;
    return false;
  }
  if (!fault.forever) fault.countdown = -1;
  return true;
}

void FaultyFileSystem::check(Operation operation, const std::string& path) {
  if (due(operation)) throw Error(Code::kIo, "cannot use " + path + ": Input/output error");
}

std::unique_ptr<WritableFile> FaultyFileSystem::open_for_append(const std::string& path,
                                                                Create create) {
  check(Operation::kOpen, path);
  return std::make_unique<FaultyWritableFile>(*this,
                                              ForwardingFileSystem::open_for_append(path, create));
}

std::unique_ptr<MappedFile> FaultyFileSystem::map_new(const std::string& path, std::uint64_t size) {
  if (!may_map_) return nullptr;
  check(Operation::kOpen, path);
  if (free_space_.load() < static_cast<std::int64_t>(size)) {
    throw Error(Code::kIo, "cannot reserve space at " + path + ": No space left on device");
  }
  auto file = ForwardingFileSystem::map_new(path, size);
  free_space_ -= static_cast<std::int64_t>(size);
  return file;
}

void FaultyFileSystem::rename(const std::string& from, const std::string& to) {
  check(Operation::kRename, to);
  ForwardingFileSystem::rename(from, to);
}

void FaultyFileSystem::rename_new(const std::string& from, const std::string& to) {
  check(Operation::kRename, to);
  ForwardingFileSystem::rename_new(from, to);
}

void FaultyFileSystem::sync_folder(const std::string& folder) {
  check(Operation::kSyncFolder, folder);
  ForwardingFileSystem::sync_folder(folder);
}

void FaultyFileSystem::reserve(const std::string& path, std::uint64_t size) {
  if (free_space_.load() < static_cast<std::int64_t>(size)) {
    throw Error(Code::kIo, "cannot reserve space at " + path + ": No space left on device");
  }
  ForwardingFileSystem::reserve(path, size);
  free_space_ -= static_cast<std::int64_t>(size);
  reserved_.emplace_back(path, size);
}

void FaultyFileSystem::remove(const std::string& path) {
  ForwardingFileSystem::remove(path);
  const auto at = std::ranges::find(reserved_, path, &std::pair<std::string, std::uint64_t>::first);
  if (at != reserved_.end()) {
    free_space_ += static_cast<std::int64_t>(at->second);
    reserved_.erase(at);
  }
}

}  // namespace litmus
