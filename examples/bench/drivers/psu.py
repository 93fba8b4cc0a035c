# SPDX-License-Identifier: Apache-2.0
"""A power supply."""

from litmus.instruments.visa import VisaInstrument


class PowerSupply(VisaInstrument):
    """`set_` is recorded as what the instrument was given."""

    def set_voltage(self, value: float) -> None:
        """In V."""
        self.write(f"VOLT {value}")

    def measure_current(self) -> float:
        """In A."""
        return float(self.query("MEAS:CURR?"))
