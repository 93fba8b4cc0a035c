// SPDX-License-Identifier: Apache-2.0
#include "cli/event_filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/did_you_mean.h"
#include "daemon/event_matching.h"
#include "litmus/error.h"
#include "litmus/events.h"
#include "store/event_file_reader.h"

namespace litmus {
namespace {

constexpr std::size_t kDateLength = 10;  // 2026-03-10

std::string lower_case(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

template <class... Events>
std::vector<std::string> tags_of(const std::variant<Events...>* /*type*/) {
  std::vector<std::string> tags;
  const auto add = [&tags]<class E>(const E* /*type*/) {
    if constexpr (!std::same_as<E, UnknownEvent>) tags.emplace_back(E::kTag);
  };
  (add(static_cast<const Events*>(nullptr)), ...);
  return tags;
}

const std::vector<std::string>& known_tags() {
  static const std::vector<std::string> tags = tags_of(static_cast<const Event*>(nullptr));
  return tags;
}

bool is_known(const std::string& wanted) {
  return std::ranges::any_of(known_tags(),
                             [&](const std::string& tag) { return type_matches(tag, wanted); });
}

template <class Predicate>
bool any_event(FileSystem& files, const std::vector<std::string>& paths, Predicate fits) {
  return std::ranges::any_of(paths, [&](const std::string& path) {
    bool found = false;
    scan_event_file(files.read(path)->bytes(),
                    [&](const EventRow& row) { found = found || fits(row); });
    return found;
  });
}

std::string suggestion_for(const std::string& wanted) {
  std::vector<std::string> words = known_tags();
  if (wanted.ends_with('*')) {
    for (std::string& word : words) word = word.substr(0, word.find('.')) + ".*";
  }
  const auto closest = closest_word(wanted, words);
  return closest ? fmt::format(" (did you mean {}?)", *closest) : "";
}

}  // namespace

Timestamp parse_time(const std::string& option, const std::string& text) {
  try {
    return parse_iso8601(text.size() == kDateLength ? text + "T00:00:00Z" : text);
  } catch (const Error&) {
    throw Error(
        Code::kInvalidArgument,
        option + ": expected a date (2026-03-10) or a time (2026-03-10T14:30:00), found " + text);
  }
}

std::vector<CommandOption> EventFilter::identity_options() {
  return {{.names = "--session",
           .help = "of this session: its id, or the beginning",
           .target = &session,
           .value_name = "ID",
           .completion = Completion::kSessionId},
          {.names = "--run",
           .help = "of this run: its id, or the beginning",
           .target = &run,
           .value_name = "ID",
           .completion = Completion::kRunId},
          {.names = "--type",
           .help = "of this type, or 'test.*'; may be given several times",
           .target = &types,
           .value_name = "TYPE",
           .completion = Completion::kChoices,
           .choices = known_tags()},
          {.names = "--role",
           .help = "of the instrument with this role, and of its channels",
           .target = &role,
           .value_name = "ROLE"}};
}

std::vector<CommandOption> EventFilter::time_options() {
  return {{.names = "--since",
           .help = "received on this date (UTC) or at this time, or later",
           .target = &since,
           .value_name = "TIME"},
          {.names = "--until",
           .help = "received on this date or at this time, or earlier",
           .target = &until,
           .value_name = "TIME"}};
}

std::string event_types_help() {
  constexpr std::size_t kLineLength = 78;
  std::string text = "Types:";
  std::size_t length = text.size();
  for (const std::string& tag : known_tags()) {
    const bool fits = length + 1 + tag.size() <= kLineLength;
    text += fits ? " " : "\n  ";
    length = (fits ? length + 1 : 2) + tag.size();
    text += tag;
  }
  return text;
}

void check_event_types(const EventFilter& filter, FileSystem& files,
                       const std::vector<std::string>& paths) {
  for (const std::string& wanted : filter.types) {
    // Those of a newer version, or of somebody's own, are kept and found as well.
    if (is_known(wanted) || any_event(files, paths, [&](const EventRow& row) {
          return type_matches(row.event_type, wanted);
        })) {
      continue;
    }
    throw Error(Code::kInvalidArgument,
                fmt::format("--type: there is no event type {}{}; `litmus events cat --help` lists "
                            "all",
                            wanted, suggestion_for(wanted)));
  }
}

void check_identities(const EventFilter& filter, FileSystem& files,
                      const std::vector<std::string>& paths) {
  const auto check = [&](const char* what, const std::optional<std::string>& id, auto id_of) {
    if (!id) return;
    const std::string beginning = lower_case(*id);
    if (any_event(files, paths, [&](const EventRow& row) {
          const std::optional<std::string_view> found = id_of(row);
          return found && found->starts_with(beginning);
        })) {
      return;
    }
    throw Error(Code::kNotFound, fmt::format("no {} with id {} in the events", what, *id));
  };
  check("session", filter.session,
        [](const EventRow& row) { return std::optional<std::string_view>(row.session_id); });
  check("run", filter.run,
        [](const EventRow& row) { return std::optional<std::string_view>(row.run_id); });
}

EventMatcher::EventMatcher(const EventFilter& filter)
    : types_(filter.types),
      session_(lower_case(filter.session.value_or(""))),
      run_(lower_case(filter.run.value_or(""))),
      role_(filter.role.value_or("")) {
  if (filter.since) begin_ = parse_time("--since", *filter.since);
  if (filter.until) {
    const bool whole_day = filter.until->size() == kDateLength;
    end_ = parse_time("--until", *filter.until) +
           (whole_day ? std::chrono::days(1) : std::chrono::microseconds(1));
  }
}

bool EventMatcher::matches(const EventRow& row) const {
  if (begin_ && row.received_at < *begin_) return false;
  if (end_ && row.received_at >= *end_) return false;
  if (!row.session_id.starts_with(session_)) return false;
  if (!run_.empty() && !(row.run_id && row.run_id->starts_with(run_))) return false;
  if (!types_.empty() && std::ranges::none_of(types_, [&](const std::string& wanted) {
        return type_matches(row.event_type, wanted);
      })) {
    return false;
  }
  return role_.empty() || role_matches(row.json, role_);
}

bool EventMatcher::may_match_file(const std::string& path) const {
  return file_name(path).starts_with(session_);
}

}  // namespace litmus
