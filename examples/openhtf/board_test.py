# SPDX-License-Identifier: Apache-2.0
"""An OpenHTF test of a simulated board; one line sends its results to Litmus."""

import math

import openhtf as htf
from litmus.integrations.openhtf import OutputToLitmus
from openhtf.util import units

ATTEMPTS = iter(range(1, 10))


@htf.measures(htf.Measurement("settled_voltage").with_units(units.VOLT).in_range(4.85, 5.15))
def power_on(test: htf.TestApi) -> htf.PhaseResult:
    """Repeats until the supply has settled."""
    test.measurements.settled_voltage = 5.02 - 0.4 / next(ATTEMPTS) ** 2
    if test.measurements.settled_voltage < 4.85:
        return htf.PhaseResult.REPEAT
    return htf.PhaseResult.CONTINUE


@htf.measures(
    htf.Measurement("firmware").equals("2.1.0"),
    htf.Measurement("idle_current").with_units(units.AMPERE).in_range(maximum=0.25),
)
def self_test(test: htf.TestApi) -> None:
    """Single values, a text among them."""
    test.measurements.firmware = "2.1.0"
    test.measurements.idle_current = 0.19
    test.attach("boot.log", b"boot ok\n", mimetype="text/plain")


@htf.measures(
    htf.Measurement("gain")
    .with_units(units.DECIBEL)
    .with_dimensions(units.HERTZ)
    .dimension_pivot_validate(htf.util.validators.in_range(-3.5, 0.5))
)
def filter_response(test: htf.TestApi) -> None:
    """A value for each frequency: one measurement, whose samples go to a channel."""
    for decade in range(1, 6):
        frequency = 10**decade
        test.measurements.gain[frequency] = -10 * math.log10(1 + (frequency / 1e5) ** 2)


def main() -> None:
    """Tests one board."""
    test = htf.Test(power_on, htf.Subtest("board", self_test, filter_response))
    test.add_output_callbacks(OutputToLitmus(station_id="bench_1", operator="op7"))
    test.execute(test_start=lambda: "BOARD001")


if __name__ == "__main__":
    main()
