# SPDX-License-Identifier: Apache-2.0
"""The instruments of one session: connecting them by role, and letting them go."""

import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

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
from litmus.instruments.identity import Identity, differences, read_identity
from litmus.instruments.locks import ResourceLock
from litmus.instruments.mocks import MockBehaviour, station_mock, unknown_names
from litmus.instruments.observers import observer_for
from litmus.instruments.proxy import InstrumentProxy, ResourceGuard, make_proxy, retire, unguarded
from litmus.instruments.recorder import BytesKeeper, ChannelWriter, InstrumentRecorder
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
    closing: ExitStack
    """Disconnects, unlocks."""
    shared: bool
    """Another process has connected it, and tells so."""


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
    ) -> None:
        self._station = station
        self._session_id = session_id
        self._emit = emit
        self._channels = channels
        self._keep_bytes = keep_bytes
        self._mock = mock
        self._strict_identity = strict_identity
        self._shared = dict(shared or {})
        self._changing = threading.RLock()
        self._guards: dict[str, threading.RLock] = {}
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
            return self._in_use(config, driver, driver.driver_class, undo, shared=True)
        if config.resource and not mocked:
            lock = ResourceLock.take(
                config.resource,
                session_id=self._session_id,
                station_id=self._station.id,
                role=config.role,
                timeout=timeout,
            )
            undo.callback(_tidily, config.role, lock.release)
        driver, driver_class = self._driver(config, mocked)
        _connect_driver(config, driver)
        undo.callback(_tidily, config.role, lambda: _disconnect_driver(driver))
        identity = self._identity(config, driver, mocked)
        self._check_calibration(config)
        instrument = self._in_use(config, driver, driver_class, undo)
        self._emit(_connected_event(config, identity, mocked))
        return instrument

    def _in_use(
        self,
        config: InstrumentConfig,
        driver: Any,
        driver_class: type[Any],
        undo: ExitStack,
        *,
        shared: bool = False,
    ) -> ConnectedInstrument:
        resource = config.resource or ""
        recorder = InstrumentRecorder(
            config.role, resource, self._emit, self._channels, self._keep_bytes
        )
        observer = observer_for(driver_class)(
            driver_class, config.role, recorder, config.channels, driver
        )
        guard = self._guard(config)
        proxy = make_proxy(driver, observer, guard)
        return ConnectedInstrument(config, proxy, guard, undo.pop_all(), shared)

    def _guard(self, config: InstrumentConfig) -> ResourceGuard:
        """Roles with one address are used one at a time."""
        if config.type == "switch":
            return unguarded()
        return self._guards.setdefault(config.resource or f"role {config.role}", threading.RLock())

    def _driver(self, config: InstrumentConfig, mocked: bool) -> tuple[Any, type[Any]]:
        """The driver, and the class whose rules the observer follows."""
        if mocked:
            return _mock(config)
        if config.driver is not None:
            driver_class = resolve_driver(config.driver)
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


class _told:  # noqa: N801  (reads as a word in `with _told(...)`)
    """Turns what a driver raises into an error that names role and resource."""

    def __init__(self, config: InstrumentConfig, what: str) -> None:
        self._where = f"{config.role}: cannot {what}"
        if config.resource is not None:
            self._where += f" at {config.resource}"

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, Exception):
            raise UnavailableError(f"{self._where}: {type(error).__name__}: {error}") from error


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
