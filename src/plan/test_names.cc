// SPDX-License-Identifier: Apache-2.0
#include "plan/test_names.h"

#include <cctype>
#include <string_view>
#include <vector>

namespace litmus {
namespace {

// The name after a keyword at the beginning of a line; empty if it is not there.
std::string_view name_after(std::string_view line, std::string_view keyword) {
  if (!line.starts_with(keyword)) return {};
  line.remove_prefix(keyword.size());
  std::size_t end = 0;
  while (end < line.size() &&
         (std::isalnum(static_cast<unsigned char>(line[end])) != 0 || line[end] == '_')) {
    ++end;
  }
  return line.substr(0, end);
}

}  // namespace

std::set<std::string> test_names(FileSystem& files, const std::string& module_file) {
  const auto file = files.read(module_file);
  const Bytes bytes = file->bytes();
  std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  std::set<std::string> names;
  std::vector<std::pair<std::size_t, std::string>> classes;  // around the line: indentation, path
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::size_t indent = line.find_first_not_of(" \t");
    if (indent == std::string_view::npos) continue;
    std::string_view code = line.substr(indent);
    const std::string_view class_name = name_after(code, "class ");
    if (code.starts_with("async ")) code.remove_prefix(std::string_view("async ").size());
    const std::string_view function = name_after(code, "def ");
    if (class_name.empty() && function.empty()) continue;
    while (!classes.empty() && classes.back().first >= indent) classes.pop_back();
    if (classes.empty() && indent > 0) continue;  // inside a function
    const std::string path = (classes.empty() ? "" : classes.back().second + ".") +
                             std::string(class_name.empty() ? function : class_name);
    names.insert(path);
    if (!class_name.empty()) classes.emplace_back(indent, path);
  }
  return names;
}

}  // namespace litmus
