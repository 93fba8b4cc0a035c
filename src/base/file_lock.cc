// SPDX-License-Identifier: Apache-2.0
#include "base/file_lock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "litmus/error.h"

namespace litmus {
namespace {

// Locks of the open file, not of the process: closing another descriptor of the file does not free
// them, and one can ask for them without taking them.
struct flock whole_file() {
  struct flock lock{};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

[[noreturn]] void fail(const std::string& action, const std::string& path) {
  throw Error(Code::kIo, "cannot " + action + " " + path + ": " + std::strerror(errno));
}

bool is_same_file(int descriptor, const std::string& path) {
  struct stat open{};
  struct stat named{};
  return fstat(descriptor, &open) == 0 && stat(path.c_str(), &named) == 0 &&
         open.st_ino == named.st_ino && open.st_dev == named.st_dev;
}

// In a folder for everybody the kernel refuses O_CREAT for a file of another user, even one that
// may be written (fs.protected_regular): so it is made only where there is none.
int open_or_make(const std::string& path, mode_t mode) {
  constexpr int kFlags = O_RDWR | O_CLOEXEC | O_NOFOLLOW;
  while (true) {
    int descriptor = open(path.c_str(), kFlags);
    if (descriptor >= 0 || errno != ENOENT) return descriptor;
    descriptor = open(path.c_str(), kFlags | O_CREAT | O_EXCL, mode);
    if (descriptor >= 0) {
      fchmod(descriptor, mode);  // whatever the umask
      return descriptor;
    }
    if (errno != EEXIST) return descriptor;
  }
}

}  // namespace

std::optional<FileLock> FileLock::try_take(const std::string& path, Access access) {
  while (true) {
    const int descriptor = open_or_make(path, access == Access::kOneUser ? 0600 : 0666);
    if (descriptor < 0) fail("open the lock file", path);
    FileLock lock(path, descriptor);
    struct flock request = whole_file();
    if (fcntl(descriptor, F_OFD_SETLK, &request) != 0) {
      if (errno == EAGAIN || errno == EACCES) return std::nullopt;
      fail("lock", path);
    }
    if (lock.is_in_place()) return lock;
  }
}

bool FileLock::is_taken(const std::string& path) {
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return false;
  struct flock request = whole_file();
  const bool taken = fcntl(descriptor, F_OFD_GETLK, &request) == 0 && request.l_type != F_UNLCK;
  close(descriptor);
  return taken;
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

void FileLock::write(std::string_view content) {
  if (ftruncate(descriptor_, 0) != 0 || pwrite(descriptor_, content.data(), content.size(), 0) !=
                                            static_cast<ssize_t>(content.size())) {
    fail("write", path_);
  }
}

bool FileLock::is_in_place() const { return is_same_file(descriptor_, path_); }

}  // namespace litmus
