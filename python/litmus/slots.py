# SPDX-License-Identifier: Apache-2.0
"""Sessions that test several DUTs side by side: waiting for the other slots."""

import os
import threading
from uuid import UUID

from litmus.data.event_store import EventStore
from litmus.data.events import EventBase, SyncArrived, SyncRelease
from litmus.errors import LitmusError


class SyncError(LitmusError, TimeoutError):
    """The other slots did not come to the barrier."""


def wait_at_barrier(
    store: EventStore, session_id: UUID, name: str, timeout: float | None = None
) -> None:
    """Tells the orchestrator that this slot is here, and waits until it releases all.

    Returns at once in a process that is no slot.

    Raises:
        SyncError: that did not happen within `timeout` seconds.
    """
    slot = os.environ.get("_LITMUS_SLOT_ID")
    if slot is None:
        return
    session = UUID(os.environ.get("_LITMUS_SESSION_ID", str(session_id)))
    released = threading.Event()

    def on_release(event: EventBase) -> None:
        if isinstance(event, SyncRelease) and event.name == name:
            released.set()

    unsubscribe = store.on_event(
        on_release, event_type=SyncRelease.event_type, session_id=session, replay="none"
    )
    try:
        store.emit(SyncArrived(slot_id=slot, name=name), session_id=session)
        if not released.wait(timeout):
            raise SyncError(
                f"sync({name!r}): slot {slot} waited {timeout} s for the other slots in vain"
            )
    finally:
        unsubscribe()
