// SPDX-License-Identifier: Apache-2.0
#include "store/ipc_frame.h"

#include <arrow/buffer.h>
#include <arrow/ipc/message.h>
#include <arrow/memory_pool.h>
#include <fmt/format.h>

#include <cstring>
#include <utility>

namespace litmus {
namespace {

constexpr std::uint32_t kContinuation = 0xFFFFFFFF;
constexpr std::size_t kPrefixSize = 8;

class LimitedPool final : public arrow::ProxyMemoryPool {
 public:
  using ProxyMemoryPool::ProxyMemoryPool;
  arrow::Status Allocate(std::int64_t size, std::int64_t alignment, std::uint8_t** out) override {
    constexpr std::int64_t kMost = std::int64_t{1} << 33U;
    if (size > kMost) return arrow::Status::OutOfMemory("a buffer of ", size, " bytes");
    return ProxyMemoryPool::Allocate(size, alignment, out);
  }
};

std::uint32_t word_at(Bytes bytes, std::size_t at) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes.data() + at, sizeof(word));
  return word;
}

IpcFrameResult problem(std::string text, bool incomplete = false) {
  return {std::nullopt, std::move(text), incomplete};
}

}  // namespace

arrow::MemoryPool* limited_pool() {
  static auto* pool = new LimitedPool(arrow::default_memory_pool());
  return pool;
}

IpcFrameResult read_ipc_frame(Bytes bytes) {
  if (bytes.size() < kPrefixSize) {
    return problem(fmt::format("{} bytes, less than a message", bytes.size()), true);
  }
  if (word_at(bytes, 0) != kContinuation) {
    return problem(
        fmt::format("expected the start of a message (FFFFFFFF), found {:08X}", word_at(bytes, 0)));
  }
  const std::size_t metadata_size = word_at(bytes, 4);
  if (metadata_size == 0) {
    return {IpcFrame{kPrefixSize, nullptr}, "", false};
  }
  if (metadata_size % 8 != 0) return problem("the message's length is damaged");
  if (bytes.size() - kPrefixSize < metadata_size) {
    return problem("the message's header goes beyond the end of the file", true);
  }
  const auto metadata = std::make_shared<arrow::Buffer>(bytes.data() + kPrefixSize,
                                                        static_cast<std::int64_t>(metadata_size));
  // Opened without a body first: only that tells how long the body is.
  const auto head = arrow::ipc::Message::Open(metadata, nullptr);
  if (!head.ok()) return problem("the message's header is damaged: " + head.status().message());
  const std::int64_t body_size = (*head)->body_length();
  const std::size_t rest = bytes.size() - kPrefixSize - metadata_size;
  if (body_size < 0 || body_size % 8 != 0) return problem("the message's body length is damaged");
  if (std::cmp_less(rest, body_size)) {
    return problem("the message goes beyond the end of the file", true);
  }
  const std::size_t size = kPrefixSize + metadata_size + static_cast<std::size_t>(body_size);
  const auto body =
      std::make_shared<arrow::Buffer>(bytes.data() + kPrefixSize + metadata_size, body_size);
  auto message = arrow::ipc::Message::Open(metadata, body);
  if (!message.ok()) return problem("the message is damaged: " + message.status().message());
  return {IpcFrame{size, std::move(*message)}, "", false};
}

}  // namespace litmus
