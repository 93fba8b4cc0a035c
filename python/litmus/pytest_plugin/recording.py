# SPDX-License-Identifier: Apache-2.0
"""The events of a session and its run: everything that goes into the log goes through here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from litmus import _core
from litmus.data.channels.lazy import LazyChannelStore
from litmus.data.event_log import EventLog
from litmus.data.events import (
    DiagnosticError,
    DutScanned,
    EventBase,
    RunEnded,
    RunStarted,
    SessionEnded,
    SessionStarted,
)
from litmus.data.outcomes import Outcome
from litmus.environment import environment_json
from litmus.execution.observing import Observations
from litmus.pytest_plugin.active import Active


class Recording:
    """The log, the channels and the run of one pytest process.

    Nothing is written before `open`. A slot's process has its session from the orchestrator, and a
    worker of pytest-xdist has session and run from the controller: they announce only what is
    theirs.

    Args:
        active: what is tested.
        session_id: new if not given.
        run_id: new if not given.
        owns_session: this process begins and ends the session.
        owns_run: this process begins and ends the run.
        started_at: when a run that somebody else has begun did so.
    """

    def __init__(
        self,
        active: Active,
        session_id: UUID | None = None,
        run_id: UUID | None = None,
        *,
        owns_session: bool = True,
        owns_run: bool = True,
        started_at: datetime | None = None,
    ) -> None:
        self.active = active
        self.session_id = session_id or uuid4()
        self.run_id = run_id or uuid4()
        self.started_at = started_at or datetime.now(UTC)
        self.metadata: dict[str, Any] = {}
        """The user's own facts about the run: `custom_*` columns."""
        self.phase: str | None = None
        self.is_open = False
        self.announces_plan = True
        """Of several processes that collect the same tests one tells the plan."""
        self._owns_session = owns_session
        self._owns_run = owns_run
        self._log: EventLog | None = None
        self.channels = LazyChannelStore(active.data_dir, self.session_id)
        self.run_file: str | None = None

    @property
    def log(self) -> EventLog:
        if self._log is None:
            self._log = EventLog(self.active.data_dir, self.session_id)
        return self._log

    @property
    def observations(self) -> Observations:
        return Observations(self.active.data_dir, self.session_id, self.started_at, self.channels)

    def open(self) -> None:
        """Announces session and run; does nothing when that has been done."""
        if self.is_open:
            return
        self.is_open = True
        _core.start_daemon_in_background(self.active.data_dir)
        if self._owns_run:
            self.started_at = datetime.now(UTC)
        if self._owns_session:
            self.log.emit(session_started(self.active, self.started_at))
        if self._owns_run:
            self.emit(self._run_started())
            if self.active.serial_source is not None:
                self.emit(
                    DutScanned(
                        dut_serial=self.active.dut.serial or "",
                        scan_source=self.active.serial_source,
                    )
                )

    def emit(self, event: EventBase) -> None:
        """An event of the run."""
        event.run_id = self.run_id
        self.log.emit(event)

    def emit_to_session(self, event: EventBase) -> None:
        """An event that may be of more than one run, such as those of instruments."""
        self.log.emit(event)

    def close(self, outcome: Outcome, reason: str | None = None) -> None:
        """Ends what is this process's own; when it returns every reader sees the run."""
        if not self.is_open:
            return
        self.is_open = False
        self.channels.close()
        if outcome is Outcome.ERRORED and reason is not None:  # it belongs to no step
            self.emit(DiagnosticError(source="pytest", message=reason))
        if self._owns_run:
            self.emit(
                RunEnded(
                    outcome=outcome,
                    custom_metadata=self.metadata,
                    events_lost=self.log.events_lost,
                    reason=reason,
                )
            )
        if self._owns_session:
            self.log.emit(SessionEnded(outcome=outcome, reason=reason))
        if self._owns_run:
            self._seal()
        self.log.close()

    def _seal(self) -> None:
        path = self.log.seal_run(self.run_id, self.started_at)
        self.run_file = None if path is None else str(path)

    def _run_started(self) -> RunStarted:
        active = self.active
        git = active.git.answer()
        self.phase = active.test_phase(git)
        if active.release:
            self.metadata.setdefault("release", active.release)
        product: Mapping[str, Any] = active.product.record if active.product else {}
        profile = active.profile
        slot = active.slot
        return RunStarted(
            occurred_at=self.started_at,
            **_station(active),
            **_process(),
            slot_id=slot.id if slot else None,
            slot_index=slot.index if slot else None,
            dut_serial=active.dut.serial or "",
            dut_part_number=active.dut.part_number,
            dut_revision=active.dut.revision,
            dut_lot_number=active.dut.lot_number,
            product_id=product.get("id"),
            product_name=product.get("name"),
            product_revision=product.get("revision"),
            operator_id=active.operator,
            fixture_id=active.fixture.record.get("id") if active.fixture else None,
            test_phase=self.phase,
            project_name=active.project.get("name"),
            git_commit=git.commit,
            git_branch=git.branch,
            git_remote=git.remote,
            environment_json=environment_json(),
            custom_metadata=dict(self.metadata),
            profile=profile.name if profile else None,
            profile_facets=profile.record.get("facets") or {} if profile else {},
            session_inputs=active.inputs,
        )


class NoRecording(Recording):
    """Of --setup-only and --setup-plan: no test runs, so there is no run, and nothing to keep."""

    def __init__(self, active: Active) -> None:
        super().__init__(active)
        self.channels = _NoChannels(active.data_dir, self.session_id)

    def open(self) -> None:
        self.is_open = True

    def emit(self, event: EventBase) -> None:
        pass

    def emit_to_session(self, event: EventBase) -> None:
        pass

    def close(self, outcome: Outcome, reason: str | None = None) -> None:  # noqa: ARG002
        self.is_open = False


class _NoChannels(LazyChannelStore):
    def write(self, channel_id: str, value: Any, **facts: Any) -> None:
        pass


def session_started(active: Active, at: datetime, slot_count: int = 1) -> SessionStarted:
    """The event, with what is known of this process."""
    return SessionStarted(
        occurred_at=at,
        **_station(active),
        **_process(),
        operator_id=active.operator,
        fixture_id=active.fixture.record.get("id") if active.fixture else None,
        slot_count=slot_count,
    )


def _station(active: Active) -> dict[str, Any]:
    station = active.station
    host = _core.this_process()[0]
    if station is None:
        return {"station_hostname": host}
    return {
        "station_id": station.id,
        "station_name": station.name,
        "station_type": station.station_type,
        "station_location": station.location,
        "station_hostname": host,
    }


def _process() -> dict[str, Any]:
    host, pid, started_at, _ = _core.this_process()
    return {"client": "pytest", "pid": pid, "host": host, "process_started_at": started_at}
