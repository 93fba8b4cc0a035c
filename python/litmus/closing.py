# SPDX-License-Identifier: Apache-2.0
"""`with` for what is closed, or ended with an outcome."""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class ClosedByWith(ABC):
    """Leaving the block closes the object, whatever happened in it."""

    @abstractmethod
    def close(self) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class EndedByWith(ABC):
    """Leaving the block ends the object; how depends on what the block was left by."""

    @abstractmethod
    def _leave(self, error: BaseException | None) -> None: ...

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave(error)


def is_stop(error: BaseException) -> bool:
    """Somebody wanted it to end: Ctrl-C, SIGTERM, `sys.exit()`."""
    return isinstance(error, KeyboardInterrupt | SystemExit)
