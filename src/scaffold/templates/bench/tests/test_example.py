"""The 5 V rail of the fan supply, at three supply voltages."""


def test_output_voltage(context, psu, dmm, verify):
    psu.set_voltage(context.get_param("vin", 12.0))
    psu.enable_output()
    verify("output_voltage", float(dmm.measure_dc_voltage()))
