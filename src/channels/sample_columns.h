// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arrow/type_fwd.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "litmus/value.h"

namespace litmus {

// One row of a channel as the columns of its segment.
struct SampleColumns {
  std::string_view data_type;
  std::shared_ptr<arrow::Schema> schema;
  arrow::ArrayVector values;
};

// Does not own the bytes.
std::shared_ptr<arrow::Buffer> buffer_view(const void* data, std::size_t bytes);

// A column of numbers, or of booleans for kScalarBool; rows have no value where `missing`, if it is
// not empty, has a 1. Refers to the numbers.
std::shared_ptr<arrow::Array> number_column(std::string_view data_type,
                                            std::span<const double> values,
                                            std::span<const std::uint8_t> missing = {});
SampleColumns text_columns(std::string_view text);
// Refers to the samples, which have to stay until the columns are written.
SampleColumns waveform_columns(std::span<const double> samples, double interval);
// Of a mapping, as `current` has them if it can hold it, else as the mapping wants them. Keys that
// are names of our own columns get `value_` in front.
SampleColumns struct_columns(const ValueMap& map, const std::shared_ptr<arrow::Schema>& current);

// The samples of a mapping that is a waveform.
struct MappedWaveform {
  std::vector<double> samples;
  double interval = 0.0;
};
std::optional<MappedWaveform> waveform_of(const ValueMap& map);

// Without a value, for a segment with this schema.
arrow::ArrayVector missing_values(const arrow::Schema& schema, std::int64_t count);

}  // namespace litmus
