// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/file_system.h"
#include "cli/command.h"
#include "store/event_row.h"

namespace litmus {

// Which events a command is about. All that is given must fit.
struct EventFilter {
  std::vector<std::string> types;      // any of them: `test.measurement`, or `test.*`
  std::optional<std::string> session;  // the beginning of its id
  std::optional<std::string> run;
  std::optional<std::string> role;
  std::optional<std::string>
      since;  // on received_at; a date, or date and time, UTC if it says nothing
  std::optional<std::string> until;  // inclusive; a date is the whole day

  std::vector<CommandOption> identity_options();  // types, session, run, role
  std::vector<CommandOption> time_options();
};

// The tags of all known types, in lines, for the help of a command.
std::string event_types_help();

// Error(kInvalidArgument) for a type of the filter that neither is known nor stands in one of the
// files: a mistyped one would find nothing, which looks like an answer.
void check_event_types(const EventFilter& filter, FileSystem& files,
                       const std::vector<std::string>& paths);

// Error(kNotFound) if the run or the session of the filter stands in none of the files.
void check_identities(const EventFilter& filter, FileSystem& files,
                      const std::vector<std::string>& paths);

// A date (its first moment, UTC) or a time. Error(kInvalidArgument) names the option.
Timestamp parse_time(const std::string& option, const std::string& text);

// A filter made ready. Error(kInvalidArgument) for a time that cannot be read.
class EventMatcher {
 public:
  explicit EventMatcher(const EventFilter& filter);

  bool matches(const EventRow& row) const;
  // False if no event in a file of that name can match.
  bool may_match_file(const std::string& path) const;

 private:
  std::vector<std::string> types_;
  std::string session_;
  std::string run_;
  std::string role_;
  std::optional<Timestamp> begin_;
  std::optional<Timestamp> end_;  // not included
};

}  // namespace litmus
