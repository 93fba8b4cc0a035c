// SPDX-License-Identifier: Apache-2.0
#include "report/measurement_text.h"

#include <fmt/format.h>

#include <string_view>

#include "base/json_writer.h"
#include "report/number_format.h"

namespace litmus {
namespace {

std::string_view boolean_text(bool value) { return value ? "true" : "false"; }

std::string quoted(const std::string& text) { return fmt::format("\"{}\"", text); }

// What the value must equal, or differ from.
std::string nominal_text(const MeasurementColumns& measurement, const NumberFormat& format) {
  if (measurement.limit_nominal_text) return quoted(*measurement.limit_nominal_text);
  if (measurement.limit_nominal_bool)
    return std::string(boolean_text(*measurement.limit_nominal_bool));
  return measurement.limit_nominal ? format.limit(*measurement.limit_nominal) : "";
}

std::string limits_text(const MeasurementColumns& measurement, const NumberFormat& format) {
  const std::string comparator = measurement.limit_comparator.value_or("GELE");
  const std::string nominal = nominal_text(measurement, format);
  if (comparator == "EQ") return nominal.empty() ? "" : "= " + nominal;
  if (comparator == "NE") return nominal.empty() ? "" : "≠ " + nominal;
  const bool uses_low = comparator.starts_with('G');
  const bool uses_high = !uses_low || comparator.size() == 4;
  const char* above = comparator.starts_with("GT") ? ">" : "≥";
  const char* below = comparator.starts_with("GT") ? "<" : "≤";  // the low bound read from the left
  const char* under = comparator.ends_with("LT") ? "<" : "≤";
  const std::string low =
      uses_low && measurement.limit_low ? format.limit(*measurement.limit_low) : "";
  const std::string high =
      uses_high && measurement.limit_high ? format.limit(*measurement.limit_high) : "";
  if (!low.empty() && !high.empty()) {
    return fmt::format("{} {} x {} {}", low, below, under, high);
  }
  if (!low.empty()) return fmt::format("x {} {}", above, low);
  if (!high.empty()) return fmt::format("x {} {}", under, high);
  return "";
}

std::string value_text(const MeasurementColumns& measurement, const NumberFormat& format) {
  if (measurement.measurement_text) return quoted(*measurement.measurement_text);
  if (measurement.measurement_bool) return std::string(boolean_text(*measurement.measurement_bool));
  if (!measurement.measurement_value) return "—";
  std::string text = format.value(*measurement.measurement_value);
  if (measurement.measurement_units && !measurement.measurement_units->empty()) {
    text += " " + *measurement.measurement_units;
  }
  return text;
}

}  // namespace

MeasurementText text_of(const MeasurementColumns& measurement) {
  const NumberFormat format(
      measurement.measurement_value,
      {measurement.limit_low, measurement.limit_high, measurement.limit_nominal});
  return {value_text(measurement, format), limits_text(measurement, format)};
}

std::string text_of(const ValueMap& conditions) {
  std::string text;
  for (const auto& [name, value] : conditions) {
    if (!text.empty()) text += ", ";
    text += name + "=" + text_of(value);
  }
  return text;
}

std::string text_of(const Value& value) {
  if (const auto* text = value.get_if<std::string>()) return *text;
  if (const auto* number = value.get_if<double>()) return NumberFormat({}, {}).limit(*number);
  std::string json;
  JsonWriter(json).value(value);
  return json;
}

}  // namespace litmus
