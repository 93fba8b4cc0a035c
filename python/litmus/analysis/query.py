# SPDX-License-Identifier: Apache-2.0
"""What all queries have in common."""

import os
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypedDict

from litmus.closing import ClosedByWith
from litmus.data.daemon_client import DaemonClient
from litmus.data.data_dir import resolve_data_dir
from litmus.data.moments import Moment, to_iso

Row: TypeAlias = dict[str, Any]
Texts: TypeAlias = str | Sequence[str] | None
"""Several values: any of them fits; none: no restriction."""

EVERYTHING = 1_000_000_000


class RunFilters(TypedDict, total=False):
    """Which runs a question is about; all that is given must fit."""

    product: Texts
    """Part number, else product id, else `unknown`."""
    station: Texts
    """Host name or id of the station, else `unknown`."""
    lot: Texts
    phase: Texts
    """Test phase; `all`: no restriction. Metrics without it leave out `development`."""
    outcome: Texts
    serial: Texts
    project: Texts
    operator: Texts
    since: Moment | None
    """Started then or later."""
    until: Moment | None
    """Started up to then."""
    tz: str | None
    """Time zone of days and periods, such as `Europe/Berlin`; UTC if not given."""


class Query(ClosedByWith):
    """Asks the daemon of a data directory, which is started if need be.

    Running runs are in the answers, too, where they are asked for. Any thread may use it. What
    cannot be used as an argument is an InvalidArgumentError, which is a ValueError and names it;
    where there can be no daemon, UnavailableError is raised.

    Args:
        _data_dir: the data directory, found as `resolve_data_dir` does.
    """

    def __init__(self, _data_dir: str | os.PathLike[str] | None = None) -> None:
        self._daemon = DaemonClient.of(resolve_data_dir(_data_dir))

    def close(self) -> None:
        """Nothing is left open: the connection belongs to the process."""

    def _rows(self, name: str, parameters: Mapping[str, Any]) -> list[Row]:
        given = dict(parameters)
        for moment in ("since", "until"):
            given[moment] = to_iso(given.get(moment))
        return self._daemon.rows(name, given)

    def _describe(self, relation: str) -> list[Row]:
        return self._rows("describe", {"relation": relation})
