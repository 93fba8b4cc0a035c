// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <optional>
#include <string>

namespace litmus {

// A number as people read it: from 1000 on one decimal, from 1 three, from 0.001 six, 0 as `0`,
// smaller ones in scientific notation with six digits.
std::string format_number(double number);

// Value and limits of one measurement with as many more decimals as it takes to tell the value from
// each limit that it does not equal: 3.3000001 against 3.3 must not look like a value on its limit.
class NumberFormat {
 public:
  NumberFormat(std::optional<double> value, std::initializer_list<std::optional<double>> limits);

  std::string value(double number) const;
  std::string limit(double number) const;  // as it was typed, if it was

 private:
  int extra_decimals_ = 0;
};

// The shortest text that reads back as the same number; `NaN`, `Infinity`, `-Infinity`.
std::string exact_number(double number);

// `420 µs`, `1.5 ms`, `123 ms`, `3.21 s`, `2 min 05 s`, `1 h 02 min`.
std::string format_duration(double seconds);

}  // namespace litmus
