# SPDX-License-Identifier: Apache-2.0
"""Lists of values to sweep a parameter over: the generators of configuration files.

Results are rounded to 12 significant digits, so that steps of 0.1 are 0.3 and not 0.30000000000000004.
"""

from typing import TypeVar

T = TypeVar("T")


def linspace(start: float, stop: float, num: int) -> list[float]:
    """`num` values at equal distances, both ends included."""
    return _generated("linspace", start, stop, num)


def arange(start: float, stop: float, step: float = 1) -> list[float]:
    """Values from `start` by `step`, without `stop`; whole numbers stay whole.

    Raises:
        InvalidArgumentError: `step` is 0.
    """
    return _generated("arange", start, stop, step)


def logspace(start: float, stop: float, num: int) -> list[float]:
    """`num` values from 10**start to 10**stop, at equal distances of their logarithm."""
    return _generated("logspace", start, stop, num)


def geomspace(start: float, stop: float, num: int) -> list[float]:
    """`num` values from start to stop, each the same multiple of the one before.

    Raises:
        InvalidArgumentError: an end is 0, or they have different signs.
    """
    return _generated("geomspace", start, stop, num)


def repeat(value: T, n: int) -> list[T]:
    """The value `n` times."""
    return [value] * n


def _generated(name: str, *arguments: float) -> list[float]:
    from litmus import _core  # loads the engine, which most who import this package do not need yet

    return _core.generate(name, arguments)
