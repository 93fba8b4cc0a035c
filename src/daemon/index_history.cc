// SPDX-License-Identifier: Apache-2.0
#include "daemon/index_history.h"

#include <arrow/array/array_binary.h>
#include <arrow/array/array_primitive.h>
#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <algorithm>

#include "daemon/feed.h"
#include "index/index.h"
#include "store/arrow_status.h"

namespace litmus {
namespace {

constexpr std::int64_t kPageRows = 2'000;
// How many event numbers a page spans: few rows are found by looking at many.
constexpr std::int64_t kPageSpan = 200'000;

// SQL text literal.
std::string quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    out += c;
    if (c == '\'') out += c;
  }
  return out + "'";
}

std::string literal(Timestamp time) {
  return fmt::format("make_timestamptz({})", time.time_since_epoch().count());
}

// What the index can sort out cheaply; the rest is the subscriber's.
std::string condition(const EventSelection& selection, const RunIds* runs) {
  std::string sql;
  if (!selection.session_id.empty()) sql += " AND session_id = " + quoted(selection.session_id);
  if (!selection.run_id.empty()) sql += " AND run_id = " + quoted(selection.run_id);
  if (selection.since) sql += " AND received_at >= " + literal(*selection.since);
  if (!selection.event_types.empty()) {
    std::string types;
    for (const std::string& type : selection.event_types) {
      if (!types.empty()) types += " OR ";
      types += type.ends_with('*') ? fmt::format("starts_with(event_type, {})",
                                                 quoted(type.substr(0, type.size() - 1)))
                                   : "event_type = " + quoted(type);
    }
    sql += " AND (" + types + ")";
  }
  if (runs != nullptr) {
    std::string list = "NULL";
    for (const std::string& run : *runs) list += ", " + quoted(run);
    sql += " AND run_id IN (" + list + ")";
  }
  return sql;
}

using Batch = arrow::RecordBatch;

template <class OnBatch>
void for_each_batch(arrow::RecordBatchReader& reader, OnBatch on_batch) {
  while (true) {
    const auto batch = value_or_throw(reader.Next(), "read events from the index");
    if (!batch) return;
    on_batch(*batch);
  }
}

std::string_view text_at(const Batch& batch, int column, std::int64_t row) {
  return static_cast<const arrow::StringArray&>(*batch.column(column)).GetView(row);
}

std::int64_t integer_at(const Batch& batch, int column, std::int64_t row) {
  return static_cast<const arrow::Int64Array&>(*batch.column(column)).Value(row);
}

std::shared_ptr<const StreamedEvent> event_at(const Batch& batch, std::int64_t row) {
  const auto time = [&](int column) {
    return Timestamp(std::chrono::microseconds(integer_at(batch, column, row)));
  };
  auto event = std::make_shared<StreamedEvent>();
  event->event_number = integer_at(batch, 0, row);
  event->writer_id = Uuid::parse(text_at(batch, 1, row));
  event->seq = integer_at(batch, 2, row);
  event->occurred_at = time(3);
  event->received_at = time(4);
  event->id = text_at(batch, 5, row);
  event->event_type = text_at(batch, 6, row);
  event->session_id = text_at(batch, 7, row);
  if (batch.column(8)->IsValid(row)) event->run_id = text_at(batch, 8, row);
  event->json = text_at(batch, 9, row);
  return event;
}

}  // namespace

void IndexHistory::sync() { feed_.sync(); }

bool IndexHistory::is_complete() const { return feed_.state().caught_up; }

EventHistory::Page IndexHistory::page(const EventSelection& selection, const RunIds* runs,
                                      std::int64_t after, std::int64_t up_to) {
  Page page;
  page.end = std::min(after + kPageSpan, up_to);
  const auto reader = index_.sql(fmt::format(
      "SELECT event_number::BIGINT, writer_id::VARCHAR, seq::BIGINT, epoch_us(occurred_at), "
      "epoch_us(received_at), id, event_type, session_id::VARCHAR, run_id::VARCHAR, json "
      "FROM events WHERE event_number > {} AND event_number <= {}{} "
      "ORDER BY event_number LIMIT {}",
      after, page.end, condition(selection, runs), kPageRows));
  for_each_batch(*reader, [&](const Batch& batch) {
    for (std::int64_t i = 0; i < batch.num_rows(); ++i) page.events.push_back(event_at(batch, i));
  });
  if (std::ssize(page.events) == kPageRows) page.end = page.events.back()->event_number;
  return page;
}

std::optional<std::int64_t> IndexHistory::first_number_behind(const EventCursor& cursor) {
  const std::string of_others =
      cursor.from ? "received_at >= " + literal(*cursor.from) : std::string("true");
  std::string listed;
  for (const auto& [writer, seq] : cursor.writers) {
    listed += fmt::format("{}('{}', {})", listed.empty() ? "" : ", ", writer.to_string(), seq);
  }
  const std::string sql =
      listed.empty() ? "SELECT min(event_number)::BIGINT FROM events WHERE " + of_others
                     : fmt::format(
                           "SELECT min(event_number)::BIGINT FROM events "
                           "LEFT JOIN (VALUES {}) AS listed(writer, last_seq) "
                           "ON writer_id::VARCHAR = writer "
                           "WHERE CASE WHEN last_seq IS NULL THEN {} ELSE seq > last_seq END",
                           listed, of_others);
  std::optional<std::int64_t> first;
  for_each_batch(*index_.sql(sql), [&](const Batch& batch) {
    if (batch.num_rows() > 0 && batch.column(0)->IsValid(0)) first = integer_at(batch, 0, 0);
  });
  return first;
}

EventCursor IndexHistory::cursor_at(std::int64_t event_number, Timestamp from) {
  EventCursor cursor{from, {}};
  const auto reader = index_.sql(fmt::format(
      "SELECT writer_id::VARCHAR, max(seq)::BIGINT FROM events WHERE event_number <= {0} "
      "GROUP BY writer_id HAVING max(received_at) >= {1}",
      event_number, literal(from)));
  for_each_batch(*reader, [&](const Batch& batch) {
    for (std::int64_t i = 0; i < batch.num_rows(); ++i) {
      cursor.writers[Uuid::parse(text_at(batch, 0, i))] = integer_at(batch, 1, i);
    }
  });
  return cursor;
}

RunIds IndexHistory::unmaterialized_runs() {
  RunIds runs;
  const auto reader = index_.sql(
      "SELECT run_id::VARCHAR FROM events WHERE event_type = 'run.started' AND run_id IS NOT NULL "
      "EXCEPT "
      "SELECT run_id::VARCHAR FROM events WHERE event_type = 'run.materialized'");
  for_each_batch(*reader, [&](const Batch& batch) {
    for (std::int64_t i = 0; i < batch.num_rows(); ++i) runs.emplace(text_at(batch, 0, i));
  });
  return runs;
}

}  // namespace litmus
