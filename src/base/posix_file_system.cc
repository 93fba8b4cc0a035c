// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <thread>
#include <utility>

#include "base/file_system.h"
#include "litmus/error.h"

namespace litmus {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kFileMode = 0666;  // the umask decides who else of a shared bench may read
constexpr auto kLockPatience = std::chrono::seconds(3);
constexpr auto kLockPause = std::chrono::microseconds(500);

[[noreturn]] void fail(const char* action, const std::string& path, int error) {
  const Code code = error == ENOENT   ? Code::kNotFound
                    : error == EEXIST ? Code::kConflict
                                      : Code::kIo;
  const char* hint = error == ENOSPC || error == EDQUOT ? "; free some space"
                     : error == EACCES || error == EPERM || error == EROFS
                         ? "; check the rights of the folder or choose another data directory"
                         : "";
  throw Error(code,
              std::string("cannot ") + action + " " + path + ": " + std::strerror(error) + hint);
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

Descriptor open_file(const char* action, const std::string& path, int flags) {
  int fd = -1;
  do {
    fd = ::open(path.c_str(), flags | O_CLOEXEC, kFileMode);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) fail(action, path, errno);
  return Descriptor(fd);
}

// At the end of a file that holds `size` bytes: all, or an error and none.
void append_to(const Descriptor& fd, const std::string& path, std::uint64_t size, Bytes bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count = ::write(fd.get(), bytes.data() + written, bytes.size() - written);
    if (count > 0) {
      written += static_cast<std::size_t>(count);
      continue;
    }
    if (count < 0 && errno == EINTR) continue;
    const int error = count == 0 ? ENOSPC : errno;
    if (written > 0 && ::ftruncate(fd.get(), static_cast<off_t>(size)) != 0) {
      fail("cut a half-written record off", path, errno);
    }
    fail("write", path, error);
  }
}

// From `offset` on; returns how many there were, fewer than asked for only at the end of the file.
std::size_t read_at(const Descriptor& fd, const std::string& path, std::uint64_t offset,
                    std::span<std::uint8_t> bytes) {
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    const ssize_t count = ::pread(fd.get(), bytes.data() + filled, bytes.size() - filled,
                                  static_cast<off_t>(offset + filled));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("read", path, errno);
    if (count == 0) break;
    filled += static_cast<std::size_t>(count);
  }
  return filled;
}

class PosixWritableFile final : public WritableFile {
 public:
  PosixWritableFile(Descriptor fd, std::string path) : fd_(std::move(fd)), path_(std::move(path)) {}

  void append(Bytes bytes) override {
    append_to(fd_, path_, size_, bytes);
    size_ += bytes.size();
  }

  void sync() override {
    if (::fdatasync(fd_.get()) != 0) fail("sync", path_, errno);
  }

  void close() override {
    const int fd = fd_.release();
    if (fd >= 0 && ::close(fd) != 0 && errno != EINTR) fail("close", path_, errno);
  }

  std::uint64_t size() const override { return size_; }
  const std::string& path() const override { return path_; }

 private:
  Descriptor fd_;
  std::string path_;
  std::uint64_t size_ = 0;
};

class PosixScratchFile final : public ScratchFile {
 public:
  PosixScratchFile(Descriptor fd, std::string folder)
      : fd_(std::move(fd)), place_("a temporary file in " + folder) {}

  void append(Bytes bytes) override {
    append_to(fd_, place_, size_, bytes);
    size_ += bytes.size();
  }
  void read(std::uint64_t offset, std::span<std::uint8_t> bytes) const override {
    if (read_at(fd_, place_, offset, bytes) < bytes.size()) fail("read", place_, EIO);
  }
  std::uint64_t size() const override { return size_; }

 private:
  Descriptor fd_;
  std::string place_;
  std::uint64_t size_ = 0;
};

class MemoryContent final : public FileContent {
 public:
  explicit MemoryContent(std::vector<std::uint8_t> bytes) : bytes_(std::move(bytes)) {}
  Bytes bytes() const override { return bytes_; }

 private:
  std::vector<std::uint8_t> bytes_;
};

// flock belongs to the open folder: closing it releases the lock.
class PosixFolderLock final : public FolderLock {
 public:
  explicit PosixFolderLock(Descriptor fd) : fd_(std::move(fd)) {}

 private:
  Descriptor fd_;
};

class PosixFileSystem final : public FileSystem {
 public:
  std::unique_ptr<WritableFile> open_for_append(const std::string& path, Create create) override {
    const int flags = O_WRONLY | O_CREAT | O_APPEND | (create == Create::kNew ? O_EXCL : O_TRUNC);
    return std::make_unique<PosixWritableFile>(open_file("create", path, flags), path);
  }

  std::unique_ptr<FileContent> read(const std::string& path) override { return read_from(path, 0); }

  std::unique_ptr<FileContent> read_from(const std::string& path, std::uint64_t offset) override {
    const Descriptor fd = open_file("open", path, O_RDONLY);
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0) fail("look at", path, errno);
    if (!S_ISREG(status.st_mode)) fail("read", path, S_ISDIR(status.st_mode) ? EISDIR : EINVAL);
    // Read, not mapped: a file that shrinks or a disk that fails must be an error, not a signal.
    const auto size = static_cast<std::uint64_t>(status.st_size);
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size > offset ? size - offset : 0));
    bytes.resize(read_at(fd, path, offset, bytes));  // it may have been cut meanwhile
    return std::make_unique<MemoryContent>(std::move(bytes));
  }

  std::unique_ptr<ScratchFile> open_scratch() override {
    const char* chosen = std::getenv("TMPDIR");
    // Not /tmp, which often is memory.
    const std::string folder = chosen != nullptr && *chosen != '\0' ? chosen : "/var/tmp";
    std::string name = join_path(folder, "litmus-XXXXXX");
    Descriptor fd(::mkostemp(name.data(), O_CLOEXEC | O_APPEND));
    if (fd.get() < 0) fail("create a temporary file in", folder, errno);
    remove(name);
    return std::make_unique<PosixScratchFile>(std::move(fd), folder);
  }

  bool exists(const std::string& path) override {
    struct stat status{};
    return ::stat(path.c_str(), &status) == 0;
  }

  std::optional<FileStatus> status(const std::string& path) override {
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
      fail("look at", path, errno);
    }
    const auto modified = std::chrono::seconds(status.st_mtim.tv_sec) +
                          std::chrono::nanoseconds(status.st_mtim.tv_nsec);
    return FileStatus{S_ISDIR(status.st_mode) != 0, static_cast<std::uint64_t>(status.st_size),
                      Timestamp(std::chrono::floor<std::chrono::microseconds>(modified)),
                      status.st_uid};
  }

  bool is_writable(const std::string& folder) override {
    return ::access(folder.c_str(), W_OK) == 0;
  }

  std::vector<DirectoryEntry> list(const std::string& folder) override {
    std::vector<DirectoryEntry> entries;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
      std::error_code ignored;  // an entry that vanishes meanwhile is no folder
      entries.push_back({it->path().filename().string(), it->is_directory(ignored)});
    }
    if (error && error.value() != ENOENT) fail("list", folder, error.value());
    std::ranges::sort(entries, {}, &DirectoryEntry::name);
    return entries;
  }

  void create_folders(const std::string& folder) override {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) fail("create folder", folder, error.value());
  }

  void rename(const std::string& from, const std::string& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) fail("rename to", to, errno);
  }

  void rename_new(const std::string& from, const std::string& to) override {
    // link + unlink works where renameat2(RENAME_NOREPLACE) does not, e.g. on NFS.
    if (::link(from.c_str(), to.c_str()) == 0) {
      remove(from);
      return;
    }
    if (errno == EEXIST) fail("rename to", to, errno);
    if (exists(to)) fail("rename to", to, EEXIST);
    rename(from, to);
  }

  void remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail("remove", path, errno);
  }

  void remove_folder(const std::string& path) override {
    if (::rmdir(path.c_str()) != 0 && errno != ENOENT) fail("remove folder", path, errno);
  }

  void sync_folder(const std::string& folder) override {
    const Descriptor fd = open_file("open folder", folder, O_RDONLY | O_DIRECTORY);
    if (::fsync(fd.get()) != 0) fail("sync folder", folder, errno);
  }

  std::unique_ptr<FolderLock> lock_folder(const std::string& folder) override {
    Descriptor fd = open_file("open folder", folder, O_RDONLY | O_DIRECTORY);
    const auto give_up = std::chrono::steady_clock::now() + kLockPatience;
    while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      const bool held = errno == EWOULDBLOCK || errno == EINTR;
      if (!held || std::chrono::steady_clock::now() > give_up) return nullptr;
      std::this_thread::sleep_for(kLockPause);
    }
    return std::make_unique<PosixFolderLock>(std::move(fd));
  }

  void reserve(const std::string& path, std::uint64_t size) override {
    const Descriptor fd = open_file("create", path, O_WRONLY | O_CREAT);
    if (::fallocate(fd.get(), 0, 0, static_cast<off_t>(size)) != 0) {
      const int error = errno;
      remove(path);
      fail("reserve space at", path, error);
    }
  }

  void link_or_copy(const std::string& from, const std::string& to) override {
    if (::link(from.c_str(), to.c_str()) == 0 || errno == EEXIST) return;
    std::error_code error;
    fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
    if (error) fail("copy to", to, error.value());
  }
};

}  // namespace

FileSystem& posix_file_system() {
  static PosixFileSystem system;
  return system;
}

std::string join_path(const std::string& folder, const std::string& name) {
  return (fs::path(folder) / name).string();
}
std::string file_name(const std::string& path) { return fs::path(path).filename().string(); }
std::string parent_folder(const std::string& path) { return fs::path(path).parent_path().string(); }
std::string absolute_path(const std::string& path) {
  return fs::absolute(path).lexically_normal().string();
}

}  // namespace litmus
