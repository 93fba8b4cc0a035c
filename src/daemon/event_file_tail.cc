// SPDX-License-Identifier: Apache-2.0
#include "daemon/event_file_tail.h"

#include <utility>

#include "store/event_message.h"

namespace litmus {

void EventFileTail::read(FileSystem& files, const std::function<void(const EventRow&)>& on_row) {
  if (replaced_) return read_all(files, on_row);
  const auto content = files.read_from(path_, report_.good_end);
  const Bytes bytes = content->bytes();
  if (bytes.empty()) {
    const auto status = files.status(path_);
    if (status && status->size < report_.good_end) read_all(files, on_row);
    return;
  }
  EventFileReport next = follow_event_file(bytes, report_, on_row);
  set_torn_end_aside(next, report_.good_end + bytes.size());
  if (next.damages.empty()) {
    report_ = std::move(next);
    return;
  }
  // Damage, or another file than before.
  report_.last_seq = next.last_seq;
  read_all(files, on_row);
}

void EventFileTail::read_all(FileSystem& files,
                             const std::function<void(const EventRow&)>& on_row) {
  const auto content = files.read(path_);
  const Bytes bytes = content->bytes();
  const auto first = read_event_message(bytes);
  if (first.message && first.message->header) header_ = first.message->header;
  const std::optional<std::int64_t> last_seq = report_.last_seq;
  if (header_ && header_->sealed && last_seq && *last_seq >= header_->sealed->last_seq) {
    report_.closed = true;
    report_.good_end = bytes.size();
    replaced_ = torn_ = false;
    return;
  }
  report_ = scan_event_file(bytes, [&](const EventRow& row) {
    if (header_ && (!last_seq || row.seq > *last_seq)) on_row(row);
  });
  set_torn_end_aside(report_, bytes.size());
  damaged_ = !report_.damages.empty();
  tell(std::exchange(report_.damages, {}));
  replaced_ = !header_;  // it may still be on its way
  if (!header_) {
    report_ = {};
  } else if (last_seq && report_.last_seq < last_seq) {
    report_.last_seq = last_seq;
  }
}

// The beginning of a record at the end of an open file is no damage, as long as its writer lives.
void EventFileTail::set_torn_end_aside(EventFileReport& report, std::uint64_t end) {
  torn_ = false;
  if (report.closed || report.damages.empty()) return;
  const EventDamage& last = report.damages.back();
  torn_ = last.begin == report.good_end && last.end == end && last.begin < end && !last.seqs;
  if (torn_) report.damages.pop_back();
}

void EventFileTail::tell(const std::vector<EventDamage>& damages) {
  for (const EventDamage& damage : damages) {
    std::string text = describe(path_, damage);
    if (told_.insert(text).second) damages_.push_back(std::move(text));
  }
}

std::vector<std::string> EventFileTail::take_damages() { return std::exchange(damages_, {}); }

}  // namespace litmus
