// SPDX-License-Identifier: Apache-2.0
#include "plan/limit_resolution.h"

#include <gmock/gmock.h>

#include "base/temporary_folder.h"
#include "config/config_file.h"
#include "plan/entity_files.h"

namespace litmus {
namespace {

using ::testing::HasSubstr;

constexpr const char* kProduct = R"(
pins: {VOUT: {name: TP4}}
characteristics:
  rail:
    function: dc_voltage
    direction: output
    units: V
    pin: VOUT
    datasheet_ref: "Table 3"
    conditions: {load: {units: A}, temp: {units: degC}, mode: {options: [fast, slow]}}
    bands:
      - {when: {load: {max: 0.2}}, value: 3.3, accuracy: {pct_reading: 5}}
      - {when: {temp: {min: 50, max: 85}, load: {min: 200, max: 500, units: mA}}, value: 3.3, accuracy: {pct_reading: 2, pct_range: 1, absolute: 10, units: mV}}
      - {when: {mode: slow}, value: 3200, units: mV}
  plain:
    function: dc_voltage
    direction: output
    units: V
    pin: VOUT
    bands: [{value: -5, accuracy: {pct_reading: 10}}]
  ripple: {function: ac_voltage, direction: output, units: mV, pin: VOUT, bands: [{value: 50}]}
  signal: {function: dc_voltage, direction: output, pin: VOUT, signals: {voltage: {value: 2, units: V, accuracy: {absolute: 0.5}}}}
  silent: {function: dc_voltage, direction: output, units: V, pin: VOUT}
  state: {function: digital_io, direction: output, pin: VOUT, bands: [{value: "ready"}]}
)";

class Limits : public ::testing::Test {
 protected:
  ResolvedLimit at(const std::string& entry, const ValueMap& parameters = {},
                   const std::optional<std::string>& ambient = {}) {
    const ConfigFile file =
        check_config_text("limits:\n  v: " + entry + "\n", "sidecar", "test_fan.yaml");
    const auto& written = *find_map(*find_map(file.content, "limits"), "v");
    return resolve_limit(read_limit_entry(written, file.source().at("limits").at("v")), "v",
                         parameters, ambient, context_);
  }

  std::string text(const std::string& entry, const ValueMap& parameters = {},
                   const std::optional<std::string>& ambient = {}) {
    return at(entry, parameters, ambient).text();
  }

  // "missing: ..." or "invalid: ..."
  std::string complaint(const std::string& entry, const ValueMap& parameters = {},
                        const std::optional<std::string>& ambient = {}) {
    try {
      return text(entry, parameters, ambient);
    } catch (const MissingLimit& missing) {
      return std::string("missing: ") + missing.what();
    } catch (const Error& error) {
      return std::string("invalid: ") + error.what();
    }
  }

  TemporaryFolder folder_;
  Product product_ =
      load_product(posix_file_system(), {}, folder_.write("products/board.yaml", kProduct));
  LimitContext context_{&product_, {}, {}};
};

TEST_F(Limits, BoundsAreTakenAsTheyAreWrittenWithTheirComparator) {
  EXPECT_EQ(text("{low: 4.85, high: 5.15, nominal: 5.0, units: V}"), "4.85 <= v <= 5.15 V");
  EXPECT_EQ(text("{low: 1, high: 2, comparator: GTLT}"), "1 < v < 2");
  EXPECT_EQ(text("{low: 1, high: 2, comparator: GELT}"), "1 <= v < 2");
  EXPECT_EQ(text("{high: 0.4, units: A, comparator: LE}"), "v <= 0.4 A");
  EXPECT_EQ(text("{low: 1, comparator: GT}"), "1 < v");
  EXPECT_EQ(text("{high: 2}"), "v <= 2");
  EXPECT_EQ(text("{nominal: 3, comparator: NE}"), "v != 3");
  EXPECT_EQ(text("{nominal: ready, comparator: EQ}"), "v = ready");
  EXPECT_EQ(at("{low: 1, high: 2, nominal: 1.5, spec_ref: T1, units: V}").spec_ref, "T1");
}

TEST_F(Limits, BoundsAsWrittenAreNeverGuardbanded) {
  context_.session_guardband_pct = 10;
  context_.profile_guardband_pct = 20;
  EXPECT_EQ(text("{low: 0, high: 10}"), "0 <= v <= 10");
  EXPECT_THAT(complaint("{low: 0, high: 10, guardband_pct: 5}"), HasSubstr("have no guardband"));
}

TEST_F(Limits, ProductFormulaIsValuePlusOrMinusItsAccuracy) {
  // 3.3 +- 5 % = 3.3 +- 0.165
  EXPECT_EQ(text("{characteristic: rail}", {{"load", 0.1}}), "3.135 <= v <= 3.465 V");
  // 2 % of 3.3 + 1 % of 3.3 + 10 mV = 0.066 + 0.033 + 0.01 = 0.109
  EXPECT_EQ(text("{characteristic: rail}", {{"load", 0.3}, {"temp", 60}}), "3.191 <= v <= 3.409 V");
  // of |v|: -5 +- 10 %
  EXPECT_EQ(text("{characteristic: plain}"), "-5.5 <= v <= -4.5 V");
  EXPECT_EQ(text("{characteristic: signal}"), "1.5 <= v <= 2.5 V");
  EXPECT_EQ(text("{characteristic: state}"), "v = ready");
}

TEST_F(Limits, WithoutAccuracyLowAndHighAreTheValue) {
  const ResolvedLimit limit = at("{characteristic: rail}", {{"mode", "slow"}});
  EXPECT_EQ(limit.low, 3.2);  // 3200 mV in the unit of the characteristic
  EXPECT_EQ(limit.high, 3.2);
  EXPECT_EQ(limit.nominal, Value(3.2));
}

TEST_F(Limits, OneSidedComparatorsTakeTheValueItself) {
  EXPECT_EQ(text("{characteristic: ripple, comparator: LE}"), "v <= 50 mV");
  EXPECT_EQ(text("{characteristic: ripple, comparator: LT}"), "v < 50 mV");
  EXPECT_EQ(text("{characteristic: rail, comparator: GE}", {{"load", 0.1}}), "3.3 <= v V");
  EXPECT_EQ(at("{characteristic: rail, comparator: GT}", {{"load", 0.1}}).high, std::nullopt);
}

TEST_F(Limits, GuardbandOf10PercentOn3V3Plus5PercentGives3V1515To3V4485) {
  EXPECT_EQ(text("{characteristic: rail, guardband_pct: 10}", {{"load", 0.1}}),
            "3.1515 <= v <= 3.4485 V");
}

TEST_F(Limits, GuardbandAppliesToEverySpecificationDerivedPathAlike) {
  context_.session_guardband_pct = 10;
  const char* in_steps =
      "{units: V, steps: {param: k, ranges: "
      "[{default:, limit: {nominal: 3.3, tolerance_pct: 5}}]}}";
  for (const char* entry :
       {"{characteristic: rail}", "{characteristic: rail, tolerance_pct: 5}",
        "{tolerance_abs: 0.165, characteristic: rail}",
        "{nominal: 3.3, tolerance_pct: 5, units: V}",
        "{expr: 3 + load * 3, tolerance_pct: 5, units: V}",
        "{lookup: {key: load, table: {0.1: {nominal: 3.3, tolerance_pct: 5}}, units: V}}", in_steps,
        "{bands: [{when: {load: 0.1}, characteristic: rail}]}"}) {
    EXPECT_EQ(text(entry, {{"load", 0.1}, {"k", 1}}), "3.1515 <= v <= 3.4485 V") << entry;
  }
  const Characteristic& rail = *product_.find("rail");
  EXPECT_EQ(characteristic_limit(rail, {{"load", 0.1}}, {}, {}, context_).text(),
            "3.1515 <= v <= 3.4485 V");
}

TEST_F(Limits, OneSidedGuardbandTakesItsShareOfTheBound) {
  EXPECT_EQ(text("{characteristic: ripple, comparator: LE, guardband_pct: 10}"), "v <= 45 mV");
  EXPECT_EQ(text("{characteristic: rail, comparator: GE, guardband_pct: 10}", {{"load", 0.1}}),
            "3.63 <= v V");
  EXPECT_EQ(text("{characteristic: plain, comparator: LE, guardband_pct: 10}"), "v <= -5.5 V");
  EXPECT_EQ(text("{characteristic: plain, comparator: GE, guardband_pct: 10}"), "-4.5 <= v V");
}

TEST_F(Limits, TheEntrysGuardbandWinsOverTheSessionsAndThatOverTheProfiles) {
  const ValueMap light{{"load", 0.1}};
  context_.profile_guardband_pct = 10;
  EXPECT_EQ(text("{characteristic: rail}", light), "3.1515 <= v <= 3.4485 V");
  context_.session_guardband_pct = 0;
  EXPECT_EQ(text("{characteristic: rail}", light), "3.135 <= v <= 3.465 V");
  EXPECT_EQ(text("{characteristic: rail, guardband_pct: 10}", light), "3.1515 <= v <= 3.4485 V");
}

TEST_F(Limits, AGuardbandThatLeavesNothingIsRefused) {
  EXPECT_THAT(complaint("{characteristic: plain, guardband_pct: 101}"),
              HasSubstr("leaves nothing between low and high"));
}

TEST_F(Limits, ToleranceIsAroundTheProductsValue) {
  const ValueMap light{{"load", 0.1}};
  EXPECT_EQ(text("{characteristic: rail, tolerance_pct: 1}", light), "3.267 <= v <= 3.333 V");
  EXPECT_EQ(text("{characteristic: rail, tolerance_abs: 0.3}", light), "3 <= v <= 3.6 V");
  EXPECT_EQ(text("{characteristic: plain, tolerance_pct: 20}"), "-6 <= v <= -4 V");
  EXPECT_EQ(text("{tolerance_pct: 1}", light, "rail"), "3.267 <= v <= 3.333 V");
  EXPECT_EQ(at("{tolerance_pct: 1}", light, "rail").characteristic_id, "rail");
}

TEST_F(Limits, PercentWinsIfBothTolerancesAreGiven) {
  EXPECT_EQ(text("{nominal: 10, tolerance_pct: 1, tolerance_abs: 5}"), "9.9 <= v <= 10.1");
}

TEST_F(Limits, ToleranceIsAroundItsOwnNominal) {
  EXPECT_EQ(text("{nominal: 10, tolerance_abs: 0.5, units: V}"), "9.5 <= v <= 10.5 V");
  EXPECT_EQ(text("{nominal: 10, tolerance_pct: 5}", {}, "rail"), "9.5 <= v <= 10.5");
}

TEST_F(Limits, LiteralBoundsBeatACharacteristicThatIsMerelyInScope) {
  const ResolvedLimit limit = at("{low: 1, high: 2, units: V}", {{"load", 0.1}}, "rail");
  EXPECT_EQ(limit.text(), "1 <= v <= 2 V");
  EXPECT_EQ(limit.characteristic_id, "rail");
}

TEST_F(Limits, SpecRefNamesTheConditionsOfTheMatchedBandSortedAndNoOthers) {
  const ValueMap parameters{{"vin", 12}, {"load", 0.3}, {"temp", 60}};
  EXPECT_EQ(at("{characteristic: rail}", parameters).spec_ref, "Table 3 @ load=0.3, temp=60");
  EXPECT_EQ(at("{characteristic: rail, tolerance_pct: 1}", parameters).spec_ref,
            "Table 3 @ load=0.3, temp=60");
  EXPECT_EQ(at("{characteristic: plain}", parameters).spec_ref, "spec");
  EXPECT_EQ(at("{characteristic: plain, spec_ref: T9}").spec_ref, "T9");
  EXPECT_EQ(at("{characteristic: rail}", {{"load", 0.1}}).characteristic_id, "rail");
}

TEST_F(Limits, WithoutAMatchingBandOfTheProductTheErrorNamesTheBands) {
  for (const char* entry : {"{characteristic: rail}", "{characteristic: rail, tolerance_pct: 1}"}) {
    const std::string text = complaint(entry, {{"load", 0.7}});
    EXPECT_THAT(text, HasSubstr("missing: no band of characteristic `rail` fits load=0.7"));
    EXPECT_THAT(text, HasSubstr("board.yaml:12: load ..0.2"));
    EXPECT_THAT(text, HasSubstr("board.yaml:13: temp 50..85, load 0.2..0.5"));
    EXPECT_THAT(text, HasSubstr("board.yaml:14: mode = slow"));
  }
  EXPECT_THAT(complaint("{characteristic: silent}"), HasSubstr("missing: characteristic `silent`"));
}

TEST_F(Limits, TheFirstBandThatFitsCountsElseTheKeysBesideThem) {
  const std::string entry =
      "{low: 4.8, high: 5.2, units: V, bands: [{when: {load: {min: 0.3}}, low: 4.75}, "
      "{when: {load: {min: 0.2}}, high: 5.3}]}";
  EXPECT_EQ(text(entry, {{"load", 0.5}}), "4.75 <= v <= 5.2 V");
  EXPECT_EQ(text(entry, {{"load", 0.25}}), "4.8 <= v <= 5.3 V");
  EXPECT_EQ(text(entry, {{"load", 0.1}}), "4.8 <= v <= 5.2 V");
  EXPECT_EQ(text(entry), "4.8 <= v <= 5.2 V");
}

TEST_F(Limits, WithoutAMatchingBandAndWithoutOwnKeysTheErrorNamesTheBands) {
  const std::string text =
      complaint("{units: V, bands: [{when: {load: 1}, low: 1}]}", {{"load", 2}});
  EXPECT_THAT(text, HasSubstr("missing: no limit for `v`: no band of test_fan.yaml:2 fits load=2"));
  EXPECT_THAT(text, HasSubstr("load = 1"));
}

TEST_F(Limits, BandsInheritWhatTheyDoNotSay) {
  const ValueMap one{{"k", 1}, {"load", 0.1}};
  struct Case {
    const char* entry;
    const char* limit;
  };
  for (const Case& one_case : {
           Case{"{characteristic: rail, bands: [{when: {k: 1}, tolerance_pct: 1}]}",
                "3.267 <= v <= 3.333 V"},
           // what the band states itself is not hidden by bounds beside it
           {"{low: 0, high: 9, bands: [{when: {k: 1}, nominal: 5, tolerance_pct: 10}]}",
            "4.5 <= v <= 5.5"},
           {"{low: 0, high: 9, bands: [{when: {k: 1}, characteristic: rail}]}",
            "3.135 <= v <= 3.465 V"},
           {"{nominal: 5, tolerance_pct: 10, bands: [{when: {k: 1}, low: 1, high: 2}]}",
            "1 <= v <= 2"},
           {"{nominal: 5, tolerance_pct: 10, bands: [{when: {k: 1}, tolerance_abs: 1}]}",
            "4 <= v <= 6"},
           {"{nominal: 5, tolerance_pct: 10, bands: [{when: {k: 1}, nominal: 10}]}",
            "9 <= v <= 11"},
           {"{nominal: 5, tolerance_pct: 10, bands: [{when: {k: 1}, expr: k * 20}]}",
            "18 <= v <= 22"},
           {"{expr: k * 20, tolerance_pct: 10, bands: [{when: {k: 1}, tolerance_pct: 50}]}",
            "10 <= v <= 30"},
           {"{high: 9, comparator: LT, units: A, bands: [{when: {k: 1}, high: 3}]}", "v < 3 A"},
           {"{nominal: 5, tolerance_pct: 10, bands: [{when: {k: 1}, characteristic: plain}]}",
            "-5.5 <= v <= -4.5 V"},
       }) {
    EXPECT_EQ(text(one_case.entry, one), one_case.limit) << one_case.entry;
  }
}

TEST_F(Limits, ABandWithBoundsKeepsTheCharacteristicOfItsEntry) {
  const ResolvedLimit limit =
      at("{characteristic: rail, bands: [{when: {k: 1}, low: 1, high: 2}]}", {{"k", 1}});
  EXPECT_EQ(limit.characteristic_id, "rail");
  EXPECT_EQ(limit.text(), "1 <= v <= 2 V");
}

TEST_F(Limits, ConditionsOfABandAreInTheUnitsThatTheProductDeclares) {
  const std::string entry =
      "{low: 0, units: V, bands: [{when: {load: {min: 100, max: 300, units: mA}}, characteristic: "
      "rail, "
      "tolerance_pct: 1}]}";
  EXPECT_EQ(text(entry, {{"load", 0.2}}), "3.267 <= v <= 3.333 V");
  EXPECT_EQ(text(entry, {{"load", 200}}), "0 <= v V");
}

TEST_F(Limits, LookupTakesTheRowOfTheParameter) {
  const std::string entry =
      "{units: V, lookup: {key: vin, table: {5: {low: 4, high: 6}, 12.0: {nominal: 12, "
      "tolerance_abs: 1}, "
      "auto: {high: 1}}}}";
  EXPECT_EQ(text(entry, {{"vin", 5.0}}), "4 <= v <= 6 V");
  EXPECT_EQ(text(entry, {{"vin", 12}}), "11 <= v <= 13 V");
  EXPECT_EQ(text(entry, {{"vin", "auto"}}), "v <= 1 V");
  EXPECT_THAT(complaint(entry, {{"vin", "6"}}),
              HasSubstr("has no row for vin=6, only 5, 12.0, auto"));
  EXPECT_THAT(complaint(entry, {{"vin", 7}}), HasSubstr("missing: no limit for `v`: the table of"));
  EXPECT_THAT(complaint(entry), HasSubstr("needs the parameter `vin`"));
  EXPECT_EQ(text("{lookup: {key: k, units: mA, table: {1: {low: 0}}}}", {{"k", 1}}), "0 <= v mA");
}

TEST_F(Limits, StepsTakeTheFirstRangeAboveTheParameter) {
  const std::string entry =
      "{units: A, steps: {param: f, ranges: [{below: 10, limit: {high: 1}}, {below: 100, limit: "
      "{high: 2}}, "
      "{default:, limit: {high: 3}}]}}";
  EXPECT_EQ(text(entry, {{"f", 9.99}}), "v <= 1 A");
  EXPECT_EQ(text(entry, {{"f", 10}}), "v <= 2 A");
  EXPECT_EQ(text(entry, {{"f", 100}}), "v <= 3 A");
  EXPECT_THAT(
      complaint("{steps: {param: f, ranges: [{below: 10, limit: {high: 1}}]}}", {{"f", 10}}),
      HasSubstr("the ranges of test_fan.yaml:2 end below 10, found f=10"));
}

TEST_F(Limits, ExpressionGivesTheNominalAndNeedsATolerance) {
  EXPECT_EQ(text("{expr: vin * 0.5, tolerance_pct: 10, units: V}", {{"vin", 12}}),
            "5.4 <= v <= 6.6 V");
  EXPECT_THAT(complaint("{expr: vin * 0.5}"),
              HasSubstr("invalid: test_fan.yaml:2: `limits.v.expr`: expected `tolerance_pct`"));
  EXPECT_THAT(complaint("{expr: __import__('os').remove('x'), tolerance_pct: 1}"),
              HasSubstr("invalid: "));
  EXPECT_THAT(complaint("{expr: vin * 0.5, tolerance_pct: 10}"),
              HasSubstr("missing: no limit for `v`"));
}

TEST_F(Limits, ACallableIsToBeCalledByTheCaller) {
  const ResolvedLimit limit =
      at("{callable: 'limits.fan:at_load', units: V, characteristic: rail}");
  EXPECT_EQ(limit.callable, "limits.fan:at_load");
  EXPECT_EQ(limit.units, "V");
  EXPECT_EQ(limit.characteristic_id, "rail");
  EXPECT_THAT(complaint("{callable: limits.fan}"), HasSubstr("expected `package.module:function`"));
}

TEST_F(Limits, AnEntryThatCouldNeverGiveALimitIsALoadError) {
  for (const char* entry :
       {"{}",
        "{units: V}",
        "{spec_ref: T1}",
        "{low: 2, high: 1}",
        "{comparator: EQ}",
        "{low: 1, comparator: EQ}",
        "{comparator: NE, low: 1, high: 2}",
        "{nominal: 5}",
        "{low: 1, comparator: LE}",
        "{high: 1, comparator: GE}",
        "{low: .nan}",
        "{nominal: ready, tolerance_pct: 5}",
        "{nominal: 5, tolerance_pct: 5, comparator: EQ}",
        "{low: 1, tolerance_pct: 5}",
        "{low: 1, lookup: {key: k, table: {1: {low: 0}}}}",
        "{callable: 'a:b', expr: k, tolerance_pct: 1}",
        "{expr: k, nominal: 3, tolerance_pct: 1}",
        "{lookup: {key: k, table: {}}}",
        "{lookup: {key: k, table: {1: {units: V}}}}",
        "{steps: {param: k, ranges: [{below: 2, limit: {low: 0}}, {below: 1, limit: {low: 0}}]}}",
        "{steps: {param: k, ranges: [{default:, limit: {low: 0}}, {below: 1, limit: {low: 0}}]}}",
        "{units: V, bands: [{when: {k: 1}}]}",
        "{units: V, bands: [{low: 0, units: mV}]}",
        "{low: 1, mask: 5}",
        "{low: true}",
        "{low: '1'}",
        "{low: 1, comparator: GEQ}",
        "{tolerance_pct: -1, nominal: 1}"}) {
    EXPECT_THAT(complaint(entry, {{"k", 0}}), HasSubstr("invalid: ")) << entry;
    EXPECT_THAT(complaint(entry, {{"k", 0}}), HasSubstr("test_fan.yaml:2")) << entry;
  }
}

TEST_F(Limits, AChangeOfNothingIsUnresolvedNotNoLimit) {
  for (const char* entry : {"{tolerance_pct: 5}", "{guardband_pct: 5}", "{comparator: LE}"}) {
    EXPECT_THAT(complaint(entry), HasSubstr("missing: no limit for `v`")) << entry;
  }
}

TEST_F(Limits, WithoutAProductACharacteristicIsUnresolvedNotNoLimit) {
  context_.product = nullptr;
  EXPECT_THAT(complaint("{characteristic: rail}"), HasSubstr("no product is active (--product)"));
}

TEST_F(Limits, AreConvertedToTheUnitOfTheMeasurementAndUnlikeDimensionsAreRefused) {
  EXPECT_EQ(text("{characteristic: rail, units: mV}", {{"load", 0.1}}), "3135 <= v <= 3465 mV");
  EXPECT_EQ(text("{characteristic: rail, tolerance_abs: 100, units: mV}", {{"load", 0.1}}),
            "3200 <= v <= 3400 mV");
  EXPECT_EQ(text("{characteristic: ripple, comparator: LE, units: V}"), "v <= 0.05 V");
  EXPECT_THAT(
      complaint("{characteristic: rail, units: A}", {{"load", 0.1}}),
      HasSubstr(
          "invalid: test_fan.yaml:2: `limits.v.units`: units that cannot match: `V` and `A`"));
}

TEST_F(Limits, OfACallAreCheckedAndCompleted) {
  const ResolvedLimit limit =
      check_limit({{"low", 1}, {"high", Value()}, {"units", "V"}}, "verify of v");
  EXPECT_EQ(limit.text(), "1 <= v V");
  const auto refused = [](const ValueMap& given) {
    try {
      check_limit(given, "verify of v");
      return std::string("no error");
    } catch (const Error& error) {
      return std::string(error.what());
    }
  };
  EXPECT_EQ(refused({{"low", 1}}),
            "verify of v: `units`: expected the unit of the limit, found none");
  EXPECT_THAT(refused({{"low", 1}, {"hihg", 1}, {"units", "V"}}),
              HasSubstr("did you mean `high`?"));
  EXPECT_THAT(refused({{"low", true}, {"units", "V"}}),
              HasSubstr("`low`: expected a number, found `true`"));
  EXPECT_THAT(refused({{"low", 2}, {"high", 1}, {"units", "V"}}),
              HasSubstr("expected `low` to be at most"));
  EXPECT_THAT(refused({{"low", 2}, {"comparator", "GTE"}, {"units", "V"}}),
              HasSubstr("there is no comparator `GTE`"));
  EXPECT_THAT(refused({{"units", "V"}}), HasSubstr("nothing here gives a limit"));
  EXPECT_THAT(refused({{"units", "V"}, {"comparator", "LE"}}),
              HasSubstr("nothing here gives a limit"));
  EXPECT_EQ(check_limit({{"nominal", "ready"}, {"comparator", "EQ"}}, "x").text(), "v = ready");
}

}  // namespace
}  // namespace litmus
