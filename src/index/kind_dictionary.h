// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <unordered_map>

#include "index/fingerprint.h"
#include "index/ingest_column.h"
#include "index/table_writer.h"

namespace litmus {

// The columns of sealed.measurement_kinds after its key, in their order.
inline constexpr std::array kKindColumns{"step_path",
                                         "step_name",
                                         "parent_path",
                                         "step_module",
                                         "step_file",
                                         "step_class",
                                         "step_function",
                                         "step_markers",
                                         "step_vector_count",
                                         "measurement_name",
                                         "measurement_units",
                                         "limit_comparator",
                                         "limit_nominal_text",
                                         "characteristic_id",
                                         "spec_ref",
                                         "dut_pin",
                                         "dut_pin_name",
                                         "net",
                                         "fixture_connection",
                                         "instrument_name",
                                         "instrument_resource",
                                         "instrument_channel",
                                         "instrument_terminal"};

// Gives the texts that describe a measurement a number. Knows the numbers by fingerprint, so that
// the texts are only in the table. Owned by the writer of the index.
class KindDictionary {
 public:
  explicit KindDictionary(TableWriter& table) : table_(table) {}

  // All that the table has.
  void load(DuckConnection& connection);

  // `cells` are those of kKindColumns.
  std::int64_t key_of(std::span<const IngestColumn> cells, std::int64_t row);

 private:
  TableWriter& table_;
  std::unordered_map<Fingerprint, std::int32_t> keys_;
};

}  // namespace litmus
