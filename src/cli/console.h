// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "report/text_table.h"

namespace litmus {

// Thrown when nobody reads standard output any more: the program ends quietly.
struct ClosedPipe : std::exception {};

// Where a command's words go: results to standard output, everything else to standard error.
// Results are collected and written in large pieces. Owned by main(), one thread.
class Console {
 public:
  Console();

  const Canvas& canvas() const { return canvas_; }  // of standard output
  bool is_terminal() const { return canvas_.width.has_value(); }

  void print(std::string_view text);
  void print_styled(Style style, std::string_view text);
  void flush();

  void warn(std::string_view message);   // `Warning: …`
  void error(std::string_view message);  // `Error: …`, on one line

 private:
  void tell(std::string_view label, Style style, std::string_view message);

  Canvas canvas_;
  Canvas error_canvas_;
  std::string pending_;
};

}  // namespace litmus
