// SPDX-License-Identifier: Apache-2.0
#include "plan/cascade.h"

#include "plan/plan_fixture.h"

namespace litmus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Scope = InlineMarkers::Scope;

class CascadeOfAProject : public PlanOfAProject {
 protected:
  // "vin [1,2] outer tests/test_fan.yaml:3"
  std::vector<std::string> loops(const ResolvedTest& test) const {
    std::vector<std::string> texts;
    for (const PlannedLoop& loop : test.settings().loops) {
      texts.push_back(shown(loop.arguments) + (loop.is_outer ? " outer " : " inner ") +
                      without_folder(loop.source.place()));
    }
    return texts;
  }

  std::vector<std::string> mocks(const ResolvedTest& test) const {
    std::vector<std::string> texts;
    for (const PlannedMock& mock : test.settings().mocks) {
      texts.push_back(mock.target + " " + shown(mock.keywords) + " " +
                      without_folder(mock.source.place()));
    }
    return texts;
  }

  std::string limit(ResolvedTest test, const std::string& name = "v") const {
    const ResolvedLimit* found = test.limit(name, {}, {}, {});
    return found == nullptr ? "none" : found->text() + " from " + without_folder(found->source);
  }
};

InlineMarkers on_class(const ValueMap& payloads) { return {Scope::kClass, payloads}; }
InlineMarkers on_function(const ValueMap& payloads) { return {Scope::kFunction, payloads}; }

ValueMap high(double bound) { return {{"limits", ValueMap{{"v", ValueMap{{"high", bound}}}}}}; }

ValueMap sweep(const std::string& argument, ValueList values) {
  return {{"sweeps", ValueList{ValueMap{{argument, std::move(values)}}}}};
}

TEST_F(CascadeOfAProject, EachLevelIsStrongerThanTheOneBefore) {
  std::vector<InlineMarkers> markers;
  EXPECT_EQ(limit(resolve(markers)), "none");
  markers.push_back({Scope::kModule, high(1)});
  EXPECT_EQ(limit(resolve(markers)), "v <= 1 from inline marker of test_fan.py");
  markers.push_back(on_class(high(2)));
  EXPECT_EQ(limit(resolve(markers)), "v <= 2 from inline marker of TestFan");
  markers.push_back(on_function(high(3)));
  EXPECT_EQ(limit(resolve(markers)), "v <= 3 from inline marker of TestFan.test_load");
  sidecar("limits: {v: {high: 4}}\n");
  EXPECT_EQ(limit(resolve(markers)), "v <= 4 from tests/test_fan.yaml:1");
  sidecar("limits: {v: {high: 4}}\ntests:\n  TestFan:\n    limits: {v: {high: 5}}\n");
  EXPECT_EQ(limit(resolve(markers)), "v <= 5 from tests/test_fan.yaml:4");
  sidecar(
      "limits: {v: {high: 4}}\ntests:\n  TestFan:\n    limits: {v: {high: 5}}\n    tests:\n"
      "      test_load: {limits: {v: {high: 6}}}\n");
  EXPECT_EQ(limit(resolve(markers)), "v <= 6 from tests/test_fan.yaml:6");
  folder_.write("profiles/parent.yaml", "limits: {v: {high: 7}}\n");
  profile("extends: parent\n");
  EXPECT_EQ(limit(resolve(markers)), "v <= 7 from profiles/parent.yaml:1");
  folder_.write("profiles/parent.yaml",
                "tests: {TestFan: {tests: {test_load: {limits: {v: {high: 8}}}}}}\n");
  EXPECT_EQ(limit(resolve(markers)), "v <= 8 from profiles/parent.yaml:1");
  profile("extends: parent\nlimits: {v: {high: 9}}\n");
  EXPECT_EQ(limit(resolve(markers)), "v <= 9 from profiles/active.yaml:2");
}

TEST_F(CascadeOfAProject, ATestIsFoundBelowItsClassThenDottedThenByItsBareName) {
  const std::string bare = "  test_load: {limits: {v: {high: 1}}}\n";
  const std::string dotted = "  TestFan.test_load: {limits: {v: {high: 2}}}\n";
  const std::string nested =
      "  TestFan: {limits: {w: {high: 5}}, tests: {test_load: {limits: {v: {high: 3}}}}}\n";
  sidecar("tests:\n" + bare);
  EXPECT_EQ(limit(resolve()), "v <= 1 from tests/test_fan.yaml:2");
  EXPECT_EQ(limit(resolve({}, {})), "v <= 1 from tests/test_fan.yaml:2");
  sidecar("tests:\n" + bare + dotted);
  EXPECT_EQ(limit(resolve()), "v <= 2 from tests/test_fan.yaml:3");
  EXPECT_EQ(limit(resolve({}, {})), "v <= 1 from tests/test_fan.yaml:2");
  sidecar("tests:\n" + bare + dotted + nested);
  EXPECT_EQ(limit(resolve()), "v <= 3 from tests/test_fan.yaml:4");
}

TEST_F(CascadeOfAProject, TheClassAppliesWhereverTheTestWasFound) {
  sidecar(
      "tests:\n  test_load: {limits: {v: {high: 1}}}\n  TestFan: {limits: {w: {high: 5}, v: {high: "
      "9}}}\n");
  EXPECT_EQ(limit(resolve(), "w"), "v <= 5 from tests/test_fan.yaml:3");
  EXPECT_EQ(limit(resolve(), "v"), "v <= 1 from tests/test_fan.yaml:2");
}

TEST_F(CascadeOfAProject, LimitsAndPromptsAreMergedByKeyAndReplacedAsAWhole) {
  sidecar(
      "limits: {v: {low: 0, high: 1, units: V}, w: {high: 2}}\n"
      "prompts: {seat: {message: Seat it, prompt_type: choice, choices: [a]}, go: {message: Go}}\n"
      "tests: {test_load: {limits: {v: {low: -1, units: V}}, prompts: {seat: {message: Now}}}}\n");
  const ResolvedTest test = resolve();
  EXPECT_EQ(limit(test), "-1 <= v V from tests/test_fan.yaml:3");
  EXPECT_EQ(limit(test, "w"), "v <= 2 from tests/test_fan.yaml:1");
  ASSERT_EQ(test.settings().prompts.size(), 2U);
  EXPECT_EQ(test.settings().prompts[0].planned.value,
            Value(ValueMap{{"message", "Now"}, {"prompt_type", "confirm"}}));
}

TEST_F(CascadeOfAProject, MocksAreMergedByTargetAndTheLastWins) {
  sidecar(
      "mocks:\n"
      "  - {target: dmm.read, return_value: 1}\n"
      "  - {target: psu.set, side_effect: {linspace: [0, 1, 3]}}\n"
      "tests: {test_load: {mocks: [{target: dmm.read, return_value: 2}, {target: dmm.read, "
      "return_value: 3}]}}\n");
  EXPECT_THAT(mocks(resolve()),
              ElementsAre("dmm.read return_value=3 tests/test_fan.yaml:4",
                          "psu.set side_effect=[0.0,0.5,1.0] tests/test_fan.yaml:3"));
}

TEST_F(CascadeOfAProject, AnEmptyListClearsNothingAndClearClears) {
  const std::string inherited =
      "mocks: [{target: dmm.read, return_value: 1}, {target: psu.set, return_value: 2}]\n"
      "sweeps: [{vin: [1, 2]}]\n";
  sidecar(inherited + "tests: {test_load: {mocks: [], sweeps: []}}\n");
  EXPECT_EQ(mocks(resolve()).size(), 2U);
  EXPECT_EQ(loops(resolve()).size(), 1U);
  sidecar(inherited + "tests: {test_load: {mocks: [{target: dmm.read, clear: true}]}}\n");
  EXPECT_THAT(mocks(resolve()), ElementsAre("psu.set return_value=2 tests/test_fan.yaml:1"));
  sidecar(inherited +
          "tests: {test_load: {mocks: [{target: '*', clear: true}, {target: a.b, spec: x}]}}\n");
  EXPECT_THAT(mocks(resolve()), ElementsAre("a.b spec=x tests/test_fan.yaml:3"));
}

TEST_F(CascadeOfAProject, RetryConnectionsAndCharacteristicsAreReplaced) {
  folder_.write("products/board.yaml",
                "pins: {A: {name: a}, B: {name: b}}\n"
                "characteristics:\n"
                "  one: {function: dc_voltage, direction: output, pin: A}\n"
                "  two: {function: dc_voltage, direction: output, pin: B}\n");
  sidecar(
      "retry: {max_retries: 1, delay: 0.2, on: [TimeoutError]}\n"
      "characteristics: [one]\n"
      "tests: {test_load: {retry: {max_retries: 2}, characteristics: [two]}}\n");
  const ResolvedTest test = resolve();
  EXPECT_EQ(test.settings().retry->value, Value(ValueMap{{"max_retries", 2}, {"delay", 0.0}}));
  EXPECT_EQ(test.settings().characteristics->value, Value(ValueList{"two"}));
}

TEST_F(CascadeOfAProject, MarkersOfTheRunnerAreJoined) {
  sidecar(
      "runner: {markers: [{slow: true}]}\ntests: {test_load: {runner: {markers: [{skipif: "
      "'x'}]}}}\n");
  profile("runner: {markers: [{timeout: 5}]}\n");
  std::vector<std::string> names;
  const ResolvedTest test = resolve();
  for (const NamedValue& marker : test.settings().markers) names.push_back(marker.name);
  EXPECT_THAT(names, ElementsAre("slow", "skipif", "timeout"));
}

TEST_F(CascadeOfAProject, SweepsOfModulesAndClassesAreOuterAllOthersInner) {
  sidecar(
      "sweeps: [{file: [1]}]\n"
      "tests: {TestFan: {sweeps: [{class_entry: [1]}], tests: {test_load: {sweeps: [{test: "
      "[1]}]}}}}\n");
  profile("sweeps: [{profile: [1]}]\n");
  EXPECT_THAT(
      loops(resolve({{Scope::kModule, sweep("module", {1})},
                     on_class(sweep("cls", {1, 2})),
                     on_function(sweep("function", {1}))})),
      ElementsAre("module=[1] outer inline marker of test_fan.py",
                  "cls=[1,2] outer inline marker of TestFan",
                  "class_entry=[1] outer tests/test_fan.yaml:2",
                  "function=[1] inner inline marker of TestFan.test_load",
                  "file=[1] inner tests/test_fan.yaml:1", "test=[1] inner tests/test_fan.yaml:2",
                  "profile=[1] inner profiles/active.yaml:1"));
}

TEST_F(CascadeOfAProject, AnEntryThatOnlyChangesALimitIsMergedFieldByField) {
  const auto entry = [](ValueMap fields) {
    return ValueMap{{"limits", ValueMap{{"v", std::move(fields)}}}};
  };
  const auto changed = [&](ValueMap weaker, ValueMap changes) {
    const ValueMap inner = entry(std::move(changes));
    const ValueMap outer = entry(std::move(weaker));
    return limit(resolve({on_class(outer), on_function(inner)}));
  };
  const auto place = [](const std::string& keys, const std::string& of_class) {
    return " from inline marker of TestFan.test_load (" + keys + ")" +
           (of_class.empty() ? "" : ", inline marker of TestFan (" + of_class + ")");
  };
  const ValueMap base{{"nominal", 10.0}, {"tolerance_pct", 5.0}, {"units", "V"}};
  EXPECT_EQ(changed(base, {{"tolerance_pct", 1.0}}),
            "9.9 <= v <= 10.1 V" + place("tolerance_pct", "nominal, units"));
  EXPECT_EQ(changed(base, {{"tolerance_abs", 2.0}}),
            "8 <= v <= 12 V" + place("tolerance_abs", "nominal, units"));
  EXPECT_EQ(changed(base, {{"guardband_pct", 20.0}}),
            "9.6 <= v <= 10.4 V" + place("guardband_pct", "nominal, tolerance_pct, units"));
  EXPECT_EQ(changed({{"low", 1.0}, {"high", 2.0}}, {{"comparator", "GELT"}}),
            "1 <= v < 2" + place("comparator", "low, high"));
  EXPECT_EQ(changed(base, {{"high", 7.0}}), "v <= 7 from inline marker of TestFan.test_load")
      << "a limit of its own replaces all";

  const ValueMap bands{
      {"nominal", 10.0},
      {"tolerance_pct", 5.0},
      {"bands", ValueList{ValueMap{{"when", ValueMap{}}, {"tolerance_abs", 3.0}}}}};
  EXPECT_EQ(changed(bands, {{"tolerance_pct", 1.0}}),
            "9.9 <= v <= 10.1 from inline marker of TestFan, inline marker of TestFan.test_load "
            "(tolerance_pct)");
}

TEST_F(CascadeOfAProject, ALimitThatSeveralPlacesHaveShapedNamesEachWithItsKeys) {
  folder_.write("products/board.yaml",
                "pins: {A: {name: a}}\n"
                "characteristics:\n"
                "  rail: {function: dc_voltage, direction: output, units: V, pin: A, bands: "
                "[{value: 5, accuracy: {absolute: 1}}]}\n");
  sidecar(
      "limits:\n  v: {characteristic: rail, units: mV}\n  w: {low: 1, characteristic: rail}\n"
      "  t:\n    lookup: {key: k, table: {1: {high: 2, units: V}}}\n");
  profile(
      "guardband_pct: 10\nlimits:\n  v: {comparator: GTLT}\n  rail: {guardband_pct: 50}\n"
      "  t: {comparator: LT}\n");
  EXPECT_EQ(limit(resolve()),
            "4100 < v < 5900 mV from profiles/active.yaml:3 (comparator), tests/test_fan.yaml:2 "
            "(characteristic, units), products/board.yaml:3, guardband of 10 % at "
            "profiles/active.yaml:1");
  EXPECT_EQ(limit(resolve(), "w"),
            "1 <= v V from tests/test_fan.yaml:3, products/board.yaml:3 (units)");
  EXPECT_EQ(limit(resolve(), "rail"),
            "4.5 <= v <= 5.5 V from profiles/active.yaml:4, products/board.yaml:3");
  ResolvedTest test = resolve();
  EXPECT_EQ(without_folder(test.limit("t", {{"k", 1}}, {}, {})->source),
            "tests/test_fan.yaml:5, profiles/active.yaml:5 (comparator)");
}

TEST_F(CascadeOfAProject, WhatOnlyChangesALimitNeedsOneAndMustSuitIt) {
  const ValueMap changes{{"limits", ValueMap{{"v", ValueMap{{"guardband_pct", 5.0}}}}}};
  EXPECT_THROW(limit(resolve({on_function(changes)})), MissingLimit);
  const ValueMap tolerance{{"limits", ValueMap{{"v", ValueMap{{"tolerance_pct", 5.0}}}}}};
  EXPECT_THAT(
      complaint([&] { resolve({on_class(high(1)), on_function(tolerance)}); }),
      HasSubstr("found several: which of them counts? (it changes the limit at inline marker "
                "of TestFan)"));
}

TEST_F(CascadeOfAProject, ALoopOfTheSameArgumentsReplacesTheAxisInItsPlace) {
  sidecar("sweeps: [{vin: [3, 4]}, {load: [5]}]\n");
  EXPECT_THAT(loops(resolve({on_class(sweep("vin", {1, 2})), on_function(sweep("k", {9}))})),
              ElementsAre("vin=[3,4] outer tests/test_fan.yaml:1",
                          "k=[9] inner inline marker of TestFan.test_load",
                          "load=[5] inner tests/test_fan.yaml:1"));
}

TEST_F(CascadeOfAProject, ALoopThatSharesOnlySomeArgumentsIsRefusedWithBothPlaces) {
  sidecar("sweeps: [{vin: [1, 2], load: [3, 4]}]\ntests: {test_load: {sweeps: [{vin: [5]}]}}\n");
  EXPECT_EQ(
      complaint([&] { resolve(); }),
      "tests/test_fan.yaml:2: `tests.test_load.sweeps[0]`: `vin` is swept together with other "
      "arguments at " +
          (folder_ / "tests/test_fan.yaml:1").substr(folder_.path().size() + 1) +
          "; a loop is replaced only by one of the same arguments");
}

TEST_F(CascadeOfAProject, WhatIsTakenFromAMarkerNamesItsPayload) {
  const ResolvedTest test = resolve(
      {on_class(sweep("vin", {1, 2})),
       on_function(
           {{"sweeps", ValueList{ValueMap{{"a", ValueList{1}}}, ValueMap{{"b", ValueList{1}}}}},
            {"mocks", ValueList{ValueMap{{"target", "a.b"}, {"side_effect", "<function>"}}}}})});
  const auto& loops = test.settings().loops;
  EXPECT_EQ(loops[0].inline_place->payload, 0U);
  EXPECT_EQ(loops[2].inline_place->payload, 1U);
  EXPECT_EQ(loops[2].inline_place->index, 1U);
  EXPECT_EQ(test.settings().mocks[0].inline_place->payload, 1U);
  sidecar("sweeps: [{vin: [3]}]\n");
  EXPECT_EQ(resolve({on_class(sweep("vin", {1, 2}))}).settings().loops[0].inline_place,
            std::nullopt);
}

TEST_F(CascadeOfAProject, MarkersAreCheckedLikeSidecars) {
  EXPECT_EQ(
      complaint(
          [&] { resolve({on_function({{"limits", ValueMap{{"v", ValueMap{{"hihg", 1}}}}}})}); }),
      "inline marker of TestFan.test_load: `limits.v.hihg`: unknown key; did you mean `high`?");
  EXPECT_THAT(
      complaint([&] { resolve({on_function({{"limits", ValueMap{{"v", ValueMap{}}}}})}); }),
      HasSubstr("inline marker of TestFan.test_load: `limits.v`: nothing here gives a limit"));
  EXPECT_THAT(complaint([&] { resolve({on_class({{"swepes", ValueList{}}})}); }),
              HasSubstr("did you mean `sweeps`?"));
  EXPECT_EQ(limit(resolve({on_function(
                {{"limits", ValueMap{{"v", ValueMap{{"low", 1}, {"high", INFINITY}}}}}})})),
            "1 <= v <= inf from inline marker of TestFan.test_load");
  EXPECT_THAT(complaint([&] {
                resolve({on_function({{"limits", ValueMap{{"v", ValueMap{{"low", NAN}}}}}})});
              }),
              HasSubstr("found NaN"));
}

TEST_F(CascadeOfAProject, AllThatIsWrongInASidecarIsToldAtOnce) {
  sidecar(
      "sweeps:\n"
      "  - {}\n"
      "  - {vin: [1, 2], load: [1]}\n"
      "  - {vin: [1]}\n"
      "mocks:\n"
      "  - {target: dmm}\n"
      "prompts:\n"
      "  ask: {message: Which, prompt_type: choice}\n"
      "tests:\n"
      "  test_load:\n"
      "    limits:\n"
      "      v: {units: V}\n"
      "    runner:\n"
      "      markers: [{a: 1, b: 2}]\n");
  const std::string text = complaint([&] { resolve(); });
  for (const char* part :
       {"tests/test_fan.yaml:1: `sweeps[0]`: expected an argument",
        "tests/test_fan.yaml:3: `sweeps[1]`: arguments of one loop advance together: expected 2",
        "tests/test_fan.yaml:4: `sweeps[2].vin`: this argument is swept by an earlier loop",
        "tests/test_fan.yaml:6: `mocks[0].target`: expected `fixture.attribute`, found `dmm`",
        "tests/test_fan.yaml:8: `prompts.ask.choices`: expected answers",
        "tests/test_fan.yaml:12: `tests.test_load.limits.v`: nothing here gives a limit",
        "tests/test_fan.yaml:14: `tests.test_load.runner.markers[0]`: expected one marker"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
}

TEST_F(CascadeOfAProject, SweepsTakeGeneratorsAndNeverNothing) {
  sidecar("sweeps: [{vin: {linspace: [10.8, 13.2, 3]}, n: {repeat: [x, 3]}}]\n");
  EXPECT_THAT(
      loops(resolve()),
      ElementsAre("vin=[10.8,12.0,13.2], n=[\"x\",\"x\",\"x\"] inner tests/test_fan.yaml:1"));
  sidecar("sweeps: [{vin: {linspce: [10.8, 13.2, 3]}}]\n");
  EXPECT_THAT(complaint([&] { resolve(); }),
              HasSubstr("unknown generator; did you mean `linspace`?"));
  sidecar("sweeps: [{vin: {linspace: [10.8, 13.2]}}]\n");
  EXPECT_THAT(complaint([&] { resolve(); }),
              HasSubstr("tests/test_fan.yaml:1: `sweeps[0].vin`: linspace: expected [first, last, "
                        "number of values], found [10.8,13.2]"));
  sidecar("sweeps: [{vin: {linspace: [0, 1, 0]}}]\n");
  EXPECT_THAT(complaint([&] { resolve(); }), HasSubstr("expected at least 1 elements, found 0"));
  sidecar("sweeps: [{vin: []}]\n");
  EXPECT_THAT(complaint([&] { resolve(); }), HasSubstr("expected at least 1 elements, found 0"));
  sidecar("sweeps: [{vin: 5}]\n");
  EXPECT_THAT(complaint([&] { resolve(); }), HasSubstr("expected a list (values), found `5`"));
}

TEST_F(CascadeOfAProject, NamesThatNoTestHasAreToldOnce) {
  sidecar("tests:\n  TestFan: {tests: {test_load: {}, test_old: {}}}\n  test_gone: {}\n");
  profile("tests: {TestOther: {}}\n");
  TestPlan all = plan();
  all.resolve(folder_ / "tests/test_fan.py", {"TestFan"}, "test_load", {});
  std::vector<std::string> names;
  for (const std::string& text : all.unused_names()) names.push_back(without_folder(text));
  EXPECT_THAT(names,
              ElementsAre("tests/test_fan.yaml:2: no collected test is called `TestFan.test_old`",
                          "tests/test_fan.yaml:3: no collected test is called `test_gone`",
                          "profiles/active.yaml:1: no collected test is called `TestOther`"));
}

TEST_F(CascadeOfAProject, OnIsNoBoolean) {
  sidecar("retry: {max_retries: 1, on: [TimeoutError]}\n");
  EXPECT_EQ(*std::get<ValueMap>(resolve().settings().retry->value.data()).find("on"),
            Value(ValueList{"TimeoutError"}));
}

}  // namespace
}  // namespace litmus
