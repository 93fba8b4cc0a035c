# SPDX-License-Identifier: Apache-2.0
"""What the executable `litmus` asks Python for: `python -m litmus._tool NAME`, JSON in, JSON out."""

import json
import os
import subprocess
import sys
import warnings
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from litmus.instruments.discovery import scan
from litmus.instruments.drivers import resolve_driver
from litmus.instruments.identity import differences, read_identity
from litmus.instruments.locks import ResourceLock
from litmus.instruments.lxi import LxiBus
from litmus.instruments.visa import open_visa_resource


def identify(request: dict[str, Any]) -> list[dict[str, Any]]:
    """Asks instruments who they are; those in use are not disturbed."""
    return [_identified(question) for question in request["instruments"]]


def discover(request: dict[str, Any]) -> dict[str, Any]:
    """Looks for instruments."""
    return scan(request["protocols"] or None, identify=request["identify"])


def explain(request: dict[str, Any]) -> dict[str, Any]:
    """Where the limits, sweeps and mocks of a test come from: pytest collects it and runs nothing."""
    test = request["test"]
    path = test.partition("::")[0]
    is_path = "::" in test or (Path(request["folder"]) / path).exists()
    where = [path] if is_path else []
    with TemporaryDirectory() as folder:
        file = Path(folder) / "explanation.json"
        command = [sys.executable, "-m", "pytest", "-p", "litmus", "--litmus-explain", test]
        result = subprocess.run(
            [*command, *request["options"], "-p", "no:cacheprovider", *where],
            cwd=request["folder"],
            env={**os.environ, "_LITMUS_EXPLAIN_FILE": str(file)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if file.exists():
            return dict(json.loads(file.read_text(encoding="utf-8")))
    said = (result.stderr.strip() or result.stdout.strip()).splitlines()
    return {"error": "\n".join(said[-20:]) or f"pytest ended with status {result.returncode}"}


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
    if driver_path is None and (resource or "").startswith("LXI::"):
        return LxiBus().get_info(resource or "")
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


def _tell(message: Warning | str, *_: Any, **__: Any) -> None:
    """In a line, as the executable tells its own; the place in a library's source says nothing."""
    print(f"Warning: {' '.join(str(message).split())}", file=sys.stderr)


def main() -> None:
    """Run it."""
    warnings.showwarning = _tell
    answer_to = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # drivers and their libraries print what they like
    tool = {"identify": identify, "discover": discover, "explain": explain}[sys.argv[1]]
    answer = tool(json.load(sys.stdin))
    with answer_to:
        json.dump(answer, answer_to)


if __name__ == "__main__":
    main()
