// SPDX-License-Identifier: Apache-2.0
#include "base/crc32c.h"

#include <array>
#include <cstring>

namespace litmus {
namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ ((crc & 1U) != 0 ? 0x82F63B78U : 0U);
    table[byte] = crc;
  }
  return table;
}

constexpr auto kTable = make_table();

std::uint32_t update_portable(std::uint32_t state, std::span<const std::uint8_t> bytes) noexcept {
  for (const std::uint8_t byte : bytes) state = kTable[(state ^ byte) & 0xFFU] ^ (state >> 8U);
  return state;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) std::uint32_t update_sse42(
    std::uint32_t state, std::span<const std::uint8_t> bytes) noexcept {
  std::uint64_t wide = state;
  while (bytes.size() >= 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), 8);
    wide = __builtin_ia32_crc32di(wide, word);
    bytes = bytes.subspan(8);
  }
  state = static_cast<std::uint32_t>(wide);
  for (const std::uint8_t byte : bytes) state = __builtin_ia32_crc32qi(state, byte);
  return state;
}
#endif

void update_each_portable(std::span<std::uint32_t> crcs, const std::uint64_t* numbers) noexcept {
  for (std::size_t i = 0; i < crcs.size(); ++i) {
    std::array<std::uint8_t, 8> bytes;
    std::memcpy(bytes.data(), numbers + i, bytes.size());
    crcs[i] = ~update_portable(~crcs[i], bytes);
  }
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) void update_each_sse42(std::span<std::uint32_t> crcs,
                                                         const std::uint64_t* numbers) noexcept {
  for (std::size_t i = 0; i < crcs.size(); ++i) {
    crcs[i] = ~static_cast<std::uint32_t>(__builtin_ia32_crc32di(~crcs[i], numbers[i]));
  }
}
#endif

using Update = std::uint32_t (*)(std::uint32_t, std::span<const std::uint8_t>) noexcept;

Update fastest_update() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return update_sse42;
#endif
  return update_portable;
}

}  // namespace

void crc32c_each(std::span<std::uint32_t> crcs, const std::uint64_t* numbers) noexcept {
#if defined(__x86_64__)
  static const bool has_sse42 = __builtin_cpu_supports("sse4.2");
  if (has_sse42) return update_each_sse42(crcs, numbers);
#endif
  update_each_portable(crcs, numbers);
}

std::uint32_t crc32c(std::span<const std::uint8_t> bytes, std::uint32_t crc) noexcept {
  static const Update update = fastest_update();
  return ~update(~crc, bytes);
}

}  // namespace litmus
