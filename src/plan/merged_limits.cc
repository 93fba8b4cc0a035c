// SPDX-License-Identifier: Apache-2.0
#include "plan/merged_limits.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "plan/test_plan.h"

namespace litmus {
namespace {

// `TestFan.test_load` as {TestFan} and test_load.
std::pair<std::vector<std::string>, std::string> split(std::string test) {
  std::vector<std::string> classes;
  for (std::size_t dot; (dot = test.find('.')) != std::string::npos;) {
    classes.push_back(test.substr(0, dot));
    test.erase(0, dot + 1);
  }
  return {std::move(classes), std::move(test)};
}

// What several products say about one limit of a test.
struct Verdict {
  std::string problem;
  bool suits_one = false;
};

}  // namespace

std::set<std::string> merged_limit_problems(FileSystem& files, const std::string& module_file,
                                            const std::set<std::string>& tests,
                                            const std::optional<Profile>& profile,
                                            const std::vector<Product>& products) {
  std::set<std::string> problems;
  std::map<std::pair<std::string, std::string>, Verdict> verdicts;  // by test and measurement
  const auto check = [&](const Product* product) {
    SessionContext context;
    if (product != nullptr) context.product = std::make_shared<const Product>(*product);
    TestPlan plan(files, profile, std::move(context));
    for (const std::string& test : tests) {
      const auto [classes, function] = split(test);
      try {
        const TestSettings settings = plan.settings(module_file, classes, function, {});
        for (const auto& [name, limit] : settings.limits) {
          Verdict& verdict = verdicts[{test, name}];
          if (!limit.conflict.empty()) {
            verdict.problem = limit.conflict;
          } else if (product != nullptr &&
                     product->find(limit.entry->policy.characteristic.value_or(name)) != nullptr) {
            verdict.suits_one = true;
          }
        }
      } catch (const Error& error) {
        if (error.code() != Code::kInvalidArgument) throw;
        problems.insert(error.what());
      }
    }
  };
  if (products.empty()) check(nullptr);
  for (const Product& product : products) check(&product);
  for (const auto& [limit, verdict] : verdicts) {
    if (!verdict.problem.empty() && !verdict.suits_one) problems.insert(verdict.problem);
  }
  return problems;
}

}  // namespace litmus
