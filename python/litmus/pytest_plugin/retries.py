# SPDX-License-Identifier: Apache-2.0
"""`litmus_retry` and `retry:` without any other plugin."""

import time
from collections.abc import Generator
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.runner import runtestprotocol
from _pytest.subtests import failed_subtests_key

from litmus.execution.retry import is_one_of

if TYPE_CHECKING:
    from litmus.pytest_plugin.collecting import Collecting


class Retries:
    """Runs a test again while it fails and has attempts left. Each attempt is on record."""

    def __init__(self, collecting: "Collecting") -> None:
        self._collecting = collecting
        self._raised: list[BaseException] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> bool | None:
        retry = self._collecting.resolved_of(item).test.retry
        if not retry or not retry["max_retries"]:
            return None
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for left in range(retry["max_retries"], -1, -1):
            self._raised.clear()
            reports = runtestprotocol(item, log=False, nextitem=nextitem)
            failed = left > 0 and any(report.failed for report in reports)
            again = failed and is_one_of(self._raised, retry.get("on"))
            for report in reports:
                if again and report.failed:
                    report.outcome = "rerun"  # type: ignore[assignment]
                item.ihook.pytest_runtest_logreport(report=report)
            if not again:
                break
            _forget_attempt(item)
            time.sleep(retry.get("delay") or 0)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        if call.excinfo is not None:
            self._raised.append(call.excinfo.value)
        return (yield)

    def pytest_report_teststatus(self, report: pytest.TestReport) -> Any:
        if str(report.outcome) == "rerun":
            return "rerun", "R", ("RERUN", {"yellow": True})
        return None


def _forget_attempt(item: pytest.Item) -> None:
    """What the next attempt must not see: fixtures that failed, the instance, failed subtests."""
    for definitions in getattr(item, "_fixtureinfo", _NoFixtures).name2fixturedefs.values():
        for definition in definitions:
            cached = getattr(definition, "cached_result", None)
            if cached is not None and cached[2] is not None:
                definition.cached_result = None
                if (finalizers := getattr(definition, "_finalizers", None)) is not None:
                    finalizers.clear()
    if getattr(item, "_instance", None) is not None:
        del item._instance  # type: ignore[attr-defined]
        item._obj = None  # type: ignore[attr-defined]
    item.config.stash[failed_subtests_key].pop(item.id, None)


class _NoFixtures:
    name2fixturedefs: dict[str, Any] = {}  # noqa: RUF012
