// SPDX-License-Identifier: Apache-2.0
#include "config/generators.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/json_writer.h"
#include "litmus/error.h"

namespace litmus {
namespace {

constexpr double kMostValues = 1e6;

class Generator {
 public:
  Generator(std::string_view name, const ValueList& arguments)
      : name_(name), arguments_(arguments) {}

  ValueList run() const {
    if (name_ == "linspace") return points([](double value) { return value; });
    if (name_ == "logspace") return points([](double value) { return std::pow(10.0, value); });
    if (name_ == "geomspace") return geometric();
    if (name_ == "repeat") return repeated();
    return stepped(name_ == "range");
  }

 private:
  template <class Curve>
  ValueList points(Curve curve) const {
    expect(arguments_.size() == 3, "[first, last, number of values]");
    const double first = number(0);
    const double last = number(1);
    const std::int64_t count = count_at(2, "[first, last, number of values]");
    ValueList list;
    for (std::int64_t i = 0; i < count; ++i) {
      const double share =
          count == 1 ? 0.0 : static_cast<double>(i) / (static_cast<double>(count) - 1);
      const double value = i + 1 == count && count > 1 ? last : first + (last - first) * share;
      list.emplace_back(finite(curve(value)));
    }
    return list;
  }

  ValueList geometric() const {
    expect(arguments_.size() == 3, "[first, last, number of values]");
    const double first = number(0);
    const double last = number(1);
    const std::int64_t count = count_at(2, "[first, last, number of values]");
    expect(first * last > 0, "two ends other than 0 of one sign");
    ValueList list;
    for (std::int64_t i = 0; i < count; ++i) {
      const double share =
          count == 1 ? 0.0 : static_cast<double>(i) / (static_cast<double>(count) - 1);
      const bool is_last = i + 1 == count && count > 1;
      list.emplace_back(finite(is_last ? last : first * std::pow(last / first, share)));
    }
    return list;
  }

  ValueList repeated() const {
    expect(arguments_.size() == 2, "[value, number of copies]");
    const std::int64_t count = count_at(1, "[value, number of copies]");
    ValueList list;
    list.assign(static_cast<std::size_t>(count), arguments_[0]);
    return list;
  }

  // Whole numbers stay whole.
  ValueList stepped(bool whole_only) const {
    expect(arguments_.size() == 3 || (arguments_.size() == 2), "[first, end, step]");
    const bool is_whole = std::ranges::all_of(
        arguments_, [](const Value& value) { return value.get_if<std::int64_t>() != nullptr; });
    expect(is_whole || !whole_only, "whole numbers");
    const double first = number(0);
    const double step = arguments_.size() == 3 ? number(2) : 1.0;
    expect(step != 0, "a step other than 0");
    // A quotient that is whole but for rounding must not add the end itself.
    const double steps = std::round((number(1) - first) / step * 1e9) / 1e9;
    const double count = std::max(0.0, std::ceil(steps));
    expect(count <= kMostValues, "at most 1000000 values");
    ValueList list;
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(count); ++i) {
      const double value = first + static_cast<double>(i) * step;
      if (is_whole) {
        list.emplace_back(static_cast<std::int64_t>(value));
      } else {
        list.emplace_back(finite(value));
      }
    }
    return list;
  }

  double number(std::size_t index) const {
    if (const auto* whole = arguments_[index].get_if<std::int64_t>()) {
      return static_cast<double>(*whole);
    }
    const auto* number = arguments_[index].get_if<double>();
    if (number == nullptr || !std::isfinite(*number)) refuse("numbers");
    return *number;
  }

  std::int64_t count_at(std::size_t index, std::string_view expected) const {
    const auto* whole = arguments_[index].get_if<std::int64_t>();
    const auto most = static_cast<std::int64_t>(kMostValues);
    if (whole == nullptr || *whole < 0 || *whole > most) refuse(expected);
    return *whole;
  }

  double finite(double value) const {
    expect(std::isfinite(value), "values that are finite");
    return round_to_12_digits(value);
  }

  void expect(bool condition, std::string_view expected) const {
    if (!condition) refuse(expected);
  }

  [[noreturn]] void refuse(std::string_view expected) const {
    std::string found;
    JsonWriter(found).value(arguments_);
    throw Error(Code::kInvalidArgument,
                fmt::format("{}: expected {}, found {}", name_, expected, found));
  }

  std::string_view name_;
  const ValueList& arguments_;
};

}  // namespace

double round_to_12_digits(double number) {
  return std::strtod(fmt::format("{:.12g}", number).c_str(), nullptr);
}

const std::vector<std::string>& generator_names() {
  static const std::vector<std::string> names{"linspace",  "arange", "logspace",
                                              "geomspace", "repeat", "range"};
  return names;
}

ValueList generate(std::string_view name, const ValueList& arguments) {
  return Generator(name, arguments).run();
}

std::optional<ValueList> generated(const Value& value) {
  const auto* map = value.get_if<ValueMap>();
  if (map == nullptr || map->size() != 1) return std::nullopt;
  const auto& [name, arguments] = *map->begin();
  const auto* list = arguments.get_if<ValueList>();
  if (list == nullptr || std::ranges::find(generator_names(), name) == generator_names().end()) {
    return std::nullopt;
  }
  return generate(name, *list);
}

}  // namespace litmus
