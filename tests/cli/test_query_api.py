# SPDX-License-Identifier: Apache-2.0
"""The C++ query classes answer what the command line answers and what the files hold."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.answers import RUN_ROWS, Files, Litmus, column, rows_of

QUERY_CLIENT = Path(__file__).parents[2] / "build/bin/query_client"


@pytest.fixture(scope="module")
def answers(history: Path, daemon_environment: dict[str, str]) -> dict[str, Any]:
    result = subprocess.run(
        [QUERY_CLIENT, history], env=daemon_environment, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_runs_are_those_of_the_files(answers: dict[str, Any], files: Files) -> None:
    condition = "station_hostname = 'host_2' AND run_started_at >= '2026-03-05'"
    expected = f"SELECT run_id FROM {RUN_ROWS} {{}} ORDER BY run_started_at DESC, run_id"
    assert answers["runs"] == column(files.sql(expected.format(f"WHERE {condition}")))
    assert answers["run_count"] == len(answers["runs"]) > 0
    assert answers["newest"] == column(files.sql(expected.format("")))[0]
    assert answers["of_session"] == 1
    measurements = files.sql(f"FROM rows WHERE record_type = 'measurement' AND {condition}")
    assert answers["filtered_measurements"] == len(measurements)


def test_rows_of_a_run_are_those_of_its_file(answers: dict[str, Any], files: Files) -> None:
    rows = files.sql(
        "SELECT measurement_name, measurement_value, measurement_units FROM rows WHERE"
        f" record_type = 'measurement' AND run_id = '{answers['newest']}' ORDER BY row_seq"
    )
    assert answers["measurements"] == [list(row) for row in rows.fetchall()]
    assert answers["steps"] == [
        {"step_path": "rail_3v3", "measurement_count": 2, "inputs": {"vin": 5.0}},
        {"step_path": "idle", "measurement_count": 1, "inputs": {"vin": 5.0}},
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("run_pareto", ["pareto"]),
        ("step_pareto", ["pareto", "--group-by", "step"]),
        ("summary", ["summary", "--period", "week"]),
        ("trend", ["trend", "--group-by", "none"]),
        ("pareto", ["pareto", "--group-by", "measurement", "--top", "3"]),
        ("cpk", ["cpk", "--min-samples", "5"]),
        ("retest", ["retest"]),
        ("time_loss", ["time-loss", "--period", "month"]),
        ("assets", ["assets"]),
    ],
)
def test_metrics_are_those_of_the_command_line(
    answers: dict[str, Any], ask: Litmus, name: str, words: list[str]
) -> None:
    expected = rows_of(ask("metrics", *words, "--json"))
    for row in expected:
        if "conditions" in row:
            row["conditions"] = None  # an object there
    assert answers[name] == expected


def test_any_named_query_can_be_asked(answers: dict[str, Any], files: Files) -> None:
    outcomes = files.sql(f"SELECT run_outcome, count(*) FROM {RUN_ROWS} GROUP BY ALL").fetchall()
    assert {row["outcome"]: row["runs"] for row in answers["outcomes"]} == dict(outcomes)
    measured = files.sql("FROM rows WHERE measurement_value IS NOT NULL")
    assert sum(row["y"] for row in answers["bins"]) == len(measured)


def test_what_does_not_exist_is_an_error_with_what_does(answers: dict[str, Any]) -> None:
    assert "fortnight" in answers["error"]
    assert "week" in answers["error"]
