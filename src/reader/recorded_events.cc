// SPDX-License-Identifier: Apache-2.0
#include "reader/recorded_events.h"

#include <arrow/array/array_binary.h>
#include <arrow/array/array_primitive.h>
#include <arrow/record_batch.h>

#include "litmus/error.h"
#include "model/event_json.h"

namespace litmus {
namespace {

// A column that the daemon must have sent.
template <class Array>
const Array& column(const arrow::RecordBatch& rows, const char* name) {
  const auto found = rows.GetColumnByName(name);
  if (found == nullptr || found->type_id() != Array::TypeClass::type_id) {
    throw Error(Code::kCorrupt, std::string("events: expected a column ") + name + " of type " +
                                    Array::TypeClass::type_name() + ", found " +
                                    rows.schema()->ToString());
  }
  return static_cast<const Array&>(*found);
}

}  // namespace

Event RecordedEvent::event() const { return parse_event(json); }

void append_events(std::vector<RecordedEvent>& events, const arrow::RecordBatch& rows) {
  if (rows.num_rows() == 0) return;
  const auto& event_number = column<arrow::Int64Array>(rows, "event_number");
  const auto& writer_id = column<arrow::StringArray>(rows, "writer_id");
  const auto& seq = column<arrow::Int64Array>(rows, "seq");
  const auto& received_at = column<arrow::TimestampArray>(rows, "received_at");
  const auto& event_type = column<arrow::StringArray>(rows, "event_type");
  const auto& session_id = column<arrow::StringArray>(rows, "session_id");
  const auto& run_id = column<arrow::StringArray>(rows, "run_id");
  const auto& json = column<arrow::StringArray>(rows, "json");
  events.reserve(events.size() + static_cast<std::size_t>(rows.num_rows()));
  for (std::int64_t i = 0; i < rows.num_rows(); ++i) {
    RecordedEvent& event = events.emplace_back();
    event.event_number = event_number.Value(i);
    event.writer_id = Uuid::parse(writer_id.GetView(i));
    event.seq = seq.Value(i);
    event.received_at = Timestamp(std::chrono::microseconds(received_at.Value(i)));
    event.event_type = event_type.GetView(i);
    event.session_id = session_id.GetView(i);
    if (run_id.IsValid(i)) event.run_id = run_id.GetView(i);
    event.json = json.GetView(i);
  }
}

}  // namespace litmus
