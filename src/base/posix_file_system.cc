// SPDX-License-Identifier: Apache-2.0
#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <new>
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

// Takes the answer of one call that writes behind the `size` bytes that the file held. After a
// failure the file is what it was before.
void advance(const Descriptor& fd, const std::string& path, std::uint64_t size, ssize_t count,
             std::size_t& written) {
  if (count > 0) {
    written += static_cast<std::size_t>(count);
    return;
  }
  if (count < 0 && errno == EINTR) return;
  const int error = count == 0 ? ENOSPC : errno;
  if (written > 0 && ::ftruncate(fd.get(), static_cast<off_t>(size)) != 0) {
    fail("cut a half-written record off", path, errno);
  }
  fail("write", path, error);
}

// At the end of a file that holds `size` bytes: all, or an error and none.
void append_to(const Descriptor& fd, const std::string& path, std::uint64_t size, Bytes bytes) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    advance(fd, path, size, ::write(fd.get(), bytes.data() + written, bytes.size() - written),
            written);
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
  PosixWritableFile(Descriptor fd, std::string path, std::uint64_t size)
      : fd_(std::move(fd)), path_(std::move(path)), size_(size) {}

  void append(Bytes bytes) override {
    append_to(fd_, path_, size_, bytes);
    size_ += bytes.size();
  }

  void append_parts(std::span<const Bytes> parts) override {
    constexpr std::size_t kPartsPerCall = 64;
    std::array<iovec, kPartsPerCall> calls;
    std::size_t written = 0;
    std::size_t done = 0;  // bytes of the first part that are written
    while (!parts.empty()) {
      const auto some = parts.first(std::min(parts.size(), kPartsPerCall));
      std::ranges::transform(some, calls.begin(), [](Bytes part) {
        return iovec{const_cast<std::uint8_t*>(part.data()), part.size()};
      });
      calls[0] = {const_cast<std::uint8_t*>(some[0].data()) + done, some[0].size() - done};
      const std::size_t before = written;
      advance(fd_, path_, size_, ::writev(fd_.get(), calls.data(), static_cast<int>(some.size())),
              written);
      done += written - before;
      while (!parts.empty() && done >= parts.front().size()) {
        done -= parts.front().size();
        parts = parts.subspan(1);
      }
    }
    size_ += written;
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
  PosixScratchFile(Descriptor fd, const std::string& folder)
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

class PosixMappedFile final : public MappedFile {
 public:
  PosixMappedFile(std::uint8_t* data, std::size_t size, std::string path)
      : data_(data), size_(size), path_(std::move(path)) {}
  ~PosixMappedFile() override { ::munmap(data_, size_); }
  std::span<std::uint8_t> bytes() override { return {data_, size_}; }
  void sync() override {
    if (::msync(data_, size_, MS_SYNC) != 0) fail("sync", path_, errno);
  }

 private:
  std::uint8_t* data_;
  std::size_t size_;
  std::string path_;
};

// Whoever reads a mapped file of another host sees old pages, and a server that goes away ends the
// process with a signal.
bool is_network_file_system(int fd) {
  struct statfs status{};
  if (::fstatfs(fd, &status) != 0) return true;
  constexpr std::array<std::uint32_t, 10> kNetwork{
      0x6969,     0x517B,     0xFF534D42, 0xFE534D42, 0x65735546, 0x01021997,
      0x00C36400, 0x47504653, 0x0BD00BD0, 0x5346414F};  // NFS, SMB, CIFS, SMB2, FUSE, 9P, Ceph,
                                                        // GPFS, Lustre, AFS
  return std::ranges::find(kNetwork, static_cast<std::uint32_t>(status.f_type)) != kNetwork.end();
}

// Not zeroed first, and in large pages where there is much of it: both cost more than reading.
class MemoryContent final : public FileContent {
 public:
  explicit MemoryContent(std::size_t size)
      : bytes_(
            static_cast<std::uint8_t*>(::operator new(std::max<std::size_t>(size, 1), kAlignment))),
        size_(size) {
    constexpr std::size_t kLarge = 4 * 1024 * 1024;
    if (size >= kLarge) {
      const auto address = reinterpret_cast<std::uintptr_t>(bytes_);
      const std::uintptr_t begin = (address + kPage - 1) / kPage * kPage;
      ::madvise(bytes_ + (begin - address), (address + size - begin) / kPage * kPage,
                MADV_HUGEPAGE);
    }
  }
  ~MemoryContent() override { ::operator delete(bytes_, kAlignment); }
  MemoryContent(const MemoryContent&) = delete;
  MemoryContent& operator=(const MemoryContent&) = delete;
  Bytes bytes() const override { return {bytes_, size_}; }
  std::span<std::uint8_t> storage() { return {bytes_, size_}; }
  void shorten(std::size_t size) { size_ = size; }

 private:
  static constexpr std::align_val_t kAlignment{64};
  static constexpr std::uintptr_t kPage = 4096;
  std::uint8_t* bytes_;
  std::size_t size_;
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
    if (create == Create::kExisting) {
      Descriptor fd = open_file("open", path, O_WRONLY | O_APPEND);
      struct stat status{};
      if (::fstat(fd.get(), &status) != 0) fail("look at", path, errno);
      return std::make_unique<PosixWritableFile>(std::move(fd), path,
                                                 static_cast<std::uint64_t>(status.st_size));
    }
    const int flags = O_WRONLY | O_CREAT | O_APPEND | (create == Create::kNew ? O_EXCL : O_TRUNC);
    return std::make_unique<PosixWritableFile>(open_file("create", path, flags), path, 0);
  }

  std::unique_ptr<MappedFile> map_new(const std::string& path, std::uint64_t size) override {
    {
      const Descriptor folder =
          open_file("open folder", parent_folder(path), O_RDONLY | O_DIRECTORY);
      if (is_network_file_system(folder.get())) return nullptr;
    }
    const Descriptor fd = open_file("create", path, O_RDWR | O_CREAT | O_EXCL);
    // Not a hole: writing into memory whose block cannot be had would end the process.
    if (const int error = ::posix_fallocate(fd.get(), 0, static_cast<off_t>(size)); error != 0) {
      remove(path);
      fail("reserve space at", path, error);
    }
    void* data = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd.get(), 0);
    if (data == MAP_FAILED) {
      const int error = errno;
      remove(path);
      fail("map", path, error);
    }
    return std::make_unique<PosixMappedFile>(static_cast<std::uint8_t*>(data), size, path);
  }

  std::unique_ptr<FileContent> read(const std::string& path) override { return read_from(path, 0); }

  std::unique_ptr<FileContent> read_from(const std::string& path, std::uint64_t offset) override {
    return read_part(path, offset, UINT64_MAX);
  }

  std::unique_ptr<FileContent> read_part(const std::string& path, std::uint64_t offset,
                                         std::uint64_t most) override {
    const Descriptor fd = open_file("open", path, O_RDONLY);
    struct stat status{};
    if (::fstat(fd.get(), &status) != 0) fail("look at", path, errno);
    if (!S_ISREG(status.st_mode)) fail("read", path, S_ISDIR(status.st_mode) ? EISDIR : EINVAL);
    // Read, not mapped: a file that shrinks or a disk that fails must be an error, not a signal.
    const auto size = static_cast<std::uint64_t>(status.st_size);
    const std::uint64_t rest = size > offset ? size - offset : 0;
    auto content = std::make_unique<MemoryContent>(static_cast<std::size_t>(std::min(rest, most)));
    // It may have been cut meanwhile.
    content->shorten(read_at(fd, path, offset, content->storage()));
    return content;
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

  void truncate(const std::string& path, std::uint64_t size) override {
    if (::truncate(path.c_str(), static_cast<off_t>(size)) != 0) fail("cut", path, errno);
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

  void sync_all(const std::string& folder) override {
    const Descriptor fd = open_file("open folder", folder, O_RDONLY | O_DIRECTORY);
    if (::syncfs(fd.get()) != 0) fail("sync the file system of", folder, errno);
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

void WritableFile::append_parts(std::span<const Bytes> parts) {
  std::vector<std::uint8_t> all;
  for (const Bytes part : parts) all.insert(all.end(), part.begin(), part.end());
  append(all);
}

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
