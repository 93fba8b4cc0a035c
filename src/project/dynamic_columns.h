// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "project/run_rows.h"

namespace litmus {

// Where a value comes from; the prefix of its column says it, except for the path of a stimulus.
enum class DynamicOrigin { kInput, kStimulusPath, kOutput, kCustom };

enum class DynamicType { kBool, kNumber, kText, kNumberList, kTextList };

struct DynamicColumn {
  std::string name;  // with prefix
  DynamicOrigin origin = DynamicOrigin::kInput;
  DynamicType type = DynamicType::kText;
  bool json = false;  // texts are JSON, because the values are of different kinds
  std::string kinds;  // which ones, for the note in the file

  friend bool operator==(const DynamicColumn&, const DynamicColumn&) = default;
};

// The columns that a run's own parameters, observations and custom facts need, each with one type
// that holds all its values.
class DynamicColumns {
 public:
  // More than that, by name, go into one column of JSON texts, extra_json.
  static constexpr std::size_t kMost = 2000;

  explicit DynamicColumns(const RunRows& rows);

  const std::vector<DynamicColumn>& columns() const { return columns_; }  // sorted by name
  // The position of the column for a key without prefix; kMost and above: no column of its own.
  // Absent for private keys.
  std::optional<std::size_t> position(DynamicOrigin origin, std::string_view key) const;
  bool has_extra() const { return columns_.size() > kMost; }

  // For the file's metadata, as JSON objects: column -> origin, and column -> kinds of values where
  // there was more than one. Empty text if there is nothing to say.
  std::string io_schema() const;
  std::string coerced_columns() const;

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Positions = std::unordered_map<std::string, std::size_t, Hash, std::equal_to<>>;

  std::vector<DynamicColumn> columns_;
  Positions custom_;
  Positions inputs_;
  Positions outputs_;
};

// "NaN", "Infinity" and "-Infinity": how JSON carries the numbers it has no words for.
std::optional<double> non_finite_number(std::string_view text);

}  // namespace litmus
