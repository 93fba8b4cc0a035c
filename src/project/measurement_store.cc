// SPDX-License-Identifier: Apache-2.0
#include "project/measurement_store.h"

namespace litmus {
namespace {

// The position of a map equal to this one: the first is the empty one, the last the neighbour's.
std::uint32_t share(std::deque<ValueMap>& maps, const ValueMap& map) {
  if (map.empty()) return 0;
  if (map != maps.back()) maps.push_back(map);
  return static_cast<std::uint32_t>(maps.size() - 1);
}

}  // namespace

std::uint32_t MeasurementStore::add(const MeasurementColumns& columns, std::int64_t retry,
                                    const ValueMap& inputs, const ValueMap& outputs) {
  static_assert(std::ranges::count(kColumns, ColumnOwner::kMeasurement, &Column::owner) <= 32,
                "`present` has one bit for each column");
  PackedMeasurement& packed = packed_.emplace_back();
  unsigned column_number = 0;
  unsigned flag = 0;
  std::size_t text = 0;
  std::size_t number = 0;
  std::size_t time = 0;
  for_each_column(columns, [&]<class T>(const Column&, const std::optional<T>& cell) {
    if (cell) packed.present |= 1U << column_number;
    ++column_number;
    if constexpr (std::is_same_v<T, std::string>) {
      packed.texts[text++] = cell ? texts_.number(*cell) : 0;
    } else if constexpr (std::is_same_v<T, double>) {
      packed.numbers[number++] = cell.value_or(0);
    } else if constexpr (std::is_same_v<T, Timestamp>) {
      packed.times[time++] = cell.value_or(Timestamp{});
    } else {
      packed.flags |= (cell.value_or(false) ? 1U : 0U) << flag++;
    }
  });
  packed.retry = retry;
  packed.inputs = share(inputs_, inputs);
  packed.outputs = share(outputs_, outputs);
  return static_cast<std::uint32_t>(packed_.size() - 1);
}

MeasurementColumns MeasurementStore::columns(std::uint32_t number) const {
  MeasurementColumns result;
  Unpacker unpacker(packed_[number], texts_);
  for_each_column(
      result, [&]<class T>(const Column&, std::optional<T>& cell) { cell = unpacker.next<T>(); });
  return result;
}

}  // namespace litmus
