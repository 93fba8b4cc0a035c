# SPDX-License-Identifier: Apache-2.0
"""The fixture `context`: what a test is run with, and what it says besides measurements."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from litmus.data.measurement import Measurement
from litmus.errors import NotFoundError
from litmus.execution.context import BaseContext
from litmus.execution.judging import Limits
from litmus.pytest_plugin import measuring
from litmus.pytest_plugin.collecting import Resolved
from litmus.pytest_plugin.connections import Connections

if TYPE_CHECKING:
    import pytest

    from litmus import _core
    from litmus.data.models import Limit
    from litmus.pytest_plugin.session import TestSession
    from litmus.pytest_plugin.steps import Vector


class Context(BaseContext):
    """Belongs to one attempt at one test."""

    def __init__(self, session: "TestSession", item: "pytest.Item", resolved: Resolved) -> None:
        self.session = session
        self.resolved = resolved
        self.active_connection: dict[str, Any] | None = None
        """That of the round of a loop over connections."""
        self.pin_connection: dict[str, Any] | None = None
        """That of the pin which the test has asked for last."""
        self._item = item
        self._case_key = (item.parent.nodeid if item.parent else "", _function_name(item))
        self._connections: Connections | None = None
        self._loop_ran: bool | None = None
        if resolved.inner is None:
            self._begin_case()

    def measure(self, name: str, value: Any, **options: Any) -> Measurement:
        """As `logger.measure`."""
        return measuring.measure(self, name, value, **options)

    # --- limits, wiring, surroundings

    @property
    def ambient_characteristic(self) -> str | None:
        """That of the active connection; else the only one in scope."""
        if self.active_connection is not None:
            of_connection = self.active_connection.get("characteristic")
            if of_connection is not None:
                return str(of_connection)
        return super().ambient_characteristic

    def characteristic_of(self, name: str) -> str | None:
        """That which a measurement is of, if its limit names none: the ambient one, else that of
        its name."""
        ambient = self.ambient_characteristic
        if ambient is not None:
            return ambient
        product = self.session.active.product
        known = (product.record.get("characteristics") or {}) if product else {}
        return name if name in known else None

    def place_of(self, characteristic: str | None) -> dict[str, Any] | None:
        """Where a value is measured: at the active connection, at the pin asked for last unless the
        characteristic has others, or at the only one that the characteristic has."""
        if self.active_connection is not None:
            return self.active_connection
        at_pins = self.session.connections_of(characteristic)
        asked = self.pin_connection
        if asked is not None and (
            not at_pins or any(each["name"] == asked["name"] for each in at_pins)
        ):
            return asked
        return at_pins[0] if len(at_pins) == 1 else None

    @property
    def connections(self) -> Connections | None:
        """To iterate over; None where the test declares none."""
        if self._connections is None and self.resolved.test.connections is not None:
            self._connections = Connections(self, self.resolved.test.connections)
        return self._connections

    @property
    def run(self) -> Any:
        """The run: `context.run.dut.serial`, ..."""
        return self.session.test_run

    @property
    def station(self) -> Any:
        """The station's configuration; None without one."""
        return self.session.active.station

    @property
    def product(self) -> Any:
        """The product; None without one."""
        return self.session.product_context

    # --- the test's own loop

    def vectors(self) -> Iterator[Mapping[str, Any]]:
        """The rows that the test loops over itself; each is a vector of its own on record."""
        self._loop_ran = False
        return self._rows()

    def _rows(self) -> Iterator[Mapping[str, Any]]:
        for number, row in enumerate(self.resolved.inner or []):
            self._loop_ran = True
            self.session.require_attempt("vectors").next_vector(number, row)
            self._begin_case()
            self.session.begin_vector(self._values.params)
            yield MappingProxyType(row)

    def left_undone(self) -> str | None:
        """What the test declares to loop over but did not; None if all is well."""
        if self._loop_ran is False and self.resolved.inner:
            return (
                f"0 of {len(self.resolved.inner)} vectors were iterated: the test takes `vectors`, so "
                "nothing was tested unless it loops over them"
            )
        connections = self._connections
        count = len(self.resolved.test.connections or ())
        was_iterated = connections is not None and connections.was_iterated
        was_taken = connections is not None and connections.was_taken
        if (was_taken or self.resolved.test.declares_connections) and not was_iterated:
            return (
                f"0 of {count} connections were iterated: the test declares or takes them, so nothing "
                "was tested at them unless it loops over `connections`"
            )
        return None

    @property
    def _values(self) -> "Vector":
        return self.session.require_attempt("context").vector

    @property
    def _test(self) -> "_core.ResolvedTest":
        return self.resolved.test

    def _limit(self, name: str) -> Limits | None:
        return measuring.resolve(self, name, None, None)

    def _stored(self, key: str, value: Any) -> Any:
        return self.session.recording.observations.store(key, value)

    def _begin_case(self) -> None:
        history = self.session.cases
        self._previous = history.get(self._case_key)
        history[self._case_key] = dict(self._values.params)

    def _remember(self, key: str, value: Any) -> None:
        self.session.cases[self._case_key][key] = value


class ResolvedLimits(Mapping[str, Any]):
    """The fixture `limits`: the limits that apply now, by name of the measurement."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def __getitem__(self, name: str) -> "Limit":
        limit = self._context.get_limit(name)
        if limit is None:
            raise NotFoundError(f"no limit of {name!r} applies here")
        return limit

    def __iter__(self) -> Iterator[str]:
        return iter(self._context.resolved.test.limits)

    def __len__(self) -> int:
        return len(self._context.resolved.test.limits)


def _function_name(item: "pytest.Item") -> str:
    return getattr(item, "originalname", None) or item.name
