// SPDX-License-Identifier: Apache-2.0
#include "config/config_file.h"

#include <fmt/format.h>

#include "config/config_check.h"
#include "litmus/error.h"

namespace litmus {
namespace {

constexpr std::string_view kYamlEnd = ".yaml";

}  // namespace

ConfigFile read_config_file(FileSystem& files, std::string_view kind, const std::string& path) {
  const auto file = files.read(path);
  const Bytes bytes = file->bytes();
  return check_config_text({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, kind, path);
}

ConfigFile check_config_text(std::string_view text, std::string_view kind,
                             const std::string& path) {
  const YamlDocument document(text, path);
  ConfigCheck check(file_stem(path));
  ValueMap content = check.check(document, ConfigSchema::of_file(kind));
  std::string errors;
  for (const ConfigProblem& error : check.errors()) {
    errors += fmt::format("{}{}:{}: {}", errors.empty() ? "" : "\n", path, error.line, error.text);
  }
  if (!errors.empty()) throw Error(Code::kInvalidArgument, errors);
  std::vector<std::string> warnings;
  for (const ConfigProblem& warning : check.warnings()) {
    warnings.push_back(fmt::format("{}:{}: {}", path, warning.line, warning.text));
  }
  return {path, std::move(content), std::move(warnings),
          std::make_shared<const LineIndex>(document)};
}

std::vector<std::string> find_yaml_files(FileSystem& files, const std::string& folder,
                                         Depth depth) {
  std::vector<std::string> found;
  for (const DirectoryEntry& entry : files.list(folder)) {
    const std::string path = join_path(folder, entry.name);
    if (entry.is_directory) {
      if (depth == Depth::kFolder) continue;
      for (std::string& below : find_yaml_files(files, path, depth)) {
        found.push_back(std::move(below));
      }
    } else if (entry.name.ends_with(kYamlEnd) && !entry.name.starts_with('_')) {
      found.push_back(path);
    }
  }
  return found;
}

std::string file_stem(const std::string& path) {
  std::string name = file_name(path);
  for (const std::string_view end : {kYamlEnd, std::string_view(".yml")}) {
    if (name.ends_with(end)) name.resize(name.size() - end.size());
  }
  return name;
}

std::optional<std::string> find_text(const ValueMap& content, std::string_view key) {
  const Value* value = content.find(key);
  const auto* text = value == nullptr ? nullptr : value->get_if<std::string>();
  return text == nullptr ? std::nullopt : std::optional(*text);
}

}  // namespace litmus
