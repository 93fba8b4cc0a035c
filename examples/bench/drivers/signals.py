# SPDX-License-Identifier: Apache-2.0
"""What a simulated oscilloscope sees."""

import math

_INTERVAL_S = 1e-6


def ringing(channel: int = 1) -> tuple[list[float], float]:
    """An edge that overshoots: 2,000 samples, one every microsecond."""
    samples = [
        1 - math.exp(-index / 300) * math.cos(index / (20 * channel)) for index in range(2000)
    ]
    return samples, _INTERVAL_S
