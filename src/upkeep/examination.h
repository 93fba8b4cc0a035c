// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "litmus/events.h"
#include "litmus/ids.h"
#include "upkeep/doctor.h"
#include "upkeep/event_verification.h"

namespace arrow {
class Table;
}

namespace litmus {

// One look at a data directory: events first, since run files and large values can be made again
// from them. Used once.
class Examination {
 public:
  Examination(FileSystem& files, const std::string& data_dir, const DoctorOptions& options)
      : files_(files), data_dir_(data_dir), options_(options) {}

  Diagnosis result();

 private:
  // A run as the events tell it.
  struct Recorded {
    Uuid session_id;
    std::optional<Timestamp> started_at;
    std::string events_folder;  // of the event file with its start
    std::string stem;           // of the file that it should have
    bool ended = false;
    bool writer_may_live = false;  // the process that records it is alive, or on another host
  };

  void examine_events();
  void take_row(const std::string& path, const EventRow& row);
  void examine_event_file(const VerifiedFile& file);
  void examine_leftovers();
  void examine_leftover(const char* store, const std::string& path);
  void examine_run_files();
  void examine_run_file(const std::string& path);
  void put_aside(const std::string& path, const std::string& reason);
  void examine_missing_runs();
  void examine_references(const std::string& run_id, const std::string& run_file,
                          const arrow::Table& rows);

  Finding& add(Severity severity, const char* area, std::string path, std::string what,
               std::string advice = "");
  // Does what puts the finding right; the finding then says so, or why it could not be done.
  template <class Action>
  void fix(Finding& finding, const Action& action);

  FileSystem& files_;
  const std::string& data_dir_;
  const DoctorOptions& options_;
  Diagnosis diagnosis_;
  std::map<std::string, Recorded> recorded_;              // by run id
  std::map<std::string, std::set<std::string>> runs_in_;  // run ids by event file
  std::map<std::string, std::string> sealed_;             // run id -> run file
};

}  // namespace litmus
