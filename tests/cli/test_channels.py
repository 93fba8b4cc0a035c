# SPDX-License-Identifier: Apache-2.0
import csv
import io
import json
import select
import subprocess
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from litmus.data.channels.store import ChannelStore

Litmus = Callable[..., subprocess.CompletedProcess[str]]
SESSION = UUID("3fcca080-64bd-4d0e-8a6b-3c8f6d2a9001")


@pytest.fixture
def recorded(data_dir: Path) -> Path:
    with ChannelStore(data_dir, SESSION) as store:
        store.write_block(
            "dmm.voltage", np.arange(100.0), t0="2026-03-10T12:00:00Z", sample_interval=1.0,
            units="V", instrument_role="dmm",
        )  # fmt: skip
        store.write("scope.ch1", (np.sin(np.arange(1000) / 50), 1e-6), units="V")
    return data_dir


def test_channels_are_listed(litmus: Litmus, recorded: Path) -> None:
    assert recorded
    listed = litmus("channels", "list").stdout.splitlines()
    assert [line.split()[0] for line in listed] == ["Channel", "dmm.voltage", "scope.ch1"]
    (dmm, scope) = json.loads(litmus("channels", "list", "--json").stdout)
    assert (dmm["units"], dmm["row_count"], dmm["instrument_role"]) == ("V", 100, "dmm")
    assert scope["data_type"] == "waveform"


def test_nothing_recorded_is_said(litmus: Litmus, data_dir: Path) -> None:
    data_dir.mkdir()
    assert litmus("channels", "list").stdout == "No channels found.\n"
    shown = litmus("channels", "show", "dmm.voltage")
    assert (shown.returncode, shown.stdout) == (0, "No samples found.\n")


def test_the_last_rows_are_shown(litmus: Litmus, recorded: Path) -> None:
    assert recorded
    assert len(litmus("channels", "show", "dmm.voltage").stdout.splitlines()) == 21
    rows = json.loads(litmus("channels", "show", "dmm.voltage", "--last", "2", "--json").stdout)
    assert [row["value"] for row in rows] == [98, 99]
    reference = f"channel://dmm.voltage/{SESSION}/7"
    (row,) = json.loads(litmus("channels", "show", reference, "--json").stdout)
    assert row["value"] == 7
    expand = ["--expand", "--max-points", "10", "--json"]
    samples = json.loads(litmus("channels", "show", "scope.ch1", *expand).stdout)
    assert len(samples) == 10
    assert samples[-1]["offset_s"] == pytest.approx(999e-6)


def test_rows_are_exported_in_each_format(litmus: Litmus, executable: str, recorded: Path) -> None:
    assert recorded
    times = ["--since", "2026-03-10T12:00:10", "--until", "2026-03-10T12:00:12"]
    text = litmus("channels", "export", "dmm.voltage", *times).stdout
    assert [row["value"] for row in csv.DictReader(io.StringIO(text))] == ["10", "11", "12"]
    for name, read in (
        ("parquet", pq.read_table),
        ("arrow", lambda f: pa.ipc.open_stream(f).read_all()),
    ):
        command = [executable, "channels", "export", "dmm.voltage", "-f", name, *times]
        content = subprocess.run(command, capture_output=True, check=True).stdout
        table = read(io.BytesIO(content))
        assert table.column("value").to_pylist() == [10, 11, 12]
        assert table.column("units").to_pylist() == ["V"] * 3
    day = ["--until", "2026-03-10", "--last", "1"]
    assert litmus("channels", "export", "dmm.voltage", *day).stdout.count("\n") == 2


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["export", "dmm.voltage", "-f", "xls"], "expected csv, parquet or arrow, found xls"),
        (["show", "dmm.voltage", "--since", "x"], "--since: expected a date"),
        (["show", "channel://a/b"], "reference 'channel://a/b': expected channel://<channel>"),
        (["show", "dmm.voltage", "--expand"], "expected one waveform to expand, found 100 rows"),
        (["show", "dmm.voltage", "--columns", "volts"], "expected columns among timestamp, value"),
    ],
)
def test_what_cannot_be_asked_is_said(
    litmus: Litmus, recorded: Path, words: list[str], message: str
) -> None:
    assert recorded
    result = litmus("channels", *words)
    assert result.returncode == 2
    assert message in result.stderr


def test_order_and_columns_are_chosen(litmus: Litmus, recorded: Path) -> None:
    assert recorded
    options = ["--last", "2", "--desc", "--columns", "value,units"]
    text = litmus("channels", "export", "dmm.voltage", *options).stdout
    assert text.split() == ["value,units", "99,V", "98,V"]


def test_a_reference_to_a_row_that_is_not_there_is_an_error(litmus: Litmus, recorded: Path) -> None:
    assert recorded
    result = litmus("channels", "show", f"channel://dmm.voltage/{SESSION}/100")
    assert result.returncode == 1
    assert "channel dmm.voltage: there is no row 100 of session" in result.stderr
    assert litmus("channels", "show", f"channel://dmm.voltage/{SESSION}/99").returncode == 0


def test_a_waveform_is_a_line_that_tells_its_length(litmus: Litmus, data_dir: Path) -> None:
    with ChannelStore(data_dir, SESSION) as store:
        store.write("scope.ch1", [0.5] * 1000)
    lines = litmus("channels", "show", "scope.ch1").stdout.splitlines()
    assert "1000 values" in lines[1]
    assert len(lines[1]) < 200


def test_samples_are_printed_as_they_are_recorded(executable: str, data_dir: Path) -> None:
    with ChannelStore(data_dir, SESSION) as store:
        store.write("dmm.voltage", 0.0)
        store.flush()
        command = [executable, "channels", "tail", "dmm.*", "--jsonl"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as tail:
            assert tail.stdout is not None
            # Until it follows: what is written earlier is not its business.
            lines = []
            number = 0
            while not lines:
                number += 1
                store.write("dmm.voltage", number)
                store.write("psu.volts", number)
                store.flush()
                if select.select([tail.stdout], [], [], 0.01)[0]:
                    lines.append(json.loads(tail.stdout.readline()))
            store.write("dmm.trace", [1, 2])
            while lines[-1]["channel_id"] != "dmm.trace":
                lines.append(json.loads(tail.stdout.readline()))
            tail.terminate()
    voltages = [line["value"] for line in lines[:-1]]
    assert voltages == list(range(int(voltages[0]), number + 1))
    assert lines[-1]["samples"] == [1, 2]


def test_the_shell_completes_channels(litmus: Litmus, recorded: Path) -> None:
    assert recorded
    words = litmus("complete-words", "channels", "show", "dm").stdout
    assert words == "words\ndmm.voltage\tscalar V\n"
