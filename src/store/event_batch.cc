// SPDX-License-Identifier: Apache-2.0
#include "store/event_batch.h"

#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "litmus/error.h"

namespace litmus {
namespace {

static_assert(std::endian::native == std::endian::little, "Arrow IPC is written little-endian");

// A one-row batch of the event schema always has the same flatbuffer; only lengths differ. Its
// places, from the start of the message (Arrow columnar format, "Encapsulated message format"):
constexpr std::size_t kBodyLengthAt = 40;
constexpr std::size_t kBuffersAt = 88;  // 23 x Buffer {int64 offset, int64 length}
constexpr std::size_t kBufferCount = 23;
constexpr std::size_t kNodesAt = 464;  // 9 x FieldNode {int64 length, int64 null count}
constexpr std::size_t kNodeCount = 9;
constexpr std::size_t kRunIdNode = 5;
constexpr std::size_t kHeaderSize = 608;
using Header = std::array<std::uint8_t, kHeaderSize>;

// Which of the 23 buffers holds the bytes of which text column.
constexpr std::size_t kIdBuffer = 2;
constexpr std::size_t kTypeBuffer = 5;
constexpr std::size_t kSessionBuffer = 12;
constexpr std::size_t kRunIdValidityBuffer = 13;
constexpr std::size_t kRunIdBuffer = 15;
constexpr std::size_t kJsonBuffer = 18;

template <class Integer>
void put(std::uint8_t* at, Integer value) {
  std::memcpy(at, &value, sizeof(value));
}

template <class Integer>
Integer get(const std::uint8_t* at) {
  Integer value = 0;
  std::memcpy(&value, at, sizeof(value));
  return value;
}

Header make_header_template() {
  static constexpr std::array<std::uint8_t, kBuffersAt> kTables{
      0xFF, 0xFF, 0xFF, 0xFF, 0x58,         0x02, 0x00, 0x00,  // continuation, metadata length 600
      0x14, 0x00, 0x00, 0x00, 0x00,         0x00, 0x00, 0x00,  // root: the table Message at 8 + 20
      0x0C, 0x00, 0x16, 0x00, 0x06,         0x00, 0x05, 0x00,  // vtable of Message
      0x08, 0x00, 0x0C, 0x00, 0x0C,         0x00, 0x00, 0x00,  //
      0x00, 0x03, 0x04, 0x00, 0x18,         0x00, 0x00, 0x00,  // type RecordBatch, version V5
      0x00, 0x00, 0x00, 0x00, 0x00,         0x00, 0x00, 0x00,  // bodyLength
      0x00, 0x00, 0x0A, 0x00, 0x18,         0x00, 0x0C, 0x00,  // vtable of RecordBatch
      0x04, 0x00, 0x08, 0x00, 0x0A,         0x00, 0x00, 0x00,  //
      0x8C, 0x01, 0x00, 0x00, 0x10,         0x00, 0x00, 0x00,  // offsets of the two vectors
      0x01, 0x00, 0x00, 0x00, 0x00,         0x00, 0x00, 0x00,  // length: one row
      0x00, 0x00, 0x00, 0x00, kBufferCount,
  };
  Header header{};
  std::memcpy(header.data(), kTables.data(), kTables.size());
  header[kNodesAt - 4] = kNodeCount;
  for (std::size_t node = 0; node < kNodeCount; ++node) {
    put<std::int64_t>(header.data() + kNodesAt + 16 * node, 1);
  }
  return header;
}

struct Lengths {
  std::size_t id, event_type, session_id, run_id, json;
  bool has_run_id;
};

constexpr std::size_t padded(std::size_t size) { return (size + 7) & ~std::size_t{7}; }

// The header for texts of these lengths, and where each buffer lies in the body.
struct Layout {
  Header header{};
  std::array<std::size_t, kBufferCount> offsets{};
  std::size_t body_size = 0;

  explicit Layout(const Lengths& lengths) {
    static const Header header_template = make_header_template();
    header = header_template;
    const std::array<std::size_t, kBufferCount> sizes{0,
                                                      8,
                                                      lengths.id,  // id
                                                      0,
                                                      8,
                                                      lengths.event_type,  // event_type
                                                      0,
                                                      8,  // occurred_at
                                                      0,
                                                      8,  // received_at
                                                      0,
                                                      8,
                                                      lengths.session_id,  // session_id
                                                      lengths.has_run_id ? 0U : 8U,
                                                      8,
                                                      lengths.run_id,  // run_id
                                                      0,
                                                      8,
                                                      lengths.json,  // json
                                                      0,
                                                      8,  // seq
                                                      0,
                                                      4};  // crc
    for (std::size_t i = 0; i < kBufferCount; ++i) {
      offsets[i] = body_size;
      put<std::int64_t>(header.data() + kBuffersAt + 16 * i, static_cast<std::int64_t>(body_size));
      put<std::int64_t>(header.data() + kBuffersAt + 16 * i + 8,
                        static_cast<std::int64_t>(sizes[i]));
      body_size += padded(sizes[i]);
    }
    put<std::int64_t>(header.data() + kBodyLengthAt, static_cast<std::int64_t>(body_size));
    if (!lengths.has_run_id) put<std::int64_t>(header.data() + kNodesAt + 16 * kRunIdNode + 8, 1);
  }
};

void check_length(const char* column, std::size_t length) {
  constexpr std::size_t kMost = std::numeric_limits<std::int32_t>::max();
  if (length > kMost) {
    throw Error(Code::kInvalidArgument, std::string("event column ") + column +
                                            ": expected at most 2147483647 bytes, found " +
                                            std::to_string(length) +
                                            "; store large values as an attachment");
  }
}

}  // namespace

void append_event_batch(std::string& out, const EventRow& row) {
  const std::string_view run_id = row.run_id.value_or("");
  check_length("event_type", row.event_type.size());
  check_length("json", row.json.size());
  const Layout layout(Lengths{row.id.size(), row.event_type.size(), row.session_id.size(),
                              run_id.size(), row.json.size(), row.run_id.has_value()});
  const std::size_t start = out.size();
  out.resize(start + kHeaderSize + layout.body_size);  // zeros: the padding
  auto* message = reinterpret_cast<std::uint8_t*>(out.data()) + start;
  std::memcpy(message, layout.header.data(), kHeaderSize);
  std::uint8_t* body = message + kHeaderSize;
  const auto put_text = [&](std::size_t data_buffer, std::string_view text) {
    put(body + layout.offsets[data_buffer - 1] + 4, static_cast<std::int32_t>(text.size()));
    text.copy(reinterpret_cast<char*>(body + layout.offsets[data_buffer]), text.size());
  };
  put_text(kIdBuffer, row.id);
  put_text(kTypeBuffer, row.event_type);
  put(body + layout.offsets[7], row.occurred_at.time_since_epoch().count());
  put(body + layout.offsets[9], row.received_at.time_since_epoch().count());
  put_text(kSessionBuffer, row.session_id);
  put_text(kRunIdBuffer, run_id);
  put_text(kJsonBuffer, row.json);
  put(body + layout.offsets[20], row.seq);
  put(body + layout.offsets[22], row_crc(row));
}

std::optional<DecodedEvent> decode_event_batch(std::span<const std::uint8_t> bytes) {
  if (bytes.size() < kHeaderSize) return std::nullopt;
  const auto length_of = [&](std::size_t buffer) {
    return get<std::uint64_t>(bytes.data() + kBuffersAt + 16 * buffer + 8);
  };
  const Lengths lengths{length_of(kIdBuffer),      length_of(kTypeBuffer),
                        length_of(kSessionBuffer), length_of(kRunIdBuffer),
                        length_of(kJsonBuffer),    length_of(kRunIdValidityBuffer) == 0};
  for (const std::size_t length :
       {lengths.id, lengths.event_type, lengths.session_id, lengths.run_id, lengths.json}) {
    if (length > bytes.size()) return std::nullopt;
  }
  const Layout layout(lengths);
  if (bytes.size() - kHeaderSize < layout.body_size ||
      std::memcmp(bytes.data(), layout.header.data(), kHeaderSize) != 0) {
    return std::nullopt;
  }
  const std::uint8_t* body = bytes.data() + kHeaderSize;
  bool shape_holds = true;
  const auto text = [&](std::size_t data_buffer, std::size_t length) -> std::string_view {
    const std::uint8_t* offsets = body + layout.offsets[data_buffer - 1];
    shape_holds =
        shape_holds && get<std::int32_t>(offsets) == 0 && get<std::uint32_t>(offsets + 4) == length;
    return {reinterpret_cast<const char*>(body + layout.offsets[data_buffer]), length};
  };
  const auto time = [&](std::size_t buffer) {
    return Timestamp(std::chrono::microseconds(get<std::int64_t>(body + layout.offsets[buffer])));
  };
  EventRow row;
  row.id = text(kIdBuffer, lengths.id);
  row.event_type = text(kTypeBuffer, lengths.event_type);
  row.occurred_at = time(7);
  row.received_at = time(9);
  row.session_id = text(kSessionBuffer, lengths.session_id);
  const std::string_view run_id = text(kRunIdBuffer, lengths.run_id);
  if (lengths.has_run_id) {
    row.run_id = run_id;
  } else {
    shape_holds = shape_holds && get<std::uint64_t>(body + layout.offsets[13]) == 0;
  }
  row.json = text(kJsonBuffer, lengths.json);
  row.seq = get<std::int64_t>(body + layout.offsets[20]);
  const auto crc = get<std::uint32_t>(body + layout.offsets[22]);
  if (!shape_holds || crc != row_crc(row)) return std::nullopt;
  return DecodedEvent{row, kHeaderSize + layout.body_size};
}

}  // namespace litmus
