// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_set>

#include "index/table_writer.h"

namespace litmus {

// Gives each set of limits of a kind of measurement one number, by which metrics group: three
// columns fewer to read for each of millions of rows. The number is a hash of the set; the table
// says what it stands for, more than once for a set that was not met for long. Owned by the writer
// of the index.
class LimitsDictionary {
 public:
  explicit LimitsDictionary(TableWriter& table) : table_(table) {}

  // Nothing of it is in the table any more, or may not be.
  void forget() { met_lately_.clear(); }

  std::int64_t key_of(std::int64_t kind_key, std::optional<double> low, std::optional<double> high);

 private:
  TableWriter& table_;
  std::unordered_set<std::int64_t> met_lately_;
};

}  // namespace litmus
