// SPDX-License-Identifier: Apache-2.0
#include "store/replaced_file.h"

#include <fmt/format.h>

namespace litmus {

std::string put_aside(FileSystem& files, const std::string& path) {
  std::string aside = path + ".damaged";
  for (int copy = 2; files.exists(aside); ++copy) aside = fmt::format("{}.damaged{}", path, copy);
  files.link_or_copy(path, aside);
  return aside;
}

void replace_content(FileSystem& files, const std::string& path, Bytes content) {
  const std::string temporary = path + ".tmp";
  try {
    const auto file = files.open_for_append(temporary, FileSystem::Create::kReplace);
    file->append(content);
    file->sync();
    file->close();
    files.rename(temporary, path);
  } catch (...) {
    files.remove(temporary);
    throw;
  }
  files.sync_folder(parent_folder(path));
}

}  // namespace litmus
