// SPDX-License-Identifier: Apache-2.0
#include "channels/channel_query.h"

#include <arrow/array.h>
#include <arrow/array/builder_binary.h>
#include <arrow/buffer.h>
#include <arrow/compute/api_vector.h>
#include <arrow/datum.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "channels/channel_page.h"
#include "channels/segment_rows.h"
#include "channels/thinning.h"
#include "litmus/error.h"
#include "store/arrow_status.h"
#include "store/channel_rows.h"

namespace litmus {
namespace {

constexpr const char* kAction = "put the samples of a channel together";
constexpr const char* kCursorKey = "litmus.cursor";

using Batch = std::shared_ptr<arrow::RecordBatch>;

std::int64_t rows_in(const Batches& batches) {
  std::int64_t rows = 0;
  for (const Batch& batch : batches) rows += batch->num_rows();
  return rows;
}

// The columns of all segments together: what a column is called where its type has changed.
class Columns {
 public:
  explicit Columns(const std::vector<std::shared_ptr<arrow::Schema>>& schemas) {
    for (const auto& schema : schemas) {
      const ChannelColumns columns(schema->num_fields());
      for (int i = ChannelColumns::first_value; i < columns.value_end(); ++i) {
        add(*schema->field(i));
      }
    }
    if (schemas.empty()) add(*arrow::field("value", arrow::float64()));
    arrow::FieldVector fields{
        arrow::field("timestamp", arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"))};
    for (const Column& column : columns_) {
      fields.push_back(arrow::field(name_of(column), column.type));
    }
    const auto text = arrow::dictionary(arrow::int8(), arrow::utf8());
    for (const char* name : kTexts) fields.push_back(arrow::field(name, text));
    schema_ = arrow::schema(fields);
    for (const char* name : kTexts) {
      const int place = schema_->GetFieldIndex(name);
      fields[static_cast<std::size_t>(place)] = arrow::field(name, arrow::utf8());
    }
    result_ = arrow::schema(fields);
  }

  // As it is put together, and as it is given to the caller, with plain texts.
  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  const std::shared_ptr<arrow::Schema>& result() const { return result_; }

  Batch in_common(const arrow::RecordBatch& batch) const {
    const ChannelColumns own(batch.num_columns());
    arrow::ArrayVector arrays{batch.column(0)};
    for (const Column& column : columns_) {
      const int place = batch.schema()->GetFieldIndex(column.name);
      const bool has = place >= ChannelColumns::first_value && place < own.value_end() &&
                       batch.column(place)->type()->Equals(column.type);
      arrays.push_back(
          has ? batch.column(place)
              : value_or_throw(arrow::MakeArrayOfNull(column.type, batch.num_rows()), kAction));
    }
    for (int i = own.units; i <= own.session_id; ++i) arrays.push_back(batch.column(i));
    return arrow::RecordBatch::Make(schema_, batch.num_rows(), std::move(arrays));
  }

 private:
  static constexpr std::array<const char*, kTextColumns> kTexts{"units", "direction",
                                                                "source_method", "session_id"};
  struct Column {
    std::string name;
    std::shared_ptr<arrow::DataType> type;
  };

  void add(const arrow::Field& field) {
    const bool known = std::ranges::any_of(columns_, [&](const Column& column) {
      return column.name == field.name() && column.type->Equals(field.type());
    });
    if (!known) columns_.push_back({field.name(), field.type()});
  }

  static int rank(const arrow::DataType& type) {
    switch (type.id()) {
      case arrow::Type::DOUBLE: return 0;
      case arrow::Type::STRING: return 1;
      case arrow::Type::BOOL: return 2;
      default: return 3;
    }
  }

  std::string name_of(const Column& column) const {
    const bool is_first = std::ranges::none_of(columns_, [&](const Column& other) {
      return other.name == column.name && &other != &column &&
             (rank(*other.type) < rank(*column.type) ||
              (rank(*other.type) == rank(*column.type) && &other < &column));
    });
    static constexpr std::array<const char*, 4> kSuffixes{"", "_text", "_bool", "_list"};
    return is_first ? column.name
                    : column.name + kSuffixes[static_cast<std::size_t>(rank(*column.type))];
  }

  std::vector<Column> columns_;
  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<arrow::Schema> result_;
};

Batch taken(const Batch& batch, const std::vector<std::int64_t>& rows) {
  const auto indices = std::make_shared<arrow::Int64Array>(
      static_cast<std::int64_t>(rows.size()), arrow::Buffer::Wrap(rows.data(), rows.size()));
  return value_or_throw(arrow::compute::Take(arrow::Datum(batch), arrow::Datum(indices)), kAction)
      .record_batch();
}

// The rows at these places, which rise.
Batches taken(const Batches& batches, const std::vector<std::int64_t>& places) {
  Batches result;
  std::int64_t first = 0;
  auto place = places.begin();
  for (const Batch& batch : batches) {
    std::vector<std::int64_t> rows;
    for (; place != places.end() && *place < first + batch->num_rows(); ++place) {
      rows.push_back(*place - first);
    }
    if (!rows.empty()) result.push_back(taken(batch, rows));
    first += batch->num_rows();
  }
  return result;
}

// In time order; rows of one time stay in the order of their writers and numbers.
Batches sorted(Batches batches) {
  std::erase_if(batches, [](const Batch& batch) { return batch->num_rows() == 0; });
  std::ranges::stable_sort(batches, {}, [](const Batch& batch) { return times_of(*batch)[0]; });
  std::int64_t last = INT64_MIN;
  bool is_sorted = true;
  for (const Batch& batch : batches) {
    const std::int64_t* times = times_of(*batch);
    is_sorted = is_sorted && times[0] >= last && std::is_sorted(times, times + batch->num_rows());
    last = times[batch->num_rows() - 1];
  }
  if (is_sorted || batches.empty()) return batches;
  const Batch all = value_or_throw(arrow::ConcatenateRecordBatches(batches), kAction);
  const std::int64_t* times = times_of(*all);
  std::vector<std::int64_t> order(static_cast<std::size_t>(all->num_rows()));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::ranges::stable_sort(order, {}, [times](std::int64_t row) { return times[row]; });
  return {taken(all, order)};
}

Batches last_rows(const Batches& batches, std::int64_t count) {
  std::int64_t skipped =
      std::max<std::int64_t>(rows_in(batches) - std::max<std::int64_t>(count, 0), 0);
  Batches result;
  for (const Batch& batch : batches) {
    if (skipped >= batch->num_rows()) {
      skipped -= batch->num_rows();
      continue;
    }
    result.push_back(batch->Slice(skipped));
    skipped = 0;
  }
  return result;
}

std::vector<std::int64_t> evenly(std::int64_t rows, std::int64_t most) {
  std::vector<std::int64_t> places;
  for (std::int64_t i = 0; i < most; ++i) places.push_back(i * (rows - 1) / (most - 1));
  return places;
}

std::vector<std::int64_t> thinned_line(std::span<const LinePiece> line, const ChannelQuery& query) {
  return query.thinning == ChannelQuery::Thinning::kMinMax
             ? thin_by_extremes(line, *query.max_points)
             : thin_by_triangles(line, *query.max_points);
}

Batches thinned(const Batches& batches, const ChannelQuery& query) {
  const std::int64_t rows = rows_in(batches);
  if (*query.max_points < 3 || rows <= *query.max_points) return batches;
  const int value = batches[0]->schema()->GetFieldIndex("value");
  if (value < 0 || batches[0]->column(value)->type_id() != arrow::Type::DOUBLE) {
    return taken(batches, evenly(rows, *query.max_points));
  }
  std::vector<LinePiece> line;
  std::vector<std::vector<double>> copies;  // where a value is missing, NaN
  copies.reserve(batches.size());
  for (const Batch& batch : batches) {
    const auto& column = static_cast<const arrow::DoubleArray&>(*batch->column(value));
    const auto count = static_cast<std::size_t>(batch->num_rows());
    std::span<const double> values(column.raw_values(), count);
    if (column.null_count() > 0) {
      auto& copy = copies.emplace_back(values.begin(), values.end());
      for (std::size_t i = 0; i < count; ++i) {
        if (column.IsNull(static_cast<std::int64_t>(i))) copy[i] = std::nan("");
      }
      values = copy;
    }
    line.push_back({{times_of(*batch), count}, values});
  }
  return taken(batches, thinned_line(line, query));
}

std::shared_ptr<arrow::Array> plain_text(const arrow::Array& column) {
  const auto& encoded = static_cast<const arrow::DictionaryArray&>(column);
  const auto& texts = static_cast<const arrow::StringArray&>(*encoded.dictionary());
  arrow::StringBuilder builder;
  throw_if_failed(builder.Reserve(column.length()), kAction);
  for (std::int64_t i = 0; i < column.length(); ++i) {
    throw_if_failed(encoded.IsNull(i) ? builder.AppendNull()
                                      : builder.Append(texts.GetView(encoded.GetValueIndex(i))),
                    kAction);
  }
  return value_or_throw(builder.Finish(), kAction);
}

std::shared_ptr<arrow::Table> to_table(const Batches& batches, const Columns& columns) {
  Batches plain;
  for (const Batch& batch : batches) {
    auto arrays = batch->columns();
    for (auto& array : arrays) {
      if (array->type_id() == arrow::Type::DICTIONARY) array = plain_text(*array);
    }
    plain.push_back(arrow::RecordBatch::Make(columns.result(), batch->num_rows(), arrays));
  }
  return value_or_throw(arrow::Table::FromRecordBatches(columns.result(), plain), kAction);
}

Batches reversed(const Batches& batches) {
  Batches result;
  for (auto batch = batches.rbegin(); batch != batches.rend(); ++batch) {
    std::vector<std::int64_t> rows(static_cast<std::size_t>((*batch)->num_rows()));
    std::iota(rows.rbegin(), rows.rend(), std::int64_t{0});
    result.push_back(taken(*batch, rows));
  }
  return result;
}

// `is_known`: something of the channel is stored. Else it may get any column yet, and the empty
// table has what was asked for.
std::shared_ptr<arrow::Table> with_columns(std::shared_ptr<arrow::Table> all,
                                           const ChannelQuery& query, bool is_known) {
  for (const std::string& name : query.columns) {
    if (is_known || all->schema()->GetFieldIndex(name) >= 0) continue;
    all = value_or_throw(
        all->AddColumn(all->num_columns(), arrow::field(name, arrow::null()),
                       std::make_shared<arrow::ChunkedArray>(arrow::ArrayVector{}, arrow::null())),
        kAction);
  }
  const arrow::Table& table = *all;
  std::vector<int> places;
  for (const std::string& name : query.columns) {
    places.push_back(table.schema()->GetFieldIndex(name));
    if (places.back() < 0) {
      throw Error(Code::kInvalidArgument,
                  fmt::format("channel {}: expected columns among {}, found {}", query.channel_id,
                              fmt::join(table.ColumnNames(), ", "), name));
    }
  }
  return value_or_throw(table.SelectColumns(places), kAction);
}

std::shared_ptr<arrow::Table> expanded_rows(std::vector<std::int64_t> timestamps,
                                            std::vector<double> offsets,
                                            std::vector<double> values) {
  const auto nanoseconds = arrow::timestamp(arrow::TimeUnit::NANO, "UTC");
  const auto count = static_cast<std::int64_t>(values.size());
  const auto column = [&](const std::shared_ptr<arrow::DataType>& type, auto numbers) {
    return arrow::MakeArray(arrow::ArrayData::Make(
        type, count, {nullptr, arrow::Buffer::FromVector(std::move(numbers))}, 0));
  };
  return arrow::Table::Make(
      arrow::schema({arrow::field("timestamp", nanoseconds),
                     arrow::field("offset_s", arrow::float64()),
                     arrow::field("value", arrow::float64())}),
      {column(nanoseconds, std::move(timestamps)), column(arrow::float64(), std::move(offsets)),
       column(arrow::float64(), std::move(values))});
}

// The samples of one capture as rows of their own.
std::shared_ptr<arrow::Table> expanded(const Batches& batches, const ChannelQuery& query) {
  const std::int64_t rows = rows_in(batches);
  if (rows == 0) return expanded_rows({}, {}, {});
  const int place = rows == 1 ? batches[0]->schema()->GetFieldIndex("samples") : -1;
  const int interval_place =
      rows == 1 ? batches[0]->schema()->GetFieldIndex("sample_interval") : -1;
  if (place < 0 || interval_place < 0 ||
      batches[0]->column(place)->type_id() != arrow::Type::LIST) {
    throw Error(Code::kInvalidArgument,
                "channel " + query.channel_id + ": expected one waveform to expand, found " +
                    (rows == 1 ? "another value" : std::to_string(rows) + " rows") +
                    "; select it by its reference, by time or with last_n=1");
  }
  const auto& list = static_cast<const arrow::ListArray&>(*batches[0]->column(place));
  const auto& all = static_cast<const arrow::DoubleArray&>(*list.values());
  const std::span<const double> samples(all.raw_values() + list.value_offset(0),
                                        static_cast<std::size_t>(list.value_length(0)));
  const double interval =
      static_cast<const arrow::DoubleArray&>(*batches[0]->column(interval_place)).Value(0);
  std::vector<std::int64_t> places;
  if (query.max_points) {
    const LinePiece piece{{}, samples};
    places = thinned_line({&piece, 1}, query);
  } else {
    places.resize(samples.size());
    std::iota(places.begin(), places.end(), std::int64_t{0});
  }
  std::vector<std::int64_t> timestamps;
  std::vector<double> offsets;
  std::vector<double> values;
  const std::int64_t t0 = times_of(*batches[0])[0] * 1000;
  for (const std::int64_t i : places) {
    const double offset = static_cast<double>(i) * interval;
    offsets.push_back(offset);
    timestamps.push_back(t0 + std::llround(offset * 1e9));
    values.push_back(samples[static_cast<std::size_t>(i)]);
  }
  return expanded_rows(std::move(timestamps), std::move(offsets), std::move(values));
}

}  // namespace

std::shared_ptr<arrow::Schema> channel_query_schema(
    const std::vector<std::shared_ptr<arrow::Schema>>& segments) {
  return Columns(segments).result();
}

ChannelRowsFound query_channel(FileSystem& files, const std::string& data_dir,
                               const ChannelQuery& query) {
  const ChannelPage page(query);
  StoredRows stored = read_stored_rows(files, data_dir, page.rows_from());
  const Columns columns(stored.schemas);
  Batches batches;
  for (const Batch& batch : stored.batches) batches.push_back(columns.in_common(*batch));
  stored.batches.clear();
  batches = sorted(std::move(batches));
  if (query.last_n) batches = last_rows(batches, *query.last_n);
  if (query.expand) return {expanded(batches, query), std::move(stored.damages)};
  if (query.max_points) batches = thinned(batches, query);
  if (query.descending) batches = reversed(batches);
  const std::string next = page.cut(batches);
  auto table = to_table(batches, columns);
  if (!query.columns.empty()) {
    table = with_columns(std::move(table), query, !stored.schemas.empty());
  }
  if (!next.empty()) {
    table = table->ReplaceSchemaMetadata(arrow::key_value_metadata({{kCursorKey, next}}));
  }
  return {std::move(table), std::move(stored.damages)};
}

}  // namespace litmus
