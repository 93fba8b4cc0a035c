// SPDX-License-Identifier: Apache-2.0
#include "config/config_source.h"

#include <gtest/gtest.h>

namespace litmus {
namespace {

ConfigSource source_of(const std::string& text) {
  const YamlDocument document(text, "/p/tests/test_fan.yaml");
  return ConfigSource(std::make_shared<const LineIndex>(document));
}

TEST(ConfigSource, NamesTheLineOfAKeyAndOfAListElement) {
  const ConfigSource root = source_of(
      "limits:\n"
      "  v5:\n"
      "    low: 1\n"
      "sweeps:\n"
      "  - vin: [1, 2]\n"
      "  - load: {range: [0, 3]}\n");
  EXPECT_EQ(root.at("limits").at("v5").place(), "/p/tests/test_fan.yaml:2");
  EXPECT_EQ(root.at("limits").at("v5").at("low").place(), "/p/tests/test_fan.yaml:3");
  EXPECT_EQ(root.at("sweeps").at(1).place(), "/p/tests/test_fan.yaml:6");
  EXPECT_EQ(root.at("sweeps").at(1).at("load").key(), "sweeps[1].load");
}

TEST(ConfigSource, NamesTheDeepestKeyThatIsThereForWhatIsMissing) {
  EXPECT_EQ(
      source_of("name: x\nlimits:\n  v5: {low: 1}\n").at("limits").at("v5").at("high").place(),
      "/p/tests/test_fan.yaml:3");
}

TEST(ConfigSource, KeysWithDotsAreNoPaths) {
  const ConfigSource root = source_of("tests:\n  A.b: {}\n  A:\n    b: 1\n");
  EXPECT_EQ(root.at("tests").at("A.b").place(), "/p/tests/test_fan.yaml:2");
  EXPECT_EQ(root.at("tests").at("A").at("b").place(), "/p/tests/test_fan.yaml:4");
}

TEST(ConfigSource, AMarkerIsNamedByItsTest) {
  EXPECT_STREQ(ConfigSource::marker("inline marker of test_fan")
                   .at("limits")
                   .at("v5")
                   .error("no policy")
                   .what(),
               "inline marker of test_fan: `limits.v5`: no policy");
}

}  // namespace
}  // namespace litmus
