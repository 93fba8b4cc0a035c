# SPDX-License-Identifier: Apache-2.0
"""The instruments of a session: connected when a test asks for them, released at its end."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from litmus.errors import NotFoundError
from litmus.execution.patching import activate_parameters
from litmus.problems import warn
from litmus.pytest_plugin.active import Active
from litmus.pytest_plugin.recording import Recording

if TYPE_CHECKING:
    from litmus.instruments.holds import Hold
    from litmus.instruments.pool import ConnectedInstrument, InstrumentPool


class Bench:
    """The roles of the station, if there is one."""

    def __init__(self, active: Active, recording: Recording) -> None:
        self._active = active
        self._recording = recording
        self._pool: InstrumentPool | None = None
        self._parameters: dict[str, Any] = {}
        self._dut: Any = None

    @property
    def roles(self) -> list[str]:
        return list(self._active.station.instruments) if self._active.station else []

    def connect(self, role: str) -> Any:
        """The instrument, the same object on each call.

        Raises:
            NotFoundError: a KeyError: there is no such role; the text lists them.
            ResourceInUse: another session has it.
            UnavailableError: it cannot be connected.
        """
        station = self._active.station
        if station is None:
            raise NotFoundError(f"no role {role!r}: the session has no station")
        if self._pool is None:
            self._pool = self._open_pool()
        return self._pool.connect(role)

    def connected(self, role: str) -> "ConnectedInstrument":
        """What the pool knows of it."""
        self.connect(role)
        if self._pool is None:
            raise NotFoundError(f"no role {role!r}")
        return self._pool.connected[role]

    def hold(self, role: str) -> "Hold":
        """What keeps others from it."""
        return self.connected(role).hold

    def by_type(self, driver_path: str) -> Any:
        """The instrument with this driver.

        Raises:
            NotFoundError: none or several roles have it.
        """
        station = self._active.station
        found = [
            role
            for role, config in (station.instruments.items() if station else ())
            if (config.driver or "").replace(":", ".") == driver_path.replace(":", ".")
        ]
        if len(found) != 1:
            raise NotFoundError(
                f"expected one role with driver {driver_path}, found {', '.join(found) or 'none'}"
            )
        return self.connect(found[0])

    def records(self) -> dict[str, dict[str, Any]]:
        """id, driver, resource, identity, calibration, mocked, of each role."""
        station = self._active.station
        return {
            role: {
                "id": config.instrument_id,
                "driver": config.driver,
                "resource": config.resource,
                "identity": dict(config.info),
                "calibration": dict(config.calibration),
                "mocked": self._active.mock or config.mock,
            }
            for role, config in (station.instruments.items() if station else ())
        }

    def dut(self) -> Any:
        """The driver of the product, connected; None where the product has none."""
        if self._dut is None:
            from litmus.pytest_plugin.dut import connect_dut

            self._dut = connect_dut(self._active)
        return self._dut

    def activate_parameters(self, parameters: dict[str, Any]) -> None:
        """For mocks whose answers depend on them."""
        self._parameters = parameters
        activate_parameters(parameters)

    def release_all(self) -> None:
        """In reverse order; what goes wrong is warned about."""
        if self._dut is not None:
            for name in ("disconnect", "close"):
                method = getattr(self._dut, name, None)
                if callable(method):
                    try:
                        method()
                    except Exception as error:
                        warn(f"dut: {name} failed: {type(error).__name__}: {error}")
                    break
            self._dut = None
        if self._pool is not None:
            self._pool.release_all()

    def _open_pool(self) -> "InstrumentPool":
        from litmus.data.session_files import SessionFiles
        from litmus.instruments.mock_values import active_parameters
        from litmus.instruments.pool import InstrumentPool
        from litmus.instruments.remote import shared_roles

        recording, station = self._recording, self._active.station
        if station is None:
            raise NotFoundError("the session has no station")
        active_parameters.set(self._parameters)
        files = SessionFiles(self._active.data_dir, recording.session_id, recording.started_at)
        return InstrumentPool(
            station,
            recording.session_id,
            recording.emit_to_session,
            recording.channels,
            files.store,
            mock=self._active.mock,
            strict_identity=bool(self._active.project.get("strict_identity")),
            shared=shared_roles(),
            phase=self._active.requested_phase,
        )


class Instruments(Mapping[str, Any]):
    """The fixture `instruments`: looking a role up connects it."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def __getitem__(self, role: str) -> Any:
        return self._bench.connect(role)

    def __iter__(self) -> Iterator[str]:
        return iter(self._bench.roles)

    def __len__(self) -> int:
        return len(self._bench.roles)

    def __contains__(self, role: object) -> bool:
        return role in self._bench.roles


class InstrumentFinder:
    """The fixture `instrument`: `instrument("dmm")`."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def __call__(self, role: str) -> Any:
        """The instrument of the role; an unknown one is a KeyError that lists them."""
        return self._bench.connect(role)

    def by_type(self, driver_path: str) -> Any:
        """The one with this driver."""
        return self._bench.by_type(driver_path)

    def roles(self) -> list[str]:
        """Those of the station."""
        return self._bench.roles
