// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "litmus/value.h"

namespace litmus {

// Arithmetic over the parameters of a test case, and nothing else:
//
//   sum     = product { ("+" | "-") product }
//   product = sign { ("*" | "/") sign }
//   sign    = [ "-" | "+" ] sign | power
//   power   = operand [ "**" sign ]
//   operand = number | parameter | function "(" sum { "," sum } ")" | "(" sum ")"
//
// Functions: abs sqrt exp log log10 min max round.
class Expression {
 public:
  // Error(kInvalidArgument) names the column and what was expected there.
  explicit Expression(std::string text);

  // Error(kNotFound) for a parameter that is not there or is no number, and for a result that is
  // not finite.
  double evaluate(const ValueMap& parameters) const;
  std::vector<std::string> parameters() const;

 private:
  friend class ExpressionParser;

  // In the order in which a stack computes it.
  struct Step {
    enum class Kind { kNumber, kParameter, kOperator, kFunction } kind;
    double number = 0;      // kNumber
    std::string name = {};  // of the parameter, the operator or the function
    std::size_t count = 0;  // arguments of a function
  };

  std::string text_;
  std::vector<Step> steps_;
};

}  // namespace litmus
