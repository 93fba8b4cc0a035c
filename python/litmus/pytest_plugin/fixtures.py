# SPDX-License-Identifier: Apache-2.0
"""The fixtures. Each is taken by its name; all are safe in a project without any YAML file."""

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, Protocol

import pytest

from litmus.data.measurement import Measurement
from litmus.data.outcomes import Outcome
from litmus.instruments.routes import RouteManager
from litmus.pytest_plugin import measuring
from litmus.pytest_plugin.bench import InstrumentFinder, Instruments
from litmus.pytest_plugin.connections import Connections
from litmus.pytest_plugin.context import Context, ResolvedLimits
from litmus.pytest_plugin.run_record import RunContext, RunRecord
from litmus.pytest_plugin.session import TestSession, session_key


class Verify(Protocol):
    """What the fixture `verify` is."""

    def __call__(
        self, name: str, value: Any, limit: Any = None, characteristic: str | None = None
    ) -> Measurement: ...


@pytest.fixture(scope="session")
def _litmus(pytestconfig: pytest.Config) -> TestSession:
    return pytestconfig.stash[session_key]


@pytest.fixture
def context(_litmus: TestSession) -> Context:
    """What the test is run with: parameters, limits, wiring; and what it observes."""
    return _litmus.context


@pytest.fixture
def verify(context: Context) -> Verify:
    """`verify(name, value)` records a value and judges it; out of limits it fails the test."""

    def verify(
        name: str, value: Any, limit: Any = None, characteristic: str | None = None
    ) -> Measurement:
        __tracebackhide__ = True
        return measuring.verify(context, name, value, limit, characteristic)

    return verify


class Logger:
    """The fixture `logger`: records without stopping the test."""

    def __init__(self, session: TestSession) -> None:
        self._session = session

    def measure(
        self,
        name: str,
        value: Any,
        *,
        limit: Any = None,
        outcome: str = Outcome.DONE,
        allow_repeat: bool = False,
    ) -> Measurement:
        """Records a value; if there is a limit, it is judged, and the test fails at its end.

        Args:
            name: what was measured.
            value: a number, a bool or a text.
            limit: a `Limit` or a mapping; None: the one that markers, YAML files and product give.
            outcome: of the measurement, where there is no limit.
            allow_repeat: the name may be measured again in this step.

        Raises:
            DuplicateMeasurementError: the name was measured already.
        """
        __tracebackhide__ = True
        return measuring.measure(
            self._session.context,
            name,
            value,
            limit=limit,
            outcome=outcome,
            allow_repeat=allow_repeat,
        )

    def record(self, key: str, value: Any) -> None:
        """Keeps a note beside the measurements."""
        from litmus.data.events import TestRecord

        attempt = self._session.attempt
        self._session.recording.emit(
            TestRecord(
                step_name=attempt.plan.name if attempt else "",
                step_index=attempt.plan.index if attempt else -1,
                key=key,
                value=value,
            )
        )

    @property
    def run_context(self) -> RunContext:
        return RunContext(self._session.recording)

    @property
    def test_run(self) -> RunRecord:
        return self._session.test_run

    @property
    def session_id(self) -> Any:
        return self._session.recording.session_id


@pytest.fixture(scope="session")
def logger(_litmus: TestSession) -> Logger:
    """Records measurements and notes."""
    return Logger(_litmus)


@pytest.fixture
def limits(context: Context) -> ResolvedLimits:
    """The limits that apply, by measurement: `3.3 in limits["v5"]`."""
    return ResolvedLimits(context)


@pytest.fixture
def connections(context: Context) -> Connections | None:
    """The wiring to iterate over; None where the test declares none."""
    found = context.connections
    if found is not None:
        found.was_taken = True
    return found


@pytest.fixture
def vectors(context: Context) -> Iterator[Any]:
    """The rows of the inner sweeps, for a test that loops over them itself."""
    return context.vectors()


@pytest.fixture
def prompt(_litmus: TestSession, pytestconfig: pytest.Config) -> Callable[..., Any]:
    """Asks the operator: `prompt("connect_probe")`."""
    from litmus.pytest_plugin.prompting import Prompter

    return Prompter(_litmus, pytestconfig)


@pytest.fixture(scope="session")
def run_context(_litmus: TestSession) -> RunContext:
    """The user's own facts about the run."""
    return RunContext(_litmus.recording)


@pytest.fixture(scope="session")
def instruments(_litmus: TestSession) -> Instruments:
    """The instruments by role; looking one up connects it."""
    return Instruments(_litmus.bench)


@pytest.fixture
def instrument(_litmus: TestSession) -> InstrumentFinder:
    """`instrument("dmm")`."""
    return InstrumentFinder(_litmus.bench)


@pytest.fixture(scope="session")
def instrument_records(_litmus: TestSession) -> dict[str, dict[str, Any]]:
    """id, driver, resource, identity, calibration, mocked, by role."""
    return _litmus.bench.records()


@pytest.fixture(scope="session")
def mock_instruments(_litmus: TestSession) -> bool:
    """Whether all instruments are simulated."""
    return _litmus.active.mock


@pytest.fixture(scope="session")
def station_config(_litmus: TestSession) -> Any:
    """The station; None without one."""
    return _litmus.active.station


@pytest.fixture(scope="session")
def fixture_config(_litmus: TestSession) -> dict[str, Any] | None:
    """The fixture as its file has it, that of the slot in a slot; None without one."""
    fixture = _litmus.active.fixture
    return fixture.record if fixture else None


@pytest.fixture(scope="session")
def product_context(_litmus: TestSession) -> Any:
    """The product and its limits; None without one."""
    return _litmus.product_context


@pytest.fixture(scope="session")
def fixture_manager(_litmus: TestSession) -> Any:
    """Looks connections of the fixture up."""
    from litmus.pytest_plugin.pins import FixtureManager

    return FixtureManager(_litmus.connections_by_name, _litmus.bench, _litmus.routes)


@pytest.fixture(scope="session")
def pins(_litmus: TestSession, fixture_manager: Any) -> Any:
    """The instrument at each pin of the DUT."""
    from litmus.pytest_plugin.pins import Pins

    if not _litmus.connections_by_name or not _litmus.bench.roles:
        raise pytest.UsageError(
            "pins: there is no fixture with connections, or no station: give --fixture and --station"
        )
    return Pins(fixture_manager, _litmus)


@pytest.fixture
def routes(_litmus: TestSession) -> RouteManager | None:
    """The paths through switches; None where the fixture has none."""
    return _litmus.routes


@pytest.fixture(scope="session")
def dut(_litmus: TestSession) -> Any:
    """The driver of the device under test; None where the product has none."""
    return _litmus.bench.dut()


@pytest.fixture(scope="session")
def sync(_litmus: TestSession) -> Any:
    """Waits for the other slots: `sync.wait("powered")`; None outside of a slot."""
    from litmus.pytest_plugin.slots import slot_barrier

    return slot_barrier(_litmus)


@pytest.fixture
def _litmus_mocks(request: pytest.FixtureRequest, _litmus: TestSession) -> Iterator[None]:
    """The mocks of the test; put among its fixtures when it has some."""
    from litmus.pytest_plugin.mocks import install

    mocks = _litmus.collecting.resolved_of(request.node).mocks()
    phase = _litmus.recording.phase
    if phase not in (None, "development"):
        _litmus.warn(
            f"{request.node.nodeid}: phase {phase}, but mocked: "
            f"{', '.join(target for target, _, _ in mocks)}"
        )
    undo = install(request, mocks)
    try:
        yield
    finally:
        undo()


def role_fixtures(session: TestSession) -> ModuleType:
    """A plugin with one fixture for each role of the station."""
    holder = ModuleType("litmus_station_roles")
    for role in session.bench.roles:
        if role.isidentifier():
            setattr(holder, role, pytest.fixture(scope="session", name=role)(_role(role)))
    return holder


def _role(role: str) -> Callable[[TestSession], Any]:
    def connect(_litmus: TestSession) -> Any:
        return _litmus.bench.connect(role)

    connect.__name__ = role
    connect.__doc__ = f"The {role} of the station."
    return connect
