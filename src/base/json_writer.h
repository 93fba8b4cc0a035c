// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "litmus/ids.h"
#include "litmus/time.h"
#include "litmus/value.h"

namespace litmus {

// Appends strict JSON (RFC 8259) to a string: valid UTF-8 out for any bytes in (invalid sequences
// become U+FFFD), shortest doubles that read back equal, non-finite ones as the texts "NaN",
// "Infinity", "-Infinity". Commas and, with indent > 0, line breaks are its own business.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out, int indent = 0) : out_(out), indent_(indent) {}

  void begin_object() { begin('{'); }
  void end_object() { end('}'); }
  void begin_array() { begin('['); }
  void end_array() { end(']'); }
  void key(std::string_view name);

  void null();
  void value(bool boolean);
  void value(std::int64_t integer);
  void value(double number);
  void value(std::string_view text);
  void value(const std::string& text) { value(std::string_view(text)); }
  void value(const char* text) { value(std::string_view(text)); }
  void value(Timestamp time);
  void value(const Uuid& id);
  void value(const Value& any);
  void value(const ValueMap& map);
  void value(const ValueList& list);

 private:
  void begin(char bracket);
  void end(char bracket);
  void element();  // comma and line break before an array element or key

  std::string& out_;
  int indent_;
  int depth_ = 0;
  bool first_ = true;
  bool after_key_ = false;
};

}  // namespace litmus
