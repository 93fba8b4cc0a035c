// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace litmus {

// Stands for texts that are too many to be kept in memory. Two hashes that have nothing in common:
// among a billion texts a collision is less likely than a broken disk. Of this process only.
struct Fingerprint {
  std::uint64_t low = 0xcbf29ce484222325;
  std::uint64_t high = 0;

  Fingerprint() = default;
  explicit Fingerprint(std::string_view text) { add(text); }

  void add(std::optional<std::string_view> text) {
    constexpr std::uint64_t kPrime = 0x100000001b3;  // of FNV-1a
    low = (low ^ (text ? 0x101U : 0x100U)) * kPrime;
    if (!text) text = "";
    for (const char byte : *text) low = (low ^ static_cast<unsigned char>(byte)) * kPrime;
    high = (high ^ std::hash<std::string_view>()(*text)) * 0x9e3779b97f4a7c15;
    high ^= high >> 32;
  }

  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

}  // namespace litmus

template <>
struct std::hash<litmus::Fingerprint> {
  std::size_t operator()(const litmus::Fingerprint& print) const noexcept { return print.low; }
};
