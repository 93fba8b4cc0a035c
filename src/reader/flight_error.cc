// SPDX-License-Identifier: Apache-2.0
#include "reader/flight_error.h"

#include <arrow/flight/types.h>

#include <string_view>

#include "base/error_codes.h"

namespace litmus {
namespace {

using arrow::flight::FlightStatusCode;
using arrow::flight::FlightStatusDetail;

// "TEXT. Detail: Unavailable. gRPC client debug context: ..." -> "TEXT"
std::string own_text(std::string_view text, const FlightStatusDetail* detail) {
  text = text.substr(0, text.find(". gRPC client debug context: "));
  if (detail != nullptr) {
    const std::string remark = ". Detail: " + detail->ToString();
    if (text.ends_with(remark)) text.remove_suffix(remark.size());
  }
  return std::string(text);
}

Code code_of(const arrow::Status& status, const FlightStatusDetail* detail) {
  if (detail != nullptr) {
    for (const CodeMapping& mapping : kCodeMappings) {
      if (mapping.name == detail->extra_info()) return mapping.code;
    }
    if (is_connection_failure(status)) return Code::kUnavailable;
  }
  if (status.IsInvalid()) return Code::kInvalidArgument;
  if (status.IsKeyError()) return Code::kNotFound;
  return Code::kIo;  // it failed inside
}

}  // namespace

Error to_error(const arrow::Status& status) {
  const auto detail = FlightStatusDetail::UnwrapStatus(status);
  return {code_of(status, detail.get()), own_text(status.message(), detail.get())};
}

bool is_connection_failure(const arrow::Status& status) {
  const auto detail = FlightStatusDetail::UnwrapStatus(status);
  return detail != nullptr && detail->extra_info().empty() &&
         (detail->code() == FlightStatusCode::Unavailable ||
          detail->code() == FlightStatusCode::Cancelled);
}

}  // namespace litmus
