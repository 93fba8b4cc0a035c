# SPDX-License-Identifier: Apache-2.0
"""Questions about runs."""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Unpack
from uuid import UUID

from litmus.analysis.query import EVERYTHING, Query, Row, RunFilters
from litmus.analysis.run_lookup import find_run

__all__ = ["RunRow", "RunsQuery"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One run."""

    file_path: str | None
    """Local path of the sealed Parquet file; None while the run is going on."""
    run_id: str
    session_id: str
    slot_id: str | None
    dut_serial: str | None
    """None if the device has none."""
    dut_part_number: str | None
    dut_lot_number: str | None
    station_id: str | None
    station_name: str | None
    station_hostname: str | None
    fixture_id: str | None
    outcome: str | None
    """An outcome; None while the run is going on."""
    started_at: datetime | None
    ended_at: datetime | None
    num_measurements: int
    num_steps: int
    test_phase: str | None
    product_id: str | None
    operator_id: str | None
    project_name: str | None


_COLUMNS = tuple(field.name for field in fields(RunRow))
_FILTER_COLUMNS = (
    *("test_phase", "dut_part_number", "station_hostname"),
    *("dut_lot_number", "operator_id", "project_name", "station_id"),
)


class RunsQuery(Query):
    """One row per run. Runs that are going on only with `include_incomplete`."""

    def list_recent(
        self,
        limit: int | None = 50,
        *,
        offset: int = 0,
        after: str | UUID | None = None,
        include_incomplete: bool = False,
        order_by: str = "started_at",
        descending: bool = True,
        **filters: Unpack[RunFilters],
    ) -> list[RunRow]:
        """The runs that fit, newest first.

        Args:
            limit: so many at most; None: all.
            offset: so many are passed over.
            after: goes on behind the run with this id: the last one of a page gives the next page,
                with no run twice or missing when others have come meanwhile.
            include_incomplete: running runs, too.
            order_by: a field of RunRow or `duration_s`; equal ones by run id, missing ones last.
            descending: the highest first.
            **filters: which runs; see RunFilters.
        """
        return self._runs(
            filters
            | {
                "limit": EVERYTHING if limit is None else limit,
                "offset": offset,
                "after": str(after) if after else None,
                "include_incomplete": include_incomplete,
                "order_by": order_by,
                "descending": descending,
            }
        )

    def get(self, run_id: str | UUID) -> RunRow | None:
        """The run with this id, or a unique beginning of it, running or not; None if there is none.

        Raises:
            ConflictError: several runs begin so; the text lists them.
        """
        row = find_run(self._daemon, run_id)
        return _run(row) if row else None

    def find_for_session(
        self, session_id: str | UUID, *, include_incomplete: bool = False
    ) -> list[RunRow]:
        """All runs of a session, oldest first."""
        return self._runs(
            {
                "session_id": str(session_id),
                "include_incomplete": include_incomplete,
                "limit": EVERYTHING,
                "descending": False,
            }
        )

    def count(self, *, include_incomplete: bool = False, **filters: Unpack[RunFilters]) -> int:
        """How many runs `list_recent` would list without a limit."""
        (row,) = self._rows("runs.count", filters | {"include_incomplete": include_incomplete})
        return int(row["runs"])

    def count_by_outcome(self, **filters: Unpack[RunFilters]) -> dict[str, int]:
        """Outcome -> number of runs; `running` for those that are going on."""
        rows = self._rows("runs.count_by_outcome", filters)
        return {row["outcome"]: row["runs"] for row in rows}

    def distinct_filter_values(self) -> dict[str, list[str]]:
        """What runs can be filtered by: column -> its values, sorted; empty if there are none.

        `test_phase, dut_part_number, station_hostname, dut_lot_number, operator_id, project_name,
        station_id`.
        """
        values: dict[str, list[str]] = {column: [] for column in _FILTER_COLUMNS}
        for row in self._rows("runs.distinct", {}):
            values[row["column"]].append(row["value"])
        return values

    def describe_columns(self) -> list[Row]:
        """`name, type, category, null_share` (0 to 1) of each column of the relation `runs`."""
        return self._describe("runs")

    def failure_pareto(
        self,
        *,
        group_by: str = "dut_part_number",
        top_n: int = 10,
        **filters: Unpack[RunFilters],
    ) -> list[Row]:
        """Where runs fail or are errored, worst first.

        Args:
            group_by: `dut_part_number`, `station_hostname`, `operator_id`, `test_phase`,
                `fixture_id`, `product`, `station` or `phase`.
            top_n: so many rows at most.
            **filters: which runs; see RunFilters.

        Returns:
            `bucket, failed_count, total, fail_rate_pct` (%, with `_ci_low` and `_ci_high`),
            `cumulative_pct` (% of all failures).
        """
        return self._rows("runs.pareto", filters | {"group_by": group_by, "top": top_n})

    def usage_stats(self, by: str, **filters: Unpack[RunFilters]) -> list[Row]:
        """Runs per value of a column, most first.

        Args:
            by: `dut_part_number`, `station_hostname`, `station_id`, `fixture_id`, `test_phase`,
                `operator_id` or `project_name`.
            **filters: which runs; see RunFilters.

        Returns:
            `value, runs, pass_count, fail_count, errored_count, last_run`.
        """
        return self._rows("runs.usage", filters | {"by": by})

    def _runs(self, parameters: Row) -> list[RunRow]:
        return [_run(row) for row in self._rows("runs.list", parameters)]


def _run(row: Row) -> RunRow:
    return RunRow(**{name: row[name] for name in _COLUMNS})
