# SPDX-License-Identifier: Apache-2.0
"""A run by its id, or by the beginning of it."""

from typing import Any
from uuid import UUID

from litmus.data.daemon_client import DaemonClient
from litmus.errors import ConflictError, InvalidArgumentError

_SHORT_ID = 8


def find_run(daemon: DaemonClient, run_id: str | UUID) -> dict[str, Any] | None:
    """Its row of the relation `runs`; None if there is none.

    Raises:
        ConflictError: several runs begin so; the text lists them.
        InvalidArgumentError: the id is an empty text.
    """
    prefix = str(run_id).lower()
    if not prefix:
        raise InvalidArgumentError("the run id is an empty text: give the beginning of one")
    fitting = daemon.rows("runs.get", {"id": prefix})
    if not fitting:
        return None
    if len(fitting) == 1 or fitting[0]["run_id"] == prefix:
        return fitting[0]
    length = next(
        length
        for length in range(_SHORT_ID, len(fitting[0]["run_id"]) + 1)
        if len({run["run_id"][:length] for run in fitting}) == len(fitting)
    )
    candidates = ", ".join(
        f"{run['run_id'][:length]} ({run['dut_serial'] or 'no serial'}, {run['started_at']:%FT%TZ})"
        for run in fitting
    )
    raise ConflictError(
        f"run id {run_id} fits several runs: {candidates}; give more characters of it"
    )
