// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "results/results_reader.h"

namespace litmus {

// A stored file that could not be used; the others were.
struct SkippedFile {
  std::string path;
  std::string reason;
};

// Results straight from the sealed run files of a data directory, without an index: a list opens as
// many files as it shows, a look-up by prefix opens all. Files that cannot be read are left out and
// told. Owned and called by one thread.
class SealedRuns final : public ResultsReader {
 public:
  explicit SealedRuns(std::string data_dir, FileSystem& files = posix_file_system());

  std::vector<RunSummary> list_runs(std::optional<std::int64_t> limit) override;
  RunSummary get_run(const std::string& id_or_prefix) override;
  std::shared_ptr<arrow::Table> run_rows(const RunSummary& run) override;
  std::vector<std::string> warnings() const override;

  // What the last call had to leave out.
  const std::vector<SkippedFile>& skipped() const { return skipped_; }

  // Called before each file: how many of how many were read.
  void on_progress(std::function<void(std::size_t done, std::size_t total)> report);

 private:
  std::vector<std::string> start_reading();
  void report(std::size_t done, std::size_t total) const;

  std::string data_dir_;
  FileSystem& files_;
  std::vector<SkippedFile> skipped_;
  std::function<void(std::size_t, std::size_t)> report_;
};

}  // namespace litmus
