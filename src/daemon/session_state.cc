// SPDX-License-Identifier: Apache-2.0
#include "daemon/session_state.h"

#include <arrow/table.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "litmus/error.h"
#include "model/event_json.h"
#include "project/run_batches.h"
#include "store/arrow_status.h"

namespace litmus {
namespace {

// A producer without host or pid cannot be looked for.
template <class E>
std::optional<ProcessIdentity> producer_of(const E& event) {
  if (!event.host || !event.pid) return std::nullopt;
  return ProcessIdentity{*event.host, *event.pid, event.process_started_at,
                         event.process_start_key.value_or("")};
}

}  // namespace

bool SessionState::take(const EventRow& row, std::uint32_t writer, const std::string& file) {
  FollowedRun* run = run_of(row);
  mark(row, file, run);
  if (depth_ == Depth::kMarks) return true;
  if (!RunAccumulator::reads(row.event_type) && row.event_type != SessionStarted::kTag) return true;
  if (run != nullptr && run->sealed) return false;
  return apply(row, writer, run);
}

void SessionState::mark(const EventRow& row, const std::string& file, FollowedRun* run) {
  if (run == nullptr) {
    if (row.event_type == SessionEnded::kTag) ended_ = true;
    if (row.event_type == SessionStarted::kTag && !started_at_) started_at_ = row.occurred_at;
    return;
  }
  run->last_event_at = std::max(run->last_event_at, row.occurred_at);
  if (row.event_type == RunStarted::kTag) {
    run->started = true;
    run->start_file = file;
    run->started_at = row.occurred_at;
  } else if (row.event_type == RunEnded::kTag) {
    run->ended = true;
  } else if (row.event_type == RunMaterialized::kTag) {
    run->sealed = true;
    run->accumulator.reset();
  }
}

bool SessionState::apply(const EventRow& row, std::uint32_t writer, FollowedRun* run) {
  Event event;
  try {
    event = parse_event(row.json);
  } catch (const Error& error) {
    problems_.push_back("session " + id_.to_string() + ", seq " + std::to_string(row.seq) + ": " +
                        error.what());
    return true;
  }
  if (const auto* session = std::get_if<SessionStarted>(&event)) producer_ = producer_of(*session);
  if (const auto* started = std::get_if<RunStarted>(&event); started != nullptr && run != nullptr) {
    run->producer = producer_of(*started);
  }
  if (run != nullptr) {
    if (run->accumulator->apply(event, writer)) run->changed = true;
    return true;
  }
  for (auto& [id, other] : runs_) {
    if (other.accumulator && other.accumulator->apply(event, writer)) other.changed = true;
  }
  if (std::holds_alternative<InstrumentConnected>(event)) {
    connected_.push_back({std::move(event), writer});
  }
  return true;
}

// Null for an event of the session as a whole, and for an id that is none.
FollowedRun* SessionState::run_of(const EventRow& row) {
  if (!row.run_id) return nullptr;
  if (last_run_ != nullptr && last_run_text_ == *row.run_id) return last_run_;
  Uuid id;
  try {
    id = Uuid::parse(*row.run_id);
  } catch (const Error& error) {
    problems_.push_back("session " + id_.to_string() + ": " + error.what());
    return nullptr;
  }
  const auto [place, added] = runs_.try_emplace(id);
  FollowedRun& run = place->second;
  if (added && depth_ == Depth::kRows) {
    run.accumulator = std::make_unique<RunAccumulator>(id_, id);
    for (const auto& [event, writer] : connected_) run.accumulator->apply(event, writer);
  }
  last_run_text_ = *row.run_id;
  last_run_ = &run;
  return &run;
}

void SessionState::seal(const Uuid& run_id) {
  const auto place = runs_.find(run_id);
  if (place == runs_.end()) return;
  place->second.sealed = true;
  place->second.accumulator.reset();
}

bool SessionState::all_sealed() const {
  return std::ranges::all_of(
      runs_, [](const auto& run) { return run.second.sealed || !run.second.started; });
}

std::vector<std::string> SessionState::take_problems() { return std::exchange(problems_, {}); }

std::shared_ptr<arrow::Table> rows_of(const FollowedRun& run) {
  if (!run.accumulator || !run.accumulator->started()) return nullptr;
  const RunRows rows = run.accumulator->rows();
  RunBatches batches(rows);
  return value_or_throw(arrow::Table::FromRecordBatchReader(&batches), "make the rows of a run");
}

}  // namespace litmus
