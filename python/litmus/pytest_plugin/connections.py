# SPDX-License-Identifier: Apache-2.0
"""The wiring that a test iterates over."""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from litmus.errors import NotFoundError

if TYPE_CHECKING:
    from litmus.pytest_plugin.context import Context

_FIELDS = (
    "name",
    "instrument",
    "instrument_channel",
    "instrument_terminal",
    "dut_pin",
    "dut_pin_name",
    "net",
    "function",
    "characteristic",
)


class Connection(SimpleNamespace):
    """One connection of the fixture; what it lacks is None."""

    def __init__(self, record: dict[str, Any]) -> None:
        super().__init__(**{name: record.get(name) for name in _FIELDS})

    @property
    def channel(self) -> str | None:
        """Of the instrument."""
        channel: str | None = self.instrument_channel
        return channel


class Connections:
    """Each round makes one connection the active one: rows get its pin, net, instrument and channel.

    A route is closed before the body of the loop runs, and opened after it.
    """

    def __init__(self, context: "Context", records: Sequence[dict[str, Any]]) -> None:
        self._context = context
        self._records = records
        self.was_taken = False
        """The test has asked for the fixture `connections`."""
        self.was_iterated = False

    def __iter__(self) -> Iterator[Connection]:
        return self._over(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def for_characteristic(self, characteristic: str) -> "Connections":
        """Those on the pins of one characteristic.

        Raises:
            NotFoundError: it is not in scope.
        """
        if characteristic not in self._context.characteristics:
            in_scope = ", ".join(self._context.characteristics) or "none"
            raise NotFoundError(
                f"characteristic {characteristic} is not one of the test's: {in_scope}"
            )
        part = Connections(
            self._context,
            [each for each in self._records if each.get("characteristic") == characteristic],
        )
        part._told = self._told  # type: ignore[method-assign]
        return part

    def _told(self) -> None:
        self.was_iterated = True

    def _over(self, records: Sequence[dict[str, Any]]) -> Iterator[Connection]:
        if not records:
            self._told()
        for record in records:
            self._told()
            routes = self._context.session.routes
            previous = self._context.active_connection
            if routes is not None:
                routes.activate(record)
            self._context.active_connection = record
            try:
                yield Connection(record)
            finally:
                self._context.active_connection = previous
                if routes is not None:
                    routes.deactivate(record)
