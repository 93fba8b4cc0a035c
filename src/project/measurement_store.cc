// SPDX-License-Identifier: Apache-2.0
#include "project/measurement_store.h"

#include <algorithm>

#include "base/json_writer.h"
#include "model/value_json.h"

namespace litmus {
namespace {

template <class T>
void append_bytes(std::string& out, const T& value) {
  static_assert(std::is_trivially_copyable_v<T>);
  out.append(reinterpret_cast<const char*>(&value), sizeof(value));
}

}  // namespace

MeasurementSpan MeasurementStore::add(const MeasurementColumns& columns, std::int64_t retry,
                                      const ValueMap& inputs, const ValueMap& outputs) {
  static_assert(std::ranges::count(kColumns, ColumnOwner::kMeasurement, &Column::owner) <= 32,
                "`present` has one bit for each column");
  const RecordLog::Position begin = log_.end();
  Head head;
  head.inputs = put(inputs_, inputs);
  head.outputs = put(outputs_, outputs);
  head.retry = retry;
  head.timestamp_us =
      columns.measurement_timestamp.value_or(Timestamp{}).time_since_epoch().count();
  record_ = kMeasurementMark;
  append_bytes(record_, head);
  unsigned number = 0;
  for_each_column(columns, [&]<class T>(const Column&, const std::optional<T>& cell) {
    const unsigned bit = number++;
    if (!cell) return;
    head.present |= 1U << bit;
    if constexpr (std::is_same_v<T, std::string>) {
      append_bytes(record_, static_cast<std::uint32_t>(cell->size()));
      record_ += *cell;
    } else {
      append_bytes(record_, *cell);
    }
  });
  std::memcpy(record_.data() + 1, &head, sizeof(head));
  ++size_;
  log_.append(record_);
  return {begin, log_.end()};
}

RecordLog::Position MeasurementStore::put(Maps& maps, const ValueMap& map) {
  if (map.empty()) return 0;
  if (maps.position > 0 && map == maps.last) return maps.position;
  maps.last = map;
  maps.survey.add(map, false);
  add_references(references_, map);
  record_ = kMapMark;
  JsonWriter(record_).value(map);
  maps.position = log_.append(record_) + 1;
  return maps.position;
}

bool MeasurementReader::next() {
  while (!rest_.empty()) {
    if (at_ == rest_.front().end) {
      rest_ = rest_.subspan(1);
      if (!rest_.empty()) at_ = rest_.front().begin;
      continue;
    }
    begin_ = at_;
    const std::string_view record = log_.read(at_);
    at_ = log_.next();
    if (record.front() == MeasurementStore::kMapMark) continue;
    std::memcpy(&head_, record.data() + 1, sizeof(head_));
    columns_ = record.substr(1 + sizeof(head_));
    return true;
  }
  return false;
}

const ValueMap& MeasurementReader::map_at(CachedMap& cached, RecordLog::Position position) {
  static const ValueMap kEmpty;
  if (position == 0) return kEmpty;
  if (cached.position != position) {
    const Value value = parse_value(maps_.read(position - 1).substr(1));
    cached.map = *value.get_if<ValueMap>();
    cached.position = position;
  }
  return cached.map;
}

}  // namespace litmus
