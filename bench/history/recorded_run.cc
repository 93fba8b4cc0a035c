// SPDX-License-Identifier: Apache-2.0
#include "history/recorded_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "history/random.h"
#include "history/session_recorder.h"
#include "litmus/version.h"
#include "model/outcome_rollup.h"

namespace litmus::history {
namespace {

using std::chrono::days;
using std::chrono::microseconds;

struct Product {
  const char* part_number;
  const char* name;
  const char* revision;
  const char* serial_prefix;
  const char* project;
};
constexpr std::array<Product, kProducts> kProductFacts{{
    {"PN-1000", "power board", "B", "PB", "power"},
    {"PN-1100", "power board, wide input", "A", "PW", "power"},
    {"PN-2000", "radio module", "C", "RM", "radio"},
    {"PN-2050", "radio module, long range", "A", "RL", "radio"},
    {"PN-3000", "gateway", "D", "GW", "gateway"},
}};
constexpr std::array kPhaseNames{"production", "validation", "development"};

// What is different each time the same question is asked must not come from here.
enum Purpose : std::uint64_t { kOfRun = 1, kOfUnit, kOfStation };

double rounded(double value) {  // as an instrument shows it: six digits
  if (value == 0) return 0;
  const double unit = std::pow(10, std::floor(std::log10(std::abs(value))) - 5);
  const double digits = std::round(value / unit);
  return unit < 1 ? digits / std::round(1 / unit) : digits * unit;
}

class RecordedRun {
 public:
  RecordedRun(FileSystem& files, const std::string& data_dir, const Plan& plan,
              const std::vector<TestStep>& program, std::size_t number)
      : plan_(plan),
        run_(plan.runs[number]),
        unit_(plan.units[run_.unit]),
        product_(kProductFacts[unit_.product]),
        program_(program),
        random_(plan.seed, kOfRun, number),
        unit_random_(plan.seed, kOfUnit, run_.unit),
        now_(run_.started_at),
        age_(std::chrono::duration<double, days::period>(run_.started_at - plan.begin).count()),
        recorder_(files, data_dir, process(), run_.started_at, random_) {
    std::size_t values = 0;
    for (const TestStep& step : program) values += step.values.size();
    pace_ = std::min(1.0, 20.0 / static_cast<double>(std::max<std::size_t>(values, 1)));
    if (run_.defect >= 0)
      failing_ = static_cast<std::size_t>(run_.defect * static_cast<float>(values));
    if (run_.ending != Ending::kRan) last_step_ = random_.below(program.size());
  }

  void record() {
    start();
    for (std::size_t step = 0; step <= last_step_ && step < program_.size(); ++step) run_step(step);
    end();
    recorder_.seal();
  }

 private:
  EventFileHeader process() {
    EventFileHeader process;
    process.session_id = random_.uuid();
    process.pid = 2000 + static_cast<std::int64_t>(random_.below(28'000));
    process.host = fmt::format("bench-{:02}", run_.station + 1);
    process.process_started_at = run_.started_at - microseconds(180'000);
    return process;
  }

  Timestamp after(double seconds) {
    return now_ += microseconds(static_cast<std::int64_t>(seconds * 1e6));
  }

  void start();
  void connect(const char* role, const char* model);
  void run_step(std::size_t index);
  Outcome measure(const TestStep& step, std::size_t step_index, const TestedValue& value);
  double value_now(const TestedValue& value, bool fails);
  void end();

  const Plan& plan_;
  const PlannedRun& run_;
  const Unit& unit_;
  const Product& product_;
  const std::vector<TestStep>& program_;
  Random random_;
  Random unit_random_;  // what the device brings along to each of its tests
  Timestamp now_;
  double age_;  // days since the begin of the history
  SessionRecorder recorder_;
  double pace_ = 1;
  std::optional<std::size_t> failing_;
  std::size_t last_step_ = SIZE_MAX;
  std::size_t measured_ = 0;
  std::optional<Outcome> outcome_;
};

void RecordedRun::start() {
  const EventFileHeader process = recorder_.process();
  SessionStarted session;
  session.station_id = fmt::format("station_{}", run_.station + 1);
  session.station_name = fmt::format("Station {}", run_.station + 1);
  session.station_type = "functional_test";
  session.station_location = run_.station < 5 ? "hall 1" : "hall 2";
  session.station_hostname = process.host;
  session.pid = process.pid;
  session.client = "make_history";
  session.operator_id = fmt::format("op{:02}", run_.operator_number + 1);
  session.host = process.host;
  session.process_started_at = process.process_started_at;

  RunStarted run;
  run.station_id = session.station_id;
  run.station_name = session.station_name;
  run.station_type = session.station_type;
  run.station_location = session.station_location;
  run.station_hostname = session.station_hostname;
  run.pid = session.pid;
  run.client = session.client;
  run.operator_id = session.operator_id;
  run.host = session.host;
  run.process_started_at = session.process_started_at;
  if (!unit_.blank_serial) {
    run.dut_serial = fmt::format("{}{:06}", product_.serial_prefix, unit_.number);
  }
  run.dut_part_number = product_.part_number;
  run.dut_revision = product_.revision;
  run.dut_lot_number = fmt::format("{}-{:04}", product_.serial_prefix, 1 + unit_.number / 250);
  run.product_id = product_.part_number;
  run.product_name = product_.name;
  run.test_phase = kPhaseNames[static_cast<std::size_t>(unit_.phase)];
  run.project_name = product_.project;
  run.environment_json = fmt::format(R"({{"litmus_version":"{}"}})", kVersion);
  recorder_.emit(std::move(session), now_);
  recorder_.emit(std::move(run), now_);
  connect("dmm", "6.5 digit multimeter");
  connect("psu", "two channel supply");
}

void RecordedRun::connect(const char* role, const char* model) {
  InstrumentConnected instrument;
  instrument.role = role;
  instrument.instrument_id = fmt::format("{}_{:02}", role, run_.station + 1);
  instrument.driver = "litmus.drivers.Visa";
  instrument.resource =
      fmt::format("TCPIP0::192.0.2.{}::INSTR", 10 + 2 * run_.station + (*role == 'p' ? 1 : 0));
  instrument.model = model;
  instrument.serial = fmt::format("{}{:05}", *role == 'p' ? "P" : "M", 4100 + 17 * run_.station);
  instrument.cal_due = to_date(plan_.begin + days(30 + 40 * run_.station));
  recorder_.emit(std::move(instrument), after(random_.uniform(0.01, 0.05)));
}

void RecordedRun::run_step(std::size_t index) {
  const TestStep& step = program_[index];
  StepStarted started;
  started.step_name = step.name;
  started.step_index = static_cast<std::int64_t>(index);
  started.step_path = step.name;
  started.inputs = step.inputs;
  StepEnded ended;
  ended.step_name = step.name;
  ended.step_index = started.step_index;
  ended.step_path = step.name;
  ended.inputs = step.inputs;
  recorder_.emit(std::move(started), after(random_.uniform(0.2, 1.5)));

  std::size_t count = step.values.size();
  const bool cut = index == last_step_;  // in the middle of this step
  if (cut) count = random_.below(count + 1);
  std::optional<Outcome> outcome;
  for (std::size_t i = 0; i < count; ++i) {
    outcome = escalate(outcome, measure(step, index, step.values[i]));
  }
  measured_ += step.values.size() - count;
  if (cut && run_.ending == Ending::kErrored) {
    outcome = Outcome::kErrored;
    ended.error_type = "TimeoutError";
    ended.error_message = "dmm: no answer within 2 s";
  }
  ended.outcome = ended.vector_outcome = outcome.value_or(Outcome::kDone);
  outcome_ = escalate(outcome_, ended.outcome);
  recorder_.emit(std::move(ended), after(random_.uniform(0.01, 0.1)));
}

Outcome RecordedRun::measure(const TestStep& step, std::size_t step_index,
                             const TestedValue& value) {
  const Limits& limits = age_ < kDays / 2.0 ? value.limits : value.later_limits;
  MeasurementRecorded event;
  event.step_name = step.name;
  event.step_index = static_cast<std::int64_t>(step_index);
  event.step_path = step.name;
  event.parent_path = "";
  event.measurement_name = value.name;
  event.value = value_now(value, failing_ == measured_++);
  event.units = value.units;
  event.outcome = judge(*event.value, limits);
  event.limit_low = limits.low;
  event.limit_high = limits.high;
  event.limit_nominal = limits.nominal;
  event.limit_comparator = limits.comparator;
  if (value.instrument != nullptr) event.instrument_name = value.instrument;
  event.inputs = step.inputs;
  event.measurement_timestamp = after(random_.uniform(0.05, 1.2) * pace_);
  const Outcome outcome = *event.outcome;
  recorder_.emit(std::move(event), now_);
  return outcome;
}

// In sigmas: the device, the product, the station with its drift since the last calibration, noise.
double RecordedRun::value_now(const TestedValue& value, bool fails) {
  Random station(plan_.seed, kOfStation, run_.station, measured_);
  const double offset = station.uniform(-0.4, 0.4);
  const double drift = station.uniform(-0.7, 0.7);
  const double since_calibration = std::fmod(age_ + 45.0 * run_.station, 180) / 180;
  double sigmas = 0.8 * unit_random_.normal() + 0.15 * (unit_.product - 2.0) + offset +
                  drift * since_calibration + 0.4 * random_.normal();
  if (fails) {
    const double way = random_.uniform(1, 6);
    const Limits& limits = value.later_limits;  // the narrower ones
    if (limits.high && (!limits.low || random_.chance(0.5))) {
      return rounded(*limits.high + way * value.sigma);
    }
    return rounded(*limits.low - way * value.sigma);
  }
  sigmas = std::clamp(sigmas, -6.0, 6.0);
  return rounded(value.mean + value.sigma * sigmas);
}

void RecordedRun::end() {
  RunEnded run;
  switch (run_.ending) {
    case Ending::kRan:
    case Ending::kErrored: break;
    case Ending::kTerminated:
      outcome_ = Outcome::kTerminated;
      run.reason = "stopped by the operator";
      break;
    case Ending::kAborted:
      outcome_ = Outcome::kAborted;
      run.reason = "the fixture was opened";
      break;
  }
  run.outcome = outcome_.value_or(Outcome::kDone);
  run.custom_metadata = {{"work_order", fmt::format("WO-{}", 52'000 + unit_.number / 500)}};
  SessionEnded session;
  session.outcome = run.outcome;
  recorder_.emit(std::move(run), after(0.1));
  recorder_.emit(std::move(session), now_);
}

}  // namespace

void record_run(FileSystem& files, const std::string& data_dir, const Plan& plan,
                const std::vector<TestStep>& program, std::size_t number) {
  RecordedRun(files, data_dir, plan, program, number).record();
}

}  // namespace litmus::history
