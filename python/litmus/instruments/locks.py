# SPDX-License-Identifier: Apache-2.0
"""One holder of each instrument's address on this machine."""

import json
import os
import time
import weakref
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from uuid import UUID

from litmus import _core
from litmus.errors import BusyError

_POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a resource."""

    pid: int
    session_id: str
    station_id: str
    role: str
    acquired_at: str
    """ISO 8601, UTC."""


class ResourceInUse(BusyError):  # noqa: N818  (the name that users catch)
    """Another session has the instrument.

    Args:
        resource: its address.
        holder: who has it; None in the moment in which that is being written down.
    """

    def __init__(self, resource: str, holder: Holder | None) -> None:
        self.resource = resource
        self.holder = holder
        who = (
            f"process {holder.pid}, station {holder.station_id}, role {holder.role}, "
            f"since {holder.acquired_at}"
            if holder
            else "another process"
        )
        super().__init__(
            f"{resource} is in use by {who}: end that session, or wait with instrument(role, timeout=...)"
        )


class ResourceLock:
    """The lock of an address, freed by `release` or by the end of the process, however it ends.

    Not handed to the child of a fork: the parent keeps it.
    """

    def __init__(self, lock: _core.ResourceLock) -> None:
        self._lock = lock
        _held.add(self)

    @classmethod
    def take(
        cls, resource: str, *, session_id: UUID, station_id: str, role: str, timeout: float = 0
    ) -> "ResourceLock":
        """Takes the lock, within `timeout` seconds.

        Raises:
            ResourceInUse: somebody else has it.
        """
        deadline = time.monotonic() + timeout
        while True:
            acquired_at = datetime.now(UTC).isoformat(timespec="seconds")
            holder = Holder(os.getpid(), str(session_id), station_id, role, acquired_at)
            taken = _core.ResourceLock.try_take(resource, json.dumps(asdict(holder)))
            if isinstance(taken, _core.ResourceLock):
                return cls(taken)
            left = deadline - time.monotonic()
            if not left > 0:  # nor if it is NaN
                raise ResourceInUse(resource, _parsed(taken))
            time.sleep(min(_POLL_S, left))

    def release(self) -> None:
        _held.discard(self)
        self._lock.release()

    def abandon(self) -> None:
        self._lock.abandon()


_held: "weakref.WeakSet[ResourceLock]" = weakref.WeakSet()


def _abandon_all() -> None:
    for lock in list(_held):
        lock.abandon()
    _held.clear()


os.register_at_fork(after_in_child=_abandon_all)


def _parsed(text: str) -> Holder | None:
    try:
        return Holder(**json.loads(text))
    except (TypeError, ValueError):
        return None
