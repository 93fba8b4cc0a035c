// SPDX-License-Identifier: Apache-2.0
#include "project/measurement_store.h"

#include <gtest/gtest.h>

#include <limits>

namespace litmus {
namespace {

// Every column filled, with a value that tells it from its neighbours.
MeasurementColumns filled(int seed) {
  MeasurementColumns columns;
  for_each_column(columns, [&]<class T>(const Column& column, std::optional<T>& cell) {
    const auto number = static_cast<std::int64_t>(column.index) + seed;
    if constexpr (std::is_same_v<T, std::string>) {
      cell = std::to_string(number);
    } else if constexpr (std::is_same_v<T, double>) {
      cell = static_cast<double>(number) / 8;
    } else if constexpr (std::is_same_v<T, Timestamp>) {
      cell = Timestamp(std::chrono::microseconds(number));
    } else {
      cell = number % 2 == 0;
    }
  });
  return columns;
}

void expect_equal(const MeasurementColumns& left, const MeasurementColumns& right) {
  std::vector<std::string> texts;
  std::vector<double> numbers;
  std::vector<std::int64_t> others;
  const auto collect = [&]<class T>(const Column&, const std::optional<T>& cell) {
    others.push_back(cell ? 1 : 0);
    if constexpr (std::is_same_v<T, std::string>) {
      texts.push_back(cell.value_or(""));
    } else if constexpr (std::is_same_v<T, double>) {
      numbers.push_back(cell.value_or(0));
    } else if constexpr (std::is_same_v<T, Timestamp>) {
      others.push_back(cell.value_or(Timestamp{}).time_since_epoch().count());
    } else {
      others.push_back(cell.value_or(false) ? 1 : 0);
    }
  };
  for_each_column(left, collect);
  const auto left_texts = std::exchange(texts, {});
  const auto left_numbers = std::exchange(numbers, {});
  const auto left_others = std::exchange(others, {});
  for_each_column(right, collect);
  EXPECT_EQ(left_texts, texts);
  EXPECT_EQ(left_numbers, numbers);
  EXPECT_EQ(left_others, others);
}

TEST(MeasurementStore, GivesBackEveryColumnOfEveryMeasurement) {
  MeasurementStore store;
  for (int i = 0; i < 100; ++i) store.add(filled(i % 7), i, {}, {});
  ASSERT_EQ(store.size(), 100U);
  for (std::uint32_t i = 0; i < 100; ++i) {
    expect_equal(store.columns(i), filled(static_cast<int>(i) % 7));
    EXPECT_EQ(store.retry(i), i);
    EXPECT_EQ(store.timestamp(i), *store.columns(i).measurement_timestamp);
  }
}

TEST(MeasurementStore, NullIsNotZeroAndNotEmpty) {
  MeasurementStore store;
  MeasurementColumns zero;
  zero.measurement_units = "";
  zero.measurement_value = 0.0;
  zero.allow_repeat = false;
  store.add(zero, 0, {}, {});
  store.add({}, 0, {}, {});
  expect_equal(store.columns(0), zero);
  expect_equal(store.columns(1), {});
}

TEST(MeasurementStore, NeighboursWithTheSameDynamicValuesShareThem) {
  MeasurementStore store;
  const ValueMap five{{"vin", Value(5)}};
  const ValueMap six{{"vin", Value(6)}};
  store.add({}, 0, five, {});
  store.add({}, 0, five, six);
  store.add({}, 0, six, six);
  EXPECT_EQ(&store.inputs(0), &store.inputs(1));
  EXPECT_EQ(store.inputs(2), six);
  EXPECT_TRUE(store.outputs(0).empty());
  EXPECT_EQ(&store.outputs(1), &store.outputs(2));
}

TEST(MeasurementStore, AMillionMeasurementsFitIntoAFewHundredMegabytes) {
  EXPECT_LE(sizeof(PackedMeasurement), 160U);
}

}  // namespace
}  // namespace litmus
