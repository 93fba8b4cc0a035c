# SPDX-License-Identifier: Apache-2.0
"""OpenHTF's validators as limits."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from litmus import _core
from litmus.data.outcomes import Comparator


@dataclass(slots=True)
class ValidatorLimits:
    """What the validators of a measurement say in numbers; nothing where they cannot be said so."""

    low: float | None = None
    high: float | None = None
    nominal: float | None = None
    nominal_text: str | None = None
    nominal_bool: bool | None = None
    comparator: Comparator | None = None


def limits_of(validators: Iterable[Any]) -> ValidatorLimits:
    """The limits that all of the validators together set.

    A range gives bounds, inclusive; of several ranges the narrower bound counts. An equality gives
    the nominal value of `EQ`. Any other function gives nothing: OpenHTF has judged with it.
    """
    limits = ValidatorLimits()
    for validator in validators:
        # Of a dimensioned measurement each value is held against this one.
        _add(limits, getattr(validator, "_sub_validator", validator))
    return limits


def _add(limits: ValidatorLimits, validator: Any) -> None:
    low, high = _attribute(validator, "minimum"), _attribute(validator, "maximum")
    expected = _attribute(validator, "expected")
    if low is not None and low == high:
        _set_equal(limits, low)
    elif low is not None or high is not None:
        if _core.is_number(low):
            limits.low = float(low) if limits.low is None else max(limits.low, float(low))
        if _core.is_number(high):
            limits.high = float(high) if limits.high is None else min(limits.high, float(high))
        if _core.is_number(expected):
            limits.nominal = float(expected)
        if (limits.low, limits.high) != (None, None) and limits.comparator is None:
            limits.comparator = Comparator.GELE
    elif expected is not None:
        _set_equal(limits, expected)
    elif (text := _exact_text(validator)) is not None:
        _set_equal(limits, text)


def _set_equal(limits: ValidatorLimits, expected: Any) -> None:
    if isinstance(expected, bool):
        limits.nominal_bool = expected
    elif isinstance(expected, str):
        limits.nominal_text = expected
    elif _core.is_number(expected):
        limits.nominal = float(expected)
    else:
        return
    limits.comparator = Comparator.EQ


def _attribute(validator: Any, name: str) -> Any:
    # `in_range(minimum=0, type=float)` converts the bound that it does not have, and fails.
    try:
        return getattr(validator, name, None)
    except (TypeError, ValueError):
        return None


def _exact_text(validator: Any) -> str | None:
    """What `equals("text")` wants, which OpenHTF turns into the pattern `^text$`."""
    pattern = getattr(validator, "regex", None)
    if not isinstance(pattern, str) or not (pattern.startswith("^") and pattern.endswith("$")):
        return None
    text = re.sub(r"\\(.)", r"\1", pattern[1:-1], flags=re.DOTALL)
    return text if re.escape(text) == pattern[1:-1] else None
