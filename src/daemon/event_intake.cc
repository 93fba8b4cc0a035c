// SPDX-License-Identifier: Apache-2.0
#include "daemon/event_intake.h"

#include <arrow/buffer.h>
#include <arrow/flight/server.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/align_util.h>
#include <fmt/format.h>

#include "litmus/error.h"
#include "store/arrow_status.h"
#include "store/event_file_schema.h"

namespace litmus {
namespace {

EventFileHeader header_of(const arrow::Schema& schema) {
  if (!schema.Equals(*event_schema(), /*check_metadata=*/false)) {
    throw Error(Code::kInvalidArgument,
                fmt::format("events: expected the columns of an event file:\n{}\nfound:\n{}",
                            event_schema()->ToString(), schema.ToString()));
  }
  const auto header = schema.HasMetadata() ? from_metadata(*schema.metadata()) : std::nullopt;
  if (!header) {
    throw Error(Code::kInvalidArgument,
                "events: expected the schema metadata of an event file (litmus.writer_id, "
                "litmus.session_id, ..., litmus.header_crc), found none whose checksum holds");
  }
  return *header;
}

}  // namespace

void FlightEventIntake::take_events(arrow::flight::FlightMessageReader& reader,
                                    arrow::flight::FlightMetadataWriter& writer) {
  const EventFileHeader header =
      header_of(*value_or_throw(reader.GetSchema(), "read the schema of events"));
  while (true) {
    const auto chunk = value_or_throw(reader.Next(), "receive events");
    if (!chunk.data) {
      if (!chunk.app_metadata) break;
      continue;
    }
    throw_if_failed(chunk.data->ValidateFull(), "use the batch of events");
    // On the wire nothing stands where the processor wants it.
    const auto batch =
        value_or_throw(arrow::util::EnsureAlignment(chunk.data, arrow::util::kValueAlignment,
                                                    arrow::default_memory_pool()),
                       "use the batch of events");
    const std::int64_t last_seq = events_.append(header, rows_of(*batch));
    const auto answer = arrow::Buffer::FromString(fmt::format(
        R"({{"writer_id":"{}","last_seq":{}}})", header.writer_id.to_string(), last_seq));
    throw_if_failed(writer.WriteMetadata(*answer), "acknowledge events");
  }
  events_.finish(header);
}

}  // namespace litmus
