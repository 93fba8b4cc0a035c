# SPDX-License-Identifier: Apache-2.0
"""Pieces of C++ text that all headers need."""

import json

HEAD = """\
// SPDX-License-Identifier: Apache-2.0
// Generated from schema/ by schema/generate.py.
#pragma once
"""


def enumerator(text: str) -> str:
    return "k" + text[0].upper() + text[1:]


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
