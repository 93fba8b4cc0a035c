# SPDX-License-Identifier: Apache-2.0
"""Looking for instruments."""

import http.server
import importlib.metadata
import socket
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from litmus.errors import InvalidArgumentError
from litmus.instruments import discovery
from litmus.instruments.identity import Identity
from litmus.instruments.lxi import LxiBus, parse_identification

IDENTIFICATION = """<?xml version="1.0" encoding="UTF-8"?>
<LXIDevice xmlns="http://www.lxistandard.org/InstrumentIdentification/1.0">
  <Manufacturer>ACME</Manufacturer> <Model>Scope A</Model>
  <SerialNumber> SN7 </SerialNumber> <FirmwareRevision>2.0</FirmwareRevision>
  <Interface InterfaceType="LXI"><InstrumentAddressString>x</InstrumentAddressString></Interface>
</LXIDevice>"""


@pytest.fixture
def lxi_port() -> Iterator[int]:
    """An LXI device on loopback: it serves its identity and announces itself."""
    from zeroconf import ServiceInfo, Zeroconf

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/lxi/identification" else 404)
            self.end_headers()
            self.wfile.write(IDENTIFICATION.encode())

        def log_message(self, *_: Any) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    network = Zeroconf(interfaces=["127.0.0.1"])
    port = server.server_address[1]
    service = "_lxi._tcp.local."
    network.register_service(
        ServiceInfo(
            service,
            f"Scope A {port}.{service}",
            addresses=[socket.inet_aton("127.0.0.1")],
            port=port,
            server=f"scope-{port}.local.",
        )
    )
    yield port
    network.close()
    server.shutdown()
    server.server_close()
    thread.join()


class Stuck:
    """A library that finds something and then does not come back."""

    name = "stuck"
    ended = threading.Event()

    def discover(self) -> list[str]:
        return ["stuck::1", "stuck::2"]

    def get_info(self, resource: str) -> Identity | None:
        if resource == "stuck::2":
            return Identity("ACME", "M2")
        self.ended.wait()
        return None


@pytest.fixture
def stuck_bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    entry = importlib.metadata.EntryPoint("stuck", f"{__name__}:Stuck", "litmus.discovery")
    monkeypatch.setattr(discovery, "entry_points", lambda group: [entry] if group else [])
    monkeypatch.setattr(importlib.metadata.EntryPoint, "load", lambda _self: Stuck)
    yield
    Stuck.ended.set()


def test_lxi_devices_are_found_and_identified(lxi_port: int) -> None:
    resource = f"LXI::127.0.0.1:{lxi_port}"
    assert discovery.discover_and_identify(["lxi"])["lxi"][resource] == Identity(
        "ACME", "Scope A", "SN7", "2.0"
    )


def test_an_identification_that_cannot_be_trusted_is_refused() -> None:
    assert parse_identification(b"<LXIDevice/>") is None
    with pytest.raises(InvalidArgumentError, match="expected XML"):
        parse_identification(b"no device")
    with pytest.raises(InvalidArgumentError, match="document type"):
        parse_identification(b'<!DOCTYPE x [<!ENTITY a "aa">]><x>&a;</x>')
    with pytest.raises(InvalidArgumentError, match="expected LXI::address:port"):
        LxiBus().get_info("GPIB0::7::INSTR")


@pytest.mark.parametrize(
    ("protocol", "library", "hint"),
    [
        ("ni", "nisyscfg", "pip install nisyscfg"),
        ("serial", "serial.tools", "pip install pyserial"),
        ("lxi", "zeroconf", "pip install litmus-test"),
    ],
)
def test_a_missing_library_is_an_empty_result_and_a_hint(
    protocol: str, library: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.warns(UserWarning, match=f"{protocol}: needs .*{hint}"):
        assert discovery.discover([protocol]) == {protocol: []}


@pytest.mark.usefixtures("stuck_bus")
def test_a_library_that_does_not_come_back_delays_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discovery, "_TIMEOUT_S", 0.2)
    assert discovery.discover_and_identify(["stuck"]) == {
        "stuck": {"stuck::1": None, "stuck::2": Identity("ACME", "M2")}
    }


@pytest.mark.usefixtures("stuck_bus")
def test_plug_ins_are_protocols_like_ours() -> None:
    assert discovery.list_protocols() == ["visa", "ni", "serial", "lxi", "stuck"]
    assert discovery.get_info("stuck", "stuck::2") == Identity("ACME", "M2")
    with pytest.raises(InvalidArgumentError, match="expected visa, ni, serial, lxi, stuck, found"):
        discovery.discover(["usb"])
