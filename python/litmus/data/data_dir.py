# SPDX-License-Identifier: Apache-2.0
"""Where events and runs are kept."""

import os
from pathlib import Path

from litmus import _core


def resolve_data_dir(path: str | os.PathLike[str] | None = None) -> Path:
    """The data directory, absolute; it need not exist yet.

    The first that applies: `path`; `data_dir` of the nearest `litmus.yaml` in the working directory
    or above, relative to that file; `$LITMUS_HOME/data`; `litmus/data` in the user's data folder.

    Raises:
        InvalidArgumentError: the `litmus.yaml` found cannot be read.
    """
    return Path(_core.resolve_data_dir(path))
