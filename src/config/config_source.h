// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/yaml_document.h"
#include "litmus/error.h"

namespace litmus {

// The lines of all keys and list elements of a document.
class LineIndex {
 public:
  explicit LineIndex(const YamlDocument& document);

  // The line of what stands under these keys (the text of its number for an element of a list); of
  // the deepest one that is there, where not all are.
  int line(const std::vector<std::string>& keys) const;
  const std::string& path() const { return path_; }
  const std::string& shown_path() const { return shown_path_; }  // short, below the current folder

 private:
  void add(const YamlNode& node, const std::string& key);

  std::string path_;
  std::string shown_path_;
  std::unordered_map<std::string, int> lines_;
};

// Where a piece of configuration is written: a place in a file, or a marker in the code of a test.
// Cheap to copy; the text is made when it is asked for.
class ConfigSource {
 public:
  explicit ConfigSource(std::shared_ptr<const LineIndex> file) : file_(std::move(file)) {}
  static ConfigSource marker(std::string text);  // "inline marker of TestFan.test_load"

  ConfigSource at(std::string_view key) const;
  ConfigSource at(std::size_t index) const { return at(std::to_string(index)); }

  std::string place() const;  // "tests/test_fan.yaml:12", "inline marker of test_load"
  std::string key() const;    // "limits.v5", "sweeps[0].vin"
  Error error(std::string_view problem, Code code = Code::kInvalidArgument) const;

 private:
  ConfigSource() = default;

  std::shared_ptr<const LineIndex> file_;  // null for a marker
  std::shared_ptr<const std::string> marker_;
  std::vector<std::string> keys_;
};

// Short, where it is below the current folder.
std::string shown_path(const std::string& path);

// Gathers what is wrong in several places, to tell all of it at once.
class ConfigErrors {
 public:
  void add(const Error& error) { add(error.what()); }
  void add(std::string_view text);
  // Runs it; an Error(kInvalidArgument) is kept for later.
  template <class Check>
  void collect(Check check) {
    try {
      check();
    } catch (const Error& error) {
      if (error.code() != Code::kInvalidArgument) throw;
      add(error);
    }
  }
  bool empty() const { return text_.empty(); }
  void raise() const;  // Error(kInvalidArgument) with a line for each, if there are any

 private:
  std::string text_;
};

// "; did you mean `x`?" or "; expected a, b or c", or nothing where nothing is known.
std::string suggest(std::string_view typed, const std::vector<std::string>& known);

}  // namespace litmus
