# SPDX-License-Identifier: Apache-2.0
"""Programs on a pseudo terminal."""

import os
from collections.abc import Iterator


def output_of(terminal: int) -> Iterator[bytes]:
    """What is shown on a terminal, piece by piece, until the last program on it has ended.

    Args:
        terminal: our end of it; theirs must be closed in this process.
    """
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # they have closed their end
            return
        if not piece:
            return
        yield piece
