// SPDX-License-Identifier: Apache-2.0
#include "store/event_file_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "store/event_message.h"

namespace litmus {
namespace {

constexpr std::size_t kEndMarkerSize = 8;

class Scan {
 public:
  Scan(Bytes bytes, std::uint64_t offset, EventFileReport& report,
       const std::function<void(const EventRow&)>& on_row)
      : bytes_(bytes), offset_(offset), report_(report), on_row_(on_row) {}

  void read_header() {
    const auto result = read_event_message(bytes_);
    if (result.message && result.message->kind == EventMessage::Kind::kHeader) {
      report_.header = result.message->header;
      at_ = result.message->size;
      if (!report_.header) {
        add_damage(0, at_, "the file's header does not match its checksum");
      }
    } else if (!bytes_.empty()) {
      begin_damage(result.message ? "expected the file's header, found events" : result.problem);
    }
    mark_good();
  }

  void read_messages() {
    while (at_ < bytes_.size()) {
      auto result = read_event_message(bytes_.subspan(at_));
      const bool at_end = result.message && result.message->kind == EventMessage::Kind::kEnd;
      if (at_end && at_ + kEndMarkerSize == bytes_.size()) {
        report_.closed = true;
        finish_damage();
        at_ += kEndMarkerSize;
        mark_good();
        break;
      }
      if (result.message && result.message->kind == EventMessage::Kind::kRows) {
        take_rows(*result.message);
        continue;
      }
      begin_damage(at_end           ? "an end marker in the middle of the file"
                   : result.message ? "a second file header"
                                    : result.problem);
      skip_to_next_candidate();
    }
    finish_damage();
    check_sealed_range();
  }

 private:
  void take_rows(const EventMessage& message) {
    finish_damage();
    const std::uint64_t begin = offset_ + at_;
    for (const EventMessage::Row& item : message.rows) {
      const std::int64_t expected = next_seq();
      if (!item.checksum_holds) {
        add_damage(at_, at_ + message.size, "checksum of an event does not match");
        continue;
      }
      if (item.row.seq < expected) {
        add_damage(at_, at_ + message.size,
                   fmt::format("seq {} comes again or in the wrong order, expected {}",
                               item.row.seq, expected));
        continue;
      }
      if (item.row.seq > expected && can_tell_gap()) explain_gap(expected, item.row.seq - 1, begin);
      open_damage_ = false;
      report_.last_seq = item.row.seq;
      ++report_.rows;
      on_row_(item.row);
    }
    at_ += message.size;
    mark_good();
  }

  bool can_tell_gap() const { return report_.last_seq || report_.header; }

  std::int64_t next_seq() const {
    if (report_.last_seq) return *report_.last_seq + 1;
    return report_.header ? report_.header->first_seq : INT64_MIN;
  }

  // Missing numbers belong to the damage just before; without one they are damage by themselves,
  // unless an earlier repair wrote them down as lost.
  void explain_gap(std::int64_t first, std::int64_t last, std::uint64_t position) {
    if (open_damage_) {
      report_.damages.back().seqs = SeqRange{first, last};
      return;
    }
    if (report_.header && report_.header->knows_as_lost(first, last)) return;
    report_.damages.push_back({position, position, SeqRange{first, last}, "events are missing"});
  }

  void check_sealed_range() {
    if (!report_.header || !report_.header->sealed) return;
    const std::int64_t last = report_.header->sealed->last_seq;
    const std::int64_t next = next_seq();
    if (next <= last) explain_gap(next, last, offset_ + at_);
  }

  void add_damage(std::uint64_t begin, std::uint64_t end, std::string what) {
    report_.damages.push_back({offset_ + begin, offset_ + end, std::nullopt, std::move(what)});
    open_damage_ = true;
  }

  void begin_damage(const std::string& what) {
    if (damage_begin_) return;
    damage_begin_ = at_;
    damage_what_ = what;
  }

  void finish_damage() {
    if (!damage_begin_) return;
    add_damage(*damage_begin_, at_, damage_what_);
    damage_begin_.reset();
  }

  void mark_good() {
    if (!damage_begin_) report_.good_end = offset_ + at_;
  }

  // Every message begins with four bytes FF, which no UTF-8 text holds.
  void skip_to_next_candidate() {
    static constexpr std::uint8_t kStart[4]{0xFF, 0xFF, 0xFF, 0xFF};
    const auto rest = bytes_.subspan(at_ + 1);
    const auto found = std::ranges::search(rest, kStart);
    at_ = found.empty() ? bytes_.size() : static_cast<std::size_t>(found.begin() - bytes_.begin());
  }

  Bytes bytes_;
  std::uint64_t offset_;  // of bytes_ in the file
  EventFileReport& report_;
  const std::function<void(const EventRow&)>& on_row_;
  std::size_t at_ = 0;
  std::optional<std::size_t> damage_begin_;
  std::string damage_what_;
  bool open_damage_ = false;  // no good row since the last damage
};

}  // namespace

EventFileReport scan_event_file(Bytes bytes, const std::function<void(const EventRow&)>& on_row) {
  EventFileReport report;
  Scan scan(bytes, 0, report, on_row);
  scan.read_header();
  scan.read_messages();
  return report;
}

EventFileReport follow_event_file(Bytes new_bytes, const EventFileReport& earlier,
                                  const std::function<void(const EventRow&)>& on_row) {
  EventFileReport report = earlier;
  report.damages.clear();
  report.rows = 0;
  Scan scan(new_bytes, earlier.good_end, report, on_row);
  if (earlier.good_end == 0) scan.read_header();
  scan.read_messages();
  return report;
}

std::string describe(const std::string& path, const EventDamage& damage) {
  std::string seqs = "seq unknown";
  if (damage.seqs) seqs = fmt::format("seq {}-{}", damage.seqs->first, damage.seqs->last);
  return fmt::format("{}: byte {}-{}: {}: {}", path, damage.begin, damage.end, seqs, damage.what);
}

}  // namespace litmus
