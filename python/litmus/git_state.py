# SPDX-License-Identifier: Apache-2.0
"""Which commit of a project is being run, and whether the files are those of the commit."""

import contextlib
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

_TIME_LIMIT_S = 2.0


@dataclass(frozen=True, slots=True)
class GitState:
    """All None or False outside of a git repository, or where git does not answer in time."""

    commit: str | None = None
    branch: str | None = None
    remote: str | None = None
    """URL of `origin`."""
    is_clean: bool = False
    """The files are those of the commit, and there are no others that git is not told to ignore."""


class GitQuestion:
    """Asks git in the background; `answer` waits for it.

    Args:
        folder: within the working tree.
        own: folders whose files may be new: the data directory.
    """

    def __init__(self, folder: Path, own: tuple[Path, ...] = ()) -> None:
        self._own = own
        self._answer: GitState | None = None
        self._top = next(
            (each for each in (folder, *folder.parents) if (each / ".git").exists()), None
        )
        self._status = self._remote = None
        if self._top is not None:
            self._status = _git(self._top, "status", "--porcelain=v2", "--branch", "-z")
            self._remote = _git(self._top, "config", "--get", "remote.origin.url")

    def answer(self) -> GitState:
        """Waits two seconds at most."""
        if self._answer is None:
            status, remote = _output(self._status), _output(self._remote)
            self._answer = GitState() if status is None else self._parsed(status, remote)
        return self._answer

    def _parsed(self, status: str, remote: str | None) -> GitState:
        facts: dict[str, str] = {}
        is_clean = True
        for line in status.split("\0"):
            if line.startswith("# branch."):
                key, _, value = line[len("# branch.") :].partition(" ")
                facts[key] = value
            elif line.startswith("? "):
                is_clean = is_clean and self._is_own(line[2:])
            elif line:
                is_clean = False
        commit, branch = facts.get("oid"), facts.get("head")
        return GitState(
            commit=None if commit == "(initial)" else commit,
            branch=None if branch == "(detached)" else branch,
            remote=(remote or "").strip() or None,
            is_clean=is_clean and commit not in (None, "(initial)"),
        )

    def _is_own(self, name: str) -> bool:
        """What the run itself makes."""
        path = (self._top or Path()) / name
        if "__pycache__" in path.parts:
            return True
        return any(path == own or path in own.parents or own in path.parents for own in self._own)


def _git(folder: Path, *arguments: str) -> "subprocess.Popen[bytes] | None":
    environment = os.environ | {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}
    try:
        return subprocess.Popen(
            ["git", "-C", str(folder), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
    except OSError:  # there is no git
        return None


def _output(process: "subprocess.Popen[bytes] | None") -> str | None:
    if process is None:
        return None
    try:
        output, _ = process.communicate(timeout=_TIME_LIMIT_S)
    except subprocess.TimeoutExpired:
        process.kill()
        with contextlib.suppress(OSError):
            process.communicate()
        return None
    return output.decode(errors="replace") if process.returncode == 0 else None
