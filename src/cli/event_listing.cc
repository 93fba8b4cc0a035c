// SPDX-License-Identifier: Apache-2.0
#include "cli/event_listing.h"

#include <algorithm>
#include <deque>
#include <queue>
#include <tuple>
#include <utility>

#include "litmus/error.h"
#include "store/data_layout.h"

namespace litmus {
namespace {

struct FileSpan {
  std::string path;
  Timestamp first = Timestamp::max();  // of its matching events
};

struct Pending {
  std::size_t file;
  ListedEvent event;
};

struct Later {
  bool operator()(const Pending& a, const Pending& b) const {
    return std::tie(a.event.received_at, a.file, a.event.seq) >
           std::tie(b.event.received_at, b.file, b.event.seq);
  }
};

// The files that hold anything, by their first event.
std::vector<FileSpan> find_spans(FileSystem& files, const std::vector<std::string>& paths,
                                 const EventMatcher& matcher, const EventListing& listing) {
  std::vector<FileSpan> spans;
  for (std::size_t i = 0; i < paths.size(); ++i) {
    listing.on_progress(i, paths.size());
    if (!matcher.may_match_file(paths[i])) continue;
    FileSpan span{paths[i]};
    const auto report = scan_event_file(files.read(paths[i])->bytes(), [&](const EventRow& row) {
      if (matcher.matches(row)) span.first = std::min(span.first, row.received_at);
    });
    for (const EventDamage& damage : report.damages) listing.on_damage(paths[i], damage);
    if (span.first != Timestamp::max()) spans.push_back(std::move(span));
  }
  std::ranges::stable_sort(spans, {}, &FileSpan::first);
  return spans;
}

}  // namespace

ListedEvent::ListedEvent(const EventRow& row)
    : seq(row.seq),
      received_at(row.received_at),
      event_type(row.event_type),
      session_id(row.session_id),
      json(row.json) {}

void list_events(FileSystem& files, const std::vector<std::string>& paths,
                 const EventMatcher& matcher, std::optional<std::int64_t> limit,
                 const EventListing& listing) {
  const auto spans = find_spans(files, paths, matcher, listing);
  std::priority_queue<Pending, std::vector<Pending>, Later> pending;
  std::deque<ListedEvent> newest;
  const auto give_until = [&](Timestamp time) {
    while (!pending.empty() && pending.top().event.received_at < time) {
      if (limit) {
        newest.push_back(pending.top().event);
        if (std::cmp_greater(newest.size(), *limit)) newest.pop_front();
      } else {
        listing.on_event(pending.top().event);
      }
      pending.pop();
    }
  };
  for (std::size_t i = 0; i < spans.size(); ++i) {
    give_until(spans[i].first);
    scan_event_file(files.read(spans[i].path)->bytes(), [&](const EventRow& row) {
      if (matcher.matches(row)) pending.push({i, ListedEvent(row)});
    });
  }
  give_until(Timestamp::max());
  for (const ListedEvent& event : newest) listing.on_event(event);
}

std::vector<std::string> event_files(FileSystem& files, const std::vector<std::string>& given,
                                     const std::string& data_dir) {
  if (given.empty()) return find_event_files(files, data_dir);
  for (const std::string& path : given) {
    if (!files.exists(path)) throw Error(Code::kNotFound, "there is no file " + path);
  }
  return given;
}

}  // namespace litmus
