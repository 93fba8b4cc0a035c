# SPDX-License-Identifier: Apache-2.0
"""Which kind of sample a value is."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from litmus import _core
from litmus.data.ref import as_samples, loaded_numpy
from litmus.errors import InvalidArgumentError

_MOST_BITS = 1023  # of a whole number that fits into a float


class SampleValue(NamedTuple):
    """A value as it is stored.

    Attributes:
        kind: of value: a float, a bool, a text, an array of float64, or a mapping; named as the
            columns of a stream of samples.
        sample_interval: of an array, where the value says it; in seconds.
        started_at: when the first of an array was taken, where the value says it.
    """

    kind: Literal["value", "value_bool", "value_text", "samples", "fields"]
    value: Any
    sample_interval: float | None = None
    started_at: datetime | None = None


def as_sample_value(channel_id: str, value: object) -> SampleValue:
    """What can be stored in a channel.

    Raises:
        InvalidArgumentError: the value is no sample.
    """
    kind = type(value)
    if kind is float or (type(value) is int and value.bit_length() <= _MOST_BITS):
        return SampleValue("value", value)
    if kind is bool:
        return SampleValue("value_bool", value)
    if isinstance(value, str):
        return SampleValue("value_text", value)
    if (np := loaded_numpy()) is not None and isinstance(value, np.bool_):
        return SampleValue("value_bool", bool(value))
    if isinstance(value, Mapping):
        return SampleValue("fields", value)
    if (capture := as_samples(value)) is not None:
        return SampleValue("samples", *capture)
    found = kind.__name__
    if _core.is_number(value) and getattr(value, "ndim", 0) == 0:
        try:
            return SampleValue("value", float(value))  # type: ignore[arg-type]
        except (TypeError, ValueError, OverflowError) as error:
            found = f"{found} ({error})"
    raise InvalidArgumentError(
        f"channel {channel_id}: expected a number, a bool, a text, a list or array of "
        f"numbers or a mapping, found {found}; store it as a file and write its reference"
    )
