# SPDX-License-Identifier: Apache-2.0
"""Instruments shared between processes."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from litmus.connect import connect
from litmus.data.models import Waveform
from litmus.errors import UnauthorizedError, UnavailableError
from litmus.instruments import wire
from litmus.instruments.remote import RemoteInstrumentError, remote_instrument
from litmus.instruments.server import secret_file

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
        "µV \ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
        b"\x00\xff",
        [1, [2, (3, "x")]],
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
