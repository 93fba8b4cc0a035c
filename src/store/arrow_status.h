// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arrow/result.h>
#include <arrow/status.h>

#include <string>
#include <utility>

#include "litmus/error.h"

namespace litmus {

// Arrow reports by status; inside litmus a failure is an Error that says what was being done.
inline void throw_if_failed(const arrow::Status& status, const std::string& action) {
  if (status.ok()) return;
  const Code code = status.IsIOError()                                    ? Code::kIo
                    : status.IsInvalid() || status.IsSerializationError() ? Code::kCorrupt
                                                                          : Code::kIo;
  throw Error(code, "cannot " + action + ": " + status.message());
}

template <class T>
T value_or_throw(arrow::Result<T> result, const std::string& action) {
  throw_if_failed(result.status(), action);
  return std::move(result).ValueUnsafe();
}

}  // namespace litmus
