# SPDX-License-Identifier: Apache-2.0
"""What the executable `litmus` asks Python for: `python -m litmus._tool NAME`, JSON in, JSON out."""

import json
import sys
from contextlib import suppress
from typing import Any
from uuid import uuid4

from litmus.discovery import scan
from litmus.instruments.drivers import resolve_driver
from litmus.instruments.identity import differences, read_identity
from litmus.instruments.locks import ResourceLock
from litmus.instruments.visa import open_visa_resource


def identify(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Asks instruments who they are; those in use are not disturbed."""
    return [_identified(question) for question in request["instruments"]]


def discover(request: dict[str, Any]) -> dict[str, Any]:
    """Looks for instruments."""
    return scan(request["protocols"] or None, identify=request["identify"])


def _identified(question: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "name": question["name"],
        "resource": question.get("resource"),
        "identity": None,
        "error": None,
        "mismatches": [],
    }
    lock = None
    try:
        if question.get("resource"):
            lock = ResourceLock.take(
                question["resource"], session_id=uuid4(), station_id="", role=question["name"]
            )
        identity = _asked(question.get("driver"), question.get("resource"))
        if identity is not None:
            answer["identity"] = identity.as_map()
            answer["mismatches"] = differences(question["info"], identity)
        elif question["info"]:
            answer["error"] = "it does not say who it is"
    except Exception as error:  # whatever a driver raises
        answer["error"] = f"{type(error).__name__}: {error}"
    finally:
        if lock is not None:
            lock.release()
    return answer


def _asked(driver_path: str | None, resource: str | None) -> Any:
    if driver_path is None:
        driver = open_visa_resource(resource or "", timeout_ms=2000)
    else:
        driver = resolve_driver(driver_path)(*([] if resource is None else [resource]))
    try:
        if callable(getattr(driver, "connect", None)):
            driver.connect()
        return read_identity(driver)
    finally:
        for name in ("disconnect", "close"):
            if callable(getattr(driver, name, None)):
                with suppress(Exception):  # the answer counts
                    getattr(driver, name)()
                break


def main() -> None:
    """Run it."""
    tool = {"identify": identify, "discover": discover}[sys.argv[1]]
    answer = tool(json.load(sys.stdin))
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
