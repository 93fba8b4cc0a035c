// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string_view>

#include "base/file_system.h"
#include "store/thrift_compact.h"

namespace litmus {

// The bytes are not what the writers beside this reader make.
class UnfamiliarBytes : public std::runtime_error {
 public:
  UnfamiliarBytes() : std::runtime_error("not as Litmus writes it") {}
};

// Bytes from front to back. Error: UnfamiliarBytes where there are no more.
class ByteReader {
 public:
  explicit ByteReader(Bytes bytes) : rest_(bytes) {}

  const std::uint8_t* position() const { return rest_.data(); }
  std::size_t left() const { return rest_.size(); }

  Bytes take(std::uint64_t size) {
    if (size > rest_.size()) throw UnfamiliarBytes();
    const Bytes taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  std::uint8_t byte() { return take(1)[0]; }
  std::uint64_t varint() {
    std::uint64_t number = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t bits = byte();
      number |= std::uint64_t{bits & 0x7FU} << shift;
      if (bits < 0x80) return number;
    }
    throw UnfamiliarBytes();
  }
  std::int64_t zigzag() {
    const std::uint64_t number = varint();
    return static_cast<std::int64_t>(number >> 1U ^ -(number & 1U));
  }
  std::uint64_t little_endian(std::size_t size) {
    std::uint64_t number = 0;
    const Bytes bytes = take(size);
    for (std::size_t i = 0; i < size; ++i) number |= std::uint64_t{bytes[i]} << 8 * i;
    return number;
  }

 private:
  Bytes rest_;
};

// Reads what ThriftWriter wrote.
class ThriftReader {
 public:
  using Type = ThriftWriter::Type;

  explicit ThriftReader(ByteReader& in) : in_(in) {}

  // Calls `on_field(id)` for each field of the struct that begins here; one for which it says no,
  // having read nothing, is passed over.
  template <class OnField>
  void read_struct(OnField on_field) {
    int id = 0;
    while (const std::uint8_t head = in_.byte()) {
      const unsigned step = head >> 4U;
      id = step == 0 ? static_cast<int>(in_.zigzag()) : id + static_cast<int>(step);
      const auto type = static_cast<Type>(head & 0x0FU);
      if (!on_field(id)) skip(type);
    }
  }
  std::int64_t integer() { return in_.zigzag(); }
  std::string_view binary() {
    const Bytes bytes = in_.take(in_.varint());
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  // So many elements follow.
  std::uint64_t list() { return list_head().size; }

 private:
  static constexpr int kDeepest = 16;

  struct ListHead {
    Type type;
    std::uint64_t size;
  };

  ListHead list_head() {
    const std::uint8_t head = in_.byte();
    const unsigned size = head >> 4U;
    return {static_cast<Type>(head & 0x0FU), size < 15 ? size : in_.varint()};
  }

  void skip(Type type) {
    switch (type) {
      case Type::kTrue:
      case Type::kFalse: return;
      case Type::kI16:
      case Type::kI32:
      case Type::kI64: in_.varint(); return;
      case Type::kBinary: binary(); return;
      case Type::kList: return skip_list();
      case Type::kStruct:
        if (++depth_ > kDeepest) throw UnfamiliarBytes();
        read_struct([](int) { return false; });
        --depth_;
        return;
    }
    throw UnfamiliarBytes();
  }

  void skip_list() {
    const ListHead head = list_head();
    if (head.type == Type::kTrue || head.type == Type::kFalse) throw UnfamiliarBytes();
    for (std::uint64_t i = 0; i < head.size; ++i) skip(head.type);
  }

  ByteReader& in_;
  int depth_ = 0;
};

}  // namespace litmus
