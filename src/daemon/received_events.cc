// SPDX-License-Identifier: Apache-2.0
#include "daemon/received_events.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "litmus/error.h"
#include "store/data_layout.h"
#include "store/event_file_reader.h"
#include "store/event_file_rewrite.h"
#include "store/event_file_writer.h"

namespace litmus {

class ReceivedEvents::Writer {
 public:
  Writer(FileSystem& files, const std::string& data_dir, const EventFileHeader& header)
      : files_(files), data_dir_(data_dir), header_(header), next_seq_(header.first_seq) {
    header_.sealed.reset();
    for (const std::string& path : find_session_files(files_, data_dir_, header_.session_id)) {
      take_over(path);
    }
  }

  std::int64_t append(std::span<const EventMessage::Row> rows) {
    const std::lock_guard lock(mutex_);
    check(rows);
    for (const EventMessage::Row& item : rows) {
      if (item.row.seq < next_seq_) continue;
      if (file_ && file_->rows() >= kRowsPerSegment) end_segment();
      if (!file_) open_segment(item.row);
      file_->append(item.row);
      next_seq_ = item.row.seq + 1;
    }
    if (file_) file_->sync();
    return next_seq_ - 1;
  }

  void finish() {
    const std::lock_guard lock(mutex_);
    end_segment();
    for (const std::string& path : std::exchange(segments_, {})) compress(path);
  }

 private:
  // What an earlier process has stored of this writer.
  void take_over(const std::string& path) {
    EventFileReport report;
    {
      const auto content = files_.read(path);
      report = scan_event_file(content->bytes(), [](const EventRow&) {});
    }
    if (!report.header || report.header->writer_id != header_.writer_id) return;
    next_seq_ = std::max(next_seq_, report.last_seq.value_or(-1) + 1);
    header_.segment = std::max(header_.segment, report.header->segment + 1);
    folder_ = parent_folder(path);
    if (report.closed) {
      compress(path);
      return;
    }
    try {
      repair_event_file(files_, path);  // which syncs it, too
    } catch (const Error& error) {
      // Its process lives on this host: it stays open, as far as readers can tell.
      if (error.code() != Code::kBusy) throw;
    }
  }

  void check(std::span<const EventMessage::Row> rows) const {
    std::int64_t next = next_seq_;
    const std::string session = header_.session_id.to_string();
    for (const auto& [row, checksum_holds] : rows) {
      const auto where = [&, seq = row.seq] {
        return fmt::format("event {} of writer {}", seq, header_.writer_id.to_string());
      };
      if (!checksum_holds) {
        throw Error(Code::kCorrupt, where() + ": the checksum does not match; send it again");
      }
      if (row.session_id != session) {
        throw Error(Code::kInvalidArgument, fmt::format("{}: expected one of session {}, found {}",
                                                        where(), session, row.session_id));
      }
      for (const SeqRange& lost : header_.lost) {
        if (lost.first <= next && next <= lost.last) next = lost.last + 1;
      }
      if (row.seq > next) {
        throw Error(
            Code::kInvalidArgument,
            fmt::format("events of writer {}: expected seq {}, found {}; send those between "
                        "first",
                        header_.writer_id.to_string(), next, row.seq));
      }
      next = std::max(next, row.seq + 1);
    }
  }

  void open_segment(const EventRow& row) {
    if (folder_.empty()) folder_ = events_folder(data_dir_, row.received_at);
    files_.create_folders(folder_);
    header_.first_seq = row.seq;
    while (!file_) {
      const std::string path =
          join_path(folder_, event_file_name(header_.session_id, header_.pid, header_.segment));
      try {
        file_ = std::make_unique<EventFileWriter>(files_, path, header_);
      } catch (const Error& error) {
        if (error.code() != Code::kConflict) throw;  // a process of the session with the same pid
      }
      ++header_.segment;
    }
    segments_.push_back(file_->path());
    files_.sync_folder(folder_);
  }

  void end_segment() {
    if (!file_) return;
    file_->finish();
    file_->sync();
    file_.reset();
  }

  void compress(const std::string& path) {
    try {
      seal_event_file(files_, path);
    } catch (const Error&) {
      // It stays as large as it is; every event is in it.
    }
  }

  FileSystem& files_;
  const std::string& data_dir_;
  std::mutex mutex_;
  EventFileHeader header_;  // of the next segment
  std::int64_t next_seq_;
  std::string folder_;
  std::unique_ptr<EventFileWriter> file_;
  std::vector<std::string> segments_;  // since the last finish()
};

ReceivedEvents::ReceivedEvents(std::string data_dir, FileSystem& files)
    : data_dir_(std::move(data_dir)), files_(files) {}

ReceivedEvents::~ReceivedEvents() {
  for (const auto& [id, writer] : writers_) {
    try {
      writer->finish();
    } catch (const Error&) {
      // What is acknowledged is stored; the file only reads as unclosed.
    }
  }
}

std::int64_t ReceivedEvents::append(const EventFileHeader& header,
                                    std::span<const EventMessage::Row> rows) {
  return writer_of(header)->append(rows);
}

void ReceivedEvents::finish(const EventFileHeader& header) { writer_of(header)->finish(); }

std::shared_ptr<ReceivedEvents::Writer> ReceivedEvents::writer_of(const EventFileHeader& header) {
  const std::lock_guard lock(mutex_);
  auto& writer = writers_[header.writer_id];
  if (!writer) {
    try {
      writer = std::make_shared<Writer>(files_, data_dir_, header);
    } catch (...) {
      writers_.erase(header.writer_id);
      throw;
    }
  }
  return writer;
}

}  // namespace litmus
