// SPDX-License-Identifier: Apache-2.0
#include "config/catalog.h"

#include <gmock/gmock.h>

#include "base/json_writer.h"
#include "base/temporary_folder.h"
#include "config/station.h"
#include "litmus/error.h"

namespace litmus {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class CatalogOfAProject : public ::testing::Test {
 protected:
  Catalog catalog() const { return {posix_file_system(), folder_.path()}; }

  CatalogEntry entry(const std::string& id) const {
    auto found = catalog().find(id);
    EXPECT_TRUE(found);
    return found ? *found : CatalogEntry();
  }

  std::string complaint(const std::string& id) const {
    try {
      catalog().find(id);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kInvalidArgument);
      return error.what();
    }
    return "no error";
  }

  static const ValueList& capabilities(const CatalogEntry& entry) {
    return std::get<ValueList>(entry.content.find("capabilities")->data());
  }

  static std::string json(const Value& value) {
    std::string text;
    JsonWriter(text).value(value);
    return text;
  }

  TemporaryFolder folder_;
};

TEST_F(CatalogOfAProject, BuiltInModelsAreWholeAndNameTheirChannels) {
  std::vector<std::string> warnings;
  const auto entries = catalog().entries(warnings);
  EXPECT_THAT(warnings, IsEmpty());
  EXPECT_THAT(catalog().ids(), ElementsAre("generic_dmm", "generic_eload", "generic_fgen",
                                           "generic_oscilloscope", "generic_psu", "generic_smu"));
  ASSERT_THAT(entries, SizeIs(6));
  for (const CatalogEntry& entry : entries) {
    EXPECT_THAT(entry.warnings, IsEmpty()) << entry.path;
    EXPECT_EQ(*entry.content.find("scaffold"), Value(true)) << entry.path;
    for (const Value& capability : capabilities(entry)) {
      EXPECT_NE(capability.get_if<ValueMap>()->find("channels"), nullptr) << entry.path;
    }
  }
}

TEST_F(CatalogOfAProject, EntryOfTheProjectWinsOverTheBuiltInOne) {
  folder_.write("catalog/meters/generic_dmm.yaml",
                "{manufacturer: ACME, model: 34465, type: digital_multimeter}\n");
  folder_.write("catalog/_draft.yaml", "nonsense\n");
  folder_.write("catalog/dmm.variants.yaml", "nonsense\n");
  const CatalogEntry dmm = entry("generic_dmm");
  EXPECT_EQ(*dmm.content.find("name"), Value("ACME 34465"));
  EXPECT_EQ(*dmm.content.find("type"), Value("dmm"));
  EXPECT_THAT(catalog().ids(), SizeIs(6));
}

TEST_F(CatalogOfAProject, VariantInheritsAndItsCapabilitiesMergeFieldByField) {
  folder_.write("catalog/m1.yaml",
                "manufacturer: ACME\nmodel: M1\ntype: dmm\ndriver: acme.M\n"
                "channels: {'1': {label: front}, '2': {}}\n"
                "capabilities:\n"
                "  - {function: dc_voltage, direction: input, channels: ['1'],\n"
                "     signals: {voltage: {range: {min: 0, max: 10, units: V}, value: 1}}}\n"
                "  - {function: dc_voltage, direction: input, channels: ['2'],\n"
                "     signals: {voltage: {range: {min: 0, max: 1, units: V}}}}\n");
  folder_.write("catalog/new/m2.yaml",
                "base: m1\nmodel: M2\n"
                "capabilities:\n"
                "  - {function: dc_voltage, direction: input, channels: ['1'],\n"
                "     signals: {voltage: {range: {max: 100}}}}\n"
                "  - {function: resistance, direction: input, channels: '1:2'}\n");
  const CatalogEntry m2 = entry("m2");
  EXPECT_EQ(*m2.content.find("driver"), Value("acme.M"));
  EXPECT_EQ(*m2.content.find("name"), Value("ACME M2"));
  ASSERT_THAT(capabilities(m2), SizeIs(3));
  EXPECT_EQ(json(*capabilities(m2)[0].get_if<ValueMap>()->find("signals")),
            R"({"voltage":{"range":{"min":0,"max":100,"units":"V"},"value":1}})");
}

TEST_F(CatalogOfAProject, BasesThatAreMissingOrGoRoundAreErrors) {
  folder_.write("catalog/a.yaml", "{base: b, model: A}\n");
  folder_.write("catalog/b.yaml", "{base: a, model: B}\n");
  folder_.write("catalog/c.yaml", "{base: generic_dm, model: C}\n");
  for (int i = 0; i < 7; ++i) {
    folder_.write("catalog/deep_" + std::to_string(i) + ".yaml",
                  "{base: deep_" + std::to_string(i + 1) + ", model: D, type: dmm}\n");
  }
  EXPECT_THAT(complaint("a"), HasSubstr("the entries are bases of each other"));
  EXPECT_THAT(complaint("c"), HasSubstr("there is no catalog entry `generic_dm`; did you mean "
                                        "`generic_dmm`?"));
  EXPECT_THAT(complaint("deep_0"), HasSubstr("expected at most five bases"));
}

TEST_F(CatalogOfAProject, WhatItMustSayIsAskedFor) {
  folder_.write("catalog/a.yaml", "{manufacturer: ACME, model: A}\n");
  folder_.write(
      "catalog/b.yaml",
      "{manufacturer: ACME, model: B, type: dmm, channels: {CH1: {}},\n"
      " capabilities: [{function: dc_voltage, direction: input, channels: 'CH[1:2]'}]}\n");
  EXPECT_THAT(complaint("a"), HasSubstr("a.yaml:1: `type`: expected a text, here or in the base"));
  EXPECT_THAT(complaint("b"),
              HasSubstr("b.yaml:2: `capabilities[0].channels`: there is no channel `CH2`"));
}

TEST_F(CatalogOfAProject, BandsNameWhatTheCapabilityDeclares) {
  const std::string head =
      "manufacturer: ACME\nmodel: A\ntype: dmm\ncapabilities:\n"
      "  - function: ac_voltage\n    direction: input\n"
      "    conditions: {frequency: {range: {min: 20, max: 20000}}}\n";
  folder_.write("catalog/a.yaml",
                head + "    signals: {voltage: {bands: [{when: {frequncy: 50}, value: 1}]}}\n");
  folder_.write("catalog/b.yaml",
                head + "    signals: {voltage: {bands: [{when: {frequency: 50}, value: 1}]}}\n");
  folder_.write("catalog/c.yaml", head + "    controls: {frequency: {options: [50]}}\n");
  EXPECT_THAT(complaint("a"), HasSubstr("a.yaml:5: `capabilities[0]`: `signals.voltage`: `when`: "
                                        "expected voltage, frequency, found `frequncy`"));
  EXPECT_EQ(complaint("b"), "no error");
  EXPECT_THAT(complaint("c"), HasSubstr("`controls`: `frequency` stands in another map as well"));
}

TEST_F(CatalogOfAProject, BrokenEntriesAreToldAndPassedOver) {
  folder_.write("catalog/a.yaml", "{manufacturer: ACME, modell: A}\n");
  folder_.write("catalog/b.yaml", "{manufacturer: ACME, model: B, type: dmm}\n");
  std::vector<std::string> warnings;
  const auto found = find_catalog_model(catalog(), "acme", "b", warnings);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found->content.find("id"), Value("b"));
  EXPECT_THAT(warnings, Contains(HasSubstr("a.yaml:1: `modell`: unknown key")));
  EXPECT_EQ(*resolve_catalog_ref(catalog(), "dmm", warnings)->content.find("id"), Value("b"));
  EXPECT_EQ(*resolve_catalog_ref(catalog(), "generic_psu", warnings)->content.find("type"),
            Value("psu"));
  EXPECT_FALSE(resolve_catalog_ref(catalog(), "no_such", warnings));
}

TEST_F(CatalogOfAProject, StationHasItsDriverAndTypeWhereNothingElseNamesThem) {
  folder_.write("catalog/m1.yaml", "{manufacturer: ACME, model: M1, type: dmm, driver: acme.M1}\n");
  folder_.write("instruments/dmm_7.yaml", "{resource: 'GPIB0::7::INSTR', catalog_ref: m1}\n");
  folder_.write("instruments/dmm_8.yaml", "{catalog_ref: m1, driver: acme.Other}\n");
  const std::string file =
      folder_.write("stations/bench_1.yaml",
                    "instruments:\n"
                    "  dmm: dmm_7\n"
                    "  second: {type: dmm, asset: dmm_8}\n"
                    "  third: {type: dmm, catalog_ref: m1, driver: acme.Third}\n"
                    "  fourth: {type: dmm, catalog_ref: m2, mock: true}\n");
  const Station station = load_station(
      posix_file_system(), {.project = {}, .folder = folder_.path(), .station_folders = {}}, file);
  const auto& roles = std::get<ValueMap>(station.record.find("instruments")->data());
  const auto of = [&](const char* role, const char* key) {
    return find_text(std::get<ValueMap>(roles.find(role)->data()), key);
  };
  EXPECT_EQ(of("dmm", "driver"), "acme.M1");
  EXPECT_EQ(of("dmm", "type"), "dmm");
  EXPECT_EQ(of("second", "driver"), "acme.Other");
  EXPECT_EQ(of("third", "driver"), "acme.Third");
  EXPECT_THAT(station.warnings,
              ElementsAre(HasSubstr("bench_1.yaml:5: `instruments.fourth`: `catalog_ref`: there is "
                                    "no catalog entry `m2`; did you mean `m1`?")));
}

}  // namespace
}  // namespace litmus
