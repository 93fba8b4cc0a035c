// SPDX-License-Identifier: Apache-2.0
#include "store/event_row.h"

#include <cstring>

#include "base/crc32c.h"

namespace litmus {
namespace {

constexpr std::uint32_t kNullLength = 0xFFFFFFFF;

template <class Integer>
std::uint32_t add(std::uint32_t crc, Integer value) {
  std::uint8_t bytes[sizeof(value)];
  std::memcpy(bytes, &value, sizeof(value));
  return crc32c(bytes, crc);
}

std::uint32_t add(std::uint32_t crc, std::string_view text) {
  crc = add(crc, static_cast<std::uint32_t>(text.size()));
  return crc32c({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, crc);
}

}  // namespace

std::uint32_t row_crc(const EventRow& row) {
  std::uint32_t crc = add(0, row.seq);
  crc = add(crc, row.occurred_at.time_since_epoch().count());
  crc = add(crc, row.received_at.time_since_epoch().count());
  crc = add(crc, row.id);
  crc = add(crc, row.event_type);
  crc = add(crc, row.session_id);
  crc = row.run_id ? add(crc, *row.run_id) : add(crc, kNullLength);
  return add(crc, row.json);
}

}  // namespace litmus
