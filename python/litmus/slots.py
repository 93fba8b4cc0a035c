# SPDX-License-Identifier: Apache-2.0
"""Sessions that test several DUTs side by side: what a slot's process and its orchestrator say.

They share a socket: a line of JSON each way for every word. It closes with the process, so the
orchestrator hears of a slot that died as well.
"""

import json
import os
import socket
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from litmus.data.events import EventBase, SyncArrived
from litmus.errors import LitmusError

if TYPE_CHECKING:
    from litmus.prompts import Answer, PromptConfig

SLOT_VARIABLE = "_LITMUS_SLOT_ID"
SOCKET_VARIABLE = "_LITMUS_SLOT_SOCKET"
TERMINAL_VARIABLE = "_LITMUS_SLOT_TERMINAL"
"""Set where the orchestrator has a terminal, on which it asks for the slots."""
_LEAST_S = 0.001  # a socket takes 0 for "do not wait at all"


class SyncError(LitmusError, TimeoutError):
    """The other slots did not come to the barrier."""


class SlotLink:
    """The slot's end of the socket. Any thread may use it, one at a time waits."""

    def __init__(self, slot: str, handle: int) -> None:
        os.set_inheritable(handle, False)  # what the tests start must not keep it open
        self.slot = slot
        self._socket = socket.socket(fileno=handle)
        self._received = b""
        self._has_left = False
        self._waiting = threading.Lock()

    def tell(self, **words: Any) -> None:
        """Tells the orchestrator something."""
        self._socket.sendall(json.dumps(words).encode() + b"\n")

    def wait_at_barrier(
        self, name: str, timeout: float | None, emit: Callable[[EventBase], object]
    ) -> None:
        """Says that this slot is here, and waits until all that are still running are.

        Raises:
            SyncError: they were not within `timeout` seconds, or the orchestrator has gone. The
                slot does not count any more then.
        """
        with self._waiting:
            if self._has_left:
                raise SyncError(f"sync({name!r}): slot {self.slot} does not count any more")
            emit(SyncArrived(slot_id=self.slot, name=name))
            try:
                self.tell(arrived=name)
                self._socket.settimeout(None if timeout is None else max(timeout, _LEAST_S))
                while self._next_word().get("released") != name:
                    pass
            except TimeoutError:
                self._leave()
                raise SyncError(
                    f"sync({name!r}): slot {self.slot} waited {timeout} s for the other slots in vain"
                ) from None
            except OSError as error:
                raise SyncError(
                    f"sync({name!r}): slot {self.slot} has lost its orchestrator: {error}"
                ) from error
            finally:
                self._socket.settimeout(None)

    @property
    def has_terminal(self) -> bool:
        """The orchestrator can ask the operator."""
        return bool(os.environ.get(TERMINAL_VARIABLE))

    def ask(self, prompt: "PromptConfig") -> "Answer":
        """Has the orchestrator ask the operator, one question of all slots after the other.

        Raises:
            PromptUnavailableError: nobody answered.
        """
        from litmus.prompts import PromptUnavailableError, cancelled, timed_out

        question = {
            "id": str(uuid4()),
            "message": prompt.message,
            "prompt_type": prompt.prompt_type,
            "choices": prompt.choices,
        }
        end = None if prompt.timeout_seconds is None else time.monotonic() + prompt.timeout_seconds
        with self._waiting:
            try:
                self.tell(ask=question)
                word: dict[str, Any] = {}
                while word.get("answered") != question["id"]:
                    left = None if end is None else max(end - time.monotonic(), _LEAST_S)
                    self._socket.settimeout(left)
                    word = self._next_word()
            except TimeoutError:
                self._socket.settimeout(None)
                self.tell(withdrawn=question["id"])
                raise timed_out(prompt) from None
            except OSError as error:
                raise PromptUnavailableError(
                    f"prompt {prompt.message!r}: slot {self.slot} has lost its orchestrator: {error}"
                ) from error
            finally:
                self._socket.settimeout(None)
        if word["answer"] is None:
            raise cancelled(prompt)
        answer: Answer = word["answer"]
        return answer

    def _leave(self) -> None:
        self._has_left = True
        self._socket.settimeout(None)
        self.tell(left=True)

    def _next_word(self) -> dict[str, Any]:
        while b"\n" not in self._received:
            part = self._socket.recv(4096)
            if not part:
                raise ConnectionError("it has ended")
            self._received += part
        line, _, self._received = self._received.partition(b"\n")
        word: dict[str, Any] = json.loads(line)
        return word


_link: SlotLink | None = None


def slot_link() -> SlotLink | None:
    """The link of this process to its orchestrator; None outside of a slot.

    Raises:
        SyncError: the process is said to be a slot, but nobody has started it as one.
    """
    global _link
    slot = os.environ.get(SLOT_VARIABLE)
    if slot is None:
        return None
    if _link is None:
        handle = os.environ.pop(SOCKET_VARIABLE, None)
        if handle is None:
            raise SyncError(f"slot {slot} has no orchestrator: {SLOT_VARIABLE} is set by mistake")
        _link = SlotLink(slot, int(handle))
    return _link


def wait_at_barrier(
    emit: Callable[[EventBase], object], name: str, timeout: float | None = None
) -> None:
    """Waits for the other slots; returns at once in a process that is no slot.

    Raises:
        SyncError: they did not come within `timeout` seconds.
    """
    link = slot_link()
    if link is not None:
        link.wait_at_barrier(name, timeout, emit)
