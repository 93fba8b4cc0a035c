# SPDX-License-Identifier: Apache-2.0
"""Run files as another producer would write them: a few weeks of two stations and two products."""

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq

START = datetime(2026, 3, 2, 7, 30, tzinfo=UTC)  # a Monday
UNITS = 60

_TIME = pa.timestamp("us", tz="UTC")
_TYPES = {
    **dict.fromkeys(("run_started_at", "run_ended_at", "measurement_timestamp"), _TIME),
    **dict.fromkeys(("step_started_at", "step_ended_at"), _TIME),
    **dict.fromkeys(("row_seq", "step_index", "vector_index", "vector_retry"), pa.int64()),
    **dict.fromkeys(("measurement_value", "limit_low", "limit_high", "in_vin"), pa.float64()),
}
_COLUMNS = [
    *("record_type", "session_id", "run_id", "row_seq", "run_started_at", "run_ended_at"),
    *("run_outcome", "dut_serial", "dut_part_number", "dut_lot_number", "station_id"),
    *("station_hostname", "test_phase", "operator_id", "project_name", "step_name", "step_index"),
    *("step_path", "parent_path", "vector_index", "vector_retry", "step_started_at"),
    *("step_ended_at", "step_outcome", "vector_outcome", "measurement_name"),
    *("measurement_timestamp", "measurement_value", "measurement_units", "measurement_outcome"),
    *("limit_low", "limit_high", "limit_comparator", "in_vin"),
]
SCHEMA = pa.schema([(name, _TYPES.get(name, pa.string())) for name in _COLUMNS])


def write_history(data_dir: Path) -> int:
    """Writes the run files, always the same ones, and returns how many."""
    dice = random.Random(7)
    count = 0
    for unit in range(UNITS):
        attempts = 0
        outcome = "failed"
        while outcome == "failed" and attempts < 3:
            hours = 9 * unit + 31 * attempts  # retests come a day later
            outcome = _write_run(data_dir, dice, count, unit, START + timedelta(hours=hours))
            attempts += 1
            count += 1
    return count


def _write_run(
    data_dir: Path, dice: random.Random, number: int, unit: int, started_at: datetime
) -> str:
    duration = timedelta(seconds=round(dice.uniform(5, 40), 3))
    readings = [
        ("rail_3v3", "voltage", dice.gauss(3.3, 0.09), "V", 3.15, 3.45),
        ("rail_3v3", "ripple", dice.gauss(0.02, 0.004), "V", None, 0.03),
        ("idle", "current", dice.gauss(0.11, 0.012), "A", 0.09, 0.14),
    ]
    good = {
        step: all(
            (low is None or value >= low) and value <= high
            for name, _, value, _, low, high in readings
            if name == step
        )
        for step in ("rail_3v3", "idle")
    }
    outcome = "passed" if all(good.values()) else "failed"
    if number % 17 == 0:
        outcome = "errored"
    run: dict[str, Any] = {
        "session_id": str(UUID(int=number + 1_000_000, version=4)),
        "run_id": str(UUID(int=dice.getrandbits(128), version=4)),
        "run_started_at": started_at,
        "run_ended_at": started_at + duration,
        "run_outcome": outcome,
        "dut_serial": None if unit % 20 == 19 else f"SN{unit:03}",
        "dut_part_number": ("PB-100", "PB-200")[unit % 2],
        "dut_lot_number": f"L{unit // 30}",
        "station_id": f"bench_{number % 3 + 1}",
        "station_hostname": f"host_{number % 3 + 1}",
        "test_phase": "development" if unit % 15 == 14 else "production",
        "operator_id": "op_1",
        "project_name": "power_board",
    }
    rows = [{**run, "record_type": "run"}]
    for index, (name, is_good) in enumerate(good.items()):
        step = {
            **run,
            **{"step_name": name, "step_path": name, "parent_path": "", "step_index": index},
            **{"vector_index": 0, "step_started_at": started_at},
            **{"step_ended_at": started_at + duration, "in_vin": 5.0},
            **dict.fromkeys(("step_outcome", "vector_outcome"), "passed" if is_good else "failed"),
        }
        rows.append({**step, "record_type": "step"})
        for step_name, measurement, value, units, low, high in readings:
            if step_name == name:
                within = (low is None or value >= low) and value <= high
                rows.append(
                    {
                        **step,
                        **{"record_type": "measurement", "vector_retry": 0},
                        **{"measurement_name": measurement, "measurement_value": value},
                        **{"measurement_timestamp": started_at, "measurement_units": units},
                        **{"limit_low": low, "limit_high": high},
                        "limit_comparator": "LE" if low is None else "GELE",
                        "measurement_outcome": "passed" if within else "failed",
                    }
                )
    for seq, row in enumerate(rows):
        row["row_seq"] = seq
    folder = data_dir / "runs" / f"{started_at:%Y-%m-%d}"
    folder.mkdir(parents=True, exist_ok=True)
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    pq.write_table(table, folder / f"{started_at:%Y%m%dT%H%M%SZ}_{number:03}.parquet")
    return outcome
