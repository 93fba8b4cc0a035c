// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "litmus/client.h"
#include "litmus/error.h"

// Records a GoogleTest program as one run: a test suite is a step, each of its tests a step inside.
// One line, in main() or at namespace scope in any file of the program:
//
//   static const bool recorded = litmus::gtest::install({.dut_serial = "SN001"});
//
// Needs GoogleTest 1.10 and the library of litmus/client.h. GoogleTest judges and reports as ever;
// recording changes neither its output nor its exit status.
namespace litmus::gtest {

// What a test measures. Recorded in the test's step; a value outside its limits fails the test, as
// EXPECT_* does. Units as in litmus/client.h. Error(kInvalidArgument) outside of a test, and
// without install().
Measurement measure(std::string_view name, MeasuredValue value, const MeasureOptions& options = {},
                    const std::source_location& location = std::source_location::current());

// Keeps a file, or bytes, with the test's step; as Step::attach.
std::string attach(std::string_view name, const std::filesystem::path& file);
std::string attach(std::string_view name, std::span<const std::byte> bytes);

// From here on nobody needs to read who only wants to use it.
namespace internal {

// The step of a test or of a suite that is running. The test's parameter, where it has one, is
// `in_param`, the type of a typed test `in_type`.
class RunningStep {
 public:
  RunningStep(Run& run, const std::string& name, ValueMap parameters) : step_(run.step(name)) {
    if (!parameters.empty()) vector_.emplace(step_.vector(std::move(parameters)));
  }
  ~RunningStep() { vector_.reset(); }  // before its step
  RunningStep(const RunningStep&) = delete;
  RunningStep& operator=(const RunningStep&) = delete;

  Step& step() { return step_; }
  Measurement measure(std::string_view name, MeasuredValue value, const MeasureOptions& options) {
    return vector_ ? vector_->measure(name, std::move(value), options)
                   : step_.measure(name, std::move(value), options);
  }
  void observe(std::string_view key, Value value) {
    if (vector_) {
      vector_->observe(key, std::move(value));
    } else {
      step_.observe(key, std::move(value));
    }
  }
  template <class Content>
  std::string attach(std::string_view name, const Content& content) {
    return vector_ ? vector_->attach(name, content) : step_.attach(name, content);
  }

 private:
  Step step_;
  std::optional<Vector> vector_;
};

class Listener : public ::testing::EmptyTestEventListener {
 public:
  Listener(RunOptions run, ClientOptions client)
      : run_options_(std::move(run)), client_options_(std::move(client)) {}

  static Listener*& installed() {
    static Listener* listener = nullptr;
    return listener;
  }

  // The child process of a death test records nothing.
  bool records() const { return run_.has_value() && !is_death_test_child(); }

  RunningStep& test() {
    if (test_) return *test_;
    throw Error(Code::kInvalidArgument,
                "litmus::gtest::measure and attach belong into a test: call them in its body, "
                "SetUp() or TearDown()");
  }

  void OnTestProgramStart(const ::testing::UnitTest& program) override {
    if (program.test_to_run_count() == 0 || is_death_test_child()) return;
    guarded([&] {
      Client client(client_options_);
      run_.emplace(client.start_run(run_options_));
      run_->plan(planned(program));
    });
  }

  void OnTestSuiteStart(const ::testing::TestSuite& suite) override {
    if (!records()) return;
    guarded([&] {
      ValueMap parameters;
      if (suite.type_param() != nullptr) parameters.set("type", suite.type_param());
      suite_ = std::make_unique<RunningStep>(*run_, suite.name(), std::move(parameters));
    });
  }

  void OnTestStart(const ::testing::TestInfo& test) override {
    if (!records()) return;
    guarded(
        [&] { test_ = std::make_unique<RunningStep>(*run_, test.name(), parameters_of(test)); });
  }

  // May be called by any thread of a test.
  void OnTestPartResult(const ::testing::TestPartResult& part) override {
    if (!records() || part.passed()) return;
    guarded([&] {
      const std::lock_guard lock(mutex_);
      if (test_) return note(test_->step(), part);
      if (suite_) return note(suite_->step(), part);
      // Set-up or tear-down of the whole program.
      RunningStep environment(*run_, "environment", {});
      note(environment.step(), part);
    });
  }

  void OnTestEnd(const ::testing::TestInfo& test) override {
    if (!test_) return;
    guarded([&] {
      observe_properties(*test_, *test.result());
      if (test.result()->Passed()) test_->step().pass();
    });
    test_.reset();
  }

  void OnTestSuiteEnd(const ::testing::TestSuite& suite) override {
    if (!suite_) return;
    guarded([&] { observe_properties(*suite_, suite.ad_hoc_test_result()); });
    suite_.reset();
  }

  void OnTestProgramEnd(const ::testing::UnitTest& program) override {
    if (!run_) return;
    guarded([&] {
      const ::testing::TestResult& result = program.ad_hoc_test_result();
      for (int i = 0; i < result.test_property_count(); ++i) {
        run_->set_metadata(result.GetTestProperty(i).key(), result.GetTestProperty(i).value());
      }
      run_->finish();
    });
    run_.reset();
  }

 private:
  static ValueMap parameters_of(const ::testing::TestInfo& test) {
    ValueMap parameters;
    if (test.value_param() != nullptr) parameters.set("param", test.value_param());
    return parameters;
  }

  // Disabled tests are part of the plan; those that the filter, or the shard, leaves out are not.
  static std::vector<PlannedStep> planned(const ::testing::UnitTest& program) {
    std::vector<PlannedStep> steps;
    for (int i = 0; i < program.total_test_suite_count(); ++i) {
      const ::testing::TestSuite& suite = *program.GetTestSuite(i);
      for (int j = 0; j < suite.total_test_count(); ++j) {
        const ::testing::TestInfo& test = *suite.GetTestInfo(j);
        if (!test.is_reportable()) continue;
        steps.push_back({.names = {suite.name(), test.name()}, .parameters = parameters_of(test)});
      }
    }
    return steps;
  }

  static bool is_death_test_child() {
#if GTEST_HAS_DEATH_TEST
    return ::testing::internal::InDeathTestChild();
#else
    return false;
#endif
  }

  // A test never fails because of the recording: a property that cannot be one is told, no more.
  template <class Action>
  static void guarded(Action action) {
    try {
      action();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "litmus: %s\n", error.what());
    }
  }

  static void note(Step& step, const ::testing::TestPartResult& part) {
    std::string text = part.message();
    // GoogleTest caught it, outside of any assertion: the code blew up, nothing was judged.
    const bool exception =
        part.file_name() == nullptr && text.find("C++ exception") != std::string::npos;
    if (part.file_name() != nullptr) {
      text = std::string(part.file_name()) + ":" + std::to_string(part.line_number()) + ": " + text;
    }
    if (part.skipped()) {
      step.skip(text);
    } else if (exception) {
      step.error(text);
    } else {
      step.fail(text);
    }
  }

  static void observe_properties(RunningStep& step, const ::testing::TestResult& result) {
    for (int i = 0; i < result.test_property_count(); ++i) {
      step.observe(result.GetTestProperty(i).key(), result.GetTestProperty(i).value());
    }
  }

  const RunOptions run_options_;
  const ClientOptions client_options_;
  std::mutex mutex_;
  std::optional<Run> run_;
  std::unique_ptr<RunningStep> suite_;
  std::unique_ptr<RunningStep> test_;
};

inline Listener& listener() {
  if (Listener* installed = Listener::installed()) return *installed;
  throw Error(Code::kInvalidArgument,
              "litmus::gtest::measure and attach record nothing yet: call litmus::gtest::install() "
              "before RUN_ALL_TESTS()");
}

inline std::string text_of(const MeasuredValue& value) {
  if (const bool* boolean = std::get_if<bool>(&value)) return *boolean ? "true" : "false";
  if (const double* number = std::get_if<double>(&value)) return ::testing::PrintToString(*number);
  if (const std::string* text = std::get_if<std::string>(&value)) return *text;
  return "nothing";
}

// "0 <= v < 2"
inline std::string limits_text(const MeasureOptions& options) {
  if (options.comparator == Comparator::kEQ) return "v == " + text_of(options.nominal);
  if (options.comparator == Comparator::kNE) return "v != " + text_of(options.nominal);
  const std::string code(to_string(options.comparator));  // GELT: from low, up to below high
  const auto bound = [&](char side) {
    const auto at = code.find(side);
    return at == std::string::npos ? "" : code[at + 1] == 'E' ? " <= " : " < ";
  };
  std::string text = "v";
  if (const std::string is = bound('G'); options.low && !is.empty()) {
    text = ::testing::PrintToString(*options.low) + is + text;
  }
  if (const std::string is = bound('L'); options.high && !is.empty()) {
    text += is + ::testing::PrintToString(*options.high);
  }
  return text;
}

// What a failed measurement says in GoogleTest's own report.
inline std::string describe(const Measurement& measurement, const MeasureOptions& options) {
  const std::string units = options.units ? " " + *options.units : "";
  const std::string value = measurement.name + " = " + text_of(measurement.value);
  if (measurement.outcome == Outcome::kErrored) return value + ": expected a value to judge";
  return value + units + " is not within " + limits_text(options) + units;
}

}  // namespace internal

// Records what the program tests from now on: call it once, before RUN_ALL_TESTS(). The run begins
// with the first test; a program that lists its tests, or has none to run, gives none. When
// RUN_ALL_TESTS() returns the run is sealed and readable. Returns true.
inline bool install(RunOptions run = {}, ClientOptions client = {}) {
  auto* listener = new internal::Listener(std::move(run), std::move(client));
  internal::Listener::installed() = listener;
  ::testing::UnitTest::GetInstance()->listeners().Append(listener);  // owns it
  return true;
}

inline Measurement measure(std::string_view name, MeasuredValue value,
                           const MeasureOptions& options, const std::source_location& location) {
  internal::Listener& listener = internal::listener();
  if (!listener.records()) return {};
  Measurement measurement = listener.test().measure(name, std::move(value), options);
  if (measurement.outcome > Outcome::kPassed) {
    ADD_FAILURE_AT(location.file_name(), static_cast<int>(location.line()))
        << internal::describe(measurement, options);
  }
  return measurement;
}

inline std::string attach(std::string_view name, const std::filesystem::path& file) {
  internal::Listener& listener = internal::listener();
  return listener.records() ? listener.test().attach(name, file) : "";
}

inline std::string attach(std::string_view name, std::span<const std::byte> bytes) {
  internal::Listener& listener = internal::listener();
  return listener.records() ? listener.test().attach(name, bytes) : "";
}

}  // namespace litmus::gtest
