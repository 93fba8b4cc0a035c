# SPDX-License-Identifier: Apache-2.0
"""Writes C++ headers, Python modules and reference pages from the definitions in this folder.

Only files whose content changes are written, so that nothing is rebuilt without need.
"""

import argparse
import sys
from pathlib import Path

import configuration_page
import cpp_columns
import cpp_events
import cpp_outcomes
import definitions
import python_code
import reference_pages


def main() -> int:
    """Exit status 1 when --check finds an outdated page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, help="folder of the C++ headers")
    parser.add_argument("--python", type=Path, help="folder of the Python package")
    parser.add_argument("--docs", type=Path, help="folder of the reference pages")
    parser.add_argument(
        "--check", action="store_true", help="write nothing; fail if something is not up to date"
    )
    arguments = parser.parse_args()

    schema = definitions.load(Path(__file__).parent)
    files: dict[Path, str] = {}
    if arguments.out:
        files[arguments.out / "include/litmus/outcome.h"] = cpp_outcomes.outcome_header(schema)
        files[arguments.out / "include/litmus/events.h"] = cpp_events.events_header(schema)
        files[arguments.out / "model/event_fields.h"] = cpp_events.event_fields_header(schema)
        files[arguments.out / "model/run_columns.h"] = cpp_columns.run_columns_header(schema)
    if arguments.python:
        files[arguments.python / "data/events.py"] = python_code.events_module(schema)
        files[arguments.python / "data/outcomes.py"] = python_code.outcomes_module(schema)
    if arguments.docs:
        files[arguments.docs / "events.md"] = reference_pages.events_page(schema)
        files[arguments.docs / "run-columns.md"] = reference_pages.columns_page(schema)
        files[arguments.docs / "outcomes.md"] = reference_pages.outcomes_page(schema)
        schemas = configuration_page.load_schemas(Path(__file__).parent / "config")
        files[arguments.docs / "configuration.md"] = configuration_page.configuration_page(schemas)

    outdated = [
        path
        for path, text in files.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if arguments.check:
        for path in outdated:
            print(f"{path}: not up to date, run schema/generate.py --docs docs/reference")
        return 1 if outdated else 0
    for path in outdated:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
