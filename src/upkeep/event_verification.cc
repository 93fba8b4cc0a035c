// SPDX-License-Identifier: Apache-2.0
#include "upkeep/event_verification.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "litmus/error.h"

namespace litmus {
namespace {

bool known_lost(const EventFileReport& report, const SeqRange& seqs) {
  return std::ranges::any_of(report.header->lost, [&](const SeqRange& lost) {
    return lost.first <= seqs.first && seqs.last <= lost.last;
  });
}

std::vector<SegmentGap> find_gaps(const std::vector<VerifiedFile>& files, bool whole_store) {
  std::map<Uuid, std::vector<const VerifiedFile*>> writers;
  for (const VerifiedFile& file : files) {
    if (file.report.header) writers[file.report.header->writer_id].push_back(&file);
  }
  std::vector<SegmentGap> gaps;
  for (auto& [writer, segments] : writers) {
    std::ranges::sort(segments, {},
                      [](const VerifiedFile* file) { return file->report.header->first_seq; });
    std::int64_t next = whole_store ? 0 : segments.front()->report.header->first_seq;
    for (const VerifiedFile* segment : segments) {
      const EventFileReport& report = segment->report;
      const SeqRange missing{next, report.header->first_seq - 1};
      if (missing.first <= missing.last && !known_lost(report, missing)) {
        gaps.push_back({segment->path, missing});
      }
      next = std::max(next, report.last_seq.value_or(report.header->first_seq - 1) + 1);
    }
  }
  return gaps;
}

}  // namespace

std::size_t Verification::damage_count() const {
  return std::accumulate(
      files.begin(), files.end(), gaps.size(),
      [](std::size_t sum, const VerifiedFile& file) { return sum + file.report.damages.size(); });
}

std::size_t Verification::unclosed_count() const {
  return static_cast<std::size_t>(
      std::ranges::count_if(files, [](const VerifiedFile& file) { return !file.report.closed; }));
}

std::int64_t Verification::event_count() const {
  return std::accumulate(
      files.begin(), files.end(), std::int64_t{0},
      [](std::int64_t sum, const VerifiedFile& file) { return sum + file.report.rows; });
}

Verification verify_event_files(FileSystem& files, const std::vector<std::string>& paths,
                                bool whole_store, const VerificationListener& listener) {
  Verification result;
  for (const std::string& path : paths) {
    listener.on_progress(result.files.size(), paths.size());
    try {
      const auto content = files.read(path);
      result.files.push_back({path, scan_event_file(content->bytes(), [&](const EventRow& row) {
                                listener.on_row(path, row);
                              })});
    } catch (const Error& error) {
      if (error.code() != Code::kNotFound) throw;  // removed since it was listed
    }
  }
  result.gaps = find_gaps(result.files, whole_store);
  return result;
}

}  // namespace litmus
