// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "litmus/events.h"

namespace litmus::bench {

// A measurement as a production test records it: judged, with its signal path and two parameters.
inline MeasurementRecorded measurement_event(const Uuid& run, int number) {
  MeasurementRecorded event;
  event.run_id = run;
  event.step_name = "output_voltage";
  event.step_index = 3;
  event.step_path = "power_supply/output_voltage";
  event.parent_path = "power_supply";
  event.vector_index = number % 100;
  event.measurement_name = "vout_loaded";
  event.measurement_timestamp = now();
  event.value = 3.3 + 0.0001 * (number % 317);
  event.units = "V";
  event.outcome = Outcome::kPassed;
  event.limit_low = 3.135;
  event.limit_high = 3.465;
  event.limit_nominal = 3.3;
  event.limit_comparator = Comparator::kGELE;
  event.spec_ref = "datasheet 7.5";
  event.dut_pin = "VOUT";
  event.instrument_name = "dmm";
  event.instrument_resource = "TCPIP0::192.0.2.17::INSTR";
  event.instrument_channel = "1";
  event.inputs = {{"load_ma", 50.0 * (number % 10)}, {"temperature", 25}};
  return event;
}

}  // namespace litmus::bench
