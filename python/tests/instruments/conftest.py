# SPDX-License-Identifier: Apache-2.0
"""A project with a station."""

from collections.abc import Callable
from pathlib import Path

import pytest

BENCH_1 = """
name: "Bench 1"
location: Lab 3
instruments:
  dmm:
    type: dmm
    driver: drivers.dmm.DMM
    resource: "TCPIP0::192.0.2.50::INSTR"
    mock_config: {measure_voltage: 3.31}
  scope:
    type: oscilloscope
    mock: true
    channels: {waveform: ch1}
    mock_config: {read_waveform: {linspace: [0, 1, 1000]}}
"""

Write = Callable[[str, str], Path]


@pytest.fixture
def project(home: Path) -> Write:
    """Writes files of the project in the working directory, which has `bench_1`."""
    folder = home.parent / "work"

    def write(name: str, text: str) -> Path:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    write("litmus.yaml", "name: power_board\ndefault_station: bench_1\n")
    write("stations/bench_1.yaml", BENCH_1)
    return write
