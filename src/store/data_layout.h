// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "litmus/ids.h"
#include "litmus/time.h"

namespace litmus {

// Where things lie in a data directory:
//   events/2026-03-10/{session_id}-{pid}.arrow, ..._0001.arrow, {session_id}_ref/
//   runs/2026-03-10/20260310T143022Z_SN001.parquet, 20260310T143022Z_SN001_ref/
// Date folders are UTC, fixed by the start of the session or run.

std::string events_folder(const std::string& data_dir, Timestamp session_start);
std::string event_file_name(const Uuid& session_id, std::int64_t pid, std::int64_t segment);
std::string event_ref_folder(const std::string& data_dir, Timestamp session_start,
                             const Uuid& session_id);
std::string runs_folder(const std::string& data_dir, Timestamp run_start);

// Event files of the whole store, oldest date folder first, by name within it.
std::vector<std::string> find_event_files(FileSystem& files, const std::string& data_dir);
// Those of one session. Looks into all date folders, or only into those from the day on which the
// session started: its processes may have come later.
std::vector<std::string> find_session_files(FileSystem& files, const std::string& data_dir,
                                            const Uuid& session_id,
                                            std::optional<Timestamp> session_start = {});
// Whether the writer of the event file `later` ended `path` before it.
bool is_earlier_segment(const std::string& path, const std::string& later);
// Run files, newest date folder first, newest name first within it.
std::vector<std::string> find_run_files(FileSystem& files, const std::string& data_dir);

// What a user calls something (a serial, an attachment) as part of a file's name: without outer
// blanks, at most 80 characters, and those outside [A-Za-z0-9._-] become '-'.
std::string as_part_of_file_name(std::string_view text);

}  // namespace litmus
