# SPDX-License-Identifier: Apache-2.0
import csv
import io
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from litmus.client import LitmusClient

Litmus = Callable[..., subprocess.CompletedProcess[str]]
CSV_HEADER = (
    "step_name,measurement_name,value,units,limit_low,limit_high,nominal,outcome,"
    "characteristic_id,dut_pin,instrument_name"
)


def test_run_is_shown_with_its_steps_and_measurements(litmus: Litmus, failed_run: str) -> None:
    result = litmus("show", failed_run[:6])
    assert (result.returncode, result.stderr) == (0, "")
    text = result.stdout
    assert f"Test Run:      {failed_run}\n" in text
    assert "DUT Serial:    SN001 (part PB-100)\n" in text
    assert "Outcome:       errored\n" in text
    assert "Measurements:  3 (1 failed)\n" in text
    assert re.search(r"^1\.  firmware +passed +1 ", text, re.M)
    assert "TimeoutError: no answer\n" in text
    assert "within 2 s\n" in text
    assert re.search(
        r"^✗  rails/rail_3v3 \[1\] +voltage +4\.000 V +2\.9 ≤ x ≤ 3\.4 +failed", text, re.M
    )
    assert re.search(r'-version +"1\.4\.0" += "1\.4\.0" +passed', text)


def test_env_shows_the_environment_instead_of_steps(litmus: Litmus, failed_run: str) -> None:
    text = litmus("show", failed_run, "--env").stdout
    assert re.search(r"^Python: +3\.", text, re.M)
    assert re.search(r"^Dependencies: +\d+$", text, re.M)
    assert "Step Results" not in text


@pytest.mark.usefixtures("failed_run")
def test_unknown_run_is_status_1_in_every_mode(litmus: Litmus) -> None:
    for options in ([], ["-f", "json"], ["--env"]):
        result = litmus("show", "ffff0000-0000", *options)
        assert (result.returncode, result.stdout) == (1, "")
        assert result.stderr.startswith("Error: no run with id ffff0000-0000 in ")


def test_ambiguous_prefix_lists_the_candidates(litmus: Litmus, client: LitmusClient) -> None:
    ids = []
    while len({run_id[0] for run_id in ids}) == len(ids):  # at the latest the 17th of 16 digits
        run = client.start_run(f"SN{len(ids)}", "bench_1")
        run.finish()
        ids.append(str(run.id))
    twins = [run_id for run_id in ids if run_id[0] == ids[-1][0]]
    result = litmus("show", ids[-1][0])
    assert result.returncode == 1
    assert f"run id {ids[-1][0]} fits 2 runs: " in result.stderr
    for run_id in twins:
        assert f"{run_id[:8]} (SN{ids.index(run_id)}, 20" in result.stderr


def test_whole_prefix_counts_not_its_first_eight_characters(
    litmus: Litmus, failed_run: str
) -> None:
    assert litmus("show", failed_run[:9]).returncode == 0
    assert litmus("show", failed_run[:9] + "zzzz").returncode == 1


@pytest.mark.parametrize("name", ["html", "pdf", "xml"])
def test_format_that_is_not_there_is_status_1_with_those_that_are(
    litmus: Litmus, failed_run: str, name: str
) -> None:
    result = litmus("show", failed_run, "-f", name)
    assert result.returncode == 1
    assert f"no report format {name}; available: json, csv" in result.stderr
    assert not list(Path().iterdir())


def test_report_goes_to_the_working_directory(litmus: Litmus, failed_run: str) -> None:
    result = litmus("show", failed_run, "-f", "json")
    name = f"report_{failed_run[:8]}.json"
    assert result.stdout == f"Report generated: {name}\n"
    assert [path.name for path in Path().iterdir()] == [name]


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        ("out/", "out/report_{}.csv"),
        ("new/folder", "new/folder/report_{}.csv"),
        ("there.d", "there.d/report_{}.csv"),
        ("my.csv", "my.csv"),
        ("sub/my.txt", "sub/my.txt"),
    ],
)
def test_output_is_a_file_or_a_folder(
    litmus: Litmus, failed_run: str, output: str, expected: str
) -> None:
    Path("there.d").mkdir()
    path = expected.format(failed_run[:8])
    assert litmus("show", failed_run, "-f", "csv", "-o", output).stdout.endswith(f"{path}\n")
    assert Path(path).read_text().startswith(CSV_HEADER)


def test_json_agrees_with_the_run_file(litmus: Litmus, failed_run: str, data_dir: Path) -> None:
    litmus("show", failed_run, "-f", "json", "-o", "run.json")
    report = json.loads(Path("run.json").read_text())
    rows = pq.read_table(next(data_dir.glob("runs/*/*.parquet"))).to_pylist()
    steps = [row for row in rows if row["record_type"] == "step"]
    measurements = [row for row in rows if row["record_type"] == "measurement"]
    assert report["run_id"] == failed_run
    assert report["dut"] == {
        "serial": "SN001",
        "part_number": "PB-100",
        "revision": "",
        "lot_number": "",
    }
    assert report["summary"] == {
        **{"total": 3, "passed": 2, "failed": 1, "skipped": 0, "error": 0},
        "pass_rate": 66.7,
    }
    assert [(s["step_path"], s["vector_index"], s["outcome"]) for s in report["steps"]] == [
        (row["step_path"], row["vector_index"], row["step_outcome"]) for row in steps
    ]
    assert [(m["measurement_name"], m["value"], m["outcome"]) for m in report["measurements"]] == [
        (row["measurement_name"], row["measurement_value"], row["measurement_outcome"])
        for row in measurements
    ]
    assert report["measurements"][0]["inputs"] == {"vin": 4.5}
    assert report["environment"]["litmus_version"] == rows[0]["litmus_version"]


def test_csv_on_standard_output_is_read_back_by_csv(litmus: Litmus, failed_run: str) -> None:
    text = litmus("show", failed_run, "-f", "csv", "-o", "-").stdout
    assert text.startswith(CSV_HEADER + "\n")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [float(row["value"]) for row in rows[:2]] == [3.0, 4.0]
    assert rows[2]["measurement_name"] == "'-version", "no formula for a spreadsheet"
    assert rows[2]["value"] == rows[2]["nominal"] == "1.4.0"


def test_wide_csv_adds_place_and_conditions(litmus: Litmus, failed_run: str) -> None:
    text = litmus("show", failed_run, "-f", "csv", "--wide", "-o", "-").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["in_vin"] for row in rows] == ["4.5", "5.5", ""]
    assert rows[1]["step_path"] == "rails/rail_3v3"
    assert rows[1]["vector_index"] == "1"


def test_csv_for_excel_has_mark_and_line_ends(litmus: Litmus, failed_run: str) -> None:
    litmus("show", failed_run, "-f", "csv", "--excel", "-o", "run.csv")
    content = Path("run.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbfstep_name")
    assert content.count(b"\r\n") == content.count(b"\n") == 4


def test_run_without_measurements_has_a_csv_with_its_header(
    litmus: Litmus, client: LitmusClient
) -> None:
    run = client.start_run("SN001", "bench_1")
    run.finish()
    assert litmus("show", str(run.id), "-f", "csv", "-o", "-").stdout == CSV_HEADER + "\n"


def test_older_file_with_fewer_columns_is_shown(
    litmus: Litmus, failed_run: str, data_dir: Path
) -> None:
    file = next(data_dir.glob("runs/*/*.parquet"))
    table = pq.read_table(file)
    pq.write_table(table.select([n for n in table.column_names[:65] if n != "limit_high"]), file)
    result = litmus("show", failed_run)
    assert result.returncode == 0
    assert "x ≥ 2.9" in result.stdout
