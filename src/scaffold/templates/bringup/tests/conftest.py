"""Two stand-in instruments. Replace their bodies by real drivers, and the tests stay as they are."""

import pytest


class StandInSupply:
    """A 12 V supply that does what it is told."""

    def __init__(self):
        self.volts = 0.0

    def set_voltage(self, volts):
        self.volts = volts

    def enable_output(self):
        pass

    def measure_voltage(self):
        return self.volts

    def measure_current(self):
        return 0.31


class StandInMeter:
    """A meter at the 5 V rail of the board."""

    def measure_dc_voltage(self):
        return 5.02


@pytest.fixture(scope="session")
def psu():
    return StandInSupply()


@pytest.fixture(scope="session")
def dmm():
    return StandInMeter()
