// SPDX-License-Identifier: Apache-2.0
#include "cli/query_options.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "index/query_catalogue.h"
#include "litmus/error.h"

namespace litmus {
namespace {

using ::testing::HasSubstr;

CommandOption option(QueryOptions& options, std::string_view name) {
  for (CommandOption& option : options.command_options()) {
    if (option.has_name(name)) return option;
  }
  ADD_FAILURE() << "no option " << name;
  return {};
}

bool has(QueryOptions& options, std::string_view name) {
  return std::ranges::any_of(options.command_options(),
                             [&](const CommandOption& option) { return option.has_name(name); });
}

TEST(QueryOptions, ComeFromTheDescriptionOfTheQuery) {
  QueryOptions options("metrics.summary");
  const CommandOption period = option(options, "--period");
  EXPECT_THAT(period.choices, ::testing::Contains("week"));
  EXPECT_THAT(period.help, HasSubstr("day, week, month"));
  EXPECT_THAT(period.help, HasSubstr("[day]"));
  EXPECT_EQ(period.completion, Completion::kChoices);
  EXPECT_TRUE(has(options, "--station"));
  EXPECT_TRUE(has(options, "--tz"));
}

TEST(QueryOptions, OnlyWhatIsGivenIsAsked) {
  QueryOptions options("metrics.cpk");
  EXPECT_TRUE(options.parameters().empty());
  *std::get<std::optional<std::int64_t>*>(option(options, "--min-samples").target) = 5;
  *std::get<std::vector<std::string>*>(option(options, "--station").target) = {"a", "b"};
  EXPECT_EQ(options.parameters(), (ValueMap{{"station", ValueList{"a", "b"}}, {"min_samples", 5}}));
}

TEST(QueryOptions, ChoicesMayBeJoinedByCommasAndNamesKeepTheirs) {
  QueryOptions options("metrics.summary");
  *std::get<std::vector<std::string>*>(option(options, "--group-by").target) = {"product,phase"};
  *std::get<std::vector<std::string>*>(option(options, "--product").target) = {"PB-100, rev B"};
  EXPECT_EQ(options.parameters(), (ValueMap{{"product", ValueList{"PB-100, rev B"}},
                                            {"group_by", ValueList{"product", "phase"}}}));
}

TEST(QueryOptions, CommandMayLeaveOutAndPrefer) {
  QueryOptions options("runs.list", {"session_id"}, {{"limit", 20}});
  EXPECT_FALSE(has(options, "--session-id"));
  EXPECT_THAT(option(options, "--limit").help, HasSubstr("[20]"));
  EXPECT_EQ(options.parameters(), (ValueMap{{"limit", 20}}));
  *std::get<std::optional<std::int64_t>*>(option(options, "--limit").target) = 3;
  EXPECT_EQ(options.parameters(), (ValueMap{{"limit", 3}}));
}

TEST(QueryOptions, OutcomeThatThereIsNotIsAnErrorAndNoEmptyAnswer) {
  QueryOptions options("runs.list");
  auto* const outcome = std::get<std::vector<std::string>*>(option(options, "--outcome").target);
  *outcome = {"running", "failed"};
  EXPECT_EQ(options.parameters(), (ValueMap{{"outcome", ValueList{"running", "failed"}}}));
  *outcome = {"fail"};
  EXPECT_THROW(options.parameters(), Error);
}

TEST(QueryOptions, UnknownQueryIsAnError) { EXPECT_THROW(QueryOptions("runs.lits"), Error); }

}  // namespace
}  // namespace litmus
