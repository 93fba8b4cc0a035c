// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct fy_document;
struct fy_node;

namespace litmus {

// A YAML 1.2 file, kept together with its path so that every complaint can name file and line.
// Values are valid as long as the document is.
class YamlDocument {
 public:
  // One place in the document that has a value.
  class Value {
   public:
    // Error(kInvalidArgument) if it is not a single text or number; absent for null (`~`, nothing).
    std::optional<std::string> scalar() const;
    int line() const;  // from 1

   private:
    friend class YamlDocument;
    Value(const YamlDocument& document, std::string_view key, fy_node* node)
        : document_(&document), key_(key), node_(node) {}
    const YamlDocument* document_;
    std::string key_;
    fy_node* node_;
  };

  // Error(kInvalidArgument) with line and column for text that is not YAML, or whose root is not a
  // mapping; an empty text is an empty mapping.
  YamlDocument(std::string_view text, std::string path);

  std::optional<Value> find(std::string_view key) const;
  // Throws Error(kInvalidArgument): `path:line: problem`.
  [[noreturn]] void reject(int line, const std::string& problem) const;

 private:
  struct Destroy {
    void operator()(fy_document* document) const;
  };

  std::string path_;
  std::unique_ptr<fy_document, Destroy> document_;
};

}  // namespace litmus
