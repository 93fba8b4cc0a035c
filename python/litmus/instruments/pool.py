# SPDX-License-Identifier: Apache-2.0
"""The instruments of one session: connecting them by role, and letting them go."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from litmus import _core
from litmus.data.events import (
    CalibrationWarning,
    EventBase,
    IdentityVerified,
    InstrumentConnected,
    InstrumentDisconnected,
)
from litmus.errors import InvalidArgumentError, LitmusError, NotFoundError, UnavailableError
from litmus.instruments.calibration import calibration_status
from litmus.instruments.drivers import DriverImportError, resolve_driver
from litmus.instruments.holds import Hold, ReentrantLock
from litmus.instruments.identity import Identity, differences, read_identity
from litmus.instruments.locks import ResourceLock
from litmus.instruments.mocks import MockBehaviour, station_mock, unknown_names
from litmus.instruments.observers import observer_for
from litmus.instruments.proxy import InstrumentProxy, ResourceGuard, make_proxy, retire, unguarded
from litmus.instruments.recorder import BytesKeeper, ChannelWriter, InstrumentRecorder
from litmus.instruments.remote import remote_hold
from litmus.instruments.visa import open_visa_resource
from litmus.problems import warn
from litmus.station import InstrumentConfig, StationConfig


class IdentityMismatchError(LitmusError, ValueError):
    """Another instrument answers than the one that is expected, where that is not allowed."""


@dataclass(slots=True)
class ConnectedInstrument:
    """A role in use."""

    config: InstrumentConfig
    proxy: InstrumentProxy
    guard: ResourceGuard
    """Held during each call."""
    hold: Hold
    """Held as long as a route through a switch is closed."""
    closing: ExitStack
    """Disconnects, unlocks."""
    shared: bool
    """Another process has connected it, and tells so."""


@dataclass(slots=True)
class _TakenResource:
    """An address that this session has, and the roles that use it."""

    lock: ResourceLock
    roles: set[str]


class InstrumentPool:
    """Connects the roles of a station, each once, and releases them in reverse order.

    Args:
        station: whose roles.
        session_id: of the session.
        emit: takes the events.
        channels: takes the samples.
        keep_bytes: takes what is neither number nor text.
        mock: all roles are simulated.
        strict_identity: an identity other than the expected one is an error.
        shared: gives the driver of roles that another process has connected.
        phase: of the tests, else LITMUS_TEST_PHASE. In production every driver must be there.
    """

    def __init__(
        self,
        station: StationConfig,
        session_id: UUID,
        emit: Callable[[EventBase], object],
        channels: ChannelWriter,
        keep_bytes: BytesKeeper,
        *,
        mock: bool = False,
        strict_identity: bool = False,
        shared: Mapping[str, Callable[[], Any]] | None = None,
        phase: str | None = None,
    ) -> None:
        self._station = station
        self._session_id = session_id
        self._emit = emit
        self._channels = channels
        self._keep_bytes = keep_bytes
        self._mock = mock
        self._strict_identity = strict_identity
        self._shared = dict(shared or {})
        self._phase = phase or os.environ.get("LITMUS_TEST_PHASE")
        self._changing = threading.RLock()
        self._locks: dict[str, ReentrantLock] = {}
        self._taken: dict[str, _TakenResource] = {}
        self.connected: dict[str, ConnectedInstrument] = {}

    def connect(self, role: str, timeout: float = 0) -> InstrumentProxy:
        """The instrument of the role, the same object on each call.

        Raises:
            NotFoundError: the station has no such role; the text lists them.
            ResourceInUse: another session has it, and still had after `timeout` seconds.
            UnavailableError: it cannot be connected.
            IdentityMismatchError: it is another one, and identity is strict.
        """
        with self._changing:
            if role not in self.connected:
                config = self._station.instruments.get(role)
                if config is None:
                    roles = ", ".join(self._station.instruments) or "none"
                    raise NotFoundError(
                        f"station {self._station.id} has no role {role!r}; it has: {roles}"
                    )
                with ExitStack() as undo:
                    self.connected[role] = self._connected(config, timeout, undo)
            return self.connected[role].proxy

    def release(self, role: str) -> None:
        """Disconnects and unlocks it; what goes wrong is warned about. Unknown roles are ignored."""
        with self._changing:
            instrument = self.connected.pop(role, None)
            if instrument is None:
                return
            retire(instrument.proxy)
            if not instrument.shared:
                self._emit(
                    InstrumentDisconnected(role=role, instrument_id=instrument.config.instrument_id)
                )
            instrument.closing.close()

    def hold(self, role: str) -> Hold:
        """What keeps others from the instrument while a route to it, or through it, is closed.

        Raises:
            As `connect`.
        """
        self.connect(role)
        return self.connected[role].hold

    def release_all(self) -> None:
        """The last one that was connected goes first."""
        for role in reversed(list(self.connected)):
            self.release(role)

    def _connected(
        self, config: InstrumentConfig, timeout: float, undo: ExitStack
    ) -> ConnectedInstrument:
        """All steps; what they have opened is closed again by `undo` if one fails."""
        mocked = self._mock or config.mock
        if config.role in self._shared and not mocked:
            driver = self._shared[config.role]()
            undo.callback(_tidily, config.role, driver.drop)
            return self._in_use(
                config, driver, driver.driver_class, undo, shared_hold=remote_hold(driver)
            )
        if config.resource and not mocked:
            self._take(config.resource, config.role, timeout)
            undo.callback(
                _tidily, config.role, partial(self._give_back, config.resource, config.role)
            )
        driver, driver_class = self._driver(config, mocked)
        _connect_driver(config, driver)
        undo.callback(_tidily, config.role, lambda: _disconnect_driver(driver))
        identity = self._identity(config, driver, mocked)
        self._check_calibration(config)
        instrument = self._in_use(config, driver, driver_class, undo)
        self._emit(_connected_event(config, identity, mocked))
        return instrument

    def _take(self, resource: str, role: str, timeout: float) -> None:
        """The lock of an address is the session's: its other roles with that address share it."""
        address = _core.canonical_resource(resource)
        if address not in self._taken:
            lock = ResourceLock.take(
                resource,
                session_id=self._session_id,
                station_id=self._station.id,
                role=role,
                timeout=timeout,
            )
            self._taken[address] = _TakenResource(lock, set())
        self._taken[address].roles.add(role)

    def _give_back(self, resource: str, role: str) -> None:
        address = _core.canonical_resource(resource)
        taken = self._taken[address]
        taken.roles.remove(role)
        if not taken.roles:
            del self._taken[address]
            taken.lock.release()

    def _in_use(
        self,
        config: InstrumentConfig,
        driver: Any,
        driver_class: type[Any],
        undo: ExitStack,
        *,
        shared_hold: Hold | None = None,
    ) -> ConnectedInstrument:
        resource = config.resource or ""
        recorder = InstrumentRecorder(
            config.role, resource, self._emit, self._channels, self._keep_bytes
        )
        observer = observer_for(driver_class)(
            driver_class, config.role, recorder, config.channels, driver
        )
        # Roles with one address are used one at a time, and kept together; a switch is called while
        # somebody keeps it.
        address = _core.canonical_resource(resource) or f"role {config.role}"
        lock = self._locks.setdefault(address, ReentrantLock())
        guard = unguarded() if config.type == "switch" else lock
        return ConnectedInstrument(
            config,
            make_proxy(driver, observer, guard),
            guard,
            lock if shared_hold is None else shared_hold,
            undo.pop_all(),
            shared=shared_hold is not None,
        )

    def _driver(self, config: InstrumentConfig, mocked: bool) -> tuple[Any, type[Any]]:
        """The driver, and the class whose rules the observer follows."""
        if mocked:
            return _mock(config)
        driver_class = self._driver_class(config)
        if driver_class is not None:
            with _told(config, f"construct {config.driver}"):
                arguments = () if config.resource is None else (config.resource,)
                return driver_class(*arguments), driver_class
        if config.resource is None:
            raise InvalidArgumentError(
                f"{config.role}: expected a driver or a resource in {self._station.file}, found none"
            )
        with _told(config, "open a VISA session"):
            driver = open_visa_resource(config.resource)
        return driver, type(driver)

    def _driver_class(self, config: InstrumentConfig) -> type[Any] | None:
        """None for a raw VISA session: no driver is named, or, while tests are being developed, it
        cannot be imported."""
        if config.driver is None:
            return None
        try:
            return resolve_driver(config.driver)
        except InvalidArgumentError as error:
            raise InvalidArgumentError(f"{config.role}: {error}") from error
        except DriverImportError as error:
            if config.resource is None or self._phase == "production":
                raise DriverImportError(f"{config.role}: {error}") from error
            warn(f"{config.role}: {error}; a raw VISA session is used instead")
            return None

    def _identity(self, config: InstrumentConfig, driver: Any, mocked: bool) -> Identity:
        if mocked:
            return Identity(**config.info)
        try:
            actual = read_identity(driver)
        except Exception as error:
            warn(f"{config.role}: no identity: {type(error).__name__}: {error}")
            actual = None
        if actual is None:
            if config.info:
                warn(f"{config.role}: the identity cannot be verified: the instrument gives none")
            return Identity()
        if config.info:
            self._verify(config, actual)
        return actual

    def _verify(self, config: InstrumentConfig, actual: Identity) -> None:
        found = differences(config.info, actual)
        self._emit(
            IdentityVerified(
                role=config.role,
                expected=dict(config.info),
                actual=actual.as_map(),
                matches=not found,
                mismatches=found,
            )
        )
        if not found:
            return
        text = f"{config.role}: instrument identity mismatch: {'; '.join(found)}"
        if self._strict_identity:
            raise IdentityMismatchError(f"{text} (strict_identity is set)")
        warn(text)

    def _check_calibration(self, config: InstrumentConfig) -> None:
        status = calibration_status(config.calibration)
        if status is None or not status.warns:
            return
        self._emit(
            CalibrationWarning(
                role=config.role,
                instrument_id=config.instrument_id,
                days_until_due=status.days_until_due,
                message=status.message,
            )
        )
        warn(f"{config.role}: {status.message}")


@contextmanager
def _told(config: InstrumentConfig, what: str) -> Iterator[None]:
    """Turns what a driver raises into an error that names role and resource."""
    try:
        yield
    except Exception as error:
        at = "" if config.resource is None else f" at {config.resource}"
        raise UnavailableError(
            f"{config.role}: cannot {what}{at}: {type(error).__name__}: {error}"
        ) from error


def _mock(config: InstrumentConfig) -> tuple[MockBehaviour, type[Any]]:
    driver_class = None
    if config.driver is not None:
        with suppress(DriverImportError):  # the machine need not have what real instruments need
            driver_class = resolve_driver(config.driver)
    if driver_class is not None:
        for name in unknown_names(driver_class, config.mock_config):
            warn(f"{config.role}: mock_config: {config.driver} has no {name}")
    return station_mock(config.role, driver_class, config.mock_config), driver_class or object


def _connect_driver(config: InstrumentConfig, driver: Any) -> None:
    connect = getattr(driver, "connect", None)
    if not callable(connect):
        return
    try:
        with _told(config, "connect"):
            connect()
    except UnavailableError:
        _tidily(config.role, lambda: _disconnect_driver(driver))
        raise


def _disconnect_driver(driver: Any) -> None:
    for name in ("disconnect", "close"):
        method = getattr(driver, name, None)
        if callable(method):
            method()
            return


def _tidily(role: str, release: Callable[[], object]) -> None:
    try:
        release()
    except Exception as error:
        warn(f"{role}: releasing it failed: {type(error).__name__}: {error}")


def _connected_event(
    config: InstrumentConfig, identity: Identity, mocked: bool
) -> InstrumentConnected:
    calibration = config.calibration
    return InstrumentConnected(
        role=config.role,
        instrument_id=config.instrument_id,
        driver=config.driver,
        resource=config.resource or "",
        protocol=config.protocol,
        manufacturer=identity.manufacturer,
        model=identity.model,
        serial=identity.serial,
        firmware=identity.firmware,
        cal_due=calibration.get("due_date"),
        cal_last=calibration.get("last_cal"),
        cal_certificate=calibration.get("certificate"),
        cal_lab=calibration.get("lab"),
        mocked=mocked,
    )
