// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace litmus {

// A UUID; new ones are version 4 (RFC 9562), from a generator that is safe across threads and fork.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  static Uuid random();
  // 36 characters with dashes, or 32 hex digits; throws Error(kInvalidArgument) naming the text.
  static Uuid parse(std::string_view text);

  std::string to_string() const;  // lower case, with dashes
  void append_to(std::string& out) const;
  bool is_nil() const { return *this == Uuid{}; }

  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

}  // namespace litmus

template <>
struct std::hash<litmus::Uuid> {
  std::size_t operator()(const litmus::Uuid& id) const noexcept {
    std::uint64_t half = 0;
    for (int i = 0; i < 8; ++i) half = half << 8U | id.bytes[static_cast<std::size_t>(i)];
    return static_cast<std::size_t>(half);
  }
};
