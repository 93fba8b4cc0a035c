// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "litmus/events.h"
#include "project/accumulator.h"
#include "project/run_rows.h"

namespace arrow {
class Table;
}

namespace litmus {

// What the projection's tests share. Events are written as lines of JSON in which the envelope is
// filled in: `at` is the time in seconds after kStart, `writer` the number of the event file,
// `"run_id": null` makes it an event of the session.

inline constexpr Timestamp kStart{std::chrono::microseconds(1'773'153'022'000'000)};
inline constexpr std::string_view kSession = "0b7e7f3c-64bd-4d0e-8a6b-3c8f6d2a9001";
inline constexpr std::string_view kRun = "7d3b1f52-2c61-4f0e-b7ef-9f1fb1f6c002";

struct WrittenEvent {
  Event event;
  std::uint32_t writer = 0;
};

std::vector<WrittenEvent> parse_events(std::string_view lines);
std::vector<WrittenEvent> load_events(const std::string& name);  // testdata/{name}.jsonl
std::string load_text(const std::string& file_name);             // of testdata

std::unique_ptr<RunAccumulator> accumulate(const std::vector<WrittenEvent>& events);

std::shared_ptr<arrow::Table> to_table(const RunRows& rows);
// The named columns as lines of text: `-` for null, times as seconds after kStart.
std::string render(const arrow::Table& table, const std::vector<std::string>& columns);

// Compares with testdata/{name}.rows: its first line names the columns.
void expect_rows(const std::string& name);

// Writes an event file of the session for each writer.
void write_event_files(FileSystem& files, const std::string& data_dir,
                       const std::vector<WrittenEvent>& events);

}  // namespace litmus
