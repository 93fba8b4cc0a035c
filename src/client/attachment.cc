// SPDX-License-Identifier: Apache-2.0
#include "client/attachment.h"

#include <fmt/format.h>

#include "base/file_system.h"
#include "litmus/error.h"
#include "store/data_layout.h"

namespace litmus {
namespace {

// Nothing but run files may match the pattern runs/**/*.parquet.
std::string stored_extension(const std::string& extension) {
  if (extension.empty()) return ".bin";
  return extension == ".parquet" ? ".parquet.bin" : extension;
}

}  // namespace

std::string Attachment::store(FileSystem& files, const std::string& folder, std::string_view owner8,
                              std::string_view name,
                              const std::function<void(const std::string&)>& on_problem) const {
  std::unique_ptr<FileContent> content;
  Bytes bytes;
  const std::string extension = stored_extension(extension_);
  if (const auto* file = std::get_if<std::filesystem::path>(&content_)) {
    content = files.read(file->string());
    bytes = content->bytes();
  } else {
    const auto& given = std::get<std::span<const std::byte>>(content_);
    bytes = {reinterpret_cast<const std::uint8_t*>(given.data()), given.size()};
  }
  const std::string stem = fmt::format("{}_{}", owner8, as_part_of_file_name(name));
  try {
    files.create_folders(folder);
    std::string file_name = stem + extension;
    for (int copy = 2; files.exists(join_path(folder, file_name)); ++copy) {
      file_name = fmt::format("{}_{}{}", stem, copy, extension);
    }
    const auto stored =
        files.open_for_append(join_path(folder, file_name), FileSystem::Create::kNew);
    stored->append(bytes);
    stored->sync();
    stored->close();
    return "file://_ref/" + file_name;
  } catch (const Error& error) {
    if (on_problem) {
      on_problem(fmt::format("attachment '{}' could not be kept: {}", name, error.what()));
    }
    return "";
  }
}

}  // namespace litmus
