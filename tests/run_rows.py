# SPDX-License-Identifier: Apache-2.0
"""The rows of one run file, for tests that look at what was stored."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

Rows = list[dict[str, Any]]


class RunRows:
    """None without a file."""

    def __init__(self, file: str | Path | None) -> None:
        self.rows: Rows = pq.read_table(str(file)).to_pylist() if file else []

    def of(self, record_type: str) -> Rows:
        return [row for row in self.rows if row["record_type"] == record_type]

    def step(self, path: str) -> dict[str, Any]:
        return next(row for row in self.of("step") if row["step_path"] == path)

    def measurement(self, name: str) -> dict[str, Any]:
        return next(row for row in self.of("measurement") if row["measurement_name"] == name)
