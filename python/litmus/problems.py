# SPDX-License-Identifier: Apache-2.0
"""Problems of recording become warnings: they never fail a test."""

import logging
import os
import sys
import warnings
from pathlib import Path

from litmus.errors import LitmusWarning

_PACKAGE = f"{Path(__file__).parent}{os.sep}"


def warn(text: str) -> None:
    """Warns at the line of the caller outside this package.

    Where warnings are made errors the text is logged instead: a full disk is no failure of the
    device under test.
    """
    try:
        warnings.warn(text, LitmusWarning, stacklevel=_depth_of_caller())
    except LitmusWarning:
        logging.getLogger("litmus").warning(text)


def _depth_of_caller() -> int:
    depth = 1
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        frame = frame.f_back
        depth += 1
    return depth
