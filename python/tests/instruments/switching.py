# SPDX-License-Identifier: Apache-2.0
"""A meter and a switch that write down what is done to them."""

from collections.abc import Sequence

log: list[str] = []
fault = ""
"""`close` or `open`: which of the two fails."""


class Meter:
    range_v = 1

    def __init__(self, resource: str = "") -> None:
        del resource

    def measure_voltage(self) -> float:
        log.append("measure")
        return 3.31


class Mux:
    def __init__(self, resource: str = "") -> None:
        del resource

    def close_channels(self, channels: Sequence[str]) -> None:
        _done("close", channels)

    def open_channels(self, channels: Sequence[str]) -> None:
        _done("open", channels)

    def open_all(self) -> None:
        log.append("open all")


def _done(what: str, channels: Sequence[str]) -> None:
    if what == fault:
        raise OSError("relay stuck")
    log.append(f"{what} {' '.join(channels)}")
