// SPDX-License-Identifier: Apache-2.0
#include "store/run_file_stream.h"

#include <arrow/result.h>
#include <arrow/status.h>

namespace litmus {
namespace {

constexpr std::size_t kWriteSize = 1U << 20U;

}  // namespace

arrow::Status RunFileStream::Write(const void* data, int64_t size) {
  if (error_) return arrow::Status::IOError("an earlier write failed");
  const auto* bytes = static_cast<const std::uint8_t*>(data);
  pending_.insert(pending_.end(), bytes, bytes + size);
  return pending_.size() < kWriteSize ? arrow::Status::OK() : Flush();
}

arrow::Status RunFileStream::Flush() {
  if (error_ || pending_.empty()) return arrow::Status::OK();
  try {
    file_.append(pending_);
  } catch (const std::exception& error) {
    error_ = std::current_exception();
    return arrow::Status::IOError(error.what());
  }
  pending_.clear();
  return arrow::Status::OK();
}

arrow::Status RunFileStream::Close() {
  closed_ = true;
  return Flush();
}

arrow::Result<int64_t> RunFileStream::Tell() const {
  return static_cast<int64_t>(file_.size() + pending_.size());
}

}  // namespace litmus
