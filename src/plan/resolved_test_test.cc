// SPDX-License-Identifier: Apache-2.0
#include "plan/resolved_test.h"

#include "plan/plan_fixture.h"

namespace litmus {
namespace {

using ::testing::HasSubstr;

class ResolvedTestOfAProject : public PlanOfAProject {
 protected:
  void SetUp() override {
    folder_.write("products/board.yaml",
                  "pins:\n"
                  "  VOUT: {name: TP4, net: V5}\n"
                  "  VIN: {name: J1.1, net: V12}\n"
                  "  SENSE: {name: TP5, net: V5}\n"
                  "characteristics:\n"
                  "  rail: {function: dc_voltage, direction: output, units: V, pin: VOUT, bands: "
                  "[{value: 5, accuracy: {pct_reading: 10}}]}\n"
                  "  ripple: {function: ac_voltage, direction: output, units: V, pin: VOUT, bands: "
                  "[{when: {load: 1}, value: 0.1}]}\n"
                  "  input: {function: dc_voltage, direction: input, units: V, pins: [VIN, VOUT]}\n"
                  "  five: {function: dc_voltage, direction: output, units: V, net: V5}\n");
  }

  void fixture() {
    folder_.write(
        "fixtures/f.yaml",
        "connections:\n"
        "  any: {instrument: dmm, instrument_channel: '9', dut_pin: VOUT}\n"
        "  dc: {instrument: dmm, instrument_channel: '1', dut_pin: VOUT, function: dc_voltage}\n"
        "  vin: {instrument: psu, instrument_channel: CH1, dut_pin: VIN}\n"
        "  by_net: {instrument: scope, instrument_channel: '1', net: V5, function: waveform}\n");
  }

  // "dc/rail" for each connection with its characteristic; "none" where none is declared.
  std::string wiring(const std::string& entry) {
    sidecar(entry);
    const auto found = resolve().connections();
    if (!found) return "none";
    std::string text;
    for (const ValueMap& connection : *found) {
      text += (text.empty() ? "" : " ") + *find_text(connection, "name");
      if (const auto id = find_text(connection, "characteristic")) text += "/" + *id;
    }
    return text;
  }

  std::string refused(const std::string& entry) {
    return complaint([&] { wiring(entry); });
  }

  std::string limit(const std::string& entry, const std::string& name,
                    const std::optional<std::string>& ambient = {},
                    const std::optional<std::string>& given = {}) {
    sidecar(entry);
    ResolvedTest test = resolve();
    const ResolvedLimit* found = test.limit(name, {}, ambient, given);
    return found == nullptr ? "none" : found->text();
  }
};

TEST_F(ResolvedTestOfAProject, CharacteristicsTimesConnectionsIsTheTableOfTheManual) {
  EXPECT_EQ(wiring("{}"), "none");
  EXPECT_EQ(wiring("characteristics: [rail]"), "");
  EXPECT_THAT(refused("connections: [dc]"),
              HasSubstr("needs a fixture, and none is active (--fixture)"));
  EXPECT_EQ(wiring("connections: {dmm: [1, '3:4'], psu: CH1}"),
            "dmm_ch1 dmm_ch3 dmm_ch4 psu_chCH1");
  EXPECT_THAT(refused("connections: {dmm: all}"), HasSubstr("`all` channels need a fixture"));
  EXPECT_THAT(refused("{characteristics: [rail], connections: [dc]}"),
              HasSubstr("need a fixture to check them against"));
  fixture();
  EXPECT_EQ(wiring("{}"), "none");
  EXPECT_EQ(wiring("characteristics: [rail]"), "dc/rail");
  EXPECT_EQ(wiring("connections: [vin, dc]"), "vin dc");
  EXPECT_THAT(refused("connections: [cd]"),
              HasSubstr("has no connection `cd`; did you mean `dc`?"));
  EXPECT_EQ(wiring("connections: {dmm: [1], psu: all}"), "dc vin");
  EXPECT_EQ(wiring("connections: {dmm: all}"), "any dc");
  EXPECT_THAT(refused("connections: {dmm: [2]}"), HasSubstr("is at channel 2 of `dmm`"));
  EXPECT_THAT(refused("connections: {scop: all}"), HasSubstr("is at `scop`"));
  EXPECT_EQ(wiring("{characteristics: [rail], connections: [dc, any]}"), "dc/rail any/rail");
  EXPECT_THAT(refused("{characteristics: [rail], connections: [vin]}"),
              HasSubstr("tests/test_fan.yaml:1: `connections`: connection `vin` is at no pin of "
                        "the declared characteristics (rail)"));
}

TEST_F(ResolvedTestOfAProject, ConnectionsOfAPinMatchByFunctionExactlyFirst) {
  fixture();
  EXPECT_EQ(wiring("characteristics: [rail]"), "dc/rail");  // exact
  EXPECT_EQ(wiring("characteristics: [ripple]"),
            "any/ripple");  // open; dc_voltage never for ac_voltage
}

TEST_F(ResolvedTestOfAProject, ConnectionsComeByCharacteristicThenByPin) {
  fixture();
  EXPECT_EQ(wiring("characteristics: [input, ripple]"), "vin/input dc/input any/ripple");
}

TEST_F(ResolvedTestOfAProject, AConnectionByNetReachesThePinsOfTheNet) {
  folder_.write("fixtures/f.yaml",
                "connections: {by_net: {instrument: scope, net: V5, function: dc_voltage}}\n");
  EXPECT_EQ(wiring("characteristics: [rail]"), "by_net/rail");
  sidecar("characteristics: [rail]");
  const ResolvedTest test = resolve();
  const ValueMap& connection = test.connections()->front();
  EXPECT_EQ(find_text(connection, "dut_pin"), "VOUT");
  EXPECT_EQ(find_text(connection, "dut_pin_name"), "TP4");
}

TEST_F(ResolvedTestOfAProject, AMissingProductOrAnUnknownCharacteristicIsAnError) {
  EXPECT_THAT(refused("characteristics: [rial]"),
              HasSubstr("has no characteristic `rial`; did you mean `rail`?"));
  std::filesystem::remove_all(folder_ / "products");
  EXPECT_THAT(refused("characteristics: [rail]"),
              HasSubstr("needs a product, and none is active (--product)"));
}

TEST_F(ResolvedTestOfAProject, LimitsComeFromTheEntryThenFromTheProductsCharacteristicOfThatName) {
  EXPECT_EQ(limit("limits: {rail: {high: 1, units: V}}", "rail"), "v <= 1 V");
  EXPECT_EQ(limit("{}", "rail"), "4.5 <= v <= 5.5 V");
  EXPECT_EQ(limit("{}", "five"), "none");  // it promises no value
  EXPECT_EQ(limit("{}", "other"), "none");
}

TEST_F(ResolvedTestOfAProject, AnEntryThatCannotResolveDoesNotFallThroughToTheCharacteristic) {
  sidecar("limits: {rail: {units: V, bands: [{when: {k: 1}, low: 1}]}}\n");
  ResolvedTest test = resolve();
  EXPECT_THROW(test.limit("rail", {}, {}, {}), MissingLimit);
  EXPECT_THROW(test.limit("ripple", {{"load", 2}}, {}, {}), MissingLimit);
  EXPECT_EQ(test.limit("ripple", {{"load", 1}}, {}, {})->text(), "0.1 <= v <= 0.1 V");
}

TEST_F(ResolvedTestOfAProject, AnExplicitCharacteristicScopesTheLookup) {
  const std::string entries =
      "limits: {v: {characteristic: ripple, comparator: LE}, w: {tolerance_pct: 1}, x: {high: 3, "
      "units: V}}\n";
  EXPECT_EQ(limit(entries, "v", {}, "rail"), "4.5 <= v <= 5.5 V");  // its entry names another one
  EXPECT_EQ(limit(entries, "w", {}, "rail"), "4.95 <= v <= 5.05 V");
  EXPECT_EQ(limit(entries, "x", {}, "rail"), "v <= 3 V");
  EXPECT_EQ(limit(entries, "new", {}, "rail"), "4.5 <= v <= 5.5 V");
  EXPECT_THAT(complaint([&] { limit(entries, "new", {}, "rial"); }),
              HasSubstr("did you mean `rail`?"));
}

TEST_F(ResolvedTestOfAProject, TheCharacteristicInScopeServesTolerancesWithoutOne) {
  EXPECT_EQ(limit("limits: {w: {tolerance_pct: 1}}", "w", "rail"), "4.95 <= v <= 5.05 V");
  EXPECT_EQ(limit("{}", "w", "rail"), "none");
}

TEST_F(ResolvedTestOfAProject, ALimitThatNamesACharacteristicOutsideTheMarkersListIsAnError) {
  EXPECT_EQ(refused("characteristics: [ripple]\nlimits: {v: {characteristic: rail}}\n"),
            "tests/test_fan.yaml:2: `limits.v.characteristic`: `rail` is not among the "
            "characteristics of "
            "TestFan.test_load, declared at tests/test_fan.yaml:1");
  EXPECT_THAT(refused("limits: {v: {characteristic: rial}}\n"), HasSubstr("did you mean `rail`?"));
}

TEST_F(ResolvedTestOfAProject, LimitsAtOtherParametersAreOtherLimits) {
  sidecar("limits: {v: {expr: load, tolerance_pct: 10, units: A}}\n");
  ResolvedTest test = resolve();
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(test.limit("v", {{"load", 1}}, {}, {})->text(), "0.9 <= v <= 1.1 A");
    EXPECT_EQ(test.limit("v", {{"load", 2}}, {}, {})->text(), "1.8 <= v <= 2.2 A");
  }
}

TEST_F(ResolvedTestOfAProject, MillivoltsHereAndVoltsThereAreRefusedWithBothPlaces) {
  profile("limits: {v: {low: 4850, high: 5150, units: mV}}\n");
  sidecar("limits:\n  v: {low: 4.85, high: 5.15, units: V}\n");
  ResolvedTest test = resolve();
  const std::string expected =
      "profiles/active.yaml:1: `limits.v`: units that cannot match: `v` is in `mV` at "
      "profiles/active.yaml:1, in `V` at "
      "tests/test_fan.yaml:2; write both in the unit that the test measures";
  EXPECT_EQ(complaint([&] { test.limit("v", {}, {}, {}); }), expected);
  const ValueMap explanation = test.explanation({});
  const auto& problems = std::get<ValueList>(explanation.find("problems")->data());
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(without_folder(shown(problems[0])), expected);
}

TEST_F(ResolvedTestOfAProject, BoundsInAnotherUnitThanTheirCharacteristicAreRefused) {
  EXPECT_THAT(
      complaint([&] { limit("limits: {rail: {low: 4850, high: 5150, units: mV}}", "rail"); }),
      HasSubstr("`rail` is in `mV` at tests/test_fan.yaml:1, in `V` at products/board.yaml:6"));
  EXPECT_THAT(complaint([&] { limit("limits: {v: {characteristic: rail, units: A}}", "v"); }),
              HasSubstr("units that cannot match"));
  EXPECT_EQ(limit("limits: {v: {characteristic: rail, units: mV}}", "v"), "4500 <= v <= 5500 mV");
  EXPECT_EQ(limit("limits: {v: {high: 5150, units: mV}}", "v"), "v <= 5150 mV");
}

TEST_F(ResolvedTestOfAProject, TheExplanationTellsWhereEachLimitIsFromAndAtWhichParameters) {
  sidecar(
      "limits: {v: {high: 1, units: V}, ripple: {characteristic: ripple, comparator: LE}}\n"
      "sweeps: [{load: [1, 2]}, {vin: [5, 6, 7]}]\n");
  profile("limits:\n  v: {high: 2, units: V}\n");
  const ValueMap explanation = resolve().explanation({});
  const auto& limits = std::get<ValueList>(explanation.find("limits")->data());
  const auto& v = std::get<ValueMap>(limits[0].data());
  EXPECT_EQ(without_folder(*find_text(v, "source")), "profiles/active.yaml:2");
  EXPECT_EQ(without_folder(shown(*v.find("replaces"))), "[\"tests/test_fan.yaml:1\"]");
  const auto& cases =
      std::get<ValueList>(std::get<ValueMap>(limits[1].data()).find("cases")->data());
  ASSERT_EQ(cases.size(), 2U);  // of load; vin changes nothing
  EXPECT_EQ(find_text(std::get<ValueMap>(cases[0].data()), "limit"), "v <= 0.1 V");
  EXPECT_THAT(*find_text(std::get<ValueMap>(cases[1].data()), "missing"), HasSubstr("fits load=2"));
}

TEST_F(ResolvedTestOfAProject, TheExplanationTakesCollectedCasesInPlaceOfTheirLoops) {
  sidecar(
      "limits: {v: {expr: load + k, tolerance_abs: 1, units: V}}\n"
      "sweeps: [{load: [1, 2]}]\n");
  ResolvedTest test = resolve();
  const ValueMap explanation = test.explanation({{{"load", 1}, {"k", 5}}, {{"load", 2}, {"k", 5}}});
  const auto& limits = std::get<ValueList>(explanation.find("limits")->data());
  const auto& cases =
      std::get<ValueList>(std::get<ValueMap>(limits[0].data()).find("cases")->data());
  ASSERT_EQ(cases.size(), 2U);
  EXPECT_EQ(find_text(std::get<ValueMap>(cases[1].data()), "limit"), "6 <= v <= 8 V");
}

}  // namespace
}  // namespace litmus
