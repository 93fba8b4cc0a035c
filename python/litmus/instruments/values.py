# SPDX-License-Identifier: Apache-2.0
"""What stands in an event for a value of a driver."""

from typing import Any

import numpy as np

from litmus.data.ref import Samples


def plain_scalar(value: Any) -> Any:
    """A scalar as Python has it."""
    return value.item() if isinstance(value, np.generic) else value


def described_samples(samples: Samples) -> dict[str, Any]:
    """What an event says of samples besides where they are."""
    described: dict[str, Any] = {"length": len(samples.samples), "type": "array"}
    if samples.sample_interval is not None:
        described["sample_interval"] = samples.sample_interval
    finite = samples.samples[np.isfinite(samples.samples)]
    if len(finite):
        described["min"] = float(finite.min())
        described["max"] = float(finite.max())
    return described


def text_form(value: object) -> str:
    """For events: what is neither number nor text, in a line."""
    if isinstance(value, bytes | bytearray | memoryview):
        return f"<bytes:{len(value)}>"
    try:
        return str(value)
    except Exception:  # its own code may fail
        return f"<{type(value).__name__}>"
