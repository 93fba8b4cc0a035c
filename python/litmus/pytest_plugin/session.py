# SPDX-License-Identifier: Apache-2.0
"""What the fixtures share: one object per pytest process that executes tests."""

from functools import cached_property
from typing import Any

import pytest

from litmus import _core
from litmus.data.outcomes import Outcome
from litmus.errors import InvalidArgumentError
from litmus.execution.context import NO_FILE
from litmus.instruments.routes import RouteManager
from litmus.problems import warn
from litmus.pytest_plugin.active import Active
from litmus.pytest_plugin.assertions import AssertionWatch
from litmus.pytest_plugin.bench import Bench
from litmus.pytest_plugin.collecting import Collecting
from litmus.pytest_plugin.context import Context
from litmus.pytest_plugin.recording import Recording
from litmus.pytest_plugin.run_record import RunRecord
from litmus.pytest_plugin.steps import Attempt

session_key = pytest.StashKey["TestSession"]()


class TestSession:
    """Reached by `config.stash[session_key]`."""

    __test__ = False

    def __init__(self, active: Active, recording: Recording, collecting: Collecting) -> None:
        self.active = active
        self.recording = recording
        self.collecting = collecting
        self.bench = Bench(active, recording)
        self.cases: dict[tuple[str, str], dict[str, Any]] = {}
        """Of each function: parameters, configured and observed values of the latest case."""
        self._assertions = AssertionWatch(self._assertion_held)
        self.attempt: Attempt | None = None
        self.item: pytest.Item | None = None
        self._context: Context | None = None
        self._wiring: dict[str, list[dict[str, Any]]] = {}

    # --- the test that runs

    def begin(self, item: pytest.Item, attempt: Attempt) -> None:
        """An attempt at a test begins."""
        self.item, self.attempt, self._context = item, attempt, None
        self.begin_vector(attempt.vector.params)
        self._assertions.listen()

    def end(self) -> Outcome | None:
        """The attempt is over: its outcome, now on record. None if there is none."""
        attempt = self.attempt
        if attempt is None:
            return None
        outcome = attempt.end()
        self.item, self.attempt, self._context = None, None, None
        return outcome

    @property
    def context(self) -> Context:
        """Of the test that runs.

        Raises:
            InvalidArgumentError: none does.
        """
        if self._context is None:
            self.require_attempt("context")
            item = self.item
            if item is None:
                raise InvalidArgumentError("context: no test is running")
            self._context = Context(self, item, self.collecting.resolved_of(item))
        return self._context

    @property
    def used_context(self) -> Context | None:
        """As `context`, if the test has asked for it."""
        return self._context

    def require_attempt(self, what: str) -> Attempt:
        """The attempt that runs.

        Raises:
            InvalidArgumentError: none does.
        """
        if self.attempt is None:
            raise InvalidArgumentError(f"{what}: no test is running: there is no step to put it on")
        return self.attempt

    def begin_vector(self, parameters: dict[str, Any]) -> None:
        """A vector begins: mocks answer by its parameters."""
        self.bench.activate_parameters(parameters)

    def _assertion_held(self) -> None:
        if self.attempt is not None:
            self.attempt.vector.judged = True

    # --- surroundings

    @cached_property
    def test_run(self) -> RunRecord:
        """The run as tests see it."""
        return RunRecord(self.active, self.recording)

    @cached_property
    def product_context(self) -> Any:
        """None without a product."""
        if self.active.product is None:
            return None
        from litmus.products.context import ProductContext

        return ProductContext(self.active.product, self.active.plan)

    @cached_property
    def routes(self) -> RouteManager | None:
        """None unless a connection of the fixture has a route."""
        connections = self.connections_by_name.values()
        if not any(each.get("route") for each in connections):
            return None
        return RouteManager(self.bench, self.recording.emit, self.connections_by_name)

    @cached_property
    def connections_by_name(self) -> dict[str, dict[str, Any]]:
        """Of the fixture, each with its name and what the product says of its pin."""
        fixture = self.active.fixture
        names = list((fixture.record.get("connections") or {}) if fixture else {})
        return {each["name"]: each for each in self._wired({"connections": names} if names else {})}

    def connections_of(self, characteristic: str | None) -> list[dict[str, Any]]:
        """Those at the pins of a characteristic of the product; none where there is no such."""
        if characteristic is None or self.active.product is None:
            return []
        known = self._wiring.get(characteristic)
        if known is None:
            known = []
            if characteristic in (self.active.product.record.get("characteristics") or {}):
                known = self._wired({"characteristics": [characteristic]})
            self._wiring[characteristic] = known
        return known

    def _wired(self, declared: dict[str, Any]) -> list[dict[str, Any]]:
        """As a test that declares this, and nothing else, would have it."""
        active = self.active
        plan = _core.TestPlan(active.files, None, active.product, active.fixture, None)
        return plan.resolve_test(NO_FILE, [], "wiring", [("function", declared)]).connections or []

    def resource_of(self, role: str | None) -> str | None:
        """The address of an instrument."""
        station = self.active.station
        config = station.instruments.get(role) if station and role else None
        return config.resource if config else None

    def warn(self, text: str) -> None:
        """Something that the test's author should know."""
        warn(text)
