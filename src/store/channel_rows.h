// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace arrow {
class Field;
class RecordBatch;
class Schema;
}  // namespace arrow

namespace litmus {

// The kinds of samples; the names are those of the registry.
inline constexpr std::string_view kScalar = "scalar";
inline constexpr std::string_view kScalarBool = "scalar_bool";
inline constexpr std::string_view kScalarText = "scalar_str";
inline constexpr std::string_view kWaveform = "waveform";
inline constexpr std::string_view kStruct = "struct";

// The columns of a segment: `timestamp`, those of the value, then
// `units, direction, source_method, session_id, seq, crc`.
inline constexpr int kTrailerColumns = 6;
inline constexpr int kTextColumns = 4;  // dictionary-encoded, the first of the trailer

struct ChannelColumns {
  explicit ChannelColumns(int column_count)
      : units(column_count - 6),
        direction(column_count - 5),
        source_method(column_count - 4),
        session_id(column_count - 3),
        seq(column_count - 2),
        crc(column_count - 1) {}
  static constexpr int timestamp = 0;
  static constexpr int first_value = 1;
  int value_end() const { return units; }
  int units, direction, source_method, session_id, seq, crc;
};

std::shared_ptr<arrow::Schema> channel_schema(
    const std::vector<std::shared_ptr<arrow::Field>>& value_fields);
// Of all kinds but struct, whose columns are its keys.
const std::shared_ptr<arrow::Schema>& channel_schema(std::string_view data_type);
// Whether a file with this schema is a channel segment.
bool is_channel_schema(const arrow::Schema& schema);

// CRC-32C of each row in the byte order of docs/formats/channel-file.md. The column `crc` of the
// batch is not looked at.
std::vector<std::uint32_t> channel_row_crcs(const arrow::RecordBatch& batch);

}  // namespace litmus
