// SPDX-License-Identifier: Apache-2.0
#include "model/event.h"

#include <gtest/gtest.h>

#include <set>

#include "litmus/error.h"
#include "model/event_fields.h"
#include "model/run_columns.h"

namespace litmus {
namespace {

Code refusal_of(const Event& event) {
  try {
    check_storable(event);
  } catch (const Error& error) {
    return error.code();
  }
  ADD_FAILURE() << tag_of(event) << " was accepted";
  return Code::kIo;
}

TEST(Event, EventsOfTheSessionMustNotCarryARun) {
  SessionStarted started;
  SessionEnded ended;
  check_storable(started);
  check_storable(ended);
  started.run_id = ended.run_id = Uuid{{1}};
  EXPECT_EQ(refusal_of(started), Code::kInvalidArgument);
  EXPECT_EQ(refusal_of(ended), Code::kInvalidArgument);
  RunStarted run;
  run.run_id = Uuid{{1}};
  check_storable(run);
}

TEST(Event, AnUnknownEventNeedsATypeAndNoEnvelopeAmongItsFields) {
  UnknownEvent unknown;
  EXPECT_EQ(refusal_of(unknown), Code::kInvalidArgument);
  unknown.event_type = "vendor.thing";
  unknown.fields = {{"colour", "red"}};
  check_storable(unknown);
  for (const char* name :
       {"id", "event_type", "occurred_at", "received_at", "session_id", "run_id"}) {
    unknown.fields = {{name, "x"}};
    EXPECT_EQ(refusal_of(unknown), Code::kInvalidArgument) << name;
  }
}

TEST(Event, TheEnvelopeAndTheTagAreThoseOfTheEventInside) {
  MeasurementRecorded measurement;
  measurement.session_id = Uuid{{7}};
  Event event = measurement;
  EXPECT_EQ(envelope_of(std::as_const(event)).session_id, measurement.session_id);
  envelope_of(event).session_id = Uuid{{8}};
  EXPECT_EQ(std::get<MeasurementRecorded>(event).session_id, Uuid{{8}});
  EXPECT_EQ(tag_of(event), "test.measurement");
}

TEST(Event, ThereAre31TypesWithTagsOfTheirOwn) {
  std::set<std::string_view> tags;
#define LITMUS_TAG(E) tags.insert(E::kTag);
  LITMUS_EACH_EVENT(LITMUS_TAG)
#undef LITMUS_TAG
  EXPECT_EQ(tags.size(), 31U);
  EXPECT_EQ(std::variant_size_v<Event>, 32U);
}

TEST(RunColumns, EveryColumnIsInExactlyOneStructOrMadeByTheWriter) {
  std::multiset<std::string_view> names;
  const auto take = [&](const Column& column, const auto&) { names.insert(column.name); };
  const RunColumns run;
  const StepColumns step;
  const AttemptColumns attempt;
  const MeasurementColumns measurement;
  for_each_column(run, take);
  for_each_column(step, take);
  for_each_column(attempt, take);
  for_each_column(measurement, take);
  for (std::size_t i = 0; i < kColumns.size(); ++i) {
    const Column& column = kColumns[i];
    EXPECT_EQ(column.index, i);
    EXPECT_EQ(names.count(column.name), column.owner == ColumnOwner::kRow ? 0U : 1U) << column.name;
  }
  EXPECT_EQ(names.size() + 2, kColumns.size());
}

TEST(RunColumns, TheFirst65AndThe14InstrumentListsNeverChange) {
  EXPECT_EQ(kFixedColumnCount, 65U);
  EXPECT_EQ(kColumns[0].name, "record_type");
  EXPECT_EQ(kColumns[64].name, "env_fingerprint");
  EXPECT_EQ(kColumns[65].name, "row_seq");
  EXPECT_EQ(kInstrumentColumns.size(), 14U);
  EXPECT_EQ(kInstrumentColumns[13].name, "step_instruments_mocked");
  EXPECT_EQ(kInstrumentColumns[13].type, ColumnType::kBoolList);
}

}  // namespace
}  // namespace litmus
