# SPDX-License-Identifier: Apache-2.0
"""Writes the C++ source that holds the texts of all SQL files: `embed_sql.py OUT FILE...`."""

import sys
from pathlib import Path

MARK = "litmus_sql"


def literal(text: str) -> str:
    """A compiler takes 64 KiB in one literal at least, so a long text is several side by side."""
    parts = [text[start : start + 10_000] for start in range(0, len(text), 10_000)]
    return "\n".join(f'R"{MARK}({part}){MARK}"' for part in parts) or '""'


def main() -> None:
    """Run it."""
    out, *files = map(Path, sys.argv[1:])
    lines = [
        "// SPDX-License-Identifier: Apache-2.0",
        "// Generated from src/index/sql/ by src/index/embed_sql.py.",
        '#include "index/sql_text.h"',
        "",
        "namespace litmus {",
        "",
        "std::string_view sql_text(std::string_view file_stem) {",
    ]
    for file in sorted(files):
        lines.append(f'  if (file_stem == "{file.stem}") {{')
        lines.append(f"    return {literal(file.read_text(encoding='utf-8'))};")
        lines.append("  }")
    lines += ["  return {};", "}", "", "}  // namespace litmus", ""]
    out.write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
