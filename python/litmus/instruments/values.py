# SPDX-License-Identifier: Apache-2.0
"""What stands in an event for a value of a driver."""

import io
from decimal import Decimal
from fractions import Fraction
from typing import Any

from litmus.data.ref import Samples, loaded_numpy

_LONGEST_PREVIEW = 16


def plain_scalar(value: Any) -> Any:
    """A scalar as Python has it; what is none is left as it is."""
    if isinstance(value, Decimal | Fraction):
        return float(value)
    np = loaded_numpy()
    if np is None or not isinstance(value, np.generic | np.ndarray):
        return value
    return value.item() if value.ndim == 0 else value


def described_samples(samples: Samples) -> dict[str, Any]:
    """What an event says of samples besides where they are."""
    import numpy as np

    described: dict[str, Any] = {"length": len(samples.samples), "type": "array"}
    if samples.sample_interval is not None:
        described["sample_interval"] = samples.sample_interval
    finite = samples.samples[np.isfinite(samples.samples)]
    if len(finite):
        described["min"] = float(finite.min())
        described["max"] = float(finite.max())
    if 0 < len(samples.samples) <= _LONGEST_PREVIEW:
        described["preview"] = samples.samples.tolist()
    return described


def array_file(value: object) -> tuple[bytes, dict[str, Any]] | None:
    """The `.npy` file of an array of numbers that is no series of samples, because it is complex or
    has several dimensions, and what an event says of it."""
    if not hasattr(value, "__array__"):
        return None
    import numpy as np

    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        return None
    file = io.BytesIO()
    np.save(file, array, allow_pickle=False)
    return file.getvalue(), {"length": array.size, "type": "array", "shape": list(array.shape)}


def text_form(value: object) -> str:
    """For events: what is neither number nor text, in a line."""
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<bytes:{len(value)}>"
    try:
        return str(value)
    except Exception:  # its own code may fail
        return f"<{type(value).__name__}>"
