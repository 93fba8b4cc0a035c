// SPDX-License-Identifier: Apache-2.0
#include "plan/merged_limits.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "plan/test_entry.h"

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

std::set<std::string> merged_limit_problems(const std::vector<EntryTree>& trees,
                                            const std::set<std::string>& tests,
                                            const std::vector<Product>& products,
                                            LimitEntries& entries) {
  std::set<std::string> problems;
  std::map<std::pair<std::string, std::string>, Verdict> verdicts;  // by test and measurement
  const auto check = [&](const Product* product, const std::string& test) {
    const auto [classes, function] = split(test);
    Cascade cascade(test, product, entries);
    std::vector<std::string> used;
    for (const EntryTree& tree : trees) {
      for (const EntryLevel& level :
           levels_for(*tree.content, tree.source, classes, function, used)) {
        cascade.add(level, std::nullopt);
      }
    }
    for (const auto& [name, limit] : cascade.finish().limits) {
      Verdict& verdict = verdicts[{test, name}];
      if (!limit.conflict.empty()) {
        verdict.problem = limit.conflict;
      } else if (product != nullptr &&
                 product->find(limit.entry->policy.characteristic.value_or(name)) != nullptr) {
        verdict.suits_one = true;
      }
    }
  };
  for (std::size_t i = 0; i < std::max<std::size_t>(products.size(), 1); ++i) {
    for (const std::string& test : tests) {
      try {
        check(products.empty() ? nullptr : &products[i], test);
      } catch (const Error& error) {
        if (error.code() != Code::kInvalidArgument) throw;
        problems.insert(error.what());
      }
    }
  }
  for (const auto& [limit, verdict] : verdicts) {
    if (!verdict.problem.empty() && !verdict.suits_one) problems.insert(verdict.problem);
  }
  return problems;
}

}  // namespace litmus
