# SPDX-License-Identifier: Apache-2.0
"""Sessions of many runs, for programs that stay up."""

import os
import weakref
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from litmus import _core
from litmus.builders import RunBuilder
from litmus.closing import EndedByWith, is_stop
from litmus.data.models import DUT, TestRun
from litmus.data.outcomes import Outcome
from litmus.environment import environment_json
from litmus.problems import warn


class Session(EndedByWith):
    """Many runs of one program; `LitmusClient.session` opens it.

    It may be idle between runs as long as it likes: nothing is written, and while its process lives
    neither it nor a run that is still going on is taken for dead, whatever happens to the daemon.
    Several runs may go on side by side. Leaving `with` ends it; so does the end of the interpreter.
    """

    def __init__(
        self,
        data_dir: Path,
        station_id: str | None,
        station_type: str | None,
        operator: str | None,
    ) -> None:
        self._problems = _core.Problems()
        self._station_id = station_id
        self._station_type = station_type
        self._operator = operator
        self._recorder = _core.SessionRecorder(
            data_dir,
            self._problems,
            station_id=station_id,
            station_type=station_type,
            operator_id=operator,
        )
        self._if_forgotten = weakref.finalize(self, _end, self._recorder, os.getpid())
        self._warn()

    @property
    def id(self) -> UUID:
        """The session's id, which all of its runs carry."""
        return self._recorder.id

    def start_run(
        self,
        dut_serial: str | None,
        *,
        dut_part_number: str | None = None,
        dut_revision: str | None = None,
        dut_lot_number: str | None = None,
        operator: str | None = None,
        test_phase: str | None = None,
    ) -> RunBuilder:
        """Begins a run of one device; as `LitmusClient.start_run`, on the session's station.

        Raises:
            InvalidArgumentError: one of the arguments is no text, `litmus.yaml` cannot be read, or
                the session has ended.
        """
        return begin_run(
            self._recorder.start_run,
            self._problems,
            station_id=self._station_id,
            station_type=self._station_type,
            dut=DUT(dut_serial, dut_part_number, dut_revision, dut_lot_number),
            operator=operator if operator is not None else self._operator,
            test_phase=test_phase,
        )

    def end(self) -> None:
        """Ends the session; runs that are still going on are aborted. May be called again."""
        self._end(None)

    def _leave(self, error: BaseException | None) -> None:
        if error is None:
            self._end(None)
        else:
            self._end(Outcome.TERMINATED if is_stop(error) else Outcome.ERRORED)

    def _end(self, least: Outcome | None) -> None:
        self._recorder.end(least)
        self._if_forgotten.detach()
        self._warn()

    def _warn(self) -> None:
        for problem in self._problems.take():
            warn(problem)


def begin_run(
    start: Callable[..., _core.RunRecorder],
    problems: _core.Problems,
    *,
    station_id: str | None,
    station_type: str | None,
    dut: DUT,
    operator: str | None,
    test_phase: str | None,
) -> RunBuilder:
    """A run that `start` begins to record."""
    environment = environment_json()
    recorder = start(
        dut_serial=dut.serial,
        dut_part_number=dut.part_number,
        dut_revision=dut.revision,
        dut_lot_number=dut.lot_number,
        operator_id=operator,
        test_phase=test_phase,
        environment_json=environment,
    )
    record = TestRun(
        id=recorder.id,
        session_id=recorder.session_id,
        started_at=recorder.started_at,
        dut=dut,
        station_id=station_id,
        station_type=station_type,
        operator_id=operator,
        test_phase=test_phase,
        environment_json=environment,
    )
    return RunBuilder(recorder, problems, record)


def _end(recorder: _core.SessionRecorder, process: int) -> None:
    if os.getpid() == process:  # a forked child's copy ends nothing
        recorder.end(None)
