// SPDX-License-Identifier: Apache-2.0
#include "report/csv_writer.h"

#include <utility>

#include "base/json_writer.h"
#include "report/number_format.h"

namespace litmus {
namespace {

// Of anything but a text.
std::string content_of(const Value& value) {
  if (value.is_null()) return "";
  if (const auto* number = value.get_if<double>()) return exact_number(*number);
  std::string json;
  JsonWriter(json).value(value);
  return json;
}

}  // namespace

CsvWriter::CsvWriter(bool excel) : line_end_(excel ? "\r\n" : "\n") {
  if (excel) out_ = "\xEF\xBB\xBF";
}

void CsvWriter::text(std::string_view value) {
  static constexpr std::string_view kFormulaStarts = "=+-@\t\r";
  if (!value.empty() && kFormulaStarts.find(value.front()) != std::string_view::npos) {
    cell("'" + std::string(value));
  } else {
    cell(value);
  }
}

void CsvWriter::number(const std::optional<double>& value) {
  cell(value ? exact_number(*value) : "");
}

void CsvWriter::number(const std::optional<std::int64_t>& value) {
  cell(value ? std::to_string(*value) : "");
}

void CsvWriter::time(const std::optional<Timestamp>& value) {
  cell(value ? to_iso8601(*value) : "");
}

void CsvWriter::any(const Value* value) {
  const auto* content = value == nullptr ? nullptr : value->get_if<std::string>();
  if (content != nullptr) return text(std::string_view(*content));
  cell(value == nullptr ? "" : content_of(*value));
}

void CsvWriter::exact(const Value& value) {
  const auto* text = value.get_if<std::string>();
  if (text != nullptr) return cell(*text, text->empty());
  cell(content_of(value));
}

void CsvWriter::end_row() {
  out_ += line_end_;
  first_ = true;
}

std::string CsvWriter::take() { return std::exchange(out_, {}); }

void CsvWriter::cell(std::string_view content, bool quoted) {
  if (!first_) out_ += ',';
  first_ = false;
  if (!quoted && content.find_first_of(",\"\r\n") == std::string_view::npos) {
    out_ += content;
    return;
  }
  out_ += '"';
  for (const char c : content) {
    if (c == '"') out_ += '"';
    out_ += c;
  }
  out_ += '"';
}

}  // namespace litmus
