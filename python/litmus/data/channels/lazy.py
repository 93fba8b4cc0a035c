# SPDX-License-Identifier: Apache-2.0
"""A channel store that is opened, and its libraries loaded, when the first sample comes."""

from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from litmus.data.channels.store import ChannelStore


class LazyChannelStore:
    """Writes as `ChannelStore` does; a session without samples pays nothing for it."""

    def __init__(self, data_dir: Path, session_id: UUID) -> None:
        self._data_dir = data_dir
        self._session_id = session_id
        self._store: ChannelStore | None = None

    @property
    def store(self) -> "ChannelStore":
        """The store itself."""
        if self._store is None:
            from litmus.data.channels.store import ChannelStore

            self._store = ChannelStore(self._data_dir, self._session_id)
            self._store.open()
        return self._store

    def write(self, channel_id: str, value: Any, **facts: Any) -> str | None:
        """As `ChannelStore.write`."""
        return self.store.write(channel_id, value, **facts)

    def close(self) -> None:
        """Ends the segments, if there are any."""
        if self._store is not None:
            self._store.close()
