// SPDX-License-Identifier: Apache-2.0
#include "reader/query_parameters.h"

#include <gtest/gtest.h>

namespace litmus {
namespace {

TEST(QueryParameters, OnlyWhatIsGivenIsAsked) {
  EXPECT_EQ(to_parameters(RunFilter{}), ValueMap{});
  EXPECT_EQ(to_parameters({.station = {"a", "b"}, .operator_id = {"kim"}, .since = "2026-03-10"}),
            (ValueMap{{"station", ValueList{"a", "b"}},
                      {"operator", ValueList{"kim"}},
                      {"since", "2026-03-10"}}));
}

TEST(QueryParameters, WithoutALimitAllRowsAreAsked) {
  EXPECT_EQ(to_parameters({}, {}), (ValueMap{{"limit", kNoLimit}}));
  EXPECT_EQ(to_parameters({}, {.limit = 5, .offset = 10}),
            (ValueMap{{"limit", 5}, {"offset", 10}}));
}

}  // namespace
}  // namespace litmus
