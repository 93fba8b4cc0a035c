# SPDX-License-Identifier: Apache-2.0
"""`--litmus-explain`: where limits, sweeps and mocks of a test come from. Nothing is run."""

import json
import os
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pytest

from litmus import _core
from litmus.pytest_plugin.plan import parameters
from litmus.pytest_plugin.session import TestSession

_NOT_FOUND = 4


class Explain:
    """Takes the place of the run."""

    def __init__(self, session: TestSession) -> None:
        self._session = session
        self._problems: list[str] = []

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._problems.append(f"{report.nodeid}: {report.longreprtext}".strip())

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        given = str(session.config.getoption("--litmus-explain"))
        wanted = _from_rootdir(session.config, given)
        items = [item for item in session.items if isinstance(item, pytest.Function)]
        cases: dict[str, list[pytest.Function]] = {}
        for item in items:
            if _is_meant(wanted, item.nodeid):
                cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
        tests = {node_id: self._explained(node_id, items) for node_id, items in cases.items()}
        if not tests and not self._problems:
            names = {item.nodeid.partition("[")[0].rpartition("::")[2] for item in items}
            close = get_close_matches(given.rpartition("::")[2], names, 1)
            hint = f"; did you mean {close[0]}?" if close else ""
            _give(session.config, {"error": f"there is no test {given}{hint}"})
            pytest.exit("nothing to explain", _NOT_FOUND)
        answer = {
            "selections": self._session.active.files.selections,
            "tests": list(tests.values()),
            "problems": self._problems,
        }
        _give(session.config, answer)
        session.testsfailed = len(self._problems) + sum(
            len(test.get("problems") or ()) for test in tests.values()
        )
        return True

    def _explained(self, node_id: str, items: list[pytest.Function]) -> dict[str, Any]:
        resolved = self._session.collecting.resolved_of(items[0])
        explanation = resolved.test.explanation([parameters(item) for item in items])
        return {"node_id": node_id, **explanation}


def _from_rootdir(config: pytest.Config, given: str) -> str:
    """Node ids begin at the rootdir, what people type where they are."""
    path, colons, names = given.partition("::")
    here = config.invocation_params.dir / path
    if not here.exists():
        return given
    return Path(os.path.relpath(here, config.rootpath)).as_posix() + colons + names


def _is_meant(wanted: str, node_id: str) -> bool:
    """A folder, module, class, function or case: by its node id, or by the end of it alone."""
    place, bracket, case = node_id.partition("[")
    parts = place.split("::")
    ends = ["::".join(parts[first:]) + bracket + case for first in range(len(parts))]
    return any(
        end == wanted or end.startswith((f"{wanted}::", f"{wanted}[", f"{wanted}/")) for end in ends
    )


def _give(config: pytest.Config, answer: dict[str, Any]) -> None:
    file = os.environ.get("_LITMUS_EXPLAIN_FILE")
    if file:
        Path(file).write_text(json.dumps(answer, default=str), encoding="utf-8")
        return
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture is not None:
        capture.suspend_global_capture(in_=False)
    text = answer.get("error") or _core.explanation_text(answer)
    sys.stdout.write(f"\n{text}\n")
