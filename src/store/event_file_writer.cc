// SPDX-License-Identifier: Apache-2.0
#include "store/event_file_writer.h"

#include <array>

#include "store/event_batch.h"

namespace litmus {
namespace {

Bytes as_bytes(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

EventFileWriter::EventFileWriter(FileSystem& files, const std::string& path,
                                 const EventFileHeader& header)
    : file_(files.open_for_append(path, FileSystem::Create::kNew)) {
  try {
    file_->append(as_bytes(encode_event_file_header(header)));
  } catch (...) {
    files.remove(path);  // without a header it would only look like damage
    throw;
  }
}

void EventFileWriter::append(const EventRow& row) {
  buffer_.clear();
  append_event_batch(buffer_, row);
  file_->append(as_bytes(buffer_));
  ++rows_;
}

void EventFileWriter::finish() {
  static constexpr std::array<std::uint8_t, 8> kEndMarker{0xFF, 0xFF, 0xFF, 0xFF};
  file_->append(kEndMarker);
}

}  // namespace litmus
