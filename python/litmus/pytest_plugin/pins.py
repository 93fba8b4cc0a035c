# SPDX-License-Identifier: Apache-2.0
"""The wiring of the fixture by pins of the DUT: `pins["VOUT"].measure_voltage()`."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from litmus.errors import NotFoundError
from litmus.instruments.routes import RoutedInstrument, RouteManager
from litmus.pytest_plugin.bench import Bench

if TYPE_CHECKING:
    from litmus.pytest_plugin.session import TestSession

Record = dict[str, Any]


class FixtureManager:
    """Looks connections up."""

    def __init__(
        self, connections: dict[str, Record], bench: Bench, routes: RouteManager | None
    ) -> None:
        self._connections = connections
        self._bench = bench
        self._routes = routes

    def get_connection(self, name: str) -> Record:
        """By its name.

        Raises:
            NotFoundError: there is none; the text lists them.
        """
        if name not in self._connections:
            known = ", ".join(self._connections) or "none"
            raise NotFoundError(f"the fixture has no connection {name!r}; it has: {known}")
        return self._connections[name]

    def get_connection_for_pin(self, pin: str, function: str | None = None) -> Record:
        """The first one that leads to the pin, for the function if that is given."""
        return self._first("dut_pin", pin, function)

    def get_connection_for_net(self, net: str, function: str | None = None) -> Record:
        """The first one on the net."""
        return self._first("net", net, function)

    def get_instrument_for_connection(self, name: str) -> Any:
        return self._bench.connect(self.get_connection(name)["instrument"])

    def get_instrument_for_pin(self, pin: str) -> Any:
        return self._bench.connect(self.get_connection_for_pin(pin)["instrument"])

    def get_channel_for_connection(self, name: str) -> str | None:
        channel: str | None = self.get_connection(name).get("instrument_channel")
        return channel

    def get_channel_for_pin(self, pin: str) -> str | None:
        channel: str | None = self.get_connection_for_pin(pin).get("instrument_channel")
        return channel

    def list_pins(self) -> list[str]:
        pins = (each.get("dut_pin") for each in self._connections.values())
        return list(dict.fromkeys(pin for pin in pins if pin))

    def list_connections(self) -> list[str]:
        return list(self._connections)

    def has_pin(self, pin: str) -> bool:
        return pin in self.list_pins()

    def route(self, role: str) -> list[Record]:
        """The connections of a role that go through a switch."""
        return [
            each
            for each in self._connections.values()
            if each["instrument"] == role and each.get("route")
        ]

    def instrument_at(self, record: Record) -> Any:
        """The instrument of a connection; its route is closed on every use that finds it open."""
        instrument = self._bench.connect(record["instrument"])
        if self._routes is None or not record.get("route"):
            return instrument
        return RoutedInstrument(instrument, self._routes, record)

    def _first(self, key: str, wanted: str, function: str | None) -> Record:
        for record in self._connections.values():
            if record.get(key) == wanted and function in (None, record.get("function")):
                return record
        what = key.removeprefix("dut_")
        known = ", ".join(
            sorted({str(each[key]) for each in self._connections.values() if each.get(key)})
        )
        of_function = f" for {function}" if function else ""
        raise NotFoundError(
            f"no connection of the fixture leads to {what} {wanted}{of_function}; expected one of: "
            f"{known or 'none'}"
        )


class Pins(Mapping[str, Any]):
    """The fixture `pins`: the instrument at each pin of the DUT.

    The rows of what the test measures after it has asked for a pin have its connection.
    """

    def __init__(self, manager: FixtureManager, session: "TestSession") -> None:
        self._manager = manager
        self._session = session

    def __getitem__(self, pin: str) -> Any:
        record = self._connection(pin)
        if self._session.attempt is not None:
            self._session.context.pin_connection = record
        return self._manager.instrument_at(record)

    def _connection(self, pin: str) -> Record:
        """Of several that for the function of the ambient characteristic, else the first one."""
        if self._session.attempt is not None:
            ambient = self._session.context.ambient_characteristic
            for record in self._session.connections_of(ambient):
                if record.get("dut_pin") == pin:
                    return self._manager.get_connection(record["name"])
        return self._manager.get_connection_for_pin(pin)

    def __iter__(self) -> Iterator[str]:
        return iter(self._manager.list_pins())

    def __len__(self) -> int:
        return len(self._manager.list_pins())

    def channel(self, pin: str) -> str | None:
        """Of the instrument at the pin."""
        return self._manager.get_channel_for_pin(pin)
