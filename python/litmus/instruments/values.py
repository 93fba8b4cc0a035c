# SPDX-License-Identifier: Apache-2.0
"""What kind of value a driver returned, and what stands for it in an event."""

import numbers
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from litmus.data.models import Waveform

ValueKind = Literal["scalar", "numeric_array", "channel", "blob"]


@dataclass(frozen=True, slots=True)
class Samples:
    """An array of a driver, whatever form it came in."""

    values: NDArray[Any]
    interval: float | None
    """In seconds; None where the driver does not say it."""
    units: str | None = None


def classify_value(value: object) -> ValueKind:
    """`scalar` (number, text, boolean, None), `numeric_array` (list or array of numbers, a pair of
    one and the distance of its samples, Waveform), `channel` (mapping), `blob` (everything else).
    """
    if value is None or isinstance(value, int | float | str):
        return "scalar"
    if isinstance(value, np.generic) and value.dtype.kind in "biufUS":
        return "scalar"
    if isinstance(value, numbers.Real):  # a Decimal is none, and has its text
        return "scalar"
    if isinstance(value, Mapping):
        return "channel"
    return "blob" if to_samples(value) is None else "numeric_array"


def to_samples(value: object) -> Samples | None:
    """One-dimensional numbers; None if it is something else."""
    if isinstance(value, Waveform):
        array = _numbers(value.Y)
        units = value.attrs.get("units")
        return None if array is None else Samples(array, value.dt, units and str(units))
    if isinstance(value, tuple) and len(value) == 2 and _is_number(value[1]):
        array = None if _is_number(value[0]) else _numbers(value[0])
        if array is not None:
            return Samples(array, float(value[1]))
    array = _numbers(value)
    return None if array is None else Samples(array, None)


def plain_scalar(value: Any) -> Any:
    """A scalar as Python has it."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, bool | int | float | str | None):
        return value
    return float(value)


def claim(uri: str, samples: Samples) -> dict[str, Any]:
    """What an event says of samples that are in the channel store."""
    described: dict[str, Any] = {
        "_ref": uri,
        "length": len(samples.values),
        "channel_id": "",
        "type": "array",
    }
    if samples.interval is not None:
        described["sample_interval"] = samples.interval
    if samples.values.dtype.kind == "f":
        finite = samples.values[np.isfinite(samples.values)]
    else:
        finite = samples.values
    if len(finite):
        described["min"] = finite.min().item()
        described["max"] = finite.max().item()
    return described


def text_form(value: object) -> str:
    """For events: what is neither number nor text, in a line."""
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<bytes:{len(value)}>"
    try:
        return str(value)
    except Exception:  # its own code may fail
        return f"<{type(value).__name__}>"


def _is_number(value: object) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _numbers(value: object) -> NDArray[Any] | None:
    if isinstance(value, list | tuple):
        if not all(isinstance(element, numbers.Real) for element in value):
            return None
        return np.asarray(value, dtype=np.float64)
    if not hasattr(value, "__array__") and not hasattr(value, "__arrow_c_array__"):
        return None
    array = np.asarray(value)
    return array if array.ndim == 1 and array.dtype.kind in "biuf" else None
