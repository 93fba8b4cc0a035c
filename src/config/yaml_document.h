// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "litmus/value.h"

struct fy_document;
struct fy_node;

namespace litmus {

struct YamlEntry;

struct ByteRange {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// A place in a YAML document. Valid as long as the document is.
class YamlNode {
 public:
  explicit YamlNode(fy_node* node) : node_(node) {}

  bool is_map() const;
  bool is_list() const;
  bool is_quoted() const;  // a text in quotes, or as a block: never a number or null
  bool is_null() const;    // `~`, `null`, nothing
  bool is_flow() const;    // a map or list in brackets

  std::vector<YamlEntry> entries() const;  // of a map, in the order of the document
  std::vector<YamlNode> elements() const;  // of a list
  std::string text() const;                // of a scalar, as written, without its quotes
  // All that is here and below, scalars by the core schema of YAML 1.2: `no` is a text, 1e3 a
  // number.
  Value value() const;
  int line() const;  // from 1
  // The bytes of a scalar in the text, quotes included. Nothing for blocks (`|`), aliases, and
  // where nothing is written.
  std::optional<ByteRange> range() const;

 private:
  int line_of_owner() const;

  fy_node* node_;
};

struct YamlEntry {
  std::string key;
  int line;  // of the key
  YamlNode value;
  std::optional<ByteRange> key_range;
};

// A YAML 1.2 file, kept together with its path so that every complaint can name file and line.
class YamlDocument {
 public:
  // Error(kInvalidArgument) with the line for text that is not YAML, or whose root is not a
  // mapping.
  YamlDocument(std::string_view text, std::string path);

  const std::string& path() const { return path_; }
  const std::string& text() const { return *text_; }
  // Nothing for an empty text, which stands for an empty mapping.
  std::optional<YamlNode> root() const;

 private:
  struct Destroy {
    void operator()(fy_document* document) const;
  };

  [[noreturn]] void reject(int line, const std::string& problem) const;

  std::string path_;
  std::unique_ptr<const std::string> text_;  // the document points into it
  std::unique_ptr<fy_document, Destroy> document_;
};

}  // namespace litmus
