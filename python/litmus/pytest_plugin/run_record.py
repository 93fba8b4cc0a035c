# SPDX-License-Identifier: Apache-2.0
"""The run as tests see it: `context.run`, `run_context`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from litmus.pytest_plugin.active import Active, Dut
from litmus.pytest_plugin.recording import Recording


class RunRecord:
    """Facts about the run, read-only."""

    def __init__(self, active: Active, recording: Recording) -> None:
        self._active = active
        self._recording = recording

    @property
    def id(self) -> UUID:
        return self._recording.run_id

    @property
    def session_id(self) -> UUID:
        return self._recording.session_id

    @property
    def started_at(self) -> datetime:
        return self._recording.started_at

    @property
    def dut(self) -> Dut:
        """serial, part_number, revision, lot_number; what is not known is None."""
        return self._active.dut

    @property
    def test_phase(self) -> str | None:
        """The phase that the run is stamped with."""
        return self._recording.phase

    @property
    def operator_id(self) -> str | None:
        return self._active.operator

    @property
    def slot_id(self) -> str | None:
        return self._active.slot.id if self._active.slot else None

    @property
    def profile(self) -> str | None:
        return self._active.profile.name if self._active.profile else None

    @property
    def session_inputs(self) -> Mapping[str, Any]:
        """What was required at the start."""
        return self._active.inputs

    @property
    def custom_metadata(self) -> Mapping[str, Any]:
        """What `run_context` was told."""
        return self._recording.metadata


class RunContext:
    """The fixture `run_context`: the user's own facts about the run, in columns `custom_*`."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording

    def set(self, key: str, value: Any) -> None:
        """Keeps a fact. Keys that begin with `_` are private."""
        self._recording.metadata[key] = value

    def get(self, key: str, default: Any = None) -> Any:
        return self._recording.metadata.get(key, default)

    def update(self, **facts: Any) -> None:
        """Keeps several."""
        for key, value in facts.items():
            self.set(key, value)

    @property
    def metadata(self) -> dict[str, Any]:
        """All of them."""
        return self._recording.metadata
