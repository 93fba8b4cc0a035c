// SPDX-License-Identifier: Apache-2.0
#include "config/config_save.h"

#include "config/config_file.h"
#include "config/yaml_edit.h"
#include "config/yaml_text.h"
#include "litmus/error.h"

namespace litmus {
namespace {

void write(FileSystem& files, const std::string& path, const std::string& text,
           FileSystem::Create create) {
  const auto file = files.open_for_append(path, create);
  file->append({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
  file->sync();
  file->close();
}

std::string edited(const std::string& text, std::string_view kind, const std::string& path,
                   const ValueMap& content) {
  const ValueMap old = check_config_text(text, kind, path).content;
  std::string changed = edit_yaml(YamlDocument(text, path), old, content);
  const ConfigFile intended = check_config_text(yaml_text(content), kind, path);
  if (!same_content(check_config_text(changed, kind, path).content, intended.content)) {
    throw Error(Code::kInvalidArgument,
                path + ": is written in a way that cannot be changed here: change it by hand");
  }
  return changed;
}

}  // namespace

void save_config_file(FileSystem& files, std::string_view kind, const std::string& path,
                      const ValueMap& content) {
  if (!files.exists(path)) return create_config_file(files, kind, path, content);
  const auto file = files.read(path);
  const Bytes bytes = file->bytes();
  const std::string before(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::string text = edited(before, kind, path, content);
  if (text == before) return;
  const std::string temporary = path + ".tmp";
  try {
    write(files, temporary, text, FileSystem::Create::kReplace);
    files.rename(temporary, path);
  } catch (const Error&) {
    files.remove(temporary);
    throw;
  }
  files.sync_folder(parent_folder(path));
}

void create_config_file(FileSystem& files, std::string_view kind, const std::string& path,
                        const ValueMap& content) {
  const std::string text = yaml_text(content);
  check_config_text(text, kind, path);
  files.create_folders(parent_folder(path));
  write(files, path, text, FileSystem::Create::kNew);
}

}  // namespace litmus
