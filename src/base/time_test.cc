// SPDX-License-Identifier: Apache-2.0
#include "litmus/time.h"

#include <gtest/gtest.h>

#include "litmus/error.h"

namespace litmus {
namespace {

using std::chrono::microseconds;

TEST(Time, IsWrittenInUtcWithOffsetAndSixDigits) {
  EXPECT_EQ(to_iso8601(Timestamp{}), "1970-01-01T00:00:00.000000+00:00");
  EXPECT_EQ(to_iso8601(Timestamp(microseconds(1'773'153'022'123'456))),
            "2026-03-10T14:30:22.123456+00:00");
  EXPECT_EQ(to_iso8601(Timestamp(microseconds(-1))), "1969-12-31T23:59:59.999999+00:00");
  EXPECT_EQ(to_file_stamp(Timestamp(microseconds(1'773'153'022'999'999))), "20260310T143022Z");
  EXPECT_EQ(to_date(Timestamp(microseconds(951'782'400'000'000))), "2000-02-29");
}

TEST(Time, EveryUsualSpellingIsRead) {
  const Timestamp expected(microseconds(1'773'153'022'500'000));
  for (const char* text :
       {"2026-03-10T14:30:22.5Z", "2026-03-10T14:30:22.5", "2026-03-10 14:30:22.500000+00:00",
        "2026-03-10T15:30:22.5+01:00", "2026-03-10T09:00:22.500000999-0530"}) {
    EXPECT_EQ(parse_iso8601(text), expected) << text;
  }
  EXPECT_EQ(parse_iso8601("2026-03-10"), parse_iso8601("2026-03-10T00:00:00Z"));
}

TEST(Time, WhatIsNoTimeIsRefusedWithTheTextInTheMessage) {
  for (const char* text : {"", "yesterday", "2026-13-01", "2026-02-30", "2026-03-10T24:00",
                           "2026-03-10T14:30:22x", "2026-03-10T14", "20260310"}) {
    EXPECT_THROW(static_cast<void>(parse_iso8601(text)), Error) << text;
  }
}

TEST(Time, TextAndNumberAgreeOverTheWholeRange) {
  for (std::int64_t micros = -2'208'988'800'000'000; micros < 4'102'444'800'000'000;
       micros += 97'654'321'234'567) {
    const Timestamp time{microseconds(micros)};
    EXPECT_EQ(parse_iso8601(to_iso8601(time)), time);
  }
}

}  // namespace
}  // namespace litmus
