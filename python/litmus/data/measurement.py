# SPDX-License-Identifier: Apache-2.0
"""One measurement as an object."""

from dataclasses import dataclass
from datetime import datetime

from litmus import _core
from litmus.data.outcomes import Comparator, Outcome


@dataclass(slots=True)
class Measurement:
    """One recorded value and what it was held against."""

    name: str
    step_path: str = ""
    value: float | None = None
    """In `units`; 1 or 0 for a boolean, None for a text."""
    units: str | None = None
    limit_low: float | None = None
    limit_high: float | None = None
    limit_nominal: float | None = None
    outcome: Outcome | None = None
    characteristic_id: str | None = None
    spec_ref: str | None = None
    limit_comparator: Comparator | None = None
    """None without limits."""
    timestamp: datetime | None = None
    """When it was recorded, UTC."""
    dut_pin: str | None = None
    instrument_name: str | None = None
    instrument_resource: str | None = None
    instrument_channel: str | None = None
    fixture_connection: str | None = None
    value_text: str | None = None
    """The value of a text measurement."""
    value_bool: bool | None = None
    """The value of a boolean measurement."""
    limit_nominal_text: str | None = None
    limit_nominal_bool: bool | None = None

    def check_limit(self) -> Outcome:
        """`errored` without a value, `done` without a limit, else `passed` or `failed`.

        Raises:
            InvalidArgumentError: value and limits cannot be compared, as a text with bounds.
        """
        value = _first(self.value_text, self.value_bool, self.value)
        if value is None:
            return Outcome.ERRORED
        nominal = _first(self.limit_nominal_text, self.limit_nominal_bool, self.limit_nominal)
        comparator = self.limit_comparator or Comparator.GELE
        return _core.judge(value, self.limit_low, self.limit_high, nominal, comparator)


def _first(*values: float | bool | str | None) -> float | bool | str | None:
    return next((value for value in values if value is not None), None)
