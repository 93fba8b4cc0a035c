// SPDX-License-Identifier: Apache-2.0
#include "config/config_kinds.h"

#include <gmock/gmock.h>

#include "base/temporary_folder.h"
#include "config/catalog_text.h"
#include "config/config_file.h"

namespace litmus {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ConfigKinds, AFileIsToldByItsPlace) {
  for (const auto& [path, kind] : {std::pair("litmus.yaml", "project"),
                                   {"stations/a.yaml", "station"},
                                   {"stations/types/a.yaml", "station_type"},
                                   {"products/a/a.yaml", "product"},
                                   {"catalog/maker/x.yaml", "catalog"},
                                   {"tests/unit/test_a.yaml", "sidecar"},
                                   {"instruments/a.yaml", "instrument_asset"},
                                   {"profiles/a/b.yaml", "profile"},
                                   {"/p/fixtures/a.yaml", "fixture"}}) {
    EXPECT_EQ(kind_of_place(path), kind) << path;
  }
  EXPECT_EQ(kind_of_place("docker-compose.yaml"), std::nullopt);
}

TEST(ConfigKinds, AFileIsToldByItsKeysElsewhere) {
  const TemporaryFolder folder;
  const auto kind = [&](const std::string& text) {
    return kind_of_keys(posix_file_system(), folder.write("x.yaml", text));
  };
  EXPECT_EQ(kind("pins: {}\ncharacteristics: {}\npart_number: x\n"), "product");
  EXPECT_EQ(kind("facets: {}\nlimits: {}\n"), "profile");
  EXPECT_EQ(kind("limits: {}\n"), "sidecar");
  EXPECT_EQ(kind("connections: {}\ndut_resource: x\n"), "fixture");
  EXPECT_EQ(kind("hostname: x\ninstruments: {}\n"), "station");
  EXPECT_EQ(kind("services: {}\n"), std::nullopt);
  EXPECT_EQ(kind(""), std::nullopt);
}

TEST(ConfigKinds, EditorsGetJsonSchemaWithoutOurOwnWords) {
  for (const ConfigKind& kind : kConfigKinds) {
    const std::string text = editor_schema(kind.name);
    EXPECT_THAT(text, Not(HasSubstr("\"x-"))) << kind.name;
  }
  EXPECT_THAT(editor_schema("profile"), HasSubstr("\"sidecar.schema.json#/$defs/limits\""));
  EXPECT_THAT(editor_schema("sidecar"), HasSubstr("\"linspace\""));
}

TEST(ConfigKinds, TheBundledCatalogFitsItsSchema) {
  for (const std::string_view id : kBuiltInModels) {
    const std::string path = std::string(id) + ".yaml";
    const ConfigFile file = check_config_text(catalog_text(id), "catalog", path);
    EXPECT_THAT(file.warnings, ::testing::IsEmpty()) << id;
    EXPECT_EQ(*file.content.find("scaffold"), Value(true)) << id;
  }
}

}  // namespace
}  // namespace litmus
