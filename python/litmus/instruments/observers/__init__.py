# SPDX-License-Identifier: Apache-2.0
"""Which calls of a driver are a read, a set or a configure: one small class per family of drivers."""

from litmus.instruments.observers.driver_observer import DriverObserver, Kind
from litmus.instruments.observers.selection import observer_for

__all__ = ["DriverObserver", "Kind", "observer_for"]
