// SPDX-License-Identifier: Apache-2.0
#include "plan/expression.h"

#include <gmock/gmock.h>

#include "litmus/error.h"

namespace litmus {
namespace {

using ::testing::HasSubstr;

TEST(Expression, IsArithmeticOverTheParameters) {
  const ValueMap parameters{{"vin", 12}, {"load", 0.5}, {"t_0", -2.0}};
  for (const auto& [text, result] : {std::pair("1 + 2 * 3", 7.0),
                                     {"(1 + 2) * 3", 9.0},
                                     {"8 / 4 / 2", 1.0},
                                     {"5 - 2 - 1", 2.0},
                                     {"-2 ** 2", -4.0},
                                     {"2 ** -1", 0.5},
                                     {"2 ** 3 ** 2", 512.0},
                                     {"--3", 3.0},
                                     {"2*-3", -6.0},
                                     {"vin * load", 6.0},
                                     {"vin - 0.7*load", 11.65},
                                     {"t_0", -2.0},
                                     {"1e-3 * vin", 0.012},
                                     {"abs(t_0) + sqrt(16)", 6.0},
                                     {"min(vin, 3, load)", 0.5},
                                     {"max(vin, 3)", 12.0},
                                     {"log10(1000)", 3.0},
                                     {"round(2.6)", 3.0},
                                     {" exp ( log ( 2 ) ) ", 2.0},
                                     {".5 + 1.", 1.5}}) {
    EXPECT_DOUBLE_EQ(Expression(text).evaluate(parameters), result) << text;
  }
}

TEST(Expression, AcceptsNothingButItsGrammar) {
  for (const char* text : {"",
                           "1 +",
                           "1 2",
                           "vin.real",
                           "__import__('os')",
                           "open(1)",
                           "[1]",
                           "vin if 1 else 2",
                           "1; 2",
                           "(1",
                           "1)",
                           "min(1)",
                           "abs(1, 2)",
                           "a == b",
                           "'text'",
                           "lambda: 1",
                           "1 // 2",
                           "5 % 2",
                           "2 * * 3",
                           "vin[0]",
                           "inf()",
                           "0x10",
                           "1_000"}) {
    EXPECT_THROW(Expression{text}, Error) << text;
  }
  EXPECT_THROW(Expression{std::string(10000, '(')}, Error);
  EXPECT_THROW(Expression{std::string(10000, '-') + "1"}, Error);
}

TEST(Expression, ErrorsNameTheColumnAndWhatWasExpected) {
  try {
    const Expression parsed("vin + * 2");
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "in `vin + * 2` at column 7: expected a number, a parameter or `(`, found `*`");
  }
}

TEST(Expression, AMissingParameterOrAnEndlessResultGivesNoNumber) {
  for (const auto& [text, problem] : {std::pair("load", "`load`, which is not there"),
                                      {"mode", "`mode`, which is not a number"},
                                      {"on", "`on`, which is not a number"},
                                      {"1/zero", "no finite number"},
                                      {"sqrt(-1)", "no finite number"}}) {
    try {
      Expression(text).evaluate({{"mode", "fast"}, {"on", true}, {"zero", 0}});
      ADD_FAILURE() << text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Code::kNotFound);
      EXPECT_THAT(error.what(), HasSubstr(problem));
    }
  }
}

}  // namespace
}  // namespace litmus
