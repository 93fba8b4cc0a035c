# SPDX-License-Identifier: Apache-2.0
"""A capture of an oscilloscope or digitizer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class Waveform:
    """Samples at even distances in time."""

    t0: float = 0.0
    """Time of the first sample, in seconds: since 1970 (UTC), or from a trigger."""
    dt: float
    """Distance of the samples, in seconds."""
    Y: Sequence[float] = field(default_factory=list)
    """The samples, one-dimensional."""
    attrs: dict[str, Any] = field(default_factory=dict)

    @property
    def num_samples(self) -> int:
        return len(self.Y)

    @property
    def duration(self) -> float:
        """In seconds: each sample stands for `dt`."""
        return self.num_samples * self.dt

    def time_axis(self) -> list[float]:
        """The time of each sample, in seconds."""
        return [self.t0 + index * self.dt for index in range(self.num_samples)]
