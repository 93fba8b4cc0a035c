# SPDX-License-Identifier: Apache-2.0
"""SCPI over VISA: against the simulation, and against an instrument on a socket."""

import pytest
import pyvisa
from litmus.errors import UnavailableError
from litmus.instruments.visa import VisaInstrument

from .drivers import BenchSim
from .scpi_instrument import ScpiInstrument

ADDRESSES = [
    "TCPIP0::192.0.2.7::INSTR",
    "TCPIP0::192.0.2.7::5025::SOCKET",
    "GPIB0::7::INSTR",
    "USB0::0x1AB1::0x0E11::DP8A::INSTR",
    "ASRL1::INSTR",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_the_simulation_plays_an_instrument_on_every_bus(address: str) -> None:
    with VisaInstrument(address, simulate=True, sim_config={"voltage": 3.3}) as psu:
        assert (psu.manufacturer, psu.serial) == ("Litmus", "SN001")
        assert float(psu.query("MEAS:VOLT?")) == 3.3
        psu.write("VOLT 5")
        psu.write("OUTP ON")
        assert float(psu.query("MEAS:VOLT?")) == 5.0


def test_the_simulation_answers_as_it_is_told() -> None:
    class Meter(VisaInstrument):
        _default_idn = "ACME,M1,SN7,2.0"
        _sim_responses = {"SYST:ERR?": '+0,"No error"', "CONF?": "class"}  # noqa: RUF012

    config = {"responses": {"CONF?": 'instance: "{x}" #1'}}
    meter = Meter("GPIB0::7::INSTR", simulate=True, sim_config=config)
    with meter:
        file = meter._simulation
        assert file is not None
        assert file.exists()
        assert meter.model == "M1"
        assert meter.query("SYST:ERR?") == '+0,"No error"'
        assert meter.query("CONF?") == 'instance: "{x}" #1'
    assert not file.exists()


def test_the_simulation_can_be_noisy() -> None:
    config = {"current": 2.0, "noise": {"current": 1}}
    with VisaInstrument("GPIB0::7::INSTR", simulate=True, sim_config=config) as psu:
        values = [float(psu.query("MEAS:CURR?")) for _ in range(50)]
    assert len(set(values)) > 10
    assert sum(values) / 50 == pytest.approx(2.0, rel=0.01)


def test_using_it_unconnected_says_so() -> None:
    with pytest.raises(UnavailableError, match="is not connected"):
        VisaInstrument("GPIB0::7::INSTR").query("*IDN?")
    VisaInstrument("GPIB0::7::INSTR").disconnect()


def test_a_device_on_a_socket_is_talked_to() -> None:
    with ScpiInstrument() as device, BenchSim(device.resource) as psu:
        assert (psu.manufacturer, psu.model, psu.serial) == ("Litmus", "BenchSim", "SIM001")
        psu.set_voltage(5)
        assert psu.measure_voltage() == 5.0
        assert psu.read_waveform()[0][:3] == [0.0, 0.1, 0.2]
        assert device.received[:2] == ["*IDN?", "VOLT 5"]


def test_a_device_that_says_nothing_times_out() -> None:
    with ScpiInstrument() as device, BenchSim(device.resource) as psu:
        device.silent_to = {"MEAS:VOLT?"}
        with pytest.raises(pyvisa.VisaIOError, match="Timeout"):
            psu.measure_voltage()
        device.silent_to = set()
        assert psu.measure_voltage() == 3.31


def test_a_device_without_identity_is_connected_all_the_same() -> None:
    with ScpiInstrument() as device:
        device.silent_to = {"*IDN?"}
        with BenchSim(device.resource) as psu:
            assert psu.manufacturer is None


def test_a_device_that_hangs_up_is_an_error() -> None:
    with ScpiInstrument() as device, BenchSim(device.resource) as psu:
        device.hangs_up_at = "MEAS:VOLT?"
        with pytest.raises((pyvisa.VisaIOError, OSError)):
            psu.measure_voltage()


def test_garbage_is_an_error_of_the_driver() -> None:
    with ScpiInstrument() as device, BenchSim(device.resource) as psu:
        device.garbage = b"\x80\xff##"
        with pytest.raises(ValueError):  # noqa: PT011  (UnicodeDecodeError or float's own)
            psu.measure_voltage()


def test_nobody_at_the_address_is_an_error() -> None:
    device = ScpiInstrument()
    device.close()
    with pytest.raises((pyvisa.VisaIOError, OSError)):
        BenchSim(device.resource).connect()
