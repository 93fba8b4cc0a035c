// SPDX-License-Identifier: Apache-2.0
#include "plan/product.h"

#include "config/config_file.h"
#include "plan/entity_files.h"
#include "plan/fixture.h"
#include "plan/plan_fixture.h"

namespace litmus {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ProductOfAProject : public PlanOfAProject {
 protected:
  Product load(const std::string& id) {
    return load_product(posix_file_system(),
                        find_product_files(posix_file_system(), {folder_.path()}),
                        folder_ / ("products/" + id + ".yaml"));
  }

  std::string refused(const std::string& text) {
    folder_.write("products/bad.yaml", text);
    return complaint([&] { load("bad"); });
  }

  // A characteristic `v` with these keys, among pins and groups.
  std::string characteristic(const std::string& keys) {
    return "pins: {GPIO1: {name: a, net: N}, GPIO2: {name: b, net: N}, GPIO3: {name: c}}\n"
           "signal_groups: {bus: {protocol: i2c, signals: [{pin: GPIO3}, {pin: GPIO1}]}}\n"
           "characteristics:\n"
           "  v: {function: dc_voltage, direction: output, " +
           keys + "}\n";
  }

  std::vector<std::string> pins(const std::string& keys) {
    folder_.write("products/p.yaml", characteristic(keys));
    return load("p").characteristics.at(0).pins;
  }
};

TEST_F(ProductOfAProject, PinsComeFromPinPinsNetOrSignalGroupInThisOrder) {
  EXPECT_THAT(pins("pin: GPIO3, net: N"), ElementsAre("GPIO3"));
  EXPECT_THAT(pins("pins: [GPIO1, GPIO3]"), ElementsAre("GPIO1", "GPIO3"));
  EXPECT_THAT(pins("pins: 'GPIO[1:3]', net: N"), ElementsAre("GPIO1", "GPIO2", "GPIO3"));
}

TEST_F(ProductOfAProject, NetAndSignalGroupResolveToAllTheirPins) {
  EXPECT_THAT(pins("net: N"), ElementsAre("GPIO1", "GPIO2"));
  EXPECT_THAT(pins("signal_group: bus"), ElementsAre("GPIO3", "GPIO1"));
  const Product product = load("p");
  const auto& written = *find_map(*find_map(product.record, "characteristics"), "v");
  EXPECT_EQ(*written.find("resolved_pins"), Value(ValueList{"GPIO3", "GPIO1"}));
}

TEST_F(ProductOfAProject, PinReferencesThatDoNotExistAreLoadErrors) {
  EXPECT_EQ(refused(characteristic("pin: GPIO9")).substr(0, 76),
            "products/bad.yaml:4: `characteristics.v.pin`: there is no pin `GPIO9`; did y");
  EXPECT_THAT(refused(characteristic("net: M")), HasSubstr("no pin has the net `M`"));
  EXPECT_THAT(refused(characteristic("signal_group: buss")), HasSubstr("did you mean `bus`?"));
  EXPECT_THAT(refused(characteristic("units: V")),
              HasSubstr("expected `pin`, `pins`, `net` or `signal_group`"));
  EXPECT_THAT(refused(characteristic("pins: 'GPIO[1'")),
              HasSubstr("`characteristics.v.pins`: expected a name or a range"));
}

TEST_F(ProductOfAProject, ConditionsOfABandMustBeDeclaredWhereAnyAre) {
  EXPECT_THAT(
      refused(characteristic(
          "pin: GPIO1, conditions: {load: {units: A}}, bands: [{when: {laod: 1}, value: 1}]")),
      HasSubstr("`characteristics.v.bands[0].when.laod`: no signal, condition or control has this "
                "name; did you mean `load`?"));
  EXPECT_EQ(refused(characteristic("pin: GPIO1, bands: [{when: {anything: 1}, value: 1}]")),
            "no error");
}

TEST_F(ProductOfAProject, UnitsThatCannotMatchAreLoadErrors) {
  EXPECT_THAT(refused(characteristic("pin: GPIO1, units: A")),
              HasSubstr("a dc_voltage is in V, found `A`"));
  EXPECT_THAT(
      refused(characteristic("pin: GPIO1, units: V, bands: [{value: 1, units: A}]")),
      HasSubstr("`characteristics.v.bands[0].units`: units that cannot match: `A` and `V`"));
  EXPECT_THAT(refused(characteristic(
                  "pin: GPIO1, units: V, bands: [{value: 1, accuracy: {absolute: 1, units: dB}}]")),
              HasSubstr("`dB` and `V`"));
  EXPECT_THAT(refused(characteristic("pin: GPIO1, conditions: {load: {range: {units: A}}}, bands: "
                                     "[{when: {load: {min: 1, units: V}}, value: 1}]")),
              HasSubstr("`V` and `A`"));
  EXPECT_THAT(refused(characteristic("pin: GPIO1, conditions: {load: {}}, controls: {load: {}}")),
              HasSubstr("used once among"));
}

TEST_F(ProductOfAProject, AVariantInheritsScalarsAndWholeSections) {
  folder_.write(
      "products/base.yaml",
      "name: Fan\nrevision: A\npart_number: F-1\npins: {A: {name: a}}\n"
      "characteristics: {v: {function: dc_voltage, direction: output, pin: A, units: V}}\n");
  folder_.write("products/variant.yaml", "base: base\nrevision: B\n");
  folder_.write("products/other.yaml", "base: base\npins: {A: {name: z}, B: {name: b}}\n");
  const Product variant = load("variant");
  EXPECT_EQ(find_text(variant.record, "id"), "variant");
  EXPECT_EQ(find_text(variant.record, "name"), "Fan");
  EXPECT_EQ(find_text(variant.record, "revision"), "B");
  EXPECT_EQ(find_text(variant.record, "part_number"), "F-1");
  EXPECT_THAT(without_folder(variant.characteristics.at(0).source.place()), "products/base.yaml:5");
  EXPECT_EQ(find_text(*load("other").find_pin("A"), "name"), "z");
}

TEST_F(ProductOfAProject, ABaseThatIsMissingDeepOrItselfIsAnError) {
  EXPECT_THAT(refused("base: bas\n"),
              HasSubstr("products/bad.yaml:1: `base`: there is no product `bas`"));
  EXPECT_THAT(refused("base: bad\n"), HasSubstr("`bad` is based on itself"));
  for (int i = 0; i < 6; ++i) {
    folder_.write("products/p" + std::to_string(i) + ".yaml",
                  "base: p" + std::to_string(i + 1) + "\n");
  }
  folder_.write("products/p6.yaml", "{}");
  EXPECT_THAT(complaint([&] { load("p0"); }), HasSubstr("at most 5 bases"));
  EXPECT_EQ(complaint([&] { load("p1"); }), "no error");
}

TEST_F(ProductOfAProject, AnIdThatIsNotTheNameOfItsFileIsAnError) {
  EXPECT_THAT(refused("id: good\n"), HasSubstr("products/bad.yaml:1: `id`: expected `bad`"));
}

class FixtureOfAProject : public PlanOfAProject {
 protected:
  Fixture load(const std::string& text) {
    return load_fixture(posix_file_system(), folder_.write("fixtures/f.yaml", text));
  }
};

TEST_F(FixtureOfAProject, ConnectionsGetTheNameOfTheirKey) {
  const Fixture fixture =
      load("connections: {a: {instrument: dmm}, b: {name: b, instrument: dmm}}\n");
  EXPECT_EQ(find_text(*find_map(fixture.connections(), "a"), "name"), "a");
  EXPECT_THAT(complaint([&] { load("connections: {a: {name: b, instrument: dmm}}\n"); }),
              HasSubstr("fixtures/f.yaml:1: `connections.a.name`: expected `a`, the key"));
}

TEST_F(FixtureOfAProject, SlotsKeepTheirOrderAndEachIsAFixtureOfItsOwn) {
  const Fixture fixture = load(
      "dut_resource: /dev/ttyUSB9\n"
      "slots:\n"
      "  slot_2: {connections: {v: {instrument: dmm, instrument_channel: 2}}, dut_resource: "
      "/dev/ttyUSB2}\n"
      "  slot_1: {connections: {v: {instrument: dmm, instrument_channel: 1}}}\n");
  EXPECT_THAT(fixture.slots(), ElementsAre("slot_2", "slot_1"));
  EXPECT_THAT(fixture.connections(), IsEmpty());
  const Fixture second = fixture.for_slot("slot_2");
  EXPECT_EQ(find_text(*find_map(second.connections(), "v"), "instrument_channel"), "2");
  EXPECT_EQ(find_text(second.record, "dut_resource"), "/dev/ttyUSB2");
  EXPECT_EQ(find_text(fixture.for_slot("slot_1").record, "dut_resource"), "/dev/ttyUSB9");
  EXPECT_THAT(complaint([&] { fixture.for_slot("slot_3"); }),
              HasSubstr("there is no slot `slot_3`"));
}

TEST_F(FixtureOfAProject, OneSlotActsAsASingleFixture) {
  const Fixture fixture = load("slots: {only: {connections: {v: {instrument: dmm}}}}\n");
  EXPECT_THAT(fixture.slots(), IsEmpty());
  EXPECT_EQ(fixture.connections().size(), 1U);
}

TEST_F(FixtureOfAProject, ConnectionsAndSlotsExcludeEachOtherAndSlotsHaveNames) {
  EXPECT_THAT(
      complaint([&] { load("connections: {}\nslots: {a: {}, b: {}}\n"); }),
      HasSubstr("fixtures/f.yaml:2: `slots`: expected `connections` or `slots`, found both"));
  EXPECT_THAT(complaint([&] { load("slots: {'  ': {}, b: {}}\n"); }),
              HasSubstr("expected the name of a slot"));
}

}  // namespace
}  // namespace litmus
