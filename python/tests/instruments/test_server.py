# SPDX-License-Identifier: Apache-2.0
"""Instruments shared between processes."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from litmus.connect import connect
from litmus.data.models import Waveform
from litmus.errors import UnauthorizedError, UnavailableError
from litmus.instruments import remote, server, wire
from litmus.instruments.remote import RemoteInstrumentError, remote_hold, remote_instrument
from litmus.instruments.server import secret_file

from . import switching
from .conftest import Write
from .scpi_instrument import ScpiInstrument

pytestmark = pytest.mark.usefixtures("project")
DRIVERS = f"{__package__}.drivers"


@pytest.fixture
def device(project: Write) -> ScpiInstrument:
    with ScpiInstrument() as device:
        project(
            "stations/bench_1.yaml",
            "instruments:\n"
            f"  psu: {{type: psu, driver: '{DRIVERS}:BenchSim', resource: '{device.resource}'}}\n",
        )
        yield device


def test_a_child_uses_the_parents_instrument_and_logs_its_own_reads(
    device: ScpiInstrument, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = """
from litmus.connect import connect
with connect("bench_1") as station:
    psu = station.instrument("psu")
    print(psu.measure_voltage(), type(psu).__name__)
    psu.disconnect()
    print([event["event_type"] for event in station.events()])
"""
    with connect("bench_1") as station:
        psu = station.instrument("psu")
        address = station.start_instrument_server()
        assert station.start_instrument_server(["psu"]) == address
        assert station.instrument_server_address == address
        monkeypatch.setenv("_LITMUS_INSTRUMENT_SERVER", address)
        monkeypatch.setenv("_LITMUS_SHARED_ROLES", "psu")
        result = subprocess.run(
            [sys.executable, "-c", child],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        )
        assert result.stderr == ""
        voltage, events = result.stdout.splitlines()
        assert voltage.startswith("3.31")
        assert events == str(["session.started", "instrument.read"])
        assert psu.measure_voltage() == 3.31  # the child did not take it away
    assert device.connections == 1
    assert not secret_file(address).exists()


def test_calls_properties_and_exceptions_pass_over(device: ScpiInstrument) -> None:
    with connect("bench_1") as station:
        station.instrument("psu")
        psu = remote_instrument(station.start_instrument_server(), "psu")
        psu.set_voltage(5)
        assert psu.measure_voltage() == 5.0
        assert psu.timeout_ms == 200
        psu.timeout_ms = 300
        assert psu.timeout_ms == 300
        assert psu.read_waveform(channel=1) == ([index / 10 for index in range(100)], 1e-6)
        assert "measure_voltage" in dir(psu)
        assert not any(name.startswith("_") for name in dir(psu))
        device.garbage = b"#?!"
        with pytest.raises(ValueError, match="could not convert") as raised:
            psu.measure_voltage()
        assert "drivers.py" in raised.value.__notes__[0]
        with pytest.raises(AttributeError):
            psu._session  # noqa: B018
        with pytest.raises(AttributeError, match="cannot be set"):
            psu._session = None
        with pytest.raises(AttributeError):
            psu.no_such_method()
        with pytest.raises(KeyError, match="role 'dmm' is not shared"):
            remote_instrument(station.start_instrument_server(), "dmm")
        with pytest.raises(TypeError, match="object cannot be sent"):
            psu.set_voltage(object())
        psu.drop()


def test_objects_below_a_driver_are_used_from_another_process_as_if_they_were_there(
    project: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    project(
        "stations/bench_1.yaml",
        "instruments:\n"
        f"  scope: {{type: oscilloscope, driver: '{__package__}.test_parts:Scope'}}\n",
    )
    with connect("bench_1") as owner:
        address = owner.start_instrument_server(["scope"])
        monkeypatch.setenv("_LITMUS_INSTRUMENT_SERVER", address)
        monkeypatch.setenv("_LITMUS_SHARED_ROLES", "scope")
        with connect("bench_1") as station:
            scope = station.instrument("scope")
            assert scope.ch1 is scope.ch1
            assert scope.ch1.read() == 1.0
            scope.ch1.set(5.0)
            assert owner.instrument("scope")._litmus_driver.ch1.level == 5.0
            assert scope.inputs[1].read() == 3.0
            assert scope.by_name["a"].measure_voltage() == 8.0
            assert [scope.channel(index).read() for index in (0, 1, 0)] == [2.0, 3.0, 2.0]
            assert scope[1].read() == 3.0
            scope.ch1.level = 7.0
            assert scope.ch1.level == 7.0
            assert "measure_voltage" in dir(scope.ch1)
            with pytest.raises(TimeoutError, match="no answer"):
                scope.ch1.fetch_error()
            with pytest.raises(AttributeError, match="is not shared"):
                scope._litmus_driver._call("__class__")
            told = [
                (e["channel_id"], e["value"]) for e in station.events(event_type="instrument.*")
            ]
            assert told == [
                ("scope.ch1", 1.0),
                ("scope.ch1", 5.0),
                ("scope.inputs.1", 3.0),
                ("scope.by_name.a.voltage", 8.0),
                ("scope.channel_0", 2.0),
                ("scope.channel_1", 3.0),
                ("scope.channel_0", 2.0),
                ("scope.1", 3.0),
            ]


def test_an_object_below_a_driver_is_got_again_on_a_new_connection(project: Write) -> None:
    project(
        "stations/bench_1.yaml",
        "instruments:\n"
        f"  scope: {{type: oscilloscope, driver: '{__package__}.test_parts:Scope'}}\n",
    )
    with connect("bench_1") as station:
        scope = remote_instrument(station.start_instrument_server(["scope"]), "scope")
        ch1 = scope.ch1
        scope.drop()  # the next request opens a connection of its own
        with pytest.raises(UnavailableError, match=r"scope\.ch1 is not known.*again"):
            ch1.read()
        assert scope.ch1.read() == 1.0
        scope.drop()


@pytest.mark.usefixtures("device")
def test_an_exception_without_a_class_here_is_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    class LocalError(Exception):
        pass

    def fail(_self: object) -> None:
        raise LocalError("smoke")

    with connect("bench_1") as station:
        station.instrument("psu")
        psu = remote_instrument(station.start_instrument_server(), "psu")
        monkeypatch.setattr(f"{DRIVERS}.BenchSim.measure_voltage", fail)
        with pytest.raises(RemoteInstrumentError, match=r"LocalError: smoke"):
            psu.measure_voltage()
        psu.drop()


def test_one_call_at_a_time_goes_to_an_address(device: ScpiInstrument) -> None:
    with connect("bench_1") as station:
        owner = station.instrument("psu")
        address = station.start_instrument_server()
        clients = [remote_instrument(address, "psu") for _ in range(4)]
        wrong: list[float] = []

        def measure(psu: object) -> None:
            wrong.extend(v for _ in range(20) if (v := psu.measure_voltage()) != 3.31)  # type: ignore[attr-defined]

        threads = [threading.Thread(target=measure, args=(psu,)) for psu in (owner, *clients)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        for client in clients:
            client.drop()
        assert wrong == []
        assert device.overlaps == 0


@pytest.fixture
def switched(project: Write) -> str:
    """A station with a meter and a switch; they write down what is done to them."""
    module = f"{__package__}.switching"
    project(
        "stations/bench_1.yaml",
        "instruments:\n"
        f"  dmm: {{type: dmm, driver: '{module}:Meter', resource: meter}}\n"
        f"  mux: {{type: switch, driver: '{module}:Mux', resource: mux}}\n",
    )
    switching.log.clear()
    return "bench_1"


def test_what_one_process_keeps_nobody_else_gets(switched: str) -> None:
    with connect(switched) as station:
        address = station.start_instrument_server(["dmm", "mux"])
        first, second = (remote_instrument(address, "dmm") for _ in range(2))
        kept, wanted = remote_hold(first), remote_hold(second)
        assert kept.acquire(timeout=30)
        assert kept.acquire(blocking=False)  # again: it has it
        assert not wanted.acquire(blocking=False)
        assert first.measure_voltage() == 3.31
        owner: list[bool] = []
        thread = threading.Thread(
            target=lambda: owner.append(station._pool.hold("dmm").acquire(blocking=False))  # type: ignore[union-attr]
        )
        thread.start()
        thread.join()
        assert owner == [False]
        kept.release()
        assert not wanted.acquire(blocking=False)
        kept.release()
        assert wanted.acquire(blocking=False)
        wanted.release()
        with pytest.raises(ValueError, match="not in list"):
            wanted.release()
        first.drop()
        second.drop()


@pytest.mark.parametrize("way", ["dead", "silent"])
def test_who_is_dead_or_silent_loses_what_it_keeps_and_its_switch_is_opened(
    switched: str, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "SILENCE_S", 0.1)
    with connect(switched) as station:
        address = station.start_instrument_server(["dmm", "mux"])
        host, port = address.split(":")
        with socket.create_connection((host, int(port))) as lost:
            wire.send(lost, {"secret": secret_file(address).read_text()})
            assert wire.receive(lost) is not None
            wire.send(lost, {"role": "mux", "action": "hold", "timeout": 30})
            assert wire.receive(lost) == {"value": True}
            if way == "dead":
                lost.shutdown(socket.SHUT_RDWR)
            mux = remote_instrument(address, "mux")
            hold = remote_hold(mux)
            assert hold.acquire(timeout=30)
            assert switching.log == ["open all"]  # before the next one got it
            if way == "silent":
                assert wire.receive(lost) is None  # it is told
            hold.release()
            mux.drop()


def test_who_keeps_something_without_using_it_gives_signs_of_life(
    switched: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "SILENCE_S", 30)
    monkeypatch.setattr(remote, "_SIGN_OF_LIFE_S", 0.001)
    heard = threading.Semaphore(0)
    done = server.InstrumentServer._done

    def listening(
        self: server.InstrumentServer, request: dict[str, Any], client: server._Client
    ) -> Any:
        if request["action"] == "alive":
            assert client.kept == ["dmm"]
            heard.release()
        return done(self, request, client)

    monkeypatch.setattr(server.InstrumentServer, "_done", listening)
    with connect(switched) as station:
        dmm = remote_instrument(station.start_instrument_server(["dmm"]), "dmm")
        hold = remote_hold(dmm)
        assert hold.acquire(timeout=30)
        for _ in range(3):
            assert heard.acquire(timeout=30)
        hold.release()
        dmm.drop()


def test_routes_of_two_processes_exclude_each_other(
    switched: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    child = """
import sys
from litmus.connect import connect
from litmus.instruments import routes as module
with connect("bench_1") as station:
    routes = station.routes({"vin": {"instrument": "dmm", "dut_pin": "VIN",
                                     "route": {"switch": "mux", "channels": ["103"]}}})
    module._LOCK_TIMEOUT_S = 0.01
    try:
        routes.pin("VIN").measure_voltage()
    except BlockingIOError as error:
        print(error, flush=True)
    module._LOCK_TIMEOUT_S = 30
    sys.stdin.readline()
    print(routes.pin("VIN").measure_voltage())
    print([event["event_type"] for event in station.events(event_type="route.*")])
"""
    with connect(switched) as station:
        monkeypatch.setenv(
            "_LITMUS_INSTRUMENT_SERVER", station.start_instrument_server(["dmm", "mux"])
        )
        monkeypatch.setenv("_LITMUS_SHARED_ROLES", "dmm,mux")
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
        routes = station.routes(
            {
                "vout": {
                    "instrument": "dmm",
                    "dut_pin": "VOUT",
                    "route": {"switch": "mux", "channels": ["101"]},
                }
            }
        )
        with subprocess.Popen(
            [sys.executable, "-c", child],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            with routes.for_pin("VOUT"):
                # The child comes while the route is closed, and goes on when it is open.
                assert process.stdout.readline().startswith("dmm: somebody else has had a route")
            output, _ = process.communicate("\n", timeout=60)
        assert output.splitlines() == ["3.31", "['route.closed']"]
    # The child's session opened its route, and every switch that it had used.
    assert switching.log[:4] == ["close 101", "open 101", "close 103", "measure"]
    assert switching.log[4:6] == ["open 103", "open all"]


def test_who_does_not_know_the_secret_is_refused(device: ScpiInstrument) -> None:
    with connect("bench_1") as station:
        station.instrument("psu")
        address = station.start_instrument_server()
        file = secret_file(address)
        assert file.stat().st_mode & 0o777 == 0o600
        file.write_text("guess")
        with pytest.raises(UnauthorizedError, match="refused"):
            remote_instrument(address, "psu")
        host, port = address.split(":")
        with socket.create_connection((host, int(port))) as stranger:
            stranger.sendall(b"GET / HTTP/1.1\r\n\r\n")
            stranger.settimeout(30)
            with contextlib.suppress(ConnectionResetError):
                assert stranger.recv(100) == b""
    assert device.received == ["*IDN?"]


def test_a_server_that_is_gone_is_unavailable(device: ScpiInstrument) -> None:
    with connect("bench_1") as station:
        station.instrument("psu")
        address = station.start_instrument_server()
        psu = remote_instrument(address, "psu")
    with pytest.raises(UnavailableError, match=address):
        psu.measure_voltage()
    with pytest.raises(UnavailableError, match="no instrument server"):
        remote_instrument(address, "psu")
    assert device.connections == 1


def test_sharing_nothing_is_an_error() -> None:
    with connect("bench_1", mock=True) as station, pytest.raises(ValueError, match="found none"):
        station.start_instrument_server()


def test_values_come_as_they_went() -> None:
    left, right = socket.socketpair()
    values = [
        None,
        True,
        -5,
        1.5,
        float("inf"),
        complex(1.5, float("-inf")),
        "µV \ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
        b"\x00\xff",
        [1, [2, (3, "x")]],
        [number / 7 for number in range(1000)],
        (1, 2),
        {"a": 1, 2: {"_ref": "$tuple"}, "$tuple": 3},
        Waveform(dt=0.1, Y=[1.0]),
    ]
    with left, right:
        wire.send(left, {"values": values})
        received = wire.receive(right)
        assert received == {"values": values}
        array = np.arange(6, dtype=np.int16).reshape(2, 3)
        wire.send(left, {"array": array})
        got = wire.receive(right)
        assert got is not None
        assert got["array"].dtype == array.dtype
        assert (got["array"] == array).all()
        wire.send(left, {"array": np.ma.array([1.0, 2.0], mask=[False, True])})
        masked = wire.receive(right)
        assert masked is not None
        assert np.isnan(masked["array"]).tolist() == [False, True]
        left.shutdown(socket.SHUT_WR)
        assert wire.receive(right) is None


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x00\x00\x00\x02[]",
        b"\x00\x00\x00\x05nope!",
        b'\x00\x00\x00\x1c{"body":{},"buffers":["-1"]}',
        b'\x00\x00\x00\x2c{"body":{"a":{"$array":0,"dtype":"O","shape":[1]}',
    ],
)
def test_what_is_no_message_is_refused(sent: bytes) -> None:
    left, right = socket.socketpair()
    with left, right:
        left.sendall(sent)
        left.shutdown(socket.SHUT_WR)
        with pytest.raises(wire.ProtocolError):
            wire.receive(right)


def test_the_secret_is_in_the_users_private_folder(runtime_dir: Path) -> None:
    assert secret_file("127.0.0.1:1234") == runtime_dir / "litmus/instruments-1234.secret"
