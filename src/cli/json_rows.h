// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json_writer.h"

namespace arrow {
class Table;
}  // namespace arrow

namespace litmus {

struct JsonShape {
  std::vector<std::string_view> fields = {};  // in this order, of those that are there; empty: all
  std::vector<std::string_view> left_out = {};
  std::vector<std::string_view> objects = {};  // columns of JSON text; NULL reads {}
  bool sparse = false;  // dynamic columns (in_, out_, custom_) only where some row has a value
};

// Rows as objects, into an array that is open already.
void write_rows(JsonWriter& json, const arrow::Table& rows, const JsonShape& shape = {});

// A whole document.
std::string json_document(const arrow::Table& rows, const JsonShape& shape = {});

}  // namespace litmus
