// SPDX-License-Identifier: Apache-2.0
#include "project/projected_run.h"

#include <set>
#include <string_view>

#include "project/check_rows.h"
#include "project/run_batches.h"
#include "store/data_layout.h"

namespace litmus {
namespace {

std::set<std::string> references(const RunRows& rows) {
  std::set<std::string> names = rows.measurements->references();
  add_references(names, rows.custom);
  for (const StepRow& step : rows.steps) {
    add_references(names, step.inputs);
    add_references(names, step.outputs);
    for (const AttemptRow& attempt : step.attempts) add_references(names, attempt.start_inputs);
  }
  return names;
}

// Names come from events, which anybody may write: none may lead out of the folder.
bool is_plain_name(const std::string& name) {
  return !name.empty() && !name.starts_with('.') && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

}  // namespace

ProjectedRun::ProjectedRun(FileSystem& files, const std::string& data_dir,
                           const std::vector<std::string>& event_files, const Uuid& session_id,
                           const Uuid& run_id)
    : accumulator_(session_id, run_id, files) {
  EventReplay replay = replay_run(files, event_files, run_id, accumulator_);
  damages_ = std::move(replay.damages);
  source_events_ = to_json(replay.sources);
  if (!accumulator_.started() || !accumulator_.ended()) return;
  rows_ = accumulator_.rows();
  problems_ = check_rows(*rows_);
  const RunColumns& run = rows_->run;
  file_.folder = runs_folder(data_dir, *run.run_started_at);
  file_.stem = run_file_stem(*run.run_started_at, run.dut_serial.value_or(""));
  file_.run_id = *run.run_id;
  file_.metadata = RunBatches(*rows_).metadata(source_events_);
  collect_blobs(files, event_files, session_id);
}

void ProjectedRun::collect_blobs(FileSystem& files, const std::vector<std::string>& event_files,
                                 const Uuid& session_id) {
  std::set<std::string> folders;
  for (const std::string& path : event_files) {
    folders.insert(join_path(parent_folder(path), session_id.to_string() + "_ref"));
  }
  for (const std::string& name : references(*rows_)) {
    if (!is_plain_name(name)) {
      problems_.push_back("reference file://_ref/" + name + " is not the name of a file");
      continue;
    }
    std::string source;
    for (const std::string& folder : folders) {
      if (files.exists(join_path(folder, name))) source = join_path(folder, name);
    }
    if (source.empty()) {
      problems_.push_back("the file of file://_ref/" + name + " is missing");
    } else {
      file_.blobs.push_back({source, name});
    }
  }
}

}  // namespace litmus
