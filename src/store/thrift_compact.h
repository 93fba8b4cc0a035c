// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace litmus {

inline void append_varint(std::string& out, std::uint64_t number) {
  std::array<char, 10> bytes{};  // 7 bits each
  std::size_t size = 0;
  for (; number >= 0x80; number >>= 7U) bytes[size++] = static_cast<char>(number | 0x80U);
  bytes[size++] = static_cast<char>(number);
  out.append(bytes.data(), size);
}

// Small numbers of either sign become small varints.
inline void append_zigzag(std::string& out, std::int64_t number) {
  append_varint(
      out, static_cast<std::uint64_t>(number) << 1U ^ static_cast<std::uint64_t>(number >> 63U));
}

// Appends structs in Thrift's compact protocol, in which Parquet keeps its headers and footers.
// Fields of a struct come in rising order of their ids.
class ThriftWriter {
 public:
  enum class Type : std::uint8_t {
    kTrue = 1,
    kFalse = 2,
    kI16 = 4,
    kI32 = 5,
    kI64 = 6,
    kBinary = 8,
    kList = 9,
    kStruct = 12
  };

  explicit ThriftWriter(std::string& out) : out_(out) {}

  void begin_struct() { last_ids_.at(++depth_) = 0; }
  void end_struct() {
    out_ += '\0';
    --depth_;
  }

  void boolean(int id, bool value) { field(id, value ? Type::kTrue : Type::kFalse); }
  void i16(int id, std::int16_t value) { number(id, Type::kI16, value); }
  void i32(int id, std::int32_t value) { number(id, Type::kI32, value); }
  void i64(int id, std::int64_t value) { number(id, Type::kI64, value); }
  void binary(int id, std::string_view value) {
    field(id, Type::kBinary);
    element(value);
  }
  void begin_struct(int id) {
    field(id, Type::kStruct);
    begin_struct();
  }
  // So many elements follow: element() each, or begin_struct() to end_struct().
  void list(int id, Type type, std::size_t size) {
    field(id, Type::kList);
    const auto bits = static_cast<unsigned>(type);
    if (size < 15) {
      out_ += static_cast<char>(size << 4U | bits);
    } else {
      out_ += static_cast<char>(0xF0U | bits);
      append_varint(out_, size);
    }
  }
  void element(std::int32_t value) { append_zigzag(out_, value); }
  void element(std::string_view value) {
    append_varint(out_, value.size());
    out_ += value;
  }

 private:
  void field(int id, Type type) {
    const int step = id - last_ids_[depth_];
    last_ids_[depth_] = id;
    if (step > 15) out_ += static_cast<char>(type);
    if (step > 15) return append_zigzag(out_, id);
    out_ += static_cast<char>(static_cast<unsigned>(step) << 4U | static_cast<unsigned>(type));
  }
  void number(int id, Type type, std::int64_t value) {
    field(id, type);
    append_zigzag(out_, value);
  }

  std::string& out_;
  std::array<int, 16> last_ids_{};  // of the structs that are open, from 1 on
  std::size_t depth_ = 0;
};

}  // namespace litmus
