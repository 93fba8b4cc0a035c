"""Is anything burning? Three ways to give a limit."""


def test_input_voltage(psu, verify):
    psu.set_voltage(12.0)
    psu.enable_output()
    verify("input_voltage", psu.measure_voltage(), limit={"low": 11.4, "high": 12.6, "units": "V"})


def test_output_voltage(dmm, verify):
    verify("output_voltage", dmm.measure_dc_voltage())  # its limit stands in test_smoke.yaml


def test_input_current(psu, verify):
    limit = {"high": 0.4, "units": "A", "comparator": "LE"}  # one bound
    verify("input_current", psu.measure_current(), limit=limit)
