# SPDX-License-Identifier: Apache-2.0
"""The program as users run it: in a process of its own, with a home and data directory of its own."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from litmus.client import LitmusClient

from tests.cli.run_history import write_history
from tests.terminal import output_of

Result = subprocess.CompletedProcess[str]
TIMEOUT = 60


@pytest.fixture(scope="session")
def executable() -> str:
    return os.environ.get("LITMUS_EXECUTABLE") or str(Path(sys.executable).with_name("litmus"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "home"
    work = tmp_path / "work"
    folder.mkdir()
    work.mkdir()
    monkeypatch.setenv("LITMUS_HOME", str(folder))
    monkeypatch.setenv("HOME", str(folder))
    for name in ("XDG_DATA_HOME", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("TZ", "UTC")
    monkeypatch.chdir(work)
    return folder


def write(path: str, text: str) -> None:
    """A file of the project in the working folder."""
    file = Path(path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.fixture
def fan(home: Path) -> None:  # noqa: ARG001  (the folder it makes is the working one)
    """A project: station, product and fixture of a fan; the tests are the caller's."""
    write("litmus.yaml", "name: fan\ndefault_station: bench\n")
    write(
        "stations/bench.yaml",
        "instruments: {dmm: {type: dmm, mock: true, catalog_ref: generic_dmm}}\n",
    )
    write(
        "products/board.yaml",
        "pins: {VOUT: {name: TP4}}\n"
        "characteristics:\n"
        "  rail:\n"
        "    {function: dc_voltage, direction: output, units: V, pin: VOUT, bands: [{value: 5,\n"
        "     accuracy: {pct_reading: 2}}]}\n",
    )
    write("fixtures/f.yaml", "connections: {v: {instrument: dmm, dut_pin: VOUT}}\n")


@pytest.fixture
def data_dir(home: Path) -> Path:
    return home / "data"


@pytest.fixture
def litmus(executable: str) -> Callable[..., Result]:
    """Runs a command to its end, off a terminal."""

    def run(*words: str | Path) -> Result:
        return subprocess.run(
            [executable, *words], capture_output=True, text=True, check=False, timeout=TIMEOUT
        )

    return run


@pytest.fixture
def litmus_on_terminal(executable: str) -> Callable[..., str]:
    """Runs a command on a terminal of the given width and returns what appears there."""

    def run(*words: str, width: int = 100) -> str:
        try:
            terminal, inner = pty.openpty()
        except OSError as error:
            pytest.skip(f"no pseudo terminals on this machine: {error}")
        fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 50, width, 0, 0))
        process = subprocess.Popen([executable, *words], stdin=inner, stdout=inner, stderr=inner)
        os.close(inner)
        shown = b"".join(output_of(terminal))
        os.close(terminal)
        assert process.wait(TIMEOUT) == 0, shown
        return shown.decode().replace("\r\n", "\n")

    return run


@pytest.fixture
def client(data_dir: Path) -> LitmusClient:
    return LitmusClient(data_dir)


@pytest.fixture
def failed_run(client: LitmusClient) -> str:
    """The id of a run with a sweep, a text, an error and a skipped step."""
    run = client.start_run("SN001", "bench_1", dut_part_number="PB-100", test_phase="production")
    with run:
        with run.step("rails"), run.step("rail_3v3") as step:
            for vin in (4.5, 5.5):
                with step.vector(vin=vin) as vector:
                    vector.measure("voltage", vin - 1.5, units="V", low=2.9, high=3.4)
        with run.step("firmware") as step:
            step.measure("-version", "1.4.0", nominal="1.4.0", comparator="EQ")
        with pytest.raises(TimeoutError), run.step("radio"):
            raise TimeoutError("no answer\nwithin 2 s")
        with run.step("led") as step:
            step.skip("not fitted")
    return str(run.id)


@pytest.fixture
def processes(executable: str) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts commands that do not end by themselves."""
    started: list[subprocess.Popen[str]] = []

    def start(*words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [executable, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data_dir = tmp_path_factory.mktemp("history")
    write_history(data_dir)
    return data_dir


@pytest.fixture(scope="session")
def daemon_environment(
    history: Path, executable: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """In which all tests about the history share one daemon."""
    folder = tmp_path_factory.mktemp("run")
    environment = {
        **os.environ,
        **{"XDG_RUNTIME_DIR": str(folder), "XDG_CACHE_HOME": str(folder / "cache")},
        **{"LITMUS_DAEMON": "on", "TZ": "UTC", "HOME": str(folder)},
    }
    yield environment
    command = [executable, "daemon", "stop", "--data-dir", str(history)]
    subprocess.run(command, env=environment, check=True, capture_output=True, timeout=TIMEOUT)


@pytest.fixture(scope="session")
def ask(
    history: Path, daemon_environment: dict[str, str], executable: str
) -> Callable[..., subprocess.CompletedProcess[Any]]:
    """Runs commands about the history."""

    def run(*words: str, **options: Any) -> subprocess.CompletedProcess[str]:
        command = [executable, *words, "--data-dir", str(history)]
        return subprocess.run(
            command,
            **{"capture_output": True, "text": True, "check": False, "timeout": TIMEOUT, **options},
            env=daemon_environment,
        )

    return run


@pytest.fixture(scope="session")
def files(history: Path) -> duckdb.DuckDBPyConnection:
    """The run files as one relation `rows`."""
    connection = duckdb.connect()
    connection.sql("SET TimeZone = 'UTC'")
    connection.sql(
        f"CREATE TABLE rows AS FROM read_parquet('{history}/runs/*/*.parquet', union_by_name=true)"
    )
    return connection
