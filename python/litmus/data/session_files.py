# SPDX-License-Identifier: Apache-2.0
"""What instruments gave as bytes, for example pictures of a screen: files of a session."""

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from litmus import _core
from litmus.problems import warn


class SessionFiles:
    """Stores bytes beside the events of a session.

    Args:
        data_dir: the data directory.
        session_id: of the session.
        started_at: of the session; its date names the folder.
    """

    def __init__(
        self, data_dir: Path, session_id: UUID, started_at: datetime | None = None
    ) -> None:
        self._data_dir = data_dir
        self._session_id = session_id
        self._started_at = started_at or datetime.now(UTC)
        self._problems = _core.Problems()

    def store(self, name: str, content: bytes, extension: str = ".bin") -> str | None:
        """Its reference, `file://_ref/...`, once it is on stable storage.

        Args:
            extension: of the file, with its dot; it tells what kind of content it is.

        Returns:
            None if it could not be stored, which is warned about.
        """
        uri = _core.store_bytes(
            self._data_dir,
            self._started_at,
            self._session_id,
            name,
            content,
            extension,
            self._problems,
        )
        for problem in self._problems.take():
            warn(problem)
        return uri
