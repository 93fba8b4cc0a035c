// SPDX-License-Identifier: Apache-2.0
#include "history/session_recorder.h"

#include <arrow/buffer.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "litmus/error.h"
#include "model/event.h"
#include "model/event_json.h"
#include "project/check_rows.h"
#include "project/run_batches.h"
#include "store/data_layout.h"
#include "store/run_file.h"
#include "store/sealed_event_rows.h"

namespace litmus::history {

SessionRecorder::SessionRecorder(FileSystem& files, const std::string& data_dir,
                                 const EventFileHeader& process, Timestamp started_at,
                                 Random& random)
    : files_(files),
      data_dir_(data_dir),
      random_(random),
      header_(process),
      run_id_(random.uuid()),
      started_at_(started_at),
      accumulator_(process.session_id, run_id_) {
  header_.writer_id = random.uuid();
  session_text_ = header_.session_id.to_string();
  run_text_ = run_id_.to_string();
  source_.writer = header_.writer_id.to_string();
}

void SessionRecorder::store(const Event& event) {
  if (rows_.size() == static_cast<std::size_t>(kRowsPerSegment)) write_segment();
  const Envelope& envelope = envelope_of(event);
  StoredRow& stored = rows_.emplace_back();
  stored.id = envelope.id.to_string();
  append_json(stored.json, event);
  stored.row.seq = next_seq_++;
  stored.row.occurred_at = envelope.occurred_at;
  stored.row.received_at = *envelope.received_at;
  stored.row.event_type = tag_of(event);
  stored.row.session_id = session_text_;
  if (envelope.run_id) stored.row.run_id = run_text_;
  if (!RunAccumulator::reads(stored.row.event_type) || !accumulator_.apply(event)) return;
  if (source_.events++ == 0) source_.first_seq = stored.row.seq;
  source_.last_seq = stored.row.seq;
}

void SessionRecorder::seal() {
  const RunRows rows = accumulator_.rows();
  if (const auto problems = check_rows(rows); !problems.empty()) {
    throw Error(Code::kInvalidArgument,
                fmt::format("run {}: {}", run_text_, fmt::join(problems, "; ")));
  }
  RunFile file;
  file.folder = runs_folder(data_dir_, *rows.run.run_started_at);
  file.stem = run_file_stem(*rows.run.run_started_at, rows.run.dut_serial.value_or(""));
  file.run_id = run_text_;
  RunBatches batches(rows);
  file.metadata = batches.metadata(to_json({source_}));

  RunMaterialized materialized;
  materialized.materializer = "parquet";
  materialized.destination = publish_run_file(files_, file, batches).path;
  const Timestamp at = ended_at_ + std::chrono::milliseconds(5);
  materialized.materialized_at = at;
  materialized.row_counts =
      ValueMap{{"run", 1}, {"step", rows.steps.size()}, {"measurement", rows.measurements->size()}};
  emit(std::move(materialized), at);
  write_segment();
}

void SessionRecorder::write_segment() {
  header_.first_seq = rows_.front().row.seq;
  header_.sealed = {static_cast<std::int64_t>(rows_.size()), rows_.back().row.seq};
  SealedEventRows sealed(header_);
  for (StoredRow& stored : rows_) {
    stored.row.id = stored.id;
    stored.row.json = stored.json;
    sealed.add(stored.row);
  }
  rows_.clear();
  const auto content = sealed.finish();
  const std::string folder = events_folder(data_dir_, started_at_);
  files_.create_folders(folder);
  const auto file = files_.open_for_append(
      join_path(folder, event_file_name(header_.session_id, header_.pid, header_.segment)),
      FileSystem::Create::kNew);
  file->append({content->data(), static_cast<std::size_t>(content->size())});
  file->sync();
  file->close();
  ++header_.segment;
}

}  // namespace litmus::history
