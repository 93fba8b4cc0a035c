# SPDX-License-Identifier: Apache-2.0
"""litmus station, instrument and discover."""

import json
import subprocess
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
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
def _no_hints(monkeypatch: pytest.MonkeyPatch) -> None:
    """The executable finds its Python by itself."""
    for name in ("LITMUS_PYTHON", "PYTHONPATH", "VIRTUAL_ENV"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "/nonexistent")


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


def test_what_a_driver_prints_is_not_taken_for_its_answer(litmus: Litmus) -> None:
    write("litmus.yaml", "name: power_board\n")
    write("stations/bench_1.yaml", "instruments: {dmm: {type: dmm, driver: talkative.Meter}}\n")
    write(
        "talkative.py",
        "import os\n"
        "class Meter:\n"
        "    manufacturer, model = 'ACME', 'M1'\n"
        "    def connect(self):\n"
        "        print('hello')\n"
        "        os.write(1, b'from a library')\n",
    )
    result = litmus("station", "check", "bench_1")
    assert result.returncode == 0
    assert "dmm: ACME M1 at its driver" in result.stdout


class Cells(HTMLParser):
    """The rows of all tables."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.in_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
            self.in_cell = True

    def handle_endtag(self, tag: str) -> None:
        self.in_cell = self.in_cell and tag not in ("td", "th")

    def handle_data(self, data: str) -> None:
        if self.in_cell:
            self.rows[-1][-1] += data


def test_a_model_of_the_catalog_has_a_datasheet(litmus: Litmus, tmp_path: Path) -> None:
    write("litmus.yaml", "name: power_board\n")
    write(
        "catalog/acme_m1.yaml",
        "manufacturer: ACME & Sons\nmodel: M<1>\ntype: dmm\ninterfaces: [usb, lan]\n"
        "channels: {'1': {terminals: [hi, lo], connector: banana}}\n"
        "capabilities:\n"
        "  - function: dc_voltage\n"
        "    direction: input\n"
        "    channels: ['1']\n"
        "    signals:\n"
        "      voltage:\n"
        "        range: {min: 0.001, max: 1000, units: V}\n"
        "        resolution: {digits: 6.5}\n"
        "        bands:\n"
        "          - when: {frequency: {min: 10, max: 1000, units: Hz}, nplc: 10}\n"
        "            accuracy: {pct_reading: 0.01, pct_range: 0.002, absolute: 5, units: uV}\n"
        "    conditions: {frequency: {range: {max: 1000, units: Hz}}}\n"
        "    controls: {nplc: {options: [1, 10], default: 1}}\n",
    )
    file = tmp_path / "sheets/acme.html"
    result = litmus("catalog", "datasheet", "catalog/acme_m1.yaml", "-o", str(file))
    assert result.stdout == f"Datasheet written to {file}\n", result.stderr
    rows = Cells(file.read_text(encoding="utf-8")).rows
    for row in (
        ["Manufacturer", "ACME & Sons"],
        ["Model", "M<1>"],
        ["Interfaces", "usb, lan"],
        ["1", "", "hi, lo", "banana", "shared"],
        ["signal", "voltage", "", "0.001 … 1000 V", "", "", "6.5 digits", ""],
        ["signal", "voltage", "frequency 10 … 1000 Hz; nplc 10", "", "",
         "± (0.01 % of reading + 0.002 % of range + 5 uV)", "", ""],
        ["condition", "frequency", "", "up to 1000 Hz", "", "", "", ""],
        ["control", "nplc", "", "", "1, 10; default 1", "", "", ""],
    ):  # fmt: skip
        assert row in rows, rows
    by_id = litmus("catalog", "datasheet", "generic_dmm")
    assert by_id.returncode == 0
    assert "dc_voltage" in Path("generic_dmm.html").read_text(encoding="utf-8")
    unknown = litmus("catalog", "datasheet", "acme_m2")
    assert unknown.returncode == 1
    assert "did you mean `acme_m1`?" in unknown.stderr


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
    write("instruments/psu.yaml", f"resource: {device.resource!r}\n")
    named = litmus("instrument", "identify", "psu")
    assert named.stderr.startswith(f"Error: psu at {device.resource}: ")


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
    assert litmus("discover", "--visa", "--identify").stdout == result.stdout
    assert litmus("discover", "--identify", "--no-identify").returncode == 2
    missing = litmus("discover", "--ni", "--json")
    assert missing.stderr == "Warning: ni: needs nisyscfg: pip install nisyscfg\n"
    assert missing.stdout == '{\n  "ni": []\n}\n'


@pytest.mark.usefixtures("_simulated_bus")
def test_a_station_is_made_of_what_is_found_and_can_be_used(
    executable: str, litmus: Litmus
) -> None:
    write("litmus.yaml", "name: power_board\n")
    write("catalog/m1.yaml", "{manufacturer: acme, model: m1, type: dmm}\n")
    answers = "Lab 3\ndmm\n\n\nskip\n"
    command = [executable, "station", "init", "--station-id", "bench_1", "--name", 'The "first"']
    made = subprocess.run(
        command, input=answers, capture_output=True, text=True, check=False, timeout=60
    )
    assert made.returncode == 0, made.stderr
    assert Path("stations/bench_1.yaml").read_text() == (
        'id: "bench_1"\nname: "The \\"first\\""\nlocation: "Lab 3"\ninstruments: {dmm: "dmm_SN7"}\n'
    )
    assert Path("instruments/dmm_SN7.yaml").read_text() == (
        'id: "dmm_SN7"\nprotocol: "visa"\nresource: "GPIB0::7::INSTR"\ncatalog_ref: "m1"\n'
        'info: {manufacturer: "ACME", model: "M1", serial: "SN7", firmware: "2.0"}\n'
    )
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
    # An instrument of two stations; answers that cannot be are asked for again.
    write("instruments/eight.yaml", "info: {serial: other}\n")
    asset = Path("instruments/dmm_SN7.yaml")
    asset.write_text(asset.read_text().replace("GPIB0::7", "GPIB0::9") + "# plate on the back\n")
    answers = "\na/b\ndmm\n\n\ndmm\nscope\ndmm_SN7\neight\nnine\nany.Driver\n"
    command[4:] = ["bench_2", "--name", "Second"]
    made = subprocess.run(
        command, input=answers, capture_output=True, text=True, check=False, timeout=60
    )
    assert made.returncode == 0, made.stderr
    assert "letters, digits, `_`, `-` or `.`, please" in made.stdout
    assert "dmm is the role of another instrument" in made.stdout
    assert "dmm_SN7 is another instrument's already" in made.stdout
    assert "eight.yaml is another instrument's already" in made.stdout
    assert (
        'instruments: {dmm: "dmm_SN7", scope: "nine"}' in Path("stations/bench_2.yaml").read_text()
    )
    assert 'resource: "GPIB0::7::INSTR"\n' in asset.read_text()
    assert asset.read_text().endswith("# plate on the back\n")


def test_an_unknown_interpreter_is_an_error(
    litmus: Litmus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LITMUS_PYTHON", "/no/such/python")
    result = litmus("discover")
    assert result.returncode == 1
    assert result.stderr.endswith(
        "cannot start /no/such/python: No such file or directory; "
        "set LITMUS_PYTHON to a Python that has litmus\n"
    )


def test_a_python_without_litmus_is_an_error(
    litmus: Litmus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "python"
    other.write_text("#!/bin/sh\nexit 3\n")
    other.chmod(0o755)
    monkeypatch.setenv("LITMUS_PYTHON", str(other))
    result = litmus("discover")
    assert result.returncode == 1
    assert f"{other} -m litmus._tool discover failed with status 3; set LITMUS_P" in result.stderr


def test_python_beside_the_executable_is_taken_first(executable: str, tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    copied = folder / "litmus"
    copied.write_bytes(Path(executable).read_bytes())
    copied.chmod(0o755)
    beside = folder / "python3"
    beside.write_text('#!/bin/sh\necho \'{"visa": {"instruments": [], "note": "beside"}}\'\n')
    beside.chmod(0o755)
    found = subprocess.run(
        [copied, "discover"], capture_output=True, text=True, check=True, timeout=60
    )
    assert "visa: beside" in found.stderr


@pytest.mark.usefixtures("bench")
def test_a_station_is_updated_and_comments_stay(litmus: Litmus, device: ScpiInstrument) -> None:
    file = Path("instruments/psu_1.yaml")
    file.write_text(
        f"resource: '{device.resource}'  # behind the rack\n"
        "info:\n  serial: OLD  # on the plate\n  manufacturer: Litmus\n"
    )
    result = litmus("station", "update", "bench_1")
    assert result.returncode == 0, result.stderr
    assert "psu: Litmus BenchSim (SN: SIM001), written to" in result.stdout
    assert "scope: simulated, not asked" in result.stdout
    assert file.read_text() == (
        f"resource: '{device.resource}'  # behind the rack\n"
        'info:\n  serial: "SIM001"  # on the plate\n  manufacturer: Litmus\n'
        '  model: "BenchSim"\n  firmware: "2.1"\n'
    )
    assert "as in" in litmus("station", "update", "bench_1").stdout
    device.silent_to = {"*"}
    silent = litmus("station", "update", "bench_1")
    assert silent.returncode == 1
    assert "psu: " in silent.stderr
    assert litmus("station", "update", "bench_l").returncode == 1


@pytest.mark.usefixtures("bench")
def test_a_calibration_is_written_and_comments_stay(litmus: Litmus) -> None:
    file = Path("instruments/psu_1.yaml")
    file.write_text("calibration: {due_date: 2020-01-31, lab: ACME} # yearly\n")
    result = litmus(
        "instrument", "cal", "psu_1", "--due", "2099-01-31", "--last", "2026-01-31", "--cert", "C 1"
    )
    assert result.returncode == 0, result.stderr
    assert "calibrated (due 2099-01-31" in result.stdout
    assert file.read_text() == (
        'calibration: {due_date: "2099-01-31", lab: ACME, last_cal: "2026-01-31", '
        'certificate: "C 1"} # yearly\n'
    )


@pytest.mark.usefixtures("bench")
@pytest.mark.parametrize(
    ("words", "status", "text"),
    [
        (["psu_1", "--due", "31.1.2027"], 2, "--due: expected a day"),
        (["psu_1", "--last", "2026-02-30"], 2, "--last: expected a day"),
        (["psu_1"], 2, "expected at least one of --due, --last, --cert and --lab"),
        (["psu_2", "--lab", "ACME"], 1, "did you mean `psu_1`?"),
    ],
)
def test_a_calibration_that_cannot_be_written_changes_nothing(
    litmus: Litmus, words: list[str], status: int, text: str
) -> None:
    before = Path("instruments/psu_1.yaml").read_text()
    result = litmus("instrument", "cal", *words)
    assert (result.returncode, result.stdout) == (status, "")
    assert text in result.stderr
    assert Path("instruments/psu_1.yaml").read_text() == before


def test_stations_have_the_driver_of_the_catalog(litmus: Litmus) -> None:
    write("litmus.yaml", "name: power_board\n")
    write("meters.py", "class Meter:\n    manufacturer = 'ACME'\n    model = 'M1'\n")
    write("catalog/m1.yaml", "{manufacturer: ACME, model: M1, type: dmm, driver: 'meters:Meter'}\n")
    write("stations/bench_1.yaml", "instruments: {dmm: {type: dmm, catalog_ref: m1}}\n")
    assert litmus("station", "check", "bench_1", "--strict").stdout == (
        "dmm: ACME M1 at its driver\n"
    )


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
