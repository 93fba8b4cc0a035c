// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arrow/io/interfaces.h>

#include <exception>
#include <vector>

#include "base/file_system.h"

namespace litmus {

// A WritableFile as the stream that Arrow's writers need; collects their many small writes into few
// large ones. After a failed write it takes nothing more, and error() holds the reason: Arrow's
// statuses carry only text. The file is the caller's; close() writes what is left but leaves it
// open.
class RunFileStream final : public arrow::io::OutputStream {
 public:
  explicit RunFileStream(WritableFile& file) : file_(file) {}

  arrow::Status Write(const void* data, int64_t size) override;
  arrow::Status Flush() override;
  arrow::Status Close() override;
  arrow::Result<int64_t> Tell() const override;
  bool closed() const override { return closed_; }

  const std::exception_ptr& error() const { return error_; }

 private:
  WritableFile& file_;
  std::vector<std::uint8_t> pending_;
  std::exception_ptr error_;
  bool closed_ = false;
};

}  // namespace litmus
