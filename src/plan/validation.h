// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/file_system.h"

namespace litmus {

// What is to be said of a configuration file.
struct FileVerdict {
  std::string path;
  std::optional<std::string_view> kind;  // nothing: it cannot be told
  std::vector<std::string> errors;       // each `path:line: problem`
  std::vector<std::string> warnings;
};

// Checks files of the project that `folder` is in, each by itself and against the others: roles,
// pins, ids, catalog entries, chains of profiles, names of tests. `paths`: files, and folders, of
// which the configuration files below are meant; none: all of the project. `kind` is that of the
// files named, where the place does not say it. Error(kNotFound) for a path that is not there,
// Error(kInvalidArgument) for an unknown kind.
std::vector<FileVerdict> validate_files(FileSystem& files, const std::string& folder,
                                        const std::vector<std::string>& paths,
                                        const std::optional<std::string>& kind);

}  // namespace litmus
