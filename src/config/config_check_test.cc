// SPDX-License-Identifier: Apache-2.0
#include "config/config_check.h"

#include <gmock/gmock.h>

#include "base/temporary_folder.h"
#include "config/config_file.h"
#include "litmus/error.h"

namespace litmus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ConfigCheckOfAStation : public ::testing::Test {
 protected:
  ConfigFile read(const std::string& text, const std::string& kind = "station") {
    return read_config_file(posix_file_system(), kind, folder_.write("bench_1.yaml", text));
  }

  // Without the path of the file.
  std::string complaint(const std::string& text, const std::string& kind = "station") {
    try {
      read(text, kind);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kInvalidArgument);
      std::string all = error.what();
      for (std::size_t at; (at = all.find(folder_.path() + "/")) != std::string::npos;) {
        all.erase(at, folder_.path().size() + 1);
      }
      return all;
    }
    return "no error";
  }

  ValueMap dmm(const std::string& text) {
    const ConfigFile file = read("instruments:\n  dmm: " + text + "\n");
    const auto& instruments = std::get<ValueMap>(file.content.find("instruments")->data());
    return std::get<ValueMap>(instruments.find("dmm")->data());
  }

  TemporaryFolder folder_;
};

TEST_F(ConfigCheckOfAStation, DefaultsAndTheNameOfTheFileAreFilledIn) {
  const ConfigFile file = read("");
  EXPECT_EQ(file.content, (ValueMap{{"id", "bench_1"},
                                    {"supported_phases", ValueList()},
                                    {"resources", ValueMap()},
                                    {"instruments", ValueMap()}}));
  EXPECT_EQ(*dmm("{type: dmm}").find("mock"), Value(false));
}

TEST_F(ConfigCheckOfAStation, AnEmptyCollectionIsAtTheLineOfItsKey) {
  EXPECT_EQ(complaint("limits:\n  v:\n    units: V\n    bands: []\n", "sidecar"),
            "bench_1.yaml:4: `limits.v.bands`: expected at least 1 elements, found 0");
}

TEST_F(ConfigCheckOfAStation, WhatMayBeANumberOrATextIsWhatItLooksLike) {
  const ConfigFile file =
      read("limits: {a: {nominal: 10}, b: {nominal: ready}, c: {nominal: '10'}}\n", "sidecar");
  const auto nominal = [&](const char* name) {
    const auto& limits = std::get<ValueMap>(file.content.find("limits")->data());
    return *std::get<ValueMap>(limits.find(name)->data()).find("nominal");
  };
  EXPECT_EQ(nominal("a"), Value(10));
  EXPECT_EQ(nominal("b"), Value("ready"));
  EXPECT_EQ(nominal("c"), Value("10"));
}

TEST_F(ConfigCheckOfAStation, AGeneratorStandsWhereverAListIsExpected) {
  EXPECT_EQ(*read("supported_phases: {repeat: [production, 2]}\n").content.find("supported_phases"),
            Value(ValueList{"production", "production"}));
  EXPECT_EQ(*read("connections: {dmm: {range: [1, 3]}}\n", "sidecar").content.find("connections"),
            Value(ValueMap{{"dmm", ValueList{"1", "2"}}}));
  EXPECT_EQ(complaint("characteristics: {repeat: [[a], 2]}\n", "sidecar"),
            "bench_1.yaml:1: `characteristics`: expected a text\n"
            "bench_1.yaml:1: `characteristics`: expected a text");
  EXPECT_EQ(complaint("supported_phases: {repaet: [production, 2]}\n"),
            "bench_1.yaml:1: `supported_phases.repaet`: unknown generator; did you mean `repeat`?");
  EXPECT_EQ(complaint("supported_phases: {repeat: [production, -1]}\n"),
            "bench_1.yaml:1: `supported_phases`: repeat: expected [value, number of copies], "
            "found [\"production\",-1]");
}

TEST_F(ConfigCheckOfAStation, AllProblemsAreToldAtOnceInTheOrderOfLines) {
  EXPECT_EQ(complaint("location: [Berlin]\n"
                      "instruments:\n"
                      "  dmm:\n"
                      "    tpye: dmm\n"
                      "    mock: maybe\n"
                      "color: red\n"),
            "bench_1.yaml:1: `location`: expected a text (where the station stands), found a list\n"
            "bench_1.yaml:4: `instruments.dmm.tpye`: unknown key; did you mean `type`?\n"
            "bench_1.yaml:4: `instruments.dmm.type`: expected the kind of instrument, for example "
            "`dmm`, found none\n"
            "bench_1.yaml:5: `instruments.dmm.mock`: expected true or false (whether this "
            "instrument is always simulated), found `maybe`\n"
            "bench_1.yaml:6: `color`: unknown key; expected id, name, station_type, hostname, "
            "location, description, supported_phases, resources or instruments");
}

TEST_F(ConfigCheckOfAStation, KindOfInstrumentIsLowerCasedAndAliasesBecomeTheWordMeant) {
  EXPECT_EQ(*dmm("{type: DMM}").find("type"), Value("dmm"));
  EXPECT_EQ(*dmm("{type: Scope}").find("type"), Value("oscilloscope"));
}

TEST_F(ConfigCheckOfAStation, UnknownKindOfInstrumentIsAWarning) {
  const ConfigFile file = read("instruments:\n  dmm: {type: osciloscope}\n");
  EXPECT_THAT(file.warnings,
              ElementsAre(folder_.path() +
                          "/bench_1.yaml:2: `instruments.dmm.type`: `osciloscope` is not known; "
                          "did you mean `oscilloscope`?"));
}

TEST_F(ConfigCheckOfAStation, RoleIsAMappingOrTheIdOfAnAsset) {
  const ConfigFile file = read("instruments: {dmm: dmm_MY5301}\n");
  EXPECT_EQ(std::get<ValueMap>(file.content.find("instruments")->data()),
            (ValueMap{{"dmm", "dmm_MY5301"}}));
  EXPECT_EQ(complaint("instruments:\n  dmm: [a]\n"),
            "bench_1.yaml:2: `instruments.dmm`: expected an instrument (`type`, `driver`, "
            "`resource`, ...) or the id of an asset, found a list");
}

TEST_F(ConfigCheckOfAStation, IdMustBeTheNameOfTheFile) {
  EXPECT_EQ(complaint("id: bench_2\n"),
            "bench_1.yaml:1: `id`: expected `bench_1`, the name of the file without .yaml, found "
            "`bench_2`");
}

TEST_F(ConfigCheckOfAStation, FreeFormIsKeptAsItIs) {
  EXPECT_EQ(*dmm("{type: dmm, mock_config: {measure_voltage: {sequence: [1, 2.5], then: last}}}")
                 .find("mock_config"),
            Value(ValueMap{
                {"measure_voltage", ValueMap{{"sequence", ValueList{1, 2.5}}, {"then", "last"}}}}));
}

TEST_F(ConfigCheckOfAStation, TextOfDigitsStaysAsWritten) {
  const ConfigFile asset = read("info: {serial: 0042, firmware: 1.10}\n", "instrument_asset");
  EXPECT_EQ(*asset.content.find("info"), Value(ValueMap{{"serial", "0042"}, {"firmware", "1.10"}}));
}

TEST_F(ConfigCheckOfAStation, DateIsADayOfTheCalendar) {
  EXPECT_EQ(complaint("calibration: {due_date: 2026-02-30}\n", "instrument_asset"),
            "bench_1.yaml:1: `calibration.due_date`: expected the day on which it ends, as "
            "2026-03-01, found `2026-02-30`");
}

TEST_F(ConfigCheckOfAStation, NumberOutOfRangeIsAnError) {
  EXPECT_EQ(complaint("name: a\ntest_uncertainty_ratio: 0\n", "project"),
            "bench_1.yaml:2: `test_uncertainty_ratio`: expected more than 0, found `0`");
  EXPECT_EQ(complaint("name: a\nmulti_slot: {child_grace_seconds: -1}\n", "project"),
            "bench_1.yaml:2: `multi_slot.child_grace_seconds`: expected at least 0, found `-1`");
}

TEST_F(ConfigCheckOfAStation, EverySchemaCanBeRead) {
  for (const char* kind : {"project", "station", "station_type", "instrument_asset"}) {
    EXPECT_THAT(ConfigSchema::of_file(kind).text("title"), HasSubstr("Litmus")) << kind;
  }
}

}  // namespace
}  // namespace litmus
