// SPDX-License-Identifier: Apache-2.0
#include "config/config_save.h"

#include <gmock/gmock.h>

#include <utility>

#include "base/faulty_file_system.h"
#include "base/temporary_folder.h"
#include "config/config_file.h"
#include "config/yaml_text.h"
#include "litmus/error.h"

namespace litmus {
namespace {

class SavedAsset : public ::testing::Test {
 protected:
  // Content changed by `change`, as somebody does who has read the file.
  template <class Change>
  std::string saved(const std::string& text, Change change) {
    const std::string path = folder_.write("dmm_7.yaml", text);
    FileSystem& files = posix_file_system();
    ValueMap content = read_config_file(files, "instrument_asset", path).content;
    change(content);
    save_config_file(files, "instrument_asset", path, content);
    return text_of(path);
  }

  static std::string text_of(const std::string& path) {
    const auto file = posix_file_system().read(path);
    const Bytes bytes = file->bytes();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  static void set(ValueMap& content, const char* section, const char* key, const char* value) {
    ValueMap map = std::get<ValueMap>(content.find(section)->data());
    map.set(key, value);
    content.set(section, std::move(map));
  }

  TemporaryFolder folder_;
};

TEST_F(SavedAsset, KeepsCommentsOrderAndTheWayOfWriting) {
  EXPECT_EQ(saved("# the good one\n"
                  "resource: GPIB0::7::INSTR   # rack 2\n"
                  "\n"
                  "calibration:  # yearly\n"
                  "  lab: 'ACME'\n"
                  "  due_date: 2026-03-01  # sticker\n"
                  "  # more below\n"
                  "\n"
                  "info: { serial: 0042, model: \"M1\" } # plate\n",
                  [](ValueMap& content) {
                    set(content, "calibration", "due_date", "2027-03-01");
                    set(content, "calibration", "certificate", "C-1");
                    set(content, "info", "serial", "0043");
                    set(content, "info", "firmware", "1.2");
                  }),
            "# the good one\n"
            "resource: GPIB0::7::INSTR   # rack 2\n"
            "\n"
            "calibration:  # yearly\n"
            "  lab: 'ACME'\n"
            "  due_date: \"2027-03-01\"  # sticker\n"
            "  certificate: \"C-1\"\n"
            "  # more below\n"
            "\n"
            "info: { serial: \"0043\", model: \"M1\", firmware: \"1.2\" } # plate\n");
}

TEST_F(SavedAsset, GetsSectionsThatItHadNot) {
  const auto add = [](ValueMap& content) { set(content, "calibration", "lab", "ACME"); };
  EXPECT_EQ(saved("id: dmm_7", add), "id: dmm_7\ncalibration: {lab: \"ACME\"}\n");
  EXPECT_EQ(saved("", add), "calibration: {lab: \"ACME\"}\n");
  EXPECT_EQ(saved("# nothing yet\n", add), "# nothing yet\ncalibration: {lab: \"ACME\"}\n");
  EXPECT_EQ(saved("calibration:\ndriver: a.B\n", add),
            "calibration: {lab: \"ACME\"}\ndriver: a.B\n");
  EXPECT_EQ(saved("calibration: {}  # none\n", add), "calibration: {lab: \"ACME\"}  # none\n");
  EXPECT_EQ(saved("calibration:\n  lab:  # which?\n", add),
            "calibration:\n  lab: \"ACME\"  # which?\n");
  EXPECT_EQ(saved("{id: dmm_7, calibration: {}}\n", add),
            "{id: dmm_7, calibration: {lab: \"ACME\"}}\n");
}

TEST_F(SavedAsset, LosesWhatWasTakenAway) {
  const auto remove = [](ValueMap& content) {
    ValueMap rest;
    for (const auto& [key, value] : content) {
      if (key != "driver") rest.set(key, value);
    }
    content = std::move(rest);
  };
  EXPECT_EQ(saved("resource: a\ndriver: a.B\n# end\n", remove), "resource: a\n# end\n");
}

TEST_F(SavedAsset, StaysAsItIsWhereNothingChanged) {
  const std::string text = "driver:   a.B # as it is\ninfo: {serial: 12}\n";
  EXPECT_EQ(saved(text, [](ValueMap&) {}), text);
}

TEST_F(SavedAsset, IsLeftAloneWhereAChangeWouldLoseAComment) {
  EXPECT_THROW(saved("info:\n  serial: |  # on the plate\n    12\n",
                     [](ValueMap& content) { set(content, "info", "serial", "13"); }),
               Error);
  EXPECT_EQ(text_of(folder_ / "dmm_7.yaml"), "info:\n  serial: |  # on the plate\n    12\n");
}

TEST_F(SavedAsset, IsLeftAloneWhereAChangeWouldChangeMore) {
  EXPECT_THROW(saved("driver: &d a.B\nresource: *d\n",
                     [](ValueMap& content) { content.set("driver", "a.C"); }),
               Error);
  EXPECT_EQ(text_of(folder_ / "dmm_7.yaml"), "driver: &d a.B\nresource: *d\n");
}

TEST_F(SavedAsset, IsNotWrittenWhereItCouldNotBeRead) {
  EXPECT_THROW(saved("driver: a.B\n",
                     [](ValueMap& content) {
                       set(content, "calibration", "lab", "x");
                       set(content, "calibration", "due_date", "soon");
                     }),
               Error);
  EXPECT_EQ(text_of(folder_ / "dmm_7.yaml"), "driver: a.B\n");
  EXPECT_THROW(create_config_file(posix_file_system(), "instrument_asset", folder_ / "new.yaml",
                                  {{"resorce", "a"}}),
               Error);
  EXPECT_FALSE(posix_file_system().exists(folder_ / "new.yaml"));
}

TEST_F(SavedAsset, IsAsItWasWhenTheDiskFails) {
  using Operation = FaultyFileSystem::Operation;
  const std::string path = folder_.write("dmm_7.yaml", "driver: a.B\n");
  for (const Operation operation :
       {Operation::kOpen, Operation::kWrite, Operation::kSync, Operation::kRename}) {
    FaultyFileSystem files;
    files.fail_at(operation, 0);
    EXPECT_THROW(
        save_config_file(files, "instrument_asset", path, {{"id", "dmm_7"}, {"driver", "a.C"}}),
        Error);
    EXPECT_EQ(text_of(path), "driver: a.B\n");
    EXPECT_FALSE(files.exists(path + ".tmp"));
  }
}

TEST_F(SavedAsset, IsMadeOnce) {
  FileSystem& files = posix_file_system();
  const std::string path = folder_ / "instruments/dmm_8.yaml";
  create_config_file(files, "instrument_asset", path, {{"resource", "GPIB0::8::INSTR"}});
  EXPECT_EQ(text_of(path), "resource: \"GPIB0::8::INSTR\"\n");
  EXPECT_THROW(create_config_file(files, "instrument_asset", path, {}), Error);
}

TEST(YamlText, HasSmallMapsInBracketsAndTextsInQuotes) {
  const ValueMap content{
      {"name", "yes \"and\" #no"},
      {"1", ValueList{1, 2.5, true, Value()}},
      {"true", ValueMap()},
      {"roles", ValueMap{{"dmm", ValueMap{{"type", "dmm"}, {"mock", true}}},
                         {"list", ValueList{ValueMap{{"when", ValueMap{{"v", 1}}}, {"x", 2}},
                                            ValueMap{{"a", "b"}}}}}}};
  const std::string text = yaml_text(content);
  EXPECT_EQ(text,
            "name: \"yes \\\"and\\\" #no\"\n"
            "\"1\": [1, 2.5, true, null]\n"
            "\"true\": {}\n"
            "roles:\n"
            "  dmm: {type: \"dmm\", mock: true}\n"
            "  list:\n"
            "    - when: {v: 1}\n"
            "      x: 2\n"
            "    - {a: \"b\"}\n");
  EXPECT_EQ(YamlDocument(text, "it").root()->value(), Value(content));
}

}  // namespace
}  // namespace litmus
