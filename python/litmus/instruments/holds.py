# SPDX-License-Identifier: Apache-2.0
"""Keeping an instrument for longer than a call: as long as a route through a switch is closed."""

import threading
from typing import Protocol


class Hold(Protocol):
    """Of one resource. Whoever has it may take it again, and gives it back as often."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Whether it was got within `timeout` seconds."""

    def release(self) -> None:
        """Gives it back, in whatever thread: a session may be stopped by another one."""


class ReentrantLock:
    """As `threading.RLock`, but another thread may release what a thread has acquired."""

    __slots__ = ("_count", "_lock", "_owner")

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = 0
        self._count = 0

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        thread = threading.get_ident()
        if self._owner != thread:
            if not self._lock.acquire(blocking, timeout):
                return False
            self._owner = thread
        self._count += 1
        return True

    def release(self) -> None:
        self._count -= 1
        if self._count == 0:
            self._owner = 0
            self._lock.release()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()
