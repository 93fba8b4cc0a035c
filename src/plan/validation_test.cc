// SPDX-License-Identifier: Apache-2.0
#include "plan/validation.h"

#include "plan/plan_fixture.h"

namespace litmus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ValidationOfAProject : public PlanOfAProject {
 protected:
  void SetUp() override {
    folder_.write(
        "litmus.yaml",
        "name: fan\ndefault_station: bench\ndefault_fixture: f\ndefault_profile: production\n");
    folder_.write("stations/bench.yaml",
                  "station_type: fan_bench\n"
                  "instruments:\n"
                  "  dmm: {type: dmm, mock: true, catalog_ref: generic_dmm}\n"
                  "  psu: {type: psu, mock: true, catalog_ref: my_psu}\n");
    folder_.write("stations/types/fan_bench.yaml",
                  "description: x\ninstruments: {dmm: {type: dmm}}\n");
    folder_.write(
        "catalog/my_psu.yaml",
        "manufacturer: A\nmodel: 1\ntype: psu\nchannels: {CH1: {}}\n"
        "capabilities: [{function: dc_voltage, direction: output, channels: 'CH[1:1]'}]\n");
    folder_.write("products/board.yaml",
                  "pins: {VOUT: {name: TP4}}\n"
                  "characteristics: {rail: {function: dc_voltage, direction: output, units: V, "
                  "pin: VOUT}}\n");
    folder_.write("fixtures/f.yaml",
                  "product_id: board\nstation_types: [fan_bench]\n"
                  "connections: {v: {instrument: dmm, instrument_channel: 1, dut_pin: VOUT}}\n");
    folder_.write("profiles/production.yaml",
                  "facets: {test_phase: production}\nfixture: f\nstation_type: fan_bench\n");
    folder_.write("tests/test_fan.py",
                  "class TestFan:\n    def test_load(self):\n        pass\n\nasync def "
                  "test_smoke():\n    pass\n");
    folder_.write("tests/test_fan.yaml",
                  "limits: {v: {characteristic: rail}}\nconnections: [v]\n"
                  "tests: {TestFan: {tests: {test_load: {}}}, test_smoke: {}, test_load: {}, "
                  "TestFan.test_load: {}}\n");
  }

  std::vector<FileVerdict> all(const std::vector<std::string>& paths = {},
                               const std::optional<std::string>& kind = {}) {
    return validate_files(posix_file_system(), folder_.path(), paths, kind);
  }

  std::vector<std::string> errors() {
    std::vector<std::string> texts;
    for (const FileVerdict& verdict : all()) {
      for (const std::string& error : verdict.errors) texts.push_back(without_folder(error));
    }
    return texts;
  }

  std::vector<std::string> warnings() {
    std::vector<std::string> texts;
    for (const FileVerdict& verdict : all()) {
      for (const std::string& warning : verdict.warnings) texts.push_back(without_folder(warning));
    }
    return texts;
  }
};

TEST_F(ValidationOfAProject, AProjectThatIsRightHasNothingToTell) {
  EXPECT_THAT(errors(), IsEmpty());
  EXPECT_THAT(warnings(), IsEmpty());
  std::vector<std::string> kinds;
  for (const FileVerdict& verdict : all())
    kinds.push_back(without_folder(verdict.path) + " " + std::string(*verdict.kind));
  EXPECT_THAT(kinds,
              ElementsAre("litmus.yaml project", "catalog/my_psu.yaml catalog",
                          "products/board.yaml product", "stations/bench.yaml station",
                          "stations/types/fan_bench.yaml station_type", "fixtures/f.yaml fixture",
                          "profiles/production.yaml profile", "tests/test_fan.yaml sidecar"));
}

TEST_F(ValidationOfAProject, EachMistakeIsToldWithFileLineAndSuggestion) {
  struct Case {
    const char* file;
    const char* text;
    const char* error;
  };
  for (const Case& one : {
           Case{"litmus.yaml", "name: x\ndefault_station: bnech\n",
                "litmus.yaml:2: `default_station`: there is no stations/bnech.yaml; did you mean "
                "`bench`?"},
           {"litmus.yaml", "name: x\ndefault_profile: prodction\n",
            "litmus.yaml:2: `default_profile`: there is no profile `prodction`; did you mean "
            "`production`?"},
           {"stations/bench.yaml",
            "instruments:\n  dmm: {type: dmm, mock: true, catalog_ref: generic_dm}\n",
            "stations/bench.yaml:2: `instruments.dmm.catalog_ref`: the catalog has no "
            "`generic_dm`; did you mean `generic_dmm`?"},
           {"stations/bench.yaml",
            "station_type: fan_bench\ninstruments: {psu: {type: psu, mock: true}}\n",
            "a `dmm` of type dmm is required"},
           {"fixtures/f.yaml", "connections: {v: {instrument: dmn, dut_pin: VOUT}}\n",
            "fixtures/f.yaml:1: `connections.v.instrument`: station `bench` has no role `dmn`; did "
            "you mean `dmm`?"},
           {"fixtures/f.yaml", "connections: {v: {instrument: dmm, dut_pin: VUOT}}\n",
            "fixtures/f.yaml:1: `connections.v.dut_pin`: products/board.yaml has no pin `VUOT`; "
            "did you mean `VOUT`?"},
           {"fixtures/f.yaml",
            "connections: {v: {instrument: psu, instrument_channel: CH2, dut_pin: VOUT}}\n",
            "fixtures/f.yaml:1: `connections.v.instrument_channel`: `my_psu` has no channel `CH2`; "
            "did you mean `CH1`?"},
           {"fixtures/f.yaml", "product_id: bord\n",
            "fixtures/f.yaml:1: `product_id`: there is no products/bord.yaml; did you mean "
            "`board`?"},
           {"products/board.yaml",
            "characteristics: {rail: {function: dc_voltage, direction: output, pin: V}}\n",
            "products/board.yaml:1: `characteristics.rail.pin`: there is no pin `V`"},
           {"catalog/my_psu.yaml",
            "manufacturer: A\nmodel: 1\ntype: psu\ncapabilities: [{function: dc_voltage, "
            "direction: output, channels: [CH1]}]\n",
            "catalog/my_psu.yaml:4: `capabilities[0].channels`: there is no channel `CH1`"},
           {"catalog/my_psu.yaml", "model: 1\ntype: psu\n",
            "catalog/my_psu.yaml:1: `manufacturer`: expected a text, here or in the base; found "
            "none"},
           {"profiles/production.yaml", "extends: famly\n", "there is no profile `famly`"},
           {"profiles/production.yaml", "facets: {test_phase: production}\nfixture: g\n",
            "profiles/production.yaml:2: `fixture`: there is no fixtures/g.yaml"},
           {"profiles/production.yaml", "limits:\n  v: {low: 2, high: 1}\n",
            "profiles/production.yaml:2: `limits.v.low`: expected `low` to be at most `high`, "
            "found 2 and 1"},
           {"tests/test_fan.yaml", "limits:\n  v: {characteristic: rial}\n",
            "tests/test_fan.yaml:2: `limits.v.characteristic`: no product has a characteristic "
            "`rial`; did you mean `rail`?"},
           {"tests/test_fan.yaml", "tests: {test_smoke: {connections: [w]}}\n",
            "tests/test_fan.yaml:1: `tests.test_smoke.connections[0]`: no fixture has a connection "
            "`w`"},
           {"tests/test_fan.yaml", "limits:\n\tv: {}\n", "tests/test_fan.yaml:2: not valid YAML"},
       }) {
    SetUp();
    folder_.write(one.file, one.text);
    const auto found = errors();
    EXPECT_THAT(found, ::testing::Contains(HasSubstr(one.error))) << one.text;
  }
}

TEST_F(ValidationOfAProject, OneBrokenFileNeverHidesTheOthers) {
  folder_.write("products/board.yaml", "pins: [\n");
  folder_.write("tests/test_fan.yaml", "limts: {}\n");
  folder_.write("litmus.yaml", "name: [\n");
  const auto found = errors();
  EXPECT_THAT(found, ::testing::Contains(HasSubstr("litmus.yaml:2: not valid YAML")));
  EXPECT_THAT(found, ::testing::Contains(HasSubstr("products/board.yaml:")));
  EXPECT_THAT(found, ::testing::Contains(
                         "tests/test_fan.yaml:1: `limts`: unknown key; did you mean `limits`?"));
}

TEST_F(ValidationOfAProject, EntriesWithoutTestsAreWarnings) {
  folder_.write(
      "tests/test_fan.yaml",
      "tests:\n  test_smok: {limits: {v: {high: 1}}}\n  TestFan: {tests: {test_laod: {}}}\n");
  folder_.write("tests/test_gone.yaml", "limits: {v: {high: 1}}\n");
  EXPECT_THAT(errors(), IsEmpty());
  EXPECT_THAT(
      warnings(),
      ElementsAre(
          "tests/test_fan.yaml:2: test_fan.py has no test `test_smok`; did you mean `test_smoke`?",
          "tests/test_fan.yaml:3: test_fan.py has no test `TestFan.test_laod`; did you mean "
          "`TestFan.test_load`?",
          "tests/test_gone.yaml:1: there is no test module test_gone.py beside it"));
}

TEST_F(ValidationOfAProject, UnitsThatCannotMatchAreToldAsASessionTellsThem) {
  const std::string in_volts =
      ", in `V` at products/board.yaml:2; write both in the unit that the "
      "test measures";
  folder_.write(
      "tests/test_fan.yaml",
      "tests:\n  test_smoke:\n    limits:\n      rail: {high: 5150, units: mV}\n"
      "      v: {characteristic: rail, units: A}\n      w: {characteristic: rail, units: mV}\n");
  EXPECT_THAT(
      errors(),
      ElementsAre("tests/test_fan.yaml:4: `tests.test_smoke.limits.rail`: units that cannot "
                  "match: `rail` is in `mV` at tests/test_fan.yaml:4" +
                      in_volts,
                  "tests/test_fan.yaml:5: `tests.test_smoke.limits.v`: units that cannot "
                  "match: `v` is in `A` at tests/test_fan.yaml:5" +
                      in_volts));
  // against the profile, which is right by itself; and a profile that is wrong by itself
  folder_.write("tests/test_fan.yaml", "limits: {v: {high: 5, units: V}}\n");
  folder_.write("profiles/production.yaml",
                "facets: {a: b}\nlimits: {v: {high: 5150, units: mV}}\n");
  folder_.write("profiles/other.yaml", "limits: {rail: {high: 1, units: mV}}\n");
  folder_.write("profiles/child.yaml", "extends: other\nlimits: {v: {comparator: GELT}}\n");
  EXPECT_THAT(
      errors(),
      ElementsAre(
          "profiles/other.yaml:1: `limits.rail`: units that cannot match: `rail` is in `mV` "
          "at profiles/other.yaml:1" +
              in_volts,
          "profiles/production.yaml:2: `limits.v`: units that cannot match: `v` is in `mV` "
          "at profiles/production.yaml:2, in `V` at tests/test_fan.yaml:1; write both in the "
          "unit that the test measures"));
  // a product of two that it suits is enough
  folder_.write(
      "products/milli.yaml",
      "pins: {VOUT: {name: TP4}}\ncharacteristics: {rail: {function: dc_voltage, direction: "
      "output, units: mV, pin: VOUT}}\n");
  std::filesystem::remove(folder_ / "profiles/production.yaml");
  folder_.write("litmus.yaml", "name: fan\n");
  EXPECT_THAT(errors(), IsEmpty());
}

TEST_F(ValidationOfAProject, OverlappingBandsAndGapsInsideTheDeclaredRangeAreReported) {
  folder_.write("products/board.yaml",
                "pins: {VOUT: {name: TP4}}\n"
                "characteristics:\n"
                "  rail:\n"
                "    function: dc_voltage\n"
                "    direction: output\n"
                "    units: V\n"
                "    pin: VOUT\n"
                "    conditions: {load: {range: {min: 0, max: 3, units: A}}}\n"
                "    bands:\n"
                "      - {when: {load: {min: 0, max: 1}}, value: 5}\n"
                "      - {when: {load: {min: 500, max: 1500, units: mA}}, value: 5}\n"
                "      - {when: {load: {min: 2, max: 2.5}}, value: 5}\n");
  EXPECT_THAT(errors(), IsEmpty());
  EXPECT_THAT(warnings(),
              ElementsAre("products/board.yaml:11: band (load 0.5..1.5) overlaps the one at "
                          "products/board.yaml:10 (load 0..1), which counts first",
                          "products/board.yaml:3: no band of `rail` is for load 1.5..2",
                          "products/board.yaml:3: no band of `rail` is for load 2.5..3"));
}

TEST_F(ValidationOfAProject, BandsThatMeetAtTheirEndsAndACatchAllAreEven) {
  folder_.write("products/board.yaml",
                "pins: {VOUT: {name: TP4}}\n"
                "characteristics:\n"
                "  rail: {function: dc_voltage, direction: output, units: V, pin: VOUT, "
                "conditions: {load: {range: "
                "{min: 0, max: 2}}}, bands: [{when: {load: {max: 1}}, value: 5}, {when: {load: "
                "{min: 1, max: 2}}, value: 5}]}\n"
                "  other: {function: dc_voltage, direction: output, units: V, pin: VOUT, "
                "conditions: {load: {range: "
                "{min: 0, max: 2}}}, bands: [{when: {load: {max: 1}}, value: 5}, {value: 5}]}\n");
  EXPECT_THAT(warnings(), IsEmpty());
}

TEST_F(ValidationOfAProject, OneIdInTwoPlacesIsAnError) {
  folder_.write("products/old/board.yaml", "{}");
  EXPECT_THAT(
      errors(),
      ElementsAre("products/old/board.yaml:1: the id `board` is also that of products/board.yaml"));
}

TEST_F(ValidationOfAProject, FilesElsewhereAreToldByTheirKeysOrByTheType) {
  folder_.write("more/p.yaml", "facets: {f: v}\n");
  folder_.write("more/compose.yaml", "services: {}\n");
  EXPECT_EQ(all({"more/p.yaml"})[0].kind, "profile");
  EXPECT_EQ(all({"more"}).size(), 1U);
  EXPECT_THAT(all({"more/compose.yaml"})[0].errors[0], HasSubstr("give --type"));
  EXPECT_THAT(all({"more/compose.yaml"}, "station")[0].errors[0],
              HasSubstr("`services`: unknown key"));
  EXPECT_EQ(all({}, "station").size(), 1U);
  EXPECT_THAT(complaint([&] { all({}, "sequence"); }),
              HasSubstr("--type: there is no kind `sequence`"));
  EXPECT_THROW(all({"nowhere.yaml"}), Error);
}

}  // namespace
}  // namespace litmus
