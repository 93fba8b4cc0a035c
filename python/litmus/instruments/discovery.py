# SPDX-License-Identifier: Apache-2.0
"""Looking for instruments on the buses of this machine. Slow; never part of a test."""

import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib.metadata import entry_points
from typing import Any, Protocol, runtime_checkable

from litmus.errors import InvalidArgumentError
from litmus.instruments.identity import Identity, parse_idn
from litmus.instruments.lxi import LxiBus
from litmus.problems import warn

__all__ = [
    "Bus",
    "discover",
    "discover_and_identify",
    "get_info",
    "list_protocols",
    "parse_idn",
]

_GROUP = "litmus.discovery"
_TIMEOUT_S = 2.0
"""For each resource."""


@runtime_checkable
class Bus(Protocol):
    """A way to find instruments; others register theirs in the entry point group `litmus.discovery`."""

    name: str

    def discover(self) -> list[str]:
        """The addresses found."""

    def get_info(self, resource: str) -> Identity | None:
        """Who is at the address; None if it does not say."""


class VisaBus:
    """LAN, GPIB, USB and serial instruments that VISA knows."""

    name = "visa"

    def discover(self) -> list[str]:
        import pyvisa

        manager = pyvisa.ResourceManager()
        return list(manager.list_resources("?*::INSTR"))

    def get_info(self, resource: str) -> Identity | None:
        from litmus.instruments.visa import open_visa_resource

        session = open_visa_resource(resource, timeout_ms=int(_TIMEOUT_S * 1000))
        try:
            return parse_idn(session.query("*IDN?"))
        finally:
            session.close()


class SerialBus:
    """Serial ports; who is there is what the USB adapter says, not the instrument."""

    name = "serial"

    def discover(self) -> list[str]:
        return [port.device for port in self._ports()]

    def get_info(self, resource: str) -> Identity | None:
        for port in self._ports():
            if port.device == resource and port.manufacturer:
                return Identity(port.manufacturer, port.product, port.serial_number)
        return None

    def _ports(self) -> list[Any]:
        try:
            from serial.tools import list_ports  # type: ignore[import-untyped,unused-ignore]
        except ImportError as error:
            raise ImportError("needs pyserial: pip install pyserial") from error
        return list(list_ports.comports())


class NiBus:
    """What NI System Configuration knows."""

    name = "ni"

    def __init__(self) -> None:
        self._found: dict[str, Identity] | None = None

    def discover(self) -> list[str]:
        self._found = self._devices()
        return list(self._found)

    def get_info(self, resource: str) -> Identity | None:
        found = self._devices() if self._found is None else self._found
        return found.get(resource)

    def _devices(self) -> dict[str, Identity]:
        try:
            import nisyscfg  # type: ignore[import-not-found,unused-ignore]
        except ImportError as error:
            raise ImportError("needs nisyscfg: pip install nisyscfg") from error
        with nisyscfg.Session() as session:
            return {
                device.expert_user_alias[0]: Identity(
                    "National Instruments",
                    device.product_name,
                    getattr(device, "serial_number", None),
                    getattr(device, "firmware_revision", None),
                )
                for device in session.find_hardware()
                if device.is_device
            }


_OURS: tuple[type[Any], ...] = (VisaBus, NiBus, SerialBus, LxiBus)


def discover(protocols: Iterable[str] | None = None) -> dict[str, list[str]]:
    """Addresses by protocol; all protocols if none are named. A missing library is warned about.

    Raises:
        InvalidArgumentError: there is no such protocol.
    """
    return {
        name: [each["resource"] for each in instruments]
        for name, instruments in _told(scan(protocols, identify=False)).items()
    }


def discover_and_identify(
    protocols: Iterable[str] | None = None,
) -> dict[str, dict[str, Identity | None]]:
    """As `discover`, with who is at each address."""
    return {
        name: {
            each["resource"]: None if each["identity"] is None else Identity(**each["identity"])
            for each in instruments
        }
        for name, instruments in _told(scan(protocols, identify=True)).items()
    }


def list_protocols() -> list[str]:
    """`visa`, `ni`, `serial`, `lxi`, and those of plug-ins."""
    return [bus.name for bus in _buses(None)]


def get_info(protocol: str, resource: str) -> Identity | None:
    """Who is at the address; None if it does not say, or nobody is there."""
    (bus,) = _buses([protocol])
    return _identity(bus, resource)


def scan(protocols: Iterable[str] | None, *, identify: bool) -> dict[str, dict[str, Any]]:
    """What `litmus discover` shows; protocols, and the addresses of one, are asked side by side."""
    buses = _buses(protocols)
    with ThreadPoolExecutor(len(buses)) as pool:
        found = pool.map(lambda bus: _scan_bus(bus, identify), buses)
        return {bus.name: result for bus, result in zip(buses, found, strict=True)}


def _told(scans: dict[str, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The instruments by protocol; why there can be none is warned about."""
    for name, found in scans.items():
        if found["note"]:
            warn(f"{name}: {found['note']}")
    return {name: found["instruments"] for name, found in scans.items()}


def _scan_bus(bus: Bus, identify: bool) -> dict[str, Any]:
    try:
        resources = bus.discover()
    except Exception as error:  # a bus is somebody else's library, in whatever state
        return {"instruments": [], "note": str(error) or type(error).__name__}
    identities: list[Identity | None] = [None] * len(resources)
    if identify and resources:
        with ThreadPoolExecutor(min(16, len(resources))) as pool:
            identities = list(pool.map(lambda resource: _identity(bus, resource), resources))
    instruments = [
        {"resource": resource, "identity": None if identity is None else identity.as_map()}
        for resource, identity in zip(resources, identities, strict=True)
    ]
    return {"instruments": instruments, "note": ""}


def _identity(bus: Bus, resource: str) -> Identity | None:
    """None as well for a library that does not come back: its thread is left to itself."""
    found: list[Identity | None] = []

    def ask() -> None:
        with suppress(Exception):  # nobody there, or nobody who answers
            found.append(bus.get_info(resource))

    asking = threading.Thread(target=ask, name="litmus-discovery", daemon=True)
    asking.start()
    asking.join(_TIMEOUT_S)
    return found[0] if found else None


def _buses(protocols: Iterable[str] | None) -> list[Bus]:
    known: dict[str, Bus] = {kind.name: kind() for kind in _OURS}
    for entry in entry_points(group=_GROUP):
        try:
            bus = entry.load()()
        except Exception as error:  # somebody else's code
            warn(f"{_GROUP}: {entry.name}: {type(error).__name__}: {error}")
            continue
        known[bus.name] = bus
    if protocols is None:
        return list(known.values())
    wanted = list(protocols)
    for name in wanted:
        if name not in known:
            raise InvalidArgumentError(f"protocol: expected {', '.join(known)}, found {name!r}")
    return [known[name] for name in wanted]
