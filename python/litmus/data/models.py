# SPDX-License-Identifier: Apache-2.0
"""Runs, steps, vectors and measurements as objects, the way a finished run returns them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict

from litmus import _core
from litmus.data.measurement import Measurement
from litmus.data.outcomes import Comparator, Outcome, escalate_outcome
from litmus.data.waveform import Waveform

__all__ = [
    "DUT",
    "Comparator",
    "Limit",
    "Measurement",
    "Outcome",
    "RunSummary",
    "TestRun",
    "TestStep",
    "TestVector",
    "Waveform",
    "escalate_outcome",
    "retry_aware_rollup",
]


class Limit(BaseModel):
    """What a value is held against; `value in limit` tells whether it is inside.

    Bounds are in `units`; a missing one is open. An unknown keyword or comparator is a
    ValidationError, which is a ValueError.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    low: float | None = None
    high: float | None = None
    nominal: float | None = None
    units: str | None = None
    characteristic_id: str | None = None
    spec_ref: str | None = None
    comparator: Comparator = Comparator.GELE

    def __contains__(self, value: Any) -> bool:
        """Booleans, NaN and what is no number are never inside; EQ and NE need a nominal."""
        if not _core.is_number(value) or value != value:
            return False
        outcome = _core.judge(value, self.low, self.high, self.nominal, self.comparator)
        if outcome is Outcome.DONE:  # no bound that the comparator looks at
            return self.comparator not in (Comparator.EQ, Comparator.NE)
        return outcome is Outcome.PASSED


@dataclass(slots=True)
class TestVector:
    """One combination of parameters that a step was run with."""

    __test__ = False  # no test class, whatever pytest thinks of the name

    id: UUID = field(default_factory=uuid4)
    test_step_id: UUID | None = None
    index: int = 0
    """Number of the combination within the run's steps of this path, from 0."""
    params: dict[str, Any] = field(default_factory=dict)
    observations: dict[str, Any] = field(default_factory=dict)
    stimulus: list[Any] = field(default_factory=list)
    retry: int = 0
    max_retries: int = 0
    outcome: Outcome | None = None
    measurements: list[Measurement] = field(default_factory=list)
    started_at: datetime | None = None
    ended_at: datetime | None = None
    error_message: str | None = None


@dataclass(slots=True)
class TestStep:
    """A step of a run, or one use of its name where that was used again."""

    __test__ = False

    name: str
    step_path: str = ""
    parent_path: str = ""
    description: str | None = None
    id: UUID = field(default_factory=uuid4)
    node_id: str | None = None
    file: str | None = None
    module: str | None = None
    class_name: str | None = None
    function: str | None = None
    markers: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    vectors: list[TestVector] = field(default_factory=list)
    error_message: str | None = None
    instrument_arrays: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def total_vectors(self) -> int:
        """At least 1: a step without vectors is one itself."""
        return max(1, len(self.vectors))

    @property
    def passed_vectors(self) -> int:
        return sum(vector.outcome is Outcome.PASSED for vector in self.vectors)

    @property
    def failed_vectors(self) -> int:
        return sum(vector.outcome is Outcome.FAILED for vector in self.vectors)


@dataclass(slots=True)
class DUT:
    """The device under test."""

    serial: str | None = None
    part_number: str | None = None
    revision: str | None = None
    lot_number: str | None = None


@dataclass(slots=True)
class TestRun:
    """A run as it was recorded. Steps stand in the order in which they ended."""

    __test__ = False

    id: UUID
    session_id: UUID
    started_at: datetime
    ended_at: datetime | None = None
    dut: DUT = field(default_factory=DUT)
    product_id: str | None = None
    product_name: str | None = None
    product_revision: str | None = None
    station_id: str | None = None
    station_name: str | None = None
    station_type: str | None = None
    station_location: str | None = None
    station_hostname: str | None = None
    fixture_id: str | None = None
    test_phase: str | None = None
    profile: str | None = None
    profile_facets: dict[str, Any] = field(default_factory=dict)
    session_inputs: dict[str, Any] = field(default_factory=dict)
    operator_id: str | None = None
    operator_name: str | None = None
    git_commit: str | None = None
    git_branch: str | None = None
    git_remote: str | None = None
    project_name: str | None = None
    outcome: Outcome | None = None
    steps: list[TestStep] = field(default_factory=list)
    collected_items: list[dict[str, Any]] = field(default_factory=list)
    custom_metadata: dict[str, Any] = field(default_factory=dict)
    environment_json: str | None = None


class RunSummary(BaseModel):
    """One run as lists and look-ups show it; both fill the same fields."""

    test_run_id: str
    session_id: str
    slot_id: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    dut_serial: str | None = None
    dut_part_number: str | None = None
    dut_lot_number: str | None = None
    product_id: str | None = None
    station_id: str | None = None
    station_name: str | None = None
    station_type: str | None = None
    station_hostname: str | None = None
    fixture_id: str | None = None
    test_phase: str | None = None
    operator: str | None = None
    outcome: str = "running"
    """An outcome; `running` while there is none."""
    total_measurements: int = 0
    total_steps: int = 0
    project_name: str | None = None
    file_path: str | None = None
    """Local path of the sealed Parquet file."""


class _Step(Protocol):
    @property
    def node_id(self) -> str | None: ...
    @property
    def outcome(self) -> Outcome | None: ...


def retry_aware_rollup(steps: Iterable[_Step]) -> Outcome | None:
    """The worst outcome, counting steps of one `node_id` once: by their last one that has any.

    Steps are given in the order of their execution; those without a `node_id` count singly.
    """
    return _core.retry_aware_rollup([(step.node_id, step.outcome) for step in steps])
