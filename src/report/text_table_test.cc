// SPDX-License-Identifier: Apache-2.0
#include "report/text_table.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <ctime>

namespace litmus {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string render(const TextTable& table, const Canvas& canvas) {
  std::string out;
  table.append_to(out, canvas);
  return out;
}

Canvas canvas_of(std::size_t width) {
  Canvas canvas;
  canvas.width = width;
  return canvas;
}

TextTable example() {
  TextTable table({{"Name", false, 6}, {"Value", true}, {"Note", false, 0, 1}});
  table.add_row({{"output_voltage"}, {"3.3"}, {"ok"}});
  table.add_row({{"µ"}, {"12.25"}, {""}});
  return table;
}

TEST(TextTable, LinesUpCellsUnderTheirTitlesAndLeavesNoSpacesAtTheEnd) {
  EXPECT_EQ(render(example(), Canvas()),
            "Name            Value  Note\n"
            "output_voltage    3.3  ok\n"
            "µ               12.25\n");
}

TEST(TextTable, WidestColumnShrinksUntilTheTableFits) {
  EXPECT_EQ(render(example(), canvas_of(20)),
            "Name     Value  Note\n"
            "output…    3.3  ok\n"
            "µ        12.25\n");
}

TEST(TextTable, ColumnThatMayGoIsDroppedWhenShrinkingIsNotEnough) {
  EXPECT_EQ(render(example(), canvas_of(14)),
            "Name     Value\n"
            "output…    3.3\n"
            "µ        12.25\n");
}

TEST(TextTable, NoteStandsBelowItsRow) {
  TextTable table({{"#"}, {"Name"}});
  table.add_row({{"0."}, {"rails"}});
  table.add_note(1, "AssertionError: too\nlow", Style::kBad);
  EXPECT_EQ(render(table, Canvas()), "#   Name\n0.  rails\n    AssertionError: too low\n");
  EXPECT_EQ(render(table, canvas_of(12)), "#   Name\n0.  rails\n    Asserti…\n");
}

TEST(TextTable, ColorsAppearOnlyOnACanvasThatHasThem) {
  TextTable table({{"Outcome"}});
  Canvas colorful;
  colorful.colors = true;
  table.add_row({{"failed", style_of_outcome("failed")}});
  EXPECT_THAT(render(table, Canvas()), Not(HasSubstr("\x1B")));
  EXPECT_THAT(render(table, colorful), HasSubstr("\x1B[1;31mfailed\x1B[0m"));
}

TEST(TextTable, NamesCannotSteerTheTerminal) {
  TextTable table({{"Name"}});
  table.add_row({{"a\x1B[2Jb"}});
  EXPECT_THAT(render(table, Canvas()), HasSubstr("a�[2Jb"));
}

TEST(TextTable, TimesAreUtcUnlessTheCanvasIsATerminal) {
  setenv("TZ", "Asia/Tokyo", 1);
  tzset();
  const Timestamp time = parse_iso8601("2026-03-10T14:30:22.9Z");
  EXPECT_EQ(format_time(Canvas(), time), "2026-03-10T14:30:22Z");
  Canvas local;
  local.local_times = true;
  EXPECT_EQ(format_time(local, time), "2026-03-10 23:30:22");
}

TEST(TextTable, AColumnThatMayGoIsNotShownWhenItIsEmpty) {
  TextTable table({{"Step"}, {"Location", false, 16, 1}, {"Outcome"}});
  table.add_row({{"rail"}, {""}, {"passed"}});
  std::string out;
  table.append_to(out, {});
  EXPECT_EQ(out, "Step  Outcome\nrail  passed\n");
}

}  // namespace
}  // namespace litmus
