// SPDX-License-Identifier: Apache-2.0
#include "results/sealed_runs.h"

#include <arrow/table.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <ranges>
#include <utility>

#include "litmus/error.h"
#include "results/read_summary.h"
#include "results/run_match.h"
#include "store/data_layout.h"
#include "store/run_file_reader.h"

namespace litmus {
namespace {

constexpr std::size_t kFullIdLength = 36;
constexpr std::size_t kCandidatesShown = 10;

// `20260310T143022Z`: files of one second may be in any order among themselves.
std::string stamp_of(const std::string& path) { return file_name(path).substr(0, 16); }

// The list says which file it is; the message need not.
SkippedFile skip(const std::string& path, const Error& error) {
  const std::string message = error.what();
  const std::string prefix = path + ": ";
  return {path, message.starts_with(prefix) ? message.substr(prefix.size()) : message};
}

std::string unreadable(std::size_t count) {
  if (count == 0) return "";
  return fmt::format("; {} run file{} could not be read, so it may be in one of them", count,
                     count == 1 ? "" : "s");
}

}  // namespace

SealedRuns::SealedRuns(std::string data_dir, FileSystem& files)
    : data_dir_(std::move(data_dir)), files_(files) {}

void SealedRuns::on_progress(std::function<void(std::size_t, std::size_t)> report) {
  report_ = std::move(report);
}

std::vector<std::string> SealedRuns::warnings() const {
  std::vector<std::string> lines;
  lines.reserve(skipped_.size());
  for (const SkippedFile& file : skipped_) {
    lines.push_back(fmt::format("left out {}: {}", file.path, file.reason));
  }
  return lines;
}

void SealedRuns::report(std::size_t done, std::size_t total) const {
  if (report_) report_(done, total);
}

std::vector<std::string> SealedRuns::start_reading() {
  skipped_.clear();
  return find_run_files(files_, data_dir_);
}

std::vector<RunSummary> SealedRuns::list_runs(std::optional<std::int64_t> limit) {
  const auto paths = start_reading();
  const std::size_t wanted =
      limit ? static_cast<std::size_t>(std::max<std::int64_t>(*limit, 0)) : paths.size();
  std::vector<RunSummary> runs;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (runs.size() >= wanted && (i == 0 || stamp_of(paths[i]) != stamp_of(paths[i - 1]))) break;
    report(i, std::min(wanted, paths.size()));
    try {
      runs.push_back(read_summary(RunFileReader(files_, paths[i])));
    } catch (const Error& error) {
      skipped_.push_back(skip(paths[i], error));
    }
  }
  std::ranges::sort(runs, is_newer);
  if (runs.size() > wanted) runs.resize(wanted);
  return runs;
}

RunSummary SealedRuns::get_run(const std::string& id_or_prefix) {
  const std::string prefix = run_id_prefix(id_or_prefix);
  const auto paths = start_reading();
  std::map<std::string, std::string> path_of;  // of each run that fits, its newest file
  for (std::size_t i = 0; i < paths.size(); ++i) {
    report(i, paths.size());
    try {
      const std::string run_id = RunFileReader(files_, paths[i]).run_id();
      if (run_id.starts_with(prefix)) path_of.try_emplace(run_id, paths[i]);
    } catch (const Error& error) {
      skipped_.push_back(skip(paths[i], error));
    }
    if (!path_of.empty() && prefix.size() == kFullIdLength) break;
  }
  if (const auto exact = path_of.find(prefix); exact != path_of.end()) {
    return read_summary(RunFileReader(files_, exact->second));
  }
  if (path_of.empty()) {
    throw_no_run(id_or_prefix, join_path(data_dir_, "runs") + unreadable(skipped_.size()));
  }
  std::vector<RunSummary> candidates;
  for (const auto& path : path_of | std::views::values | std::views::take(kCandidatesShown)) {
    candidates.push_back(read_summary(RunFileReader(files_, path)));
  }
  if (path_of.size() > 1) throw_ambiguous(id_or_prefix, std::move(candidates), path_of.size());
  return candidates.front();
}

std::shared_ptr<arrow::Table> SealedRuns::run_rows(const RunSummary& run) {
  skipped_.clear();
  if (!run.file_path) {
    throw Error(Code::kNotFound,
                fmt::format("run {} is not sealed yet: it has no file", run.run_id));
  }
  return RunFileReader(files_, *run.file_path).rows();
}

}  // namespace litmus
