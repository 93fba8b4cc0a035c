// SPDX-License-Identifier: Apache-2.0
#include <pthread.h>
#include <sys/random.h>

#include <atomic>
#include <cstring>

#include "litmus/error.h"
#include "litmus/ids.h"

namespace litmus {
namespace {

// getrandom() costs a system call, so each thread draws for many ids at once. A forked child must
// not repeat the ids of its parent: the generation tells that the pool is a copy.
std::atomic<std::uint64_t> fork_generation{1};

struct RandomPool {
  std::array<std::uint8_t, 4096> bytes{};
  std::size_t used = sizeof(bytes);
  std::uint64_t generation = 0;

  void take(std::array<std::uint8_t, 16>& out) {
    const auto current = fork_generation.load(std::memory_order_relaxed);
    if (used + out.size() > bytes.size() || generation != current) {
      std::size_t filled = 0;
      while (filled < bytes.size()) {
        const ssize_t got = getrandom(bytes.data() + filled, bytes.size() - filled, 0);
        if (got > 0) filled += static_cast<std::size_t>(got);
      }
      used = 0;
      generation = current;
    }
    std::memcpy(out.data(), bytes.data() + used, out.size());
    used += out.size();
  }
};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

Uuid Uuid::random() {
  static const int registered = pthread_atfork(
      nullptr, nullptr, [] { fork_generation.fetch_add(1, std::memory_order_relaxed); });
  static_cast<void>(registered);
  thread_local RandomPool pool;
  Uuid id;
  pool.take(id.bytes);
  id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0FU) | 0x40U);
  id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3FU) | 0x80U);
  return id;
}

Uuid Uuid::parse(std::string_view text) {
  Uuid id;
  std::size_t digits = 0;
  bool valid = text.size() == 36 || text.size() == 32;
  for (std::size_t i = 0; valid && i < text.size(); ++i) {
    if (text.size() == 36 && (i == 8 || i == 13 || i == 18 || i == 23)) {
      valid = text[i] == '-';
      continue;
    }
    const int digit = hex_digit(text[i]);
    if (digit < 0) {
      valid = false;
      break;
    }
    auto& byte = id.bytes[digits / 2];
    byte = static_cast<std::uint8_t>(byte << 4U | static_cast<unsigned>(digit));
    ++digits;
  }
  if (!valid) {
    throw Error(Code::kInvalidArgument,
                "not a UUID: expected 36 characters such as 123e4567-e89b-42d3-a456-426614174000, "
                "found '" +
                    std::string(text.substr(0, 60)) + "'");
  }
  return id;
}

void Uuid::append_to(std::string& out) const {
  static constexpr char kDigits[] = "0123456789abcdef";
  char text[36];
  char* at = text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *at++ = '-';
    *at++ = kDigits[bytes[i] >> 4U];
    *at++ = kDigits[bytes[i] & 0x0FU];
  }
  out.append(text, sizeof(text));
}

std::string Uuid::to_string() const {
  std::string text;
  append_to(text);
  return text;
}

}  // namespace litmus
