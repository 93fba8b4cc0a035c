// SPDX-License-Identifier: Apache-2.0
#include "plan/expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <string_view>

#include "litmus/error.h"
#include "plan/numbers.h"

namespace litmus {
namespace {

constexpr std::size_t kDeepest = 100;

struct Function {
  std::string_view name;
  std::size_t least;
  std::size_t most;
};

constexpr std::array kFunctions{Function{"abs", 1, 1},   Function{"sqrt", 1, 1},
                                Function{"exp", 1, 1},   Function{"log", 1, 1},
                                Function{"log10", 1, 1}, Function{"round", 1, 1},
                                Function{"min", 2, 16},  Function{"max", 2, 16}};

bool begins_name(char letter) {
  return std::isalpha(static_cast<unsigned char>(letter)) != 0 || letter == '_';
}
bool in_name(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '_';
}

double apply_operator(char name, double left, double right) {
  switch (name) {
    case '+': return left + right;
    case '-': return left - right;
    case '*': return left * right;
    case '/': return left / right;
    default: return std::pow(left, right);
  }
}

double apply_function(std::string_view name, const double* arguments, std::size_t count) {
  if (name == "abs") return std::abs(*arguments);
  if (name == "sqrt") return std::sqrt(*arguments);
  if (name == "exp") return std::exp(*arguments);
  if (name == "log") return std::log(*arguments);
  if (name == "log10") return std::log10(*arguments);
  if (name == "round") return std::nearbyint(*arguments);
  return name == "min" ? *std::min_element(arguments, arguments + count)
                       : *std::max_element(arguments, arguments + count);
}

}  // namespace

class ExpressionParser {
 public:
  explicit ExpressionParser(Expression& expression)
      : text_(expression.text_), steps_(expression.steps_) {}

  void parse() {
    sum();
    skip_blanks();
    if (at_ < text_.size()) reject("an operator");
  }

 private:
  using Step = Expression::Step;

  void sum() {
    const Level level(*this);
    product();
    while (const char name = take("+-")) {
      product();
      add_operator(name);
    }
  }

  void product() {
    sign();
    while (true) {
      skip_blanks();
      if (std::string_view(text_).substr(at_).starts_with("**")) return;
      const char name = take("*/");
      if (name == 0) return;
      sign();
      add_operator(name);
    }
  }

  void sign() {
    const Level level(*this);
    const char name = take("+-");
    if (name == 0) return power();
    if (name == '-') steps_.push_back({.kind = Step::Kind::kNumber, .number = -1});
    sign();
    if (name == '-') add_operator('*');
  }

  void power() {
    operand();
    skip_blanks();
    if (!std::string_view(text_).substr(at_).starts_with("**")) return;
    at_ += 2;
    sign();
    add_operator('^');
  }

  void operand() {
    skip_blanks();
    if (take("(") != 0) {
      sum();
      if (take(")") == 0) reject("`)`");
      return;
    }
    if (at_ < text_.size() && begins_name(text_[at_])) return name();
    double number = 0;
    const char* start = text_.data() + at_;
    const auto [end, error] = std::from_chars(start, text_.data() + text_.size(), number);
    if (error != std::errc() || !std::isfinite(number)) reject("a number, a parameter or `(`");
    at_ += static_cast<std::size_t>(end - start);
    steps_.push_back({.kind = Step::Kind::kNumber, .number = number});
  }

  void name() {
    const std::size_t start = at_;
    while (at_ < text_.size() && in_name(text_[at_])) ++at_;
    std::string name = text_.substr(start, at_ - start);
    if (take("(") == 0) {
      steps_.push_back({.kind = Step::Kind::kParameter, .name = std::move(name)});
      return;
    }
    const auto* function = std::ranges::find(kFunctions, name, &Function::name);
    if (function == kFunctions.end()) {
      at_ = start;
      reject("abs, sqrt, exp, log, log10, round, min or max as the function");
    }
    std::size_t count = 0;
    do {
      sum();
      ++count;
    } while (take(",") != 0);
    if (take(")") == 0) reject("`,` or `)`");
    if (count < function->least || count > function->most) {
      reject(fmt::format("{} to {} arguments for {}", function->least, function->most, name));
    }
    steps_.push_back({.kind = Step::Kind::kFunction, .name = std::move(name), .count = count});
  }

  void add_operator(char name) {
    steps_.push_back({.kind = Step::Kind::kOperator, .name = std::string(1, name)});
  }

  // The character, if it is one of these; else 0.
  char take(std::string_view characters) {
    skip_blanks();
    if (at_ == text_.size() || characters.find(text_[at_]) == std::string_view::npos) return 0;
    return text_[at_++];
  }

  void skip_blanks() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  [[noreturn]] void reject(std::string_view expected) const {
    throw Error(
        Code::kInvalidArgument,
        fmt::format("in `{}` at column {}: expected {}, found {}", text_, at_ + 1, expected,
                    at_ < text_.size() ? fmt::format("`{}`", text_.substr(at_, 1)) : "the end"));
  }

  // Input that is nested without end must not use up the stack.
  class Level {
   public:
    explicit Level(ExpressionParser& parser) : parser_(parser) {
      if (++parser_.depth_ > kDeepest) parser_.reject("less nesting");
    }
    ~Level() { --parser_.depth_; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;

   private:
    ExpressionParser& parser_;
  };

  const std::string& text_;
  std::vector<Step>& steps_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

Expression::Expression(std::string text) : text_(std::move(text)) {
  ExpressionParser(*this).parse();
}

std::vector<std::string> Expression::parameters() const {
  std::vector<std::string> names;
  for (const Step& step : steps_) {
    if (step.kind == Step::Kind::kParameter) names.push_back(step.name);
  }
  return names;
}

double Expression::evaluate(const ValueMap& parameters) const {
  std::vector<double> stack;
  for (const Step& step : steps_) {
    switch (step.kind) {
      case Step::Kind::kNumber: stack.push_back(step.number); break;
      case Step::Kind::kParameter: {
        const Value* value = parameters.find(step.name);
        const auto number = value == nullptr ? std::nullopt : find_number(*value);
        if (!number) {
          throw Error(Code::kNotFound,
                      fmt::format("`{}` needs the parameter `{}`, which is {}", text_, step.name,
                                  value == nullptr ? "not there" : "not a number"));
        }
        stack.push_back(*number);
        break;
      }
      case Step::Kind::kOperator: {
        const double right = stack.back();
        stack.pop_back();
        stack.back() = apply_operator(step.name.front(), stack.back(), right);
        break;
      }
      case Step::Kind::kFunction: {
        const std::size_t first = stack.size() - step.count;
        stack[first] = apply_function(step.name, &stack[first], step.count);
        stack.resize(first + 1);
        break;
      }
    }
  }
  if (!std::isfinite(stack.back())) {
    throw Error(Code::kNotFound, fmt::format("`{}` gives no finite number here", text_));
  }
  return stack.back();
}

}  // namespace litmus
