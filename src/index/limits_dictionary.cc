// SPDX-License-Identifier: Apache-2.0
#include "index/limits_dictionary.h"

#include <string_view>

#include "index/fingerprint.h"

namespace litmus {
namespace {

constexpr std::size_t kMostMet = 16 * 1024;

template <class T>
std::string_view bytes_of(const T& value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

}  // namespace

std::int64_t LimitsDictionary::key_of(std::int64_t kind_key, std::optional<double> low,
                                      std::optional<double> high) {
  Fingerprint print(bytes_of(kind_key));
  for (const std::optional<double>& bound : {low, high}) {
    print.add(bound ? std::optional(bytes_of(*bound)) : std::nullopt);
  }
  const auto key = static_cast<std::int64_t>(print.low);
  if (met_lately_.size() >= kMostMet) forget();
  if (!met_lately_.insert(key).second) return key;
  const TableWriter::Row row = table_.add_row();
  table_.set(row, 0, key);
  table_.set(row, 1, kind_key);
  if (low) table_.set(row, 2, *low);
  if (high) table_.set(row, 3, *high);
  return key;
}

}  // namespace litmus
