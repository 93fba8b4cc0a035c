// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "litmus/time.h"
#include "litmus/value.h"

namespace litmus {

// Cells and rows of a CSV text (RFC 4180); numbers read back equal.
class CsvWriter {
 public:
  // `excel`: byte order mark and CRLF, by which spreadsheets know UTF-8.
  explicit CsvWriter(bool excel = false);

  // A text from a test: what a spreadsheet would take for a formula gets a leading apostrophe.
  void text(std::string_view value);
  void text(const std::optional<std::string>& value) { text(std::string_view(value.value_or(""))); }
  void number(const std::optional<double>& value);
  void number(const std::optional<std::int64_t>& value);
  void time(const std::optional<Timestamp>& value);
  void any(const Value* value);

  // For programs: texts as they are, the empty one as `""` to tell it from null.
  void exact(const Value& value);

  void end_row();
  std::string take();  // what was written since the last take

 private:
  void cell(std::string_view content, bool quoted = false);

  std::string out_;
  std::string_view line_end_;
  bool first_ = true;
};

}  // namespace litmus
