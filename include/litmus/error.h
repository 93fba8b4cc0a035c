// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

namespace litmus {

// What kind of failure it is. One table (src/base/error_codes.h) maps it to the exit status of the
// command line and to the Python exception.
enum class Code {
  kInvalidArgument,  // the caller's value cannot be used
  kNotFound,         // no such run, file, event
  kConflict,         // it exists already, or a prefix fits several
  kCorrupt,          // stored bytes are not what was written
  kIo,               // the operating system refused: full, read-only, permission
  kUnavailable,      // a service is not there
  kBusy,             // somebody else holds it
  kUnauthorized,     // not allowed
};

// The one exception of the library. The message says what happened, where (file, byte, key), what
// was expected, what was found and what to do.
class Error : public std::runtime_error {
 public:
  Error(Code code, const std::string& message) : std::runtime_error(message), code_(code) {}
  Code code() const noexcept { return code_; }

 private:
  Code code_;
};

}  // namespace litmus
