# SPDX-License-Identifier: Apache-2.0
"""Fails when a C++ file includes what its folder may not use.

What a folder may use stands in its CMakeLists.txt: the DEPENDS of its litmus_library(...), and
through them theirs. Public headers (litmus/...) are free to all, and use nothing but themselves.
Files are opened, written, renamed and synced in src/base only; tests may do as they like there.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

DECLARATION = re.compile(r"^litmus_\w+\(\s*NAME (\w+)\s+DEPENDS\b([^)]*?)(?:[A-Z]{4,}\b|\))", re.M)
INCLUDE = re.compile(r'\s*#\s*include\s+([<"])([^>"]+)')
FILE_HEADERS = {
    "fcntl.h",
    "unistd.h",
    "sys/stat.h",
    "sys/file.h",
    "fstream",
    "arrow/io/file.h",
}
FILE_CALL = re.compile(
    r"(?<![\w>])::(open|rename|fsync|fdatasync)\(|\bfopen\(|\bstd::(filesystem::)?rename\("
)


def declared(root: Path) -> dict[Path, tuple[str, list[str]]]:
    """Folder -> its name and the names it depends on."""
    folders = {}
    for file in [*sorted(root.glob("src/*/CMakeLists.txt")), root / "python/CMakeLists.txt"]:
        if match := DECLARATION.search(re.sub("#.*", "", file.read_text())):
            folders[file.parent] = (match[1], match[2].split())
    return folders


def reachable(name: str, depends: dict[str, list[str]]) -> set[str]:
    found = {name}
    for other in depends.get(name, []):
        found |= reachable(other, depends)
    return found


def problems(
    file: Path, name: str, allowed: set[str], folder_names: set[str]
) -> Iterator[tuple[int, str]]:
    touches_files = name == "base" or file.stem.endswith(("_test", "_fixture"))
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if include := INCLUDE.match(line):
            bracket, path = include.groups()
            target = path.split("/")[0]
            if bracket == '"' and target in folder_names and target not in allowed:
                yield number, f"includes {path}, but may use only {', '.join(sorted(allowed))}"
            if path in FILE_HEADERS and not touches_files:
                yield number, f"includes {path}; file access belongs into src/base"
        elif FILE_CALL.search(line) and not touches_files:
            yield number, "touches a file; file access belongs into src/base"


def check(root: Path) -> list[str]:
    folders = declared(root)
    depends = dict(folders.values())
    folder_names = {*depends, "litmus"}
    errors = []
    rules = [(root / "include", "litmus", {"litmus"})]
    rules += [(f, name, reachable(name, depends) | {"litmus"}) for f, (name, _) in folders.items()]
    for folder, name, allowed in rules:
        for file in sorted(f for f in folder.rglob("*") if f.suffix in {".cc", ".h"}):
            for number, text in problems(file, name, allowed, folder_names):
                errors.append(f"{file.relative_to(root)}:{number}: {name} {text}")
    return errors


if __name__ == "__main__":
    found = check(Path(__file__).parent.parent)
    print("\n".join(found))
    sys.exit(bool(found))
