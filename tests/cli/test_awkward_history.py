# SPDX-License-Identifier: Apache-2.0
"""All metrics of a history full of traps, compared with pandas."""

import math
import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli import run_history
from tests.cli.answers import Litmus, rows_of
from tests.daemon.metrics_in_pandas import History

Row = dict[str, Any]

RUNS = 120
START = datetime(2026, 2, 20, 22, 0, tzinfo=UTC)
SCHEMA = run_history.SCHEMA.append(pa.field("product_id", pa.string()))
OUTCOMES = ["passed", "failed", "errored", "terminated", "aborted", "done", "skipped", None]


def run_rows(dice: random.Random) -> list[Row]:
    """A run of some unit, at some time: many share serials, moments, and what is missing."""

    def uuid() -> str:
        return str(UUID(int=dice.getrandbits(128), version=4))

    started_at = START + timedelta(
        days=dice.randrange(40),
        hours=dice.choice([0, 1, 2, 2, 14]),  # midnight is at 2
        seconds=dice.choice([0, 0, 59]),
        microseconds=dice.choice([0, 999_999]),
    )
    seconds = dice.choice([0, 0.004, 1.006, 12.344, 100, dice.uniform(0, 50), -3])
    run = {
        "session_id": uuid(),
        "run_id": uuid(),
        "run_started_at": started_at,
        "run_ended_at": dice.choices([started_at + timedelta(seconds=seconds), None], [19, 1])[0],
        "run_outcome": dice.choices(OUTCOMES, [50, 20, 8, 4, 4, 3, 3, 5])[0],
        "dut_serial": dice.choices([f"SN{dice.randrange(40)}", None, "", "  "], [17, 1, 1, 1])[0],
        "dut_part_number": dice.choice(["PB-100", "PB-100", "PB-200", None]),
        "product_id": dice.choice(["board", None]),
        "station_id": dice.choice(["bench_1", "bench_2", None]),
        "station_hostname": dice.choice(["host_1", "host_1", "host_2", None]),
        "test_phase": dice.choice(["production", "production", "validation", "development", None]),
    }
    rows: list[Row] = [{**run, "record_type": "run"}]
    for index, path in enumerate(["rails", "rails/rail", "led"]):
        for vector in range(dice.choice([1, 2])):
            outcome = dice.choice(["passed", "passed", "failed", "errored", "skipped", None])
            step = {
                **run,
                **{"step_path": path, "step_name": path.split("/")[-1], "step_index": index},
                **{"parent_path": path.rpartition("/")[0], "vector_index": vector},
                **{"step_started_at": started_at, "step_ended_at": started_at, "in_vin": 5.0},
                **{"step_outcome": outcome, "vector_outcome": outcome},
            }
            rows.append({**step, "record_type": "step"})
            for attempt in range(dice.choice([1, 1, 2])):
                common = {**step, "record_type": "measurement", "vector_retry": attempt}
                rows += [{**common, **measured} for measured in measurements(dice)]
    return [{**row, "row_seq": number} for number, row in enumerate(rows)]


def measurements(dice: random.Random) -> list[Row]:
    changed = dice.choice([(3.0, 3.6), (3.0, 3.6), (3.1, 3.5)])
    rows = []
    for name, value, units, (low, high) in [
        ("voltage", dice.gauss(3.3, 0.1), dice.choice(["V", "V", None]), changed),
        ("setting", 0.5, "V", (0.0, 1.0)),  # sigma is 0
        ("leakage", dice.gauss(1e-9, 1e-10), "A", (None, 1.2e-9)),
        ("seen", dice.gauss(0, 1e6), None, (None, None)),
    ]:
        rows.append(
            {
                **{"measurement_name": name, "measurement_units": units},
                "measurement_value": dice.choices(
                    [value, math.nan, math.inf, -math.inf, None], [40, 1, 1, 1, 1]
                )[0],
                "measurement_outcome": dice.choice(["passed", "passed", "failed", "errored", None]),
                **{"limit_low": low, "limit_high": high},
                "limit_comparator": ("GELE" if low is not None else "LE") if high else None,
            }
        )
    return rows


@pytest.fixture
def awkward(tmp_path: Path) -> Path:
    data_dir = tmp_path / "awkward"
    dice = random.Random(11)
    for number in range(RUNS):
        rows = run_rows(dice)
        folder = data_dir / "runs" / f"{rows[0]['run_started_at']:%Y-%m-%d}"
        folder.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), folder / f"{number}.parquet")
    return data_dir


def is_same(expected: Any, found: Any) -> bool:
    if isinstance(expected, date):
        expected = expected.isoformat()
    if expected is None or (isinstance(expected, float) and math.isnan(expected)):
        return found is None
    if not isinstance(expected, str):
        # The last decimal may be rounded to the other side.
        return math.isclose(expected, found, rel_tol=1e-9, abs_tol=1e-15) or (
            abs(expected) > 1e-3 and abs(expected - found) < 0.0101
        )
    return bool(expected == found)


def check(expected: list[Row], found: list[Row]) -> None:
    assert expected
    assert len(found) == len(expected)
    for wanted, row in zip(expected, found, strict=True):
        different = {
            name: (value, row[name])
            for name, value in wanted.items()
            if not is_same(value, row[name])
        }
        assert different == {}, row


WINDOW = {"since": "2026-03-01T00:00:00Z", "until": "2026-03-12T23:59:59.999999Z"}


@pytest.mark.usefixtures("daemon_allowed")
def test_all_metrics_agree_with_pandas(litmus: Litmus, awkward: Path) -> None:
    history = History.read(sorted(awkward.glob("runs/*/*.parquet")))

    def metric(*words: str) -> list[Row]:
        return rows_of(litmus("metrics", *words, "--json", "--data-dir", awkward))

    everything = ["product", "station", "phase"]
    for groups, period, words, filters in [
        (everything, "day", ["--phase", "all"], {"phase": "all"}),
        (everything, "all", [], {}),
        (["station"], "week", [], {}),
        ([], "all", [], {}),
        ([], "all", ["--since", "2026-03-01", "--until", "2026-03-12"], WINDOW),
    ]:
        by = ["--period", period, *words, "--group-by"]
        periods = ["period"] if period != "all" else []
        check(
            history.summary(groups, period, **filters),
            metric("summary", *by, ",".join([*groups, *periods]) or "none"),
        )
        by.append(",".join(groups) or "none")
        check(history.retest(groups, period, **filters), metric("retest", *by))
        times = history.time_loss(groups, period, **filters)
        for row in times:
            del row["total_time_s"]  # of its rounded parts
        check(times, metric("time-loss", *by))

    for period in ("day", "week", "month"):
        check(history.trend(period), metric("trend", "--group-by", "none", "--period", period))

    check(history.run_pareto("product", 10), metric("pareto"))
    check(history.step_pareto(10), metric("pareto", "--group-by", "step"))
    by_measurement = ["--group-by", "measurement", "--top", "50"]
    check(history.measurement_pareto(50), metric("pareto", *by_measurement))

    capabilities = metric("cpk", "--min-samples", "3")
    cpks = [math.inf if row["cpk"] is None else row["cpk"] for row in capabilities]
    assert cpks == sorted(cpks)
    check(
        sorted(history.cpk(["product", "station"], 3), key=key_of),
        sorted(capabilities, key=key_of),
    )


def key_of(row: Row) -> list[str]:
    names = ("measurement_name", "step_path", "product", "station", "units", "lsl", "usl")
    return [str(None if row[name] != row[name] else row[name]) for name in names]
