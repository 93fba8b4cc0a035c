# SPDX-License-Identifier: Apache-2.0
"""Lists of values to sweep a parameter over, as plain Python floats."""

import math
from typing import TypeVar

T = TypeVar("T")


def linspace(start: float, stop: float, num: int) -> list[float]:
    """`num` values at equal distances, both ends included."""
    if num < 1:
        return []
    if num == 1:
        return [float(start)]
    step = (stop - start) / (num - 1)
    return [start + index * step for index in range(num - 1)] + [float(stop)]


def arange(start: float, stop: float, step: float = 1.0) -> list[float]:
    """Values from `start` by `step`, without `stop`.

    Raises:
        ValueError: `step` is 0.
    """
    if step == 0:
        raise ValueError("arange: expected a step other than 0")
    # A quotient that is whole but for rounding must not add `stop` itself.
    count = math.ceil(round((stop - start) / step, 9))
    return [start + index * step for index in range(count)]


def logspace(start: float, stop: float, num: int) -> list[float]:
    """`num` values from 10**start to 10**stop, at equal distances of their logarithm."""
    return [10.0**exponent for exponent in linspace(start, stop, num)]


def geomspace(start: float, stop: float, num: int) -> list[float]:
    """`num` values from start to stop, each the same multiple of the one before.

    Raises:
        ValueError: an end is 0, or they have different signs.
    """
    if start * stop <= 0:
        raise ValueError(
            f"geomspace: expected two ends other than 0 of one sign, found {start} and {stop}"
        )
    if num < 2:
        return [float(start)] * max(num, 0)
    ratio = stop / start
    inner = [start * ratio ** (index / (num - 1)) for index in range(1, num - 1)]
    return [float(start), *inner, float(stop)]


def repeat(value: T, n: int) -> list[T]:
    """The value `n` times."""
    return [value] * n
