# SPDX-License-Identifier: Apache-2.0
"""How the daemon comes, is found and goes."""

import contextlib
import json
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb
import pytest
from litmus.client import LitmusClient
from pyarrow import flight

from tests.daemon.subscribers import address_of_daemon, wait_until

pytestmark = pytest.mark.usefixtures("daemon_allowed")
Litmus = Callable[..., str]
EXECUTABLE = os.environ.get("LITMUS_EXECUTABLE") or str(Path(sys.executable).with_name("litmus"))


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


@pytest.fixture
def status(litmus: Litmus, data_dir: Path) -> Callable[[], dict[str, Any]]:
    def ask() -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(
            litmus("daemon", "status", "--json", "--data-dir", data_dir)
        )
        return answer

    return ask


@pytest.fixture
def query(litmus: Litmus, data_dir: Path) -> Callable[[], str]:
    """Asks something that only a daemon can answer."""
    return lambda: litmus("sql", "SELECT 42 AS answer", "--csv", "--data-dir", data_dir)


def log_of(answer: dict[str, Any]) -> str:
    return Path(answer["log_file"]).read_text()


def test_status_and_stop_start_none(litmus: Litmus, data_dir: Path) -> None:
    for words in (["status"], ["stop"]):
        assert litmus("daemon", *words, "--data-dir", data_dir) == "not running\n"
    assert json.loads(litmus("daemon", "status", "--json", "--data-dir", data_dir)) == {
        "running": False
    }
    assert json.loads(litmus("daemon", "stop", "--json", "--data-dir", data_dir)) == {
        "stopped": False
    }


def test_a_question_starts_it_and_status_tells_about_it(
    litmus: Litmus, query: Callable[[], str], status: Callable[[], dict[str, Any]], data_dir: Path
) -> None:
    assert query() == "answer\n42\n"
    answer = status()
    assert answer["running"] is True
    os.kill(answer["pid"], 0)
    assert (answer["data_dir"], answer["protocol"]) == (str(data_dir), 1)
    assert (answer["subscribers"], answer["running_runs"], answer["caught_up"]) == (0, 0, True)
    assert f"[{answer['pid']}] litmus {answer['version']} starts for {data_dir}" in log_of(answer)
    text = litmus("daemon", "status", "--data-dir", data_dir)
    for word in (str(answer["pid"]), answer["address"], answer["log_file"], "up to date"):
        assert word in text
    query()
    assert status()["pid"] == answer["pid"]

    assert litmus("daemon", "stop", "--data-dir", data_dir) == f"stopped (pid {answer['pid']})\n"
    assert status() == {"running": False}
    assert log_of(answer).endswith("has ended\n")


def test_only_its_user_can_open_the_socket(
    query: Callable[[], str], status: Callable[[], dict[str, Any]], runtime_dir: Path
) -> None:
    query()
    socket = Path(status()["address"].removeprefix("grpc+unix://"))
    assert stat.S_IMODE(socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
    assert stat.S_IMODE((runtime_dir / "litmus").stat().st_mode) == 0o700
    assert stat.S_IMODE(Path(status()["log_file"]).parent.stat().st_mode) == 0o700


def test_those_who_come_at_once_get_the_same(
    query: Callable[[], str], status: Callable[[], dict[str, Any]]
) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: query(), range(8)))
    assert answers == ["answer\n42\n"] * 8
    assert log_of(status()).count(" starts for ") == 1


def test_after_kill_the_next_question_gets_another(
    query: Callable[[], str], status: Callable[[], dict[str, Any]]
) -> None:
    query()
    killed = status()["pid"]
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: not status()["running"], "the lock is still held")
    assert query() == "answer\n42\n"
    assert status()["pid"] != killed


@pytest.mark.parametrize("request_to_end", [signal.SIGTERM, signal.SIGINT])
def test_in_the_foreground_it_stays_until_it_is_asked_to_end(
    status: Callable[[], dict[str, Any]], data_dir: Path, request_to_end: signal.Signals
) -> None:
    command = [EXECUTABLE, "daemon", "run", "--data-dir", str(data_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as daemon:
        assert daemon.stdout is not None
        assert daemon.stdout.readline() == f"daemon of {data_dir}\n"
        address = daemon.stdout.readline().split()[1]
        assert status()["pid"] == daemon.pid
        second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert second.returncode == 1
        assert f"a daemon already runs for {data_dir} (pid {daemon.pid}" in second.stderr
        daemon.send_signal(request_to_end)
        assert daemon.wait(60) == 0
    assert status() == {"running": False}
    assert not Path(address.removeprefix("grpc+unix://")).exists()


def test_goes_when_nobody_needs_it_but_not_from_a_subscriber(
    query: Callable[[], str],
    status: Callable[[], dict[str, Any]],
    subscribe_by_flight: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("LITMUS_DAEMON_IDLE_S", "1")
    query()
    log_file = Path(status()["log_file"])
    pid = status()["pid"]
    subscriber = subscribe_by_flight()
    wait_until(lambda: status()["subscribers"] == 1, "nobody has subscribed")
    idle_limit_is_over = time.monotonic() + 2
    wait_until(lambda: time.monotonic() > idle_limit_is_over, "time stands still")
    assert status()["pid"] == pid
    subscriber.stop()
    wait_until(lambda: "has ended" in log_file.read_text(), "it has not gone")
    assert "ends: nothing to do" in log_file.read_text()
    assert status() == {"running": False}


def test_goes_when_its_lock_file_is_removed(
    query: Callable[[], str], status: Callable[[], dict[str, Any]], runtime_dir: Path
) -> None:
    query()
    log_file = Path(status()["log_file"])
    for lock in runtime_dir.glob("litmus/*.lock"):
        lock.unlink()
    wait_until(lambda: "has ended" in log_file.read_text(), "it still runs")
    assert query() == "answer\n42\n"


def test_a_data_directory_may_come_later_and_it_goes_with_it(
    litmus: Litmus, status: Callable[[], dict[str, Any]], data_dir: Path
) -> None:
    data_dir.rmdir()
    count = ("sql", "SELECT count(*) AS runs FROM runs", "--csv", "--data-dir", data_dir)
    assert litmus(*count) == "runs\n0\n"
    assert not data_dir.exists()
    LitmusClient(data_dir).start_run("SN001", "bench_1").finish()
    assert litmus(*count) == "runs\n1\n"
    log_file = Path(status()["log_file"])
    shutil.rmtree(data_dir)
    wait_until(lambda: "has ended" in log_file.read_text(), "it still runs")
    assert "its data directory is gone" in log_file.read_text()
    assert not data_dir.exists()


def test_open_subscriptions_end_with_it(
    litmus: Litmus,
    query: Callable[[], str],
    status: Callable[[], dict[str, Any]],
    runtime_dir: Path,
    data_dir: Path,
) -> None:
    query()
    with flight.FlightClient(address_of_daemon(runtime_dir)) as client:
        events = client.do_get(flight.Ticket('{"subscribe": {}}'))
        assert json.loads(next(events).app_metadata.to_pybytes())["caught_up"] is True
        log_file = Path(status()["log_file"])
        litmus("daemon", "stop", "--data-dir", data_dir)
        with contextlib.suppress(flight.FlightUnavailableError):
            assert [chunk for chunk in events if chunk.data.num_rows > 0] == []
    assert log_file.read_text().endswith("has ended\n")


def test_a_long_query_does_not_keep_it_from_ending_in_good_order(
    litmus: Litmus,
    query: Callable[[], str],
    status: Callable[[], dict[str, Any]],
    runtime_dir: Path,
    data_dir: Path,
) -> None:
    query()
    log_file = Path(status()["log_file"])
    endless = (
        "SELECT count(*) FROM range(1000000000) a, range(1000000000) b WHERE a.range < b.range"
    )
    options = [("grpc.use_local_subchannel_pool", 1)]
    with (
        flight.FlightClient(address_of_daemon(runtime_dir), generic_options=options) as client,
        ThreadPoolExecutor(1) as pool,
    ):
        answer = pool.submit(lambda: client.do_get(flight.Ticket(endless)).read_all())
        wait_until(lambda: status()["running_calls"] > 1, "the query does not run")
        litmus("daemon", "stop", "--data-dir", data_dir)
        with pytest.raises(flight.FlightError):
            answer.result(60)
    assert log_file.read_text().endswith("has ended\n")


def test_reindex_drops_the_index_and_nothing_is_missing_afterwards(
    litmus: Litmus, status: Callable[[], dict[str, Any]], data_dir: Path, runtime_dir: Path
) -> None:
    LitmusClient(data_dir).start_run("SN001", "bench_1").finish()
    count = ("sql", "SELECT count(*) AS runs FROM runs", "--csv", "--data-dir", data_dir)
    assert litmus(*count) == "runs\n1\n"
    before = status()
    with flight.FlightClient(address_of_daemon(runtime_dir)) as client:
        list(client.do_action("reindex"))
    wait_until(lambda: log_of(before).endswith("has ended\n"), "it still runs")
    assert not Path(before["index_file"]).exists()
    wait_until(lambda: litmus(*count) == "runs\n1\n", "the run is missing")


def test_what_a_full_disk_kept_out_of_the_index_is_told_and_read_by_the_next(
    litmus: Litmus, status: Callable[[], dict[str, Any]], data_dir: Path
) -> None:
    def ask() -> tuple[str, str]:
        command = [EXECUTABLE, "runs", "--json", "--limit", "1000", "--data-dir", data_dir]
        result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
        return result.stdout, result.stderr

    def fill_disk() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))

    ask()
    litmus("daemon", "stop", "--data-dir", data_dir)
    daemon = subprocess.Popen(
        [EXECUTABLE, "daemon", "run", "--data-dir", data_dir],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=fill_disk,
    )
    try:
        wait_until(lambda: bool(status()["running"]), "it does not start")
        client = LitmusClient(data_dir)
        for _ in range(100):
            client.start_run("x" * 3000, "bench_1").finish()
            if status()["index_incomplete"]:
                break
        runs, warning = ask()
        assert warning.startswith("Warning: the index could not be written: ")
        text = litmus("daemon", "status", "--data-dir", data_dir)
        assert "could not be written: see the log" in text
        litmus("daemon", "stop", "--data-dir", data_dir)
    finally:
        daemon.kill()
        daemon.communicate()
    everything, warning = ask()
    files = list(data_dir.glob("runs/*/*.parquet"))
    assert len(json.loads(runs)) < len(json.loads(everything)) == len(files)
    assert warning == ""


def test_recording_starts_it_in_the_background(
    status: Callable[[], dict[str, Any]], data_dir: Path
) -> None:
    LitmusClient(data_dir)
    wait_until(lambda: bool(status()["running"]), "nobody has started it")


def test_where_it_is_forbidden_questions_fail_and_recording_does_not(
    status: Callable[[], dict[str, Any]], data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LITMUS_DAEMON", "off")
    result = subprocess.run(
        [EXECUTABLE, "sql", "SELECT 1", "--data-dir", data_dir],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stdout) == (1, "")
    assert "LITMUS_DAEMON=off" in result.stderr
    LitmusClient(data_dir).start_run("SN001", "bench_1").finish()
    assert status() == {"running": False}


def test_without_a_cache_folder_the_index_is_in_memory(
    query: Callable[[], str],
    status: Callable[[], dict[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nothing-can-be-made-here")
    assert query() == "answer\n42\n"
    assert status()["running"] is True
    assert status()["index_file"] == ""


def fill_with_garbage(index: Path) -> None:
    index.write_bytes(b"x" * index.stat().st_size)


def cut_off(index: Path) -> None:
    os.truncate(index, index.stat().st_size // 2)


def give_another_version(index: Path) -> None:
    with duckdb.connect(index) as connection:
        connection.execute("UPDATE index_format SET version = version + 1")


@pytest.mark.parametrize("spoil", [fill_with_garbage, cut_off, give_another_version])
def test_an_index_that_cannot_be_used_is_made_anew(
    litmus: Litmus,
    status: Callable[[], dict[str, Any]],
    data_dir: Path,
    spoil: Callable[[Path], None],
) -> None:
    LitmusClient(data_dir).start_run("SN001", "bench_1").finish()
    count = ("sql", "SELECT count(*) AS runs FROM runs", "--csv", "--data-dir", data_dir)
    assert litmus(*count) == "runs\n1\n"
    before = status()
    litmus("daemon", "stop", "--data-dir", data_dir)
    spoil(Path(before["index_file"]))
    assert litmus(*count) == "runs\n1\n"
    # At the start, or when what it lacks is looked at.
    told = ("makes the index anew: ", "ends: its index is damaged")
    wait_until(lambda: any(text in log_of(before) for text in told), "nobody has noticed")
    assert litmus(*count) == "runs\n1\n"


def test_while_somebody_else_has_the_index_open_it_is_in_memory(
    litmus: Litmus, status: Callable[[], dict[str, Any]], data_dir: Path
) -> None:
    LitmusClient(data_dir).start_run("SN001", "bench_1").finish()
    count = ("sql", "SELECT count(*) AS runs FROM runs", "--csv", "--data-dir", data_dir)
    assert litmus(*count) == "runs\n1\n"
    index = status()["index_file"]
    litmus("daemon", "stop", "--data-dir", data_dir)
    with duckdb.connect(index):
        assert litmus(*count) == "runs\n1\n"
        assert "in memory: see the log" in litmus("daemon", "status", "--data-dir", data_dir)
        assert f"{index}: another process has the index open" in log_of(status())
        litmus("daemon", "stop", "--data-dir", data_dir)
    assert litmus(*count) == "runs\n1\n"
    assert status()["index_file"] == index
