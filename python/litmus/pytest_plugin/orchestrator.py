# SPDX-License-Identifier: Apache-2.0
"""Watches over the processes of the slots: output, barriers, ends."""

import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from litmus.data.event_log import EventLog
from litmus.data.events import RunEnded, SlotCompleted, SlotStarted, SyncRelease
from litmus.data.outcomes import Outcome
from litmus.problems import warn
from litmus.prompts import Answer
from litmus.pytest_plugin.slot_terminal import SlotTerminal


@dataclass(slots=True)
class Child:
    """The process of one slot."""

    slot: str
    serial: str
    process: "subprocess.Popen[bytes]"
    socket: socket.socket
    heard: bytes = b""
    printed: bytes = b""
    waits_at: str | None = None
    counts: bool = True
    """Others wait for it at barriers."""
    is_alive: bool = True
    run: dict[str, Any] = field(default_factory=dict)
    outcome: Outcome | None = None
    error: str | None = None

    def tell(self, **words: Any) -> None:
        """Tells the slot something."""
        with contextlib.suppress(OSError):  # it has just died
            self.socket.sendall(json.dumps(words).encode() + b"\n")

    @property
    def output(self) -> IO[bytes]:
        stream = self.process.stdout
        if stream is None:
            raise RuntimeError("the slot's output is not read")
        return stream


class Orchestrator:
    """Runs until the last slot has ended. It never polls: it waits for what the slots send.

    Args:
        log: of the session.
        data_dir: of the session.
        children: the processes, all started.
        grace_s: seconds between the request to stop and the end by force.
    """

    def __init__(
        self, log: EventLog, data_dir: Path, children: list[Child], grace_s: float
    ) -> None:
        self.was_interrupted = False
        self._log = log
        self._data_dir = data_dir
        self._children = children
        self._grace_s = grace_s
        self._selector = selectors.DefaultSelector()
        self._kill_at: float | None = None
        self._terminal = SlotTerminal()
        self._reads_terminal = False

    def run(self) -> dict[str, Outcome]:
        """The outcome of each slot."""
        for child in self._children:
            self._log.emit(SlotStarted(slot_id=child.slot, dut_serial=child.serial))
            for stream, kind in ((child.socket, "word"), (child.output, "output")):
                os.set_blocking(stream.fileno(), False)
                self._selector.register(stream, selectors.EVENT_READ, (child, kind))
        with _sigterm_interrupts():
            while any(child.is_alive for child in self._children):
                try:
                    self._wait()
                except KeyboardInterrupt:
                    self._stop_all()
        self._selector.close()
        return {child.slot: self._outcome(child) for child in self._children}

    def _wait(self) -> None:
        self._watch_terminal()
        left = None if self._kill_at is None else max(0.0, self._kill_at - time.monotonic())
        ready = self._selector.select(left)
        if not ready and self._kill_at is not None:
            self._kill_all()
        for key, _ in ready:
            child, kind = key.data
            if kind == "typed":
                self._terminal.read()
            elif kind == "output":
                self._print(child)
            else:
                self._hear(child)

    def _watch_terminal(self) -> None:
        """Only while there is a question: what is typed otherwise is not the session's."""
        if self._terminal.is_asking != self._reads_terminal and sys.__stdin__ is not None:
            self._reads_terminal = self._terminal.is_asking
            if self._reads_terminal:
                self._selector.register(sys.__stdin__, selectors.EVENT_READ, (None, "typed"))
            else:
                self._selector.unregister(sys.__stdin__)

    def _stop_all(self) -> None:
        """As the operator wants it; the second time by force."""
        if self.was_interrupted:
            self._kill_all()
            return
        self.was_interrupted = True
        self._kill_at = time.monotonic() + self._grace_s
        for child in self._children:
            if child.is_alive:
                child.process.send_signal(signal.SIGTERM)

    def _kill_all(self) -> None:
        self._kill_at = None
        for child in self._children:
            if child.is_alive:
                child.process.kill()

    def _hear(self, child: Child) -> None:
        try:
            part = child.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            part = b""
        if not part:
            self._ended(child)
            return
        child.heard += part
        while b"\n" in child.heard:
            line, _, child.heard = child.heard.partition(b"\n")
            self._understand(child, json.loads(line))

    def _understand(self, child: Child, word: dict[str, Any]) -> None:
        if "arrived" in word:
            child.waits_at = word["arrived"]
            self._release()
        elif "left" in word:
            child.waits_at, child.counts = None, False
            child.error = "a barrier was waited at in vain"
            self._release()
        elif "ask" in word:
            self._terminal.ask(child.slot, word["ask"], partial(_answer, child, word["ask"]["id"]))
        elif "withdrawn" in word:
            self._terminal.forget(child.slot, word["withdrawn"])
        elif "run" in word:
            child.run = word["run"]
        elif "outcome" in word:
            child.outcome = Outcome(word["outcome"])

    def _release(self) -> None:
        """Opens each barrier at which all slots that still count have arrived."""
        counting = [child for child in self._children if child.is_alive and child.counts]
        for name in {child.waits_at for child in counting if child.waits_at is not None}:
            if all(child.waits_at == name for child in counting):
                self._log.emit(SyncRelease(name=name))
                for child in counting:
                    child.waits_at = None
                    child.tell(released=name)

    def _ended(self, child: Child) -> None:
        """Its socket is closed: the process has ended, or is about to."""
        self._selector.unregister(child.socket)
        child.socket.close()
        child.process.wait()
        child.is_alive = False
        self._terminal.forget(child.slot)
        self._print(child, is_last=True)
        outcome = self._outcome(child)
        status = child.process.returncode
        if child.error is None and status != 0:
            child.error = f"signal {-status}" if status < 0 else f"exit code {status}"
        self._log.emit(
            SlotCompleted(slot_id=child.slot, outcome=outcome, error_message=child.error)
        )
        if child.run and child.outcome is None:
            self._end_run(child)
        self._release()

    def _outcome(self, child: Child) -> Outcome:
        """That of its run; without one by the way in which the process ended."""
        if child.outcome is not None:
            return child.outcome
        status = child.process.returncode
        if status == 0 and not child.run:
            return Outcome.PASSED
        if status is None or status < 0 or child.run:  # died in the middle of it
            return Outcome.ERRORED
        return Outcome.FAILED

    def _end_run(self, child: Child) -> None:
        """The run of a process that died is ended and sealed for it."""
        run_id = UUID(child.run["id"])
        now = datetime.now(UTC)
        reason = f"the process of slot {child.slot} died: {child.error or 'it ended by itself'}"
        ended = RunEnded(
            run_id=run_id, outcome=Outcome.ABORTED, synthetic=True, reason=reason, swept_at=now
        )
        self._log.emit(ended)
        try:
            self._log.seal_run(run_id, datetime.fromisoformat(child.run["started_at"]))
        except Exception as error:
            warn(f"run {run_id} of slot {child.slot} could not be sealed: {error}")

    def _print(self, child: Child, is_last: bool = False) -> None:
        while True:
            try:
                part = os.read(child.output.fileno(), 65536)
            except (BlockingIOError, ValueError):
                break
            if not part:
                if child.output in self._selector.get_map():
                    self._selector.unregister(child.output)
                break
            child.printed += part
        if is_last and child.output in self._selector.get_map():
            self._selector.unregister(child.output)
        *lines, child.printed = child.printed.split(b"\n")
        if is_last:
            child.output.close()
            if child.printed:
                lines.append(child.printed)
        for line in lines:
            print(f"[{child.slot}] {line.decode(errors='replace')}")
        sys.stdout.flush()


def _answer(child: Child, question: str, answer: Answer | None) -> None:
    child.tell(answered=question, answer=answer)


@contextlib.contextmanager
def _sigterm_interrupts() -> Any:
    """SIGTERM to the orchestrator stops the slots as Ctrl-C does."""
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    ):
        yield
        return

    def interrupt(number: int, _frame: Any) -> None:
        raise KeyboardInterrupt(f"signal {number}")

    previous = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)
