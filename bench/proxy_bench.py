# SPDX-License-Identifier: Apache-2.0
"""What the proxy adds to a driver's call, beyond the event and the sample that it records."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from litmus.data.channels.store import ChannelStore
from litmus.data.event_log import EventLog
from litmus.data.events import InstrumentRead
from litmus.instruments.observers import observer_for
from litmus.instruments.proxy import make_proxy
from litmus.instruments.recorder import InstrumentRecorder

CALLS = 20_000
RESOURCE = "TCPIP0::192.0.2.50::INSTR"


class Multimeter:
    """Answers at once."""

    def measure_voltage(self) -> float:
        """As fast as a driver can be."""
        return 3.31


def p50_us(call: Callable[[], object]) -> float:
    taken = []
    for _ in range(CALLS):
        start = time.perf_counter_ns()
        call()
        taken.append(time.perf_counter_ns() - start)
    return sorted(taken)[CALLS // 2] / 1e3


def main(data_dir: Path) -> None:
    session_id = uuid4()
    driver = Multimeter()
    with EventLog(data_dir, session_id) as log, ChannelStore(data_dir, session_id) as channels:
        recorder = InstrumentRecorder("dmm", RESOURCE, log.emit, channels)
        observer = observer_for(Multimeter)(Multimeter, "dmm", recorder, {}, driver)
        dmm = make_proxy(driver, observer)

        def emit() -> None:
            log.emit(
                InstrumentRead(
                    instrument_role="dmm",
                    channel_id="dmm.voltage",
                    method="measure_voltage",
                    value=3.31,
                    resource=RESOURCE,
                )
            )

        def write() -> None:
            channels.write(
                "dmm.reference",
                3.31,
                source="measure_voltage",
                instrument_role="dmm",
                resource=RESOURCE,
                direction="read",
            )

        p50_us(dmm.measure_voltage)  # warm
        whole = p50_us(dmm.measure_voltage)
        parts = {
            "driver": p50_us(driver.measure_voltage),
            "event": p50_us(emit),
            "sample": p50_us(write),
        }
    figures = {
        "observed call, p50": whole,
        "observed call, proxy alone, p50": whole - sum(parts.values()),
    }
    for name, value in figures.items():
        print(json.dumps({"name": name, "value": value}))


main(Path(sys.argv[1]))
