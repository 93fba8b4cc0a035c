// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace arrow {
class KeyValueMetadata;
}

namespace litmus {

// What a file says about itself in the key/value metadata of its Arrow schema: keys `litmus.…`,
// protected by `litmus.header_crc` over `key=value\n` of all others in the order in which they
// stand. The first key is `litmus.format`.
class HeaderMetadata {
 public:
  explicit HeaderMetadata(std::string_view format) { add("format", std::string(format)); }
  void add(std::string_view key, std::string value);  // key without prefix
  void add(std::string_view key, std::int64_t value) { add(key, std::to_string(value)); }
  std::shared_ptr<arrow::KeyValueMetadata> finish();

 private:
  std::shared_ptr<arrow::KeyValueMetadata> metadata_;
};

// The texts of a header whose checksum holds and whose format is this one.
class HeaderTexts {
 public:
  static std::optional<HeaderTexts> read(const arrow::KeyValueMetadata& metadata,
                                         std::string_view format);
  std::optional<std::string> text(std::string_view key) const;
  std::optional<std::int64_t> integer(std::string_view key) const;

 private:
  std::map<std::string, std::string, std::less<>> texts_;
};

std::optional<std::int64_t> to_integer(std::string_view text);

}  // namespace litmus
