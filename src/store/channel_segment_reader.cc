// SPDX-License-Identifier: Apache-2.0
#include "store/channel_segment_reader.h"

#include <arrow/array.h>
#include <arrow/buffer.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/message.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/reader.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "store/channel_rows.h"
#include "store/ipc_frame.h"

namespace litmus {
namespace {

constexpr std::size_t kEndMarkerSize = 8;

arrow::ipc::IpcReadOptions read_options() {
  auto options = arrow::ipc::IpcReadOptions::Defaults();
  options.memory_pool = limited_pool();
  options.use_threads = false;
  return options;
}

// Decodes messages one by one and can go on behind one that is damaged: the schema and the texts
// that came before are given to it again.
class Decoder {
 public:
  arrow::Status schema(std::shared_ptr<arrow::Buffer> message) {
    schema_ = std::move(message);
    return restart();
  }

  // The texts of a column, and those that come to them.
  arrow::Status dictionary(std::shared_ptr<arrow::Buffer> message) {
    ARROW_RETURN_NOT_OK(consume(message));
    dictionaries_.push_back(std::move(message));
    return arrow::Status::OK();
  }

  // The rows of a record batch message. The decoder keeps the head until the next one comes.
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> rows(
      const std::shared_ptr<arrow::Buffer>& head, const std::shared_ptr<arrow::Buffer>& body) {
    ARROW_RETURN_NOT_OK(consume(head));
    if (body->size() > 0) ARROW_RETURN_NOT_OK(consume(body));
    return std::exchange(listener_->rows, nullptr);  // they keep the content that they are in
  }

 private:
  struct Listener final : arrow::ipc::Listener {
    arrow::Status OnRecordBatchDecoded(std::shared_ptr<arrow::RecordBatch> decoded) override {
      rows = std::move(decoded);
      return arrow::Status::OK();
    }
    std::shared_ptr<arrow::RecordBatch> rows;
  };

  arrow::Status consume(const std::shared_ptr<arrow::Buffer>& message) {
    if (!decoder_) ARROW_RETURN_NOT_OK(restart());
    arrow::Status status = decoder_->Consume(message);
    if (!status.ok()) decoder_ = nullptr;
    return status;
  }

  arrow::Status restart() {
    listener_ = std::make_shared<Listener>();
    decoder_ = std::make_unique<arrow::ipc::StreamDecoder>(listener_, read_options());
    ARROW_RETURN_NOT_OK(decoder_->Consume(schema_));
    for (const auto& dictionary : dictionaries_) ARROW_RETURN_NOT_OK(decoder_->Consume(dictionary));
    return arrow::Status::OK();
  }

  std::shared_ptr<arrow::Buffer> schema_;
  std::vector<std::shared_ptr<arrow::Buffer>> dictionaries_;
  std::shared_ptr<Listener> listener_;
  std::unique_ptr<arrow::ipc::StreamDecoder> decoder_;
};

class Scan {
 public:
  // Goes on behind the `good_end` of the report, where the content begins.
  Scan(const std::shared_ptr<FileContent>& content, const OnChannelRows& on_rows,
       ChannelSegmentReport& report, Decoder& decoder)
      : content_(content),
        bytes_(content->bytes()),
        on_rows_(on_rows),
        report_(report),
        decoder_(decoder),
        offset_(report.good_end) {}

  void run() {
    if (report_.schema || read_header()) read_messages();
  }

 private:
  bool read_header() {
    if (bytes_.empty()) return true;
    const auto read = read_ipc_frame(bytes_);
    const bool is_schema = read.frame && read.frame->message &&
                           read.frame->message->type() == arrow::ipc::MessageType::SCHEMA;
    std::string problem = read.problem;
    if (!read.frame && read.incomplete) return false;  // or cut off; the caller sees good_end
    if (is_schema) {
      arrow::ipc::DictionaryMemo memo;
      const auto schema = arrow::ipc::ReadSchema(*read.frame->message, &memo);
      const arrow::Status status =
          schema.ok() ? decoder_.schema(copy_at(read.frame->size)) : schema.status();
      if (status.ok() && is_channel_schema(**schema) && has_columns_of_header(**schema)) {
        report_.schema = *schema;
      } else {
        problem = status.ok() ? "its columns are not those of a channel" : status.message();
      }
    }
    if (!report_.schema) {
      add_damage(0, bytes_.size(), "the segment's schema cannot be read: " + problem);
      return false;
    }
    at_ = read.frame->size;
    report_.header = channel_header_from(*report_.schema);
    if (!report_.header) add_damage(0, at_, "the segment's header does not match its checksum");
    mark_good();
    return true;
  }

  void read_messages() {
    while (at_ < bytes_.size()) {
      const auto read = read_ipc_frame(bytes_.subspan(at_));
      if (!read.frame) {
        begin_damage(read.problem);
        skip_to_next_candidate();
        continue;
      }
      if (!read.frame->message) {
        if (at_ + kEndMarkerSize == bytes_.size()) {
          report_.closed = true;
          finish_damage();
          at_ += kEndMarkerSize;
          mark_good();
          break;
        }
        begin_damage("an end marker in the middle of the segment");
        skip_to_next_candidate();
        continue;
      }
      read_message(*read.frame);
    }
    finish_damage();
    if (report_.header && report_.header->sealed) {
      const std::int64_t last = report_.header->sealed->last_seq;
      if (next_seq() <= last) explain_gap(next_seq(), last, at_);
    }
  }

  void read_message(const IpcFrame& frame) {
    const auto type = frame.message->type();
    const bool is_dictionary = type == arrow::ipc::MessageType::DICTIONARY_BATCH;
    if (!is_dictionary && type != arrow::ipc::MessageType::RECORD_BATCH) {
      begin_damage("a message that is neither samples nor their texts");
      skip_to_next_candidate();
      return;
    }
    std::string problem;
    std::shared_ptr<arrow::RecordBatch> rows;
    if (is_dictionary) {
      problem = decoder_.dictionary(copy_at(frame.size)).message();
    } else {
      const auto body = static_cast<std::size_t>(frame.message->body_length());
      const std::size_t head = frame.size - body;
      auto decoded = decoder_.rows(copy_at(head), view_at(at_ + head, body));
      problem = decoded.status().message();
      if (decoded.ok()) problem = check(rows = *std::move(decoded));
    }
    if (!problem.empty()) {
      begin_damage("a message cannot be read: " + problem);
      skip_to_next_candidate();
      return;
    }
    finish_damage();
    if (!is_dictionary) take_rows(rows, frame.size);
    at_ += frame.size;
    mark_good();
  }

  // Everything that a checksum takes for granted. Empty: it holds.
  static std::string check(const std::shared_ptr<arrow::RecordBatch>& rows) {
    if (!rows) return "it holds no rows";
    if (const auto valid = rows->ValidateFull(); !valid.ok()) return valid.message();
    const ChannelColumns columns(rows->num_columns());
    for (const int column : {ChannelColumns::timestamp, columns.direction, columns.source_method,
                             columns.session_id, columns.seq, columns.crc}) {
      if (rows->column(column)->null_count() > 0) {
        return "a value is missing in column " + rows->schema()->field(column)->name();
      }
    }
    return "";
  }

  // Gives runs of good rows that follow each other.
  void take_rows(const std::shared_ptr<arrow::RecordBatch>& rows, std::size_t size) {
    const ChannelColumns columns(rows->num_columns());
    const auto expected = channel_row_crcs(*rows);
    const auto* crcs = rows->column(columns.crc)->data()->GetValues<std::uint32_t>(1);
    const auto* seqs = rows->column(columns.seq)->data()->GetValues<std::int64_t>(1);
    std::int64_t begin = 0;
    const auto give = [&](std::int64_t end) {
      if (end == begin) return;
      report_.rows += end - begin;
      on_rows_(rows->Slice(begin, end - begin));
    };
    for (std::int64_t i = 0; i < rows->num_rows(); ++i) {
      const bool holds = crcs[i] == expected[static_cast<std::size_t>(i)];
      if (holds && seqs[i] == next_seq()) {
        report_.last_seq = seqs[i];
        open_damage_ = false;
        continue;
      }
      give(i);
      begin = i + 1;
      if (!holds) {
        if (!open_damage_) add_damage(at_, at_ + size, "checksum of a sample does not match");
      } else if (seqs[i] < next_seq()) {
        add_damage(at_, at_ + size,
                   fmt::format("seq {} comes again or in the wrong order, expected {}", seqs[i],
                               next_seq()));
      } else {
        if (report_.last_seq || report_.header) explain_gap(next_seq(), seqs[i] - 1, at_);
        open_damage_ = false;
        report_.last_seq = seqs[i];
        begin = i;
      }
    }
    give(rows->num_rows());
  }

  std::int64_t next_seq() const {
    if (report_.last_seq) return *report_.last_seq + 1;
    return report_.header ? report_.header->first_seq : INT64_MIN;
  }

  // Missing numbers belong to the damage just before; without one they are damage by themselves,
  // unless an earlier repair wrote them down as lost.
  void explain_gap(std::int64_t first, std::int64_t last, std::uint64_t position) {
    if (open_damage_ && !report_.damages.empty()) {
      report_.damages.back().seqs = SeqRange{first, last};
      return;
    }
    if (report_.header && report_.header->knows_as_lost(first, last)) return;
    report_.damages.push_back(
        {offset_ + position, offset_ + position, SeqRange{first, last}, "samples are missing"});
  }

  void add_damage(std::uint64_t begin, std::uint64_t end, std::string what) {
    report_.damages.push_back({offset_ + begin, offset_ + end, std::nullopt, std::move(what)});
    open_damage_ = true;
  }

  void begin_damage(std::string what) {
    if (damage_begin_) return;
    damage_begin_ = at_;
    damage_what_ = std::move(what);
  }

  void finish_damage() {
    if (!damage_begin_) return;
    add_damage(*damage_begin_, at_, damage_what_);
    damage_begin_.reset();
  }

  void mark_good() {
    if (!damage_begin_) report_.good_end = offset_ + at_;
  }

  // Messages begin with four bytes FF, at a multiple of eight.
  void skip_to_next_candidate() {
    do {
      at_ = std::min((at_ / 8 + 1) * 8, bytes_.size());
    } while (
        at_ + 4 <= bytes_.size() &&
        !std::ranges::all_of(bytes_.subspan(at_, 4), [](std::uint8_t b) { return b == 0xFF; }));
    if (at_ + 4 > bytes_.size()) at_ = bytes_.size();
  }

  // Schema and texts outlive the content.
  std::shared_ptr<arrow::Buffer> copy_at(std::size_t size) {
    return arrow::Buffer::FromString(
        std::string(reinterpret_cast<const char*>(bytes_.data() + at_), size));
  }

  // Keeps the content as long as anybody uses the rows.
  std::shared_ptr<arrow::Buffer> view_at(std::size_t at, std::size_t size) {
    return {new arrow::Buffer(bytes_.data() + at, static_cast<std::int64_t>(size)),
            [content = content_](arrow::Buffer* buffer) { delete buffer; }};
  }

  const std::shared_ptr<FileContent>& content_;
  Bytes bytes_;
  const OnChannelRows& on_rows_;
  ChannelSegmentReport& report_;
  Decoder& decoder_;
  std::uint64_t offset_;  // of the content in the file
  std::size_t at_ = 0;
  std::optional<std::size_t> damage_begin_;
  std::string damage_what_;
  bool open_damage_ = false;  // no good row since the last damage
};

}  // namespace

bool is_torn_tail(const ChannelSegmentReport& report, const ChannelDamage& damage) {
  return report.header && !report.header->sealed && !report.closed &&
         &damage == &report.damages.back() && damage.begin >= report.good_end;
}

ChannelSegmentReport scan_channel_segment(const std::shared_ptr<FileContent>& content,
                                          const OnChannelRows& on_rows) {
  ChannelSegmentReport report;
  Decoder decoder;
  Scan(content, on_rows, report, decoder).run();
  if (!report.schema && report.damages.empty() && !content->bytes().empty()) {
    report.damages.push_back(
        {0, content->bytes().size(), std::nullopt, "the segment is cut off within its schema"});
  }
  return report;
}

struct ChannelSegmentTail::State {
  ChannelSegmentReport report;
  Decoder decoder;
  std::optional<std::int64_t> last_seq;  // given
};

ChannelSegmentTail::ChannelSegmentTail(std::optional<std::int64_t> last_seq)
    : state_(std::make_unique<State>()) {
  state_->last_seq = last_seq;
}
ChannelSegmentTail::~ChannelSegmentTail() = default;
ChannelSegmentTail::ChannelSegmentTail(ChannelSegmentTail&&) noexcept = default;

const ChannelSegmentReport& ChannelSegmentTail::read(FileSystem& files, const std::string& path,
                                                     const OnChannelRows& on_rows) {
  const auto status = files.status(path);
  const bool is_replaced =
      state_->report.closed || (status && status->size < state_->report.good_end);
  if (is_replaced) {
    const auto last_seq = state_->last_seq;
    state_ = std::make_unique<State>();
    state_->last_seq = last_seq;
  }
  const std::shared_ptr<FileContent> content = files.read_from(path, state_->report.good_end);
  state_->report.damages.clear();
  const OnChannelRows give = [&](const std::shared_ptr<arrow::RecordBatch>& rows) {
    const auto* seqs = rows->column(rows->num_columns() - 2)->data()->GetValues<std::int64_t>(1);
    std::int64_t known = 0;
    while (state_->last_seq && known < rows->num_rows() && seqs[known] <= *state_->last_seq)
      ++known;
    if (known == rows->num_rows()) return;
    state_->last_seq = seqs[rows->num_rows() - 1];
    on_rows(rows->Slice(known));
  };
  Scan(content, give, state_->report, state_->decoder).run();
  return state_->report;
}

std::optional<ChannelSegmentHead> read_channel_head(FileSystem& files, const std::string& path) {
  for (std::uint64_t size = 8192;; size *= 8) {
    const auto content = files.read_part(path, 0, size);
    const auto read = read_ipc_frame(content->bytes());
    if (!read.frame && read.incomplete && content->bytes().size() == size) continue;
    if (!read.frame || !read.frame->message ||
        read.frame->message->type() != arrow::ipc::MessageType::SCHEMA) {
      return std::nullopt;
    }
    arrow::ipc::DictionaryMemo memo;
    const auto schema = arrow::ipc::ReadSchema(*read.frame->message, &memo);
    if (!schema.ok() || !is_channel_schema(**schema) || !(*schema)->HasMetadata()) {
      return std::nullopt;
    }
    auto header = channel_header_from(**schema);
    if (!header) return std::nullopt;
    return ChannelSegmentHead{*std::move(header), *schema};
  }
}

}  // namespace litmus
