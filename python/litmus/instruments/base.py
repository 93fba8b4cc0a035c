# SPDX-License-Identifier: Apache-2.0
"""The base of drivers that want one; any class works as a driver."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self


class Instrument(ABC):
    """A driver that is connected and disconnected, as a context manager too.

    Args:
        resource: the address.
        simulate: stored for the driver, which says what it means.
        sim_config: settings of the simulation, the driver's business as well.
    """

    manufacturer: str | None = None
    """As the instrument identified itself; None until then."""
    model: str | None = None
    serial: str | None = None
    firmware: str | None = None

    def __init__(
        self,
        resource: str = "",
        simulate: bool = False,
        sim_config: Mapping[str, Any] | None = None,
    ) -> None:
        self.resource = resource
        self.simulate = simulate
        self.sim_config = dict(sim_config or {})

    @abstractmethod
    def connect(self) -> None:
        """Opens the connection."""

    @abstractmethod
    def disconnect(self) -> None:
        """Closes the connection; does nothing without one."""

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.disconnect()
