# SPDX-License-Identifier: Apache-2.0
"""Which observer a driver gets."""

from functools import cache
from importlib.metadata import entry_points
from typing import Any

from litmus.instruments.observers.driver_observer import DriverObserver
from litmus.instruments.observers.families import (
    ModbusObserver,
    MotionObserver,
    NiDaqObserver,
    NiModularObserver,
    OphydObserver,
    PropertyObserver,
    QcodesObserver,
)
from litmus.instruments.observers.scpi import ScpiObserver, TektronixObserver
from litmus.problems import warn

_GROUP = "litmus.observers"
_OURS: tuple[type[DriverObserver], ...] = (
    ScpiObserver,
    TektronixObserver,
    PropertyObserver,
    NiDaqObserver,
    NiModularObserver,
    QcodesObserver,
    OphydObserver,
    ModbusObserver,
    MotionObserver,
)


def observer_for(driver_class: type[Any]) -> type[DriverObserver]:
    """By the module of the driver class, else of the classes that it derives from, nearest first."""
    for base in driver_class.__mro__:
        for observer in (*_registered(), *_OURS):
            if any(_is_in(base.__module__, package) for package in observer.observer_protocols):
                return observer
    return DriverObserver


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")


@cache
def _registered() -> tuple[type[DriverObserver], ...]:
    found = []
    for entry in entry_points(group=_GROUP):
        try:
            observer = entry.load()
        except Exception as error:  # somebody else's code
            warn(f"{_GROUP}: {entry.name}: {type(error).__name__}: {error}")
            continue
        if isinstance(observer, type) and issubclass(observer, DriverObserver):
            found.append(observer)
        else:
            warn(f"{_GROUP}: {entry.name}: expected a DriverObserver, found {observer!r}")
    return tuple(found)
