// SPDX-License-Identifier: Apache-2.0
#include "cli/output_file.h"

#include <filesystem>

#include "base/file_system.h"

namespace litmus {

void write_output_file(const std::string& path, std::string_view text) {
  FileSystem& files = posix_file_system();
  const std::string place = absolute_path(path);
  files.create_folders(parent_folder(place));
  // A device or a link, such as /dev/stdout, is written to, not replaced.
  const auto status = std::filesystem::symlink_status(place);
  const bool replaces =
      !std::filesystem::exists(status) || std::filesystem::is_regular_file(status);
  const std::string written = replaces ? place + ".tmp" : place;
  const auto file = files.open_for_append(written, FileSystem::Create::kReplace);
  file->append({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  file->close();
  if (replaces) files.rename(written, place);
}

}  // namespace litmus
