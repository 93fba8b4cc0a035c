# SPDX-License-Identifier: Apache-2.0
"""`--litmus-explain`: where limits, sweeps and mocks of a test come from. Nothing is run."""

import json
import os
import sys
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
        wanted = str(session.config.getoption("--litmus-explain"))
        cases: dict[str, list[pytest.Function]] = {}
        for item in session.items:
            node_id = item.nodeid.partition("[")[0]
            if not isinstance(item, pytest.Function):
                continue
            if wanted in (node_id, node_id.rpartition("::")[2]):
                cases.setdefault(node_id, []).append(item)
        tests = {node_id: self._explained(node_id, items) for node_id, items in cases.items()}
        if not tests and not self._problems:
            sys.stderr.write(f"litmus explain: there is no test {wanted}\n")
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


def _give(config: pytest.Config, answer: dict[str, Any]) -> None:
    file = os.environ.get("_LITMUS_EXPLAIN_FILE")
    if file:
        Path(file).write_text(json.dumps(answer, default=str), encoding="utf-8")
        return
    capture = config.pluginmanager.getplugin("capturemanager")
    if capture is not None:
        capture.suspend_global_capture(in_=False)
    sys.stdout.write("\n" + _core.explanation_text(answer) + "\n")
