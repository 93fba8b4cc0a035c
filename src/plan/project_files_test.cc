// SPDX-License-Identifier: Apache-2.0
#include "plan/project_files.h"

#include "base/process.h"
#include "config/config_file.h"
#include "plan/entity_files.h"
#include "plan/plan_fixture.h"

namespace litmus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Facets = std::map<std::string, std::string>;

class ProjectFilesOfAProject : public PlanOfAProject {
 protected:
  std::string profile_for(const std::optional<std::string>& name, const Facets& facets = {}) {
    const auto profile = files().select_profile(name, facets);
    return profile ? profile->name : "none";
  }

  std::string product_for(const std::optional<std::string>& id,
                          const std::optional<std::string>& part = {}) {
    const auto product = files().select_product(id, part);
    return product ? *find_text(product->record, "id") : "none";
  }
};

TEST_F(ProjectFilesOfAProject, AnEmptyFolderHasNothingAndThatIsFine) {
  ProjectFiles all = files();
  EXPECT_EQ(find_text(all.settings(), "name"), "litmus");
  EXPECT_EQ(all.file(), std::nullopt);
  EXPECT_FALSE(all.select_profile({}, {{"test_phase", "production"}}));
  EXPECT_FALSE(all.select_product({}, "FAN-1"));
  EXPECT_FALSE(all.select_fixture({}, nullptr));
  EXPECT_FALSE(all.select_station({}));
  all.check_session(nullptr, nullptr, nullptr, nullptr);
  EXPECT_THAT(all.take_warnings(), IsEmpty());
}

TEST_F(ProjectFilesOfAProject, TheProjectFileIsFoundFromTheTestRootUpwards) {
  folder_.write("litmus.yaml", "name: fan\ndefault_station: bench_1\n");
  folder_.write("tests/test_x.py", "");
  folder_.write("products/board.yaml", "{}");
  ProjectFiles all(posix_file_system(), folder_ / "tests", "/");
  EXPECT_EQ(find_text(all.settings(), "name"), "fan");
  EXPECT_TRUE(all.select_product({}, {}));
}

TEST_F(ProjectFilesOfAProject, ABrokenProjectFileIsAnErrorWithFileLineAndKey) {
  folder_.write("litmus.yaml", "name: fan\ndefault_statoin: x\n");
  EXPECT_EQ(complaint([&] { files(); }),
            "litmus.yaml:2: `default_statoin`: unknown key; did you mean `default_station`?");
}

TEST_F(ProjectFilesOfAProject, AProfileIsChosenByNameFacetsAndDefaultInThisOrder) {
  folder_.write("profiles/production.yaml", "facets: {test_phase: production, customer: a}\n");
  folder_.write("profiles/validation.yaml", "facets: {test_phase: validation}\n");
  folder_.write("profiles/family.yaml", "description: only a parent\n");
  EXPECT_EQ(profile_for("family"), "family");
  EXPECT_EQ(profile_for("production", {{"customer", "a"}}), "production");
  EXPECT_EQ(profile_for({}, {{"test_phase", "validation"}}), "validation");
  EXPECT_EQ(profile_for({}, {{"test_phase", "production"}}), "production");
  EXPECT_EQ(profile_for({}, {{"test_phase", "production"}, {"customer", "a"}}), "production");
  folder_.write("litmus.yaml", "name: fan\ndefault_profile: validation\n");
  EXPECT_EQ(profile_for({}), "validation");
  EXPECT_EQ(profile_for({}, {{"customer", "a"}}), "production");
}

TEST_F(ProjectFilesOfAProject, AProfileThatIsNotOneIsAnErrorThatListsTheCombinations) {
  folder_.write("profiles/a.yaml", "facets: {test_phase: production, line: left}\n");
  folder_.write("profiles/b.yaml", "facets: {test_phase: production}\n");
  const std::string choices =
      "\n  --test-profile a  or --test-phase production --line left"
      "\n  --test-profile b  or --test-phase production";
  EXPECT_EQ(complaint([&] { profile_for({}, {{"test_phase", "production"}}); }),
            "test_phase=production selects 2 profiles, expected one; choose" + choices);
  EXPECT_EQ(complaint([&] { profile_for({}, {{"test_phase", "validation"}}); }),
            "test_phase=validation selects 0 profiles, expected one; choose" + choices);
  EXPECT_EQ(complaint([&] { profile_for({}); }),
            "no profile is chosen; give --no-test-profile, or choose" + choices);
  EXPECT_EQ(complaint([&] { profile_for("b", {{"line", "left"}}); }),
            "profile `b` does not have line=left; leave one of them out, or choose" + choices);
  EXPECT_THAT(complaint([&] { profile_for("aa"); }), HasSubstr("there is no profile `aa`"));
}

TEST_F(ProjectFilesOfAProject, FacetsThatNoProfileDeclaresSelectNothing) {
  folder_.write("profiles/family.yaml", "description: only a parent\n");
  EXPECT_EQ(profile_for({}, {{"test_phase", "production"}}), "none");
}

TEST_F(ProjectFilesOfAProject, AChainIsMergedParentFirst) {
  folder_.write("profiles/top.yaml",
                "station_type: bench\nguardband_pct: 5\nrunner: {addopts: -q, keyword: a, plugins: "
                "[x], timeout: 9}\n");
  folder_.write("profiles/active.yaml",
                "extends: top\nfacets: {f: v}\nguardband_pct: 7\nrunner: {addopts: "
                "--strict-markers, keyword: b, plugins: [y]}\n");
  const auto profile = files().select_profile("active", {});
  EXPECT_EQ(profile->record, (ValueMap{{"station_type", "bench"},
                                       {"guardband_pct", 7},
                                       {"extends", "top"},
                                       {"facets", ValueMap{{"f", "v"}}},
                                       {"runner", ValueMap{{"addopts", "-q --strict-markers"},
                                                           {"keyword", "b"},
                                                           {"plugins", ValueList{"x", "y"}},
                                                           {"timeout", 9}}}}));
}

TEST_F(ProjectFilesOfAProject, AChainThatEndsNowhereOrInACircleIsAnError) {
  folder_.write("profiles/a.yaml", "extends: b\n");
  folder_.write("profiles/b.yaml", "extends: a\n");
  folder_.write("profiles/c.yaml", "description: x\nextends: aa\n");
  EXPECT_EQ(complaint([&] { profile_for("a"); }),
            "profiles/b.yaml:1: `extends`: profile `a` extends itself");
  EXPECT_EQ(complaint([&] { profile_for("c"); }),
            "profiles/c.yaml:2: `extends`: there is no profile `aa`; did you mean `a`?");
}

TEST_F(ProjectFilesOfAProject, ABrokenProfileHidesNoOtherButIsToldAndAnErrorWhenItIsWanted) {
  folder_.write("profiles/good.yaml", "facets: {f: v}\n");
  folder_.write("profiles/bad.yaml", "facets: {f: w}\nrunner: {adopts: x}\n");
  ProjectFiles all = files();
  EXPECT_EQ(all.select_profile({}, {{"f", "v"}})->name, "good");
  const auto warnings = all.take_warnings();
  ASSERT_EQ(warnings.size(), 1U);
  EXPECT_EQ(without_folder(warnings[0]),
            "profile `bad` is left out: profiles/bad.yaml:2: `runner.adopts`: unknown key; did you "
            "mean `addopts`?");
  EXPECT_THAT(complaint([&] { all.select_profile("bad", {}); }), HasSubstr("profiles/bad.yaml:2"));
}

TEST_F(ProjectFilesOfAProject, OneNameInTheProjectFileAndInAFileIsAnError) {
  folder_.write("litmus.yaml", "name: fan\nprofiles:\n  a: {facets: {f: v}}\n");
  EXPECT_EQ(profile_for({}, {{"f", "v"}}), "a");
  folder_.write("profiles/a.yaml", "{}");
  EXPECT_EQ(complaint([&] { files(); }),
            "profiles/a.yaml:1: profile `a` is also in litmus.yaml:3; leave one of them out");
}

TEST_F(ProjectFilesOfAProject, AProductIsChosenByIdPathPartNumberOrBecauseItIsTheOnlyOne) {
  folder_.write("products/fan.yaml", "part_number: FAN-1\n");
  EXPECT_EQ(product_for({}), "fan");
  folder_.write("products/pump/pump.yaml", "part_number: PUMP-1\n");
  folder_.write("products/pump/manifest.yaml", "no: product\n");
  EXPECT_EQ(product_for("pump"), "pump");
  EXPECT_EQ(product_for("products/pump/pump.yaml"), "pump");
  folder_.write("elsewhere/valve.yml", "{}");
  EXPECT_EQ(product_for("elsewhere/valve.yml"), "valve");
  EXPECT_EQ(product_for({}, "fan-1"), "fan");
  EXPECT_EQ(complaint([&] { product_for({}); }),
            "there are 2 products: name one with --product or --dut-part-number (fan, pump)");
  EXPECT_THAT(complaint([&] { product_for("pmup"); }),
              HasSubstr("--product: there is no product `pmup`"));
  EXPECT_THAT(complaint([&] { product_for({}, "FAN-2"); }),
              HasSubstr("no product has the part number `FAN-2`; did you mean `FAN-1`?"));
  folder_.write("products/fan_b.yaml", "part_number: fan-1\n");
  EXPECT_THAT(complaint([&] { product_for({}, "FAN-1"); }),
              HasSubstr("2 products have the part number"));
}

TEST_F(ProjectFilesOfAProject, AFixtureIsChosenByOptionProfileDefaultOrBecauseItIsTheOnlyOne) {
  folder_.write("fixtures/a.yaml", "{}");
  const auto chosen = [&](const std::optional<std::string>& id, const Profile* profile = nullptr) {
    const auto fixture = files().select_fixture(id, profile);
    return fixture ? *find_text(fixture->record, "id") : "none";
  };
  EXPECT_EQ(chosen({}), "a");
  folder_.write("fixtures/b.yaml", "{}");
  EXPECT_EQ(chosen({}), "none");
  EXPECT_EQ(chosen("b"), "b");
  folder_.write("litmus.yaml", "name: x\ndefault_fixture: b\n");
  EXPECT_EQ(chosen({}), "b");
  folder_.write("profiles/active.yaml", "fixture: a\n");
  const auto profile = files().select_profile("active", {});
  EXPECT_EQ(chosen({}, &*profile), "a");
  ProjectFiles all = files();
  all.select_fixture("b", &*profile);
  EXPECT_THAT(all.take_warnings(),
              ElementsAre("--fixture b is used in place of `a` of profile `active`"));
}

TEST_F(ProjectFilesOfAProject, AStationIsChosenByOptionHostnameOrDefault) {
  folder_.write("stations/one.yaml", "{}");
  const auto chosen = [&](const std::optional<std::string>& id) {
    const auto station = files().select_station(id);
    return station ? *find_text(station->record, "id") : "none";
  };
  EXPECT_EQ(chosen({}), "none");
  EXPECT_EQ(chosen("one"), "one");
  folder_.write("litmus.yaml", "name: x\ndefault_station: one\n");
  EXPECT_EQ(chosen({}), "one");
  folder_.write("stations/two.yaml", "hostname: " + this_process().host + "\n");
  EXPECT_EQ(chosen({}), "two");
  folder_.write("stations/three.yaml", "hostname: " + this_process().host + "\n");
  ProjectFiles all = files();
  EXPECT_EQ(find_text(all.select_station({})->record, "id"), "one");
  EXPECT_THAT(all.take_warnings()[0], HasSubstr("2 stations have the hostname"));
}

TEST_F(ProjectFilesOfAProject, StationProfileFixtureAndProductMustFitEachOther) {
  folder_.write("stations/bench.yaml",
                "station_type: fan_bench\ninstruments: {dmm: {type: dmm, mock: true}}\n");
  folder_.write("fixtures/f.yaml",
                "product_id: board\n"
                "station_types: [fan_bench]\n"
                "connections:\n"
                "  a: {instrument: dmm, dut_pin: VOUT}\n"
                "  b: {instrument: dmmm, dut_pin: VOTU, route: {switch: sw}}\n"
                "  c: {instrument: dmm, net: V6}\n");
  folder_.write("products/fan.yaml", "pins: {VOUT: {name: TP4, net: V5}}\n");
  folder_.write("profiles/active.yaml", "station_type: pump_bench\n");
  ProjectFiles all = files();
  const auto station = all.select_station("bench");
  const auto fixture = all.select_fixture({}, nullptr);
  const auto product = all.select_product({}, {});
  const auto profile = all.select_profile("active", {});
  const std::string text =
      complaint([&] { all.check_session(&station->record, &*profile, &*fixture, &*product); });
  for (const char* part :
       {"profile `active` is for stations of type `pump_bench`, station `bench` is a `fan_bench`",
        "fixtures/f.yaml:5: `connections.b.instrument`: station `bench` has no role `dmmm`; did "
        "you mean `dmm`?",
        "fixtures/f.yaml:5: `connections.b.route.switch`: station `bench` has no role `sw`",
        "fixtures/f.yaml:1: `product_id`: the fixture is for `board`, the product "
        "products/fan.yaml is `fan`",
        "fixtures/f.yaml:5: `connections.b.dut_pin`: products/fan.yaml has no pin `VOTU`; did you "
        "mean `VOUT`?",
        "fixtures/f.yaml:6: `connections.c.net`: no pin of products/fan.yaml has the net `V6`"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  EXPECT_THAT(complaint([&] { all.check_session(nullptr, &*profile, &*fixture, nullptr); }),
              HasSubstr("fixtures/f.yaml:2: `station_types`: the fixture fits stations of type "
                        "[\"fan_bench\"], not `pump_bench`"));
}

TEST_F(ProjectFilesOfAProject, SelectionsAreKeptWithTheirReasonAndPlace) {
  folder_.write("litmus.yaml", "name: x\ndefault_fixture: f\n");
  folder_.write("fixtures/f.yaml", "{}");
  ProjectFiles all = files();
  all.select_fixture({}, nullptr);
  ASSERT_EQ(all.selections().size(), 1U);
  const Selection& selection = all.selections()[0];
  EXPECT_EQ(selection.what + " " + selection.id, "fixture f");
  EXPECT_EQ(without_folder(selection.reason), "`default_fixture` at litmus.yaml:2");
}

}  // namespace
}  // namespace litmus
