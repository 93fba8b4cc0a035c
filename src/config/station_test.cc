// SPDX-License-Identifier: Apache-2.0
#include "config/station.h"

#include <gmock/gmock.h>

#include "base/process.h"
#include "base/temporary_folder.h"
#include "litmus/error.h"

namespace litmus {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class StationOfAProject : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("LITMUS_HOME", home_.path().c_str(), 1);
    folder_.write("litmus.yaml", "name: power_board\ndefault_station: bench_1\n");
  }
  void TearDown() override { unsetenv("LITMUS_HOME"); }

  Station load(const std::optional<std::string>& id = std::nullopt) {
    FileSystem& files = posix_file_system();
    const ConfigPlaces places = ConfigPlaces::from(files, folder_.path());
    return load_station(files, places, find_station_file(files, places, id));
  }

  std::string complaint(const std::optional<std::string>& id = std::nullopt) {
    try {
      load(id);
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  ValueMap role(const Station& station, std::string_view name) {
    const auto& roles = std::get<ValueMap>(station.record.find("instruments")->data());
    return std::get<ValueMap>(roles.find(name)->data());
  }

  TemporaryFolder folder_;
  TemporaryFolder home_;
};

TEST_F(StationOfAProject, DefaultIsTakenWhenNoneIsNamed) {
  folder_.write("stations/bench_1.yaml", "location: Lab 3\n");
  const Station station = load();
  EXPECT_EQ(*station.record.find("id"), Value("bench_1"));
  EXPECT_EQ(*station.record.find("name"), Value("bench_1"));
  EXPECT_EQ(*station.record.find("location"), Value("Lab 3"));
  folder_.write("litmus.yaml", "name: power_board\n");
  EXPECT_THAT(complaint(), HasSubstr("no station: name one, or set `default_station` in "));
}

TEST_F(StationOfAProject, OneOfThisMachineWinsOverTheDefault) {
  folder_.write("stations/bench_1.yaml", "");
  folder_.write("stations/bench_2.yaml", "hostname: " + this_process().host + "\n");
  folder_.write("stations/broken.yaml", "nmae: a\n");
  EXPECT_EQ(*load().record.find("id"), Value("bench_2"));
  folder_.write("stations/bench_3.yaml", "hostname: " + this_process().host + "\n");
  EXPECT_EQ(*load().record.find("id"), Value("bench_1"));
}

TEST_F(StationOfAProject, ProjectWinsOverTheMachine) {
  home_.write("stations/bench_1.yaml", "location: shared\n");
  home_.write("stations/bench_2.yaml", "location: shared\n");
  folder_.write("stations/bench_1.yaml", "location: ours\n");
  EXPECT_EQ(*load("bench_1").record.find("location"), Value("ours"));
  EXPECT_EQ(*load("bench_2").record.find("location"), Value("shared"));
  FileSystem& files = posix_file_system();
  EXPECT_THAT(find_station_files(files, ConfigPlaces::from(files, folder_.path())),
              ElementsAre(EndsWith("bench_1.yaml"), EndsWith("bench_2.yaml")));
}

TEST_F(StationOfAProject, UnknownOneNamesThePlacesAndTheClosestOne) {
  folder_.write("stations/bench_1.yaml", "");
  EXPECT_EQ(complaint("bench_l"), "station `bench_l`: there is neither " + folder_.path() +
                                      "/stations/bench_l.yaml nor " + home_.path() +
                                      "/stations/bench_l.yaml; did you mean `bench_1`?");
}

TEST_F(StationOfAProject, RoleIsJoinedWithItsAssetAndTheStationWins) {
  folder_.write("instruments/lab/dmm_7.yaml",
                "driver: drivers.DMM\nresource: GPIB0::7::INSTR\nprotocol: visa\n"
                "info: {manufacturer: Keysight, serial: 0042}\n"
                "calibration: {due_date: 2027-01-31}\n");
  folder_.write("stations/bench_1.yaml",
                "instruments:\n"
                "  meter: {type: dmm, asset: dmm_7, resource: 'GPIB0::8::INSTR'}\n"
                "  second: dmm_7\n"
                "resources: {dmm_7: 'GPIB0::9::INSTR'}\n");
  const Station station = load();
  const ValueMap meter = role(station, "meter");
  EXPECT_EQ(*meter.find("driver"), Value("drivers.DMM"));
  EXPECT_EQ(*meter.find("resource"), Value("GPIB0::8::INSTR"));
  EXPECT_EQ(*meter.find("instrument_id"), Value("dmm_7"));
  EXPECT_EQ(*meter.find("info"), Value(ValueMap{{"manufacturer", "Keysight"}, {"serial", "0042"}}));
  EXPECT_EQ(*meter.find("calibration"), Value(ValueMap{{"due_date", "2027-01-31"}}));
  EXPECT_EQ(*role(station, "second").find("resource"), Value("GPIB0::9::INSTR"));
}

TEST_F(StationOfAProject, AssetNamedLikeTheRoleIsTaken) {
  folder_.write("instruments/psu.yaml", "resource: GPIB0::5::INSTR\n");
  folder_.write("stations/bench_1.yaml", "instruments: {psu: {type: psu}}\n");
  EXPECT_EQ(*role(load(), "psu").find("resource"), Value("GPIB0::5::INSTR"));
}

TEST_F(StationOfAProject, MissingAndBrokenAssetsAreErrors) {
  folder_.write("instruments/dmm_7.yaml", "");
  folder_.write("stations/bench_1.yaml",
                "instruments:\n  dmm: {type: dmm, asset: dmm_8, driver: drivers.DMM}\n");
  EXPECT_EQ(complaint(), folder_.path() +
                             "/stations/bench_1.yaml:2: `instruments.dmm`: asset `dmm_8`: there is "
                             "no " +
                             folder_.path() + "/instruments/dmm_8.yaml; did you mean `dmm_7`?");
  folder_.write("instruments/dmm_8.yaml", "resorce: GPIB0::7::INSTR\n");
  EXPECT_THAT(complaint(), HasSubstr("dmm_8.yaml:1: `resorce`: unknown key"));
}

TEST_F(StationOfAProject, RoleThatCannotBeReachedIsAnErrorUnlessItIsAMock) {
  folder_.write("stations/bench_1.yaml",
                "instruments:\n  scope: {type: scope, mock: true}\n  dmm: {type: dmm}\n");
  EXPECT_THAT(complaint(), HasSubstr("bench_1.yaml:3: `instruments.dmm`: expected `driver` or "
                                     "`resource`"));
}

TEST_F(StationOfAProject, RoleThatNoChannelCanBeNamedByIsAnError) {
  folder_.write("stations/bench_1.yaml",
                "instruments:\n"
                "  a/b: {type: dmm, mock: true}\n"
                "  dmm: {type: dmm, mock: true, channels: {voltage: 'x/y'}}\n"
                "  '': {type: dmm, mock: true}\n");
  EXPECT_THAT(complaint("bench_1"),
              AllOf(HasSubstr("yaml:2: `instruments.a/b`: expected a role"),
                    HasSubstr("yaml:3: `instruments.dmm`: `channels.voltage`: expected a name"),
                    HasSubstr("yaml:4: `instruments.`: expected a role")));
}

TEST_F(StationOfAProject, AllRolesOfItsTypeMustBeThere) {
  folder_.write("stations/types/power.yaml",
                "description: tests power boards\n"
                "instruments: {dmm: {type: dmm}, load: {type: eload}, psu: {type: psu}}\n");
  folder_.write("stations/bench_1.yaml",
                "station_type: power\n"
                "instruments:\n"
                "  dmm: {type: scope, mock: true}\n"
                "  psu: {type: power_supply, mock: true}\n");
  const std::string told = complaint();
  EXPECT_THAT(told, HasSubstr("bench_1.yaml:3: `instruments.dmm`: type dmm is required by "));
  EXPECT_THAT(told, HasSubstr("bench_1.yaml:2: `instruments.load`: a `load` of type "
                              "electronic_load is required by "));
  EXPECT_THAT(told, Not(HasSubstr("psu")));
}

TEST_F(StationOfAProject, TypeWithoutAFileIsAWarning) {
  folder_.write("stations/bench_1.yaml", "station_type: power\n");
  EXPECT_THAT(load().warnings, ElementsAre(HasSubstr("the roles are not checked")));
}

}  // namespace
}  // namespace litmus
