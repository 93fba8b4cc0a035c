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
from litmus.data.events import EventBase
from litmus.instruments.observers import observer_for
from litmus.instruments.proxy import make_proxy
from litmus.instruments.recorder import ChannelWriter, InstrumentRecorder

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


class Nowhere:
    """In place of the channel store."""

    def write(self, channel_id: str, *_: object, **__: object) -> str:
        """Stores nothing."""
        return channel_id


def observed(emit: Callable[[EventBase], object], channels: ChannelWriter) -> Callable[[], object]:
    driver = Multimeter()
    recorder = InstrumentRecorder("dmm", RESOURCE, emit, channels, lambda _name, _content: None)
    observer = observer_for(Multimeter)(Multimeter, "dmm", recorder, {}, driver)
    dmm = make_proxy(driver, observer)
    p50_us(dmm.measure_voltage)  # warm
    return dmm.measure_voltage


def main(data_dir: Path) -> None:
    session_id = uuid4()
    with EventLog(data_dir, session_id) as log, ChannelStore(data_dir, session_id) as channels:
        whole = p50_us(observed(log.emit, channels))
    # What stays when event and sample go nowhere; making the event's object is in it.
    alone = p50_us(observed(lambda _event: True, Nowhere())) - p50_us(Multimeter().measure_voltage)
    figures = {"observed call, p50": whole, "observed call, proxy alone, p50": alone}
    for name, value in figures.items():
        print(json.dumps({"name": name, "value": value}))


main(Path(sys.argv[1]))
