# SPDX-License-Identifier: Apache-2.0
"""What tests read from answers and from run files."""

import json
import subprocess
from collections.abc import Callable
from typing import Any

import duckdb

Litmus = Callable[..., subprocess.CompletedProcess[str]]
Files = duckdb.DuckDBPyConnection

RUN_ROWS = "(FROM rows WHERE record_type = 'run')"


def rows_of(result: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert (result.returncode, result.stderr) == (0, "")
    rows: list[dict[str, Any]] = json.loads(result.stdout)
    return rows


def column(relation: duckdb.DuckDBPyRelation) -> list[Any]:
    return [row[0] for row in relation.fetchall()]
