# SPDX-License-Identifier: Apache-2.0
"""Forks and the end of the process, which gRPC survives only when nothing of it is alive then.

Otherwise a fork's child hangs at its first call. So calls are counted here: before a fork streams
are cut and clients let go of, which takes about 2 ms, and both processes connect again when they
need to. Whoever holds something of gRPC is registered.
"""

import atexit
import os
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from litmus.errors import UnavailableError

_LONGEST_WAIT_S = 2.0
_THREADS_OF_GRPC = ("grpc", "event_engine", "lifeguard")
_LONGEST_WITHOUT_NAME_S = 0.5
_NEVER_WAITED = "\nvoluntary_ctxt_switches:\t0\n"


class Holder(Protocol):
    """Something that holds objects of gRPC."""

    def cut(self) -> None:
        """Ends what waits for an answer that may never come; from any thread."""

    def let_go(self) -> None:
        """Drops all objects of gRPC; no call is going on. In the child of a fork also its locks."""


_holders: "weakref.WeakSet[Holder]" = weakref.WeakSet()
_changed = threading.Condition(threading.RLock())
_calls = 0
_closed = False
_unusable = False


def register(holder: Holder) -> None:
    with _changed:
        _holders.add(holder)


@contextmanager
def grpc_call() -> Iterator[None]:
    """Around each use of an object of gRPC. Waits while the process forks.

    Raises:
        UnavailableError: the process was forked while gRPC was in use and cannot use it.
    """
    global _calls
    with _changed:
        while _closed:
            _changed.wait()
        if _unusable:
            raise UnavailableError(
                "the daemon cannot be asked in this process: it was forked while its parent waited "
                "for an answer; start worker processes with the method 'spawn'"
            )
        _calls += 1
    try:
        yield
    finally:
        with _changed:
            _calls -= 1
            _changed.notify_all()


def _end_all() -> bool:
    """With `_changed` held: no call is going on and gRPC is gone, unless it takes too long."""
    global _closed
    _closed = True
    for holder in list(_holders):
        holder.cut()
    if not _changed.wait_for(lambda: _calls == 0, _LONGEST_WAIT_S):
        return False
    for holder in list(_holders):
        holder.let_go()
    if "pyarrow.flight" not in sys.modules:
        return True
    begin = time.monotonic()
    while (waited := time.monotonic() - begin) < _LONGEST_WAIT_S:
        if not _has_threads_of_grpc(waited < _LONGEST_WITHOUT_NAME_S):
            return True
        time.sleep(0.0002)
    return False


def _has_threads_of_grpc(count_new: bool) -> bool:
    """The thread that cleans up last begins behind our back, and has its creator's name until it
    runs for the first time: so one that was never seen waiting counts, too, if `count_new`."""
    tasks = Path("/proc/self/task")
    own = tasks / str(threading.get_native_id())
    others = set(tasks.iterdir()) - {own}
    for task in others:
        try:
            status = (task / "status").read_text()
        except OSError:
            return True  # it has ended, and may have begun another one before
        name = status.removeprefix("Name:\t")
        if name.startswith(_THREADS_OF_GRPC) or (count_new and _NEVER_WAITED in status):
            return True
    return set(tasks.iterdir()) - {own} != others


_ended_before_fork = True


def _before_fork() -> None:
    global _ended_before_fork
    _changed.acquire()
    _ended_before_fork = not _unusable and _end_all()


def _after_fork_in_parent() -> None:
    global _closed
    _closed = False
    _changed.notify_all()
    _changed.release()


def _after_fork_in_child() -> None:
    global _changed, _calls, _closed, _unusable
    _changed = threading.Condition(threading.RLock())
    _calls = 0
    _closed = False
    if _ended_before_fork:
        for holder in list(_holders):
            holder.let_go()
    else:
        _unusable = True


def _at_exit() -> None:
    # A thread that waits inside of gRPC would be torn down there, which aborts the process.
    with _changed:
        if not _unusable:
            _end_all()


os.register_at_fork(
    before=_before_fork,
    after_in_parent=_after_fork_in_parent,
    after_in_child=_after_fork_in_child,
)
atexit.register(_at_exit)
