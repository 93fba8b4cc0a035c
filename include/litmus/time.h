// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace litmus {

// Microseconds since 1970-01-01 UTC: the only time type of events and run files.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

Timestamp now();

// `2026-03-10T14:30:22.123456+00:00`, always UTC with offset and six digits.
std::string to_iso8601(Timestamp time);
void append_iso8601(std::string& out, Timestamp time);

// Reads ISO 8601 with `Z`, an offset, or none (read as UTC), and 0 to 9 fractional digits.
// Throws Error(kInvalidArgument) naming the text.
Timestamp parse_iso8601(std::string_view text);

// `20260310T143022Z`: the stamp in run file names. Sorts by time.
std::string to_file_stamp(Timestamp time);

// `2026-03-10`: the date folder, UTC.
std::string to_date(Timestamp time);

}  // namespace litmus
