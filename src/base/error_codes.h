// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

#include "litmus/error.h"

namespace litmus {

struct CodeMapping {
  Code code;
  std::string_view name;
  int exit_status;               // of the command line: 1 failure, 2 usage
  std::string_view python_type;  // in litmus.errors; derives from the builtin that fits
};

inline constexpr std::array kCodeMappings{
    CodeMapping{Code::kInvalidArgument, "invalid_argument", 2, "InvalidArgumentError"},
    CodeMapping{Code::kNotFound, "not_found", 1, "NotFoundError"},
    CodeMapping{Code::kConflict, "conflict", 1, "ConflictError"},
    CodeMapping{Code::kCorrupt, "corrupt", 1, "CorruptError"},
    CodeMapping{Code::kIo, "io", 1, "IoError"},
    CodeMapping{Code::kUnavailable, "unavailable", 1, "UnavailableError"},
    CodeMapping{Code::kBusy, "busy", 1, "BusyError"},
    CodeMapping{Code::kUnauthorized, "unauthorized", 1, "UnauthorizedError"},
};

constexpr const CodeMapping& mapping_of(Code code) {
  for (const CodeMapping& mapping : kCodeMappings) {
    if (mapping.code == code) return mapping;
  }
  return kCodeMappings[0];
}

}  // namespace litmus
