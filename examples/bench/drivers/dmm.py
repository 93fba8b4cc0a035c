# SPDX-License-Identifier: Apache-2.0
"""A multimeter: any class with methods will do, this base brings VISA and the identity."""

from litmus.instruments.visa import VisaInstrument


class Multimeter(VisaInstrument):
    """Reads of it are recorded because their names begin with `measure_`."""

    def measure_voltage(self) -> float:
        """DC, in V."""
        return float(self.query("MEAS:VOLT:DC?"))
