// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "litmus/value.h"
#include "model/run_columns.h"
#include "project/record_log.h"
#include "project/value_survey.h"

namespace litmus {

// Measurements that were added one after the other, [begin, end) in their store.
struct MeasurementSpan {
  RecordLog::Position begin = 0;
  RecordLog::Position end = 0;
};

// Joins it with the one before where that ends there.
inline void append(std::vector<MeasurementSpan>& spans, MeasurementSpan next) {
  if (!spans.empty() && spans.back().end == next.begin) {
    spans.back().end = next.end;
  } else {
    spans.push_back(next);
  }
}

// The measurements of a run, in a log that does not grow in memory; neighbours with the same
// dynamic values share the map. One writer; readers must not overlap with it.
class MeasurementStore {
 public:
  explicit MeasurementStore(FileSystem& files, std::size_t memory = RecordLog::kMemory)
      : log_(files, memory) {}

  MeasurementSpan add(const MeasurementColumns& columns, std::int64_t retry, const ValueMap& inputs,
                      const ValueMap& outputs);

  std::int64_t size() const { return size_; }
  RecordLog::Position end() const { return log_.end(); }  // what is added next comes after it
  const ValueSurvey& inputs() const { return inputs_.survey; }
  const ValueSurvey& outputs() const { return outputs_.survey; }
  const std::set<std::string>& references() const { return references_; }

 private:
  friend class MeasurementReader;
  // A record is a mark and then, of a measurement, this and its columns that are not null.
  static constexpr char kMapMark = 'v';
  static constexpr char kMeasurementMark = 'm';
  struct Head {
    std::uint32_t present = 0;     // bit i: column i is not null
    RecordLog::Position inputs{};  // of the map, as JSON, and one more; 0: it is empty
    RecordLog::Position outputs{};
    std::int64_t retry = 0;
    std::int64_t timestamp_us = 0;  // also a column
  };
  struct Maps {
    ValueMap last;
    RecordLog::Position position = 0;  // as in Head
    ValueSurvey survey;
  };
  RecordLog::Position put(Maps& maps, const ValueMap& map);

  RecordLog log_;
  std::int64_t size_ = 0;
  Maps inputs_;
  Maps outputs_;
  std::set<std::string> references_;
  std::string record_;  // that is being made
};

// Goes through measurements. One owner; any number at once.
class MeasurementReader {
 public:
  explicit MeasurementReader(const MeasurementStore& store) : log_(store.log_), maps_(store.log_) {}

  void start(std::span<const MeasurementSpan> spans) {
    rest_ = spans;
    if (!rest_.empty()) at_ = rest_.front().begin;
  }
  bool next();  // false if there is no more

  // Of the measurement that was read.
  std::int64_t retry() const { return head_.retry; }
  Timestamp timestamp() const { return Timestamp(std::chrono::microseconds(head_.timestamp_us)); }
  MeasurementSpan span() const { return {begin_, at_}; }
  const ValueMap& inputs() { return map_at(inputs_, head_.inputs); }
  const ValueMap& outputs() { return map_at(outputs_, head_.outputs); }
  // visit(const Column&, std::optional<T>) for each column, as for_each_column; texts are views
  // that the next call of next() ends.
  template <class Visitor>
  void visit_columns(const Visitor& visit) const;

 private:
  struct CachedMap {
    RecordLog::Position position = 0;
    ValueMap map;
  };
  const ValueMap& map_at(CachedMap& cached, RecordLog::Position position);

  RecordLog::Reader log_;
  RecordLog::Reader maps_;
  std::span<const MeasurementSpan> rest_;
  RecordLog::Position at_ = 0;     // what comes next
  RecordLog::Position begin_ = 0;  // of the present one
  MeasurementStore::Head head_;
  std::string_view columns_;
  CachedMap inputs_;
  CachedMap outputs_;
};

template <class Visitor>
void MeasurementReader::visit_columns(const Visitor& visit) const {
  static const MeasurementColumns kShape;
  std::string_view rest = columns_;
  const auto take = [&rest]<class T>(T value) {
    std::memcpy(&value, rest.data(), sizeof(value));
    rest.remove_prefix(sizeof(value));
    return value;
  };
  unsigned number = 0;
  for_each_column(kShape, [&]<class T>(const Column& column, const std::optional<T>&) {
    using Cell = std::conditional_t<std::is_same_v<T, std::string>, std::string_view, T>;
    std::optional<Cell> cell;
    if ((head_.present >> number++ & 1U) != 0) {
      if constexpr (std::is_same_v<T, std::string>) {
        const auto size = take(std::uint32_t{});
        cell = rest.substr(0, size);
        rest.remove_prefix(size);
      } else {
        static_assert(std::is_trivially_copyable_v<T>);
        cell = take(T{});
      }
    }
    visit(column, cell);
  });
}

}  // namespace litmus
