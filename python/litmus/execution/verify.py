# SPDX-License-Identifier: Apache-2.0
"""What `verify` and `logger.measure` raise."""

from collections.abc import Sequence
from typing import Any

from litmus.errors import InvalidArgumentError, LitmusError, MissingLimitError

__all__ = [
    "DuplicateMeasurementError",
    "LimitFailure",
    "MeasurementsFailed",
    "MissingLimitError",
    "MissingValueError",
    "NotIteratedError",
    "TraceabilityError",
]


_MOST_TOLD = 20


class LimitFailure(LitmusError, AssertionError):  # noqa: N818  (a verdict, not a mistake)
    """A value is not within its limit. It has been recorded.

    Attributes:
        name: of the measurement.
        value: as it was given.
        limit: what it was held against: low, high, nominal, comparator, units, ...
        dut_pin: at which it was measured, if known.
        spec_ref: place in the specification that the limit comes from, if known.
    """

    def __init__(self, name: str, value: Any, limit: dict[str, Any], dut_pin: str | None) -> None:
        self.name = name
        self.value = value
        self.limit = limit
        self.dut_pin = dut_pin
        self.spec_ref = limit.get("spec_ref")
        super().__init__(self._text())

    def _text(self) -> str:
        units = f" {self.limit['units']}" if self.limit.get("units") else ""
        parts = [f"{self.name} = {self.value}{units} is not within {limit_text(self.limit)}"]
        if self.dut_pin:
            parts.append(f"pin {self.dut_pin}")
        if self.spec_ref:
            parts.append(f"spec {self.spec_ref}")
        return ", ".join(parts)


class MeasurementsFailed(LitmusError, AssertionError):  # noqa: N818
    """The test ran to its end, but values that it recorded are not within their limits, or missing.

    Args:
        rows: what is wrong with each.
    """

    def __init__(self, rows: Sequence[str]) -> None:
        told = [*rows[:_MOST_TOLD]]
        if len(rows) > _MOST_TOLD:
            told.append(f"... and {len(rows) - _MOST_TOLD} more")
        super().__init__("\n".join(told))


class NotIteratedError(LitmusError, AssertionError):
    """A test declares vectors or connections to loop over, and passed without looking at one."""


class DuplicateMeasurementError(LitmusError, AssertionError):
    """A name was measured twice in one step, at one connection; see `allow_repeat`."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name!r} has been measured in this step already: give it another name, or "
            "logger.measure(..., allow_repeat=True) each time"
        )


class TraceabilityError(LitmusError, AssertionError):
    """A measurement lacks what leads back from it, where that is required."""


class MissingValueError(InvalidArgumentError):
    """There are limits, but no value, or one that is not a number: it has been recorded as errored."""


def no_limit(name: str) -> MissingLimitError:
    """What `verify` raises where nothing says what the value is held against."""
    return MissingLimitError(
        f"verify {name!r}: no limit: give limit=..., or put it under `limits: {name}:` of a "
        "marker, a sidecar or a profile, or name a characteristic of the product so"
    )


def limit_text(limit: dict[str, Any]) -> str:
    """For people: `3.1 <= v <= 3.5 V`."""
    units = f" {limit['units']}" if limit.get("units") else ""
    comparator = limit.get("comparator") or "GELE"
    low, high, nominal = limit.get("low"), limit.get("high"), limit.get("nominal")
    if comparator in ("EQ", "NE"):
        return f"v {'==' if comparator == 'EQ' else '!='} {nominal}{units}"
    text = "v"
    if low is not None and comparator.startswith("G"):
        text = f"{low} {'<' if comparator.startswith('GT') else '<='} {text}"
    if high is not None and comparator not in ("GE", "GT"):
        text = f"{text} {'<' if comparator.endswith('LT') else '<='} {high}"
    return f"{text}{units}"
