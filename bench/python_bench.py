# SPDX-License-Identifier: Apache-2.0
"""What a Python test pays for an event and for a run; prints as the C++ programs do."""

import gc
import json
import random
import sys
import time
from datetime import UTC, datetime
from uuid import UUID, uuid4

import numpy as np
from litmus.client import LitmusClient
from litmus.data.channels.store import ChannelStore
from litmus.data.event_log import EventLog
from litmus.data.events import MeasurementRecorded, RunStarted, SessionStarted
from litmus.data.outcomes import Comparator, Outcome

EVENTS = 50_000
SAMPLES = 300_000
WARM_UP = 1_000


def print_figure(name: str, value: float) -> None:
    print(json.dumps({"name": name, "value": value}))


def measurement_event(run_id: UUID, number: int) -> MeasurementRecorded:
    """The same as bench/measurement_event.h makes."""
    return MeasurementRecorded(
        run_id=run_id,
        step_name="output_voltage",
        step_index=3,
        step_path="power_supply/output_voltage",
        parent_path="power_supply",
        vector_index=number % 100,
        measurement_name="vout_loaded",
        measurement_timestamp=datetime.now(UTC),
        value=3.3 + 0.0001 * (number % 317),
        units="V",
        outcome=Outcome.PASSED,
        limit_low=3.135,
        limit_high=3.465,
        limit_nominal=3.3,
        limit_comparator=Comparator.GELE,
        spec_ref="datasheet 7.5",
        dut_pin="VOUT",
        instrument_name="dmm",
        instrument_resource="TCPIP0::192.0.2.17::INSTR",
        instrument_channel="1",
        inputs={"load_ma": 50.0 * (number % 10), "temperature": 25},
    )


def emit(data_dir: str) -> None:
    run_id = uuid4()
    with EventLog(data_dir) as log:
        log.emit(SessionStarted())
        log.emit(RunStarted(run_id=run_id, dut_serial="SN001"))
        for number in range(WARM_UP):
            log.emit(measurement_event(run_id, number))
        taken = []
        begin = time.perf_counter()
        for number in range(EVENTS):
            start = time.perf_counter()
            log.emit(measurement_event(run_id, number))
            taken.append(time.perf_counter() - start)
        seconds = time.perf_counter() - begin
        if log.events_lost:
            sys.exit(f"{log.events_lost} events were lost")
    taken.sort()
    print_figure("emit Python, rate", EVENTS / seconds)
    for percent in (50, 99, 99.9):
        print_figure(f"emit Python, p{percent}", taken[int(EVENTS * percent / 100)] * 1e6)


def client_run(data_dir: str) -> None:
    client = LitmusClient(data_dir)
    dice = random.Random(1)
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        run = client.start_run(dut_serial="SN001", station_id="bench_1")
        for number in range(1000):
            with run.step(f"step_{number}") as step:
                for i in range(10):
                    value = dice.gauss(3.3, 0.05)
                    step.measure(f"voltage_{i}", value, units="V", low=3.1, high=3.5)
        run.finish()
        taken.append(time.perf_counter() - start)
        found = client.get_run(run.id)
        if found is None or found.total_measurements != 10_000:
            sys.exit("the run cannot be read although finish() has returned")
        del run, step
        gc.collect()
    print_figure("client run Python, 1,000 x 10", sorted(taken)[2])


def channels(data_dir: str) -> None:
    samples = np.sin(np.arange(1_000_000) * 1e-4)
    with ChannelStore(data_dir, uuid4()) as store:
        start = time.perf_counter()
        for number in range(SAMPLES):
            store.write("dmm.voltage", number * 0.5, units="V")
        print_figure("channel scalar writes Python", SAMPLES / (time.perf_counter() - start))
        start = time.perf_counter()
        for _ in range(20):
            store.write("scope.ch1", samples, sample_interval=1e-6)
        taken = time.perf_counter() - start
        print_figure("channel block writes Python, waveforms", 20 * samples.size / taken)
        if store.samples_lost:
            sys.exit(f"{store.samples_lost} samples were lost")


emit(sys.argv[1])
channels(sys.argv[1])
client_run(sys.argv[1])
