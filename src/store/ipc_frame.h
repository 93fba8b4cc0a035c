// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "base/file_system.h"

namespace arrow {
class MemoryPool;
}
namespace arrow::ipc {
class Message;
}

namespace litmus {

// The encapsulated Arrow IPC message at the start of some bytes.
struct IpcFrame {
  std::size_t size = 0;
  std::shared_ptr<arrow::ipc::Message> message;  // refers to the bytes; null: the end marker
};

struct IpcFrameResult {
  std::optional<IpcFrame> frame;
  std::string problem;      // why there is none
  bool incomplete = false;  // it may be there once more bytes are
};

IpcFrameResult read_ipc_frame(Bytes bytes);

// A damaged length must not ask for all memory: refuses buffers that no real file asks for. Never
// destroyed: batches that outlive everything give their memory back to it.
arrow::MemoryPool* limited_pool();

}  // namespace litmus
