// SPDX-License-Identifier: Apache-2.0
#include "model/event_json.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "litmus/error.h"
#include "model/event.h"
#include "model/event_fields.h"
#include "model/value_json.h"

namespace litmus {
namespace {

// Fills fields with anything that their type can hold.
class Filler {
 public:
  Filler(unsigned seed, bool every_field) : random_(seed), every_field_(every_field) {}

  template <class E>
  E make() {
    E event;
    for_each_field(static_cast<Envelope&>(event), *this);
    for_each_field(event, *this);
    return event;
  }

  template <class T>
  void operator()(EventField, T& member) {
    fill(member);
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  void fill(bool& to) { to = below(2) == 1; }
  void fill(std::int64_t& to) { to = std::bit_cast<std::int64_t>(random_() >> below(64)); }
  void fill(Uuid& to) {
    for (auto& byte : to.bytes) byte = static_cast<std::uint8_t>(random_());
  }
  void fill(Timestamp& to) {  // 1970 to 2096
    to = Timestamp(std::chrono::microseconds(below(4'000'000'000'000'000)));
  }
  void fill(Outcome& to) { to = kOutcomes[below(kOutcomes.size())].value; }
  void fill(Comparator& to) { to = kComparators[below(kComparators.size())].value; }

  void fill_finite(double& to) {
    do to = std::bit_cast<double>(random_());
    while (!std::isfinite(to));
  }
  void fill(double& to) {
    switch (below(8)) {
      case 0: to = std::numeric_limits<double>::quiet_NaN(); break;
      case 1: to = std::numeric_limits<double>::infinity(); break;
      case 2: to = -std::numeric_limits<double>::infinity(); break;
      case 3: to = static_cast<double>(below(1000)); break;
      default: fill_finite(to);
    }
  }
  void fill(std::string& to) {
    static constexpr std::string_view kPieces[] = {"volt",
                                                   "\"",
                                                   "\\",
                                                   "/",
                                                   "\n",
                                                   "\x01",
                                                   ",",
                                                   "{}",
                                                   "\xC2\xB5",
                                                   "\xE2\x84\xA6",
                                                   "\xF0\x9F\x94\xA7",
                                                   std::string_view("\0", 1)};
    to.clear();
    for (auto count = below(6); count > 0; --count) to += kPieces[below(std::size(kPieces))];
  }
  void fill(Value& to) {
    double number = 0;
    std::int64_t integer = 0;
    std::string text;
    ValueMap map;
    switch (below(depth_ < 3 ? 7 : 5)) {
      case 0: to = every_field_ ? Value(true) : Value(); break;
      case 1: to = below(2) == 1; break;
      case 2: fill(integer), to = integer; break;
      case 3: fill_finite(number), to = number; break;
      case 4: fill(text), to = text; break;
      case 5: fill(map), to = map; break;
      default: to = ValueList{1, "two", Value()};
    }
  }
  void fill(ValueMap& to) {
    ++depth_;
    to = {};
    for (auto count = below(3) + 1; count > 0; --count) {
      std::string key;
      Value value;
      fill(key);
      fill(value);
      to.set(key, value);
    }
    --depth_;
  }
  template <class T>
  void fill(std::vector<T>& to) {
    to.clear();
    for (auto count = below(3) + (every_field_ ? 1 : 0); count > 0; --count)
      fill(to.emplace_back());
  }
  template <class T>
  void fill(std::optional<T>& to) {
    to.reset();
    if (every_field_ || below(2) == 1) fill(to.emplace());
  }

  std::mt19937_64 random_;
  bool every_field_;
  int depth_ = 0;
};

// What the JSON must hold for a member, said a second time and independently of the code under
// test.
Value as_value(const Value& value) { return value; }
Value as_value(const std::string& text) { return text; }
Value as_value(bool boolean) { return boolean; }
Value as_value(std::int64_t integer) { return integer; }
Value as_value(const ValueMap& map) { return map; }
Value as_value(const Uuid& id) { return id.to_string(); }
Value as_value(Timestamp time) { return to_iso8601(time); }
Value as_value(Outcome outcome) { return to_string(outcome); }
Value as_value(Comparator comparator) { return to_string(comparator); }
Value as_value(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  return number;
}
template <class T>
Value as_value(const std::vector<T>& list) {
  ValueList values;
  for (const T& item : list) values.push_back(as_value(item));
  return values;
}
template <class T>
Value as_value(const std::optional<T>& member) {
  return member ? as_value(*member) : Value();
}

// All members, nulls and empty collections included.
template <class E>
ValueMap members_of(const E& event) {
  ValueMap map;
  const auto take = [&](EventField field, const auto& member) {
    map.set(field.name, as_value(member));
    if (field.name == "id") map.set("event_type", E::kTag);
  };
  for_each_field(static_cast<const Envelope&>(event), take);
  for_each_field(event, take);
  return map;
}

std::string json_of(const auto& event) {
  std::string json;
  append_json(json, event);
  return json;
}

template <class E>
void expect_round_trip(const E& event) {
  SCOPED_TRACE(E::kTag);
  const std::string json = json_of(event);
  const Event read = parse_event(json);
  ASSERT_TRUE(std::holds_alternative<E>(read)) << json;
  EXPECT_EQ(members_of(std::get<E>(read)), members_of(event)) << json;
  EXPECT_EQ(json_of(read), json);
}

TEST(EventJson, EveryFieldOfEveryTypeIsWrittenUnderItsNameInOrder) {
  Filler filler(1, true);
  const auto check = [&]<class E>(std::type_identity<E>) {
    const E event = filler.make<E>();
    EXPECT_EQ(parse_value(json_of(event)), Value(members_of(event))) << E::kTag;
  };
#define LITMUS_CHECK(E) check(std::type_identity<E>{});
  LITMUS_EACH_EVENT(LITMUS_CHECK)
#undef LITMUS_CHECK
}

TEST(EventJson, EveryTypeComesBackAsItWas) {
  for (unsigned seed = 0; seed < 100; ++seed) {
    Filler filler(seed, seed % 2 == 0);
#define LITMUS_CHECK(E) expect_round_trip(filler.make<E>());
    LITMUS_EACH_EVENT(LITMUS_CHECK)
#undef LITMUS_CHECK
  }
}

TEST(EventJson, AnEventWithNothingGivenComesBackAsItWas) {
// NOLINTNEXTLINE(bugprone-macro-parentheses): E is a type
#define LITMUS_CHECK(E) expect_round_trip(E{});
  LITMUS_EACH_EVENT(LITMUS_CHECK)
#undef LITMUS_CHECK
}

const std::string kId = "01234567-89ab-4cde-8f01-23456789abcd";
const std::string kSession = "11111111-2222-4333-8444-555555555555";

std::string event_text(const std::string& tag, const std::string& fields) {
  return R"({"id":")" + kId + R"(","event_type":")" + tag +
         R"(","occurred_at":"2026-03-10T14:30:22.123456+00:00","session_id":")" + kSession + '"' +
         (fields.empty() ? "" : ",") + fields + "}";
}

TEST(EventJson, AMeasurementIsWrittenLikeThis) {
  MeasurementRecorded event;
  event.id = Uuid::parse(kId);
  event.session_id = Uuid::parse(kSession);
  event.occurred_at = parse_iso8601("2026-03-10T14:30:22.123456Z");
  event.step_name = "test_output";
  event.step_index = 2;
  event.step_path = "test_output";
  event.measurement_name = "v_out";
  event.value = 5.0;
  event.units = "V";
  event.outcome = Outcome::kPassed;
  event.limit_low = -std::numeric_limits<double>::infinity();
  event.limit_comparator = Comparator::kGELE;
  event.inputs = {{"vin", 12}};
  const std::string expected = event_text(
      "test.measurement",
      R"("step_name":"test_output","step_index":2,"step_path":"test_output","vector_index":0,)"
      R"("retry":0,"measurement_name":"v_out","value":5.0,"units":"V","outcome":"passed",)"
      R"("limit_low":"-Infinity","limit_comparator":"GELE","inputs":{"vin":12},)"
      R"("allow_repeat":false)");
  EXPECT_EQ(json_of(event), expected);
  EXPECT_EQ(json_of(Event(event)), expected);
}

TEST(EventJson, ARequiredListIsWrittenEvenWhenItIsEmpty) {
  EXPECT_NE(json_of(RouteClosed{}).find(R"("channels":[])"), std::string::npos);
  EXPECT_EQ(json_of(StepStarted{}).find("instrument_roles"), std::string::npos);
}

TEST(EventJson, AnUnknownTypeIsKeptWholeAndWrittenAgain) {
  const std::string text = event_text(
      "vendor.thing", R"("b":[1,2.5,null,{"x":true}],"a":"text","empty":{},"none":null)");
  const Event event = parse_event(text);
  ASSERT_TRUE(std::holds_alternative<UnknownEvent>(event));
  EXPECT_EQ(tag_of(event), "vendor.thing");
  EXPECT_EQ(json_of(event), text);
}

TEST(EventJson, FieldsThatAKnownTypeDoesNotHaveAreIgnored) {
  const Event event = parse_event(event_text("sync.release", R"("later":1,"name":"warm","x":{})"));
  ASSERT_TRUE(std::holds_alternative<SyncRelease>(event));
  EXPECT_EQ(std::get<SyncRelease>(event).name, "warm");
}

TEST(EventJson, FieldsAreFoundInAnyOrder) {
  const Event event =
      parse_event(event_text("slot.completed", R"("outcome":"failed","slot_id":"s1")"));
  ASSERT_TRUE(std::holds_alternative<SlotCompleted>(event));
  EXPECT_EQ(std::get<SlotCompleted>(event).slot_id, "s1");
  EXPECT_EQ(std::get<SlotCompleted>(event).outcome, Outcome::kFailed);
}

TEST(EventJson, ContentThatDoesNotFitItsTypeIsKeptAsUnknown) {
  const std::pair<std::string, std::string> texts[] = {
      {"sync.release", ""},                                     // required field missing
      {"sync.release", R"("name":null)"},                       // null where it cannot be
      {"sync.release", R"("name":7)"},                          // number for text
      {"run.ended", R"("outcome":"exploded")"},                 // outcome of a later version
      {"run.ended", R"("events_lost":1.5)"},                    // fraction for integer
      {"run.ended", R"("events_lost":9223372036854775808)"},    // beyond 64 bits with sign
      {"run.ended", R"("synthetic":"yes")"},                    // text for boolean
      {"run.ended", R"("swept_at":"yesterday")"},               // no time
      {"run.started", R"("custom_metadata":[])"},               // list for map
      {"run.started", R"("channel_refs":["a",1])"},             // number in list of texts
      {"stream.ended", R"("stream_id":"42")"},                  // no UUID
      {"dialog.responded", R"("duration_seconds":"a while")"},  // no number
      {"test.steps_discovered", R"("items":["test_a"])"},       // text in list of maps
  };
  for (const auto& [tag, fields] : texts) {
    const std::string text = event_text(tag, fields);
    const Event event = parse_event(text);
    ASSERT_TRUE(std::holds_alternative<UnknownEvent>(event)) << text;
    EXPECT_EQ(tag_of(event), tag);
    EXPECT_EQ(parse_value(json_of(event)), parse_value(text));
  }
}

TEST(EventJson, NumbersAreReadFromIntegersAndFromTheNamesOfTheNonFinite) {
  const auto low_of = [](const std::string& number) {
    return std::get<MeasurementRecorded>(
               parse_event(event_text("test.measurement",
                                      R"("step_name":"a","step_index":0,"measurement_name":"b",)"
                                      R"("limit_low":)" +
                                          number)))
        .limit_low.value();
  };
  EXPECT_EQ(low_of("3"), 3.0);
  EXPECT_EQ(low_of("18446744073709551615"), 18446744073709551615.0);
  EXPECT_EQ(low_of("\"Infinity\""), std::numeric_limits<double>::infinity());
  EXPECT_EQ(low_of("\"-Infinity\""), -std::numeric_limits<double>::infinity());
  EXPECT_TRUE(std::isnan(low_of("\"NaN\"")));
}

TEST(EventJson, AMissingTimeOfSealingIsTheTimeOfTheEvent) {
  const auto event = std::get<RunMaterialized>(
      parse_event(event_text("run.materialized", R"("materializer":"parquet","destination":"x")")));
  EXPECT_EQ(event.materialized_at, event.occurred_at);
}

void expect_corrupt(std::string_view text) {
  try {
    parse_event(text);
    ADD_FAILURE() << "accepted: " << text;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Code::kCorrupt) << text;
  }
}

TEST(EventJson, TextWithoutAWholeEnvelopeIsCorrupt) {
  for (const std::string_view text : {"", "null", "[]", "7", "{}"}) expect_corrupt(text);
  const ValueMap whole = *parse_value(event_text("sync.release", "")).get_if<ValueMap>();
  for (const auto& [left_out, unused] : whole) {
    std::string text = "{";
    for (const auto& [name, value] : whole) {
      if (name == left_out) continue;
      text +=
          (text.size() > 1 ? ",\"" : "\"") + name + "\":\"" + *value.get_if<std::string>() + '"';
    }
    expect_corrupt(text + "}");
  }
}

TEST(EventJson, TextThatIsCutOffAnywhereIsCorrupt) {
  const std::string text = json_of(Filler(3, true).make<MeasurementRecorded>());
  for (std::size_t length = 0; length < text.size(); ++length) {
    expect_corrupt(std::string_view(text).substr(0, length));
  }
}

TEST(EventJson, AnyOneByteChangedGivesAnEventOrAnError) {
  std::string text = json_of(Filler(4, true).make<StepEnded>());
  std::size_t refused = 0;
  for (char& byte : text) {
    const char kept = byte;
    for (int bit = 0; bit < 8; ++bit) {
      byte = static_cast<char>(kept ^ (1 << bit));
      try {
        parse_event(text);
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), Code::kCorrupt);
        ++refused;
      }
    }
    byte = kept;
  }
  EXPECT_GT(refused, text.size());
}

}  // namespace
}  // namespace litmus
