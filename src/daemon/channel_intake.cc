// SPDX-License-Identifier: Apache-2.0
#include "daemon/channel_intake.h"

#include <arrow/flight/server.h>
#include <arrow/memory_pool.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/align_util.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "base/json_writer.h"
#include "litmus/error.h"
#include "model/value_json.h"
#include "results/table_cells.h"
#include "store/arrow_status.h"

namespace litmus {
namespace {

constexpr std::array<std::string_view, 11> kColumns{
    "channel_id", "timestamp",       "value", "value_bool", "value_text",   "samples",
    "fields",     "sample_interval", "units", "direction",  "source_method"};
constexpr std::array<const char*, 4> kValues{"value", "value_bool", "value_text", "samples"};

std::string metadata_of(const arrow::Schema& schema, const char* key) {
  if (!schema.HasMetadata()) return "";
  return schema.metadata()->Get(key).ValueOr("");
}

// Rows as a writer elsewhere sends them, written to a store one by one.
class ReceivedRows {
 public:
  ReceivedRows(std::string channel_id, const arrow::Schema& schema)
      : channel_id_(std::move(channel_id)),
        role_(metadata_of(schema, "litmus.instrument_role")),
        resource_(metadata_of(schema, "litmus.resource")) {
    const int time = schema.GetFieldIndex("timestamp");
    const bool is_time = time < 0 || schema.field(time)->type()->id() == arrow::Type::TIMESTAMP;
    const bool are_known = std::ranges::all_of(schema.fields(), [](const auto& field) {
      return std::ranges::find(kColumns, field->name()) != kColumns.end();
    });
    if (!is_time || !are_known) {
      throw Error(
          Code::kInvalidArgument,
          fmt::format("channel {}: expected columns among {}, timestamp as a time; found:\n{}",
                      channel_id_, fmt::join(kColumns, ", "), schema.ToString()));
    }
  }

  struct Stored {
    std::int64_t rows = 0;
    std::optional<ChannelReference> first;
  };
  Stored write(const std::shared_ptr<arrow::RecordBatch>& batch, ChannelStore& store) const {
    const auto table = value_or_throw(arrow::Table::FromRecordBatches({batch}), "use samples");
    std::vector<CellColumn> values;
    for (const char* name : kValues) values.emplace_back(*table, std::string(name));
    const CellColumn fields(*table, "fields");
    const CellColumn timestamp(*table, "timestamp");
    const CellColumn method(*table, "source_method");
    const CellColumn units(*table, "units");
    const CellColumn direction(*table, "direction");
    const CellColumn interval(*table, "sample_interval");
    Stored stored;
    for (std::int64_t row = 0; row < table->num_rows(); ++row) {
      SampleInfo info;
      info.source_method = method.text(row).value_or("remote");
      info.units = units.text(row);
      info.direction = direction.text(row).value_or("observe");
      info.instrument_role = role_;
      info.resource = resource_;
      info.timestamp = timestamp.time(row);
      const auto reference =
          write_value(value_of(values, fields, row), interval.number(row), info, store);
      if (!reference) continue;
      if (!stored.first) stored.first = reference;
      ++stored.rows;
    }
    return stored;
  }

 private:
  static Value value_of(const std::vector<CellColumn>& columns, const CellColumn& fields,
                        std::int64_t row) {
    if (const auto json = fields.text(row)) return parse_value(*json);
    for (const CellColumn& column : columns) {
      Value value = column.value(row);
      if (!value.is_null()) return value;
    }
    return {};
  }

  ChannelStore::Reference write_value(const Value& value, std::optional<double> interval,
                                      const SampleInfo& info, ChannelStore& store) const {
    if (const auto* number = value.get_if<double>()) return store.write(channel_id_, *number, info);
    if (const auto* integer = value.get_if<std::int64_t>()) {
      return store.write(channel_id_, static_cast<double>(*integer), info);
    }
    if (const auto* flag = value.get_if<bool>()) return store.write(channel_id_, *flag, info);
    if (const auto* text = value.get_if<std::string>()) {
      return store.write(channel_id_, std::string_view(*text), info);
    }
    if (const auto* map = value.get_if<ValueMap>()) return store.write(channel_id_, *map, info);
    if (value.get_if<ValueList>() != nullptr) {
      return store.write(channel_id_,
                         ValueMap{{"samples", value}, {"sample_interval", interval.value_or(0.0)}},
                         info);
    }
    throw Error(Code::kInvalidArgument,
                fmt::format("channel {}: expected a value in each row, found none", channel_id_));
  }

  std::string channel_id_;
  std::string role_;
  std::string resource_;
};

}  // namespace

void ChannelIntake::take_samples(const std::string& channel_id,
                                 arrow::flight::FlightMessageReader& reader,
                                 arrow::flight::FlightMetadataWriter& writer) {
  const auto schema = value_or_throw(reader.GetSchema(), "read the schema of samples");
  const std::string session = metadata_of(*schema, "litmus.session_id");
  const auto store = store_of(session.empty() ? Uuid::random() : Uuid::parse(session));
  const ReceivedRows rows(channel_id, *schema);
  while (true) {
    const auto chunk = value_or_throw(reader.Next(), "receive samples");
    if (!chunk.data) {
      if (!chunk.app_metadata) break;
      continue;
    }
    throw_if_failed(chunk.data->ValidateFull(), "use the batch of samples");
    // On the wire nothing stands where the processor wants it.
    const auto batch =
        value_or_throw(arrow::util::EnsureAlignment(chunk.data, arrow::util::kValueAlignment,
                                                    arrow::default_memory_pool()),
                       "use the batch of samples");
    const auto stored = rows.write(batch, *store);
    std::string answer;
    JsonWriter(answer).value(
        ValueMap{{"rows", stored.rows},
                 {"reference", stored.first ? Value(stored.first->to_uri()) : Value()}});
    throw_if_failed(writer.WriteMetadata(*arrow::Buffer::FromString(answer)),
                    "acknowledge samples");
  }
}

std::shared_ptr<ChannelStore> ChannelIntake::store_of(const Uuid& session_id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(stores_, [](const auto& item) { return item.second.expired(); });
  if (auto known = stores_[session_id].lock()) return known;
  ChannelStoreOptions options;
  options.on_problem = log_;
  auto store = std::make_shared<ChannelStore>(data_dir_, session_id, std::move(options));
  stores_[session_id] = store;
  return store;
}

}  // namespace litmus
