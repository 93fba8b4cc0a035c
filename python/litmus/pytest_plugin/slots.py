# SPDX-License-Identifier: Apache-2.0
"""Several DUTs side by side: a fixture with slots makes pytest start one process for each."""

import os
from typing import TYPE_CHECKING
from uuid import UUID

import pytest

from litmus.data.outcomes import Outcome
from litmus.pytest_plugin.early import files_key, profile_key
from litmus.slots import SLOT_VARIABLE, slot_link

if TYPE_CHECKING:
    from litmus.pytest_plugin.recording import Recording
    from litmus.pytest_plugin.session import TestSession


def session_of_slot() -> UUID | None:
    """The session that the orchestrator has begun; None outside of a slot."""
    session = os.environ.get("_LITMUS_SESSION_ID")
    return UUID(session) if session and SLOT_VARIABLE in os.environ else None


def announce_run(recording: "Recording") -> None:
    """Tells the orchestrator, if there is one, which run to end should this process die."""
    if (link := slot_link()) is not None:
        started_at = recording.started_at.isoformat()
        link.tell(run={"id": str(recording.run_id), "started_at": started_at})


def announce_outcome(outcome: Outcome) -> None:
    """Tells the orchestrator, if there is one, how the run has ended."""
    if (link := slot_link()) is not None:
        link.tell(outcome=str(outcome))


class Barrier:
    """The fixture `sync`."""

    def __init__(self, session: "TestSession") -> None:
        self._session = session

    def wait(self, name: str, timeout: float | None = None) -> None:
        """Waits until all slots that are still running are here.

        Raises:
            SyncError: they were not within `timeout` seconds; this slot does not count any more.
        """
        if (link := slot_link()) is not None:
            link.wait_at_barrier(name, timeout, self._session.recording.emit)


def slot_barrier(session: "TestSession") -> Barrier | None:
    """None outside of a slot."""
    return Barrier(session) if slot_link() is not None else None


def slots_to_test(config: pytest.Config) -> list[str]:
    """The slots that need a process each; empty: this process tests itself."""
    given = config.getoption("--dut-serials")
    is_part = SLOT_VARIABLE in os.environ or hasattr(config, "workerinput")
    if is_part or config.getoption("--slot") is not None or config.option.collectonly:
        return []
    if config.getoption("--litmus-explain") is not None:
        return []
    fixture = config.stash[files_key].select_fixture(
        config.getoption("--fixture"), config.stash[profile_key]
    )
    slots = fixture.slots if fixture else []
    if len(slots) < 2:
        if given is not None:
            raise pytest.UsageError("--dut-serials: the fixture has no slots; give --dut-serial")
        return []
    return slots
