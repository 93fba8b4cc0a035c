# SPDX-License-Identifier: Apache-2.0
"""What can go wrong. Every error is a LitmusError, and also the builtin exception that fits.

The text says what happened, where, what was expected, what was found and what to do next.
"""


class LitmusError(Exception):
    """Base of all errors of Litmus."""

    def __str__(self) -> str:
        # KeyError would show its text in quotes.
        return str(self.args[0]) if self.args else ""


class InvalidArgumentError(LitmusError, ValueError):
    """A value that was given cannot be used."""


class NotFoundError(LitmusError, KeyError, FileNotFoundError):
    """There is no such run, file or event."""


class ConflictError(LitmusError, ValueError):
    """It exists already, or an id prefix fits several."""


class CorruptError(LitmusError, ValueError):
    """Stored bytes are not what was written."""


class IoError(LitmusError, OSError):
    """The operating system refused: disk full, read-only, no permission."""


class UnavailableError(LitmusError, ConnectionError):
    """A service is not there."""


class BusyError(LitmusError, BlockingIOError):
    """Somebody else holds it."""


class UnauthorizedError(LitmusError, PermissionError):
    """Not allowed."""


class MissingLimitError(NotFoundError):
    """A measurement is to be judged, but nothing gives a limit for it here."""


class LitmusWarning(UserWarning):
    """Something could not be recorded or read; the test goes on."""


def message_of(error: BaseException) -> str:
    """Its text, of exceptions that cannot say it as well."""
    try:
        return str(error)
    except Exception as broken:
        return f"<its text cannot be made: {type(broken).__name__}>"
