// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "config/config_schema.h"
#include "config/yaml_document.h"
#include "litmus/value.h"

namespace litmus {

struct ConfigProblem {
  int line;
  std::string text;  // "`instruments.dmm.typ`: unknown key; did you mean `type`?"
};

bool is_date(const std::string& text);  // `2026-03-01`, a day that there is

// Holds a document against a schema. Gives what it says: texts as texts, whatever they look like,
// aliases resolved, defaults filled in, keys without a value left out.
class ConfigCheck {
 public:
  // `file_stem`: what x-file-stem is about.
  explicit ConfigCheck(std::string file_stem) : file_stem_(std::move(file_stem)) {}

  ValueMap check(const YamlDocument& document, const ConfigSchema& schema);

  // In the order of the lines.
  const std::vector<ConfigProblem>& errors() const { return errors_; }
  const std::vector<ConfigProblem>& warnings() const { return warnings_; }

 private:
  Value check(const YamlNode& node, const ConfigSchema& schema, const std::string& path);
  ValueMap check_map(const std::vector<YamlEntry>& entries, int line, const ConfigSchema& schema,
                     const std::string& path);
  void check_unknown_key(const YamlEntry& entry, const ConfigSchema& schema,
                         const std::string& path);
  void complete(ValueMap& map, int line, const ConfigSchema& schema, const std::string& path);
  ValueList check_generator(const YamlNode& node, const ConfigSchema& schema,
                            const std::string& path);
  ValueList check_list(const YamlNode& node, const ConfigSchema& schema, const std::string& path);
  void check_length(const ValueList& list, const YamlNode& node, const ConfigSchema& schema,
                    const std::string& path);
  Value check_alternatives(const YamlNode& node, const ConfigSchema& schema,
                           const std::string& path);
  std::string check_text(const YamlNode& node, const ConfigSchema& schema, const std::string& path);
  std::string check_word(std::string word, int line, const ConfigSchema& schema,
                         const std::string& path);
  void check_range(double number, const YamlNode& node, const ConfigSchema& schema,
                   const std::string& path);
  void reject(int line, const std::string& path, const std::string& problem);

  std::string file_stem_;
  std::vector<ConfigProblem> errors_;
  std::vector<ConfigProblem> warnings_;
};

}  // namespace litmus
