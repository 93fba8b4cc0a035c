// SPDX-License-Identifier: Apache-2.0
#include "store/data_layout.h"

#include <gtest/gtest.h>

namespace litmus {
namespace {

TEST(DataLayout, ASerialNeverMakesAFolderOrAnEndlessName) {
  EXPECT_EQ(as_part_of_file_name("SN001"), "SN001");
  EXPECT_EQ(as_part_of_file_name("  SN 001\n"), "SN-001");
  EXPECT_EQ(as_part_of_file_name("../../etc/passwd"), "..-..-etc-passwd");
  EXPECT_EQ(as_part_of_file_name("Gerät"), "Ger--t");
  EXPECT_EQ(as_part_of_file_name(std::string(500, 'a')).size(), 80U);
  EXPECT_EQ(as_part_of_file_name(" \t "), "");
}

TEST(DataLayout, NamesFollowTheDocumentedLayout) {
  const Timestamp start = parse_iso8601("2026-03-10T23:59:59.9-01:00");
  const Uuid session = Uuid::parse("0b7e7f3c-64bd-4d0e-8a6b-3c8f6d2a9001");
  EXPECT_EQ(events_folder("/d", start), "/d/events/2026-03-11");
  EXPECT_EQ(event_file_name(session, 42, 0), "0b7e7f3c-64bd-4d0e-8a6b-3c8f6d2a9001-42.arrow");
  EXPECT_EQ(event_file_name(session, 42, 7), "0b7e7f3c-64bd-4d0e-8a6b-3c8f6d2a9001-42_0007.arrow");
  EXPECT_EQ(runs_folder("/d", start), "/d/runs/2026-03-11");
}

TEST(DataLayout, TheSegmentsOfAWriterHaveAnOrderBeyondTheirFourDigits) {
  const std::string writer = "/d/events/2026-03-11/0b7e7f3c-64bd-4d0e-8a6b-3c8f6d2a9001-42";
  EXPECT_TRUE(is_earlier_segment(writer + ".arrow", writer + "_0001.arrow"));
  EXPECT_TRUE(is_earlier_segment(writer + "_0001.arrow", writer + "_0002.arrow"));
  EXPECT_TRUE(is_earlier_segment(writer + "_9999.arrow", writer + "_10000.arrow"));
  EXPECT_FALSE(is_earlier_segment(writer + "_10000.arrow", writer + "_9999.arrow"));
  EXPECT_FALSE(is_earlier_segment(writer + "_0002.arrow", writer + "_0002.arrow"));
  EXPECT_FALSE(is_earlier_segment(writer + ".arrow", "")) << "nothing is known";
  EXPECT_FALSE(is_earlier_segment(writer + ".arrow", writer + "3_0001.arrow")) << "another writer";
}

}  // namespace
}  // namespace litmus
