// SPDX-License-Identifier: Apache-2.0
#include "config/config_source.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/did_you_mean.h"
#include "base/process.h"

namespace litmus {
namespace {

// No key of a file has this character.
constexpr char kBetween = '\x1f';

bool is_index(const std::string& key) {
  return !key.empty() && key.find_first_not_of("0123456789") == std::string::npos;
}

}  // namespace

std::string shown_path(const std::string& path) {
  const std::string folder = current_folder() + "/";
  return path.starts_with(folder) ? path.substr(folder.size()) : path;
}

LineIndex::LineIndex(const YamlDocument& document)
    : path_(document.path()), shown_path_(litmus::shown_path(document.path())) {
  if (const auto root = document.root()) add(*root, "");
}

void LineIndex::add(const YamlNode& node, const std::string& key) {
  if (node.is_map()) {
    for (const YamlEntry& entry : node.entries()) {
      const std::string below = key + kBetween + entry.key;
      lines_.emplace(below, entry.line);
      add(entry.value, below);
    }
  } else if (node.is_list()) {
    std::size_t index = 0;
    for (const YamlNode& element : node.elements()) {
      const std::string below = key + kBetween + std::to_string(index++);
      lines_.emplace(below, element.line());
      add(element, below);
    }
  }
}

int LineIndex::line(const std::vector<std::string>& keys) const {
  std::string key;
  int line = 1;
  for (const std::string& part : keys) {
    key += kBetween + part;
    const auto found = lines_.find(key);
    if (found == lines_.end()) break;
    line = found->second;
  }
  return line;
}

ConfigSource ConfigSource::marker(std::string text) {
  ConfigSource source;
  source.marker_ = std::make_shared<const std::string>(std::move(text));
  return source;
}

ConfigSource ConfigSource::at(std::string_view key) const {
  ConfigSource below = *this;
  below.keys_.emplace_back(key);
  return below;
}

std::string ConfigSource::place() const {
  if (marker_) return *marker_;
  return fmt::format("{}:{}", file_->shown_path(), file_->line(keys_));
}

std::string ConfigSource::key() const {
  std::string text;
  for (const std::string& key : keys_) {
    if (is_index(key) && !text.empty()) {
      text += fmt::format("[{}]", key);
    } else {
      text += (text.empty() ? "" : ".") + key;
    }
  }
  return text;
}

Error ConfigSource::error(std::string_view problem, Code code) const {
  const std::string what = key();
  return {code, what.empty() ? fmt::format("{}: {}", place(), problem)
                             : fmt::format("{}: `{}`: {}", place(), what, problem)};
}

void ConfigErrors::add(std::string_view text) {
  if (!text_.empty()) text_ += '\n';
  text_ += text;
}

void ConfigErrors::raise() const {
  if (!text_.empty()) throw Error(Code::kInvalidArgument, text_);
}

std::string suggest(std::string_view typed, const std::vector<std::string>& known) {
  if (const auto closest = closest_word(typed, known)) {
    return fmt::format("; did you mean `{}`?", *closest);
  }
  if (known.empty()) return "";
  constexpr std::size_t kMost = 12;
  const std::size_t shown = std::min(known.size(), kMost);
  return fmt::format(
      "; known: {}{}",
      fmt::join(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(shown), ", "),
      known.size() > shown ? ", ..." : "");
}

}  // namespace litmus
