# SPDX-License-Identifier: Apache-2.0
"""litmus station, instrument and discover."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from litmus.connect import connect

from python.tests.instruments.scpi_instrument import ScpiInstrument
from tests.cli.conftest import Result

Litmus = Callable[..., Result]
SIMULATION = """
spec: "1.1"
devices:
  meter:
    eom: {GPIB INSTR: {q: "\\n", r: "\\n"}}
    dialogues: [{q: "*IDN?", r: "ACME,M1,SN7,2.0"}]
  silent:
    eom: {GPIB INSTR: {q: "\\n", r: "\\n"}}
    dialogues: [{q: "*CLS"}]
resources:
  GPIB0::7::INSTR: {device: meter}
  GPIB0::8::INSTR: {device: silent}
"""


@pytest.fixture(autouse=True)
def _tool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LITMUS_PYTHON", sys.executable)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))


@pytest.fixture
def device() -> Iterator[ScpiInstrument]:
    with ScpiInstrument() as device:
        yield device


@pytest.fixture
def bench(device: ScpiInstrument) -> None:
    """A project in the working directory, with an instrument on a socket."""
    write("litmus.yaml", "name: power_board\n")
    write(
        "stations/bench_1.yaml",
        "name: Bench 1\nlocation: Lab 3\n"
        "instruments: {psu: psu_1, scope: {type: scope, mock: true}}\n",
    )
    write(
        "instruments/psu_1.yaml",
        f"resource: '{device.resource}'\n"
        "info: {manufacturer: Litmus, model: BenchSim, serial: SIM001}\n"
        "calibration: {due_date: 2020-01-31, lab: ACME}\n",
    )


@pytest.fixture
def _simulated_bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "bus.yaml"
    file.write_text(SIMULATION)
    monkeypatch.setenv("PYVISA_LIBRARY", f"{file}@sim")


def write(name: str, text: str) -> None:
    file = Path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.mark.usefixtures("bench")
def test_stations_are_listed_and_broken_ones_are_named(litmus: Litmus, home: Path) -> None:
    (home / "stations").mkdir()
    (home / "stations/shared.yaml").write_text("")
    write("stations/broken.yaml", "nmae: a\n")
    result = litmus("station", "list")
    assert result.returncode == 0
    assert result.stdout.split("\n")[1].split("  ")[0] == "bench_1"
    assert "psu, scope" in result.stdout
    assert "shared" in result.stdout
    assert "broken.yaml:1: `nmae`: unknown key; did you mean `name`?" in result.stderr
    first = json.loads(litmus("station", "list", "--json").stdout)[0]
    assert (first["id"], first["location"], first["roles"]) == (
        "bench_1",
        "Lab 3",
        ["psu", "scope"],
    )


def test_no_stations_is_no_error(litmus: Litmus) -> None:
    assert "No stations found" in litmus("station", "list").stdout
    assert litmus("station", "list", "--json").stdout == "[]\n"
    assert "No instruments found" in litmus("instrument", "list").stdout


@pytest.mark.usefixtures("bench")
def test_a_station_is_checked(litmus: Litmus) -> None:
    result = litmus("station", "check", "bench_1")
    assert result.returncode == 0, result.stderr
    assert "psu: Litmus BenchSim (SN: SIM001) at TCPIP0" in result.stdout
    assert "psu: CALIBRATION EXPIRED (due 2020-01-31" in result.stdout
    assert "scope: simulated, not asked" in result.stdout
    assert litmus("station", "check", "bench_1", "--strict").returncode == 1
    unknown = litmus("station", "check", "bench_l")
    assert unknown.returncode == 1
    assert "did you mean `bench_1`?" in unknown.stderr


@pytest.mark.usefixtures("bench")
@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("identity", "identity mismatch: serial: expected SIM001, found SIM002"),
        ("silence", "no answer at TCPIP0"),
        ("in use", "is in use by process"),
    ],
)
def test_what_is_wrong_with_an_instrument_is_told(
    litmus: Litmus, device: ScpiInstrument, fault: str, text: str
) -> None:
    write("instruments/psu_1.yaml", Path("instruments/psu_1.yaml").read_text().split("calib")[0])
    assert litmus("station", "check", "bench_1", "--strict").returncode == 0
    if fault == "in use":
        with connect("bench_1") as station:
            station.instrument("psu")
            result = litmus("station", "check", "bench_1", "--strict")
    else:
        if fault == "identity":
            device.idn = "Litmus,BenchSim,SIM002,2.1"
        else:
            device.silent_to = {"*"}
        result = litmus("station", "check", "bench_1", "--strict")
    assert result.returncode == 1
    assert text in result.stdout


@pytest.mark.usefixtures("bench")
def test_instruments_are_listed_and_shown(litmus: Litmus) -> None:
    result = litmus("instrument", "list")
    assert "psu_1" in result.stdout
    assert "Litmus BenchSim (SN: SIM001)" in result.stdout
    listed = json.loads(litmus("instrument", "list", "--json").stdout)
    assert listed["psu_1"]["info"]["serial"] == "SIM001"
    shown = litmus("instrument", "show", "psu_1").stdout
    assert "CALIBRATION EXPIRED" in shown
    assert "ACME" in shown
    assert json.loads(litmus("instrument", "show", "psu_1", "--json").stdout) == listed["psu_1"]
    unknown = litmus("instrument", "show", "psu_2")
    assert unknown.returncode == 1
    assert "did you mean `psu_1`?" in unknown.stderr


@pytest.mark.usefixtures("bench")
def test_an_instrument_says_who_it_is(litmus: Litmus, device: ScpiInstrument) -> None:
    for target in ("psu_1", device.resource):
        result = litmus("instrument", "identify", target)
        assert (result.returncode, result.stdout) == (0, "Litmus BenchSim (SN: SIM001)\n")
    device.idn = "Litmus,BenchSim,SIM002,2.1"
    other = litmus("instrument", "identify", "psu_1", "--json")
    assert other.returncode == 1
    assert json.loads(other.stdout)["mismatches"] == ["serial: expected SIM001, found SIM002"]
    device.close()
    gone = litmus("instrument", "identify", device.resource)
    assert gone.returncode == 1
    assert gone.stdout == ""


@pytest.mark.usefixtures("_simulated_bus")
def test_instruments_are_discovered(litmus: Litmus) -> None:
    result = litmus("discover", "--visa")
    assert result.stdout == (
        "VISA: Found 2 instrument(s)\n"
        "  ACME M1 (SN: SN7) (GPIB0::7::INSTR)\n"
        "  GPIB0::8::INSTR (could not identify)\n"
        "\n"
        "`litmus station init` makes a station of them.\n"
    )
    found = json.loads(litmus("discover", "--visa", "--json").stdout)
    assert found["visa"][0]["identity"] == {
        "manufacturer": "ACME",
        "model": "M1",
        "serial": "SN7",
        "firmware": "2.0",
    }
    assert found["visa"][1]["identity"] is None
    addresses = json.loads(litmus("discover", "--visa", "--no-identify", "--json").stdout)
    assert addresses == {"visa": ["GPIB0::7::INSTR", "GPIB0::8::INSTR"]}
    assert "ni: needs nisyscfg: pip install nisyscfg" in litmus("discover", "--ni").stderr


@pytest.mark.usefixtures("_simulated_bus")
def test_a_station_is_made_of_what_is_found_and_can_be_used(
    executable: str, litmus: Litmus
) -> None:
    write("litmus.yaml", "name: power_board\n")
    answers = "Lab 3\ndmm\n\n\nskip\n"
    command = [executable, "station", "init", "--station-id", "bench_1", "--name", 'The "first"']
    made = subprocess.run(
        command, input=answers, capture_output=True, text=True, check=False, timeout=60
    )
    assert made.returncode == 0, made.stderr
    assert Path("stations/bench_1.yaml").read_text() == (
        'id: "bench_1"\nname: "The \\"first\\""\nlocation: "Lab 3"\n'
        'instruments:\n  dmm: "dmm_SN7"\n'
    )
    assert 'serial: "SN7"' in Path("instruments/dmm_SN7.yaml").read_text()
    assert (
        "dmm: ACME M1 (SN: SN7) at GPIB0::7::INSTR" in litmus("station", "check", "bench_1").stdout
    )
    with connect("bench_1") as station:
        assert station.instrument("dmm").query("*IDN?").strip() == "ACME,M1,SN7,2.0"
    again = subprocess.run(
        command, input=answers, capture_output=True, text=True, check=False, timeout=60
    )
    assert again.returncode == 1
    assert "exists already" in again.stderr


def test_an_unknown_interpreter_is_an_error(
    litmus: Litmus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LITMUS_PYTHON", "/no/such/python")
    result = litmus("discover")
    assert result.returncode == 1
    assert "cannot start /no/such/python" in result.stderr


@pytest.mark.parametrize("kind", ["csv", "parquet", "arrow"])
def test_a_recorded_channel_is_replayed_by_a_mock(executable: str, kind: str) -> None:
    write("litmus.yaml", "name: power_board\n")
    write(
        "stations/bench_1.yaml",
        "instruments:\n"
        "  dmm: {type: dmm, mock: true, mock_config: {measure_voltage: {sequence: [3.31, 3.29]}}}\n"
        "  again: {type: dmm, mock: true, mock_config: "
        f"{{measure_voltage: {{replay: voltage.{kind}, then: error}}}}}}\n",
    )
    with connect("bench_1") as station:
        dmm = station.instrument("dmm")
        recorded = [dmm.measure_voltage() for _ in range(2)]
    with Path(f"voltage.{kind}").open("wb") as file:
        command = [executable, "channels", "export", "dmm.voltage", "-f", kind]
        subprocess.run(command, stdout=file, check=True, timeout=60)
    with connect("bench_1") as station:
        again = station.instrument("again")
        assert [again.measure_voltage() for _ in range(2)] == recorded
        with pytest.raises(IndexError):
            again.measure_voltage()
