// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "litmus/value.h"
#include "model/run_columns.h"
#include "project/text_pool.h"

namespace litmus {

consteval std::size_t measurement_columns_of(ColumnType type) {
  return static_cast<std::size_t>(std::ranges::count_if(kColumns, [type](const Column& column) {
    return column.owner == ColumnOwner::kMeasurement && column.type == type;
  }));
}

// MeasurementColumns in a tenth of the space: texts by number, nulls as bits. Each member holds the
// columns of one type in their order.
struct PackedMeasurement {
  std::array<std::uint32_t, measurement_columns_of(ColumnType::kString)> texts{};
  std::array<double, measurement_columns_of(ColumnType::kFloat64)> numbers{};
  std::array<Timestamp, measurement_columns_of(ColumnType::kTimestamp)> times{};
  std::uint32_t present = 0;  // bit i: column i is not null
  std::uint32_t flags = 0;    // bit i: value of the i-th boolean column
  std::uint32_t inputs = 0;   // position of the map
  std::uint32_t outputs = 0;
  std::int64_t retry = 0;
};

// The measurements of a run, so compact that a million of them fit into memory; neighbours with the
// same dynamic values share the map. Numbered in the order in which they were added. One owner, no
// locking.
class MeasurementStore {
 public:
  std::uint32_t add(const MeasurementColumns& columns, std::int64_t retry, const ValueMap& inputs,
                    const ValueMap& outputs);

  std::size_t size() const { return packed_.size(); }
  MeasurementColumns columns(std::uint32_t number) const;
  std::int64_t retry(std::uint32_t number) const { return packed_[number].retry; }
  Timestamp timestamp(std::uint32_t number) const { return packed_[number].times.front(); }
  const ValueMap& inputs(std::uint32_t number) const { return inputs_[packed_[number].inputs]; }
  const ValueMap& outputs(std::uint32_t number) const { return outputs_[packed_[number].outputs]; }

  // Each different map at least once.
  const std::deque<ValueMap>& all_inputs() const { return inputs_; }
  const std::deque<ValueMap>& all_outputs() const { return outputs_; }

  // visit(const Column&, std::optional<T>) for each column of one measurement, as for_each_column;
  // texts are views into the store.
  template <class Visitor>
  void visit_columns(std::uint32_t number, const Visitor& visit) const;

 private:
  // Takes the columns of one measurement out in their order.
  class Unpacker {
   public:
    Unpacker(const PackedMeasurement& packed, const TextPool& texts)
        : packed_(packed), texts_(texts) {}

    template <class T>
    auto next() {
      const bool present = (packed_.present >> column_++ & 1U) != 0;
      if constexpr (std::is_same_v<T, std::string>) {
        const std::uint32_t number = packed_.texts[text_++];
        return present ? std::optional(texts_.text(number)) : std::nullopt;
      } else if constexpr (std::is_same_v<T, double>) {
        const double number = packed_.numbers[number_++];
        return present ? std::optional(number) : std::nullopt;
      } else if constexpr (std::is_same_v<T, Timestamp>) {
        const Timestamp time = packed_.times[time_++];
        return present ? std::optional(time) : std::nullopt;
      } else {
        static_assert(std::is_same_v<T, bool>);
        const bool set = (packed_.flags >> flag_++ & 1U) != 0;
        return present ? std::optional(set) : std::nullopt;
      }
    }

   private:
    const PackedMeasurement& packed_;
    const TextPool& texts_;
    unsigned column_ = 0;
    unsigned flag_ = 0;
    std::size_t text_ = 0;
    std::size_t number_ = 0;
    std::size_t time_ = 0;
  };

  std::deque<PackedMeasurement> packed_;
  TextPool texts_;
  std::deque<ValueMap> inputs_{ValueMap{}};
  std::deque<ValueMap> outputs_{ValueMap{}};
};

template <class Visitor>
void MeasurementStore::visit_columns(std::uint32_t number, const Visitor& visit) const {
  static const MeasurementColumns kShape;
  Unpacker unpacker(packed_[number], texts_);
  for_each_column(kShape, [&]<class T>(const Column& column, const std::optional<T>&) {
    visit(column, unpacker.next<T>());
  });
}

}  // namespace litmus
