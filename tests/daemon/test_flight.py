# SPDX-License-Identifier: Apache-2.0
"""The Flight service, asked with plain pyarrow (docs/formats/flight.md)."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from litmus.client import LitmusClient
from litmus.data.channels.store import ChannelStore
from pyarrow import flight

from tests.daemon.subscribers import address_of_daemon

pytestmark = pytest.mark.usefixtures("daemon_allowed")
PAGE = Path(__file__).parents[2] / "docs/formats/flight.md"
Ask = Callable[[object], pa.Table]


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LITMUS_HOME", str(tmp_path))
    return tmp_path / "data"


def record(data_dir: Path, serial: str) -> str:
    with LitmusClient(data_dir).start_run(serial, "bench_1") as run, run.step("rail") as step:
        step.measure("voltage", 3.3, units="V", low=3.1, high=3.5)
    return str(run.id)


@pytest.fixture
def run_id(data_dir: Path) -> str:
    return record(data_dir, "SN001")


@pytest.fixture
def client(
    run_id: str, data_dir: Path, litmus: Callable[..., str], runtime_dir: Path
) -> Iterator[flight.FlightClient]:
    assert run_id
    litmus("sql", "SELECT 1", "--data-dir", data_dir)
    with flight.FlightClient(address_of_daemon(runtime_dir)) as client:
        yield client


@pytest.fixture
def ask(client: flight.FlightClient) -> Ask:
    """SQL, or an object that is a ticket."""

    def send(request: object) -> pa.Table:
        text = request if isinstance(request, str) else json.dumps(request)
        return client.do_get(flight.Ticket(text)).read_all()

    return send


def test_the_examples_of_the_page_run_as_they_stand(
    run_id: str, data_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run_id
    with ChannelStore(data_dir, uuid4()) as store:
        store.write("dmm.voltage", 3.31, units="V")
    scripts = str(Path(sys.executable).parent)
    monkeypatch.setenv("PATH", scripts + os.pathsep + os.environ["PATH"])
    printed = []
    for example in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL):
        result = subprocess.run(
            [sys.executable, "-c", example],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (result.returncode, result.stderr) == (0, "")
        printed.append(result.stdout)
    events, samples = printed
    assert "SN001 passed" in events
    assert "test.measurement" in events
    assert "dmm.voltage scalar V 1\n" in samples
    assert samples.endswith(" 3.31 V\n")


def test_all_kinds_of_questions_are_answered(ask: Ask, run_id: str, data_dir: Path) -> None:
    assert ask("SELECT run_id FROM runs").to_pylist() == [{"run_id": run_id}]
    assert ask({"query": "runs.list"})["run_id"].to_pylist() == [run_id]
    assert ask({"query": "runs.list", "parameters": {"serial": "SN002"}}).num_rows == 0
    (file,) = data_dir.glob("runs/*/*.parquet")
    for name in (run_id, run_id[:8]):
        assert ask({"run_rows": name}).equals(pq.read_table(file))


def test_a_running_run_has_the_columns_of_a_run_file(ask: Ask, data_dir: Path) -> None:
    run = LitmusClient(data_dir).start_run("SN002", "bench_1")
    with run.step("rail") as step:
        step.measure("voltage", 3.3, units="V")
    running = ask({"run_rows": str(run.id)})
    assert running["measurement_name"].drop_null().to_pylist() == ["voltage"]
    run.finish()
    assert ask({"run_rows": str(run.id)}).schema.names == running.schema.names


def test_what_was_recorded_before_the_call_is_in_the_answer(ask: Ask, data_dir: Path) -> None:
    for number in range(2, 12):
        record(data_dir, f"SN{number:03}")
        answer = ask("SELECT count(*) AS runs, max(dut_serial) AS newest FROM runs")
        assert answer.to_pylist() == [{"runs": number, "newest": f"SN{number:03}"}]


def test_many_can_ask_at_once(client: flight.FlightClient, run_id: str) -> None:
    def ask(number: int) -> list[dict[str, object]]:
        ticket = flight.Ticket(f"SELECT {number} AS number, run_id FROM runs")
        rows: list[dict[str, object]] = client.do_get(ticket).read_all().to_pylist()
        return rows

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(ask, range(64)))
    assert answers == [[{"number": number, "run_id": run_id}] for number in range(64)]


@pytest.mark.parametrize(
    ("request_", "error", "kind", "text"),
    [
        ("SELECT nothing FROM runs", pa.ArrowInvalid, None, "nothing"),
        ("SELECT\n  *\nFROM nowhere", pa.ArrowInvalid, None, "line 3, column 6"),
        ("COPY runs TO '/tmp/x.csv'", flight.FlightUnauthorizedError, b"unauthorized", "SELECT"),
        ({"query": "runs.lsit"}, pa.ArrowInvalid, None, "runs.lsit"),
        ({"query": "runs.list", "parameters": {"limit": "x"}}, pa.ArrowInvalid, None, "limit"),
        ({"qurey": "runs.list"}, pa.ArrowInvalid, None, "ticket: no known key"),
        ({"run_rows": "ffffffff"}, pa.ArrowKeyError, None, "ffffffff"),
        ({"subscribe": {"replay": "all"}}, pa.ArrowInvalid, None, "unmaterialized_runs"),
    ],
)
def test_errors_have_their_class_and_text(
    ask: Ask, request_: object, error: type[Exception], kind: bytes | None, text: str
) -> None:
    with pytest.raises(error, match=re.escape(text)) as caught:
        ask(request_)
    assert type(caught.value) is error
    assert getattr(caught.value, "extra_info", None) == kind


def test_a_prefix_of_several_runs_is_refused_with_the_candidates(ask: Ask, data_dir: Path) -> None:
    ids = [record(data_dir, f"SN{number:03}") for number in range(2, 19)]  # 17: two begin alike
    first_digits = [run_id[0] for run_id in ids]
    prefix = next(digit for digit in first_digits if first_digits.count(digit) > 1)
    with pytest.raises(flight.FlightServerError) as caught:
        ask({"run_rows": prefix})
    assert caught.value.extra_info == b"conflict"
    assert any(run_id in str(caught.value) for run_id in ids)


def test_flights_and_actions_are_listed(client: flight.FlightClient, run_id: str) -> None:
    flights = {info.descriptor.command.decode(): info for info in client.list_flights()}
    assert list(flights) == [
        f"SELECT * FROM {name}" for name in ("runs", "steps", "measurements", "events", "sessions")
    ]
    info = flights["SELECT * FROM runs"]
    rows = client.do_get(info.endpoints[0].ticket).read_all()
    assert rows["run_id"].to_pylist() == [run_id]
    assert rows.schema.equals(info.schema)

    info = client.get_flight_info(
        flight.FlightDescriptor.for_command("SELECT run_id FROM runs -- all of them")
    )
    assert info.schema.names == ["run_id"]
    assert client.do_get(info.endpoints[0].ticket).read_all()["run_id"].to_pylist() == [run_id]

    actions = [action.type for action in client.list_actions()]
    assert actions == ["status", "sync", "reindex", "shutdown"]
    assert list(client.do_action("sync")) == []
    with pytest.raises(pa.ArrowInvalid, match="there is no action"):
        list(client.do_action("dance"))
