# SPDX-License-Identifier: Apache-2.0
"""Instruments that are reached through VISA, and a simulation of them."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from litmus.errors import UnavailableError
from litmus.instruments.base import Instrument
from litmus.instruments.identity import Identity, parse_idn
from litmus.instruments.visa_simulation import add_noise, write_simulation

if TYPE_CHECKING:  # importing it costs 0.2 s, and mocks do not need it
    import pyvisa
    from pyvisa.resources import MessageBasedResource

_TERMINATION = "\n"


class VisaInstrument(Instrument):
    """A driver's base: text over VISA, lines ended by `\\n`.

    Connecting asks `*IDN?`; an instrument that does not answer leaves the identity None.

    Args:
        resource: VISA address.
        simulate: talk to a simulation (pyvisa-sim) instead.
        sim_config: of the simulation: `voltage`, `current` (kept: `VOLT 5` changes what
            `MEAS:VOLT?` answers), `idn`, `responses` {command: reply}, `noise` {name: percent}.
        timeout_ms: how long an answer may take.
    """

    _default_idn: ClassVar[str] = "Litmus,SimulatedVisa,SN001,1.0"
    """What the simulation answers to `*IDN?`."""
    _sim_responses: ClassVar[Mapping[str, str]] = {}
    """What the simulation answers besides."""

    def __init__(
        self,
        resource: str = "",
        simulate: bool = False,
        sim_config: Mapping[str, Any] | None = None,
        timeout_ms: int = 5000,
    ) -> None:
        super().__init__(resource, simulate, sim_config)
        self.timeout_ms = timeout_ms
        self._manager: pyvisa.ResourceManager | None = None
        self._session: MessageBasedResource | None = None
        self._simulation: Path | None = None

    def connect(self) -> None:
        """Opens the session and reads the identity.

        Raises:
            pyvisa.VisaIOError: nothing answers at the address.
        """
        if self._session is not None:
            return
        try:
            self._open()
            identity = self._ask_identity()
        except Exception:
            self.disconnect()
            raise
        self.manufacturer, self.model = identity.manufacturer, identity.model
        self.serial, self.firmware = identity.serial, identity.firmware

    def _open(self) -> None:
        import pyvisa

        if self.simulate:
            self._simulation = write_simulation(
                self.resource, self._default_idn, self._sim_responses, self.sim_config
            )
            self._manager = pyvisa.ResourceManager(f"{self._simulation}@sim")
        self._session = open_visa_resource(
            self.resource, manager=self._manager, timeout_ms=self.timeout_ms
        )

    def _ask_identity(self) -> Identity:
        """Nothing known if it does not answer, or not with text."""
        import pyvisa

        try:
            return parse_idn(self.query("*IDN?"))
        except UnicodeDecodeError:
            return Identity()
        except pyvisa.VisaIOError as error:
            if error.error_code == pyvisa.constants.StatusCode.error_timeout:
                return Identity()
            raise

    def disconnect(self) -> None:
        session, self._session = self._session, None
        manager, self._manager = self._manager, None
        simulation, self._simulation = self._simulation, None
        if session is not None:
            session.close()
        if manager is not None:
            manager.close()
        if simulation is not None:
            simulation.unlink(missing_ok=True)

    def write(self, command: str) -> None:
        """Sends a command."""
        self._connected().write(command)

    def query(self, command: str) -> str:
        """Sends a command and gives the answer, without blanks around it."""
        answer = self._connected().query(command).strip()
        return add_noise(command, answer, self.sim_config) if self.simulate else answer

    def read(self) -> str:
        """An answer, without blanks around it."""
        return self._connected().read().strip()

    def _connected(self) -> "MessageBasedResource":
        if self._session is None:
            raise UnavailableError(
                f"{type(self).__name__} at {self.resource} is not connected: call connect() first"
            )
        return self._session


def open_visa_resource(
    resource: str, *, manager: "pyvisa.ResourceManager | None" = None, timeout_ms: int = 5000
) -> Any:
    """A raw VISA session, lines ended by `\\n` in both directions.

    Raises:
        pyvisa.VisaIOError: nothing answers at the address.
    """
    import pyvisa

    session: Any = (manager or pyvisa.ResourceManager()).open_resource(resource)
    session.timeout = timeout_ms
    if hasattr(session, "read_termination"):
        session.read_termination = _TERMINATION
        session.write_termination = _TERMINATION
    return session
