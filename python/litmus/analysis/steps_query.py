# SPDX-License-Identifier: Apache-2.0
"""Questions about steps."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Unpack
from uuid import UUID

from litmus.analysis.query import EVERYTHING, Query, Row, RunFilters
from litmus.analysis.run_lookup import find_run

__all__ = ["StepNode", "StepRow", "StepsQuery"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRow:
    """One step at one vector: `(run_id, step_path, vector_index)` tells it from all others."""

    file_path: str | None
    """Local path of the run's sealed Parquet file; None while the run is going on."""
    run_id: str
    session_id: str
    slot_id: str | None
    step_index: int | None
    """Position in the plan, a hint only: it repeats under other parents."""
    step_name: str
    step_path: str
    """Names from the outermost step inwards, with `/` between them."""
    parent_path: str | None
    vector_index: int
    outcome: str | None
    """None: it never ran, or was cut off."""
    started_at: datetime | None
    ended_at: datetime | None
    duration_s: float | None
    has_measurements: bool
    measurement_count: int
    vector_count: int | None
    retry_count: int
    """Attempts but the first one."""
    markers: str | None
    dut_serial: str | None
    station_id: str | None
    inputs: dict[str, Any]
    """What was commanded, without the prefix `in_`."""
    outputs: dict[str, Any]
    """What was observed, without the prefix `out_`."""


@dataclass(frozen=True, slots=True)
class StepNode:
    """A step with the steps inside it, in the order of execution."""

    step: StepRow
    children: "list[StepNode]" = field(default_factory=list)


_COLUMNS = tuple(field.name for field in fields(StepRow))


class StepsQuery(Query):
    """One row per step and vector, in the order of execution; steps that never ran stand last.

    Runs that are going on only with `include_incomplete`.
    """

    def list_for_run(
        self, run_id: str | UUID, *, include_incomplete: bool = False
    ) -> list[StepRow]:
        """The steps of the run with this id, or a unique beginning of it; none if there is none.

        Raises:
            ConflictError: several runs begin so; the text lists them.
        """
        run = find_run(self._daemon, run_id)
        if run is None:
            return []
        return self._steps({"run_id": run["run_id"], "include_incomplete": include_incomplete})

    def list_for_session(
        self, session_id: str | UUID, *, include_incomplete: bool = False
    ) -> list[StepRow]:
        """The steps of all runs of a session, by slot."""
        return self._steps(
            {"session_id": str(session_id), "include_incomplete": include_incomplete}
        )

    def tree_for_run(
        self, run_id: str | UUID, *, include_incomplete: bool = False
    ) -> list[StepNode]:
        """The steps as `list_for_run`, each inside the iteration of its parent in which it ran."""
        return tree(self.list_for_run(run_id, include_incomplete=include_incomplete))

    def failure_pareto(
        self,
        *,
        top_n: int = 10,
        leaf_only: bool = True,
        attempts: str = "final",
        **filters: Unpack[RunFilters],
    ) -> list[Row]:
        """Which steps fail or are errored, worst first.

        Args:
            top_n: so many rows at most.
            leaf_only: a step is not counted beside one inside it that failed.
            attempts: `final`: of several attempts the last one; `all`.
            **filters: which runs; see RunFilters.

        Returns:
            `bucket` (step path), `failed_count, total, fail_rate_pct` (%, with `_ci_low` and
            `_ci_high`), `cumulative_pct` (% of all failures).
        """
        return self._rows(
            "steps.pareto", filters | {"top": top_n, "leaf_only": leaf_only, "attempts": attempts}
        )

    def describe_columns(self) -> list[Row]:
        """`name, type, category, null_share` (0 to 1) of each column of the relation `steps`."""
        return self._describe("steps")

    def _steps(self, parameters: Row) -> list[StepRow]:
        rows = self._rows("steps.list", parameters | {"limit": EVERYTHING})
        return [_step(row) for row in rows]


def tree(steps: Sequence[StepRow]) -> list[StepNode]:
    """Steps of one run inside one another; those whose parent is missing stand at the top."""
    nodes = [StepNode(step) for step in steps]
    iterations: dict[str, list[StepNode]] = {}
    for node in nodes:
        iterations.setdefault(node.step.step_path, []).append(node)
    roots: list[StepNode] = []
    for node in nodes:
        parents = iterations.get(node.step.step_path.rpartition("/")[0])
        siblings = _own_parent(node.step, parents).children if parents else roots
        siblings.append(node)
    return roots


def _own_parent(step: StepRow, parents: list[StepNode]) -> StepNode:
    """The iteration that began last before the step did; of a step that never ran, its namesake."""
    if step.started_at is not None:
        begun = [
            parent
            for parent in parents
            if parent.step.started_at is not None and parent.step.started_at <= step.started_at
        ]
        if begun:
            return max(begun, key=lambda parent: (parent.step.started_at, parent.step.vector_index))
    same_index = (p for p in parents if p.step.vector_index == step.vector_index)
    return next(same_index, parents[-1])


def _step(row: Row) -> StepRow:
    given = {name: row[name] for name in _COLUMNS}
    for name in ("inputs", "outputs"):
        given[name] = json.loads(given[name]) if given[name] else {}
    return StepRow(**given)
