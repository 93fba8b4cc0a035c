// SPDX-License-Identifier: Apache-2.0
#include "project/measurement_store.h"

#include <gtest/gtest.h>

#include "base/file_system.h"

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

// The cells as texts, `-` for null.
template <class Cells>
std::vector<std::string> texts_of(const Cells& for_each_cell) {
  std::vector<std::string> texts;
  for_each_cell([&]<class T>(const Column&, const std::optional<T>& cell) {
    if constexpr (std::is_convertible_v<T, std::string_view>) {
      texts.emplace_back(cell ? "text " + std::string(*cell) : "-");
    } else if constexpr (std::is_same_v<T, Timestamp>) {
      texts.emplace_back(cell ? std::to_string(cell->time_since_epoch().count()) : "-");
    } else {
      texts.emplace_back(cell ? std::to_string(*cell) : "-");
    }
  });
  return texts;
}
std::vector<std::string> texts_of(const MeasurementColumns& columns) {
  return texts_of([&](const auto& visit) { for_each_column(columns, visit); });
}
std::vector<std::string> texts_of(const MeasurementReader& reader) {
  return texts_of([&](const auto& visit) { reader.visit_columns(visit); });
}

class MeasurementStoreTest : public testing::TestWithParam<std::size_t> {
 protected:
  MeasurementStore store_{posix_file_system(), GetParam()};
};

TEST_P(MeasurementStoreTest, GivesBackEveryColumnOfEveryMeasurement) {
  std::vector<MeasurementSpan> spans;
  for (int i = 0; i < 500; ++i) append(spans, store_.add(filled(i % 7), i, {}, {}));
  EXPECT_EQ(spans.size(), 1U);
  MeasurementReader reader(store_);
  reader.start(spans);
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(texts_of(reader), texts_of(filled(i % 7)));
    EXPECT_EQ(reader.retry(), i);
    EXPECT_EQ(reader.timestamp(), *filled(i % 7).measurement_timestamp);
  }
  EXPECT_FALSE(reader.next());
}

TEST_P(MeasurementStoreTest, ReadsInAnyOrderWhatSeveralStepsMeasuredInTurn) {
  std::vector<std::vector<MeasurementSpan>> steps(3);
  for (int i = 0; i < 900; ++i) {
    const ValueMap inputs{{"turn", Value(i)}};
    append(steps[static_cast<std::size_t>(i % 3)], store_.add(filled(i), 0, inputs, {}));
  }
  MeasurementReader reader(store_);
  for (int step = 2; step >= 0; --step) {
    reader.start(steps[static_cast<std::size_t>(step)]);
    for (int i = step; i < 900; i += 3) {
      ASSERT_TRUE(reader.next());
      EXPECT_EQ(texts_of(reader), texts_of(filled(i)));
      EXPECT_EQ(reader.inputs(), (ValueMap{{"turn", Value(i)}}));
    }
    EXPECT_FALSE(reader.next());
  }
}

TEST_P(MeasurementStoreTest, NullIsNotZeroAndNotEmpty) {
  MeasurementColumns zero;
  zero.measurement_units = "";
  zero.measurement_value = 0.0;
  zero.allow_repeat = false;
  std::vector<MeasurementSpan> spans;
  append(spans, store_.add(zero, 0, {}, {}));
  append(spans, store_.add({}, 0, {}, {}));
  MeasurementReader reader(store_);
  reader.start(spans);
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(texts_of(reader), texts_of(zero));
  ASSERT_TRUE(reader.next());
  EXPECT_EQ(texts_of(reader), texts_of(MeasurementColumns{}));
}

TEST_P(MeasurementStoreTest, DynamicValuesComeBackAsTheyWereAndOnceForNeighbours) {
  const ValueMap five{{"vin", Value(5)}, {"band", Value("upper")}};
  const ValueMap six{{"vin", Value(6.0)}, {"taps", Value(ValueList{1, 2.5, "x", Value()})}};
  std::vector<MeasurementSpan> spans;
  append(spans, store_.add({}, 0, five, {}));
  const auto second = store_.add({}, 0, five, six);
  const auto third = store_.add({}, 0, five, six);
  append(spans, second);
  append(spans, third);
  append(spans, store_.add({}, 0, six, {}));
  EXPECT_LT(third.end - third.begin, second.end - second.begin) << "it holds no map of its own";
  MeasurementReader reader(store_);
  reader.start(spans);
  const std::vector<std::pair<ValueMap, ValueMap>> expected{
      {five, {}}, {five, six}, {five, six}, {six, {}}};
  for (const auto& [inputs, outputs] : expected) {
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.inputs(), inputs);
    EXPECT_EQ(reader.outputs(), outputs);
  }
}

INSTANTIATE_TEST_SUITE_P(InMemory, MeasurementStoreTest, testing::Values(RecordLog::kMemory));
INSTANTIATE_TEST_SUITE_P(InAFile, MeasurementStoreTest, testing::Values(std::size_t{1}));

}  // namespace
}  // namespace litmus
