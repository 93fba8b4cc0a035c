# SPDX-License-Identifier: Apache-2.0
"""Which events somebody wants, and the handing over of them."""

import json
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

from litmus import _core
from litmus.data.event_selection import EventSelection
from litmus.data.event_stream import EventStream
from litmus.data.events import EventBase
from litmus.errors import InvalidArgumentError, LitmusError
from litmus.problems import warn

Replay: TypeAlias = Literal["matching", "unmaterialized_runs", "none"]
EventCallback: TypeAlias = Callable[[EventBase], object]

# A callback may wait for whoever ends the subscription.
_LONGEST_GOODBYE_S = 2.0


class EventSubscription:
    """A subscription that goes on until it is called, or its store is closed.

    Events of this process's own logs come at once, on the thread that emits them; all others from
    the daemon, on a thread of the subscription. So the callback may be running twice at a time.
    """

    def __init__(
        self,
        data_dir: Path,
        selection: EventSelection,
        callback: EventCallback,
        replay: Replay,
        after: str | None,
        ordering: threading.RLock,
    ) -> None:
        self._selection = selection
        self._callback = callback
        self._ordering = ordering
        self.closed = False
        # Of the writers of this process: the first event that was handed over here, so that the
        # stream's copies of it and of later ones are passed over; and the last one.
        self._first_own: dict[str, int] = {}
        self._last_own: dict[str, int] = {}
        request = selection.parameters() | {"replay": replay}
        if after is not None:
            request["cursor"] = _parsed(after)
        self._stream = EventStream(data_dir, request, datetime.now(UTC).isoformat())
        self._thread = threading.Thread(target=self._follow, name="litmus-events", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def __call__(self) -> None:
        """Ends it; an event that is being handed over is the last one."""
        self.closed = True
        self._stream.close()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(_LONGEST_GOODBYE_S)

    @property
    def caught_up(self) -> bool:
        """The past has been handed over."""
        return self._stream.caught_up

    @property
    def cursor(self) -> str:
        """Where another subscription goes on, in any process, without a gap: its `after`.

        Everything up to it was handed over. Until it has caught up, events of this process that came
        at once are not in it.
        """
        cursor = self._stream.cursor()
        if self.caught_up:
            with self._ordering:
                own = dict(self._last_own)
            for writer_id, seq in own.items():
                cursor["writers"][writer_id] = max(seq, cursor["writers"].get(writer_id, -1))
        return json.dumps(cursor)

    def expect(self, writer_id: str, seq: int) -> None:
        """An event that `hand_over` will be called with; under the lock of its emission."""
        self._first_own.setdefault(writer_id, seq)
        self._last_own[writer_id] = seq

    def hand_over(self, event: EventBase) -> None:
        if self.closed or not self._selection.matches(event):
            return
        try:
            self._callback(event)
        except Exception as error:
            warn(f"a subscriber failed at {event.event_type}: {type(error).__name__}: {error}")

    def _follow(self) -> None:
        for streamed in self._stream:
            with self._ordering:
                first_own = self._first_own.get(streamed.writer_id)
            if first_own is not None and streamed.seq >= first_own:
                continue
            try:
                event = _core.parse_event(streamed.json)
            except LitmusError as error:
                warn(f"an event was passed over: {error}")
                continue
            self.hand_over(event)


def _parsed(cursor: str) -> dict[str, Any]:
    try:
        parsed = json.loads(cursor)
    except (TypeError, ValueError) as error:
        raise InvalidArgumentError(
            f"after: expected the cursor of a subscription, found {cursor!r}"
        ) from error
    if not isinstance(parsed, dict):
        raise InvalidArgumentError(f"after: expected the cursor of a subscription, found {cursor}")
    return parsed
