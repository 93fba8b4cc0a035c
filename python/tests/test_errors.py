# SPDX-License-Identifier: Apache-2.0
"""Errors of the core arrive as the Python exceptions that users catch."""

import pytest
from litmus import errors


@pytest.mark.parametrize(
    ("kind", "builtin"),
    [
        (errors.InvalidArgumentError, ValueError),
        (errors.NotFoundError, KeyError),
        (errors.NotFoundError, FileNotFoundError),
        (errors.ConflictError, ValueError),
        (errors.CorruptError, ValueError),
        (errors.IoError, OSError),
        (errors.UnavailableError, ConnectionError),
        (errors.BusyError, BlockingIOError),
        (errors.UnauthorizedError, PermissionError),
    ],
)
def test_every_error_is_a_litmus_error_and_the_builtin_that_fits(
    kind: type[errors.LitmusError], builtin: type[Exception]
) -> None:
    error = kind("run 'abc': not there")
    assert isinstance(error, errors.LitmusError)
    assert isinstance(error, builtin)
    assert str(error) == "run 'abc': not there"
