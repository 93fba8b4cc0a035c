# SPDX-License-Identifier: Apache-2.0
"""Routes through switches."""

import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from litmus.connect import StationConnection, connect
from litmus.errors import BusyError, NotFoundError
from litmus.instruments import routes as routes_module
from litmus.instruments.routes import RouteConflictError, RouteManager

from .conftest import Write

MODULE = f"{__package__}.switching"
CONNECTIONS: dict[str, dict[str, Any]] = {
    "vout": {
        "instrument": "dmm",
        "instrument_channel": "1",
        "dut_pin": "VOUT",
        "route": {"switch": "mux", "channels": ["101", 102]},
    },
    "vin": {
        "instrument": "dmm",
        "instrument_channel": "1",
        "dut_pin": "VIN",
        "route": {"switch": "mux", "channels": ["103"]},
    },
    "iout": {
        "instrument": "dmm",
        "instrument_channel": "2",
        "dut_pin": "IOUT",
        "route": {"switch": "mux", "channels": ["102"]},
    },
    "other": {
        "instrument": "dmm",
        "instrument_channel": "3",
        "dut_pin": "OTHER",
        "route": {"switch": "mux", "channels": ["104"], "settling_ms": 1},
    },
    "wire": {"instrument": "dmm", "dut_pin": "GND"},
}


@pytest.fixture
def station(project: Write) -> Iterator[StationConnection]:
    from . import switching

    switching.log.clear()
    switching.fault = ""
    project(
        "stations/bench_1.yaml",
        "instruments:\n"
        f"  dmm: {{type: dmm, driver: '{MODULE}:Meter', resource: meter}}\n"
        f"  mux: {{type: switch, driver: '{MODULE}:Mux', resource: mux}}\n"
        f"  psu: {{type: psu, driver: '{MODULE}:Meter', resource: psu}}\n",
    )
    with connect("bench_1") as station:
        yield station


@pytest.fixture
def routes(station: StationConnection) -> RouteManager:
    return station.routes(CONNECTIONS)


def log() -> list[str]:
    from . import switching

    return switching.log


def told(station: StationConnection) -> list[tuple[str, str, list[str]]]:
    return [
        (e["event_type"], e["connection_name"], e["channels"])
        for e in station.events(event_type="route.*")
    ]


def test_a_route_is_closed_inside_the_block_and_on_record(
    station: StationConnection, routes: RouteManager
) -> None:
    with routes.for_pin("VOUT") as connection:
        assert connection["name"] == "vout"
        station.instrument("dmm").measure_voltage()
        with routes.for_connection("vout"):  # closed already: stays closed
            pass
        assert routes.is_active(connection)
    assert log() == ["close 101 102", "measure", "open 101 102"]
    assert told(station) == [
        ("route.closed", "vout", ["101", "102"]),
        ("route.opened", "vout", ["101", "102"]),
    ]
    (closed, _) = station.events(event_type="route.*")
    assert closed["switch_role"] == "mux"


def test_a_pin_closes_its_route_on_every_use_that_finds_it_open(routes: RouteManager) -> None:
    vout = routes.pin("VOUT")
    measure = vout.measure_voltage
    measure()
    measure()
    routes.open_all()
    measure()
    vout.range_v = 10
    assert vout.range_v == 10
    routes.open_all()
    assert vout.range_v == 10
    assert log() == [
        *["close 101 102", "measure", "measure", "open 101 102"],
        *["close 101 102", "measure", "open 101 102"],
        "close 101 102",
    ]


@pytest.mark.parametrize("second", ["VIN", "IOUT"])
def test_what_is_in_the_way_of_a_pin_is_opened_before_its_route_is_closed(
    routes: RouteManager, second: str
) -> None:
    """VIN needs the same channel of the instrument, IOUT the same channel of the switch."""
    routes.pin("VOUT").measure_voltage()
    routes.pin(second).measure_voltage()
    channel = {"VIN": "103", "IOUT": "102"}[second]
    assert log() == ["close 101 102", "measure", "open 101 102", f"close {channel}", "measure"]


def test_routes_that_exclude_each_other_are_a_conflict_in_blocks(routes: RouteManager) -> None:
    with (
        routes.for_pin("VOUT"),
        pytest.raises(RouteConflictError, match=r"route iout needs mux channel 102, .*route vout"),
        routes.for_pin("IOUT"),
    ):
        pass
    with (
        routes.for_pin("VOUT"),
        pytest.raises(RouteConflictError, match=r"route vin needs dmm channel 1, .*route vout"),
        routes.for_pin("VIN"),
    ):
        pass
    assert log() == ["close 101 102", "open 101 102"] * 2
    with routes.for_pin("VOUT"), routes.for_pin("OTHER"), routes.for_pin("GND"):
        pass
    with pytest.raises(NotFoundError, match="pin VXX"):
        routes.for_pin("VXX")
    with pytest.raises(NotFoundError, match="connection vxx"):
        routes.for_connection("vxx")


def test_at_the_end_of_a_test_the_last_route_is_opened_first(
    station: StationConnection, routes: RouteManager
) -> None:
    routes.pin("VOUT").measure_voltage()
    routes.pin("OTHER").measure_voltage()
    routes.open_all()
    assert log()[-2:] == ["open 104", "open 101 102"]
    others_can_use_them(station)


def test_when_the_session_ends_nothing_flows_through_any_switch(
    station: StationConnection, routes: RouteManager
) -> None:
    from . import switching

    routes.pin("VOUT").measure_voltage()
    switching.fault = "open"
    with pytest.warns(UserWarning, match=r"route vout could not be opened: .*relay stuck"):
        station.stop("aborted")
    assert log()[-1] == "open all"


def test_a_session_can_be_stopped_by_another_thread_than_closed_the_route(
    station: StationConnection, routes: RouteManager
) -> None:
    event_log = station.event_log
    assert event_log is not None
    in_thread(lambda: routes.pin("VOUT").measure_voltage())
    station.stop()
    assert log() == ["close 101 102", "measure", "open 101 102", "open all"]
    assert [e.event_type for e in event_log.events(event_type="route.*")] == [
        "route.closed",
        "route.opened",
    ]


def test_a_route_that_cannot_be_closed_leaves_nothing_behind(
    station: StationConnection, routes: RouteManager
) -> None:
    from . import switching

    switching.fault = "close"
    with pytest.raises(OSError, match="relay stuck"), routes.for_pin("VOUT"):
        raise AssertionError("the route is not closed")
    assert log() == ["open 101 102"]  # some of them may have been closed
    assert told(station) == []
    others_can_use_them(station)


def test_a_role_that_is_no_switch_says_what_it_lacks(station: StationConnection) -> None:
    wrong = {"a": {"instrument": "dmm", "route": {"switch": "psu", "channels": ["1"]}}}
    routes = station.routes(wrong)
    with pytest.raises(TypeError, match=r"psu: .* without close_channels, open_channels, open_all"):
        routes.activate(routes.connections["a"])


def test_others_wait_for_the_instrument_and_the_switch_of_a_closed_route(
    station: StationConnection, routes: RouteManager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes_module, "_LOCK_TIMEOUT_S", 0.01)
    refused: list[str] = []

    def other_slot(pin: str) -> None:
        other = station.routes(CONNECTIONS | {"psu": PSU})
        try:
            with other.for_pin(pin):
                pass
        except BusyError as error:
            refused.append(str(error))

    with routes.for_pin("VOUT"):
        for pin in ("OTHER", "PSU"):
            in_thread(other_slot, pin)
        assert [text.partition(":")[0] for text in refused] == ["dmm", "mux"]
    in_thread(other_slot, "PSU")
    assert len(refused) == 2


PSU = {
    "instrument": "psu",
    "dut_pin": "PSU",
    "route": {"switch": "mux", "channels": ["105"]},
}


def others_can_use_them(station: StationConnection) -> None:
    got: list[bool] = []

    def take() -> None:
        for role in ("dmm", "mux"):
            hold = station._pool.hold(role)  # type: ignore[union-attr]
            got.append(hold.acquire(blocking=False))
            hold.release()

    in_thread(take)
    assert got == [True, True]


def in_thread(target: Any, *arguments: Any) -> None:
    thread = threading.Thread(target=target, args=arguments)
    thread.start()
    thread.join()


def test_a_process_that_is_terminated_opens_its_switches(project: Write) -> None:
    project("switches.py", SWITCHES)
    project(
        "stations/bench_1.yaml",
        "instruments:\n"
        "  dmm: {type: dmm, mock: true}\n"
        "  mux: {type: switch, driver: 'switches:Mux'}\n",
    )
    program = """
import os, signal
from litmus.connect import connect
station = connect("bench_1")
routes = station.routes({"vout": {"instrument": "dmm", "dut_pin": "VOUT",
                                  "route": {"switch": "mux", "channels": ["1"]}}})
routes.pin("VOUT").measure_voltage()
os.kill(os.getpid(), signal.SIGTERM)
signal.pause()
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert ended.stdout.splitlines() == ["close ['1']", "open ['1']", "open all"]


SWITCHES = """
class Mux:
    def close_channels(self, channels):
        print("close", channels, flush=True)
    def open_channels(self, channels):
        print("open", channels, flush=True)
    def open_all(self):
        print("open all", flush=True)
"""
