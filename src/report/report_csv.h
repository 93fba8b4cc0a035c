// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "report/run_report.h"

namespace litmus {

struct CsvOptions {
  bool wide = false;   // also step path, vector, retry, time, comparator and all dynamic columns
  bool excel = false;  // byte order mark and CRLF, by which spreadsheets know UTF-8
};

// The measurements, one row each, under a header line that is there even without any. RFC 4180;
// numbers read back equal. A text that a spreadsheet would take for a formula gets a leading
// apostrophe.
std::string to_csv(const RunReport& report, const CsvOptions& options = {});

}  // namespace litmus
