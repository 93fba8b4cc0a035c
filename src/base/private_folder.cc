// SPDX-License-Identifier: Apache-2.0
#include "base/private_folder.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/process.h"
#include "litmus/error.h"

namespace litmus {

void ensure_private_folder(const std::string& path) {
  struct stat status{};
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    throw Error(Code::kIo, "cannot create " + path + ": " + std::strerror(errno));
  }
  if (lstat(path.c_str(), &status) != 0) {
    throw Error(Code::kIo, "cannot look at " + path + ": " + std::strerror(errno));
  }
  if (!S_ISDIR(status.st_mode) || status.st_uid != this_user()) {
    throw Error(Code::kUnauthorized,
                path + " must be a folder of the user " + std::to_string(this_user()) +
                    ", but it is " +
                    (S_ISDIR(status.st_mode) ? "a folder of the user " : "no folder, made by ") +
                    std::to_string(status.st_uid) + "; have it removed, or set XDG_RUNTIME_DIR");
  }
  if ((status.st_mode & 0777U) != 0700 && chmod(path.c_str(), 0700) != 0) {
    throw Error(Code::kIo, "cannot close " + path + " to others: " + std::strerror(errno));
  }
}

bool is_own_folder(const std::string& path) {
  struct stat status{};
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) &&
         status.st_uid == this_user();
}

}  // namespace litmus
