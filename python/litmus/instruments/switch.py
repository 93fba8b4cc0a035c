# SPDX-License-Identifier: Apache-2.0
"""What a role must offer to be used as a switch."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

_METHODS = ("close_channels", "open_channels", "open_all")


@runtime_checkable
class SwitchDriver(Protocol):
    """A switch; the names of its channels are its own business."""

    def close_channels(self, channels: Sequence[str]) -> None:
        """Current can flow through them when it returns."""

    def open_channels(self, channels: Sequence[str]) -> None:
        """Nothing flows through them when it returns."""

    def open_all(self) -> None:
        """Nothing flows through any."""


def require_switch(role: str, driver: object) -> SwitchDriver:
    """The driver, if it is a switch.

    Raises:
        TypeError: a method is missing; the text names it.
    """
    missing = [name for name in _METHODS if not callable(getattr(driver, name, None))]
    if missing or not isinstance(driver, SwitchDriver):
        raise TypeError(
            f"{role}: expected a switch, found {type(driver).__name__} without {', '.join(missing)}"
        )
    return driver
