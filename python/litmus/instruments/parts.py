# SPDX-License-Identifier: Apache-2.0
"""Objects below a driver that are part of it: `scope.ch1`, `smu.channels[2]`."""

import dataclasses
import enum
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from litmus.instruments.mocks import MockBehaviour

SPECIAL = ("__contains__", "__getitem__", "__iter__", "__len__", "__setitem__")
"""What Python looks up on the class of a part, so that whatever stands for it must have it, too."""


class Elsewhere:
    """Stands for a driver, or an object below it, that another process has."""

    driver_class: type[Any]
    """Of what it stands for."""


_PLAIN = frozenset({type(None), bool, int, float, complex, str, bytes, tuple, list, dict})


def is_part(driver: Any, value: Any) -> bool:
    """An object of the driver's own package that is neither a value nor a function. Values are
    numbers, enumerations, data classes, exceptions, all that is equal to others of its kind, and
    lists and dicts of values."""
    if isinstance(value, MockBehaviour | Elsewhere):
        return True
    kind = type(value)
    if kind in _PLAIN or callable(value) or isinstance(value, tuple | enum.Enum | BaseException):
        return False
    if _packages(type(driver)).isdisjoint(_packages(kind)):
        return False
    if isinstance(value, list | dict):
        items = value.values() if isinstance(value, dict) else value
        return any(is_part(driver, each) for each in items)
    if isinstance(value, str) or hasattr(kind, "__float__") or hasattr(kind, "__array__"):
        return False
    if isinstance(value, Mapping | Sequence):  # looking at its items may be work for the hardware
        return True
    return not dataclasses.is_dataclass(value) and vars(object)["__eq__"] is kind.__eq__


def with_parts(driver: Any, name: str, value: Any, wrap: Callable[[str, Any], Any]) -> Any:
    """The value with each part replaced by `wrap(name, part)`; the parts in a list or mapping have
    their index or key behind the name. Anything else is the same object as before."""
    if is_part(driver, value):
        return wrap(name, value)
    if type(value) in (list, tuple) and value and all(is_part(driver, each) for each in value):
        return type(value)(wrap(f"{name}.{index}", each) for index, each in enumerate(value))
    if type(value) is dict and value and all(is_part(driver, each) for each in value.values()):
        return {key: wrap(f"{name}.{key}", each) for key, each in value.items()}
    return value


def _packages(kind: type[Any]) -> frozenset[str]:
    """Of a class and those that it derives from."""
    names = {base.__module__.partition(".")[0] for base in kind.__mro__}
    return frozenset(names - sys.stdlib_module_names - {"litmus"})
