// SPDX-License-Identifier: Apache-2.0
#include "channels/segment_rows.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <map>

#include "channels/journal_recovery.h"
#include "channels/sample_columns.h"
#include "litmus/error.h"
#include "store/channel_batch.h"
#include "store/channel_registry.h"
#include "store/channel_segment_reader.h"

namespace litmus {
namespace {

constexpr std::size_t kSession8 = 8;

class Reader {
 public:
  Reader(FileSystem& files, const std::string& data_dir, const ChannelQuery& query)
      : files_(files), data_dir_(data_dir), query_(query) {}

  StoredRows read() {
    const std::string session8 = query_.session_id.substr(0, kSession8);
    const ChannelFileName wanted{query_.channel_id, session8, "", 0};
    // First the journals: what is split meanwhile is then found twice, not missed.
    auto journals = read_journals(files_, data_dir_, wanted.stem());
    for (const auto& segment :
         find_channel_segments(files_, data_dir_, query_.channel_id, session8)) {
      read_segment(segment);
    }
    for (const JournalContent& journal : journals) {
      for (const auto& [number, rows] : journal.channels) add_journalled(journal.owner, rows);
    }
    return std::move(result_);
  }

 private:
  struct Writer {
    std::string data_type;  // of its last segment
    std::int64_t next_seq = 0;
  };

  void read_segment(const ChannelSegmentPath& segment) {
    if (query_.row && segment.name.writer != query_.writer) return;
    std::optional<ChannelSegmentHead> head;
    std::shared_ptr<FileContent> content;
    try {
      head = read_channel_head(files_, segment.path);
      if (head) {
        if (head->header.channel_id != query_.channel_id) return;
        if (query_.session_id.size() > kSession8 &&
            head->header.session_id.to_string() != query_.session_id) {
          return;
        }
        result_.schemas.push_back(head->schema);
        Writer& writer = writers_[parent_folder(segment.path) + '/' + segment.name.stem()];
        writer.data_type = head->header.data_type;
        writer.next_seq = std::max(writer.next_seq, head->header.first_seq);
        if (head->header.sealed && is_elsewhere(head->header)) {
          writer.next_seq = std::max(writer.next_seq, head->header.sealed->last_seq + 1);
          return;
        }
      }
      content = files_.read(segment.path);
    } catch (const Error& error) {
      if (error.code() != Code::kNotFound) result_.damages.emplace_back(error.what());
      return;  // removed meanwhile
    }
    const auto report = scan_channel_segment(
        content, [this](const std::shared_ptr<arrow::RecordBatch>& rows) { add(rows); });
    if (report.last_seq) {
      auto& next = writers_[parent_folder(segment.path) + '/' + segment.name.stem()].next_seq;
      next = std::max(next, *report.last_seq + 1);
    }
    for (const ChannelDamage& damage : report.damages) {
      if (!is_torn_tail(report, damage)) result_.damages.push_back(describe(segment.path, damage));
    }
  }

  bool is_elsewhere(const ChannelSegmentHeader& header) const {
    const auto& sealed = *header.sealed;
    return (query_.start && sealed.last_time < *query_.start) ||
           (query_.end && sealed.first_time > *query_.end) ||
           (query_.row && (*query_.row < header.first_seq || *query_.row > sealed.last_seq));
  }

  // The runs of rows that are selected.
  void add(const std::shared_ptr<arrow::RecordBatch>& rows) {
    const auto* times = rows->column(0)->data()->GetValues<std::int64_t>(1);
    const auto* seqs = rows->column(rows->num_columns() - 2)->data()->GetValues<std::int64_t>(1);
    const std::int64_t start = query_.start ? query_.start->time_since_epoch().count() : INT64_MIN;
    const std::int64_t end = query_.end ? query_.end->time_since_epoch().count() : INT64_MAX;
    const std::int64_t count = rows->num_rows();
    if (!query_.start && !query_.end && !query_.row) return result_.batches.push_back(rows);
    const auto is_selected = [&](std::int64_t i) {
      return times[i] >= start && times[i] <= end && (!query_.row || seqs[i] == *query_.row);
    };
    for (std::int64_t begin = 0; begin < count;) {
      std::int64_t stop = begin;
      while (stop < count && is_selected(stop)) ++stop;
      if (stop > begin) result_.batches.push_back(rows->Slice(begin, stop - begin));
      begin = stop + 1;
    }
  }

  void add_journalled(const JournalOwner& owner, const JournalledRows& rows) {
    const auto name = ChannelFileName::parse(rows.channel.stem + ".arrow");
    if (rows.seqs.empty() || !name || name->channel_id != query_.channel_id) return;
    const std::string session = owner.session_id.to_string();
    if (query_.session_id.size() > kSession8 && session != query_.session_id) return;
    if (query_.row && name->writer != query_.writer) return;
    const auto writer = writers_.find(
        join_path(join_path(channels_folder(data_dir_), rows.channel.date), rows.channel.stem));
    if (writer == writers_.end()) return;  // its segments were removed
    const auto begin = std::ranges::lower_bound(rows.seqs, writer->second.next_seq);
    const auto first = static_cast<std::size_t>(begin - rows.seqs.begin());
    const std::size_t count = rows.seqs.size() - first;
    if (count == 0) return;
    const auto missing = std::span(rows.missing).subspan(first);
    const bool has_missing = std::ranges::any_of(missing, [](auto is) { return is != 0; });
    const auto timestamps = arrow::Buffer::FromString(
        std::string(reinterpret_cast<const char*>(rows.timestamps.data() + first), count * 8));
    const auto values = arrow::Buffer::FromString(
        std::string(reinterpret_cast<const char*>(rows.values.data() + first), count * 8));
    const std::span<const double> numbers(reinterpret_cast<const double*>(values->data()), count);
    auto column = number_column(writer->second.data_type, numbers,
                                has_missing ? missing : std::span<const std::uint8_t>());
    if (column->type_id() == arrow::Type::DOUBLE) {
      auto data = column->data()->Copy();
      data->buffers[1] = values;  // keeps the numbers
      column = arrow::MakeArray(data);
    }
    ChannelBatchMaker maker(channel_schema(writer->second.data_type), session);
    add(maker.make({rows.seqs[first],
                    static_cast<std::int64_t>(count),
                    timestamps,
                    {column},
                    std::span(rows.text_numbers).subspan(first)},
                   rows.texts));
  }

  FileSystem& files_;
  const std::string& data_dir_;
  const ChannelQuery& query_;
  StoredRows result_;
  std::map<std::string, Writer> writers_;  // by folder and stem
};

}  // namespace

StoredRows read_stored_rows(FileSystem& files, const std::string& data_dir,
                            const ChannelQuery& query) {
  return Reader(files, data_dir, query).read();
}

}  // namespace litmus
