# SPDX-License-Identifier: Apache-2.0
"""Drivers as a project has them."""

from litmus.instruments.visa import VisaInstrument


class BenchSim(VisaInstrument):
    """For the instrument on a socket."""

    def __init__(self, resource: str = "") -> None:
        super().__init__(resource, timeout_ms=200)

    def measure_voltage(self) -> float:
        return float(self.query("MEAS:VOLT?"))

    def set_voltage(self, value: float) -> None:
        self.write(f"VOLT {value}")

    def read_waveform(self, channel: int = 1) -> tuple[list[float], float]:
        del channel
        return [float(sample) for sample in self.query("CURV?").split(",")], 1e-6

    def configure_range(self, range_v: float, *, auto: bool = False) -> None:
        self.write(f"RANG {range_v},{auto}")


class Plain:
    """Knows nothing of Litmus."""

    def __init__(self, resource: str = "") -> None:
        self.resource = resource
        self.connected = False

    def connect(self) -> None:
        self.connected = True

    def close(self) -> None:
        self.connected = False

    def measure_current(self) -> float:
        if not self.connected:
            raise ConnectionError("not connected")
        return 0.25
