# SPDX-License-Identifier: Apache-2.0
"""What a run remembers of the software it was recorded with."""

import hashlib
import json
import platform
import re
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from litmus import _core

_LOCK_FILES = ("uv.lock", "poetry.lock", "Pipfile.lock", "requirements.txt")
_PROJECT_FILES = ("pyproject.toml", *_LOCK_FILES)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@cache
def environment_json() -> str:
    """The snapshot as JSON; taken once per process, since its software does not change."""
    project = _nearest_project(Path.cwd())
    snapshot: dict[str, Any] = {
        "python_version": platform.python_version(),
        "os_name": platform.system(),
        "os_version": platform.release(),
        "platform_machine": platform.machine(),
        "litmus_version": _core.version,
        "dependencies": _dependencies(project) if project else {},
        "lockfile_hash": _lockfile_hash(project) if project else None,
    }
    return json.dumps(snapshot)


def _nearest_project(start: Path) -> Path | None:
    """The nearest folder upwards that says what it depends on."""
    return next(
        (
            folder
            for folder in (start, *start.parents)
            if any((folder / name).is_file() for name in _PROJECT_FILES)
        ),
        None,
    )


def _dependencies(project: Path) -> dict[str, str | None]:
    """The direct dependencies by name, sorted, with the installed version or None."""
    import tomllib  # most projects of test benches have no such file

    try:
        declared = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
        requirements = [str(entry) for entry in declared.get("project", {}).get("dependencies", [])]
    except (OSError, ValueError, AttributeError, TypeError):
        return {}  # what cannot be read is not declared
    names = {match[0] for entry in requirements if (match := _NAME.match(entry.strip()))}
    return {name: _installed(name) for name in sorted(names, key=str.lower)}


def _installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _lockfile_hash(project: Path) -> str | None:
    for name in _LOCK_FILES:
        try:
            content = (project / name).read_bytes()
        except OSError:
            continue
        return hashlib.sha256(content).hexdigest()[:16]
    return None
