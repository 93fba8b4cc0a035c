# SPDX-License-Identifier: Apache-2.0
"""Runs clang-tidy on our sources, two or more at a time, and only where something changed.

A source that passed leaves its fingerprint in build/.cache/tidy: itself, the headers of ours that
it includes, its compile command, .clang-tidy and the version of clang-tidy.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
CACHE = BUILD / ".cache/tidy"
TIDY = ROOT / ".venv/bin/clang-tidy"
INCLUDE_ROOTS = [
    ROOT / "include",
    ROOT / "src",
    BUILD / "generated/include",
    BUILD / "generated",
]
INCLUDE = re.compile(rb'^\s*#\s*include\s+"([^"]+)"', re.M)


@cache
def headers(file: Path) -> frozenset[Path]:
    """The headers of ours that a file includes, and those that they include."""
    found = set()
    for name in INCLUDE.findall(file.read_bytes()):
        path = next(
            (p for r in [file.parent, *INCLUDE_ROOTS] if (p := r / name.decode()).exists()), None
        )
        if path:
            found |= {path} | headers(path)
    return frozenset(found)


def fingerprint(command: dict[str, str], common: bytes) -> str:
    source = Path(command["file"])
    digest = hashlib.sha256(common + command["command"].encode())
    for file in [source, *sorted(headers(source))]:
        digest.update(b"\0" + file.read_bytes())
    return digest.hexdigest()


def tidy(source: str) -> tuple[str, str]:
    """The source and what clang-tidy says against it: nothing when it passed."""
    run = subprocess.run(
        [TIDY, "-p", BUILD, "--quiet", source], capture_output=True, text=True, check=False
    )
    return source, "" if run.returncode == 0 else run.stdout + run.stderr


def main() -> int:
    CACHE.mkdir(parents=True, exist_ok=True)
    version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
    common = version + (ROOT / ".clang-tidy").read_bytes()
    commands = json.loads((BUILD / "compile_commands.json").read_text())
    ours = [c for c in commands if ROOT in Path(c["file"]).parents and ".venv" not in c["file"]]
    stamps = {c["file"]: CACHE / fingerprint(c, common) for c in ours}
    changed = [source for source, stamp in stamps.items() if not stamp.exists()]
    failed = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for source, complaint in pool.map(tidy, changed):
            if complaint:
                print(complaint)
                failed += 1
            else:
                stamps[source].touch()
    print(f"clang-tidy: {len(ours)} sources, {len(changed)} changed, {failed} failed")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
