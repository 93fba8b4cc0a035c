# SPDX-License-Identifier: Apache-2.0
"""Sessions come to an end with their process, as far as it has a say in it."""

import atexit
import os
import signal
import threading
from types import FrameType
from typing import Any, Protocol

from litmus.problems import warn


class Stoppable(Protocol):
    """A session that is open."""

    def stop(self, outcome: str = "passed") -> None:
        """Ends it; does nothing when it has ended."""


_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


class _Watch:
    """The open sessions of the process, the newest last."""

    def __init__(self) -> None:
        self.open: list[Stoppable] = []
        self.previous: dict[int, Any] = {}
        self.terminating = False

    def install(self) -> None:
        atexit.register(self.stop_all)
        if threading.current_thread() is threading.main_thread():
            for number in _SIGNALS:
                if signal.getsignal(number) != signal.SIG_IGN:  # as by nohup
                    self.previous[number] = signal.signal(number, self.on_terminate)

    def on_terminate(self, number: int, frame: FrameType | None) -> None:
        """The first time as Ctrl-C does it, so that the program's own clean-up runs; then at once."""
        previous = self.previous.get(number)
        if previous in (signal.SIG_DFL, None) and not self.terminating:
            self.terminating = True
            raise SystemExit(128 + number)
        self.stop_all()
        if callable(previous):
            previous(number, frame)
        else:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)

    def stop_all(self) -> None:
        while self.open:
            session = self.open.pop()
            for outcome in ("terminated", "aborted"):
                try:
                    session.stop(outcome)
                    break
                except Exception as error:
                    warn(f"a session could not be stopped: {type(error).__name__}: {error}")


_watch: _Watch | None = None


def watch(session: Stoppable) -> None:
    """Stops it at SIGTERM, when its terminal is closed (SIGHUP), and at exit, as terminated, if nobody has by then."""
    global _watch
    if _watch is None:
        _watch = _Watch()
        _watch.install()
    _watch.open.append(session)


def unwatch(session: Stoppable) -> None:
    """It has been stopped."""
    if _watch is not None and session in _watch.open:
        _watch.open.remove(session)


def _forget() -> None:
    if _watch is not None:
        _watch.open.clear()  # they belong to the parent


os.register_at_fork(after_in_child=_forget)
