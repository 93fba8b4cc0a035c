// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "store/event_file_reader.h"

namespace litmus {

struct VerifiedFile {
  std::string path;
  EventFileReport report;
};

// Events that no file holds: between two segments of one writer, or before its first.
struct SegmentGap {
  std::string path;  // of the segment after the gap
  SeqRange seqs;
};

struct Verification {
  std::vector<VerifiedFile> files;
  std::vector<SegmentGap> gaps;

  std::size_t damage_count() const;
  std::size_t unclosed_count() const;
  std::int64_t event_count() const;
};

struct VerificationListener {
  std::function<void(std::size_t done, std::size_t total)> on_progress = [](auto, auto) {};
  // Each intact row of `path`.
  std::function<void(const std::string& path, const EventRow&)> on_row = [](auto&, auto&) {};
};

// Reads every byte of the files. `whole_store`: all segments should be there, from each writer's
// first event on; else only what lies between the given ones is missed.
Verification verify_event_files(FileSystem& files, const std::vector<std::string>& paths,
                                bool whole_store, const VerificationListener& listener = {});

}  // namespace litmus
